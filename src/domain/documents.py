"""A request for documents: what the team calls for, by when, and what the unit gave (Art. 12(6), 25(2))."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import ClassVar, Literal, assert_never

from domain.kernel import (
    Aggregate,
    BodyId,
    Command,
    Content,
    DocumentRequestId,
    Fact,
    InspectionId,
    Label,
    Manner,
    PersonId,
    RoundId,
)
from domain.rulebook import rules


class Given(StrEnum):
    """What became of a request. Articles 12(6), 25(2)."""

    GIVEN = "given"
    PARTLY = "partly"
    REFUSED = "refused"


# --- commands --------------------------------------------------------------------------------------------------


class RequestDocuments(Command):
    """Call for documents of the unit: what, from whom, by when. Article 12(6)."""

    inspection: InspectionId
    what: Content
    recipients: tuple[PersonId, ...]
    how: Manner = Manner.IN_PERSON
    wanted_by: date
    requested_on: date


class AnswerDocumentRequest(Command):
    """Answer a request for documents: given, partly or refused, with an account. Articles 12(6), 25(2).

    What is not given in full needs a reason; what was given in part may be completed by another answer.
    """

    request: DocumentRequestId
    outcome: Given
    account: Content
    reason: Content | None = None
    answered_on: date


# --- facts -----------------------------------------------------------------------------------------------------


class DocumentsRequested(Fact):
    """Documents were called for, from named persons of the unit. Article 12(6)."""

    label: ClassVar[Label] = Label.DOCUMENT
    kind: Literal["document.requested.v1"] = "document.requested.v1"
    request: DocumentRequestId
    round: RoundId
    inspection: InspectionId
    unit: BodyId
    what: Content
    recipients: tuple[PersonId, ...]
    how: Manner
    wanted_by: date
    requested_on: date


class DocumentsAnswered(Fact):
    """The unit gave, gave in part or refused what was called for. Articles 12(6), 25(2)."""

    label: ClassVar[Label] = Label.DOCUMENT
    kind: Literal["document.answered.v1"] = "document.answered.v1"
    request: DocumentRequestId
    round: RoundId
    inspection: InspectionId
    unit: BodyId
    outcome: Given
    account: Content
    reason: Content | None = None
    answered_by: PersonId
    answered_on: date


DocumentRequestFact = DocumentsRequested | DocumentsAnswered


# --- state -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class DocumentRequest:
    """What decisions need of a request for documents."""

    round: str
    inspection: str
    unit: str
    requested_on: date
    answered_on: date | None = None
    outcome: Given | None = None


# --- decisions -------------------------------------------------------------------------------------------------


def request(
    state: DocumentRequest | None,
    request_id: str,
    command: RequestDocuments,
    *,
    round_: str,
    unit: str,
    entered_on: date | None,
    ended_on: date | None,
    of_the_unit: Collection[str],
) -> list[DocumentRequestFact]:
    """`of_the_unit`: those of the recipients who held a post there on that day."""
    if state is not None:
        return []
    rules.on_site_during_the_inspection.demand(entered_on, ended_on, command.requested_on, path="requested_on")
    rules.delivered_to_named_persons.demand(command.recipients, of_the_unit, path="recipients")
    rules.wanted_not_before_request.demand(command.requested_on, command.wanted_by, path="wanted_by")
    return [
        DocumentsRequested(
            request=request_id,
            round=round_,
            inspection=command.inspection,
            unit=unit,
            what=command.what,
            recipients=command.recipients,
            how=command.how,
            wanted_by=command.wanted_by,
            requested_on=command.requested_on,
        )
    ]


def answer(state: DocumentRequest, command: AnswerDocumentRequest, *, answered_by: str) -> list[DocumentRequestFact]:
    rules.documents_not_yet_given.demand(state.outcome is Given.GIVEN)
    rules.document_answer_not_before_request.demand(
        state.answered_on or state.requested_on, command.answered_on, path="answered_on"
    )
    rules.not_given_for_a_stated_reason.demand(command.outcome, command.reason is not None, path="reason")
    return [
        DocumentsAnswered(
            request=command.request,
            round=state.round,
            inspection=state.inspection,
            unit=state.unit,
            outcome=command.outcome,
            account=command.account,
            reason=command.reason,
            answered_by=answered_by,
            answered_on=command.answered_on,
        )
    ]


def evolve(state: DocumentRequest | None, fact: DocumentRequestFact) -> DocumentRequest:
    if isinstance(fact, DocumentsRequested):
        return DocumentRequest(fact.round, fact.inspection, fact.unit, fact.requested_on)
    assert state is not None  # noqa: S101  a request's stream begins with its making
    match fact:
        case DocumentsAnswered():
            return replace(state, answered_on=fact.answered_on, outcome=fact.outcome)
        case _:
            assert_never(fact)


DOCUMENT_REQUESTS: Aggregate[DocumentRequest] = Aggregate("document-request", evolve)
