"""Clues: registered and reported by the team, to the office or directly to those above it (Art. 9, 13, 14)."""

from collections.abc import Sequence

from application.acts import Work
from application.authority import (
    CAPACITY_POSTS,
    Member,
    clear_of,
    concerned_in,
    holding,
    holds,
    member,
    recorded_by_whom_may,
    serving_in_unit,
)
from application.petitions import petition_seen
from domain import clues, petitions
from domain.clues import (
    CLUE_REGISTERS,
    CLUES,
    Clue,
    ClueListed,
    NameToKnow,
    RegisterClue,
    ReleaseClue,
    ReportClue,
    ReportDirectly,
    register_of,
)
from domain.early_transfers import EARLY_TRANSFERS, early_transfer_of
from domain.kernel import Fact, NotFound
from domain.people import PEOPLE
from domain.petitions import HandlePetition
from domain.recusals import RECUSALS, recusal_of
from domain.rounds import ROUNDS
from domain.rulebook import rules
from domain.rulebook.editions import CLUE_TO_OFFICE
from domain.rulebook.obligations import hoped
from domain.rulebook.posts import DIRECT_REPORT_POSTS, Duty, Power


async def register_clue(work: Work, command: RegisterClue) -> str:
    """Articles 9, 13, 14: the petitions it comes from are thereby handled, in the same append."""
    _, inspection, mandate = await member(work, command.inspection, Power.ON_SITE, Power.CLOSING)
    work.known("problem_categories", command.category, "category")
    work.known("major_problems", command.major_problem, "major_problem")
    for person in command.concerned:
        await work.read(PEOPLE, person)
    cited = {}
    for petition_id in dict.fromkeys(command.petitions):
        petition = await petition_seen(work, petition_id)
        if petition.inspection != command.inspection or (
            mandate.duty is Duty.MEMBER and petition.handler != work.act.doer
        ):
            raise NotFound(rules.clue_from_petitions_of_this_inspection)
        cited[petition_id] = petition
    clue, register = work.new("clue"), register_of(command.inspection)
    facts = clues.register(
        await work.look(CLUES, clue),
        clue,
        command,
        round_=inspection.round,
        unit=inspection.unit,
        duty=mandate.duty,
        petitions_fit=all(p.instructed_on is not None and not p.handled for p in cited.values()),
        categories=work.book.edition.codes("problem_categories"),
        items=[i.code for c in work.book.edition.problem_categories if c.code == command.category for i in c.items],
        hoped=hoped(work.book.edition, work.book.calendar, CLUE_TO_OFFICE, command.first_known_on),
    )
    if not facts:
        return clue
    await work.look(CLUE_REGISTERS, register)
    listed = ClueListed(inspection=command.inspection, clue=clue, restricted=command.restricted)
    made: list[tuple[str, Sequence[Fact]]] = [(clue, facts), (register, [listed])]
    handled: list[tuple[str, Sequence[Fact]]] = []
    for petition_id, petition in cited.items():
        handling = HandlePetition(
            petition=petition_id, way="clue", account=command.summary, handled_on=command.registered_on
        )
        done = petitions.handle(
            petition,
            handling,
            doer=work.act.doer,
            ways=work.book.edition.codes("petition_handlings"),
            ended_on=inspection.ended_on,
            clue=clue,
            restricted=bool(command.restricted),
        )
        handled.append((petition_id, done))
    # A petition that became a restricted clue must look like one handled by itself, whose step is the command's first.
    for stream, written in (*handled, *made) if command.restricted else (*made, *handled):
        work.write(stream, written)
    return clue


async def report_clue(work: Work, command: ReportClue) -> str:
    """Articles 6(2), 14: owed by the leader personally."""
    clue, _ = await clue_led(work, command.clue, Power.CLOSING)
    work.write(command.clue, clues.report(clue, command))
    return command.clue


async def report_directly(work: Work, command: ReportDirectly) -> str:
    """Articles 6(2), 14: past the office, by the leader personally; never entered from paper."""
    clue, (_, inspection, _) = await clue_led(work, command.clue, Power.CLOSING)
    early = await work.look(EARLY_TRANSFERS, early_transfer_of(command.clue))
    facts = clues.report_directly(
        clue,
        command,
        summary=await work.copy(clue.summary),
        another_way=early is not None and early.in_the_way(command.reported_on, inspection.ended_on),
        addressee_left=clue.addressee is not None and await _left(work, clue, clue.addressee),
        in_post=await holding(work, DIRECT_REPORT_POSTS, (command.addressee,)),
        may_know=await _may_know(work, clue, command.named),
        concerned=await concerned_by(work, clue.unit, clue.concerned, (command.addressee, *command.named)),
    )
    work.write(command.clue, facts)
    if not clue.restricted:
        await _list_again(work, command.clue, clue, restricted=True)
    return command.clue


