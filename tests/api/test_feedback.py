"""Feedback through GraphQL: proposed and given by the leader, approved by the office, received by the unit.

The meeting of the team is put into the ledger directly.
"""

import json
from typing import Any

import pytest
from tests.api.closing import (
    DIRECTOR,
    TOWN,
    draft,
    found,
    meet,
    recorded,
    recorded_in,
    sign_and_submit,
    unit_answers,
)

NOBODYS = "inspection:00000000-0000-4000-8000-000000000000"
FEEDBACK = (
    "id inspection status overview { text } opinions { problem category text { text } opinion { text } }"
    " points { item problem category text { text } } reason { text } recipients proposedOn decidedOn givenOn"
    " receivedOn serviceRecordedOn serviceReason { text } steps { kind doer recorder capacity power }"
)
UNIT = (
    "id inspection unit status overview { text } points { item category text { text } opinion { text } } recipients"
    " givenOn receivedOn serviceRecordedOn serviceReason { text } steps { kind doer }"
)
ENROLLED = {"town-leader": "unit_leader", "town-contact": "unit_contact"}


@pytest.fixture(scope="module")
def city(application: Any) -> Any:
    """Both inspections ended, both reports with the office; two more people of the town."""
    c = application.city
    c.found()
    c.begin()
    ids = c.ids
    for subject, post in ENROLLED.items():
        c.enrol(subject)
        c.done(DIRECTOR, "appoint", person=ids[subject], body=ids["town"], post=post, fromOn=c.ago(200))
    ids["town-clerk"] = c.enrol("town-clerk")
    for body, post in (("office", "office_clerk"), ("town", "unit_leader")):
        c.done(DIRECTOR, "appoint", person=ids["town-clerk"], body=ids[body], post=post, fromOn=c.ago(200))
    ids["p1"] = c.petition(1)
    for unit, leader in (("town", "team-leader"), ("bureau", "other-leader")):
        c.done(leader, "endInspection", inspection=ids[f"{unit}/inspection"], endedOn=c.ago(20))
        meet(c, unit, leader, 19)
    early = {"inspection": ids[TOWN], "overview": "反馈", "proposedOn": c.ago(19)}
    assert c.refused("team-leader", "proposeFeedback", **early)["rule"] == "feedback_rests_on_the_report"
    draft(c, on=19, problems=[found(sources=[ids["p1"]]), found("integrity_discipline")])
    draft(c, "other-leader", "bureau", 19, problems=[found()])
    sign_and_submit(c, 1, on=18)
    sign_and_submit(c, 1, "other-leader", "bureau", on=18)
    c.settle()
    for row in c.rows(DIRECTOR, "reports", "inspection problems { problem }"):
        unit = "town" if row["inspection"] == ids[TOWN] else "bureau"
        ids |= {f"{unit}/problem{n}": p["problem"] for n, p in enumerate(row["problems"])}
    return c


def code(answer: Any) -> str:
    return str(answer.json()["data"]["done"].get("code"))


def proposal(city: Any, unit: str = "town", **changes: Any) -> dict[str, Any]:
    opinion = {"problem": city.ids[f"{unit}/problem0"], "text": "反馈的问题", "opinion": "整改意见"}
    given = {"inspection": city.ids[f"{unit}/inspection"], "overview": "反馈概况", "opinions": [opinion]}
    return {**given, "proposedOn": city.ago(16), **changes}


def decision(city: Any, approved: bool = True, unit: str = "town", **changes: Any) -> dict[str, Any]:
    return {"inspection": city.ids[f"{unit}/inspection"], "approved": approved, "decidedOn": city.ago(16), **changes}


def giving(city: Any, *recipients: str, unit: str = "town", **changes: Any) -> dict[str, Any]:
    persons = [city.ids[r] for r in recipients or (f"{unit}-head",)]
    return {"inspection": city.ids[f"{unit}/inspection"], "recipients": persons, "givenOn": city.ago(16), **changes}


def test_the_leader_proposes_what_is_fed_back(city: Any) -> None:
    """Art. 6(3), 18: each opinion linked to a problem of the report that reached the office."""
    ids = city.ids
    unit = unit_answers(city)
    assert city.refused("team-deputy", "proposeFeedback", **proposal(city))["rule"] == "signed_by_the_leader"
    for subject in ("team-member", "team-registrar", "other-leader"):
        hidden, absent = (
            city.do(subject, "proposeFeedback", **proposal(city, inspection=which)) for which in (ids[TOWN], NOBODYS)
        )
        assert hidden == absent, subject
        assert code(hidden) == "NOT_FOUND"
    other = [{"problem": ids["bureau/problem0"], "text": "x", "opinion": "x"}]
    refusal = city.refused("team-leader", "proposeFeedback", **proposal(city, opinions=other))
    assert (refusal["rule"], refusal["article"]) == ("feedback_follows_the_report", "18")
    city.done("team-leader", "proposeFeedback", **proposal(city))
    city.settle()
    (row,) = city.rows(DIRECTOR, "feedback", FEEDBACK)
    assert (row["status"], row["opinions"][0]["category"]) == ("proposed", "organisational_discipline")
    assert ids["p1"] not in json.dumps(row)
    assert city.rows("town-clerk", "feedback", audience="office") == [], "who holds a post in the unit does not read it"
    assert [len(city.rows(s, "feedback")) for s in ("team-leader", "team-deputy", "team-member", "other-leader")] == [
        *(1, 1, 0, 0)
    ]
    assert unit_answers(city) == unit


