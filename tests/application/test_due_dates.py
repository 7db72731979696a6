"""A new calendar is adopted: what is open moves in the same append, what is met stays (Art. 11(6), 16, 17, 19, 28)."""

import re
from datetime import date, timedelta
from importlib.resources import files
from typing import Any
from uuid import uuid4

import pytest
from tests.arrangements import SPRING_FESTIVAL_2020, VICTORY_DAY_2015, calendar_before
from tests.owing import HERE, INSPECTION, PERSON, ROUND, TEAM, WRITTEN, report_submitted

from application import deliveries, keeping
from application.acts import Done, Rulebook
from application.keeping import LostRace
from application.ledger import Ledger
from domain.archives import Handover, RoundsWorkEnded, archive_of
from domain.deliveries import DeliveryMade, DeliveryReceived, RecordService
from domain.due_dates import DueDateMoved, due_date_of
from domain.inspections import InspectionEnded, NoticePublished, NoticeReceived
from domain.keeping import RULEBOOK, CalendarAdopted, EditionAdopted
from domain.kernel import Fact, Label, Manner, Secret, derived_id
from domain.reports import report_of
from domain.rulebook.calendars import Calendar, parse_calendar
from domain.rulebook.editions import Edition, parse_edition
from domain.rulebook.obligations import Obligation, owed

D = date
FOLDER = files("domain.rulebook") / "data"
EDITION_TEXT = (FOLDER / "yiwu-2015.toml").read_text(encoding="utf-8")
EDITION = parse_edition(EDITION_TEXT, "yiwu-2015.toml")
NOW = parse_calendar((FOLDER / "calendar-cn.toml").read_text(encoding="utf-8"), "calendar-cn.toml")
OLD = calendar_before(VICTORY_DAY_2015)
REPORT = report_of(INSPECTION)
DELIVERY = derived_id("delivery", "one")


def due(deadline: str, on: date, calendar: Calendar = OLD, edition: Edition = EDITION) -> Obligation:
    found = owed(edition, calendar, deadline, on)
    assert found
    return found


def ended(on: date, calendar: Calendar = OLD) -> InspectionEnded:
    return InspectionEnded(**HERE, team=TEAM, ended_on=on, report=due("inspection_report", on, calendar))


def received(on: date, calendar: Calendar = OLD) -> NoticeReceived:
    publication = due("notice_publication", on, calendar)
    return NoticeReceived(**HERE, received_by=PERSON, received_on=on, how=WRITTEN, publication=publication)


def published(on: date) -> NoticePublished:
    return NoticePublished(**HERE, published_on=on, account=Secret("已公布"))


def work_ended(on: date, edition: Edition = EDITION) -> RoundsWorkEnded:
    owes = Handover(team=TEAM, obligation=due("file_handover", on, OLD, edition))
    return RoundsWorkEnded(round=ROUND, ended_on=on, handovers=(owes,))


async def tell(database: Any, ledger: Ledger, facts: dict[str, list[Fact]]) -> None:
    """Facts at the end of their streams."""
    command, versions = uuid4(), await ledger.versions(list(facts), await ledger.head())
    await ledger.append(command, database.stamp(command), {s: (versions[s], told) for s, told in facts.items()})


async def moves(ledger: Ledger, matter: str, name: str) -> list[DueDateMoved]:
    found = [entry.fact for entry in await ledger.entries(due_date_of(matter, name))]
    assert all(isinstance(fact, DueDateMoved) for fact in found)
    return found  # type: ignore[return-value]


def test_what_is_open_moves_with_the_adoption_and_what_was_stays_written(database: Any, run: Any) -> None:
    """promises.md §2: a recorded fact with old day, new day, reason; of the system, with the calendar, at one time."""

    async def go() -> None:
        async with database.ledger() as ledger:
            assert await keeping.adopt(ledger, Rulebook(EDITION, OLD)) == 0
            told = [received(D(2015, 8, 25)), ended(D(2015, 8, 31))]
            await tell(database, ledger, {INSPECTION: told, archive_of(ROUND): [work_ended(D(2015, 9, 30))]})
            before = [(e.version, e.fact) for e in await ledger.entries(INSPECTION)]

            assert await keeping.adopt(ledger, Rulebook(EDITION, NOW)) == 1
            (fact,) = await moves(ledger, INSPECTION, "inspection_report")
            assert (fact.was_on, fact.count.due) == (D(2015, 9, 7), D(2015, 9, 8))
            assert (fact.was_calendar, fact.count.calendar_version) == (OLD.version, NOW.version)
            assert [day.date.day for day in fact.because] == [3, 4, 6]
            assert (fact.edition, fact.owed_by, fact.withheld_from) == (EDITION.id, TEAM, ())
            (entry,) = await ledger.entries(due_date_of(INSPECTION, "inspection_report"))
            adopted = (await ledger.entries(RULEBOOK))[-1]
            assert isinstance(adopted.fact, CalendarAdopted)
            assert (entry.command, entry.recorded_at) == (adopted.command, adopted.recorded_at)
            assert (entry.stamp.doer, entry.stamp.calendar) == ("system:keeping", NOW.version)
            assert (entry.stamp.label, set(entry.stamp.subjects) >= {INSPECTION, TEAM}) == (Label.INSPECTION, True)
            assert [(e.version, e.fact) for e in await ledger.entries(INSPECTION)] == before

            # The same day as before, whatever calendar: not touched.
            assert await moves(ledger, INSPECTION, "notice_publication") == []
            assert await moves(ledger, TEAM, "file_handover") == []

            head = await ledger.head()
            assert await keeping.adopt(ledger, Rulebook(EDITION, NOW)) == 0  # as every start does
            assert await keeping.adopt(ledger, Rulebook(EDITION, OLD)) == 0  # known before: nothing new is adopted
            assert await ledger.head() == head

    run(go())


