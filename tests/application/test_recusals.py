"""Who may ask for somebody's recusal, who is heard, who decides, tried on a ledger (Art. 6(4), 23)."""

import re
from datetime import date
from importlib.resources import files
from typing import Any

import pytest

from application import petitions, recusals, rounds
from application.acts import Done, Refusal, Rulebook
from application.authority import sees
from domain.kernel import Secret
from domain.people import PersonMandated
from domain.petitions import InstructPetition, RegisterPetition
from domain.recusals import AnswerRecusalRequest, Asker, DecideRecusal, Outcome, RecusalDeclared, RequestRecusal
from domain.rounds import GrantMandate
from domain.rulebook.calendars import parse_calendar
from domain.rulebook.editions import parse_edition
from domain.rulebook.posts import Duty, Post, Standing

TEXT = Secret("文字")
TODAY, YESTERDAY = date(2026, 11, 20), date(2026, 11, 19)
NOT_FOUND = Refusal("NOT_FOUND")


@pytest.fixture(scope="module")
def units_may(book: Rulebook) -> Rulebook:
    """The rulebook of a city where the unit may ask."""
    folder = files("domain.rulebook") / "data"
    text = (folder / "yiwu-2015.toml").read_text(encoding="utf-8")
    text, found = re.subn(r"(unit_may_ask_for_recusal = \{ value = )false", r"\1true", text)
    assert found == 1
    calendar = (folder / "calendar-cn.toml").read_text(encoding="utf-8")
    return Rulebook(parse_edition(text, "a city.toml"), parse_calendar(calendar, "calendar-cn.toml"))


def at_work(world: Any) -> Any:
    """A team at work at the unit: leader, deputy, registrar, member, and one recused."""
    world.planned()
    for name, duty in (("leader", "leader"), ("deputy", "deputy_leader"), ("registrar", "registrar")):
        world.of_the_team(name, duty)
    world.of_the_team("member", "member").of_the_team("off", "member")
    world.declared("off", "near_relative", on=date(2026, 11, 10)).decided("off", on=date(2026, 11, 15))
    world.post("second", Post.OFFICE_DEPUTY_DIRECTOR, world.office)
    return world.entered()


def known_by_their_mandate(world: Any, name: str, duty: str = "member") -> Any:
    """What a person may see is found from the mandates that stand with the person."""
    given = PersonMandated(person=world.person(name), round=world.round, mandate=world.mandate(name, duty))
    return world.add(world.person(name), given)


def ask(world: Any, of: str = "member", on: date = TODAY) -> RequestRecusal:
    return RequestRecusal(
        inspection=world.inspection,
        person=world.person(of),
        grounds=("other",),
        reason=TEXT,
        statement=TEXT,
        requested_on=on,
    )


def answer(world: Any, of: str = "member") -> AnswerRecusalRequest:
    return AnswerRecusalRequest(recusal=world.recusal(of), answer=TEXT, answered_on=TODAY)


def decide(world: Any, of: str = "member", outcome: Outcome = Outcome.UPHELD, **more: Any) -> DecideRecusal:
    return DecideRecusal(recusal=world.recusal(of), outcome=outcome, reason=TEXT, decided_on=TODAY, **more)


def said(result: Any) -> str | None:
    """What was answered: None where it was done, else the rule or the code."""
    if isinstance(result, Done):
        return None
    return str(result.rule.name) if result.rule else str(result.code)


@pytest.mark.parametrize(
    ("who", "audience", "as_"),
    [
        ("leader", "team", Asker.LEADER),
        ("deputy", "team", Asker.TEAM),
        ("registrar", "team", Asker.TEAM),
        ("clerk", "office", Asker.OFFICE),
        ("director", "office", Asker.OFFICE),
    ],
)
def test_leader_team_and_office_ask_for_the_recusal_of_somebody_at_the_unit(
    world: Any, run: Any, who: str, audience: str, as_: Asker
) -> None:
    """Art. 6(4), 23: `RequestRecusal` says as what they asked; a member's is not marked as the leader's."""
    at_work(world)

    async def go() -> None:
        async with world.open() as tried:
            assert said(await tried.act(who, audience, recusals.request_recusal, ask(world))) is None
            fact = (await tried.facts(world.recusal("member")))[-1]
            assert (fact.asked_by, fact.asked_as, fact.of_the_leader) == (world.person(who), as_, 0)

    run(go())


