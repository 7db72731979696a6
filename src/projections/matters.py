"""The matters several audiences see alike: bodies, rounds, mandates, inspections, recusals, transfers."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, TypeVar

from domain.archives import RoundClosed, RoundsWorkEnded
from domain.bodies import BodyDutiesReceived, BodyRegistered, BodyRenamed, BodySucceeded
from domain.clues import ClueReportedDirectly
from domain.due_dates import DueDateMoved
from domain.early_transfers import (
    EarlyTransferCarriedOut,
    EarlyTransferDecided,
    EarlyTransferProposed,
    EarlyTransferReturned,
)
from domain.inspections import (
    AnnouncementPublished,
    InspectionAssigned,
    InspectionDayCorrected,
    InspectionEnded,
    NoticePublished,
    NoticeReceived,
    NoticeServed,
    NoticeServiceRecorded,
    UnitEntered,
)
from domain.kernel import Assignment, Content, DayOf, Entry, Value
from domain.petitions import (
    PetitionDayCorrected,
    PetitionHandled,
    PetitionInstructed,
    PetitionRegistered,
    PetitionReturned,
)
from domain.problems import kept_from
from domain.recusals import (
    Outcome,
    Recusal,
    RecusalAnswered,
    RecusalDayCorrected,
    RecusalDecided,
    RecusalDeclared,
    RecusalRequested,
)
from domain.recusals import evolve as evolve_recusal
from domain.reports import ReportSubmitted
from domain.rounds import (
    MandateEnded,
    MandateGranted,
    PlanApproved,
    PlannedUnit,
    PlanReturned,
    PlanSubmitted,
    RoundOpened,
    TeamFormed,
)
from domain.transfers import (
    TransferAnswered,
    TransferDayCorrected,
    TransferMade,
    TransferReceived,
    TransferReturned,
    TransferServiceRecorded,
    TransferUrged,
)
from projections.rows import Correctable, Due, Row, anew, met, moved, step_of

R = TypeVar("R", bound=Row)


class BodyRow(Row):
    """A body of the registry, and what it was merged into or split from. Articles 3, 4, 8, 17. **Source** `body.*`."""

    name: Content
    standing: str | None
    category: str | None
    organ_class: str | None
    named_on: date | None = None
    """Since when it has this name; unknown for the first."""
    successors: tuple[str, ...] = ()
    predecessors: tuple[str, ...] = ()


def bodies_for(readers: Callable[[BodyRegistered], tuple[str, ...]]) -> Any:
    """The bodies as rows; those that nobody reads here are left out."""

    def bodies(row: BodyRow | None, entry: Entry[Any]) -> BodyRow | None:
        fact = entry.fact
        if isinstance(fact, BodyRegistered) and (who := readers(fact)):
            return BodyRow(
                id=fact.body,
                readers=who,
                order=fact.body,
                steps=(step_of(entry),),
                name=fact.name,
                standing=fact.standing,
                category=fact.category,
                organ_class=fact.organ_class,
            )
        if row is None:
            return None
        match fact:
            case BodyRenamed():
                if row.named_on and fact.renamed_on < row.named_on:
                    return row.then(entry)  # an older name, put on record later
                return row.then(entry, name=fact.name, named_on=fact.renamed_on)
            case BodySucceeded():
                return row.then(entry, successors=(*row.successors, fact.successor))
            case BodyDutiesReceived():
                return row.then(entry, predecessors=(*row.predecessors, fact.predecessor))
        return row

    return bodies


def also_withheld(row: R, persons: tuple[str, ...]) -> R:
    """A row kept from further persons: a problem stated anew may concern somebody it did not before (Art. 3 (c))."""
    return row.model_copy(update={"withheld_from": tuple(dict.fromkeys((*row.withheld_from, *persons)))})


def body_key(entry: Entry[Any]) -> str | None:
    match entry.fact:
        case BodyRegistered() | BodyRenamed() | BodySucceeded() | BodyDutiesReceived():
            return entry.stream
    return None


class TeamItem(Value):
    """A team of the round and its units. Article 11(2)."""

    id: str
    name: Content
    assignments: tuple[Assignment, ...]


class RoundRow(Row):
    """A round, its plan, its teams, its end. Articles 3, 11, 28. **Source** `round.*`."""

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
    inspected_from: date | None = None
    inspected_until: date | None = None
    edition: str | None = None
    submitted_on: date | None = None
    approved_on: date | None = None
    decision: Content | None = None
    returned_on: date | None = None
    return_reason: Content | None = None
    teams: tuple[TeamItem, ...] = ()
    work_ended_on: date | None = None
    closed_on: date | None = None
    conclusion: Content | None = None


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
                    inspected_from=fact.inspected_from,
                    inspected_until=fact.inspected_until,
                    submitted_on=fact.submitted_on,
                    returned_on=None,  # of the plan before: it stands in the steps
                    return_reason=None,
                )
            case PlanApproved():
                return row.then(
                    entry,
                    status="plan_approved",
                    approved_on=fact.approved_on,
                    decision=fact.decision,
                    edition=fact.edition,
                )
            case PlanReturned():
                return row.then(entry, status="plan_returned", returned_on=fact.returned_on, return_reason=fact.reason)
            case TeamFormed():
                team = TeamItem(id=fact.team, name=fact.name, assignments=fact.assignments)
                return row.then(entry, teams=(*row.teams, team))
            case RoundsWorkEnded():
                return row.then(entry, status="work_ended", work_ended_on=fact.ended_on)
            case RoundClosed():
                return row.then(entry, status="closed", closed_on=fact.closed_on, conclusion=fact.conclusion)
        return row

    return rounds


def round_key(entry: Entry[Any]) -> str | None:
    """Rounds, but not each mandate given in them: those are rows of their own."""
    match entry.fact:
        case RoundOpened() | PlanSubmitted() | PlanApproved() | PlanReturned() | TeamFormed():
            return entry.stream
        case RoundsWorkEnded() | RoundClosed() as fact:
            return fact.round
    return None


class MandateRow(Row):
    """A mandate and its terms. Article 5. **Source** `round.mandate-granted`, `round.mandate-ended`.

    `reason` stands where a principle was departed from: a leader who was not moved to a non-leading post.
    """

    round: str
    team: str
    person: str
    duty: str
    units: tuple[str, ...]
    powers: tuple[str, ...]
    from_on: date
    until_on: date
    granted_by: str
    decided_on: date
    matters: Content | None = None
    home_body: str | None = None
    moved_to_non_leading_post: bool | None = None
    reason: Content | None = None


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
                    decided_on=fact.decided_on,
                    matters=fact.matters,
                    home_body=fact.home_body,
                    moved_to_non_leading_post=(
                        None if fact.moved_to_non_leading_post is None else bool(fact.moved_to_non_leading_post)
                    ),
                    reason=fact.reason,
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


class InspectionRow(Correctable):
    """An inspection: one unit, one round, one team. Articles 11(6), 11(7), 12, 16.

    **Source** `inspection.*`; `report.submitted` for the day the report was met; `due-date.moved`.
    """

    round: str
    team: str
    unit: str
    status: str
    talked_on: date | None = None
    notice_on: date | None = None
    recipients: tuple[str, ...] = ()
    notice: Content | None = None
    from_on: date | None = None
    until_on: date | None = None
    service_recorded_on: date | None = None
    received_on: date | None = None
    publication: Due | None = None
    published: Content | None = None
    announcement: Content | None = None
    telephone: Content | None = None
    mailbox: Content | None = None
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    announced_on: date | None = None
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
                    talked_on=fact.talked_on,
                    notice_on=fact.served_on,
                    recipients=fact.recipients,
                    notice=fact.content,
                    from_on=fact.from_on,
                    until_on=fact.until_on,
                )
            case NoticeServiceRecorded():
                return row.then(entry, service_recorded_on=fact.recorded_on, publication=counted(fact, row.publication))
            case NoticeReceived():
                return row.then(entry, received_on=fact.received_on, publication=counted(fact, row.publication))
            case AnnouncementPublished():
                return row.then(entry, **announced(fact))
            case NoticePublished():
                return row.then(entry, published=fact.account, publication=met(row.publication, fact.published_on))
            case UnitEntered():
                return row.then(entry, status="entered", entered_on=fact.entered_on)
            case InspectionEnded():
                owed = Due(obligation=fact.report) if fact.report else None
                return row.then(entry, status="ended", ended_on=fact.ended_on, report_due=owed)
            case ReportSubmitted():
                return row.then(entry, report_due=met(row.report_due, fact.submitted_on))
            case DueDateMoved():
                field = _INSPECTION_DUES[fact.name]
                return row.then(entry, **{field: moved(getattr(row, field), entry)})
            case InspectionDayCorrected():
                changed = day_corrected(fact, row.publication) | {
                    "report_due": anew(row.report_due, fact.report, fact.corrected.corrected_on)
                }
                return row.corrected(entry, fact.publication or fact.report, **changed)
        return row

    return inspections


_INSPECTION_DUES = {"notice_publication": "publication", "inspection_report": "report_due"}
"""The duties that stand in an inspection's row, and where."""

