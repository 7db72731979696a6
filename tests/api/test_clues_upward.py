"""From a clue to what becomes of it: the team heard, transfers served, urged, returned, early; petitions passed on
(Art. 13, 15, 17), through the real API."""

from typing import Any

import pytest

DIRECTOR = "office-director"
NOBODYS = "00000000-0000-4000-8000-000000000000"


@pytest.fixture(scope="module")
def city(application: Any) -> Any:
    """A city at work, with a clue on a cadre of the city and one on a cadre the unit manages."""
    c = application.city
    c.found()
    c.begin()
    c.ids["p1"] = c.petition(1)
    c.instruct(c.ids["p1"])
    c.ids["city clue"] = c.clue(c.ids["p1"])
    c.ids["unit clue"] = c.clue("", petitions=[], managed="unit", text="线索原文", concerned=[c.ids["group-deputy"]])
    return c


def row(city: Any, subject: str, view: str, id_: str, fields: str) -> Any:
    """A row as a person sees it, or None."""
    city.settle()
    return next((r for r in city.rows(subject, view, f"id {fields}") if r["id"] == id_), None)


def the_units(city: Any) -> tuple[Any, ...]:
    """All that the unit is answered: it must not change whatever is done here."""
    city.settle()
    fields = "id status publication { state } steps { id kind }"
    return (city.rows("town-head", "inspections", fields), city.rows("town-head", "bodies"))


# --- during the inspection (Art. 15) ---------------------------------------------------------------------------------


def asked(city: Any, clue: str, organ: str = "discipline", on: int = 30) -> dict[str, Any]:
    return {"clue": city.ids[clue], "organ": city.ids[organ], "reason": "请及时移交", "proposedOn": city.ago(on)}


def test_only_a_clue_on_a_cadre_the_unit_manages_goes_during_the_inspection(city: Any) -> None:
    """Art. 15: at the leader's request, to discipline or political-legal organs; the rule is named."""
    for subject, given, rule in (
        ("team-leader", asked(city, "city clue"), "city_managed_never_transferred_early"),
        ("team-leader", asked(city, "unit clue", "organisation"), "early_route"),
        ("team-deputy", asked(city, "unit clue"), "reported_by_the_leader"),
        ("team-leader", asked(city, "unit clue", on=36), "early_transfer_after_registration"),
    ):
        no = city.refused(subject, "proposeEarlyTransfer", **given)
        assert (no["code"], no["rule"]) == ("REFUSED", rule)
    for subject in ("team-registrar", "team-member", "other-leader", "team-recused"):
        no = city.refused(subject, "proposeEarlyTransfer", **asked(city, "unit clue"))
        assert no["code"] == "NOT_FOUND", subject
    no = city.refused("team-leader", "proposeEarlyTransfer", **{**asked(city, "unit clue"), "organ": city.ids["town"]})
    assert (no["code"], no["path"]) == ("ILL_FORMED", "organ")


