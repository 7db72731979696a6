"""What a team sees: its own units and duties while the power lives; afterwards the list of one's own acts (Art. 5)."""

from datetime import date
from itertools import chain
from typing import Any

from domain.archives import file_of
from domain.bodies import BodyRegistered
from domain.clues import ClueRegistered, ClueReported
from domain.inspections import InspectionAssigned
from domain.kernel import Content, Entry, Label
from domain.petitions import PetitionHandled, PetitionInstructed, PetitionRegistered
from domain.rectifications import RectificationOpened
from domain.recusals import RecusalDeclared
from domain.rounds import MandateGranted
from domain.rulebook.posts import Duty, Power
from domain.trainings import TrainingHeld
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
from projections.matters import (
    BodyRow,
    InspectionRow,
    MandateRow,
    RecusalRow,
    body_key,
    body_row,
    inspection_key,
    inspections_for,
    mandate_key,
    mandates_for,
    petition_key,
    recusal_key,
    recusals_for,
)
from projections.preparation import (
    TeamPlanRow,
    TrainingRow,
    of_the_whole_team,
    team_plan_key,
    team_plans_for,
    training_key,
    trainings_for,
)
from projections.publications import PublicationRow, publication_key, publications_for
from projections.rectifications import RectificationRow, rectification_key, rectifications_for
from projections.rows import Row, step_of
from projections.shelf import View


def with_power(inspection: str, power: Power, *whose: str) -> tuple[str, ...]:
    """Identities: whoever has this power at this inspection, and one of these duties or is one of these persons."""
    return tuple(f"{inspection}/{power}/{each}" for each in whose)


def _at_work(inspection: str, *whose: str) -> tuple[str, ...]:
    """While the inspection lasts, and while it is being closed."""
    return (*with_power(inspection, Power.ON_SITE, *whose), *with_power(inspection, Power.CLOSING, *whose))


def bodies(row: BodyRow | None, entry: Entry[Any]) -> BodyRow | None:
    return body_row(entry.fact, entry, ("team",)) if isinstance(entry.fact, BodyRegistered) else row


def _of_inspection(fact: InspectionAssigned) -> tuple[str, ...]:
    return (fact.inspection,)


def _of_mandate(fact: MandateGranted) -> tuple[str, ...]:
    return (fact.person, fact.team)


def _of_recusal(fact: RecusalDeclared) -> tuple[str, ...]:
    leads = (with_power(fact.inspection, power, Duty.LEADER) for power in (Power.PREPARATION, Power.ON_SITE))
    return (fact.person, *chain.from_iterable(leads))


def _attended(fact: TrainingHeld) -> tuple[str, ...]:
    return fact.attendees


class PetitionRow(Row):
    """A petition as registrar, leader and handler see it: what it says, never who wrote it. Articles 6(3), 13.

    `late` says that it came after the inspection's end and is passed on.

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


def petitions(row: PetitionRow | None, entry: Entry[Any]) -> PetitionRow | None:
    fact = entry.fact
    if isinstance(fact, PetitionRegistered):
        return PetitionRow(
            id=fact.petition,
            readers=(
                *_at_work(fact.inspection, Duty.LEADER, Duty.DEPUTY_LEADER, Duty.REGISTRAR),
                file_of(fact.inspection),
            ),
            order=f"{fact.round}/{fact.number:06d}",
            steps=(step_of(entry),),
            round=fact.round,
            inspection=fact.inspection,
            unit=fact.unit,
            number=fact.number,
            status="registered",
            received_on=fact.received_on,
            late=bool(fact.late),
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
        case PetitionHandled():
            return row.then(
                entry,
                status="handled",
                way=fact.way,
                organ=fact.organ,
                account=fact.account,
                handled_on=fact.handled_on,
                clue=fact.clue,
            )
    return row


class ClueRow(Row):
    """A clue as the team sees it. Articles 9, 13, 14. **Source** `clue.registered`, `clue.reported`."""

    round: str
    inspection: str
    unit: str
    status: str
    petitions: tuple[str, ...]
    category: str
    item: str | None
    concerned: tuple[str, ...]
    managed: str
    first_known_on: date
    registered_on: date
    text: Content
    summary: Content
    report: Content | None = None
    reported_on: date | None = None


def clues(row: ClueRow | None, entry: Entry[Any]) -> ClueRow | None:
    fact = entry.fact
    if isinstance(fact, ClueRegistered):
        return ClueRow(
            id=fact.clue,
            readers=(
                *_at_work(fact.inspection, Duty.LEADER, Duty.DEPUTY_LEADER, entry.stamp.doer),
                file_of(fact.inspection),
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
            first_known_on=fact.first_known_on,
            registered_on=fact.registered_on,
            text=fact.text,
            summary=fact.summary,
        )
    match fact:
        case ClueReported() if row is not None:
            return row.then(entry, status="reported", report=fact.report, reported_on=fact.reported_on)
    return row


def clue_key(entry: Entry[Any]) -> str | None:
    match entry.fact:
        case ClueRegistered() | ClueReported():
            return entry.stream
    return None


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


PETITIONS = View("team_petitions", PetitionRow, petition_key, petitions, ("inspection", "status", "handler"), version=3)
CLUES = View("team_clues", ClueRow, clue_key, clues, ("inspection", "status"), version=3)
CHECKLISTS = View(
    "team_checklists",
    ChecklistRow,
    checklist_key,
    checklists_for(_of_checklist, _of_teams_checklist),
    ("round", "team"),
    many=True,
)
ON_FILE = (PETITIONS, CLUES, CHECKLISTS)
"""The lists that are part of a team's file: the office reads them once it has received it (ADR XX)."""

VIEWS = (
    View("team_bodies", BodyRow, body_key, bodies, ("category", "organ_class")),
    View("team_mandates", MandateRow, mandate_key, mandates_for(_of_mandate), ("round", "person", "duty")),
    View(
        "team_inspections",
        InspectionRow,
        inspection_key,
        inspections_for(_of_inspection),
        ("round", "unit", "status"),
        version=2,
    ),
    View("team_recusals", RecusalRow, recusal_key, recusals_for(_of_recusal), ("inspection", "person"), version=2),
    duties_view("team_duties", lambda raised: (raised.owed_by,) if raised.owed_by.startswith("team:") else ()),
    PETITIONS,
    CLUES,
    CHECKLISTS,
    View(
        "team_rectifications",
        RectificationRow,
        rectification_key,
        rectifications_for(RectificationRow, _supervising),
        ("round", "unit"),
    ),
    View(
        "team_publications",
        PublicationRow,
        publication_key,
        publications_for(lambda fact: (fact.inspection,)),
        ("inspection", "of", "status"),
    ),
    View("team_reporters", ReporterRow, reporter_key, reporters_for(lambda fact: (fact.team,))),
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
    ),
    View("team_own_acts", OwnActRow, own_act_key, own_acts, ("mandate",), version=2),
    *reports.TEAM_VIEWS,
    *feedback.TEAM_VIEWS,
)
