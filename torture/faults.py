"""The faults, one function each: what was done, or None where it did not strike. What did not strike is not counted.

A kill is kill −9, always. Where a named moment does not come in time, the process is killed all the same, and it counts
as one at a random moment.
"""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import psycopg

from application.ledger import ORDERING_LOCK
from torture.house import STRACE, House, Lost, until
from torture.load import Clients

_NAMED_WITHIN = 6.0
SENDS = "sendto,sendmsg,write"
RENAMES = "rename,renameat,renameat2"
SYNCS = "fsync,fdatasync"


class Scene(NamedTuple):
    """Where a fault happens."""

    house: House
    clients: Clients
    rng: random.Random


class Did(NamedTuple):
    """What was done, and whether it is certain that it struck at the moment it names."""

    says: str
    named: bool = False


Fault = Callable[[Scene], Did | None]


# --- kill −9 ---------------------------------------------------------------------------------------------------


def _of(name: str) -> Callable[[Scene], int | None]:
    return lambda scene: scene.house.pid(name)


def _writer(scene: Scene) -> int | None:
    return next(iter(scene.house.backends("xuncha-ledger-write")), None)


def _reader(scene: Scene) -> int | None:
    found = scene.house.backends("xuncha-")
    return scene.rng.choice(found) if found else None


def _any_server(scene: Scene) -> int | None:
    """One of checkpointer, WAL writer, autovacuum launcher, background writer."""
    found = scene.house.servers("checkpointer", "walwriter", "autovacuum launcher", "background writer")
    return scene.rng.choice(found) if found else None


def _appender(scene: Scene) -> int | None:
    process = scene.clients.appender
    return process.pid if process and process.poll() is None else None


def killed(who: Callable[[Scene], int | None]) -> Fault:
    """At a random moment."""

    def fault(scene: Scene) -> Did | None:
        time.sleep(scene.rng.random())
        for _ in range(100):
            if scene.house.kill(who(scene)):
                return Did("at a random moment")
            time.sleep(0.1)
        raise Lost("there was nobody to kill")

    return fault


def killed_at(who: Callable[[Scene], int | None], calls: str, most: int, says: str) -> Fault:
    """At the nth of these system calls from now, before it is done."""

    def fault(scene: Scene) -> Did | None:
        nth = scene.rng.randint(1, most)
        pid = who(scene)
        struck = pid is not None and scene.house.strike([pid], calls, f"signal=SIGKILL:when={nth}", _NAMED_WITHIN)
        if struck:
            return Did(f"{says}, number {nth} from then on", named=True)
        return killed(who)(scene)

    return fault


