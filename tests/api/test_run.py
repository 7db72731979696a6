"""`xuncha run` as a newcomer meets it, by real processes: first start, kills, a second start, a server, refusals."""

import asyncio
import base64
import hashlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4, uuid5

import jwt
import psutil
import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from psycopg import sql
from psycopg.conninfo import make_conninfo

from api import composition, example
from api.auth import DEVELOPMENT_ISSUER
from api.cli import main
from api.composition import read_rulebook
from api.running import _example_wanted
from api.settings import read_settings
from application import keeping
from application.database import load_access
from application.ledger import ENTRY_COLUMNS
from domain.bodies import BodyRegistered
from domain.facts import decode
from domain.kernel import NAMESPACE, Secret, derived_id
from embedded import postgres
from embedded.postgres import _free_port

ROOT = Path(__file__).resolve().parents[2]
EXPLORER = ROOT / "src" / "api" / "explorer.html"


class Started:
    """A `xuncha run` over a home: what it said, and its end."""

    def __init__(self, home: Path, *, port: int | None = None, **more: Any) -> None:
        self.home, self.port = home, port or _free_port(0)
        self.base = f"http://127.0.0.1:{self.port}"
        self.said: list[str] = []
        self.process = subprocess.Popen(
            [sys.executable, "-m", "api", "run"],
            env=environment(home, XUNCHA_PORT=str(self.port), **more),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=ROOT,
        )

    def until(self, word: str) -> "Started":
        """Read what it says up to a line with this word; fail where it ends before."""
        assert self.process.stdout
        for line in self.process.stdout:
            self.said.append(line.rstrip("\n"))
            if word in line:
                return self
        pytest.fail("\n".join(self.said[-20:]))

    def ready(self) -> "Started":
        return self.until("Ctrl-C")

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        self.said += self.process.communicate(timeout=40)[0].splitlines()
        return self.process.returncode

    def children(self) -> dict[str, int]:
        named = json.loads((self.home / "run.pid").read_text())["children"]
        database = int((self.home / "postgres" / "data" / "postmaster.pid").read_text().split()[0])
        return {name: pid for name, (pid, _) in named.items()} | {"postgres": database}

    def entries(self) -> int:
        with psycopg.connect(load_access(self.home).of("writer")) as connection:
            row = connection.execute("SELECT count(*) FROM ledger.entries").fetchone()
            return int(row[0]) if row else 0

    def get(self, path: str) -> Any:
        with urllib.request.urlopen(self.base + path, timeout=5) as answer:  # noqa: S310  our own server
            return json.load(answer)

    def ask(self, audience: str, token: str, query: str) -> Any:
        request = urllib.request.Request(  # noqa: S310  the same
            f"{self.base}/graphql/{audience}",
            json.dumps({"query": query}).encode(),
            {"Authorization": f"Bearer {token}"},
        )
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310  our own server
            return json.load(answer)["data"]


def environment(home: Path, **more: str) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("XUNCHA_", "DATABASE_URL"))}
    return {**kept, "PYTHONPATH": str(ROOT / "src"), "XUNCHA_HOME": str(home), **more}


def until(what: Callable[[], object], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.05)


def gone(pids: list[int]) -> bool:
    return not any(psutil.pid_exists(pid) and psutil.Process(pid).status() != "zombie" for pid in pids)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("run") / "有 空格"


@pytest.fixture(scope="module")
def started(home: Path) -> Iterator[list[Started]]:
    """The run the tests of this file look at; one that is killed is replaced by the next. The first was interrupted
    while it loaded the example."""
    interrupted = Started(home).until("bodies and people")
    assert interrupted.stop() == 0
    runs = [interrupted, Started(home).ready()]
    yield runs
    pids = [runs[-1].process.pid, *runs[-1].children().values()]
    assert runs[-1].stop() == 0
    assert gone(pids)
    assert not (home / "run.pid").exists()


def tried(run: Started) -> list[tuple[str, Any]]:
    """The lines `run` says to try, each with what a shell in the clone gets for it."""
    starts = ("curl ", shutil.which("python") or "curl", ".venv")
    lines = [line for line in run.said if line.startswith(starts)]
    surroundings = environment(run.home)
    return [
        (
            line,
            json.loads(
                subprocess.run(
                    ["sh", "-c", line], cwd=ROOT, env=surroundings, capture_output=True, text=True, check=True
                ).stdout
            )["data"],
        )
        for line in lines
    ]


