"""One act from end to end, over the real ledger: done, refused, hidden, resent, raced, entered from paper (Art. 28)."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from application import directory, inspections, petitions
from application.acts import Act, Done, Handler, Refusal, Rulebook, happened_live, perform
from application.ledger import Ledger
from application.seals import RESEND_DAYS
from domain.attempts import AttemptIdle, AttemptRefused, attempts_of
from domain.bodies import BODIES, BodyRegistered, RegisterBody
from domain.inspections import EndInspection, InspectionAssigned, InspectionEnded, UnitEntered
from domain.kernel import (
    Authenticated,
    Command,
    Entry,
    Fact,
    Happened,
    IllFormed,
    Paper,
    Precision,
    Sealed,
    Secret,
    Source,
    day_of,
    derived_id,
)
from domain.people import PEOPLE, Appoint, PersonAppointed, PersonAppointmentEnded, PersonRegistered, RegisterPerson
from domain.petitions import PetitionNumberGiven, RegisterPetition, register_of
from domain.recusals import RecusalDeclared, recusal_of
from domain.rounds import MandateGranted
from domain.rulebook.posts import Duty, Post, Power, Standing

NOW = datetime(2026, 11, 20, 2, 30, tzinfo=UTC)
TODAY = day_of(NOW)
MIDNIGHT = datetime(2026, 11, 20, 16, 0, tzinfo=UTC)
"""When it is tomorrow in Shanghai, and still today at Greenwich."""
SIGN_IN = derived_id("sign-in", "somebody")
PLANTED = "举报人张三PLANTED"
ID = UUID(int=7)

OFFICE, UNIT = derived_id("body", "office"), derived_id("body", "unit")
DIRECTOR, LEADER, REGISTRAR, STRANGER, FORMER = (
    derived_id("person", name) for name in ("director", "leader", "registrar", "stranger", "former")
)
ROUND, TEAM, INSPECTION = derived_id("round", "1"), derived_id("team", "1"), derived_id("inspection", "1")


def appointed(person: str, post: Post, body: str, from_on: date, until_on: date | None = None) -> PersonAppointed:
    return PersonAppointed(
        person=person,
        appointment=derived_id("appointment", person, post),
        body=body,
        post=post,
        from_on=from_on,
        until_on=until_on,
    )


def mandate(person: str, duty: Duty) -> MandateGranted:
    return MandateGranted(
        round=ROUND,
        mandate=derived_id("mandate", person),
        team=TEAM,
        person=person,
        duty=duty,
        units=(UNIT,),
        powers=(Power.PREPARATION, Power.ON_SITE, Power.CLOSING),
        from_on=date(2026, 10, 1),
        until_on=date(2026, 12, 31),
        moved_to_non_leading_post=0,
        granted_by=Standing.LEADING_GROUP,
        decided_on=date(2026, 9, 30),
    )


HERE = {"inspection": INSPECTION, "round": ROUND, "unit": UNIT}
STAGE: dict[str, list[Fact]] = {
    OFFICE: [BodyRegistered(body=OFFICE, name=Secret("巡查办"), standing=Standing.OFFICE)],
    UNIT: [BodyRegistered(body=UNIT, name=Secret("某镇"), category="town_or_street")],
    DIRECTOR: [
        PersonRegistered(person=DIRECTOR, name=Secret("主任"), home_body=OFFICE),
        appointed(DIRECTOR, Post.OFFICE_DIRECTOR, OFFICE, date(2020, 1, 1)),
    ],
    FORMER: [
        PersonRegistered(person=FORMER, name=Secret("前任")),
        appointed(FORMER, Post.OFFICE_CLERK, OFFICE, date(2024, 1, 1), date(2025, 12, 31)),
    ],
    STRANGER: [PersonRegistered(person=STRANGER, name=Secret("路人"))],
    LEADER: [PersonRegistered(person=LEADER, name=Secret("组长"))],
    REGISTRAR: [PersonRegistered(person=REGISTRAR, name=Secret("信访组"))],
    ROUND: [mandate(LEADER, Duty.LEADER), mandate(REGISTRAR, Duty.REGISTRAR)],
    INSPECTION: [
        InspectionAssigned(**HERE, team=TEAM),
        UnitEntered(**HERE, entered_on=date(2026, 11, 9)),
    ],
    **{
        recusal_of(ROUND, UNIT, person): [
            RecusalDeclared(
                recusal=recusal_of(ROUND, UNIT, person),
                **HERE,
                person=person,
                grounds=(),
                declared_on=date(2026, 11, 1),
            )
        ]
        for person in (LEADER, REGISTRAR)
    },
}


async def set_up(database: Any) -> None:
    async with database.ledger() as ledger:
        command = uuid4()
        await ledger.append(command, database.stamp(command), {s: (0, facts) for s, facts in STAGE.items()})


@pytest.fixture
def stage(database: Any) -> Any:
    """A ledger with an office, a former clerk, a team's leader and registrar at work in a unit, and a stranger."""
    asyncio.run(set_up(database))
    return database


