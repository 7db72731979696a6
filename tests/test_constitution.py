"""Promises about the whole that need no database: rules, articles, the vocabulary of facts, purity.

The vocabulary of facts only grows. After an addition: `python tests/test_constitution.py --accept`.
"""

import ast
import hashlib
import importlib
import json
import pkgutil
import re
import sys
import types
from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, date, datetime
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin
from uuid import UUID

import pytest
from pydantic import AwareDatetime, BaseModel, StringConstraints

import domain
import projections
from domain.facts import decode, fact_types
from domain.kernel import (
    Actor,
    AnyId,
    ArticleRef,
    CalendarVersion,
    Code,
    Command,
    Digest,
    EditionId,
    Fact,
    Happened,
    Label,
    Seal,
    Sealed,
    Secret,
    Stamp,
    derived_id,
    plain,
)
from domain.rulebook import calendars
from domain.rulebook.calendars import parse_calendar
from domain.rulebook.editions import parse_edition
from domain.rulebook.obligations import Obligation, owed
from domain.rulebook.rules import all_rules
from projections.rows import Row

TESTS = Path(__file__).resolve().parent
ROOT = TESTS.parent
SRC = ROOT / "src"
FACTS = TESTS / "data" / "facts.json"
BODIES = TESTS / "data" / "bodies"
ARTICLES = ROOT / "docs" / "articles.md"
DATA = Path(calendars.__file__).parent / "data"
YIWU = parse_edition((DATA / "yiwu-2015.toml").read_text("utf-8"), "yiwu-2015.toml")
CALENDAR = parse_calendar((DATA / "calendar-cn.toml").read_text("utf-8"), "calendar-cn.toml")
RULES = {rule.name: rule for rule in all_rules()}
KINDS = fact_types()


def modules(package: types.ModuleType) -> list[types.ModuleType]:
    """Every module of a package."""
    found = pkgutil.walk_packages(package.__path__, package.__name__ + ".")
    return [package, *(importlib.import_module(module.name) for module in found)]


def derived_from(base: type, package: types.ModuleType) -> list[type]:
    """The classes of a package that derive from `base`, each once."""
    found = {
        value: None
        for module in modules(package)
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, base) and value is not base
    }
    return list(found)


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def sources(*rooms: str) -> list[Path]:
    return sorted(path for room in rooms for path in (SRC / room).rglob("*.py"))


def functions(path: Path) -> list[ast.FunctionDef]:
    return [node for node in tree(path).body if isinstance(node, ast.FunctionDef)]


COMMANDS = derived_from(Command, domain)
ROWS = derived_from(Row, projections)
DECIDING = [path for path in sources("domain") if any(f.name.startswith("evolve") for f in functions(path))]
"""The modules of aggregates."""


# --- rules ---------------------------------------------------------------------------------------------------------


def test_every_rule_has_one_name_an_article_of_the_text_and_two_sentences() -> None:
    """What a refused user reads: the regulation's article and a sentence in each language."""
    variables = [
        (target.id, ast.literal_eval(node.value.args[0]))
        for page in sources("domain/rulebook/rules")
        for node in tree(page).body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call)
        for target in node.targets
        if isinstance(target, ast.Name)
    ]
    assert all(variable == name for variable, name in variables), variables
    assert sorted(name for _, name in variables) == sorted(RULES), "each on one page, and every page gathered"
    assert len(RULES) == len(all_rules())
    faults = [
        rule.name
        for rule in all_rules()
        if not YIWU.articles.has(rule.article)
        or not re.search(r"[\u4e00-\u9fff].*[。！？]$", rule.zh)
        or not re.match(r"[A-Z].*[.!?]$", rule.en)
        or re.search(r"[\u4e00-\u9fff]", rule.en)
        or len(rule.name) > 60
    ]
    assert not faults


def test_every_rule_is_asked_somewhere() -> None:
    """A rule nobody asks would be a promise nobody keeps."""
    used = {
        node.attr
        for path in sources("domain", "application")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "rules"
    }
    assert set(RULES) - used == set()
    assert used - set(RULES) - {"rule_named", "all_rules"} == set()


