"""A round: its plan and approval, its teams, and the mandates given for it alone (Art. 5, 10, 11)."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated, ClassVar, Literal, assert_never

from pydantic import Field

from domain.kernel import (
    Aggregate,
    Assignment,
    BodyId,
    Code,
    Command,
    Content,
    EditionId,
    Fact,
    Label,
    MandateId,
    PersonId,
    PositiveInt,
    RecusalId,
    RoundId,
    TeamId,
    Value,
)
from domain.rulebook import rules
from domain.rulebook.posts import Duty, Power, Standing

# --- values ----------------------------------------------------------------------------------------------------


class PlannedUnit(Value):
    """A unit in the plan and the form of its inspection. Articles 8, 10."""

    unit: BodyId
    form: Code = "regular"
    focus: Code | None = None
    decision: Content | None = None


# --- commands --------------------------------------------------------------------------------------------------


class OpenRound(Command):
    """Open a round: its year, its number in that year, its title. Article 11(1)."""

    year: Annotated[int, Field(ge=1949, le=2199)]
    number: PositiveInt
    title: Content


class SubmitPlan(Command):
    """Submit the work plan to the leading group: tasks, units, ways, schedule. Article 11(1).

    `from_on` to `until_on` is when the inspections are to take place; `inspected_from` to `inspected_until` the period
    they look at, up to the inspection itself where no end is given.
    """

    round: RoundId
    tasks: Content
    units: tuple[PlannedUnit, ...]
    ways: tuple[Code, ...] = ()
    from_on: date
    until_on: date
    inspected_from: date
    inspected_until: date | None = None
    submitted_on: date


class ApprovePlan(Command):
    """Approve the submitted work plan. Article 11(1).

    `plan` is the number of the plan that was read, so that no later one is approved unread.
    """

    round: RoundId
    plan: PositiveInt | None = None
    approved_on: date
    decision: Content | None = None


class ReturnPlan(Command):
    """Return the submitted work plan with a reason. Article 11(1). `plan` as in approving."""

    round: RoundId
    plan: PositiveInt | None = None
    returned_on: date
    reason: Content


class FormTeam(Command):
    """Form a team and assign units to it, by decision of the leading group. Articles 3(2), 11(2)."""

    round: RoundId
    name: Content
    units: tuple[BodyId, ...]
    decided_on: date


class GrantMandate(Command):
    """Authorise a person for this round, its team, named units and powers. Article 5.

    Both days of the period are included. `moved_to_non_leading_post` speaks of leaders only; where it is not so,
    `reason` is needed. `after_recusal` names the upheld recusal after which this person takes over (Article 23).
    """

    round: RoundId
    team: TeamId
    person: PersonId
    duty: Duty
    units: tuple[BodyId, ...]
    powers: tuple[Power, ...] = (Power.PREPARATION, Power.ON_SITE, Power.CLOSING)
    matters: Content | None = None
    from_on: date
    until_on: date
    home_body: BodyId | None = None
    moved_to_non_leading_post: Literal[0, 1] = 0
    reason: Content | None = None
    after_recusal: RecusalId | None = None
    decided_on: date


class EndMandate(Command):
    """End a mandate before its time; `ended_on` is its last day. Article 5."""

    round: RoundId
    mandate: MandateId
    ended_on: date
    reason: Content


# --- facts -----------------------------------------------------------------------------------------------------


class RoundOpened(Fact):
    """A round is open. Article 11(1)."""

    label: ClassVar[Label] = Label.PROCEDURE
    kind: Literal["round.opened.v1"] = "round.opened.v1"
    round: RoundId
    year: PositiveInt
    number: PositiveInt
    title: Content


class PlanSubmitted(Fact):
    """The work plan was put to the leading group. Article 11(1)."""

    label: ClassVar[Label] = Label.PROCEDURE
    kind: Literal["round.plan-submitted.v1"] = "round.plan-submitted.v1"
    round: RoundId
    plan: PositiveInt
    tasks: Content
    units: tuple[PlannedUnit, ...]
    ways: tuple[Code, ...]
    from_on: date
    until_on: date
    inspected_from: date
    inspected_until: date | None = None
    submitted_on: date


class PlanApproved(Fact):
    """The leading group approved the plan; the round rests on this edition from here on. Article 11(1)."""

    label: ClassVar[Label] = Label.PROCEDURE
    kind: Literal["round.plan-approved.v1"] = "round.plan-approved.v1"
    round: RoundId
    plan: PositiveInt
    approved_on: date
    edition: EditionId
    decision: Content | None = None


class PlanReturned(Fact):
    """The leading group returned the plan with a reason. Article 11(1)."""

    label: ClassVar[Label] = Label.PROCEDURE
    kind: Literal["round.plan-returned.v1"] = "round.plan-returned.v1"
    round: RoundId
    plan: PositiveInt
    returned_on: date
    reason: Content


class TeamFormed(Fact):
    """A team was formed and its units assigned. Articles 3(2), 11(2)."""

    label: ClassVar[Label] = Label.PROCEDURE
    kind: Literal["round.team-formed.v1"] = "round.team-formed.v1"
    round: RoundId
    team: TeamId
    name: Content
    assignments: tuple[Assignment, ...]
    decided_on: date


class MandateGranted(Fact):
    """A person was authorised: once for each round, for these units, powers and days. Article 5.

    `moved_to_non_leading_post` is said of leaders only; `replaces` and `after_recusal`, where the person takes over
    from somebody who is off a unit (Article 23).
    """

    label: ClassVar[Label] = Label.PROCEDURE
    kind: Literal["round.mandate-granted.v1"] = "round.mandate-granted.v1"
    round: RoundId
    mandate: MandateId
    team: TeamId
    person: PersonId
    duty: Duty
    units: tuple[BodyId, ...]
    powers: tuple[Power, ...]
    matters: Content | None = None
    from_on: date
    until_on: date
    home_body: BodyId | None = None
    moved_to_non_leading_post: Literal[0, 1] | None = None
    reason: Content | None = None
    granted_by: Standing
    decided_on: date
    replaces: PersonId | None = None
    after_recusal: RecusalId | None = None


class MandateEnded(Fact):
    """A mandate ended before its time; `ended_on` is its last day. Article 5."""

    label: ClassVar[Label] = Label.PROCEDURE
    kind: Literal["round.mandate-ended.v1"] = "round.mandate-ended.v1"
    round: RoundId
    mandate: MandateId
    person: PersonId
    ended_on: date
    reason: Content


RoundFact = RoundOpened | PlanSubmitted | PlanApproved | PlanReturned | TeamFormed | MandateGranted | MandateEnded


# --- state -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Mandate:
    """The terms of a mandate, as decisions need them."""

    id: str
    team: str
    person: str
    duty: Duty
    units: frozenset[str]
    powers: frozenset[Power]
    from_on: date
    until_on: date
    after_recusal: str | None = None
    decided_on: date | None = None

    def names(self, unit: str) -> bool:
        return unit in self.units

    def lives_on(self, day: date) -> bool:
        return self.from_on <= day <= self.until_on


@dataclass(frozen=True)
class Round:
    """What decisions need of a round."""

    plan: int = 0
    plan_pending: bool = False
    submitted_on: date | None = None
    approved_on: date | None = None
    edition: str | None = None
    planned: frozenset[str] = frozenset()
    teams: tuple[tuple[str, frozenset[str]], ...] = ()
    """(team, its units)."""
    formed: tuple[tuple[str, date], ...] = ()
    """(team, the day it was decided on)."""
    inspections: tuple[tuple[str, str], ...] = ()
    """(unit, its inspection)."""
    mandates: tuple[Mandate, ...] = ()
    inspected: tuple[date, date | None] | None = None
    """The period the inspections look at; no last day: up to the inspection itself."""

    @property
    def assigned(self) -> set[str]:
        return {unit for _, units in self.teams for unit in units}

    def inspection_of(self, unit: str) -> str | None:
        return dict(self.inspections).get(unit)

    def mandate(self, mandate: str) -> Mandate | None:
        return next((m for m in self.mandates if m.id == mandate), None)

    def mandates_of(self, person: str, unit: str) -> list[Mandate]:
        """All mandates, live or ended, that name this person and this unit."""
        return [m for m in self.mandates if m.person == person and m.names(unit)]


# --- decisions -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Replaced:
    """Whom a new mandate replaces, at which unit, and since when they are off it; never, where it was not upheld."""

    person: str
    unit: str
    off_since: date | None


def open_round(state: Round | None, round_: str, command: OpenRound) -> list[RoundFact]:
    """Raises Refused where the year has a round of this number: its id follows from both."""
    rules.round_number_once.demand(state is None, path="number")
    return [RoundOpened(round=round_, year=command.year, number=command.number, title=command.title)]


def submit_plan(
    state: Round, command: SubmitPlan, *, forms_by_decision: Collection[str] = ("special",)
) -> list[RoundFact]:
    """`forms_by_decision`: the edition's forms of inspection that rest on a cited decision."""
    rules.plan_not_yet_approved.demand(state.approved_on is not None)
    rules.plan_names_each_unit_once.demand([u.unit for u in command.units], path="units")
    rules.plan_period_runs_forward.demand(command.from_on, command.until_on, path="until_on")
    rules.plan_period_runs_forward.demand(command.inspected_from, command.inspected_until, path="inspected_until")
    rules.plan_period_runs_forward.demand(command.inspected_from, command.until_on, path="inspected_from")
    for index, unit in enumerate(command.units):
        rules.special_form_names_focus.demand(unit.form, unit.focus, path=f"units.{index}.focus")
        rules.form_rests_on_decision.demand(
            unit.form, forms_by_decision, unit.decision is not None, path=f"units.{index}.decision"
        )
    return [
        PlanSubmitted(
            round=command.round,
            plan=state.plan + 1,
            tasks=command.tasks,
            units=command.units,
            ways=command.ways,
            from_on=command.from_on,
            until_on=command.until_on,
            inspected_from=command.inspected_from,
            inspected_until=command.inspected_until,
            submitted_on=command.submitted_on,
        )
    ]


