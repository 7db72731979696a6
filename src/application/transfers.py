"""Transfers: made and followed up by the office, received, returned or answered by the organ (Art. 13, 15, 17)."""

from datetime import date

from application.acts import Work
from application.authority import (
    clear_of,
    demand_not_of_the_unit,
    holds,
    of_the_organ,
    recorded_by_whom_may,
)
from application.disposals import item_seen
from domain import disposals, early_transfers, petitions, transfers
from domain.bodies import BODIES
from domain.disposals import DISPOSALS, disposal_of
from domain.early_transfers import EARLY_TRANSFERS, early_transfer_of
from domain.inspections import INSPECTIONS
from domain.kernel import NotFound
from domain.petitions import PETITIONS
from domain.problems import kept_from
from domain.rulebook import rules
from domain.rulebook.editions import HANDLING_PROPOSED
from domain.rulebook.obligations import Hope, Obligation, hoped, owed
from domain.transfers import (
    TRANSFERS,
    AnswerTransfer,
    Basis,
    ReceiveTransfer,
    RecordTransferService,
    ReturnTransfer,
    Transfer,
    TransferItem,
    UrgeAnswer,
)


async def transfer_item(work: Work, command: TransferItem) -> str:
    """Articles 15, 17: as the leading group decided, or as approved during the inspection."""
    await holds(work, "office")
    item = await item_seen(work, command.item)
    transfer = work.new("transfer")
    inspection = await work.read(INSPECTIONS, item.inspection)
    disposal = await work.look(DISPOSALS, disposal_of(command.item))
    early = await work.look(EARLY_TRANSFERS, early_transfer_of(command.item))
    by_approval = early is not None and early.approved and early.in_the_way(command.transferred_on, inspection.ended_on)
    rules.transfer_after_decision.demand(by_approval or (disposal is not None and disposal.organ is not None))
    organ_id = (early.organ if early and by_approval else disposal.organ if disposal else None) or ""
    await demand_not_of_the_unit(work, organ_id, item.unit, rule=rules.never_sent_to_the_unit)
    facts = transfers.make(
        await work.look(TRANSFERS, transfer),
        transfer,
        command,
        basis=Basis.EARLY if by_approval else Basis.DISPOSAL,
        round_=item.round,
        inspection=item.inspection,
        unit=item.unit,
        organ=organ_id,
        organ_class=(await work.read(BODIES, organ_id)).organ_class or "",
        disposal_class=None if by_approval or disposal is None else disposal.disposal_class,
        of_the_organ=await of_the_organ(work, organ_id, command.recipients, past=item.unit),
        withheld_from=item.concerned,
    )
    work.write(transfer, facts)
    if facts and early is not None and by_approval:
        carried = early_transfers.carry_out(early, transfer, command.transferred_on, ended_on=inspection.ended_on)
        work.write(early_transfer_of(command.item), carried)
    elif facts:
        work.write(disposal_of(command.item), disposals.carry_out(disposal, transfer, command.transferred_on))
    return transfer


async def receive_transfer(work: Work, command: ReceiveTransfer) -> str:
    """Article 17: the month is counted from here, for the organs the edition sets it for."""
    transfer = await _transfer_of_organ(work, command.transfer)
    facts = transfers.receive(
        transfer,
        command,
        received_by=work.act.doer,
        answer=answer_owed(work, transfer, command.received_on),
        handling=_handling_hoped(work, transfer, command.received_on),
    )
    work.write(command.transfer, facts)
    return command.transfer


async def record_transfer_service(work: Work, command: RecordTransferService) -> str:
    """Article 17: where no receipt came in the edition's period, the month is counted from here."""
    transfer = await transfer_of_office(work, command.transfer)
    facts = transfers.record_service(
        transfer,
        command,
        receipt=owed(work.book.edition, work.book.calendar, "service_record", transfer.transferred_on),
        answer=answer_owed(work, transfer, command.recorded_on, "service_recorded"),
        handling=_handling_hoped(work, transfer, command.recorded_on),
    )
    work.write(command.transfer, facts)
    return command.transfer


async def urge_answer(work: Work, command: UrgeAnswer) -> str:
    """Articles 4(4), 17."""
    transfer = await transfer_of_office(work, command.transfer)
    work.write(command.transfer, transfers.urge(transfer, command))
    return command.transfer


async def return_transfer(work: Work, command: ReturnTransfer) -> str:
    """Article 17: what it was about goes back to where it came from, in the same append."""
    transfer = await _transfer_of_organ(work, command.transfer)
    facts = transfers.return_(transfer, command)
    back = (command.transfer, command.returned_on)
    match transfer.basis:
        case Basis.DISPOSAL:
            stream = disposal_of(transfer.item)
            work.write(stream, disposals.take_back(await work.read(DISPOSALS, stream), *back))
        case Basis.EARLY:
            stream = early_transfer_of(transfer.item)
            work.write(stream, early_transfers.take_back(await work.read(EARLY_TRANSFERS, stream), *back))
        case Basis.PASSED_ON:
            petition = await work.read(PETITIONS, transfer.item)
            work.write(transfer.item, petitions.take_back(petition, transfer.item, transfer.organ, *back))
    work.write(command.transfer, facts)
    return command.transfer


async def answer_transfer(work: Work, command: AnswerTransfer) -> str:
    """Article 17."""
    transfer = await _transfer_of_organ(work, command.transfer)
    handlings = work.book.edition.codes("handlings")
    work.write(command.transfer, transfers.answer(transfer, command, handlings=handlings))
    return command.transfer


def answer_owed(work: Work, transfer: Transfer, since: date, counted_from: str | None = None) -> Obligation | None:
    """The account owed by the organ. None is for what a team passed on itself: the month binds what is disposed of."""
    if transfer.basis is Basis.PASSED_ON:
        return None
    return owed(
        work.book.edition,
        work.book.calendar,
        "transfer_answer",
        since,
        transfer.organ_class,
        started_by=counted_from,
    )


def _handling_hoped(work: Work, transfer: Transfer, since: date) -> Hope | None:
    """By when the organ is hoped to propose a handling; None for what a team passed on itself, as with the account."""
    if transfer.basis is Basis.PASSED_ON:
        return None
    return hoped(work.book.edition, work.book.calendar, HANDLING_PROPOSED, since, transfer.organ_class)


async def _transfer_of_organ(work: Work, transfer_id: str) -> Transfer:
    """A transfer, for those who serve in its organ and whom it does not concern (Art. 3 (c), 17)."""
    await recorded_by_whom_may(work)
    transfer = await work.read(TRANSFERS, transfer_id)
    await holds(work, "organ", body=transfer.organ)
    return await _unconcerned(work, transfer)


async def transfer_of_office(work: Work, transfer_id: str) -> Transfer:
    """A transfer the office made; what a team passed on itself does not exist for it (Art. 13, 17)."""
    await holds(work, "office")
    transfer = await work.read(TRANSFERS, transfer_id)
    if transfer.basis is Basis.PASSED_ON:
        raise NotFound
    return await _unconcerned(work, transfer)


async def _unconcerned(work: Work, transfer: Transfer) -> Transfer:
    if kept_from(transfer.item, transfer.unit, ()):
        await clear_of(work, transfer.unit, transfer.withheld_from)
    if {work.act.signer, work.act.doer} & set(transfer.withheld_from):
        raise NotFound(rules.decided_without_the_concerned)
    return transfer
