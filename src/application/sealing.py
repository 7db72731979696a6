"""The sealer: the ledger's entries as blind leaves of a signed, witnessed log; and the check of one against the other.

It runs in a process and under a database role of its own, tails the ledger, and refuses to sign what does not continue
the newest checkpoint found anywhere: in its folder, in its table, with a witness (ADR 26, ADR 32).
"""

import logging
import os
import secrets
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from application.catalogue import changed_guards
from application.ledger import CHANNEL, EntryRow
from domain.keeping import LEDGER, LedgerRestored
from sealedlog.bundle import Claim, write_bundle
from sealedlog.errors import NotThere, SealedLogError, SignatureFailed, Unsigned
from sealedlog.leaf import Blinding, Opening, batch_statement, entry_digest, instant, leaf, opening
from sealedlog.merkle import Range, leaf_hash
from sealedlog.notes import Checkpoint, Note, Signer, VerifierKey, parse_note, verify, verify_note
from sealedlog.tiles import WIDTH, TileLog
from sealedlog.witness import Behind, Client, Unreachable

log = logging.getLogger("xuncha.seal")

SEALER_LOCK = 7239015802740  # the ledger and the shelf have theirs close by
CHECKPOINT = "checkpoint"
_AT_ONCE = 2_000
_LOOKED_AT = 4  # bundles of 256
_SAID = 3
_POLL_SECONDS = 0.2
_LONGEST_PAUSE_SECONDS = 30.0
_NUMBER = "xuncha.checkpoint "
"""An extension line: which of the log's checkpoints it is, from 1, so that one taken out of the table is missed."""
COLUMNS = "position, stream, version, kind, recorded_at, command, ordinal, body, writer, signature"


class SealingError(Exception):
    """It cannot be sealed; the message says what does not fit and what to do."""


def number_of(checkpoint: Checkpoint) -> int:
    """Which of the log's checkpoints it is, from 1. Raises NotSealed where it does not say."""
    for line in checkpoint.extensions:
        if line.startswith(_NUMBER) and line.removeprefix(_NUMBER).isdecimal():
            return int(line.removeprefix(_NUMBER))
    raise NotSealed(f"封存点没有编号 · the checkpoint has no number: {checkpoint.size}")


class NotSealed(SealingError):
    """What was sealed and what the ledger holds are not the same: nothing is signed until it is explained."""


# --- keys ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class SealKeys:
    """What is kept outside the database: the blinding secret, the writers' keys, the log's keys.

    Of several keys in a file the last one is new: a writer signs with it, and what older ones signed stays good. A
    checkpoint carries the signatures of all of the log's keys, so that whoever knows only the old one believes it
    until the old one is taken out.
    """

    blinding: Blinding
    writers: tuple[bytes, ...]
    logs: tuple[bytes, ...]

    def signer(self) -> "WriterSigner":
        return WriterSigner(self.blinding, self.writers[-1])

    def writer_keys(self) -> list[bytes]:
        """The public halves, the newest first."""
        return [_public(seed) for seed in reversed(self.writers)]

    def log_signers(self, name: str) -> list[Signer]:
        return [Signer(name, seed) for seed in self.logs]


FILES = ("blinding.key", "writer.key", "log.key")


def read_seal_keys(folder: Path, *, make: bool = False) -> SealKeys:
    """The keys of a folder; made where they are missing and `make` says so. Raises SealingError.

    Each file holds 64 hexadecimal characters a line, and is open to nobody else.
    """
    if make:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name in FILES:
            with suppress(FileExistsError):
                _write_new(folder / name, secrets.token_hex(32) + "\n")
    blinding, writers, logs = (_read_keys(folder / name) for name in FILES)
    if len(blinding) != 1:
        raise SealingError(
            f"盲化密钥只能有一个：换了它，旧叶就算不出来 · there is one blinding key only, or old leaves could not be "
            f"computed again: {folder / FILES[0]}"
        )
    return SealKeys(Blinding(blinding[0]), writers, logs)


def rotate(folder: Path, name: str) -> None:
    """Add a new key to `writer.key` or `log.key`; the older ones stay. Raises SealingError."""
    path = folder / name
    keys = [key.hex() for key in _read_keys(path)]
    scratch = path.with_suffix(".new")
    scratch.unlink(missing_ok=True)
    _write_new(scratch, "".join(f"{key}\n" for key in [*keys, secrets.token_hex(32)]))
    scratch.replace(path)
    _sync(folder)


