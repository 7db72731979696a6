"""The work on site through GraphQL: meeting, ways, documents, inquiry, suggestion; who does it and who reads of it.

Articles 7, 12, 13, 15, 23, 25(2). What the unit can get is compared before and after all that it must not know of.
"""

from typing import Any

import pytest

DIRECTOR = "office-director"
TEAM = (
    "team-leader",
    "team-deputy",
    "team-registrar",
    "team-member",
    "team-undeclared",
    "team-recused",
    "other-leader",
)
UNITS_OWN = (
    "{ bodies { items { id } } inspections { items { id status steps { id kind } } }"
    " documentRequests { items { id what { text } status steps { id kind } } next }"
    " suggestions { items { id text { text } status steps { id kind } } next } }"
)
NOBODYS = "00000000-0000-4000-8000-000000000000"


@pytest.fixture(scope="module")
def city(application: Any) -> Any:
    """Two teams at work; a petition instructed on, a clue, and one about the leader and the director."""
    c = application.city
    c.found()
    c.enrol("unit-leader")
    ids = c.ids
    ids["unit-leader/post"] = c.done(
        DIRECTOR, "appoint", person=ids["unit-leader"], body=ids["town"], post="unit_leader", fromOn="2000-01-01"
    )
    ids["gone"] = c.enrol("unit-gone")
    for until, name in ((c.ago(400), "gone"), (c.ago(5000), "long-gone")):
        ids[f"unit-{name}"] = ids.get(f"unit-{name}") or c.enrol(f"unit-{name}")
        c.done(
            DIRECTOR,
            "appoint",
            person=ids[f"unit-{name}"],
            body=ids["town"],
            post="unit_leader",
            fromOn="2000-01-01",
            untilOn=until,
        )
    c.begin()
    for name in ("p1", "p2"):
        ids[name] = c.petition(int(name[1:]))
        c.instruct(ids[name])
    ids["clue"] = c.clue(ids["p2"])
    ids["p3"] = c.petition(3)
    c.instruct(ids["p3"])
    ids["about"] = c.clue(ids["p3"], concerned=[ids["team-leader"], ids[DIRECTOR]])
    c.settle()
    return c


def readers(city: Any, view: str, id_: str, field: str = "id") -> set[str]:
    """Who of the team reads a row."""
    return {s for s in TEAM if id_ in {row[field] for row in city.rows(s, view, field)}}


def hidden(city: Any, subject: str, verb: str, field: str, id_: str, **given: Any) -> None:
    """What is there and what is not get the same bytes."""
    absent = f"{id_.partition(':')[0]}:{NOBODYS}"
    there, nowhere = (city.do(subject, verb, **{**given, field: which}) for which in (id_, absent))
    assert there.json()["data"]["done"]["code"] == "NOT_FOUND", there.json()
    assert there == nowhere


def unit_sees(city: Any) -> bytes:
    city.settle()
    answer = city.post("town-head", {"query": UNITS_OWN})
    assert answer.status == 200
    return bytes(answer.body)


# --- the team affairs meeting ----------------------------------------------------------------------------------


def test_a_meeting_is_read_by_who_was_there_and_who_leads_and_never_by_the_office(city: Any) -> None:
    """Article 7: never the office before the file is handed over."""
    meeting = city.meet("staff")
    behind = city.meet("in_depth_inquiry", city.ids["p1"], heldOn=city.ago(33))
    city.settle()
    there = {"team-leader", "team-deputy", "team-member"}
    assert readers(city, "meetings", meeting, "meeting") == there
    assert readers(city, "meetings", behind, "meeting") == there
    fields = "meeting kind about inspection subject { text } attendees"
    (row,) = (r for r in city.rows("team-deputy", "meetings", fields) if r["meeting"] == behind)
    assert row == {
        "meeting": behind,
        "kind": "in_depth_inquiry",
        "about": city.ids["p1"],
        "inspection": city.ids["town/inspection"],
        "subject": {"text": "议题"},
        "attendees": [city.ids["team-leader"], city.ids["team-member"]],
    }


