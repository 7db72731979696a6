"""The SDL is committed, and every field of every audience has its class before it is shown."""

import json
import re
from pathlib import Path
from typing import get_args

import pytest
from graphql import GraphQLObjectType

from api.app import SCHEMAS
from domain.duties import DutyName

ROOT = Path(__file__).resolve().parents[2]
CLASSES: dict[str, dict[str, str]] = json.loads((ROOT / "tests/data/audiences.json").read_text(encoding="utf-8"))

# What promises.md §4 lets each audience see; `shared` holds nothing of a matter, `own` a person's own acts. Of a
# report its drafts and their sources (`draft`) never leave the team.
MAY_SEE = {
    "office": {
        *("shared", "directory", "procedure", "inspection", "recusal", "nomination", "delivery", "entered"),
        *("petition", "clue", "disposal", "transfer", "suggestion", "departure", "report", "feedback"),
        *("rectification", "overview", "publication", "published", "archive", "correction"),
    },
    "leading-group": {
        *("shared", "directory", "procedure", "recusal", "nomination", "disposal", "direct_report"),
        *("feedback", "overview", "published", "correction"),
    },
    "team": {
        *("shared", "own", "directory", "procedure", "inspection", "recusal", "delivery", "petition", "clue"),
        *("meeting", "activity", "document", "inquiry", "suggestion", "draft", "report", "feedback", "transfer"),
        *("rectification", "overview", "publication", "archive", "correction"),
    },
    "unit": {
        *("shared", "directory", "inspection", "document", "suggestion", "feedback", "rectification", "published"),
        *("recusal_request", "correction"),
    },
    "organ": {"shared", "directory", "transfer", "delivery", "nomination", "correction"},
    "addressee": {"shared", "delivery"},
}
OF_THE_SOURCE = re.compile("petitioner|identity|contact|address|informant|complain", re.IGNORECASE)
TELLS_OF_PETITIONS = re.compile(
    r"petition|clue|interview|\btotal\b|\bcount\b|position|number|信访|线索|举报", re.IGNORECASE
)


def fields(audience: str) -> set[str]:
    """Every field an answer of this audience can have."""
    types = SCHEMAS[audience][1]._schema.type_map.values()
    return {
        f"{type_.name}.{name}"
        for type_ in types
        if isinstance(type_, GraphQLObjectType) and not type_.name.startswith("__")
        for name in type_.fields
    }


@pytest.mark.parametrize("audience", SCHEMAS)
def test_the_committed_sdl_is_the_codes(audience: str) -> None:
    """promises.md: the SDL files are committed and compared."""
    committed = (ROOT / "schema" / f"{audience}.graphql").read_text(encoding="utf-8")
    assert committed == SCHEMAS[audience][1].as_str() + "\n", "run: xuncha schema schema"


def test_no_sdl_is_left_of_an_audience_that_is_gone() -> None:
    """promises.md: one SDL file for each audience."""
    assert {path.stem for path in (ROOT / "schema").iterdir()} == set(SCHEMAS)


@pytest.mark.parametrize("audience", SCHEMAS)
def test_every_field_has_its_need_to_know_class(audience: str) -> None:
    """promises.md §4: a new field fails here until somebody has said what class it is of."""
    assert fields(audience) == set(CLASSES[audience])


@pytest.mark.parametrize("audience", ["office", "team", "unit", "organ"])
def test_a_filter_of_few_values_says_which_they_are(audience: str) -> None:
    """promises.md: whoever asks for one that is none is sent back with the same list."""
    where = SCHEMAS[audience][1]._schema.type_map["DutyWhere"].fields  # type: ignore[attr-defined]
    for name, known in (("status", ("owed", "met")), ("name", get_args(DutyName))):
        assert where[name].description == f"{'、'.join(known)} 之一 · one of {', '.join(known)}"


@pytest.mark.parametrize("audience", SCHEMAS)
def test_no_audience_has_a_field_of_a_class_it_may_not_see(audience: str) -> None:
    """promises.md §4: who sees what."""
    wrong = {field: kind for field, kind in CLASSES[audience].items() if kind not in MAY_SEE[audience]}
    assert not wrong


@pytest.mark.parametrize("audience", SCHEMAS)
def test_no_answer_has_a_field_for_a_source(audience: str) -> None:
    """promises.md §5.1: an identity is opened for handling, each time on record; it stands in no answer."""
    assert not [field for field in fields(audience) if OF_THE_SOURCE.search(field)]


@pytest.mark.parametrize("audience", ["unit", "organ", "addressee"])
def test_the_words_of_unit_organ_and_addressee_tell_of_no_petition(audience: str) -> None:
    """promises.md §4: no counters, numbers, positions; not even the description of a field says that they exist."""
    text = (ROOT / "schema" / f"{audience}.graphql").read_text(encoding="utf-8")
    assert not TELLS_OF_PETITIONS.findall(text)


@pytest.mark.parametrize("audience", SCHEMAS)
def test_the_hidden_columns_of_a_row_can_be_neither_shown_nor_filtered_by(audience: str) -> None:
    """promises.md: readers, those it is withheld from, and the order are matched by the API and never shown."""
    hidden = {"readers", "withheldFrom", "withheld_from", "order", "ord", "position"}
    for type_ in SCHEMAS[audience][1]._schema.type_map.values():
        assert not hidden & set(getattr(type_, "fields", ()))
