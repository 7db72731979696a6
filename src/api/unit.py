"""The inspected unit's schema: its own inspection, and nothing that shows a petition or a clue (Art. 11(6), 18)."""

from api.graph import Verb, build
from application import feedback, inspections
from domain.feedback import ReceiveFeedback
from domain.inspections import PublishNotice, ReceiveNotice
from projections.units import VIEWS

SCHEMA = build(
    "unit",
    VIEWS,
    (
        Verb(ReceiveNotice, inspections.receive_notice, "received_on"),
        Verb(PublishNotice, inspections.publish_notice, "published_on"),
        Verb(ReceiveFeedback, feedback.receive_feedback, "received_on"),
    ),
)
