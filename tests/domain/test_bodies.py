"""Bodies: given what is known, when one is registered, then it is in the registry, refused, or nothing is to do."""

from datetime import date, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from domain.bodies import (
    Body,
    BodyDutiesReceived,
    BodyRegistered,
    BodyRenamed,
    BodySucceeded,
    RecordSuccession,
    RegisterBody,
    RenameBody,
    evolve,
    receive_duties,
    register,
    rename,
    succeed,
)
from domain.kernel import Refused, Secret, derived_id
from domain.rulebook.posts import Standing

BODY, OTHER = derived_id("body", "one"), derived_id("body", "two")
ON, DAY = date(2015, 10, 20), timedelta(days=1)
NAME, DECISION = Secret("城东街道"), Secret("市委〔2015〕3号")


def test_registering_a_body_puts_it_in_the_registry_with_what_it_is() -> None:
    """Articles 3, 4, 8, 17: a body may be an organ and a unit at once."""
    command = RegisterBody(name=NAME, category="town_or_street", organ_class="discipline", decision=DECISION)
    facts = register(None, BODY, command)
    assert facts == [
        BodyRegistered(body=BODY, name=NAME, category="town_or_street", organ_class="discipline", decision=DECISION)
    ]
    assert evolve(None, facts[0]) == Body(None, "town_or_street", "discipline")


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({}, "category"),
        ({"decision": DECISION}, "category"),
        ({"category": "other_by_decision"}, "decision"),
        ({"category": "other_by_decision", "organ_class": "other"}, "decision"),
    ],
)
def test_a_unit_out_of_scope_is_refused(given: dict[str, Any], path: str) -> None:
    """Article 8: a category is registered; other bodies cite the decision (8.2)."""
    with pytest.raises(Refused) as no:
        register(None, BODY, RegisterBody(name=NAME, **given))
    assert (no.value.rule.name, no.value.rule.article, no.value.path) == ("unit_within_scope", "8", path)


@pytest.mark.parametrize(
    "given",
    [
        {"category": "other_by_decision", "decision": DECISION},
        {"category": "public_institution"},
        {"organ_class": "organisation"},
    ],
)
def test_a_unit_in_scope_or_an_organ_is_registered(given: dict[str, Any]) -> None:
    """Articles 8, 17: and is none of the bodies that run inspections."""
    (fact,) = register(None, BODY, RegisterBody(name=NAME, **given))
    assert evolve(None, fact) == Body(None, given.get("category"), given.get("organ_class"))


@pytest.mark.parametrize("standing", list(Standing))
def test_a_body_that_runs_inspections_is_there_from_the_ledgers_opening_and_made_by_no_command(
    standing: Standing,
) -> None:
    """Articles 3, 4: once each; the opening's own fact says which it is."""
    with pytest.raises(ValidationError, match="standing"):
        RegisterBody.model_validate({"name": NAME, "organ_class": "other", "standing": standing})
    opened = BodyRegistered(body=BODY, name=NAME, standing=standing)
    assert evolve(None, opened) == Body(standing, None, None)


def test_a_body_in_the_registry_is_not_registered_again() -> None:
    """Article 8: sent twice, there is nothing to do."""
    assert register(Body(None, "town_or_street", None), BODY, RegisterBody(name=NAME)) == []


TOWN, ORGAN = Body(None, "town_or_street", None), Body(None, None, "discipline")
MERGED = RecordSuccession(body=BODY, successor=OTHER, succeeded_on=ON, decision=DECISION)


@pytest.mark.parametrize(("day", "by"), [(ON - DAY, ()), (ON, (OTHER,)), (ON + DAY, (OTHER,))])
def test_duties_follow_the_successor_from_the_day_on(day: date, by: tuple[str, ...]) -> None:
    """Article 8: history stays; both bodies' streams say so."""
    (gone,) = succeed(TOWN, MERGED, successor=TOWN, follows=False)
    (taken,) = receive_duties(MERGED)
    assert gone == BodySucceeded(body=BODY, successor=OTHER, succeeded_on=ON, decision=DECISION)
    assert taken == BodyDutiesReceived(body=OTHER, predecessor=BODY, received_on=ON)
    assert evolve(TOWN, gone).succeeded_by(day) == by
    assert evolve(TOWN, taken).succeeds_by(day) == tuple(BODY for _ in by)


@pytest.mark.parametrize(
    ("state", "successor", "allowed"),
    [
        (TOWN, TOWN, True),
        (TOWN, ORGAN, False),
        (ORGAN, ORGAN, True),
        (ORGAN, Body(None, None, "organisation"), False),
        (ORGAN, TOWN, False),
        (Body(Standing.OFFICE, None, None), TOWN, False),
        (Body(None, "public_institution", "discipline"), Body(None, "town_or_street", "discipline"), True),
        (Body(None, "public_institution", "discipline"), TOWN, False),
    ],
)
def test_a_successor_is_of_the_same_kind(state: Body, successor: Body, allowed: bool) -> None:
    """Articles 8, 17: a unit is followed by one that can be inspected, an organ by one of its class."""
    if allowed:
        assert succeed(state, MERGED, successor=successor, follows=False)
        return
    with pytest.raises(Refused) as no:
        succeed(state, MERGED, successor=successor, follows=False)
    assert (no.value.rule.name, no.value.path) == ("successor_of_the_same_kind", "successor")


def test_two_bodies_do_not_succeed_each_other_and_one_is_succeeded_once_by_another() -> None:
    """Article 8: split, it has several successors."""
    for command, follows in ((MERGED, True), (MERGED.model_copy(update={"successor": BODY}), False)):
        with pytest.raises(Refused) as no:
            succeed(TOWN, command, successor=TOWN, follows=follows)
        assert no.value.rule.name == "succession_leads_forward"
    gone = Body(None, "town_or_street", None, successors=((OTHER, ON),))
    assert succeed(gone, MERGED, successor=TOWN, follows=False) == []
    for another in ({"succeeded_on": ON + DAY}, {"succeeded_on": ON - DAY}):
        with pytest.raises(Refused) as no:
            succeed(gone, MERGED.model_copy(update=another), successor=TOWN, follows=False)
        assert (no.value.rule.name, no.value.path) == ("succeeded_once", "successor")
    third = MERGED.model_copy(update={"successor": derived_id("body", "three")})
    assert succeed(gone, third, successor=TOWN, follows=False)


def test_a_renamed_body_stays_what_it_is() -> None:
    """Article 8."""
    (fact,) = rename(RenameBody(body=BODY, name=NAME, renamed_on=ON, decision=DECISION))
    assert fact == BodyRenamed(body=BODY, name=NAME, renamed_on=ON, decision=DECISION)
    assert evolve(TOWN, fact) == TOWN
