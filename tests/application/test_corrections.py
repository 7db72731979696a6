"""A wrong day put right, tried on a ledger: by whom, of what, what is counted anew, what stays (Art. 28 (c))."""

import re
from datetime import date
from importlib.resources import files
from typing import Any

import pytest
from tests.application.conftest import World
from tests.arrangements import VICTORY_DAY_2015, calendar_before

from application import corrections, inspections, keeping, petitions
from application.acts import Done, Refusal, Rulebook
from application.due_dates import edition_of
from domain.disposals import disposal_of
from domain.due_dates import due_date_of
from domain.feedback import FeedbackGiven, FeedbackProposed, FeedbackReceived, FeedbackServiceRecorded, feedback_of
from domain.hearings import TeamHeard, hearings_of
from domain.inspections import EndInspection, InspectionEnded, NoticePublished, NoticeReceived, NoticeServiceRecorded
from domain.kernel import CorrectDay, DayOf, Manner, Paper, Secret
from domain.petitions import RegisterPetition
from domain.rectifications import RectificationOpened, rectification_of
from domain.reports import DraftSaved, ReportSigned, ReportSubmitted, report_of
from domain.rulebook.calendars import parse_calendar
from domain.rulebook.editions import Edition, parse_edition
from domain.rulebook.obligations import owed
from domain.rulebook.posts import Post
from domain.transfers import TransferReceived

TEXT = Secret("文字")
PAPER = Paper(reference=TEXT, scan_sha256="a" * 64)
TODAY = date(2026, 11, 20)
NOT_FOUND = Refusal("NOT_FOUND")


def correct(matter: str, which: DayOf, day: date) -> CorrectDay:
    return CorrectDay(matter=matter, day_of=which, day=day, reason=TEXT, paper=PAPER, corrected_on=TODAY)


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


SIGNED, SUBMITTED = date(2026, 11, 18), date(2026, 11, 19)


@pytest.mark.parametrize(
    ("submitted", "day", "expected"),
    [
        (False, date(2026, 11, 18), None),
        (False, date(2026, 11, 19), None),
        (True, date(2026, 11, 19), None),
        (True, date(2026, 11, 20), "corrected_day_fits_the_others"),
    ],
    ids=["day of the signature", "day after", "day it was submitted", "day after that"],
)
def test_the_end_is_bound_by_the_day_the_office_has_the_report_and_not_by_a_signature_it_cannot_know(
    world: Any, run: Any, submitted: bool, day: date, expected: str | None
) -> None:
    """Art. 6(3), 16, 28 (c): what the team has signed and not handed in is not told by a refusal."""
    world.planned().entered().ended(date(2026, 11, 17))
    stream = report_of(world.inspection)
    of_it: dict[str, Any] = {"report": stream, **world.here}
    papers: dict[str, Any] = {"overview": TEXT, "problems": (), "clues": (), "omissions": (), "materials": ()}
    kept: dict[str, Any] = {"draft": 1, "withheld_from": ()}
    world.add(
        stream,
        DraftSaved(**of_it, **papers, **kept, author=world.person("leader"), dropped=(), saved_on=SIGNED),
        ReportSigned(**of_it, **kept, signed_on=SIGNED),
    )
    if submitted:
        to: dict[str, Any] = {"recipients": (world.person("clerk"),), "how": Manner.IN_PERSON}
        world.add(stream, ReportSubmitted(**of_it, **papers, **kept, **to, submitted_on=SUBMITTED))

    async def go() -> None:
        async with world.open() as tried:
            command = correct(world.inspection, DayOf.ENDED, day)
            assert said(await tried.act("director", "office", corrections.correct_day, command)) == expected

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
    """Art. 17, 23: decision of a disposal and of a recusal, receipt of a transfer; the answer is owed anew. Each says
    which entry it corrects, by a paper with its scan, also the second time."""
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
                (first, *_) = [e for e in await tried.ledger.entries(stream) if e.fact.kind == SAID[which]]
                assert fact.corrected.entry == first.key
                again = correct(matter, which, date(2026, 11, day + 1))
                assert said(await tried.act("director", "office", corrections.correct_day, again)) is None
                twice = (await tried.facts(stream))[-1].corrected
                assert (twice.entry, twice.before) == (first.key, fact.corrected.day)
            assert (fact.answer.due_before, fact.answer.obligation.count.due) == (answer.count.due, date(2026, 12, 18))

    run(go())


