"""Whatever is asked in whatever order: every stream decisions make can be read, and reads the same from storage."""

import dataclasses
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import reduce
from pathlib import Path
from typing import Any
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from domain import (
    archives,
    clues,
    deliveries,
    disposals,
    early_transfers,
    feedback,
    hearings,
    inspections,
    items,
    people,
    petitions,
    problems,
    publications,
    rectifications,
    recusals,
    reporting,
    reports,
    rounds,
    transfers,
)
from domain.facts import ANY_FACT
from domain.kernel import (
    CorrectDay,
    DayOf,
    Fact,
    Manner,
    Paper,
    Refused,
    Sealed,
    Secret,
    Value,
    derived_id,
    placed,
    plain,
    secrets_of,
)
from domain.rulebook import calendars
from domain.rulebook.calendars import parse_calendar
from domain.rulebook.editions import parse_edition
from domain.rulebook.obligations import owed
from domain.rulebook.posts import Duty, Post, Standing

TEXT = Secret("内容")
BODIES = st.sampled_from([derived_id("body", name) for name in "abc"])
PERSONS = st.sampled_from([derived_id("person", name) for name in "abc"])
DAYS = st.integers(0, 9).map(lambda n: date(2015, 9, 28) + timedelta(n))
ROUND, TEAM, INSPECTION = derived_id("round", "1"), derived_id("team", "1"), derived_id("inspection", "1")
PERSON, RECUSAL, PETITION = derived_id("person", "a"), derived_id("recusal", "1"), derived_id("petition", "1")
PUBLICATION = derived_id("publication", "1")
CLUE, TRANSFER, UNIT = derived_id("clue", "1"), derived_id("transfer", "1"), derived_id("body", "a")

SERVING = frozenset(derived_id("person", name) for name in "ab")
LEADING = st.sampled_from(Duty)

Draw = Callable[[st.SearchStrategy[Any]], Any]
Move = Callable[[Any, Draw], list[Any]]


def id_of(kind: str, draw: Draw) -> str:
    return derived_id(kind, str(draw(st.integers(0, 2))))


def after_founding(move: Move) -> Move:
    """A stream's later commands are only decided where the stream is."""
    return lambda state, draw: [] if state is None else move(state, draw)


def units(draw: Draw) -> tuple[str, ...]:
    return tuple(draw(st.lists(BODIES, max_size=3)))


def recipients(draw: Draw) -> tuple[str, ...]:
    return tuple(draw(st.lists(PERSONS, max_size=2)))


def submit(s: Any, d: Draw) -> list[Any]:
    planned = tuple(rounds.PlannedUnit(unit=u) for u in units(d))
    command = rounds.SubmitPlan(
        round=ROUND,
        tasks=TEXT,
        units=planned,
        from_on=d(DAYS),
        until_on=d(DAYS),
        inspected_from=d(DAYS),
        inspected_until=d(st.none() | DAYS),
        submitted_on=d(DAYS),
    )
    return [*rounds.submit_plan(s, command)]


def form(s: Any, d: Draw) -> list[Any]:
    command = rounds.FormTeam(round=ROUND, name=TEXT, units=units(d), decided_on=d(DAYS))
    assigned = tuple(rounds.Assignment(unit=u, inspection=derived_id("inspection", u)) for u in command.units)
    return [*rounds.form_team(s, id_of("team", d), assigned, command)]


def grant(s: Any, d: Draw) -> list[Any]:
    command = rounds.GrantMandate(
        round=ROUND,
        team=id_of("team", d),
        person=d(PERSONS),
        duty=d(st.sampled_from(Duty)),
        units=units(d),
        from_on=d(DAYS),
        until_on=d(DAYS),
        decided_on=d(DAYS),
        moved_to_non_leading_post=d(st.sampled_from([0, 1])),
    )
    nominated_on = d(st.none() | DAYS)
    return [
        *rounds.grant_mandate(
            s, id_of("mandate", d), command, granted_by=Standing.LEADING_GROUP, nominated_on=nominated_on
        )
    ]


def end_mandate(s: Any, d: Draw) -> list[Any]:
    found = s.mandate(id_of("mandate", d))
    if found is None:
        return []
    command = rounds.EndMandate(round=ROUND, mandate=found.id, ended_on=d(DAYS), reason=TEXT)
    return [*rounds.end_mandate(s, found, command)]


def end_appointment(s: Any, d: Draw) -> list[Any]:
    if not s.appointments:
        return []
    found = d(st.sampled_from(s.appointments))
    command = people.EndAppointment(person=PERSON, appointment=found.id, ended_on=d(DAYS))
    return [*people.end_appointment(s, found, command)]


def withdraw_appointment(s: Any, d: Draw) -> list[Any]:
    if not s.appointments:
        return []
    found = d(st.sampled_from(s.appointments))
    command = people.WithdrawAppointment(person=PERSON, appointment=found.id, reason=TEXT)
    return [*people.withdraw_appointment(found, command)]


