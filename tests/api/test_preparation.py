"""Preparation and deliveries through GraphQL: who may do each, who sees which part, and what the unit never learns."""

from typing import Any

import pytest

DIRECTOR = "office-director"
CLERK = "office-clerk"
NOBODYS = "00000000-0000-4000-8000-000000000000"
ROW = "id delivery occasion sender unit replyTo content { text } deliveredOn receivedOn serviceRecordedOn"
WHOLE = "id occasion sender content { text } receipts { person receivedOn } serviceAfter serviceRecordedOn"


@pytest.fixture(scope="module")
def city(application: Any) -> Any:
    """A round under way, with one who serves in the discipline organ and in the town."""
    c = application.city
    c.found()
    then = {"circumstances": {"happenedOn": c.ago(300), "recollected": True}}
    for subject, posts in (
        ("two-posts", (("organ_contact", "discipline"), ("unit_contact", "town"))),
        ("discipline-second", (("organ_contact", "discipline"),)),
    ):
        c.enrol(subject)
        for post, body in posts:
            given = {"person": c.ids[subject], "body": c.ids[body], "post": post, "fromOn": "2000-01-01"}
            c.ids[f"{subject}/post"] = c.done(DIRECTOR, "appoint", **given, **then)
    c.begin()
    return c


def paper(city: Any, doer: str) -> dict[str, Any]:
    return {"doer": city.ids[doer], "paperReference": "某巡〔示例〕2号"}


def ids(city: Any, subject: str, view: str, audience: str | None = None) -> set[str]:
    return {row["id"] for row in city.rows(subject, view, "id", audience)}


def got(city: Any, subject: str, audience: str = "addressee") -> set[str]:
    """The deliveries a person finds at an endpoint that shows each their own part."""
    return {row["delivery"] for row in city.rows(subject, "deliveries", "delivery", audience)}


def unit_sees(city: Any) -> Any:
    """All that the town's head finds at the unit's endpoint."""
    fields = "id status talkedOn noticeOn publication { dueOn } announcedOn steps { id kind }"
    return city.rows("town-head", "inspections", fields), city.rows("town-head", "bodies", "id steps { id }")


def inquiry(city: Any, **changes: Any) -> dict[str, Any]:
    return {
        "occasion": "inquiry_to_organ",
        "team": city.ids["town/team"],
        "about": city.ids["town/inspection"],
        "body": city.ids["discipline"],
        "recipients": [city.ids["discipline-contact"]],
        "content": "请提供该镇班子有关情况",
        "deliveredOn": city.ago(20),
        **changes,
    }


def same_as_nothing(city: Any, subject: str, verb: str, field: str, given: dict[str, Any], audience: str) -> None:
    """What is there and what is not have one answer."""
    at = {"audience": audience, "once_more": audience}
    hidden = city.do(subject, verb, **at, **given)
    absent = city.do(subject, verb, **at, **{**given, field: f"{field}:{NOBODYS}"})
    assert hidden.json()["data"]["done"]["code"] == "NOT_FOUND"
    assert (hidden.status, hidden.headers, hidden.body) == (absent.status, absent.headers, absent.body)


# --- nomination ------------------------------------------------------------------------------------------------


def test_a_leader_nobody_nominated_is_given_no_mandate(city: Any) -> None:
    """Art. 5: nominated by the organisation department, decided by the party committee."""
    c = city
    given = {
        "round": c.ids["round"],
        "team": c.ids["town/team"],
        "person": c.ids["nobody-in-particular"],
        "duty": "leader",
        "units": [c.ids["town"]],
        "fromOn": c.ago(60),
        "untilOn": c.ago(-60),
        "movedToNonLeadingPost": True,
        "decidedOn": c.ago(61),
    }
    refusal = c.refused("party-secretary", "grantMandate", **given)
    assert (refusal["rule"], refusal["article"], refusal["path"]) == ("leader_nominated_first", "5", "person")


def nomination(city: Any, **changes: Any) -> dict[str, Any]:
    return {
        "round": city.ids["round"],
        "person": city.ids["team-deputy"],
        "consultedOn": city.ago(9),
        "consulted": city.ids["discipline"],
        "reason": "拟任组长",
        "nominatedOn": city.ago(8),
        **changes,
    }


