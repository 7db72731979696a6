"""A team's file: owed, listed, received; the checklist of what the ledger holds; periodic reports (Art. 28)."""

from datetime import date
from typing import Any

from domain.archives import FileEntry, FileHandedOver, FileReceived, RoundsWorkEnded
from domain.due_dates import DueDateMoved
from domain.inspections import InspectionAssigned
from domain.kernel import Content, Entry, Value
from domain.petitions import PetitionHandled, PetitionRegistered
from domain.rectifications import RectificationOpened, RectificationReportSubmitted
from domain.reporting import ReporterNamed, ReportMade
from domain.teams import MeetingHeld, TeamOpened
from projections.rows import Due, Row, met, moved, step_of


class FileEntryItem(Value):
    """One kind of papers as it was listed: pieces, what is missing and why, whether more is to follow."""

    kind: str
    pieces: int
    missing: Content | None
    to_follow: bool
    classified_numbers: Content | None


def _listed(entries: tuple[FileEntry, ...]) -> tuple[FileEntryItem, ...]:
    return tuple(
        FileEntryItem(
            kind=e.kind,
            pieces=e.pieces,
            missing=e.missing,
            to_follow=bool(e.to_follow),
            classified_numbers=e.classified_numbers,
        )
        for e in entries
    )


class FileRow(Row):
    """A team's file on its way to the office: due, handed over, received. Article 28.

    The month is met by the day of handing over, once the file was received. **Source** `round.work-ended`, `file.*`.
    """

    round: str
    status: str
    due: Due | None
    entries: tuple[FileEntryItem, ...] = ()
    recipients: tuple[str, ...] = ()
    handed_over_on: date | None = None
    received_on: date | None = None
    remarks: Content | None = None


def files_for(readers: tuple[str, ...]) -> Any:
    """A row for each team, from the end of the round's work on."""

    def files(row: FileRow | None, entry: Entry[Any], team: str) -> FileRow | None:
        fact = entry.fact
        if isinstance(fact, RoundsWorkEnded):
            return FileRow(
                id=team,
                readers=readers,
                order=f"{fact.ended_on.isoformat()}/{team}",
                steps=(step_of(entry),),
                round=fact.round,
                status="owed",
                due=_owed(fact, team),
            )
        return row and row.then(entry, **_after(row.due, entry))

    return files


def _owed(fact: RoundsWorkEnded, team: str) -> Due | None:
    obligation = next((h.obligation for h in fact.handovers if h.team == team), None)
    return Due(obligation=obligation) if obligation else None


def _after(due: Due | None, entry: Entry[Any]) -> dict[str, Any]:
    """What handing over, receipt or a later calendar changes."""
    fact = entry.fact
    match fact:
        case DueDateMoved():
            return {"due": moved(due, entry)}
        case FileHandedOver():
            return {
                "status": "handed_over",
                "entries": _listed(fact.entries),
                "recipients": fact.recipients,
                "handed_over_on": fact.handed_over_on,
            }
        case FileReceived():
            return {
                "status": "received",
                "received_on": fact.received_on,
                "remarks": fact.remarks,
                "due": met(due, fact.handed_over_on),
            }
    return {}


def file_key(entry: Entry[Any]) -> tuple[str, ...]:
    match entry.fact:
        case RoundsWorkEnded() as fact:
            return tuple(h.team for h in fact.handovers)
        case FileHandedOver() | FileReceived() as fact:
            return (fact.team,)
        case DueDateMoved(name="file_handover") as fact:
            return (fact.matter,)
    return ()


# --- the checklist ---------------------------------------------------------------------------------------------


class PapersItem(Value):
    """One kind of papers: how many there should be, and how many the ledger holds."""

    kind: str
    expected: int
    held: int


class ChecklistRow(Row):
    """What the ledger holds for a team's file, kind by kind, beside what was listed. Article 28.

    One row for each unit of the team, counted from what was done there, and one (without `unit`) for what the team did
    as a whole; this one also has the list handed over. What is expected and not held is missing or to follow.
    **Source** the facts counted; no step of theirs, which would be a list of petitions.
    """

    round: str
    team: str
    unit: str | None
    papers: tuple[PapersItem, ...] = ()
    status: str = "open"
    due: Due | None = None
    entries: tuple[FileEntryItem, ...] = ()
    recipients: tuple[str, ...] = ()
    handed_over_on: date | None = None
    received_on: date | None = None
    remarks: Content | None = None


