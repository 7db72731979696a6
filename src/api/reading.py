"""Reading the shelf: pages of one view, for one person's identities, never by column (ADR 5, ADR 6)."""

import asyncio
import json
from base64 import b64decode, urlsafe_b64encode
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.sql import SQL, Composable, Identifier
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from application.authority import Sight
from application.ledger import Unavailable, still_there
from domain.kernel import IllFormed
from projections.rows import Row
from projections.shelf import View

LARGEST_PAGE = 100
_WAIT_SECONDS = 5.0
_LOOK_EVERY_SECONDS = 0.02


class Stale(Exception):
    """A view has not reached what the caller wrote; it will."""


@dataclass(frozen=True)
class Page:
    """Rows in order, and the cursor of the next page, if there is one. Never a count."""

    items: list[Row]
    next: str | None


class Reader:
    """Reads rows under the reader's role, which sees the shelf and nothing else."""

    def __init__(self, conninfo: str) -> None:
        self.pool = AsyncConnectionPool(
            conninfo,
            min_size=1,
            max_size=8,
            open=False,
            timeout=5,
            kwargs={"autocommit": True, "application_name": "xuncha-reader"},
            check=still_there,
        )

    async def page(
        self,
        view: View,
        sight: Sight,
        filters: dict[str, str],
        first: int,
        cursor: str | None,
    ) -> Page:
        """One page of a view. Raises IllFormed for a bad size, filter or cursor, Unavailable without a database."""
        if not 1 <= first <= LARGEST_PAGE:
            raise IllFormed("page_too_large", "first")
        conditions: list[Composable] = [SQL("readers && %s"), SQL("NOT withheld_from && %s")]
        parameters: list[Any] = [list(sight.identities), list(sight.concerned)]
        for name, value in filters.items():
            if not _storable(value):
                raise IllFormed("text_ill_formed", "where")
            conditions.append(SQL("id = %s") if name == "id" else SQL("row->>{} = %s").format(name))
            parameters.append(value)
        if cursor is not None:
            conditions.append(SQL("(ord, id) > (%s, %s)"))
            parameters += _opened(cursor)
        statement = SQL("SELECT row, ord, id FROM shelf.{} WHERE {} ORDER BY ord, id LIMIT %s").format(
            Identifier(view.name), SQL(" AND ").join(conditions)
        )
        rows = await self._fetch(statement, (*parameters, first + 1))
        items = [view.row.model_validate(row) for row, _, _ in rows[:first]]
        more = _closed(rows[first - 1][1], rows[first - 1][2]) if len(rows) > first else None
        return Page(items, more)

    async def wait_for(self, views: list[str], position: int) -> None:
        """Wait until these views have taken in a position. Raises Stale when they do not within 5 s."""
        deadline = asyncio.get_running_loop().time() + _WAIT_SECONDS
        while min((await self.positions(views)).values(), default=0) < position:
            if asyncio.get_running_loop().time() > deadline:
                raise Stale
            await asyncio.sleep(_LOOK_EVERY_SECONDS)

    async def positions(self, views: list[str]) -> dict[str, int]:
        """The last position each view has taken in; 0 where it has not begun."""
        rows = await self._fetch(
            SQL("SELECT application_name, notification_id FROM shelf.positions WHERE application_name = ANY(%s)"),
            (views,),
        )
        return dict.fromkeys(views, 0) | {str(name): int(position) for name, position in rows}

    async def _fetch(self, statement: Any, parameters: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        try:
            async with self.pool.connection() as connection:
                return await (await connection.execute(statement, parameters)).fetchall()
        except (psycopg.OperationalError, psycopg.InterfaceError, psycopg.errors.UndefinedTable, PoolTimeout) as e:
            raise Unavailable from e


def _closed(*place: str) -> str:
    """A cursor. It holds what its own row shows and no position, so there is nothing in it to hide."""
    return urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


def _opened(cursor: str) -> list[str]:
    try:
        place = json.loads(b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
    except (ValueError, RecursionError):
        raise IllFormed("cursor_ill_formed", "cursor") from None
    if not isinstance(place, list) or len(place) != 2 or not all(map(_storable, place)):
        raise IllFormed("cursor_ill_formed", "cursor")
    return place


def _storable(text: Any) -> bool:
    """Whether PostgreSQL can hold it: no NUL, no half of a surrogate pair."""
    return isinstance(text, str) and not any(c == "\0" or "\ud800" <= c <= "\udfff" for c in text)
