"""Rectification and openness through GraphQL: the unit's own acts, the checks, the two reports, what is public."""

from typing import Any

import pytest
from tests.api.conftest import AUDIENCES

DIRECTOR = "office-director"
NOWHERE = "00000000-0000-4000-8000-000000000000"
ITEM_FIELDS = "items { id state byOn accepted checkReason { text } measures { text } evidence { text } earlier }"
REPORT_FIELDS = (
    "reportDue { dueOn state metOn article } headsReportDue { state metOn }"
    " submissions { which submittedOn returnedOn report { text } reason { text } }"
)
COMPLETION = "completion { total done basicallyDone inProgress open notDone longTerm accepted percent }"


@pytest.fixture(scope="module")
def city(application: Any) -> Any:
    """Both units entered; the town has received its feedback, four items; the member may supervise it."""
    c = application.city
    c.found()
    c.begin()
    ids, ago = c.ids, c.ago
    ids["contact"] = c.done(DIRECTOR, "registerPerson", name="联系人")
    c.done(DIRECTOR, "linkSignIn", person=ids["contact"], issuer=c.issuer.name, subject="town-contact")
    c.done(DIRECTOR, "appoint", person=ids["contact"], body=ids["town"], post="unit_contact", fromOn="2000-01-01")
    AUDIENCES["town-contact"] = "unit"
    ids["items"] = c.feedback_received(ids["town/inspection"], ids["town"], items=4)
    given = {"round": ids["round"], "team": ids["town/team"], "units": [ids["town"]], "duty": "member"}
    for person in ("team-member", "team-recused"):
        c.done(
            "group-head",
            "grantMandate",
            **given,
            person=ids[person],
            powers=["supervision"],
            fromOn=ago(30),
            untilOn=ago(-100),
            decidedOn=ago(30),
        )
    c.done(DIRECTOR, "decideRecusal", recusal=ids["recusal"], outcome="upheld", reason="属实", decidedOn=ago(25))
    c.settle()
    yield c
    AUDIENCES.pop("town-contact")


def of(city: Any, n: int = 0, **given: Any) -> dict[str, Any]:
    return {"inspection": city.ids["town/inspection"], "item": city.ids["items"][n], **given}


def plan(city: Any, n: int, **changes: Any) -> dict[str, Any]:
    given = {"measures": "措施", "responsible": city.ids["town-head"], "byOn": city.ago(-10), "plannedOn": city.ago(15)}
    return of(city, n, **{**given, **changes})


def progress(city: Any, n: int, state: str, on: int = 10) -> dict[str, Any]:
    return of(city, n, state=state, evidence=f"佐证 {n}", updatedOn=city.ago(on))


def only(rows: list[Any]) -> Any:
    assert len(rows) == 1, rows
    return rows[0]


def item(city: Any, subject: str, n: int) -> Any:
    row = only(city.rows(subject, "rectifications", f"id {ITEM_FIELDS}"))
    return next(i for i in row["items"] if i["id"] == city.ids["items"][n])


def test_before_anything_is_done_each_sees_their_part(city: Any) -> None:
    """Art. 19, 20: the unit its own, the office all, who supervises it that one, the group numbers, others nothing."""
    town = {"id": city.ids["town/inspection"]}
    assert city.rows("town-head", "rectifications") == [town]
    assert city.rows("town-contact", "rectifications") == [town]
    assert city.rows(DIRECTOR, "rectifications") == [town]
    assert city.rows("team-member", "rectifications") == [town]
    assert city.rows("group-member", "rectifications") == [town]
    for subject in ("bureau-head", "team-leader", "team-deputy", "team-recused", "other-leader", "ended-clerk"):
        assert city.rows(subject, "rectifications") == [], subject
    found = only(city.rows("group-head", "rectifications", COMPLETION))["completion"]
    assert (found["total"], found["open"], found["percent"]) == (4, 4, 0)
    types = city.ask("group-head", '{ __type(name: "RectificationOverview") { fields { name } } }')
    assert {"items", "submissions", "states", "steps"} & {f["name"] for f in types["__type"]["fields"]} == set()


