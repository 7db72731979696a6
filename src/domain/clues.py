"""A clue: registered by the team, reported to the office, or reported directly and then released (Art. 9, 13, 14)."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import ClassVar, Literal, NamedTuple, assert_never

from domain.kernel import (
    Aggregate,
    BodyId,
    ClueId,
    Code,
    Command,
    Content,
    Fact,
    InspectionId,
    Label,
    PersonId,
    PetitionId,
    RoundId,
)
from domain.rulebook import rules
from domain.rulebook.obligations import Hope


class Managed(StrEnum):
    """Who has the authority to manage the cadre a clue is about. Articles 14, 15."""

    CITY = "city"
    UNIT = "unit"
    NOT_A_CADRE = "not_a_cadre"
    UNKNOWN = "unknown"


# --- commands --------------------------------------------------------------------------------------------------


class RegisterClue(Command):
    """Register a clue about the unit's leadership body, its members, or those it heads. Articles 9, 13, 14.

    `petitions` are those it comes from, if any: each is thereby handled as turned into a clue. `concerned` are
    persons of the directory the clue is about. `summary` shows no source. `major_problem` names the major problem it
    is about, if any. A `restricted` clue is meant for a direct report: only the leader, and whoever registers it,
    knows of it.
    """

    inspection: InspectionId
    petitions: tuple[PetitionId, ...] = ()
    category: Code
    item: Code | None = None
    concerned: tuple[PersonId, ...] = ()
    managed: Managed
    major_problem: Code | None = None
    restricted: Literal[0, 1] = 0
    first_known_on: date
    registered_on: date
    text: Content
    summary: Content


class ReportClue(Command):
    """Report a clue to the office; `report` is what the office gets to read. Articles 14, 16."""

    clue: ClueId
    reported_on: date
    report: Content


class ReportDirectly(Command):
    """Report a clue to a head of the leading group or to the party secretary, past the office. Article 14.

    `special_circumstances` say what makes it special; `named` are persons the leader lets know. Nobody else knows of
    the clue from then on until its addressee releases it.
    """

    clue: ClueId
    addressee: PersonId
    special_circumstances: Content
    report: Content
    named: tuple[PersonId, ...] = ()
    reported_on: date


class NameToKnow(Command):
    """Let further persons know of a clue reported directly to oneself. Article 14."""

    clue: ClueId
    persons: tuple[PersonId, ...]
    named_on: date


class ReleaseClue(Command):
    """Release a clue reported directly to oneself: it goes on as one reported to the office. Article 14."""

    clue: ClueId
    instruction: Content | None = None
    released_on: date


# --- facts -----------------------------------------------------------------------------------------------------


class ClueRegistered(Fact):
    """A clue is on record. Articles 9, 13, 14."""

    label: ClassVar[Label] = Label.CLUE
    kind: Literal["clue.registered.v1"] = "clue.registered.v1"
    clue: ClueId
    round: RoundId
    inspection: InspectionId
    unit: BodyId
    petitions: tuple[PetitionId, ...]
    category: Code
    item: Code | None = None
    concerned: tuple[PersonId, ...]
    managed: Managed
    first_known_on: date
    registered_on: date
    text: Content
    summary: Content
    major_problem: Code | None = None
    restricted: Literal[0, 1] | None = None
    hoped: Hope | None = None


class ClueListed(Fact):
    """A clue stands on its inspection's list, so that none can be left out of the report unseen. Articles 16, 24(2).

    `restricted` is 1 for one that is reported directly and known to nobody else until it is released (Art. 14); a
    clue that becomes so, or is released, is listed again.
    """

    label: ClassVar[Label] = Label.CLUE
    kind: Literal["clue-register.clue-listed.v1"] = "clue-register.clue-listed.v1"
    inspection: InspectionId
    clue: ClueId
    restricted: Literal[0, 1] = 0


class ClueReported(Fact):
    """A clue reached the office. Articles 14, 16."""

    label: ClassVar[Label] = Label.CLUE
    kind: Literal["clue.reported.v1"] = "clue.reported.v1"
    clue: ClueId
    round: RoundId
    inspection: InspectionId
    unit: BodyId
    reported_on: date
    report: Content
    first_known_on: date | None = None
    major_problem: Code | None = None
    hoped: Hope | None = None
    withheld_from: tuple[PersonId, ...]


class ClueReportedDirectly(Fact):
    """The leader reported a clue past the office, and why so; only these persons know of it. Article 14."""

    label: ClassVar[Label] = Label.CLUE
    kind: Literal["clue.reported-directly.v1"] = "clue.reported-directly.v1"
    clue: ClueId
    round: RoundId
    inspection: InspectionId
    unit: BodyId
    addressee: PersonId
    named: tuple[PersonId, ...]
    concerned: tuple[PersonId, ...]
    special_circumstances: Content
    report: Content
    summary: Content
    major_problem: Code | None = None
    first_known_on: date
    reported_on: date


class ClueMadeKnown(Fact):
    """The addressee of a direct report let further persons know. Article 14."""

    label: ClassVar[Label] = Label.CLUE
    kind: Literal["clue.made-known.v1"] = "clue.made-known.v1"
    clue: ClueId
    round: RoundId
    inspection: InspectionId
    unit: BodyId
    persons: tuple[PersonId, ...]
    named_on: date


class ClueReleased(Fact):
    """The addressee released a direct report; the office knows of the clue from here on. Article 14.

    It carries what the office goes on with, and no more.
    """

    label: ClassVar[Label] = Label.CLUE
    kind: Literal["clue.released.v1"] = "clue.released.v1"
    clue: ClueId
    round: RoundId
    inspection: InspectionId
    unit: BodyId
    concerned: tuple[PersonId, ...]
    major_problem: Code | None = None
    first_known_on: date
    registered_on: date
    reported_on: date
    released_on: date
    report: Content
    instruction: Content | None = None
    hoped: Hope | None = None


ClueFact = ClueRegistered | ClueReported | ClueReportedDirectly | ClueMadeKnown | ClueReleased
ClueRegisterFact = ClueListed


# --- state -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Clue:
    """What decisions need of a clue."""

    round: str
    inspection: str
    unit: str
    concerned: tuple[str, ...]
    managed: str
    registered_on: date
    first_known_on: date
    summary: Content = field(compare=False, repr=False)
    major_problem: str | None = None
    restricted: bool = False
    """Known to the leader, the addressee of the direct report and whom they name, and to nobody else."""
    report: Content | None = field(default=None, compare=False, repr=False)
    """What the office, or the addressee, got to read; it goes on with what follows."""
    reported_on: date | None = None
    addressee: str | None = None
    named: tuple[str, ...] = ()
    released_on: date | None = None
    hoped: Hope | None = None

    @property
    def reached_office_on(self) -> date | None:
        """The day the office came to know what the clue says."""
        return self.reported_on if self.addressee is None else self.released_on


class Listed(NamedTuple):
    """A clue on its inspection's list, and whether it is restricted now: listed again, it is as it was listed last."""

    clue: str
    restricted: bool


