"""Promises about the whole ledger, kept over a story told through the handlers (promises 2, 4, 5, 6, 8)."""

import asyncio
import importlib
import json
import pkgutil
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files
from itertools import pairwise
from typing import Any
from uuid import uuid4

import psycopg
import pytest
import rfc8785

import domain
from application import (
    archives,
    clues,
    deliveries,
    directory,
    disposals,
    inspections,
    keeping,
    petitions,
    preparation,
    publications,
    rectifications,
    recusals,
    rounds,
    transfers,
)
from application.acts import Act, Done, Handler, Refusal, Rulebook, happened_live, perform
from application.keeping import FIRST_PERSON, body_of
from application.ledger import Ledger, system_stamp
from domain import rectifications as rectification
from domain.archives import CloseRound, EndRoundsWork, FileEntry, HandOverFile, ReceiveFile
from domain.bodies import RegisterBody
from domain.clues import RegisterClue, ReportClue
from domain.deliveries import AcknowledgeDelivery, Deliver, RecordService
from domain.disposals import DecideDisposal, ProposeDisposal
from domain.facts import decode, fact_types
from domain.hearings import HearTeam
from domain.inspections import EndInspection, EnterUnit, PublishAnnouncement, ReceiveNotice, ServeNotice
from domain.items import CheckItem, PlanItem, UpdateItem
from domain.kernel import Aggregate, Authenticated, Command, Refused, Seal, Secret, day_of, derived_id
from domain.nominations import NominateLeader
from domain.people import Appoint, EndAppointment, RegisterPerson
from domain.petitions import HandlePetition, InstructPetition, Petitioner, RegisterPetition
from domain.publications import DecidePublication, ProposePublication, Publish
from domain.rectifications import OpenedItem, SubmitHeadsReport, SubmitRectificationReport, rectification_of
from domain.recusals import DecideRecusal, DeclareRecusal
from domain.reporting import NameReporter, ReportPeriodically
from domain.rounds import (
    ApprovePlan,
    EndMandate,
    FormTeam,
    GrantMandate,
    OpenRound,
    PlannedUnit,
    ReturnPlan,
    SubmitPlan,
)
from domain.rulebook.calendars import parse_calendar
from domain.rulebook.editions import parse_edition
from domain.rulebook.obligations import owed
from domain.rulebook.posts import Duty, Post, Standing
from domain.teams import FileTeamPlan, PlannedEntry
from domain.trainings import HoldTraining
from domain.transfers import AnswerTransfer, ReceiveTransfer, TransferItem
from projections import addressees, leading_group, office, organs, teams, units
from projections.shelf import Shelf, digest

NOW = datetime(2026, 11, 20, 2, 30, tzinfo=UTC)
TODAY = day_of(NOW)
ENTRY = "position, stream, version, kind, recorded_at, command, ordinal, body"
VIEWS = (*office.VIEWS, *units.VIEWS, *teams.VIEWS, *leading_group.VIEWS, *organs.VIEWS, *addressees.VIEWS)


def ago(days: int) -> date:
    return TODAY - timedelta(days)


class Teller:
    """Tells the story, one act after the other; every fifth is sent twice, as clients do."""

    def __init__(self, ledger: Ledger, book: Rulebook) -> None:
        self.ledger, self.book, self.told = ledger, book, 0

    async def try_(self, who: str, audience: Any, handler: Handler, command: Command) -> Done | Refusal:
        self.told += 1
        act = Act(uuid4(), who, audience, Authenticated(method="test"), NOW, who, happened_live(who, NOW))
        answer = await perform(self.ledger, self.book, act, command, handler)
        if self.told % 5 == 0:
            assert await perform(self.ledger, self.book, act, command, handler) == answer
        return answer

    async def do(self, who: str, audience: Any, handler: Handler, command: Command) -> str:
        answer = await self.try_(who, audience, handler, command)
        assert isinstance(answer, Done), (command, answer)
        return answer.id

    async def person(self, name: str, post: Post | None = None, body: str | None = None) -> str:
        person = await self.do(FIRST_PERSON, "office", directory.register_person, RegisterPerson(name=Secret(name)))
        if post and body:
            appoint = Appoint(person=person, body=body, post=post, from_on=ago(400))
            await self.do(FIRST_PERSON, "office", directory.appoint, appoint)
        return person