def test_every_refusal_is_made_of_a_rule() -> None:
    """And so cites its article: `Refused` is raised from a rule, by its name or as the variable that holds it."""
    faults = [
        f"{path.name}:{node.lineno}"
        for path in sources("domain", "application", "projections", "api")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "Refused"
        and not re.fullmatch(r"rules\.\w+|rule|self", ast.unparse(node.args[0]) if node.args else "")
    ]
    assert not faults


def test_every_rule_an_aggregate_demands_is_seen_to_refuse_in_its_test() -> None:
    """Each decision is tested refusing, by the rule's name."""
    missing = {}
    for path in DECIDING:
        demanded = {
            node.func.value.attr
            for node in ast.walk(tree(path))
            if isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "demand"
            and isinstance(node.func.value, ast.Attribute)
        }
        test = TESTS / "domain" / f"test_{'keeping' if path.stem == 'attempts' else path.stem}.py"
        named = {node.value for node in ast.walk(tree(test)) if isinstance(node, ast.Constant)}
        if demanded - named:
            missing[path.stem] = demanded - named
    assert not missing


# --- articles ------------------------------------------------------------------------------------------------------

CITED = re.compile(r"\bArt(?:icle)?s?\.? (\d+(?:\(\d+\))*(?:(?:, | and | to | or )\d+(?:\(\d+\))*)*)")


def cited_in(text: str | None) -> set[str]:
    """The articles a docstring cites, without their items; "3 to 5" are three."""
    found: set[str] = set()
    for cited in CITED.findall(text or ""):
        bare = re.sub(r"\(\d+\)", "", cited)
        for part in re.split(r", | and | or ", bare):
            first, _, last = part.partition(" to ")
            found |= {str(n) for n in range(int(first), int(last or first) + 1)}
    return found


@pytest.mark.parametrize("served", [*COMMANDS, *KINDS.values(), *ROWS], ids=lambda c: c.__name__)
def test_every_command_fact_and_row_names_its_article(served: type) -> None:
    """In its docstring, and one the text has."""
    cited = cited_in(vars(served).get("__doc__"))
    assert cited
    assert all(YIWU.articles.has(article) for article in cited)


class Page:
    """docs/articles.md: the table of what serves an article, and the list of articles not yet served."""

    def __init__(self) -> None:
        cells = [
            [cell.strip() for cell in line.strip("|").split("|")]
            for line in ARTICLES.read_text("utf-8").splitlines()
            if line.startswith("|") and not set(line) <= set("|-: ")
        ]
        self.served = [row for row in cells if len(row) == 6][1:]
        self.unserved = {row[0]: row[1] for row in cells if len(row) == 2 and row[0].isdigit()}

    def column(self, index: int) -> set[str]:
        return {name for row in self.served for name in re.findall(r"`([^`]+)`", row[index])}

    @property
    def articles(self) -> set[str]:
        return {bare for row in self.served for bare in re.findall(r"\d+", re.sub(r"\(\d+\)", "", row[0]))}


def test_every_article_is_served_or_listed_with_a_reason() -> None:
    """Articles 1 to 32, from first to last."""
    page = Page()
    docstrings = [vars(c).get("__doc__") for c in (*COMMANDS, *KINDS.values(), *ROWS)]
    cited = set().union(*map(cited_in, docstrings), *({r.article.partition("(")[0]} for r in all_rules()))
    every = {str(n) for n in range(1, YIWU.articles.last + 1)}
    assert every - cited - set(page.unserved) == set()
    assert every - page.articles - set(page.unserved) == set()
    assert page.articles & set(page.unserved) == set()
    assert all(len(reason) > 10 for reason in page.unserved.values())


def test_the_page_of_articles_names_what_exists_and_leaves_nothing_out() -> None:
    """Every command, fact, rule and view stands in the table; tests named there exist."""
    page = Page()
    assert len(page.served) > 10
    views = {
        node.args[0].value
        for path in sources("projections")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in {"View", "duties_view", "guidance_view"}
        and isinstance(node.args[0], ast.Constant)
    }
    assert page.column(1) == {command.__name__ for command in COMMANDS}
    assert page.column(2) == set(KINDS)
    assert page.column(3) == set(RULES)
    assert page.column(4) == views
    assert [name for name in page.column(5) if not (TESTS / name).is_file()] == []