def test_the_lines_to_try_work_in_a_shell_and_say_why(started: list[Started]) -> None:
    """Art. 11(6), 17: what a unit owes today; when the organ must answer. What to open and to try stands last."""
    run = started[-1]
    assert [line for line in run.said[-12:] if f"{run.base}/" in line]
    (first, owing), (_, answering) = tried(run)
    names = {body["id"]: body["name"]["text"] for body in owing["bodies"]["items"]}
    duties = {(names[duty["owedBy"]], duty["name"]): duty["due"] for duty in owing["duties"]["items"]}
    assert duties.keys() == {("某局", "notice_publication"), ("某市委组织部", "transfer_answer")}
    assert "通知书" in duties["某局", "notice_publication"]["why"][0]
    due = answering["transfers"]["items"][0]["answerDue"]
    assert due["state"] == "open"
    assert any("第十七条" in why for why in due["why"])
    assert run.said.index(first) > max(n for n, said in enumerate(run.said) if "/graphql/unit" in said)


def test_the_ready_queries_answer_for_every_audience(started: list[Started]) -> None:
    page = EXPLORER.read_text(encoding="utf-8")
    match = re.search(r'<script type="application/json" id="queries">(.*?)</script>', page, re.S)
    assert match
    ready = json.loads(match[1])
    roles = started[-1].get("/development/roles")
    assert ready.keys() == {role["audience"] for role in roles} | {"addressee"}
    empty = []
    for audience, queries in ready.items():
        for zh, _, query in queries:
            askers = [r for r in roles if audience in (r["audience"], "addressee")]
            answers = [started[-1].ask(audience, r["token"], query) for r in askers]
            parts = [part for answer in answers for part in answer.values()]
            if not any(isinstance(part, list) or "person" in part or part["items"] for part in parts):
                empty.append((audience, zh))
    assert empty == []


def test_every_inspected_unit_of_the_example_owes_something_as_itself(started: list[Started]) -> None:
    """Art. 11(6), 12(6): README's roles `unit-head` and `bureau-head`, each with what its unit owes."""
    tokens = {role["subject"]: role["token"] for role in started[-1].get("/development/roles")}
    query = '{ duties(where: {status: "owed"}) { items { name label } } }'
    owed = {who: started[-1].ask("unit", tokens[who], query) for who in ("unit-head", "bureau-head")}
    assert {who: [d["name"] for d in found["duties"]["items"]] for who, found in owed.items()} == {
        "unit-head": ["documents_wanted"],
        "bureau-head": ["notice_publication"],
    }


@pytest.mark.skipif(shutil.which("node") is None, reason="the explorer's script is JavaScript")
def test_a_card_of_the_explorer_says_who_owes_what() -> None:
    """By name where the answer or the role's bodies have it; where no name is to be read, by the id."""
    page = EXPLORER.read_text(encoding="utf-8")
    plain = re.findall(r"^function (?:learn|owing)\(.*?^\}", page, re.S | re.M)
    tried = """
        const t = (key) => key, known = new Map();
        const body = { id: "body:1", name: { text: "某局" } };
        learn({ data: { bodies: { items: [body, { id: "body:2", name: null }] } } }, known);
        const rows = [{ owedBy: "body:1", unit: "body:1", label: "公布" }, { label: "公布" }, body,
            { owedBy: "body:3", unit: "body:1", name: "x" }, { owedBy: "team:1", label: "归档" }];
        console.log(JSON.stringify(rows.map((row) => owing(row, known))));
    """
    done = subprocess.run(["node", "-e", "\n".join([*plain, tried])], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == ["某局：公布", "公布", "", "body:3（某局）：x", "team：归档"]


def test_the_explorer_opens_as_the_office() -> None:
    """Its first ready query is what README asks."""
    assert 'remembered("role") || "office-clerk"' in EXPLORER.read_text(encoding="utf-8")


def test_the_explorer_runs_nothing_but_its_own_script() -> None:
    """The hashes in its policy are those of its one style and one script; nothing comes from elsewhere."""
    page = EXPLORER.read_text(encoding="utf-8")
    for tag in ("style", "script"):
        (body,) = re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.S)
        digest = base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in page, f"{tag}-src must be 'sha256-{digest}'"
    assert "default-src 'none'" in page
    assert not re.findall(r"(?:https?:)?//[a-z]", re.sub(r'"[^"\n]*—[^"\n]*"', "", page.split("<script>")[0]))
    assert " style=" not in page
    assert ' onclick="' not in page


