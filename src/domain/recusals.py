"""Recusal: a declaration for each unit, "none" included; a request by somebody else, and the answer of the person
concerned; the decision (Art. 6(4), 23)."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import ClassVar, Literal, assert_never
from uuid import UUID

from domain.kernel import (
    Aggregate,
    Between,
    BodyId,
    Code,
    Command,
    Content,
    CorrectDay,
    CorrectedDay,
    DayOf,
    Fact,
    InspectionId,
    Label,
    PersonId,
    RecusalId,
    RecusalRequestId,
    RoundId,
    derived_id,
)
from domain.rulebook import rules
from domain.rulebook.posts import Duty, Standing


class Outcome(StrEnum):
    """How a recusal was decided. Article 23."""

    UPHELD = "upheld"
    NOT_UPHELD = "not_upheld"


class Asker(StrEnum):
    """As what somebody asked for another's recusal. Articles 6(4), 23."""

    LEADER = "leader"
    TEAM = "team"
    OFFICE = "office"
    UNIT = "unit"

    @property
    def shown(self) -> bool:
        """Whether the person concerned reads who asked: the leader proposes and the office asks by their office;
        whoever else asks is protected (c)."""
        return self in (Asker.LEADER, Asker.OFFICE)


class DeclareRecusal(Command):
    """Declare one's grounds for recusal from a unit, or that there are none (`grounds` empty). Article 23."""

    inspection: InspectionId
    grounds: tuple[Code, ...] = ()
    statement: Content | None = None
    declared_on: date


class RequestRecusal(Command):
    """Ask for somebody else's recusal from a unit: the leader proposes it, others may ask. Articles 6(4), 23.

    `reason` is for whoever decides. `statement` is what the person concerned reads and answers to: it is worded so
    that it does not show who asked.
    """

    inspection: InspectionId
    person: PersonId
    grounds: tuple[Code, ...]
    reason: Content
    statement: Content
    requested_on: date


class AnswerRecusalRequest(Command):
    """Answer, as the person concerned, to a recusal others asked for. Article 23."""

    recusal: RecusalId
    answer: Content
    answered_on: date


class DecideRecusal(Command):
    """Decide what awaits it of a recusal, declared or asked for; upheld, the person is off that unit at once.
    Article 23.

    `unheard` says why it is upheld though the person has not answered to what others asked for.
    """

    recusal: RecusalId
    outcome: Outcome
    reason: Content
    unheard: Content | None = None
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


class RecusalRequested(Fact):
    """Somebody else asked for a recusal, as what `asked_as` says. Articles 6(4), 23."""

    label: ClassVar[Label] = Label.RECUSAL
    kind: Literal["recusal.requested.v1"] = "recusal.requested.v1"
    recusal: RecusalId
    request: RecusalRequestId
    round: RoundId
    inspection: InspectionId
    unit: BodyId
    person: PersonId
    asked_by: PersonId
    asked_as: Asker
    of_the_leader: Literal[0, 1] = 0
    grounds: tuple[Code, ...]
    reason: Content
    statement: Content
    requested_on: date


class RecusalAnswered(Fact):
    """The person concerned was heard: their answer to what others asked for. Article 23."""

    label: ClassVar[Label] = Label.RECUSAL
    kind: Literal["recusal.answered.v1"] = "recusal.answered.v1"
    recusal: RecusalId
    round: RoundId
    inspection: InspectionId
    unit: BodyId
    person: PersonId
    requests: tuple[RecusalRequestId, ...]
    answer: Content
    answered_on: date


class RecusalDecided(Fact):
    """A recusal was upheld or not; upheld, access to the unit's matters ends with this entry. Article 23.

    `requests` are those it answers; `unheard` says why it was upheld without an answer of the person concerned;
    `duties` are those the person had at the unit on that day, which are free now.
    """

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
    unheard: Content | None = None
    requests: tuple[RecusalRequestId, ...] | None = None
    duties: tuple[Duty, ...] | None = None


