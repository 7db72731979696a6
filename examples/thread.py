"""One thread through a generic city, loaded through the API only: a petition becomes a clue, the clue is decided on
and transferred, the organ answers; each audience then sees its own part.

Nobody in it exists: people are roles, and days are counted back from the day its first command was recorded. So
every command is the same however often and whenever it is sent: what was interrupted is completed, never doubled.
`make run` runs it on a ledger nobody has worked in; it is also a plain client of the API to learn from.
"""

from datetime import date, datetime, timedelta, timezone

from client import Loader, run, say

from api.auth import DEVELOPMENT_ISSUER
from api.example import Role, nth_command

# subject, audience, name, label, post and its body (None: a mandate gives the part)
ROLES = (
    ("office-director", "office", "巡查办主任", "巡查办主任 · office director", None),
    ("office-clerk", "office", "巡查办工作人员", "巡查办工作人员 · office clerk", ("office_clerk", "office")),
    (
        "party-secretary",
        "leading-group",
        "市委书记",
        "市委书记 · party secretary",
        ("party_secretary", "party_committee"),
    ),
    (
        "group-head",
        "leading-group",
        "领导小组组长",
        "领导小组组长 · head of the leading group",
        ("group_head", "leading_group"),
    ),
    (
        "group-member",
        "leading-group",
        "领导小组成员",
        "领导小组成员 · member of the leading group",
        ("group_member", "leading_group"),
    ),
    ("team-leader", "team", "第一巡查组组长", "巡查组组长 · team leader", None),
    ("team-registrar", "team", "第一巡查组信访登记人", "巡查组信访登记人 · team registrar", None),
    ("team-member", "team", "第一巡查组成员", "巡查组成员 · team member", None),
    ("team-recused", "team", "第一巡查组回避人员", "已回避的成员 · recused member", None),
    ("unit-head", "unit", "某镇主要负责人", "被巡查单位（某镇） · inspected unit (a town)", ("unit_head", "town")),
    (
        "bureau-head",
        "unit",
        "某局主要负责人",
        "被巡查单位（某局） · inspected unit (a bureau)",
        ("unit_head", "bureau"),
    ),
    (
        "organisation-contact",
        "organ",
        "组织部联系人",
        "组织部门 · organisation department",
        ("organ_contact", "organisation"),
    ),
    (
        "discipline-contact",
        "organ",
        "纪检监察组织联系人",
        "纪检监察组织 · discipline organ",
        ("organ_contact", "discipline"),
    ),
)


def begin(api: Loader) -> tuple[str, date]:
    """Register the first body, and take the day it was recorded, be it today or before, for all days."""
    body = api.do("office-director", "registerBody", name="某镇", category="town_or_street")
    found = api.ask(
        "office-director",
        "query($id: String, $after: String) {"
        " bodies(where: {id: $id}, after: $after) { items { steps { recordedAt } } } }",
        id=body,
        after=str(nth_command(1)),
    )
    recorded = datetime.fromisoformat(found["bodies"]["items"][0]["steps"][0]["recordedAt"])
    return body, recorded.astimezone(timezone(timedelta(hours=8))).date()


def nominate(api: Loader, round_: str, person: str, consulted: str) -> None:
    """The organisation department nominates a team's leader, the discipline organ consulted."""
    api.do(
        "organisation-contact",
        "nominateLeader",
        round=round_,
        person=person,
        consultedOn=api.ago(63),
        consulted=consulted,
        reason="熟悉党务和巡查工作",
        nominatedOn=api.ago(62),
    )


