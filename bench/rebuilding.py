"""A view made anew from the first entry, against the library's projection runner doing the same work; and the lag of
the views while somebody writes."""

import asyncio
import json
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID, uuid4, uuid5

sys.path.insert(0, str(Path(__file__).resolve().parent))
import generator
import psycopg
import worker
from appending import Process
from eventsourcing.application import Application
from eventsourcing.persistence import Tracking
from eventsourcing.postgres import PostgresTrackingRecorder
from eventsourcing.projection import Projection, ProjectionRunner
from machine import Machine, Place
from psycopg.conninfo import conninfo_to_dict

from api.composition import VIEWS, read_rulebook
from application.ledger import system_stamp
from domain.facts import decode
from domain.kernel import NAMESPACE, Entry
from domain.petitions import PetitionRegistered
from projections import tables
from projections.shelf import Shelf, View

PETITIONS = next(view for view in VIEWS if view.name == "office_petitions")


class Rebuilt(NamedTuple):
    """Facts a second, the median of the rounds."""

    facts: int
    ours: float
    runner: float
    runner_facts: int
    limit: float
    every_view: float


class Lag(NamedTuple):
    """How long after an append's answer every view had it, in milliseconds, at so many appends a second."""

    rate: float
    p50: float
    p99: float


# --- ours ----------------------------------------------------------------------------------------------------------


@contextmanager
def shelf_of(place: Place, views: Sequence[View]) -> Iterator[Shelf]:
    opened = Shelf(place.access.of("projector"), views)
    try:
        opened.prepare()
        yield opened
    finally:
        opened.close()


def rebuild(place: Place, views: Sequence[View]) -> float:
    """Facts a second, every fact decoded whole."""
    with shelf_of(place, views) as opened:
        opened.drop(views)
        began = time.perf_counter()
        return opened.catch_up() / (time.perf_counter() - began)


def limit(place: Place) -> float:
    """One statement that reads every fact's JSON and writes it down as a row."""
    with psycopg.connect(place.admin, autocommit=True) as connection:
        connection.execute("DROP TABLE IF EXISTS copied")
        connection.execute("CREATE TABLE copied (id text, position bigint, row jsonb)")
        began = time.perf_counter()
        done = connection.execute(
            "INSERT INTO copied SELECT stream, position, convert_from(body, 'UTF8')::jsonb -> 'payload'"
            " FROM ledger.entries"
        )
        rate = done.rowcount / (time.perf_counter() - began)
        connection.execute("DROP TABLE copied")
        return rate


# --- the library ---------------------------------------------------------------------------------------------------

COMMAND, AT = UUID(int=1), datetime(2026, 1, 1, tzinfo=UTC)


class _Mapper:
    """The library's place for decoding: an entry whole, as ours."""

    @staticmethod
    def to_domain_event(stored: Any) -> Entry[Any]:
        stream, _, kind = stored.topic.partition("|")
        return decode(stored.id, stream, stored.originator_version, kind, AT, COMMAND, 0, stored.state)


class Facts(Application[UUID]):
    """The facts in the library's own table, with its own recorder."""

    def construct_mapper(self) -> Any:
        return _Mapper()


class Table(PostgresTrackingRecorder):
    """The view's rows in the library's transaction: its tracking, and the shelf's own statements."""

    def take(self, entry: Entry[Any], tracking: Tracking) -> None:
        with self.datastore.transaction(commit=True) as cursor:
            self._insert_tracking(cursor, tracking)
            keyed = [(key, entry) for key in PETITIONS.keys(entry)]
            if keyed:
                tables.fold(cursor.connection, PETITIONS, keyed)


class Petitions(Projection[Table]):
    """One transaction for each event, as the library's runner does it."""

    def process_event(self, domain_event: Any, tracking: Tracking) -> None:
        self.view.take(domain_event, tracking)


class Library:
    """The first facts of a ledger, in the library's keeping."""

    def __init__(self, address: str, place: Place, size: int) -> None:
        self.address, self.size = address, size
        to = conninfo_to_dict(address)
        self.env = {
            "PERSISTENCE_MODULE": "eventsourcing.postgres",
            **{f"POSTGRES_{name.upper()}": str(to[name]) for name in ("dbname", "host", "port", "user", "password")},
        }
        with psycopg.connect(place.admin) as connection:
            rows = connection.execute(
                "SELECT stream, version, kind, body FROM ledger.entries ORDER BY position LIMIT %s", (size,)
            ).fetchall()
        app = Facts(self.env)  # makes its table
        table = app.recorder.events_table_name  # type: ignore[attr-defined]
        app.close()
        columns = "originator_id, originator_version, topic, state"
        with (
            psycopg.connect(address) as connection,
            connection.cursor() as cursor,
            cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy,
        ):
            for row in rows:
                copy.write_row(self._stored(*row))
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute("CREATE SCHEMA shelf")
            tables.make(connection, PETITIONS)

    @staticmethod
    def _stored(stream: str, version: int, kind: str, body: bytes) -> tuple[UUID, int, str, bytes]:
        return uuid5(NAMESPACE, stream), version, f"{stream}|{kind}", bytes(body)

    def rebuild(self) -> float:
        with psycopg.connect(self.address, autocommit=True) as connection:
            connection.execute("TRUNCATE shelf.office_petitions, shelf.office_petitions_history")
            for (table,) in connection.execute(
                "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE tablename LIKE '%tracking%'"
            ).fetchall():
                # Emptied, it would be put aside under another name, and there is one such name only.
                connection.execute(f"DROP TABLE {table}")
        began = time.perf_counter()
        with ProjectionRunner(
            application_class=Facts, projection_class=Petitions, view_class=Table, env=self.env
        ) as runner:
            runner.wait(self.size, timeout=300)
        return self.size / (time.perf_counter() - began)


