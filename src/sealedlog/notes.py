"""C2SP signed notes, their Ed25519 keys, checkpoints (`tlog-checkpoint`) and cosignatures (`tlog-cosignature`, v1).

Reading is strict: what the specification does not write is refused, for another program might read it otherwise.
"""

import re
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from hashlib import sha256
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from sealedlog.canonical import decimal
from sealedlog.errors import Malformed, SignatureFailed, Unsigned

MOST_SIGNATURES = 100
_DASH = "\u2014 "
# Unicode's White_Space, written out: what counts as a space must not depend on the language's version of Unicode.
_SPACE_OR_PLUS = re.compile("[\t-\r +\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]")
_CONTROL = re.compile("[\x00-\x09\x0b-\x1f]")
_KEY_ID = re.compile("[0-9a-f]{8}")


class Kind(IntEnum):
    """The types of signature known here, by their byte."""

    ED25519 = 1
    COSIGNATURE = 4


def base64(text: str) -> bytes:
    """Standard base64 in its one form; raises Malformed for any other."""
    try:
        data = b64decode(text, validate=True)
    except (Base64Error, ValueError) as error:
        raise Malformed(f"不是 base64 · not base64: {text[:60]!r}") from error
    if b64encode(data).decode() != text:
        raise Malformed(f"base64 不是规范形式 · the base64 is not in its one form: {text[:60]!r}")
    return data


def key_name(name: str) -> str:
    """A name fit for a key: not empty, no space, no plus, no control character."""
    if not name or _SPACE_OR_PLUS.search(name) or _CONTROL.search(name):
        raise Malformed(f"密钥名称为空或含空格、加号 · the name of a key is empty or holds a space or a plus: {name!r}")
    return name


class Signature(NamedTuple):
    """One signature line: whose, by which key, and the bytes."""

    name: str
    key_id: bytes
    raw: bytes

    def __str__(self) -> str:
        return f"{_DASH}{self.name} {b64encode(self.key_id + self.raw).decode()}\n"


class Note(NamedTuple):
    """A text, its last newline included, and the signatures under it."""

    text: str
    signatures: tuple[Signature, ...]

    def encode(self) -> bytes:
        """The note as it is written."""
        return (self.text + "\n" + "".join(map(str, self.signatures))).encode("utf-8")


def parse_note(data: bytes) -> Note:
    """Read a signed note. Raises Malformed."""
    try:
        whole = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Malformed("签名文本不是 UTF-8 · the note is not UTF-8") from error
    if _CONTROL.search(whole):
        raise Malformed("签名文本含控制字符 · the note holds a control character")
    text, blank, below = whole.rpartition("\n\n")
    if not blank or not text or not below.endswith("\n"):
        raise Malformed("签名文本缺少签名或末尾换行 · the note lacks its signatures or its last newline")
    lines = below[:-1].split("\n")
    if len(lines) > MOST_SIGNATURES:
        raise Malformed(f"签名多于 {MOST_SIGNATURES} 个 · more than {MOST_SIGNATURES} signatures")
    return Note(text + "\n", tuple(_signature(line) for line in lines))


def _signature(line: str) -> Signature:
    name, space, encoded = line.removeprefix(_DASH).partition(" ")
    if not line.startswith(_DASH) or not space:
        raise Malformed(f"不是签名行 · not a line of signature: {line[:60]!r}")
    raw = base64(encoded)
    if len(raw) < 5:
        raise Malformed(f"签名过短 · the signature is too short: {line[:60]!r}")
    return Signature(key_name(name), raw[:4], raw[4:])


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key under a name, for one type of signature."""

    name: str
    kind: Kind
    public: bytes

    def __post_init__(self) -> None:
        key_name(self.name)
        if len(self.public) != 32:
            raise Malformed("Ed25519 公钥须为 32 字节 · an Ed25519 public key must be 32 bytes")

    @classmethod
    def parse(cls, text: str) -> "VerifierKey":
        """Read `<name>+<id>+<base64>`. Raises Malformed, also where the id is not the key's."""
        name, _, rest = text.partition("+")
        key_id, plus, encoded = rest.partition("+")
        if not plus or not _KEY_ID.fullmatch(key_id):
            raise Malformed(f"不是公钥文本 · not the text of a verifier key: {text[:80]!r}")
        raw = base64(encoded)
        if not raw or raw[0] not in set(Kind):
            raise Malformed(f"不认得的签名类型 · a type of signature not known here: {text[:80]!r}")
        key = cls(name, Kind(raw[0]), raw[1:])
        if key.key_id.hex() != key_id:
            raise Malformed(f"公钥与其编号不符 · the key does not have this id: {text[:80]!r}")
        return key

    @property
    def key_id(self) -> bytes:
        """The four bytes a signature line names the key by."""
        return sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{b64encode(bytes([self.kind]) + self.public).decode()}"

    def as_cosigner(self) -> "VerifierKey":
        """The same key as a witness's: policies may give it in either type."""
        return VerifierKey(self.name, Kind.COSIGNATURE, self.public)

    def made(self, signature: Signature) -> bool:
        """Whether the line names this key."""
        return (signature.name, signature.key_id) == (self.name, self.key_id)

    def check(self, text: str, signature: Signature) -> int | None:
        """The time of a cosignature, None for a plain signature. Raises SignatureFailed."""
        if self.kind is Kind.ED25519:
            at, raw, message = None, signature.raw, text
        else:
            at, raw = timestamp(signature), signature.raw[8:]
            message = _cosigned(text, at)
        try:
            verify(self.public, raw, message.encode())
        except SignatureFailed:
            raise SignatureFailed(f"{self.name} 的签名不符 · the signature of {self.name} does not fit") from None
        return at


