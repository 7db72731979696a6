"""Recusal: declared by the person for each unit, asked for by others, decided by whom the edition names
(Art. 6(4), 23)."""

from application.acts import Work
from application.authority import decides, holds, member, own, recorded_by_whom_may, standing_for
from application.inspections import known_to_the_unit
from domain import recusals
from domain.inspections import INSPECTIONS, Inspection
from domain.kernel import NotFound
from domain.people import PEOPLE
from domain.recusals import (
    RECUSALS,
    AnswerRecusalRequest,
    Asker,
    DecideRecusal,
    DeclareRecusal,
    RequestRecusal,
    recusal_of,
)
from domain.rounds import ROUNDS, Round
from domain.rulebook import rules
from domain.rulebook.posts import UNIT_POSTS, Duty, Power


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


async def request_recusal(work: Work, command: RequestRecusal) -> str:
    """Articles 6(4), 23: of somebody who has, or is to have, a duty at the unit; whoever else is meant is not found."""
    asked_as, inspection = await _asker(work, command.inspection)
    round_ = await work.read(ROUNDS, inspection.round)
    if not any(work.act.day <= m.until_on for m in round_.mandates_of(command.person, inspection.unit)):
        raise NotFound
    request = work.new("recusal-request")
    recusal = recusal_of(inspection.round, inspection.unit, command.person)
    facts = recusals.request(
        await work.look(RECUSALS, recusal),
        request,
        command,
        round_=inspection.round,
        unit=inspection.unit,
        asked_by=work.act.doer,
        asked_as=asked_as,
        of_the_leader=_leads(round_, command.person, inspection.unit),
        known=work.book.edition.codes("recusal_grounds"),
    )
    work.write(recusal, facts)
    return request


async def _asker(work: Work, inspection_id: str) -> tuple[Asker, Inspection]:
    """As what the doer asks: the endpoint's capacity; from paper, what they are at this unit on that day."""
    await recorded_by_whom_may(work)
    asks = work.act.audience if own(work.act) else await _part_of(work, inspection_id)
    match asks:
        case "team":
            _, inspection, mandate = await member(work, inspection_id, *Power, duty=Duty.LEADER)
            return (Asker.LEADER if mandate.duty is Duty.LEADER else Asker.TEAM), inspection
        case "unit":
            inspection = await known_to_the_unit(work, inspection_id)
            rules.recusal_asked_by_who_may.demand(work.book.edition.parameters.unit_may_ask_for_recusal.value)
            return Asker.UNIT, inspection
        case _:
            await holds(work, "office", rule=rules.recusal_asked_by_who_may)
            return Asker.OFFICE, await work.read(INSPECTIONS, inspection_id)


async def _part_of(work: Work, inspection_id: str) -> str:
    inspection = await work.read(INSPECTIONS, inspection_id)
    round_ = await work.read(ROUNDS, inspection.round)
    if any(m.lives_on(work.act.day) for m in round_.mandates_of(work.act.doer, inspection.unit)):
        return "team"
    bodies = await standing_for(work, inspection.unit)
    held = (await work.read(PEOPLE, work.act.doer)).held(work.act.day, UNIT_POSTS)
    return "unit" if any(a.body in bodies for a in held) else "office"


async def answer_recusal_request(work: Work, command: AnswerRecusalRequest) -> str:
    """Article 23: the person concerned is heard; for anybody else there is nothing to answer."""
    await recorded_by_whom_may(work)
    state = await work.read(RECUSALS, command.recusal)
    if work.act.doer != state.person:
        raise NotFound
    await member(work, state.inspection, any_time=True)
    work.write(command.recusal, recusals.answer(state, command))
    return command.recusal


async def decide_recusal(work: Work, command: DecideRecusal) -> str:
    """Article 23: a member's by the office, a leader's by the party committee, unless the edition says otherwise."""
    state = await work.look(RECUSALS, command.recusal)
    leads, duties = False, tuple[Duty, ...]()
    if state is not None:
        round_ = await work.read(ROUNDS, state.round)
        leads = _leads(round_, state.person, state.unit)
        held = (m.duty for m in round_.mandates_of(state.person, state.unit) if m.lives_on(command.decided_on))
        duties = tuple(dict.fromkeys(held))
        await work.read(INSPECTIONS, state.inspection)
    decider = await decides(work, "recusal_of_leader" if leads else "recusal", rule=rules.recusal_decided_by_who_may)
    if state is None:
        raise NotFound
    favoured = state.person
    rules.nobody_records_what_favours_them.demand(own(work.act), work.act.signer, favoured, path="recusal")
    facts = recusals.decide(state, command, decider=work.act.doer, decided_by=decider, duties=duties)
    work.write(command.recusal, facts)
    return command.recusal


def _leads(round_: Round, person: str, unit: str) -> bool:
    return any(m.duty is Duty.LEADER for m in round_.mandates_of(person, unit))
