"""A due date moved by a later calendar is another day wherever it is shown (Art. 11(6), 16, 17, 19, 28; ADR 30)."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from pydantic import BaseModel
from tests.owing import (
    HERE,
    INSPECTION,
    MOVED,
    PERSON,
    ROUND,
    TEAM,
    TRANSFER,
    UNIT,
    WRITTEN,
    day_moved,
    end_corrected,
    ended,
    entries,
    file_received,
    notice_published,
    notice_received,
    obligation,
    rectification_opened,
    rectification_report,
    report_submitted,
    transfer_answered,
    transfer_received,
    work_ended,
)

from api.composition import VIEWS
from domain.deliveries import DeliveryMade
from domain.inspections import InspectionAssigned, NoticeServed
from domain.kernel import Assignment, Fact, Manner, Secret, derived_id
from domain.rectifications import Report
from domain.rulebook.posts import Standing
from domain.teams import TeamOpened
from domain.transfers import Basis, TransferMade
from projections.rows import Due, Row

D = date
DELIVERY = derived_id("delivery", "one")
ASSIGNED = (
    InspectionAssigned(**HERE, team=TEAM),
    NoticeServed(
        **HERE,
        served_on=D(2026, 11, 2),
        recipients=(PERSON,),
        how=WRITTEN,
        content=Secret("x"),
        from_on=D(2026, 11, 2),
        until_on=D(2026, 12, 2),
    ),
)
MADE = TransferMade(
    **MOVED,
    inspection=INSPECTION,
    basis=Basis.DISPOSAL,
    organ_class="discipline",
    recipients=(PERSON,),
    how=WRITTEN,
    material=Secret("x"),
    transferred_on=D(2026, 11, 2),
)
OPENED = TeamOpened(team=TEAM, round=ROUND, assignments=(Assignment(unit=UNIT, inspection=INSPECTION),))
DELIVERED = DeliveryMade(
    delivery=DELIVERY,
    round=ROUND,
    occasion="report_to_group",
    sender="office",
    to="team",
    team=TEAM,
    made_by=PERSON,
    standing=Standing.LEADING_GROUP,
    recipients=(PERSON,),
    how=Manner.IN_PERSON,
    content=Secret("x"),
    delivered_on=D(2026, 11, 2),
    service=obligation("service_record", D(2026, 11, 2)),
)

STORIES: dict[str, tuple[tuple[Fact, ...], str, str, date, Fact, set[str]]] = {
    "publication": (
        (*ASSIGNED, notice_received(D(2026, 11, 2))),
        INSPECTION,
        "notice_publication",
        D(2026, 11, 5),
        notice_published(D(2026, 11, 5)),
        {"office_inspections", "team_inspections", "unit_inspections", "office_duties", "unit_duties", "office_board"},
    ),
    "report": (
        (*ASSIGNED, ended(D(2026, 11, 2))),
        INSPECTION,
        "inspection_report",
        D(2026, 11, 9),
        report_submitted(D(2026, 11, 9)),
        {"office_inspections", "team_inspections", "office_duties", "team_duties", "office_board"},
    ),
    "answer": (
        (*ASSIGNED, MADE, transfer_received(D(2026, 11, 2))),
        TRANSFER,
        "transfer_answer",
        D(2026, 12, 2),
        transfer_answered(D(2026, 12, 2)),
        {"office_transfers", "organ_transfers", "office_duties", "organ_duties", "office_board"},
    ),
    **{
        name: (
            (*ASSIGNED, rectification_opened(D(2026, 11, 2))),
            INSPECTION,
            name,
            D(2026, 12, 2),
            rectification_report(which, D(2026, 12, 2)),
            {
                *("office_rectifications", "team_rectifications", "unit_rectifications"),
                *("leading_group_rectifications", "office_duties", "unit_duties", "office_board"),
            },
        )
        for name, which in (("rectification_report", Report.RECTIFICATION), ("heads_report", Report.HEADS))
    },
    "file": (
        (OPENED, work_ended(D(2026, 11, 2))),
        TEAM,
        "file_handover",
        D(2026, 12, 2),
        file_received(D(2026, 12, 2), D(2026, 12, 2)),
        {"office_files", "team_checklists", "office_duties", "team_duties"},
    ),
}


def shown(*facts: Fact) -> dict[str, list[Row]]:
    """Every row of every list after these facts."""
    rows: dict[str, dict[str, Row]] = {view.name: {} for view in VIEWS}
    for told in entries(*facts):
        entry = replace(told, stream=getattr(told.fact, "transfer", getattr(told.fact, "delivery", told.stream)))
        for view in VIEWS:
            for key in view.keys(entry):
                row = view.after(rows[view.name].pop(key, None), entry, key)
                if row is not None:
                    rows[view.name][key] = row
    return {name: list(held.values()) for name, held in rows.items()}


def dues_of(value: Any) -> Iterator[Due]:
    if isinstance(value, Due):
        yield value
    elif isinstance(value, tuple):
        for each in value:
            yield from dues_of(each)
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from dues_of(getattr(value, name))


@pytest.mark.parametrize("told", STORIES)
def test_it_is_moved_in_every_list_that_shows_it_and_in_no_other(told: str) -> None:
    """promises.md §2: the day now due, the day it was, the move between."""
    facts, matter, name, was, meeting, where = STORIES[told]
    move = day_moved(matter, name, was, D(2026, 12, 11))
    before, after = shown(*facts), shown(*facts, move)
    changed = {view for view in after if list(dues_of(tuple(after[view]))) != list(dues_of(tuple(before[view])))}
    assert changed == where
    for view in where:
        moved = [due for due in dues_of(tuple(after[view])) if due.moves]
        assert [(d.due_on, d.obligation.count.due, d.met_on) for d in moved] == [(D(2026, 12, 11), was, None)]
    met = shown(*facts, meeting)
    late = shown(*facts, meeting, move)
    for view in where:
        assert list(dues_of(tuple(late[view]))) == list(dues_of(tuple(met[view]))), view


def test_a_corrected_day_moves_it_in_the_same_lists_and_the_row_says_what_stood() -> None:
    """Art. 16, 28 (c): after a calendar moved it; which entry said the day, by which paper."""
    facts, matter, name, was, _, where = STORIES["report"]
    ended_on = facts[-1].ended_on  # type: ignore[attr-defined]
    told = (*facts, day_moved(matter, name, was, D(2026, 12, 11)))
    before = shown(*told)
    after = shown(*told, end_corrected(ended_on, ended_on + timedelta(1), due_before=D(2026, 12, 11)))
    changed = {view for view in after if list(dues_of(tuple(after[view]))) != list(dues_of(tuple(before[view])))}
    assert changed == where
    for view in where:
        (due,) = (due for due in dues_of(tuple(after[view])) if due.moves)
        assert [(m.by, m.from_on) for m in due.moves] == [("calendar", was), ("correction", D(2026, 12, 11))]
    for view in ("office_inspections", "team_inspections"):
        (row,) = after[view]
        (item,) = row.corrections  # type: ignore[attr-defined]
        assert (item.due_before, item.due, item.entry) == (D(2026, 12, 11), due.due_on, str(UUID(int=1)))
        assert item.paper.reference == Secret("文号")


def test_the_last_day_for_a_receipt_is_moved_where_a_delivery_is_shown() -> None:
    """Art. 11(4), 18, 22, 29: the day after it the office may record service."""
    move = day_moved(DELIVERY, "service_record", D(2026, 11, 5), D(2026, 11, 9))
    for view in ("office_deliveries", "team_deliveries"):
        (before,), (after,) = shown(DELIVERED)[view], shown(DELIVERED, move)[view]
        assert (getattr(before, "service_after", None), getattr(after, "service_after", None)) == (
            D(2026, 11, 5),
            D(2026, 11, 9),
        )
    assert shown(DELIVERED, move)["office_duties"] == []
