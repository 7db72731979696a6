"""Keys amiss while the server runs: it says that it is not available, and one altered text hides no other."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import pytest

from application.seals import store_file

DIRECTOR = "office-director"
NAMES = "{ bodies(first: 100) { items { id name { text state } } } }"


@pytest.fixture(scope="module")
def city(application: Any) -> Any:
    """A city with bodies in it, and a key of today's commands."""
    c = application.city
    c.found(DIRECTOR)
    c.settle()
    return c


@contextmanager
def store_gone(database: Any) -> Iterator[None]:
    """The key store does not answer, and does again."""
    with sqlite3.connect(store_file(database.home / "keys"), isolation_level=None, timeout=10) as store:
        store.execute("ALTER TABLE keys RENAME TO elsewhere")
        try:
            yield
        finally:
            store.execute("ALTER TABLE elsewhere RENAME TO keys")
    store.close()


@contextmanager
def key_altered(database: Any, subject: str) -> Iterator[None]:
    """One key of the store has other bytes, so that it cannot be unwrapped, and is put right again."""
    with sqlite3.connect(store_file(database.home / "keys"), isolation_level=None, timeout=10) as store:
        ((kept,),) = store.execute("SELECT wrapped FROM keys WHERE subject = ?", (subject,)).fetchall()
        store.execute("UPDATE keys SET wrapped = ? WHERE subject = ?", (kept[:12] + bytes(len(kept) - 12), subject))
        try:
            yield
        finally:
            store.execute("UPDATE keys SET wrapped = ? WHERE subject = ?", (kept, subject))
    store.close()


@pytest.mark.parametrize("what", ["the store", "the key of a text"])
@pytest.mark.parametrize("asks", ["a query", "a command"])
def test_without_its_keys_it_is_unavailable_and_can_be_tried_again(
    city: Any, application: Any, what: str, asks: str
) -> None:
    """promises.md: 503 with Retry-After and never 500, naming nothing; afterwards the same command has one effect."""
    database, client_id = application.database, str(uuid4())

    def ask() -> Any:
        if asks == "a query":
            return city.post(DIRECTOR, {"query": NAMES})
        return city.do(DIRECTOR, "registerPerson", client_id=client_id, name="某人", once_more=what)

    head = database.ask("SELECT max(position) FROM ledger.entries")
    with store_gone(database) if what == "the store" else key_altered(database, f"content:{city.ids['town']}"):
        answer = ask()
    if asks == "a query" or what == "the store":
        assert (answer.status, answer.header("Retry-After")) == (503, "1")
        assert answer.json() == {
            "errors": [{"message": answer.json()["errors"][0]["message"], "extensions": {"code": "UNAVAILABLE"}}]
        }
        assert b"key" not in answer.body
        assert database.ask("SELECT max(position) FROM ledger.entries") == head
    else:
        assert answer.status == 200
    again = [ask() for _ in range(2)]
    assert [answer.status for answer in again] == [200, 200]
    assert again[0] == again[1]
    if asks == "a command":
        assert "id" in again[0].json()["data"]["done"]
        assert database.ask("SELECT max(position) FROM ledger.entries") == [(head[0][0] + 1,)]


@pytest.mark.parametrize("how", ["another box", "no box", "the box of another text", "another digest"])
def test_an_altered_text_shows_as_altered_and_hides_no_other(city: Any, application: Any, how: str) -> None:
    """promises.md §5.1: by whoever could write to the views; the other names in the same answer stay readable."""
    town, bureau = city.ids["town"], city.ids["bureau"]
    before = city.ask(DIRECTOR, NAMES)["bodies"]["items"]
    assert {row["name"]["state"] for row in before} == {"readable"}
    with application.database.connect() as connection:
        kept, other = (
            connection.execute("SELECT row->'name' FROM shelf.office_bodies WHERE id = %s", (body,)).fetchone()[0]
            for body in (town, bureau)
        )
        altered = {
            "another box": {
                **kept,
                "box": kept["box"][:-8] + ("AAAAAAA=" if kept["box"][-8:] != "AAAAAAA=" else "BBBBBBB="),
            },
            "no box": {**kept, "box": ""},
            "the box of another text": {**kept, "box": other["box"]},
            "another digest": {**kept, "digest": "0" * 64},
        }[how]
        put = "UPDATE shelf.office_bodies SET row = jsonb_set(row, '{name}', %s::jsonb) WHERE id = %s"
        connection.execute(put, (json.dumps(altered), town))
        try:
            found = city.ask(DIRECTOR, NAMES)["bodies"]["items"]
        finally:
            connection.execute(put, (json.dumps(kept), town))
    assert [row["name"] for row in found if row["id"] == town] == [{"text": None, "state": "altered"}]
    assert [row for row in found if row["id"] != town] == [row for row in before if row["id"] != town]
    assert city.ask(DIRECTOR, NAMES)["bodies"]["items"] == before