async def name_to_know(work: Work, command: NameToKnow) -> str:
    """Article 14."""
    clue = await _addressed(work, command.clue)
    facts = clues.name_to_know(
        clue,
        command,
        doer=work.act.doer,
        may_know=await _may_know(work, clue, command.persons),
        concerned=await concerned_by(work, clue.unit, clue.concerned, command.persons),
    )
    work.write(command.clue, facts)
    return command.clue


async def release_clue(work: Work, command: ReleaseClue) -> str:
    """Article 14: from here on the office goes on with it."""
    clue = await _addressed(work, command.clue)
    if clue.report is None:
        raise NotFound(rules.direct_report_awaits_its_addressee)
    facts = clues.release(clue, command, doer=work.act.doer, report=await work.copy(clue.report))
    work.write(command.clue, facts)
    await _list_again(work, command.clue, clue, restricted=False)
    return command.clue


# --- who sees a clue -------------------------------------------------------------------------------------------


async def clue_seen(work: Work, clue_id: str) -> Clue:
    """A clue, for whoever is not concerned by it: from those it does not exist (Art. 3 (c))."""
    clue = await work.read(CLUES, clue_id)
    if {work.act.signer, work.act.doer} & set(clue.concerned):
        raise NotFound(rules.decided_without_the_concerned)
    return clue


async def clue_of_office(work: Work, clue_id: str) -> Clue:
    """A clue, for office and leading group: one kept for a direct report does not exist until it is released."""
    clue = await clue_seen(work, clue_id)
    if clue.restricted:
        raise NotFound(rules.restricted_reported_directly)
    return clue


async def clue_led(work: Work, clue_id: str, *powers: Power) -> tuple[Clue, Member]:
    """A clue, for the leader, who answers for it upward. The deputy leader sees it too, but not a restricted one."""
    await recorded_by_whom_may(work)
    clue = await clue_seen(work, clue_id)
    found = await member(work, clue.inspection, *powers, duty=Duty.LEADER, hidden=True)
    if clue.restricted and work.act.doer != work.act.signer:
        # Whoever enters another's act is of the office, which knows of nothing here.
        raise NotFound(rules.restricted_reported_directly)
    if found.mandate.duty is not Duty.LEADER and (clue.restricted or found.mandate.duty is not Duty.DEPUTY_LEADER):
        raise NotFound(rules.reported_by_the_leader)
    rules.reported_by_the_leader.demand(found.mandate.duty)
    return clue, found


async def concerned_by(work: Work, unit: str, concerned: Sequence[str], asked: Sequence[str]) -> frozenset[str]:
    """The persons an item is about, and of those asked for whoever holds a post in its unit (Art. 3 (c))."""
    return frozenset({*concerned, *(await serving_in_unit(work, unit, asked))})


async def _addressed(work: Work, clue_id: str) -> Clue:
    """A clue reported directly, for its addressee and those let know of it; for all others it does not exist."""
    await holds(work, "leading_group")
    clue = await clue_seen(work, clue_id)
    if work.act.doer != work.act.signer or work.act.doer not in {clue.addressee, *clue.named}:
        raise NotFound(rules.decided_by_its_addressee)
    await clear_of(work, clue.unit, clue.concerned)
    if work.act.doer == clue.addressee and await _left(work, clue, clue.addressee):
        raise NotFound(rules.decided_by_its_addressee)
    return clue


async def _left(work: Work, clue: Clue, addressee: str) -> bool:
    """Whether a direct report's addressee cannot go on with it: no such post today, or concerned by now."""
    person = await work.read(PEOPLE, addressee)
    in_post = bool(person.held(work.act.today, DIRECT_REPORT_POSTS))
    return not in_post or await concerned_in(work, addressee, clue.unit, clue.concerned)


async def _may_know(work: Work, clue: Clue, persons: Sequence[str]) -> set[str]:
    """Those who can be let know of a direct report: of the leading group, or of the team and not recused."""
    round_ = await work.read(ROUNDS, clue.round)
    found = await holding(work, CAPACITY_POSTS["leading_group"], persons)
    for person in persons:
        recusal = await work.look(RECUSALS, recusal_of(clue.round, clue.unit, person))
        live = any(m.lives_on(work.act.day) for m in round_.mandates_of(person, clue.unit))
        if live and not (recusal is not None and recusal.upheld_by(work.act.day)):
            found.add(person)
    return found


async def _list_again(work: Work, clue_id: str, clue: Clue, *, restricted: bool) -> None:
    register = register_of(clue.inspection)
    await work.look(CLUE_REGISTERS, register)
    work.write(register, clues.list_again(clue_id, clue.inspection, restricted=restricted))