def appoint(s: Any, d: Draw) -> list[Any]:
    until_on = d(st.none() | DAYS)
    command = people.Appoint(
        person=PERSON, body=d(BODIES), post=d(st.sampled_from(Post)), from_on=d(DAYS), until_on=until_on
    )
    return [*people.appoint(s, id_of("appointment", d), command, belongs=True)]


def declare(s: Any, d: Draw) -> list[Any]:
    grounds = tuple(d(st.lists(st.sampled_from(["near_relative", "other"]), unique=True)))
    command = recusals.DeclareRecusal(inspection=INSPECTION, grounds=grounds, statement=TEXT, declared_on=d(DAYS))
    return [*recusals.declare(s, command, round_=ROUND, unit=UNIT, person=PERSON, known=("near_relative", "other"))]


def corrected(module: Any, *which: DayOf, **more: Any) -> Move:
    """A correction of one of these days, wherever it is on record."""

    def move(s: Any, d: Draw) -> list[Any]:
        command = CorrectDay(
            matter=derived_id("matter", "1"),
            day_of=d(st.sampled_from(which)),
            day=d(DAYS),
            reason=TEXT,
            paper=Paper(reference=TEXT),
            corrected_on=d(DAYS),
        )
        if s is None or s.between(command.day_of).day is None:
            return []
        about = {"inspection": INSPECTION, "petition": PETITION, "recusal": RECUSAL, "transfer": TRANSFER}
        kind = command.day_of.value.partition("_")[0]
        command = command.model_copy(update={"matter": about.get(kind, INSPECTION)})
        return [*module.correct(s, command, entry=UUID(int=1), **more)]

    return move


def request_recusal(s: Any, d: Draw) -> list[Any]:
    command = recusals.RequestRecusal(
        inspection=INSPECTION,
        person=PERSON,
        grounds=("other",),
        reason=TEXT,
        statement=TEXT,
        requested_on=d(DAYS),
    )
    return [
        *recusals.request(
            s,
            id_of("recusal-request", d),
            command,
            round_=ROUND,
            unit=UNIT,
            asked_by=d(PERSONS),
            asked_as=d(st.sampled_from(recusals.Asker)),
            of_the_leader=d(st.booleans()),
            known=("near_relative", "other"),
        )
    ]


def answer_recusal_request(s: Any, d: Draw) -> list[Any]:
    command = recusals.AnswerRecusalRequest(recusal=RECUSAL, answer=TEXT, answered_on=d(DAYS))
    return [*recusals.answer(s, command)]


def decide_recusal(s: Any, d: Draw) -> list[Any]:
    command = recusals.DecideRecusal(
        recusal=RECUSAL,
        outcome=d(st.sampled_from(recusals.Outcome)),
        reason=TEXT,
        unheard=d(st.sampled_from([None, TEXT])),
        decided_on=d(DAYS),
    )
    return [*recusals.decide(s, command, decider=d(PERSONS), decided_by=Standing.OFFICE)]


def receive_notice(s: Any, d: Draw) -> list[Any]:
    command = inspections.ReceiveNotice(inspection=INSPECTION, received_on=d(DAYS), how=d(st.sampled_from(Manner)))
    return [*inspections.receive_notice(s, command, received_by=PERSON, publication=None)]


def serve(s: Any, d: Draw) -> list[Any]:
    command = inspections.ServeNotice(
        inspection=INSPECTION,
        talked_on=d(DAYS),
        served_on=d(DAYS),
        recipients=recipients(d),
        how=d(st.sampled_from(Manner)),
        content=TEXT,
        from_on=d(DAYS),
        until_on=d(DAYS),
    )
    return [*inspections.serve_notice(s, command, duty=d(LEADING), of_the_unit=SERVING)]


def enter(s: Any, d: Draw) -> list[Any]:
    command = inspections.EnterUnit(inspection=INSPECTION, entered_on=d(DAYS))
    return [*inspections.enter(s, command, duty=d(LEADING))]


def end_inspection(s: Any, d: Draw) -> list[Any]:
    command = inspections.EndInspection(inspection=INSPECTION, ended_on=d(DAYS))
    return [*inspections.end(s, command, duty=d(LEADING))]


def register_petition(s: Any, d: Draw) -> list[Any]:
    command = petitions.RegisterPetition(
        inspection=INSPECTION,
        received_on=d(DAYS),
        channel=d(st.sampled_from(petitions.Channel)),
        petitioner=d(st.none() | st.just(petitions.Petitioner(name=TEXT))),
        content=TEXT,
        summary=TEXT,
        scope=d(st.sampled_from(petitions.Scope)),
        concerned=recipients(d),
    )
    return [
        *petitions.register(
            s,
            PETITION,
            command,
            round_=ROUND,
            unit=UNIT,
            number=1,
            registrar=PERSON,
            duty="registrar",
            entered_on=d(DAYS),
            ended_on=d(st.none() | DAYS),
            categories=(),
        )
    ]


