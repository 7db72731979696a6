"""`xuncha` on the command line over a real ledger: help, exit codes, init, check, rebuild, keys.

The ledger is kept by a real `xuncha run`; each command is tried as a process at least once, else in this process.
"""

import asyncio
import io
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from api import running as running_module
from api.auth import development_token
from api.cli import main
from api.composition import VIEWS, open_ledger, open_services, read_rulebook
from api.settings import Settings, read_settings
from application.database import ROLES, load_access
from application.keeping import FIRST_PERSON
from domain.kernel import Secret, day_of
from domain.people import PersonRegistered
from domain.rulebook.editions import Entry
from embedded import cluster
from embedded.postgres import _free_port
from projections.shelf import BUILDING_LOCK, digest
from sealedlog.notes import Checkpoint, Cosigner, Signer, parse_note
from sealedlog.policy import parse_policy

SOURCES = Path(__file__).resolve().parents[2] / "src"
Finished = subprocess.CompletedProcess[str]
JWKS = (
    '{"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": "a", "alg": "EdDSA", "x":'
    ' "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}'
)


def environment(home: Path, **more: str) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("XUNCHA_", "DATABASE_URL"))}
    return {**kept, "PYTHONPATH": str(SOURCES), "XUNCHA_HOME": str(home), **more}


def xuncha(home: Path, *words: str, **more: str) -> Finished:
    """A command in this process, with the environment and the streams of one of its own; starting Python is dear."""
    out, err = io.StringIO(), io.StringIO()
    before = dict(os.environ)
    try:
        os.environ.clear()
        os.environ.update(environment(home, **more))
        with redirect_stdout(out), redirect_stderr(err):
            code = main(words)
    finally:
        os.environ.clear()
        os.environ.update(before)
    return subprocess.CompletedProcess(words, code, out.getvalue(), err.getvalue())


def apart(home: Path, *words: str, **more: str) -> Finished:
    """A command as a process."""
    command = [sys.executable, "-m", "api", *words]
    return subprocess.run(
        command, env=environment(home, **more), capture_output=True, text=True, timeout=60, check=False
    )


class Running:
    """A `xuncha run` with a ledger in which the director has registered one body."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.port = _free_port(0)
        self.settings: Settings = read_settings({"XUNCHA_HOME": str(home), "XUNCHA_PORT": str(self.port)})

    def cli(self, *words: str) -> Finished:
        return xuncha(self.home, *words, XUNCHA_PORT=str(self.port))

    def ask(self, query: str, **variables: Any) -> Any:
        token = development_token(self.settings, "office-director")
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/graphql/office",
            json.dumps({"query": query, "variables": variables}).encode(),
            {"Authorization": f"Bearer {token}"},
        )
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310  our own server
            return json.load(answer)["data"]

    def names(self) -> dict[str, Any]:
        found = self.ask("{ bodies { items { id name { text state } } } }")["bodies"]["items"]
        return {body["id"]: body["name"] for body in found}

    def as_superuser(self) -> psycopg.Connection[Any]:
        where = load_access(self.home).conninfo
        password = cluster.password(self.home / "postgres")
        return psycopg.connect(make_conninfo(**{**where, "user": cluster.SUPERUSER, "password": password}))

    @contextmanager
    def changed_entry(self, position: int, change: bytes, to: bytes) -> Iterator[None]:
        """One entry's bytes changed by a superuser who silences the trigger; put right again after."""
        with self.as_superuser() as connection:
            row = connection.execute("SELECT body FROM ledger.entries WHERE position = %s", (position,)).fetchone()
            assert row is not None
            before = bytes(row[0])
        assert change in before
        self._store(position, before.replace(change, to, 1))
        try:
            yield
        finally:
            self._store(position, before)

    def _store(self, position: int, body: bytes) -> None:
        with self.as_superuser() as connection:
            connection.execute("ALTER TABLE ledger.entries DISABLE TRIGGER append_only")
            connection.execute("UPDATE ledger.entries SET body = %s WHERE position = %s", (body, position))
            connection.execute("ALTER TABLE ledger.entries ENABLE ALWAYS TRIGGER append_only")

    def stored(self, kind: str | None = None) -> list[Any]:
        """What stands in the ledger, of a kind or at all, in order."""
        with self.as_superuser() as connection:
            rows = connection.execute(
                "SELECT body FROM ledger.entries WHERE kind = coalesce(%s, kind) ORDER BY position", (kind,)
            )
            return [json.loads(bytes(body)) for (body,) in rows]

    def age_keys(self) -> None:
        """As if every key were older than any decision about it."""
        store = sqlite3.connect(self.home / "keys" / "keys.db", isolation_level=None)
        try:
            store.execute("UPDATE keys SET made_at = '1999-01-01T00:00:00+00:00'")
        finally:
            store.close()

    def digests(self) -> dict[str, str]:
        with psycopg.connect(load_access(self.home).of("projector")) as connection:
            return {view.name: digest(connection, view.name) for view in VIEWS}

    def pid_of(self, name: str) -> int:
        return int(json.loads((self.home / "run.pid").read_text())["children"][name][0])


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    made = Running(tmp_path_factory.mktemp("cli") / "home")
    surroundings = environment(made.home, XUNCHA_PORT=str(made.port), XUNCHA_EXAMPLES="0")
    command = [sys.executable, "-m", "api", "run"]
    with subprocess.Popen(command, env=surroundings, stdout=subprocess.PIPE, text=True) as process:
        try:
            said = []
            assert process.stdout
            for line in process.stdout:
                said.append(line)
                if "Ctrl-C" in line:
                    break
            else:
                pytest.fail("".join(said))
            done = made.ask(
                'mutation($id: ID!) { r: registerBody(commandId: $id, input: {name: "某局", category:'
                ' "party_or_government_organ"}) { ... on Done { id } } }',
                id=str(uuid4()),
            )
            assert done["r"]["id"]
            yield made
        finally:
            process.terminate()
            process.communicate(timeout=30)
    assert process.returncode == 0


