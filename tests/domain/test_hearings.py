"""Hearings: a team is heard on its inspection before a disposal is proposed (Art. 17)."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from domain.hearings import Hearings, HearTeam, TeamHeard, evolve, hear, hearings_of
from domain.kernel import Refused, Secret, derived_id

ON, DAY = date(2015, 10, 20), timedelta(days=1)
ROUND, TEAM, UNIT, INSPECTION = (derived_id(kind, "1") for kind in ("round", "team", "body", "inspection"))
HEARING, SECOND = derived_id("hearing", "1"), derived_id("hearing", "2")
LEADER, DIRECTOR, OTHER = (derived_id("person", name) for name in ("leader", "director", "other"))
ACCOUNT = Secret("汇报内容")
HEARD = Hearings(INSPECTION, ON, (HEARING,))


def heard(
    state: Hearings | None = None,
    on: date = ON,
    attendees: tuple[str, ...] = (LEADER, DIRECTOR),
    entered_on: date | None = ON,
    hearing: str = HEARING,
) -> list[Any]:
    return hear(
        state,
        hearing,
        HearTeam(inspection=INSPECTION, attendees=attendees, account=ACCOUNT, heard_on=on),
        round_=ROUND,
        team=TEAM,
        unit=UNIT,
        entered_on=entered_on,
        of_the_team=(LEADER,),
        of_the_office=(DIRECTOR,),
    )


@pytest.mark.parametrize("days", [0, 1])
def test_a_hearing_is_on_record_with_who_was_there_and_what_was_said(days: int) -> None:
    """Article 17: from entry on; the day before is refused below."""
    (fact,) = heard(on=ON + days * DAY)
    assert fact == TeamHeard(
        hearing=HEARING,
        round=ROUND,
        inspection=INSPECTION,
        team=TEAM,
        unit=UNIT,
        attendees=(LEADER, DIRECTOR),
        account=ACCOUNT,
        heard_on=ON + days * DAY,
    )
    assert evolve(None, fact) == Hearings(INSPECTION, ON + days * DAY, (HEARING,))


def test_a_team_may_be_heard_again_and_the_first_time_counts() -> None:
    """Article 17: also where the earlier hearing is put on record later."""
    (later,) = heard(HEARD, on=ON + DAY, hearing=SECOND)
    assert evolve(HEARD, later) == Hearings(INSPECTION, ON, (HEARING, SECOND))
    (earlier,) = heard(HEARD, on=ON - DAY, entered_on=ON - DAY, hearing=SECOND)
    assert evolve(HEARD, earlier).first_on == ON - DAY


def test_a_hearing_on_record_is_not_put_there_again() -> None:
    """Article 17: quiet; and each inspection has a stream of its own."""
    assert heard(HEARD, attendees=()) == []
    assert hearings_of(INSPECTION) != hearings_of(derived_id("inspection", "2"))


@pytest.mark.parametrize(
    ("ask", "expected"),
    [
        (lambda: heard(on=ON - DAY), ("heard_after_entry", "17", "heard_on")),
        (lambda: heard(entered_on=None), ("heard_after_entry", "17", "heard_on")),
        (lambda: heard(attendees=()), ("heard_from_the_team", "17", "attendees")),
        (lambda: heard(attendees=(DIRECTOR,)), ("heard_from_the_team", "17", "attendees")),
        (lambda: heard(attendees=(LEADER, OTHER)), ("heard_from_the_team", "17", "attendees")),
    ],
    ids=["day before entry", "not entered", "nobody", "nobody of the team", "a stranger"],
)
def test_what_the_regulation_does_not_allow_is_refused(
    ask: Callable[[], object], expected: tuple[str, str, str | None]
) -> None:
    """Article 17."""
    with pytest.raises(Refused) as no:
        ask()
    assert (no.value.rule.name, no.value.rule.article, no.value.path) == expected
