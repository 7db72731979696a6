"""A rectification is opened once, with its items and the two reports owed (Art. 18, 19)."""

from datetime import date
from typing import Any

from domain.kernel import Secret, derived_id
from domain.rectifications import OpenedItem, Rectification, RectificationOpened, evolve, open_rectification

ON = date(2015, 10, 30)
ROUND, UNIT, INSPECTION = derived_id("round", "1"), derived_id("body", "unit"), derived_id("inspection", "1")
ITEM = OpenedItem(
    item=derived_id("item", "1"), category="integrity_discipline", text=Secret("问题"), opinion=Secret("意见")
)
OPENED = Rectification(ROUND, UNIT, (ITEM.item,), ON)


def opened(state: Rectification | None = None) -> list[Any]:
    return open_rectification(
        state, INSPECTION, round_=ROUND, unit=UNIT, items=(ITEM,), received_on=ON, report=None, heads_report=None
    )


def test_a_rectification_is_opened_once_with_its_items() -> None:
    """Articles 18, 19."""
    (fact,) = opened()
    assert fact == RectificationOpened(inspection=INSPECTION, round=ROUND, unit=UNIT, items=(ITEM,), received_on=ON)
    assert evolve(None, fact) == OPENED
    assert opened(OPENED) == []
