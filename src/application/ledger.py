"""The only writer: facts of many callers in one transaction, in one total order, sealed and stamped.

`append` is one async door. Callers queue; one task per process takes what waits, and commits it together under
the ordering lock. Each caller is answered after its own facts are durable, and one caller's conflict fails only
that caller (ADR 3).
"""

import asyncio
import contextlib
import json
import logging
import select
import time
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple, Protocol, TypeVar
from uuid import UUID, uuid4, uuid5

import psycopg
from psycopg.rows import TupleRow
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from application import SOFTWARE
from application.measures import Spread
from application.seals import KeyStore, KeyStoreError, subject_of
from domain.facts import ClockSteppedBack, decode
from domain.kernel import (
    NAMESPACE,
    Aggregate,
    Authenticated,
    CommandStamp,
    Entry,
    Fact,
    Happened,
    Precision,
    Seal,
    Secret,
    Source,
    Stamp,
    day_of,
    derived_id,
    ids_in,
    iso,
    plain,
    secrets_of,
)

log = logging.getLogger("xuncha.ledger")

CHANNEL = "ledger"
ORDERING_LOCK = 7239015802731  # the same number stands in the trigger of the migration
_BATCH = 500
_BATCH_BYTES = 8 * 1024 * 1024
_QUEUE = 2_000
_CACHED_STREAMS = 20_000
_ANSWER_WITHIN = timedelta(seconds=20)
_STOP_WITHIN = timedelta(seconds=10)
_OTHERS_SECONDS = 1.0  # another process that was seen to write is reckoned with for so long

S = TypeVar("S")

# Where the ledger stands, the versions of these streams in the order asked, and which of these commands it has taken.
STANDING = (
    "SELECT clock_timestamp(), head.position, head.recorded_at, ARRAY(SELECT coalesce((SELECT max(version)"
    " FROM ledger.entries WHERE stream = asked.stream), 0) FROM unnest(%(streams)s::text[])"
    " WITH ORDINALITY AS asked(stream, place) ORDER BY place),"
    " ARRAY(SELECT DISTINCT command FROM ledger.entries WHERE command = ANY(%(commands)s::uuid[]))"
    " FROM (SELECT) AS always LEFT JOIN (SELECT position, recorded_at FROM ledger.entries"
    " ORDER BY position DESC LIMIT 1) AS head ON true"
)
FIRST_ANSWERS = (
    "SELECT command, max(position) OVER (PARTITION BY command), body FROM ledger.entries"
    " WHERE command = ANY(%s::uuid[]) ORDER BY command, ordinal"
)
# It tells the readers in the same breath: under the ordering lock, NOTIFY's own global lock costs nobody more. And it
# counts what was really added: any other number than was sent ends in a division by zero, and nothing is added.
INSERT = (
    "WITH added AS (INSERT INTO ledger.entries"
    " (position, stream, version, kind, recorded_at, command, ordinal, body, writer, signature)"
    " SELECT %(head)s::bigint + e.place, e.stream, e.version, e.kind, %(recorded_at)s, e.command, e.ordinal, e.body,"
    " %(writer)s, CASE WHEN e.place = %(count)s THEN %(signature)b::bytea END"
    " FROM ROWS FROM (jsonb_to_recordset(%(rows)s::jsonb)"
    " AS (stream text, version bigint, kind text, command uuid, ordinal int), unnest(%(bodies)b::bytea[]))"
    " WITH ORDINALITY AS e(stream, version, kind, command, ordinal, body, place) ORDER BY e.place RETURNING 1"
    f") SELECT pg_notify('{CHANNEL}', '') AS told, count(*) / (count(*) = %(count)s)::int AS added FROM added"
)
# What a connection of ours has set. Every statement here finds its rows by an index; a plan made while the table
# was small must not read all of it when it has grown. For the same reason one plan serves for all values: making one
# anew takes longer than to run it.
SETTINGS = "SET enable_seqscan = off; SET plan_cache_mode = force_generic_plan"
# The writer's. A session may have been told not to wait for the disk (ALTER ROLE … SET): ours waits. A writer that
# is suspended with the ordering lock in its hand loses the connection, so that the others can go on.
WRITER_SETTINGS = (
    f"{SETTINGS}; SET lock_timeout = '10s'; SET idle_in_transaction_session_timeout = '10s';"
    " SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'"
)
NOT_DURABLE = (
    "SELECT name FROM pg_settings WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit') AND setting = 'off'"
)
_PORTION = 20_000
ENTRY_COLUMNS = "position, stream, version, kind, recorded_at, command, ordinal, body"


