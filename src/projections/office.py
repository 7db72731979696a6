"""What the office sees: procedure, due dates, what reached it. Of live petitions and clues the status only."""

from datetime import date
from typing import Any

from domain.bodies import BodyRegistered
from domain.clues import (
    ClueRegistered,
    ClueReported,
    ClueTransferred,
    DisposalDecided,
    DisposalProposed,
)
from domain.inspections import (
    InspectionAssigned,
    InspectionEnded,
    NoticePublished,
    NoticeReceived,
    NoticeServed,
    UnitEntered,
)
from domain.kernel import Content, Entry, Value
from domain.people import PersonAppointed, PersonAppointmentEnded, PersonRegistered, PersonSignInLinked
from domain.petitions import PetitionHandled, PetitionInstructed, PetitionRegistered
from domain.recusals import RecusalDecided, RecusalDeclared
from domain.rounds import (
    Assignment,
    MandateEnded,
    MandateGranted,
    PlanApproved,
    PlannedUnit,
    PlanReturned,
    PlanSubmitted,
    RoundOpened,
    TeamFormed,
)
from domain.transfers import TransferAnswered, TransferMade, TransferReceived
from projections.rows import Due, Row, met, step_of
from projections.shelf import View

OFFICE = ("office",)


def of_stream(entry: Entry[Any]) -> str:
    """The row is the entry's stream."""
    return entry.stream


class BodyRow(Row):
    """A body of the registry. Articles 3, 4, 8, 17. **Source** `body.registered`."""

    name: Content
    standing: str | None
    category: str | None
    organ_class: str | None


def body_row(fact: BodyRegistered, entry: Entry[Any], readers: tuple[str, ...]) -> BodyRow:
    """A body as a row for these readers."""
    return BodyRow(
        id=fact.body,
        readers=readers,
        order=fact.body,
        steps=(step_of(entry),),
        name=fact.name,
        standing=fact.standing,
        category=fact.category,
        organ_class=fact.organ_class,
    )


def bodies(row: BodyRow | None, entry: Entry[Any]) -> BodyRow | None:
    match entry.fact:
        case BodyRegistered() as fact:
            return body_row(fact, entry, OFFICE)
    return row


class AppointmentItem(Value):
    """A post held, both days included. Article 3."""

    id: str
    body: str
    post: str
    from_on: date
    until_on: date | None


class PersonRow(Row):
    """A person, the posts held, and whether a sign-in is linked. Articles 3 to 5. **Source** `person.*`."""

    name: Content
    home_body: str | None
    appointments: tuple[AppointmentItem, ...] = ()
    signs_in: bool = False


def people(row: PersonRow | None, entry: Entry[Any]) -> PersonRow | None:
    fact = entry.fact
    if isinstance(fact, PersonRegistered):
        return PersonRow(
            id=fact.person,
            readers=OFFICE,
            order=fact.person,
            steps=(step_of(entry),),
            name=fact.name,
            home_body=fact.home_body,
        )
    if row is None:
        return None
    match fact:
        case PersonSignInLinked():
            return row.then(entry, signs_in=True)
        case PersonAppointed():
            made = AppointmentItem(
                id=fact.appointment,
                body=fact.body,
                post=fact.post,
                from_on=fact.from_on,
                until_on=fact.until_on,
            )
            return row.then(entry, appointments=(*row.appointments, made))
        case PersonAppointmentEnded():
            ended = tuple(
                a.model_copy(update={"until_on": fact.ended_on}) if a.id == fact.appointment else a
                for a in row.appointments
            )
            return row.then(entry, appointments=ended)
    return row


class TeamItem(Value):
    """A team of the round and its units. Article 11(2)."""

    id: str
    name: Content
    assignments: tuple[Assignment, ...]


class RoundRow(Row):
    """A round, its plan and its teams. Articles 3(2), 11. **Source** `round.*`."""

    year: int
    number: int
    title: Content
    status: str
    plan: int | None = None
    tasks: Content | None = None
    units: tuple[PlannedUnit, ...] = ()
    ways: tuple[str, ...] = ()
    from_on: date | None = None
    until_on: date | None = None
    edition: str | None = None
    approved_on: date | None = None
    teams: tuple[TeamItem, ...] = ()


