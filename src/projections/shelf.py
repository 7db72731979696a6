"""The only reader engine: facts to rows, in order, with history; rows and position commit together (ADR 6).

A view is four plain things: a name, a row, a key and an evolve. It calls no other view, no ledger, no clock: drop
its tables, replay, and the rows are the same. What is sealed stays sealed in the rows; the shelf has no keys.
"""

import hashlib
import json
import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple

import psycopg
from eventsourcing.persistence import IntegrityError, Tracking
from eventsourcing.postgres import PostgresDatastore, PostgresTrackingRecorder
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import DictRow
from psycopg.sql import SQL, Composed, Identifier
from psycopg.types.json import Jsonb

from domain.facts import decode
from domain.kernel import Entry
from projections.rows import Row

log = logging.getLogger("xuncha.shelf")

CHANNEL = "ledger"
BATCH = 500
_POLL_SECONDS = 0.5
_LEADER_LOCK = 7239015802732
_ENGINE = 1  # part of every view's fingerprint: raise it when what the engine stores changes

ENTRY_COLUMNS = "position, stream, version, kind, recorded_at, command, ordinal, body"


@dataclass(frozen=True)
class View:
    """How facts become the rows of one audience's one list.

    `key` names the row an entry is about, or None; `evolve` gives the new row, or None to delete it. `version` is
    raised when `evolve` changes its meaning: the view is then rebuilt at the next start.
    """

    name: str
    row: type[Row]
    key: Callable[[Entry[Any]], str | None]
    evolve: Callable[[Any, Entry[Any]], Row | None]
    filters: tuple[str, ...] = ()
    version: int = 1

    @property
    def fingerprint(self) -> str:
        """What the stored rows depend on, so that a changed view is noticed."""
        schema = json.dumps(self.row.model_json_schema(), sort_keys=True)
        return hashlib.sha256(f"{_ENGINE}|{self.version}|{schema}".encode()).hexdigest()


class Gap(Exception):
    """The ledger showed a position with one missing before it. Nothing was applied."""


class Change(NamedTuple):
    """A row as it is from a position on; None where it was deleted."""

    id: str
    position: int
    row: Row | None