@pytest.mark.parametrize(
    ("who", "audience", "of", "expected"),
    [
        ("off", "team", "member", "NOT_FOUND"),
        ("member", "team", "member", "own_recusal_is_declared"),
        ("member", "office", "leader", "recusal_asked_by_who_may"),
        ("group head", "office", "leader", "recusal_asked_by_who_may"),
        ("unit head", "unit", "member", "recusal_asked_by_who_may"),
        ("other head", "unit", "member", "NOT_FOUND"),
        ("contact", "team", "member", "NOT_FOUND"),
        ("clerk", "team", "member", "NOT_FOUND"),
        ("leader", "team", "director", "NOT_FOUND"),
        ("clerk", "office", "nobody", "NOT_FOUND"),
    ],
)
def test_whoever_else_asks_or_of_whomever_else_is_refused(
    world: Any, run: Any, who: str, audience: str, of: str, expected: str
) -> None:
    """Art. 23: `recusal_asked_by_who_may`; the unit has no such right in the edition that ships."""
    command = ask(at_work(world), of)

    async def go() -> None:
        async with world.open() as tried:
            assert said(await tried.act(who, audience, recusals.request_recusal, command)) == expected

    run(go())


@pytest.mark.parametrize(
    ("until", "expected"),
    [(YESTERDAY, "NOT_FOUND"), (TODAY, None), (date(2026, 11, 21), None)],
    ids=["ended the day before", "ends on the day", "ends the day after"],
)
@pytest.mark.parametrize("which", ["of whom", "who asks"])
def test_a_mandate_that_has_ended_bears_no_request(
    world: Any, run: Any, until: date, expected: str | None, which: str
) -> None:
    """Art. 5, 23: neither about whom it named nor by whom it named."""
    at_work(world).granted("one", until_on=until).declared("one")
    who, of = ("leader", "one") if which == "of whom" else ("one", "member")
    command = ask(world, of)

    async def go() -> None:
        async with world.open() as tried:
            assert said(await tried.act(who, "team", recusals.request_recusal, command)) == expected

    run(go())


@pytest.mark.parametrize(("who", "expected"), [("unit head", None), ("other head", "NOT_FOUND")])
def test_the_unit_asks_where_the_edition_lets_it(
    world: Any, run: Any, units_may: Rulebook, who: str, expected: str | None
) -> None:
    """Art. 23 (c): on-line and from paper; another unit's head finds nothing."""
    at_work(world)

    async def go() -> None:
        async with world.open() as tried:
            act = tried.act(who, "unit", recusals.request_recusal, ask(world), book=units_may)
            assert said(await act) == expected
            if expected is None:
                fact = (await tried.facts(world.recusal("member")))[-1]
                assert fact.asked_as is Asker.UNIT
                paper = ask(world, "registrar")
                given = {"doer": who, "on": TODAY, "book": units_may}
                assert said(await tried.act("clerk", "office", recusals.request_recusal, paper, **given)) is None

    run(go())


def test_before_the_notice_the_unit_knows_of_no_inspection(world: Any, run: Any, units_may: Rulebook) -> None:
    """Art. 11(6): the same as where there is none."""
    command = ask(world.planned().of_the_team("member", "member"))

    async def go() -> None:
        async with world.open() as tried:
            act = tried.act("unit head", "unit", recusals.request_recusal, command, book=units_may)
            assert await act == NOT_FOUND

    run(go())


