"""C2SP tlog-proof, read and written."""

import json
from base64 import b64decode
from pathlib import Path

import pytest

from sealedlog.errors import Malformed
from sealedlog.proofs import Proof, parse_proof

SHARED = Path(__file__).parents[2].parent / "shared" / "vectors" / "signed_note"
PROOF = Proof(5, (b"\1" * 32, b"\2" * 32), b"log\n6\nroot\n\n\xe2\x80\x94 log c2ln\n", b"extra")


def test_a_proof_is_read_as_it_was_written() -> None:
    assert parse_proof(PROOF.encode()) == PROOF
    assert parse_proof(PROOF._replace(extra=None, hashes=()).encode()) == PROOF._replace(extra=None, hashes=())


@pytest.mark.parametrize(
    ("was", "now"),
    [
        (b"@v1", b"@v2"),
        (b"index 5", b"index 05"),
        (b"index 5", b"index +5"),
        (b"index 5", b"index 9007199254740992"),
        (b"index 5", b"index 5\r"),
        (b"AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=", b"AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQF="),
        (b"AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=", b"AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQ=="),
        (b"AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=", b"AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQ=="),
        (b"extra ZXh0cmE=\n", b"extra ZXh0cmE=\nextra ZXh0cmE=\n"),
        (b"extra ZXh0cmE=", b"extra ZXh0cmE"),
        (b"\n\nlog", b"\nlog"),
    ],
)
def test_what_the_format_does_not_write_is_refused(was: bytes, now: bytes) -> None:
    """No leading zero, no sign, no other base64, no other length."""
    changed = PROOF.encode().replace(was, now, 1)
    assert changed != PROOF.encode()
    if now == b"\nlog":
        changed = changed.partition(b"\n\n")[0]
    with pytest.raises(Malformed):
        parse_proof(changed)


@pytest.mark.shared
def test_vectors() -> None:
    """All of them, none excepted."""
    file = json.loads((SHARED / "tlog_proofs.json").read_text("utf-8"))
    for probe in file["marshal"]:
        extra = probe["extra_utf8"].encode() if "extra_utf8" in probe else None
        hashes = tuple(b64decode(hashed) for hashed in probe["hashes_b64"])
        proof = Proof(probe["index"], hashes, probe["checkpoint"].encode(), extra)
        assert proof.encode() == probe["want"].encode()
        assert parse_proof(proof.encode()) == proof
    for probe in file["bad"]:
        with pytest.raises(Malformed):
            parse_proof(probe["p"].encode())
