"""What is still open when due dates are counted anew: raised, and not met or lifted (Art. 11(6), 16, 17, 19, 28)."""

from collections.abc import Iterator
from datetime import date
from typing import Any, get_args

import pytest
from pydantic import BaseModel
from tests.owing import (
    INSPECTION,
    ROUND,
    TEAM,
    TRANSFER,
    UNIT,
    day_moved,
    end_corrected,
    ended,
    entries,
    file_received,
    notice_published,
    notice_received,
    notice_service,
    obligation,
    rectification_opened,
    rectification_report,
    report_submitted,
    still_open,
    transfer_answered,
    transfer_received,
    transfer_returned,
    work_ended,
)

from domain.deliveries import DeliveryMade, DeliveryReceived, DeliveryServiceRecorded
from domain.duties import FACTS, Open
from domain.facts import fact_types
from domain.feedback import FeedbackReceived, FeedbackServiceRecorded
from domain.kernel import Fact, Label, Manner, Secret, derived_id
from domain.rectifications import Report
from domain.reports import report_of
from domain.rulebook.obligations import Obligation

D = date
DELIVERY, ONE, OTHER = derived_id("delivery", "one"), derived_id("person", "a"), derived_id("person", "b")


def delivered(on: date) -> DeliveryMade:
    return DeliveryMade(
        delivery=DELIVERY,
        round=ROUND,
        occasion="liaison",
        sender="office",
        to="persons",
        made_by=ONE,
        unit=UNIT,
        recipients=(ONE, OTHER),
        how=Manner.IN_PERSON,
        content=Secret("x"),
        delivered_on=on,
        service=obligation("service_record", on),
    )


def acknowledged(by: str, on: date) -> DeliveryReceived:
    return DeliveryReceived(delivery=DELIVERY, round=ROUND, received_by=by, received_on=on, how=Manner.IN_PERSON)


def service_recorded(on: date) -> DeliveryServiceRecorded:
    return DeliveryServiceRecorded(
        delivery=DELIVERY, round=ROUND, recipients=(OTHER,), recorded_on=on, reason=Secret("未签收")
    )


STORIES: dict[str, tuple[tuple[Fact, ...], list[tuple[str, date]]]] = {
    "a notice received": ((notice_received(D(2026, 11, 2)),), [("notice_publication", D(2026, 11, 5))]),
    "and published": ((notice_received(D(2026, 11, 2)), notice_published(D(2026, 11, 9))), []),
    "a receipt found after the publication opens nothing": (
        (notice_service(D(2026, 11, 9)), notice_published(D(2026, 11, 11)), notice_received(D(2026, 11, 4))),
        [],
    ),
    "an inspection ended": ((ended(D(2026, 11, 2)),), [("inspection_report", D(2026, 11, 9))]),
    "and its report submitted": ((ended(D(2026, 11, 2)), report_submitted(D(2026, 11, 6))), []),
    "a transfer received": ((transfer_received(D(2026, 11, 2)),), [("transfer_answer", D(2026, 12, 2))]),
    "and answered": ((transfer_received(D(2026, 11, 2)), transfer_answered(D(2026, 12, 3))), []),
    "and returned": ((transfer_received(D(2026, 11, 2)), transfer_returned(D(2026, 11, 3))), []),
    "a rectification with one report in": (
        (rectification_opened(D(2026, 11, 2)), rectification_report(Report.HEADS, D(2026, 12, 3))),
        [("rectification_report", D(2026, 12, 2))],
    ),
    "a file owed": ((work_ended(D(2026, 11, 2)),), [("file_handover", D(2026, 12, 2))]),
    "and received": ((work_ended(D(2026, 11, 2)), file_received(D(2026, 12, 4), D(2026, 12, 1))), []),
    "a day moved before": (
        (ended(D(2026, 11, 2)), day_moved(INSPECTION, "inspection_report", D(2026, 11, 9), D(2026, 11, 11))),
        [("inspection_report", D(2026, 11, 11))],
    ),
    "a day corrected after it was moved, and moved again": (
        (
            ended(D(2026, 11, 2)),
            day_moved(INSPECTION, "inspection_report", D(2026, 11, 9), D(2026, 11, 11)),
            end_corrected(D(2026, 11, 2), D(2026, 11, 3), due_before=D(2026, 11, 11)),
            day_moved(INSPECTION, "inspection_report", D(2026, 11, 10), D(2026, 11, 12)),
        ),
        [("inspection_report", D(2026, 11, 12))],
    ),
    "a day corrected after what it started was met": (
        (
            ended(D(2026, 11, 2)),
            report_submitted(D(2026, 11, 6)),
            end_corrected(D(2026, 11, 2), D(2026, 11, 3), due_before=D(2026, 11, 9)),
        ),
        [],
    ),
    "a delivery one of two has acknowledged": (
        (delivered(D(2026, 11, 2)), acknowledged(ONE, D(2026, 11, 3))),
        [("service_record", D(2026, 11, 5))],
    ),
    "and both": (
        (delivered(D(2026, 11, 2)), acknowledged(ONE, D(2026, 11, 3)), acknowledged(OTHER, D(2026, 11, 3))),
        [],
    ),
    "and service recorded": ((delivered(D(2026, 11, 2)), service_recorded(D(2026, 11, 6))), []),
}


