"""Petitions: registered by the registrar, instructed by the leader, handled by whom the leader names (Art. 13)."""

from application.acts import Work
from application.authority import (
    demand_not_of_the_unit,
    judged_on,
    member,
    of_the_organ,
    recorded_by_whom_may,
)
from domain import petitions, transfers
from domain.bodies import BODIES
from domain.kernel import IllFormed, NotFound
from domain.people import PEOPLE
from domain.petitions import (
    PETITION_REGISTERS,
    PETITIONS,
    HandlePetition,
    InstructPetition,
    Petition,
    RegisterPetition,
    register_of,
)
from domain.recusals import RECUSALS, recusal_of
from domain.rulebook import rules
from domain.rulebook.posts import Duty, Power
from domain.transfers import TRANSFERS, Basis, TransferItem

AT_WORK = (Power.ON_SITE, Power.CLOSING)
"""What came in is dealt with while the inspection lasts, and to its end while it is being closed (Art. 13 (c))."""


async def register_petition(work: Work, command: RegisterPetition) -> str:
    """Article 13: one by one, numbered without gaps in the round."""
    _, inspection, mandate = await member(work, command.inspection, *AT_WORK, duty=Duty.REGISTRAR)
    rules.not_in_the_future.demand(command.received_on, work.act.today, path="received_on")
    rules.registered_after_receipt.demand(command.received_on, work.act.happened.on, path="received_on")
    for person in command.concerned:
        await work.read(PEOPLE, person)
    petition, register = work.new("petition"), register_of(inspection.round)
    given = petitions.give_number(await work.look(PETITION_REGISTERS, register), petition, round_=inspection.round)
    facts = petitions.register(
        await work.look(PETITIONS, petition),
        petition,
        command,
        round_=inspection.round,
        unit=inspection.unit,
        number=given[0].number,
        registrar=work.act.doer,
        duty=mandate.duty,
        entered_on=inspection.entered_on,
        ended_on=inspection.ended_on,
        categories=work.book.edition.codes("problem_categories"),
    )
    work.write(petition, facts)
    work.write(register, given if facts else [])
    return petition


async def instruct_petition(work: Work, command: InstructPetition) -> str:
    """Articles 6(3), 13."""
    petition = await petition_seen(work, command.petition)
    round_, inspection, mandate = await member(work, petition.inspection, *AT_WORK, duty=Duty.LEADER, hidden=True)
    if mandate.duty not in (Duty.LEADER, Duty.DEPUTY_LEADER, Duty.REGISTRAR):
        raise NotFound(rules.only_the_leader)
    recusal = await work.look(RECUSALS, recusal_of(inspection.round, inspection.unit, command.handler))
    days = judged_on(work.act)
    covers = any(
        all(m.lives_on(day) for day in days) and m.powers & {*AT_WORK}
        for m in round_.mandates_of(command.handler, inspection.unit)
    )
    facts = petitions.instruct(
        petition,
        command,
        duty=mandate.duty,
        handler_covers=covers
        and command.handler not in petition.concerned
        and recusal is not None
        and recusal.declared
        and not any(recusal.upheld_by(day) for day in days),
    )
    work.write(command.petition, facts)
    return command.petition


async def handle_petition(work: Work, command: HandlePetition) -> str:
    """Article 13: each singly. One that becomes a clue is handled by registering the clue; one passed on goes to the
    organ in the same append, as what was written for it and nothing else."""
    petition = await petition_seen(work, command.petition)
    _, inspection, mandate = await member(work, petition.inspection, *AT_WORK, hidden=True)
    if mandate.duty is Duty.MEMBER and petition.handler != work.act.doer:
        raise NotFound(rules.handled_by_its_handler)
    organ = await work.read(BODIES, command.organ) if command.organ is not None else None
    if organ is not None and organ.organ_class is None:
        raise IllFormed("not_an_organ", "organ")
    if command.organ is not None:
        await demand_not_of_the_unit(work, command.organ, petition.unit, rule=rules.never_passed_to_the_unit)
    transfer = work.new("transfer")
    facts = petitions.handle(
        petition,
        command,
        doer=work.act.doer,
        ways=work.book.edition.codes("petition_handlings"),
        ended_on=inspection.ended_on,
        transfer=transfer,
    )
    work.write(command.petition, facts)
    if command.organ is not None and organ is not None and command.material is not None:
        passed = transfers.make(
            await work.look(TRANSFERS, transfer),
            transfer,
            TransferItem(
                item=command.petition,
                recipients=command.recipients,
                how=command.how,
                material=command.material,
                transferred_on=command.handled_on,
            ),
            basis=Basis.PASSED_ON,
            round_=petition.round,
            inspection=petition.inspection,
            unit=petition.unit,
            organ=command.organ,
            organ_class=organ.organ_class or "",
            of_the_organ=await of_the_organ(work, command.organ, command.recipients, past=petition.unit),
            withheld_from=petition.concerned,
        )
        work.write(transfer, passed)
    return command.petition


async def petition_seen(work: Work, petition_id: str) -> Petition:
    """A petition, for whoever is not concerned by it: from those it does not exist (Art. 3 (c), 13)."""
    await recorded_by_whom_may(work)
    petition = await work.read(PETITIONS, petition_id)
    if {work.act.signer, work.act.doer} & set(petition.concerned):
        raise NotFound(rules.never_passed_to_the_concerned)
    return petition