def _read_keys(path: Path) -> tuple[bytes, ...]:
    try:
        if path.stat().st_mode & 0o077:
            raise SealingError(f"密钥文件他人可读：请 chmod 600 · the key is open to others, chmod 600: {path}")
        found = tuple(bytes.fromhex(line) for line in path.read_text(encoding="ascii").split())
    except OSError as e:
        raise SealingError(
            f"无法读取封存密钥，请先恢复备份 · a key of the seal cannot be read, restore its backup: {path}: "
            f"{e.strerror}"
        ) from e
    except ValueError:
        found = ()
    if not found or any(len(key) != 32 for key in found):
        raise SealingError(f"须每行 64 个十六进制字符 · must be 64 hexadecimal characters a line: {path}")
    return found


class WriterSigner:
    """Signs appends for the ledger."""

    def __init__(self, blinding: Blinding, seed: bytes) -> None:
        self._blinding = blinding
        self._private = Ed25519PrivateKey.from_private_bytes(seed)

    def sign(self, writer: str, first: int, recorded_at: datetime, rows: Sequence[EntryRow]) -> bytes:
        """The signature over all of these entries."""
        at = instant(recorded_at)
        leaves = [_leaf(self._blinding, first + n, row, at, writer) for n, row in enumerate(rows)]
        return self._private.sign(batch_statement(writer, first, leaves))


def _leaf(blinding: Blinding, position: int, row: EntryRow, at: str, writer: str) -> bytes:
    digest = entry_digest(
        stream=row.stream,
        version=row.version,
        kind=row.kind,
        command=str(row.command),
        ordinal=row.ordinal,
        body=row.body,
    )
    keys = blinding.of(row.stream)
    return leaf(keys, digest, version=row.version, position=position, recorded_at=at, writer=writer)


# --- the ledger as leaves --------------------------------------------------------------------------------------


class Fault(NamedTuple):
    """The first thing that does not fit: at which position (0: nowhere in particular), and what."""

    position: int
    says: str


class Append(NamedTuple):
    """The entries of one append: where they end, and their leaves."""

    last: int
    leaves: list[bytes]


def appends(rows: Iterable[tuple[Any, ...]], keys: SealKeys, after: int) -> Iterator[Append]:
    """Entries in order as whole appends, each with its writer's signature. Raises NotSealed naming the position.

    Entries after the last signature are not given: whoever reads a part has read into the midst of an append.
    """
    verifiers = keys.writer_keys()
    first, whose = after + 1, ""
    waiting: list[bytes] = []
    for stored in rows:
        position, *_, writer, signature = stored
        if position != first + len(waiting):
            raise _missing(first + len(waiting))
        if waiting and writer != whose:
            raise _unsigned(position - 1)
        whose = writer
        waiting.append(_leaf_of(keys, stored))
        if signature is not None:
            if not _signed(verifiers, bytes(signature), batch_statement(writer, first, waiting)):
                raise NotSealed(
                    f"位置 {first} 至 {position}：写入者签名不符，有改动 · positions {first} to {position}: the "
                    "writer's "
                    "signature does not fit, something was changed"
                )
            yield Append(position, waiting)
            first, waiting = position + 1, []


def _leaf_of(keys: SealKeys, stored: tuple[Any, ...]) -> bytes:
    """The leaf of an entry as it is stored. Raises NotSealed where no writer can have written it so."""
    position, stream, version, kind, recorded_at, command, ordinal, body, writer, _ = stored
    row = EntryRow(stream, version, kind, command, ordinal, bytes(body))
    try:
        return _leaf(keys.blinding, position, row, instant(recorded_at), writer)
    except UnicodeDecodeError:
        raise NotSealed(f"位置 {position}：内容不是文字 · position {position}: its content is no text") from None


def _same(keys: SealKeys, stored: tuple[Any, ...], sealed: bytes) -> None:
    """Raises NotSealed where an entry is not the one of this leaf."""
    if _leaf_of(keys, stored) != sealed:
        raise _other(stored[0])


def _other(position: int) -> NotSealed:
    return NotSealed(f"位置 {position}：与封存时不同 · position {position}: it is not what was sealed")


