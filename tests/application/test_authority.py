"""Who may do what, tried on a ledger: duties, powers, recusal, approvers, recipients (Art. 3 to 6, 11, 13, 17, 23)."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from application import (
    clues,
    directory,
    disposals,
    early_transfers,
    inspections,
    petitions,
    recusals,
    rounds,
    transfers,
)
from application.acts import Done, Handler, Refusal, Rulebook
from domain.clues import RegisterClue, ReportClue
from domain.disposals import DecideDisposal, disposal_of
from domain.early_transfers import DecideEarlyTransfer, EarlyTransferProposed, early_transfer_of
from domain.inspections import EndInspection, EnterUnit, ServeNotice
from domain.kernel import Assignment, Command, Manner, Secret
from domain.people import Appoint, EndAppointment, LinkSignIn, WithdrawAppointment
from domain.petitions import HandlePetition, InstructPetition, RegisterPetition
from domain.recusals import DecideRecusal
from domain.rounds import ApprovePlan, EndMandate, FormTeam, GrantMandate, MandateGranted, ReturnPlan, TeamFormed
from domain.rulebook.posts import Duty, Post, Power, Standing
from domain.transfers import TransferItem

TEXT = Secret("文字")
TODAY, YESTERDAY = date(2026, 11, 20), date(2026, 11, 19)
ENDED = date(2026, 11, 18)


def rule_of(answer: Any) -> str | None:
    """The rule that said no; None where it was done."""
    if isinstance(answer, Done):
        return None
    assert answer.rule is not None, answer
    return str(answer.rule.name)


def serve(world: Any, *recipients: str, how: Manner = Manner.IN_PERSON) -> ServeNotice:
    return ServeNotice(
        inspection=world.inspection,
        talked_on=date(2026, 10, 1),
        served_on=TODAY,
        recipients=tuple(world.person(name) for name in recipients or ("unit head",)),
        how=how,
        content=TEXT,
        from_on=TODAY,
        until_on=date(2026, 12, 20),
    )


def register(world: Any, received_on: date = date(2026, 11, 9)) -> RegisterPetition:
    return RegisterPetition(
        inspection=world.inspection, received_on=received_on, channel="letter", content=TEXT, summary=TEXT
    )


def instruct(world: Any, petition: str, handler: str = "member", on: date = TODAY) -> InstructPetition:
    return InstructPetition(petition=petition, instruction=TEXT, handler=world.person(handler), instructed_on=on)


def handle(petition: str, way: str = "answered", organ: str | None = None, *to: str) -> HandlePetition:
    material = TEXT if way == "passed_to_organ" else None
    return HandlePetition(
        petition=petition, way=way, organ=organ, recipients=to, material=material, account=TEXT, handled_on=TODAY
    )


def find(world: Any, *from_petitions: str) -> RegisterClue:
    return RegisterClue(
        inspection=world.inspection,
        petitions=from_petitions,
        category="organisational_discipline",
        managed="city",
        first_known_on=TODAY,
        registered_on=TODAY,
        text=TEXT,
        summary=TEXT,
    )


# --- acts of the leader ------------------------------------------------------------------------------------------

LED: dict[str, tuple[Callable[[Any], Any], Handler, Callable[[Any], Command]]] = {
    "notice": (lambda w: w, inspections.serve_notice, serve),
    "entry": (
        lambda w: w.notice(),
        inspections.enter_unit,
        lambda w: EnterUnit(inspection=w.inspection, entered_on=TODAY),
    ),
    "end": (
        lambda w: w.entered(),
        inspections.end_inspection,
        lambda w: EndInspection(inspection=w.inspection, ended_on=TODAY),
    ),
}


@pytest.mark.parametrize("verb", LED)
@pytest.mark.parametrize("duty", Duty)
def test_notice_entry_and_end_are_acts_of_the_leader_or_the_deputy(world: Any, run: Any, verb: str, duty: Duty) -> None:
    """Art. 6(1): by registrar and member refused with its rule, on-line and from paper alike."""
    until, handler, command = LED[verb]
    until(world.planned().of_the_team("one", duty).post("clerk", Post.OFFICE_CLERK, world.office))
    leads = duty in (Duty.LEADER, Duty.DEPUTY_LEADER)

    async def go() -> None:
        async with world.open() as tried:
            for given in ({"who": "one", "audience": "team"}, {"who": "clerk", "audience": "office", "doer": "one"}):
                if "doer" in given:
                    given["on"] = TODAY
                answer = await tried.act(**given, handler=handler, command=command(world))
                assert rule_of(answer) == (None if leads else "led_by_the_leader")
                if leads:
                    assert (await tried.stamp(world.inspection)).grounds == world.mandate("one", duty)
                    return

    run(go())


# --- petitions to their end --------------------------------------------------------------------------------------


@pytest.mark.parametrize("ended", [None, ENDED], ids=["at work", "ended"])
def test_petitions_are_registered_instructed_on_and_handled_to_their_end(
    world: Any, run: Any, ended: date | None
) -> None:
    """Art. 5 (c), 13: under on-site power, and from the day after the end under closing."""
    world.planned().entered()
    for name in ("leader", "registrar", "member"):
        world.of_the_team(name, name)
    if ended:
        world.ended(ended)
    power = "closing" if ended else "on_site"

    async def go() -> None:
        async with world.open() as tried:
            done = await tried.act("registrar", "team", petitions.register_petition, register(world))
            assert isinstance(done, Done), done
            assert (await tried.facts(done.id))[0].late == 0
            for who, handler, command in (
                ("leader", petitions.instruct_petition, instruct(world, done.id)),
                ("member", petitions.handle_petition, handle(done.id)),
            ):
                assert isinstance(await tried.act(who, "team", handler, command), Done)
            stamps = [entry.stamp for entry in await tried.ledger.entries(done.id)]
            assert [stamp.power for stamp in stamps] == [power] * 3
            assert [stamp.grounds for stamp in stamps] == [
                world.mandate(name, name) for name in ("registrar", "leader", "member")
            ]
            clue = await tried.act("member", "team", clues.register_clue, find(world))
            assert isinstance(clue, Done)
            assert (await tried.stamp(clue.id)).power == power

    run(go())


def test_without_closing_power_nothing_of_a_petition_is_done_after_the_end(world: Any, run: Any) -> None:
    """Art. 5 (c): on the last day yes, on the next no: the registrar is told, the others see nothing."""
    world.planned().entered().ended(ENDED)
    for name in ("leader", "registrar", "member"):
        world.granted(name, name, powers=(Power.PREPARATION, Power.ON_SITE)).declared(name)
    petition = world.petition("1", handler="member")

    async def go() -> None:
        async with world.open() as tried:
            last = await tried.act(
                "clerk", "office", petitions.register_petition, register(world), doer="registrar", on=ENDED
            )
            assert isinstance(last, Done), last
            no = await tried.act("registrar", "team", petitions.register_petition, register(world))
            assert rule_of(no) == "within_the_power"
            for who, handler, command in (
                ("leader", petitions.instruct_petition, instruct(world, petition)),
                ("member", petitions.handle_petition, handle(petition)),
            ):
                assert await tried.act(who, "team", handler, command) == Refusal("NOT_FOUND")

    run(go())


def test_a_petition_received_after_the_end_is_passed_on_and_nothing_else(world: Any, run: Any) -> None:
    """Art. 13: to an organ that is named, is one, and is not the unit itself; it does not become a clue."""
    world.planned().entered().ended(ENDED)
    both = world.id("body", "unit and organ")
    world.body(both, category="town_or_street", organ_class="discipline")
    for name in ("leader", "registrar", "member"):
        world.of_the_team(name, name)
    same_day, unsaid = (
        world.petition("of the last day", handler="member"),
        world.petition("late", handler="member", late=True),
    )

    async def go() -> None:
        async with world.open() as tried:
            late = await tried.act("registrar", "team", petitions.register_petition, register(world, YESTERDAY))
            intime = await tried.act("registrar", "team", petitions.register_petition, register(world, ENDED))
            assert isinstance(late, Done)
            assert isinstance(intime, Done)
            assert ((await tried.facts(late.id))[0].late, (await tried.facts(intime.id))[0].late) == (1, 0)
            for petition in (late.id, intime.id):
                done = await tried.act("leader", "team", petitions.instruct_petition, instruct(world, petition))
                assert isinstance(done, Done)

            async def say(petition: str, way: str, organ: str | None = None) -> Any:
                to = [world.person("contact")] if organ == world.organ and way == "passed_to_organ" else []
                return await tried.act("member", "team", petitions.handle_petition, handle(petition, way, organ, *to))

            for petition in (late.id, unsaid):
                assert rule_of(await say(petition, "answered")) == "late_petition_passed_on"
                assert rule_of(await say(petition, "passed_to_organ")) == "passed_on_to_a_named_organ"
                no = await say(petition, "passed_to_organ", world.other_unit)
                assert no == Refusal("ILL_FORMED", reason="not_an_organ", path="organ")
                clue = await tried.act("member", "team", clues.register_clue, find(world, petition))
                assert rule_of(clue) == "late_petition_passed_on"
                assert isinstance(await say(petition, "passed_to_organ", world.organ), Done)
                assert (await tried.facts(petition))[-1].organ == world.organ
            for petition in (intime.id, same_day):
                assert rule_of(await say(petition, "answered", world.organ)) == "passed_on_to_a_named_organ"
                assert isinstance(await say(petition, "answered"), Done)

    run(go())


def test_a_petition_is_never_passed_to_the_unit_it_concerns(world: Any, run: Any) -> None:
    """Art. 13: also where the unit is an organ that receives transfers."""
    world.facts[world.unit].clear()
    world.body(world.unit, category="town_or_street", organ_class="discipline").planned().entered()
    world.of_the_team("member", "member")
    petition = world.petition("1", handler="member")

    async def go() -> None:
        async with world.open() as tried:
            for organ, rule in ((world.unit, "never_passed_to_the_unit"), (world.organ, None)):
                command = handle(petition, "passed_to_organ", organ, world.person("contact"))
                assert rule_of(await tried.act("member", "team", petitions.handle_petition, command)) == rule

    run(go())


# --- two duties --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", [("leader", "registrar"), ("registrar", "leader")], ids=" then ".join)
def test_a_leader_who_is_also_registrar_acts_as_the_one_the_act_needs(
    world: Any, run: Any, order: tuple[str, str]
) -> None:
    """Art. 5, 6, 13: whichever was granted first; the stamp names the mandate that was used."""
    world.planned().entered().of_the_team("one", *order).of_the_team("member", "member")

    async def go() -> None:
        async with world.open() as tried:
            done = await tried.act("one", "team", petitions.register_petition, register(world))
            assert isinstance(done, Done), done
            assert (await tried.stamp(done.id)).grounds == world.mandate("one", "registrar")
            instructed = await tried.act("one", "team", petitions.instruct_petition, instruct(world, done.id))
            assert isinstance(instructed, Done), instructed
            assert (await tried.stamp(done.id)).grounds == world.mandate("one", "leader")
            ended = EndInspection(inspection=world.inspection, ended_on=TODAY)
            assert isinstance(await tried.act("one", "team", inspections.end_inspection, ended), Done)
            assert (await tried.stamp(world.inspection)).grounds == world.mandate("one", "leader")

    run(go())


@pytest.mark.parametrize("order", [("registrar", "member"), ("member", "registrar")], ids=" then ".join)
def test_a_registrar_who_is_also_member_acts_as_the_one_the_act_needs(
    world: Any, run: Any, order: tuple[str, str]
) -> None:
    """Art. 5, 13: registers as the registrar, handles what was given to them, and leads nothing."""
    world.planned().entered().of_the_team("one", *order)
    theirs, others = world.petition("1", handler="one"), world.petition("2", handler="another")

    async def go() -> None:
        async with world.open() as tried:
            done = await tried.act("one", "team", petitions.register_petition, register(world))
            assert isinstance(done, Done), done
            assert (await tried.stamp(done.id)).grounds == world.mandate("one", "registrar")
            assert isinstance(await tried.act("one", "team", petitions.handle_petition, handle(theirs)), Done)
            assert (await tried.stamp(theirs)).grounds in {world.mandate("one", duty) for duty in order}
            not_theirs = await tried.act("one", "team", petitions.handle_petition, handle(others))
            assert rule_of(not_theirs) == "handled_by_its_handler"
            led = EndInspection(inspection=world.inspection, ended_on=TODAY)
            assert rule_of(await tried.act("one", "team", inspections.end_inspection, led)) == "led_by_the_leader"

    run(go())


def test_of_two_duties_only_one_that_lives_and_has_the_power_counts(world: Any, run: Any) -> None:
    """Art. 5 (c): a duty that is over, or whose mandate lacks the power, is not used; the other still is."""
    world.planned().entered().granted("one", "registrar", until_on=YESTERDAY).of_the_team("one", "member")
    world.granted("other", "leader", powers=(Power.PREPARATION,)).of_the_team("other", "deputy_leader")

    async def go() -> None:
        async with world.open() as tried:
            no = await tried.act("one", "team", petitions.register_petition, register(world))
            assert rule_of(no) == "only_the_registrar"
            ended = EndInspection(inspection=world.inspection, ended_on=TODAY)
            assert isinstance(await tried.act("other", "team", inspections.end_inspection, ended), Done)
            assert (await tried.stamp(world.inspection)).grounds == world.mandate("other", "deputy_leader")

    run(go())


def test_a_clue_is_reported_by_the_leader_under_the_leaders_mandate(world: Any, run: Any) -> None:
    """Art. 6(2), 14: owed personally, also by one who is member as well."""
    world.planned().entered().of_the_team("one", "member", "leader")
    clue = world.clue("1")
    report = ReportClue(clue=clue, reported_on=TODAY, report=TEXT)

    async def go() -> None:
        async with world.open() as tried:
            assert isinstance(await tried.act("one", "team", clues.report_clue, report), Done)
            assert (await tried.stamp(clue)).grounds == world.mandate("one", "leader")

    run(go())


# --- recusal -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "rule"),
    [
        (date(2026, 11, 2), None),
        (date(2026, 11, 14), None),
        (date(2026, 11, 15), "not_recused"),
        (date(2026, 11, 16), "not_recused"),
    ],
)
def test_what_was_done_before_the_recusal_is_entered_from_paper_and_what_came_after_is_not(
    world: Any, run: Any, day: date, rule: str | None
) -> None:
    """Art. 23, 28: judged on the day of the act; off the unit from the day of the decision on."""
    world.planned().notice().granted("one", "leader").declared("one", "near_relative").decided(
        "one", on=date(2026, 11, 15)
    )
    enter = EnterUnit(inspection=world.inspection, entered_on=day)

    async def go() -> None:
        async with world.open() as tried:
            answer = await tried.act("clerk", "office", inspections.enter_unit, enter, doer="one", on=day)
            assert rule_of(answer) == rule
            if rule is None:
                stamp = await tried.stamp(world.inspection)
                assert (stamp.doer, stamp.grounds) == (world.person("one"), world.mandate("one", "leader"))
                assert stamp.recorded_under == world.appointment("clerk")

    run(go())


def test_a_recused_person_uses_no_day_before_the_recusal_for_an_act_of_their_own(world: Any, run: Any) -> None:
    """Art. 23: off that unit at once; what one does oneself is judged today as well."""
    world.planned().notice().granted("one", "leader").declared("one", "near_relative").decided("one")
    enter = EnterUnit(inspection=world.inspection, entered_on=date(2026, 11, 2))

    async def go() -> None:
        async with world.open() as tried:
            answer = await tried.act("one", "team", inspections.enter_unit, enter, on=date(2026, 11, 2))
            assert answer == Refusal("NOT_FOUND")

    run(go())


@pytest.mark.parametrize(
    ("day", "rule"),
    [(date(2026, 11, 4), "recusal_declared_first"), (date(2026, 11, 5), None), (date(2026, 11, 12), None)],
)
def test_a_declaration_counts_from_its_first_day(world: Any, run: Any, day: date, rule: str | None) -> None:
    """Art. 23: a later one that adds nothing but another day takes none of it back."""
    world.planned().entered().granted("one", "registrar")
    world.declared("one", on=date(2026, 11, 5)).declared("one", "near_relative", on=date(2026, 11, 12))

    async def go() -> None:
        async with world.open() as tried:
            command = register(world, date(2026, 11, 3))
            answer = await tried.act("clerk", "office", petitions.register_petition, command, doer="one", on=day)
            assert rule_of(answer) == rule

    run(go())


def test_nothing_is_given_to_a_recused_person_by_giving_it_an_earlier_day(world: Any, run: Any) -> None:
    """Art. 13, 23: the handler must not be recused when the instruction is recorded."""
    world.planned().entered().of_the_team("leader", "leader").of_the_team("member", "member")
    world.granted("one").declared("one", "near_relative").decided("one", on=YESTERDAY)
    petition = world.petition("1")

    async def go() -> None:
        async with world.open() as tried:
            day = date(2026, 11, 12)
            for handler, rule in (("one", "handler_of_the_same_team"), ("member", None)):
                command = instruct(world, petition, handler, on=day)
                answer = await tried.act("leader", "team", petitions.instruct_petition, command, on=day)
                assert rule_of(answer) == rule

    run(go())


@pytest.mark.parametrize(
    ("handler", "on", "own", "paper"),
    [
        ("always", date(2026, 11, 12), None, None),
        ("over today", date(2026, 11, 12), "handler_of_the_same_team", None),
        ("over today", TODAY, "handler_of_the_same_team", "handler_of_the_same_team"),
        ("from today", date(2026, 11, 12), "handler_of_the_same_team", "handler_of_the_same_team"),
        ("from today", TODAY, None, None),
        ("recused today", date(2026, 11, 12), "handler_of_the_same_team", None),
        ("recused today", TODAY, "handler_of_the_same_team", "handler_of_the_same_team"),
    ],
)
def test_a_handler_can_handle_on_the_day_of_the_instruction_and_where_it_is_ones_own_today(
    world: Any, run: Any, handler: str, on: date, own: str | None, paper: str | None
) -> None:
    """Art. 13, 23, 28: mandate and recusal; what paper tells of then is judged by what was then."""
    world.planned().entered().of_the_team("leader", "leader").of_the_team("always", "member")
    world.granted("over today", until_on=YESTERDAY).declared("over today")
    world.granted("from today", from_on=TODAY).declared("from today")
    world.granted("recused today").declared("recused today", "near_relative").decided("recused today", on=TODAY)
    ours, theirs = world.petition("1"), world.petition("2")

    async def go() -> None:
        async with world.open() as tried:
            live = await tried.act(
                "leader", "team", petitions.instruct_petition, instruct(world, ours, handler, on=on), on=on
            )
            assert rule_of(live) == own
            entered = instruct(world, theirs, handler, on=on)
            late = await tried.act("clerk", "office", petitions.instruct_petition, entered, doer="leader", on=on)
            assert rule_of(late) == paper

    run(go())


# --- entered by the director, and for nobody's own good ----------------------------------------------------------


def link(world: Any, person: str) -> LinkSignIn:
    return LinkSignIn(person=world.person(person), issuer="idp", subject=world.salt)


def appoint(world: Any, person: str) -> Appoint:
    return Appoint(person=world.person(person), body=world.other_unit, post=Post.UNIT_HEAD, from_on=YESTERDAY)


def dismiss(world: Any, person: str) -> EndAppointment:
    return EndAppointment(
        person=world.person(person), appointment=world.appointment(person), ended_on=date(2026, 11, 12)
    )


def withdraw(world: Any, person: str) -> WithdrawAppointment:
    return WithdrawAppointment(
        person=world.person(person), appointment=world.appointment(person), reason=Secret("登记有误")
    )


ACCESS: dict[str, tuple[Handler, Callable[[Any, str], Command]]] = {
    "a sign-in": (directory.link_sign_in, link),
    "a post": (directory.appoint, appoint),
    "the end of a post": (directory.end_appointment, dismiss),
    "a post withdrawn": (directory.withdraw_appointment, withdraw),
}


@pytest.mark.parametrize("what", ACCESS)
@pytest.mark.parametrize(
    ("recorder", "allowed"), [("clerk", False), ("formerly", False), ("from tomorrow", False), ("deputy", True)]
)
def test_sign_ins_and_posts_are_entered_from_paper_by_whoever_directs_the_office_today(
    world: Any, run: Any, what: str, recorder: str, allowed: bool
) -> None:
    """Art. 4(5): a clerk who names the director as the doer would else be the director."""
    world.post("deputy", Post.OFFICE_DEPUTY_DIRECTOR, world.office)
    world.post("formerly", Post.OFFICE_CLERK, world.office).post(
        "formerly", Post.OFFICE_DIRECTOR, world.office, until_on=YESTERDAY
    )
    world.post("from tomorrow", Post.OFFICE_CLERK, world.office).post(
        "from tomorrow", Post.OFFICE_DIRECTOR, world.office, from_on=date(2026, 11, 21)
    )
    handler, command = ACCESS[what]

    async def go() -> None:
        async with world.open() as tried:
            given = command(world, "unit head")
            before = await tried.facts(world.person("unit head"))
            answer = await tried.act(recorder, "office", handler, given, doer="director", on=YESTERDAY)
            assert rule_of(answer) == (None if allowed else "authority_entered_by_the_director")
            assert (await tried.facts(world.person("unit head")) == before) is not allowed

    run(go())


@pytest.mark.parametrize(("duty", "doer"), [("leader", "secretary"), ("member", "group head")])
@pytest.mark.parametrize(("recorder", "allowed"), [("clerk", False), ("deputy", True), ("director", True)])
def test_a_mandate_is_entered_from_paper_by_the_director_or_a_deputy(
    world: Any, run: Any, duty: str, doer: str, recorder: str, allowed: bool
) -> None:
    """Art. 4(5), 5: it opens petitions and clues to whoever it names."""
    world.planned().nominated("one").post("deputy", Post.OFFICE_DEPUTY_DIRECTOR, world.office)
    command = grant(world, duty)

    async def go() -> None:
        async with world.open() as tried:
            answer = await tried.act(recorder, "office", rounds.grant_mandate, command, doer=doer, on=TODAY)
            assert rule_of(answer) == (None if allowed else "authority_entered_by_the_director")
            granted = [f for f in await tried.facts(world.round) if isinstance(f, MandateGranted)]
            assert len(granted) == int(allowed)

    run(go())


OWN: dict[str, tuple[str, Handler, Callable[[Any, str], Command]]] = {
    "a mandate": (
        "group head",
        rounds.grant_mandate,
        lambda w, me: grant(w, "member").model_copy(update={"person": w.person(me)}),
    ),
    **{what: ("director of before", handler, command) for what, (handler, command) in ACCESS.items()},
}


@pytest.mark.parametrize("what", OWN)
@pytest.mark.parametrize("recorder", ["director", "deputy", "clerk"])
def test_nobody_enters_from_paper_what_gives_themselves_something(
    world: Any, run: Any, what: str, recorder: str
) -> None:
    """Art. 28: whoever it is; somebody else who may enters it."""
    world.planned().post("director of before", Post.OFFICE_DIRECTOR, world.office)
    world.post("deputy", Post.OFFICE_DEPUTY_DIRECTOR, world.office).post(
        "another", Post.OFFICE_DEPUTY_DIRECTOR, world.office
    )
    doer, handler, command = OWN[what]

    async def go() -> None:
        async with world.open() as tried:
            given = {"handler": handler, "command": command(world, recorder), "doer": doer, "on": TODAY}
            no = await tried.act(recorder, "office", **given)
            assert (rule_of(no), no.path) == ("nobody_records_what_favours_them", "person")
            assert isinstance(await tried.act("another", "office", **given), Done)

    run(go())


def test_nobody_enters_from_paper_how_their_own_recusal_was_decided(world: Any, run: Any) -> None:
    """Art. 23, 28: neither of a clerk nor of the director; another clerk enters it."""
    world.planned().post("another", Post.OFFICE_CLERK, world.office)
    world.post("deputy", Post.OFFICE_DEPUTY_DIRECTOR, world.office)
    for one in ("clerk", "director"):
        world.granted(one).declared(one, "near_relative")

    async def go() -> None:
        async with world.open() as tried:
            for one in ("clerk", "director"):
                command = recuse(world).model_copy(update={"recusal": world.recusal(one)})
                given = {"handler": recusals.decide_recusal, "command": command, "doer": "deputy", "on": TODAY}
                no = await tried.act(one, "office", **given)
                assert (rule_of(no), no.path) == ("nobody_records_what_favours_them", "recusal")
                assert isinstance(await tried.act("another", "office", **given), Done)

    run(go())


@pytest.mark.parametrize("what", ["a post", "a mandate"])
def test_nobody_gives_themselves_a_post_or_a_mandate(world: Any, run: Any, what: str) -> None:
    """Art. 4(5), 5: a director could else become head of the group, a head of the group read petitions; another
    director or deputy, or another head, gives it."""
    world.planned().post("deputy", Post.OFFICE_DEPUTY_DIRECTOR, world.office)
    world.post("another head", Post.GROUP_DEPUTY_HEAD, world.group)
    audience: Any = "office" if what == "a post" else "leading_group"
    handler: Handler = directory.appoint if what == "a post" else rounds.grant_mandate
    one, other = ("director", "deputy") if what == "a post" else ("group head", "another head")

    def command() -> Command:
        if what == "a post":
            return appoint(world, one)
        return grant(world, "member").model_copy(update={"person": world.person(one)})

    async def go() -> None:
        async with world.open() as tried:
            no = await tried.act(one, audience, handler, command())
            assert (rule_of(no), no.path) == ("nobody_gives_themselves_authority", "person")
            assert isinstance(await tried.act(other, audience, handler, command()), Done)

    run(go())


def test_nobody_ends_their_own_post(world: Any, run: Any) -> None:
    """Art. 4(5): the office would be left without a director; a deputy ends it, and the director the deputy's."""
    world.post("deputy", Post.OFFICE_DEPUTY_DIRECTOR, world.office)

    async def go() -> None:
        async with world.open() as tried:
            for one, other in (("deputy", "director"), ("director", "deputy")):
                command = dismiss(world, one).model_copy(update={"ended_on": TODAY})
                no = await tried.act(one, "office", directory.end_appointment, command)
                assert (rule_of(no), no.path) == ("nobody_ends_their_own_post", "person")
                done = await tried.act(other, "office", directory.end_appointment, command)
                if one == "deputy":
                    assert isinstance(done, Done)
                else:  # the deputy's own post ends today: from tomorrow there would be nobody
                    assert (rule_of(done), done.path) == ("a_director_remains", "person")

    run(go())


