"""The sealer: it tails the ledger and signs nothing that does not continue what was ever signed (ADR 26, ADR 32).

It runs in a process and under a database role of its own. The newest checkpoint found anywhere is the one to continue:
in the log's folder, beside the keys, in the table, with a witness.
"""

import logging
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import psycopg

from application.ledger import CHANNEL
from application.sealing.checking import verify_ledger
from application.sealing.entries import COLUMNS, appends, unsigned
from application.sealing.errors import NotSealed, SealingError, older
from application.sealing.keys import SealKeys
from application.sealing.logs import (
    CHECKPOINT,
    NUMBER,
    head_of,
    high_water,
    newest_in_table,
    number_of,
    read_logs,
    store,
)
from sealedlog.errors import NotThere, SealedLogError
from sealedlog.merkle import Range, leaf_hash
from sealedlog.notes import Checkpoint, Note
from sealedlog.tiles import WIDTH
from sealedlog.witness import Behind, Client, Unreachable

log = logging.getLogger("xuncha.seal")

SEALER_LOCK = 7239015802740  # the ledger and the shelf have theirs close by
_AT_ONCE = 2_000
_POLL_SECONDS = 0.2
_LONGEST_PAUSE_SECONDS = 30.0


class Sealer:
    """Seals one ledger: leaves, tiles, a signed checkpoint; in the folder, in the table, with the witnesses."""

    def __init__(
        self, conninfo: str, folder: Path, origin: str, keys: SealKeys, witnesses: Sequence[Client] = ()
    ) -> None:
        self._conninfo, self._folder, self._origin, self._keys = conninfo, folder, origin, keys
        self._witnesses = witnesses
        self.size = self._number = 0

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
                where = f": {e.filename}" if isinstance(e, OSError) and e.filename else ""
                log.error("the sealer stopped (%s%s); trying again in %.1f s", type(e).__name__, where, pause)
            stop.wait(pause)
            pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)

    def begin(self, connection: psycopg.Connection[Any]) -> None:
        """Find the newest checkpoint anywhere, and go on from there. Raises NotSealed where the ledger does not."""
        logs = read_logs(connection, self._folder, self._origin, self._keys)
        self.name, place = logs.current, logs.place()
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._log = logs.tiles()
        self._signers = self._keys.log_signers(self.name)
        found = [*logs.kept(), *newest_in_table(connection, self.name)]
        head = head_of(connection)  # last: another sealer that has just lost the lead may still be at its last one
        if (bound := logs.furthest(found)) > head:
            raise older(head, bound)
        believed = [(logs.believed(note, where), where) for note, where in found]
        known = [(checkpoint, where) for checkpoint, where in believed if checkpoint.origin == self.name]
        newest = max((each for each, _ in known), key=lambda each: each.size, default=None)
        self.size, self._number = (newest.size, number_of(newest)) if newest else (0, 0)
        self._grown = Range()
        if newest is not None:
            self._tiles_again(connection, newest)
            self._grown = self._log.range(newest.size)
            for checkpoint, where in known:
                if self._log.root(checkpoint.size) != checkpoint.root:
                    raise NotSealed(
                        f"{where} 与账本不是同一历史 · is another history than the ledger: {checkpoint.size}"
                    )
        elif logs.restores:
            # The first word of a new log vouches for all that stands before the restore: it is read once.
            checked = verify_ledger(self._conninfo, self._folder, self._origin, self._keys)
            if checked.fault:
                raise NotSealed(checked.fault.says)

    def step(self, connection: psycopg.Connection[Any]) -> int:
        """Seal what was appended since; how many entries. Raises NotSealed, or what a witness says against it."""
        at_once = _AT_ONCE
        while True:
            rows = connection.execute(
                f"SELECT {COLUMNS} FROM ledger.entries WHERE position > %s ORDER BY position LIMIT %s",
                (self.size, at_once),
                prepare=True,
            ).fetchall()
            leaves = [one for append in appends(rows, self._keys, self.size) for one in append.leaves]
            if leaves or len(rows) < at_once:
                break
            at_once *= 2  # one append may be longer than what is read at once; its signature stands at its end
        if not leaves:
            if rows:
                raise unsigned(rows[-1][0])
            return 0
        size, root = self._log.append(self.size, leaves, on_stray=_say_stray)
        grown = Range(self.size, self._grown.peaks)
        for one in leaves:
            grown.append(leaf_hash(one))
        if grown.root() != root:  # tiles were changed under our hands: what they lead to is not signed
            raise self._folder_amiss()
        self._publish(connection, Checkpoint(self.name, size, root, (f"{NUMBER}{self._number + 1}",)))
        if size // WIDTH != self.size // WIDTH:
            self._log.drop_partials(size)
        self.size, self._number, self._grown = size, self._number + 1, grown
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
                raise older(checkpoint.size, e.theirs, witness.key.name) from e
        connection.execute(
            "INSERT INTO ledger.checkpoints (log, size, note) VALUES (%s, %s, %s) ON CONFLICT (log, size) DO NOTHING",
            (self.name, checkpoint.size, note.encode().decode()),
            prepare=True,
        )
        store(self._log.folder / CHECKPOINT, note.encode())
        store(high_water(self._keys), note.encode())

    def _tiles_again(self, connection: psycopg.Connection[Any], newest: Checkpoint) -> None:
        """Where the folder is not there, as after a restore, its tiles are computed anew from the ledger."""
        try:
            if self._log.root(newest.size) == newest.root:
                return
            raise self._folder_amiss()
        except NotThere:
            pass
        log.warning("computing the tiles of %d entries anew", newest.size)
        size = 0
        with connection.transaction(), connection.cursor("again") as cursor:
            cursor.execute(
                f"SELECT {COLUMNS} FROM ledger.entries WHERE position <= %s ORDER BY position", (newest.size,)
            )
            batch: list[bytes] = []
            for append in appends(cursor, self._keys, 0):
                batch += append.leaves
                if len(batch) >= _AT_ONCE:
                    size, _ = self._log.append(size, batch)
                    batch = []
            size, root = self._log.append(size, batch)
        if (size, root) != (newest.size, newest.root):
            raise NotSealed(
                f"账本前 {newest.size} 条与封存时不同，请运行 xuncha verify · the first {newest.size} entries are not "
                "what was sealed, run xuncha verify"
            )

    def _folder_amiss(self) -> NotSealed:
        return NotSealed(
            f"日志文件夹与检查点不符：请把它移到别处，会由账本重算 · the log's folder does not lead to its checkpoint, "
            f"move it elsewhere, it is computed again from the ledger: {self._log.folder}"
        )


def _lead(connection: psycopg.Connection[Any], stop: threading.Event) -> bool:
    """Wait until no other process seals; False when told to stop meanwhile."""
    while not stop.is_set():
        row = connection.execute("SELECT pg_try_advisory_lock(%s)", (SEALER_LOCK,)).fetchone()
        if row and row[0]:
            return True
        stop.wait(_POLL_SECONDS)
    return False


def _say_stray(name: str) -> None:
    """A file of a tile that was never signed for, and is not what the ledger makes of it: it was put there."""
    log.error("a stray file in the log was overwritten, nothing signed had bound it: %s", name)