class Shelf:
    """Keeps a set of views at the ledger's head. One thread; several processes may try, one leads."""

    def __init__(self, conninfo: str, views: Sequence[View]) -> None:
        self.views = tuple(views)
        self._conninfo = conninfo
        given = {k: str(v) for k, v in conninfo_to_dict(conninfo).items() if v is not None}
        self._datastore = PostgresDatastore(
            dbname=given["dbname"],
            host=given["host"],
            port=given.get("port", "5432"),
            user=given["user"],
            password=given["password"],
            schema="shelf",
            pool_size=1,
            max_overflow=2,
            pre_ping=True,
        )
        self._tracking = PostgresTrackingRecorder(self._datastore, tracking_table_name="positions")

    def close(self) -> None:
        self._datastore.close()

    # --- tables ----------------------------------------------------------------------------------------------

    def prepare(self) -> list[str]:
        """Make what is missing; drop and remake views whose shape or meaning changed. Returns their names."""
        self._tracking.create_table()
        with self._transaction() as connection:
            connection.execute(
                "CREATE TABLE IF NOT EXISTS shelf.views (name text PRIMARY KEY, fingerprint text NOT NULL)"
            )
            rows = connection.execute("SELECT name, fingerprint FROM shelf.views").fetchall()
        known = {row["name"]: row["fingerprint"] for row in rows}
        changed = [v for v in self.views if known.get(v.name) != v.fingerprint]
        self.drop(changed)
        gone = set(known) - {v.name for v in self.views}
        with self._transaction() as connection:
            for name in gone:
                _drop_tables(connection, name)
        return [v.name for v in changed]

    def drop(self, views: Iterable[View]) -> None:
        """Forget these views: empty tables, position 0. The next run fills them from the first entry."""
        with self._transaction() as connection:
            for view in views:
                _drop_tables(connection, view.name)
                for statement in _CREATE:
                    connection.execute(_named(statement, view.name))
                connection.execute("INSERT INTO shelf.views VALUES (%s, %s)", (view.name, view.fingerprint))

    def positions(self) -> dict[str, int]:
        """The last position each view has taken in; 0 for none."""
        return {v.name: self._tracking.max_tracking_id(v.name) or 0 for v in self.views}

    # --- following the ledger --------------------------------------------------------------------------------

    def catch_up(self) -> int:
        """Take in everything the ledger has now; returns how many entries were read. Raises what a view raised."""
        total = 0
        while (read := self.step()) > 0:
            total += read
        return total

    def step(self) -> int:
        """Take in one batch for the views furthest behind; returns how many entries were read."""
        positions = self.positions()
        if not positions:
            return 0
        start = min(positions.values())
        entries = self._read(start)
        if not entries:
            return 0
        # Views further on join when the others reach them.
        end = min([p for p in positions.values() if p > start], default=entries[-1].position)
        entries = [e for e in entries if e.position <= end]
        self._apply([v for v in self.views if positions[v.name] == start], entries)
        return len(entries)

    def _read(self, after: int) -> list[Entry[Any]]:
        with self._datastore.get_connection() as connection:
            rows = connection.execute(
                f"SELECT {ENTRY_COLUMNS} FROM ledger.entries WHERE position > %s ORDER BY position LIMIT %s",
                (after, BATCH),
                prepare=True,
            ).fetchall()
        for expected, row in enumerate(rows, start=after + 1):
            if row["position"] != expected:
                raise Gap(f"position {expected} is missing before {row['position']}")
        return [decode(**{**row, "body": bytes(row["body"])}) for row in rows]

    def _apply(self, views: Sequence[View], entries: Sequence[Entry[Any]]) -> None:
        """All views in one transaction; where one fails, each in its own, so that it stops only itself."""
        try:
            with self._transaction() as connection:
                for view in views:
                    self._take_in(connection, view, entries)
            return
        except (psycopg.OperationalError, psycopg.InterfaceError, IntegrityError):
            raise
        except Exception as e:
            if len(views) == 1:
                raise
            log.error("a view failed (%s); applying each alone", type(e).__name__)
        failed: Exception | None = None
        for view in views:
            try:
                with self._transaction() as connection:
                    self._take_in(connection, view, entries)
            except Exception as e:
                log.error(
                    "view %s cannot take in positions from %d: %s",
                    view.name,
                    entries[0].position,
                    type(e).__name__,
                )
                failed = e
        if failed:
            raise failed

    def _take_in(self, connection: psycopg.Connection[DictRow], view: View, entries: Sequence[Entry[Any]]) -> None:
        keyed = [(key, e) for e in entries if (key := view.key(e)) is not None]
        if keyed:
            current = self._current(connection, view, {key for key, _ in keyed})
            _store(connection, view, list(_changes(view, current, keyed)))
        with connection.cursor() as cursor:
            # Raises IntegrityError where another process has been here: its rows stand, ours roll back.
            self._tracking._insert_tracking(cursor, Tracking(view.name, entries[-1].position))

    @staticmethod
    def _current(connection: psycopg.Connection[DictRow], view: View, keys: set[str]) -> dict[str, Row | None]:
        found = connection.execute(
            _named("SELECT id, row FROM shelf.{table} WHERE id = ANY(%s)", view.name), (list(keys),)
        ).fetchall()
        return {r["id"]: view.row.model_validate(r["row"]) for r in found}

    @contextmanager
    def _transaction(self) -> Iterator[psycopg.Connection[DictRow]]:
        with self._datastore.get_connection() as connection, connection.transaction():
            # A lost commit of the shelf loses rows and position together: it is only work to do again.
            connection.execute("SET LOCAL synchronous_commit = off")
            yield connection

    # --- the process -----------------------------------------------------------------------------------------

    def run(self, stop: threading.Event, on_ready: Callable[[], None] = lambda: None) -> None:
        """Follow the ledger until told to stop: woken by NOTIFY, and by the clock where a notice was lost.

        A view that fails is tried again, with a growing pause; so is a lost connection.
        """
        pause = _POLL_SECONDS
        while not stop.is_set():
            try:
                with psycopg.connect(self._conninfo, autocommit=True, application_name="xuncha-shelf") as listener:
                    if not self._lead(listener, stop):
                        return
                    listener.execute(f"LISTEN {CHANNEL}")
                    on_ready()
                    while not stop.is_set():
                        self.catch_up()
                        pause = _POLL_SECONDS
                        for _ in listener.notifies(timeout=_POLL_SECONDS, stop_after=1):
                            pass
            except Exception as e:
                log.error("the shelf stopped (%s); trying again in %.1f s", type(e).__name__, pause)
                stop.wait(pause)
                pause = min(pause * 2, 10.0)

    @staticmethod
    def _lead(listener: psycopg.Connection[Any], stop: threading.Event) -> bool:
        """Wait until no other process leads; False when told to stop meanwhile."""
        while not stop.is_set():
            row = listener.execute("SELECT pg_try_advisory_lock(%s)", (_LEADER_LOCK,)).fetchone()
            if row and row[0]:
                return True
            time.sleep(_POLL_SECONDS)
        return False


