"""A ledger of some 200 entries, views over it, and ways to look at both."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

from psycopg import sql

from domain.bodies import BodyRegistered
from domain.inspections import InspectionAssigned, NoticeReceived, NoticeServed, UnitEntered
from domain.kernel import Entry, Fact, Manner, Secret
from domain.people import PersonAppointed, PersonAppointmentEnded, PersonMandated, PersonRegistered
from projections import office, units
from projections.rows import Row
from projections.shelf import Shelf, View, digest

DAY = date(2026, 11, 2)


class MandatesRow(Row):
    """A row that comes and goes: every fourth mandate deletes it."""

    count: int = 0


def coming_and_going(row: MandatesRow | None, entry: Entry[Any]) -> MandatesRow | None:
    if row is None:
        return MandatesRow(id=entry.stream, readers=("office",), order=entry.stream, count=1)
    return None if row.count == 3 else row.model_copy(update={"count": row.count + 1})


def person_of(entry: Entry[Any]) -> str | None:
    return entry.stream if isinstance(entry.fact, PersonMandated) else None


NAMES = ("office_bodies", "office_people", "office_inspections", "unit_bodies", "unit_inspections")
REAL = tuple(view for view in (*office.VIEWS, *units.VIEWS) if view.name in NAMES)
VIEWS = (*REAL, View("mandates_test", MandatesRow, person_of, coming_and_going))


def story(database: Any) -> list[tuple[str, list[Fact]]]:
    """Appends in order: bodies, persons whose posts come and go, inspections that proceed, rows that vanish."""
    steps: list[tuple[str, list[Fact]]] = []
    bodies = [database.id("body") for _ in range(8)]
    people = [database.id("person") for _ in range(12)]
    for number, body in enumerate(bodies):
        category = "town" if number % 2 else None
        steps.append((body, [BodyRegistered(body=body, name=Secret(f"单位{number}"), category=category)]))
    for number, person in enumerate(people):
        steps.append((person, [PersonRegistered(person=person, name=Secret(f"人员{number}"), home_body=bodies[0])]))
    for k in range(5):
        for number, person in enumerate(people):
            made = database.id("appointment")
            post = "unit_contact"
            facts: list[Fact] = [
                PersonAppointed(person=person, appointment=made, body=bodies[k], post=post, from_on=DAY)
            ]
            if (k + number) % 2:
                facts.append(PersonAppointmentEnded(person=person, appointment=made, ended_on=DAY + timedelta(k)))
            if k < 4 or number % 3:  # the rows of some stay deleted
                facts.append(PersonMandated(person=person, round=database.id("round"), mandate=database.id("mandate")))
            steps.append((person, facts))
    for unit in bodies:
        inspection, round_, team = (database.id(kind) for kind in ("inspection", "round", "team"))
        same = {"inspection": inspection, "round": round_, "unit": unit}
        schedule = {"from_on": DAY, "until_on": DAY + timedelta(30)}
        for fact in (
            InspectionAssigned(**same, team=team),
            NoticeServed(
                **same,
                served_on=DAY,
                recipients=(people[0],),
                how=Manner.IN_PERSON,
                content=Secret("通知"),
                **schedule,
            ),
            NoticeReceived(**same, received_by=people[0], received_on=DAY, how=Manner.IN_PERSON),
            UnitEntered(**same, entered_on=DAY + timedelta(3)),
        ):
            steps.append((inspection, [fact]))
    return steps


async def tell(database: Any, steps: list[tuple[str, list[Fact]]]) -> None:
    async with database.ledger() as ledger:
        versions: dict[str, int] = {}
        for stream, facts in steps:
            command = uuid4()
            version = versions.get(stream, 0)
            await ledger.append(command, database.stamp(command), {stream: (version, facts)})
            versions[stream] = version + len(facts)


@contextmanager
def shelf_of(database: Any, views: Any = VIEWS) -> Iterator[Shelf]:
    made = Shelf(database.access.of("projector"), views)
    try:
        made.prepare()
        yield made
    finally:
        made.close()


def digests(database: Any, views: Any = VIEWS) -> dict[str, str]:
    with database.connect() as connection:
        return {view.name: digest(connection, view.name) for view in views}


def head(database: Any) -> int:
    return int(database.ask("SELECT max(position) FROM ledger.entries")[0][0])


def ask(database: Any, statement: str, view: str) -> list[Any]:
    with database.connect() as connection:
        query = sql.SQL(statement).format(sql.Identifier(view), sql.Identifier(f"{view}_history"))  # type: ignore[arg-type]
        return connection.execute(query).fetchall()


def until(what: Any, seconds: float = 15) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.005)


@contextmanager
def running(shelf_: Shelf) -> Iterator[None]:
    stop, ready = threading.Event(), threading.Event()
    thread = threading.Thread(target=shelf_.run, args=(stop, ready.set))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(10)
        assert not thread.is_alive()


def positions(database: Any) -> dict[str, int]:
    return dict(
        database.ask(
            "SELECT application_name, notification_id FROM shelf.positions WHERE application_name <> '__migration__'"
        )
    )


class Broken(Exception):
    pass


def breaking(when: list[bool], kind: type[Fact] = PersonAppointmentEnded) -> tuple[View, ...]:
    """The views, but `office_people` cannot take such a fact while `when[0]`."""
    view = office.VIEWS[1]

    def evolve(row: Any, entry: Entry[Any]) -> Any:
        if when[0] and isinstance(entry.fact, kind):
            raise Broken
        return view.evolve(row, entry)

    return (VIEWS[0], replace(view, evolve=evolve), *VIEWS[2:])
