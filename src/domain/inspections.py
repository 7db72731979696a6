"""An inspection: one unit, one round, one team; notice, receipt, entry, end (Art. 11(6), 12, 16)."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from typing import ClassVar, Literal, assert_never

from domain.kernel import (
    Aggregate,
    BodyId,
    Command,
    Content,
    Fact,
    InspectionId,
    Label,
    Manner,
    PersonId,
    RoundId,
    TeamId,
)
from domain.rulebook import rules
from domain.rulebook.obligations import Obligation


class ServeNotice(Command):
    """Serve the notice of inspection on the unit: content, schedule, ways of working. Article 11(6).

    `recipients` are the persons of the unit it is given to.
    """

    inspection: InspectionId
    served_on: date
    recipients: tuple[PersonId, ...]
    how: Manner = Manner.IN_PERSON
    content: Content
    from_on: date
    until_on: date


class ReceiveNotice(Command):
    """Acknowledge receipt of the notice; publication within working days is counted from it. Article 11(6)."""

    inspection: InspectionId
    received_on: date
    how: Manner = Manner.IN_PERSON


class PublishNotice(Command):
    """Publish the notice in the unit's department and system, and tell the team so. Article 11(6)."""

    inspection: InspectionId
    published_on: date
    account: Content


class EnterUnit(Command):
    """Enter the unit; on-site power begins. Article 12."""

    inspection: InspectionId
    entered_on: date


class EndInspection(Command):
    """End the inspection at the unit; on-site power ends with that day. Articles 12, 16."""

    inspection: InspectionId
    ended_on: date


class InspectionAssigned(Fact):
    """A unit was given to a team in a round. Articles 10, 11(2)."""

    label: ClassVar[Label] = Label.INSPECTION
    kind: Literal["inspection.assigned.v1"] = "inspection.assigned.v1"
    inspection: InspectionId
    round: RoundId
    team: TeamId
    unit: BodyId


class NoticeServed(Fact):
    """The notice of inspection was served on named persons of the unit. Article 11(6)."""

    label: ClassVar[Label] = Label.INSPECTION
    kind: Literal["inspection.notice-served.v1"] = "inspection.notice-served.v1"
    inspection: InspectionId
    round: RoundId
    unit: BodyId
    served_on: date
    recipients: tuple[PersonId, ...]
    how: Manner
    content: Content
    from_on: date
    until_on: date


class NoticeReceived(Fact):
    """The unit received the notice; what it owes from here on. Article 11(6)."""

    label: ClassVar[Label] = Label.INSPECTION
    kind: Literal["inspection.notice-received.v1"] = "inspection.notice-received.v1"
    inspection: InspectionId
    round: RoundId
    unit: BodyId
    received_by: PersonId
    received_on: date
    how: Manner
    publication: Obligation | None = None


class NoticePublished(Fact):
    """The unit published the notice and told the team how. Article 11(6)."""

    label: ClassVar[Label] = Label.INSPECTION
    kind: Literal["inspection.notice-published.v1"] = "inspection.notice-published.v1"
    inspection: InspectionId
    round: RoundId
    unit: BodyId
    published_on: date
    account: Content


class UnitEntered(Fact):
    """The team entered the unit. Article 12."""

    label: ClassVar[Label] = Label.INSPECTION
    kind: Literal["inspection.entered.v1"] = "inspection.entered.v1"
    inspection: InspectionId
    round: RoundId
    unit: BodyId
    entered_on: date


class InspectionEnded(Fact):
    """The inspection at the unit ended; what the team owes from here on. Articles 12, 16."""

    label: ClassVar[Label] = Label.INSPECTION
    kind: Literal["inspection.ended.v1"] = "inspection.ended.v1"
    inspection: InspectionId
    round: RoundId
    unit: BodyId
    ended_on: date
    report: Obligation | None = None


InspectionFact = InspectionAssigned | NoticeServed | NoticeReceived | NoticePublished | UnitEntered | InspectionEnded


