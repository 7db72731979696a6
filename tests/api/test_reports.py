"""The inspection report through GraphQL: who drafts, signs and submits it, and who sees which part of it.

The meeting of the team, and a clue's restriction, are put into the ledger directly.
"""

import json
from typing import Any

import pytest
from tests.api.closing import DIRECTOR, TOWN, draft, found, meet, restrict, unit_answers

NOBODYS = "00000000-0000-4000-8000-000000000000"
FINDING = "problem category item text { text } causes { text } suggestion { text }"
REPORT = (
    f"id inspection overview {{ text }} problems {{ {FINDING} }} noProblems {{ text }}"
    " clues { clue report { text } } omissions { clue reason { text } } materials { title { text } content { text } }"
    f" recipients submittedOn supplements {{ reason {{ text }} text {{ text }} problems {{ {FINDING} }}"
    " clues { clue report { text } } supplementedOn } steps { kind doer recorder fromPaper }"
)
DRAFT = (
    f"id draft author dropped signedOn problems {{ {FINDING} sources }} clues omissions {{ clue reason {{ text }} }}"
)


@pytest.fixture(scope="module")
def city(application: Any) -> Any:
    """The inspection of the town, ended, with what was found: c1 and c2 open, c3 restricted, c4 about the
    deputy leader and restricted later, c5 about the leader."""
    c = application.city
    c.found()
    c.begin()
    ids = c.ids
    for n in (1, 2, 3):
        ids[f"p{n}"] = c.petition(n)
    c.instruct(ids["p1"])
    c.instruct(ids["p2"], "team-registrar")
    ids["c1"] = c.clue(ids["p1"], concerned=[ids["office-clerk"]])
    given = {
        "inspection": ids[TOWN],
        "category": "integrity_discipline",
        "managed": "city",
        "firstKnownOn": c.ago(30),
        "registeredOn": c.ago(29),
        "summary": "摘要",
    }
    ids["c2"] = c.done("team-deputy", "registerClue", **given, text="副组长登记的线索")
    ids["c3"] = c.done("team-leader", "registerClue", **given, text="直接报告的线索")
    ids["c4"] = c.done(
        "team-leader", "registerClue", **given, text="直接报告的线索之二", concerned=[ids["team-deputy"]]
    )
    ids["c5"] = c.done("team-deputy", "registerClue", **given, text="反映组长", concerned=[ids["team-leader"]])
    ids["b1"] = c.done(
        "other-leader", "registerClue", **{**given, "inspection": ids["bureau/inspection"]}, text="另一单位"
    )
    restrict(c, ids["c3"])
    ids["town-clerk"] = c.enrol("town-clerk")
    for body, post in (("office", "office_clerk"), ("town", "unit_leader")):
        c.done(DIRECTOR, "appoint", person=ids["town-clerk"], body=ids[body], post=post, fromOn=c.ago(200))
    c.done("team-leader", "endInspection", inspection=ids[TOWN], endedOn=c.ago(10))
    c.settle()
    return c


@pytest.fixture(scope="module")
def office_before(city: Any) -> str:
    return office(city)


def office(city: Any) -> str:
    """All the office is told that could tell of drafts, of reasons, of restricted clues."""
    found_ = {
        view: city.rows(DIRECTOR, view, fields)
        for view, fields in (
            ("reports", REPORT),
            ("feedback", "id status"),
            ("inspections", "id status reportDue { dueOn state metOn } steps { id kind }"),
        )
    }
    return json.dumps(found_)


def drafts(city: Any, subject: str) -> list[dict[str, Any]]:
    city.settle()
    return list(city.rows(subject, "reportDrafts", DRAFT))


def signing(city: Any, number: int, **changes: Any) -> dict[str, Any]:
    return {"inspection": city.ids[TOWN], "draft": number, "signedOn": city.ago(8), **changes}


def code(answer: Any) -> str:
    return str(answer.json()["data"]["done"].get("code"))