@pytest.fixture(scope="module")
def shared_stage(module_database: Any) -> Any:
    """The same, for tests that do not mind what others have put on record."""
    asyncio.run(set_up(module_database))
    return module_database


def act(signer: str, audience: str = "office", *, client_id: UUID | None = None, **changes: Any) -> Act:
    given: dict[str, Any] = {
        "client_id": client_id or uuid4(),
        "signer": signer,
        "audience": audience,
        "authenticated": Authenticated(method="test", sign_in=SIGN_IN),
        "now": NOW,
        "doer": signer,
        "happened": happened_live(signer, NOW),
    }
    return Act(**{**given, **changes})


def on_paper(day: date, asserted_by: str = DIRECTOR) -> dict[str, Any]:
    """Circumstances of what is entered from paper."""
    return {
        "happened": Happened(precision=Precision.DAY, source=Source.PAPER, asserted_by=asserted_by, on=day),
        "paper": Paper(reference=Secret("义巡办〔2026〕3号"), scan_sha256="a" * 64),
        "circumstances": {"happened_on": str(day), "paper_reference": "义巡办〔2026〕3号"},
    }


def petition(**changes: Any) -> RegisterPetition:
    given: dict[str, Any] = {
        "inspection": INSPECTION,
        "received_on": date(2026, 11, 18),
        "channel": "letter",
        "content": Secret(PLANTED),
        "summary": Secret("津补贴"),
    }
    return RegisterPetition(**{**given, **changes})


def body(name: str = "某街道") -> RegisterBody:
    return RegisterBody(name=Secret(name), category="public_institution")


async def attempts(ledger: Ledger, person: str) -> list[Entry[Fact]]:
    return await ledger.entries(attempts_of(person))


# --- done --------------------------------------------------------------------------------------------------------


def test_an_act_is_done_and_stamped(stage: Any, run: Any, book: Rulebook) -> None:
    """promises.md, the entry: who, in what capacity, on what grounds, under which edition and calendar."""

    async def go() -> None:
        async with stage.ledger() as ledger:
            done = await perform(ledger, book, act(DIRECTOR), body(), directory.register_body)
            assert isinstance(done, Done)
            (entry,) = await ledger.entries(done.id)
            assert entry.position == done.position
            assert isinstance(entry.fact, BodyRegistered)
            stamp = entry.stamp
            assert (stamp.recorder, stamp.doer, stamp.capacity) == (DIRECTOR, DIRECTOR, "office")
            assert stamp.grounds == derived_id("appointment", DIRECTOR, Post.OFFICE_DIRECTOR)
            assert (stamp.edition.id, stamp.calendar) == (book.edition.id, book.calendar.version)  # type: ignore[union-attr]
            assert (stamp.command.name, stamp.command.answer) == ("RegisterBody", done.id)
            assert (stamp.authenticated, stamp.recorded_under) == (Authenticated(method="test", sign_in=SIGN_IN), None)
            assert await attempts(ledger, DIRECTOR) == []

    run(go())


