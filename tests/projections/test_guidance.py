"""What is hoped for stands apart from what is owed, in the lists of those who may know of it (Art. 14, 17, 18)."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from tests.arrangements import edition_with_guidance
from tests.owing import (
    CALENDAR,
    HERE,
    INSPECTION,
    ORGAN,
    PERSON,
    TEAM,
    TRANSFER,
    UNIT,
    entries,
    transfer_answered,
    transfer_received,
    transfer_returned,
    transfer_service,
)

from api.composition import VIEWS
from domain.clues import ClueRegistered, ClueReleased, ClueReported, ClueReportedDirectly, Managed
from domain.feedback import FeedbackDecided, FeedbackGiven
from domain.inspections import InspectionAssigned
from domain.kernel import Fact, Manner, Secret, derived_id
from domain.rulebook.obligations import Hope, hoped
from projections.guidance import GuidanceRow
from projections.rows import Row

D = date
CLUE, FEEDBACK = derived_id("clue", "one"), derived_id("feedback", "one")
SUSPECT, HEAD, KEPT = (derived_id("person", name) for name in ("suspect", "head", "kept"))
EDITION = edition_with_guidance()
X = Secret("x")
LEADERS_CLUE = tuple(f"{INSPECTION}/{power}/leader" for power in ("on_site", "closing"))
LEADERS = tuple(f"{INSPECTION}/closing/{duty}" for duty in ("leader", "deputy_leader"))


def hope(code: str, on: date) -> Hope:
    found = hoped(EDITION, CALENDAR, code, on, "discipline")
    assert found
    return found


def registered(on: date, restricted: bool = False) -> ClueRegistered:
    return ClueRegistered(
        **HERE,
        clue=CLUE,
        petitions=(),
        category="integrity_discipline",
        concerned=(SUSPECT,),
        managed=Managed.CITY,
        first_known_on=on,
        registered_on=on,
        text=X,
        summary=X,
        restricted=1 if restricted else 0,
        hoped=hope("clue_to_office", on),
    )


def reported(on: date, since: date) -> ClueReported:
    given = {"hoped": hope("clue_to_office", since), "withheld_from": (SUSPECT,)}
    return ClueReported(**HERE, clue=CLUE, reported_on=on, report=X, first_known_on=since, **given)


def directly(on: date, since: date) -> ClueReportedDirectly:
    return ClueReportedDirectly(
        **HERE,
        clue=CLUE,
        addressee=HEAD,
        named=(PERSON,),
        concerned=(SUSPECT,),
        special_circumstances=X,
        report=X,
        summary=X,
        first_known_on=since,
        reported_on=on,
    )


def released(on: date, reported_on: date, since: date) -> ClueReleased:
    return ClueReleased(
        **HERE,
        clue=CLUE,
        concerned=(SUSPECT,),
        first_known_on=since,
        registered_on=since,
        reported_on=reported_on,
        released_on=on,
        report=X,
        hoped=hope("clue_to_office", since),
    )


def decided(on: date) -> FeedbackDecided:
    given = {"hoped": hope("feedback_given", on), "withheld_from": (KEPT,)}
    return FeedbackDecided(**HERE, feedback=FEEDBACK, approved=1, decided_on=on, **given)


def given(on: date) -> FeedbackGiven:
    return FeedbackGiven(
        **HERE, feedback=FEEDBACK, overview=X, points=(), recipients=(PERSON,), how=Manner.IN_PERSON, given_on=on
    )


HANDLING = hope("handling_proposed", D(2026, 11, 2))
RECEIVED = transfer_received(D(2026, 11, 2), handling_hoped=HANDLING)
SERVED = transfer_service(D(2026, 11, 2)).model_copy(update={"handling_hoped": HANDLING})
FIRST = D(2026, 11, 2)  # a Monday: three working days on is the 5th, ten days on the 12th

# what happened: in which lists it stands, hoped for by which day, done when, read by whom, kept from whom
Line = tuple[date, date | None, tuple[str, ...], tuple[str, ...]]
STORIES: dict[str, tuple[tuple[Fact, ...], dict[str, Line]]] = {
    "a grave clue is the leader's until it reaches the office": (
        (registered(FIRST),),
        {"team_guidance": (D(2026, 11, 5), None, LEADERS_CLUE, (SUSPECT,))},
    ),
    "reported after the day it is done, for both": (
        (registered(FIRST), reported(D(2026, 11, 9), FIRST)),
        {
            "team_guidance": (D(2026, 11, 5), D(2026, 11, 9), LEADERS_CLUE, (SUSPECT,)),
            "office_guidance": (D(2026, 11, 5), D(2026, 11, 9), ("office",), (SUSPECT,)),
        },
    ),
    "reported directly it is done, and nothing to the office": (
        (registered(FIRST), directly(D(2026, 11, 4), FIRST)),
        {"team_guidance": (D(2026, 11, 5), D(2026, 11, 4), LEADERS_CLUE, (SUSPECT,))},
    ),
    "kept for a direct report from the start": (
        (registered(FIRST, restricted=True),),
        {"team_guidance": (D(2026, 11, 5), None, LEADERS_CLUE, (SUSPECT,))},
    ),
    "released, the office has it too": (
        (
            registered(FIRST, restricted=True),
            directly(D(2026, 11, 4), FIRST),
            released(D(2026, 11, 20), D(2026, 11, 4), FIRST),
        ),
        {
            "team_guidance": (D(2026, 11, 5), D(2026, 11, 4), LEADERS_CLUE, (SUSPECT,)),
            "office_guidance": (D(2026, 11, 5), D(2026, 11, 4), ("office",), (SUSPECT,)),
        },
    ),
    "a transfer received": (
        (RECEIVED,),
        {
            "organ_guidance": (D(2026, 11, 12), None, (ORGAN,), ()),
            "office_guidance": (D(2026, 11, 12), None, ("office",), ()),
        },
    ),
    "or its service recorded": (
        (SERVED, transfer_received(D(2026, 11, 3), answer=None)),
        {
            "organ_guidance": (D(2026, 11, 12), None, (ORGAN,), ()),
            "office_guidance": (D(2026, 11, 12), None, ("office",), ()),
        },
    ),
    "and answered": (
        (RECEIVED, transfer_answered(D(2026, 11, 30))),
        {
            "organ_guidance": (D(2026, 11, 12), D(2026, 11, 30), (ORGAN,), ()),
            "office_guidance": (D(2026, 11, 12), D(2026, 11, 30), ("office",), ()),
        },
    ),
    "and returned": ((RECEIVED, transfer_returned(D(2026, 11, 3))), {}),
    "feedback approved": (
        (decided(FIRST),),
        {
            "team_guidance": (D(2026, 12, 2), None, LEADERS, (UNIT, KEPT)),
            "office_guidance": (D(2026, 12, 2), None, ("office",), (UNIT, KEPT)),
        },
    ),
    "and given": (
        (decided(FIRST), given(D(2026, 11, 30))),
        {
            "team_guidance": (D(2026, 12, 2), D(2026, 11, 30), LEADERS, (UNIT, KEPT)),
            "office_guidance": (D(2026, 12, 2), D(2026, 11, 30), ("office",), (UNIT, KEPT)),
        },
    ),
}


def shown(*facts: Fact) -> dict[str, list[Row]]:
    """Every row of every list after these facts, each in its stream."""
    rows: dict[str, dict[str, Row]] = {view.name: {} for view in VIEWS}
    for told in entries(InspectionAssigned(**HERE, team=TEAM), *facts):
        matters = (getattr(told.fact, name, None) for name in ("transfer", "clue", "feedback"))
        entry = replace(told, stream=next((m for m in matters if m), told.stream))
        for view in VIEWS:
            for key in view.keys(entry):
                row = view.after(rows[view.name].pop(key, None), entry, key)
                if row is not None:
                    rows[view.name][key] = row
    return {name: list(held.values()) for name, held in rows.items()}


def lines(rows: dict[str, list[Row]]) -> Iterator[tuple[str, Line]]:
    for name, held in rows.items():
        for row in held:
            if isinstance(row, GuidanceRow):
                assert row.order.startswith(row.hoped_on.isoformat())
                yield name, (row.hoped_on, row.hoped.done_on, row.readers, row.withheld_from)


@pytest.mark.parametrize("told", STORIES)
def test_it_stands_in_the_lists_of_those_who_may_know_of_it(told: str) -> None:
    """Art. 14, 17, 18; ADR 21: a direct report and what hangs on it are in no list of the office's."""
    facts, expected = STORIES[told]
    assert dict(lines(shown(*facts))) == expected


@pytest.mark.parametrize("told", STORIES)
def test_what_is_owed_is_the_same_with_guidance_and_without(told: str) -> None:
    """Art. 14, 17, 18: no duty, nothing late, on no board; every other list is the same, row for row."""
    facts, _ = STORIES[told]
    bare: list[Any] = []
    for fact in facts:
        gone = {name: None for name in ("hoped", "handling_hoped") if name in type(fact).model_fields}
        bare.append(fact.model_copy(update=gone))
    with_, without = shown(*facts), shown(*bare)
    assert not list(lines(without))
    for name, rows in with_.items():
        if not name.endswith("_guidance"):
            assert rows == without[name], name


def test_the_names_of_what_is_hoped_for_are_the_codes() -> None:
    """Art. 14, 17, 18."""
    names = {row.name for facts, _ in STORIES.values() for row in shown(*facts)["office_guidance"]}  # type: ignore[attr-defined]
    assert names == {"clue_to_office", "handling_proposed", "feedback_given"}
    assert shown(RECEIVED)["organ_guidance"][0].id == TRANSFER
