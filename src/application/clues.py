"""Clues: registered and reported by the team, disposed of by office and leading group (Art. 9, 13, 14, 17)."""

from application.acts import Work
from application.authority import decides, holds, member
from domain import clues, petitions
from domain.bodies import BODIES
from domain.clues import (
    CLUE_REGISTERS,
    CLUES,
    Clue,
    ClueListed,
    DecideDisposal,
    ProposeDisposal,
    RegisterClue,
    ReportClue,
    register_of,
)
from domain.kernel import IllFormed, NotFound
from domain.people import PEOPLE
from domain.petitions import PETITIONS, HandlePetition
from domain.rounds import ROUNDS
from domain.rulebook import rules
from domain.rulebook.posts import GROUP_POSTS, UNIT_POSTS, Duty, Power


async def register_clue(work: Work, command: RegisterClue) -> str:
    """Articles 9, 13, 14: the petitions it comes from are thereby handled, in the same append."""
    _, inspection, mandate = await member(work, command.inspection, Power.ON_SITE, Power.CLOSING)
    work.known("problem_categories", command.category, "category")
    for person in command.concerned:
        await work.read(PEOPLE, person)
    cited = {}
    for petition_id in dict.fromkeys(command.petitions):
        petition = await work.read(PETITIONS, petition_id)
        if petition.inspection != command.inspection or (
            mandate.duty is Duty.MEMBER and petition.handler != work.act.doer
        ):
            raise NotFound(rules.clue_from_petitions_of_this_inspection)
        cited[petition_id] = petition
    clue = work.new("clue")
    facts = clues.register(
        await work.look(CLUES, clue),
        clue,
        command,
        round_=inspection.round,
        unit=inspection.unit,
        petitions_fit=all(p.instructed_on is not None and not p.handled for p in cited.values()),
        categories=work.book.edition.codes("problem_categories"),
        items=[i.code for c in work.book.edition.problem_categories if c.code == command.category for i in c.items],
    )
    work.write(clue, facts)
    if facts:
        register = register_of(command.inspection)
        await work.look(CLUE_REGISTERS, register)
        work.write(register, [ClueListed(inspection=command.inspection, clue=clue)])
    for petition_id, petition in cited.items() if facts else ():
        handling = HandlePetition(
            petition=petition_id, way="clue", account=command.summary, handled_on=command.registered_on
        )
        handled = petitions.handle(
            petition,
            handling,
            doer=work.act.doer,
            ways=work.book.edition.codes("petition_handlings"),
            ended_on=inspection.ended_on,
            clue=clue,
        )
        work.write(petition_id, handled)
    return clue


async def report_clue(work: Work, command: ReportClue) -> str:
    """Articles 6(2), 14: owed by the leader personally."""
    clue = await clue_seen(work, command.clue)
    _, _, mandate = await member(work, clue.inspection, Power.CLOSING, duty=Duty.LEADER, hidden=True)
    if mandate.duty not in (Duty.LEADER, Duty.DEPUTY_LEADER):
        raise NotFound(rules.reported_by_the_leader)
    rules.reported_by_the_leader.demand(mandate.duty)
    work.write(command.clue, clues.report(clue, command))
    return command.clue


async def propose_disposal(work: Work, command: ProposeDisposal) -> str:
    """Article 17. The office knows a clue's substance only once it was reported."""
    await holds(work, "office")
    clue = await clue_seen(work, command.clue)
    work.known("disposal_classes", command.disposal_class, "disposal_class")
    for index, person in enumerate(command.summoned):
        held = (await work.read(PEOPLE, person)).held(work.act.day, GROUP_POSTS)
        rules.only_members_are_summoned.demand(bool(held), path=f"summoned.{index}")
    organ = await work.read(BODIES, command.organ)
    if organ.organ_class is None:
        raise IllFormed("not_an_organ", "organ")
    facts = clues.propose(
        clue,
        work.new("proposal"),
        command,
        organ_class=organ.organ_class,
        routes=work.book.edition.routes(command.disposal_class),
        concerned=await _concerned(work, clue, command.summoned),
    )
    work.write(command.clue, facts)
    return command.clue


async def decide_disposal(work: Work, command: DecideDisposal) -> str:
    """Articles 3, 17."""
    await decides(work, "disposal", rule=rules.disposal_decided_by_who_may)
    clue = await clue_seen(work, command.clue)
    concerned = await _concerned(work, clue, (work.act.doer, *command.attendees))
    if clue.proposal is None or work.act.doer in concerned:
        raise NotFound(rules.decided_without_the_concerned)
    work.known("disposal_classes", command.disposal_class, "disposal_class")
    organ = await work.read(BODIES, command.organ)
    facts = clues.decide(
        clue,
        command,
        decider=work.act.doer,
        organ_class=organ.organ_class,
        routes=work.book.edition.routes(command.disposal_class),
        concerned=concerned,
    )
    work.write(command.clue, facts)
    return command.clue


async def clue_seen(work: Work, clue_id: str) -> Clue:
    """A clue, for whoever is not concerned by it: from those it does not exist (Art. 3 (c))."""
    clue = await work.read(CLUES, clue_id)
    if {work.act.signer, work.act.doer} & set(clue.concerned):
        raise NotFound(rules.decided_without_the_concerned)
    return clue


async def _concerned(work: Work, clue: Clue, asked: tuple[str, ...]) -> frozenset[str]:
    """Whom a clue concerns: the persons it is about, the team that found it, and, of those asked for and of the
    group's heads, whoever holds a post in the unit (Art. 3 (c))."""
    round_ = await work.read(ROUNDS, clue.round)
    team = {m.person for m in round_.mandates if m.names(clue.unit)}
    of_the_unit = set()
    for person_id in asked:
        person = await work.read(PEOPLE, person_id)
        if any(a.body == clue.unit for a in person.held(work.act.day, UNIT_POSTS)):
            of_the_unit.add(person_id)
    return frozenset({*clue.concerned, *team, *of_the_unit})
