"""The sealer over a real ledger: what is sealed is seen when it is changed, and nothing false is said (promise 4)."""

import asyncio
import re
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from application import sealing
from application.database import migrations
from application.ledger import Ledger
from application.sealing import (
    FILES,
    NotSealed,
    Sealer,
    SealingError,
    SealKeys,
    Verified,
    export,
    read_seal_keys,
    refuse_an_older_ledger,
    rotate,
    verify_ledger,
)
from domain.bodies import BodyRegistered
from domain.kernel import Secret
from sealedlog.errors import Unproven
from sealedlog.notes import Checkpoint, Cosigner, parse_note
from sealedlog.policy import parse_policy
from sealedlog.verify import verify_bundle
from sealedlog.witness import Client, Witness, serve

ORIGIN = "a-city.example/ledger"
COSIGNER = Cosigner("witness.example", bytes(range(32)))


class House:
    """A ledger with its keys and its log."""

    def __init__(self, database: Any, folder: Path) -> None:
        self.database, self.log, self.seal = database, folder / "log", folder / "seal"
        self.keys: SealKeys = read_seal_keys(self.seal, make=True)
        self.conninfo = database.access.of("sealer")

    def append(self, *counts: int) -> None:
        """So many appends, each of so many facts."""

        async def appending() -> None:
            keys = self.database.keys()
            ledger = Ledger(self.database.access.of("writer"), keys, self.keys.signer())
            await ledger.start()
            try:
                for count in counts:
                    bodies = [self.database.id("body") for _ in range(count)]
                    writes = {
                        body: (0, [BodyRegistered(body=body, name=Secret("某局"), organ_class="audit")])
                        for body in bodies
                    }
                    await ledger.append(command := uuid4(), self.database.stamp(command), writes)
            finally:
                await ledger.stop()
                keys.close()

        asyncio.run(appending())

    def sealer(self, *witnesses: Client) -> Sealer:
        return Sealer(self.conninfo, self.log, ORIGIN, self.keys, witnesses)

    def sealed(self, *witnesses: Client) -> int:
        """Seal what there is; up to which position."""
        sealer = self.sealer(*witnesses)
        with psycopg.connect(self.conninfo, autocommit=True) as connection:
            sealer.begin(connection)
            while sealer.step(connection):
                pass
        return sealer.size

    def verified(self, *outside: bytes) -> Verified:
        return verify_ledger(self.conninfo, self.log, ORIGIN, self.keys, outside, [COSIGNER.key])

    @property
    def checkpoint(self) -> bytes:
        return (self.log / "1" / "checkpoint").read_bytes()

    def superuser(self) -> psycopg.Connection[Any]:
        return psycopg.connect(make_conninfo(self.database.admin, dbname=self.database.name), autocommit=True)

    def silenced(self, *statements: str) -> None:
        """What a superuser does who knows about the triggers, and puts them back."""
        with self.superuser() as connection:
            for table in ("entries", "checkpoints", "migrations"):
                connection.execute(f"ALTER TABLE ledger.{table} DISABLE TRIGGER ALL")  # type: ignore[arg-type]
            for statement in statements:
                connection.execute(statement)  # type: ignore[arg-type]
            for table, triggers in (
                ("entries", ("append_only", "order_checked", "ordering_lock")),
                ("checkpoints", ("append_only",)),
                ("migrations", ("append_only",)),
            ):
                for trigger in triggers:
                    connection.execute(f"ALTER TABLE ledger.{table} ENABLE ALWAYS TRIGGER {trigger}")  # type: ignore[arg-type]


@pytest.fixture
def house(database: Any, tmp_path: Path) -> House:
    return House(database, tmp_path)


@pytest.fixture
def witness(tmp_path: Path, house: House) -> Iterator[Client]:
    logs = {ORIGIN: [signer.key for signer in house.keys.log_signers(ORIGIN)]}
    server = serve(Witness(tmp_path / "witness", COSIGNER, logs, lambda: 1_700_000_000), "127.0.0.1", 0)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield Client(f"http://127.0.0.1:{server.server_address[1]}", COSIGNER.key)
    server.shutdown()
    thread.join()
    server.server_close()


