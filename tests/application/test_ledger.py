"""The only writer, against the real database: atomic, once, in one order, durable (promises.md, promises 1 to 5)."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from application import ledger as ledgers
from application.ledger import Answered, Conflict, KeyDestroyed, Ledger, Rejected, Unavailable, canonical, still_there
from application.seals import KeyStoreError, TextState
from domain.facts import ClockSteppedBack
from domain.kernel import Aggregate, Paper, Sealed, Secret
from domain.people import PEOPLE, PersonMandated, PersonRegistered
from domain.petitions import Petitioner, PetitionRegistered
from embedded import postgres

COUNT: Aggregate[int] = Aggregate("person", lambda state, fact: (state or 0) + 1)


def mandated(database: Any, person: str) -> PersonMandated:
    """A small fact without a text."""
    return PersonMandated(person=person, round=database.id("round"), mandate=database.id("mandate"))


async def put(
    database: Any, ledger: Ledger, *streams: str, version: int = 0, command: UUID | None = None, **more: Any
) -> Answered:
    """One fact on each of these streams."""
    command = command or uuid4()
    writes = {stream: (version, [mandated(database, stream)]) for stream in streams}
    return await ledger.append(command, database.stamp(command), writes, **more)


def rows_of(database: Any, *streams: str) -> list[Any]:
    return database.ask(
        "SELECT position, stream, version, recorded_at FROM ledger.entries WHERE stream = ANY(%s) ORDER BY position",
        list(streams),
    )


# --- atomic, and failing when something moved --------------------------------------------------------------------


def test_an_append_to_several_streams_is_made_whole(module_database: Any, run: Any) -> None:
    """promises.md, Append: atomic over several streams, one recorded_at for all."""
    database, (a, b) = module_database, (module_database.id("person"), module_database.id("person"))

    async def go() -> Answered:
        async with database.ledger() as ledger:
            return await put(database, ledger, a, b)

    answered = run(go())
    (first, _, _, one), (second, _, _, other) = rows_of(database, a, b)
    assert (second, one) == (first + 1, other)
    assert (answered.position, answered.first) == (second, True)


def test_an_append_to_several_streams_is_made_not_at_all_when_one_has_moved(module_database: Any, run: Any) -> None:
    """promises.md, Append: all or nothing."""
    database, (a, b) = module_database, (module_database.id("person"), module_database.id("person"))

    async def go() -> None:
        async with database.ledger() as ledger:
            await put(database, ledger, b)
            with pytest.raises(Conflict):
                await put(database, ledger, a, b)

    run(go())
    assert [stream for _, stream, _, _ in rows_of(database, a, b)] == [b]


def test_a_stream_that_was_only_read_and_has_moved_is_a_conflict(module_database: Any, run: Any) -> None:
    """promises.md, Append: failing when a stream that was read has moved, also one that was not there when read."""
    database = module_database
    a, b, c = (database.id("person") for _ in range(3))

    async def go() -> None:
        async with database.ledger() as ledger:
            await put(database, ledger, b)
            await put(database, ledger, a, reads={b: 1, c: 0})
            await put(database, ledger, b, version=1)
            with pytest.raises(Conflict):
                await put(database, ledger, a, version=1, reads={b: 1})
            await put(database, ledger, c)
            with pytest.raises(Conflict):
                await put(database, ledger, a, version=1, reads={c: 0})

    run(go())
    assert len(rows_of(database, a)) == 1


def test_a_lost_race_fails_only_its_caller_in_a_batch(module_database: Any, run: Any) -> None:
    """promises.md, group commit: one caller's version conflict does not fail the others."""
    database = module_database
    same, others = database.id("person"), [database.id("person") for _ in range(5)]

    async def go() -> list[Any]:
        async with database.ledger() as ledger:
            calls = [put(database, ledger, stream) for stream in (same, *others[:2], same, *others[2:], same)]
            return await asyncio.gather(*calls, return_exceptions=True)

    results = run(go())
    assert [isinstance(r, Conflict) for r in results] == [False, False, False, True, False, False, False, True]
    assert len(rows_of(database, same, *others)) == 6
    assert len({at for *_, at in rows_of(database, same, *others)}) == 1, "not one batch: nothing was shown"


def test_what_rests_on_nothing_goes_to_the_end_of_its_stream(module_database: Any, run: Any) -> None:
    """promises.md, refused attempts: many at once in one stream, none lost, none in the other's way."""
    database, a, b = module_database, module_database.id("person"), module_database.id("person")

    async def at_end(ledger: Ledger, number: int) -> Answered:
        command, facts = uuid4(), [mandated(database, a), mandated(database, a)]
        writes = {a: (None, facts), database.id("person"): (0, [mandated(database, a)])}
        return await ledger.append(command, database.stamp(command), writes, {b: 1 if number == 7 else 0})

    async def go() -> list[Any]:
        async with database.ledger() as ledger, database.ledger() as other:
            results = await asyncio.gather(
                *(at_end(one, number) for number, one in enumerate((ledger, other) * 8)), return_exceptions=True
            )
            command = uuid4()
            sealed = PersonRegistered(person=a, name=Secret("某人"))
            with pytest.raises(ValueError, match="sealed to its version"):
                await ledger.append(command, database.stamp(command), {a: (None, [sealed])})
            assert await other.load(COUNT, a) == (30, 30)
            return results

    results = run(go())
    assert [type(r) for r in results] == [Answered] * 7 + [Conflict] + [Answered] * 8
    assert [version for _, _, version, _ in rows_of(database, a)] == list(range(1, 31))


