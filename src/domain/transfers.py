"""A transfer: what went to an organ, its receipt or service, its return, the account given (Art. 13, 15, 17)."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
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
    Fact,
    InspectionId,
    Label,
    Manner,
    PersonId,
    RoundId,
    TransferId,
)
from domain.rulebook import rules
from domain.rulebook.obligations import Hope, Obligation, Recounted


class Basis(StrEnum):
    """What a transfer rests on: the decision of a disposal, an approval during the inspection, or the team's own
    passing on. Articles 13, 15, 17."""

    DISPOSAL = "disposal"
    EARLY = "early"
    PASSED_ON = "passed_on"


# --- commands --------------------------------------------------------------------------------------------------


class TransferItem(Command):
    """Transfer an item to the organ decided on, or approved during the inspection. Articles 15, 17.

    `material` is what the organ gets to read: written for it, with no source in it; `recipients` are the persons of the
    organ it is given to.
    """

    item: AnyId
    recipients: tuple[PersonId, ...]
    how: Manner = Manner.IN_PERSON
    material: Content
    transferred_on: date


class ReceiveTransfer(Command):
    """Acknowledge receipt of a transfer; the month for the answer is counted from it. Article 17."""

    transfer: TransferId
    received_on: date
    how: Manner = Manner.IN_PERSON


class RecordTransferService(Command):
    """Record that a transfer without receipt was served; the time for the answer is counted from that day. Article 17.

    **Units** the edition's `service_record`, working days after the transfer, must be over.
    """

    transfer: TransferId
    account: Content
    recorded_on: date


class UrgeAnswer(Command):
    """Urge an organ to answer. Articles 4(4), 17."""

    transfer: TransferId
    note: Content
    urged_on: date


class ReturnTransfer(Command):
    """Object to a transfer and return it, with a reason, before it is answered. Article 17."""

    transfer: TransferId
    reason: Content
    returned_on: date


class AnswerTransfer(Command):
    """Answer a transfer in writing: which handling was decided, and an account of it. Article 17."""

    transfer: TransferId
    handling: Code
    account: Content
    answered_on: date


# --- facts -----------------------------------------------------------------------------------------------------


class TransferMade(Fact):
    """Material went to an organ, to named persons there. Articles 13, 15, 17.

    `item` is what was transferred; the organ is never shown more of it than the material.
    """

    label: ClassVar[Label] = Label.TRANSFER
    kind: Literal["transfer.made.v1"] = "transfer.made.v1"
    transfer: TransferId
    round: RoundId
    inspection: InspectionId
    item: AnyId
    basis: Basis
    unit: BodyId
    organ: BodyId
    organ_class: Code
    disposal_class: Code | None = None
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
    item: AnyId
    unit: BodyId
    organ: BodyId
    received_by: PersonId
    received_on: date
    how: Manner
    answer: Obligation | None = None
    withheld_from: tuple[PersonId, ...] | None = None
    handling_hoped: Hope | None = None


class TransferServiceRecorded(Fact):
    """There was no receipt in time, and the office recorded service; what the organ owes from here on. Article 17."""

    label: ClassVar[Label] = Label.TRANSFER
    kind: Literal["transfer.service-recorded.v1"] = "transfer.service-recorded.v1"
    transfer: TransferId
    round: RoundId
    item: AnyId
    unit: BodyId
    organ: BodyId
    account: Content
    recorded_on: date
    answer: Obligation | None = None
    withheld_from: tuple[PersonId, ...] | None = None
    handling_hoped: Hope | None = None


class TransferUrged(Fact):
    """The office urged the organ to answer. Articles 4(4), 17."""

    label: ClassVar[Label] = Label.TRANSFER
    kind: Literal["transfer.urged.v1"] = "transfer.urged.v1"
    transfer: TransferId
    round: RoundId
    item: AnyId
    unit: BodyId
    organ: BodyId
    note: Content
    urged_on: date


class TransferReturned(Fact):
    """The organ objected and returned it, with its reason. Article 17."""

    label: ClassVar[Label] = Label.TRANSFER
    kind: Literal["transfer.returned.v1"] = "transfer.returned.v1"
    transfer: TransferId
    round: RoundId
    item: AnyId
    unit: BodyId
    organ: BodyId
    reason: Content
    returned_on: date


class TransferAnswered(Fact):
    """The organ gave its account. Article 17."""

    label: ClassVar[Label] = Label.TRANSFER
    kind: Literal["transfer.answered.v1"] = "transfer.answered.v1"
    transfer: TransferId
    round: RoundId
    item: AnyId
    unit: BodyId
    organ: BodyId
    handling: Code
    account: Content
    answered_on: date


class TransferDayCorrected(Fact):
    """The day of receipt was corrected; the account is owed anew. Articles 17, 28 (c)."""

    label: ClassVar[Label] = Label.TRANSFER
    kind: Literal["transfer.day-corrected.v1"] = "transfer.day-corrected.v1"
    transfer: TransferId
    round: RoundId
    item: AnyId
    unit: BodyId
    organ: BodyId
    corrected: CorrectedDay
    answer: Recounted | None = None
    withheld_from: tuple[PersonId, ...] | None = None


TransferFact = (
    TransferMade
    | TransferReceived
    | TransferServiceRecorded
    | TransferUrged
    | TransferReturned
    | TransferAnswered
    | TransferDayCorrected
)


# --- state -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Transfer:
    """What decisions need of a transfer."""

    round: str
    item: str
    basis: Basis
    unit: str
    organ: str
    organ_class: str
    transferred_on: date
    received_on: date | None = None
    served_on: date | None = None
    returned_on: date | None = None
    answered_on: date | None = None
    withheld_from: tuple[str, ...] = ()
    answer_owed: Obligation | None = None

    def between(self, which: DayOf) -> Between:
        """The day of receipt and the days it lies between."""
        if which is not DayOf.TRANSFER_RECEIVED:
            return Between(None)
        return Between(self.received_on, (self.transferred_on,), (self.answered_on, self.returned_on))

    @property
    def open(self) -> bool:
        """Whether something is still awaited: an answer, or, of what a team passed on, its receipt."""
        if self.returned_on is not None or self.answered_on is not None:
            return False
        return self.basis is not Basis.PASSED_ON or self.received_on is None

    @property
    def about(self) -> dict[str, str]:
        """What every later fact of it names."""
        return {"round": self.round, "item": self.item, "unit": self.unit, "organ": self.organ}


# --- decisions -------------------------------------------------------------------------------------------------


def make(
    state: Transfer | None,
    transfer: str,
    command: TransferItem,
    *,
    basis: Basis,
    round_: str,
    inspection: str,
    unit: str,
    organ: str,
    organ_class: str,
    disposal_class: str | None = None,
    of_the_organ: Collection[str],
    withheld_from: tuple[str, ...] = (),
) -> list[TransferFact]:
    """`of_the_organ`: those of the recipients who held a post there on that day; `withheld_from`: the persons the item
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
            inspection=inspection,
            item=command.item,
            basis=basis,
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
    state: Transfer,
    command: ReceiveTransfer,
    *,
    received_by: str,
    answer: Obligation | None,
    handling: Hope | None = None,
) -> list[TransferFact]:
    """Where service was recorded before, the answer stays due as counted from there. `handling`: by when a handling is
    hoped to be proposed, where the edition gives guidance for 及时 (promptly)."""
    rules.transfer_not_returned.demand(state.returned_on is not None)
    rules.receipt_once.demand(state.received_on is not None)
    rules.receipt_not_before_transfer.demand(state.transferred_on, command.received_on, path="received_on")
    return [
        TransferReceived(
            transfer=command.transfer,
            **state.about,
            received_by=received_by,
            received_on=command.received_on,
            how=command.how,
            answer=answer if state.served_on is None else None,
            withheld_from=state.withheld_from or None,
            handling_hoped=handling if state.served_on is None else None,
        )
    ]


