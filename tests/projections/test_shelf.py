"""The shelf: views are a function of the ledger, however interrupted, batched or raced (promises 2, 6, 7, 9)."""

import random
import select
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from eventsourcing.persistence import IntegrityError
from psycopg import sql
from tests.projections.story import (
    NAMES,
    REAL,
    VIEWS,
    Broken,
    MandatesRow,
    ask,
    digests,
    head,
    person_of,
    positions,
    running,
    shelf_of,
    story,
    tell,
    until,
)

from domain.bodies import BodyRegistered
from domain.kernel import Entry, Secret
from domain.people import PersonAppointmentEnded, PersonRegistered
from projections import shelf
from projections.rows import Row
from projections.shelf import Gap, Shelf, View

# --- a function of the ledger ------------------------------------------------------------------------------------


def test_the_story_touches_what_is_tested(told: Any, clean: dict[str, str]) -> None:
    """A test over empty tables could not fail."""
    with shelf_of(told) as shelf_:
        shelf_.catch_up()
    for view in ("office_bodies", "office_people", "office_inspections", "unit_inspections", "unit_bodies"):
        assert ask(told, "SELECT count(*) > 3 FROM shelf.{0}", view) == [(True,)]
    ((deleted, back),) = ask(
        told,
        "SELECT count(*) FILTER (WHERE row IS NULL), count(*) FILTER (WHERE row->>'count' = '1') FROM shelf.{1}",
        "mandates_test",
    )
    assert deleted >= 12
    assert back >= 20, "rows that were deleted come back"
    assert ask(told, "SELECT count(*) FROM shelf.{0}", "mandates_test") == [(8,)], "not all of them"
    assert told.ask("SELECT count(*) FROM ledger.entries")[0][0] > 180


def test_dropped_and_replayed_the_rows_are_the_same(told: Any, clean: dict[str, str]) -> None:
    """Promise 6: equal digests at the same position, also where it was replayed in two parts."""
    with shelf_of(told) as shelf_:
        shelf_.catch_up()
        assert digests(told) == clean
        shelf_.drop(VIEWS[::2])
        assert set(shelf_.positions().values()) == {0, head(told)}
        shelf_.catch_up()
    assert digests(told) == clean


