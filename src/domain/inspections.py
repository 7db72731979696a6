"""An inspection: one unit, one round, one team; notice, receipt, announcement, entry, end
(Art. 11(6), 11(7), 12, 16)."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, ClassVar, Literal, assert_never
from uuid import UUID

from domain.kernel import (
    Aggregate,
    Between,
    BodyId,
    Command,
    Content,
    CorrectDay,
    CorrectedDay,
    DayOf,
    Fact,
    InspectionId,
    Label,
    Manner,
    Minute,
    PersonId,
    RoundId,
    TeamId,
)
from domain.rulebook import rules
from domain.rulebook.obligations import Obligation, Recounted


class ServeNotice(Command):
    """Serve the notice of inspection on the unit: content, schedule, ways of working. Article 11(6).

    `talked_on` is when the team talked with the unit's party organisation; `recipients` are the persons of the unit it
    is given to.
    """

    inspection: InspectionId
    talked_on: date
    served_on: date
    recipients: tuple[PersonId, ...]
    how: Manner = Manner.IN_PERSON
    content: Content
    from_on: date
    until_on: date


class ReceiveNotice(Command):
    """Acknowledge receipt of the notice; publication within working days is counted from it. Article 11(6)."""

    inspection: InspectionId
    received_on: date
    how: Manner = Manner.IN_PERSON


class PublishNotice(Command):
    """Publish the notice in the unit's department and system, and tell the team so. Article 11(6)."""

    inspection: InspectionId
    published_on: date
    account: Content


class RecordNoticeService(Command):
    """Put on record that the notice counts as served on a unit that has not acknowledged it. Article 11(6).

    Not before the edition's period for receipt is over (working days); publication is then counted from this record.
    """

    inspection: InspectionId
    recorded_on: date
    reason: Content


class PublishAnnouncement(Command):
    """Publish the announcement: what is inspected, telephone, dedicated mailbox, open from when to when. Article 11(7).

    Both instants are known to the minute.
    """

    inspection: InspectionId
    text: Content
    telephone: Content
    mailbox: Content
    opens_at: Minute
    closes_at: Minute
    published_on: date


class EnterUnit(Command):
    """Enter the unit; on-site power begins. Article 12."""

    inspection: InspectionId
    entered_on: date


class EndInspection(Command):
    """End the inspection at the unit; on-site power ends with that day. Articles 12, 16."""

    inspection: InspectionId
    ended_on: date


class InspectionAssigned(Fact):
    """A unit was given to a team in a round. Articles 10, 11(2)."""

    label: ClassVar[Label] = Label.INSPECTION
    kind: Literal["inspection.assigned.v1"] = "inspection.assigned.v1"
    inspection: InspectionId
    round: RoundId
    team: TeamId
    unit: BodyId


class NoticeServed(Fact):
    """The notice of inspection was served on named persons of the unit. Article 11(6)."""

    label: ClassVar[Label] = Label.INSPECTION
    kind: Literal["inspection.notice-served.v1"] = "inspection.notice-served.v1"
    inspection: InspectionId
    round: RoundId
    unit: BodyId
    served_on: date
    recipients: tuple[PersonId, ...]
    how: Manner
    content: Content
    from_on: date
    until_on: date
    talked_on: date | None = None


class NoticeServiceRecorded(Fact):
    """The office recorded service of a notice nobody acknowledged; what the unit owes from here on. Article 11(6)."""

    label: ClassVar[Label] = Label.INSPECTION
    kind: Literal["inspection.notice-service-recorded.v1"] = "inspection.notice-service-recorded.v1"
    inspection: InspectionId
    round: RoundId
    unit: BodyId
    recorded_on: date
    reason: Content
    publication: Obligation | None = None