def test_a_change_of_language_repeats_what_was_sent_and_never_a_command() -> None:
    """What stands unsent in the editor stays unsent."""
    page = EXPLORER.read_text(encoding="utf-8")
    (change,) = re.findall(r'for \(const name of \["zh", "en"\]\) \$\(name\)\.onclick = .*', page)
    assert "again()" in change
    assert not re.search(r"\b(run|send|ask|choose)\(", change)
    again = re.search(r"function again\(\) \{\n(.*?)\n\}", page, re.S)
    assert again
    assert again[1].strip() == 'if (sent && !sent.query.includes("mutation")) send(sent);'


@pytest.mark.parametrize("names", [["serve"], ["project"], ["postgres"]], ids=lambda names: names[0])
def test_a_killed_process_is_back_without_a_hand(started: list[Started], names: list[str]) -> None:
    run = started[-1]
    before = run.children()
    for name in names:
        os.kill(before[name], signal.SIGKILL)

    def healed() -> bool:
        try:
            now = run.children()
            return all(now[name] != before[name] for name in names) and bool(run.get("/readyz")["ready"])
        except (OSError, ValueError, KeyError, IndexError):
            return False

    until(healed)


def test_after_a_kill_of_the_supervisor_the_next_start_takes_over_and_does_nothing_anew(
    started: list[Started],
) -> None:
    first = started[-1]
    entries, left = first.entries(), first.children()
    first.stop(signal.SIGKILL)
    assert not gone(list(left.values()))
    second = Started(first.home, port=first.port).ready()
    started.append(second)
    assert gone([left["serve"], left["project"]])
    assert second.children()["postgres"] == left["postgres"]
    assert "Adopted" in "\n".join(second.said)
    for anew in ("First start", "database ready", "loading the example"):
        assert anew not in "\n".join(second.said)
    assert second.entries() == entries


def at_work_in(home: Path) -> list[int]:
    """Whoever is in the database's folders, or was started there."""
    found = []
    for process in psutil.process_iter():
        try:
            if Path(process.cwd()).is_relative_to(home) or str(home) in " ".join(process.cmdline()):
                found.append(process.pid)
        except psutil.Error:
            continue
    return found


@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGTERM, -signal.SIGTERM), (signal.SIGHUP, -signal.SIGHUP), (signal.SIGINT, 130)],
    ids=["TERM", "HUP", "INT"],
)
def test_a_first_start_that_is_interrupted_leaves_nobody_at_work(
    tmp_path: Path, number: signal.Signals, code: int
) -> None:
    home = tmp_path / "home"
    run = Started(home).until("First start")
    until((home / "postgres" / "data.new" / "global").exists)
    assert run.stop(number) == code, run.said
    assert not [line for line in run.said if "Traceback" in line]
    assert at_work_in(home) == []


def test_an_interruption_before_the_ledger_is_ready_leaves_no_server(tmp_path: Path) -> None:
    run = Started(tmp_path / "home").until("The database is up")
    assert run.stop() in (-signal.SIGTERM, 0)
    assert at_work_in(tmp_path / "home") == []


def test_an_interrupted_example_is_completed_and_not_doubled(started: list[Started]) -> None:
    """Its commands have ids of their own, by number: each is on record once, none is missing, and nothing else is."""
    interrupted, completed = started[:2]
    assert not [line for line in interrupted.said if "Traceback" in line]
    for run in (interrupted, completed):
        assert "loading the example" in "\n".join(run.said)
    with psycopg.connect(load_access(completed.home).of("writer")) as connection:
        entries = [decode(*row) for row in connection.execute(f"SELECT {ENTRY_COLUMNS} FROM ledger.entries")]
    by_command = {(e.stamp.command.id, e.command) for e in entries if e.stamp.recorder.startswith("person:")}
    ids = [client_id for client_id, _ in by_command]
    assert sorted(ids) == sorted(example.nth_command(n) for n in range(1, len(ids) + 1))
    assert len(ids) > 50
    roles = [(role["audience"], role["token"]) for role in started[-1].get("/development/roles")]
    assert len(set(roles)) == len(roles)


