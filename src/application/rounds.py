"""Rounds: plan, approval, teams, mandates (Art. 5, 11)."""

from application.acts import Work
from application.authority import decides, entered_by_the_director, holds, own
from domain import inspections, rounds, teams
from domain.bodies import BODIES
from domain.inspections import INSPECTIONS
from domain.kernel import Assignment, NotFound, derived_id
from domain.nominations import NOMINATIONS, nomination_of
from domain.people import PEOPLE, PersonMandated
from domain.recusals import RECUSALS, recusal_of
from domain.rounds import (
    ROUNDS,
    ApprovePlan,
    EndMandate,
    FormTeam,
    GrantMandate,
    OpenRound,
    Replaced,
    ReturnPlan,
    Round,
    SubmitPlan,
)
from domain.rulebook import rules
from domain.rulebook.posts import Duty
from domain.teams import TEAMS


async def open_round(work: Work, command: OpenRound) -> str:
    """Article 11(1)."""
    await holds(work, "office")
    # Not from the command: two clerks who open the same round at once must meet.
    round_ = derived_id("round", str(command.year), str(command.number))
    work.write(round_, rounds.open_round(await work.look(ROUNDS, round_), round_, command))
    return round_


async def submit_plan(work: Work, command: SubmitPlan) -> str:
    """Article 11(1)."""
    await holds(work, "office")
    round_ = await work.read(ROUNDS, command.round)
    for index, planned in enumerate(command.units):
        body = await work.read(BODIES, planned.unit)
        rules.unit_within_scope.demand(body.category, True, path=f"units.{index}.unit")
        rules.unit_in_being.demand(body.succeeded_by(command.submitted_on), path=f"units.{index}.unit")
        work.known("assignment_forms", planned.form, f"units.{index}.form")
        work.known("special_focuses", planned.focus, f"units.{index}.focus")
    for index, way in enumerate(command.ways):
        work.known("ways", way, f"ways.{index}")
    by_decision = [form.code for form in work.book.edition.assignment_forms if form.needs_decision]
    work.write(command.round, rounds.submit_plan(round_, command, forms_by_decision=by_decision))
    return command.round


async def approve_plan(work: Work, command: ApprovePlan) -> str:
    """Article 11(1)."""
    await decides(work, "work_plan", rule=rules.plan_decided_by_who_may)
    round_ = await work.read(ROUNDS, command.round)
    work.write(command.round, rounds.approve_plan(round_, command, edition=work.book.edition.id))
    return command.round


async def return_plan(work: Work, command: ReturnPlan) -> str:
    """Article 11(1)."""
    await decides(work, "work_plan", rule=rules.plan_decided_by_who_may)
    round_ = await work.read(ROUNDS, command.round)
    work.write(command.round, rounds.return_plan(round_, command))
    return command.round


async def form_team(work: Work, command: FormTeam) -> str:
    """Articles 3(2), 11(2). Each unit of the team gets its inspection, the team a record of its own."""
    await decides(work, "team", rule=rules.team_formed_by_who_may)
    round_ = await work.read(ROUNDS, command.round)
    team = work.new("team")
    assignments = tuple(Assignment(unit=unit, inspection=work.new("inspection", unit)) for unit in command.units)
    facts = rounds.form_team(round_, team, assignments, command)
    work.write(command.round, facts)
    if facts:
        opened = teams.open_team(await work.look(TEAMS, team), team, round_=command.round, assignments=assignments)
        work.write(team, opened)
    for a in assignments if facts else ():
        state = await work.look(INSPECTIONS, a.inspection)
        work.write(
            a.inspection,
            inspections.assign(state, a.inspection, round_=command.round, team=team, unit=a.unit),
        )
    return team


async def grant_mandate(work: Work, command: GrantMandate) -> str:
    """Article 5: a leader's by the party committee, the members' by the leading group, as the edition says."""
    approves = "mandate" if command.duty is Duty.LEADER else "mandate_of_member"
    approver = await decides(work, approves, rule=rules.granted_by_who_may)
    if not own(work.act):
        await entered_by_the_director(work)
    rules.nobody_gives_themselves_authority.demand(work.act.doer, command.person, path="person")
    round_ = await work.read(ROUNDS, command.round)
    await work.read(PEOPLE, command.person)
    if command.home_body is not None:
        await work.read(BODIES, command.home_body)
    if all(team != command.team for team, _ in round_.teams):
        raise NotFound
    nomination = await work.look(NOMINATIONS, nomination_of(command.round, command.person))
    mandate = work.new("mandate")
    facts = rounds.grant_mandate(
        round_,
        mandate,
        command,
        granted_by=approver,
        recused=await _recused(work, command, round_),
        nominated_on=nomination.nominated_on if nomination else None,
        leader_from_non_leading_post=work.book.edition.parameters.leader_from_non_leading_post.value,
        replaced=await _replaced(work, command) if command.after_recusal else None,
    )
    work.write(command.round, facts)
    if facts:
        given = PersonMandated(person=command.person, round=command.round, mandate=mandate)
        work.write(command.person, [given])
    return mandate


async def _recused(work: Work, command: GrantMandate, round_: Round) -> set[tuple[str, str]]:
    """(person, unit) of those of the team who are off a unit the new mandate names: their duty there is free."""
    found = set()
    for m in round_.mandates:
        for unit in m.units & {*command.units} if (m.team, m.duty) == (command.team, command.duty) else ():
            recusal = await work.look(RECUSALS, recusal_of(command.round, unit, m.person))
            if recusal is not None and recusal.upheld_by(command.from_on):
                found.add((m.person, unit))
    return found


async def _replaced(work: Work, command: GrantMandate) -> Replaced:
    """Whom the mandate replaces. A recusal of another round is not found."""
    recusal = await work.read(RECUSALS, command.after_recusal or "")
    if recusal.round != command.round:
        raise NotFound
    return Replaced(recusal.person, recusal.unit, recusal.decided_on if recusal.upheld else None)


async def end_mandate(work: Work, command: EndMandate) -> str:
    """Article 5."""
    round_ = await work.look(ROUNDS, command.round)
    mandate = round_.mandate(command.mandate) if round_ else None
    approves = "mandate" if mandate and mandate.duty is Duty.LEADER else "mandate_of_member"
    await decides(work, approves, rule=rules.granted_by_who_may)
    if round_ is None or mandate is None:
        raise NotFound
    work.write(command.round, rounds.end_mandate(round_, mandate, command))
    return command.mandate
