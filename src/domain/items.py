"""One item of a rectification: planned and carried out by the unit, checked singly (Art. 19, 20)."""

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
    Fact,
    InspectionId,
    ItemId,
    Label,
    PersonId,
    RoundId,
)
from domain.rulebook import rules

# --- values ----------------------------------------------------------------------------------------------------


class Progress(StrEnum):
    """Where an item stands. Article 19 (c). Only what is done counts as completed."""

    OPEN = "open"
    IN_PROGRESS = "in_progress"
    BASICALLY_DONE = "basically_done"
    DONE = "done"
    NOT_DONE = "not_done"
    LONG_TERM = "long_term"


# --- commands --------------------------------------------------------------------------------------------------


class PlanItem(Command):
    """Plan how an item is put right: measures, who of the unit answers for it, by which day. Article 19.

    A plan may be made anew, but moves the day forward only; a later day needs approval.
    """

    inspection: InspectionId
    item: ItemId
    measures: Content
    responsible: PersonId
    by_on: date
    planned_on: date


class UpdateItem(Command):
    """Say where an item stands, with the evidence. Article 19."""

    inspection: InspectionId
    item: ItemId
    state: Progress
    evidence: Content
    updated_on: date


class AskItemExtension(Command):
    """Ask for a later day for one item, with a reason. Article 19 (c)."""

    inspection: InspectionId
    item: ItemId
    to_on: date
    reason: Content
    asked_on: date


class DecideItemExtension(Command):
    """Grant or refuse the later day asked for. Article 19 (c). Refused, it needs a reason."""

    inspection: InspectionId
    item: ItemId
    granted: Literal[0, 1]
    reason: Content | None = None
    decided_on: date


class CheckItem(Command):
    """Check one item: accept it, or send it back with a reason; `visited` says whether on the spot. Article 20."""

    inspection: InspectionId
    item: ItemId
    accepted: Literal[0, 1]
    reason: Content | None = None
    visited: Literal[0, 1] = 0
    checked_on: date


class LinkEarlierProblem(Command):
    """Link an item to one of an earlier inspection of the same unit that has come back. Article 20."""

    inspection: InspectionId
    item: ItemId
    earlier_inspection: InspectionId
    earlier: ItemId
    linked_on: date


# --- facts -----------------------------------------------------------------------------------------------------


class ItemPlanned(Fact):
    """The unit planned how the item is put right. Article 19."""

    label: ClassVar[Label] = Label.RECTIFICATION
    kind: Literal["item.planned.v1"] = "item.planned.v1"
    item: ItemId
    inspection: InspectionId
    round: RoundId
    unit: BodyId
    measures: Content
    responsible: PersonId
    by_on: date
    planned_on: date


class ItemUpdated(Fact):
    """The unit said where the item stands. Article 19."""

    label: ClassVar[Label] = Label.RECTIFICATION
    kind: Literal["item.updated.v1"] = "item.updated.v1"
    item: ItemId
    inspection: InspectionId
    round: RoundId
    unit: BodyId
    state: Progress
    evidence: Content
    updated_on: date


class ItemExtensionAsked(Fact):
    """The unit asked for a later day for the item. Article 19 (c)."""

    label: ClassVar[Label] = Label.RECTIFICATION
    kind: Literal["item.extension-asked.v1"] = "item.extension-asked.v1"
    item: ItemId
    inspection: InspectionId
    round: RoundId
    unit: BodyId
    to_on: date
    reason: Content
    asked_on: date


class ItemExtensionDecided(Fact):
    """The later day was granted or refused. Article 19 (c)."""

    label: ClassVar[Label] = Label.RECTIFICATION
    kind: Literal["item.extension-decided.v1"] = "item.extension-decided.v1"
    item: ItemId
    inspection: InspectionId
    round: RoundId
    unit: BodyId
    granted: Literal[0, 1]
    to_on: date
    reason: Content | None = None
    decided_on: date


class ItemChecked(Fact):
    """Office or team checked the item and accepted it, or sent it back. Article 20."""

    label: ClassVar[Label] = Label.RECTIFICATION
    kind: Literal["item.checked.v1"] = "item.checked.v1"
    item: ItemId
    inspection: InspectionId
    round: RoundId
    unit: BodyId
    accepted: Literal[0, 1]
    reason: Content | None = None
    visited: Literal[0, 1]
    checked_on: date


class EarlierProblemLinked(Fact):
    """The item is an earlier problem of the unit that has come back. Article 20."""

    label: ClassVar[Label] = Label.RECTIFICATION
    kind: Literal["item.earlier-problem-linked.v1"] = "item.earlier-problem-linked.v1"
    item: ItemId
    inspection: InspectionId
    round: RoundId
    unit: BodyId
    earlier_inspection: InspectionId
    earlier: ItemId
    linked_on: date


ItemFact = ItemPlanned | ItemUpdated | ItemExtensionAsked | ItemExtensionDecided | ItemChecked | EarlierProblemLinked


# --- state -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Item:
    """What decisions need of an item; one nobody has planned yet has no stream."""

    state: Progress = Progress.OPEN
    planned_on: date | None = None
    by_on: date | None = None
    updated_on: date | None = None
    asked_to: date | None = None
    asked_on: date | None = None
    accepted: bool = False
    earlier: tuple[str, ...] = ()

    @property
    def closed(self) -> bool:
        """Done, and accepted as done."""
        return self.accepted and self.state is Progress.DONE


@dataclass(frozen=True)
class Matter:
    """Whose rectification an item belongs to, and since when. What all its facts carry."""

    round: str
    unit: str
    received_on: date


