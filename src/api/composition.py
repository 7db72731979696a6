"""Everything put together: rulebook read, keys opened, ledger and reader started."""

import json
import os
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import psycopg

from api.reading import Reader
from api.settings import Settings, SettingsError
from application.acts import Rulebook
from application.catalogue import changed_guards, refuse, refuse_changed_guards
from application.database import Access, access_file, load_access
from application.in_force import InForce
from application.keeping import finish_destructions
from application.ledger import Ledger, Unavailable
from application.sealing.keys import read_seal_keys
from application.sealing.logs import refuse_an_older_ledger
from application.seals import KeyStore
from domain.rulebook.calendars import parse_calendar
from domain.rulebook.editions import parse_edition
from projections import (
    addressees,
    leading_group,
    office,
    office_on_site,
    organs,
    teams,
    teams_on_site,
    units,
    units_on_site,
)
from projections.shelf import View

if TYPE_CHECKING:
    from api.shapes import Services

VIEWS: tuple[View, ...] = (
    *office.VIEWS,
    *office_on_site.VIEWS,
    *leading_group.VIEWS,
    *teams.VIEWS,
    *teams_on_site.VIEWS,
    *units.VIEWS,
    *units_on_site.VIEWS,
    *organs.VIEWS,
    *addressees.VIEWS,
)

EDITION = "yiwu-2015.toml"
CALENDAR = "calendar-cn.toml"


def read_rulebook() -> Rulebook:
    """The edition and the calendar that ship. Raises EditionError naming file, key and value."""
    folder = files("domain.rulebook") / "data"
    edition = parse_edition((folder / EDITION).read_text(encoding="utf-8"), EDITION)
    calendar = parse_calendar((folder / CALENDAR).read_text(encoding="utf-8"), CALENDAR)
    return Rulebook(edition, calendar)


def read_master_key(path: Path, *, make: bool) -> bytes:
    """The master key that wraps all others: 32 bytes, as hex. Made at first start where `make` says so.

    Raises SettingsError where it is missing, ill-formed or readable by others.
    """
    if not path.exists() and make:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600), "w") as f:
            f.write(secrets.token_hex(32))
            f.flush()
            os.fsync(f.fileno())
    try:
        if path.stat().st_mode & 0o077:
            raise SettingsError(
                f"主密钥文件他人可读：请 chmod 600 · the master key is open to others, chmod 600: {path}"
            )
        return bytes.fromhex(path.read_text().strip())
    except OSError as e:
        raise SettingsError(f"无法读取主密钥 · the master key cannot be read: {path}: {e.strerror}") from e
    except ValueError:
        raise SettingsError(f"主密钥须为 64 个十六进制字符 · must be 64 hexadecimal characters: {path}") from None


def read_origin(access: Access, wished: str | None) -> tuple[str, bool]:
    """The ledger's origin: from its first entry; for an empty ledger the wished one, or a new one. And whether it is
    empty."""
    with psycopg.connect(access.of("writer"), connect_timeout=5) as connection:
        row = connection.execute("SELECT body FROM ledger.entries WHERE position = 1").fetchone()
    found = json.loads(bytes(row[0]))["payload"]["origin"] if row else None
    if found and wished and found != wished:
        raise SettingsError(f"XUNCHA_ORIGIN：账本的 origin 是 {found} · the ledger's origin is {found}, not {wished}")
    return str(found or wished or f"xuncha:{uuid4()}"), row is None


def access_to(settings: Settings) -> Access:
    """How to reach the database of this home. Raises SettingsError where the environment does not fit the home.

    A home that was made for a server never opens what is for development only, whatever is missing around it.
    """
    access = load_access(settings.home)
    if settings.embedded and not access.embedded:
        raise SettingsError(
            "此 XUNCHA_HOME 属于一台服务器：请给出 DATABASE_URL · "
            f"this XUNCHA_HOME belongs to a server, set DATABASE_URL: {settings.home}"
        )
    return access


def built(connection: psycopg.Connection[Any]) -> list[View]:
    """The views whose tables this program has made: after a first `init` or a restore none are, until it starts."""
    row = connection.execute(
        "SELECT to_regclass('shelf.views') IS NOT NULL AND to_regclass('shelf.positions') IS NOT NULL"
    ).fetchone()
    if not (row and row[0]):
        return []
    known = dict(connection.execute("SELECT name, fingerprint FROM shelf.views").fetchall())
    return [view for view in VIEWS if known.get(view.name) == view.fingerprint]


def changed_guards_and_lists(access: Access) -> list[str]:
    """What differs in the database from what was made there, the lists that are built among it."""
    with psycopg.connect(access.of("projector"), autocommit=True, connect_timeout=5) as connection:
        return changed_guards(connection, {view.name: view.filters for view in built(connection)})


def refuse_changed_guards_and_lists(access: Access) -> None:
    """Raises DatabaseError naming what differs: for whoever makes the lists, and whoever shows them."""
    refuse(changed_guards_and_lists(access))


def refuse_a_servers_home(settings: Settings) -> None:
    """Before a database of its own is made in it. Raises SettingsError, and DatabaseError where it cannot be told."""
    if access_file(settings.home).exists():
        access_to(settings)


@asynccontextmanager
async def open_ledger(
    settings: Settings, *, first_start: bool = False, though_changed: bool = False
) -> AsyncIterator[Ledger]:
    """The ledger, started. Raises what settings, database, seal and key store raise.

    Keys are made for an empty ledger only, and at its first start only. One that is not what was sealed, or whose
    guards are not what they were, is opened only `though_changed`: to say in what, or to put on record why.
    """
    access = access_to(settings)
    if not though_changed:
        refuse_changed_guards(access, "writer")
    origin, empty = read_origin(access, settings.origin)
    make = first_start and empty
    seal = read_seal_keys(settings.seal_folder, make=make)
    if not though_changed:
        refuse_an_older_ledger(access.of("sealer"), settings.log_folder, origin, seal)
    keys = KeyStore(settings.keys_folder, read_master_key(settings.master_key_file, make=make), origin, make=make)
    ledger = Ledger(access.of("writer"), keys, seal.signer())
    await ledger.start()
    try:
        yield ledger
    finally:
        await ledger.stop()
        keys.close()


@asynccontextmanager
async def open_services(settings: Settings) -> AsyncIterator["Services"]:
    """What the API works with, started."""
    from api.shapes import Services  # noqa: PLC0415  GraphQL takes a second to load; only the API needs it

    book = read_rulebook()
    async with open_ledger(settings) as ledger:
        with suppress(Unavailable):  # where the database rests, the next start completes them
            await finish_destructions(ledger)
        reader = Reader(load_access(settings.home).of("reader"))
        await reader.pool.open()
        try:
            yield Services(ledger, reader, ledger.keys, InForce(ledger, book))
        finally:
            await reader.pool.close()
