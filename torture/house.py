"""A home with all its processes at work, and the means to hurt each of them.

Everything is started by the product's own commands: `xuncha run` (PostgreSQL, projector, API, sealer) and `xuncha
witness`; and an appender of our own that goes straight through `Ledger.append`. The product has no hook for this: named
moments are those of system calls, which `strace` can turn into a signal or an error.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPException
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo

from api.auth import development_token
from api.example import DEVELOPMENT_DIRECTOR
from api.settings import Settings, read_settings
from application.database import load_access
from application.sealing.keys import read_seal_keys
from embedded.cluster import SUPERUSER, password
from embedded.processes import known
from sealedlog.notes import Cosigner

ROOT = Path(__file__).resolve().parents[1]
READY_WITHIN = 90.0
ORIGIN, WITNESS = "a-city.example/torture", "witness.example"
STRACE = shutil.which("strace")


class Lost(Exception):
    """A promise was broken: what, and where."""


def until(what: Callable[[], object], seconds: float, says: str) -> None:
    """Wait for something to be so. Raises Lost with these words where it does not come."""
    end = time.monotonic() + seconds
    while not what():
        if time.monotonic() > end:
            raise Lost(f"did not come within {seconds:.0f} s: {says}")
        time.sleep(0.05)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


class House:
    """One home and its processes; looked after by a thread of our own, as a machine's own init would."""

    def __init__(self, home: Path, say: Callable[[str], None]) -> None:
        self.home, self.say = home, say
        self.port, self.witness_port = free_port(), free_port()
        self._witness_key = ""
        self._log_keys: list[str] = []
        self._run: subprocess.Popen[bytes] | None = None
        self._witness: subprocess.Popen[bytes] | None = None
        self._spares: list[subprocess.Popen[bytes]] = []
        self._resting = threading.Event()
        self._closing = threading.Event()
        self.restarts = 0
        self.give_up = ""
        home.parent.mkdir(parents=True, exist_ok=True)
        self._log = (home.parent / "torture.log").open("ab")
        self._tender = threading.Thread(target=self._tend, daemon=True)

    # --- the processes ---------------------------------------------------------------------------------------

    @property
    def environment(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("XUNCHA_", "DATABASE_URL"))}
        given = {
            "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}",
            "PYTHONDONTWRITEBYTECODE": "1",
            "XUNCHA_HOME": str(self.home),
            "XUNCHA_PORT": str(self.port),
            "XUNCHA_EXAMPLES": "0",
            "XUNCHA_ORIGIN": ORIGIN,
        }
        if self._witness_key:
            given["XUNCHA_WITNESSES"] = f"{self._witness_key} http://127.0.0.1:{self.witness_port}"
        return {**kept, **given}

    @property
    def settings(self) -> Settings:
        return read_settings(self.environment)

    def xuncha(self, *arguments: str, code: int | None = 0) -> str:
        """One command of the product to its end; what it said. Raises Lost for another exit code."""
        done = subprocess.run(
            [sys.executable, "-P", "-m", "api", *arguments],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=180,
            check=False,
        )
        if code is not None and done.returncode != code:
            raise Lost(f"xuncha {' '.join(arguments)}: exit code {done.returncode}\n{done.stdout[-2000:]}")
        return done.stdout

    def start(self) -> None:
        """First start: ledger, witness, everything. The seal's keys are made before, for the witness must know them."""
        self.home.mkdir(mode=0o700)
        keys = read_seal_keys(self.settings.seal_folder, make=True)
        self._log_keys = [str(signer.key) for signer in keys.log_signers(ORIGIN)]
        self._start_witness()
        self._start_run()
        self._tender.start()
        self.ready()

    def _spawn(self, *arguments: str) -> subprocess.Popen[bytes]:
        # In a session of its own: a Ctrl-C in the terminal reaches us, and we stop it.
        command = [sys.executable, "-P", "-m", "api", *arguments]
        return subprocess.Popen(
            command,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
            start_new_session=True,
        )

    def _start_witness(self) -> None:
        folder = self.home.parent / "witness"
        words = [word for key in self._log_keys for word in ("--log", key)]
        self._witness = self._spawn("witness", str(folder), "--name", WITNESS, *words, "--port", str(self.witness_port))
        if not self._witness_key:
            path = folder / "witness.key"
            until(lambda: path.exists() and len(path.read_text()) == 64, READY_WITHIN, "the witness's key")
            self._witness_key = str(Cosigner(WITNESS, bytes.fromhex(path.read_text())).key)

    def _start_run(self) -> None:
        self._run = self._spawn("run")

    def _tend(self) -> None:
        """Start again what has ended: `xuncha run` when it was killed or gave up, and the witness."""
        while not self._closing.is_set():
            if not self._resting.is_set():
                if self._run and self._run.poll() is not None:
                    self.restarts += 1
                    self._start_run()
                if self._witness and self._witness.poll() is not None:
                    self._start_witness()
            self._closing.wait(0.1)

    @contextmanager
    def resting(self) -> Iterator[None]:
        """Everything stopped in order, started again at the end."""
        self.rest()
        try:
            yield
        finally:
            self._resting.clear()
            self.ready()

    def rest(self) -> None:
        self._resting.set()
        self.drop_spares()
        if self._run and self._run.poll() is None:
            self._run.terminate()
            with suppress(subprocess.TimeoutExpired):
                self._run.wait(90)

    def close(self) -> None:
        """Stop all that was started here, whatever state it is in."""
        self._closing.set()
        if self._tender.is_alive():
            self._tender.join(5)
        self.rest()
        for process in (self._run, self._witness):
            if process and process.poll() is None:
                process.kill()
                process.wait()
        for pid in self._remains():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._log.close()

    def _remains(self) -> list[int]:
        """What a killed supervisor left, by its own pid file and PostgreSQL's."""
        found = []
        with suppress(OSError, ValueError, KeyError):
            for pid, mark in json.loads((self.home / "run.pid").read_text())["children"].values():
                process = known(int(pid))
                if process and process.mark == mark:
                    found.append(process.pid)
        if (pid := self.postmaster()) is not None:
            found.append(pid)
        return found

    def ready(self) -> None:
        """Wait until the API says so, and sealer and projector live, all of the present run. Raises Lost.

        What a killed supervisor left behind looks ready too; but nobody has the home then, and whoever comes first,
        such as a check of ours, takes the server over and stops it when done.
        """
        until(self._is_ready, READY_WITHIN, "all ready")

    def _is_ready(self) -> bool:
        run = self._run
        with suppress(OSError, ValueError, KeyError, TypeError):
            leader = json.loads((self.home / "run.pid").read_text())["supervisor"][0]
            if run is None or run.poll() is not None or leader != run.pid:
                return False
            return bool(self.pid("seal") and self.pid("project") and self.answers("/readyz"))
        return False

    def answers(self, path: str) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=2) as answer:
                return bool(answer.status == 200)
        except (OSError, HTTPException):
            return False

    # --- who is who ------------------------------------------------------------------------------------------

    def pid(self, name: str) -> int | None:
        """The process of this name, if it lives: run, witness, or a child of the run."""
        if name in ("run", "witness"):
            process = self._run if name == "run" else self._witness
            return process.pid if process and process.poll() is None else None
        with suppress(OSError, ValueError, KeyError):
            pid, mark = json.loads((self.home / "run.pid").read_text())["children"][name]
            found = known(int(pid))
            return found.pid if found and found.mark == mark else None
        return None

    def postmaster(self) -> int | None:
        with suppress(OSError, ValueError, IndexError):
            pid = int((self.home / "postgres" / "data" / "postmaster.pid").read_text().split()[0])
            if os.path.samefile(f"/proc/{pid}/cwd", self.home / "postgres" / "data"):
                return pid
        return None

    def servers(self, *names: str) -> list[int]:
        """The server's own processes whose titles hold one of these words."""
        found = []
        main = self.postmaster()
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            with suppress(OSError, ValueError):
                stat = (entry / "stat").read_text().rpartition(")")[2].split()
                title = (entry / "cmdline").read_text()
                if int(stat[1]) == main and (not names or any(name in title for name in names)):
                    found.append(int(entry.name))
        return found

    def backends(self, application: str = "") -> list[int]:
        """The backends of one of our programs, by the name it connects under."""
        rows = self.ask(
            "SELECT pid FROM pg_stat_activity WHERE datname = 'xuncha' AND pid <> pg_backend_pid()"
            " AND application_name LIKE %s ORDER BY backend_start DESC",
            f"{application}%",
        )
        return [int(pid) for (pid,) in rows]

    def spare(self, command: str) -> int:
        """A second projector or sealer beside the one that leads."""
        self._spares.append(self._spawn(command))
        return self._spares[-1].pid

    def drop_spares(self) -> None:
        for process in self._spares:
            if process.poll() is None:
                process.terminate()
                with suppress(subprocess.TimeoutExpired):
                    process.wait(20)
            if process.poll() is None:
                process.kill()
                process.wait()
        self._spares.clear()

    # --- the database ----------------------------------------------------------------------------------------

    def superuser(self, dbname: str = "xuncha") -> str:
        given = load_access(self.home).conninfo
        return make_conninfo(
            **{**given, "user": SUPERUSER, "password": password(self.home / "postgres"), "dbname": dbname},
            connect_timeout=5,
        )

    def ask(self, statement: str, *params: Any) -> list[tuple[Any, ...]]:
        """Rows, read by a superuser; asked again while the server recovers."""
        end = time.monotonic() + READY_WITHIN
        while True:
            try:
                with psycopg.connect(self.superuser(), autocommit=True) as connection:
                    cursor = connection.execute(statement, params)
                    return cursor.fetchall() if cursor.description else []
            except psycopg.OperationalError as e:
                if time.monotonic() > end:
                    raise Lost(f"the database does not come back: {e}") from e
                time.sleep(0.1)

    def token(self) -> str:
        return development_token(self.settings, DEVELOPMENT_DIRECTOR)

    # --- hurting ---------------------------------------------------------------------------------------------

    def kill(self, pid: int | None) -> bool:
        """kill −9; whether there was somebody to kill."""
        if pid is None:
            return False
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            return False
        return True

    def strike(self, pids: list[int], calls: str, what: str, seconds: float) -> bool:
        """`strace` lets a signal or an error strike these processes at a system call; whether it did strike.

        With a signal it ends when they have; else after so many seconds, and they go on without it.
        """
        if STRACE is None or not pids:
            return False
        trace = self.home.parent / "strace.out"
        words = [word for pid in pids for word in ("-p", str(pid))]
        tracer = subprocess.Popen(
            [STRACE, "-f", "-qq", "-o", str(trace), "-e", f"trace={calls}", "-e", f"inject={calls}:{what}", *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            tracer.wait(seconds)
        except subprocess.TimeoutExpired:
            tracer.send_signal(signal.SIGINT)  # it lets go of them first
            try:
                tracer.wait(10)
            except subprocess.TimeoutExpired:
                tracer.kill()
                tracer.wait()
        said = trace.read_text(errors="replace") if trace.exists() else ""
        return "(INJECTED)" in said or "killed by SIGKILL" in said or "stopped by SIGSTOP" in said
