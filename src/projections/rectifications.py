"""Rectification as several audiences see it: the unit its own, office and team with completion, the group numbers.

Completion is done ÷ total: only what is *done* counts, accepted or not yet checked; an item sent back is in progress
again and counts no more. Percent is rounded down, so that 100 means all (Art. 19).
"""

from collections import Counter
from datetime import date
from typing import Any, ClassVar

from domain.due_dates import DueDateMoved
from domain.duties import REPORTS
from domain.items import (
    EarlierProblemLinked,
    ItemChecked,
    ItemExtensionAsked,
    ItemExtensionDecided,
    ItemPlanned,
    ItemUpdated,
    Progress,
)
from domain.kernel import Content, Entry, Value
from domain.rectifications import (
    RectificationDayCorrected,
    RectificationOpened,
    RectificationReportReturned,
    RectificationReportSubmitted,
    Report,
)
from domain.rulebook.obligations import Obligation
from projections.rows import Correctable, Due, Row, anew, met, moved, step_of


class RectificationItemItem(Value):
    """A problem to be put right: measures, who, by when, evidence, where it stands, what the check said."""

    id: str
    category: str
    text: Content
    opinion: Content
    state: str = Progress.OPEN
    measures: Content | None = None
    responsible: str | None = None
    planned_on: date | None = None
    by_on: date | None = None
    evidence: Content | None = None
    updated_on: date | None = None
    asked_to: date | None = None
    asked_on: date | None = None
    asked_because: Content | None = None
    extension_granted: bool | None = None
    extension_reason: Content | None = None
    extension_decided_on: date | None = None
    accepted: bool | None = None
    visited: bool | None = None
    check_reason: Content | None = None
    checked_on: date | None = None
    earlier: tuple[str, ...] = ()


class SubmissionItem(Value):
    """One submission of one of the two reports, and its return, where it was returned."""

    which: str
    report: Content
    recipients: tuple[str, ...]
    how: str
    submitted_on: date
    returned_on: date | None = None
    reason: Content | None = None


class CompletionItem(Value):
    """How many items stand where; `percent` is done ÷ total, rounded down."""

    total: int
    done: int
    basically_done: int
    in_progress: int
    open: int
    not_done: int
    long_term: int
    accepted: int
    percent: int | None


def completion_of(states: list[tuple[str, bool]]) -> CompletionItem:
    """From each item's state, and whether it was accepted. Article 19."""
    found = Counter(state for state, _ in states)
    total = len(states)
    return CompletionItem(
        total=total,
        **{state.value: found[state.value] for state in Progress},
        accepted=sum(accepted for _, accepted in states),
        percent=found[Progress.DONE.value] * 100 // total if total else None,
    )


class UnitRectificationRow(Correctable):
    """A unit's rectification: its items, the two reports it owes, what was returned. Articles 19, 20.

    A due date is met by the first submission; later ones stand beside it. **Source** `rectification.*`, `item.*`.
    """

    inspection: str
    unit: str
    received_on: date
    items: tuple[RectificationItemItem, ...]
    report_due: Due | None = None
    heads_report_due: Due | None = None
    submissions: tuple[SubmissionItem, ...] = ()


class RectificationRow(UnitRectificationRow):
    """A rectification as those see it who follow it up: with its completion. Articles 19, 20.

    **Source** `rectification.*`, `item.*`.
    """

    round: str
    completion: CompletionItem


