"""`make torture`: a house under load, hurt a hundred times and more, checked after each; exit code 1 on any loss.

`python -m torture [--kills 100] [--seed N] [--only WORD] [--keep]`. The seed decides which faults come in which order,
and where each strikes; what the processes are doing at that moment, it does not.
"""

import argparse
import random
import secrets
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from torture import checks, disk, tampering
from torture.faults import KILLS, OTHERS, Fault, Scene
from torture.house import STRACE, House, Lost
from torture.load import Clients, Memory

_THOROUGH_EVERY = 10
_MINUTES = 15.0


class Planned(NamedTuple):
    """One fault to come: its group, its kind, what to do."""

    group: str
    kind: str
    fault: Fault


def planned(kills: int, rng: random.Random, only: str) -> list[Planned]:
    """So many kills in the proportions of the table, and the other faults in theirs, in random order."""
    table = [(weight, Planned("kill", who, fault)) for who, faults in KILLS.items() for weight, fault in faults]
    total = sum(weight for weight, _ in table)
    plan = [each for weight, each in table for _ in range(weight * kills // total)]
    plan += [each for _, each in rng.choices(table, [weight for weight, _ in table], k=kills - len(plan))]
    for kind, (often, fault) in OTHERS.items():
        plan += [Planned("other", kind, fault)] * max(1, round(often * kills / 100))
    plan = [each for each in plan if only in each.kind]
    rng.shuffle(plan)
    return plan


class Tally:
    """What was tried and found."""

    def __init__(self) -> None:
        self.tried: Counter[str] = Counter()
        self.kills = 0
        self.named = 0
        self.not_tried: list[str] = []
        self.losses: list[str] = []
        self.slowest = 0.0


def say(line: str) -> None:
    print(line, flush=True)


def torment(house: House, clients: Clients, rng: random.Random, plan: Sequence[Planned], tally: Tally) -> None:
    """One fault after the other, the checks after each. Raises Lost at the first that does not hold."""
    end, head = time.monotonic() + _MINUTES * 60, 0
    for number, (group, kind, fault) in enumerate(plan, 1):
        if time.monotonic() > end:
            tally.not_tried.append(f"{len(plan) - number + 1} of the plan: no time left")
            return
        started = time.monotonic()
        did = fault(Scene(house, clients, rng))
        if did is None:
            tally.not_tried.append(f"{kind}, once: it did not strike")
            say(f"{number:4d}/{len(plan)}  {kind}: did not strike")
            continue
        tally.tried[f"{group}: {kind}"] += 1
        tally.kills += group == "kill"
        tally.named += group == "kill" and did.named
        hurt = time.monotonic()
        try:
            with clients.memory.lock:
                known = [command for command, sent in clients.memory.http.items() if sent.answer is not None]
            picked = rng.sample(known, min(3, len(known))) + known[-2:]
            head = checks.after_a_fault(house, clients, picked, head, thorough=number % _THOROUGH_EVERY == 0)
        except Lost as e:
            raise Lost(f"after {kind} ({did.says}): {e}") from e
        tally.slowest = max(tally.slowest, time.monotonic() - hurt)
        took = f"{hurt - started:.1f} s, well again {time.monotonic() - hurt:.1f} s"
        say(f"{number:4d}/{len(plan)}  {kind}: {did.says}  ({took})")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="torture", description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--kills", type=int, default=100, help="how many kill −9 (100)")
    parser.add_argument("--seed", type=int, default=None, help="which faults, in which order (a new one each time)")
    parser.add_argument("--only", default="", metavar="WORD", help="faults whose kind holds this word")
    parser.add_argument("--keep", action="store_true", help="leave the folder for a look, also where all is well")
    given = parser.parse_args(arguments)
    seed = secrets.randbelow(1_000_000) if given.seed is None else given.seed
    rng = random.Random(seed)  # noqa: S311  no secret
    plan = planned(given.kills, rng, given.only)
    folder = Path(tempfile.mkdtemp(prefix="xuncha-"))
    tally, memory, started = Tally(), Memory(), time.monotonic()
    house = House(folder / "home", say)
    say(f"seed {seed}, {len(plan)} faults, {folder}")
    well, clients = False, None
    try:
        house.start()
        clients = Clients(house, memory, seed)
        clients.start()
        torment(house, clients, rng, plan, tally)
        checks.at_the_end(house, clients, say)
        house.rest()
        views = checks.replayed(house)
        say(f"{views} views dropped and replayed: the same rows, the same history")
        tampered = tampering.tried(house)
        tally.tried["tampering by a superuser"] += tampered
        if not given.only or given.only in "disk full":
            disk.in_a_namespace(folder / "disk", seed, tally.tried, tally.not_tried)
        well = True
    except Lost as e:
        tally.losses.append(str(e))
    finally:
        if clients:
            clients.abandon()
        house.close()
    if not STRACE:
        tally.not_tried.append("named moments and fsync errors (strace is not installed)")
    _summary(tally, memory, house, seed, time.monotonic() - started)
    if well and not given.keep:
        shutil.rmtree(folder, ignore_errors=True)
    else:
        say(f"left for a look: {folder}")
    return 0 if well else 1


def _summary(tally: Tally, memory: Memory, house: House, seed: int, seconds: float) -> None:
    say("")
    say(f"seed {seed}; faults tried, by kind:")
    for kind, count in sorted(tally.tried.items()):
        say(f"  {count:4d}  {kind}")
    for kind in sorted(tally.not_tried):
        say(f"  not tried: {kind}")
    say(
        f"kill −9: {tally.kills}, {tally.named} of them certainly at a named moment; restarts by hand: {house.restarts}"
    )
    say(f"acknowledged commands: {memory.acknowledged}; resends before an answer: {memory.resent}")
    say(f"slowest to be well again: {tally.slowest:.1f} s; time: {seconds / 60:.1f} min")
    say(f"losses found: {len(tally.losses)}")
    for loss in tally.losses:
        say(f"  ✗ {loss}")


if __name__ == "__main__":
    sys.exit(main())