class RecusalDayCorrected(Fact):
    """The day of the decision was corrected; upheld, the person counts as off the unit from that day.

    `requests` are those the decision answered: whoever asked reads when it was decided. Articles 23, 28 (c).
    """

    label: ClassVar[Label] = Label.RECUSAL
    kind: Literal["recusal.day-corrected.v1"] = "recusal.day-corrected.v1"
    recusal: RecusalId
    round: RoundId
    inspection: InspectionId
    unit: BodyId
    person: PersonId
    corrected: CorrectedDay
    requests: tuple[RecusalRequestId, ...] | None = None


RecusalFact = RecusalDeclared | RecusalRequested | RecusalAnswered | RecusalDecided | RecusalDayCorrected


@dataclass(frozen=True)
class Request:
    """A request that awaits a decision."""

    id: str
    asked_by: str
    grounds: frozenset[str]
    requested_on: date
    answered: bool = False
    """Whether the person concerned has answered since."""


@dataclass(frozen=True)
class Recusal:
    """Where a person's recusal from a unit stands: all grounds that still count, since when there is a declaration,
    what others ask for."""

    round: str
    inspection: str
    unit: str
    person: str
    grounds: tuple[str, ...] = ()
    """Those the person declared."""
    first_declared_on: date | None = None
    declared_on: date | None = None
    outcome: Outcome | None = None
    decided_on: date | None = None
    requests: tuple[Request, ...] = ()
    decided_after: date | None = None
    """The last day of what was decided on: declared or asked for."""
    answered: tuple[str, ...] = ()
    """The requests the last decision answered."""

    def between(self, which: DayOf) -> Between:
        """The day of the decision, and what it was decided on."""
        if which is not DayOf.RECUSAL_DECIDED:
            return Between(None)
        return Between(self.decided_on, (self.decided_after,))

    @property
    def awaiting(self) -> bool:
        return self.outcome is None and bool(self.grounds or self.requests)

    @property
    def upheld(self) -> bool:
        return self.outcome is Outcome.UPHELD

    @property
    def declared(self) -> bool:
        return self.first_declared_on is not None

    @property
    def heard(self) -> bool:
        """Whether the person has spoken: by a ground declared, or by an answer to every request."""
        return bool(self.grounds) or all(r.answered for r in self.requests)

    def upheld_by(self, day: date) -> bool:
        """Whether the person was off the unit on a day: from the day of the decision on."""
        return self.upheld and self.decided_on is not None and self.decided_on <= day

    def declared_by(self, day: date) -> bool:
        """Whether there was a declaration on a day, be it of none. That others asked is none."""
        return self.first_declared_on is not None and self.first_declared_on <= day

    def covers(self, grounds: Collection[str]) -> bool:
        """Whether such a declaration would add nothing. A ground not upheld may be declared again: things change."""
        if not self.declared:
            return False
        return set(grounds) <= set(self.grounds) and (self.outcome is not Outcome.NOT_UPHELD or not grounds)

    def asked_already(self, by: str, grounds: Collection[str]) -> bool:
        """Whether a request would add nothing: the person is off the unit, or the same asker awaits the same."""
        return self.upheld or any(r.asked_by == by and {*grounds} <= r.grounds for r in self.requests)


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


def request(
    state: Recusal | None,
    request_: str,
    command: RequestRecusal,
    *,
    round_: str,
    unit: str,
    asked_by: str,
    asked_as: Asker,
    of_the_leader: bool,
    known: tuple[str, ...],
) -> list[RecusalFact]:
    """`of_the_leader`: whether the person leads the team, so that another body decides."""
    rules.own_recusal_is_declared.demand(asked_by, command.person, path="person")
    rules.recusal_request_names_a_ground.demand(command.grounds, path="grounds")
    rules.grounds_known_and_stated.demand(command.grounds, known, True, path="grounds")
    if state is not None and state.asked_already(asked_by, command.grounds):
        return []
    return [
        RecusalRequested(
            recusal=recusal_of(round_, unit, command.person),
            request=request_,
            round=round_,
            inspection=command.inspection,
            unit=unit,
            person=command.person,
            asked_by=asked_by,
            asked_as=asked_as,
            of_the_leader=int(of_the_leader),
            grounds=command.grounds,
            reason=command.reason,
            statement=command.statement,
            requested_on=command.requested_on,
        )
    ]


