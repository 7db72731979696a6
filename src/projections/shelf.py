"""The only reader engine: facts to rows, in order, with history; rows and position commit together (ADR 6).

A view is four plain things: a name, a row, a key and an evolve. It calls no other view, no ledger, no clock: drop
its tables, replay, and the rows are the same. What is sealed stays sealed in the rows; the shelf has no keys.
"""

import hashlib
import json
import logging
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import psycopg
from eventsourcing.persistence import IntegrityError, InterfaceError, OperationalError, Tracking
from eventsourcing.postgres import PostgresDatastore, PostgresTrackingRecorder
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import DictRow
from psycopg.sql import SQL, Composed, Identifier

from domain.facts import decode
from domain.kernel import Entry
from projections.rows import Row

log = logging.getLogger("xuncha.shelf")

CHANNEL = "ledger"
BATCH = 500
_POLL_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 10.0
_LEADER_LOCK = 7239015802732
_PREPARING_LOCK = 7239015802733
_ENGINE = 1  # part of every view's fingerprint: raise it when what the engine stores changes

ENTRY_COLUMNS = "position, stream, version, kind, recorded_at, command, ordinal, body"


@dataclass(frozen=True)
class View:
    """How facts become the rows of one audience's one list.

    `key` names the row an entry is about, or None; `evolve` gives the new row, or None to delete it. An entry may be
    about several rows: `key` then names them all, `many` is true, and `evolve` is called for each with its key.
    `version` is raised when `evolve` changes its meaning: the view is then rebuilt at the next start.
    """

    name: str
    row: type[Row]
    key: Callable[[Entry[Any]], str | tuple[str, ...] | None]
    evolve: Callable[..., Row | None]
    filters: tuple[str, ...] = ()
    version: int = 1
    many: bool = False

    def keys(self, entry: Entry[Any]) -> tuple[str, ...]:
        """The rows an entry is about."""
        found = self.key(entry)
        return (found,) if isinstance(found, str) else found or ()

    def after(self, row: Row | None, entry: Entry[Any], key: str) -> Row | None:
        """A row after an entry; None where it is, or stays, deleted."""
        return self.evolve(row, entry, key) if self.many else self.evolve(row, entry)

    @cached_property
    def fingerprint(self) -> str:
        """What the stored rows depend on, so that a changed view is noticed."""
        schema = json.dumps(self.row.model_json_schema(), sort_keys=True)
        return hashlib.sha256(f"{_ENGINE}|{self.version}|{schema}".encode()).hexdigest()


class Gap(Exception):
    """The ledger showed a position with one missing before it. Nothing was applied."""


class Overtaken(IntegrityError):
    """Another process has moved a view on meanwhile: its rows stand, ours are rolled back."""


