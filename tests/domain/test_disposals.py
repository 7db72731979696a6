"""Disposals: given an item, when a disposal is proposed, decided, carried out or returned, then facts or a refusal."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from domain.disposals import (
    DecideDisposal,
    Disposal,
    DisposalCarriedOut,
    DisposalDayCorrected,
    DisposalDecided,
    DisposalProposed,
    DisposalReturned,
    ProposeDisposal,
    carry_out,
    correct,
    decide,
    disposal_of,
    evolve,
    propose,
    take_back,
)
from domain.kernel import CorrectDay, DayOf, Paper, Refused, Secret, derived_id

CLUE, PROBLEM = derived_id("clue", "1"), derived_id("problem", "1")
PROPOSAL, ANOTHER, TRANSFER = derived_id("proposal", "1"), derived_id("proposal", "2"), derived_id("transfer", "1")
ROUND, UNIT, INSPECTION = derived_id("round", "1"), derived_id("body", "1"), derived_id("inspection", "1")
ORGAN = derived_id("body", "organ")
HEAD, MEMBER, SUSPECT = (derived_id("person", name) for name in ("head", "member", "suspect"))
ON = date(2015, 10, 20)
DAY = timedelta(days=1)
TEXT, PAPER = Secret("处置理由"), Secret("议题材料")
SAID = UUID(int=1)

PROPOSED = Disposal(CLUE, ROUND, INSPECTION, UNIT, PROPOSAL, ON)
DECIDED = replace(PROPOSED, decided_on=ON, disposal_class="conduct", organ=ORGAN)
TRANSFERRED = replace(DECIDED, transfer=TRANSFER)
RETURNED = Disposal(CLUE, ROUND, INSPECTION, UNIT, returned_on=ON)
NAMES = {"disposal": disposal_of(CLUE), "item": CLUE, "round": ROUND, "inspection": INSPECTION, "unit": UNIT}


def proposed(state: Disposal | None = None, on: date = ON, item: str = CLUE, **more: Any) -> list[Any]:
    command = ProposeDisposal(
        item=item,
        paper=PAPER,
        disposal_class="conduct",
        organ=more.pop("organ", ORGAN),
        reason=TEXT,
        summoned=more.pop("summoned", (MEMBER,)),
        proposed_on=on,
    )
    given: dict[str, Any] = {
        "reported_on": ON,
        "heard_on": ON,
        "another_way": False,
        "organ_class": "discipline",
        **more,
    }
    return propose(
        state,
        PROPOSAL,
        command,
        round_=ROUND,
        inspection=INSPECTION,
        unit=UNIT,
        routes=("discipline",),
        about=(SUSPECT,),
        concerned=frozenset({SUSPECT, HEAD}),
        **given,
    )


def decided(
    state: Disposal = PROPOSED,
    on: date = ON,
    decider: str = HEAD,
    attendees: tuple[str, ...] = (MEMBER,),
    organ_class: str | None = "discipline",
    organ: str = ORGAN,
) -> list[Any]:
    command = DecideDisposal(
        item=CLUE, disposal_class="conduct", organ=organ, attendees=attendees, conclusion=TEXT, decided_on=on
    )
    return decide(
        state,
        command,
        decider=decider,
        organ_class=organ_class,
        routes=("discipline",),
        concerned=frozenset({SUSPECT}),
    )


def carried_out(state: Disposal | None = DECIDED, on: date = ON) -> list[Any]:
    return carry_out(state, TRANSFER, on)


def refusal(ask: Callable[[], object]) -> tuple[str, str, str | None]:
    with pytest.raises(Refused) as no:
        ask()
    return no.value.rule.name, no.value.rule.article, no.value.path


@pytest.mark.parametrize("days", [0, 1])
def test_from_proposal_to_transfer_each_step_is_recorded_once_the_one_before_is(days: int) -> None:
    """Articles 3, 17: on the same day or later."""
    on = ON + days * DAY
    chosen = {"proposal": PROPOSAL, "disposal_class": "conduct", "organ": ORGAN}
    steps: list[tuple[Disposal | None, list[Any], Any, Disposal]] = [
        (
            None,
            proposed(on=on),
            DisposalProposed(
                **NAMES,
                **chosen,
                paper=PAPER,
                reason=TEXT,
                summoned=(MEMBER,),
                concerned=(SUSPECT,),
                withheld_from=tuple(sorted((SUSPECT, HEAD))),
                proposed_on=on,
            ),
            replace(PROPOSED, proposed_on=on),
        ),
        (
            PROPOSED,
            decided(on=on),
            DisposalDecided(**NAMES, **chosen, attendees=(MEMBER,), conclusion=TEXT, decided_on=on),
            replace(DECIDED, decided_on=on),
        ),
        (
            DECIDED,
            carried_out(on=on),
            DisposalCarriedOut(**NAMES, transfer=TRANSFER, organ=ORGAN, transferred_on=on),
            replace(TRANSFERRED, transferred_on=on),
        ),
        (
            TRANSFERRED,
            [*take_back(TRANSFERRED, TRANSFER, on)],
            DisposalReturned(**NAMES, transfer=TRANSFER, organ=ORGAN, returned_on=on),
            replace(RETURNED, returned_on=on),
        ),
    ]
    for before, facts, expected, after in steps:
        assert facts == [expected]
        assert evolve(before, facts[0]) == after


def test_a_problem_is_disposed_of_like_a_clue() -> None:
    """Article 17: item by item, each in a stream of its own."""
    (fact,) = proposed(item=PROBLEM)
    assert (fact.item, fact.disposal) == (PROBLEM, disposal_of(PROBLEM))
    assert disposal_of(PROBLEM) != disposal_of(CLUE)


@pytest.mark.parametrize("days", [0, 1])
def test_what_was_returned_is_proposed_and_decided_anew(days: int) -> None:
    """Article 17 (c): not before the return; it then goes its whole way again."""
    (fact,) = proposed(RETURNED, on=ON + days * DAY)
    again = evolve(RETURNED, fact)
    assert again == replace(PROPOSED, proposed_on=ON + days * DAY, returned_on=ON)
    assert decided(again, on=ON + days * DAY)


@pytest.mark.parametrize("heard", [0, 1])
def test_the_team_is_heard_on_the_day_of_the_proposal_or_before(heard: int) -> None:
    """Article 17: the day after is refused below."""
    assert proposed(heard_on=ON - heard * DAY)


@pytest.mark.parametrize(
    ("ask", "expected"),
    [
        (lambda: proposed(reported_on=None), ("proposal_after_report", "17", None)),
        (lambda: proposed(PROPOSED), ("one_proposal_at_a_time", "15, 17", None)),
        (lambda: proposed(DECIDED), ("one_proposal_at_a_time", "15, 17", None)),
        (lambda: proposed(TRANSFERRED), ("one_proposal_at_a_time", "15, 17", None)),
        (lambda: proposed(another_way=True), ("one_proposal_at_a_time", "15, 17", None)),
        (lambda: proposed(on=ON - DAY), ("proposal_not_before_report", "17", "proposed_on")),
        (
            lambda: proposed(replace(RETURNED, returned_on=ON + DAY)),
            ("proposal_not_before_return", "15, 17", "proposed_on"),
        ),
        (lambda: proposed(heard_on=None), ("team_heard_first", "17", "proposed_on")),
        (lambda: proposed(heard_on=ON + DAY), ("team_heard_first", "17", "proposed_on")),
        (lambda: proposed(organ_class="organisation"), ("route_follows_the_class", "17", "organ")),
        (lambda: proposed(organ_class=None), ("route_follows_the_class", "17", "organ")),
        (lambda: proposed(organ=UNIT), ("never_sent_to_the_unit", "3, 17", "organ")),
        (lambda: proposed(summoned=(MEMBER, SUSPECT)), ("summons_leaves_out_the_concerned", "3", "summoned")),
        (lambda: decided(RETURNED), ("disposal_awaits_decision", "17", None)),
        (lambda: decided(DECIDED), ("disposal_awaits_decision", "17", None)),
        (lambda: decided(decider=SUSPECT), ("decided_without_the_concerned", "3", "attendees")),
        (lambda: decided(attendees=(SUSPECT,)), ("decided_without_the_concerned", "3", "attendees")),
        (lambda: decided(organ_class="other"), ("route_follows_the_class", "17", "organ")),
        (lambda: decided(organ=UNIT), ("never_sent_to_the_unit", "3, 17", "organ")),
        (lambda: decided(on=ON - DAY), ("decision_not_before_proposal", "15, 17", "decided_on")),
        (lambda: carried_out(None), ("transfer_after_decision", "15, 17", None)),
        (lambda: carried_out(PROPOSED), ("transfer_after_decision", "15, 17", None)),
        (lambda: carried_out(RETURNED), ("transfer_after_decision", "15, 17", None)),
        (lambda: carried_out(TRANSFERRED), ("transferred_once", "15, 17", None)),
        (lambda: carried_out(on=ON - DAY), ("transfer_not_before_decision", "15, 17", "transferred_on")),
    ],
)
def test_what_the_regulation_does_not_allow_is_refused(
    ask: Callable[[], object], expected: tuple[str, str, str | None]
) -> None:
    """Articles 3, 17."""
    assert refusal(ask) == expected


# --- a wrong day put right -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "fits"),
    [(-1, False), (0, True), (5, True), (6, False)],
    ids=["day before proposal", "on it", "day of transfer", "day after"],
)
def test_the_day_of_the_decision_is_corrected(days: int, fits: bool) -> None:
    """Articles 17, 28 (c): between proposal and transfer, each day included; nothing that followed is undone."""
    state = replace(DECIDED, decided_on=ON + DAY, transfer=TRANSFER, transferred_on=ON + 5 * DAY)
    command = CorrectDay(
        matter=CLUE,
        day_of=DayOf.DISPOSAL_DECIDED,
        day=ON + days * DAY,
        reason=TEXT,
        paper=Paper(reference=PAPER),
        corrected_on=ON + 30 * DAY,
    )
    if not fits:
        assert refusal(lambda: correct(state, command, entry=SAID)) == ("corrected_day_fits_the_others", "28", "day")
        return
    (fact,) = correct(state, command, entry=SAID)
    assert isinstance(fact, DisposalDayCorrected)
    after = evolve(state, fact)
    assert (fact.corrected.entry, fact.corrected.paper.reference) == (SAID, PAPER)
    assert (fact.corrected.before, after) == (ON + DAY, replace(state, decided_on=command.day))
    assert correct(after, command, entry=SAID) == []
    assert after.between(DayOf.ENDED).day is None