def answer(state: Recusal, command: AnswerRecusalRequest) -> list[RecusalFact]:
    unanswered = [r for r in state.requests if not r.answered]
    rules.recusal_request_awaits_an_answer.demand(unanswered)
    last = max(r.requested_on for r in unanswered)
    rules.recusal_answer_not_before_request.demand(last, command.answered_on, path="answered_on")
    return [
        RecusalAnswered(
            recusal=command.recusal,
            round=state.round,
            inspection=state.inspection,
            unit=state.unit,
            person=state.person,
            requests=tuple(r.id for r in unanswered),
            answer=command.answer,
            answered_on=command.answered_on,
        )
    ]


def decide(
    state: Recusal, command: DecideRecusal, *, decider: str, decided_by: Standing, duties: tuple[Duty, ...] = ()
) -> list[RecusalFact]:
    """`duties`: those the person has at the unit on the day of the decision."""
    rules.recusal_awaits_decision.demand(state.awaiting)
    rules.nobody_decides_their_own_recusal.demand(decider, state.person)
    rules.recusal_not_decided_by_who_asked.demand(decider, [r.asked_by for r in state.requests])
    if state.grounds:
        rules.recusal_decision_not_before_declaration.demand(state.declared_on, command.decided_on, path="decided_on")
    for each in state.requests:
        rules.recusal_decision_not_before_request.demand(each.requested_on, command.decided_on, path="decided_on")
    if command.outcome is Outcome.UPHELD:
        rules.recusal_upheld_after_hearing.demand(state.heard, command.unheard is not None, path="unheard")
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
            unheard=command.unheard if command.outcome is Outcome.UPHELD and not state.heard else None,
            requests=tuple(r.id for r in state.requests) or None,
            duties=(duties or None) if command.outcome is Outcome.UPHELD else None,
        )
    ]


def correct(
    state: Recusal, command: CorrectDay, *, entry: UUID, replaced_on: tuple[date, ...] = ()
) -> list[RecusalFact]:
    """`entry`: the one that says the day that stands; `replaced_on`: when mandates after this recusal were decided."""
    place = state.between(command.day_of)
    assert place.day is not None  # noqa: S101  what is not on record is not found
    if place.day == command.day:
        return []
    rules.corrected_day_fits_the_others.demand(place._replace(later=replaced_on).fits(command.day), path="day")
    return [
        RecusalDayCorrected(
            recusal=command.matter,
            round=state.round,
            inspection=state.inspection,
            unit=state.unit,
            person=state.person,
            corrected=command.of(place.day, entry),
            requests=state.answered or None,
        )
    ]


def evolve(state: Recusal | None, fact: RecusalFact) -> Recusal:
    state = state or Recusal(fact.round, fact.inspection, fact.unit, fact.person)
    match fact:
        case RecusalDeclared():
            # An upheld recusal stays, whatever is declared later; and "none" takes back no outcome.
            stays = state.upheld or not fact.grounds
            earlier = state.grounds if state.awaiting or state.upheld else ()
            return replace(
                state,
                grounds=tuple(dict.fromkeys((*earlier, *fact.grounds))),
                first_declared_on=min(state.first_declared_on or fact.declared_on, fact.declared_on),
                declared_on=fact.declared_on,
                outcome=state.outcome if stays else None,
                decided_on=state.decided_on if stays else None,
            )
        case RecusalRequested():
            made = Request(fact.request, fact.asked_by, frozenset(fact.grounds), fact.requested_on)
            if state.outcome is Outcome.NOT_UPHELD:  # of what was asked or declared before; this awaits its own
                state = replace(state, grounds=(), outcome=None, decided_on=None)
            return replace(state, requests=(*state.requests, made))
        case RecusalAnswered():
            return replace(state, requests=tuple(replace(r, answered=True) for r in state.requests))
        case RecusalDecided():
            declared = [state.declared_on] if state.grounds and state.declared_on else []
            last = max((*declared, *(r.requested_on for r in state.requests)), default=None)
            return replace(
                state,
                outcome=fact.outcome,
                decided_on=fact.decided_on,
                requests=(),
                decided_after=last,
                answered=fact.requests or (),
            )
        case RecusalDayCorrected():
            return replace(state, decided_on=fact.corrected.day)
        case _:
            assert_never(fact)


RECUSALS: Aggregate[Recusal] = Aggregate("recusal", evolve)
