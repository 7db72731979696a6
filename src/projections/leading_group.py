"""What the leading group sees: plans, and the items its heads decide and its members are summoned to (Art. 3, 17)."""

from datetime import date
from typing import Any

from domain.bodies import BodyRegistered
from domain.clues import DisposalDecided, DisposalProposed
from domain.kernel import Content, Entry
from projections.matters import BodyRow, RoundRow, body_key, body_row, round_key, rounds_for
from projections.preparation import NominationRow, nomination_key, nominations_for
from projections.publications import PublishedRow, published_for, published_key
from projections.rectifications import RectificationOverviewRow, overview_for, rectification_key
from projections.rows import Row, step_of
from projections.shelf import View

GROUP = ("group",)


class ItemRow(Row):
    """An item for decision: its paper, the proposal, the decision. Articles 3, 17.

    Read by the group's heads and by those summoned, but by nobody it concerns. **Source** `clue.disposal-*`.
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
                id=fact.clue,
                readers=("group-heads", *fact.summoned),
                withheld_from=(fact.unit, *fact.withheld_from),
                order=f"{fact.proposed_on.isoformat()}/{fact.clue}",
                steps=(step_of(entry),),
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
    return row


def item_key(entry: Entry[Any]) -> str | None:
    match entry.fact:
        case DisposalProposed() | DisposalDecided():
            return entry.stream
    return None


def bodies(row: BodyRow | None, entry: Entry[Any]) -> BodyRow | None:
    return body_row(entry.fact, entry, GROUP) if isinstance(entry.fact, BodyRegistered) else row


def _heads(_: Any) -> tuple[str, ...]:
    return ("group-heads",)


VIEWS = (
    View("leading_group_bodies", BodyRow, body_key, bodies, ("category", "organ_class")),
    View("leading_group_rounds", RoundRow, round_key, rounds_for(GROUP), ("status", "year")),
    View("leading_group_items", ItemRow, item_key, items, ("round", "unit", "status")),
    View(
        "leading_group_rectifications",
        RectificationOverviewRow,
        rectification_key,
        overview_for(GROUP),
        ("round", "unit"),
    ),
    View(
        "leading_group_publications",
        PublishedRow,
        published_key,
        published_for(lambda _: GROUP),
        ("inspection", "unit", "of"),
    ),
    View("leading_group_nominations", NominationRow, nomination_key, nominations_for(_heads), ("round", "person")),
)
