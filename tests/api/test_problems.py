"""The problems of a report disposed of singly: proposed, decided, transferred, as clues are (Art. 3, 16, 17).

The meeting of the team is put into the ledger directly.
"""

import json
from typing import Any
from uuid import uuid4

import pytest
from tests.api.closing import DIRECTOR, TOWN, draft, found, meet, recorded, sign_and_submit, unit_answers

NOBODYS = "problem:00000000-0000-4000-8000-000000000000"
PROBLEM = (
    "id report inspection unit status category text { text } causes { text } suggestion { text } reportedOn"
    " supplementedOn transfer steps { kind doer }"
)
ORGAN, CLERK, HEAD = "organisation", "office-clerk", "group-head"


@pytest.fixture(scope="module")
def city(application: Any) -> Any:
    """The town's report with the office since the 18th day before today, with three problems; one dropped before.

    It rests on a clue about the group's deputy head, a contact of the discipline organ and a clerk of the office. A
    second clerk, and one of the organisation department, also hold a post in the town.
    """
    c = application.city
    c.found()
    c.begin()
    ids = c.ids
    ids["heard"] = c.hear()
    for subject in ("clerk-concerned", "town-clerk"):
        c.enrol(subject)
        c.done(DIRECTOR, "appoint", person=ids[subject], body=ids["office"], post="office_clerk", fromOn=c.ago(200))
    c.done(DIRECTOR, "appoint", person=ids["town-clerk"], body=ids["town"], post="unit_leader", fromOn=c.ago(200))
    c.enrol("town-organiser")
    for body, post in ((ORGAN, "organ_contact"), ("town", "unit_leader")):
        c.done(DIRECTOR, "appoint", person=ids["town-organiser"], body=ids[body], post=post, fromOn=c.ago(200))
    ids["p1"] = c.petition(1)
    c.instruct(ids["p1"])
    about = [ids[who] for who in ("group-deputy", "discipline-contact", "clerk-concerned")]
    ids["c1"] = c.clue(ids["p1"], concerned=about)
    c.done("team-leader", "endInspection", inspection=ids[TOWN], endedOn=c.ago(20))
    meet(c, on=19)
    draft(c, on=19, problems=[found(), found(text="未列入的问题")], clues=[ids["c1"]])
    c.settle()
    (row,) = c.rows("team-leader", "reportDrafts", "problems { problem }")
    first, ids["dropped"] = (p["problem"] for p in row["problems"])
    stated = [
        found(problem=first, sources=[ids["p1"], ids["c1"]]),
        found("integrity_discipline"),
        found("political_discipline"),
    ]
    draft(c, on=19, problems=stated, clues=[ids["c1"]])
    c.settle()
    row = c.rows("team-leader", "reportDrafts", "problems { problem }")[-1]
    ids["a"], ids["b"], ids["c"] = (p["problem"] for p in row["problems"])
    c.done("team-leader", "reportClue", clue=ids["c1"], reportedOn=c.ago(19), report="上报内容")
    return c


@pytest.fixture(scope="module")
def submitted(city: Any) -> Any:
    """From here on the problems are with the office."""
    sign_and_submit(city, 2, on=19)
    city.settle()
    return city


def proposal(city: Any, item: str, on: int = 18, **more: Any) -> dict[str, Any]:
    ids = city.ids
    given = {"item": ids.get(item, item), "paper": "议题材料", "disposalClass": "democratic_centralism"}
    given |= {"organ": ids[ORGAN], "reason": "属其职责", "summoned": [ids["group-member"]]}
    return {**given, "proposedOn": city.ago(on), **more}


def decision(city: Any, item: str, on: int = 17, **more: Any) -> dict[str, Any]:
    ids = city.ids
    given = {"item": ids.get(item, item), "disposalClass": "democratic_centralism", "organ": ids[ORGAN]}
    return {**given, "attendees": [ids["group-member"]], "decidedOn": city.ago(on), **more}


def sending(city: Any, item: str, on: int = 16, **more: Any) -> dict[str, Any]:
    to = [city.ids[f"{ORGAN}-contact"]]
    given = {"item": city.ids.get(item, item), "recipients": to, "material": "移交材料"}
    return {**given, "transferredOn": city.ago(on), **more}


