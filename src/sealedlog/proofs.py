"""C2SP `tlog-proof`: the proof that a leaf is in a log, with the checkpoint it is proven against, in one small file."""

from base64 import b64encode
from typing import NamedTuple

from sealedlog.canonical import decimal
from sealedlog.errors import Malformed
from sealedlog.notes import base64

_HEADER = "c2sp.org/tlog-proof@v1"
_DEEPEST = 63


class Proof(NamedTuple):
    """The index of a leaf, its siblings from the leaf up, and the checkpoint's note, byte for byte.

    `extra` is bound by nothing: not to be trusted.
    """

    place: int
    hashes: tuple[bytes, ...]
    checkpoint: bytes
    extra: bytes | None = None

    def encode(self) -> bytes:
        """The file as it is written."""
        extra = [] if self.extra is None else [f"extra {b64encode(self.extra).decode()}"]
        lines = [_HEADER, *extra, f"index {self.place}", *(b64encode(hashed).decode() for hashed in self.hashes)]
        return "".join(f"{line}\n" for line in lines).encode() + b"\n" + self.checkpoint


def parse_proof(data: bytes) -> Proof:
    """Read a proof; the checkpoint in it is not looked into. Raises Malformed."""
    head, blank, checkpoint = data.partition(b"\n\n")
    try:
        lines = head.decode("ascii").split("\n")
    except UnicodeDecodeError as error:
        raise Malformed("证明含非 ASCII 字符 · the proof is not ASCII") from error
    if not blank or not checkpoint or lines.pop(0) != _HEADER:
        raise Malformed(f"不是 {_HEADER} · not a {_HEADER}")
    extra = base64(lines.pop(0).removeprefix("extra ")) if lines and lines[0].startswith("extra ") else None
    if not lines or not lines[0].startswith("index "):
        raise Malformed("证明缺少叶号 · the proof lacks its index")
    place = decimal(lines.pop(0).removeprefix("index "))
    hashes = tuple(base64(line) for line in lines)
    if len(hashes) > _DEEPEST or any(len(hashed) != 32 for hashed in hashes):
        raise Malformed("证明中的哈希须为 32 字节，至多 63 个 · a proof has at most 63 hashes of 32 bytes")
    return Proof(place, hashes, checkpoint, extra)
