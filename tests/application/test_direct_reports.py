"""A direct report, tried on a ledger: nothing of it is entered from paper, whoever enters it (Art. 14)."""

from datetime import date
from typing import Any

import pytest

from application import clues
from application.acts import Done, Refusal
from domain.clues import (
    CLUE_REGISTERS,
    ClueRegistered,
    ClueReportedDirectly,
    NameToKnow,
    ReleaseClue,
    ReportDirectly,
    register_of,
)
from domain.kernel import Secret

TEXT = Secret("文字")
TODAY = date(2026, 11, 20)


def restricted(world: Any, *, reported: bool) -> str:
    """A clue kept for a direct report, and the report where it was made."""
    clue: str = world.planned().entered().of_the_team("leader", "leader").clue("1")
    (registered,) = world.facts[clue]
    assert isinstance(registered, ClueRegistered)
    world.facts[clue] = [registered.model_copy(update={"restricted": 1})]
    if reported:
        world.add(
            clue,
            ClueReportedDirectly(
                clue=clue,
                **world.here,
                addressee=world.person("group head"),
                named=(),
                concerned=(),
                special_circumstances=TEXT,
                report=TEXT,
                summary=TEXT,
                first_known_on=date(2026, 11, 9),
                reported_on=date(2026, 11, 12),
            ),
        )
    return clue


@pytest.mark.parametrize("what", ["report", "letting know", "release"])
def test_nothing_of_a_direct_report_is_entered_from_paper(world: Any, run: Any, what: str) -> None:
    """Art. 14: whoever enters another's act is of the office, which gets NOT_FOUND; the doer's own act is done."""
    clue = restricted(world, reported=what != "report")
    head, secretary = world.person("group head"), world.person("secretary")
    doer, audience, handler, command = {
        "report": (
            "leader",
            "team",
            clues.report_directly,
            ReportDirectly(clue=clue, addressee=head, special_circumstances=TEXT, report=TEXT, reported_on=TODAY),
        ),
        "letting know": (
            "group head",
            "leading_group",
            clues.name_to_know,
            NameToKnow(clue=clue, persons=(secretary,), named_on=TODAY),
        ),
        "release": ("group head", "leading_group", clues.release_clue, ReleaseClue(clue=clue, released_on=TODAY)),
    }[what]

    async def go() -> None:
        async with world.open() as tried:
            for clerk in ("clerk", "director"):
                no = await tried.act(clerk, "office", handler, command, doer=doer, on=TODAY)
                assert isinstance(no, Refusal)
                assert no.code == "NOT_FOUND", clerk
                assert no.rule is None
            assert isinstance(await tried.act(doer, audience, handler, command), Done)

    run(go())


def test_the_inspections_list_says_which_clue_is_restricted_and_names_each_once(world: Any, run: Any) -> None:
    """Art. 14, 16: listed again where it is reported directly and where it is released; the report can rely on it."""
    clue = world.planned().entered().of_the_team("leader", "leader").clue("1")
    register = register_of(world.inspection)
    special = ReportDirectly(
        clue=clue,
        addressee=world.person("group head"),
        special_circumstances=TEXT,
        report=TEXT,
        reported_on=TODAY,
    )

    async def go() -> None:
        async with world.open() as tried:
            assert isinstance(await tried.act("leader", "team", clues.report_directly, special), Done)
            released = ReleaseClue(clue=clue, released_on=TODAY)
            assert isinstance(await tried.act("group head", "leading_group", clues.release_clue, released), Done)
            assert [fact.restricted for fact in await tried.facts(register)] == [1, 0]
            listed, _ = await tried.ledger.load(CLUE_REGISTERS, register)
            assert [(one.clue, one.restricted) for one in listed] == [(clue, False)]
            facts = await tried.facts(clue)
            report = tried.ledger.keys.open_content(facts[-1].report)
            assert report.text == "文字", "the release carries the report to where the office reads it"

    run(go())
