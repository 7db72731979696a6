"""An arrangement announced in the middle of a case: started anew with the later calendar, what is open is due another
day (Art. 11(6), 16, 17, 19, 28; promises.md §2; ADR 30)."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.arrangements import SPRING_FESTIVAL_2020, VICTORY_DAY_2015, calendar_before, without_years_from

from api.composition import open_ledger, read_rulebook
from api.settings import Settings
from application import keeping
from application.acts import Rulebook
from domain.due_dates import due_date_of
from domain.rulebook.calendars import parse_calendar

PEOPLE = (
    *("office-clerk", "party-secretary", "group-head", "group-member", "team-leader", "team-registrar", "team-member"),
    *("other-leader", "town-head", "bureau-head", "discipline-contact"),
)
DUE = """{ dueOn originallyDueOn state metOn provisional calendar why
    moves { fromOn toOn movedOn fromCalendar toCalendar why } }"""
RECEIVED = 50  # days before the origin


def due(city: Any, unit: str, language: str = "zh") -> dict[str, Any]:
    query = f"{{ inspections {{ items {{ publication {DUE} steps {{ kind doer capacity }} }} }} }}"
    answer = city.post(f"{unit}-head", {"query": query}, Accept_Language=language).json()
    (row,) = answer["data"]["inspections"]["items"]
    return {**row["publication"], "steps": row["steps"]}


async def adopted_elsewhere(settings: Settings, book: Rulebook) -> None:
    async with open_ledger(settings) as ledger:
        await keeping.adopt(ledger, book)


def publish(city: Any, unit: str, on: str) -> None:
    inspection = city.ids[f"{unit}/inspection"]
    city.done(f"{unit}-head", "publishNotice", inspection=inspection, publishedOn=on, account="已公布")


@pytest.mark.parametrize(
    ("announced", "received", "was", "now", "days", "later"),
    [
        (VICTORY_DAY_2015, date(2015, 9, 1), "2015-09-04", "2015-09-07", [3, 4, 6], ("2015-09-07", "met")),
        (SPRING_FESTIVAL_2020, date(2020, 1, 22), "2020-02-01", "2020-02-04", [31, 1], ("2020-02-05", "met_late")),
    ],
    ids=["3 September 2015", "Spring Festival 2020"],
)
def test_a_case_that_ran_when_the_arrangement_was_announced(
    announced: str,
    received: date,
    was: str,
    now: str,
    days: list[int],
    later: tuple[str, str],
    make_database: Callable[[Path], Any],
    start_here: Callable[..., Any],
    tmp_path: Path,
) -> None:
    """Art. 11(6): two units have three working days from one receipt; one publishes before, one after the news."""
    book = read_rulebook()
    before = replace(book, calendar=calendar_before(announced))
    with make_database(tmp_path / "home") as database:
        with start_here(database, tmp_path, before) as (city, _, _):
            city.origin = received + timedelta(RECEIVED)
            city.found(*PEOPLE)
            city.begin(publish=False)
            publish(city, "town", was)
            city.settle()
            ids = city.ids
            for unit, state in (("town", "met"), ("bureau", "overdue")):
                found = due(city, unit)
                assert (found["dueOn"], found["originallyDueOn"], found["state"]) == (was, was, state)
                assert (found["calendar"], found["moves"]) == ("cn-before", [])

        with start_here(database, tmp_path) as (city, _, _):
            city.ids |= ids
            kept = due(city, "town")
            assert (kept["dueOn"], kept["metOn"], kept["state"], kept["moves"]) == (was, was, "met", [])
            assert kept["calendar"] == "cn-before"

            moved = due(city, "bureau")
            assert (moved["dueOn"], moved["originallyDueOn"], moved["state"]) == (now, was, "overdue")
            assert moved["calendar"] == book.calendar.version
            (move,) = moved["moves"]
            assert (move["fromOn"], move["toOn"]) == (was, now)
            assert (move["fromCalendar"], move["toCalendar"]) == ("cn-before", book.calendar.version)
            assert move["movedOn"] == city.today.isoformat()
            assert move["why"][0] == (
                f"届满日由{was}改为{now}：日历由cn-before改为{book.calendar.version}，未了的期限按新日历重新计算。"
            )
            assert [f"{day}日" in why for day, why in zip(days, move["why"][1:], strict=True)] == [True] * len(days)
            assert all(f"依据《{announced}》" in why for why in move["why"][1:])
            assert moved["why"][-len(move["why"]) :] == move["why"]
            assert f"届满日为{int(now[:4])}年{int(now[5:7])}月{int(now[8:])}日" in "".join(moved["why"])
            assert "The due day was moved" in "".join(due(city, "bureau", "en")["why"])
            assert moved["steps"][-1] | {"capacity": ""} == {
                "kind": "due-date.moved.v1",
                "doer": "system:keeping",
                "capacity": "",
            }

            # The same day in every list, in its order, and on the board.
            for who in ("bureau-head", "office-clerk"):
                (duty,) = [
                    d for d in city.rows(who, "duties", f"matter status dueOn due {DUE}") if d["status"] == "owed"
                ]
                assert (duty["matter"], duty["dueOn"], duty["due"]["dueOn"]) == (ids["bureau/inspection"], now, now)
                assert len(duty["due"]["moves"]) == 1
            board = {
                row["unit"]: row["duties"] for row in city.rows("office-clerk", "board", f"unit duties {{ due {DUE} }}")
            }
            assert [d["due"]["dueOn"] for d in board[ids["town"]]] == [was]
            assert [d["due"]["dueOn"] for d in board[ids["bureau"]]] == [now]

            # Met or late by the day it was moved to.
            on, state = later
            publish(city, "bureau", on)
            city.settle()
            met = due(city, "bureau")
            assert (met["state"], met["metOn"], met["dueOn"]) == (state, on, now)
            stream = due_date_of(ids["bureau/inspection"], "notice_publication")
            assert database.ask("SELECT count(*) FROM ledger.entries WHERE stream = %s", stream) == [(1,)]
            assert database.ask("SELECT count(*) FROM ledger.entries WHERE kind = 'due-date.moved.v1'") == [(1,)]


def test_a_provisional_day_the_announcement_leaves_as_it_is_is_provisional_no_more(
    make_database: Callable[[Path], Any], start_here: Callable[..., Any], tmp_path: Path
) -> None:
    """promises.md §2: nothing moves, so nothing is recorded; what is shown says which calendar confirmed it."""
    book = read_rulebook()
    text = without_years_from(2026, "cn-2025.9")
    with make_database(tmp_path / "home") as database:
        with start_here(database, tmp_path, replace(book, calendar=parse_calendar(text, "before"))) as (city, _, _):
            city.origin = date(2026, 3, 9) + timedelta(RECEIVED)
            city.found(*PEOPLE)
            city.begin(publish=False)
            publish(city, "town", "2026-03-11")
            city.settle()
            ids = city.ids
            assert [due(city, unit)["provisional"] for unit in ("town", "bureau")] == [True, True]
            asyncio.run(adopted_elsewhere(city.settings, book))  # the process that runs is older, and follows (ADR 37)
            assert due(city, "bureau")["provisional"] is False
        with start_here(database, tmp_path) as (city, _, _):
            city.ids |= ids
            confirmed = due(city, "bureau")
            assert (confirmed["dueOn"], confirmed["provisional"], confirmed["moves"]) == ("2026-03-12", False, [])
            assert confirmed["why"][-1] == f"按日历{book.calendar.version}复核，届满日不变，不再是暂定。"
            assert due(city, "town")["provisional"] is True  # met by then: it stays as it was
            assert database.ask("SELECT count(*) FROM ledger.entries WHERE kind = 'due-date.moved.v1'") == [(0,)]