_DAYS = {
    DayOf.NOTICE_SERVED: "notice_on",
    DayOf.NOTICE_RECEIVED: "received_on",
    DayOf.ENTERED: "entered_on",
    DayOf.ENDED: "ended_on",
}
"""The days of an inspection that can be corrected, as fields of its rows."""


def day_corrected(fact: InspectionDayCorrected, publication: Due | None) -> dict[str, Any]:
    """A corrected day of an inspection, and when publication is due by it, as fields of its row."""
    due = anew(publication, fact.publication, fact.corrected.corrected_on)
    return {_DAYS[fact.corrected.day_of]: fact.corrected.day, "publication": due}


def counted(fact: NoticeReceived | NoticeServiceRecorded, before: Due | None) -> Due | None:
    """When publication is due: as this counts it, or as it was counted before where this moves nothing."""
    if fact.publication is None:
        return before
    return Due(obligation=fact.publication, met_on=before.met_on if before else None)


def announced(fact: AnnouncementPublished) -> dict[str, Any]:
    """The announcement as fields of an inspection's row."""
    return {
        "announcement": fact.text,
        "telephone": fact.telephone,
        "mailbox": fact.mailbox,
        "opens_at": fact.opens_at,
        "closes_at": fact.closes_at,
        "announced_on": fact.published_on,
    }


