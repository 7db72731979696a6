"""A later calendar moves an open due date, and never rewrites what was (Art. 11(6), 16, 17, 19, 28; promises.md §2)."""

from datetime import date
from pathlib import Path

import pytest
from tests.arrangements import SPRING_FESTIVAL_2020, VICTORY_DAY_2015, calendar_before, without_years_from

from domain import due_dates
from domain.due_dates import DueDate, DueDateMoved, due_date_of, evolve
from domain.kernel import Label, derived_id
from domain.rulebook import calendars
from domain.rulebook.calendars import Calendar, parse_calendar
from domain.rulebook.counting import Count, Period, count, explain_change

NOW = parse_calendar((Path(calendars.__file__).parent / "data" / "calendar-cn.toml").read_text("utf-8"), "calendar-cn")
D = date
MATTER, ROUND, UNIT = derived_id("inspection", "one"), derived_id("round", "one"), derived_id("body", "unit")
TEAM = derived_id("team", "one")


def counted(n: int, unit: str, trigger: date, calendar: Calendar) -> Count:
    period = Period.model_validate({"n": n, "unit": unit})
    return count(period, trigger, calendar, roll_months_to_working_day=True)


def moved(stands: Count, before: Calendar | None, after: Calendar = NOW) -> list[DueDateMoved]:
    return due_dates.move(
        stands,
        matter=MATTER,
        name="inspection_report",
        round_=ROUND,
        unit=UNIT,
        owed_by=TEAM,
        withheld_from=(UNIT,),
        labelled_as=Label.TRANSFER,
        edition="yiwu-2015",
        before=before,
        after=after,
        roll_months_to_working_day=True,
    )


@pytest.mark.parametrize(
    ("announced", "n", "unit", "trigger", "was", "now"),
    [
        # 3 to 5 September 2015 became days off, Sunday the 6th a working day.
        (VICTORY_DAY_2015, 3, "working_days", D(2015, 8, 28), D(2015, 9, 2), None),  # due the day before: stays
        (VICTORY_DAY_2015, 3, "working_days", D(2015, 8, 31), D(2015, 9, 3), D(2015, 9, 6)),
        (VICTORY_DAY_2015, 3, "working_days", D(2015, 9, 1), D(2015, 9, 4), D(2015, 9, 7)),
        (VICTORY_DAY_2015, 5, "working_days", D(2015, 8, 31), D(2015, 9, 7), D(2015, 9, 8)),
        (VICTORY_DAY_2015, 5, "working_days", D(2015, 9, 6), D(2015, 9, 11), None),  # begun after it: stays
        (VICTORY_DAY_2015, 1, "months", D(2015, 8, 3), D(2015, 9, 3), D(2015, 9, 6)),
        (VICTORY_DAY_2015, 1, "months", D(2015, 8, 2), D(2015, 9, 2), None),
        (VICTORY_DAY_2015, 1, "months", D(2015, 8, 6), D(2015, 9, 7), D(2015, 9, 6)),  # an earlier day, too
        # 31 January and 2 February 2020 became days off, and Saturday 1 February, until then to be worked.
        (SPRING_FESTIVAL_2020, 3, "working_days", D(2020, 1, 20), D(2020, 1, 23), None),
        (SPRING_FESTIVAL_2020, 3, "working_days", D(2020, 1, 21), D(2020, 1, 31), D(2020, 2, 3)),
        (SPRING_FESTIVAL_2020, 3, "working_days", D(2020, 1, 22), D(2020, 2, 1), D(2020, 2, 4)),
        (SPRING_FESTIVAL_2020, 5, "working_days", D(2020, 1, 22), D(2020, 2, 4), D(2020, 2, 6)),
        (SPRING_FESTIVAL_2020, 3, "working_days", D(2020, 2, 2), D(2020, 2, 5), None),
        (SPRING_FESTIVAL_2020, 1, "months", D(2020, 1, 1), D(2020, 2, 1), D(2020, 2, 3)),
        (SPRING_FESTIVAL_2020, 1, "months", D(2020, 1, 3), D(2020, 2, 3), None),
        (SPRING_FESTIVAL_2020, 15, "calendar_days", D(2020, 1, 20), D(2020, 2, 4), None),
    ],
)
def test_what_an_arrangement_announced_in_the_middle_of_the_case_moves(
    announced: str, n: int, unit: str, trigger: date, was: date, now: date | None
) -> None:
    """promises.md §2: by a recorded fact with old day, new day, reason; what stays the same day is not touched."""
    before = calendar_before(announced)
    stands = counted(n, unit, trigger, before)
    assert stands.due == was
    facts = moved(stands, before)
    if now is None:
        assert facts == []
        return
    (fact,) = facts
    assert (fact.was_on, fact.was_calendar) == (was, "cn-before")
    assert (fact.count.due, fact.count.calendar_version, fact.count.trigger) == (now, NOW.version, trigger)
    assert (fact.matter, fact.name, fact.round, fact.unit) == (MATTER, "inspection_report", ROUND, UNIT)
    assert fact.because
    assert stands == counted(n, unit, trigger, before)


