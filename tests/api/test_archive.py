"""The end of a round through GraphQL: periodic reports, files handed over and received, the round closed."""

from typing import Any

import pytest

DIRECTOR = "office-director"
NOWHERE = "00000000-0000-4000-8000-000000000000"
KINDS = (
    *("meeting_papers", "collected_materials", "petition_forms", "interview_records", "discussion_records"),
    *("reports_heard", "inspection_reports", "rectification_reports"),
)
PAPERS = "id unit status papers { kind expected held } entries { kind pieces toFollow missing { text } }"
UNIT = (
    "id status enteredOn endedOn steps { id kind doer recorder capacity grounds power recordedAt }"
    " publication { dueOn state metOn }"
)


@pytest.fixture(scope="module")
def city(application: Any) -> Any:
    """Both units entered; at the town three petitions, two handled, two clues: one concerns the office's clerk."""
    c = application.city
    c.found()
    c.begin()
    ids = c.ids
    for n in (1, 2, 3):
        ids[f"p{n}"] = c.petition(n)
        c.instruct(ids[f"p{n}"])
    ids["c1"] = c.clue(ids["p1"])
    ids["c2"] = c.clue(ids["p2"], concerned=[ids["office-clerk"]])
    c.settle()
    return c


def unit_sees(city: Any) -> Any:
    """Every answer of the unit to what it can ask."""
    found = city.rows("town-head", "inspections", UNIT)
    return found, city.rows("town-head", "rectifications", "id steps { id }"), city.rows("town-head", "publications")


def checklist(city: Any, subject: str, view: str = "checklists") -> dict[str, Any]:
    return {row["id"]: row for row in city.rows(subject, view, PAPERS)}


def papers(row: Any) -> dict[str, tuple[int, int]]:
    return {p["kind"]: (p["expected"], p["held"]) for p in row["papers"]}


def file_of(city: Any, unit: str = "town", **changes: Any) -> dict[str, Any]:
    entries = [{"kind": kind, "pieces": 1} for kind in KINDS[:-1]]
    entries.append({"kind": KINDS[-1], "pieces": 0, "missing": "整改尚未完成", "toFollow": True})
    given = {
        "team": city.ids[f"{unit}/team"],
        "entries": entries,
        "recipients": [city.ids["office-clerk"]],
        "handedOverOn": city.ago(8),
    }
    return {**given, **changes}


def test_the_named_person_reports_and_the_office_reads_it(city: Any) -> None:
    """Art. 28: named by the leader; another of the team is told why, one of another team finds nothing."""
    ids = city.ids
    name = {"team": ids["town/team"], "person": ids["team-member"], "namedOn": city.ago(20)}
    assert city.refused("team-deputy", "nameReporter", **name)["rule"] == "reporter_named_by_the_leader"
    outsider = {**name, "person": ids["other-member"]}
    assert city.refused("team-leader", "nameReporter", **outsider)["rule"] == "reporter_of_the_team"
    city.done("team-leader", "nameReporter", **name)
    given = {
        "team": ids["town/team"],
        "of": "new_practice",
        "content": "做法",
        "recipients": [ids["office-clerk"]],
        "reportedOn": city.ago(19),
    }
    assert city.refused("team-leader", "reportPeriodically", **given)["rule"] == "reported_by_the_named_person"
    hidden = city.do("other-leader", "reportPeriodically", **given)
    assert hidden == city.do("other-leader", "reportPeriodically", **{**given, "team": f"team:{NOWHERE}"})
    made = city.done("team-member", "reportPeriodically", **given)
    paper = {"doer": ids["team-member"], "paperReference": "示例1号"}
    entered = city.done("office-clerk", "reportPeriodically", circumstances=paper, **given)
    city.settle()
    rows = city.rows(DIRECTOR, "periodicReports", "id of content { text }")
    assert {r["id"] for r in rows} == {made, entered}
    assert rows[0]["content"]["text"] == "做法"
    assert {r["id"] for r in city.rows("team-member", "periodicReports")} == {made, entered}
    assert city.rows("team-deputy", "periodicReports") == []
    assert city.rows("team-deputy", "reporters", "person") == [{"person": ids["team-member"]}]
    assert city.rows("other-leader", "reporters") == []