class AnnouncementPublished(Fact):
    """The team published its announcement. Article 11(7)."""

    label: ClassVar[Label] = Label.INSPECTION
    kind: Literal["inspection.announcement-published.v1"] = "inspection.announcement-published.v1"
    inspection: InspectionId
    round: RoundId
    team: TeamId
    unit: BodyId
    text: Content
    telephone: Content
    mailbox: Content
    opens_at: Minute
    closes_at: Minute
    published_on: date


class NoticeReceived(Fact):
    """The unit received the notice; what it owes from here on. Article 11(6)."""

    label: ClassVar[Label] = Label.INSPECTION
    kind: Literal["inspection.notice-received.v1"] = "inspection.notice-received.v1"
    inspection: InspectionId
    round: RoundId
    unit: BodyId
    received_by: PersonId
    received_on: date
    how: Manner
    publication: Obligation | None = None


class NoticePublished(Fact):
    """The unit published the notice and told the team how. Article 11(6)."""

    label: ClassVar[Label] = Label.INSPECTION
    kind: Literal["inspection.notice-published.v1"] = "inspection.notice-published.v1"
    inspection: InspectionId
    round: RoundId
    unit: BodyId
    published_on: date
    account: Content


class UnitEntered(Fact):
    """The team entered the unit. Article 12."""

    label: ClassVar[Label] = Label.INSPECTION
    kind: Literal["inspection.entered.v1"] = "inspection.entered.v1"
    inspection: InspectionId
    round: RoundId
    unit: BodyId
    entered_on: date


class InspectionEnded(Fact):
    """The inspection at the unit ended; what the team owes from here on. Articles 12, 16."""

    label: ClassVar[Label] = Label.INSPECTION
    kind: Literal["inspection.ended.v1"] = "inspection.ended.v1"
    inspection: InspectionId
    round: RoundId
    team: TeamId
    unit: BodyId
    ended_on: date
    report: Obligation | None = None


class InspectionDayCorrected(Fact):
    """A day of the inspection was corrected; what is counted from it is owed anew. Articles 11(6), 16, 28 (c)."""

    label: ClassVar[Label] = Label.INSPECTION
    kind: Literal["inspection.day-corrected.v1"] = "inspection.day-corrected.v1"
    inspection: InspectionId
    round: RoundId
    team: TeamId
    unit: BodyId
    corrected: CorrectedDay
    publication: Recounted | None = None
    report: Recounted | None = None


InspectionFact = (
    InspectionAssigned
    | NoticeServed
    | NoticeServiceRecorded
    | NoticeReceived
    | NoticePublished
    | AnnouncementPublished
    | UnitEntered
    | InspectionEnded
    | InspectionDayCorrected
)


@dataclass(frozen=True)
class Inspection:
    """What decisions need of an inspection."""

    round: str
    team: str
    unit: str
    notice_on: date | None = None
    service_recorded_on: date | None = None
    received_on: date | None = None
    published_on: date | None = None
    entered_on: date | None = None
    ended_on: date | None = None
    talked_on: date | None = None
    announced_on: date | None = None
    publication_owed: Obligation | None = None
    report_owed: Obligation | None = None
    """As counted last in this stream; what a later calendar moved stands in that of the due date."""

    def between(self, which: DayOf) -> Between:
        """A day of this inspection and the days it lies between; entry, for one, between notice and end."""
        if which is DayOf.NOTICE_SERVED:
            later = (self.service_recorded_on, self.received_on, self.announced_on, self.entered_on)
            return Between(self.notice_on, (self.talked_on,), later)
        if which is DayOf.NOTICE_RECEIVED:
            published = None if self.service_recorded_on else self.published_on  # else it rests on the service
            return Between(self.received_on, (self.notice_on,), (published,))
        if which is DayOf.ENTERED:
            return Between(self.entered_on, (self.notice_on,), (self.ended_on,))
        return Between(self.ended_on if which is DayOf.ENDED else None, (self.entered_on,))


_FIELDS = {
    DayOf.NOTICE_SERVED: "notice_on",
    DayOf.NOTICE_RECEIVED: "received_on",
    DayOf.ENTERED: "entered_on",
    DayOf.ENDED: "ended_on",
}


