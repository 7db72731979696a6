"""Reading the shelf: pages of one view, for one person's identities, never by column (ADR 5, ADR 6)."""

import asyncio
import json
from base64 import b64decode, urlsafe_b64encode
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.sql import SQL, Composed, Identifier, Placeholder
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
    """Rows in order, and the cursor of the next page, if there is one. Never a count.

    `incomplete`: somewhere in this list, wherever the asker may look, something waits to be taken in (ADR 27).
    """

    items: list[Row]
    next: str | None
    incomplete: bool = False


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
            configure=_plan_for_lists,
        )

    async def page(
        self,
        view: View,
        sight: Sight,
        filters: dict[str, str],
        first: int,
        cursor: str | None,
        as_of: int | None = None,
    ) -> Page:
        """One page of a view as it is, or as it was when the ledger stood at a position.

        Today's authority applies to yesterday's rows too: what is not to be seen today, gone or parked, is not to be
        seen as of then either (ADR 36). Raises IllFormed for a bad size, filter or cursor, Unavailable without a
        database and where the tables are another version's.
        """
        if not 1 <= first <= LARGEST_PAGE:
            raise IllFormed("page_too_large", "first")
        mine = {"identities": list(sight.identities), "concerned": list(sight.concerned)}
        parameters: dict[str, Any] = {**mine, "view": view.name, "limit": first + 1, "as_of": as_of}
        conditions: list[SQL | Composed] = [_TO_BE_SEEN, _NOT_PARKED]
        if as_of is not None:
            conditions += [_HELD_THEN, _TO_BE_SEEN_TODAY.format(Identifier(view.name))]
        for number, (name, value) in enumerate(filters.items()):
            if not _storable(value):
                raise IllFormed("text_ill_formed", "where")
            field = SQL("r.id") if name == "id" else SQL("r.row->>{}").format(name)
            conditions.append(SQL("{} = {}").format(field, Placeholder(f"filter{number}")))
            parameters[f"filter{number}"] = value
        if cursor is not None:
            conditions.append(SQL("(r.ord, r.id) > (%(after_ord)s, %(after_id)s)"))
            parameters["after_ord"], parameters["after_id"] = _opened(cursor)
        statement = _PAGE.format(
            source=Identifier(view.name if as_of is None else f"{view.name}_history"),
            conditions=SQL(" AND ").join(conditions),
        )
        found = await self._fetch(statement, parameters)
        _, incomplete, *_ = found[0]
        if found[0][0] != view.fingerprint:
            raise Unavailable  # an upgrade is under way: rows of one version are not shown by another's code
        rows = [row[2:] for row in found if row[4] is not None]
        items = [view.row.model_validate(row) for row, _, _ in rows[:first]]
        more = _closed(rows[first - 1][1], rows[first - 1][2]) if len(rows) > first else None
        return Page(items, more, incomplete)

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

    async def parked(self) -> dict[str, int]:
        """How many rows wait, by view."""
        return dict(await self._fetch(SQL("SELECT view, count(DISTINCT key) FROM shelf.parked GROUP BY view"), ()))

    async def halted(self) -> set[str]:
        """The views that stand still."""
        return {view for (view,) in await self._fetch(SQL("SELECT view FROM shelf.halted"), ())}

    async def _fetch(self, statement: Any, parameters: Any) -> list[tuple[Any, ...]]:
        try:
            async with self.pool.connection() as connection:
                return await (await connection.execute(statement, parameters)).fetchall()
        except (psycopg.OperationalError, psycopg.InterfaceError, psycopg.errors.UndefinedTable, PoolTimeout) as e:
            raise Unavailable from e


async def _plan_for_lists(connection: psycopg.AsyncConnection[Any]) -> None:
    """Whether to walk through a list in its order or to gather somebody's few rows depends on who asks: one plan for
    everybody is made for the latter, and takes the office's lists ten times as long.

    Lists mostly stand in memory, and no page costs four times another there, as PostgreSQL has it for spinning disks:
    by that reckoning it reads an index of all versions to spare itself a few hundred rows, for five times the time.
    """
    await connection.execute("SET plan_cache_mode = force_custom_plan; SET random_page_cost = 1.1")


# The version of the tables and whether anything waits, then the rows: all of one moment. Where there are no rows the
# first two are said all the same.
_PAGE = SQL(
    "SELECT s.fingerprint, s.incomplete, p.row, p.ord, p.id FROM (SELECT"
    " (SELECT fingerprint FROM shelf.views WHERE name = %(view)s) AS fingerprint,"
    " EXISTS (SELECT FROM shelf.parked WHERE view = %(view)s)"
    " OR EXISTS (SELECT FROM shelf.halted WHERE view = %(view)s) AS incomplete) AS s"
    " LEFT JOIN LATERAL (SELECT r.row, r.ord, r.id FROM shelf.{source} AS r WHERE {conditions}"
    " ORDER BY r.ord, r.id LIMIT %(limit)s) AS p ON true ORDER BY p.ord, p.id"
)
_TO_BE_SEEN = SQL("r.readers && %(identities)s AND NOT r.withheld_from && %(concerned)s")
_NOT_PARKED = SQL("NOT EXISTS (SELECT FROM shelf.parked AS w WHERE w.view = %(view)s AND w.key = r.id)")
# The position beyond all others stands for "until now", as in the index.
_HELD_THEN = SQL(
    "r.row IS NOT NULL AND r.from_position <= %(as_of)s AND coalesce(r.until_position, 9223372036854775807) > %(as_of)s"
)
# Looked up for each row that would be shown: as NOT EXISTS it became a scan of the whole list first.
_TO_BE_SEEN_TODAY = SQL(
    "coalesce((SELECT t.readers && %(identities)s AND NOT t.withheld_from && %(concerned)s"
    " FROM shelf.{} AS t WHERE t.id = r.id), false)"
)


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
