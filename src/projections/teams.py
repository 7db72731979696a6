"""What a team sees: its own units and duties while the power lives; afterwards the list of one's own acts (Art. 5)."""

from datetime import date
from itertools import chain
from typing import Any

from domain import duties
from domain.archives import file_of
from domain.clues import ClueMadeKnown, ClueRegistered, ClueReleased, ClueReported, ClueReportedDirectly
from domain.duties import Raised
from domain.early_transfers import EarlyTransferProposed
from domain.inspections import InspectionAssigned
from domain.kernel import Content, DayOf, Entry, Label
from domain.petitions import (
    PetitionDayCorrected,
    PetitionHandled,
    PetitionInstructed,
    PetitionRegistered,
    PetitionReturned,
    Scope,
)
from domain.rectifications import RectificationOpened
from domain.recusals import Asker, RecusalRequested
from domain.rounds import MandateGranted
from domain.rulebook import editions
from domain.rulebook.posts import Duty, Power
from domain.trainings import TrainingHeld
from domain.transfers import Basis, TransferMade
from projections import feedback, reports
from projections.archives import (
    ChecklistRow,
    PeriodicReportRow,
    ReporterRow,
    checklist_key,
    checklists_for,
    periodic_report_key,
    periodic_reports_for,
    reporter_key,
    reporters_for,
)
from projections.deliveries import DeliveryRow, deliveries_for, delivery_key, of_the_team
from projections.duties import duties_view
from projections.guidance import Awaited, guidance_view
from projections.matters import (
    BodyRow,
    EarlyTransferRow,
    InspectionRow,
    MandateRow,
    RecusalRequestRow,
    RecusalRow,
    TransferRow,
    after_making,
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
    transfer_fields,
    transfer_key,
)
from projections.preparation import (
    TeamPlanRow,
    TrainingRow,
    of_the_whole_team,
    team_plan_key,
    team_plans_for,
    training_key,
    trainings_for,
    whole_team,
)
from projections.publications import PublicationRow, publication_key, publications_for
from projections.rectifications import RectificationRow, rectification_key, rectifications_for
from projections.rows import Correctable, Row, step_of
from projections.shelf import View


def with_power(inspection: str, power: Power, *whose: str) -> tuple[str, ...]:
    """Identities: whoever has this power at this inspection, and one of these duties or is one of these persons."""
    return tuple(f"{inspection}/{power}/{each}" for each in whose)


def _at_work(inspection: str, *whose: str) -> tuple[str, ...]:
    """While the inspection lasts, and while it is being closed."""
    return (*with_power(inspection, Power.ON_SITE, *whose), *with_power(inspection, Power.CLOSING, *whose))


def _of_inspection(fact: InspectionAssigned) -> tuple[str, ...]:
    return (fact.inspection,)


def _of_mandate(fact: MandateGranted) -> tuple[str, ...]:
    return (fact.person, *whole_team(fact.team))


def _of_recusal(fact: Any) -> tuple[str, ...]:
    leads = (with_power(fact.inspection, power, Duty.LEADER) for power in (Power.PREPARATION, Power.ON_SITE))
    return (fact.person, *chain.from_iterable(leads))


def _attended(fact: TrainingHeld) -> tuple[str, ...]:
    return fact.attendees


def _who_asked(fact: RecusalRequested) -> tuple[str, ...]:
    """Whoever of the team asked, as long as they have part in the unit."""
    if fact.asked_as not in (Asker.LEADER, Asker.TEAM):
        return ()
    return tuple(chain.from_iterable(with_power(fact.inspection, power, fact.asked_by) for power in Power))


class PetitionRow(Correctable):
    """A petition as registrar, leader and handler see it: what it says, never who wrote it. Articles 6(3), 13.

    `late` says that it came after the inspection's end, `scope` whether it is the team's to handle: else it is passed
    on. Of one that became a restricted clue nothing shows but that it was handled.

    The identity behind it is opened for handling only, each time on record, and never stands in a row.
    **Source** `petition.*`.
    """

    round: str
    inspection: str
    unit: str
    number: int
    status: str
    received_on: date
    late: bool
    scope: str
    channel: str
    anonymous: bool
    category: str | None
    content: Content
    summary: Content
    instruction: Content | None = None
    handler: str | None = None
    instructed_on: date | None = None
    way: str | None = None
    organ: str | None = None
    account: Content | None = None
    handled_on: date | None = None
    clue: str | None = None
    transfer: str | None = None


