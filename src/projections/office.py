"""What the office sees: procedure, due dates, what reached it. Of live petitions and clues the status only."""

from datetime import date
from typing import Any, Literal, cast

from domain.clues import ClueRegistered, ClueReleased, ClueReported, ClueReportedDirectly
from domain.disposals import (
    DisposalCarriedOut,
    DisposalDayCorrected,
    DisposalDecided,
    DisposalProposed,
    DisposalReturned,
)
from domain.early_transfers import EarlyTransferCarriedOut, EarlyTransferProposed, EarlyTransferReturned
from domain.hearings import TeamHeard
from domain.kernel import Content, DayOf, Entry, Value
from domain.people import (
    PersonAppointed,
    PersonAppointmentEnded,
    PersonAppointmentWithdrawn,
    PersonRegistered,
    PersonSignInLinked,
    PersonSignInUnlinked,
)
from domain.petitions import (
    PetitionDayCorrected,
    PetitionHandled,
    PetitionInstructed,
    PetitionRegistered,
    PetitionReturned,
)
from domain.problems import ProblemReported, kept_from
from domain.recusals import Outcome, RecusalDecided
from domain.rounds import MandateGranted
from domain.rulebook.posts import NEEDED_DUTIES
from domain.transfers import Basis, TransferMade
from projections import feedback, reports
from projections.archives import (
    FileRow,
    PeriodicReportRow,
    ReporterRow,
    file_key,
    files_for,
    periodic_report_key,
    periodic_reports_for,
    reporter_key,
    reporters_for,
)
from projections.board import BoardRow, board, board_key
from projections.deliveries import DeliveryRow, deliveries_for, delivery_key, of_the_office
from projections.duties import duties_view
from projections.duties import of_the_office as duties_of_the_office
from projections.guidance import guidance_view
from projections.matters import (
    BodyRow,
    EarlyTransferRow,
    InspectionRow,
    MandateRow,
    RecusalRequestToDecideRow,
    RecusalRow,
    RoundRow,
    TransferRow,
    after_making,
    also_withheld,
    bodies_for,
    body_key,
    early_transfer_key,
    early_transfers_for,
    inspection_key,
    inspections_for,
    mandate_key,
    mandates_for,
    petition_key,
    recusal_key,
    recusal_request_keys,
    recusal_requests_for,
    recusals_for,
    round_key,
    rounds_for,
    transfer_fields,
    transfer_key,
)
from projections.preparation import (
    NominationRow,
    TeamPlanRow,
    TrainingRow,
    nomination_key,
    nominations_for,
    team_plan_key,
    team_plans_for,
    training_key,
    trainings_for,
)
from projections.publications import (
    OpennessRow,
    PublicationRow,
    openness_for,
    openness_key,
    publication_key,
    publications_for,
)
from projections.rectifications import RectificationRow, rectification_key, rectifications_for
from projections.rows import Correctable, Row, step_of
from projections.shelf import View

OFFICE = ("office",)


class AppointmentItem(Value):
    """A post held, both days included. Article 3."""

    id: str
    body: str
    post: str
    from_on: date
    until_on: date | None


class PersonRow(Row):
    """A person, the posts held, and how many sign-ins are linked. Articles 3 to 5. **Source** `person.*`."""

    name: Content
    home_body: str | None
    appointments: tuple[AppointmentItem, ...] = ()
    sign_ins: int = 0


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
            return row.then(entry, sign_ins=row.sign_ins + 1)
        case PersonSignInUnlinked():
            return row.then(entry, sign_ins=row.sign_ins - 1)
        case PersonAppointmentWithdrawn():
            held = tuple(a for a in row.appointments if a.id != fact.appointment)
            return row.then(entry, appointments=held)
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


def person_key(entry: Entry[Any]) -> str | None:
    match entry.fact:
        case (
            PersonRegistered()
            | PersonSignInLinked()
            | PersonSignInUnlinked()
            | PersonAppointed()
            | PersonAppointmentEnded()
            | PersonAppointmentWithdrawn()
        ):
            return entry.stream
    return None


class PetitionStatusRow(Correctable):
    """A petition as the office sees it while it is live: that it is, and where it stands. Article 13.

    Not how it was handled: so one that became a clue reported past the office looks like any other (Art. 14).
    """

    round: str
    inspection: str
    unit: str
    number: int
    status: str
    received_on: date


