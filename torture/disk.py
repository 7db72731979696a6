"""A disk that fills up: a house of its own on a small tmpfs, in a namespace of its own: no other disk is hurt."""

import json
import os
import random
import shutil
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

import psycopg

from torture import checks
from torture.house import ROOT, House, Lost, until
from torture.load import Clients, Memory

_MEGABYTES = 400
_TIMES = 2


def in_a_namespace(folder: Path, seed: int, counted: Counter[str], not_tried: list[str]) -> None:
    """Run `filled` where a tmpfs may be mounted; says where that is not possible here. Raises Lost."""
    folder.mkdir(parents=True, exist_ok=True)
    unshare = shutil.which("unshare")
    mount = f'mount -t tmpfs -o size={_MEGABYTES}m,mode=700 none "$1" && exec "$2" -m torture.disk "$1" "$3"'
    if unshare is None or subprocess.run([unshare, "-rm", "true"], check=False).returncode:
        not_tried.append("disk full (no namespace of one's own here)")
        return
    done = subprocess.run(
        [unshare, "-rm", "sh", "-c", mount, "sh", str(folder), sys.executable, str(seed)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"},
        stdout=subprocess.PIPE,
        text=True,
        timeout=600,
        check=False,
    )
    try:
        found = json.loads(done.stdout.splitlines()[-1])
    except (IndexError, ValueError):
        found = {"loss": f"exit code {done.returncode}: {done.stdout[-500:]}"}
    if "loss" in found:
        raise Lost(f"disk full: {found['loss']}")
    counted["disk full"] += found["times"]
    if not found["panics"]:
        not_tried.append("disk full under PostgreSQL's log: it found room")
    if found["times"] < _TIMES:
        not_tried.append(f"disk full, {_TIMES - found['times']} times: nobody noticed")


def filled(folder: Path, seed: int) -> dict[str, object]:
    """Fill the disk under load, wait, make room; everything acknowledged is there, and it works again."""
    rng, memory = random.Random(seed), Memory()  # noqa: S311  no secret
    house, clients = House(folder / "home", lambda _: None), None
    try:
        house.start()
        clients = Clients(house, memory, seed)
        clients.start()
        bit = 0
        for number in range(_TIMES):
            time.sleep(2 + rng.random())
            before = memory.resent
            ballast = folder / "ballast"
            with ballast.open("wb", buffering=0) as f, suppress(OSError):
                while f.write(bytes(65536)):
                    pass
            if number == _TIMES - 1:
                _no_room_for_the_log(house)
            end = time.monotonic() + 10
            while time.monotonic() < end:  # what is freed meanwhile is taken too
                with ballast.open("ab", buffering=0) as f, suppress(OSError):
                    while f.write(bytes(4096)):
                        pass
                time.sleep(0.2)
            bit += memory.resent > before  # somebody was told that it cannot be done now
            ballast.unlink()
            checks.after_a_fault(house, clients, [], 0, thorough=True)
        checks.at_the_end(house, clients, lambda _: None)
        panics = (house.home / "postgres" / "log").read_text(errors="replace").count("PANIC")
        return {"times": bit, "panics": panics, "acknowledged": memory.acknowledged, "refused": memory.resent}
    except Lost as e:
        return {"loss": str(e)}
    finally:
        if clients:
            clients.abandon()
        house.close()


def _no_room_for_the_log(house: House) -> None:
    """Ask for new segments of PostgreSQL's log: it panics, and cannot come up again until there is room."""
    with suppress(psycopg.Error), psycopg.connect(house.superuser(), autocommit=True) as connection:
        for _ in range(8):
            connection.execute("SELECT pg_switch_wal()")
            connection.execute("SELECT pg_logical_emit_message(false, 'torture', 'x')")
    log = house.home / "postgres" / "log"
    with suppress(Lost):
        until(lambda: "PANIC" in log.read_text(errors="replace"), 5, "a panic")


if __name__ == "__main__":
    print(json.dumps(filled(Path(sys.argv[1]), int(sys.argv[2]))))