_CREATE = (
    "CREATE TABLE shelf.{table} (id text PRIMARY KEY, ord text NOT NULL, readers text[] NOT NULL,"
    " withheld_from text[] NOT NULL, row jsonb NOT NULL, position bigint NOT NULL)",
    "CREATE INDEX ON shelf.{table} USING gin (readers)",
    "CREATE INDEX ON shelf.{table} (ord, id)",
    "CREATE TABLE shelf.{history} (id text NOT NULL, from_position bigint NOT NULL, until_position bigint,"
    " ord text, readers text[], withheld_from text[], row jsonb, PRIMARY KEY (id, from_position))",
    "CREATE INDEX ON shelf.{history} (id) WHERE until_position IS NULL",
)


def _named(statement: str, view: str) -> Composed:
    return SQL(statement).format(table=Identifier(view), history=Identifier(f"{view}_history"))


def _drop_tables(connection: psycopg.Connection[DictRow], name: str) -> None:
    connection.execute(_named("DROP TABLE IF EXISTS shelf.{table}, shelf.{history}", name))
    connection.execute("DELETE FROM shelf.positions WHERE application_name = %s", (name,))
    connection.execute("DELETE FROM shelf.views WHERE name = %s", (name,))


def _changes(view: View, current: dict[str, Row | None], keyed: Sequence[tuple[str, Entry[Any]]]) -> Iterator[Change]:
    """Every change of a row, entry by entry: the same however the entries were batched."""
    for key, entry in keyed:
        before = current.get(key)
        after = view.evolve(before, entry)
        if after is not None and after.id != key:
            raise ValueError(f"{view.name}: the row's id is not its key")
        if after != before:
            current[key] = after
            yield Change(key, entry.position, after)


def _store(connection: psycopg.Connection[DictRow], view: View, changes: list[Change]) -> None:
    if not changes:
        return
    following: dict[str, int] = {}
    history: list[tuple[Any, ...]] = []
    for change in reversed(changes):
        until = following.get(change.id)
        history.append((change.id, change.position, until, *_columns(change.row)))
        following[change.id] = change.position
    last = {change.id: change for change in changes}
    with connection.cursor() as cursor:
        cursor.executemany(
            _named(
                "UPDATE shelf.{history} SET until_position = %s WHERE id = %s AND until_position IS NULL",
                view.name,
            ),
            [(position, key) for key, position in following.items()],
        )
        cursor.executemany(
            _named("INSERT INTO shelf.{history} VALUES (%s, %s, %s, %s, %s, %s, %s)", view.name), history
        )
        gone = [key for key, change in last.items() if change.row is None]
        if gone:
            cursor.execute(_named("DELETE FROM shelf.{table} WHERE id = ANY(%s)", view.name), (gone,))
        cursor.executemany(
            _named(
                "INSERT INTO shelf.{table} (id, ord, readers, withheld_from, row, position)"
                " VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT (id) DO UPDATE SET ord = excluded.ord,"
                " readers = excluded.readers, withheld_from = excluded.withheld_from, row = excluded.row,"
                " position = excluded.position",
                view.name,
            ),
            [(key, *_columns(c.row), c.position) for key, c in last.items() if c.row is not None],
        )


def _columns(row: Row | None) -> tuple[Any, ...]:
    if row is None:
        return (None, None, None, None)
    return (row.order, list(row.readers), list(row.withheld_from), Jsonb(row.model_dump(mode="json")))


def digest(connection: psycopg.Connection[Any], view: str) -> str:
    """SHA-256 over a view's rows and their history, in order: equal for equal rows, however they came about."""
    digester = hashlib.sha256()
    for statement in (
        "SELECT id, ord, readers, withheld_from, row::text, position FROM shelf.{table} ORDER BY id",
        "SELECT id, from_position, until_position, ord, readers, withheld_from, row::text FROM shelf.{history}"
        " ORDER BY id, from_position",
    ):
        for row in connection.execute(_named(statement, view)):
            values = row.values() if isinstance(row, dict) else row
            digester.update(json.dumps(list(values), ensure_ascii=False).encode())
    return digester.hexdigest()