def rectifications_for(shown: type[UnitRectificationRow], readers: Any) -> Any:
    """The rectifications as rows of this class; `readers` says who reads one."""

    def rectifications(row: Any, entry: Entry[Any]) -> Any:
        fact = entry.fact
        if isinstance(fact, RectificationOpened):
            items = tuple(
                RectificationItemItem(id=i.item, category=i.category, text=i.text, opinion=i.opinion)
                for i in fact.items
            )
            more = {"round": fact.round, "completion": _completion(items)} if shown is RectificationRow else {}
            return shown(
                id=fact.inspection,
                readers=readers(fact),
                order=f"{fact.received_on.isoformat()}/{fact.inspection}",
                steps=(step_of(entry),),
                inspection=fact.inspection,
                unit=fact.unit,
                received_on=fact.received_on,
                items=items,
                report_due=_due(fact.report),
                heads_report_due=_due(fact.heads_report),
                **more,
            )
        if row is None:
            return None
        match fact:
            case RectificationReportSubmitted() | RectificationReportReturned():
                return row.then(entry, **_reports(row, fact))
            case DueDateMoved():
                return row.then(entry, **_moved_due(row, entry))
            case RectificationDayCorrected():
                return row.corrected(entry, fact.report or fact.heads_report, **_by_the_corrected_day(row, fact))
        items = tuple(_after(item, fact) if item.id == fact.item else item for item in row.items)
        more = {"completion": _completion(items)} if shown is RectificationRow else {}
        return row.then(entry, items=items, **more)

    return rectifications


def _by_the_corrected_day(row: Any, fact: RectificationDayCorrected) -> dict[str, Any]:
    return {
        "received_on": fact.corrected.day,
        "report_due": anew(row.report_due, fact.report, fact.corrected.corrected_on),
        "heads_report_due": anew(row.heads_report_due, fact.heads_report, fact.corrected.corrected_on),
    }


def _due(obligation: Obligation | None) -> Due | None:
    return Due(obligation=obligation) if obligation else None


def _completion(items: tuple[RectificationItemItem, ...]) -> CompletionItem:
    return completion_of([(item.state, bool(item.accepted)) for item in items])


def _due_field(which: Report) -> str:
    return "report_due" if which is Report.RECTIFICATION else "heads_report_due"


DUES = {duty: _due_field(which) for which, duty in REPORTS.items()}
"""The duties that stand in a rectification's row, and where."""


def _moved_due(row: Any, entry: Entry[Any]) -> dict[str, Any]:
    field = DUES[entry.fact.name]
    return {field: moved(getattr(row, field), entry)}


def _reports(row: UnitRectificationRow, fact: Any) -> dict[str, Any]:
    """What changes by a submission or a return."""
    match fact:
        case RectificationReportSubmitted():
            made = SubmissionItem(
                which=fact.which,
                report=fact.report,
                recipients=fact.recipients,
                how=fact.how,
                submitted_on=fact.submitted_on,
            )
            due = _due_field(fact.which)
            first = {due: met(getattr(row, due), fact.submitted_on)} if fact.submission == 1 else {}
            return {"submissions": (*row.submissions, made), **first}
    last = max(i for i, s in enumerate(row.submissions) if s.which == fact.which)
    returned = row.submissions[last].model_copy(update={"returned_on": fact.returned_on, "reason": fact.reason})
    return {"submissions": (*row.submissions[:last], returned, *row.submissions[last + 1 :])}


def _after(item: RectificationItemItem, fact: Any) -> RectificationItemItem:
    """An item after one of its facts."""
    changes: dict[str, Any] = {}
    match fact:
        case ItemPlanned():
            changes = {
                "measures": fact.measures,
                "responsible": fact.responsible,
                "planned_on": fact.planned_on,
                "by_on": fact.by_on,
            }
        case ItemUpdated():
            changes = {
                "state": fact.state.value,
                "evidence": fact.evidence,
                "updated_on": fact.updated_on,
                "accepted": None,
            }
        case ItemExtensionAsked():
            changes = {
                "asked_to": fact.to_on,
                "asked_on": fact.asked_on,
                "asked_because": fact.reason,
                "extension_granted": None,
                "extension_reason": None,
                "extension_decided_on": None,
            }
        case ItemExtensionDecided():
            changes = {
                "by_on": fact.to_on if fact.granted else item.by_on,
                "extension_granted": bool(fact.granted),
                "extension_reason": fact.reason,
                "extension_decided_on": fact.decided_on,
            }
        case ItemChecked():
            changes = {
                "state": item.state if fact.accepted else Progress.IN_PROGRESS.value,
                "accepted": bool(fact.accepted),
                "visited": bool(fact.visited),
                "check_reason": fact.reason,
                "checked_on": fact.checked_on,
            }
        case EarlierProblemLinked():
            changes = {"earlier": (*item.earlier, fact.earlier)}
    return item.model_copy(update=changes)