def test_a_resend_gets_the_first_answer(stage: Any, run: Any, book: Rulebook) -> None:
    """Promise 3: one after the other, and both at once."""

    async def go() -> None:
        async with stage.ledger() as ledger, stage.ledger() as other:
            asked = act(DIRECTOR)
            first = await perform(ledger, book, asked, body(), directory.register_body)
            assert await perform(other, book, asked, body(), directory.register_body) == first
            head = await ledger.head()
            asked = act(DIRECTOR)
            answers = await asyncio.gather(
                *(perform(one, book, asked, body("同时"), directory.register_body) for one in (ledger, other) * 3)
            )
            assert len(set(answers)) == 1
            assert isinstance(answers[0], Done)
            assert await ledger.head() == head + 1

    run(go())


def test_nothing_left_to_do_is_on_record_and_answered_alike_again(stage: Any, run: Any, book: Rulebook) -> None:
    """Article 24(4), promise 3: the aggregate does not grow."""

    async def go() -> None:
        async with stage.ledger() as ledger:
            command = Appoint(person=STRANGER, body=OFFICE, post=Post.OFFICE_CLERK, from_on=TODAY)
            assert isinstance(await perform(ledger, book, act(DIRECTOR), command, directory.appoint), Done)
            for asked in (act(DIRECTOR), act(DIRECTOR, **on_paper(TODAY))):
                idle = await perform(ledger, book, asked, command, directory.appoint)
                assert isinstance(idle, Done)
                assert await perform(ledger, book, asked, command, directory.appoint) == idle
            for entry in await attempts(ledger, DIRECTOR):
                assert entry.fact == AttemptIdle(person=DIRECTOR, command="Appoint", target=STRANGER)
                assert entry.stamp.paper is None
            assert len(await ledger.entries(STRANGER)) == 2

    run(go())


# --- refused -----------------------------------------------------------------------------------------------------


def test_a_refusal_is_on_record_without_the_text(stage: Any, run: Any, book: Rulebook) -> None:
    """promises.md, refused attempts: in the actor's own stream; no aggregate's stream grows, no key is made."""

    async def go() -> None:
        async with stage.ledger() as ledger:
            before, keys = await ledger.head(), len(ledger.keys.rows())
            asked = act(STRANGER, **on_paper(TODAY, STRANGER))
            no = await perform(ledger, book, asked, body(PLANTED), directory.register_body)
            assert isinstance(no, Refusal)
            assert (no.code, no.rule and no.rule.name) == ("REFUSED", "holds_the_post")
            (entry,) = await attempts(ledger, STRANGER)
            assert isinstance(entry.fact, AttemptRefused)
            assert (entry.fact.rule, entry.fact.hidden, entry.stamp.paper) == ("holds_the_post", 0, None)
            assert await ledger.head() == before + 1
            assert len(ledger.keys.rows()) == keys + 1, "the key of command digests, and none for a text"

    run(go())
    stored = b"".join(bytes(row[0]) for row in stage.ask("SELECT body FROM ledger.entries"))
    for path in Path(stage.home).rglob("*"):
        stored += path.read_bytes() if path.is_file() else b""
    assert PLANTED.encode() not in stored


def test_a_resend_of_what_was_refused_is_refused_again(stage: Any, run: Any, book: Rulebook) -> None:
    """Promise 3: the same answer, also when it would be allowed by now; a new command is judged anew."""

    async def go() -> None:
        async with stage.ledger() as ledger:
            asked = act(STRANGER)
            no = await perform(ledger, book, asked, body(), directory.register_body)
            promotion = Appoint(person=STRANGER, body=OFFICE, post=Post.OFFICE_CLERK, from_on=TODAY)
            await perform(ledger, book, act(DIRECTOR), promotion, directory.appoint)
            head = await ledger.head()
            assert await perform(ledger, book, asked, body(), directory.register_body) == no
            assert await ledger.head() == head
            assert isinstance(await perform(ledger, book, act(STRANGER), body(), directory.register_body), Done)

    run(go())