def three(city: Any, item: str) -> tuple[tuple[str, str, dict[str, Any]], ...]:
    """The three verbs that take an item, with who has them."""
    return (
        (CLERK, "proposeDisposal", proposal(city, item)),
        (HEAD, "decideDisposal", decision(city, item)),
        (CLERK, "transferItem", sending(city, item)),
    )


def row(city: Any, subject: str, view: str, id_: str, fields: str = "status", audience: str | None = None) -> Any:
    """A row as a person sees it, or None."""
    city.settle()
    return next(
        (r for r in city.rows(subject, view, f"id {fields}", audience) if r["id"] == city.ids.get(id_, id_)), None
    )


def not_there(city: Any, subject: str, verb: str, item: str, given: dict[str, Any], **how: Any) -> None:
    """The same bytes as for a problem that nobody ever stated; asked anew each time, for a resend is not decided."""
    hidden, absent = (
        city.do(subject, verb, once_more=str(uuid4()), **{**given, "item": which}, **how)
        for which in (city.ids.get(item, item), NOBODYS)
    )
    assert hidden == absent, (subject, verb, item)
    assert hidden.json()["data"]["done"]["code"] == "NOT_FOUND", (subject, verb, item)


def test_before_its_report_is_submitted_a_problem_is_not_there(city: Any) -> None:
    """Art. 16: a problem of a draft is the team's; of one nobody stated there is nothing to say either."""
    for item in ("a", "dropped"):
        for subject, verb, given in three(city, item):
            not_there(city, subject, verb, item, given)
    assert city.rows(DIRECTOR, "problems") == []


def test_each_problem_reaches_the_office_as_an_item_in_the_reports_order(submitted: Any) -> None:
    """Art. 16, 17: with the words of the report; what it rests on stays with the team."""
    city, ids = submitted, submitted.ids
    rows = city.rows(CLERK, "problems", PROBLEM)
    assert [r["id"] for r in rows] == [ids["a"], ids["b"], ids["c"]]
    assert [r["category"] for r in rows] == [
        "organisational_discipline",
        "integrity_discipline",
        "political_discipline",
    ]
    assert {(r["status"], r["reportedOn"], r["supplementedOn"]) for r in rows} == {("reported", city.ago(18), None)}
    assert [rows[0][word]["text"] for word in ("text", "causes", "suggestion")] == ["问题原文", "原因分析", "意见建议"]
    assert [s["kind"] for s in rows[0]["steps"]] == ["report.submitted.v1"]
    for name in ("p1", "c1", "dropped"):
        assert ids[name] not in json.dumps(rows)
    for view in ("problems", "reports"):
        for subject in ("clerk-concerned", "town-clerk"):
            assert city.rows(subject, view, audience="office") == [], (view, subject)


def test_what_the_ledger_holds_of_a_problem_is_where_it_stands_and_what_it_rests_on(submitted: Any) -> None:
    """Art. 16: found by its id; all of them by the one command that submitted the report."""
    city, ids = submitted, submitted.ids
    statement = "SELECT kind, body, command FROM ledger.entries WHERE stream = %s"
    written = [city.database.ask(statement, ids[name]) for name in "abc"]
    assert [[kind for kind, _, _ in rows] for rows in written] == [["problem.reported.v1"]] * 3
    report = recorded(city, TOWN, "report", "report.submitted.v1")
    body = json.loads(bytes(written[0][0][1]))
    persons = sorted(ids[who] for who in ("group-deputy", "discipline-contact", "clerk-concerned"))
    assert body["payload"] == {
        "problem": ids["a"],
        "report": report["report"],
        "round": ids["round"],
        "inspection": ids[TOWN],
        "unit": ids["town"],
        "sources": [ids["p1"], ids["c1"]],
        "withheld_from": persons,
        "reported_on": city.ago(18),
    }
    assert (body["stamp"]["label"], body["stamp"]["doer"]) == ("report", ids["team-leader"])
    assert {ids["a"], ids["c1"], ids["p1"], report["report"], ids["town"], *persons} <= {*body["stamp"]["subjects"]}
    submission = "SELECT count(DISTINCT command) FROM ledger.entries WHERE kind = %s OR kind = %s"
    assert city.database.ask(submission, "report.submitted.v1", "problem.reported.v1") == [(1,)]
    assert city.database.ask("SELECT count(*) FROM ledger.entries WHERE stream = %s", ids["dropped"]) == [(0,)]