def instruct(s: Any, d: Draw) -> list[Any]:
    command = petitions.InstructPetition(petition=PETITION, instruction=TEXT, handler=d(PERSONS), instructed_on=d(DAYS))
    return [*petitions.instruct(s, command, duty="leader", handler_covers=True)]


def handle(s: Any, d: Draw) -> list[Any]:
    way, clue = d(st.sampled_from([("answered", None), ("clue", CLUE), ("passed_to_organ", None)]))
    organ = d(BODIES) if way == "passed_to_organ" else None
    command = petitions.HandlePetition(
        petition=PETITION,
        way=way,
        organ=organ,
        recipients=recipients(d) if organ else (),
        material=TEXT if organ else None,
        account=TEXT,
        handled_on=d(DAYS),
    )
    ways = ("answered", "clue", "passed_to_organ")
    ended_on = d(st.none() | DAYS)
    return [*petitions.handle(s, command, doer=d(PERSONS), ways=ways, ended_on=ended_on, clue=clue, transfer=TRANSFER)]


def register_clue(s: Any, d: Draw) -> list[Any]:
    command = clues.RegisterClue(
        inspection=INSPECTION,
        category="other",
        concerned=tuple(d(st.lists(PERSONS, unique=True))),
        managed=d(st.sampled_from(clues.Managed)),
        first_known_on=d(DAYS),
        registered_on=d(DAYS),
        text=TEXT,
        summary=TEXT,
        major_problem=d(st.none() | st.just("other")),
        restricted=d(st.sampled_from([0, 1])),
    )
    return [
        *clues.register(
            s,
            CLUE,
            command,
            round_=ROUND,
            unit=UNIT,
            duty=d(LEADING),
            petitions_fit=True,
            categories=("other",),
        )
    ]


def propose(s: Any, d: Draw) -> list[Any]:
    command = disposals.ProposeDisposal(
        item=CLUE, paper=TEXT, disposal_class="other", organ=d(BODIES), reason=TEXT, proposed_on=d(DAYS)
    )
    return [
        *disposals.propose(
            s,
            id_of("proposal", d),
            command,
            round_=ROUND,
            inspection=INSPECTION,
            unit=UNIT,
            reported_on=d(DAYS),
            heard_on=d(DAYS),
            another_way=False,
            organ_class="other",
            routes=("other",),
            about=(PERSON,),
            concerned=frozenset({PERSON}),
        )
    ]


def decide(s: Any, d: Draw) -> list[Any]:
    command = disposals.DecideDisposal(
        item=CLUE,
        disposal_class="other",
        organ=d(BODIES),
        attendees=tuple(d(st.lists(PERSONS))),
        decided_on=d(DAYS),
    )
    return [
        *disposals.decide(
            s,
            command,
            decider=d(PERSONS),
            organ_class="other",
            routes=("other",),
            concerned=frozenset({PERSON}),
        )
    ]


def make(s: Any, d: Draw) -> list[Any]:
    command = transfers.TransferItem(
        item=CLUE, recipients=recipients(d), how=d(st.sampled_from(Manner)), material=TEXT, transferred_on=d(DAYS)
    )
    return [
        *transfers.make(
            s,
            TRANSFER,
            command,
            basis=d(st.sampled_from(transfers.Basis)),
            round_=ROUND,
            inspection=INSPECTION,
            unit=UNIT,
            organ=d(BODIES),
            organ_class="other",
            disposal_class="other",
            of_the_organ=SERVING,
            withheld_from=tuple(d(st.lists(PERSONS, max_size=1))),
        )
    ]


OURS = items.Matter(ROUND, UNIT, date(2015, 9, 30))
OF_ITEM = {"inspection": INSPECTION, "item": derived_id("item", "1")}


def submit_report(s: Any, d: Draw) -> list[Any]:
    kind = d(st.sampled_from([rectifications.SubmitRectificationReport, rectifications.SubmitHeadsReport]))
    how = d(st.sampled_from(Manner))
    command = kind(inspection=INSPECTION, report=TEXT, recipients=recipients(d), how=how, submitted_on=d(DAYS))
    return [*rectifications.submit_report(s, command, of_the_office=SERVING)]


def return_report(s: Any, d: Draw) -> list[Any]:
    which = d(st.sampled_from(rectifications.Report))
    command = rectifications.ReturnReport(inspection=INSPECTION, which=which, reason=TEXT, returned_on=d(DAYS))
    return [*rectifications.return_report(s, command)]


