"""Rounds: given a plan, teams and mandates, when something is asked, then facts, a refusal, or nothing to do."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from functools import reduce
from typing import Any

import pytest
from pydantic import ValidationError

from domain.kernel import Refused, Secret, derived_id
from domain.rounds import (
    ApprovePlan,
    Assignment,
    EndMandate,
    FormTeam,
    GrantMandate,
    Mandate,
    MandateEnded,
    MandateGranted,
    OpenRound,
    PlanApproved,
    PlannedUnit,
    PlanReturned,
    PlanSubmitted,
    Replaced,
    ReturnPlan,
    Round,
    RoundOpened,
    SubmitPlan,
    TeamFormed,
    approve_plan,
    end_mandate,
    evolve,
    form_team,
    grant_mandate,
    open_round,
    return_plan,
    submit_plan,
)
from domain.rulebook.posts import Duty, Power, Standing

ROUND, TEAM, MANDATE = derived_id("round", "1"), derived_id("team", "1"), derived_id("mandate", "1")
EAST, WEST, NORTH = (derived_id("body", name) for name in ("east", "west", "north"))
ANNA, BERT = derived_id("person", "anna"), derived_id("person", "bert")
APPROVED = date(2015, 10, 8)
INSPECTED = date(2013, 1, 1)
SUBMITTED = date(2015, 10, 7)
DAY = timedelta(days=1)
TEXT = Secret("内容")

OPENED = evolve(None, RoundOpened(round=ROUND, year=2015, number=1, title=TEXT))
PENDING = replace(OPENED, plan=1, plan_pending=True, planned=frozenset({EAST, WEST}), submitted_on=SUBMITTED)
READY = replace(PENDING, plan_pending=False, approved_on=APPROVED, edition="yiwu-2015")
FORMED = replace(
    READY,
    teams=((TEAM, frozenset({EAST})),),
    formed=((TEAM, APPROVED),),
    inspections=((EAST, derived_id("inspection", EAST)),),
)


def planning(*units: PlannedUnit, **more: Any) -> SubmitPlan:
    fields: dict[str, Any] = {
        "from_on": APPROVED,
        "until_on": APPROVED + 30 * DAY,
        "inspected_from": INSPECTED,
        "submitted_on": SUBMITTED,
        **more,
    }
    return SubmitPlan(round=ROUND, tasks=TEXT, units=units or (PlannedUnit(unit=EAST),), **fields)


def approving(**more: Any) -> ApprovePlan:
    return ApprovePlan(**{"round": ROUND, "approved_on": APPROVED, **more})


def returning(**more: Any) -> ReturnPlan:
    return ReturnPlan(**{"round": ROUND, "returned_on": APPROVED, "reason": TEXT, **more})


def forming(*units: str, decided_on: date = APPROVED) -> FormTeam:
    return FormTeam(round=ROUND, name=TEXT, units=units, decided_on=decided_on)


def granting(**more: Any) -> GrantMandate:
    fields: dict[str, Any] = {
        "person": ANNA,
        "duty": Duty.MEMBER,
        "units": (EAST,),
        "from_on": APPROVED,
        "until_on": APPROVED + 30 * DAY,
        "decided_on": APPROVED,
        **more,
    }
    return GrantMandate(round=ROUND, team=TEAM, **fields)


def granted(duty: Duty, from_on: date = APPROVED, until_on: date = APPROVED + 30 * DAY) -> Round:
    mandate = Mandate(MANDATE, TEAM, BERT, duty, frozenset({EAST}), frozenset({Power.ON_SITE}), from_on, until_on)
    return replace(FORMED, mandates=(mandate,))


def grant(state: Round, command: GrantMandate, **more: Any) -> list[Any]:
    more = {"granted_by": Standing.PARTY_COMMITTEE, "nominated_on": APPROVED - 9 * DAY, **more}
    return grant_mandate(state, derived_id("mandate", "new"), command, **more)


def form(state: Round, command: FormTeam) -> list[Any]:
    assignments = tuple(Assignment(unit=u, inspection=derived_id("inspection", u)) for u in command.units)
    return form_team(state, derived_id("team", "new"), assignments, command)


def end(state: Round, ended_on: date) -> list[Any]:
    command = EndMandate(round=ROUND, mandate=MANDATE, ended_on=ended_on, reason=TEXT)
    return end_mandate(state, state.mandates[0], command)


def refusal(decide: Callable[[], object]) -> tuple[str, str, str | None]:
    with pytest.raises(Refused) as no:
        decide()
    return no.value.rule.name, no.value.rule.article, no.value.path


# --- the plan --------------------------------------------------------------------------------------------------


def test_a_round_is_opened_once() -> None:
    """Article 11(1): a year has one round of a number."""
    command = OpenRound(year=2015, number=1, title=TEXT)
    assert open_round(None, ROUND, command) == [RoundOpened(round=ROUND, year=2015, number=1, title=TEXT)]
    no = refusal(lambda: open_round(Round(), ROUND, command))
    assert no == ("round_number_once", "11(1)", "number")


def test_a_plan_is_submitted_with_the_next_number_and_awaits_decision() -> None:
    """Article 11(1): also after one was returned."""
    command = planning(PlannedUnit(unit=WEST), ways=("interview",), inspected_until=INSPECTED + DAY)
    (fact,) = submit_plan(replace(OPENED, plan=1), command)
    assert fact == PlanSubmitted(
        round=ROUND,
        plan=2,
        tasks=TEXT,
        units=command.units,
        ways=("interview",),
        from_on=command.from_on,
        until_on=command.until_on,
        inspected_from=INSPECTED,
        inspected_until=INSPECTED + DAY,
        submitted_on=SUBMITTED,
    )
    state = evolve(PENDING, fact)
    assert (state.plan, state.plan_pending, state.planned) == (2, True, frozenset({WEST}))


SPECIAL = PlannedUnit(unit=EAST, form="special")


@pytest.mark.parametrize(
    ("state", "command", "expected"),
    [
        (READY, planning(), ("plan_not_yet_approved", "11(1)", None)),
        (
            OPENED,
            planning(PlannedUnit(unit=EAST), PlannedUnit(unit=EAST)),
            ("plan_names_each_unit_once", "11(1)", "units"),
        ),
        (OPENED, planning().model_copy(update={"units": ()}), ("plan_names_each_unit_once", "11(1)", "units")),
        (OPENED, planning(until_on=APPROVED - DAY), ("plan_period_runs_forward", "11(1)", "until_on")),
        (
            OPENED,
            planning(inspected_until=INSPECTED - DAY),
            ("plan_period_runs_forward", "11(1)", "inspected_until"),
        ),
        (
            OPENED,
            planning(inspected_from=APPROVED + 31 * DAY),
            ("plan_period_runs_forward", "11(1)", "inspected_from"),
        ),
        (OPENED, planning(SPECIAL), ("special_form_names_focus", "10", "units.0.focus")),
        (
            OPENED,
            planning(SPECIAL.model_copy(update={"focus": "person"})),
            ("form_rests_on_decision", "10", "units.0.decision"),
        ),
    ],
)
def test_a_plan_that_does_not_hold_is_refused(
    state: Round, command: SubmitPlan, expected: tuple[str, str, str]
) -> None:
    """Articles 10, 11(1)."""
    assert refusal(lambda: submit_plan(state, command)) == expected


@pytest.mark.parametrize("days", [0, 1])
def test_a_plan_may_last_one_day_or_longer(days: int) -> None:
    """Article 11(1): the day before the beginning is refused above."""
    assert submit_plan(OPENED, planning(until_on=APPROVED + days * DAY))


@pytest.mark.parametrize("until", [None, INSPECTED, INSPECTED + DAY], ids=["no end", "on", "day after"])
def test_the_period_looked_at_may_be_one_day_or_longer_or_last_up_to_the_inspection(until: date | None) -> None:
    """Article 11(1): the day before its beginning is refused above."""
    (fact,) = submit_plan(OPENED, planning(inspected_until=until))
    assert isinstance(fact, PlanSubmitted)
    assert (fact.inspected_from, fact.inspected_until) == (INSPECTED, until)


def test_a_plan_says_from_when_on_it_looks() -> None:
    """Article 11(1): when the inspections take place does not say it."""
    given = {"round": ROUND, "tasks": TEXT, "units": (), "from_on": APPROVED, "until_on": APPROVED}
    with pytest.raises(ValidationError, match="inspected_from"):
        SubmitPlan.model_validate(given)


def test_a_special_inspection_with_focus_and_decision_is_planned() -> None:
    """Article 10."""
    assert submit_plan(OPENED, planning(SPECIAL.model_copy(update={"focus": "person", "decision": TEXT})))


def test_which_forms_rest_on_a_decision_is_the_editions() -> None:
    """Article 10: editions add forms."""
    look_back = planning(PlannedUnit(unit=EAST, form="look_back"))
    assert submit_plan(OPENED, look_back)
    decided = refusal(lambda: submit_plan(OPENED, look_back, forms_by_decision=("look_back",)))
    assert decided == ("form_rests_on_decision", "10", "units.0.decision")


@pytest.mark.parametrize("read", [None, 1])
def test_the_plan_that_was_read_is_approved_and_pins_the_edition(read: int | None) -> None:
    """Articles 11(1), 32."""
    facts = approve_plan(PENDING, approving(plan=read, decision=TEXT), edition="yiwu-2015")
    assert facts == [PlanApproved(round=ROUND, plan=1, approved_on=APPROVED, edition="yiwu-2015", decision=TEXT)]
    assert evolve(PENDING, facts[0]) == READY


@pytest.mark.parametrize("read", [None, 1])
def test_a_returned_plan_awaits_no_decision_any_more(read: int | None) -> None:
    """Article 11(1)."""
    facts = return_plan(PENDING, returning(plan=read))
    assert facts == [PlanReturned(round=ROUND, plan=1, returned_on=APPROVED, reason=TEXT)]
    assert evolve(PENDING, facts[0]).plan_pending is False


@pytest.mark.parametrize(
    "decide",
    [
        lambda state, plan: approve_plan(state, approving(plan=plan), edition="yiwu-2015"),
        lambda state, plan: return_plan(state, returning(plan=plan)),
    ],
)
def test_nothing_is_decided_without_a_plan_or_on_one_that_was_not_read(decide: Callable[..., object]) -> None:
    """Article 11(1): neither before submission, nor after approval, nor on a newer plan."""
    awaited = ("plan_awaits_decision", "11(1)", None)
    assert [refusal(lambda s=s: decide(s, None)) for s in (OPENED, READY)] == [awaited, awaited]
    newer = replace(PENDING, plan=2)
    assert refusal(lambda: decide(newer, 1)) == ("decided_on_the_plan_read", "11(1)", "plan")


@pytest.mark.parametrize("days", [-1, 0, 1])
def test_a_plan_is_decided_on_from_the_day_it_was_submitted(days: int) -> None:
    """Article 11(1): the day before it is refused."""
    on = SUBMITTED + days * DAY
    for decide, path in (
        (lambda: approve_plan(PENDING, approving(approved_on=on), edition="yiwu-2015"), "approved_on"),
        (lambda: return_plan(PENDING, returning(returned_on=on)), "returned_on"),
    ):
        if days < 0:
            assert refusal(decide) == ("plan_decided_after_submission", "11(1)", path)
        else:
            assert len(decide()) == 1


# --- teams -------------------------------------------------------------------------------------------------------


def test_a_team_is_formed_and_its_units_assigned() -> None:
    """Articles 3(2), 11(2)."""
    (fact,) = form(READY, forming(EAST, WEST))
    assignments = tuple(Assignment(unit=u, inspection=derived_id("inspection", u)) for u in (EAST, WEST))
    team = derived_id("team", "new")
    assert fact == TeamFormed(round=ROUND, team=team, name=TEXT, assignments=assignments, decided_on=APPROVED)
    state = evolve(READY, fact)
    assert state.assigned == {EAST, WEST}
    assert [state.inspection_of(u) for u in (EAST, NORTH)] == [derived_id("inspection", EAST), None]


@pytest.mark.parametrize(
    ("state", "command", "expected"),
    [
        (PENDING, forming(EAST), ("plan_approved_first", "11(1)", None)),
        (READY, forming(EAST, decided_on=APPROVED - DAY), ("team_formed_after_approval", "11(2)", "decided_on")),
        (READY, forming(EAST, EAST), ("plan_names_each_unit_once", "11(1)", "units")),
        (READY, forming(), ("plan_names_each_unit_once", "11(1)", "units")),
        (READY, forming(EAST, NORTH), ("units_in_the_plan", "11(1)", "units")),
        (FORMED, forming(WEST, EAST), ("one_team_for_each_unit", "11(2)", "units")),
    ],
)
def test_a_team_the_plan_does_not_bear_is_refused(
    state: Round, command: FormTeam, expected: tuple[str, str, str]
) -> None:
    """Articles 3(2), 11."""
    assert refusal(lambda: form(state, command)) == expected


@pytest.mark.parametrize("days", [0, 1])
def test_a_team_is_formed_on_the_day_of_approval_or_later(days: int) -> None:
    """Article 11(2): the day before is refused above."""
    assert form(READY, forming(EAST, decided_on=APPROVED + days * DAY))


def test_a_team_that_is_formed_is_not_formed_again() -> None:
    """Article 11(2)."""
    assert form_team(FORMED, TEAM, (), forming(EAST)) == []


# --- mandates ------------------------------------------------------------------------------------------------------


def test_a_mandate_names_person_duty_units_powers_and_days() -> None:
    """Article 5: of a leader it is said whether the post was a leading one; of others nothing."""
    (fact,) = grant(FORMED, granting(duty=Duty.LEADER, moved_to_non_leading_post=1, home_body=NORTH))
    assert fact == MandateGranted(
        round=ROUND,
        mandate=derived_id("mandate", "new"),
        team=TEAM,
        person=ANNA,
        duty=Duty.LEADER,
        units=(EAST,),
        powers=(Power.PREPARATION, Power.ON_SITE, Power.CLOSING),
        from_on=APPROVED,
        until_on=APPROVED + 30 * DAY,
        home_body=NORTH,
        moved_to_non_leading_post=1,
        granted_by=Standing.PARTY_COMMITTEE,
        decided_on=APPROVED,
    )
    assert grant(FORMED, granting(moved_to_non_leading_post=1))[0].moved_to_non_leading_post is None
    state = evolve(FORMED, fact)
    assert state.mandates_of(ANNA, EAST) == list(state.mandates)
    assert state.mandates_of(ANNA, WEST) == state.mandates_of(BERT, EAST) == []


LEADER = {"duty": Duty.LEADER, "moved_to_non_leading_post": 1}


@pytest.mark.parametrize(
    ("state", "command", "expected"),
    [
        (PENDING, granting(), ("plan_approved_first", "11(1)", None)),
        (READY, granting(), ("mandate_for_the_teams_units", "5", "units")),
        (FORMED, granting(units=(EAST, WEST)), ("mandate_for_the_teams_units", "5", "units")),
        (FORMED, granting(units=()), ("mandate_for_the_teams_units", "5", "units")),
        (FORMED, granting(units=(EAST, EAST)), ("mandate_for_the_teams_units", "5", "units")),
        (FORMED, granting(powers=()), ("mandate_names_a_power", "5", "powers")),
        (FORMED, granting(powers=(Power.CLOSING, Power.CLOSING)), ("mandate_names_a_power", "5", "powers")),
        (
            FORMED,
            granting(decided_on=APPROVED - DAY, from_on=APPROVED),
            ("mandate_after_its_team", "5, 11(2)", "decided_on"),
        ),
        (FORMED, granting(until_on=APPROVED - DAY), ("mandate_ends_after_it_begins", "5", "until_on")),
        (FORMED, granting(decided_on=APPROVED + DAY), ("mandate_not_before_decision", "5", "from_on")),
        (FORMED, granting(duty=Duty.LEADER), ("leader_moved_to_non_leading_post", "5", "reason")),
        (granted(Duty.LEADER), granting(**LEADER), ("one_leader_for_each_team", "5", "duty")),
        (granted(Duty.REGISTRAR), granting(duty=Duty.REGISTRAR), ("one_registrar_for_each_team", "13", "duty")),
    ],
)
def test_a_mandate_that_may_not_be_given_is_refused(
    state: Round, command: GrantMandate, expected: tuple[str, str, str]
) -> None:
    """Articles 5, 11(1), 13."""
    assert refusal(lambda: grant(state, command)) == expected


# --- a replacement after a recusal -----------------------------------------------------------------------------

RECUSAL = derived_id("recusal", "1")
OFF = Replaced(BERT, EAST, APPROVED)


def replacing(replaced: Replaced = OFF, duty: Duty = Duty.REGISTRAR, **more: Any) -> list[Any]:
    command = granting(**{"duty": duty, "after_recusal": RECUSAL, **more})
    return grant(granted(Duty.REGISTRAR), command, replaced=replaced, recused={(BERT, EAST)})


@pytest.mark.parametrize("days", [0, 1], ids=["on the day", "day after"])
def test_a_mandate_says_whom_it_replaces_and_after_which_recusal(days: int) -> None:
    """Article 23 (c): on the day of the recusal or later; any other mandate says nothing of it."""
    (fact,) = replacing(decided_on=APPROVED + days * DAY, from_on=APPROVED + days * DAY)
    assert (fact.replaces, fact.after_recusal) == (BERT, RECUSAL)
    (fact,) = grant(FORMED, granting())
    assert (fact.replaces, fact.after_recusal) == (None, None)


@pytest.mark.parametrize(
    ("ask", "rule"),
    [
        (lambda: replacing(Replaced(BERT, EAST, APPROVED + DAY)), "replacement_after_an_upheld_recusal"),
        (lambda: replacing(Replaced(BERT, EAST, None)), "replacement_after_an_upheld_recusal"),
        (lambda: replacing(duty=Duty.MEMBER), "replacement_by_another_in_the_same_duty"),
        (lambda: replacing(person=BERT), "replacement_by_another_in_the_same_duty"),
        (lambda: replacing(Replaced(BERT, WEST, APPROVED)), "replacement_by_another_in_the_same_duty"),
        (lambda: replacing(Replaced(ANNA, EAST, APPROVED)), "replacement_by_another_in_the_same_duty"),
    ],
    ids=["day before", "not upheld", "another duty", "themselves", "another unit", "no mandate there"],
)
def test_a_replacement_that_replaces_nobody_is_refused(ask: Callable[[], object], rule: str) -> None:
    """Article 23 (c)."""
    assert refusal(ask) == (rule, "23", "after_recusal")


@pytest.mark.parametrize(
    ("nominated_on", "allowed"),
    [(None, False), (APPROVED + DAY, False), (APPROVED, True), (APPROVED - DAY, True)],
    ids=["never", "day after", "on the day", "day before"],
)
def test_a_leader_is_nominated_before_the_party_committee_decides(nominated_on: date | None, allowed: bool) -> None:
    """Article 5: a leader only; other staff are seconded."""
    assert grant(FORMED, granting(), nominated_on=nominated_on)
    if allowed:
        assert grant(FORMED, granting(**LEADER), nominated_on=nominated_on)
    else:
        no = refusal(lambda: grant(FORMED, granting(**LEADER), nominated_on=nominated_on))
        assert no == ("leader_nominated_first", "5", "person")


@pytest.mark.parametrize("days", [0, 1])
def test_a_mandate_may_begin_on_the_day_of_decision_and_end_on_its_first(days: int) -> None:
    """Article 5: the days before are refused above."""
    from_on = APPROVED + days * DAY
    assert grant(FORMED, granting(from_on=from_on, until_on=from_on + days * DAY))


@pytest.mark.parametrize(
    ("principle", "given"), [(True, {"reason": TEXT}), (True, {"moved_to_non_leading_post": 1}), (False, {})]
)
def test_a_leader_from_a_leading_post_needs_a_reason_where_the_edition_has_the_principle(
    principle: bool, given: dict[str, Any]
) -> None:
    """Article 5: in principle, so a written reason is enough."""
    command = granting(duty=Duty.LEADER, **given)
    assert grant(FORMED, command, leader_from_non_leading_post=principle)


@pytest.mark.parametrize("duty", [Duty.LEADER, Duty.REGISTRAR])
@pytest.mark.parametrize(
    ("before", "after", "allowed"),
    [(-1, 31, True), (0, 31, False), (-1, 30, False)],
    ids=["free", "last day", "first day"],
)
def test_leaders_and_registrars_follow_each_other_without_overlap(
    duty: Duty, before: int, after: int, allowed: bool
) -> None:
    """Articles 5, 13: the present one ends the day before the next begins, and the other way round."""
    state = replace(granted(duty), formed=((TEAM, APPROVED - 9 * DAY),))
    earlier = granting(
        duty=duty,
        moved_to_non_leading_post=1,
        decided_on=APPROVED - 9 * DAY,
        from_on=APPROVED - 9 * DAY,
        until_on=APPROVED + before * DAY,
    )
    later = granting(
        duty=duty,
        moved_to_non_leading_post=1,
        from_on=APPROVED + after * DAY,
        until_on=APPROVED + 60 * DAY,
    )
    if allowed:
        assert grant(state, earlier)
        assert grant(state, later)
    else:
        overlapping = earlier if before == 0 else later
        assert refusal(lambda: grant(state, overlapping))[0] == f"one_{duty}_for_each_team"


@pytest.mark.parametrize("duty", [Duty.LEADER, Duty.REGISTRAR])
def test_one_who_is_off_a_unit_is_in_nobodys_way_there(duty: Duty) -> None:
    """Articles 5, 13, 23: at that unit, and for that person; not at another, nor for somebody else's recusal."""
    both = frozenset({EAST, WEST})
    (mandate,) = granted(duty).mandates
    state = replace(FORMED, teams=((TEAM, both),), mandates=(replace(mandate, units=both),))
    rule = f"one_{duty}_for_each_team"
    for units, recused, allowed in (
        ((EAST,), {(BERT, EAST)}, True),
        ((WEST,), {(BERT, EAST)}, False),
        ((EAST, WEST), {(BERT, EAST)}, False),
        ((EAST, WEST), {(BERT, EAST), (BERT, WEST)}, True),
        ((EAST,), {(ANNA, EAST)}, False),
        ((EAST,), set(), False),
    ):
        command = granting(duty=duty, moved_to_non_leading_post=1, units=units)
        if allowed:
            assert grant(state, command, recused=recused)
        else:
            assert refusal(lambda c=command, r=recused: grant(state, c, recused=r))[0] == rule  # type: ignore[misc]


