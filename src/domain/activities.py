"""An activity: one use of one of the thirteen ways of working on site, and what came of it (Art. 12)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Literal, assert_never

from domain.kernel import (
    ActivityId,
    Aggregate,
    BodyId,
    Code,
    Command,
    Content,
    Fact,
    Identity,
    InspectionId,
    Label,
    PersonId,
    RoundId,
    Value,
)
from domain.rulebook import rules

INTERVIEW = "interview"
"""The way the text asks most of: enough staff, and a record. Article 12(2)."""

# --- values ----------------------------------------------------------------------------------------------------


class PersonMet(Value):
    """Somebody heard, asked or visited: a source, sealed under a key of its own. Article 12(2), (5), (10)."""

    name: Identity
    role: Identity | None = None


class AskedInVain(Value):
    """What was asked for and not given, and the reason that was given for it. Articles 12, 25(2)."""

    what: Content
    why: Content


class SoughtInVain(Value):
    """What was looked for and not found. Articles 12, 24(1)."""

    what: Content


# --- commands --------------------------------------------------------------------------------------------------


class RecordActivity(Command):
    """Put one use of a way of working on record: where, who, what was said and seen, what came of it. Article 12.

    `staff` are those of the team who took part. `others` are the sources: who was talked with, asked or visited;
    `member` is the member of the leadership body who was talked with. `decision` is cited for a way that needs one.
    `reason` says why an interview was held by fewer staff than is normal.
    """

    inspection: InspectionId
    way: Code
    place: Content
    staff: tuple[PersonId, ...]
    others: tuple[PersonMet, ...] = ()
    member: PersonId | None = None
    decision: Content | None = None
    record: Content | None = None
    outcome: Content
    not_given: tuple[AskedInVain, ...] = ()
    not_found: tuple[SoughtInVain, ...] = ()
    reason: Content | None = None
    held_on: date


# --- facts -----------------------------------------------------------------------------------------------------


class ActivityRecorded(Fact):
    """A way of working was used; what came of it, and what did not. Article 12.

    `departures` names the rules that allow an exception and were departed from, for the reason given.
    """

    label: ClassVar[Label] = Label.ACTIVITY
    kind: Literal["activity.recorded.v1"] = "activity.recorded.v1"
    activity: ActivityId
    round: RoundId
    inspection: InspectionId
    unit: BodyId
    way: Code
    place: Content
    staff: tuple[PersonId, ...]
    others: tuple[PersonMet, ...]
    member: PersonId | None = None
    decision: Content | None = None
    record: Content | None = None
    outcome: Content
    not_given: tuple[AskedInVain, ...]
    not_found: tuple[SoughtInVain, ...]
    reason: Content | None = None
    departures: tuple[Code, ...]
    held_on: date


ActivityFact = ActivityRecorded


# --- state -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Activity:
    """What decisions need of an activity."""

    inspection: str
    unit: str


# --- decisions -------------------------------------------------------------------------------------------------


def record(
    state: Activity | None,
    activity: str,
    command: RecordActivity,
    *,
    round_: str,
    unit: str,
    entered_on: date | None,
    ended_on: date | None,
    doer: str,
    duty: str,
    at_work: Collection[str],
    leadership: Collection[str],
    way_needs_decision: bool,
    interview_minimum: int,
    fewer_staff_with_a_reason: bool,
) -> list[ActivityFact]:
    """`at_work`: those of the staff with a live mandate at the unit on that day, not recused; `leadership`: the member,
    if a member on that day or in the period inspected; `fewer_staff_with_a_reason`: whether the edition allows it."""
    if state is not None:
        return []
    interview = command.way == INTERVIEW
    rules.on_site_during_the_inspection.demand(entered_on, ended_on, command.held_on, path="held_on")
    rules.staff_at_work_at_the_unit.demand(command.staff, at_work, path="staff")
    rules.recorded_by_who_took_part.demand(doer, command.staff, duty, path="staff")
    rules.way_rests_on_decision.demand(way_needs_decision, command.decision is not None, path="decision")
    rules.interview_has_a_record.demand(interview, command.record is not None, path="record")
    rules.interview_names_who_was_heard.demand(interview, bool(command.others or command.member), path="others")
    rules.member_of_the_leadership_body.demand(command.member, leadership, path="member")
    allowed = command.reason is not None and fewer_staff_with_a_reason
    enough = rules.interview_by_enough_staff
    enough.demand(interview, len(command.staff), interview_minimum, allowed, path="staff")
    departed = not enough.holds(interview, len(command.staff), interview_minimum, False)
    return [
        ActivityRecorded(
            activity=activity,
            round=round_,
            inspection=command.inspection,
            unit=unit,
            way=command.way,
            place=command.place,
            staff=command.staff,
            others=command.others,
            member=command.member,
            decision=command.decision,
            record=command.record,
            outcome=command.outcome,
            not_given=command.not_given,
            not_found=command.not_found,
            reason=command.reason,
            departures=(enough.name,) if departed else (),
            held_on=command.held_on,
        )
    ]


def evolve(state: Activity | None, fact: ActivityFact) -> Activity:
    match fact:
        case ActivityRecorded():
            return Activity(fact.inspection, fact.unit)
        case _:
            assert_never(fact)


ACTIVITIES: Aggregate[Activity] = Aggregate("activity", evolve)
