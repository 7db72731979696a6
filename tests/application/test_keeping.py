"""The destruction of a key: by whom the edition names, on a day they could, and never while it is needed (Art. 28)."""

import sqlite3
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from application.acts import Rulebook
from application.holds import Holds
from application.keeping import KeepingError, destroy_key, finish_destructions
from application.seals import store_file
from domain.disposals import disposal_of
from domain.feedback import FeedbackGiven, FeedbackProposed, FeedbackReceived, feedback_of
from domain.inspections import InspectionAssigned, InspectionEnded, UnitEntered
from domain.keeping import KEEPING, KeyDestructionDecided
from domain.kernel import SHANGHAI, Assignment, Manner, Refused, Sealed, Secret, Source, day_of
from domain.omissions import OmissionReasonGiven, omission_of
from domain.people import PersonMandated
from domain.petitions import Petitioner
from domain.problems import ProblemReported
from domain.reports import DraftSaved, ReportSubmitted, report_of
from domain.rounds import TeamFormed
from domain.rulebook.posts import Post, Standing

TODAY = day_of(datetime.now(UTC))
YESTERDAY = TODAY - timedelta(1)
BASIS = "某办销〔2026〕9号"
TEXT = "文字"


def aged(tried: Any, made: date) -> None:
    """As if every key had been made on a day: its first minute in Shanghai."""
    at = datetime(made.year, made.month, made.day, tzinfo=SHANGHAI).astimezone(UTC)
    with sqlite3.connect(store_file(tried.world.database.home / "keys"), isolation_level=None, timeout=10) as store:
        store.execute("UPDATE keys SET made_at = ?", (at.isoformat(),))
    store.close()


async def destroy(
    tried: Any, book: Rulebook, matter: str, *, by: str = "director", on: date = TODAY, seal: str = "content"
) -> bool:
    """Destroy the key of a matter, by the decision of somebody."""
    (key,) = (row.id for row in tried.ledger.keys.rows() if row.subject == f"{seal}:{matter}")
    return await destroy_key(tried.ledger, book, key, decided_by=tried.world.person(by), decided_on=on, basis=BASIS)


async def refused(tried: Any, book: Rulebook, matter: str, **given: Any) -> str:
    """The rule that refuses it; and nothing is changed by it."""
    before = await tried.ledger.head(), tried.ledger.keys.rows()
    with pytest.raises(Refused) as no:
        await destroy(tried, book, matter, **given)
    assert (await tried.ledger.head(), tried.ledger.keys.rows()) == before
    return no.value.rule.name


# --- who decides -------------------------------------------------------------------------------------------------


@pytest.fixture
def free(world: Any) -> Any:
    """A world with a petition nothing is left to be done about, and people who could have a say."""
    world.planned().entered().handled(world.petition("1"))
    world.post("deputy", Post.OFFICE_DEPUTY_DIRECTOR, world.office)
    world.post("formerly", Post.OFFICE_DIRECTOR, world.office, until_on=YESTERDAY)
    world.post("from today", Post.OFFICE_DIRECTOR, world.office, from_on=TODAY)
    world.person("stranger")
    return world


@pytest.mark.parametrize(
    ("by", "on", "allowed"),
    [
        ("director", TODAY, True),
        ("deputy", date(2026, 1, 5), True),
        ("formerly", YESTERDAY, True),
        ("formerly", TODAY, False),
        ("from today", TODAY, True),
        ("from today", YESTERDAY, False),
        ("clerk", TODAY, False),
        ("group head", TODAY, False),
        ("secretary", TODAY, False),
        ("stranger", TODAY, False),
        ("unit head", TODAY, False),
    ],
)
def test_a_key_is_destroyed_by_whoever_spoke_for_the_office_on_that_day(
    free: Any, run: Any, book: Rulebook, by: str, on: date, allowed: bool
) -> None:
    """Art. 28: the director or a deputy; a day before or after the post is none of theirs."""

    async def go() -> None:
        async with free.open() as tried:
            petition = free.id("petition", "1")
            aged(tried, date(2026, 1, 1))
            if not allowed:
                rule = await refused(tried, book, petition, by=by, on=on)
                assert rule == "key_destruction_decided_by_who_may"
                return
            assert await destroy(tried, book, petition, by=by, on=on) is True
            (key,) = (row.id for row in tried.ledger.keys.rows() if row.subject == f"content:{petition}")
            (entry,) = await tried.ledger.entries(key)
            fact, stamp = entry.fact, entry.stamp
            assert isinstance(fact, KeyDestructionDecided)
            assert (fact.decided_by, fact.standing, fact.decided_on) == (free.person(by), Standing.OFFICE, on)
            assert isinstance(fact.basis, Sealed)
            assert tried.ledger.keys.open_content(fact.basis).text == BASIS
            assert (stamp.doer, stamp.capacity, stamp.grounds) == (free.person(by), "office", free.appointment(by))
            assert (stamp.happened.on, stamp.happened.source) == (on, Source.PAPER)
            assert (await tried.ledger.load(KEEPING, key))[0] is not None

    run(go())