def register_of(inspection: str) -> str:
    """The stream that lists an inspection's clues."""
    return "clue-register:" + inspection.partition(":")[2]


# --- decisions -------------------------------------------------------------------------------------------------


def register(
    state: Clue | None,
    clue: str,
    command: RegisterClue,
    *,
    round_: str,
    unit: str,
    duty: str,
    petitions_fit: bool,
    categories: tuple[str, ...],
    items: Collection[str] | None = None,
    hoped: Hope | None = None,
) -> list[ClueFact]:
    """`items`: the codes the edition lists under the clue's category; None leaves the item unasked. `hoped`: by when a
    grave clue is hoped to reach the office, where the edition gives guidance for 及时 (promptly); of others it is not.
    """
    if state is not None:
        return []
    rules.category_known.demand(command.category, categories, path="category")
    if command.item is not None and items is not None:
        rules.item_of_the_category.demand(command.item, items, path="item")
    rules.first_known_not_after_registration.demand(
        command.first_known_on, command.registered_on, path="first_known_on"
    )
    rules.clue_from_petitions_of_this_inspection.demand(petitions_fit, path="petitions")
    rules.restricted_by_leader_or_deputy.demand(command.restricted, duty, path="restricted")
    grave = rules.direct_report_of_a_grave_matter.holds(command.managed, command.major_problem)
    return [
        ClueRegistered(
            clue=clue,
            round=round_,
            inspection=command.inspection,
            unit=unit,
            petitions=command.petitions,
            category=command.category,
            item=command.item,
            concerned=command.concerned,
            managed=command.managed,
            first_known_on=command.first_known_on,
            registered_on=command.registered_on,
            text=command.text,
            summary=command.summary,
            major_problem=command.major_problem,
            restricted=command.restricted,
            hoped=hoped if grave else None,
        )
    ]


def report(state: Clue, command: ReportClue) -> list[ClueFact]:
    rules.reported_once.demand(state.reported_on is not None)
    rules.restricted_reported_directly.demand(state.restricted)
    rules.report_not_before_knowledge.demand(state.first_known_on, command.reported_on, path="reported_on")
    return [
        ClueReported(
            clue=command.clue,
            round=state.round,
            inspection=state.inspection,
            unit=state.unit,
            reported_on=command.reported_on,
            report=command.report,
            first_known_on=state.first_known_on,
            major_problem=state.major_problem,
            hoped=state.hoped,
            withheld_from=state.concerned,
        )
    ]


