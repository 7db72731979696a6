"""The nomination of a team's leader: by the organisation department, the discipline commission consulted (Art. 5)."""

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
    Label,
    NominationId,
    PersonId,
    RoundId,
    derived_id,
)
from domain.rulebook import rules


class NominateLeader(Command):
    """Nominate a person as a team's leader for a round, after consulting the discipline commission. Article 5.

    `consulted` is the organ that was consulted.
    """

    round: RoundId
    person: PersonId
    consulted_on: date
    consulted: BodyId
    reason: Content
    nominated_on: date


class LeaderNominated(Fact):
    """A person was nominated as a team's leader; the party committee decides. Article 5."""

    label: ClassVar[Label] = Label.PROCEDURE
    kind: Literal["leader.nominated.v1"] = "leader.nominated.v1"
    nomination: NominationId
    round: RoundId
    person: PersonId
    organ: BodyId
    consulted_on: date
    consulted: BodyId
    reason: Content
    nominated_on: date


NominationFact = LeaderNominated


@dataclass(frozen=True)
class Nomination:
    """What decisions need of a nomination: since when there is one."""

    nominated_on: date


def nomination_of(round_: str, person: str) -> str:
    """The one nomination of a person in a round."""
    return derived_id("nomination", round_, person)


def nominate(
    state: Nomination | None,
    command: NominateLeader,
    *,
    organ: str,
    consulted_class: str | None,
    to_be_consulted: Collection[str],
) -> list[NominationFact]:
    """`to_be_consulted`: the classes of organs the edition has consulted before."""
    if state is not None:
        return []
    rules.consulted_whom_the_edition_names.demand(consulted_class, to_be_consulted, path="consulted")
    rules.consulted_before_nominated.demand(command.consulted_on, command.nominated_on, path="nominated_on")
    return [
        LeaderNominated(
            nomination=nomination_of(command.round, command.person),
            round=command.round,
            person=command.person,
            organ=organ,
            consulted_on=command.consulted_on,
            consulted=command.consulted,
            reason=command.reason,
            nominated_on=command.nominated_on,
        )
    ]


def evolve(state: Nomination | None, fact: NominationFact) -> Nomination:
    match fact:
        case LeaderNominated():
            return state or Nomination(fact.nominated_on)
        case _:
            assert_never(fact)


NOMINATIONS: Aggregate[Nomination] = Aggregate("nomination", evolve)
