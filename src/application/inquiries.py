"""In-depth inquiries: after the team affairs meeting, into the leadership body and its members only (Art. 7, 13)."""

from application.acts import Work
from application.authority import at_work, member, recorded_by_whom_may
from application.sources import sources_of
from domain import inquiries
from domain.inquiries import INQUIRIES, MEETING_ITEM, ConcludeInquiry, OpenInquiry
from domain.kernel import NotFound
from domain.rulebook import rules
from domain.rulebook.posts import Duty, Power
from domain.teams import TEAMS

LEADERS = (Duty.LEADER, Duty.DEPUTY_LEADER)


async def open_inquiry(work: Work, command: OpenInquiry) -> str:
    """Articles 7(2), 13."""
    where = await member(work, command.inspection, Power.ON_SITE, duty=Duty.LEADER)
    rules.inquiry_led_by_the_leader.demand(where.mandate.duty)
    concerned = await sources_of(work, command.inspection, command.petitions, command.clues)
    team = await work.read(TEAMS, where.inspection.team)
    looked_into = (*command.petitions, *command.clues)
    inquiry = work.new("inquiry")
    facts = inquiries.open_inquiry(
        await work.look(INQUIRIES, inquiry),
        inquiry,
        command,
        round_=where.inspection.round,
        unit=where.inspection.unit,
        entered_on=where.inspection.entered_on,
        ended_on=where.inspection.ended_on,
        duty=where.mandate.duty,
        at_work=await at_work(work, where, command.staff, Power.ON_SITE) - {*concerned},
        discussed=any(team.discussed_by(MEETING_ITEM, about, command.opened_on) for about in looked_into),
        concerned=concerned,
    )
    work.write(inquiry, facts)
    return inquiry


async def conclude_inquiry(work: Work, command: ConcludeInquiry) -> str:
    """Article 13: to its end while the inspection is being closed."""
    await recorded_by_whom_may(work)
    inquiry = await work.read(INQUIRIES, command.inquiry)
    where = await member(work, inquiry.inspection, Power.ON_SITE, Power.CLOSING, duty=Duty.LEADER, hidden=True)
    if where.mandate.duty not in LEADERS or {work.act.signer, work.act.doer} & {*inquiry.concerned}:
        raise NotFound(rules.inquiry_led_by_the_leader)
    work.write(command.inquiry, inquiries.conclude(inquiry, command, duty=where.mandate.duty))
    return command.inquiry
