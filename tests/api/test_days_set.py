"""A day people set is owed like any other, in the lists of those whose matter it is (Art. 12(6), 19, 20)."""

from typing import Any, get_args

import pytest

from api.composition import read_rulebook
from api.texts import TEXTS
from domain.duties import DutyName

DIRECTOR = "office-director"
DUE = """{ deadline label dueOn originallyDueOn state urgency metOn article support owedBy owedTo edition calendar
    provisional why moves { fromOn toOn movedOn by fromCalendar why } }"""


@pytest.fixture(scope="module")
def city(application: Any) -> Any:
    """The town has been asked for documents twice, and has one item whose day was extended once."""
    c = application.city
    c.found()
    c.begin()
    ids, ago = c.ids, c.ago
    ids["late"] = c.request(requestedOn=ago(33), wantedBy=ago(30))
    ids["ahead"] = c.request(requestedOn=ago(2), wantedBy=ago(-1))
    (ids["item"], *_) = c.feedback_received(ids["town/inspection"], ids["town"], items=2)
    c.done(
        "group-head",
        "grantMandate",
        round=ids["round"],
        team=ids["town/team"],
        units=[ids["town"]],
        duty="member",
        person=ids["team-member"],
        powers=["supervision"],
        fromOn=ago(30),
        untilOn=ago(-100),
        decidedOn=ago(30),
    )
    of = {"inspection": ids["town/inspection"], "item": ids["item"]}
    plan = {**of, "measures": "措施", "responsible": ids["town-head"], "plannedOn": ago(15)}
    c.done("town-head", "planItem", **plan, byOn=ago(1))
    c.done("town-head", "askItemExtension", **of, toOn=ago(0), reason="尚需验收", askedOn=ago(4))
    c.settle()
    return c


def owed(city: Any, who: str, name: str) -> dict[str, Any]:
    """The duties of this name in somebody's list, by matter."""
    rows = city.rows(who, "duties", f"matter name label deadline owedBy dueOn status due {DUE}")
    return {row["matter"]: row for row in rows if row["name"] == name}


def test_documents_are_owed_by_the_day_the_team_wants_them(city: Any) -> None:
    """Art. 12(6): the unit's list and the team's, of those who see the request; nobody else's."""
    ids, ago = city.ids, city.ago
    for who in ("town-head", "team-leader", "team-member"):
        found = owed(city, who, "documents_wanted")
        assert set(found) == {ids["late"], ids["ahead"]}, who
        assert {m: r["due"]["state"] for m, r in found.items()} == {ids["late"]: "overdue", ids["ahead"]: "open"}
    row = owed(city, "town-head", "documents_wanted")[ids["late"]]
    due = row["due"]
    assert (due["dueOn"], due["originallyDueOn"], due["moves"]) == (ago(30), ago(30), [])
    assert (due["article"], due["support"], due["owedBy"], due["owedTo"]) == ("12(6)", "convention", "unit", "team")
    assert (due["edition"], due["calendar"], due["provisional"]) == (None, None, False)
    assert row["label"] == due["label"] == "按要求提供资料"
    assert "巡查组要求提供资料，并写明期限" in due["why"][0]
    assert due["why"][1:] == [
        "届满日由人确定，不按期限计算；在当日24时（北京时间）以前办结，即为按期。",
        "依据：第十二条第（六）项（条文未定，依惯例）。",
    ]
    for who in (DIRECTOR, "team-registrar", "bureau-head", "other-leader"):
        assert owed(city, who, "documents_wanted") == {}, who
    board = city.rows(DIRECTOR, "board", "unit duties { name }")
    assert "documents_wanted" not in {d["name"] for row in board for d in row["duties"]}


def test_a_duty_has_its_name_in_the_readers_words(city: Any) -> None:
    """Art. 12(6), 19: the two reports are two duties, of one period of the edition."""
    query = {"query": "{ duties { items { name label due { label } } } }"}
    said = {}
    for language in ("zh", "en"):
        items = city.post("town-head", query, Accept_Language=language).json()["data"]["duties"]["items"]
        said[language] = {item["name"]: (item["label"], item["due"]["label"]) for item in items}
    both = "报送整改情况报告和主要负责人组织落实情况报告"
    assert said["zh"]["rectification_report"] == ("报送整改情况报告", both)
    assert said["zh"]["heads_report"] == ("报送主要负责人组织落实情况报告", both)
    assert said["zh"]["notice_publication"] == ("公布巡查通知内容并反馈公布情况",) * 2
    assert said["en"]["notice_publication"] == ("publish the notice and tell the team",) * 2
    assert said["en"]["documents_wanted"] == ("documents called for",) * 2