def test_the_organisation_department_nominates_and_no_other_organ(city: Any) -> None:
    """Art. 5: on-line or from paper; nobody else may, at any endpoint."""
    refusal = city.refused("discipline-contact", "nominateLeader", **nomination(city))
    assert (refusal["rule"], refusal["article"]) == ("nominated_by_who_may", "5")
    other = city.refused(CLERK, "nominateLeader", circumstances=paper(city, "discipline-contact"), **nomination(city))
    assert other["rule"] == "nominated_by_who_may"
    later = city.refused("organisation-contact", "nominateLeader", **nomination(city, consultedOn=city.ago(7)))
    assert later["rule"] == "consulted_before_nominated"
    wrong = nomination(city, consulted=city.ids["organisation"])
    assert city.refused("organisation-contact", "nominateLeader", **wrong)["rule"] == "consulted_whom_the_edition_names"
    entered = city.done(CLERK, "nominateLeader", circumstances=paper(city, "organisation-contact"), **nomination(city))
    city.settle()
    assert entered in ids(city, "organisation-contact", "nominations")


def test_nominations_are_seen_by_the_heads_the_office_and_who_made_them(city: Any) -> None:
    """promises.md §4: no member of the group, no other organ, and never the nominated."""
    made = {city.ids["team-leader/nomination"], city.ids["other-leader/nomination"]}
    for subject in ("organisation-contact", "group-head", "group-deputy", "party-secretary", DIRECTOR):
        assert ids(city, subject, "nominations") >= made, subject
    for subject in ("group-member", "discipline-contact"):
        assert ids(city, subject, "nominations") == set(), subject
    own = city.done("organisation-contact", "nominateLeader", **nomination(city, person=city.ids["group-deputy"]))
    city.settle()
    assert own in ids(city, "group-head", "nominations")
    assert own not in ids(city, "group-deputy", "nominations")


# --- training and the team's plan ------------------------------------------------------------------------------


def test_a_training_is_seen_by_the_office_and_those_who_attended(city: Any) -> None:
    """Art. 11(3)."""
    given = {"round": city.ids["round"], "subject": "集中培训", "heldOn": city.ago(58)}
    attendees = [city.ids["team-leader"], city.ids["team-member"]]
    strangers = [city.ids["team-member"], city.ids["town-head"]]
    refusal = city.refused(CLERK, "holdTraining", **given, attendees=strangers)
    assert (refusal["rule"], refusal["path"]) == ("training_of_the_rounds_staff", "attendees")
    assert city.refused("ended-clerk", "holdTraining", **given, attendees=attendees)["rule"] == "holds_the_post"
    training = city.done(CLERK, "holdTraining", **given, attendees=attendees)
    city.settle()
    for subject in ("team-leader", "team-member", DIRECTOR):
        assert ids(city, subject, "trainings") == {training}, subject
    for subject in ("team-registrar", "other-leader"):
        assert ids(city, subject, "trainings") == set(), subject


def plan(city: Any, **changes: Any) -> dict[str, Any]:
    return {
        "team": city.ids["town/team"],
        "entries": [{"inspection": city.ids["town/inspection"], "entryOn": city.ago(44)}],
        "priorities": "重点任务",
        "division": "内部职责分工",
        "filedOn": city.ago(52),
        **changes,
    }


def test_the_teams_plan_is_filed_by_its_leader_and_a_later_one_replaces_it(city: Any) -> None:
    """Art. 11(5): filed with the office; the whole team reads it, who is recused from a unit does not."""
    before = unit_sees(city)
    refusal = city.refused("team-deputy", "fileTeamPlan", **plan(city))
    assert refusal["rule"] == "team_plan_of_the_leader"
    first = city.done("team-leader", "fileTeamPlan", **plan(city))
    second = city.done(
        CLERK,
        "fileTeamPlan",
        circumstances=paper(city, "team-leader"),
        **plan(city, priorities="调整后的重点任务", filedOn=city.ago(51)),
    )
    city.settle()
    fields = "id status replacedBy priorities { text } entries { inspection entryOn } steps { kind fromPaper }"
    for subject, view in ((DIRECTOR, "teamPlans"), ("team-member", "plans"), ("team-recused", "plans")):
        rows = {row["id"]: row for row in city.rows(subject, view, fields)}
        assert (rows[first]["status"], rows[first]["replacedBy"]) == ("replaced", second)
        assert (rows[second]["status"], rows[second]["priorities"]["text"]) == ("filed", "调整后的重点任务")
        assert rows[second]["steps"] == [{"kind": "team.plan-filed.v1", "fromPaper": True}]
    assert ids(city, "other-leader", "plans") == set()
    assert unit_sees(city) == before
    same_as_nothing(city, "other-leader", "fileTeamPlan", "team", plan(city), "team")
    foreign = plan(city, entries=[{"inspection": city.ids["bureau/inspection"], "entryOn": city.ago(44)}])
    assert city.refused("team-leader", "fileTeamPlan", **foreign)["code"] == "NOT_FOUND"


