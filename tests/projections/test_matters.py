"""What rows show: of a recusal what decisions go by, of a round and a mandate what was decided (Art. 5, 11, 23)."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.kernel import (
    Authenticated,
    CommandStamp,
    Entry,
    Fact,
    Happened,
    Label,
    Precision,
    Secret,
    Source,
    Stamp,
    derived_id,
)
from domain.recusals import RECUSALS, DecideRecusal, DeclareRecusal, Recusal, RecusalDecided, RecusalDeclared, decide
from domain.recusals import declare as declared
from domain.rounds import (
    MandateEnded,
    MandateGranted,
    PlanApproved,
    PlannedUnit,
    PlanReturned,
    PlanSubmitted,
    RoundOpened,
)
from domain.rulebook.posts import Duty, Power, Standing
from projections import leading_group, office, teams
from projections.matters import MandateRow, RecusalRow, RoundRow, mandates_for, recusals_for, rounds_for

DAY = date(2026, 11, 2)
PERSON = derived_id("person", "recused")
RECUSAL = derived_id("recusal", "one")
SAME = {
    "recusal": RECUSAL,
    "round": derived_id("round", "one"),
    "inspection": derived_id("inspection", "one"),
    "unit": derived_id("body", "one"),
    "person": PERSON,
}
KNOWN = ("near_relative", "worked_there", "interest")


def declaration(day: int, *grounds: str) -> RecusalDeclared:
    statement = Secret(f"说明{day}") if grounds else None
    return RecusalDeclared(**SAME, grounds=grounds, statement=statement, declared_on=DAY + timedelta(day))


def decision(day: int, outcome: str) -> RecusalDecided:
    return RecusalDecided(
        **SAME,
        outcome=outcome,
        reason=Secret(f"理由{day}"),
        decided_by=Standing.OFFICE,
        decided_on=DAY + timedelta(day),
    )


def entries(*facts: Fact) -> Iterator[Entry[Any]]:
    """The facts as one stream's entries."""
    at = datetime(2026, 11, 2, 2, 0, tzinfo=UTC)
    for version, fact in enumerate(facts, start=1):
        stamp = Stamp(
            recorder=PERSON,
            doer=PERSON,
            capacity="team",
            happened=Happened(precision=Precision.MINUTE, source=Source.LIVE, asserted_by=PERSON, on=DAY, at=at),
            authenticated=Authenticated(method="test"),
            command=CommandStamp(id=UUID(int=version), name="Test", digest="0" * 64, answer=RECUSAL),
            software="test",
            label=Label.RECUSAL,
            subjects=(),
        )
        yield Entry(version, RECUSAL, version, at, stamp, fact, UUID(int=version), 0)


def row_of(*facts: Fact) -> RecusalRow:
    """The row these facts make."""
    evolve, row = recusals_for(lambda _: ("office",)), None
    for entry in entries(*facts):
        row = evolve(row, entry)
    assert isinstance(row, RecusalRow)
    return row


def test_two_declarations_show_both_grounds() -> None:
    """Art. 23: the second adds to the first; its statement and day are the last one's, the place in the list is not."""
    first = row_of(declaration(0, "near_relative"))
    row = row_of(declaration(0, "near_relative"), declaration(3, "worked_there"))
    assert row.grounds == ("near_relative", "worked_there")
    assert (row.first_declared_on, row.declared_on) == (DAY, DAY + timedelta(3))
    assert row.statement == Secret("说明3")
    assert (row.order, row.readers) == (first.order, first.readers)
    assert len(row.steps) == 2


def test_a_new_declaration_after_not_upheld_awaits_its_decision_and_shows_none() -> None:
    """Art. 23: what was decided was another matter; neither its outcome, its reason nor its day stand in the row."""
    before = row_of(declaration(0, "near_relative"), decision(1, "not_upheld"))
    assert (before.outcome, before.reason, before.decided_on) == ("not_upheld", Secret("理由1"), DAY + timedelta(1))
    row = row_of(declaration(0, "near_relative"), decision(1, "not_upheld"), declaration(5, "interest"))
    assert row.grounds == ("interest",)
    assert (row.outcome, row.reason, row.decided_on) == (None, None, None)


def test_an_upheld_recusal_stays_upheld_whatever_is_declared_later() -> None:
    """Art. 23: with outcome, reason and day; the new ground is shown beside the old."""
    row = row_of(declaration(0, "near_relative"), decision(1, "upheld"), declaration(5, "interest"))
    assert row.grounds == ("near_relative", "interest")
    assert (row.outcome, row.reason, row.decided_on) == ("upheld", Secret("理由1"), DAY + timedelta(1))


@st.composite
def streams(draw: st.DrawFn) -> list[Fact]:
    """Streams as the decisions write them."""
    facts: list[Fact] = []
    state: Recusal | None = None
    for day in range(draw(st.integers(1, 7))):
        if state is not None and state.awaiting and draw(st.booleans()):
            outcome = draw(st.sampled_from(("upheld", "not_upheld")))
            command = DecideRecusal(
                recusal=RECUSAL, outcome=outcome, reason=Secret("理由"), decided_on=DAY + timedelta(day)
            )
            made: Any = decide(state, command, decider=derived_id("person", "x"), decided_by=Standing.OFFICE)
        else:
            grounds = tuple(draw(st.lists(st.sampled_from(KNOWN), unique=True, max_size=2)))
            asked = DeclareRecusal(
                inspection=SAME["inspection"],
                grounds=grounds,
                statement=Secret("说明") if grounds else None,
                declared_on=DAY + timedelta(draw(st.integers(0, day))),
            )
            made = declared(state, asked, round_=SAME["round"], unit=SAME["unit"], person=PERSON, known=KNOWN)
        for fact in made:
            state = RECUSALS.evolve(state, fact)
            facts.append(fact)
    return facts