def test_somebody_nobody_knows_destroys_nothing(free: Any, run: Any, book: Rulebook) -> None:
    """Art. 28: nobody's name or id is no decider; a key of nobody's or of the system's is of no matter."""

    async def go() -> None:
        async with free.open() as tried:
            rows = tried.ledger.keys.rows()
            key = next(row.id for row in rows if row.subject == f"content:{free.id('petition', '1')}")
            for nobody in ("张主任", free.id("person", "nobody"), free.office):
                with pytest.raises(Refused, match="key_destruction_decided_by_who_may"):
                    await destroy_key(tried.ledger, book, key, decided_by=nobody, decided_on=TODAY, basis=BASIS)
            given: dict[str, Any] = {"decided_by": free.person("director"), "decided_on": TODAY, "basis": BASIS}
            with pytest.raises(KeepingError, match="no such key"):
                await destroy_key(tried.ledger, book, free.id("key"), **given)
            for row in rows:
                if row.subject.startswith("digest:"):
                    with pytest.raises(KeepingError, match="system key"):
                        await destroy_key(tried.ledger, book, row.id, **given)
            assert tried.ledger.keys.rows() == rows

    run(go())


@pytest.mark.parametrize(("days", "allowed"), [(-1, False), (0, True), (1, True)])
def test_a_key_is_not_destroyed_by_a_decision_older_than_the_key(
    free: Any, run: Any, book: Rulebook, days: int, allowed: bool
) -> None:
    """promises.md §5.1: nobody decided about what was not there yet; the days are Shanghai's."""

    async def go() -> None:
        async with free.open() as tried:
            petition, made = free.id("petition", "1"), date(2026, 6, 1)
            aged(tried, made)
            before = await tried.ledger.head(), tried.ledger.keys.rows()
            if allowed:
                assert await destroy(tried, book, petition, on=made + timedelta(days)) is True
                return
            with pytest.raises(KeepingError, match="before the key was made"):
                await destroy(tried, book, petition, on=made + timedelta(days))
            assert (await tried.ledger.head(), tried.ledger.keys.rows()) == before

    run(go())


def test_a_key_that_comes_back_with_an_old_store_is_destroyed_again(free: Any, run: Any, book: Rulebook) -> None:
    """promises.md §5.1: what is on record is completed, once, and of no other key."""

    async def go() -> None:
        async with free.open() as tried:
            petition, keys = free.id("petition", "1"), tried.ledger.keys
            (key,) = (row.id for row in keys.rows() if row.subject == f"content:{petition}")
            content = (await tried.facts(petition))[0].content
            with sqlite3.connect(store_file(free.database.home / "keys"), isolation_level=None, timeout=10) as store:
                ((wrapped,),) = store.execute("SELECT wrapped FROM keys WHERE id = ?", (key,)).fetchall()
                assert await destroy(tried, book, petition) is True
                rows = keys.rows()
                back = "UPDATE keys SET wrapped = ?, destroyed_at = NULL WHERE id = ?"
                store.execute(back, (wrapped, key))
            store.close()
            assert keys.open_content(content).text == TEXT
            assert await finish_destructions(tried.ledger) == [key]
            assert keys.open_content(content).text is None
            assert [(row.id, row.destroyed_at is None) for row in keys.rows()] == [
                (row.id, row.destroyed_at is None) for row in rows
            ]
            assert await finish_destructions(tried.ledger) == []

    run(go())


def test_a_decision_of_tomorrow_destroys_nothing_today(free: Any, run: Any, book: Rulebook) -> None:
    """promises.md §2: what is put on record cannot lie in the future."""

    async def go() -> None:
        async with free.open() as tried:
            assert await refused(tried, book, free.id("petition", "1"), on=TODAY + timedelta(1)) == "not_in_the_future"

    run(go())