def petitions(row: PetitionRow | None, entry: Entry[Any]) -> PetitionRow | None:
    fact = entry.fact
    if isinstance(fact, PetitionRegistered):
        return PetitionRow(
            id=fact.petition,
            readers=(
                *_at_work(fact.inspection, Duty.LEADER, Duty.DEPUTY_LEADER, Duty.REGISTRAR),
                file_of(fact.inspection),
            ),
            withheld_from=fact.concerned or (),
            order=f"{fact.round}/{fact.number:06d}",
            steps=(step_of(entry),),
            round=fact.round,
            inspection=fact.inspection,
            unit=fact.unit,
            number=fact.number,
            status="registered",
            received_on=fact.received_on,
            late=bool(fact.late),
            scope=fact.scope or Scope.IN_SCOPE,
            channel=fact.channel,
            anonymous=fact.petitioner is None,
            category=fact.category,
            content=fact.content,
            summary=fact.summary,
        )
    if row is None:
        return None
    match fact:
        case PetitionInstructed():
            return row.then(
                entry,
                status="instructed",
                readers=(*(r for r in row.readers if "/person:" not in r), *_at_work(fact.inspection, fact.handler)),
                instruction=fact.instruction,
                handler=fact.handler,
                instructed_on=fact.instructed_on,
            )
        case PetitionHandled() if fact.restricted:
            return row.then(entry, status="handled", handled_on=fact.handled_on)
        case PetitionHandled():
            return row.then(
                entry,
                status="handled",
                way=fact.way,
                organ=fact.organ,
                account=fact.account,
                handled_on=fact.handled_on,
                clue=fact.clue,
                transfer=fact.transfer,
            )
        case PetitionReturned():
            return row.then(entry, status="returned")
        case PetitionDayCorrected() if fact.corrected.day_of is DayOf.PETITION_RECEIVED:
            return row.corrected(entry, received_on=fact.corrected.day, late=bool(fact.late))
        case PetitionDayCorrected():
            return row.corrected(entry, instructed_on=fact.corrected.day)
    return row


class ClueRow(Row):
    """A clue as the team sees it. Articles 9, 13, 14. **Source** `clue.*`.

    A restricted one is read by the leader and whoever registered it; one reported past the office by the leader and
    those let know of it, until it is released.
    """

    round: str
    inspection: str
    unit: str
    status: str
    petitions: tuple[str, ...]
    category: str
    item: str | None
    concerned: tuple[str, ...]
    managed: str
    major_problem: str | None
    restricted: bool
    first_known_on: date
    registered_on: date
    text: Content
    summary: Content
    report: Content | None = None
    reported_on: date | None = None
    reported_to: str | None = None
    special_circumstances: Content | None = None
    released_on: date | None = None


def _on_file(inspection: str, restricted: int | None) -> tuple[str, ...]:
    """Who reads the file once the office has it; a restricted clue is in nobody's file until it is released."""
    return () if restricted else (file_of(inspection),)


def clues(row: ClueRow | None, entry: Entry[Any]) -> ClueRow | None:
    fact = entry.fact
    if isinstance(fact, ClueRegistered):
        duties = (Duty.LEADER,) if fact.restricted else (Duty.LEADER, Duty.DEPUTY_LEADER)
        return ClueRow(
            id=fact.clue,
            readers=(
                *_at_work(fact.inspection, *duties, entry.stamp.doer),
                *_on_file(fact.inspection, fact.restricted),
            ),
            withheld_from=fact.concerned,
            order=f"{fact.registered_on.isoformat()}/{fact.clue}",
            steps=(step_of(entry),),
            round=fact.round,
            inspection=fact.inspection,
            unit=fact.unit,
            status="registered",
            petitions=fact.petitions,
            category=fact.category,
            item=fact.item,
            concerned=fact.concerned,
            managed=fact.managed,
            major_problem=fact.major_problem,
            restricted=bool(fact.restricted),
            first_known_on=fact.first_known_on,
            registered_on=fact.registered_on,
            text=fact.text,
            summary=fact.summary,
        )
    if row is None:
        return None
    match fact:
        case ClueReported():
            return row.then(entry, status="reported", report=fact.report, reported_on=fact.reported_on)
        case ClueReportedDirectly():
            return row.then(
                entry,
                status="reported_directly",
                readers=_at_work(fact.inspection, Duty.LEADER, *fact.named),
                restricted=True,
                report=fact.report,
                reported_on=fact.reported_on,
                reported_to=fact.addressee,
                special_circumstances=fact.special_circumstances,
            )
        case ClueMadeKnown():
            return row.then(entry, readers=(*row.readers, *_at_work(fact.inspection, *fact.persons)))
        case ClueReleased():
            # From here on it is read like any other; what made it special stays with its addressee.
            again = (
                *_at_work(fact.inspection, Duty.LEADER, Duty.DEPUTY_LEADER, row.steps[0].doer),
                file_of(fact.inspection),
            )
            return row.then(
                entry,
                status="released",
                readers=tuple(dict.fromkeys((*row.readers, *again))),
                restricted=False,
                special_circumstances=None,
                released_on=fact.released_on,
            )
    return row


