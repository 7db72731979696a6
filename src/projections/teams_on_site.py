"""What a team sees of its work on site: meetings, activities, talks, documents, inquiries, suggestions (Art. 7, 12 to
15). Of each the leader, the deputy leader, and who took part; to nobody a source's name."""

from datetime import date
from typing import Any
from uuid import uuid5

from domain.activities import INTERVIEW, ActivityRecorded, AskedInVain, SoughtInVain
from domain.documents import DocumentsRequested
from domain.inquiries import InquiryConcluded, InquiryOpened
from domain.inspections import InspectionAssigned
from domain.kernel import Content, Entry, Value
from domain.people import PersonAppointed, PersonAppointmentEnded, PersonAppointmentWithdrawn
from domain.rulebook.posts import LEADERSHIP_POSTS, Duty, Power
from domain.suggestions import Conditions, SuggestionProposed
from domain.teams import MeetingHeld
from projections.on_site import (
    DocumentRequestRow,
    after_proposal,
    document_request_key,
    document_requests_for,
    suggestion_key,
)
from projections.rows import Row, step_of
from projections.shelf import View
from projections.teams import with_power

LEADERS = (Duty.LEADER, Duty.DEPUTY_LEADER)


def at_work(inspection: str, *whose: str) -> tuple[str, ...]:
    """Identities: the leader, the deputy leader and these persons, while the inspection lasts and is being closed."""
    return tuple(
        identity
        for power in (Power.ON_SITE, Power.CLOSING)
        for identity in with_power(inspection, power, *LEADERS, *whose)
    )


class MeetingRow(Row):
    """One thing a team affairs meeting discussed. Article 7. **Source** `team.meeting-held`.

    Read by those who were there, the leader and the deputy leader: one row for each thing discussed, so that whoever
    is recused from its unit later keeps the others.
    """

    meeting: str
    team: str
    round: str
    inspection: str | None
    held_on: date
    attendees: tuple[str, ...]
    absentees: tuple[str, ...]
    kind: str
    about: str | None
    subject: Content
    views: Content | None
    conclusion: Content


def _item_id(entry: Entry[Any], number: int) -> str:
    """A name that does not tell which of how many items it is."""
    return f"meeting-item:{uuid5(entry.command, f'{entry.ordinal}|{number}')}"


def meetings(row: MeetingRow | None, entry: Entry[Any], key: str) -> MeetingRow | None:
    match entry.fact:
        case MeetingHeld() as fact:
            number = next(n for n in range(1, len(fact.items) + 1) if _item_id(entry, n) == key)
            item, place = fact.items[number - 1], next((p for p in fact.places or () if p.item == number), None)
            if place is None:
                readers = tuple(f"{fact.team}/own/{each}" for each in (*LEADERS, *fact.attendees))
            else:
                readers = at_work(place.inspection, *fact.attendees)
                if item.about == place.inspection:  # nothing behind it: it can come before entry, too
                    readers += with_power(place.inspection, Power.PREPARATION, *LEADERS, *fact.attendees)
            return MeetingRow(
                id=key,
                readers=readers,
                withheld_from=place.withheld_from if place else (),
                order=f"{fact.held_on.isoformat()}/{key}",
                steps=(step_of(entry),),
                meeting=fact.meeting,
                team=fact.team,
                round=fact.round,
                inspection=place.inspection if place else None,
                held_on=fact.held_on,
                attendees=fact.attendees,
                absentees=fact.absentees,
                kind=item.kind,
                about=item.about,
                subject=item.subject,
                views=item.views,
                conclusion=item.conclusion,
            )
    return row


def meeting_key(entry: Entry[Any]) -> tuple[str, ...] | None:
    match entry.fact:
        case MeetingHeld() as fact:
            return tuple(_item_id(entry, n) for n in range(1, len(fact.items) + 1))
    return None


