"""The published facts of a real round: Pinghu's 14th round of the 14th term, autumn 2021, from plan to archive.

Published: four teams; five units inspected regularly and five looked back at; from the first ten days of September to
the last ten days of October 2021; telephone, e-mail, post box and visits as channels. Nothing else is said of these
bodies here: no petition, clue, problem or person. What the forms ask for and the announcement does not give is chosen
by us and says so: the days within the ten-day periods, which team took which unit, the papers' references. Looking
back (回头看) is a special inspection of rectification here, for this edition has no other form; villages are inspected
by cited decision (Art. 8(2)). The round stays open: no report on rectification is published, and none is made up here.

`XUNCHA_EXAMPLES=pinghu make run` on an empty home. Source: the announcement of the Pinghu inspection office, 2021.
"""

from typing import Any

from client import Loader, run, say

from api.example import Role

DIRECTOR = "office-director"
ROLES = (Role(DIRECTOR, "office", "巡察办主任 · office director"),)
CHOSEN = "（日期系示例选定：公告只载旬）"
UNKNOWN = "公开材料未载"

# name, category, whether it was looked back at, the team we chose
UNITS = (
    ("平湖技师学院", "public_institution", False, 0),
    ("崇文小学", "public_institution", False, 1),
    ("平湖市妇幼保健院", "public_institution", False, 2),
    ("平湖市精神卫生中心", "public_institution", False, 3),
    ("平湖市新世纪市场发展有限公司", "state_owned_enterprise", False, 0),
    ("平湖市水务投资（集团）有限公司", "state_owned_enterprise", True, 1),
    ("旧埭村", "other_by_decision", True, 2),
    ("泖河村", "other_by_decision", True, 2),
    ("周家圩村", "other_by_decision", True, 3),
    ("渡船桥村", "other_by_decision", True, 3),
)
TEAMS = ("第一巡察组", "第二巡察组", "第三巡察组", "第四巡察组")
ENTRY, END = "2021-09-06", "2021-10-25"
FILE = (
    "meeting_papers",
    "collected_materials",
    "petition_forms",
    "interview_records",
    "discussion_records",
    "reports_heard",
    "inspection_reports",
    "rectification_reports",
)


