"""The ledger against everything that was ever signed over it."""

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import psycopg

from application.catalogue import changed_guards
from application.sealing.entries import COLUMNS, appends, other, unsigned
from application.sealing.errors import NotSealed, SealingError, older
from application.sealing.keys import SealKeys
from application.sealing.logs import (
    CHECKPOINT,
    Known,
    Logs,
    Restore,
    head_of,
    newest_in_table,
    number_of,
    read_logs,
    read_note,
)
from sealedlog.errors import SealedLogError, Unproven, Unsigned
from sealedlog.merkle import Range, leaf_hash
from sealedlog.notes import Checkpoint, VerifierKey, parse_note, verify_note
from sealedlog.tiles import WIDTH, TileLog
from sealedlog.witness import Behind, Client

_AT_ONCE = 2_000
_SAID = 3
_ASKED_TIMES = 3
_ASKED_AGAIN_SECONDS = 0.3


class Fault(NamedTuple):
    """The first thing that does not fit: at which position (0: nowhere in particular), and what."""

    position: int
    says: str


class Verified(NamedTuple):
    """What a check of the live ledger found: how much was read, how much of it is sealed, the first thing amiss."""

    entries: int
    sealed: int
    witnessed: tuple[str, ...]
    fault: Fault | None
    silent: tuple[str, ...] = ()
    """Witnesses that were asked and have said nothing."""


def verify_ledger(
    conninfo: str,
    folder: Path,
    origin: str,
    keys: SealKeys,
    outside: Sequence[bytes] = (),
    witnesses: Sequence[VerifierKey] = (),
    ask: Sequence[Client] = (),
) -> Verified:
    """Every entry computed anew and compared with everything that was ever signed over it.

    `outside` are checkpoints known from elsewhere: a backup, a letter; `ask` are witnesses to be asked now. What cannot
    be seen: entries changed before they were sealed by one who holds the writer's key, or taken away from the end; and
    anything, by one who holds all keys, where no witness has signed.
    """
    try:
        # What stands outside the database is read before the ledger is: it is written last, so all that it binds is
        # then there to be seen, also where the sealer goes on meanwhile.
        with psycopg.connect(conninfo, autocommit=True) as connection:
            if guards := changed_guards(connection):
                raise NotSealed("；".join(guards[:_SAID]))
            logs = read_logs(connection, folder, origin, keys)
            asked = [_ask(client, connection, logs) for client in ask]
        known = [*logs.kept(), *(Known(note, "--checkpoint") for note in outside)]
        with psycopg.connect(conninfo) as connection:
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            logs = read_logs(connection, folder, origin, keys)
            found = _Walk(connection, logs, known, [*witnesses, *(client.key for client in ask)]).all()
    except SealingError as e:
        return Verified(0, 0, (), Fault(0, str(e)))
    for answer in asked:
        if answer.seen > found.entries and not found.fault:
            found = found._replace(
                witnessed=(), fault=Fault(found.entries + 1, str(older(found.entries, answer.seen, answer.name)))
            )
    return found._replace(silent=tuple(answer.name for answer in asked if not answer.heard))


def check_restore(conninfo: str, folder: Path, origin: str, keys: SealKeys, note: bytes) -> Checkpoint:
    """The checkpoint of what a restore lost, if the ledger is what that log had sealed but for its end.

    Raises NotSealed where the note is not one of this ledger's logs, or the ledger is another history: then it is no
    loss that could be put on record.
    """
    with psycopg.connect(conninfo) as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        logs = read_logs(connection, folder, origin, keys)
        checkpoint = logs.believed(note, "CHECKPOINT")
        head = head_of(connection)
        if checkpoint.size > head:
            then = logs.and_then(Restore(head, checkpoint.origin, f"{origin}/restored", checkpoint))
            found = _Walk(connection, then, then.kept(), ()).all()
            if found.fault:
                raise NotSealed(found.fault.says)
    return checkpoint


class _Answer(NamedTuple):
    """What a witness says: how much it has seen, where that is more than it was shown."""

    name: str
    heard: bool
    seen: int = 0


def _ask(client: Client, connection: psycopg.Connection[Any], logs: Logs) -> _Answer:
    """Show a witness our newest checkpoint. Raises NotSealed where it has seen another history.

    The sealer may be ahead of what we have read: then we read again, and in the end the ledger, which is looked at
    afterwards, must at least be as long as what the witness has seen.
    """
    name, seen = client.key.name, 0
    for _ in range(_ASKED_TIMES):
        note = read_note(logs.place() / CHECKPOINT)
        known = [Known(note, CHECKPOINT)] if note else newest_in_table(connection, logs.current)
        if not known:
            return _Answer(name, False)
        try:
            client.cosign(parse_note(known[0].note), logs.tiles().consistency)
            return _Answer(name, True)
        except Behind as e:
            seen = e.theirs
            time.sleep(_ASKED_AGAIN_SECONDS)
        except Unproven as e:
            raise NotSealed(str(e)) from e
        except SealedLogError:  # it does not answer, or what it would be shown is not there any more
            return _Answer(name, False)
    return _Answer(name, True, seen)