def test_a_row_of_the_page_names_tests_that_name_what_stands_in_it() -> None:
    """Who follows a row to its tests finds its commands, facts and rules there; and no row stands there twice."""
    missing = []
    for row in Page().served:
        text = "".join((TESTS / name).read_text("utf-8") for name in re.findall(r"`([^`]+)`", row[5]))
        words = set(re.findall(r"\w+", text))
        commands, kinds, rules = (re.findall(r"`([^`]+)`", cell) for cell in row[1:4])
        missing += [(row[0], c) for c in commands if not {c, c[0].lower() + c[1:]} & words]
        missing += [(row[0], k) for k in kinds if KINDS[k].__name__ not in words and k not in text]
        missing += [(row[0], r) for r in rules if r not in words]
    assert not missing
    commands_of_rows = [row[1] for row in Page().served if row[1]]
    assert len(commands_of_rows) == len(set(commands_of_rows))


def test_a_rule_stands_in_a_row_of_its_own_article() -> None:
    """Who looks an article up finds every rule that cites it, to the item."""
    misplaced = [
        (row[0], name, RULES[name].article)
        for row in Page().served
        for name in re.findall(r"`([^`]+)`", row[3])
        if name in RULES and not set(RULES[name].article.split(", ")) & set(row[0].split(", "))
    ]
    assert not misplaced


# --- facts ---------------------------------------------------------------------------------------------------------

NOT_PARTICIPLES = {"attempt.idle.v1": "an attempt that found nothing to do, beside attempt.refused"}


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_fact_is_named_as_something_done_and_has_a_label(kind: str) -> None:
    """`<aggregate>.<past participle>.v<n>`; the label is its need-to-know class."""
    found = re.fullmatch(r"[a-z]+(?:-[a-z]+)*\.([a-z]+(?:-[a-z]+)*)\.v[1-9]\d?", kind)
    assert found
    words = found[1].split("-")
    irregular = {"given", "held", "made", "withdrawn"}
    assert kind in NOT_PARTICIPLES or any(w.endswith("ed") or w in irregular for w in words)
    assert isinstance(KINDS[kind].label, Label)
    assert "label" in vars(KINDS[kind])


def test_every_fact_is_in_the_union_under_a_kind_of_its_own() -> None:
    """What is not in the union cannot be read back."""
    facts = derived_from(Fact, domain)
    assert {fact.__name__ for fact in facts} == {fact.__name__ for fact in KINDS.values()}
    assert len(facts) == len(KINDS)
    assert all(fact.model_fields["kind"].annotation == Literal[kind] for kind, fact in KINDS.items())


def test_evolve_takes_every_fact_and_refuses_none() -> None:
    """It calls no rule and raises nothing; `assert_never` closes it. History loads whatever the rules have become."""
    taken: set[str] = set()
    for path in DECIDING:
        for evolve in (f for f in functions(path) if f.name.startswith("evolve")):
            inside = list(ast.walk(evolve))
            matches = [node for node in inside if isinstance(node, ast.Match)]
            where = f"{path.stem}.{evolve.name}"
            assert len(matches) == 1, where
            assert ast.unparse(matches[0].cases[-1]) == "case _:\n    assert_never(fact)", where
            assert evolve.body[-1] is matches[0], where
            assert not [n for n in inside if isinstance(n, ast.Name) and n.id in {"rules", "Refused"}], where
            assert not [n for n in inside if isinstance(n, ast.Raise)], where
            taken |= {n.cls.id for n in inside if isinstance(n, ast.MatchClass) and isinstance(n.cls, ast.Name)}
            taken |= {
                ast.unparse(n.args[1])
                for n in inside
                if isinstance(n, ast.Call) and ast.unparse(n.func) == "isinstance"
            }
    assert taken == {fact.__name__ for fact in KINDS.values()}


# --- nothing in the clear, nothing inexact -------------------------------------------------------------------------

CLOSED = (Code, Digest, EditionId, CalendarVersion, ArticleRef, Actor, AnyId)
"""Texts of a closed form; ids are known by theirs."""

