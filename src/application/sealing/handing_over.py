"""Entries given away with their proofs, for somebody else to check."""

from collections.abc import Sequence
from pathlib import Path

import psycopg

from application.sealing.entries import COLUMNS, opened
from application.sealing.errors import SealingError
from application.sealing.keys import SealKeys
from application.sealing.logs import CHECKPOINT, read_logs, read_note
from sealedlog.bundle import Claim, write_bundle


def export(
    conninfo: str, folder: Path, origin: str, keys: SealKeys, streams: Sequence[str], to: Path
) -> tuple[int, int]:
    """Hand over these streams whole, each entry opened and proven, none left out; how many entries, sealed up to where.

    What was sealed is what can be proven: entries after the newest checkpoint are not in it. Raises SealingError where
    nothing is sealed yet, or a stream is not there.
    """
    with psycopg.connect(conninfo) as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        logs = read_logs(connection, folder, origin, keys)
        note = read_note(logs.place() / CHECKPOINT)
        if note is None:
            raise SealingError("尚未封存，无从证明 · nothing is sealed yet, nothing can be proven: xuncha seal")
        sealed = logs.believed(note, str(logs.place() / CHECKPOINT)).size
        openings = []
        for stream in dict.fromkeys(streams):
            rows = connection.execute(
                f"SELECT {COLUMNS} FROM ledger.entries WHERE stream = %s AND position <= %s ORDER BY position",
                (stream, sealed),
            ).fetchall()
            if not rows:
                raise SealingError(f"没有这个流，或者尚未封存 · no such stream, or it is not sealed yet: {stream}")
            openings += [opened(keys.blinding, row) for row in rows]
    claims = [Claim(stream, 1, sealed, keys.blinding.of(stream).tag) for stream in dict.fromkeys(streams)]
    signer = keys.log_signers(logs.current)[-1]
    write_bundle(to, log=logs.tiles(), checkpoint=note, signer=signer, openings=openings, claims=claims)
    return len(openings), sealed