@pytest.mark.parametrize(
    ("met", "moved"),
    [
        ({}, [D(2020, 2, 4)]),
        ({INSPECTION: [published(D(2020, 1, 23))]}, []),
        ({INSPECTION: [published(D(2020, 2, 5))]}, []),  # late, and it stays late
    ],
    ids=["open", "met", "met late"],
)
def test_what_is_met_is_never_moved(met: dict[str, list[Fact]], moved: list[date], database: Any, run: Any) -> None:
    """promises.md §2: Spring Festival 2020, a notice received two days before it."""
    old = calendar_before(SPRING_FESTIVAL_2020)

    async def go() -> None:
        async with database.ledger() as ledger:
            await keeping.adopt(ledger, Rulebook(EDITION, old))
            await tell(database, ledger, {INSPECTION: [received(D(2020, 1, 22), old)]})
            if met:
                await tell(database, ledger, met)
            assert await keeping.adopt(ledger, Rulebook(EDITION, NOW)) == len(moved)
            assert [fact.count.due for fact in await moves(ledger, INSPECTION, "notice_publication")] == moved

    run(go())


def test_it_moves_again_by_a_third_calendar_from_where_it_stands(database: Any, run: Any) -> None:
    """promises.md §2: each move says from which day and which calendar."""
    third = calendar_before(VICTORY_DAY_2015, "cn-third")

    async def go() -> None:
        async with database.ledger() as ledger:
            for calendar, number in ((OLD, 0), (NOW, 1), (third, 1)):
                assert await keeping.adopt(ledger, Rulebook(EDITION, calendar)) == number
                if calendar is OLD:
                    await tell(database, ledger, {INSPECTION: [ended(D(2015, 8, 31))]})
            found = await moves(ledger, INSPECTION, "inspection_report")
            assert [(f.was_on.day, f.count.due.day, f.was_calendar) for f in found] == [
                (7, 8, OLD.version),
                (8, 7, NOW.version),
            ]

    run(go())