def clue_key(entry: Entry[Any]) -> str | None:
    match entry.fact:
        case ClueRegistered() | ClueReported() | ClueReportedDirectly() | ClueMadeKnown() | ClueReleased():
            return entry.stream
    return None


def _of_early_transfer(fact: EarlyTransferProposed) -> tuple[str, ...]:
    return _at_work(fact.inspection, Duty.LEADER, Duty.DEPUTY_LEADER)


def _leader_only(fact: ClueReportedDirectly) -> tuple[str, ...]:
    return _at_work(fact.inspection, Duty.LEADER)


class PassedOnRow(TransferRow):
    """A petition the team passed on to an organ: what the organ got, its receipt or return. Article 13.

    Read by leader, deputy leader, registrar and whoever passed it on. **Source** `transfer.*`.
    """

    inspection: str
    petition: str


def transfers(row: PassedOnRow | None, entry: Entry[Any]) -> PassedOnRow | None:
    match entry.fact:
        case TransferMade(basis=Basis.PASSED_ON) as fact:
            whose = (Duty.LEADER, Duty.DEPUTY_LEADER, Duty.REGISTRAR, entry.stamp.doer)
            return PassedOnRow(
                **transfer_fields(fact, entry),
                readers=_at_work(fact.inspection, *whose),
                inspection=fact.inspection,
                petition=fact.item,
            )
    made: PassedOnRow | None = after_making(row, entry) if row else None
    return made


class OwnActRow(Row):
    """One of a person's own acts under a mandate: that it was done, not what it said. Article 5 (c)."""

    kind: str
    happened_on: date | None
    mandate: str


def own_acts(row: OwnActRow | None, entry: Entry[Any]) -> OwnActRow | None:
    stamp = entry.stamp
    happened = stamp.happened.earliest()
    return OwnActRow(
        id=str(entry.key),
        readers=(f"acts:{stamp.doer}",),
        order=f"{happened.isoformat() if happened else ''}/{entry.key}",
        steps=(step_of(entry),),
        kind=entry.fact.kind,
        happened_on=happened,
        mandate=stamp.grounds or "",
    )


def own_act_key(entry: Entry[Any]) -> str | None:
    """The first fact of every command a team's member carried out.

    Attempts stay out: one on something hidden would stand here, one on nothing would not.
    """
    if entry.fact.label is Label.ATTEMPT or entry.ordinal != 0:
        return None
    return str(entry.key) if entry.stamp.capacity == "team" and entry.stamp.grounds else None


def _of_checklist(inspection: str) -> tuple[str, ...]:
    """Counts of petitions are for those who see all of them; for the office once it has the file."""
    return (*_at_work(inspection, Duty.LEADER, Duty.DEPUTY_LEADER), file_of(inspection))


def _of_teams_checklist(team: str, inspections: list[str]) -> tuple[str, ...]:
    leads = (_at_work(inspection, Duty.LEADER, Duty.DEPUTY_LEADER) for inspection in inspections)
    return (*chain.from_iterable(leads), file_of(team))


def _supervising(fact: RectificationOpened) -> tuple[str, ...]:
    return with_power(fact.inspection, Power.SUPERVISION, *Duty)