def test_the_office_approves_it_and_transfers_it_and_the_organ_returns_it(city: Any) -> None:
    """Art. 15: by whom the edition names; before the leading group has heard of anything."""
    ids, ago = city.ids, city.ago
    unit = the_units(city)
    clue = ids["unit clue"]
    city.done("team-leader", "proposeEarlyTransfer", **asked(city, "unit clue"))
    deciding = {"clue": clue, "decidedOn": ago(29)}
    no = city.refused("office-clerk", "decideEarlyTransfer", approved=True, **deciding)
    assert no["rule"] == "early_transfer_decided_by_who_may"
    no = city.refused("group-head", "decideEarlyTransfer", approved=True, **deciding)
    assert no["rule"] == "early_transfer_decided_by_who_may"
    no = city.refused(DIRECTOR, "decideEarlyTransfer", approved=False, **deciding)
    assert (no["rule"], no["path"]) == ("refusal_gives_its_reason", "reason")
    given = {"item": clue, "recipients": [ids["discipline-contact"]], "material": "移交材料", "transferredOn": ago(28)}
    assert city.refused("office-clerk", "transferItem", once_more="soon", **given)["rule"] == (
        "transfer_after_decision"
    )
    city.done(DIRECTOR, "decideEarlyTransfer", approved=False, reason="材料不足", **deciding)
    assert row(city, "team-leader", "earlyTransfers", clue, "status answer { text }") == {
        "id": clue, "status": "not_approved", "answer": {"text": "材料不足"}
    }  # fmt: skip
    paper = {"doer": ids["team-leader"], "paperReference": "某组请〔示例〕1号"}
    city.done("office-clerk", "proposeEarlyTransfer", circumstances=paper, **asked(city, "unit clue", on=29))
    city.done(DIRECTOR, "decideEarlyTransfer", approved=True, **deciding)
    transfer = city.done("office-clerk", "transferItem", **given)
    no = city.refused("office-clerk", "transferItem", once_more="again", **given)
    assert no["rule"] == "transferred_once"
    found = row(city, "discipline-contact", "transfers", transfer, "status disposalClass material { text }")
    assert found == {"id": transfer, "status": "made", "disposalClass": None, "material": {"text": "移交材料"}}
    for subject, view in ((DIRECTOR, "earlyTransfers"), ("team-leader", "earlyTransfers"), (DIRECTOR, "clues")):
        assert row(city, subject, view, clue, "status")["status"] == "transferred", (subject, view)
    for subject in ("team-member", "team-registrar", "other-leader"):
        assert city.rows(subject, "earlyTransfers") == [], subject
    assert city.rows("group-head", "items") == []
    office = row(city, DIRECTOR, "transfers", transfer, "basis item")
    assert office == {"id": transfer, "basis": "early", "item": clue}
    city.done("discipline-contact", "receiveTransfer", transfer=transfer, receivedOn=ago(27))
    due = "status answerDue { dueOn state }"
    assert row(city, "discipline-contact", "transfers", transfer, due)["answerDue"]["state"] in ("open", "overdue")
    back = {"transfer": transfer, "reason": "不属本机关管辖", "returnedOn": ago(26)}
    city.done("discipline-contact", "returnTransfer", **back)
    for subject, view in ((DIRECTOR, "earlyTransfers"), ("team-leader", "earlyTransfers"), (DIRECTOR, "clues")):
        assert row(city, subject, view, clue, "status")["status"] == "returned", (subject, view)
    assert the_units(city) == unit


def test_what_went_early_and_came_back_is_disposed_of_like_any_other(city: Any) -> None:
    """Art. 15, 17: it was transferred once, and is reported and decided on after all."""
    clue = city.ids["unit clue"]
    city.done("team-leader", "reportClue", clue=clue, reportedOn=city.ago(30), report="上报内容")
    assert row(city, DIRECTOR, "clues", clue, "status firstKnownOn")["firstKnownOn"] == city.ago(36)
    no = city.refused("group-deputy", "decideDisposal", item=clue, disposalClass="conduct",
                      organ=city.ids["discipline"], decidedOn=city.ago(20))  # fmt: skip
    assert no["code"] == "NOT_FOUND", "one the clue concerns"


# --- the team is heard, and what was transferred comes back (Art. 17) -------------------------------------------------


def proposal(city: Any, clue: str, on: int, **more: Any) -> dict[str, Any]:
    given = {
        "disposalClass": "cadre_discipline",
        "organ": city.ids["discipline"],
        "paper": "议题材料",
        "reason": "属其职责",
    }
    return {"item": city.ids[clue], "summoned": [city.ids["group-member"]], "proposedOn": city.ago(on), **given, **more}


