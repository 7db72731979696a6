"""A petition: registered one by one, instructed on by the leader, handled singly (Art. 6(3), 13)."""

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import ClassVar, Literal, assert_never
from uuid import UUID

from domain.kernel import (
    Aggregate,
    Between,
    BodyId,
    ClueId,
    Code,
    Command,
    Content,
    CorrectDay,
    CorrectedDay,
    DayOf,
    Fact,
    Identity,
    InspectionId,
    Label,
    Manner,
    PersonId,
    PetitionId,
    RoundId,
    SerialNumber,
    TransferId,
    Value,
)
from domain.rulebook import rules


class Channel(StrEnum):
    """How a petition came. Articles 11(7), 12(3)."""

    LETTER = "letter"
    CALL = "call"
    VISIT = "visit"
    MAILBOX = "mailbox"
    FORWARDED = "forwarded"


class Scope(StrEnum):
    """Whether a petition is about the leadership body, its members, or heads of subordinate units and internal
    departments. Article 13."""

    IN_SCOPE = "in_scope"
    OUT_OF_SCOPE = "out_of_scope"


class Petitioner(Value):
    """Who wrote or spoke: the source, sealed under a key of its own. promises.md §5.1."""

    name: Identity
    contact: Identity | None = None
    address: Identity | None = None


# --- commands --------------------------------------------------------------------------------------------------


class RegisterPetition(Command):
    """Register one petition. Article 13.

    `petitioner` is absent for an anonymous one; `content` is what was written or said, whole; `summary` is the
    registrar's own, with nothing that could show the source. One out of scope is registered and passed on, and
    nothing else. `concerned` are persons of the directory it is about, where known: they see nothing of it.
    """

    inspection: InspectionId
    received_on: date
    channel: Channel
    petitioner: Petitioner | None = None
    content: Content
    summary: Content
    category: Code | None = None
    scope: Scope = Scope.IN_SCOPE
    concerned: tuple[PersonId, ...] = ()


class InstructPetition(Command):
    """Read and instruct on a petition: what is to be done, and by whom. Articles 6(3), 13."""

    petition: PetitionId
    instruction: Content
    handler: PersonId
    instructed_on: date


class HandlePetition(Command):
    """Say how a petition was handled, with a reason; a clue it became is registered apart. Article 13.

    Where it was passed on, `organ` is the one it went to, `recipients` its persons, and `material` what they get to
    read: written for them, with no source in it.
    """

    petition: PetitionId
    way: Code
    organ: BodyId | None = None
    recipients: tuple[PersonId, ...] = ()
    how: Manner = Manner.IN_PERSON
    material: Content | None = None
    account: Content
    handled_on: date


# --- facts -----------------------------------------------------------------------------------------------------


class PetitionNumberGiven(Fact):
    """The next number of a round's register was given, without gaps. Article 13 (c)."""

    label: ClassVar[Label] = Label.PETITION
    kind: Literal["petition-register.number-given.v1"] = "petition-register.number-given.v1"
    round: RoundId
    petition: PetitionId
    number: SerialNumber


class PetitionRegistered(Fact):
    """A petition is on the register. Article 13.

    `late` is 1 where it was received after the inspection's end: it is then passed on.
    """

    label: ClassVar[Label] = Label.PETITION
    kind: Literal["petition.registered.v1"] = "petition.registered.v1"
    petition: PetitionId
    round: RoundId
    inspection: InspectionId
    unit: BodyId
    number: SerialNumber
    received_on: date
    channel: Channel
    petitioner: Petitioner | None = None
    content: Content
    summary: Content
    category: Code | None = None
    registrar: PersonId
    late: Literal[0, 1]
    scope: Scope | None = None
    concerned: tuple[PersonId, ...] | None = None


class PetitionInstructed(Fact):
    """The leader read the petition and said what is to be done, and by whom. Articles 6(3), 13."""

    label: ClassVar[Label] = Label.PETITION
    kind: Literal["petition.instructed.v1"] = "petition.instructed.v1"
    petition: PetitionId
    round: RoundId
    inspection: InspectionId
    unit: BodyId
    instruction: Content
    handler: PersonId
    instructed_on: date


class PetitionHandled(Fact):
    """How the petition was handled, and why so. Article 13.

    `restricted` is 1 where it became a clue that is reported directly: how it was handled is then shown to nobody.
    """

    label: ClassVar[Label] = Label.PETITION
    kind: Literal["petition.handled.v1"] = "petition.handled.v1"
    petition: PetitionId
    round: RoundId
    inspection: InspectionId
    unit: BodyId
    way: Code
    organ: BodyId | None = None
    account: Content
    handled_on: date
    clue: ClueId | None = None
    transfer: TransferId | None = None
    restricted: Literal[0, 1] | None = None


