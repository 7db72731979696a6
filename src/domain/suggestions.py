"""A handling suggestion to the unit during the inspection: proposed, approved, made, answered (Art. 15)."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from typing import ClassVar, Literal, assert_never

from domain.kernel import (
    Aggregate,
    BodyId,
    ClueId,
    Command,
    Content,
    Fact,
    InspectionId,
    Label,
    Manner,
    PersonId,
    PetitionId,
    RoundId,
    Sealed,
    Secret,
    SuggestionId,
    Value,
)
from domain.rulebook import rules

# --- values ----------------------------------------------------------------------------------------------------


class Conditions(Value):
    """Why the problem may be suggested for handling: all three conditions, each stated. Article 15."""

    strong_public_reaction: Content
    plainly_against_the_rules: Content
    soon_solvable: Content


# --- commands --------------------------------------------------------------------------------------------------


class ProposeSuggestion(Command):
    """Put a handling suggestion up for approval, stating the three conditions. Article 15.

    `text` is what the unit will read: worded so that no source shows behind it. `petitions` and `clues` are where it
    comes from; neither unit nor office is shown them.
    """

    inspection: InspectionId
    text: Content
    conditions: Conditions
    petitions: tuple[PetitionId, ...] = ()
    clues: tuple[ClueId, ...] = ()
    proposed_on: date


class DecideSuggestion(Command):
    """Approve a handling suggestion, or withhold approval with a reason. Article 15."""

    suggestion: SuggestionId
    approved: Literal[0, 1]
    reason: Content | None = None
    decided_on: date


class MakeSuggestion(Command):
    """Make an approved handling suggestion to named persons of the unit. Article 15."""

    suggestion: SuggestionId
    recipients: tuple[PersonId, ...]
    how: Manner = Manner.IN_PERSON
    made_on: date


class AnswerSuggestion(Command):
    """Answer a handling suggestion: what the unit did about it. Article 15."""

    suggestion: SuggestionId
    account: Content
    answered_on: date


# --- facts -----------------------------------------------------------------------------------------------------


class SuggestionProposed(Fact):
    """A handling suggestion was put up for approval. Article 15. `withheld_from`: the persons its clues concern."""

    label: ClassVar[Label] = Label.SUGGESTION
    kind: Literal["suggestion.proposed.v1"] = "suggestion.proposed.v1"
    suggestion: SuggestionId
    round: RoundId
    inspection: InspectionId
    unit: BodyId
    text: Content
    conditions: Conditions
    petitions: tuple[PetitionId, ...]
    clues: tuple[ClueId, ...]
    withheld_from: tuple[PersonId, ...]
    proposed_on: date


class SuggestionDecided(Fact):
    """A handling suggestion was approved, or not and why. Article 15."""

    label: ClassVar[Label] = Label.SUGGESTION
    kind: Literal["suggestion.decided.v1"] = "suggestion.decided.v1"
    suggestion: SuggestionId
    round: RoundId
    inspection: InspectionId
    unit: BodyId
    approved: Literal[0, 1]
    reason: Content | None = None
    decided_on: date


class SuggestionMade(Fact):
    """A handling suggestion was made to named persons of the unit, in these words. Article 15."""

    label: ClassVar[Label] = Label.SUGGESTION
    kind: Literal["suggestion.made.v1"] = "suggestion.made.v1"
    suggestion: SuggestionId
    round: RoundId
    inspection: InspectionId
    unit: BodyId
    text: Content
    recipients: tuple[PersonId, ...]
    how: Manner
    made_on: date


class SuggestionAnswered(Fact):
    """The unit said what it did about a handling suggestion. Article 15."""

    label: ClassVar[Label] = Label.SUGGESTION
    kind: Literal["suggestion.answered.v1"] = "suggestion.answered.v1"
    suggestion: SuggestionId
    round: RoundId
    inspection: InspectionId
    unit: BodyId
    account: Content
    answered_by: PersonId
    answered_on: date


SuggestionFact = SuggestionProposed | SuggestionDecided | SuggestionMade | SuggestionAnswered


# --- state -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Suggestion:
    """What decisions need of a handling suggestion."""

    round: str
    inspection: str
    unit: str
    text: Sealed | Secret
    """Written again when it is made."""
    proposed_on: date
    concerned: tuple[str, ...] = ()
    approved: bool | None = None
    decided_on: date | None = None
    made_on: date | None = None
    answered_on: date | None = None


# --- decisions -------------------------------------------------------------------------------------------------


def propose(
    state: Suggestion | None,
    suggestion: str,
    command: ProposeSuggestion,
    *,
    round_: str,
    unit: str,
    entered_on: date | None,
    ended_on: date | None,
    duty: str,
    concerned: tuple[str, ...],
) -> list[SuggestionFact]:
    if state is not None:
        return []
    rules.suggestion_signed_by_the_leader.demand(duty)
    rules.suggestion_during_the_inspection.demand(entered_on, ended_on, command.proposed_on, path="proposed_on")
    return [
        SuggestionProposed(
            suggestion=suggestion,
            round=round_,
            inspection=command.inspection,
            unit=unit,
            text=command.text,
            conditions=command.conditions,
            petitions=command.petitions,
            clues=command.clues,
            withheld_from=concerned,
            proposed_on=command.proposed_on,
        )
    ]


def decide(
    state: Suggestion, command: DecideSuggestion, *, entered_on: date | None, ended_on: date | None
) -> list[SuggestionFact]:
    rules.suggestion_decided_once.demand(state.approved is not None)
    rules.suggestion_decision_not_before_proposal.demand(state.proposed_on, command.decided_on, path="decided_on")
    rules.suggestion_during_the_inspection.demand(entered_on, ended_on, command.decided_on, path="decided_on")
    rules.suggestion_declined_with_a_reason.demand(command.approved, command.reason is not None, path="reason")
    return [
        SuggestionDecided(
            suggestion=command.suggestion,
            round=state.round,
            inspection=state.inspection,
            unit=state.unit,
            approved=command.approved,
            reason=command.reason,
            decided_on=command.decided_on,
        )
    ]


def make(
    state: Suggestion,
    command: MakeSuggestion,
    *,
    text: Secret,
    entered_on: date | None,
    ended_on: date | None,
    duty: str,
    of_the_unit: Collection[str],
) -> list[SuggestionFact]:
    """`text`: the approved words, carried over; `of_the_unit`: those of the recipients with a post there that day."""
    rules.suggestion_signed_by_the_leader.demand(duty)
    rules.suggestion_after_approval.demand(bool(state.approved))
    rules.suggestion_made_once.demand(state.made_on is not None)
    rules.suggestion_not_before_approval.demand(state.decided_on, command.made_on, path="made_on")
    rules.suggestion_during_the_inspection.demand(entered_on, ended_on, command.made_on, path="made_on")
    rules.delivered_to_named_persons.demand(command.recipients, of_the_unit, path="recipients")
    return [
        SuggestionMade(
            suggestion=command.suggestion,
            round=state.round,
            inspection=state.inspection,
            unit=state.unit,
            text=text,
            recipients=command.recipients,
            how=command.how,
            made_on=command.made_on,
        )
    ]


def answer(state: Suggestion, command: AnswerSuggestion, *, answered_by: str) -> list[SuggestionFact]:
    rules.suggestion_made_before_answered.demand(state.made_on is not None)
    rules.suggestion_answered_once.demand(state.answered_on is not None)
    rules.suggestion_answer_not_before_making.demand(state.made_on, command.answered_on, path="answered_on")
    return [
        SuggestionAnswered(
            suggestion=command.suggestion,
            round=state.round,
            inspection=state.inspection,
            unit=state.unit,
            account=command.account,
            answered_by=answered_by,
            answered_on=command.answered_on,
        )
    ]


def evolve(state: Suggestion | None, fact: SuggestionFact) -> Suggestion:
    if isinstance(fact, SuggestionProposed):
        return Suggestion(
            fact.round, fact.inspection, fact.unit, fact.text, fact.proposed_on, concerned=fact.withheld_from
        )
    assert state is not None  # noqa: S101  a suggestion's stream begins with its proposal
    match fact:
        case SuggestionDecided():
            return replace(state, approved=bool(fact.approved), decided_on=fact.decided_on)
        case SuggestionMade():
            return replace(state, made_on=fact.made_on)
        case SuggestionAnswered():
            return replace(state, answered_on=fact.answered_on)
        case _:
            assert_never(fact)


SUGGESTIONS: Aggregate[Suggestion] = Aggregate("suggestion", evolve)
