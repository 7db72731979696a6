"""Who must have signed: policies read, quorums counted, and the vectors."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

import sealedlog
from sealedlog.errors import Malformed, QuorumMissing, SignatureFailed, Unsigned
from sealedlog.merkle import EMPTY
from sealedlog.notes import Checkpoint, Cosigner, Note, Signer
from sealedlog.policy import parse_policy

SHARED = Path(__file__).parents[2].parent / "shared" / "vectors" / "signed_note"
LOG = Signer("xuncha.example/log", bytes(32))
WITNESSES = [Cosigner(f"witness.example/{n}", bytes([n]) * 32) for n in range(4)]
LINES = [f"log {LOG.key}", *(f"witness w{n} {witness.key}" for n, witness in enumerate(WITNESSES))]
TEXT = Checkpoint(LOG.key.name, 0, EMPTY).text


def policy(*lines: str) -> bytes:
    return "".join(f"{line}\n" for line in (*LINES, *lines)).encode()


def signed(*witnesses: int) -> bytes:
    return Note(TEXT, (LOG.sign(TEXT), *(WITNESSES[n].cosign(TEXT, 7) for n in witnesses))).encode()


@pytest.mark.parametrize(
    ("lines", "enough", "too_few"),
    [
        (["quorum none"], [()], []),
        (["quorum w1"], [(1,), (0, 1)], [(), (0, 2, 3)]),
        (["group g any w0 w1", "quorum g"], [(0,), (1,)], [(), (2, 3)]),
        (["group g all w0 w1", "quorum g"], [(0, 1)], [(0,), (1, 2, 3)]),
        (["group g 2 w0 w1 w2", "quorum g"], [(0, 2), (0, 1, 2)], [(0,), (0, 3)]),
        (["group g 1 w0 w1", "group h all g w2", "quorum h"], [(0, 2), (1, 2)], [(0, 1), (2,)]),
    ],
)
def test_a_quorum_is_counted(lines: list[str], enough: list[tuple[int, ...]], too_few: list[tuple[int, ...]]) -> None:
    read = parse_policy(policy(*lines))
    for witnesses in enough:
        believed = read.believe(signed(*witnesses))
        assert believed.checkpoint.text == TEXT
        assert believed.witnessed == {f"w{n}": 7 for n in witnesses}
    for witnesses in too_few:
        with pytest.raises(QuorumMissing):
            read.believe(signed(*witnesses))


def test_the_log_itself_must_have_signed() -> None:
    """Every witness together is no log; a log signs under its own origin only."""
    read = parse_policy(policy("quorum w0"))
    for data in (
        Note(TEXT, (WITNESSES[0].cosign(TEXT, 7),)),
        Note(other := TEXT.replace("/log", "/other"), (LOG.sign(other), WITNESSES[0].cosign(other, 7))),
    ):
        with pytest.raises(Unsigned):
            read.believe(data.encode())
    broken = WITNESSES[0].cosign(TEXT, 7)._replace(raw=bytes(72))
    with pytest.raises(SignatureFailed):
        read.believe(Note(TEXT, (LOG.sign(TEXT), broken)).encode())


REFUSED = [
    [],
    ["quorum none", "quorum none"],
    ["quorum w9"],
    ["quorum g", "group g any w0"],
    ["group g 0 w0", "quorum g"],
    ["group g 2 w0", "quorum g"],
    ["group g 01 w0", "quorum g"],
    ["group g any", "quorum g"],
    ["group g any none", "quorum g"],
    ["group g any w0 w0", "quorum g"],
    ["group g any w0", "group h any w0", "quorum h"],
    ["group w0 any w1", "quorum w0"],
    ["group all any w1", "quorum all"],
    [f"witness w9 {WITNESSES[0].key}", "quorum w9"],
    [f"witness w9 {LOG.key} url more", "quorum w9"],
    [f"log {LOG.key}", "quorum none"],
    [f"log {WITNESSES[0].key}", "quorum none"],
    ["quorum none # comment"],
    ["quorum\u00a0none"],
    ["quorum none\r"],
    ["mirror none", "quorum none"],
]


@pytest.mark.parametrize("lines", REFUSED)
def test_another_policy_is_refused(lines: list[str]) -> None:
    """c2sp.org/tlog-policy."""
    with pytest.raises(Malformed):
        parse_policy(policy(*lines))


@pytest.mark.skipif(shutil.which("node") is None, reason="the second verifier needs Node 20 or later")
def test_the_second_verifier_refuses_and_accepts_the_same_policies(tmp_path: Path) -> None:
    """Asked about a folder that is not there, it names the policy or the folder, whichever fails first."""
    second = Path(sealedlog.__file__).with_name("verify.mjs")
    sound = [["quorum none"], ["# c", " \tquorum\tw1 "], ["group g 1 w0 w1", "group h all g w2", "quorum h"]]
    asked = {}
    for number, lines in enumerate([*REFUSED, *sound]):
        path = tmp_path / str(number)
        path.write_bytes(policy(*lines))
        command = ["node", second, tmp_path / "none", path]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        asked[number] = json.loads(done.stdout)["item"]
    assert list(asked.values()) == ["policy"] * len(REFUSED) + ["folder"] * len(sound)


EXCEPTED = {
    "whitespace and comments": "a comment stands after an item; C2SP has comments on lines of their own only",
    "group numerical": "one key stands for two witnesses; C2SP forbids it, for it would be counted twice",
    "group all": "the same",
    "group any": "the same",
}


@pytest.mark.shared
def test_vectors() -> None:
    """Those excepted are upstream's own dialect, refused here for the reason given."""
    file = json.loads((SHARED / "tlog_policies.json").read_text("utf-8"))
    for probe in file["valid"]:
        text = probe["policy"]
        if probe["desc"] in EXCEPTED:
            with pytest.raises(Malformed):
                parse_policy(text.encode())
            text = text.replace("#comment", "")
            if "group" in probe["desc"]:  # with a key of its own for each, it is as upstream has it
                text = text.replace(
                    "w2 example.com+3753d3de+AebBhMcghIUoavZpjuDofa4sW6fYHyVn7gvwDBfvkvuM", f"w2 {LOG.key}"
                )
            if probe["desc"] == "whitespace and comments":
                text = text.replace("https://example.com/witness/    ", "https://example.com/witness/")
        read = parse_policy(text.encode())
        group = read.groups[read.quorum]
        assert group.needed == probe.get("top_group_n", group.needed)
        assert all(key.kind.name == "COSIGNATURE" for key in read.witnesses.values())
    assert {probe["desc"] for probe in file["valid"]} >= set(EXCEPTED)
    for probe in file["invalid"]:
        with pytest.raises(Malformed):
            parse_policy(probe["policy"].encode())