# --- one leader, one registrar at each unit ----------------------------------------------------------------------


def in_two_units(world: Any, duty: str) -> GrantMandate:
    """One team at two units, and its first leader or registrar at both; the mandate of a second, to be changed."""
    world.planned(team=False).add(
        world.round,
        TeamFormed(
            round=world.round,
            team=world.team,
            name=TEXT,
            assignments=(
                Assignment(unit=world.unit, inspection=world.inspection),
                Assignment(unit=world.other_unit, inspection=world.id("inspection", "other")),
            ),
            decided_on=date(2026, 9, 29),
        ),
        MandateGranted(
            round=world.round,
            mandate=world.mandate("first", duty),
            team=world.team,
            person=world.person("first"),
            duty=Duty(duty),
            units=(world.unit, world.other_unit),
            powers=(Power.ON_SITE,),
            from_on=date(2026, 10, 1),
            until_on=date(2026, 12, 31),
            granted_by=Standing.LEADING_GROUP,
            decided_on=date(2026, 9, 30),
        ),
    )
    world.declared("first", "near_relative").nominated("one").nominated("third")
    return grant(world, duty)


@pytest.mark.parametrize("duty", ["leader", "registrar"])
@pytest.mark.parametrize(
    ("outcome", "on", "room"),
    [("upheld", YESTERDAY, True), ("upheld", TODAY, True), ("not_upheld", YESTERDAY, False), (None, TODAY, False)],
)
def test_one_who_is_off_a_unit_leaves_room_for_another_there_and_only_there(
    world: Any, run: Any, duty: str, outcome: str | None, on: date, room: bool
) -> None:
    """Art. 5, 13, 23: without ending the mandate, which lasts at the other unit; and for one other, not for two."""
    second = in_two_units(world, duty)
    if outcome:
        world.decided("first", outcome, on=on)
    third = second.model_copy(update={"person": world.person("third")})
    who, rule = "secretary" if duty == "leader" else "group head", f"one_{duty}_for_each_team"

    async def go() -> None:
        async with world.open() as tried:

            async def say(command: GrantMandate, *units: str) -> str | None:
                named = command.model_copy(update={"units": units})
                return rule_of(await tried.act(who, "leading_group", rounds.grant_mandate, named))

            assert await say(second, world.other_unit) == rule
            assert await say(second, world.unit, world.other_unit) == rule
            assert await say(second, world.unit) == (None if room else rule)
            assert await say(third, world.unit) == rule

    run(go())


