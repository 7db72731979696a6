"""Guidance for 及时 (promptly) where an edition gives some: apart from duties, and never a breach (Art. 14, 17, 18)."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.api.closing import draft, found, meet, sign_and_submit
from tests.arrangements import edition_with_guidance

from api.composition import read_rulebook

DIRECTOR = "office-director"
HOPED = """{ guidance label hopedOn state doneOn provisional article support edition calendar why }"""
FIELDS = f"id matter unit awaitedOf name hopedOn hoped {HOPED}"


@pytest.fixture(scope="module")
def city(
    make_database: Callable[[Path], Any], start_here: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Any]:
    """Both units entered, under an edition with guidance: 3 working days, 10 days for discipline organs, a month."""
    folder = tmp_path_factory.mktemp("guided")
    with (
        make_database(folder / "home") as database,
        start_here(database, folder, replace(read_rulebook(), edition=edition_with_guidance())) as (c, _, _),
    ):
        c.found()
        c.begin()
        yield c


def hints(city: Any, who: str) -> dict[str, Any]:
    """What is hoped for in somebody's list, by matter."""
    return {row["matter"]: row for row in city.rows(who, "guidance", FIELDS)}


def test_a_grave_clue_is_hoped_to_reach_the_office_and_the_leader_alone_is_told(city: Any) -> None:
    """Art. 6(2), 14: passed, then done; the office has it from the report on, and it is late nowhere."""
    petition = city.petition(1)
    city.instruct(petition)
    clue = city.done(
        "team-member",
        "registerClue",
        inspection=city.ids["town/inspection"],
        petitions=[petition],
        category="integrity_discipline",
        concerned=[],
        managed="city",
        firstKnownOn=city.ago(30),
        registeredOn=city.ago(29),
        text="内容",
        summary="摘要",
    )
    city.settle()
    hint = hints(city, "team-leader")[clue]["hoped"]
    assert (hint["guidance"], hint["state"], hint["doneOn"]) == ("clue_to_office", "passed", None)
    assert (hint["article"], hint["edition"]) == ("14", "guided-2015")
    assert hint["label"] == "重要线索、重大问题及时报告巡查办"
    assert "首次知悉" in hint["why"][0]
    assert "只作提示，不是期限，超过不算违反。" in "".join(hint["why"])
    for who in (DIRECTOR, "team-deputy", "team-member", "team-registrar", "other-leader"):
        assert hints(city, who) == {}, who
    city.done("team-leader", "reportClue", clue=clue, reportedOn=city.ago(10), report="报告")
    city.settle()
    for who in ("team-leader", DIRECTOR):
        assert (hints(city, who)[clue]["hoped"]["state"], hints(city, who)[clue]["hoped"]["doneOn"]) == (
            "done",
            city.ago(10),
        )
    assert hints(city, "team-member") == {}


def test_a_clue_that_is_not_grave_gives_nothing_to_hope_for(city: Any) -> None:
    """Art. 14: the text wants promptly what is grave."""
    clue = city.done(
        "team-leader",
        "registerClue",
        inspection=city.ids["town/inspection"],
        petitions=[],
        category="integrity_discipline",
        concerned=[],
        managed="unit",
        firstKnownOn=city.ago(30),
        registeredOn=city.ago(29),
        text="内容",
        summary="摘要",
    )
    city.settle()
    assert clue in {row["id"] for row in city.rows("team-leader", "clues")}
    assert clue not in hints(city, "team-leader")


def test_a_direct_report_is_hoped_for_by_the_leader_and_is_nothing_to_the_office(city: Any) -> None:
    """Art. 14; ADR 21: registered, reported, done; the office's list has nothing more than before, until released."""
    before = city.rows(DIRECTOR, "guidance", FIELDS)
    clue = city.done(
        "team-leader",
        "registerClue",
        inspection=city.ids["town/inspection"],
        petitions=[],
        category="integrity_discipline",
        concerned=[],
        managed="city",
        restricted=True,
        firstKnownOn=city.ago(30),
        registeredOn=city.ago(29),
        text="内容",
        summary="摘要",
    )
    city.settle()
    assert hints(city, "team-leader")[clue]["hoped"]["state"] == "passed"
    assert city.rows(DIRECTOR, "guidance", FIELDS) == before
    city.done(
        "team-leader",
        "reportDirectly",
        clue=clue,
        addressee=city.ids["group-head"],
        specialCircumstances="特殊情况",
        report="报告",
        reportedOn=city.ago(20),
    )
    city.settle()
    assert hints(city, "team-leader")[clue]["hoped"]["doneOn"] == city.ago(20)
    for who in (DIRECTOR, "office-clerk"):
        assert city.rows(who, "guidance", FIELDS) == before, who
    for who in ("team-deputy", "team-member", "team-registrar"):
        assert clue not in hints(city, who), who
    city.done("group-head", "releaseClue", clue=clue, releasedOn=city.ago(5))
    city.settle()
    assert hints(city, DIRECTOR)[clue]["hoped"]["doneOn"] == city.ago(20)