def _of_duty(raised: Raised) -> tuple[str, ...]:
    """What the team owes; and what is owed to it: documents for those who see the request, items for who supervises.

    What a team owes about a unit is for whoever sees that inspection, its file for the whole team: whoever is recused
    from the unit learns neither when its inspection ended nor whether its report is in.
    """
    inspection = raised.inspection or ""
    match raised.name:
        case duties.DOCUMENTS:
            return _at_work(inspection, Duty.LEADER, Duty.DEPUTY_LEADER, raised.doer or "")
        case duties.ITEM:
            return with_power(inspection, Power.SUPERVISION, *Duty)
    if not raised.owed_by.startswith("team:"):
        return ()
    return whole_team(raised.owed_by) if raised.unit is None else (raised.matter,)


def _of_guidance(awaited: Awaited) -> tuple[str, ...]:
    """A clue's is the leader's alone, who answers for it upward (Art. 6(2)); a direct report changes nothing there."""
    match awaited.hope.guidance:
        case editions.CLUE_TO_OFFICE:
            return _at_work(awaited.of, Duty.LEADER)
        case editions.FEEDBACK_GIVEN:
            return with_power(awaited.of, Power.CLOSING, Duty.LEADER, Duty.DEPUTY_LEADER)
    return ()


PETITIONS = View("team_petitions", PetitionRow, petition_key, petitions, ("inspection", "status", "handler"), version=5)
CLUES = View("team_clues", ClueRow, clue_key, clues, ("inspection", "status"), version=3)
CHECKLISTS = View(
    "team_checklists",
    ChecklistRow,
    checklist_key,
    checklists_for(_of_checklist, _of_teams_checklist),
    ("round", "team"),
    version=2,
    many=True,
)
ON_FILE = (PETITIONS, CLUES, CHECKLISTS)
"""The lists that are part of a team's file: the office reads them once it has received it (ADR 23)."""

VIEWS = (
    View("team_bodies", BodyRow, body_key, bodies_for(lambda _: ("team",)), ("category", "organ_class")),
    View("team_mandates", MandateRow, mandate_key, mandates_for(_of_mandate), ("round", "person", "duty"), version=2),
    View(
        "team_inspections",
        InspectionRow,
        inspection_key,
        inspections_for(_of_inspection),
        ("round", "unit", "status"),
        version=4,
    ),
    View("team_recusals", RecusalRow, recusal_key, recusals_for(_of_recusal), ("inspection", "person"), version=4),
    View(
        "team_recusal_requests",
        RecusalRequestRow,
        recusal_request_keys,
        recusal_requests_for(_who_asked),
        ("inspection", "person"),
        many=True,
        version=2,
    ),
    duties_view("team_duties", _of_duty, version=7),
    guidance_view("team_guidance", _of_guidance),
    PETITIONS,
    CLUES,
    CHECKLISTS,
    View(
        "team_rectifications",
        RectificationRow,
        rectification_key,
        rectifications_for(RectificationRow, _supervising),
        ("round", "unit"),
        version=3,
    ),
    View(
        "team_publications",
        PublicationRow,
        publication_key,
        publications_for(lambda fact: (fact.inspection,)),
        ("inspection", "of", "status"),
    ),
    View("team_reporters", ReporterRow, reporter_key, reporters_for(lambda fact: whole_team(fact.team)), version=2),
    View(
        "team_periodic_reports",
        PeriodicReportRow,
        periodic_report_key,
        periodic_reports_for(lambda fact: (fact.reported_by,)),
        ("team", "of"),
    ),
    View("team_trainings", TrainingRow, training_key, trainings_for(_attended), ("round",)),
    View("team_plans", TeamPlanRow, team_plan_key, team_plans_for(of_the_whole_team), ("team", "status"), many=True),
    View(
        "team_deliveries",
        DeliveryRow,
        delivery_key,
        deliveries_for(of_the_team),
        ("occasion", "sender", "unit", "reply_to"),
        version=2,
    ),
    View(
        "team_early_transfers",
        EarlyTransferRow,
        early_transfer_key,
        early_transfers_for(_of_early_transfer, _leader_only),
        ("inspection", "status"),
    ),
    View("team_transfers", PassedOnRow, transfer_key, transfers, ("inspection", "petition", "status"), version=3),
    View("team_own_acts", OwnActRow, own_act_key, own_acts, ("mandate",), version=2),
    *reports.TEAM_VIEWS,
    *feedback.TEAM_VIEWS,
)