# --- deliveries within the team and from the office ------------------------------------------------------------


def information(city: Any, *to: str, **changes: Any) -> dict[str, Any]:
    return {
        "round": city.ids["round"],
        "occasion": "information_to_team",
        "team": city.ids["town/team"],
        "about": city.ids["town/inspection"],
        "recipients": [city.ids[subject] for subject in to],
        "content": "抄送有关情况",
        "deliveredOn": city.ago(40),
        **changes,
    }


def test_information_goes_to_named_staff_and_is_read_in_the_team_only(city: Any) -> None:
    """Art. 11(4): by recipient, leader and deputy while the power lives; never as a letter that stays with a person."""
    before = unit_sees(city)
    made = city.done(CLERK, "deliver", **information(city, "team-member"))
    wide = city.done(CLERK, "deliver", **information(city, "team-registrar", about=None))
    city.settle()
    for subject, seen in (
        ("team-member", {made}),
        ("team-leader", {made, wide}),
        ("team-deputy", {made, wide}),
        ("team-registrar", {wide}),
        ("team-undeclared", set()),
        ("other-leader", set()),
    ):
        assert ids(city, subject, "deliveries") == seen, subject
        assert got(city, subject) == set(), subject
    assert ids(city, DIRECTOR, "deliveries") >= {made, wide}
    assert unit_sees(city) == before
    received = {"delivery": made, "receivedOn": city.ago(39)}
    for subject, audience in (("team-registrar", "team"), ("other-member", "team"), ("team-member", "addressee")):
        same_as_nothing(city, subject, "acknowledgeDelivery", "delivery", received, audience)
    city.done("team-member", "acknowledgeDelivery", **received, once_more="in the team")
    assert city.refused("team-member", "acknowledgeDelivery", **received, once_more="1")["rule"] == (
        "delivery_received_once"
    )
    city.settle()
    row = next(r for r in city.rows(DIRECTOR, "deliveries", WHOLE) if r["id"] == made)
    assert row["receipts"] == [{"person": city.ids["team-member"], "receivedOn": city.ago(39)}]


def test_information_does_not_go_to_who_is_of_no_team_or_recused(city: Any) -> None:
    """Art. 5, 11(4), 23: a live mandate in the team, and no recusal from the unit it is about."""
    for to in ("other-member", "town-head", "discipline-contact"):
        refusal = city.refused(CLERK, "deliver", **information(city, to))
        assert (refusal["rule"], refusal["path"]) == ("recipients_fit_the_occasion", "recipients"), to
    given = {"recusal": city.ids["recusal"], "outcome": "upheld", "reason": "属实", "decidedOn": city.ago(45)}
    before = city.done(CLERK, "deliver", **information(city, "team-recused", deliveredOn=city.ago(46)))
    city.settle()
    plans = ids(city, "team-recused", "plans")
    assert plans
    city.done(DIRECTOR, "decideRecusal", **given)
    assert ids(city, "team-recused", "deliveries") == set()
    assert ids(city, "team-recused", "plans") == set()
    for about in (city.ids["town/inspection"], None):
        refusal = city.refused(CLERK, "deliver", **information(city, "team-recused", about=about))
        assert refusal["rule"] == "recipients_fit_the_occasion"
    same_as_nothing(
        city, "team-recused", "acknowledgeDelivery", "delivery", {"delivery": before, "receivedOn": city.ago(1)}, "team"
    )


def test_only_who_the_edition_names_makes_a_delivery(city: Any) -> None:
    """Art. 11(4), 11(5): the occasion says whose it is."""
    refusal = city.refused("team-leader", "deliver", **information(city, "team-member"))
    assert (refusal["rule"], refusal["path"]) == ("delivery_made_by_who_may", "occasion")
    assert city.refused(CLERK, "deliver", **inquiry(city))["rule"] == "delivery_made_by_who_may"
    assert city.refused(CLERK, "deliver", **inquiry(city, occasion="planted"))["path"] == "occasion"
    for subject in ("other-leader", "team-recused"):
        assert city.refused(subject, "deliver", **inquiry(city))["code"] == "NOT_FOUND", subject
    undeclared = city.refused("team-undeclared", "deliver", **inquiry(city))
    assert undeclared["rule"] == "recusal_declared_first"


