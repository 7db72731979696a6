"""What an inspected unit sees of the work on site: what it is asked for, and what is suggested to it (Art. 12, 15)."""

from datetime import date
from typing import Any

from domain.documents import DocumentsRequested
from domain.kernel import Content, Entry
from domain.suggestions import SuggestionAnswered, SuggestionMade
from projections.on_site import DocumentRequestRow, document_request_key, document_requests_for
from projections.rows import Row, step_of
from projections.shelf import View


def _unit(fact: DocumentsRequested, _: Entry[Any]) -> tuple[str, ...]:
    return (fact.unit,)


class UnitSuggestionRow(Row):
    """A handling suggestion as the unit got it. Article 15. **Source** `suggestion.made`, `suggestion.answered`."""

    inspection: str
    unit: str
    status: str
    text: Content
    recipients: tuple[str, ...]
    made_on: date
    account: Content | None = None
    answered_on: date | None = None


def suggestions(row: UnitSuggestionRow | None, entry: Entry[Any]) -> UnitSuggestionRow | None:
    match entry.fact:
        case SuggestionMade() as fact:
            return UnitSuggestionRow(
                id=fact.suggestion,
                readers=(fact.unit,),
                order=f"{fact.made_on.isoformat()}/{fact.suggestion}",
                steps=(step_of(entry),),
                inspection=fact.inspection,
                unit=fact.unit,
                status="made",
                text=fact.text,
                recipients=fact.recipients,
                made_on=fact.made_on,
            )
        case SuggestionAnswered() as fact if row is not None:
            return row.then(entry, status="answered", account=fact.account, answered_on=fact.answered_on)
    return row


def suggestion_key(entry: Entry[Any]) -> str | None:
    """From its making on: before it there is nothing the unit could know of."""
    match entry.fact:
        case SuggestionMade() | SuggestionAnswered():
            return entry.stream
    return None


VIEWS = (
    View(
        "unit_document_requests",
        DocumentRequestRow,
        document_request_key,
        document_requests_for(_unit),
        ("status",),
    ),
    View("unit_suggestions", UnitSuggestionRow, suggestion_key, suggestions, ("status",)),
)
