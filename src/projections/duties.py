"""Who owes what to whom by when, in one list: every fact that raises a duty, meets it or lifts it (Art. 11(6), 16, 17,
19, 28).

A duty stands here because a fact carries its obligation, counted when it arose; open, soon, today and late are computed
when it is asked.
"""

from collections.abc import Callable
from datetime import date
from typing import Any, Literal

from domain.due_dates import DueDateMoved
from domain.duties import Raised, key_of, lifted_by, met_by, raised_by
from domain.kernel import Entry
from projections.rows import Due, Row, met, moved, step_of
from projections.shelf import View


def moved_key(entry: Entry[Any]) -> tuple[str, ...]:
    """The duty whose day an entry moves."""
    fact = entry.fact
    return (key_of(fact.matter, fact.name),) if isinstance(fact, DueDateMoved) else ()


def duty_keys(entry: Entry[Any]) -> tuple[str, ...]:
    """The duties an entry raises, meets, lifts or moves."""
    raised, fulfilled = (r.key for r in raised_by(entry)), (m.key for m in met_by(entry))
    return (*raised, *fulfilled, *lifted_by(entry), *moved_key(entry))


class DutyRow(Row):
    """What is owed, by whom, by when and why that day; and whether it was met. Articles 11(6), 16, 17, 19, 28.

    `status` is owed or met; `due.state` and `due.urgency` say where it stands on the day of asking. The list is in
    the order of the days they are due now. **Source** every fact that raises, meets, lifts or moves a duty
    (`domain/duties.py`).
    """

    matter: str
    round: str
    unit: str | None
    owed_by: str
    name: str
    deadline: str
    due_on: date
    due: Due
    status: Literal["owed", "met"]


def duties_for(readers: Callable[[Raised], tuple[str, ...]]) -> Callable[..., DutyRow | None]:
    """The duties as rows; `readers` says who reads one, and none means that it is not written there at all."""

    def duties(row: DutyRow | None, entry: Entry[Any], key: str) -> DutyRow | None:
        if key in lifted_by(entry):
            return None
        for raised in raised_by(entry):
            if raised.key == key and row is not None:
                # A receipt from before the service was recorded: counted again, and met where it was.
                due = Due(obligation=raised.obligation, met_on=row.due.met_on)
                return row.then(entry, order=_order(key, due), due_on=due.due_on, due=due)
            if raised.key == key and (who := readers(raised)):
                due = Due(obligation=raised.obligation)
                return DutyRow(
                    id=key,
                    readers=who,
                    withheld_from=raised.withheld_from,
                    order=_order(key, due),
                    steps=(step_of(entry),),
                    matter=raised.matter,
                    round=raised.round,
                    unit=raised.unit,
                    owed_by=raised.owed_by,
                    name=raised.name,
                    deadline=raised.obligation.deadline,
                    due_on=due.due_on,
                    due=due,
                    status="owed",
                )
        if isinstance(entry.fact, DueDateMoved) and row is not None and row.status == "owed":
            due = moved(row.due, entry) or row.due
            return row.then(entry, order=_order(key, due), due_on=due.due_on, due=due)
        for fulfilled in met_by(entry):
            # What was met stays met on the day it first was, whatever is handed in again later.
            if fulfilled.key == key and row is not None and row.status == "owed":
                return row.then(entry, due=met(row.due, fulfilled.on), status="met")
        return row

    return duties


def _order(key: str, due: Due) -> str:
    return f"{due.due_on.isoformat()}/{key}"


def duties_view(name: str, readers: Callable[[Raised], tuple[str, ...]]) -> View:
    """The duties of one audience."""
    filters = ("round", "unit", "owed_by", "name", "status")
    return View(name, DutyRow, duty_keys, duties_for(readers), filters, version=3, many=True)
