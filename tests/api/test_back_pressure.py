"""When more is asked than the ledger can take: said at once, over HTTP, and nothing of it is lost or done twice."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from application import ledger as ledgers

DIRECTOR = "office-director"
BOUND, FEW, MANY = ledgers._QUEUE, 2, 10


@pytest.fixture(scope="module", autouse=True)
def small_queue() -> Iterator[None]:
    """A queue that can be filled; it is made with the ledger, before the application of this file starts."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ledgers, "_QUEUE", FEW)
        yield


def test_a_full_queue_is_503_with_retry_after_and_sent_again_it_is_done_once(
    small_queue: None, application: Any
) -> None:
    """Conventions: the queue holds 2,000; who finds it full is told so at once and when to come again."""
    assert BOUND == 2_000
    city = application.city
    ids = [f"00000000-0000-4000-8000-{n:012d}" for n in range(1, MANY + 1)]

    def register(n: int) -> Any:
        return city.do(DIRECTOR, "registerPerson", client_id=ids[n], name=f"第{n}人")

    with application.database.connect() as connection, ThreadPoolExecutor(MANY) as callers:
        connection.execute("SELECT pg_advisory_lock(%s)", (ledgers.ORDERING_LOCK,))
        try:
            sent = [callers.submit(register, n) for n in range(MANY)]
            deadline = time.monotonic() + 8
            while sum(each.done() for each in sent) == 0 and time.monotonic() < deadline:
                time.sleep(0.02)
            refused_before = [n for n, each in enumerate(sent) if each.done()]
        finally:
            connection.execute("SELECT pg_advisory_unlock(%s)", (ledgers.ORDERING_LOCK,))
        answers = [each.result() for each in sent]
    assert refused_before, "nobody was told before the ledger could write again"
    busy = [n for n, answer in enumerate(answers) if answer.status == 503]
    assert set(refused_before) <= set(busy)
    for n in busy:
        assert answers[n].header("Retry-After") == "1"
        assert answers[n].json()["errors"][0]["extensions"] == {"code": "UNAVAILABLE"}
    assert all(answer.status == 200 for n, answer in enumerate(answers) if n not in busy)
    again = [register(n) for n in range(MANY)]
    made = {answer.json()["data"]["done"]["id"] for answer in again}
    assert len(made) == MANY
    city.settle()
    assert len([row for row in city.rows(DIRECTOR, "people") if row["id"] in made]) == MANY
