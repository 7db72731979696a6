"""The inspection report: drafted by the team, signed and submitted by its leader (Art. 6, 7, 14, 16)."""

from collections.abc import Sequence
from datetime import date
from typing import Any, TypeVar

from application.acts import Work
from application.authority import Member, clear_of, member, serving
from application.clues import clue_seen
from application.keeping import body_of
from domain import omissions, problems, reports
from domain.clues import CLUE_REGISTERS, CLUES, Clue, register_of
from domain.kernel import Aggregate, NotFound, Sealed, Secret, Value
from domain.omissions import OMISSIONS, OmitRestrictedClue, omission_of
from domain.petitions import PETITIONS
from domain.problems import PROBLEMS
from domain.reports import (
    REPORTS,
    AttachedClue,
    Report,
    ReportProblem,
    SaveDraft,
    Signing,
    SignReport,
    StatedProblem,
    SubmitReport,
    SupplementReport,
    report_of,
)
from domain.rulebook import rules
from domain.rulebook.posts import OFFICE_POSTS, UNIT_POSTS, Duty, Power, Standing
from domain.teams import TEAMS

V = TypeVar("V", bound=Value)

SOURCES: dict[str, Aggregate[Any]] = {"petition": PETITIONS, "clue": CLUES}
"""What a problem can rest on, by the kind of its id. Each says of which inspection it is."""


async def save_draft(work: Work, command: SaveDraft) -> str:
    """Article 16: by anyone of the team while it closes; every draft is kept."""
    who = await member(work, command.inspection, Power.CLOSING, hidden=True)
    await clear_of(work, who.inspection.unit, ())
    report = report_of(command.inspection)
    named = (*command.clues, *(o.clue for o in command.omissions))
    facts = reports.save_draft(
        await work.look(REPORTS, report),
        report,
        command,
        round_=who.inspection.round,
        unit=who.inspection.unit,
        author=work.act.doer,
        new_problems=_new_problems(work, command.problems),
        items=_items(work),
        concerned=await _concerned_by_what_is_named(work, who, command.inspection, named, command.problems),
        leaders=_leaders(work, who),
    )
    work.write(report, facts)
    return report


async def sign_report(work: Work, command: SignReport) -> str:
    """Articles 6(3), 7(3), 16."""
    who, report, state = await _report_led(work, command.inspection)
    team = await work.read(TEAMS, who.inspection.team)
    facts = reports.sign(
        state,
        command,
        await _signing(work, who, command.inspection, state),
        ended_on=who.inspection.ended_on,
        discussed=any(
            team.discussed_by("matter_to_report", about, command.signed_on) for about in (command.inspection, report)
        ),
    )
    work.write(report, facts)
    return report


async def submit_report(work: Work, command: SubmitReport) -> str:
    """Articles 6(2), 16, 17: five working days from the end of the inspection; the office gets its own copy, and each
    problem is an item of its own from here on, in the same append."""
    who, report, state = await _report_led(work, command.inspection)
    facts = reports.submit(
        state,
        command,
        await _signing(work, who, command.inspection, state),
        again=await copied(work, state.last),
        attached=await _attached(work, state.last.clues),
        of_the_office=await _of_the_office(work, who.inspection.unit, command.recipients),
    )
    work.write(report, facts)
    await _report_problems(work, report, state, state.last.problems, state.withheld_from, command.submitted_on)
    return report


async def supplement_report(work: Work, command: SupplementReport) -> str:
    """Articles 16 (c), 17: a problem it adds is an item from here on; one it corrects stays the item it was."""
    who, report, state = await _report_led(work, command.inspection)
    concerned = await _concerned_by_what_is_named(work, who, command.inspection, command.clues, command.problems)
    facts = reports.supplement(
        state,
        command,
        duty=who.mandate.duty,
        new_problems=_new_problems(work, command.problems),
        items=_items(work),
        attached=await _attached(work, command.clues),
        concerned=concerned,
        leaders=_leaders(work, who),
        of_the_office=await _of_the_office(work, who.inspection.unit, command.recipients),
    )
    work.write(report, facts)
    for fact in facts:
        await _report_problems(work, report, state, fact.problems, fact.withheld_from, command.supplemented_on)
    return report


async def omit_restricted_clue(work: Work, command: OmitRestrictedClue) -> str:
    """Articles 14, 16 (c): by the leader alone, and in no paper: nobody else knows of such a clue."""
    clue = await clue_seen(work, command.clue)
    who = await member(work, clue.inspection, Power.CLOSING, duty=Duty.LEADER, hidden=True)
    if who.mandate.duty is not Duty.LEADER:
        raise NotFound(rules.signed_by_the_leader)
    omission = omission_of(command.clue)
    await work.look(OMISSIONS, omission)
    facts = omissions.omit(
        omission,
        command,
        round_=clue.round,
        inspection=clue.inspection,
        unit=clue.unit,
        restricted=command.clue in (await _listed(work, clue.inspection))[1],
        first_known_on=clue.first_known_on,
        concerned=clue.concerned,
    )
    work.write(omission, facts)
    return omission


async def copied(work: Work, value: V) -> V:
    """A value with every sealed text in it to be written again at another place. Raises KeyDestroyed."""
    changed: dict[str, Any] = {}
    for name in type(value).model_fields:
        part = getattr(value, name)
        if isinstance(part, Sealed | Secret):
            changed[name] = await work.copy(part)
        elif isinstance(part, tuple):
            changed[name] = tuple([await copied(work, p) if isinstance(p, Value) else p for p in part])
    return value.model_copy(update=changed)


