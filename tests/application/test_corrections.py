"""A wrong day put right, tried on a ledger: by whom, of what, what is counted anew, what stays (Art. 28 (c))."""

from datetime import date
from typing import Any

import pytest

from application import corrections, inspections, petitions
from application.acts import Done, Refusal, Rulebook
from domain.disposals import disposal_of
from domain.feedback import FeedbackGiven, FeedbackProposed, FeedbackReceived, FeedbackServiceRecorded, feedback_of
from domain.hearings import TeamHeard, hearings_of
from domain.inspections import EndInspection, NoticePublished, NoticeReceived, NoticeServiceRecorded
from domain.kernel import CorrectDay, DayOf, Manner, Secret
from domain.petitions import RegisterPetition
from domain.rectifications import RectificationOpened, rectification_of
from domain.rulebook.obligations import owed
from domain.rulebook.posts import Post
from domain.transfers import TransferReceived

TEXT = Secret("文字")
TODAY = date(2026, 11, 20)
NOT_FOUND = Refusal("NOT_FOUND")


def correct(matter: str, which: DayOf, day: date) -> CorrectDay:
    return CorrectDay(matter=matter, day_of=which, day=day, reason=TEXT, paper=TEXT, corrected_on=TODAY)


def said(result: Any) -> str | None:
    if isinstance(result, Done):
        return None
    return str(result.rule.name) if result.rule else str(result.code)


def at_work(world: Any) -> Any:
    """Notice on 20 October, entry on 2 November, end on the 18th; a leader, a registrar, a member."""
    world.planned()
    for name, duty in (("leader", "leader"), ("registrar", "registrar"), ("member", "member")):
        world.of_the_team(name, duty)
    return world.entered().ended()


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        ("director", None),
        ("second", None),
        ("clerk", "days_corrected_by_the_office"),
        ("group head", "days_corrected_by_the_office"),
        ("past director", "days_corrected_by_the_office"),
        ("at the unit", "days_not_corrected_by_the_team"),
        ("of the unit", "NOT_FOUND"),
    ],
)
def test_the_office_corrects_a_day_and_nobody_it_favours(world: Any, run: Any, who: str, expected: str | None) -> None:
    """Art. 28 (c): `CorrectDay` by director or deputy in office; not by who has a mandate there, nor serves there."""
    at_work(world).post("second", Post.OFFICE_DEPUTY_DIRECTOR, world.office)
    world.post("past director", Post.OFFICE_DIRECTOR, world.office, until_on=date(2026, 11, 19))
    world.post("at the unit", Post.OFFICE_DIRECTOR, world.office).granted("at the unit", until_on=date(2026, 10, 9))
    world.post("of the unit", Post.OFFICE_DIRECTOR, world.office)
    world.post("of the unit", Post.UNIT_CONTACT, world.unit)
    command = correct(world.inspection, DayOf.ENTERED, date(2026, 11, 3))

    async def go() -> None:
        async with world.open() as tried:
            assert said(await tried.act(who, "office", corrections.correct_day, command)) == expected
            facts = await tried.facts(world.inspection)
            assert (facts[-1].kind == "inspection.day-corrected.v1") is (expected is None)

    run(go())


@pytest.mark.parametrize(
    ("day", "expected"),
    [(date(2026, 11, 20), None), (date(2026, 11, 21), "not_in_the_future")],
    ids=["on the day", "day after"],
)
def test_no_day_is_corrected_to_one_to_come(world: Any, run: Any, day: date, expected: str | None) -> None:
    """Art. 28 (c)."""
    at_work(world)

    async def go() -> None:
        async with world.open() as tried:
            command = correct(world.inspection, DayOf.ENDED, day)
            assert said(await tried.act("director", "office", corrections.correct_day, command)) == expected

    run(go())