def petition_statuses(row: PetitionStatusRow | None, entry: Entry[Any]) -> PetitionStatusRow | None:
    fact = entry.fact
    if isinstance(fact, PetitionRegistered):
        return PetitionStatusRow(
            id=fact.petition,
            readers=OFFICE,
            withheld_from=fact.concerned or (),
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
            return row.then(entry, status="handled")
        case PetitionReturned():
            # Who returned it would tell where it went.
            return row.model_copy(update={"status": "instructed"})
        case PetitionDayCorrected():
            received = fact.corrected.day_of is DayOf.PETITION_RECEIVED
            return row.corrected(entry, received_on=fact.corrected.day if received else row.received_on)
    return row


class OfficeClueRow(Row):
    """A clue as the office sees it: its status; what it says, once it was reported or released. Articles 14, 17.

    One kept for a direct report does not stand here until its addressee releases it. From first knowledge to report:
    both days, once it reached the office. **Source** `clue.*`, and the steps of its disposal.
    """

    round: str
    inspection: str
    unit: str
    status: str
    registered_on: date
    report: Content | None = None
    major_problem: str | None = None
    first_known_on: date | None = None
    reported_on: date | None = None
    released_on: date | None = None
    instruction: Content | None = None
    transfer: str | None = None


def clues(row: OfficeClueRow | None, entry: Entry[Any]) -> OfficeClueRow | None:
    fact = entry.fact
    match fact:
        case ClueReportedDirectly():
            return None
        case ClueRegistered() if not fact.restricted:
            return _clue(fact, entry, "registered")
        case ClueReleased():
            return _clue(fact, entry, "reported").model_copy(
                update={
                    "report": fact.report,
                    "major_problem": fact.major_problem,
                    "first_known_on": fact.first_known_on,
                    "reported_on": fact.reported_on,
                    "released_on": fact.released_on,
                    "instruction": fact.instruction,
                }
            )
    if row is None:
        return None
    match fact:
        case ClueReported():
            return row.then(
                entry,
                # One transferred during the inspection is reported afterwards like any other.
                status="reported" if row.status == "registered" else row.status,
                report=fact.report,
                major_problem=fact.major_problem,
                first_known_on=fact.first_known_on,
                reported_on=fact.reported_on,
            )
        case DisposalProposed():
            return row.then(entry, status="disposal_proposed")
        case DisposalDecided():
            return row.then(entry, status="disposal_decided")
        case DisposalCarriedOut() | EarlyTransferCarriedOut():
            return row.then(entry, status="transferred", transfer=fact.transfer)
        case DisposalReturned() | EarlyTransferReturned():
            return row.then(entry, status="returned")
    return row


def _clue(fact: ClueRegistered | ClueReleased, entry: Entry[Any], status: str) -> OfficeClueRow:
    return OfficeClueRow(
        id=fact.clue,
        readers=OFFICE,
        withheld_from=fact.concerned,
        order=f"{fact.registered_on.isoformat()}/{fact.clue}",
        steps=(step_of(entry),),
        round=fact.round,
        inspection=fact.inspection,
        unit=fact.unit,
        status=status,
        registered_on=fact.registered_on,
    )


def clue_key(entry: Entry[Any]) -> str | None:
    match entry.fact:
        case ClueRegistered() | ClueReported() | ClueReportedDirectly() | ClueReleased():
            return entry.stream
        case DisposalProposed() | DisposalDecided() | DisposalCarriedOut() | DisposalReturned() as fact:
            return fact.item if fact.item.startswith("clue:") else None
        case EarlyTransferCarriedOut() | EarlyTransferReturned() as fact:
            return fact.clue
    return None


class OfficeDisposalRow(Correctable):
    """The disposal of an item: proposed, decided, carried out; anew where it was returned. Article 17.

    **Source** `disposal.*`.
    """

    round: str
    inspection: str
    unit: str
    status: str
    paper: Content
    reason: Content
    disposal_class: str
    organ: str
    summoned: tuple[str, ...]
    proposed_on: date
    attendees: tuple[str, ...] = ()
    conclusion: Content | None = None
    decided_on: date | None = None
    transfer: str | None = None
    returned_on: date | None = None


def disposals(row: OfficeDisposalRow | None, entry: Entry[Any]) -> OfficeDisposalRow | None:
    fact = entry.fact
    if isinstance(fact, DisposalProposed):
        return OfficeDisposalRow(
            id=fact.item,
            readers=OFFICE,
            withheld_from=kept_from(fact.item, fact.unit, fact.concerned),
            order=f"{fact.proposed_on.isoformat()}/{fact.item}",
            steps=(*(row.steps if row else ()), step_of(entry)),
            round=fact.round,
            inspection=fact.inspection,
            unit=fact.unit,
            status="proposed",
            paper=fact.paper,
            reason=fact.reason,
            disposal_class=fact.disposal_class,
            organ=fact.organ,
            summoned=fact.summoned,
            proposed_on=fact.proposed_on,
        )
    if row is None:
        return None
    match fact:
        case DisposalDecided():
            return row.then(
                entry,
                status="decided",
                disposal_class=fact.disposal_class,
                organ=fact.organ,
                attendees=fact.attendees,
                conclusion=fact.conclusion,
                decided_on=fact.decided_on,
            )
        case DisposalCarriedOut():
            return row.then(entry, status="transferred", transfer=fact.transfer)
        case DisposalReturned():
            return row.then(entry, status="returned", returned_on=fact.returned_on)
        case DisposalDayCorrected():
            return row.corrected(entry, decided_on=fact.corrected.day)
        case ProblemReported():
            return also_withheld(row, fact.withheld_from)
    return row


def disposal_key(entry: Entry[Any]) -> str | None:
    match entry.fact:
        case ProblemReported() as fact:
            return fact.problem
        case DisposalProposed() | DisposalDecided() | DisposalCarriedOut() | DisposalReturned() as fact:
            return fact.item
        case DisposalDayCorrected() as fact:
            return fact.item
    return None


class HearingRow(Row):
    """A hearing of a team on its inspection of a unit: who was there, and what it said. Article 17.

    **Source** `hearing.held`.
    """

    round: str
    inspection: str
    team: str
    unit: str
    attendees: tuple[str, ...]
    account: Content
    heard_on: date


def hearings(row: HearingRow | None, entry: Entry[Any]) -> HearingRow | None:
    match entry.fact:
        case TeamHeard() as fact:
            return HearingRow(
                id=fact.hearing,
                readers=OFFICE,
                order=f"{fact.heard_on.isoformat()}/{fact.hearing}",
                steps=(step_of(entry),),
                round=fact.round,
                inspection=fact.inspection,
                team=fact.team,
                unit=fact.unit,
                attendees=fact.attendees,
                account=fact.account,
                heard_on=fact.heard_on,
            )
    return row


def hearing_key(entry: Entry[Any]) -> str | None:
    return entry.fact.hearing if isinstance(entry.fact, TeamHeard) else None


def _of_early_transfer(_: EarlyTransferProposed) -> tuple[str, ...]:
    return OFFICE


def _nobody(_: ClueReportedDirectly) -> tuple[str, ...]:
    return ()


class OfficeTransferRow(TransferRow):
    """A transfer as the office follows it up: with its round and what was transferred. Articles 15, 17.

    What a team passed on itself does not stand here. **Source** `transfer.*`.
    """

    round: str
    inspection: str
    item: str
    basis: str


def transfers(row: OfficeTransferRow | None, entry: Entry[Any]) -> OfficeTransferRow | None:
    match entry.fact:
        case TransferMade(basis=Basis.PASSED_ON):
            return None
        case TransferMade() as fact:
            shared = transfer_fields(fact, entry)
            return OfficeTransferRow(
                **shared,
                readers=OFFICE,
                round=fact.round,
                inspection=fact.inspection,
                item=fact.item,
                basis=fact.basis,
            )
    made: OfficeTransferRow | None = after_making(row, entry) if row else None
    return made


def _office(_: Any) -> tuple[str, ...]:
    return OFFICE


class OfficeMandateRow(MandateRow):
    """A mandate and its terms; whom it replaces and after which recusal, where it does. Articles 5, 23.

    **Source** `round.mandate-granted`, `round.mandate-ended`.
    """

    replaces: str | None = None
    after_recusal: str | None = None


def mandates(row: OfficeMandateRow | None, entry: Entry[Any]) -> OfficeMandateRow | None:
    made = _mandates(row, entry)
    if isinstance(entry.fact, MandateGranted) and made is not None:
        return OfficeMandateRow(**dict(made), replaces=entry.fact.replaces, after_recusal=entry.fact.after_recusal)
    return cast("OfficeMandateRow | None", made)


class OfficeRecusalRow(RecusalRow):
    """A recusal as the office follows it up: whether a duty the team needs is free by it, and who took it over.
    Article 23. **Source** `recusal.*`, `round.mandate-granted`.

    `freed` are the duties the person had at the unit; `wanted` those of them the team needs and no mandate names yet.
    `replacement` is wanted as long as there is one, then named.
    """

    freed: tuple[str, ...] = ()
    wanted: tuple[str, ...] = ()
    replacement: Literal["wanted", "named"] | None = None
    replaced_by: tuple[str, ...] = ()


def recusals(row: OfficeRecusalRow | None, entry: Entry[Any]) -> OfficeRecusalRow | None:
    fact = entry.fact
    if isinstance(fact, MandateGranted):
        wanted = tuple(duty for duty in row.wanted if duty != fact.duty) if row else ()
        named = "wanted" if wanted else "named"
        return row and row.then(entry, wanted=wanted, replacement=named, replaced_by=(*row.replaced_by, fact.person))
    made: OfficeRecusalRow | None = _recusals(row, entry)
    if isinstance(fact, RecusalDecided) and made is not None and fact.outcome is Outcome.UPHELD:
        wanted = tuple(duty for duty in fact.duties or () if duty in NEEDED_DUTIES)
        freed = {"freed": fact.duties or (), "wanted": wanted, "replacement": "wanted" if wanted else None}
        return made.model_copy(update=freed)
    return made


def office_recusal_key(entry: Entry[Any]) -> str | None:
    """A recusal's own facts, and the mandate given after it."""
    if isinstance(entry.fact, MandateGranted):
        return entry.fact.after_recusal
    return recusal_key(entry)


_mandates = mandates_for(_office)
_recusals = recusals_for(_office, OfficeRecusalRow)

VIEWS = (
    View("office_bodies", BodyRow, body_key, bodies_for(lambda _: OFFICE), ("category", "organ_class", "standing")),
    View("office_people", PersonRow, person_key, people, ("home_body",)),
    View("office_rounds", RoundRow, round_key, rounds_for(OFFICE), ("status", "year"), version=2),
    View("office_mandates", OfficeMandateRow, mandate_key, mandates, ("round", "team", "person", "duty"), version=2),
    View(
        "office_inspections",
        InspectionRow,
        inspection_key,
        inspections_for(_office),
        ("round", "unit", "status"),
        version=4,
    ),
    View(
        "office_recusals",
        OfficeRecusalRow,
        office_recusal_key,
        recusals,
        ("round", "unit", "person", "outcome", "replacement"),
        version=3,
    ),
    View(
        "office_recusal_requests",
        RecusalRequestToDecideRow,
        recusal_request_keys,
        recusal_requests_for(_office, decided_here=True),
        ("round", "unit", "person", "outcome"),
        many=True,
        version=2,
    ),
    View(
        "office_petitions", PetitionStatusRow, petition_key, petition_statuses, ("round", "unit", "status"), version=3
    ),
    View("office_clues", OfficeClueRow, clue_key, clues, ("round", "unit", "status")),
    View("office_board", BoardRow, board_key, board, ("round", "unit", "team", "status"), version=6),
    duties_view("office_duties", duties_of_the_office),
    guidance_view("office_guidance", lambda awaited: OFFICE if awaited.known else ()),
    View(
        "office_rectifications",
        RectificationRow,
        rectification_key,
        rectifications_for(RectificationRow, _office),
        ("round", "unit"),
        version=3,
    ),
    View(
        "office_publications",
        PublicationRow,
        publication_key,
        publications_for(_office),
        ("round", "inspection", "unit", "of", "status"),
    ),
    View("office_openness", OpennessRow, openness_key, openness_for(OFFICE), ("round", "unit")),
    View("office_files", FileRow, file_key, files_for(OFFICE), ("round", "status"), version=2, many=True),
    View("office_reporters", ReporterRow, reporter_key, reporters_for(_office), ("round",)),
    View(
        "office_periodic_reports",
        PeriodicReportRow,
        periodic_report_key,
        periodic_reports_for(_office),
        ("round", "team", "of"),
    ),
    *reports.OFFICE_VIEWS,
    *feedback.OFFICE_VIEWS,
    View("office_nominations", NominationRow, nomination_key, nominations_for(_office), ("round", "person")),
    View("office_trainings", TrainingRow, training_key, trainings_for(_office), ("round",)),
    View(
        "office_team_plans", TeamPlanRow, team_plan_key, team_plans_for(_office), ("round", "team", "status"), many=True
    ),
    View(
        "office_deliveries",
        DeliveryRow,
        delivery_key,
        deliveries_for(of_the_office),
        ("round", "occasion", "sender", "unit", "reply_to"),
        version=2,
    ),
    View("office_hearings", HearingRow, hearing_key, hearings, ("round", "inspection", "unit")),
    View("office_disposals", OfficeDisposalRow, disposal_key, disposals, ("round", "unit", "status"), version=4),
    View(
        "office_early_transfers",
        EarlyTransferRow,
        early_transfer_key,
        early_transfers_for(_of_early_transfer, _nobody),
        ("round", "unit", "status"),
    ),
    View(
        "office_transfers",
        OfficeTransferRow,
        transfer_key,
        transfers,
        ("round", "unit", "organ", "item", "status"),
        version=3,
    ),
)
