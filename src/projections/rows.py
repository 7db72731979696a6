"""What every row has, and the pieces rows are made of: one step of a matter, a due date."""

from datetime import date, datetime
from typing import Any, ClassVar, Literal, Self

from domain.due_dates import DueDateMoved
from domain.kernel import Content, CorrectedDay, Entry, Happened, Paper, Sealed, Value, day_of
from domain.rulebook.counting import ChangedDay, Count
from domain.rulebook.obligations import Hope, Obligation, Recounted, SetDay


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


class Move(Value):
    """A day that was moved: from which day to which, on which day, and by what.

    By a later calendar, or the correction of the day it is counted from: how it is counted from then on; which days
    that calendar changed, or what happened on the corrected day. A day that people set: by an extension, or by measures
    planned anew.
    """

    from_on: date
    to_on: date
    moved_on: date
    by: Literal["calendar", "correction", "extension", "measures"]
    from_calendar: str | None = None
    count: Count | None = None
    because: tuple[ChangedDay, ...] = ()
    trigger: str | None = None


class Due(Value):
    """A duty and the day it was met, if it was. Open, late or overdue is computed when it is asked.

    It has an `obligation`, which stays as it was counted when it arose, or a `day` that somebody set; `moves` are what
    moved that day since, in their order.
    """

    obligation: Obligation | None = None
    day: SetDay | None = None
    moves: tuple[Move, ...] = ()
    met_on: date | None = None

    @property
    def due_on(self) -> date:
        """The day it is due now."""
        return self.moves[-1].to_on if self.moves else self.first_on

    @property
    def first_on(self) -> date:
        """The day it was due when it arose."""
        return owed.due_on if isinstance(owed := self.owed, SetDay) else owed.count.due

    @property
    def owed(self) -> Obligation | SetDay:
        """What is owed: by a period counted, or by a day set."""
        found = self.obligation or self.day
        assert found is not None  # noqa: S101  made with one of the two
        return found

    @property
    def count(self) -> Count | None:
        """How that day is counted, where it is."""
        counted = self.obligation.count if self.obligation else None
        return next((move.count for move in reversed(self.moves) if move.count), counted)

    @property
    def trigger(self) -> str | None:
        """What happened on the day it is counted from, where it is."""
        first = self.obligation.trigger if self.obligation else None
        return next((move.trigger for move in reversed(self.moves) if move.trigger), first)


class Hoped(Value):
    """What is hoped to be done promptly, and the day it was. Hoped for or passed is computed when it is asked."""

    hope: Hope
    done_on: date | None = None


def due_by(owed: Obligation | SetDay) -> Due:
    """What is owed, as it arises."""
    return Due(obligation=owed) if isinstance(owed, Obligation) else Due(day=owed)


def set_to(due: Due, to_on: date, on: date, by: Literal["extension", "measures"]) -> Due:
    """A duty after people set its day to another; the day before stays in its moves."""
    if to_on == due.due_on:
        return due
    move = Move(from_on=due.due_on, to_on=to_on, moved_on=on, by=by)
    return due.model_copy(update={"moves": (*due.moves, move)})


def met(due: Due | None, on: date) -> Due | None:
    """A duty once it was met."""
    return due.model_copy(update={"met_on": on}) if due else None


def moved(due: Due | None, entry: Entry[Any]) -> Due | None:
    """A duty after a later calendar moved its day. What was met stays as it was."""
    if due is None or due.met_on is not None:
        return due
    fact: DueDateMoved = entry.fact
    move = Move(
        from_on=fact.was_on,
        to_on=fact.count.due,
        moved_on=day_of(entry.recorded_at),
        by="calendar",
        from_calendar=fact.was_calendar,
        count=fact.count,
        because=fact.because,
    )
    return due.model_copy(update={"moves": (*due.moves, move)})


class CorrectionItem(Value):
    """A day of the row that was recorded wrongly: what stood before and stands now, why, by which paper, and by whom.

    `entry` is the id of the step that said the day; `due_before` and `due` are what was, and is, owed by it, where
    something is. Article 28 (c).
    """

    day_of: str
    entry: str
    before: date
    day: date
    reason: Content
    paper: Paper
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
            entry=str(found.entry),
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


def anew(due: Due | None, recounted: Recounted | None, corrected_on: date) -> Due | None:
    """A duty counted anew, if it was; met where it was met. What it was before, moves included, stays beside it, also
    where the other day comes to the same due day: it is counted from another one."""
    if recounted is None or due is None:
        return due or (Due(obligation=recounted.obligation) if recounted else None)
    move = Move(
        from_on=recounted.due_before,
        to_on=recounted.obligation.count.due,
        moved_on=corrected_on,
        by="correction",
        count=recounted.obligation.count,
        trigger=recounted.obligation.trigger,
    )
    return due.model_copy(update={"moves": (*due.moves, move)})