def test_a_member_drafts_from_what_the_member_sees(city: Any, office_before: str) -> None:
    """Art. 16: anyone of the team who closes; what others handle does not exist for the member."""
    ids = city.ids
    assert office_before
    unit = unit_answers(city)
    draft(city, "team-member", problems=[found(sources=[ids["p1"], ids["c1"]])], clues=[ids["c1"]])
    (row,) = drafts(city, "team-member")
    assert (row["draft"], row["author"], row["clues"]) == (1, ids["team-member"], [ids["c1"]])
    ids["first"] = row["problems"][0]["problem"]
    assert row["problems"][0]["sources"] == [ids["p1"], ids["c1"]]
    asked = {"inspection": ids[TOWN], "overview": "x", "savedOn": city.ago(9)}
    absent = [
        city.do("team-member", "saveDraft", **asked, problems=[found(sources=[f"{kind}:{NOBODYS}"])])
        for kind in ("petition", "clue", "weather")
    ]
    hidden = [
        city.do("team-member", "saveDraft", **asked, problems=[found(sources=[ids[name]])])
        for name in ("p2", "p3", "c2", "c3", "c5")
    ]
    assert {answer.body for answer in (*absent, *hidden)} == {absent[0].body}
    assert code(absent[0]) == "NOT_FOUND"
    assert unit_answers(city) == unit
    assert office(city) == office_before


def test_whoever_does_not_close_this_inspection_finds_nothing(city: Any) -> None:
    """Art. 5: no live mandate with closing power there, no report; the same bytes as for no inspection at all."""
    asked = {"overview": "x", "savedOn": city.ago(9)}
    for subject in ("other-leader", "team-undeclared", "team-recused"):
        if subject == "team-recused":
            given = {"recusal": city.ids["recusal"], "outcome": "upheld", "reason": "属实", "decidedOn": city.ago(9)}
            city.done(DIRECTOR, "decideRecusal", **given)
        hidden, absent = (
            city.do(subject, "saveDraft", inspection=which, **asked)
            for which in (city.ids[TOWN], f"inspection:{NOBODYS}")
        )
        assert hidden == absent
        assert code(hidden) == "NOT_FOUND"
        assert drafts(city, subject) == []
        assert city.rows(subject, "reports") == []


def test_who_took_what_out_is_seen(city: Any) -> None:
    """Art. 16: every draft is kept, with its author, and what was dropped from the one before."""
    ids = city.ids
    kept = found(problem=ids["first"], sources=[ids["p2"]])
    draft(city, "team-deputy", problems=[found("integrity_discipline", sources=[ids["c2"]])], clues=[ids["c2"]])
    draft(city, problems=[kept], clues=[ids["c1"]])
    first, second, third = drafts(city, "team-leader")
    assert (second["author"], second["dropped"]) == (ids["team-deputy"], [ids["first"]])
    assert third["dropped"] == [second["problems"][0]["problem"]]
    assert third["problems"][0]["problem"] == first["problems"][0]["problem"] == ids["first"]
    assert [d["draft"] for d in drafts(city, "team-deputy")] == [1, 2, 3]
    assert [d["draft"] for d in drafts(city, "team-member")] == [1]
    assert drafts(city, "team-registrar") == []


def test_a_draft_is_withheld_from_whom_a_clue_in_it_concerns(city: Any) -> None:
    """Art. 3 (c), 16: attached, left out or named as a source."""
    ids = city.ids
    draft(city, problems=[found(problem=ids["first"], sources=[ids["c4"]])], clues=[ids["c1"]])
    assert [d["draft"] for d in drafts(city, "team-leader")] == [1, 2, 3, 4]
    assert [d["draft"] for d in drafts(city, "team-deputy")] == [1, 2, 3]
    hidden = city.do("team-deputy", "signReport", **signing(city, 4), once_more="concerned")
    assert code(hidden) == "NOT_FOUND"
    restrict(city, ids["c4"])
    draft(city, problems=[found(problem=ids["first"])], clues=[ids["c1"]])


def test_a_restricted_clue_is_neither_attached_nor_named(city: Any) -> None:
    """Art. 14: the leader is told so, to everybody else it does not exist."""
    ids = city.ids
    asked = {"inspection": ids[TOWN], "overview": "x", "savedOn": city.ago(9)}
    for given in (
        {"clues": [ids["c3"]]},
        {"omissions": [{"clue": ids["c3"], "reason": "x"}]},
        {"problems": [found(sources=[ids["c3"]])]},
    ):
        refusal = city.refused("team-leader", "saveDraft", **asked, **given)
        assert (refusal["rule"], refusal["article"]) == ("nothing_restricted_in_the_report", "14")
    hidden, absent = (
        city.do("team-deputy", "saveDraft", **asked, clues=[clue]) for clue in (ids["c3"], f"clue:{NOBODYS}")
    )
    assert hidden == absent
    assert code(hidden) == "NOT_FOUND"
    paper = {"doer": ids["team-leader"], "paperReference": "某组〔示例〕1号"}
    hidden, absent = (
        city.do(DIRECTOR, "saveDraft", circumstances=paper, **asked, clues=[clue])
        for clue in (ids["c3"], f"clue:{NOBODYS}")
    )
    assert hidden == absent