@dataclass(frozen=True)
class Inspection:
    """What decisions need of an inspection."""

    round: str
    team: str
    unit: str
    notice_on: date | None = None
    received_on: date | None = None
    published_on: date | None = None
    entered_on: date | None = None
    ended_on: date | None = None


def assign(state: Inspection | None, inspection: str, *, round_: str, team: str, unit: str) -> list[InspectionFact]:
    if state is not None:
        return []
    return [InspectionAssigned(inspection=inspection, round=round_, team=team, unit=unit)]


def serve_notice(
    state: Inspection, command: ServeNotice, *, duty: str, of_the_unit: Collection[str]
) -> list[InspectionFact]:
    """`of_the_unit`: those of the recipients who held a post there on that day."""
    rules.led_by_the_leader.demand(duty)
    rules.notice_once.demand(state.notice_on is not None)
    rules.delivered_to_named_persons.demand(command.recipients, of_the_unit, path="recipients")
    rules.delivered_in_writing.demand(command.how, path="how")
    rules.notice_period_runs_forward.demand(command.from_on, command.until_on, path="until_on")
    return [
        NoticeServed(
            inspection=command.inspection,
            round=state.round,
            unit=state.unit,
            served_on=command.served_on,
            recipients=command.recipients,
            how=command.how,
            content=command.content,
            from_on=command.from_on,
            until_on=command.until_on,
        )
    ]


def receive_notice(
    state: Inspection, command: ReceiveNotice, *, received_by: str, publication: Obligation | None
) -> list[InspectionFact]:
    rules.notice_before_receipt.demand(state.notice_on is not None, state.received_on is not None)
    rules.receipt_not_before_service.demand(state.notice_on, command.received_on, path="received_on")
    return [
        NoticeReceived(
            inspection=command.inspection,
            round=state.round,
            unit=state.unit,
            received_by=received_by,
            received_on=command.received_on,
            how=command.how,
            publication=publication,
        )
    ]


def publish_notice(state: Inspection, command: PublishNotice) -> list[InspectionFact]:
    rules.received_before_published.demand(state.received_on is not None)
    rules.published_once.demand(state.published_on is not None)
    rules.publication_not_before_receipt.demand(state.received_on, command.published_on, path="published_on")
    return [
        NoticePublished(
            inspection=command.inspection,
            round=state.round,
            unit=state.unit,
            published_on=command.published_on,
            account=command.account,
        )
    ]


def enter(state: Inspection, command: EnterUnit, *, duty: str) -> list[InspectionFact]:
    rules.led_by_the_leader.demand(duty)
    rules.entry_once.demand(state.entered_on is not None)
    rules.entry_only_after_notice.demand(state.notice_on, command.entered_on, path="entered_on")
    return [
        UnitEntered(inspection=command.inspection, round=state.round, unit=state.unit, entered_on=command.entered_on)
    ]


def end(
    state: Inspection, command: EndInspection, *, duty: str, report: Obligation | None = None
) -> list[InspectionFact]:
    """`report`: the inspection report owed to the office, counted from this end."""
    rules.led_by_the_leader.demand(duty)
    rules.end_only_after_entry.demand(state.entered_on, state.ended_on is not None, command.ended_on, path="ended_on")
    return [
        InspectionEnded(
            inspection=command.inspection,
            round=state.round,
            unit=state.unit,
            ended_on=command.ended_on,
            report=report,
        )
    ]


def evolve(state: Inspection | None, fact: InspectionFact) -> Inspection:
    if isinstance(fact, InspectionAssigned):
        return Inspection(fact.round, fact.team, fact.unit)
    assert state is not None  # noqa: S101  an inspection's stream begins with its assignment
    match fact:
        case NoticeServed():
            return replace(state, notice_on=fact.served_on)
        case NoticeReceived():
            return replace(state, received_on=fact.received_on)
        case NoticePublished():
            return replace(state, published_on=fact.published_on)
        case UnitEntered():
            return replace(state, entered_on=fact.entered_on)
        case InspectionEnded():
            return replace(state, ended_on=fact.ended_on)
        case _:
            assert_never(fact)


INSPECTIONS: Aggregate[Inspection] = Aggregate("inspection", evolve)
