"""Recusal: declared by the person for each unit, decided by whom the edition names (Art. 23)."""

from application.acts import Work
from application.authority import decides, member, own
from domain import recusals
from domain.inspections import INSPECTIONS
from domain.kernel import NotFound
from domain.recusals import RECUSALS, DecideRecusal, DeclareRecusal, recusal_of
from domain.rounds import ROUNDS
from domain.rulebook import rules
from domain.rulebook.posts import Duty, Power


async def declare_recusal(work: Work, command: DeclareRecusal) -> str:
    """Article 23: declared before on-site powers take effect, "none" included."""
    _, inspection, _ = await member(work, command.inspection, Power.PREPARATION, any_time=True)
    recusal = recusal_of(inspection.round, inspection.unit, work.act.doer)
    facts = recusals.declare(
        await work.look(RECUSALS, recusal),
        command,
        round_=inspection.round,
        unit=inspection.unit,
        person=work.act.doer,
        known=work.book.edition.codes("recusal_grounds"),
    )
    work.write(recusal, facts)
    return recusal


async def decide_recusal(work: Work, command: DecideRecusal) -> str:
    """Article 23: a member's by the office, a leader's by the party committee, unless the edition says otherwise."""
    state = await work.look(RECUSALS, command.recusal)
    leads = False
    if state is not None:
        round_ = await work.read(ROUNDS, state.round)
        leads = any(m.duty is Duty.LEADER for m in round_.mandates_of(state.person, state.unit))
        await work.read(INSPECTIONS, state.inspection)
    decider = await decides(work, "recusal_of_leader" if leads else "recusal", rule=rules.recusal_decided_by_who_may)
    if state is None:
        raise NotFound
    favoured = state.person
    rules.nobody_records_what_favours_them.demand(own(work.act), work.act.signer, favoured, path="recusal")
    facts = recusals.decide(state, command, decider=work.act.doer, decided_by=decider)
    work.write(command.recusal, facts)
    return command.recusal
