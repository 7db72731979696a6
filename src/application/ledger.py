"""The only writer: facts of many callers in one transaction, in one total order, sealed and stamped.

`append` is one async door. Callers queue; one task per process takes what waits, and commits it together under
the ordering lock. Each caller is answered after its own facts are durable, and one caller's conflict fails only
that caller (ADR 3).
"""

import asyncio
import contextlib
import json
import logging
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple, TypeAlias, TypeVar
from uuid import UUID, uuid4, uuid5

import psycopg
import rfc8785
from psycopg.rows import TupleRow
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from application import SOFTWARE
from application.seals import KeyStore, subject_of
from domain.facts import ClockSteppedBack, decode
from domain.kernel import (
    NAMESPACE,
    Aggregate,
    CommandStamp,
    Entry,
    Fact,
    Happened,
    Precision,
    Seal,
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
_QUEUE = 2_000
_CACHED_STREAMS = 20_000
_ANSWER_WITHIN = timedelta(seconds=20)

S = TypeVar("S")

HEAD = (
    "SELECT clock_timestamp(), (SELECT position FROM ledger.entries ORDER BY position DESC LIMIT 1),"
    " (SELECT recorded_at FROM ledger.entries ORDER BY position DESC LIMIT 1)"
)
VERSIONS = (
    "SELECT s, coalesce((SELECT max(version) FROM ledger.entries WHERE stream = s), 0) FROM unnest(%s::text[]) AS s"
)
FIRST_ANSWERS = (
    "SELECT command, max(position) OVER (PARTITION BY command), body FROM ledger.entries"
    " WHERE command = ANY(%s::uuid[]) ORDER BY command, ordinal"
)
INSERT = (
    "INSERT INTO ledger.entries (position, stream, version, kind, recorded_at, command, ordinal, body, writer)"
    " SELECT * FROM unnest(%s::bigint[], %s::text[], %s::bigint[], %s::text[], %s::timestamptz[], %s::uuid[],"
    " %s::int[], %s::bytea[], %s::text[])"
)
ENTRY_COLUMNS = "position, stream, version, kind, recorded_at, command, ordinal, body"


_Row: TypeAlias = tuple[str, int, str, UUID, int, bytes]


class KeyDestroyed(Exception):
    """The key of this stream was destroyed: nothing more can be written there."""


class Conflict(Exception):
    """Another stream moved first: read again and decide again."""


class Unavailable(Exception):
    """The ledger cannot be reached; it may or may not have taken the command. Send it again unchanged."""


class Answered(NamedTuple):
    """The first answer to a command: where it stands, what was asked, and by what content."""

    position: int
    stamp: CommandStamp
    first: bool
    """True for the call that appended it, False for a resend."""


@dataclass(slots=True)
class _Waiting:
    """One caller's append, on its way through a batch."""

    command: UUID
    stamp: Stamp
    writes: Mapping[str, Sequence[Fact]]
    expected: Mapping[str, int]
    answer: "asyncio.Future[Answered]"
    rows: list[_Row] = field(default_factory=list)
    refused: Exception | None = None


class Ledger:
    """Reads streams and appends facts. One per process; `start` before use, `stop` after."""

    def __init__(self, conninfo: str, keys: KeyStore, *, readers: int = 8) -> None:
        self._conninfo = conninfo
        self.keys = keys
        self.writer = f"writer:{uuid4()}"
        self._queue: asyncio.Queue[_Waiting] = asyncio.Queue(_QUEUE)
        self._pool = AsyncConnectionPool(
            conninfo,
            min_size=1,
            max_size=readers,
            open=False,
            timeout=5,
            kwargs={"autocommit": True, "application_name": "xuncha-ledger-read"},
            check=AsyncConnectionPool.check_connection,
        )
        self._task: asyncio.Task[None] | None = None
        self._connection: psycopg.AsyncConnection[TupleRow] | None = None
        self._clock_seen: datetime | None = None
        self._states: OrderedDict[str, tuple[int, Any]] = OrderedDict()

    async def start(self) -> None:
        await self._pool.open()
        self._task = asyncio.create_task(self._write_batches(), name="ledger-writer")

    async def stop(self) -> None:
        if self._task:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        if self._connection:
            await self._connection.close()
        await self._pool.close()

    # --- reading ---------------------------------------------------------------------------------------------

    async def load(self, aggregate: Aggregate[S], stream: str) -> tuple[S | None, int]:
        """The state of a stream and its version; (None, 0) where there is none.

        What was read before is kept; only what was added since is read again, so the answer is always current.
        """
        version, state = self._states.get(stream, (0, None))
        rows = await self._fetch(
            f"SELECT {ENTRY_COLUMNS} FROM ledger.entries WHERE stream = %s AND version > %s ORDER BY version",
            (stream, version),
        )
        for row in rows:
            entry = decode(*row)
            state, version = aggregate.evolve(state, entry.fact), entry.version
        if version:
            self._states[stream] = (version, state)
            self._states.move_to_end(stream)
            while len(self._states) > _CACHED_STREAMS:
                self._states.popitem(last=False)
        return state, version

    async def entries(self, stream: str) -> list[Entry[Fact]]:
        """Every entry of a stream, in order."""
        rows = await self._fetch(
            f"SELECT {ENTRY_COLUMNS} FROM ledger.entries WHERE stream = %s ORDER BY version", (stream,)
        )
        return [decode(*row) for row in rows]

    async def answered(self, command: UUID) -> Answered | None:
        """The first answer to a command, if the ledger has taken it."""
        return _first_answers(await self._fetch(FIRST_ANSWERS, ([command],))).get(command)

    async def head(self) -> int:
        """The last position; 0 for an empty ledger."""
        rows = await self._fetch("SELECT coalesce(max(position), 0) FROM ledger.entries", ())
        return int(rows[0][0])

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
        writes: Mapping[str, tuple[int, Sequence[Fact]]],
        reads: Mapping[str, int] | None = None,
    ) -> Answered:
        """Append facts to several streams, all or nothing, once per command id.

        `writes` maps a stream to the version it was read at and the facts to add; `reads` maps further streams to
        the version the decision rests on. `stamp` is completed per fact with label and subjects.

        Raises Conflict when a stream has moved, Unavailable when the database or the queue does not answer.
        """
        expected = {**(reads or {}), **{stream: version for stream, (version, _) in writes.items()}}
        waiting = _Waiting(
            command,
            stamp,
            {stream: facts for stream, (_, facts) in writes.items()},
            expected,
            asyncio.get_running_loop().create_future(),
        )
        try:
            self._queue.put_nowait(waiting)
        except asyncio.QueueFull:
            raise Unavailable from None
        try:
            return await asyncio.wait_for(waiting.answer, _ANSWER_WITHIN.total_seconds())
        except TimeoutError:
            raise Unavailable from None

    async def _write_batches(self) -> None:
        """Take what waits, commit it, answer; for as long as the process lives."""
        while True:
            batch = [await self._queue.get()]
            while len(batch) < _BATCH and not self._queue.empty():
                batch.append(self._queue.get_nowait())
            try:
                await self._commit(batch)
            except asyncio.CancelledError:
                _fail(batch, Unavailable())
                raise
            except Exception as e:
                # The text of a database error can hold values: only its class is logged.
                log.error("append failed: %s", type(e).__name__)
                _fail(batch, Unavailable())

    async def _commit(self, batch: list[_Waiting]) -> None:
        try:
            await asyncio.to_thread(self._close, batch)
            await self._transaction(batch)
        except (psycopg.OperationalError, psycopg.InterfaceError) as e:
            log.warning("connection lost during an append (%s): looking again", type(e).__name__)
            await self._drop_connection()
            # Whether the lost transaction was committed is asked by command id: the second run finds what is
            # durable and answers with it, and appends the rest.
            await self._transaction([w for w in batch if not w.answer.done()])

    def _close(self, batch: list[_Waiting]) -> None:
        """Make the keys, on disk before the facts; seal and serialise. Knows versions, not yet positions."""
        subjects = {
            subject_of(seal, stream)
            for w in batch
            for stream, facts in w.writes.items()
            for seal in _seals_in(facts, w.stamp)
        }
        keys = self.keys.ensure(subjects) if subjects else {}
        for w in batch:
            ordinal = 0
            w.rows.clear()
            for stream, facts in w.writes.items():
                if any(subject_of(seal, stream) not in keys for seal in _seals_in(facts, w.stamp)):
                    w.refused = KeyDestroyed(stream)
                    break
                for version, fact in enumerate(facts, start=w.expected[stream] + 1):
                    body = self._body(stream, version, fact, w.stamp, keys)
                    w.rows.append((stream, version, fact.kind, w.command, ordinal, body))
                    ordinal += 1

    def _body(self, stream: str, version: int, fact: Fact, stamp: Stamp, keys: dict[str, str]) -> bytes:
        boxes = {}
        for part, value in (("stamp", stamp), ("payload", fact)):
            for path, seal, secret in secrets_of(value, f"/{part}"):
                where = f"{stream}|{version}|{fact.kind}|{path}"
                boxes[path] = plain(self.keys.seal(secret, keys[subject_of(seal, stream)], where))
        payload = plain(fact, boxes, "/payload")
        del payload["kind"]  # it stands in its own column
        subjects = sorted({stream, *ids_in(payload)})
        around = plain(stamp.model_copy(update={"label": fact.label, "subjects": tuple(subjects)}), boxes, "/stamp")
        return rfc8785.dumps({"stamp": around, "payload": payload})

    async def _transaction(self, batch: list[_Waiting]) -> None:
        connection = await self._connected()
        async with connection.transaction():
            async with connection.pipeline():
                await connection.execute("SELECT pg_advisory_xact_lock(%s)", (ORDERING_LOCK,), prepare=True)
                heads = await connection.execute(HEAD, prepare=True)
                answers = await connection.execute(FIRST_ANSWERS, ([w.command for w in batch],), prepare=True)
                versions = await connection.execute(
                    VERSIONS, (sorted({s for w in batch for s in w.expected}),), prepare=True
                )
                head = await heads.fetchone()
                answered = _first_answers(await answers.fetchall())
                current = {stream: version for stream, version in await versions.fetchall()}
            if head is None:
                raise psycopg.InternalError("no head")
            clock, position, last = head
            recorded_at = max(clock, last + timedelta(microseconds=1)) if last else clock
            rows = self._note_clock(clock, last, current)
            taken: list[tuple[_Waiting, Answered]] = []
            for w in batch:
                if w.command in answered:
                    taken.append((w, answered[w.command]._replace(first=False)))
                elif w.refused:
                    _answer(w, w.refused)
                elif any(current[stream] != version for stream, version in w.expected.items()):
                    _answer(w, Conflict())
                else:
                    rows += w.rows
                    for stream, facts in w.writes.items():
                        current[stream] += len(facts)
                    answered[w.command] = Answered((position or 0) + len(rows), w.stamp.command, True)
                    taken.append((w, answered[w.command]))
            if rows:
                await self._insert(connection, (position or 0) + 1, recorded_at, rows)
        for w, result in taken:
            _answer(w, result)

    async def _insert(
        self,
        connection: psycopg.AsyncConnection[TupleRow],
        first: int,
        recorded_at: datetime,
        rows: list[_Row],
    ) -> None:
        streams, versions, kinds, commands, ordinals, bodies = zip(*rows, strict=True)
        columns = (
            list(range(first, first + len(rows))),
            list(streams),
            list(versions),
            list(kinds),
            [recorded_at] * len(rows),
            list(commands),
            list(ordinals),
            list(bodies),
            [self.writer] * len(rows),
        )
        async with connection.pipeline():
            await connection.execute(INSERT, columns, prepare=True)
            # Under the ordering lock already, so NOTIFY's own global lock costs nobody more.
            await connection.execute(f"NOTIFY {CHANNEL}")

    def _note_clock(self, clock: datetime, last: datetime | None, current: dict[str, int]) -> list[_Row]:
        """A step back of the database's clock is a fact of its own; `recorded_at` goes on rising."""
        before = self._clock_seen or last
        self._clock_seen = clock
        if before is None or clock >= before:
            return []
        log.warning("the database's clock stepped back by %s", before - clock)
        fact = ClockSteppedBack(observed=clock, last=before)
        command = uuid5(NAMESPACE, f"clock|{iso(clock)}|{iso(before)}|{self.writer}")
        stream = derived_id("clock", str(command))
        stamp = system_stamp("ledger", "ClockSteppedBack", command, clock)
        return [(stream, 1, fact.kind, command, 0, self._body(stream, 1, fact, stamp, {}))]

    async def _connected(self) -> psycopg.AsyncConnection[TupleRow]:
        if self._connection is None or self._connection.closed:
            self._connection = await psycopg.AsyncConnection.connect(
                self._conninfo, autocommit=True, connect_timeout=5, application_name="xuncha-ledger-write"
            )
        return self._connection

    async def _drop_connection(self) -> None:
        if self._connection:
            with contextlib.suppress(Exception):
                await self._connection.close()
        self._connection = None


def system_stamp(process: str, name: str, command: UUID, now: datetime, **more: Any) -> Stamp:
    """The stamp of a fact no person recorded."""
    actor = f"system:{process}"
    return Stamp(
        recorder=actor,
        doer=actor,
        capacity="system",
        happened=Happened(precision=Precision.MINUTE, source=Source.LIVE, asserted_by=actor, at=now, on=day_of(now)),
        authenticated="system",
        command=CommandStamp(id=command, name=name, digest="0" * 64),
        software=SOFTWARE,
        label=ClockSteppedBack.label,
        subjects=(),
        **more,
    )


def _seals_in(facts: Sequence[Fact], stamp: Stamp) -> set[Seal]:
    return {seal for value in (*facts, stamp) for _, seal, _ in secrets_of(value)}


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
