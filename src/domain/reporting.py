"""A team's periodic reports to the office: the person named for them, and each report (Art. 28)."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import ClassVar, Literal, assert_never

from domain.kernel import (
    Aggregate,
    Command,
    Content,
    Fact,
    Label,
    Manner,
    PeriodicReportId,
    PersonId,
    RoundId,
    TeamId,
    derived_id,
)
from domain.rulebook import rules


class PeriodicKind(StrEnum):
    """What a team reports periodically: the three kinds the text names. Article 28."""

    IMPORTANT_WORK = "important_work"
    NEW_PRACTICE = "new_practice"
    UNIT_SITUATION = "unit_situation"


class NameReporter(Command):
    """Name the person of the team who gathers its materials and reports to the office. Article 28."""

    team: TeamId
    person: PersonId
    named_on: date


class ReportPeriodically(Command):
    """Report to named persons of the office: important work, new practice, or the situation of a unit. Article 28."""

    team: TeamId
    of: PeriodicKind
    content: Content
    recipients: tuple[PersonId, ...]
    how: Manner = Manner.IN_PERSON
    reported_on: date


class ReporterNamed(Fact):
    """The leader named the person who reports for the team from here on. Article 28."""

    label: ClassVar[Label] = Label.ARCHIVE
    kind: Literal["reporting.person-named.v1"] = "reporting.person-named.v1"
    team: TeamId
    round: RoundId
    person: PersonId
    named_on: date


class ReportMade(Fact):
    """The named person reported to the office. Article 28."""

    label: ClassVar[Label] = Label.ARCHIVE
    kind: Literal["reporting.report-made.v1"] = "reporting.report-made.v1"
    report: PeriodicReportId
    team: TeamId
    round: RoundId
    of: PeriodicKind
    content: Content
    reported_by: PersonId
    recipients: tuple[PersonId, ...]
    how: Manner
    reported_on: date


ReportingFact = ReporterNamed | ReportMade


@dataclass(frozen=True)
class Reporting:
    """Who reports for a team, and what was reported."""

    person: str | None = None
    named_on: date | None = None
    reports: tuple[str, ...] = ()


def reporting_of(team: str) -> str:
    """The stream of a team's periodic reports."""
    return derived_id("reporting", team)


def name(
    state: Reporting, command: NameReporter, *, round_: str, duty: str, of_the_team: Collection[str]
) -> list[ReportingFact]:
    """`of_the_team`: the person, where they had a live mandate in the team on that day."""
    rules.reporter_named_by_the_leader.demand(duty)
    rules.reporter_of_the_team.demand(command.person, of_the_team, path="person")
    if state.person == command.person:
        return []
    return [ReporterNamed(team=command.team, round=round_, person=command.person, named_on=command.named_on)]


def report(
    state: Reporting,
    report_id: str,
    command: ReportPeriodically,
    *,
    round_: str,
    doer: str,
    of_the_office: Collection[str],
) -> list[ReportingFact]:
    """`of_the_office`: those of the recipients who held a post in the office on that day."""
    if report_id in state.reports:
        return []
    rules.reported_by_the_named_person.demand(doer, state.person)
    rules.delivered_to_the_office.demand(command.recipients, of_the_office, path="recipients")
    rules.report_not_before_naming.demand(state.named_on, command.reported_on, path="reported_on")
    return [
        ReportMade(
            report=report_id,
            team=command.team,
            round=round_,
            of=command.of,
            content=command.content,
            reported_by=doer,
            recipients=command.recipients,
            how=command.how,
            reported_on=command.reported_on,
        )
    ]


def evolve(state: Reporting | None, fact: ReportingFact) -> Reporting:
    state = state or Reporting()
    match fact:
        case ReporterNamed():
            return replace(state, person=fact.person, named_on=fact.named_on)
        case ReportMade():
            return replace(state, reports=(*state.reports, fact.report))
        case _:
            assert_never(fact)


REPORTING: Aggregate[Reporting] = Aggregate("reporting", evolve)