def inspection_key(entry: Entry[Any]) -> str | None:
    match entry.fact:
        case (
            InspectionAssigned()
            | NoticeServed()
            | NoticeServiceRecorded()
            | NoticeReceived()
            | AnnouncementPublished()
            | NoticePublished()
            | UnitEntered()
            | InspectionEnded()
            | InspectionDayCorrected()
        ):
            return entry.stream
        case ReportSubmitted() as fact:
            return fact.inspection
        case DueDateMoved() as fact if fact.name in _INSPECTION_DUES:
            return fact.matter
    return None


class AskedItem(Value):
    """What others asked for, as the person concerned reads it. Articles 6(4), 23.

    `asked_by` stands here where the leader or the office asked; whoever else did is not shown.
    """

    grounds: tuple[str, ...]
    statement: Content
    requested_on: date
    asked_by: str | None


class RecusalRow(Correctable):
    """A recusal from a unit: declared, asked for by others, answered, decided. Article 23. **Source** `recusal.*`.

    `grounds` are all that were declared and count; `statement` and `declared_on` are the last declaration's, and absent
    where there is none yet. `asked` is what others asked for since the last decision but one.
    """

    round: str
    inspection: str
    unit: str
    person: str
    grounds: tuple[str, ...] = ()
    statement: Content | None = None
    first_declared_on: date | None = None
    declared_on: date | None = None
    asked: tuple[AskedItem, ...] = ()
    answer: Content | None = None
    answered_on: date | None = None
    outcome: str | None = None
    reason: Content | None = None
    unheard: Content | None = None
    decided_on: date | None = None

    def state(self) -> Recusal:
        """The row as the aggregate knows it, so that both add facts up by one function. What others ask for changes
        nothing of what is read from it here."""
        return Recusal(
            self.round,
            self.inspection,
            self.unit,
            self.person,
            self.grounds,
            self.first_declared_on,
            self.declared_on,
            Outcome(self.outcome) if self.outcome else None,
            self.decided_on,
        )