def test_an_example_never_comes_into_real_work(database: Any) -> None:
    """Into a ledger nobody has worked in, yes; to complete what it began, yes; after anything else, never."""

    async def tried(command: Any, director: str) -> list[bool]:
        book = read_rulebook()
        answers = []
        async with database.ledger() as ledger:
            await keeping.open_ledger(ledger, ledger.keys.origin)
            await keeping.adopt(ledger, book)
            answers.append(await example.may_be_loaded(ledger, database.access.of("writer")))
            await keeping.appoint_first_director(ledger, book, DEVELOPMENT_ISSUER, director)
            answers.append(await example.may_be_loaded(ledger, database.access.of("writer")))
            body = derived_id("body", str(command))
            fact = BodyRegistered(body=body, name=Secret("某局"), category="party_or_government_organ")
            await ledger.append(command, database.stamp(command), {body: (0, [fact])})
            answers.append(await example.may_be_loaded(ledger, database.access.of("writer")))
            first = uuid5(NAMESPACE, f"command|{keeping.FIRST_PERSON}|{example.nth_command(1)}")
            other = derived_id("body", str(first))
            fact = BodyRegistered(body=other, name=Secret("某镇"), category="town_or_street")
            await ledger.append(first, database.stamp(first), {other: (0, [fact])})
            answers.append(await example.may_be_loaded(ledger, database.access.of("writer")))
        return answers

    assert asyncio.run(tried(uuid4(), example.DEVELOPMENT_DIRECTOR)) == [False, True, False, True]


def test_an_example_comes_only_into_a_ledger_this_home_made(started: list[Started]) -> None:
    """A restored one has its entries, or none; whoever restored it wanted no example either way."""
    settings = read_settings({"XUNCHA_HOME": str(started[-1].home)})
    complete, kept = settings.development_folder / "example", settings.development_folder / "kept"
    complete.rename(kept)  # as a restore leaves it: that folder is in no backup
    try:
        origin, wanted = asyncio.run(_example_wanted(settings))
        assert not wanted
        example.note_made(settings, origin)
        assert asyncio.run(_example_wanted(settings)) == (origin, True)
        example.note_complete(settings, origin)
        assert asyncio.run(_example_wanted(settings)) == (origin, False)
    finally:
        kept.rename(complete)


def test_an_example_is_for_the_development_director_only(database: Any) -> None:
    async def tried() -> bool:
        async with database.ledger() as ledger:
            await keeping.appoint_first_director(ledger, read_rulebook(), DEVELOPMENT_ISSUER, "zhang")
            return await example.may_be_loaded(ledger, database.access.of("writer"))

    assert asyncio.run(tried()) is False


@pytest.fixture
def server(spare_server: postgres.Embedded) -> Iterator[str]:
    """An administrator's address of a database on a server that is not ours to start."""
    name = f"xuncha_test_{uuid4().hex[:12]}"
    with psycopg.connect(spare_server.dsn(), autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        yield spare_server.dsn(dbname=name)
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
        for role in ("owner", "writer", "projector", "reader"):
            connection.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(f"{name}_{role}")))


def test_over_a_server_nobody_signs_in_before_it_is_said_who_may(server: str, tmp_path: Path) -> None:
    home = tmp_path / "home"
    run = Started(home, DATABASE_URL=server).ready()
    try:
        said = "\n".join(run.said)
        assert "XUNCHA_JWT_ISSUER" in said
        assert "eyJ" not in said
        with pytest.raises(urllib.error.HTTPError, match="404"):
            run.get("/development/roles")
    finally:
        assert run.stop() == 0
    key = Ed25519PrivateKey.generate()
    jwks = {"keys": [json.loads(jwt.algorithms.OKPAlgorithm.to_jwk(key.public_key())) | {"kid": "a", "alg": "EdDSA"}]}
    (tmp_path / "jwks.json").write_text(json.dumps(jwks))
    signing: dict[str, Any] = {
        "XUNCHA_JWT_ISSUER": "idp",
        "XUNCHA_JWT_KEYS": str(tmp_path / "jwks.json"),
        "DATABASE_URL": server,
    }
    init = [sys.executable, "-m", "api", "init", "--office-director", "zhang"]
    subprocess.run(init, env=environment(home, **signing), check=True, capture_output=True)
    run = Started(home, **signing).ready()
    try:
        now = int(time.time())
        claims = {"iss": "idp", "aud": "xuncha", "sub": "zhang", "iat": now, "exp": now + 60}
        token = jwt.encode(claims, key, algorithm="EdDSA", headers={"kid": "a"})
        assert run.ask("office", token, "{ me { capacity } }") == {"me": {"capacity": "office"}}
    finally:
        assert run.stop() == 0


