"""One process with callers: reads lines "callers seconds", does that, answers each with a line of JSON.

`python bench/worker.py NAME JSON`. Each caller sends its next append when the last was answered, and keeps how long
each took, in microseconds. Beside ours stand the peers that are written in Python; the JSON says where the database
is. Every append is one new stream, or row, with 400 bytes of JSON.
"""

import asyncio
import json
import sys
import threading
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

sys.path.insert(0, str(Path(__file__).resolve().parent))
from machine import Place

from application.database import Access

BYTES = 400
ENVELOPE = len('{"text":""}')
Append = Callable[[], Awaitable[object]]
"""One append, answered when it is durable."""


def place_of(given: dict[str, Any]) -> Place:
    return Place(
        Path(given["home"]), given["admin"], Access(**given["access"]), given["origin"], bytes.fromhex(given["master"])
    )


def described(place: Place) -> dict[str, Any]:
    """A place as a worker is told of it."""
    return {
        "home": str(place.home),
        "admin": place.admin,
        "access": place.access._asdict(),
        "origin": place.origin,
        "master": place.master.hex(),
    }


async def timed(append: Append, until: float, took: list[int]) -> None:
    while (began := time.perf_counter()) < until:
        await append()
        took.append(round((time.perf_counter() - began) * 1e6))


async def answer_lines(append: Append) -> None:
    """Until there are no more."""
    loop = asyncio.get_running_loop()
    print("ready", flush=True)
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        callers, seconds = int(line.split()[0]), float(line.split()[1])
        took: list[int] = []
        began = time.perf_counter()
        await asyncio.gather(*(timed(append, began + seconds, took) for _ in range(callers)))
        print(json.dumps({"seconds": time.perf_counter() - began, "took": took}), flush=True)


# --- ours --------------------------------------------------------------------------------------------------------


async def ledger(given: dict[str, Any]) -> None:
    """`Ledger.append`: the fact whose text stands in the clear; the stamp goes with it, as with every fact."""
    from application.ledger import system_stamp  # noqa: PLC0415  each subject loads what it needs
    from domain.keeping import EditionAdopted  # noqa: PLC0415
    from domain.kernel import CommandStamp  # noqa: PLC0415

    stamp = system_stamp("bench", "Note", uuid4(), datetime.now(UTC))
    fact = EditionAdopted(edition="bench", digest="0" * 64, text="")
    envelope = len(json.dumps(fact.model_dump(exclude={"kind"}), separators=(",", ":")))
    fact = EditionAdopted(edition="bench", digest="0" * 64, text="x" * (BYTES - envelope))
    async with place_of(given).ledger() as opened:

        async def append() -> None:
            command = uuid4()
            of_this = stamp.model_copy(update={"command": CommandStamp(id=command, name="Note", digest="0" * 64)})
            await opened.append(command, of_this, {f"bench:{uuid4()}": (0, (fact,))})

        await answer_lines(append)


async def handler(given: dict[str, Any], *, refused: bool) -> None:
    """A whole command, `registerBody`: who may, decide, seal, append. Done, it makes a stream with a text of 400 bytes
    under a key of its own; refused, the attempt goes on record in its maker's stream, and no key is made."""
    from api.composition import read_rulebook  # noqa: PLC0415
    from application import keeping  # noqa: PLC0415
    from application.acts import Act, Done, happened_live, perform  # noqa: PLC0415
    from application.directory import register_body  # noqa: PLC0415
    from domain.bodies import RegisterBody  # noqa: PLC0415
    from domain.kernel import Authenticated, Secret  # noqa: PLC0415

    book, who = read_rulebook(), keeping.FIRST_PERSON
    # A body of no category is a matter for a decision, which is not given.
    command = RegisterBody(name=Secret("某镇" * 66), category=None if refused else "town_or_street")
    async with place_of(given).ledger() as opened:

        async def append() -> None:
            now = datetime.now(UTC)
            act = Act(
                client_id=uuid4(),
                signer=who,
                audience="office",
                authenticated=Authenticated(method="bench"),
                now=now,
                doer=who,
                happened=happened_live(who, now),
            )
            answer = await perform(opened, book, act, command, register_body)
            if isinstance(answer, Done) is refused:
                raise SystemExit(f"registerBody: {answer}")

        await answer_lines(append)


