"""The inspection report: drafts that keep their versions, the signature, the submission, supplements (Art. 6, 16)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import ClassVar, Literal, assert_never

from domain.kernel import (
    Aggregate,
    AnyId,
    BodyId,
    ClueId,
    Code,
    Command,
    Content,
    Fact,
    InspectionId,
    Label,
    Manner,
    PersonId,
    PositiveInt,
    ProblemId,
    ReportId,
    RoundId,
    Value,
    derived_id,
)
from domain.rulebook import rules

# --- values ----------------------------------------------------------------------------------------------------


class Finding(Value):
    """A problem as the report states it: category, text, causes, suggestion. Articles 9, 16."""

    category: Code
    item: Code | None = None
    text: Content
    causes: Content | None = None
    suggestion: Content | None = None


class StatedProblem(Finding):
    """A problem as it is written down: a new one, or one kept from an earlier draft. Article 16.

    `sources` are what it rests on (petitions, clues and the like of this inspection); they never leave the team.
    """

    problem: ProblemId | None = None
    sources: tuple[AnyId, ...] = ()


class ReportProblem(Finding):
    """A problem of a draft, with its id and its sources. Article 16."""

    problem: ProblemId
    sources: tuple[AnyId, ...]


class ReportedProblem(Finding):
    """A problem as it reached the office: without its sources. Article 16."""

    problem: ProblemId


class Omission(Value):
    """A clue that is not attached to the report, and why. Article 16 (c)."""

    clue: ClueId
    reason: Content


class Material(Value):
    """Special material attached to the report. Article 16."""

    title: Content
    content: Content


class AttachedClue(Value):
    """A clue attached to the report, with the text it was reported to the office by. Articles 14, 16."""

    clue: ClueId
    report: Content


# --- commands --------------------------------------------------------------------------------------------------


class SaveDraft(Command):
    """Save a draft of the inspection report; every draft is kept. Article 16.

    `clues` are attached; `omissions` are those left out. `no_problems` is the reason where the report states none.
    """

    inspection: InspectionId
    overview: Content
    problems: tuple[StatedProblem, ...] = ()
    no_problems: Content | None = None
    clues: tuple[ClueId, ...] = ()
    omissions: tuple[Omission, ...] = ()
    materials: tuple[Material, ...] = ()
    saved_on: date


class SignReport(Command):
    """Sign off the last draft of the inspection report. Articles 6(3), 16."""

    inspection: InspectionId
    draft: PositiveInt
    signed_on: date


class SubmitReport(Command):
    """Submit the signed report to named persons of the office. Articles 6(2), 16."""

    inspection: InspectionId
    recipients: tuple[PersonId, ...]
    how: Manner = Manner.IN_PERSON
    submitted_on: date


class SupplementReport(Command):
    """Correct or complete the submitted report, with a reason; what was submitted stays as it was. Article 16 (c)."""

    inspection: InspectionId
    reason: Content
    text: Content
    problems: tuple[StatedProblem, ...] = ()
    clues: tuple[ClueId, ...] = ()
    materials: tuple[Material, ...] = ()
    recipients: tuple[PersonId, ...]
    how: Manner = Manner.IN_PERSON
    supplemented_on: date


# --- facts -----------------------------------------------------------------------------------------------------


class DraftSaved(Fact):
    """A draft of the report is on record; `dropped` are the problems taken out of the draft before. Article 16.

    `withheld_from` are the persons its clues concern.
    """

    label: ClassVar[Label] = Label.REPORT
    kind: Literal["report.draft-saved.v1"] = "report.draft-saved.v1"
    report: ReportId
    round: RoundId
    inspection: InspectionId
    unit: BodyId
    draft: PositiveInt
    author: PersonId
    overview: Content
    problems: tuple[ReportProblem, ...]
    no_problems: Content | None = None
    clues: tuple[ClueId, ...]
    omissions: tuple[Omission, ...]
    materials: tuple[Material, ...]
    dropped: tuple[ProblemId, ...]
    withheld_from: tuple[PersonId, ...]
    saved_on: date


class ReportSigned(Fact):
    """The leader signed off a draft. Articles 6(3), 16."""

    label: ClassVar[Label] = Label.REPORT
    kind: Literal["report.signed.v1"] = "report.signed.v1"
    report: ReportId
    round: RoundId
    inspection: InspectionId
    unit: BodyId
    draft: PositiveInt
    withheld_from: tuple[PersonId, ...]
    signed_on: date


class ReportSubmitted(Fact):
    """The report reached the office: written again for it, without sources. Article 16."""

    label: ClassVar[Label] = Label.REPORT
    kind: Literal["report.submitted.v1"] = "report.submitted.v1"
    report: ReportId
    round: RoundId
    inspection: InspectionId
    unit: BodyId
    draft: PositiveInt
    overview: Content
    problems: tuple[ReportedProblem, ...]
    no_problems: Content | None = None
    clues: tuple[AttachedClue, ...]
    omissions: tuple[Omission, ...]
    materials: tuple[Material, ...]
    recipients: tuple[PersonId, ...]
    how: Manner
    withheld_from: tuple[PersonId, ...]
    submitted_on: date


class ReportSupplemented(Fact):
    """The submitted report was corrected or completed, and why. Article 16 (c)."""

    label: ClassVar[Label] = Label.REPORT
    kind: Literal["report.supplemented.v1"] = "report.supplemented.v1"
    report: ReportId
    round: RoundId
    inspection: InspectionId
    unit: BodyId
    reason: Content
    text: Content
    problems: tuple[ReportProblem, ...]
    clues: tuple[AttachedClue, ...]
    materials: tuple[Material, ...]
    recipients: tuple[PersonId, ...]
    how: Manner
    withheld_from: tuple[PersonId, ...]
    supplemented_on: date


ReportFact = DraftSaved | ReportSigned | ReportSubmitted | ReportSupplemented


# --- state -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Report:
    """What decisions need of a report. `last` is the last draft: its texts are written again for the office."""

    round: str
    unit: str
    last: DraftSaved
    stated: tuple[str, ...]
    """Every problem that ever stood in a draft or a supplement."""
    signed: int | None = None
    signed_on: date | None = None
    submitted_on: date | None = None
    reported: Mapping[str, str] = field(default_factory=dict)
    """The problems the office knows, with their categories."""
    withheld_from: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Everything the last draft names: clues attached or left out, and sources."""
        sources = (source for problem in self.last.problems for source in problem.sources)
        return (*self.last.clues, *(o.clue for o in self.last.omissions), *sources)


