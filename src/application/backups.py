"""A ledger copied out and put back: entries and checkpoints in one folder, the keys in another (ADR 33).

Ledger and keys are kept apart, as they are in use: who has the one reads nothing without the other. Views are not
copied: they are what the ledger says, and the next start makes them again.
"""

import hashlib
import json
import os
import shutil
import sqlite3
from collections.abc import Iterable
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
from psycopg import sql

from application.files import sync
from application.sealing.logs import newest_in_table
from application.seals import store_file
from domain.keeping import LEDGER, LedgerRestored

FORMAT = "xuncha-backup-1"
MANIFEST = "manifest.json"
_TABLES = {
    "entries": "position, stream, version, kind, recorded_at, command, ordinal, body, writer, signature",
    "checkpoints": "log, size, note",
}
_KEYS_OF = {"entries": "position", "checkpoints": "log, size"}


class BackupError(Exception):
    """It cannot be backed up or restored; the message says why and what to do. Nothing was changed."""


class Manifest(NamedTuple):
    """What a backup holds: of which ledger, how much of it, and the digest of each file."""

    format: str
    origin: str
    entries: int
    checkpoint: str
    """The newest signed note it holds of the log the ledger is sealed in; empty where that has signed nothing yet."""
    migration: int
    made_at: str
    files: dict[str, str]


def back_up_ledger(conninfo: str, folder: Path) -> Manifest:
    """Copy entries and checkpoints, as they stand at one moment, into a folder that is not there yet.

    `conninfo` is the sealer's: it reads the ledger and nothing else. Raises BackupError; a folder that could not be
    completed is taken away again.
    """
    with _new_folder(folder) as unfinished, psycopg.connect(conninfo) as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        row = connection.execute(
            "SELECT count(*), coalesce(max(position), 0),"
            " (SELECT convert_from(body, 'UTF8') FROM ledger.entries WHERE position = 1),"
            " (SELECT max(number) FROM ledger.migrations) FROM ledger.entries"
        ).fetchone()
        assert row is not None  # noqa: S101  an aggregate always has a row
        count, head, first, migration = row
        if not head:
            raise BackupError("账本为空，没有可备份的 · the ledger is empty, there is nothing to back up")
        if count != head:
            raise BackupError(
                f"账本有缺：{count} 条，最后位置 {head}；请先运行 xuncha verify · the ledger has holes: {count} "
                f"entries, the last position is {head}; run xuncha verify first"
            )
        origin = json.loads(first)["payload"]["origin"]
        note = _newest_note(connection, origin)
        files = {}
        for table, columns in _TABLES.items():
            path = unfinished / f"{table}.copy"
            # In binary: bytes and instants come back as they were, whatever the server's settings for text.
            chosen = f"SELECT {columns} FROM ledger.{table} ORDER BY {_KEYS_OF[table]}"
            with connection.cursor().copy(f"COPY ({chosen}) TO STDOUT (FORMAT BINARY)".encode()) as copied:
                files[path.name] = _write(path, copied)
        made_at = datetime.now(UTC).isoformat(timespec="seconds")
        manifest = Manifest(FORMAT, origin, head, note, migration, made_at, files)
        _write(unfinished / MANIFEST, [json.dumps(manifest._asdict(), ensure_ascii=False, indent=1).encode()])
    return manifest


def _newest_note(connection: psycopg.Connection[Any], origin: str) -> str:
    """The newest note of the log the ledger is sealed in now: that is what its last restore has named."""
    row = connection.execute(
        "SELECT convert_from(body, 'UTF8') FROM ledger.entries WHERE stream = %s AND kind = %s"
        " ORDER BY version DESC LIMIT 1",
        (LEDGER, LedgerRestored.model_fields["kind"].default),
    ).fetchone()
    log = json.loads(row[0])["payload"]["log"] if row else origin
    return next((known.note.decode() for known in newest_in_table(connection, log)), "")


def back_up_keys(keys: Path, seal: Path, folder: Path) -> None:
    """Copy the key store and the seal's keys into a folder that is not there yet; the master key stays out.

    To be done after the ledger's: keys are there before their facts, so none of a copied fact is missing. Raises
    BackupError.
    """
    with _new_folder(folder) as unfinished:
        copy = unfinished / "keys.db"
        try:
            with (
                closing(sqlite3.connect(f"file:{store_file(keys)}?mode=ro", uri=True)) as store,
                closing(sqlite3.connect(copy)) as copied,
            ):
                store.backup(copied)
        except sqlite3.Error as e:
            raise BackupError(f"密钥库无法读取 · the key store cannot be read: {store_file(keys)}: {e}") from e
        copy.chmod(0o600)
        for path in sorted(seal.glob("*.key")):
            _write(unfinished / path.name, [path.read_bytes()])
        for path in unfinished.iterdir():
            sync(path)


