"""A ledger copied out and put back: the same entries, keys and views elsewhere; an older one refused (promise 1)."""

import asyncio
import json
import shutil
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from api.composition import read_rulebook
from application import backups, keeping
from application.backups import BackupError
from application.keeping import FIRST_PERSON, KeepingError
from application.ledger import Ledger
from application.sealing.checking import verify_ledger
from application.sealing.errors import NotSealed
from application.sealing.keys import read_seal_keys
from application.sealing.sealer import Sealer
from domain.bodies import BODIES, BodyRegistered
from domain.keeping import LEDGER, LedgerOpened
from domain.kernel import Secret, day_of
from projections import office
from projections.shelf import Shelf, digest

ORIGIN = "a-city.example/ledger"
VIEWS = office.VIEWS[:3]


def fill(database: Any, seal: Path, count: int) -> str:
    """A ledger with its opening and some bodies; one of them."""
    keys = database.keys()

    async def filling() -> str:
        ledger = Ledger(database.access.of("writer"), keys, read_seal_keys(seal, make=True).signer())
        await ledger.start()
        try:
            if not await ledger.head():
                opened = {LEDGER: (0, [LedgerOpened(origin=ORIGIN)])}
                await ledger.append(command := uuid4(), database.stamp(command), opened)
            for _ in range(count):
                body = database.id("body")
                fact = BodyRegistered(body=body, name=Secret("某局"), organ_class="audit")
                await ledger.append(command := uuid4(), database.stamp(command), {body: (0, [fact])})
            return str(body)
        finally:
            await ledger.stop()
            keys.close()

    return asyncio.run(filling())


async def appoint_a_director(database: Any, seal_keys: Path) -> None:
    store = database.keys()
    ledger = Ledger(database.access.of("writer"), store, read_seal_keys(seal_keys).signer())
    await ledger.start()
    await keeping.adopt(ledger, read_rulebook())
    await keeping.appoint_first_director(ledger, read_rulebook(), "idp", "director")
    await ledger.stop()
    store.close()


def seal(database: Any, folder: Path) -> bytes:
    sealer = Sealer(database.access.of("sealer"), folder / "log", ORIGIN, read_seal_keys(folder / "seal"))
    with psycopg.connect(database.access.of("sealer"), autocommit=True) as connection:
        sealer.begin(connection)
        while sealer.step(connection):
            pass
    return (folder / "log" / "1" / "checkpoint").read_bytes()


def rows_of(database: Any) -> list[Any]:
    return database.ask(  # type: ignore[no-any-return]
        "SELECT position, stream, version, kind, recorded_at, command, ordinal, body, writer, signature"
        " FROM ledger.entries ORDER BY position"
    )


def digests(database: Any) -> list[str]:
    shelf = Shelf(database.access.of("projector"), VIEWS)
    try:
        shelf.prepare()
        shelf.catch_up()
    finally:
        shelf.close()
    with psycopg.connect(database.access.of("projector")) as connection:
        return [digest(connection, view.name) for view in VIEWS]


def admin(database: Any) -> str:
    return make_conninfo(database.admin, dbname=database.name)


@pytest.fixture
def here(database: Any, tmp_path: Path) -> tuple[Any, Path]:
    folder = tmp_path / "here"
    folder.mkdir()
    fill(database, folder / "seal", 5)
    return database, folder


def backed_up(database: Any, folder: Path, to: Path) -> tuple[Path, Path]:
    backups.back_up_ledger(database.access.of("sealer"), to / "ledger")
    backups.back_up_keys(database.home / "keys", folder / "seal", to / "keys")
    return to / "ledger", to / "keys"


def test_a_backup_restored_elsewhere_is_the_same_ledger(
    here: tuple[Any, Path], admin_dsn: str, databases: Any, tmp_path: Path
) -> None:
    """Entries byte for byte, views by digest, texts readable, all as it was sealed; and it goes on from there."""
    database, folder = here
    checkpoint = seal(database, folder)
    to = tmp_path / "backup"
    to.mkdir()
    ledger, keys = backed_up(database, folder, to)
    names = {path.name for path in ledger.iterdir()}
    assert names == {"manifest.json", "entries.copy", "checkpoints.copy"}
    assert {path.name for path in keys.iterdir()} == {"keys.db", "blinding.key", "writer.key", "log.key"}
    assert all(path.stat().st_mode & 0o077 == 0 for part in (ledger, keys) for path in (part, *part.iterdir()))
    assert database.master.hex() not in "".join(path.read_bytes().hex() for path in keys.iterdir())
    with databases(admin_dsn, tmp_path / "elsewhere") as other:
        place = tmp_path / "there"
        backups.restore_keys(keys, other.home / "keys", place / "seal")
        manifest = backups.restore_ledger(admin(other), f"{other.name}_owner", ledger)
        assert (manifest.origin, manifest.entries) == (ORIGIN, 6)
        assert rows_of(other) == rows_of(database)
        assert digests(other) == digests(database)
        other.master, other.origin = database.master, database.origin
        body = fill(other, place / "seal", 1)
        assert body
        read = read_seal_keys(place / "seal")
        found = verify_ledger(other.access.of("sealer"), place / "log", ORIGIN, read, [checkpoint])
        assert (found.fault, found.entries, found.sealed) == (None, 7, 6)
        seal(other, place)
        assert verify_ledger(other.access.of("sealer"), place / "log", ORIGIN, read, [checkpoint]).sealed == 7

        async def name() -> Any:
            store = other.keys()
            ledger_ = Ledger(other.access.of("writer"), store)
            await ledger_.start()
            try:
                state, _ = await ledger_.load(BODIES, body)
                return state
            finally:
                await ledger_.stop()
                store.close()

        assert asyncio.run(name()) is not None


