"""Which facts raise a duty, meet it, lift it or move its day: one list for the views and for recounting (Art. 11(6),
12(6), 16, 17, 19, 20, 28).

A duty stands here because a fact carries its obligation, counted when it arose, or a day that somebody set in it.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any, Literal, NamedTuple

from domain.archives import FileReceived, RoundsWorkEnded
from domain.deliveries import DeliveryMade, DeliveryReceived, DeliveryServiceRecorded, past_the_unit
from domain.documents import DocumentsAnswered, DocumentsRequested, Given
from domain.due_dates import DueDateMoved
from domain.inspections import (
    InspectionDayCorrected,
    InspectionEnded,
    NoticePublished,
    NoticeReceived,
    NoticeServiceRecorded,
)
from domain.items import ItemChecked, ItemExtensionDecided, ItemPlanned, ItemUpdated, Progress
from domain.kernel import Entry, Fact, Label
from domain.problems import kept_from
from domain.rectifications import RectificationDayCorrected, RectificationOpened, RectificationReportSubmitted, Report
from domain.reports import ReportSubmitted, report_of
from domain.rulebook.counting import Count
from domain.rulebook.obligations import Obligation, Recounted, SetDay
from domain.transfers import (
    TransferAnswered,
    TransferDayCorrected,
    TransferReceived,
    TransferReturned,
    TransferServiceRecorded,
)

DutyName = Literal[
    "notice_publication",
    "inspection_report",
    "transfer_answer",
    "rectification_report",
    "heads_report",
    "file_handover",
    "documents_wanted",
    "item_put_right",
]
"""All that a list of duties can hold, by the names of `raised_by`."""


class Raised(NamedTuple):
    """A duty as it arises: the matter it is about, what is owed, and by whom: a body, or a team.

    `inspection` and `doer` are there where a day was set: at which inspection, and by whom.
    """

    matter: str
    name: str
    owed: Obligation | SetDay
    round: str
    unit: str | None
    owed_by: str
    withheld_from: tuple[str, ...] = ()
    inspection: str | None = None
    doer: str | None = None
    corrected: tuple[Recounted, date] | None = None
    """Counted anew because its day was corrected, and when that was; else it arises, or arises another way."""

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
            for anew, name, by in (
                (fact.publication, "notice_publication", fact.unit),
                (fact.report, "inspection_report", fact.team),
            ):
                if anew is not None:
                    yield _anew(entry, fact.inspection, name, anew, by)
        case TransferDayCorrected(answer=Recounted() as anew) as fact:
            hidden = kept_from(fact.item, fact.unit, fact.withheld_from or ())
            yield _anew(entry, fact.transfer, "transfer_answer", anew, fact.organ, hidden)
        case RectificationDayCorrected() as fact:
            for which, anew in ((Report.RECTIFICATION, fact.report), (Report.HEADS, fact.heads_report)):
                if anew is not None:
                    yield _anew(entry, fact.inspection, REPORTS[which], anew, fact.unit)
        case RoundsWorkEnded() as fact:
            for handover in fact.handovers:
                if (each := handover.obligation) is not None:
                    yield Raised(handover.team, "file_handover", each, fact.round, None, handover.team)
        case DocumentsRequested() as fact:
            day = SetDay(
                deadline=DOCUMENTS,
                article="12(6)",
                set_by="request",
                set_on=fact.requested_on,
                due_on=fact.wanted_by,
                owed_by="unit",
                owed_to="team",
            )
            yield _set(entry, fact.request, day)
        case ItemPlanned() as fact:
            day = SetDay(
                deadline=ITEM,
                article="19",
                set_by="measures",
                set_on=fact.planned_on,
                due_on=fact.by_on,
                owed_by="unit",
                owed_to="office",
            )
            yield _set(entry, fact.item, day)


def _anew(
    entry: Entry[Any], matter: str, name: str, anew: Recounted, owed_by: str, hidden: tuple[str, ...] = ()
) -> Raised:
    fact = entry.fact
    return Raised(
        matter,
        name,
        anew.obligation,
        fact.round,
        fact.unit,
        owed_by,
        hidden,
        corrected=(anew, fact.corrected.corrected_on),
    )


def _set(entry: Entry[Any], matter: str, day: SetDay) -> Raised:
    fact = entry.fact
    return Raised(
        matter,
        day.deadline,
        day,
        fact.round,
        fact.unit,
        fact.unit,
        inspection=fact.inspection,
        doer=entry.stamp.doer,
    )


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
        case DocumentsAnswered(outcome=Given.GIVEN) as fact:
            # What was given in part, or refused, is still wanted.
            yield Met(key_of(fact.request, DOCUMENTS), fact.answered_on)
        case ItemUpdated(state=Progress.DONE) as fact:
            yield Met(key_of(fact.item, ITEM), fact.updated_on)


def lifted_by(entry: Entry[Any]) -> Iterator[str]:
    """The keys of the duties a fact takes away: what was returned is owed no more."""
    match entry.fact:
        case TransferReturned() as fact:
            yield key_of(fact.transfer, "transfer_answer")


class Reset(NamedTuple):
    """A day somebody set, set to another by an approved extension."""

    key: str
    to_on: date
    on: date


def reset_by(entry: Entry[Any]) -> Iterator[Reset]:
    """The days a fact sets to another. An item's own day may be extended, with a reason and approved (Art. 19 (c))."""
    match entry.fact:
        case ItemExtensionDecided(granted=1) as fact:
            yield Reset(key_of(fact.item, ITEM), fact.to_on, fact.decided_on)


