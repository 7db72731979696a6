"""Counting of periods: known answers, the day before, on and after, and a second, naive count beside it."""

import json
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from domain.rulebook import calendars
from domain.rulebook.calendars import Reason, parse_calendar
from domain.rulebook.counting import Count, Period, Unit, cite, count, due_instant, explain, met

SHARED = Path(__file__).parents[3].parent / "shared"
CHINA = parse_calendar(
    (Path(calendars.__file__).parent / "data" / "calendar-cn.toml").read_text(encoding="utf-8"),
    "calendar-cn.toml",
)
ONE = timedelta(days=1)


def counted(n: int, unit: Unit, trigger: date, *, roll: bool = True) -> Count:
    return count(Period(n=n, unit=unit), trigger, CHINA, roll_months_to_working_day=roll)


@pytest.mark.parametrize(
    ("trigger", "n", "due"),
    [
        (date(2015, 9, 30), 5, date(2015, 10, 13)),  # National Day, Saturday 10 October worked
        (
            date(2015, 9, 1),
            3,
            date(2015, 9, 7),
        ),  # 3 September, announced on 13 May; Sunday 6 September worked
        (date(2016, 2, 4), 5, date(2016, 2, 16)),  # Spring Festival, worked on 6 and 14 February
        (date(2015, 12, 30), 3, date(2016, 1, 5)),  # New Year
        (date(2020, 1, 22), 5, date(2020, 2, 6)),  # Spring Festival, extended in its midst
        (date(2024, 9, 12), 3, date(2024, 9, 18)),  # Mid-Autumn, Saturday 14 September worked
        (date(2025, 1, 24), 5, date(2025, 2, 7)),  # Spring Festival, Sunday 26 January worked
        (date(2023, 9, 28), 5, date(2023, 10, 11)),  # Mid-Autumn and National Day, 7 and 8 October worked
    ],
)
def test_working_days_across_holidays_have_known_answers(trigger: date, n: int, due: date) -> None:
    """Articles 11(6) and 16: five working days after 30 September 2015 is 13 October, not the 7th or 14th."""
    assert counted(n, "working_days", trigger).due == due


@pytest.mark.shared
def test_working_days_agree_with_the_shared_vectors() -> None:
    """Articles 11(6) and 16, the vectors as they stand."""
    vectors = json.loads((SHARED / "data" / "working_day_vectors.json").read_text(encoding="utf-8"))["vectors"]
    assert len(vectors) == 8
    for vector in vectors:
        due = counted(vector["working_days"], "working_days", date.fromisoformat(vector["start"])).due
        assert due == date.fromisoformat(vector["correct_cn_calendar"]), vector["why"]


@pytest.mark.parametrize(
    ("trigger", "first", "due"),
    [
        (date(2015, 9, 29), date(2015, 9, 30), date(2015, 10, 12)),
        (date(2015, 9, 30), date(2015, 10, 8), date(2015, 10, 13)),
        (date(2015, 10, 1), date(2015, 10, 8), date(2015, 10, 13)),
        (date(2015, 10, 7), date(2015, 10, 8), date(2015, 10, 13)),
        (date(2015, 10, 8), date(2015, 10, 9), date(2015, 10, 14)),
        (date(2015, 10, 9), date(2015, 10, 10), date(2015, 10, 15)),
        (date(2015, 10, 10), date(2015, 10, 12), date(2015, 10, 16)),
    ],
)
def test_five_working_days_around_national_day(trigger: date, first: date, due: date) -> None:
    """Article 16: the day of the trigger is not counted, whatever day it is."""
    found = counted(5, "working_days", trigger)
    assert (found.first_day_counted, found.due) == (first, due)


def test_a_count_keeps_every_day_passed_over_and_every_make_up_day() -> None:
    """Article 16: a due date explains itself."""
    found = counted(5, "working_days", date(2015, 9, 30))
    assert [(d.date.day, d.reason) for d in found.skipped] == [
        *[(day, Reason.HOLIDAY) for day in range(1, 8)],
        (11, Reason.WEEKEND),
    ]
    assert [(d.date, d.name.zh if d.name else "") for d in found.made_up] == [(date(2015, 10, 10), "国庆节")]
    assert found.calendar_version == "cn-2026.1"
    assert (found.nominal, found.clamped, found.rolled_from, found.provisional) == (None, False, None, False)