@pytest.mark.parametrize(
    ("approver", "by", "capacity"),
    [("leading_group", "group head", "leading_group"), ("party_committee", "secretary", "leading_group")],
)
def test_who_decides_the_destruction_follows_the_edition(
    free: Any, run: Any, book_where: Callable[..., Rulebook], approver: str, by: str, capacity: str
) -> None:
    """Art. 28: another city's text names another body; the office then has no say."""
    other = book_where(key_destruction=approver)

    async def go() -> None:
        async with free.open() as tried:
            petition = free.id("petition", "1")
            assert await refused(tried, other, petition) == "key_destruction_decided_by_who_may"
            assert await destroy(tried, other, petition, by=by) is True
            (key,) = (row.id for row in tried.ledger.keys.rows() if row.subject == f"content:{petition}")
            (entry,) = await tried.ledger.entries(key)
            assert (entry.fact.standing, entry.stamp.capacity) == (approver, capacity)

    run(go())


# --- holds -------------------------------------------------------------------------------------------------------


def in_a_team(world: Any, until_on: date) -> None:
    """A person without a post whose mandate lasts until a day."""
    world.granted("x", until_on=until_on)
    mandated = PersonMandated(person=world.person("x"), round=world.round, mandate=world.mandate("x"))
    world.add(world.person("x"), mandated)


def with_clue(world: Any, until: str) -> Any:
    """A petition that became a clue, which has come so far."""
    petition = world.petition("1", handler="member")
    clue = world.clue("1", until=until)
    return world.handled(petition, clue)


def in_two_units(world: Any, *, other_ended: bool) -> None:
    """A second inspection in the round, at another unit."""
    inspection, team = world.id("inspection", "other"), world.id("team", "other")
    about = {"inspection": inspection, "round": world.round, "unit": world.other_unit}
    world.add(
        world.round,
        TeamFormed(
            round=world.round,
            team=team,
            name=Secret("二组"),
            assignments=(Assignment(unit=world.other_unit, inspection=inspection),),
            decided_on=date(2026, 9, 29),
        ),
    )
    world.add(inspection, InspectionAssigned(**about, team=team), UnitEntered(**about, entered_on=date(2026, 11, 2)))
    if other_ended:
        world.add(inspection, InspectionEnded(**about, team=team, ended_on=date(2026, 11, 18)))


def in_report(world: Any, until: str, *stated: str) -> Any:
    """A report that has come so far: drafted, submitted, fed back, received. `stated`: its problems."""
    report, feedback = report_of(world.inspection), feedback_of(world.inspection)
    text, about = Secret("文字"), world.here
    found = {"category": "integrity_discipline", "text": text}
    problems = tuple({"problem": problem, **found} for problem in stated)
    whole: dict[str, Any] = {"overview": text, "clues": (), "omissions": (), "materials": (), "withheld_from": ()}
    told = {"recipients": (world.person("clerk"),), "how": Manner.IN_PERSON}
    steps: tuple[tuple[str, str, Any], ...] = (
        (
            "drafted",
            report,
            DraftSaved(
                **about,
                **whole,
                problems=tuple({**problem, "sources": ()} for problem in problems),
                report=report,
                draft=1,
                author=world.person("x"),
                dropped=(),
                saved_on=YESTERDAY,
            ),
        ),
        (
            "submitted",
            report,
            ReportSubmitted(**about, **whole, **told, problems=problems, report=report, draft=1, submitted_on=TODAY),
        ),
        (
            "proposed",
            feedback,
            FeedbackProposed(
                **about, feedback=feedback, overview=text, opinions=(), withheld_from=(), proposed_on=TODAY
            ),
        ),
        (
            "given",
            feedback,
            FeedbackGiven(**about, **told, feedback=feedback, overview=text, points=(), given_on=TODAY),
        ),
        (
            "received",
            feedback,
            FeedbackReceived(
                **about, feedback=feedback, received_by=world.person("x"), received_on=TODAY, how=Manner.IN_PERSON
            ),
        ),
    )
    for name, stream, fact in steps:
        world.add(stream, fact)
        if name == until:
            break
    return world


def with_problem(world: Any, reported: str, disposed: str | None = None) -> Any:
    """A problem of a report that has come so far, and whose disposal has."""
    problem = world.id("problem", "1")
    in_report(world, reported, problem)
    fact = ProblemReported(
        **world.here,
        problem=problem,
        report=report_of(world.inspection),
        sources=(),
        withheld_from=(),
        reported_on=TODAY,
    )
    world.add(problem, fact)
    if disposed == "returned":
        return world.returned(world.disposed(problem, "1", until="transferred"), "1")
    return world.disposed(problem, "1", until=disposed) if disposed else world


def left_out(world: Any, until: str) -> Any:
    """A restricted clue that has come so far, and the reason why it is not in the report."""
    clue = world.clue("1", until=until)
    reason = OmissionReasonGiven(
        **world.here,
        omission=omission_of(clue),
        clue=clue,
        reason=Secret("文字"),
        withheld_from=(),
        omitted_on=TODAY,
    )
    return world.add(omission_of(clue), reason)