@pytest.mark.parametrize(("words", "word"), [((), "XUNCHA_HOME"), (("key", "destroy"), "不可恢复 · destroy a key")])
def test_help_is_in_both_languages(words: tuple[str, ...], word: str, capsys: pytest.CaptureFixture[str]) -> None:
    """And every command and variable of it has its line in both READMEs."""
    with pytest.raises(SystemExit, match="0"):
        main([*words, "--help"])
    said = capsys.readouterr().out
    assert word in said
    if not words:
        listed = re.search(r"\n  COMMAND\n(.*?)\n\n", said, re.DOTALL)
        assert listed
        commands = re.findall(r"^ {4}([a-z]+)\b", listed[1], re.MULTILINE)
        assert listed[1].count(" · ") == len(commands), "each in both languages"
        assert {"run", "init", "serve", "project", "seal", "check", "verify", "token"} <= set(commands)
        for readme in ("README.md", "README.zh.md"):
            text = (SOURCES.parent / readme).read_text("utf-8")
            table = "\n".join(line for line in text.splitlines() if line.startswith("| `"))
            assert [command for command in commands if not re.search(rf"`{command}\b", table)] == [], readme
            assert [v for v in re.findall("^  ([A-Z_]+) ", said, re.MULTILINE) if f"`{v}`" not in table] == [], readme


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("frobnicate",),
        ("key",),
        ("key", "destroy", "key:x", "--decided-by", "person:x", "--decided-on", "2026-02-30", "--basis", "x"),
        ("key", "destroy", "key:x", "--decided-on", "2026-02-03", "--basis", "x"),
    ],
    ids=lambda words: " ".join(words) or "nothing",
)
def test_a_wrong_call_ends_with_2(words: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(words)


@pytest.mark.parametrize(
    ("day", "says"),
    [
        ("2026-13-45", "没有这一天 · there is no such day: 2026-13-45"),
        ("2026-02-29", "没有这一天 · there is no such day: 2026-02-29"),
        ("29.2.2026", "日期格式为 YYYY-MM-DD · a date is written YYYY-MM-DD"),
    ],
)
def test_a_day_there_is_none_of_is_told_from_one_written_otherwise(
    day: str, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["key", "destroy", "key:x", "--decided-by", "person:x", "--decided-on", day, "--basis", "x"])
    assert capsys.readouterr().err.rstrip().endswith(says)


@pytest.mark.parametrize(
    ("basis", "says"),
    [
        ("", "文字不能为空。 · The text is empty."),
        (" \n", "文字不能为空。 · The text is empty."),
        ("某办\u202e〔2026〕1号", "The text holds control or bidirectional characters."),
        ("某办\x1b[31m", "The text holds control or bidirectional characters."),
        ("号" * 20_001, "The text is longer than 20,000 characters."),
        ("\udcff", "The text holds control or bidirectional characters."),
    ],
    ids=["empty", "blank", "bidirectional", "control", "long", "no text"],
)
def test_a_reference_that_is_no_text_is_a_wrong_call(
    basis: str, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """promises.md §1: said as such before anything is opened, without a traceback and without a word of it."""
    monkeypatch.setenv("XUNCHA_HOME", str(tmp_path / "home"))
    with pytest.raises(SystemExit, match="2"):
        main(["key", "destroy", "key:x", "--decided-by", "person:x", "--decided-on", "2026-02-03", "--basis", basis])
    said = capsys.readouterr().err
    assert "--basis" in said.splitlines()[-1]
    assert says in said.splitlines()[-1]
    assert "Traceback" not in said
    assert "某办" not in said
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize("command", ["check", "rebuild", "serve", "project", "key list"])
def test_without_init_every_command_says_what_to_do_and_makes_nothing(
    tmp_path: Path, command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XUNCHA_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    assert main(command.split()) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert "xuncha init" in said.err
    assert len(said.err.splitlines()) == 1
    assert not (tmp_path / "home").exists()


def test_init_appoints_one_director_and_no_other(tmp_path: Path) -> None:
    """Art. 3, 4. The embedded server is started for the command and stopped after it."""
    home = tmp_path / "home"
    first = apart(home, "init", "--office-director", "zhang")
    assert first.returncode == 0, first.stderr
    assert "首任主任 · first director: person:" in first.stdout
    again = xuncha(home, "init", "--office-director", "zhang")
    assert again.returncode == 0
    assert again.stdout.splitlines()[-1] == first.stdout.splitlines()[-1]  # as many entries as before
    other = xuncha(home, "init", "--office-director", "li")
    assert other.returncode == 1
    assert "on record already" in other.stderr
    assert not (home / "postgres" / "data" / "postmaster.pid").exists()


LOST = {
    "keys and master key": ("keys/keys.db", "keys/master.key"),
    "keys": ("keys/keys.db",),
    "master key": ("keys/master.key",),
}


@pytest.mark.parametrize("lost", LOST)
@pytest.mark.parametrize("command", ["init", "run"])
def test_a_home_that_lost_its_keys_is_refused_and_nothing_is_changed(
    database: Any, tmp_path: Path, lost: str, command: str
) -> None:
    """promises.md, Two seals: no new keys, no new passwords; with the backup put back all is as it was."""
    home, kept = database.home, tmp_path / "kept"
    server = {"DATABASE_URL": database.admin, "XUNCHA_PORT": str(_free_port(0))}
    signing = {"XUNCHA_JWT_ISSUER": "idp", "XUNCHA_JWT_KEYS": str(tmp_path / "jwks.json")}
    (tmp_path / "jwks.json").write_text(JWKS)
    words = ("init", "--office-director", "zhang") if command == "init" else ("run",)
    first = xuncha(home, "init", "--office-director", "zhang", **server, **signing)
    assert first.returncode == 0, first.stderr
    kept.mkdir()
    for name in LOST[lost]:
        (home / name).rename(kept / Path(name).name)

    def everything() -> tuple[Any, ...]:
        files = {
            path.relative_to(home): path.read_bytes()
            for path in home.rglob("*")
            if path.is_file() and path.parent.name != "logs" and not path.name.startswith("run.pid")
        }
        return files, database.ask("SELECT max(position) FROM ledger.entries")

    before = everything()
    refused = (
        apart(home, *words, **server, **signing) if command == "run" else xuncha(home, *words, **server, **signing)
    )
    assert refused.returncode == 1, refused
    said = (refused.stdout + refused.stderr).splitlines()[-1]
    assert ("restore its backup first" if "keys/keys.db" in LOST[lost] else "the master key cannot be read") in said
    assert everything() == before
    for role in ROLES:  # with the passwords of before
        psycopg.connect(load_access(home).of(role)).close()
    for path in kept.iterdir():
        path.rename(home / "keys" / path.name)
    again = xuncha(home, "init", "--office-director", "zhang", **server, **signing)
    assert again.returncode == 0, again.stderr
    assert again.stdout.splitlines()[-1] == first.stdout.splitlines()[-1]  # as many entries as before


def test_how_to_appoint_a_director_is_said_only_where_nobody_is_one(database: Any, tmp_path: Path) -> None:
    """Art. 3. With the server's address in the line: without it a database of its own would be made."""
    (tmp_path / "jwks.json").write_text(JWKS)
    server = {
        "DATABASE_URL": database.admin,
        "XUNCHA_JWT_ISSUER": "idp",
        "XUNCHA_JWT_KEYS": str(tmp_path / "jwks.json"),
    }
    settings = read_settings({"XUNCHA_HOME": str(database.home), **server})

    def lines() -> list[str]:
        said: list[str] = []
        running_module._welcome(settings, said.append)
        return [line.strip() for line in said if "init --office-director" in line]

    assert xuncha(database.home, "init", **server).returncode == 0
    (line,) = lines()
    assert line.startswith(f"DATABASE_URL=… XUNCHA_HOME={database.home} ")
    assert xuncha(database.home, "init", "--office-director", "zhang", **server).returncode == 0
    assert lines() == []


@pytest.mark.parametrize("command", ["init", "run", "restore ledger keys"])
def test_no_database_of_its_own_is_made_in_a_servers_home(database: Any, command: str) -> None:
    """Nor are the server's roles and passwords replaced."""
    before = (database.home / "database.json").read_bytes()
    refused = xuncha(database.home, *command.split(), XUNCHA_PORT=str(_free_port(0)))
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "belongs to a server, set DATABASE_URL" in refused.stderr
    assert (database.home / "database.json").read_bytes() == before
    assert not (database.home / "postgres").exists()


def test_a_server_that_does_not_answer_is_named_and_leaves_no_home(tmp_path: Path) -> None:
    refused = xuncha(tmp_path / "home", "init", DATABASE_URL="postgresql://u@127.0.0.1:1/x")
    assert refused.returncode == 1
    assert "DATABASE_URL" in refused.stderr
    assert not (tmp_path / "home").exists()
    (tmp_path / "empty").mkdir()
    xuncha(tmp_path / "empty", "init", DATABASE_URL="postgresql://u@127.0.0.1:1/x")
    assert (tmp_path / "empty").exists(), "it was there before"


def test_an_empty_key_store_under_a_ledger_is_refused_too(database: Any, tmp_path: Path) -> None:
    """promises.md, Two seals: a file that is there and holds nothing is no backup either."""
    server = {"DATABASE_URL": database.admin}
    assert xuncha(database.home, "init", **server).returncode == 0
    store = database.home / "keys" / "keys.db"
    held = store.read_bytes()
    store.write_bytes(b"")
    refused = xuncha(database.home, "init", **server)
    assert refused.returncode == 1
    assert "restore it from the backup" in refused.stderr
    assert store.read_bytes() == b""
    store.write_bytes(held)
    assert xuncha(database.home, "init", **server).returncode == 0


def test_a_clone_that_cannot_be_written_to_is_named_before_anything_is_made(tmp_path: Path) -> None:
    """README: everything is set up inside the clone and XUNCHA_HOME."""
    root = SOURCES.parent
    for name in ("Makefile", "requirements.lock", "pyproject.toml"):
        shutil.copy(root / name, tmp_path)
    tmp_path.chmod(0o555)
    # Root may write anywhere: as somebody who may read everywhere, and no more.
    rights = ("--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search", "--securebits=+no_setuid_fixup")
    ordinary = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", *rights) if os.geteuid() == 0 else ()
    command = [*ordinary, "make", "run", f"PYTHON={sys.executable}"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    tmp_path.chmod(0o755)  # or nobody but root could clear it away
    assert done.returncode != 0
    assert "此文件夹不可写" in done.stderr
    assert f"change its permissions: {tmp_path}" in done.stderr
    assert "Errno" not in done.stderr
    assert not (tmp_path / ".venv").exists()


def test_the_sdl_written_is_the_sdl_checked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", str(tmp_path / "sdl")]) == 0
    assert main(["schema", "--check", str(tmp_path / "sdl")]) == 0
    with (tmp_path / "sdl" / "unit.graphql").open("a") as file:
        file.write("type Petition { id: ID! }\n")
    assert main(["schema", "--check", str(tmp_path / "sdl")]) == 1
    assert "differs from the code, run xuncha schema: " in (said := capsys.readouterr().err)
    assert "unit.graphql" in said
    (tmp_path / "sdl" / "unit.graphql").unlink()
    assert main(["schema", "--check", str(tmp_path / "sdl")]) == 1
    assert "is missing, run xuncha schema: " in capsys.readouterr().err
    assert main(["schema", "--check", str(tmp_path / "absent")]) == 1
    assert f"the folder is missing: {tmp_path / 'absent'}" in capsys.readouterr().err


def test_a_token_is_for_the_embedded_mode_only(running: Running) -> None:
    known = apart(running.home, "token", "office-director")
    assert (known.returncode, known.stdout.count("."), known.stderr) == (0, 2, "")
    elsewhere = xuncha(running.home, "token", "office-director", DATABASE_URL="postgresql://nowhere/x")
    assert elsewhere.returncode == 1
    assert "embedded mode only" in elsewhere.stderr


def test_a_token_of_a_home_that_is_not_there_asks_whether_it_is_the_one_that_runs(tmp_path: Path) -> None:
    done = xuncha(tmp_path / "home", "token", "office-director")
    assert (done.returncode, done.stdout) == (1, "")
    assert f"is XUNCHA_HOME what it was started with? {tmp_path / 'home'}" in done.stderr
    assert not (tmp_path / "home").exists()


def test_a_token_for_nobody_on_record_is_given_with_a_warning(running: Running) -> None:
    done = running.cli("token", "nobody-such")
    assert (done.returncode, done.stdout.count(".")) == (0, 2)
    assert "nobody of this name is linked yet" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_token_is_given_while_the_database_rests(tmp_path: Path) -> None:
    """Nobody can be asked whose it is: nothing is said of it."""
    (tmp_path / "home").mkdir()
    done = xuncha(tmp_path / "home", "token", "nobody-such")
    assert (done.returncode, done.stdout.count("."), done.stderr) == (0, 2, "")


@pytest.mark.parametrize(
    ("host", "says"),
    [
        ("999.1.1.1", "cannot listen at this address"),
        ("192.0.2.1", "cannot listen at this address"),
        ("127.0.0.1", "is taken"),
    ],
)
def test_an_address_that_is_none_of_ours_is_told_from_a_port_that_is_taken(
    running: Running, host: str, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.running._logging", lambda: None)
    monkeypatch.setattr("uvicorn.Server.run", lambda _: pytest.fail("it listens"))
    done = xuncha(running.home, "serve", "--host", host, XUNCHA_PORT=str(running.port))
    assert done.returncode == 1
    (said,) = done.stderr.splitlines()
    assert says in said


@pytest.mark.parametrize("origin", ["b a d", "义乌", "a+b", "x" * 201, "new\nline"])
@pytest.mark.parametrize("command", ["init", "run", "check", "key list"])
def test_an_origin_that_could_not_be_written_is_refused_before_anything_is_made(
    tmp_path: Path, origin: str, command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A ledger's name is for ever: what the first entry would refuse is refused at the door."""
    monkeypatch.setenv("XUNCHA_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XUNCHA_ORIGIN", origin)
    monkeypatch.delenv("DATABASE_URL", raising=False)
    assert main(command.split()) == 1
    (said,) = capsys.readouterr().err.splitlines()
    assert "XUNCHA_ORIGIN" in said
    assert "visible ASCII" in said
    assert not (tmp_path / "home").exists()


def test_every_good_origin_is_taken() -> None:
    for origin in ("x", "xuncha:test", "巡查".encode().hex(), "!~" * 100):
        assert read_settings({"XUNCHA_ORIGIN": origin}).origin == origin
    assert read_settings({"XUNCHA_ORIGIN": ""}).origin is None


def test_after_init_and_after_a_restore_check_judges_the_ledger_alone(database: Any) -> None:
    """operations.md, Restoring: the views are built by the next start, and `check` comes before it."""
    server = {"DATABASE_URL": database.admin}
    assert xuncha(database.home, "init", **server).returncode == 0
    done = xuncha(database.home, "check", **server)
    assert (done.returncode, done.stderr) == (0, ""), done
    said = done.stdout.splitlines()
    assert f"{len(VIEWS)} views are not built yet" in said[1]
    assert "0 个视图 · views" in said[0]
    assert said[-1] == "账本完好 · the ledger is well"
    with database.connect() as connection:
        connection.execute("ALTER TABLE ledger.entries DISABLE TRIGGER append_only")
        connection.execute("UPDATE ledger.entries SET body = body || ' ' WHERE position = 2")
        connection.execute("ALTER TABLE ledger.entries ENABLE ALWAYS TRIGGER append_only")
    amiss = xuncha(database.home, "check", **server)
    assert amiss.returncode == 1
    assert "position 2:" in amiss.stdout
    assert "is well" not in amiss.stdout


def test_a_view_of_another_version_counts_as_not_built(running: Running) -> None:
    """operations.md, Upgrading: after one, `check` may come before the start that rebuilds the views."""
    change = "UPDATE shelf.views SET fingerprint = %s WHERE name = 'office_bodies' RETURNING fingerprint"
    with running.as_superuser() as connection:
        row = connection.execute("SELECT fingerprint FROM shelf.views WHERE name = 'office_bodies'").fetchone()
        assert row is not None
        connection.execute(change, ("older",))
    try:
        done = running.cli("check")
    finally:
        with running.as_superuser() as connection:
            connection.execute(change, row)
    assert done.returncode == 0, done.stdout
    assert "1 views are not built yet" in done.stdout


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [("GET", "/graphql/office", "POST"), ("PUT", "/graphql/unit", "POST"), ("POST", "/healthz", "GET")],
)
def test_a_method_that_is_not_taken_is_answered_with_the_one_that_is(
    running: Running, method: str, path: str, allowed: str
) -> None:
    request = urllib.request.Request(
        f"http://127.0.0.1:{running.port}{path}", method=method, headers={"Accept-Language": "en"}
    )
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=10)  # noqa: S310  our own server
    with refused.value as answer:
        assert (answer.code, answer.headers["Allow"]) == (405, allowed)
        assert json.load(answer)["errors"][0]["message"] == f"{allowed} only."


def test_integrators_md_names_every_section_of_codes() -> None:
    page = (SOURCES.parent / "docs" / "integrators.md").read_text(encoding="utf-8")
    (line,) = (line for line in page.splitlines() if "codes(section:" in line)
    listed = set(re.findall(r"`([a-z_]+)`", line.partition("What a code means")[2])) - {"codes"}
    edition = read_rulebook().edition
    sections = {name: getattr(edition, name) for name in type(edition).model_fields}
    assert listed == {
        name
        for name, entries in sections.items()
        if isinstance(entries, tuple) and any(isinstance(entry, Entry) for entry in entries)
    }


def test_what_does_not_come_up_fails_with_its_log(database: Any, tmp_path: Path, start_processes: Any) -> None:
    """The tests' own processes: silence would let every test after it fail for another reason."""
    (tmp_path / "api.py").write_text("raise SystemExit('it is made up')")
    with (
        pytest.raises(pytest.fail.Exception, match="it is made up"),
        start_processes(database, tmp_path, sources=tmp_path),
    ):
        pass


def test_check_finds_a_ledger_in_order(running: Running) -> None:
    done = apart(running.home, "check")
    assert done.returncode == 0, done.stdout
    assert "all is well" in done.stdout


def _first_body(running: Running) -> int:
    """The position of the first body's entry: a sealed name, and codes in the clear."""
    with running.as_superuser() as connection:
        row = connection.execute("SELECT min(position) FROM ledger.entries WHERE kind = 'body.registered.v1'")
        return int(row.fetchone()[0])  # type: ignore[index]


@pytest.mark.parametrize(
    ("change", "to"),
    [(b'"box":"', b'"box":"A'), (b'"standing":"', b'"standing":"x'), (b'"payload":{', b'"payload": {')],
    ids=["in a seal", "in a code", "between"],
)
def test_check_names_the_position_of_a_changed_byte(running: Running, change: bytes, to: bytes) -> None:
    position = _first_body(running)
    with running.changed_entry(position, change, to):
        done = running.cli("check")
    assert done.returncode == 1
    assert f"position {position}:" in done.stdout
    assert len([line for line in done.stdout.splitlines() if line.startswith("✗")]) == 1


def sealed(running: Running) -> None:
    """Wait until the sealer has sealed what there is: the folder's checkpoint is the last that it writes."""
    newest = running.home / "log" / "1" / "checkpoint"
    for _ in range(500):
        with running.as_superuser() as connection:
            row = connection.execute("SELECT max(position) FROM ledger.entries").fetchone()
        if newest.exists() and row == (Checkpoint.parse(parse_note(newest.read_bytes()).text).size,):
            return
        time.sleep(0.02)
    pytest.fail("not sealed in time")


def test_verify_says_verified_and_names_what_a_superuser_changed(running: Running) -> None:
    """Exit codes 0 and 1; also what keeps its form and shows in no view, which `check` cannot see."""
    sealed(running)
    assert "verified" in running.cli("verify").stdout
    with running.changed_entry(1, b'"software":"', b'"software":"_'):
        done = running.cli("verify")
    assert done.returncode == 1
    assert "positions 1 to 1" in done.stdout
    assert f"checkpoint: {running.home}/log/1/checkpoint" in running.cli("verify").stdout
    nobody = Cosigner("witness.example", bytes(32)).key
    done = xuncha(running.home, "verify", XUNCHA_WITNESSES=f"{nobody} http://127.0.0.1:1")
    assert done.returncode == 3
    assert "the witness witness.example has not answered" in done.stdout
    assert "属实" not in done.stdout


def test_a_stream_handed_over_is_checked_without_a_ledger(running: Running, tmp_path: Path) -> None:
    """`export`, `policy`, `verify FOLDER`; without the policy it is a wrong call, with another it is not believed."""
    sealed(running)
    body = next(iter(running.names()))
    given = tmp_path / "given"
    assert running.cli("export", str(given), body).returncode == 0
    (tmp_path / "policy").write_text(running.cli("policy").stdout)
    words = ("verify", str(given), "--policy", str(tmp_path / "policy"))
    assert xuncha(tmp_path / "nowhere", *words).returncode == 0
    assert xuncha(tmp_path / "nowhere", "verify", str(given)).returncode == 2
    other = Signer("another.example", bytes(32)).key
    (tmp_path / "policy").write_text(f"log {other}\nquorum none\n")
    assert xuncha(tmp_path / "nowhere", *words).returncode == 1
    (tmp_path / "policy").write_text("no policy")
    assert "the policy cannot be used" in xuncha(tmp_path / "nowhere", *words).stderr


def test_a_backup_is_restored_into_an_empty_home_and_an_older_one_is_told(running: Running, tmp_path: Path) -> None:
    """With a real server of its own; what is there already is left as it is."""
    sealed(running)
    ledger, keys, home = tmp_path / "ledger", tmp_path / "keys", tmp_path / "home"
    assert running.cli("backup", str(ledger), str(keys)).returncode == 0
    for there in ((ledger, tmp_path / "x"), (tmp_path / "x", keys)):
        assert "the folder is there already" in running.cli("backup", *map(str, there)).stderr
    assert "two new folders" in running.cli("backup", str(tmp_path / "x"), str(tmp_path / "x")).stderr
    assert not (tmp_path / "x").exists()
    assert running.ask(
        'mutation($id: ID!) { r: registerPerson(commandId: $id, input: {name: "某人"}) { ... on Done { id } } }',
        id=str(uuid4()),
    )["r"]["id"]
    sealed(running)
    newest = running.home / "log" / "1" / "checkpoint"
    words = ("restore", str(ledger), str(keys))
    assert "put the master key in its place first" in xuncha(home, *words).stderr
    (home / "keys").mkdir(mode=0o700, parents=True, exist_ok=True)
    shutil.copy2(running.home / "keys" / "master.key", home / "keys" / "master.key")
    (tmp_path / "none").write_text("hello")
    assert "is no checkpoint" in xuncha(home, *words, "--checkpoint", str(tmp_path / "none")).stderr
    done = xuncha(home, *words, "--checkpoint", str(newest))
    assert done.returncode == 1
    assert "were sealed" in done.stdout
    assert "has keys" in xuncha(home, *words).stderr, "nothing is restored over what is there"
    for command in ("verify", "run"):  # what was said once is remembered
        told = xuncha(home, command)
        assert told.returncode == 1
        assert "were sealed" in told.stdout + told.stderr
    told = xuncha(home, "check")
    assert told.returncode == 1
    assert "xuncha restored" in told.stdout
    decision = ("--decided-on", str(day_of(datetime.now(UTC))), "--basis", "某办〔2026〕9号")
    assert xuncha(home, "restored", str(newest), "--decided-by", FIRST_PERSON, *decision).returncode == 0
    again = xuncha(home, "restored", str(newest), "--decided-by", FIRST_PERSON, *decision)
    assert "on record already" in again.stderr
    told = xuncha(home, "verify", "--checkpoint", str(newest))
    assert told.returncode == 3
    assert "not sealed yet" in told.stdout
    assert xuncha(home, "check").returncode == 0
    old = xuncha(home, "policy").stdout
    assert "/restored-" in old
    for command in ("rotate", "retire"):
        assert xuncha(home, command, "log").returncode == 0
    new = xuncha(home, "policy").stdout
    assert len(parse_policy(new.encode()).logs) == 1
    assert f"# 已停用，只用于核对以前交出的 · retired, for what was handed over before: {old.splitlines()[0]}" in new


@pytest.mark.parametrize("wrong", ["absent", "keys", "keys/keys.db"])
def test_a_restore_from_a_folder_that_is_no_backup_says_so_in_a_sentence(tmp_path: Path, wrong: str) -> None:
    """operations.md, Restoring: the ledger's folder, then the keys'; nothing is made."""
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "keys.db").touch()
    done = xuncha(tmp_path / "home", "restore", str(tmp_path / wrong), str(tmp_path / "keys"))
    assert (done.returncode, done.stdout) == (1, "")
    assert f"the ledger's folder comes first, the keys' second: {tmp_path / wrong}" in done.stderr
    assert "Error" not in done.stderr
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize("port", ["taken", "70000"])
def test_a_witness_that_cannot_listen_names_where(tmp_path: Path, port: str) -> None:
    signer = Signer("log.test", bytes(range(32)))
    with socket.create_server(("127.0.0.1", 0)) as other:
        number = str(other.getsockname()[1]) if port == "taken" else port
        words = ("--name", "witness.test", "--log", str(signer.key), "--port", number)
        done = xuncha(tmp_path / "home", "witness", str(tmp_path / "witness"), *words)
    assert (done.returncode, done.stdout) == (1, "")
    assert f"127.0.0.1:{number}" in done.stderr
    assert "--port" in done.stderr


def test_check_compares_an_adopted_text_with_its_digest(running: Running) -> None:
    """Art. 31, 32: what was counted by must stay what it was."""
    with running.as_superuser() as connection:
        row = connection.execute("SELECT position FROM ledger.entries WHERE kind = 'rulebook.edition-adopted.v1'")
        position = int(row.fetchone()[0])  # type: ignore[index]
    with running.changed_entry(position, b"working_days", b"calendar_day"):
        done = running.cli("check")
    assert done.returncode == 1
    assert f"position {position}: the rulebook's text" in done.stdout


def test_check_sees_what_a_view_shows_and_the_ledger_does_not_say(running: Running) -> None:
    """A change in the clear that keeps the form: an organ's class for another."""
    with running.as_superuser() as connection:
        row = connection.execute(
            "SELECT max(position) FROM ledger.entries WHERE kind = 'body.registered.v1'"
        ).fetchone()
        assert row is not None
    with running.changed_entry(row[0], b"party_or_government_organ", b"party_or_government_orgam"):
        done = running.cli("check")
    assert done.returncode == 1
    assert f"position {row[0]}: view office_bodies differs" in done.stdout


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE shelf.office_bodies_history SET row = jsonb_set(row, '{category}', '\"x\"')",
        "UPDATE shelf.office_bodies_history SET readers = '{}', withheld_from = readers",
        "UPDATE shelf.office_bodies_history SET until_position = 1000000 WHERE until_position IS NULL",
        "UPDATE shelf.office_bodies_history SET from_position = 1",
        "INSERT INTO shelf.office_bodies_history SELECT id || 'x', 1, NULL, ord, readers, withheld_from, row"
        " FROM shelf.office_bodies LIMIT 1",
        "DELETE FROM shelf.office_bodies_history",
    ],
)
def test_check_compares_what_rows_were_before_too(running: Running, change: str) -> None:
    """Promise 9: the past is asked of the history, so a changed history is a changed answer."""
    with running.as_superuser() as connection:
        connection.execute("CREATE TABLE public.kept AS TABLE shelf.office_bodies_history")
        connection.execute(change)  # type: ignore[arg-type]
    try:
        done = running.cli("check")
    finally:
        with running.as_superuser() as connection:
            connection.execute("DELETE FROM shelf.office_bodies_history")
            connection.execute("INSERT INTO shelf.office_bodies_history SELECT * FROM public.kept")
            connection.execute("DROP TABLE public.kept")
    assert done.returncode == 1
    assert "the history of view office_bodies differs" in done.stdout
    assert "view office_bodies differs" not in done.stdout.replace("history of view office_bodies differs", "")


def test_nothing_starts_over_changed_guards_and_check_and_verify_name_them(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Promise 4: one grant too many is enough, and the message says which."""
    monkeypatch.setattr("api.running._logging", lambda: None)
    sealed(running)
    with running.as_superuser() as connection:
        connection.execute("GRANT TRUNCATE ON ledger.entries TO PUBLIC")
    try:
        for command in ("serve", "project", "seal", "init", "check", "verify"):
            done = xuncha(running.home, command, XUNCHA_PORT=str(_free_port(0)))
            assert done.returncode == 1, command
            assert "grant TRUNCATE to PUBLIC" in done.stdout + done.stderr, command
    finally:
        with running.as_superuser() as connection:
            connection.execute("REVOKE TRUNCATE ON ledger.entries FROM PUBLIC")
    assert running.cli("verify").returncode == 0


def test_check_and_verify_look_through_the_eyes_of_those_who_serve(running: Running) -> None:
    """A policy that hides from the writer or the reader what the projector and the sealer see."""
    name = load_access(running.home).conninfo["dbname"]
    sealed(running)
    with running.as_superuser() as connection:
        for table, role, hides in (
            ("shelf.office_bodies", "reader", "false"),
            ("ledger.entries", "writer", "position <> 2"),
        ):
            connection.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")  # type: ignore[arg-type]
            for each in ("writer", "sealer", "projector", "reader"):
                seen = hides if each == role else "true"
                connection.execute(f"CREATE POLICY {each} ON {table} FOR SELECT TO {name}_{each} USING ({seen})")  # type: ignore[arg-type]
    try:
        checked, verified = running.cli("check"), running.cli("verify")
    finally:
        with running.as_superuser() as connection:
            for table in ("shelf.office_bodies", "ledger.entries"):
                connection.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")  # type: ignore[arg-type]
                for each in ("writer", "sealer", "projector", "reader"):
                    connection.execute(f"DROP POLICY {each} ON {table}")  # type: ignore[arg-type]
    assert "the ledger that writer is shown is not the one that is sealed" in checked.stdout
    assert "a row is missing in view office_bodies" in checked.stdout
    assert verified.returncode == 1
    assert "policy" in verified.stdout


def test_check_names_a_view_in_which_a_row_waits(running: Running) -> None:
    """Promise 7: nothing is skipped silently; the row's facts are compared up to where it waits."""
    with psycopg.connect(load_access(running.home).of("projector"), autocommit=True) as connection:
        head = connection.execute("SELECT max(position) FROM ledger.entries").fetchone()
        assert head is not None
        connection.execute("INSERT INTO shelf.parked VALUES ('office_bodies', 'body:x', %s, 'ValueError')", head)
        connection.execute("INSERT INTO shelf.halted VALUES ('office_people', %s, 'KeyError')", head)
        try:
            done = running.cli("check")
        finally:
            connection.execute("DELETE FROM shelf.parked WHERE key = 'body:x'")
            connection.execute("DELETE FROM shelf.halted")
    assert done.returncode == 1
    assert f"position {head[0]}: view office_people stands still after this entry" in done.stdout
    assert "KeyError" in done.stdout
    assert f"position {head[0]}: in view office_bodies 1 row(s) are parked" in done.stdout
    assert "differs" not in done.stdout


def test_rebuild_gives_the_same_rows_while_the_projector_runs_and_without_it(running: Running) -> None:
    before = running.digests()
    beside = apart(running.home, "rebuild")
    assert beside.returncode == 0, beside.stderr
    assert "beside the live ones" in beside.stdout
    assert "  0/" in beside.stdout
    assert running.digests() == before
    projector = running.pid_of("project")
    os.kill(projector, signal.SIGSTOP)  # holds the lead and does nothing: a rebuild needs neither
    try:
        alone = apart(running.home, "rebuild", "office_bodies")
    finally:
        os.kill(projector, signal.SIGCONT)
    assert (alone.returncode, alone.stdout.splitlines()[-1]) == (0, "完成 · done")
    assert running.digests() == before
    with psycopg.connect(load_access(running.home).of("projector"), autocommit=True) as another:
        another.execute("SELECT pg_advisory_lock_shared(%s)", (BUILDING_LOCK,))
        busy = apart(running.home, "rebuild", "office_bodies")
    assert (busy.returncode, "another rebuild or a check" in busy.stdout) == (1, True)
    unknown = running.cli("rebuild", "no_such_view")
    assert unknown.returncode == 1
    assert "office_bodies" in unknown.stderr


def test_a_destroyed_key_shows_as_destroyed_and_leaves_the_rest_readable(running: Running) -> None:
    """promises.md §5.1"""
    known = "{ people { items { id name { text state } } } }"
    others, bodies = len(running.ask(known)["people"]["items"]), len(running.names())
    person = running.ask(
        'mutation($id: ID!) { r: registerPerson(commandId: $id, input: {name: "某人"}) { ... on Done { id } } }',
        id=str(uuid4()),
    )["r"]["id"]
    running.age_keys()
    listed = [line.split() for line in apart(running.home, "key", "list").stdout.splitlines()]
    key = next(row[0] for row in listed if row[1] == f"content:{person}")
    system = next(row[0] for row in listed if row[1].startswith("digest:"))
    words = ("--decided-by", FIRST_PERSON, "--decided-on", "2026-01-05", "--basis", "某办〔2026〕1号")
    assert "已销毁" in apart(running.home, "key", "destroy", key, *words).stdout
    found = running.ask(known)["people"]["items"]
    people = {p["id"]: p["name"] for p in found}
    assert people.pop(person) == {"text": None, "state": "destroyed"}
    assert {name["state"] for name in (*people.values(), *running.names().values())} == {"readable"}
    assert (len(people), len(running.names())) == (others, bodies)
    again = running.cli("key", "destroy", key, *words)
    assert (again.returncode, again.stdout) == (0, "早已销毁 · was destroyed before\n")
    checked = running.cli("check")
    assert checked.returncode == 0, checked.stdout
    assert "0 处已销毁" not in checked.stdout
    unknown = running.cli("key", "destroy", f"key:{uuid4()}", *words)
    assert unknown.returncode == 1
    assert "no such key" in unknown.stderr
    refused = running.cli("key", "destroy", system, *words)
    assert refused.returncode == 1
    assert "a system key is not destroyed" in refused.stderr


NOT_WHO_MAY = (
    "销毁密钥须由现行规程规定的机关决定。 · The destruction of a key is decided by the body the edition names."
)
NOT_YET = "发生日期不得晚于登记当日。 · What is put on record cannot lie in the future."
HELD = "事项尚未办结，或者有关移交尚未答复，密钥不得销毁。 · The matter is not closed, or a transfer of it not answered"


@pytest.mark.parametrize(
    ("decided_by", "decided_on", "subject", "says"),
    [
        (f"person:{uuid4()}", "2026-01-05", "the body", NOT_WHO_MAY),
        ("张主任", "2026-01-05", "the body", NOT_WHO_MAY),
        (FIRST_PERSON, "1999-12-31", "the body", NOT_WHO_MAY),
        (FIRST_PERSON, "2099-01-01", "the body", NOT_YET),
        (FIRST_PERSON, "2026-01-05", "the director", HELD),
    ],
    ids=["nobody", "a name", "before the post", "tomorrow", "in office"],
)
def test_a_key_is_not_destroyed_but_by_who_may_and_when_it_may(
    running: Running, decided_by: str, decided_on: str, subject: str, says: str
) -> None:
    """Art. 28, promises.md §5.1: one line with the rule's sentence and article, exit code 1, and nothing is changed."""
    entries = len(running.stored())
    body = running.ask(
        'mutation($id: ID!) { r: registerBody(commandId: $id, input: {name: "某所", category:'
        ' "party_or_government_organ"}) { ... on Done { id } } }',
        id=str(uuid4()),
    )["r"]["id"]
    running.age_keys()
    about = {"the body": body, "the director": FIRST_PERSON}[subject]
    listed = [line.split() for line in running.cli("key", "list").stdout.splitlines()]
    key = next(row[0] for row in listed if row[1] == f"content:{about}")
    done = running.cli("key", "destroy", key, "--decided-by", decided_by, "--decided-on", decided_on, "--basis", "x")
    assert (done.returncode, done.stdout) == (1, ""), done
    assert says in done.stderr
    assert re.search(r"（第\d+.*条 · Art\. \d+.*）$", done.stderr.rstrip()), done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert len(running.stored()) == entries + 1, "the body, and nothing of a destruction"
    after = next(line for line in running.cli("key", "list").stdout.splitlines() if line.split()[0] == key)
    assert after.split() == next(row for row in listed if row[0] == key)


def test_who_decided_the_destruction_of_a_key_is_on_record(running: Running) -> None:
    """Art. 28: doer, body, post and day; entered by the system, from the paper its reference names."""
    (stored,) = running.stored("key.destruction-decided.v1")
    stamp, payload = stored["stamp"], stored["payload"]
    assert (stamp["doer"], stamp["capacity"], stamp["happened"]["on"]) == (FIRST_PERSON, "office", "2026-01-05")
    assert stamp["happened"]["source"] == "paper"
    assert stamp["recorder"] == "system:keeping"
    assert stamp["grounds"].startswith("appointment:")
    assert (payload["decided_by"], payload["standing"], payload["decided_on"]) == (FIRST_PERSON, "office", "2026-01-05")
    assert payload["basis"].keys() >= {"box"}


def test_a_decision_older_than_the_key_destroys_nothing(running: Running) -> None:
    """promises.md §5.1: one line that says when the key was made, exit code 1, and nothing on record."""
    person = running.ask(
        'mutation($id: ID!) { r: registerPerson(commandId: $id, input: {name: "又一人"}) { ... on Done { id } } }',
        id=str(uuid4()),
    )["r"]["id"]
    entries = len(running.stored())
    listed = [line.split() for line in running.cli("key", "list").stdout.splitlines()]
    (row,) = (row for row in listed if row[1] == f"content:{person}")
    words = ("--decided-by", FIRST_PERSON, "--decided-on", "2026-01-05", "--basis", "某办〔2026〕1号")
    done = running.cli("key", "destroy", row[0], *words)
    assert (done.returncode, done.stdout) == (1, "")
    assert f"decided before the key was made, {row[2]}" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert len(running.stored()) == entries
    assert row in [line.split() for line in running.cli("key", "list").stdout.splitlines()]


@pytest.mark.parametrize("completed_by", ["init", "the API"])
def test_check_names_a_key_that_an_old_store_brought_back_and_every_start_destroys_it(
    database: Any, tmp_path: Path, completed_by: str
) -> None:
    """promises.md §5.1: position and id, until `init`, or the API when it starts, has done what is on record."""
    (tmp_path / "jwks.json").write_text(JWKS)
    given = {
        "DATABASE_URL": database.admin,
        "XUNCHA_JWT_ISSUER": "idp",
        "XUNCHA_JWT_KEYS": str(tmp_path / "jwks.json"),
        "XUNCHA_ORIGIN": f"origin-{database.name}",
    }
    home, store = database.home, database.home / "keys" / "keys.db"
    settings = read_settings({"XUNCHA_HOME": str(home), **given})
    person = f"person:{uuid4()}"

    async def registered() -> None:
        async with open_ledger(settings) as ledger:
            fact = PersonRegistered(person=person, name=Secret("某人"))
            await ledger.append(command := uuid4(), database.stamp(command), {person: (0, [fact])})

    async def started() -> None:
        async with open_services(settings):
            pass

    def key_of_the_person() -> list[str]:
        """Its row of the list: id, subject, made, and destroyed where it is."""
        rows = [line.split() for line in xuncha(home, "key", "list", **given).stdout.splitlines()]
        return next(row for row in rows if row[1] == f"content:{person}")

    def faults() -> set[tuple[str, str]]:
        """What `check` says of which key."""
        lines = xuncha(home, "check", **given).stdout.splitlines()
        said = [line.partition(" · ")[2] for line in lines if line.startswith("✗")]
        return {(line.partition(",")[0], line.rpartition(" ")[2]) for line in said}

    assert xuncha(home, "init", "--office-director", "zhang", **given).returncode == 0
    asyncio.run(registered())
    old, key = store.read_bytes(), key_of_the_person()[0]
    words = ("--decided-by", FIRST_PERSON, "--decided-on", str(day_of(datetime.now(UTC))), "--basis", "某办〔2026〕1号")
    assert "已销毁" in xuncha(home, "key", "destroy", key, *words, **given).stdout
    assert xuncha(home, "rebuild", **given).returncode == 0
    assert faults() == set()
    ((position, body),) = database.ask("SELECT position, body FROM ledger.entries WHERE stream = %s", key)
    basis = json.loads(bytes(body))["payload"]["basis"]["key"]
    lost = (
        f"position {position}: a seal's key is missing",
        basis,
    )  # of the decision's reference: younger than the copy
    alive = (f"position {position}: a key whose destruction is on record is there (an old key store restored?)", key)
    store.write_bytes(old)
    assert len(key_of_the_person()) == 3, "it is alive"
    assert faults() == {lost, alive}
    if completed_by == "init":
        assert f"destruction completed: {key}" in xuncha(home, "init", **given).stdout
    else:
        asyncio.run(started())
    assert len(key_of_the_person()) == 4, "destroyed, and when"
    assert faults() == {lost}


def test_check_names_a_key_that_is_missing(running: Running) -> None:
    position = _first_body(running)
    with running.as_superuser() as connection:
        row = connection.execute("SELECT stream FROM ledger.entries WHERE position = %s", (position,)).fetchone()
        assert row is not None
    store = sqlite3.connect(running.home / "keys" / "keys.db", isolation_level=None)
    try:
        kept = store.execute("SELECT * FROM keys WHERE subject = ?", (f"content:{row[0]}",)).fetchone()
        store.execute("DELETE FROM keys WHERE id = ?", (kept[0],))
        done = running.cli("check")
        store.execute("INSERT INTO keys VALUES (?, ?, ?, ?, ?)", kept)
    finally:
        store.close()
    assert done.returncode == 1
    assert f"position {position}: a seal's key is missing" in done.stdout
    assert kept[0] in done.stdout
