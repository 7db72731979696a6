"""The database made ready: refused where it would lose or change what it holds (promises.md, promises 1 and 4)."""

import json
import re
import signal
import stat
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from application import catalogue
from application import database as databases_
from application.catalogue import changed_guards, described, form, read_unlike, refuse_changed_guards, written
from application.database import ROLES, DatabaseError, access_file, load_access, migrations, prepare
from application.ledger import Unavailable
from domain.people import PersonMandated
from embedded import postgres
from projections import office
from projections.shelf import Shelf


@pytest.fixture
def spare(spare_server: Any, databases: Any, tmp_path: Path) -> Iterator[Any]:
    """A database on the embedded server, whose settings and roles a test may change."""
    spare_server.revive()
    with databases(spare_server.dsn(), tmp_path / "home") as made:
        yield made


def fill(database: Any, run: Any) -> None:
    async def go() -> None:
        async with database.ledger() as ledger:
            command, person = uuid4(), database.id("person")
            fact = PersonMandated(person=person, round=database.id("round"), mandate=database.id("mandate"))
            await ledger.append(command, database.stamp(command), {person: (0, [fact])})

    run(go())


# --- made once, made again ---------------------------------------------------------------------------------------


def test_preparing_again_changes_nothing(database: Any, run: Any) -> None:
    """Also when it is done twice at once: same roles, same passwords, same rows, same migrations."""
    fill(database, run)
    before = access_file(database.home).read_text()
    tables = "SELECT oid, relacl::text FROM pg_class WHERE relnamespace = 'ledger'::regnamespace ORDER BY oid"
    stood = database.ask(tables)
    said: list[str] = []
    threads = [threading.Thread(target=prepare, args=(database.admin, database.home, said.append)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert prepare(database.admin, database.home).passwords == database.access.passwords
    assert access_file(database.home).read_text() == before
    assert said == []
    assert database.ask(tables) == stood
    assert database.ask("SELECT count(*) FROM ledger.entries") == [(1,)]
    assert database.ask("SELECT count(*) FROM ledger.migrations") == [(len(migrations()),)]


def test_several_first_starts_at_once_make_one_database(admin_dsn: str, database: Any) -> None:
    """Promise 6, for starts: whoever comes second waits and finds everything made."""
    with database.connect() as connection:
        connection.execute("DROP SCHEMA ledger, shelf CASCADE")
    failed: list[Exception] = []

    def start() -> None:
        try:
            prepare(database.admin, database.home)
        except Exception as e:
            failed.append(e)

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert database.ask("SELECT count(*) FROM ledger.migrations") == [(len(migrations()),)]


def test_the_access_file_is_open_to_nobody_else_and_a_lost_one_is_made_anew(database: Any) -> None:
    """Conventions: passwords 0600. Without the file the roles get new passwords, and the ledger stays."""
    path = access_file(database.home)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.with_suffix(".new").touch(0o666)
    path.unlink()
    access = prepare(database.admin, database.home)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert access.passwords != database.access.passwords
    assert load_access(database.home) == access
    for role in ROLES:
        psycopg.connect(access.of(role)).close()


@pytest.mark.parametrize(
    ("text", "says"), [(None, "xuncha init"), ("{", "cannot be read"), ('{"conninfo": {}}', "cannot be read")]
)
def test_a_missing_or_broken_access_file_is_said(tmp_path: Path, text: str | None, says: str) -> None:
    """The message says what to do, and nothing of what is in the file."""
    if text is not None:
        access_file(tmp_path).write_text(text)
    with pytest.raises(DatabaseError, match=says):
        load_access(tmp_path)


@pytest.mark.parametrize("home", ["the same", "another"])
def test_a_ledger_whose_keys_are_lost_is_refused_before_anything_is_changed(
    database: Any, run: Any, tmp_path: Path, home: str
) -> None:
    """promises.md, Two seals: those who serve the ledger go on signing in, and nothing new lies where the keys were."""
    fill(database, run)
    kept = tmp_path / "kept"
    (database.home / "keys").rename(kept)
    where = database.home if home == "the same" else tmp_path / "new-home"
    where.mkdir(exist_ok=True)
    verifiers = database.ask("SELECT rolname, rolpassword FROM pg_authid WHERE rolname LIKE %s", f"{database.name}%")
    files = {path: path.read_bytes() for path in where.rglob("*") if path.is_file()}
    with pytest.raises(
        DatabaseError, match=r"请先恢复 XUNCHA_HOME 的备份.*restore its backup first.*nothing was changed"
    ):
        prepare(database.admin, where)
    assert {path: path.read_bytes() for path in where.rglob("*") if path.is_file()} == files
    assert [path for path in where.iterdir() if path.is_dir()] == []
    for role in ROLES:
        psycopg.connect(database.access.of(role)).close()
    now = database.ask("SELECT rolname, rolpassword FROM pg_authid WHERE rolname LIKE %s", f"{database.name}%")
    assert now == verifiers
    kept.rename(where / "keys")
    prepare(database.admin, where)


def test_an_empty_ledger_needs_no_keys_yet(database: Any) -> None:
    """A first start that was interrupted after the schemas were made is done again."""
    assert not (database.home / "keys").exists()
    assert prepare(database.admin, database.home).passwords == database.access.passwords


# --- a server that would lose what it acknowledged ---------------------------------------------------------------


@pytest.mark.parametrize("setting", ["fsync", "full_page_writes"])
def test_a_server_that_could_lose_what_it_acknowledged_is_refused(
    spare_server: Any, spare: Any, run: Any, setting: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Promise 1: by name, at the start; and by the writer of a process that was running when it was changed."""

    def restart() -> None:
        spare_server._process.signal(signal.SIGINT)
        assert spare_server._process.gone_within(10)
        spare_server.revive()

    with monkeypatch.context() as changed:
        changed.setitem(postgres._FIXED, setting, "off")
        restart()
        try:
            with pytest.raises(DatabaseError, match=f"{setting}=off"):
                prepare(spare.admin, spare.home)
            with pytest.raises(Unavailable):
                fill(spare, run)
        finally:
            changed.undo()
            restart()
    prepare(spare.admin, spare.home)
    fill(spare, run)
    assert spare.ask("SELECT count(*) FROM ledger.entries") == [(1,)]


@pytest.mark.parametrize("whom", ["DATABASE {0}", "ROLE {0}_writer", "ROLE {0}_writer IN DATABASE {0}"])
def test_a_session_that_would_not_wait_for_the_disk_is_refused(database: Any, whom: str) -> None:
    """Promise 1: also where only the writer's own role is told so."""
    with database.connect() as connection:
        connection.execute(f"ALTER {whom.format(database.name)} SET synchronous_commit = off")
    with pytest.raises(DatabaseError, match="synchronous_commit=off"):
        prepare(database.admin, database.home)


# --- a connection that does not serve ----------------------------------------------------------------------------


def test_a_wrong_password_is_said_without_it(spare: Any) -> None:
    """The message names the user and no password, neither the wrong one nor a right one."""
    wrong = make_conninfo(spare.admin, password="PLANTED-wrong")
    with pytest.raises(DatabaseError, match="password authentication failed") as error:
        prepare(wrong, spare.home)
    right = str(conninfo_to_dict(spare.admin)["password"])
    shown = "".join(map(str, (error.value, error.value.__cause__)))
    assert "PLANTED" not in shown
    assert right not in shown


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://user:PLAN@TED@127.0.0.1:1/db",
        "postgresql://user:PLAN/TED@127.0.0.1:1/db",
        "host=127.0.0.1 password='PLANTED",
        "PLANTED",
    ],
)
def test_an_address_that_cannot_be_read_is_said_without_the_password(tmp_path: Path, address: str) -> None:
    """A password with an @ in it must not be shown as the name of an unknown host."""
    with pytest.raises(DatabaseError) as error:
        prepare(address, tmp_path)
    shown = f"{error.value}"
    assert "PLAN" not in shown
    assert "TED" not in shown


def test_nobody_listening_is_said(tmp_path: Path) -> None:
    """Which host, which port."""
    with pytest.raises(DatabaseError, match="cannot connect"):
        prepare("host=127.0.0.1 port=1 user=u dbname=d", tmp_path)


def test_a_user_who_may_not_make_roles_is_told(spare_server: Any, spare: Any, tmp_path: Path) -> None:
    """What the user must be allowed to do; nothing is left half made."""
    with psycopg.connect(spare_server.dsn(), autocommit=True) as admin:
        admin.execute("CREATE ROLE plain_user LOGIN PASSWORD 'plain'")
        admin.execute("CREATE DATABASE plain_database OWNER plain_user")
        try:
            address = spare_server.dsn("plain_user", "plain", "plain_database")
            with pytest.raises(DatabaseError, match="allowed to create roles"):
                prepare(address, tmp_path)
            assert not access_file(tmp_path).exists()
            # With that right, and no other, it works.
            admin.execute("ALTER ROLE plain_user CREATEROLE")
            access = prepare(address, tmp_path)
            prepare(address, tmp_path)
            with psycopg.connect(access.of("reader")) as reader, pytest.raises(psycopg.errors.InsufficientPrivilege):
                reader.execute("SELECT * FROM ledger.entries")
        finally:
            admin.execute("DROP DATABASE plain_database WITH (FORCE)")
            for role in ("owner", *ROLES):
                admin.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(f"plain_database_{role}")))
            admin.execute("DROP ROLE plain_user")


