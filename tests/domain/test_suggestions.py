"""Handling suggestions: proposed, approved or declined, made in the approved words, answered (Art. 6(3), 15)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from domain.kernel import Manner, Refused, Secret, derived_id
from domain.suggestions import (
    AnswerSuggestion,
    Conditions,
    DecideSuggestion,
    MakeSuggestion,
    ProposeSuggestion,
    Suggestion,
    SuggestionAnswered,
    SuggestionDecided,
    SuggestionMade,
    SuggestionProposed,
    answer,
    decide,
    evolve,
    make,
    propose,
)

SUGGESTION, INSPECTION = derived_id("suggestion", "1"), derived_id("inspection", "1")
ROUND, UNIT = derived_id("round", "1"), derived_id("body", "unit")
PETITION, CLUE = derived_id("petition", "1"), derived_id("clue", "1")
HEAD, OTHER, ABOUT = (derived_id("person", name) for name in ("head", "other", "about"))
ENTERED, ON, ENDED, DAY = date(2015, 10, 8), date(2015, 10, 20), date(2015, 11, 6), timedelta(days=1)
TEXT, REASON, ACCOUNT = Secret("建议退还收费"), Secret("尚不成熟"), Secret("已退还")
CONDITIONS = Conditions(
    strong_public_reaction=Secret("反映强烈"),
    plainly_against_the_rules=Secret("违反收费规定"),
    soon_solvable=Secret("一周内可退还"),
)
MATTER: dict[str, Any] = {"suggestion": SUGGESTION, "round": ROUND, "inspection": INSPECTION, "unit": UNIT}
PROPOSED = Suggestion(ROUND, INSPECTION, UNIT, TEXT, ON, (ABOUT,))
APPROVED = replace(PROPOSED, approved=True, decided_on=ON)
DECLINED = replace(PROPOSED, approved=False, decided_on=ON)
MADE = replace(APPROVED, made_on=ON)
LASTING: dict[str, Any] = {"entered_on": ENTERED, "ended_on": ENDED}


def proposed(state: Suggestion | None = None, on: date = ON, duty: str = "leader") -> list[Any]:
    command = ProposeSuggestion(
        inspection=INSPECTION,
        text=TEXT,
        conditions=CONDITIONS,
        petitions=(PETITION,),
        clues=(CLUE,),
        proposed_on=on,
    )
    about: dict[str, Any] = {"round_": ROUND, "unit": UNIT, "duty": duty, "concerned": (ABOUT,)}
    return propose(state, SUGGESTION, command, **about, **LASTING)


def decided(state: Suggestion = PROPOSED, approved: int = 1, on: date = ON, reason: Secret | None = None) -> list[Any]:
    given = {"suggestion": SUGGESTION, "approved": approved, "reason": reason, "decided_on": on}
    return decide(state, DecideSuggestion.model_validate(given), **LASTING)


def made(state: Suggestion = APPROVED, on: date = ON, duty: str = "leader", to: tuple[str, ...] = (HEAD,)) -> list[Any]:
    command = MakeSuggestion(suggestion=SUGGESTION, recipients=to, made_on=on)
    return make(state, command, text=TEXT, duty=duty, of_the_unit=(HEAD,), **LASTING)


def answered(state: Suggestion = MADE, on: date = ON) -> list[Any]:
    command = AnswerSuggestion(suggestion=SUGGESTION, account=ACCOUNT, answered_on=on)
    return answer(state, command, answered_by=HEAD)


def test_a_suggestion_is_proposed_once_with_its_three_conditions() -> None:
    """Article 15."""
    (fact,) = proposed()
    assert fact == SuggestionProposed(
        **MATTER,
        text=TEXT,
        conditions=CONDITIONS,
        petitions=(PETITION,),
        clues=(CLUE,),
        withheld_from=(ABOUT,),
        proposed_on=ON,
    )
    assert evolve(None, fact) == PROPOSED
    assert proposed(PROPOSED) == []


@pytest.mark.parametrize("missing", list(Conditions.model_fields))
def test_no_suggestion_without_all_three_conditions_stated(missing: str) -> None:
    """Article 15: three things hold, each stated."""
    given = {name: "x" for name in Conditions.model_fields if name != missing}
    with pytest.raises(ValueError, match=missing):
        Conditions.model_validate(given)


@pytest.mark.parametrize(("approved", "reason", "state"), [(1, None, APPROVED), (0, REASON, DECLINED)])
def test_it_is_approved_or_declined_with_a_reason(approved: int, reason: Secret | None, state: Suggestion) -> None:
    """Article 15."""
    (fact,) = decided(approved=approved, reason=reason)
    assert fact == SuggestionDecided.model_validate(
        {**MATTER, "approved": approved, "reason": reason, "decided_on": ON}
    )
    assert evolve(PROPOSED, fact) == state


def test_it_is_made_to_named_persons_in_the_approved_words_and_tells_nothing_else() -> None:
    """Article 15: no source, no condition in it."""
    (fact,) = made()
    assert fact == SuggestionMade(**MATTER, text=TEXT, recipients=(HEAD,), how=Manner.IN_PERSON, made_on=ON)
    assert {"petitions", "clues", "conditions"}.isdisjoint(SuggestionMade.model_fields)
    assert evolve(APPROVED, fact) == MADE


def test_the_unit_answers_once() -> None:
    """Article 15."""
    (fact,) = answered()
    assert fact == SuggestionAnswered(**MATTER, account=ACCOUNT, answered_by=HEAD, answered_on=ON)
    assert evolve(MADE, fact) == replace(MADE, answered_on=ON)


@pytest.mark.parametrize("days", [0, 1])
def test_each_step_comes_on_the_day_of_the_one_before_it_or_later(days: int) -> None:
    """Article 15: the day before is refused below."""
    assert decided(on=ON + days * DAY)
    assert made(on=ON + days * DAY)
    assert answered(on=ON + days * DAY)


@pytest.mark.parametrize("day", [ENTERED, ENDED])
def test_the_days_of_entry_and_end_belong_to_the_inspection(day: date) -> None:
    """Article 15."""
    early = replace(PROPOSED, proposed_on=ENTERED)
    assert proposed(on=day)
    assert decided(early, on=day)
    assert made(replace(early, approved=True, decided_on=ENTERED), on=day)


DURING = ("suggestion_during_the_inspection", "15")


@pytest.mark.parametrize(
    ("ask", "expected"),
    [
        (lambda: proposed(duty="deputy_leader"), ("suggestion_signed_by_the_leader", "6(3)", None)),
        (lambda: proposed(on=ENTERED - DAY), (*DURING, "proposed_on")),
        (lambda: proposed(on=ENDED + DAY), (*DURING, "proposed_on")),
        (lambda: decided(APPROVED), ("suggestion_decided_once", "15", None)),
        (lambda: decided(DECLINED), ("suggestion_decided_once", "15", None)),
        (lambda: decided(on=ON - DAY), ("suggestion_decision_not_before_proposal", "15", "decided_on")),
        (lambda: decided(on=ENDED + DAY), (*DURING, "decided_on")),
        (lambda: decided(approved=0), ("suggestion_declined_with_a_reason", "15", "reason")),
        (lambda: made(duty="deputy_leader"), ("suggestion_signed_by_the_leader", "6(3)", None)),
        (lambda: made(PROPOSED), ("suggestion_after_approval", "15", None)),
        (lambda: made(DECLINED), ("suggestion_after_approval", "15", None)),
        (lambda: made(MADE), ("suggestion_made_once", "15", None)),
        (lambda: made(on=ON - DAY), ("suggestion_not_before_approval", "15", "made_on")),
        (lambda: made(on=ENDED + DAY), (*DURING, "made_on")),
        (lambda: made(to=(OTHER,)), ("delivered_to_named_persons", "11(6), 17", "recipients")),
        (lambda: made(to=()), ("delivered_to_named_persons", "11(6), 17", "recipients")),
        (lambda: answered(APPROVED), ("suggestion_made_before_answered", "15", None)),
        (lambda: answered(replace(MADE, answered_on=ON)), ("suggestion_answered_once", "15", None)),
        (lambda: answered(on=ON - DAY), ("suggestion_answer_not_before_making", "15", "answered_on")),
    ],
)
def test_what_the_regulation_does_not_allow_is_refused(
    ask: Callable[[], object], expected: tuple[str, str, str | None]
) -> None:
    """Articles 6(3), 11(6), 15."""
    with pytest.raises(Refused) as no:
        ask()
    assert (no.value.rule.name, no.value.rule.article, no.value.path) == expected
