"""The key store: kept apart, made before the fact, destroyed for good (promises.md, Two seals; promises.md §5.1)."""

import os
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from application.seals import KeyStore, KeyStoreError, TextState, subject_of
from domain.kernel import Seal, Sealed, Secret
from domain.people import PersonRegistered

MASTER = bytes(range(32))
CONTENT = subject_of(Seal.CONTENT, "petition:1")
IDENTITY = subject_of(Seal.IDENTITY, "petition:1")
PLANTED = "举报人张三PLANTED"


@pytest.fixture
def store(tmp_path: Path) -> Any:
    made = KeyStore(tmp_path / "keys", MASTER, "origin")
    yield made
    made.close()


def sealed(store: KeyStore, subject: str = CONTENT, text: str = PLANTED, where: str = "petition:1|1|k|/p") -> Sealed:
    return store.seal(Secret(text), store.ensure([subject])[subject], where)


def wrapped_of(store: KeyStore, key: str) -> bytes:
    return bytes(store._db.execute("SELECT wrapped FROM keys WHERE id = ?", (key,)).fetchone()[0])


def all_bytes(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def other_process(code: str, folder: Path, *words: str) -> "subprocess.Popen[str]":
    start = (
        "import sys\nfrom pathlib import Path\n"
        "from application.seals import KeyStore\nfrom domain.kernel import Sealed\n"
        "store = KeyStore(Path(sys.argv[1]), bytes(range(32)), 'origin')\n"
    )
    return subprocess.Popen(
        [sys.executable, "-c", start + code, str(folder), *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


# --- who may read the file ---------------------------------------------------------------------------------------


def test_folder_and_file_are_open_to_nobody_else(tmp_path: Path) -> None:
    """promises.md, Two seals: also where somebody made them open before, and for the journal beside the file."""
    folder = tmp_path / "deep" / "keys"
    old = os.umask(0)
    try:
        KeyStore(folder, MASTER, "origin").close()
        folder.chmod(0o777)
        (folder / "keys.db").chmod(0o666)
        store = KeyStore(folder, MASTER, "origin")
        store.ensure([CONTENT])
    finally:
        os.umask(old)
    store.close()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


def test_no_text_and_no_bare_key_stands_in_the_store(store: KeyStore, tmp_path: Path) -> None:
    """promises.md §5.1: the store holds wrapped keys only."""
    box = sealed(store)
    store.keyed_digest(store.digest_key("command:2026-11-23"), PLANTED.encode())
    assert store.open_content(box) == (TextState.READABLE, PLANTED)
    found = all_bytes(tmp_path / "keys")
    assert PLANTED.encode() not in found
    assert MASTER not in found
    wrapped = wrapped_of(store, box.key)
    assert wrapped in found, "nothing would be found anyway"
    bare = store._master.decrypt(wrapped[:12], wrapped[12:], f"origin|{box.key}|{CONTENT}".encode())
    assert len(bare) == 32
    assert bare not in found


# --- the right master, the right ledger --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("master", "origin", "says"),
    [
        (b"x" * 32, "origin", "主密钥与密钥库不符.*does not open"),
        (MASTER, "another", "密钥库属于另一账本.*belongs to ledger origin, not another"),
        (b"short", "origin", "32"),
    ],
)
def test_a_wrong_master_or_origin_is_said_and_changes_nothing(
    store: KeyStore, tmp_path: Path, master: bytes, origin: str, says: str
) -> None:
    """promises.md, Two seals: the message says what is wrong; every byte stays, the right master still opens."""
    box = sealed(store)
    before = all_bytes(tmp_path / "keys")
    with pytest.raises(KeyStoreError, match=says) as error:
        KeyStore(tmp_path / "keys", master, origin)
    assert master.hex() not in str(error.value)
    assert all_bytes(tmp_path / "keys") == before
    again = KeyStore(tmp_path / "keys", MASTER, "origin")
    assert again.open_content(box).text == PLANTED
    again.close()


def test_what_is_no_key_store_is_said(tmp_path: Path) -> None:
    """A file of something else, and a folder that is a file."""
    (tmp_path / "keys").mkdir(mode=0o700)
    (tmp_path / "keys" / "keys.db").write_bytes(b"not a database" * 100)
    with pytest.raises(KeyStoreError, match="无法打开"):
        KeyStore(tmp_path / "keys", MASTER, "origin")
    with pytest.raises(KeyStoreError, match="无法打开"):
        KeyStore(tmp_path / "keys" / "keys.db", MASTER, "origin")


def test_a_key_moved_to_another_subject_does_not_open(store: KeyStore) -> None:
    """The wrapping is bound to origin, id and subject: rows exchanged in the file are found out."""
    content, identity = sealed(store), sealed(store, IDENTITY)
    one, other = wrapped_of(store, content.key), wrapped_of(store, identity.key)
    store._open.clear()
    store._db.execute("UPDATE keys SET wrapped = ? WHERE id = ?", (other, content.key))
    store._db.execute("UPDATE keys SET wrapped = ? WHERE id = ?", (one, identity.key))
    with pytest.raises(KeyStoreError, match="exchanged"):
        store.open_content(content)


# --- made before the fact ----------------------------------------------------------------------------------------


def test_keys_are_on_disk_before_the_fact(module_database: Any, run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """promises.md, Two seals: when the fact is about to be written, another process can read the key from the file."""
    database, person, command = module_database, module_database.id("person"), uuid4()
    seen: list[str] = []

    async def go() -> None:
        async with database.ledger() as ledger:
            transaction = ledger._transaction

            async def look_first(batch: Any) -> None:
                copy = database.home / "copy"
                shutil.copytree(database.home / "keys", copy)
                with sqlite3.connect(copy / "keys.db") as db:
                    seen.extend(subject for (subject,) in db.execute("SELECT subject FROM keys"))
                db.close()
                await transaction(batch)

            monkeypatch.setattr(ledger, "_transaction", look_first)
            fact = PersonRegistered(person=person, name=Secret("某人"))
            await ledger.append(command, database.stamp(command), {person: (0, [fact])})

    run(go())
    assert subject_of(Seal.CONTENT, person) in seen


KILLED = """
import asyncio
from uuid import uuid4
from datetime import datetime, UTC
from application.database import load_access
from application.ledger import Ledger, system_stamp
from domain.kernel import Secret
from domain.people import PersonRegistered
async def main():
    ledger = Ledger(load_access(Path(sys.argv[2])).of("writer"), store)
    async def stay(batch):
        print("keys made", flush=True)
        await asyncio.sleep(60)
    ledger._transaction = stay
    await ledger.start()
    command, person = uuid4(), sys.argv[3]
    fact = PersonRegistered(person=person, name=Secret("某人"))
    await ledger.append(command, system_stamp("t", "T", command, datetime.now(UTC)), {person: (0, [fact])})
asyncio.run(main())
"""


def test_a_kill_between_key_and_fact_is_harmless(module_database: Any, run: Any) -> None:
    """promises.md, Two seals: a key without a fact; the command sent again uses it."""
    database, person, command = module_database, module_database.id("person"), uuid4()
    code = KILLED.replace("store)", "store)", 1)
    keys = database.home / "keys-killed"
    with other_process(code, keys, str(database.home), person) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "keys made\n"
        process.send_signal(signal.SIGKILL)
    assert database.ask("SELECT 1 FROM ledger.entries WHERE stream = %s", person) == []
    left = KeyStore(keys, MASTER, "origin")
    (made,) = left.rows()
    assert made.subject == subject_of(Seal.CONTENT, person)

    async def go() -> None:
        from application.ledger import Ledger

        ledger = Ledger(database.access.of("writer"), left)
        await ledger.start()
        fact = PersonRegistered(person=person, name=Secret("某人"))
        await ledger.append(command, database.stamp(command), {person: (0, [fact])})
        (entry,) = await ledger.entries(person)
        name = entry.fact.name  # type: ignore[attr-defined]
        assert name.key == made.id
        assert left.open_content(name) == (TextState.READABLE, "某人")
        await ledger.stop()

    run(go())
    left.close()


def test_processes_that_race_for_a_key_get_one(tmp_path: Path) -> None:
    """One key for one subject, whoever asks first; also when they race to make the store itself."""
    code = (
        "print('ready', flush=True)\nsys.stdin.readline()\n"
        "for n in range(40): print(store.ensure([f'content:x:{n}'])[f'content:x:{n}'])"
    )
    processes = [other_process(code, tmp_path / "keys") for _ in range(3)]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    answers = []
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    for process in processes:
        said, _ = process.communicate(timeout=30)
        assert process.returncode == 0
        answers.append(said.splitlines())
    assert answers[0] == answers[1] == answers[2]
    assert len(set(answers[0])) == 40


# --- destroyed for good ------------------------------------------------------------------------------------------


def test_a_destroyed_text_shows_as_destroyed_and_the_rest_is_readable(store: KeyStore) -> None:
    """promises.md §5.1: from then on for everybody; sealing under it is refused; destroying again does nothing."""
    gone, kept = sealed(store), sealed(store, subject_of(Seal.CONTENT, "petition:2"), "另一件", "petition:2|1|k|/p")
    assert store.open_content(gone).text == PLANTED
    assert store.destroy(gone.key) is True
    assert store.destroy(gone.key) is False
    assert store.open_content(gone) == (TextState.DESTROYED, None)
    assert store.verify(gone) is TextState.DESTROYED
    assert store.open_content(kept) == (TextState.READABLE, "另一件")
    assert store.ensure([CONTENT]) == {}
    with pytest.raises(KeyStoreError, match="destroyed"):
        store.seal(Secret("x"), gone.key, "petition:1|2|k|/p")
    (row,) = (row for row in store.rows() if row.id == gone.key)
    assert row.destroyed_at is not None
    unknown = gone.model_copy(update={"key": f"key:{uuid4()}"})
    assert store.open_content(unknown) == (TextState.MISSING, None)
    with pytest.raises(KeyStoreError, match="no such key"):
        store.destroy(unknown.key)


def test_another_process_with_a_warm_cache_sees_the_destruction(store: KeyStore, tmp_path: Path) -> None:
    """promises.md §5.1: at once, for everybody."""
    box = sealed(store)
    code = (
        "box = Sealed.model_validate_json(sys.argv[2])\n"
        "for _ in range(2):\n"
        " print(store.open_content(box).state, store.ensure(['content:petition:1']) != {}, flush=True)\n"
        " sys.stdin.readline()"
    )
    with other_process(code, tmp_path / "keys", box.model_dump_json()) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        assert process.stdout.readline() == "readable True\n"
        store.destroy(box.key)
        process.stdin.write("\n")
        process.stdin.flush()
        assert process.stdout.readline() == "destroyed False\n"
        process.stdin.write("\n")


@pytest.mark.parametrize("how_many", [3, 400])
def test_a_destroyed_key_is_gone_from_the_files(store: KeyStore, tmp_path: Path, how_many: int) -> None:
    """promises.md §5.1: its wrapped bytes are in no file of the store, also where pages were split and moved before."""
    subjects = [subject_of(Seal.CONTENT, f"petition:{n}") for n in range(how_many)]
    ids = [store.ensure([subject])[subject] for subject in subjects]
    wrapped = {key: wrapped_of(store, key) for key in ids}
    assert all(part in all_bytes(tmp_path / "keys") for part in wrapped.values())
    destroyed = ids[:: max(1, how_many // 40)]
    for key in destroyed:
        store.destroy(key)
    found = all_bytes(tmp_path / "keys")
    assert [key for key in destroyed if wrapped[key] in found] == []
    assert [key for key in destroyed if wrapped[key][:16] in found] == []
    assert all(wrapped[key] in found for key in ids if key not in destroyed)


def test_the_systems_own_keys_are_not_destroyed(store: KeyStore) -> None:
    """Without the key of sign-ins nobody would be known again."""
    key = store.digest_key("sign-in")
    before = store.keyed_digest(key, b"who")
    (row,) = store.rows()
    with pytest.raises(KeyStoreError, match="system key"):
        store.destroy(row.id)
    assert store.keyed_digest(key, b"who") == before
    assert store.keyed_digest(store.digest_key("command:2026-11-23"), b"who") != before


def test_a_command_digest_cannot_be_tried_once_its_key_is_gone(store: KeyStore) -> None:
    """promises.md §5.1: what was destroyed cannot be confirmed by guessing either."""
    key = store.digest_key("command:2026-11-23")
    assert store.keyed_digest(key, b"guess") is not None
    assert store.destroy(key)
    assert store.keyed_digest(key, b"guess") is None
    with pytest.raises(KeyStoreError, match="destroyed"):
        store.digest_key("command:2026-11-23")


# --- two seals ---------------------------------------------------------------------------------------------------


def test_an_identity_opens_on_no_way_of_showing(store: KeyStore) -> None:
    """promises.md §5.1: not as itself, and not when it says it is content."""
    identity, content = sealed(store, IDENTITY), sealed(store)
    assert identity.key != content.key
    with pytest.raises(KeyStoreError, match="identity"):
        store.open_content(identity)
    with pytest.raises(KeyStoreError, match="moved"):
        store.open_content(identity.model_copy(update={"key": content.key}))
    assert store.verify(identity) is TextState.READABLE


def test_one_text_sealed_twice_looks_different(store: KeyStore) -> None:
    """promises.md, Two seals: the salt dies with the key; equal texts cannot be told by digest or box."""
    one, other = sealed(store), sealed(store)
    assert one.key == other.key
    assert one.digest != other.digest
    assert one.box[:16] != other.box[:16]


def test_a_store_that_could_not_be_changed_goes_on_working(store: KeyStore) -> None:
    """After a failed change (a full disk, a killed statement) nothing is half made and the next one succeeds."""
    store._db.execute("PRAGMA max_page_count = 6")
    with pytest.raises(KeyStoreError, match="full"):
        store.ensure([f"content:petition:{n}" for n in range(500)])
    assert store.rows() == []
    store._db.execute("PRAGMA max_page_count = 100000")
    assert store.open_content(sealed(store)).text == PLANTED
