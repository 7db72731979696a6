"""A team as a whole: its opening, its plan and its affairs meeting (Art. 7, 11(5))."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from domain.kernel import Assignment, Refused, Secret, derived_id
from domain.teams import (
    FileTeamPlan,
    HoldMeeting,
    ItemPlace,
    MeetingHeld,
    MeetingItem,
    PlannedEntry,
    Team,
    TeamOpened,
    TeamPlanFiled,
    evolve,
    file_plan,
    hold_meeting,
    open_team,
)

ON, DAY = date(2015, 10, 20), timedelta(days=1)
TEAM, ROUND, MEETING = derived_id("team", "1"), derived_id("round", "1"), derived_id("meeting", "1")
UNIT, INSPECTION = derived_id("body", "unit"), derived_id("inspection", "1")
LEADER, MEMBER, OTHER, STRANGER = (derived_id("person", name) for name in ("leader", "member", "other", "stranger"))
OPENED = Team(ROUND, ((UNIT, INSPECTION),))
ITEM = MeetingItem(kind="matter_to_report", about=INSPECTION, subject=Secret("巡查报告"), conclusion=Secret("同意上报"))


GAMES = MeetingItem(kind="games", subject=Secret("运动会"), conclusion=Secret("举办"))
PLACES = (ItemPlace(item=1, inspection=INSPECTION, unit=UNIT),)


def held(
    state: Team = OPENED, duty: str = "leader", doer: str = LEADER, **changes: object
) -> list[MeetingHeld | TeamOpened]:
    given = {"team": TEAM, "attendees": (LEADER, MEMBER), "items": (ITEM,), "held_on": ON, **changes}
    return hold_meeting(
        state,
        MEETING,
        HoldMeeting.model_validate(given),
        doer=doer,
        duty=duty,
        kinds=("matter_to_report", "staff"),
        places=PLACES,
        may_attend=(LEADER, MEMBER),
        of_the_team=(LEADER, MEMBER, OTHER),
    )


PLAN, LATER = derived_id("team-plan", "1"), derived_id("team-plan", "2")
ENTRY = PlannedEntry(inspection=INSPECTION, entry_on=ON)


def filed(
    state: Team = OPENED, plan: str = PLAN, duty: str = "leader", entries: tuple[PlannedEntry, ...] = (ENTRY,)
) -> list[MeetingHeld | TeamOpened | TeamPlanFiled]:
    command = FileTeamPlan(team=TEAM, entries=entries, priorities=Secret("重点"), division=Secret("分工"), filed_on=ON)
    return file_plan(state, plan, command, duty=duty)


def test_a_later_plan_replaces_the_earlier_and_says_which() -> None:
    """Article 11(5): both stay on record."""
    (fact,) = filed()
    assert isinstance(fact, TeamPlanFiled)
    assert (fact.round, fact.plan, fact.replaces, fact.entries) == (ROUND, PLAN, None, (ENTRY,))
    state = evolve(OPENED, fact)
    assert filed(state) == []
    (later,) = filed(state, LATER)
    assert isinstance(later, TeamPlanFiled)
    assert (later.plan, later.replaces) == (LATER, PLAN)
    assert evolve(state, later).plan == LATER


@pytest.mark.parametrize(("days", "allowed"), [(-1, False), (0, True), (1, True)])
def test_a_planned_entry_does_not_come_before_the_plan(days: int, allowed: bool) -> None:
    """Article 11(5)."""
    entries = (PlannedEntry(inspection=INSPECTION, entry_on=ON + days * DAY),)
    if allowed:
        assert filed(entries=entries)
        return
    with pytest.raises(Refused) as no:
        filed(entries=entries)
    assert (no.value.rule.name, no.value.path) == ("team_plan_before_entry", "entries.0.entry_on")


def test_a_team_is_opened_once_with_its_assignments() -> None:
    """Articles 5, 11(2)."""
    assignments = (Assignment(unit=UNIT, inspection=INSPECTION),)
    (fact,) = open_team(None, TEAM, round_=ROUND, assignments=assignments)
    assert fact == TeamOpened(team=TEAM, round=ROUND, assignments=assignments)
    assert evolve(None, fact) == OPENED
    assert open_team(OPENED, TEAM, round_=ROUND, assignments=assignments) == []


@pytest.mark.parametrize("duty", ["leader", "deputy_leader"])
def test_a_meeting_is_on_record_with_who_was_there_and_what_was_concluded(duty: str) -> None:
    """Article 7."""
    (fact,) = held(duty=duty, absentees=(OTHER,))
    assert isinstance(fact, MeetingHeld)
    assert (fact.meeting, fact.attendees, fact.absentees, fact.items) == (MEETING, (LEADER, MEMBER), (OTHER,), (ITEM,))
    assert fact.places == PLACES
    state = evolve(OPENED, fact)
    assert [state.discussed_by("matter_to_report", INSPECTION, day) for day in (ON - DAY, ON, ON + DAY)] == [
        False,
        True,
        True,
    ]
    assert not state.discussed_by("in_depth_inquiry", INSPECTION, ON)
    assert held(state) == []


@pytest.mark.parametrize(
    ("ask", "expected"),
    [
        (lambda: held(duty="member"), ("meeting_led_by_the_leader", "6(1)", None)),
        (lambda: held(duty="registrar"), ("meeting_led_by_the_leader", "6(1)", None)),
        (lambda: filed(duty="deputy_leader"), ("team_plan_of_the_leader", "6(1), 11(5)", None)),
        (lambda: filed(entries=()), ("team_plan_names_own_units_once", "11(5)", "entries")),
        (lambda: filed(entries=(ENTRY, ENTRY)), ("team_plan_names_own_units_once", "11(5)", "entries")),
        (
            lambda: filed(entries=(PlannedEntry(inspection=derived_id("inspection", "other"), entry_on=ON),)),
            ("team_plan_names_own_units_once", "11(5)", "entries"),
        ),
        (lambda: held(items=()), ("meeting_discusses_something", "7", "items")),
        (lambda: held(attendees=()), ("meeting_of_the_team", "7", "attendees")),
        (lambda: held(attendees=(LEADER, OTHER)), ("meeting_of_the_team", "7", "attendees")),
        (lambda: held(absentees=(MEMBER,)), ("there_or_not_there", "7", "absentees")),
        (lambda: held(absentees=(STRANGER,)), ("absentees_of_the_team", "7", "absentees")),
        (lambda: held(attendees=(MEMBER,)), ("meeting_leader_attends", "7", "attendees")),
        (lambda: held(items=(ITEM, GAMES)), ("meeting_item_known", "7", "items.1.kind")),
    ],
)
def test_what_the_regulation_does_not_allow_is_refused(
    ask: Callable[[], object], expected: tuple[str, str, str | None]
) -> None:
    """Articles 6(1), 7, 11(5)."""
    with pytest.raises(Refused) as no:
        ask()
    assert (no.value.rule.name, no.value.rule.article, no.value.path) == expected
