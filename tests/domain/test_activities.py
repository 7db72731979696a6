"""Activities: a way of working on site on record, who may put it there, and the rules of an interview (Art. 12)."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from domain.activities import (
    Activity,
    ActivityRecorded,
    AskedInVain,
    PersonMet,
    RecordActivity,
    SoughtInVain,
    evolve,
    record,
)
from domain.kernel import Refused, Seal, Secret, derived_id, secrets_of

ACTIVITY, INSPECTION = derived_id("activity", "1"), derived_id("inspection", "1")
ROUND, UNIT = derived_id("round", "1"), derived_id("body", "unit")
LEADER, ONE, TWO, OTHER, HEAD = (derived_id("person", name) for name in ("leader", "one", "two", "other", "head"))
ENTERED, ON, ENDED, DAY = date(2015, 10, 8), date(2015, 10, 20), date(2015, 11, 6), timedelta(days=1)
PLACE, RECORD, OUTCOME, REASON = Secret("会议室"), Secret("谈话记录"), Secret("了解情况"), Secret("对方要求单独谈")
SOURCE = PersonMet(name=Secret("某人"), role=Secret("会计"))


def recorded(state: Activity | None = None, **changes: Any) -> list[ActivityRecorded]:
    about = {
        "entered_on": ENTERED,
        "ended_on": ENDED,
        "doer": ONE,
        "duty": "member",
        "at_work": (LEADER, ONE, TWO),
        "leadership": (HEAD,),
        "way_needs_decision": False,
        "interview_minimum": 2,
        "fewer_staff_with_a_reason": True,
    }
    about |= {name: changes.pop(name) for name in tuple(changes) if name in about}
    given = {
        "inspection": INSPECTION,
        "way": "interview",
        "place": PLACE,
        "staff": (ONE, TWO),
        "others": (SOURCE,),
        "record": RECORD,
        "outcome": OUTCOME,
        "held_on": ON,
        **changes,
    }
    return record(state, ACTIVITY, RecordActivity(**given), round_=ROUND, unit=UNIT, **about)


def test_an_activity_is_on_record_once_with_what_came_of_it_and_what_did_not() -> None:
    """Article 12; a negative fact is a fact."""
    vain = AskedInVain(what=Secret("会议纪要"), why=Secret("未找到")), SoughtInVain(what=Secret("合同"))
    (fact,) = recorded(member=HEAD, not_given=vain[:1], not_found=vain[1:])
    assert fact == ActivityRecorded(
        activity=ACTIVITY,
        round=ROUND,
        inspection=INSPECTION,
        unit=UNIT,
        way="interview",
        place=PLACE,
        staff=(ONE, TWO),
        others=(SOURCE,),
        member=HEAD,
        record=RECORD,
        outcome=OUTCOME,
        not_given=vain[:1],
        not_found=vain[1:],
        departures=(),
        held_on=ON,
    )
    assert evolve(None, fact) == Activity(INSPECTION, UNIT)
    assert recorded(evolve(None, fact)) == []


def test_who_was_heard_is_sealed_as_a_source_and_the_record_as_content() -> None:
    """promises.md §5.1: identity and content under keys of their own."""
    (fact,) = recorded()
    sealed = {path: seal for path, seal, _ in secrets_of(fact)}
    assert sealed == {
        "/place": Seal.CONTENT,
        "/others/0/name": Seal.IDENTITY,
        "/others/0/role": Seal.IDENTITY,
        "/record": Seal.CONTENT,
        "/outcome": Seal.CONTENT,
    }


@pytest.mark.parametrize(
    ("staff", "reason", "departures"),
    [((ONE, TWO), None, ()), ((ONE, TWO), REASON, ()), ((ONE,), REASON, ("interview_by_enough_staff",))],
)
def test_an_interview_by_fewer_staff_is_recorded_with_a_reason_and_marked(
    staff: tuple[str, ...], reason: Secret | None, departures: tuple[str, ...]
) -> None:
    """Article 12(2): normally at least two."""
    (fact,) = recorded(staff=staff, reason=reason)
    assert (fact.departures, fact.reason) == (departures, reason)


def test_other_ways_need_neither_two_nor_a_record_nor_a_source() -> None:
    """Article 12."""
    (fact,) = recorded(way="visit_below", staff=(ONE,), record=None, others=())
    assert fact.departures == ()


def test_the_leader_may_put_on_record_what_others_did() -> None:
    """Article 6(1)."""
    assert recorded(doer=LEADER, duty="leader")
    assert recorded(doer=LEADER, duty="deputy_leader")


@pytest.mark.parametrize("day", [ENTERED, ON, ENDED])
def test_on_site_both_end_days_count(day: date) -> None:
    """Article 12: the day before and the day after are refused below."""
    assert recorded(held_on=day)
    assert recorded(held_on=day, ended_on=None)


@pytest.mark.parametrize(
    ("ask", "expected"),
    [
        (lambda: recorded(held_on=ENTERED - DAY), ("on_site_during_the_inspection", "12", "held_on")),
        (lambda: recorded(held_on=ENDED + DAY), ("on_site_during_the_inspection", "12", "held_on")),
        (lambda: recorded(entered_on=None), ("on_site_during_the_inspection", "12", "held_on")),
        (lambda: recorded(staff=()), ("staff_at_work_at_the_unit", "5", "staff")),
        (lambda: recorded(staff=(ONE, OTHER)), ("staff_at_work_at_the_unit", "5", "staff")),
        (lambda: recorded(staff=(ONE, ONE)), ("staff_at_work_at_the_unit", "5", "staff")),
        (lambda: recorded(doer=LEADER), ("recorded_by_who_took_part", "12", "staff")),
        (lambda: recorded(way_needs_decision=True), ("way_rests_on_decision", "12(13)", "decision")),
        (lambda: recorded(record=None), ("interview_has_a_record", "12(2)", "record")),
        (lambda: recorded(others=()), ("interview_names_who_was_heard", "12(2)", "others")),
        (lambda: recorded(member=OTHER), ("member_of_the_leadership_body", "8(1)", "member")),
        (lambda: recorded(staff=(ONE,)), ("interview_by_enough_staff", "12(2)", "staff")),
        (
            lambda: recorded(staff=(ONE,), reason=REASON, fewer_staff_with_a_reason=False),
            ("interview_by_enough_staff", "12(2)", "staff"),
        ),
    ],
)
def test_what_the_regulation_does_not_allow_is_refused(
    ask: Callable[[], object], expected: tuple[str, str, str | None]
) -> None:
    """Articles 5, 8, 12."""
    with pytest.raises(Refused) as no:
        ask()
    assert (no.value.rule.name, no.value.rule.article, no.value.path) == expected


def test_a_way_by_decision_is_recorded_with_it() -> None:
    """Article 12(13)."""
    decision = Secret("某领〔示例〕3号")
    (fact,) = recorded(way="other_approved", way_needs_decision=True, decision=decision)
    assert fact.decision == decision
