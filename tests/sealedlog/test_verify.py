"""A folder handed over is checked by two verifiers: what they must find, and that they find the same.

`XUNCHA_EVERY_BYTE=1` changes every byte of the small folder, not each so-and-so-many-th; it takes some minutes.
"""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import pytest

import sealedlog
from sealedlog.bundle import Claim, manifest_text, write_bundle
from sealedlog.canonical import canonical
from sealedlog.errors import Malformed, SealedLogError
from sealedlog.leaf import Blinding, Opening, check_opening, opening
from sealedlog.notes import Checkpoint, Cosigner, Note, Signer, parse_note
from sealedlog.policy import parse_policy
from sealedlog.proofs import parse_proof
from sealedlog.tiles import TileLog, bundle, unbundle
from sealedlog.verify import CODES, WHY, main, verify_bundle

SECOND = Path(sealedlog.__file__).with_name("verify.mjs")
LOG = Signer("xuncha.example/log", bytes(32))
OTHER_LOG = Signer("xuncha.example/other", b"\7" * 32)
WITNESS = Cosigner("witness.example/w1", bytes(range(32)))
POLICY = f"log {LOG.key}\nlog {OTHER_LOG.key}\nwitness w1 {WITNESS.key}\nquorum w1\n".encode()
BLINDING = Blinding(b"\1" * 32)
STEP = 1 if os.environ.get("XUNCHA_EVERY_BYTE") else 11


def node() -> str | None:
    """Node, 20 or later, where there is one."""
    found = shutil.which("node")
    version = subprocess.run([found, "--version"], capture_output=True, text=True, check=True).stdout if found else ""
    return found if (match := re.match(r"v([0-9]+)\.", version)) and int(match[1]) >= 20 else None


NODE = node()
needs_node = pytest.mark.skipif(NODE is None, reason="the second verifier needs Node 20 or later")


class World(NamedTuple):
    """A log with its entries, and the policy by which it is believed."""

    log: TileLog
    entries: list[Opening]
    checkpoint: bytes
    policy: Path

    def of(self, stream: str) -> list[Opening]:
        return [one for one in self.entries if one.stream == stream]

    def claim(self, stream: str, first: int = 1, last: int | None = None) -> Claim:
        return Claim(stream, first, last or len(self.entries), BLINDING.of(stream).tag)

    def write(self, folder: Path, openings: Iterable[Opening], claims: Iterable[Claim]) -> Path:
        documents = {"documents/dossier.txt": "卷宗\n".encode()}
        write_bundle(
            folder,
            log=self.log,
            checkpoint=self.checkpoint,
            signer=LOG,
            openings=openings,
            claims=claims,
            documents=documents,
        )
        return folder


def made(folder: Path, size: int, streams: int) -> World:
    """A world of a size, its entries going round some streams."""
    entries = []
    for n in range(size):
        stream = f"clue:{n % streams}"
        entries.append(
            opening(
                BLINDING.of(stream),
                stream=stream,
                version=n // streams + 1,
                kind="clue.registered.v1",
                command=f"command-{n}",
                ordinal=0,
                body=f'{{"payload":{{"text":"线索 {n}"}}}}'.encode(),
                position=n + 1,
                recorded_at="2026-11-25T01:02:03.000004Z",
                writer="writer:6f1f7a52-5c39-5f0e-9d0b-2b6a0f1d8c11",
            )
        )
    log = TileLog(folder / "log")
    _, root = log.append(0, map(check_opening, entries))
    text = Checkpoint(LOG.key.name, size, root).text
    policy = folder / "policy"
    policy.write_bytes(POLICY)
    return World(log, entries, Note(text, (LOG.sign(text), WITNESS.cosign(text, 1_700_000_000))).encode(), policy)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> World:
    return made(tmp_path_factory.mktemp("small"), 7, 3)


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> World:
    return made(tmp_path_factory.mktemp("large"), 700, 50)


def first(folder: Path, world: World) -> str:
    """What the first verifier prints."""
    return verify_bundle(folder, parse_policy(world.policy.read_bytes())).line()


