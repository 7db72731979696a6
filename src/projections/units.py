"""What an inspected unit sees: notice, entry, its due dates. No petition, clue or note, nor that any exist."""

from datetime import date, datetime
from typing import Any

from domain.bodies import BodyRegistered
from domain.due_dates import DueDateMoved
from domain.inspections import (
    AnnouncementPublished,
    InspectionDayCorrected,
    InspectionEnded,
    NoticePublished,
    NoticeReceived,
    NoticeServed,
    NoticeServiceRecorded,
    UnitEntered,
)
from domain.kernel import Content, Entry
from domain.recusals import Asker, RecusalRequested
from projections import feedback
from projections.duties import duties_view
from projections.matters import (
    BodyRow,
    RecusalRequestRow,
    announced,
    bodies_for,
    body_key,
    counted,
    day_corrected,
    recusal_request_keys,
    recusal_requests_for,
)
from projections.publications import PublishedRow, published_for, published_key
from projections.rectifications import UnitRectificationRow, rectification_key, rectifications_for
from projections.rows import Correctable, Due, met, moved, step_of
from projections.shelf import View


class UnitInspectionRow(Correctable):
    """The inspection as the unit knows it: from the notice on. Articles 11(6), 11(7), 12. **Source** `inspection.*`."""

    unit: str
    status: str
    talked_on: date | None
    notice_on: date
    recipients: tuple[str, ...]
    notice: Content
    from_on: date
    until_on: date
    service_recorded_on: date | None = None
    received_on: date | None = None
    publication: Due | None = None
    published: Content | None = None
    announcement: Content | None = None
    telephone: Content | None = None
    mailbox: Content | None = None
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    announced_on: date | None = None
    entered_on: date | None = None
    ended_on: date | None = None


def inspections(row: UnitInspectionRow | None, entry: Entry[Any]) -> UnitInspectionRow | None:
    fact = entry.fact
    if isinstance(fact, NoticeServed):
        return UnitInspectionRow(
            id=fact.inspection,
            readers=(fact.unit,),
            order=f"{fact.served_on.isoformat()}/{fact.inspection}",
            steps=(step_of(entry),),
            unit=fact.unit,
            status="notice_served",
            talked_on=fact.talked_on,
            notice_on=fact.served_on,
            recipients=fact.recipients,
            notice=fact.content,
            from_on=fact.from_on,
            until_on=fact.until_on,
        )
    if row is None:
        return None
    match fact:
        case NoticeReceived():
            return row.then(entry, received_on=fact.received_on, publication=counted(fact, row.publication))
        case NoticeServiceRecorded():
            return row.then(entry, service_recorded_on=fact.recorded_on, publication=counted(fact, row.publication))
        case AnnouncementPublished():
            return row.then(entry, **announced(fact))
        case NoticePublished():
            return row.then(entry, published=fact.account, publication=met(row.publication, fact.published_on))
        case DueDateMoved():
            return row.then(entry, publication=moved(row.publication, entry))
        case UnitEntered():
            return row.then(entry, status="entered", entered_on=fact.entered_on)
        case InspectionEnded():
            return row.then(entry, status="ended", ended_on=fact.ended_on)
        case InspectionDayCorrected():  # that the team owes a report by it, and when, is not the unit's to see
            return row.corrected(entry, fact.publication, **day_corrected(fact, row.publication))
    return row


def inspection_key(entry: Entry[Any]) -> str | None:
    match entry.fact:
        case NoticeServed() | NoticeReceived() | NoticePublished() | UnitEntered() | InspectionEnded():
            return entry.stream
        case NoticeServiceRecorded() | AnnouncementPublished() | InspectionDayCorrected():
            return entry.stream
        case DueDateMoved(name="notice_publication") as fact:
            return fact.matter
    return None


def _itself(fact: BodyRegistered) -> tuple[str, ...]:
    return (fact.body,) if fact.category is not None else ()


def _own(fact: Any) -> tuple[str, ...]:
    return (fact.unit,)


def _units_own(fact: RecusalRequested) -> tuple[str, ...]:
    return (fact.unit,) if fact.asked_as is Asker.UNIT else ()


VIEWS = (
    View("unit_bodies", BodyRow, body_key, bodies_for(_itself)),
    duties_view("unit_duties", lambda raised: (raised.owed_by,) if raised.owed_by == raised.unit else ()),
    View("unit_inspections", UnitInspectionRow, inspection_key, inspections, ("status",), version=3),
    View(
        "unit_rectifications",
        UnitRectificationRow,
        rectification_key,
        rectifications_for(UnitRectificationRow, _own),
        ("inspection",),
        version=3,
    ),
    View(
        "unit_recusal_requests",
        RecusalRequestRow,
        recusal_request_keys,
        recusal_requests_for(_units_own),
        ("inspection", "person"),
        many=True,
        version=2,
    ),
    View("unit_publications", PublishedRow, published_key, published_for(_own), ("inspection", "of")),
    *feedback.UNIT_VIEWS,
)