def test_a_group_member_who_serves_in_the_unit_does_not_see_its_numbers(city: Any) -> None:
    """promises.md §4: nothing that concerns one's own unit."""
    ids = city.ids
    post = city.done(
        DIRECTOR, "appoint", person=ids["group-deputy"], body=ids["town"], post="unit_leader", fromOn=city.ago(3)
    )
    assert city.rows("group-deputy", "rectifications") == []
    city.done(DIRECTOR, "endAppointment", person=ids["group-deputy"], appointment=post, endedOn=city.ago(1))
    assert city.rows("group-deputy", "rectifications") != []


def test_the_unit_plans_and_says_where_each_item_stands(city: Any) -> None:
    """Art. 19: measures, who, by when, evidence; 3 of 4 done is 75 %."""
    for n in range(4):
        city.done("town-head" if n else "town-contact", "planItem", **plan(city, n))
    for n, state in enumerate(("done", "done", "done", "basically_done")):
        city.done("town-head", "updateItem", **progress(city, n, state))
    city.settle()
    assert item(city, "town-head", 0)["evidence"]["text"] == "佐证 0"
    for subject in (DIRECTOR, "team-member", "group-member"):
        found = only(city.rows(subject, "rectifications", COMPLETION))["completion"]
        assert found == {
            "total": 4, "done": 3, "basicallyDone": 1, "inProgress": 0, "open": 0, "notDone": 0, "longTerm": 0,
            "accepted": 0, "percent": 75,
        }, subject  # fmt: skip


def test_whoever_is_not_of_the_unit_finds_nothing_to_plan(city: Any) -> None:
    """promises.md §4: another unit's answer is the same as for what does not exist."""
    for verb, given in (("planItem", plan(city, 0)), ("updateItem", progress(city, 0, "done"))):
        hidden = city.do("bureau-head", verb, **given)
        assert hidden == city.do("bureau-head", verb, **{**given, "inspection": f"inspection:{NOWHERE}"})
        assert hidden.json()["data"]["done"]["code"] == "NOT_FOUND"
    unopened = city.refused("bureau-head", "planItem", **{**plan(city, 0), "inspection": city.ids["bureau/inspection"]})
    assert unopened["code"] == "NOT_FOUND"
    foreign = city.refused("town-head", "planItem", **{**plan(city, 0), "item": f"item:{NOWHERE}"})
    assert foreign["code"] == "NOT_FOUND"
    refusal = city.refused("town-head", "planItem", **plan(city, 0, responsible=city.ids["team-leader"]))
    assert refusal["rule"] == "responsible_of_the_unit"


def test_an_item_gets_a_later_day_by_approval_only(city: Any) -> None:
    """Art. 19 (c): asked for by the unit, decided by whom the edition names."""
    later = city.ago(-30)
    refusal = city.refused("town-head", "planItem", **plan(city, 3, byOn=later))
    assert (refusal["rule"], refusal["path"]) == ("item_day_moved_by_approval_only", "byOn")
    city.done("town-head", "askItemExtension", **of(city, 3, toOn=later, reason="须经招标", askedOn=city.ago(9)))
    decision = of(city, 3, granted=True, decidedOn=city.ago(8))
    assert city.refused("office-clerk", "decideItemExtension", **decision)["rule"] == "extension_decided_by_who_may"
    assert city.refused(DIRECTOR, "decideItemExtension", **{**decision, "granted": False})["path"] == "reason"
    both = city.done(DIRECTOR, "registerPerson", name="角色 兼任")
    city.done(DIRECTOR, "linkSignIn", person=both, issuer=city.issuer.name, subject="serves-in-both")
    for body, post in (("office", "office_deputy_director"), ("town", "unit_leader")):
        city.done(DIRECTOR, "appoint", person=both, body=city.ids[body], post=post, fromOn=city.ago(100))
    no = city.refused("serves-in-both", "decideItemExtension", audience="office", **decision)
    assert no["code"] == "NOT_FOUND", "Art. 3 (c): nobody decides on the unit they serve in"
    city.done(DIRECTOR, "decideItemExtension", **decision)
    city.settle()
    assert item(city, "town-head", 3)["byOn"] == later