def timestamp(signature: Signature) -> int:
    """The time of a cosignature, in seconds since 1970. Raises SignatureFailed where the form is another."""
    if len(signature.raw) != 8 + 64:
        raise SignatureFailed(
            f"不是带时间的见证签名 · not a timestamped signature: {signature.name}, {len(signature.raw)}"
        )
    at = int.from_bytes(signature.raw[:8], "big")
    if at >= 2**63:
        raise SignatureFailed(f"见证时间过大 · the time of the cosignature is too large: {signature.name}")
    return at


def verify(public: bytes, raw: bytes, message: bytes) -> None:
    """An Ed25519 signature. Raises SignatureFailed."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(raw, message)
    except (InvalidSignature, ValueError) as error:
        raise SignatureFailed("签名不符 · the signature does not fit") from error


class Signer:
    """A log's key: signs texts. The seed is 32 bytes and is not kept."""

    kind = Kind.ED25519

    def __init__(self, name: str, seed: bytes) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        self.key = VerifierKey(name, self.kind, self._private.public_key().public_bytes_raw())

    def sign(self, text: str) -> Signature:
        """A signature line for the text, which ends in a newline."""
        return Signature(self.key.name, self.key.key_id, self._private.sign(_whole(text).encode()))

    def sign_bytes(self, message: bytes) -> bytes:
        """A bare signature, for what is no note: a writer's batch statement."""
        return self._private.sign(message)


class Cosigner(Signer):
    """A witness's key: signs a checkpoint and the time at which it was the largest seen."""

    kind = Kind.COSIGNATURE

    def sign(self, text: str) -> Signature:
        """A witness signs with its time only."""
        raise TypeError("见证签名须带时间，用 cosign · a cosignature has its time: use cosign")

    def cosign(self, text: str, at: int) -> Signature:
        """A cosignature at a time in seconds since 1970."""
        raw = self._private.sign(_cosigned(_whole(text), at).encode())
        return Signature(self.key.name, self.key.key_id, at.to_bytes(8, "big") + raw)


def _cosigned(text: str, at: int) -> str:
    return f"cosignature/v1\ntime {at}\n{text}"


def _whole(text: str) -> str:
    if not text.endswith("\n") or _CONTROL.search(text):
        raise Malformed("待签文本须以换行结尾，无控制字符 · a text to be signed ends in a newline, and has no control")
    return text


def verify_note(note: Note, keys: Iterable[VerifierKey]) -> dict[VerifierKey, int | None]:
    """The known keys that signed, with the time where there is one.

    Unknown keys are passed over. Raises SignatureFailed where a known key's signature does not fit, Unsigned where no
    known key has signed.
    """
    known = list(keys)
    signed = {
        key: key.check(note.text, signature) for signature in note.signatures for key in known if key.made(signature)
    }
    if not signed:
        raise Unsigned("没有已知密钥的签名 · no known key has signed")
    return signed


class Checkpoint(NamedTuple):
    """A log's statement of its size and root."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """What is signed."""
        lines = (self.origin, str(self.size), b64encode(self.root).decode(), *self.extensions)
        return "".join(f"{line}\n" for line in lines)

    @classmethod
    def parse(cls, text: str) -> "Checkpoint":
        """Read a checkpoint's text. Raises Malformed."""
        lines = text.split("\n")
        if len(lines) < 4 or lines[-1] or not all(lines[:-1]):
            raise Malformed("检查点须有三行以上，无空行 · a checkpoint has at least three lines, none empty")
        root = base64(lines[2])
        if len(root) != 32:
            raise Malformed("检查点的根须为 32 字节 · the root of a checkpoint must be 32 bytes")
        return cls(lines[0], decimal(lines[1]), root, tuple(lines[3:-1]))
