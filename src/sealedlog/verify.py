"""Check an exported folder (`bundle`) without a network, a database, or trust in who sent it.

    python -m sealedlog.verify FOLDER POLICY

prints one line of JSON and a sentence, and ends with 0 verified, 1 tampered, 2 usage error, 3 incomplete. What is
looked at first is fixed, so that `verify.mjs`, which shares no code with this, names the same first bad item. Tampered
outranks incomplete: what is wrong is graver than what is missing.

Verified says: every opened entry is in the log, unchanged; of each claimed stream, every entry in the claimed range is
opened. The sentence names each stream and range. It says nothing of streams and ranges not claimed, and nothing of what
was never written into the log; a folder that claims nothing is incomplete, whatever it opens.
"""

import os
import stat
import sys
from hashlib import file_digest
from pathlib import Path
from typing import Any, NamedTuple

from sealedlog.bundle import (
    CHECKPOINT,
    CLAIMS,
    MANIFEST,
    NOTE,
    Claim,
    Listed,
    manifest_text,
    opening_path,
    parse_claims,
    parse_manifest,
    proof_path,
)
from sealedlog.canonical import canonical
from sealedlog.errors import Malformed, QuorumMissing, SealedLogError, SignatureFailed, Unproven, Unsigned
from sealedlog.leaf import Opening, check_opening, parse_leaf, parse_opening, tag
from sealedlog.merkle import check_inclusion, leaf_hash, root
from sealedlog.notes import Checkpoint, parse_note
from sealedlog.policy import Policy, parse_policy
from sealedlog.proofs import parse_proof
from sealedlog.tiles import ENTRIES, WIDTH, Tile, edge_root, right_edge, split, tile_at, unbundle

CODES = {"verified": 0, "tampered": 1, "usage": 2, "incomplete": 3}

WHY = {
    "checkpoint": "证明所据的检查点不是本夹的检查点 · the proof is against another checkpoint than the folder's",
    "digest": "内容与清单不符 · the content is not what the manifest lists",
    "form": "形式不对 · it does not have the form it must have",
    "inclusion": "不在日志中，或被改动 · it is not in the log, or was changed",
    "index": "证明的是另一条 · the proof is for another entry",
    "kind": "不是普通文件 · it is no ordinary file",
    "leaf": "叶与瓦片中的哈希不符 · a leaf does not have the hash the tile has",
    "missing": "缺少 · it is missing",
    "name": "名称与内容不符 · its name does not fit what it is",
    "origin": "签署清单的是另一日志 · another log has signed the manifest than the checkpoint",
    "parent": "瓦片与上一层不符 · the tile does not fit the one above it",
    "quorum": "见证人不足 · too few witnesses have signed",
    "range": "超出日志的范围 · it is beyond the log's size",
    "root": "瓦片与检查点的根不符 · the tiles do not lead to the root of the checkpoint",
    "signature": "签名不符 · a signature does not fit",
    "size": "长度与清单不符 · its length is not what the manifest lists",
    "stray": "证明没有对应的开示 · a proof without its opening",
    "stream": "标记属于另一流 · its tag belongs to another stream",
    "tag": "标记与标记钥匙不符 · its tag does not fit the tag key of the claim",
    "unanchored": "声明的流没有一条开示，无从验证标记钥匙 · no opened entry shows the tag key to be the stream's",
    "unclaimed": "没有声明任何流完整，有无遗漏无从说起 · no stream is claimed to be whole, anything may be left out",
    "unlisted": "清单中没有 · the manifest does not list it",
    "unopened": "属于声明的流而未开示 · it belongs to a claimed stream and is not opened",
    "unsigned": "没有日志的签名 · the log has not signed it",
    "version": "流中的版本不连续，缺了前面的 · the versions of the stream have a gap before it",
}
WHY_NOT = {
    "folder": "没有这个文件夹 · there is no such folder",
    "policy": "策略文件无法使用 · the policy cannot be used",
    "unreadable": "有文件无法读取 · a file cannot be read",
    "usage": "用法：文件夹 策略文件 · usage: FOLDER POLICY",
}
_SAID = {
    "verified": "验证通过 · verified",
    "tampered": "被改动 · tampered",
    "incomplete": "不完整 · incomplete",
    "usage": "无法检查 · cannot be checked",
}