def test_an_older_backup_is_known_by_a_checkpoint_from_elsewhere(
    here: tuple[Any, Path], admin_dsn: str, databases: Any, tmp_path: Path
) -> None:
    database, folder = here
    seal(database, folder)
    to = tmp_path / "backup"
    to.mkdir()
    ledger, keys = backed_up(database, folder, to)
    fill(database, folder / "seal", 3)
    newest = seal(database, folder)
    with databases(admin_dsn, tmp_path / "elsewhere") as other:
        place = tmp_path / "there"
        backups.restore_keys(keys, other.home / "keys", place / "seal")
        backups.restore_ledger(admin(other), f"{other.name}_owner", ledger)
        read = read_seal_keys(place / "seal")
        assert verify_ledger(other.access.of("sealer"), place / "log", ORIGIN, read).fault is None, "nothing tells"
        fault = verify_ledger(other.access.of("sealer"), place / "log", ORIGIN, read, [newest]).fault
        assert fault is not None
        assert "the ledger has 6 entries, 9 were sealed" in fault.says


def on_record(database: Any, seal_keys: Path, **given: Any) -> str:
    """Put a restore on record; the name of the log it begins."""
    store = database.keys()

    async def recording() -> str:
        ledger = Ledger(database.access.of("writer"), store, read_seal_keys(seal_keys).signer())
        await ledger.start()
        usual = {
            "lost": ORIGIN,
            "decided_by": FIRST_PERSON,
            "decided_on": day_of(datetime.now(UTC)),
            "basis": "巡查办〔2026〕9号",
        }
        try:
            return await keeping.record_restore(ledger, read_rulebook(), **{**usual, **given})
        finally:
            await ledger.stop()

    try:
        return asyncio.run(recording())
    finally:
        store.close()


def lost_after_a_backup(database: Any, folder: Path, to: Path) -> tuple[Path, Path, int, bytes]:
    """A backup, of how many entries, and the checkpoint over three more."""
    asyncio.run(appoint_a_director(database, folder / "seal"))
    seal(database, folder)
    to.mkdir()
    backup, keys = backed_up(database, folder, to)
    head = len(rows_of(database))
    fill(database, folder / "seal", 3)
    return backup, keys, head, seal(database, folder)


def put_back(other: Any, database: Any, backup: Path, keys: Path, place: Path) -> None:
    backups.restore_keys(keys, other.home / "keys", place / "seal")
    backups.restore_ledger(admin(other), f"{other.name}_owner", backup)
    other.master, other.origin = database.master, database.origin


def test_an_older_backup_is_taken_once_the_director_has_put_on_record_why(
    here: tuple[Any, Path], admin_dsn: str, databases: Any, tmp_path: Path
) -> None:
    """From then on a new log, in which the fact stands; nobody else may say so, and not without a loss."""
    database, folder = here
    backup, keys, head, lost = lost_after_a_backup(database, folder, tmp_path / "backup")
    given = {"sealed": head + 3, "checkpoint": lost}
    with databases(admin_dsn, tmp_path / "elsewhere") as other:
        place = tmp_path / "there"
        put_back(other, database, backup, keys, place)
        shutil.copytree(folder / "log", place / "log")
        with pytest.raises(NotSealed, match=f"the ledger has {head} entries, {head + 3} were sealed"):
            seal(other, place)
        for wrong in (
            {"sealed": head},
            {"decided_by": other.id("person")},
            {"decided_on": date(1999, 12, 31)},
            {"decided_on": day_of(datetime.now(UTC)) + timedelta(1)},
        ):
            with pytest.raises(KeepingError):
                on_record(other, place / "seal", **{**given, **wrong})
        assert len(rows_of(other)) == head
        name = on_record(other, place / "seal", **given)
        with pytest.raises(KeepingError, match="on record already"):
            on_record(other, place / "seal", **given)
        assert seal(other, place) == lost, "the old log stays as it was"
        (begun,) = (place / "log").glob("restored-*")
        newest = (begun / "checkpoint").read_bytes()
        assert newest.decode().startswith(f"{name}\n{head + 1}\n")
        read = read_seal_keys(place / "seal")
        found = verify_ledger(other.access.of("sealer"), place / "log", ORIGIN, read, [lost])
        assert (found.fault, found.sealed) == (None, head + 1)
        manifest = backups.back_up_ledger(other.access.of("sealer"), tmp_path / "again")
        assert manifest.checkpoint.encode() == newest, "of the log it is sealed in now"


