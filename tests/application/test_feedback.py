"""Closing power and its end, and who approves a feedback, tried on a ledger (Art. 5, 18)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from application import feedback, reports
from application.acts import Done, Refusal, Rulebook
from application.authority import sees
from domain.feedback import DecideFeedback, FeedbackDecided, FeedbackGiven, FeedbackProposed, feedback_of
from domain.kernel import Manner, Secret
from domain.people import PersonMandated
from domain.reports import SaveDraft
from domain.rulebook.editions import parse_edition
from domain.rulebook.posts import Post

TEXT = Secret("文字")
TODAY, DAY = date(2026, 11, 20), timedelta(days=1)


def given(world: Any, on: date | None = None, *, concerned: tuple[str, ...] = ()) -> Any:
    """A world with a feedback proposed; approved and given too, where a day is said."""
    stream = feedback_of(world.inspection)
    about = {"feedback": stream, "inspection": world.inspection, "round": world.round, "unit": world.unit}
    day, withheld_from = on or TODAY, tuple(map(world.person, concerned))
    world.add(
        stream,
        FeedbackProposed(**about, overview=TEXT, opinions=(), withheld_from=withheld_from, proposed_on=day - DAY),
    )
    if on is not None:
        told = {"recipients": (world.person("unit head"),), "how": Manner.IN_PERSON}
        world.add(
            stream,
            FeedbackDecided(**about, approved=1, decided_on=day, withheld_from=()),
            FeedbackGiven(**about, overview=TEXT, points=(), **told, given_on=day),
        )
    return world


def ending(book: Rulebook, *ends: str) -> Rulebook:
    """The rulebook of a city where closing power ends with these."""
    old, new = '["feedback_given", "file_handed_over"]', "[" + ", ".join(f'"{e}"' for e in ends) + "]"
    text = book.edition.text
    assert text.count(old) == 1
    return replace(book, edition=parse_edition(text.replace(old, new), "other.toml"))


@pytest.mark.parametrize(
    ("given_on", "ends", "lives"),
    [
        (TODAY, ("feedback_given",), True),
        (TODAY - DAY, ("feedback_given",), False),
        (None, ("feedback_given",), True),
        (TODAY - DAY, ("feedback_given", "file_handed_over"), True),
    ],
    ids=["on the day", "the day after", "not given yet", "the file is still to be handed over"],
)
def test_closing_power_ends_when_feedback_is_given_and_whatever_else_the_edition_names(
    world: Any, run: Any, book: Rulebook, given_on: date | None, ends: tuple[str, ...], lives: bool
) -> None:
    """Art. 5 (c): what is done and what is seen end on the same day."""
    given(world.planned().entered().ended().granted("member", "member").declared("member"), given_on)
    person = world.person("member")
    world.add(person, PersonMandated(person=person, round=world.round, mandate=world.mandate("member")))
    other = ending(book, *ends)

    async def go() -> None:
        async with world.open() as tried:
            command = SaveDraft(inspection=world.inspection, overview=TEXT, saved_on=TODAY)
            answer = await tried.act("member", "team", reports.save_draft, command, book=other)
            assert isinstance(answer, Done) is lives, answer
            assert lives or answer == Refusal("NOT_FOUND")
            sight = await sees(tried.ledger, world.person("member"), "team", TODAY, other.edition)
            assert (f"{world.inspection}/closing/member" in sight.identities) is lives

    run(go())


@pytest.mark.parametrize(
    ("approver", "who", "audience"),
    [
        ("office", "director", "office"),
        ("leading_group", "group head", "leading_group"),
        ("party_committee", "secretary", "leading_group"),
    ],
)
def test_who_approves_a_feedback_follows_the_edition(
    world: Any, run: Any, book_where: Callable[..., Rulebook], approver: str, who: str, audience: str
) -> None:
    """Art. 18: the office here, another body elsewhere; nobody else."""
    given(world.planned().entered().ended())
    other = book_where(feedback=approver)
    command = DecideFeedback(inspection=world.inspection, approved=1, decided_on=TODAY)

    async def go() -> None:
        async with world.open() as tried:
            for another, at in (
                ("director", "office"),
                ("clerk", "office"),
                ("group head", "leading_group"),
                ("secretary", "leading_group"),
            ):
                if another != who:
                    no = await tried.act(another, at, feedback.decide_feedback, command, book=other)
                    assert isinstance(no, Refusal)
                    assert no.rule is not None
                    assert no.rule.name == "feedback_decided_by_who_may", another
            assert isinstance(await tried.act(who, audience, feedback.decide_feedback, command, book=other), Done)

    run(go())


@pytest.mark.parametrize("how", ["named", "of the unit"])
def test_nobody_decides_on_a_feedback_that_concerns_them(world: Any, run: Any, how: str) -> None:
    """Art. 3, 18 (c): whom a clue of the report concerns, or who holds a post in the unit: to them there is none."""
    given(world.planned().entered().ended(), concerned=("director",) if how == "named" else ())
    world.post("director", Post.UNIT_LEADER, world.other_unit if how == "named" else world.unit)
    command = DecideFeedback(inspection=world.inspection, approved=1, decided_on=TODAY)
    nobodys = command.model_copy(update={"inspection": world.id("inspection", "nobody's")})

    async def go() -> None:
        async with world.open() as tried:
            for asked in (command, nobodys):
                answer = await tried.act("director", "office", feedback.decide_feedback, asked)
                assert answer == Refusal("NOT_FOUND")

    run(go())