@pytest.mark.parametrize("item", ["dropped", NOBODYS])
def test_what_was_taken_out_of_the_report_is_no_item(submitted: Any, item: str) -> None:
    """Art. 16: only what the report states."""
    for subject, verb, given in three(submitted, item):
        not_there(submitted, subject, verb, item, given)


def test_to_whom_the_report_is_not_shown_its_problems_are_not_there(submitted: Any) -> None:
    """Art. 3 (c), 16, 23: persons its clues concern, and whoever holds a post in the unit; on-line and from paper."""
    city, ids = submitted, submitted.ids
    for subject in ("clerk-concerned", "town-clerk"):
        for verb, given in (("proposeDisposal", proposal(city, "a")), ("transferItem", sending(city, "a"))):
            not_there(city, subject, verb, "a", given, audience="office")
        paper = {"doer": ids[HEAD], "paperReference": "某组决〔示例〕1号"}
        not_there(city, subject, "decideDisposal", "a", decision(city, "a"), audience="office", circumstances=paper)
    not_there(city, "group-deputy", "decideDisposal", "a", decision(city, "a"))


@pytest.mark.parametrize(
    ("on", "organ", "summoned", "rule"),
    [
        (19, ORGAN, "group-member", "proposal_not_before_report"),
        (18, "discipline", "group-member", "route_follows_the_class"),
        (18, ORGAN, "group-deputy", "summons_leaves_out_the_concerned"),
        (18, ORGAN, "team-leader", "only_members_are_summoned"),
    ],
)
def test_a_problem_is_proposed_as_a_clue_is(submitted: Any, on: int, organ: str, summoned: str, rule: str) -> None:
    """Art. 3 (c), 17: the day before the report, another organ, one concerned, one who is not of the group."""
    ids = submitted.ids
    given = proposal(submitted, "a", on, organ=ids[organ], summoned=[ids[summoned]])
    no = submitted.refused(CLERK, "proposeDisposal", **given)
    assert (no["code"], no["rule"]) == ("REFUSED", rule)


def test_as_many_problems_as_a_report_can_state_are_items_at_once(submitted: Any) -> None:
    """Art. 16: 200, from paper; one command, and a list in the report's order."""
    city, ids = submitted, submitted.ids
    inspection, leader = ids["bureau/inspection"], "other-leader"
    city.done(leader, "endInspection", inspection=inspection, endedOn=city.ago(20))
    meet(city, "bureau", leader, 19)
    draft(city, leader, "bureau", 19, problems=[found(text=f"问题{n}") for n in range(200)])
    city.done(leader, "signReport", inspection=inspection, draft=1, signedOn=city.ago(18))
    given = {"inspection": inspection, "recipients": [ids[DIRECTOR]], "submittedOn": city.ago(17)}
    paper = {"doer": ids[leader], "paperReference": "某组报〔示例〕1号"}
    city.done(CLERK, "submitReport", circumstances=paper, **given)
    city.settle()
    rows = [r for r in city.rows(CLERK, "problems", PROBLEM) if r["inspection"] == inspection]
    assert [r["text"]["text"] for r in rows] == [f"问题{n}" for n in range(200)]
    statement = (
        "SELECT count(*), count(DISTINCT stream) FROM ledger.entries"
        " WHERE command = (SELECT command FROM ledger.entries WHERE stream = %s)"
    )
    assert city.database.ask(statement, rows[0]["id"]) == [(201, 201)]
    ids["bureau/problem"] = rows[199]["id"]


def test_a_problem_is_not_proposed_before_the_team_was_heard(submitted: Any) -> None:
    """Art. 17: the report alone is not enough; the day before the hearing, on it."""
    city, ids = submitted, submitted.ids
    problem = "bureau/problem"
    assert city.refused(CLERK, "proposeDisposal", **proposal(city, problem, 16))["rule"] == "team_heard_first"
    attending = [ids["other-leader"], ids[CLERK]]
    heard = {"inspection": ids["bureau/inspection"], "attendees": attending, "account": "汇报", "heardOn": city.ago(15)}
    city.done(CLERK, "hearTeam", **heard)
    no = city.refused(CLERK, "proposeDisposal", once_more="the day before", **proposal(city, problem, 16))
    assert no["rule"] == "team_heard_first"
    city.done(CLERK, "proposeDisposal", **proposal(city, problem, 15))


