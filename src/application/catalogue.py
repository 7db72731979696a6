"""What guards the ledger inside the database, held against what the migrations make (ADR 34).

Triggers, constraints, grants and policies are as easily changed by a superuser as entries are. So the whole catalogue
of both schemas is read as text, and whatever differs from `catalogue.txt` is named.
"""

import time
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from hashlib import sha256
from importlib.resources import files
from types import MappingProxyType
from typing import Any

import psycopg

from application.database import Access, DatabaseError, Role, migrations

_ONE, _ITS_HISTORY = "shelf.{view}", "shelf.{view}_history"
_SAID = 3
_LOOKS, _PAUSE_SECONDS = 3, 0.2
_READERS: tuple[Role, ...] = ("sealer", "writer", "projector")
"""Who reads entries: the seal, what is decided, what is shown."""

Catalogue = Mapping[str, Collection[str]]


def refuse_changed_guards(access: Access, role: Role) -> None:
    """Raises DatabaseError naming what differs, but for the lists. Every process asks this at its start."""
    with psycopg.connect(access.of(role), autocommit=True, connect_timeout=5) as connection:
        refuse(changed_guards(connection))


def refuse(found: Sequence[str]) -> None:
    """Raises DatabaseError where something was found."""
    if found:
        raise DatabaseError("；".join(found[:_SAID]))


def changed_guards(connection: psycopg.Connection[Any], views: Catalogue = MappingProxyType({})) -> list[str]:
    """What differs from what the migrations make, each in a sentence. The connection commits by itself.

    Of the shelf's tables only those of `views` are looked at, each with the fields it is filtered by: only of these is
    it known that this program made them. They may be replaced at this very moment: what differs at three looks differs.
    """
    for look in range(_LOOKS):
        time.sleep(_PAUSE_SECONDS if look else 0)
        found = _differences(described(connection), views)
        if not found:
            break
    run = [(number, name, sha256(text.encode()).hexdigest()) for number, name, text in migrations()]
    stands = connection.execute("SELECT number, name, sha256 FROM ledger.migrations ORDER BY number").fetchall()
    if stands != run:
        found.append("迁移记录与本软件不符 · the record of migrations is not this software's")
    return found


def described(connection: psycopg.Connection[Any]) -> Catalogue:
    """The catalogue of both schemas: what it is about, and the lines that say what is so."""
    connection.execute("SET search_path = pg_catalog")  # so that every name of another schema is written out
    query = (files("application") / "catalogue.sql").read_text(encoding="utf-8")
    found: defaultdict[str, list[str]] = defaultdict(list)
    for about, says in connection.execute(query):
        found[about].append(says)
    return {about: sorted(lines) for about, lines in found.items()}


@cache
def expected() -> Catalogue:
    """What fresh migrations and a fresh shelf give; every view's two tables are of one form, said once."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for line in (files("application") / "catalogue.txt").read_text(encoding="utf-8").splitlines():
        about, _, says = line.partition(" · ")
        found[about].append(says)
    return found


def written(catalogue: Catalogue) -> str:
    """A catalogue as it stands in `catalogue.txt`."""
    return "".join(f"{about} · {line}\n" for about in sorted(catalogue) for line in catalogue[about])


def form(about: str, lines: Collection[str]) -> tuple[str, list[str]]:
    """What is said of a view's table, with a word in place of its name."""
    if about in expected() or not about.startswith("shelf."):
        return about, list(lines)
    general = _ITS_HISTORY if about.endswith("_history") else _ONE
    return general, [line.replace(f" {about} ", f" {general} ") for line in lines]


def _differences(found: Catalogue, views: Catalogue) -> list[str]:
    """Each line too many or too few."""
    wanted = expected()
    asked = {about for about in wanted if "{view}" not in about and (views or not about.startswith("shelf."))}
    asked |= {each.format(view=view) for view in views for each in (_ONE, _ITS_HISTORY)}
    # Beside them only tables may stand in the shelf: those of another version of this program, or being built.
    asked |= {
        about
        for about, lines in found.items()
        if not (about.startswith("shelf.") and any(line.startswith("table ") for line in lines))
    }
    differences = []
    for about in sorted(asked):
        general, lines = form(about, found.get(about, ()))
        fields = views.get(about.removeprefix("shelf.").removesuffix("_history"), ())
        known = [
            each.replace("{field}", field)
            for each in wanted.get(general, ())
            for field in (fields if "{field}" in each else ("",))
        ]
        for line in lines:
            if line in known:
                known.remove(line)
            else:
                differences.append(f"{about}：数据库多出 · the database has more than was made: {line}")
        differences += [f"{about}：数据库缺少 · the database lacks what was made: {line}" for line in known]
    return differences


def read_unlike(access: Access) -> list[str]:
    """The roles to whom the ledger shows other entries than to the sealer, each in a sentence.

    What is sealed must be what is served. Entries are only added, so up to one position all must see the same.
    """
    statement = (
        "SELECT count(*), coalesce(max(position), 0), sum(hashtextextended(concat_ws('|', position, stream, version,"
        " kind, extract(epoch FROM recorded_at), command, ordinal, writer, encode(sha256(body), 'hex'),"
        " encode(signature, 'hex')), 0)) FROM ledger.entries WHERE position <= %s"
    )
    seen: list[Any] = []
    until = 2**63 - 1
    for role in _READERS:
        with psycopg.connect(access.of(role), autocommit=True, connect_timeout=5) as connection:
            try:
                seen.append(connection.execute(statement, (until,)).fetchone())
            except psycopg.errors.InsufficientPrivilege:
                seen.append(None)
        until = seen[0][1] if seen[0] else until
    return [
        f"角色 {role} 所见的账本与封存进程所见不同 · the ledger that {role} is shown is not the one that is sealed"
        for role, each in zip(_READERS, seen, strict=True)
        if each != seen[0]
    ]