async def story(ledger: Ledger, book: Rulebook) -> None:  # noqa: PLR0915  a story has as many sentences as it has
    """From the opening of the ledger to a clue transferred, with refusals, recusals and a destroyed key."""
    await keeping.open_ledger(ledger, ledger.keys.origin)
    await keeping.adopt(ledger, book)
    await keeping.appoint_first_director(ledger, book, "issuer", "subject")
    say = Teller(ledger, book)
    director, text = FIRST_PERSON, Secret("文字")

    async def body(name: str, **kind: str) -> str:
        return await say.do(director, "office", directory.register_body, RegisterBody(name=Secret(name), **kind))

    town = await body("某镇", category="town_or_street")
    organ = await body("某组织部", organ_class="organisation")
    head = await say.person("组长", Post.GROUP_HEAD, body_of(Standing.LEADING_GROUP))
    secretary = await say.person("书记", Post.PARTY_SECRETARY, body_of(Standing.PARTY_COMMITTEE))
    unit_head = await say.person("镇长", Post.UNIT_HEAD, town)
    organ_head = await say.person("部长", Post.ORGAN_HEAD, organ)
    leader, registrar, member, recused, stranger = [await say.person(f"组员{n}") for n in range(5)]
    clerk = Appoint(person=stranger, body=body_of(Standing.OFFICE), post=Post.OFFICE_CLERK, from_on=ago(100))
    appointment = await say.do(director, "office", directory.appoint, clerk)
    await say.do(director, "office", directory.appoint, clerk)  # nothing left to do
    over = EndAppointment(person=stranger, appointment=appointment, ended_on=ago(10))
    await say.do(director, "office", directory.end_appointment, over)
    refused = await say.try_(stranger, "office", directory.register_body, RegisterBody(name=text, category="x"))
    assert isinstance(refused, Refusal)

    round_ = await say.do(director, "office", rounds.open_round, OpenRound(year=2026, number=1, title=text))
    schedule = {"from_on": ago(60), "until_on": ago(-60), "inspected_from": ago(1200), "submitted_on": ago(63)}
    plan = SubmitPlan(round=round_, tasks=text, units=(PlannedUnit(unit=town),), **schedule)
    await say.do(director, "office", rounds.submit_plan, plan)
    back = ReturnPlan(round=round_, returned_on=ago(63), reason=text)
    await say.do(head, "leading_group", rounds.return_plan, back)
    await say.do(director, "office", rounds.submit_plan, plan)
    await say.do(head, "leading_group", rounds.approve_plan, ApprovePlan(round=round_, approved_on=ago(62)))
    form = FormTeam(round=round_, name=text, units=(town,), decided_on=ago(61))
    team = await say.do(head, "leading_group", rounds.form_team, form)
    discipline = await body("某纪委", organ_class="discipline")
    nominate = NominateLeader(
        round=round_, person=leader, consulted_on=ago(63), consulted=discipline, reason=text, nominated_on=ago(62)
    )
    await say.do(organ_head, "organ", preparation.nominate_leader, nominate)
    for person, duty in (
        (leader, Duty.LEADER),
        (registrar, Duty.REGISTRAR),
        (member, Duty.MEMBER),
        (recused, Duty.MEMBER),
    ):
        grant = GrantMandate(
            round=round_,
            team=team,
            person=person,
            duty=duty,
            units=(town,),
            from_on=ago(60),
            until_on=ago(-120),
            decided_on=ago(61),
            moved_to_non_leading_post=int(duty is Duty.LEADER),  # type: ignore[arg-type]
        )
        granter = secretary if duty is Duty.LEADER else head
        mandate = await say.do(granter, "leading_group", rounds.grant_mandate, grant)
    (inspection,) = (
        fact.assignments[0].inspection
        for fact in [entry.fact for entry in await ledger.entries(round_)]
        if fact.kind.startswith("round.team-formed")
    )

    serve = ServeNotice(
        inspection=inspection,
        talked_on=ago(51),
        served_on=ago(50),
        recipients=(unit_head,),
        content=text,
        from_on=ago(44),
        until_on=ago(-60),
    )
    await say.do(leader, "team", inspections.serve_notice, serve)
    receive = ReceiveNotice(inspection=inspection, received_on=ago(50))
    await say.do(unit_head, "unit", inspections.receive_notice, receive)
    await prepare(say, round_, team, inspection, organ, {"leader": leader, "member": member, "organ": organ_head})
    for person in (leader, registrar, member):
        declare = DeclareRecusal(inspection=inspection, declared_on=ago(56))
        await say.do(person, "team", recusals.declare_recusal, declare)
    near = DeclareRecusal(inspection=inspection, grounds=("near_relative",), statement=text, declared_on=ago(56))
    recusal = await say.do(recused, "team", recusals.declare_recusal, near)
    upheld = DecideRecusal(recusal=recusal, outcome="upheld", reason=text, decided_on=ago(55))
    await say.do(director, "office", recusals.decide_recusal, upheld)
    await say.do(leader, "team", inspections.enter_unit, EnterUnit(inspection=inspection, entered_on=ago(44)))

    received = []
    for number in range(3):
        letter = RegisterPetition(
            inspection=inspection,
            received_on=ago(40),
            channel="letter",
            petitioner=Petitioner(name=Secret("某甲")) if number else None,
            content=Secret(f"来信{number}"),
            summary=text,
        )
        received.append(await say.do(registrar, "team", petitions.register_petition, letter))
        hidden = await say.try_(stranger, "team", petitions.register_petition, letter)
        assert hidden == Refusal("NOT_FOUND")
    for petition in received:
        instruct = InstructPetition(petition=petition, instruction=text, handler=member, instructed_on=ago(37))
        await say.do(leader, "team", petitions.instruct_petition, instruct)
    handle = HandlePetition(petition=received[0], way="answered", account=text, handled_on=ago(36))
    await say.do(member, "team", petitions.handle_petition, handle)
    register = RegisterClue(
        inspection=inspection,
        petitions=(received[1],),
        category=book.edition.problem_categories[0].code,
        concerned=(unit_head,),
        managed="city",
        first_known_on=ago(36),
        registered_on=ago(35),
        text=text,
        summary=text,
    )
    clue = await say.do(member, "team", clues.register_clue, register)
    await say.do(leader, "team", inspections.end_inspection, EndInspection(inspection=inspection, ended_on=TODAY))
    ended = EndMandate(round=round_, mandate=mandate, ended_on=ago(1), reason=text)
    await say.do(head, "leading_group", rounds.end_mandate, ended)
    await dispose(say, inspection, clue, organ, director, head, leader, organ_head)
    await rectify(say, inspection, round_, town, director, unit_head)
    await archive(say, inspection, round_, team, director, head, leader)

    key = {row.subject: row.id for row in ledger.keys.rows()}
    decision = {"decided_by": director, "decided_on": day_of(datetime.now(UTC)), "basis": "某办销〔2026〕9号"}
    with pytest.raises(Refused, match="key_not_under_a_hold"):
        await keeping.destroy_key(ledger, book, key[f"{Seal.CONTENT}:{received[2]}"], **decision)
    assert await keeping.destroy_key(ledger, book, key[f"{Seal.CONTENT}:{received[0]}"], **decision)
    head = await ledger.head()
    await keeping.open_ledger(ledger, ledger.keys.origin)  # as every start does: nothing is left to do
    await keeping.adopt(ledger, book)
    assert await ledger.head() == head