def test_the_unit_is_no_receiver(submitted: Any) -> None:
    """Art. 17: no organ, no transfer to it; the rule itself is asked in tests/domain/test_disposals.py."""
    no = submitted.refused(CLERK, "proposeDisposal", **proposal(submitted, "a", organ=submitted.ids["town"]))
    assert (no["code"], no["path"]) == ("ILL_FORMED", "organ")


def test_a_problem_is_proposed_decided_and_transferred_singly(submitted: Any) -> None:
    """Art. 3, 17: on the day of the report; once; by who may; the two others stay as they were."""
    city, ids = submitted, submitted.ids
    unit = unit_answers(city)
    assert city.refused(HEAD, "decideDisposal", **decision(city, "a"))["code"] == "NOT_FOUND"
    assert city.refused(CLERK, "transferItem", **sending(city, "a"))["rule"] == "transfer_after_decision"
    city.done(CLERK, "proposeDisposal", **proposal(city, "a"))
    no = city.refused(CLERK, "proposeDisposal", once_more="twice", **proposal(city, "a"))
    assert no["rule"] == "one_proposal_at_a_time"
    assert row(city, CLERK, "problems", "a")["status"] == "disposal_proposed"
    assert row(city, CLERK, "disposals", "a", "paper { text }")["paper"]["text"] == "议题材料"
    assert row(city, "group-member", "items", "a")["status"] == "awaiting_decision"
    for subject in ("group-deputy", "party-secretary"):
        seen = row(city, subject, "items", "a")
        assert (seen is None) is (subject == "group-deputy"), subject
    for subject in ("clerk-concerned", "town-clerk"):
        assert row(city, subject, "disposals", "a", audience="office") is None, subject
    not_there(city, "group-deputy", "decideDisposal", "a", decision(city, "a"))
    for subject, more, rule in (
        ("group-member", {}, "disposal_decided_by_who_may"),
        (HEAD, {"decidedOn": city.ago(19)}, "decision_not_before_proposal"),
        (HEAD, {"attendees": [ids["group-deputy"]]}, "decided_without_the_concerned"),
        (HEAD, {"attendees": [ids["team-leader"]]}, "decided_without_the_concerned"),
        (HEAD, {"attendees": [ids["team-recused"]]}, "decided_without_the_concerned"),
        (HEAD, {"organ": ids["discipline"]}, "route_follows_the_class"),
    ):
        no = city.refused(subject, "decideDisposal", once_more="proposed", **decision(city, "a", **more))
        assert (no["code"], no["rule"]) == ("REFUSED", rule)
    city.done(HEAD, "decideDisposal", once_more="now", **decision(city, "a"))
    no = city.refused(HEAD, "decideDisposal", once_more="twice", **decision(city, "a"))
    assert no["rule"] == "disposal_awaits_decision"
    for wrong in ("discipline-contact", "town-organiser", "town-head"):
        given = sending(city, "a", recipients=[ids[wrong]])
        assert city.refused(CLERK, "transferItem", **given)["rule"] == "delivered_to_named_persons", wrong
    early = city.refused(CLERK, "transferItem", **sending(city, "a", 18))
    assert early["rule"] == "transfer_not_before_decision"
    transfer = ids["transfer"] = city.done(CLERK, "transferItem", once_more="now", **sending(city, "a"))
    assert city.refused(CLERK, "transferItem", once_more="twice", **sending(city, "a"))["rule"] == "transferred_once"
    assert row(city, CLERK, "problems", "a", "status transfer") == {
        "id": ids["a"], "status": "transferred", "transfer": transfer
    }  # fmt: skip
    assert [row(city, CLERK, "problems", name)["status"] for name in "bc"] == ["reported", "reported"]
    assert row(city, CLERK, "transfers", transfer, "item basis") == {
        "id": transfer, "item": ids["a"], "basis": "disposal"
    }  # fmt: skip
    seen = row(city, f"{ORGAN}-contact", "transfers", transfer, "status material { text } disposalClass")
    assert (seen["material"]["text"], seen["disposalClass"]) == ("移交材料", "democratic_centralism")
    assert unit_answers(city) == unit