class EntryRow(NamedTuple):
    """An entry on its way, but for position, time and writer."""

    stream: str
    version: int
    kind: str
    command: UUID
    ordinal: int
    body: bytes

    def described(self) -> dict[str, str | int]:
        """All but the body, which travels as it is."""
        return {
            "stream": self.stream,
            "version": self.version,
            "kind": self.kind,
            "command": str(self.command),
            "ordinal": self.ordinal,
        }


class Signer(Protocol):
    """Signs an append as a whole: who wrote which entries, from which position on, when (ADR 26)."""

    def sign(self, writer: str, first: int, recorded_at: datetime, rows: Sequence[EntryRow]) -> bytes:
        """The signature that stands with the last of these entries."""


class KeyDestroyed(Exception):
    """The key of this stream was destroyed: nothing more can be written there."""


class Conflict(Exception):
    """Another stream moved first: read again and decide again."""


class Unavailable(Exception):
    """The ledger cannot be reached; it may or may not have taken the command. Send it again unchanged."""


class Rejected(Exception):
    """The database does not take this caller's facts, however often they are sent: a defect of the program."""


class Answered(NamedTuple):
    """The first answer to a command: where it stands, what was asked, and by what content."""

    position: int
    stamp: CommandStamp
    first: bool
    """True for the call that appended it, False for a resend."""


class _Written(NamedTuple):
    """A fact on its way into a stream, with its texts: path, seal, secret."""

    fact: Fact
    texts: tuple[tuple[str, Seal, Secret], ...]


@dataclass(slots=True)
class _Waiting:
    """One caller's append, on its way through a batch."""

    command: UUID
    stamp: Stamp
    writes: Mapping[str, tuple[_Written, ...]]
    expected: Mapping[str, int]
    at_end: frozenset[str]
    subjects: frozenset[str]
    """What its texts need keys for."""
    answer: "asyncio.Future[Answered]"
    rows: list[EntryRow] = field(default_factory=list)
    refused: Exception | None = None


class _Standing(NamedTuple):
    """Where the ledger stands: its clock, its last position and time, versions of streams, answers given before."""

    clock: datetime
    position: int
    last: datetime | None
    versions: dict[str, int]
    answered: dict[UUID, Answered]


class _Decided(NamedTuple):
    """The rows a batch adds, what each caller is told, and whether the clock is behind the last entry."""

    standing: _Standing
    rows: list[EntryRow]
    results: list[tuple[_Waiting, Answered | Exception]]
    behind: bool


