"""Publications: proposed, decided, made."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from domain.kernel import Refused, Secret, derived_id
from domain.publications import (
    MUST_BE_PUBLIC,
    DecidePublication,
    ProposePublication,
    Publication,
    PublicationDecided,
    PublicationMade,
    PublicationProposed,
    Publish,
    Subject,
    decide,
    evolve,
    propose,
    publish,
)

PUBLICATION, INSPECTION = derived_id("publication", "1"), derived_id("inspection", "1")
ROUND, UNIT = derived_id("round", "1"), derived_id("body", "unit")
ON = date(2016, 3, 1)
DAY = timedelta(days=1)
TEXT = Secret("公开的内容")
MATTER = {"publication": PUBLICATION, "inspection": INSPECTION, "round": ROUND, "unit": UNIT, "of": Subject.ENTRY}

PROPOSED = Publication(INSPECTION, ROUND, UNIT, Subject.ENTRY, TEXT, ON)
APPROVED = replace(PROPOSED, approved=True, decided_on=ON)
TURNED_DOWN = replace(PROPOSED, approved=False, decided_on=ON)
PUBLIC = replace(APPROVED, published_on=ON)


def proposed(
    state: Publication | None = None, of: Subject = Subject.ENTRY, happened_on: date | None = ON, on: date = ON
) -> list[Any]:
    command = ProposePublication(inspection=INSPECTION, of=of, text=TEXT, proposed_on=on)
    return propose(state, PUBLICATION, command, round_=ROUND, unit=UNIT, happened_on=happened_on)


def decided(state: Publication = PROPOSED, on: date = ON, **given: Any) -> list[Any]:
    given = {"approved": 1, "redacted": 1, **given}
    return decide(state, DecidePublication(publication=PUBLICATION, decided_on=on, **given))


def published(state: Publication = APPROVED, on: date = ON) -> list[Any]:
    return publish(state, Publish(publication=PUBLICATION, where=Secret("公告栏"), published_on=on), text=TEXT)


def refusal(ask: Callable[[], object]) -> tuple[str, str, str | None]:
    with pytest.raises(Refused) as no:
        ask()
    return no.value.rule.name, no.value.rule.article, no.value.path


def test_a_text_is_proposed_once_approved_redacted_and_made_public() -> None:
    """Article 21: text approved, redacted, dated."""
    (fact,) = proposed()
    assert fact == PublicationProposed(**MATTER, text=TEXT, proposed_on=ON)
    assert evolve(None, fact) == PROPOSED
    assert proposed(PROPOSED) == []
    (fact,) = decided()
    assert fact == PublicationDecided(**MATTER, approved=1, redacted=1, decided_on=ON)
    assert evolve(PROPOSED, fact) == APPROVED
    (fact,) = published()
    assert fact == PublicationMade(**MATTER, text=TEXT, where=Secret("公告栏"), published_on=ON)
    assert evolve(APPROVED, fact) == PUBLIC


def test_a_text_turned_down_is_not_made_public() -> None:
    """Article 21 (c): with a reason; nobody has to have redacted it."""
    (fact,) = decided(approved=0, redacted=0, reason=TEXT)
    assert evolve(PROPOSED, fact) == TURNED_DOWN


@pytest.mark.parametrize("of", MUST_BE_PUBLIC)
def test_what_has_not_happened_cannot_be_proposed(of: Subject) -> None:
    """Article 21: the day before, the day itself, the day after; and other things at any time."""
    assert refusal(lambda: proposed(of=of, happened_on=None)) == ("public_after_it_happened", "21", "of")
    assert refusal(lambda: proposed(of=of, on=ON - DAY)) == ("public_after_it_happened", "21", "of")
    assert proposed(of=of)
    assert proposed(of=of, on=ON + DAY)
    assert proposed(of=Subject.OTHER, happened_on=None)


@pytest.mark.parametrize("days", [0, 1])
def test_each_step_comes_on_the_same_day_or_later(days: int) -> None:
    """Article 21."""
    assert decided(on=ON + days * DAY)
    assert published(on=ON + days * DAY)


@pytest.mark.parametrize(
    ("ask", "expected"),
    [
        (lambda: decided(APPROVED), ("publication_awaits_decision", "21", None)),
        (lambda: decided(TURNED_DOWN), ("publication_awaits_decision", "21", None)),
        (lambda: decided(redacted=0), ("public_text_is_redacted", "21", "redacted")),
        (lambda: decided(approved=0), ("publication_turned_down_with_a_reason", "21", "reason")),
        (lambda: decided(on=ON - DAY), ("publication_decided_not_before_proposed", "21", "decided_on")),
        (lambda: published(PROPOSED), ("public_after_approval", "21", None)),
        (lambda: published(TURNED_DOWN), ("public_after_approval", "21", None)),
        (lambda: published(PUBLIC), ("made_public_once", "21", None)),
        (lambda: published(on=ON - DAY), ("public_not_before_approval", "21", "published_on")),
    ],
)
def test_what_the_regulation_does_not_allow_is_refused(
    ask: Callable[[], object], expected: tuple[str, str, str | None]
) -> None:
    """Article 21."""
    assert refusal(ask) == expected
