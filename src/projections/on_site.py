"""What team and unit see alike of the work on site: the requests for documents (Art. 12(6), 25(2))."""

from datetime import date
from typing import Any

from domain.documents import DocumentsAnswered, DocumentsRequested
from domain.kernel import Content, Entry
from domain.suggestions import SuggestionAnswered, SuggestionDecided, SuggestionMade, SuggestionProposed
from projections.rows import Row, step_of


class DocumentRequestRow(Row):
    """A request for documents and what became of it. Articles 12(6), 25(2). **Source** `document.*`.

    `late` says whether the last answer came after the day they were wanted by; absent until there is one.
    """

    inspection: str
    unit: str
    status: str
    what: Content
    recipients: tuple[str, ...]
    requested_on: date
    wanted_by: date
    account: Content | None = None
    reason: Content | None = None
    answered_on: date | None = None
    late: bool | None = None


def document_requests_for(readers: Any) -> Any:
    """The requests as rows; `readers` says who reads one, from the entry it was made by."""

    def document_requests(row: DocumentRequestRow | None, entry: Entry[Any]) -> DocumentRequestRow | None:
        match entry.fact:
            case DocumentsRequested() as fact:
                return DocumentRequestRow(
                    id=fact.request,
                    readers=readers(fact, entry),
                    order=f"{fact.requested_on.isoformat()}/{fact.request}",
                    steps=(step_of(entry),),
                    inspection=fact.inspection,
                    unit=fact.unit,
                    status="requested",
                    what=fact.what,
                    recipients=fact.recipients,
                    requested_on=fact.requested_on,
                    wanted_by=fact.wanted_by,
                )
            case DocumentsAnswered() as fact if row is not None:
                return row.then(
                    entry,
                    status=str(fact.outcome),
                    account=fact.account,
                    reason=fact.reason,
                    answered_on=fact.answered_on,
                    late=row.wanted_by < fact.answered_on,
                )
        return row

    return document_requests


def document_request_key(entry: Entry[Any]) -> str | None:
    match entry.fact:
        case DocumentsRequested() | DocumentsAnswered():
            return entry.stream
    return None


def suggestion_key(entry: Entry[Any]) -> str | None:
    match entry.fact:
        case SuggestionProposed() | SuggestionDecided() | SuggestionMade() | SuggestionAnswered():
            return entry.stream
    return None


def after_proposal(row: Any, entry: Entry[Any]) -> Any:
    """A suggestion's row after its decision, its making and its answer: the same for the team and the office."""
    match entry.fact:
        case SuggestionDecided() as fact:
            status = "approved" if fact.approved else "declined"
            return row.then(entry, status=status, reason=fact.reason, decided_on=fact.decided_on)
        case SuggestionMade() as fact:
            return row.then(entry, status="made", recipients=fact.recipients, made_on=fact.made_on)
        case SuggestionAnswered() as fact:
            return row.then(entry, status="answered", account=fact.account, answered_on=fact.answered_on)
    return row
