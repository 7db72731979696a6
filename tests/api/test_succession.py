"""A unit merged, renamed or split while it is inspected: duties follow the successor, history stays (Art. 8)."""

from typing import Any

import pytest
from tests.api.conftest import DIRECTOR

PEOPLE = (
    *("office-clerk", "party-secretary", "group-head", "group-member", "team-leader", "team-registrar", "team-member"),
    *("other-leader", "town-head", "bureau-head", "discipline-contact"),
)
OWN = "inspections { items { id unit status steps { kind doer } } }"


@pytest.fixture(scope="module")
def city(application: Any) -> Any:
    """A round with notice, receipt and entry at a town, and another unit whose head also serves in the group."""
    c = application.city
    c.found(*PEOPLE)
    c.begin(publish=False)
    registered = {"name": "某新区", "category": "town_or_street", "organClass": "discipline", "decision": "x"}
    c.ids["district"] = c.done(DIRECTOR, "registerBody", **registered)
    posts = (("district-head", "unit_head"), ("group-and-district", "unit_leader"), ("district-organ", "organ_contact"))
    for subject, post in posts:
        c.ids[subject] = person = c.done(DIRECTOR, "registerPerson", name=f"角色 {subject}")
        c.done(DIRECTOR, "linkSignIn", person=person, issuer=c.issuer.name, subject=subject)
        held = {"person": person, "body": c.ids["district"], "post": post, "fromOn": c.ago(300)}
        c.done(DIRECTOR, "appoint", **held)
    serving = {"person": c.ids["group-and-district"], "body": c.ids["leading_group"], "post": "group_deputy_head"}
    c.done(DIRECTOR, "appoint", fromOn=c.ago(300), **serving)
    petition = c.petition(1)
    c.instruct(petition)
    c.ids["clue"] = c.clue(petition)
    return c


def inspections(city: Any, subject: str) -> list[Any]:
    return list(city.ask(subject, f"{{ {OWN} }}", "unit")["inspections"]["items"])


def succession(city: Any, **changes: Any) -> dict[str, Any]:
    ids = city.ids
    given = {
        "body": ids["town"],
        "successor": ids["district"],
        "succeededOn": city.ago(48),
        "decision": "某政〔示例〕1号",
    }
    return given | changes


def test_only_a_unit_succeeds_a_unit_and_none_itself(city: Any) -> None:
    """Art. 8: entered by the director, for it opens one body's matters to another's people."""
    ids = city.ids
    for changes, rule in (
        ({"successor": ids["town"]}, "succession_leads_forward"),
        ({"successor": ids["discipline"]}, "successor_of_the_same_kind"),
        ({"body": ids["office"]}, "successor_of_the_same_kind"),
        ({"body": ids["discipline"], "successor": ids["organisation"]}, "successor_of_the_same_kind"),
    ):
        no = city.refused(DIRECTOR, "recordSuccession", **succession(city, **changes))
        assert (no["rule"], no["path"]) == (rule, "successor"), changes
    assert city.refused("office-clerk", "recordSuccession", **succession(city))["rule"] == (
        "authority_entered_by_the_director"
    )


def test_what_a_merged_unit_owes_is_done_by_its_successor(city: Any) -> None:
    """Art. 8, 11(6): from the day on, not the day before; seen by its people from the moment it is on record."""
    ids, ago = city.ids, city.ago
    own = {"inspection": ids["town/inspection"], "account": "已公布"}

    def published(on: str, **more: Any) -> dict[str, Any]:
        answer = city.do("district-head", "publishNotice", audience="unit", publishedOn=on, **own, **more)
        return dict(answer.json()["data"]["done"])

    assert inspections(city, "district-head") == []
    assert published(ago(48))["code"] == "NOT_FOUND"
    city.done(DIRECTOR, "recordSuccession", **succession(city))
    city.settle()
    (row,) = inspections(city, "district-head")
    assert (row["id"], row["unit"]) == (ids["town/inspection"], ids["town"])
    assert [step["doer"] for step in row["steps"]][1] == ids["town-head"], "history stays"
    assert published(ago(49), once_more="the day before")["code"] == "NOT_FOUND"
    assert published(ago(48), once_more="on the day").get("id")
    assert inspections(city, "bureau-head")[0]["unit"] == ids["bureau"], "nobody else's"
    assert len(inspections(city, "bureau-head")) == 1
    duties = city.ask("district-head", "{ duties { items { owedBy status } } }", "unit")["duties"]["items"]
    assert {d["owedBy"] for d in duties} == {ids["town"]}


def test_whoever_moved_with_the_unit_enters_what_they_did_before(city: Any) -> None:
    """Art. 8: the post of then for the day of the act, the post of now for today."""
    ids, ago = city.ids, city.ago
    inspection = {"inspection": ids["town/inspection"]}
    moved = {"person": ids["town-head"], "body": ids["district"], "post": "unit_leader", "fromOn": ago(47)}
    city.done(DIRECTOR, "appoint", **moved)
    ended = {"person": ids["town-head"], "appointment": ids["town-head/post"], "endedOn": ago(48)}
    city.done(DIRECTOR, "endAppointment", **ended)
    again = city.refused("town-head", "receiveNotice", receivedOn=ago(52), **inspection)
    assert again["rule"] == "notice_before_receipt", "judged, not hidden"


