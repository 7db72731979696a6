"""The only reader engine: facts to rows, in order, with history; rows and position commit together (ADR 6).

A view is four plain things: a name, a row, a key and an evolve. It calls no other view, no ledger, no clock: drop
its tables, replay, and the rows are the same. What is sealed stays sealed in the rows; the shelf has no keys.
"""

import logging
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from eventsourcing.persistence import IntegrityError, InterfaceError, OperationalError, Tracking
from eventsourcing.postgres import PostgresDatastore, PostgresTrackingRecorder
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import DictRow

from domain.facts import decode
from domain.kernel import Entry
from projections import parking, tables
from projections.parking import Parked
from projections.tables import BESIDE, digest
from projections.views import View

__all__ = ["BATCH", "CHANNEL", "Gap", "InUse", "Overtaken", "Shelf", "View", "digest"]

log = logging.getLogger("xuncha.shelf")

CHANNEL = "ledger"
BATCH = 500
_POLL_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 10.0
_LONGEST_PAUSE_PARKED_SECONDS = 600.0  # the code that failed is still the same: only a new start is likely to mend it
_LEADER_LOCK = 7239015802732
_PREPARING_LOCK = 7239015802733
BUILDING_LOCK = 7239015802734
"""Held by whoever builds views beside the live ones; shared by whoever must not have tables replaced meanwhile."""

ENTRY_COLUMNS = "position, stream, version, kind, recorded_at, command, ordinal, body"


class Gap(Exception):
    """The ledger showed a position with one missing before it. Nothing was applied."""


class InUse(Exception):
    """A view's tables are being read for longer than others can be kept waiting."""


class KeyChanged(Exception):
    """A view no longer counts a parked fact to the row it was parked for: only a rebuild tells what becomes of it."""


class Overtaken(IntegrityError):
    """Another process has moved a view on meanwhile: its rows stand, ours are rolled back."""


@dataclass
class _Halted:
    """A view that could not take in what comes next: why, and when it is tried again."""

    error: Exception
    pause: float
    until: float


