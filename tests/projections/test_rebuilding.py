"""A view is built anew beside the live one, and nobody notices but for what was wrong (promises 6, 7; ADR 27)."""

import asyncio
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from tests.projections.story import NAMES, VIEWS, Broken, digests, head, positions, running, shelf_of, tell, until

from domain.bodies import BodyRegistered
from domain.kernel import Entry, Secret
from domain.people import PersonAppointmentEnded
from projections import rebuilding, shelf
from projections.rebuilding import Busy, CannotBuild, rebuild
from projections.shelf import InUse, Overtaken, Shelf, View
from projections.tables import BESIDE


@pytest.fixture
def live(told: Any, clean: dict[str, str]) -> dict[str, str]:
    """The live views at the ledger's head; their digests."""
    with shelf_of(told) as shelf_:
        shelf_.catch_up()
    return digests(told)


def projector(database: Any) -> str:
    return str(database.access.of("projector"))


def left_over(database: Any) -> set[str]:
    """Tables, positions and fingerprints of views beside the live ones."""
    found = database.ask("SELECT tablename FROM pg_tables WHERE schemaname = 'shelf' AND tablename LIKE '%%\\_new%%'")
    found += database.ask("SELECT name FROM shelf.views WHERE name LIKE '%%\\_new'")
    found += database.ask("SELECT application_name FROM shelf.positions WHERE application_name LIKE '%%\\_new'")
    return {name for (name,) in found}


