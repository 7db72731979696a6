"""Recusals: given what was declared, when one declares or decides, then facts, a refusal, or nothing to do."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest

from domain.kernel import Refused, Secret, derived_id
from domain.recusals import (
    DecideRecusal,
    DeclareRecusal,
    Outcome,
    Recusal,
    RecusalDecided,
    RecusalDeclared,
    decide,
    declare,
    evolve,
    recusal_of,
)
from domain.rulebook.posts import Standing

ROUND, UNIT, INSPECTION = derived_id("round", "1"), derived_id("body", "1"), derived_id("inspection", "1")
WHO, DECIDER = derived_id("person", "1"), derived_id("person", "2")
RECUSAL = recusal_of(ROUND, UNIT, WHO)
ON = date(2015, 10, 8)
DAY = timedelta(days=1)
KNOWN = ("near_relative", "own_interest", "other")
TEXT = Secret("说明")

NONE = Recusal(ROUND, INSPECTION, UNIT, WHO, (), ON)
AWAITING = replace(NONE, grounds=("near_relative",))
UPHELD = replace(AWAITING, outcome=Outcome.UPHELD)
NOT_UPHELD = replace(AWAITING, outcome=Outcome.NOT_UPHELD)


def declaring(*grounds: str, statement: Secret | None = TEXT) -> DeclareRecusal:
    return DeclareRecusal(inspection=INSPECTION, grounds=grounds, statement=statement, declared_on=ON)


def declared(state: Recusal | None, command: DeclareRecusal) -> list[RecusalDeclared | RecusalDecided]:
    return declare(state, command, round_=ROUND, unit=UNIT, person=WHO, known=KNOWN)


def decided(
    state: Recusal, outcome: Outcome = Outcome.UPHELD, on: date = ON, by: str = DECIDER
) -> list[RecusalDeclared | RecusalDecided]:
    command = DecideRecusal(recusal=RECUSAL, outcome=outcome, reason=TEXT, decided_on=on)
    return decide(state, command, decider=by, decided_by=Standing.OFFICE)


def refusal(ask: Callable[[], object]) -> tuple[str, str, str | None]:
    with pytest.raises(Refused) as no:
        ask()
    return no.value.rule.name, no.value.rule.article, no.value.path


@pytest.mark.parametrize("grounds", [(), ("near_relative",), ("near_relative", "other")])
def test_grounds_or_none_are_declared_for_a_unit(grounds: tuple[str, ...]) -> None:
    """Article 23: "none" is a declaration too, and awaits no decision."""
    facts = declared(None, declaring(*grounds))
    assert facts == [
        RecusalDeclared(
            recusal=RECUSAL,
            round=ROUND,
            inspection=INSPECTION,
            unit=UNIT,
            person=WHO,
            grounds=grounds,
            statement=TEXT,
            declared_on=ON,
        )
    ]
    state = evolve(None, facts[0])
    assert (state, state.awaiting, state.upheld) == (replace(NONE, grounds=grounds), bool(grounds), False)


@pytest.mark.parametrize(
    "command", [declaring("native_place"), declaring("near_relative", statement=None)], ids=["unknown", "unexplained"]
)
def test_a_ground_unknown_or_unexplained_is_refused(command: DeclareRecusal) -> None:
    """Article 23."""
    assert refusal(lambda: declared(None, command)) == ("grounds_known_and_stated", "23", "grounds")


def test_none_needs_no_explanation() -> None:
    """Article 23."""
    assert declared(None, declaring(statement=None))


@pytest.mark.parametrize(
    ("state", "grounds", "adds"),
    [
        (NONE, (), False),
        (NONE, ("other",), True),
        (AWAITING, ("near_relative",), False),
        (AWAITING, (), False),
        (AWAITING, ("other",), True),
        (UPHELD, ("near_relative",), False),
        (UPHELD, (), False),
        (UPHELD, ("other",), True),
        (NOT_UPHELD, (), False),
        (NOT_UPHELD, ("near_relative",), True),
    ],
)
def test_a_declaration_that_adds_nothing_is_not_recorded(state: Recusal, grounds: tuple[str, ...], adds: bool) -> None:
    """Article 23: a further ground is never lost, nor withdrawn by silence; one not upheld may arise again."""
    facts = declared(state, declaring(*grounds))
    assert bool(facts) is adds
    if adds:
        after = evolve(state, facts[0])
        assert set(grounds) <= set(after.grounds)
        assert after.upheld is state.upheld
        assert after.awaiting is not state.upheld
    if adds and state.awaiting:
        assert evolve(state, facts[0]).grounds == ("near_relative", "other")


@pytest.mark.parametrize("outcome", list(Outcome))
@pytest.mark.parametrize("days", [0, 1])
def test_an_awaiting_recusal_is_decided(outcome: Outcome, days: int) -> None:
    """Article 23: on the day of declaration or later."""
    facts = decided(AWAITING, outcome, ON + days * DAY)
    assert facts == [
        RecusalDecided(
            recusal=RECUSAL,
            round=ROUND,
            inspection=INSPECTION,
            unit=UNIT,
            person=WHO,
            outcome=outcome,
            reason=TEXT,
            decided_by=Standing.OFFICE,
            decided_on=ON + days * DAY,
        )
    ]
    state = evolve(AWAITING, facts[0])
    assert (state.awaiting, state.upheld) == (False, outcome is Outcome.UPHELD)


@pytest.mark.parametrize(
    ("ask", "expected"),
    [
        (lambda: decided(NONE), ("recusal_awaits_decision", "23", None)),
        (lambda: decided(UPHELD), ("recusal_awaits_decision", "23", None)),
        (lambda: decided(NOT_UPHELD), ("recusal_awaits_decision", "23", None)),
        (lambda: decided(AWAITING, by=WHO), ("nobody_decides_their_own_recusal", "23", None)),
        (
            lambda: decided(AWAITING, on=ON - DAY),
            ("recusal_decision_not_before_declaration", "23", "decided_on"),
        ),
    ],
)
def test_a_recusal_not_awaiting_ones_own_or_not_yet_declared_is_not_decided(
    ask: Callable[[], object], expected: tuple[str, str, str | None]
) -> None:
    """Article 23."""
    assert refusal(ask) == expected


def test_a_person_has_one_recusal_for_a_unit_in_a_round() -> None:
    """Article 23: another round, unit or person is another."""
    assert recusal_of(ROUND, UNIT, WHO) == RECUSAL
    assert (
        len({RECUSAL, recusal_of(ROUND, WHO, UNIT), recusal_of(UNIT, UNIT, WHO), recusal_of(ROUND, UNIT, DECIDER)}) == 4
    )
