"""The day of a recusal's decision, corrected, in every list that shows the decision (Art. 6(4), 23, 28 (c))."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest
from tests.owing import HERE, PERSON, entries

from api.composition import VIEWS
from domain.kernel import CorrectedDay, DayOf, Fact, Paper, Secret, derived_id
from domain.recusals import Asker, Outcome, RecusalDayCorrected, RecusalDecided, RecusalRequested
from domain.rulebook.posts import Standing

ON = date(2026, 11, 2)
RECUSAL, REQUEST, EARLIER = (
    derived_id("recusal", "one"),
    derived_id("recusal-request", "one"),
    derived_id("recusal-request", "earlier"),
)
ABOUT: dict[str, Any] = {**HERE, "recusal": RECUSAL, "person": PERSON}
TEXT = Secret("文字")
LISTS = {
    "team": {"office_recusals", "team_recusals", "office_recusal_requests", "team_recusal_requests"},
    "unit": {"office_recusals", "team_recusals", "office_recusal_requests", "unit_recusal_requests"},
}


def requested(request: str, asked_as: str) -> RecusalRequested:
    return RecusalRequested(
        **ABOUT,
        request=request,
        asked_by=derived_id("person", "asker"),
        asked_as=Asker(asked_as),
        grounds=("other",),
        reason=TEXT,
        statement=TEXT,
        requested_on=ON,
    )


def decided(outcome: Outcome, request: str) -> RecusalDecided:
    by = {"reason": TEXT, "decided_by": Standing.OFFICE, "decided_on": ON}
    return RecusalDecided(**ABOUT, outcome=outcome, requests=(request,), **by)


CORRECTED = RecusalDayCorrected(
    **ABOUT,
    corrected=CorrectedDay(
        day_of=DayOf.RECUSAL_DECIDED,
        entry=UUID(int=9),
        before=ON,
        day=date(2026, 11, 3),
        reason=TEXT,
        paper=Paper(reference=TEXT),
        corrected_on=date(2026, 11, 20),
    ),
    requests=(REQUEST,),
)


def shown(*facts: Fact) -> dict[str, dict[str, Any]]:
    """The rows of every list that has any after these facts."""
    rows: dict[str, dict[str, Any]] = {view.name: {} for view in VIEWS}
    for entry in entries(*facts):
        for view in VIEWS:
            for key in view.keys(entry):
                row = view.after(rows[view.name].pop(key, None), entry, key)
                if row is not None:
                    rows[view.name][key] = row
    return {name: found for name, found in rows.items() if found}


@pytest.mark.parametrize("asked_as", LISTS)
def test_whoever_reads_when_it_was_decided_reads_the_corrected_day_and_what_stood(asked_as: str) -> None:
    """Art. 6(4), 23, 28 (c): the lists of recusals, of those who decide and of those who asked; an earlier request,
    which another decision answered, keeps its day."""
    told = (
        requested(EARLIER, asked_as),
        decided(Outcome.NOT_UPHELD, EARLIER),
        requested(REQUEST, asked_as),
        decided(Outcome.UPHELD, REQUEST),
    )
    after = shown(*told, CORRECTED)
    lists = {name: rows for name, rows in after.items() if "recusal" in name}
    assert lists.keys() == LISTS[asked_as]
    for name, rows in lists.items():
        for key, row in rows.items():
            if key == EARLIER:
                assert (row.decided_on, row.corrections) == (ON, ()), name
                continue
            (item,) = row.corrections
            assert (row.decided_on, item.before, item.entry) == (date(2026, 11, 3), ON, str(UUID(int=9))), name
            assert row.steps[-1].kind == "recusal.day-corrected.v1"


def test_the_person_concerned_reads_no_request_for_its_correction() -> None:
    """Art. 23: withheld as it was."""
    after = shown(requested(REQUEST, "team"), decided(Outcome.UPHELD, REQUEST), CORRECTED)
    for name, rows in after.items():
        if "requests" in name:
            assert [row.withheld_from for row in rows.values()] == [(PERSON,)], name