def _missing(position: int) -> NotSealed:
    return NotSealed(f"位置 {position} 缺失 · position {position} is missing")


def _unsigned(position: int) -> NotSealed:
    return NotSealed(f"位置 {position}：没有写入者签名 · position {position}: no writer has signed it")


def _signed(verifiers: Sequence[bytes], signature: bytes, statement: bytes) -> bool:
    for public in verifiers:
        with suppress(SignatureFailed):
            verify(public, signature, statement)
            return True
    return False


# --- sealing ---------------------------------------------------------------------------------------------------


def log_name(origin: str, restored: int) -> str:
    """The log's name: the origin; and a new one after each restore that lost what was sealed."""
    return origin if not restored else f"{origin}/restored-{restored}"


def current_log(conninfo: str, origin: str) -> str:
    """The name of the log the ledger is sealed in now."""
    with psycopg.connect(conninfo, autocommit=True) as connection:
        return log_name(origin, _restored(connection))


def log_folder(folder: Path, restored: int) -> Path:
    """Where the log of that name stands."""
    return folder / str(restored + 1)


class Sealer:
    """Seals one ledger: leaves, tiles, a signed checkpoint; in the folder, in the table, with the witnesses."""

    def __init__(
        self, conninfo: str, folder: Path, origin: str, keys: SealKeys, witnesses: Sequence[Client] = ()
    ) -> None:
        self._conninfo, self._folder, self._origin, self._keys = conninfo, folder, origin, keys
        self._witnesses = witnesses
        self.size = self._number = 0
        self._last = b""
        self._compared = ("", 0)

    def run(self, stop: threading.Event, on_ready: Callable[[], None] = lambda: None) -> None:
        """Follow the ledger until told to stop. Whatever does not fit is said again and again, and nothing signed."""
        pause = _POLL_SECONDS
        while not stop.is_set():
            try:
                with psycopg.connect(self._conninfo, autocommit=True, application_name="xuncha-seal") as connection:
                    if not _lead(connection, stop):
                        return
                    connection.execute(f"LISTEN {CHANNEL}")
                    self.begin(connection)
                    on_ready()
                    pause = _POLL_SECONDS
                    while not stop.is_set():
                        while self.step(connection):
                            pass
                        for _ in connection.notifies(timeout=_POLL_SECONDS, stop_after=1):
                            pass
            except (SealingError, SealedLogError) as e:
                log.critical("nothing is sealed: %s", e)
            except (psycopg.Error, OSError) as e:
                log.error("the sealer stopped (%s); trying again in %.1f s", type(e).__name__, pause)
            stop.wait(pause)
            pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)

    def begin(self, connection: psycopg.Connection[Any]) -> None:
        """Find the newest checkpoint anywhere, and go on from there. Raises NotSealed where the ledger does not."""
        restored = _restored(connection)
        self.name, place = log_name(self._origin, restored), log_folder(self._folder, restored)
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._log = TileLog(place)
        self._signers = self._keys.log_signers(self.name)
        known = [
            *_believed(_read_note(place / CHECKPOINT), self._signers, str(place / CHECKPOINT)),
            *_believed(_newest(connection, self.name), self._signers, "ledger.checkpoints"),
        ]
        head = _head(connection)  # last: another sealer that has just lost the lead may still be at its last one
        newest = max((each for each, _ in known), key=lambda each: each.size, default=None)
        if newest is not None and newest.size > head:
            raise _older(head, newest.size)
        self.size, self._number = (newest.size, number_of(newest)) if newest else (0, 0)
        if newest is not None:
            there = _leads_to(self._log, newest)
            if not there:
                log.warning("computing the tiles of %d entries anew", newest.size)
                self._hold_against(connection, newest, tiles=True)
            for checkpoint, where in known:
                if self._log.root(checkpoint.size) != checkpoint.root:
                    raise NotSealed(
                        f"{where} 与账本不是同一历史 · is another history than the ledger: {checkpoint.size}"
                    )
            if there and self._compared != (newest.origin, newest.size):
                self._hold_against(connection, newest, tiles=False)
            self._last = self._log.leaves((self.size - 1) // WIDTH, self.size)[-1]

    def step(self, connection: psycopg.Connection[Any]) -> int:
        """Seal what was appended since; how many entries. Raises NotSealed, or what a witness says against it.

        The last entry that was sealed is read again each time: an end cut off, also where others have grown in its
        place, is no ground to build on.
        """
        at_once = _AT_ONCE
        while True:
            rows = connection.execute(
                f"SELECT {COLUMNS} FROM ledger.entries WHERE position >= %s ORDER BY position LIMIT %s",
                (self.size, at_once + 1),
                prepare=True,
            ).fetchall()
            if self.size:
                if not rows or rows[0][0] != self.size:
                    head = _head(connection)
                    raise _older(head, self.size) if head < self.size else _missing(self.size)
                _same(self._keys, rows.pop(0), self._last)
            leaves = [one for append in appends(rows, self._keys, self.size) for one in append.leaves]
            if leaves or len(rows) < at_once:
                break
            at_once *= 2  # one append may be longer than what is read at once; its signature stands at its end
        if not leaves:
            if rows:
                raise _unsigned(rows[-1][0])
            return 0
        size, root = self._log.append(self.size, leaves)
        self._publish(connection, Checkpoint(self.name, size, root, (f"{_NUMBER}{self._number + 1}",)))
        if size // WIDTH != self.size // WIDTH:
            self._log.drop_partials(size)
        self.size, self._number, self._last = size, self._number + 1, leaves[-1]
        self._compared = (self.name, size)
        return len(leaves)

    def _publish(self, connection: psycopg.Connection[Any], checkpoint: Checkpoint) -> None:
        """Sign, ask the witnesses, then make it known. A witness that knows better is heard before anybody is told."""
        text = checkpoint.text
        note = Note(text, tuple(signer.sign(text) for signer in self._signers))
        for witness in self._witnesses:
            try:
                note = Note(text, (*note.signatures, witness.cosign(note, self._log.consistency)))
            except Unreachable as e:
                log.error("%s", e)
            except Behind as e:
                raise _older(checkpoint.size, e.theirs) from e
        try:
            connection.execute(
                "INSERT INTO ledger.checkpoints (log, size, note) VALUES (%s, %s, %s)",
                (self.name, checkpoint.size, note.encode().decode()),
                prepare=True,
            )
        except psycopg.errors.UniqueViolation:
            # Ours would have been the newest found at the start.
            raise NotSealed(
                "封存点表中此处已有另一行，不是本进程所写 · the table of checkpoints has a row here already, and it is "
                f"not ours: {checkpoint.size}"
            ) from None
        _store(self._log.folder / CHECKPOINT, note.encode())

    def _hold_against(self, connection: psycopg.Connection[Any], newest: Checkpoint, *, tiles: bool) -> None:
        """What was sealed is computed anew from the entries themselves, and must give the root that was signed.

        Once in the life of a process: afterwards it has seen every entry, and `step` looks whether the end stands.
        `tiles` where the folder is not there, as after a restore: they are made on the way. Raises NotSealed.
        """
        size, grown = 0, Range()
        batch: list[bytes] = []
        with connection.transaction(), connection.cursor("again") as cursor:
            cursor.itersize = _AT_ONCE
            cursor.execute(
                f"SELECT {COLUMNS} FROM ledger.entries WHERE position <= %s ORDER BY position", (newest.size,)
            )
            for append in appends(cursor, self._keys, 0):
                for one in append.leaves:
                    grown.append(leaf_hash(one))
                if tiles:
                    batch += append.leaves
                if len(batch) >= _AT_ONCE:
                    size, _ = self._log.append(size, batch)
                    batch = []
        if batch:
            self._log.append(size, batch)
        if (grown.size, grown.root()) != (newest.size, newest.root):
            raise NotSealed(
                f"账本前 {newest.size} 条与封存时不同，请运行 xuncha verify · the first {newest.size} entries are not "
                "what was sealed, run xuncha verify"
            )
        self._compared = (newest.origin, newest.size)


def refuse_an_older_ledger(conninfo: str, folder: Path, origin: str, keys: SealKeys) -> None:
    """Raises NotSealed where the ledger holds less than was sealed, or something else at its sealed end.

    Whoever serves must be up soon: only the newest thousand are computed anew here, which shows a ledger that was put
    back and has grown on. All of them are by the sealer at its start, and by `verify_ledger`.
    """
    with psycopg.connect(conninfo, autocommit=True) as connection:
        restored = _restored(connection)
        path = log_folder(folder, restored) / CHECKPOINT
        # The note first: what is sealed while we look stands in the ledger that is looked at afterwards.
        note = _read_note(path)
        head = _head(connection)
        for checkpoint, _ in _believed(note, keys.log_signers(log_name(origin, restored)), str(path)):
            if checkpoint.size > head:
                raise _older(head, checkpoint.size)
            _same_end(connection, keys, TileLog(path.parent), checkpoint)


def _leads_to(tiles: TileLog, checkpoint: Checkpoint) -> bool:
    """Whether the folder has the tiles of a checkpoint. Raises NotSealed where they are others."""
    try:
        same = tiles.root(checkpoint.size) == checkpoint.root
    except NotThere:
        return False
    if not same:
        raise NotSealed(f"日志文件夹与检查点不符 · the log's folder does not lead to its checkpoint: {tiles.folder}")
    return True


def _same_end(connection: psycopg.Connection[Any], keys: SealKeys, tiles: TileLog, checkpoint: Checkpoint) -> None:
    """Raises NotSealed where the newest sealed entries are not those of the log. Without its tiles nothing is said."""
    if not _leads_to(tiles, checkpoint):
        return
    bundles = -(-checkpoint.size // WIDTH)
    for index in range(max(0, bundles - _LOOKED_AT), bundles):
        leaves = _leaves(tiles, index, checkpoint.size)
        rows = connection.execute(
            f"SELECT {COLUMNS} FROM ledger.entries WHERE position > %s ORDER BY position LIMIT %s",
            (index * WIDTH, len(leaves)),
        ).fetchall()
        for position, (row, sealed) in enumerate(zip(rows, leaves, strict=True), index * WIDTH + 1):
            if row[0] != position:
                raise _missing(position)
            _same(keys, row, sealed)


def _older(head: int, sealed: int) -> NotSealed:
    return NotSealed(
        f"账本只有 {head} 条，而已封存至第 {sealed} 条：恢复了旧备份，或者末尾被删。查明之前不封存；如确系恢复旧备份，"
        f"由主任决定并记入账本：xuncha restored · the ledger has {head} entries, {sealed} were sealed: an old backup "
        "was "
        "restored, or its end was removed. Nothing is sealed until it is explained; where it is a restore, the "
        "director "
        "decides and puts it on record: xuncha restored"
    )


def _believed(note: bytes | None, signers: Sequence[Signer], where: str) -> Iterator[tuple[Checkpoint, str]]:
    """The checkpoint of a note that our log signed. Raises NotSealed for any other."""
    if note is None:
        return
    try:
        found = parse_note(note)
        verify_note(found, [signer.key for signer in signers])
        checkpoint = Checkpoint.parse(found.text)
        if checkpoint.origin != signers[0].key.name:
            raise Unsigned("另一日志的检查点 · the checkpoint of another log")
    except SealedLogError as e:
        raise NotSealed(f"检查点不是本日志所签：{where} · the checkpoint was not signed by this log: {e}") from e
    yield checkpoint, where


def _restored(connection: psycopg.Connection[Any]) -> int:
    row = connection.execute(
        "SELECT count(*) FROM ledger.entries WHERE stream = %s AND kind = %s",
        (LEDGER, LedgerRestored.model_fields["kind"].default),
    ).fetchone()
    return int(row[0]) if row else 0


def _head(connection: psycopg.Connection[Any]) -> int:
    row = connection.execute("SELECT coalesce(max(position), 0) FROM ledger.entries").fetchone()
    return int(row[0]) if row else 0


def _newest(connection: psycopg.Connection[Any], name: str) -> bytes | None:
    row = connection.execute(
        "SELECT note FROM ledger.checkpoints WHERE log = %s ORDER BY size DESC LIMIT 1", (name,)
    ).fetchone()
    return row[0].encode() if row else None


def _lead(connection: psycopg.Connection[Any], stop: threading.Event) -> bool:
    """Wait until no other process seals; False when told to stop meanwhile."""
    while not stop.is_set():
        row = connection.execute("SELECT pg_try_advisory_lock(%s)", (SEALER_LOCK,)).fetchone()
        if row and row[0]:
            return True
        stop.wait(_POLL_SECONDS)
    return False


# --- checking --------------------------------------------------------------------------------------------------


class Verified(NamedTuple):
    """What a check of the live ledger found: how much was read, how much of it is sealed, the first thing amiss."""

    entries: int
    sealed: int
    witnessed: tuple[str, ...]
    fault: Fault | None


def verify_ledger(
    conninfo: str,
    folder: Path,
    origin: str,
    keys: SealKeys,
    outside: Sequence[bytes] = (),
    witnesses: Sequence[VerifierKey] = (),
) -> Verified:
    """Every entry computed anew and compared with everything that was ever signed over it.

    `outside` are checkpoints known from elsewhere: a witness, a backup, a letter. What cannot be seen: entries changed
    before they were sealed by one who holds the writer's key; and anything, by one who holds all keys, where no witness
    has signed.
    """
    # The folder's checkpoint is read before the ledger is: it is written last, so all that it binds is then there to be
    # seen, also where the sealer goes on meanwhile.
    with psycopg.connect(conninfo, autocommit=True) as connection:
        before = log_folder(folder, _restored(connection))
        guards = changed_guards(connection)
    kept = _read_note(before / CHECKPOINT)
    with psycopg.connect(conninfo) as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        restored = _restored(connection)
        name, place = log_name(origin, restored), log_folder(folder, restored)
        if place != before:  # a restore was put on record at this very moment: its log is too young to say anything
            kept = None
        signers = keys.log_signers(name)
        try:
            if guards:
                raise NotSealed("；".join(guards[:_SAID]))
            rows = connection.execute(
                "SELECT note, size FROM ledger.checkpoints WHERE log = %s ORDER BY size", (name,)
            ).fetchall()
            given = [(note.encode(), f"ledger.checkpoints {size}") for note, size in rows]
            given += [(kept, str(place / CHECKPOINT))] if kept else []
            given += [(note, "--checkpoint") for note in outside]
            signed = [known for note, where in given for known in _believed(note, signers, where)]
            witnessed = [_witnessed(note, witnesses, where) for note, where in given]
            _all_kept([size for _, size in rows], signed)
            read = _compare(connection, keys, signed, TileLog(place) if kept else None)
        except SealingError as e:
            return Verified(0, 0, (), Fault(0, str(e)))
        sealed = max((checkpoint.size for checkpoint, _ in signed), default=0)
        if sealed > read:
            return Verified(read, sealed, (), Fault(read + 1, str(_older(read, sealed))))
        newest = zip(signed, witnessed, strict=True)
        names = {name for (checkpoint, _), by in newest if checkpoint.size == sealed for name in by}
        return Verified(read, sealed, tuple(sorted(names)), None)


def _all_kept(sizes: Sequence[int], signed: Sequence[tuple[Checkpoint, str]]) -> None:
    """The table has every checkpoint that was ever signed, each under its size. Raises NotSealed."""
    for n, (size, (checkpoint, where)) in enumerate(zip(sizes, signed, strict=False), 1):
        if (size, n) != (checkpoint.size, number_of(checkpoint)):
            raise NotSealed(f"封存点 {n} 缺失或被换 · checkpoint {n} is missing or was replaced: {where}")
    for checkpoint, where in signed[len(sizes) :]:
        # The newest may be in the folder or with a witness only: the sealer died before the table had it.
        if number_of(checkpoint) > len(sizes) + 1:
            raise NotSealed(
                f"封存点表缺行，{where} 有第 {number_of(checkpoint)} 个 · the table of checkpoints lacks some"
            )


def _compare(
    connection: psycopg.Connection[Any],
    keys: SealKeys,
    signed: Sequence[tuple[Checkpoint, str]],
    tiles: TileLog | None,
) -> int:
    """How many entries there are, all as they were signed. Raises NotSealed naming the first that is not."""
    wanted: dict[int, list[tuple[bytes, str]]] = {}
    for checkpoint, where in signed:
        wanted.setdefault(checkpoint.size, []).append((checkpoint.root, where))
    sealed = max(wanted, default=0)
    grown = Range()
    known: list[bytes] = []
    with connection.cursor("verify") as cursor:
        cursor.itersize = _AT_ONCE
        cursor.execute(f"SELECT {COLUMNS} FROM ledger.entries ORDER BY position")
        for append in appends(cursor, keys, 0):
            for one in append.leaves:
                position = grown.size + 1
                if tiles is not None and position <= sealed:
                    if grown.size % WIDTH == 0:
                        known = _leaves(tiles, grown.size // WIDTH, sealed)
                    if known and known[grown.size % WIDTH] != one:
                        raise _other(position)
                grown.append(leaf_hash(one))
                for root, where in wanted.get(grown.size, ()):
                    if grown.root() != root:
                        raise NotSealed(
                            f"前 {grown.size} 条与 {where} 所签不同 · the first {grown.size} entries are not what was "
                            f"signed: {where}"
                        )
    row = connection.execute("SELECT count(*) FROM ledger.entries").fetchone()
    if row != (grown.size,):
        raise _unsigned(grown.size + 1)
    return grown.size


def _leaves(tiles: TileLog, index: int, size: int) -> list[bytes]:
    """The leaves of a bundle, or none where the folder has lost it: the roots are compared all the same."""
    try:
        return tiles.leaves(index, size)
    except SealedLogError:
        return []


def _witnessed(note: bytes, witnesses: Sequence[VerifierKey], where: str) -> tuple[str, ...]:
    """The known witnesses that signed a note. Raises NotSealed where a signature of one of them does not fit.

    One that was taken out cannot be told from one that was never given.
    """
    try:
        return tuple(key.name for key in verify_note(parse_note(note), [w.as_cosigner() for w in witnesses]))
    except Unsigned:
        return ()
    except SealedLogError as e:
        raise NotSealed(f"见证的签名被改动：{where} · a witness's signature was changed: {where}: {e}") from e


# --- handing over ----------------------------------------------------------------------------------------------


def export(
    conninfo: str, folder: Path, origin: str, keys: SealKeys, streams: Sequence[str], to: Path
) -> tuple[int, int]:
    """Hand over these streams whole, each entry opened and proven, none left out; how many entries, sealed up to where.

    What was sealed is what can be proven: entries after the newest checkpoint are not in it. Raises SealingError where
    nothing is sealed yet, or a stream is not there.
    """
    with psycopg.connect(conninfo) as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        restored = _restored(connection)
        name, place = log_name(origin, restored), log_folder(folder, restored)
        signers = keys.log_signers(name)
        note = _read_note(place / CHECKPOINT)
        sealed = next((checkpoint.size for checkpoint, _ in _believed(note, signers, str(place / CHECKPOINT))), 0)
        if note is None:
            raise SealingError("尚未封存，无从证明 · nothing is sealed yet, nothing can be proven: xuncha seal")
        openings = []
        for stream in dict.fromkeys(streams):
            rows = connection.execute(
                f"SELECT {COLUMNS} FROM ledger.entries WHERE stream = %s AND position <= %s ORDER BY position",
                (stream, sealed),
            ).fetchall()
            if not rows:
                raise SealingError(f"没有这个流，或者尚未封存 · no such stream, or it is not sealed yet: {stream}")
            openings += [_opened(keys.blinding, row) for row in rows]
    claims = [Claim(stream, 1, sealed, keys.blinding.of(stream).tag) for stream in dict.fromkeys(streams)]
    write_bundle(to, log=TileLog(place), checkpoint=note, signer=signers[-1], openings=openings, claims=claims)
    return len(openings), sealed


def _opened(blinding: Blinding, row: tuple[Any, ...]) -> Opening:
    position, stream, version, kind, recorded_at, command, ordinal, body, writer, _ = row
    return opening(
        blinding.of(stream),
        stream=stream,
        version=version,
        kind=kind,
        command=str(command),
        ordinal=ordinal,
        body=bytes(body),
        position=position,
        recorded_at=instant(recorded_at),
        writer=writer,
    )


# --- files -----------------------------------------------------------------------------------------------------


def _public(seed: bytes) -> bytes:
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


def _read_note(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _store(path: Path, data: bytes) -> None:
    scratch = path.with_name(f".{path.name}.new")
    with scratch.open("wb") as f:
        f.write(data)
        f.flush()
        os.fsync(f.fileno())
    scratch.replace(path)
    _sync(path.parent)


def _write_new(path: Path, text: str) -> None:
    with os.fdopen(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600), "w") as f:
        f.write(text)
        f.flush()
        os.fsync(f.fileno())
    _sync(path.parent)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
