"""Clues: given one, when it is registered, reported, disposed of or transferred, then facts or a refusal."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from domain.clues import (
    Clue,
    ClueRegistered,
    ClueReported,
    ClueTransferred,
    DecideDisposal,
    DisposalDecided,
    DisposalProposed,
    Managed,
    ProposeDisposal,
    RegisterClue,
    ReportClue,
    carry_out,
    decide,
    evolve,
    propose,
    register,
    report,
)
from domain.kernel import Refused, Secret, derived_id

CLUE, PROPOSAL, TRANSFER = derived_id("clue", "1"), derived_id("proposal", "1"), derived_id("transfer", "1")
ROUND, UNIT, INSPECTION = derived_id("round", "1"), derived_id("body", "1"), derived_id("inspection", "1")
ORGAN, PETITION = derived_id("body", "organ"), derived_id("petition", "1")
HEAD, MEMBER, SUSPECT = (derived_id("person", name) for name in ("head", "member", "suspect"))
ON = date(2015, 10, 20)
DAY = timedelta(days=1)
TEXT, SUMMARY = Secret("线索内容"), Secret("摘要")

REGISTERED = Clue(ROUND, INSPECTION, UNIT, (SUSPECT,), ON)
REPORTED = replace(REGISTERED, reported_on=ON, report=TEXT)
PROPOSED = replace(REPORTED, proposal=PROPOSAL, proposed_on=ON, withheld_from=(SUSPECT,))
DECIDED = replace(PROPOSED, decided_on=ON, disposal_class="integrity", organ=ORGAN)
TRANSFERRED = replace(DECIDED, transfer=TRANSFER)


def registered(state: Clue | None = None, **more: Any) -> list[Any]:
    asked = {"category": "integrity_discipline", "item": None, "first_known_on": ON, **more}
    command = RegisterClue(
        inspection=INSPECTION,
        petitions=(PETITION,),
        concerned=(SUSPECT,),
        managed=Managed.CITY,
        registered_on=ON,
        text=TEXT,
        summary=SUMMARY,
        **{name: asked[name] for name in ("category", "item", "first_known_on")},
    )
    return register(
        state,
        CLUE,
        command,
        round_=ROUND,
        unit=UNIT,
        petitions_fit=asked.get("fit", True),
        categories=("integrity_discipline",),
        items=asked.get("items", ("power_for_private_gain",)),
    )


def reported(state: Clue = REGISTERED, on: date = ON) -> list[Any]:
    return report(state, ReportClue(clue=CLUE, reported_on=on, report=TEXT))


def proposed(
    state: Clue = REPORTED, on: date = ON, organ_class: str | None = "discipline", summoned: tuple[str, ...] = (MEMBER,)
) -> list[Any]:
    command = ProposeDisposal(
        clue=CLUE,
        paper=SUMMARY,
        disposal_class="integrity",
        organ=ORGAN,
        reason=TEXT,
        summoned=summoned,
        proposed_on=on,
    )
    return propose(
        state,
        PROPOSAL,
        command,
        organ_class=organ_class,
        routes=("discipline",),
        concerned=frozenset({SUSPECT}),
    )


def decided(
    state: Clue = PROPOSED,
    on: date = ON,
    decider: str = HEAD,
    attendees: tuple[str, ...] = (MEMBER,),
    organ_class: str | None = "discipline",
) -> list[Any]:
    command = DecideDisposal(
        clue=CLUE, disposal_class="integrity", organ=ORGAN, attendees=attendees, conclusion=TEXT, decided_on=on
    )
    return decide(
        state,
        command,
        decider=decider,
        organ_class=organ_class,
        routes=("discipline",),
        concerned=frozenset({SUSPECT}),
    )


def carried_out(state: Clue = DECIDED, on: date = ON) -> list[Any]:
    return carry_out(state, CLUE, TRANSFER, on)


def refusal(ask: Callable[[], object]) -> tuple[str, str, str | None]:
    with pytest.raises(Refused) as no:
        ask()
    return no.value.rule.name, no.value.rule.article, no.value.path


@pytest.mark.parametrize("known", [0, 1])
def test_a_clue_is_registered_with_what_it_comes_from_and_whom_it_concerns(known: int) -> None:
    """Articles 9, 13, 14: first known on the day of registration or before."""
    facts = registered(first_known_on=ON - known * DAY, item="power_for_private_gain")
    assert facts == [
        ClueRegistered(
            clue=CLUE,
            round=ROUND,
            inspection=INSPECTION,
            unit=UNIT,
            petitions=(PETITION,),
            category="integrity_discipline",
            item="power_for_private_gain",
            concerned=(SUSPECT,),
            managed=Managed.CITY,
            first_known_on=ON - known * DAY,
            registered_on=ON,
            text=TEXT,
            summary=SUMMARY,
        )
    ]
    assert evolve(None, facts[0]) == replace(REGISTERED, first_known_on=ON - known * DAY)


def test_a_clue_on_record_is_not_registered_again() -> None:
    """Article 14."""
    assert registered(REGISTERED, category="weather") == []


@pytest.mark.parametrize("days", [0, 1])
def test_from_report_to_transfer_each_step_is_recorded_once_the_one_before_is(days: int) -> None:
    """Articles 3, 14, 17: on the same day or later."""
    on = ON + days * DAY
    matter = {"clue": CLUE, "round": ROUND, "unit": UNIT}
    disposal = {**matter, "proposal": PROPOSAL, "disposal_class": "integrity", "organ": ORGAN}
    steps: list[tuple[Clue, list[Any], Any, Clue]] = [
        (
            REGISTERED,
            reported(on=on),
            ClueReported(**matter, inspection=INSPECTION, reported_on=on, report=TEXT),
            replace(REPORTED, reported_on=on),
        ),
        (
            REPORTED,
            proposed(on=on),
            DisposalProposed(
                **disposal,
                paper=SUMMARY,
                reason=TEXT,
                summoned=(MEMBER,),
                withheld_from=(SUSPECT,),
                proposed_on=on,
            ),
            replace(PROPOSED, proposed_on=on),
        ),
        (
            PROPOSED,
            decided(on=on),
            DisposalDecided(**disposal, attendees=(MEMBER,), conclusion=TEXT, decided_on=on),
            replace(DECIDED, decided_on=on),
        ),
        (
            DECIDED,
            carried_out(on=on),
            ClueTransferred(**matter, transfer=TRANSFER, organ=ORGAN, transferred_on=on),
            TRANSFERRED,
        ),
    ]
    for before, facts, expected, after in steps:
        assert facts == [expected]
        assert evolve(before, facts[0]) == after


def test_where_no_items_are_asked_about_any_item_stands() -> None:
    """Article 9."""
    assert registered(item="anything", items=None)


@pytest.mark.parametrize(
    ("ask", "expected"),
    [
        (lambda: registered(category="weather"), ("category_known", "9", "category")),
        (lambda: registered(item="cliques"), ("item_of_the_category", "9", "item")),
        (
            lambda: registered(first_known_on=ON + DAY),
            ("first_known_not_after_registration", "14", "first_known_on"),
        ),
        (lambda: registered(fit=False), ("clue_from_petitions_of_this_inspection", "13", "petitions")),
        (lambda: reported(REPORTED), ("reported_once", "14", None)),
        (lambda: reported(on=ON - DAY), ("report_not_before_knowledge", "14", "reported_on")),
        (lambda: proposed(REGISTERED), ("proposal_after_report", "17", None)),
        (lambda: proposed(PROPOSED), ("one_proposal_at_a_time", "17", None)),
        (lambda: proposed(DECIDED), ("one_proposal_at_a_time", "17", None)),
        (lambda: proposed(on=ON - DAY), ("proposal_not_before_report", "17", "proposed_on")),
        (lambda: proposed(organ_class="organisation"), ("route_follows_the_class", "17", "organ")),
        (lambda: proposed(organ_class=None), ("route_follows_the_class", "17", "organ")),
        (lambda: proposed(summoned=(MEMBER, SUSPECT)), ("summons_leaves_out_the_concerned", "3", "summoned")),
        (lambda: decided(REPORTED), ("disposal_awaits_decision", "17", None)),
        (lambda: decided(DECIDED), ("disposal_awaits_decision", "17", None)),
        (lambda: decided(decider=SUSPECT), ("decided_without_the_concerned", "3", "attendees")),
        (lambda: decided(attendees=(SUSPECT,)), ("decided_without_the_concerned", "3", "attendees")),
        (lambda: decided(organ_class="other"), ("route_follows_the_class", "17", "organ")),
        (lambda: decided(on=ON - DAY), ("decision_not_before_proposal", "17", "decided_on")),
        (lambda: carried_out(PROPOSED), ("transfer_after_decision", "17", None)),
        (lambda: carried_out(TRANSFERRED), ("transferred_once", "17", None)),
        (lambda: carried_out(on=ON - DAY), ("transfer_not_before_decision", "17", "transferred_on")),
    ],
)
def test_what_the_regulation_does_not_allow_is_refused(
    ask: Callable[[], object], expected: tuple[str, str, str | None]
) -> None:
    """Articles 3, 9, 13, 14, 17."""
    assert refusal(ask) == expected
