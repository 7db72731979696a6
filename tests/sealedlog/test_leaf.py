"""The blind leaf: its bytes, what it hides, how it is opened, and canonical JSON under it."""

import json
import re
from base64 import b64decode
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256
from hmac import digest as hmac
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealedlog.canonical import canonical, parse
from sealedlog.errors import Malformed, SignatureFailed
from sealedlog.leaf import (
    Blinding,
    batch_statement,
    check_opening,
    entry_digest,
    instant,
    leaf,
    opening,
    parse_leaf,
    parse_opening,
    stream_key,
    tag,
    tag_key,
)
from sealedlog.merkle import leaf_hash, root
from sealedlog.notes import Signer, verify

SHARED = Path(__file__).parents[2].parent / "shared" / "vectors"
SECRET = bytes(range(32))
WRITER = "writer:6f1f7a52-5c39-5f0e-9d0b-2b6a0f1d8c11"
AT = "2026-11-25T01:02:03.000004Z"
ENTRY: dict[str, Any] = {
    "stream": "clue:0b7b5f0e-6d3c-4a53-9f5c-2c9e1f1b7a10",
    "version": 3,
    "kind": "clue.registered.v1",
    "command": "2f1f7a52-5c39-5f0e-9d0b-2b6a0f1d8c11",
    "ordinal": 0,
    "body": '{"payload":{"text":"线索"}}'.encode(),
}


def made(entry: dict[str, Any], position: int, secret: bytes = SECRET, at: str = AT) -> bytes:
    keys = Blinding(secret).of(entry["stream"])
    digest = entry_digest(**entry)
    return leaf(keys, digest, version=entry["version"], position=position, recorded_at=at, writer=WRITER)


def opened(entry: dict[str, Any], position: int) -> Any:
    keys = Blinding(SECRET).of(entry["stream"])
    return opening(keys, position=position, recorded_at=AT, writer=WRITER, **entry)


def test_a_leaf_is_what_the_decision_says_step_by_step() -> None:
    """ADR 26, computed here again without the module's own functions."""
    entry = {**ENTRY, "body": ENTRY["body"].decode()}
    inner = canonical({"entry": sha256(canonical(entry)).hexdigest(), "recorded_at": AT})
    key = hmac(SECRET, b"stream|" + ENTRY["stream"].encode(), "sha256")
    salt = hmac(key, b"salt|3", "sha256")
    tagged = hmac(hmac(key, b"tag", "sha256"), b"tag|12", "sha256").hex()
    expected = {"commitment": sha256(salt + inner).hexdigest(), "position": 12, "tag": tagged, "writer": WRITER}
    assert made(ENTRY, 12) == canonical(expected)


def test_known_answers() -> None:
    """Frozen: a leaf once sealed must come out the same for ever."""
    assert sha256(made(ENTRY, 12)).hexdigest() == "035343960c72bf635763819c38d581972a591120415b43635ad290dad6577c6c"
    statement = batch_statement(WRITER, 12, [made(ENTRY, 12), made({**ENTRY, "version": 4}, 13)])
    assert sha256(statement).hexdigest() == "138ec3d53314a85318be731c79af464dedf6c8f5d72382ae26ecf8a41e70f4b7"


TEXT = st.text(st.characters(blacklist_categories=["Cs"]), max_size=40)


@given(TEXT, TEXT, TEXT, TEXT, st.integers(1, 2**40), st.integers(0, 1000))
def test_the_quick_way_writes_canonical_json(
    stream: str, kind: str, command: str, body: str, version: int, ordinal: int
) -> None:
    entry = {"stream": stream, "version": version, "kind": kind, "command": command, "ordinal": ordinal}
    digest = entry_digest(**entry, body=body.encode())  # type: ignore[arg-type]
    assert digest == sha256(canonical({**entry, "body": body})).hexdigest()


@given(st.uuids(), st.integers(1, 10**14))
def test_a_leaf_is_read_as_it_was_written(uuid: UUID, position: int) -> None:
    data = made({**ENTRY, "stream": f"clue:{uuid}"}, position)
    read = parse_leaf(data)
    assert (read.position, read.writer) == (position, WRITER)
    assert canonical(read._asdict()) == data
    for wrong in (data + b"\n", data.replace(b'"position":', b'"position": '), data.replace(b"writer:", b"reader:")):
        with pytest.raises(Malformed):
            parse_leaf(wrong)


