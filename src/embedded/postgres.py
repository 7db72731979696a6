"""The embedded PostgreSQL: starts, adopts and stops one server whose every file is inside one folder.

Only the wheel's programs are used. Its own `get_server()` opens parent folders to everybody, makes a user of
the operating system, trusts whoever reaches a socket open to all, and locks a file in the shared temporary
folder.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

import psycopg
from psycopg.conninfo import make_conninfo

from embedded import cluster, processes
from embedded.account import Account, choose
from embedded.errors import EmbeddedError
from embedded.files import Lock, open_log

# Given on the command line at every start; nothing in the data folder overrides them.
_FIXED = {
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # Shared memory of parallel workers as files in the data folder: in /dev/shm a kill -9 would leave them
    # outside the home.
    "dynamic_shared_memory_type": "mmap",
    # No word of a statement reaches the log. An error's first line quotes values (`invalid input syntax …
    # "…"`, `syntax error at or near "…"`), and terse does not remove that line: so statements' errors and
    # warnings are not logged at all (`log` ranks above them). The caller gets them; the log keeps what the
    # server itself does, refused sign-ins, crashes and panics.
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_statement": "none",
    "log_min_duration_statement": "-1",
    "log_min_duration_sample": "-1",
    "log_transaction_sample_rate": "0",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "logging_collector": "off",
    "log_destination": "stderr",
    "log_line_prefix": "%m [%p] ",
}

_SOCKET_LIMIT = 103  # bytes in a socket's path: 103 on macOS, 107 on Linux
_SOCKET_PORT = 5432  # only part of the socket's name
_NAMES = ("postgres", "initdb")
_SHELL = "sh"  # between initdb and the servers it starts
_ORPHANS_HAVE = 5.0  # seconds to end by themselves
_REMAINS_HAVE = 30.0  # seconds, for an interrupted initdb to be ended and its folder removed


def start(home: Path, *, say: Callable[[str], None] = lambda _: None, timeout: float = 60.0) -> Embedded:
    """Start the server of this home, or adopt the one that survived our own kill −9.

    The home is made if absent; its parent must exist (a missing parent is more often a disk that is not
    mounted than a wish for a new, empty ledger).

    **Raises** EmbeddedError, saying what is wrong and what to do; HomeInUse when another process holds it.
    **Units**: the timeout is in seconds.
    """
    home = cluster.prepare(home)
    lock = Lock(home / "postgres" / "lock")
    server = Embedded(home, lock, say, timeout)
    try:
        server.revive()
    except EmbeddedError:
        lock.release()
        raise
    except BaseException:  # interrupted, or a fault of ours: what was started here is stopped
        server.stop()
        raise
    return server


class Embedded:
    """One running server. Made by `start`; stopped by `stop` or at the end of a `with`."""

    def __init__(self, home: Path, lock: Lock, say: Callable[[str], None], timeout: float) -> None:
        """Name the places; nothing is started yet."""
        self.home = home
        self.folder = home / "postgres"
        self.data = self.folder / "data"
        self.log = self.folder / "log"
        self.socket = self.folder / "socket"
        self.adopted = False
        self._lock, self._say, self._timeout = lock, say, timeout
        self._process: processes.Known | None = None
        self._child: subprocess.Popen[bytes] | None = None
        # The socket is preferred: other users of the machine cannot even reach it. Where its path is too long
        # (or has a comma, which libpq takes for a list), 127.0.0.1 and a free port, still with scram.
        path = str(self.socket / f".s.PGSQL.{_SOCKET_PORT}")
        self._tcp = len(os.fsencode(path)) > _SOCKET_LIMIT or "," in path
        self._port = 0 if self._tcp else _SOCKET_PORT

    @property
    def pid(self) -> int | None:
        """The number of the server's main process, or None when it does not run."""
        return self._process.pid if self._process and self._process.alive() else None

    def is_running(self) -> bool:
        """True while the server's main process lives."""
        return self.pid is not None

    def dsn(self, user: str | None = None, password: str | None = None, dbname: str = "postgres") -> str:
        """A connection string; without a user, the superuser's, with its password."""
        if user is None:
            user, password = cluster.SUPERUSER, cluster.password(self.folder)
        host = "127.0.0.1" if self._tcp else str(self.socket)
        return make_conninfo(
            host=host,
            port=self._port,
            user=user,
            password=password,
            dbname=dbname,
            require_auth="scram-sha-256",
            sslmode="disable",
            gssencmode="disable",
        )

    def revive(self) -> None:
        """Bring the server up if it is down: adopt a living one or start one, at the old address if free."""
        if self.is_running():
            return
        if self._child:
            self._child.wait()
        if (found := self._living_postmaster()) and self._ready(found):
            self._process, self._child, self.adopted = found, None, True
            self._say("接管正在运行的数据库 · Adopted the database server that was still running")
            return
        programs = cluster.programs()
        account = choose(programs / "postgres", self.home, self.folder)
        try:
            self._clear_remains()
            if not self.data.exists():
                self._say("首次启动，正在建立数据库 · First start: making the database")
                cluster.make(self.folder, programs, account)
            cluster.check(self.folder)
            account.claim(self.folder)
            self._launch(programs, account)
        except OSError as error:
            raise cluster.unusable(self.folder, error) from error

    def stop(self) -> None:
        """Stop the server fast, in order, and release the home. **Raises** EmbeddedError if it lives on."""
        # SIGINT rolls back what is open and ends; SIGQUIT, only if that hangs, ends at once and leaves the
        # rest to recovery. Both keep every acknowledged commit.
        if process := self._process:
            # PostgreSQL 18 never ends if SIGINT finds it recovering from the crash of a child: wait that out.
            recovered = time.monotonic() + 5.0
            while process.alive() and self._trouble() and time.monotonic() < recovered:
                time.sleep(0.02)
            for number, patience in ((signal.SIGINT, 30.0), (signal.SIGQUIT, 15.0), (signal.SIGKILL, 10.0)):
                process.signal(number)
                if process.gone_within(patience):
                    break
            else:
                raise EmbeddedError(
                    f"数据库进程 {process.pid} 无法停止，请查看 {self.log} · "
                    f"The database process {process.pid} does not stop; see {self.log}"
                )
            if self._child:
                self._child.wait()
        self._process = self._child = None
        self._lock.release()

    def __enter__(self) -> Embedded:
        """Nothing more to do: `start` has started it."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop it, whatever happened inside."""
        self.stop()

    def _pid_file(self) -> list[str]:
        """postmaster.pid by lines: pid, folder, start, port, socket folder, address, memory, status."""
        with contextlib.suppress(OSError):
            return (self.data / "postmaster.pid").read_text(encoding="utf-8", errors="replace").splitlines()
        return []

    def _living_postmaster(self) -> processes.Known | None:
        """The process its pid file names, if it is a PostgreSQL that works in our data folder."""
        first = self._pid_file()[:1]
        inside = processes.working_in(self.data, _NAMES)
        return next((process for process in inside if [str(process.pid)] == first), None)

    def _ready(self, process: processes.Known) -> bool:
        """Wait until the server answers; False when it ended instead.

        **Raises** EmbeddedError when it does neither in time: it is not killed, for it may be recovering.
        """
        end, trouble = time.monotonic() + self._timeout, ""
        while process.alive():
            lines = self._pid_file()
            # Asking before the file says "ready" would only fill the log with refusals.
            if len(lines) > 7 and lines[0] == str(process.pid) and lines[7].strip() == "ready":
                self._port = int(lines[3])
                trouble = self._trouble()
                if not trouble:
                    return True
            if time.monotonic() > end:
                raise EmbeddedError(
                    f"数据库（进程 {process.pid}）{self._timeout:.0f} 秒内没有应答，请查看 {self.log} · "
                    f"The database (process {process.pid}) did not answer within {self._timeout:.0f} s; "
                    f"see {self.log}\n{trouble}\n{_tail(self.log)}"
                )
            time.sleep(0.02)
        return False

    def _trouble(self) -> str:
        """Why the server does not answer for our folder; empty when it does."""
        try:
            patience = max(1, min(5, int(self._timeout)))
            with psycopg.connect(self.dsn(), connect_timeout=patience) as connection:
                row = connection.execute("SHOW data_directory").fetchone()
            return "" if row and os.path.samefile(row[0], self.data) else f"answers for another folder: {row}"
        except (psycopg.OperationalError, OSError) as error:
            return str(error)

    def _clear_remains(self) -> None:
        """Remove what a killed server left: its orphans, its half-made cluster, a pid file that misleads."""
        # The orphans notice the death of their parent and end; one deep in a computation does not. Ending it
        # loses nothing: nobody is left to answer it, and its commit would be in the log already.
        processes.end(processes.working_in(self.data, _NAMES), patience=_ORPHANS_HAVE)
        self._remove_unfinished()
        if not self._tcp and self._accepts():
            raise EmbeddedError(
                f"另一容器中的数据库正在使用 {self.data}：请先停止它 · "
                f"A server in another container is using {self.data}: stop it first"
            )
        # PostgreSQL takes any process with the old number for its predecessor, even a zombie. We know better:
        # nothing lives in the data folder. Where the number is free, the file stays, and PostgreSQL checks
        # it, with its shared memory, itself.
        if (lines := self._pid_file()) and lines[0].isdigit() and processes.taken(int(lines[0])):
            (self.data / "postmaster.pid").unlink()
            (self.socket / f".s.PGSQL.{_SOCKET_PORT}.lock").unlink(missing_ok=True)

    def _remove_unfinished(self) -> None:
        """End what an interrupted initdb left running, then remove its folder, until neither is there.

        An initdb on its way may start another server, and that may write another file, between two of our looks.
        """
        new = self.folder / cluster.UNFINISHED
        deadline = time.monotonic() + _REMAINS_HAVE
        while new.exists():
            ours = {process.pid for process in processes.working_in(new, _NAMES)}
            for session in processes.sessions(processes.working_in(new, (*_NAMES, _SHELL))):
                # initdb leads its session, or has led it. One that somebody else leads is left alone, and so is one
                # whose leader has gone while somebody of it is elsewhere: it may be the very one we are started from.
                elsewhere = set(processes.of_session(session)) - set(processes.working_in(new, (*_NAMES, _SHELL)))
                led = processes.known(session) is not None or any(process.alive() for process in elsewhere)
                if session in ours or not led:
                    processes.end_session(session, patience=cluster.INTERRUPTED_HAS)
            try:
                shutil.rmtree(new)
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)

    def _accepts(self) -> bool:
        with socket.socket(socket.AF_UNIX) as probe:
            return probe.connect_ex(str(self.socket / f".s.PGSQL.{_SOCKET_PORT}")) == 0

    def _launch(self, programs: Path, account: Account) -> None:
        """Start the server and wait until it answers. If its free port was taken meanwhile: another one."""
        for _ in range(3 if self._tcp else 1):
            settings = dict(_FIXED)
            if self._tcp:
                self._port = _free_port(self._port)
                settings |= {"listen_addresses": "127.0.0.1", "unix_socket_directories": ""}
            else:  # relative to the data folder, where the server works: no length and no quoting to mind
                settings |= {"listen_addresses": "", "unix_socket_directories": "../socket"}
                settings |= {"unix_socket_permissions": "0700"}
            settings["port"] = str(self._port)
            command = [str(programs / "postgres"), "-D", str(self.data)]
            command += [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
            log = open_log(self.log)
            try:
                before = os.fstat(log).st_size
                self._child = account.popen(command, cwd=self.folder, stdout=log)
            finally:
                os.close(log)
            self._process, self.adopted = processes.known(self._child.pid), False
            if self._process and self._ready(self._process):
                self._say("数据库已启动 · The database is up")
                return
            self._child.wait()
        raise EmbeddedError(
            f"数据库启动失败，请查看 {self.log} · The database did not start; see {self.log}\n"
            + _tail(self.log, before)
        )


def _free_port(wanted: int) -> int:
    """The wanted port if it is free, so that an address given out stays good; else any free one."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):
                probe.bind(("127.0.0.1", port))
                return int(probe.getsockname()[1])
    raise EmbeddedError("127.0.0.1 上没有空闲端口 · There is no free port on 127.0.0.1")


def _tail(log: Path, since: int = 0) -> str:
    with contextlib.suppress(OSError), log.open("rb") as file:
        file.seek(since)
        return "\n".join(file.read().decode("utf-8", "replace").splitlines()[-10:])
    return ""
