"""Feedback to the unit: proposed by the leader, approved, given, received (Art. 18, 19)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import ClassVar, Literal, assert_never
from uuid import UUID

from domain.kernel import (
    Aggregate,
    Between,
    BodyId,
    Code,
    Command,
    Content,
    CorrectDay,
    CorrectedDay,
    DayOf,
    Fact,
    FeedbackId,
    InspectionId,
    ItemId,
    Label,
    Manner,
    PersonId,
    ProblemId,
    RoundId,
    Value,
    derived_id,
)
from domain.rulebook import rules
from domain.rulebook.obligations import Hope, Obligation

# --- values ----------------------------------------------------------------------------------------------------


class Opinion(Value):
    """A problem of the report as it is to be fed back, and the opinion on putting it right. Article 18."""

    problem: ProblemId
    text: Content
    opinion: Content


class ProposedOpinion(Opinion):
    """An opinion with the category of its problem. Articles 9, 18."""

    category: Code


class FeedbackPoint(ProposedOpinion):
    """What was fed back, as an item the unit puts right; its problem is never shown to the unit. Articles 18, 19."""

    item: ItemId


# --- commands --------------------------------------------------------------------------------------------------


class ProposeFeedback(Command):
    """Propose what is fed back to the unit; signed off by the leader. Articles 6(3), 18."""

    inspection: InspectionId
    overview: Content
    opinions: tuple[Opinion, ...] = ()
    proposed_on: date


class DecideFeedback(Command):
    """Approve the feedback, or send it back with a reason. Article 18."""

    inspection: InspectionId
    approved: Literal[0, 1]
    reason: Content | None = None
    decided_on: date


class GiveFeedback(Command):
    """Give the approved feedback to the unit's leadership body, its head among them. Article 18."""

    inspection: InspectionId
    recipients: tuple[PersonId, ...]
    how: Manner = Manner.IN_PERSON
    given_on: date


class ReceiveFeedback(Command):
    """Acknowledge receipt of the feedback; the month for the two reports is counted from it. Articles 18, 19."""

    inspection: InspectionId
    received_on: date
    how: Manner = Manner.IN_PERSON


class RecordFeedbackService(Command):
    """Record service of a feedback the unit has not acknowledged; the month is counted from it. Article 19 (c)."""

    inspection: InspectionId
    reason: Content
    recorded_on: date


# --- facts -----------------------------------------------------------------------------------------------------


class FeedbackProposed(Fact):
    """What is to be fed back awaits approval. Articles 6(3), 18."""

    label: ClassVar[Label] = Label.FEEDBACK
    kind: Literal["feedback.proposed.v1"] = "feedback.proposed.v1"
    feedback: FeedbackId
    round: RoundId
    inspection: InspectionId
    unit: BodyId
    overview: Content
    opinions: tuple[ProposedOpinion, ...]
    withheld_from: tuple[PersonId, ...]
    proposed_on: date


class FeedbackDecided(Fact):
    """The feedback was approved, or sent back. Article 18."""

    label: ClassVar[Label] = Label.FEEDBACK
    kind: Literal["feedback.decided.v1"] = "feedback.decided.v1"
    feedback: FeedbackId
    round: RoundId
    inspection: InspectionId
    unit: BodyId
    approved: Literal[0, 1]
    reason: Content | None = None
    decided_on: date
    hoped: Hope | None = None
    withheld_from: tuple[PersonId, ...]


class FeedbackGiven(Fact):
    """The unit was told: the approved text, written again for it. Article 18."""

    label: ClassVar[Label] = Label.FEEDBACK
    kind: Literal["feedback.given.v1"] = "feedback.given.v1"
    feedback: FeedbackId
    round: RoundId
    inspection: InspectionId
    unit: BodyId
    overview: Content
    points: tuple[FeedbackPoint, ...]
    recipients: tuple[PersonId, ...]
    how: Manner
    given_on: date


class FeedbackReceived(Fact):
    """The unit received the feedback; the two reports it owes from here on. Articles 18, 19."""

    label: ClassVar[Label] = Label.FEEDBACK
    kind: Literal["feedback.received.v1"] = "feedback.received.v1"
    feedback: FeedbackId
    round: RoundId
    inspection: InspectionId
    unit: BodyId
    received_by: PersonId
    received_on: date
    how: Manner
    report: Obligation | None = None
    heads_report: Obligation | None = None


