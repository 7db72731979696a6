"""What raises, meets and lifts a duty, in the list and on the office's board alike (Art. 4(4), 11(6), 16, 17)."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from domain.archives import FileReceived, Handover, RoundsWorkEnded
from domain.inspections import (
    InspectionAssigned,
    InspectionEnded,
    NoticePublished,
    NoticeReceived,
    NoticeServiceRecorded,
)
from domain.kernel import (
    Authenticated,
    CommandStamp,
    Entry,
    Fact,
    Happened,
    Label,
    Manner,
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
from domain.rulebook.editions import parse_edition
from domain.rulebook.obligations import Obligation, owed
from domain.transfers import TransferAnswered, TransferReceived, TransferReturned, TransferServiceRecorded
from projections.board import BoardRow, board, board_key
from projections.duties import DutyRow, duties_view

DATA = Path(calendars.__file__).parent / "data"
EDITION = parse_edition((DATA / "yiwu-2015.toml").read_text("utf-8"), "yiwu-2015.toml")
CALENDAR = parse_calendar((DATA / "calendar-cn.toml").read_text("utf-8"), "calendar-cn.toml")
ROUND, UNIT, ORGAN = derived_id("round", "one"), derived_id("body", "unit"), derived_id("body", "organ")
INSPECTION, TEAM = derived_id("inspection", "one"), derived_id("team", "one")
TRANSFER, PERSON = derived_id("transfer", "one"), derived_id("person", "one")
HERE = {"inspection": INSPECTION, "round": ROUND, "unit": UNIT}
MOVED = {"transfer": TRANSFER, "round": ROUND, "item": derived_id("clue", "one"), "unit": UNIT, "organ": ORGAN}
WRITTEN = Manner.IN_PERSON


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


def listed(*facts: Fact) -> list[tuple[str, str, date, str, date | None]]:
    """The list of duties after these facts: what, who, by when, owed or met, when met."""
    view = duties_view("test_duties", lambda _: ("office",))
    rows: dict[str, DutyRow] = {}
    for entry in entries(*facts):
        for key in view.keys(entry):
            row = view.after(rows.get(key), entry, key)
            rows.pop(key, None)
            if isinstance(row, DutyRow):
                assert row.order.startswith(row.due_on.isoformat())
                assert row.due_on == row.due.obligation.count.due
                rows[key] = row
    return [(row.name, row.owed_by, row.due_on, row.status, row.due.met_on) for row in rows.values()]


def line(*facts: Fact) -> BoardRow:
    """The unit's line on the board after these facts."""
    row: BoardRow | None = None
    for entry in entries(InspectionAssigned(**HERE, team=TEAM), *facts):
        if (key := board_key(entry)) is not None:
            assert key == f"{ROUND}/{UNIT}"
            row = board(row, entry)
    assert row is not None
    return row


def on_the_board(*facts: Fact) -> list[tuple[str, str, date, str, date | None]]:
    """The same as `listed`, of the unit's line."""
    return [
        (d.name, d.owed_by, d.due.obligation.count.due, "met" if d.due.met_on else "owed", d.due.met_on)
        for d in line(*facts).duties
    ]


D = date
STORIES: dict[str, tuple[tuple[Fact, ...], list[tuple[str, str, date, str, date | None]]]] = {
    "a receipt starts the days of publication": (
        (notice_received(D(2026, 11, 2)),),
        [("notice_publication", UNIT, D(2026, 11, 5), "owed", None)],
    ),
    "without a receipt the record of service starts them": (
        (notice_service(D(2026, 11, 9)),),
        [("notice_publication", UNIT, D(2026, 11, 12), "owed", None)],
    ),
    "a receipt after the record moves nothing": (
        (notice_service(D(2026, 11, 9)), notice_received(D(2026, 11, 10), publication=None)),
        [("notice_publication", UNIT, D(2026, 11, 12), "owed", None)],
    ),
    "a receipt found to be earlier counts": (
        (notice_service(D(2026, 11, 9)), notice_received(D(2026, 11, 4))),
        [("notice_publication", UNIT, D(2026, 11, 9), "owed", None)],
    ),
    "publishing meets it": (
        (notice_service(D(2026, 11, 9)), notice_published(D(2026, 11, 11))),
        [("notice_publication", UNIT, D(2026, 11, 12), "met", D(2026, 11, 11))],
    ),
    "what was met stays met when it is counted again": (
        (notice_service(D(2026, 11, 9)), notice_published(D(2026, 11, 11)), notice_received(D(2026, 11, 4))),
        [("notice_publication", UNIT, D(2026, 11, 9), "met", D(2026, 11, 11))],
    ),
    "the end of the inspection starts the days of the report": (
        (ended(D(2026, 11, 2)),),
        [("inspection_report", TEAM, D(2026, 11, 9), "owed", None)],
    ),
    "submitting the report meets it": (
        (ended(D(2026, 11, 2)), report_submitted(D(2026, 11, 6))),
        [("inspection_report", TEAM, D(2026, 11, 9), "met", D(2026, 11, 6))],
    ),
    "a transfer is answered": (
        (transfer_received(D(2026, 11, 2)), transfer_answered(D(2026, 12, 1))),
        [("transfer_answer", ORGAN, D(2026, 12, 2), "met", D(2026, 12, 1))],
    ),
    "without a receipt the record of service starts the month": (
        (transfer_service(D(2026, 11, 9)), transfer_received(D(2026, 11, 10), answer=None)),
        [("transfer_answer", ORGAN, D(2026, 12, 9), "owed", None)],
    ),
    "the receipt of the feedback starts the month of both reports": (
        (rectification_opened(D(2026, 11, 2)),),
        [
            ("rectification_report", UNIT, D(2026, 12, 2), "owed", None),
            ("heads_report", UNIT, D(2026, 12, 2), "owed", None),
        ],
    ),
    "each report meets its own": (
        (rectification_opened(D(2026, 11, 2)), rectification_report(Report.HEADS, D(2026, 12, 3))),
        [
            ("rectification_report", UNIT, D(2026, 12, 2), "owed", None),
            ("heads_report", UNIT, D(2026, 12, 2), "met", D(2026, 12, 3)),
        ],
    ),
    "what was returned is owed no more": ((transfer_received(D(2026, 11, 2)), transfer_returned(D(2026, 11, 3))), []),
}


@pytest.mark.parametrize("told", STORIES)
def test_a_duty_is_raised_met_and_lifted(told: str) -> None:
    """Art. 11(6), 16, 17: in the list, and on the board."""
    facts, expected = STORIES[told]
    assert listed(*facts) == expected
    assert on_the_board(*facts) == expected


def test_a_receipt_shows_on_the_board_also_where_it_starts_nothing() -> None:
    """Art. 4(4), 11(6): after the record of service."""
    late = notice_received(D(2026, 11, 10), publication=None)
    assert line(notice_service(D(2026, 11, 9)), late).status == "notice_received"


def test_the_rounds_end_starts_the_month_of_the_file_and_its_receipt_meets_it_as_of_the_day_of_handing_over() -> None:
    """Art. 28: it is a team's, so it stands in the list and on no unit's line."""
    ended_, received = work_ended(D(2026, 11, 2)), file_received(D(2026, 12, 4), D(2026, 12, 1))
    assert listed(ended_) == [("file_handover", TEAM, D(2026, 12, 2), "owed", None)]
    assert listed(ended_, received) == [("file_handover", TEAM, D(2026, 12, 2), "met", D(2026, 12, 1))]
