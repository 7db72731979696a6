"""A clue: registered by the team, reported upward, its disposal proposed, decided and carried out (Art. 14, 17)."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import ClassVar, Literal, NamedTuple, assert_never

from domain.kernel import (
    Aggregate,
    BodyId,
    ClueId,
    Code,
    Command,
    Content,
    Fact,
    InspectionId,
    Label,
    PersonId,
    PetitionId,
    ProposalId,
    RoundId,
    Sealed,
    Secret,
    TransferId,
)
from domain.rulebook import rules


class Managed(StrEnum):
    """Who has the authority to manage the cadre a clue is about. Articles 14, 15."""

    CITY = "city"
    UNIT = "unit"
    NOT_A_CADRE = "not_a_cadre"
    UNKNOWN = "unknown"


# --- commands --------------------------------------------------------------------------------------------------


class RegisterClue(Command):
    """Register a clue about the unit's leadership body, its members, or those it heads. Articles 9, 13, 14.

    `petitions` are those it comes from, if any: each is thereby handled as turned into a clue. `concerned` are
    persons of the directory the clue is about. `summary` shows no source.
    """

    inspection: InspectionId
    petitions: tuple[PetitionId, ...] = ()
    category: Code
    item: Code | None = None
    concerned: tuple[PersonId, ...] = ()
    managed: Managed
    first_known_on: date
    registered_on: date
    text: Content
    summary: Content


class ReportClue(Command):
    """Report a clue to the office; `report` is what the office gets to read. Articles 14, 16."""

    clue: ClueId
    reported_on: date
    report: Content


class ProposeDisposal(Command):
    """Propose a class of disposal and its receiver, and summon who is to decide. Articles 3, 17.

    The leading group's head and deputy head see the item; of the members only those summoned. `paper` is what
    they get to read: written for them, with no source in it.
    """

    clue: ClueId
    paper: Content
    disposal_class: Code
    organ: BodyId
    reason: Content
    summoned: tuple[PersonId, ...] = ()
    proposed_on: date


class DecideDisposal(Command):
    """Decide the disposal of a clue: class, receiver, who was present. Article 17."""

    clue: ClueId
    disposal_class: Code
    organ: BodyId
    attendees: tuple[PersonId, ...] = ()
    conclusion: Content | None = None
    decided_on: date


# --- facts -----------------------------------------------------------------------------------------------------


class ClueRegistered(Fact):
    """A clue is on record. Articles 9, 13, 14."""

    label: ClassVar[Label] = Label.CLUE
    kind: Literal["clue.registered.v1"] = "clue.registered.v1"
    clue: ClueId
    round: RoundId
    inspection: InspectionId
    unit: BodyId
    petitions: tuple[PetitionId, ...]
    category: Code
    item: Code | None = None
    concerned: tuple[PersonId, ...]
    managed: Managed
    first_known_on: date
    registered_on: date
    text: Content
    summary: Content


class ClueListed(Fact):
    """A clue stands on its inspection's list, so that none can be left out of the report unseen. Articles 16, 24(2).

    `restricted` is 1 for one that is reported directly and known to nobody else until it is released (Art. 14); a
    clue that becomes so, or is released, is listed again.
    """

    label: ClassVar[Label] = Label.CLUE
    kind: Literal["clue-register.clue-listed.v1"] = "clue-register.clue-listed.v1"
    inspection: InspectionId
    clue: ClueId
    restricted: Literal[0, 1] = 0


class ClueReported(Fact):
    """A clue reached the office. Articles 14, 16."""

    label: ClassVar[Label] = Label.CLUE
    kind: Literal["clue.reported.v1"] = "clue.reported.v1"
    clue: ClueId
    round: RoundId
    inspection: InspectionId
    unit: BodyId
    reported_on: date
    report: Content


class DisposalProposed(Fact):
    """The office proposed a disposal to the leading group. Article 17."""

    label: ClassVar[Label] = Label.DISPOSAL
    kind: Literal["clue.disposal-proposed.v1"] = "clue.disposal-proposed.v1"
    clue: ClueId
    proposal: ProposalId
    round: RoundId
    unit: BodyId
    paper: Content
    disposal_class: Code
    organ: BodyId
    reason: Content
    summoned: tuple[PersonId, ...]
    withheld_from: tuple[PersonId, ...]
    proposed_on: date


class DisposalDecided(Fact):
    """The leading group decided the disposal. Article 17."""

    label: ClassVar[Label] = Label.DISPOSAL
    kind: Literal["clue.disposal-decided.v1"] = "clue.disposal-decided.v1"
    clue: ClueId
    proposal: ProposalId
    round: RoundId
    unit: BodyId
    disposal_class: Code
    organ: BodyId
    attendees: tuple[PersonId, ...]
    conclusion: Content | None = None
    decided_on: date


class ClueTransferred(Fact):
    """The decision was carried out: the clue went to an organ. Article 17."""

    label: ClassVar[Label] = Label.DISPOSAL
    kind: Literal["clue.transferred.v1"] = "clue.transferred.v1"
    clue: ClueId
    transfer: TransferId
    round: RoundId
    unit: BodyId
    organ: BodyId
    transferred_on: date


ClueFact = ClueRegistered | ClueReported | DisposalProposed | DisposalDecided | ClueTransferred
ClueRegisterFact = ClueListed


# --- state -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Clue:
    """What decisions need of a clue."""

    round: str
    inspection: str
    unit: str
    concerned: tuple[str, ...]
    first_known_on: date
    reported_on: date | None = None
    report: Secret | Sealed | None = None
    """What the office got to read; it goes with the inspection report again."""
    proposal: str | None = None
    proposed_on: date | None = None
    decided_on: date | None = None
    disposal_class: str | None = None
    organ: str | None = None
    withheld_from: tuple[str, ...] = ()
    transfer: str | None = None


class Listed(NamedTuple):
    """A clue on its inspection's list, and whether it is restricted now: listed again, it is as it was listed last."""

    clue: str
    restricted: bool