def test_a_disposal_is_proposed_only_after_the_team_was_heard(city: Any) -> None:
    """Art. 17: on the same day or before, from somebody of the team; the account stays with the office."""
    ids, ago = city.ids, city.ago
    city.done("team-leader", "reportClue", clue=ids["city clue"], reportedOn=ago(30), report="上报内容")
    no = city.refused("office-clerk", "proposeDisposal", once_more="soon", **proposal(city, "city clue", 28))
    assert (no["rule"], no["article"], no["support"]) == ("team_heard_first", "17", "text")
    hearing = {"inspection": ids["town/inspection"], "account": "汇报内容", "heardOn": ago(29)}
    for attendees in ([], [ids["office-clerk"]], [ids["team-leader"], ids["group-head"]], [ids["other-leader"]]):
        no = city.refused("office-clerk", "hearTeam", attendees=attendees, **hearing)
        assert no["rule"] == "heard_from_the_team", attendees
    early = {**hearing, "heardOn": ago(45)}
    assert city.refused("office-clerk", "hearTeam", attendees=[ids["team-leader"]], **early)["rule"] == (
        "heard_after_entry"
    )
    made = city.hear()
    outsider = proposal(city, "city clue", 28, summoned=[ids["group-member"], ids["office-clerk"]])
    no = city.refused("office-clerk", "proposeDisposal", once_more="summons", **outsider)
    assert (no["rule"], no["path"]) == ("only_members_are_summoned", "summoned.1")
    assert row(city, DIRECTOR, "hearings", made, "heardOn account { text }")["account"]["text"] == "汇报内容"
    no = city.refused("office-clerk", "proposeDisposal", **proposal(city, "city clue", 30))
    assert no["rule"] == "team_heard_first"
    no = city.refused("office-clerk", "proposeDisposal", **{**proposal(city, "city clue", 28), "item": ids["p1"]})
    assert (no["code"], no["path"]) == ("ILL_FORMED", "item")
    problem = {**proposal(city, "city clue", 28), "item": f"problem:{NOBODYS}"}
    assert city.refused("office-clerk", "proposeDisposal", **problem)["code"] == "NOT_FOUND"


def test_what_an_organ_returns_is_proposed_decided_and_transferred_anew(city: Any) -> None:
    """Art. 17 (c): with its reason, before its answer; the leading group sees it again."""
    ids, ago = city.ids, city.ago
    unit = the_units(city)
    clue = ids["city clue"]
    first = ids["first"] = city.dispose(clue)
    back = {"transfer": first, "reason": "应由组织部门办理", "returnedOn": ago(20)}
    no = city.refused("organisation-contact", "returnTransfer", **back)
    assert no["code"] == "NOT_FOUND"
    paper = {"doer": ids["discipline-contact"], "paperReference": "某纪退〔示例〕1号"}
    city.done("office-clerk", "returnTransfer", circumstances=paper, **back)
    for subject in (DIRECTOR, "discipline-contact"):
        found = row(city, subject, "transfers", first, "status returnedOn objection { text } answerDue { dueOn }")
        assert found == {
            "id": first, "status": "returned", "returnedOn": ago(20), "objection": {"text": "应由组织部门办理"},
            "answerDue": None,
        }, subject  # fmt: skip
    for verb, given in (
        ("receiveTransfer", {"receivedOn": ago(19)}),
        ("answerTransfer", {"handling": "filing_a_case", "account": "x", "answeredOn": ago(19)}),
        ("returnTransfer", {"reason": "x", "returnedOn": ago(19)}),
    ):
        no = city.refused("discipline-contact", verb, transfer=first, **given)
        assert no["rule"] == "transfer_not_returned", verb
    assert row(city, "group-head", "items", clue, "status")["status"] == "returned"
    assert row(city, DIRECTOR, "disposals", clue, "status returnedOn") == {
        "id": clue, "status": "returned", "returnedOn": ago(20)
    }  # fmt: skip
    again = {"disposalClass": "appointments", "organ": ids["organisation"]}
    no = city.refused("office-clerk", "proposeDisposal", **proposal(city, "city clue", 21, **again))
    assert no["rule"] == "proposal_not_before_return"
    city.done("office-clerk", "proposeDisposal", **proposal(city, "city clue", 19, **again))
    no = city.refused("office-clerk", "proposeDisposal", once_more="x", **proposal(city, "city clue", 19, **again))
    assert no["rule"] == "one_proposal_at_a_time"
    assert row(city, "group-member", "items", clue, "status")["status"] == "awaiting_decision"
    city.done("group-head", "decideDisposal", item=clue, **again, decidedOn=ago(18))
    given = {
        "item": clue,
        "recipients": [ids["organisation-contact"]],
        "material": "移交材料",
        "transferredOn": ago(17),
    }
    ids["second"] = city.done("office-clerk", "transferItem", **given)
    found = row(city, DIRECTOR, "disposals", clue, "status transfer organ steps { kind }")
    assert (found["status"], found["transfer"], found["organ"]) == ("transferred", ids["second"], ids["organisation"])
    kinds = [step["kind"].split(".")[1] for step in found["steps"]]
    assert kinds == ["proposed", "decided", "carried-out", "returned", "proposed", "decided", "carried-out"]
    assert the_units(city) == unit


