"""The addressee's schema: what was delivered to oneself in person, and its receipt (Art. 11(4), 18, 22, 29)."""

from api.graph import Verb, build
from application import deliveries
from domain.deliveries import AcknowledgeDelivery
from projections.addressees import VIEWS

SCHEMA = build("addressee", VIEWS, (Verb(AcknowledgeDelivery, deliveries.acknowledge_delivery, "received_on"),))