def record_service(
    state: Transfer,
    command: RecordTransferService,
    *,
    receipt: Obligation | None,
    answer: Obligation | None,
    handling: Hope | None = None,
) -> list[TransferFact]:
    """`receipt`: the period in which a receipt was awaited; None where the edition sets none, and so no service
    without receipt."""
    rules.transfer_not_returned.demand(state.returned_on is not None)
    rules.service_recorded_without_receipt.demand(state.received_on is not None or state.served_on is not None)
    rules.transfer_served_after_the_period.demand(
        receipt.count.due if receipt else None, command.recorded_on, path="recorded_on"
    )
    return [
        TransferServiceRecorded(
            transfer=command.transfer,
            **state.about,
            account=command.account,
            recorded_on=command.recorded_on,
            answer=answer,
            withheld_from=state.withheld_from or None,
            handling_hoped=handling,
        )
    ]


def urge(state: Transfer, command: UrgeAnswer) -> list[TransferFact]:
    rules.transfer_not_returned.demand(state.returned_on is not None)
    rules.urged_until_answered.demand(state.answered_on is not None)
    rules.urged_not_before_transfer.demand(state.transferred_on, command.urged_on, path="urged_on")
    return [TransferUrged(transfer=command.transfer, **state.about, note=command.note, urged_on=command.urged_on)]