class _Walk:
    """One pass over entries and checkpoints side by side, both in portions; whatever the size of the ledger."""

    def __init__(
        self,
        connection: psycopg.Connection[Any],
        logs: Logs,
        known: Sequence[Known],
        witnesses: Sequence[VerifierKey],
    ) -> None:
        self._connection, self._logs = connection, logs
        self._witnesses = [key.as_cosigner() for key in witnesses]
        self._rows: Counter[str] = Counter()
        self._sealed, self._by = 0, set[str]()
        self._bound = 0
        self._wanted: defaultdict[int, list[tuple[bytes, str]]] = defaultdict(list)
        self._numbers: list[tuple[int, str]] = []
        self._tiled = 0
        for note, where in known:
            checkpoint, bound = self._take(note, where)
            if bound:
                self._wanted[bound].append((checkpoint.root, where))
            if checkpoint.origin == logs.current:
                self._numbers.append((number_of(checkpoint), where))
                if where == str(logs.place() / CHECKPOINT):
                    self._tiled = checkpoint.size
        for size, root, where in logs.prefixes():
            self._wanted[size].append((root, where))

    def all(self) -> Verified:
        """Raises NotSealed naming the first that is not as it was signed."""
        try:
            read = self._entries()
        except psycopg.DataError as e:  # a time that is none, for one
            raise NotSealed(f"有内容无法读出 · something cannot be read: {type(e).__name__}") from e
        for number, where in self._numbers:
            # The newest may be in the folder or with a witness only: the sealer died before the table had it.
            if number > self._rows[self._logs.current] + 1:
                raise NotSealed(f"封存点表缺行，{where} 有第 {number} 个 · the table of checkpoints lacks some")
        if self._bound > read:
            return Verified(read, self._bound, (), Fault(read + 1, str(older(read, self._bound))))
        return Verified(read, self._sealed, tuple(sorted(self._by)), None)

    def _take(self, note: bytes, where: str) -> tuple[Checkpoint, int]:
        checkpoint = self._logs.believed(note, where)
        bound = self._logs.binds(checkpoint, where)
        self._bound = max(self._bound, bound)
        by = _witnessed(note, self._witnesses, where)
        if checkpoint.origin == self._logs.current:
            if checkpoint.size > self._sealed:
                self._sealed, self._by = checkpoint.size, set()
            if checkpoint.size == self._sealed:
                self._by |= by
        return checkpoint, bound

    def _table(self) -> Iterator[tuple[int, bytes, str]]:
        """The checkpoints of the table, in the order of what they bind; each log's are all there, by their number."""
        with self._connection.cursor("checkpoints") as cursor:
            cursor.itersize = _AT_ONCE
            cursor.execute("SELECT log, size, note FROM ledger.checkpoints ORDER BY size, log")
            for log, size, note in cursor:
                where = f"ledger.checkpoints {size}"
                checkpoint, bound = self._take(note.encode(), where)
                self._rows[log] += 1
                n = self._rows[log]
                if (log, size, n) != (checkpoint.origin, checkpoint.size, number_of(checkpoint)):
                    raise NotSealed(f"封存点 {n} 缺失或被换 · checkpoint {n} is missing or was replaced: {where}")
                if bound:
                    yield bound, checkpoint.root, where

    def _entries(self) -> int:
        """How many entries there are, all as they were signed."""
        grown = Range()
        table = self._table()
        coming = next(table, None)
        given = _in_bundles(self._logs.tiles(), self._tiled)
        with self._connection.cursor("verify") as cursor:
            cursor.itersize = _AT_ONCE
            cursor.execute(f"SELECT {COLUMNS} FROM ledger.entries ORDER BY position")
            for append in appends(cursor, self._logs.keys, 0):
                for one in append.leaves:
                    sealed = given(grown.size)
                    if sealed is not None and sealed != one:
                        raise other(grown.size + 1)
                    grown.append(leaf_hash(one))
                    signed = self._wanted.pop(grown.size, [])
                    while coming is not None and coming[0] == grown.size:
                        signed.append(coming[1:])
                        coming = next(table, None)
                    for root, where in signed:
                        if grown.root() != root:
                            raise NotSealed(
                                f"前 {grown.size} 条与 {where} 所签不同 · the first {grown.size} entries are not what "
                                f"was signed: {where}"
                            )
        for _ in table:  # what lies beyond the ledger's end was signed too
            pass
        if self._connection.execute("SELECT count(*) FROM ledger.entries").fetchone() != (grown.size,):
            raise unsigned(grown.size + 1)
        return grown.size


def _in_bundles(tiles: TileLog, size: int) -> Callable[[int], bytes | None]:
    """The leaves of a log's folder by index, one bundle in memory at a time.

    None beyond its size, and where the folder has lost them: the roots are compared all the same.
    """
    held: list[bytes] = []

    def leaf(index: int) -> bytes | None:
        nonlocal held
        if index >= size:
            return None
        if index % WIDTH == 0:
            try:
                held = tiles.leaves(index // WIDTH, size)
            except SealedLogError:
                held = []
        return held[index % WIDTH] if held else None

    return leaf


def _witnessed(note: bytes, witnesses: Sequence[VerifierKey], where: str) -> set[str]:
    """The known witnesses that signed a note. Raises NotSealed where a signature of one of them does not fit.

    One that was taken out cannot be told from one that was never given.
    """
    try:
        return {key.name for key in verify_note(parse_note(note), witnesses)}
    except Unsigned:
        return set()
    except SealedLogError as e:
        raise NotSealed(f"见证的签名被改动：{where} · a witness's signature was changed: {where}: {e}") from e
