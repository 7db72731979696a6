"""The two seals and their key store: one key per source and matter, kept apart from the database.

The store is one SQLite file under `XUNCHA_HOME/keys`, every key wrapped by a master key given from outside.
SQLite gives what a key store needs and is easy to get wrong by hand: fsync before return, several processes,
and overwriting of deleted bytes (ADR 5).
"""

import hashlib
import hmac
import json
import os
import sqlite3
import threading
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from application.files import sync
from domain.kernel import Seal, Sealed, Secret

_SALT = 32
_NONCE = 12
_PADDED_TO = 64
_CACHED = 50_000
COMMAND_DIGEST = "digest:command:"
"""What the subjects of the keys of command digests begin with; a day follows."""
SIGN_IN_DIGEST = "digest:sign-in"
RESEND_DAYS = 30
"""For how long the content of a resent command is compared; its digest's key is destroyed afterwards."""

_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS store (origin TEXT NOT NULL, probe BLOB NOT NULL)",
    """CREATE TABLE IF NOT EXISTS keys (
    id TEXT PRIMARY KEY,
    subject TEXT NOT NULL UNIQUE,
    wrapped BLOB,
    made_at TEXT NOT NULL,
    destroyed_at TEXT
) WITHOUT ROWID""",
)
_OF_SUBJECTS = "SELECT subject, id, wrapped IS NULL FROM keys WHERE subject IN (SELECT value FROM json_each(?))"


class KeyStoreError(Exception):
    """The key store cannot be used; the message says why and what to do."""


class SealBroken(KeyStoreError):
    """A box was closed elsewhere, for something else, or was changed."""


class TextState(StrEnum):
    """Whether a sealed text can be read."""

    READABLE = "readable"
    DESTROYED = "destroyed"
    MISSING = "missing"
    ALTERED = "altered"


class Opened(NamedTuple):
    """A text opened, or the reason why it cannot be."""

    state: TextState
    text: str | None


class KeyRow(NamedTuple):
    """One key as the store lists it, without the key."""

    id: str
    subject: str
    made_at: str
    destroyed_at: str | None


def subject_of(seal: Seal, stream: str) -> str:
    """What a key is for: one seal on one stream, so one source in one matter, or one matter's content."""
    return f"{seal}:{stream}"


