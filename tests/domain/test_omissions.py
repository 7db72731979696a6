"""Why a clue reported directly is not in the report: told apart from it (Art. 14, 16)."""

from datetime import date, timedelta

import pytest

from domain.kernel import Refused, Secret, derived_id
from domain.omissions import OmissionReasonGiven, OmitRestrictedClue, Omitted, evolve, omission_of, omit

ON, DAY = date(2015, 10, 20), timedelta(days=1)
CLUE, ROUND, INSPECTION = derived_id("clue", "1"), derived_id("round", "1"), derived_id("inspection", "1")
UNIT, SUSPECT, REASON = derived_id("body", "unit"), derived_id("person", "suspect"), Secret("已直接报告")


def given(restricted: bool = True, on: date = ON) -> list[OmissionReasonGiven]:
    return omit(
        omission_of(CLUE),
        OmitRestrictedClue(clue=CLUE, reason=REASON, omitted_on=on),
        round_=ROUND,
        inspection=INSPECTION,
        unit=UNIT,
        restricted=restricted,
        first_known_on=ON,
        concerned=(SUSPECT,),
    )


def test_the_reason_stands_in_a_stream_of_its_own() -> None:
    """Articles 14, 16 (c): the report's own stream says nothing of it."""
    (fact,) = given()
    assert fact == OmissionReasonGiven(
        omission=omission_of(CLUE),
        clue=CLUE,
        round=ROUND,
        inspection=INSPECTION,
        unit=UNIT,
        reason=REASON,
        withheld_from=(SUSPECT,),
        omitted_on=ON,
    )
    state = evolve(None, fact)
    assert state == Omitted(CLUE, ON)
    (later,) = given(on=ON + DAY)
    assert evolve(state, later) == state


@pytest.mark.parametrize(
    ("restricted", "on", "expected"),
    [
        (False, ON, ("only_restricted_clues_explained_apart", "14", None)),
        (True, ON - DAY, ("omission_not_before_knowledge", "14", "omitted_on")),
    ],
)
def test_what_belongs_into_the_report_is_not_told_apart(
    restricted: bool, on: date, expected: tuple[str, str, str | None]
) -> None:
    """Article 14."""
    with pytest.raises(Refused) as no:
        given(restricted, on)
    assert (no.value.rule.name, no.value.rule.article, no.value.path) == expected
