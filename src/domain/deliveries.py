"""A delivery: what was told, sent or asked, by whom and to which persons, and its receipt by each of them
(Art. 11(4), 11(5), 12(12), 18, 20, 22, 29)."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from typing import ClassVar, Literal, assert_never

from domain.kernel import (
    Aggregate,
    AnyId,
    BodyId,
    Code,
    Command,
    Content,
    DeliveryId,
    Fact,
    InspectionId,
    Label,
    Manner,
    PersonId,
    RoundId,
    TeamId,
    derived_id,
)
from domain.rulebook import rules
from domain.rulebook.obligations import Obligation
from domain.rulebook.posts import Standing

ABOUT = ("body", "inspection")
"""What a delivery may name as that which it is about. No petition and no clue: who is told of it would learn that
there is one."""

# --- commands --------------------------------------------------------------------------------------------------


class Deliver(Command):
    """Deliver something to named persons: information, inquiry, answer, results, a report, by word of mouth too.
    Articles 11(4), 11(5), 12(12), 18, 20, 22, 29.

    `occasion` is a code of the edition; it says who may make it and whom it goes to. `team` is the team it comes from
    or goes to, `body` the body its recipients serve in. The round is the team's, or that of what it replies to, where
    it is not given.
    """

    round: RoundId | None = None
    occasion: Code
    team: TeamId | None = None
    about: AnyId | None = None
    reply_to: DeliveryId | None = None
    body: BodyId | None = None
    recipients: tuple[PersonId, ...]
    how: Manner = Manner.IN_PERSON
    content: Content
    delivered_on: date


class AcknowledgeDelivery(Command):
    """Acknowledge receipt of a delivery: each recipient for themselves. Articles 11(4), 11(5), 18, 22, 29."""

    delivery: DeliveryId
    received_on: date
    how: Manner = Manner.IN_PERSON


class RecordService(Command):
    """Put on record that a delivery counts as served on those who have not acknowledged it. Articles 11(4), 20, 22.

    Not before the edition's period for receipt is over (working days).
    """

    delivery: DeliveryId
    recorded_on: date
    reason: Content


# --- facts -----------------------------------------------------------------------------------------------------


class DeliveryMade(Fact):
    """Something was delivered to named persons. Articles 11(4), 11(5), 12(12), 18, 20, 22, 29.

    `sender` is the capacity it was made in, `organ` the organ's own body where one made it. `replies_to_sender` is the
    sender of what it replies to. `service`: when, without receipt, service may be recorded.
    """

    label: ClassVar[Label] = Label.DELIVERY
    kind: Literal["delivery.made.v1"] = "delivery.made.v1"
    delivery: DeliveryId
    round: RoundId
    occasion: Code
    sender: Code
    to: Code
    made_by: PersonId
    team: TeamId | None = None
    organ: BodyId | None = None
    about: AnyId | None = None
    inspection: InspectionId | None = None
    unit: BodyId | None = None
    reply_to: DeliveryId | None = None
    replies_to_sender: Code | None = None
    body: BodyId | None = None
    standing: Standing | None = None
    recipients: tuple[PersonId, ...]
    how: Manner
    content: Content
    delivered_on: date
    service: Obligation | None = None


class DeliveryReceived(Fact):
    """A recipient acknowledged receipt. Articles 11(4), 11(5), 18, 22, 29."""

    label: ClassVar[Label] = Label.DELIVERY
    kind: Literal["delivery.received.v1"] = "delivery.received.v1"
    delivery: DeliveryId
    round: RoundId
    received_by: PersonId
    received_on: date
    how: Manner


class DeliveryServiceRecorded(Fact):
    """The office recorded service on those who had not acknowledged receipt. Articles 11(4), 20, 22."""

    label: ClassVar[Label] = Label.DELIVERY
    kind: Literal["delivery.service-recorded.v1"] = "delivery.service-recorded.v1"
    delivery: DeliveryId
    round: RoundId
    recipients: tuple[PersonId, ...]
    recorded_on: date
    reason: Content


DeliveryFact = DeliveryMade | DeliveryReceived | DeliveryServiceRecorded


def past_the_unit(made: DeliveryMade) -> tuple[str, ...]:
    """The bodies a delivery is withheld from: the unit it concerns, unless it goes to persons there."""
    return (made.unit,) if made.unit and made.to != "persons" else ()


# --- state -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Delivery:
    """What decisions need of a delivery."""

    round: str
    occasion: str
    sender: str
    to: str
    team: str | None
    about: str | None
    inspection: str | None
    replies_to_sender: str | None
    body: str | None
    standing: str | None
    recipients: tuple[str, ...]
    delivered_on: date
    served_after: date | None
    received: tuple[str, ...] = ()
    recorded: tuple[str, ...] = ()

    @property
    def of_the_office(self) -> bool:
        """Whether the office sees it: it made it, it got it, or it is a reply to something of the office's."""
        return reaches_the_office(self.sender, self.standing, self.replies_to_sender)

    @property
    def outstanding(self) -> tuple[str, ...]:
        """Who has not acknowledged receipt, and for whom service is not recorded."""
        return tuple(r for r in self.recipients if r not in (*self.received, *self.recorded))


