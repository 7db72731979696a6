"""Activities: each use of a way of working on site, put on record by the team (Art. 12)."""

from application.acts import Work
from application.authority import Member, at_work, member, standing_for
from domain import activities
from domain.activities import ACTIVITIES, RecordActivity
from domain.people import PEOPLE
from domain.rulebook.posts import LEADERSHIP_POSTS, Power


async def record_activity(work: Work, command: RecordActivity) -> str:
    """Article 12: under on-site power; the record is known to who took part, the leader and the deputy leader."""
    where = await member(work, command.inspection, Power.ON_SITE)
    work.known("ways", command.way, "way")
    activity, minimum = work.new("activity"), work.book.edition.parameters.interview_minimum
    facts = activities.record(
        await work.look(ACTIVITIES, activity),
        activity,
        command,
        round_=where.inspection.round,
        unit=where.inspection.unit,
        entered_on=where.inspection.entered_on,
        ended_on=where.inspection.ended_on,
        doer=work.act.doer,
        duty=where.mandate.duty,
        at_work=await at_work(work, where, command.staff, Power.ON_SITE),
        leadership=await _leadership(work, where, command),
        way_needs_decision=next(way.needs_decision for way in work.book.edition.ways if way.code == command.way),
        interview_minimum=minimum.value,
        fewer_staff_with_a_reason=minimum.strength == "soft",
    )
    work.write(activity, facts)
    return activity


async def _leadership(work: Work, where: Member, command: RecordActivity) -> set[str]:
    """The member named, if one of the unit's leadership body that day, or in the period inspected (Art. 8 (c))."""
    if command.member is None:
        return set()
    person = await work.read(PEOPLE, command.member)
    first, last = where.round.inspected or (command.held_on, None)
    held = [
        *person.held(command.held_on, LEADERSHIP_POSTS),
        *person.held_within(first, last or command.held_on, LEADERSHIP_POSTS),
    ]
    bodies = await standing_for(work, where.inspection.unit)
    return {command.member} if any(a.body in bodies for a in held) else set()