def test_the_reason_names_each_day_that_became_another_and_the_notice() -> None:
    """promises.md §2: the days between, no others, whether they became days off or days worked."""
    before = calendar_before(VICTORY_DAY_2015)
    (fact,) = moved(counted(5, "working_days", D(2015, 8, 31), before), before)
    assert [(d.date.day, d.was.value, d.now.value) for d in fact.because] == [
        (3, "workday", "holiday"),
        (4, "workday", "holiday"),
        (6, "weekend", "make_up_workday"),
    ]
    assert {d.notice for d in fact.because} == {f"《{VICTORY_DAY_2015}》（国发明电〔2015〕1号）"}
    name = "中国人民抗日战争暨世界反法西斯战争胜利70周年纪念日"
    notice = f"《{VICTORY_DAY_2015}》（国发明电〔2015〕1号）"
    assert explain_change(fact.because[0], "zh") == f"2015年9月3日（周四）由工作日改为{name}放假，依据{notice}。"
    assert explain_change(fact.because[2], "zh") == f"2015年9月6日（周日）由周末改为{name}调休上班，依据{notice}。"
    assert explain_change(fact.because[0], "en").startswith("Thu 2015-09-03 was a working day and is off for ")
    assert explain_change(fact.because[2], "en").startswith(
        "Sun 2015-09-06 was a weekend and is worked to make up for "
    )

    before = calendar_before(SPRING_FESTIVAL_2020)
    (fact,) = moved(counted(3, "working_days", D(2020, 1, 22), before), before)
    assert [(d.date, d.was.value, d.now.value) for d in fact.because] == [
        (D(2020, 1, 31), "workday", "holiday"),
        (D(2020, 2, 1), "make_up_workday", "holiday"),
    ]


def test_a_day_only_left_out_by_the_later_calendar_is_said_without_a_notice() -> None:
    """promises.md §2: back to an ordinary day."""
    before, after = NOW, calendar_before(VICTORY_DAY_2015, "cn-after")
    (fact,) = moved(counted(3, "working_days", D(2015, 8, 31), before), before, after)
    assert fact.count.due == D(2015, 9, 3)
    assert explain_change(fact.because[0], "zh") == "2015年9月3日（周四）由放假改为工作日。"
    assert explain_change(fact.because[0], "en") == "Thu 2015-09-03 was a day off and is a working day."


def test_a_year_announced_at_last_moves_what_was_provisional() -> None:
    """promises.md §2: a year not yet announced gives a provisional date."""
    before = parse_calendar(without_years_from(2026, "cn-2025.9"), "before")
    stands = counted(5, "working_days", D(2026, 2, 13), before)
    assert (stands.due, stands.provisional) == (D(2026, 2, 20), True)
    (fact,) = moved(stands, before)
    assert (fact.was_on, fact.count.provisional) == (D(2026, 2, 20), False)
    assert fact.count.due > D(2026, 2, 24)


def test_what_is_counted_by_this_calendar_already_stays() -> None:
    """promises.md §2: nothing moves twice by one calendar."""
    before = calendar_before(VICTORY_DAY_2015)
    (fact,) = moved(counted(5, "working_days", D(2015, 8, 31), before), before)
    assert moved(fact.count, before) == []
    assert moved(counted(5, "working_days", D(2015, 8, 31), NOW), None) == []


def test_where_the_earlier_calendar_cannot_be_read_any_more_the_day_moves_all_the_same() -> None:
    """promises.md §2: without the days it changed."""
    before = calendar_before(VICTORY_DAY_2015)
    (fact,) = moved(counted(5, "working_days", D(2015, 8, 31), before), None)
    assert (fact.count.due, fact.because) == (D(2015, 9, 8), ())


def test_the_last_move_is_where_it_stands() -> None:
    """promises.md §2: each due date has a stream of its own, of its matter and its name."""
    before = calendar_before(VICTORY_DAY_2015)
    (first,) = moved(counted(5, "working_days", D(2015, 8, 31), before), before)
    (second,) = moved(first.count, NOW, calendar_before(VICTORY_DAY_2015, "cn-after"))
    state = evolve(evolve(None, first), second)
    assert state == DueDate((first, second))
    assert state.after(counted(5, "working_days", D(2015, 8, 31), before)) == second.count
    streams = {due_date_of(m, n) for m in (MATTER, UNIT) for n in ("notice_publication", "inspection_report")}
    assert len(streams) == 4


def test_a_move_is_labelled_and_withheld_as_the_duty_it_moves_and_says_its_edition() -> None:
    """promises.md §4: whoever may not know of the duty may not know of its move."""
    before = calendar_before(VICTORY_DAY_2015)
    (fact,) = moved(counted(5, "working_days", D(2015, 8, 31), before), before)
    assert (fact.labelled(), fact.owed_by, fact.withheld_from, fact.edition) == (
        Label.TRANSFER,
        TEAM,
        (UNIT,),
        "yiwu-2015",
    )


def test_a_count_that_began_anew_leaves_the_moves_of_another_behind() -> None:
    """Art. 28 (c): from a corrected day, back to the first one under another calendar too; the next move is its own."""
    before, third = calendar_before(VICTORY_DAY_2015), calendar_before(VICTORY_DAY_2015, "cn-third")
    first, other = (counted(5, "working_days", D(2015, 8, day), before) for day in (31, 30))
    (move,) = moved(first, before)
    state = evolve(None, move)
    assert state.after(first) == move.count
    assert state.after(other) == other
    back = counted(5, "working_days", D(2015, 8, 31), third)
    assert state.after(back) == back
    (again,) = moved(back, third, NOW)
    assert evolve(state, again).after(back) == again.count