@dataclass
class _Halted:
    """A view that could not take in what comes next: why, and when it is tried again."""

    error: Exception
    pause: float
    until: float


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
        self._datastore = _datastore(conninfo)
        self._tracking = PostgresTrackingRecorder(self._datastore, tracking_table_name="positions")
        self._halted: dict[str, _Halted] = {}

    def close(self) -> None:
        self._datastore.close()

    # --- tables ----------------------------------------------------------------------------------------------

    def prepare(self) -> list[str]:
        """Make what is missing; drop and remake views whose shape or meaning changed. Returns their names."""
        with self._transaction() as connection:
            # Two processes may start at once; the second waits here and finds everything made.
            connection.execute("SELECT pg_advisory_xact_lock(%s)", (_PREPARING_LOCK,))
            self._tracking.create_table()
            connection.execute(
                "CREATE TABLE IF NOT EXISTS shelf.views (name text PRIMARY KEY, fingerprint text NOT NULL)"
            )
            rows = connection.execute("SELECT name, fingerprint FROM shelf.views").fetchall()
            known = {row["name"]: row["fingerprint"] for row in rows}
            changed = [v for v in self.views if known.get(v.name) != v.fingerprint]
            for name in known.keys() - {v.name for v in self.views}:
                _drop_tables(connection, name)
            for view in changed:
                self._remake(connection, view)
        return [v.name for v in changed]

    def drop(self, views: Iterable[View]) -> None:
        """Forget these views: empty tables, position 0. The next run fills them from the first entry."""
        with self._transaction() as connection:
            for view in views:
                self._remake(connection, view)

    def _remake(self, connection: psycopg.Connection[DictRow], view: View) -> None:
        _drop_tables(connection, view.name)
        for statement in _CREATE:
            connection.execute(_named(statement, view.name))
        connection.execute("INSERT INTO shelf.views VALUES (%s, %s)", (view.name, view.fingerprint))
        with connection.cursor() as cursor:
            self._tracking._insert_tracking(cursor, Tracking(view.name, 0))

    def positions(self) -> dict[str, int]:
        """The last position each view has taken in; 0 for none."""
        with self._datastore.get_connection() as connection:
            found = connection.execute(_POSITIONS, ([v.name for v in self.views],), prepare=True).fetchall()
        return {v.name: 0 for v in self.views} | {row["application_name"]: row["notification_id"] for row in found}

    # --- following the ledger --------------------------------------------------------------------------------

    def catch_up(self) -> int:
        """Take in everything the ledger has now; returns how many entries were read.

        A view that fails stops only itself; what it raised is raised when the others are done.
        """
        self._halted.clear()
        total = self._advance(lambda: False)
        self._raise_first()
        return total

    def step(self) -> int:
        """Take in one batch for every view; returns how many entries were read. Raises what a view raised."""
        self._halted.clear()
        read = self._pass()
        self._raise_first()
        return read

    def halted(self) -> dict[str, Exception]:
        """The views that cannot go on, and why."""
        return {name: halted.error for name, halted in self._halted.items()}

    def _raise_first(self) -> None:
        for halted in self._halted.values():
            raise halted.error

    def _advance(self, stopping: Callable[[], bool]) -> int:
        total = 0
        while not stopping() and (read := self._pass()) > 0:
            total += read
        return total

    def _pass(self) -> int:
        """One batch for each group of views that stand at the same position; those behind join those ahead."""
        positions = self.positions()
        now = time.monotonic()
        groups: defaultdict[int, list[View]] = defaultdict(list)
        for view in self.views:
            halted = self._halted.get(view.name)
            if halted is None or halted.until <= now:
                groups[positions[view.name]].append(view)
        total = 0
        starts = sorted(groups)
        for start, further in zip(starts, [*starts[1:], None], strict=True):
            if entries := self._read(start, BATCH if further is None else min(BATCH, further - start)):
                self._apply(groups[start], start, entries)
                total += len(entries)
        return total

    def _read(self, after: int, limit: int) -> list[Entry[Any]]:
        with self._datastore.get_connection() as connection:
            rows = connection.execute(
                f"SELECT {ENTRY_COLUMNS} FROM ledger.entries WHERE position > %s ORDER BY position LIMIT %s",
                (after, limit),
                prepare=True,
            ).fetchall()
        for expected, row in enumerate(rows, start=after + 1):
            if row["position"] != expected:
                raise Gap(f"position {expected} is missing before {row['position']}")
        return [decode(**{**row, "body": bytes(row["body"])}) for row in rows]

    def _apply(self, views: Sequence[View], start: int, entries: Sequence[Entry[Any]]) -> None:
        """All views in one transaction; where one fails, each in its own, so that it stops only itself."""
        try:
            self._apply_together(views, start, entries)
        except (OperationalError, InterfaceError, Overtaken):
            raise
        except Exception as e:
            if len(views) == 1:
                self._halt(views[0], start, e)
                return
            log.error("a view failed (%s); applying each alone", type(e).__name__)
            for view in views:
                self._apply([view], start, entries)

    def _apply_together(self, views: Sequence[View], start: int, entries: Sequence[Entry[Any]]) -> None:
        with self._transaction() as connection:
            # Whoever comes second waits here, and then sees that the views have moved.
            names = [view.name for view in views]
            found = connection.execute(f"{_POSITIONS} ORDER BY 1 FOR UPDATE", (names,), prepare=True).fetchall()
            if len(found) != len(views) or any(row["notification_id"] != start for row in found):
                raise Overtaken("another process has moved these views")
            for view in views:
                self._take_in(connection, view, entries)
            # One statement however many views: with one for each, they were most of what a single fact cost.
            connection.execute(_ADVANCE, (entries[-1].position, names), prepare=True)
        for view in views:
            if self._halted.pop(view.name, None):
                log.warning("view %s goes on from position %d", view.name, start)

    def _halt(self, view: View, start: int, error: Exception) -> None:
        """Remember that a view cannot go on, and try again later, each time after a longer pause."""
        before = self._halted.get(view.name)
        pause = min(before.pause * 2, _LONGEST_PAUSE_SECONDS) if before else _POLL_SECONDS
        self._halted[view.name] = _Halted(error, pause, time.monotonic() + pause)
        log.error("view %s cannot take in what follows position %d: %s", view.name, start, type(error).__name__)

    def _take_in(self, connection: psycopg.Connection[DictRow], view: View, entries: Sequence[Entry[Any]]) -> None:
        keyed = [(key, e) for e in entries for key in view.keys(e)]
        if keyed:
            current = self._current(connection, view, {key for key, _ in keyed})
            _store(connection, view, list(_changes(view, current, keyed)))

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
            # Rows are found by their key: a plan made while a table was small must not read all of it later.
            connection.execute("SET LOCAL synchronous_commit = off; SET LOCAL enable_seqscan = off")
            yield connection

    # --- the process -----------------------------------------------------------------------------------------

    def run(self, stop: threading.Event, on_ready: Callable[[], None] = lambda: None) -> None:
        """Follow the ledger until told to stop: woken by NOTIFY, and by the clock where a notice was lost.

        A view that fails is tried again, with a growing pause, while the others go on; so is a lost connection.
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
                        self._advance(stop.is_set)
                        pause = _POLL_SECONDS
                        for _ in listener.notifies(timeout=_POLL_SECONDS, stop_after=1):
                            pass
            except Exception as e:
                log.error("the shelf stopped (%s); trying again in %.1f s", type(e).__name__, pause)
                stop.wait(pause)
                pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)

    @staticmethod
    def _lead(listener: psycopg.Connection[Any], stop: threading.Event) -> bool:
        """Wait until no other process leads; False when told to stop meanwhile."""
        while not stop.is_set():
            row = listener.execute("SELECT pg_try_advisory_lock(%s)", (_LEADER_LOCK,)).fetchone()
            if row and row[0]:
                return True
            stop.wait(_POLL_SECONDS)
        return False


_POSITIONS = "SELECT application_name, notification_id FROM shelf.positions WHERE application_name = ANY(%s)"
_ADVANCE = "UPDATE shelf.positions SET notification_id = %s WHERE application_name = ANY(%s)"
_CREATE = (
    "CREATE TABLE shelf.{table} (id text PRIMARY KEY, ord text NOT NULL, readers text[] NOT NULL,"
    " withheld_from text[] NOT NULL, row jsonb NOT NULL, position bigint NOT NULL)",
    "CREATE INDEX ON shelf.{table} USING gin (readers)",
    "CREATE INDEX ON shelf.{table} (ord, id)",
    "CREATE TABLE shelf.{history} (id text NOT NULL, from_position bigint NOT NULL, until_position bigint,"
    " ord text, readers text[], withheld_from text[], row jsonb, PRIMARY KEY (id, from_position))",
    "CREATE INDEX ON shelf.{history} (id) WHERE until_position IS NULL",
)


def _datastore(conninfo: str) -> PostgresDatastore:
    """The library's datastore for a connection string, with all that the string says (`sslmode` among it)."""
    given = {k: v for k, v in conninfo_to_dict(conninfo).items() if v is not None}
    datastore = PostgresDatastore(
        dbname=str(given.pop("dbname")),
        host=str(given.pop("host")),
        port=str(given.pop("port", 5432)),
        user=str(given.pop("user")),
        password=str(given.pop("password")),
        schema="shelf",
        pool_size=1,
        max_overflow=2,
        pre_ping=True,
    )
    if isinstance(datastore.pool.kwargs, dict):
        datastore.pool.kwargs.update(given)
    return datastore


