"""A unit's rectification: opened when the feedback is received, with the two reports it owes (Art. 18, 19)."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Literal, assert_never

from domain.kernel import (
    Aggregate,
    BodyId,
    Code,
    Content,
    Fact,
    InspectionId,
    ItemId,
    Label,
    RoundId,
    Value,
    derived_id,
)
from domain.rulebook.obligations import Obligation


class OpenedItem(Value):
    """A problem of the feedback as an item to be put right: its category, its text, the opinion on it.

    Articles 18, 19.
    """

    item: ItemId
    category: Code
    text: Content
    opinion: Content


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


RectificationFact = RectificationOpened


@dataclass(frozen=True)
class Rectification:
    """What decisions need of a rectification."""

    round: str
    unit: str
    items: tuple[str, ...]
    received_on: date


def rectification_of(inspection: str) -> str:
    """The stream of an inspection's rectification."""
    return derived_id("rectification", inspection)


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


def evolve(state: Rectification | None, fact: RectificationFact) -> Rectification:
    match fact:
        case RectificationOpened():
            return Rectification(fact.round, fact.unit, tuple(i.item for i in fact.items), fact.received_on)
        case _:
            assert_never(fact)


RECTIFICATIONS: Aggregate[Rectification] = Aggregate("rectification", evolve)