# --- inquiry and answer ----------------------------------------------------------------------------------------


def test_an_inquiry_is_answered_by_who_was_asked_and_goes_back_to_the_asking_team(city: Any) -> None:
    """Art. 11(5): each request and answer on record; the office does not see what they say, nor does the unit."""
    c, before = city, unit_sees(city)
    asked = c.done("team-member", "deliver", **inquiry(city))
    c.settle()
    assert asked in got(c, "discipline-contact", "organ")
    for subject in ("discipline-second", "organisation-contact", "two-posts"):
        assert asked not in got(c, subject, "organ"), subject
    answer = {
        "occasion": "inquiry_answer",
        "replyTo": asked,
        "recipients": [c.ids["team-member"]],
        "content": "班子有关情况如下",
        "deliveredOn": c.ago(10),
    }
    for subject in ("discipline-second", "organisation-contact"):
        hidden, absent = (
            c.do(subject, "deliver", audience="organ", **{**answer, "replyTo": which})
            for which in (asked, f"delivery:{NOBODYS}")
        )
        assert hidden.json()["data"]["done"]["code"] == "NOT_FOUND"
        assert hidden == absent
    c.done("discipline-contact", "acknowledgeDelivery", delivery=asked, receivedOn=c.ago(19))
    unasked = {**answer, "replyTo": None, "body": c.ids["discipline"]}
    assert c.refused("discipline-contact", "deliver", **unasked)["rule"] == "answer_names_its_inquiry"
    early = {**answer, "deliveredOn": c.ago(21)}
    assert c.refused("discipline-contact", "deliver", **early)["rule"] == "reply_not_before_what_it_replies_to"
    elsewhere = {**answer, "recipients": [c.ids["other-member"]]}
    assert c.refused("discipline-contact", "deliver", **elsewhere)["rule"] == "recipients_fit_the_occasion"
    answered = c.done("discipline-contact", "deliver", **answer)
    c.settle()
    for subject in ("team-member", "team-leader", "team-deputy"):
        rows = {row["id"]: row for row in c.rows(subject, "deliveries", WHOLE)}
        assert rows[answered]["content"]["text"] == "班子有关情况如下"
        assert rows[asked]["receipts"][0]["receivedOn"] == c.ago(19)
    for subject in ("team-registrar", "other-leader"):
        assert not {asked, answered} & ids(c, subject, "deliveries"), subject
    mine = {row["delivery"]: row for row in c.rows("discipline-contact", "deliveries", ROW, "organ")}
    assert (mine[answered]["replyTo"], mine[asked]["receivedOn"]) == (asked, c.ago(19))
    assert not {asked, answered} & ids(c, DIRECTOR, "deliveries")
    assert got(c, "team-member") == set()
    assert unit_sees(c) == before
    record = {"delivery": asked, "recordedOn": c.ago(0), "reason": "x"}
    same_as_nothing(c, CLERK, "recordService", "delivery", record, "office")


def test_nobody_of_the_unit_is_asked_about_it(city: Any) -> None:
    """Art. 11(5) (c): who also serves in the unit concerned is not told of what is asked about it."""
    given = inquiry(city, recipients=[city.ids["two-posts"]])
    refusal = city.refused("team-member", "deliver", **given)
    assert (refusal["rule"], refusal["path"]) == ("delivery_past_the_unit_concerned", "recipients")
    wide = inquiry(city, about=None, recipients=[city.ids["two-posts"]])
    assert city.refused("team-member", "deliver", **wide)["rule"] == "delivery_past_the_unit_concerned"


def test_a_delivery_names_no_petition(city: Any) -> None:
    """Art. 13: whoever is told of it would learn that there is one."""
    refusal = city.refused("team-member", "deliver", **inquiry(city, about=f"petition:{NOBODYS}"))
    assert (refusal["rule"], refusal["article"], refusal["path"]) == ("delivery_about_what_may_be_told", "13", "about")


