"""The report as rows: drafts and reasons stay with the team, the office gets what was submitted (Art. 16)."""

from datetime import date
from typing import Any

from domain.kernel import Content, Entry, Value
from domain.omissions import OmissionReasonGiven
from domain.reports import (
    AttachedClue,
    DraftSaved,
    Material,
    Omission,
    ReportedProblem,
    ReportProblem,
    ReportSigned,
    ReportSubmitted,
    ReportSupplemented,
)
from domain.rulebook.posts import Duty, Power
from projections.rows import Row, step_of
from projections.shelf import View


def closing(inspection: str, *whose: str) -> tuple[str, ...]:
    """Identities: whoever closes this inspection, and has one of these duties or is one of these persons."""
    return tuple(f"{inspection}/{Power.CLOSING}/{each}" for each in whose)


LEADERS = (Duty.LEADER, Duty.DEPUTY_LEADER)


class ReportDraftRow(Row):
    """A draft of the report, for leader, deputy leader and its author. Article 16. **Source** `report.draft-saved`.

    `dropped` are the problems taken out of the draft before it. It is withheld from whom its clues concern.
    """

    round: str
    inspection: str
    unit: str
    draft: int
    author: str
    overview: Content
    problems: tuple[ReportProblem, ...]
    no_problems: Content | None
    clues: tuple[str, ...]
    omissions: tuple[Omission, ...]
    materials: tuple[Material, ...]
    dropped: tuple[str, ...]
    saved_on: date
    signed_on: date | None = None


def drafts(row: ReportDraftRow | None, entry: Entry[Any]) -> ReportDraftRow | None:
    match entry.fact:
        case DraftSaved() as fact:
            return ReportDraftRow(
                id=f"{fact.report}/{fact.draft}",
                readers=closing(fact.inspection, *LEADERS, fact.author),
                withheld_from=(fact.unit, *fact.withheld_from),
                order=f"{fact.report}/{fact.draft:04d}",
                steps=(step_of(entry),),
                round=fact.round,
                inspection=fact.inspection,
                unit=fact.unit,
                draft=fact.draft,
                author=fact.author,
                overview=fact.overview,
                problems=fact.problems,
                no_problems=fact.no_problems,
                clues=fact.clues,
                omissions=fact.omissions,
                materials=fact.materials,
                dropped=fact.dropped,
                saved_on=fact.saved_on,
            )
        case ReportSigned() as fact if row is not None:
            return row.then(entry, signed_on=fact.signed_on)
    return row


def draft_key(entry: Entry[Any]) -> str | None:
    match entry.fact:
        case DraftSaved() | ReportSigned() as fact:
            return f"{fact.report}/{fact.draft}"
    return None


class SupplementItem(Value):
    """What corrected or completed a submitted report. Article 16 (c)."""

    reason: Content
    text: Content
    problems: tuple[ReportedProblem, ...]
    clues: tuple[AttachedClue, ...]
    materials: tuple[Material, ...]
    supplemented_on: date


def _supplement(fact: ReportSupplemented) -> SupplementItem:
    """Without the sources of its problems."""
    problems = tuple(
        ReportedProblem(
            problem=p.problem, category=p.category, item=p.item, text=p.text, causes=p.causes, suggestion=p.suggestion
        )
        for p in fact.problems
    )
    return SupplementItem(
        reason=fact.reason,
        text=fact.text,
        problems=problems,
        clues=fact.clues,
        materials=fact.materials,
        supplemented_on=fact.supplemented_on,
    )


class TeamReportRow(Row):
    """The report on its way, for leader and deputy leader: signed, submitted, completed. Articles 6(3), 16.

    **Source** `report.signed`, `report.submitted`, `report.supplemented`. What it says stands in its draft.
    """

    round: str
    inspection: str
    unit: str
    status: str
    draft: int
    signed_on: date
    submitted_on: date | None = None
    recipients: tuple[str, ...] = ()
    supplements: tuple[SupplementItem, ...] = ()


