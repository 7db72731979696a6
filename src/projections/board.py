"""The office's board: every inspection of every round in one line, with what is owed and how far it has come (Art. 4).

One page of it is one question to the database, however many units and problems a round has.
"""

from datetime import date
from typing import Any, ClassVar

from domain.duties import raised_by
from domain.inspections import (
    InspectionAssigned,
    InspectionDayCorrected,
    InspectionEnded,
    NoticeReceived,
    NoticeServed,
    UnitEntered,
)
from domain.items import ItemChecked, ItemUpdated, Progress
from domain.kernel import DayOf, Entry, Value
from domain.rectifications import RectificationDayCorrected, RectificationOpened
from projections.duties import due_after, duty_keys, of_the_office
from projections.rectifications import CompletionItem, ItemStateItem, completion_of
from projections.rows import Due, Row


class BoardDutyItem(Value):
    """A duty about the unit: what, who owes it, by when. Articles 11(6), 16, 17, 19.

    An item of the rectification is one, once its measures set a day.
    """

    key: str
    name: str
    owed_by: str
    due: Due


class BoardRow(Row):
    """One inspection on the board. Articles 4(2), 4(4).

    `completion` is there once the unit has received its feedback. A duty that is withheld from anybody is not here.
    **Source** `inspection.*`, `rectification.*`, `item.*` and every fact that raises or meets a duty.
    """

    hidden: ClassVar[frozenset[str]] = Row.hidden | {"states", "steps"}

    round: str
    unit: str
    team: str
    inspection: str
    status: str
    notice_on: date | None = None
    entered_on: date | None = None
    ended_on: date | None = None
    feedback_on: date | None = None
    completion: CompletionItem | None = None
    duties: tuple[BoardDutyItem, ...] = ()
    states: tuple[ItemStateItem, ...] = ()


def board_key(entry: Entry[Any]) -> str | None:
    """The line of the round and the unit a fact is about."""
    fact = entry.fact
    ours = isinstance(
        fact,
        InspectionAssigned | NoticeServed | NoticeReceived | UnitEntered | InspectionEnded | RectificationOpened,
    )
    ours = ours or isinstance(fact, InspectionDayCorrected | RectificationDayCorrected)
    if not ours and not isinstance(fact, ItemUpdated | ItemChecked) and not duty_keys(entry):
        return None
    unit = getattr(fact, "unit", None)
    return f"{fact.round}/{unit}" if unit else None


def board(row: BoardRow | None, entry: Entry[Any]) -> BoardRow | None:
    fact = entry.fact
    if isinstance(fact, InspectionAssigned):
        return BoardRow(
            id=f"{fact.round}/{fact.unit}",
            readers=("office",),
            order=f"{fact.round}/{fact.team}/{fact.inspection}",
            round=fact.round,
            unit=fact.unit,
            team=fact.team,
            inspection=fact.inspection,
            status="assigned",
        )
    if row is None:
        return None
    return row.model_copy(update={**_progress(row, fact), "duties": _duties(row, entry)})


def _progress(row: BoardRow, fact: Any) -> dict[str, Any]:
    match fact:
        case NoticeServed():
            return {"status": "notice_served", "notice_on": fact.served_on}
        case NoticeReceived():
            return {"status": "notice_received"} if row.entered_on is None else {}
        case UnitEntered():
            return {"status": "entered", "entered_on": fact.entered_on}
        case InspectionEnded():
            return {"status": "ended", "ended_on": fact.ended_on}
        case RectificationOpened():
            states = tuple(ItemStateItem(id=i.item, state=Progress.OPEN, accepted=False) for i in fact.items)
            return {"status": "rectification", "feedback_on": fact.received_on, **_counted(states)}
        case InspectionDayCorrected() if fact.corrected.day_of in _DAYS:
            return {_DAYS[fact.corrected.day_of]: fact.corrected.day}
        case RectificationDayCorrected():
            return {"feedback_on": fact.corrected.day}
        case ItemUpdated():
            return _counted(_moved(row, fact.item, fact.state.value, False))
        case ItemChecked():
            return _counted(_moved(row, fact.item, None if fact.accepted else "in_progress", bool(fact.accepted)))
    return {}


_DAYS = {DayOf.NOTICE_SERVED: "notice_on", DayOf.ENTERED: "entered_on", DayOf.ENDED: "ended_on"}
"""The days of a line that can be corrected."""


def _moved(row: BoardRow, item: str, state: str | None, accepted: bool) -> tuple[ItemStateItem, ...]:
    return tuple(
        s.model_copy(update={"state": state or s.state, "accepted": accepted}) if s.id == item else s
        for s in row.states
    )


def _counted(states: tuple[ItemStateItem, ...]) -> dict[str, Any]:
    return {"states": states, "completion": completion_of([(s.state, s.accepted) for s in states])}


def _duties(row: BoardRow, entry: Entry[Any]) -> tuple[BoardDutyItem, ...]:
    """The duties after an entry. What is withheld from anybody, or none of the office's, is not raised here."""
    duties = {duty.key: duty for duty in row.duties}
    raised = {r.key: r for r in raised_by(entry) if of_the_office(r) and not r.withheld_from}
    for key in duty_keys(entry):
        before = duties.get(key)
        if before is None and key not in raised:
            continue
        due = due_after(before.due if before else None, entry, key)
        if due is None:
            duties.pop(key, None)
        elif before is not None:
            duties[key] = before.model_copy(update={"due": due})
        else:
            new = raised[key]
            duties[key] = BoardDutyItem(key=key, name=new.name, owed_by=new.owed_by, due=due)
    return tuple(duties.values())
