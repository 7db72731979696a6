"""What every row has, and the pieces rows are made of: one step of a matter, a due date."""

from datetime import date, datetime
from typing import Any, ClassVar, Self

from domain.kernel import Content, CorrectedDay, Entry, Happened, Sealed, Value
from domain.rulebook.obligations import Obligation, Recounted


class Step(Value):
    """One thing that happened in a matter: who did it, who recorded it, when, and under which power.

    **Source** the stamp of the entry. `reference` is the paper's, where it was entered from paper.
    """

    id: str
    kind: str
    doer: str
    recorder: str
    capacity: str
    grounds: str | None
    power: str | None
    happened: Happened
    recorded_at: datetime
    from_paper: bool
    reference: Sealed | None


def step_of(entry: Entry[Any]) -> Step:
    """An entry as a step. Its id is a name, not a position: it tells nothing of how many others there are."""
    stamp = entry.stamp
    reference = stamp.paper.reference if stamp.paper else None
    return Step(
        id=str(entry.key),
        kind=entry.fact.kind,
        doer=stamp.doer,
        recorder=stamp.recorder,
        capacity=stamp.capacity,
        grounds=stamp.grounds,
        power=stamp.power,
        happened=stamp.happened,
        recorded_at=entry.recorded_at,
        from_paper=stamp.paper is not None,
        reference=reference if isinstance(reference, Sealed) else None,
    )


class Row(Value):
    """A line of a list. `readers` and `withheld_from` are identities: the API matches them and shows neither.

    `order` sorts the list; it may hold what the row itself shows, never a position.
    """

    hidden: ClassVar[frozenset[str]] = frozenset({"readers", "withheld_from", "order"})

    id: str
    readers: tuple[str, ...]
    withheld_from: tuple[str, ...] = ()
    order: str
    steps: tuple[Step, ...] = ()

    def then(self, entry: Entry[Any], **changes: Any) -> Self:
        """This row after an entry: the step added, fields changed."""
        return self.model_copy(update={**changes, "steps": (*self.steps, step_of(entry))})


class Due(Value):
    """A duty and the day it was met, if it was. Open, late or overdue is computed when it is asked."""

    obligation: Obligation
    met_on: date | None = None


def met(due: Due | None, on: date) -> Due | None:
    """A duty once it was met."""
    return due.model_copy(update={"met_on": on}) if due else None


class CorrectionItem(Value):
    """A day of the row that was recorded wrongly: what stood before and stands now, why, by which paper, and by whom.

    `due_before` and `due` are what was, and is, owed by it, where something is. Article 28 (c).
    """

    day_of: str
    before: date
    day: date
    reason: Content
    paper: Content
    corrected_by: str
    corrected_on: date
    due_before: date | None
    due: date | None


class Correctable(Row):
    """A row with days that can be corrected; what stood before stays with it. Article 28 (c)."""

    corrections: tuple[CorrectionItem, ...] = ()

    def corrected(self, entry: Entry[Any], recounted: Recounted | None = None, **changes: Any) -> Self:
        """This row after a correction: its day, what is due by it, and what stood before."""
        found: CorrectedDay = entry.fact.corrected
        item = CorrectionItem(
            day_of=found.day_of,
            before=found.before,
            day=found.day,
            reason=found.reason,
            paper=found.paper,
            corrected_by=entry.stamp.doer,
            corrected_on=found.corrected_on,
            due_before=recounted.due_before if recounted else None,
            due=recounted.obligation.count.due if recounted else None,
        )
        return self.then(entry, corrections=(*self.corrections, item), **changes)


def anew(due: Due | None, recounted: Recounted | None) -> Due | None:
    """A duty counted anew, if it was; met where it was met."""
    if recounted is None:
        return due
    return Due(obligation=recounted.obligation, met_on=due.met_on if due else None)