CLEAR = {
    ("LedgerOpened", "origin"): "the ledger's public name",
    ("LedgerRestored", "lost"): "a log's public name",
    ("LedgerRestored", "log"): "a log's public name",
    ("LedgerRestored", "checkpoint"): "what a log has signed, and shows to everybody",
    ("EditionAdopted", "text"): "a regulation's parameters, public; the ledger proves which were in force",
    ("CalendarAdopted", "text"): "the State Council's notices, public",
    ("AttemptRefused", "command"): "the name of one of our classes",
    ("AttemptRefused", "path"): "the name of a field of ours",
    ("AttemptIdle", "command"): "the name of one of our classes",
    ("Count", "calendar_version"): "a version of the official calendar",
    ("ChangedDay", "notice"): "the State Council's notice by title and number, public",
    ("Label", "zh"): "a public holiday's name, from the calendar",
    ("Label", "en"): "a public holiday's name, from the calendar",
    ("Stamp", "capacity"): "made by the software from its own list",
    ("Stamp", "power"): "made by the software from its own list",
    ("Authenticated", "method"): "made by the software: how a token was proven",
    ("Stamp", "software"): "our own version",
    ("Stamp", "subjects"): "ids, gathered by form",
    ("CommandStamp", "name"): "the name of one of our classes",
    ("CommandStamp", "answer"): "the id of what was made",
}

ID_PATTERN = re.compile(r"^\^[a-z-]+:\[0-9a-f\]")


def pattern_of(metadata: tuple[Any, ...]) -> str | None:
    found = [str(m.pattern) for m in metadata if isinstance(m, StringConstraints) and m.pattern]
    return found[0] if found else None


def leaves(model: type[BaseModel]) -> Iterator[tuple[str, str, Any, tuple[Any, ...]]]:
    """Every (model, field, type, metadata) that a value of this model stores, at any depth."""
    for name, field in model.model_fields.items():
        yield from _leaves(model.__name__, name, field.annotation, tuple(field.metadata))


def _leaves(model: str, name: str, annotation: Any, metadata: tuple[Any, ...]) -> Iterator[Any]:
    origin = get_origin(annotation)
    if origin is Annotated:
        inner, *more = get_args(annotation)
        yield from _leaves(model, name, inner, (*metadata, *more))
    elif origin in (Union, types.UnionType):
        parts = [part for part in get_args(annotation) if part is not type(None)]
        if set(parts) == {Secret, Sealed}:
            yield model, name, Secret, metadata
        else:
            for part in parts:
                yield from _leaves(model, name, part, metadata)
    elif origin is tuple:
        assert get_args(annotation)[1:] == (Ellipsis,), f"{model}.{name}"
        yield from _leaves(model, name, get_args(annotation)[0], metadata)
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield from leaves(annotation)
    else:
        yield model, name, annotation, metadata


@pytest.mark.parametrize("model", [*KINDS.values(), Stamp], ids=lambda c: c.__name__)
def test_no_fact_holds_free_text_in_the_clear_nor_a_number_or_time_that_is_inexact(model: type[BaseModel]) -> None:
    """promises.md §5.1: ids, codes, dates and numbers are readable; words are sealed, each under a named seal."""
    closed = {str(get_args(form)[1].pattern) for form in CLOSED}
    for owner, name, leaf, metadata in leaves(model):
        where = f"{owner}.{name}: {leaf}"
        if leaf is Secret:
            assert any(isinstance(m, Seal) for m in metadata), where
        elif leaf is str:
            pattern = pattern_of(metadata) or ""
            known = pattern in closed or ID_PATTERN.match(pattern) or (owner, name) in CLEAR
            assert known, f"{where} is text in the clear: seal it, or give it a closed form"
        elif get_origin(leaf) is Literal:
            assert all(isinstance(value, str | int) for value in get_args(leaf)), where
        else:
            exact = leaf in (int, bool, date, UUID, AwareDatetime)
            assert exact or (isinstance(leaf, type) and issubclass(leaf, Enum) and issubclass(leaf, str)), where


def test_what_is_listed_as_clear_exists() -> None:
    """No permission outlives its field."""
    found = {
        (owner, name) for model in (*KINDS.values(), Stamp) for owner, name, leaf, _ in leaves(model) if leaf is str
    }
    assert set(CLEAR) - found == set()


# --- the vocabulary only grows ---------------------------------------------------------------------------------------