def test_its_transfer_is_not_there_for_whoever_is_of_the_unit_too(submitted: Any) -> None:
    """Art. 3 (c), 17: in the office and in the organ; its due date is not either."""
    city, ids = submitted, submitted.ids
    given = {"receivedOn": city.ago(15)}
    hidden, absent = (
        city.do("town-organiser", "receiveTransfer", audience="organ", transfer=which, **given)
        for which in (ids["transfer"], "transfer:00000000-0000-4000-8000-000000000000")
    )
    assert hidden == absent
    city.done(f"{ORGAN}-contact", "receiveTransfer", transfer=ids["transfer"], **given)
    for subject, audience in (("town-clerk", "office"), ("town-organiser", "organ"), ("clerk-concerned", "office")):
        assert row(city, subject, "transfers", "transfer", audience=audience) is None, subject
        assert ids["transfer"] not in json.dumps(city.rows(subject, "duties", "matter", audience)), subject
    urge = {"note": "请办理", "urgedOn": city.ago(14)}
    hidden, absent = (
        city.do("town-clerk", "urgeAnswer", audience="office", transfer=which, **urge)
        for which in (ids["transfer"], "transfer:00000000-0000-4000-8000-000000000000")
    )
    assert hidden == absent
    assert ids["transfer"] in json.dumps(city.rows(CLERK, "duties", "matter"))


def test_what_the_organ_returns_is_disposed_of_anew(submitted: Any) -> None:
    """Art. 17 (c): the day before the return, on it."""
    city, ids = submitted, submitted.ids
    back = {"transfer": ids["transfer"], "reason": "应由其他部门办理", "returnedOn": city.ago(13)}
    city.done(f"{ORGAN}-contact", "returnTransfer", **back)
    assert row(city, CLERK, "problems", "a")["status"] == "returned"
    again = {"disposalClass": "conduct", "organ": ids["discipline"]}
    no = city.refused(CLERK, "proposeDisposal", **proposal(city, "a", 14, **again))
    assert no["rule"] == "proposal_not_before_return"
    city.done(CLERK, "proposeDisposal", **proposal(city, "a", 13, **again))
    assert row(city, CLERK, "problems", "a")["status"] == "disposal_proposed"


def test_a_supplement_adds_problems_and_states_others_anew(submitted: Any) -> None:
    """Art. 16 (c), 17: one corrected stays the item it was, with its disposal; one added is an item from then on."""
    city, ids = submitted, submitted.ids
    given = {
        "inspection": ids[TOWN],
        "reason": "后续发现",
        "text": "更正内容",
        "problems": [found("integrity_discipline", problem=ids["a"], text="更正的问题"), found(text="后来的问题")],
        "recipients": [ids[DIRECTOR]],
        "supplementedOn": city.ago(12),
    }
    city.done("team-leader", "supplementReport", **given)
    city.settle()
    rows = city.rows(CLERK, "problems", PROBLEM)
    (added,) = (r for r in rows if r["inspection"] == ids[TOWN] and r["id"] not in {ids[name] for name in "abc"})
    assert (added["status"], added["reportedOn"], added["supplementedOn"]) == ("reported", city.ago(12), None)
    assert added["text"]["text"] == "后来的问题"
    corrected = rows[0]
    assert (corrected["id"], corrected["text"]["text"], corrected["category"]) == (
        ids["a"], "更正的问题", "integrity_discipline"
    )  # fmt: skip
    assert (corrected["status"], corrected["reportedOn"], corrected["supplementedOn"]) == (
        "disposal_proposed", city.ago(18), city.ago(12)
    )  # fmt: skip
    statement = "SELECT version FROM ledger.entries WHERE stream = %s ORDER BY version"
    assert [city.database.ask(statement, ids[name]) for name in "ab"] == [[(1,), (2,)], [(1,)]]
    no = city.refused(CLERK, "proposeDisposal", **proposal(city, added["id"], 13))
    assert no["rule"] == "proposal_not_before_report"
    city.done(CLERK, "proposeDisposal", **proposal(city, added["id"], 12))
    assert row(city, HEAD, "items", added["id"])["status"] == "awaiting_decision"


