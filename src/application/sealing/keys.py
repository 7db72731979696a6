"""The seal's keys: three files outside the database, and what a writer signs with them."""

import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from application.files import write_new, write_private
from application.ledger import EntryRow
from application.sealing.errors import SealingError
from sealedlog.leaf import Blinding, batch_statement, entry_digest, instant, leaf
from sealedlog.notes import Kind, Signer, VerifierKey

FILES = ("blinding.key", "writer.key", "log.key")
_RETIRED = "public:"
"""Before the public half of a key that signs no more: what it signed stays good."""


@dataclass(frozen=True)
class SealKeys:
    """What is kept outside the database: the blinding secret, the writers' keys, the log's keys; and where.

    Of several keys in a file the last one is new: a writer signs with it, and what older ones signed stays good. A
    checkpoint carries the signatures of all of the log's keys, so that whoever knows only the old one believes it
    until the old one is retired. Of a retired key the public half is left: it verifies, and signs nothing.
    """

    folder: Path
    blinding: Blinding
    writers: tuple[bytes, ...]
    logs: tuple[bytes, ...]
    retired_writers: tuple[bytes, ...] = ()
    retired_logs: tuple[bytes, ...] = ()

    def signer(self) -> "WriterSigner":
        return WriterSigner(self.blinding, self.writers[-1])

    def writer_keys(self) -> list[bytes]:
        """The public halves, the newest first, the retired ones last."""
        return [*(_public(seed) for seed in reversed(self.writers)), *reversed(self.retired_writers)]

    def log_signers(self, name: str) -> list[Signer]:
        return [Signer(name, seed) for seed in self.logs]

    def log_keys(self, name: str) -> list[VerifierKey]:
        """Whose signatures a note of the log may carry; the retired ones last."""
        return [*(signer.key for signer in self.log_signers(name)), *self.retired_log_keys(name)]

    def retired_log_keys(self, name: str) -> list[VerifierKey]:
        return [VerifierKey(name, Kind.ED25519, public) for public in self.retired_logs]


def read_seal_keys(folder: Path, *, make: bool = False) -> SealKeys:
    """The keys of a folder; made where they are missing and `make` says so. Raises SealingError.

    Each file holds 64 hexadecimal characters a line, and is open to nobody else.
    """
    if make:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name in FILES:
            with suppress(FileExistsError):
                write_new(folder / name, secrets.token_hex(32) + "\n")
    (blinding, _), (writers, old_writers), (logs, old_logs) = (_read_keys(folder / name) for name in FILES)
    if len(blinding) != 1:
        raise SealingError(
            f"盲化密钥只能有一个：换了它，旧叶就算不出来 · there is one blinding key only, or old leaves could not be "
            f"computed again: {folder / FILES[0]}"
        )
    return SealKeys(folder, Blinding(blinding[0]), writers, logs, old_writers, old_logs)


def rotate(folder: Path, name: str) -> None:
    """Add a new key to `writer.key` or `log.key`; the older ones stay. Raises SealingError."""
    keys, retired = _read_keys(folder / name)
    _rewrite(folder / name, retired, [*keys, secrets.token_bytes(32)])


def retire(folder: Path, name: str) -> int:
    """Of all keys in `writer.key` or `log.key` but the newest keep the public half only; how many. Raises SealingError.

    They sign no more. A line that was deleted would make all it had signed look like somebody else's work.
    """
    keys, retired = _read_keys(folder / name)
    if len(keys) > 1:
        _rewrite(folder / name, [*retired, *map(_public, keys[:-1])], keys[-1:])
    return len(keys) - 1


def _rewrite(path: Path, retired: Sequence[bytes], keys: Sequence[bytes]) -> None:
    lines = [*(f"{_RETIRED}{key.hex()}\n" for key in retired), *(f"{key.hex()}\n" for key in keys)]
    write_private(path, "".join(lines))


def _read_keys(path: Path) -> tuple[tuple[bytes, ...], tuple[bytes, ...]]:
    """The keys of a file, and the public halves of those retired."""
    try:
        if path.stat().st_mode & 0o077:
            raise SealingError(f"密钥文件他人可读：请 chmod 600 · the key is open to others, chmod 600: {path}")
        words = path.read_text(encoding="ascii").split()
        found = tuple(bytes.fromhex(word) for word in words if not word.startswith(_RETIRED))
        retired = tuple(bytes.fromhex(word.removeprefix(_RETIRED)) for word in words if word.startswith(_RETIRED))
    except OSError as e:
        raise SealingError(
            f"无法读取封存密钥，请先恢复备份 · a key of the seal cannot be read, restore its backup: {path}: "
            f"{e.strerror}"
        ) from e
    except ValueError:
        found = retired = ()
    if not found or any(len(key) != 32 for key in (*found, *retired)):
        raise SealingError(f"须每行 64 个十六进制字符 · must be 64 hexadecimal characters a line: {path}")
    return found, retired


class WriterSigner:
    """Signs appends for the ledger."""

    def __init__(self, blinding: Blinding, seed: bytes) -> None:
        self._blinding = blinding
        self._private = Ed25519PrivateKey.from_private_bytes(seed)

    def sign(self, writer: str, first: int, recorded_at: datetime, rows: Sequence[EntryRow]) -> bytes:
        """The signature over all of these entries."""
        at = instant(recorded_at)
        leaves = [leaf_of(self._blinding, first + n, row, at, writer) for n, row in enumerate(rows)]
        return self._private.sign(batch_statement(writer, first, leaves))


def leaf_of(blinding: Blinding, position: int, row: EntryRow, at: str, writer: str) -> bytes:
    """The leaf of an entry (ADR 26)."""
    digest = entry_digest(
        stream=row.stream,
        version=row.version,
        kind=row.kind,
        command=str(row.command),
        ordinal=row.ordinal,
        body=row.body,
    )
    keys = blinding.of(row.stream)
    return leaf(keys, digest, version=row.version, position=position, recorded_at=at, writer=writer)


def _public(seed: bytes) -> bytes:
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