def test_what_was_appended_is_sealed_in_folder_table_and_with_the_witness(house: House, witness: Client) -> None:
    house.append(1, 3)
    assert house.sealed(witness) == 4
    house.append(300, 1)
    assert house.sealed(witness) == 305
    note = parse_note(house.checkpoint)
    assert Checkpoint.parse(note.text).size == 305
    assert [signature.name for signature in note.signatures] == [ORIGIN, "witness.example"]
    rows = house.database.ask("SELECT log, size FROM ledger.checkpoints ORDER BY size")
    assert rows == [(ORIGIN, 4), (ORIGIN, 305)]
    assert house.verified() == Verified(305, 305, ("witness.example",), None)
    house.append(2)
    assert house.verified() == Verified(307, 305, ("witness.example",), None), "appended, and not sealed yet"


def test_nothing_of_an_entry_can_be_read_off_the_log(house: House) -> None:
    """Two ledgers of other matters have logs of the same form: kinds, streams and times are in none of them."""
    house.append(2, 1)
    house.sealed()
    told = b"".join(path.read_bytes() for path in house.log.rglob("*") if path.is_file())
    for stream, kind, at in house.database.ask("SELECT stream, kind, recorded_at FROM ledger.entries"):
        for word in (stream, stream.partition(":")[2], kind, str(at.date())):
            assert word.encode() not in told


# --- what a superuser may try ----------------------------------------------------------------------------------

CHANGED_BYTE = "UPDATE ledger.entries SET body = convert_to(replace(convert_from(body, 'UTF8'), '{}', '{}'), 'UTF8')"
TAMPERINGS: dict[str, tuple[list[str], str]] = {
    "a byte changed": ([CHANGED_BYTE.format("audit", "audiT") + " WHERE position = 3"], "positions 2 to 4"),
    "a time changed": (
        ["UPDATE ledger.entries SET recorded_at = recorded_at - interval '1 microsecond' WHERE position = 5"],
        "positions 5 to 5",
    ),
    "a kind changed": (
        ["UPDATE ledger.entries SET kind = 'body.registered.v2' WHERE position = 1"],
        "positions 1 to 1",
    ),
    "a writer changed": (
        ["UPDATE ledger.entries SET writer = 'writer:' || gen_random_uuid() WHERE position = 5"],
        "positions 5 to 5",
    ),
    "a signature taken away": (["UPDATE ledger.entries SET signature = NULL WHERE position = 4"], "position 4"),
    "an entry deleted": (["DELETE FROM ledger.entries WHERE position = 3"], "position 3 is missing"),
    "an entry deleted, the rest moved up": (
        [
            "DELETE FROM ledger.entries WHERE position = 3",
            *(f"UPDATE ledger.entries SET position = {n - 1} WHERE position = {n}" for n in (4, 5, 6)),
        ],
        "positions 2 to 3",
    ),
    "an entry inserted at the end": (
        [
            "INSERT INTO ledger.entries SELECT 7, 'body:' || gen_random_uuid(), 1, kind, clock_timestamp(),"
            " gen_random_uuid(), 0, body, writer, signature FROM ledger.entries WHERE position = 6"
        ],
        "positions 7 to 7",
    ),
    "two entries swapped": (
        [
            "UPDATE ledger.entries SET position = 7 WHERE position = 5",
            "UPDATE ledger.entries SET position = 5 WHERE position = 6",
            "UPDATE ledger.entries SET position = 6 WHERE position = 7",
        ],
        "positions 5 to 5",
    ),
    "the tail cut off": (["DELETE FROM ledger.entries WHERE position > 4"], "the ledger has 4 entries, 6 were sealed"),
    "the table emptied": (["TRUNCATE ledger.entries"], "the ledger has 0 entries, 6 were sealed"),
    "the tail cut off in both tables": (
        ["DELETE FROM ledger.entries WHERE position > 4", "DELETE FROM ledger.checkpoints WHERE size > 4"],
        "the ledger has 4 entries, 6 were sealed",
    ),
    "the table replaced by another": (
        [
            "CREATE TABLE ledger.others (LIKE ledger.entries INCLUDING ALL)",
            "INSERT INTO ledger.others SELECT * FROM ledger.entries WHERE position < 3",
            "DROP VIEW ledger.stored_events",
            "DROP TABLE ledger.entries",
            "ALTER TABLE ledger.others RENAME TO entries",
            "GRANT SELECT ON ledger.entries TO PUBLIC",
            *(
                f"CREATE TRIGGER {name} {when} ON ledger.entries FOR EACH STATEMENT EXECUTE FUNCTION"
                " ledger.refuse_change()"
                for name, when in (
                    ("append_only", "BEFORE UPDATE OR DELETE OR TRUNCATE"),
                    ("order_checked", "BEFORE UPDATE"),
                    ("ordering_lock", "BEFORE UPDATE"),
                )
            ),
        ],
        "ledger.entries",
    ),
    "a checkpoint changed": (
        ["UPDATE ledger.checkpoints SET note = replace(note, E'\\n6\\n', E'\\n4\\n') WHERE size = 6"],
        "not signed by this log",
    ),
    "the checkpoints replaced by an older one": (
        ["UPDATE ledger.checkpoints SET note = (SELECT note FROM ledger.checkpoints WHERE size = 4) WHERE size = 6"],
        "checkpoint 2 is missing or was replaced",
    ),
    "a checkpoint taken out": (["DELETE FROM ledger.checkpoints WHERE size = 4"], "checkpoint 1 is missing"),
    "a checkpoint moved": (["UPDATE ledger.checkpoints SET size = 5 WHERE size = 4"], "checkpoint 1 is missing"),
    "the checkpoints emptied": (["TRUNCATE ledger.checkpoints"], "the table of checkpoints lacks some"),
    "the migrations rewritten": (["UPDATE ledger.migrations SET sha256 = 'x'"], "migration"),
    "the guards hollowed out": (
        [
            "CREATE OR REPLACE FUNCTION ledger.refuse_change() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RETURN NULL; END $$"
        ],
        "ledger.refuse_change",
    ),
}


