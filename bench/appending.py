"""Appends by 1, 8 and 16 callers in one process, and by 4 in each of four: ours and the peers, in turn, one server."""

import asyncio
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, NamedTuple
from urllib.parse import quote

sys.path.insert(0, str(Path(__file__).resolve().parent))
import generator
import psycopg
import worker
from machine import Machine
from psycopg.conninfo import conninfo_to_dict

from api.composition import read_rulebook
from embedded import cluster

PEERS = Path(__file__).resolve().parent / "peers"
CASES = {"1": (1, 1), "8": (1, 8), "16": (1, 16), "4 × 4": (4, 4)}
"""Name: processes, callers in each."""
LABELS = {
    "ledger": "`Ledger.append`",
    "command": "a whole command, sealed (`registerBody`)",
    "refused": "a whole command, refused",
    "library": "eventsourcing, its default recorder",
    "emmett": "Emmett, PostgreSQL, pooled",
    "crud": "row and audit row, one transaction",
    "pgbench": "limit: pgbench, one row",
}


class Took(NamedTuple):
    """One measurement: appends a second, and what one took, in milliseconds."""

    rate: float
    p50: float
    p99: float


Medians = dict[str, dict[str, Took]]
"""By subject, by case."""


def took(microseconds: list[int], seconds: float) -> Took:
    ordered = sorted(microseconds)
    last = len(ordered) - 1
    return Took(len(ordered) / seconds, ordered[last // 2] / 1e3, ordered[round(last * 0.99)] / 1e3)


def median(all_: list[Took]) -> Took:
    return Took(*(statistics.median(values) for values in zip(*all_, strict=True)))


class Process:
    """A worker, told by lines what to do."""

    def __init__(self, command: list[str], log: IO[bytes]) -> None:
        self.running = subprocess.Popen(  # noqa: S603  our own
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True
        )
        self.command = command

    def say(self, line: str) -> None:
        assert self.running.stdin is not None  # noqa: S101
        self.running.stdin.write(line + "\n")
        self.running.stdin.flush()

    def hear(self) -> str:
        assert self.running.stdout is not None  # noqa: S101
        if not (line := self.running.stdout.readline()):
            raise SystemExit(f"{' '.join(self.command[:3])} ended early: see what it wrote")
        return line

    def end(self) -> None:
        if self.running.stdin is not None:
            self.running.stdin.close()
        try:
            self.running.wait(10)
        except subprocess.TimeoutExpired:
            self.running.kill()
            self.running.wait()


class Subject:
    """What is measured: as many processes as a case asks for, kept from round to round."""

    def __init__(self, command: list[str], log: IO[bytes]) -> None:
        self.command, self.log = command, log
        self.processes: list[Process] = []

    def measure(self, processes: int, callers: int, seconds: float) -> Took:
        while len(self.processes) < processes:
            self.processes.append(process := Process(self.command, self.log))
            process.hear()
            process.say(f"{callers} 0.3")  # connections, prepared statements, caches
            process.hear()
        chosen = self.processes[:processes]
        for process in chosen:
            process.say(f"{callers} {seconds}")
        answers = [json.loads(process.hear()) for process in chosen]
        return took([each for a in answers for each in a["took"]], max(a["seconds"] for a in answers))

    def end(self) -> None:
        for process in self.processes:
            process.end()


class PgBench:
    """The limit: the same row, by a program in C that does nothing else."""

    def __init__(self, address: str, folder: Path) -> None:
        self.to, self.folder = conninfo_to_dict(address), folder
        data = json.dumps({"text": "x" * (worker.BYTES - worker.ENVELOPE)}, separators=(",", ":"))
        self.script = folder / "insert.sql"
        self.script.write_text(
            "INSERT INTO stored (stream, version, kind, body)"
            f" VALUES (gen_random_uuid(), 1, 'noted', convert_to('{data}', 'UTF8'));\n",
            encoding="ascii",
        )

    def measure(self, processes: int, callers: int, seconds: float) -> Took:
        log = self.folder / "pgbench"
        clients = processes * callers
        command = [str(cluster.programs() / "pgbench"), "-n", "-M", "prepared", "-f", str(self.script)]
        command += ["-c", str(clients), "-j", str(min(clients, 2)), "-T", str(max(1, round(seconds)))]
        command += ["-l", "--log-prefix", str(log), "-h", str(self.to["host"]), "-p", str(self.to["port"])]
        command += ["-U", str(self.to["user"]), str(self.to["dbname"])]
        environment = {**os.environ, "PGPASSWORD": str(self.to["password"])}
        said = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
        if said.returncode:
            raise SystemExit(f"pgbench: {said.stderr}")
        each: list[int] = []
        for file in self.folder.glob("pgbench.*"):
            each += [int(line.split()[2]) for line in file.read_text(encoding="ascii").splitlines()]
            file.unlink()
        if not each:  # it says nothing of a second in which it got nothing done
            return self.measure(processes, callers, 2 * max(1.0, seconds))
        rates = [line.split()[2] for line in said.stdout.splitlines() if line.startswith("tps = ")]
        return took(each, 1.0)._replace(rate=float(rates[0]))

    def end(self) -> None:
        """Nothing is left running."""


@contextmanager
def subjects(server: Machine) -> Iterator[tuple[Mapping[str, Subject | PgBench], dict[str, str]]]:
    """All of them, each with a database of its own on the one server; and why one is left out."""
    left_out: dict[str, str] = {}
    book = read_rulebook()
    with (
        tempfile.TemporaryDirectory(prefix="xuncha-bench-") as scratch,
        (server.folder / "workers.log").open("wb") as log,
    ):
        made: dict[str, Subject | PgBench] = {}
        for name in ("ledger", "command", "refused"):
            place = server.place(f"append_{name}")
            asyncio.run(generator.begin(place, book))
            made[name] = Subject(_python(name, worker.described(place)), log)
        address = server.database("append_library")
        worker.prepare_library(address)
        made["library"] = Subject(_python("library", {"admin": address}), log)
        if reason := _no_emmett():
            left_out["emmett"] = reason
        else:
            given = json.dumps(
                {"address": _url(server.database("append_emmett")), "bytes": worker.BYTES, "most": worker.MOST}
            )
            command = [str(shutil.which("node")), str(PEERS / "emmett.mjs"), given]
            subprocess.run([*command, "prepare"], check=True, stdout=log, stderr=log)  # noqa: S603
            made["emmett"] = Subject(command, log)
        address = server.database("append_crud")
        with psycopg.connect(address, autocommit=True) as connection:
            for statement in worker.CRUD_TABLES:
                connection.execute(statement)
        made["crud"] = Subject(_python("crud", {"admin": address}), log)
        address = server.database("append_pgbench")
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(
                "CREATE TABLE stored (position bigserial PRIMARY KEY, stream uuid NOT NULL, version bigint NOT NULL,"
                " kind text NOT NULL, body bytea NOT NULL, UNIQUE (stream, version))"
            )
        made["pgbench"] = PgBench(address, Path(scratch))
        try:
            yield made, left_out
        except BaseException:
            print((server.folder / "workers.log").read_text(encoding="utf-8", errors="replace")[-2_000:])
            raise
        finally:
            for subject in made.values():
                subject.end()


def measure(server: Machine, rounds: int, seconds: float) -> tuple[Medians, dict[str, str]]:
    """In every round every case of every subject, one after the other; who is first changes from round to round."""
    all_: defaultdict[str, defaultdict[str, list[Took]]] = defaultdict(lambda: defaultdict(list))
    with subjects(server) as (made, left_out):
        names = list(made)
        for round_ in range(rounds):
            server.settle()
            turn = round_ % len(names)
            for case, (processes, callers) in CASES.items():
                for name in names[turn:] + names[:turn]:
                    all_[name][case].append(made[name].measure(processes, callers, seconds))
            print(f"append, round {round_ + 1}: " + ", ".join(f"{n} {all_[n]['16'][-1].rate:,.0f}/s" for n in names))
    return {name: {case: median(each) for case, each in cases.items()} for name, cases in all_.items()}, left_out


def _python(name: str, given: dict[str, object]) -> list[str]:
    return [sys.executable, str(Path(worker.__file__)), name, json.dumps(given)]


def _no_emmett() -> str | None:
    """Why Emmett cannot be measured here, if it cannot. Its packages are fetched on first use, pinned by hash."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node:
        return "no Node.js here"
    if (PEERS / "node_modules" / "@event-driven-io").is_dir():
        return None
    if not npm:
        return "no npm here"
    got = subprocess.run([npm, "ci", "--silent"], cwd=PEERS, capture_output=True, check=False)  # noqa: S603
    return None if got.returncode == 0 else "npm could not fetch it"


def _url(address: str) -> str:
    to = {name: quote(str(value), safe="") for name, value in conninfo_to_dict(address).items() if value is not None}
    return f"postgres://{to['user']}:{to['password']}@/{to['dbname']}?host={to['host']}&port={to['port']}"