def test_before_the_day_of_the_recusal_there_is_no_room_for_another(world: Any, run: Any) -> None:
    """Art. 5, 23: off the unit from the day of the decision on; the second one's first day is no earlier."""
    second = in_two_units(world, "leader").model_copy(update={"units": (world.unit,), "decided_on": YESTERDAY})
    world.decided("first", on=TODAY)

    async def go() -> None:
        async with world.open() as tried:
            for from_on, rule in ((YESTERDAY, "one_leader_for_each_team"), (TODAY, None)):
                command = second.model_copy(update={"from_on": from_on})
                answer = await tried.act("secretary", "leading_group", rounds.grant_mandate, command)
                assert rule_of(answer) == rule

    run(go())


@pytest.mark.parametrize("unknown", ["team", "home_body"])
def test_a_mandate_for_a_team_or_from_a_body_nobody_knows_is_not_found(world: Any, run: Any, unknown: str) -> None:
    """promises.md: NOT_FOUND, without an article; nothing is granted."""
    world.planned()
    kind = {"team": "team", "home_body": "body"}[unknown]
    known = grant(world, "member").model_copy(update={"home_body": world.other_unit})
    command = known.model_copy(update={unknown: world.id(kind, "unknown")})

    async def go() -> None:
        async with world.open() as tried:
            answer = await tried.act("group head", "leading_group", rounds.grant_mandate, command)
            assert answer == Refusal("NOT_FOUND")
            assert isinstance(await tried.act("group head", "leading_group", rounds.grant_mandate, known), Done)

    run(go())