def test_the_checklist_counts_what_the_ledger_holds_for_the_leaders_only(city: Any) -> None:
    """Art. 28: should be, is; before receipt nobody but leader and deputy gets counts."""
    ids = city.ids
    for subject in ("team-leader", "team-deputy"):
        found = checklist(city, subject)
        assert set(found) == {ids["town/inspection"], ids["town/team"]}
        assert papers(found[ids["town/inspection"]]) == {"petition_forms": (3, 2)}
        assert papers(found[ids["town/team"]]) == {}
    for subject in ("team-registrar", "team-member", "team-recused", "team-undeclared"):
        assert city.rows(subject, "checklists") == [], subject
    assert set(checklist(city, "other-leader")) == {ids["bureau/inspection"], ids["bureau/team"]}
    for view in ("fileChecklists", "filePetitions", "fileClues"):
        assert city.rows(DIRECTOR, view) == [], view


def test_the_rounds_work_ends_with_the_last_inspection(city: Any) -> None:
    """Art. 28: refused while one lasts; each team then owes its file within a month."""
    ids = city.ids
    end = {"round": ids["round"], "endedOn": city.ago(9)}
    city.done("team-leader", "endInspection", inspection=ids["town/inspection"], endedOn=city.ago(12))
    refusal = city.refused("office-clerk", "endRoundsWork", **end)
    assert (refusal["rule"], refusal["article"]) == ("every_inspection_ended", "28")
    early = city.refused("team-leader", "handOverFile", **file_of(city))
    assert early["rule"] == "file_after_the_rounds_work"
    city.done("other-leader", "endInspection", inspection=ids["bureau/inspection"], endedOn=city.ago(10))
    assert city.refused("ended-clerk", "endRoundsWork", **end)["rule"] == "holds_the_post"
    city.done("office-clerk", "endRoundsWork", once_more="now", **end)
    city.settle()
    files = city.rows(DIRECTOR, "files", "id status due { state article metOn }")
    assert {f["id"] for f in files} == {ids["town/team"], ids["bureau/team"]}
    assert all(f["due"] == {"state": "open", "article": "28", "metOn": None} for f in files)
    assert {r["status"] for r in city.rows("group-member", "rounds", "status")} == {"work_ended"}
    assert checklist(city, "team-leader")[ids["town/team"]]["status"] == "owed"


def test_the_file_is_handed_over_and_opens_to_the_office_only_on_receipt(city: Any) -> None:
    """Art. 4(6), 28: the list on handing over; the file itself, this team's and no other's, from receipt on."""
    ids = city.ids
    before = unit_sees(city)
    assert city.refused("team-deputy", "handOverFile", **file_of(city))["rule"] == "file_handed_over_by_the_leader"
    short = file_of(city)
    short["entries"] = short["entries"][1:]
    assert city.refused("team-leader", "handOverFile", **short)["rule"] == "file_lists_every_kind_once"
    hidden = city.do("other-leader", "handOverFile", **file_of(city))
    assert hidden == city.do("other-leader", "handOverFile", **file_of(city, team=f"team:{NOWHERE}"))
    receive = {"team": ids["town/team"], "remarks": "齐全", "receivedOn": city.ago(6)}
    assert city.refused("office-clerk", "receiveFile", **receive)["rule"] == "file_awaits_receipt"
    city.done("team-leader", "handOverFile", once_more="now", **file_of(city))
    city.settle()
    listed = {f["id"]: f for f in city.rows(DIRECTOR, "files", "id status due { state } entries { kind pieces }")}
    assert (listed[ids["town/team"]]["status"], listed[ids["bureau/team"]]["status"]) == ("handed_over", "owed")
    assert len(listed[ids["town/team"]]["entries"]) == len(KINDS)
    assert listed[ids["town/team"]]["due"] == {"state": "open"}, "met once it was received"
    for view in ("fileChecklists", "filePetitions", "fileClues"):
        assert city.rows(DIRECTOR, view) == [], view
    city.done("office-clerk", "receiveFile", once_more="now", **receive)
    city.settle()
    row = next(r for r in city.rows(DIRECTOR, "files", "id status due { state metOn } remarks { text }")
               if r["id"] == ids["town/team"])  # fmt: skip
    assert (row["status"], row["due"], row["remarks"]["text"]) == (
        "received", {"state": "met", "metOn": city.ago(8)}, "齐全"
    )  # fmt: skip
    petitions = city.rows(DIRECTOR, "filePetitions", "id content { text } anonymous")
    assert {p["id"] for p in petitions} == {ids["p1"], ids["p2"], ids["p3"]}
    assert "来信原文 1" in {p["content"]["text"] for p in petitions}
    assert "来信人" not in str(petitions)
    assert {c["id"] for c in city.rows(DIRECTOR, "fileClues")} == {ids["c1"], ids["c2"]}
    assert {c["id"] for c in city.rows("office-clerk", "fileClues")} == {ids["c1"]}
    found = checklist(city, DIRECTOR, "fileChecklists")
    assert set(found) == {ids["town/inspection"], ids["town/team"]}
    assert papers(found[ids["town/inspection"]]) == {"petition_forms": (3, 2)}
    entries = {e["kind"]: e for e in found[ids["town/team"]]["entries"]}
    assert set(entries) == set(KINDS)
    assert entries["rectification_reports"] == {
        "kind": "rectification_reports", "pieces": 0, "toFollow": True, "missing": {"text": "整改尚未完成"}
    }  # fmt: skip
    assert city.rows("ended-clerk", "filePetitions") == []
    assert unit_sees(city) == before