def report(city: Any, **changes: Any) -> dict[str, Any]:
    given = {
        "inspection": city.ids["town/inspection"],
        "report": "报告",
        "recipients": [city.ids["office-clerk"]],
        "submittedOn": city.ago(7),
    }
    return {**given, **changes}


def test_the_heads_report_is_signed_by_the_head_in_person(city: Any) -> None:
    """Art. 19: another of the unit is told why; one of another unit finds nothing."""
    refusal = city.refused("town-contact", "submitHeadsReport", **report(city))
    assert (refusal["rule"], refusal["article"]) == ("heads_report_by_the_head", "19")
    assert city.refused("bureau-head", "submitHeadsReport", **report(city))["code"] == "NOT_FOUND"
    refusal = city.refused("town-head", "submitHeadsReport", **report(city, recipients=[city.ids["team-leader"]]))
    assert refusal["rule"] == "delivered_to_the_office"
    city.done("town-head", "submitHeadsReport", **report(city))
    city.done("town-contact", "submitRectificationReport", **report(city))


def test_a_report_returned_and_submitted_again_shows_both_days_and_was_in_time(city: Any) -> None:
    """Art. 19, 20: the month was met by the first submission."""
    back = {"inspection": city.ids["town/inspection"], "which": "rectification", "reason": "补充佐证"}
    city.done("office-clerk", "returnReport", **back, returnedOn=city.ago(6))
    city.done("town-head", "submitRectificationReport", **report(city, submittedOn=city.ago(4), report="报告二"))
    city.settle()
    for subject in ("town-head", DIRECTOR, "team-member"):
        row = only(city.rows(subject, "rectifications", REPORT_FIELDS))
        assert (row["reportDue"]["state"], row["reportDue"]["metOn"]) == ("met", city.ago(7)), subject
        assert row["headsReportDue"] == {"state": "met", "metOn": city.ago(7)}
        first, second = [s for s in row["submissions"] if s["which"] == "rectification"]
        assert (first["submittedOn"], first["returnedOn"]) == (city.ago(7), city.ago(6))
        assert first["reason"]["text"] == "补充佐证"
        assert (second["submittedOn"], second["report"]["text"]) == (city.ago(4), "报告二")
    seen = only(city.rows("group-member", "rectifications", "reportSubmittedOn headsReportSubmittedOn"))
    assert seen == {"reportSubmittedOn": city.ago(4), "headsReportSubmittedOn": city.ago(7)}


def test_items_are_checked_by_office_or_supervising_member_and_go_back_with_a_reason(city: Any) -> None:
    """Art. 20: what is sent back counts as done no more."""
    check = {"visited": True, "checkedOn": city.ago(3)}
    city.done("team-member", "checkItem", **of(city, 0, accepted=True, **check))
    city.done("office-clerk", "checkItem", **of(city, 1, accepted=False, reason="未到位", **check))
    city.settle()
    assert item(city, "town-head", 0)["accepted"] is True
    back = item(city, "town-head", 1)
    assert (back["state"], back["accepted"], back["checkReason"]["text"]) == ("in_progress", False, "未到位")
    for subject in (DIRECTOR, "group-head"):
        found = only(city.rows(subject, "rectifications", COMPLETION))["completion"]
        assert (found["done"], found["inProgress"], found["accepted"], found["percent"]) == (2, 1, 1, 50)
    powers = only(city.rows(DIRECTOR, "rectifications", "steps { kind doer capacity power }"))["steps"]
    checks = [s for s in powers if s["kind"] == "item.checked.v1"]
    assert [(s["capacity"], s["power"]) for s in checks] == [("team", "supervision"), ("office", None)]
    refusal = city.refused("town-head", "updateItem", **progress(city, 0, "in_progress"))
    assert refusal["rule"] == "accepted_item_is_closed"


