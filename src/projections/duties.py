"""Who owes what to whom by when, in one list: every fact that raises a duty, meets it or lifts it (Art. 11(6), 16, 17,
19, 28).

A duty stands here because a fact carries its obligation, counted when it arose; open, soon, today and late are computed
when it is asked.
"""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any, Literal, NamedTuple

from domain.archives import FileReceived, RoundsWorkEnded
from domain.inspections import (
    InspectionDayCorrected,
    InspectionEnded,
    NoticePublished,
    NoticeReceived,
    NoticeServiceRecorded,
)
from domain.kernel import Entry
from domain.problems import kept_from
from domain.rectifications import RectificationDayCorrected, RectificationOpened, RectificationReportSubmitted, Report
from domain.reports import ReportSubmitted
from domain.rulebook.obligations import Obligation
from domain.transfers import (
    TransferAnswered,
    TransferDayCorrected,
    TransferReceived,
    TransferReturned,
    TransferServiceRecorded,
)
from projections.rows import Due, Row, met, step_of
from projections.shelf import View


class Raised(NamedTuple):
    """A duty as it arises: the matter it is about, what is owed, and by whom: a body, or a team."""

    matter: str
    name: str
    obligation: Obligation
    round: str
    unit: str | None
    owed_by: str
    withheld_from: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        return key_of(self.matter, self.name)


class Met(NamedTuple):
    """A duty as it is met."""

    key: str
    on: date


def key_of(matter: str, name: str) -> str:
    """The key of a duty: one of each name for each matter."""
    return f"{matter}/{name}"


def raised_by(entry: Entry[Any]) -> Iterator[Raised]:
    """The duties a fact raises. Without a receipt the record of service starts the same period (c)."""
    match entry.fact:
        case (
            NoticeReceived(publication=Obligation() as owed) | NoticeServiceRecorded(publication=Obligation() as owed)
        ) as fact:
            yield Raised(fact.inspection, "notice_publication", owed, fact.round, fact.unit, fact.unit)
        case InspectionEnded(report=Obligation() as owed) as fact:
            yield Raised(fact.inspection, "inspection_report", owed, fact.round, fact.unit, fact.team)
        case (
            TransferReceived(answer=Obligation() as owed) | TransferServiceRecorded(answer=Obligation() as owed)
        ) as fact:
            hidden = kept_from(fact.item, fact.unit, fact.withheld_from or ())
            yield Raised(fact.transfer, "transfer_answer", owed, fact.round, fact.unit, fact.organ, hidden)
        case RectificationOpened() as fact:
            for which, each in ((Report.RECTIFICATION, fact.report), (Report.HEADS, fact.heads_report)):
                if each is not None:
                    yield Raised(fact.inspection, REPORTS[which], each, fact.round, fact.unit, fact.unit)
        case InspectionDayCorrected() as fact:
            if fact.publication:
                again = fact.publication.obligation
                yield Raised(fact.inspection, "notice_publication", again, fact.round, fact.unit, fact.unit)
            if fact.report:
                again = fact.report.obligation
                yield Raised(fact.inspection, "inspection_report", again, fact.round, fact.unit, fact.team)
        case TransferDayCorrected() as fact if fact.answer:
            hidden = kept_from(fact.item, fact.unit, fact.withheld_from or ())
            again = fact.answer.obligation
            yield Raised(fact.transfer, "transfer_answer", again, fact.round, fact.unit, fact.organ, hidden)
        case RectificationDayCorrected() as fact:
            for which, anew in ((Report.RECTIFICATION, fact.report), (Report.HEADS, fact.heads_report)):
                if anew is not None:
                    yield Raised(fact.inspection, REPORTS[which], anew.obligation, fact.round, fact.unit, fact.unit)
        case RoundsWorkEnded() as fact:
            for handover in fact.handovers:
                if (each := handover.obligation) is not None:
                    yield Raised(handover.team, "file_handover", each, fact.round, None, handover.team)