def test_what_a_meeting_may_not_do_is_refused(city: Any) -> None:
    """Articles 6(1), 7, 23."""
    ids = city.ids
    given = {
        "team": ids["town/team"],
        "attendees": [ids["team-leader"]],
        "items": [{"kind": "staff", "subject": "x", "conclusion": "x"}],
        "heldOn": city.ago(30),
    }
    about = [{"kind": "in_depth_inquiry", "about": ids["p1"], "subject": "x", "conclusion": "x"}]
    refusals = {
        "meeting_led_by_the_leader": city.refused("team-member", "holdMeeting", **given),
        "meeting_item_known": city.refused(
            "team-leader", "holdMeeting", **{**given, "items": [{"kind": "games", "subject": "x", "conclusion": "x"}]}
        ),
        "meeting_leader_attends": city.refused(
            "team-leader", "holdMeeting", **{**given, "attendees": [ids["team-deputy"]]}
        ),
    }
    assert {name: r["rule"] for name, r in refusals.items()} == {name: name for name in refusals}
    for stranger in ("other-leader", "group-head", "town-head", "team-undeclared"):
        attendees = [ids["team-leader"], ids[stranger]]
        found = city.refused("team-leader", "holdMeeting", **{**given, "items": about, "attendees": attendees})
        assert found["rule"] == "meeting_of_the_team", stranger


def test_a_meeting_about_what_one_may_not_know_of_is_as_one_about_nothing(city: Any) -> None:
    """Articles 3 (c), 7, 23: another team's, and a clue about the leader."""
    ids = city.ids
    bureau = city.petition(1, unit="bureau") if "other-registrar" in ids else None
    for about in (ids["about"], ids["bureau/inspection"], *([bureau] if bureau else ())):
        there, nowhere = (
            city.do(
                "team-leader",
                "holdMeeting",
                team=ids["town/team"],
                attendees=[ids["team-leader"]],
                items=[{"kind": "in_depth_inquiry", "about": which, "subject": "x", "conclusion": "x"}],
                heldOn=city.ago(30),
            )
            for which in (about, f"{about.partition(':')[0]}:{NOBODYS}")
        )
        assert there.json()["data"]["done"]["code"] == "NOT_FOUND"
        assert there == nowhere
    hidden(city, "other-leader", "holdMeeting", "team", ids["town/team"], attendees=[], items=[], heldOn=city.ago(30))


def test_an_item_about_a_person_of_the_team_is_withheld_from_them(city: Any) -> None:
    """Article 3 (c): the deputy leads the meeting, the leader reads nothing of it."""
    ids = city.ids
    item = [{"kind": "matter_to_report", "about": ids["about"], "subject": "x", "conclusion": "x"}]
    given = {"team": ids["town/team"], "items": item, "heldOn": city.ago(30)}
    found = city.refused("team-deputy", "holdMeeting", attendees=[ids["team-deputy"], ids["team-leader"]], **given)
    assert found["rule"] == "meeting_of_the_team"
    meeting = city.done("team-deputy", "holdMeeting", attendees=[ids["team-deputy"], ids["team-member"]], **given)
    city.settle()
    assert readers(city, "meetings", meeting, "meeting") == {"team-deputy", "team-member"}


# --- the ways --------------------------------------------------------------------------------------------------


def test_an_interview_is_read_by_who_held_it_and_who_leads_and_its_source_by_nobody(city: Any) -> None:
    """Article 12(2); promises.md §5.1: a source's identity is in no row."""
    activity = city.interview()
    city.settle()
    assert readers(city, "activities", activity) == {"team-leader", "team-deputy", "team-registrar", "team-member"}
    fields = "id way place { text } staff member record { text } outcome { text } departures"
    row = next(r for r in city.rows("team-registrar", "activities", fields) if r["id"] == activity)
    assert row["record"]["text"] == "谈话记录甲"
    assert row["departures"] == []
    with city.database.connect() as connection:
        rows = connection.execute("SELECT row::text FROM shelf.team_activities").fetchall()
    assert rows
    for (text,) in rows:
        assert "others" not in text
        assert "identity" not in text