def test_what_is_of_another_inspection_is_not_there(city: Any) -> None:
    """Art. 16: each assignment has a report of its own."""
    asked = {"inspection": city.ids[TOWN], "overview": "x", "savedOn": city.ago(9)}
    for field in ("clues", "problems"):
        there, nowhere = (
            city.do("team-leader", "saveDraft", **asked, **{field: [c if field == "clues" else found(sources=[c])]})
            for c in (city.ids["b1"], f"clue:{NOBODYS}")
        )
        assert there == nowhere
        assert code(there) == "NOT_FOUND"


def test_what_concerns_the_leader_is_not_for_the_leaders_report(city: Any) -> None:
    """Art. 23: whoever may see the clue is told; the leader never learns of it, not by the list of clues either."""
    asked = {"inspection": city.ids[TOWN], "overview": "x", "savedOn": city.ago(9)}
    refusal = city.refused("team-deputy", "saveDraft", **asked, clues=[city.ids["c5"]])
    assert (refusal["rule"], refusal["article"]) == ("signer_not_concerned_by_the_report", "23")
    hidden = city.do("team-leader", "saveDraft", **asked, clues=[city.ids["c5"]])
    assert code(hidden) == "NOT_FOUND"
    paper = {"doer": city.ids["team-deputy"], "paperReference": "某组〔示例〕2号"}
    assert code(city.do(DIRECTOR, "saveDraft", circumstances=paper, **asked, clues=[city.ids["c5"]])) == "NOT_FOUND"


def test_the_leader_signs_when_all_that_must_be_is_there(city: Any, office_before: str) -> None:
    """Art. 6(3), 7(3), 14, 16: nobody else; discussed; every clue accounted for, the restricted ones apart."""
    ids = city.ids
    refusal = city.refused("team-deputy", "signReport", **signing(city, 5))
    assert (refusal["rule"], refusal["article"]) == ("signed_by_the_leader", "6(3)")
    for subject in ("team-member", "team-registrar", "other-leader"):
        assert code(city.do(subject, "signReport", **signing(city, 5))) == "NOT_FOUND", subject
    assert city.refused("team-leader", "signReport", **signing(city, 3))["rule"] == "last_draft_signed"
    early = city.refused("team-leader", "signReport", **signing(city, 5, signedOn=city.ago(11)))
    assert early["rule"] == "report_signed_after_the_end"
    assert city.refused("team-leader", "signReport", **signing(city, 5))["rule"] == "report_discussed_first"
    meet(city)
    refusal = city.refused("team-leader", "signReport", **signing(city, 5), once_more="1")
    assert refusal["rule"] == "every_clue_attached_or_explained"
    draft(
        city,
        problems=[found(problem=ids["first"], sources=[ids["p1"]]), found("integrity_discipline", causes=None)],
        clues=[ids["c1"]],
        omissions=[{"clue": ids["c2"], "reason": "查无实据"}],
    )
    assert city.refused("team-leader", "signReport", **signing(city, 6))["rule"] == "report_full_and_true"
    draft(
        city,
        problems=[found(problem=ids["first"], sources=[ids["p1"]]), found("integrity_discipline")],
        clues=[ids["c1"]],
        omissions=[{"clue": ids["c2"], "reason": "查无实据"}],
        materials=[{"title": "专题", "content": "专题材料"}],
    )
    refusal = city.refused("team-leader", "signReport", **signing(city, 7))
    assert (refusal["rule"], refusal["article"]) == ("restricted_clues_explained_apart", "14")
    assert office(city) == office_before


def test_the_reason_for_a_restricted_clue_is_the_leaders_alone(city: Any, office_before: str) -> None:
    """Art. 14: given inside the restriction; no count of it anywhere else."""
    ids = city.ids
    given = {"reason": "已直接报告", "omittedOn": city.ago(8)}
    refusal = city.refused("team-leader", "omitRestrictedClue", clue=ids["c1"], **given)
    assert (refusal["rule"], refusal["article"]) == ("only_restricted_clues_explained_apart", "14")
    for subject in ("team-deputy", "team-member", "other-leader"):
        hidden, absent = (
            city.do(subject, "omitRestrictedClue", clue=which, **given) for which in (ids["c3"], f"clue:{NOBODYS}")
        )
        assert hidden == absent, subject
    city.done("team-leader", "omitRestrictedClue", clue=ids["c3"], **given)
    again = city.refused("team-leader", "signReport", **signing(city, 7), once_more="one is missing")
    assert again["rule"] == "restricted_clues_explained_apart"
    city.done("team-leader", "omitRestrictedClue", clue=ids["c4"], **given)
    city.settle()
    rows = city.rows("team-leader", "restrictedOmissions", "clue reason { text } steps { power }")
    assert {(r["clue"], r["reason"]["text"]) for r in rows} == {(ids["c3"], "已直接报告"), (ids["c4"], "已直接报告")}
    assert rows[0]["steps"] == [{"power": "closing"}]
    for subject in ("team-deputy", "team-registrar", "team-member"):
        assert city.rows(subject, "restrictedOmissions") == []
    assert office(city) == office_before


