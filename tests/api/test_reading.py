"""Reading the shelf: as of a position (promise 9), and where something waits to be taken in (promise 7; ADR 27)."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from tests.projections.story import VIEWS, story, tell

from api.reading import Page, Reader, _closed
from application.authority import Sight
from application.ledger import Unavailable
from domain.kernel import Entry, IllFormed
from projections import shelf
from projections.rows import Row
from projections.shelf import Shelf, View

OFFICE = Sight("person:one", "office", ("office",))


class ChanceRow(Row):
    """A row to which anything may happen."""

    kind: str
    colour: str
    turn: int


def at_random(seed: int) -> View:
    """Rows that come, change, move in the order, are withheld from somebody, go and come back."""
    keys = [f"row:{n:02d}" for n in range(25)]

    def chance(entry: Entry[Any]) -> random.Random:
        return random.Random(f"{seed}/{entry.position}")  # noqa: S311  what happens, not secrets

    def key(entry: Entry[Any]) -> str:
        return chance(entry).choice(keys)

    def evolve(row: ChanceRow | None, entry: Entry[Any]) -> ChanceRow | None:
        dice = chance(entry)
        if row and dice.random() < 0.25:
            return None
        return ChanceRow(
            id=key(entry),
            readers=("office", dice.choice(("body:a", "body:b"))),
            withheld_from=("person:other",) if dice.random() < 0.3 else (),
            order=row.order if row and dice.random() < 0.8 else str(dice.randrange(5)),
            kind=str(entry.fact.kind),
            colour=dice.choice(("red", "blue")),
            turn=row.turn + 1 if row else 0,
        )

    return View(f"chance_{seed}", ChanceRow, key, evolve, filters=("colour",))


@pytest.fixture(scope="module")
def told(module_database: Any) -> Any:
    asyncio.run(tell(module_database, story(module_database)))
    return module_database


@asynccontextmanager
async def read(database: Any, views: Any, *, anew: bool = True) -> AsyncIterator[tuple[Shelf, Reader]]:
    made, reader = Shelf(database.access.of("projector"), views), Reader(database.access.of("reader"))
    made.prepare()
    if anew:
        made.drop(views)
    await reader.pool.open()
    try:
        yield made, reader
    finally:
        await reader.pool.close()
        made.close()


def as_bytes(page: Page) -> bytes:
    return b"|".join((*(item.model_dump_json().encode() for item in page.items), str(page.next).encode()))


async def all_pages(reader: Reader, view: View, filters: dict[str, str], first: int, as_of: int | None) -> list[bytes]:
    pages, cursor = list[bytes](), None
    while True:
        page = await reader.page(view, OFFICE, filters, first, cursor, as_of)
        pages.append(as_bytes(page))
        if (cursor := page.next) is None:
            return pages


def pages_of(rows: list[Row], first: int) -> list[bytes]:
    """How a list of these rows is paged."""
    starts = range(0, max(len(rows), 1), first)
    parts = [rows[start : start + first] for start in starts]
    cursors = [_closed(part[-1].order, part[-1].id) for part in parts[:-1]]
    return [as_bytes(Page(part, cursor)) for part, cursor in zip(parts, [*cursors, None], strict=True)]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_list_as_of_a_position_is_what_it_said_then_byte_for_byte(
    told: Any, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Promise 9: every page with its cursor, with and without filters, at many positions of random histories; asked
    when all else has happened, and of views that were filled in one go. What has gone since is left out (ADR 36)."""
    monkeypatch.setattr(shelf, "BATCH", 1)
    chance = at_random(seed)
    asked: list[tuple[View, dict[str, str], int]] = [
        (chance, {}, 4),
        (chance, {}, 100),
        (chance, {"colour": "red"}, 3),
        (chance, {"id": "row:07"}, 5),
        (VIEWS[0], {}, 3),
        (VIEWS[1], {}, 5),
    ]

    async def compare() -> None:
        said: dict[int, list[list[Row]]] = {}
        async with read(told, (chance, *VIEWS[:2])) as (made, reader):
            while made.step():
                position = max(made.positions().values())
                if position % 7 == seed or position < 5:
                    said[position] = []
                    for view, filters, first in asked:
                        whole = await reader.page(view, OFFICE, filters, 100, None)
                        assert whole.next is None
                        assert await all_pages(reader, view, filters, first, None) == pages_of(whole.items, first)
                        said[position].append(whole.items)
            monkeypatch.setattr(shelf, "BATCH", 500)
            for again in (False, True):
                if again:
                    made.drop(made.views)
                    made.catch_up()
                there = [{row.id for row in (await reader.page(v, OFFICE, {}, 100, None)).items} for v, _, _ in asked]
                for position, lists in said.items():
                    for rows, today, (view, filters, first) in zip(lists, there, asked, strict=True):
                        expected = pages_of([row for row in rows if row.id in today], first)
                        assert await all_pages(reader, view, filters, first, position) == expected, position
                now = [await all_pages(reader, *question, None) for question in asked]
                head = max(made.positions().values())
                assert [await all_pages(reader, *question, head) for question in asked] == now
        assert len({str(lists) for lists in said.values()}) > 20, "nothing happened in it"
        assert any(len(pages_of(lists[0], 4)) > 3 for lists in said.values()), "no second page"
        assert any({row.id for row in lists[0]} - there[0] for lists in said.values()), "nothing has gone"

    asyncio.run(compare())