def test_it_goes_to_no_person_its_report_is_kept_from(submitted: Any) -> None:
    """Art. 3 (c), 17: of the organ decided on, one whom a clue of the report concerns; another receives it."""
    city, ids = submitted, submitted.ids
    chosen = {"disposalClass": "conduct", "organ": ids["discipline"]}
    city.done(HEAD, "decideDisposal", once_more="anew", **decision(city, "a", 12, **chosen))
    no = city.refused(CLERK, "transferItem", **sending(city, "a", 11, recipients=[ids["discipline-contact"]]))
    assert no["rule"] == "delivered_to_named_persons"
    ids["other-contact"] = city.enrol("other-contact")
    city.done(
        DIRECTOR, "appoint", person=ids["other-contact"], body=ids["discipline"], post="organ_contact",
        fromOn=city.ago(200),
    )  # fmt: skip
    given = sending(city, "a", 11, recipients=[ids["other-contact"]])
    transfer = ids["second"] = city.done(CLERK, "transferItem", **given)
    assert row(city, "discipline-contact", "transfers", transfer) is None
    assert row(city, "other-contact", "transfers", transfer, audience="organ")["status"] == "made"
    answer = {"handling": "talk_or_letter", "account": "办理情况", "answeredOn": city.ago(10)}
    for verb, more in (("receiveTransfer", {"receivedOn": city.ago(10)}), ("answerTransfer", answer)):
        hidden, absent = (
            city.do("discipline-contact", verb, transfer=which, **more)
            for which in (transfer, "transfer:00000000-0000-4000-8000-000000000000")
        )
        assert hidden == absent
        city.done("other-contact", verb, audience="organ", transfer=transfer, **more)
    seen = row(city, CLERK, "transfers", transfer, "status account { text }")
    assert (seen["status"], seen["account"]["text"]) == ("answered", "办理情况")


def test_a_problem_that_is_disposed_of_singly_is_fed_back_like_the_others(submitted: Any) -> None:
    """Art. 17, 18: one id through disposal, feedback and rectification."""
    city, ids = submitted, submitted.ids
    opinions = [{"problem": ids[name], "text": "反馈的问题", "opinion": "整改意见"} for name in "abc"]
    given = {"inspection": ids[TOWN], "overview": "反馈概况", "opinions": opinions, "proposedOn": city.ago(11)}
    city.done("team-leader", "proposeFeedback", **given)
    city.settle()
    (fed,) = city.rows(CLERK, "feedback", "opinions { problem }")
    assert [o["problem"] for o in fed["opinions"]] == [ids[name] for name in "abc"]


def test_whoever_comes_to_be_concerned_reads_no_more_of_its_disposal(submitted: Any) -> None:
    """Art. 3 (c), ADR 24: a problem stated anew rests on a clue about a member summoned before."""
    city, ids = submitted, submitted.ids
    city.done(CLERK, "proposeDisposal", **proposal(city, "c", 11, summoned=[ids["group-member"]]))
    city.settle()
    assert ids["c"] in {r["id"] for r in city.rows("group-member", "items")}
    about = {"concerned": [ids["group-member"]], "firstKnownOn": city.ago(18), "registeredOn": city.ago(18)}
    clue = city.clue("", petitions=[], text="后来的线索", **about)
    city.done("team-leader", "reportClue", clue=clue, reportedOn=city.ago(18), report="上报内容")
    given = {
        "inspection": ids[TOWN],
        "reason": "后续发现",
        "text": "更正内容",
        "clues": [clue],
        "problems": [found(problem=ids["c"], text="更正的问题", sources=[clue])],
        "recipients": [ids[DIRECTOR]],
        "supplementedOn": city.ago(10),
    }
    city.done("team-leader", "supplementReport", once_more="concerns a member", **given)
    city.done(HEAD, "decideDisposal", **decision(city, "c", 9, attendees=[], conclusion="结论"))
    city.settle()
    assert city.rows(HEAD, "items", "id status")
    assert ids["c"] not in {r["id"] for r in city.rows("group-member", "items")}