def test_a_check_needs_a_supervision_mandate_for_that_unit(city: Any) -> None:
    """Art. 5, 20: closing power is not enough; recused or of another team finds nothing."""
    check = of(city, 2, accepted=True, checkedOn=city.ago(3))
    assert city.refused("team-leader", "checkItem", **check)["rule"] == "mandate_live"
    for subject in ("team-recused", "other-leader"):
        hidden = city.do(subject, "checkItem", **check)
        assert hidden == city.do(subject, "checkItem", **{**check, "inspection": f"inspection:{NOWHERE}"})
        assert hidden.json()["data"]["done"]["code"] == "NOT_FOUND"


def test_the_office_enters_from_paper_what_unit_and_team_did(city: Any) -> None:
    """Art. 28: with the doer, whose authority is judged."""
    for doer, verb, given in (
        ("town-head", "updateItem", progress(city, 1, "done", 2)),
        ("team-member", "checkItem", of(city, 1, accepted=True, checkedOn=city.ago(2))),
    ):
        paper = {"doer": city.ids[doer], "paperReference": "示例1号"}
        city.done("office-clerk", verb, circumstances=paper, **given)
    city.settle()
    assert item(city, "town-head", 1)["accepted"] is True
    steps = only(city.rows(DIRECTOR, "rectifications", "steps { kind doer recorder capacity power fromPaper }"))
    last = steps["steps"][-1]
    assert (last["doer"], last["recorder"]) == (city.ids["team-member"], city.ids["office-clerk"])
    assert (last["capacity"], last["power"], last["fromPaper"]) == ("team", "supervision", True)
    paper = {"doer": city.ids["team-leader"], "paperReference": "示例2号"}
    given = of(city, 2, accepted=True, checkedOn=city.ago(2))
    assert city.refused("office-clerk", "checkItem", circumstances=paper, **given)["rule"] == "mandate_live"
    given = report(city, submittedOn=city.ago(2))
    paper = {"doer": city.ids["contact"], "paperReference": "示例3号"}
    refusal = city.refused("office-clerk", "submitHeadsReport", circumstances=paper, **given)
    assert refusal["rule"] == "heads_report_by_the_head"


def test_an_earlier_problem_that_has_come_back_is_linked(city: Any) -> None:
    """Art. 20: of the same unit only; a team does not learn of another unit's items."""
    before, elsewhere = f"inspection:{NOWHERE[:-1]}1", f"inspection:{NOWHERE[:-1]}2"
    (earlier,) = city.feedback_received(before, city.ids["town"], received_on=city.ago(200))
    (foreign,) = city.feedback_received(elsewhere, city.ids["bureau"], received_on=city.ago(200))
    link = {"linkedOn": city.ago(2)}
    ours = of(city, 0, earlierInspection=before, earlier=earlier, **link)
    theirs = of(city, 0, earlierInspection=elsewhere, earlier=foreign, **link)
    city.done("team-member", "linkEarlierProblem", **ours)
    city.settle()
    row = next(r for r in city.rows(DIRECTOR, "rectifications", ITEM_FIELDS) if len(r["items"]) == 4)
    assert row["items"][0]["earlier"] == [earlier]
    assert city.refused(DIRECTOR, "linkEarlierProblem", **theirs)["rule"] == "earlier_problem_of_the_same_unit"
    hidden = city.do("team-member", "linkEarlierProblem", **theirs)
    assert hidden == city.do("team-member", "linkEarlierProblem", **{**theirs, "earlier": f"item:{NOWHERE}"})
    assert hidden.json()["data"]["done"]["code"] == "NOT_FOUND"


