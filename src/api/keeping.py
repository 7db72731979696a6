"""What the administrator does from the command line: init, rebuild, keys."""

import asyncio
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import date
from pathlib import Path

import psycopg
from psycopg import sql

from api import example
from api.auth import DEVELOPMENT_ISSUER
from api.composition import (
    VIEWS,
    access_to,
    open_ledger,
    read_rulebook,
    refuse_a_servers_home,
)
from api.settings import Settings, SettingsError
from application import keeping
from application.authority import person_of, sign_in_of
from application.database import DatabaseError, prepare
from application.keeping import FIRST_PERSON
from application.ledger import Ledger, Unavailable
from application.seals import KeyStoreError
from domain.people import PEOPLE
from embedded import postgres
from embedded.errors import HomeInUse
from projections import rebuilding
from projections.shelf import InUse, Overtaken, Shelf

Say = Callable[[str], None]

DATABASE = "xuncha"


# --- the server ------------------------------------------------------------------------------------------------


def make_ready(server: postgres.Embedded, home: Path, say: Say) -> None:
    """Database, roles, schemas and migrations on the embedded server, where they are missing."""
    with psycopg.connect(server.dsn(), autocommit=True) as connection:
        if connection.execute("SELECT FROM pg_database WHERE datname = %s", (DATABASE,)).fetchone() is None:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
    prepare(server.dsn(dbname=DATABASE), home, say, embedded=True)


@contextmanager
def database(settings: Settings, say: Say = lambda _: None, *, make: bool = False) -> Iterator[None]:
    """A database to work with: one made ready where `make` says so, the embedded one started where it rests."""
    if not make:
        access_to(settings)  # says what to do where there is none
    if settings.database_url:
        if make:
            _prepare_a_server(settings.database_url, settings.home, say)
        yield
        return
    refuse_a_servers_home(settings)
    try:
        server = postgres.start(settings.home)
    except HomeInUse:  # `xuncha run` has it, and looks after it
        access_to(settings)
        yield
        return
    with server:
        make_ready(server, settings.home, say)
        yield


def make_home(home: Path) -> bool:
    """Make the home where it is missing, and say whether it was. Raises SettingsError where it cannot be made or
    written to."""
    try:
        new = not home.exists()
        home.mkdir(mode=0o700, exist_ok=True)
        probe = home / f".probe-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as e:
        raise home_unusable(home, e) from e
    return new


def _prepare_a_server(database_url: str, home: Path, say: Say) -> None:
    """Make the home and, on a server of one's own, what is missing. A server that cannot be used leaves no new home."""
    new = make_home(home)
    try:
        prepare(database_url, home, say)
    except DatabaseError:
        if new:
            with suppress(OSError):  # only where it is still empty
                home.rmdir()
        raise


def home_unusable(home: Path, error: OSError) -> SettingsError:
    """What to raise where the system refuses something about the home."""
    if isinstance(error, FileNotFoundError):
        return SettingsError(
            "XUNCHA_HOME 的上级文件夹不存在：请先建好，或另选文件夹 · "
            f"the parent folder of XUNCHA_HOME does not exist, make it or choose another: {home}"
        )
    return SettingsError(
        "XUNCHA_HOME 不可写，请换一个文件夹或者改权限 · cannot be written to, choose another folder or change its "
        f"permissions: {home}: {error.strerror}"
    )


# --- init ------------------------------------------------------------------------------------------------------


def make(settings: Settings, office_director: str | None, say: Say) -> int:
    """`xuncha init`: all that is missing, then the first facts."""
    read_rulebook()
    with database(settings, say, make=True):
        return asyncio.run(init(settings, office_director, say))


async def init(settings: Settings, office_director: str | None, say: Say, *, only_the_first: bool = False) -> int:
    """Open the ledger, adopt the rulebook, complete destructions; register the first director, once.

    `only_the_first` leaves a director who is on record alone, whoever it is.
    """
    book = read_rulebook()
    async with open_ledger(settings, first_start=True) as ledger:
        if settings.development and not await ledger.head():
            example.note_made(settings, ledger.keys.origin)
        await keeping.open_ledger(ledger, ledger.keys.origin)
        if moved := await keeping.adopt(ledger, book):
            say(f"按新日历变更届满日 · due dates moved by the new calendar: {moved}")
        for key in await keeping.finish_destructions(ledger):
            say(f"补完销毁 · destruction completed: {key}")
        if office_director and not (only_the_first and await _has_a_director(ledger)):
            issuer = settings.jwt_issuer or (DEVELOPMENT_ISSUER if settings.embedded else None)
            if issuer is None:
                raise SettingsError("请先设置 XUNCHA_JWT_ISSUER 与 XUNCHA_JWT_KEYS · set them first")
            person = await keeping.appoint_first_director(ledger, book, issuer, office_director)
            say(f"首任主任 · first director: {person}")
        say(f"账本就绪 · ledger ready: {ledger.keys.origin}，{await ledger.head()} 条 · entries")
    return 0