def return_(state: Transfer, command: ReturnTransfer) -> list[TransferFact]:
    rules.transfer_not_returned.demand(state.returned_on is not None)
    rules.returned_before_answered.demand(state.answered_on is not None)
    latest = max(d for d in (state.transferred_on, state.received_on) if d is not None)
    rules.return_not_before_transfer.demand(latest, command.returned_on, path="returned_on")
    return [
        TransferReturned(
            transfer=command.transfer, **state.about, reason=command.reason, returned_on=command.returned_on
        )
    ]


def answer(state: Transfer, command: AnswerTransfer, *, handlings: tuple[str, ...]) -> list[TransferFact]:
    rules.transfer_not_returned.demand(state.returned_on is not None)
    rules.received_before_answered.demand(state.received_on is not None or state.served_on is not None)
    rules.answered_once.demand(state.answered_on is not None)
    rules.handling_known.demand(command.handling, handlings, path="handling")
    rules.answer_not_before_receipt.demand(
        state.received_on or state.served_on, command.answered_on, path="answered_on"
    )
    return [
        TransferAnswered(
            transfer=command.transfer,
            **state.about,
            handling=command.handling,
            account=command.account,
            answered_on=command.answered_on,
        )
    ]


def correct(state: Transfer, command: CorrectDay, *, entry: UUID, answer: Recounted | None) -> list[TransferFact]:
    """`entry`: the one that says the day that stands; `answer`: the account as it is owed by this day; where service
    was recorded, it stays counted from there."""
    place = state.between(command.day_of)
    assert place.day is not None  # noqa: S101  what is not on record is not found
    if place.day == command.day:
        return []
    rules.corrected_day_fits_the_others.demand(place.fits(command.day), path="day")
    return [
        TransferDayCorrected(
            transfer=command.matter,
            **state.about,
            corrected=command.of(place.day, entry),
            answer=answer if state.answer_owed and state.served_on is None and not state.returned_on else None,
            withheld_from=state.withheld_from or None,
        )
    ]


def evolve(state: Transfer | None, fact: TransferFact) -> Transfer:
    if isinstance(fact, TransferMade):
        return Transfer(
            fact.round,
            fact.item,
            fact.basis,
            fact.unit,
            fact.organ,
            fact.organ_class,
            fact.transferred_on,
            withheld_from=fact.withheld_from or (),
        )
    assert state is not None  # noqa: S101  a transfer's stream begins with its making
    match fact:
        case TransferReceived():
            return replace(state, received_on=fact.received_on, answer_owed=fact.answer or state.answer_owed)
        case TransferServiceRecorded():
            return replace(state, served_on=fact.recorded_on)
        case TransferDayCorrected():
            owed = fact.answer.obligation if fact.answer else state.answer_owed
            return replace(state, received_on=fact.corrected.day, answer_owed=owed)
        case TransferReturned():
            return replace(state, returned_on=fact.returned_on)
        case TransferAnswered():
            return replace(state, answered_on=fact.answered_on)
        case TransferUrged():
            return state
        case _:
            assert_never(fact)


TRANSFERS: Aggregate[Transfer] = Aggregate("transfer", evolve)
