"""The ledger through the library's own recorder: the same table, its tests, its subscriptions (ADR 3)."""

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from eventsourcing.persistence import StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore
from psycopg import Cursor
from psycopg.rows import DictRow
from psycopg.sql import SQL, Literal

from application.ledger import CHANNEL, ORDERING_LOCK

# One statement, one time: `head` is materialised, else the clock would be read again for every row.
_INSERT = (
    "WITH head AS MATERIALIZED (SELECT coalesce(max(position), 0) AS position, greatest(clock_timestamp(),"
    " (SELECT recorded_at FROM ledger.entries ORDER BY position DESC LIMIT 1) + interval '1 microsecond')"
    " AS recorded_at FROM ledger.entries)"
    " INSERT INTO ledger.entries (position, stream, version, kind, recorded_at, command, ordinal, body, writer)"
    " SELECT head.position + e.place, e.stream, e.version, e.kind, head.recorded_at, %s, e.place - 1, e.body, %s"
    " FROM head, unnest(%s::text[], %s::bigint[], %s::text[], %s::bytea[])"
    " WITH ORDINALITY AS e(stream, version, kind, body, place) ORDER BY e.place"
    " RETURNING position AS notification_id"
)


class LedgerRecorder(PostgresApplicationRecorder):
    """`PostgresApplicationRecorder` over `ledger.entries`, read through the view `ledger.stored_events`.

    It takes the ordering lock in place of the library's table lock, which stops behind vacuum and lets nobody
    else in; positions are dense. Made for reading, subscribing and single appends beside the group commit.
    """

    def __init__(self, datastore: PostgresDatastore) -> None:
        super().__init__(datastore, events_table_name="stored_events")
        self.channel_name = CHANNEL
        self.writer = f"recorder:{uuid4()}"
        self.lock_table_statements = [SQL("SELECT pg_advisory_xact_lock({})").format(Literal(ORDERING_LOCK))]

    def create_table(self) -> None:
        """Nothing: the ledger's tables come from its migrations, by their owner."""

    def _insert_stored_events(self, curs: Cursor[DictRow], stored_events: Sequence[StoredEvent], **kwargs: Any) -> None:
        self._lock_table(curs)
        self._notify_channel(curs)
        columns = (
            [str(e.originator_id) for e in stored_events],
            [e.originator_version for e in stored_events],
            [e.topic for e in stored_events],
            [e.state for e in stored_events],
        )
        curs.execute(_INSERT, (uuid4(), self.writer, *columns), prepare=True)
