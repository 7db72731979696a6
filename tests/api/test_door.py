"""What anybody may ask without signing in, and from where: how far the views are behind, and the development roles."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.app import _readiness, make_app
from api.auth import verifier_for
from api.settings import read_settings
from api.shapes import Services
from application.database import migrations

# --- how far the views are behind ------------------------------------------------------------------------------


class Lagging:
    """Ledger and reader at once: so many entries, since so long, are not in the last view."""

    def __init__(self, entries: int, seconds: float) -> None:
        self.entries, self.since = entries, datetime.now(UTC) - timedelta(seconds=seconds)

    async def migration(self) -> int:
        return int(migrations()[-1][0])

    async def head(self) -> int:
        return 5_000

    async def recorded_at(self, position: int) -> datetime:
        assert position == 5_001 - self.entries
        return self.since

    async def positions(self, views: list[str]) -> dict[str, int]:
        return {**dict.fromkeys(views, 5_000), views[-1]: 5_000 - self.entries}

    async def parked(self) -> dict[str, int]:
        return {}

    async def halted(self) -> set[str]:
        return set()


@pytest.mark.parametrize(
    ("entries", "seconds", "said", "status"),
    [
        (0, 0.0, (0, 0.0), 200),
        (1, 0.0, (0, 0.0), 200),
        (99, 0.5, (0, 0.0), 200),
        (100, 0.5, (100, 0.0), 200),
        (101, 0.0, (100, 0.0), 200),
        (199, 0.0, (100, 0.0), 200),
        (200, 0.0, (200, 0.0), 200),
        (1, 1.2, (0, 1.2), 200),
        (1_000, 4.0, (1_000, 4.0), 200),
        (1_001, 0.0, (1_000, 0.0), 503),
        (4_321, 2.0, (4_300, 2.0), 503),
        (1, 5.5, (0, 5.5), 503),
    ],
)
def test_a_lag_is_told_in_hundreds_of_entries_and_from_a_second_on(
    entries: int, seconds: float, said: tuple[int, float], status: int
) -> None:
    """promises.md §4: nobody can count entries at the door as they come; whoever keeps watch is told what is wrong."""
    stub: Any = Lagging(entries, seconds)
    answer = asyncio.run(_readiness(Services(stub, stub, stub, stub)))
    assert answer.status_code == status
    found = json.loads(bytes(answer.body))
    assert found["behind"]["entries"] == said[0]
    assert found["behind"]["seconds"] == pytest.approx(said[1], abs=0.3)
    if said == (0, 0.0):
        assert (
            bytes(answer.body) == b'{"ready":true,"database":true,"migrated":true,"behind":{"entries":0,"seconds":0.0},'
            b'"parked_views":0,"halted_views":0}'
        )


# --- the development roles -------------------------------------------------------------------------------------

ROLES = [{"subject": "office-director", "audience": "office"}]


def asked(
    settings: Any, peer: str, host: str | None, path: str = "/development/roles", **headers: str
) -> httpx.Response:
    """One request to an application, from a peer, with a Host as it is, or without one."""

    async def go() -> httpx.Response:
        transport = httpx.ASGITransport(make_app(settings, verifier_for(settings)), client=(peer, 1234))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            given = {name.replace("_", "-"): value for name, value in headers.items()}
            request = client.build_request("GET", path, headers=given)
            del request.headers["Host"]
            if host is not None:
                request.headers["Host"] = host
            return await client.send(request)

    return asyncio.run(go())


@pytest.fixture
def embedded(tmp_path: Path) -> dict[str, str]:
    """The environment of an embedded home with an example in it."""
    settings = read_settings({"XUNCHA_HOME": str(tmp_path)})
    settings.development_folder.mkdir(parents=True)
    (settings.development_folder / "roles.json").write_text(json.dumps(ROLES))
    return {"XUNCHA_HOME": str(tmp_path)}


@pytest.mark.parametrize(
    ("peer", "host", "headers"),
    [
        ("127.0.0.1", "127.0.0.1:8000", {}),
        ("127.0.0.1", "localhost:8000", {}),
        ("127.9.9.9", "127.0.0.1", {}),
        ("::1", "[::1]:8000", {}),
        ("127.0.0.1", "localhost", {"Sec_Fetch_Site": "same-origin"}),
        ("127.0.0.1", "localhost", {"Sec_Fetch_Site": "none"}),
    ],
)
def test_a_browser_on_this_machine_gets_the_roles_with_their_tokens(
    embedded: dict[str, str], peer: str, host: str, headers: dict[str, str]
) -> None:
    """Else the refusals below would say nothing."""
    answer = asked(read_settings(embedded), peer, host, **headers)
    assert answer.status_code == 200
    (role,) = answer.json()
    assert role["token"].count(".") == 2


@pytest.mark.parametrize(
    ("peer", "host", "headers"),
    [
        ("10.0.0.7", "127.0.0.1:8000", {}),
        ("203.0.113.5", "localhost", {}),
        ("2001:db8::1", "[::1]:8000", {}),
        ("testclient", "127.0.0.1:8000", {}),
        ("127.0.0.1", "xuncha.example:8000", {}),
        ("127.0.0.1", "127.0.0.1.example", {}),
        ("127.0.0.1", "10.0.0.7:8000", {}),
        ("127.0.0.1", "127.0.0.1:8000", {"Forwarded": "for=203.0.113.5"}),
        ("127.0.0.1", "127.0.0.1:8000", {"Via": "1.1 proxy"}),
        ("127.0.0.1", "127.0.0.1:8000", {"X_Forwarded_For": "127.0.0.1"}),
        ("127.0.0.1", "127.0.0.1:8000", {"X_Forwarded_Host": "127.0.0.1"}),
        ("127.0.0.1", "127.0.0.1:8000", {"x_forwarded_proto": "https"}),
        ("127.0.0.1", "127.0.0.1:8000", {"X_Real_IP": "127.0.0.1"}),
        ("127.0.0.1", "127.0.0.1:8000", {"Sec_Fetch_Site": "cross-site"}),
        ("127.0.0.1", "127.0.0.1:8000", {"Sec_Fetch_Site": "same-site"}),
        ("127.0.0.1", "127.0.0.1:8000", {"Sec_Fetch_Site": ""}),
        ("127.0.0.1", None, {}),
        *(
            ("127.0.0.1", odd, {})
            for odd in (
                *("", "localhost:", "localhost:port", "localhost:123456", "localhost.", "localhost/", "localhost#x"),
                *("xuncha@localhost", "localhost,xuncha.example", "xuncha.localhost", "127.0.0.1.", "127.1", "[::1"),
                *("::1", "[::]:8000", " "),
            )
        ),
    ],
    ids=lambda value: next(iter(value), "direct") if isinstance(value, dict) else repr(value),
)
def test_from_elsewhere_or_through_a_proxy_there_are_no_roles(
    embedded: dict[str, str], peer: str, host: str | None, headers: dict[str, str]
) -> None:
    """issue: a development issuer for trying out on one's own machine; a token in it signs in as the director."""
    answer = asked(read_settings(embedded), peer, host, **headers)
    assert answer.status_code == 404
    assert answer.json()["errors"][0]["extensions"] == {"code": "NOT_FOUND"}
    assert "token" not in answer.text


@pytest.mark.parametrize("mode", ["identity provider", "server"])
def test_without_the_development_issuer_there_is_neither_explorer_nor_roles(
    embedded: dict[str, str], mode: str, tmp_path: Path
) -> None:
    """issue: embedded, too, where an identity provider signs people in: our tokens would be worth nothing there."""
    (tmp_path / "keys.json").write_text('{"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": "a", "alg": "EdDSA", "x":'
                                        ' "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}')  # fmt: skip
    given = {"XUNCHA_JWT_ISSUER": "idp", "XUNCHA_JWT_KEYS": str(tmp_path / "keys.json")}
    if mode == "server":
        given = {"DATABASE_URL": "postgresql:///nowhere"}
    settings = read_settings({**embedded, **given})
    assert settings.embedded is (mode == "identity provider")
    assert not settings.development
    for path in ("/development/roles", "/"):
        assert asked(settings, "127.0.0.1", "127.0.0.1:8000", path).status_code == 404, path
    for path in ("/development/roles", "/"):
        assert asked(read_settings(embedded), "127.0.0.1", "127.0.0.1:8000", path).status_code == 200, path
