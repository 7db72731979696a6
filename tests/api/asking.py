"""All that an audience can be asked: every list with every field of its rows, in as few documents as fit; and what
everybody is answered, kept up to date as a round goes on."""

import asyncio
import json
import re
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import ExitStack, closing
from functools import cache
from typing import Any

from graphql import GraphQLObjectType, Lexer, Source, TokenKind, get_named_type

from api.app import SCHEMAS
from api.composition import VIEWS, open_ledger, read_rulebook
from api.graph import TOKENS
from application.authority import sees
from domain.facts import decode
from projections.shelf import ENTRY_COLUMNS, View

SEEN_BY = {"person", "body", "round", "recusal", "inspection", "feedback", "archive", "file-register"}
"""The streams from which it is read what somebody may see (`application.authority.sees`)."""
_LENGTH = 8_000
"""Longer documents are not remembered by the server (api/graph.py)."""


def shape(type_: Any, left_out: Collection[str] = ()) -> str:
    """All that can be asked of a type."""
    found = []
    for name, field in get_named_type(type_).fields.items():
        inner = get_named_type(field.type)
        if name not in left_out:
            found.append(f"{name} {shape(inner)}" if isinstance(inner, GraphQLObjectType) else name)
    return "{ " + " ".join(found) + " }"


@cache
def lists(audience: str) -> dict[str, str]:
    """Each list of an audience, and the question for its first hundred rows, whole."""
    found = {}
    for name, field in SCHEMAS[audience][1]._schema.query_type.fields.items():
        if name not in ("me", "codes"):
            row = get_named_type(get_named_type(field.type).fields["items"].type)
            found[name] = f"{name}(first: 100) {{ items {shape(row)} next }}"
    return found


@cache
def view_of(audience: str, name: str) -> View:
    """The view a list is read from; a list of the file is the team's (ADR 23)."""
    views = {view.name: view for view in VIEWS}
    snake = re.sub(r"([A-Z])", lambda m: f"_{m[1].lower()}", name)
    own = f"{SCHEMAS[audience][0]}_{snake}"
    return views[own] if own in views else views[snake.replace("file_", "team_", 1)]


def _tokens(text: str) -> int:
    lexer, count = Lexer(Source(text)), 0
    while lexer.advance().kind is not TokenKind.EOF:
        count += 1
    return count


@cache
def documents(audience: str, names: tuple[str, ...]) -> tuple[str, ...]:
    """Documents that together ask for these lists, and who one is."""

    def gathered() -> Iterator[str]:
        whole = "me { person capacity }"
        for name in names:
            more = f"{whole} {lists(audience)[name]}"
            if _tokens(more) > TOKENS - 20 or len(more) > _LENGTH:
                yield whole
                more = lists(audience)[name]
            whole = more
        yield whole

    return tuple(f"{{ {each} }}" for each in gathered())


class Answers:
    """What everybody is answered to every list of their endpoints, as it stands after each step.

    A list is asked for again where it may be answered otherwise than before: where an entry since then is about one
    of its view's rows, or the person's identities are others. `all_of` asks for everything, whatever has happened;
    called now and then, it would show where this is not so.
    """

    def __init__(
        self, city: Any, people: Mapping[str, Collection[str]], keep: Callable[[bytes], bytes] = bytes
    ) -> None:
        self.city, self.people, self._keep = city, people, keep
        self.now: dict[tuple[str, str, str], str] = {}
        self._sights: dict[tuple[str, str], Any] = {}
        self._position = 0
        self._edition = read_rulebook().edition
        self._undo = ExitStack()
        self._connection = self._undo.enter_context(closing(city.database.connect()))
        self._loop = self._undo.enter_context(closing(asyncio.new_event_loop()))
        opened = open_ledger(city.settings)
        self._ledger = self._loop.run_until_complete(opened.__aenter__())
        self._undo.callback(lambda: self._loop.run_until_complete(opened.__aexit__(None, None, None)))

    def close(self) -> None:
        self._undo.close()

    def refresh(self) -> dict[tuple[str, str, str], str]:
        """The answers after what was done since the last time: those that may be others are asked for again."""
        entries = self._settled()
        touched = {view.name for view in VIEWS if any(view.keys(entry) for entry in entries)}
        may_see = not self._sights or any(entry.stream.partition(":")[0] in SEEN_BY for entry in entries)
        for who, audiences in self.people.items():
            for audience in audiences:
                anew = may_see and self._sees_otherwise(who, audience)
                names = tuple(n for n in lists(audience) if anew or view_of(audience, n).name in touched)
                if names:
                    self._ask(who, audience, names)
        return self.now

    def _sees_otherwise(self, who: str, audience: str) -> bool:
        """Whether the person's identities are not what they were the last time."""
        given = (self.city.ids[who], SCHEMAS[audience][0], self.city.today, self._edition)
        before, now = self._sights.get((who, audience)), self._loop.run_until_complete(sees(self._ledger, *given))
        self._sights[who, audience] = now
        return now != before

    def all_of(self, who: str, audience: str) -> list[Any]:
        """Every list, whole answers."""
        return self._ask(who, audience, tuple(lists(audience)))

    def _ask(self, who: str, audience: str, names: tuple[str, ...]) -> list[Any]:
        answers = []
        for document in documents(audience, names):
            answer = self.city.post(who, {"query": document}, audience)
            assert answer.status == 200, (who, audience, answer)
            for name, found in json.loads(self._keep(answer.body))["data"].items():
                self.now[who, audience, name] = json.dumps(found, ensure_ascii=False)
            answers.append(answer._replace(body=self._keep(answer.body)))
        return answers

    def _settled(self) -> list[Any]:
        """The entries since the last time, once every view has taken them in."""
        rows = self._connection.execute(
            f"SELECT {ENTRY_COLUMNS} FROM ledger.entries WHERE position > %s ORDER BY position", (self._position,)
        ).fetchall()
        columns = ENTRY_COLUMNS.split(", ")
        entries = [decode(**{**dict(zip(columns, row, strict=True)), "body": bytes(row[-1])}) for row in rows]
        self._position = entries[-1].position if entries else self._position
        end = time.monotonic() + 20
        while self._behind():
            assert time.monotonic() < end, "the views do not catch up"
            time.sleep(0.003)
        return entries

    def _behind(self) -> bool:
        rows = self._connection.execute("SELECT application_name, notification_id FROM shelf.positions").fetchall()
        positions = dict(rows)
        return any(positions.get(view.name, 0) < self._position for view in VIEWS)
