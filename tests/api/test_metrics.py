"""What the operator is told in numbers, and nobody else (ADR 28); what a list says of itself while a row waits."""

import re
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.api.conftest import DIRECTOR

from api.composition import VIEWS
from api.metrics import opens, read_token
from api.settings import SettingsError
from application.sealing.keys import read_seal_keys
from application.sealing.sealer import Sealer

LINE = re.compile(r'[a-z_]+(\{[a-z]+="[^"\\]*"(,[a-z]+="[^"\\]*")*\})? [0-9.e+-]+')


def metrics(application: Any) -> dict[str, float]:
    """The page as the operator reads it."""
    token = (application.database.home / "metrics.token").read_text()
    answer = application.city.send("GET", "/metrics", Authorization=f"Bearer {token}")
    assert answer.status == 200
    assert answer.header("Content-Type") == "text/plain; version=0.0.4; charset=utf-8"
    lines = answer.body.decode().splitlines()
    values = [line for line in lines if not line.startswith("#")]
    assert all(LINE.fullmatch(line) for line in values), values
    named = {line.split()[2] for line in lines if line.startswith("# TYPE ")}
    assert {re.sub("_(bucket|sum|count)$", "", re.split("[{ ]", line)[0]) for line in values} <= named
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in values)}


@pytest.mark.parametrize("given", [None, "", "Bearer ", "Bearer x", "Basic x", "Bearer é"])
def test_nobody_else_finds_the_page(application: Any, given: str | None) -> None:
    """Whoever reads the numbers can count the ledger's growth: for all others there is no such page."""
    headers = {} if given is None else {"Authorization": given.encode("latin-1")}
    answer = application.city.send("GET", "/metrics", **headers)
    absent = application.city.send("GET", "/no-such-page", **headers)
    assert (answer.status, answer.body) == (absent.status, absent.body)
    assert answer.status == 404
    signed_in = application.city.send("GET", "/metrics", Authorization=f"Bearer {application.city.token(DIRECTOR)}")
    assert (signed_in.status, signed_in.body) == (absent.status, absent.body)


def test_the_token_is_the_owners_and_lasts(tmp_path: Any) -> None:
    token = read_token(tmp_path)
    assert token is not None
    assert len(token) > 40
    assert (tmp_path / "metrics.token").stat().st_mode & 0o777 == 0o600
    assert read_token(tmp_path) == token
    assert opens(token, f"Bearer {token}")
    assert not opens(token, token)
    (tmp_path / "metrics.token").chmod(0o640)
    with pytest.raises(SettingsError, match="chmod 600"):
        read_token(tmp_path)
    assert read_token(tmp_path / "nowhere") is None
    assert not opens(None, "Bearer None")
    (tmp_path / "metrics.token").chmod(0o600)
    (tmp_path / "metrics.token").write_text("")
    assert not opens(read_token(tmp_path), "Bearer ")


def test_the_page_counts_what_is_done_and_names_no_matter(application: Any) -> None:
    city = application.city
    before = metrics(application)
    body = city.done(DIRECTOR, "registerBody", name="某镇", category="town_or_street")
    city.refused(DIRECTOR, "appoint", person=body, body=body, post="office_clerk", fromOn="2020-01-01")
    city.ask(DIRECTOR, "{ bodies { next } }")
    city.post(None, {"query": "{ me { person } }"}, "office")
    city.settle()
    after = metrics(application)

    def more(name: str) -> float:
        return after[name] - before.get(name, 0)

    assert more('xuncha_requests_total{audience="office",status="200"}') >= 3
    assert more('xuncha_requests_total{audience="office",status="401"}') == 1
    assert more('xuncha_turned_away_total{reason="unauthenticated"}') == 1
    assert more('xuncha_request_seconds_count{audience="office"}') >= 4
    assert more('xuncha_request_seconds_bucket{audience="office",le="+Inf"}') >= 4
    assert sum(more(name) for name in after if name.startswith("xuncha_refusals_total")) == 1
    assert more("xuncha_writer_batch_count") >= 1
    assert after["xuncha_writer_queue"] == 0
    assert after["xuncha_database_up"] == 1
    for pool in ("ledger", "reader"):
        assert after[f'xuncha_pool_size{{pool="{pool}"}}'] >= 1
    for view in VIEWS:
        assert after[f'xuncha_view_lag_entries{{view="{view.name}"}}'] == 0
        assert after[f'xuncha_parked_rows{{view="{view.name}"}}'] == 0
        assert after[f'xuncha_view_halted{{view="{view.name}"}}'] == 0
    said = " ".join(after)
    assert body.split(":")[1] not in said
    labels = set(re.findall(r'([a-z]+)="', said))
    assert labels == {"audience", "status", "reason", "code", "view", "pool", "le"}