def test_nothing_to_append_is_the_callers_defect(module_database: Any, run: Any) -> None:
    """Promise 3: an answer without an entry could not be found again."""

    async def go() -> None:
        async with module_database.ledger() as ledger:
            command = uuid4()
            with pytest.raises(ValueError, match="nothing"):
                await ledger.append(command, module_database.stamp(command), {module_database.id("person"): (0, [])})

    run(go())


# --- once --------------------------------------------------------------------------------------------------------


def test_a_command_sent_again_gets_its_first_answer_and_has_no_second_effect(module_database: Any, run: Any) -> None:
    """Promise 3: also when its stream has moved on, and from another process's ledger."""
    database, a, b = module_database, module_database.id("person"), module_database.id("person")
    command = uuid4()

    async def go() -> tuple[Answered, ...]:
        async with database.ledger() as ledger, database.ledger() as other:
            first = await put(database, ledger, a, b, command=command)
            again = await put(database, ledger, a, b, command=command)
            await put(database, ledger, a, version=1)
            return first, again, await put(database, other, a, command=command), await ledger.answered(command)

    first, *later = run(go())
    assert first.first
    assert [answer._replace(first=True) for answer in later] == [first] * 3
    assert not any(answer.first for answer in later)
    assert len(rows_of(database, a, b)) == 3


def test_the_entries_of_a_command_are_its_own_in_their_order(module_database: Any, run: Any) -> None:
    """promises.md, Append: over several streams, without those before and after it; none of an unknown command."""
    database, streams = module_database, sorted(module_database.id("person") for _ in range(3))

    async def go() -> None:
        async with database.ledger() as ledger:
            await put(database, ledger, *streams)
            command = uuid4()
            await put(database, ledger, *reversed(streams), version=1, command=command)
            await put(database, ledger, *streams, version=2)
            found = await ledger.of_command(command)
            assert [(entry.stream, entry.version, entry.command) for entry in found] == [
                (stream, 2, command) for stream in reversed(streams)
            ]
            assert [entry.ordinal for entry in found] == [0, 1, 2]
            assert await ledger.of_command(uuid4()) == []

    run(go())


def test_a_command_sent_twice_in_one_batch_has_one_effect(module_database: Any, run: Any) -> None:
    """Promise 3."""
    database, a, command = module_database, module_database.id("person"), uuid4()

    async def go() -> list[Answered]:
        async with database.ledger() as ledger:
            return await asyncio.gather(*(put(database, ledger, a, command=command) for _ in range(3)))

    answers = run(go())
    assert [answer.first for answer in answers] == [True, False, False]
    assert len({answer.position for answer in answers}) == len(rows_of(database, a)) == 1