def test_what_cannot_work_is_named_in_one_line_before_anything_is_made(
    server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """All but one in this process, where nothing can be started: starting Python a dozen times is dear."""
    shutil.copytree(ROOT / "src" / "domain" / "rulebook" / "data", tmp_path / "data")
    edition = tmp_path / "data" / "yiwu-2015.toml"
    text = edition.read_text(encoding="utf-8")
    assert 'n = 3, unit = "working_days", trigger = "notice_received"' in text
    wrong = text.replace(
        'n = 3, unit = "working_days", trigger = "notice_received"',
        'n = -3, unit = "working_days", trigger = "notice_received"',
    )
    edition.write_text(wrong, encoding="utf-8")
    (tmp_path / "file").touch()
    listening = socket.create_server(("127.0.0.1", 0))
    taken = listening.getsockname()[1]
    wished: dict[str, tuple[dict[str, str], str]] = {
        "port": ({"XUNCHA_PORT": "abc"}, "XUNCHA_PORT"),
        "taken": ({"XUNCHA_PORT": str(taken)}, f"port {taken} is taken"),
        "edition": ({}, "yiwu-2015.toml: deadlines.notice_publication.n = -3"),
        "address": ({"XUNCHA_ORIGIN": "义乌"}, "no space and no +: '义乌'"),
        "spaces": ({"XUNCHA_ORIGIN": "b a d"}, "XUNCHA_ORIGIN"),
        "absent": ({"XUNCHA_HOME": str(tmp_path / "none" / "home")}, "the parent folder of XUNCHA_HOME does not exist"),
        "long": ({"XUNCHA_HOME": str(tmp_path / ("x" * 300))}, "XUNCHA_HOME 不可写"),
        "place": ({"XUNCHA_HOME": str(tmp_path / "file" / "home")}, str(tmp_path / "file" / "home")),
        "password": ({"DATABASE_URL": make_conninfo(server, password="Planted-7Secret")}, "password authentication"),
        "nobody": ({"DATABASE_URL": "postgresql://u:Planted-7Secret@127.0.0.1:1/x"}, "Connection refused"),
        "jwt": ({"XUNCHA_JWT_ISSUER": "idp"}, "XUNCHA_JWT_KEYS"),
        "keys": ({"XUNCHA_JWT_ISSUER": "idp", "XUNCHA_JWT_KEYS": str(tmp_path / "file")}, str(tmp_path / "file")),
    }

    def here(name: str, surroundings: dict[str, str]) -> tuple[int, str, str]:
        with monkeypatch.context() as patch:
            for variable in os.environ.keys() - surroundings.keys():
                patch.delenv(variable)
            for variable, value in surroundings.items():
                patch.setenv(variable, value)
            patch.setattr(subprocess, "Popen", lambda *_, **__: pytest.fail(f"{name}: started"))
            if name == "edition":
                patch.setattr(composition, "files", lambda _: tmp_path)
            code = main(["run"])
        return code, *capsys.readouterr()

    def apart(surroundings: dict[str, str]) -> tuple[int, str, str]:
        command = [sys.executable, "-m", "api", "run"]
        done = subprocess.run(command, env=surroundings, capture_output=True, text=True, timeout=60, check=False)
        return done.returncode, done.stdout, done.stderr

    for name, (changes, _) in wished.items():
        surroundings = environment(tmp_path / name, XUNCHA_PORT=str(_free_port(0))) | changes
        code, out, err = apart(surroundings) if name == "keys" else here(name, surroundings)
        assert (code, out) == (1, ""), (name, out, err)
        assert wished[name][1] in err, (name, err)
        assert " · " in err, name
        assert len(err.splitlines()) == 1, (name, err)
        assert "Planted" not in err, name
        assert not (tmp_path / name / "postgres").exists(), name
        assert not (tmp_path / name / "keys").exists(), name
        if "DATABASE_URL" in wished[name][0]:
            assert "DATABASE_URL" in err, name
            assert not (tmp_path / name).exists(), name
    listening.close()


def test_a_server_that_could_lose_what_it_acknowledged_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(postgres._FIXED, "fsync", "off")
    with postgres.start(tmp_path / "server") as careless:
        run = Started(tmp_path / "home", DATABASE_URL=careless.dsn())
        said, _ = run.process.communicate(timeout=60)
        assert run.process.returncode == 1
        assert "fsync=off" in said
        assert len(said.splitlines()) == 1
    assert not (tmp_path / "home").exists()