def rounds_for(readers: tuple[str, ...]) -> Any:
    """The rounds as rows for these readers."""

    def rounds(row: RoundRow | None, entry: Entry[Any]) -> RoundRow | None:
        fact = entry.fact
        if isinstance(fact, RoundOpened):
            return RoundRow(
                id=fact.round,
                readers=readers,
                order=f"{fact.year:04d}/{fact.number:04d}",
                steps=(step_of(entry),),
                year=fact.year,
                number=fact.number,
                title=fact.title,
                status="opened",
            )
        if row is None:
            return None
        match fact:
            case PlanSubmitted():
                return row.then(
                    entry,
                    status="plan_submitted",
                    plan=fact.plan,
                    tasks=fact.tasks,
                    units=fact.units,
                    ways=fact.ways,
                    from_on=fact.from_on,
                    until_on=fact.until_on,
                )
            case PlanApproved():
                return row.then(entry, status="plan_approved", approved_on=fact.approved_on, edition=fact.edition)
            case PlanReturned():
                return row.then(entry, status="plan_returned")
            case TeamFormed():
                team = TeamItem(id=fact.team, name=fact.name, assignments=fact.assignments)
                return row.then(entry, teams=(*row.teams, team))
        return row

    return rounds


def round_key(entry: Entry[Any]) -> str | None:
    """Rounds, but not each mandate given in them: those are rows of their own."""
    match entry.fact:
        case RoundOpened() | PlanSubmitted() | PlanApproved() | PlanReturned() | TeamFormed():
            return entry.stream
    return None


class MandateRow(Row):
    """A mandate and its terms. Article 5. **Source** `round.mandate-granted`, `round.mandate-ended`."""

    round: str
    team: str
    person: str
    duty: str
    units: tuple[str, ...]
    powers: tuple[str, ...]
    from_on: date
    until_on: date
    granted_by: str


def mandates_for(readers: Any) -> Any:
    """The mandates as rows; `readers` says who reads one."""

    def mandates(row: MandateRow | None, entry: Entry[Any]) -> MandateRow | None:
        match entry.fact:
            case MandateGranted() as fact:
                return MandateRow(
                    id=fact.mandate,
                    readers=readers(fact),
                    order=f"{fact.from_on.isoformat()}/{fact.mandate}",
                    steps=(step_of(entry),),
                    round=fact.round,
                    team=fact.team,
                    person=fact.person,
                    duty=fact.duty,
                    units=fact.units,
                    powers=fact.powers,
                    from_on=fact.from_on,
                    until_on=fact.until_on,
                    granted_by=fact.granted_by,
                )
            case MandateEnded() as fact if row is not None:
                return row.then(entry, until_on=min(row.until_on, fact.ended_on))
        return row

    return mandates


def mandate_key(entry: Entry[Any]) -> str | None:
    match entry.fact:
        case MandateGranted() | MandateEnded() as fact:
            return fact.mandate
    return None


class InspectionRow(Row):
    """An inspection: one unit, one round, one team. Articles 11(6), 12, 16. **Source** `inspection.*`."""

    round: str
    team: str
    unit: str
    status: str
    notice_on: date | None = None
    notice: Content | None = None
    from_on: date | None = None
    until_on: date | None = None
    received_on: date | None = None
    publication: Due | None = None
    published: Content | None = None
    entered_on: date | None = None
    ended_on: date | None = None
    report_due: Due | None = None


def inspections_for(readers: Any) -> Any:
    """The inspections as rows; `readers` says who reads one."""

    def inspections(row: InspectionRow | None, entry: Entry[Any]) -> InspectionRow | None:
        fact = entry.fact
        if isinstance(fact, InspectionAssigned):
            return InspectionRow(
                id=fact.inspection,
                readers=readers(fact),
                order=fact.inspection,
                steps=(step_of(entry),),
                round=fact.round,
                team=fact.team,
                unit=fact.unit,
                status="assigned",
            )
        if row is None:
            return None
        match fact:
            case NoticeServed():
                return row.then(
                    entry,
                    status="notice_served",
                    notice_on=fact.served_on,
                    notice=fact.content,
                    from_on=fact.from_on,
                    until_on=fact.until_on,
                )
            case NoticeReceived():
                due = Due(obligation=fact.publication) if fact.publication else None
                return row.then(entry, received_on=fact.received_on, publication=due)
            case NoticePublished():
                return row.then(entry, published=fact.account, publication=met(row.publication, fact.published_on))
            case UnitEntered():
                return row.then(entry, status="entered", entered_on=fact.entered_on)
            case InspectionEnded():
                owed = Due(obligation=fact.report) if fact.report else None
                return row.then(entry, status="ended", ended_on=fact.ended_on, report_due=owed)
        return row

    return inspections