def test_an_opening_leads_to_its_leaf_and_any_other_content_to_another() -> None:
    one = opened(ENTRY, 12)
    assert check_opening(one) == made(ENTRY, 12)
    assert parse_opening(one.encode()) == one
    changes: dict[str, Any] = {
        "stream": "clue:x",
        "version": 4,
        "kind": "clue.registered.v2",
        "command": "x",
        "ordinal": 1,
        "body": b"{}",
        "position": 13,
        "recorded_at": "2026-11-25T01:02:03.000005Z",
        "writer": WRITER[:-1] + "2",
        "salt": bytes(32),
        "tag": "0" * 64,
    }
    assert set(changes) == set(one._fields)
    for field, value in changes.items():
        assert check_opening(one._replace(**{field: value})) != made(ENTRY, 12), field


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ('"version":3', '"version":3.0'),
        ('"version":3', '"version":"3"'),
        ('"version":3', '"version":0'),
        ('"version":3', '"version":3,"version":3'),
        ('"ordinal":0', '"ordinal":-1'),
        ('"ordinal":0', '"ordinal":false'),
        ('"position":12', '"position":0'),
        ('"position":12', '"position":1000000000000000'),
        ('"position":12,', ""),
        ("Z", "+00:00"),
        ("writer:", "reader:"),
        ("线索", "\\ud800"),
        ("线索", "\\u7ebf\\u7d22"),
        ('{"entry"', ' {"entry"'),
        ('{"entry"', '{"also":1,"entry"'),
        ('{"entry":', '{"entry":[],"entrY":'),
    ],
)
def test_an_opening_in_another_form_is_refused(was: str, now: str) -> None:
    text = opened(ENTRY, 12).encode().decode()
    assert was in text
    with pytest.raises(Malformed):
        parse_opening(text.replace(was, now).encode())


def test_a_time_is_written_in_utc_to_the_microsecond() -> None:
    china = timezone(timedelta(hours=8))
    assert instant(datetime(2026, 11, 25, 9, 2, 3, 4, china)) == AT
    assert instant(datetime(2026, 1, 1, tzinfo=UTC)) == "2026-01-01T00:00:00.000000Z"


def test_what_a_writer_signs_names_itself_the_place_the_number_and_the_root() -> None:
    leaves = [made(ENTRY, 12), made({**ENTRY, "version": 4}, 13)]
    lines = batch_statement(WRITER, 12, leaves).decode().split("\n")
    assert lines[:4] == ["xuncha batch v1", WRITER, "12", "2"]
    assert len(lines) == 6
    assert batch_statement(WRITER, 12, leaves[::-1]) != batch_statement(WRITER, 12, leaves)
    assert b64decode(lines[4]) == root(map(leaf_hash, leaves))
    writer = Signer("writer", bytes(32))
    verify(
        writer.key.public, writer.sign_bytes(batch_statement(WRITER, 12, leaves)), batch_statement(WRITER, 12, leaves)
    )
    with pytest.raises(SignatureFailed):
        verify(writer.key.public, writer.sign_bytes(batch_statement(WRITER, 12, leaves)), b"")


# --- blinding --------------------------------------------------------------------------------------------------------

_HEX = rb"[0-9a-f]{64}"
FORM = re.compile(rb'\{"commitment":"%s","position":[0-9]+,"tag":"%s","writer":"writer:[0-9a-f-]+"\}' % (_HEX, _HEX))