class ActivityRow(Row):
    """One use of a way of working on site, and what came of it. Article 12. **Source** `activity.recorded`.

    Who was heard, but for members of the leadership body, is a source and stands in no row. `departures` names the
    rules an exception was made from, for `reason`.
    """

    round: str
    inspection: str
    unit: str
    way: str
    place: Content
    staff: tuple[str, ...]
    member: str | None
    decision: Content | None
    record: Content | None
    outcome: Content
    not_given: tuple[AskedInVain, ...]
    not_found: tuple[SoughtInVain, ...]
    reason: Content | None
    departures: tuple[str, ...]
    held_on: date


def activities(row: ActivityRow | None, entry: Entry[Any]) -> ActivityRow | None:
    match entry.fact:
        case ActivityRecorded() as fact:
            return ActivityRow(
                id=fact.activity,
                readers=at_work(fact.inspection, *fact.staff),
                order=f"{fact.held_on.isoformat()}/{fact.activity}",
                steps=(step_of(entry),),
                round=fact.round,
                inspection=fact.inspection,
                unit=fact.unit,
                way=fact.way,
                place=fact.place,
                staff=fact.staff,
                member=fact.member,
                decision=fact.decision,
                record=fact.record,
                outcome=fact.outcome,
                not_given=fact.not_given,
                not_found=fact.not_found,
                reason=fact.reason,
                departures=fact.departures,
                held_on=fact.held_on,
            )
    return row


def activity_key(entry: Entry[Any]) -> str | None:
    return entry.stream if isinstance(entry.fact, ActivityRecorded) else None


class LeadershipItem(Value):
    """A post in the leadership body, and when its holder was first talked with: never, where there is no day.

    Articles 8, 12(2).
    """

    appointment: str
    person: str
    post: str
    from_on: date
    until_on: date | None
    talked_on: date | None = None


class TalksRow(Row):
    """Who of a unit's leadership body was talked with in its inspection, and who was not yet. Article 12(2).

    One row for each unit, of its last inspection; before it is assigned nobody reads it. Everybody who ever held a post
    stands in it with the days it was held. **Source** `person.appointed`, `person.appointment-ended`,
    `person.appointment-withdrawn`, `inspection.assigned`, `activity.recorded`.
    """

    unit: str
    round: str | None = None
    inspection: str | None = None
    members: tuple[LeadershipItem, ...] = ()


def talks(row: TalksRow | None, entry: Entry[Any]) -> TalksRow | None:
    match entry.fact:
        case InspectionAssigned() as fact:
            before = row or TalksRow(id=fact.unit, readers=(), order="", unit=fact.unit)
            members = tuple(m.model_copy(update={"talked_on": None}) for m in before.members)
            return before.model_copy(
                update={
                    "readers": at_work(fact.inspection),
                    "order": fact.inspection,
                    "steps": (step_of(entry),),
                    "round": fact.round,
                    "inspection": fact.inspection,
                    "members": members,
                }
            )
        case PersonAppointed() as fact:
            before = row or TalksRow(id=fact.body, readers=(), order="", unit=fact.body)
            made = LeadershipItem(
                appointment=fact.appointment,
                person=fact.person,
                post=fact.post,
                from_on=fact.from_on,
                until_on=fact.until_on,
                talked_on=next((m.talked_on for m in before.members if m.person == fact.person), None),
            )
            return before.model_copy(update={"members": (*before.members, made)})
        case PersonAppointmentEnded() as fact if row is not None:
            ended = tuple(
                m.model_copy(update={"until_on": fact.ended_on}) if m.appointment == fact.appointment else m
                for m in row.members
            )
            return row.model_copy(update={"members": ended})
        case PersonAppointmentWithdrawn() as fact if row is not None:
            held = tuple(m for m in row.members if m.appointment != fact.appointment)
            return row.model_copy(update={"members": held})
        case ActivityRecorded() as fact if row is not None and row.inspection == fact.inspection:
            talked = tuple(
                m.model_copy(update={"talked_on": min(m.talked_on or fact.held_on, fact.held_on)})
                if m.person == fact.member
                else m
                for m in row.members
            )
            return row.then(entry, members=talked)
    return row


