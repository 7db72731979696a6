"""Periodic reports: a person is named, and reports."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from domain.kernel import Manner, Refused, Secret, derived_id
from domain.reporting import (
    NameReporter,
    PeriodicKind,
    ReporterNamed,
    Reporting,
    ReportMade,
    ReportPeriodically,
    evolve,
    name,
    report,
)

TEAM, ROUND, REPORT = derived_id("team", "1"), derived_id("round", "1"), derived_id("periodic-report", "1")
MEMBER, OTHER, CLERK = (derived_id("person", each) for each in ("member", "other", "clerk"))
ON = date(2016, 3, 1)
DAY = timedelta(days=1)
TEXT = Secret("报送内容")
NAMED = Reporting(MEMBER, ON)


def named(state: Reporting | None = None, person: str = MEMBER, duty: str = "leader") -> list[Any]:
    command = NameReporter(team=TEAM, person=person, named_on=ON)
    return name(state or Reporting(), command, round_=ROUND, duty=duty, of_the_team={MEMBER})


def reported(
    state: Reporting = NAMED, doer: str = MEMBER, on: date = ON, recipients: tuple[str, ...] = (CLERK,)
) -> list[Any]:
    command = ReportPeriodically(
        team=TEAM, of=PeriodicKind.NEW_PRACTICE, content=TEXT, recipients=recipients, reported_on=on
    )
    return report(state, REPORT, command, round_=ROUND, doer=doer, of_the_office={CLERK})


def refusal(ask: Callable[[], object]) -> tuple[str, str, str | None]:
    with pytest.raises(Refused) as no:
        ask()
    return no.value.rule.name, no.value.rule.article, no.value.path


def test_the_leader_names_one_and_names_them_once() -> None:
    """Article 28."""
    (fact,) = named()
    assert fact == ReporterNamed(team=TEAM, round=ROUND, person=MEMBER, named_on=ON)
    assert evolve(None, fact) == NAMED
    assert named(NAMED) == []


def test_the_named_person_reports() -> None:
    """Article 28; the same asked twice is one."""
    (fact,) = reported()
    assert fact == ReportMade(
        report=REPORT,
        team=TEAM,
        round=ROUND,
        of=PeriodicKind.NEW_PRACTICE,
        content=TEXT,
        reported_by=MEMBER,
        recipients=(CLERK,),
        how=Manner.IN_PERSON,
        reported_on=ON,
    )
    assert reported(evolve(NAMED, fact)) == []
    assert reported(on=ON + DAY)


@pytest.mark.parametrize(
    ("ask", "expected"),
    [
        (lambda: named(duty="deputy_leader"), ("reporter_named_by_the_leader", "28", None)),
        (lambda: named(person=OTHER), ("reporter_of_the_team", "28", "person")),
        (lambda: reported(Reporting()), ("reported_by_the_named_person", "28", None)),
        (lambda: reported(doer=OTHER), ("reported_by_the_named_person", "28", None)),
        (lambda: reported(recipients=()), ("delivered_to_the_office", "19, 28", "recipients")),
        (lambda: reported(recipients=(OTHER,)), ("delivered_to_the_office", "19, 28", "recipients")),
        (lambda: reported(on=ON - DAY), ("report_not_before_naming", "28", "reported_on")),
    ],
)
def test_what_the_regulation_does_not_allow_is_refused(
    ask: Callable[[], object], expected: tuple[str, str, str | None]
) -> None:
    """Article 28."""
    assert refusal(ask) == expected