@pytest.mark.parametrize(
    ("doer", "as_"),
    [("leader", Asker.LEADER), ("registrar", Asker.TEAM), ("second", Asker.OFFICE), ("unit head", None)],
)
def test_from_paper_it_is_what_the_doer_is_at_the_unit_that_counts(
    world: Any, run: Any, doer: str, as_: Asker | None
) -> None:
    """Art. 23, 28: entered by the office, which does not become the one who asked."""
    at_work(world)

    async def go() -> None:
        async with world.open() as tried:
            given = {"doer": doer, "on": TODAY}
            result = await tried.act("clerk", "office", recusals.request_recusal, ask(world), **given)
            assert said(result) == (None if as_ else "recusal_asked_by_who_may")
            if as_:
                fact = (await tried.facts(world.recusal("member")))[-1]
                assert (fact.asked_by, fact.asked_as) == (world.person(doer), as_)

    run(go())


def test_only_the_person_concerned_answers(world: Any, run: Any) -> None:
    """Art. 23: `AnswerRecusalRequest`; to everybody else, and where nothing was asked, the same."""
    at_work(world)

    async def go() -> None:
        async with world.open() as tried:
            await tried.act("registrar", "team", recusals.request_recusal, ask(world))
            for who, audience in (("leader", "team"), ("registrar", "team"), ("off", "team"), ("clerk", "office")):
                assert await tried.act(who, audience, recusals.answer_recusal_request, answer(world)) == NOT_FOUND
            absent = answer(world).model_copy(update={"recusal": world.id("recusal", "none")})
            assert await tried.act("member", "team", recusals.answer_recusal_request, absent) == NOT_FOUND
            assert said(await tried.act("member", "team", recusals.answer_recusal_request, answer(world))) is None
            again = await tried.act("member", "team", recusals.answer_recusal_request, answer(world))
            assert said(again) == "recusal_request_awaits_an_answer"

    run(go())


def test_a_recusal_upheld_on_request_takes_the_person_off_the_unit_at_once(
    world: Any, run: Any, book: Rulebook
) -> None:
    """Art. 23: no act, no access any more; not upheld, they stay."""
    known_by_their_mandate(at_work(world), "registrar", "registrar")
    register = RegisterPetition(
        inspection=world.inspection, received_on=TODAY, channel="letter", content=TEXT, summary=TEXT
    )

    async def identities(tried: Any) -> set[str]:
        sight = await sees(tried.ledger, world.person("registrar"), "team", TODAY, book.edition)
        return {i for i in sight.identities if i.startswith(world.inspection)}

    async def go() -> None:
        async with world.open() as tried:
            for outcome in (Outcome.NOT_UPHELD, Outcome.UPHELD):
                assert (
                    said(await tried.act("leader", "team", recusals.request_recusal, ask(world, "registrar"))) is None
                )
                unheard = decide(world, "registrar")
                if outcome is Outcome.UPHELD:
                    answer_ = await tried.act("director", "office", recusals.decide_recusal, unheard)
                    assert said(answer_) == "recusal_upheld_after_hearing"
                    spoken = answer(world, "registrar")
                    assert said(await tried.act("registrar", "team", recusals.answer_recusal_request, spoken)) is None
                assert await identities(tried)
                decision = decide(world, "registrar", outcome)
                assert said(await tried.act("director", "office", recusals.decide_recusal, decision)) is None
                done = await tried.act("registrar", "team", petitions.register_petition, register)
                assert said(done) == (None if outcome is Outcome.NOT_UPHELD else "NOT_FOUND")
            assert not await identities(tried)

    run(go())


def test_being_asked_about_is_no_declaration(world: Any, run: Any, book: Rulebook) -> None:
    """Art. 23 (c): behind the inspection nothing opens for whoever has not declared, whatever others asked."""
    known_by_their_mandate(at_work(world).granted("new", "member"), "new")
    petition = world.petition("one")

    async def go() -> None:
        async with world.open() as tried:
            await tried.act("leader", "team", recusals.request_recusal, ask(world, "new"))
            sight = await sees(tried.ledger, world.person("new"), "team", TODAY, book.edition)
            assert world.inspection in sight.identities
            assert not [i for i in sight.identities if i.startswith(f"{world.inspection}/on_site")]
            instruct = InstructPetition(
                petition=petition, instruction=TEXT, handler=world.person("new"), instructed_on=TODAY
            )
            done = await tried.act("leader", "team", petitions.instruct_petition, instruct)
            assert said(done) == "handler_of_the_same_team"

    run(go())