class KeyStore:
    """Keys by subject: made once, opened often, destroyed for good.

    `make` allows a new store where there is none: at the ledger's beginning, and never later, for a new store under
    an old ledger would open nothing and hide that the old one is lost. Safe between threads and processes. Raises
    KeyStoreError when the file or the master key is not right.
    """

    def __init__(self, folder: Path, master: bytes, origin: str, *, make: bool = False) -> None:
        if len(master) != 32:
            raise KeyStoreError(f"主密钥须为 32 字节，实为 {len(master)} 字节 · the master key must be 32 bytes")
        self.origin = origin
        self._master = AESGCM(master)
        self._lock = threading.Lock()
        self._open: dict[str, tuple[AESGCM, str]] = {}
        self._by_subject: dict[str, str] = {}
        self._seen_version = -1
        self._today: tuple[date, str, bytes] | None = None
        if not make and not store_file(folder).exists():
            raise KeyStoreError(_LOST.format(folder=folder))
        try:
            path = _private_file(folder)
            self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=30)
        except (OSError, sqlite3.Error) as e:
            raise KeyStoreError(f"密钥库无法打开 · the key store cannot be opened: {folder}: {e}") from e
        try:
            for pragma in ("journal_mode=TRUNCATE", "synchronous=EXTRA", "secure_delete=ON", "fullfsync=ON"):
                self._db.execute(f"PRAGMA {pragma}")
            with self._changing():
                for statement in _SCHEMA:
                    self._db.execute(statement)
                self._check_master(folder, make)
        except sqlite3.Error as e:
            self._db.close()
            raise KeyStoreError(f"密钥库无法打开 · the key store cannot be opened: {folder}: {e}") from e
        except BaseException:
            self._db.close()
            raise

    @contextmanager
    def _using(self) -> Iterator[None]:
        """One thread at a time; what SQLite says is a KeyStoreError."""
        with self._lock:
            try:
                yield
            except sqlite3.Error as e:
                raise KeyStoreError(f"密钥库不可用 · the key store does not answer: {e}") from e

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """One change of the store: on disk when this ends, or not made at all."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._db.execute("COMMIT")
        except BaseException:
            if self._db.in_transaction:  # SQLite itself ends it where the disk is full
                self._db.execute("ROLLBACK")
            raise

    def _check_master(self, folder: Path, make: bool) -> None:
        row = self._db.execute("SELECT origin, probe FROM store").fetchone()
        if row is None:
            if not make:
                raise KeyStoreError(_LOST.format(folder=folder))
            nonce = os.urandom(_NONCE)
            probe = nonce + self._master.encrypt(nonce, b"xuncha", self.origin.encode())
            self._db.execute("INSERT INTO store VALUES (?, ?)", (self.origin, probe))
            self._make([SIGN_IN_DIGEST])
            return
        if row[0] != self.origin:
            raise KeyStoreError(
                f"密钥库属于另一账本 · the key store in {folder} belongs to ledger {row[0]}, not {self.origin}"
            )
        try:
            self._master.decrypt(row[1][:_NONCE], row[1][_NONCE:], self.origin.encode())
        except InvalidTag:
            raise KeyStoreError(
                f"主密钥与密钥库不符 · the master key does not open the key store in {folder}: "
                "give the one it was made with"
            ) from None

    def close(self) -> None:
        self._db.close()

    def ensure(self, subjects: Iterable[str]) -> dict[str, str]:
        """The key id of each subject, made and on disk before this returns.

        A subject whose key was destroyed is left out: nothing more can be written under it.
        """
        wanted = set(subjects)
        with self._using():
            self._refresh()
            found = {s: self._by_subject[s] for s in wanted if s in self._by_subject}
            missing = wanted - found.keys()
            if not missing:
                return found
            with self._changing():
                stored = self._db.execute(_OF_SUBJECTS, (json.dumps(sorted(missing)),)).fetchall()
                found |= {subject: key_id for subject, key_id, destroyed in stored if not destroyed}
                made = self._make(sorted(missing.difference(subject for subject, _, _ in stored)))
            for subject, (key_id, cipher) in made.items():
                found[subject], self._open[key_id] = key_id, (cipher, subject)
            self._by_subject.update(found)
            return found

    def _make(self, subjects: Iterable[str]) -> dict[str, tuple[str, AESGCM]]:
        """New keys, by subject. They are there when the change that makes them has ended well."""
        made, rows, now = {}, [], datetime.now(UTC).isoformat()
        for subject in subjects:
            key_id, key, nonce = f"key:{uuid4()}", os.urandom(32), os.urandom(_NONCE)
            wrapped = nonce + self._master.encrypt(nonce, key, f"{self.origin}|{key_id}|{subject}".encode())
            rows.append((key_id, subject, wrapped, now))
            made[subject] = key_id, AESGCM(key)
        self._db.executemany("INSERT INTO keys (id, subject, wrapped, made_at) VALUES (?, ?, ?, ?)", rows)
        return made

    def destroy(self, key_id: str) -> bool:
        """Destroy a key for good; False when it already was.

        Raises KeyStoreError for an unknown key, and for that of the sign-ins: nobody would be known again.
        """
        with self._using():
            try:
                with self._changing():
                    row = self._db.execute("SELECT subject, wrapped FROM keys WHERE id = ?", (key_id,)).fetchone()
                    if row is None:
                        raise KeyStoreError(f"没有这把密钥 · no such key: {key_id}")
                    if row[0].partition(":")[0] not in tuple(Seal):
                        raise KeyStoreError(f"系统密钥不可销毁 · a system key is not destroyed: {row[0]}")
                    self._db.execute(
                        "UPDATE keys SET wrapped = NULL, destroyed_at = coalesce(destroyed_at, ?) WHERE id = ?",
                        (datetime.now(UTC).isoformat(), key_id),
                    )
            finally:
                self._open.clear()
                self._by_subject.clear()
            return row[1] is not None

    def rows(self) -> list[KeyRow]:
        """Every key the store knows, by subject."""
        with self._using():
            found = self._db.execute("SELECT id, subject, made_at, destroyed_at FROM keys ORDER BY subject")
            return [KeyRow(*row) for row in found]

    def _refresh(self) -> None:
        """Forget what is cached when another process has changed the store, and when it is a lot."""
        version = self._db.execute("PRAGMA data_version").fetchone()[0]
        if version != self._seen_version or len(self._by_subject) + len(self._open) > _CACHED:
            self._open.clear()
            self._by_subject.clear()
            self._seen_version = version

    def _key(self, key_id: str) -> tuple[TextState, AESGCM | None, str]:
        if known := self._open.get(key_id):
            return TextState.READABLE, *known
        row = self._db.execute("SELECT subject, wrapped FROM keys WHERE id = ?", (key_id,)).fetchone()
        if row is None:
            return TextState.MISSING, None, ""
        if row[1] is None:
            return TextState.DESTROYED, None, row[0]
        self._open[key_id] = AESGCM(self._unwrap(key_id, row[0], row[1])), row[0]
        return TextState.READABLE, *self._open[key_id]

    def _unwrap(self, key_id: str, subject: str, wrapped: bytes) -> bytes:
        try:
            return self._master.decrypt(
                wrapped[:_NONCE], wrapped[_NONCE:], f"{self.origin}|{key_id}|{subject}".encode()
            )
        except (InvalidTag, ValueError):
            raise KeyStoreError(f"密钥被改动或调换 · the key was changed or exchanged: {key_id}") from None

    def seal(self, secret: Secret, key_id: str, where: str) -> Sealed:
        """Close a text under a key, at one place of the ledger (`stream|version|kind|path`)."""
        with self._using():
            self._refresh()
            state, cipher, _ = self._key(key_id)
        if cipher is None:
            raise KeyStoreError(f"密钥不可用 · the key cannot be used ({state}): {key_id}")
        plaintext = os.urandom(_SALT) + _padded(secret.reveal().encode())
        nonce = os.urandom(_NONCE)
        closed = nonce + cipher.encrypt(nonce, plaintext, self._bound(where, key_id))
        return Sealed(
            key=key_id, digest=hashlib.sha256(plaintext).hexdigest(), box=b64encode(closed).decode(), at=where
        )

    def open_content(self, sealed: Sealed) -> Opened:
        """Open a content seal for showing. Identities never open here.

        Raises SealBroken when the box was closed elsewhere, for something else, or was changed.
        """
        with self._using():
            self._refresh()
            state, cipher, subject = self._key(sealed.key)
        if cipher is None:
            return Opened(state, None)
        if not subject.startswith(f"{Seal.CONTENT}:"):
            raise SealBroken("身份封签不在此开启 · an identity seal does not open here")
        return Opened(state, self._decrypt(cipher, sealed))

    def verify(self, sealed: Sealed) -> TextState:
        """Whether a seal of either kind opens where it stands; the text is not given out.

        Raises SealBroken when the box was closed elsewhere or was changed.
        """
        with self._using():
            self._refresh()
            state, cipher, _ = self._key(sealed.key)
        if cipher is not None:
            self._decrypt(cipher, sealed)
        return state

    def _decrypt(self, cipher: AESGCM, sealed: Sealed) -> str:
        try:
            closed = b64decode(sealed.box.encode(), validate=True)
            plaintext = cipher.decrypt(closed[:_NONCE], closed[_NONCE:], self._bound(sealed.at, sealed.key))
        except (InvalidTag, ValueError):
            raise SealBroken(f"封签被改动或挪动 · the seal was changed or moved: {sealed.at}") from None
        if not hmac.compare_digest(hashlib.sha256(plaintext).hexdigest(), sealed.digest):
            raise SealBroken(f"封签与摘要不符 · the seal does not match its digest: {sealed.at}")
        return plaintext[_SALT:].rstrip(b"\0")[:-1].decode()

    def _bound(self, where: str, key_id: str) -> bytes:
        """Associated data: a box opens only in this ledger, at this stream, version, kind, path, key."""
        return f"{self.origin}|{where}|{key_id}".encode()

    def command_digest(self, day: date, content: bytes) -> tuple[str, str]:
        """A digest of a command of that day, and the id of the key it was made under.

        The first of a day makes the key, and those of old days fade. Raises KeyStoreError where it was destroyed: only
        a clock gone wild asks for such a day.
        """
        if (at_hand := self.digest_at_hand(day, content)) is not None:
            return at_hand
        self.fade(day - timedelta(days=RESEND_DAYS))
        subject = f"{COMMAND_DIGEST}{day.isoformat()}"
        found = self.ensure([subject])
        key = self._raw(found[subject]) if subject in found else None
        if key is None:
            raise KeyStoreError(f"密钥已销毁 · the key was destroyed: {subject}")
        self._today = day, found[subject], key
        return found[subject], _keyed(key, content)

    def digest_at_hand(self, day: date, content: bytes) -> tuple[str, str] | None:
        """The same without asking the disk, where it was asked that day: its key is not destroyed for a month."""
        today = self._today
        return (today[1], _keyed(today[2], content)) if today is not None and today[0] == day else None

    def fade(self, before: date) -> None:
        """Destroy the keys of command digests older than this day: nobody needs them, and no text depends on them."""
        with self._using():
            try:
                with self._changing():
                    self._db.execute(
                        "UPDATE keys SET wrapped = NULL, destroyed_at = ?"
                        " WHERE subject >= ? AND subject < ? AND wrapped IS NOT NULL",
                        (datetime.now(UTC).isoformat(), COMMAND_DIGEST, COMMAND_DIGEST + before.isoformat()),
                    )
            finally:
                self._by_subject.clear()
                self._today = None

    def sign_in_digest(self, sign_in: bytes) -> str:
        """The digest a sign-in is known by. Raises KeyStoreError where its key is missing: it is never made anew."""
        with self._using():
            row = self._db.execute("SELECT id FROM keys WHERE subject = ?", (SIGN_IN_DIGEST,)).fetchone()
        digest = self.keyed_digest(row[0], sign_in) if row else None
        if digest is None:
            raise KeyStoreError(
                "登录密钥缺失，请恢复密钥库 · the key of the sign-ins is missing, restore the key store"
            )
        return digest

    def keyed_digest(self, key_id: str, content: bytes) -> str | None:
        """A digest nobody can guess from the outside: HMAC-SHA256 under a key of this store; None once destroyed."""
        key = self._raw(key_id)
        return None if key is None else _keyed(key, content)

    def _raw(self, key_id: str) -> bytes | None:
        with self._using():
            row = self._db.execute("SELECT subject, wrapped FROM keys WHERE id = ?", (key_id,)).fetchone()
        return None if row is None or row[1] is None else self._unwrap(key_id, row[0], row[1])


def _keyed(key: bytes, content: bytes) -> str:
    return hmac.digest(key, content, "sha256").hex()


def _padded(text: bytes) -> bytes:
    """Text, 0x80, zeros up to the next 64 bytes: a name of two characters looks like one of four."""
    return text + b"\x80" + b"\0" * (-(len(text) + 1) % _PADDED_TO)


_LOST = (
    "账本已有记录，而密钥库不在：请从备份恢复 · the ledger holds entries and its key store is not there: "
    "restore it from the backup: {folder}"
)


def store_file(folder: Path) -> Path:
    """The file of the key store in its folder."""
    return folder / "keys.db"


def _private_file(folder: Path) -> Path:
    """The store's file, its folder open to nobody else, both certain to be there after a crash."""
    if not folder.is_dir():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        sync(folder.parent)
    if folder.stat().st_mode & 0o077:
        folder.chmod(0o700)
    path = store_file(folder)
    os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
    if path.stat().st_mode & 0o077:
        path.chmod(0o600)
    sync(folder)
    return path
