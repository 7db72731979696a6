"""What several rules ask."""

from collections.abc import Iterable
from datetime import date


def not_before(earlier: date | None, later: date | None) -> bool:
    """A date may be unknown; known dates must not contradict each other."""
    return earlier is None or later is None or earlier <= later


def one_of(held: Iterable[object], needed: Iterable[object]) -> bool:
    """One of these is enough."""
    return bool(set(held) & set(needed))
