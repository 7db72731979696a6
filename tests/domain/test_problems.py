"""A problem of the report as an item: where it stands, what it rests on, whom it is kept from (Art. 16, 17)."""

from datetime import date, timedelta
from typing import Any

import pytest

from domain.kernel import derived_id, secrets_of
from domain.problems import Problem, ProblemReported, evolve, kept_from, report
from domain.reports import report_of

ON, DAY = date(2015, 10, 28), timedelta(days=1)
PROBLEM, ROUND, INSPECTION = derived_id("problem", "1"), derived_id("round", "1"), derived_id("inspection", "1")
UNIT, SUSPECT, OTHER = derived_id("body", "unit"), derived_id("person", "suspect"), derived_id("person", "other")
PETITION, CLUE = derived_id("petition", "1"), derived_id("clue", "1")
REPORT = report_of(INSPECTION)


def reported(**changes: Any) -> ProblemReported:
    given: dict[str, Any] = {
        "report": REPORT,
        "round_": ROUND,
        "inspection": INSPECTION,
        "unit": UNIT,
        "sources": (PETITION, CLUE),
        "withheld_from": (SUSPECT,),
        "reported_on": ON,
    }
    (fact,) = report(PROBLEM, **{**given, **changes})
    return fact


def test_a_problem_reaches_the_office_with_what_it_rests_on_and_without_its_words() -> None:
    """Articles 16, 17: its words are the report's, under the report's seal; nothing is sealed here a second time."""
    fact = reported()
    assert fact == ProblemReported(
        problem=PROBLEM,
        report=REPORT,
        round=ROUND,
        inspection=INSPECTION,
        unit=UNIT,
        sources=(PETITION, CLUE),
        withheld_from=(SUSPECT,),
        reported_on=ON,
    )
    assert list(secrets_of(fact)) == []
    assert evolve(None, fact) == Problem(REPORT, ROUND, INSPECTION, UNIT, ON, (SUSPECT,))


def test_stated_anew_it_is_the_problem_it_was_and_kept_from_whom_the_report_is_kept_from_now() -> None:
    """Article 16 (c): the day it first reached the office stays; a supplement's clues may concern more persons."""
    again = reported(withheld_from=(OTHER, SUSPECT), reported_on=ON + DAY, sources=(CLUE,))
    assert evolve(evolve(None, reported()), again) == Problem(REPORT, ROUND, INSPECTION, UNIT, ON, (OTHER, SUSPECT))


@pytest.mark.parametrize(
    ("item", "persons", "expected"),
    [
        (PROBLEM, (), (UNIT,)),
        (PROBLEM, (SUSPECT,), (UNIT, SUSPECT)),
        (CLUE, (), ()),
        (CLUE, (SUSPECT,), (SUSPECT,)),
        (PETITION, (SUSPECT,), (SUSPECT,)),
    ],
)
def test_a_problem_is_kept_from_the_unit_as_its_report_is(
    item: str, persons: tuple[str, ...], expected: tuple[str, ...]
) -> None:
    """Articles 3 (c), 16, 17: whoever serves both in the office or an organ and in the unit."""
    assert kept_from(item, UNIT, persons) == expected
