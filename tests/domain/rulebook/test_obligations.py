"""Where a duty stands, and how pressing it is, on the day of asking (Art. 4(4), 11(6), 16, 17)."""

from datetime import date, timedelta
from importlib.resources import files

import pytest
from tests.arrangements import edition_with_guidance

from domain.rulebook.calendars import parse_calendar
from domain.rulebook.counting import explain
from domain.rulebook.editions import parse_edition
from domain.rulebook.obligations import Obligation, hope_state_of, hoped, owed, state_of, urgency_of

FOLDER = files("domain.rulebook") / "data"
EDITION = parse_edition((FOLDER / "yiwu-2015.toml").read_text("utf-8"), "yiwu-2015.toml")
CALENDAR = parse_calendar((FOLDER / "calendar-cn.toml").read_text("utf-8"), "calendar-cn.toml")
DUE, DAY = date(2015, 10, 13), timedelta(days=1)
"""Five working days after 2015-09-30, Saturday 10 October worked."""


@pytest.fixture
def report() -> Obligation:
    found = owed(EDITION, CALENDAR, "inspection_report", date(2015, 9, 30))
    assert found is not None
    assert found.count.due == DUE
    return found


@pytest.mark.parametrize(
    ("today", "state", "urgency"),
    [
        (DUE - 4 * DAY, "open", "later"),
        (DUE - 3 * DAY, "open", "soon"),
        (DUE - DAY, "open", "soon"),
        (DUE, "open", "today"),
        (DUE + DAY, "overdue", "late"),
    ],
)
def test_a_duty_presses_more_as_its_day_comes_near(report: Obligation, today: date, state: str, urgency: str) -> None:
    """Article 4(4) (c): soon ends with a day that is given; on the due day it is today, the day after late."""
    soon = today + 3 * DAY
    assert (state_of(report.count.due, None, today), urgency_of(report.count.due, None, today, soon)) == (
        state,
        urgency,
    )


@pytest.mark.parametrize(("met_on", "state"), [(DUE - DAY, "met"), (DUE, "met"), (DUE + DAY, "met_late")])
def test_a_duty_that_was_met_presses_no_more(report: Obligation, met_on: date, state: str) -> None:
    """promises.md §2: met on the due day is met, the day after is late, and both are done."""
    today = DUE + 30 * DAY
    assert (state_of(report.count.due, met_on, today), urgency_of(report.count.due, met_on, today, today)) == (
        state,
        "done",
    )


@pytest.mark.parametrize(
    ("today", "done_on", "state"),
    [
        (date(2015, 9, 30), None, "hoped_for"),  # the day before
        (date(2015, 10, 1), None, "hoped_for"),  # on the day
        (date(2015, 10, 2), None, "passed"),  # the day after
        (date(2015, 10, 2), date(2015, 10, 1), "done"),
        (date(2016, 1, 1), date(2015, 12, 31), "done"),  # long after it passed: done, and no more is said
    ],
)
def test_what_is_hoped_for_is_done_or_passed_and_never_late(today: date, done_on: date | None, state: str) -> None:
    """Art. 14, 17, 18: guidance is never a breach. Units: calendar days."""
    hope = hoped(edition_with_guidance(), CALENDAR, "handling_proposed", date(2015, 9, 21), "discipline")
    assert hope is not None
    assert (hope.count.due, hope.edition, hope.article, hope.support) == (
        date(2015, 10, 1),
        "guided-2015",
        "17",
        "convention",
    )
    assert hope_state_of(hope, done_on, today) == state


def test_a_hint_explains_itself_as_a_hint() -> None:
    """Art. 14: no due date, and no word of being in time."""
    hope = hoped(edition_with_guidance(), CALENDAR, "clue_to_office", date(2015, 9, 30))
    assert hope is not None
    zh = "".join(explain(hope.count, language="zh", hint=True))
    en = "".join(explain(hope.count, language="en", hint=True))
    assert "提示期限为3个工作日。" in zh
    assert "提示日为2015年10月10日（周六）；只作提示，不是期限，超过不算违反。" in zh
    assert "It is hoped for by Sat 2015-10-10: a hint, no due date, and no breach where it passes." in en
    month = hoped(edition_with_guidance(), CALENDAR, "feedback_given", date(2015, 9, 3))
    assert month is not None
    assert month.count.rolled_from == date(2015, 10, 3)
    zh += "".join(explain(month.count, language="zh", hint=True))
    en += "".join(explain(month.count, language="en", hint=True))
    assert "不作提示日" in zh
    assert not [word for word in ("届满", "按期", "逾期") if word in zh]
    assert not [word for word in ("due on", "due day", "met if") if word in en]
