"""Who owes what to whom by when, and why that day (promises.md §2)."""

from datetime import date
from typing import Literal

from domain.kernel import ArticleRef, Code, EditionId, Value
from domain.rulebook.calendars import Calendar
from domain.rulebook.counting import Count, count
from domain.rulebook.editions import Edition

State = Literal["open", "met", "met_late", "overdue"]
HopeState = Literal["hoped_for", "passed", "done"]
Urgency = Literal["done", "late", "today", "soon", "later"]


class Obligation(Value):
    """A duty with its due day as counted when it arose: article, support, and every day of the count.

    **Units** as `count.period` says. A later calendar moves it by a fact of its own, never by recounting.
    """

    deadline: Code
    edition: EditionId
    article: ArticleRef
    support: Literal["text", "interpretation", "convention"]
    trigger: Code
    owed_by: Code
    owed_to: Code
    count: Count


class SetDay(Value):
    """A day somebody set for what is owed, and the article it rests on: no period, and nothing to count.

    `set_by` is what set it: a request of the team (Art. 12(6)), or the unit's own measures (Art. 19).
    **Units** calendar days.
    """

    deadline: Code
    article: ArticleRef
    support: Literal["text", "interpretation", "convention"] = "convention"
    set_by: Literal["request", "measures"]
    set_on: date
    due_on: date
    owed_by: Code
    owed_to: Code


class Recounted(Value):
    """A duty counted anew because the day it rests on was corrected: when it was due before, and as it is owed now.

    Article 28 (c). Why, the correction says. `due_before` is the day that stood, be it one a calendar had moved it to;
    the period and its edition stay those the duty arose with.
    """

    due_before: date
    obligation: Obligation


def recounted(
    stands: Obligation,
    due_before: date,
    day: date,
    calendar: Calendar,
    edition: Edition,
    *,
    started_by: str | None = None,
) -> Recounted:
    """A duty counted anew from another day: the period stays as it was, the days off are those known now.

    `due_before`: the day it is due as it stands; `edition`: the one it was counted by; `started_by`: as in `owed`.
    """
    own = next((d.trigger for d in edition.deadlines if d.code == stands.deadline), stands.trigger)
    anew = count(
        stands.count.period,
        day,
        calendar,
        roll_months_to_working_day=edition.parameters.roll_months_to_working_day.value,
    )
    obligation = stands.model_copy(update={"trigger": started_by or own, "count": anew})
    return Recounted(due_before=due_before, obligation=obligation)


def owed(
    edition: Edition,
    calendar: Calendar,
    deadline: str,
    trigger: date,
    applies_to: str | None = None,
    *,
    started_by: str | None = None,
) -> Obligation | None:
    """What is owed from a trigger on, or None where the edition sets no period for that class.

    `started_by` names the trigger where another than the deadline's own started the count, so that it says which.
    """
    found = edition.deadline(deadline, applies_to)
    if found is None:
        return None
    return Obligation(
        deadline=found.code,
        edition=edition.id,
        article=found.article,
        support=found.support,
        trigger=started_by or found.trigger,
        owed_by=found.owed_by,
        owed_to=found.owed_to,
        count=count(
            found.period,
            trigger,
            calendar,
            roll_months_to_working_day=edition.parameters.roll_months_to_working_day.value,
        ),
    )


class Hope(Value):
    """The day by which what the text wants promptly (及时) is hoped for: guidance, no duty. Articles 14, 17, 18.

    Stored in facts for ever, as counted when it arose; nothing moves it, since nothing hangs on it.
    """

    guidance: Code
    edition: EditionId
    article: ArticleRef
    support: Literal["text", "interpretation", "convention"]
    count: Count


def hoped(
    edition: Edition, calendar: Calendar, guidance: str, trigger: date, applies_to: str | None = None
) -> Hope | None:
    """The day hoped for from a trigger on, or None where the edition gives no guidance."""
    found = edition.promptly(guidance, applies_to)
    if found is None:
        return None
    roll = edition.parameters.roll_months_to_working_day.value
    return Hope(
        guidance=found.code,
        edition=edition.id,
        article=found.article,
        support=found.support,
        count=count(found.period, trigger, calendar, roll_months_to_working_day=roll),
    )


def hope_state_of(hope: Hope, done_on: date | None, today: date) -> HopeState:
    """Where what is hoped for stands: done is done, whenever it was. Units: calendar days."""
    if done_on is not None:
        return "done"
    return "hoped_for" if today <= hope.count.due else "passed"


def state_of(due: date, met_on: date | None, today: date) -> State:
    """Where a duty stands today; met on the due day is met, the day after is late. Units: calendar days.

    `due` is the day as it stands: the one last moved to, where it was moved.
    """
    if met_on is not None:
        return "met" if met_on <= due else "met_late"
    return "open" if today <= due else "overdue"


def urgency_of(due: date, met_on: date | None, today: date, soon: date) -> Urgency:
    """How pressing a duty is today: `soon` is the last day of what the edition calls soon. Units: calendar days."""
    if met_on is not None:
        return "done"
    if due < today:
        return "late"
    if due == today:
        return "today"
    return "soon" if due <= soon else "later"