async def led(work: Work, inspection_id: str) -> Member:
    """Leader or deputy leader, closing this inspection: to the others of the team what they do is hidden."""
    who = await member(work, inspection_id, Power.CLOSING, duty=Duty.LEADER, hidden=True)
    if who.mandate.duty not in (Duty.LEADER, Duty.DEPUTY_LEADER):
        raise NotFound(rules.signed_by_the_leader)
    return who


async def _report_problems(
    work: Work, report: str, state: Report, stated: Sequence[ReportProblem], withheld_from: Sequence[str], on: date
) -> None:
    """Each problem in its own stream, so that it is found by its id (ADR 24). `state` is the report's before this: what
    it has not reported yet has no stream to look at."""
    for each in stated:
        if each.problem in state.reported:
            await work.look(PROBLEMS, each.problem)
        facts = problems.report(
            each.problem,
            report=report,
            round_=state.round,
            inspection=state.last.inspection,
            unit=state.unit,
            sources=each.sources,
            withheld_from=withheld_from,
            reported_on=on,
        )
        work.write(each.problem, facts)


async def _report_led(work: Work, inspection_id: str) -> tuple[Member, str, Report]:
    who = await led(work, inspection_id)
    report = report_of(inspection_id)
    state = await work.read(REPORTS, report)
    await clear_of(work, state.unit, state.withheld_from)
    return who, report, state


async def _listed(work: Work, inspection_id: str) -> tuple[list[str], list[str]]:
    """The inspection's clues: those that are open, and those that are restricted now."""
    listed = await work.look(CLUE_REGISTERS, register_of(inspection_id)) or ()
    return [c.clue for c in listed if not c.restricted], [c.clue for c in listed if c.restricted]


async def _signing(work: Work, who: Member, inspection_id: str, state: Report) -> Signing:
    """What must be accounted for when the leader signs, as far as the leader may know of it.

    Whoever enters the signature from paper must not learn that a restricted clue exists: nothing is said of one, and
    its reason is asked of the leader in person only.
    """
    own = work.act.doer == work.act.signer
    known: dict[bool, list[str]] = {}
    for is_restricted, listed in zip((False, True), await _listed(work, inspection_id), strict=True):
        clues = {each: await work.read(CLUES, each) for each in listed}
        known[is_restricted] = [each for each, clue in clues.items() if work.act.doer not in clue.concerned]
    if not own and set(known[True]) & set(state.names):
        raise NotFound(rules.nothing_restricted_in_the_report)
    reasons = [await work.look(OMISSIONS, omission_of(each)) for each in known[True]] if own else []
    return Signing(who.mandate.duty, known[False], known[True], explained=None not in reasons)


async def _concerned_by_what_is_named(
    work: Work, who: Member, inspection_id: str, clues: Sequence[str], problems: Sequence[StatedProblem]
) -> set[str]:
    """The persons concerned by the clues a draft names. Raises NotFound for what the doer may not see."""
    _, restricted = await _listed(work, inspection_id)
    concerned: set[str] = set()
    leads = who.mandate.duty is Duty.LEADER and work.act.doer == work.act.signer
    for named in dict.fromkeys((*clues, *(source for p in problems for source in p.sources))):
        kind = named.partition(":")[0]
        if kind not in SOURCES:
            raise NotFound
        state = await (clue_seen(work, named) if kind == "clue" else work.read(SOURCES[kind], named))
        if state.inspection != inspection_id or not await _shown_to_the_doer(work, who, named, state):
            raise NotFound
        if named in restricted and not leads:
            raise NotFound(rules.nothing_restricted_in_the_report)
        rules.nothing_restricted_in_the_report.demand([named], restricted)
        concerned |= set(state.concerned) if isinstance(state, Clue) else set()
    if work.act.doer != work.act.signer and concerned & set(_leaders(work, who)):
        raise NotFound(rules.signer_not_concerned_by_the_report)
    return concerned


async def _shown_to_the_doer(work: Work, who: Member, named: str, state: Any) -> bool:
    """Whether the doer sees a petition or clue at work: as the team's lists show it."""
    if who.mandate.duty in (Duty.LEADER, Duty.DEPUTY_LEADER):
        return True
    if isinstance(state, Clue):
        return (await work.ledger.entries(named))[0].stamp.doer == work.act.doer
    return who.mandate.duty is Duty.REGISTRAR or state.handler == work.act.doer


async def _attached(work: Work, clues: Sequence[str]) -> tuple[AttachedClue, ...]:
    """Those of these clues that were reported, each with its report to be written again."""
    states = [(clue, await work.read(CLUES, clue)) for clue in clues]
    return tuple([AttachedClue(clue=c, report=await work.copy(s.report)) for c, s in states if s.report is not None])


async def _of_the_office(work: Work, unit: str, recipients: Sequence[str]) -> set[str]:
    """Those of the recipients who serve in the office, and not in the unit the report is about."""
    of_the_office = await serving(work, body_of(Standing.OFFICE), OFFICE_POSTS, recipients)
    return of_the_office - await serving(work, unit, UNIT_POSTS, recipients)


def _leaders(work: Work, who: Member) -> list[str]:
    mandates = who.round.mandates
    return [
        m.person
        for m in mandates
        if m.names(who.inspection.unit) and m.duty is Duty.LEADER and m.lives_on(work.act.today)
    ]


def _items(work: Work) -> dict[str, tuple[str, ...]]:
    return {c.code: tuple(i.code for i in c.items) for c in work.book.edition.problem_categories}


def _new_problems(work: Work, problems: Sequence[StatedProblem]) -> list[str]:
    return [work.new("problem", str(index)) for index in range(len(problems))]
