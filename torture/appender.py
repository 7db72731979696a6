"""A process that appends straight through the ledger: a line `command body` in, a line `command position first` out.

Started by the harness, killed by it, and started again with what was not answered.
"""

import asyncio
import sys
from datetime import UTC, datetime
from uuid import UUID

from api.composition import open_ledger
from api.settings import read_settings
from application.ledger import Ledger, Unavailable, system_stamp
from domain.bodies import BodyRegistered
from domain.kernel import Secret


async def append(ledger: Ledger, command: UUID, body: str) -> None:
    """One fact with a text, so that the key store is asked too; sent again until it is answered."""
    fact = BodyRegistered(body=body, name=Secret(f"某局 {body}"), organ_class="audit")
    while True:
        try:
            stamp = system_stamp("torture", "Torture", command, datetime.now(UTC))
            answer = await ledger.append(command, stamp, {body: (0, [fact])})
        except Unavailable:
            await asyncio.sleep(0.1)
            continue
        print(command, answer.position, int(answer.first), flush=True)
        return


async def main() -> None:
    """As many at once as are asked for."""
    loop = asyncio.get_running_loop()
    async with open_ledger(read_settings()) as ledger, asyncio.TaskGroup() as tasks:
        while line := await loop.run_in_executor(None, sys.stdin.readline):
            command, body = line.split()
            tasks.create_task(append(ledger, UUID(command), body))


asyncio.run(main())
