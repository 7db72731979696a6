"""Why a clue reported directly is not in the inspection report: told inside the restriction (Art. 14, 16).

A stream of its own for each clue, with a key of its own: the report and whoever reads it learn nothing of it.
"""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Literal, assert_never

from domain.kernel import (
    Aggregate,
    BodyId,
    ClueId,
    Command,
    Content,
    Fact,
    InspectionId,
    Label,
    OmissionId,
    PersonId,
    RoundId,
    derived_id,
)
from domain.rulebook import rules


class OmitRestrictedClue(Command):
    """Say why a clue reported directly is not in the inspection report. Articles 14, 16 (c)."""

    clue: ClueId
    reason: Content
    omitted_on: date


class OmissionReasonGiven(Fact):
    """The leader said why a restricted clue is not in the report. Articles 14, 16 (c)."""

    label: ClassVar[Label] = Label.CLUE
    kind: Literal["omission.reason-given.v1"] = "omission.reason-given.v1"
    omission: OmissionId
    clue: ClueId
    round: RoundId
    inspection: InspectionId
    unit: BodyId
    reason: Content
    withheld_from: tuple[PersonId, ...]
    omitted_on: date


OmissionFact = OmissionReasonGiven


@dataclass(frozen=True)
class Omitted:
    """What decisions need of it: that there is a reason, and since when."""

    clue: str
    omitted_on: date


def omission_of(clue: str) -> str:
    """The stream of the reasons for leaving out one clue."""
    return derived_id("omission", clue)


def omit(
    omission: str,
    command: OmitRestrictedClue,
    *,
    round_: str,
    inspection: str,
    unit: str,
    restricted: bool,
    first_known_on: date,
    concerned: tuple[str, ...],
) -> list[OmissionFact]:
    """A later reason stands beside the earlier."""
    rules.only_restricted_clues_explained_apart.demand(restricted)
    rules.omission_not_before_knowledge.demand(first_known_on, command.omitted_on, path="omitted_on")
    return [
        OmissionReasonGiven(
            omission=omission,
            clue=command.clue,
            round=round_,
            inspection=inspection,
            unit=unit,
            reason=command.reason,
            withheld_from=concerned,
            omitted_on=command.omitted_on,
        )
    ]


def evolve(state: Omitted | None, fact: OmissionFact) -> Omitted:
    match fact:
        case OmissionReasonGiven():
            return Omitted(fact.clue, min(state.omitted_on, fact.omitted_on) if state else fact.omitted_on)
        case _:
            assert_never(fact)


OMISSIONS: Aggregate[Omitted] = Aggregate("omission", evolve)