def recusals_for(readers: Any, kind: type[RecusalRow] = RecusalRow) -> Any:
    """The recusals as rows of this kind; `readers` says who reads one.

    Of a request that is not by leader or office no step is added: a step names its doer.
    """

    def recusals(row: RecusalRow | None, entry: Entry[Any]) -> RecusalRow | None:
        fact = entry.fact
        if isinstance(fact, RecusalDayCorrected):
            return row and row.corrected(entry, decided_on=fact.corrected.day)
        if not isinstance(fact, RecusalDeclared | RecusalRequested | RecusalAnswered | RecusalDecided):
            return row
        if row is None:
            row = kind(
                id=fact.recusal,
                readers=readers(fact),
                order="",
                round=fact.round,
                inspection=fact.inspection,
                unit=fact.unit,
                person=fact.person,
            )
        match fact:
            case RecusalDeclared():
                return _declared(row, fact).then(entry, statement=fact.statement)
            case RecusalRequested():
                return _asked(row, fact).then(entry) if fact.asked_as.shown else _asked(row, fact)
            case RecusalAnswered():
                return row.then(entry, answer=fact.answer, answered_on=fact.answered_on)
            case RecusalDecided():
                return row.then(
                    entry,
                    outcome=fact.outcome,
                    reason=fact.reason,
                    unheard=fact.unheard,
                    decided_on=fact.decided_on,
                )

    return recusals


def _after(row: RecusalRow, fact: RecusalDeclared | RecusalRequested) -> RecusalRow:
    """The row as the aggregate's state is after a declaration or a request: what was not upheld begins anew."""
    state = evolve_recusal(row.state(), fact)
    changes: dict[str, Any] = {
        "grounds": state.grounds,
        "first_declared_on": state.first_declared_on,
        "declared_on": state.declared_on,
        "outcome": state.outcome,
        "decided_on": state.decided_on,
    }
    if row.outcome and not state.outcome:
        changes |= {"reason": None, "unheard": None, "asked": (), "answer": None, "answered_on": None}
    return row.model_copy(update=changes)


def _declared(row: RecusalRow, fact: RecusalDeclared) -> RecusalRow:
    after = _after(row, fact)
    return after.model_copy(update={"order": f"{after.first_declared_on}/{fact.recusal}"})


def _asked(row: RecusalRow, fact: RecusalRequested) -> RecusalRow:
    after = _after(row, fact)
    item = AskedItem(
        grounds=fact.grounds,
        statement=fact.statement,
        requested_on=fact.requested_on,
        asked_by=fact.asked_by if fact.asked_as.shown else None,
    )
    order = after.order or f"{fact.requested_on.isoformat()}/{fact.recusal}"
    return after.model_copy(update={"asked": (*after.asked, item), "order": order})


def recusal_key(entry: Entry[Any]) -> str | None:
    match entry.fact:
        case RecusalDeclared() | RecusalRequested() | RecusalAnswered() | RecusalDecided() as fact:
            return fact.recusal
        case RecusalDayCorrected() as fact:
            return fact.recusal
    return None


class RecusalRequestRow(Correctable):
    """A request for somebody's recusal as whoever asked reads it: what they asked for, and what came of it.
    Articles 6(4), 23.

    What the person concerned answered, and why it was decided so, is not theirs to read.
    **Source** `recusal.requested`, `recusal.decided`, `recusal.day-corrected`.
    """

    recusal: str
    round: str
    inspection: str
    unit: str
    person: str
    asked_by: str
    asked_as: str
    grounds: tuple[str, ...]
    reason: Content
    statement: Content
    requested_on: date
    outcome: str | None = None
    decided_on: date | None = None