def test_todays_authority_applies_to_yesterdays_rows(told: Any) -> None:
    """promises.md §4: who was recused since, or reads the row no more, does not see it as of the day before."""
    chance = at_random(4)
    unit = Sight("person:other", "unit", ("body:a",), ("person:other",))

    async def look() -> None:
        async with read(told, (chance,)) as (made, reader):
            made.catch_up()
            head = made.positions()[chance.name]
            hidden = {
                row.id
                for (row,) in told.ask(f"SELECT row FROM shelf.{chance.name}")
                for row in [ChanceRow.model_validate(row)]
                if "body:a" not in row.readers or row.withheld_from
            }
            then = told.ask(
                f"SELECT id, from_position, until_position FROM shelf.{chance.name}_history"
                " WHERE 'body:a' = ANY(readers) AND withheld_from = '{}' AND id = ANY(%s)",
                sorted(hidden),
            )
            assert len(then) > 5, "nothing was to be seen then that is not now"
            for id_, start, _ in then:
                assert start <= head
                assert (await reader.page(chance, unit, {"id": id_}, 5, None, start)).items == []
                assert (await reader.page(chance, OFFICE, {"id": id_}, 5, None, start)).items != []

    asyncio.run(look())


def test_a_row_that_is_gone_today_is_not_shown_as_of_any_day(told: Any) -> None:
    """promises.md §4, ADR 36: a view takes a row away to hide it, so nobody who asks today sees it as of the days
    before either; a row that has come back is shown as of before it went and after it came, and not between."""
    chance = at_random(7)

    async def look() -> None:
        async with read(told, (chance,)) as (made, reader):
            made.catch_up()
            head = made.positions()[chance.name]
            there = {id_ for (id_,) in told.ask(f"SELECT id FROM shelf.{chance.name}")}
            spans = told.ask(
                f"SELECT id, from_position, coalesce(until_position, %s), row IS NULL FROM shelf.{chance.name}_history",
                head + 1,
            )

            async def shown(id_: str, position: int) -> bool:
                return bool((await reader.page(chance, OFFICE, {"id": id_}, 5, None, position)).items)

            gone = back = 0
            for id_, start, end, deleted in spans:
                expected = id_ in there and not deleted
                assert await shown(id_, start) == await shown(id_, end - 1) == expected, (id_, start)
                gone += id_ not in there
                back += id_ in there and deleted
            assert gone > 3, "nothing was taken away for good"
            assert back > 3, "nothing was taken away and came back"

    asyncio.run(look())


def test_a_row_that_waits_is_not_shown_and_every_answer_of_the_list_says_that_something_does(told: Any) -> None:
    """Promise 7: what is parked may be the very fact that withholds the row, so it is shown to nobody, then and now.
    Whoever cannot see the row is told the same: the list, not the row, is said to be incomplete."""
    good = at_random(5)
    bad = 150

    def evolve(row: Any, entry: Entry[Any]) -> Any:
        if entry.position == bad:
            raise ValueError
        return good.evolve(row, entry)

    nobody = Sight("person:two", "office", ())

    async def look() -> None:
        async with read(told, (replace(good, evolve=evolve), VIEWS[0])) as (made, reader):
            made.catch_up()
            ((key,),) = told.ask("SELECT DISTINCT key FROM shelf.parked WHERE view = %s", good.name)
            ((stored,),) = told.ask(f"SELECT count(*) FROM shelf.{good.name}")
            page = await reader.page(good, OFFICE, {}, 100, None)
            assert page.incomplete
            assert key not in {item.id for item in page.items}
            assert len(page.items) in (stored, stored - 1)
            assert (await reader.page(good, nobody, {}, 100, None)) == Page([], None, True)
            assert (await reader.page(good, OFFICE, {"id": key}, 5, None, bad - 1)).items == []
            assert not (await reader.page(VIEWS[0], OFFICE, {}, 100, None)).incomplete
        async with read(told, (good, VIEWS[0]), anew=False) as (made, reader):
            made.catch_up()
            page = await reader.page(good, OFFICE, {}, 100, None)
            assert not page.incomplete
            told.ask("INSERT INTO shelf.halted VALUES (%s, 1, 'ValueError') RETURNING view", good.name)
            assert (await reader.page(good, OFFICE, {}, 100, None)).incomplete, "a view that stands still says so too"
            made.catch_up()
            assert await reader.page(good, OFFICE, {}, 100, None) == page

    asyncio.run(look())


def test_rows_of_another_version_are_not_shown(told: Any) -> None:
    """A version is raised where audiences change: between the start of the API and that of the projector nobody may
    read by new code what the old one wrote."""
    chance = at_random(6)

    async def look() -> None:
        async with read(told, (chance,)) as (made, reader):
            made.catch_up()
            assert (await reader.page(chance, OFFICE, {}, 5, None)).items
            with pytest.raises(Unavailable):
                await reader.page(replace(chance, version=2), OFFICE, {}, 5, None)
            for first, cursor in ((0, None), (101, None), (5, "%")):
                with pytest.raises(IllFormed):
                    await reader.page(chance, OFFICE, {}, first, cursor, 7)

    asyncio.run(look())