@contextmanager
def reading(database: Any, views: tuple[View, ...]) -> Iterator[list[list[tuple[int, bool]]]]:
    """A reader who asks each view for its rows again and again: how many there were, and how long it took."""
    stop, failed, looks = threading.Event(), list[Exception](), [list[tuple[int, float]]() for _ in views]

    def read() -> None:
        try:
            with psycopg.connect(database.access.of("reader"), autocommit=True) as connection:
                while not stop.is_set():
                    for view, seen in zip(views, looks, strict=True):
                        began = time.monotonic()
                        row = connection.execute(
                            f"SELECT count(*) FROM shelf.{view.name} WHERE readers IS NOT NULL"
                        ).fetchone()
                        assert row
                        seen.append((row[0], time.monotonic() - began))
        except Exception as e:
            failed.append(e)

    threads = [threading.Thread(target=read) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        yield looks
    finally:
        stop.set()
        for thread in threads:
            thread.join(10)
        assert failed == []


def test_a_rebuild_gives_the_same_rows_and_says_how_far_it_is(
    told: Any, live: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Promise 6: equal digests at the same position; nothing is left beside."""
    monkeypatch.setattr(shelf, "BATCH", 50)
    said: list[tuple[int, int]] = []
    with told.connect() as connection:
        connection.execute("UPDATE shelf.office_people SET row = jsonb_set(row, '{home_body}', '\"changed\"')")
    assert digests(told) != live
    rebuild(projector(told), VIEWS, lambda *far: said.append(far))
    assert digests(told) == live
    assert said[0] == (0, head(told))
    assert said[-1] == (head(told), head(told))
    assert len(said) > 3
    assert set(positions(told).values()) == {head(told)}
    assert left_over(told) == set()


def test_readers_see_the_old_or_the_new_while_facts_come_in(
    told: Any, live: dict[str, str], run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Promise 6: rebuilt again and again under a reader, a writer and the projector: no error, no list that is shorter
    than it was, no wait to speak of, and no fact lost that came meanwhile."""
    monkeypatch.setattr(shelf, "BATCH", 20)
    stop = threading.Event()
    written: list[str] = []

    def write() -> None:
        async def writing() -> None:
            while not stop.is_set():
                body = told.id("body")
                await tell(told, [(body, [BodyRegistered(body=body, name=Secret("新"), category="town")])])
                written.append(body)

        asyncio.run(writing())

    with shelf_of(told) as shelf_, running(shelf_), reading(told, VIEWS[:3]) as looks:
        writer = threading.Thread(target=write)
        writer.start()
        before = told.ask("SELECT tablename::regclass::oid FROM (SELECT 'shelf.office_bodies' AS tablename) AS t")
        for _ in range(5):
            rebuild(projector(told), VIEWS)
        assert told.ask("SELECT 'shelf.office_bodies'::regclass::oid") != before, "the tables are others now"
        stop.set()
        writer.join(20)
        until(lambda: min(positions(told).values()) == head(told))
    assert len(written) > 20
    assert {body for (body,) in told.ask("SELECT id FROM shelf.office_bodies")} >= set(written)
    for seen in looks:
        assert len(seen) > 100
        assert max(seconds for _, seconds in seen) < 2
        assert all(rows > 0 for rows, _ in seen), "a list that is being built was shown"
    with shelf_of(told) as shelf_:
        now = digests(told)
        shelf_.drop(VIEWS)
        shelf_.catch_up()
    assert digests(told) == now


KILLED = """
import os, sys
from pathlib import Path
from application.database import load_access
from projections import office, shelf, units
from projections.rebuilding import rebuild
shelf.BATCH = 20
left = [int(sys.argv[3])]
def counted(inner):
    def call(*words):
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), 9)
        return inner(*words)
    return call
owner, name = {"fold": (shelf.tables, "fold"), "rename": (shelf.tables, "rename")}[sys.argv[2]]
setattr(owner, name, counted(getattr(owner, name)))
views = [view for view in (*office.VIEWS, *units.VIEWS) if view.name in sys.argv[4:]]
rebuild(load_access(Path(sys.argv[1])).of("projector"), views)
"""


@pytest.mark.parametrize(("where", "which"), [("fold", 1), ("fold", 17), ("rename", 1), ("rename", 3)])
def test_a_rebuild_killed_anywhere_leaves_the_live_views_and_the_next_starts_clean(
    told: Any, live: dict[str, str], where: str, which: int
) -> None:
    """Promise 6, kill −9 of the real process: while building, and in the middle of putting tables in place."""
    command = [sys.executable, "-c", KILLED, str(told.home), where, str(which), *NAMES]
    assert subprocess.run(command, capture_output=True, check=False).returncode == -signal.SIGKILL
    until(lambda: told.ask("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'xuncha-rebuild'") == [(0,)])
    assert left_over(told), "killed too late"
    assert digests(told) == live
    rebuild(projector(told), VIEWS)
    assert digests(told) == live
    assert left_over(told) == set()


def test_the_next_start_takes_away_what_a_killed_one_left_but_not_what_is_being_built(
    told: Any, live: dict[str, str]
) -> None:
    made = Shelf(projector(told), [replace(VIEWS[0], name=VIEWS[0].name + BESIDE)])
    made.drop(made.views)
    made.close()
    with psycopg.connect(projector(told), autocommit=True) as builder:
        builder.execute("SELECT pg_advisory_lock(%s)", (shelf.BUILDING_LOCK,))
        with shelf_of(told):
            assert left_over(told)
        with pytest.raises(Busy):
            rebuild(projector(told), VIEWS)
        assert left_over(told)
    until(lambda: told.ask("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'") == [(0,)])
    with shelf_of(told):
        assert left_over(told) == set()
    assert digests(told) == live


def test_a_rebuild_is_strict_and_leaves_the_live_views_alone(
    told: Any, live: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Promise 7: it names the view and where it stood; no view is replaced, the good ones neither."""
    monkeypatch.setattr(shelf, "BATCH", 10)
    view = VIEWS[1]

    def evolve(row: Any, entry: Entry[Any]) -> Any:
        if isinstance(entry.fact, PersonAppointmentEnded):
            raise Broken
        return view.evolve(row, entry)

    before = told.ask("SELECT 'shelf.office_bodies'::regclass::oid")
    with pytest.raises(CannotBuild) as raised:
        rebuild(projector(told), (VIEWS[0], replace(view, evolve=evolve)))
    assert (raised.value.view, raised.value.error) == (view.name, "Broken")
    assert 0 < raised.value.position < 30
    assert digests(told) == live
    assert told.ask("SELECT 'shelf.office_bodies'::regclass::oid") == before
    assert told.ask("SELECT count(*) FROM shelf.parked") == [(0,)]
    assert told.ask("SELECT count(*) FROM shelf.halted") == [(0,)]
    assert left_over(told) == set()


def test_a_rebuild_ends_the_waiting_of_parked_rows(told: Any, live: dict[str, str]) -> None:
    with shelf_of(told) as shelf_:
        shelf_.drop(VIEWS)
    view = VIEWS[1]

    def evolve(row: Any, entry: Entry[Any]) -> Any:
        if isinstance(entry.fact, PersonAppointmentEnded):
            raise Broken
        return view.evolve(row, entry)

    with shelf_of(told, (VIEWS[0], replace(view, evolve=evolve), *VIEWS[2:])) as shelf_:
        shelf_.catch_up()
        assert shelf_.parked()
        rebuild(projector(told), VIEWS)
        assert shelf_.parked() == {}
    assert digests(told) == live


def test_a_live_view_that_lags_is_overtaken_and_the_projector_goes_on(told: Any, live: dict[str, str]) -> None:
    """The new tables are further than the old ones: what the projector had read for these is not applied twice."""
    with shelf_of(told) as shelf_:
        shelf_.drop(VIEWS)
        read = shelf_._read(0, 50)
        rebuild(projector(told), VIEWS[:2])
        at = shelf_.positions()
        assert {name for name, position in at.items() if position} == {view.name for view in VIEWS[:2]}
        with pytest.raises(Overtaken):
            shelf_._apply(VIEWS, 0, read)
        with running(shelf_):
            until(lambda: min(positions(told).values()) == head(told))
    assert digests(told) == live


def test_who_reads_for_long_is_waited_for_and_keeps_nobody_else_waiting(
    told: Any, live: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A dump or a check holds the old tables for minutes: the swap asks again and again, for 0.1 s each time."""
    monkeypatch.setattr(rebuilding, "_SWAP_TRIED_SECONDS", 1.0)
    with psycopg.connect(told.access.of("reader")) as long:
        long.execute(f"SELECT count(*) FROM shelf.{VIEWS[0].name}")
        with reading(told, VIEWS[:1]) as looks, pytest.raises(InUse):
            rebuild(projector(told), VIEWS[:1])
        assert len(looks[0]) > 100
        assert max(seconds for _, seconds in looks[0]) < 1
        assert digests(told) == live
        assert left_over(told) == set()
    rebuild(projector(told), VIEWS[:1])
    assert digests(told) == live


def test_a_view_of_another_version_is_not_put_in_place_of_a_newer_one(told: Any, live: dict[str, str]) -> None:
    """An upgrade has remade the live view meanwhile: what the old program builds is thrown away."""
    newer = replace(VIEWS[-1], version=2)
    with shelf_of(told, (*VIEWS[:-1], newer)), pytest.raises(Overtaken):
        rebuild(projector(told), VIEWS[-1:])
    assert told.ask("SELECT fingerprint FROM shelf.views WHERE name = %s", newer.name) == [(newer.fingerprint,)]
    assert left_over(told) == set()