def test_what_is_not_on_record_or_hidden_from_the_office_is_not_found(world: Any, run: Any) -> None:
    """promises.md: NOT_FOUND alike: no such matter, no such day yet, a clue not reported, a petition passed on, one the
    director is concerned by."""
    at_work(world)
    petition = world.petition("one")
    clue = world.clue("unreported")
    decided = world.clue("undecided", until="proposed")
    reported = world.clue("decided", until="decided", concerned=("director",))
    hidden = [
        (world.id("inspection", "none"), DayOf.ENTERED),
        (world.inspection, DayOf.NOTICE_RECEIVED),
        (world.inspection, DayOf.FEEDBACK_RECEIVED),
        (world.id("petition", "none"), DayOf.PETITION_RECEIVED),
        (petition, DayOf.PETITION_INSTRUCTED),
        (clue, DayOf.DISPOSAL_DECIDED),
        (decided, DayOf.DISPOSAL_DECIDED),
        (reported, DayOf.DISPOSAL_DECIDED),
        (world.recusal("member"), DayOf.RECUSAL_DECIDED),
        (world.id("transfer", "none"), DayOf.TRANSFER_RECEIVED),
    ]

    async def go() -> None:
        async with world.open() as tried:
            for matter, which in hidden:
                command = correct(matter, which, TODAY)
                found = await tried.act("director", "office", corrections.correct_day, command)
                assert found == NOT_FOUND, (matter, which)

    run(go())


def test_a_matter_of_another_kind_is_ill_formed(world: Any, run: Any) -> None:
    """promises.md: before anything is looked up."""
    at_work(world)

    async def go() -> None:
        async with world.open() as tried:
            command = correct(world.inspection, DayOf.PETITION_RECEIVED, TODAY)
            found = await tried.act("director", "office", corrections.correct_day, command)
            assert (found.code, found.path) == ("ILL_FORMED", "matter")

    run(go())


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 10, 19), "corrected_day_fits_the_others"),
        (date(2026, 10, 20), None),
        (date(2026, 11, 5), None),
        (date(2026, 11, 6), "corrected_day_fits_the_others"),
    ],
    ids=["day before notice", "on it", "day of the hearing", "day after"],
)
def test_entry_stays_between_notice_and_what_came_after(world: Any, run: Any, day: date, expected: str | None) -> None:
    """Art. 11(6), 28 (c): the hearing stands in a stream of its own and counts as well."""
    at_work(world)
    hearing = {"hearing": world.id("hearing"), **world.here, "team": world.team, "attendees": (), "account": TEXT}
    world.add(hearings_of(world.inspection), TeamHeard(**hearing, heard_on=date(2026, 11, 5)))

    async def go() -> None:
        async with world.open() as tried:
            command = correct(world.inspection, DayOf.ENTERED, day)
            assert said(await tried.act("director", "office", corrections.correct_day, command)) == expected

    run(go())


def test_rules_judge_by_the_corrected_day_and_nothing_decided_is_undone(world: Any, run: Any) -> None:
    """Art. 12, 13, 28 (c): a petition of the day before entry is refused, and taken once entry is corrected to it; the
    one taken on a day that lies before a corrected entry stays."""
    world.planned().of_the_team("registrar", "registrar").entered(date(2026, 11, 12))
    register = RegisterPetition(
        inspection=world.inspection, received_on=date(2026, 11, 11), channel="letter", content=TEXT, summary=TEXT
    )

    async def go() -> None:
        async with world.open() as tried:

            async def petition() -> str | None:
                return said(await tried.act("registrar", "team", petitions.register_petition, register))

            async def entered(day: int) -> str | None:
                command = correct(world.inspection, DayOf.ENTERED, date(2026, 11, day))
                return said(await tried.act("director", "office", corrections.correct_day, command))

            assert await petition() == "petition_after_entry"
            assert await entered(11) is None
            assert await petition() is None
            assert await entered(12) is None
            assert await petition() == "petition_after_entry"
            kinds = [f.kind for f in await tried.facts(world.inspection)]
            assert kinds.count("inspection.day-corrected.v1") == 2

    run(go())