class Ledger:
    """Reads streams and appends facts. One per process; `start` before use, `stop` after."""

    def __init__(self, conninfo: str, keys: KeyStore, signer: Signer | None = None, *, readers: int = 8) -> None:
        self._conninfo = conninfo
        self.keys = keys
        self._signer = signer
        self.writer = f"writer:{uuid4()}"
        self._queue: asyncio.Queue[_Waiting | None] = asyncio.Queue(_QUEUE)
        self._pool = AsyncConnectionPool(
            conninfo,
            min_size=1,
            max_size=readers,
            open=False,
            timeout=3,
            reconnect_timeout=3,  # longer, and its growing pauses would outlast the outage
            kwargs={"autocommit": True, "application_name": "xuncha-ledger-read"},
            configure=_configure_reader,
            check=still_there,
        )
        self.batches = Spread(1, 2, 5, 10, 20, 50, 100, 200, 500)
        """Appends in one transaction."""
        self.conflicts = 0
        self._task: asyncio.Task[None] | None = None
        self._connection: psycopg.AsyncConnection[TupleRow] | None = None
        self._clock_seen: datetime | None = None
        self._clock_behind = False
        self._others_until = 0.0
        self._states: OrderedDict[tuple[Aggregate[Any], str], tuple[int, Any]] = OrderedDict()
        self._moved: set[str] = set()

    async def start(self) -> None:
        """Begin to write. The database need not answer yet: until it does, every call raises Unavailable."""
        await self._pool.open()
        self._task = asyncio.create_task(self._write_batches(), name="ledger-writer")

    async def stop(self) -> None:
        """Commit what waits already, refuse what comes later, let go of every connection."""
        task, self._task = self._task, None
        if task:
            try:
                async with asyncio.timeout(_STOP_WITHIN.total_seconds()):
                    await self._queue.put(None)
                    await asyncio.shield(task)
            except TimeoutError:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task
        while not self._queue.empty():
            if waiting := self._queue.get_nowait():
                _answer(waiting, Unavailable())
        await self._drop_connection()
        await self._pool.close()

    @property
    def waiting(self) -> int:
        """How many appends wait for the writer."""
        return self._queue.qsize()

    def pool_stats(self) -> dict[str, int]:
        """How the connections for reading are used."""
        return self._pool.get_stats()

    # --- reading ---------------------------------------------------------------------------------------------

    async def load(self, aggregate: Aggregate[S], stream: str) -> tuple[S | None, int]:
        """The state of a stream and its version; (None, 0) where there is none.

        What was read before is kept; only what was added since is read again, so the answer is always current.
        """
        known = (aggregate, stream)
        version, state = self._states.get(known, (0, None))
        self._moved.discard(stream)
        rows = await self._fetch(
            f"SELECT {ENTRY_COLUMNS} FROM ledger.entries WHERE stream = %s AND version > %s ORDER BY version",
            (stream, version),
        )
        for row in rows:
            entry = decode(*row)
            state, version = aggregate.evolve(state, entry.fact), entry.version
        # Another call may have read further meanwhile: what it kept is not replaced by what is older.
        if version >= self._states.get(known, (0, None))[0]:
            self._states[known] = (version, state)
            self._states.move_to_end(known)
            while len(self._states) > _CACHED_STREAMS:
                self._states.popitem(last=False)
        return state, version

    def known(self, aggregate: Aggregate[S], stream: str) -> tuple[S | None, int] | None:
        """What `load` found the last time; None where it has not been asked, or this process has written since.

        Another process may have written meanwhile: for whoever has `append` watch the version they decide by.
        """
        found = None if stream in self._moved else self._states.get((aggregate, stream))
        return None if found is None else (found[1], found[0])

    async def entries(self, stream: str) -> list[Entry[Fact]]:
        """Every entry of a stream, in order."""
        rows = await self._fetch(
            f"SELECT {ENTRY_COLUMNS} FROM ledger.entries WHERE stream = %s ORDER BY version", (stream,)
        )
        return [decode(*row) for row in rows]

    async def of_command(self, command: UUID) -> list[Entry[Fact]]:
        """Every entry of a command, in the order of its facts."""
        rows = await self._fetch(
            f"SELECT {ENTRY_COLUMNS} FROM ledger.entries WHERE command = %s ORDER BY ordinal", (command,)
        )
        return [decode(*row) for row in rows]

    async def answered(self, command: UUID) -> Answered | None:
        """The first answer to a command, if the ledger has taken it."""
        return _first_answers(await self._fetch(FIRST_ANSWERS, ([command],))).get(command)

    async def head(self) -> int:
        """The last position; 0 for an empty ledger."""
        rows = await self._fetch("SELECT coalesce(max(position), 0) FROM ledger.entries", ())
        return int(rows[0][0])

    async def migration(self) -> int:
        """The number of the last migration that was run here."""
        rows = await self._fetch("SELECT coalesce(max(number), 0) FROM ledger.migrations", ())
        return int(rows[0][0])

    async def recorded_at(self, position: int) -> datetime | None:
        """When a position was recorded; None where the ledger has not come so far."""
        rows = await self._fetch("SELECT recorded_at FROM ledger.entries WHERE position = %s", (position,))
        return rows[0][0] if rows else None

    async def begun(self, streams: Sequence[str]) -> set[str]:
        """Those of these streams in which something stands, in one question."""
        statement = "SELECT DISTINCT stream FROM ledger.entries WHERE stream = ANY(%s)"
        return {stream for (stream,) in await self._fetch(statement, (list(streams),))}

    async def of_kinds(self, kinds: Sequence[str], until: int) -> list[Entry[Fact]]:
        """Every entry of these kinds up to a position, in order. It reads the whole ledger, in portions."""
        statement = (
            f"SELECT {ENTRY_COLUMNS} FROM ledger.entries"
            " WHERE position > %s AND position <= %s AND kind = ANY(%s) ORDER BY position"
        )
        found: list[Entry[Fact]] = []
        for start in range(0, until, _PORTION):
            rows = await self._fetch(statement, (start, min(start + _PORTION, until), list(kinds)))
            found += [decode(*row) for row in rows]
        return found

    async def versions(self, streams: Sequence[str], until: int) -> dict[str, int]:
        """The version each of these streams had at a position; 0 where there was none."""
        statement = (
            "SELECT stream, max(version) FROM ledger.entries WHERE stream = ANY(%s) AND position <= %s GROUP BY stream"
        )
        return dict.fromkeys(streams, 0) | dict(await self._fetch(statement, (list(streams), until)))

    async def _fetch(self, statement: str, params: tuple[Any, ...]) -> list[TupleRow]:
        try:
            async with self._pool.connection() as connection:
                cursor = await connection.execute(statement, params, prepare=True)
                return await cursor.fetchall()
        except (psycopg.OperationalError, psycopg.InterfaceError, PoolTimeout) as e:
            raise Unavailable from e

    # --- appending -------------------------------------------------------------------------------------------

    async def append(
        self,
        command: UUID,
        stamp: Stamp,
        writes: Mapping[str, tuple[int | None, Sequence[Fact]]],
        reads: Mapping[str, int] | None = None,
    ) -> Answered:
        """Append facts to several streams, all or nothing, once per command id.

        `writes` maps a stream to the version it was read at and the facts to add; `reads` maps further streams to
        the version the decision rests on. A version of None means: at the end, wherever that is by then; only for
        facts that rest on nothing in their stream and hold no text (a text is sealed to its version). `stamp` is
        completed per fact with label and subjects.

        Raises Conflict when a stream has moved, KeyDestroyed when a text has no key left to close it, Unavailable
        when the database, the key store or the queue does not answer; ValueError when there is nothing to append.
        """
        of_stamp = tuple(secrets_of(stamp, "/stamp"))
        written = {
            stream: tuple(_Written(fact, (*of_stamp, *secrets_of(fact, "/payload"))) for fact in facts)
            for stream, (_, facts) in writes.items()
            if facts
        }
        if not written:
            raise ValueError("nothing to append")
        at_end = frozenset(stream for stream, (version, _) in writes.items() if version is None)
        if any(w.texts for stream in at_end for w in written.get(stream, ())):
            raise ValueError("a text is sealed to its version, which must be known")
        waiting = _Waiting(
            command,
            stamp,
            written,
            {**(reads or {}), **{stream: version for stream, (version, _) in writes.items() if version is not None}},
            at_end,
            frozenset(
                subject_of(seal, stream) for stream, added in written.items() for w in added for _, seal, _ in w.texts
            ),
            asyncio.get_running_loop().create_future(),
        )
        if not waiting.subjects:
            # Nothing to seal: written out here, while the writer waits for the disk.
            waiting.rows = self._rows(waiting, {})
        if self._task is None:
            raise Unavailable
        try:
            self._queue.put_nowait(waiting)
        except asyncio.QueueFull:
            raise Unavailable from None
        loop = asyncio.get_running_loop()
        patience = loop.call_later(_ANSWER_WITHIN.total_seconds(), _answer, waiting, Unavailable())
        try:
            return await waiting.answer
        finally:
            patience.cancel()

    async def _write_batches(self) -> None:
        """Take what waits, commit it, answer; for as long as the process lives."""
        more = True
        while more:
            batch: list[_Waiting] = []
            taken = await self._queue.get()
            while taken is not None:
                batch.append(taken)
                if len(batch) == _BATCH or self._queue.empty():
                    break
                taken = self._queue.get_nowait()
            more = taken is not None
            try:
                await self._commit(batch)
            except Exception as e:
                log.error("a batch failed: %s", type(e).__name__)
            finally:
                _fail(batch, Unavailable())  # nobody is left without an answer, whatever happened

    async def _commit(self, batch: list[_Waiting]) -> None:
        """Seal and append. Whoever cannot be served gets the reason; the others do not notice."""
        batch = [w for w in batch if not w.answer.done()]  # the rest have gone away: nothing is done for them
        if any(w.subjects for w in batch):
            await asyncio.to_thread(self._close, batch)
        for w in batch:
            # A resend of what the ledger has taken is answered even where its key is gone meanwhile.
            if isinstance(w.refused, Unavailable):
                _answer(w, w.refused)
        for part in _portions([w for w in batch if not w.answer.done()]):
            try:
                await self._append(part)
            except (psycopg.OperationalError, psycopg.InterfaceError) as e:
                log.error("append failed: %s", type(e).__name__)
                _fail(part, Unavailable())
            except Exception as e:
                # The text of a database error can hold values: only its class is logged.
                log.error("append rejected: %s", type(e).__name__)
                await self._append_singly(part)

    async def _append(self, batch: list[_Waiting]) -> None:
        """One transaction; where its connection was lost, once more on a new one.

        Whether the lost transaction was committed is asked by command id: the second run waits for the ordering
        lock, so it finds what the first left behind, answers with it, and appends the rest.
        """
        try:
            await self._transaction(batch)
        except psycopg.errors.LockNotAvailable:
            raise
        except (psycopg.OperationalError, psycopg.InterfaceError) as e:
            log.warning("connection lost during an append (%s): looking again", type(e).__name__)
            await self._transaction([w for w in batch if not w.answer.done()])

    async def _append_singly(self, batch: list[_Waiting]) -> None:
        """Each in a transaction of its own, so that what the database does not take fails only its caller."""
        for w in batch:
            if w.answer.done():
                continue
            try:
                await self._append([w])
            except (psycopg.OperationalError, psycopg.InterfaceError):
                _answer(w, Unavailable())
            except Exception as e:
                _answer(w, Rejected(type(e).__name__))

    def _close(self, batch: list[_Waiting]) -> None:
        """Make the keys, on disk before the facts; seal and serialise. Knows versions, not yet positions."""
        try:
            keys = self.keys.ensure({subject for w in batch for subject in w.subjects})
        except KeyStoreError as e:
            log.error("the key store does not answer: %s", type(e).__name__)
            for w in batch:
                if w.subjects:
                    w.refused = Unavailable()
            return
        for w in batch:
            if not w.subjects:
                continue
            if any(subject not in keys for subject in w.subjects):
                w.refused = KeyDestroyed()
                continue
            try:
                w.rows = self._rows(w, keys)
            except KeyStoreError as e:
                log.error("a text could not be sealed: %s", type(e).__name__)
                w.refused = Unavailable()
            except Exception as e:
                w.refused = e

    def _rows(self, waiting: _Waiting, keys: Mapping[str, str]) -> list[EntryRow]:
        """The rows of one caller's facts, but for position and time."""
        rows: list[EntryRow] = []
        around = None if waiting.stamp.paper else plain(waiting.stamp)  # with a paper: sealed anew at each place
        for stream, written in waiting.writes.items():
            for version, (fact, texts) in enumerate(written, start=waiting.expected.get(stream, 0) + 1):
                boxes = {
                    path: plain(
                        self.keys.seal(secret, keys[subject_of(seal, stream)], f"{stream}|{version}|{fact.kind}|{path}")
                    )
                    for path, seal, secret in texts
                }
                body = _body(stream, fact, around or plain(waiting.stamp, boxes, "/stamp"), boxes)
                rows.append(EntryRow(stream, version, fact.kind, waiting.command, len(rows), body))
        return rows

    async def _transaction(self, batch: list[_Waiting]) -> None:
        """Append a batch in one transaction. Where it does not end well its connection is dropped."""
        if not batch:
            return
        connection = await self._connected()
        try:
            decided = await self._in_order(connection, batch)
        except BaseException:
            await self._drop_connection()
            raise
        self._clock_seen, self._clock_behind = decided.standing.clock, decided.behind
        self.batches.note(len(batch))
        self.conflicts += sum(isinstance(result, Conflict) for _, result in decided.results)
        if len(self._moved) > _CACHED_STREAMS:
            self._moved.clear()  # whoever then decides by what has moved gets a conflict, and looks again
        self._moved.update(
            stream for w, result in decided.results if isinstance(result, Answered) for stream in w.writes
        )
        for w, result in decided.results:
            _answer(w, result)

    async def _in_order(self, connection: psycopg.AsyncConnection[TupleRow], batch: list[_Waiting]) -> _Decided:
        """Look where the ledger stands, decide who is taken, insert: two journeys to the server.

        Where nobody else writes, that is all: the rows go in at the position that was looked at, or, where another
        process has taken it meanwhile, not at all, for the database refuses them (ADR 3). Nothing that the decision
        rests on can then have moved. Where others write, all of it is done with the ordering lock in hand.
        """
        if time.monotonic() >= self._others_until:
            decided = self._decide(batch, await self._look(connection, batch))
            try:
                await self._insert(connection, decided)
            except psycopg.IntegrityError:
                self._others_until = time.monotonic() + _OTHERS_SECONDS
            else:
                return decided
        async with connection.pipeline():
            await connection.execute("BEGIN")
            await connection.execute("SELECT pg_advisory_xact_lock(%s)", (ORDERING_LOCK,), prepare=True)
            decided = self._decide(batch, await self._look(connection, batch))
            await self._insert(connection, decided)
            ended = await connection.execute("COMMIT")
        if ended.statusmessage != "COMMIT":
            raise psycopg.OperationalError("not committed")
        return decided

    @staticmethod
    async def _look(connection: psycopg.AsyncConnection[TupleRow], batch: list[_Waiting]) -> _Standing:
        streams = list({s for w in batch for s in (*w.expected, *w.at_end)})
        asked = {"streams": streams, "commands": [w.command for w in batch]}
        row = await (await connection.execute(STANDING, asked, prepare=True)).fetchone()
        if row is None:
            raise psycopg.InternalError("no answer")
        clock, position, last, versions, known = row
        answered: dict[UUID, Answered] = {}
        if known:  # sent again, or their answer was lost
            answers = await connection.execute(FIRST_ANSWERS, (known,), prepare=True)
            answered = _first_answers(await answers.fetchall())
        return _Standing(clock, position or 0, last, dict(zip(streams, versions, strict=True)), answered)

    def _decide(self, batch: list[_Waiting], standing: _Standing) -> _Decided:
        """What goes into the ledger, and what each caller is told once it is there."""
        rows, behind = self._note_clock(standing.clock, standing.last)
        current, answered = standing.versions, standing.answered
        results: list[tuple[_Waiting, Answered | Exception]] = []
        for w in batch:
            if w.answer.done():
                continue  # has gone away while we waited
            if w.command in answered:
                results.append((w, answered[w.command]._replace(first=False)))
            elif w.refused:
                results.append((w, w.refused))
            elif any(current[stream] != version for stream, version in w.expected.items()):
                results.append((w, Conflict()))
            else:
                rows += _at_the_end(w, current) if w.at_end else w.rows
                for stream, written in w.writes.items():
                    current[stream] += len(written)
                answered[w.command] = Answered(standing.position + len(rows), w.stamp.command, True)
                results.append((w, answered[w.command]))
        return _Decided(standing, rows, results, behind)

    async def _insert(self, connection: psycopg.AsyncConnection[TupleRow], decided: _Decided) -> None:
        if not decided.rows:
            return
        clock, head, last = decided.standing[:3]
        # Nobody has written since the clock was looked at, or the database refuses this: as if under the lock.
        recorded_at = max(clock, last + timedelta(microseconds=1)) if last else clock
        sign = self._signer.sign if self._signer else None
        given = {
            "head": head,
            "recorded_at": recorded_at,
            "count": len(decided.rows),
            "signature": sign(self.writer, head + 1, recorded_at, decided.rows) if sign else None,
            "rows": json.dumps([row.described() for row in decided.rows]),
            "bodies": [row.body for row in decided.rows],
            "writer": self.writer,
        }
        await connection.execute(INSERT, given, prepare=True)

    def _note_clock(self, clock: datetime, last: datetime | None) -> tuple[list[EntryRow], bool]:
        """A step back of the database's clock is a fact of its own; `recorded_at` goes on rising.

        Noted when the clock shows less than this process has seen, and when it is found behind the last entry;
        once, however long it stays behind. The second value says whether it is behind.
        """
        behind = last is not None and clock < last
        stepped = self._clock_seen is not None and clock < self._clock_seen
        if not stepped and not (behind and not self._clock_behind):
            return [], behind
        before = max(seen for seen in (self._clock_seen, last) if seen is not None)
        log.warning("the database's clock stepped back by %s", before - clock)
        fact = ClockSteppedBack(observed=clock, last=before)
        command = uuid5(NAMESPACE, f"clock|{iso(clock)}|{iso(before)}|{self.writer}")
        stream = derived_id("clock", str(command))
        stamp = system_stamp("ledger", "ClockSteppedBack", command, clock)
        return [EntryRow(stream, 1, fact.kind, command, 0, _body(stream, fact, plain(stamp), {}))], behind

    async def _connected(self) -> psycopg.AsyncConnection[TupleRow]:
        if self._connection is None or self._connection.closed:
            connection = await psycopg.AsyncConnection.connect(
                self._conninfo,
                autocommit=True,
                application_name="xuncha-ledger-write",
                connect_timeout=5,
                # A server that vanished without a word is noticed within seconds, not hours.
                keepalives_idle=5,
                keepalives_interval=2,
                keepalives_count=3,
                tcp_user_timeout=10_000,
            )
            try:
                await connection.execute(WRITER_SETTINGS)
                off = await (await connection.execute(NOT_DURABLE)).fetchall()
                if off:
                    log.critical("the server runs with %s=off: nothing is written", off[0][0])
                    raise psycopg.OperationalError("the server could lose what it acknowledged")
            except BaseException:
                await connection.close()
                raise
            self._connection = connection
        return self._connection

    async def _drop_connection(self) -> None:
        connection, self._connection = self._connection, None
        if connection:
            with contextlib.suppress(Exception):
                await connection.close()


