"""Rectifications: opened with the feedback, two reports within the month, returned and submitted again."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from domain.kernel import CorrectDay, DayOf, Manner, Paper, Refused, Secret, derived_id
from domain.rectifications import (
    OpenedItem,
    Rectification,
    RectificationDayCorrected,
    RectificationOpened,
    RectificationReportReturned,
    RectificationReportSubmitted,
    Report,
    ReturnReport,
    Submissions,
    SubmitHeadsReport,
    SubmitRectificationReport,
    correct,
    evolve,
    open_rectification,
    return_report,
    submit_report,
)
from domain.rulebook import calendars
from domain.rulebook.calendars import parse_calendar
from domain.rulebook.editions import parse_edition
from domain.rulebook.obligations import owed, recounted, state_of

DATA = Path(calendars.__file__).parent / "data"
YIWU = parse_edition((DATA / "yiwu-2015.toml").read_text("utf-8"), "yiwu-2015.toml")
CALENDAR = parse_calendar((DATA / "calendar-cn.toml").read_text("utf-8"), "calendar-cn.toml")

INSPECTION, ROUND, UNIT = derived_id("inspection", "1"), derived_id("round", "1"), derived_id("body", "unit")
ITEM, CLERK, OTHER = derived_id("item", "1"), derived_id("person", "clerk"), derived_id("person", "other")
ON = date(2016, 1, 31)
DAY = timedelta(days=1)
TEXT = Secret("文字")
PAPER, SAID = Paper(reference=TEXT), UUID(int=1)
MATTER = {"inspection": INSPECTION, "round": ROUND, "unit": UNIT}

OPENED = Rectification(ROUND, UNIT, (ITEM,), ON)
SUBMITTED = replace(OPENED, report=Submissions(1, ON, ON))
RETURNED = replace(OPENED, report=Submissions(1, ON, ON, ON + DAY))


def opened(state: Rectification | None = None) -> list[Any]:
    due = owed(YIWU, CALENDAR, "rectification_report", ON)
    return open_rectification(
        state,
        INSPECTION,
        round_=ROUND,
        unit=UNIT,
        items=(OpenedItem(item=ITEM, category="integrity_discipline", text=TEXT, opinion=TEXT),),
        received_on=ON,
        report=due,
        heads_report=due,
    )


def submitted(
    state: Rectification = OPENED,
    on: date = ON,
    recipients: tuple[str, ...] = (CLERK,),
    heads: bool = False,
    how: Manner = Manner.BY_POST,
) -> list[Any]:
    kind = SubmitHeadsReport if heads else SubmitRectificationReport
    command = kind(inspection=INSPECTION, report=TEXT, recipients=recipients, how=how, submitted_on=on)
    return submit_report(state, command, of_the_office=(CLERK,))


def returned(state: Rectification = SUBMITTED, on: date = ON, which: Report = Report.RECTIFICATION) -> list[Any]:
    return return_report(state, ReturnReport(inspection=INSPECTION, which=which, reason=TEXT, returned_on=on))


def refusal(ask: Callable[[], object]) -> tuple[str, str, str | None]:
    with pytest.raises(Refused) as no:
        ask()
    return no.value.rule.name, no.value.rule.article, no.value.path


def test_it_is_opened_once_with_its_items_and_what_is_owed() -> None:
    """Article 19: a month after 31 January 2016 is 29 February, clamped; the same day for both reports."""
    (fact,) = opened()
    assert isinstance(fact, RectificationOpened)
    assert evolve(None, fact) == replace(OPENED, report_owed=fact.report, heads_owed=fact.heads_report)
    assert [each and each.count.due for each in (fact.report, fact.heads_report)] == [date(2016, 2, 29)] * 2
    assert opened(OPENED) == []
    for due in (fact.report, fact.heads_report):
        assert due is not None
        assert (due.article, due.count.due) == ("19", date(2016, 2, 29))
        days = [date(2016, 2, 28), date(2016, 2, 29), date(2016, 3, 1)]
        assert [state_of(due.count.due, None, day) for day in days] == ["open", "open", "overdue"]
        assert [state_of(due.count.due, day, date(2017, 1, 1)) for day in days] == ["met", "met", "met_late"]


def test_each_report_is_submitted_for_itself() -> None:
    """Article 19: one on rectification, one of the head's."""
    (fact,) = submitted()
    assert fact == RectificationReportSubmitted(
        **MATTER,
        which=Report.RECTIFICATION,
        submission=1,
        report=TEXT,
        recipients=(CLERK,),
        how=Manner.BY_POST,
        submitted_on=ON,
    )
    state = evolve(OPENED, fact)
    assert state == SUBMITTED
    (fact,) = submitted(state, ON + DAY, heads=True)
    state = evolve(state, fact)
    assert (state.report, state.heads) == (Submissions(1, ON, ON), Submissions(1, ON + DAY, ON + DAY))
    assert state.of(Report.HEADS).in_hand_since == ON + DAY