@pytest.mark.parametrize(
    ("day", "rule"), [(date(2026, 11, 8), "registered_after_receipt"), (date(2026, 11, 9), None), (TODAY, None)]
)
@pytest.mark.parametrize("doer", [None, "registrar"], ids=["remembered", "from paper"])
def test_a_petition_is_registered_on_the_day_it_was_received_or_later(
    world: Any, run: Any, day: date, rule: str | None, doer: str | None
) -> None:
    """Art. 13: on the register before it came, nobody could have read it."""
    world.planned().entered().of_the_team("registrar", "registrar")
    who, audience = ("clerk", "office") if doer else ("registrar", "team")

    async def go() -> None:
        async with world.open() as tried:
            command = register(world, date(2026, 11, 9))
            answer = await tried.act(who, audience, petitions.register_petition, command, doer=doer, on=day)
            assert rule_of(answer) == rule
            if isinstance(answer, Refusal):
                assert answer.path == "received_on"

    run(go())


# --- who approves ------------------------------------------------------------------------------------------------

WHO = {
    "party_committee": ("secretary", "leading_group"),
    "leading_group": ("group head", "leading_group"),
    "office": ("director", "office"),
}


def grant(world: Any, duty: str) -> GrantMandate:
    return GrantMandate(
        round=world.round,
        team=world.team,
        person=world.person("one"),
        duty=Duty(duty),
        units=(world.unit,),
        from_on=TODAY,
        until_on=date(2026, 12, 31),
        decided_on=TODAY,
        moved_to_non_leading_post=int(duty == "leader"),  # type: ignore[arg-type]
    )


