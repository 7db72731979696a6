"""What sealing costs: the first seal of a ledger, one more seal over a small and a large one, the lag, the check."""

import asyncio
import statistics
import sys
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple
from uuid import UUID, uuid4

sys.path.insert(0, str(Path(__file__).resolve().parent))
import psycopg
from machine import Machine, Place

from application.ledger import Ledger, system_stamp
from application.sealing.checking import verify_ledger
from application.sealing.sealer import Sealer
from domain.keeping import ClockSteppedBack
from domain.kernel import derived_id

STEPS = 40
LAG_SECONDS = 5.0


class Sealed(NamedTuple):
    """A ledger of this many facts: seconds to seal all of it and to check all of it, milliseconds for one more seal."""

    facts: int
    first: float
    step: float
    checked: float


class SealLag(NamedTuple):
    """From an append's answer to its checkpoint in the table, in milliseconds."""

    rate: int
    p50: float
    p99: float


def measure(places: Sequence[Place], rounds: int) -> list[Sealed]:
    """Each ledger sealed whole, then one append at a time, in turn; checked at the end."""
    first: dict[str, float] = {}
    sealers: dict[str, Sealer] = {}
    steps: dict[str, list[float]] = {place.admin: [] for place in places}
    for place in places:
        sealers[place.admin] = sealer = _sealer(place)
        with psycopg.connect(place.access.of("sealer"), autocommit=True) as connection:
            began = time.perf_counter()
            sealer.begin(connection)
            while sealer.step(connection):
                pass
            first[place.admin] = time.perf_counter() - began
    for _ in range(rounds):
        for place in places:
            steps[place.admin] += asyncio.run(_steps(place, sealers[place.admin]))
    return [
        Sealed(
            sealers[place.admin].size,
            first[place.admin],
            statistics.median(steps[place.admin]),
            _checked(place),
        )
        for place in places
    ]


def measure_lag(server: Machine, rates: Sequence[int]) -> list[SealLag]:
    """A sealer beside a ledger that takes so many appends a second."""
    found = []
    for rate in rates:
        place = server.place(f"seal_{rate}")
        stop, ready = threading.Event(), threading.Event()
        sealer = _sealer(place)
        thread = threading.Thread(target=sealer.run, args=(stop, ready.set))
        thread.start()
        ready.wait()
        try:
            lags = asyncio.run(_lags(place, sealer, rate))
        finally:
            stop.set()
            thread.join()
        lags.sort()
        found.append(SealLag(rate, statistics.median(lags) * 1e3, lags[int(len(lags) * 0.99)] * 1e3))
        server.drop(f"seal_{rate}")
    return found


def _sealer(place: Place) -> Sealer:
    return Sealer(place.access.of("sealer"), place.home / "log", place.origin, place.seal())


async def _append(ledger: Ledger) -> int:
    command: UUID = uuid4()
    now = datetime.now(UTC)
    stream = derived_id("clock", str(command))
    stamp = system_stamp("bench", "Bench", command, now)
    answered = await ledger.append(command, stamp, {stream: (0, [ClockSteppedBack(observed=now, last=now)])})
    return answered.position


async def _steps(place: Place, sealer: Sealer) -> list[float]:
    took = []
    async with place.ledger() as ledger:
        with psycopg.connect(place.access.of("sealer"), autocommit=True) as connection:
            for _ in range(STEPS):
                await _append(ledger)
                began = time.perf_counter()
                sealer.step(connection)
                took.append((time.perf_counter() - began) * 1e3)
    return took


async def _lags(place: Place, sealer: Sealer, rate: int) -> list[float]:
    lags: list[float] = []

    async def one(ledger: Ledger) -> None:
        position = await _append(ledger)
        answered = time.perf_counter()
        while sealer.size < position:  # noqa: ASYNC110  the sealer works in a thread of its own
            await asyncio.sleep(0.002)
        lags.append(time.perf_counter() - answered)

    async with place.ledger() as ledger:
        began, waiting = time.perf_counter(), []
        for n in range(int(rate * LAG_SECONDS)):
            await asyncio.sleep(max(0.0, began + n / rate - time.perf_counter()))
            waiting.append(asyncio.create_task(one(ledger)))
        await asyncio.gather(*waiting)
    return lags


def _checked(place: Place) -> float:
    began = time.perf_counter()
    found = verify_ledger(place.access.of("sealer"), place.home / "log", place.origin, place.seal())
    if found.fault:
        raise SystemExit(found.fault.says)
    return time.perf_counter() - began
