"""Who owes what to whom by when, in one list: every fact that raises a duty, meets it or lifts it (Art. 11(6), 16, 17,
19, 28).

A duty stands here because a fact carries its obligation, counted when it arose, or a day that somebody set in it; open,
soon, today and late are computed when it is asked.
"""

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any, Literal, cast

from pydantic import Field

from domain.due_dates import DueDateMoved
from domain.duties import DOCUMENTS, DutyName, Raised, key_of, lifted_by, met_by, raised_by, reopened_by, reset_by
from domain.kernel import Entry
from domain.rulebook.obligations import SetDay
from projections.rows import Due, Row, anew, due_by, met, moved, set_to, step_of
from projections.shelf import View


def duty_keys(entry: Entry[Any]) -> tuple[str, ...]:
    """The duties an entry raises, meets, lifts, opens again, or whose day it moves."""
    fact = entry.fact
    found = [*(r.key for r in raised_by(entry)), *(m.key for m in met_by(entry)), *lifted_by(entry)]
    found += [*(r.key for r in reset_by(entry)), *reopened_by(entry)]
    if isinstance(fact, DueDateMoved):
        found.append(key_of(fact.matter, fact.name))
    return tuple(dict.fromkeys(found))


def due_after(due: Due | None, entry: Entry[Any], key: str) -> Due | None:
    """The duty of this key after an entry about it; None where there is none, or none any more."""
    if key in lifted_by(entry):
        return None
    for raised in raised_by(entry):
        if raised.key == key:
            return _raised(due, raised)
    if due is None:
        return None
    if isinstance(entry.fact, DueDateMoved):
        return moved(due, entry)
    for reset in reset_by(entry):
        if reset.key == key:
            return set_to(due, reset.to_on, reset.on, "extension")
    if key in reopened_by(entry):
        return due.model_copy(update={"met_on": None})
    for fulfilled in met_by(entry):
        # What was met stays met on the day it first was, whatever is handed in again later.
        if fulfilled.key == key and due.met_on is None:
            return met(due, fulfilled.on)
    return due


def _raised(due: Due | None, raised: Raised) -> Due | None:
    """A receipt from before the service was recorded: counted again, and met where it was. Measures planned anew, or a
    day corrected: the day is moved."""
    owed = raised.owed
    if due is None:
        return due_by(owed)
    if isinstance(owed, SetDay):
        return set_to(due, owed.due_on, owed.set_on, "measures")
    if raised.corrected is not None:
        return anew(due, *raised.corrected)
    return Due(obligation=owed, met_on=due.met_on)


class DutyRow(Row):
    """What is owed, by whom, by when and why that day; and whether it was met. Articles 11(6), 12(6), 16, 17, 19, 28.

    `status` is owed or met; `due.state` and `due.urgency` say where it stands on the day of asking. The list is in
    the order of the days they are due now. **Source** every fact that raises, meets, lifts or moves a duty
    (`domain/duties.py`).
    """

    matter: str
    round: str
    unit: str | None
    owed_by: str
    name: Annotated[
        DutyName,
        Field(
            description="所欠何事的代码，名称见 label；deadline 是 codes 的 deadlines 部分的代码，由人确定日期的没有 · "
            "the code of what is owed, in words in label; deadline is its code in the section deadlines of codes, "
            "which has none for a day that people set"
        ),
    ]
    deadline: str
    due_on: date
    due: Due
    status: Literal["owed", "met"]


def duties_for(readers: Callable[[Raised], tuple[str, ...]]) -> Callable[..., DutyRow | None]:
    """The duties as rows; `readers` says who reads one, and none means that it is not written there at all."""

    def duties(row: DutyRow | None, entry: Entry[Any], key: str) -> DutyRow | None:
        raised = next((r for r in raised_by(entry) if r.key == key), None)
        if row is None:
            who = readers(raised) if raised else ()
            return _first(raised, entry, who) if raised and who else None
        due = due_after(row.due, entry, key)
        if due is None:
            return None
        if due == row.due and raised is None:
            return row
        status = "met" if due.met_on else "owed"
        return row.then(entry, order=_order(key, due), due_on=due.due_on, due=due, status=status)

    return duties


def _first(raised: Raised, entry: Entry[Any], readers: tuple[str, ...]) -> DutyRow:
    due = due_by(raised.owed)
    return DutyRow(
        id=raised.key,
        readers=readers,
        withheld_from=raised.withheld_from,
        order=_order(raised.key, due),
        steps=(step_of(entry),),
        matter=raised.matter,
        round=raised.round,
        unit=raised.unit,
        owed_by=raised.owed_by,
        name=cast("DutyName", raised.name),  # the row holds no other: it is checked as it is made
        deadline=raised.owed.deadline,
        due_on=due.due_on,
        due=due,
        status="owed",
    )


def _order(key: str, due: Due) -> str:
    return f"{due.due_on.isoformat()}/{key}"


def of_the_office(raised: Raised) -> tuple[str, ...]:
    """All but what a team called for on site: until it has the file, the office knows nothing of it (Art. 12)."""
    return ("office",) if raised.name != DOCUMENTS else ()


def duties_view(name: str, readers: Callable[[Raised], tuple[str, ...]], *, version: int = 6) -> View:
    """The duties of one audience."""
    filters = ("round", "unit", "owed_by", "name", "status")
    return View(name, DutyRow, duty_keys, duties_for(readers), filters, version=version, many=True)