async def still_there(connection: psycopg.AsyncConnection[Any]) -> None:
    """Whether a connection of a pool can be given out: it is asked only where there is something unread on it.

    A session that ended leaves its last word, or the end of the stream, there; one that lives says nothing unasked.
    To ask every time doubles what a statement costs. Raises psycopg.OperationalError where it is gone.
    """
    waiting = select.poll()
    waiting.register(connection.fileno(), select.POLLIN)
    if waiting.poll(0):
        await AsyncConnectionPool.check_connection(connection)


async def _configure_reader(connection: psycopg.AsyncConnection[Any]) -> None:
    await connection.execute(SETTINGS)


def _at_the_end(waiting: _Waiting, current: Mapping[str, int]) -> list[EntryRow]:
    """The rows with the versions they get where they go to the end of a stream."""
    return [
        row._replace(version=row.version + current[row.stream]) if row.stream in waiting.at_end else row
        for row in waiting.rows
    ]


def _portions(batch: list[_Waiting]) -> Iterator[list[_Waiting]]:
    """A batch in parts of a size the database takes in one go."""
    part: list[_Waiting] = []
    size = 0
    for w in batch:
        adds = sum(len(row.body) for row in w.rows)
        if part and size + adds > _BATCH_BYTES:
            yield part
            part, size = [], 0
        part.append(w)
        size += adds
    if part:
        yield part


