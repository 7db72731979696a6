"""Where the benchmarks run: one embedded server in a temporary folder, databases made on it, the machine described."""

import os
import platform
import secrets
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT / "src") not in sys.path:
    sys.path.insert(0, str(ROOT / "src"))

import psycopg
from psycopg import sql

from application.database import Access, prepare
from application.ledger import Ledger
from application.sealing.keys import SealKeys, read_seal_keys
from application.seals import KeyStore
from embedded import postgres

DURABILITY = ("fsync", "synchronous_commit", "full_page_writes")
TOLD = (*DURABILITY, "wal_sync_method", "shared_buffers", "max_connections")


@dataclass(frozen=True)
class Place:
    """A ledger of its own: its database, its home with the keys, how each role gets in."""

    home: Path
    admin: str = field(repr=False)
    access: Access = field(repr=False)
    origin: str = "xuncha:bench"
    master: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)

    def seal(self) -> SealKeys:
        """The keys of the sealed log: what is measured is an append that its writer signs."""
        return read_seal_keys(self.home / "seal", make=True)

    def keys(self) -> KeyStore:
        return KeyStore(self.home / "keys", self.master, self.origin, make=True)

    @asynccontextmanager
    async def ledger(self) -> AsyncIterator[Ledger]:
        """The ledger, started, with keys of its own."""
        keys = self.keys()
        ledger = Ledger(self.access.of("writer"), keys, self.seal().signer())
        await ledger.start()
        try:
            yield ledger
        finally:
            await ledger.stop()
            keys.close()


class Machine:
    """The server, and what is made on it."""

    def __init__(self, server: postgres.Embedded, folder: Path) -> None:
        self.server, self.folder = server, folder

    def place(self, name: str) -> Place:
        """A database with an empty ledger, made as `xuncha init` makes it, but for the first facts."""
        admin, home = self.database(name), self.folder / name
        home.mkdir(mode=0o700)
        return Place(home, admin, prepare(admin, home))

    def database(self, name: str) -> str:
        """An empty database; how its owner gets in."""
        with psycopg.connect(self.server.dsn(), autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return self.server.dsn(dbname=name)

    def drop(self, name: str) -> None:
        """A database no longer needed: the disk is not ours alone."""
        with psycopg.connect(self.server.dsn(), autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
        shutil.rmtree(self.folder / name, ignore_errors=True)

    def settle(self) -> None:
        """Write out what earlier work left to be written, so that the next does not pay for it."""
        with psycopg.connect(self.server.dsn(), autocommit=True) as connection:
            connection.execute("CHECKPOINT")

    def describe(self) -> dict[str, str]:
        """Cores, CPU, versions, and the settings that decide what "durable" means, read back from the server."""
        with psycopg.connect(self.server.dsn()) as connection:
            told = {name: str(_one(connection, "SELECT current_setting(%s)", name)) for name in TOLD}
            version = str(_one(connection, "SELECT current_setting('server_version')"))
        if any(told[name] != "on" for name in DURABILITY):
            raise SystemExit(f"the server is not durable: {told}")
        return {
            "cores": str(os.cpu_count()),
            "CPU": _cpu(),
            "memory": _memory(),
            "system": f"{platform.system()} {platform.release().split('-')[0]}",
            "Python": platform.python_version(),
            "PostgreSQL": version,
            **told,
        }


@contextmanager
def machine() -> Iterator[Machine]:
    """A server of our own in a temporary folder; stopped and removed at the end."""
    with tempfile.TemporaryDirectory(prefix="xuncha-bench-") as scratch:
        folder = Path(scratch)
        with postgres.start(folder / "server") as server, psycopg.connect(server.dsn(), autocommit=True) as connection:
            # All the peers stay connected, with pools of their own: more than an office's server has to bear.
            connection.execute("ALTER SYSTEM SET max_connections = 400")
        with postgres.start(folder / "server") as server:
            yield Machine(server, folder)


def _one(connection: psycopg.Connection[Any], statement: str, *given: Any) -> Any:
    row = connection.execute(statement, given).fetchone()
    return row[0] if row else None


def _cpu() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def _memory() -> str:
    try:
        return f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.1f} GiB"
    except (OSError, ValueError):
        return "?"
