"""What is handed to a checker: one folder with the opened entries, their proofs, and what shows that none is missing.

    manifest.json        every other file, with size and SHA-256
    manifest.note        the log's signature over the manifest: nothing can be dropped, added, changed or exchanged
    claims.json          the streams said to be complete, their tag keys, and from which position to which
    log/checkpoint       the log's size and root, signed by the log and cosigned by witnesses
    log/tile/…           the tiles of hashes that lead from the claimed leaves to the root; the leaves as entry bundles
    openings/<n>.json    the entry at position n in clear, with what its leaf was made from
    proofs/<n>.tlog-proof   that its leaf is in the log
    anything else        documents for people; bound by the manifest, not looked into

The same input gives the same bytes. Who signed is for the checker's own policy to say (`policy`), never for the folder.
"""

import re
from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from sealedlog.canonical import canonical, parse
from sealedlog.errors import Malformed, SealedLogError
from sealedlog.leaf import Opening
from sealedlog.notes import Checkpoint, Note, Signer, parse_note
from sealedlog.proofs import Proof
from sealedlog.tiles import ENTRIES, WIDTH, Tile, TileLog, bundle, right_edge, tile_at

MANIFEST = "manifest.json"
NOTE = "manifest.note"
CLAIMS = "claims.json"
CHECKPOINT = "log/checkpoint"
_FORMAT = "xuncha bundle v1"
_CLAIMS_FORMAT = "xuncha claims v1"
_SAFE = re.compile(r"[A-Za-z0-9._-]+(?:/[A-Za-z0-9._-]+)*", re.ASCII)
_HEX = re.compile("[0-9a-f]{64}")


class Listed(NamedTuple):
    """A file as the manifest has it."""

    path: str
    sha256: str
    size: int


class Claim(NamedTuple):
    """That every entry of a stream between two positions, both included, is opened in this folder."""

    stream: str
    first: int
    last: int
    tag_key: bytes


def opening_path(position: int) -> str:
    """Where the opening of an entry stands."""
    return f"openings/{position}.json"


def proof_path(position: int) -> str:
    """Where the proof for an opening stands."""
    return f"proofs/{position}.tlog-proof"


def manifest_text(manifest: bytes) -> str:
    """What the log signs to bind a folder. No checkpoint: its second line would have to be a number."""
    return f"{_FORMAT}\nmanifest {sha256(manifest).hexdigest()}\n"


def ours(path: str) -> bool:
    """Whether a path is one whose files are looked into, not a document's."""
    return path in {MANIFEST, NOTE, CLAIMS} or path.partition("/")[0] in {"log", "openings", "proofs"}


def write_bundle(
    folder: Path,
    *,
    log: TileLog,
    checkpoint: bytes,
    signer: Signer,
    openings: Iterable[Opening],
    claims: Iterable[Claim] = (),
    documents: Mapping[str, bytes] | None = None,
) -> str:
    """Write the folder, which must not be there or be empty; the SHA-256 of its manifest.

    `checkpoint` is a signed note, `log` has its tiles, `signer` is the log's key. Raises Malformed for what would not
    verify by its form, NotThere where a tile is wanting.
    """
    if folder.exists() and any(folder.iterdir()):
        raise SealedLogError(f"文件夹不为空 · the folder is not empty: {folder}")
    size = Checkpoint.parse(parse_note(checkpoint).text).size
    opened = sorted(openings, key=lambda one: one.position)
    claimed = sorted(claims)
    files: list[Listed] = []

    def write(path: str, content: bytes) -> None:
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        files.append(Listed(path, sha256(content).hexdigest(), len(content)))

    write(CHECKPOINT, checkpoint)
    for tile in sorted(_needed(claimed, size)):
        leaves = tile.level == ENTRIES
        write(f"log/{tile.path}", bundle(log.leaves(tile.number, size)) if leaves else b"".join(log.hashes(tile)))
    for one in opened:
        write(opening_path(one.position), one.encode())
        proof = Proof(one.position - 1, tuple(log.inclusion(one.position - 1, size)), checkpoint)
        write(proof_path(one.position), proof.encode())
    write(CLAIMS, _claims(claimed))
    for path, content in sorted((documents or {}).items()):
        if not safe(path) or ours(path):
            raise Malformed(f"文件名不可用 · a document cannot have this name: {path!r}")
        write(path, content)
    listed = [{"path": one.path, "sha256": one.sha256, "size": one.size} for one in sorted(files)]
    manifest = canonical({"files": listed, "format": _FORMAT})
    text = manifest_text(manifest)
    (folder / MANIFEST).write_bytes(manifest)
    (folder / NOTE).write_bytes(Note(text, (signer.sign(text),)).encode())
    return sha256(manifest).hexdigest()


def _needed(claims: Iterable[Claim], size: int) -> set[Tile]:
    """The tiles that lead from the claimed leaves to the root, and the leaves themselves."""
    tiles = set(right_edge(size))
    for claim in claims:
        if not 1 <= claim.first <= claim.last <= size:
            raise Malformed(f"声明的范围不在日志内 · the claimed range is not in the log: {claim.first}, {claim.last}")
        for index in range((claim.first - 1) // WIDTH, (claim.last - 1) // WIDTH + 1):
            tiles.add(tile_at(ENTRIES, index, size))
            tile = tile_at(0, index, size)
            while tile not in tiles:
                tiles.add(tile)
                tile = tile.parent(size) if tile.full else tile
    return tiles


def _claims(claims: Iterable[Claim]) -> bytes:
    listed = [
        {"first": one.first, "last": one.last, "stream": one.stream, "tag_key": one.tag_key.hex()} for one in claims
    ]
    return canonical({"claims": listed, "format": _CLAIMS_FORMAT})


def safe(path: str) -> bool:
    """Whether a path means the same file on every system, and one inside the folder."""
    return bool(_SAFE.fullmatch(path)) and not {".", ".."} & set(path.split("/"))


def parse_manifest(data: bytes) -> list[Listed]:
    """The files of a manifest, in their order. Raises Malformed."""
    wrong = Malformed("不是清单 · not a manifest")
    files: list[Listed] = []
    for one in _listed(data, "files", _FORMAT):
        match one:
            case {"path": str(path), "sha256": str(digest), "size": int(length), **rest} if not rest:
                files.append(Listed(path, digest, length))
            case _:
                raise wrong
    paths = [one.path for one in files]
    if paths != sorted(set(paths)):
        raise wrong
    if not all(safe(one.path) and one.path not in {MANIFEST, NOTE} and _HEX.fullmatch(one.sha256) for one in files):
        raise wrong
    return files


def parse_claims(data: bytes) -> list[Claim]:
    """The claims of a folder, in their order. Raises Malformed."""
    wrong = Malformed("不是完整性声明 · not a list of claims")
    claims: list[Claim] = []
    for one in _listed(data, "claims", _CLAIMS_FORMAT):
        match one:
            case {"first": int(first), "last": int(last), "stream": str(stream), "tag_key": str(key), **rest} if (
                not rest and stream and _HEX.fullmatch(key)
            ):
                claims.append(Claim(stream, first, last, bytes.fromhex(key)))
            case _:
                raise wrong
    order = [(one.stream, one.first) for one in claims]
    if order != sorted(set(order)):
        raise wrong
    return claims


def _listed(data: bytes, name: str, form: str) -> list[Any]:
    given: Any = parse(data)
    if isinstance(given, dict) and set(given) == {name, "format"} and given["format"] == form:
        listed: Any = given[name]
        if isinstance(listed, list):
            return listed
    raise Malformed(f"不是 {form} · not {form}")