def end(world: Any, duty: str) -> EndMandate:
    return EndMandate(round=world.round, mandate=world.mandate("one", duty), ended_on=YESTERDAY, reason=TEXT)


def recuse(world: Any) -> DecideRecusal:
    return DecideRecusal(recusal=world.recusal("one"), outcome="upheld", reason=TEXT, decided_on=TODAY)


def early(world: Any) -> str:
    """A transfer during the inspection that awaits its approval; the stream it is in."""
    clue = world.planned().entered().clue("1")
    asked = EarlyTransferProposed(
        early_transfer=early_transfer_of(clue),
        clue=clue,
        **world.here,
        organ=world.organ,
        concerned=(),
        reason=TEXT,
        proposed_on=date(2026, 11, 12),
    )
    world.add(early_transfer_of(clue), asked)
    return clue


def approve_early(world: Any) -> DecideEarlyTransfer:
    return DecideEarlyTransfer(clue=world.id("clue", "1"), approved=1, decided_on=TODAY)


def dispose(world: Any) -> DecideDisposal:
    return DecideDisposal(
        item=world.id("clue", "1"), disposal_class="cadre_discipline", organ=world.organ, decided_on=TODAY
    )


APPROVED: dict[str, tuple[str, str, Callable[[Any], Any], Handler, Callable[[Any], Command]]] = {
    "a plan": (
        "work_plan",
        "plan_decided_by_who_may",
        lambda w: w.planned(approved=False, team=False),
        rounds.approve_plan,
        lambda w: ApprovePlan(round=w.round, approved_on=TODAY),
    ),
    "a plan returned": (
        "work_plan",
        "plan_decided_by_who_may",
        lambda w: w.planned(approved=False, team=False),
        rounds.return_plan,
        lambda w: ReturnPlan(round=w.round, returned_on=TODAY, reason=TEXT),
    ),
    "a team": (
        "team",
        "team_formed_by_who_may",
        lambda w: w.planned(team=False),
        rounds.form_team,
        lambda w: FormTeam(round=w.round, name=TEXT, units=(w.unit,), decided_on=TODAY),
    ),
    "a leader's mandate": (
        "mandate",
        "granted_by_who_may",
        lambda w: w.planned().nominated("one"),
        rounds.grant_mandate,
        lambda w: grant(w, "leader"),
    ),
    "a member's mandate": (
        "mandate_of_member",
        "granted_by_who_may",
        lambda w: w.planned(),
        rounds.grant_mandate,
        lambda w: grant(w, "member"),
    ),
    "the end of a leader's mandate": (
        "mandate",
        "granted_by_who_may",
        lambda w: w.planned().granted("one", "leader"),
        rounds.end_mandate,
        lambda w: end(w, "leader"),
    ),
    "the end of a member's mandate": (
        "mandate_of_member",
        "granted_by_who_may",
        lambda w: w.planned().granted("one", "member"),
        rounds.end_mandate,
        lambda w: end(w, "member"),
    ),
    "a leader's recusal": (
        "recusal_of_leader",
        "recusal_decided_by_who_may",
        lambda w: w.planned().granted("one", "leader").declared("one", "near_relative"),
        recusals.decide_recusal,
        recuse,
    ),
    "a member's recusal": (
        "recusal",
        "recusal_decided_by_who_may",
        lambda w: w.planned().granted("one", "member").declared("one", "near_relative"),
        recusals.decide_recusal,
        recuse,
    ),
    "a disposal": (
        "disposal",
        "disposal_decided_by_who_may",
        lambda w: w.planned().entered().clue("1", until="proposed"),
        disposals.decide_disposal,
        dispose,
    ),
    "a transfer during the inspection": (
        "mid_inspection_transfer",
        "early_transfer_decided_by_who_may",
        early,
        early_transfers.decide_early_transfer,
        approve_early,
    ),
}