def test_without_a_receipt_the_office_records_service_and_the_answer_is_due_from_there(city: Any) -> None:
    """Art. 17 (c): once the period is over; the due date says from which it counts; a later receipt moves nothing."""
    ids, ago = city.ids, city.ago
    serving = {"transfer": ids["second"], "account": "已送达其收发室"}
    no = city.refused("office-clerk", "recordTransferService", recordedOn=ago(17), **serving)
    assert no["rule"] == "transfer_served_after_the_period"
    no = city.refused(
        "office-clerk", "recordTransferService", recordedOn=ago(5), **{**serving, "transfer": ids["first"]}
    )
    assert no["rule"] == "transfer_not_returned"
    city.done("office-clerk", "recordTransferService", recordedOn=ago(5), **serving)
    no = city.refused("office-clerk", "recordTransferService", recordedOn=ago(4), **serving)
    assert no["rule"] == "service_recorded_without_receipt"
    fields = "status serviceRecordedOn service { text } answerDue { dueOn why state }"
    before = row(city, "organisation-contact", "transfers", ids["second"], fields)
    assert (before["status"], before["serviceRecordedOn"]) == ("service_recorded", ago(5))
    assert "记录送达" in before["answerDue"]["why"][0]
    city.done("organisation-contact", "receiveTransfer", transfer=ids["second"], receivedOn=ago(4))
    after = row(city, "organisation-contact", "transfers", ids["second"], fields)
    assert (after["status"], after["answerDue"]) == ("received", before["answerDue"])


def test_the_office_urges_the_organ_which_sees_it_and_answers(city: Any) -> None:
    """Art. 4(4), 17: as often as need be, until it has answered."""
    ids, ago = city.ids, city.ago
    for on, note in ((3, "请抓紧办理"), (2, "再次督促")):
        city.done("office-clerk", "urgeAnswer", transfer=ids["second"], note=note, urgedOn=ago(on))
    for subject in (DIRECTOR, "organisation-contact"):
        found = row(city, subject, "transfers", ids["second"], "urgedOn urge { text } steps { kind }")
        assert (found["urgedOn"], found["urge"]["text"]) == (ago(2), "再次督促"), subject
        assert [s["kind"] for s in found["steps"]].count("transfer.urged.v1") == 2
    account = {"handling": "organisational_handling", "account": "已作组织处理", "answeredOn": ago(1)}
    city.done("organisation-contact", "answerTransfer", transfer=ids["second"], **account)
    for verb, given, rule in (
        ("urgeAnswer", {"note": "x", "urgedOn": ago(0)}, "urged_until_answered"),
        ("recordTransferService", {"account": "x", "recordedOn": ago(0)}, "service_recorded_without_receipt"),
    ):
        assert city.refused("office-clerk", verb, transfer=ids["second"], **given)["rule"] == rule
    no = city.refused("organisation-contact", "returnTransfer", transfer=ids["second"], reason="x", returnedOn=ago(0))
    assert no["rule"] == "returned_before_answered"


# --- petitions passed on (Art. 13) -----------------------------------------------------------------------------------


