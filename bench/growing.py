"""What an append and a page cost over a small ledger and over a large one, side by side and warm; and a page as of the
position in the middle against the same page now."""

import asyncio
import json
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parent))
import generator
import psycopg
import worker
from appending import Subject
from machine import Machine, Place
from rebuilding import PETITIONS, rebuild

from api.reading import Page, Reader
from application.authority import Sight
from application.keeping import FIRST_PERSON

SIGHT = Sight(FIRST_PERSON, "office", ("office",))
PAGE = 20
READS = 40


class Size(NamedTuple):
    """A ledger of this many facts: how it came about, and what it costs, in milliseconds."""

    facts: int
    generated: float
    """Seconds, VACUUM ANALYZE included."""
    view: float
    """Seconds to build the one view that is read."""
    rows: int
    megabytes: float
    append_1: float
    append_16: float
    """Of 16 at once."""
    wal: float
    """Bytes of the server's log an append writes, of 16 at once."""
    first_page: float
    hundredth_page: float
    plan: str
    """The nodes of the plan of the hundredth page."""
    then: dict[str, tuple[float, float]]
    """A page now, and as of the middle of the ledger."""


class _Made(NamedTuple):
    place: Place
    facts: int
    generated: float
    view: float
    appending: Subject


def make(server: Machine, sizes: Sequence[int]) -> list[_Made]:
    """A ledger of each size, with the view of the petitions, tidied as it would be by and by."""
    made = []
    for size in sizes:
        place = server.place(f"grown_{size}")
        began = time.perf_counter()
        facts = generator.fill(place, size)
        filled = time.perf_counter()
        rebuild(place, [PETITIONS])
        built = time.perf_counter()
        generator.tidy(place)
        tidied = time.perf_counter()
        print(f"a ledger of {facts:,} facts: {filled - began:.0f} s; its view: {built - filled:.0f} s")
        log = (server.folder / "workers.log").open("ab")
        subject = Subject([sys.executable, worker.__file__, "ledger", json.dumps(worker.described(place))], log)
        made.append(_Made(place, facts, filled - began + tidied - built, built - filled, subject))
    return made


async def _read(reader: Reader, cursor: str | None) -> list[float]:
    times = []
    for _ in range(READS):
        began = time.perf_counter()
        await reader.page(PETITIONS, SIGHT, {}, PAGE, cursor)
        times.append((time.perf_counter() - began) * 1e3)
    return times


async def _walk(reader: Reader, pages: int, as_of: int | None = None) -> str:
    """The cursor behind so many pages, as a client comes by it."""
    cursor: str | None = None
    for _ in range(pages):
        page: Page = await reader.page(PETITIONS, SIGHT, {}, PAGE, cursor, as_of)
        cursor = page.next
        if cursor is None:
            raise SystemExit(f"no page behind {pages} pages")
    return cursor or ""


async def _pages(place: Place) -> tuple[list[float], list[float]]:
    reader = Reader(place.access.of("reader"))
    await reader.pool.open()
    try:
        cursor = await _walk(reader, 99)
        await _read(reader, None)
        return await _read(reader, None), await _read(reader, cursor)
    finally:
        await reader.pool.close()


async def _then(place: Place, middle: int) -> dict[str, tuple[list[float], list[float]]]:
    """The same pages now and as of a position, in turn."""
    reader = Reader(place.access.of("reader"))
    await reader.pool.open()
    try:
        some = (await reader.page(PETITIONS, SIGHT, {}, 1, None, middle)).items[0].model_dump()
        late = {position: await _walk(reader, 19, position) for position in (None, middle)}
        cases: dict[str, tuple[dict[str, str], dict[int | None, str] | None]] = {
            "first page": ({}, None),
            "twentieth page": ({}, late),
            **{f"first page of one {field}": ({field: some[field]}, None) for field in PETITIONS.filters},
        }
        found = {name: (list[float](), list[float]()) for name in cases}
        for name, (filters, cursors) in cases.items():
            for _ in range(READS):
                for times, position in zip(found[name], (None, middle), strict=True):
                    cursor = cursors[position] if cursors else None
                    began = time.perf_counter()
                    await reader.page(PETITIONS, SIGHT, filters, PAGE, cursor, position)
                    times.append((time.perf_counter() - began) * 1e3)
        return found
    finally:
        await reader.pool.close()


def measure(server: Machine, made: Sequence[_Made], rounds: int, seconds: float) -> list[Size]:
    """In every round each size in turn; the first appends and pages of each are not counted."""
    all_: defaultdict[int, defaultdict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    then: defaultdict[int, defaultdict[str, tuple[list[float], list[float]]]]
    then = defaultdict(lambda: defaultdict(lambda: ([], [])))
    try:
        for round_ in range(rounds):
            server.settle()
            turn = round_ % len(made)
            for each in [*made[turn:], *made[:turn]]:
                found = all_[each.facts]
                found["append 1"].append(each.appending.measure(1, 1, seconds).p50)
                before = _wal(each.place)
                sixteen = each.appending.measure(1, 16, seconds)
                found["wal"].append((_wal(each.place) - before) / (sixteen.rate * seconds))
                found["append 16"].append(sixteen.p50)
                first, hundredth = asyncio.run(_pages(each.place))
                found["first"] += first
                found["hundredth"] += hundredth
                for name, pair in asyncio.run(_then(each.place, each.facts // 2)).items():
                    for times, more in zip(then[each.facts][name], pair, strict=True):
                        times.extend(more)
            print(f"growth, round {round_ + 1}")
    finally:
        for each in made:
            each.appending.end()
            each.appending.log.close()
    return [_size(each, all_[each.facts], then[each.facts]) for each in made]


def _size(made: _Made, found: dict[str, list[float]], then: dict[str, tuple[list[float], list[float]]]) -> Size:
    with psycopg.connect(made.place.admin) as connection:
        row = connection.execute(
            "SELECT (SELECT count(*) FROM shelf.office_petitions), pg_total_relation_size('ledger.entries') / 1048576.0"
        ).fetchone()
    rows, megabytes = row or (0, 0.0)
    middle = {name: statistics.median(values) for name, values in found.items()}
    return Size(
        made.facts,
        made.generated,
        made.view,
        rows,
        float(megabytes),
        middle["append 1"],
        middle["append 16"],
        middle["wal"],
        middle["first"],
        middle["hundredth"],
        _plan(made.place),
        {name: (statistics.median(now), statistics.median(before)) for name, (now, before) in then.items()},
    )


def _wal(place: Place) -> int:
    with psycopg.connect(place.admin) as connection:
        row = connection.execute("SELECT pg_current_wal_lsn() - '0/0'").fetchone()
    return int(row[0]) if row else 0


def _plan(place: Place) -> str:
    """How the server finds a late page, as the reader's role, without the values."""
    with psycopg.connect(place.access.of("reader")) as connection:
        found = connection.execute(
            "SELECT ord, id FROM shelf.office_petitions ORDER BY ord, id OFFSET %s LIMIT 1", (99 * PAGE,)
        ).fetchone()
        lines = connection.execute(
            "EXPLAIN (COSTS OFF) SELECT row, ord, id FROM shelf.office_petitions WHERE readers && %s"
            " AND NOT withheld_from && %s AND (ord, id) > (%s, %s) ORDER BY ord, id LIMIT %s",
            (["office"], [""], *(found or ("", "")), PAGE + 1),
        ).fetchall()
    nodes = [line.strip().lstrip("-> ").strip() for (line,) in lines]
    return " → ".join(node for node in nodes if node.startswith(("Limit", "Index", "Bitmap", "Sort", "Seq", "Increm")))