def test_a_handling_is_hoped_of_the_organ_apart_from_the_account_it_owes(city: Any) -> None:
    """Art. 17: ten days are a hint; the month is a duty, and counts by itself."""
    petition = city.petition(2)
    city.instruct(petition)
    transfer = city.transfer(city.clue(petition))
    city.done("discipline-contact", "receiveTransfer", transfer=transfer, receivedOn=city.ago(0))
    city.settle()
    for who in ("discipline-contact", DIRECTOR):
        row = hints(city, who)[transfer]
        assert (row["awaitedOf"], row["name"]) == (city.ids["discipline"], "handling_proposed")
        assert (row["hopedOn"], row["hoped"]["state"]) == (city.ago(-10), "hoped_for")
        duties = city.rows(who, "duties", "matter name")
        assert [d["name"] for d in duties if d["matter"] == transfer] == ["transfer_answer"]
    assert transfer not in hints(city, "team-leader")
    city.done(
        "discipline-contact",
        "answerTransfer",
        transfer=transfer,
        handling="talk_or_letter",
        account="已谈话",
        answeredOn=city.ago(0),
    )
    city.settle()
    assert hints(city, "discipline-contact")[transfer]["hoped"]["state"] == "done"


def test_feedback_once_approved_is_hoped_to_be_given_and_the_unit_is_told_nothing(city: Any) -> None:
    """Art. 18: a month from the approval, for who leads and for the office."""
    inspection = city.ids["bureau/inspection"]
    city.done("other-leader", "endInspection", inspection=inspection, endedOn=city.ago(20))
    meet(city, "bureau", "other-leader", 19)
    draft(city, "other-leader", "bureau", 19, problems=[found()])
    sign_and_submit(city, 1, "other-leader", "bureau", on=18)
    city.settle()
    rows = city.rows(DIRECTOR, "reports", "inspection problems { problem }")
    (problem,) = [p["problem"] for row in rows if row["inspection"] == inspection for p in row["problems"]]
    city.done(
        "other-leader",
        "proposeFeedback",
        inspection=inspection,
        overview="概况",
        opinions=[{"problem": problem, "text": "问题", "opinion": "意见"}],
        proposedOn=city.ago(16),
    )
    before = city.rows("bureau-head", "inspections")
    city.done(DIRECTOR, "decideFeedback", inspection=inspection, approved=True, decidedOn=city.ago(15))
    city.settle()
    for who in ("other-leader", DIRECTOR):
        (row,) = [r for r in hints(city, who).values() if r["name"] == "feedback_given"]
        assert (row["awaitedOf"], row["hoped"]["state"]) == (inspection, "hoped_for"), who
        assert "反馈获批准" in row["hoped"]["why"][0]
    assert "feedback_given" not in {r["name"] for r in hints(city, "team-leader").values()}
    assert city.rows("bureau-head", "inspections") == before
    city.done(
        "other-leader",
        "giveFeedback",
        inspection=inspection,
        recipients=[city.ids["bureau-head"]],
        givenOn=city.ago(14),
    )
    city.settle()
    for who in ("other-leader", DIRECTOR):
        (row,) = [r for r in hints(city, who).values() if r["name"] == "feedback_given"]
        assert (row["hoped"]["state"], row["hoped"]["doneOn"]) == ("done", city.ago(14)), who


def test_nothing_hoped_for_stands_among_duties_or_on_the_board(city: Any) -> None:
    """Art. 14, 17, 18: whatever has passed."""
    codes = {"clue_to_office", "handling_proposed", "feedback_given"}
    assert {row["name"] for row in city.rows(DIRECTOR, "guidance", FIELDS)} <= codes
    for who in ("town-head", "team-leader", "discipline-contact", DIRECTOR):
        assert not {row["name"] for row in city.rows(who, "duties", "name")} & codes, who
    board = city.rows(DIRECTOR, "board", "duties { name }")
    assert not {duty["name"] for row in board for duty in row["duties"]} & codes


def test_the_unit_has_no_such_list(city: Any) -> None:
    """Art. 13, 18: what is hoped for tells of clues, and of feedback not given yet."""
    answer = city.post("town-head", {"query": "{ guidance { items { id } } }"})
    assert answer.status == 400