class Verdict(NamedTuple):
    """What was found: the verdict; the first bad item and why, or what was verified."""

    verdict: str
    item: str = ""
    why: str = ""
    found: dict[str, Any] = {}  # noqa: RUF012 - never changed

    @property
    def code(self) -> int:
        return CODES[self.verdict]

    def line(self) -> str:
        """For machines: one line of canonical JSON."""
        about = {"item": self.item, "why": self.why} if self.item else self.found
        return canonical({"verdict": self.verdict, **about}).decode()

    def sentence(self) -> str:
        """For people: what is wrong, or what was verified, and how much of the log that is."""
        about = f"{self.item}: {(WHY | WHY_NOT)[self.why]}" if self.item else _told(self.found)
        return f"{_SAID[self.verdict]}: {about}"


def _told(found: dict[str, Any]) -> str:
    zh, en = [], []
    for claim in found["complete"]:
        stream, entries, first, last = (claim[name] for name in ("stream", "entries", "first", "last"))
        stream, part = _shown(stream.encode()), (first, last) != (1, found["size"])
        zh.append(f"{stream} 位置 {first} 至 {last} {'（只是一段）' if part else ''}的全部 {entries} 条")
        en.append(f"{stream}, positions {first} to {last}{' (a part only)' if part else ''}, all {entries} entries")
    return (
        f"日志 {found['origin']} 共 {found['size']} 条，开示 {found['opened']} 条，均在其中、未经改动；没有遗漏的："
        f"{'；'.join(zh)}；此外有无遗漏没有核对，其中开示 {found['unclaimed']} 条 · of the {found['size']} entries of "
        f"{found['origin']}, {found['opened']} are opened, each in the log, unchanged; none is left out of: "
        f"{'; '.join(en)}; whether anything is left out elsewhere was not checked, {found['unclaimed']} are opened "
        "there"
    )


class _Tampered(Exception):
    def __init__(self, item: str, why: str) -> None:
        self.verdict = Verdict("tampered", item, why)


def verify_bundle(folder: Path, policy: Policy) -> Verdict:
    """The verdict on a folder. Raises nothing for what is in it."""
    if not folder.is_dir():
        return Verdict("usage", "folder", "folder")
    check = _Check(folder, policy)
    try:
        found = check.all()
    except _Tampered as tampered:
        return tampered.verdict
    except OSError:
        return Verdict("usage", "folder", "unreadable")
    return check.lacking or Verdict("verified", found=found)