def test_two_restores_of_one_backup_are_two_logs(
    here: tuple[Any, Path], admin_dsn: str, databases: Any, tmp_path: Path
) -> None:
    """Decided alike, on the same day: still no two histories under one name, and each tells the other apart."""
    database, folder = here
    backup, keys, head, lost = lost_after_a_backup(database, folder, tmp_path / "backup")
    names, newest = [], []
    for life in ("first", "second"):
        with databases(admin_dsn, tmp_path / life) as other:
            place = tmp_path / f"place of the {life}"
            put_back(other, database, backup, keys, place)
            names.append(on_record(other, place / "seal", sealed=head + 3, checkpoint=lost))
            sealer = Sealer(other.access.of("sealer"), place / "log", ORIGIN, read_seal_keys(place / "seal"))
            with psycopg.connect(other.access.of("sealer"), autocommit=True) as connection:
                sealer.begin(connection)
                sealer.step(connection)
            newest.append((place / "log" / names[-1].rpartition("/")[2] / "checkpoint").read_bytes())
            given = (other.access.of("sealer"), place / "log", ORIGIN, read_seal_keys(place / "seal"))
            assert verify_ledger(*given, [lost, newest[-1]]).fault is None
            if life == "second":
                fault = verify_ledger(*given, [newest[0]]).fault
                assert fault is not None
                assert "no record of this log" in fault.says
    assert names[0] != names[1]


@pytest.mark.parametrize("how", ["a byte", "cut short", "missing", "no manifest", "another format"])
def test_a_backup_that_was_changed_is_refused_and_nothing_is_restored(
    here: tuple[Any, Path], admin_dsn: str, databases: Any, tmp_path: Path, how: str
) -> None:
    database, folder = here
    to = tmp_path / "backup"
    to.mkdir()
    ledger, _ = backed_up(database, folder, to)
    entries, manifest = ledger / "entries.copy", ledger / "manifest.json"
    data = entries.read_bytes()
    if how == "a byte":
        entries.write_bytes(data[:500] + bytes([data[500] ^ 1]) + data[501:])
    elif how == "cut short":
        entries.write_bytes(data[:-100])
    elif how == "missing":
        entries.unlink()
    elif how == "no manifest":
        manifest.unlink()
    else:
        manifest.write_text(json.dumps({**json.loads(manifest.read_text()), "format": "xuncha-backup-9"}))
    with databases(admin_dsn, tmp_path / "elsewhere") as other:
        with pytest.raises(BackupError):
            backups.restore_ledger(admin(other), f"{other.name}_owner", ledger)
        assert rows_of(other) == []
        guards = other.ask(
            "SELECT count(*) FROM pg_trigger WHERE tgrelid = 'ledger.entries'::regclass AND tgenabled = 'A'"
        )
        assert guards == [(3,)]


def test_where_something_is_already_nothing_is_restored(here: tuple[Any, Path], tmp_path: Path) -> None:
    database, folder = here
    to = tmp_path / "backup"
    to.mkdir()
    ledger, keys = backed_up(database, folder, to)
    before = rows_of(database)
    with pytest.raises(BackupError, match="not empty"):
        backups.restore_ledger(admin(database), f"{database.name}_owner", ledger)
    with pytest.raises(BackupError, match="has keys"):
        backups.restore_keys(keys, database.home / "keys", folder / "seal")
    with pytest.raises(BackupError, match="is there already"):
        backups.back_up_ledger(database.access.of("sealer"), ledger)
    assert rows_of(database) == before


def test_a_backup_onto_a_full_disk_leaves_nothing(here: tuple[Any, Path], tmp_path: Path) -> None:
    """A real full disk where the machine gives us one: a small tmpfs in a namespace of our own."""
    database, _ = here
    fill(database, tmp_path / "here" / "seal", 300)
    place = tmp_path / "small"
    place.mkdir()
    code = (
        "import sys; from pathlib import Path; from application import backups\n"
        "try:\n    backups.back_up_ledger(sys.argv[1], Path(sys.argv[2]))\n"
        "except backups.BackupError as e:\n    print(e, list(Path(sys.argv[2]).parent.iterdir()))"
    )
    inner = f'mount -t tmpfs -o size=64k tmpfs {place} && exec {sys.executable} -c "$1" "$2" {place}/ledger'
    command = ["unshare", "--mount", "--map-root-user", "sh", "-c", inner, "sh", code, database.access.of("sealer")]
    try:
        tried = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    except FileNotFoundError:
        tried = None
    if tried is None or "unshare" in tried.stderr or "mount" in tried.stderr:
        with pytest.raises(BackupError, match="cannot be made"):
            backups.back_up_ledger(database.access.of("sealer"), tmp_path / "no" / "such" / "place")
        return
    assert "nothing was left" in tried.stdout, tried.stderr
    assert tried.stdout.strip().endswith("[]")