def test_who_may_not_put_an_activity_on_record(city: Any) -> None:
    """Articles 5, 12, 23."""
    ids = city.ids
    given = {
        "inspection": ids["town/inspection"],
        "way": "visit_below",
        "place": "x",
        "staff": [ids["team-member"]],
        "outcome": "x",
        "heldOn": city.ago(20),
    }
    assert city.refused("team-registrar", "recordActivity", **given)["rule"] == "recorded_by_who_took_part"
    assert city.refused("team-undeclared", "recordActivity", **given)["rule"] == "recusal_declared_first"
    early = {**given, "heldOn": city.ago(45)}
    assert city.refused("team-member", "recordActivity", **early)["rule"] == "within_the_power"
    for staff in ("other-member", "team-undeclared", "town-head"):
        found = city.refused("team-leader", "recordActivity", **{**given, "staff": [ids[staff]]})
        assert (found["rule"], found["path"]) == ("staff_at_work_at_the_unit", "staff"), staff
    found = city.refused("team-leader", "recordActivity", **{**given, "way": "divination"})
    assert (found["code"], found["path"]) == ("ILL_FORMED", "way")
    found = city.refused("team-leader", "recordActivity", **{**given, "way": "other_approved"})
    assert found["rule"] == "way_rests_on_decision"
    hidden(city, "other-member", "recordActivity", "inspection", **{**given, "id_": given.pop("inspection")})


def test_a_single_interviewer_needs_a_reason_and_the_office_hears_that_but_no_more(city: Any) -> None:
    """Article 12(2): soft; flagged to the office."""
    ids = city.ids
    alone = {"staff": [ids["team-member"]], "heldOn": city.ago(29)}
    given = {
        "inspection": ids["town/inspection"],
        "way": "interview",
        "place": "x",
        "others": [{"name": "谈话对象乙"}],
        "record": "x",
        "outcome": "x",
        **alone,
    }
    assert city.refused("team-member", "recordActivity", **given)["rule"] == "interview_by_enough_staff"
    activity = city.interview(**alone, reason="对方要求单独谈")
    city.settle()
    fields = "id round inspection unit rules happenedOn steps { id kind }"
    (row,) = city.rows(DIRECTOR, "departures", fields)
    assert row["rules"] == ["interview_by_enough_staff"]
    assert row["happenedOn"] == city.ago(29)
    assert activity not in str(row)
    team = next(
        r for r in city.rows("team-leader", "activities", "id departures reason { text }") if r["id"] == activity
    )
    assert (team["departures"], team["reason"]["text"]) == (["interview_by_enough_staff"], "对方要求单独谈")


def test_the_leader_is_told_who_of_the_leadership_body_was_not_talked_with_yet(city: Any) -> None:
    """Article 12(2): with all members; those who left within the period inspected included."""
    ids = city.ids

    def talks(subject: str) -> dict[str, str | None]:
        city.settle()
        rows = city.rows(subject, "talks", "inspection unit members { person post talkedOn untilOn }")
        assert {r["unit"] for r in rows} <= {ids["bureau" if subject == "other-leader" else "town"]}
        return {m["person"]: m["talkedOn"] for r in rows for m in r["members"]}

    before = talks("team-leader")
    everybody = {ids[who] for who in ("town-head", "unit-leader", "unit-gone", "unit-long-gone")}
    assert before == dict.fromkeys(everybody)
    city.interview(member=ids["unit-leader"], others=[], heldOn=city.ago(28))
    city.interview(member=ids["unit-leader"], others=[], heldOn=city.ago(26))
    city.interview(member=ids["unit-gone"], others=[], heldOn=city.ago(27))
    for nobody in ("unit-long-gone", "bureau-head"):
        found = city.refused(
            "team-member",
            "recordActivity",
            inspection=ids["town/inspection"],
            way="interview",
            place="x",
            staff=[ids["team-member"], ids["team-registrar"]],
            member=ids[nobody],
            record="x",
            outcome="x",
            heldOn=city.ago(28),
        )
        assert (found["rule"], found["path"]) == ("member_of_the_leadership_body", "member")
    after = {**before, ids["unit-leader"]: city.ago(28), ids["unit-gone"]: city.ago(27)}
    assert talks("team-leader") == talks("team-deputy") == after
    assert talks("team-member") == {}
    assert talks("other-leader") == {ids["bureau-head"]: None}


# --- documents -------------------------------------------------------------------------------------------------