def checklists_for(of_unit: Any, of_team: Any) -> Any:
    """The checklists; the two say who reads a unit's row and the team's."""

    def checklists(row: ChecklistRow | None, entry: Entry[Any], key: str) -> ChecklistRow | None:
        fact = entry.fact
        match fact:
            case InspectionAssigned():
                return ChecklistRow(
                    id=fact.inspection,
                    readers=of_unit(fact.inspection),
                    order=f"{fact.team}/{fact.inspection}",
                    steps=(step_of(entry),),
                    round=fact.round,
                    team=fact.team,
                    unit=fact.unit,
                )
            case TeamOpened():
                return ChecklistRow(
                    id=fact.team,
                    readers=of_team(fact.team, [a.inspection for a in fact.assignments]),
                    order=fact.team,
                    steps=(step_of(entry),),
                    round=fact.round,
                    team=fact.team,
                    unit=None,
                )
        if row is None:
            return None
        match fact:
            case RoundsWorkEnded():
                return row.then(entry, status="owed", due=_owed(fact, key))
            case FileHandedOver() | FileReceived() | DueDateMoved():
                return row.then(entry, **_after(row.due, entry))
        return row.model_copy(update={"papers": _counted(row.papers, counted(fact))})

    return checklists


def counted(fact: Any) -> tuple[str, int, int] | None:
    """What a fact adds to the file: the kind of papers, how many are expected by it, how many are there by it.

    Every slice of the work that makes papers has its line here.
    """
    match fact:
        case MeetingHeld():
            return "meeting_papers", 1, 1
        case PetitionRegistered():
            return "petition_forms", 1, 0
        case PetitionHandled():
            return "petition_forms", 0, 1
        case RectificationOpened():
            return "rectification_reports", 2, 0
        case RectificationReportSubmitted() if fact.submission == 1:
            return "rectification_reports", 0, 1
    return None


def _counted(papers: tuple[PapersItem, ...], more: tuple[str, int, int] | None) -> tuple[PapersItem, ...]:
    if more is None:
        return papers
    kind, expected, held = more
    before = next((p for p in papers if p.kind == kind), PapersItem(kind=kind, expected=0, held=0))
    now = PapersItem(kind=kind, expected=before.expected + expected, held=before.held + held)
    return tuple(sorted((*(p for p in papers if p.kind != kind), now), key=lambda p: p.kind))


def checklist_key(entry: Entry[Any]) -> tuple[str, ...]:
    fact = entry.fact
    if isinstance(fact, TeamOpened | MeetingHeld):
        return (fact.team,)
    if isinstance(fact, InspectionAssigned) or counted(fact) is not None:
        return (fact.inspection,)
    return file_key(entry)


# --- periodic reports ------------------------------------------------------------------------------------------


class PeriodicReportRow(Row):
    """A periodic report of a team to the office. Article 28. **Source** `reporting.report-made`."""

    team: str
    round: str
    of: str
    content: Content
    reported_by: str
    recipients: tuple[str, ...]
    reported_on: date


def periodic_reports_for(readers: Any) -> Any:
    """The periodic reports as rows; `readers` says who reads one."""

    def periodic_reports(row: PeriodicReportRow | None, entry: Entry[Any]) -> PeriodicReportRow | None:
        match entry.fact:
            case ReportMade() as fact:
                return PeriodicReportRow(
                    id=fact.report,
                    readers=readers(fact),
                    order=f"{fact.reported_on.isoformat()}/{fact.report}",
                    steps=(step_of(entry),),
                    team=fact.team,
                    round=fact.round,
                    of=fact.of,
                    content=fact.content,
                    reported_by=fact.reported_by,
                    recipients=fact.recipients,
                    reported_on=fact.reported_on,
                )
        return row

    return periodic_reports


def periodic_report_key(entry: Entry[Any]) -> str | None:
    return entry.fact.report if isinstance(entry.fact, ReportMade) else None


class ReporterRow(Row):
    """Who gathers a team's materials and reports to the office. Article 28. **Source** `reporting.person-named`."""

    round: str
    person: str
    named_on: date


def reporters_for(readers: Any) -> Any:
    """The persons named, a row for each team; `readers` says who reads one."""

    def reporters(row: ReporterRow | None, entry: Entry[Any]) -> ReporterRow | None:
        match entry.fact:
            case ReporterNamed() as fact:
                made = ReporterRow(
                    id=fact.team,
                    readers=readers(fact),
                    order=fact.team,
                    steps=row.steps if row else (),
                    round=fact.round,
                    person=fact.person,
                    named_on=fact.named_on,
                )
                return made.then(entry)
        return row

    return reporters


def reporter_key(entry: Entry[Any]) -> str | None:
    return entry.fact.team if isinstance(entry.fact, ReporterNamed) else None