@dataclass(frozen=True)
class Signing:
    """What the rest of the ledger says when a report is signed or submitted. Articles 7, 14, 16."""

    duty: str
    listed: Collection[str]
    """The inspection's clues that are open and known to the leader."""
    restricted: Collection[str]
    explained: bool
    """Whether each restricted clue has its reason, inside the restriction."""


def report_of(inspection: str) -> str:
    """The stream of an inspection's report."""
    return derived_id("report", inspection)


# --- decisions -------------------------------------------------------------------------------------------------


def save_draft(
    state: Report | None,
    report: str,
    command: SaveDraft,
    *,
    round_: str,
    unit: str,
    author: str,
    new_problems: Sequence[str],
    items: Mapping[str, Collection[str]],
    concerned: Collection[str],
    leaders: Collection[str],
) -> list[ReportFact]:
    """`new_problems`: an id for each place in the list; `items`: what the edition lists under each category;
    `concerned`: persons the clues named are about; `leaders`: who leads the team at this unit."""
    rules.inspection_report_submitted_once.demand(state is not None and state.submitted_on is not None)
    rules.draft_not_before_the_last.demand(state and state.last.saved_on, command.saved_on, path="saved_on")
    _categories_known(command.problems, items)
    stated = state.stated if state else ()
    _kept_ones_known(command.problems, stated)
    left_out = tuple(o.clue for o in command.omissions)
    rules.clue_attached_or_left_out.demand(command.clues, left_out, path="omissions")
    rules.signer_not_concerned_by_the_report.demand(concerned, leaders)
    problems = _with_ids(command.problems, new_problems)
    before = tuple(p.problem for p in state.last.problems) if state else ()
    return [
        DraftSaved(
            report=report,
            round=round_,
            inspection=command.inspection,
            unit=unit,
            draft=state.last.draft + 1 if state else 1,
            author=author,
            overview=command.overview,
            problems=problems,
            no_problems=command.no_problems,
            clues=command.clues,
            omissions=command.omissions,
            materials=command.materials,
            dropped=tuple(p for p in before if p not in {kept.problem for kept in problems}),
            withheld_from=tuple(sorted(concerned)),
            saved_on=command.saved_on,
        )
    ]