async def prepare(say: Teller, round_: str, team: str, inspection: str, organ: str, who: dict[str, str]) -> None:
    """Training, the team's plan and one in its place, announcement, information, an inquiry and its answer."""
    text, director, leader, member = Secret("文字"), FIRST_PERSON, who["leader"], who["member"]
    training = HoldTraining(round=round_, subject=text, attendees=(leader, member), held_on=ago(58))
    await say.do(director, "office", preparation.hold_training, training)
    for day in (52, 51):
        entries = (PlannedEntry(inspection=inspection, entry_on=ago(44)),)
        plan = FileTeamPlan(team=team, entries=entries, priorities=text, division=text, filed_on=ago(day))
        await say.do(leader, "team", preparation.file_team_plan, plan)
    announcement = PublishAnnouncement(
        inspection=inspection,
        text=text,
        telephone=text,
        mailbox=text,
        opens_at=datetime(2026, 1, 5, 1, 0, tzinfo=UTC),
        closes_at=datetime(2026, 2, 5, 9, 30, tzinfo=UTC),
        published_on=ago(49),
    )
    await say.do(leader, "team", inspections.publish_announcement, announcement)
    told = Deliver(
        occasion="information_to_team", team=team, recipients=(member, leader), content=text, delivered_on=ago(48)
    )
    information = await say.do(director, "office", deliveries.deliver, told)
    received = AcknowledgeDelivery(delivery=information, received_on=ago(47))
    await say.do(member, "team", deliveries.acknowledge_delivery, received)
    served = RecordService(delivery=information, recorded_on=ago(20), reason=text)
    await say.do(director, "office", deliveries.record_service, served)
    ask = Deliver(
        occasion="inquiry_to_organ",
        team=team,
        body=organ,
        recipients=(who["organ"],),
        content=text,
        delivered_on=ago(48),
    )
    asked = await say.do(leader, "team", deliveries.deliver, ask)
    got = AcknowledgeDelivery(delivery=asked, received_on=ago(47))
    await say.do(who["organ"], "addressee", deliveries.acknowledge_delivery, got)
    answer = Deliver(
        occasion="inquiry_answer", reply_to=asked, recipients=(leader,), content=text, delivered_on=ago(45)
    )
    await say.do(who["organ"], "organ", deliveries.deliver, answer)