def open_rectification(s: Any, d: Draw) -> list[Any]:
    opened = rectifications.OpenedItem(item=derived_id("item", "1"), category="other", text=TEXT, opinion=TEXT)
    return [
        *rectifications.open_rectification(
            s,
            INSPECTION,
            round_=ROUND,
            unit=UNIT,
            items=(opened,),
            received_on=d(DAYS),
            report=None,
            heads_report=None,
        )
    ]


def of_an_item(s: Any, d: Draw) -> list[Any]:
    """One of the six things that happen to an item."""
    state = s or items.Item()
    yes, reason = d(st.sampled_from([0, 1])), d(st.none() | st.just(TEXT))
    match d(st.integers(0, 5)):
        case 0:
            given = {"measures": TEXT, "responsible": d(PERSONS), "by_on": d(DAYS), "planned_on": d(DAYS)}
            return [*items.plan(state, items.PlanItem(**OF_ITEM, **given), matter=OURS, of_the_unit=SERVING)]
        case 1:
            given = {"state": d(st.sampled_from(items.Progress)), "evidence": TEXT, "updated_on": d(DAYS)}
            return [*items.update(state, items.UpdateItem(**OF_ITEM, **given), matter=OURS)]
        case 2:
            asked = items.AskItemExtension(**OF_ITEM, to_on=d(DAYS), reason=TEXT, asked_on=d(DAYS))
            return [*items.ask_extension(state, asked, matter=OURS)]
        case 3:
            decided = items.DecideItemExtension(**OF_ITEM, granted=yes, reason=reason, decided_on=d(DAYS))
            return [*items.decide_extension(state, decided, matter=OURS)]
        case 4:
            checked = items.CheckItem(**OF_ITEM, accepted=yes, reason=reason, checked_on=d(DAYS))
            return [*items.check(state, checked, matter=OURS)]
        case _:
            link = {"earlier_inspection": INSPECTION, "earlier": id_of("item", d), "linked_on": d(DAYS)}
            before = items.Matter(ROUND, d(BODIES), d(DAYS))
            return [*items.link(state, items.LinkEarlierProblem(**OF_ITEM, **link), matter=OURS, earlier=before)]


def propose_publication(s: Any, d: Draw) -> list[Any]:
    of = d(st.sampled_from(publications.Subject))
    command = publications.ProposePublication(inspection=INSPECTION, of=of, text=TEXT, proposed_on=d(DAYS))
    return [*publications.propose(s, PUBLICATION, command, round_=ROUND, unit=UNIT, happened_on=d(st.none() | DAYS))]


def decide_publication(s: Any, d: Draw) -> list[Any]:
    yes, redacted = d(st.sampled_from([0, 1])), d(st.sampled_from([0, 1]))
    given = {"approved": yes, "redacted": redacted, "reason": TEXT, "decided_on": d(DAYS)}
    return [*publications.decide(s, publications.DecidePublication(publication=PUBLICATION, **given))]


def publish(s: Any, d: Draw) -> list[Any]:
    command = publications.Publish(publication=PUBLICATION, where=TEXT, published_on=d(DAYS))
    return [*publications.publish(s, command, text=TEXT)]


def of_an_archive(s: Any, d: Draw) -> list[Any]:
    """One of the four things that happen at the end of a round."""
    state, team = s or archives.Archive(), id_of("team", d)
    match d(st.integers(0, 3)):
        case 0:
            end = archives.EndRoundsWork(round=ROUND, ended_on=d(DAYS))
            owed = tuple(archives.Handover(team=derived_id("team", n)) for n in "01")
            return [*archives.end_work(state, end, ended={INSPECTION: d(st.none() | DAYS)}, handovers=owed)]
        case 1:
            entries = (archives.FileEntry(kind="x", pieces=d(st.integers(0, 1)), missing=d(st.none() | st.just(TEXT))),)
            given = {"entries": entries, "recipients": recipients(d), "handed_over_on": d(DAYS)}
            hand_over = archives.HandOverFile(team=team, **given)
            return [
                *archives.hand_over(
                    state, hand_over, round_=ROUND, duty=d(LEADING), kinds=("x",), of_the_office=SERVING
                )
            ]
        case 2:
            receive = archives.ReceiveFile(team=team, received_on=d(DAYS))
            return [*archives.receive(state, receive, round_=ROUND, received_by=PERSON)]
        case _:
            close = archives.CloseRound(round=ROUND, closed_on=d(DAYS))
            return [*archives.close(state, close, reports=((d(DAYS), d(DAYS)),))]


def of_reporting(s: Any, d: Draw) -> list[Any]:
    """Naming the person who reports, or a report."""
    state = s or reporting.Reporting()
    if d(st.booleans()):
        name = reporting.NameReporter(team=TEAM, person=d(PERSONS), named_on=d(DAYS))
        return [*reporting.name(state, name, round_=ROUND, duty=d(LEADING), of_the_team=SERVING)]
    given = {"of": d(st.sampled_from(reporting.PeriodicKind)), "content": TEXT, "recipients": recipients(d)}
    command = reporting.ReportPeriodically(team=TEAM, **given, reported_on=d(DAYS))
    made = id_of("periodic-report", d)
    return [*reporting.report(state, made, command, round_=ROUND, doer=d(PERSONS), of_the_office=SERVING)]


