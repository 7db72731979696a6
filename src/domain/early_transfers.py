"""A transfer during the inspection: asked for by the leader, approved, made, and anew if returned (Art. 15)."""

from dataclasses import dataclass, replace
from datetime import date
from typing import ClassVar, Literal, assert_never

from domain.kernel import (
    Aggregate,
    BodyId,
    ClueId,
    Command,
    Content,
    EarlyTransferId,
    Fact,
    InspectionId,
    Label,
    PersonId,
    RoundId,
    TransferId,
    derived_id,
)
from domain.rulebook import rules

# --- commands --------------------------------------------------------------------------------------------------


class ProposeEarlyTransfer(Command):
    """Ask that a clue on a cadre managed by the unit be transferred during the inspection. Article 15.

    `reason` is what the approver gets to read: what the clue is, and why it should go now, with no source in it.
    """

    clue: ClueId
    organ: BodyId
    reason: Content
    proposed_on: date


class DecideEarlyTransfer(Command):
    """Approve a transfer during the inspection, or not, and then say why. Article 15."""

    clue: ClueId
    approved: Literal[0, 1]
    reason: Content | None = None
    decided_on: date


# --- facts -----------------------------------------------------------------------------------------------------


class EarlyTransferProposed(Fact):
    """The leader asked that a clue be transferred during the inspection. Article 15."""

    label: ClassVar[Label] = Label.DISPOSAL
    kind: Literal["early-transfer.proposed.v1"] = "early-transfer.proposed.v1"
    early_transfer: EarlyTransferId
    clue: ClueId
    round: RoundId
    inspection: InspectionId
    unit: BodyId
    organ: BodyId
    concerned: tuple[PersonId, ...]
    reason: Content
    proposed_on: date


class EarlyTransferDecided(Fact):
    """A transfer during the inspection was approved, or was not. Article 15."""

    label: ClassVar[Label] = Label.DISPOSAL
    kind: Literal["early-transfer.decided.v1"] = "early-transfer.decided.v1"
    early_transfer: EarlyTransferId
    clue: ClueId
    round: RoundId
    inspection: InspectionId
    unit: BodyId
    organ: BodyId
    approved: Literal[0, 1]
    reason: Content | None = None
    decided_on: date


class EarlyTransferCarriedOut(Fact):
    """The clue went to the organ during the inspection. Article 15."""

    label: ClassVar[Label] = Label.DISPOSAL
    kind: Literal["early-transfer.carried-out.v1"] = "early-transfer.carried-out.v1"
    early_transfer: EarlyTransferId
    clue: ClueId
    transfer: TransferId
    round: RoundId
    inspection: InspectionId
    unit: BodyId
    organ: BodyId
    transferred_on: date


class EarlyTransferReturned(Fact):
    """The organ returned the clue: it may be transferred or disposed of anew. Articles 15, 17."""

    label: ClassVar[Label] = Label.DISPOSAL
    kind: Literal["early-transfer.returned.v1"] = "early-transfer.returned.v1"
    early_transfer: EarlyTransferId
    clue: ClueId
    transfer: TransferId
    round: RoundId
    inspection: InspectionId
    unit: BodyId
    organ: BodyId
    returned_on: date


EarlyTransferFact = EarlyTransferProposed | EarlyTransferDecided | EarlyTransferCarriedOut | EarlyTransferReturned


# --- state -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class EarlyTransfer:
    """What decisions need of a clue's transfer during the inspection: the one under way; none once it was returned."""

    clue: str
    round: str
    inspection: str
    unit: str
    organ: str
    proposed_on: date | None = None
    decided_on: date | None = None
    approved: bool = False
    transfer: str | None = None
    returned_on: date | None = None

    @property
    def awaits_decision(self) -> bool:
        return self.proposed_on is not None and self.decided_on is None

    def in_the_way(self, day: date, ended_on: date | None) -> bool:
        """Whether it keeps the clue from being disposed of otherwise: made, or, while the inspection lasts, under way.

        What was not made by the end lapses: from then on Article 17 applies.
        """
        under_way = self.awaits_decision or self.approved
        return self.transfer is not None or (under_way and (ended_on is None or day <= ended_on))

    @property
    def matter(self) -> dict[str, str]:
        """What every later fact of it names."""
        return {
            "early_transfer": early_transfer_of(self.clue),
            "clue": self.clue,
            "round": self.round,
            "inspection": self.inspection,
            "unit": self.unit,
            "organ": self.organ,
        }


