"""Nominations, trainings and teams' plans as the audiences see them (Art. 5, 11(3), 11(5))."""

from collections.abc import Callable
from datetime import date
from typing import Any

from domain.kernel import Content, Entry
from domain.nominations import LeaderNominated
from domain.rulebook.posts import Duty
from domain.teams import PlannedEntry, TeamPlanFiled
from domain.trainings import TrainingHeld
from projections.rows import Row, step_of


class NominationRow(Row):
    """A nomination of a team's leader; not for the eyes of the nominated. Article 5. **Source** `leader.nominated`."""

    round: str
    person: str
    organ: str
    consulted: str
    consulted_on: date
    reason: Content
    nominated_on: date


def nominations_for(readers: Callable[[LeaderNominated], tuple[str, ...]]) -> Any:
    """The nominations as rows; `readers` says who reads one."""

    def nominations(row: NominationRow | None, entry: Entry[Any]) -> NominationRow | None:
        fact = entry.fact
        if not isinstance(fact, LeaderNominated):
            return row
        return NominationRow(
            id=fact.nomination,
            readers=readers(fact),
            withheld_from=(fact.person,),
            order=f"{fact.nominated_on.isoformat()}/{fact.nomination}",
            steps=(step_of(entry),),
            round=fact.round,
            person=fact.person,
            organ=fact.organ,
            consulted=fact.consulted,
            consulted_on=fact.consulted_on,
            reason=fact.reason,
            nominated_on=fact.nominated_on,
        )

    return nominations


def nomination_key(entry: Entry[Any]) -> str | None:
    return entry.stream if isinstance(entry.fact, LeaderNominated) else None


class TrainingRow(Row):
    """A training of a round's staff. Article 11(3). **Source** `training.held`."""

    round: str
    subject: Content
    attendees: tuple[str, ...]
    held_on: date


def trainings_for(readers: Callable[[TrainingHeld], tuple[str, ...]]) -> Any:
    """The trainings as rows; `readers` says who reads one."""

    def trainings(row: TrainingRow | None, entry: Entry[Any]) -> TrainingRow | None:
        fact = entry.fact
        if not isinstance(fact, TrainingHeld):
            return row
        return TrainingRow(
            id=fact.training,
            readers=readers(fact),
            order=f"{fact.held_on.isoformat()}/{fact.training}",
            steps=(step_of(entry),),
            round=fact.round,
            subject=fact.subject,
            attendees=fact.attendees,
            held_on=fact.held_on,
        )

    return trainings


def training_key(entry: Entry[Any]) -> str | None:
    return entry.stream if isinstance(entry.fact, TrainingHeld) else None


class TeamPlanRow(Row):
    """A team's plan as filed with the office; the one that replaced it, where there is one. Article 11(5).

    **Source** `team.plan-filed`.
    """

    round: str
    team: str
    status: str
    entries: tuple[PlannedEntry, ...]
    priorities: Content
    division: Content
    filed_on: date
    replaced_by: str | None = None


def team_plans_for(readers: Callable[[TeamPlanFiled], tuple[str, ...]]) -> Any:
    """The teams' plans as rows; `readers` says who reads one."""

    def team_plans(row: TeamPlanRow | None, entry: Entry[Any], key: str) -> TeamPlanRow | None:
        fact = entry.fact
        if not isinstance(fact, TeamPlanFiled):
            return row
        if key == fact.replaces:
            return row.then(entry, status="replaced", replaced_by=fact.plan) if row else None
        return TeamPlanRow(
            id=fact.plan,
            readers=readers(fact),
            order=f"{fact.filed_on.isoformat()}/{fact.plan}",
            steps=(step_of(entry),),
            round=fact.round,
            team=fact.team,
            status="filed",
            entries=fact.entries,
            priorities=fact.priorities,
            division=fact.division,
            filed_on=fact.filed_on,
        )

    return team_plans


def team_plan_key(entry: Entry[Any]) -> tuple[str, ...] | None:
    match entry.fact:
        case TeamPlanFiled() as fact:
            return (fact.plan, fact.replaces) if fact.replaces else (fact.plan,)
    return None


def whole_team(team: str) -> tuple[str, ...]:
    """Everybody of the team who is recused from none of its units (Art. 23)."""
    return tuple(f"{team}/{duty}" for duty in Duty)


def of_the_whole_team(fact: TeamPlanFiled) -> tuple[str, ...]:
    """The plan speaks of all its units."""
    return whole_team(fact.team)