@pytest.mark.parametrize(
    ("trigger", "nominal", "clamped", "due"),
    [
        (date(2018, 1, 30), date(2018, 2, 28), True, date(2018, 2, 28)),
        (date(2018, 1, 28), date(2018, 2, 28), False, date(2018, 2, 28)),
        (date(2018, 1, 31), date(2018, 2, 28), True, date(2018, 2, 28)),
        (date(2016, 1, 31), date(2016, 2, 29), True, date(2016, 2, 29)),  # leap year
        (date(2016, 1, 29), date(2016, 2, 29), False, date(2016, 2, 29)),
        (date(2015, 12, 31), date(2016, 1, 31), False, date(2016, 2, 1)),  # over the year, off a Sunday
        (date(2015, 9, 1), date(2015, 10, 1), False, date(2015, 10, 8)),  # into National Day
        (date(2015, 8, 31), date(2015, 9, 30), True, date(2015, 9, 30)),  # the day before it
        (date(2015, 9, 8), date(2015, 10, 8), False, date(2015, 10, 8)),  # the day after it
        (date(2015, 9, 10), date(2015, 10, 10), False, date(2015, 10, 10)),  # a Saturday that is worked
        (date(2015, 9, 11), date(2015, 10, 11), False, date(2015, 10, 12)),  # the Sunday after it
        (date(2016, 1, 6), date(2016, 2, 6), False, date(2016, 2, 6)),  # worked before Spring Festival
        (
            date(2016, 1, 7),
            date(2016, 2, 7),
            False,
            date(2016, 2, 14),
        ),  # Spring Festival, on to a worked Sunday
        (date(2019, 12, 31), date(2020, 1, 31), False, date(2020, 2, 3)),  # the extension of 2020
    ],
)
def test_a_month_is_the_same_day_number_clamped_and_rolled_on(
    trigger: date, nominal: date, clamped: bool, due: date
) -> None:
    """Articles 17, 19 and 28."""
    found = counted(1, "months", trigger)
    assert (found.nominal, found.clamped, found.due) == (nominal, clamped, due)
    assert found.rolled_from == (nominal if due != nominal else None)
    assert [d.date for d in found.skipped] == [nominal + ONE * i for i in range((due - nominal).days)]


def test_a_month_is_rolled_on_only_where_the_edition_says_so() -> None:
    """Articles 17, 19 and 28: rolling on is a convention of the edition."""
    found = counted(1, "months", date(2015, 9, 1), roll=False)
    assert (found.due, found.skipped, found.rolled_from) == (date(2015, 10, 1), (), None)


def test_two_months_are_not_twice_one_month() -> None:
    """Articles 17 and 19 elsewhere: the day number is the trigger's, not that of the month between."""
    assert counted(2, "months", date(2017, 12, 31)).nominal == date(2018, 2, 28)
    assert counted(3, "months", date(2017, 12, 31)).nominal == date(2018, 3, 31)


def test_calendar_days_run_through_weekends_and_holidays() -> None:
    """No article uses them here; other editions do. They are never rolled on."""
    found = counted(10, "calendar_days", date(2015, 9, 30))
    assert (found.first_day_counted, found.due, found.skipped) == (date(2015, 10, 1), date(2015, 10, 10), ())
    assert not counted(10, "calendar_days", date(2027, 9, 30)).provisional


@pytest.mark.parametrize(
    ("n", "unit", "trigger", "due", "provisional"),
    [
        (5, "working_days", date(2026, 12, 24), date(2026, 12, 31), False),
        (5, "working_days", date(2026, 12, 25), date(2027, 1, 1), True),
        (1, "months", date(2026, 11, 30), date(2026, 12, 30), False),
        (1, "months", date(2026, 12, 4), date(2027, 1, 4), True),
        (5, "working_days", date(2013, 12, 20), date(2013, 12, 27), True),  # before the calendar begins
    ],
)
def test_a_due_date_in_a_year_not_announced_is_provisional(
    n: int, unit: Unit, trigger: date, due: date, provisional: bool
) -> None:
    """Articles 11(6), 16, 17, 19 and 28: a year not yet announced gives a provisional date."""
    found = counted(n, unit, trigger)
    assert (found.due, found.provisional) == (due, provisional)