@pytest.mark.parametrize("approver", WHO)
@pytest.mark.parametrize("what", APPROVED)
def test_who_approves_follows_the_edition(
    world: Any, run: Any, book_where: Callable[..., Rulebook], what: str, approver: str
) -> None:
    """Art. 3, 5, 11, 15, 17, 23: another city's text names another body; nobody else decides, nor from paper."""
    act, rule, until, handler, command = APPROVED[what]
    until(world)
    world.person("one")
    other = book_where(**{act: approver})
    assert other.edition.approver(act) == approver

    async def go() -> None:
        async with world.open() as tried:
            for body, (who, audience) in WHO.items():
                if body != approver:
                    for given in ({"who": who, "audience": audience}, {"who": "clerk", "audience": "office",
                                                                       "doer": who, "on": TODAY}):  # fmt: skip
                        no = await tried.act(**given, handler=handler, command=command(world), book=other)
                        assert rule_of(no) == rule, (body, given)
            clerk = await tried.act("clerk", "office", handler, command(world), book=other)
            assert rule_of(clerk) == rule
            who, audience = WHO[approver]
            done = await tried.act(who, audience, handler, command(world), book=other)
            assert isinstance(done, Done), done
            clue = world.id("clue", "1")
            streams = (world.round, world.recusal("one"), disposal_of(clue), early_transfer_of(clue))
            (stream,) = [s for s in streams if s in world.facts][-1:]
            stamp = await tried.stamp(stream)
            assert (stamp.capacity, stamp.grounds) == (audience, world.appointment(who))

    run(go())