@given(streams())
def test_the_row_says_what_the_aggregate_says_after_every_fact(facts: list[Fact]) -> None:
    """Promise 6: one function adds them up, so that nobody reads what no decision went by."""
    for view in (*office.VIEWS, *teams.VIEWS):
        if issubclass(view.row, RecusalRow):
            row, state = None, None
            for entry in entries(*facts):
                row, state = view.evolve(row, entry), RECUSALS.evolve(state, entry.fact)
                assert row is not None
                assert state is not None
                assert row.state() == replace(state, decided_after=None)  # what a later correction is judged by


@pytest.mark.parametrize("views", [office.VIEWS, teams.VIEWS], ids=["office", "team"])
def test_recusals_are_a_list_of_both_audiences(views: Any) -> None:
    """What was tested above is what they read."""
    assert [issubclass(view.row, RecusalRow) for view in views].count(True) == 1


# --- rounds and mandates -----------------------------------------------------------------------------------------

ROUND = SAME["round"]
OPENED = RoundOpened(round=ROUND, year=2026, number=1, title=Secret("第一轮"))


def submitted(plan: int, on: date) -> PlanSubmitted:
    return PlanSubmitted(
        round=ROUND,
        plan=plan,
        tasks=Secret("任务"),
        units=(PlannedUnit(unit=SAME["unit"]),),
        ways=(),
        from_on=DAY,
        until_on=DAY + timedelta(30),
        inspected_from=DAY - timedelta(1000),
        submitted_on=on,
    )


def round_of(*facts: Fact) -> RoundRow:
    """The row these facts make of a round."""
    evolve, row = rounds_for(("office",)), None
    for entry in entries(*facts):
        row = evolve(row, entry)
    assert isinstance(row, RoundRow)
    return row


def test_a_round_says_when_its_plan_was_submitted_and_returned_and_why() -> None:
    """Art. 11(1): before it nothing of the kind; of a newer plan, its own day."""
    row = round_of(OPENED)
    assert (row.submitted_on, row.decision, row.returned_on, row.return_reason) == (None, None, None, None)
    assert round_of(OPENED, submitted(1, DAY)).submitted_on == DAY
    back = PlanReturned(round=ROUND, plan=1, returned_on=DAY + timedelta(1), reason=Secret("对象不全"))
    row = round_of(OPENED, submitted(1, DAY), back)
    assert (row.status, row.returned_on, row.return_reason) == (
        "plan_returned",
        DAY + timedelta(1),
        Secret("对象不全"),
    )
    assert round_of(OPENED, submitted(1, DAY), back, submitted(2, DAY + timedelta(2))).submitted_on == DAY + timedelta(
        2
    )


@pytest.mark.parametrize("decision", [Secret("同意"), None])
def test_a_round_says_with_which_decision_its_plan_was_approved(decision: Secret | None) -> None:
    """Art. 11(1): where one is on paper."""
    approved = PlanApproved(round=ROUND, plan=1, approved_on=DAY, decision=decision, edition="yiwu-2015")
    row = round_of(OPENED, submitted(1, DAY), approved)
    assert (row.status, row.approved_on, row.decision) == ("plan_approved", DAY, decision)


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ({"duty": Duty.LEADER, "moved_to_non_leading_post": 1}, (True, None)),
        (
            {"duty": Duty.LEADER, "moved_to_non_leading_post": 0, "reason": Secret("组长另有安排")},
            (False, Secret("组长另有安排")),
        ),
        ({"duty": Duty.MEMBER}, (None, None)),
    ],
)
def test_a_mandate_says_what_was_decided_of_it_before_and_after_its_end(
    given: dict[str, Any], shown: tuple[bool | None, Secret | None]
) -> None:
    """Art. 5: the day of the decision, matters, home body; where a leader keeps a leading post, why."""
    mandate = derived_id("mandate", "one")
    granted = MandateGranted(
        round=ROUND,
        mandate=mandate,
        team=derived_id("team", "one"),
        person=PERSON,
        units=(SAME["unit"],),
        powers=(Power.ON_SITE,),
        matters=Secret("查账"),
        from_on=DAY,
        until_on=DAY + timedelta(30),
        home_body=derived_id("body", "home"),
        granted_by=Standing.PARTY_COMMITTEE,
        decided_on=DAY - timedelta(1),
        **given,
    )
    ended = MandateEnded(round=ROUND, mandate=mandate, person=PERSON, ended_on=DAY, reason=Secret("工作调动"))
    evolve, row = mandates_for(lambda _: ("office",)), None
    for entry in entries(granted, ended):
        row = evolve(row, entry)
        assert isinstance(row, MandateRow)
        assert (row.decided_on, row.matters, row.home_body) == (
            DAY - timedelta(1),
            Secret("查账"),
            derived_id("body", "home"),
        )
        assert (row.moved_to_non_leading_post, row.reason) == shown


@pytest.mark.parametrize(("views", "rows"), [(office.VIEWS, (RoundRow, MandateRow)), (teams.VIEWS, (MandateRow,)),
                                             (leading_group.VIEWS, (RoundRow,))])  # fmt: skip
def test_rounds_and_mandates_are_lists_of_those_who_decide_and_work_by_them(views: Any, rows: tuple[type, ...]) -> None:
    """What was tested above is what they read."""
    for row in rows:
        assert [issubclass(view.row, row) for view in views].count(True) == 1