class FeedbackServiceRecorded(Fact):
    """The office recorded service of a feedback nobody acknowledged; what the unit owes from then. Article 19 (c)."""

    label: ClassVar[Label] = Label.FEEDBACK
    kind: Literal["feedback.service-recorded.v1"] = "feedback.service-recorded.v1"
    feedback: FeedbackId
    round: RoundId
    inspection: InspectionId
    unit: BodyId
    reason: Content
    recorded_on: date
    report: Obligation | None = None
    heads_report: Obligation | None = None


class FeedbackDayCorrected(Fact):
    """The day of receipt was corrected; the rectification says what is owed by it. Articles 18, 19, 28 (c)."""

    label: ClassVar[Label] = Label.FEEDBACK
    kind: Literal["feedback.day-corrected.v1"] = "feedback.day-corrected.v1"
    feedback: FeedbackId
    round: RoundId
    inspection: InspectionId
    unit: BodyId
    corrected: CorrectedDay


FeedbackFact = (
    FeedbackProposed
    | FeedbackDecided
    | FeedbackGiven
    | FeedbackReceived
    | FeedbackServiceRecorded
    | FeedbackDayCorrected
)


# --- state -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Feedback:
    """What decisions need of a feedback. Its texts are written again when it is given, and when it is received."""

    round: str
    unit: str
    proposed: FeedbackProposed
    approved: bool | None = None
    decided_on: date | None = None
    given: FeedbackGiven | None = None
    received_on: date | None = None
    service_recorded_on: date | None = None

    def between(self, which: DayOf) -> Between:
        """The day of receipt, and when it was given."""
        return Between(self.received_on if which is DayOf.FEEDBACK_RECEIVED else None, (self.given_on,))

    @property
    def withheld_from(self) -> tuple[str, ...]:
        return self.proposed.withheld_from

    @property
    def given_on(self) -> date | None:
        return self.given.given_on if self.given else None

    @property
    def arrived(self) -> bool:
        """Whether the month is running: from receipt, or from service recorded."""
        return self.received_on is not None or self.service_recorded_on is not None


def feedback_of(inspection: str) -> str:
    """The stream of an inspection's feedback."""
    return derived_id("feedback", inspection)


# --- decisions -------------------------------------------------------------------------------------------------


def propose(
    state: Feedback | None,
    feedback: str,
    command: ProposeFeedback,
    *,
    duty: str,
    round_: str,
    unit: str,
    submitted_on: date | None,
    reported: Mapping[str, str],
    withheld_from: tuple[str, ...],
) -> list[FeedbackFact]:
    """`submitted_on`, `reported`, `withheld_from`: of the inspection report; its problems with their categories."""
    rules.signed_by_the_leader.demand(duty)
    rules.feedback_rests_on_the_report.demand(submitted_on is not None)
    rules.one_feedback_at_a_time.demand(state is not None and state.approved is not False)
    rules.feedback_proposal_not_before_report.demand(submitted_on, command.proposed_on, path="proposed_on")
    rules.feedback_follows_the_report.demand([o.problem for o in command.opinions], reported, path="opinions")
    return [
        FeedbackProposed(
            feedback=feedback,
            round=round_,
            inspection=command.inspection,
            unit=unit,
            overview=command.overview,
            opinions=tuple(
                ProposedOpinion(problem=o.problem, category=reported[o.problem], text=o.text, opinion=o.opinion)
                for o in command.opinions
            ),
            withheld_from=withheld_from,
            proposed_on=command.proposed_on,
        )
    ]


def decide(state: Feedback, command: DecideFeedback, *, hoped: Hope | None = None) -> list[FeedbackFact]:
    """`hoped`: by when approved feedback is hoped to be given, where the edition gives guidance for 及时 (promptly)."""
    rules.feedback_awaits_decision.demand(state.approved is None)
    rules.feedback_sent_back_with_a_reason.demand(command.approved, command.reason is not None, path="reason")
    rules.feedback_decision_not_before_proposal.demand(
        state.proposed.proposed_on, command.decided_on, path="decided_on"
    )
    return [
        FeedbackDecided(
            feedback=state.proposed.feedback,
            round=state.round,
            inspection=command.inspection,
            unit=state.unit,
            approved=command.approved,
            reason=command.reason,
            decided_on=command.decided_on,
            hoped=hoped if command.approved else None,
            withheld_from=state.withheld_from,
        )
    ]