def talks_key(entry: Entry[Any]) -> str | None:
    match entry.fact:
        case InspectionAssigned() as fact:
            return fact.unit
        case PersonAppointed() as fact if fact.post in LEADERSHIP_POSTS:
            return fact.body
        case PersonAppointmentEnded() | PersonAppointmentWithdrawn() as fact:
            return fact.body
        case ActivityRecorded() as fact if fact.way == INTERVIEW and fact.member is not None:
            return fact.unit
    return None


def _of_request(fact: DocumentsRequested, entry: Entry[Any]) -> tuple[str, ...]:
    return at_work(fact.inspection, entry.stamp.doer)


class InquiryRow(Row):
    """An in-depth inquiry. Articles 7, 13. **Source** `inquiry.*`. Read by leader, deputy leader and who carries it
    out, and by nobody one of its clues concerns."""

    round: str
    inspection: str
    unit: str
    status: str
    petitions: tuple[str, ...]
    clues: tuple[str, ...]
    on: str
    subject: Content
    staff: tuple[str, ...]
    opened_on: date
    findings: Content | None = None
    concluded_on: date | None = None


def inquiries(row: InquiryRow | None, entry: Entry[Any]) -> InquiryRow | None:
    match entry.fact:
        case InquiryOpened() as fact:
            return InquiryRow(
                id=fact.inquiry,
                readers=at_work(fact.inspection, *fact.staff),
                withheld_from=fact.withheld_from,
                order=f"{fact.opened_on.isoformat()}/{fact.inquiry}",
                steps=(step_of(entry),),
                round=fact.round,
                inspection=fact.inspection,
                unit=fact.unit,
                status="opened",
                petitions=fact.petitions,
                clues=fact.clues,
                on=fact.on,
                subject=fact.subject,
                staff=fact.staff,
                opened_on=fact.opened_on,
            )
        case InquiryConcluded() as fact if row is not None:
            return row.then(entry, status="concluded", findings=fact.findings, concluded_on=fact.concluded_on)
    return row


def inquiry_key(entry: Entry[Any]) -> str | None:
    match entry.fact:
        case InquiryOpened() | InquiryConcluded():
            return entry.stream
    return None


class SuggestionRow(Row):
    """A handling suggestion as leader and deputy leader see it: with what it comes from. Article 15.

    **Source** `suggestion.*`.
    """

    round: str
    inspection: str
    unit: str
    status: str
    text: Content
    conditions: Conditions
    petitions: tuple[str, ...]
    clues: tuple[str, ...]
    proposed_on: date
    reason: Content | None = None
    decided_on: date | None = None
    recipients: tuple[str, ...] = ()
    made_on: date | None = None
    account: Content | None = None
    answered_on: date | None = None


def suggestions(row: SuggestionRow | None, entry: Entry[Any]) -> SuggestionRow | None:
    match entry.fact:
        case SuggestionProposed() as fact:
            return SuggestionRow(
                id=fact.suggestion,
                readers=at_work(fact.inspection),
                withheld_from=fact.withheld_from,
                order=f"{fact.proposed_on.isoformat()}/{fact.suggestion}",
                steps=(step_of(entry),),
                round=fact.round,
                inspection=fact.inspection,
                unit=fact.unit,
                status="proposed",
                text=fact.text,
                conditions=fact.conditions,
                petitions=fact.petitions,
                clues=fact.clues,
                proposed_on=fact.proposed_on,
            )
    made: SuggestionRow | None = after_proposal(row, entry) if row else None
    return made


VIEWS = (
    View("team_meetings", MeetingRow, meeting_key, meetings, ("meeting", "inspection", "kind"), many=True),
    View("team_activities", ActivityRow, activity_key, activities, ("inspection", "way", "member")),
    View("team_talks", TalksRow, talks_key, talks, ("inspection", "unit"), version=2),
    View(
        "team_document_requests",
        DocumentRequestRow,
        document_request_key,
        document_requests_for(_of_request),
        ("inspection", "status"),
    ),
    View("team_inquiries", InquiryRow, inquiry_key, inquiries, ("inspection", "status")),
    View("team_suggestions", SuggestionRow, suggestion_key, suggestions, ("inspection", "status")),
)