class _Check:
    """One folder being checked. `lacking` is the first thing found missing; what is tampered with is raised."""

    def __init__(self, folder: Path, policy: Policy) -> None:
        self.folder = folder
        self.policy = policy
        self.lacking: Verdict | None = None
        self.files: dict[str, Listed] = {}

    def lacks(self, item: str, why: str = "missing") -> None:
        self.lacking = self.lacking or Verdict("incomplete", item, why)

    def all(self) -> dict[str, Any]:
        found = self.manifest()
        if found is None:
            return {}
        digest, signer = found
        if not self.contents():
            return {}
        checkpoint = self.checkpoint(signer)
        tags = self.tiles(checkpoint)
        openings = self.openings(checkpoint)
        complete = self.claims(checkpoint, tags, openings)
        return {
            "complete": complete,
            "manifest": digest,
            "opened": len(openings),
            "origin": checkpoint.origin,
            "root": checkpoint.root.hex(),
            "size": checkpoint.size,
            "unclaimed": sum(not any(_within(one, claim) for claim in complete) for one in openings.values()),
        }

    # --- the folder is the one that was signed -----------------------------------------------------------------------

    def manifest(self) -> tuple[str, str] | None:
        """The digest of the manifest and the name of the log that signed it; None where one of the two is missing."""
        for name in (MANIFEST, NOTE):
            if self.regular(name) is None:
                self.lacks(name)
                return None
        manifest, signed = self.read(MANIFEST), self.read(NOTE)
        try:
            note, key = self.policy.signed(signed)
        except SealedLogError as error:
            raise _Tampered(NOTE, _reason(error)) from error
        # One signature: a line that nobody vouches for would be a change that is not seen.
        if len(note.signatures) != 1:
            raise _Tampered(NOTE, "form")
        if note.text != manifest_text(manifest):
            raise _Tampered(MANIFEST, "digest")
        try:
            self.files = {one.path: one for one in parse_manifest(manifest)}
        except Malformed as error:
            raise _Tampered(MANIFEST, "form") from error
        return note.text.split()[-1], key.name

    def contents(self) -> bool:
        """Every file is what the manifest says and there is no other; False where one is missing."""
        for path, listed in self.files.items():
            status = self.regular(path)
            if status is None:
                self.lacks(path)
            elif status.st_size != listed.size:
                raise _Tampered(path, "size")
            else:
                with (self.folder / path).open("rb") as file:
                    if file_digest(file, "sha256").hexdigest() != listed.sha256:
                        raise _Tampered(path, "digest")
        known = {name.encode() for name in (MANIFEST, NOTE, *self.files)}
        for found in sorted(_walk(os.fsencode(self.folder))):
            if found not in known:
                raise _Tampered(_shown(found), "unlisted")
        for name in (CHECKPOINT, CLAIMS):
            if name not in self.files:
                self.lacks(name)
        return self.lacking is None

    def regular(self, path: str) -> os.stat_result | None:
        try:
            status = (self.folder / path).lstat()
        except (FileNotFoundError, NotADirectoryError):
            return None
        if not stat.S_ISREG(status.st_mode):
            raise _Tampered(path, "kind")
        return status

    def read(self, path: str) -> bytes:
        return (self.folder / path).read_bytes()

    def under(self, prefix: str) -> list[str]:
        return [path for path in self.files if path.startswith(prefix)]

    # --- the log -----------------------------------------------------------------------------------------------------

    def checkpoint(self, signer: str) -> Checkpoint:
        data = self.read(CHECKPOINT)
        try:
            checkpoint = self.policy.believe(data).checkpoint
        except QuorumMissing:
            self.lacks(CHECKPOINT, "quorum")
            checkpoint = Checkpoint.parse(parse_note(data).text)
        except SealedLogError as error:
            raise _Tampered(CHECKPOINT, _reason(error)) from error
        if checkpoint.origin != signer:
            raise _Tampered(NOTE, "origin")
        return checkpoint

    def tiles(self, checkpoint: Checkpoint) -> dict[int, list[str]]:
        """The tags of the leaves that are here, by entry bundle: every leaf under the root, in its place."""
        size = checkpoint.size
        hashes: dict[Tile, list[bytes]] = {}
        bundles: list[Tile] = []
        for path in self.under("log/"):
            if path == CHECKPOINT:
                continue
            try:
                tile = Tile.parse(path.removeprefix("log/"))
            except Malformed as error:
                raise _Tampered(path, "name") from error
            if not tile.within(size):
                raise _Tampered(path, "range")
            if tile.level == ENTRIES:
                bundles.append(tile)
                continue
            try:
                hashes[tile] = split(self.read(path), tile.width)
            except Malformed as error:
                raise _Tampered(path, "form") from error
        edge = right_edge(size)
        absent = [tile for tile in edge if tile not in hashes]
        for tile in absent:
            self.lacks(f"log/{tile.path}")
        if not absent and edge_root(hashes[tile] for tile in edge) != checkpoint.root:
            raise _Tampered(CHECKPOINT, "root")
        for tile, row in hashes.items():
            if not tile.full:
                continue
            parent = tile.parent(size)
            if parent not in hashes:
                self.lacks(f"log/{parent.path}")
            elif hashes[parent][tile.number % WIDTH] != root(row):
                raise _Tampered(f"log/{tile.path}", "parent")
        return {tile.number: self.leaves(tile, hashes) for tile in bundles}

    def leaves(self, tile: Tile, hashes: dict[Tile, list[bytes]]) -> list[str]:
        path = f"log/{tile.path}"
        try:
            leaves = unbundle(self.read(path), tile.width)
        except Malformed as error:
            raise _Tampered(path, "form") from error
        if tile.hashes not in hashes:
            self.lacks(f"log/{tile.hashes.path}")
        elif [leaf_hash(leaf) for leaf in leaves] != hashes[tile.hashes]:
            raise _Tampered(path, "leaf")
        try:
            parsed = [parse_leaf(leaf) for leaf in leaves]
        except Malformed as error:
            raise _Tampered(path, "form") from error
        if any(leaf.position != tile.number * WIDTH + at for at, leaf in enumerate(parsed, 1)):
            raise _Tampered(path, "index")
        return [leaf.tag for leaf in parsed]

    # --- the entries -------------------------------------------------------------------------------------------------

    def openings(self, checkpoint: Checkpoint) -> dict[int, Opening]:
        """The opened entries by position, each proven to be in the log."""
        openings: dict[int, Opening] = {}
        signed = self.read(CHECKPOINT)
        for path in self.under("openings/"):
            try:
                opened = parse_opening(self.read(path))
            except Malformed as error:
                raise _Tampered(path, "form") from error
            position = opened.position
            if path != opening_path(position):
                raise _Tampered(path, "name")
            if position > checkpoint.size:
                raise _Tampered(path, "range")
            openings[position] = opened
            self.proof(opened, checkpoint, signed)
        expected = {proof_path(position) for position in openings}
        for path in self.under("proofs/"):
            if path not in expected:
                raise _Tampered(path, "stray")
        return openings

    def proof(self, opened: Opening, checkpoint: Checkpoint, signed: bytes) -> None:
        path = proof_path(opened.position)
        if path not in self.files:
            self.lacks(path)
            return
        try:
            proof = parse_proof(self.read(path))
        except Malformed as error:
            raise _Tampered(path, "form") from error
        if proof.extra is not None:
            raise _Tampered(path, "form")
        if proof.place != opened.position - 1:
            raise _Tampered(path, "index")
        if proof.checkpoint != signed:
            raise _Tampered(path, "checkpoint")
        try:
            hashed = leaf_hash(check_opening(opened))
            check_inclusion(hashed, proof.place, checkpoint.size, proof.hashes, checkpoint.root)
        except Unproven as error:
            raise _Tampered(opening_path(opened.position), "inclusion") from error

    def claims(
        self, checkpoint: Checkpoint, tags: dict[int, list[str]], openings: dict[int, Opening]
    ) -> list[dict[str, Any]]:
        """What the claims come to: the streams of which nothing is missing, and how many entries that is."""
        try:
            claims = parse_claims(self.read(CLAIMS))
        except Malformed as error:
            raise _Tampered(CLAIMS, "form") from error
        if any(not 1 <= claim.first <= claim.last <= checkpoint.size for claim in claims):
            raise _Tampered(CLAIMS, "range")
        if not claims:
            self.lacks(CLAIMS, "unclaimed")
        ordered = dict(sorted(openings.items()))
        return [self.claim(claim, checkpoint.size, tags, ordered) for claim in claims]

    def claim(
        self, claim: Claim, size: int, tags: dict[int, list[str]], openings: dict[int, Opening]
    ) -> dict[str, Any]:
        opened = [one for one in openings.values() if one.stream == claim.stream]
        for one in opened:
            if one.tag != tag(claim.tag_key, one.position):
                raise _Tampered(opening_path(one.position), "tag")
        if not opened:  # a key that picks out nothing may be anybody's
            self.lacks(CLAIMS, "unanchored")
        for index in range((claim.first - 1) // WIDTH, (claim.last - 1) // WIDTH + 1):
            if index not in tags:
                self.lacks(f"log/{tile_at(ENTRIES, index, size).path}")
                continue
            for at, tagged in enumerate(tags[index], index * WIDTH + 1):
                if not claim.first <= at <= claim.last or tagged != tag(claim.tag_key, at):
                    continue
                if at not in openings:
                    self.lacks(opening_path(at), "unopened")
                elif openings[at].stream != claim.stream:
                    raise _Tampered(opening_path(at), "stream")
        within = [one for one in opened if claim.first <= one.position <= claim.last]
        expected = within[0].version if within and claim.first > 1 else 1
        for one in within:
            if one.version != expected:
                self.lacks(opening_path(one.position), "version")
                break
            expected += 1
        return {"entries": len(within), "first": claim.first, "last": claim.last, "stream": claim.stream}


def _within(opened: Opening, claim: dict[str, Any]) -> bool:
    return bool(opened.stream == claim["stream"] and claim["first"] <= opened.position <= claim["last"])


def _reason(error: SealedLogError) -> str:
    match error:
        case SignatureFailed():
            return "signature"
        case Unsigned():
            return "unsigned"
    return "form"


def _walk(folder: bytes, prefix: bytes = b"") -> list[bytes]:
    """Every path in a folder that is not a folder itself; a link is not followed, and is a path."""
    paths: list[bytes] = []
    with os.scandir(folder) as found:
        for one in found:
            name = prefix + one.name
            if one.is_dir(follow_symlinks=False):
                paths += _walk(one.path, name + b"/")
            else:
                paths.append(name)
    return paths


def _shown(name: bytes) -> str:
    """A path in ASCII, whatever it was: both verifiers must print the same."""
    plain = b"/:._-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    return "".join(chr(byte) if byte in plain else f"%{byte:02X}" for byte in name)


def main(arguments: list[str]) -> int:
    """The command line; gives the exit code."""
    verdict = Verdict("usage", "arguments", "usage")
    if len(arguments) == 2:
        folder, path = arguments
        try:
            policy = parse_policy(Path(path).read_bytes())
        except (OSError, Malformed):
            verdict = Verdict("usage", "policy", "policy")
        else:
            verdict = verify_bundle(Path(folder), policy)
    sys.stdout.write(verdict.line() + "\n")
    sys.stderr.write(verdict.sentence() + "\n")
    return verdict.code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
