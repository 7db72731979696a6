"""A problem of an inspection report as an item of its own, from the day the report reached the office (Art. 16, 17).

Its words stay in the report, under the report's seal; here stands where they are, and what they rest on (ADR 24).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import ClassVar, Literal, assert_never

from domain.kernel import (
    Aggregate,
    AnyId,
    BodyId,
    Fact,
    InspectionId,
    Label,
    PersonId,
    ProblemId,
    ReportId,
    RoundId,
)


class ProblemReported(Fact):
    """A problem reached the office: with the report, or stated anew in a supplement to it. Articles 16, 17.

    `report` holds its words. `sources` are what it rests on: they never leave the team. `withheld_from` are the
    persons the report was withheld from at that time.
    """

    label: ClassVar[Label] = Label.REPORT
    kind: Literal["problem.reported.v1"] = "problem.reported.v1"
    problem: ProblemId
    report: ReportId
    round: RoundId
    inspection: InspectionId
    unit: BodyId
    sources: tuple[AnyId, ...]
    withheld_from: tuple[PersonId, ...]
    reported_on: date


ProblemFact = ProblemReported


@dataclass(frozen=True)
class Problem:
    """What decisions need of a problem. `reported_on` is the day it first reached the office."""

    report: str
    round: str
    inspection: str
    unit: str
    reported_on: date
    withheld_from: tuple[str, ...]


def report(
    problem: str,
    *,
    report: str,
    round_: str,
    inspection: str,
    unit: str,
    sources: tuple[str, ...],
    withheld_from: Sequence[str],
    reported_on: date,
) -> list[ProblemFact]:
    """Its own side of the report's submission or supplement, which alone is decided on."""
    return [
        ProblemReported(
            problem=problem,
            report=report,
            round=round_,
            inspection=inspection,
            unit=unit,
            sources=sources,
            withheld_from=tuple(withheld_from),
            reported_on=reported_on,
        )
    ]


def kept_from(item: str, unit: str, persons: Sequence[str]) -> tuple[str, ...]:
    """Persons and bodies an item, and what becomes of it, are withheld from. Articles 3 (c), 16, 17.

    A problem is kept from whom its report is kept from: also from whoever holds a post in the unit.
    """
    return (unit, *persons) if item.startswith("problem:") else tuple(persons)


def evolve(state: Problem | None, fact: ProblemFact) -> Problem:
    match fact:
        case ProblemReported():
            if state is None:
                return Problem(
                    fact.report, fact.round, fact.inspection, fact.unit, fact.reported_on, fact.withheld_from
                )
            return replace(state, withheld_from=fact.withheld_from)
        case _:
            assert_never(fact)


PROBLEMS: Aggregate[Problem] = Aggregate("problem", evolve)