@pytest.mark.parametrize("approver", WHO)
def test_a_mandate_says_which_body_granted_it(
    world: Any, run: Any, book_where: Callable[..., Rulebook], approver: str
) -> None:
    """Art. 5: the one the edition names, not one the software knows."""
    world.planned().person("one")
    other = book_where(mandate_of_member=approver)
    who, audience = WHO[approver]

    async def go() -> None:
        async with world.open() as tried:
            done = await tried.act(who, audience, rounds.grant_mandate, grant(world, "member"), book=other)
            assert isinstance(done, Done), done
            assert (await tried.facts(world.round))[-1].granted_by == approver

    run(go())


# --- recipients --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("recipients", "rule"),
    [
        (("unit head",), None),
        (("unit head", "contact of the unit"), None),
        ((), "delivered_to_named_persons"),
        (("other head",), "delivered_to_named_persons"),
        (("unit head", "contact"), "delivered_to_named_persons"),
        (("formerly",), "delivered_to_named_persons"),
        (("not yet",), "delivered_to_named_persons"),
    ],
    ids=lambda value: "+".join(value) or "nobody" if isinstance(value, tuple) else None,
)
def test_a_notice_is_served_on_persons_who_hold_a_post_in_the_unit(
    world: Any, run: Any, recipients: tuple[str, ...], rule: str | None
) -> None:
    """Art. 11(6): named, each of them, on that day."""
    world.planned().of_the_team("leader", "leader")
    world.post("contact of the unit", Post.UNIT_CONTACT, world.unit, from_on=TODAY, until_on=TODAY)
    world.post("formerly", Post.UNIT_HEAD, world.unit, until_on=YESTERDAY)
    world.post("not yet", Post.UNIT_HEAD, world.unit, from_on=date(2026, 11, 21))
    named = tuple(world.person(name) for name in recipients)

    async def go() -> None:
        async with world.open() as tried:
            command = serve(world).model_copy(update={"recipients": named})
            answer = await tried.act("leader", "team", inspections.serve_notice, command)
            assert rule_of(answer) == rule
            if rule is None:
                assert (await tried.facts(world.inspection))[-1].recipients == named

    run(go())