def _named(statement: str, view: str) -> Composed:
    return SQL(statement).format(table=Identifier(view), history=Identifier(f"{view}_history"))


def _drop_tables(connection: psycopg.Connection[DictRow], name: str) -> None:
    # The position first, as in taking entries in: two who work on one view wait for each other in one order.
    connection.execute("DELETE FROM shelf.positions WHERE application_name = %s", (name,))
    connection.execute(_named("DROP TABLE IF EXISTS shelf.{table}, shelf.{history}", name))
    connection.execute("DELETE FROM shelf.views WHERE name = %s", (name,))


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


def _store(connection: psycopg.Connection[DictRow], view: View, changes: list[Change]) -> None:
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
        connection.execute(_named(_END, view.name), (list(following), list(following.values())))
        connection.execute(_named(_REMEMBER, view.name), (f"[{','.join(history)}]",))
        if gone:
            connection.execute(_named("DELETE FROM shelf.{table} WHERE id = ANY(%s)", view.name), (gone,))
        if kept:
            connection.execute(_named(_SHOW, view.name), (f"[{','.join(kept)}]",))


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
        for row in connection.execute(_named(statement, view)):
            values = row.values() if isinstance(row, dict) else row
            digester.update(json.dumps(list(values), ensure_ascii=False).encode())
    return digester.hexdigest()