def test_the_office_decides_and_sends_back_with_a_reason(city: Any) -> None:
    """Art. 18: its director or deputy director; nobody with a post in the unit; the unit learns nothing of it."""
    unit = unit_answers(city)
    for subject in ("office-clerk", "group-head"):
        refusal = city.refused(subject, "decideFeedback", **decision(city))
        assert (refusal["rule"], refusal["article"]) == ("feedback_decided_by_who_may", "18"), subject
    assert code(city.do(DIRECTOR, "decideFeedback", **decision(city, inspection=NOBODYS))) == "NOT_FOUND"
    assert city.refused(DIRECTOR, "decideFeedback", **decision(city, False))["rule"] == (
        "feedback_sent_back_with_a_reason"
    )
    assert city.refused("team-leader", "giveFeedback", **giving(city))["rule"] == "feedback_given_after_approval"
    city.done(DIRECTOR, "decideFeedback", **decision(city, False, reason="意见须具体"))
    assert city.refused(DIRECTOR, "decideFeedback", **decision(city))["rule"] == "feedback_awaits_decision"
    city.settle()
    (row,) = city.rows("team-leader", "feedback", FEEDBACK)
    assert (row["status"], row["reason"]["text"]) == ("sent_back", "意见须具体")
    city.done("team-leader", "proposeFeedback", **proposal(city, overview="反馈概况，二稿"))
    city.done(DIRECTOR, "decideFeedback", **decision(city), once_more="of the second")
    city.settle()
    (row,) = city.rows(DIRECTOR, "feedback", FEEDBACK)
    assert (row["status"], row["reason"], row["overview"]["text"]) == ("approved", None, "反馈概况，二稿")
    assert [s["kind"].split(".")[1] for s in row["steps"]] == ["proposed", "decided", "proposed", "decided"]
    assert unit_answers(city) == unit


def test_the_unit_learns_of_it_when_it_is_given_and_only_what_was_fed_back(city: Any) -> None:
    """Art. 18: to the leadership body, its head among them; no problem of the report, no source."""
    ids = city.ids
    before = unit_answers(city)
    for recipients in (("town-leader",), ("town-head", "town-contact"), ("bureau-head",)):
        refusal = city.refused("team-leader", "giveFeedback", **giving(city, *recipients))
        assert refusal["rule"] == "feedback_to_the_leadership_body", recipients
    assert city.refused("team-deputy", "giveFeedback", **giving(city))["rule"] == "signed_by_the_leader"
    assert code(city.do("other-leader", "giveFeedback", **giving(city))) == "NOT_FOUND"
    assert unit_answers(city) == before
    city.done("team-leader", "giveFeedback", **giving(city, "town-head", "town-leader"), once_more="approved")
    city.settle()
    (row,) = city.rows("town-head", "feedback", UNIT)
    assert (row["status"], row["overview"]["text"]) == ("given", "反馈概况，二稿")
    (point,) = row["points"]
    assert (point["text"]["text"], point["opinion"]["text"]) == ("反馈的问题", "整改意见")
    assert point["item"].startswith("item:")
    assert row["steps"] == [{"kind": "feedback.given.v1", "doer": ids["team-leader"]}]
    text = json.dumps(row)
    assert not [name for name in ("town/problem0", "town/problem1", "p1") if ids[name] in text]
    assert "problem:" not in text
    assert city.rows("bureau-head", "feedback") == []
    (row,) = city.rows("team-leader", "feedback", FEEDBACK)
    assert (row["points"][0]["problem"], row["points"][0]["item"]) == (ids["town/problem0"], point["item"])
    after = unit_answers(city)
    assert [a == b for a, b in zip(before, after, strict=True)] == [True, False, True, False, True]


