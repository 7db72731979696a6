"""A due date moved by a later calendar: from which day to which, counted anew, and why (Art. 11(6), 16, 17, 19, 28).

What was counted when a duty arose stays in the fact that raised it; a move stands beside it, in a stream of its own
for each due date, so that every matter's own stream stays its own (ADR 30).
"""

from dataclasses import dataclass, replace
from datetime import date
from typing import ClassVar, Literal, assert_never

from domain.kernel import Aggregate, AnyId, BodyId, CalendarVersion, Code, EditionId, Fact, Label, RoundId, derived_id
from domain.rulebook.calendars import Calendar
from domain.rulebook.counting import ChangedDay, Count, changed_days, count


class DueDateMoved(Fact):
    """An open due date was counted anew under a later calendar, and is another day now. Articles 11(6), 16, 17, 19, 28.

    `matter` and `name` say which; `was_on` and `was_calendar` what stood until now; `count` how it is counted from here
    on, by which `edition`; `because` which days the later calendar changed, and by which notice. Who may know of the
    duty may know of its move, and nobody else: `owed_by`, `withheld_from` and `labelled_as` are the duty's own.
    """

    label: ClassVar[Label] = Label.PROCEDURE
    kind: Literal["due-date.moved.v1"] = "due-date.moved.v1"
    matter: AnyId
    name: Code
    round: RoundId
    unit: BodyId | None = None
    owed_by: AnyId | None = None
    withheld_from: tuple[AnyId, ...]
    labelled_as: Label
    edition: EditionId
    was_on: date
    was_calendar: CalendarVersion
    count: Count
    because: tuple[ChangedDay, ...] = ()

    def labelled(self) -> Label:
        return self.labelled_as


DueDateFact = DueDateMoved


@dataclass(frozen=True)
class DueDate:
    """Every move of one due date."""

    moves: tuple[DueDateMoved, ...] = ()

    def after(self, counted: Count) -> Count:
        """Where a count stands: where the moves that set out from it took it.

        A duty that was counted anew since, from a corrected day or another receipt, leaves earlier moves behind.
        """
        for move in self.moves:
            if (move.was_on, move.was_calendar) == (counted.due, counted.calendar_version):
                counted = move.count if move.count.trigger == counted.trigger else counted
        return counted


def due_date_of(matter: str, name: str) -> str:
    """The stream of the moves of one due date."""
    return derived_id("due-date", matter, name)


def move(
    counted: Count,
    *,
    matter: str,
    name: str,
    round_: str,
    unit: str | None,
    owed_by: str | None,
    withheld_from: tuple[str, ...],
    labelled_as: Label,
    edition: str,
    before: Calendar | None,
    after: Calendar,
    roll_months_to_working_day: bool,
) -> list[DueDateFact]:
    """What a later calendar makes of an open due date: nothing where the day stays the same.

    `counted`: as it stands; `before`: the calendar it was counted under, as far as it can still be read.
    """
    again = count(counted.period, counted.trigger, after, roll_months_to_working_day=roll_months_to_working_day)
    if again.due == counted.due:
        return []
    return [
        DueDateMoved(
            matter=matter,
            name=name,
            round=round_,
            unit=unit,
            owed_by=owed_by,
            withheld_from=withheld_from,
            labelled_as=labelled_as,
            edition=edition,
            was_on=counted.due,
            was_calendar=counted.calendar_version,
            count=again,
            because=changed_days(before, after, counted, again) if before else (),
        )
    ]


def evolve(state: DueDate | None, fact: DueDateFact) -> DueDate:
    state = state or DueDate()
    match fact:
        case DueDateMoved():
            return replace(state, moves=(*state.moves, fact))
        case _:
            assert_never(fact)


DUE_DATES: Aggregate[DueDate] = Aggregate("due-date", evolve)
