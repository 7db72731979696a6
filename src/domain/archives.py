"""The end of a round: its work ended, each team's file handed over and received, the round closed (Art. 3, 28)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import ClassVar, Literal, assert_never

from domain.kernel import (
    Aggregate,
    Code,
    Command,
    Content,
    Fact,
    InspectionId,
    Label,
    Manner,
    PersonId,
    Pieces,
    RoundId,
    TeamId,
    Value,
    derived_id,
)
from domain.rulebook import rules
from domain.rulebook.obligations import Obligation

# --- values ----------------------------------------------------------------------------------------------------


class FileEntry(Value):
    """One kind of papers in a team's file: how many pieces, what is missing and why, whether more is to follow.

    Article 28. Classified material is listed by its numbers only (c).
    """

    kind: Code
    pieces: Pieces
    missing: Content | None = None
    to_follow: Literal[0, 1] = 0
    classified_numbers: Content | None = None


class Handover(Value):
    """A team and the file it owes from the end of the round's work on. Article 28."""

    team: TeamId
    obligation: Obligation | None = None


# --- commands --------------------------------------------------------------------------------------------------


class EndRoundsWork(Command):
    """State that the round's inspection work has ended, the last team's too. Article 28."""

    round: RoundId
    ended_on: date


class HandOverFile(Command):
    """Hand the team's file over to named persons of the office, each kind of papers listed. Article 28."""

    team: TeamId
    entries: tuple[FileEntry, ...]
    recipients: tuple[PersonId, ...]
    how: Manner = Manner.IN_PERSON
    handed_over_on: date


class ReceiveFile(Command):
    """Acknowledge receipt of a team's file, with remarks where there are any. Article 28."""

    team: TeamId
    remarks: Content | None = None
    received_on: date


class CloseRound(Command):
    """Close the round: every file received, both reports on every rectification in hand. Articles 3, 28."""

    round: RoundId
    conclusion: Content | None = None
    closed_on: date


# --- facts -----------------------------------------------------------------------------------------------------


class RoundsWorkEnded(Fact):
    """The round's inspection work ended; each team owes its file from here on. Article 28."""

    label: ClassVar[Label] = Label.PROCEDURE
    kind: Literal["round.work-ended.v1"] = "round.work-ended.v1"
    round: RoundId
    ended_on: date
    handovers: tuple[Handover, ...]


class FileHandedOver(Fact):
    """A team handed its file to the office. Article 28."""

    label: ClassVar[Label] = Label.ARCHIVE
    kind: Literal["file.handed-over.v1"] = "file.handed-over.v1"
    team: TeamId
    round: RoundId
    entries: tuple[FileEntry, ...]
    recipients: tuple[PersonId, ...]
    how: Manner
    handed_over_on: date


class FileReceived(Fact):
    """The office received a team's file; `handed_over_on` is the day that counts for the month. Article 28."""

    label: ClassVar[Label] = Label.ARCHIVE
    kind: Literal["file.received.v1"] = "file.received.v1"
    team: TeamId
    round: RoundId
    handed_over_on: date
    received_by: PersonId
    remarks: Content | None = None
    received_on: date


class RoundClosed(Fact):
    """The leading group closed the round. Articles 3, 28."""

    label: ClassVar[Label] = Label.PROCEDURE
    kind: Literal["round.closed.v1"] = "round.closed.v1"
    round: RoundId
    conclusion: Content | None = None
    closed_on: date


class FileListed(Fact):
    """A team's file is in the archive: from here on the office reads it. Articles 4(6), 28."""

    label: ClassVar[Label] = Label.ARCHIVE
    kind: Literal["file-register.file-listed.v1"] = "file-register.file-listed.v1"
    team: TeamId
    round: RoundId
    inspections: tuple[InspectionId, ...]


ArchiveFact = RoundsWorkEnded | FileHandedOver | FileReceived | RoundClosed
FileRegisterFact = FileListed


# --- state -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Archive:
    """What decisions need of the end of a round."""

    ended_on: date | None = None
    owed: tuple[str, ...] = ()
    """The teams that owe a file."""
    handed_over: tuple[tuple[str, date], ...] = ()
    received: tuple[tuple[str, date], ...] = ()
    closed_on: date | None = None

    def handed_over_on(self, team: str) -> date | None:
        return dict(self.handed_over).get(team)

    def received_on(self, team: str) -> date | None:
        return dict(self.received).get(team)


def archive_of(round_: str) -> str:
    """The stream of a round's end."""
    return derived_id("archive", round_)


def file_of(matter: str) -> str:
    """The identity of whoever reads a received file: that of a team as a whole, or of one of its inspections."""
    return f"file/{matter}"


