"""A list as of a position against the same list now, over 100,000 facts: medians.

`python bench/as_of.py [--rows 10000] [--changes 10]` starts an embedded PostgreSQL in a temporary folder,
appends rows × changes facts, has one made-up view take them in, and asks the same pages of it, now and as of positions,
in turn. Each row is changed as often as the others; half of the changes leave its place in the order alone.
"""

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / "src"), str(Path(__file__).resolve().parents[1])]

import psycopg
from tests.conftest import Database

from api.reading import Reader
from application.authority import Sight
from application.database import prepare
from application.ledger import Ledger
from domain.kernel import Entry
from domain.people import PersonMandated
from embedded import postgres
from projections.rows import Row
from projections.shelf import Shelf, View

ASKED = 40


class BenchRow(Row):
    """A row of about a kilobyte."""

    team: str
    colour: str
    changes: int
    text: str


def change(row: BenchRow | None, entry: Entry[Any]) -> BenchRow:
    number = int(entry.stream[-6:], 16)
    return BenchRow(
        id=entry.stream,
        readers=("office", f"team:{number % 100:02d}"),
        order=f"2026-{number % 12:02d}/{entry.stream}",
        team=f"{number % 100:02d}",
        colour=("red", "blue", "green", "grey")[entry.position % 4],
        changes=row.changes + 1 if row else 1,
        text="文字" * 150,
    )


VIEW = View("bench", BenchRow, lambda entry: entry.stream, change, filters=("team", "colour"))
OFFICE, TEAM = (Sight("person:one", "office", (who,), ("person:one",)) for who in ("office", "team:07"))


async def fill(database: Database, rows: int, changes: int) -> None:
    streams = [f"person:00000000-0000-4000-8000-{n * 7919 % 2**24:012x}" for n in range(rows)]
    async with database.ledger() as ledger:
        for version in range(changes):
            for start in range(0, rows, 500):
                await asyncio.gather(*(add(database, ledger, s, version) for s in streams[start : start + 500]))


async def add(database: Database, ledger: Ledger, stream: str, version: int) -> None:
    command = uuid4()
    fact = PersonMandated(person=stream, round=database.id("round", "x"), mandate=database.id("mandate", "x"))
    await ledger.append(command, database.stamp(command), {stream: (version, [fact])})


async def measure(reader: Reader, head: int) -> None:
    middle = (await reader.page(VIEW, OFFICE, {}, 100, None)).next
    questions: dict[str, tuple[Sight, dict[str, str], int, str | None]] = {
        "office, first page of 20": (OFFICE, {}, 20, None),
        "office, page of 100 after a cursor": (OFFICE, {}, 100, middle),
        "office, where colour, 20": (OFFICE, {"colour": "red"}, 20, None),
        "office, where team (1 in 100), 20": (OFFICE, {"team": "07"}, 20, None),
        "team (reads 1 in 100), 20": (TEAM, {}, 20, None),
        "one row by id": (OFFICE, {"id": (await reader.page(VIEW, OFFICE, {}, 1, middle)).items[0].id}, 1, None),
    }
    print(f"{'ms, medians of ' + str(ASKED):38}{'now':>8}" + "".join(f"{f'at {p}':>18}" for p in (head, head // 2)))
    for name, (sight, filters, first, cursor) in questions.items():
        taken: dict[int | None, list[float]] = {None: [], head: [], head // 2: []}
        for _ in range(ASKED):
            for position, times in taken.items():
                began = time.perf_counter()
                await reader.page(VIEW, sight, filters, first, cursor, position)
                times.append((time.perf_counter() - began) * 1000)
        now, *then = (statistics.median(times) for times in taken.values())
        print(f"{name:38}{now:8.2f}" + "".join(f"{t:10.2f} ({t / now:4.2f}×)" for t in then), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--changes", type=int, default=10)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, postgres.start(Path(folder) / "home") as server:
        with psycopg.connect(server.dsn(), autocommit=True) as connection:
            connection.execute("CREATE DATABASE bench")
        admin, home = server.dsn(dbname="bench"), Path(folder) / "bench"
        home.mkdir()
        database = Database(server.dsn(), "bench", home, prepare(admin, home))
        began = time.perf_counter()
        asyncio.run(fill(database, given.rows, given.changes))
        filled = time.perf_counter()
        shelf = Shelf(database.access.of("projector"), (VIEW,))
        shelf.prepare()
        shelf.catch_up()
        head = shelf.positions()["bench"]
        print(f"{head} facts: appended in {filled - began:.1f} s, taken in in {time.perf_counter() - filled:.1f} s")
        shelf.close()
        with database.connect() as connection:
            connection.execute("VACUUM ANALYZE")
        asyncio.run(ask(database, head))


async def ask(database: Database, head: int) -> None:
    reader = Reader(database.access.of("reader"))
    await reader.pool.open()
    try:
        await measure(reader, head)
    finally:
        await reader.pool.close()


if __name__ == "__main__":
    main()
