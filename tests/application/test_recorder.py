"""Our recorder under the library's own recorder tests, over the real ledger table."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from eventsourcing.postgres import PostgresDatastore
from eventsourcing.tests.persistence import (
    ApplicationRecorderTestCase,
    NonInterleavingNotificationIDsBaseCase,
)
from psycopg.conninfo import conninfo_to_dict

from application.recorder import LedgerRecorder


class _OverTheLedger:
    """Makes the library's test cases use our recorder.

    Exception, with its reason: `AggregateRecorderTestCase` asks `insert_events` to return None, because an
    aggregate recorder knows no total order; ours does, and returns positions.
    """

    database: Any

    @pytest.fixture(autouse=True)
    def _database(self, database: Any) -> Iterator[None]:
        type(self).database = database
        self._datastores: list[PostgresDatastore] = []
        yield
        for datastore in self._datastores:
            datastore.close()

    def new_originator_id(self) -> str:
        return f"test:{uuid4()}"

    def create_recorder(self) -> LedgerRecorder:
        given = conninfo_to_dict(self.database.access.of("writer"))
        datastore = PostgresDatastore(
            dbname=str(given["dbname"]),
            host=str(given["host"]),
            port=str(given["port"]),
            user=str(given["user"]),
            password=str(given["password"]),
            schema="ledger",
            originator_id_type="text",
            pool_size=1,
            max_overflow=20,
        )
        self._datastores.append(datastore)
        recorder = LedgerRecorder(datastore)
        recorder.create_table()
        return recorder


class TestApplicationRecorder(_OverTheLedger, ApplicationRecorderTestCase[LedgerRecorder]):
    """Insert, select, conflicts, concurrency, throughput, subscriptions."""

    def test_insert_subscribe(self) -> None:
        self.optional_test_insert_subscribe()


class TestNonInterleaving(_OverTheLedger, NonInterleavingNotificationIDsBaseCase):
    """Two big inserts racing get positions that do not interleave."""


del ApplicationRecorderTestCase, NonInterleavingNotificationIDsBaseCase
