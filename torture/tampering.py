"""Tampering by a superuser, table by table, each on a copy of the tormented ledger: seen and named, or it is a loss.

Every table of the catalogue is tried, the views' among them, so that a new one is never forgotten.
"""

import psycopg
from psycopg import sql

from api.keeping import database
from application.database import ROLES, load_access
from torture import checks
from torture.house import House, Lost

_ENTRIES = {
    "a byte": "UPDATE ledger.entries SET body = overlay(body PLACING '\\x58'::bytea FROM 40) WHERE position = {mid}",
    "a time": "UPDATE ledger.entries SET recorded_at = recorded_at + interval '1 microsecond' WHERE position = {mid}",
    "a kind": "UPDATE ledger.entries SET kind = kind || 'x' WHERE position = {mid}",
    "an entry deleted": "DELETE FROM ledger.entries WHERE position = {mid}",
    "an entry inserted": "INSERT INTO ledger.entries SELECT {head} + 1, stream || 'x', 1, kind, clock_timestamp(),"
    " gen_random_uuid(), 0, body, writer, signature FROM ledger.entries WHERE position = {head}",
    "two swapped": "UPDATE ledger.entries SET position = position + {head} WHERE position IN ({mid}, {mid} + 1);"
    " UPDATE ledger.entries SET position = 2 * {mid} + 1 + {head} - position WHERE position > {head}",
    "the tail cut off": "DELETE FROM ledger.entries WHERE position > {mid};"
    " DELETE FROM ledger.checkpoints WHERE size > {mid}",
    "emptied": "TRUNCATE ledger.entries",
}
_CHECKPOINTS = {
    "a byte": "UPDATE ledger.checkpoints SET note = overlay(note PLACING CASE substr(note, length(note) - 20, 1)"
    " WHEN 'X' THEN 'Y' ELSE 'X' END FROM length(note) - 20)",
    "one deleted": "DELETE FROM ledger.checkpoints WHERE size = (SELECT min(size) FROM ledger.checkpoints)",
    "emptied": "TRUNCATE ledger.checkpoints",
}
_MIGRATIONS = {
    "a byte": "UPDATE ledger.migrations SET sha256 = 'x' || substr(sha256, 2)",
    "one deleted": "DELETE FROM ledger.migrations WHERE number = 1",
}
LEDGER = {"entries": _ENTRIES, "checkpoints": _CHECKPOINTS, "migrations": _MIGRATIONS}


def tried(house: House) -> int:
    """How many edits were tried, all of them seen. The house rests meanwhile. Raises Lost for one that was not."""
    with database(house.settings):
        tables = house.ask("SELECT schemaname, tablename FROM pg_tables WHERE schemaname IN ('ledger', 'shelf')")
        if lacking := {name for schema, name in tables if schema == "ledger"} - LEDGER.keys():
            raise Lost(f"no tampering is known for {', '.join(sorted(lacking))}")
        if fault := checks.verified(house).fault:
            raise Lost(f"a false alarm before anything was touched: {fault.says}")
        (head,) = house.ask("SELECT max(position) FROM ledger.entries")[0]
        edits = [(table, name, edit) for table, known in LEDGER.items() for name, edit in known.items()]
        for table, name, edit in edits:
            _edited(house, table, name, edit.format(mid=head // 2, head=head))
        return len(edits) + _views(house)


def _edited(house: House, table: str, name: str, edit: str) -> None:
    """One edit on a copy, by somebody who knows of the triggers and puts them back."""
    copy = "xuncha_tampered"
    _copy(house, copy)
    with psycopg.connect(house.superuser(copy), autocommit=True) as connection:
        if checks.verified(house, copy).fault:
            raise Lost("a false alarm about an untouched copy")
        before = connection.execute(_COUNT).fetchall()
        guards = connection.execute(_GUARDS).fetchall()
        for where, trigger in guards:
            connection.execute(_alter("DISABLE TRIGGER", where, trigger))
        changed = 0
        for statement in edit.split(";"):
            changed += max(0, connection.execute(statement).rowcount)
        for where, trigger in guards:
            connection.execute(_alter("ENABLE ALWAYS TRIGGER", where, trigger))
        if not changed and connection.execute(_COUNT).fetchall() == before:
            raise Lost(f"the edit changed nothing: {table}, {name}")
    if checks.verified(house, copy).fault is None:
        raise Lost(f"not seen: {table}, {name}")


_GUARDS = (
    "SELECT c.relname, t.tgname FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid"
    " JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE n.nspname = 'ledger' AND NOT t.tgisinternal"
)
_COUNT = (
    "SELECT (SELECT count(*) FROM ledger.entries), (SELECT count(*) FROM ledger.checkpoints),"
    " (SELECT count(*) FROM ledger.migrations)"
)


def _alter(how: str, table: str, trigger: str) -> sql.Composed:
    return sql.SQL("ALTER TABLE ledger.{} {} {}").format(sql.Identifier(table), sql.SQL(how), sql.Identifier(trigger))


def _copy(house: House, name: str) -> None:
    with psycopg.connect(house.superuser("postgres"), autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        source = sql.Identifier(str(load_access(house.home).conninfo["dbname"]))
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy").format(sql.Identifier(name), source)
        )
        # What was granted on the database itself does not go with the copy.
        connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(name)))
        for role in ROLES:
            connection.execute(
                sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(
                    sql.Identifier(name), sql.Identifier(f"{load_access(house.home).conninfo['dbname']}_{role}")
                )
            )


def _views(house: House) -> int:
    """A row changed in every view that has one: `xuncha check` says so. Put back afterwards."""
    count = 0
    views = house.ask("SELECT name FROM shelf.views ORDER BY name")
    for (view,) in views:
        with psycopg.connect(house.superuser(), autocommit=True) as connection:
            table = sql.Identifier("shelf", view)
            row = connection.execute(sql.SQL("SELECT id, ord FROM {} ORDER BY id LIMIT 1").format(table)).fetchone()
            if row is None:
                continue
            connection.execute(sql.SQL("UPDATE {} SET ord = ord || 'x' WHERE id = %s").format(table), (row[0],))
            try:
                checks.check(house)
            except Lost:
                count += 1
            else:
                raise Lost(f"not seen: a row of {view}")
            finally:
                connection.execute(sql.SQL("UPDATE {} SET ord = %s WHERE id = %s").format(table), (row[1], row[0]))
    checks.check(house)
    return count
