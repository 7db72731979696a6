"""Where a duty stands, and how pressing it is, on the day of asking (Art. 4(4), 11(6), 16, 17)."""

from datetime import date, timedelta
from importlib.resources import files

import pytest

from domain.rulebook.calendars import parse_calendar
from domain.rulebook.editions import parse_edition
from domain.rulebook.obligations import Obligation, owed, state_of, urgency_of

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