def test_a_notice_in_the_middle_of_a_case_moves_the_due_date_of_a_new_count_only() -> None:
    """Article 11(6): 3 September 2015 was announced on 13 May; what was counted before stays as counted."""
    text = CHINA.text
    start, end = text.index("[[notices]] # 年中增加"), text.index("[[notices]]\nyear = 2016")
    before = parse_calendar((text[:start] + text[end:]).replace("cn-2026.1", "cn-2015.1", 1), "calendar-cn-2015.1.toml")
    period = Period(n=3, unit="working_days")
    then = count(period, date(2015, 9, 1), before, roll_months_to_working_day=True)
    now = count(period, date(2015, 9, 1), CHINA, roll_months_to_working_day=True)
    assert (then.due, then.calendar_version) == (date(2015, 9, 4), "cn-2015.1")
    assert (now.due, now.calendar_version) == (date(2015, 9, 7), "cn-2026.1")


@pytest.mark.parametrize(
    ("at", "in_time"),
    [
        (date(2015, 10, 12), True),
        (date(2015, 10, 13), True),
        (date(2015, 10, 14), False),
        (datetime(2015, 10, 13, 15, 59, 59, 999999, UTC), True),
        (datetime(2015, 10, 13, 16, 0, tzinfo=UTC), False),
        (datetime(2015, 10, 13, 23, 59, tzinfo=timezone(timedelta(hours=8))), True),
        (datetime(2015, 10, 14, 0, 0, tzinfo=timezone(timedelta(hours=8))), False),
        (datetime(2015, 10, 13, 23, 59, tzinfo=UTC), False),  # already the 14th in Shanghai
    ],
)
def test_a_deadline_is_met_before_the_end_of_the_due_day_in_shanghai(at: date, in_time: bool) -> None:
    """Articles 11(6), 16, 17, 19 and 28: the day before, the day, the day after; and the last moment."""
    assert met(date(2015, 10, 13), at) is in_time


def test_the_due_instant_is_the_next_midnight_in_shanghai() -> None:
    """Asia/Shanghai is eight hours ahead all year."""
    assert due_instant(date(2015, 10, 13)) == datetime(2015, 10, 13, 16, tzinfo=UTC)
    assert due_instant(date(2015, 7, 31)).utcoffset() == timedelta(0)


def test_a_time_without_time_zone_is_no_answer() -> None:
    """It could be either side of midnight."""
    with pytest.raises(ValueError, match="without time zone"):
        met(date(2015, 10, 13), datetime(2015, 10, 13))  # noqa: DTZ001 - the very thing refused


@pytest.mark.parametrize("n", [0, -1, 401, True])
def test_a_period_is_from_1_to_400(n: int) -> None:
    """A slip of the pen in an edition is refused, and a count always ends."""
    with pytest.raises(ValidationError):
        Period(n=n, unit="working_days")


def test_a_count_survives_storage_and_knows_no_other_key() -> None:
    """A due date is stored in facts for ever."""
    for found in (counted(5, "working_days", date(2015, 9, 30)), counted(1, "months", date(2016, 1, 31))):
        assert Count.model_validate_json(found.model_dump_json()) == found
        with pytest.raises(ValidationError):
            Count.model_validate(found.model_dump() | {"weekday": 1})


# The explanation


def test_the_explanation_of_five_working_days_can_be_read_to_a_unit() -> None:
    """Article 16, Chinese."""
    assert explain(
        counted(5, "working_days", date(2015, 9, 30)),
        language="zh",
        article="16",
        support="text",
        trigger_name=("对该单位的巡查工作结束", "the inspection of the unit ended"),
    ) == (
        "2015年9月30日（周三）对该单位的巡查工作结束，当日不计，自次日起算。",
        "期限为5个工作日。",
        "2015年10月1日（周四）至10月7日（周三）是国庆节放假，共7天，不计入。",
        "2015年10月10日（周六）是国庆节调休上班，计为工作日。",
        "2015年10月11日（周日）是周末，不计入。",
        "第1个工作日为2015年10月8日（周四），第5个工作日为2015年10月13日（周二）。",
        "届满日为2015年10月13日（周二）；在当日24时（北京时间）以前办结，即为按期。",
        "所据日历版本：cn-2026.1。",
        "依据：第十六条（条文明定）。",
    )


def test_the_explanation_says_the_same_in_english() -> None:
    """Article 11(6), English, two make-up days in a row."""
    assert explain(
        counted(5, "working_days", date(2023, 9, 28)),
        language="en",
        article="11(6)",
        support="convention",
        trigger_name=("送达", "it was delivered"),
    ) == (
        "The count starts from Thu 2023-09-28 (it was delivered); that day itself is not counted.",
        "The period is 5 working days, counted from the next day on.",
        "Fri 2023-09-29 to Fri 2023-10-06 (8 days) are off for Mid-Autumn Festival and National Day: not counted.",
        "Sat 2023-10-07 to Sun 2023-10-08 (2 days) are worked to make up for "
        "Mid-Autumn Festival and National Day: counted as working.",
        "Working day 1 is Sat 2023-10-07, working day 5 is Wed 2023-10-11.",
        "It is due on Wed 2023-10-11: met if done before that day ends (Beijing time).",
        "Calendar version: cn-2026.1.",
        "It rests on Art. 11(6) (by convention, the text being silent).",
    )