def assign(state: Inspection | None, inspection: str, *, round_: str, team: str, unit: str) -> list[InspectionFact]:
    if state is not None:
        return []
    return [InspectionAssigned(inspection=inspection, round=round_, team=team, unit=unit)]


def serve_notice(
    state: Inspection, command: ServeNotice, *, duty: str, of_the_unit: Collection[str]
) -> list[InspectionFact]:
    """`of_the_unit`: those of the recipients who held a post there on that day."""
    rules.led_by_the_leader.demand(duty)
    rules.notice_once.demand(state.notice_on is not None)
    rules.delivered_to_named_persons.demand(command.recipients, of_the_unit, path="recipients")
    rules.delivered_in_writing.demand(command.how, path="how")
    rules.talked_before_notice.demand(command.talked_on, command.served_on, path="talked_on")
    rules.notice_period_runs_forward.demand(command.from_on, command.until_on, path="until_on")
    return [
        NoticeServed(
            inspection=command.inspection,
            round=state.round,
            unit=state.unit,
            served_on=command.served_on,
            recipients=command.recipients,
            how=command.how,
            content=command.content,
            from_on=command.from_on,
            until_on=command.until_on,
            talked_on=command.talked_on,
        )
    ]


def record_notice_service(
    state: Inspection, command: RecordNoticeService, *, last_day: date | None, publication: Obligation | None
) -> list[InspectionFact]:
    """`last_day`: the last day of the period for receipt; `publication`: what the unit owes, counted from here."""
    outstanding = state.notice_on is not None and state.received_on is None and state.service_recorded_on is None
    rules.service_of_what_was_not_acknowledged.demand(outstanding)
    rules.service_recorded_after_the_period.demand(last_day, command.recorded_on, path="recorded_on")
    return [
        NoticeServiceRecorded(
            inspection=command.inspection,
            round=state.round,
            unit=state.unit,
            recorded_on=command.recorded_on,
            reason=command.reason,
            publication=publication,
        )
    ]


def receive_notice(
    state: Inspection, command: ReceiveNotice, *, received_by: str, publication: Obligation | None
) -> list[InspectionFact]:
    """A receipt after service was recorded moves nothing: publication stays counted from the record."""
    rules.notice_before_receipt.demand(state.notice_on is not None, state.received_on is not None)
    rules.receipt_not_before_service.demand(state.notice_on, command.received_on, path="received_on")
    return [
        NoticeReceived(
            inspection=command.inspection,
            round=state.round,
            unit=state.unit,
            received_by=received_by,
            received_on=command.received_on,
            how=command.how,
            publication=publication if _counts(state, command.received_on) else None,
        )
    ]


def _counts(state: Inspection, received_on: date) -> bool:
    """Whether publication is counted from this receipt: unless service was recorded on or before that day."""
    return state.service_recorded_on is None or received_on < state.service_recorded_on


def publish_notice(state: Inspection, command: PublishNotice) -> list[InspectionFact]:
    """A recorded service stands in for the receipt."""
    known_on = min((d for d in (state.received_on, state.service_recorded_on) if d is not None), default=None)
    rules.received_before_published.demand(known_on is not None)
    rules.published_once.demand(state.published_on is not None)
    rules.publication_not_before_receipt.demand(known_on, command.published_on, path="published_on")
    return [
        NoticePublished(
            inspection=command.inspection,
            round=state.round,
            unit=state.unit,
            published_on=command.published_on,
            account=command.account,
        )
    ]


def announce(state: Inspection, command: PublishAnnouncement, *, duty: str) -> list[InspectionFact]:
    rules.led_by_the_leader.demand(duty)
    rules.announced_after_notice.demand(state.notice_on, command.published_on, path="published_on")
    rules.announcement_closes_after_it_opens.demand(command.opens_at, command.closes_at, path="closes_at")
    return [
        AnnouncementPublished(
            inspection=command.inspection,
            round=state.round,
            team=state.team,
            unit=state.unit,
            text=command.text,
            telephone=command.telephone,
            mailbox=command.mailbox,
            opens_at=command.opens_at,
            closes_at=command.closes_at,
            published_on=command.published_on,
        )
    ]


