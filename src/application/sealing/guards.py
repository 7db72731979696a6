"""The database's own guards, held against the migrations that made them."""

from hashlib import sha256
from typing import Any

import psycopg

from application.database import migrations

_GUARDS = {
    "entries": ("append_only", "order_checked", "ordering_lock"),
    "checkpoints": ("append_only",),
    "migrations": ("append_only",),
}


def guards_down(connection: psycopg.Connection[Any]) -> str | None:
    """What the database's own guards lack: one that was taken away, switched off or hollowed out is itself evidence."""
    found = connection.execute(
        "SELECT c.relname, t.tgname FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid"
        " JOIN pg_namespace AS n ON n.oid = c.relnamespace"
        " WHERE n.nspname = 'ledger' AND NOT t.tgisinternal AND t.tgenabled = 'A'"
    ).fetchall()
    for table, names in _GUARDS.items():
        for name in names:
            if (table, name) not in found:
                return (
                    f"触发器 {name} 不在或已停用：ledger.{table} · a trigger is gone or switched off: {name} on "
                    f"ledger.{table}"
                )
    run = [(number, name, sha256(text.encode()).hexdigest()) for number, name, text in migrations()]
    stands = connection.execute("SELECT number, name, sha256 FROM ledger.migrations ORDER BY number").fetchall()
    if stands != run:
        return "迁移记录与本软件不符 · the record of migrations is not this software's"
    written = "".join(text for _, _, text in migrations())
    for name, source in connection.execute(
        "SELECT p.proname, p.prosrc FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace"
        " WHERE n.nspname = 'ledger'"
    ):
        if source not in written:
            return f"函数 {name} 被改动 · a function of the ledger was changed: {name}"
    return None
