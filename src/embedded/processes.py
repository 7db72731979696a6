"""Which process is which: a number alone is not enough, for the system gives it again to another process."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil  # type: ignore[import-untyped]  # it ships no types; a dependency of the PostgreSQL wheel

_BOOT = Path("/proc/sys/kernel/random/boot_id")
_KILLED_WITHIN = 10.0  # seconds


@dataclass(frozen=True)
class Known:
    """One process, told from a later one with the same number by the mark of its start."""

    pid: int
    mark: str

    def alive(self) -> bool:
        """True while this very process runs; a zombie does not run."""
        return _mark(self.pid) == self.mark

    def signal(self, number: signal.Signals, *, group: bool = False) -> None:
        """Send a signal, to its whole process group if asked; quietly nothing when it has gone."""
        if self.alive():
            try:
                (os.killpg if group else os.kill)(self.pid, number)
            except ProcessLookupError:
                return

    def gone_within(self, seconds: float) -> bool:
        """Wait for its end, our own child or not, and say whether it came. Units: seconds."""
        end = time.monotonic() + seconds
        while self.alive():
            if time.monotonic() > end:
                return False
            time.sleep(0.02)
        return True


def known(pid: int) -> Known | None:
    """The process that has this number now, or None."""
    mark = _mark(pid)
    return None if mark is None else Known(pid, mark)


def taken(pid: int) -> bool:
    """True when any process has this number, be it a zombie that nobody has buried yet."""
    return bool(psutil.pid_exists(pid))


def _mark(pid: int) -> str | None:
    # Linux counts a process's start from boot, so the boot is part of the mark. psutil's create_time would
    # move with the wall clock there; elsewhere it is what the system recorded.
    if sys.platform == "linux":
        try:
            stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        except (FileNotFoundError, ProcessLookupError):
            return None
        fields = stat.rpartition(")")[2].split()  # the name before it may hold spaces and brackets
        return None if fields[0] in "ZX" else f"{_BOOT.read_text(encoding='ascii').strip()}:{fields[19]}"
    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else repr(process.create_time())
    except psutil.NoSuchProcess:
        return None


def working_in(folder: Path, names: Collection[str]) -> list[Known]:
    """Living processes with one of these names whose working folder is this one.

    PostgreSQL and all its children move into their data folder at start and stay there: that proves whose
    they are, whatever a pid file says.
    """
    found = []
    for process in psutil.process_iter(["name"]):
        try:
            if process.info["name"] in names and os.path.samefile(process.cwd(), folder):
                found.append(known(process.pid))
        except (psutil.Error, OSError):
            continue  # it ended meanwhile, or is another user's and so none of ours
    return [process for process in found if process is not None]


def sessions(processes: Collection[Known]) -> set[int]:
    """The sessions these processes are of."""
    found = set()
    for process in processes:
        with suppress(OSError):  # it ended meanwhile
            found.add(os.getsid(process.pid))
    return found


def of_session(number: int) -> list[Known]:
    """Living processes of a session: what was started in a session of its own, and all it has started in turn."""
    found = []
    for pid in psutil.pids():
        with suppress(OSError):  # it ended meanwhile, or may not be asked and so is none of ours
            if os.getsid(pid) == number:
                found.append(known(pid))
    return [process for process in found if process is not None]


def end_session(number: int, *, patience: float) -> None:
    """Ask the leader of a session to end and wait for all of it; then kill what is left. Units: seconds.

    Only the leader is asked: what it started notices, ends in order and takes its shared memory along.
    """
    if leader := known(number):
        leader.signal(signal.SIGTERM)
    deadline = time.monotonic() + patience
    while of_session(number) and time.monotonic() < deadline:
        time.sleep(0.02)
    deadline = time.monotonic() + _KILLED_WITHIN
    while (left := of_session(number)) and time.monotonic() < deadline:
        end(left, patience=0.0)  # and again: one of them may have started another just before


def end(processes: Collection[Known], *, patience: float) -> None:
    """Wait for the processes to end by themselves, then kill those that do not. Units: seconds, for all."""
    deadline = time.monotonic() + patience
    for process in processes:
        if not process.gone_within(max(0.0, deadline - time.monotonic())):
            process.signal(signal.SIGKILL)
            process.gone_within(_KILLED_WITHIN)
