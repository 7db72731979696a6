"""Which logs the ledger was sealed in, what they have signed, and how far each of them binds it (ADR 33, ADR 35)."""

import json
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import psycopg

from application.files import sync
from application.sealing.entries import COLUMNS, missing, same
from application.sealing.errors import NotSealed, older
from application.sealing.keys import SealKeys
from domain.keeping import LEDGER, ClockSteppedBack, LedgerRestored
from sealedlog.errors import NotThere, SealedLogError, Unsigned
from sealedlog.notes import Checkpoint, VerifierKey, parse_note, verify_note
from sealedlog.tiles import WIDTH, TileLog

CHECKPOINT = "checkpoint"
NUMBER = "xuncha.checkpoint "
"""An extension line: which of the log's checkpoints it is, from 1, so that one taken out of the table is missed."""
_HIGH_WATER = "newest"
_LOOKED_AT = 4  # bundles of 256
_RESTORED = re.compile("restored-[0-9a-f]{16}")
_RESTORED_KIND = LedgerRestored.model_fields["kind"].default
_CLOCK_KIND = ClockSteppedBack.model_fields["kind"].default


class Restore(NamedTuple):
    """A restore on record: after so many entries the ledger left the log `lost` and began the log `log`."""

    entries: int
    lost: str
    log: str
    checkpoint: Checkpoint
    """The newest that was known of the lost log."""


class Known(NamedTuple):
    """A signed note, and where it was found."""

    note: bytes
    where: str


class Logs:
    """The logs of one ledger: the origin's, and after each restore that lost what was sealed a new one."""

    def __init__(self, folder: Path, origin: str, keys: SealKeys, restores: tuple[Restore, ...]) -> None:
        self.folder, self.origin, self.keys, self.restores = folder, origin, keys, restores
        self.names = (origin, *(restore.log for restore in restores))
        self.current = self.names[-1]
        self._verifiers: dict[str, list[VerifierKey]] = {}

    def place(self, name: str = "") -> Path:
        """Where a log stands, by default the one the ledger is sealed in now."""
        name = name or self.current
        return self.folder / ("1" if name == self.origin else name.rpartition("/")[2])

    def tiles(self, name: str = "") -> TileLog:
        return TileLog(self.place(name))

    def kept(self) -> list[Known]:
        """What stands outside the database: the checkpoint in each log's folder, and the note beside the keys."""
        names = dict.fromkeys((*self.names, *(restore.lost for restore in self.restores)))
        paths = [*(self.place(name) / CHECKPOINT for name in names), high_water(self.keys)]
        return [Known(note, str(path)) for path in paths if (note := read_note(path)) is not None]

    def believed(self, note: bytes, where: str) -> Checkpoint:
        """The checkpoint of a note that one of our logs signed. Raises NotSealed for any other."""
        try:
            found = parse_note(note)
            checkpoint = Checkpoint.parse(found.text)
            name = checkpoint.origin
            if name != self.origin and not _RESTORED.fullmatch(name.removeprefix(f"{self.origin}/")):
                raise Unsigned("另一日志的检查点 · the checkpoint of another log")
            if name not in self._verifiers:
                self._verifiers[name] = self.keys.log_keys(name)
            verify_note(found, self._verifiers[name])
        except SealedLogError as e:
            raise NotSealed(f"检查点不是本日志所签：{where} · the checkpoint was not signed by this log: {e}") from e
        return checkpoint

    def binds(self, checkpoint: Checkpoint, where: str) -> int:
        """How many of the ledger's first entries a checkpoint is to be compared with; 0 where all it adds is lost.

        What is lost is on record: as much of that log as the record says, and no more. Raises NotSealed for what is
        not.
        """
        name, size = checkpoint.origin, checkpoint.size
        if name == self.current or not self.restores or size <= self.shared(name):
            return size
        admitted = [restore.checkpoint.size for restore in self.restores if restore.lost == name]
        if name not in self.names and not admitted:
            raise NotSealed(
                f"账本没有记载日志 {name}：{where}；同一备份恢复过两次，或者恢复的记载也已丢失；须以这个封存点记入账本"
                " · the ledger has no record of this log: one backup was restored twice, or the record of a restore "
                "was lost too; it is this checkpoint that must be put on record: xuncha restored"
            )
        if admitted and size > max(admitted):
            raise NotSealed(
                f"{name} 封存至第 {size} 条，而恢复的记载只认第 {max(admitted)} 条：{where}；请以这个封存点再运行 "
                f"xuncha restored · {size} were sealed, the record of the restore admits {max(admitted)}; put it on "
                "record with this checkpoint too: xuncha restored"
            )
        return 0

    def furthest(self, found: Iterable[Known]) -> int:
        """How many entries the ledger must have by these notes. Raises NotSealed for one that is not to be believed."""
        return max((self.binds(self.believed(note, where), where) for note, where in found), default=0)

    def shared(self, name: str) -> int:
        """How many first entries the ledger has in common with a log that it left."""
        if name in self.names:
            return self.restores[self.names.index(name)].entries
        # A log of a life the ledger does not remember: that life began from the backup of one of the restores.
        return next((restore.entries for restore in self.restores if restore.lost == name), self.restores[0].entries)

    def prefixes(self) -> Iterator[tuple[int, bytes, str]]:
        """Of each lost log whose tiles are still here: size and root of what the ledger has kept of it."""
        for restore in self.restores:
            log, shared = self.tiles(restore.lost), self.shared(restore.lost)
            try:
                if leads_to(log, restore.checkpoint):
                    yield shared, log.root(shared), str(log.folder)
            except NotThere:
                continue

    def and_then(self, restore: Restore) -> "Logs":
        """The same with a further restore."""
        return Logs(self.folder, self.origin, self.keys, (*self.restores, restore))


