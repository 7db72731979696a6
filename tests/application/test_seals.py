"""The key store: kept apart, made before the fact, destroyed for good (promises.md, Two seals; promises.md §5.1)."""

import os
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from application.seals import (
    COMMAND_DIGEST,
    RESEND_DAYS,
    SIGN_IN_DIGEST,
    KeyStore,
    KeyStoreError,
    TextState,
    store_file,
    subject_of,
)
from domain.kernel import Seal, Sealed, Secret
from domain.people import PersonRegistered

MASTER = bytes(range(32))
CONTENT = subject_of(Seal.CONTENT, "petition:1")
IDENTITY = subject_of(Seal.IDENTITY, "petition:1")
PLANTED = "举报人张三PLANTED"
DAY = date(2026, 11, 23)


@pytest.fixture
def store(tmp_path: Path) -> Any:
    made = KeyStore(tmp_path / "keys", MASTER, "origin", make=True)
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
        "store = KeyStore(Path(sys.argv[1]), bytes(range(32)), 'origin', make=True)\n"
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
        KeyStore(folder, MASTER, "origin", make=True).close()
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
    store.keyed_digest(store.command_digest(DAY, b"x")[0], PLANTED.encode())
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
        KeyStore(tmp_path / "keys" / "keys.db", MASTER, "origin", make=True)


NO_STORE: dict[str, Callable[[Path], object]] = {
    "no folder": lambda folder: None,
    "an empty folder": lambda folder: folder.mkdir(mode=0o700),
    "an empty file": lambda folder: (folder.mkdir(mode=0o700), store_file(folder).touch(0o600)),
}


@pytest.mark.parametrize("left", NO_STORE)
def test_a_store_that_is_not_there_is_asked_for_and_not_made(tmp_path: Path, left: str) -> None:
    """promises.md, Two seals: a new store under an old ledger would open nothing and hide that the old one is lost."""
    folder = tmp_path / "keys"
    NO_STORE[left](folder)
    before = folder.exists(), all_bytes(tmp_path)
    with pytest.raises(KeyStoreError, match=r"从备份恢复.*restore it from the backup") as error:
        KeyStore(folder, MASTER, "origin")
    assert str(folder) in str(error.value)
    assert (folder.exists(), all_bytes(tmp_path)) == before
    KeyStore(folder, MASTER, "origin", make=True).close()
    KeyStore(folder, MASTER, "origin").close()


def test_the_key_of_the_sign_ins_is_made_with_the_store_and_never_again(store: KeyStore, tmp_path: Path) -> None:
    """ADR 5: a new one would know nobody, and whoever signs in would be a stranger without a word of why."""
    assert [row.subject for row in store.rows()] == [SIGN_IN_DIGEST]
    known = store.sign_in_digest(b"who")
    again = KeyStore(tmp_path / "keys", MASTER, "origin", make=True)
    assert again.sign_in_digest(b"who") == known
    assert len(again.rows()) == 1
    store._db.execute("DELETE FROM keys WHERE subject = ?", (SIGN_IN_DIGEST,))
    for one in (store, again, KeyStore(tmp_path / "keys", MASTER, "origin", make=True)):
        with pytest.raises(KeyStoreError, match=r"登录密钥缺失.*restore the key store"):
            one.sign_in_digest(b"who")
        assert one.rows() == []
        one.close()


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
    made, system = left.rows()
    assert (made.subject, system.subject) == (subject_of(Seal.CONTENT, person), SIGN_IN_DIGEST)

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
    """Without the key of sign-ins nobody would be known again; those of command digests fade by themselves."""
    before, command = store.sign_in_digest(b"who"), store.command_digest(DAY, b"x")[0]
    assert store.keyed_digest(command, b"who") not in (None, before)
    for row in store.rows():
        with pytest.raises(KeyStoreError, match="system key"):
            store.destroy(row.id)
    assert store.sign_in_digest(b"who") == before
    assert store.keyed_digest(command, b"who") is not None


def test_a_command_digest_cannot_be_tried_once_its_key_is_gone(store: KeyStore) -> None:
    """promises.md §5.1: what was destroyed cannot be confirmed by guessing either."""
    key = store.command_digest(DAY, b"x")[0]
    assert store.keyed_digest(key, b"guess") is not None
    store.fade(DAY + timedelta(1))
    assert store.keyed_digest(key, b"guess") is None
    with pytest.raises(KeyStoreError, match="destroyed"):
        store.command_digest(DAY, b"x")


def test_an_altered_key_of_command_digests_is_said(store: KeyStore, tmp_path: Path) -> None:
    """promises.md: 503, and never a digest under another key. Who has used it that day has it at hand until it ends."""
    known = store.command_digest(DAY, b"what")
    with sqlite3.connect(store_file(tmp_path / "keys"), isolation_level=None) as other:
        other.execute("UPDATE keys SET wrapped = zeroblob(60) WHERE id = ?", (known[0],))
    other.close()
    assert store.command_digest(DAY, b"what") == known
    with closing(KeyStore(tmp_path / "keys", MASTER, "origin")) as later, pytest.raises(KeyStoreError, match="changed"):
        later.command_digest(DAY, b"what")


def test_the_first_command_of_a_new_day_makes_the_keys_of_old_days_fade(store: KeyStore, tmp_path: Path) -> None:
    """promises.md, command id: compared for 30 days; a process that is never restarted forgets, too, and only these."""
    kept = sealed(store)
    known, keys = store.sign_in_digest(b"who"), {n: store.command_digest(DAY + timedelta(n), b"x")[0] for n in (0, 1)}
    wrapped = {n: wrapped_of(store, key) for n, key in keys.items()}

    def live() -> set[int]:
        return {n for n, key in keys.items() if store.keyed_digest(key, b"guess") is not None}

    last = DAY + timedelta(RESEND_DAYS)
    store.command_digest(last, b"x")
    assert live() == {0, 1}, "on its last day it is still compared"
    store.command_digest(last + timedelta(1), b"x")
    assert live() == {1}
    assert wrapped[0] not in all_bytes(tmp_path / "keys")
    assert wrapped[1] in all_bytes(tmp_path / "keys")
    assert store.open_content(kept).text == PLANTED
    assert store.sign_in_digest(b"who") == known
    faded = [row.subject for row in store.rows() if row.destroyed_at]
    assert faded == [f"{COMMAND_DIGEST}{DAY}"]


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
    before = store.rows()
    store._db.execute("PRAGMA max_page_count = 6")
    with pytest.raises(KeyStoreError, match="full"):
        store.ensure([f"content:petition:{n}" for n in range(500)])
    assert store.rows() == before
    store._db.execute("PRAGMA max_page_count = 100000")
    assert store.open_content(sealed(store)).text == PLANTED
