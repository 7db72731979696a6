"""Bodies: given what is known, when one is registered, then it is in the registry, refused, or nothing is to do."""

from typing import Any

import pytest
from pydantic import ValidationError

from domain.bodies import Body, BodyRegistered, RegisterBody, evolve, register
from domain.kernel import Refused, Secret, derived_id
from domain.rulebook.posts import Standing

BODY = derived_id("body", "one")
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
