"""Periodic reports, the end of a round's work, each team's file, closing the round (Art. 3, 28)."""

from collections.abc import Sequence
from datetime import date

from application.acts import Work
from application.authority import TeamMember, decides, holds, of_team, serving
from application.keeping import body_of
from domain import archives, reporting
from domain.archives import (
    ARCHIVES,
    FILE_REGISTER,
    FILE_REGISTERS,
    Archive,
    CloseRound,
    EndRoundsWork,
    FileListed,
    Handover,
    HandOverFile,
    ReceiveFile,
    archive_of,
)
from domain.inspections import INSPECTIONS
from domain.kernel import NotFound, Refused
from domain.people import PEOPLE
from domain.rectifications import RECTIFICATIONS, rectification_of
from domain.recusals import RECUSALS, recusal_of
from domain.reporting import REPORTING, NameReporter, Reporting, ReportPeriodically, reporting_of
from domain.rounds import ROUNDS
from domain.rulebook import rules
from domain.rulebook.obligations import owed
from domain.rulebook.posts import OFFICE_POSTS, Duty, Power, Standing
from domain.teams import TEAMS

ANY_POWER = tuple(Power)


async def name_reporter(work: Work, command: NameReporter) -> str:
    """Article 28: the team must name one."""
    round_, team, mandate = await _of_team(work, command.team, *ANY_POWER, duty=Duty.LEADER)
    await work.read(PEOPLE, command.person)
    facts = reporting.name(
        await work.look(REPORTING, reporting_of(command.team)) or Reporting(),
        command,
        round_=team.round,
        duty=mandate.duty,
        of_the_team={m.person for m in round_.mandates if m.team == command.team and m.lives_on(work.act.day)},
    )
    work.write(reporting_of(command.team), facts)
    return command.team


async def report_periodically(work: Work, command: ReportPeriodically) -> str:
    """Article 28."""
    _, team, _ = await _of_team(work, command.team, *ANY_POWER)
    report = work.new("periodic-report")
    facts = reporting.report(
        await work.look(REPORTING, reporting_of(command.team)) or Reporting(),
        report,
        command,
        round_=team.round,
        doer=work.act.doer,
        of_the_office=await _of_the_office(work, command.recipients),
    )
    work.write(reporting_of(command.team), facts)
    return report


async def end_rounds_work(work: Work, command: EndRoundsWork) -> str:
    """Article 28: the month for each team's file is counted from here."""
    await holds(work, "office")
    round_ = await work.read(ROUNDS, command.round)
    ended: dict[str, date | None] = {}
    for _, inspection in round_.inspections:
        ended[inspection] = (await work.read(INSPECTIONS, inspection)).ended_on
    obligation = owed(work.book.edition, work.book.calendar, "file_handover", command.ended_on)
    handovers = tuple(Handover(team=team, obligation=obligation) for team, _ in round_.teams)
    archive = await _archive(work, command.round)
    work.write(archive_of(command.round), archives.end_work(archive, command, ended=ended, handovers=handovers))
    return command.round


async def hand_over_file(work: Work, command: HandOverFile) -> str:
    """Article 28."""
    _, team, mandate = await _of_team(work, command.team, Power.CLOSING, duty=Duty.LEADER)
    for index, entry in enumerate(command.entries):
        work.known("file_kinds", entry.kind, f"entries.{index}.kind")
    facts = archives.hand_over(
        await _archive(work, team.round),
        command,
        round_=team.round,
        duty=mandate.duty,
        kinds=work.book.edition.codes("file_kinds"),
        of_the_office=await _of_the_office(work, command.recipients),
    )
    work.write(archive_of(team.round), facts)
    return command.team


async def receive_file(work: Work, command: ReceiveFile) -> str:
    """Article 28: from here on the office reads the file."""
    await holds(work, "office")
    team = await work.read(TEAMS, command.team)
    archive = await _archive(work, team.round)
    facts = archives.receive(archive, command, round_=team.round, received_by=work.act.doer)
    work.write(archive_of(team.round), facts)
    await work.look(FILE_REGISTERS, FILE_REGISTER)
    inspections = tuple(inspection for _, inspection in team.assignments)
    work.write(FILE_REGISTER, [FileListed(team=command.team, round=team.round, inspections=inspections)])
    return command.team


async def close_round(work: Work, command: CloseRound) -> str:
    """Articles 3, 28."""
    await decides(work, "round_closing", rule=rules.round_closed_by_who_may)
    round_ = await work.read(ROUNDS, command.round)
    reports: list[tuple[date | None, date | None]] = []
    for _, inspection in round_.inspections:
        found = await work.look(RECTIFICATIONS, rectification_of(inspection))
        reports.append((found.report.in_hand_since, found.heads.in_hand_since) if found else (None, None))
    work.write(archive_of(command.round), archives.close(await _archive(work, command.round), command, reports=reports))
    return command.round


async def _of_team(work: Work, team_id: str, *powers: Power, duty: Duty | None = None) -> TeamMember:
    """A member of the team with one of the powers; whoever is recused from all its units has no part (Art. 23)."""
    found = await of_team(work, team_id, *powers, duty=duty)
    own = work.act.doer == work.act.signer
    days = (work.act.day, work.act.today) if own else (work.act.day,)
    recusals = [
        await work.look(RECUSALS, recusal_of(found.team.round, unit, work.act.doer))
        for unit, _ in found.team.assignments
    ]
    if all(r is not None and any(r.upheld_by(day) for day in days) for r in recusals):
        raise NotFound(rules.not_recused) if own else Refused(rules.not_recused)
    return found


async def _archive(work: Work, round_: str) -> Archive:
    return await work.look(ARCHIVES, archive_of(round_)) or Archive()


async def _of_the_office(work: Work, persons: Sequence[str]) -> set[str]:
    return await serving(work, body_of(Standing.OFFICE), OFFICE_POSTS, persons)
