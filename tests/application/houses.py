"""A ledger with its keys and its log, for the tests of what is sealed and how it is checked."""

import asyncio
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
from psycopg.conninfo import make_conninfo

from application.ledger import EntryRow, Ledger
from application.sealing.checking import Verified, verify_ledger
from application.sealing.entries import COLUMNS
from application.sealing.keys import SealKeys, read_seal_keys
from application.sealing.sealer import Sealer
from domain.bodies import BodyRegistered
from domain.keeping import LEDGER, LedgerRestored
from domain.kernel import Fact, Secret
from sealedlog.notes import Checkpoint, Cosigner, parse_note
from sealedlog.witness import Client

ORIGIN = "a-city.example/ledger"
COSIGNER = Cosigner("witness.example", bytes(range(32)))


class House:
    """A ledger with its keys and its log."""

    def __init__(self, database: Any, folder: Path) -> None:
        self.database, self.log, self.seal = database, folder / "log", folder / "seal"
        self.keys: SealKeys = read_seal_keys(self.seal, make=True)
        self.conninfo = database.access.of("sealer")

    def append(self, *counts: int) -> None:
        """So many appends, each of so many facts."""
        appends = []
        for count in counts:
            bodies = [self.database.id("body") for _ in range(count)]
            appends.append(
                {body: (0, [BodyRegistered(body=body, name=Secret("某局"), organ_class="audit")]) for body in bodies}
            )
        self._append(*appends)

    def _append(self, *appends: dict[str, tuple[int, Sequence[Fact]]]) -> None:
        async def appending() -> None:
            keys = self.database.keys()
            ledger = Ledger(self.database.access.of("writer"), keys, self.keys.signer())
            await ledger.start()
            try:
                for writes in appends:
                    await ledger.append(command := uuid4(), self.database.stamp(command), writes)
            finally:
                await ledger.stop()
                keys.close()

        asyncio.run(appending())

    def restored(self, note: bytes, log: str = f"{ORIGIN}/restored-{'0' * 16}", **changes: Any) -> None:
        """The fact that all after the head was lost of the log of this note, from here on in another log."""
        lost = Checkpoint.parse(parse_note(note).text)
        stands = self.database.ask("SELECT count(*) FROM ledger.entries WHERE stream = %s", (LEDGER,))[0][0]
        given = {
            "entries": self.database.ask("SELECT count(*) FROM ledger.entries")[0][0],
            "sealed": lost.size,
            "lost": lost.origin,
            "log": log,
            "checkpoint": note.decode(),
            "decided_by": self.database.id("person"),
            "decided_on": date(2026, 11, 25),
            "basis": Secret("巡查办〔2026〕9号"),
        }
        self._append({LEDGER: (stands, [LedgerRestored(**{**given, **changes})])})

    def signed_anew(self) -> None:
        """What whoever holds the writer's key does after a change: every append signed again, as it stands there."""
        signer = self.keys.signer()
        with self.superuser() as connection:
            rows = connection.execute(f"SELECT {COLUMNS} FROM ledger.entries ORDER BY position").fetchall()  # type: ignore[arg-type]
        waiting: list[Any] = []
        statements = []
        for row in rows:
            waiting.append(row)
            if row[-1] is not None:
                entries = [EntryRow(r[1], r[2], r[3], r[5], r[6], bytes(r[7])) for r in waiting]
                made = signer.sign(row[8], waiting[0][0], row[4], entries)
                statements.append(f"UPDATE ledger.entries SET signature = '\\x{made.hex()}' WHERE position = {row[0]}")
                waiting = []
        self.silenced(*statements)

    def sealer(self, *witnesses: Client) -> Sealer:
        return Sealer(self.conninfo, self.log, ORIGIN, self.keys, witnesses)

    def sealed(self, *witnesses: Client) -> int:
        """Seal what there is; up to which position."""
        sealer = self.sealer(*witnesses)
        with psycopg.connect(self.conninfo, autocommit=True) as connection:
            sealer.begin(connection)
            while sealer.step(connection):
                pass
        return sealer.size

    def verified(self, *outside: bytes) -> Verified:
        return verify_ledger(self.conninfo, self.log, ORIGIN, self.keys, outside, [COSIGNER.key])

    def asked(self, *witnesses: Client) -> Verified:
        """The same, the witnesses asked as well."""
        return verify_ledger(self.conninfo, self.log, ORIGIN, self.keys, ask=witnesses)

    @property
    def checkpoint(self) -> bytes:
        return (self.log / "1" / "checkpoint").read_bytes()

    def superuser(self) -> psycopg.Connection[Any]:
        return psycopg.connect(make_conninfo(self.database.admin, dbname=self.database.name), autocommit=True)

    def silenced(self, *statements: str) -> None:
        """What a superuser does who knows about the triggers, and puts them back."""
        with self.superuser() as connection:
            for table in ("entries", "checkpoints", "migrations"):
                connection.execute(f"ALTER TABLE ledger.{table} DISABLE TRIGGER ALL")  # type: ignore[arg-type]
            for statement in statements:
                connection.execute(statement)  # type: ignore[arg-type]
            for table, triggers in (
                ("entries", ("append_only", "order_checked", "ordering_lock")),
                ("checkpoints", ("append_only",)),
                ("migrations", ("append_only",)),
            ):
                for trigger in triggers:
                    connection.execute(f"ALTER TABLE ledger.{table} ENABLE ALWAYS TRIGGER {trigger}")  # type: ignore[arg-type]
