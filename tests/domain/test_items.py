"""Items of a rectification: planned, updated, a later day asked for and decided, checked, linked."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from domain.items import (
    AskItemExtension,
    CheckItem,
    DecideItemExtension,
    EarlierProblemLinked,
    Item,
    ItemChecked,
    ItemExtensionAsked,
    ItemExtensionDecided,
    ItemPlanned,
    ItemUpdated,
    LinkEarlierProblem,
    Matter,
    PlanItem,
    Progress,
    UpdateItem,
    ask_extension,
    check,
    decide_extension,
    evolve,
    link,
    plan,
    update,
)
from domain.kernel import Refused, Secret, derived_id

ITEM, INSPECTION = derived_id("item", "1"), derived_id("inspection", "1")
EARLIER, BEFORE = derived_id("item", "0"), derived_id("inspection", "0")
ROUND, UNIT, OTHER = derived_id("round", "1"), derived_id("body", "unit"), derived_id("body", "other")
HEAD, STRANGER = derived_id("person", "head"), derived_id("person", "stranger")
ON = date(2016, 3, 1)
DAY = timedelta(days=1)
TEXT = Secret("文字")
MATTER = Matter(ROUND, UNIT, ON)
OURS = {"item": ITEM, "inspection": INSPECTION, "round": ROUND, "unit": UNIT}

NEW = Item()
PLANNED = Item(planned_on=ON, by_on=ON + 10 * DAY)
ASKED = replace(PLANNED, asked_to=ON + 20 * DAY, asked_on=ON + DAY)
DONE = replace(PLANNED, state=Progress.DONE, updated_on=ON + DAY)
CLOSED = replace(DONE, accepted=True)


def planned(state: Item = NEW, on: date = ON, by: date = ON + 10 * DAY, responsible: str = HEAD) -> list[Any]:
    command = PlanItem(
        inspection=INSPECTION, item=ITEM, measures=TEXT, responsible=responsible, by_on=by, planned_on=on
    )
    return plan(state, command, matter=MATTER, of_the_unit={HEAD})


def updated(state: Item = PLANNED, on: date = ON, to: Progress = Progress.DONE) -> list[Any]:
    command = UpdateItem(inspection=INSPECTION, item=ITEM, state=to, evidence=TEXT, updated_on=on)
    return update(state, command, matter=MATTER)


def asked(state: Item = PLANNED, on: date = ON, to: date = ON + 20 * DAY) -> list[Any]:
    command = AskItemExtension(inspection=INSPECTION, item=ITEM, to_on=to, reason=TEXT, asked_on=on)
    return ask_extension(state, command, matter=MATTER)


def decided(state: Item = ASKED, on: date = ON + DAY, granted: Any = 1, reason: Any = None) -> list[Any]:
    command = DecideItemExtension(inspection=INSPECTION, item=ITEM, granted=granted, reason=reason, decided_on=on)
    return decide_extension(state, command, matter=MATTER)


def checked(state: Item = DONE, on: date = ON + DAY, accepted: Any = 1, reason: Any = None) -> list[Any]:
    command = CheckItem(inspection=INSPECTION, item=ITEM, accepted=accepted, reason=reason, visited=1, checked_on=on)
    return check(state, command, matter=MATTER)


def linked(
    state: Item = NEW, unit: str = UNIT, received_on: date = ON - DAY, on: date = ON, earlier: str = EARLIER
) -> list[Any]:
    command = LinkEarlierProblem(
        inspection=INSPECTION, item=ITEM, earlier_inspection=BEFORE, earlier=earlier, linked_on=on
    )
    return link(state, command, matter=MATTER, earlier=Matter(ROUND, unit, received_on))


def refusal(ask: Callable[[], object]) -> tuple[str, str, str | None]:
    with pytest.raises(Refused) as no:
        ask()
    return no.value.rule.name, no.value.rule.article, no.value.path


def test_an_item_is_planned_with_measures_a_person_and_a_day() -> None:
    """Article 19."""
    (fact,) = planned()
    assert fact == ItemPlanned(**OURS, measures=TEXT, responsible=HEAD, by_on=ON + 10 * DAY, planned_on=ON)
    assert evolve(None, fact) == PLANNED


def test_a_plan_is_made_anew_for_the_same_day_or_an_earlier_one() -> None:
    """Article 19 (c)."""
    assert planned(PLANNED, by=ON + 10 * DAY)
    assert evolve(PLANNED, planned(PLANNED, by=ON + 9 * DAY)[0]).by_on == ON + 9 * DAY


@pytest.mark.parametrize("to", Progress)
def test_the_unit_says_where_an_item_stands(to: Progress) -> None:
    """Article 19: the six states."""
    (fact,) = updated(to=to)
    assert fact == ItemUpdated(**OURS, state=to, evidence=TEXT, updated_on=ON)
    assert evolve(PLANNED, fact) == replace(PLANNED, state=to, updated_on=ON)


def test_a_later_day_is_asked_for_and_granted() -> None:
    """Article 19 (c): of one item."""
    (fact,) = asked(on=ON + DAY)
    assert fact == ItemExtensionAsked(**OURS, to_on=ON + 20 * DAY, reason=TEXT, asked_on=ON + DAY)
    assert evolve(PLANNED, fact) == ASKED
    (fact,) = decided()
    assert fact == ItemExtensionDecided(**OURS, granted=1, to_on=ON + 20 * DAY, decided_on=ON + DAY)
    assert evolve(ASKED, fact) == replace(PLANNED, by_on=ON + 20 * DAY)


def test_a_later_day_refused_leaves_the_day_and_may_be_asked_for_again() -> None:
    """Article 19 (c)."""
    (fact,) = decided(granted=0, reason=TEXT)
    assert evolve(ASKED, fact) == PLANNED
    assert asked(evolve(ASKED, fact))


@pytest.mark.parametrize("state", [Progress.DONE, Progress.BASICALLY_DONE, Progress.LONG_TERM])
def test_what_was_put_right_is_accepted_and_only_done_is_closed(state: Progress) -> None:
    """Article 20."""
    before = replace(DONE, state=state)
    (fact,) = checked(before)
    assert fact == ItemChecked(**OURS, accepted=1, visited=1, checked_on=ON + DAY)
    after = evolve(before, fact)
    assert after == replace(before, accepted=True)
    assert after.closed == (state is Progress.DONE)


def test_an_item_not_accepted_is_in_progress_again() -> None:
    """Article 20: also one accepted before."""
    for before in (DONE, CLOSED, PLANNED):
        (fact,) = checked(before, accepted=0, reason=TEXT)
        assert evolve(before, fact) == replace(before, state=Progress.IN_PROGRESS, accepted=False)


def test_a_new_statement_is_not_accepted_yet() -> None:
    """Article 20: what was accepted as basically done and is now said to be done is checked again."""
    accepted = replace(DONE, state=Progress.BASICALLY_DONE, accepted=True)
    assert evolve(accepted, updated(accepted)[0]).accepted is False


def test_an_earlier_problem_that_has_come_back_is_linked_once() -> None:
    """Article 20: also before anything was planned."""
    (fact,) = linked()
    assert fact == EarlierProblemLinked(**OURS, earlier_inspection=BEFORE, earlier=EARLIER, linked_on=ON)
    state = evolve(None, fact)
    assert state.earlier == (EARLIER,)
    assert linked(state) == []
    assert linked(state, earlier=derived_id("item", "00"))


@pytest.mark.parametrize("days", [0, 1])
def test_each_step_comes_on_the_same_day_or_later(days: int) -> None:
    """Articles 19, 20: the day before is refused below."""
    later = days * DAY
    assert planned(on=ON + later)
    assert planned(by=ON + later)
    assert updated(on=ON + later)
    assert asked(on=ON + later)
    assert asked(to=ON + 11 * DAY + later)
    assert decided(on=ON + DAY + later)
    assert checked(on=ON + DAY + later)
    assert checked(PLANNED, on=ON + later, accepted=0, reason=TEXT)
    assert linked(on=ON + later)


@pytest.mark.parametrize(
    ("ask", "expected"),
    [
        (lambda: planned(CLOSED), ("accepted_item_is_closed", "20", None)),
        (lambda: planned(responsible=STRANGER), ("responsible_of_the_unit", "19", "responsible")),
        (lambda: planned(on=ON - DAY), ("item_plan_not_before_feedback", "19", "planned_on")),
        (lambda: planned(by=ON - DAY), ("item_day_not_before_plan", "19", "by_on")),
        (lambda: planned(PLANNED, by=ON + 11 * DAY), ("item_day_moved_by_approval_only", "19", "by_on")),
        (lambda: updated(NEW), ("item_planned_first", "19", None)),
        (lambda: updated(CLOSED), ("accepted_item_is_closed", "20", None)),
        (lambda: updated(on=ON - DAY), ("item_update_not_before_plan", "19", "updated_on")),
        (lambda: asked(NEW), ("item_planned_first", "19", None)),
        (lambda: asked(CLOSED), ("accepted_item_is_closed", "20", None)),
        (lambda: asked(ASKED), ("one_extension_asked_at_a_time", "19", None)),
        (lambda: asked(to=ON + 10 * DAY), ("extension_goes_to_a_later_day", "19", "to_on")),
        (lambda: asked(to=ON + 9 * DAY), ("extension_goes_to_a_later_day", "19", "to_on")),
        (lambda: asked(on=ON - DAY), ("extension_asked_not_before_plan", "19", "asked_on")),
        (lambda: decided(PLANNED), ("extension_awaits_decision", "19", None)),
        (lambda: decided(granted=0), ("refused_extension_has_a_reason", "19", "reason")),
        (lambda: decided(on=ON), ("extension_decided_not_before_asked", "19", "decided_on")),
        (lambda: checked(NEW), ("item_planned_first", "19", None)),
        *(
            (
                lambda state=state: checked(replace(DONE, state=state)),
                ("only_what_was_put_right_is_accepted", "20", "accepted"),
            )
            for state in (Progress.OPEN, Progress.IN_PROGRESS, Progress.NOT_DONE)
        ),
        (lambda: checked(accepted=0), ("item_sent_back_with_a_reason", "20", "reason")),
        (lambda: checked(on=ON), ("check_not_before_update", "20", "checked_on")),
        (
            lambda: checked(PLANNED, on=ON - DAY, accepted=0, reason=TEXT),
            ("check_not_before_update", "20", "checked_on"),
        ),
        (lambda: linked(unit=OTHER), ("earlier_problem_of_the_same_unit", "20", "earlier")),
        (lambda: linked(received_on=ON), ("earlier_problem_came_before", "20", "earlier")),
        (lambda: linked(on=ON - DAY), ("link_not_before_feedback", "20", "linked_on")),
    ],
)
def test_what_the_regulation_does_not_allow_is_refused(
    ask: Callable[[], object], expected: tuple[str, str, str | None]
) -> None:
    """Articles 19, 20."""
    assert refusal(ask) == expected