# --- decisions -------------------------------------------------------------------------------------------------


def plan(state: Item, command: PlanItem, *, matter: Matter, of_the_unit: Collection[str]) -> list[ItemFact]:
    """`of_the_unit`: the responsible person, where they held a post in the unit on that day."""
    rules.accepted_item_is_closed.demand(state.closed)
    rules.responsible_of_the_unit.demand(command.responsible, of_the_unit, path="responsible")
    rules.item_plan_not_before_feedback.demand(matter.received_on, command.planned_on, path="planned_on")
    rules.item_day_not_before_plan.demand(command.planned_on, command.by_on, path="by_on")
    rules.item_day_moved_by_approval_only.demand(state.by_on, command.by_on, path="by_on")
    return [
        ItemPlanned(
            item=command.item,
            inspection=command.inspection,
            round=matter.round,
            unit=matter.unit,
            measures=command.measures,
            responsible=command.responsible,
            by_on=command.by_on,
            planned_on=command.planned_on,
        )
    ]


def update(state: Item, command: UpdateItem, *, matter: Matter) -> list[ItemFact]:
    rules.item_planned_first.demand(state.planned_on is not None)
    rules.accepted_item_is_closed.demand(state.closed)
    rules.item_update_not_before_plan.demand(state.planned_on, command.updated_on, path="updated_on")
    return [
        ItemUpdated(
            item=command.item,
            inspection=command.inspection,
            round=matter.round,
            unit=matter.unit,
            state=command.state,
            evidence=command.evidence,
            updated_on=command.updated_on,
        )
    ]


def ask_extension(state: Item, command: AskItemExtension, *, matter: Matter) -> list[ItemFact]:
    rules.item_planned_first.demand(state.planned_on is not None)
    rules.accepted_item_is_closed.demand(state.closed)
    rules.one_extension_asked_at_a_time.demand(state.asked_to is not None)
    rules.extension_goes_to_a_later_day.demand(state.by_on, command.to_on, path="to_on")
    rules.extension_asked_not_before_plan.demand(state.planned_on, command.asked_on, path="asked_on")
    return [
        ItemExtensionAsked(
            item=command.item,
            inspection=command.inspection,
            round=matter.round,
            unit=matter.unit,
            to_on=command.to_on,
            reason=command.reason,
            asked_on=command.asked_on,
        )
    ]


def decide_extension(state: Item, command: DecideItemExtension, *, matter: Matter) -> list[ItemFact]:
    rules.extension_awaits_decision.demand(state.asked_to is not None)
    rules.refused_extension_has_a_reason.demand(command.granted, command.reason is not None, path="reason")
    rules.extension_decided_not_before_asked.demand(state.asked_on, command.decided_on, path="decided_on")
    assert state.asked_to is not None  # noqa: S101  the first rule has just said so
    return [
        ItemExtensionDecided(
            item=command.item,
            inspection=command.inspection,
            round=matter.round,
            unit=matter.unit,
            granted=command.granted,
            to_on=state.asked_to,
            reason=command.reason,
            decided_on=command.decided_on,
        )
    ]


def check(state: Item, command: CheckItem, *, matter: Matter) -> list[ItemFact]:
    rules.item_planned_first.demand(state.planned_on is not None)
    rules.only_what_was_put_right_is_accepted.demand(command.accepted, state.state, path="accepted")
    rules.item_sent_back_with_a_reason.demand(command.accepted, command.reason is not None, path="reason")
    rules.check_not_before_update.demand(state.updated_on or state.planned_on, command.checked_on, path="checked_on")
    return [
        ItemChecked(
            item=command.item,
            inspection=command.inspection,
            round=matter.round,
            unit=matter.unit,
            accepted=command.accepted,
            reason=command.reason,
            visited=command.visited,
            checked_on=command.checked_on,
        )
    ]


def link(state: Item, command: LinkEarlierProblem, *, matter: Matter, earlier: Matter) -> list[ItemFact]:
    """`earlier`: the matter the earlier item belongs to."""
    if command.earlier in state.earlier:
        return []
    rules.earlier_problem_of_the_same_unit.demand(matter.unit, earlier.unit, path="earlier")
    rules.earlier_problem_came_before.demand(earlier.received_on, matter.received_on, path="earlier")
    rules.link_not_before_feedback.demand(matter.received_on, command.linked_on, path="linked_on")
    return [
        EarlierProblemLinked(
            item=command.item,
            inspection=command.inspection,
            round=matter.round,
            unit=matter.unit,
            earlier_inspection=command.earlier_inspection,
            earlier=command.earlier,
            linked_on=command.linked_on,
        )
    ]


def evolve(state: Item | None, fact: ItemFact) -> Item:
    state = state or Item()
    match fact:
        case ItemPlanned():
            return replace(state, planned_on=fact.planned_on, by_on=fact.by_on)
        case ItemUpdated():
            return replace(state, state=fact.state, updated_on=fact.updated_on, accepted=False)
        case ItemExtensionAsked():
            return replace(state, asked_to=fact.to_on, asked_on=fact.asked_on)
        case ItemExtensionDecided():
            by_on = fact.to_on if fact.granted else state.by_on
            return replace(state, by_on=by_on, asked_to=None, asked_on=None)
        case ItemChecked():
            now = state.state if fact.accepted else Progress.IN_PROGRESS
            return replace(state, state=now, accepted=bool(fact.accepted))
        case EarlierProblemLinked():
            return replace(state, earlier=(*state.earlier, fact.earlier))
        case _:
            assert_never(fact)


ITEMS: Aggregate[Item] = Aggregate("item", evolve)