def report_directly(
    state: Clue,
    command: ReportDirectly,
    *,
    summary: Content,
    another_way: bool,
    addressee_left: bool,
    in_post: Collection[str],
    may_know: Collection[str],
    concerned: Collection[str],
) -> list[ClueFact]:
    """Once, and again where its addressee left the post before releasing it: somebody has to go on with it.

    `another_way`: it is being transferred under Article 15, or was, and the office knows of it; `in_post`: the
    addressee, where in such a post on that day; `may_know`: those of the named who can be let know; `concerned`: whom
    of them the clue concerns."""
    rules.reported_once.demand(state.reported_on is not None and not (state.restricted and addressee_left))
    rules.one_proposal_at_a_time.demand(another_way)
    rules.direct_report_of_a_grave_matter.demand(state.managed, state.major_problem)
    since = max(state.first_known_on, state.reported_on or state.first_known_on)
    rules.report_not_before_knowledge.demand(since, command.reported_on, path="reported_on")
    rules.direct_report_to_who_may.demand(command.addressee, in_post, concerned, path="addressee")
    rules.known_to_group_and_team_only.demand(command.named, may_know, concerned, path="named")
    return [
        ClueReportedDirectly(
            clue=command.clue,
            round=state.round,
            inspection=state.inspection,
            unit=state.unit,
            addressee=command.addressee,
            named=command.named,
            concerned=state.concerned,
            special_circumstances=command.special_circumstances,
            report=command.report,
            summary=summary,
            major_problem=state.major_problem,
            first_known_on=state.first_known_on,
            reported_on=command.reported_on,
        )
    ]


def name_to_know(
    state: Clue, command: NameToKnow, *, doer: str, may_know: Collection[str], concerned: Collection[str]
) -> list[ClueFact]:
    """`may_know`: those of the persons who can be let know; `concerned`: whom of them the clue concerns."""
    rules.decided_by_its_addressee.demand(doer, state.addressee)
    rules.direct_report_awaits_its_addressee.demand(state.restricted)
    rules.somebody_named.demand(command.persons, path="persons")
    rules.known_to_group_and_team_only.demand(command.persons, may_know, concerned, path="persons")
    rules.not_before_the_direct_report.demand(state.reported_on, command.named_on, path="named_on")
    if new := tuple(p for p in dict.fromkeys(command.persons) if p not in state.named):
        return [
            ClueMadeKnown(
                clue=command.clue,
                round=state.round,
                inspection=state.inspection,
                unit=state.unit,
                persons=new,
                named_on=command.named_on,
            )
        ]
    return []


def release(state: Clue, command: ReleaseClue, *, doer: str, report: Content) -> list[ClueFact]:
    """`report`: the direct report, to be written where the office can read it."""
    rules.decided_by_its_addressee.demand(doer, state.addressee)
    rules.direct_report_awaits_its_addressee.demand(state.restricted)
    rules.not_before_the_direct_report.demand(state.reported_on, command.released_on, path="released_on")
    return [
        ClueReleased(
            clue=command.clue,
            round=state.round,
            inspection=state.inspection,
            unit=state.unit,
            concerned=state.concerned,
            major_problem=state.major_problem,
            first_known_on=state.first_known_on,
            registered_on=state.registered_on,
            reported_on=state.reported_on or command.released_on,
            released_on=command.released_on,
            report=report,
            instruction=command.instruction,
            hoped=state.hoped,
        )
    ]


def list_again(clue: str, inspection: str, *, restricted: bool) -> list[ClueRegisterFact]:
    """The line of the inspection's list for this clue, as it is from now on."""
    return [ClueListed(inspection=inspection, clue=clue, restricted=1 if restricted else 0)]


def evolve(state: Clue | None, fact: ClueFact) -> Clue:
    if isinstance(fact, ClueRegistered):
        return Clue(
            fact.round,
            fact.inspection,
            fact.unit,
            fact.concerned,
            fact.managed,
            fact.registered_on,
            fact.first_known_on,
            fact.summary,
            fact.major_problem,
            restricted=bool(fact.restricted),
            hoped=fact.hoped,
        )
    assert state is not None  # noqa: S101  a clue's stream begins with its registration
    match fact:
        case ClueReported():
            return replace(state, reported_on=fact.reported_on, report=fact.report)
        case ClueReportedDirectly():
            return replace(
                state,
                restricted=True,
                reported_on=fact.reported_on,
                addressee=fact.addressee,
                named=fact.named,
                report=fact.report,
            )
        case ClueMadeKnown():
            return replace(state, named=(*state.named, *fact.persons))
        case ClueReleased():
            return replace(state, restricted=False, released_on=fact.released_on)
        case _:
            assert_never(fact)


def evolve_register(state: tuple[Listed, ...] | None, fact: ClueRegisterFact) -> tuple[Listed, ...]:
    match fact:
        case ClueListed():
            others = tuple(listed for listed in state or () if listed.clue != fact.clue)
            return (*others, Listed(fact.clue, bool(fact.restricted)))
        case _:
            assert_never(fact)


CLUES: Aggregate[Clue] = Aggregate("clue", evolve)
CLUE_REGISTERS: Aggregate[tuple[Listed, ...]] = Aggregate("clue-register", evolve_register)
