"""Feedback as rows: for office and team with the report's problems, for the unit what it was told (Art. 18, 19)."""

from collections.abc import Callable
from datetime import date
from typing import Any

from domain.feedback import (
    FeedbackDayCorrected,
    FeedbackDecided,
    FeedbackGiven,
    FeedbackPoint,
    FeedbackProposed,
    FeedbackReceived,
    FeedbackServiceRecorded,
    ProposedOpinion,
)
from domain.kernel import Content, Entry, Value
from domain.rulebook.posts import Duty, Power
from projections.reports import LEADERS, closing
from projections.rows import Correctable, step_of
from projections.shelf import View

Readers = Callable[[str], tuple[str, ...]]


class FeedbackRow(Correctable):
    """A feedback proposed, approved, given, received. Articles 18, 19. **Source** `feedback.*`."""

    round: str
    inspection: str
    unit: str
    status: str
    overview: Content
    opinions: tuple[ProposedOpinion, ...]
    proposed_on: date
    reason: Content | None = None
    decided_on: date | None = None
    points: tuple[FeedbackPoint, ...] = ()
    recipients: tuple[str, ...] = ()
    given_on: date | None = None
    received_on: date | None = None
    service_recorded_on: date | None = None
    service_reason: Content | None = None


def feedback_for(readers: Readers, once_given: Readers) -> Any:
    """The feedback as rows; `once_given` are those who read it only from then on."""

    def feedback(row: FeedbackRow | None, entry: Entry[Any]) -> FeedbackRow | None:
        fact = entry.fact
        if isinstance(fact, FeedbackProposed):
            return FeedbackRow(
                id=fact.feedback,
                readers=readers(fact.inspection),
                withheld_from=(fact.unit, *fact.withheld_from),
                order=fact.feedback,
                steps=(*(row.steps if row else ()), step_of(entry)),
                round=fact.round,
                inspection=fact.inspection,
                unit=fact.unit,
                status="proposed",
                overview=fact.overview,
                opinions=fact.opinions,
                proposed_on=fact.proposed_on,
            )
        if row is None:
            return None
        match fact:
            case FeedbackDecided():
                status = "approved" if fact.approved else "sent_back"
                return row.then(entry, status=status, reason=fact.reason, decided_on=fact.decided_on)
            case FeedbackGiven():
                return row.then(
                    entry,
                    readers=(*row.readers, *once_given(fact.inspection)),
                    status="given",
                    overview=fact.overview,
                    points=fact.points,
                    recipients=fact.recipients,
                    given_on=fact.given_on,
                )
            case FeedbackReceived():
                return row.then(entry, status="received", received_on=fact.received_on)
            case FeedbackDayCorrected():
                return row.corrected(entry, received_on=fact.corrected.day)
            case FeedbackServiceRecorded():
                return row.then(
                    entry,
                    status="service_recorded",
                    service_recorded_on=fact.recorded_on,
                    service_reason=fact.reason,
                )
        return row

    return feedback


def feedback_key(entry: Entry[Any]) -> str | None:
    match entry.fact:
        case FeedbackProposed() | FeedbackDecided() | FeedbackGiven() | FeedbackReceived() | FeedbackServiceRecorded():
            return entry.stream
        case FeedbackDayCorrected():
            return entry.stream
    return None


class UnitPoint(Value):
    """A problem the unit was told of, and the opinion on putting it right. Articles 18, 19."""

    item: str
    category: str
    text: Content
    opinion: Content


class UnitFeedbackRow(Correctable):
    """What was fed back to the unit, and its receipt. Articles 18, 19. **Source** `feedback.*`, once it was given."""

    inspection: str
    unit: str
    status: str
    overview: Content
    points: tuple[UnitPoint, ...]
    recipients: tuple[str, ...]
    given_on: date
    received_on: date | None = None
    service_recorded_on: date | None = None
    service_reason: Content | None = None


def unit_feedback(row: UnitFeedbackRow | None, entry: Entry[Any]) -> UnitFeedbackRow | None:
    fact = entry.fact
    if isinstance(fact, FeedbackGiven):
        return UnitFeedbackRow(
            id=fact.feedback,
            readers=(fact.unit,),
            order=f"{fact.given_on.isoformat()}/{fact.feedback}",
            steps=(step_of(entry),),
            inspection=fact.inspection,
            unit=fact.unit,
            status="given",
            overview=fact.overview,
            points=tuple(
                UnitPoint(item=p.item, category=p.category, text=p.text, opinion=p.opinion) for p in fact.points
            ),
            recipients=fact.recipients,
            given_on=fact.given_on,
        )
    if row is None:
        return None
    match fact:
        case FeedbackReceived():
            return row.then(entry, status="received", received_on=fact.received_on)
        case FeedbackDayCorrected():
            return row.corrected(entry, received_on=fact.corrected.day)
        case FeedbackServiceRecorded():
            return row.then(
                entry, status="service_recorded", service_recorded_on=fact.recorded_on, service_reason=fact.reason
            )
    return row


def unit_feedback_key(entry: Entry[Any]) -> str | None:
    """From the giving on: that one was proposed, sent back or approved does not show."""
    match entry.fact:
        case FeedbackGiven() | FeedbackReceived() | FeedbackServiceRecorded():
            return entry.stream
        case FeedbackDayCorrected():
            return entry.stream
    return None


def _office(_: str) -> tuple[str, ...]:
    return ("office",)


def _nobody(_: str) -> tuple[str, ...]:
    return ()


def _leaders(inspection: str) -> tuple[str, ...]:
    return closing(inspection, *LEADERS)


def _supervising(inspection: str) -> tuple[str, ...]:
    """Whoever has the power of supervision there: limited to the unit's feedback and rectification (Art. 5, 20)."""
    return tuple(f"{inspection}/{Power.SUPERVISION}/{duty}" for duty in Duty)


OFFICE_VIEWS = (
    View(
        "office_feedback",
        FeedbackRow,
        feedback_key,
        feedback_for(_office, _nobody),
        ("round", "unit", "status"),
        version=3,
    ),
)
TEAM_VIEWS = (
    View(
        "team_feedback",
        FeedbackRow,
        feedback_key,
        feedback_for(_leaders, _supervising),
        ("inspection", "status"),
        version=3,
    ),
)
UNIT_VIEWS = (View("unit_feedback", UnitFeedbackRow, unit_feedback_key, unit_feedback, ("status",), version=3),)