FILE_REGISTER = derived_id("file-register", "one")
"""The stream that lists the files the office has received. One, so that what the office may read is one look-up."""


# --- decisions -------------------------------------------------------------------------------------------------


def end_work(
    state: Archive, command: EndRoundsWork, *, ended: Mapping[str, date | None], handovers: tuple[Handover, ...]
) -> list[ArchiveFact]:
    """`ended`: every inspection of every team, and the day it ended."""
    rules.rounds_work_ends_once.demand(state.ended_on is not None)
    rules.every_inspection_ended.demand(ended.values(), command.ended_on, path="ended_on")
    return [RoundsWorkEnded(round=command.round, ended_on=command.ended_on, handovers=handovers)]


def hand_over(
    state: Archive,
    command: HandOverFile,
    *,
    round_: str,
    duty: str,
    kinds: Collection[str],
    of_the_office: Collection[str],
) -> list[ArchiveFact]:
    """`kinds`: the edition's kinds of papers; `of_the_office`: the recipients who held a post there on that day."""
    rules.file_handed_over_by_the_leader.demand(duty)
    rules.file_after_the_rounds_work.demand(command.team in state.owed)
    rules.file_handed_over_once.demand(state.handed_over_on(command.team) is not None)
    rules.file_lists_every_kind_once.demand([e.kind for e in command.entries], kinds, path="entries")
    for index, entry in enumerate(command.entries):
        rules.missing_papers_are_explained.demand(
            entry.pieces, entry.missing is not None, path=f"entries.{index}.missing"
        )
    rules.delivered_to_the_office.demand(command.recipients, of_the_office, path="recipients")
    rules.reports_and_files_in_writing.demand(command.how, path="how")
    rules.file_not_before_the_end.demand(state.ended_on, command.handed_over_on, path="handed_over_on")
    return [
        FileHandedOver(
            team=command.team,
            round=round_,
            entries=command.entries,
            recipients=command.recipients,
            how=command.how,
            handed_over_on=command.handed_over_on,
        )
    ]


def receive(state: Archive, command: ReceiveFile, *, round_: str, received_by: str) -> list[ArchiveFact]:
    handed_over_on = state.handed_over_on(command.team)
    rules.file_awaits_receipt.demand(handed_over_on is not None, state.received_on(command.team) is not None)
    rules.file_received_not_before_handover.demand(handed_over_on, command.received_on, path="received_on")
    assert handed_over_on is not None  # noqa: S101  the first rule has just said so
    return [
        FileReceived(
            team=command.team,
            round=round_,
            handed_over_on=handed_over_on,
            received_by=received_by,
            remarks=command.remarks,
            received_on=command.received_on,
        )
    ]


def close(
    state: Archive, command: CloseRound, *, reports: Collection[tuple[date | None, date | None]]
) -> list[ArchiveFact]:
    """`reports`: for each inspection the days both reports on its rectification were last submitted, if in hand."""
    rules.round_closed_once.demand(state.closed_on is not None)
    files = [state.received_on(team) for team in state.owed]
    rules.closed_after_every_file.demand(state.ended_on is not None, files)
    rules.closed_after_every_rectification_report.demand([day for pair in reports for day in pair])
    last = [day for day in (state.ended_on, *files, *(day for pair in reports for day in pair)) if day is not None]
    rules.closed_not_before_what_it_closes.demand(max(last, default=None), command.closed_on, path="closed_on")
    return [RoundClosed(round=command.round, conclusion=command.conclusion, closed_on=command.closed_on)]


def evolve(state: Archive | None, fact: ArchiveFact) -> Archive:
    state = state or Archive()
    match fact:
        case RoundsWorkEnded():
            return replace(state, ended_on=fact.ended_on, owed=tuple(h.team for h in fact.handovers))
        case FileHandedOver():
            return replace(state, handed_over=(*state.handed_over, (fact.team, fact.handed_over_on)))
        case FileReceived():
            return replace(state, received=(*state.received, (fact.team, fact.received_on)))
        case RoundClosed():
            return replace(state, closed_on=fact.closed_on)
        case _:
            assert_never(fact)


def evolve_register(state: tuple[str, ...] | None, fact: FileRegisterFact) -> tuple[str, ...]:
    """The teams whose files are in the archive, and their inspections."""
    match fact:
        case FileListed():
            return (*(state or ()), fact.team, *fact.inspections)
        case _:
            assert_never(fact)


ARCHIVES: Aggregate[Archive] = Aggregate("archive", evolve)
FILE_REGISTERS: Aggregate[tuple[str, ...]] = Aggregate("file-register", evolve_register)