class RecusalRequestToDecideRow(RecusalRequestRow):
    """A request for somebody's recusal as whoever decides reads it: who asked and why, and what the person concerned
    answered. Articles 6(4), 23.

    The person concerned does not read it. **Source** `recusal.requested`, `recusal.answered`, `recusal.decided`,
    `recusal.day-corrected`.
    """

    of_the_leader: bool
    answer: Content | None = None
    answered_on: date | None = None
    decision: Content | None = None
    unheard: Content | None = None


def recusal_requests_for(readers: Callable[[RecusalRequested], tuple[str, ...]], *, decided_here: bool = False) -> Any:
    """The requests as rows, for those who asked or, `decided_here`, for those who decide; of no reader, no row."""

    def requests(row: RecusalRequestRow | None, entry: Entry[Any], _: str) -> RecusalRequestRow | None:
        match entry.fact:
            case RecusalRequested() as fact if who := readers(fact):
                shared: dict[str, Any] = {
                    "id": fact.request,
                    "readers": who,
                    "withheld_from": (fact.person,),
                    "order": f"{fact.requested_on.isoformat()}/{fact.request}",
                    "steps": (step_of(entry),),
                    "recusal": fact.recusal,
                    "round": fact.round,
                    "inspection": fact.inspection,
                    "unit": fact.unit,
                    "person": fact.person,
                    "asked_by": fact.asked_by,
                    "asked_as": fact.asked_as,
                    "grounds": fact.grounds,
                    "reason": fact.reason,
                    "statement": fact.statement,
                    "requested_on": fact.requested_on,
                }
                if decided_here:
                    return RecusalRequestToDecideRow(**shared, of_the_leader=bool(fact.of_the_leader))
                return RecusalRequestRow(**shared)
            case RecusalAnswered() as fact if row is not None and decided_here:
                return row.then(entry, answer=fact.answer, answered_on=fact.answered_on)
            case RecusalDecided() as fact if row is not None:
                more = {"decision": fact.reason, "unheard": fact.unheard} if decided_here else {}
                return row.then(entry, outcome=fact.outcome, decided_on=fact.decided_on, **more)
            case RecusalDayCorrected() as fact if row is not None:
                return row.corrected(entry, decided_on=fact.corrected.day)
        return row

    return requests


def recusal_request_keys(entry: Entry[Any]) -> tuple[str, ...]:
    match entry.fact:
        case RecusalRequested() as fact:
            return (fact.request,)
        case RecusalAnswered() | RecusalDecided() | RecusalDayCorrected() as fact:
            return fact.requests or ()
    return ()


def petition_key(entry: Entry[Any]) -> str | None:
    match entry.fact:
        case PetitionRegistered() | PetitionInstructed() | PetitionHandled() | PetitionReturned():
            return entry.stream
        case PetitionDayCorrected():
            return entry.stream
    return None


class TransferRow(Correctable):
    """A transfer, its receipt or recorded service, its due answer, its return. Article 17. **Source** `transfer.*`.

    `urge` is the last time the office urged an answer.
    """

    unit: str
    organ: str
    disposal_class: str | None
    status: str
    recipients: tuple[str, ...]
    material: Content
    transferred_on: date
    received_on: date | None = None
    service_recorded_on: date | None = None
    service: Content | None = None
    answer_due: Due | None = None
    urged_on: date | None = None
    urge: Content | None = None
    returned_on: date | None = None
    objection: Content | None = None
    handling: str | None = None
    account: Content | None = None
    answered_on: date | None = None


