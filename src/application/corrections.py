"""A day recorded wrongly is put right: by the office, once, for all the days there are (Art. 28 (c), ADR 31)."""

from collections.abc import Awaitable, Callable, Mapping, Sequence

from application.acts import Work
from application.authority import clear_of, holds
from application.disposals import item_seen
from application.transfers import answer_owed, transfer_of_office
from domain import disposals, feedback, inspections, petitions, rectifications, recusals, transfers
from domain.archives import ARCHIVES, archive_of
from domain.disposals import DISPOSALS, disposal_of
from domain.feedback import FEEDBACK, feedback_of
from domain.hearings import HEARINGS, hearings_of
from domain.inspections import INSPECTIONS, Inspection
from domain.kernel import Between, CorrectDay, DayOf, IllFormed, NotFound
from domain.petitions import PETITIONS
from domain.rectifications import RECTIFICATIONS, rectification_of
from domain.recusals import RECUSALS
from domain.reports import REPORTS, report_of
from domain.rounds import ROUNDS
from domain.rulebook import rules
from domain.rulebook.obligations import Obligation, owed
from domain.rulebook.posts import DECIDERS, Standing


async def correct_day(work: Work, command: CorrectDay) -> str:
    """Article 28 (c): what is not on record, or not for the doer's eyes, is not found."""
    await holds(work, "office", DECIDERS[Standing.OFFICE], rule=rules.days_corrected_by_the_office)
    rules.not_in_the_future.demand(command.day, work.act.today, path="day")
    kinds, correct = CORRECTABLE[command.day_of]
    if command.matter.partition(":")[0] not in kinds:
        raise IllFormed("id_ill_formed", "matter")
    await correct(work, command)
    return command.matter


def _on_record(place: Between) -> None:
    if place.day is None:
        raise NotFound


async def _seen(work: Work, round_id: str, unit: str, concerned: Sequence[str] = ()) -> None:
    """Demand that the doer is not concerned, nor the signer, and that neither has or had a mandate at the unit."""
    await clear_of(work, unit, concerned)
    round_ = await work.read(ROUNDS, round_id)
    for person in (work.act.doer, work.act.signer):
        rules.days_not_corrected_by_the_team.demand(round_.mandates_of(person, unit))


async def _of_an_inspection(work: Work, command: CorrectDay) -> None:
    """What came after is read from the streams it stands in: the hearing, the report, the end of the round's work."""
    state = await work.read(INSPECTIONS, command.matter)
    await _seen(work, state.round, state.unit)
    _on_record(state.between(command.day_of))
    hearings = await work.look(HEARINGS, hearings_of(command.matter))
    report = await work.look(REPORTS, report_of(command.matter))
    archive = await work.look(ARCHIVES, archive_of(state.round))
    after_entry = (hearings.first_on if hearings else None,)
    after_the_end = (report.signed_on if report else None, archive.ended_on if archive else None)
    facts = inspections.correct(
        state,
        command,
        later={DayOf.ENTERED: after_entry, DayOf.ENDED: after_the_end}.get(command.day_of, ()),
        publication=_publication(work, state, command),
        report=owed(work.book.edition, work.book.calendar, "inspection_report", command.day),
    )
    work.write(command.matter, facts)


def _publication(work: Work, state: Inspection, command: CorrectDay) -> Obligation | None:
    """Publication is counted from the receipt, or from the service where that was recorded by then (Art. 11(6))."""
    served = state.service_recorded_on
    if served is None or command.day < served:
        return owed(work.book.edition, work.book.calendar, "notice_publication", command.day)
    if state.received_on is not None and served <= state.received_on:
        return None  # counted from there before, and still
    return owed(work.book.edition, work.book.calendar, "notice_publication", served, started_by="service_recorded")


async def _of_a_petition(work: Work, command: CorrectDay) -> None:
    state = await work.read(PETITIONS, command.matter)
    await _seen(work, state.round, state.unit, state.concerned)
    _on_record(state.between(command.day_of))
    inspection = await work.read(INSPECTIONS, state.inspection)
    entered, ended = inspection.entered_on, inspection.ended_on
    work.write(command.matter, petitions.correct(state, command, entered_on=entered, ended_on=ended))


async def _of_a_disposal(work: Work, command: CorrectDay) -> None:
    item = await item_seen(work, command.matter)
    state = await work.read(DISPOSALS, disposal_of(command.matter))
    await _seen(work, item.round, item.unit, item.concerned)
    _on_record(state.between(command.day_of))
    work.write(disposal_of(command.matter), disposals.correct(state, command))


async def _of_a_recusal(work: Work, command: CorrectDay) -> None:
    state = await work.read(RECUSALS, command.matter)
    await _seen(work, state.round, state.unit, (state.person,))
    _on_record(state.between(command.day_of))
    mandates = (await work.read(ROUNDS, state.round)).mandates
    replaced_on = tuple(m.decided_on for m in mandates if m.after_recusal == command.matter and m.decided_on)
    work.write(command.matter, recusals.correct(state, command, replaced_on=replaced_on))


async def _of_a_transfer(work: Work, command: CorrectDay) -> None:
    state = await transfer_of_office(work, command.matter)
    await _seen(work, state.round, state.unit, state.withheld_from)
    _on_record(state.between(command.day_of))
    answer = answer_owed(work, state, command.day)
    work.write(command.matter, transfers.correct(state, command, answer=answer))


async def _of_a_feedback(work: Work, command: CorrectDay) -> None:
    """Where the month runs from the receipt, the rectification is corrected in the same append."""
    stream, opened = feedback_of(command.matter), rectification_of(command.matter)
    state = await work.read(FEEDBACK, stream)
    await _seen(work, state.round, state.unit, state.withheld_from)
    _on_record(state.between(command.day_of))
    rectification = await work.look(RECTIFICATIONS, opened)
    runs_from_here = rectification if state.service_recorded_on is None else None
    later = (runs_from_here.report.first_on, runs_from_here.heads.first_on) if runs_from_here else ()
    facts = feedback.correct(state, command, later=later)
    work.write(stream, facts)
    if facts and runs_from_here is not None:
        report = owed(work.book.edition, work.book.calendar, "rectification_report", command.day)
        work.write(opened, rectifications.correct(runs_from_here, command, report=report))


CORRECTABLE: Mapping[DayOf, tuple[tuple[str, ...], Callable[[Work, CorrectDay], Awaitable[None]]]] = {
    DayOf.NOTICE_SERVED: (("inspection",), _of_an_inspection),
    DayOf.NOTICE_RECEIVED: (("inspection",), _of_an_inspection),
    DayOf.ENTERED: (("inspection",), _of_an_inspection),
    DayOf.ENDED: (("inspection",), _of_an_inspection),
    DayOf.PETITION_RECEIVED: (("petition",), _of_a_petition),
    DayOf.PETITION_INSTRUCTED: (("petition",), _of_a_petition),
    DayOf.DISPOSAL_DECIDED: (("clue", "problem"), _of_a_disposal),
    DayOf.RECUSAL_DECIDED: (("recusal",), _of_a_recusal),
    DayOf.TRANSFER_RECEIVED: (("transfer",), _of_a_transfer),
    DayOf.FEEDBACK_RECEIVED: (("inspection",), _of_a_feedback),
}
"""The list of days that can be corrected: the kinds of matter each is of, and how."""