def test_an_inquiry_entered_from_paper_says_who_asked_and_who_answered(city: Any) -> None:
    """Art. 11(5), 28: the capacity follows from the occasion."""
    asked = city.done(CLERK, "deliver", circumstances=paper(city, "team-leader"), **inquiry(city))
    city.done(
        CLERK,
        "acknowledgeDelivery",
        circumstances=paper(city, "discipline-contact"),
        delivery=asked,
        receivedOn=city.ago(19),
    )
    answered = city.done(
        CLERK,
        "deliver",
        circumstances=paper(city, "discipline-contact"),
        occasion="inquiry_answer",
        replyTo=asked,
        recipients=[city.ids["team-leader"]],
        content="书面答复",
        deliveredOn=city.ago(9),
    )
    city.settle()
    rows = {r["id"]: r for r in city.rows("team-leader", "deliveries", "id sender steps { doer capacity fromPaper }")}
    first, second = rows[asked]["steps"]
    assert (first["doer"], first["capacity"], first["fromPaper"]) == (city.ids["team-leader"], "team", True)
    assert (second["doer"], second["capacity"]) == (city.ids["discipline-contact"], "addressee")
    assert rows[answered]["sender"] == "organ"
    assert rows[answered]["steps"][0]["capacity"] == "organ"


def test_what_is_delivered_about_a_unit_is_gone_when_the_power_is(city: Any) -> None:
    """Art. 5: an ended mandate ends the view; today's authority applies to yesterday's data."""
    c = city
    made = c.done(CLERK, "deliver", **information(c, "team-ended"))
    wide = c.done(CLERK, "deliver", **information(c, "team-ended", about=None))
    c.settle()
    assert ids(c, "team-ended", "deliveries") == {made, wide}
    mandate = {"round": c.ids["round"], "mandate": c.ids["team-ended/mandate"], "endedOn": c.ago(1), "reason": "x"}
    c.done("group-head", "endMandate", **mandate)
    assert ids(c, "team-ended", "deliveries") == set()
    assert got(c, "team-ended") == set()
    given = {"delivery": made, "receivedOn": c.ago(2)}
    same_as_nothing(c, "team-ended", "acknowledgeDelivery", "delivery", given, "team")


# --- to persons ------------------------------------------------------------------------------------------------


def test_city_leaders_and_group_heads_find_what_was_told_them_in_person(city: Any) -> None:
    """Art. 18, 20: a delivery each, read and acknowledged at the addressee's endpoint; nobody else's shows."""
    c, before = city, unit_sees(city)
    informed = c.done(
        "team-leader",
        "deliver",
        **inquiry(c, occasion="city_leaders_informed", body=None, recipients=[c.ids["city-leader"]], content="通报"),
    )
    wrong = inquiry(c, occasion="city_leaders_informed", body=None, recipients=[c.ids["group-member"]])
    assert c.refused("team-leader", "deliver", **wrong)["rule"] == "recipients_fit_the_occasion"
    report = {
        "round": c.ids["round"],
        "occasion": "report_to_group",
        "recipients": [c.ids["group-head"], c.ids["group-deputy"]],
        "content": "整改情况报告",
        "deliveredOn": c.ago(15),
    }
    reported = c.done(CLERK, "deliver", **report)
    for member in ("group-member", "party-secretary"):
        no = c.refused(CLERK, "deliver", **{**report, "recipients": [c.ids[member]]})
        assert no["rule"] == "recipients_fit_the_occasion"
    c.settle()
    assert got(c, "city-leader") == {informed}
    assert got(c, "group-head") == got(c, "group-deputy") == {reported}
    for subject in ("group-member", "party-secretary", "town-head", "team-leader", "nobody-in-particular"):
        assert got(c, subject) == set(), subject
    for subject in ("group-head", "town-head"):
        given = {"delivery": informed, "receivedOn": c.ago(14)}
        same_as_nothing(c, subject, "acknowledgeDelivery", "delivery", given, "addressee")
    elsewhere = {"delivery": reported, "receivedOn": c.ago(14)}
    for audience in ("team", "organ", "office"):
        same_as_nothing(c, "group-deputy", "acknowledgeDelivery", "delivery", elsewhere, audience)
    c.done("group-head", "acknowledgeDelivery", audience="addressee", delivery=reported, receivedOn=c.ago(14))
    c.settle()
    (own,) = c.rows("group-head", "deliveries", f"{ROW} steps {{ kind }}", "addressee")
    assert (own["content"]["text"], own["sender"], own["receivedOn"]) == ("整改情况报告", "office", c.ago(14))
    (others,) = c.rows("group-deputy", "deliveries", f"{ROW} steps {{ kind }}", "addressee")
    assert (others["receivedOn"], len(others["steps"])) == (None, 1)
    assert unit_sees(c) == before