def load(api: Loader) -> dict[str, str]:
    """The round; returns the ids a reader may want to look at."""
    ids: dict[str, str] = {}

    def live(verb: str, **given: Any) -> str:
        return api.do(DIRECTOR, verb, **given)

    def paper(doer: str, verb: str, on: str | None = None, **given: Any) -> str:
        """An act of a role, entered by the director from the public announcement."""
        circumstances = {"doer": ids[doer], "paperReference": f"平湖市委巡察公告，2021年{CHOSEN}"}
        return api.do(DIRECTOR, verb, {**circumstances, "happenedOn": on} if on else circumstances, **given)

    say("  机构与角色 · bodies and roles")
    known = api.ask(DIRECTOR, "{ bodies { items { id standing } } me { person } }")
    ids |= {body["standing"]: body["id"] for body in known["bodies"]["items"] if body["standing"]}
    ids[DIRECTOR] = known["me"]["person"]
    for name, category, _, _ in UNITS:
        decision = {"decision": "公告所列（市委和领导小组要求巡察的）"} if category == "other_by_decision" else {}
        ids[name] = live("registerBody", name=name, category=category, **decision)
        ids[f"{name}/head"] = live("registerPerson", name=f"{name}主要负责人（角色）")
        live("appoint", person=ids[f"{name}/head"], body=ids[name], post="unit_head", fromOn="2021-01-01")
    ids["organisation"] = live("registerBody", name="平湖市委组织部", organClass="organisation")
    ids["discipline"] = live("registerBody", name="平湖市纪委", organClass="discipline")
    for who, post, body in (
        ("party-secretary", "party_secretary", "party_committee"),
        ("group-head", "group_head", "leading_group"),
        ("organisation-contact", "organ_contact", "organisation"),
    ):
        ids[who] = live("registerPerson", name=f"{post}（角色）")
        live("appoint", person=ids[who], body=ids[body], post=post, fromOn="2021-01-01")
    for team in TEAMS:
        ids[f"{team}/leader"] = live("registerPerson", name=f"{team}组长（角色）")

    say("  方案、组建、授权 · plan, teams, mandates")
    ids["round"] = paper(DIRECTOR, "openRound", "2021-09-01", year=2021, number=14, title="十四届市委第十四轮巡察")
    paper(
        DIRECTOR,
        "submitPlan",
        round=ids["round"],
        tasks=f"常规巡察五个单位，“回头看”五个单位{CHOSEN}",
        units=[
            {"unit": ids[name], "form": "special", "focus": "rectification", "decision": "公告所列“回头看”单位"}
            if back
            else {"unit": ids[name]}
            for name, _, back, _ in UNITS
        ],
        fromOn="2021-09-01",
        untilOn="2021-10-31",
        inspectedFrom="2017-01-01",
        submittedOn="2021-09-01",
    )
    paper("group-head", "approvePlan", round=ids["round"], approvedOn="2021-09-01")
    for n, team in enumerate(TEAMS):
        units = [ids[name] for name, _, _, chosen in UNITS if chosen == n]
        ids[team] = paper("group-head", "formTeam", round=ids["round"], name=team, units=units, decidedOn="2021-09-01")
        paper(
            "organisation-contact",
            "nominateLeader",
            round=ids["round"],
            person=ids[f"{team}/leader"],
            consultedOn="2021-09-01",
            consulted=ids["discipline"],
            reason=UNKNOWN,
            nominatedOn="2021-09-01",
        )
        paper(
            "party-secretary",
            "grantMandate",
            round=ids["round"],
            team=ids[team],
            person=ids[f"{team}/leader"],
            duty="leader",
            units=units,
            fromOn="2021-09-01",
            untilOn="2022-03-31",
            decidedOn="2021-09-01",
            reason=UNKNOWN,
        )

    say("  通知、公告、进驻、结束 · notice, announcement, entry, end")
    inspections = {
        row["unit"]: row["id"]
        for row in api.ask(DIRECTOR, "{ inspections { items { id unit } } }")["inspections"]["items"]
    }
    while len(inspections) < len(UNITS):
        found = api.ask(DIRECTOR, "{ inspections { items { id unit } } }")["inspections"]["items"]
        inspections = {row["unit"]: row["id"] for row in found}
    for name, _, _, n in UNITS:
        inspection, leader, head = inspections[ids[name]], f"{TEAMS[n]}/leader", f"{name}/head"
        ids[f"{name}/inspection"] = inspection
        paper(leader, "declareRecusal", inspection=inspection, declaredOn="2021-09-02")
        paper(
            leader,
            "serveNotice",
            inspection=inspection,
            talkedOn="2021-09-02",
            servedOn="2021-09-02",
            recipients=[ids[head]],
            content=f"巡察通知{CHOSEN}",
            fromOn=ENTRY,
            untilOn=END,
        )
        paper(head, "receiveNotice", inspection=inspection, receivedOn="2021-09-02")
        paper(head, "publishNotice", inspection=inspection, publishedOn="2021-09-03", account=f"已公布{CHOSEN}")
        paper(
            leader,
            "publishAnnouncement",
            inspection=inspection,
            text="巡察公告：九月上旬至十月下旬，受理来信、来电、来访",
            telephone="公告所列电话",
            mailbox="公告所列电子邮箱、邮政信箱",
            opensAt=f"{ENTRY}T09:00:00+08:00",
            closesAt=f"{END}T17:00:00+08:00",
            publishedOn=ENTRY,
        )
        paper(leader, "enterUnit", inspection=inspection, enteredOn=ENTRY)
        paper(leader, "endInspection", inspection=inspection, endedOn=END)

    say("  归档 · archive")
    paper(DIRECTOR, "endRoundsWork", round=ids["round"], endedOn=END)
    for team in TEAMS:
        paper(
            f"{team}/leader",
            "handOverFile",
            team=ids[team],
            entries=[{"kind": kind, "pieces": 0, "missing": UNKNOWN} for kind in FILE],
            recipients=[ids[DIRECTOR]],
            handedOverOn="2021-11-22",
        )
        paper(DIRECTOR, "receiveFile", team=ids[team], receivedOn="2021-11-22")
    return ids


if __name__ == "__main__":
    raise SystemExit(run("pinghu", ROLES, load))