SAID = {
    DayOf.DISPOSAL_DECIDED: "disposal.decided.v1",
    DayOf.RECUSAL_DECIDED: "recusal.decided.v1",
    DayOf.TRANSFER_RECEIVED: "transfer.received.v1",
}


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
            (said_it,) = [e.key for e in await tried.ledger.entries(opened) if isinstance(e.fact, RectificationOpened)]
            assert fact.corrected.entry == said_it

    run(go())


# --- with a calendar that changes meanwhile (ADR 30) -----------------------------------------------------------------

FOLDER = files("domain.rulebook") / "data"
EDITION_TEXT = (FOLDER / "yiwu-2015.toml").read_text(encoding="utf-8")
EDITION = parse_edition(EDITION_TEXT, "yiwu-2015.toml")
NOW = parse_calendar((FOLDER / "calendar-cn.toml").read_text(encoding="utf-8"), "calendar-cn.toml")
OLD, LAST = calendar_before(VICTORY_DAY_2015), calendar_before(VICTORY_DAY_2015, "cn-last")


def longer() -> Edition:
    """A later edition, in which the report has seven working days, and a month is not rolled on."""
    text = EDITION_TEXT.replace('id = "yiwu-2015"', 'id = "longer-2016"')
    text, periods = re.subn(r'("inspection_report", .*? n = )5', r"\g<1>7", text)
    text, rolls = re.subn(r"(roll_months_to_working_day = \{ value = )true", r"\1false", text)
    assert (periods, rolls) == (1, 1)
    return parse_edition(text, "longer.toml")


def test_a_correction_starts_from_the_day_a_calendar_moved_it_to_and_a_later_one_from_the_correction(
    database: Any, run: Any
) -> None:
    """Art. 16, 28 (c): five working days from 31 August 2015, moved from the 7th to the 8th by Victory Day; the end was
    the 1st, so the 9th; without Victory Day the 8th; the end was the 31st after all, so the 7th. A new edition of seven
    days between changes none of it: a wrong day is put right, not the rules it was counted by."""
    world = World(database)
    world.planned().entered(date(2015, 8, 20))
    first = owed(EDITION, OLD, "inspection_report", date(2015, 8, 31))
    ended = {**world.here, "team": world.team, "ended_on": date(2015, 8, 31)}
    world.add(world.inspection, InspectionEnded(**ended, report=first))
    other = longer()

    async def go() -> None:
        async with world.open() as tried:
            for edition, calendar, moved, day, stood, stands in (
                (EDITION, OLD, 0, None, None, None),
                (EDITION, NOW, 1, None, None, None),
                (other, NOW, 0, date(2015, 9, 1), date(2015, 9, 8), date(2015, 9, 9)),
                (other, LAST, 1, date(2015, 8, 31), date(2015, 9, 8), date(2015, 9, 7)),
                (other, LAST, 0, date(2015, 9, 1), date(2015, 9, 7), date(2015, 9, 8)),
            ):
                book = Rulebook(edition, calendar)
                assert await keeping.adopt(tried.ledger, book) == moved
                if day is None:
                    continue
                command = correct(world.inspection, DayOf.ENDED, day)
                assert said(await tried.act("director", "office", corrections.correct_day, command, book=book)) is None
                anew = (await tried.facts(world.inspection))[-1].report
                assert (anew.due_before, anew.obligation.count.due) == (stood, stands)
                assert (anew.obligation.edition, anew.obligation.count.calendar_version) == (
                    EDITION.id,
                    calendar.version,
                )
            moves = await tried.facts(due_date_of(world.inspection, "inspection_report"))
            assert [(m.was_on.day, m.was_calendar, m.count.due.day) for m in moves] == [
                (7, OLD.version, 8),
                (9, NOW.version, 8),
            ]
            assert {m.edition for m in moves} == {EDITION.id}
            assert await edition_of(tried.ledger, book, EDITION.id) == EDITION
            assert await edition_of(tried.ledger, book, "never-read") == other

    run(go())
