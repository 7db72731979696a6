"""What the end of a round does to authority and keys, tried on a ledger (Art. 5, 19 to 21, 23, 28)."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from application import archives, clues
from application.acts import Done, Rulebook
from application.authority import sees
from application.holds import Holds
from domain.archives import (
    FILE_REGISTER,
    FileHandedOver,
    FileListed,
    FileReceived,
    Handover,
    RoundClosed,
    RoundsWorkEnded,
    archive_of,
    file_of,
)
from domain.clues import ReportClue
from domain.items import ItemChecked, ItemPlanned, ItemUpdated
from domain.kernel import Assignment, Manner, Secret
from domain.people import PersonMandated
from domain.publications import PublicationDecided, PublicationMade, PublicationProposed, Subject
from domain.rectifications import (
    RectificationOpened,
    RectificationReportReturned,
    RectificationReportSubmitted,
    Report,
    rectification_of,
)
from domain.reporting import NameReporter
from domain.teams import TeamOpened

TEXT = Secret("文字")
TODAY, YESTERDAY = date(2026, 11, 20), date(2026, 11, 19)
ENDED = date(2026, 11, 10)


def until_the_file(book: Rulebook) -> Rulebook:
    """An edition in which closing power ends with the file alone."""
    powers = tuple(
        p.model_copy(update={"ends": ("file_handed_over",)}) if p.code == "closing" else p for p in book.edition.powers
    )
    return Rulebook(book.edition.model_copy(update={"powers": powers}), book.calendar)


def with_leader(world: Any) -> Any:
    """The unit entered; the team has a leader, who may sign in as one."""
    world.planned().entered().of_the_team("leader", "leader")
    given = {"person": world.person("leader"), "round": world.round, "mandate": world.mandate("leader", "leader")}
    return world.add(world.person("leader"), PersonMandated(**given))


def work_ended(world: Any) -> Any:
    fact = RoundsWorkEnded(round=world.round, ended_on=ENDED, handovers=(Handover(team=world.team),))
    return world.add(archive_of(world.round), fact)


def handed_over(world: Any, on: date, team: str | None = None) -> Any:
    fact = FileHandedOver(
        team=team or world.team,
        round=world.round,
        entries=(),
        recipients=(world.person("clerk"),),
        how=Manner.IN_PERSON,
        handed_over_on=on,
    )
    return work_ended(world).add(archive_of(world.round), fact)


@pytest.mark.parametrize(
    ("handed_over_on", "whose", "lives"),
    [(None, "own", True), (TODAY, "own", True), (YESTERDAY, "own", False), (YESTERDAY, "another", True)],
    ids=["not yet", "today", "yesterday", "another team's"],
)
def test_closing_power_ends_after_the_day_the_file_was_handed_over(
    world: Any, run: Any, book: Rulebook, handed_over_on: date | None, whose: str, lives: bool
) -> None:
    """Art. 5 (c): both to act and to see; the day of another team counts for that team."""
    with_leader(world).ended(ENDED)
    clue = world.clue("1")
    if handed_over_on:
        handed_over(world, handed_over_on, None if whose == "own" else world.id("team", "another"))
    theirs = until_the_file(book)

    async def go() -> None:
        async with world.open() as tried:
            sight = await sees(tried.ledger, world.person("leader"), "team", TODAY, theirs.edition)
            assert (f"{world.inspection}/closing/leader" in sight.identities) == lives
            assert world.inspection in sight.identities
            command = ReportClue(clue=clue, reported_on=TODAY, report=TEXT)
            answer = await tried.act("leader", "team", clues.report_clue, command, book=theirs)
            assert isinstance(answer, Done) == lives, answer

    run(go())


def test_with_the_edition_that_ships_feedback_must_have_been_given_too(world: Any, run: Any, book: Rulebook) -> None:
    """Art. 5 (c): the file alone does not end closing power."""
    with_leader(world).ended(ENDED)
    handed_over(world, YESTERDAY)

    async def go() -> None:
        async with world.open() as tried:
            sight = await sees(tried.ledger, world.person("leader"), "team", TODAY, book.edition)
            assert f"{world.inspection}/closing/leader" in sight.identities

    run(go())


def test_the_office_alone_reads_a_received_file(world: Any, run: Any, book: Rulebook) -> None:
    """Art. 28: by the identity of each file in the register, in the office's capacity and in no other."""
    with_leader(world)
    world.post("leader", "office_clerk", world.office)
    world.add(FILE_REGISTER, FileListed(team=world.team, round=world.round, inspections=(world.inspection,)))

    async def go() -> None:
        async with world.open() as tried:
            for capacity, sight in [
                (c, await sees(tried.ledger, world.person(who), c, TODAY, book.edition))
                for who, c in (("clerk", "office"), ("leader", "team"), ("group head", "leading_group"),
                               ("unit head", "unit"), ("contact", "organ"), ("unit head", "office"))
            ]:  # fmt: skip
                has = {file_of(world.team), file_of(world.inspection)} <= {*sight.identities}
                none = not any(i.startswith("file/") for i in sight.identities)
                assert has if (capacity, sight.person) == ("office", world.person("clerk")) else none, capacity

    run(go())