def rectification_key(entry: Entry[Any]) -> str | None:
    """One row for each inspection: the rectification and all its items."""
    match entry.fact:
        case (
            RectificationOpened()
            | RectificationDayCorrected()
            | RectificationReportSubmitted()
            | RectificationReportReturned()
            | ItemPlanned()
            | ItemUpdated()
            | ItemExtensionAsked()
            | ItemExtensionDecided()
            | ItemChecked()
            | EarlierProblemLinked()
        ) as fact:
            inspection: str = fact.inspection
            return inspection
        case DueDateMoved() as fact if fact.name in DUES:
            return fact.matter
    return None


class ItemStateItem(Value):
    """Where an item stands, and no more."""

    id: str
    state: str
    accepted: bool


class RectificationOverviewRow(Row):
    """A rectification in numbers: no text, no name, no step, for a step may carry a paper's words. Articles 19, 20.

    `…_submitted_on` is the last submission, as long as it was not returned. **Source** `rectification.*`, `item.*`.
    """

    hidden: ClassVar[frozenset[str]] = Row.hidden | {"states", "steps"}

    round: str
    unit: str
    received_on: date
    completion: CompletionItem
    report_due: Due | None = None
    heads_report_due: Due | None = None
    report_submitted_on: date | None = None
    heads_report_submitted_on: date | None = None
    states: tuple[ItemStateItem, ...]


def overview_for(readers: tuple[str, ...]) -> Any:
    """The overview; withheld from whoever holds a post in the unit."""

    def overview(row: RectificationOverviewRow | None, entry: Entry[Any]) -> RectificationOverviewRow | None:
        fact = entry.fact
        if isinstance(fact, RectificationOpened):
            states = tuple(ItemStateItem(id=i.item, state=Progress.OPEN, accepted=False) for i in fact.items)
            return RectificationOverviewRow(
                id=fact.inspection,
                readers=readers,
                withheld_from=(fact.unit,),
                order=f"{fact.received_on.isoformat()}/{fact.inspection}",
                round=fact.round,
                unit=fact.unit,
                received_on=fact.received_on,
                completion=_counted(states),
                report_due=_due(fact.report),
                heads_report_due=_due(fact.heads_report),
                states=states,
            )
        if row is None:
            return None
        match fact:
            case RectificationReportSubmitted() | RectificationReportReturned():
                return row.model_copy(update=_reported(row, fact))
            case DueDateMoved():
                return row.model_copy(update=_moved_due(row, entry))
            case RectificationDayCorrected():
                return row.model_copy(update=_by_the_corrected_day(row, fact))
            case ItemUpdated():
                return _moved(row, fact.item, fact.state.value, False)
            case ItemChecked():
                state = None if fact.accepted else Progress.IN_PROGRESS.value
                return _moved(row, fact.item, state, bool(fact.accepted))
        return row

    return overview


def _counted(states: tuple[ItemStateItem, ...]) -> CompletionItem:
    return completion_of([(s.state, s.accepted) for s in states])


def _moved(row: RectificationOverviewRow, item: str, state: str | None, accepted: bool) -> RectificationOverviewRow:
    states = tuple(
        s.model_copy(update={"state": state or s.state, "accepted": accepted}) if s.id == item else s
        for s in row.states
    )
    return row.model_copy(update={"states": states, "completion": _counted(states)})


def _reported(row: RectificationOverviewRow, fact: Any) -> dict[str, Any]:
    due = _due_field(fact.which)
    on = due.removesuffix("_due") + "_submitted_on"
    if isinstance(fact, RectificationReportReturned):
        return {on: None}
    first = {due: met(getattr(row, due), fact.submitted_on)} if fact.submission == 1 else {}
    return {on: fact.submitted_on, **first}
