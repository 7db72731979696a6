"""The report as rows: drafts and reasons stay with the team, the office gets what was submitted (Art. 16)."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from domain.clues import ClueReportedDirectly
from domain.disposals import DisposalCarriedOut, DisposalDecided, DisposalProposed, DisposalReturned
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
    report_of,
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
        case ClueReportedDirectly() as fact if row is not None:
            # An omission whose clue stands in no list of the office's would tell of the direct report (ADR 21).
            left = tuple(omission for omission in row.omissions if omission.clue != fact.clue)
            return row.model_copy(update={"omissions": left})
    return row


def office_report_key(entry: Entry[Any]) -> str | None:
    """From submission on: of drafts and signatures the office knows nothing."""
    match entry.fact:
        case ReportSubmitted() | ReportSupplemented():
            return entry.stream
        case ClueReportedDirectly() as fact:
            return report_of(fact.inspection)
    return None


class OfficeProblemRow(Row):
    """A problem of a report as an item: what the report says of it, and where its disposal stands. Articles 9, 16, 17.

    Its words are the report's, opened through the report's seal; the last supplement's, where one stated it anew. The
    list is in the report's order. It is withheld from whom the report was withheld from then. **Source**
    `report.submitted`, `report.supplemented`, and the steps of its disposal.
    """

    round: str
    inspection: str
    unit: str
    report: str
    status: str
    category: str
    item: str | None
    text: Content
    causes: Content | None
    suggestion: Content | None
    reported_on: date
    supplemented_on: date | None = None
    transfer: str | None = None


def office_problems(row: OfficeProblemRow | None, entry: Entry[Any], key: str) -> OfficeProblemRow | None:
    match entry.fact:
        case ReportSubmitted() as fact:
            return _problem(row, entry, key, fact.submitted_on)
        case ReportSupplemented() as fact:
            more = {"supplemented_on": fact.supplemented_on} if row is not None else {}
            return _problem(row, entry, key, fact.supplemented_on, **more)
        case DisposalProposed() if row is not None:
            return row.then(entry, status="disposal_proposed")
        case DisposalDecided() if row is not None:
            return row.then(entry, status="disposal_decided")
        case DisposalCarriedOut() as fact if row is not None:
            return row.then(entry, status="transferred", transfer=fact.transfer)
        case DisposalReturned() if row is not None:
            return row.then(entry, status="returned")
    return row


def _problem(
    row: OfficeProblemRow | None, entry: Entry[Any], key: str, reported_on: date, **more: Any
) -> OfficeProblemRow:
    """A problem as this fact states it; what was known of it before stays."""
    fact: ReportSubmitted | ReportSupplemented = entry.fact
    problems: Sequence[ReportedProblem | ReportProblem] = fact.problems
    place, stated = next((n, p) for n, p in enumerate(problems) if p.problem == key)
    words = {
        "category": stated.category,
        "item": stated.item,
        "text": stated.text,
        "causes": stated.causes,
        "suggestion": stated.suggestion,
        "withheld_from": (fact.unit, *fact.withheld_from),
    }
    if row is not None:
        return row.then(entry, **words, **more)
    return OfficeProblemRow(
        id=key,
        readers=("office",),
        order=f"{reported_on.isoformat()}/{fact.report}/{place:04d}/{key}",
        steps=(step_of(entry),),
        round=fact.round,
        inspection=fact.inspection,
        unit=fact.unit,
        report=fact.report,
        status="reported",
        reported_on=reported_on,
        **words,
    )


def office_problem_keys(entry: Entry[Any]) -> tuple[str, ...]:
    match entry.fact:
        case ReportSubmitted() | ReportSupplemented() as fact:
            return tuple(p.problem for p in fact.problems)
        case DisposalProposed() | DisposalDecided() | DisposalCarriedOut() | DisposalReturned() as fact:
            return (fact.item,) if fact.item.startswith("problem:") else ()
    return ()


TEAM_VIEWS = (
    View("team_report_drafts", ReportDraftRow, draft_key, drafts, ("inspection", "author")),
    View("team_reports", TeamReportRow, report_key, team_reports, ("inspection", "status")),
    View("team_restricted_omissions", RestrictedOmissionRow, omission_key, omissions, ("inspection", "clue")),
)
OFFICE_VIEWS = (
    View(
        "office_reports", OfficeReportRow, office_report_key, office_reports, ("round", "inspection", "unit"), version=2
    ),
    View(
        "office_problems",
        OfficeProblemRow,
        office_problem_keys,
        office_problems,
        ("round", "inspection", "unit", "status", "category"),
        many=True,
    ),
)
