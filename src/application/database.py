"""The database made ready: server checked, roles and schemas made, migrations run (ADR 4, ADR 7)."""

import hashlib
import json
import re
import secrets
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal, NamedTuple

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from application.files import write_private
from application.seals import store_file

Role = Literal["writer", "projector", "reader", "sealer"]
ROLES: tuple[Role, ...] = ("writer", "projector", "reader", "sealer")

_DURABILITY = ("fsync", "full_page_writes", "synchronous_commit")


class DatabaseError(Exception):
    """The database cannot be used; the message says why and what to do."""


class Access(NamedTuple):
    """How each role connects. No role owns anything in the ledger; the owner does not sign in."""

    conninfo: dict[str, Any]
    passwords: dict[str, str]
    embedded: bool = False
    """Whether the server is this home's own: what is for development only asks this, not the environment."""

    def of(self, role: Role) -> str:
        """The connection string of a role."""
        user = f"{self.conninfo['dbname']}_{role}"
        return make_conninfo(**{**self.conninfo, "user": user, "password": self.passwords[role]})


def access_file(home: Path) -> Path:
    """Where roles and passwords stand, readable by the owner only."""
    return home / "database.json"


def load_access(home: Path) -> Access:
    """The access that `prepare` wrote. Raises DatabaseError where it did not."""
    path = access_file(home)
    try:
        raw = json.loads(path.read_text())
        return Access(raw["conninfo"], raw["passwords"], bool(raw.get("embedded")))
    except FileNotFoundError:
        raise DatabaseError(
            f"尚未初始化：请先运行 xuncha init · not initialised, run xuncha init first: {path}"
        ) from None
    except (OSError, ValueError, KeyError) as e:
        raise DatabaseError(f"无法读取 · cannot be read: {path}: {type(e).__name__}") from e


def prepare(admin: str, home: Path, say: Callable[[str], None] = lambda _: None, *, embedded: bool = False) -> Access:
    """Check the server, make roles and schemas where they are missing, run the migrations, write the access file.

    `admin` is a connection string whose user may create roles and schemas. Raises DatabaseError.
    """
    try:
        _check_readable(admin)
        with psycopg.connect(admin, autocommit=True, connect_timeout=10) as connection:
            check_server(connection)
            # Two who start at once: the second waits, and finds everything made.
            connection.execute("SELECT pg_advisory_lock(hashtext('xuncha prepare'))")
            conninfo = _where(connection, admin)
            name = conninfo["dbname"]
            _refuse_a_ledger_without_keys(connection, home)
            passwords = _passwords(home, conninfo)
            made = _make_roles(connection, name, passwords)
            access = Access(conninfo, passwords, embedded)
            _write_access(home, access)
            _make_schemas(connection, name)
            ran = _migrate(connection, name)
            # As those who will work here: that their sign-in works, and that nothing was set aside for them alone.
            for role in ROLES:
                with psycopg.connect(access.of(role), autocommit=True, connect_timeout=10) as theirs:
                    if role == "writer":
                        check_server(theirs)
            if made or ran:
                say(f"数据库就绪 · database ready: {name}（{len(ran)} 项迁移 · {len(ran)} migration(s)）")
            return access
    except psycopg.OperationalError as e:
        named = "" if embedded else "DATABASE_URL："
        raise DatabaseError(f"{named}无法连接数据库 · cannot connect to the database: {_first_line(e)}") from e
    except psycopg.errors.InsufficientPrivilege as e:
        raise DatabaseError(
            "DATABASE_URL 的用户须有建角色、建模式之权 · the user of DATABASE_URL must be allowed to create roles "
            f"and schemas: {_first_line(e)}"
        ) from e
    except psycopg.Error as e:
        raise DatabaseError(f"数据库准备失败 · the database could not be prepared: {_first_line(e)}") from e


