"""Publications: proposed by office or team, approved by whom the edition names, made public (Art. 21)."""

from datetime import date

from application.acts import Work
from application.authority import clear_of, decides, member
from application.rectifications import for_the_office
from domain import publications
from domain.inspections import INSPECTIONS
from domain.publications import PUBLICATIONS, DecidePublication, ProposePublication, Publish, Subject
from domain.rectifications import RECTIFICATIONS, rectification_of
from domain.rulebook import rules
from domain.rulebook.posts import Power

AT_WORK = (Power.ON_SITE, Power.CLOSING, Power.SUPERVISION)


async def propose_publication(work: Work, command: ProposePublication) -> str:
    """Article 21."""
    if not await for_the_office(work):
        await member(work, command.inspection, *AT_WORK)
    inspection = await work.read(INSPECTIONS, command.inspection)
    publication = work.new("publication")
    facts = publications.propose(
        await work.look(PUBLICATIONS, publication),
        publication,
        command,
        round_=inspection.round,
        unit=inspection.unit,
        happened_on=await _happened_on(work, command.inspection, command.of),
    )
    work.write(publication, facts)
    return publication


async def decide_publication(work: Work, command: DecidePublication) -> str:
    """Article 21 (c)."""
    await decides(work, "publication", rule=rules.publication_decided_by_who_may)
    publication = await work.read(PUBLICATIONS, command.publication)
    await clear_of(work, publication.unit, ())
    work.write(command.publication, publications.decide(publication, command))
    return command.publication


async def publish(work: Work, command: Publish) -> str:
    """Article 21: the approved text, word for word."""
    of_the_office = await for_the_office(work)
    publication = await work.read(PUBLICATIONS, command.publication)
    if not of_the_office:
        await member(work, publication.inspection, *AT_WORK)
    text = await work.copy(publication.text)
    work.write(command.publication, publications.publish(publication, command, text=text))
    return command.publication


async def _happened_on(work: Work, inspection_id: str, of: Subject) -> date | None:
    """The day of what is to be made public, if it has happened."""
    if of is Subject.ENTRY:
        return (await work.read(INSPECTIONS, inspection_id)).entered_on
    rectification = await work.look(RECTIFICATIONS, rectification_of(inspection_id))
    if rectification is None:
        return None
    return rectification.received_on if of is Subject.FEEDBACK else rectification.report.first_on
