"""One view's tables: its rows, and their history by position."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import psycopg
from psycopg.sql import SQL, Composed, Identifier

from domain.kernel import Entry
from projections.rows import Row
from projections.views import View

BESIDE = "_new"
"""What the name of tables ends with that are built beside the live ones."""


class Change(NamedTuple):
    """A row as it is from a position on; None where it was deleted."""

    id: str
    position: int
    row: Row | None


_CREATE = (
    "CREATE TABLE shelf.{table} (id text PRIMARY KEY, ord text NOT NULL, readers text[] NOT NULL,"
    " withheld_from text[] NOT NULL, row jsonb NOT NULL, position bigint NOT NULL)",
    "CREATE INDEX ON shelf.{table} USING gin (readers)",
    "CREATE INDEX ON shelf.{table} (ord, id)",
    "CREATE TABLE shelf.{history} (id text NOT NULL, from_position bigint NOT NULL, until_position bigint,"
    " ord text, readers text[], withheld_from text[], row jsonb, PRIMARY KEY (id, from_position))",
    "CREATE INDEX ON shelf.{history} (id) WHERE until_position IS NULL",
    # For lists as of a position: their order, and then what holds there, decided in the index without a look at rows.
    "CREATE INDEX ON shelf.{history} (ord, id, from_position, (coalesce(until_position, 9223372036854775807)))"
    " WHERE row IS NOT NULL",
    "CREATE INDEX ON shelf.{history} USING gin (readers)",
)
# The same for each field that may be filtered: else all that held then is read to find the few that are asked for. The
# rows as they are now have no such index: each change would be written to all of theirs, and not to the row alone.
_CREATE_FILTER = (
    "CREATE INDEX ON shelf.{history}"
    " ((row->>{field}), ord, id, from_position, (coalesce(until_position, 9223372036854775807))) WHERE row IS NOT NULL"
)


def named(statement: str, view: str, **more: str) -> Composed:
    return SQL(statement).format(table=Identifier(view), history=Identifier(f"{view}_history"), **more)


def make(connection: psycopg.Connection[Any], view: View) -> None:
    """Empty tables."""
    for statement in _CREATE:
        connection.execute(named(statement, view.name))
    for field in view.filters:
        connection.execute(named(_CREATE_FILTER, view.name, field=field))


def drop(connection: psycopg.Connection[Any], view: str) -> None:
    """Take a view's tables away, if there are any."""
    connection.execute(named("DROP TABLE IF EXISTS shelf.{table}, shelf.{history}", view))


def lock(connection: psycopg.Connection[Any], view: str) -> None:
    """Keep everybody out until the transaction ends."""
    connection.execute(named("LOCK TABLE shelf.{table}, shelf.{history} IN ACCESS EXCLUSIVE MODE", view))


def rename(connection: psycopg.Connection[Any], view: str, name: str) -> None:
    """Give a view's tables another name."""
    for old, new in ((view, name), (f"{view}_history", f"{name}_history")):
        connection.execute(SQL("ALTER TABLE shelf.{} RENAME TO {}").format(Identifier(old), Identifier(new)))


def fold(connection: psycopg.Connection[Any], view: View, keyed: Sequence[tuple[str, Entry[Any]]]) -> None:
    """Take these entries, in their order, into the rows they are about."""
    found = connection.execute(
        named("SELECT id, row FROM shelf.{table} WHERE id = ANY(%s)", view.name), (list({key for key, _ in keyed}),)
    ).fetchall()
    current: dict[str, Row | None] = {r["id"]: view.row.model_validate(r["row"]) for r in found}
    _store(connection, view, list(_changes(view, current, keyed)))


def _changes(view: View, current: dict[str, Row | None], keyed: Sequence[tuple[str, Entry[Any]]]) -> Iterator[Change]:
    """Every change of a row, entry by entry: the same however the entries were batched."""
    for key, entry in keyed:
        before = current.get(key)
        after = view.after(before, entry, key)
        if after is not None and after.id != key:
            raise ValueError(f"{view.name}: the row's id is not its key")
        if after != before:
            current[key] = after
            yield Change(key, entry.position, after)


def _store(connection: psycopg.Connection[Any], view: View, changes: list[Change]) -> None:
    """Rows and history of one view: a statement for each table, however many changes there are."""
    if not changes:
        return
    following: dict[str, int] = {}
    history: list[str] = []
    for change in reversed(changes):
        history.append(_record(change, "from_position", following.get(change.id)))
        following[change.id] = change.position
    last = {change.id: change for change in changes}
    gone = [key for key, change in last.items() if change.row is None]
    kept = [_record(change, "position") for change in last.values() if change.row is not None]
    with connection.pipeline():
        connection.execute(named(_END, view.name), (list(following), list(following.values())))
        connection.execute(named(_REMEMBER, view.name), (f"[{','.join(history)}]",))
        if gone:
            connection.execute(named("DELETE FROM shelf.{table} WHERE id = ANY(%s)", view.name), (gone,))
        if kept:
            connection.execute(named(_SHOW, view.name), (f"[{','.join(kept)}]",))


_END = (
    "UPDATE shelf.{history} AS h SET until_position = e.position"
    " FROM unnest(%s::text[], %s::bigint[]) AS e(id, position) WHERE h.id = e.id AND h.until_position IS NULL"
)
_REMEMBER = (
    "INSERT INTO shelf.{history} (id, from_position, until_position, ord, readers, withheld_from, row)"
    " SELECT id, from_position, until_position, ord, readers, withheld_from, row FROM jsonb_to_recordset(%s::jsonb)"
    " AS r(id text, from_position bigint, until_position bigint, ord text, readers text[], withheld_from text[],"
    " row jsonb)"
)
_SHOW = (
    "INSERT INTO shelf.{table} (id, ord, readers, withheld_from, row, position)"
    " SELECT id, ord, readers, withheld_from, row, position FROM jsonb_to_recordset(%s::jsonb)"
    " AS r(id text, position bigint, ord text, readers text[], withheld_from text[], row jsonb)"
    " ON CONFLICT (id) DO UPDATE SET ord = excluded.ord, readers = excluded.readers,"
    " withheld_from = excluded.withheld_from, row = excluded.row, position = excluded.position"
)


def _record(change: Change, position: str, until: int | None = None) -> str:
    """A change as one record of a JSON array; the row's JSON is put in as it is."""
    row = change.row
    known: dict[str, Any] = {"id": change.id, position: change.position}
    if until is not None:
        known["until_position"] = until
    if row is None:
        return json.dumps(known)
    known |= {"ord": row.order, "readers": row.readers, "withheld_from": row.withheld_from}
    return f'{json.dumps(known)[:-1]},"row":{row.model_dump_json()}}}'


def digest(connection: psycopg.Connection[Any], view: str) -> str:
    """SHA-256 over a view's rows and their history, in order: equal for equal rows, however they came about."""
    digester = hashlib.sha256()
    for statement in (
        "SELECT id, ord, readers, withheld_from, row::text, position FROM shelf.{table} ORDER BY id",
        "SELECT id, from_position, until_position, ord, readers, withheld_from, row::text FROM shelf.{history}"
        " ORDER BY id, from_position",
    ):
        for row in connection.execute(named(statement, view)):
            values = row.values() if isinstance(row, dict) else row
            digester.update(json.dumps(list(values), ensure_ascii=False).encode())
    return digester.hexdigest()
