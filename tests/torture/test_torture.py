"""The short form of `make torture`: a handful of kills under load, with the same clients and the same checks."""

import random
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from torture.faults import Scene, answer_lost, killed
from torture.house import House, Lost
from torture.load import Clients, Memory

from torture import checks


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    # A short path: the server's socket stands in it.
    folder = Path(tempfile.mkdtemp(prefix="xuncha-"))
    made = House(folder / "home", lambda _: None)
    try:
        made.start()
        yield made
    finally:
        made.close()
        shutil.rmtree(folder, ignore_errors=True)


def test_nothing_acknowledged_is_lost_or_doubled_when_processes_are_killed(house: House) -> None:
    """Promises 1 to 3, 5, 6: a backend, the API between commit and answer, the sealer; all under load."""
    memory = Memory()
    clients = Clients(house, memory, seed=1, each_second=40)
    scene = Scene(house, clients, random.Random(1))  # noqa: S311  no secret
    clients.start()
    try:
        head = 0
        for fault in (
            killed(lambda s: next(iter(s.house.backends("xuncha-ledger-write")), None)),
            answer_lost,
            killed(lambda s: s.house.pid("seal")),
        ):
            assert fault(scene) is not None
            head = checks.after_a_fault(house, clients, list(memory.http)[:1], head, thorough=False)
        checks.at_the_end(house, clients, lambda _: None)
    finally:
        clients.abandon()
    assert memory.acknowledged > 0


def test_the_checks_see_what_is_lost_doubled_or_said_otherwise(house: House) -> None:
    """A check never seen to fail is not a check."""
    memory = Memory()
    clients = Clients(house, memory, seed=2, each_second=40)
    clients.start()
    try:
        before = memory.acknowledged
        checks.until(lambda: memory.acknowledged > before + 20, 60, "some answers")
        clients.stop()
        checks.entries(house, memory)
        command, position = next(iter(memory.direct.items()))
        memory.direct[command] = position + 1
        with pytest.raises(Lost, match="not there"):
            checks.entries(house, memory)
        memory.direct[command] = position
        sent = memory.http.pop(next(iter(memory.http)))
        with pytest.raises(Lost, match="nobody sent it"):
            checks.entries(house, memory)
        memory.http[sent.command] = sent
        answered = next(sent for sent in memory.http.values() if sent.verb == "registerBody")
        answered.answer = b'{"data":{"done":{"id":"body:other"}}}'
        with pytest.raises(Lost, match="not what was asked"):
            checks.entries(house, memory)
        clients.until_answered(answered)
        assert "first" in memory.wrong[0]
    finally:
        clients.abandon()