def test_the_signed_report_reaches_the_office_without_its_sources(city: Any, office_before: str) -> None:
    """Art. 16: within five working days of the end; problems, causes, suggestions, clues as they were reported."""
    ids = city.ids
    unit = unit_answers(city)
    city.done("team-leader", "signReport", **signing(city, 7), once_more="now all is there")
    city.settle()
    assert city.rows("team-leader", "reports", "status draft signedOn") == [
        {"status": "signed", "draft": 7, "signedOn": city.ago(8)}
    ]
    assert office(city) == office_before
    given = {"inspection": ids[TOWN], "recipients": [ids[DIRECTOR]], "submittedOn": city.ago(7)}
    for subject in ("team-member", "other-leader"):
        assert code(city.do(subject, "submitReport", **given)) == "NOT_FOUND"
    assert city.refused("team-deputy", "submitReport", **given)["rule"] == "reported_by_the_leader"
    assert city.refused("team-leader", "submitReport", **given)["rule"] == "attached_clues_reported_first"
    city.done("team-leader", "reportClue", clue=ids["c1"], reportedOn=city.ago(8), report="上报内容")
    for wrong in ("office-clerk", "town-clerk", "town-head"):
        refusal = city.refused("team-leader", "submitReport", **{**given, "recipients": [ids[wrong]]})
        assert refusal["rule"] == "delivered_to_named_persons", wrong
    paper = {"doer": ids["team-leader"], "paperReference": "某组〔示例〕4号"}
    for subject in ("office-clerk", "town-clerk"):  # the clue attached concerns the one, the unit the other
        hidden, absent = (
            city.do(subject, "submitReport", audience="office", circumstances=paper, **{**given, "inspection": which})
            for which in (ids[TOWN], f"inspection:{NOBODYS}")
        )
        assert hidden == absent, subject
        assert code(hidden) == "NOT_FOUND"
    city.done("team-leader", "submitReport", **given, once_more="now")
    city.settle()
    (row,) = city.rows(DIRECTOR, "reports", REPORT)
    assert row["problems"][0]["problem"] == ids["first"]
    assert row["problems"][0]["suggestion"]["text"] == "意见建议"
    assert row["clues"] == [{"clue": ids["c1"], "report": {"text": "上报内容"}}]
    assert row["omissions"] == [{"clue": ids["c2"], "reason": {"text": "查无实据"}}]
    assert row["materials"][0]["content"]["text"] == "专题材料"
    text = json.dumps(row)
    assert not [name for name in ("p1", "p2", "p3", "c3", "c4", "c5") if ids[name] in text]
    assert city.rows("office-clerk", "reports") == [], "a clue attached concerns the clerk"
    assert city.rows("town-clerk", "reports", audience="office") == [], "who holds a post in the unit does not read it"
    assert unit_answers(city) == unit


def test_the_duty_is_met_on_the_day_of_submission(city: Any) -> None:
    """Art. 16: five working days, counted from the end of the inspection."""
    fields = "id reportDue { deadline dueOn state metOn article owedBy owedTo }"
    for subject in (DIRECTOR, "team-member"):
        (row,) = (r for r in city.rows(subject, "inspections", fields) if r["id"] == city.ids[TOWN])
        due = row["reportDue"]
        assert (due["metOn"], due["article"], due["owedTo"]) == (city.ago(7), "16", "office")
        assert due["state"] == ("met" if due["dueOn"] >= city.ago(7) else "met_late")