def _check_readable(admin: str) -> None:
    """Raises DatabaseError where the address cannot be taken apart; says nothing of what is in it."""
    try:
        host = conninfo_to_dict(admin).get("host") or ""
    except psycopg.ProgrammingError:
        raise DatabaseError("DATABASE_URL：数据库连接串无法解析 · the database address cannot be read") from None
    if "@" in str(host) and not str(host).startswith(("/", "@")):
        # The rest of a password that has an @ in it would be shown as the name of an unknown host.
        raise DatabaseError(
            "DATABASE_URL：数据库连接串中的密码含有特殊字符，须以 %40 等形式书写 · the password in the database "
            "address has special characters: write @ as %40, / as %2F, : as %3A"
        )


def check_server(connection: psycopg.Connection[Any]) -> None:
    """Refuse a server that would lose what it acknowledged. Raises DatabaseError naming the setting."""
    for setting in _DURABILITY:
        row = connection.execute("SELECT current_setting(%s)", (setting,)).fetchone()
        if row is None or row[0] == "off":
            raise DatabaseError(
                f"服务器 {setting}=off，可能丢失已确认的记录：请改为 on · the server runs with {setting}=off and could "
                "lose what it acknowledged: set it to on"
            )
    if connection.info.server_version < 150000:
        raise DatabaseError("需要 PostgreSQL 15 或更高版本 · PostgreSQL 15 or later is needed")


def _refuse_a_ledger_without_keys(connection: psycopg.Connection[Any], home: Path) -> None:
    """Before anything is changed: a home that lost its keys must not take a living ledger's roles over."""
    row = connection.execute("SELECT to_regclass('ledger.entries') IS NOT NULL").fetchone()
    if not (row and row[0]) or store_file(home / "keys").exists():
        return
    if connection.execute("SELECT 1 FROM ledger.entries LIMIT 1").fetchone():
        raise DatabaseError(
            "此数据库中已有账本，而 XUNCHA_HOME 没有它的密钥库：请先恢复 XUNCHA_HOME 的备份，未作任何改动 · "
            "this database holds a ledger and XUNCHA_HOME has no keys for it: restore its backup first; "
            f"nothing was changed: {home}"
        )


def _where(connection: psycopg.Connection[Any], admin: str) -> dict[str, Any]:
    given = {k: v for k, v in conninfo_to_dict(admin).items() if k not in ("user", "password")}
    info = connection.info
    return {**given, "host": info.host, "port": info.port, "dbname": info.dbname}


def _passwords(home: Path, conninfo: dict[str, Any]) -> dict[str, str]:
    """Those written before for the same database, else new ones."""
    try:
        known = load_access(home)
    except DatabaseError:
        known = None
    kept = known.passwords if known is not None and known.conninfo["dbname"] == conninfo["dbname"] else {}
    return {role: kept.get(role) or secrets.token_urlsafe(24) for role in ROLES}


def _write_access(home: Path, access: Access) -> None:
    path = access_file(home)
    text = json.dumps(access._asdict())
    if path.exists() and path.read_text() == text:
        return
    write_private(path, text)


def _make_roles(connection: psycopg.Connection[Any], name: str, passwords: dict[str, str]) -> bool:
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,50}", name):
        raise DatabaseError(
            "DATABASE_URL：数据库名只能用小写字母、数字和下划线 · name the database in lower-case letters, digits "
            f"and _: {name}"
        )
    wanted = {"owner": None, **passwords}
    known = {
        row[0]
        for row in connection.execute(
            "SELECT rolname FROM pg_roles WHERE rolname = ANY(%s)", ([f"{name}_{r}" for r in wanted],)
        )
    }
    # Passwords are sent as SCRAM verifiers, made here, so that they stand in no log and no statement.
    for role, password in wanted.items():
        user = f"{name}_{role}"
        if user not in known:
            connection.execute(sql.SQL("CREATE ROLE {} NOLOGIN NOSUPERUSER NOINHERIT").format(sql.Identifier(user)))
        if password is not None:
            verifier = connection.pgconn.encrypt_password(password.encode(), user.encode(), b"scram-sha-256")
            connection.execute(
                sql.SQL("ALTER ROLE {} LOGIN PASSWORD {}").format(sql.Identifier(user), sql.Literal(verifier.decode()))
            )
    connection.execute(
        sql.SQL("GRANT {}, {} TO CURRENT_USER").format(
            sql.Identifier(f"{name}_owner"), sql.Identifier(f"{name}_projector")
        )
    )
    return len(known) < len(wanted)