HELD: dict[str, tuple[Callable[[Any], object], Callable[[Any], str], bool]] = {
    "a petition registered": (lambda w: w.petition("1"), lambda w: w.id("petition", "1"), True),
    "a petition instructed on": (lambda w: w.petition("1", handler="x"), lambda w: w.id("petition", "1"), True),
    "a petition handled": (lambda w: w.handled(w.petition("1")), lambda w: w.id("petition", "1"), False),
    "a petition whose clue is reported": (lambda w: with_clue(w, "reported"), lambda w: w.id("petition", "1"), True),
    "a petition whose clue is decided on": (lambda w: with_clue(w, "decided"), lambda w: w.id("petition", "1"), True),
    "a petition whose clue awaits its answer": (
        lambda w: with_clue(w, "transferred"),
        lambda w: w.id("petition", "1"),
        True,
    ),
    "a petition whose clue is answered": (lambda w: with_clue(w, "answered"), lambda w: w.id("petition", "1"), False),
    "a clue registered": (lambda w: w.clue("1"), lambda w: w.id("clue", "1"), True),
    "a clue decided on": (lambda w: w.clue("1", until="decided"), lambda w: w.id("clue", "1"), True),
    "a clue transferred": (lambda w: w.clue("1", until="transferred"), lambda w: w.id("clue", "1"), True),
    "a clue answered": (lambda w: w.clue("1", until="answered"), lambda w: w.id("clue", "1"), False),
    "a clue that came back": (
        lambda w: w.returned(w.clue("1", until="transferred"), "1"),
        lambda w: w.id("clue", "1"),
        True,
    ),
    "a transfer that came back": (
        lambda w: w.returned(w.clue("1", until="transferred"), "1"),
        lambda w: w.id("transfer", "1"),
        False,
    ),
    "a disposal decided on": (
        lambda w: w.clue("1", until="decided"),
        lambda w: disposal_of(w.id("clue", "1")),
        True,
    ),
    "a disposal carried out": (
        lambda w: w.clue("1", until="transferred"),
        lambda w: disposal_of(w.id("clue", "1")),
        True,
    ),
    "a disposal answered": (
        lambda w: w.clue("1", until="answered"),
        lambda w: disposal_of(w.id("clue", "1")),
        False,
    ),
    "a transfer made": (lambda w: w.clue("1", until="transferred"), lambda w: w.id("transfer", "1"), True),
    "a transfer answered": (lambda w: w.clue("1", until="answered"), lambda w: w.id("transfer", "1"), False),
    "an inspection under way": (lambda w: w, lambda w: w.inspection, True),
    "an inspection ended": (lambda w: w.ended(), lambda w: w.inspection, False),
    "a recusal declared": (lambda w: w.declared("x", "near_relative"), lambda w: w.recusal("x"), True),
    "a recusal upheld": (
        lambda w: w.declared("x", "near_relative").decided("x"),
        lambda w: w.recusal("x"),
        False,
    ),
    "a recusal not upheld and declared anew": (
        lambda w: w.declared("x", "near_relative").decided("x", "not_upheld").declared("x", "interest"),
        lambda w: w.recusal("x"),
        True,
    ),
    "a round with no inspection yet": (
        lambda w: w.facts.update({w.round: w.facts[w.round][:2]}),
        lambda w: w.round,
        True,
    ),
    "a round with an inspection under way": (lambda w: w, lambda w: w.round, True),
    "a round with every inspection ended": (lambda w: w.ended(), lambda w: w.round, False),
    "a round with one of two ended": (
        lambda w: in_two_units(w.ended(), other_ended=False),
        lambda w: w.round,
        True,
    ),
    "a round with both of two ended": (
        lambda w: in_two_units(w.ended(), other_ended=True),
        lambda w: w.round,
        False,
    ),
    "a report drafted": (lambda w: in_report(w, "drafted"), lambda w: report_of(w.inspection), True),
    "a report submitted": (lambda w: in_report(w, "submitted"), lambda w: report_of(w.inspection), True),
    "a report fed back": (lambda w: in_report(w, "given"), lambda w: report_of(w.inspection), True),
    "a report whose feedback is received": (
        lambda w: in_report(w, "received"),
        lambda w: report_of(w.inspection),
        False,
    ),
    **{
        f"a report whose feedback is received, with a problem {disposed}": (
            lambda w, disposed=disposed: with_problem(w, "received", disposed),
            lambda w: report_of(w.inspection),
            held,
        )
        for disposed, held in (
            (None, False),
            ("proposed", True),
            ("decided", True),
            ("transferred", True),
            ("returned", True),
            ("answered", False),
        )
    },
    "the disposal of a problem proposed": (
        lambda w: with_problem(w, "received", "proposed"),
        lambda w: disposal_of(w.id("problem", "1")),
        True,
    ),
    "the disposal of a problem answered": (
        lambda w: with_problem(w, "submitted", "answered"),
        lambda w: disposal_of(w.id("problem", "1")),
        False,
    ),
    "a feedback proposed": (lambda w: in_report(w, "proposed"), lambda w: feedback_of(w.inspection), True),
    "a feedback given": (lambda w: in_report(w, "given"), lambda w: feedback_of(w.inspection), True),
    "a feedback received": (lambda w: in_report(w, "received"), lambda w: feedback_of(w.inspection), False),
    "the reason for leaving out a clue that is open": (
        lambda w: left_out(w, "transferred"),
        lambda w: omission_of(w.id("clue", "1")),
        True,
    ),
    "the reason for leaving out a clue that is answered": (
        lambda w: left_out(w, "answered"),
        lambda w: omission_of(w.id("clue", "1")),
        False,
    ),
    "a person in office": (
        lambda w: w.post("x", Post.UNIT_HEAD, w.unit, until_on=TODAY),
        lambda w: w.person("x"),
        True,
    ),
    "a person out of office": (
        lambda w: w.post("x", Post.UNIT_HEAD, w.unit, until_on=YESTERDAY),
        lambda w: w.person("x"),
        False,
    ),
    "a person of a team": (lambda w: in_a_team(w, TODAY), lambda w: w.person("x"), True),
    "a person whose mandate is over": (lambda w: in_a_team(w, YESTERDAY), lambda w: w.person("x"), False),
    "a person without a post": (lambda w: w.person("x"), lambda w: w.person("x"), False),
}


