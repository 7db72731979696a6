"""A view built anew beside the live one, which serves meanwhile, and then put in its place (ADR 27)."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import psycopg

from projections import tables
from projections.shelf import BUILDING_LOCK, InUse, Shelf
from projections.tables import BESIDE
from projections.views import View

_SWAP_TRIED_SECONDS = 60.0
_SWAP_PAUSE_SECONDS = 0.2


class Busy(Exception):
    """Somebody else builds views beside the live ones, or must not have them replaced now."""


class CannotBuild(Exception):
    """A view cannot take in what follows a position. The live views are as they were."""

    def __init__(self, view: str, position: int, error: Exception) -> None:
        super().__init__(f"{view} after {position}: {type(error).__name__}")
        self.view, self.position, self.error = view, position, type(error).__name__


def rebuild(conninfo: str, views: Sequence[View], progress: Callable[[int, int], None] = lambda *_: None) -> None:
    """Build these views from the first entry, and put each in the place of the live one, whose shelf is prepared.

    It is strict: a fact that one of them cannot take ends it, and all live views stay. `progress` is told how far all
    have come, and how far the ledger had at the beginning. Raises CannotBuild, Busy, InUse and Overtaken.

    Killed, it leaves tables that nobody reads; the next rebuild, or the projector's next start, takes them away.
    """
    with psycopg.connect(conninfo, autocommit=True, application_name="xuncha-rebuild") as guard:
        taken = guard.execute("SELECT pg_try_advisory_lock(%s)", (BUILDING_LOCK,)).fetchone()
        if not (taken and taken[0]):
            raise Busy
        beside = [replace(view, name=view.name + BESIDE) for view in views]
        builder = Shelf(conninfo, beside, strict=True)
        try:
            builder.drop(beside)
            try:
                _build(builder, guard, progress)
                for view, new in zip(views, beside, strict=True):
                    _put_in_place(builder, guard, new, view.name)
            except BaseException:
                builder.discard(builder.views)
                raise
        finally:
            builder.close()


def _build(builder: Shelf, guard: psycopg.Connection[Any], progress: Callable[[int, int], None]) -> None:
    row = guard.execute("SELECT coalesce(max(position), 0) FROM ledger.entries").fetchone()
    head = int(row[0]) if row else 0
    while (reached := min(builder.positions().values())) < head:
        progress(reached, head)
        _step(builder)
    progress(reached, head)


def _step(builder: Shelf) -> None:
    try:
        builder.step()
    except Exception as e:
        for name in builder.halted():
            raise CannotBuild(name.removesuffix(BESIDE), builder.positions()[name], e) from e
        raise


def _put_in_place(builder: Shelf, guard: psycopg.Connection[Any], new: View, live: str) -> None:
    """Tables that nobody has looked at have no statistics: without them the first readers would get poor plans."""
    guard.execute(tables.named("ANALYZE shelf.{table}, shelf.{history}", new.name))  # fails without our lock
    end = time.monotonic() + _SWAP_TRIED_SECONDS
    while True:
        try:
            if builder.take_over(new, live):
                return
            _step(builder)  # the ledger has grown meanwhile
        except InUse:
            if time.monotonic() > end:
                raise
            time.sleep(_SWAP_PAUSE_SECONDS)
