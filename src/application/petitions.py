"""Petitions: registered by the registrar, instructed by the leader, handled by whom the leader names (Art. 13)."""

from application.acts import Work
from application.authority import member
from domain import petitions
from domain.bodies import BODIES
from domain.kernel import IllFormed, NotFound
from domain.petitions import (
    PETITION_REGISTERS,
    PETITIONS,
    HandlePetition,
    InstructPetition,
    RegisterPetition,
    register_of,
)
from domain.recusals import RECUSALS, recusal_of
from domain.rulebook import rules
from domain.rulebook.posts import Duty, Power

AT_WORK = (Power.ON_SITE, Power.CLOSING)
"""What came in is dealt with while the inspection lasts, and to its end while it is being closed (Art. 13 (c))."""


async def register_petition(work: Work, command: RegisterPetition) -> str:
    """Article 13: one by one, numbered without gaps in the round."""
    _, inspection, mandate = await member(work, command.inspection, *AT_WORK, duty=Duty.REGISTRAR)
    rules.not_in_the_future.demand(command.received_on, work.act.today, path="received_on")
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
    petition = await work.read(PETITIONS, command.petition)
    round_, inspection, mandate = await member(work, petition.inspection, *AT_WORK, duty=Duty.LEADER, hidden=True)
    if mandate.duty not in (Duty.LEADER, Duty.DEPUTY_LEADER, Duty.REGISTRAR):
        raise NotFound(rules.only_the_leader)
    recusal = await work.look(RECUSALS, recusal_of(inspection.round, inspection.unit, command.handler))
    covers = any(
        m.lives_on(work.act.day) and m.powers & {*AT_WORK} for m in round_.mandates_of(command.handler, inspection.unit)
    )
    facts = petitions.instruct(
        petition,
        command,
        duty=mandate.duty,
        handler_covers=covers and recusal is not None and not recusal.upheld_by(work.act.today),
    )
    work.write(command.petition, facts)
    return command.petition


async def handle_petition(work: Work, command: HandlePetition) -> str:
    """Article 13: each singly. One that becomes a clue is handled by registering the clue."""
    petition = await work.read(PETITIONS, command.petition)
    _, inspection, mandate = await member(work, petition.inspection, *AT_WORK, hidden=True)
    if mandate.duty is Duty.MEMBER and petition.handler != work.act.doer:
        raise NotFound(rules.handled_by_its_handler)
    if command.organ is not None and (await work.read(BODIES, command.organ)).organ_class is None:
        raise IllFormed("not_an_organ", "organ")
    facts = petitions.handle(
        petition,
        command,
        doer=work.act.doer,
        ways=work.book.edition.codes("petition_handlings"),
        ended_on=inspection.ended_on,
    )
    work.write(command.petition, facts)
    return command.petition