def enter(state: Inspection, command: EnterUnit, *, duty: str) -> list[InspectionFact]:
    rules.led_by_the_leader.demand(duty)
    rules.entry_once.demand(state.entered_on is not None)
    rules.entry_only_after_notice.demand(state.notice_on, command.entered_on, path="entered_on")
    return [
        UnitEntered(inspection=command.inspection, round=state.round, unit=state.unit, entered_on=command.entered_on)
    ]


def end(
    state: Inspection, command: EndInspection, *, duty: str, report: Obligation | None = None
) -> list[InspectionFact]:
    """`report`: the inspection report owed to the office, counted from this end."""
    rules.led_by_the_leader.demand(duty)
    rules.end_only_after_entry.demand(state.entered_on, state.ended_on is not None, command.ended_on, path="ended_on")
    return [
        InspectionEnded(
            inspection=command.inspection,
            round=state.round,
            team=state.team,
            unit=state.unit,
            ended_on=command.ended_on,
            report=report,
        )
    ]


def correct(
    state: Inspection,
    command: CorrectDay,
    *,
    entry: UUID,
    later: tuple[date | None, ...] = (),
    publication: Recounted | None = None,
    report: Recounted | None = None,
) -> list[InspectionFact]:
    """`entry`: the one that says the day that stands; `later`: days of what came after in other streams; `publication`,
    `report`: as they are owed by this day, where they are counted from it."""
    place = state.between(command.day_of)
    assert place.day is not None  # noqa: S101  what is not on record is not found
    if place.day == command.day:
        return []
    fits = place._replace(later=(*place.later, *later)).fits(command.day)
    rules.corrected_day_fits_the_others.demand(fits, path="day")
    return [
        InspectionDayCorrected(
            inspection=command.matter,
            round=state.round,
            team=state.team,
            unit=state.unit,
            corrected=command.of(place.day, entry),
            publication=publication if command.day_of is DayOf.NOTICE_RECEIVED and state.publication_owed else None,
            report=report if command.day_of is DayOf.ENDED and state.report_owed else None,
        )
    ]


def evolve(state: Inspection | None, fact: InspectionFact) -> Inspection:
    if isinstance(fact, InspectionAssigned):
        return Inspection(fact.round, fact.team, fact.unit)
    assert state is not None  # noqa: S101  an inspection's stream begins with its assignment
    match fact:
        case NoticeServed():
            return replace(state, notice_on=fact.served_on, talked_on=fact.talked_on)
        case NoticeServiceRecorded():
            owed = fact.publication or state.publication_owed
            return replace(state, service_recorded_on=fact.recorded_on, publication_owed=owed)
        case AnnouncementPublished():
            return replace(state, announced_on=min(state.announced_on or fact.published_on, fact.published_on))
        case NoticeReceived():
            owed = fact.publication or state.publication_owed
            return replace(state, received_on=fact.received_on, publication_owed=owed)
        case NoticePublished():
            return replace(state, published_on=fact.published_on)
        case UnitEntered():
            return replace(state, entered_on=fact.entered_on)
        case InspectionEnded():
            return replace(state, ended_on=fact.ended_on, report_owed=fact.report)
        case InspectionDayCorrected():
            changed: dict[str, Any] = {_FIELDS[fact.corrected.day_of]: fact.corrected.day}
            return replace(
                state,
                **changed,
                publication_owed=fact.publication.obligation if fact.publication else state.publication_owed,
                report_owed=fact.report.obligation if fact.report else state.report_owed,
            )
        case _:
            assert_never(fact)


INSPECTIONS: Aggregate[Inspection] = Aggregate("inspection", evolve)