@pytest.mark.parametrize("size", [1, 7, 500])
def test_batches_of_any_size_give_the_same_rows_and_history(
    told: Any, clean: dict[str, str], size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Promise 6: however batched."""
    monkeypatch.setattr(shelf, "BATCH", size)
    with shelf_of(told) as shelf_:
        shelf_.catch_up()
    assert digests(told) == clean


def test_rows_are_what_evolve_says_now_and_at_every_position_before(told: Any, clean: dict[str, str], run: Any) -> None:
    """Promise 9: the history gives every past state; checked against a plain fold of the entries."""
    from domain.facts import decode

    with shelf_of(told) as shelf_:
        shelf_.catch_up()
    entries = [
        decode(*row[:-1], bytes(row[-1]))
        for row in told.ask(f"SELECT {shelf.ENTRY_COLUMNS} FROM ledger.entries ORDER BY position")
    ]
    for view in VIEWS:
        rows: dict[str, Row] = {}
        history = ask(told, "SELECT id, from_position, until_position, row FROM shelf.{1}", view.name)
        for entry in entries:
            if (key := view.key(entry)) is not None:
                row = view.evolve(rows.pop(key, None), entry)
                rows |= {key: row} if row else {}
            if entry.position % 50 == 0 or entry is entries[-1]:
                then = {
                    id_: view.row.model_validate(row)
                    for id_, start, end, row in history
                    if start <= entry.position and (end is None or entry.position < end) and row is not None
                }
                assert then == rows, (view.name, entry.position)
        current = ask(told, "SELECT id, row FROM shelf.{0}", view.name)
        assert {id_: view.row.model_validate(row) for id_, row in current} == rows


def test_history_has_no_holes_and_the_open_one_is_the_row(
    told: Any, clean: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Promise 9: each row's states follow one another, each different; the open one is what the list shows now."""
    monkeypatch.setattr(shelf, "BATCH", 7)
    with shelf_of(told) as shelf_:
        shelf_.catch_up()
    for view in VIEWS:
        broken = ask(
            told,
            "SELECT id FROM (SELECT id, from_position, until_position, lead(from_position) OVER w AS next, row,"
            " lag(row) OVER w AS before FROM shelf.{1} WINDOW w AS (PARTITION BY id ORDER BY from_position)) AS h"
            " WHERE until_position IS DISTINCT FROM next OR before IS NOT DISTINCT FROM row",
            view.name,
        )
        assert broken == []
        different = ask(
            told,
            "SELECT id FROM shelf.{0} t FULL JOIN (SELECT * FROM shelf.{1} WHERE until_position IS NULL"
            " AND row IS NOT NULL) h USING (id) WHERE (t.row, t.ord, t.readers, t.withheld_from, t.position)"
            " IS DISTINCT FROM (h.row, h.ord, h.readers, h.withheld_from, h.from_position)",
            view.name,
        )
        assert different == []


# --- interrupted, raced ------------------------------------------------------------------------------------------

PROJECTOR = """
import os, sys, threading
from pathlib import Path
from application.database import load_access
from projections import office, shelf, units
shelf.BATCH = 3
take_in, left = shelf.Shelf._take_in, [int(sys.argv[2])]
def taken_in(*words):
    take_in(*words)
    left[0] -= 1
    if left[0] == 0:
        os.kill(os.getpid(), 9)
shelf.Shelf._take_in = taken_in
views = [view for view in (*office.VIEWS, *units.VIEWS) if view.name in sys.argv[3:]]
made = shelf.Shelf(load_access(Path(sys.argv[1])).of("projector"), views)
made.run(threading.Event(), lambda: print("ready", flush=True))
"""


def test_a_projector_killed_anywhere_goes_on_as_if_nothing_had_been(told: Any, clean: dict[str, str]) -> None:
    """Promise 6, crash between rows and position: kill −9 of the real process, again and again."""
    chance = random.Random(7)  # noqa: S311  moments, not secrets
    killed_at = []
    with shelf_of(told) as shelf_:
        for target in (5, 60, 120):
            command = [sys.executable, "-c", PROJECTOR, str(told.home), "0", *NAMES]
            with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
                until(lambda target=target: min(shelf_.positions()[view.name] for view in REAL) >= target)
                time.sleep(chance.random() * 0.01)
                process.send_signal(signal.SIGKILL)
            killed_at.append(min(shelf_.positions()[view.name] for view in REAL))
        assert killed_at[-1] < head(told), "killed too late"
        shelf_.catch_up()
    assert digests(told) == clean


@pytest.mark.parametrize("which", [4, 5, 7, 10])
def test_a_kill_between_rows_and_position_leaves_neither(told: Any, clean: dict[str, str], which: int) -> None:
    """Promise 6, crash between rows and position: at that very moment, in the first batch and in the second, with the
    rows of some views written, and of all."""
    with shelf_of(told) as shelf_:
        command = [sys.executable, "-c", PROJECTOR, str(told.home), str(which), *NAMES]
        assert subprocess.run(command, capture_output=True, check=False).returncode == -signal.SIGKILL
        assert max(shelf_.positions().values()) == (which - 1) // len(REAL) * 3
        shelf_.catch_up()
    assert digests(told) == clean


def test_rows_and_position_are_of_one_transaction(
    told: Any, clean: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Promise 6, crash between rows and position: there is no such moment, PostgreSQL itself says so."""
    monkeypatch.setattr(shelf, "BATCH", 40)
    compared = 0
    with shelf_of(told) as shelf_:
        for _ in range(4):
            before = max(shelf_.positions().values())
            shelf_.step()
            for view in VIEWS:
                found = ask(
                    told,
                    f"SELECT h.xmin::text, p.xmin::text FROM shelf.{{1}} AS h, shelf.positions AS p"
                    f" WHERE p.application_name = '{view.name}' AND h.from_position > {before}",
                    view.name,
                )
                compared += len(found)
                assert all(row == position for row, position in found), view.name
    assert compared


def test_a_slower_one_with_less_in_its_hands_never_sets_a_view_back(
    told: Any, clean: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Promise 6, two projectors past the leader's lock: whoever comes second waits until the first is done.

    The slower one's entries change no row, so that no key of a row would stop it from setting the position back.
    """
    view = VIEWS[-1]
    quiet = next(e.position for e in read_all(told) if person_of(e)) - 1
    inside, go_on = threading.Event(), threading.Event()
    with shelf_of(told) as slow, shelf_of(told) as quick:
        few, many = slow._read(0, quiet), quick._read(0, 200)
        take_in = slow._take_in

        def slowly(*given: Any) -> None:
            inside.set()
            go_on.wait(10)
            take_in(*given)

        monkeypatch.setattr(slow, "_take_in", slowly)
        threads = [threading.Thread(target=slow._apply, args=([view], 0, few))]
        threads[0].start()
        assert inside.wait(10)

        def quickly() -> None:
            with suppress(IntegrityError):
                quick._apply([view], 0, many)

        threads.append(threading.Thread(target=quickly))
        threads[1].start()
        threads[1].join(0.5)
        go_on.set()
        for thread in threads:
            thread.join(10)
        quick.catch_up()
    assert digests(told) == clean


def read_all(database: Any) -> list[Entry[Any]]:
    with shelf_of(database) as shelf_:
        return shelf_._read(0, 10_000)


def test_of_two_projectors_one_leads_and_the_other_takes_over(told: Any, clean: dict[str, str]) -> None:
    """Promise 6, two projectors at once: the second waits, and goes on when the first is gone."""
    last = head(told)
    leaders = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted AND objid = %s"
    with shelf_of(told) as one, shelf_of(told) as other:
        first, second, ready = threading.Event(), threading.Event(), [threading.Event(), threading.Event()]
        threads = [
            threading.Thread(target=made.run, args=(stop, on.set))
            for made, stop, on in zip((one, other), (first, second), ready, strict=True)
        ]
        threads[0].start()
        until(ready[0].is_set)
        threads[1].start()
        until(lambda: min(one.positions().values()) == last)
        assert not ready[1].is_set()
        assert told.ask(leaders, shelf._LEADER_LOCK & 0xFFFFFFFF) == [(1,)]
        one.drop(VIEWS)
        first.set()
        until(ready[1].is_set)
        until(lambda: min(other.positions().values()) == last)
        second.set()
        for thread in threads:
            thread.join(10)
    assert digests(told) == clean


def test_the_second_process_takes_over_when_the_leader_is_killed(told: Any, clean: dict[str, str], run: Any) -> None:
    """Promise 6, two projectors at once: two real processes, kill −9 of whichever leads, twice; the other waits until
    then, loses nothing and doubles nothing."""
    command = [sys.executable, "-c", PROJECTOR, str(told.home), "0", *NAMES]
    leaders = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted AND objid = %s"
    present = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'xuncha-shelf'"
    with shelf_of(told) as shelf_:
        started = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
        try:
            for target in (30, 90):
                until(lambda: told.ask(present) == [(2,)])
                time.sleep(0.7)  # time enough for the second to ask for the lead
                shelf_.drop(VIEWS)
                until(lambda target=target: min(shelf_.positions()[view.name] for view in REAL) >= target)
                assert told.ask(leaders, shelf._LEADER_LOCK & 0xFFFFFFFF) == [(1,)]
                leading = [p for p in started if select.select([p.stdout], [], [], 0)[0]]
                assert len(leading) == 1, "one says that it leads, the other waits"
                leading[0].send_signal(signal.SIGKILL)
                leading[0].communicate()
                started.remove(leading[0])
                started.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
            person = told.id("person")
            run(tell(told, [(person, [PersonRegistered(person=person, name=Secret("后"))])]))
            last = head(told)
            until(lambda: min(shelf_.positions()[view.name] for view in REAL) == last)
        finally:
            for process in started:
                process.kill()
                process.communicate()
        now = digests(told, REAL)
        shelf_.drop(VIEWS)
        shelf_.catch_up()
    assert digests(told, REAL) == now


def test_two_projectors_past_the_leaders_lock_double_nothing(
    told: Any, clean: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Promise 6: whoever comes second is told by the tracking record, and its rows are rolled back."""
    monkeypatch.setattr(shelf, "BATCH", 7)
    last = head(told)
    overtaken = []
    failed: list[Exception] = []

    def race(made: Shelf) -> None:
        while min(made.positions().values()) < last:
            try:
                made.catch_up()
            except IntegrityError as e:
                overtaken.append(e)
            except Exception as e:
                failed.append(e)
                return

    with shelf_of(told) as one, shelf_of(told) as other:
        threads = [threading.Thread(target=race, args=(made,)) for made in (one, other)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
    assert failed == []
    assert overtaken, "they did not meet: nothing was shown"
    assert digests(told) == clean


def test_whoever_read_before_another_wrote_applies_nothing(told: Any, clean: dict[str, str]) -> None:
    """Promise 6, duplicate delivery: the same entries, and fewer or more of them, offered a second time."""
    with shelf_of(told) as one, shelf_of(told) as other:
        late = {count: one._read(0, count) for count in (20, 60, 100)}
        other._apply(VIEWS, 0, other._read(0, 60))
        before = digests(told)
        for entries in late.values():
            with pytest.raises(IntegrityError):
                one._apply(VIEWS, 0, entries)
            with pytest.raises(IntegrityError):
                one._apply(VIEWS[:1], 0, entries)
        assert digests(told) == before
        assert set(one.positions().values()) == {60}
        one.catch_up()
    assert digests(told) == clean


def test_several_shelves_prepared_at_once_make_one(told: Any, clean: dict[str, str]) -> None:
    """Two processes that start at the same moment."""
    with told.connect() as connection:
        connection.execute("SET ROLE " + f"{told.name}_projector")  # type: ignore[arg-type]
        for (table,) in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'shelf'").fetchall():
            connection.execute(sql.SQL("DROP TABLE shelf.{}").format(sql.Identifier(table)))
    failed: list[Exception] = []

    def prepare() -> None:
        try:
            with shelf_of(told):
                pass
        except Exception as e:
            failed.append(e)

    threads = [threading.Thread(target=prepare) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    with shelf_of(told) as shelf_:
        shelf_.catch_up()
    assert digests(told) == clean


# --- lost notices, lost connections, holes -----------------------------------------------------------------------


def test_a_lost_notice_is_made_up_for_by_the_clock(
    told: Any, clean: dict[str, str], monkeypatch: pytest.MonkeyPatch, run: Any
) -> None:
    """Promise 7: NOTIFY may be lost; the shelf looks by itself."""
    monkeypatch.setattr(shelf, "CHANNEL", "where_nobody_speaks")
    with shelf_of(told) as shelf_, running(shelf_):
        until(lambda: min(shelf_.positions().values()) >= 150)
        last = head(told)
        until(lambda: min(shelf_.positions().values()) == last)
        person = told.id("person")
        run(tell(told, [(person, [PersonRegistered(person=person, name=Secret("迟到"))])]))
        until(lambda: min(shelf_.positions().values()) == last + 1, seconds=3)
    assert told.ask("SELECT count(*) FROM shelf.office_people WHERE id = %s", person) == [(1,)]


def test_a_notice_wakes_the_shelf(told: Any, clean: dict[str, str], monkeypatch: pytest.MonkeyPatch, run: Any) -> None:
    """Long before the clock would."""
    monkeypatch.setattr(shelf, "_POLL_SECONDS", 30.0)
    stop, ready = threading.Event(), threading.Event()
    with shelf_of(told) as shelf_:
        thread = threading.Thread(target=shelf_.run, args=(stop, ready.set))
        thread.start()
        last = head(told)
        until(lambda: min(shelf_.positions().values()) == last)
        for number in range(2):
            person = told.id("person")
            stop.set() if number else None
            run(tell(told, [(person, [PersonRegistered(person=person, name=Secret("唤醒"))])]))
            if not number:
                until(lambda: min(shelf_.positions().values()) == last + 1, seconds=5)
        thread.join(10)
        assert not thread.is_alive()


def test_lost_connections_are_made_anew(told: Any, clean: dict[str, str], run: Any) -> None:
    """Promise 7: the library's runner dies of a lost LISTEN connection; ours goes on."""
    with shelf_of(told) as shelf_, running(shelf_):
        until(lambda: min(shelf_.positions().values()) > 100)
        with told.connect() as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %s", (f"{told.name}_projector",)
            )
        person = told.id("person")
        run(tell(told, [(person, [PersonRegistered(person=person, name=Secret("重连"))])]))
        last = head(told)
        until(lambda: min(positions(told).values(), default=0) == last)


def test_a_hole_in_the_ledger_stops_the_shelf_and_nothing_is_applied(
    database: Any, run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Promise 2: a missing position is evidence, never skipped; here the superuser has torn one out."""
    monkeypatch.setattr(shelf, "BATCH", 4)
    run(tell(database, story(database)[:12]))
    with database.connect() as connection:
        connection.execute("ALTER TABLE ledger.entries DISABLE TRIGGER append_only")
        connection.execute("DELETE FROM ledger.entries WHERE position = 7")
    with shelf_of(database) as shelf_:
        with pytest.raises(Gap, match="position 7 is missing"):
            shelf_.catch_up()
        assert set(shelf_.positions().values()) == {4}
        assert database.ask("SELECT max(position) FROM shelf.office_bodies") == [(4,)]


# --- a view that cannot go on ------------------------------------------------------------------------------------
# What parks a row is in test_parking.py. Here it is not known which row a fact is about: then the whole view halts.


def without_keys(when: list[bool]) -> tuple[View, ...]:
    """The views, but `office_people` does not know its row for a fact of this kind while `when[0]`."""
    view = VIEWS[1]

    def key(entry: Entry[Any]) -> Any:
        if when[0] and isinstance(entry.fact, PersonAppointmentEnded):
            raise Broken
        return view.key(entry)

    return (VIEWS[0], replace(view, key=key), *VIEWS[2:])


def test_a_view_that_does_not_know_the_row_halts_alone_and_goes_on_when_mended(
    told: Any, clean: dict[str, str]
) -> None:
    """Promise 7: the others reach the head, the error is raised after that, nothing is skipped."""
    when = [True]
    last = head(told)
    with shelf_of(told, without_keys(when)) as shelf_:
        for _ in range(2):
            with pytest.raises(Broken):
                shelf_.catch_up()
            at = shelf_.positions()
            assert at.pop("office_people") < last
            assert set(at.values()) == {last}
            assert set(shelf_.halted()) == {"office_people"}
            assert told.ask("SELECT view, error FROM shelf.halted") == [("office_people", "Broken")]
            assert told.ask("SELECT count(*) FROM shelf.parked") == [(0,)]
        when[0] = False
        shelf_.catch_up()
        assert shelf_.halted() == {}
        assert told.ask("SELECT count(*) FROM shelf.halted") == [(0,)]
    assert digests(told) == clean


def test_the_running_shelf_keeps_the_others_at_the_head_while_one_is_halted(
    told: Any, clean: dict[str, str], run: Any
) -> None:
    """Promise 7: also for what comes later; the halted one is tried again by itself."""
    when = [True]
    with shelf_of(told, without_keys(when)) as shelf_, running(shelf_):
        until(shelf_.halted)
        body = told.id("body")
        run(tell(told, [(body, [BodyRegistered(body=body, name=Secret("后来"), category="town")])]))
        last = head(told)
        until(lambda: positions(told)["office_bodies"] == last, seconds=4)
        assert positions(told)["office_people"] < last
        assert told.ask("SELECT count(*) FROM shelf.office_bodies WHERE id = %s", body) == [(1,)]
        when[0] = False
        until(lambda: set(positions(told).values()) == {last})
        until(lambda: told.ask("SELECT count(*) FROM shelf.halted") == [(0,)])
        assert shelf_.halted() == {}


# --- changed views -----------------------------------------------------------------------------------------------


def test_a_changed_view_is_rebuilt_and_the_others_are_left_alone(told: Any, clean: dict[str, str]) -> None:
    """Promise 6: a raised version, another shape or another field to filter by; a view that is no more takes its tables
    with it."""
    with shelf_of(told) as shelf_:
        shelf_.catch_up()
        assert shelf_.prepare() == []
    before = digests(told)

    class Wider(MandatesRow):
        more: str | None = None

    last = VIEWS[-1]
    for changed in (replace(last, version=2), replace(last, row=Wider), replace(last, filters=("person", "round"))):
        shelf_ = Shelf(told.access.of("projector"), (*VIEWS[:-1], changed))
        assert shelf_.prepare() == ["mandates_test"]
        assert {name for name, at in shelf_.positions().items() if at == 0} == {"mandates_test"}
        shelf_.catch_up()
        shelf_.close()
        assert digests(told, VIEWS[:-1]) == {view.name: before[view.name] for view in VIEWS[:-1]}
    indexes = told.ask("SELECT indexdef FROM pg_indexes WHERE tablename = 'mandates_test_history'")
    for field in ("person", "round"):
        assert any(f"(((\"row\" ->> '{field}'::text)), ord, id, " in definition for (definition,) in indexes), indexes
    shelf_ = Shelf(told.access.of("projector"), VIEWS[:-1])
    assert shelf_.prepare() == []
    shelf_.close()
    assert told.ask("SELECT to_regclass('shelf.mandates_test'), to_regclass('shelf.mandates_test_history')") == [
        (None, None)
    ]
    assert "mandates_test" not in positions(told)


def test_the_shelf_connects_as_it_was_told(told: Any) -> None:
    """The library's datastore takes five words of a connection string; `sslmode` and the rest must not be lost."""
    made = Shelf(told.access.of("projector") + " application_name=told connect_timeout=7", VIEWS)
    assert isinstance(made._datastore.pool.kwargs, dict)
    assert made._datastore.pool.kwargs["application_name"] == "told"
    assert made._datastore.pool.kwargs["connect_timeout"] == "7"
    with made._datastore.get_connection() as connection:
        assert connection.info.parameter_status("application_name") == "told"
    made.close()
