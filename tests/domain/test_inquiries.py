"""In-depth inquiries: into the leadership body and its members only, after the meeting (Art. 7(2), 13)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from domain.inquiries import (
    ConcludeInquiry,
    Inquiry,
    InquiryConcluded,
    InquiryOn,
    InquiryOpened,
    OpenInquiry,
    conclude,
    evolve,
    open_inquiry,
)
from domain.kernel import Refused, Secret, derived_id

INQUIRY, INSPECTION = derived_id("inquiry", "1"), derived_id("inspection", "1")
ROUND, UNIT = derived_id("round", "1"), derived_id("body", "unit")
PETITION, CLUE = derived_id("petition", "1"), derived_id("clue", "1")
ONE, OTHER, ABOUT = (derived_id("person", name) for name in ("one", "other", "about"))
ENTERED, ON, ENDED, DAY = date(2015, 10, 8), date(2015, 10, 20), date(2015, 11, 6), timedelta(days=1)
SUBJECT, FINDINGS = Secret("某项采购"), Secret("查无实据")
OPEN = Inquiry(ROUND, INSPECTION, UNIT, ON, (ABOUT,))


def opened(state: Inquiry | None = None, **changes: Any) -> list[Any]:
    about = {
        "entered_on": ENTERED,
        "ended_on": ENDED,
        "duty": "leader",
        "at_work": (ONE,),
        "discussed": True,
        "concerned": (ABOUT,),
    }
    about |= {name: changes.pop(name) for name in tuple(changes) if name in about}
    given = {
        "inspection": INSPECTION,
        "petitions": (PETITION,),
        "clues": (CLUE,),
        "on": "member",
        "subject": SUBJECT,
        "staff": (ONE,),
        "opened_on": ON,
        **changes,
    }
    return open_inquiry(state, INQUIRY, OpenInquiry(**given), round_=ROUND, unit=UNIT, **about)


def concluded(state: Inquiry = OPEN, on: date = ON, duty: str = "leader") -> list[Any]:
    return conclude(state, ConcludeInquiry(inquiry=INQUIRY, findings=FINDINGS, concluded_on=on), duty=duty)


@pytest.mark.parametrize("duty", ["leader", "deputy_leader"])
@pytest.mark.parametrize("on", ["leadership_body", "member"])
def test_an_inquiry_is_opened_once_into_what_came_in(duty: str, on: str) -> None:
    """Articles 7(2), 13."""
    (fact,) = opened(duty=duty, on=on)
    assert fact == InquiryOpened(
        inquiry=INQUIRY,
        round=ROUND,
        inspection=INSPECTION,
        unit=UNIT,
        petitions=(PETITION,),
        clues=(CLUE,),
        on=InquiryOn(on),
        subject=SUBJECT,
        staff=(ONE,),
        withheld_from=(ABOUT,),
        opened_on=ON,
    )
    assert evolve(None, fact) == OPEN
    assert opened(OPEN) == []


def test_a_petition_or_a_clue_is_enough() -> None:
    """Article 13."""
    assert opened(petitions=())
    assert opened(clues=())


@pytest.mark.parametrize("days", [0, 1])
def test_an_inquiry_is_concluded_on_the_day_or_later(days: int) -> None:
    """Article 13."""
    (fact,) = concluded(on=ON + days * DAY)
    assert fact == InquiryConcluded(
        inquiry=INQUIRY,
        round=ROUND,
        inspection=INSPECTION,
        unit=UNIT,
        findings=FINDINGS,
        concluded_on=ON + days * DAY,
    )
    assert evolve(OPEN, fact) == replace(OPEN, concluded_on=ON + days * DAY)


@pytest.mark.parametrize(
    ("ask", "expected"),
    [
        (lambda: opened(duty="member"), ("inquiry_led_by_the_leader", "6(1)", None)),
        (lambda: opened(petitions=(), clues=()), ("inquiry_into_what_came_in", "13", "petitions")),
        (lambda: opened(on="other"), ("inquiry_into_the_leadership_only", "13", "on")),
        (lambda: opened(opened_on=ENTERED - DAY), ("on_site_during_the_inspection", "12", "opened_on")),
        (lambda: opened(opened_on=ENDED + DAY), ("on_site_during_the_inspection", "12", "opened_on")),
        (lambda: opened(discussed=False), ("inquiry_after_the_meeting", "7(2)", None)),
        (lambda: opened(staff=(OTHER,)), ("staff_at_work_at_the_unit", "5", "staff")),
        (lambda: opened(staff=()), ("staff_at_work_at_the_unit", "5", "staff")),
        (lambda: concluded(duty="registrar"), ("inquiry_led_by_the_leader", "6(1)", None)),
        (lambda: concluded(replace(OPEN, concluded_on=ON)), ("inquiry_concluded_once", "13", None)),
        (lambda: concluded(on=ON - DAY), ("conclusion_not_before_opening", "13", "concluded_on")),
    ],
)
def test_what_the_regulation_does_not_allow_is_refused(
    ask: Callable[[], object], expected: tuple[str, str, str | None]
) -> None:
    """Articles 5, 6(1), 7(2), 12, 13."""
    with pytest.raises(Refused) as no:
        ask()
    assert (no.value.rule.name, no.value.rule.article, no.value.path) == expected


def test_the_refusal_of_another_inquiry_says_that_disciplinary_review_is_not_the_teams() -> None:
    """Article 13."""
    with pytest.raises(Refused) as no:
        opened(on="other")
    assert "不履行执纪审查的职责" in no.value.rule.zh
    assert "no disciplinary review" in no.value.rule.en