def prepare(api: Loader, team: str, inspection: str, discipline: str, people: dict[str, str]) -> None:
    """The team's plan, an inquiry to the discipline organ, and its answer."""
    api.do(
        "team-leader",
        "fileTeamPlan",
        team=team,
        entries=[{"inspection": inspection, "entryOn": api.ago(44)}],
        priorities="重点：项目发包、干部选任",
        division="组长总负责，专人登记信访",
        filedOn=api.ago(54),
    )
    asked = api.do(
        "team-leader",
        "deliver",
        occasion="inquiry_to_organ",
        team=team,
        about=inspection,
        body=discipline,
        recipients=[people["discipline-contact"]],
        content="请提供该镇领导班子及其成员有关情况",
        deliveredOn=api.ago(53),
    )
    api.do("discipline-contact", "acknowledgeDelivery", delivery=asked, receivedOn=api.ago(53))
    api.do(
        "discipline-contact",
        "deliver",
        occasion="inquiry_answer",
        replyTo=asked,
        recipients=[people["team-leader"]],
        content="有关情况书面答复如下（示例）",
        deliveredOn=api.ago(52),
    )


def announce(api: Loader, inspection: str) -> None:
    """The team's announcement: how it is reached, from when to when."""
    api.do(
        "team-leader",
        "publishAnnouncement",
        inspection=inspection,
        text="《巡查公告》：巡查时间、内容和要求",
        telephone="示例号码",
        mailbox="示例信箱",
        opensAt=f"{api.ago(44)}T08:30:00+08:00",
        closesAt=f"{api.ago(-60)}T17:30:00+08:00",
        publishedOn=api.ago(48),
    )


def enter(api: Loader, inspection: str, unit_head: str) -> None:
    """Notice, receipt, publication, announcement, entry."""
    ago = api.ago
    api.do(
        "team-leader",
        "serveNotice",
        inspection=inspection,
        talkedOn=ago(51),
        servedOn=ago(50),
        recipients=[unit_head],
        content="《巡查通知书》：巡查内容、时间安排、工作方式",
        fromOn=ago(44),
        untilOn=ago(-60),
    )
    api.do("unit-head", "receiveNotice", inspection=inspection, receivedOn=ago(50))
    api.do(
        "unit-head",
        "publishNotice",
        inspection=inspection,
        publishedOn=ago(49),
        account="已在公开栏和内部网公布",
    )
    announce(api, inspection)
    api.do("team-leader", "enterUnit", inspection=inspection, enteredOn=ago(44))


