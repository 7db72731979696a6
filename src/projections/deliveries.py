"""Deliveries as the audiences see them: whole for those who made them, one's own part for those who got them
(Art. 11(4), 11(5), 12(12), 18, 20, 22, 29)."""

from collections.abc import Callable
from datetime import date
from typing import Any

from domain.deliveries import (
    DeliveryMade,
    DeliveryReceived,
    DeliveryServiceRecorded,
    past_the_unit,
    reaches_the_office,
    receipt_of,
)
from domain.due_dates import DueDateMoved
from domain.duties import RECEIPT
from domain.kernel import Content, Entry, Value
from domain.rulebook.posts import Duty, Power
from projections.rows import Row, step_of

LEADING = (Duty.LEADER, Duty.DEPUTY_LEADER)


class ReceiptItem(Value):
    """One recipient's receipt. Articles 11(4), 11(5), 18, 22, 29."""

    person: str
    received_on: date | None = None
    how: str | None = None


class DeliveryRow(Row):
    """A delivery with every recipient's receipt. Articles 11(4), 11(5), 12(12), 18, 20, 22, 29.

    `service_after` is the last day of the period for receipt; after it the office may record service.
    **Source** `delivery.*`.
    """

    round: str
    occasion: str
    sender: str
    team: str | None
    organ: str | None
    body: str | None
    unit: str | None
    about: str | None
    reply_to: str | None
    how: str
    content: Content
    delivered_on: date
    receipts: tuple[ReceiptItem, ...]
    service_after: date | None = None
    service_recorded_on: date | None = None


Readers = Callable[[DeliveryMade], tuple[str, ...]]


def deliveries_for(readers: Readers) -> Any:
    """The deliveries as rows; `readers` says who reads one, and names nobody where it is none of theirs."""

    def deliveries(row: DeliveryRow | None, entry: Entry[Any]) -> DeliveryRow | None:
        fact = entry.fact
        if isinstance(fact, DeliveryMade):
            who = readers(fact)
            return _made(fact, entry, who) if who else None
        if row is None:
            return None
        match fact:
            case DeliveryReceived():
                got = {"received_on": fact.received_on, "how": fact.how}
                receipts = tuple(r.model_copy(update=got) if r.person == fact.received_by else r for r in row.receipts)
                return row.then(entry, receipts=receipts)
            case DeliveryServiceRecorded():
                return row.then(entry, service_recorded_on=fact.recorded_on)
            case DueDateMoved():
                return row.then(entry, service_after=fact.count.due)
        return row

    return deliveries


def _made(fact: DeliveryMade, entry: Entry[Any], readers: tuple[str, ...]) -> DeliveryRow:
    return DeliveryRow(
        id=fact.delivery,
        readers=readers,
        withheld_from=past_the_unit(fact),
        order=f"{fact.delivered_on.isoformat()}/{fact.delivery}",
        steps=(step_of(entry),),
        round=fact.round,
        occasion=fact.occasion,
        sender=fact.sender,
        team=fact.team,
        organ=fact.organ,
        body=fact.body,
        unit=fact.unit,
        about=fact.about,
        reply_to=fact.reply_to,
        how=fact.how,
        content=fact.content,
        delivered_on=fact.delivered_on,
        receipts=tuple(ReceiptItem(person=r) for r in fact.recipients),
        service_after=fact.service.count.due if fact.service else None,
    )


def delivery_key(entry: Entry[Any]) -> str | None:
    match entry.fact:
        case DeliveryMade() | DeliveryReceived() | DeliveryServiceRecorded():
            return entry.stream
        case DueDateMoved() as fact if fact.name == RECEIPT:
            return fact.matter
    return None


def of_the_office(fact: DeliveryMade) -> tuple[str, ...]:
    """The office reads what it made, what it got, and the replies to it."""
    return ("office",) if reaches_the_office(fact.sender, fact.standing, fact.replies_to_sender) else ()


def of_the_team(fact: DeliveryMade) -> tuple[str, ...]:
    """The team's leader, deputy and whoever made it or got it in the team, while the power lives."""
    if fact.team is None or "team" not in (fact.sender, fact.to):
        return ()
    persons = (fact.made_by,) if fact.sender == "team" else fact.recipients
    whose = (*LEADING, *persons)
    if fact.inspection is None:
        return tuple(f"{fact.team}/{each}" for each in whose)
    powers = (Power.PREPARATION, Power.ON_SITE, Power.CLOSING)
    return tuple(f"{fact.inspection}/{power}/{each}" for power in powers for each in whose)


class ReceivedDeliveryRow(Row):
    """A delivery as one of its recipients, or the organ's person who made it, has it. Articles 11(5), 18, 22, 29.

    Nobody's receipt but one's own. **Source** `delivery.*`.
    """

    delivery: str
    occasion: str
    sender: str
    team: str | None
    unit: str | None
    reply_to: str | None
    how: str
    content: Content
    delivered_on: date
    received_on: date | None = None
    service_recorded_on: date | None = None


def of_the_recipient(fact: DeliveryMade, person: str) -> tuple[str, ...]:
    """The recipient in person; where it went to a body, while they serve there.

    What goes to somebody of a team is read in the team, while the power lives, and not here.
    """
    if fact.to == "team" or person not in fact.recipients:
        return ()
    return (f"{person}/{fact.body}",) if fact.body else (person,)


def of_the_organs_person(fact: DeliveryMade, person: str) -> tuple[str, ...]:
    """The person of an organ who got it there, or who made it for the organ."""
    if fact.organ is not None and person == fact.made_by:
        return (f"{person}/{fact.organ}",)
    return of_the_recipient(fact, person) if fact.body else ()


def received_for(readers: Callable[[DeliveryMade, str], tuple[str, ...]]) -> Any:
    """Each person's own part of a delivery as a row; `readers` says by which identity that person reads it."""

    def received(row: ReceivedDeliveryRow | None, entry: Entry[Any], key: str) -> ReceivedDeliveryRow | None:
        fact = entry.fact
        if isinstance(fact, DeliveryMade):
            person = next(p for p in _persons(fact) if receipt_of(fact.delivery, p) == key)
            who = readers(fact, person)
            return _received(fact, entry, key, who) if who else None
        if row is None:
            return None
        match fact:
            case DeliveryReceived():
                return row.then(entry, received_on=fact.received_on)
            case DeliveryServiceRecorded():
                return row.then(entry, service_recorded_on=fact.recorded_on)
        return row

    return received


def _received(fact: DeliveryMade, entry: Entry[Any], key: str, readers: tuple[str, ...]) -> ReceivedDeliveryRow:
    return ReceivedDeliveryRow(
        id=key,
        readers=readers,
        withheld_from=past_the_unit(fact),
        order=f"{fact.delivered_on.isoformat()}/{fact.delivery}",
        steps=(step_of(entry),),
        delivery=fact.delivery,
        occasion=fact.occasion,
        sender=fact.sender,
        team=fact.team,
        unit=fact.unit,
        reply_to=fact.reply_to,
        how=fact.how,
        content=fact.content,
        delivered_on=fact.delivered_on,
    )


def _persons(fact: DeliveryMade) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*fact.recipients, fact.made_by)))


def receipt_key(entry: Entry[Any]) -> tuple[str, ...] | None:
    match entry.fact:
        case DeliveryMade() as fact:
            return tuple(receipt_of(fact.delivery, p) for p in _persons(fact))
        case DeliveryReceived() as fact:
            return (receipt_of(fact.delivery, fact.received_by),)
        case DeliveryServiceRecorded() as fact:
            return tuple(receipt_of(fact.delivery, p) for p in fact.recipients)
    return None