def reaches_the_office(sender: str, standing: str | None, replies_to_sender: str | None) -> bool:
    """Whether a delivery is the office's own, goes to it, or replies to one of its own."""
    return "office" in (sender, replies_to_sender) or standing == Standing.OFFICE


def receipt_of(delivery: str, person: str) -> str:
    """The one receipt a person has, or owes, for a delivery."""
    return derived_id("receipt", delivery, person)


# --- decisions -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Way:
    """Where a delivery comes from and goes to, as found for the command."""

    round: str
    sender: str
    to: str
    made_by: str
    team: str | None = None
    organ: str | None = None
    about: str | None = None
    inspection: str | None = None
    unit: str | None = None
    body: str | None = None
    standing: Standing | None = None


def make(
    state: Delivery | None,
    delivery: str,
    command: Deliver,
    *,
    way: Way,
    fitting: Collection[str],
    of_the_unit: Collection[str],
    replied_to: Delivery | None,
    answers: str | None,
    service: Obligation | None,
) -> list[DeliveryFact]:
    """`fitting`: those of the recipients the occasion may go to; `of_the_unit`: those who serve in a unit concerned;
    `answers`: the occasion this one must reply to."""
    if state is not None:
        return []
    rules.delivery_about_what_may_be_told.demand(command.about and command.about.partition(":")[0], ABOUT, path="about")
    rules.answer_names_its_inquiry.demand(answers, replied_to and replied_to.occasion, path="reply_to")
    rules.reply_not_before_what_it_replies_to.demand(
        replied_to and replied_to.delivered_on, command.delivered_on, path="delivered_on"
    )
    rules.delivery_names_its_recipients.demand(command.recipients, path="recipients")
    rules.recipients_fit_the_occasion.demand(command.recipients, fitting, path="recipients")
    rules.delivery_past_the_unit_concerned.demand(command.recipients, of_the_unit, path="recipients")
    return [
        DeliveryMade(
            delivery=delivery,
            round=way.round,
            occasion=command.occasion,
            sender=way.sender,
            to=way.to,
            made_by=way.made_by,
            team=way.team,
            organ=way.organ,
            about=way.about,
            inspection=way.inspection,
            unit=way.unit,
            reply_to=command.reply_to,
            replies_to_sender=replied_to.sender if replied_to else None,
            body=way.body,
            standing=way.standing,
            recipients=command.recipients,
            how=command.how,
            content=command.content,
            delivered_on=command.delivered_on,
            service=service,
        )
    ]


def acknowledge(state: Delivery, command: AcknowledgeDelivery, *, received_by: str) -> list[DeliveryFact]:
    rules.delivery_received_once.demand(received_by in state.received)
    rules.delivery_received_not_before_made.demand(state.delivered_on, command.received_on, path="received_on")
    return [
        DeliveryReceived(
            delivery=command.delivery,
            round=state.round,
            received_by=received_by,
            received_on=command.received_on,
            how=command.how,
        )
    ]


def record_service(state: Delivery, command: RecordService, *, moved_to: date | None = None) -> list[DeliveryFact]:
    """`moved_to`: where a later calendar moved the last day of the period to."""
    rules.service_of_what_was_not_acknowledged.demand(state.outstanding)
    last_day = moved_to or state.served_after
    rules.service_recorded_after_the_period.demand(last_day, command.recorded_on, path="recorded_on")
    return [
        DeliveryServiceRecorded(
            delivery=command.delivery,
            round=state.round,
            recipients=state.outstanding,
            recorded_on=command.recorded_on,
            reason=command.reason,
        )
    ]


def evolve(state: Delivery | None, fact: DeliveryFact) -> Delivery:
    if isinstance(fact, DeliveryMade):
        return Delivery(
            fact.round,
            fact.occasion,
            fact.sender,
            fact.to,
            fact.team,
            fact.about,
            fact.inspection,
            fact.replies_to_sender,
            fact.body,
            fact.standing,
            fact.recipients,
            fact.delivered_on,
            fact.service.count.due if fact.service else None,
        )
    assert state is not None  # noqa: S101  a delivery's stream begins with its making
    match fact:
        case DeliveryReceived():
            return replace(state, received=(*state.received, fact.received_by))
        case DeliveryServiceRecorded():
            return replace(state, recorded=(*state.recorded, *fact.recipients))
        case _:
            assert_never(fact)


DELIVERIES: Aggregate[Delivery] = Aggregate("delivery", evolve)