_CANNOT_BE_ASKED = (psycopg.Error, DatabaseError, KeyStoreError, SettingsError, Unavailable, OSError, ValueError)


async def is_linked(settings: Settings, issuer: str, subject: str) -> bool | None:
    """Whether this sign-in is somebody's; None where it cannot be asked, as while the database rests."""
    try:
        async with open_ledger(settings) as ledger:
            return await person_of(ledger, sign_in_of(ledger, issuer, subject)) is not None
    except _CANNOT_BE_ASKED:
        return None


async def _has_a_director(ledger: Ledger) -> bool:
    person, _ = await ledger.load(PEOPLE, FIRST_PERSON)
    return person is not None


async def director_on_record(settings: Settings) -> bool | None:
    """Whether somebody was registered as the first director; None where it cannot be asked."""
    try:
        async with open_ledger(settings) as ledger:
            return await _has_a_director(ledger)
    except _CANNOT_BE_ASKED:
        return None


# --- rebuild ---------------------------------------------------------------------------------------------------


def rebuild(settings: Settings, names: Sequence[str], say: Say) -> int:
    """Build views anew beside the live ones, which serve meanwhile, and put them in their place (ADR 27)."""
    unknown = set(names) - {view.name for view in VIEWS}
    if unknown:
        known = ", ".join(view.name for view in VIEWS)
        raise SettingsError(f"没有这些视图 · no such views: {', '.join(sorted(unknown))}（{known}）")
    chosen = [view for view in VIEWS if not names or view.name in names]
    with database(settings):
        conninfo = access_to(settings).of("projector")
        shelf = Shelf(conninfo, VIEWS)
        try:
            shelf.prepare()
        finally:
            shelf.close()
        say(
            f"在旁重建 {len(chosen)} 个视图，现有的照常可用 · "
            f"building {len(chosen)} views anew beside the live ones, which go on serving"
        )
        try:
            rebuilding.rebuild(conninfo, chosen, _Progress(say))
        except rebuilding.Busy:
            say("✗ 另有重建或者核对在进行，请稍后再试 · another rebuild or a check is at work, try again later")
            return 1
        except rebuilding.CannotBuild as e:
            say(
                f"✗ 视图 {e.view} 无法接着第 {e.position} 条重建（{e.error}），现有的视图没有动 · "
                "the view cannot take in what follows this entry, the live views are as they were"
            )
            return 1
        except (InUse, Overtaken):
            say(
                "✗ 视图正被长时间读取，或者已由另一版本接管，尚未换上的没有动 · "
                "a view is being read for long, or is of another version now: what was not replaced yet stays as it was"
            )
            return 1
    say("完成 · done")
    return 0


class _Progress:
    """Says how far a rebuild has come: at first, each second, and at its end."""

    def __init__(self, say: Say) -> None:
        self._say, self._due = say, 0.0

    def __call__(self, reached: int, head: int) -> None:
        if reached == head or time.monotonic() >= self._due:
            self._due = time.monotonic() + 1
            self._say(f"  {reached}/{head}")


# --- keys ------------------------------------------------------------------------------------------------------


def list_keys(settings: Settings, say: Say) -> int:
    """Every key by subject: its id, when it was made and destroyed."""

    async def listing() -> None:
        async with open_ledger(settings) as ledger:
            for row in ledger.keys.rows():
                say(f"{row.id}  {row.subject}  {row.made_at}  {row.destroyed_at or ''}".rstrip())

    with database(settings):
        asyncio.run(listing())
    return 0


def destroy(settings: Settings, key: str, decided_by: str, decided_on: date, basis: str, say: Say) -> int:
    """Destroy a key by decision; what it sealed shows as destroyed in every answer from then on."""

    async def destroying() -> bool:
        async with open_ledger(settings) as ledger:
            return await keeping.destroy_key(
                ledger, read_rulebook(), key, decided_by=decided_by, decided_on=decided_on, basis=basis
            )

    with database(settings):
        done = asyncio.run(destroying())
    say("已销毁 · destroyed" if done else "早已销毁 · was destroyed before")
    return 0