def register_of(inspection: str) -> str:
    """The stream that lists an inspection's clues."""
    return "clue-register:" + inspection.partition(":")[2]


# --- decisions -------------------------------------------------------------------------------------------------


def register(
    state: Clue | None,
    clue: str,
    command: RegisterClue,
    *,
    round_: str,
    unit: str,
    petitions_fit: bool,
    categories: tuple[str, ...],
    items: Collection[str] | None = None,
) -> list[ClueFact]:
    """`items`: the codes the edition lists under the clue's category; None leaves the item unasked."""
    if state is not None:
        return []
    rules.category_known.demand(command.category, categories, path="category")
    if command.item is not None and items is not None:
        rules.item_of_the_category.demand(command.item, items, path="item")
    rules.first_known_not_after_registration.demand(
        command.first_known_on, command.registered_on, path="first_known_on"
    )
    rules.clue_from_petitions_of_this_inspection.demand(petitions_fit, path="petitions")
    return [
        ClueRegistered(
            clue=clue,
            round=round_,
            inspection=command.inspection,
            unit=unit,
            petitions=command.petitions,
            category=command.category,
            item=command.item,
            concerned=command.concerned,
            managed=command.managed,
            first_known_on=command.first_known_on,
            registered_on=command.registered_on,
            text=command.text,
            summary=command.summary,
        )
    ]


def report(state: Clue, command: ReportClue) -> list[ClueFact]:
    rules.reported_once.demand(state.reported_on is not None)
    rules.report_not_before_knowledge.demand(state.first_known_on, command.reported_on, path="reported_on")
    return [
        ClueReported(
            clue=command.clue,
            round=state.round,
            inspection=state.inspection,
            unit=state.unit,
            reported_on=command.reported_on,
            report=command.report,
        )
    ]