@pytest.mark.parametrize("name", TAMPERINGS)
def test_what_a_superuser_changes_is_seen_and_named(house: House, name: str) -> None:
    """No edit goes unseen once it was sealed; of what stands there, only when a migration was run binds nothing."""
    statements, says = TAMPERINGS[name]
    house.append(1, 3)
    house.sealed()
    house.append(1, 1)
    house.sealed()
    assert house.verified().fault is None
    house.silenced(*statements)
    found = house.verified()
    assert found.fault is not None
    assert says in found.fault.says, found.fault.says


@pytest.mark.parametrize("size", [1, 3])
def test_a_witnesss_signature_that_was_changed_is_seen(house: House, witness: Client, size: int) -> None:
    """Under the newest checkpoint and under an older one; it stands last, so nothing of the log's own is touched."""
    house.append(1)
    house.sealed(witness)
    house.append(2)
    house.sealed(witness)
    assert house.verified() == Verified(3, 3, ("witness.example",), None)
    house.silenced(
        "UPDATE ledger.checkpoints SET note = overlay(note PLACING CASE substr(note, length(note) - 20, 1)"
        f" WHEN 'X' THEN 'Y' ELSE 'X' END FROM length(note) - 20) WHERE size = {size}"
    )
    found = house.verified().fault
    assert found is not None
    assert f"a witness's signature was changed: ledger.checkpoints {size}" in found.says


def test_every_table_of_the_ledger_has_its_tampering(house: House) -> None:
    """A new table in the ledger's schema fails here until somebody has tried to change it."""
    tables = {
        table
        for (table,) in house.database.ask(
            "SELECT c.relname FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace"
            " WHERE n.nspname = 'ledger' AND c.relkind IN ('r', 'p', 'm', 'f')"
        )
    }
    tried = " ".join(" ".join(statements) for statements, _ in TAMPERINGS.values())
    assert {table for table in tables if f"UPDATE ledger.{table} " in tried} == tables