def open_after(*facts: Fact) -> list[Open]:
    assert all(isinstance(fact, FACTS) for fact in facts)
    return still_open(entries(*facts))


@pytest.mark.parametrize("told", STORIES)
def test_what_nobody_has_met_is_open(told: str) -> None:
    """promises.md §2: met ones never move."""
    facts, expected = STORIES[told]
    assert [(each.name, each.counted.due) for each in open_after(*facts)] == expected


def test_each_says_whose_it_is_and_in_which_streams_it_could_be_met() -> None:
    """promises.md §2: a report is submitted in a stream of its own."""
    (report,) = open_after(ended(D(2026, 11, 2)))
    assert (report.matter, report.round, report.unit, report.edition) == (INSPECTION, ROUND, UNIT, "yiwu-2015")
    assert report.streams == (INSPECTION, report_of(INSPECTION))
    assert (report.owed_by, report.withheld_from, report.labelled_as) == (TEAM, (), Label.INSPECTION)
    (answer,) = open_after(transfer_received(D(2026, 11, 2)))
    assert (answer.matter, answer.unit) == (TRANSFER, UNIT)
    assert answer.labelled_as == Label.TRANSFER
    told = transfer_received(D(2026, 11, 2))
    (kept,) = open_after(told.model_copy(update={"item": derived_id("problem", "one"), "withheld_from": (ONE,)}))
    assert (kept.owed_by, kept.withheld_from) == (told.organ, (UNIT, ONE))
    (late,) = open_after(delivered(D(2026, 11, 2)).model_copy(update={"unit": UNIT, "to": "organ"}))
    assert (late.owed_by, late.withheld_from, late.labelled_as) == (None, (UNIT,), Label.DELIVERY)
    (file,) = open_after(work_ended(D(2026, 11, 2)))
    assert (file.matter, file.unit) == (TEAM, None)
    assert (file.owed_by, file.labelled_as) == (TEAM, Label.PROCEDURE)


def obligations_of(model: type[BaseModel]) -> Iterator[Any]:
    """Whether a fact stores an obligation, at any depth."""
    for field in model.model_fields.values():
        waiting = [field.annotation]
        while waiting:
            found = waiting.pop()
            waiting += get_args(found)
            if found is Obligation:
                yield found
            elif isinstance(found, type) and issubclass(found, BaseModel):
                yield from obligations_of(found)


def test_every_fact_that_stores_an_obligation_is_looked_at() -> None:
    """promises.md §2: what a later fact adds must be counted anew, too. The feedback's receipt stores what the
    rectification opened with it, in the same append, raises."""
    storing = {fact for fact in fact_types().values() if any(obligations_of(fact))}
    assert storing - set(FACTS) == {FeedbackReceived, FeedbackServiceRecorded}