def test_documents_are_asked_of_the_unit_and_its_answer_is_late_or_not(city: Any) -> None:
    """Articles 12(6), 25(2): the day itself is in time, the day after is late."""
    ids = city.ids
    made = {days: city.request(what=f"材料 {days}", wantedBy=city.ago(30)) for days in (30, 29)}
    city.settle()
    fields = "id status what { text } recipients wantedBy late account { text } reason { text }"
    for days, request in made.items():
        given = {"request": request, "outcome": "partly", "account": "先给一部分", "answeredOn": city.ago(days)}
        assert city.refused("town-head", "answerDocumentRequest", **given)["rule"] == "not_given_for_a_stated_reason"
        city.done("town-head", "answerDocumentRequest", **given, reason="其余外借")
    hidden(city, "bureau-head", "answerDocumentRequest", "request", made[30], outcome="given", account="x",
           answeredOn=city.ago(29))  # fmt: skip
    city.settle()
    for subject in ("town-head", "team-leader", "team-deputy", "team-member"):
        rows = {r["id"]: r for r in city.rows(subject, "documentRequests", fields)}
        assert {days: rows[request]["late"] for days, request in made.items()} == {30: False, 29: True}, subject
        assert {rows[request]["status"] for request in made.values()} == {"partly"}
    assert readers(city, "documentRequests", made[30]) == {"team-leader", "team-deputy", "team-member"}
    assert city.rows("bureau-head", "documentRequests") == []
    given = {"request": made[30], "outcome": "given", "account": "全部提供", "answeredOn": city.ago(28)}
    city.done("town-head", "answerDocumentRequest", **given)
    again = city.refused("town-head", "answerDocumentRequest", **{**given, "account": "又一次"})
    assert again["rule"] == "documents_not_yet_given"
    found = city.refused(
        "team-member",
        "requestDocuments",
        inspection=ids["town/inspection"],
        what="x",
        recipients=[ids["bureau-head"]],
        wantedBy=city.ago(1),
        requestedOn=city.ago(2),
    )
    assert (found["rule"], found["path"]) == ("delivered_to_named_persons", "recipients")


# --- in-depth inquiry ------------------------------------------------------------------------------------------


def test_an_inquiry_follows_the_meeting_that_discussed_it(city: Any) -> None:
    """Articles 7(2), 13: the day before the meeting is too early."""
    ids = city.ids
    given = {
        "inspection": ids["town/inspection"],
        "clues": [ids["clue"]],
        "on": "member",
        "subject": "x",
        "staff": [ids["team-member"]],
        "openedOn": city.ago(24),
    }
    assert city.refused("team-leader", "openInquiry", **given)["rule"] == "inquiry_after_the_meeting"
    city.meet("matter_to_report", ids["clue"], heldOn=city.ago(24))
    early = city.refused("team-leader", "openInquiry", **given, once_more="another kind of item")
    assert early["rule"] == "inquiry_after_the_meeting"
    city.meet("in_depth_inquiry", ids["clue"], heldOn=city.ago(24))
    early = city.refused("team-leader", "openInquiry", **{**given, "openedOn": city.ago(25)})
    assert early["rule"] == "inquiry_after_the_meeting"
    other = city.refused("team-leader", "openInquiry", **{**given, "on": "other"})
    assert (other["rule"], other["support"]) == ("inquiry_into_the_leadership_only", "text")
    assert "no disciplinary review" in other["says"]
    for subject in ("team-member", "team-registrar"):
        assert city.refused(subject, "openInquiry", **given)["rule"] == "inquiry_led_by_the_leader"
    inquiry = ids["inquiry"] = city.inquire(clues=[ids["clue"]], openedOn=city.ago(24))
    city.settle()
    assert readers(city, "inquiries", inquiry) == {"team-leader", "team-deputy", "team-member"}
    done = {"inquiry": inquiry, "findings": "查无实据", "concludedOn": city.ago(20)}
    for subject in ("team-member", "other-leader", "team-registrar"):
        hidden(city, subject, "concludeInquiry", "inquiry", inquiry, findings="x", concludedOn=city.ago(20))
    city.done("team-deputy", "concludeInquiry", **done)
    city.settle()
    (row,) = city.rows("team-member", "inquiries", "status findings { text } clues petitions on")
    assert row == {
        "status": "concluded",
        "findings": {"text": "查无实据"},
        "clues": [ids["clue"]],
        "petitions": [],
        "on": "member",
    }
    hidden_clue = {**given, "clues": [ids["about"]]}
    assert city.refused("team-leader", "openInquiry", **hidden_clue)["code"] == "NOT_FOUND"


