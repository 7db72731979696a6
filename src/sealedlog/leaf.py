"""The blind leaf: what the log holds of an entry, and how it is opened, entry by entry (ADR 26).

A leaf tells its position, who wrote it, and two numbers that are noise to everybody who was given nothing: a salted
commitment to the entry, and a tag by which the holder of a stream's tag key knows the stream's leaves. All of it comes
from the entry and one 32-byte secret kept outside the database, and can be computed again from these.
"""

import re
from base64 import b64encode
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from hmac import digest as hmac
from typing import Any, NamedTuple

from sealedlog.canonical import canonical, parse, quoted
from sealedlog.errors import Malformed
from sealedlog.merkle import leaf_hash, root

SECRET = 32
_HEX = "[0-9a-f]{64}"
WRITER = "(?:writer|recorder):[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
"""Who appended: the writer, or the library's recorder (ADR 1)."""
_LEAF = re.compile(
    f'{{"commitment":"({_HEX})","position":([1-9][0-9]{{0,14}}),"tag":"({_HEX})","writer":"({WRITER})"}}'.encode()
)
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z", re.ASCII)
_ENTRY = ("body", "command", "kind", "ordinal", "stream", "version")
_OPENING = ("entry", "position", "recorded_at", "salt", "tag", "writer")


class StreamKeys(NamedTuple):
    """What a stream's leaves are made with: `key` for the salts, `tag` for the tags."""

    key: bytes
    tag: bytes


def stream_key(secret: bytes, stream: str) -> bytes:
    """The key all of a stream's other keys come from; never given away."""
    if len(secret) != SECRET:
        raise Malformed(f"盲化密钥须为 32 字节 · the blinding secret must be 32 bytes, not {len(secret)}")
    return hmac(secret, f"stream|{stream}".encode(), "sha256")


def tag_key(key: bytes) -> bytes:
    """The tag key of a stream's key: whoever holds it picks out all the stream's leaves, and opens none."""
    return hmac(key, b"tag", "sha256")


def salt(key: bytes, version: int) -> bytes:
    """The salt of one entry of a stream."""
    return hmac(key, f"salt|{version}".encode(), "sha256")


def tag(key: bytes, position: int) -> str:
    """The tag a stream's leaf has at a position, by the stream's tag key."""
    return hmac(key, f"tag|{position}".encode(), "sha256").hex()


class Blinding:
    """The secret, and the keys of the streams last used."""

    def __init__(self, secret: bytes, remember: int = 8192) -> None:
        if len(secret) != SECRET:
            raise Malformed(f"盲化密钥须为 32 字节 · the blinding secret must be 32 bytes, not {len(secret)}")

        @lru_cache(maxsize=remember)
        def of(stream: str) -> StreamKeys:
            key = stream_key(secret, stream)
            return StreamKeys(key, tag_key(key))

        self.of = of


def instant(at: datetime) -> str:
    """A time as leaves have it: UTC, microseconds."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")[:26] + "Z"


def entry_digest(*, stream: str, version: int, kind: str, command: str, ordinal: int, body: bytes) -> str:
    """What can be computed of an entry before its position and time are known; the bulk of the work.

    Raises UnicodeDecodeError for a body that is not UTF-8. Written out by hand because it runs for every append: the
    bytes are those of `canonical`, a test says so.
    """
    return sha256(
        f'{{"body":{quoted(body.decode())},"command":{quoted(command)},"kind":{quoted(kind)},"ordinal":{ordinal},'
        f'"stream":{quoted(stream)},"version":{version}}}'.encode()
    ).hexdigest()


def commitment(salted: bytes, entry: str, recorded_at: str) -> str:
    """The commitment to an entry's digest and time."""
    return sha256(salted + f'{{"entry":"{entry}","recorded_at":"{recorded_at}"}}'.encode()).hexdigest()


def leaf(keys: StreamKeys, entry: str, *, version: int, position: int, recorded_at: str, writer: str) -> bytes:
    """The leaf of an entry, from its digest. `recorded_at` is an `instant`."""
    return _leaf(commitment(salt(keys.key, version), entry, recorded_at), position, tag(keys.tag, position), writer)