class Wire(threading.Thread):
    """A wire to the database that can be cut at the worst moment: when the server has committed and before we hear it.

    It has, when it answers the insert: that is a transaction of its own, ended before the answer is sent.
    """

    def __init__(self, conninfo: str) -> None:
        super().__init__(daemon=True)
        self.given = conninfo_to_dict(conninfo)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.cut_at_commit = 0
        self.commits = 0
        self.start()

    @property
    def conninfo(self) -> str:
        port = self.listener.getsockname()[1]
        return make_conninfo(
            **{**self.given, "host": "127.0.0.1", "port": port, "sslmode": "disable", "gssencmode": "disable"}
        )

    def run(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                threading.Thread(target=self.carry, args=(client, self.server()), daemon=True).start()

    def server(self) -> socket.socket:
        host, port = str(self.given["host"]), int(self.given.get("port", 5432))
        if host.startswith("/"):
            server = socket.socket(socket.AF_UNIX)
            server.connect(f"{host}/.s.PGSQL.{port}")
            return server
        return socket.create_connection((host, port))

    def carry(self, client: socket.socket, server: socket.socket) -> None:
        def forth() -> None:
            with suppress(OSError):
                while said := client.recv(65536):
                    server.sendall(said)
            with suppress(OSError):
                server.shutdown(socket.SHUT_RDWR)

        threading.Thread(target=forth, daemon=True).start()
        with client, server, suppress(OSError):
            while said := server.recv(65536):
                if b"told\0" in said:
                    self.commits += 1
                    if self.commits == self.cut_at_commit:
                        client.shutdown(socket.SHUT_RDWR)
                        return
                client.sendall(said)

    def close(self) -> None:
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


@contextmanager
def wire(conninfo: str) -> Iterator[Wire]:
    made = Wire(conninfo)
    try:
        yield made
    finally:
        made.close()


def test_an_answer_lost_after_commit_is_found_again(module_database: Any, run: Any) -> None:
    """Promise 3, the ambiguous commit: the connection dies between COMMIT and its answer; one effect, first answer."""
    database = module_database
    before, *streams = (database.id("person") for _ in range(5))

    async def go() -> list[Answered]:
        with wire(database.access.of("writer")) as cut:
            async with database.ledger(cut.conninfo) as ledger:
                await put(database, ledger, before)
                cut.cut_at_commit = cut.commits + 1
                answers = await asyncio.gather(*(put(database, ledger, stream) for stream in streams))
                assert cut.commits == cut.cut_at_commit, (
                    "the wire was not cut, or what was committed was inserted again"
                )
                return answers

    answers = run(go())
    assert [answer.position for answer in answers] == [position for position, *_ in rows_of(database, *streams)]
    assert len(rows_of(database, *streams)) == 4


def test_every_command_has_one_effect_while_backends_are_shot(
    database: Any, run: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """Promises 1 and 3: whatever was acknowledged is there once; what was not is sent again and is there once."""
    stop = threading.Event()

    def shoot() -> None:
        with database.connect() as connection:
            while not stop.wait(0.03):
                connection.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = %s AND application_name = 'xuncha-ledger-write'",
                    (database.name,),
                )

    async def one(ledger: Ledger, number: int) -> tuple[str, UUID, int, int]:
        stream, command, unheard = database.id("person", str(number)), uuid4(), 0
        while unheard < 100:
            try:
                answer = await put(database, ledger, stream, command=command)
                return stream, command, answer.position, unheard
            except Unavailable:
                unheard += 1
        raise AssertionError("never acknowledged")

    async def go() -> list[tuple[str, UUID, int, int]]:
        async with database.ledger() as ledger:
            done = []
            for k in range(25):
                done += await asyncio.gather(*(one(ledger, k * 16 + n) for n in range(16)))
            return done

    gun = threading.Thread(target=shoot)
    gun.start()
    try:
        done = run(go())
    finally:
        stop.set()
        gun.join()
    assert "connection lost" in caplog.text, "nobody was hit"
    stored = database.ask("SELECT stream, command, position FROM ledger.entries ORDER BY position")
    assert sorted(stored) == sorted((stream, command, position) for stream, command, position, _ in done)
    assert [position for *_, position in stored] == list(range(1, 401))


# --- one order ---------------------------------------------------------------------------------------------------

WRITER = """
import asyncio, sys
from pathlib import Path
from uuid import uuid4
from application.database import load_access
from application.ledger import Ledger, system_stamp
from application.seals import KeyStore
from datetime import datetime, UTC
from domain.people import PersonMandated
home, origin, master, how_many = Path(sys.argv[1]), sys.argv[2], bytes.fromhex(sys.argv[3]), int(sys.argv[4])
async def one(ledger):
    command, person = uuid4(), f"person:{uuid4()}"
    facts = [PersonMandated(person=person, round=f"round:{uuid4()}", mandate=f"mandate:{uuid4()}") for _ in range(2)]
    await ledger.append(command, system_stamp("test", "Test", command, datetime.now(UTC)), {person: (0, facts)})
async def main():
    keys = KeyStore(home / "keys", master, origin)
    ledger = Ledger(load_access(home).of("writer"), keys)
    await ledger.start()
    print("ready", flush=True)
    sys.stdin.readline()
    for _ in range(how_many // 8):
        await asyncio.gather(*(one(ledger) for _ in range(8)))
    await ledger.stop()
    keys.close()
asyncio.run(main())
"""

RECORDER = """
import sys
from pathlib import Path
from uuid import uuid4
from eventsourcing.persistence import StoredEvent
from eventsourcing.postgres import PostgresDatastore
from psycopg.conninfo import conninfo_to_dict
from application.database import load_access
from application.recorder import LedgerRecorder
given = conninfo_to_dict(load_access(Path(sys.argv[1])).of("writer"))
with PostgresDatastore(
    **{k: given[k] for k in ("dbname", "host", "port", "user", "password")}, schema="ledger", originator_id_type="text"
) as datastore:
    recorder = LedgerRecorder(datastore)
    print("ready", flush=True)
    sys.stdin.readline()
    for _ in range(int(sys.argv[4])):
        stream = f"test:{uuid4()}"
        recorder.insert_events([StoredEvent(stream, version, "test", b"{}") for version in (1, 2)])
"""


def test_positions_are_dense_and_time_rises_whoever_writes(database: Any) -> None:
    """Promises 2 and 5: three writers at once, one of them the library's recorder, and a reader who tails them."""
    words = [str(database.home), database.origin, database.master.hex(), "160"]
    database.keys().close()
    seen: list[int] = []
    processes = [
        subprocess.Popen([sys.executable, "-c", code, *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for code in (WRITER, WRITER, RECORDER)
    ]
    try:
        for process in processes:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        for process in processes:
            assert process.stdin is not None
            process.stdin.write("\n")
            process.stdin.flush()
        with database.connect() as connection:
            while any(process.poll() is None for process in processes) or len(seen) < 960:
                after = seen[-1] if seen else 0
                new = connection.execute(
                    "SELECT position FROM ledger.entries WHERE position > %s ORDER BY position", (after,)
                ).fetchall()
                seen += [position for (position,) in new]
                assert all(process.poll() in (None, 0) for process in processes)
    finally:
        for process in processes:
            process.kill()
            process.communicate()
    assert seen == list(range(1, 961)), "the tailing reader passed a gap"
    entries = database.ask("SELECT recorded_at, xmin::text, writer, command FROM ledger.entries ORDER BY position")
    transactions: dict[str, set[datetime]] = {}
    for at, transaction, _, _ in entries:
        transactions.setdefault(transaction, set()).add(at)
    assert all(len(times) == 1 for times in transactions.values()), "one recorded_at for each transaction"
    times = [next(iter(transaction)) for transaction in transactions.values()]
    assert all(one < other for one, other in pairwise(times)), "recorded_at rises"
    assert len({writer for _, _, writer, _ in entries}) == 3


RIVAL = """
import asyncio, sys
from datetime import datetime, UTC
from pathlib import Path
from uuid import uuid4
from application.database import load_access
from application.ledger import Conflict, Ledger, system_stamp
from application.seals import KeyStore
from domain.kernel import Aggregate
from domain.people import PersonMandated
home, origin, master, hot = Path(sys.argv[1]), sys.argv[2], bytes.fromhex(sys.argv[3]), sys.argv[4]
COUNT = Aggregate("person", lambda state, fact: (state or 0) + 1)
lost = 0
async def one(ledger, stream):
    global lost
    while True:
        _, version = await ledger.load(COUNT, stream)
        command = uuid4()
        fact = PersonMandated(person=stream, round=f"round:{uuid4()}", mandate=f"mandate:{uuid4()}")
        stamp = system_stamp("test", "Test", command, datetime.now(UTC))
        try:
            await ledger.append(command, stamp, {stream: (version, [fact])})
            return
        except Conflict:
            lost += 1
async def main():
    keys = KeyStore(home / "keys", master, origin)
    ledger = Ledger(load_access(home).of("writer"), keys)
    await ledger.start()
    print("ready", flush=True)
    sys.stdin.readline()
    for _ in range(10):
        await asyncio.gather(*(one(ledger, f"person:{uuid4()}") for _ in range(4)), one(ledger, hot), one(ledger, hot))
    await ledger.stop()
    keys.close()
    print(lost)
asyncio.run(main())
"""


def test_four_processes_over_one_stream_lose_races_and_nothing_else(database: Any) -> None:
    """Promises 2 and 3: dense whoever writes; a process that took the position in between costs a conflict, no fact."""
    hot = database.id("person")
    database.keys().close()
    words = [str(database.home), database.origin, database.master.hex(), hot]
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", RIVAL, *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(4)
    ]
    try:
        for process in processes:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        for process in processes:
            assert process.stdin is not None
            process.stdin.write("\n")
            process.stdin.flush()
        lost = [int(process.communicate(timeout=60)[0]) for process in processes]
    finally:
        for process in processes:
            process.kill()
            process.communicate()
    assert sum(lost) > 0, "nobody was in anybody's way"
    entries = database.ask("SELECT position, recorded_at, xmin::text, writer FROM ledger.entries ORDER BY position")
    assert [position for position, *_ in entries] == list(range(1, 241))
    assert len({writer for *_, writer in entries}) == 4
    times = {transaction: at for _, at, transaction, _ in entries}
    assert sorted(times.values()) == list(times.values()), "recorded_at rises from transaction to transaction"
    versions = database.ask("SELECT version FROM ledger.entries WHERE stream = %s ORDER BY position", hot)
    assert versions == [(n,) for n in range(1, 81)]


def test_an_insert_left_open_lets_nobody_by(database: Any, run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Promise 2, the late-committing lower position: others wait or are told, and none gets a later position first."""
    monkeypatch.setattr(
        ledgers, "WRITER_SETTINGS", ledgers.WRITER_SETTINGS.replace("lock_timeout = '10s'", "lock_timeout = '300ms'")
    )

    async def go() -> None:
        async with database.ledger() as ledger:
            await put(database, ledger, database.id("person"))
            with psycopg.connect(database.access.of("writer")) as stray:
                stray.execute(
                    "INSERT INTO ledger.entries"
                    " SELECT 2, stream || 'x', 1, kind, clock_timestamp(), %s, 0, body, 'stray' FROM ledger.entries",
                    (uuid4(),),
                )
                held = database.ask(
                    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted AND pid = %s",
                    stray.info.backend_pid,
                )
                assert held == [(1,)], "the ordering lock is not taken by whoever does not ask for it"
                with pytest.raises(Unavailable):
                    await put(database, ledger, database.id("person"))
                assert await ledger.head() == 1
                waiting = asyncio.create_task(put(database, ledger, database.id("person")))
                await asyncio.sleep(0.1)
                stray.commit()
                assert (await waiting).position == 3

    run(go())


def test_a_position_with_a_hole_before_it_is_refused(database: Any, run: Any) -> None:
    """Promise 2: whoever inserts past the end, before it, or at two times is stopped by the database."""
    insert = (
        "INSERT INTO ledger.entries SELECT {}, stream || {}, 1, kind, {}, gen_random_uuid(), 0, body, 'stray'"
        " FROM ledger.entries, generate_series(1, {}) n WHERE position = 1"
    )

    async def go() -> None:
        async with database.ledger() as ledger:
            await put(database, ledger, database.id("person"))

    run(go())
    now = "statement_timestamp()"
    with psycopg.connect(database.access.of("writer"), autocommit=True) as stray:
        for position, name, at, how_many in (
            ("3", "'a'", now, 1),  # past the end
            ("n + 2", "n", now, 2),
            ("n * 2", "n", now, 2),  # with a hole inside
            ("n + 1", "n", "recorded_at", 1),  # time stands
            ("n + 1", "n", "recorded_at - interval '1 hour'", 1),  # time falls
            ("n + 1", "n", "'infinity'::timestamptz", 1),  # nothing could be later
            ("n + 1", "n", f"{now} + n * interval '1 s'", 2),  # two times in one append
        ):
            with pytest.raises(psycopg.errors.CheckViolation):
                stray.execute(insert.format(position, name, at, how_many))
        with pytest.raises(psycopg.errors.UniqueViolation):
            stray.execute(insert.format("1", "'a'", now, 1))
        stray.execute(insert.format("n + 1", "n", "(SELECT max(recorded_at) + interval '1 us' FROM ledger.entries)", 2))
    assert database.ask("SELECT count(*), max(position) FROM ledger.entries") == [(3, 3)]
    with database.connect() as superuser:
        superuser.execute("ALTER TABLE ledger.entries DISABLE TRIGGER append_only")
        superuser.execute("DELETE FROM ledger.entries WHERE position = 2")
    # A hole is evidence: it is not filled again.
    with psycopg.connect(database.access.of("writer")) as stray, pytest.raises(psycopg.errors.CheckViolation):
        stray.execute(insert.format("2", "'b'", "recorded_at + interval '1 us'", 1))


def test_a_clock_that_stepped_back_is_on_record_once_and_time_goes_on_rising(database: Any, run: Any) -> None:
    """Promise 5: an entry from an hour ahead stands in the ledger, as it does when the clock is set back by one."""

    async def go() -> None:
        async with database.ledger() as ledger:
            await put(database, ledger, database.id("person"))
            with psycopg.connect(database.access.of("writer"), autocommit=True) as stray:
                stray.execute(
                    "INSERT INTO ledger.entries SELECT 2, %s, 1, kind, clock_timestamp() + interval '1 hour', %s, 0,"
                    " body, 'ahead' FROM ledger.entries",
                    (database.id("person"), uuid4()),
                )
            answers = [await put(database, ledger, database.id("person")) for _ in range(3)]
            assert [answer.position for answer in answers] == [4, 5, 6]
            (stream,) = (row[0] for row in database.ask("SELECT stream FROM ledger.entries WHERE position = 3"))
            (noted,) = await ledger.entries(stream)
            assert isinstance(noted.fact, ClockSteppedBack)
            assert timedelta(minutes=59) < noted.fact.last - noted.fact.observed < timedelta(minutes=61)
        async with database.ledger() as other:  # a process that starts while the clock is behind notes it too
            assert (await put(database, other, database.id("person"))).position == 8
            assert (await put(database, other, database.id("person"))).position == 9

    run(go())
    kinds = database.ask("SELECT kind, recorded_at FROM ledger.entries ORDER BY position")
    assert sum(kind == "clock.stepped-back.v1" for kind, _ in kinds) == 2
    times = [at for _, at in kinds]
    assert sorted(times) == times
    assert len(set(times)) == 7, "each transaction its own time: nine entries, two notes beside what they came with"


def test_a_clock_seen_to_step_back_is_noted_though_it_is_not_behind_the_last_entry(run: Any) -> None:
    """Promise 5: a long silence, then a step back by less than it."""
    ledger = Ledger("", keys=None)  # type: ignore[arg-type]
    noon = datetime(2026, 11, 20, 4, tzinfo=UTC)
    ledger._clock_seen = noon
    rows, behind = ledger._note_clock(noon - timedelta(seconds=1), noon - timedelta(hours=1))
    assert (len(rows), behind) == (1, False)
    assert ledger._note_clock(noon, noon - timedelta(hours=1)) == ([], False)


# --- nobody waits for ever, nobody suffers for another -----------------------------------------------------------


def test_a_full_queue_is_said_at_once(module_database: Any, run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Conventions: 503 with Retry-After, rather than a wait without end."""
    monkeypatch.setattr(ledgers, "_QUEUE", 3)
    database = module_database

    async def go() -> list[Any]:
        async with database.ledger() as ledger:
            return await asyncio.gather(
                *(put(database, ledger, database.id("person")) for _ in range(8)), return_exceptions=True
            )

    results = run(go())
    assert sum(isinstance(r, Unavailable) for r in results) == 5
    assert sum(isinstance(r, Answered) for r in results) == 3


def test_a_stopped_ledger_answers_everybody(module_database: Any, run: Any) -> None:
    """What waits is committed first; what comes later is told to come again."""
    database = module_database

    async def go() -> None:
        async with database.ledger() as ledger:
            waiting = [asyncio.create_task(put(database, ledger, database.id("person"))) for _ in range(4)]
            await asyncio.sleep(0)
            await ledger.stop()
            assert all(answer.first for answer in await asyncio.gather(*waiting))
            with pytest.raises(Unavailable):
                await put(database, ledger, database.id("person"))

    run(go())


def test_a_caller_who_has_gone_leaves_nothing_behind(database: Any, run: Any) -> None:
    """A request that was cancelled before its batch began is not carried out behind its caller's back."""

    async def go() -> None:
        async with database.ledger() as ledger:
            gone = asyncio.create_task(put(database, ledger, database.id("person")))
            await asyncio.sleep(0)
            gone.cancel()
            await put(database, ledger, database.id("person"))
            assert await ledger.head() == 1

    run(go())


def test_a_fact_that_cannot_be_stored_fails_only_its_caller(module_database: Any, run: Any) -> None:
    """Promise 7, for writers: one defect does not fail a batch."""
    database = module_database
    good = [database.id("person") for _ in range(3)]

    async def go() -> list[Any]:
        async with database.ledger() as ledger:
            command = uuid4()
            too_big = database.stamp(command, cause=2**53)
            person = database.id("person")
            sealed = PersonRegistered(person=person, name=Secret("某人"))
            return await asyncio.gather(
                put(database, ledger, good[0]),
                # no text of the database's can hold such a name
                ledger.append(uuid4(), database.stamp(command), {"person:\0": (0, [mandated(database, person)])}),
                put(database, ledger, good[1]),
                ledger.append(command, too_big, {person: (0, [mandated(database, person)])}),
                ledger.append(command, too_big, {person: (0, [sealed])}),
                put(database, ledger, good[2]),
                return_exceptions=True,
            )

    results = run(go())
    assert [type(r) for r in results] == [Answered, Rejected, Answered, ValueError, ValueError, Answered]
    assert len(rows_of(database, *good)) == 3


@pytest.mark.parametrize("others", [False, True], ids=["alone", "beside others"])
@pytest.mark.parametrize("dropped", ["true", "NEW.ordinal = 1"], ids=["all", "the last"])
def test_what_the_database_swallows_is_not_acknowledged(
    database: Any, run: Any, monkeypatch: pytest.MonkeyPatch, dropped: str, others: bool
) -> None:
    """Promise 1: a trigger that lets fewer rows in than were sent; nothing is added, and a resend does not say done."""
    monkeypatch.setattr(ledgers, "_OTHERS_SECONDS", 60.0)
    with database.connect() as superuser:
        superuser.execute(
            "CREATE FUNCTION public.swallow() RETURNS trigger LANGUAGE plpgsql AS"
            f" $$ BEGIN IF {dropped} THEN RETURN NULL; END IF; RETURN NEW; END $$"
        )
        superuser.execute(
            "CREATE TRIGGER swallow BEFORE INSERT ON ledger.entries FOR EACH ROW EXECUTE FUNCTION public.swallow()"
        )
    person, command = database.id("person"), uuid4()

    async def go() -> None:
        async with database.ledger() as ledger:
            ledger._others_until = time.monotonic() + 60 if others else 0
            facts = {person: (0, [mandated(database, person)] * 2)}
            for _ in range(2):
                with pytest.raises(Rejected):
                    await ledger.append(command, database.stamp(command), facts)
            assert await ledger.head() == 0
            with database.connect() as superuser:
                superuser.execute("DROP TRIGGER swallow ON ledger.entries")
            assert (await ledger.append(command, database.stamp(command), facts)).first
            assert await ledger.head() == 2

    run(go())


def test_a_destroyed_key_fails_only_its_caller(module_database: Any, run: Any) -> None:
    """promises.md §5.1: nothing more can be written under it; a resend of what was written is still answered."""
    database = module_database
    person, other = database.id("person"), database.id("person")

    async def name(ledger: Ledger, whose: str, version: int, command: UUID) -> Answered:
        fact = PersonRegistered(person=whose, name=Secret("某人"))
        return await ledger.append(command, database.stamp(command), {whose: (version, [fact])})

    async def go() -> None:
        async with database.ledger() as ledger:
            first = uuid4()
            await name(ledger, person, 0, first)
            (key,) = (row.id for row in ledger.keys.rows() if row.subject.endswith(person))
            ledger.keys.destroy(key)
            results = await asyncio.gather(
                name(ledger, other, 0, uuid4()),
                name(ledger, person, 1, uuid4()),
                name(ledger, person, 0, first),
                put(database, ledger, database.id("person")),
                return_exceptions=True,
            )
            assert [type(r) for r in results] == [Answered, KeyDestroyed, Answered, Answered]
            assert not results[2].first

    run(go())


def test_a_key_store_that_does_not_answer_fails_only_those_with_texts(module_database: Any, run: Any) -> None:
    """The rest of a batch needs no key."""
    database = module_database

    async def go() -> list[Any]:
        async with database.ledger() as ledger:
            ledger.keys.close()
            person, command = database.id("person"), uuid4()
            fact = PersonRegistered(person=person, name=Secret("某人"))
            return await asyncio.gather(
                ledger.append(command, database.stamp(command), {person: (0, [fact])}),
                put(database, ledger, database.id("person")),
                return_exceptions=True,
            )

    assert [type(r) for r in run(go())] == [Unavailable, Answered]


# --- the database goes and comes ---------------------------------------------------------------------------------


def test_a_database_that_is_down_is_said_and_works_again_when_it_is_back(
    spare_server: Any, tmp_path: Path, run: Any, request: pytest.FixtureRequest
) -> None:
    """Conventions: Unavailable while it is down, for writers and readers; nothing to restart when it is back."""
    with made_on(spare_server, tmp_path, request) as database:

        async def go() -> None:
            async with database.ledger() as ledger:
                person = database.id("person")
                await put(database, ledger, person)
                await asyncio.to_thread(spare_server._process.signal, signal.SIGINT)
                await asyncio.to_thread(spare_server._process.gone_within, 10)
                with pytest.raises(Unavailable):
                    await put(database, ledger, database.id("person"))
                with pytest.raises(Unavailable):
                    await ledger.load(PEOPLE, person)
                await asyncio.to_thread(spare_server.revive)
                assert (await put(database, ledger, person, version=1)).position == 2
                assert (await ledger.load(COUNT, person)) == (2, 2)

        run(go())


def test_an_idle_session_that_was_ended_is_replaced_before_it_is_used(database: Any, run: Any) -> None:
    """Conventions: nobody gets Unavailable for a session that ended while nobody used it."""

    async def go() -> None:
        async with database.ledger() as ledger:
            person = database.id("person")
            await put(database, ledger, person)
            assert (await ledger.load(COUNT, person)) == (1, 1)
            with database.connect() as connection:
                ended = connection.execute(
                    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                    " WHERE datname = %s AND application_name = 'xuncha-ledger-read'",
                    (database.name,),
                ).fetchall()
            assert ended
            assert (await ledger.load(COUNT, person)) == (1, 1)

    run(go())


def test_a_session_that_lives_is_not_asked_whether_it_does(database: Any, run: Any) -> None:
    """ADR 3: what a statement costs is that statement; a probe before each would double it."""

    async def go() -> None:
        async with await psycopg.AsyncConnection.connect(database.access.of("writer"), autocommit=True) as connection:
            await connection.execute("SELECT 'the last thing said'")
            await still_there(connection)
            with database.connect() as other:
                last = other.execute(
                    "SELECT query FROM pg_stat_activity WHERE pid = %s", (connection.info.backend_pid,)
                ).fetchone()
                assert last == ("SELECT 'the last thing said'",)
                other.execute("SELECT pg_terminate_backend(%s, 5000)", (connection.info.backend_pid,))
            with pytest.raises(psycopg.OperationalError):
                await still_there(connection)

    run(go())


def test_what_was_acknowledged_survives_a_killed_server(
    spare_server: Any, tmp_path: Path, run: Any, request: pytest.FixtureRequest
) -> None:
    """Promise 1, under kill −9 of every server process; what was not acknowledged is sent again and is there once."""
    with made_on(spare_server, tmp_path, request) as database:

        async def one(ledger: Ledger, acknowledged: dict[UUID, int], until: float) -> None:
            while time.monotonic() < until:
                command, person = uuid4(), database.id("person")
                while command not in acknowledged:
                    try:
                        acknowledged[command] = (await put(database, ledger, person, command=command)).position
                    except Unavailable:
                        await asyncio.sleep(0.05)

        async def go() -> dict[UUID, int]:
            acknowledged: dict[UUID, int] = {}
            async with database.ledger() as ledger:
                callers = [one(ledger, acknowledged, time.monotonic() + 1.2) for _ in range(16)]
                running = asyncio.gather(*callers)
                await asyncio.sleep(0.5)
                # Only when it is seen to be gone: a server still dying looks alive, and is left alone.
                killed = spare_server._process
                os.kill(killed.pid, signal.SIGKILL)
                assert await asyncio.to_thread(killed.gone_within, 10)
                await asyncio.to_thread(spare_server.revive)
                async with asyncio.timeout(30):
                    await running
            return acknowledged

        acknowledged = run(go())
        stored = database.ask("SELECT command, position FROM ledger.entries ORDER BY position")
        assert dict(stored) == acknowledged
        assert [position for _, position in stored] == list(range(1, len(acknowledged) + 1))


@contextmanager
def made_on(server: Any, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Any]:
    """A database on the spare server; the server runs again when this ends."""
    made_database = request.getfixturevalue("databases")
    server.revive()
    with made_database(server.dsn(), tmp_path / "home") as database:
        try:
            yield database
        finally:
            server.revive()


def test_a_session_told_not_to_wait_for_the_disk_waits(database: Any, run: Any) -> None:
    """Promise 1: a setting for the writer's role alone, made after the check at the start, changes nothing."""
    with database.connect() as connection:
        connection.execute(f"ALTER ROLE {database.name}_writer SET synchronous_commit = off")

    async def go() -> str:
        async with database.ledger() as ledger:
            await put(database, ledger, database.id("person"))
            assert ledger._connection is not None
            cursor = await ledger._connection.execute("SHOW synchronous_commit")
            return (await cursor.fetchone() or ("",))[0]

    assert run(go()) == "on"


def test_a_server_made_careless_later_is_not_written_to(
    tmp_path: Path, run: Any, databases: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Promise 1: a setting changed after the start is seen by whoever connects next, and nothing is written."""
    monkeypatch.delitem(postgres._FIXED, "fsync")  # what the command line says cannot be changed later
    with postgres.start(tmp_path / "server") as server, databases(server.dsn(), tmp_path / "home") as database:

        async def go() -> int:
            async with database.ledger() as ledger:
                await put(database, ledger, database.id("person"))
            with database.connect() as connection:
                connection.execute("ALTER SYSTEM SET fsync = off")
                connection.execute("SELECT pg_reload_conf()")
                for _ in range(500):
                    if connection.execute("SHOW fsync").fetchone() == ("off",):
                        break
                    await asyncio.sleep(0.01)
            async with database.ledger() as ledger:
                with pytest.raises(Unavailable):
                    await put(database, ledger, database.id("person"))
                return await ledger.head()

        assert run(go()) == 1


# --- what is stored ----------------------------------------------------------------------------------------------


def petition(database: Any, **changes: Any) -> PetitionRegistered:
    given: dict[str, Any] = {
        "petition": database.id("petition"),
        "round": database.id("round"),
        "inspection": database.id("inspection"),
        "unit": database.id("body"),
        "number": 7,
        "received_on": date(2026, 11, 20),
        "channel": "letter",
        "petitioner": Petitioner(name=Secret("张三"), contact=Secret('"\\/\n\t𠮷 é')),
        "content": Secret("反映某单位违规发放津补贴"),
        "summary": Secret("津补贴"),
        "registrar": database.id("person"),
        "late": 0,
    }
    return PetitionRegistered(**{**given, **changes})


def test_what_is_stored_is_canonical_and_holds_strings_and_integers_only(module_database: Any, run: Any) -> None:
    """promises.md, the entry: RFC 8785, stored exactly as hashed, no float, boolean, null or clear text."""
    database = module_database

    async def go() -> None:
        async with database.ledger() as ledger:
            fact, command = petition(database), uuid4()
            paper = Paper(reference=Secret("义巡〔2026〕3号"), scan_sha256="a" * 64)
            writes = {
                fact.petition: (0, [fact]),
                database.id("person", "x"): (0, [mandated(database, database.id("person", "x"))]),
            }
            await ledger.append(command, database.stamp(command, paper=paper, cause=1), writes)

    run(go())

    def kinds(value: Any) -> set[type]:
        inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        return {type(value)}.union(*map(kinds, inner))

    bodies = [bytes(body) for (body,) in database.ask("SELECT body FROM ledger.entries")]
    for body in bodies:
        assert rfc8785.dumps(json.loads(body)) == body
        assert kinds(json.loads(body)) <= {dict, list, str, int}
    stored = b"".join(bodies)
    for text in ("张三", "津补贴", "义巡"):
        assert text.encode() not in stored
        assert json.dumps(text).strip('"').encode() not in stored
    (body,) = (body for body in bodies if b'"channel":"letter"' in body)
    raw = json.loads(body)
    assert raw["stamp"]["label"] == "petition"
    fact = raw["payload"]
    assert {fact["petition"], fact["round"], fact["inspection"], fact["unit"], fact["registrar"]} == set(
        raw["stamp"]["subjects"]
    )
    assert len({fact["content"]["key"], fact["summary"]["key"], raw["stamp"]["paper"]["reference"]["key"]}) == 1
    assert fact["petitioner"]["name"]["key"] == fact["petitioner"]["contact"]["key"] != fact["content"]["key"]


@given(
    st.recursive(
        st.text() | st.integers(-(2**53) + 1, 2**53 - 1),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(max_codepoint=127)), inner),
    )
)
@settings(max_examples=100, deadline=None)
def test_the_quick_encoder_writes_what_the_standard_demands(value: Any) -> None:
    """promises.md, the entry: RFC 8785."""
    assert canonical({"value": value}) == rfc8785.dumps({"value": value})


@pytest.mark.parametrize("value", [1.5, True, None, 2**53, -(2**53), {"é": 1}, [[False]]])
def test_what_has_no_stored_form_is_refused(value: Any) -> None:
    """promises.md, the entry: integers and strings only, within what every reader of JSON can hold."""
    with pytest.raises(ValueError, match=r"neither|beyond|plain"):
        canonical({"value": value})


def test_a_sealed_text_opens_only_at_its_place(module_database: Any, run: Any) -> None:
    """promises.md §5.1: moved to another stream, version, kind or path, or changed, it is an error, never a text."""
    database = module_database

    async def go() -> None:
        async with database.ledger() as ledger:
            fact, command = petition(database), uuid4()
            await ledger.append(command, database.stamp(command), {fact.petition: (0, [fact])})
            (entry,) = await ledger.entries(fact.petition)
            content = entry.fact.content  # type: ignore[attr-defined]
            assert isinstance(content, Sealed)
            assert ledger.keys.open_content(content) == (TextState.READABLE, "反映某单位违规发放津补贴")
            stream, version, kind, path = content.at.split("|")
            assert (stream, version, kind, path) == (fact.petition, "1", fact.kind, "/payload/content")
            for elsewhere in (
                f"{database.id('petition')}|1|{kind}|{path}",
                f"{stream}|2|{kind}|{path}",
                f"{stream}|1|petition.handled.v1|{path}",
                f"{stream}|1|{kind}|/payload/summary",
                "",
            ):
                with pytest.raises(KeyStoreError, match="moved"):
                    ledger.keys.open_content(content.model_copy(update={"at": elsewhere}))
            with pytest.raises(KeyStoreError, match="moved"):
                ledger.keys.open_content(content.model_copy(update={"box": entry.fact.summary.box}))  # type: ignore[attr-defined]
            with pytest.raises(KeyStoreError, match="digest"):
                ledger.keys.open_content(content.model_copy(update={"digest": "0" * 64}))

    run(go())


# --- reading -----------------------------------------------------------------------------------------------------


def test_what_is_loaded_is_always_current(module_database: Any, run: Any) -> None:
    """promises.md, authority: cached by position, never lagging, also where another process has appended."""
    database, person = module_database, module_database.id("person")

    async def go() -> None:
        async with database.ledger() as ledger, database.ledger() as other:
            assert await ledger.load(COUNT, person) == (None, 0)
            for version in range(4):
                await put(database, other if version % 2 else ledger, person, version=version)
                assert await ledger.load(COUNT, person) == (version + 1, version + 1)
            loads = await asyncio.gather(*(other.load(COUNT, person) for _ in range(20)))
            assert set(loads) == {(4, 4)}
            state, version = await ledger.load(PEOPLE, person)  # read as something else: nothing is mixed up
            assert (len(state.mandates), version) == (4, 4) if state else False

    run(go())


def test_an_older_answer_does_not_replace_a_newer_one_in_the_cache(
    module_database: Any, run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two loads of one stream at once, the first to ask being the last to hear."""
    database, person = module_database, module_database.id("person")

    async def go() -> None:
        async with database.ledger() as ledger:
            await put(database, ledger, person)
            fetch, asked, go_on = ledger._fetch, asyncio.Event(), asyncio.Event()

            async def slow(statement: str, params: Any) -> Any:
                rows = await fetch(statement, params)
                asked.set()
                await go_on.wait()
                return rows

            monkeypatch.setattr(ledger, "_fetch", slow)
            late = asyncio.create_task(ledger.load(COUNT, person))
            await asked.wait()
            monkeypatch.setattr(ledger, "_fetch", fetch)
            await put(database, ledger, person, version=1)
            assert await ledger.load(COUNT, person) == (2, 2)
            go_on.set()
            assert await late == (1, 1)
            assert ledger._states[COUNT, person] == (2, 2)
            assert await ledger.load(COUNT, person) == (2, 2)

    run(go())
