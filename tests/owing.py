"""Facts that raise duties, meet them, lift them or move their day, and how they stand in a ledger."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

from domain.archives import FileReceived, Handover, RoundsWorkEnded
from domain.documents import DocumentsAnswered, DocumentsRequested, Given
from domain.due_dates import DueDateMoved
from domain.duties import Open, StillOpen
from domain.inspections import (
    InspectionDayCorrected,
    InspectionEnded,
    NoticePublished,
    NoticeReceived,
    NoticeServiceRecorded,
)
from domain.items import ItemChecked, ItemExtensionDecided, ItemPlanned, ItemUpdated, Progress
from domain.kernel import (
    Authenticated,
    CommandStamp,
    CorrectedDay,
    DayOf,
    Entry,
    Fact,
    Happened,
    Label,
    Manner,
    Paper,
    Precision,
    Secret,
    Source,
    Stamp,
    derived_id,
)
from domain.rectifications import RectificationOpened, RectificationReportSubmitted, Report
from domain.reports import ReportSubmitted
from domain.rulebook import calendars
from domain.rulebook.calendars import parse_calendar
from domain.rulebook.counting import Period, count
from domain.rulebook.editions import parse_edition
from domain.rulebook.obligations import Obligation, owed, recounted
from domain.transfers import TransferAnswered, TransferReceived, TransferReturned, TransferServiceRecorded

DATA = Path(calendars.__file__).parent / "data"
EDITION = parse_edition((DATA / "yiwu-2015.toml").read_text("utf-8"), "yiwu-2015.toml")
CALENDAR = parse_calendar((DATA / "calendar-cn.toml").read_text("utf-8"), "calendar-cn.toml")
ROUND, UNIT, ORGAN = derived_id("round", "one"), derived_id("body", "unit"), derived_id("body", "organ")
INSPECTION, TEAM = derived_id("inspection", "one"), derived_id("team", "one")
TRANSFER, PERSON = derived_id("transfer", "one"), derived_id("person", "one")
REQUEST, ITEM_ = derived_id("document-request", "one"), derived_id("item", "one")
HERE = {"inspection": INSPECTION, "round": ROUND, "unit": UNIT}
MOVED = {"transfer": TRANSFER, "round": ROUND, "item": derived_id("clue", "one"), "unit": UNIT, "organ": ORGAN}
WRITTEN = Manner.IN_PERSON
TRIGGER = date(2026, 11, 1)


def obligation(deadline: str, trigger: date, **more: Any) -> Obligation:
    found = owed(EDITION, CALENDAR, deadline, trigger, **more)
    assert found
    return found


def notice_received(on: date, **more: Any) -> NoticeReceived:
    publication = obligation("notice_publication", on)
    return NoticeReceived(
        **HERE, received_by=PERSON, received_on=on, how=WRITTEN, **{"publication": publication, **more}
    )


def notice_service(on: date) -> NoticeServiceRecorded:
    publication = obligation("notice_publication", on, started_by="service_recorded")
    return NoticeServiceRecorded(**HERE, recorded_on=on, reason=Secret("未签收"), publication=publication)


def notice_published(on: date) -> NoticePublished:
    return NoticePublished(**HERE, published_on=on, account=Secret("已公布"))


def ended(on: date) -> InspectionEnded:
    return InspectionEnded(**HERE, team=TEAM, ended_on=on, report=obligation("inspection_report", on))


def report_submitted(on: date) -> ReportSubmitted:
    return ReportSubmitted(
        report=derived_id("report", "one"),
        **HERE,
        draft=1,
        overview=Secret("综述"),
        problems=(),
        no_problems=Secret("没有发现问题"),
        clues=(),
        omissions=(),
        materials=(),
        recipients=(PERSON,),
        how=WRITTEN,
        withheld_from=(),
        submitted_on=on,
    )


def answer_owed(on: date, **more: Any) -> Obligation:
    return obligation("transfer_answer", on, applies_to="discipline", **more)


def transfer_received(on: date, **more: Any) -> TransferReceived:
    return TransferReceived(
        **MOVED, received_by=PERSON, received_on=on, how=WRITTEN, **{"answer": answer_owed(on), **more}
    )


def transfer_service(on: date) -> TransferServiceRecorded:
    answer = answer_owed(on, started_by="service_recorded")
    return TransferServiceRecorded(**MOVED, account=Secret("已送达"), recorded_on=on, answer=answer)


def transfer_returned(on: date) -> TransferReturned:
    return TransferReturned(**MOVED, reason=Secret("不属本机关职责"), returned_on=on)


def transfer_answered(on: date) -> TransferAnswered:
    return TransferAnswered(**MOVED, handling="talk_or_letter", account=Secret("已谈话"), answered_on=on)


def rectification_opened(on: date) -> RectificationOpened:
    each = obligation("rectification_report", on)
    return RectificationOpened(**HERE, items=(), received_on=on, report=each, heads_report=each)


def rectification_report(which: Report, on: date, submission: int = 1) -> RectificationReportSubmitted:
    return RectificationReportSubmitted(
        **HERE,
        which=which,
        submission=submission,
        report=Secret("x"),
        recipients=(PERSON,),
        how=WRITTEN,
        submitted_on=on,
    )


def work_ended(on: date) -> RoundsWorkEnded:
    owes = Handover(team=TEAM, obligation=obligation("file_handover", on))
    return RoundsWorkEnded(round=ROUND, ended_on=on, handovers=(owes,))


def file_received(on: date, handed_over: date) -> FileReceived:
    return FileReceived(team=TEAM, round=ROUND, handed_over_on=handed_over, received_by=PERSON, received_on=on)


def entries(*facts: Fact) -> Iterator[Entry[Any]]:
    at = datetime(2026, 11, 2, 2, 0, tzinfo=UTC)
    for position, fact in enumerate(facts, start=1):
        stamp = Stamp(
            recorder=PERSON,
            doer=PERSON,
            capacity="office",
            happened=Happened(precision=Precision.DAY, source=Source.LIVE, asserted_by=PERSON, on=date(2026, 11, 2)),
            authenticated=Authenticated(method="test"),
            command=CommandStamp(id=UUID(int=position), name="Test", digest="0" * 64, answer=ROUND),
            software="test",
            label=Label.INSPECTION,
            subjects=(),
        )
        yield Entry(position, INSPECTION, position, at, stamp, fact, UUID(int=position), 0)


def documents_requested(on: date, by: date) -> DocumentsRequested:
    what = {"what": Secret("会议记录"), "recipients": (PERSON,), "how": WRITTEN}
    return DocumentsRequested(**HERE, **what, request=REQUEST, wanted_by=by, requested_on=on)


def documents_answered(outcome: Given, on: date) -> DocumentsAnswered:
    reason = None if outcome is Given.GIVEN else Secret("尚缺")
    return DocumentsAnswered(
        **HERE,
        request=REQUEST,
        outcome=outcome,
        account=Secret("提供"),
        reason=reason,
        answered_by=PERSON,
        answered_on=on,
    )


def item_planned(on: date, by: date) -> ItemPlanned:
    return ItemPlanned(**HERE, item=ITEM_, measures=Secret("措施"), responsible=PERSON, by_on=by, planned_on=on)


def item_updated(state: Progress, on: date) -> ItemUpdated:
    return ItemUpdated(**HERE, item=ITEM_, state=state, evidence=Secret("佐证"), updated_on=on)


def extension_decided(granted: Literal[0, 1], to: date, on: date) -> ItemExtensionDecided:
    reason = None if granted else Secret("不必")
    return ItemExtensionDecided(**HERE, item=ITEM_, granted=granted, to_on=to, reason=reason, decided_on=on)


def item_checked(accepted: Literal[0, 1], on: date) -> ItemChecked:
    reason = None if accepted else Secret("未到位")
    return ItemChecked(**HERE, item=ITEM_, accepted=accepted, reason=reason, visited=0, checked_on=on)


def end_corrected(before: date, day: date, *, due_before: date, on: date = TRIGGER) -> InspectionDayCorrected:
    """The day of the inspection's end, put right: the report is owed anew."""
    corrected = CorrectedDay(
        day_of=DayOf.ENDED,
        entry=UUID(int=1),
        before=before,
        day=day,
        reason=Secret("看错"),
        paper=Paper(reference=Secret("文号")),
        corrected_on=on,
    )
    anew = recounted(obligation("inspection_report", before), due_before, day, CALENDAR, EDITION)
    return InspectionDayCorrected(**HERE, team=TEAM, corrected=corrected, report=anew)


def day_moved(matter: str, name: str, was: date, to: date, version: str = "cn-later") -> DueDateMoved:
    """A later calendar made it another day: as if counted in calendar days, which no calendar changes."""
    days = Period(n=(to - TRIGGER).days, unit="calendar_days")
    again = count(days, TRIGGER, CALENDAR, roll_months_to_working_day=False).model_copy(
        update={"calendar_version": version}
    )
    assert again.due == to
    return DueDateMoved(
        matter=matter,
        name=name,
        round=ROUND,
        unit=None if matter == TEAM else UNIT,
        owed_by=TEAM,
        withheld_from=(),
        labelled_as=Label.INSPECTION,
        edition="yiwu-2015",
        was_on=was,
        was_calendar=CALENDAR.version,
        count=again,
    )


def still_open(given: Iterable[Entry[Any]]) -> list[Open]:
    """The obligations these entries leave open, in the order of their keys."""
    found = StillOpen()
    for entry in given:
        found.take(entry)
    return found.all()
