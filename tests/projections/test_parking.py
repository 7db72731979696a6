"""Parking: a fact that a view cannot take keeps back its own row, and nothing else (promises 6, 7; ADR 27)."""

import logging
import random
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from tests.projections.story import (
    DAY,
    VIEWS,
    Broken,
    ask,
    digests,
    head,
    positions,
    running,
    shelf_of,
    tell,
    until,
)

from domain.bodies import BodyRegistered
from domain.kernel import Entry, Secret
from domain.people import PersonAppointed, PersonAppointmentEnded, PersonRegistered
from projections import shelf
from projections.shelf import View

PEOPLE = VIEWS[1]


def breaking(bad: Callable[[Entry[Any]], bool], view: View = PEOPLE) -> tuple[View, ...]:
    """The views, but one of them cannot take entries that are bad."""

    def evolve(row: Any, entry: Entry[Any]) -> Any:
        if bad(entry):
            raise Broken("文字")
        return view.evolve(row, entry)

    return tuple(replace(v, evolve=evolve) if v is view else v for v in VIEWS)


def ended(entry: Entry[Any]) -> bool:
    return isinstance(entry.fact, PersonAppointmentEnded)


def parked(database: Any) -> dict[str, list[tuple[int, str | None]]]:
    """What waits, by row."""
    found: dict[str, list[tuple[int, str | None]]] = {}
    for key, position, error in database.ask("SELECT key, position, error FROM shelf.parked ORDER BY position"):
        found.setdefault(key, []).append((position, error))
    return found


def test_only_the_row_is_kept_back_with_all_that_follows(told: Any, clean: dict[str, str]) -> None:
    """Promise 7: by position, the first with its error; every other row of the view, and every other view, goes on."""
    with shelf_of(told) as shelf_:
        shelf_.catch_up()
        rows = dict(ask(told, "SELECT id, row::text FROM shelf.{0}", PEOPLE.name))
        everything = digests(told)
        shelf_.drop(VIEWS)
    some = sorted(rows)[::2]
    with shelf_of(told, breaking(lambda entry: entry.stream in some and ended(entry))) as shelf_:
        shelf_.catch_up()
        waiting = parked(told)
        assert shelf_.parked() == {PEOPLE.name: set(waiting)}
        assert set(shelf_.positions().values()) == {head(told)}
        assert shelf_.halted() == {}
    assert {name for name, digest in digests(told).items() if digest != everything[name]} == {PEOPLE.name}
    now = dict(ask(told, "SELECT id, row::text FROM shelf.{0}", PEOPLE.name))
    assert {key for key, row in rows.items() if now[key] != row} == set(waiting) == set(some)
    first_bad = dict(
        told.ask(
            "SELECT stream, min(position) FROM ledger.entries WHERE kind = 'person.appointment-ended.v1' GROUP BY 1"
        )
    )
    for key, facts in waiting.items():
        assert facts[0] == (first_bad[key], "Broken")
        assert [position for position, _ in facts] == [
            position
            for (position,) in told.ask(
                "SELECT position FROM ledger.entries WHERE stream = %s AND position >= %s"
                " AND kind <> 'person.mandated.v1' ORDER BY 1",
                key,
                first_bad[key],
            )
        ], "every later fact of the row waits behind the first"
        assert {error for _, error in facts[1:]} <= {None}
        assert ask(told, f"SELECT max(from_position) < {facts[0][0]} FROM shelf.{{1}} WHERE id = '{key}'", PEOPLE.name)[
            0
        ] == (True,)