def load(api: Loader) -> dict[str, str]:
    """The whole thread; returns the ids a reader may want to look at."""
    director = "office-director"
    say("  机构与人员 · bodies and people")
    town, api.today = begin(api)
    ago = api.ago
    bodies = {
        b["standing"]: b["id"] for b in api.ask(director, "{ bodies { items { id standing } } }")["bodies"]["items"]
    }
    bodies["town"] = town
    bodies["bureau"] = api.do(director, "registerBody", name="某局", category="party_or_government_organ")
    bodies["discipline"] = api.do(director, "registerBody", name="某市纪委监察局", organClass="discipline")
    bodies["organisation"] = api.do(director, "registerBody", name="某市委组织部", organClass="organisation")
    people = {director: api.ask(director, "{ me { person } }")["me"]["person"]}
    for subject, _, name, _, post in ROLES[1:]:
        people[subject] = api.do(director, "registerPerson", name=name)
        api.do(director, "linkSignIn", person=people[subject], issuer=DEVELOPMENT_ISSUER, subject=subject)
        if post:
            api.do(director, "appoint", person=people[subject], body=bodies[post[1]], post=post[0], fromOn=ago(400))

    say("  方案、组建、授权 · plan, team, mandates")
    clerk = "office-clerk"
    round_ = api.do(clerk, "openRound", year=api.today.year, number=1, title="某市第一轮巡查")
    api.do(
        clerk,
        "submitPlan",
        round=round_,
        tasks="对某镇、某局开展常规巡查",
        units=[{"unit": bodies["town"]}, {"unit": bodies["bureau"]}],
        ways=["work_report", "interview", "petition", "documents"],
        fromOn=ago(60),
        untilOn=ago(-60),
        inspectedFrom=ago(1200),
        submittedOn=ago(63),
    )
    api.do("group-head", "approvePlan", round=round_, approvedOn=ago(62))
    team = api.do("group-head", "formTeam", round=round_, name="第一巡查组", units=[bodies["town"]], decidedOn=ago(61))
    for subject, duty in (
        ("team-leader", "leader"),
        ("team-registrar", "registrar"),
        ("team-member", "member"),
        ("team-recused", "member"),
    ):
        mandate = {
            "round": round_,
            "team": team,
            "person": people[subject],
            "duty": duty,
            "units": [bodies["town"]],
            "fromOn": ago(60),
            "untilOn": ago(-120),
            "decidedOn": ago(61),
        }
        if duty == "leader":
            nominate(api, round_, people[subject], bodies["discipline"])
            # The party committee's decision came on paper; the office's director enters it for the party secretary.
            paper = {"doer": people["party-secretary"], "paperReference": "某委〔示例〕1号"}
            api.do(director, "grantMandate", paper, **mandate, movedToNonLeadingPost=True)
        else:
            api.do("group-head", "grantMandate", **mandate)

    say("  回避、通知、进驻 · recusal, notice, entry")
    inspection = api.first("team-leader", "inspections")
    for subject in ("team-leader", "team-registrar", "team-member"):
        api.do(subject, "declareRecusal", inspection=inspection, declaredOn=ago(56))
    recusal = api.do(
        "team-recused",
        "declareRecusal",
        inspection=inspection,
        grounds=["near_relative"],
        statement="本人与该镇班子一名成员有近亲属关系",
        declaredOn=ago(56),
    )
    api.do(director, "decideRecusal", recusal=recusal, outcome="upheld", reason="情形属实，予以回避", decidedOn=ago(55))
    prepare(api, team, inspection, bodies["discipline"], people)
    enter(api, inspection, people["unit-head"])
    api.do(
        "team-leader",
        "requestDocuments",
        inspection=inspection,
        what="近三年项目发包的会议记录",
        recipients=[people["unit-head"]],
        requestedOn=ago(3),
        wantedBy=ago(-4),
    )

    say("  信访、线索 · petitions and clues")
    petitions = [
        api.do(
            "team-registrar",
            "registerPetition",
            inspection=inspection,
            receivedOn=ago(40 - n),
            channel=channel,
            petitioner=petitioner,
            content=content,
            summary=summary,
        )
        for n, (channel, petitioner, content, summary) in enumerate(
            (
                (
                    "letter",
                    {"name": "甲（示例）", "contact": "示例号码一"},
                    "来信原文：反映某项目发包未经集体研究",
                    "反映项目发包未经集体决策",
                ),
                ("mailbox", None, "匿名来信原文：反映中层干部选任走过场", "反映干部选任程序问题"),
                (
                    "call",
                    {"name": "乙（示例）", "contact": "示例号码二"},
                    "来电记录：询问农田补助发放时间",
                    "询问补助发放，属政策咨询",
                ),
            )
        )
    ]
    for petition in petitions:
        api.do(
            "team-leader",
            "instructPetition",
            petition=petition,
            instruction="请核实后提出意见",
            handler=people["team-member"],
            instructedOn=ago(37),
        )
    api.do(
        "team-member",
        "handlePetition",
        petition=petitions[2],
        way="answered",
        account="已电话答复发放时间",
        handledOn=ago(36),
    )
    clues = [
        api.do(
            "team-member",
            "registerClue",
            inspection=inspection,
            petitions=[petition],
            category="organisational_discipline",
            item=item,
            managed="city",
            firstKnownOn=ago(36),
            registeredOn=ago(35),
            text=text,
            summary=summary,
        )
        for petition, item, text, summary in (
            (petitions[0], "no_collective_decision", "某项目发包未见集体研究记录", "项目发包未经集体决策"),
            (petitions[1], "appointments_against_rules", "两名中层干部选任缺少考察环节", "干部选任程序不全"),
        )
    ]

    say("  上报、处置、移交、答复 · report, disposal, transfer, answer")
    report_and_hear(api, inspection, clues, people)
    transfers = []
    for clue, kind, organ, paper, days in (
        (clues[0], "cadre_discipline", "discipline", "项目发包问题线索摘要", 22),
        (clues[1], "appointments", "organisation", "干部选任问题摘要", 5),
    ):
        api.do(
            clerk,
            "proposeDisposal",
            item=clue,
            paper=paper,
            disposalClass=kind,
            organ=bodies[organ],
            reason="属该机关职责",
            summoned=[people["group-member"]],
            proposedOn=ago(28),
        )
        api.do(
            "group-head",
            "decideDisposal",
            item=clue,
            disposalClass=kind,
            organ=bodies[organ],
            attendees=[people["group-member"]],
            conclusion="同意移交",
            decidedOn=ago(25),
        )
        to = [people[f"{organ}-contact"]]
        transfers.append(
            api.do(clerk, "transferItem", item=clue, recipients=to, material=paper, transferredOn=ago(days))
        )
    api.do("discipline-contact", "receiveTransfer", transfer=transfers[0], receivedOn=ago(21))
    api.do(
        "discipline-contact",
        "answerTransfer",
        transfer=transfers[0],
        handling="preliminary_verification",
        account="已列入初核",
        answeredOn=ago(2),
    )
    api.do("organisation-contact", "receiveTransfer", transfer=transfers[1], receivedOn=ago(4))

    say("  另一单位刚接到通知书 · another unit has just received its notice")
    notify_the_bureau(api, round_, bodies, people)
    return {"round": round_, "inspection": inspection, "transfer": transfers[0]}