def _leaf(committed: str, position: int, tagged: str, writer: str) -> bytes:
    return f'{{"commitment":"{committed}","position":{position},"tag":"{tagged}","writer":"{writer}"}}'.encode()


class Leaf(NamedTuple):
    """A leaf as anybody reads it."""

    commitment: str
    position: int
    tag: str
    writer: str


def parse_leaf(data: bytes) -> Leaf:
    """Read a leaf. Raises Malformed for any other bytes."""
    found = _LEAF.fullmatch(data)
    if found is None:
        raise Malformed("不是叶 · not a leaf")
    return Leaf(found[1].decode(), int(found[2]), found[3].decode(), found[4].decode())


class Opening(NamedTuple):
    """One entry in clear with what its leaf was made from. Opens this entry, and says nothing of any other."""

    stream: str
    version: int
    kind: str
    command: str
    ordinal: int
    body: bytes
    position: int
    recorded_at: str
    writer: str
    salt: bytes
    tag: str

    def encode(self) -> bytes:
        """The opening as a file: canonical JSON."""
        entry = {
            "body": self.body.decode(),
            "command": self.command,
            "kind": self.kind,
            "ordinal": self.ordinal,
            "stream": self.stream,
            "version": self.version,
        }
        return canonical(
            {
                "entry": entry,
                "position": self.position,
                "recorded_at": self.recorded_at,
                "salt": self.salt.hex(),
                "tag": self.tag,
                "writer": self.writer,
            }
        )


def opening(
    keys: StreamKeys,
    *,
    stream: str,
    version: int,
    kind: str,
    command: str,
    ordinal: int,
    body: bytes,
    position: int,
    recorded_at: str,
    writer: str,
) -> Opening:
    """What is handed over with one entry, so that its leaf can be checked."""
    return Opening(
        stream,
        version,
        kind,
        command,
        ordinal,
        body,
        position,
        recorded_at,
        writer,
        salt(keys.key, version),
        tag(keys.tag, position),
    )


def parse_opening(data: bytes) -> Opening:
    """Read an opening. Raises Malformed."""
    given: Any = parse(data)
    wrong = Malformed("不是开示 · not an opening")
    if not isinstance(given, dict) or tuple(given) != _OPENING:
        raise wrong
    entry = given["entry"]
    if not isinstance(entry, dict) or tuple(entry) != _ENTRY:
        raise wrong
    texts = [entry[name] for name in ("body", "command", "kind", "stream")]
    texts += [given[name] for name in ("recorded_at", "salt", "tag", "writer")]
    numbers = [entry["ordinal"], entry["version"], given["position"]]
    if not all(isinstance(text, str) for text in texts) or not all(isinstance(number, int) for number in numbers):
        raise wrong
    if (
        not _INSTANT.fullmatch(given["recorded_at"])
        or not re.fullmatch(_HEX, given["salt"])
        or not re.fullmatch(_HEX, given["tag"])
        or not re.fullmatch(WRITER, given["writer"])
        or not entry["stream"]
        or entry["version"] < 1
        or not 1 <= given["position"] < 10**15
    ):
        raise wrong
    return Opening(
        entry["stream"],
        entry["version"],
        entry["kind"],
        entry["command"],
        entry["ordinal"],
        entry["body"].encode(),
        given["position"],
        given["recorded_at"],
        given["writer"],
        bytes.fromhex(given["salt"]),
        given["tag"],
    )


def check_opening(opened: Opening) -> bytes:
    """The leaf this opening leads to, from nothing but the opening; whether the log has it is for a proof to say."""
    entry = entry_digest(
        stream=opened.stream,
        version=opened.version,
        kind=opened.kind,
        command=opened.command,
        ordinal=opened.ordinal,
        body=opened.body,
    )
    committed = commitment(opened.salt, entry, opened.recorded_at)
    return _leaf(committed, opened.position, opened.tag, opened.writer)


def batch_statement(writer: str, first: int, leaves: Iterable[bytes]) -> bytes:
    """What a writer signs, once for a transaction: that it appended these leaves at these positions."""
    hashes = [leaf_hash(one) for one in leaves]
    over = b64encode(root(hashes)).decode()
    return f"xuncha batch v1\n{writer}\n{first}\n{len(hashes)}\n{over}\n".encode()