def test_whom_an_inquiry_is_about_knows_nothing_of_it_not_even_the_leader(city: Any) -> None:
    """Articles 3 (c), 13: the deputy leader leads it; no meeting the leader holds can speak of it."""
    ids = city.ids
    given = {"team": ids["town/team"], "attendees": [ids["team-deputy"]], "heldOn": city.ago(22)}
    item = {"kind": "in_depth_inquiry", "about": ids["about"], "subject": "x", "conclusion": "x"}
    city.done("team-deputy", "holdMeeting", items=[item], **given)
    opening = {
        "inspection": ids["town/inspection"],
        "clues": [ids["about"]],
        "on": "member",
        "subject": "x",
        "openedOn": city.ago(22),
    }
    found = city.refused("team-deputy", "openInquiry", **opening, staff=[ids["team-leader"]])
    assert found["rule"] == "staff_at_work_at_the_unit"
    inquiry = city.done("team-deputy", "openInquiry", **opening, staff=[ids["team-member"]])
    city.settle()
    assert readers(city, "inquiries", inquiry) == {"team-deputy", "team-member"}
    hidden(city, "team-leader", "concludeInquiry", "inquiry", inquiry, findings="x", concludedOn=city.ago(21))
    there, nowhere = (
        city.do(
            "team-leader",
            "holdMeeting",
            **{**given, "attendees": [ids["team-leader"]]},
            items=[{"kind": "matter_to_report", "about": which, "subject": "x", "conclusion": "x"}],
        )
        for which in (inquiry, f"inquiry:{NOBODYS}")
    )
    assert there.json()["data"]["done"]["code"] == "NOT_FOUND"
    assert there == nowhere


# --- handling suggestion ---------------------------------------------------------------------------------------


def test_a_suggestion_goes_from_the_leader_by_the_office_to_the_unit_and_back(city: Any) -> None:
    """Article 15: the unit gets the approved words, the office no source, and the leader alone signs."""
    ids = city.ids
    given = {
        "inspection": ids["town/inspection"],
        "text": "x",
        "conditions": {"strongPublicReaction": "x", "plainlyAgainstTheRules": "x", "soonSolvable": "x"},
        "proposedOn": city.ago(20),
    }
    assert city.refused("team-deputy", "proposeSuggestion", **given)["rule"] == "suggestion_signed_by_the_leader"
    before = unit_sees(city)
    suggestion = ids["suggestion"] = city.suggest(petitions=[ids["p1"]], clues=[ids["clue"]], proposedOn=city.ago(20))
    assert unit_sees(city) == before
    assert readers(city, "suggestions", suggestion) == {"team-leader", "team-deputy"}
    early = city.refused(
        "team-leader", "makeSuggestion", suggestion=suggestion, recipients=[ids["town-head"]], madeOn=city.ago(20)
    )
    assert early["rule"] == "suggestion_after_approval"
    answer = {"suggestion": suggestion, "account": "x", "answeredOn": city.ago(20)}
    hidden(city, "town-head", "answerSuggestion", "suggestion", suggestion, account="x", answeredOn=city.ago(20))
    decision = {"suggestion": suggestion, "approved": True, "decidedOn": city.ago(19)}
    assert city.refused("office-clerk", "decideSuggestion", **decision)["rule"] == "suggestion_decided_by_who_may"
    city.done(DIRECTOR, "decideSuggestion", **decision)
    assert unit_sees(city) == before
    hidden(city, "team-member", "makeSuggestion", "suggestion", suggestion, recipients=[ids["town-head"]],
           madeOn=city.ago(18))  # fmt: skip
    city.done(
        "team-leader", "makeSuggestion", suggestion=suggestion, recipients=[ids["town-head"]], madeOn=city.ago(18)
    )
    assert unit_sees(city) != before
    (row,) = city.rows("town-head", "suggestions", "id status text { text } recipients madeOn steps { kind }")
    assert row == {
        "id": suggestion,
        "status": "made",
        "text": {"text": "建议退还收费"},
        "recipients": [ids["town-head"]],
        "madeOn": city.ago(18),
        "steps": [{"kind": "suggestion.made.v1"}],
    }
    assert city.rows("bureau-head", "suggestions") == []
    hidden(city, "bureau-head", "answerSuggestion", "suggestion", suggestion, account="x", answeredOn=city.ago(17))
    city.done("town-head", "answerSuggestion", **{**answer, "account": "已退还", "answeredOn": city.ago(17)})
    city.settle()
    for subject in (DIRECTOR, "team-leader", "town-head"):
        row = next(r for r in city.rows(subject, "suggestions", "id status account { text }") if r["id"] == suggestion)
        assert (row["status"], row["account"]["text"]) == ("answered", "已退还")
    with city.database.connect() as connection:
        for view in (
            "office_suggestions",
            "office_suggestions_history",
            "unit_suggestions",
            "unit_suggestions_history",
        ):
            rows = str(connection.execute(f"SELECT row::text FROM shelf.{view}").fetchall())
            assert suggestion in rows
            assert ids["p1"] not in rows
            assert ids["clue"] not in rows
        rows = str(connection.execute("SELECT row::text FROM shelf.unit_suggestions_history").fetchall())
    assert "conditions" not in rows


