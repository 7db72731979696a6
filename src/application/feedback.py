"""Feedback: proposed and given by the leader, approved by whom the edition names, received by the unit (Art. 18)."""

from datetime import date

from application.acts import Work
from application.authority import clear_of, decides, holds, recorded_by_whom_may, serving, standing_for
from application.reports import copied, led
from domain import feedback, rectifications
from domain.feedback import (
    FEEDBACK,
    DecideFeedback,
    Feedback,
    GiveFeedback,
    ProposeFeedback,
    ReceiveFeedback,
    RecordFeedbackService,
    feedback_of,
)
from domain.inspections import INSPECTIONS
from domain.kernel import NotFound
from domain.people import PEOPLE
from domain.rectifications import RECTIFICATIONS, OpenedItem, rectification_of
from domain.reports import REPORTS, report_of
from domain.rulebook import rules
from domain.rulebook.editions import FEEDBACK_GIVEN
from domain.rulebook.obligations import Obligation, hoped, owed
from domain.rulebook.posts import UNIT_POSTS, Post


async def propose_feedback(work: Work, command: ProposeFeedback) -> str:
    """Articles 6(3), 18: it rests on the report that reached the office."""
    who = await led(work, command.inspection)
    report = await work.look(REPORTS, report_of(command.inspection))
    withheld_from = report.withheld_from if report else ()
    await clear_of(work, who.inspection.unit, withheld_from)
    stream = feedback_of(command.inspection)
    facts = feedback.propose(
        await work.look(FEEDBACK, stream),
        stream,
        command,
        duty=who.mandate.duty,
        round_=who.inspection.round,
        unit=who.inspection.unit,
        submitted_on=report.submitted_on if report else None,
        reported=report.reported if report else {},
        withheld_from=withheld_from,
    )
    work.write(stream, facts)
    return stream


async def decide_feedback(work: Work, command: DecideFeedback) -> str:
    """Article 18."""
    await decides(work, "feedback", rule=rules.feedback_decided_by_who_may)
    stream = feedback_of(command.inspection)
    state = await work.read(FEEDBACK, stream)
    await clear_of(work, state.unit, state.withheld_from)
    hope = hoped(work.book.edition, work.book.calendar, FEEDBACK_GIVEN, command.decided_on)
    work.write(stream, feedback.decide(state, command, hoped=hope))
    return stream


async def give_feedback(work: Work, command: GiveFeedback) -> str:
    """Article 18: to the leadership body and its head; the unit knows of it from here on."""
    who = await led(work, command.inspection)
    stream = feedback_of(command.inspection)
    state = await work.read(FEEDBACK, stream)
    await clear_of(work, state.unit, state.withheld_from)
    facts = feedback.give(
        state,
        command,
        duty=who.mandate.duty,
        again=await copied(work, state.proposed),
        items={o.problem: work.new("item", o.problem) for o in state.proposed.opinions},
        leadership_body=await serving(work, state.unit, (Post.UNIT_HEAD, Post.UNIT_LEADER), command.recipients),
        heads=await serving(work, state.unit, (Post.UNIT_HEAD,), command.recipients),
    )
    work.write(stream, facts)
    return stream


async def receive_feedback(work: Work, command: ReceiveFeedback) -> str:
    """Articles 18, 19: the month is counted from here, and the rectification is open."""
    stream = feedback_of(command.inspection)
    state = await _given_to_the_unit(work, command.inspection)
    report = owed(work.book.edition, work.book.calendar, "rectification_report", command.received_on)
    facts = feedback.receive(state, command, received_by=work.act.doer, report=report, heads_report=report)
    work.write(stream, facts)
    await _open_rectification(work, command.inspection, state, command.received_on, report)
    return stream


async def record_feedback_service(work: Work, command: RecordFeedbackService) -> str:
    """Article 19 (c): without a receipt the month is counted from here."""
    await holds(work, "office")
    stream = feedback_of(command.inspection)
    state = await work.read(FEEDBACK, stream)
    await clear_of(work, state.unit, state.withheld_from)
    edition, calendar = work.book.edition, work.book.calendar
    wait = owed(edition, calendar, "service_record", state.given_on) if state.given_on else None
    report = owed(edition, calendar, "rectification_report", command.recorded_on, started_by="service_recorded")
    last_day = wait.count.due if wait else None
    work.write(stream, feedback.record_service(state, command, last_day=last_day, report=report, heads_report=report))
    await _open_rectification(work, command.inspection, state, command.recorded_on, report)
    return stream


async def _given_to_the_unit(work: Work, inspection_id: str) -> Feedback:
    """The feedback, for an act of its unit. Until it is given the unit cannot know that there is one."""
    await recorded_by_whom_may(work)
    inspection = await work.read(INSPECTIONS, inspection_id)
    await holds(work, "unit", body=inspection.unit)
    state = await work.read(FEEDBACK, feedback_of(inspection_id))
    if state.given is None and work.act.audience == "unit":
        raise NotFound
    held = (await work.read(PEOPLE, work.act.doer)).held(work.act.day, UNIT_POSTS)
    receiving = (Post.UNIT_HEAD, Post.UNIT_CONTACT)
    bodies = await standing_for(work, inspection.unit)
    rules.feedback_received_for_the_unit.demand([a.post for a in held if a.body in bodies], receiving)
    await holds(work, "unit", receiving, body=inspection.unit)
    return state


async def _open_rectification(
    work: Work, inspection_id: str, state: Feedback, received_on: date, report: Obligation | None
) -> None:
    """The unit's rectification begins, in the same append, with an item for each point fed back (Art. 19)."""
    stream = rectification_of(inspection_id)
    given = await copied(work, state.given) if state.given else None
    facts = rectifications.open_rectification(
        await work.look(RECTIFICATIONS, stream),
        inspection_id,
        round_=state.round,
        unit=state.unit,
        items=tuple(
            OpenedItem(item=p.item, category=p.category, text=p.text, opinion=p.opinion)
            for p in (given.points if given else ())
        ),
        received_on=received_on,
        report=report,
        heads_report=report,
    )
    work.write(stream, facts)