class Shelf:
    """Keeps a set of views at the ledger's head. One thread; several processes may try, one leads.

    A fact that a view cannot take parks its row, and the view goes on; with `strict` it halts the view.
    """

    def __init__(self, conninfo: str, views: Sequence[View], *, strict: bool = False) -> None:
        self.views = tuple(views)
        self._strict = strict
        self._conninfo = conninfo
        self._datastore = _datastore(conninfo)
        self._tracking = PostgresTrackingRecorder(self._datastore, tracking_table_name="positions")
        self._halted: dict[str, _Halted] = {}
        self._parked_pause, self._parked_until = _POLL_SECONDS, 0.0

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
            parking.make(connection)
            rows = connection.execute("SELECT name, fingerprint FROM shelf.views").fetchall()
            known = {row["name"]: row["fingerprint"] for row in rows}
            changed = [v for v in self.views if known.get(v.name) != v.fingerprint]
            building = self._being_built(connection)
            for name in known.keys() - {v.name for v in self.views}:
                if not (building and name.endswith(BESIDE)):
                    self._forget(connection, name)
            for view in changed:
                self._remake(connection, view)
        return [v.name for v in changed]

    def drop(self, views: Iterable[View]) -> None:
        """Forget these views: empty tables, position 0. The next run fills them from the first entry."""
        with self._transaction() as connection:
            for view in views:
                self._remake(connection, view)

    def discard(self, views: Iterable[View]) -> None:
        """Take these views' tables away."""
        with self._transaction() as connection:
            for view in views:
                self._forget(connection, view.name)

    @staticmethod
    def _being_built(connection: psycopg.Connection[DictRow]) -> bool:
        """Whether somebody builds beside the live views: else such tables are what a killed one left behind."""
        row = connection.execute("SELECT pg_try_advisory_xact_lock(%s) AS free", (BUILDING_LOCK,)).fetchone()
        return not (row and row["free"])

    @staticmethod
    def _forget(connection: psycopg.Connection[DictRow], name: str) -> None:
        # The position first, as in taking entries in: two who work on one view wait for each other in one order.
        connection.execute("DELETE FROM shelf.positions WHERE application_name = %s", (name,))
        tables.drop(connection, name)
        connection.execute("DELETE FROM shelf.views WHERE name = %s", (name,))
        parking.release(connection, name)
        parking.go_on(connection, [name])

    def _remake(self, connection: psycopg.Connection[DictRow], view: View) -> None:
        self._forget(connection, view.name)
        tables.make(connection, view)
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

        A view that halts stops only itself; what it raised is raised when the others are done.
        """
        self._try_all_again()
        total = self._advance(lambda: False)
        self._raise_first()
        return total

    def step(self) -> int:
        """Take in one batch for every view; returns how many entries were read. Raises what halted a view."""
        self._try_all_again()
        read = self._pass()
        self._raise_first()
        return read

    def halted(self) -> dict[str, Exception]:
        """The views that cannot go on, and why."""
        return {name: halted.error for name, halted in self._halted.items()}

    def parked(self) -> dict[str, set[str]]:
        """The rows that wait, by view."""
        with self._datastore.get_connection() as connection:
            return parking.keys(connection, [view.name for view in self.views])

    def _try_all_again(self) -> None:
        self._halted.clear()
        self._parked_pause, self._parked_until = _POLL_SECONDS, 0.0
        with self._transaction() as connection:
            parking.go_on(connection, [view.name for view in self.views])

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
        now = time.monotonic()
        if self._parked_until <= now and not self._strict:
            self._replay_parked()
        positions = self.positions()
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
        which = "position > %s ORDER BY position LIMIT %s"
        return self._entries(which, (after, limit), range(after + 1, after + limit + 1))

    def _entries(self, which: str, parameters: tuple[Any, ...], expected: Sequence[int]) -> list[Entry[Any]]:
        with self._datastore.get_connection() as connection:
            statement = f"SELECT {ENTRY_COLUMNS} FROM ledger.entries WHERE {which}"
            rows = connection.execute(statement, parameters, prepare=True).fetchall()
        for position, row in zip(expected, rows, strict=False):
            if row["position"] != position:
                raise Gap(f"position {position} is missing before {row['position']}")
        return [decode(**{**row, "body": bytes(row["body"])}) for row in rows]

    def _apply(self, views: Sequence[View], start: int, entries: Sequence[Entry[Any]]) -> None:
        """All views in one transaction; where one fails, each in its own, and that one row by row."""
        try:
            self._apply_together(views, start, entries)
        except (OperationalError, InterfaceError, Overtaken):
            raise
        except Exception as e:
            if len(views) == 1:
                self._apply_singly(views[0], start, entries, e)
                return
            log.error("a view failed (%s); applying each alone", type(e).__name__)
            for view in views:
                self._apply([view], start, entries)

    def _apply_singly(self, view: View, start: int, entries: Sequence[Entry[Any]], error: Exception) -> None:
        """Fact by fact, so that only the rows that cannot be made are parked; or nothing, and the view halts."""
        if self._strict:
            self._halt(view, start, error)
            return
        try:
            self._apply_together([view], start, entries, self._take_in_singly)
        except (OperationalError, InterfaceError, Overtaken):
            raise
        except Exception as e:
            self._halt(view, start, e)

    def _apply_together(
        self, views: Sequence[View], start: int, entries: Sequence[Entry[Any]], take_in: "_TakeIn | None" = None
    ) -> None:
        with self._transaction() as connection:
            names = [view.name for view in views]
            found = self._locked(connection, names)
            if len(found) != len(views) or any(position != start for position in found.values()):
                raise Overtaken("another process has moved these views")
            parked = parking.keys(connection, names)
            for view in views:
                (take_in or self._take_in)(connection, view, entries, parked.get(view.name, set()))
            # One statement however many views: with one for each, they were most of what a single fact cost.
            connection.execute(_ADVANCE, (entries[-1].position, names), prepare=True)
        for view in views:
            if self._halted.pop(view.name, None):
                log.warning("view %s goes on from position %d", view.name, start)
                with self._transaction() as connection:
                    parking.go_on(connection, [view.name])

    @staticmethod
    def _locked(connection: psycopg.Connection[DictRow], names: list[str]) -> dict[str, int]:
        """Where these views stand, for us alone: whoever comes second waits here, and then sees that they moved."""
        found = connection.execute(f"{_POSITIONS} ORDER BY 1 FOR UPDATE", (names,), prepare=True).fetchall()
        return {row["application_name"]: row["notification_id"] for row in found}

    def _halt(self, view: View, start: int, error: Exception) -> None:
        """Remember that a view cannot go on, and try again later, each time after a longer pause."""
        before = self._halted.get(view.name)
        pause = min(before.pause * 2, _LONGEST_PAUSE_SECONDS) if before else _POLL_SECONDS
        self._halted[view.name] = _Halted(error, pause, time.monotonic() + pause)
        log.error("view %s cannot take in what follows position %d: %s", view.name, start, type(error).__name__)
        with self._transaction() as connection:
            parking.halt(connection, view.name, start, type(error).__name__)

    def _take_in(
        self, connection: psycopg.Connection[DictRow], view: View, entries: Sequence[Entry[Any]], parked: Set[str]
    ) -> None:
        keyed = [(key, e) for e in entries for key in view.keys(e)]
        if behind := [Parked(key, e.position) for key, e in keyed if key in parked]:
            parking.park(connection, view.name, behind)
        if taken := [(key, e) for key, e in keyed if key not in parked]:
            tables.fold(connection, view, taken)

    def _take_in_singly(
        self, connection: psycopg.Connection[DictRow], view: View, entries: Sequence[Entry[Any]], parked: Set[str]
    ) -> None:
        """The same rows and history as in one go; the fact that fails is undone alone, and its row parked."""
        waiting = set(parked)
        for key, entry in [(key, e) for e in entries for key in view.keys(e)]:
            error: str | None = None
            if key not in waiting:
                try:
                    with connection.transaction():
                        tables.fold(connection, view, [(key, entry)])
                    continue
                except Exception as e:
                    if isinstance(e, psycopg.Error) and not isinstance(e, psycopg.DataError):
                        raise  # the tables or the server, not this fact
                    error = type(e).__name__
            if error:
                log.error("view %s cannot take in position %d: %s; its row is parked", view.name, entry.position, error)
                self._parked_until = min(self._parked_until, time.monotonic() + self._parked_pause)
            waiting.add(key)
            parking.park(connection, view.name, [Parked(key, entry.position, error)])

    def _replay_parked(self) -> None:
        """Try every parked row again, each in a transaction of its own; the next time after a longer pause."""
        parked = self.parked()
        left = sum(not self._replay(view, key) for view in self.views for key in sorted(parked.get(view.name, ())))
        if left:
            self._parked_until = time.monotonic() + self._parked_pause
            self._parked_pause = min(self._parked_pause * 2, _LONGEST_PAUSE_PARKED_SECONDS)
            log.error("%d rows are parked still; trying again later", left)
        else:
            self._parked_pause, self._parked_until = _POLL_SECONDS, float("inf")

    def _replay(self, view: View, key: str) -> bool:
        """Take in what a row waits for, in order and as if it had never waited: all of it, or nothing."""
        try:
            with self._transaction() as connection:
                self._locked(connection, [view.name])
                positions = parking.positions(connection, view.name, key)
                entries = self._entries("position = ANY(%s) ORDER BY position", (positions,), positions)
                if len(entries) != len(positions):
                    raise Gap("a parked fact is not in the ledger")
                if any(key not in view.keys(entry) for entry in entries):
                    raise KeyChanged
                tables.fold(connection, view, [(key, entry) for entry in entries])
                parking.release(connection, view.name, key)
        except (OperationalError, InterfaceError):
            raise
        except Exception as e:
            log.error("a row of view %s stays parked: %s", view.name, type(e).__name__)
            return False
        log.warning("view %s: a parked row goes on, from position %d", view.name, positions[0] if positions else 0)
        return True

    def take_over(self, view: View, live: str) -> bool:
        """Put a view's tables in the place of the live ones, in one transaction: readers see the old or the new.

        False where the live view is too far ahead to be reached in it. Raises InUse where somebody reads the live
        tables for long, Overtaken where the live view is of another version by now.
        """
        with self._transaction() as connection:
            at = self._locked(connection, [view.name, live])
            same = connection.execute(
                "SELECT FROM shelf.views WHERE name = %s AND fingerprint = %s", (live, view.fingerprint)
            ).fetchone()
            if same is None or len(at) != 2:
                raise Overtaken("the live view is another one now")
            if (missing := at[live] - at[view.name]) > BATCH:
                return False
            if missing > 0:
                self._take_in(connection, view, self._read(at[view.name], missing), set())
            # Whoever reads now is waited for, and whoever comes meanwhile waits behind us: so not for long.
            connection.execute(f"SET LOCAL lock_timeout = {_SWAP_WITHIN_MS}")
            try:
                tables.lock(connection, live)
            except psycopg.errors.LockNotAvailable:
                raise InUse from None
            tables.drop(connection, live)
            tables.rename(connection, view.name, live)
            connection.execute("DELETE FROM shelf.positions WHERE application_name = %s", (view.name,))
            connection.execute("DELETE FROM shelf.views WHERE name = %s", (view.name,))
            connection.execute(_ADVANCE, (max(at.values()), [live]))
            parking.release(connection, live)
            parking.go_on(connection, [live])
        self.views = tuple(v for v in self.views if v.name != view.name)
        return True

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
                    self._try_all_again()
                    on_ready()
                    while not stop.is_set():
                        try:
                            self._advance(stop.is_set)
                        except Overtaken:  # a rebuild that was ahead of us has been put in place
                            log.info("views were moved on by another process: looking again")
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


_TakeIn = Callable[[psycopg.Connection[DictRow], View, Sequence[Entry[Any]], Set[str]], None]
_SWAP_WITHIN_MS = 100
_POSITIONS = "SELECT application_name, notification_id FROM shelf.positions WHERE application_name = ANY(%s)"
_ADVANCE = "UPDATE shelf.positions SET notification_id = %s WHERE application_name = ANY(%s)"


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