def team_reports(row: TeamReportRow | None, entry: Entry[Any]) -> TeamReportRow | None:
    match entry.fact:
        case ReportSigned() as fact:
            signed = row or TeamReportRow(
                id=fact.report,
                readers=closing(fact.inspection, *LEADERS),
                order=fact.report,
                round=fact.round,
                inspection=fact.inspection,
                unit=fact.unit,
                status="signed",
                draft=fact.draft,
                signed_on=fact.signed_on,
            )
            withheld_from = (fact.unit, *fact.withheld_from)
            return signed.then(
                entry, status="signed", draft=fact.draft, signed_on=fact.signed_on, withheld_from=withheld_from
            )
        case DraftSaved() if row is not None:
            return row.model_copy(update={"status": "drafted_again"})
        case ReportSubmitted() as fact if row is not None:
            return row.then(entry, status="submitted", submitted_on=fact.submitted_on, recipients=fact.recipients)
        case ReportSupplemented() as fact if row is not None:
            supplements = (*row.supplements, _supplement(fact))
            return row.then(entry, supplements=supplements, withheld_from=(fact.unit, *fact.withheld_from))
    return row


def report_key(entry: Entry[Any]) -> str | None:
    match entry.fact:
        case DraftSaved() | ReportSigned() | ReportSubmitted() | ReportSupplemented():
            return entry.stream
    return None


class RestrictedOmissionRow(Row):
    """Why a clue reported directly is not in the report: the leader's only. Articles 14, 16 (c).

    **Source** `omission.reason-given`; the last reason.
    """

    inspection: str
    clue: str
    reason: Content
    omitted_on: date


def omissions(row: RestrictedOmissionRow | None, entry: Entry[Any]) -> RestrictedOmissionRow | None:
    match entry.fact:
        case OmissionReasonGiven() as fact:
            return RestrictedOmissionRow(
                id=fact.omission,
                readers=closing(fact.inspection, Duty.LEADER),
                withheld_from=fact.withheld_from,
                order=fact.omission,
                steps=(*(row.steps if row else ()), step_of(entry)),
                inspection=fact.inspection,
                clue=fact.clue,
                reason=fact.reason,
                omitted_on=fact.omitted_on,
            )
    return row


def omission_key(entry: Entry[Any]) -> str | None:
    return entry.stream if isinstance(entry.fact, OmissionReasonGiven) else None


class OfficeReportRow(Row):
    """The report as it reached the office: problems, causes, suggestions, attachments; never a source. Article 16.

    **Source** `report.submitted`, `report.supplemented`. It is withheld from whom its clues concern.
    """

    round: str
    inspection: str
    unit: str
    overview: Content
    problems: tuple[ReportedProblem, ...]
    no_problems: Content | None
    clues: tuple[AttachedClue, ...]
    omissions: tuple[Omission, ...]
    materials: tuple[Material, ...]
    recipients: tuple[str, ...]
    how: str
    submitted_on: date
    supplements: tuple[SupplementItem, ...] = ()


def office_reports(row: OfficeReportRow | None, entry: Entry[Any]) -> OfficeReportRow | None:
    match entry.fact:
        case ReportSubmitted() as fact:
            return OfficeReportRow(
                id=fact.report,
                readers=("office",),
                withheld_from=(fact.unit, *fact.withheld_from),
                order=f"{fact.submitted_on.isoformat()}/{fact.report}",
                steps=(step_of(entry),),
                round=fact.round,
                inspection=fact.inspection,
                unit=fact.unit,
                overview=fact.overview,
                problems=fact.problems,
                no_problems=fact.no_problems,
                clues=fact.clues,
                omissions=fact.omissions,
                materials=fact.materials,
                recipients=fact.recipients,
                how=fact.how,
                submitted_on=fact.submitted_on,
            )
        case ReportSupplemented() as fact if row is not None:
            supplements = (*row.supplements, _supplement(fact))
            return row.then(entry, supplements=supplements, withheld_from=(fact.unit, *fact.withheld_from))
    return row


def office_report_key(entry: Entry[Any]) -> str | None:
    """From submission on: of drafts and signatures the office knows nothing."""
    match entry.fact:
        case ReportSubmitted() | ReportSupplemented():
            return entry.stream
    return None


TEAM_VIEWS = (
    View("team_report_drafts", ReportDraftRow, draft_key, drafts, ("inspection", "author")),
    View("team_reports", TeamReportRow, report_key, team_reports, ("inspection", "status")),
    View("team_restricted_omissions", RestrictedOmissionRow, omission_key, omissions, ("inspection", "clue")),
)
OFFICE_VIEWS = (
    View("office_reports", OfficeReportRow, office_report_key, office_reports, ("round", "inspection", "unit")),
)
