"""What the office sees of the work on site: suggestions to approve, and exceptions that were made (Art. 12, 15)."""

from datetime import date
from typing import Any

from domain.activities import ActivityRecorded
from domain.kernel import Content, Entry
from domain.suggestions import Conditions, SuggestionProposed
from projections.office import OFFICE
from projections.on_site import after_proposal, suggestion_key
from projections.rows import Row, step_of
from projections.shelf import View


class OfficeSuggestionRow(Row):
    """A handling suggestion as the office approves it: its words and the three conditions. Article 15.

    Where it comes from does not stand here, and whom it is about or for does not see it. **Source** `suggestion.*`.
    """

    round: str
    inspection: str
    unit: str
    status: str
    text: Content
    conditions: Conditions
    proposed_on: date
    reason: Content | None = None
    decided_on: date | None = None
    recipients: tuple[str, ...] = ()
    made_on: date | None = None
    account: Content | None = None
    answered_on: date | None = None


def suggestions(row: OfficeSuggestionRow | None, entry: Entry[Any]) -> OfficeSuggestionRow | None:
    match entry.fact:
        case SuggestionProposed() as fact:
            return OfficeSuggestionRow(
                id=fact.suggestion,
                readers=OFFICE,
                withheld_from=(*fact.withheld_from, fact.unit),
                order=f"{fact.proposed_on.isoformat()}/{fact.suggestion}",
                steps=(step_of(entry),),
                round=fact.round,
                inspection=fact.inspection,
                unit=fact.unit,
                status="proposed",
                text=fact.text,
                conditions=fact.conditions,
                proposed_on=fact.proposed_on,
            )
    made: OfficeSuggestionRow | None = after_proposal(row, entry) if row else None
    return made


class DepartureRow(Row):
    """An exception a rule allows was made, for a reason on record with the team. Article 12(2).

    What the activity was about does not stand here. **Source** `activity.recorded`.
    """

    round: str
    inspection: str
    unit: str
    rules: tuple[str, ...]
    happened_on: date


def departures(row: DepartureRow | None, entry: Entry[Any]) -> DepartureRow | None:
    match entry.fact:
        case ActivityRecorded() as fact:
            return DepartureRow(
                id=str(entry.key),
                readers=OFFICE,
                withheld_from=(fact.unit,),
                order=f"{fact.held_on.isoformat()}/{entry.key}",
                steps=(step_of(entry),),
                round=fact.round,
                inspection=fact.inspection,
                unit=fact.unit,
                rules=fact.departures,
                happened_on=fact.held_on,
            )
    return row


def departure_key(entry: Entry[Any]) -> str | None:
    """The entry's own name: the activity's would say more than that an exception was made."""
    match entry.fact:
        case ActivityRecorded() as fact if fact.departures:
            return str(entry.key)
    return None


VIEWS = (
    View("office_suggestions", OfficeSuggestionRow, suggestion_key, suggestions, ("round", "unit", "status")),
    View("office_departures", DepartureRow, departure_key, departures, ("round", "inspection", "unit")),
)
