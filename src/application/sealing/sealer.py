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
from application.sealing.entries import COLUMNS, appends, missing, same, unsigned
from application.sealing.errors import NotSealed, SealingError, older
from application.sealing.keys import SealKeys
from application.sealing.logs import (
    CHECKPOINT,
    NUMBER,
    folder_amiss,
    head_of,
    high_water,
    leads_to,
    newest_in_table,
    number_of,
    read_logs,
    store,
)
from sealedlog.errors import SealedLogError
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
            there = leads_to(self._log, newest)
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
            self._grown = self._log.range(newest.size)
            self._last = self._log.leaves((self.size - 1) // WIDTH, self.size)[-1]
        elif logs.restores:
            # The first word of a new log vouches for all that stands before the restore: it is read once.
            checked = verify_ledger(self._conninfo, self._folder, self._origin, self._keys)
            if checked.fault:
                raise NotSealed(checked.fault.says)

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
                    head = head_of(connection)
                    raise older(head, self.size) if head < self.size else missing(self.size)
                same(self._keys, rows.pop(0), self._last)
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
            raise folder_amiss(self._log)
        self._publish(connection, Checkpoint(self.name, size, root, (f"{NUMBER}{self._number + 1}",)))
        if size // WIDTH != self.size // WIDTH:
            self._log.drop_partials(size)
        self.size, self._number, self._grown, self._last = size, self._number + 1, grown, leaves[-1]
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
                raise older(checkpoint.size, e.theirs, witness.key.name) from e
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
        store(self._log.folder / CHECKPOINT, note.encode())
        store(high_water(self._keys), note.encode())

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