def test_what_went_to_a_post_is_gone_with_the_post(city: Any) -> None:
    """Art. 3: told as one of a body, it is read while one serves there."""
    (told,) = got(city, "city-leader")
    given = {"person": city.ids["city-leader"], "appointment": city.ids["city-leader/post"], "endedOn": city.ago(1)}
    city.done(DIRECTOR, "endAppointment", **given)
    assert got(city, "city-leader") == set()
    for day in (0, 5):
        received = {"delivery": told, "receivedOn": city.ago(day)}
        same_as_nothing(city, "city-leader", "acknowledgeDelivery", "delivery", received, "addressee")


def test_results_and_liaison_go_to_organs_of_the_class_the_edition_names(city: Any) -> None:
    """Art. 22, 29."""
    c = city
    results = {
        "round": c.ids["round"],
        "occasion": "results_to_organisation",
        "about": c.ids["town"],
        "body": c.ids["organisation"],
        "recipients": [c.ids["organisation-contact"]],
        "content": "巡查结果",
        "deliveredOn": c.ago(6),
    }
    made = c.done(CLERK, "deliver", **results)
    wrong = {**results, "body": c.ids["discipline"], "recipients": [c.ids["discipline-contact"]]}
    assert c.refused(CLERK, "deliver", **wrong)["rule"] == "delivery_names_its_body"
    told = c.done("team-leader", "deliver", **inquiry(c, occasion="liaison", content="向联系室反馈"))
    not_theirs = inquiry(c, occasion="liaison", body=c.ids["organisation"], recipients=[c.ids["organisation-contact"]])
    assert c.refused("team-leader", "deliver", **not_theirs)["rule"] == "delivery_names_its_body"
    c.settle()
    (row,) = (r for r in c.rows("organisation-contact", "deliveries", ROW, "organ") if r["delivery"] == made)
    assert (row["occasion"], row["unit"]) == ("results_to_organisation", c.ids["town"])
    assert told in got(c, "discipline-contact", "organ")
    assert told in got(c, "discipline-contact", "addressee")
    assert told not in ids(c, DIRECTOR, "deliveries")


def test_a_person_of_the_unit_gets_a_letter_in_person_and_the_units_tables_do_not_change(city: Any) -> None:
    """promises.md §4: what is delivered to a person is no matter of the unit's."""
    c, before = city, unit_sees(city)
    letter = {
        "round": c.ids["round"],
        "occasion": "other",
        "body": c.ids["town"],
        "recipients": [c.ids["town-head"]],
        "content": "请于某日到会",
        "deliveredOn": c.ago(12),
    }
    made = c.done(CLERK, "deliver", **letter)
    c.settle()
    (row,) = c.rows("town-head", "deliveries", ROW, "addressee")
    assert (row["delivery"], row["content"]["text"], row["receivedOn"]) == (made, "请于某日到会", None)
    assert got(c, "bureau-head") == set()
    early = {"delivery": made, "recordedOn": c.ago(11), "reason": "未见签收"}
    refusal = c.refused(CLERK, "recordService", **early)
    assert (refusal["rule"], refusal["path"]) == ("service_recorded_after_the_period", "recordedOn")
    late = {**early, "recordedOn": c.ago(0)}
    assert c.refused("ended-clerk", "recordService", **late)["rule"] == "holds_the_post"
    c.done(CLERK, "recordService", **late)
    assert c.refused(CLERK, "recordService", **late, once_more="1")["rule"] == "service_of_what_was_not_acknowledged"
    c.done("town-head", "acknowledgeDelivery", audience="addressee", delivery=made, receivedOn=c.ago(0))
    c.settle()
    (row,) = c.rows("town-head", "deliveries", ROW, "addressee")
    assert (row["serviceRecordedOn"], row["receivedOn"]) == (c.ago(0), c.ago(0))
    assert unit_sees(c) == before


