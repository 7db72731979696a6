"""Recusal: a declaration for each unit, "none" included, and its decision (Art. 23)."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import ClassVar, Literal, assert_never

from domain.kernel import (
    Aggregate,
    BodyId,
    Code,
    Command,
    Content,
    Fact,
    InspectionId,
    Label,
    PersonId,
    RecusalId,
    RoundId,
    derived_id,
)
from domain.rulebook import rules
from domain.rulebook.posts import Standing


class Outcome(StrEnum):
    """How a recusal was decided. Article 23."""

    UPHELD = "upheld"
    NOT_UPHELD = "not_upheld"


class DeclareRecusal(Command):
    """Declare one's grounds for recusal from a unit, or that there are none (`grounds` empty). Article 23."""

    inspection: InspectionId
    grounds: tuple[Code, ...] = ()
    statement: Content | None = None
    declared_on: date


class DecideRecusal(Command):
    """Decide a declared recusal; upheld, the person is off that unit at once. Article 23."""

    recusal: RecusalId
    outcome: Outcome
    reason: Content
    decided_on: date


class RecusalDeclared(Fact):
    """Somebody of a team declared grounds for recusal, or none. Article 23."""

    label: ClassVar[Label] = Label.RECUSAL
    kind: Literal["recusal.declared.v1"] = "recusal.declared.v1"
    recusal: RecusalId
    round: RoundId
    inspection: InspectionId
    unit: BodyId
    person: PersonId
    grounds: tuple[Code, ...]
    statement: Content | None = None
    declared_on: date


class RecusalDecided(Fact):
    """A recusal was upheld or not; upheld, access to the unit's matters ends with this entry. Article 23."""

    label: ClassVar[Label] = Label.RECUSAL
    kind: Literal["recusal.decided.v1"] = "recusal.decided.v1"
    recusal: RecusalId
    round: RoundId
    inspection: InspectionId
    unit: BodyId
    person: PersonId
    outcome: Outcome
    reason: Content
    decided_by: Standing
    decided_on: date


RecusalFact = RecusalDeclared | RecusalDecided


@dataclass(frozen=True)
class Recusal:
    """Where a person's recusal from a unit stands: all grounds that still count, since when there is a declaration."""

    round: str
    inspection: str
    unit: str
    person: str
    grounds: tuple[str, ...]
    first_declared_on: date
    declared_on: date
    outcome: Outcome | None = None
    decided_on: date | None = None

    @property
    def awaiting(self) -> bool:
        return bool(self.grounds) and self.outcome is None

    @property
    def upheld(self) -> bool:
        return self.outcome is Outcome.UPHELD

    def upheld_by(self, day: date) -> bool:
        """Whether the person was off the unit on a day: from the day of the decision on."""
        return self.upheld and self.decided_on is not None and self.decided_on <= day

    def declared_by(self, day: date) -> bool:
        """Whether there was a declaration on a day, be it of none."""
        return self.first_declared_on <= day

    def covers(self, grounds: Collection[str]) -> bool:
        """Whether such a declaration would add nothing. A ground not upheld may be declared again: things change."""
        return set(grounds) <= set(self.grounds) and (self.outcome is not Outcome.NOT_UPHELD or not grounds)


def recusal_of(round_: str, unit: str, person: str) -> str:
    """The one recusal stream of a person for a unit in a round."""
    return derived_id("recusal", round_, unit, person)


def declare(
    state: Recusal | None,
    command: DeclareRecusal,
    *,
    round_: str,
    unit: str,
    person: str,
    known: tuple[str, ...],
) -> list[RecusalFact]:
    rules.grounds_known_and_stated.demand(command.grounds, known, command.statement is not None, path="grounds")
    if state is not None and state.covers(command.grounds):
        return []
    return [
        RecusalDeclared(
            recusal=recusal_of(round_, unit, person),
            round=round_,
            inspection=command.inspection,
            unit=unit,
            person=person,
            grounds=command.grounds,
            statement=command.statement,
            declared_on=command.declared_on,
        )
    ]


def decide(state: Recusal, command: DecideRecusal, *, decider: str, decided_by: Standing) -> list[RecusalFact]:
    rules.recusal_awaits_decision.demand(state.awaiting)
    rules.nobody_decides_their_own_recusal.demand(decider, state.person)
    rules.recusal_decision_not_before_declaration.demand(state.declared_on, command.decided_on, path="decided_on")
    return [
        RecusalDecided(
            recusal=command.recusal,
            round=state.round,
            inspection=state.inspection,
            unit=state.unit,
            person=state.person,
            outcome=command.outcome,
            reason=command.reason,
            decided_by=decided_by,
            decided_on=command.decided_on,
        )
    ]


def evolve(state: Recusal | None, fact: RecusalFact) -> Recusal:
    match fact:
        case RecusalDeclared():
            standing = state is not None and state.upheld  # an upheld recusal stays, whatever is declared later
            earlier = state.grounds if state and (state.awaiting or standing) else ()
            return Recusal(
                fact.round,
                fact.inspection,
                fact.unit,
                fact.person,
                tuple(dict.fromkeys((*earlier, *fact.grounds))),
                min(state.first_declared_on, fact.declared_on) if state else fact.declared_on,
                fact.declared_on,
                state.outcome if state and standing else None,
                state.decided_on if state and standing else None,
            )
        case RecusalDecided():
            assert state is not None  # noqa: S101  a decision stands behind its declaration in the same stream
            return replace(state, outcome=fact.outcome, decided_on=fact.decided_on)
        case _:
            assert_never(fact)


RECUSALS: Aggregate[Recusal] = Aggregate("recusal", evolve)
