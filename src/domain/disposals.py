"""The disposal of one item, a clue or a problem: proposed, decided, carried out, and anew if returned (Art. 3, 17)."""

from dataclasses import dataclass, replace
from datetime import date
from typing import ClassVar, Literal, assert_never
from uuid import UUID

from domain.kernel import (
    Aggregate,
    AnyId,
    Between,
    BodyId,
    Code,
    Command,
    Content,
    CorrectDay,
    CorrectedDay,
    DayOf,
    DisposalId,
    Fact,
    InspectionId,
    Label,
    PersonId,
    ProposalId,
    RoundId,
    TransferId,
    derived_id,
)
from domain.rulebook import rules

# --- commands --------------------------------------------------------------------------------------------------


class ProposeDisposal(Command):
    """Propose a class of disposal and its receiver, and summon who is to decide. Articles 3, 17.

    The leading group's head and deputy head see the item; of the members only those summoned. `paper` is what
    they get to read: written for them, with no source in it. `item` is a clue that reached the office, or a problem
    of a report.
    """

    item: AnyId
    paper: Content
    disposal_class: Code
    organ: BodyId
    reason: Content
    summoned: tuple[PersonId, ...] = ()
    proposed_on: date


class DecideDisposal(Command):
    """Decide the disposal of an item: class, receiver, who was present. Article 17."""

    item: AnyId
    disposal_class: Code
    organ: BodyId
    attendees: tuple[PersonId, ...] = ()
    conclusion: Content | None = None
    decided_on: date


# --- facts -----------------------------------------------------------------------------------------------------


class DisposalProposed(Fact):
    """The office proposed a disposal to the leading group. Article 17.

    `concerned` are the persons the item is about; `withheld_from` also whoever's own team or unit it concerns.
    """

    label: ClassVar[Label] = Label.DISPOSAL
    kind: Literal["disposal.proposed.v1"] = "disposal.proposed.v1"
    disposal: DisposalId
    item: AnyId
    proposal: ProposalId
    round: RoundId
    inspection: InspectionId
    unit: BodyId
    paper: Content
    disposal_class: Code
    organ: BodyId
    reason: Content
    summoned: tuple[PersonId, ...]
    concerned: tuple[PersonId, ...]
    withheld_from: tuple[PersonId, ...]
    proposed_on: date


class DisposalDecided(Fact):
    """The leading group decided the disposal. Article 17."""

    label: ClassVar[Label] = Label.DISPOSAL
    kind: Literal["disposal.decided.v1"] = "disposal.decided.v1"
    disposal: DisposalId
    item: AnyId
    proposal: ProposalId
    round: RoundId
    inspection: InspectionId
    unit: BodyId
    disposal_class: Code
    organ: BodyId
    attendees: tuple[PersonId, ...]
    conclusion: Content | None = None
    decided_on: date


class DisposalCarriedOut(Fact):
    """The decision was carried out: the item went to an organ. Article 17."""

    label: ClassVar[Label] = Label.DISPOSAL
    kind: Literal["disposal.carried-out.v1"] = "disposal.carried-out.v1"
    disposal: DisposalId
    item: AnyId
    transfer: TransferId
    round: RoundId
    inspection: InspectionId
    unit: BodyId
    organ: BodyId
    transferred_on: date


class DisposalReturned(Fact):
    """The organ returned what was transferred: a disposal may be proposed and decided anew. Article 17."""

    label: ClassVar[Label] = Label.DISPOSAL
    kind: Literal["disposal.returned.v1"] = "disposal.returned.v1"
    disposal: DisposalId
    item: AnyId
    transfer: TransferId
    round: RoundId
    inspection: InspectionId
    unit: BodyId
    organ: BodyId
    returned_on: date


class DisposalDayCorrected(Fact):
    """The day of the leading group's decision was corrected. Articles 17, 28 (c)."""

    label: ClassVar[Label] = Label.DISPOSAL
    kind: Literal["disposal.day-corrected.v1"] = "disposal.day-corrected.v1"
    disposal: DisposalId
    item: AnyId
    round: RoundId
    inspection: InspectionId
    unit: BodyId
    corrected: CorrectedDay


DisposalFact = DisposalProposed | DisposalDecided | DisposalCarriedOut | DisposalReturned | DisposalDayCorrected


# --- state -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Disposal:
    """What decisions need of the disposal of an item: the one under way; none once it was returned."""

    item: str
    round: str
    inspection: str
    unit: str
    proposal: str | None = None
    proposed_on: date | None = None
    decided_on: date | None = None
    disposal_class: str | None = None
    organ: str | None = None
    transfer: str | None = None
    returned_on: date | None = None
    transferred_on: date | None = None

    def between(self, which: DayOf) -> Between:
        """The day of the decision and the days it lies between."""
        if which is not DayOf.DISPOSAL_DECIDED:
            return Between(None)
        return Between(self.decided_on, (self.proposed_on,), (self.transferred_on,))


def disposal_of(item: str) -> str:
    """The stream of the disposal of an item."""
    return derived_id("disposal", item)


# --- decisions -------------------------------------------------------------------------------------------------