def notify_the_bureau(api: Loader, round_: str, bodies: dict[str, str], people: dict[str, str]) -> None:
    """A second team and its unit, from paper: publishing the notice is what the unit owes today."""
    clerk, director, ago = "office-clerk", "office-director", api.ago
    leader = api.do(director, "registerPerson", name="第二巡查组组长")
    head = people["bureau-head"]
    units = [bodies["bureau"]]
    team = api.do("group-head", "formTeam", round=round_, name="第二巡查组", units=units, decidedOn=ago(61))
    nominate(api, round_, leader, bodies["discipline"])
    api.do(
        director,
        "grantMandate",
        {"doer": people["party-secretary"], "paperReference": "某委〔示例〕2号"},
        round=round_,
        team=team,
        person=leader,
        duty="leader",
        units=units,
        fromOn=ago(60),
        untilOn=ago(-120),
        decidedOn=ago(61),
        movedToNonLeadingPost=True,
    )
    inspection = api.first(clerk, "inspections", unit=bodies["bureau"])
    api.do(
        clerk,
        "declareRecusal",
        {"doer": leader, "paperReference": "某巡查二组〔示例〕1号"},
        inspection=inspection,
        declaredOn=ago(56),
    )
    api.do(
        clerk,
        "serveNotice",
        {"doer": leader, "paperReference": "某巡查二组〔示例〕2号"},
        inspection=inspection,
        talkedOn=ago(2),
        servedOn=ago(1),
        recipients=[head],
        content="《巡查通知书》：巡查内容、时间安排、工作方式",
        fromOn=ago(-10),
        untilOn=ago(-60),
    )
    api.do(
        clerk,
        "receiveNotice",
        {"doer": head, "paperReference": "某巡查二组〔示例〕2号回执"},
        inspection=inspection,
        receivedOn=ago(1),
    )


def report_and_hear(api: Loader, inspection: str, clues: list[str], people: dict[str, str]) -> None:
    """The leader reports the clues to the office, and the office hears the team."""
    for clue, paper in zip(clues, ("项目发包问题线索摘要", "干部选任问题摘要"), strict=True):
        api.do("team-leader", "reportClue", clue=clue, reportedOn=api.ago(30), report=paper)
    api.do(
        "office-clerk",
        "hearTeam",
        inspection=inspection,
        attendees=[people["team-leader"], people["office-clerk"]],
        account="巡查组汇报：发包未经集体决策、干部选任程序不全两条线索",
        heardOn=api.ago(29),
    )


if __name__ == "__main__":
    raise SystemExit(run("thread", [Role(r[0], r[1], r[3]) for r in ROLES], load))