def read_manifest(folder: Path) -> Manifest:
    """What a backup holds, its files compared with their digests. Raises BackupError."""
    path = folder / MANIFEST
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        manifest = Manifest(**raw)
        if manifest.format != FORMAT or set(manifest.files) != {f"{table}.copy" for table in _TABLES}:
            raise ValueError(str(manifest.format))
    except (FileNotFoundError, NotADirectoryError) as e:
        raise BackupError(
            f"此处没有账本备份（缺 {MANIFEST}）；先写账本的文件夹，再写密钥的 · there is no backup of a ledger here "
            f"(no {MANIFEST}); the ledger's folder comes first, the keys' second: {folder}"
        ) from e
    except (OSError, ValueError, TypeError) as e:
        raise BackupError(f"不是备份文件夹，或者已损坏 · no backup, or a broken one: {path}: {type(e).__name__}") from e
    for name, digest in manifest.files.items():
        try:
            with (folder / name).open("rb") as f:
                found = hashlib.file_digest(f, "sha256").hexdigest()
        except OSError as e:
            raise BackupError(f"备份缺文件 · a file of the backup is missing: {folder / name}") from e
        if found != digest:
            raise BackupError(f"备份文件已改动 · a file of the backup was changed: {folder / name}")
    return manifest


def restore_keys(folder: Path, keys: Path, seal: Path) -> None:
    """Put the key store and the seal's keys where they are used. Raises BackupError where some are there already."""
    if store_file(keys).exists() or any(seal.glob("*.key")):
        raise BackupError(
            "此 XUNCHA_HOME 已有密钥：请恢复到空的 XUNCHA_HOME · this XUNCHA_HOME has keys, restore into an empty one: "
            f"{keys}"
        )
    if not (folder / "keys.db").is_file():
        raise BackupError(f"不是密钥备份 · no backup of keys: {folder}")
    for place in (keys, seal):
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
    for path in sorted(folder.iterdir()):
        place = store_file(keys) if path.name == "keys.db" else seal / path.name
        _write(place, [path.read_bytes()])
        sync(place.parent)


def restore_ledger(admin: str, owner: str, folder: Path) -> Manifest:
    """Put entries and checkpoints into a ledger that is made ready and empty; all or nothing. Raises BackupError.

    The order is checked here once for all of it: the table's own check is for one append at a time. Whether it is
    what was once sealed is for the tree to say (`sealing.checking`).
    """
    manifest = read_manifest(folder)
    with psycopg.connect(admin) as connection:
        connection.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(owner)))
        row = connection.execute("SELECT max(number) FROM ledger.migrations").fetchone()
        if row is None or row[0] < manifest.migration:
            raise BackupError(
                f"备份比本软件新（迁移 {manifest.migration}）· the backup is newer than this software: it has "
                f"migration {manifest.migration}"
            )
        if connection.execute("SELECT 1 FROM ledger.entries LIMIT 1").fetchone():
            raise BackupError(
                "账本不是空的：请恢复到空数据库 · the ledger is not empty: restore into an empty database"
            )
        connection.execute("ALTER TABLE ledger.entries DISABLE TRIGGER order_checked")
        for table, columns in _TABLES.items():
            with (
                connection.cursor().copy(
                    f"COPY ledger.{table} ({columns}) FROM STDIN (FORMAT BINARY)".encode()
                ) as copy,
                (folder / f"{table}.copy").open("rb") as source,
            ):
                while block := source.read(1 << 20):
                    copy.write(block)
        connection.execute("ALTER TABLE ledger.entries ENABLE ALWAYS TRIGGER order_checked")
        fault = connection.execute(
            "SELECT min(position) FROM (SELECT position, row_number() OVER w AS n, recorded_at,"
            " lag(recorded_at) OVER w AS before FROM ledger.entries WINDOW w AS (ORDER BY position)) AS e"
            " WHERE position <> n OR recorded_at < before"
        ).fetchone()
        total = connection.execute("SELECT count(*) FROM ledger.entries").fetchone()
        if (fault and fault[0]) or total != (manifest.entries,):
            raise BackupError(
                f"备份的次序有误，首处位置 {fault and fault[0]} · the backup's order is broken, first at that position"
            )
    return manifest


class _new_folder:  # noqa: N801  reads as what it makes
    """A folder under another name until it is complete and on disk."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._unfinished = folder.with_name(f"{folder.name}.unfinished")

    def __enter__(self) -> Path:
        if self._folder.exists():
            raise BackupError(f"文件夹已存在，请另选 · the folder is there already, choose another: {self._folder}")
        shutil.rmtree(self._unfinished, ignore_errors=True)
        try:
            self._unfinished.mkdir(mode=0o700)
        except OSError as e:
            raise BackupError(f"无法建立文件夹 · the folder cannot be made: {self._folder}: {e.strerror}") from e
        return self._unfinished

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: Any) -> None:
        if error is None:
            try:
                sync(self._unfinished)
                self._unfinished.rename(self._folder)
                sync(self._folder.parent)
            except OSError as e:
                error = e
        if error is not None:
            with suppress(OSError):
                shutil.rmtree(self._unfinished)
        if isinstance(error, OSError):
            raise BackupError(
                f"写不下去，未留下任何东西 · it could not be written, nothing was left: {self._folder}: "
                f"{error.strerror}"
            ) from error


def _write(path: Path, blocks: Iterable[Any]) -> str:
    """Write a private file to the disk; returns its SHA-256."""
    digester = hashlib.sha256()
    with os.fdopen(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600), "wb") as f:
        for block in blocks:
            digester.update(block)
            f.write(block)
        f.flush()
        os.fsync(f.fileno())
    return digester.hexdigest()
