"""What a view is: four plain things (ADR 6)."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from domain.kernel import Entry
from projections.rows import Row

_ENGINE = 3  # part of every view's fingerprint: raise it when what the engine stores changes


@dataclass(frozen=True)
class View:
    """How facts become the rows of one audience's one list.

    `key` names the row an entry is about, or None; `evolve` gives the new row, or None to delete it. An entry may be
    about several rows: `key` then names them all, `many` is true, and `evolve` is called for each with its key.
    `version` is raised when `evolve` changes its meaning: the view is then rebuilt at the next start.
    """

    name: str
    row: type[Row]
    key: Callable[[Entry[Any]], str | tuple[str, ...] | None]
    evolve: Callable[..., Row | None]
    filters: tuple[str, ...] = ()
    version: int = 1
    many: bool = False

    def keys(self, entry: Entry[Any]) -> tuple[str, ...]:
        """The rows an entry is about."""
        found = self.key(entry)
        return (found,) if isinstance(found, str) else found or ()

    def after(self, row: Row | None, entry: Entry[Any], key: str) -> Row | None:
        """A row after an entry; None where it is, or stays, deleted."""
        return self.evolve(row, entry, key) if self.many else self.evolve(row, entry)

    @cached_property
    def fingerprint(self) -> str:
        """What the stored rows depend on, so that a changed view is noticed."""
        schema = json.dumps(self.row.model_json_schema(), sort_keys=True)
        return hashlib.sha256(f"{_ENGINE}|{self.version}|{self.filters}|{schema}".encode()).hexdigest()
