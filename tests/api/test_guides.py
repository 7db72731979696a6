"""What the documents tell people to send exists: every query valid where it is sent, every command with its fields."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from graphql import GraphQLInputObjectType, GraphQLNonNull, GraphQLSchema, build_schema, parse, validate

from api.office import FROM_PAPER, OWN
from api.running import TRIED
from domain.rulebook.rules import all_rules

ROOT = Path(__file__).resolve().parents[2]
PAGES = ("README.md", "README.zh.md", "docs/integrators.md", "docs/guide.zh.md")
GUIDE = (ROOT / "docs" / "guide.zh.md").read_text(encoding="utf-8")
SDL: dict[str, GraphQLSchema] = {
    path.stem: build_schema(path.read_text(encoding="utf-8")) for path in sorted((ROOT / "schema").iterdir())
}
NAMED = re.compile(rf"^# ({'|'.join(SDL)})\b.*$", re.M)


class Query(NamedTuple):
    """A query of a page, and where it is sent."""

    page: str
    audience: str
    text: str


def queries(page: str) -> Iterator[Query]:
    """Those of the fenced `graphql` blocks, below a line that names the audience, and those a shell sends."""
    text = (ROOT / page).read_text(encoding="utf-8")
    for block in re.findall(r"^```graphql\n(.*?)^```", text, re.M | re.S):
        before, *parts = NAMED.split(block)
        assert not before.strip(), f"{page}: a query before any line that names its audience:\n{block}"
        for audience, query in zip(parts[::2], parts[1::2], strict=True):
            yield Query(page, audience, query)
    for block in re.findall(r"^```console\n(.*?)^```", text, re.M | re.S):
        sent = re.findall(rf'(?:graphql/|\bask )({"|".join(SDL)})\b.*?"query": ?("(?:\\.|[^"\\])*")', block, re.S)
        yield from (Query(page, audience, json.loads(query)) for audience, query in sent)


EVERY = [query for page in PAGES for query in queries(page)]


@pytest.mark.parametrize("query", EVERY, ids=lambda q: f"{q.page}-{q.audience}")
def test_a_query_of_a_document_is_one_of_its_audience(query: Query) -> None:
    """docs/integrators.md: what is printed there can be copied and sent."""
    assert [e.message for e in validate(SDL[query.audience], parse(query.text))] == []


def test_no_document_goes_without_a_query_and_every_audience_has_one() -> None:
    """The pages still hold what the test above looks for."""
    assert {query.page for query in EVERY} == set(PAGES)
    assert {query.audience for query in EVERY if query.page == "docs/integrators.md"} == set(SDL)
    owed = {query.audience for query in EVERY if query.page == "docs/integrators.md" and "duties" in query.text}
    assert owed == {audience for audience in SDL if "duties" in SDL[audience].query_type.fields}  # type: ignore[union-attr]


@pytest.mark.parametrize("tried", TRIED, ids=lambda t: t[2])
def test_what_a_start_says_to_try_is_valid(tried: tuple[str, str, str, str]) -> None:
    """So is what is printed at the start."""
    _, _, audience, query = tried
    assert [e.message for e in validate(SDL[audience], parse(query))] == []


# --- the guide -------------------------------------------------------------------------------------------------------


class Told(NamedTuple):
    """A line of the guide's tables: a command, where it is sent, what is filled in."""

    verb: str
    audiences: tuple[str, ...]
    required: tuple[str, ...]
    optional: tuple[str, ...]


def told() -> list[Told]:
    found = []
    for line in GUIDE.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 4 and re.fullmatch(r"`[a-z]\w+`", cells[0]):
            required, _, optional = cells[3].partition("可填")
            names = [tuple(re.findall(r"`(\w+)`", part)) for part in (required, optional)]
            found.append(Told(cells[0].strip("`"), tuple(cells[2].split("、")), *names))
    return found


def fields_of(audience: str, verb: str) -> dict[str, Any]:
    mutations = SDL[audience].mutation_type
    assert mutations
    assert verb in mutations.fields, f"{audience} has no {verb}"
    given = mutations.fields[verb].args["input"].type
    while isinstance(given, GraphQLNonNull):
        given = given.of_type
    assert isinstance(given, GraphQLInputObjectType)
    return given.fields


@pytest.mark.parametrize("line", told(), ids=lambda line: line.verb)
def test_a_command_of_the_guide_has_these_fields_at_these_endpoints(line: Told) -> None:
    """docs/guide.zh.md: what must be filled in and what may, at every endpoint that has the command."""
    having = {a for a, schema in SDL.items() if schema.mutation_type and line.verb in schema.mutation_type.fields}
    assert set(line.audiences) == having
    for audience in line.audiences:
        fields = fields_of(audience, line.verb)
        required = {name for name, field in fields.items() if isinstance(field.type, GraphQLNonNull)}
        assert set(line.required) == required
        assert set(line.optional) == set(fields) - required


def test_the_guide_leaves_no_command_out() -> None:
    """From plan to archive: every command of every audience, once."""
    verbs = [line.verb for line in told()]
    assert sorted(verbs) == sorted(set(verbs))
    every = {verb for schema in SDL.values() if schema.mutation_type for verb in schema.mutation_type.fields}
    assert set(verbs) == every


def test_the_guide_names_the_commands_that_state_no_day_of_their_own() -> None:
    """For these alone the day it happened is given beside the command."""
    (line,) = (line for line in GUIDE.splitlines() if line.startswith("| `happenedOn` |"))
    listed = set(re.findall(r"`(\w+)`", line.partition("只有")[2]))
    undated = {verb.command.__name__ for verb in (*OWN, *FROM_PAPER) if verb.acted_on is None}
    assert listed == {name[0].lower() + name[1:] for name in undated}


def test_the_refusals_the_guide_quotes_are_what_a_refused_user_reads() -> None:
    """Word for word: a clerk finds the sentence on the screen in the guide."""
    quoted = re.findall(r"「([^」]+)」", GUIDE)
    assert len(quoted) > 50
    assert set(quoted) - {rule.zh for rule in all_rules()} == set()