def read_logs(connection: psycopg.Connection[Any], folder: Path, origin: str, keys: SealKeys) -> Logs:
    """The logs as the ledger's own facts name them. Raises NotSealed for a record of a restore that does not hold.

    Whoever holds a writer's key can write such a fact; he cannot make the note it rests on, for that the log has
    signed, nor say that less is left than stands before it.
    """
    logs = Logs(folder, origin, keys, ())
    for position, body, before in connection.execute(
        "SELECT position, body, (SELECT kind FROM ledger.entries WHERE position = e.position - 1)"
        " FROM ledger.entries AS e WHERE stream = %s AND kind = %s ORDER BY position",
        (LEDGER, _RESTORED_KIND),
    ):
        where = f"位置 {position} · position {position}"
        wrong = f"恢复的记载不成立：{where} · the record of a restore does not hold"
        try:
            said = json.loads(bytes(body))["payload"]
            entries, sealed, lost, log, note = (
                said[name] for name in ("entries", "sealed", "lost", "log", "checkpoint")
            )
            checkpoint = logs.believed(note.encode(), where)
        except (ValueError, LookupError, TypeError, AttributeError) as e:
            raise NotSealed(f"{wrong}: {type(e).__name__}") from e
        # The clock's step back is written before the fact, in the same append.
        follows = position - entries == 1 or (position - entries == 2 and before == _CLOCK_KIND)
        if not (
            follows
            and (lost, sealed) == (checkpoint.origin, checkpoint.size)
            and entries < sealed
            and log not in (*logs.names, lost)
            and _RESTORED.fullmatch(log.removeprefix(f"{origin}/"))
        ):
            raise NotSealed(f"{wrong}: {lost}, {sealed}, {entries}, {log}")
        logs = logs.and_then(Restore(entries, lost, log, checkpoint))
    return logs


def current_logs(conninfo: str, folder: Path, origin: str, keys: SealKeys) -> Logs:
    """The logs of the ledger at this address."""
    with psycopg.connect(conninfo, autocommit=True) as connection:
        return read_logs(connection, folder, origin, keys)


