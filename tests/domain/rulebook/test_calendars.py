"""The calendar: what it restates, whom it agrees with, and what it says of a file that is wrong."""
# ruff: noqa: E501 - the table of wrong files reads better one to a line

import hashlib
import json
from datetime import date, timedelta
from pathlib import Path

import chinese_calendar
import holidays
import pytest

from domain.rulebook import calendars
from domain.rulebook.calendars import EditionError, Reason, parse_calendar

SHARED = Path(__file__).parents[3].parent / "shared"
TEXT = (Path(calendars.__file__).parent / "data" / "calendar-cn.toml").read_text(encoding="utf-8")
CHINA = parse_calendar(TEXT, "calendar-cn.toml")


def days_of(first: int, last: int) -> list[date]:
    start, end = date(first, 1, 1), date(last, 12, 31)
    return [start + timedelta(days=i) for i in range((end - start).days + 1)]


@pytest.mark.parametrize(
    ("day", "working", "reason", "name", "number"),
    [
        (date(2015, 9, 2), True, Reason.WORKDAY, None, None),
        (date(2015, 9, 3), False, Reason.HOLIDAY, "70周年", "国发明电〔2015〕1号"),
        (date(2015, 9, 5), False, Reason.HOLIDAY, "70周年", "国发明电〔2015〕1号"),
        (date(2015, 9, 6), True, Reason.MAKE_UP_WORKDAY, "70周年", "国发明电〔2015〕1号"),
        (date(2015, 9, 12), False, Reason.WEEKEND, None, None),
        (date(2015, 10, 7), False, Reason.HOLIDAY, "国庆节", "国办发明电〔2014〕28号"),
        (date(2015, 10, 10), True, Reason.MAKE_UP_WORKDAY, "国庆节", "国办发明电〔2014〕28号"),
        (date(2018, 12, 29), True, Reason.MAKE_UP_WORKDAY, "元旦", "国办发明电〔2018〕15号"),
        (date(2018, 12, 31), False, Reason.HOLIDAY, "元旦", "国办发明电〔2018〕15号"),
        (date(2019, 5, 1), False, Reason.HOLIDAY, "劳动节", "国办发明电〔2019〕3号"),
        (date(2020, 1, 30), False, Reason.HOLIDAY, "春节", "国办发明电〔2019〕16号"),
        (date(2020, 2, 1), False, Reason.HOLIDAY, "春节", "国办发明电〔2020〕1号"),
        (date(2020, 2, 3), True, Reason.WORKDAY, None, None),
    ],
)
def test_a_day_says_what_it_is_and_by_which_notice(
    day: date, working: bool, reason: Reason, name: str | None, number: str | None
) -> None:
    """Articles 11(6) and 16 count working days; each day rests on a notice of the State Council."""
    found = CHINA.day(day)
    assert (found.working, found.reason, found.provisional) == (working, reason, False)
    assert (found.name is None) if name is None else (found.name is not None and name in found.name.zh)
    assert (found.notice.number if found.notice else None) == number


def test_the_calendar_covers_2014_to_2026_and_no_more() -> None:
    """The arrangement for 2027 is not announced."""
    assert [year for year in range(2010, 2031) if CHINA.covers(year)] == list(range(2014, 2027))


def test_a_year_not_announced_knows_weekends_only_and_is_provisional() -> None:
    """A provisional day: 1 January 2027 is worked as far as this version knows."""
    new_year = CHINA.day(date(2027, 1, 1))
    assert (new_year.working, new_year.reason, new_year.provisional) == (True, Reason.WORKDAY, True)
    weekend = CHINA.day(date(2027, 1, 2))
    assert (weekend.working, weekend.reason, weekend.provisional) == (False, Reason.WEEKEND, True)
    assert not CHINA.day(date(2026, 12, 31)).provisional


def test_the_digest_is_of_the_text_read() -> None:
    """A calendar version is named by its version and proved by its digest."""
    assert CHINA.version == "cn-2026.1"
    assert CHINA.digest == hashlib.sha256(TEXT.encode()).hexdigest()
    assert CHINA.text == TEXT


@pytest.mark.parametrize("year", range(2014, 2027))
def test_every_year_cites_its_notices_in_the_order_of_announcement(year: int) -> None:
    """Each notice cited by title and number; announced before the last day it speaks of."""
    notices = [notice for notice in CHINA.notices if notice.year == year]
    assert len(notices) == {2015: 2, 2019: 2, 2020: 2}.get(year, 1)
    announced = [notice.announced for notice in notices if notice.announced]
    assert announced == sorted(announced)
    for notice in notices:
        assert notice.citation == f"《{notice.title}》（{notice.number}）"
        assert notice.announced is not None
        assert any(day.notice == notice and notice.announced < day.date for day in CHINA.listed.values()), notice.title


def test_every_day_from_2015_to_2026_agrees_with_two_packages() -> None:
    """Two independent packages, `holidays` and `chinese_calendar`, agree with each day."""
    other = holidays.country_holidays("CN", years=range(2015, 2027))
    disagreeing = [
        day
        for day in days_of(2015, 2026)
        if not CHINA.day(day).working == chinese_calendar.is_workday(day) == other.is_working_day(day)
    ]
    assert disagreeing == []


@pytest.mark.shared
def test_every_day_from_2014_to_2026_agrees_with_the_shared_files() -> None:
    """Official days off and make-up days, year by year."""
    official: dict[date, bool] = {}
    for year in range(2014, 2027):
        file = json.loads((SHARED / "data" / "holidays" / f"{year}.json").read_text(encoding="utf-8"))
        official |= {date.fromisoformat(d["date"]): not d["isOffDay"] for d in file["days"]}
    disagreeing = [
        day
        for day in days_of(2014, 2026)
        if CHINA.day(day).working != official.get(day, day.weekday() < calendars.SATURDAY)
    ]
    assert disagreeing == []
    # Listed there as a make-up day, though the notice only says that ordinary work begins on that Monday.
    assert set(official) - set(CHINA.listed) == {date(2020, 2, 3)}
    assert set(CHINA.listed) <= set(official)


