"""What anybody sees of what was delivered to them in person (Art. 11(4), 18, 22, 29)."""

from projections.deliveries import ReceivedDeliveryRow, of_the_recipient, receipt_key, received_for
from projections.shelf import View

VIEWS = (
    View(
        "addressee_deliveries",
        ReceivedDeliveryRow,
        receipt_key,
        received_for(of_the_recipient),
        ("occasion", "delivery"),
        many=True,
    ),
)