def approve_plan(state: Round, command: ApprovePlan, *, edition: str) -> list[RoundFact]:
    rules.plan_awaits_decision.demand(state.plan_pending)
    rules.decided_on_the_plan_read.demand(command.plan, state.plan, path="plan")
    rules.plan_decided_after_submission.demand(state.submitted_on, command.approved_on, path="approved_on")
    return [
        PlanApproved(
            round=command.round,
            plan=state.plan,
            approved_on=command.approved_on,
            edition=edition,
            decision=command.decision,
        )
    ]


def return_plan(state: Round, command: ReturnPlan) -> list[RoundFact]:
    rules.plan_awaits_decision.demand(state.plan_pending)
    rules.decided_on_the_plan_read.demand(command.plan, state.plan, path="plan")
    rules.plan_decided_after_submission.demand(state.submitted_on, command.returned_on, path="returned_on")
    return [PlanReturned(round=command.round, plan=state.plan, returned_on=command.returned_on, reason=command.reason)]


def form_team(state: Round, team: str, assignments: tuple[Assignment, ...], command: FormTeam) -> list[RoundFact]:
    if any(known == team for known, _ in state.teams):
        return []
    rules.plan_approved_first.demand(state.approved_on is not None)
    rules.team_formed_after_approval.demand(state.approved_on, command.decided_on, path="decided_on")
    rules.plan_names_each_unit_once.demand(command.units, path="units")
    rules.units_in_the_plan.demand(command.units, state.planned, path="units")
    rules.one_team_for_each_unit.demand(command.units, state.assigned, path="units")
    return [
        TeamFormed(
            round=command.round,
            team=team,
            name=command.name,
            assignments=assignments,
            decided_on=command.decided_on,
        )
    ]


