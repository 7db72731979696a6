"""What every row has, and the pieces rows are made of: one step of a matter, a due date."""

from datetime import date, datetime
from typing import Any, ClassVar, Literal, Self

from domain.due_dates import DueDateMoved
from domain.kernel import Entry, Happened, Sealed, Value, day_of
from domain.rulebook.counting import ChangedDay, Count
from domain.rulebook.obligations import Obligation


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
    """A day that was moved: from which day to which, on which day that was put on record, and by what.

    By a later calendar: how it is counted from then on, and which days that calendar changed.
    """

    from_on: date
    to_on: date
    moved_on: date
    by: Literal["calendar"]
    from_calendar: str | None = None
    count: Count | None = None
    because: tuple[ChangedDay, ...] = ()


class Due(Value):
    """A duty and the day it was met, if it was. Open, late or overdue is computed when it is asked.

    `obligation` stays as it was counted when it arose; `moves` are what moved its day since, in their order.
    """

    obligation: Obligation
    moves: tuple[Move, ...] = ()
    met_on: date | None = None

    @property
    def due_on(self) -> date:
        """The day it is due now."""
        return self.moves[-1].to_on if self.moves else self.obligation.count.due

    @property
    def count(self) -> Count:
        """How that day is counted."""
        return next((move.count for move in reversed(self.moves) if move.count), self.obligation.count)


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