def test_the_report_is_owed_anew_by_the_corrected_end(world: Any, run: Any, book: Rulebook) -> None:
    """Art. 16: five working days after 18 November 2026 are the 25th, after the 19th the 26th."""
    world.planned().of_the_team("leader", "leader").entered()

    async def go() -> None:
        async with world.open() as tried:
            end = EndInspection(inspection=world.inspection, ended_on=TODAY)
            assert said(await tried.act("leader", "team", inspections.end_inspection, end)) is None
            command = correct(world.inspection, DayOf.ENDED, date(2026, 11, 19))
            assert said(await tried.act("director", "office", corrections.correct_day, command)) is None
            fact = (await tried.facts(world.inspection))[-1]
            assert fact.report.due_before == date(2026, 11, 27)
            assert fact.report.obligation.count.due == date(2026, 11, 26)
            assert (fact.corrected.before, fact.corrected.day) == (TODAY, date(2026, 11, 19))

    run(go())


@pytest.mark.parametrize(
    ("received", "served", "to", "trigger"),
    [
        (21, None, 22, ("notice_received", 22)),
        (21, 26, 25, ("notice_received", 25)),
        (21, 26, 26, ("service_recorded", 26)),
        (21, 26, 27, ("service_recorded", 26)),
        (27, 26, 28, None),
        (27, 26, 25, ("notice_received", 25)),
    ],
)
def test_publication_is_counted_from_the_corrected_receipt_or_from_the_service(
    world: Any, run: Any, book: Rulebook, received: int, served: int | None, to: int, trigger: Any
) -> None:
    """Art. 11(6): from whichever comes first, as when they are recorded; else nothing moves."""

    def counted(day: int, by: str | None = None) -> Any:
        return owed(book.edition, book.calendar, "notice_publication", date(2026, 10, day), started_by=by)

    world.planned().notice()
    receipt: dict[str, Any] = {"received_by": world.person("unit head"), "how": Manner.IN_PERSON}
    on = {"received_on": date(2026, 10, received)}
    if served is not None and served < received:
        service = {"recorded_on": date(2026, 10, served), "publication": counted(served, "service_recorded")}
        world.add(world.inspection, NoticeServiceRecorded(**world.here, reason=TEXT, **service))
        world.add(world.inspection, NoticeReceived(**world.here, **receipt, **on))
    else:
        world.add(world.inspection, NoticeReceived(**world.here, **receipt, **on, publication=counted(received)))
        if served is not None:
            world.add(
                world.inspection,
                NoticeServiceRecorded(**world.here, reason=TEXT, recorded_on=date(2026, 10, served)),
            )
    published = {"published_on": date(2026, 10, 29), "account": TEXT}
    world.add(world.inspection, NoticePublished(**world.here, **published))

    async def go() -> None:
        async with world.open() as tried:
            command = correct(world.inspection, DayOf.NOTICE_RECEIVED, date(2026, 10, to))
            assert said(await tried.act("director", "office", corrections.correct_day, command)) is None
            anew = (await tried.facts(world.inspection))[-1].publication
            found = anew and (anew.obligation.trigger, anew.obligation.count.trigger.day)
            assert found == trigger

    run(go())


@pytest.mark.parametrize(("day", "late"), [(18, 0), (19, 1)], ids=["on the day of the end", "day after"])
def test_a_petition_is_late_or_not_by_its_corrected_receipt(world: Any, run: Any, day: int, late: int) -> None:
    """Art. 13 (c)."""
    at_work(world)
    petition = world.petition("one", late=not late)

    async def go() -> None:
        async with world.open() as tried:
            command = correct(petition, DayOf.PETITION_RECEIVED, date(2026, 11, day))
            assert said(await tried.act("director", "office", corrections.correct_day, command)) is None
            assert (await tried.facts(petition))[-1].late == late

    run(go())


