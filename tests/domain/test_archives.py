"""The end of a round: work ended, files handed over and received, the round closed; and what ends closing power."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.archives import (
    Archive,
    CloseRound,
    EndRoundsWork,
    FileEntry,
    FileHandedOver,
    FileListed,
    FileReceived,
    Handover,
    HandOverFile,
    ReceiveFile,
    RoundClosed,
    RoundsWorkEnded,
    close,
    end_work,
    evolve,
    evolve_register,
    hand_over,
    receive,
)
from domain.kernel import Manner, Refused, Secret, derived_id
from domain.rulebook import calendars
from domain.rulebook.calendars import parse_calendar
from domain.rulebook.editions import parse_edition
from domain.rulebook.obligations import owed, state_of
from domain.rulebook.posts import power_lives

DATA = Path(calendars.__file__).parent / "data"
YIWU = parse_edition((DATA / "yiwu-2015.toml").read_text("utf-8"), "yiwu-2015.toml")
CALENDAR = parse_calendar((DATA / "calendar-cn.toml").read_text("utf-8"), "calendar-cn.toml")
KINDS = YIWU.codes("file_kinds")

ROUND, TEAM, OTHER_TEAM = derived_id("round", "1"), derived_id("team", "1"), derived_id("team", "2")
FIRST, SECOND = derived_id("inspection", "1"), derived_id("inspection", "2")
CLERK, STRANGER = derived_id("person", "clerk"), derived_id("person", "stranger")
ON = date(2016, 1, 31)
DAY = timedelta(days=1)
TEXT = Secret("文字")
ENTRIES = tuple(FileEntry(kind=kind, pieces=1) for kind in KINDS if kind != "other")

ENDED = Archive(ended_on=ON, owed=(TEAM, OTHER_TEAM))
HANDED = replace(ENDED, handed_over=((TEAM, ON),))
RECEIVED = replace(HANDED, received=((TEAM, ON),))
BOTH = replace(RECEIVED, received=((TEAM, ON), (OTHER_TEAM, ON + DAY)))


def ended(state: Archive | None = None, on: date = ON, **days: date | None) -> list[Any]:
    known = {FIRST: ON, SECOND: ON - DAY, **days}
    due = owed(YIWU, CALENDAR, "file_handover", on)
    handovers = (Handover(team=TEAM, obligation=due), Handover(team=OTHER_TEAM, obligation=due))
    command = EndRoundsWork(round=ROUND, ended_on=on)
    return end_work(state or Archive(), command, ended=known, handovers=handovers)


def handed(
    state: Archive = ENDED,
    on: date = ON,
    entries: tuple[FileEntry, ...] = ENTRIES,
    recipients: tuple[str, ...] = (CLERK,),
    duty: str = "leader",
    how: Manner = Manner.IN_PERSON,
) -> list[Any]:
    command = HandOverFile(team=TEAM, entries=entries, recipients=recipients, how=how, handed_over_on=on)
    return hand_over(state, command, round_=ROUND, duty=duty, kinds=KINDS, of_the_office={CLERK})


def received(state: Archive = HANDED, on: date = ON) -> list[Any]:
    return receive(state, ReceiveFile(team=TEAM, remarks=TEXT, received_on=on), round_=ROUND, received_by=CLERK)


def closed(state: Archive = BOTH, on: date = ON + 2 * DAY, reports: Any = ((ON, ON + 2 * DAY),)) -> list[Any]:
    return close(state, CloseRound(round=ROUND, closed_on=on), reports=reports)


def refusal(ask: Callable[[], object]) -> tuple[str, str, str | None]:
    with pytest.raises(Refused) as no:
        ask()
    return no.value.rule.name, no.value.rule.article, no.value.path


def test_the_work_ends_with_the_last_inspection_and_each_team_owes_its_file() -> None:
    """Article 28: a month after 31 January 2016 is 29 February, clamped."""
    (fact,) = ended()
    assert isinstance(fact, RoundsWorkEnded)
    assert evolve(None, fact) == ENDED
    due = fact.handovers[0].obligation
    assert due is not None
    assert (due.article, due.count.due) == ("28", date(2016, 2, 29))
    days = [date(2016, 2, 28), date(2016, 2, 29), date(2016, 3, 1)]
    assert [state_of(due.count.due, None, day) for day in days] == ["open", "open", "overdue"]
    assert [state_of(due.count.due, day, date(2017, 1, 1)) for day in days] == ["met", "met", "met_late"]


def test_the_file_is_handed_over_with_every_kind_listed() -> None:
    """Article 28: the eight kinds; others may be listed, classified ones by their numbers."""
    entries = (*ENTRIES, FileEntry(kind="other", pieces=2, classified_numbers=TEXT))
    (fact,) = handed(entries=entries)
    assert fact == FileHandedOver(
        team=TEAM, round=ROUND, entries=entries, recipients=(CLERK,), how=Manner.IN_PERSON, handed_over_on=ON
    )
    assert evolve(ENDED, fact) == HANDED
    assert (HANDED.handed_over_on(TEAM), HANDED.handed_over_on(OTHER_TEAM)) == (ON, None)


def test_what_is_missing_is_said_with_the_reason() -> None:
    """Article 28: also where it is to follow."""
    missing = FileEntry(kind=KINDS[0], pieces=0, missing=TEXT, to_follow=1)
    assert handed(entries=(missing, *ENTRIES[1:]))


def test_the_office_receives_it_and_it_stands_in_the_register() -> None:
    """Articles 4(6), 28: the day of handing over counts."""
    (fact,) = received(on=ON + DAY)
    assert fact == FileReceived(
        team=TEAM, round=ROUND, handed_over_on=ON, received_by=CLERK, remarks=TEXT, received_on=ON + DAY
    )
    assert evolve(HANDED, fact).received_on(TEAM) == ON + DAY
    listed = FileListed(team=TEAM, round=ROUND, inspections=(FIRST, SECOND))
    assert evolve_register(None, listed) == (TEAM, FIRST, SECOND)
    other = FileListed(team=OTHER_TEAM, round=ROUND, inspections=())
    assert evolve_register((TEAM, FIRST), other) == (TEAM, FIRST, OTHER_TEAM)


def test_the_round_is_closed_after_all_of_it() -> None:
    """Articles 3, 19, 28."""
    (fact,) = closed()
    assert fact == RoundClosed(round=ROUND, closed_on=ON + 2 * DAY)
    assert evolve(BOTH, fact) == replace(BOTH, closed_on=ON + 2 * DAY)


@pytest.mark.parametrize("days", [0, 1])
def test_each_step_comes_on_the_same_day_or_later(days: int) -> None:
    """Article 28: the day before is refused below."""
    assert ended(on=ON + days * DAY)
    assert handed(on=ON + days * DAY)
    assert received(on=ON + days * DAY)
    assert closed(on=ON + 2 * DAY + days * DAY)


@pytest.mark.parametrize(
    ("ask", "expected"),
    [
        (lambda: ended(ENDED), ("rounds_work_ends_once", "28", None)),
        (lambda: ended(on=ON - DAY), ("every_inspection_ended", "28", "ended_on")),
        (lambda: ended(**{SECOND: None}), ("every_inspection_ended", "28", "ended_on")),
        (
            lambda: end_work(Archive(), EndRoundsWork(round=ROUND, ended_on=ON), ended={}, handovers=()),
            ("every_inspection_ended", "28", "ended_on"),
        ),
        (lambda: handed(duty="deputy_leader"), ("file_handed_over_by_the_leader", "28", None)),
        (lambda: handed(Archive()), ("file_after_the_rounds_work", "28", None)),
        (lambda: handed(HANDED), ("file_handed_over_once", "28", None)),
        (lambda: handed(entries=ENTRIES[1:]), ("file_lists_every_kind_once", "28", "entries")),
        (lambda: handed(entries=(*ENTRIES, ENTRIES[0])), ("file_lists_every_kind_once", "28", "entries")),
        (
            lambda: handed(entries=(*ENTRIES, FileEntry(kind="x", pieces=1))),
            ("file_lists_every_kind_once", "28", "entries"),
        ),
        (
            lambda: handed(entries=(ENTRIES[0], FileEntry(kind=KINDS[1], pieces=0), *ENTRIES[2:])),
            ("missing_papers_are_explained", "28", "entries.1.missing"),
        ),
        (lambda: handed(recipients=()), ("delivered_to_the_office", "19, 28", "recipients")),
        (lambda: handed(recipients=(STRANGER,)), ("delivered_to_the_office", "19, 28", "recipients")),
        (lambda: handed(how=Manner.ORAL), ("reports_and_files_in_writing", "19, 28", "how")),
        (lambda: handed(on=ON - DAY), ("file_not_before_the_end", "28", "handed_over_on")),
        (lambda: received(ENDED), ("file_awaits_receipt", "28", None)),
        (lambda: received(RECEIVED), ("file_awaits_receipt", "28", None)),
        (lambda: received(on=ON - DAY), ("file_received_not_before_handover", "28", "received_on")),
        (lambda: closed(replace(BOTH, closed_on=ON)), ("round_closed_once", "3", None)),
        (lambda: closed(Archive()), ("closed_after_every_file", "28", None)),
        (lambda: closed(RECEIVED), ("closed_after_every_file", "28", None)),
        (lambda: closed(reports=()), ("closed_after_every_rectification_report", "19", None)),
        (lambda: closed(reports=((ON, None),)), ("closed_after_every_rectification_report", "19", None)),
        (
            lambda: closed(reports=((ON, ON), (None, None))),
            ("closed_after_every_rectification_report", "19", None),
        ),
        (lambda: closed(on=ON + DAY), ("closed_not_before_what_it_closes", "3", "closed_on")),
        (lambda: closed(on=ON, reports=((ON, ON),)), ("closed_not_before_what_it_closes", "3", "closed_on")),
    ],
)
def test_what_the_regulation_does_not_allow_is_refused(
    ask: Callable[[], object], expected: tuple[str, str, str | None]
) -> None:
    """Articles 3, 19, 28."""
    assert refusal(ask) == expected


def test_a_power_that_ends_with_the_handing_over_ends_after_that_day() -> None:
    """Article 5 (c): the day before, the day itself, the day after; where more must have happened, not yet."""
    closing = YIWU.power("closing")
    by_file = closing.model_copy(update={"ends": ("file_handed_over",)})
    days = [ON - DAY, ON, ON + DAY]
    assert [power_lives(by_file, day, ON - DAY, ON, handed_over_on=ON) for day in days] == [True, True, False]
    assert power_lives(by_file, ON + DAY, ON - DAY, ON)
    assert power_lives(closing, ON + DAY, ON - DAY, ON, handed_over_on=ON), "feedback has not been given"