def stated_problems(draw: Draw) -> tuple[reports.StatedProblem, ...]:
    kept = st.none() | st.sampled_from([derived_id("problem", n) for n in "ab"])
    return tuple(
        reports.StatedProblem(
            category="integrity_discipline", text=TEXT, causes=TEXT, suggestion=TEXT, problem=draw(kept)
        )
        for _ in range(draw(st.integers(0, 2)))
    )


def report_problem(_: Any, d: Draw) -> list[Any]:
    return [
        *problems.report(
            derived_id("problem", "a"),
            report=reports.report_of(INSPECTION),
            round_=ROUND,
            inspection=INSPECTION,
            unit=UNIT,
            sources=d(st.sampled_from([(), (CLUE,), (CLUE, PETITION)])),
            withheld_from=tuple(d(st.lists(PERSONS, max_size=2))),
            reported_on=d(DAYS),
        )
    ]


def save_draft(s: Any, d: Draw) -> list[Any]:
    stated = stated_problems(d)
    return [
        *reports.save_draft(
            s,
            reports.report_of(INSPECTION),
            reports.SaveDraft(
                inspection=INSPECTION,
                overview=TEXT,
                problems=stated,
                no_problems=None if stated else TEXT,
                clues=d(st.sampled_from([(), (CLUE,)])),
                saved_on=d(DAYS),
            ),
            round_=ROUND,
            unit=UNIT,
            author=PERSON,
            new_problems=[derived_id("problem", n) for n in "ab"][: len(stated)],
            items={"integrity_discipline": ()},
            concerned=(),
            leaders=(),
        )
    ]


def signing(d: Draw) -> reports.Signing:
    return reports.Signing(d(LEADING), d(st.sampled_from([(), (CLUE,)])), (), explained=True)


def sign_report(s: Any, d: Draw) -> list[Any]:
    command = reports.SignReport(inspection=INSPECTION, draft=d(st.integers(1, 3)), signed_on=d(DAYS))
    return [*reports.sign(s, command, signing(d), ended_on=d(DAYS), discussed=True)]


def attached(clues_: tuple[str, ...]) -> tuple[reports.AttachedClue, ...]:
    return tuple(reports.AttachedClue(clue=clue, report=TEXT) for clue in clues_)


def submit_report_report(s: Any, d: Draw) -> list[Any]:
    command = reports.SubmitReport(inspection=INSPECTION, recipients=recipients(d), submitted_on=d(DAYS))
    return [
        *reports.submit(s, command, signing(d), again=s.last, attached=attached(s.last.clues), of_the_office=SERVING)
    ]


def supplement_report(s: Any, d: Draw) -> list[Any]:
    stated = stated_problems(d)
    return [
        *reports.supplement(
            s,
            reports.SupplementReport(
                inspection=INSPECTION,
                reason=TEXT,
                text=TEXT,
                problems=stated,
                recipients=recipients(d),
                supplemented_on=d(DAYS),
            ),
            duty=d(LEADING),
            new_problems=[derived_id("problem", n) for n in "cd"][: len(stated)],
            items={"integrity_discipline": ()},
            attached=(),
            concerned=(),
            leaders=(),
            of_the_office=SERVING,
        )
    ]


PROBLEM = derived_id("problem", "a")


def propose_feedback(s: Any, d: Draw) -> list[Any]:
    return [
        *feedback.propose(
            s,
            feedback.feedback_of(INSPECTION),
            feedback.ProposeFeedback(
                inspection=INSPECTION,
                overview=TEXT,
                opinions=(feedback.Opinion(problem=PROBLEM, text=TEXT, opinion=TEXT),),
                proposed_on=d(DAYS),
            ),
            duty=d(LEADING),
            round_=ROUND,
            unit=UNIT,
            submitted_on=d(st.none() | DAYS),
            reported={PROBLEM: "integrity_discipline"},
            withheld_from=(),
        )
    ]


def decide_feedback(s: Any, d: Draw) -> list[Any]:
    approved, reason = d(st.sampled_from([0, 1])), d(st.sampled_from([None, TEXT]))
    command = feedback.DecideFeedback(inspection=INSPECTION, approved=approved, reason=reason, decided_on=d(DAYS))
    return [*feedback.decide(s, command)]


def give_feedback(s: Any, d: Draw) -> list[Any]:
    command = feedback.GiveFeedback(inspection=INSPECTION, recipients=recipients(d), given_on=d(DAYS))
    items = {PROBLEM: derived_id("item", "a")}
    return [
        *feedback.give(
            s, command, duty=d(LEADING), again=s.proposed, items=items, leadership_body=SERVING, heads=SERVING
        )
    ]