def test_a_report_returned_is_submitted_again_and_the_first_day_stays() -> None:
    """Article 19: the month was met by the first submission."""
    (fact,) = returned(on=ON + DAY)
    assert fact == RectificationReportReturned(
        **MATTER, which=Report.RECTIFICATION, submission=1, reason=TEXT, returned_on=ON + DAY
    )
    state = evolve(SUBMITTED, fact)
    assert state == RETURNED
    assert not state.report.in_hand
    (fact,) = submitted(state, ON + 2 * DAY)
    assert fact.submission == 2
    assert evolve(state, fact).report == Submissions(2, ON, ON + 2 * DAY)
    assert evolve(state, fact).report.in_hand


@pytest.mark.parametrize("days", [0, 1])
def test_each_step_comes_on_the_same_day_or_later(days: int) -> None:
    """Articles 19, 20: the day before is refused below."""
    assert submitted(on=ON + days * DAY)
    assert returned(on=ON + days * DAY)
    assert submitted(RETURNED, ON + DAY + days * DAY)


@pytest.mark.parametrize(
    ("ask", "expected"),
    [
        (lambda: submitted(SUBMITTED), ("report_submitted_once_or_after_return", "19", None)),
        (lambda: submitted(recipients=()), ("delivered_to_the_office", "19, 28", "recipients")),
        (lambda: submitted(recipients=(OTHER,)), ("delivered_to_the_office", "19, 28", "recipients")),
        (lambda: submitted(recipients=(CLERK, OTHER)), ("delivered_to_the_office", "19, 28", "recipients")),
        (lambda: submitted(recipients=(CLERK, CLERK)), ("delivered_to_the_office", "19, 28", "recipients")),
        (lambda: submitted(how=Manner.ORAL), ("reports_and_files_in_writing", "19, 28", "how")),
        (lambda: submitted(on=ON - DAY), ("report_not_before_feedback", "19", "submitted_on")),
        (lambda: submitted(RETURNED, ON), ("resubmission_not_before_return", "19", "submitted_on")),
        (lambda: returned(OPENED), ("report_in_hand_before_return", "20", "which")),
        (lambda: returned(RETURNED), ("report_in_hand_before_return", "20", "which")),
        (lambda: returned(which=Report.HEADS), ("report_in_hand_before_return", "20", "which")),
        (lambda: returned(on=ON - DAY), ("return_not_before_submission", "20", "returned_on")),
    ],
)
def test_what_the_regulation_does_not_allow_is_refused(
    ask: Callable[[], object], expected: tuple[str, str, str | None]
) -> None:
    """Articles 19, 20."""
    assert refusal(ask) == expected


def test_nothing_extends_the_month() -> None:
    """Article 19: of the two reports no later day can be asked for; there is no such command."""
    from domain import items, rectifications
    from domain.kernel import Command

    commands = [c for m in (items, rectifications) for c in vars(m).values() if isinstance(c, type)]
    fields = {c.__name__: set(c.model_fields) for c in commands if issubclass(c, Command) and c is not Command}
    assert {name for name in fields if "Extension" in name} == {"AskItemExtension", "DecideItemExtension"}
    assert all("item" in fields[name] for name in fields if "Extension" in name)


# --- a wrong day put right -----------------------------------------------------------------------------------------


def test_both_reports_are_owed_anew_by_the_corrected_receipt() -> None:
    """Articles 19, 28 (c): old due day and new of each, in one fact; where none was owed, none is."""
    state = evolve(None, opened()[0])
    command = CorrectDay(
        matter=INSPECTION,
        day_of=DayOf.FEEDBACK_RECEIVED,
        day=ON + DAY,
        reason=TEXT,
        paper=PAPER,
        corrected_on=ON + 30 * DAY,
    )
    assert state.report_owed is not None
    stands = state.report_owed
    anew, heads = (recounted(stands, stands.count.due + n * DAY, ON + DAY, CALENDAR, YIWU) for n in (0, 1))
    assert anew.obligation == owed(YIWU, CALENDAR, "rectification_report", ON + DAY)
    (fact,) = correct(state, command, entry=SAID, report=anew, heads_report=heads)
    assert isinstance(fact, RectificationDayCorrected)
    assert (fact.report, fact.heads_report) == (anew, heads)
    after = evolve(state, fact)
    assert (after.received_on, after.report_owed, after.heads_owed) == (ON + DAY, anew.obligation, heads.obligation)
    (bare,) = correct(OPENED, command, entry=SAID, report=anew, heads_report=heads)
    assert isinstance(bare, RectificationDayCorrected)
    assert (bare.report, bare.heads_report) == (None, None)