def schema_of(fact: type[BaseModel]) -> dict[str, Any]:
    """A fact's JSON schema without words, its definitions put in place, with its label and seals."""
    raw = fact.model_json_schema()
    definitions = raw.pop("$defs", {})

    def put_in_place(node: Any) -> Any:
        if isinstance(node, list):
            return [put_in_place(item) for item in node]
        if not isinstance(node, dict):
            return node
        if "$ref" in node:
            return put_in_place(definitions[node["$ref"].rpartition("/")[2]])
        kept = {k: v for k, v in node.items() if k not in {"title", "description"} or isinstance(v, dict)}
        return {
            k: {name: put_in_place(p) for name, p in v.items()} if k == "properties" else put_in_place(v)
            for k, v in kept.items()
        }

    seals = {
        f"{owner}.{name}": next(str(m) for m in metadata if isinstance(m, Seal))
        for owner, name, leaf, metadata in leaves(fact)
        if leaf is Secret
    }
    label = fact.label if issubclass(fact, Fact) else None
    found: dict[str, Any] = {"label": label and str(label), "seals": seals, "schema": put_in_place(raw)}
    return found


def vocabulary() -> dict[str, Any]:
    stored = {**KINDS, "(stamp)": Stamp}
    return json.loads(json.dumps({kind: schema_of(stored[kind]) for kind in sorted(stored)}))


LOOSER = {"maximum": 1, "exclusiveMaximum": 1, "maxLength": 1, "maxItems": 1, "minimum": -1, "exclusiveMinimum": -1}
LOOSER |= {"minLength": -1, "minItems": -1}


def broken(old: Any, new: Any, where: str = "") -> Iterator[str]:
    """What an entry written under the old schema might not find under the new."""
    if "anyOf" in old or "anyOf" in new:
        members = new.get("anyOf", [new])
        for member in old.get("anyOf", [old]):
            bare = {k: v for k, v in member.items() if k != "default"}
            if all(list(broken(bare, {k: v for k, v in m.items() if k != "default"}, where)) for m in members):
                yield f"{where}: {json.dumps(bare)[:80]} is not allowed any more"
        if old.get("default") != new.get("default"):
            yield f"{where}: another default"
        return
    for key in sorted((set(old) | set(new)) - {"properties", "required", "enum", "items", *LOOSER}):
        if old.get(key) != new.get(key):
            yield f"{where}: {key} was {old.get(key)}, is {new.get(key)}"
    for key, sign in LOOSER.items():
        if key in new and (key not in old or (new[key] - old[key]) * sign < 0):
            yield f"{where}: {key} is tighter"
    if lost := set(old.get("enum", [])) - set(new.get("enum", [])):
        yield f"{where}: no longer {sorted(lost)}"
    if "enum" in new and "enum" not in old:
        yield f"{where}: became an enumeration"
    if "items" in old:
        yield from broken(old["items"], new.get("items", {}), f"{where}[]")
    for name in sorted(set(new.get("required", [])) - set(old.get("required", []))):
        yield f"{where}.{name}: became required"
    for name, property_ in old.get("properties", {}).items():
        if name not in new.get("properties", {}):
            yield f"{where}.{name}: is gone"
        else:
            yield from broken(property_, new["properties"][name], f"{where}.{name}")


