"""What raises, meets, moves and lifts a duty, in the list and on the office's board (Art. 4(4), 11(6), 16, 17)."""

from datetime import date

import pytest
from tests.owing import (
    HERE,
    INSPECTION,
    ORGAN,
    ROUND,
    TEAM,
    UNIT,
    day_moved,
    documents_answered,
    documents_requested,
    end_corrected,
    ended,
    entries,
    extension_decided,
    file_received,
    item_checked,
    item_planned,
    item_updated,
    notice_published,
    notice_received,
    notice_service,
    rectification_opened,
    rectification_report,
    report_submitted,
    still_open,
    transfer_answered,
    transfer_received,
    transfer_returned,
    transfer_service,
    work_ended,
)

from domain.documents import Given
from domain.inspections import InspectionAssigned
from domain.items import Progress
from domain.kernel import Fact
from domain.rectifications import Report
from projections.board import BoardRow, board, board_key
from projections.duties import DutyRow, duties_view


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
                assert row.due_on == row.due.due_on
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
        (d.name, d.owed_by, d.due.due_on, "met" if d.due.met_on else "owed", d.due.met_on) for d in line(*facts).duties
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
    "a later calendar moves the day": (
        (ended(D(2026, 11, 2)), day_moved(INSPECTION, "inspection_report", D(2026, 11, 9), D(2026, 11, 11))),
        [("inspection_report", TEAM, D(2026, 11, 11), "owed", None)],
    ),
    "it is met by the day it was moved to": (
        (
            ended(D(2026, 11, 2)),
            day_moved(INSPECTION, "inspection_report", D(2026, 11, 9), D(2026, 11, 11)),
            report_submitted(D(2026, 11, 11)),
        ),
        [("inspection_report", TEAM, D(2026, 11, 11), "met", D(2026, 11, 11))],
    ),
    "what was met is not moved": (
        (
            ended(D(2026, 11, 2)),
            report_submitted(D(2026, 11, 9)),
            day_moved(INSPECTION, "inspection_report", D(2026, 11, 9), D(2026, 11, 11)),
        ),
        [("inspection_report", TEAM, D(2026, 11, 9), "met", D(2026, 11, 9))],
    ),
    "one of two duties of one matter is moved, and the other is not": (
        (
            rectification_opened(D(2026, 11, 2)),
            day_moved(INSPECTION, "heads_report", D(2026, 12, 2), D(2026, 12, 4)),
        ),
        [
            ("rectification_report", UNIT, D(2026, 12, 2), "owed", None),
            ("heads_report", UNIT, D(2026, 12, 4), "owed", None),
        ],
    ),
    "a receipt found to be earlier counts anew from there": (
        (
            notice_service(D(2026, 11, 9)),
            day_moved(INSPECTION, "notice_publication", D(2026, 11, 12), D(2026, 11, 16)),
            notice_received(D(2026, 11, 4)),
        ),
        [("notice_publication", UNIT, D(2026, 11, 9), "owed", None)],
    ),
    "what nobody owes here is not moved here": (
        (day_moved(INSPECTION, "inspection_report", D(2026, 11, 9), D(2026, 11, 11)),),
        [],
    ),
    "measures set a day for an item": (
        (item_planned(D(2026, 11, 3), D(2026, 11, 20)),),
        [("item_put_right", UNIT, D(2026, 11, 20), "owed", None)],
    ),
    "an item done meets it": (
        (item_planned(D(2026, 11, 3), D(2026, 11, 20)), item_updated(Progress.DONE, D(2026, 11, 21))),
        [("item_put_right", UNIT, D(2026, 11, 20), "met", D(2026, 11, 21))],
    ),
    "an item basically done does not": (
        (item_planned(D(2026, 11, 3), D(2026, 11, 20)), item_updated(Progress.BASICALLY_DONE, D(2026, 11, 18))),
        [("item_put_right", UNIT, D(2026, 11, 20), "owed", None)],
    ),
    "an item sent back is owed again": (
        (
            item_planned(D(2026, 11, 3), D(2026, 11, 20)),
            item_updated(Progress.DONE, D(2026, 11, 18)),
            item_checked(0, D(2026, 11, 19)),
        ),
        [("item_put_right", UNIT, D(2026, 11, 20), "owed", None)],
    ),
    "and met on the day it is done again": (
        (
            item_planned(D(2026, 11, 3), D(2026, 11, 20)),
            item_updated(Progress.DONE, D(2026, 11, 18)),
            item_checked(0, D(2026, 11, 19)),
            item_updated(Progress.DONE, D(2026, 11, 23)),
            item_checked(1, D(2026, 11, 24)),
        ),
        [("item_put_right", UNIT, D(2026, 11, 20), "met", D(2026, 11, 23))],
    ),
    "an item the unit takes up again is owed again": (
        (
            item_planned(D(2026, 11, 3), D(2026, 11, 20)),
            item_updated(Progress.DONE, D(2026, 11, 18)),
            item_updated(Progress.IN_PROGRESS, D(2026, 11, 19)),
        ),
        [("item_put_right", UNIT, D(2026, 11, 20), "owed", None)],
    ),
    "an extension moves the day": (
        (
            item_planned(D(2026, 11, 3), D(2026, 11, 20)),
            extension_decided(1, D(2026, 12, 1), D(2026, 11, 19)),
        ),
        [("item_put_right", UNIT, D(2026, 12, 1), "owed", None)],
    ),
    "one refused does not": (
        (
            item_planned(D(2026, 11, 3), D(2026, 11, 20)),
            extension_decided(0, D(2026, 12, 1), D(2026, 11, 19)),
        ),
        [("item_put_right", UNIT, D(2026, 11, 20), "owed", None)],
    ),
    "measures planned anew bring it forward": (
        (item_planned(D(2026, 11, 3), D(2026, 11, 20)), item_planned(D(2026, 11, 5), D(2026, 11, 16))),
        [("item_put_right", UNIT, D(2026, 11, 16), "owed", None)],
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


def test_a_moved_day_shows_what_it_was_and_every_move() -> None:
    """promises.md §2: the obligation stays as it was counted; the moves stand beside it, each with its days."""
    first = day_moved(INSPECTION, "inspection_report", D(2026, 11, 9), D(2026, 11, 11))
    second = day_moved(INSPECTION, "inspection_report", D(2026, 11, 11), D(2026, 11, 10), "cn-last")
    (duty,) = line(ended(D(2026, 11, 2)), first, second).duties
    assert duty.due.obligation.count.due == D(2026, 11, 9)
    assert [(m.from_on.day, m.to_on.day) for m in duty.due.moves] == [(9, 11), (11, 10)]
    assert (duty.due.due_on, duty.due.count.calendar_version) == (D(2026, 11, 10), "cn-last")
    assert duty.due.moves[0].moved_on == D(2026, 11, 2)


@pytest.mark.parametrize("meeting", [None, D(2026, 11, 11)], ids=["open", "met"])
def test_a_corrected_day_moves_what_is_owed_by_it_and_keeps_what_stood_before(meeting: date | None) -> None:
    """Art. 16, 28 (c): as first counted, as a calendar moved it, as the correction counts it, in their order; what was
    met stays met on its day, and is in time or late by the corrected one."""
    first = day_moved(INSPECTION, "inspection_report", D(2026, 11, 9), D(2026, 11, 12))
    correction = end_corrected(D(2026, 11, 2), D(2026, 11, 3), due_before=D(2026, 11, 12), on=D(2026, 11, 20))
    told = (ended(D(2026, 11, 2)), first, *((report_submitted(meeting),) if meeting else ()), correction)
    (duty,) = line(*told).duties
    assert (duty.due.first_on, duty.due.due_on, duty.due.met_on) == (D(2026, 11, 9), D(2026, 11, 10), meeting)
    assert [(m.by, m.from_on.day, m.to_on.day, m.moved_on.day) for m in duty.due.moves] == [
        ("calendar", 9, 12, 2),
        ("correction", 12, 10, 20),
    ]
    assert (duty.due.count.trigger, duty.due.trigger) == (D(2026, 11, 3), "inspection_ended")
    assert duty.due.obligation.count.trigger == D(2026, 11, 2)
    state = "met" if meeting else "owed"
    assert listed(*told) == [("inspection_report", TEAM, D(2026, 11, 10), state, meeting)]


def test_a_later_calendar_moves_on_from_the_corrected_count() -> None:
    """Art. 16, 28 (c)."""
    correction = end_corrected(D(2026, 11, 2), D(2026, 11, 3), due_before=D(2026, 11, 9))
    later = day_moved(INSPECTION, "inspection_report", D(2026, 11, 10), D(2026, 11, 13))
    (duty,) = line(ended(D(2026, 11, 2)), correction, later).duties
    assert [(m.by, m.from_on.day, m.to_on.day) for m in duty.due.moves] == [
        ("correction", 9, 10),
        ("calendar", 10, 13),
    ]
    assert duty.due.due_on == D(2026, 11, 13)


def test_a_teams_file_is_moved_too() -> None:
    """Art. 28: in the list, and on no unit's line."""
    move = day_moved(TEAM, "file_handover", D(2026, 12, 2), D(2026, 12, 7))
    assert listed(work_ended(D(2026, 11, 2)), move) == [("file_handover", TEAM, D(2026, 12, 7), "owed", None)]


DOCUMENTS: dict[str, tuple[tuple[Fact, ...], str, date | None]] = {
    "called for": ((), "owed", None),
    "given on the day": ((documents_answered(Given.GIVEN, D(2026, 11, 6)),), "met", D(2026, 11, 6)),
    "given in part": ((documents_answered(Given.PARTLY, D(2026, 11, 5)),), "owed", None),
    "refused": ((documents_answered(Given.REFUSED, D(2026, 11, 5)),), "owed", None),
    "completed the day after": (
        (documents_answered(Given.PARTLY, D(2026, 11, 5)), documents_answered(Given.GIVEN, D(2026, 11, 7))),
        "met",
        D(2026, 11, 7),
    ),
}


@pytest.mark.parametrize("told", DOCUMENTS)
def test_documents_called_for_are_owed_until_they_are_given_and_never_on_the_offices_board(told: str) -> None:
    """Art. 12(6), 25(2): what a team does on site is not the office's before it has the file."""
    answers, status, met_on = DOCUMENTS[told]
    facts = (documents_requested(D(2026, 11, 2), D(2026, 11, 6)), *answers)
    assert listed(*facts) == [("documents_wanted", UNIT, D(2026, 11, 6), status, met_on)]
    assert on_the_board(*facts) == []


def test_a_day_people_set_says_who_set_it_and_what_became_of_it() -> None:
    """Art. 12(6), 19: no period, no count, no edition; the old days stay."""
    (duty,) = line(
        item_planned(D(2026, 11, 3), D(2026, 11, 20)),
        item_planned(D(2026, 11, 5), D(2026, 11, 16)),
        extension_decided(1, D(2026, 12, 1), D(2026, 11, 14)),
    ).duties
    assert (duty.due.obligation, duty.due.count) == (None, None)
    day = duty.due.day
    assert day is not None
    assert (day.article, day.set_by, day.set_on, day.due_on) == ("19", "measures", D(2026, 11, 3), D(2026, 11, 20))
    assert (duty.due.first_on, duty.due.due_on) == (D(2026, 11, 20), D(2026, 12, 1))
    assert [(m.by, m.from_on.day, m.to_on.day, m.moved_on.day) for m in duty.due.moves] == [
        ("measures", 20, 16, 5),
        ("extension", 16, 1, 14),
    ]


def test_an_extension_granted_after_it_was_done_judges_by_the_later_day() -> None:
    """Art. 19 (c): who asked before, and was granted it, is not late."""
    facts = (
        item_planned(D(2026, 11, 3), D(2026, 11, 20)),
        item_updated(Progress.DONE, D(2026, 11, 23)),
        extension_decided(1, D(2026, 11, 27), D(2026, 11, 24)),
    )
    assert listed(*facts) == [("item_put_right", UNIT, D(2026, 11, 27), "met", D(2026, 11, 23))]


def test_a_calendar_moves_no_day_that_people_set() -> None:
    """Art. 19; promises.md §2: it counts nothing there."""
    assert still_open(entries(item_planned(D(2026, 11, 3), D(2026, 11, 20)))) == []