def propose(
    state: Clue,
    proposal: str,
    command: ProposeDisposal,
    *,
    organ_class: str | None,
    routes: tuple[str, ...],
    concerned: frozenset[str],
) -> list[ClueFact]:
    """`concerned`: persons whose own team, unit or person the clue concerns; they are not summoned."""
    rules.proposal_after_report.demand(state.reported_on is not None)
    rules.one_proposal_at_a_time.demand(state.proposal is not None)
    rules.proposal_not_before_report.demand(state.reported_on, command.proposed_on, path="proposed_on")
    rules.route_follows_the_class.demand(organ_class, routes, path="organ")
    rules.summons_leaves_out_the_concerned.demand(command.summoned, concerned, path="summoned")
    return [
        DisposalProposed(
            clue=command.clue,
            proposal=proposal,
            round=state.round,
            unit=state.unit,
            paper=command.paper,
            disposal_class=command.disposal_class,
            organ=command.organ,
            reason=command.reason,
            summoned=command.summoned,
            withheld_from=tuple(sorted(concerned)),
            proposed_on=command.proposed_on,
        )
    ]


def decide(
    state: Clue,
    command: DecideDisposal,
    *,
    decider: str,
    organ_class: str | None,
    routes: tuple[str, ...],
    concerned: frozenset[str],
) -> list[ClueFact]:
    rules.disposal_awaits_decision.demand(state.proposal is not None and state.decided_on is None)
    rules.decided_without_the_concerned.demand((decider, *command.attendees), concerned, path="attendees")
    rules.route_follows_the_class.demand(organ_class, routes, path="organ")
    rules.decision_not_before_proposal.demand(state.proposed_on, command.decided_on, path="decided_on")
    return [
        DisposalDecided(
            clue=command.clue,
            proposal=state.proposal or "",
            round=state.round,
            unit=state.unit,
            disposal_class=command.disposal_class,
            organ=command.organ,
            attendees=command.attendees,
            conclusion=command.conclusion,
            decided_on=command.decided_on,
        )
    ]


def carry_out(state: Clue, clue: str, transfer: str, transferred_on: date) -> list[ClueFact]:
    """The clue's side of its transfer. Raises Refused before the decision, or when it was transferred."""
    rules.transfer_after_decision.demand(state.decided_on is not None)
    rules.transferred_once.demand(state.transfer is not None)
    rules.transfer_not_before_decision.demand(state.decided_on, transferred_on, path="transferred_on")
    return [
        ClueTransferred(
            clue=clue,
            transfer=transfer,
            round=state.round,
            unit=state.unit,
            organ=state.organ or "",
            transferred_on=transferred_on,
        )
    ]


def evolve(state: Clue | None, fact: ClueFact) -> Clue:
    if isinstance(fact, ClueRegistered):
        return Clue(fact.round, fact.inspection, fact.unit, fact.concerned, fact.first_known_on)
    assert state is not None  # noqa: S101  a clue's stream begins with its registration
    match fact:
        case ClueReported():
            return replace(state, reported_on=fact.reported_on, report=fact.report)
        case DisposalProposed():
            return replace(
                state,
                proposal=fact.proposal,
                proposed_on=fact.proposed_on,
                withheld_from=fact.withheld_from,
            )
        case DisposalDecided():
            return replace(state, decided_on=fact.decided_on, disposal_class=fact.disposal_class, organ=fact.organ)
        case ClueTransferred():
            return replace(state, transfer=fact.transfer)
        case _:
            assert_never(fact)


def evolve_register(state: tuple[Listed, ...] | None, fact: ClueRegisterFact) -> tuple[Listed, ...]:
    match fact:
        case ClueListed():
            others = tuple(listed for listed in state or () if listed.clue != fact.clue)
            return (*others, Listed(fact.clue, bool(fact.restricted)))
        case _:
            assert_never(fact)


CLUES: Aggregate[Clue] = Aggregate("clue", evolve)
CLUE_REGISTERS: Aggregate[tuple[Listed, ...]] = Aggregate("clue-register", evolve_register)