def inspection_key(entry: Entry[Any]) -> str | None:
    match entry.fact:
        case (
            InspectionAssigned()
            | NoticeServed()
            | NoticeReceived()
            | NoticePublished()
            | UnitEntered()
            | InspectionEnded()
        ):
            return entry.stream
    return None


class RecusalRow(Row):
    """A recusal from a unit: declared, decided. Article 23. **Source** `recusal.*`."""

    round: str
    inspection: str
    unit: str
    person: str
    grounds: tuple[str, ...]
    statement: Content | None
    declared_on: date
    outcome: str | None = None
    reason: Content | None = None
    decided_on: date | None = None


def recusals_for(readers: Any) -> Any:
    """The recusals as rows; `readers` says who reads one."""

    def recusals(row: RecusalRow | None, entry: Entry[Any]) -> RecusalRow | None:
        match entry.fact:
            case RecusalDeclared() as fact:
                made = RecusalRow(
                    id=fact.recusal,
                    readers=readers(fact),
                    order=f"{fact.declared_on.isoformat()}/{fact.recusal}",
                    steps=row.steps if row else (),
                    round=fact.round,
                    inspection=fact.inspection,
                    unit=fact.unit,
                    person=fact.person,
                    grounds=fact.grounds,
                    statement=fact.statement,
                    declared_on=fact.declared_on,
                    outcome=row.outcome if row else None,
                )
                return made.then(entry)
            case RecusalDecided() as fact if row is not None:
                return row.then(entry, outcome=fact.outcome, reason=fact.reason, decided_on=fact.decided_on)
        return row

    return recusals


def recusal_key(entry: Entry[Any]) -> str | None:
    match entry.fact:
        case RecusalDeclared() | RecusalDecided() as fact:
            return fact.recusal
    return None


class PetitionStatusRow(Row):
    """A petition as the office sees it while it is live: that it is, and where it stands. Article 13."""

    round: str
    inspection: str
    unit: str
    number: int
    status: str
    received_on: date
    way: str | None = None


def petition_statuses(row: PetitionStatusRow | None, entry: Entry[Any]) -> PetitionStatusRow | None:
    fact = entry.fact
    if isinstance(fact, PetitionRegistered):
        return PetitionStatusRow(
            id=fact.petition,
            readers=OFFICE,
            order=f"{fact.round}/{fact.number:06d}",
            steps=(step_of(entry),),
            round=fact.round,
            inspection=fact.inspection,
            unit=fact.unit,
            number=fact.number,
            status="registered",
            received_on=fact.received_on,
        )
    if row is None:
        return None
    match fact:
        case PetitionInstructed():
            return row.then(entry, status="instructed")
        case PetitionHandled():
            return row.then(entry, status="handled", way=fact.way)
    return row


def petition_key(entry: Entry[Any]) -> str | None:
    match entry.fact:
        case PetitionRegistered() | PetitionInstructed() | PetitionHandled():
            return entry.stream
    return None


class OfficeClueRow(Row):
    """A clue as the office sees it: its status; what it says, once it was reported. Articles 14, 17.

    **Source** `clue.*`.
    """

    round: str
    inspection: str
    unit: str
    status: str
    registered_on: date
    report: Content | None = None
    reported_on: date | None = None
    paper: Content | None = None
    reason: Content | None = None
    disposal_class: str | None = None
    organ: str | None = None
    summoned: tuple[str, ...] = ()
    proposed_on: date | None = None
    decided_on: date | None = None
    conclusion: Content | None = None
    transfer: str | None = None


def clues(row: OfficeClueRow | None, entry: Entry[Any]) -> OfficeClueRow | None:
    fact = entry.fact
    if isinstance(fact, ClueRegistered):
        return OfficeClueRow(
            id=fact.clue,
            readers=OFFICE,
            withheld_from=fact.concerned,
            order=f"{fact.registered_on.isoformat()}/{fact.clue}",
            steps=(step_of(entry),),
            round=fact.round,
            inspection=fact.inspection,
            unit=fact.unit,
            status="registered",
            registered_on=fact.registered_on,
        )
    if row is None:
        return None
    match fact:
        case ClueReported():
            return row.then(entry, status="reported", report=fact.report, reported_on=fact.reported_on)
        case DisposalProposed():
            return row.then(
                entry,
                status="disposal_proposed",
                paper=fact.paper,
                reason=fact.reason,
                disposal_class=fact.disposal_class,
                organ=fact.organ,
                summoned=fact.summoned,
                proposed_on=fact.proposed_on,
            )
        case DisposalDecided():
            return row.then(
                entry,
                status="disposal_decided",
                disposal_class=fact.disposal_class,
                organ=fact.organ,
                decided_on=fact.decided_on,
                conclusion=fact.conclusion,
            )
        case ClueTransferred():
            return row.then(entry, status="transferred", transfer=fact.transfer)
    return row