async def dispose(
    say: Teller, inspection: str, clue: str, organ: str, director: str, head: str, leader: str, organ_head: str
) -> None:
    """The clue's way upward, and to the organ that answers."""
    text, chosen = Secret("文字"), {"disposal_class": "appointments", "organ": organ}
    await say.do(leader, "team", clues.report_clue, ReportClue(clue=clue, reported_on=TODAY, report=text))
    hear = HearTeam(inspection=inspection, attendees=(leader, director), account=text, heard_on=TODAY)
    await say.do(director, "office", disposals.hear_team, hear)
    propose = ProposeDisposal(item=clue, paper=text, reason=text, proposed_on=TODAY, **chosen)
    await say.do(director, "office", disposals.propose_disposal, propose)
    await say.do(
        head, "leading_group", disposals.decide_disposal, DecideDisposal(item=clue, decided_on=TODAY, **chosen)
    )
    make = TransferItem(item=clue, recipients=(organ_head,), material=text, transferred_on=TODAY)
    transfer = await say.do(director, "office", transfers.transfer_item, make)
    receive = ReceiveTransfer(transfer=transfer, received_on=TODAY)
    await say.do(organ_head, "organ", transfers.receive_transfer, receive)
    handling = say.book.edition.handlings[0].code
    answer = AnswerTransfer(transfer=transfer, handling=handling, account=text, answered_on=TODAY)
    await say.do(organ_head, "organ", transfers.answer_transfer, answer)


async def rectify(say: Teller, inspection: str, round_: str, unit: str, director: str, unit_head: str) -> None:
    """The unit's rectification, from receipt of the feedback to its reports and their publication."""
    text, item = Secret("文字"), derived_id("item", inspection)
    opened = rectification.open_rectification(
        None,
        inspection,
        round_=round_,
        unit=unit,
        items=(OpenedItem(item=item, category="other", text=text, opinion=text),),
        received_on=TODAY,
        report=owed(say.book.edition, say.book.calendar, "rectification_report", TODAY),
        heads_report=None,
    )
    stamp = system_stamp("test", "ReceiveFeedback", uuid4(), NOW)
    await say.ledger.append(stamp.command.id, stamp, {rectification_of(inspection): (0, opened)})
    matter = {"inspection": inspection, "item": item}
    plan = PlanItem(**matter, measures=text, responsible=unit_head, by_on=TODAY, planned_on=TODAY)
    await say.do(unit_head, "unit", rectifications.plan_item, plan)
    update = UpdateItem(**matter, state="done", evidence=text, updated_on=TODAY)
    await say.do(unit_head, "unit", rectifications.update_item, update)
    back = CheckItem(**matter, accepted=0, reason=text, checked_on=TODAY)
    await say.do(director, "office", rectifications.check_item, back)
    report = {"inspection": inspection, "report": text, "recipients": (director,), "submitted_on": TODAY}
    whole, heads = SubmitRectificationReport(**report), SubmitHeadsReport(**report)
    await say.do(unit_head, "unit", rectifications.submit_rectification_report, whole)
    await say.do(unit_head, "unit", rectifications.submit_heads_report, heads)
    propose = ProposePublication(inspection=inspection, of="rectification", text=text, proposed_on=TODAY)
    publication = await say.do(director, "office", publications.propose_publication, propose)
    decide = DecidePublication(publication=publication, approved=1, redacted=1, decided_on=TODAY)
    await say.do(director, "office", publications.decide_publication, decide)
    publish = Publish(publication=publication, where=text, published_on=TODAY)
    await say.do(director, "office", publications.publish, publish)