def test_whom_a_suggestion_is_about_neither_sees_nor_decides_it(city: Any) -> None:
    """Article 3 (c): the director, whom a clue behind it concerns."""
    ids = city.ids
    ids["p4"] = city.petition(4)
    city.instruct(ids["p4"])
    clue = city.clue(ids["p4"], concerned=[ids[DIRECTOR]])
    suggestion = city.suggest(clues=[clue], proposedOn=city.ago(15))
    city.settle()
    assert suggestion in {r["id"] for r in city.rows("office-clerk", "suggestions")}
    assert suggestion not in {r["id"] for r in city.rows(DIRECTOR, "suggestions")}
    hidden(city, DIRECTOR, "decideSuggestion", "suggestion", suggestion, approved=True, decidedOn=city.ago(14))


def test_a_suggestion_not_approved_is_never_known_to_the_unit(city: Any) -> None:
    """Article 15."""
    before = unit_sees(city)
    suggestion = city.suggest(text="另一建议", proposedOn=city.ago(14))
    given = {"suggestion": suggestion, "approved": False, "decidedOn": city.ago(13)}
    assert city.refused(DIRECTOR, "decideSuggestion", **given)["rule"] == "suggestion_declined_with_a_reason"
    city.done(DIRECTOR, "decideSuggestion", **given, reason="尚不成熟")
    assert unit_sees(city) == before
    hidden(city, "town-head", "answerSuggestion", "suggestion", suggestion, account="x", answeredOn=city.ago(13))


# --- from paper, and what the unit learns ------------------------------------------------------------------------