@pytest.mark.parametrize(
    ("of", "who", "audience", "expected"),
    [
        ("member", "director", "office", "recusal_not_decided_by_who_asked"),
        ("member", "second", "office", None),
        ("member", "clerk", "office", "recusal_decided_by_who_may"),
        ("member", "secretary", "leading_group", "recusal_decided_by_who_may"),
        ("leader", "second", "office", "recusal_decided_by_who_may"),
        ("leader", "secretary", "leading_group", None),
    ],
)
def test_whoever_may_decide_does_and_not_whoever_asked(
    world: Any, run: Any, of: str, who: str, audience: str, expected: str | None
) -> None:
    """Art. 23: a member's by the office, a leader's by the party committee; asked for by the director here."""
    at_work(world)

    async def go() -> None:
        async with world.open() as tried:
            assert said(await tried.act("director", "office", recusals.request_recusal, ask(world, of))) is None
            assert (await tried.facts(world.recusal(of)))[-1].of_the_leader == int(of == "leader")
            await tried.act(of, "team", recusals.answer_recusal_request, answer(world, of))
            assert said(await tried.act(who, audience, recusals.decide_recusal, decide(world, of))) == expected
            if expected is None:
                decided = (await tried.facts(world.recusal(of)))[-1]
                assert decided.decided_by is (Standing.OFFICE if of == "member" else Standing.PARTY_COMMITTEE)

    run(go())


# --- a replacement -------------------------------------------------------------------------------------------------


def replace_with(world: Any, recusal: str, duty: str = "registrar", person: str = "new") -> GrantMandate:
    return GrantMandate(
        round=world.round,
        team=world.team,
        person=world.person(person),
        duty=Duty(duty),
        units=(world.unit,),
        from_on=TODAY,
        until_on=date(2026, 12, 31),
        after_recusal=recusal,
        decided_on=TODAY,
    )


def test_an_upheld_recusal_frees_duties_and_the_mandate_that_takes_over_names_it(world: Any, run: Any) -> None:
    """Art. 23 (c): `GrantMandate` after `DecideRecusal`; before the recusal is upheld there is nobody to replace."""
    at_work(world).declared("registrar", "other", on=YESTERDAY).person("new")
    recusal = world.recusal("registrar")
    command = replace_with(world, recusal)

    async def go() -> None:
        async with world.open() as tried:
            early = await tried.act("group head", "leading_group", rounds.grant_mandate, command)
            assert said(early) in ("one_registrar_for_each_team", "replacement_after_an_upheld_recusal")
            decision = decide(world, "registrar")
            assert said(await tried.act("director", "office", recusals.decide_recusal, decision)) is None
            assert (await tried.facts(recusal))[-1].duties == (Duty.REGISTRAR,)
            wrong = await tried.act(
                "group head", "leading_group", rounds.grant_mandate, replace_with(world, recusal, "member")
            )
            assert said(wrong) == "replacement_by_another_in_the_same_duty"
            assert said(await tried.act("group head", "leading_group", rounds.grant_mandate, command)) is None
            fact = (await tried.facts(world.round))[-1]
            assert (fact.replaces, fact.after_recusal) == (world.person("registrar"), recusal)

    run(go())


@pytest.mark.parametrize("which", ["none", "of another round"])
def test_a_replacement_after_a_recusal_nobody_knows_is_not_found(world: Any, run: Any, which: str) -> None:
    """promises.md: NOT_FOUND, without an article; the same for one of another round."""
    at_work(world).person("new")
    other = world.id("recusal", which)
    if which == "of another round":
        about = {**world.here, "round": world.id("round", "another"), "person": world.person("registrar")}
        world.add(other, RecusalDeclared(recusal=other, **about, grounds=(), declared_on=YESTERDAY))

    async def go() -> None:
        async with world.open() as tried:
            command = replace_with(world, other)
            assert await tried.act("group head", "leading_group", rounds.grant_mandate, command) == NOT_FOUND

    run(go())
