"""The story told to a ledger once for each file, and the digests of a clean replay."""

import asyncio
from typing import Any

import pytest
from tests.projections.story import VIEWS, digests, head, shelf_of, story, tell


@pytest.fixture(scope="module")
def told(module_database: Any) -> Any:
    """A ledger of some 200 entries."""
    asyncio.run(tell(module_database, story(module_database)))
    return module_database


@pytest.fixture(scope="module")
def replays() -> dict[int, dict[str, str]]:
    """The digests of one clean replay, by the ledger's last position."""
    return {}


@pytest.fixture
def clean(told: Any, replays: dict[int, dict[str, str]]) -> dict[str, str]:
    """The digests of a clean replay, and an empty shelf to begin with."""
    with shelf_of(told) as shelf_:
        shelf_.drop(VIEWS)
        if head(told) not in replays:
            shelf_.catch_up()
            replays[head(told)] = digests(told)
            shelf_.drop(VIEWS)
    return replays[head(told)]