def second(folders: list[Path], world: World) -> list[str]:
    """What the second verifier prints, started once."""
    assert NODE
    command = [NODE, str(SECOND), "--batch", str(world.policy)]
    given = "".join(f"{folder}\n" for folder in folders)
    done = subprocess.run(command, input=given, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def listing(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def rebind(folder: Path, signer: Signer = LOG) -> None:
    """List and sign whatever the folder holds now, as a dishonest exporter with the log's key would."""
    files = [
        {
            "path": name,
            "sha256": sha256((folder / name).read_bytes()).hexdigest(),
            "size": (folder / name).stat().st_size,
        }
        for name in listing(folder)
        if not name.startswith("manifest.")
    ]
    sign(folder, canonical({"files": files, "format": "xuncha bundle v1"}), signer)


def sign(folder: Path, manifest: bytes, signer: Signer = LOG) -> None:
    text = manifest_text(manifest)
    put(folder / "manifest.json", manifest)
    put(folder / "manifest.note", Note(text, (signer.sign(text),)).encode())


def put(path: Path, content: bytes) -> None:
    """Replace a file; never write through a hard link."""
    path.unlink(missing_ok=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def copied(folder: Path, to: Path) -> Path:
    """The same files, by hard link."""
    return Path(shutil.copytree(folder, to, copy_function=os.link))


# --- a sound folder --------------------------------------------------------------------------------------------------


def test_a_sound_folder_is_verified_and_says_what_was(small: World, tmp_path: Path) -> None:
    folder = small.write(tmp_path / "b", small.of("clue:1"), [small.claim("clue:1")])
    verdict = verify_bundle(folder, parse_policy(POLICY))
    assert (verdict.verdict, verdict.code) == ("verified", 0)
    assert "of the 7 entries of xuncha.example/log, 2 are opened, each in the log, unchanged" in verdict.sentence()
    assert "none is left out of: clue:1, positions 1 to 7, all 2 entries;" in verdict.sentence()
    found = json.loads(verdict.line())
    assert found["complete"] == [{"entries": 2, "first": 1, "last": 7, "stream": "clue:1"}]
    assert (found["opened"], found["unclaimed"], found["size"], found["origin"]) == (2, 0, 7, LOG.key.name)
    assert found["manifest"] == sha256((folder / "manifest.json").read_bytes()).hexdigest()


def test_the_same_input_gives_the_same_bytes(small: World, tmp_path: Path) -> None:
    """In whatever order it is given."""
    entries, claims = small.of("clue:1") + small.of("clue:2"), [small.claim("clue:2"), small.claim("clue:1")]
    one = small.write(tmp_path / "1", entries, claims)
    two = small.write(tmp_path / "2", entries[::-1], claims[::-1])
    assert listing(one) == listing(two)
    assert all((one / name).read_bytes() == (two / name).read_bytes() for name in listing(one))
    with pytest.raises(SealedLogError):
        small.write(one, entries, claims)


def test_a_folder_holds_only_the_tiles_its_claims_need(large: World, tmp_path: Path) -> None:
    entries = large.of("clue:0")
    folder = large.write(tmp_path / "b", [entries[0], entries[-1]], [large.claim("clue:0", 300, 349)])
    assert json.loads(first(folder, large))["verdict"] == "incomplete", "the entry at 301 is not opened"
    folder = large.write(tmp_path / "c", [entries[0], entries[6]], [large.claim("clue:0", 300, 349)])
    assert json.loads(first(folder, large))["complete"] == [
        {"entries": 1, "first": 300, "last": 349, "stream": "clue:0"}
    ]
    assert [name for name in listing(folder) if "/tile/" in name] == [
        "log/tile/0/001",
        "log/tile/0/002.p/188",
        "log/tile/1/000.p/2",
        "log/tile/entries/001",
    ]


def test_documents_have_plain_names_and_claims_lie_in_the_log(small: World, tmp_path: Path) -> None:
    for name in ("../x", "openings/x", "manifest.json", "卷宗.pdf", "a//b", "a/./b", "log"):
        with pytest.raises(Malformed):
            write_bundle(
                tmp_path / "b",
                log=small.log,
                checkpoint=small.checkpoint,
                signer=LOG,
                openings=[],
                documents={name: b""},
            )
        shutil.rmtree(tmp_path / "b")
    for bad in (small.claim("clue:1", 0), small.claim("clue:1", 1, 8), small.claim("clue:1", 5, 4)):
        with pytest.raises(Malformed):
            small.write(tmp_path / "b", [], [bad])
        shutil.rmtree(tmp_path / "b")


def test_a_folder_that_claims_nothing_is_not_verified(small: World, tmp_path: Path) -> None:
    """Every entry in it may be genuine, and those between them left out; a log that holds nothing yet shows nothing."""
    empty = made(tmp_path, 0, 1)
    for world, entries in ((empty, []), (small, small.of("clue:1")[:1]), (small, [])):
        folder = world.write(tmp_path / f"b{len(entries)}{len(world.entries)}", entries, [])
        line = first(folder, world)
        assert json.loads(line) == {"item": "claims.json", "verdict": "incomplete", "why": "unclaimed"}
        if NODE:
            assert second([folder], world) == [line]


def test_a_part_is_said_to_be_a_part(large: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What lies between two claims of one stream may be left out: the sentence names the ranges, and the rest."""
    entries = large.of("clue:0")
    parts = [large.claim("clue:0", 1, 50), large.claim("clue:0", 151, 200)]
    folder = large.write(tmp_path / "b", [entries[0], entries[3], entries[13]], parts)
    assert main([str(folder), str(large.policy)]) == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["unclaimed"] == 1
    for part in ("positions 1 to 50 (a part only), all 1 entries", "positions 151 to 200 (a part only), all 1 entries"):
        assert f"clue:0, {part}" in err
    assert "1 are opened there" in err
    if NODE:
        done = subprocess.run(
            [NODE, SECOND, str(folder), str(large.policy)], capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stdout, done.stderr) == (0, out, err)


ONE = '{"first":1,"last":7,"stream":"clue:1","tag_key":"KEY"}'
CLAIMED = [
    *("true", "null", "1", '"x"', "[]", "{}", "[[]]", "[null]", '[{"first":1,"last":7,"stream":"clue:1"}]'),
    *(f"[{ONE}]".replace('"first":1', f'"first":{first}') for first in ("true", "0", "-1", "1.0", "3", "8", "null")),
    *(f"[{ONE}]".replace('"last":7', f'"last":{last}') for last in ("1", "8", "9007199254740993", '"7"')),
    *(f"[{ONE}]".replace("clue:1", stream) for stream in ("", "\\u001b[2J", "\\ud800", "clue:2", "\U0001f600")),
    *(f"[{ONE}]".replace("KEY", key) for key in ("", "KEYKEY", "00" * 32, "AB" * 32)),
    # Two at a time: in order or not, overlapping, and names that are ordered otherwise by UTF-16 than by UTF-8.
    *("[" + ",".join(ONE.replace(":1,", f":{first},") for first in two) + "]" for two in ((1, 2), (2, 1), (1, 1))),
    *(
        f"[{ONE.replace('clue:1', one)},{ONE.replace('clue:1', other)}]"
        for one, other in (("\U0001f600", "\uff5e"), ("\uff5e", "\U0001f600"))
    ),
]


@needs_node
def test_both_verifiers_read_every_list_of_claims_alike(small: World, tmp_path: Path) -> None:
    """Signed with the log's key, whatever they say: other types, other ranges, other order, odd names."""
    sound = small.write(tmp_path / "sound", small.of("clue:1"), [small.claim("clue:1")])
    key = small.claim("clue:1").tag_key.hex()
    folders = []
    for number, claims in enumerate(CLAIMED):
        folders.append(copied(sound, tmp_path / str(number)))
        text = f'{{"claims":{claims.replace("KEY", key)},"format":"xuncha claims v1"}}'
        put(folders[-1] / "claims.json", text.encode())
        rebind(folders[-1])
    found = [first(folder, small) for folder in folders]
    assert second(folders, small) == found
    assert {json.loads(line)["verdict"] for line in found} == {"verified", "tampered", "incomplete"}


# --- one fault at a time ---------------------------------------------------------------------------------------------


class Case(NamedTuple):
    """A folder to be spoilt: the world it shows, and where it is."""

    world: World
    folder: Path

    def path(self, name: str) -> Path:
        return self.folder / name

    def swap(self, one: str, two: str) -> None:
        contents = [self.path(name).read_bytes() for name in (one, two)]
        put(self.path(one), contents[1])
        put(self.path(two), contents[0])

    def replace(self, name: str, was: bytes, now: bytes) -> None:
        content = self.path(name).read_bytes()
        assert was in content
        put(self.path(name), content.replace(was, now, 1))

    def flip(self, name: str, at: int = 0) -> None:
        content = bytearray(self.path(name).read_bytes())
        content[at] ^= 1
        put(self.path(name), bytes(content))

    def checkpoint(self, note: Note) -> None:
        """Another checkpoint, in the log's place and in every proof."""
        put(self.path("log/checkpoint"), note.encode())
        for proof in sorted(self.folder.glob("proofs/*")):
            put(proof, parse_proof(proof.read_bytes())._replace(checkpoint=note.encode()).encode())

    def leaf(self, at: int, change: Callable[[bytes], bytes]) -> None:
        path = self.path("log/tile/entries/000")
        leaves = unbundle(path.read_bytes(), 256)
        leaves[at] = change(leaves[at])
        put(path, bundle(leaves))


def forged(case: Case) -> None:
    """Everything computed anew over other content, with a key of one's own."""
    thief = Signer(LOG.key.name, b"\x09" * 32)
    text = parse_note(case.world.checkpoint).text
    case.checkpoint(Note(text, (thief.sign(text), WITNESS.cosign(text, 1))))


def unwitnessed(case: Case) -> None:
    note = parse_note(case.world.checkpoint)
    case.checkpoint(Note(note.text, note.signatures[:1]))


def badly_witnessed(case: Case) -> None:
    note = parse_note(case.world.checkpoint)
    case.checkpoint(Note(note.text, (note.signatures[0], note.signatures[1]._replace(raw=bytes(72)))))


def other_root(case: Case) -> None:
    text = Checkpoint(LOG.key.name, 700, bytes(32)).text
    case.checkpoint(Note(text, (LOG.sign(text), WITNESS.cosign(text, 1))))


def other_size(case: Case) -> None:
    text = parse_note(case.world.checkpoint).text.replace("\n700\n", "\n256\n")
    case.checkpoint(Note(text, (LOG.sign(text), WITNESS.cosign(text, 1))))


def renamed(case: Case) -> None:
    case.path("openings/1.json").rename(case.path("openings/2.json"))
    case.path("proofs/1.tlog-proof").rename(case.path("proofs/2.tlog-proof"))


def other_entry(case: Case) -> None:
    """The content of an entry changed inside its opening."""
    case.replace("openings/51.json", "线索".encode(), "线头".encode())


def tagged_otherwise(case: Case) -> None:
    """A claim with a key that is not the stream's."""
    key = BLINDING.of("clue:0").tag.hex().encode()
    case.replace("claims.json", key, BLINDING.of("clue:1").tag.hex().encode())


def of_another_stream(case: Case) -> None:
    """The key is of one stream, the name of another."""
    case.replace("claims.json", b'"clue:0"', b'"clue:x"')


def not_shown(case: Case) -> None:
    """A stream of which nothing is opened: its key might be anybody's."""
    of_another_stream(case)
    case.replace("claims.json", BLINDING.of("clue:0").tag.hex().encode(), BLINDING.of("clue:x").tag.hex().encode())


def no_opening(case: Case) -> None:
    """One entry left out, with its proof: what the claims are for."""
    case.path("openings/101.json").unlink()
    case.path("proofs/101.tlog-proof").unlink()


def no_opening_in_a_gap(case: Case) -> None:
    """Left out where the claim does not look: not missed, for nobody has said it is there."""
    case.replace("claims.json", b'"last":700', b'"last":600')
    case.path("openings/651.json").unlink()
    case.path("proofs/651.tlog-proof").unlink()


SPOILT: dict[str, tuple[Callable[[Case], object], bool, str]] = {
    # name: what is done, whether the manifest is then made anew and signed by the log's key, what must be found
    "nothing": (lambda case: None, True, "verified"),
    "gap outside": (no_opening_in_a_gap, True, "verified"),
    "no manifest": (lambda case: case.path("manifest.json").unlink(), False, "incomplete manifest.json missing"),
    "no note": (lambda case: case.path("manifest.note").unlink(), False, "incomplete manifest.note missing"),
    "no claims": (lambda case: case.path("claims.json").unlink(), False, "incomplete claims.json missing"),
    "no claims, signed": (lambda case: case.path("claims.json").unlink(), True, "incomplete claims.json missing"),
    "no checkpoint": (lambda case: case.path("log/checkpoint").unlink(), True, "incomplete log/checkpoint missing"),
    "longer": (lambda case: put(case.path("claims.json"), b"x"), False, "tampered claims.json size"),
    "changed": (lambda case: case.flip("openings/51.json"), False, "tampered openings/51.json digest"),
    "exchanged": (
        lambda case: case.swap("openings/51.json", "openings/1.json"),
        False,
        "tampered openings/1.json size",
    ),
    "document": (
        lambda case: case.flip("documents/dossier.txt"),
        False,
        "tampered documents/dossier.txt digest",
    ),
    "added": (lambda case: put(case.path("openings/52.json"), b"{}"), False, "tampered openings/52.json unlisted"),
    "added, odd name": (
        lambda case: put(case.path("documents/卷 1"), b""),
        False,
        "tampered documents/%E5%8D%B7%201 unlisted",
    ),
    "link": (
        lambda case: (
            case.path("claims.json").rename(case.folder.with_name("aside")),
            case.path("claims.json").symlink_to(case.folder.with_name("aside")),
        ),
        False,
        "tampered claims.json kind",
    ),
    "linked folder": (
        lambda case: (
            case.path("openings").rename(case.folder.with_name("aside")),
            case.path("openings").symlink_to(case.folder.with_name("aside")),
        ),
        False,
        "tampered openings unlisted",
    ),
    "manifest changed": (lambda case: case.flip("manifest.json", 20), False, "tampered manifest.json digest"),
    "note changed": (lambda case: case.flip("manifest.note", 30), False, "tampered manifest.note signature"),
    "note doubled": (
        lambda case: put(
            case.path("manifest.note"),
            (note := parse_note(case.path("manifest.note").read_bytes()))
            ._replace(signatures=note.signatures * 2)
            .encode(),
        ),
        False,
        "tampered manifest.note form",
    ),
    "note of a stranger": (
        lambda case: rebind(case.folder, Signer(LOG.key.name, b"\x09" * 32)),
        False,
        "tampered manifest.note unsigned",
    ),
    "note of another log": (
        lambda case: rebind(case.folder, OTHER_LOG),
        False,
        "tampered manifest.note origin",
    ),
    "manifest with spaces": (
        lambda case: sign(case.folder, case.path("manifest.json").read_bytes().replace(b",", b", ")),
        False,
        "tampered manifest.json form",
    ),
    "manifest leads out": (
        lambda case: sign(
            case.folder, case.path("manifest.json").read_bytes().replace(b"documents/", b"../documents/")
        ),
        False,
        "tampered manifest.json form",
    ),
    "manifest with a name too long": (
        lambda case: sign(case.folder, case.path("manifest.json").read_bytes().replace(b"dossier", b"d" * 300)),
        False,
        "usage folder unreadable",
    ),
    "checkpoint of another key": (forged, True, "tampered log/checkpoint unsigned"),
    "checkpoint without witness": (unwitnessed, True, "incomplete log/checkpoint quorum"),
    "checkpoint badly witnessed": (badly_witnessed, True, "tampered log/checkpoint signature"),
    "checkpoint of another root": (other_root, True, "tampered log/checkpoint root"),
    "checkpoint of another size": (other_size, True, "tampered log/tile/0/001 range"),
    "stray tile": (lambda case: put(case.path("log/tile/0/003"), bytes(8192)), True, "tampered log/tile/0/003 range"),
    "stray file": (lambda case: put(case.path("log/tile/x"), b""), True, "tampered log/tile/x name"),
    "tile cut": (lambda case: put(case.path("log/tile/0/000"), b"x"), True, "tampered log/tile/0/000 form"),
    "tile changed": (lambda case: case.flip("log/tile/0/000"), True, "tampered log/tile/0/000 parent"),
    "tiles exchanged": (
        lambda case: case.swap("log/tile/0/000", "log/tile/0/001"),
        True,
        "tampered log/tile/0/000 parent",
    ),
    "edge changed": (lambda case: case.flip("log/tile/1/000.p/2"), True, "tampered log/checkpoint root"),
    "edge gone": (
        lambda case: case.path("log/tile/1/000.p/2").unlink(),
        True,
        "incomplete log/tile/1/000.p/2 missing",
    ),
    "tile gone": (lambda case: case.path("log/tile/0/000").unlink(), True, "incomplete log/tile/0/000 missing"),
    "bundle gone": (
        lambda case: case.path("log/tile/entries/001").unlink(),
        True,
        "incomplete log/tile/entries/001 missing",
    ),
    "bundle cut": (
        lambda case: put(case.path("log/tile/entries/001"), b"\0"),
        True,
        "tampered log/tile/entries/001 form",
    ),
    "leaf changed": (
        lambda case: case.leaf(50, lambda leaf: leaf[:-3] + b"0" + leaf[-2:]),
        True,
        "tampered log/tile/entries/000 leaf",
    ),
    "opening renamed": (renamed, True, "tampered openings/2.json name"),
    "opening, other entry": (other_entry, True, "tampered openings/51.json inclusion"),
    "opening, other time": (
        lambda case: case.replace("openings/51.json", b"2026-11-25", b"2026-11-24"),
        True,
        "tampered openings/51.json inclusion",
    ),
    "opening, other salt": (
        lambda case: case.replace("openings/51.json", b'"salt":"', b'"salt":"0'),
        True,
        "tampered openings/51.json form",
    ),
    "opening beyond": (
        lambda case: (
            case.replace("openings/51.json", b'"position":51', b'"position":701'),
            case.path("openings/51.json").rename(case.path("openings/701.json")),
        ),
        True,
        "tampered openings/701.json range",
    ),
    "opening left out": (no_opening, True, "incomplete openings/101.json unopened"),
    "proof left out": (
        lambda case: case.path("proofs/101.tlog-proof").unlink(),
        True,
        "incomplete proofs/101.tlog-proof missing",
    ),
    "opening without its proof's": (
        lambda case: case.path("openings/101.json").unlink(),
        True,
        "tampered proofs/101.tlog-proof stray",
    ),
    "proof of another": (
        lambda case: case.swap("proofs/51.tlog-proof", "proofs/101.tlog-proof"),
        True,
        "tampered proofs/101.tlog-proof index",
    ),
    "proof with extra": (
        lambda case: case.replace("proofs/51.tlog-proof", b"@v1\n", b"@v1\nextra AA==\n"),
        True,
        "tampered proofs/51.tlog-proof form",
    ),
    "proof against another checkpoint": (
        lambda case: case.replace("proofs/51.tlog-proof", b"\n700\n", b"\n701\n"),
        True,
        "tampered proofs/51.tlog-proof checkpoint",
    ),
    "claims in other words": (
        lambda case: case.replace("claims.json", b"v1", b"v2"),
        True,
        "tampered claims.json form",
    ),
    "claim beyond": (
        lambda case: case.replace("claims.json", b'"last":700', b'"last":701'),
        True,
        "tampered claims.json range",
    ),
    "no claim": (
        lambda case: put(case.path("claims.json"), canonical({"claims": [], "format": "xuncha claims v1"})),
        True,
        "incomplete claims.json unclaimed",
    ),
    "claim by another key": (tagged_otherwise, True, "tampered openings/1.json tag"),
    "claim under another name": (of_another_stream, True, "tampered openings/1.json stream"),
    "claim of a stream not shown": (not_shown, True, "incomplete claims.json unanchored"),
}


@pytest.fixture(scope="module")
def spoilt(large: World, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Every spoilt folder, by name."""
    folder = tmp_path_factory.mktemp("spoilt")
    sound = large.write(folder / "sound", large.of("clue:0"), [large.claim("clue:0")])
    found = {}
    for number, (name, (spoil, bound, _)) in enumerate(SPOILT.items()):
        place = folder / str(number)
        place.mkdir()
        found[name] = copied(sound, place / "b")
        spoil(Case(large, found[name]))
        if bound:
            rebind(found[name])
    return found


@pytest.fixture(scope="module")
def seconds(large: World, spoilt: dict[str, Path]) -> dict[str, str]:
    """What the second verifier says of each."""
    return dict(zip(spoilt, second(list(spoilt.values()), large), strict=True))


@pytest.mark.parametrize("name", SPOILT)
def test_a_fault_is_found_and_named(large: World, spoilt: dict[str, Path], name: str) -> None:
    """Also where the manifest was made anew and signed with the log's own key."""
    found = json.loads(first(spoilt[name], large))
    said = " ".join(found[part] for part in ("verdict", "item", "why") if part in found)
    assert said == SPOILT[name][2]


@needs_node
@pytest.mark.parametrize("name", SPOILT)
def test_the_second_verifier_says_the_same(
    large: World, spoilt: dict[str, Path], seconds: dict[str, str], name: str
) -> None:
    """Byte for byte, what was verified included."""
    assert seconds[name] == first(spoilt[name], large)


def test_a_key_that_picks_out_another_streams_entries_is_found(tmp_path: Path) -> None:
    """A leaf written with the tag of another stream: only a dishonest writer can, and the opening shows it."""
    blinding = Blinding(b"\2" * 32)
    common = {"kind": "k", "command": "c", "ordinal": 0, "body": b"{}", "recorded_at": "2026-11-25T01:02:03.000004Z"}
    writer = "writer:6f1f7a52-5c39-5f0e-9d0b-2b6a0f1d8c11"
    keys = blinding.of("clue:a")
    entries = [
        opening(keys, stream="clue:a", version=1, position=1, writer=writer, **common),  # type: ignore[arg-type]
        opening(keys, stream="clue:b", version=1, position=2, writer=writer, **common),  # type: ignore[arg-type]
        opening(keys, stream="clue:a", version=3, position=3, writer=writer, **common),  # type: ignore[arg-type]
    ]
    log = TileLog(tmp_path / "log")
    size, root = log.append(0, map(check_opening, entries))
    text = Checkpoint(LOG.key.name, size, root).text
    checkpoint = Note(text, (LOG.sign(text), WITNESS.cosign(text, 1))).encode()
    (tmp_path / "policy").write_bytes(POLICY)
    world = World(log, entries, checkpoint, tmp_path / "policy")
    claims = [Claim("clue:a", 1, 3, keys.tag)]
    folders = [
        world.write(tmp_path / "1", entries, claims),
        world.write(tmp_path / "2", [entries[0], entries[2]], [Claim("clue:a", 3, 3, keys.tag)]),
        world.write(tmp_path / "3", [entries[0], entries[2]], [Claim("clue:a", 1, 1, keys.tag)]),
    ]
    found = [first(folder, world) for folder in folders]
    assert json.loads(found[0]) == {"item": "openings/2.json", "verdict": "tampered", "why": "stream"}
    assert [json.loads(line)["verdict"] for line in found[1:]] == ["verified", "verified"]
    gap = world.write(tmp_path / "4", [entries[0], entries[2]], claims)
    rebind(gap)
    found.append(first(gap, world))
    assert json.loads(found[-1])["why"] == "unopened"
    if NODE:
        assert second([*folders, gap], world) == found


def test_a_gap_in_the_versions_is_found_though_every_tag_is_opened(tmp_path: Path) -> None:
    """An entry whose leaf was given another tag when it was written: the stream's own count misses it."""
    keys = BLINDING.of("clue:a")
    common = {"kind": "k", "command": "c", "ordinal": 0, "body": b"{}", "recorded_at": "2026-11-25T01:02:03.000004Z"}
    writer = "recorder:6f1f7a52-5c39-5f0e-9d0b-2b6a0f1d8c11"
    entries = [
        opening(keys, stream="clue:a", version=version, position=at, writer=writer, **common)  # type: ignore[arg-type]
        for at, version in ((1, 1), (2, 3))
    ]
    log = TileLog(tmp_path / "log")
    size, root = log.append(0, map(check_opening, entries))
    text = Checkpoint(LOG.key.name, size, root).text
    (tmp_path / "policy").write_bytes(POLICY)
    world = World(log, entries, Note(text, (LOG.sign(text), WITNESS.cosign(text, 1))).encode(), tmp_path / "policy")
    folder = world.write(tmp_path / "b", entries, [Claim("clue:a", 1, 2, keys.tag)])
    line = first(folder, world)
    assert json.loads(line) == {"item": "openings/2.json", "verdict": "incomplete", "why": "version"}
    if NODE:
        assert second([folder], world) == [line]


# --- every byte ------------------------------------------------------------------------------------------------------


def mutants(sound: Path, place: Path, bound: bool) -> Iterator[tuple[str, Path]]:
    """Folders that differ from a sound one in one thing; `bound`: listed and signed anew after it."""
    names = [name for name in listing(sound) if not (bound and name.startswith("manifest."))]

    def mutant(label: str, changes: dict[str, bytes | None]) -> tuple[str, Path]:
        folder = copied(sound, place / label.replace("/", "_"))
        for name, content in changes.items():
            if content is None:
                (folder / name).unlink()
            else:
                put(folder / name, content)
        if bound:
            rebind(folder)
        return label, folder

    for number, name in enumerate(names):
        content = (sound / name).read_bytes()
        for at in range(number % STEP, len(content), STEP):
            changed = bytearray(content)
            changed[at] ^= (1, 0x80, 0x20, 4)[(at // STEP + number) % 4]
            yield mutant(f"{name} byte {at}", {name: bytes(changed)})
        yield mutant(f"{name} dropped", {name: None})
        yield mutant(f"{name} longer", {name: content + b"\n"})
        yield mutant(f"{name} shorter", {name: content[:-1]})
        yield mutant(f"{name} empty", {name: b""})
        yield mutant(f"{name} twice over", {name: content * 2})
        other = names[number - 1]
        yield mutant(f"{name} exchanged", {name: (sound / other).read_bytes(), other: content})
        lines = content.split(b"\n")
        if len(lines) > 3:
            yield mutant(f"{name} reordered", {name: b"\n".join([lines[1], lines[0], *lines[2:]])})
        prefix, _, last = name.rpartition("/")
        for double in (f"{prefix}/x{last}", f"{prefix}/0{last}", re.sub("[0-9]+", "4", name)):
            if not (sound / double.lstrip("/")).exists():
                yield mutant(f"{name} doubled as {double}", {double.lstrip("/"): content})


LAWFUL = {"claims.json", "documents"}
"""With the log's key, whoever exports may claim less and enclose other documents; all else must be found out."""


@pytest.mark.parametrize("bound", [False, True], ids=["as found", "signed anew"])
def test_no_change_is_verified_and_both_verifiers_agree_on_each(small: World, tmp_path: Path, bound: bool) -> None:
    """Every k-th byte changed, every file dropped, doubled, cut, exchanged."""
    sound = small.write(tmp_path / "sound", small.of("clue:1"), [small.claim("clue:1")])
    (tmp_path / "m").mkdir()
    made = list(mutants(sound, tmp_path / "m", bound))
    assert len(made) > 200
    found = [first(folder, small) for _, folder in made]
    for (label, _), line in zip(made, found, strict=True):
        if json.loads(line)["verdict"] == "verified":
            assert bound, label
            assert label.startswith(tuple(LAWFUL)) or " doubled as " in label, label
    if NODE:
        said = second([folder for _, folder in made], small)
        assert list(zip(made, said, strict=True)) == list(zip(made, found, strict=True))


# --- the command lines -----------------------------------------------------------------------------------------------


def test_the_command_line_ends_with_the_verdicts_code(
    large: World, spoilt: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "bad").write_bytes(b"quorum nobody\n")
    given = {
        0: [str(spoilt["nothing"]), str(large.policy)],
        1: [str(spoilt["changed"]), str(large.policy)],
        2: [str(spoilt["nothing"]), str(tmp_path / "bad")],
        3: [str(spoilt["opening left out"]), str(large.policy)],
    }
    usage = [[], ["x"], [str(tmp_path / "none"), str(large.policy)], [str(spoilt["nothing"]), str(tmp_path / "none")]]
    for code, arguments in [*given.items(), *((2, one) for one in usage)]:
        assert main(arguments) == code
        out, err = capsys.readouterr()
        assert CODES[json.loads(out)["verdict"]] == code
        assert " · " in err
        if NODE:
            done = subprocess.run([NODE, SECOND, *arguments], capture_output=True, text=True, check=False)
            assert (done.returncode, done.stdout, done.stderr) == (code, out, err)


def test_every_reason_is_reached_by_a_fault() -> None:
    """A check never seen to fail is not a check."""
    reached = {said.split()[2] for _, _, said in SPOILT.values() if " " in said}
    assert {*WHY, "unreadable"} == reached | {"version"}, "a gap in the versions has a test of its own"