def refuse_an_older_ledger(conninfo: str, folder: Path, origin: str, keys: SealKeys) -> None:
    """Raises NotSealed where the ledger holds less than was sealed, or something else at its sealed end.

    Whoever serves must be up soon: only the newest thousand are computed anew here, which shows a ledger that was put
    back and has grown on. All of them are by the sealer at its start, and by `verify_ledger`.
    """
    with psycopg.connect(conninfo, autocommit=True) as connection:
        logs = read_logs(connection, folder, origin, keys)
        # The notes first: what is sealed while we look stands in the ledger that is looked at afterwards.
        kept = logs.kept()
        head = head_of(connection)
        if (bound := logs.furthest(kept)) > head:
            raise older(head, bound)
        for note, where in kept:
            if where == str(logs.place() / CHECKPOINT):
                _same_end(connection, logs, logs.believed(note, where))


def leads_to(tiles: TileLog, checkpoint: Checkpoint) -> bool:
    """Whether the folder has the tiles of a checkpoint. Raises NotSealed where they are others."""
    try:
        fits = tiles.root(checkpoint.size) == checkpoint.root
    except NotThere:
        return False
    if not fits:
        raise folder_amiss(tiles)
    return True


def folder_amiss(tiles: TileLog) -> NotSealed:
    """Somebody has been at the folder."""
    return NotSealed(
        f"日志文件夹与检查点不符：请把它移到别处，会由账本重算 · the log's folder does not lead to its checkpoint, "
        f"move it elsewhere, it is computed again from the ledger: {tiles.folder}"
    )


def _same_end(connection: psycopg.Connection[Any], logs: Logs, checkpoint: Checkpoint) -> None:
    """Raises NotSealed where the newest sealed entries are not those of the log. Without its tiles nothing is said."""
    tiles = logs.tiles()
    if not leads_to(tiles, checkpoint):
        return
    bundles = -(-checkpoint.size // WIDTH)
    for index in range(max(0, bundles - _LOOKED_AT), bundles):
        try:
            leaves = tiles.leaves(index, checkpoint.size)
        except SealedLogError:
            continue
        rows = connection.execute(
            f"SELECT {COLUMNS} FROM ledger.entries WHERE position > %s ORDER BY position LIMIT %s",
            (index * WIDTH, len(leaves)),
        ).fetchall()
        for position, (row, sealed) in enumerate(zip(rows, leaves, strict=True), index * WIDTH + 1):
            if row[0] != position:
                raise missing(position)
            same(logs.keys, row, sealed)


def number_of(checkpoint: Checkpoint) -> int:
    """Which of the log's checkpoints it is, from 1. Raises NotSealed where it does not say."""
    for line in checkpoint.extensions:
        if line.startswith(NUMBER) and line.removeprefix(NUMBER).isdecimal():
            return int(line.removeprefix(NUMBER))
    raise NotSealed(f"封存点没有编号 · the checkpoint has no number: {checkpoint.size}")


def head_of(connection: psycopg.Connection[Any]) -> int:
    """The ledger's last position."""
    row = connection.execute("SELECT coalesce(max(position), 0) FROM ledger.entries").fetchone()
    return int(row[0]) if row else 0


def newest_in_table(connection: psycopg.Connection[Any], name: str) -> list[Known]:
    """The newest note of a log in `ledger.checkpoints`, if any."""
    row = connection.execute(
        "SELECT note FROM ledger.checkpoints WHERE log = %s ORDER BY size DESC LIMIT 1", (name,)
    ).fetchone()
    return [Known(row[0].encode(), "ledger.checkpoints")] if row else []


# --- files -----------------------------------------------------------------------------------------------------


def high_water(keys: SealKeys) -> Path:
    """The newest note once more, beside the keys: not where the log is shown, and not in the database."""
    return keys.folder / _HIGH_WATER


def read_note(path: Path) -> bytes | None:
    """A note, if there is one."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def store(path: Path, data: bytes) -> None:
    """On disk whole, or not at all."""
    scratch = path.with_name(f".{path.name}.new")
    with scratch.open("wb") as f:
        f.write(data)
        f.flush()
        os.fsync(f.fileno())
    scratch.replace(path)
    sync(path.parent)
