"""Signed notes, keys, checkpoints, cosignatures: known answers, what is refused, and the vectors."""

import json
from base64 import b64decode, b64encode
from pathlib import Path
from typing import Any

import pytest

from sealedlog.errors import Malformed, SignatureFailed, Unproven, Unsigned
from sealedlog.merkle import EMPTY, check_consistency, leaf_hash
from sealedlog.notes import (
    Checkpoint,
    Cosigner,
    Kind,
    Note,
    Signature,
    Signer,
    VerifierKey,
    parse_note,
    timestamp,
    verify,
    verify_note,
)

SHARED = Path(__file__).parents[2].parent / "shared" / "vectors"
LOG = Signer("xuncha.example/log", bytes(range(32)))
WITNESS = Cosigner("witness.example/w1", bytes(range(1, 33)))
TEXT = Checkpoint("xuncha.example/log", 7, leaf_hash(b"")).text
NOTE = Note(TEXT, (LOG.sign(TEXT), WITNESS.cosign(TEXT, 1679315147)))


def test_known_answers() -> None:
    """The seed of RFC 8032's first test, its key id computed apart."""
    signer = Signer(
        "example.com/foo", bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
    )
    public = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    assert signer.key.public.hex() == public
    assert str(signer.key) == "example.com/foo+bf66b263+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea"
    assert str(signer.key.as_cosigner()).startswith("example.com/foo+")
    assert str(signer.key.as_cosigner()).endswith("+BNdamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea")


def test_a_note_is_read_as_it_was_written_and_names_who_signed_and_when() -> None:
    note = parse_note(NOTE.encode())
    assert note == NOTE
    assert verify_note(note, [LOG.key, WITNESS.key]) == {LOG.key: None, WITNESS.key: 1679315147}
    assert Checkpoint.parse(note.text).text == TEXT


def test_unknown_keys_are_passed_over_and_known_ones_must_fit() -> None:
    """c2sp.org/signed-note: same name, another key: unknown."""
    stranger = Signer(LOG.key.name, bytes(32))
    with pytest.raises(Unsigned):
        verify_note(NOTE, [stranger.key])
    forged = NOTE.signatures[0]._replace(raw=stranger.sign(TEXT).raw)
    with pytest.raises(SignatureFailed):
        verify_note(Note(TEXT, (forged, NOTE.signatures[1])), [LOG.key, WITNESS.key])
    assert list(verify_note(Note(TEXT, (stranger.sign(TEXT), *NOTE.signatures)), [LOG.key])) == [LOG.key]


def test_a_cosignature_binds_its_time_and_the_extension_lines() -> None:
    text = TEXT + "extension\n"
    line = WITNESS.cosign(text, 5)
    assert WITNESS.key.check(text, line) == 5
    with pytest.raises(SignatureFailed):
        WITNESS.key.check(TEXT + "extensioN\n", line)
    with pytest.raises(SignatureFailed):
        WITNESS.key.check(text, line._replace(raw=(6).to_bytes(8, "big") + line.raw[8:]))
    with pytest.raises(SignatureFailed, match="过大"):
        WITNESS.key.check(text, line._replace(raw=b"\xff" * 8 + line.raw[8:]))
    with pytest.raises(TypeError):
        WITNESS.sign(text)
    with pytest.raises(Malformed):
        LOG.sign("no newline")


WHOLE = NOTE.encode()


@pytest.mark.parametrize(
    "data",
    [
        WHOLE[:-1],
        WHOLE + b"\n",
        WHOLE.replace(b"\n", b"\r\n"),
        WHOLE.replace(b"\xe2\x80\x94 xuncha", b"- xuncha"),
        WHOLE.replace(b"\xe2\x80\x94 xuncha", b"\xe2\x80\x94  xuncha"),
        WHOLE.replace(b"\xe2\x80\x94 xuncha", b"\xe2\x80\x94 xun\xe3\x80\x80cha"),
        WHOLE.replace(b"\xe2\x80\x94 xuncha", b"\xe2\x80\x94 xun+cha"),
        WHOLE.replace(b"=\n", b"\n"),
        b"\n" + TEXT.encode()[:0] + b"\n\xe2\x80\x94 a AAAAAAAA\n",
        TEXT.encode() + b"\n\xe2\x80\x94 a AAAAAA==\n",
        b"\xff" + WHOLE,
        b"\x00" + WHOLE,
        b"",
    ],
)
def test_a_note_in_another_form_is_refused(data: bytes) -> None:
    with pytest.raises(Malformed):
        parse_note(data)


ROOT = b64encode(bytes(32)).decode()


@pytest.mark.parametrize(
    "text",
    [
        f"log\n0123\n{ROOT}\n",
        f"log\n+5\n{ROOT}\n",
        f"log\n5 \n{ROOT}\n",
        f"log\n٥\n{ROOT}\n",
        f"log\n9007199254740992\n{ROOT}\n",
        f"log\n5\r\n{ROOT}\r\n",
        f"log\n5\n{b64encode(bytes(31)).decode()}\n",
        f"log\n5\n{b64encode(bytes(33)).decode()}\n",
        f"log\n5\n{ROOT[:-2]}B=\n",
        f"log\n5\n{ROOT.rstrip('=')}\n",
        f"log\n5\n{ROOT}\n\nextension\n",
        f"log\n5\n{ROOT}",
        f"\n5\n{ROOT}\n",
    ],
)
def test_a_checkpoint_in_another_form_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        Checkpoint.parse(text)