@pytest.mark.parametrize("what", HELD)
def test_a_key_is_under_a_hold_until_the_matter_is_closed(world: Any, run: Any, book: Rulebook, what: str) -> None:
    """promises.md §5.1: so long as anything is to be decided or answered, its texts may be needed."""
    until, matter, held = HELD[what]
    until(world.planned().entered())

    async def go() -> None:
        async with world.open() as tried:
            if held:
                assert await refused(tried, book, matter(world)) == "key_not_under_a_hold"
            else:
                assert await destroy(tried, book, matter(world)) is True
                assert await destroy(tried, book, matter(world)) is False

    run(go())


def test_the_identity_of_a_petitioner_is_held_as_long_as_the_petition(world: Any, run: Any, book: Rulebook) -> None:
    """promises.md §5.1: both seals of a matter are under its hold."""
    world.planned().entered()
    for name in ("open", "closed"):
        petition = world.petition(name)
        registered = world.facts[petition][0]
        world.facts[petition][0] = registered.model_copy(update={"petitioner": Petitioner(name=Secret("某甲"))})
    world.handled(world.id("petition", "closed"))

    async def go() -> None:
        async with world.open() as tried:
            rule = await refused(tried, book, world.id("petition", "open"), seal="identity")
            assert rule == "key_not_under_a_hold"
            assert await destroy(tried, book, world.id("petition", "closed"), seal="identity") is True

    run(go())


@pytest.mark.parametrize(
    ("reported", "disposed", "held"),
    [
        ("submitted", None, True),
        ("given", None, True),
        ("received", None, False),
        ("received", "proposed", True),
        ("received", "transferred", True),
        ("submitted", "answered", False),
    ],
)
def test_what_a_problem_was_entered_from_is_held_as_long_as_the_problem(
    world: Any, run: Any, reported: str, disposed: str | None, held: bool
) -> None:
    """promises.md §5.1: its stream holds no text of its own, only a paper's reference has a key there."""
    with_problem(world.planned().entered(), reported, disposed)

    async def go() -> None:
        async with world.open() as opened:
            assert await Holds(opened.ledger, TODAY).on(world.id("problem", "1")) is held

    run(go())


@pytest.mark.parametrize("kind", ["body", "team", "problem", "a-kind-to-come"])
def test_what_nobody_has_said_when_it_closes_is_under_a_hold(world: Any, run: Any, book: Rulebook, kind: str) -> None:
    """promises.md §5.1: a new kind of matter keeps its keys until a hold is written for it."""

    async def go() -> None:
        async with world.open() as opened:
            assert await Holds(opened.ledger, TODAY).on(world.id(kind, "1"))

    run(go())
