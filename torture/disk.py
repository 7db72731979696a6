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

from torture import checks
from torture.house import ROOT, House, Lost
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


def filled(folder: Path, seed: int) -> dict[str, object]:
    """Fill the disk under load, wait, make room; everything acknowledged is there, and it works again."""
    rng, memory = random.Random(seed), Memory()  # noqa: S311  no secret
    house, clients = House(folder / "home", lambda _: None), None
    try:
        house.start()
        clients = Clients(house, memory, seed)
        clients.start()
        for _ in range(_TIMES):
            time.sleep(2 + rng.random())
            ballast = folder / "ballast"
            with ballast.open("wb", buffering=0) as f, suppress(OSError):
                while f.write(bytes(65536)):
                    pass
            end = time.monotonic() + 10
            while time.monotonic() < end:  # what is freed meanwhile is taken too
                with ballast.open("ab", buffering=0) as f, suppress(OSError):
                    while f.write(bytes(4096)):
                        pass
                time.sleep(0.2)
            ballast.unlink()
            checks.after_a_fault(house, clients, [], 0, thorough=True)
        checks.at_the_end(house, clients, lambda _: None)
        return {"times": _TIMES, "acknowledged": memory.acknowledged}
    except Lost as e:
        return {"loss": str(e)}
    finally:
        if clients:
            clients.abandon()
        house.close()


if __name__ == "__main__":
    print(json.dumps(filled(Path(sys.argv[1]), int(sys.argv[2]))))
