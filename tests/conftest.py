"""The tests' database: `DATABASE_URL` if set, else a container if an engine answers, else the embedded server.

Never a skip. A server given by `DATABASE_URL` gets databases named `xuncha_test_…`, made and dropped here.
"""

import asyncio
import gc
import os
import secrets
import signal
import warnings
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from application.database import ROLES, Access, prepare
from application.ledger import Ledger
from application.seals import KeyStore
from domain.kernel import Authenticated, CommandStamp, Happened, Label, Precision, Source, Stamp, day_of, derived_id
from embedded import postgres

gc.disable()  # until what is tested is loaded: none of it is garbage

SHARED = Path(__file__).resolve().parents[2] / "shared"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests over the folder beside the clone are left out where it is absent."""
    if not SHARED.is_dir():
        left_out = [item for item in items if item.get_closest_marker("shared")]
        if left_out:
            items[:] = [item for item in items if not item.get_closest_marker("shared")]
            config.hook.pytest_deselected(items=left_out)


def pytest_configure() -> None:
    """Whoever starts the tests in the background of a shell has them ignore an interruption, and their processes too,
    which are interrupted here."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_finish() -> None:
    """Modules, schemas and tests stay to the end: set aside, or every full collection looks through them again."""
    gc.collect()
    gc.freeze()
    gc.enable()
    gc.set_threshold(20_000, 20, 20)


def _engine_answers() -> bool:
    """Whether a container engine is there; asking takes milliseconds."""
    import docker
    import docker.errors

    with warnings.catch_warnings():
        # The client leaves its socket open when nobody answers.
        warnings.simplefilter("ignore", ResourceWarning)
        try:
            client = docker.from_env(timeout=2)
        except docker.errors.DockerException:
            return False
        finally:
            gc.collect()
    client.close()
    return True


def _refuse_a_ledger(url: str) -> None:
    """Tests make databases of their own; a server's address that names a ledger is still more likely a mistake."""
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT to_regclass('ledger.entries') IS NOT NULL").fetchone()
    if row and row[0]:
        pytest.exit("DATABASE_URL 指向一个账本，不在其上测试 · it names a database that holds a ledger", 4)


@pytest.fixture(scope="session")
def admin_dsn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A connection string of somebody who may create databases and roles."""
    if url := os.environ.get("DATABASE_URL"):
        _refuse_a_ledger(url)
        yield url
    elif _engine_answers():
        from testcontainers.community.postgres import PostgresContainer

        with PostgresContainer("postgres:18", driver=None) as container:
            yield container.get_connection_url()
    else:
        with postgres.start(tmp_path_factory.mktemp("home")) as server:
            yield server.dsn()


@pytest.fixture(scope="session")
def spare_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[postgres.Embedded]:
    """An embedded server of our own, to be stopped, killed and started as tests like. They leave it running."""
    with postgres.start(tmp_path_factory.mktemp("spare")) as server:
        yield server


class Database:
    """One database made for a test: its access by role, its key store, a way in as anybody."""

    def __init__(self, admin: str, name: str, home: Path, access: Access) -> None:
        self.admin = make_conninfo(admin, dbname=name)
        self.name = name
        self.home = home
        self.access = access
        self.origin = f"origin-{name}"
        self.master = os.urandom(32)

    def keys(self) -> KeyStore:
        return KeyStore(self.home / "keys", self.master, self.origin, make=True)

    @asynccontextmanager
    async def ledger(self, conninfo: str | None = None) -> AsyncIterator[Ledger]:
        """A started ledger over this database, with keys of its own connection."""
        keys = self.keys()
        ledger = Ledger(conninfo or self.access.of("writer"), keys)
        await ledger.start()
        try:
            yield ledger
        finally:
            await ledger.stop()
            keys.close()

    @staticmethod
    def id(kind: str, *parts: str) -> str:
        """An id: the same for the same parts, a new one where none are given."""
        return derived_id(kind, *parts) if parts else f"{kind}:{uuid4()}"

    @classmethod
    def stamp(cls, command: UUID, **changes: Any) -> Stamp:
        """The stamp of a made-up person's act, now."""
        person, now = cls.id("person", "recorder"), datetime.now(UTC)
        given: dict[str, Any] = {
            "recorder": person,
            "doer": person,
            "capacity": "office",
            "happened": Happened(
                precision=Precision.MINUTE, source=Source.LIVE, asserted_by=person, on=day_of(now), at=now
            ),
            "authenticated": Authenticated(method="test"),
            "command": CommandStamp(id=command, name="Test", digest="0" * 64, answer="done"),
            "software": "test",
            "label": Label.SYSTEM,
            "subjects": (),
        }
        return Stamp(**{**given, **changes})

    def connect(self, role: str | None = None) -> psycopg.Connection[Any]:
        """As the admin, or as one of the roles by SET ROLE."""
        connection = psycopg.connect(self.admin, autocommit=True)
        if role:
            connection.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(f"{self.name}_{role}")))
        return connection

    def ask(self, statement: str, *params: Any) -> list[tuple[Any, ...]]:
        """Rows, read as the admin."""
        with self.connect() as connection:
            return connection.execute(statement, params).fetchall()  # type: ignore[arg-type]


@contextmanager
def made_database(admin_dsn: str, home: Path) -> Iterator[Database]:
    name = f"xuncha_test_{secrets.token_hex(6)}"
    home.mkdir(parents=True, exist_ok=True)
    with psycopg.connect(admin_dsn, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    try:
        admin = make_conninfo(admin_dsn, dbname=name)
        yield Database(admin_dsn, name, home, prepare(admin, home))
    finally:
        with psycopg.connect(admin_dsn, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
            for role in ("owner", *ROLES):
                connection.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(f"{name}_{role}")))


@pytest.fixture
def database(admin_dsn: str, tmp_path: Path) -> Iterator[Database]:
    """A database of its own for one test."""
    with made_database(admin_dsn, tmp_path / "home") as made:
        yield made


@pytest.fixture(scope="module")
def module_database(admin_dsn: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A database shared by the tests of one file."""
    with made_database(admin_dsn, tmp_path_factory.mktemp("module") / "home") as made:
        yield made


@pytest.fixture
def run() -> Callable[..., Any]:
    """Run a coroutine to its end."""
    return asyncio.run


@pytest.fixture(scope="session")
def databases() -> Any:
    """Makes a database on any server: `with databases(dsn, home) as database`."""
    return made_database