def answer_lost(scene: Scene) -> Did | None:
    """The API is killed when the database has committed and the API has not heard of it.

    Everybody who appends is made to wait for the ordering lock; the API is stopped; the lock is let go, so that the
    server commits what it was sent; the API is killed without having read a word of it.
    """
    house = scene.house
    pid = house.pid("serve")
    if pid is None:
        return killed(_of("serve"))(scene)
    with psycopg.connect(house.superuser(), autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", (ORDERING_LOCK,))
        waiting = (
            "SELECT count(*) FROM pg_locks AS l JOIN pg_stat_activity AS a USING (pid)"
            " WHERE l.locktype = 'advisory' AND NOT l.granted AND a.application_name = 'xuncha-ledger-write'"
        )
        with suppress(Lost):
            until(lambda: (connection.execute(waiting).fetchone() or (0,))[0] >= 2, 5, "appends that wait")
        before = connection.execute("SELECT max(position) FROM ledger.entries").fetchone()
        stop(pid)
        connection.execute("SELECT pg_advisory_unlock(%s)", (ORDERING_LOCK,))
        with suppress(Lost):
            until(
                lambda: connection.execute("SELECT max(position) FROM ledger.entries").fetchone() != before,
                3,
                "what was sent is committed",
            )
        time.sleep(0.2)
        with scene.clients.memory.lock:
            unheard = [command for command, sent in scene.clients.memory.http.items() if sent.answer is None]
        house.kill(pid)
        # Sure only where what nobody was told stands in the ledger, before anybody could send it again.
        found = connection.execute(
            "SELECT count(DISTINCT command) FROM ledger.entries WHERE command = ANY(%s)", (unheard,)
        ).fetchone()
    if not (found and found[0]):
        return Did("at a random moment: nothing was on its way")
    return Did(f"{found[0]} commands committed, and the API killed before it heard so", named=True)


def stop(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGSTOP)


def go_on(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGCONT)


def spare_and_kill(command: str) -> Fault:
    """Two projectors, or two sealers, at once; then the one that leads is killed."""

    def fault(scene: Scene) -> Did | None:
        house = scene.house
        house.drop_spares()
        house.spare(command)
        name = {"project": "xuncha-shelf", "seal": "xuncha-seal"}[command]
        until(lambda: len(house.backends(name)) >= 2, 60, f"a second {command} beside the first")
        time.sleep(scene.rng.random() * 2)
        if not house.kill(house.pid(command)):
            return killed(_of(command))(scene)
        return Did("a second one beside it, the supervisor's own killed")

    return fault


KILLS: dict[str, list[tuple[int, Fault]]] = {
    "PostgreSQL, a backend": [
        (6, killed(_writer)),
        (5, killed(_reader)),
        (3, killed(_any_server)),
        (5, killed_at(_writer, "fdatasync", 3, "at the flush of the log")),
        (5, killed_at(_writer, SENDS, 8, "at an answer to the ledger")),
    ],
    "PostgreSQL, the postmaster": [(10, killed(lambda scene: scene.house.postmaster()))],
    "API": [
        (5, killed(_of("serve"))),
        (6, answer_lost),
        (4, killed_at(_of("serve"), SENDS, 40, "at a word to client or database")),
        (3, killed_at(_of("serve"), SYNCS, 4, "at a flush of the key store")),
    ],
    "projector": [
        (5, killed(_of("project"))),
        (5, killed_at(_of("project"), SENDS, 60, "at a word to the database")),
        (3, spare_and_kill("project")),
    ],
    "sealer": [
        (4, killed(_of("seal"))),
        (5, killed_at(_of("seal"), SYNCS, 12, "at a flush of tile or checkpoint")),
        (4, killed_at(_of("seal"), RENAMES, 8, "at a rename of tile or checkpoint")),
        (3, killed_at(_of("seal"), SENDS, 12, "at a word to witness or database")),
        (3, spare_and_kill("seal")),
    ],
    "supervisor": [(6, killed(_of("run")))],
    "appender": [(5, killed(_appender)), (2, killed_at(_appender, SENDS, 20, "at a word to the database"))],
    "witness": [
        (2, killed(_of("witness"))),
        (1, killed_at(_of("witness"), SYNCS, 3, "at a flush of what it has seen")),
    ],
}
"""By whom; how often of a hundred, and how."""


# --- others ----------------------------------------------------------------------------------------------------


def failing(who: Callable[[Scene], list[int]], seconds: float, first: int = 1, force: str = "") -> Fault:
    """fsync and fdatasync say EIO for some seconds, from the nth on."""

    def fault(scene: Scene) -> Did | None:
        if STRACE is None:
            return None
        if not (pids := _there(lambda: who(scene))):
            return None
        checkpoint = None
        if force:  # a checkpoint, so that the data files are flushed while it lasts
            checkpoint = subprocess.Popen(
                ["sh", "-c", 'sleep 0.7; exec "$@"', "sh", *_psql(scene.house, force)],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        struck = scene.house.strike(pids, SYNCS, f"error=EIO:when={first}+", seconds)
        if checkpoint:
            checkpoint.wait(60)
        return Did("EIO was met") if struck else None

    return fault


def _there(who: Callable[[], list[int]]) -> list[int]:
    """Whoever it is about, once there is somebody: the fault before may have killed it."""
    with suppress(Lost):
        until(who, 20, "somebody to hurt")
    return who()


def _psql(house: House, statement: str) -> list[str]:
    code = "import sys, psycopg; psycopg.connect(sys.argv[1], autocommit=True).execute(sys.argv[2])"
    return [sys.executable, "-c", code, house.superuser(), statement]


def late_commit(scene: Scene) -> Did | None:
    """A backend stopped between insert and commit, while projector, sealer and a reader of ours follow the ledger.

    It stands at the flush of its commit: the rows are in, the ordering lock is held, nobody may see or pass them.
    """
    house = scene.house
    pid = _writer(scene)
    if STRACE is None or pid is None:
        return None
    struck = house.strike([pid], "fdatasync", "signal=SIGSTOP:when=1", 1.5)
    if not (struck and _stopped(pid)):
        go_on(pid)
        return None
    try:
        seen: list[int] = []
        with psycopg.connect(house.superuser(), autocommit=True) as connection:
            end = time.monotonic() + 3
            while time.monotonic() < end:
                after = seen[-1] if seen else 0
                seen += [
                    row[0]
                    for row in connection.execute(
                        "SELECT position FROM ledger.entries WHERE position > %s ORDER BY position", (after,)
                    )
                ]
                time.sleep(0.05)
            passed = len(seen)
            if not _holds_the_lock(connection, pid):
                return None  # it was stopped at another flush than a commit's
            go_on(pid)
            time.sleep(1)
            seen += [
                row[0]
                for row in connection.execute(
                    "SELECT position FROM ledger.entries WHERE position > %s ORDER BY position", (seen[-1],)
                )
            ]
        if seen != list(range(1, len(seen) + 1)):
            raise Lost("a reader passed an entry that committed late")
        if len(seen) == passed:
            raise Lost("a late commit never came")
    finally:
        go_on(pid)
    return Did("stopped at the flush of its commit for 3 s, with the lock in its hand", named=True)


def _stopped(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"
    except OSError:
        return False


def _holds_the_lock(connection: "psycopg.Connection[tuple[object, ...]]", pid: int) -> bool:
    """Whether this backend has the ordering lock, under which nobody else may append."""
    found = connection.execute(
        "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted AND pid = %s"
        " AND (classid::bigint << 32) + objid::bigint = %s",
        (pid, ORDERING_LOCK),
    ).fetchone()
    return bool(found and found[0])


def suspended(who: Callable[[Scene], int | None], seconds: float) -> Fault:
    """SIGSTOP for some seconds, then SIGCONT: to the others it looks dead, and it is not."""

    def fault(scene: Scene) -> Did | None:
        pids = _there(lambda: [pid for pid in [who(scene)] if pid is not None])
        if not pids:
            return None
        stop(pids[0])
        time.sleep(seconds)
        alive = _stopped(pids[0])
        go_on(pids[0])
        return Did(f"stopped for {seconds:.0f} s") if alive else None

    return fault


def clock_back(scene: Scene) -> Did | None:
    """The clock of the database, as the writer sees it, is an hour behind for a while: no library, no root needed.

    `clock_timestamp()` is found in a schema before PostgreSQL's own, for the writer's role alone.
    """
    house = scene.house
    before = house.ask("SELECT count(*) FROM ledger.entries WHERE kind = 'clock.stepped-back.v1'")
    for statement in (
        "CREATE SCHEMA IF NOT EXISTS behind",
        "CREATE OR REPLACE FUNCTION behind.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE AS"
        " $$ SELECT pg_catalog.clock_timestamp() - interval '1 hour' $$",
        "GRANT USAGE ON SCHEMA behind TO xuncha_writer",
        "ALTER ROLE xuncha_writer SET search_path = behind, pg_catalog",
        _NEW_WRITERS,
    ):
        house.ask(statement)
    time.sleep(4)
    for statement in ("ALTER ROLE xuncha_writer RESET search_path", _NEW_WRITERS, "DROP SCHEMA behind CASCADE"):
        house.ask(statement)
    noted = house.ask("SELECT count(*) FROM ledger.entries WHERE kind = 'clock.stepped-back.v1'")
    if noted <= before:
        raise Lost("the clock stepped back and nobody noted it")
    return Did("an hour back for 4 s, noted in the ledger")


_NEW_WRITERS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'xuncha-ledger-write'"

OTHERS: dict[str, tuple[int, Fault]] = {
    "fsync error, PostgreSQL's log": (3, failing(lambda s: s.house.backends("xuncha-ledger-write"), 3)),
    "fsync error, PostgreSQL's data files": (
        2,
        failing(lambda s: s.house.servers("checkpointer"), 5, force="CHECKPOINT"),
    ),
    "fsync error, key store": (2, failing(lambda s: [p for p in [s.house.pid("serve")] if p], 3)),
    "fsync error, sealer": (2, failing(lambda s: [p for p in [s.house.pid("seal")] if p], 3)),
    "fsync error, witness": (1, failing(lambda s: [p for p in [s.house.pid("witness")] if p], 3)),
    "late commit": (3, late_commit),
    "suspended backend of the writer": (1, suspended(_writer, 4)),
    "suspended projector": (1, suspended(_of("project"), 4)),
    "suspended sealer": (1, suspended(_of("seal"), 4)),
    "suspended witness": (1, suspended(_of("witness"), 7)),
    "clock stepping back": (2, clock_back),
}
"""By kind; how often beside a hundred kills, and how."""
