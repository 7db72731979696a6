"""An in-depth inquiry into an important problem of the leadership body or its members (Art. 7(2), 13).

The team does no disciplinary review: no command for it exists, and an inquiry into anything else is refused.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import ClassVar, Literal, assert_never

from domain.kernel import (
    Aggregate,
    BodyId,
    ClueId,
    Command,
    Content,
    Fact,
    InquiryId,
    InspectionId,
    Label,
    PersonId,
    PetitionId,
    RoundId,
)
from domain.rulebook import rules

MEETING_ITEM = "in_depth_inquiry"
"""The kind of item of the team affairs meeting that comes before an inquiry. Article 7(2)."""


class InquiryOn(StrEnum):
    """Whom an inquiry would be about. Article 13 allows the first two; the third is asked so that it can be refused."""

    LEADERSHIP_BODY = "leadership_body"
    MEMBER = "member"
    OTHER = "other"


# --- commands --------------------------------------------------------------------------------------------------


class OpenInquiry(Command):
    """Begin an in-depth inquiry into petitions and clues, after the team affairs meeting discussed it. Articles 7, 13.

    `staff` are those of the team who carry it out and may read of it, beside the leader and the deputy leader.
    """

    inspection: InspectionId
    petitions: tuple[PetitionId, ...] = ()
    clues: tuple[ClueId, ...] = ()
    on: InquiryOn
    subject: Content
    staff: tuple[PersonId, ...]
    opened_on: date


class ConcludeInquiry(Command):
    """Conclude an in-depth inquiry: what was found. Article 13."""

    inquiry: InquiryId
    findings: Content
    concluded_on: date


# --- facts -----------------------------------------------------------------------------------------------------


class InquiryOpened(Fact):
    """An in-depth inquiry began. Articles 7, 13. `withheld_from`: the persons its clues concern."""

    label: ClassVar[Label] = Label.INQUIRY
    kind: Literal["inquiry.opened.v1"] = "inquiry.opened.v1"
    inquiry: InquiryId
    round: RoundId
    inspection: InspectionId
    unit: BodyId
    petitions: tuple[PetitionId, ...]
    clues: tuple[ClueId, ...]
    on: InquiryOn
    subject: Content
    staff: tuple[PersonId, ...]
    withheld_from: tuple[PersonId, ...]
    opened_on: date


class InquiryConcluded(Fact):
    """An in-depth inquiry was concluded. Article 13."""

    label: ClassVar[Label] = Label.INQUIRY
    kind: Literal["inquiry.concluded.v1"] = "inquiry.concluded.v1"
    inquiry: InquiryId
    round: RoundId
    inspection: InspectionId
    unit: BodyId
    findings: Content
    concluded_on: date


InquiryFact = InquiryOpened | InquiryConcluded


# --- state -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Inquiry:
    """What decisions need of an in-depth inquiry."""

    round: str
    inspection: str
    unit: str
    opened_on: date
    concerned: tuple[str, ...] = ()
    concluded_on: date | None = None


# --- decisions -------------------------------------------------------------------------------------------------


def open_inquiry(
    state: Inquiry | None,
    inquiry: str,
    command: OpenInquiry,
    *,
    round_: str,
    unit: str,
    entered_on: date | None,
    ended_on: date | None,
    duty: str,
    at_work: Collection[str],
    discussed: bool,
    concerned: tuple[str, ...],
) -> list[InquiryFact]:
    """`at_work`: those of the staff with a live mandate at the unit on that day, not recused, and whom no clue of it
    concerns; `discussed`: whether the team affairs meeting had discussed it by that day."""
    if state is not None:
        return []
    rules.inquiry_led_by_the_leader.demand(duty)
    rules.inquiry_into_what_came_in.demand((*command.petitions, *command.clues), path="petitions")
    rules.inquiry_into_the_leadership_only.demand(command.on, path="on")
    rules.on_site_during_the_inspection.demand(entered_on, ended_on, command.opened_on, path="opened_on")
    rules.inquiry_after_the_meeting.demand(discussed)
    rules.staff_at_work_at_the_unit.demand(command.staff, at_work, path="staff")
    return [
        InquiryOpened(
            inquiry=inquiry,
            round=round_,
            inspection=command.inspection,
            unit=unit,
            petitions=command.petitions,
            clues=command.clues,
            on=command.on,
            subject=command.subject,
            staff=command.staff,
            withheld_from=concerned,
            opened_on=command.opened_on,
        )
    ]


def conclude(state: Inquiry, command: ConcludeInquiry, *, duty: str) -> list[InquiryFact]:
    rules.inquiry_led_by_the_leader.demand(duty)
    rules.inquiry_concluded_once.demand(state.concluded_on is not None)
    rules.conclusion_not_before_opening.demand(state.opened_on, command.concluded_on, path="concluded_on")
    return [
        InquiryConcluded(
            inquiry=command.inquiry,
            round=state.round,
            inspection=state.inspection,
            unit=state.unit,
            findings=command.findings,
            concluded_on=command.concluded_on,
        )
    ]


def evolve(state: Inquiry | None, fact: InquiryFact) -> Inquiry:
    if isinstance(fact, InquiryOpened):
        return Inquiry(fact.round, fact.inspection, fact.unit, fact.opened_on, fact.withheld_from)
    assert state is not None  # noqa: S101  an inquiry's stream begins with its opening
    match fact:
        case InquiryConcluded():
            return replace(state, concluded_on=fact.concluded_on)
        case _:
            assert_never(fact)


INQUIRIES: Aggregate[Inquiry] = Aggregate("inquiry", evolve)