def met_by(entry: Entry[Any]) -> Iterator[Met]:
    """The duties a fact meets."""
    match entry.fact:
        case NoticePublished() as fact:
            yield Met(key_of(fact.inspection, "notice_publication"), fact.published_on)
        case ReportSubmitted() as fact:
            yield Met(key_of(fact.inspection, "inspection_report"), fact.submitted_on)
        case TransferAnswered() as fact:
            yield Met(key_of(fact.transfer, "transfer_answer"), fact.answered_on)
        case RectificationReportSubmitted() as fact:
            yield Met(key_of(fact.inspection, REPORTS[fact.which]), fact.submitted_on)
        case FileReceived() as fact:
            yield Met(key_of(fact.team, "file_handover"), fact.handed_over_on)


def lifted_by(entry: Entry[Any]) -> Iterator[str]:
    """The keys of the duties a fact takes away: what was returned is owed no more."""
    match entry.fact:
        case TransferReturned() as fact:
            yield key_of(fact.transfer, "transfer_answer")


REPORTS = {Report.RECTIFICATION: "rectification_report", Report.HEADS: "heads_report"}
"""The two reports of Article 19 by the names of their duties: one period, two duties."""


def duty_keys(entry: Entry[Any]) -> tuple[str, ...]:
    """The duties an entry raises, meets or lifts."""
    return (*(r.key for r in raised_by(entry)), *(m.key for m in met_by(entry)), *lifted_by(entry))


class DutyRow(Row):
    """What is owed, by whom, by when and why that day; and whether it was met. Articles 11(6), 16, 17, 19, 28.

    `status` is owed or met; `due.state` and `due.urgency` say where it stands on the day of asking. The list is in
    the order of the days. **Source** every fact that carries an obligation (`projections/duties.py`).
    """

    matter: str
    round: str
    unit: str | None
    owed_by: str
    name: str
    deadline: str
    due_on: date
    due: Due
    status: Literal["owed", "met"]


def duties_for(readers: Callable[[Raised], tuple[str, ...]]) -> Callable[..., DutyRow | None]:
    """The duties as rows; `readers` says who reads one, and none means that it is not written there at all."""

    def duties(row: DutyRow | None, entry: Entry[Any], key: str) -> DutyRow | None:
        if key in lifted_by(entry):
            return None
        for raised in raised_by(entry):
            if raised.key == key and row is not None:
                # A receipt from before the service was recorded: counted again, and met where it was.
                due = Due(obligation=raised.obligation, met_on=row.due.met_on)
                return row.then(entry, order=_order(raised), due_on=raised.obligation.count.due, due=due)
            if raised.key == key and (who := readers(raised)):
                return DutyRow(
                    id=key,
                    readers=who,
                    withheld_from=raised.withheld_from,
                    order=_order(raised),
                    steps=(step_of(entry),),
                    matter=raised.matter,
                    round=raised.round,
                    unit=raised.unit,
                    owed_by=raised.owed_by,
                    name=raised.name,
                    deadline=raised.obligation.deadline,
                    due_on=raised.obligation.count.due,
                    due=Due(obligation=raised.obligation),
                    status="owed",
                )
        for fulfilled in met_by(entry):
            # What was met stays met on the day it first was, whatever is handed in again later.
            if fulfilled.key == key and row is not None and row.status == "owed":
                return row.then(entry, due=met(row.due, fulfilled.on), status="met")
        return row

    return duties


def _order(raised: Raised) -> str:
    return f"{raised.obligation.count.due.isoformat()}/{raised.key}"


def duties_view(name: str, readers: Callable[[Raised], tuple[str, ...]]) -> View:
    """The duties of one audience."""
    filters = ("round", "unit", "owed_by", "name", "status")
    return View(name, DutyRow, duty_keys, duties_for(readers), filters, version=3, many=True)
