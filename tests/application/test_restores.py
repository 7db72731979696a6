"""A restore on record explains what is lost and nothing else; each begins a log of its own (ADR 33, ADR 35)."""

from typing import Any

import psycopg
import pytest
from tests.application.houses import ORIGIN, House

from application.sealing import checking
from application.sealing.checking import Verified, check_restore
from application.sealing.errors import NotSealed
from application.sealing.logs import CHECKPOINT, current_logs, high_water, refuse_an_older_ledger
from domain.keeping import LEDGER
from sealedlog.notes import Checkpoint, Note, Signer, parse_note

LOST = ["DELETE FROM ledger.entries WHERE position > 3", "DELETE FROM ledger.checkpoints WHERE size > 3"]
CHANGED = (
    "UPDATE ledger.entries SET body = convert_to(replace(convert_from(body, 'UTF8'), 'audit', 'audiT'), 'UTF8')"
    " WHERE position = 2"
)


def newest(house: House) -> bytes:
    """The checkpoint of the log the ledger is sealed in now."""
    logs = current_logs(house.conninfo, house.log, ORIGIN, house.keys)
    return (logs.place() / CHECKPOINT).read_bytes()


def said(house: House, *outside: bytes) -> str:
    fault = house.verified(*outside).fault
    assert fault is not None
    return fault.says


def older(house: House) -> tuple[bytes, bytes]:
    """Five were sealed, three are left: the checkpoint over the first three, and the newest."""
    house.append(1, 2)
    house.sealed()
    kept = house.checkpoint
    house.append(1, 1)
    house.sealed()
    house.silenced(*LOST)
    return kept, house.checkpoint


