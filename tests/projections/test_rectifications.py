"""Completion of a rectification: which states count, and how the percentage is rounded (Art. 19)."""

import pytest

from domain.items import Progress
from projections.rectifications import completion_of


@pytest.mark.parametrize(
    ("done", "total", "percent"),
    [(19, 25, 76), (0, 25, 0), (25, 25, 100), (199, 200, 99), (1, 3, 33), (2, 3, 66), (0, 0, None)],
)
def test_completion_is_done_by_total_rounded_down(done: int, total: int, percent: int | None) -> None:
    """Art. 19: 19 of 25 is 76 %; 100 means all."""
    states = [(Progress.DONE.value, False)] * done + [(Progress.OPEN.value, False)] * (total - done)
    found = completion_of(states)
    assert (found.total, found.done, found.percent) == (total, done, percent)


@pytest.mark.parametrize("state", [p for p in Progress if p is not Progress.DONE])
def test_only_what_is_done_counts(state: Progress) -> None:
    """Art. 19 (c): accepted is counted beside it."""
    found = completion_of([(state.value, True)])
    assert (found.percent, getattr(found, state.value), found.accepted) == (0, 1, 1)
