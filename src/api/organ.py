"""The receiving organ's schema: what was transferred to it, receipt and answer (Art. 17)."""

from api.graph import Verb, build
from application import transfers
from domain.transfers import AnswerTransfer, ReceiveTransfer
from projections.organs import VIEWS

SCHEMA = build(
    "organ",
    VIEWS,
    (
        Verb(ReceiveTransfer, transfers.receive_transfer, "received_on"),
        Verb(AnswerTransfer, transfers.answer_transfer, "answered_on"),
    ),
)
