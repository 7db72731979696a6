"""A team: what it does as a whole, beyond one unit: its plan and its affairs meeting (Art. 7, 11(5))."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from typing import ClassVar, Literal, assert_never

from domain.kernel import (
    Aggregate,
    AnyId,
    Assignment,
    BodyId,
    Code,
    Command,
    Content,
    Fact,
    InspectionId,
    Label,
    MeetingId,
    PersonId,
    PositiveInt,
    RoundId,
    TeamId,
    TeamPlanId,
    Value,
)
from domain.rulebook import rules

# --- values ----------------------------------------------------------------------------------------------------


class MeetingItem(Value):
    """One thing a team affairs meeting discussed: its kind, what it is about, views where minuted, the conclusion.

    Article 7. `about` names the inspection, petition, clue, inquiry or report, where it is about one.
    """

    kind: Code
    about: AnyId | None = None
    subject: Content
    views: Content | None = None
    conclusion: Content


class ItemPlace(Value):
    """The unit an item of a meeting is about, and whom the item is not shown to. Articles 7, 23.

    `item` is its place among the meeting's items, from 1.
    """

    item: PositiveInt
    inspection: InspectionId
    unit: BodyId
    withheld_from: tuple[PersonId, ...] = ()


class PlannedEntry(Value):
    """When a unit is to be entered. Article 11(5)."""

    inspection: InspectionId
    entry_on: date


# --- commands --------------------------------------------------------------------------------------------------


class HoldMeeting(Command):
    """Put a team affairs meeting on record: who was there, who was not, what was discussed and concluded. Article 7."""

    team: TeamId
    attendees: tuple[PersonId, ...]
    absentees: tuple[PersonId, ...] = ()
    items: tuple[MeetingItem, ...]
    held_on: date


class FileTeamPlan(Command):
    """File the team's plan with the office: days of entry, priorities, division of labour. Article 11(5).

    A later plan replaces the earlier one.
    """

    team: TeamId
    entries: tuple[PlannedEntry, ...]
    priorities: Content
    division: Content
    filed_on: date


# --- facts -----------------------------------------------------------------------------------------------------


class TeamOpened(Fact):
    """A team formed in a round has a record of its own from here on. Articles 5, 11(2)."""

    label: ClassVar[Label] = Label.PROCEDURE
    kind: Literal["team.opened.v1"] = "team.opened.v1"
    team: TeamId
    round: RoundId
    assignments: tuple[Assignment, ...]


class MeetingHeld(Fact):
    """The team affairs meeting discussed these items. Article 7.

    `places` says which of them are about a unit; the others are about the team's own work.
    """

    label: ClassVar[Label] = Label.INSPECTION
    kind: Literal["team.meeting-held.v1"] = "team.meeting-held.v1"
    team: TeamId
    round: RoundId
    meeting: MeetingId
    attendees: tuple[PersonId, ...]
    absentees: tuple[PersonId, ...]
    items: tuple[MeetingItem, ...]
    held_on: date
    places: tuple[ItemPlace, ...] | None = None


class TeamPlanFiled(Fact):
    """The team's plan was filed with the office; `replaces` is the plan it takes the place of. Article 11(5)."""

    label: ClassVar[Label] = Label.INSPECTION
    kind: Literal["team.plan-filed.v1"] = "team.plan-filed.v1"
    team: TeamId
    round: RoundId
    plan: TeamPlanId
    replaces: TeamPlanId | None = None
    entries: tuple[PlannedEntry, ...]
    priorities: Content
    division: Content
    filed_on: date


TeamFact = TeamOpened | MeetingHeld | TeamPlanFiled


# --- state -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Team:
    """What decisions need of a team."""

    round: str
    assignments: tuple[tuple[str, str], ...]
    """(unit, its inspection)."""
    discussed: tuple[tuple[str, str, date], ...] = ()
    """(kind of item, what it was about, day of the meeting)."""
    meetings: tuple[str, ...] = ()
    plan: str | None = None
    """The last plan filed."""

    def discussed_by(self, kind: str, about: str, day: date) -> bool:
        """Whether a meeting had discussed this on or before a day."""
        return any((k, a) == (kind, about) and on <= day for k, a, on in self.discussed)


# --- decisions -------------------------------------------------------------------------------------------------


def open_team(state: Team | None, team: str, *, round_: str, assignments: tuple[Assignment, ...]) -> list[TeamFact]:
    if state is not None:
        return []
    return [TeamOpened(team=team, round=round_, assignments=assignments)]


def hold_meeting(
    state: Team,
    meeting: str,
    command: HoldMeeting,
    *,
    doer: str,
    duty: str,
    kinds: Collection[str],
    places: tuple[ItemPlace, ...],
    may_attend: Collection[str],
    of_the_team: Collection[str],
) -> list[TeamFact]:
    """`of_the_team`: who had a mandate in the team on that day; `may_attend`: those of them who are not recused from a
    unit an item is about, and whom no item concerns."""
    if meeting in state.meetings:
        return []
    rules.meeting_led_by_the_leader.demand(duty)
    rules.meeting_discusses_something.demand(command.items, path="items")
    for index, item in enumerate(command.items):
        rules.meeting_item_known.demand(item.kind, kinds, path=f"items.{index}.kind")
    rules.meeting_of_the_team.demand(command.attendees, may_attend, path="attendees")
    rules.meeting_leader_attends.demand(doer, command.attendees, path="attendees")
    rules.absentees_of_the_team.demand(command.absentees, of_the_team, path="absentees")
    rules.there_or_not_there.demand(command.attendees, command.absentees, path="absentees")
    return [
        MeetingHeld(
            team=command.team,
            round=state.round,
            meeting=meeting,
            attendees=command.attendees,
            absentees=command.absentees,
            items=command.items,
            held_on=command.held_on,
            places=places or None,
        )
    ]


def file_plan(state: Team, plan: str, command: FileTeamPlan, *, duty: str) -> list[TeamFact]:
    if state.plan == plan:
        return []
    rules.team_plan_of_the_leader.demand(duty)
    own = [inspection for _, inspection in state.assignments]
    rules.team_plan_names_own_units_once.demand([e.inspection for e in command.entries], own, path="entries")
    for index, entry in enumerate(command.entries):
        rules.team_plan_before_entry.demand(command.filed_on, entry.entry_on, path=f"entries.{index}.entry_on")
    return [
        TeamPlanFiled(
            team=command.team,
            round=state.round,
            plan=plan,
            replaces=state.plan,
            entries=command.entries,
            priorities=command.priorities,
            division=command.division,
            filed_on=command.filed_on,
        )
    ]


def evolve(state: Team | None, fact: TeamFact) -> Team:
    if isinstance(fact, TeamOpened):
        return Team(fact.round, tuple((a.unit, a.inspection) for a in fact.assignments))
    assert state is not None  # noqa: S101  a team's stream begins with its opening
    match fact:
        case MeetingHeld():
            items = tuple((item.kind, item.about, fact.held_on) for item in fact.items if item.about is not None)
            return replace(state, discussed=(*state.discussed, *items), meetings=(*state.meetings, fact.meeting))
        case TeamPlanFiled():
            return replace(state, plan=fact.plan)
        case _:
            assert_never(fact)


TEAMS: Aggregate[Team] = Aggregate("team", evolve)