def give(
    state: Feedback,
    command: GiveFeedback,
    *,
    duty: str,
    again: FeedbackProposed,
    items: Mapping[str, str],
    leadership_body: Collection[str],
    heads: Collection[str],
) -> list[FeedbackFact]:
    """`again`: the approved proposal with its texts to be written again; `items`: an item for each problem;
    `leadership_body`, `heads`: those of the recipients who held such a post in the unit on that day."""
    rules.signed_by_the_leader.demand(duty)
    rules.feedback_given_after_approval.demand(state.approved is True, state.given is not None)
    rules.feedback_not_before_approval.demand(state.decided_on, command.given_on, path="given_on")
    rules.feedback_to_the_leadership_body.demand(command.recipients, leadership_body, heads, path="recipients")
    return [
        FeedbackGiven(
            feedback=again.feedback,
            round=state.round,
            inspection=command.inspection,
            unit=state.unit,
            overview=again.overview,
            points=tuple(
                FeedbackPoint(
                    item=items[o.problem], problem=o.problem, category=o.category, text=o.text, opinion=o.opinion
                )
                for o in again.opinions
            ),
            recipients=command.recipients,
            how=command.how,
            given_on=command.given_on,
        )
    ]


def receive(
    state: Feedback,
    command: ReceiveFeedback,
    *,
    received_by: str,
    report: Obligation | None,
    heads_report: Obligation | None,
) -> list[FeedbackFact]:
    """A receipt after service was recorded is on record too, but moves nothing: the month runs already."""
    rules.feedback_awaits_receipt.demand(state.given is not None, state.received_on is not None)
    rules.feedback_receipt_not_before_given.demand(state.given_on, command.received_on, path="received_on")
    return [
        FeedbackReceived(
            feedback=state.proposed.feedback,
            round=state.round,
            inspection=command.inspection,
            unit=state.unit,
            received_by=received_by,
            received_on=command.received_on,
            how=command.how,
            report=None if state.arrived else report,
            heads_report=None if state.arrived else heads_report,
        )
    ]


def record_service(
    state: Feedback,
    command: RecordFeedbackService,
    *,
    last_day: date | None,
    report: Obligation | None,
    heads_report: Obligation | None,
) -> list[FeedbackFact]:
    """`last_day`: the last day for a receipt; None where the edition has no such period."""
    rules.feedback_awaits_receipt.demand(state.given is not None, state.arrived)
    rules.feedback_service_after_its_period.demand(last_day, command.recorded_on, path="recorded_on")
    return [
        FeedbackServiceRecorded(
            feedback=state.proposed.feedback,
            round=state.round,
            inspection=command.inspection,
            unit=state.unit,
            reason=command.reason,
            recorded_on=command.recorded_on,
            report=report,
            heads_report=heads_report,
        )
    ]


def correct(state: Feedback, command: CorrectDay, *, entry: UUID, later: tuple[date | None, ...]) -> list[FeedbackFact]:
    """`entry`: the one that says the day that stands; `later`: when the two reports were first submitted."""
    place = state.between(command.day_of)
    assert place.day is not None  # noqa: S101  what is not on record is not found
    if place.day == command.day:
        return []
    rules.corrected_day_fits_the_others.demand(place._replace(later=later).fits(command.day), path="day")
    return [
        FeedbackDayCorrected(
            feedback=state.proposed.feedback,
            round=state.round,
            inspection=command.matter,
            unit=state.unit,
            corrected=command.of(place.day, entry),
        )
    ]


def evolve(state: Feedback | None, fact: FeedbackFact) -> Feedback:
    if isinstance(fact, FeedbackProposed):
        return Feedback(fact.round, fact.unit, fact)
    assert state is not None  # noqa: S101  a feedback's stream begins with its proposal
    match fact:
        case FeedbackDecided():
            return replace(state, approved=bool(fact.approved), decided_on=fact.decided_on)
        case FeedbackGiven():
            return replace(state, given=fact)
        case FeedbackReceived():
            return replace(state, received_on=fact.received_on)
        case FeedbackServiceRecorded():
            return replace(state, service_recorded_on=fact.recorded_on)
        case FeedbackDayCorrected():
            return replace(state, received_on=fact.corrected.day)
        case _:
            assert_never(fact)


FEEDBACK: Aggregate[Feedback] = Aggregate("feedback", evolve)
