"""What several rules ask."""

from collections.abc import Iterable
from datetime import date


def not_before(earlier: date | None, later: date | None) -> bool:
    """A date may be unknown; known dates must not contradict each other."""
    return earlier is None or later is None or earlier <= later


def one_of(held: Iterable[object], needed: Iterable[object]) -> bool:
    """One of these is enough."""
    return bool(set(held) & set(needed))


def while_inspecting(entered_on: date | None, ended_on: date | None, day: date) -> bool:
    """After entry and before the end of the inspection; both days count as within."""
    return entered_on is not None and entered_on <= day and (ended_on is None or day <= ended_on)
