"""The ledgers the benchmarks run over are ledgers: the views can be made from them, and a check finds them in order."""

import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from api import checking
from api.composition import VIEWS
from projections.shelf import Shelf

BENCH = Path(__file__).resolve().parents[2] / "bench"


@pytest.fixture(scope="module")
def generator() -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(BENCH))
        import generator

        yield generator
        for name in ("generator", "machine"):
            sys.modules.pop(name, None)


def filled(generator: ModuleType, database: Any, size: int) -> Any:
    place = generator.Place(database.home, database.admin, database.access)
    assert size <= generator.fill(place, size, seed=7) < size + 4
    return place


def test_a_generated_ledger_has_every_view_and_is_in_order(generator: ModuleType, database: Any) -> None:
    """A thousand facts, every view over them, and `xuncha check` finds nothing."""
    place = filled(generator, database, 1_000)
    shelf = Shelf(database.access.of("projector"), VIEWS)
    try:
        shelf.prepare()
        shelf.catch_up()
    finally:
        shelf.close()
    said: list[str] = []
    assert checking.check(generator.settings_of(place), said.append) == 0, said
    assert f"{len(VIEWS)} 个视图 · views" in said[0]
    open_ = "SELECT count(*) FROM shelf.office_petitions WHERE row->>'status' <> 'handled'"
    assert database.ask(open_)[0][0] > 10


def test_the_same_seed_makes_the_same_facts(
    generator: ModuleType, database: Any, databases: Any, admin_dsn: str, tmp_path: Path
) -> None:
    """But for keys, boxes and the time of recording."""

    def told(made: Any) -> list[Any]:
        filled(generator, made, 300)
        rows = made.ask("SELECT stream, version, kind, command, body FROM ledger.entries WHERE position > 20")
        return [
            (*row[:4], {k: v for k, v in json.loads(row[4])["payload"].items() if not isinstance(v, dict)})
            for row in rows
            if row[2].partition(".")[0] in ("petition", "round", "inspection")
        ]

    with databases(admin_dsn, tmp_path / "other") as other:
        assert told(database) == told(other)