def receive_feedback(s: Any, d: Draw) -> list[Any]:
    command = feedback.ReceiveFeedback(inspection=INSPECTION, received_on=d(DAYS))
    return [*feedback.receive(s, command, received_by=PERSON, report=None, heads_report=None)]


def record_service(s: Any, d: Draw) -> list[Any]:
    command = feedback.RecordFeedbackService(inspection=INSPECTION, reason=TEXT, recorded_on=d(DAYS))
    return [*feedback.record_service(s, command, last_day=d(st.none() | DAYS), report=None, heads_report=None)]


def plainly(state: Any) -> Any:
    """A state to be compared: a text it keeps, to be written again later, is a text whether closed yet or not."""
    if isinstance(state, Secret | Sealed):
        return "a text"
    if isinstance(state, Value):
        return type(state), {name: plainly(getattr(state, name)) for name in type(state).model_fields}
    if dataclasses.is_dataclass(state):
        return type(state), {field.name: plainly(getattr(state, field.name)) for field in dataclasses.fields(state)}
    if isinstance(state, tuple):
        return tuple(map(plainly, state))
    if isinstance(state, dict):
        return {name: plainly(value) for name, value in state.items()}
    return state


DELIVERY = derived_id("delivery", "1")


def deliver(s: Any, d: Draw) -> list[Any]:
    command = deliveries.Deliver(occasion="other", recipients=recipients(d), content=TEXT, delivered_on=d(DAYS))
    way = deliveries.Way(round=ROUND, sender="office", to="persons", made_by=PERSON)
    return [
        *deliveries.make(
            s,
            DELIVERY,
            command,
            way=way,
            fitting=SERVING,
            of_the_unit=(),
            replied_to=None,
            answers=None,
            service=None,
        )
    ]


def acknowledge(s: Any, d: Draw) -> list[Any]:
    command = deliveries.AcknowledgeDelivery(delivery=DELIVERY, received_on=d(DAYS))
    return [*deliveries.acknowledge(s, command, received_by=d(st.sampled_from(s.recipients)))]


def record_service_prep(s: Any, d: Draw) -> list[Any]:
    command = deliveries.RecordService(delivery=DELIVERY, recorded_on=d(DAYS), reason=TEXT)
    return [*deliveries.record_service(s, command)]


def record_notice_service(s: Any, d: Draw) -> list[Any]:
    command = inspections.RecordNoticeService(inspection=INSPECTION, recorded_on=d(DAYS), reason=TEXT)
    return [*inspections.record_notice_service(s, command, last_day=d(DAYS), publication=None)]


def announce(s: Any, d: Draw) -> list[Any]:
    opens_at = datetime(2015, 10, 8, 0, d(st.integers(0, 59)), tzinfo=UTC)
    command = inspections.PublishAnnouncement(
        inspection=INSPECTION,
        text=TEXT,
        telephone=TEXT,
        mailbox=TEXT,
        opens_at=opens_at,
        closes_at=datetime(2015, 11, 8, tzinfo=UTC),
        published_on=d(DAYS),
    )
    return [*inspections.announce(s, command, duty=d(LEADING))]


DATA = Path(calendars.__file__).parent / "data"


YIWU = parse_edition((DATA / "yiwu-2015.toml").read_text("utf-8"), "yiwu-2015.toml")


CALENDAR = parse_calendar((DATA / "calendar-cn.toml").read_text("utf-8"), "calendar-cn.toml")


def report_directly(s: Any, d: Draw) -> list[Any]:
    command = clues.ReportDirectly(
        clue=CLUE,
        addressee=d(PERSONS),
        special_circumstances=TEXT,
        report=TEXT,
        named=recipients(d),
        reported_on=d(DAYS),
    )
    return [
        *clues.report_directly(
            s,
            command,
            summary=TEXT,
            another_way=d(st.booleans()),
            addressee_left=d(st.booleans()),
            in_post=SERVING,
            may_know=SERVING,
            concerned=s.concerned,
        )
    ]


def name_to_know(s: Any, d: Draw) -> list[Any]:
    command = clues.NameToKnow(clue=CLUE, persons=recipients(d), named_on=d(DAYS))
    return [*clues.name_to_know(s, command, doer=d(PERSONS), may_know=SERVING, concerned=s.concerned)]


def release(s: Any, d: Draw) -> list[Any]:
    command = clues.ReleaseClue(clue=CLUE, instruction=d(st.none() | st.just(TEXT)), released_on=d(DAYS))
    return [*clues.release(s, command, doer=d(PERSONS), report=TEXT)]