def propose(
    state: Disposal | None,
    proposal: str,
    command: ProposeDisposal,
    *,
    round_: str,
    inspection: str,
    unit: str,
    reported_on: date | None,
    heard_on: date | None,
    another_way: bool,
    organ_class: str | None,
    routes: tuple[str, ...],
    about: tuple[str, ...],
    concerned: frozenset[str],
) -> list[DisposalFact]:
    """`reported_on`: when the item reached the office; `heard_on`: when it first heard the team; `another_way`: the
    item is being transferred under Article 15, or was; `about`: the persons it is about; `concerned`: whose own team,
    unit or person it concerns, and who are not summoned."""
    rules.proposal_after_report.demand(reported_on is not None)
    rules.one_proposal_at_a_time.demand(another_way or (state is not None and state.proposal is not None))
    rules.proposal_not_before_report.demand(reported_on, command.proposed_on, path="proposed_on")
    if state is not None:
        rules.proposal_not_before_return.demand(state.returned_on, command.proposed_on, path="proposed_on")
    rules.team_heard_first.demand(heard_on, command.proposed_on, path="proposed_on")
    rules.route_follows_the_class.demand(organ_class, routes, path="organ")
    rules.never_sent_to_the_unit.demand(command.organ, unit, path="organ")
    rules.summons_leaves_out_the_concerned.demand(command.summoned, concerned, path="summoned")
    return [
        DisposalProposed(
            disposal=disposal_of(command.item),
            item=command.item,
            proposal=proposal,
            round=round_,
            inspection=inspection,
            unit=unit,
            paper=command.paper,
            disposal_class=command.disposal_class,
            organ=command.organ,
            reason=command.reason,
            summoned=command.summoned,
            concerned=about,
            withheld_from=tuple(sorted(concerned)),
            proposed_on=command.proposed_on,
        )
    ]


def decide(
    state: Disposal,
    command: DecideDisposal,
    *,
    decider: str,
    organ_class: str | None,
    routes: tuple[str, ...],
    concerned: frozenset[str],
) -> list[DisposalFact]:
    rules.disposal_awaits_decision.demand(state.proposal is not None and state.decided_on is None)
    rules.decided_without_the_concerned.demand((decider, *command.attendees), concerned, path="attendees")
    rules.route_follows_the_class.demand(organ_class, routes, path="organ")
    rules.never_sent_to_the_unit.demand(command.organ, state.unit, path="organ")
    rules.decision_not_before_proposal.demand(state.proposed_on, command.decided_on, path="decided_on")
    return [
        DisposalDecided(
            disposal=disposal_of(state.item),
            item=state.item,
            proposal=state.proposal or "",
            round=state.round,
            inspection=state.inspection,
            unit=state.unit,
            disposal_class=command.disposal_class,
            organ=command.organ,
            attendees=command.attendees,
            conclusion=command.conclusion,
            decided_on=command.decided_on,
        )
    ]


def correct(state: Disposal, command: CorrectDay, *, entry: UUID) -> list[DisposalFact]:
    """`entry`: the one that says the day that stands."""
    place = state.between(command.day_of)
    assert place.day is not None  # noqa: S101  what is not on record is not found
    if place.day == command.day:
        return []
    rules.corrected_day_fits_the_others.demand(place.fits(command.day), path="day")
    return [
        DisposalDayCorrected(
            disposal=disposal_of(state.item),
            item=state.item,
            round=state.round,
            inspection=state.inspection,
            unit=state.unit,
            corrected=command.of(place.day, entry),
        )
    ]


def carry_out(state: Disposal | None, transfer: str, transferred_on: date) -> list[DisposalFact]:
    """The item's side of its transfer. Raises Refused before the decision, or when it was transferred."""
    rules.transfer_after_decision.demand(state is not None and state.decided_on is not None)
    assert state is not None  # noqa: S101  the rule above has said so
    rules.transferred_once.demand(state.transfer is not None)
    rules.transfer_not_before_decision.demand(state.decided_on, transferred_on, path="transferred_on")
    return [
        DisposalCarriedOut(
            disposal=disposal_of(state.item),
            item=state.item,
            transfer=transfer,
            round=state.round,
            inspection=state.inspection,
            unit=state.unit,
            organ=state.organ or "",
            transferred_on=transferred_on,
        )
    ]


def take_back(state: Disposal, transfer: str, returned_on: date) -> list[DisposalFact]:
    """The item's side of a return by the organ."""
    return [
        DisposalReturned(
            disposal=disposal_of(state.item),
            item=state.item,
            transfer=transfer,
            round=state.round,
            inspection=state.inspection,
            unit=state.unit,
            organ=state.organ or "",
            returned_on=returned_on,
        )
    ]


def evolve(state: Disposal | None, fact: DisposalFact) -> Disposal:
    if isinstance(fact, DisposalProposed):
        return Disposal(
            fact.item,
            fact.round,
            fact.inspection,
            fact.unit,
            fact.proposal,
            fact.proposed_on,
            returned_on=state.returned_on if state else None,
        )
    assert state is not None  # noqa: S101  a disposal's stream begins with a proposal
    match fact:
        case DisposalDecided():
            return replace(state, decided_on=fact.decided_on, disposal_class=fact.disposal_class, organ=fact.organ)
        case DisposalCarriedOut():
            return replace(state, transfer=fact.transfer, transferred_on=fact.transferred_on)
        case DisposalDayCorrected():
            return replace(state, decided_on=fact.corrected.day)
        case DisposalReturned():
            return Disposal(state.item, state.round, state.inspection, state.unit, returned_on=fact.returned_on)
        case _:
            assert_never(fact)


DISPOSALS: Aggregate[Disposal] = Aggregate("disposal", evolve)