class PetitionReturned(Fact):
    """The organ it was passed to sent it back: it is to be handled anew. Article 13."""

    label: ClassVar[Label] = Label.PETITION
    kind: Literal["petition.returned.v1"] = "petition.returned.v1"
    petition: PetitionId
    round: RoundId
    inspection: InspectionId
    unit: BodyId
    organ: BodyId
    transfer: TransferId
    returned_on: date


class PetitionDayCorrected(Fact):
    """The day it was received or instructed on was corrected; `late` as it is by that. Articles 13, 28 (c)."""

    label: ClassVar[Label] = Label.PETITION
    kind: Literal["petition.day-corrected.v1"] = "petition.day-corrected.v1"
    petition: PetitionId
    round: RoundId
    inspection: InspectionId
    unit: BodyId
    corrected: CorrectedDay
    late: Literal[0, 1]


PetitionFact = PetitionRegistered | PetitionInstructed | PetitionHandled | PetitionReturned | PetitionDayCorrected
RegisterFact = PetitionNumberGiven


# --- state -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Petition:
    """What decisions need of a petition."""

    round: str
    inspection: str
    unit: str
    received_on: date
    late: bool = False
    handler: str | None = None
    instructed_on: date | None = None
    handled: bool = False
    clue: str | None = None
    in_scope: bool = True
    concerned: tuple[str, ...] = ()
    earlier_instructed_on: tuple[date, ...] = ()
    """The days of the instructions before the last: that one says who handles it, and comes after them."""
    handled_on: date | None = None
    """When it was first handled after the last instruction, also where it was returned since."""

    def between(self, which: DayOf) -> Between:
        """The day of receipt or of the last instruction, and the days it lies between."""
        if which is DayOf.PETITION_RECEIVED:
            return Between(self.received_on, later=(*self.earlier_instructed_on, self.instructed_on))
        if which is DayOf.PETITION_INSTRUCTED:
            return Between(self.instructed_on, (self.received_on, *self.earlier_instructed_on), (self.handled_on,))
        return Between(None)


def register_of(round_: str) -> str:
    """The stream that gives a round's petition numbers. Its own, so that no reader of the round can count."""
    return "petition-register:" + round_.partition(":")[2]


# --- decisions -------------------------------------------------------------------------------------------------


def give_number(given: int | None, petition: str, *, round_: str) -> list[RegisterFact]:
    """The next number of the round's register, for this petition."""
    return [PetitionNumberGiven(round=round_, petition=petition, number=(given or 0) + 1)]


def register(
    state: Petition | None,
    petition: str,
    command: RegisterPetition,
    *,
    round_: str,
    unit: str,
    number: int,
    registrar: str,
    duty: str,
    entered_on: date | None,
    ended_on: date | None,
    categories: tuple[str, ...],
) -> list[PetitionFact]:
    if state is not None:
        return []
    rules.only_the_registrar.demand(duty)
    rules.petition_after_entry.demand(entered_on, command.received_on, path="received_on")
    if command.category is not None:
        rules.category_known.demand(command.category, categories, path="category")
    return [
        PetitionRegistered(
            petition=petition,
            round=round_,
            inspection=command.inspection,
            unit=unit,
            number=number,
            received_on=command.received_on,
            channel=command.channel,
            petitioner=command.petitioner,
            content=command.content,
            summary=command.summary,
            category=command.category,
            registrar=registrar,
            late=1 if ended_on is not None and ended_on < command.received_on else 0,
            scope=command.scope,
            concerned=command.concerned or None,
        )
    ]


def instruct(state: Petition, command: InstructPetition, *, duty: str, handler_covers: bool) -> list[PetitionFact]:
    """Until it is handled the leader may name another handler, so that none who leaves holds it up. Who handles it is
    what was said last: an earlier instruction, put on record late, does not take it back."""
    rules.only_the_leader.demand(duty)
    rules.handled_once.demand(state.handled)
    rules.instructed_once.demand(state.handler == command.handler)
    rules.instruction_not_before_receipt.demand(state.received_on, command.instructed_on, path="instructed_on")
    rules.instruction_not_before_the_last.demand(state.instructed_on, command.instructed_on, path="instructed_on")
    rules.handler_of_the_same_team.demand(handler_covers, path="handler")
    return [
        PetitionInstructed(
            petition=command.petition,
            round=state.round,
            inspection=state.inspection,
            unit=state.unit,
            instruction=command.instruction,
            handler=command.handler,
            instructed_on=command.instructed_on,
        )
    ]