@pytest.mark.parametrize(
    ("table", "trigger"), [("entries", "append_only"), ("entries", "order_checked"), ("checkpoints", "append_only")]
)
@pytest.mark.parametrize("how", ["DISABLE TRIGGER", "DROP TRIGGER", "ENABLE TRIGGER"])
def test_a_guard_that_is_down_is_itself_evidence(house: House, table: str, trigger: str, how: str) -> None:
    """`ENABLE TRIGGER` alone lets whoever sets session_replication_role past it."""
    house.append(1)
    house.sealed()
    with house.superuser() as connection:
        if how == "DROP TRIGGER":
            connection.execute(f"DROP TRIGGER {trigger} ON ledger.{table}")  # type: ignore[arg-type]
        else:
            connection.execute(f"ALTER TABLE ledger.{table} {how} {trigger}")  # type: ignore[arg-type]
    found = house.verified().fault
    assert found is not None
    assert re.search(rf"\bTRIGGER {trigger} .* ON ledger\.{table}\b", found.says), found.says


def rewritten(house: House) -> None:
    """All of it made anew by one who holds writer's and log's keys: entries, signatures, log, checkpoints."""
    house.silenced("TRUNCATE ledger.entries, ledger.checkpoints")
    shutil.rmtree(house.log)
    house.append(1, 3, 1, 1)
    house.sealed()


def test_with_all_keys_stolen_only_a_witness_sees_it(house: House, witness: Client) -> None:
    """Both ways: without anything known outside it cannot be seen; a witness, or a kept checkpoint, sees it."""
    house.append(1, 3, 1, 1)
    house.sealed(witness)
    kept = house.checkpoint
    rewritten(house)
    assert house.verified().fault is None, "nobody outside knew anything"
    found = house.verified(kept).fault
    assert found is not None
    assert "--checkpoint" in found.says
    house.append(1)
    with pytest.raises(Unproven, match="another history"):
        house.sealed(witness)


def test_what_whoever_holds_the_writers_key_changes_is_named_by_position(house: House) -> None:
    """Entries made anew with good signatures, the log left as it was: the first that is not what was sealed."""
    house.append(2, 300)
    house.sealed()
    house.silenced("DELETE FROM ledger.entries WHERE position > 2")
    house.append(300)
    found = house.verified().fault
    assert found is not None
    assert "position 3: it is not what was sealed" in found.says


def test_without_the_keys_nothing_can_be_made_up_from_the_database(house: House) -> None:
    """Recomputing everything from the database's own data: the writer's key is not in it."""
    house.append(2, 2)
    house.sealed()
    others = House(house.database, house.seal.parent / "others")
    house.silenced("TRUNCATE ledger.entries, ledger.checkpoints")
    others.append(2, 2)
    others.sealed()
    found = house.verified().fault
    assert found is not None


# --- refusing to seal ------------------------------------------------------------------------------------------


def test_an_older_state_is_neither_sealed_nor_served(house: House, witness: Client) -> None:
    """A database put back to an old backup: known from the folder; where that is put back too, from the witness."""
    house.append(1, 1)
    house.sealed(witness)
    older = shutil.copytree(house.log, house.log.with_name("older"))
    house.append(2)
    house.sealed(witness)
    house.silenced("DELETE FROM ledger.entries WHERE position > 2", "DELETE FROM ledger.checkpoints WHERE size > 2")
    for refused in (
        house.sealed,
        lambda: refuse_an_older_ledger(house.conninfo, house.log, ORIGIN, house.keys),
    ):
        with pytest.raises(NotSealed, match="the ledger has 2 entries, 4 were sealed"):
            refused()
    shutil.rmtree(house.log)
    shutil.copytree(older, house.log)
    refuse_an_older_ledger(house.conninfo, house.log, ORIGIN, house.keys)  # nothing here tells
    house.append(1)
    with pytest.raises(NotSealed, match="the ledger has 3 entries, 4 were sealed"):
        house.sealed(witness)