async def project(given: dict[str, Any]) -> None:
    """The projector with every view, until the input ends."""
    from api.composition import VIEWS  # noqa: PLC0415
    from projections.shelf import Shelf  # noqa: PLC0415

    stop = threading.Event()
    shelf = Shelf(place_of(given).access.of("projector"), VIEWS)
    running = asyncio.create_task(asyncio.to_thread(shelf.run, stop, lambda: print("ready", flush=True)))
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    stop.set()
    await running
    shelf.close()


# --- peers -------------------------------------------------------------------------------------------------------

MOST = 16
"""The most callers there are: pools are that large, so that nobody waits for a connection."""


async def library(given: dict[str, Any]) -> None:
    """The eventsourcing library's own PostgreSQL recorder, with its default locking; a thread for each caller."""
    from eventsourcing.persistence import StoredEvent  # noqa: PLC0415
    from eventsourcing.postgres import PostgresApplicationRecorder  # noqa: PLC0415

    state = json.dumps({"text": "x" * (BYTES - ENVELOPE)}, separators=(",", ":")).encode()
    with library_datastore(given["admin"]) as datastore:
        recorder = PostgresApplicationRecorder(datastore, events_table_name="stored_events")

        def caller(until: float, took: list[int]) -> None:
            while (began := time.perf_counter()) < until:
                recorder.insert_events([StoredEvent(uuid4(), 1, "noted", state)])
                took.append(round((time.perf_counter() - began) * 1e6))

        print("ready", flush=True)
        for line in sys.stdin:
            callers, seconds = int(line.split()[0]), float(line.split()[1])
            took: list[list[int]] = [[] for _ in range(callers)]
            began = time.perf_counter()
            threads = [threading.Thread(target=caller, args=(began + seconds, each)) for each in took]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            print(
                json.dumps({"seconds": time.perf_counter() - began, "took": [t for each in took for t in each]}),
                flush=True,
            )


def library_datastore(address: str) -> Any:
    from eventsourcing.postgres import PostgresDatastore  # noqa: PLC0415
    from psycopg.conninfo import conninfo_to_dict  # noqa: PLC0415

    to = conninfo_to_dict(address)
    where: dict[str, Any] = {name: str(to[name]) for name in ("dbname", "host", "port", "user", "password")}
    return PostgresDatastore(**where, pool_size=MOST)


def prepare_library(address: str) -> None:
    from eventsourcing.postgres import PostgresApplicationRecorder  # noqa: PLC0415

    with library_datastore(address) as datastore:
        PostgresApplicationRecorder(datastore, events_table_name="stored_events").create_table()


async def crud(given: dict[str, Any]) -> None:
    """A row and an audit row in one transaction: what there is without a ledger."""
    from psycopg_pool import AsyncConnectionPool  # noqa: PLC0415

    data = json.dumps({"text": "x" * (BYTES - ENVELOPE)}, separators=(",", ":"))
    async with AsyncConnectionPool(given["admin"], min_size=MOST, max_size=MOST, open=False) as pool:

        async def append() -> None:
            key = uuid4()
            async with pool.connection() as connection:
                await connection.execute("INSERT INTO notes VALUES (%s, 1, %s)", (key, data), prepare=True)
                await connection.execute(
                    "INSERT INTO audit (note, version, who, data) VALUES (%s, 1, 'bench', %s)",
                    (key, data),
                    prepare=True,
                )

        await answer_lines(append)


CRUD_TABLES = (
    "CREATE TABLE notes (id uuid PRIMARY KEY, version int NOT NULL, data jsonb NOT NULL)",
    "CREATE TABLE audit (id bigserial PRIMARY KEY, note uuid NOT NULL, version int NOT NULL, who text NOT NULL,"
    " at timestamptz NOT NULL DEFAULT clock_timestamp(), data jsonb NOT NULL)",
    "CREATE INDEX ON audit (note)",
)
SUBJECTS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "ledger": ledger,
    "command": partial(handler, refused=False),
    "refused": partial(handler, refused=True),
    "project": project,
    "library": library,
    "crud": crud,
}

if __name__ == "__main__":
    asyncio.run(SUBJECTS[sys.argv[1]](json.loads(sys.argv[2])))