def test_deputies_and_members_may_be_several() -> None:
    """Article 5."""
    for duty in (Duty.DEPUTY_LEADER, Duty.MEMBER):
        assert grant(granted(duty), granting(duty=duty))


def test_a_mandate_given_already_is_not_given_again() -> None:
    """Article 5."""
    state = granted(Duty.MEMBER)
    assert grant_mandate(state, MANDATE, granting(), granted_by=Standing.LEADING_GROUP) == []


@pytest.mark.parametrize(
    ("ended_on", "expected"),
    [
        (APPROVED - DAY, "refused"),
        (APPROVED, "recorded"),
        (APPROVED + 29 * DAY, "recorded"),
        (APPROVED + 30 * DAY, "nothing to do"),
        (APPROVED + 31 * DAY, "nothing to do"),
    ],
)
def test_a_mandate_is_ended_within_its_period(ended_on: date, expected: str) -> None:
    """Article 5: never before it began, never prolonged."""
    state = granted(Duty.LEADER)
    if expected == "refused":
        assert refusal(lambda: end(state, ended_on)) == ("mandate_ends_after_it_begins", "5", "ended_on")
        return
    facts = end(state, ended_on)
    recorded = MandateEnded(round=ROUND, mandate=MANDATE, person=BERT, ended_on=ended_on, reason=TEXT)
    assert facts == ([recorded] if expected == "recorded" else [])
    (mandate,) = reduce(evolve, facts, state).mandates
    assert mandate.lives_on(mandate.until_on)
    assert not mandate.lives_on(mandate.until_on + DAY)
    assert not mandate.lives_on(APPROVED - DAY)
    assert mandate.until_on == min(ended_on, APPROVED + 30 * DAY)