def hear(s: Any, d: Draw) -> list[Any]:
    command = hearings.HearTeam(inspection=INSPECTION, attendees=recipients(d), account=TEXT, heard_on=d(DAYS))
    return [
        *hearings.hear(
            s,
            id_of("hearing", d),
            command,
            round_=ROUND,
            team=TEAM,
            unit=UNIT,
            entered_on=d(st.none() | DAYS),
            of_the_team=SERVING,
            of_the_office=(),
        )
    ]


def propose_early(s: Any, d: Draw) -> list[Any]:
    command = early_transfers.ProposeEarlyTransfer(clue=CLUE, organ=d(BODIES), reason=TEXT, proposed_on=d(DAYS))
    return [
        *early_transfers.propose(
            s,
            command,
            duty="leader",
            round_=ROUND,
            inspection=INSPECTION,
            unit=UNIT,
            managed="unit",
            concerned=recipients(d),
            restricted=False,
            registered_on=d(DAYS),
            ended_on=d(st.none() | DAYS),
            another_way=False,
            organ_class="discipline",
            routes=("discipline",),
        )
    ]


def decide_early(s: Any, d: Draw) -> list[Any]:
    command = early_transfers.DecideEarlyTransfer(
        clue=CLUE, approved=d(st.sampled_from([0, 1])), reason=d(st.none() | st.just(TEXT)), decided_on=d(DAYS)
    )
    return [*early_transfers.decide(s, command, ended_on=d(st.none() | DAYS))]


def take_back(s: Any, d: Draw) -> list[Any]:
    """A return is only recorded of what was transferred."""
    return [*disposals.take_back(s, TRANSFER, d(DAYS))] if s.transfer else []


def take_back_early(s: Any, d: Draw) -> list[Any]:
    return [*early_transfers.take_back(s, TRANSFER, d(DAYS))] if s.transfer else []


def service(s: Any, d: Draw) -> list[Any]:
    receipt = owed(YIWU, CALENDAR, "service_record", s.transferred_on)
    command = transfers.RecordTransferService(transfer=TRANSFER, account=TEXT, recorded_on=d(DAYS))
    return [*transfers.record_service(s, command, receipt=receipt, answer=None)]