def test_what_is_met_while_it_is_counted_is_looked_at_again(
    database: Any, run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """promises.md §2: it rests on every stream in which it could be met; the report's is another than the end's."""
    asked = Ledger.versions
    raced: list[str] = []

    async def go() -> None:
        async with database.ledger() as ledger:
            await keeping.adopt(ledger, Rulebook(EDITION, OLD))
            await tell(database, ledger, {INSPECTION: [ended(D(2015, 8, 31))]})

            async def met_meanwhile(self: Ledger, streams: Any, until: int) -> dict[str, int]:
                if REPORT in streams and not raced:
                    raced.append(REPORT)
                    await tell(database, ledger, {REPORT: [report_submitted(D(2015, 9, 7))]})
                return await asked(self, streams, until)

            monkeypatch.setattr(Ledger, "versions", met_meanwhile)
            assert await keeping.adopt(ledger, Rulebook(EDITION, NOW)) == 0
            assert raced == [REPORT]
            assert await moves(ledger, INSPECTION, "inspection_report") == []
            assert isinstance((await ledger.entries(RULEBOOK))[-1].fact, CalendarAdopted)

    run(go())


def test_a_ledger_that_never_stands_still_is_told_so(database: Any, run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Article 4(6): after some tries; nothing is adopted by halves."""
    asked = Ledger.versions

    async def go() -> None:
        async with database.ledger() as ledger:
            await keeping.adopt(ledger, Rulebook(EDITION, OLD))
            await tell(database, ledger, {INSPECTION: [ended(D(2015, 8, 31))]})

            async def always_moving(self: Ledger, streams: Any, until: int) -> dict[str, int]:
                return {stream: version + 7 for stream, version in (await asked(self, streams, until)).items()}

            monkeypatch.setattr(Ledger, "versions", always_moving)
            head = await ledger.head()
            with pytest.raises(LostRace):
                await keeping.adopt(ledger, Rulebook(EDITION, NOW))
            assert await ledger.head() == head

    run(go())


def test_each_is_counted_by_the_edition_it_was_counted_by(database: Any, run: Any) -> None:
    """promises.md §2: a month is rolled on where its own edition says so, and not where the one in force says so."""
    unrolled, changed = re.subn(r"(roll_months_to_working_day = \{ value = )true", r"\1false", EDITION_TEXT)
    assert changed == 1
    other = parse_edition(unrolled.replace('id = "yiwu-2015"', 'id = "unrolled-2015"'), "unrolled.toml")

    async def go() -> None:
        async with database.ledger() as ledger:
            await keeping.adopt(ledger, Rulebook(other, OLD))
            await tell(database, ledger, {archive_of(ROUND): [work_ended(D(2015, 8, 3), other)]})
            assert await keeping.adopt(ledger, Rulebook(EDITION, NOW)) == 0

    run(go())


def test_texts_no_later_program_reads_are_no_hindrance(database: Any, run: Any) -> None:
    """Articles 1, 11(6): what was adopted under earlier rules of form stays adopted."""

    async def go() -> None:
        async with database.ledger() as ledger:
            adopted: list[Fact] = [
                EditionAdopted(edition="early-2014", digest="ab" * 32, text="id = 'early'"),
                CalendarAdopted(calendar=OLD.version, digest=OLD.digest, text="version = 1"),
            ]
            await tell(database, ledger, {RULEBOOK: adopted, INSPECTION: [ended(D(2015, 8, 31))]})
            assert await keeping.adopt(ledger, Rulebook(EDITION, NOW)) == 1
            (fact,) = await moves(ledger, INSPECTION, "inspection_report")
            assert (fact.count.due, fact.because) == (D(2015, 9, 8), ())

    run(go())


# --- a rule that judges by the day ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("on", "moved", "rule"),
    [
        (D(2015, 9, 3), False, "service_recorded_after_the_period"),
        (D(2015, 9, 4), False, None),
        (D(2015, 9, 4), True, "service_recorded_after_the_period"),
        (D(2015, 9, 6), True, "service_recorded_after_the_period"),
        (D(2015, 9, 7), True, None),
    ],
)
def test_service_is_recorded_after_the_day_the_period_was_moved_to(
    on: date, moved: bool, rule: str | None, world: Any, run: Any
) -> None:
    """Art. 11(4), 18, 22, 29: due on 2015-09-03, moved to the 6th, a Sunday that is worked."""
    delivery = world.id("delivery", "one")
    made = DeliveryMade(
        delivery=delivery,
        round=world.id("round", "one"),
        occasion="liaison",
        sender="office",
        to="persons",
        made_by=world.person("clerk"),
        recipients=(world.person("unit head"), world.person("unit contact")),
        how=Manner.IN_PERSON,
        content=Secret("x"),
        delivered_on=D(2015, 8, 31),
        service=due("service_record", D(2015, 8, 31)),
    )
    got = DeliveryReceived(
        delivery=delivery,
        round=made.round,
        received_by=world.person("unit contact"),
        received_on=D(2015, 9, 1),
        how=Manner.IN_PERSON,
    )
    world.add(delivery, made, got)

    async def go() -> None:
        async with world.open() as tried:
            if moved:
                count = due("service_record", D(2015, 8, 31), NOW).count
                fact = DueDateMoved(
                    matter=delivery,
                    name="service_record",
                    round=made.round,
                    withheld_from=(),
                    labelled_as=Label.DELIVERY,
                    edition="yiwu-2015",
                    was_on=D(2015, 9, 3),
                    was_calendar=OLD.version,
                    count=count,
                )
                await tell(world.database, tried.ledger, {due_date_of(delivery, "service_record"): [fact]})
            command = RecordService(delivery=delivery, recorded_on=on, reason=Secret("未签收"))
            answer = await tried.act("clerk", "office", deliveries.record_service, command)
            assert (answer.rule.name if not isinstance(answer, Done) and answer.rule else None) == rule
            assert isinstance(answer, Done) == (rule is None), answer

    run(go())


def test_the_period_of_a_delivery_is_moved_with_the_rest(database: Any, run: Any) -> None:
    """Art. 11(4), 18, 22, 29: as long as somebody has not acknowledged it."""

    async def go() -> None:
        async with database.ledger() as ledger:
            await keeping.adopt(ledger, Rulebook(EDITION, OLD))
            made = DeliveryMade(
                delivery=DELIVERY,
                round=ROUND,
                occasion="liaison",
                sender="office",
                to="persons",
                made_by=PERSON,
                recipients=(PERSON,),
                how=Manner.IN_PERSON,
                content=Secret("x"),
                delivered_on=D(2015, 8, 31),
                service=due("service_record", D(2015, 8, 31)),
            )
            await tell(database, ledger, {DELIVERY: [made]})
            assert await keeping.adopt(ledger, Rulebook(EDITION, NOW)) == 1
            (fact,) = await moves(ledger, DELIVERY, "service_record")
            assert (fact.was_on, fact.count.due) == (D(2015, 9, 3), D(2015, 9, 3) + timedelta(3))

    run(go())
