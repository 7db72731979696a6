"""Feedback: proposed, decided, given, received, or service recorded (Art. 18, 19)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from tests.arrangements import edition_with_guidance

from domain.feedback import (
    DecideFeedback,
    Feedback,
    FeedbackDayCorrected,
    FeedbackDecided,
    FeedbackGiven,
    FeedbackPoint,
    FeedbackProposed,
    FeedbackReceived,
    FeedbackServiceRecorded,
    GiveFeedback,
    Opinion,
    ProposedOpinion,
    ProposeFeedback,
    ReceiveFeedback,
    RecordFeedbackService,
    correct,
    decide,
    evolve,
    feedback_of,
    give,
    propose,
    receive,
    record_service,
)
from domain.kernel import CorrectDay, DayOf, Manner, Paper, Refused, Secret, derived_id
from domain.rulebook import calendars
from domain.rulebook.calendars import parse_calendar
from domain.rulebook.editions import parse_edition
from domain.rulebook.obligations import hoped, owed, state_of

DATA = Path(calendars.__file__).parent / "data"
YIWU = parse_edition((DATA / "yiwu-2015.toml").read_text("utf-8"), "yiwu-2015.toml")
CALENDAR = parse_calendar((DATA / "calendar-cn.toml").read_text("utf-8"), "calendar-cn.toml")

ON, DAY = date(2015, 10, 30), timedelta(days=1)
TEXT, ADVICE = Secret("问题"), Secret("整改意见")
PAPER, SAID = Paper(reference=TEXT), UUID(int=1)
ROUND, UNIT, INSPECTION = derived_id("round", "1"), derived_id("body", "unit"), derived_id("inspection", "1")
FEEDBACK = feedback_of(INSPECTION)
HEAD, SECOND, OTHER = (derived_id("person", name) for name in ("head", "second", "other"))
P1, P2, ITEM = derived_id("problem", "1"), derived_id("problem", "2"), derived_id("item", "1")
REPORTED = {P1: "organisational_discipline", P2: "integrity_discipline"}
MATTER = {"feedback": FEEDBACK, "round": ROUND, "inspection": INSPECTION, "unit": UNIT}
OPINION = Opinion(problem=P1, text=TEXT, opinion=ADVICE)

FACT = FeedbackProposed(
    **MATTER,
    overview=TEXT,
    opinions=(ProposedOpinion(problem=P1, category="organisational_discipline", text=TEXT, opinion=ADVICE),),
    withheld_from=(OTHER,),
    proposed_on=ON,
)
POINT = FeedbackPoint(item=ITEM, problem=P1, category="organisational_discipline", text=TEXT, opinion=ADVICE)
GIVING = FeedbackGiven(
    **MATTER, overview=TEXT, points=(POINT,), recipients=(HEAD, SECOND), how=Manner.IN_PERSON, given_on=ON
)
PROPOSED = Feedback(ROUND, UNIT, FACT)
APPROVED = replace(PROPOSED, approved=True, decided_on=ON)
SENT_BACK = replace(PROPOSED, approved=False, decided_on=ON)
GIVEN = replace(APPROVED, given=GIVING)
RECEIVED = replace(GIVEN, received_on=ON)
SERVED = replace(GIVEN, service_recorded_on=ON)
MONTH = owed(YIWU, CALENDAR, "rectification_report", ON)


def proposed(
    state: Feedback | None = None,
    duty: str = "leader",
    submitted_on: date | None = ON,
    reported: dict[str, str] = REPORTED,
    **changes: Any,
) -> list[Any]:
    given = {"inspection": INSPECTION, "overview": TEXT, "opinions": (OPINION,), "proposed_on": ON, **changes}
    return propose(
        state,
        FEEDBACK,
        ProposeFeedback.model_validate(given),
        duty=duty,
        round_=ROUND,
        unit=UNIT,
        submitted_on=submitted_on,
        reported=reported,
        withheld_from=(OTHER,),
    )


def decided(state: Feedback = PROPOSED, approved: int = 1, **changes: Any) -> list[Any]:
    given = {"inspection": INSPECTION, "approved": approved, "decided_on": ON, **changes}
    return decide(state, DecideFeedback.model_validate(given))


def given(state: Feedback = APPROVED, duty: str = "leader", **changes: Any) -> list[Any]:
    command = {"inspection": INSPECTION, "recipients": (HEAD, SECOND), "given_on": ON, **changes}
    return give(
        state,
        GiveFeedback.model_validate(command),
        duty=duty,
        again=state.proposed,
        items={P1: ITEM},
        leadership_body=(HEAD, SECOND),
        heads=(HEAD,),
    )


def received(state: Feedback = GIVEN, on: date = ON) -> list[Any]:
    command = ReceiveFeedback(inspection=INSPECTION, received_on=on)
    month = owed(YIWU, CALENDAR, "rectification_report", on)
    return receive(state, command, received_by=HEAD, report=month, heads_report=month)


def served(state: Feedback = GIVEN, on: date = ON) -> list[Any]:
    last = owed(YIWU, CALENDAR, "service_record", ON)
    month = owed(YIWU, CALENDAR, "rectification_report", on, started_by="service_recorded")
    command = RecordFeedbackService(inspection=INSPECTION, reason=TEXT, recorded_on=on)
    return record_service(state, command, last_day=last and last.count.due, report=month, heads_report=month)


def refusal(ask: Callable[[], object]) -> tuple[str, str, str | None]:
    with pytest.raises(Refused) as no:
        ask()
    return no.value.rule.name, no.value.rule.article, no.value.path


def test_feedback_is_proposed_with_the_category_of_each_problem() -> None:
    """Articles 6(3), 18: each linked to a problem of the report."""
    assert proposed() == [FACT]
    assert evolve(None, FACT) == PROPOSED
    assert (PROPOSED.withheld_from, PROPOSED.given_on, PROPOSED.arrived) == ((OTHER,), None, False)


def test_where_the_report_has_no_problem_the_feedback_has_none() -> None:
    """Article 18."""
    assert proposed(reported={}, opinions=())
    assert refusal(lambda: proposed(reported={}))[0] == "feedback_follows_the_report"


def test_feedback_sent_back_is_proposed_anew() -> None:
    """Article 18."""
    (fact,) = proposed(SENT_BACK, proposed_on=ON + DAY)
    assert evolve(SENT_BACK, fact) == Feedback(ROUND, UNIT, fact)


@pytest.mark.parametrize("approved", [0, 1])
def test_feedback_is_approved_or_sent_back_with_a_reason(approved: int) -> None:
    """Article 18."""
    (fact,) = decided(approved=approved, reason=TEXT)
    assert fact == FeedbackDecided(**MATTER, approved=approved, reason=TEXT, decided_on=ON, withheld_from=(OTHER,))
    assert evolve(PROPOSED, fact) == (APPROVED if approved else SENT_BACK)
    assert decided(reason=None)


def test_approved_feedback_is_given_to_the_leadership_body_as_items() -> None:
    """Article 18."""
    assert given() == [GIVING]
    assert evolve(APPROVED, GIVING) == GIVEN
    assert given(recipients=(HEAD,), how=Manner.ORAL, given_on=ON + DAY)


def test_receipt_starts_the_month_for_both_reports() -> None:
    """Article 19: a month after 30 October 2015 is 30 November; both reports are owed."""
    (fact,) = received()
    assert fact == FeedbackReceived(
        **MATTER, received_by=HEAD, received_on=ON, how=Manner.IN_PERSON, report=MONTH, heads_report=MONTH
    )
    assert MONTH is not None
    assert (MONTH.article, MONTH.trigger, MONTH.count.due) == ("19", "feedback_received", date(2015, 11, 30))
    days = [date(2015, 11, 29), date(2015, 11, 30), date(2015, 12, 1)]
    assert [state_of(MONTH.count.due, None, day) for day in days] == ["open", "open", "overdue"]
    assert [state_of(MONTH.count.due, day, date(2016, 1, 1)) for day in days] == ["met", "met", "met_late"]
    assert evolve(GIVEN, fact) == RECEIVED
    assert RECEIVED.arrived


def test_service_is_recorded_after_three_working_days_and_the_month_counts_from_it() -> None:
    """Article 19 (c): given on Friday 30 October, the third working day is Wednesday 4 November."""
    assert refusal(lambda: served(on=date(2015, 11, 4)))[0] == "feedback_service_after_its_period"
    (fact,) = served(on=date(2015, 11, 5))
    assert isinstance(fact, FeedbackServiceRecorded)
    assert fact.report == fact.heads_report
    assert fact.report is not None
    assert (fact.report.trigger, fact.report.count.due) == ("service_recorded", date(2015, 12, 7))
    assert evolve(GIVEN, fact) == replace(GIVEN, service_recorded_on=date(2015, 11, 5))


def test_a_receipt_after_service_was_recorded_moves_nothing() -> None:
    """Article 19 (c): it is on record, and the month runs on."""
    (fact,) = received(SERVED, ON + DAY)
    assert (fact.received_on, fact.report, fact.heads_report) == (ON + DAY, None, None)


@pytest.mark.parametrize(
    ("ask", "expected"),
    [
        (lambda: proposed(duty="deputy_leader"), ("signed_by_the_leader", "6(3)", None)),
        (lambda: proposed(submitted_on=None), ("feedback_rests_on_the_report", "18", None)),
        (lambda: proposed(PROPOSED), ("one_feedback_at_a_time", "18", None)),
        (lambda: proposed(APPROVED), ("one_feedback_at_a_time", "18", None)),
        (lambda: proposed(proposed_on=ON - DAY), ("feedback_proposal_not_before_report", "18", "proposed_on")),
        (lambda: proposed(opinions=()), ("feedback_follows_the_report", "18", "opinions")),
        (lambda: proposed(opinions=(OPINION, OPINION)), ("feedback_follows_the_report", "18", "opinions")),
        (lambda: proposed(reported={P2: "x"}), ("feedback_follows_the_report", "18", "opinions")),
        (lambda: decided(APPROVED), ("feedback_awaits_decision", "18", None)),
        (lambda: decided(SENT_BACK), ("feedback_awaits_decision", "18", None)),
        (lambda: decided(approved=0), ("feedback_sent_back_with_a_reason", "18", "reason")),
        (lambda: decided(decided_on=ON - DAY), ("feedback_decision_not_before_proposal", "18", "decided_on")),
        (lambda: given(duty="deputy_leader"), ("signed_by_the_leader", "6(3)", None)),
        (lambda: given(PROPOSED), ("feedback_given_after_approval", "18", None)),
        (lambda: given(SENT_BACK), ("feedback_given_after_approval", "18", None)),
        (lambda: given(GIVEN), ("feedback_given_after_approval", "18", None)),
        (lambda: given(given_on=ON - DAY), ("feedback_not_before_approval", "18", "given_on")),
        (lambda: given(recipients=()), ("feedback_to_the_leadership_body", "18", "recipients")),
        (lambda: given(recipients=(SECOND,)), ("feedback_to_the_leadership_body", "18", "recipients")),
        (lambda: given(recipients=(HEAD, HEAD)), ("feedback_to_the_leadership_body", "18", "recipients")),
        (lambda: given(recipients=(HEAD, OTHER)), ("feedback_to_the_leadership_body", "18", "recipients")),
        (lambda: received(APPROVED), ("feedback_awaits_receipt", "19", None)),
        (lambda: received(RECEIVED), ("feedback_awaits_receipt", "19", None)),
        (lambda: received(on=ON - DAY), ("feedback_receipt_not_before_given", "19", "received_on")),
        (lambda: served(APPROVED, ON + 30 * DAY), ("feedback_awaits_receipt", "19", None)),
        (lambda: served(RECEIVED, ON + 30 * DAY), ("feedback_awaits_receipt", "19", None)),
        (lambda: served(SERVED, ON + 30 * DAY), ("feedback_awaits_receipt", "19", None)),
        (served, ("feedback_service_after_its_period", "19", "recorded_on")),
    ],
)
def test_what_the_regulation_does_not_allow_is_refused(
    ask: Callable[[], object], expected: tuple[str, str, str | None]
) -> None:
    """Articles 6(3), 18, 19."""
    assert refusal(ask) == expected


@pytest.mark.parametrize("approved", [1, 0])
def test_approved_feedback_is_hoped_to_be_given_by_a_day(approved: int) -> None:
    """Art. 18, promptly: not what was sent back; from whom the report is kept, the fact says in any case."""
    hope = hoped(edition_with_guidance(), CALENDAR, "feedback_given", ON)
    assert hope is not None
    command = DecideFeedback(inspection=INSPECTION, approved=approved, reason=TEXT, decided_on=ON)
    (fact,) = decide(PROPOSED, command, hoped=hope)
    assert (fact.hoped, fact.withheld_from) == (hope if approved else None, (OTHER,))
    (without,) = decide(PROPOSED, command)
    assert (without.hoped, without.withheld_from) == (None, (OTHER,))


# --- a wrong day put right -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "fits"),
    [(-1, False), (0, True), (9, True), (10, False)],
    ids=["day before it was given", "on it", "day of the first report", "day after"],
)
def test_the_day_of_receipt_is_corrected(days: int, fits: bool) -> None:
    """Articles 18, 19, 28 (c): between giving and the first report, each day included."""
    state = replace(RECEIVED, received_on=ON + 2 * DAY)
    command = CorrectDay(
        matter=INSPECTION,
        day_of=DayOf.FEEDBACK_RECEIVED,
        day=ON + days * DAY,
        reason=TEXT,
        paper=PAPER,
        corrected_on=ON + 30 * DAY,
    )
    later = (ON + 9 * DAY, None)
    if not fits:
        no = refusal(lambda: correct(state, command, entry=SAID, later=later))
        assert no == ("corrected_day_fits_the_others", "28", "day")
        return
    (fact,) = correct(state, command, entry=SAID, later=later)
    assert isinstance(fact, FeedbackDayCorrected)
    after = evolve(state, fact)
    assert (fact.corrected.before, after.received_on) == (ON + 2 * DAY, command.day)
    assert correct(after, command, entry=SAID, later=later) == []
    assert after.between(DayOf.ENDED).day is None