@pytest.mark.parametrize("size", [1, 7, 500])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_after_the_mend_rows_and_history_are_as_if_nothing_had_waited(
    told: Any, clean: dict[str, str], seed: int, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Promises 6 and 7: the facts' own positions stand in the history, so the digest is that of a fresh replay; for
    facts that fail at random, in a view whose rows come and go and in one whose rows stay."""
    monkeypatch.setattr(shelf, "BATCH", size)
    chance = random.Random(seed)  # noqa: S311  which facts, not secrets
    bad = {position for position in range(1, head(told) + 1) if chance.random() < 0.2}
    for view in (PEOPLE, VIEWS[-1]):
        with shelf_of(told) as shelf_:
            shelf_.drop(VIEWS)
        with shelf_of(told, breaking(lambda entry: entry.position in bad, view)) as shelf_:
            shelf_.catch_up()
            assert len(parked(told)) > 3
        with shelf_of(told) as shelf_:
            shelf_.catch_up()
        assert parked(told) == {}
        assert digests(told) == clean, view.name


def test_a_row_that_still_fails_waits_with_all_it_waited_for(told: Any, clean: dict[str, str]) -> None:
    """All of what a row waits for goes through, or nothing: half a mend does not show half a row."""
    with shelf_of(told, breaking(ended)) as shelf_:
        shelf_.catch_up()
    before, rows = parked(told), digests(told)
    last = max(facts[-1][0] for facts in before.values())
    (still,) = [key for key, facts in before.items() if facts[-1][0] == last]
    with shelf_of(told, breaking(lambda entry: entry.position == last)) as shelf_:
        shelf_.catch_up()
    assert parked(told) == {still: before[still]}
    assert digests(told) != rows
    with shelf_of(told) as shelf_:
        shelf_.catch_up()
    assert digests(told) == clean


def test_what_the_database_cannot_hold_parks_its_row_and_what_it_refuses_otherwise_does_not(
    told: Any, clean: dict[str, str]
) -> None:
    """Promise 7: PostgreSQL's JSON holds no NUL. A table that is gone is no fault of any fact: the view halts."""
    view = VIEWS[0]

    def evolve(row: Any, entry: Entry[Any]) -> Any:
        made = view.evolve(row, entry)
        return made.model_copy(update={"order": "\0"}) if entry.position == 2 else made

    with shelf_of(told, (replace(view, evolve=evolve), *VIEWS[1:])) as shelf_:
        shelf_.catch_up()
        assert {facts[0] for facts in parked(told).values()} == {(2, "UntranslatableCharacter")}
        shelf_.drop(VIEWS)
    with shelf_of(told) as shelf_:
        with told.connect() as connection:
            connection.execute(f"DROP TABLE shelf.{view.name}_history")
        with pytest.raises(Exception, match="does not exist"):
            shelf_.catch_up()
        assert set(shelf_.halted()) == {view.name}
        assert parked(told) == {}
        shelf_.drop(VIEWS)


def test_a_row_whose_id_is_not_its_key_is_parked(told: Any, clean: dict[str, str]) -> None:
    """A view's row is found by its key again, or the view is wrong. Mended without a new version, the facts are of
    other rows now: they wait, and are not lost, until the view is rebuilt."""
    wrong = replace(VIEWS[0], key=lambda entry: "x" if isinstance(entry.fact, BodyRegistered) else None)
    with shelf_of(told, (wrong, *VIEWS[1:])) as shelf_:
        shelf_.catch_up()
        waiting = parked(told)
        assert list(waiting) == ["x"]
        assert len(waiting["x"]) >= 8
        assert told.ask("SELECT count(*) FROM shelf.office_bodies") == [(0,)]
    with shelf_of(told) as shelf_:
        shelf_.catch_up()
        assert parked(told) == waiting
        shelf_.drop(VIEWS[:1])
        assert parked(told) == {}
        shelf_.catch_up()
    assert digests(told) == clean


def test_a_fact_that_is_of_no_row_any_more_waits_for_a_rebuild(told: Any, clean: dict[str, str]) -> None:
    """A mend that changes which row a fact is about, without a new version: replayed, the row would differ from a
    fresh replay's."""
    with shelf_of(told, breaking(ended)) as shelf_:
        shelf_.catch_up()
    waiting = parked(told)
    mended = replace(PEOPLE, key=lambda entry: None if ended(entry) else PEOPLE.key(entry))
    with shelf_of(told, tuple(mended if view is PEOPLE else view for view in VIEWS)) as shelf_:
        shelf_.catch_up()
    assert parked(told) == waiting


def test_the_running_shelf_parks_goes_on_and_tries_again_by_itself(
    told: Any, clean: dict[str, str], run: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """Promise 7: with an alarm for each row, at ERROR, which says where it is and nothing of what stands there."""
    when = [True]
    caplog.set_level(logging.INFO)
    with shelf_of(told, breaking(lambda entry: when[0] and ended(entry))) as shelf_, running(shelf_):
        until(lambda: min(positions(told).values()) == head(told))
        waiting = parked(told)
        assert waiting
        body, person = told.id("body"), next(iter(waiting))
        run(
            tell(
                told,
                [
                    (body, [BodyRegistered(body=body, name=Secret("后来"), category="town")]),
                ],
            )
        )
        until(lambda: min(positions(told).values()) == head(told))
        assert told.ask("SELECT count(*) FROM shelf.office_bodies WHERE id = %s", body) == [(1,)]
        alarms = [r.getMessage() for r in caplog.records if r.levelno == logging.ERROR]
        for facts in waiting.values():
            assert f"view office_people cannot take in position {facts[0][0]}: Broken; its row is parked" in alarms
        assert not any("文字" in line or person in line for line in caplog.messages)
        when[0] = False
        until(lambda: parked(told) == {})
    with shelf_of(told) as shelf_:
        now = digests(told)
        shelf_.drop(VIEWS)
        shelf_.catch_up()
    assert digests(told) == now


def test_facts_that_come_while_a_row_waits_wait_behind(told: Any, clean: dict[str, str], run: Any) -> None:
    """Also those that come in later batches, and in another process."""
    bad = told.id("person")
    with shelf_of(told, breaking(lambda entry: entry.stream == bad and entry.version == 1)) as shelf_:
        run(tell(told, [(bad, [PersonRegistered(person=bad, name=Secret("先"))])]))
        shelf_.catch_up()
        ((first, error),) = parked(told)[bad]
        assert error == "Broken"
    post = PersonAppointed(
        person=bad, appointment=told.id("appointment"), body=told.id("body"), post="unit_contact", from_on=DAY
    )

    async def later() -> None:
        async with told.ledger() as ledger:
            command = uuid4()
            await ledger.append(command, told.stamp(command), {bad: (1, [post])})

    run(later())
    with shelf_of(told, breaking(lambda entry: entry.stream == bad and entry.version == 1)) as shelf_:
        shelf_.catch_up()
        assert parked(told)[bad] == [(first, "Broken"), (head(told), None)]
    with shelf_of(told) as shelf_:
        shelf_.catch_up()
        now = digests(told)
        shelf_.drop(VIEWS)
        shelf_.catch_up()
    assert digests(told) == now


def test_two_who_try_a_parked_row_again_take_it_in_once(told: Any, clean: dict[str, str]) -> None:
    """Promise 6: whoever comes second finds nothing that waits."""
    with shelf_of(told, breaking(ended)) as shelf_:
        shelf_.catch_up()
    keys = sorted(parked(told))
    with shelf_of(told) as one, shelf_of(told) as other:
        threads = [
            threading.Thread(target=lambda made=made: [made._replay(PEOPLE, key) for key in keys])
            for made in (one, other)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
    assert parked(told) == {}
    with shelf_of(told) as shelf_:
        now = digests(told)
        shelf_.drop(VIEWS)
        shelf_.catch_up()
    assert digests(told) == now


def test_a_strict_shelf_parks_nothing(told: Any, clean: dict[str, str]) -> None:
    """What is built anew fails loudly."""
    made = shelf.Shelf(told.access.of("projector"), breaking(ended), strict=True)
    try:
        with pytest.raises(Broken):
            made.catch_up()
        assert parked(told) == {}
        assert set(made.halted()) == {PEOPLE.name}
        made.drop(VIEWS)
    finally:
        made.close()