def test_a_database_name_that_makes_no_role_names_is_refused(spare_server: Any, spare: Any, tmp_path: Path) -> None:
    """Names of roles are made of it: lower case, digits, underscore."""
    with psycopg.connect(spare_server.dsn(), autocommit=True) as admin:
        admin.execute('CREATE DATABASE "Xuncha; --"')
        try:
            with pytest.raises(DatabaseError, match="lower-case"):
                prepare(spare_server.dsn(dbname="Xuncha; --"), tmp_path)
        finally:
            admin.execute('DROP DATABASE "Xuncha; --"')


# --- migrations --------------------------------------------------------------------------------------------------


def test_a_changed_migration_is_refused(database: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was run is what is written, or nothing is run."""
    changed = [(number, name, text + "\n-- mended") for number, name, text in migrations()]
    monkeypatch.setattr(databases_, "migrations", lambda: changed)
    with pytest.raises(DatabaseError, match=r"0001_ledger\.sql differs"):
        prepare(database.admin, database.home)


def test_a_newer_database_is_refused(database: Any) -> None:
    """An older program does not write into a newer ledger."""
    with database.connect("owner") as connection:
        connection.execute("INSERT INTO ledger.migrations (number, name, sha256) VALUES (9999, 'later', 'x')")
    with pytest.raises(DatabaseError, match=r"newer than this software: it has migration 9999"):
        prepare(database.admin, database.home)


@pytest.mark.parametrize("stood_at", range(1, len(migrations())))
def test_a_ledger_of_every_earlier_form_comes_up_with_what_it_holds(
    admin_dsn: str, tmp_path: Path, run: Any, monkeypatch: pytest.MonkeyPatch, databases: Any, stood_at: int
) -> None:
    """Promise 8: made and filled as it was then, migrated as it is now; nothing of it is changed, and it goes on."""
    whole = migrations()
    with monkeypatch.context() as patch:
        patch.setattr(databases_, "migrations", lambda: whole[:stood_at])
        made = databases(admin_dsn, tmp_path / "home")
        database = made.__enter__()
    try:
        assert database.ask("SELECT max(number) FROM ledger.migrations") == [(stood_at,)]
        fill(database, run)
        before = database.ask("SELECT * FROM ledger.entries ORDER BY position")
        assert before
        written = json.loads(access_file(database.home).read_text())
        del written["passwords"]["sealer"]  # a role that came later
        access_file(database.home).write_text(json.dumps(written))
        database.access = prepare(make_conninfo(database.admin, dbname=database.name), database.home)
        assert database.ask("SELECT max(number) FROM ledger.migrations") == [(len(whole),)]
        assert database.ask("SELECT * FROM ledger.entries ORDER BY position") == before
        refuse_changed_guards(database.access, "writer")
        fill(database, run)
        assert len(database.ask("SELECT 1 FROM ledger.entries")) > len(before)
    finally:
        made.__exit__(None, None, None)


def test_a_migration_that_fails_leaves_nothing(database: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """All or nothing: the next start runs it again."""
    number = len(migrations()) + 1
    more = [*migrations(), (number, "x.sql", "CREATE TABLE ledger.x (a int); SELECT 1 / 0")]
    monkeypatch.setattr(databases_, "migrations", lambda: more)
    with pytest.raises(DatabaseError, match="division by zero"):
        prepare(database.admin, database.home)
    assert database.ask("SELECT to_regclass('ledger.x')") == [(None,)]
    more[-1] = (number, "x.sql", "CREATE TABLE ledger.x (a int)")
    prepare(database.admin, database.home)
    assert database.ask("SELECT count(*) FROM ledger.x") == [(0,)]


# --- who may do what ---------------------------------------------------------------------------------------------

ACTS = {
    "SELECT": "SELECT count(*) FROM {}",
    "INSERT": "INSERT INTO {} DEFAULT VALUES",
    "UPDATE": "UPDATE {} SET {} = NULL",
    "DELETE": "DELETE FROM {}",
    "TRUNCATE": "TRUNCATE {}",
}
A_COLUMN = {
    "ledger.entries": "body",
    "ledger.stored_events": "state",
    "ledger.checkpoints": "note",
    "ledger.migrations": "name",
    "shelf.positions": "notification_id",
    "shelf.views": "fingerprint",
    "shelf.parked": "position",
    "shelf.halted": "error",
    "shelf.office_bodies": "row",
    "shelf.office_bodies_history": "row",
}
READ, ADD, ALL = {"SELECT"}, {"SELECT", "INSERT"}, {"SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE"}
MAY: dict[str, dict[str, set[str]]] = {
    #                               owner  writer  projector  reader  sealer
    "ledger.entries": dict(zip(("owner", *ROLES), (ADD, ADD, READ, set(), READ), strict=True)),
    "ledger.checkpoints": dict(zip(("owner", *ROLES), (ADD, READ, set(), set(), ADD), strict=True)),
    "ledger.stored_events": dict(zip(("owner", *ROLES), (ADD, READ, READ, set(), set()), strict=True)),
    "ledger.migrations": dict(zip(("owner", *ROLES), (ADD, READ, READ, READ, READ), strict=True)),
    "shelf.positions": dict(zip(("owner", *ROLES), (set(), set(), ALL, READ, set()), strict=True)),
    "shelf.views": dict(zip(("owner", *ROLES), (set(), set(), ALL, READ, set()), strict=True)),
    "shelf.parked": dict(zip(("owner", *ROLES), (set(), set(), ALL, READ, set()), strict=True)),
    "shelf.halted": dict(zip(("owner", *ROLES), (set(), set(), ALL, READ, set()), strict=True)),
    "shelf.office_bodies": dict(zip(("owner", *ROLES), (set(), set(), ALL, READ, set()), strict=True)),
    "shelf.office_bodies_history": dict(zip(("owner", *ROLES), (set(), set(), ALL, READ, set()), strict=True)),
}


@pytest.fixture(scope="module")
def furnished(module_database: Any) -> Any:
    """A database with a shelf of one view."""
    shelf = Shelf(module_database.access.of("projector"), office.VIEWS[:1])
    shelf.prepare()
    shelf.close()
    return module_database


def test_each_role_may_do_what_it_needs_and_no_more(furnished: Any) -> None:
    """Promise 4, conventions: tried, statement by statement, by each role signed in as itself."""
    found: dict[str, dict[str, set[str]]] = {table: {} for table in MAY}
    for role in ("owner", *ROLES):
        connection = furnished.connect(role) if role == "owner" else psycopg.connect(furnished.access.of(role))
        with connection:
            for table, column in A_COLUMN.items():
                found[table][role] = set()
                for act, statement in ACTS.items():
                    try:
                        with connection.transaction(force_rollback=True):
                            name = sql.SQL(table)  # type: ignore[arg-type]
                            connection.execute(sql.SQL(statement).format(name, sql.Identifier(column)))  # type: ignore[arg-type]
                    except psycopg.errors.InsufficientPrivilege:
                        continue
                    except (psycopg.errors.IntegrityError, psycopg.errors.WrongObjectType):
                        if act == "TRUNCATE":
                            continue  # a view
                    found[table][role].add(act)
    assert found == MAY


def test_every_table_stands_in_the_matrix(furnished: Any) -> None:
    """A table made later is not forgotten."""
    tables = furnished.ask(
        "SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname IN ('ledger', 'shelf', 'public') AND c.relkind IN ('r', 'v', 'm', 'p', 'f', 'S')"
    )
    assert {name for (name,) in tables} == MAY.keys()


def test_those_who_serve_own_nothing_in_the_ledger_and_cannot_become_its_owner(furnished: Any) -> None:
    """Promise 4: the role that serves requests owns nothing; the owner does not sign in."""
    owned = furnished.ask(
        "SELECT DISTINCT pg_get_userbyid(owner) FROM ("
        " SELECT relowner AS owner FROM pg_class WHERE relnamespace = 'ledger'::regnamespace"
        " UNION ALL SELECT proowner FROM pg_proc WHERE pronamespace = 'ledger'::regnamespace"
        " UNION ALL SELECT nspowner FROM pg_namespace WHERE nspname = 'ledger') AS all_there_is"
    )
    assert owned == [(f"{furnished.name}_owner",)]
    assert furnished.ask("SELECT rolcanlogin FROM pg_roles WHERE rolname = %s", f"{furnished.name}_owner") == [(False,)]
    for role in ROLES:
        with psycopg.connect(furnished.access.of(role), autocommit=True) as connection:
            for statement in (
                f"SET ROLE {furnished.name}_owner",
                "ALTER TABLE ledger.entries DISABLE TRIGGER append_only",
                "DROP TABLE ledger.entries",
                "CREATE TABLE ledger.mine (a int)",
                "CREATE TABLE public.mine (a int)",
                "CREATE TEMPORARY TABLE mine (a int)",
                "CREATE SCHEMA mine",
                "CREATE ROLE mine",
                "SET session_replication_role = replica",
                *(["CREATE TABLE shelf.mine (a int)"] if role != "projector" else []),
            ):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(statement)  # type: ignore[arg-type]


CHANGES = (
    "UPDATE ledger.entries SET writer = 'me'",
    "UPDATE ledger.entries SET signature = 'x' WHERE signature IS NULL",
    "DELETE FROM ledger.entries WHERE position = 1",
    "TRUNCATE ledger.entries",
    "TRUNCATE ledger.entries CASCADE",
    "UPDATE ledger.stored_events SET topic = 'x'",
    "DELETE FROM ledger.stored_events",
    "INSERT INTO ledger.entries SELECT * FROM ledger.entries ON CONFLICT (position) DO UPDATE SET writer = 'me'",
    "MERGE INTO ledger.entries e USING ledger.entries o ON e.position = o.position WHEN MATCHED THEN DELETE",
    "UPDATE ledger.migrations SET sha256 = 'x'",
    "DELETE FROM ledger.migrations",
    "TRUNCATE ledger.migrations",
    "UPDATE ledger.checkpoints SET note = 'x'",
    "DELETE FROM ledger.checkpoints",
    "TRUNCATE ledger.checkpoints",
)


@pytest.mark.parametrize("mode", ["origin", "replica"])
@pytest.mark.parametrize("who", [None, "owner", *ROLES])
def test_nobody_changes_what_is_on_record(furnished: Any, run: Any, who: str | None, mode: str) -> None:
    """Promise 4: UPDATE, DELETE, TRUNCATE fail for every role, owner and superuser included, also as a replica."""
    if not furnished.ask("SELECT count(*) FROM ledger.entries")[0][0]:
        fill(furnished, run)
    before = furnished.ask("SELECT * FROM ledger.entries"), furnished.ask("SELECT * FROM ledger.migrations")
    with furnished.connect() as connection:
        if mode == "replica":
            connection.execute("SET session_replication_role = replica")
        if who:
            connection.execute(f"SET ROLE {furnished.name}_{who}")
        for statement in CHANGES:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)  # type: ignore[arg-type]
    assert (furnished.ask("SELECT * FROM ledger.entries"), furnished.ask("SELECT * FROM ledger.migrations")) == before


# --- what guards it is itself guarded ----------------------------------------------------------------------------


def test_the_catalogue_on_record_is_what_migrations_and_shelf_make(furnished: Any, tmp_path: Path) -> None:
    """Whoever changes a migration or a view's tables puts the new description in the place of the old, and is seen."""
    with psycopg.connect(furnished.access.of("reader"), autocommit=True) as connection:
        forms = dict(form(*each) for each in described(connection).items())
    for about, lines in forms.items():
        one = {re.sub(r"->> '\w+'::text", "->> '{field}'::text", line) for line in lines}
        forms[about] = sorted(one if "{view}" in about else lines)
    found = written(forms)
    new = tmp_path / "catalogue.txt"
    new.write_text(found, encoding="utf-8")
    stands = Path(catalogue.__file__).with_name("catalogue.txt")
    assert found.splitlines() == stands.read_text(encoding="utf-8").splitlines(), f"now: cp {new} {stands}"


@pytest.mark.parametrize("role", ROLES)
def test_every_role_sees_that_the_guards_stand(furnished: Any, role: Any) -> None:
    """Each process asks by its own role; the names of roles, which differ from place to place, differ in nothing."""
    refuse_changed_guards(furnished.access, role)


TRIGGER = "CREATE TRIGGER {} ON ledger.entries FOR EACH {} EXECUTE FUNCTION {}"
GUARD = "BEFORE UPDATE OR DELETE OR TRUNCATE"
NOTHING = "CREATE FUNCTION public.nothing() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$"
DROPPED, ALWAYS = (
    "DROP TRIGGER append_only ON ledger.entries",
    "ALTER TABLE ledger.entries ENABLE ALWAYS TRIGGER append_only",
)
HOLLOWED: dict[str, tuple[tuple[str, ...], str]] = {
    "a trigger switched off": (
        ("ALTER TABLE ledger.checkpoints DISABLE TRIGGER append_only",),
        "ledger.checkpoints.*append_only.* enabled D",
    ),
    "a trigger that a replica does not fire": (
        ("ALTER TABLE ledger.entries ENABLE TRIGGER order_checked",),
        "order_checked.* enabled O",
    ),
    "a trigger gone": ((DROPPED,), "lacks.*TRIGGER append_only"),
    "a trigger that never fires": (
        (DROPPED, TRIGGER.format(f"append_only {GUARD}", "STATEMENT WHEN (false)", "ledger.refuse_change()"), ALWAYS),
        r"append_only .*WHEN \(false\)",
    ),
    "a trigger for less": (
        (DROPPED, TRIGGER.format("append_only BEFORE UPDATE", "STATEMENT", "ledger.refuse_change()"), ALWAYS),
        "append_only BEFORE UPDATE ON",
    ),
    "a trigger that calls another": (
        (NOTHING, DROPPED, TRIGGER.format(f"append_only {GUARD}", "STATEMENT", "public.nothing()"), ALWAYS),
        r"append_only .*public\.nothing\(\)",
    ),
    "a trigger that drops rows": (
        (NOTHING, TRIGGER.format("a BEFORE INSERT", "ROW", "public.nothing()")),
        "more.*CREATE TRIGGER a BEFORE INSERT",
    ),
    "a function that does less": (
        (
            "CREATE OR REPLACE FUNCTION ledger.refuse_change() RETURNS trigger LANGUAGE plpgsql AS"
            " $$\nBEGIN\n    PERFORM pg_advisory_xact_lock(7239015802731);\n    RETURN NULL;\nEND $$",
        ),
        "ledger.refuse_change.*sha256",
    ),
    "a function with settings": (
        ("ALTER FUNCTION ledger.check_order() SET search_path = public",),
        "ledger.check_order.*search_path=public",
    ),
    "a function of somebody else": (
        ("ALTER FUNCTION ledger.check_order() OWNER TO {projector}",),
        r"ledger.check_order.*owner \{projector\}",
    ),
    "a function more": (("CREATE FUNCTION ledger.more() RETURNS int RETURN 1",), "ledger.more"),
    "a rule": (("CREATE RULE r AS ON DELETE TO ledger.entries DO INSTEAD NOTHING",), "CREATE RULE r"),
    "a version twice": (
        ("ALTER TABLE ledger.entries DROP CONSTRAINT entries_stream_version_key",),
        r"lacks.*UNIQUE \(stream, version\)",
    ),
    "a position below 1": (
        ("ALTER TABLE ledger.entries DROP CONSTRAINT entries_position_check",),
        r"lacks.*CHECK .*position",
    ),
    "a column that may be empty": (
        ("ALTER TABLE ledger.entries ALTER COLUMN body DROP NOT NULL",),
        "column 8 body bytea",
    ),
    "a column that fills itself": (
        ("ALTER TABLE ledger.entries ALTER COLUMN signature SET DEFAULT 'x'",),
        "column 10 signature bytea default",
    ),
    "a column more": (("ALTER TABLE ledger.entries ADD COLUMN more text",), "column 11 more text"),
    "an index more": (("CREATE INDEX ON ledger.entries (kind)",), r"INDEX ON ledger\.entries .*kind"),
    "an unlogged table": (("ALTER TABLE ledger.checkpoints SET UNLOGGED",), "ledger.checkpoints.*unlogged"),
    "a table that is read with it": (("CREATE TABLE public.more () INHERITS (ledger.entries)",), "is inherited by"),
    "a table more": (("CREATE TABLE ledger.more (a int)",), "ledger.more"),
    "a view of something else": (
        (
            "CREATE OR REPLACE VIEW ledger.stored_events AS SELECT stream AS originator_id, version AS"
            " originator_version, kind AS topic, body AS state, position AS notification_id FROM ledger.entries"
            " WHERE position > 1",
        ),
        "ledger.stored_events.*WHERE",
    ),
    "anybody may change": (("GRANT UPDATE, DELETE ON ledger.entries TO PUBLIC",), "grant DELETE to PUBLIC"),
    "the writer may change a column": (("GRANT UPDATE (body) ON ledger.entries TO {writer}",), "column body.*UPDATE"),
    "the reader may read entries": (("GRANT SELECT ON ledger.entries TO {reader}",), r"grant SELECT to \{reader\}"),
    "the writer may no longer read": (("REVOKE SELECT ON ledger.entries FROM {writer}",), "lacks.*grant SELECT"),
    "the writer owns it": (("ALTER TABLE ledger.entries OWNER TO {writer}",), r"owner \{writer\}"),
    "anybody may make tables": (("GRANT CREATE ON SCHEMA ledger TO PUBLIC",), "ledger.*grant CREATE to PUBLIC"),
    "more is granted of what comes": (
        ("ALTER DEFAULT PRIVILEGES FOR ROLE {projector} IN SCHEMA shelf GRANT UPDATE ON TABLES TO {reader}",),
        r"shelf.*grant UPDATE to \{reader\}",
    ),
    "the writer is the owner": (("GRANT {owner} TO {writer}",), r"\{writer\}.*is a member of \{owner\}"),
    "the writer passes policies": (("ALTER ROLE {writer} BYPASSRLS",), r"\{writer\}.*bypasses policies"),
    "the owner signs in": (("ALTER ROLE {owner} LOGIN",), r"\{owner\}.*signs in"),
    "the writer is a replica": (
        ("ALTER ROLE {writer} SET session_replication_role = replica",),
        r"\{writer\}.*session_replication_role=replica",
    ),
    "a policy on the ledger": (
        (
            "ALTER TABLE ledger.entries ENABLE ROW LEVEL SECURITY",
            "CREATE POLICY p ON ledger.entries FOR SELECT TO {writer} USING (position <> 1)",
        ),
        r"policy p .*for \{writer\}",
    ),
    "row security on the ledger": (("ALTER TABLE ledger.entries ENABLE ROW LEVEL SECURITY",), "row security"),
    "a policy on a list": (
        (
            "ALTER TABLE shelf.office_bodies ENABLE ROW LEVEL SECURITY",
            "CREATE POLICY p ON shelf.office_bodies FOR SELECT TO {reader} USING (false)",
        ),
        r"shelf\.office_bodies.*policy p .*using false",
    ),
    "a trigger on a list's past": (
        (
            NOTHING,
            "CREATE TRIGGER t BEFORE INSERT ON shelf.office_bodies_history FOR EACH ROW EXECUTE FUNCTION"
            " public.nothing()",
        ),
        r"shelf\.office_bodies_history.*TRIGGER t",
    ),
    "anybody may read a list": (("GRANT SELECT ON shelf.office_bodies TO PUBLIC",), "shelf.office_bodies.*PUBLIC"),
    "a list without its key": (
        ("ALTER TABLE shelf.office_bodies DROP CONSTRAINT office_bodies_pkey",),
        r"shelf\.office_bodies.*lacks.*PRIMARY KEY \(id\)",
    ),
    "a list gone": (("DROP TABLE shelf.office_bodies_history",), r"shelf\.office_bodies_history.*lacks"),
    "a table of the shelf changed": (("ALTER TABLE shelf.halted ALTER error DROP NOT NULL",), "column 3 error text"),
    "a list that is none": (("CREATE VIEW shelf.more AS SELECT 1",), r"shelf\.more.*view owner"),
    "an event trigger": (
        (
            "CREATE FUNCTION public.event() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN END $$",
            "CREATE EVENT TRIGGER e ON ddl_command_start EXECUTE FUNCTION public.event()",
        ),
        "event trigger e",
    ),
    "a migration nobody knows": (("INSERT INTO ledger.migrations VALUES (9999, 'later', 'x')",), "record of migr"),
}


BUILT = {view.name: view.filters for view in office.VIEWS[:1]}


@pytest.mark.parametrize("name", HOLLOWED)
def test_what_a_superuser_does_to_the_guards_is_named(
    furnished: Any, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Promise 4: whatever of tables, triggers, functions, grants, rules, policies or roles differs."""
    monkeypatch.setattr(catalogue, "_PAUSE_SECONDS", 0)
    statements, says = HOLLOWED[name]
    roles = {role: f"{furnished.name}_{role}" for role in ("owner", *ROLES)}
    with furnished.connect() as connection:
        assert changed_guards(connection, BUILT) == []
        with connection.transaction(force_rollback=True):
            for statement in statements:
                connection.execute(re.sub(r"\{(\w+)\}", lambda found: roles[found[1]], statement))  # type: ignore[arg-type]
            found = changed_guards(connection, BUILT)
    assert any(re.search(says, each) for each in found), found


def test_tables_that_are_being_remade_are_no_alarm(furnished: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A projector that starts, or a rebuild, beside whoever looks: what differs at one look and not at the next."""
    looks: list[Any] = [{}, {"ledger": ["half"]}]  # the last first
    looked = described
    monkeypatch.setattr(catalogue, "_PAUSE_SECONDS", 0)
    monkeypatch.setattr(catalogue, "described", lambda connection: looks.pop() if looks else looked(connection))
    with psycopg.connect(furnished.access.of("sealer"), autocommit=True) as connection:
        assert changed_guards(connection, BUILT) == []
    assert looks == []


def test_tables_of_another_version_of_the_program_are_no_alarm(furnished: Any) -> None:
    """At the start after an upgrade they are there until the projector has replaced them."""
    with furnished.connect() as connection, connection.transaction(force_rollback=True):
        connection.execute("ALTER TABLE shelf.office_bodies DROP COLUMN readers")
        connection.execute("CREATE TABLE shelf.office_bodies_new (a int)")
        connection.execute("ALTER TABLE shelf.office_bodies OWNER TO CURRENT_USER")
        assert changed_guards(connection) == []


def test_whoever_is_shown_another_ledger_than_is_sealed_is_named(database: Any, run: Any) -> None:
    """Whatever the catalogue says: the writer decides on what it is shown, so the entries themselves are compared."""
    fill(database, run)
    fill(database, run)
    assert read_unlike(database.access) == []
    with database.connect() as connection:
        connection.execute("ALTER TABLE ledger.entries ENABLE ROW LEVEL SECURITY")
        for role, which in (("sealer", "true"), ("projector", "true"), ("writer", "position <> 1")):
            connection.execute(
                f"CREATE POLICY {role} ON ledger.entries FOR SELECT TO {database.name}_{role} USING ({which})"
            )
    assert [each.partition("the ledger that ")[2] for each in read_unlike(database.access)] == [
        "writer is shown is not the one that is sealed"
    ]
    with pytest.raises(DatabaseError, match=r"ledger\.entries.*policy projector"):
        refuse_changed_guards(database.access, "projector")
    with database.connect() as connection:
        connection.execute(f"REVOKE SELECT ON ledger.entries FROM {database.name}_projector")
    assert len(read_unlike(database.access)) == 2


def test_passwords_stand_in_one_file_only(database: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Conventions: the server gets verifiers, made here; its own log and tables never see a password."""
    said: list[str] = []
    execute = psycopg.Connection.execute

    def listened(connection: Any, query: Any, *more: Any, **options: Any) -> Any:
        said.append(query.as_string(connection) if isinstance(query, sql.Composable) else str(query))
        return execute(connection, query, *more, **options)

    with monkeypatch.context() as listening:
        listening.setattr(psycopg.Connection, "execute", listened)
        prepare(database.admin, database.home)
    spoken = "\n".join(said)
    assert spoken.count("LOGIN PASSWORD") == len(ROLES)
    assert not any(password in spoken for password in database.access.passwords.values())
    verifiers = database.ask("SELECT rolpassword FROM pg_authid WHERE rolname LIKE %s", f"{database.name}%")
    stored = json.dumps(verifiers)
    assert stored.count("SCRAM-SHA-256$") == len(ROLES)
    assert not any(password in stored for password in database.access.passwords.values())
