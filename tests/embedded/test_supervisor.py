"""The supervisor: who dies is restarted, who keeps dying ends all, and a kill −9 leaves nobody."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from embedded import Child, HomeInUse, processes, supervise
from embedded.files import LOG_LIMIT
from embedded.supervisor import _GATE, DEATHS

RUN = """
import json, sys
from pathlib import Path
from embedded import Child, supervise
home, options = Path(sys.argv[1]), json.loads(sys.argv[3])
children = [Child(name, argv) for name, argv in json.loads(sys.argv[2]).items()]
say = lambda text: print(text, flush=True)
sys.exit(supervise(children, pidfile=home / "pid", logs=home / "logs", say=say,
                   on_ready=lambda: say("ready"), **options))
"""
# Notes its number, then waits; on SIGTERM notes that it goes.
NOTE = 'echo "$1 $$" >> "$0"; trap "echo $1 goes >> $0; exit 0" TERM; while :; do sleep 0.02; done'


def until(what: Callable[[], object], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.01)


@contextmanager
def supervisor(home: Path, children: dict[str, list[str]], **options: float) -> Iterator[subprocess.Popen[str]]:
    options = {"backoff": 0.01, **options}
    command = [sys.executable, "-c", RUN, str(home), json.dumps(children), json.dumps(options)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as running:
        try:
            yield running
        except BaseException:
            # A failed test leaves nobody behind, whatever the supervisor does.
            for child in psutil.Process(running.pid).children(recursive=True):
                child.kill()
            running.kill()
            raise


def noting(notes: Path, *names: str) -> dict[str, list[str]]:
    return {name: ["/bin/sh", "-c", NOTE, str(notes), name] for name in names}


def lines(notes: Path) -> list[str]:
    return notes.read_text().splitlines() if notes.exists() else []


def numbers(notes: Path) -> list[int]:
    return [int(line.split()[1]) for line in lines(notes) if line.split()[1].isdigit()]


def ended(running: subprocess.Popen[str], number: signal.Signals = signal.SIGTERM) -> str:
    """Ask it to end, and return what it said."""
    running.send_signal(number)
    said, _ = running.communicate(timeout=20)
    assert running.returncode == 0, said
    return said


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_all_in_reverse_order(tmp_path: Path, number: signal.Signals) -> None:
    notes = tmp_path / "notes"
    with supervisor(tmp_path, noting(notes, "first", "second")) as running:
        until(lambda: len(lines(notes)) == 2)
        named = json.loads((tmp_path / "pid").read_text())
        assert named["supervisor"][0] == running.pid
        assert {name: pid for name, (pid, _) in named["children"].items()} == {
            line.split()[0]: int(line.split()[1]) for line in lines(notes)
        }
        assert [os.getsid(pid) for pid in numbers(notes)] == numbers(notes)
        said = ended(running, number).splitlines()
        assert (said.count("ready"), said[-1]) == (1, "正在停止 … · stopping …")
    assert lines(notes)[2:] == ["second goes", "first goes"]
    assert not (tmp_path / "pid").exists()


def test_a_child_that_dies_is_started_again(tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    with supervisor(tmp_path, noting(notes, "worker")) as running:
        until(lambda: numbers(notes))
        os.kill(numbers(notes)[0], signal.SIGKILL)
        until(lambda: len(numbers(notes)) == 2)
        said = ended(running)
    assert "worker died (exit code -9)" in said
    assert processes.known(numbers(notes)[1]) is None


def test_a_child_that_keeps_dying_ends_all_with_a_message(tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    dying = ["/bin/sh", "-c", f"echo x >> {tmp_path}/starts; exit 3"]
    with supervisor(tmp_path, {**noting(notes, "steady"), "dying": dying}) as running:
        said, _ = running.communicate(timeout=20)
    assert running.returncode == 1
    assert "dying keeps dying (last exit code 3)" in said
    assert len(lines(tmp_path / "starts")) == 1 + DEATHS
    assert lines(notes)[-1] == "steady goes"


def test_after_a_kill_the_next_supervisor_stops_what_was_left_before_it_starts_its_own(
    tmp_path: Path,
) -> None:
    notes = tmp_path / "notes"
    with supervisor(tmp_path, noting(notes, "worker")) as running:
        until(lambda: numbers(notes))
        running.kill()
    orphan = numbers(notes)[0]
    assert processes.known(orphan)
    try:
        with supervisor(tmp_path, noting(notes, "worker")) as running:
            until(lambda: len(numbers(notes)) == 2)
            assert processes.known(orphan) is None
            said = ended(running)
    finally:
        processes.end([one for one in [processes.known(orphan)] if one], patience=0)
    assert f"Stopping worker (process {orphan})" in said
    assert lines(notes)[:2] == [f"worker {orphan}", "worker goes"]


def test_a_process_that_only_has_the_same_number_is_left_alone(tmp_path: Path) -> None:
    with subprocess.Popen(["sleep", "60"], start_new_session=True) as stranger:
        content = {"supervisor": None, "children": {"worker": [stranger.pid, "another boot:1"]}}
        (tmp_path / "pid").write_text(json.dumps(content))
        with supervisor(tmp_path, {}) as running:
            assert running.stdout
            assert running.stdout.readline() == "ready\n"
            ended(running)
        assert stranger.poll() is None
        stranger.kill()


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"children": {"a": 1}}', "not json"])
def test_a_pid_file_that_makes_no_sense_names_nobody(tmp_path: Path, content: str) -> None:
    (tmp_path / "pid").write_text(content)
    said: list[str] = []
    here = {"pidfile": tmp_path / "pid", "logs": tmp_path / "logs", "say": said.append}
    assert supervise([], **here, on_ready=lambda: os.kill(os.getpid(), signal.SIGTERM)) == 0  # type: ignore[arg-type]
    assert said == []


def test_a_second_supervisor_is_refused_and_the_first_keeps_its_children(tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    with supervisor(tmp_path, noting(notes, "worker")) as running:
        until(lambda: numbers(notes))
        with pytest.raises(HomeInUse, match=str(running.pid)):
            supervise([], pidfile=tmp_path / "pid", logs=tmp_path / "logs", say=print)
        assert processes.known(numbers(notes)[0])
        ended(running)


def test_a_child_deaf_to_signals_is_killed_after_its_grace(tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    deaf = ["/bin/sh", "-c", f'trap "" TERM; echo "deaf $$" >> {notes}; while :; do sleep 0.02; done']
    with supervisor(tmp_path, {"deaf": deaf}, grace=0.3) as running:
        until(lambda: numbers(notes))
        ended(running)
    assert processes.known(numbers(notes)[0]) is None


def test_output_goes_to_a_private_log_and_a_large_one_is_set_aside(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    log = tmp_path / "logs" / "worker.log"
    with log.open("wb") as file:
        file.truncate(LOG_LIMIT + 1)
    talking = ["/bin/sh", "-c", "echo out; echo err >&2; exec sleep 60"]
    with supervisor(tmp_path, {"worker": talking}) as running:
        until(lambda: log.exists() and log.read_text() == "out\nerr\n")
        assert ended(running).splitlines() == ["ready", "正在停止 … · stopping …"]
    assert log.stat().st_mode & 0o777 == 0o600
    assert log.with_name("worker.log.1").stat().st_size == LOG_LIMIT + 1


def test_a_child_whose_supervisor_died_before_naming_it_does_not_run(tmp_path: Path) -> None:
    command = [*_GATE, "/usr/bin/touch", str(tmp_path / "ran")]
    subprocess.run(command, stdin=subprocess.DEVNULL, check=False)
    assert not (tmp_path / "ran").exists()
    subprocess.run(command, input=b"go\n", check=True)
    assert (tmp_path / "ran").exists()


def test_all_is_ready_only_when_every_child_says_so(tmp_path: Path) -> None:
    asked: list[str] = []

    def ready() -> bool:
        asked.append("asked")
        return len(asked) == 3

    def on_ready() -> None:
        asked.append("told")
        os.kill(os.getpid(), signal.SIGTERM)

    child = Child("worker", ["sleep", "60"], ready=ready)
    code = supervise([child], pidfile=tmp_path / "pid", logs=tmp_path / "logs", say=print, on_ready=on_ready)
    assert (code, asked) == (0, ["asked", "asked", "asked", "told"])


def test_trouble_of_the_caller_itself_ends_all_with_its_message(tmp_path: Path) -> None:
    said: list[str] = []

    def look() -> None:
        raise HomeInUse("数据库不见了 · the database is gone")

    code = supervise(
        *[[Child("worker", ["sleep", "60"])]],
        pidfile=tmp_path / "pid",
        logs=tmp_path / "logs",
        say=said.append,
        each_second=look,
    )
    assert (code, said) == (1, ["数据库不见了 · the database is gone"])