def test_no_other_audience_has_the_file(city: Any) -> None:
    """promises.md §4: group, unit and organ have no such list; other teams see nothing of it."""
    for subject, audience in (("group-head", "leading-group"), ("town-head", "unit"), ("discipline-contact", "organ")):
        answer = city.post(subject, {"query": "{ filePetitions { items { id } } }"}, audience)
        assert answer.status == 400
    assert city.rows("other-leader", "petitions") == []
    assert city.rows("other-leader", "clues") == []


def test_the_round_is_closed_by_the_group_after_all_of_it(city: Any) -> None:
    """Art. 3, 19, 28: every file received, both reports of every unit in hand."""
    ids = city.ids
    close = {"round": ids["round"], "closedOn": city.ago(1)}
    assert city.refused("group-member", "closeRound", **close)["rule"] == "round_closed_by_who_may"
    assert city.refused("group-head", "closeRound", **close)["rule"] == "closed_after_every_file"
    paper = {"doer": ids["other-leader"], "paperReference": "示例2号"}
    city.done("office-clerk", "handOverFile", circumstances=paper, **file_of(city, "bureau"))
    city.done(DIRECTOR, "receiveFile", team=ids["bureau/team"], receivedOn=city.ago(6))
    refusal = city.refused("group-head", "closeRound", once_more="files", **close)
    assert refusal["rule"] == "closed_after_every_rectification_report"
    for unit in ("town", "bureau"):
        city.feedback_received(ids[f"{unit}/inspection"], ids[unit])
        given = {
            "inspection": ids[f"{unit}/inspection"],
            "report": "报告",
            "recipients": [ids["office-clerk"]],
            "submittedOn": city.ago(3),
        }
        city.done(f"{unit}-head", "submitRectificationReport", **given)
        city.refused("group-head", "closeRound", once_more=unit, **close)
        city.done(f"{unit}-head", "submitHeadsReport", **given)
    early = city.refused("group-head", "closeRound", **{**close, "closedOn": city.ago(4)})
    assert early["rule"] == "closed_not_before_what_it_closes"
    city.settle()
    found = papers(checklist(city, DIRECTOR, "fileChecklists")[ids["town/inspection"]])
    assert found == {"petition_forms": (3, 2), "rectification_reports": (2, 2)}
    city.done("group-head", "closeRound", once_more="now", **close)
    city.settle()
    for subject in (DIRECTOR, "group-member"):
        (row,) = city.rows(subject, "rounds", "status workEndedOn closedOn")
        assert row == {"status": "closed", "workEndedOn": city.ago(9), "closedOn": city.ago(1)}
    assert city.refused("group-head", "closeRound", once_more="again", **close)["rule"] == "round_closed_once"
