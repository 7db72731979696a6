"""Transfers during the inspection: asked for by the leader, approved by whom the edition names (Art. 15)."""

from application.acts import Work
from application.authority import decides, demand_not_of_the_unit
from application.clues import clue_led, clue_of_office
from domain import early_transfers
from domain.bodies import BODIES
from domain.disposals import DISPOSALS, disposal_of
from domain.early_transfers import EARLY_TRANSFERS, DecideEarlyTransfer, ProposeEarlyTransfer, early_transfer_of
from domain.inspections import INSPECTIONS
from domain.kernel import IllFormed
from domain.rulebook import rules
from domain.rulebook.posts import Power


async def propose_early_transfer(work: Work, command: ProposeEarlyTransfer) -> str:
    """Article 15. After the end closing power still shows the leader the clue, and the rule that then says no."""
    clue, (_, inspection, mandate) = await clue_led(work, command.clue, Power.ON_SITE, Power.CLOSING)
    organ = await work.read(BODIES, command.organ)
    if organ.organ_class is None:
        raise IllFormed("not_an_organ", "organ")
    await demand_not_of_the_unit(work, command.organ, clue.unit, rule=rules.never_sent_to_the_unit)
    stream = early_transfer_of(command.clue)
    disposal = await work.look(DISPOSALS, disposal_of(command.clue))
    facts = early_transfers.propose(
        await work.look(EARLY_TRANSFERS, stream),
        command,
        duty=mandate.duty,
        round_=clue.round,
        inspection=clue.inspection,
        unit=clue.unit,
        managed=clue.managed,
        concerned=clue.concerned,
        restricted=clue.restricted,
        registered_on=clue.registered_on,
        ended_on=inspection.ended_on,
        another_way=disposal is not None and disposal.proposal is not None,
        organ_class=organ.organ_class,
        routes=work.book.edition.mid_inspection_routes.routes,
    )
    rules.within_the_power.demand(work.grounds is not None and work.grounds.power == Power.ON_SITE)
    work.write(stream, facts)
    return stream


async def decide_early_transfer(work: Work, command: DecideEarlyTransfer) -> str:
    """Article 15."""
    await decides(work, "mid_inspection_transfer", rule=rules.early_transfer_decided_by_who_may)
    clue = await clue_of_office(work, command.clue)
    stream = early_transfer_of(command.clue)
    early = await work.read(EARLY_TRANSFERS, stream)
    inspection = await work.read(INSPECTIONS, clue.inspection)
    work.write(stream, early_transfers.decide(early, command, ended_on=inspection.ended_on))
    return stream