def world(secret: bytes, streams: int, size: int, body: bytes) -> list[bytes]:
    """A log of a size whose entries are spread over some streams."""
    return [
        made(
            {**ENTRY, "stream": f"petition:{n % streams}", "version": n // streams + 1, "kind": f"k{n}", "body": body},
            n + 1,
            secret,
        )
        for n in range(size)
    ]


def test_two_worlds_of_as_many_entries_cannot_be_told_apart_by_form() -> None:
    """One stream or thirty, short bodies or long, one kind or many: the leaves tell their number and no more."""
    quiet = world(SECRET, 30, 300, b"{}")
    busy = world(SECRET, 1, 300, b"x" * 5000)
    assert [len(one) for one in quiet] == [len(one) for one in busy]
    for leaves in (quiet, busy):
        assert all(FORM.fullmatch(one) for one in leaves)
        noise = {part for one in leaves for part in parse_leaf(one)[::2]}
        assert len(noise) == 600, "neither a commitment nor a tag comes twice, though all bodies are the same"
        digits = "".join(part for part in noise)
        assert all(0.85 < digits.count(digit) / (len(digits) / 16) < 1.15 for digit in "0123456789abcdef")


def test_without_the_secret_nothing_matches() -> None:
    """Whoever knows every entry in full, but not the secret, finds none of them; another stream's key tells nothing."""
    leaves = [parse_leaf(one) for one in world(SECRET, 3, 60, b"{}")]
    guessed = [parse_leaf(one) for one in world(bytes(32), 3, 60, b"{}")]
    assert not {one.commitment for one in leaves} & {one.commitment for one in guessed}
    assert not {one.tag for one in leaves} & {one.tag for one in guessed}
    key = tag_key(stream_key(SECRET, "petition:1"))
    assert [one.position for one in leaves if one.tag == tag(key, one.position)] == list(range(2, 61, 3))
    unsalted = {
        sha256(canonical({"entry": entry_digest(**{**ENTRY, "version": n}), "recorded_at": AT})).hexdigest()
        for n in range(1, 61)
    }
    assert not unsalted & {one.commitment for one in leaves}


def test_a_secret_of_another_length_is_refused() -> None:
    for wrong in (b"", bytes(31), bytes(33)):
        with pytest.raises(Malformed):
            Blinding(wrong)
        with pytest.raises(Malformed):
            stream_key(wrong, "x")


# --- canonical JSON --------------------------------------------------------------------------------------------------

JSON = st.recursive(
    st.integers(0, 2**53 - 1) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters(max_codepoint=127)), inner),
    max_leaves=12,
)


@given(JSON)
def test_canonical_json_is_read_as_it_was_written(value: Any) -> None:
    assert parse(canonical(value)) == value


@pytest.mark.parametrize(
    "data", [b"", b" 1", b"1.0", b"-1", b"1e2", b"9007199254740992", b"null", b"true", b'"\\u0041"', b'{"b":1,"a":1}',
             b'{"a":1,"a":1}', b'{"\xc3\xa9":1}', b'"\\ud800"', b"\xff", b"\xef\xbb\xbf1", b"NaN", b"[" * 100000],
)  # fmt: skip
def test_other_json_is_refused(data: bytes) -> None:
    with pytest.raises(Malformed):
        parse(data)


OUTSIDE = {
    "arrays": "has true and null",
    "french": "has names that are not ASCII",
    "structures": "has 56.0",
    "values": "has fractions, true and null",
    "weird": "has names that are not ASCII",
}
"""Vectors of RFC 8785 beyond the restriction of ADR 1: refused, never written otherwise."""


@pytest.mark.shared
def test_canonical_json_vectors() -> None:
    """RFC 8785's own; those `OUTSIDE` the restriction are refused."""
    names = sorted(path.stem for path in (SHARED / "jcs" / "input").iterdir())
    assert set(names) > set(OUTSIDE)
    for name in names:
        text = (SHARED / "jcs" / "input" / f"{name}.json").read_text("utf-8")
        value = json.loads(text)
        if name in OUTSIDE:
            with pytest.raises(Malformed):
                canonical(value)
            continue
        expected = bytes.fromhex((SHARED / "jcs" / "outhex" / f"{name}.txt").read_text("ascii"))
        assert canonical(value) == expected
        assert parse(expected) == value


NOT_OURS = {
    "rfc3161": "time stamps are asked for and checked outside this room, by a library of their own",
    "sm": "a line signed with SM2 is an option not built; the tree is SHA-256 alone",
}


@pytest.mark.shared
def test_every_folder_of_vectors_is_used_or_named() -> None:
    used = {"merkle", "tessera_log", "signed_note", "ed25519", "jcs"}
    assert {path.name for path in SHARED.iterdir() if path.is_dir()} == used | set(NOT_OURS)