def test_the_other_days_of_the_list_are_corrected_too(world: Any, run: Any, book: Rulebook) -> None:
    """Art. 17, 23: decision of a disposal and of a recusal, receipt of a transfer; the answer is owed anew."""
    at_work(world).declared("member", "other", on=date(2026, 11, 10)).decided("member", on=date(2026, 11, 15))
    decided = world.clue("decided", until="decided")
    world.clue("transferred", until="transferred")
    transfer = world.id("transfer", "transferred")
    answer = owed(book.edition, book.calendar, "transfer_answer", date(2026, 11, 17), "discipline")
    clue = world.id("clue", "transferred")
    about = {"transfer": transfer, "round": world.round, "item": clue, "unit": world.unit, "organ": world.organ}
    receipt = {"received_by": world.person("contact"), "how": Manner.IN_PERSON, "answer": answer}
    world.add(transfer, TransferReceived(**about, **receipt, received_on=date(2026, 11, 17)))

    async def go() -> None:
        async with world.open() as tried:
            for matter, which, stream, day in (
                (decided, DayOf.DISPOSAL_DECIDED, disposal_of(decided), 14),
                (world.recusal("member"), DayOf.RECUSAL_DECIDED, world.recusal("member"), 14),
                (transfer, DayOf.TRANSFER_RECEIVED, transfer, 18),
            ):
                command = correct(matter, which, date(2026, 11, day))
                assert said(await tried.act("director", "office", corrections.correct_day, command)) is None
                fact = (await tried.facts(stream))[-1]
                assert fact.corrected.day == date(2026, 11, day)
            assert (fact.answer.due_before, fact.answer.obligation.count.due) == (answer.count.due, date(2026, 12, 18))

    run(go())


@pytest.mark.parametrize("by_service", [False, True])
def test_both_reports_are_owed_anew_where_the_month_runs_from_the_receipt(
    world: Any, run: Any, book: Rulebook, by_service: bool
) -> None:
    """Art. 18, 19: the feedback and its rectification in one append; where service was recorded, nothing moves."""
    at_work(world)
    stream, opened = feedback_of(world.inspection), rectification_of(world.inspection)
    about = {"feedback": stream, **world.here}
    month = owed(book.edition, book.calendar, "rectification_report", date(2026, 11, 19))
    proposal = {"overview": TEXT, "opinions": (), "withheld_from": ()}
    given = {"overview": TEXT, "points": (), "recipients": (world.person("unit head"),), "how": Manner.IN_PERSON}
    receipt = {"received_by": world.person("unit head"), "how": Manner.IN_PERSON, "received_on": date(2026, 11, 19)}
    world.add(stream, FeedbackProposed(**about, **proposal, proposed_on=date(2026, 11, 18)))
    world.add(stream, FeedbackGiven(**about, **given, given_on=date(2026, 11, 18)))
    if by_service:
        world.add(stream, FeedbackServiceRecorded(**about, reason=TEXT, recorded_on=date(2026, 11, 19)))
    world.add(stream, FeedbackReceived(**about, **receipt, report=None if by_service else month))
    owes = {"items": (), "report": month, "heads_report": month}
    world.add(opened, RectificationOpened(**world.here, **owes, received_on=date(2026, 11, 19)))

    async def go() -> None:
        async with world.open() as tried:
            command = correct(world.inspection, DayOf.FEEDBACK_RECEIVED, date(2026, 11, 18))
            assert said(await tried.act("director", "office", corrections.correct_day, command)) is None
            assert (await tried.facts(stream))[-1].corrected.day == date(2026, 11, 18)
            fact = (await tried.facts(opened))[-1]
            if by_service:
                assert fact.kind == "rectification.opened.v1"
                return
            assert (fact.report.due_before, fact.report.obligation.count.due) == (month.count.due, date(2026, 12, 18))
            assert fact.heads_report == fact.report

    run(go())