# --- openness --------------------------------------------------------------------------------------------------

PUBLIC = "id of text { text } where { text } publishedOn"


def openness(city: Any) -> tuple[list[str], list[str]]:
    rows = city.rows(DIRECTOR, "openness", "id published missing")
    row = next(r for r in rows if r["id"] == city.ids["town/inspection"])
    return row["published"], row["missing"]


def test_what_must_be_public_is_shown_as_missing_until_it_is(city: Any) -> None:
    """Art. 21: entry, feedback, rectification; no period, so no due date; the bureau has only been entered."""
    assert openness(city) == ([], ["entry", "feedback", "rectification"])
    rows = city.rows(DIRECTOR, "openness", "id missing")
    assert {"id": city.ids["bureau/inspection"], "missing": ["entry"]} in rows


def test_a_text_is_public_after_approval_and_nobody_sees_it_there_before(city: Any) -> None:
    """Art. 21: proposed by the team, approved by the office, redacted; unit and group see what is public only."""
    propose = {"inspection": city.ids["town/inspection"], "of": "entry", "text": "进驻公告", "proposedOn": city.ago(5)}
    made = city.done("team-leader", "proposePublication", **propose)
    down = city.done(DIRECTOR, "proposePublication", **{**propose, "text": "另一稿"})
    decide = {"publication": made, "approved": True, "redacted": True, "decidedOn": city.ago(4)}
    assert city.refused("office-clerk", "decidePublication", **decide)["rule"] == "publication_decided_by_who_may"
    assert city.refused(DIRECTOR, "decidePublication", **{**decide, "redacted": False})["path"] == "redacted"
    publish = {"publication": made, "where": "公告栏", "publishedOn": city.ago(3)}
    assert city.refused("office-clerk", "publish", **publish)["rule"] == "public_after_approval"
    city.done(DIRECTOR, "decidePublication", **decide)
    turned = {"publication": down, "approved": False, "reason": "重复", "decidedOn": city.ago(4)}
    city.done(DIRECTOR, "decidePublication", **turned)
    city.settle()
    assert city.rows("town-head", "publications") == []
    assert city.rows("group-member", "publications") == []
    assert {r["id"] for r in city.rows("team-member", "publications")} == {made, down}
    city.done("team-leader", "publish", **publish)
    city.settle()
    public = {
        "id": made, "of": "entry", "text": {"text": "进驻公告"}, "where": {"text": "公告栏"}, "publishedOn": city.ago(3)
    }  # fmt: skip
    assert city.rows("town-head", "publications", PUBLIC) == [public]
    assert city.rows("group-member", "publications", PUBLIC) == [public]
    assert openness(city) == (["entry"], ["feedback", "rectification"])
    for subject in ("bureau-head", "other-leader", "team-recused", "ended-clerk"):
        assert city.rows(subject, "publications") == [], subject


def test_who_has_no_part_in_a_publication_finds_none(city: Any) -> None:
    """promises.md §4."""
    (made,) = [r["id"] for r in city.rows(DIRECTOR, "publications", "id status") if r["status"] == "published"]
    given = {"where": "x", "publishedOn": city.ago(1)}
    for subject in ("other-leader", "team-recused", "ended-clerk"):
        hidden = city.do(subject, "publish", publication=made, **given)
        assert hidden == city.do(subject, "publish", publication=f"publication:{NOWHERE}", **given)
    proposed = {"inspection": city.ids["bureau/inspection"], "of": "feedback", "text": "x", "proposedOn": city.ago(1)}
    assert city.refused(DIRECTOR, "proposePublication", **proposed)["rule"] == "public_after_it_happened"
    hidden = city.do("team-leader", "proposePublication", **proposed)
    assert hidden.json()["data"]["done"]["code"] == "NOT_FOUND"