def test_every_act_is_entered_from_paper_by_the_office(city: Any) -> None:
    """Article 28: with the doer and the paper's reference."""
    ids = city.ids

    def paper(doer: str) -> dict[str, Any]:
        return {"circumstances": {"doer": ids[doer], "paperReference": "某组〔示例〕5号"}}

    meeting = city.done(
        "office-clerk",
        "holdMeeting",
        team=ids["town/team"],
        attendees=[ids["team-leader"]],
        items=[{"kind": "in_depth_inquiry", "about": ids["p1"], "subject": "纸质议题", "conclusion": "同意"}],
        heldOn=city.ago(12),
        **paper("team-leader"),
    )
    on = {"inspection": ids["town/inspection"]}
    activity = city.done(
        "office-clerk",
        "recordActivity",
        **on,
        way="visit_below",
        place="某村",
        staff=[ids["team-member"]],
        outcome="了解情况",
        heldOn=city.ago(12),
        **paper("team-member"),
    )
    request = city.done(
        "office-clerk",
        "requestDocuments",
        **on,
        what="合同",
        recipients=[ids["town-head"]],
        wantedBy=city.ago(10),
        requestedOn=city.ago(12),
        **paper("team-member"),
    )
    city.done(
        "office-clerk",
        "answerDocumentRequest",
        request=request,
        outcome="given",
        account="已给",
        answeredOn=city.ago(11),
        **paper("town-head"),
    )
    inquiry = city.done(
        "office-clerk",
        "openInquiry",
        **on,
        petitions=[ids["p1"]],
        on="leadership_body",
        subject="纸质",
        staff=[ids["team-member"]],
        openedOn=city.ago(12),
        **paper("team-leader"),
    )
    city.done(
        "office-clerk",
        "concludeInquiry",
        inquiry=inquiry,
        findings="纸质结论",
        concludedOn=city.ago(11),
        **paper("team-leader"),
    )
    suggestion = city.done(
        "office-clerk",
        "proposeSuggestion",
        **on,
        text="纸质建议",
        conditions={"strongPublicReaction": "x", "plainlyAgainstTheRules": "x", "soonSolvable": "x"},
        proposedOn=city.ago(12),
        **paper("team-leader"),
    )
    city.done(
        "office-clerk",
        "decideSuggestion",
        suggestion=suggestion,
        approved=True,
        decidedOn=city.ago(12),
        **paper(DIRECTOR),
    )
    unknown = {"suggestion": suggestion, "account": "x", "answeredOn": city.ago(12)}
    early = city.refused("office-clerk", "answerSuggestion", **unknown, **paper("town-head"))
    assert early["rule"] == "suggestion_made_before_answered"
    city.done(
        "office-clerk",
        "makeSuggestion",
        suggestion=suggestion,
        recipients=[ids["town-head"]],
        madeOn=city.ago(12),
        **paper("team-leader"),
    )
    city.done("office-clerk", "answerSuggestion", **{**unknown, "account": "纸质答复"}, **paper("town-head"))
    city.settle()
    steps = "id steps { doer recorder fromPaper power capacity reference { text } }"
    for view, id_, power in (
        ("activities", activity, "on_site"),
        ("documentRequests", request, "on_site"),
        ("inquiries", inquiry, "on_site"),
        ("suggestions", suggestion, "on_site"),
    ):
        row = next(r for r in city.rows("team-leader", view, steps) if r["id"] == id_)
        assert {(s["recorder"], s["fromPaper"]) for s in row["steps"]} == {(ids["office-clerk"], True)}
        assert row["steps"][0]["power"] == power
        assert row["steps"][0]["reference"]["text"] == "某组〔示例〕5号"
    assert meeting in {r["meeting"] for r in city.rows("team-leader", "meetings", "meeting")}


def test_the_unit_learns_of_no_meeting_talk_inquiry_or_proposal(city: Any) -> None:
    """promises.md §4: nothing in its rows, ids, orders or errors."""
    before = unit_sees(city)
    ids = city.ids
    city.meet("in_depth_inquiry", ids["p1"], heldOn=city.ago(9))
    city.interview(heldOn=city.ago(9), member=ids["town-head"])
    city.inquire(petitions=[ids["p1"]], openedOn=city.ago(9))
    city.suggest(text="第三建议", petitions=[ids["p1"]], proposedOn=city.ago(9))
    assert unit_sees(city) == before
    with city.database.connect() as connection:
        tables = [t for (t,) in connection.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'shelf' AND tablename LIKE 'unit_%'"
        )]  # fmt: skip
        everything = "".join(
            str(connection.execute(f"SELECT id, ord, readers, row::text FROM shelf.{t}").fetchall()) for t in tables
        )
    assert {"unit_document_requests", "unit_suggestions"} <= set(tables)
    for kind in ("petition:", "clue:", "activity:", "inquiry:", "meeting", "interview"):
        assert kind not in everything, kind


# --- recusal and the end of power ----------------------------------------------------------------------------------


def test_a_recused_person_loses_what_lies_behind_the_unit_and_keeps_the_teams_own(city: Any) -> None:
    """Article 23: today's authority applies to yesterday's data."""
    ids = city.ids
    kept = city.meet("measures_and_stages", heldOn=city.ago(8))
    meetings = {r["meeting"] for r in city.rows("team-member", "meetings", "meeting")}
    assert len(meetings) > 1
    recusal = city.done(
        "team-member",
        "declareRecusal",
        inspection=ids["town/inspection"],
        grounds=["other"],
        statement="x",
        declaredOn=city.ago(1),
    )
    city.done(DIRECTOR, "decideRecusal", recusal=recusal, outcome="upheld", reason="属实", decidedOn=city.ago(1))
    city.settle()
    for view in ("activities", "documentRequests", "inquiries"):
        assert city.rows("team-member", view) == [], view
    left = city.rows("team-member", "meetings", "meeting inspection")
    assert {r["inspection"] for r in left} == {None}
    assert kept in {r["meeting"] for r in left}
    given = {"inspection": ids["town/inspection"], "way": "visit_below", "place": "x", "outcome": "x"}
    gone = city.refused("team-member", "recordActivity", **given, staff=[ids["team-member"]], heldOn=city.ago(0))
    assert gone["code"] == "NOT_FOUND"
    found = city.refused("team-leader", "recordActivity", **given, staff=[ids["team-member"]], heldOn=city.ago(0))
    assert found["rule"] == "staff_at_work_at_the_unit"