async def archive(say: Teller, inspection: str, round_: str, team: str, director: str, head: str, leader: str) -> None:
    """The end of the round: a periodic report, the file handed over and received, the round closed."""
    text = Secret("文字")
    name = NameReporter(team=team, person=leader, named_on=TODAY)
    await say.do(leader, "team", archives.name_reporter, name)
    report = ReportPeriodically(team=team, of="important_work", content=text, recipients=(director,), reported_on=TODAY)
    await say.do(leader, "team", archives.report_periodically, report)
    await say.do(director, "office", archives.end_rounds_work, EndRoundsWork(round=round_, ended_on=TODAY))
    kinds = [kind for kind in say.book.edition.codes("file_kinds") if kind != "other"]
    entries = tuple(FileEntry(kind=kind, pieces=0, missing=text) for kind in kinds)
    hand_over = HandOverFile(team=team, entries=entries, recipients=(director,), handed_over_on=TODAY)
    await say.do(leader, "team", archives.hand_over_file, hand_over)
    await say.do(director, "office", archives.receive_file, ReceiveFile(team=team, received_on=TODAY))
    await say.do(head, "leading_group", archives.close_round, CloseRound(round=round_, closed_on=TODAY))


@pytest.fixture(scope="module")
def told(module_database: Any) -> Any:
    """The database with the whole story; `live` are the states as the writing process held them at the end."""
    folder = files("domain.rulebook") / "data"
    book = Rulebook(
        parse_edition((folder / "yiwu-2015.toml").read_text(encoding="utf-8"), "yiwu-2015.toml"),
        parse_calendar((folder / "calendar-cn.toml").read_text(encoding="utf-8"), "calendar-cn.toml"),
    )

    async def tell() -> dict[tuple[Aggregate[Any], str], tuple[int, Any]]:
        async with module_database.ledger() as ledger:
            await story(ledger, book)
            return dict(ledger._states)

    module_database.live = asyncio.run(tell())
    return module_database


def rows(database: Any) -> Iterator[Any]:
    for *others, body in database.ask(f"SELECT {ENTRY} FROM ledger.entries ORDER BY position"):
        yield *others, bytes(body)


def aggregates() -> dict[str, Aggregate[Any]]:
    """Every aggregate of the domain, by the kind of its streams."""
    found: dict[str, Aggregate[Any]] = {}
    for module in pkgutil.iter_modules(domain.__path__):
        for value in vars(importlib.import_module(f"domain.{module.name}")).values():
            if isinstance(value, Aggregate):
                assert found.setdefault(value.kind, value) == value
    return found


def test_replay_equals_live(told: Any) -> None:
    """Promise 6, for states: what the writing process held, one fact after another, is what the whole ledger gives."""
    replayed: dict[str, list[Any]] = {}
    for row in rows(told):
        replayed.setdefault(row[1], []).append(decode(*row).fact)
    compared = set()
    for (aggregate, stream), (version, state) in told.live.items():  # also of what was looked for and is not there
        again = None
        for fact in replayed.get(stream, [])[:version]:
            again = aggregate.evolve(again, fact)
        assert again == state, stream
        compared.add(aggregate.kind)
    assert compared >= {"person", "body", "round", "inspection", "recusal", "petition", "ledger"}, compared