@pytest.mark.parametrize("name", get_args(DutyName))
def test_every_duty_has_a_name_in_words(name: str) -> None:
    """Art. 11(6), 12(6), 16, 17, 19, 28: the edition's, or the catalogue's."""
    deadlines = read_rulebook().edition.deadlines
    parts = {part.code for deadline in deadlines for part in deadline.parts}
    assert name in {deadline.code for deadline in deadlines} | parts | set(TEXTS)


def test_documents_given_late_are_met_late(city: Any) -> None:
    """Art. 12(6), 25(2): by the same words as what is counted."""
    for request, on, state in (("late", 1, "met_late"), ("ahead", 0, "met")):
        city.done(
            "town-head",
            "answerDocumentRequest",
            request=city.ids[request],
            outcome="given",
            account="已提供",
            answeredOn=city.ago(on),
        )
        city.settle()
        row = owed(city, "team-leader", "documents_wanted")[city.ids[request]]
        assert (row["due"]["state"], row["status"]) == (state, "met")


def test_an_item_is_owed_by_its_own_day_and_an_approved_extension_moves_it(city: Any) -> None:
    """Art. 19, 20: the unit, the office, and who supervises it; the old day stays in view."""
    ids, ago = city.ids, city.ago
    sees = ("town-head", DIRECTOR, "office-clerk", "team-member")
    for who in sees:
        found = owed(city, who, "item_put_right")
        assert set(found) == {ids["item"]}, who
        assert (found[ids["item"]]["dueOn"], found[ids["item"]]["due"]["state"]) == (ago(1), "overdue")
    for who in ("bureau-head", "team-leader", "team-deputy", "other-leader"):
        assert owed(city, who, "item_put_right") == {}, who
    city.done(
        DIRECTOR,
        "decideItemExtension",
        inspection=ids["town/inspection"],
        item=ids["item"],
        granted=True,
        decidedOn=ago(3),
    )
    city.settle()
    for who in sees:
        row = owed(city, who, "item_put_right")[ids["item"]]
        due = row["due"]
        assert (row["dueOn"], due["dueOn"], due["originallyDueOn"]) == (ago(0), ago(0), ago(1))
        assert (due["state"], due["urgency"]) == ("open", "today")
        (move,) = due["moves"]
        assert (move["by"], move["fromOn"], move["toOn"], move["movedOn"]) == ("extension", ago(1), ago(0), ago(3))
        assert move["why"] == [f"届满日由{ago(1)}改为{ago(0)}：申请延期，经批准。"]
        assert due["why"][-1] == move["why"][0]
        assert (due["article"], due["label"]) == ("19", "按自定期限完成单项整改")
    board = {row["unit"]: row["duties"] for row in city.rows(DIRECTOR, "board", f"unit duties {{ name due {DUE} }}")}
    (on_board,) = [d for d in board[ids["town"]] if d["name"] == "item_put_right"]
    assert on_board["due"]["dueOn"] == ago(0)


def test_an_item_done_on_its_day_is_met_and_sent_back_is_owed_again(city: Any) -> None:
    """Art. 19, 20."""
    of = {"inspection": city.ids["town/inspection"], "item": city.ids["item"]}
    city.done("town-head", "updateItem", **of, state="done", evidence="佐证", updatedOn=city.ago(0))
    city.settle()
    assert owed(city, "town-head", "item_put_right")[city.ids["item"]]["due"]["state"] == "met"
    city.done(DIRECTOR, "checkItem", **of, accepted=False, reason="未到位", checkedOn=city.ago(0))
    city.settle()
    row = owed(city, "town-head", "item_put_right")[city.ids["item"]]
    assert (row["status"], row["due"]["state"], row["due"]["metOn"]) == ("owed", "open", None)