def sign(
    state: Report, command: SignReport, signing: Signing, *, ended_on: date | None, discussed: bool
) -> list[ReportFact]:
    """`discussed`: whether the team affairs meeting had discussed the report by then."""
    last = state.last
    rules.signed_by_the_leader.demand(signing.duty)
    rules.inspection_report_submitted_once.demand(state.submitted_on is not None)
    rules.last_draft_signed.demand(command.draft, last.draft, path="draft")
    rules.draft_signed_once.demand(command.draft, state.signed, path="draft")
    rules.report_signed_after_the_end.demand(ended_on, command.signed_on, path="signed_on")
    rules.signature_not_before_draft.demand(last.saved_on, command.signed_on, path="signed_on")
    rules.report_discussed_first.demand(discussed)
    complete = all(p.causes is not None and p.suggestion is not None for p in last.problems)
    rules.report_full_and_true.demand(last.problems, complete, last.no_problems is not None)
    _clues_accounted_for(state, signing)
    return [
        ReportSigned(
            report=last.report,
            round=state.round,
            inspection=command.inspection,
            unit=state.unit,
            draft=command.draft,
            withheld_from=last.withheld_from,
            signed_on=command.signed_on,
        )
    ]


def submit(
    state: Report,
    command: SubmitReport,
    signing: Signing,
    *,
    again: DraftSaved,
    attached: tuple[AttachedClue, ...],
    of_the_office: Collection[str],
) -> list[ReportFact]:
    """`again`: the last draft with its texts to be written again; `attached`: those of its clues that were reported;
    `of_the_office`: those of the recipients who held a post there on that day."""
    last = state.last
    rules.reported_by_the_leader.demand(signing.duty)
    rules.inspection_report_submitted_once.demand(state.submitted_on is not None)
    rules.signed_before_submitted.demand(state.signed, last.draft)
    rules.submission_not_before_signature.demand(state.signed_on, command.submitted_on, path="submitted_on")
    # A clue registered since the signature must not slip through between the two.
    _clues_accounted_for(state, signing)
    rules.attached_clues_reported_first.demand(len(attached) == len(last.clues))
    allowed = set(of_the_office) - set(last.withheld_from)
    rules.delivered_to_named_persons.demand(command.recipients, allowed, path="recipients")
    rules.delivered_in_writing.demand(command.how, path="how")
    return [
        ReportSubmitted(
            report=last.report,
            round=state.round,
            inspection=command.inspection,
            unit=state.unit,
            draft=last.draft,
            overview=again.overview,
            problems=tuple(map(_without_sources, again.problems)),
            no_problems=again.no_problems,
            clues=attached,
            omissions=again.omissions,
            materials=again.materials,
            recipients=command.recipients,
            how=command.how,
            withheld_from=last.withheld_from,
            submitted_on=command.submitted_on,
        )
    ]