def test_a_petition_passed_on_reaches_the_organ_as_what_was_written_for_it(city: Any) -> None:
    """Art. 13: named persons, no source, never whom it concerns; the office sees its status and nothing else."""
    ids, ago = city.ids, city.ago
    unit = the_units(city)
    concerned = [ids["organisation-contact"], ids["group-member"]]
    ids["p2"] = petition = city.petition(2, scope="out_of_scope", concerned=concerned)
    city.instruct(petition)
    handling = {"petition": petition, "account": "不属巡查受理范围", "handledOn": ago(36)}
    no = city.refused("team-member", "handlePetition", way="answered", **handling)
    assert no["rule"] == "out_of_scope_passed_on"
    no = city.refused(
        "team-member", "registerClue", inspection=ids["town/inspection"], petitions=[petition],
        category="organisational_discipline", managed="city", firstKnownOn=ago(36), registeredOn=ago(35),
        text="x", summary="x",
    )  # fmt: skip
    assert (no["rule"], no["path"]) == ("out_of_scope_passed_on", "petitions")
    passed = {**handling, "way": "passed_to_organ", "material": "反映某项补助发放问题"}
    for organ, recipients, rule in (
        ("organisation", ["organisation-contact"], "never_passed_to_the_concerned"),
        ("discipline", [], "passed_on_with_its_material"),
        ("discipline", ["town-head"], "delivered_to_named_persons"),
    ):
        to = {"organ": ids[organ], "recipients": [ids[r] for r in recipients]}
        assert city.refused("team-member", "handlePetition", **passed, **to)["rule"] == rule, recipients
    to = {"organ": ids["discipline"], "recipients": [ids["discipline-contact"]]}
    city.done("team-member", "handlePetition", **passed, **to)
    city.settle()
    (made,) = [r for r in city.rows("discipline-contact", "transfers", "id material { text } unit answerDue { dueOn }")
               if r["material"]["text"] == "反映某项补助发放问题"]  # fmt: skip
    transfer = ids["passed on"] = made["id"]
    assert "来信" not in str(made)
    assert made["answerDue"] is None
    for subject in ("team-member", "team-leader", "team-registrar"):
        found = row(city, subject, "transfers", transfer, "petition status")
        assert found == {"id": transfer, "petition": petition, "status": "made"}, subject
    assert row(city, "team-member", "petitions", petition, "scope transfer") == {
        "id": petition, "scope": "out_of_scope", "transfer": transfer
    }  # fmt: skip
    assert row(city, DIRECTOR, "petitions", petition, "status")["status"] == "handled"
    assert row(city, DIRECTOR, "transfers", transfer, "status") is None
    for subject, verb, given in (
        (DIRECTOR, "urgeAnswer", {"note": "x", "urgedOn": ago(1)}),
        (DIRECTOR, "recordTransferService", {"account": "x", "recordedOn": ago(1)}),
        ("organisation-contact", "receiveTransfer", {"receivedOn": ago(1)}),
    ):
        there = city.do(subject, verb, transfer=transfer, **given)
        nowhere = city.do(subject, verb, transfer=f"transfer:{NOBODYS}", **given)
        assert there == nowhere, verb
        assert there.json()["data"]["done"]["code"] == "NOT_FOUND"
    assert the_units(city) == unit


