"""Whoever appends shares one commit: commands, refused attempts, and what the system notes by itself."""

import asyncio
from typing import Any
from uuid import uuid4

from application import ledger as ledgers
from application.acts import Done, Refusal
from application.directory import register_body
from domain.bodies import RegisterBody
from domain.kernel import Secret

EACH = 4


def test_refused_attempts_and_other_appends_ride_on_one_commit(world: Any, run: Any) -> None:
    """promises.md: an attempt that was refused is on record as durably as what was done, and costs no commit more."""
    database = world.database
    done = RegisterBody(name=Secret("某镇"), category="town_or_street")
    refused = RegisterBody(name=Secret("某会"))  # of no category: a matter for a decision, which is missing

    async def go() -> tuple[list[Any], int]:
        async with world.open() as tried:
            ledger, before = tried.ledger, await tried.ledger.head()
            with database.connect() as connection:
                connection.execute("SELECT pg_advisory_lock(%s)", (ledgers.ORDERING_LOCK,))
                acts = [
                    asyncio.create_task(tried.act("director", "office", register_body, command))
                    for command in [done, refused] * EACH
                ]
                queued = -1
                async with asyncio.timeout(20):
                    while queued < EACH or queued != ledger._queue.qsize():  # the first are with the writer, who waits
                        queued = ledger._queue.qsize()
                        await asyncio.sleep(0.3)  # what is refused is decided twice, and comes last
                person, command = world.id("person", "noted"), uuid4()
                fact = world.facts[world.person("director")][0].model_copy(update={"person": person})
                other = asyncio.create_task(ledger.append(command, database.stamp(command), {person: (0, [fact])}))
                await asyncio.sleep(0)
                connection.execute("SELECT pg_advisory_unlock(%s)", (ledgers.ORDERING_LOCK,))
            return await asyncio.gather(*acts, other), before

    answers, before = run(go())
    assert [type(answer) for answer in answers[:-1]] == [Done, Refusal] * EACH
    written = database.ask("SELECT kind, xmin::text FROM ledger.entries WHERE position > %s", before)
    attempts = {transaction for kind, transaction in written if kind.startswith("attempt.")}
    others = {transaction for kind, transaction in written if not kind.startswith("attempt.")}
    assert len(written) == 2 * EACH + 1
    assert len(attempts | others) < len(written) / 2
    assert attempts & others, "attempts have commits of their own"