def test_a_reply_to_the_office_reaches_the_office(city: Any) -> None:
    """Art. 4(2): the office sees what it made, what it got, and the replies to it."""
    c = city
    asked = c.done(
        CLERK,
        "deliver",
        round=c.ids["round"],
        occasion="other",
        body=c.ids["discipline"],
        recipients=[c.ids["discipline-contact"]],
        content="请协调",
        deliveredOn=c.ago(7),
    )
    reply = {
        "occasion": "other",
        "replyTo": asked,
        "body": c.ids["office"],
        "recipients": [c.ids["office-clerk"]],
        "content": "已协调",
        "deliveredOn": c.ago(6),
    }
    made = c.done("discipline-contact", "deliver", **reply)
    c.settle()
    rows = {row["id"]: row for row in c.rows(DIRECTOR, "deliveries", WHOLE)}
    assert (rows[made]["sender"], rows[made]["content"]["text"]) == ("organ", "已协调")
    assert got(c, "office-clerk") == {made}
    for missing, path in (({**reply, "body": None}, "body"), ({**reply, "round": f"round:{NOBODYS}"}, None)):
        assert c.refused("discipline-contact", "deliver", **missing)["path"] == path


# --- notice and announcement -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def served(city: Any) -> Any:
    """A second round: a notice served on a station, and nobody acknowledges it."""
    c = city
    then = {"circumstances": {"happenedOn": c.ago(300), "recollected": True}}
    c.ids["station"] = c.done(DIRECTOR, "registerBody", name="某站", category="public_institution", **then)
    for subject in ("station-head", "station-leader"):
        c.enrol(subject)
    head = {"person": c.ids["station-head"], "body": c.ids["station"], "post": "unit_head", "fromOn": "2000-01-01"}
    c.done(DIRECTOR, "appoint", **head, **then)
    c.ids["round 2"] = round_ = c.done(CLERK, "openRound", year=c.origin.year, number=2, title="第二轮")
    dates = {"fromOn": c.ago(60), "untilOn": c.ago(-60), "inspectedFrom": c.ago(1200), "submittedOn": c.ago(63)}
    c.done(CLERK, "submitPlan", round=round_, tasks="巡查", units=[{"unit": c.ids["station"]}], **dates)
    c.done("group-head", "approvePlan", round=round_, approvedOn=c.ago(62))
    formed = {"round": round_, "name": "第二组", "units": [c.ids["station"]], "decidedOn": c.ago(61)}
    c.ids["station/team"] = c.done("group-head", "formTeam", **formed)
    leader = c.ids["station-leader"]
    c.done("organisation-contact", "nominateLeader", **nomination(c, round=round_, person=leader, consultedOn=c.ago(63),
                                                                  nominatedOn=c.ago(62)))  # fmt: skip
    c.done(
        DIRECTOR,
        "grantMandate",
        circumstances=paper(c, "party-secretary"),
        round=round_,
        team=c.ids["station/team"],
        person=leader,
        duty="leader",
        units=[c.ids["station"]],
        fromOn=c.ago(60),
        untilOn=c.ago(-120),
        decidedOn=c.ago(61),
        movedToNonLeadingPost=True,
    )
    c.settle()
    (row,) = c.rows("station-leader", "inspections", "id", "team")
    c.ids["station/inspection"] = row["id"]
    return c


def notice(city: Any, **changes: Any) -> dict[str, Any]:
    return {
        "inspection": city.ids["station/inspection"],
        "talkedOn": city.ago(31),
        "servedOn": city.ago(30),
        "recipients": [city.ids["station-head"]],
        "content": "通知书",
        "fromOn": city.ago(20),
        "untilOn": city.ago(-60),
        **changes,
    }


def announcement(city: Any, **changes: Any) -> dict[str, Any]:
    return {
        "inspection": city.ids["station/inspection"],
        "text": "巡查公告",
        "telephone": "示例号码",
        "mailbox": "示例信箱",
        "opensAt": "2026-01-05T09:00:00+08:00",
        "closesAt": "2026-02-05T17:30:00+08:00",
        "publishedOn": city.ago(29),
        **changes,
    }


def test_the_talk_comes_before_the_notice_and_the_announcement_after_it(served: Any) -> None:
    """Art. 11(6), 11(7)."""
    c = served
    early = c.refused("station-leader", "publishAnnouncement", audience="team", **announcement(c))
    assert (early["rule"], early["article"]) == ("announced_after_notice", "11(7)")
    late = c.refused("station-leader", "serveNotice", audience="team", **notice(c, talkedOn=c.ago(29)))
    assert (late["rule"], late["article"], late["path"]) == ("talked_before_notice", "11(6)", "talkedOn")
    same_as_nothing(
        c,
        "station-head",
        "receiveNotice",
        "inspection",
        {"inspection": c.ids["station/inspection"], "receivedOn": c.ago(30)},
        "unit",
    )
    c.done("station-leader", "serveNotice", audience="team", **notice(c))
    c.settle()
    (row,) = c.rows("station-head", "inspections", "id talkedOn noticeOn", "unit")
    assert (row["talkedOn"], row["noticeOn"]) == (c.ago(31), c.ago(30))


