"""Who reads a feedback when, in the team and in the unit (Art. 5, 18)."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from domain.feedback import FeedbackDecided, FeedbackGiven, FeedbackProposed
from domain.kernel import (
    Authenticated,
    CommandStamp,
    Entry,
    Fact,
    Happened,
    Label,
    Manner,
    Precision,
    Secret,
    Source,
    Stamp,
    derived_id,
)
from projections import feedback

ON, AT = date(2026, 11, 2), datetime(2026, 11, 2, 2, 0, tzinfo=UTC)
PERSON, UNIT, INSPECTION = derived_id("person", "1"), derived_id("body", "1"), derived_id("inspection", "1")
STREAM, TEXT = derived_id("feedback", "1"), Secret("文字")
ABOUT = {"feedback": STREAM, "round": derived_id("round", "1"), "inspection": INSPECTION, "unit": UNIT}
HISTORY: tuple[Fact, ...] = (
    FeedbackProposed(**ABOUT, overview=TEXT, opinions=(), withheld_from=(PERSON,), proposed_on=ON),
    FeedbackDecided(**ABOUT, approved=1, decided_on=ON, withheld_from=()),
    FeedbackGiven(**ABOUT, overview=TEXT, points=(), recipients=(PERSON,), how=Manner.IN_PERSON, given_on=ON),
)


def entry(version: int, fact: Fact) -> Entry[Any]:
    stamp = Stamp(
        recorder=PERSON,
        doer=PERSON,
        capacity="team",
        happened=Happened(precision=Precision.MINUTE, source=Source.LIVE, asserted_by=PERSON, on=ON, at=AT),
        authenticated=Authenticated(method="test"),
        command=CommandStamp(id=UUID(int=version), name="Test", digest="0" * 64, answer=STREAM),
        software="test",
        label=Label.FEEDBACK,
        subjects=(),
    )
    return Entry(version, STREAM, version, AT, stamp, fact, UUID(int=version), 0)


def rows(view: Any) -> list[Any]:
    """The row after each fact; None where there is none yet."""
    row, found = None, []
    for version, fact in enumerate(HISTORY, start=1):
        one = entry(version, fact)
        for key in view.keys(one):
            row = view.after(row, one, key)
        found.append(row)
    return found


def test_who_supervises_reads_a_feedback_once_it_is_given() -> None:
    """Art. 5 (c), 20: a mandate for supervision is limited to what was fed back and its rectification."""
    (view,) = feedback.TEAM_VIEWS
    leaders = {f"{INSPECTION}/closing/{duty}" for duty in ("leader", "deputy_leader")}
    supervising = {f"{INSPECTION}/supervision/{d}" for d in ("leader", "deputy_leader", "registrar", "member")}
    proposed, approved, given = rows(view)
    assert set(proposed.readers) == set(approved.readers) == leaders
    assert set(given.readers) == leaders | supervising


def test_the_unit_has_no_row_before_it_was_told() -> None:
    """Art. 18: neither of the proposal nor of the approval; and then it is the unit's own."""
    (view,) = feedback.UNIT_VIEWS
    proposed, approved, given = rows(view)
    assert (proposed, approved) == (None, None)
    assert (given.readers, given.withheld_from, [s.kind for s in given.steps]) == ((UNIT,), (), ["feedback.given.v1"])


def test_the_office_reads_it_from_the_proposal_on_but_nobody_it_is_withheld_from() -> None:
    """Art. 3 (c), 18."""
    (view,) = feedback.OFFICE_VIEWS
    for row in rows(view):
        assert (row.readers, row.withheld_from) == (("office",), (UNIT, PERSON))