def test_lag_parked_rows_and_halted_views_are_told_exactly(application: Any) -> None:
    """promise 7: here in full; at the door in hundreds of entries, and in views instead of rows."""
    city = application.city
    city.settle()
    application.projector.stop()
    try:
        for n in range(3):
            city.done(DIRECTOR, "registerPerson", name=f"第{n}人", once_more="metrics")
        with application.database.connect() as connection:
            connection.execute(
                "INSERT INTO shelf.parked SELECT 'office_clues', 'clue:' || n, n, 'ValueError'"
                " FROM generate_series(1, 7) AS n"
            )
            connection.execute("INSERT INTO shelf.halted VALUES ('office_bodies', 1, 'ValueError')")
        found = metrics(application)
        assert found['xuncha_view_lag_entries{view="office_people"}'] >= 3
        assert found['xuncha_view_lag_seconds{view="office_people"}'] > 0
        assert found['xuncha_parked_rows{view="office_clues"}'] == 7
        assert found['xuncha_view_halted{view="office_bodies"}'] == 1
        ready = city.send("GET", "/readyz").json()
        assert (ready["parked_views"], ready["halted_views"]) == (1, 1)
        answer = city.post(DIRECTOR, {"query": "{ clues { next } c: clues { next } bodies { next } people { next } }"})
        assert answer.json()["extensions"] == {"incomplete": ["bodies", "clues"]}
        assert "extensions" not in city.post(DIRECTOR, {"query": "{ people { next } }"}).json()
    finally:
        with application.database.connect() as connection:
            connection.execute("DELETE FROM shelf.parked; DELETE FROM shelf.halted")
        application.projector.start()
    city.settle()


def test_how_far_the_seal_is_behind_is_told_on_the_page_and_not_at_the_door(application: Any, tmp_path: Path) -> None:
    """ADR 28: where the sealer stands still, anybody could else tell whether anything was written since."""
    city, database = application.city, application.database
    city.settle()
    head = database.ask("SELECT max(position) FROM ledger.entries")[0][0]
    found = metrics(application)
    assert found["xuncha_unsealed_entries"] == head
    assert found["xuncha_unsealed_seconds"] > 0
    ((origin,),) = database.ask(
        "SELECT convert_from(body, 'UTF8')::json #>> '{payload,origin}' FROM ledger.entries WHERE position = 1"
    )
    sealer = Sealer(database.access.of("sealer"), tmp_path, origin, read_seal_keys(database.home / "seal"))
    with psycopg.connect(database.access.of("sealer"), autocommit=True) as connection:
        sealer.begin(connection)
        while sealer.step(connection):
            pass
    found = metrics(application)
    assert (found["xuncha_unsealed_entries"], found["xuncha_unsealed_seconds"]) == (0, 0)
    assert "seal" not in str(city.send("GET", "/readyz").json())


def test_without_the_database_the_page_still_answers(application: Any) -> None:
    database = application.database
    with database.connect() as connection:
        connection.execute(f'ALTER ROLE "{database.name}_writer" NOLOGIN')
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %s", (f"{database.name}_writer",)
        )
        try:
            found = metrics(application)
        finally:
            connection.execute(f'ALTER ROLE "{database.name}_writer" LOGIN')
    assert found["xuncha_database_up"] == 0
    assert "xuncha_writer_queue" in found