def grant_mandate(
    state: Round,
    mandate: str,
    command: GrantMandate,
    *,
    granted_by: Standing,
    nominated_on: date | None = None,
    leader_from_non_leading_post: bool = True,
    recused: Collection[tuple[str, str]] = (),
    replaced: Replaced | None = None,
) -> list[RoundFact]:
    """`nominated_on`: since when the person is nominated as a leader in this round; `leader_from_non_leading_post`:
    whether the edition has this principle; `recused`: (person, unit) of those who are off a unit, and so hold no duty
    there any more; `replaced`: the one of them from whom the person takes over."""
    if state.mandate(mandate):
        return []
    rules.plan_approved_first.demand(state.approved_on is not None)
    teams_units = next((units for team, units in state.teams if team == command.team), frozenset[str]())
    rules.mandate_for_the_teams_units.demand(command.units, teams_units, path="units")
    rules.mandate_ends_after_it_begins.demand(command.from_on, command.until_on, path="until_on")
    rules.mandate_names_a_power.demand(command.powers, path="powers")
    rules.mandate_not_before_decision.demand(command.decided_on, command.from_on, path="from_on")
    rules.mandate_after_its_team.demand(dict(state.formed).get(command.team), command.decided_on, path="decided_on")
    rules.leader_nominated_first.demand(command.duty, nominated_on, command.decided_on, path="person")
    if leader_from_non_leading_post:
        rules.leader_moved_to_non_leading_post.demand(
            command.duty, bool(command.moved_to_non_leading_post), command.reason is not None, path="reason"
        )
    rivals = [
        m
        for m in state.mandates
        if m.team == command.team
        and m.duty == command.duty
        and m.from_on <= command.until_on
        and command.from_on <= m.until_on
        and any((m.person, unit) not in recused for unit in m.units & {*command.units})
    ]
    rules.one_leader_for_each_team.demand(command.duty, rivals, path="duty")
    rules.one_registrar_for_each_team.demand(command.duty, rivals, path="duty")
    if replaced is not None:
        rules.replacement_after_an_upheld_recusal.demand(replaced.off_since, command.decided_on, path="after_recusal")
        held = [m for m in state.mandates_of(replaced.person, replaced.unit) if m.team == command.team]
        rules.replacement_by_another_in_the_same_duty.demand(
            command.person != replaced.person,
            replaced.unit in command.units and command.duty in [m.duty for m in held],
            path="after_recusal",
        )
    return [
        MandateGranted(
            round=command.round,
            mandate=mandate,
            team=command.team,
            person=command.person,
            duty=command.duty,
            units=command.units,
            powers=command.powers,
            matters=command.matters,
            from_on=command.from_on,
            until_on=command.until_on,
            home_body=command.home_body,
            moved_to_non_leading_post=command.moved_to_non_leading_post if command.duty is Duty.LEADER else None,
            reason=command.reason,
            granted_by=granted_by,
            decided_on=command.decided_on,
            replaces=replaced.person if replaced else None,
            after_recusal=command.after_recusal if replaced else None,
        )
    ]


