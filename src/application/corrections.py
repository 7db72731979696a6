"""A day recorded wrongly is put right: by the office, once, for all the days there are (Art. 28 (c), ADR 31)."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date
from uuid import UUID

from application.acts import Work
from application.authority import clear_of, holds
from application.disposals import item_seen
from application.due_dates import edition_of
from application.transfers import transfer_of_office
from domain import disposals, feedback, inspections, petitions, rectifications, recusals, transfers
from domain.archives import ARCHIVES, archive_of
from domain.disposals import DISPOSALS, DisposalDecided, disposal_of
from domain.due_dates import DUE_DATES, due_date_of
from domain.duties import REPORTS as REPORTS_OWED
from domain.feedback import FEEDBACK, FeedbackReceived, feedback_of
from domain.hearings import HEARINGS, hearings_of
from domain.inspections import (
    INSPECTIONS,
    Inspection,
    InspectionEnded,
    NoticeReceived,
    NoticeServed,
    UnitEntered,
)
from domain.kernel import Between, CorrectDay, DayOf, Fact, IllFormed, NotFound
from domain.petitions import PETITIONS, PetitionInstructed, PetitionRegistered
from domain.rectifications import RECTIFICATIONS, Rectification, RectificationOpened, Report, rectification_of
from domain.recusals import RECUSALS, RecusalDecided
from domain.reports import REPORTS, report_of
from domain.rounds import ROUNDS
from domain.rulebook import rules
from domain.rulebook.obligations import Obligation, Recounted, recounted
from domain.rulebook.posts import DECIDERS, Standing
from domain.transfers import TransferReceived


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


async def _entry(work: Work, stream: str, kind: type[Fact]) -> UUID:
    """The key of the entry that said the day that stands: the last of its kind, as what is said again replaces it."""
    return [entry.key for entry in await work.ledger.entries(stream) if isinstance(entry.fact, kind)][-1]


async def _recounted(
    work: Work, matter: str, name: str, stands: Obligation | None, day: date, *, started_by: str | None = None
) -> Recounted | None:
    """A duty that stands, counted from another day: by the edition it was counted by, and the calendar in force. The
    day it was due until now is the one a later calendar moved it to, where one did (ADR 30, ADR 31)."""
    if stands is None:
        return None
    moves = await work.look(DUE_DATES, due_date_of(matter, name))
    due_before = (moves.after(stands.count) if moves else stands.count).due
    edition = await edition_of(work.ledger, work.book, stands.edition)
    return recounted(stands, due_before, day, work.book.calendar, edition, started_by=started_by)


async def _of_an_inspection(work: Work, command: CorrectDay) -> None:
    """What came after is read from the streams it stands in: the hearing, the report, the end of the round's work.

    A report counts from the day the office has it: the team's signature before that is not the office's to know of,
    and a refusal would tell its day.
    """
    state = await work.read(INSPECTIONS, command.matter)
    await _seen(work, state.round, state.unit)
    _on_record(state.between(command.day_of))
    hearings = await work.look(HEARINGS, hearings_of(command.matter))
    report = await work.look(REPORTS, report_of(command.matter))
    archive = await work.look(ARCHIVES, archive_of(state.round))
    after_entry = (hearings.first_on if hearings else None,)
    after_the_end = (report.submitted_on if report else None, archive.ended_on if archive else None)
    received, ended = command.day_of is DayOf.NOTICE_RECEIVED, command.day_of is DayOf.ENDED
    report_owed = state.report_owed if ended else None
    facts = inspections.correct(
        state,
        command,
        entry=await _entry(work, command.matter, _SAID[command.day_of]),
        later={DayOf.ENTERED: after_entry, DayOf.ENDED: after_the_end}.get(command.day_of, ()),
        publication=await _publication(work, state, command) if received else None,
        report=await _recounted(work, command.matter, "inspection_report", report_owed, command.day),
    )
    work.write(command.matter, facts)


async def _publication(work: Work, state: Inspection, command: CorrectDay) -> Recounted | None:
    """Publication is counted from the receipt, or from the service where that was recorded by then (Art. 11(6))."""
    served, stands = state.service_recorded_on, state.publication_owed
    if served is None or command.day < served:
        return await _recounted(work, command.matter, "notice_publication", stands, command.day)
    if state.received_on is not None and served <= state.received_on:
        return None  # counted from there before, and still
    return await _recounted(work, command.matter, "notice_publication", stands, served, started_by="service_recorded")


async def _of_a_petition(work: Work, command: CorrectDay) -> None:
    state = await work.read(PETITIONS, command.matter)
    await _seen(work, state.round, state.unit, state.concerned)
    _on_record(state.between(command.day_of))
    inspection = await work.read(INSPECTIONS, state.inspection)
    facts = petitions.correct(
        state,
        command,
        entry=await _entry(work, command.matter, _SAID[command.day_of]),
        entered_on=inspection.entered_on,
        ended_on=inspection.ended_on,
    )
    work.write(command.matter, facts)


async def _of_a_disposal(work: Work, command: CorrectDay) -> None:
    item = await item_seen(work, command.matter)
    stream = disposal_of(command.matter)
    state = await work.read(DISPOSALS, stream)
    await _seen(work, item.round, item.unit, item.concerned)
    _on_record(state.between(command.day_of))
    entry = await _entry(work, stream, _SAID[command.day_of])
    work.write(stream, disposals.correct(state, command, entry=entry))


async def _of_a_recusal(work: Work, command: CorrectDay) -> None:
    state = await work.read(RECUSALS, command.matter)
    await _seen(work, state.round, state.unit, (state.person,))
    _on_record(state.between(command.day_of))
    mandates = (await work.read(ROUNDS, state.round)).mandates
    replaced_on = tuple(m.decided_on for m in mandates if m.after_recusal == command.matter and m.decided_on)
    entry = await _entry(work, command.matter, _SAID[command.day_of])
    work.write(command.matter, recusals.correct(state, command, entry=entry, replaced_on=replaced_on))


async def _of_a_transfer(work: Work, command: CorrectDay) -> None:
    state = await transfer_of_office(work, command.matter)
    await _seen(work, state.round, state.unit, state.withheld_from)
    _on_record(state.between(command.day_of))
    entry = await _entry(work, command.matter, _SAID[command.day_of])
    answer = await _recounted(work, command.matter, "transfer_answer", state.answer_owed, command.day)
    work.write(command.matter, transfers.correct(state, command, entry=entry, answer=answer))


async def _of_a_feedback(work: Work, command: CorrectDay) -> None:
    """Where the month runs from the receipt, the rectification is corrected in the same append."""
    stream, opened = feedback_of(command.matter), rectification_of(command.matter)
    state = await work.read(FEEDBACK, stream)
    await _seen(work, state.round, state.unit, state.withheld_from)
    _on_record(state.between(command.day_of))
    rectification = await work.look(RECTIFICATIONS, opened)
    runs_from_here = rectification if state.service_recorded_on is None else None
    later = (runs_from_here.report.first_on, runs_from_here.heads.first_on) if runs_from_here else ()
    entry = await _entry(work, stream, _SAID[command.day_of])
    facts = feedback.correct(state, command, entry=entry, later=later)
    work.write(stream, facts)
    if facts and runs_from_here is not None:
        work.write(opened, await _of_a_rectification(work, opened, runs_from_here, command))


async def _of_a_rectification(
    work: Work, stream: str, state: Rectification, command: CorrectDay
) -> list[rectifications.RectificationFact]:
    """The two reports are two duties: a calendar moves each of them as long as it is open."""
    anew = {
        which: await _recounted(work, command.matter, REPORTS_OWED[which], stands, command.day)
        for which, stands in ((Report.RECTIFICATION, state.report_owed), (Report.HEADS, state.heads_owed))
    }
    return rectifications.correct(
        state,
        command,
        entry=await _entry(work, stream, RectificationOpened),
        report=anew[Report.RECTIFICATION],
        heads_report=anew[Report.HEADS],
    )


_SAID: Mapping[DayOf, type[Fact]] = {
    DayOf.NOTICE_SERVED: NoticeServed,
    DayOf.NOTICE_RECEIVED: NoticeReceived,
    DayOf.ENTERED: UnitEntered,
    DayOf.ENDED: InspectionEnded,
    DayOf.PETITION_RECEIVED: PetitionRegistered,
    DayOf.PETITION_INSTRUCTED: PetitionInstructed,
    DayOf.DISPOSAL_DECIDED: DisposalDecided,
    DayOf.RECUSAL_DECIDED: RecusalDecided,
    DayOf.TRANSFER_RECEIVED: TransferReceived,
    DayOf.FEEDBACK_RECEIVED: FeedbackReceived,
}
"""The fact that says each day."""

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