def test_the_explanation_of_a_month_tells_clamping_and_rolling() -> None:
    """Article 19, a month that ends in a month without that day, on a Sunday, in a year not announced."""
    assert explain(counted(1, "months", date(2027, 1, 31)), language="zh") == (
        "2027年1月31日（周日）当日不计，自次日起算。",
        "期限为1个月，到期之月没有31日，取该月最后一日，即2027年2月28日（周日）。",
        "2027年2月28日（周日）是周末，不作届满日。",
        "顺延至其后第一个工作日，即2027年3月1日（周一）。",
        "届满日为2027年3月1日（周一）；在当日24时（北京时间）以前办结，即为按期。",
        "所涉年份的放假安排尚未收入本日历，仅按周末推算，此届满日为暂定。",
        "所据日历版本：cn-2026.1。",
    )


@pytest.mark.parametrize(
    ("article", "zh", "en"),
    [
        ("5", "第五条", "Art. 5"),
        ("10", "第十条", "Art. 10"),
        ("11(6)", "第十一条第（六）项", "Art. 11(6)"),
        ("12(13)", "第十二条第（十三）项", "Art. 12(13)"),
        ("20", "第二十条", "Art. 20"),
        ("17, 28", "第十七条、第二十八条", "Art. 17, Art. 28"),
    ],
)
def test_articles_are_cited_as_they_are_numbered(article: str, zh: str, en: str) -> None:
    """Citations read as in the regulation."""
    assert (cite(article, "zh"), cite(article, "en")) == (zh, en)


# A second count, written differently, over another source of days

TRIGGERS = st.dates(date(2015, 1, 1), date(2025, 6, 30))


@given(TRIGGERS, st.integers(1, 60))
def test_working_days_agree_with_a_naive_count_over_another_source(trigger: date, n: int) -> None:
    """Articles 11(6) and 16: as many workdays after the trigger as asked for, the last of them due."""
    found = counted(n, "working_days", trigger)
    span = [trigger + ONE * i for i in range(1, (found.due - trigger).days + 1)]
    worked = [day for day in span if chinese_calendar.is_workday(day)]
    assert (len(worked), worked[0], worked[-1]) == (n, found.first_day_counted, found.due)
    assert sorted([*worked, *[d.date for d in found.skipped]]) == span
    assert [d.date for d in found.made_up] == [day for day in worked if day.weekday() >= calendars.SATURDAY]


@given(TRIGGERS, st.integers(1, 12))
def test_months_agree_with_a_naive_walk_over_another_source(trigger: date, n: int) -> None:
    """Articles 17, 19 and 28: walk on day by day until the month is the right one, and then to its day."""
    day, months = trigger, 0
    while months < n:
        day += ONE
        months += day.day == 1
    while day.day < trigger.day and (day + ONE).month == day.month:
        day += ONE
    nominal = day
    while not chinese_calendar.is_workday(day):
        day += ONE
    found = counted(n, "months", trigger)
    assert (found.nominal, found.due, found.clamped) == (nominal, day, nominal.day != trigger.day)


@given(TRIGGERS, st.integers(1, 40), st.sampled_from(["working_days", "calendar_days", "months"]))
def test_a_later_trigger_or_a_longer_period_is_never_due_earlier(trigger: date, n: int, unit: Unit) -> None:
    """Order is kept, and the end of a period is always after its trigger."""
    due = counted(n, unit, trigger).due
    assert trigger < due <= counted(n, unit, trigger + ONE).due
    assert due <= counted(n + 1, unit, trigger).due


@given(TRIGGERS, st.integers(1, 40), st.sampled_from(["working_days", "calendar_days", "months"]))
def test_every_count_explains_itself_in_both_languages(trigger: date, n: int, unit: Unit) -> None:
    """No sentence is empty, and the due day stands in both."""
    found = counted(n, unit, trigger)
    zh, en = explain(found, language="zh"), explain(found, language="en")
    assert len(zh) == len(en)
    assert all(zh)
    assert all(en)
    assert any(f"{found.due.month}月{found.due.day}日" in s for s in zh)
    assert any(found.due.isoformat() in s for s in en)