def clue_key(entry: Entry[Any]) -> str | None:
    match entry.fact:
        case ClueRegistered() | ClueReported() | DisposalProposed() | DisposalDecided() | ClueTransferred():
            return entry.stream
    return None


class TransferRow(Row):
    """A transfer, its receipt, its due answer. Article 17. **Source** `transfer.*`."""

    unit: str
    organ: str
    disposal_class: str
    status: str
    material: Content
    transferred_on: date
    received_on: date | None = None
    answer_due: Due | None = None
    handling: str | None = None
    account: Content | None = None
    answered_on: date | None = None


class OfficeTransferRow(TransferRow):
    """A transfer as the office follows it up: with its round and clue. Article 17."""

    round: str
    clue: str


def after_receipt(row: Any, entry: Entry[Any]) -> Any:
    """A transfer's row after receipt and answer: the same for the office and the organ."""
    match entry.fact:
        case TransferReceived() as fact:
            due = Due(obligation=fact.answer) if fact.answer else None
            return row.then(entry, status="received", received_on=fact.received_on, answer_due=due)
        case TransferAnswered() as fact:
            return row.then(
                entry,
                status="answered",
                handling=fact.handling,
                account=fact.account,
                answered_on=fact.answered_on,
                answer_due=met(row.answer_due, fact.answered_on),
            )
    return row


def transfer_fields(fact: TransferMade, entry: Entry[Any]) -> dict[str, Any]:
    """What the office's and the organ's row of a transfer share."""
    return {
        "id": fact.transfer,
        "order": f"{fact.transferred_on.isoformat()}/{fact.transfer}",
        "steps": (step_of(entry),),
        "unit": fact.unit,
        "organ": fact.organ,
        "disposal_class": fact.disposal_class,
        "status": "made",
        "material": fact.material,
        "transferred_on": fact.transferred_on,
        "withheld_from": fact.withheld_from or (),
    }


def transfers(row: OfficeTransferRow | None, entry: Entry[Any]) -> OfficeTransferRow | None:
    match entry.fact:
        case TransferMade() as fact:
            shared = transfer_fields(fact, entry)
            return OfficeTransferRow(**shared, readers=OFFICE, round=fact.round, clue=fact.clue)
    made: OfficeTransferRow | None = after_receipt(row, entry) if row else None
    return made


def transfer_key(entry: Entry[Any]) -> str | None:
    match entry.fact:
        case TransferMade() | TransferReceived() | TransferAnswered():
            return entry.stream
    return None


def body_key(entry: Entry[Any]) -> str | None:
    return entry.stream if isinstance(entry.fact, BodyRegistered) else None


def person_key(entry: Entry[Any]) -> str | None:
    match entry.fact:
        case PersonRegistered() | PersonSignInLinked() | PersonAppointed() | PersonAppointmentEnded():
            return entry.stream
    return None


def _office(_: Any) -> tuple[str, ...]:
    return OFFICE


VIEWS = (
    View("office_bodies", BodyRow, body_key, bodies, ("category", "organ_class", "standing")),
    View("office_people", PersonRow, person_key, people, ("home_body",)),
    View("office_rounds", RoundRow, round_key, rounds_for(OFFICE), ("status", "year")),
    View("office_mandates", MandateRow, mandate_key, mandates_for(_office), ("round", "team", "person", "duty")),
    View(
        "office_inspections",
        InspectionRow,
        inspection_key,
        inspections_for(_office),
        ("round", "unit", "status"),
    ),
    View(
        "office_recusals",
        RecusalRow,
        recusal_key,
        recusals_for(_office),
        ("round", "unit", "person", "outcome"),
    ),
    View("office_petitions", PetitionStatusRow, petition_key, petition_statuses, ("round", "unit", "status")),
    View("office_clues", OfficeClueRow, clue_key, clues, ("round", "unit", "status")),
    View("office_transfers", OfficeTransferRow, transfer_key, transfers, ("round", "unit", "organ", "status")),
)
