"""Transfers: made by the office after the decision, received and answered by the organ (Art. 17)."""

from application.acts import Work
from application.authority import holds, recorded_by_whom_may, serving
from application.clues import clue_seen
from domain import clues, transfers
from domain.bodies import BODIES
from domain.kernel import NotFound
from domain.rulebook import rules
from domain.rulebook.obligations import owed
from domain.rulebook.posts import ORGAN_POSTS
from domain.transfers import TRANSFERS, AnswerTransfer, ReceiveTransfer, Transfer, TransferClue


async def transfer_clue(work: Work, command: TransferClue) -> str:
    """Article 17."""
    await holds(work, "office")
    clue = await clue_seen(work, command.clue)
    rules.transfer_after_decision.demand(clue.organ is not None)
    organ = await work.read(BODIES, clue.organ or "")
    transfer = work.new("transfer")
    of_the_organ = await serving(work, clue.organ or "", ORGAN_POSTS, command.recipients)
    facts = transfers.make(
        await work.look(TRANSFERS, transfer),
        transfer,
        command,
        round_=clue.round,
        unit=clue.unit,
        organ=clue.organ or "",
        organ_class=organ.organ_class or "",
        disposal_class=clue.disposal_class or "",
        of_the_organ=of_the_organ,
        withheld_from=clue.concerned,
    )
    if facts:
        work.write(transfer, facts)
        work.write(command.clue, clues.carry_out(clue, command.clue, transfer, command.transferred_on))
    return transfer


async def receive_transfer(work: Work, command: ReceiveTransfer) -> str:
    """Article 17: the month is counted from here, for the organs the edition sets it for."""
    transfer = await _transfer_seen(work, command.transfer)
    facts = transfers.receive(
        transfer,
        command,
        received_by=work.act.doer,
        answer=owed(
            work.book.edition,
            work.book.calendar,
            "transfer_answer",
            command.received_on,
            transfer.organ_class,
        ),
    )
    work.write(command.transfer, facts)
    return command.transfer


async def answer_transfer(work: Work, command: AnswerTransfer) -> str:
    """Article 17."""
    transfer = await _transfer_seen(work, command.transfer)
    handlings = work.book.edition.codes("handlings")
    work.write(command.transfer, transfers.answer(transfer, command, handlings=handlings))
    return command.transfer


async def _transfer_seen(work: Work, transfer_id: str) -> Transfer:
    """A transfer, for those who serve in its organ and whom its clue does not concern (Art. 3 (c), 17)."""
    await recorded_by_whom_may(work)
    transfer = await work.read(TRANSFERS, transfer_id)
    await holds(work, "organ", body=transfer.organ)
    if {work.act.signer, work.act.doer} & set(transfer.withheld_from):
        raise NotFound(rules.decided_without_the_concerned)
    return transfer