def reopened_by(entry: Entry[Any]) -> Iterator[str]:
    """The keys of the duties a fact opens again: an item that is done no more, or was sent back (Art. 19, 20)."""
    match entry.fact:
        case ItemChecked(accepted=0) as fact:
            yield key_of(fact.item, ITEM)
        case ItemUpdated() as fact if fact.state is not Progress.DONE:
            yield key_of(fact.item, ITEM)


DOCUMENTS, ITEM = "documents_wanted", "item_put_right"
"""The names of the duties whose day somebody set: documents called for, and an item of the rectification."""

REPORTS = {Report.RECTIFICATION: "rectification_report", Report.HEADS: "heads_report"}
"""The two reports of Article 19 by the names of their duties: one period, two duties."""


# --- what is open, for counting anew ---------------------------------------------------------------------------

FACTS: tuple[type[Fact], ...] = (
    NoticeReceived,
    NoticeServiceRecorded,
    NoticePublished,
    InspectionEnded,
    InspectionDayCorrected,
    ReportSubmitted,
    TransferReceived,
    TransferServiceRecorded,
    TransferDayCorrected,
    TransferAnswered,
    TransferReturned,
    RectificationOpened,
    RectificationDayCorrected,
    RectificationReportSubmitted,
    RoundsWorkEnded,
    FileReceived,
    DeliveryMade,
    DeliveryReceived,
    DeliveryServiceRecorded,
    DueDateMoved,
)
"""All that raise, meet, lift or move what is counted."""


class Open(NamedTuple):
    """An obligation nobody has met: how it is counted now, by which edition, the streams it may be met in, and who may
    know of it: as of the fact that raised it."""

    matter: str
    name: str
    round: str
    unit: str | None
    owed_by: str | None
    withheld_from: tuple[str, ...]
    labelled_as: Label
    edition: str
    counted: Count
    streams: tuple[str, ...]


class StillOpen:
    """The obligations that entries leave open; they are given one after another, those of `FACTS`, in order.

    The period for the receipt of a delivery is one too: service may be recorded after it (Art. 11(4), 18, 22, 29).
    """

    def __init__(self) -> None:
        self._open: dict[str, Open] = {}
        self._met: set[str] = set()
        self._awaited: dict[str, set[str]] = {}

    def take(self, entry: Entry[Any]) -> None:
        """What this entry raises, meets or moves."""
        open_, awaited = self._open, self._awaited
        for raised in raised_by(entry):
            if isinstance(raised.owed, Obligation) and raised.key not in self._met:
                where = (
                    (entry.stream, report_of(raised.matter)) if raised.name == "inspection_report" else (entry.stream,)
                )
                open_[raised.key] = _open(entry, raised, raised.owed, where)
        gone = [*(m.key for m in met_by(entry)), *lifted_by(entry)]
        self._met |= set(gone)
        match entry.fact:
            case DeliveryMade(service=Obligation() as service) as fact:
                awaited[fact.delivery] = set(fact.recipients)
                receipt = Raised(fact.delivery, RECEIPT, service, fact.round, fact.unit, "", past_the_unit(fact))
                open_[receipt.key] = _open(entry, receipt, service, (entry.stream,))
            case DeliveryReceived() as fact:
                awaited.setdefault(fact.delivery, set()).discard(fact.received_by)
                gone += [] if awaited[fact.delivery] else [key_of(fact.delivery, RECEIPT)]
            case DeliveryServiceRecorded() as fact:
                gone.append(key_of(fact.delivery, RECEIPT))
            case DueDateMoved() as fact if (key := key_of(fact.matter, fact.name)) in open_:
                open_[key] = open_[key]._replace(counted=fact.count)
        for key in gone:
            open_.pop(key, None)

    def all(self) -> list[Open]:
        """What is open now, in the order of the keys."""
        return [self._open[key] for key in sorted(self._open)]


RECEIPT = "service_record"
"""The name of the period in which a receipt is awaited."""


def _open(entry: Entry[Any], raised: Raised, owed: Obligation, streams: tuple[str, ...]) -> Open:
    return Open(
        raised.matter,
        raised.name,
        raised.round,
        raised.unit,
        raised.owed_by or None,
        raised.withheld_from,
        entry.fact.labelled(),
        owed.edition,
        owed.count,
        streams,
    )
