"""A unit's rectification: opened by receipt of the feedback, and the two reports owed within the month (Art. 19).

The month itself is never extended: there is no command for it. What may get a later day is a single item, with a
reason and approval (`domain/items.py`).
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import ClassVar, Literal, assert_never
from uuid import UUID

from domain.kernel import (
    Aggregate,
    BodyId,
    Code,
    Command,
    Content,
    CorrectDay,
    CorrectedDay,
    Fact,
    InspectionId,
    ItemId,
    Label,
    Manner,
    PersonId,
    PositiveInt,
    RoundId,
    Value,
    derived_id,
)
from domain.rulebook import rules
from domain.rulebook.obligations import Obligation, Recounted

# --- values ----------------------------------------------------------------------------------------------------


class OpenedItem(Value):
    """A problem of the feedback as an item to be put right: its category, its text, the opinion on it.

    Articles 18, 19.
    """

    item: ItemId
    category: Code
    text: Content
    opinion: Content


class Report(StrEnum):
    """Which of the two reports. Article 19."""

    RECTIFICATION = "rectification"
    HEADS = "heads"


# --- commands --------------------------------------------------------------------------------------------------


class SubmitRectificationReport(Command):
    """Submit the unit's report on its rectification to named persons of the office. Article 19."""

    inspection: InspectionId
    report: Content
    recipients: tuple[PersonId, ...]
    how: Manner = Manner.IN_PERSON
    submitted_on: date


class SubmitHeadsReport(Command):
    """Submit the head's own report on how the rectification was organised; the head signs it in person. Article 19."""

    inspection: InspectionId
    report: Content
    recipients: tuple[PersonId, ...]
    how: Manner = Manner.IN_PERSON
    submitted_on: date


class ReturnReport(Command):
    """Return one of the two reports with a reason; the unit then submits it again. Articles 19, 20."""

    inspection: InspectionId
    which: Report
    reason: Content
    returned_on: date


# --- facts -----------------------------------------------------------------------------------------------------


class RectificationOpened(Fact):
    """The unit received the feedback: its items, and the two reports it owes from here on. Articles 18, 19."""

    label: ClassVar[Label] = Label.RECTIFICATION
    kind: Literal["rectification.opened.v1"] = "rectification.opened.v1"
    inspection: InspectionId
    round: RoundId
    unit: BodyId
    items: tuple[OpenedItem, ...]
    received_on: date
    report: Obligation | None = None
    heads_report: Obligation | None = None


class RectificationReportSubmitted(Fact):
    """One of the two reports reached the office; `submission` says how often it was submitted. Article 19."""

    label: ClassVar[Label] = Label.RECTIFICATION
    kind: Literal["rectification.report-submitted.v1"] = "rectification.report-submitted.v1"
    inspection: InspectionId
    round: RoundId
    unit: BodyId
    which: Report
    submission: PositiveInt
    report: Content
    recipients: tuple[PersonId, ...]
    how: Manner
    submitted_on: date


class RectificationReportReturned(Fact):
    """The office returned one of the two reports with a reason. Articles 19, 20."""

    label: ClassVar[Label] = Label.RECTIFICATION
    kind: Literal["rectification.report-returned.v1"] = "rectification.report-returned.v1"
    inspection: InspectionId
    round: RoundId
    unit: BodyId
    which: Report
    submission: PositiveInt
    reason: Content
    returned_on: date


class RectificationDayCorrected(Fact):
    """The day the feedback was received was corrected; the two reports are owed anew. Articles 19, 28 (c)."""

    label: ClassVar[Label] = Label.RECTIFICATION
    kind: Literal["rectification.day-corrected.v1"] = "rectification.day-corrected.v1"
    inspection: InspectionId
    round: RoundId
    unit: BodyId
    corrected: CorrectedDay
    report: Recounted | None = None
    heads_report: Recounted | None = None


RectificationFact = (
    RectificationOpened | RectificationReportSubmitted | RectificationReportReturned | RectificationDayCorrected
)


# --- state -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Submissions:
    """Where one of the two reports stands: how often it was submitted, when first and last, when last returned."""

    count: int = 0
    first_on: date | None = None
    submitted_on: date | None = None
    returned_on: date | None = None

    @property
    def in_hand_since(self) -> date | None:
        """Since when the office holds it: submitted, and not returned since."""
        return self.submitted_on if self.returned_on is None else None

    @property
    def in_hand(self) -> bool:
        return self.in_hand_since is not None