def _make_schemas(connection: psycopg.Connection[Any], name: str) -> None:
    db = sql.Identifier(name)
    roles = {r: sql.Identifier(f"{name}_{r}") for r in ("owner", *ROLES)}
    owner, projector, reader = roles["owner"], roles["projector"], roles["reader"]
    for statement in (
        "REVOKE ALL ON DATABASE {db} FROM PUBLIC",
        "REVOKE ALL ON SCHEMA public FROM PUBLIC",
        "GRANT CONNECT ON DATABASE {db} TO {writer}, {projector}, {reader}, {sealer}",
        "CREATE SCHEMA IF NOT EXISTS ledger AUTHORIZATION {owner}",
        "CREATE SCHEMA IF NOT EXISTS shelf AUTHORIZATION {projector}",
    ):
        connection.execute(sql.SQL(statement).format(db=db, **roles))
    with connection.transaction():
        connection.execute(sql.SQL("SET LOCAL ROLE {}").format(owner))
        connection.execute(
            sql.SQL("GRANT USAGE ON SCHEMA ledger TO {writer}, {projector}, {reader}, {sealer}").format(**roles)
        )
    with connection.transaction():
        connection.execute(sql.SQL("SET LOCAL ROLE {}").format(projector))
        connection.execute(sql.SQL("GRANT USAGE ON SCHEMA shelf TO {}").format(reader))
        connection.execute(
            sql.SQL("ALTER DEFAULT PRIVILEGES IN SCHEMA shelf GRANT SELECT ON TABLES TO {}").format(reader)
        )


def migrations() -> list[tuple[int, str, str]]:
    """Every migration: number, name, text; in order."""
    folder = files("application") / "migrations"
    found = sorted(f.name for f in folder.iterdir() if f.name.endswith(".sql"))
    return [(int(n[:4]), n, (folder / n).read_text(encoding="utf-8")) for n in found]


def _migrate(connection: psycopg.Connection[Any], name: str) -> list[str]:
    """Run what has not been run, all or nothing. Raises DatabaseError on a changed one, or on one of the future."""
    ran = []
    roles = {r: sql.Identifier(f"{name}_{r}") for r in ROLES}
    with connection.transaction():
        connection.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(f"{name}_owner")))
        row = connection.execute("SELECT to_regclass('ledger.migrations') IS NOT NULL").fetchone()
        known: dict[int, str] = {}
        if row and row[0]:
            known = dict(connection.execute("SELECT number, sha256 FROM ledger.migrations").fetchall())
        for number, filename, text in migrations():
            digest = hashlib.sha256(text.encode()).hexdigest()
            if number in known:
                if known[number] != digest:
                    raise DatabaseError(
                        f"迁移 {filename} 与已执行的不同 · migration {filename} differs from the one that was run"
                    )
                continue
            connection.execute(sql.SQL(text).format(**roles))
            connection.execute(
                "INSERT INTO ledger.migrations (number, name, sha256) VALUES (%s, %s, %s)",
                (number, filename, digest),
            )
            ran.append(filename)
        newer = set(known) - {number for number, _, _ in migrations()}
        if newer:
            raise DatabaseError(
                f"数据库比本软件新（迁移 {max(newer)}）· the database is newer than this software: it has migration "
                f"{max(newer)}"
            )
    return ran


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