def test_what_is_on_record_as_lost_is_no_alarm_and_what_is_left_is_still_bound(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The old log's checkpoints are compared as far as the ledger still has what they bind; also portion by portion."""
    monkeypatch.setattr(checking, "_AT_ONCE", 2)
    kept, lost = older(house)
    assert check_restore(house.conninfo, house.log, ORIGIN, house.keys, lost).size == 5
    house.restored(lost)
    refuse_an_older_ledger(house.conninfo, house.log, ORIGIN, house.keys)
    assert house.verified(kept, lost) == Verified(4, 0, (), None)
    house.append(1)
    assert house.sealed() == 5
    house.append(3)
    assert house.sealed() == 8
    assert house.checkpoint == lost, "the old log stays as it was"
    assert house.verified(kept, lost, newest(house)) == Verified(8, 8, (), None)
    # More of the old log than the record admits; and a log of another life, begun from the same backup.
    more = Checkpoint(ORIGIN, 6, bytes(32), ("xuncha.checkpoint 3",)).text
    signer = house.keys.log_signers(ORIGIN)[0]
    assert "the record of the restore admits 5" in said(house, Note(more, (signer.sign(more),)).encode())
    name = f"{ORIGIN}/restored-{'1' * 16}"
    twin = Checkpoint(name, 4, bytes(32), ("xuncha.checkpoint 1",)).text
    signer = house.keys.log_signers(name)[0]
    assert "no record of this log" in said(house, Note(twin, (signer.sign(twin),)).encode())
    # What is left of the old log binds on.
    house.silenced(CHANGED)
    house.signed_anew()
    assert "position 2: it is not what was sealed" in said(house)


FORGED: dict[str, tuple[dict[str, Any], list[str], str]] = {
    # name: what the fact says otherwise, what else is done, what must be said
    "history changed": ({}, [CHANGED], "the first 3 entries are not what was signed"),
    "history changed, the old checkpoints taken out": (
        {},
        [CHANGED, f"DELETE FROM ledger.checkpoints WHERE log = '{ORIGIN}'"],
        "the first 3 entries are not what was signed",
    ),
    "fewer are said to be left": ({"entries": 1}, [CHANGED], "the record of a restore does not hold"),
    "more are said to be left": ({"entries": 4}, [], "the record of a restore does not hold"),
    "more is said to be lost": ({"sealed": 9}, [], "the record of a restore does not hold"),
    "of another log": ({"lost": f"{ORIGIN}/restored-{'2' * 16}"}, [], "the record of a restore does not hold"),
    "the old name again": ({"log": ORIGIN}, [], "the record of a restore does not hold"),
    "a name from elsewhere": ({"log": "other.example/restored-1"}, [], "the record of a restore does not hold"),
    "no note": ({"checkpoint": "nothing"}, [], "not signed by this log"),
    "a body that is none": (
        {},
        [f"UPDATE ledger.entries SET body = '{{}}' WHERE stream = '{LEDGER}'"],
        "the record of a restore does not hold",
    ),
}


@pytest.mark.parametrize("name", FORGED)
def test_a_record_made_up_with_the_writers_key_lets_no_other_history_pass(house: House, name: str) -> None:
    """The log's key was not stolen: the note must be the log's, and all it had signed over what is left holds."""
    changes, statements, says = FORGED[name]
    _, lost = older(house)
    house.restored(lost, **changes)
    house.silenced(*statements)
    house.signed_anew()
    assert says in said(house)
    with pytest.raises(NotSealed, match=says):
        house.sealed()


def test_a_note_by_another_key_is_none_of_the_logs(house: House) -> None:
    _, lost = older(house)
    note = parse_note(lost)
    stranger = Note(note.text, (Signer(ORIGIN, bytes(32)).sign(note.text),)).encode()
    with pytest.raises(NotSealed, match="not signed by this log"):
        check_restore(house.conninfo, house.log, ORIGIN, house.keys, stranger)
    house.restored(stranger)
    assert "not signed by this log" in said(house)
    with pytest.raises(NotSealed, match="not signed by this log"):
        refuse_an_older_ledger(house.conninfo, house.log, ORIGIN, house.keys)


def test_another_history_is_not_taken_for_a_restore(house: House) -> None:
    """What is left must be what was sealed, by the old log's tiles; and the newest that is known must be given."""
    _, lost = older(house)
    given = (house.conninfo, house.log, ORIGIN, house.keys)
    with psycopg.connect(house.conninfo) as connection:
        before = connection.execute("SELECT count(*) FROM ledger.entries").fetchone()
    house.silenced(CHANGED)
    house.signed_anew()
    with pytest.raises(NotSealed, match="the first 3 entries are not what was signed"):
        check_restore(*given, lost)
    house.silenced(CHANGED.replace("'audit', 'audiT'", "'audiT', 'audit'"))
    house.signed_anew()
    high = high_water(house.keys)
    text = Checkpoint(ORIGIN, 7, bytes(32), ("xuncha.checkpoint 3",)).text
    high.write_bytes(Note(text, (house.keys.log_signers(ORIGIN)[0].sign(text),)).encode())
    with pytest.raises(NotSealed, match="the record of the restore admits 5"):
        check_restore(*given, lost)
    high.unlink()
    assert check_restore(*given, lost).size == 5
    assert before == (3,)


def test_a_restore_older_than_the_last_restore_is_put_on_record_too(house: House) -> None:
    """The ledger has forgotten that it was restored before: the log it lost is one that its facts do not name."""
    _, lost = older(house)
    house.restored(lost)
    house.append(1, 1)
    house.sealed()
    second = newest(house)
    house.silenced("DELETE FROM ledger.entries WHERE position > 3", "DELETE FROM ledger.checkpoints WHERE size > 3")
    assert "the ledger has 3 entries, 6 were sealed" in said(house)
    with pytest.raises(NotSealed, match="the ledger has 3 entries, 6 were sealed"):
        refuse_an_older_ledger(house.conninfo, house.log, ORIGIN, house.keys)
    assert check_restore(house.conninfo, house.log, ORIGIN, house.keys, second).size == 6
    house.restored(second, f"{ORIGIN}/restored-{'3' * 16}")
    assert house.sealed() == 4
    assert house.verified(lost, second) == Verified(4, 4, (), None)
    house.append(1)
    assert house.sealed() == 5
