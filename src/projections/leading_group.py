"""What the leading group sees: plans, and the items its heads decide and its members are summoned to (Art. 3, 17)."""

from datetime import date
from typing import Any

from domain.clues import ClueMadeKnown, ClueReleased, ClueReportedDirectly
from domain.disposals import DisposalDayCorrected, DisposalDecided, DisposalProposed, DisposalReturned
from domain.kernel import Content, Entry
from domain.problems import ProblemReported
from domain.recusals import RecusalRequested
from projections.matters import (
    BodyRow,
    RecusalRequestToDecideRow,
    RoundRow,
    also_withheld,
    bodies_for,
    body_key,
    recusal_request_keys,
    recusal_requests_for,
    round_key,
    rounds_for,
)
from projections.preparation import NominationRow, nomination_key, nominations_for
from projections.publications import PublishedRow, published_for, published_key
from projections.rectifications import RectificationOverviewRow, overview_for, rectification_key
from projections.rows import Correctable, Row, step_of
from projections.shelf import View

GROUP = ("group",)


class ItemRow(Correctable):
    """An item for decision: its paper, the proposal, the decision; anew where it was returned. Articles 3, 17.

    Read by the group's heads and by those summoned, but by nobody it concerns. **Source** `disposal.*`.
    """

    round: str
    unit: str
    status: str
    paper: Content
    reason: Content
    disposal_class: str
    organ: str
    summoned: tuple[str, ...]
    proposed_on: date
    attendees: tuple[str, ...] = ()
    conclusion: Content | None = None
    decided_on: date | None = None


def items(row: ItemRow | None, entry: Entry[Any]) -> ItemRow | None:
    match entry.fact:
        case DisposalProposed() as fact:
            return ItemRow(
                id=fact.item,
                readers=("group-heads", *fact.summoned),
                withheld_from=(fact.unit, *fact.withheld_from),
                order=f"{fact.proposed_on.isoformat()}/{fact.item}",
                steps=(*(row.steps if row else ()), step_of(entry)),
                round=fact.round,
                unit=fact.unit,
                status="awaiting_decision",
                paper=fact.paper,
                reason=fact.reason,
                disposal_class=fact.disposal_class,
                organ=fact.organ,
                summoned=fact.summoned,
                proposed_on=fact.proposed_on,
            )
        case DisposalDecided() as fact if row is not None:
            return row.then(
                entry,
                status="decided",
                disposal_class=fact.disposal_class,
                organ=fact.organ,
                attendees=fact.attendees,
                conclusion=fact.conclusion,
                decided_on=fact.decided_on,
            )
        case DisposalReturned() if row is not None:
            return row.then(entry, status="returned")
        case DisposalDayCorrected() as fact if row is not None:
            return row.corrected(entry, decided_on=fact.corrected.day)
        case ProblemReported() as fact if row is not None:
            return also_withheld(row, fact.withheld_from)
    return row


def item_key(entry: Entry[Any]) -> str | None:
    match entry.fact:
        case ProblemReported() as fact:
            return fact.problem
        case DisposalProposed() | DisposalDecided() | DisposalReturned() | DisposalDayCorrected() as fact:
            return fact.item
    return None


class DirectReportRow(Row):
    """A clue reported past the office, and what is special about it. Article 14.

    Read by its addressee and those let know of it, and by nobody else. From first knowledge to report: both days.
    **Source** `clue.reported-directly`, `clue.made-known`, `clue.released`.
    """

    round: str
    inspection: str
    unit: str
    status: str
    reported_to: str
    named: tuple[str, ...]
    special_circumstances: Content
    report: Content
    summary: Content
    major_problem: str | None
    first_known_on: date
    reported_on: date
    released_on: date | None = None
    instruction: Content | None = None


def direct_reports(row: DirectReportRow | None, entry: Entry[Any]) -> DirectReportRow | None:
    match entry.fact:
        case ClueReportedDirectly() as fact:
            return DirectReportRow(
                id=fact.clue,
                readers=(f"{fact.addressee}/direct", *fact.named),
                withheld_from=(fact.unit, *fact.concerned),
                order=f"{fact.reported_on.isoformat()}/{fact.clue}",
                # Reported again where the addressee before left the post: who had it stands in the steps.
                steps=(*(row.steps if row else ()), step_of(entry)),
                round=fact.round,
                inspection=fact.inspection,
                unit=fact.unit,
                status="restricted",
                reported_to=fact.addressee,
                named=fact.named,
                special_circumstances=fact.special_circumstances,
                report=fact.report,
                summary=fact.summary,
                major_problem=fact.major_problem,
                first_known_on=fact.first_known_on,
                reported_on=fact.reported_on,
            )
        case ClueMadeKnown() as fact if row is not None:
            named, readers = (*row.named, *fact.persons), (*row.readers, *fact.persons)
            return row.then(entry, named=named, readers=readers)
        case ClueReleased() as fact if row is not None:
            return row.then(entry, status="released", released_on=fact.released_on, instruction=fact.instruction)
    return row


def direct_report_key(entry: Entry[Any]) -> str | None:
    match entry.fact:
        case ClueReportedDirectly() | ClueMadeKnown() | ClueReleased():
            return entry.stream
    return None


def _heads(_: Any) -> tuple[str, ...]:
    return ("group-heads",)


def _of_a_leader(fact: RecusalRequested) -> tuple[str, ...]:
    return ("group-heads",) if fact.of_the_leader else ()


VIEWS = (
    View("leading_group_bodies", BodyRow, body_key, bodies_for(lambda _: GROUP), ("category", "organ_class")),
    View("leading_group_rounds", RoundRow, round_key, rounds_for(GROUP), ("status", "year"), version=2),
    View(
        "leading_group_rectifications",
        RectificationOverviewRow,
        rectification_key,
        overview_for(GROUP),
        ("round", "unit"),
        version=3,
    ),
    View(
        "leading_group_publications",
        PublishedRow,
        published_key,
        published_for(lambda _: GROUP),
        ("inspection", "unit", "of"),
    ),
    View("leading_group_nominations", NominationRow, nomination_key, nominations_for(_heads), ("round", "person")),
    View(
        "leading_group_recusal_requests",
        RecusalRequestToDecideRow,
        recusal_request_keys,
        recusal_requests_for(_of_a_leader, decided_here=True),
        ("round", "unit", "person", "outcome"),
        many=True,
        version=2,
    ),
    View("leading_group_items", ItemRow, item_key, items, ("round", "unit", "status"), version=5),
    View(
        "leading_group_direct_reports",
        DirectReportRow,
        direct_report_key,
        direct_reports,
        ("round", "unit", "status"),
        version=2,
    ),
)
