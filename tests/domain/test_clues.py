"""Clues: given one, when it is registered, reported, reported directly or released, then facts or a refusal."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.arrangements import edition_with_guidance

from domain.clues import (
    Clue,
    ClueListed,
    ClueMadeKnown,
    ClueRegistered,
    ClueReleased,
    ClueReported,
    ClueReportedDirectly,
    Listed,
    Managed,
    NameToKnow,
    RegisterClue,
    ReleaseClue,
    ReportClue,
    ReportDirectly,
    evolve,
    evolve_register,
    list_again,
    name_to_know,
    register,
    register_of,
    release,
    report,
    report_directly,
)
from domain.kernel import Refused, Secret, derived_id
from domain.rulebook import calendars
from domain.rulebook.calendars import parse_calendar
from domain.rulebook.obligations import hoped

CALENDAR = parse_calendar((Path(calendars.__file__).parent / "data" / "calendar-cn.toml").read_text("utf-8"), "cn")

CLUE, PETITION = derived_id("clue", "1"), derived_id("petition", "1")
ROUND, UNIT, INSPECTION = derived_id("round", "1"), derived_id("body", "1"), derived_id("inspection", "1")
HEAD, MEMBER, SUSPECT, OTHER = (derived_id("person", name) for name in ("head", "member", "suspect", "other"))
ON = date(2015, 10, 20)
DAY = timedelta(days=1)
TEXT, SUMMARY, REPORT, SPECIAL = Secret("线索内容"), Secret("摘要"), Secret("报告内容"), Secret("特殊情况")
MATTER = {"clue": CLUE, "round": ROUND, "inspection": INSPECTION, "unit": UNIT}

REGISTERED = Clue(ROUND, INSPECTION, UNIT, (SUSPECT,), "city", ON, ON, SUMMARY)
REPORTED = replace(REGISTERED, reported_on=ON)
RESTRICTED = replace(REGISTERED, restricted=True)
DIRECT = replace(RESTRICTED, reported_on=ON, addressee=HEAD, report=REPORT)
RELEASED = replace(DIRECT, restricted=False, released_on=ON)


def registered(state: Clue | None = None, **more: Any) -> list[Any]:
    asked = {"category": "integrity_discipline", "item": None, "first_known_on": ON, "restricted": 0, **more}
    command = RegisterClue(
        inspection=INSPECTION,
        petitions=(PETITION,),
        concerned=(SUSPECT,),
        managed=asked.get("managed", Managed.CITY),
        registered_on=ON,
        text=TEXT,
        summary=SUMMARY,
        major_problem=more.get("major_problem"),
        **{name: asked[name] for name in ("category", "item", "first_known_on", "restricted")},
    )
    return register(
        state,
        CLUE,
        command,
        round_=ROUND,
        unit=UNIT,
        duty=asked.get("duty", "member"),
        petitions_fit=asked.get("fit", True),
        categories=("integrity_discipline",),
        items=asked.get("items", ("power_for_private_gain",)),
        hoped=asked.get("hoped"),
    )


def reported(state: Clue = REGISTERED, on: date = ON) -> list[Any]:
    return report(state, ReportClue(clue=CLUE, reported_on=on, report=TEXT))


def directly(
    state: Clue = RESTRICTED,
    on: date = ON,
    named: tuple[str, ...] = (),
    in_post: tuple[str, ...] = (HEAD,),
    concerned: tuple[str, ...] = (),
    another_way: bool = False,
    addressee_left: bool = False,
) -> list[Any]:
    command = ReportDirectly(
        clue=CLUE, addressee=HEAD, special_circumstances=SPECIAL, report=REPORT, named=named, reported_on=on
    )
    return report_directly(
        state,
        command,
        summary=state.summary,
        another_way=another_way,
        addressee_left=addressee_left,
        in_post=in_post,
        may_know=(MEMBER, SUSPECT),
        concerned=concerned,
    )


def named(state: Clue = DIRECT, persons: tuple[str, ...] = (MEMBER,), on: date = ON, doer: str = HEAD) -> list[Any]:
    command = NameToKnow(clue=CLUE, persons=persons, named_on=on)
    return name_to_know(state, command, doer=doer, may_know=(MEMBER, SUSPECT), concerned=(SUSPECT,))


def released(state: Clue = DIRECT, on: date = ON, doer: str = HEAD, instruction: Secret | None = None) -> list[Any]:
    command = ReleaseClue(clue=CLUE, released_on=on, instruction=instruction)
    return release(state, command, doer=doer, report=REPORT)


def refusal(ask: Callable[[], object]) -> tuple[str, str, str | None]:
    with pytest.raises(Refused) as no:
        ask()
    return no.value.rule.name, no.value.rule.article, no.value.path


@pytest.mark.parametrize("known", [0, 1])
@pytest.mark.parametrize(("restricted", "duty"), [(0, "member"), (1, "leader"), (1, "deputy_leader")])
def test_a_clue_is_registered_with_what_it_comes_from_and_whom_it_concerns(
    known: int, restricted: int, duty: str
) -> None:
    """Articles 9, 13, 14: first known on the day of registration or before; a restricted one by leader or deputy."""
    facts = registered(
        first_known_on=ON - known * DAY,
        item="power_for_private_gain",
        major_problem="unity",
        restricted=restricted,
        duty=duty,
    )
    assert facts == [
        ClueRegistered(
            **MATTER,
            petitions=(PETITION,),
            category="integrity_discipline",
            item="power_for_private_gain",
            concerned=(SUSPECT,),
            managed=Managed.CITY,
            first_known_on=ON - known * DAY,
            registered_on=ON,
            text=TEXT,
            summary=SUMMARY,
            major_problem="unity",
            restricted=restricted,
        )
    ]
    state = evolve(None, facts[0])
    assert state == replace(
        REGISTERED, first_known_on=ON - known * DAY, major_problem="unity", restricted=bool(restricted)
    )
    assert state.summary is SUMMARY


def test_a_clue_on_record_is_not_registered_again() -> None:
    """Article 14."""
    assert registered(REGISTERED, category="weather") == []


@pytest.mark.parametrize("days", [0, 1])
def test_a_clue_is_reported_to_the_office_with_both_days(days: int) -> None:
    """Article 14: on the day of first knowledge or later."""
    (fact,) = reported(on=ON + days * DAY)
    assert fact == ClueReported(
        **MATTER, reported_on=ON + days * DAY, report=TEXT, first_known_on=ON, withheld_from=(SUSPECT,)
    )
    after = evolve(REGISTERED, fact)
    assert after == replace(REPORTED, reported_on=ON + days * DAY)
    assert after.reached_office_on == ON + days * DAY


@pytest.mark.parametrize("days", [0, 1])
@pytest.mark.parametrize("before", [REGISTERED, RESTRICTED], ids=["known to the office", "restricted from the start"])
def test_a_clue_reported_directly_reaches_its_addressee_and_not_the_office(before: Clue, days: int) -> None:
    """Article 14: with what is special, whom the leader lets know, and both days."""
    (fact,) = directly(before, on=ON + days * DAY, named=(MEMBER,))
    assert fact == ClueReportedDirectly(
        **MATTER,
        addressee=HEAD,
        named=(MEMBER,),
        concerned=(SUSPECT,),
        special_circumstances=SPECIAL,
        report=REPORT,
        summary=SUMMARY,
        first_known_on=ON,
        reported_on=ON + days * DAY,
    )
    after = evolve(before, fact)
    assert after == replace(DIRECT, reported_on=ON + days * DAY, named=(MEMBER,))
    assert after.report is REPORT
    assert after.reached_office_on is None


@pytest.mark.parametrize(
    ("managed", "problem"), [("city", None), ("unit", "interests_of_the_people"), ("unknown", "other")]
)
def test_what_is_reported_directly_is_a_grave_matter(managed: str, problem: str | None) -> None:
    """Article 14: of a city-managed cadre, or a major problem; neither is refused below."""
    assert directly(replace(RESTRICTED, managed=managed, major_problem=problem))


@pytest.mark.parametrize("days", [0, 1])
def test_the_addressee_lets_others_know_once_each(days: int) -> None:
    """Article 14."""
    (fact,) = named(persons=(MEMBER, MEMBER), on=ON + days * DAY)
    assert fact == ClueMadeKnown(**MATTER, persons=(MEMBER,), named_on=ON + days * DAY)
    after = evolve(DIRECT, fact)
    assert after == replace(DIRECT, named=(MEMBER,))
    assert named(after) == []


@pytest.mark.parametrize("days", [0, 1])
def test_a_clue_released_reaches_the_office_with_what_it_goes_on_with(days: int) -> None:
    """Article 14: from the day of the release, and no more than a report would have told."""
    (fact,) = released(on=ON + days * DAY, instruction=TEXT)
    assert fact == ClueReleased(
        **MATTER,
        concerned=(SUSPECT,),
        first_known_on=ON,
        registered_on=ON,
        reported_on=ON,
        released_on=ON + days * DAY,
        report=REPORT,
        instruction=TEXT,
    )
    after = evolve(DIRECT, fact)
    assert after == replace(RELEASED, released_on=ON + days * DAY)
    assert after.reached_office_on == ON + days * DAY


def test_an_inspections_list_names_each_clue_once_however_often_it_is_listed() -> None:
    """Articles 14, 16: it is listed again where it becomes restricted, or no longer is."""
    (fact,) = list_again(CLUE, INSPECTION, restricted=True)
    assert fact == ClueListed(inspection=INSPECTION, clue=CLUE, restricted=1)
    once = evolve_register(None, fact)
    assert once == (Listed(CLUE, True),)
    assert evolve_register(once, *list_again(CLUE, INSPECTION, restricted=False)) == (Listed(CLUE, False),)
    assert register_of(INSPECTION) == INSPECTION.replace("inspection:", "clue-register:")


def test_where_no_items_are_asked_about_any_item_stands() -> None:
    """Article 9."""
    assert registered(item="anything", items=None)


@pytest.mark.parametrize(
    ("ask", "expected"),
    [
        (lambda: registered(category="weather"), ("category_known", "9", "category")),
        (lambda: registered(item="cliques"), ("item_of_the_category", "9", "item")),
        (
            lambda: registered(first_known_on=ON + DAY),
            ("first_known_not_after_registration", "14", "first_known_on"),
        ),
        (lambda: registered(fit=False), ("clue_from_petitions_of_this_inspection", "13", "petitions")),
        (lambda: registered(restricted=1), ("restricted_by_leader_or_deputy", "14", "restricted")),
        (lambda: registered(restricted=1, duty="registrar"), ("restricted_by_leader_or_deputy", "14", "restricted")),
        (lambda: reported(REPORTED), ("reported_once", "14", None)),
        (lambda: reported(DIRECT), ("reported_once", "14", None)),
        (lambda: reported(RELEASED), ("reported_once", "14", None)),
        (lambda: reported(RESTRICTED), ("restricted_reported_directly", "14", None)),
        (lambda: reported(on=ON - DAY), ("report_not_before_knowledge", "14", "reported_on")),
        (lambda: directly(REPORTED), ("reported_once", "14", None)),
        (lambda: directly(DIRECT), ("reported_once", "14", None)),
        (lambda: directly(RELEASED, addressee_left=True), ("reported_once", "14", None)),
        (lambda: directly(REPORTED, addressee_left=True), ("reported_once", "14", None)),
        (lambda: directly(another_way=True), ("one_proposal_at_a_time", "15, 17", None)),
        (lambda: directly(replace(RESTRICTED, managed="unit")), ("direct_report_of_a_grave_matter", "14", None)),
        (lambda: directly(on=ON - DAY), ("report_not_before_knowledge", "14", "reported_on")),
        (lambda: directly(in_post=()), ("direct_report_to_who_may", "14", "addressee")),
        (lambda: directly(in_post=(MEMBER,)), ("direct_report_to_who_may", "14", "addressee")),
        (lambda: directly(concerned=(HEAD,)), ("direct_report_to_who_may", "14", "addressee")),
        (lambda: directly(named=(MEMBER, OTHER)), ("known_to_group_and_team_only", "14", "named")),
        (lambda: directly(named=(SUSPECT,), concerned=(SUSPECT,)), ("known_to_group_and_team_only", "14", "named")),
        (lambda: named(doer=MEMBER), ("decided_by_its_addressee", "14", None)),
        (lambda: named(REPORTED), ("decided_by_its_addressee", "14", None)),
        (lambda: named(RELEASED), ("direct_report_awaits_its_addressee", "14", None)),
        (lambda: named(persons=()), ("somebody_named", "14", "persons")),
        (lambda: named(persons=(OTHER,)), ("known_to_group_and_team_only", "14", "persons")),
        (lambda: named(persons=(MEMBER, SUSPECT)), ("known_to_group_and_team_only", "14", "persons")),
        (lambda: named(on=ON - DAY), ("not_before_the_direct_report", "14", "named_on")),
        (lambda: released(doer=MEMBER), ("decided_by_its_addressee", "14", None)),
        (lambda: released(RESTRICTED), ("decided_by_its_addressee", "14", None)),
        (lambda: released(RELEASED), ("direct_report_awaits_its_addressee", "14", None)),
        (lambda: released(on=ON - DAY), ("not_before_the_direct_report", "14", "released_on")),
    ],
)
def test_what_the_regulation_does_not_allow_is_refused(
    ask: Callable[[], object], expected: tuple[str, str, str | None]
) -> None:
    """Articles 9, 13, 14."""
    assert refusal(ask) == expected


def test_a_direct_report_whose_addressee_left_is_made_again_to_somebody_else() -> None:
    """Art. 14: somebody has to go on with it; whom the addressee before let know is not let know by that."""
    before = replace(DIRECT, addressee=OTHER, named=(MEMBER,))
    (fact,) = directly(before, addressee_left=True)
    after = evolve(before, fact)
    assert (after.addressee, after.named, after.restricted) == (HEAD, (), True)


HOPE = hoped(edition_with_guidance(), CALENDAR, "clue_to_office", ON)


@pytest.mark.parametrize(
    ("managed", "problem", "grave"),
    [
        (Managed.CITY, None, True),
        (Managed.UNIT, "unity", True),
        (Managed.UNIT, None, False),
        (Managed.NOT_A_CADRE, None, False),
    ],
)
def test_a_grave_clue_is_hoped_to_reach_the_office_by_a_day_and_no_other_is(
    managed: Managed, problem: str | None, grave: bool
) -> None:
    """Art. 14, promptly: the day goes with the clue to whoever may know of it, and nothing is refused by it."""
    (fact,) = registered(managed=managed, major_problem=problem, hoped=HOPE)
    assert HOPE is not None
    assert fact.hoped == (HOPE if grave else None)
    state = evolve(None, fact)
    (told,) = report(state, ReportClue(clue=CLUE, reported_on=ON + 300 * DAY, report=TEXT))
    assert (told.hoped, told.withheld_from) == (HOPE if grave else None, (SUSPECT,))
    direct = replace(state, restricted=True, reported_on=ON, addressee=HEAD, report=REPORT)
    assert released(direct)[0].hoped == fact.hoped


def test_where_the_edition_gives_no_guidance_nothing_is_hoped_for() -> None:
    """Art. 14: the text has no number; from whom the clue is withheld is in its fact all the same."""
    (fact,) = registered()
    assert (fact.hoped, reported()[0].hoped, reported()[0].withheld_from) == (None, None, (SUSPECT,))