def breaks(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """Every way in which the new vocabulary does not hold the old."""
    faults = [f"{kind}: is gone" for kind in old if kind not in new]
    for kind in old.keys() & new.keys():
        faults += broken(old[kind]["schema"], new[kind]["schema"], kind)
        if old[kind]["label"] != new[kind]["label"]:
            faults.append(f"{kind}: another label")
        faults += [
            f"{kind}: {k}: another seal" for k, v in old[kind]["seals"].items() if new[kind]["seals"].get(k) != v
        ]
    return sorted(faults)


def test_no_fact_ever_released_has_lost_a_kind_a_field_or_a_type() -> None:
    """Stored for ever: additions are optional, limits only looser; all else is a new version beside the old."""
    assert breaks(json.loads(FACTS.read_text("utf-8")), vocabulary()) == []


def test_every_addition_to_the_vocabulary_was_accepted() -> None:
    """An addition is protected from the day it is accepted."""
    accepted = json.loads(FACTS.read_text("utf-8")) == vocabulary()
    bodies = {path.stem for path in BODIES.glob("*.json")} >= set(KINDS)
    assert accepted, "facts were added to: run `python tests/test_constitution.py --accept`"
    assert bodies, "a kind has no stored body: run `python tests/test_constitution.py --accept`"


FACT = {
    "properties": {"n": {"type": "integer", "maximum": 9}, "c": {"type": "string", "enum": ["a", "b"]}},
    "required": ["n"],
    "type": "object",
}


@pytest.mark.parametrize(
    ("change", "allowed"),
    [
        ({}, True),
        ({"properties": {**FACT["properties"], "more": {"type": "string"}}}, True),
        ({"properties": {**FACT["properties"], "n": {"type": "integer", "maximum": 99}}}, True),
        ({"properties": {**FACT["properties"], "n": {"type": "integer"}}}, True),
        (
            {
                "properties": {
                    **FACT["properties"],
                    "n": {"anyOf": [{"type": "integer", "maximum": 9}, {"type": "null"}]},
                }
            },
            True,
        ),
        ({"properties": {**FACT["properties"], "c": {"type": "string", "enum": ["a", "b", "c"]}}}, True),
        ({"required": []}, True),
        ({"required": ["n", "c"]}, False),
        ({"properties": {"n": FACT["properties"]["n"]}}, False),
        ({"properties": {**FACT["properties"], "n": {"type": "string"}}}, False),
        ({"properties": {**FACT["properties"], "n": {"type": "integer", "maximum": 8}}}, False),
        ({"properties": {**FACT["properties"], "n": {"type": "integer", "maximum": 9, "minimum": 0}}}, False),
        ({"properties": {**FACT["properties"], "c": {"type": "string", "enum": ["a"]}}}, False),
        ({"properties": {**FACT["properties"], "c": {"type": "string", "enum": ["a", "b"], "default": "a"}}}, False),
    ],
)
def test_growth_is_told_from_breaking(change: dict[str, Any], allowed: bool) -> None:
    """The comparison itself, on a schema of two fields."""
    assert (list(broken(FACT, {**FACT, **change})) == []) is allowed


@pytest.mark.parametrize("path", sorted(BODIES.glob("*.json")), ids=lambda path: path.stem)
def test_a_body_once_stored_is_read_for_ever(path: Path) -> None:
    """Every kind ever released, with every field it had; and written again it is the same."""
    body = path.read_bytes()
    entry = decode(
        1, derived_id("matter", path.stem), 1, path.stem, datetime(2016, 1, 1, tzinfo=UTC), UUID(int=0), 0, body
    )
    assert (entry.fact.kind, entry.stamp.recorder) == (path.stem, derived_id("person", "recorder"))
    written = {"stamp": plain(entry.stamp), "payload": plain(entry.fact)}
    del written["payload"]["kind"]
    assert written == json.loads(body)


# --- purity --------------------------------------------------------------------------------------------------------


def test_the_domain_imports_pydantic_and_the_standard_library_only() -> None:
    """And of the standard library nothing that reads a clock, a file at decision time, chance or the environment."""
    allowed = (set(sys.stdlib_module_names) | {"pydantic", "pydantic_core", "domain"}) - {
        "time", "random", "secrets", "os", "socket", "subprocess", "pathlib", "asyncio", "threading", "logging", "io",
    }  # fmt: skip
    faults = [
        f"{path.relative_to(SRC)}: {name}"
        for path in sources("domain")
        for node in ast.walk(tree(path))
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
        if name.partition(".")[0] not in allowed
    ]
    assert not faults


def test_the_domain_reads_no_clock_and_draws_no_id() -> None:
    """Decisions are functions of what they are given."""
    forbidden = re.compile(r"(^|\.)(now|utcnow|today|fromtimestamp|uuid1|uuid4|open|urandom|environ|getenv|print)$")
    faults = [
        f"{path.relative_to(SRC)}:{node.lineno} {ast.unparse(node.func)}"
        for path in sources("domain")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and forbidden.search(ast.unparse(node.func))
    ]
    assert not faults


# --- accepting an addition -------------------------------------------------------------------------------------------

SAMPLES: dict[str, Any] = {
    "origin": "xuncha.example/yiwu",
    "edition": "yiwu-2015",
    "calendar": "cn-2026.1",
    "command": "EnterUnit",
    "article": "11(6)",
    "path": "units.0.form",
    "text": 'id = "yiwu-2015"\n',
    "form": "special",
    "focus": "person",
    "category": "integrity_discipline",
    "item": "power_for_private_gain",
    "grounds": "near_relative",
    "ways": "interview",
    "way": "clue",
    "organ_class": "discipline",
    "disposal_class": "integrity",
    "handling": "filing_a_case",
    "rule": "mandate_live",
}


def box(seal: str, name: str) -> dict[str, str]:
    """A closed box as stored; nothing opens it."""
    return {
        "key": derived_id("key", seal),
        "digest": hashlib.sha256(name.encode()).hexdigest(),
        "box": b64encode(hashlib.sha512(name.encode()).digest()).decode(),
    }


def sample(name: str, annotation: Any, metadata: tuple[Any, ...] = ()) -> Any:
    """A plausible stored value for a field, the same every time."""
    origin, args = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return sample(name, args[0], (*metadata, *args[1:]))
    if origin in (Union, types.UnionType):
        parts = [part for part in args if part is not type(None)]
        if set(parts) == {Secret, Sealed}:
            return box(next(str(m) for m in metadata if isinstance(m, Seal)), name)
        return sample(name, parts[0], metadata)
    if origin is tuple:
        return [sample(name, args[0], metadata)]
    if origin is Literal:
        return args[-1]
    if annotation is Obligation:
        return plain(owed(YIWU, CALENDAR, "notice_publication", date(2015, 9, 30)))
    if issubclass(annotation, BaseModel):
        return {n: sample(n, f.annotation, tuple(f.metadata)) for n, f in annotation.model_fields.items()}
    if issubclass(annotation, Enum):
        return next(iter(annotation)).value
    if annotation is str:
        pattern = pattern_of(metadata) or ""
        if found := re.match(r"\^([a-z-]+):", pattern):
            return derived_id(found[1], name)
        if pattern == get_args(AnyId)[1].pattern:
            return derived_id("petition", name)
        if pattern == get_args(Digest)[1].pattern:
            return hashlib.sha256(name.encode()).hexdigest()
        return SAMPLES.get(name, "other")
    return {int: 1, bool: 1, date: "2015-10-08", AwareDatetime: "2015-10-08T00:30:00.000000Z", UUID: str(UUID(int=1))}[
        annotation
    ]


def stamp_sample(label: Label) -> Any:
    person = derived_id("person", "recorder")
    happened = Happened.model_validate(
        {"precision": "day", "source": "paper", "asserted_by": person, "on": "2015-10-08"}
    )
    return {
        "recorder": person,
        "doer": derived_id("person", "doer"),
        "capacity": "team",
        "grounds": derived_id("mandate", "grounds"),
        "power": "on_site",
        "recorded_under": derived_id("appointment", "recorder"),
        "happened": plain(happened),
        "paper": {"reference": box("content", "reference"), "scan_sha256": hashlib.sha256(b"scan").hexdigest()},
        "authenticated": {"method": "jwt:EdDSA", "sign_in": derived_id("sign-in", "recorder")},
        "command": {
            "id": str(UUID(int=1)),
            "name": "EnterUnit",
            "digest": hashlib.sha256(b"command").hexdigest(),
            "key": derived_id("key", "command"),
            "answer": derived_id("inspection", "answer"),
        },
        "cause": 1,
        "edition": {"id": YIWU.id, "digest": YIWU.digest},
        "calendar": CALENDAR.version,
        "software": "xuncha 0.1.0",
        "label": str(label),
        "subjects": [derived_id("person", "subject")],
    }


def accept() -> int:
    """Write the vocabulary as it is now, and a body for each kind that has none. Never changes a body."""
    new = vocabulary()
    if FACTS.exists() and (faults := breaks(json.loads(FACTS.read_text("utf-8")), new)):
        print("not an addition:", *faults, sep="\n  ")
        return 1
    BODIES.mkdir(parents=True, exist_ok=True)
    FACTS.write_text(json.dumps(new, indent=1, sort_keys=True) + "\n", "utf-8")
    for kind, fact in KINDS.items():
        path = BODIES / f"{kind}.json"
        if not path.exists():
            fields = {n: f for n, f in fact.model_fields.items() if n != "kind"}
            payload = {n: sample(n, f.annotation, tuple(f.metadata)) for n, f in fields.items()}
            body = {"payload": payload, "stamp": stamp_sample(fact.label)}
            path.write_text(json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":")), "utf-8")
    return 0


if __name__ == "__main__":
    if sys.argv[1:] != ["--accept"]:
        raise SystemExit("usage: python tests/test_constitution.py --accept")
    raise SystemExit(accept())
