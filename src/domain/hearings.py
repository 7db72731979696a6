"""Hearings of a team on one inspection: the office hears it before it proposes a disposal (Art. 17)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Literal, assert_never

from domain.kernel import (
    Aggregate,
    BodyId,
    Command,
    Content,
    Fact,
    HearingId,
    InspectionId,
    Label,
    PersonId,
    RoundId,
    TeamId,
    derived_id,
)
from domain.rulebook import rules


class HearTeam(Command):
    """Hear a team on its inspection of a unit: who was there, and what it said. Article 17."""

    inspection: InspectionId
    attendees: tuple[PersonId, ...]
    account: Content
    heard_on: date


class TeamHeard(Fact):
    """The office heard the team on its inspection of a unit. Article 17."""

    label: ClassVar[Label] = Label.DISPOSAL
    kind: Literal["hearing.held.v1"] = "hearing.held.v1"
    hearing: HearingId
    round: RoundId
    inspection: InspectionId
    team: TeamId
    unit: BodyId
    attendees: tuple[PersonId, ...]
    account: Content
    heard_on: date


HearingFact = TeamHeard


@dataclass(frozen=True)
class Hearings:
    """What decisions need of the hearings on an inspection."""

    inspection: str
    first_on: date
    made: tuple[str, ...]


def hearings_of(inspection: str) -> str:
    """The stream of the hearings on an inspection."""
    return derived_id("hearing", inspection)


def hear(
    state: Hearings | None,
    hearing: str,
    command: HearTeam,
    *,
    round_: str,
    team: str,
    unit: str,
    entered_on: date | None,
    of_the_team: Collection[str],
    of_the_office: Collection[str],
) -> list[HearingFact]:
    """`of_the_team`, `of_the_office`: those attending who were of the team and not recused, or of the office."""
    if state is not None and hearing in state.made:
        return []
    rules.heard_after_entry.demand(entered_on, command.heard_on, path="heard_on")
    rules.heard_from_the_team.demand(command.attendees, of_the_team, of_the_office, path="attendees")
    return [
        TeamHeard(
            hearing=hearing,
            round=round_,
            inspection=command.inspection,
            team=team,
            unit=unit,
            attendees=command.attendees,
            account=command.account,
            heard_on=command.heard_on,
        )
    ]


def evolve(state: Hearings | None, fact: HearingFact) -> Hearings:
    match fact:
        case TeamHeard():
            made = state.made if state else ()
            first = min(state.first_on, fact.heard_on) if state else fact.heard_on
            return Hearings(fact.inspection, first, (*made, fact.hearing))
        case _:
            assert_never(fact)


HEARINGS: Aggregate[Hearings] = Aggregate("hearing", evolve)