def test_the_announcement_is_seen_by_unit_team_and_office_to_the_minute(served: Any) -> None:
    """Art. 11(7): by the leader, in preparation or on site; also from paper."""
    c = served
    for wrong, path in (
        ({"opensAt": "2026-01-05T09:00:01+08:00"}, "opensAt"),
        ({"closesAt": "2026-02-05T17:30:00"}, "closesAt"),
    ):
        found = c.refused("station-leader", "publishAnnouncement", audience="team", **announcement(c, **wrong))
        assert (found["code"], found["path"]) == ("ILL_FORMED", path)
    c.done("station-leader", "publishAnnouncement", audience="team", **announcement(c), once_more="served by now")
    fields = "id announcement { text } telephone { text } mailbox { text } opensAt closesAt announcedOn"
    c.settle()
    for subject, audience in (("station-head", "unit"), ("station-leader", "team"), (DIRECTOR, "office")):
        row = next(
            r for r in c.rows(subject, "inspections", fields, audience) if r["id"] == c.ids["station/inspection"]
        )
        assert row["announcement"]["text"] == "巡查公告"
        assert (row["telephone"]["text"], row["mailbox"]["text"]) == ("示例号码", "示例信箱")
        assert row["opensAt"] == "2026-01-05T01:00:00+00:00"
        assert row["announcedOn"] == c.ago(29)
    same_as_nothing(c, "other-leader", "publishAnnouncement", "inspection", announcement(c), "team")
    again = announcement(c, telephone="更正的示例号码")
    c.done(CLERK, "publishAnnouncement", circumstances=paper(c, "station-leader"), **again)
    c.settle()
    (row,) = c.rows("station-head", "inspections", "telephone { text }", "unit")
    assert row["telephone"]["text"] == "更正的示例号码"


def test_an_undeclared_leader_announces_nothing_once_on_site(city: Any) -> None:
    """Art. 23 (c): on-site power needs the declaration; what preparation allows ended with entry."""
    refusal = city.refused("team-undeclared", "publishAnnouncement", **{
        **announcement(city), "inspection": city.ids["town/inspection"],
    })  # fmt: skip
    assert refusal["rule"] == "recusal_declared_first"


def test_without_a_receipt_the_office_records_service_and_publication_is_counted_from_it(served: Any) -> None:
    """Art. 11(6) (c): hard before the period is over; the due date says from which it counts; the unit sees it."""
    c = served
    own = {"inspection": c.ids["station/inspection"]}
    publish = {**own, "publishedOn": c.ago(20), "account": "已公布"}
    assert c.refused("station-head", "publishNotice", audience="unit", **publish)["rule"] == "received_before_published"
    record = {**own, "recordedOn": c.ago(21), "reason": "未见签收"}
    early = c.refused(CLERK, "recordNoticeService", **{**record, "recordedOn": c.ago(29)})
    assert (early["rule"], early["path"]) == ("service_recorded_after_the_period", "recordedOn")
    c.done(CLERK, "recordNoticeService", **record)
    again = c.refused(CLERK, "recordNoticeService", **record, once_more="1")
    assert again["rule"] == "service_of_what_was_not_acknowledged"
    c.settle()
    fields = "serviceRecordedOn receivedOn publication { dueOn state why metOn }"
    (row,) = c.rows("station-head", "inspections", fields, "unit")
    assert (row["serviceRecordedOn"], row["receivedOn"]) == (c.ago(21), None)
    due = row["publication"]["dueOn"]
    assert (
        "未见签收，巡查办记录送达" in row["publication"]["why"][0] or "recorded service" in row["publication"]["why"][0]
    )
    c.done("station-head", "receiveNotice", audience="unit", **own, receivedOn=c.ago(20))
    c.done("station-head", "publishNotice", audience="unit", **publish, once_more="served by now")
    c.settle()
    (row,) = c.rows("station-head", "inspections", fields, "unit")
    assert (row["receivedOn"], row["publication"]["dueOn"]) == (c.ago(20), due)
    assert (row["publication"]["state"], row["publication"]["metOn"]) == ("met", c.ago(20))