def system_stamp(process: str, name: str, command: UUID, now: datetime, **more: Any) -> Stamp:
    """The stamp of a fact no person recorded."""
    actor = f"system:{process}"
    return Stamp(
        recorder=actor,
        doer=actor,
        capacity="system",
        happened=Happened(precision=Precision.MINUTE, source=Source.LIVE, asserted_by=actor, at=now, on=day_of(now)),
        authenticated=Authenticated(method="system"),
        command=CommandStamp(id=command, name=name, digest="0" * 64),
        software=SOFTWARE,
        label=ClockSteppedBack.label,
        subjects=(),
        **more,
    )


def _body(stream: str, fact: Fact, around: dict[str, Any], boxes: Mapping[str, Any]) -> bytes:
    """Stamp and payload as they are stored and hashed."""
    payload = plain(fact, dict(boxes), "/payload")
    del payload["kind"]  # it stands in its own column
    subjects = sorted({stream, *ids_in(payload)})
    return canonical({"stamp": {**around, "label": str(fact.labelled()), "subjects": subjects}, "payload": payload})


def canonical(value: dict[str, Any]) -> bytes:
    """Canonical JSON (RFC 8785) of strings, integers, lists and objects with plain names.

    For these, the standard library's encoder writes the same bytes ten times as fast as the package does.
    Raises ValueError for an integer that not every reader of JSON can hold.
    """
    _check_stored_form(value)
    return _encode(value).encode()


_encode = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


def _check_stored_form(value: Any) -> None:
    kind = type(value)
    if kind is str:
        return
    if kind is dict:
        for name, item in value.items():
            if not name.isascii():
                raise ValueError("a name that is not plain")
            if type(item) is not str:
                _check_stored_form(item)
    elif kind is list:
        for item in value:
            _check_stored_form(item)
    elif kind is not int:
        raise ValueError("neither string nor integer")
    elif abs(value) >= 2**53:
        raise ValueError("an integer beyond 2^53")


def _first_answers(rows: Sequence[TupleRow]) -> dict[UUID, Answered]:
    found: dict[UUID, Answered] = {}
    for command, position, body in rows:
        if command not in found:
            stamp = CommandStamp.model_validate(json.loads(body)["stamp"]["command"])
            found[command] = Answered(position, stamp, False)
    return found


def _answer(waiting: _Waiting, result: Answered | Exception) -> None:
    if waiting.answer.done():
        return  # the caller has gone away
    if isinstance(result, Exception):
        waiting.answer.set_exception(result)
    else:
        waiting.answer.set_result(result)


def _fail(batch: Sequence[_Waiting], error: Exception) -> None:
    for waiting in batch:
        _answer(waiting, error)