def test_a_table_of_another_history_than_the_folders_is_not_sealed(house: House) -> None:
    """A database from elsewhere, of the same length and signed with the same keys, under the folder of this one."""
    house.append(1, 3, 1, 1)
    house.sealed()
    ours = shutil.copytree(house.log, house.log.with_name("ours"))
    rewritten(house)
    shutil.rmtree(house.log)
    shutil.copytree(ours, house.log)
    house.append(1)
    with pytest.raises(NotSealed, match=r"ledger\.checkpoints .* another history"):
        house.sealed()


def test_what_is_sealed_while_somebody_looks_is_no_alarm(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sealer at work beside `verify`, and beside whoever opens the ledger: three checkpoints in between."""
    house.append(1)
    house.sealed()
    read_note = sealing._read_note
    busy = False

    def read_while_it_goes_on(path: Path) -> bytes | None:
        nonlocal busy
        if not busy:
            busy = True
            for _ in range(3):
                house.append(1)
                house.sealed()
            busy = False
        return read_note(path)

    monkeypatch.setattr(sealing, "_read_note", read_while_it_goes_on)
    assert house.verified() == Verified(4, 4, (), None)
    refuse_an_older_ledger(house.conninfo, house.log, ORIGIN, house.keys)
    assert house.sealed() == 10


def test_an_end_that_was_cut_off_while_the_sealer_runs_is_no_ground_to_build_on(house: House) -> None:
    """At the next step; also where as many others, or more, have grown in its place meanwhile."""
    house.append(1, 2, 1, 1)
    sealer = house.sealer()
    with psycopg.connect(house.conninfo, autocommit=True) as connection:
        sealer.begin(connection)
        assert sealer.step(connection) == 5
        assert sealer.step(connection) == 0
        house.silenced("DELETE FROM ledger.entries WHERE position > 3")
        with pytest.raises(NotSealed, match="the ledger has 3 entries, 5 were sealed"):
            sealer.step(connection)
        for count in (2, 1):
            house.append(count)
            with pytest.raises(NotSealed, match="position 5: it is not what was sealed"):
                sealer.step(connection)
        assert house.database.ask("SELECT size FROM ledger.checkpoints") == [(5,)]


@pytest.mark.parametrize("position", [1, 3])
def test_a_ledger_of_the_same_length_with_another_entry_is_neither_sealed_nor_served(
    house: House, position: int
) -> None:
    """Entries are computed anew at the start, not their number alone; with the writer's key stolen too."""
    house.append(1, 1)
    house.append(1)
    house.sealed()
    refuse_an_older_ledger(house.conninfo, house.log, ORIGIN, house.keys)
    rest = 4 - position
    house.silenced(f"DELETE FROM ledger.entries WHERE position >= {position}")
    house.append(*[1] * rest)
    with pytest.raises(NotSealed, match=f"position {position}: it is not what was sealed"):
        refuse_an_older_ledger(house.conninfo, house.log, ORIGIN, house.keys)
    with pytest.raises(NotSealed, match="the first 3 entries are not what was sealed"):
        house.sealed()
    house.append(1)
    with pytest.raises(NotSealed, match="the first 3 entries are not what was sealed"):
        house.sealed()


def test_an_old_entry_changed_is_seen_by_the_sealer_at_its_start_and_not_read_again_each_time(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever serves looks at the newest only; one process reads all of them once, whatever connections it loses."""
    monkeypatch.setattr("application.sealing._LOOKED_AT", 1)
    house.append(1, 300)
    sealer = house.sealer()
    read: list[bool] = []
    with psycopg.connect(house.conninfo, autocommit=True) as connection, monkeypatch.context() as patch:
        sealer.begin(connection)
        sealer.step(connection)
        held = Sealer._hold_against
        patch.setattr(Sealer, "_hold_against", lambda *a, **k: (read.append(True), held(*a, **k)))
        sealer.begin(connection)
        assert read == []
        house.sealed()
        assert read == [True]
    house.silenced(f"{CHANGED_BYTE.format('audit', 'audiT')} WHERE position = 1")
    refuse_an_older_ledger(house.conninfo, house.log, ORIGIN, house.keys)
    with pytest.raises(NotSealed, match="positions 1 to 1"):
        house.sealed()


def test_a_row_among_the_checkpoints_that_is_not_ours_is_not_passed_over(house: House) -> None:
    """It would stand there as what was sealed, while the folder says another."""
    house.append(1)
    house.sealed()
    sealer = house.sealer()
    with psycopg.connect(house.conninfo, autocommit=True) as connection:
        sealer.begin(connection)
        house.append(1)
        with house.superuser() as another:
            another.execute("INSERT INTO ledger.checkpoints VALUES (%s, 2, 'something else')", (ORIGIN,))
        before = house.checkpoint
        with pytest.raises(NotSealed, match="a row here already, and it is not ours: 2"):
            sealer.step(connection)
        assert house.checkpoint == before
        with pytest.raises(NotSealed, match="not signed by this log"):
            sealer.begin(connection)


def test_what_no_writer_signed_is_not_sealed(house: House) -> None:
    house.append(1)
    house.sealed()

    async def unsigned() -> None:
        async with house.database.ledger() as ledger:
            body = house.database.id("body")
            fact = BodyRegistered(body=body, name=Secret("某局"), organ_class="audit")
            await ledger.append(command := uuid4(), house.database.stamp(command), {body: (0, [fact])})

    asyncio.run(unsigned())
    with pytest.raises(NotSealed, match="position 2: no writer has signed it"):
        house.sealed()
    fault = house.verified().fault
    assert fault is not None
    assert "position 2" in fault.says


def test_an_append_longer_than_what_is_read_at_once_is_sealed_whole(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Five hundred callers of a group commit, or one with a large plan: one append, one signature at its end."""
    monkeypatch.setattr("application.sealing._AT_ONCE", 3)
    house.append(1, 20, 2, 7)
    assert house.sealed() == 30
    assert house.verified() == Verified(30, 30, (), None)


def test_a_crash_between_tiles_table_and_folder_is_mended(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """At each step in turn: the next start goes on, signs nothing else for that size, and all agrees."""
    house.append(1, 2)
    steps: list[str] = []

    def dying(at: str) -> Callable[..., Any]:
        def die(*_: Any, **__: Any) -> Any:
            steps.append(at)
            raise KeyboardInterrupt

        return die

    for name, where in (("_publish", "application.sealing.Sealer._publish"), ("_store", "application.sealing._store")):
        with monkeypatch.context() as patch:
            patch.setattr(where, dying(name))
            with pytest.raises(KeyboardInterrupt):
                house.sealed()
        house.append(1)
    assert steps == ["_publish", "_store"]
    assert house.sealed() == 5
    assert house.verified() == Verified(5, 5, (), None)
    sizes = [size for (size,) in house.database.ask("SELECT size FROM ledger.checkpoints ORDER BY size")]
    assert sizes == sorted(set(sizes))


def test_the_tiles_are_computed_again_where_the_folder_is_gone(house: House) -> None:
    house.append(*[3] * 100)
    house.sealed()
    before = {path.relative_to(house.log): path.read_bytes() for path in house.log.rglob("*") if path.is_file()}
    shutil.rmtree(house.log)
    assert house.verified() == Verified(300, 300, (), None), "the table's checkpoints bind it"
    house.append(1)
    assert house.sealed() == 301
    for path, content in before.items():
        if ".p/" not in str(path) and path.name != "checkpoint":
            assert (house.log / path).read_bytes() == content
    assert house.verified() == Verified(301, 301, (), None)


def test_two_sealers_are_one_at_a_time(house: House) -> None:
    house.append(1)
    stop, ready = threading.Event(), [threading.Event(), threading.Event()]
    threads = [threading.Thread(target=house.sealer().run, args=(stop, each.set)) for each in ready]
    for thread in threads:
        thread.start()
    for n in range(5):
        house.append(n + 1)
    until_sealed(house, 16)
    assert [each.is_set() for each in ready].count(True) == 1
    stop.set()
    for thread in threads:
        thread.join(10)
    assert house.verified() == Verified(16, 16, (), None)


def until_sealed(house: House, size: int) -> None:
    for _ in range(400):
        if house.database.ask("SELECT max(size) FROM ledger.checkpoints") == [(size,)]:
            return
        threading.Event().wait(0.02)
    pytest.fail("not sealed in time")


# --- keys ------------------------------------------------------------------------------------------------------


def test_keys_are_made_once_private_and_each_fault_is_named(tmp_path: Path) -> None:
    with pytest.raises(SealingError, match="restore its backup"):
        read_seal_keys(tmp_path / "seal")
    read_seal_keys(tmp_path / "seal", make=True)
    before = {name: (tmp_path / "seal" / name).read_text() for name in FILES}
    assert len(set(before.values())) == 3
    read_seal_keys(tmp_path / "seal", make=True)
    assert {name: (tmp_path / "seal" / name).read_text() for name in FILES} == before
    for name in FILES:
        path = tmp_path / "seal" / name
        path.chmod(0o640)
        with pytest.raises(SealingError, match="chmod 600"):
            read_seal_keys(tmp_path / "seal")
        path.chmod(0o600)
        path.write_text("not a key")
        with pytest.raises(SealingError, match="64 hexadecimal"):
            read_seal_keys(tmp_path / "seal")
        path.write_text(before[name])
    rotate(tmp_path / "seal", "blinding.key")
    with pytest.raises(SealingError, match="one blinding key only"):
        read_seal_keys(tmp_path / "seal")


def test_new_keys_sign_beside_the_old_and_what_the_old_signed_stays_good(house: House) -> None:
    house.append(2)
    house.sealed()
    old = house.keys.log_signers(ORIGIN)[0].key
    for name in ("writer.key", "log.key"):
        rotate(house.seal, name)
    house.keys = read_seal_keys(house.seal)
    house.append(2)
    assert house.sealed() == 4
    note = parse_note(house.checkpoint)
    assert [signature.key_id for signature in note.signatures] == [
        signer.key.key_id for signer in house.keys.log_signers(ORIGIN)
    ]
    assert old.made(note.signatures[0])
    assert house.verified() == Verified(4, 4, (), None)


def test_every_migration_is_told_apart_by_its_number() -> None:
    numbers = [number for number, _, _ in migrations()]
    assert numbers == list(range(1, len(numbers) + 1))


# --- handing over ----------------------------------------------------------------------------------------------


def test_streams_are_handed_over_whole_and_checked_by_whoever_has_the_policy(house: House, tmp_path: Path) -> None:
    """Opened, proven, complete; one entry held back, or changed, and it is not verified. Nothing of others is in it."""
    house.append(3, 2)
    house.sealed()
    house.append(1)
    streams = [stream for (stream,) in house.database.ask("SELECT stream FROM ledger.entries ORDER BY position")]
    policy = parse_policy(f"log {house.keys.log_signers(ORIGIN)[0].key}\nquorum none\n".encode())
    given = (house.conninfo, house.log, ORIGIN, house.keys)
    assert export(*given, [streams[1], streams[4], streams[1]], tmp_path / "given") == (2, 5)
    assert verify_bundle(tmp_path / "given", policy).verdict == "verified"
    told = b"".join(path.read_bytes() for path in (tmp_path / "given").rglob("*") if path.is_file())
    for n, stream in enumerate(streams):
        assert (stream.encode() in told) == (n in (1, 4))
    export(*given, [streams[1], streams[4]], tmp_path / "again")
    for path in (tmp_path / "given").rglob("*"):
        if path.is_file():
            other = tmp_path / "again" / path.relative_to(tmp_path / "given")
            assert other.read_bytes() == path.read_bytes(), "the same bytes for the same question"
    (tmp_path / "given" / "openings" / "2.json").unlink()
    assert verify_bundle(tmp_path / "given", policy).verdict == "incomplete"
    with pytest.raises(SealingError, match="no such stream, or it is not sealed yet"):
        export(*given, [streams[5]], tmp_path / "later")
    with pytest.raises(SealingError, match="no such stream"):
        export(*given, ["body:00000000-0000-4000-8000-000000000000"], tmp_path / "none")
    assert not (tmp_path / "later").exists()
