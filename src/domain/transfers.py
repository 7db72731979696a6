"""A transfer: what went to an organ, its receipt, and the account of its handling (Art. 17)."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from typing import ClassVar, Literal, assert_never

from domain.kernel import (
    Aggregate,
    BodyId,
    ClueId,
    Code,
    Command,
    Content,
    Fact,
    Label,
    Manner,
    PersonId,
    RoundId,
    TransferId,
)
from domain.rulebook import rules
from domain.rulebook.obligations import Obligation


class TransferClue(Command):
    """Transfer a clue to the organ decided on. Article 17.

    `material` is what the organ gets to read: written for it, with no source in it; `recipients` are the persons of the
    organ it is given to.
    """

    clue: ClueId
    recipients: tuple[PersonId, ...]
    how: Manner = Manner.IN_PERSON
    material: Content
    transferred_on: date


class ReceiveTransfer(Command):
    """Acknowledge receipt of a transfer; the month for the answer is counted from it. Article 17."""

    transfer: TransferId
    received_on: date
    how: Manner = Manner.IN_PERSON


class AnswerTransfer(Command):
    """Answer a transfer in writing: which handling was decided, and an account of it. Article 17."""

    transfer: TransferId
    handling: Code
    account: Content
    answered_on: date


class TransferMade(Fact):
    """Material went to an organ, to named persons there. Article 17."""

    label: ClassVar[Label] = Label.TRANSFER
    kind: Literal["transfer.made.v1"] = "transfer.made.v1"
    transfer: TransferId
    round: RoundId
    clue: ClueId
    unit: BodyId
    organ: BodyId
    organ_class: Code
    disposal_class: Code
    recipients: tuple[PersonId, ...]
    how: Manner
    material: Content
    transferred_on: date
    withheld_from: tuple[PersonId, ...] | None = None


class TransferReceived(Fact):
    """The organ received the transfer; what it owes from here on, if the edition sets a period. Article 17."""

    label: ClassVar[Label] = Label.TRANSFER
    kind: Literal["transfer.received.v1"] = "transfer.received.v1"
    transfer: TransferId
    round: RoundId
    clue: ClueId
    unit: BodyId
    organ: BodyId
    received_by: PersonId
    received_on: date
    how: Manner
    answer: Obligation | None = None


class TransferAnswered(Fact):
    """The organ gave its account. Article 17."""

    label: ClassVar[Label] = Label.TRANSFER
    kind: Literal["transfer.answered.v1"] = "transfer.answered.v1"
    transfer: TransferId
    round: RoundId
    clue: ClueId
    unit: BodyId
    organ: BodyId
    handling: Code
    account: Content
    answered_on: date


TransferFact = TransferMade | TransferReceived | TransferAnswered


@dataclass(frozen=True)
class Transfer:
    """What decisions need of a transfer."""

    round: str
    clue: str
    unit: str
    organ: str
    organ_class: str
    transferred_on: date
    received_on: date | None = None
    answered_on: date | None = None
    withheld_from: tuple[str, ...] = ()


def make(
    state: Transfer | None,
    transfer: str,
    command: TransferClue,
    *,
    round_: str,
    unit: str,
    organ: str,
    organ_class: str,
    disposal_class: str,
    of_the_organ: Collection[str],
    withheld_from: tuple[str, ...] = (),
) -> list[TransferFact]:
    """`of_the_organ`: those of the recipients who held a post there on that day; `withheld_from`: the persons the clue
    concerns, who do not see the transfer wherever they serve."""
    if state is not None:
        return []
    allowed = set(of_the_organ) - set(withheld_from)
    rules.delivered_to_named_persons.demand(command.recipients, allowed, path="recipients")
    rules.delivered_in_writing.demand(command.how, path="how")
    return [
        TransferMade(
            transfer=transfer,
            round=round_,
            clue=command.clue,
            unit=unit,
            organ=organ,
            organ_class=organ_class,
            disposal_class=disposal_class,
            recipients=command.recipients,
            how=command.how,
            material=command.material,
            transferred_on=command.transferred_on,
            withheld_from=withheld_from or None,
        )
    ]


def receive(
    state: Transfer, command: ReceiveTransfer, *, received_by: str, answer: Obligation | None
) -> list[TransferFact]:
    rules.receipt_once.demand(state.received_on is not None)
    rules.receipt_not_before_transfer.demand(state.transferred_on, command.received_on, path="received_on")
    return [
        TransferReceived(
            transfer=command.transfer,
            round=state.round,
            clue=state.clue,
            unit=state.unit,
            organ=state.organ,
            received_by=received_by,
            received_on=command.received_on,
            how=command.how,
            answer=answer,
        )
    ]


def answer(state: Transfer, command: AnswerTransfer, *, handlings: tuple[str, ...]) -> list[TransferFact]:
    rules.received_before_answered.demand(state.received_on is not None)
    rules.answered_once.demand(state.answered_on is not None)
    rules.handling_known.demand(command.handling, handlings, path="handling")
    rules.answer_not_before_receipt.demand(state.received_on, command.answered_on, path="answered_on")
    return [
        TransferAnswered(
            transfer=command.transfer,
            round=state.round,
            clue=state.clue,
            unit=state.unit,
            organ=state.organ,
            handling=command.handling,
            account=command.account,
            answered_on=command.answered_on,
        )
    ]


def evolve(state: Transfer | None, fact: TransferFact) -> Transfer:
    if isinstance(fact, TransferMade):
        return Transfer(
            fact.round,
            fact.clue,
            fact.unit,
            fact.organ,
            fact.organ_class,
            fact.transferred_on,
            withheld_from=fact.withheld_from or (),
        )
    assert state is not None  # noqa: S101  a transfer's stream begins with its making
    match fact:
        case TransferReceived():
            return replace(state, received_on=fact.received_on)
        case TransferAnswered():
            return replace(state, answered_on=fact.answered_on)
        case _:
            assert_never(fact)


TRANSFERS: Aggregate[Transfer] = Aggregate("transfer", evolve)