@pytest.mark.parametrize(
    ("recipients", "rule"),
    [
        (("contact",), None),
        (("contact", "organ head"), None),
        ((), "delivered_to_named_persons"),
        (("unit head",), "delivered_to_named_persons"),
        (("contact", "director"), "delivered_to_named_persons"),
        (("concerned",), "delivered_to_named_persons"),
        (("contact", "concerned"), "delivered_to_named_persons"),
        (("formerly",), "delivered_to_named_persons"),
    ],
    ids=lambda value: "+".join(value) or "nobody" if isinstance(value, tuple) else None,
)
def test_a_transfer_goes_to_persons_of_the_organ_whom_it_does_not_concern(
    world: Any, run: Any, recipients: tuple[str, ...], rule: str | None
) -> None:
    """Art. 17, 3 (c): named, each of them, on that day."""
    world.planned().entered()
    for name, until in (("organ head", None), ("concerned", None), ("formerly", YESTERDAY)):
        world.post(name, Post.ORGAN_HEAD, world.organ, until_on=until)
    clue = world.clue("1", until="decided", concerned=("concerned",))
    named = tuple(world.person(name) for name in recipients)
    command = TransferItem(item=clue, recipients=named, material=TEXT, transferred_on=TODAY)

    async def go() -> None:
        async with world.open() as tried:
            answer = await tried.act("director", "office", transfers.transfer_item, command)
            assert rule_of(answer) == rule
            if isinstance(answer, Done):
                assert (await tried.facts(answer.id))[0].recipients == named

    run(go())


def test_whoever_held_the_post_on_the_day_of_service_is_named_from_paper(world: Any, run: Any) -> None:
    """Art. 11(6), 28: the post is asked for on the day it happened, not on the day it is entered."""
    world.planned().of_the_team("leader", "leader")
    world.post("formerly", Post.UNIT_HEAD, world.unit, until_on=YESTERDAY)
    command = serve(world, "formerly").model_copy(update={"served_on": YESTERDAY})

    async def go() -> None:
        async with world.open() as tried:
            answer = await tried.act("clerk", "office", inspections.serve_notice, command, doer="leader", on=YESTERDAY)
            assert isinstance(answer, Done), answer

    run(go())
