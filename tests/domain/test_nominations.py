"""A leader's nomination: whom the edition names, whom it consults, and in which order (Art. 5)."""

from datetime import date, timedelta

import pytest

from domain.kernel import Refused, Secret, derived_id
from domain.nominations import LeaderNominated, NominateLeader, Nomination, evolve, nominate, nomination_of

ON, DAY = date(2015, 10, 8), timedelta(days=1)
ROUND, ANNA = derived_id("round", "1"), derived_id("person", "anna")
ORGANISATION, DISCIPLINE = derived_id("body", "organisation"), derived_id("body", "discipline")
REASON = Secret("熟悉巡查工作")


def nominated(
    state: Nomination | None = None, consulted_on: date = ON, consulted_class: str | None = "discipline"
) -> list[LeaderNominated]:
    command = NominateLeader(
        round=ROUND, person=ANNA, consulted_on=consulted_on, consulted=DISCIPLINE, reason=REASON, nominated_on=ON
    )
    return nominate(
        state, command, organ=ORGANISATION, consulted_class=consulted_class, to_be_consulted=("discipline",)
    )


def test_a_nomination_names_who_was_consulted_and_when() -> None:
    """Article 5: once for a person in a round; asked again, there is nothing to do."""
    (fact,) = nominated()
    assert fact == LeaderNominated(
        nomination=nomination_of(ROUND, ANNA),
        round=ROUND,
        person=ANNA,
        organ=ORGANISATION,
        consulted_on=ON,
        consulted=DISCIPLINE,
        reason=REASON,
        nominated_on=ON,
    )
    state = evolve(None, fact)
    assert state == Nomination(ON)
    assert nominated(state) == []


@pytest.mark.parametrize(("days", "allowed"), [(-1, True), (0, True), (1, False)])
def test_the_consultation_comes_first(days: int, allowed: bool) -> None:
    """Article 5."""
    if allowed:
        assert nominated(consulted_on=ON + days * DAY)
        return
    with pytest.raises(Refused) as no:
        nominated(consulted_on=ON + days * DAY)
    assert (no.value.rule.name, no.value.path) == ("consulted_before_nominated", "nominated_on")


@pytest.mark.parametrize("consulted", ["organisation", "other", None])
def test_the_discipline_commission_is_consulted_and_nobody_else(consulted: str | None) -> None:
    """Article 5."""
    with pytest.raises(Refused) as no:
        nominated(consulted_class=consulted)
    assert (no.value.rule.name, no.value.path) == ("consulted_whom_the_edition_names", "consulted")
