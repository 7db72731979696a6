"""The organ's schema: transfers and inquiries, their receipt, return and answer; nominations (Art. 5, 11(5), 17)."""

from api.graph import Verb, build
from application import deliveries, preparation, transfers
from domain.deliveries import AcknowledgeDelivery, Deliver
from domain.nominations import NominateLeader
from domain.transfers import AnswerTransfer, ReceiveTransfer, ReturnTransfer
from projections.organs import VIEWS

SCHEMA = build(
    "organ",
    VIEWS,
    (
        Verb(ReceiveTransfer, transfers.receive_transfer, "received_on"),
        Verb(ReturnTransfer, transfers.return_transfer, "returned_on"),
        Verb(AnswerTransfer, transfers.answer_transfer, "answered_on"),
        Verb(Deliver, deliveries.deliver, "delivered_on"),
        Verb(AcknowledgeDelivery, deliveries.acknowledge_delivery, "received_on"),
        Verb(NominateLeader, preparation.nominate_leader, "nominated_on"),
    ),
)
