"""A small supervisor: starts named processes, restarts those that die, stops all in order.

After its own kill −9 the children live on; the next supervisor stops what the pid file names before it starts
its own.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from embedded.errors import EmbeddedError
from embedded.files import Lock, open_log, write_private
from embedded.processes import Known, known

DEATHS, WITHIN = 5, 60.0  # restarts allowed of one child, in so many seconds
_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)

# The child waits at this gate until the pid file names it: a supervisor killed between the two leaves no
# process that nobody knows, for the gate then reads the end of its input and goes. `exec` keeps the number.
_GATE = ("/bin/sh", "-c", 'read -r go && exec "$@" </dev/null', "gate")


@dataclass(frozen=True)
class Child:
    """A process to keep alive. `ready`, if given, is polled (it must answer at once) before all is ready."""

    name: str
    argv: Sequence[str]
    env: Mapping[str, str] | None = None
    ready: Callable[[], bool] | None = None


def supervise(
    children: Sequence[Child],
    *,
    pidfile: Path,
    logs: Path,
    say: Callable[[str], None],
    on_ready: Callable[[], None] | None = None,
    each_second: Callable[[], None] | None = None,
    grace: float = 10.0,
    backoff: float = 0.5,
) -> int:
    """Run the children until SIGTERM, SIGINT or SIGHUP (exit code 0), or until one keeps dying (exit code 1).

    Call it from the main thread: it takes the signal handlers and gives them back. `on_ready` is called once,
    when all run and are ready. `each_second` is for what the caller looks after itself, such as the database
    server; an EmbeddedError from it ends all with exit code 1.

    **Raises** HomeInUse when a living supervisor has the pid file.
    **Units**: seconds; the back-off doubles with every death within 60 s.
    **Shape**: children start in the order given and stop in reverse; a child's output is in
    `logs/<name>.log`.
    """
    lock = Lock(pidfile.with_name(pidfile.name + ".lock"))
    asked: list[int] = []

    def ask(number: int, _frame: FrameType | None) -> None:
        asked.append(number)

    before = {number: signal.signal(number, ask) for number in _SIGNALS}
    team = _Team([_Kept(child) for child in children], pidfile, logs, say, grace, backoff)
    ready, second = False, 0.0
    try:
        team.stop_remains()
        logs.mkdir(mode=0o700, exist_ok=True)
        while not asked:
            if each_second and time.monotonic() >= second:
                second = time.monotonic() + 1.0
                each_second()
            team.tend()
            if not ready and team.ready():
                ready = True
                if on_ready:
                    on_ready()
            time.sleep(0.05)
        if any(each.process for each in team.kept):
            with suppress(OSError):  # the terminal may have gone, and that be why
                say("正在停止 … · stopping …")
    except EmbeddedError as error:
        say(str(error))
        return 1
    except OSError as error:
        say(f"无法启动进程：请检查文件夹 {logs} 与磁盘 · Cannot start: check {logs} and the disk ({error})")
        return 1
    finally:
        team.stop()
        for number, handler in before.items():
            signal.signal(number, handler)
        lock.release()
    return 0


@dataclass
class _Kept:
    """A child, its process if it has one now, when to start it next, and when it last died."""

    child: Child
    popen: subprocess.Popen[bytes] | None = None
    process: Known | None = None
    due: float = 0.0
    deaths: deque[float] = field(default_factory=deque)


@dataclass
class _Team:
    """The children and the file that names them."""

    kept: list[_Kept]
    pidfile: Path
    logs: Path
    say: Callable[[str], None]
    grace: float
    backoff: float

    def tend(self) -> None:
        """Note who died and start who is due. **Raises** EmbeddedError when one keeps dying."""
        for each in self.kept:
            if each.popen and each.popen.poll() is not None:
                self._bury(each, each.popen.returncode)
            if each.popen is None and each.due <= time.monotonic():
                self._launch(each)

    def ready(self) -> bool:
        """True when all run and say they are ready."""
        return all(each.popen and (each.child.ready is None or each.child.ready()) for each in self.kept)

    def stop(self) -> None:
        """Stop all, the last started first."""
        for each in reversed(self.kept):
            if each.process and each.popen:
                self._end(each.process)
                each.popen.wait()
        self.pidfile.unlink(missing_ok=True)

    def stop_remains(self) -> None:
        """Stop the children of a supervisor that was killed, if they still are the same processes."""
        try:
            named = json.loads(self.pidfile.read_text(encoding="utf-8"))["children"]
            remains = {name: Known(int(pid), str(mark)) for name, (pid, mark) in named.items()}
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return  # no file, or not one of ours: it names nobody
        for name, process in reversed(remains.items()):
            if process.alive():
                self.say(
                    f"停止上次遗留的 {name}（进程 {process.pid}）· "
                    f"Stopping {name} (process {process.pid}), left from last time"
                )
                self._end(process)

    def _end(self, process: Known) -> None:
        process.signal(signal.SIGTERM, group=True)
        if not process.gone_within(self.grace):
            process.signal(signal.SIGKILL, group=True)
            process.gone_within(10)

    def _launch(self, each: _Kept) -> None:
        log = open_log(self.logs / f"{each.child.name}.log")
        try:
            each.popen = subprocess.Popen(  # noqa: S603  the caller's own command; no shell reads its words
                [*_GATE, *each.child.argv],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                env=None if each.child.env is None else dict(each.child.env),
                start_new_session=True,
            )
        finally:
            os.close(log)
        each.process = known(each.popen.pid)
        self._write()
        if each.popen.stdin:
            with suppress(BrokenPipeError), each.popen.stdin as gate:
                gate.write(b"go\n")

    def _write(self) -> None:
        me = known(os.getpid())
        children = {each.child.name: [each.process.pid, each.process.mark] for each in self.kept if each.process}
        content = {"supervisor": [me.pid, me.mark] if me else None, "children": children}
        write_private(self.pidfile, json.dumps(content) + "\n")

    def _bury(self, each: _Kept, code: int) -> None:
        """Note a death and when to try again. **Raises** EmbeddedError after too many."""
        name, log = each.child.name, self.logs / f"{each.child.name}.log"
        each.popen = each.process = None
        now = time.monotonic()
        while each.deaths and each.deaths[0] < now - WITHIN:
            each.deaths.popleft()
        if len(each.deaths) >= DEATHS:
            raise EmbeddedError(
                f"{name} 反复退出（最后一次退出码 {code}），全部停止，请查看 {log} · "
                f"{name} keeps dying (last exit code {code}); stopping all; see {log}"
            )
        each.due = now + self.backoff * 2.0 ** len(each.deaths)
        each.deaths.append(now)
        self.say(
            f"{name} 已退出（退出码 {code}），即将重启，请查看 {log} · "
            f"{name} died (exit code {code}), restarting; see {log}"
        )