def test_with_the_end_of_the_inspection_the_work_on_site_ends(city: Any) -> None:
    """Articles 5 (c), 15: what was done stays readable while the inspection is being closed."""
    ids = city.ids
    open_inquiry = next(r["id"] for r in city.rows("team-leader", "inquiries", "id status") if r["status"] == "opened")
    pending = next(
        r["id"]
        for r in city.rows(DIRECTOR, "suggestions", "id status text { text }")
        if (r["status"], r["text"]["text"]) == ("proposed", "第三建议")
    )
    city.done("team-leader", "endInspection", inspection=ids["town/inspection"], endedOn=city.ago(1))
    city.settle()
    on = {"inspection": ids["town/inspection"]}
    late = city.ago(0)
    given: tuple[tuple[str, dict[str, Any]], ...] = (
        ("recordActivity", {"way": "visit_below", "place": "x", "staff": [ids["team-leader"]], "outcome": "x",
                            "heldOn": late}),
        ("requestDocuments", {"what": "x", "recipients": [ids["town-head"]], "wantedBy": late, "requestedOn": late}),
        ("openInquiry", {"petitions": [ids["p1"]], "on": "member", "subject": "x", "staff": [ids["team-leader"]],
                         "openedOn": late}),
        ("proposeSuggestion", {"text": "x", "proposedOn": late, "conditions": {
            "strongPublicReaction": "x", "plainlyAgainstTheRules": "x", "soonSolvable": "x"}}),
    )  # fmt: skip
    for verb, more in given:
        assert city.refused("team-leader", verb, **on, **more)["rule"] == "within_the_power", verb
    decided = {"suggestion": pending, "approved": True, "decidedOn": late}
    assert city.refused(DIRECTOR, "decideSuggestion", **decided)["rule"] == "suggestion_during_the_inspection"
    city.done("team-leader", "concludeInquiry", inquiry=open_inquiry, findings="x", concludedOn=late)
    for view in ("activities", "talks", "documentRequests", "inquiries", "suggestions", "meetings"):
        assert city.rows("team-leader", view) != [], view


def test_the_unit_may_answer_after_the_end(city: Any) -> None:
    """Article 12(6): the request stands."""
    request = next(r["id"] for r in city.rows("town-head", "documentRequests", "id status") if r["status"] == "partly")
    given = {"request": request, "outcome": "given", "account": "余下已给", "answeredOn": city.ago(0)}
    city.done("town-head", "answerDocumentRequest", **given)


def test_one_who_serves_in_two_teams_brings_neithers_matters_to_the_other(city: Any) -> None:
    """Articles 5, 7: a meeting speaks of its own team's units."""
    ids = city.ids
    city.done(
        "group-head",
        "grantMandate",
        round=ids["round"],
        team=ids["bureau/team"],
        person=ids["team-deputy"],
        duty="member",
        units=[ids["bureau"]],
        fromOn=city.ago(50),
        untilOn=city.ago(-50),
        decidedOn=city.ago(51),
    )
    city.done("team-deputy", "declareRecusal", inspection=ids["bureau/inspection"], declaredOn=city.ago(49))
    activity = city.done(
        "other-leader",
        "recordActivity",
        inspection=ids["bureau/inspection"],
        way="visit_below",
        place="x",
        staff=[ids["team-deputy"]],
        outcome="x",
        heldOn=city.ago(3),
    )
    there, nowhere = (
        city.do(
            "team-deputy",
            "holdMeeting",
            team=ids["town/team"],
            attendees=[ids["team-deputy"]],
            items=[{"kind": "matter_to_report", "about": which, "subject": "x", "conclusion": "x"}],
            heldOn=city.ago(2),
        )
        for which in (activity, f"activity:{NOBODYS}")
    )
    assert there.json()["data"]["done"]["code"] == "NOT_FOUND"
    assert there == nowhere
