"""Disposal of items: the team is heard, the office proposes, the leading group decides (Art. 3, 17)."""

from datetime import date
from typing import NamedTuple

from application.acts import Work
from application.authority import clear_of, decides, demand_not_of_the_unit, holding, holds, not_recused
from application.clues import clue_of_office, concerned_by
from domain import disposals, hearings
from domain.bodies import BODIES
from domain.disposals import DISPOSALS, DecideDisposal, ProposeDisposal, disposal_of
from domain.early_transfers import EARLY_TRANSFERS, early_transfer_of
from domain.hearings import HEARINGS, HearTeam, hearings_of
from domain.inspections import INSPECTIONS
from domain.kernel import IllFormed, NotFound
from domain.people import PEOPLE
from domain.problems import PROBLEMS
from domain.rounds import ROUNDS
from domain.rulebook import rules
from domain.rulebook.posts import GROUP_POSTS, OFFICE_POSTS
from domain.teams import TEAMS


class Item(NamedTuple):
    """What is disposed of, as the office knows it: where it belongs, whom it is about, when it reached the office."""

    id: str
    round: str
    inspection: str
    unit: str
    concerned: tuple[str, ...]
    reported_on: date | None


async def hear_team(work: Work, command: HearTeam) -> str:
    """Article 17."""
    await holds(work, "office")
    inspection = await work.read(INSPECTIONS, command.inspection)
    team = await work.read(TEAMS, inspection.team)
    stream, hearing = hearings_of(command.inspection), work.new("hearing")
    facts = hearings.hear(
        await work.look(HEARINGS, stream),
        hearing,
        command,
        round_=inspection.round,
        team=inspection.team,
        unit=inspection.unit,
        entered_on=inspection.entered_on,
        of_the_team=await not_recused(work, team, command.attendees, (inspection.unit,)),
        of_the_office=await holding(work, OFFICE_POSTS, command.attendees),
    )
    work.write(stream, facts)
    return hearing


async def propose_disposal(work: Work, command: ProposeDisposal) -> str:
    """Article 17. The office knows a clue's substance only once it reached it; a problem exists from that day on."""
    await holds(work, "office")
    item = await item_seen(work, command.item)
    work.known("disposal_classes", command.disposal_class, "disposal_class")
    for index, person in enumerate(command.summoned):
        held = (await work.read(PEOPLE, person)).held(work.act.day, GROUP_POSTS)
        rules.only_members_are_summoned.demand(bool(held), path=f"summoned.{index}")
    organ = await work.read(BODIES, command.organ)
    if organ.organ_class is None:
        raise IllFormed("not_an_organ", "organ")
    await demand_not_of_the_unit(work, command.organ, item.unit, rule=rules.never_sent_to_the_unit)
    inspection = await work.read(INSPECTIONS, item.inspection)
    heard = await work.look(HEARINGS, hearings_of(item.inspection))
    early = await work.look(EARLY_TRANSFERS, early_transfer_of(command.item))
    facts = disposals.propose(
        await work.look(DISPOSALS, disposal_of(command.item)),
        work.new("proposal"),
        command,
        round_=item.round,
        inspection=item.inspection,
        unit=item.unit,
        reported_on=item.reported_on,
        heard_on=heard.first_on if heard else None,
        another_way=early is not None and early.in_the_way(command.proposed_on, inspection.ended_on),
        organ_class=organ.organ_class,
        routes=work.book.edition.routes(command.disposal_class),
        about=item.concerned,
        concerned=await _concerned(work, item, command.summoned),
    )
    work.write(disposal_of(command.item), facts)
    return disposal_of(command.item)


async def decide_disposal(work: Work, command: DecideDisposal) -> str:
    """Articles 3, 17."""
    await decides(work, "disposal", rule=rules.disposal_decided_by_who_may)
    item = await item_seen(work, command.item)
    disposal = await work.read(DISPOSALS, disposal_of(command.item))
    concerned = await _concerned(work, item, (work.act.doer, *command.attendees))
    if work.act.doer in concerned:
        raise NotFound(rules.decided_without_the_concerned)
    work.known("disposal_classes", command.disposal_class, "disposal_class")
    organ = await work.read(BODIES, command.organ)
    await demand_not_of_the_unit(work, command.organ, item.unit, rule=rules.never_sent_to_the_unit)
    facts = disposals.decide(
        disposal,
        command,
        decider=work.act.doer,
        organ_class=organ.organ_class,
        routes=work.book.edition.routes(command.disposal_class),
        concerned=concerned,
    )
    work.write(disposal_of(command.item), facts)
    return disposal_of(command.item)


async def item_seen(work: Work, item_id: str) -> Item:
    """An item, for office and leading group: one nobody knows of there, or that concerns the doer, does not exist.

    A problem is kept from whom the report that states it is kept from.
    """
    match item_id.partition(":")[0]:
        case "clue":
            clue = await clue_of_office(work, item_id)
            return Item(item_id, clue.round, clue.inspection, clue.unit, clue.concerned, clue.reached_office_on)
        case "problem":
            found = await work.read(PROBLEMS, item_id)
            await clear_of(work, found.unit, found.withheld_from)
            return Item(item_id, found.round, found.inspection, found.unit, found.withheld_from, found.reported_on)
        case _:
            raise IllFormed("id_ill_formed", "item")


async def _concerned(work: Work, item: Item, asked: tuple[str, ...]) -> frozenset[str]:
    """Whom an item concerns: the persons it is about, the team that found it, and, of those asked for and of the
    group's heads, whoever holds a post in the unit (Art. 3 (c))."""
    round_ = await work.read(ROUNDS, item.round)
    team = {m.person for m in round_.mandates if m.names(item.unit)}
    return (await concerned_by(work, item.unit, item.concerned, asked)) | team