@pytest.mark.shared
def test_every_address_cited_is_the_one_the_shared_files_were_read_from() -> None:
    """The source of each year is the same notice."""
    for year in range(2014, 2027):
        file = json.loads((SHARED / "data" / "holidays" / f"{year}.json").read_text(encoding="utf-8"))
        assert [notice.cited for notice in CHINA.notices if notice.year == year] == file["papers"]


NATIONAL_DAY = '"2015-10-01..2015-10-07 国庆节"'
WRONG = [
    ("a day off listed twice", NATIONAL_DAY, f'{NATIONAL_DAY}, "2015-10-07 国庆节"', "notices.1.off.8", "2015-10-07"),
    ("runs that overlap", NATIONAL_DAY, f'{NATIONAL_DAY}, "2015-10-06..2015-10-08 国庆节"', "notices.1.off.8", "2015-10-06"),
    ("a day both off and worked", '"2015-10-10 国庆节"', '"2015-10-03 国庆节"', "notices.1.work.3", "2015-10-03"),
    ("a change not named as one", 'replaces = ["2020-02-01"]', "", "notices.9.off.0", "2020-02-01"),
    ("a change of a day not listed", 'replaces = ["2020-02-01"]', 'replaces = ["2020-03-02"]', "notices.9.replaces.0", "2020-03-02"),
    ("a change that is no date", 'replaces = ["2020-02-01"]', 'replaces = ["2020-2-1"]', "notices.9.replaces.0", "2020-2-1"),
    ("a date that is none", NATIONAL_DAY, '"2015-10-32 国庆节"', "notices.1.off.7", "2015-10-32"),
    ("a run backwards", NATIONAL_DAY, '"2015-10-07..2015-10-01 国庆节"', "notices.1.off.7", "2015-10-07..2015-10-01"),
    ("a day without a name", NATIONAL_DAY, '"2015-10-01"', "notices.1.off.7", "2015-10-01"),
    ("a name without English", NATIONAL_DAY, '"2015-10-01 国庆"', "notices.1.off.7", "国庆"),
    ("a make-up day on a weekday", '"2015-10-10 国庆节"', '"2015-10-09 国庆节"', "notices.1.work.3", "2015-10-09"),
    ("a day of another year", '"2015-10-10 国庆节"', '"2016-10-15 国庆节"', "notices.1.work.3", "2016-10-15"),
    ("an unknown key", 'version = "cn-2026.1"', 'version = "cn-2026.1"\nregion = "浙江"', "region", "浙江"),
    ("a missing key", 'version = "cn-2026.1"', "", "version", "missing"),
    ("a date in quotes", "dated = 2014-12-16", 'dated = "2014-12-16"', "notices.1.dated", "2014-12-16"),
    ("a date with a time", "dated = 2014-12-16", "dated = 2014-12-16T00:00:00", "notices.1.dated", "2014-12-16T00:00:00"),
    ("text that is no TOML", "[names]", "[names", "line 12", "[names"),
]  # fmt: skip


@pytest.mark.parametrize(("what", "old", "new", "key", "value"), WRONG, ids=[row[0] for row in WRONG])
def test_a_calendar_that_is_wrong_is_refused_by_file_key_and_value(
    what: str, old: str, new: str, key: str, value: str
) -> None:
    """No clock runs on a calendar that contradicts itself."""
    assert old in TEXT
    with pytest.raises(EditionError) as refused:
        parse_calendar(TEXT.replace(old, new, 1), "other.toml")
    assert any(
        f.file == "other.toml" and key in f.key and value in f.value and f.expected.zh and f.expected.en
        for f in refused.value.faults
    ), str(refused.value)


def test_a_year_left_out_between_others_is_refused() -> None:
    """A year with no notice would count its holidays as workdays without saying so."""
    start = TEXT.index("[[notices]]\nyear = 2021")
    without = TEXT[:start] + TEXT[TEXT.index("[[notices]]\nyear = 2022") :]
    with pytest.raises(EditionError, match="notices = 2021"):
        parse_calendar(without, "other.toml")


def test_all_faults_are_told_at_once() -> None:
    """A clerk corrects a file once, not fault by fault."""
    twice_wrong = TEXT.replace("2015-10-10 国庆节", "2015-10-09 国庆节").replace("2016-02-06 春节", "2016-02-30 春节")
    with pytest.raises(EditionError) as refused:
        parse_calendar(twice_wrong, "other.toml")
    assert [fault.value for fault in refused.value.faults] == ["2015-10-09", "'2016-02-30 春节'"]
    assert "应为周六或周日" in str(refused.value)
    assert "expected a Saturday or Sunday" in str(refused.value)


def test_an_earlier_version_knows_what_was_announced_then() -> None:
    """Spring Festival 2020: before the extension, 1 February was to be worked; a new version changed it."""
    start = TEXT.index("[[notices]] # 假期中延长")
    earlier = parse_calendar(TEXT[:start] + TEXT[TEXT.index("[[notices]]\nyear = 2021") :], "before.toml")
    assert earlier.day(date(2020, 2, 1)).reason is Reason.MAKE_UP_WORKDAY
    assert earlier.day(date(2020, 1, 31)).reason is Reason.WORKDAY
    assert CHINA.day(date(2020, 1, 31)).reason is Reason.HOLIDAY
    assert earlier.digest != CHINA.digest