HISTORIES: dict[str, tuple[Callable[[Any, Any], Any], list[Move]]] = {
    "round": (
        rounds.evolve,
        [
            lambda s, d: [*rounds.open_round(s, ROUND, rounds.OpenRound(year=2015, number=1, title=TEXT))],
            after_founding(submit),
            after_founding(
                lambda s, d: [
                    *rounds.approve_plan(s, rounds.ApprovePlan(round=ROUND, approved_on=d(DAYS)), edition="yiwu-2015")
                ]
            ),
            after_founding(
                lambda s, d: [*rounds.return_plan(s, rounds.ReturnPlan(round=ROUND, returned_on=d(DAYS), reason=TEXT))]
            ),
            after_founding(form),
            after_founding(grant),
            after_founding(end_mandate),
        ],
    ),
    "person": (
        people.evolve,
        [
            lambda s, d: [*people.register(s, PERSON, people.RegisterPerson(name=TEXT))],
            after_founding(appoint),
            after_founding(end_appointment),
            after_founding(withdraw_appointment),
        ],
    ),
    "recusal": (
        recusals.evolve,
        [
            declare,
            request_recusal,
            after_founding(answer_recusal_request),
            after_founding(decide_recusal),
            corrected(recusals, DayOf.RECUSAL_DECIDED),
        ],
    ),
    "inspection": (
        inspections.evolve,
        [
            lambda s, d: [*inspections.assign(s, INSPECTION, round_=ROUND, team=TEAM, unit=UNIT)],
            after_founding(serve),
            after_founding(record_notice_service),
            after_founding(announce),
            after_founding(receive_notice),
            after_founding(
                lambda s, d: [
                    *inspections.publish_notice(
                        s, inspections.PublishNotice(inspection=INSPECTION, published_on=d(DAYS), account=TEXT)
                    )
                ]
            ),
            after_founding(enter),
            after_founding(end_inspection),
            corrected(inspections, DayOf.NOTICE_SERVED, DayOf.NOTICE_RECEIVED, DayOf.ENTERED, DayOf.ENDED),
        ],
    ),
    "petition": (
        petitions.evolve,
        [
            register_petition,
            after_founding(instruct),
            after_founding(handle),
            corrected(
                petitions,
                DayOf.PETITION_RECEIVED,
                DayOf.PETITION_INSTRUCTED,
                entered_on=None,
                ended_on=date(2015, 10, 2),
            ),
            after_founding(
                lambda s, d: [*petitions.take_back(s, PETITION, d(BODIES), TRANSFER, d(DAYS))] if s.handled else []
            ),
        ],
    ),
    "clue": (
        clues.evolve,
        [
            register_clue,
            after_founding(
                lambda s, d: [*clues.report(s, clues.ReportClue(clue=CLUE, reported_on=d(DAYS), report=TEXT))]
            ),
            after_founding(report_directly),
            after_founding(name_to_know),
            after_founding(release),
        ],
    ),
    "rectification": (
        rectifications.evolve,
        [open_rectification, after_founding(submit_report), after_founding(return_report)],
    ),
    "item": (items.evolve, [of_an_item]),
    "publication": (
        # The text is a secret on its way in and a closed box on its way out: all else is compared.
        lambda s, fact: replace(publications.evolve(s, fact), text=TEXT),
        [propose_publication, after_founding(decide_publication), after_founding(publish)],
    ),
    "archive": (archives.evolve, [of_an_archive]),
    "reporting": (reporting.evolve, [of_reporting]),
    "transfer": (
        transfers.evolve,
        [
            make,
            after_founding(service),
            corrected(transfers, DayOf.TRANSFER_RECEIVED, answer=None),
            after_founding(
                lambda s, d: [*transfers.urge(s, transfers.UrgeAnswer(transfer=TRANSFER, note=TEXT, urged_on=d(DAYS)))]
            ),
            after_founding(
                lambda s, d: [
                    *transfers.return_(s, transfers.ReturnTransfer(transfer=TRANSFER, reason=TEXT, returned_on=d(DAYS)))
                ]
            ),
            after_founding(
                lambda s, d: [
                    *transfers.receive(
                        s,
                        transfers.ReceiveTransfer(transfer=TRANSFER, received_on=d(DAYS)),
                        received_by=PERSON,
                        answer=None,
                    )
                ]
            ),
            after_founding(
                lambda s, d: [
                    *transfers.answer(
                        s,
                        transfers.AnswerTransfer(
                            transfer=TRANSFER, handling="other", account=TEXT, answered_on=d(DAYS)
                        ),
                        handlings=("other",),
                    )
                ]
            ),
        ],
    ),
    "report": (
        reports.evolve,
        [
            save_draft,
            after_founding(sign_report),
            after_founding(submit_report_report),
            after_founding(supplement_report),
        ],
    ),
    "problem": (problems.evolve, [report_problem]),
    "feedback": (
        feedback.evolve,
        [
            propose_feedback,
            after_founding(decide_feedback),
            after_founding(give_feedback),
            after_founding(receive_feedback),
            after_founding(record_service),
        ],
    ),
    "delivery": (deliveries.evolve, [deliver, after_founding(acknowledge), after_founding(record_service_prep)]),
    "hearing": (hearings.evolve, [hear]),
    "disposal": (
        disposals.evolve,
        [
            propose,
            after_founding(decide),
            after_founding(lambda s, d: [*disposals.carry_out(s, TRANSFER, d(DAYS))]),
            after_founding(take_back),
        ],
    ),
    "early-transfer": (
        early_transfers.evolve,
        [
            propose_early,
            after_founding(decide_early),
            after_founding(
                lambda s, d: [*early_transfers.carry_out(s, TRANSFER, d(DAYS), ended_on=d(st.none() | DAYS))]
            ),
            after_founding(take_back_early),
        ],
    ),
}


def stored(fact: Fact) -> Fact:
    """The fact as it comes back from the ledger: closed, written as JSON, read again."""
    box = {"key": derived_id("key", "1"), "digest": "00" * 32, "box": "AAAA"}
    payload = plain(fact, {path: box for path, _, _ in secrets_of(fact, "/payload")}, "/payload")
    read: Fact = ANY_FACT.validate_python(placed(json.loads(json.dumps(payload)), "stream|1|kind"))
    return read


@settings(max_examples=300, deadline=None)
@given(st.data(), st.sampled_from(sorted(HISTORIES)))
def test_a_history_folds_to_one_state_live_and_from_storage(data: st.DataObject, name: str) -> None:
    """Replay equals live: no order of commands makes a stream that cannot be read."""
    evolve, moves = HISTORIES[name]
    live: Any = None
    history: list[Fact] = []
    for _ in range(data.draw(st.integers(1, 25))):
        try:
            facts = moves[data.draw(st.integers(0, len(moves) - 1))](live, data.draw)
        except Refused:
            continue
        live = reduce(evolve, facts, live)
        history += facts
    assert plainly(reduce(evolve, map(stored, history), None)) == plainly(live)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.sampled_from("abc")))
def test_the_numbers_of_a_register_have_no_gap(rounds_asked: list[str]) -> None:
    """Article 13 (c): each round from one on, however the rounds take turns."""
    given_: dict[str, list[int]] = {}
    states: dict[str, int] = {}
    for turn, name in enumerate(rounds_asked):
        petition = derived_id("petition", str(turn))
        (fact,) = petitions.give_number(states.get(name), petition, round_=derived_id("round", name))
        states[name] = petitions.evolve_register(states.get(name), fact)
        given_.setdefault(name, []).append(fact.number)
    assert all(numbers == list(range(1, len(numbers) + 1)) for numbers in given_.values())
