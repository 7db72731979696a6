"""What is done before entry beside the plan: nomination, training, the team's own plan (Art. 5, 11(3), 11(5))."""

from application.acts import Work
from application.authority import demand_not_recused, holds, of_organ_class, of_team
from domain import nominations, teams, trainings
from domain.bodies import BODIES
from domain.kernel import NotFound
from domain.nominations import NOMINATIONS, NominateLeader, nomination_of
from domain.people import PEOPLE
from domain.rounds import ROUNDS
from domain.rulebook import rules
from domain.rulebook.posts import Duty, Power
from domain.teams import FileTeamPlan
from domain.trainings import TRAININGS, HoldTraining


async def nominate_leader(work: Work, command: NominateLeader) -> str:
    """Article 5: by the organisation department, in consultation with the discipline commission."""
    nomination = work.book.edition.nomination
    appointment = await of_organ_class(work, nomination.by, rule=rules.nominated_by_who_may)
    await work.read(ROUNDS, command.round)
    await work.read(PEOPLE, command.person)
    consulted = await work.read(BODIES, command.consulted)
    made = nomination_of(command.round, command.person)
    facts = nominations.nominate(
        await work.look(NOMINATIONS, made),
        command,
        organ=appointment.body,
        consulted_class=consulted.organ_class,
        to_be_consulted=nomination.consulted,
    )
    work.write(made, facts)
    return made


async def hold_training(work: Work, command: HoldTraining) -> str:
    """Article 11(3)."""
    await holds(work, "office")
    round_ = await work.read(ROUNDS, command.round)
    training = work.new("training")
    staff = {m.person for m in round_.mandates if m.until_on >= command.held_on}
    work.write(training, trainings.hold(await work.look(TRAININGS, training), training, command, staff=staff))
    return training


async def file_team_plan(work: Work, command: FileTeamPlan) -> str:
    """Article 11(5): not for a unit the leader is recused from."""
    _, team, mandate = await of_team(work, command.team, Power.PREPARATION, duty=Duty.LEADER)
    units = {inspection: unit for unit, inspection in team.assignments}
    planned = [units[e.inspection] for e in command.entries if e.inspection in units]
    if len(planned) != len(command.entries):  # another team's inspection, or none
        raise NotFound
    await demand_not_recused(work, team, planned)
    plan = work.new("team-plan")
    work.write(command.team, teams.file_plan(team, plan, command, duty=mandate.duty))
    return plan