def test_a_resend_of_what_was_refused_reads_its_own_command_and_not_all_that_was_refused_before(
    stage: Any, run: Any, book: Rulebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Promise 3: who tries much makes nobody read much; of many refusals each gets its own again."""

    async def go() -> None:
        async with stage.ledger() as ledger:
            sent = [(act(STRANGER), body(), directory.register_body), (act(STRANGER, "team"), petition(),
                                                                       petitions.register_petition)] * 2  # fmt: skip
            sent = [(act(one.signer, one.audience), command, handler) for one, command, handler in sent]
            first = [await perform(ledger, book, *one) for one in sent]
            assert [no.code for no in first if isinstance(no, Refusal)] == ["REFUSED", "NOT_FOUND"] * 2
            head, entries, read = await ledger.head(), ledger.entries, []

            async def watched(stream: str) -> Any:
                read.append(stream)
                return await entries(stream)

            monkeypatch.setattr(ledger, "entries", watched)
            assert [await perform(ledger, book, *one) for one in sent] == first
            assert read == [], "of the attempts' stream nothing"
            assert await ledger.head() == head

    run(go())


def test_what_is_outside_the_view_is_not_found_and_the_reason_on_record(stage: Any, run: Any, book: Rulebook) -> None:
    """Conventions, NOT_FOUND: no rule in the answer; the attempt says which rule hid it, and that it was hidden."""

    async def go() -> None:
        async with stage.ledger() as ledger:
            asked = act(STRANGER, "team")
            no = await perform(ledger, book, asked, petition(), petitions.register_petition)
            nowhere = petition(inspection=stage.id("inspection"))
            nothing = await perform(ledger, book, act(STRANGER, "team"), nowhere, petitions.register_petition)
            assert no == nothing == Refusal("NOT_FOUND")
            assert await perform(ledger, book, asked, petition(), petitions.register_petition) == no
            one, other = (entry.fact for entry in await attempts(ledger, STRANGER))
            assert isinstance(one, AttemptRefused)
            assert isinstance(other, AttemptRefused)
            assert (one.code, one.hidden, one.rule, one.target) == ("NOT_FOUND", 1, "mandate_live", INSPECTION)
            assert (other.hidden, other.rule, other.target) == (1, None, nowhere.inspection)

    run(go())


@pytest.mark.parametrize(
    ("changes", "command"),
    [
        ({}, body("另一个")),
        ({}, RegisterPerson(name=Secret("某街道"))),
        (on_paper(TODAY), body()),
        ({"audience": "leading_group"}, body()),
    ],
)
def test_one_id_for_another_content_is_ill_formed_and_nothing_is_recorded(
    shared_stage: Any, run: Any, book: Rulebook, changes: dict[str, Any], command: Command
) -> None:
    """Conventions, command id: other text, other command, other circumstances; told without the text being kept."""
    handler: Handler = directory.register_person if isinstance(command, RegisterPerson) else directory.register_body

    async def go() -> None:
        async with shared_stage.ledger() as ledger:
            asked = act(DIRECTOR)
            await perform(ledger, book, asked, body(), directory.register_body)
            head = await ledger.head()
            again = act(DIRECTOR, **{"client_id": asked.client_id, **changes})
            no = await perform(ledger, book, again, command, handler)
            assert no == Refusal("ILL_FORMED", reason="command_id_reused", path="commandId")
            # The id is scoped to the person: another's use of it is their own.
            other = act(STRANGER, client_id=asked.client_id)
            assert (await perform(ledger, book, other, body(), directory.register_body)) != no
            assert await ledger.head() == head + 1

    run(go())


def test_an_act_of_today_resent_after_midnight_gets_the_first_answer(stage: Any, run: Any, book: Rulebook) -> None:
    """Promise 3: it counts what was given, not what became of it; the day that was today is yesterday by then."""
    asked_at = MIDNIGHT - timedelta(seconds=1)
    given = {"happened_on": str(TODAY)}

    def sent(now: datetime, **changes: Any) -> Act:
        happened = happened_live(DIRECTOR, now)
        if day_of(now) != TODAY:
            happened = Happened(
                precision=Precision.DAY, source=Source.RECOLLECTION, asserted_by=DIRECTOR, on=date(2026, 11, 20)
            )
        return act(DIRECTOR, **{"now": now, "happened": happened, "circumstances": given, "client_id": ID, **changes})

    async def go() -> None:
        async with stage.ledger() as ledger:
            first = await perform(ledger, book, sent(asked_at), body(), directory.register_body)
            assert isinstance(first, Done)
            assert day_of(MIDNIGHT) == TODAY + timedelta(1)
            for later in (MIDNIGHT, MIDNIGHT + timedelta(3)):
                assert await perform(ledger, book, sent(later), body(), directory.register_body) == first
            head = await ledger.head()
            for other in (
                {},
                {"happened_on": str(TODAY - timedelta(1))},
                {**given, "doer": STRANGER},
                {**given, "paper_reference": "义巡办〔2026〕3号"},
                {**given, "precision": "month"},
            ):
                no = await perform(ledger, book, sent(MIDNIGHT, circumstances=other), body(), directory.register_body)
                assert no == Refusal("ILL_FORMED", reason="command_id_reused", path="commandId"), other
            assert await ledger.head() == head

    run(go())


def test_what_a_command_said_is_forgotten_after_thirty_days_without_a_restart(
    stage: Any, run: Any, book: Rulebook
) -> None:
    """Conventions, command id: the digest's key fades at the first command of a new day; the answer stays."""

    async def go() -> None:
        async with stage.ledger() as ledger:
            asked = act(DIRECTOR)
            first = await perform(ledger, book, asked, body(), directory.register_body)
            assert isinstance(first, Done)
            (entry,) = await ledger.entries(first.id)
            key = entry.stamp.command.key
            assert key is not None
            for days, known in ((RESEND_DAYS, True), (RESEND_DAYS + 1, False)):
                later = NOW + timedelta(days)
                new = act(DIRECTOR, now=later, happened=happened_live(DIRECTOR, later))
                assert isinstance(await perform(ledger, book, new, body(), directory.register_body), Done)
                assert (ledger.keys.keyed_digest(key, b"guess") is not None) is known
            again = replace(asked, now=later)
            assert await perform(ledger, book, again, body(), directory.register_body) == first

    run(go())


def test_what_was_done_is_answered_so_also_where_it_could_not_be_read_any_more(
    shared_stage: Any, run: Any, book: Rulebook
) -> None:
    """promises.md, command id: ill-formed leaves no entry that would tell a resend; the first answer is looked for."""

    async def cannot(_: Any, __: Any) -> str:
        raise IllFormed("unknown_code")

    async def go() -> None:
        async with shared_stage.ledger() as ledger:
            asked = act(DIRECTOR)
            first = await perform(ledger, book, asked, body(), directory.register_body)
            assert isinstance(first, Done)
            assert await perform(ledger, book, asked, body(), cannot) == first

    run(go())


def test_what_cannot_be_read_is_ill_formed_and_nothing_is_recorded(shared_stage: Any, run: Any, book: Rulebook) -> None:
    """promises.md, refused attempts: malformed requests go to counters."""

    async def go() -> None:
        async with shared_stage.ledger() as ledger:
            head = await ledger.head()
            unknown = RegisterBody(name=Secret("x"), category="no_such_category")
            no = await perform(ledger, book, act(DIRECTOR), unknown, directory.register_body)
            assert no == Refusal("ILL_FORMED", reason="unknown_code", path="category")
            assert await ledger.head() == head

    run(go())


# --- raced -------------------------------------------------------------------------------------------------------


def test_petitions_registered_at_once_are_numbered_without_gaps(stage: Any, run: Any, book: Rulebook) -> None:
    """Article 13 (c): sixteen callers over two processes' ledgers; each lost race is decided again."""

    async def go() -> None:
        async with stage.ledger() as ledger, stage.ledger() as other:
            done = await asyncio.gather(
                *(
                    perform(one, book, act(REGISTRAR, "team"), petition(), petitions.register_petition)
                    for one in (ledger, other) * 8
                )
            )
            assert all(isinstance(d, Done) for d in done), done
            given = [entry.fact for entry in await ledger.entries(register_of(ROUND))]
            numbers = [fact.number for fact in given if isinstance(fact, PetitionNumberGiven)]
            assert numbers == list(range(1, 17))
            registered = {}
            for one in done:
                (entry,) = await ledger.entries(one.id)  # type: ignore[union-attr]
                registered[one.id] = entry.fact.number  # type: ignore[union-attr,attr-defined]
            assert registered == {fact.petition: fact.number for fact in given}  # type: ignore[attr-defined]

    run(go())


def test_what_another_process_wrote_since_counts_though_it_was_read_before(
    stage: Any, run: Any, book: Rulebook
) -> None:
    """promises.md, order: what a process has read before saves a question, and decides nothing that is out of date."""

    async def go() -> None:
        async with stage.ledger() as here, stage.ledger() as there:

            async def registers(person: str) -> Any:
                return await perform(here, book, act(person), body(), directory.register_body)

            async def happens(fact: Fact) -> None:
                _, version = await there.load(PEOPLE, STRANGER)
                command = uuid4()
                await there.append(command, stage.stamp(command), {STRANGER: (version, [fact])})

            assert isinstance(await registers(STRANGER), Refusal)
            clerk = appointed(STRANGER, Post.OFFICE_CLERK, OFFICE, date(2024, 1, 1))
            await happens(clerk)
            assert isinstance(await registers(STRANGER), Done), "refused by what was read before"
            assert isinstance(await registers(STRANGER), Done)
            await happens(
                PersonAppointmentEnded(
                    person=STRANGER,
                    appointment=clerk.appointment,
                    body=OFFICE,
                    ended_on=TODAY - timedelta(1),
                )
            )
            assert isinstance(await registers(STRANGER), Refusal), "done by what was read before"

    run(go())


def test_every_one_of_many_refusals_at_once_is_on_record(stage: Any, run: Any, book: Rulebook) -> None:
    """promises.md, refused attempts: somebody who tries many times at once is not noticed less."""

    async def go() -> None:
        async with stage.ledger() as ledger, stage.ledger() as other:
            answers = await asyncio.gather(
                *(perform(one, book, act(STRANGER), body(), directory.register_body) for one in (ledger, other) * 16)
            )
            assert {answer.code for answer in answers if isinstance(answer, Refusal)} == {"REFUSED"}
            assert len(await attempts(ledger, STRANGER)) == 32

    run(go())


def test_a_resend_that_comes_while_the_first_is_being_done_gets_its_answer(
    stage: Any, run: Any, book: Rulebook
) -> None:
    """Promise 3: the second has not found the first on record, decides on what the first has written, and is
    refused: yet its answer is the first's."""
    end = EndInspection(inspection=INSPECTION, ended_on=TODAY)

    async def go() -> None:
        async with stage.ledger() as ledger:
            asked, decided = act(LEADER, "team"), asyncio.Event()

            async def late(work: Any, command: Any) -> str:
                await decided.wait()
                return await inspections.end_inspection(work, command)

            second = asyncio.create_task(perform(ledger, book, asked, end, late))
            await asyncio.sleep(0.1)
            first = await perform(ledger, book, asked, end, inspections.end_inspection)
            decided.set()
            assert isinstance(first, Done)
            assert await second == first
            assert [type(entry.fact) for entry in await ledger.entries(INSPECTION)][2:] == [InspectionEnded]

    run(go())


# --- entered from paper ------------------------------------------------------------------------------------------


def test_the_office_enters_another_ones_act_from_paper(stage: Any, run: Any, book: Rulebook) -> None:
    """Article 28; promises.md, doer and recorder: both on record, the paper's reference sealed with the matter."""

    async def go() -> None:
        async with stage.ledger() as ledger:
            paper = act(DIRECTOR, doer=REGISTRAR, **on_paper(date(2026, 11, 18)))
            done = await perform(ledger, book, paper, petition(), petitions.register_petition)
            assert isinstance(done, Done), done
            (entry,) = await ledger.entries(done.id)
            stamp = entry.stamp
            assert (stamp.recorder, stamp.doer, stamp.capacity) == (DIRECTOR, REGISTRAR, "team")
            assert stamp.grounds == derived_id("mandate", REGISTRAR)
            assert stamp.recorded_under == derived_id("appointment", DIRECTOR, Post.OFFICE_DIRECTOR)
            assert stamp.paper is not None
            assert isinstance(stamp.paper.reference, Sealed)
            assert ledger.keys.open_content(stamp.paper.reference).text == "义巡办〔2026〕3号"
            assert await perform(ledger, book, paper, petition(), petitions.register_petition) == done

    run(go())


@pytest.mark.parametrize(
    ("asked", "rule"),
    [
        ({"signer": DIRECTOR, "paper": None}, "paper_has_reference"),
        ({"signer": DIRECTOR, "audience": "team"}, "paper_has_reference"),
        ({"signer": STRANGER}, "holds_the_post"),
        ({"signer": FORMER}, "holds_the_post"),
        ({"signer": FORMER, **on_paper(date(2025, 6, 1))}, "holds_the_post"),
        ({"signer": DIRECTOR, **on_paper(TODAY + timedelta(1))}, "not_in_the_future"),
    ],
    ids=[
        "no paper",
        "not for the office",
        "never of the office",
        "no more of the office",
        "of the office then",
        "tomorrow",
    ],
)
def test_another_ones_act_is_not_entered_otherwise(
    shared_stage: Any, run: Any, book: Rulebook, asked: dict[str, Any], rule: str
) -> None:
    """Article 28: by the office of today, from paper, of a day that has been."""

    async def go() -> None:
        async with shared_stage.ledger() as ledger:
            given = {**on_paper(date(2026, 11, 18)), **asked, "doer": REGISTRAR}
            no = await perform(ledger, book, act(**given), petition(), petitions.register_petition)
            assert isinstance(no, Refusal)
            assert (no.code, no.rule and no.rule.name) == ("REFUSED", rule)
            *_, entry = await attempts(ledger, asked["signer"])
            assert isinstance(entry.fact, AttemptRefused)
            assert await ledger.entries(register_of(ROUND)) == []

    run(go())


@pytest.mark.parametrize(
    ("day", "allowed"),
    [(date(2023, 12, 31), False), (date(2024, 1, 1), True), (date(2025, 12, 31), True), (date(2026, 1, 1), False)],
)
def test_the_doers_authority_is_judged_on_the_day_it_happened(
    shared_stage: Any, run: Any, book: Rulebook, day: date, allowed: bool
) -> None:
    """promises.md, doer and recorder: the day before, the first day, the last day, the day after; today it is over."""

    async def go() -> None:
        async with shared_stage.ledger() as ledger:
            entered = await perform(
                ledger, book, act(DIRECTOR, doer=FORMER, **on_paper(day)), body(), directory.register_body
            )
            assert isinstance(entered, Done) == allowed
            if isinstance(entered, Done):
                assert (await ledger.load(BODIES, entered.id))[0] is not None
                (entry,) = await ledger.entries(entered.id)
                assert entry.stamp.grounds == derived_id("appointment", FORMER, Post.OFFICE_CLERK)
            assert isinstance(await perform(ledger, book, act(FORMER), body(), directory.register_body), Refusal)

    run(go())