@pytest.mark.parametrize(
    "vkey",
    [
        "",
        "name",
        "name+12345678",
        str(LOG.key).replace(LOG.key.key_id.hex(), "00000000"),
        str(LOG.key).replace(LOG.key.key_id.hex(), LOG.key.key_id.hex().upper() + "0"),
        str(LOG.key).replace("xuncha", "xun cha"),
        str(LOG.key)[:-1],
        str(LOG.key) + "\n",
    ],
)
def test_a_verifier_key_in_another_form_is_refused(vkey: str) -> None:
    with pytest.raises(Malformed):
        VerifierKey.parse(vkey)


# --- vectors ---------------------------------------------------------------------------------------------------------


def vectors(name: str) -> Any:
    return json.loads((SHARED / name).read_text("utf-8"))


@pytest.mark.shared
def test_note_vectors() -> None:
    """All of them, none excepted."""
    file = vectors("signed_note/notes.json")
    for probe in file["valid"]:
        keys = [VerifierKey.parse(text) for text in probe.get("vkeys") or [probe["vkey"]]]
        note = parse_note(probe["note"].encode())
        assert list(verify_note(note, keys)) == keys, probe["name"]
        assert note.encode() == probe["note"].encode()
        assert [str(key) for key in keys] == (probe.get("vkeys") or [probe["vkey"]])
    for probe in file["malformed"]:
        with pytest.raises(Malformed):
            parse_note(probe["note"].encode())
    bad = [found for name, found in file.items() if "vkey" in name]
    assert bad, "the two bad keys"
    for probe in bad[0]:
        with pytest.raises(Malformed):
            VerifierKey.parse(probe if isinstance(probe, str) else probe["vkey"])


SHORT_ROOTS = "the goldens' roots are words, not 32 bytes: written as they should be, and refused on reading"


@pytest.mark.shared
def test_checkpoint_vectors() -> None:
    """All are tried; `SHORT_ROOTS` are excepted from being read."""
    file = vectors("signed_note/checkpoints.json")
    for probe in file["marshal"]:
        assert Checkpoint(probe["origin"], probe["size"], probe["hash_utf8"].encode()).text == probe["want"]
        with pytest.raises(Malformed, match="32"):
            Checkpoint.parse(probe["want"])
    for probe in file["bad"]:
        with pytest.raises(Malformed):
            Checkpoint.parse(probe["m"])
    golden = file["go_tree_golden"]
    checkpoint = Checkpoint(golden["origin"], golden["size"], leaf_hash(golden["leaf_data"].encode()))
    assert checkpoint.text == golden["want"]
    assert Checkpoint.parse(golden["want"]) == checkpoint


@pytest.mark.shared
def test_cosignature_vectors() -> None:
    """All of them, none excepted."""
    file = vectors("signed_note/cosignatures.json")
    plain, native = (VerifierKey.parse(probe["vkey"]) for probe in file["vkeys_ok"])
    assert plain.as_cosigner().kind is native.kind is Kind.COSIGNATURE
    assert native.as_cosigner() == native
    for text in file["vkeys_bad"]:
        with pytest.raises(Malformed):
            VerifierKey.parse(text)
    for probe in file["timestamp"]:
        raw = b64decode(probe["sig_b64"])
        line = Signature("witness", raw[:4], raw[4:])
        if "want_unix" in probe:
            assert timestamp(line) == probe["want_unix"]
        else:
            with pytest.raises(SignatureFailed):
                timestamp(line)
    message = file["c2sp_signed_message_example"]
    at, text = int(message.split("\n")[1].split()[1]), message.split("\n", 2)[2]
    verify(WITNESS.key.public, WITNESS.cosign(text, at).raw[8:], message.encode())


@pytest.mark.shared
def test_a_witness_made_of_these_parts_answers_a_whole_conversation() -> None:
    """The nine requests in order, none excepted; tlog-witness's statuses, 403 for an unknown log as the vector has."""
    file = vectors("signed_note/witness_conversation.json")
    first = parse_note(file["steps_in_order"][0]["body"].partition("\n\n")[2].encode())
    key = VerifierKey(first.signatures[0].name, Kind.ED25519, bytes.fromhex(file["log_public_key_hex"]))
    size, root = 0, EMPTY

    def answer(body: str) -> int:
        nonlocal size, root
        head, _, signed = body.partition("\n\n")
        first, *hashes = head.split("\n")
        try:
            note = parse_note(signed.encode())
            verify_note(note, [key])
        except (Malformed, SignatureFailed, Unsigned):  # the vector's bad signature is also base64 in another form
            return 403
        checkpoint = Checkpoint.parse(note.text)
        if int(first.removeprefix("old ")) != size:
            return 409
        try:
            check_consistency(size, checkpoint.size, [b64decode(one) for one in hashes], root, checkpoint.root)
        except Unproven:
            return 422
        size, root = checkpoint.size, checkpoint.root
        return 200

    for step in file["steps_in_order"]:
        assert answer(step["body"]) == step["want_status"], step


@pytest.mark.shared
def test_ed25519_vectors() -> None:
    """RFC 8032 by signing, Wycheproof by checking; none excepted."""
    for probe in vectors("ed25519/rfc8032.json")["vectors"]:
        signer = Signer("name", bytes.fromhex(probe["sk"]))
        assert signer.key.public.hex() == probe["pk"]
        assert signer.sign_bytes(bytes.fromhex(probe["msg"])).hex() == probe["sig"]
    tried = 0
    for group in vectors("ed25519/wycheproof_ed25519_test.json")["testGroups"]:
        public = bytes.fromhex(group["publicKey"]["pk"])
        for probe in group["tests"]:
            arguments = (public, bytes.fromhex(probe["sig"]), bytes.fromhex(probe["msg"]))
            tried += 1
            if probe["result"] == "valid":
                verify(*arguments)
            else:
                with pytest.raises(SignatureFailed):
                    verify(*arguments)
    assert tried == 151