def handle(
    state: Petition,
    command: HandlePetition,
    *,
    doer: str,
    ways: tuple[str, ...],
    ended_on: date | None,
    clue: str | None = None,
    transfer: str | None = None,
    restricted: bool = False,
) -> list[PetitionFact]:
    """`ended_on`: the inspection's end, which may have been put on record after the petition; `transfer`: the id of
    what goes to the organ, if it is passed on."""
    rules.instructed_before_handled.demand(state.instructed_on is not None)
    rules.handled_once.demand(state.handled)
    rules.handled_by_its_handler.demand(doer, state.handler)
    rules.way_of_handling_known.demand(command.way, ways, path="way")
    late = state.late or (ended_on is not None and ended_on < state.received_on)
    rules.late_petition_passed_on.demand(late, command.way, path="way" if clue is None else "petitions")
    rules.out_of_scope_passed_on.demand(state.in_scope, command.way, path="way" if clue is None else "petitions")
    rules.a_clue_names_its_petition.demand(command.way, clue, path="way")
    rules.passed_on_to_a_named_organ.demand(command.way, command.organ, path="organ")
    rules.never_passed_to_the_unit.demand(command.organ, state.unit, path="organ")
    rules.passed_on_with_its_material.demand(
        command.way, command.material is not None, command.recipients, path="material"
    )
    rules.never_passed_to_the_concerned.demand(command.recipients, state.concerned, path="recipients")
    rules.handling_not_before_instruction.demand(state.instructed_on, command.handled_on, path="handled_on")
    return [
        PetitionHandled(
            petition=command.petition,
            round=state.round,
            inspection=state.inspection,
            unit=state.unit,
            way=command.way,
            organ=command.organ,
            account=command.account,
            handled_on=command.handled_on,
            clue=clue,
            transfer=transfer if command.organ is not None else None,
            restricted=1 if restricted else None,
        )
    ]


def correct(
    state: Petition, command: CorrectDay, *, entry: UUID, entered_on: date | None, ended_on: date | None
) -> list[PetitionFact]:
    """`entry`: the one that says the day that stands; `entered_on`, `ended_on`: of the inspection; received after its
    end, it is late."""
    received = command.day_of is DayOf.PETITION_RECEIVED
    place = state.between(command.day_of)
    assert place.day is not None  # noqa: S101  what is not on record is not found
    if place.day == command.day:
        return []
    earlier = (*place.earlier, entered_on) if received else place.earlier
    rules.corrected_day_fits_the_others.demand(place._replace(earlier=earlier).fits(command.day), path="day")
    after_the_end = ended_on is not None and ended_on < command.day
    return [
        PetitionDayCorrected(
            petition=command.matter,
            round=state.round,
            inspection=state.inspection,
            unit=state.unit,
            corrected=command.of(place.day, entry),
            late=int(after_the_end if received else state.late),
        )
    ]


def take_back(state: Petition, petition: str, organ: str, transfer: str, returned_on: date) -> list[PetitionFact]:
    """The petition's side of a return by the organ it was passed to: it is handled anew."""
    return [
        PetitionReturned(
            petition=petition,
            round=state.round,
            inspection=state.inspection,
            unit=state.unit,
            organ=organ,
            transfer=transfer,
            returned_on=returned_on,
        )
    ]


def evolve(state: Petition | None, fact: PetitionFact) -> Petition:
    if isinstance(fact, PetitionRegistered):
        return Petition(
            fact.round,
            fact.inspection,
            fact.unit,
            fact.received_on,
            bool(fact.late),
            in_scope=fact.scope is not Scope.OUT_OF_SCOPE,
            concerned=fact.concerned or (),
        )
    assert state is not None  # noqa: S101  a petition's stream begins with its registration
    match fact:
        case PetitionInstructed():
            earlier = (*state.earlier_instructed_on, *((state.instructed_on,) if state.instructed_on else ()))
            return replace(
                state,
                handler=fact.handler,
                instructed_on=fact.instructed_on,
                earlier_instructed_on=earlier,
                handled_on=None,
            )
        case PetitionHandled():
            return replace(state, handled=True, clue=fact.clue, handled_on=state.handled_on or fact.handled_on)
        case PetitionReturned():
            return replace(state, handled=False)
        case PetitionDayCorrected():
            day = fact.corrected.day
            if fact.corrected.day_of is DayOf.PETITION_RECEIVED:
                return replace(state, received_on=day, late=bool(fact.late))
            return replace(state, instructed_on=day)
        case _:
            assert_never(fact)


def evolve_register(state: int | None, fact: RegisterFact) -> int:
    match fact:
        case PetitionNumberGiven():
            return fact.number
        case _:
            assert_never(fact)


PETITIONS: Aggregate[Petition] = Aggregate("petition", evolve)
PETITION_REGISTERS: Aggregate[int] = Aggregate("petition-register", evolve_register)
