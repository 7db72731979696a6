"""What a view could not take in: the rows that wait, fact by fact, and the views that stand still (ADR 27).

A row's first fact that a view cannot take is parked, and every later one of that row behind it, by position: the fact
itself stays where it is, in the ledger. Nothing of its text is here, only the class of the error.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple

import psycopg

_TABLES = (
    "CREATE TABLE IF NOT EXISTS shelf.parked (view text NOT NULL, key text NOT NULL, position bigint NOT NULL,"
    " error text, parked_at timestamptz NOT NULL DEFAULT clock_timestamp(), PRIMARY KEY (view, key, position))",
    "CREATE TABLE IF NOT EXISTS shelf.halted (view text PRIMARY KEY, position bigint NOT NULL, error text NOT NULL,"
    " halted_at timestamptz NOT NULL DEFAULT clock_timestamp())",
)


class Parked(NamedTuple):
    """A fact that waits; `error` is the class of what was raised, None where it only stands behind such a one."""

    key: str
    position: int
    error: str | None = None


def make(connection: psycopg.Connection[Any]) -> None:
    """The tables, where they are missing."""
    for statement in _TABLES:
        connection.execute(statement)


def keys(connection: psycopg.Connection[Any], views: Sequence[str]) -> dict[str, set[str]]:
    """The rows of these views that wait."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    statement = "SELECT DISTINCT view, key FROM shelf.parked WHERE view = ANY(%s)"
    for row in connection.execute(statement, (list(views),), prepare=True):
        found[row["view"]].add(row["key"])
    return found


def park(connection: psycopg.Connection[Any], view: str, facts: Sequence[Parked]) -> None:
    """Have these facts wait."""
    connection.execute(
        "INSERT INTO shelf.parked (view, key, position, error)"
        " SELECT %s, key, position, error FROM unnest(%s::text[], %s::bigint[], %s::text[]) AS f(key, position, error)",
        (view, *([list(column) for column in zip(*facts, strict=True)])),
    )


def positions(connection: psycopg.Connection[Any], view: str, key: str) -> list[int]:
    """The facts a row waits for, in order."""
    statement = "SELECT position FROM shelf.parked WHERE (view, key) = (%s, %s) ORDER BY position"
    return [row["position"] for row in connection.execute(statement, (view, key))]


def release(connection: psycopg.Connection[Any], view: str, key: str | None = None) -> None:
    """A row waits no more; without a key, no row of the view does."""
    statement = "DELETE FROM shelf.parked WHERE view = %s AND key = coalesce(%s, key)"
    connection.execute(statement, (view, key))


def halt(connection: psycopg.Connection[Any], view: str, position: int, error: str) -> None:
    """Note that a view stands still after a position: which row is concerned is not known."""
    connection.execute(
        "INSERT INTO shelf.halted (view, position, error) VALUES (%s, %s, %s)"
        " ON CONFLICT (view) DO UPDATE SET position = excluded.position, error = excluded.error",
        (view, position, error),
    )


def go_on(connection: psycopg.Connection[Any], views: Sequence[str]) -> None:
    """Note that these views stand still no more."""
    connection.execute("DELETE FROM shelf.halted WHERE view = ANY(%s)", (list(views),))