def end_mandate(state: Round, mandate: Mandate, command: EndMandate) -> list[RoundFact]:
    rules.mandate_ends_after_it_begins.demand(mandate.from_on, command.ended_on, path="ended_on")
    if mandate.until_on <= command.ended_on:
        return []
    return [
        MandateEnded(
            round=command.round,
            mandate=mandate.id,
            person=mandate.person,
            ended_on=command.ended_on,
            reason=command.reason,
        )
    ]


def evolve(state: Round | None, fact: RoundFact) -> Round:
    state = state or Round()
    match fact:
        case RoundOpened():
            return state
        case PlanSubmitted():
            planned = frozenset(u.unit for u in fact.units)
            return replace(
                state,
                plan=fact.plan,
                plan_pending=True,
                planned=planned,
                submitted_on=fact.submitted_on,
                inspected=(fact.inspected_from, fact.inspected_until),
            )
        case PlanApproved():
            return replace(state, plan_pending=False, approved_on=fact.approved_on, edition=fact.edition)
        case PlanReturned():
            return replace(state, plan_pending=False)
        case TeamFormed():
            team = (fact.team, frozenset(a.unit for a in fact.assignments))
            inspections = tuple((a.unit, a.inspection) for a in fact.assignments)
            return replace(
                state,
                teams=(*state.teams, team),
                formed=(*state.formed, (fact.team, fact.decided_on)),
                inspections=(*state.inspections, *inspections),
            )
        case MandateGranted():
            granted = Mandate(
                fact.mandate,
                fact.team,
                fact.person,
                fact.duty,
                frozenset(fact.units),
                frozenset(fact.powers),
                fact.from_on,
                fact.until_on,
                fact.after_recusal,
                fact.decided_on,
            )
            return replace(state, mandates=(*state.mandates, granted))
        case MandateEnded():
            return replace(
                state,
                mandates=tuple(
                    replace(m, until_on=min(m.until_on, fact.ended_on)) if m.id == fact.mandate else m
                    for m in state.mandates
                ),
            )
        case _:
            assert_never(fact)


ROUNDS: Aggregate[Round] = Aggregate("round", evolve)