@dataclass(frozen=True)
class Rectification:
    """What decisions need of a rectification."""

    round: str
    unit: str
    items: tuple[str, ...]
    received_on: date
    report: Submissions = Submissions()
    heads: Submissions = Submissions()
    report_owed: Obligation | None = None
    heads_owed: Obligation | None = None

    def of(self, which: Report) -> Submissions:
        return self.report if which is Report.RECTIFICATION else self.heads


def rectification_of(inspection: str) -> str:
    """The stream of an inspection's rectification."""
    return derived_id("rectification", inspection)


# --- decisions -------------------------------------------------------------------------------------------------


def open_rectification(
    state: Rectification | None,
    inspection: str,
    *,
    round_: str,
    unit: str,
    items: tuple[OpenedItem, ...],
    received_on: date,
    report: Obligation | None,
    heads_report: Obligation | None,
) -> list[RectificationFact]:
    """Of one act with the receipt of the feedback."""
    if state is not None:
        return []
    return [
        RectificationOpened(
            inspection=inspection,
            round=round_,
            unit=unit,
            items=items,
            received_on=received_on,
            report=report,
            heads_report=heads_report,
        )
    ]


def correct(
    state: Rectification,
    command: CorrectDay,
    *,
    entry: UUID,
    report: Recounted | None,
    heads_report: Recounted | None,
) -> list[RectificationFact]:
    """Of one act with the correction of the feedback's receipt, which is the `entry` it names. `report`,
    `heads_report`: as they are owed by this day."""
    return [
        RectificationDayCorrected(
            inspection=command.matter,
            round=state.round,
            unit=state.unit,
            corrected=command.of(state.received_on, entry),
            report=report if state.report_owed else None,
            heads_report=heads_report if state.heads_owed else None,
        )
    ]


def submit_report(
    state: Rectification,
    command: SubmitRectificationReport | SubmitHeadsReport,
    *,
    of_the_office: Collection[str],
) -> list[RectificationFact]:
    """`of_the_office`: those of the recipients who held a post in the office on that day."""
    which = Report.HEADS if isinstance(command, SubmitHeadsReport) else Report.RECTIFICATION
    before = state.of(which)
    rules.report_submitted_once_or_after_return.demand(before.in_hand)
    rules.delivered_to_the_office.demand(command.recipients, of_the_office, path="recipients")
    rules.reports_and_files_in_writing.demand(command.how, path="how")
    rules.report_not_before_feedback.demand(state.received_on, command.submitted_on, path="submitted_on")
    rules.resubmission_not_before_return.demand(before.returned_on, command.submitted_on, path="submitted_on")
    return [
        RectificationReportSubmitted(
            inspection=command.inspection,
            round=state.round,
            unit=state.unit,
            which=which,
            submission=before.count + 1,
            report=command.report,
            recipients=command.recipients,
            how=command.how,
            submitted_on=command.submitted_on,
        )
    ]


def return_report(state: Rectification, command: ReturnReport) -> list[RectificationFact]:
    submitted = state.of(command.which)
    rules.report_in_hand_before_return.demand(submitted.in_hand, path="which")
    rules.return_not_before_submission.demand(submitted.submitted_on, command.returned_on, path="returned_on")
    return [
        RectificationReportReturned(
            inspection=command.inspection,
            round=state.round,
            unit=state.unit,
            which=command.which,
            submission=submitted.count,
            reason=command.reason,
            returned_on=command.returned_on,
        )
    ]


def evolve(state: Rectification | None, fact: RectificationFact) -> Rectification:
    if isinstance(fact, RectificationOpened):
        return Rectification(
            fact.round,
            fact.unit,
            tuple(i.item for i in fact.items),
            fact.received_on,
            report_owed=fact.report,
            heads_owed=fact.heads_report,
        )
    assert state is not None  # noqa: S101  a rectification's stream begins with its opening
    match fact:
        case RectificationReportSubmitted():
            before = state.of(fact.which)
            first_on = before.first_on or fact.submitted_on
            return _with(state, fact.which, Submissions(fact.submission, first_on, fact.submitted_on))
        case RectificationReportReturned():
            return _with(state, fact.which, replace(state.of(fact.which), returned_on=fact.returned_on))
        case RectificationDayCorrected():
            return replace(
                state,
                received_on=fact.corrected.day,
                report_owed=fact.report.obligation if fact.report else state.report_owed,
                heads_owed=fact.heads_report.obligation if fact.heads_report else state.heads_owed,
            )
        case _:
            assert_never(fact)


def _with(state: Rectification, which: Report, submissions: Submissions) -> Rectification:
    if which is Report.RECTIFICATION:
        return replace(state, report=submissions)
    return replace(state, heads=submissions)


RECTIFICATIONS: Aggregate[Rectification] = Aggregate("rectification", evolve)