def test_the_organ_receives_what_was_passed_on_or_sends_it_back_to_be_handled_anew(city: Any) -> None:
    """Art. 13: nothing is owed to the office; what comes back is the handler's again."""
    ids, ago = city.ids, city.ago
    transfer, petition = ids["passed on"], ids["p2"]
    city.done("discipline-contact", "receiveTransfer", transfer=transfer, receivedOn=ago(34))
    found = row(city, "discipline-contact", "transfers", transfer, "status answerDue { dueOn }")
    assert found == {"id": transfer, "status": "received", "answerDue": None}
    city.done("discipline-contact", "returnTransfer", transfer=transfer, reason="不属本机关职责", returnedOn=ago(33))
    assert row(city, "team-member", "petitions", petition, "status")["status"] == "returned"
    found = row(city, "team-registrar", "transfers", transfer, "status objection { text }")
    assert found == {"id": transfer, "status": "returned", "objection": {"text": "不属本机关职责"}}
    office = row(city, DIRECTOR, "petitions", petition, "status steps { kind }")
    assert office["status"] == "instructed"
    assert [s["kind"].split(".")[1] for s in office["steps"]] == ["registered", "instructed", "handled"]
    to = {"organ": ids["discipline"], "recipients": [ids["discipline-contact"]], "material": "再转材料"}
    city.done("team-member", "handlePetition", petition=petition, way="passed_to_organ", account="已沟通，再转",
              handledOn=ago(32), **to)  # fmt: skip
    assert row(city, "team-member", "petitions", petition, "status")["status"] == "handled"


def test_a_petition_is_withheld_from_those_it_concerns(city: Any) -> None:
    """Art. 3 (c), 13: also in the team that has it, in list and in verb."""
    ids = city.ids
    petition = city.petition(3, concerned=[ids["team-deputy"], ids["office-clerk"]])
    city.instruct(petition)
    for subject, expected in (("team-leader", True), ("team-deputy", False), (DIRECTOR, True), ("office-clerk", False)):
        assert (row(city, subject, "petitions", petition, "status") is not None) is expected, subject
    given = {"instruction": "x", "handler": ids["team-member"], "instructedOn": city.ago(30)}
    there = city.do("team-deputy", "instructPetition", petition=petition, **given)
    nowhere = city.do("team-deputy", "instructPetition", petition=f"petition:{NOBODYS}", **given)
    assert there == nowhere
    no = city.refused("team-leader", "instructPetition", petition=petition, instruction="x",
                      handler=ids["team-deputy"], instructedOn=city.ago(30))  # fmt: skip
    assert no["rule"] == "handler_of_the_same_team"


# --- after the end (Art. 15) -----------------------------------------------------------------------------------------


def test_after_the_end_nothing_goes_early_and_what_was_asked_for_lapses(city: Any) -> None:
    """Art. 15, 17: the rule is named to the leader; the disposal is then proposed as usual."""
    ids, ago = city.ids, city.ago
    clue = ids["late clue"] = city.clue("", petitions=[], managed="unit", text="另一线索")
    city.done("team-leader", "reportClue", clue=clue, reportedOn=ago(30), report="上报内容")
    city.done("team-leader", "proposeEarlyTransfer", **asked(city, "late clue", on=20))
    no = city.refused("office-clerk", "proposeDisposal", **proposal(city, "late clue", 19))
    assert no["rule"] == "one_proposal_at_a_time"
    city.done("team-leader", "endInspection", inspection=ids["town/inspection"], endedOn=ago(10))
    no = city.refused(DIRECTOR, "decideEarlyTransfer", clue=clue, approved=True, decidedOn=ago(9))
    assert no["rule"] == "early_transfer_during_the_inspection"
    no = city.refused("team-leader", "proposeEarlyTransfer", **asked(city, "unit clue", on=5))
    assert no["rule"] == "early_transfer_during_the_inspection"
    no = city.refused("team-leader", "proposeEarlyTransfer", **asked(city, "unit clue", on=20))
    assert no["rule"] == "within_the_power", "not by giving a day on which it could be asked for"
    city.done("office-clerk", "proposeDisposal", **proposal(city, "late clue", 9))
    decision = {"disposalClass": "cadre_discipline", "organ": ids["discipline"], "decidedOn": ago(8)}
    city.done("group-head", "decideDisposal", item=clue, **decision)
    given = {"item": clue, "recipients": [ids["discipline-contact"]], "material": "移交材料", "transferredOn": ago(7)}
    transfer = city.done("office-clerk", "transferItem", **given)
    assert row(city, DIRECTOR, "transfers", transfer, "basis disposalClass") == {
        "id": transfer, "basis": "disposal", "disposalClass": "cadre_discipline"
    }  # fmt: skip