def early_transfer_of(clue: str) -> str:
    """The stream of a clue's transfer during the inspection."""
    return derived_id("early-transfer", clue)


# --- decisions -------------------------------------------------------------------------------------------------


def propose(
    state: EarlyTransfer | None,
    command: ProposeEarlyTransfer,
    *,
    duty: str,
    round_: str,
    inspection: str,
    unit: str,
    managed: str,
    concerned: tuple[str, ...],
    restricted: bool,
    registered_on: date,
    ended_on: date | None,
    another_way: bool,
    organ_class: str | None,
    routes: tuple[str, ...],
) -> list[EarlyTransferFact]:
    """`another_way`: a disposal of the clue is proposed or decided; `routes`: the classes of organs it may go to."""
    rules.early_transfer_asked_by_the_leader.demand(duty)
    rules.restricted_reported_directly.demand(restricted)
    rules.city_managed_never_transferred_early.demand(managed)
    rules.early_only_on_those_the_unit_manages.demand(managed)
    rules.early_route.demand(organ_class, routes, path="organ")
    rules.never_sent_to_the_unit.demand(command.organ, unit, path="organ")
    under_way = state is not None and (state.awaits_decision or state.approved)
    rules.one_proposal_at_a_time.demand(another_way or under_way)
    rules.early_transfer_during_the_inspection.demand(ended_on, command.proposed_on, path="proposed_on")
    rules.early_transfer_after_registration.demand(registered_on, command.proposed_on, path="proposed_on")
    if state is not None:
        rules.proposal_not_before_return.demand(state.returned_on, command.proposed_on, path="proposed_on")
    return [
        EarlyTransferProposed(
            early_transfer=early_transfer_of(command.clue),
            clue=command.clue,
            round=round_,
            inspection=inspection,
            unit=unit,
            organ=command.organ,
            concerned=concerned,
            reason=command.reason,
            proposed_on=command.proposed_on,
        )
    ]


def decide(state: EarlyTransfer, command: DecideEarlyTransfer, *, ended_on: date | None) -> list[EarlyTransferFact]:
    rules.early_transfer_awaits_decision.demand(state.awaits_decision)
    rules.refusal_gives_its_reason.demand(command.approved, command.reason is not None, path="reason")
    rules.early_transfer_during_the_inspection.demand(ended_on, command.decided_on, path="decided_on")
    rules.decision_not_before_proposal.demand(state.proposed_on, command.decided_on, path="decided_on")
    return [
        EarlyTransferDecided(
            **state.matter, approved=command.approved, reason=command.reason, decided_on=command.decided_on
        )
    ]


def carry_out(
    state: EarlyTransfer, transfer: str, transferred_on: date, *, ended_on: date | None
) -> list[EarlyTransferFact]:
    """The clue's side of its transfer. Raises Refused before the approval, when it was made, and after the end."""
    rules.transfer_after_decision.demand(state.approved)
    rules.transferred_once.demand(state.transfer is not None)
    rules.early_transfer_during_the_inspection.demand(ended_on, transferred_on, path="transferred_on")
    rules.transfer_not_before_decision.demand(state.decided_on, transferred_on, path="transferred_on")
    return [EarlyTransferCarriedOut(**state.matter, transfer=transfer, transferred_on=transferred_on)]


def take_back(state: EarlyTransfer, transfer: str, returned_on: date) -> list[EarlyTransferFact]:
    """The clue's side of a return by the organ."""
    return [EarlyTransferReturned(**state.matter, transfer=transfer, returned_on=returned_on)]


def evolve(state: EarlyTransfer | None, fact: EarlyTransferFact) -> EarlyTransfer:
    if isinstance(fact, EarlyTransferProposed):
        return EarlyTransfer(
            fact.clue,
            fact.round,
            fact.inspection,
            fact.unit,
            fact.organ,
            fact.proposed_on,
            returned_on=state.returned_on if state else None,
        )
    assert state is not None  # noqa: S101  its stream begins with a proposal
    match fact:
        case EarlyTransferDecided():
            return replace(state, decided_on=fact.decided_on, approved=bool(fact.approved))
        case EarlyTransferCarriedOut():
            return replace(state, transfer=fact.transfer)
        case EarlyTransferReturned():
            return EarlyTransfer(
                state.clue, state.round, state.inspection, state.unit, state.organ, returned_on=fact.returned_on
            )
        case _:
            assert_never(fact)


EARLY_TRANSFERS: Aggregate[EarlyTransfer] = Aggregate("early-transfer", evolve)
