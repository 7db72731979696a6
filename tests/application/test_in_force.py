"""A process that is older than the rulebook the ledger has adopted meanwhile follows it (Art. 4(6), 11(6); ADR 37)."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from tests.application.conftest import World, rulebook
from tests.arrangements import VICTORY_DAY_2015, calendar_before, edition_with_guidance

from application import keeping
from application.acts import Done, Refusal, Rulebook
from application.in_force import InForce
from application.inspections import receive_notice
from application.ledger import Unavailable
from domain.inspections import NoticeReceived, ReceiveNotice
from domain.keeping import KEEPING, RULEBOOK, CalendarAdopted, EditionAdopted
from domain.kernel import Fact
from domain.rulebook.posts import Post

NEW = rulebook()
OLD = Rulebook(NEW.edition, calendar_before(VICTORY_DAY_2015))


def same(found: Rulebook, expected: Rulebook) -> bool:
    return (found.edition, found.calendar) == (expected.edition, expected.calendar)


def test_a_process_follows_what_another_one_adopts(database: Any, run: Any) -> None:
    """ADR 37: edition and calendar, each as it comes; a program that is started later and older follows too."""

    async def go() -> None:
        async with database.ledger() as ours, database.ledger() as theirs:
            old = InForce(ours, OLD)
            assert same(await old.look(), OLD), "nothing was adopted yet: its own"
            await keeping.adopt(theirs, OLD)
            assert (await old.look()).calendar is OLD.calendar
            await keeping.adopt(theirs, NEW)
            assert same(await old.look(), NEW)
            guided = replace(NEW, edition=edition_with_guidance())
            await keeping.adopt(theirs, guided)
            assert same(await old.look(), guided)
            await keeping.adopt(ours, OLD)  # as its start does: known before, nothing is adopted
            assert same(await InForce(ours, OLD).look(), guided)
            assert same(await InForce(ours, NEW).look(), guided)
            assert (await InForce(ours, guided).look()).edition is guided.edition

    run(go())


def test_what_is_decided_rests_on_the_rulebook_it_was_decided_by(database: Any, run: Any) -> None:
    """ADR 37: adopted between looking and writing, nothing is written; asked again, it is counted by the new one."""
    world = World(database)
    world.body(world.unit, category="town").planned().post("unit head", Post.UNIT_HEAD, world.unit).notice()
    command = ReceiveNotice(inspection=world.inspection, received_on=date(2026, 11, 2))

    async def go() -> None:
        async with world.open() as tried:
            book = InForce(tried.ledger, OLD)
            await keeping.adopt(tried.ledger, OLD)
            before = await book.look()
            await keeping.adopt(tried.ledger, NEW)
            answer = await tried.act("unit head", "unit", receive_notice, command, book=before)
            assert isinstance(answer, Refusal)
            assert (answer.code, answer.reason) == ("CONFLICT", "lost_race")
            assert not any(isinstance(fact, NoticeReceived) for fact in await tried.facts(world.inspection))
            answer = await tried.act("unit head", "unit", receive_notice, command, book=await book.look())
            assert isinstance(answer, Done), answer
            fact = (await tried.facts(world.inspection))[-1]
            assert fact.publication.count.calendar_version == NEW.calendar.version
            assert (await tried.stamp(world.inspection)).calendar == NEW.calendar.version

    run(go())


@pytest.mark.parametrize("part", ["calendar", "edition"])
def test_a_rulebook_of_a_later_form_is_not_guessed_at(database: Any, run: Any, part: str) -> None:
    """ADR 37: a program that does not read what is in force answers nothing, rather than by what was before."""
    facts: list[Fact] = [
        EditionAdopted(edition="later", digest="0" * 64, text="of = 'a later form'"),
        CalendarAdopted(calendar="later", digest="0" * 64, text="of = 'a later form'"),
    ]
    later = facts[part == "calendar"]

    async def go() -> None:
        async with database.ledger() as ledger:
            await keeping.adopt(ledger, OLD)
            _, version = await ledger.load(KEEPING, RULEBOOK)
            command = uuid4()
            await ledger.append(command, database.stamp(command), {RULEBOOK: (version, [later])})
            old = InForce(ledger, OLD)
            for _ in range(2):
                with pytest.raises(Unavailable):
                    await old.look()

    run(go())