def test_what_was_submitted_changes_no_more_and_is_supplemented(city: Any) -> None:
    """Art. 16 (c): a correction stands beside it, with its reason."""
    ids = city.ids
    asked = {"inspection": ids[TOWN], "overview": "x", "savedOn": city.ago(6)}
    assert city.refused("team-leader", "saveDraft", **asked)["rule"] == "inspection_report_submitted_once"
    given = {
        "inspection": ids[TOWN],
        "reason": "后续发现",
        "text": "更正内容",
        "problems": [found(problem=ids["first"], text="更正的问题", sources=[ids["p3"]])],
        "recipients": [ids[DIRECTOR]],
        "supplementedOn": city.ago(6),
    }
    assert city.refused("team-deputy", "supplementReport", **given)["rule"] == "reported_by_the_leader"
    assert code(city.do("team-member", "supplementReport", **given)) == "NOT_FOUND"
    city.done("team-leader", "supplementReport", **given)
    city.settle()
    (row,) = city.rows(DIRECTOR, "reports", REPORT)
    assert row["problems"][0]["text"]["text"] == "问题原文"
    (supplement,) = row["supplements"]
    assert (supplement["reason"]["text"], supplement["problems"][0]["text"]["text"]) == ("后续发现", "更正的问题")
    assert ids["p3"] not in json.dumps(row)
    assert city.rows("team-leader", "reports", "status supplements { text { text } }") == [
        {"status": "submitted", "supplements": [{"text": {"text": "更正内容"}}]}
    ]
    assert city.rows("team-registrar", "reports") == []


def test_the_office_enters_a_report_from_paper_and_learns_of_no_restricted_clue(city: Any) -> None:
    """Art. 14, 28: doer and reference stand beside it; what is restricted is asked of the leader in person only."""
    ids = city.ids
    inspection = ids["bureau/inspection"]
    hidden = ids["b1"]
    city.done("other-leader", "endInspection", inspection=inspection, endedOn=city.ago(10))
    meet(city, "bureau", "other-leader")
    paper = {"circumstances": {"doer": ids["other-leader"], "paperReference": "某组〔示例〕3号"}}
    asked = {"inspection": inspection, "overview": "概况", "noProblems": "未发现问题", "savedOn": city.ago(9)}
    city.done(DIRECTOR, "saveDraft", **asked, clues=[hidden], **paper)
    restrict(city, hidden, "bureau")
    first, second = ({"inspection": inspection, "draft": n, "signedOn": city.ago(8)} for n in (1, 2))
    live = city.refused("other-leader", "signReport", **first)
    assert live["rule"] == "nothing_restricted_in_the_report"
    assert code(city.do(DIRECTOR, "signReport", **first, **paper)) == "NOT_FOUND"
    city.done(DIRECTOR, "saveDraft", **asked, **paper)
    live = city.refused("other-leader", "signReport", **second)
    assert live["rule"] == "restricted_clues_explained_apart"
    city.done(DIRECTOR, "signReport", **second, **paper)
    submit = {"inspection": inspection, "recipients": [ids[DIRECTOR]], "submittedOn": city.ago(7)}
    city.done(DIRECTOR, "submitReport", **submit, **paper)
    city.settle()
    (row,) = (r for r in city.rows(DIRECTOR, "reports", REPORT) if r["inspection"] == inspection)
    assert hidden not in json.dumps(row)
    assert row["noProblems"]["text"] == "未发现问题"
    (step,) = row["steps"]
    assert (step["doer"], step["recorder"], step["fromPaper"]) == (ids["other-leader"], ids[DIRECTOR], True)
    verbs = city.ask(DIRECTOR, "{ __schema { mutationType { fields { name } } } }")["__schema"]["mutationType"]
    assert {"name": "signReport"} in verbs["fields"]
    assert {"name": "omitRestrictedClue"} not in verbs["fields"]


def test_a_clue_reported_directly_after_the_report_is_gone_from_its_omissions(city: Any) -> None:
    """Art. 14, ADR 21: an omission that stands in no list of the office's would tell of it."""
    ids = city.ids
    (before,) = (r for r in city.rows(DIRECTOR, "reports", REPORT) if r["inspection"] == ids[TOWN])
    assert [omission["clue"] for omission in before["omissions"]] == [ids["c2"]]
    special = {"addressee": ids["group-head"], "specialCircumstances": "涉及巡查办", "report": "直接报告"}
    city.done("team-leader", "reportDirectly", clue=ids["c2"], reportedOn=city.ago(5), **special)
    city.settle()
    (after,) = (r for r in city.rows(DIRECTOR, "reports", REPORT) if r["inspection"] == ids[TOWN])
    assert ids["c2"] not in {r["id"] for r in city.rows(DIRECTOR, "clues")}
    assert after == {**before, "omissions": []}