def after_making(row: Any, entry: Entry[Any]) -> Any:
    """A transfer's row after it was made: the same for whoever made it and for the organ."""
    match entry.fact:
        case TransferReceived() as fact:
            due = Due(obligation=fact.answer) if fact.answer else row.answer_due
            status = row.status if row.status == "answered" else "received"
            return row.then(entry, status=status, received_on=fact.received_on, answer_due=due)
        case TransferServiceRecorded() as fact:
            due = Due(obligation=fact.answer) if fact.answer else None
            return row.then(
                entry,
                status="service_recorded",
                service_recorded_on=fact.recorded_on,
                service=fact.account,
                answer_due=due,
            )
        case TransferDayCorrected() as fact:
            due = anew(row.answer_due, fact.answer, fact.corrected.corrected_on)
            return row.corrected(entry, fact.answer, received_on=fact.corrected.day, answer_due=due)
        case TransferUrged() as fact:
            return row.then(entry, urged_on=fact.urged_on, urge=fact.note)
        case TransferReturned() as fact:
            # What was returned is owed no more.
            return row.then(
                entry, status="returned", returned_on=fact.returned_on, objection=fact.reason, answer_due=None
            )
        case TransferAnswered() as fact:
            return row.then(
                entry,
                status="answered",
                handling=fact.handling,
                account=fact.account,
                answered_on=fact.answered_on,
                answer_due=met(row.answer_due, fact.answered_on),
            )
        case DueDateMoved():
            return row.then(entry, answer_due=moved(row.answer_due, entry))
    return row


def transfer_fields(fact: TransferMade, entry: Entry[Any]) -> dict[str, Any]:
    """What every audience's row of a transfer shares."""
    return {
        "id": fact.transfer,
        "order": f"{fact.transferred_on.isoformat()}/{fact.transfer}",
        "steps": (step_of(entry),),
        "unit": fact.unit,
        "organ": fact.organ,
        "disposal_class": fact.disposal_class,
        "status": "made",
        "recipients": fact.recipients,
        "material": fact.material,
        "transferred_on": fact.transferred_on,
        "withheld_from": kept_from(fact.item, fact.unit, fact.withheld_from or ()),
    }


def transfer_key(entry: Entry[Any]) -> str | None:
    match entry.fact:
        case (
            TransferMade()
            | TransferReceived()
            | TransferServiceRecorded()
            | TransferUrged()
            | TransferReturned()
            | TransferAnswered()
            | TransferDayCorrected()
        ):
            return entry.stream
        case DueDateMoved(name="transfer_answer") as fact:
            return fact.matter
    return None


class EarlyTransferRow(Row):
    """A transfer during the inspection: asked for, decided, made. Article 15. **Source** `early-transfer.*`."""

    round: str
    inspection: str
    unit: str
    organ: str
    status: str
    reason: Content
    proposed_on: date
    answer: Content | None = None
    decided_on: date | None = None
    transfer: str | None = None
    returned_on: date | None = None


def early_transfers_for(readers: Any, after_direct_report: Any) -> Any:
    """The transfers during inspections as rows, by clue. `readers` says who reads one, and `after_direct_report` who
    still does once the clue was reported past the office; nobody, and the row is gone."""

    def early_transfers(row: EarlyTransferRow | None, entry: Entry[Any]) -> EarlyTransferRow | None:
        fact = entry.fact
        if isinstance(fact, EarlyTransferProposed):
            return EarlyTransferRow(
                id=fact.clue,
                readers=readers(fact),
                withheld_from=fact.concerned,
                order=f"{fact.proposed_on.isoformat()}/{fact.clue}",
                steps=(*(row.steps if row else ()), step_of(entry)),
                round=fact.round,
                inspection=fact.inspection,
                unit=fact.unit,
                organ=fact.organ,
                status="proposed",
                reason=fact.reason,
                proposed_on=fact.proposed_on,
            )
        if row is None:
            return None
        match fact:
            case EarlyTransferDecided():
                status = "approved" if fact.approved else "not_approved"
                return row.then(entry, status=status, answer=fact.reason, decided_on=fact.decided_on)
            case EarlyTransferCarriedOut():
                return row.then(entry, status="transferred", transfer=fact.transfer)
            case EarlyTransferReturned():
                return row.then(entry, status="returned", returned_on=fact.returned_on)
            case ClueReportedDirectly():
                left: tuple[str, ...] = after_direct_report(fact)
                return row.model_copy(update={"readers": left}) if left else None
        return row

    return early_transfers


def early_transfer_key(entry: Entry[Any]) -> str | None:
    match entry.fact:
        case (
            EarlyTransferProposed()
            | EarlyTransferDecided()
            | EarlyTransferCarriedOut()
            | EarlyTransferReturned()
            | ClueReportedDirectly()
        ) as fact:
            return fact.clue
    return None
