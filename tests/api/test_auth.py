"""Who signs in: good tokens, every kind of bad one, and that nobody can tell the bad ones apart (promises.md)."""

import base64
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from api.auth import LEEWAY_SECONDS, verifier_for
from api.settings import SettingsError, read_settings

DIRECTOR = "office-director"
ASKED = {"query": "{ me { person capacity } }"}

Maker = Callable[[Any], str]


def _now(seconds: int = 0) -> int:
    return int(time.time()) + seconds


def _part(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _by_hand(header: Any, claims: Any, signature: str = "") -> str:
    return f"{_part(header)}.{_part(claims)}.{signature}"


def _hs256_with_the_public_key(issuer: Any) -> str:
    """The classic confusion: the public key, which anybody has, taken for a shared secret."""
    import hashlib
    import hmac

    head = f"{_part({'alg': 'HS256', 'kid': 'rsa', 'typ': 'JWT'})}.{_part(issuer.claims(DIRECTOR))}"
    tag = hmac.new(issuer.public_pem(), head.encode(), hashlib.sha256).digest()
    return f"{head}.{base64.urlsafe_b64encode(tag).decode().rstrip('=')}"


def _flipped(token: str) -> str:
    head, claims, signature = token.split(".")
    return f"{head}.{claims}.{'A' if signature[0] != 'A' else 'B'}{signature[1:]}"


GOOD: dict[str, Maker] = {
    "EdDSA": lambda i: i.token(DIRECTOR),
    "RS256": lambda i: jwt.encode(i.claims(DIRECTOR), i.rsa, algorithm="RS256", headers={"kid": "rsa"}),
    "expired within the leeway": lambda i: i.token(DIRECTOR, exp=_now(5 - LEEWAY_SECONDS)),
    "valid from within the leeway": lambda i: i.token(DIRECTOR, nbf=_now(LEEWAY_SECONDS - 5)),
    "one audience of several": lambda i: i.token(DIRECTOR, aud=["another", "xuncha"]),
}

BAD: dict[str, Maker] = {
    "expired": lambda i: i.token(DIRECTOR, exp=_now(-LEEWAY_SECONDS - 5)),
    "not yet valid": lambda i: i.token(DIRECTOR, nbf=_now(LEEWAY_SECONDS + 60)),
    "issued in the future": lambda i: i.token(DIRECTOR, iat=_now(LEEWAY_SECONDS + 60)),
    "another issuer": lambda i: i.token(DIRECTOR, iss="https://another.test"),
    "another audience": lambda i: i.token(DIRECTOR, aud="another"),
    "no issuer": lambda i: i.token(DIRECTOR, iss=None),
    "no audience": lambda i: i.token(DIRECTOR, aud=None),
    "no expiry": lambda i: i.token(DIRECTOR, exp=None),
    "no time of issue": lambda i: i.token(DIRECTOR, iat=None),
    "no subject": lambda i: i.token(DIRECTOR, sub=None),
    "an empty subject": lambda i: i.token(""),
    "a subject that is no text": lambda i: _by_hand({"alg": "EdDSA", "kid": "ed"}, i.claims(DIRECTOR, sub=7)),
    "half a surrogate as subject": lambda i: i.token("\ud800"),
    "an expiry beyond all time": lambda i: i.token(DIRECTOR, exp=float("inf")),
    "nobody's subject": lambda i: i.token("not-linked-to-anybody"),
    "alg none": lambda i: jwt.encode(i.claims(DIRECTOR), None, algorithm="none"),
    "alg none by hand, with a kid": lambda i: _by_hand({"alg": "none", "kid": "ed"}, i.claims(DIRECTOR)),
    "HS256 with the public key": _hs256_with_the_public_key,
    "EdDSA said, RS256 signed": lambda i: jwt.encode(
        i.claims(DIRECTOR), i.rsa, algorithm="RS256", headers={"kid": "ed"}
    ),
    "an unknown kid": lambda i: jwt.encode(i.claims(DIRECTOR), i.ed, algorithm="EdDSA", headers={"kid": "unknown"}),
    "no kid": lambda i: jwt.encode(i.claims(DIRECTOR), i.ed, algorithm="EdDSA"),
    "a key of somebody else": lambda i: jwt.encode(
        i.claims(DIRECTOR), Ed25519PrivateKey.generate(), algorithm="EdDSA", headers={"kid": "ed"}
    ),
    "a changed signature": lambda i: _flipped(i.token(DIRECTOR)),
    "no signature": lambda i: i.token(DIRECTOR).rpartition(".")[0] + ".",
    "not a token": lambda i: "not-a-token",
    "dots": lambda i: "..",
    "a header that is a list": lambda i: _by_hand([], {}),
    "a header nested beyond all measure": lambda i: _by_hand("[" * 20_000, {}),
    "a critical header nobody knows": lambda i: jwt.encode(
        i.claims(DIRECTOR), i.ed, algorithm="EdDSA", headers={"kid": "ed", "crit": ["exp2"], "exp2": 1}
    ),
}
"""Kept as makers, not as tokens: their times run while the tests do."""


@pytest.mark.parametrize("kind", GOOD)
def test_a_good_token_signs_in(kind: str, application: Any) -> None:
    """promises.md: EdDSA and RS256, issuer, audience and leeway checked."""
    token = GOOD[kind](application.city.issuer)
    answer = application.city.post(None, ASKED, "office", Authorization=f"Bearer {token}")
    assert answer.status == 200
    assert answer.json()["data"]["me"]["capacity"] == "office"


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_token_gets_401_and_the_same_bytes_as_none(kind: str, application: Any) -> None:
    """promises.md: 401; why is not said, and a person nobody linked looks like a token nobody signed."""
    city = application.city
    without = city.post(None, ASKED, "office")
    answer = city.post(None, ASKED, "office", Authorization=f"Bearer {BAD[kind](city.issuer)}")
    assert answer.status == 401
    assert answer == without
    assert answer.header("WWW-Authenticate") == "Bearer"


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic eDp5", "Bearer  x y", "bearer\t", "é"])
def test_an_authorization_header_of_another_form_gets_the_same_401(header: str, application: Any) -> None:
    """promises.md: 401, the same bytes."""
    without = application.city.post(None, ASKED, "office")
    assert application.city.post(None, ASKED, "office", Authorization=header.encode("latin-1")) == without


def test_a_person_without_a_part_signs_in_and_sees_nothing(application: Any) -> None:
    """Art. 3 to 5: a token says who somebody is, never what they may do."""
    city = application.city
    city.enrol("nobody-in-particular")
    for audience, lists in (
        ("office", "bodies people rounds mandates inspections recusals petitions clues transfers"),
        ("leading-group", "bodies rounds items"),
        ("team", "bodies mandates inspections recusals petitions clues ownActs"),
        ("unit", "bodies inspections"),
        ("organ", "bodies transfers"),
    ):
        for view in lists.replace("ownActs", "own_acts").split():
            name = "ownActs" if view == "own_acts" else view
            assert city.rows("nobody-in-particular", name, audience=audience) == [], (audience, name)


def test_every_entry_names_the_sign_in_it_was_made_with(application: Any) -> None:
    """promises.md, the entry: of a person's several sign-ins the one that was used, and how the token was proven."""
    city = application.city
    person, second = city.enrol("nobody-in-particular"), {"issuer": city.issuer.name, "subject": "second-sign-in"}
    city.done(DIRECTOR, "linkSignIn", person=person, **second)
    made_with = {}
    for subject in ("nobody-in-particular", "second-sign-in"):
        refused = city.do(subject, "registerPerson", audience="office", name="x", once_more=subject)
        assert refused.json()["data"]["done"]["rule"] == "holds_the_post"
        (body,) = application.database.ask("SELECT body FROM ledger.entries ORDER BY position DESC LIMIT 1")[0]
        stamp = json.loads(bytes(body))["stamp"]
        assert (stamp["recorder"], stamp["authenticated"]["method"]) == (person, "jwt:EdDSA")
        made_with[subject] = stamp["authenticated"]["sign_in"]
    assert len(set(made_with.values())) == 2
    for sign_in in made_with.values():
        rows = application.database.ask("SELECT body FROM ledger.entries WHERE stream = %s", sign_in)
        assert [json.loads(bytes(row))["payload"]["person"] for (row,) in rows] == [person]


@pytest.mark.parametrize("path", ["/", "/development/roles", "/docs", "/openapi.json", "/redoc", "/graphql"])
def test_in_server_mode_there_is_no_explorer_and_no_development_issuer(path: str, application: Any) -> None:
    """issue: a development issuer in embedded mode only."""
    assert application.city.send("GET", path).status == 404


def test_in_server_mode_a_token_of_the_development_issuer_is_worth_nothing(application: Any, tmp_path: Path) -> None:
    """issue: a development issuer in embedded mode only."""
    from api.auth import development_token

    settings = read_settings({"XUNCHA_HOME": str(tmp_path)})
    token = development_token(settings, DIRECTOR)
    answer = application.city.post(None, ASKED, "office", Authorization=f"Bearer {token}")
    assert answer.status == 401


def test_a_server_without_keys_lets_nobody_in(tmp_path: Path) -> None:
    """promises.md: no DATABASE_URL server signs anybody in by itself."""
    settings = read_settings({"XUNCHA_HOME": str(tmp_path), "DATABASE_URL": "postgresql:///nowhere"})
    assert verifier_for(settings) is None


@pytest.mark.parametrize("content", ["", "{", "[]", '{"keys": []}', '{"keys": [{"kty": "EC"}]}', "\udcff"])
def test_keys_that_cannot_be_read_are_named_by_file(content: str, tmp_path: Path) -> None:
    """issue: clear errors; the variable and the file, not the text."""
    path = tmp_path / "keys.json"
    path.write_bytes(content.encode("utf-8", "surrogateescape"))
    settings = read_settings({"XUNCHA_HOME": str(tmp_path), "XUNCHA_JWT_ISSUER": "i", "XUNCHA_JWT_KEYS": str(path)})
    with pytest.raises(SettingsError, match="XUNCHA_JWT_KEYS"):
        verifier_for(settings)


def test_a_shared_secret_among_the_keys_is_refused_at_start(tmp_path: Path) -> None:
    """promises.md: EdDSA and RS256 only; a secret the issuer shares is no proof of who signed."""
    path = tmp_path / "keys.json"
    path.write_text(json.dumps({"keys": [{"kty": "oct", "kid": "s", "k": "c2VjcmV0", "alg": "HS256"}]}))
    settings = read_settings({"XUNCHA_HOME": str(tmp_path), "XUNCHA_JWT_ISSUER": "i", "XUNCHA_JWT_KEYS": str(path)})
    with pytest.raises(SettingsError, match="XUNCHA_JWT_KEYS"):
        verifier_for(settings)