@pytest.mark.parametrize("recused", [False, True])
def test_whoever_is_recused_from_all_of_a_teams_units_has_no_part_in_it(world: Any, run: Any, recused: bool) -> None:
    """Art. 23: off at once; also for a day before, when it is recorded today."""
    with_leader(world)
    if world.team not in world.facts:
        assignments = (Assignment(unit=world.unit, inspection=world.inspection),)
        world.add(world.team, TeamOpened(team=world.team, round=world.round, assignments=assignments))
    if recused:
        world.decided("leader", on=date(2026, 11, 15))

    async def go() -> None:
        async with world.open() as tried:
            for day in (TODAY, date(2026, 11, 12)):
                command = NameReporter(team=world.team, person=world.person("leader"), named_on=day)
                answer = await tried.act("leader", "team", archives.name_reporter, command, on=day)
                assert getattr(answer, "code", None) == ("NOT_FOUND" if recused else None), answer

    run(go())


# --- keys --------------------------------------------------------------------------------------------------------


def rectified(world: Any, *then: str) -> Any:
    """A rectification opened, and what became of its reports."""
    stream, here = rectification_of(world.inspection), world.here
    world.add(stream, RectificationOpened(**here, items=(), received_on=ENDED))
    for step in then:
        which, _, what = step.partition(" ")
        given: dict[str, Any] = {**here, "which": Report(which), "submission": 1}
        if what == "submitted":
            people = (world.person("clerk"),)
            given |= {"report": TEXT, "recipients": people, "how": Manner.BY_POST, "submitted_on": ENDED}
            world.add(stream, RectificationReportSubmitted(**given))
        else:
            world.add(stream, RectificationReportReturned(**given, reason=TEXT, returned_on=ENDED))
    return world


def item(world: Any, state: str, accepted: int | None) -> Any:
    stream = world.id("item", "1")
    given = {**world.here, "item": stream}
    plan = {"measures": TEXT, "responsible": world.person("unit head"), "by_on": TODAY, "planned_on": ENDED}
    world.add(stream, ItemPlanned(**given, **plan))
    world.add(stream, ItemUpdated(**given, state=state, evidence=TEXT, updated_on=ENDED))
    if accepted is not None:
        world.add(stream, ItemChecked(**given, accepted=accepted, visited=0, checked_on=TODAY, reason=TEXT))
    return world


def publication(world: Any, approved: int | None = None, made: bool = False) -> Any:
    stream = world.id("publication", "1")
    given = {**world.here, "publication": stream, "of": Subject.OTHER}
    world.add(stream, PublicationProposed(**given, text=TEXT, proposed_on=ENDED))
    if approved is not None:
        world.add(stream, PublicationDecided(**given, approved=approved, redacted=1, reason=TEXT, decided_on=ENDED))
    if made:
        world.add(stream, PublicationMade(**given, text=TEXT, where=TEXT, published_on=ENDED))
    return world


def closed(world: Any) -> Any:
    received = FileReceived(
        team=world.team,
        round=world.round,
        handed_over_on=YESTERDAY,
        received_by=world.person("clerk"),
        received_on=YESTERDAY,
    )
    handed_over(world, YESTERDAY).add(archive_of(world.round), received)
    return world.add(archive_of(world.round), RoundClosed(round=world.round, closed_on=TODAY))


BOTH = ("rectification submitted", "heads submitted")
HELD: dict[str, tuple[Callable[[Any], object], Callable[[Any], str], bool]] = {
    "a rectification opened": (rectified, lambda w: rectification_of(w.inspection), True),
    "one report in hand": (lambda w: rectified(w, BOTH[0]), lambda w: rectification_of(w.inspection), True),
    "both reports in hand": (lambda w: rectified(w, *BOTH), lambda w: rectification_of(w.inspection), False),
    "a report returned": (
        lambda w: rectified(w, *BOTH, "heads returned"), lambda w: rectification_of(w.inspection), True
    ),
    "an item done": (lambda w: item(w, "done", None), lambda w: w.id("item", "1"), True),
    "an item sent back": (lambda w: item(w, "done", 0), lambda w: w.id("item", "1"), True),
    "an item basically done and accepted": (lambda w: item(w, "basically_done", 1), lambda w: w.id("item", "1"), True),
    "an item done and accepted": (lambda w: item(w, "done", 1), lambda w: w.id("item", "1"), False),
    "a publication proposed": (publication, lambda w: w.id("publication", "1"), True),
    "a publication approved": (lambda w: publication(w, 1), lambda w: w.id("publication", "1"), True),
    "a publication turned down": (lambda w: publication(w, 0), lambda w: w.id("publication", "1"), False),
    "a publication made": (lambda w: publication(w, 1, True), lambda w: w.id("publication", "1"), False),
    "a file with its round open": (lambda w: handed_over(w, YESTERDAY), lambda w: archive_of(w.round), True),
    "a round closed": (closed, lambda w: archive_of(w.round), False),
}  # fmt: skip


@pytest.mark.parametrize("what", HELD)
def test_a_key_is_under_a_hold_until_the_matter_is_closed(world: Any, run: Any, what: str) -> None:
    """promises.md §5.1."""
    until, matter, held = HELD[what]
    until(world.planned().entered())

    async def go() -> None:
        async with world.open() as tried:
            assert await Holds(tried.ledger, TODAY).on(matter(world)) == held

    run(go())