def measure(server: Machine, place: Place, facts: int, rounds: int, library_facts: int) -> Rebuilt:
    """In turn, in one run."""
    library = Library(server.database("rebuild_library"), place, library_facts)
    ours, theirs, limits = [], [], []
    for round_ in range(rounds):
        server.settle()
        ours.append(rebuild(place, [PETITIONS]))
        theirs.append(library.rebuild())
        limits.append(limit(place))
        print(f"rebuild, round {round_ + 1}: {ours[-1]:,.0f}/s, {theirs[-1]:,.0f}/s, {limits[-1]:,.0f}/s")
    return Rebuilt(
        facts, statistics.median(ours), statistics.median(theirs), library_facts, statistics.median(limits), 0.0
    )


# --- the lag -------------------------------------------------------------------------------------------------------


async def lag(place: Place, rate: int, seconds: float) -> Lag:
    """Petitions registered at a steady rate, and when the last of all views has taken each in."""
    sample = next(
        fact
        for command in generator._commands(1, read_rulebook())
        for written in command.writes.values()
        for fact in (w.fact for w in written)
        if isinstance(fact, PetitionRegistered)
    )
    answered: dict[int, float] = {}
    seen: list[tuple[int, float]] = []
    over = asyncio.Event()

    async def watch() -> None:
        async with await psycopg.AsyncConnection.connect(place.admin, autocommit=True) as connection:
            while not over.is_set():
                cursor = await connection.execute(
                    "SELECT min(notification_id) FROM shelf.positions WHERE application_name = ANY(%s)",
                    ([view.name for view in VIEWS],),
                    prepare=True,
                )
                row = await cursor.fetchone()
                seen.append((row[0] if row else 0, time.perf_counter()))
                await asyncio.sleep(0.002)

    async with place.ledger() as ledger:

        async def register() -> None:
            command, petition = uuid4(), f"petition:{uuid4()}"
            stamp = system_stamp("bench", "RegisterPetition", command, datetime.now(UTC))
            fact = sample.model_copy(update={"petition": petition})
            done = await ledger.append(command, stamp, {petition: (0, [fact])})
            answered[done.position] = time.perf_counter()

        await register()
        watching = asyncio.create_task(watch())
        began = time.perf_counter()
        tasks = []
        for n in range(round(rate * seconds)):
            await asyncio.sleep(max(0.0, began + n / rate - time.perf_counter()))
            tasks.append(asyncio.create_task(register()))
        await asyncio.gather(*tasks)
        took = time.perf_counter() - began
        last = max(answered)
        while seen[-1][0] < last:
            if time.perf_counter() - began > 10 * seconds:
                raise SystemExit("the views do not come up with the ledger")
            await asyncio.sleep(0.01)
        over.set()
        await watching
    lags, at = [], iter(seen)
    reached, when = next(at)
    for position in sorted(answered):
        while reached < position:
            reached, when = next(at)
        lags.append(max(0.0, when - answered[position]) * 1e3)
    lags.sort()
    return Lag(len(tasks) / took, lags[len(lags) // 2], lags[round((len(lags) - 1) * 0.99)])


def measure_lag(server: Machine, place: Place, rates: Sequence[int], rounds: int, seconds: float) -> list[Lag]:
    """With the projector in a process of its own, at each rate in turn."""
    with (server.folder / "workers.log").open("ab") as log:
        projector = Process([sys.executable, worker.__file__, "project", json.dumps(worker.described(place))], log)
        try:
            projector.hear()
            all_: dict[int, list[Lag]] = {rate: [] for rate in rates}
            for _ in range(rounds):
                for rate in rates:
                    all_[rate].append(asyncio.run(lag(place, rate, seconds)))
            print("lag: " + ", ".join(f"{rate}/s {each[-1].p50:.0f} ms" for rate, each in all_.items()))
        finally:
            projector.end()
    return [Lag(*map(statistics.median, zip(*each, strict=True))) for each in all_.values()]