def test_the_unit_receives_it_and_owes_two_reports_within_the_month(city: Any) -> None:
    """Art. 18, 19: received by the head or the contact; the rectification is open in the same act."""
    ids = city.ids
    given = {"inspection": ids[TOWN], "receivedOn": city.ago(15)}
    refusal = city.refused("town-leader", "receiveFeedback", audience="unit", **given)
    assert (refusal["rule"], refusal["article"]) == ("feedback_received_for_the_unit", "18")
    hidden, absent = (
        city.do("bureau-head", "receiveFeedback", **{**given, "inspection": i}) for i in (ids[TOWN], NOBODYS)
    )
    assert hidden == absent
    early = {**given, "receivedOn": city.ago(17)}
    assert city.refused("town-head", "receiveFeedback", **early)["rule"] == "feedback_receipt_not_before_given"
    waiting = {"inspection": ids[TOWN], "reason": "未签收", "recordedOn": city.ago(15)}
    assert city.refused("office-clerk", "recordFeedbackService", **waiting)["rule"] == (
        "feedback_service_after_its_period"
    )
    assert code(city.do("town-clerk", "recordFeedbackService", audience="office", **waiting)) == "NOT_FOUND"
    city.done("town-contact", "receiveFeedback", audience="unit", **given)
    assert city.refused("town-head", "receiveFeedback", **given)["rule"] == "feedback_awaits_receipt"
    city.settle()
    for subject in ("town-head", "team-leader", DIRECTOR):
        (row,) = (r for r in city.rows(subject, "feedback", "inspection status receivedOn"))
        assert (row["status"], row["receivedOn"]) == ("received", city.ago(15)), subject
    fact = recorded(city, TOWN, "feedback", "feedback.received.v1")
    assert fact["report"] == fact["heads_report"]
    assert (fact["report"]["deadline"], fact["report"]["trigger"]) == ("rectification_report", "feedback_received")
    opened = recorded(city, TOWN, "rectification", "rectification.opened.v1")
    (point,) = city.rows("town-head", "feedback", UNIT)[0]["points"]
    assert [(i["item"], i["category"]) for i in opened["items"]] == [(point["item"], point["category"])]
    assert (opened["received_on"], opened["report"], opened["heads_report"]) == (
        *(city.ago(15), fact["report"], fact["heads_report"]),
    )
    assert recorded_in(city, "feedback.received.v1") == recorded_in(city, "rectification.opened.v1")


def test_everything_is_entered_from_paper_and_service_stands_for_a_receipt_that_never_came(city: Any) -> None:
    """Art. 19 (c), 28: the office records service after three working days; the month is counted from then."""
    ids = city.ids
    leader = {"circumstances": {"doer": ids["other-leader"], "paperReference": "某组〔示例〕5号"}}
    head = {"circumstances": {"doer": ids["bureau-head"], "paperReference": "某局〔示例〕1号"}}
    bureau = ids["bureau/inspection"]
    city.done(DIRECTOR, "proposeFeedback", **proposal(city, "bureau"), **leader)
    receipt = {"inspection": bureau, "receivedOn": city.ago(16)}
    assert city.refused(DIRECTOR, "receiveFeedback", **receipt, **head)["rule"] == "feedback_awaits_receipt"
    city.done(DIRECTOR, "decideFeedback", **decision(city, unit="bureau"))
    city.done(DIRECTOR, "giveFeedback", **giving(city, unit="bureau"), **leader)
    recorded_ = {"inspection": bureau, "reason": "多次催告未签收", "recordedOn": city.ago(0)}
    for subject in ("bureau-head", "other-leader"):
        fields = city.ask(subject, "{ __schema { mutationType { fields { name } } } }")
        assert "recordFeedbackService" not in json.dumps(fields)
    city.done("office-clerk", "recordFeedbackService", **recorded_)
    fact = recorded(city, "bureau/inspection", "feedback", "feedback.service-recorded.v1")
    assert fact["report"]["trigger"] == "service_recorded"
    opened = recorded(city, "bureau/inspection", "rectification", "rectification.opened.v1")
    assert opened["received_on"] == city.ago(0)
    city.settle()
    (row,) = city.rows("bureau-head", "feedback", UNIT)
    assert (row["status"], row["serviceReason"]["text"]) == ("service_recorded", "多次催告未签收")
    city.done(DIRECTOR, "receiveFeedback", **{**receipt, "receivedOn": city.ago(1)}, **head)
    late = recorded(city, "bureau/inspection", "feedback", "feedback.received.v1")
    assert "report" not in late
    assert recorded(city, "bureau/inspection", "rectification", "rectification.opened.v1") == opened
    city.settle()
    (row,) = (r for r in city.rows(DIRECTOR, "feedback", FEEDBACK) if r["inspection"] == bureau)
    first = row["steps"][0]
    assert (first["doer"], first["recorder"]) == (ids["other-leader"], ids[DIRECTOR])
    assert (first["capacity"], first["power"]) == ("team", "closing")