def test_what_concerns_a_unit_goes_to_no_body_that_succeeded_it(city: Any) -> None:
    """Art. 3, 13, 17: not to its people either, in whatever organ they serve."""
    ids, ago = city.ids, city.ago
    passed = {"way": "passed_to_organ", "account": "转", "material": "举报材料", "handledOn": ago(35)}
    city.instruct(petition := city.petition(3))
    to = {"organ": ids["district"], "recipients": [ids["district-organ"]]}
    no = city.refused("team-member", "handlePetition", petition=petition, **to, **passed)
    assert (no["rule"], no["path"]) == ("never_passed_to_the_unit", "organ")
    city.done("team-leader", "reportClue", clue=ids["clue"], reportedOn=ago(30), report="上报内容")
    city.hear()
    proposal = {
        "item": ids["clue"],
        "paper": "议题材料",
        "disposalClass": "cadre_discipline",
        "reason": "属其职责",
        "proposedOn": ago(28),
    }
    no = city.refused("office-clerk", "proposeDisposal", organ=ids["district"], **proposal)
    assert (no["rule"], no["path"]) == ("never_sent_to_the_unit", "organ")


def test_whoever_serves_in_the_successor_decides_nothing_by_giving_another_day(city: Any) -> None:
    """Art. 3 (c): concerned on the day of the act or today."""
    ids, ago = city.ids, city.ago
    proposal = {
        "item": ids["clue"],
        "paper": "议题材料",
        "disposalClass": "cadre_discipline",
        "organ": ids["discipline"],
        "reason": "属其职责",
        "summoned": [ids["group-member"]],
        "proposedOn": ago(28),
    }
    city.done("office-clerk", "proposeDisposal", **proposal)
    decision = {"item": ids["clue"], "disposalClass": "cadre_discipline", "organ": ids["discipline"]}
    for day in (ago(28), ago(27), ago(1)):
        no = city.refused("group-and-district", "decideDisposal", audience="leading-group", decidedOn=day, **decision)
        assert no["code"] == "NOT_FOUND", day
    city.settle()
    assert ids["clue"] in {r["id"] for r in city.rows("group-member", "items")}
    assert city.rows("group-and-district", "items", audience="leading-group") == []


def test_nobody_records_a_succession_by_the_body_they_serve_in(city: Any) -> None:
    """Art. 4(5), 8: it would open another body's matters to them."""
    ids = city.ids
    deputy = city.done(DIRECTOR, "registerPerson", name="角色 兼任")
    city.done(DIRECTOR, "linkSignIn", person=deputy, issuer=city.issuer.name, subject="serves-in-both")
    for body, post in (("office", "office_deputy_director"), ("district", "unit_leader")):
        city.done(DIRECTOR, "appoint", person=deputy, body=ids[body], post=post, fromOn=city.ago(300))
    given = succession(city, body=ids["bureau"])
    for circumstances in (None, {"doer": ids[DIRECTOR], "paperReference": "x", "happenedOn": city.ago(1)}):
        no = city.refused("serves-in-both", "recordSuccession", audience="office", circumstances=circumstances, **given)
        assert (no["rule"], no["path"]) == ("nobody_gives_themselves_authority", "successor")


def test_a_unit_that_has_gone_is_not_planned_anew_and_its_successor_does_not_turn_back(city: Any) -> None:
    """Art. 8, 11(1)."""
    ids, ago = city.ids, city.ago
    back = succession(city, body=ids["district"], successor=ids["town"])
    assert city.refused(DIRECTOR, "recordSuccession", **back)["rule"] == "succession_leads_forward"
    round_ = city.done("office-clerk", "openRound", year=city.origin.year, number=7, title="第七轮")
    plan = {"round": round_, "tasks": "x", "fromOn": ago(-10), "untilOn": ago(-60), "inspectedFrom": ago(900)}
    no = city.refused("office-clerk", "submitPlan", units=[{"unit": ids["town"]}], submittedOn=ago(9), **plan)
    assert (no["rule"], no["article"], no["path"]) == ("unit_in_being", "8", "units.0.unit")
    city.done("office-clerk", "submitPlan", units=[{"unit": ids["district"]}], submittedOn=ago(9), **plan)


def test_a_renamed_body_shows_its_new_name_and_how_it_came_by_it(city: Any) -> None:
    """Art. 8: what was recorded stays; who was merged into whom is in the registry."""
    ids = city.ids
    renamed = {"body": ids["bureau"], "name": "某局（新名）", "renamedOn": city.ago(20), "decision": "某编〔示例〕2号"}
    city.done("office-clerk", "renameBody", **renamed)
    city.settle()
    rows = city.rows(DIRECTOR, "bodies", "id name { text } successors predecessors steps { kind }")
    by_id = {row["id"]: row for row in rows}
    assert by_id[ids["bureau"]]["name"]["text"] == "某局（新名）"
    assert [s["kind"] for s in by_id[ids["bureau"]]["steps"]] == ["body.registered.v1", "body.renamed.v1"]
    assert by_id[ids["town"]]["successors"] == [ids["district"]]
    assert by_id[ids["district"]]["predecessors"] == [ids["town"]]