def test_every_stream_is_of_a_known_aggregate_and_replays(told: Any) -> None:
    """Promise 8: kind by kind, from its first fact; versions count from one without holes."""
    known = {**aggregates(), "key": keeping.KEEPING, "rulebook": keeping.KEEPING, "clock": keeping.KEEPING}
    states: dict[str, Any] = {}
    versions: dict[str, int] = {}
    for row in rows(told):
        entry = decode(*row)
        kind = entry.stream.partition(":")[0]
        states[entry.stream] = known[kind].evolve(states.get(entry.stream), entry.fact)
        assert entry.version == versions.get(entry.stream, 0) + 1
        versions[entry.stream] = entry.version
    assert all(state is not None for state in states.values())


def test_every_stored_kind_is_known_and_the_story_tells_most(told: Any) -> None:
    """Promise 8: each row of the ledger is read back as the fact of its kind."""
    stored = {row[3] for row in rows(told)}
    assert stored <= fact_types().keys()
    for row in rows(told):
        assert type(decode(*row).fact) is fact_types()[row[3]]
    assert len(stored) >= 24, sorted(stored)


def test_every_entry_has_the_frozen_form(told: Any) -> None:
    """ADR 1: canonical bytes of exactly stamp and payload; dense positions; rising times; a command's facts counted."""
    before = None
    ordinals: dict[Any, int] = {}
    for position, (at, stream, _, kind, recorded_at, command, ordinal, body) in enumerate(rows(told), start=1):
        raw = json.loads(body)
        assert at == position
        assert rfc8785.dumps(raw) == body
        assert raw.keys() == {"stamp", "payload"}
        assert "kind" not in raw["payload"]
        assert raw["stamp"]["label"] == fact_types()[kind].label
        assert stream in raw["stamp"]["subjects"]
        assert ordinal == ordinals.get(command, -1) + 1
        ordinals[command] = ordinal
        assert before is None or recorded_at >= before
        before = recorded_at
    transactions = told.ask(
        "SELECT min(recorded_at), max(recorded_at) FROM ledger.entries GROUP BY xmin::text ORDER BY 1"
    )
    assert all(first == last for first, last in transactions)
    assert all(one < other for (one, _), (other, _) in pairwise(transactions))


def test_no_text_and_no_name_of_the_story_is_in_the_clear(told: Any) -> None:
    """promises.md, Two seals: not in the ledger, not on the shelf."""
    views(told)
    shelved = told.ask("SELECT tablename FROM pg_tables WHERE schemaname = 'shelf'")
    stored = b"".join(row[-1] for row in rows(told))
    for (table,) in shelved:
        stored += json.dumps(told.ask(f"SELECT t::text FROM shelf.{table} t"), ensure_ascii=False).encode()
    assert b"petition.registered.v1" in stored, "the shelf was not looked at"
    for text in ("文字", "某甲", "来信1", "某镇", "组员3", "某办销〔2026〕9号", "巡查办主任"):
        assert text.encode() not in stored
        assert json.dumps(text).strip('"').encode() not in stored


def views(database: Any) -> dict[str, str]:
    shelf = Shelf(database.access.of("projector"), VIEWS, strict=True)
    shelf.prepare()
    shelf.catch_up()
    shelf.close()
    with database.connect() as connection:
        return {view.name: digest(connection, view.name) for view in VIEWS}


def test_every_view_is_a_function_of_the_ledger(told: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Promise 6: all views of all audiences, dropped and replayed fact by fact, are what they were."""
    before = views(told)
    shelf = Shelf(told.access.of("projector"), VIEWS)
    shelf.drop(VIEWS)
    shelf.close()
    monkeypatch.setattr("projections.shelf.BATCH", 1)
    assert views(told) == before
    empty = [v.name for v in VIEWS if told.ask(f"SELECT count(*) FROM shelf.{v.name}_history") == [(0,)]]
    assert len(empty) < len(VIEWS) / 3, empty


@pytest.mark.parametrize("statement", ["UPDATE {} SET {} = {}", "DELETE FROM {}", "TRUNCATE {}"])
@pytest.mark.parametrize(("table", "column"), [("ledger.entries", "position"), ("ledger.migrations", "number")])
@pytest.mark.parametrize("role", [None, "owner", "writer"])
def test_the_ledgers_tables_refuse_to_be_changed(
    told: Any, statement: str, table: str, column: str, role: str | None
) -> None:
    """Promise 4: by the database, whoever asks."""
    with told.connect(role) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(statement.format(table, column, column))  # type: ignore[arg-type]
