"""A publication: a redacted text, approved, made public, dated (Art. 21)."""

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import ClassVar, Literal, assert_never

from domain.kernel import (
    Aggregate,
    BodyId,
    Command,
    Content,
    Fact,
    InspectionId,
    Label,
    PublicationId,
    RoundId,
    Sealed,
    Secret,
)
from domain.rulebook import rules

# --- values ----------------------------------------------------------------------------------------------------


class Subject(StrEnum):
    """What is made public. Article 21. The first three must be, others may."""

    ENTRY = "entry"
    FEEDBACK = "feedback"
    RECTIFICATION = "rectification"
    OTHER = "other"


MUST_BE_PUBLIC = (Subject.ENTRY, Subject.FEEDBACK, Subject.RECTIFICATION)
"""The text names these and sets no period: what is missing is shown, and is no breach. Article 21."""


# --- commands --------------------------------------------------------------------------------------------------


class ProposePublication(Command):
    """Propose a text to be made public, with nothing in it that must not be. Article 21."""

    inspection: InspectionId
    of: Subject
    text: Content
    proposed_on: date


class DecidePublication(Command):
    """Approve the text, or turn it down with a reason. Article 21 (c). `redacted` says that it was read for sources."""

    publication: PublicationId
    approved: Literal[0, 1]
    redacted: Literal[0, 1] = 0
    reason: Content | None = None
    decided_on: date


class Publish(Command):
    """Make the approved text public: where, on which day. Article 21."""

    publication: PublicationId
    where: Content
    published_on: date


# --- facts -----------------------------------------------------------------------------------------------------


class PublicationProposed(Fact):
    """A text was proposed to be made public. Article 21."""

    label: ClassVar[Label] = Label.PUBLICATION
    kind: Literal["publication.proposed.v1"] = "publication.proposed.v1"
    publication: PublicationId
    inspection: InspectionId
    round: RoundId
    unit: BodyId
    of: Subject
    text: Content
    proposed_on: date


class PublicationDecided(Fact):
    """The text was approved or turned down. Article 21 (c)."""

    label: ClassVar[Label] = Label.PUBLICATION
    kind: Literal["publication.decided.v1"] = "publication.decided.v1"
    publication: PublicationId
    inspection: InspectionId
    round: RoundId
    unit: BodyId
    of: Subject
    approved: Literal[0, 1]
    redacted: Literal[0, 1]
    reason: Content | None = None
    decided_on: date


class PublicationMade(Fact):
    """The approved text is public: carried once more, for those who see only what is. Article 21."""

    label: ClassVar[Label] = Label.PUBLICATION
    kind: Literal["publication.made.v1"] = "publication.made.v1"
    publication: PublicationId
    inspection: InspectionId
    round: RoundId
    unit: BodyId
    of: Subject
    text: Content
    where: Content
    published_on: date


PublicationFact = PublicationProposed | PublicationDecided | PublicationMade


# --- state -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Publication:
    """What decisions need of a publication."""

    inspection: str
    round: str
    unit: str
    of: Subject
    text: Secret | Sealed
    proposed_on: date
    approved: bool | None = None
    decided_on: date | None = None
    published_on: date | None = None


# --- decisions -------------------------------------------------------------------------------------------------


def propose(
    state: Publication | None,
    publication: str,
    command: ProposePublication,
    *,
    round_: str,
    unit: str,
    happened_on: date | None,
) -> list[PublicationFact]:
    """`happened_on`: the day of what is to be made public, if it has happened."""
    if state is not None:
        return []
    if command.of in MUST_BE_PUBLIC:
        rules.public_after_it_happened.demand(happened_on, command.proposed_on, path="of")
    return [
        PublicationProposed(
            publication=publication,
            inspection=command.inspection,
            round=round_,
            unit=unit,
            of=command.of,
            text=command.text,
            proposed_on=command.proposed_on,
        )
    ]


def decide(state: Publication, command: DecidePublication) -> list[PublicationFact]:
    rules.publication_awaits_decision.demand(state.approved is None)
    rules.public_text_is_redacted.demand(command.approved, command.redacted, path="redacted")
    rules.publication_turned_down_with_a_reason.demand(command.approved, command.reason is not None, path="reason")
    rules.publication_decided_not_before_proposed.demand(state.proposed_on, command.decided_on, path="decided_on")
    return [
        PublicationDecided(
            publication=command.publication,
            inspection=state.inspection,
            round=state.round,
            unit=state.unit,
            of=state.of,
            approved=command.approved,
            redacted=command.redacted,
            reason=command.reason,
            decided_on=command.decided_on,
        )
    ]


def publish(state: Publication, command: Publish, *, text: Secret) -> list[PublicationFact]:
    """`text`: the approved one, word for word."""
    rules.public_after_approval.demand(bool(state.approved))
    rules.made_public_once.demand(state.published_on is not None)
    rules.public_not_before_approval.demand(state.decided_on, command.published_on, path="published_on")
    return [
        PublicationMade(
            publication=command.publication,
            inspection=state.inspection,
            round=state.round,
            unit=state.unit,
            of=state.of,
            text=text,
            where=command.where,
            published_on=command.published_on,
        )
    ]


def evolve(state: Publication | None, fact: PublicationFact) -> Publication:
    if isinstance(fact, PublicationProposed):
        return Publication(fact.inspection, fact.round, fact.unit, fact.of, fact.text, fact.proposed_on)
    assert state is not None  # noqa: S101  a publication's stream begins with its proposal
    match fact:
        case PublicationDecided():
            return replace(state, approved=bool(fact.approved), decided_on=fact.decided_on)
        case PublicationMade():
            return replace(state, published_on=fact.published_on)
        case _:
            assert_never(fact)


PUBLICATIONS: Aggregate[Publication] = Aggregate("publication", evolve)
