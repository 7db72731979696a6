"""Transfers during the inspection: asked for, approved or not, made, returned; or a refusal (Art. 15)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from domain.early_transfers import (
    DecideEarlyTransfer,
    EarlyTransfer,
    EarlyTransferCarriedOut,
    EarlyTransferDecided,
    EarlyTransferProposed,
    EarlyTransferReturned,
    ProposeEarlyTransfer,
    carry_out,
    decide,
    early_transfer_of,
    evolve,
    propose,
    take_back,
)
from domain.kernel import Refused, Secret, derived_id

CLUE, TRANSFER = derived_id("clue", "1"), derived_id("transfer", "1")
ROUND, UNIT, INSPECTION = derived_id("round", "1"), derived_id("body", "1"), derived_id("inspection", "1")
ORGAN, SUSPECT = derived_id("body", "organ"), derived_id("person", "suspect")
ON = date(2015, 10, 20)
DAY = timedelta(days=1)
REASON = Secret("具体问题线索，宜及时移交")

PROPOSED = EarlyTransfer(CLUE, ROUND, INSPECTION, UNIT, ORGAN, ON)
APPROVED = replace(PROPOSED, decided_on=ON, approved=True)
REJECTED = replace(PROPOSED, decided_on=ON)
MADE = replace(APPROVED, transfer=TRANSFER)
RETURNED = EarlyTransfer(CLUE, ROUND, INSPECTION, UNIT, ORGAN, returned_on=ON)
NAMES = PROPOSED.matter


def proposed(state: EarlyTransfer | None = None, on: date = ON, organ: str = ORGAN, **more: Any) -> list[Any]:
    given: dict[str, Any] = {
        "duty": "leader",
        "managed": "unit",
        "restricted": False,
        "registered_on": ON,
        "ended_on": None,
        "another_way": False,
        "organ_class": "political_legal",
        **more,
    }
    return propose(
        state,
        ProposeEarlyTransfer(clue=CLUE, organ=organ, reason=REASON, proposed_on=on),
        round_=ROUND,
        inspection=INSPECTION,
        unit=UNIT,
        concerned=(SUSPECT,),
        routes=("discipline", "political_legal"),
        **given,
    )


def decided(
    state: EarlyTransfer = PROPOSED,
    on: date = ON,
    approved: Any = 1,
    reason: Secret | None = None,
    ended_on: date | None = None,
) -> list[Any]:
    command = DecideEarlyTransfer(clue=CLUE, approved=approved, reason=reason, decided_on=on)
    return decide(state, command, ended_on=ended_on)


def made(state: EarlyTransfer = APPROVED, on: date = ON, ended_on: date | None = None) -> list[Any]:
    return carry_out(state, TRANSFER, on, ended_on=ended_on)


@pytest.mark.parametrize("days", [0, 1])
@pytest.mark.parametrize("ends_after", [None, 1, 2], ids=["not ended", "ends that day or the next", "ends later"])
def test_a_clue_goes_during_the_inspection_step_by_step(days: int, ends_after: int | None) -> None:
    """Article 15: to the day of the end, that day included; the day after is refused below."""
    on, ended_on = ON + days * DAY, None if ends_after is None else ON + ends_after * DAY
    steps: list[tuple[EarlyTransfer | None, list[Any], Any, EarlyTransfer]] = [
        (
            None,
            proposed(on=on, ended_on=ended_on),
            EarlyTransferProposed(**NAMES, concerned=(SUSPECT,), reason=REASON, proposed_on=on),
            replace(PROPOSED, proposed_on=on),
        ),
        (
            PROPOSED,
            decided(on=on, ended_on=ended_on),
            EarlyTransferDecided(**NAMES, approved=1, decided_on=on),
            replace(APPROVED, decided_on=on),
        ),
        (
            APPROVED,
            made(on=on, ended_on=ended_on),
            EarlyTransferCarriedOut(**NAMES, transfer=TRANSFER, transferred_on=on),
            MADE,
        ),
        (
            MADE,
            [*take_back(MADE, TRANSFER, on)],
            EarlyTransferReturned(**NAMES, transfer=TRANSFER, returned_on=on),
            replace(RETURNED, returned_on=on),
        ),
    ]
    for before, facts, expected, after in steps:
        assert facts == [expected]
        assert evolve(before, facts[0]) == after


@pytest.mark.parametrize("organ_class", ["discipline", "political_legal"])
def test_it_goes_to_the_two_classes_of_organs_the_article_names(organ_class: str) -> None:
    """Article 15."""
    assert proposed(organ_class=organ_class)


def test_what_is_not_approved_says_why_and_may_be_asked_for_again() -> None:
    """Article 15."""
    (fact,) = decided(approved=0, reason=REASON)
    assert fact == EarlyTransferDecided(**NAMES, approved=0, reason=REASON, decided_on=ON)
    assert evolve(PROPOSED, fact) == REJECTED
    (again,) = proposed(REJECTED)
    assert evolve(REJECTED, again) == PROPOSED


def test_what_was_returned_may_be_asked_for_again() -> None:
    """Articles 15, 17."""
    (again,) = proposed(RETURNED)
    assert evolve(RETURNED, again) == replace(PROPOSED, returned_on=ON)


@pytest.mark.parametrize(
    ("state", "during", "after"),
    [(PROPOSED, True, False), (APPROVED, True, False), (REJECTED, False, False), (RETURNED, False, False),
     (MADE, True, True)],
    ids=["asked for", "approved", "not approved", "returned", "made"],
)  # fmt: skip
def test_what_was_not_made_by_the_end_lapses(state: EarlyTransfer, during: bool, after: bool) -> None:
    """Articles 15, 17: on the day of the end it still stands, the day after it does not."""
    assert [state.in_the_way(ON, None), state.in_the_way(ON, ON)] == [during, during]
    assert state.in_the_way(ON + DAY, ON) is after


def test_each_clue_has_a_stream_of_its_own() -> None:
    """Article 15."""
    assert early_transfer_of(CLUE) != early_transfer_of(derived_id("clue", "2"))


@pytest.mark.parametrize(
    ("ask", "expected"),
    [
        (lambda: proposed(duty="deputy_leader"), ("early_transfer_asked_by_the_leader", "6(1), 15", None)),
        (lambda: proposed(restricted=True), ("restricted_reported_directly", "14", None)),
        (lambda: proposed(managed="city"), ("city_managed_never_transferred_early", "15", None)),
        (lambda: proposed(managed="unknown"), ("early_only_on_those_the_unit_manages", "15", None)),
        (lambda: proposed(managed="not_a_cadre"), ("early_only_on_those_the_unit_manages", "15", None)),
        (lambda: proposed(organ_class="organisation"), ("early_route", "15", "organ")),
        (lambda: proposed(organ=UNIT), ("never_sent_to_the_unit", "3, 17", "organ")),
        (lambda: proposed(PROPOSED), ("one_proposal_at_a_time", "15, 17", None)),
        (lambda: proposed(APPROVED), ("one_proposal_at_a_time", "15, 17", None)),
        (lambda: proposed(MADE), ("one_proposal_at_a_time", "15, 17", None)),
        (lambda: proposed(another_way=True), ("one_proposal_at_a_time", "15, 17", None)),
        (lambda: proposed(ended_on=ON - DAY), ("early_transfer_during_the_inspection", "15", "proposed_on")),
        (lambda: proposed(on=ON - DAY), ("early_transfer_after_registration", "15", "proposed_on")),
        (
            lambda: proposed(replace(RETURNED, returned_on=ON + DAY)),
            ("proposal_not_before_return", "15, 17", "proposed_on"),
        ),
        (lambda: decided(APPROVED), ("early_transfer_awaits_decision", "15", None)),
        (lambda: decided(REJECTED), ("early_transfer_awaits_decision", "15", None)),
        (lambda: decided(RETURNED), ("early_transfer_awaits_decision", "15", None)),
        (lambda: decided(approved=0), ("refusal_gives_its_reason", "15", "reason")),
        (lambda: decided(ended_on=ON - DAY), ("early_transfer_during_the_inspection", "15", "decided_on")),
        (lambda: decided(on=ON - DAY), ("decision_not_before_proposal", "15, 17", "decided_on")),
        (lambda: made(PROPOSED), ("transfer_after_decision", "15, 17", None)),
        (lambda: made(REJECTED), ("transfer_after_decision", "15, 17", None)),
        (lambda: made(MADE), ("transferred_once", "15, 17", None)),
        (lambda: made(ended_on=ON - DAY), ("early_transfer_during_the_inspection", "15", "transferred_on")),
        (lambda: made(on=ON - DAY), ("transfer_not_before_decision", "15, 17", "transferred_on")),
    ],
)
def test_what_the_regulation_does_not_allow_is_refused(
    ask: Callable[[], object], expected: tuple[str, str, str | None]
) -> None:
    """Articles 6(1), 14, 15, 17."""
    with pytest.raises(Refused) as no:
        ask()
    assert (no.value.rule.name, no.value.rule.article, no.value.path) == expected