def supplement(
    state: Report,
    command: SupplementReport,
    *,
    duty: str,
    new_problems: Sequence[str],
    items: Mapping[str, Collection[str]],
    attached: tuple[AttachedClue, ...],
    concerned: Collection[str],
    leaders: Collection[str],
    of_the_office: Collection[str],
) -> list[ReportSupplemented]:
    """A problem with an id corrects that one; one without is added. `attached`, `concerned` as for a draft."""
    rules.reported_by_the_leader.demand(duty)
    rules.supplement_after_submission.demand(state.submitted_on is not None)
    rules.supplement_not_before_submission.demand(state.submitted_on, command.supplemented_on, path="supplemented_on")
    _categories_known(command.problems, items)
    _kept_ones_known(command.problems, tuple(state.reported))
    rules.clue_attached_or_left_out.demand(command.clues, (), path="clues")
    rules.signer_not_concerned_by_the_report.demand(concerned, leaders)
    rules.attached_clues_reported_first.demand(len(attached) == len(command.clues))
    withheld_from = tuple(sorted({*state.withheld_from, *concerned}))
    rules.delivered_to_named_persons.demand(
        command.recipients, set(of_the_office) - set(withheld_from), path="recipients"
    )
    rules.delivered_in_writing.demand(command.how, path="how")
    return [
        ReportSupplemented(
            report=state.last.report,
            round=state.round,
            inspection=command.inspection,
            unit=state.unit,
            reason=command.reason,
            text=command.text,
            problems=_with_ids(command.problems, new_problems),
            clues=attached,
            materials=command.materials,
            recipients=command.recipients,
            how=command.how,
            withheld_from=withheld_from,
            supplemented_on=command.supplemented_on,
        )
    ]


def _categories_known(problems: Sequence[StatedProblem], items: Mapping[str, Collection[str]]) -> None:
    for index, problem in enumerate(problems):
        rules.category_known.demand(problem.category, items, path=f"problems.{index}.category")
        if problem.item is not None:
            rules.item_of_the_category.demand(problem.item, items[problem.category], path=f"problems.{index}.item")


def _kept_ones_known(problems: Sequence[StatedProblem], earlier: Collection[str]) -> None:
    kept = [p.problem for p in problems if p.problem is not None]
    rules.kept_problem_of_an_earlier_draft.demand(kept, earlier, path="problems")


def _with_ids(problems: Sequence[StatedProblem], new: Sequence[str]) -> tuple[ReportProblem, ...]:
    return tuple(
        ReportProblem(
            problem=p.problem or given,
            category=p.category,
            item=p.item,
            text=p.text,
            causes=p.causes,
            suggestion=p.suggestion,
            sources=p.sources,
        )
        for p, given in zip(problems, new, strict=True)
    )


def _without_sources(problem: ReportProblem) -> ReportedProblem:
    return ReportedProblem(
        problem=problem.problem,
        category=problem.category,
        item=problem.item,
        text=problem.text,
        causes=problem.causes,
        suggestion=problem.suggestion,
    )


def _clues_accounted_for(state: Report, signing: Signing) -> None:
    rules.nothing_restricted_in_the_report.demand(state.names, signing.restricted)
    accounted = {*state.last.clues, *(o.clue for o in state.last.omissions)}
    rules.every_clue_attached_or_explained.demand(signing.listed, accounted)
    rules.restricted_clues_explained_apart.demand(signing.explained)


def evolve(state: Report | None, fact: ReportFact) -> Report:
    if isinstance(fact, DraftSaved):
        problems = tuple(p.problem for p in fact.problems)
        if state is None:
            return Report(fact.round, fact.unit, fact, problems, withheld_from=fact.withheld_from)
        stated = tuple(dict.fromkeys((*state.stated, *problems)))
        return replace(state, last=fact, stated=stated, withheld_from=fact.withheld_from)
    assert state is not None  # noqa: S101  a report's stream begins with a draft
    match fact:
        case ReportSigned():
            return replace(state, signed=fact.draft, signed_on=fact.signed_on)
        case ReportSubmitted():
            reported = {p.problem: p.category for p in fact.problems}
            return replace(state, submitted_on=fact.submitted_on, reported=reported)
        case ReportSupplemented():
            reported = {**state.reported, **{p.problem: p.category for p in fact.problems}}
            return replace(state, reported=reported, withheld_from=fact.withheld_from)
        case _:
            assert_never(fact)


REPORTS: Aggregate[Report] = Aggregate("report", evolve)
