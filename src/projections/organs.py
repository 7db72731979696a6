"""What an organ sees: what was transferred to it and when its answer is due, what it was asked, whom it nominated
(Art. 5, 11(5), 17)."""

from typing import Any

from domain.bodies import BodyRegistered
from domain.kernel import Entry
from domain.nominations import LeaderNominated
from domain.transfers import TransferMade
from projections.deliveries import ReceivedDeliveryRow, of_the_organs_person, receipt_key, received_for
from projections.duties import duties_view
from projections.guidance import guidance_view
from projections.matters import (
    BodyRow,
    TransferRow,
    after_making,
    bodies_for,
    body_key,
    transfer_fields,
    transfer_key,
)
from projections.preparation import NominationRow, nomination_key, nominations_for
from projections.shelf import View


def transfers(row: TransferRow | None, entry: Entry[Any]) -> TransferRow | None:
    match entry.fact:
        case TransferMade() as fact:
            return TransferRow(**transfer_fields(fact, entry), readers=(fact.organ,))
    made: TransferRow | None = after_making(row, entry) if row else None
    return made


def _itself(fact: BodyRegistered) -> tuple[str, ...]:
    return (fact.body,) if fact.organ_class is not None else ()


def _nominating(fact: LeaderNominated) -> tuple[str, ...]:
    return (fact.organ,)


VIEWS = (
    View("organ_bodies", BodyRow, body_key, bodies_for(_itself)),
    duties_view("organ_duties", lambda raised: (raised.owed_by,) if raised.matter.startswith("transfer:") else ()),
    guidance_view("organ_guidance", lambda awaited: (awaited.of,) if awaited.matter.startswith("transfer:") else ()),
    View("organ_transfers", TransferRow, transfer_key, transfers, ("status",), version=3),
    View("organ_nominations", NominationRow, nomination_key, nominations_for(_nominating), ("round",)),
    View(
        "organ_deliveries",
        ReceivedDeliveryRow,
        receipt_key,
        received_for(of_the_organs_person),
        ("occasion", "delivery", "reply_to"),
        many=True,
    ),
)
