"""A whole inspection round of a generic city, digitised from paper: from plan to archive.

It reaches the figures a district published of one of its rounds: inspected from 2022-09-16 to 10-18, feedback on
2023-01-17, 25 problems, 19 of them done and 6 in progress by 2023-05-04, that is 76 %. Everything else is made up:
nobody in it exists, people are roles. One recusal is upheld, one report goes directly to the head of the leading
group, one clue goes to an organ while the inspection lasts, one problem of the report is decided on and transferred by
itself, one document is refused, one answer comes late.

The office's clerk enters everything from its papers, for whoever did it, with the paper's reference:
`XUNCHA_EXAMPLES=round make run` on an empty home.
"""

from typing import Any

from client import Loader, run, say

from api.auth import DEVELOPMENT_ISSUER
from api.example import Role

CLERK, DIRECTOR = "office-clerk", "office-director"

ROLES = (
    Role(DIRECTOR, "office", "巡查办主任 · office director"),
    Role(CLERK, "office", "巡查办工作人员 · office clerk"),
    Role("party-secretary", "leading-group", "市委书记 · party secretary"),
    Role("group-head", "leading-group", "领导小组组长 · head of the leading group"),
    Role("group-member", "leading-group", "领导小组成员 · member of the leading group"),
    Role("team-leader", "team", "巡查组组长 · team leader"),
    Role("unit-head", "unit", "被巡查单位主要负责人 · head of the inspected unit"),
    Role("organisation-contact", "organ", "组织部门联系人 · organisation department"),
    Role("discipline-contact", "organ", "纪检监察组织联系人 · discipline organ"),
)

# who: (name, post, body); a mandate gives the team its part
PEOPLE = {
    CLERK: ("巡查办工作人员", "office_clerk", "office"),
    "party-secretary": ("市委书记", "party_secretary", "party_committee"),
    "group-head": ("领导小组组长", "group_head", "leading_group"),
    "group-member": ("领导小组成员", "group_member", "leading_group"),
    "city-leader": ("分管市领导", "city_leader", "party_committee"),
    "unit-head": ("某局主要负责人", "unit_head", "unit"),
    "unit-deputy": ("某局班子成员甲", "unit_leader", "unit"),
    "unit-contact": ("某局联系人", "unit_contact", "unit"),
    "organisation-contact": ("组织部门联系人", "organ_contact", "organisation"),
    "discipline-contact": ("纪检监察组织联系人", "organ_contact", "discipline"),
    "audit-contact": ("审计机关联系人", "organ_contact", "audit"),
}
TEAM = {
    "team-leader": ("第一巡查组组长", "leader"),
    "team-deputy": ("第一巡查组副组长", "deputy_leader"),
    "team-registrar": ("第一巡查组信访登记人", "registrar"),
    "team-member": ("第一巡查组成员", "member"),
    "team-recused": ("第一巡查组回避人员", "member"),
}
SINCE = "2020-01-01"


class Story:
    """The round as it is entered: ids by a name of ours, and the papers it comes from."""

    def __init__(self, api: Loader) -> None:
        self.api = api
        self.ids: dict[str, str] = {}
        self.papers = 0

    def __getitem__(self, name: str) -> str:
        return self.ids[name]

    def live(self, verb: str, **given: Any) -> str:
        """Something the director enters today, as of today."""
        return self.api.do(DIRECTOR, verb, **given)

    def paper(self, doer: str, verb: str, day: str | None = None, by: str = CLERK, **given: Any) -> str:
        """An act of somebody, from the paper it stands on; `day` where the command states none of its own."""
        self.papers += 1
        reference = f"某巡查办存〔{self._year(day, given)}〕{self.papers}号"
        circumstances = {"doer": self.ids[doer], "paperReference": reference}
        if day:
            circumstances["happenedOn"] = day
        return self.api.do(by, verb, circumstances, **given)

    @staticmethod
    def _year(day: str | None, given: dict[str, Any]) -> str:
        """The year of the paper: that of the day the act states."""
        stated = (value for name, value in given.items() if name.endswith("On") and isinstance(value, str))
        return (day or next(stated, "2022"))[:4]

    def remembered(self, who: str, verb: str, **given: Any) -> str:
        """An act that never goes over the office's desk: the doer enters it, as remembered."""
        return self.api.do(who, verb, {"recollected": True}, **given)


def load(api: Loader) -> dict[str, str]:
    """The whole round; returns the ids a reader may want to look at."""
    story = Story(api)
    say("  机构与人员 · bodies and people")
    people(story)
    say("  方案、组建、授权、回避、通知、进驻 · plan, team, mandates, recusal, notice, entry")
    prepare(story)
    say("  信访、谈话、调阅、深入了解 · petitions, interviews, documents, inquiry")
    inspect(story)
    say("  线索、直接报告、巡查期间移交 · clues, a direct report, a transfer during the inspection")
    clues(story)
    say("  巡查报告 · inspection report")
    report(story)
    say("  听取汇报、处置、移交、答复 · hearing, disposal, transfer, answers")
    dispose(story)
    say("  反馈、整改 · feedback and rectification")
    feed_back(story)
    rectify(story)
    say("  归档、结束 · archive and close")
    archive(story)
    return story.ids


def people(s: Story) -> None:
    """Bodies, persons, posts."""
    ids = s.ids
    standing = s.api.ask(DIRECTOR, "{ bodies { items { id standing } } me { person } }")
    ids |= {body["standing"]: body["id"] for body in standing["bodies"]["items"] if body["standing"]}
    ids[DIRECTOR] = standing["me"]["person"]
    ids["unit"] = s.live("registerBody", name="某局", category="party_or_government_organ")
    ids["discipline"] = s.live("registerBody", name="某市纪委监察局", organClass="discipline")
    ids["organisation"] = s.live("registerBody", name="某市委组织部", organClass="organisation")
    ids["audit"] = s.live("registerBody", name="某市审计局", organClass="other")
    for who, (name, post, body) in PEOPLE.items():
        ids[who] = s.live("registerPerson", name=name)
        s.live("appoint", person=ids[who], body=ids[body], post=post, fromOn=SINCE)
    for who, (name, _) in TEAM.items():
        ids[who] = s.live("registerPerson", name=name)
    for role in ROLES:
        if role.subject != DIRECTOR:
            s.live("linkSignIn", person=ids[role.subject], issuer=DEVELOPMENT_ISSUER, subject=role.subject)


def prepare(s: Story) -> None:
    """Art. 5, 11, 23: from the plan to entry on 2022-09-16."""
    ids, unit = s.ids, s["unit"]
    ids["round"] = s.paper(CLERK, "openRound", "2022-08-01", year=2022, number=3, title="某市2022年第三轮巡查")
    s.paper(
        CLERK,
        "submitPlan",
        round=s["round"],
        tasks="对某局党组开展常规巡查",
        units=[{"unit": unit}],
        ways=["work_report", "interview", "petition", "documents", "discussion_meeting"],
        fromOn="2022-09-01",
        untilOn="2022-10-31",
        inspectedFrom="2019-01-01",
        submittedOn="2022-08-05",
    )
    s.paper("group-head", "approvePlan", round=s["round"], approvedOn="2022-08-10", decision="领导小组会议纪要一")
    ids["team"] = s.paper(
        "group-head", "formTeam", round=s["round"], name="第一巡查组", units=[unit], decidedOn="2022-08-12"
    )
    ids["inspection"] = s.api.first(CLERK, "inspections")
    s.paper(
        "organisation-contact",
        "nominateLeader",
        round=s["round"],
        person=s["team-leader"],
        consultedOn="2022-08-12",
        consulted=s["discipline"],
        reason="改任非领导职务，熟悉业务",
        nominatedOn="2022-08-13",
    )
    for who, (_, duty) in TEAM.items():
        leader = duty == "leader"
        s.paper(
            "party-secretary" if leader else "group-head",
            "grantMandate",
            by=DIRECTOR,
            round=s["round"],
            team=s["team"],
            person=s[who],
            duty=duty,
            units=[unit],
            fromOn="2022-08-16",
            untilOn="2027-12-31",
            decidedOn="2022-08-15",
            **({"movedToNonLeadingPost": True} if leader else {}),
        )
    staff = [s[who] for who in TEAM]
    s.paper(CLERK, "holdTraining", round=s["round"], subject="巡查业务集中培训", attendees=staff, heldOn="2022-08-22")
    s.paper(
        CLERK,
        "deliver",
        round=s["round"],
        occasion="information_to_team",
        team=s["team"],
        recipients=[s["team-leader"]],
        content="信访举报、审计报告、民主评议情况摘编",
        deliveredOn="2022-08-25",
    )
    inquiry = s.paper(
        "team-leader",
        "deliver",
        round=s["round"],
        occasion="inquiry_to_organ",
        team=s["team"],
        body=s["audit"],
        recipients=[s["audit-contact"]],
        content="请提供某局近三年审计情况",
        deliveredOn="2022-08-26",
    )
    s.paper(
        "audit-contact",
        "deliver",
        round=s["round"],
        occasion="inquiry_answer",
        replyTo=inquiry,
        team=s["team"],
        recipients=[s["team-leader"]],
        content="近三年审计情况",
        deliveredOn="2022-09-05",
    )
    for who in TEAM:
        grounds = {"grounds": ["near_relative"], "statement": "与班子成员有近亲属关系"} if who == "team-recused" else {}
        done = s.paper(who, "declareRecusal", inspection=s["inspection"], declaredOn="2022-09-06", **grounds)
        ids[f"recusal/{who}"] = done
    s.paper(
        DIRECTOR,
        "decideRecusal",
        recusal=s["recusal/team-recused"],
        outcome="upheld",
        reason="情形属实，予以回避",
        decidedOn="2022-09-07",
    )
    s.paper(
        "team-leader",
        "fileTeamPlan",
        team=s["team"],
        entries=[{"inspection": s["inspection"], "entryOn": "2022-09-16"}],
        priorities="重点了解项目发包、选人用人",
        division="组长负责全面，副组长分管谈话，登记人负责信访",
        filedOn="2022-09-08",
    )
    s.paper(
        "team-leader",
        "serveNotice",
        inspection=s["inspection"],
        talkedOn="2022-09-08",
        servedOn="2022-09-09",
        recipients=[s["unit-head"]],
        content="《巡查通知书》：巡查内容、时间安排、工作方式",
        fromOn="2022-09-16",
        untilOn="2022-10-18",
    )
    s.paper("unit-head", "receiveNotice", inspection=s["inspection"], receivedOn="2022-09-09")
    s.paper(
        "unit-contact",
        "publishNotice",
        inspection=s["inspection"],
        publishedOn="2022-09-14",
        account="已在公开栏和内部网公布",
    )
    s.paper(
        "team-leader",
        "publishAnnouncement",
        inspection=s["inspection"],
        text="巡查公告：巡查时间、内容和要求",
        telephone="公告所列电话",
        mailbox="公告所列信箱",
        opensAt="2022-09-16T09:00:00+08:00",
        closesAt="2022-10-18T17:30:00+08:00",
        publishedOn="2022-09-15",
    )
    s.paper("team-leader", "enterUnit", inspection=s["inspection"], enteredOn="2022-09-16")


# What came in: (received, channel, petitioner, what it says, summary, scope, what became of it)
PETITIONS = (
    ("2022-09-20", "letter", {"name": "来信人甲", "contact": "示例号码一"}, "反映某项目发包未经集体研究", "clue"),
    ("2022-09-22", "visit", {"name": "来访人乙"}, "反映公车私用", "clue"),
    ("2022-09-23", "mailbox", None, "匿名反映中层干部选任走过场", "clue"),
    ("2022-09-26", "call", {"name": "来电人丙", "contact": "示例号码二"}, "反映窗口收费未公示", "suggestion"),
    ("2022-09-28", "letter", {"name": "来信人丁"}, "咨询补助发放时间", "answered"),
    ("2022-09-30", "forwarded", None, "反映的事项早有结论", "filed_without_action"),
)


def inspect(s: Story) -> None:
    """Art. 6(3), 7, 12, 13, 15: what came in and what the team did at the unit, to the end on 2022-10-18."""
    ids, inspection = s.ids, s["inspection"]
    s.paper(
        "team-leader",
        "recordActivity",
        inspection=inspection,
        way="work_report",
        place="某局会议室",
        staff=[s["team-leader"], s["team-deputy"], s["team-member"]],
        record="听取班子工作汇报和有关部门专题汇报",
        outcome="收到汇报材料三份",
        heldOn="2022-09-16",
    )
    for who, day in (("unit-head", "2022-09-19"), ("unit-deputy", "2022-09-20")):
        s.paper(
            "team-deputy",
            "recordActivity",
            inspection=inspection,
            way="interview",
            place="谈话室",
            staff=[s["team-deputy"], s["team-member"]],
            member=s[who],
            record="谈话记录一份",
            outcome="了解班子分工和决策程序",
            heldOn=day,
        )
    s.paper(
        "team-deputy",
        "recordActivity",
        inspection=inspection,
        way="interview",
        place="谈话室",
        staff=[s["team-deputy"]],
        others=[{"name": "中层干部甲"}],
        record="谈话记录一份",
        outcome="反映选任程序情况",
        reason="另一名工作人员因病请假",
        heldOn="2022-09-21",
    )
    given = s.paper(
        "team-leader",
        "requestDocuments",
        inspection=inspection,
        what="2019年以来班子会议记录",
        recipients=[s["unit-contact"]],
        wantedBy="2022-09-23",
        requestedOn="2022-09-19",
    )
    s.paper(
        "unit-contact",
        "answerDocumentRequest",
        request=given,
        outcome="given",
        account="会议记录原件共四册",
        answeredOn="2022-09-22",
    )
    refused = s.paper(
        "team-leader",
        "requestDocuments",
        inspection=inspection,
        what="某项目发包全部资料",
        recipients=[s["unit-contact"]],
        wantedBy="2022-09-28",
        requestedOn="2022-09-23",
    )
    s.paper(
        "unit-contact",
        "answerDocumentRequest",
        request=refused,
        outcome="partly",
        account="已提供合同和付款凭证",
        reason="评审记录称已遗失",
        answeredOn="2022-09-30",
    )
    for n, (day, channel, petitioner, content, way) in enumerate(PETITIONS):
        more = {"petitioner": petitioner} if petitioner else {}
        ids[f"petition/{n}"] = s.paper(
            "team-registrar",
            "registerPetition",
            day,
            inspection=inspection,
            receivedOn=day,
            channel=channel,
            content=f"来件全文：{content}",
            summary=content,
            **more,
        )
        s.paper(
            "team-leader",
            "instructPetition",
            petition=s[f"petition/{n}"],
            instruction="请核实后提出意见",
            handler=s["team-member"],
            instructedOn="2022-10-03",
        )
        if way != "clue":
            s.paper(
                "team-member",
                "handlePetition",
                petition=s[f"petition/{n}"],
                way=way,
                account={
                    "suggestion": "转为向单位提出的处理建议",
                    "answered": "已电话答复",
                    "filed_without_action": "无新情况，存档",
                }[way],
                handledOn="2022-10-05",
            )
    ids["suggestion"] = s.paper(
        "team-leader",
        "proposeSuggestion",
        inspection=inspection,
        text="公示服务窗口收费项目和标准",
        conditions={
            "strongPublicReaction": "窗口群众多次询问",
            "plainlyAgainstTheRules": "收费公示制度有明确要求",
            "soonSolvable": "张贴公示即可",
        },
        petitions=[s["petition/3"]],
        proposedOn="2022-10-06",
    )
    s.paper(DIRECTOR, "decideSuggestion", suggestion=s["suggestion"], approved=True, decidedOn="2022-10-08")
    s.paper(
        "team-leader",
        "makeSuggestion",
        suggestion=s["suggestion"],
        recipients=[s["unit-head"]],
        madeOn="2022-10-09",
    )
    s.paper("unit-head", "answerSuggestion", suggestion=s["suggestion"], account="已公示", answeredOn="2022-10-12")


def clues(s: Story) -> None:
    """Art. 7(2), 13, 14, 15: three clues: one reported to the office, one directly, one to an organ at once."""
    ids, inspection = s.ids, s["inspection"]
    for n, name, managed, text in (
        (0, "tender", "city", "某项目发包未见集体研究记录"),
        (2, "appointments", "city", "两名中层干部选任缺少考察环节"),
        (1, "car", "unit", "某中层干部多次公车私用"),
    ):
        direct = {"restricted": True} if name == "appointments" else {}
        enter, who = (s.remembered, "team-leader") if direct else (s.paper, "team-member")
        ids[f"clue/{name}"] = enter(
            who,
            "registerClue",
            inspection=inspection,
            petitions=[] if direct else [s[f"petition/{n}"]],
            category="organisational_discipline",
            managed=managed,
            firstKnownOn="2022-10-04",
            registeredOn="2022-10-06",
            text=text,
            summary=text,
            **direct,
        )
    s.paper(
        "team-member",
        "handlePetition",
        petition=s["petition/2"],
        way="inquired_into",
        account="已了解，另行报告",
        handledOn="2022-10-07",
    )
    s.paper(
        "team-leader",
        "holdMeeting",
        team=s["team"],
        attendees=[s[who] for who in ("team-leader", "team-deputy", "team-registrar", "team-member")],
        items=[
            {
                "kind": "in_depth_inquiry",
                "about": s["clue/tender"],
                "subject": "某项目发包问题拟深入了解",
                "conclusion": "同意深入了解",
            }
        ],
        heldOn="2022-10-08",
    )
    ids["inquiry"] = s.paper(
        "team-leader",
        "openInquiry",
        inspection=inspection,
        clues=[s["clue/tender"]],
        on="leadership_body",
        subject="某项目发包决策过程",
        staff=[s["team-leader"], s["team-member"]],
        openedOn="2022-10-09",
    )
    s.paper(
        "team-leader",
        "concludeInquiry",
        inquiry=s["inquiry"],
        findings="未见集体研究，合同由个人签批",
        concludedOn="2022-10-13",
    )
    s.paper(
        "team-leader",
        "reportClue",
        clue=s["clue/tender"],
        reportedOn="2022-10-14",
        report="某项目发包未经集体决策",
    )
    s.remembered(
        "team-leader",
        "reportDirectly",
        clue=s["clue/appointments"],
        addressee=s["group-head"],
        specialCircumstances="涉及与巡查办有工作往来的人员",
        report="干部选任程序不全",
        reportedOn="2022-10-10",
    )
    s.remembered("group-head", "releaseClue", clue=s["clue/appointments"], releasedOn="2022-10-19")
    s.paper(
        "team-leader",
        "proposeEarlyTransfer",
        clue=s["clue/car"],
        organ=s["discipline"],
        reason="属单位管理的干部，事实清楚，宜及时处理",
        proposedOn="2022-10-10",
    )
    s.paper(DIRECTOR, "decideEarlyTransfer", clue=s["clue/car"], approved=True, decidedOn="2022-10-11")
    ids["transfer/car"] = s.paper(
        CLERK,
        "transferItem",
        item=s["clue/car"],
        recipients=[s["discipline-contact"]],
        material="某中层干部公车私用问题线索摘要",
        transferredOn="2022-10-12",
    )
    s.paper("discipline-contact", "receiveTransfer", transfer=s["transfer/car"], receivedOn="2022-10-12")
    s.paper(
        "discipline-contact",
        "answerTransfer",
        transfer=s["transfer/car"],
        handling="talk_or_letter",
        account="已谈话提醒并退缴费用",
        answeredOn="2022-11-10",
    )
    s.paper("team-leader", "endInspection", inspection=inspection, endedOn="2022-10-18")


CATEGORIES = (
    "political_discipline",
    "integrity_discipline",
    "organisational_discipline",
    "mass_work_and_life_discipline",
    "other_required",
)
PROBLEMS = 25
CENTRALISM = 2
"""The problem disposed of by itself, by its place in the report: one of organisational discipline."""
SUMMARIES = {"clue": "问题线索摘要", "problem": "巡查报告所列问题摘要"}


def report(s: Story) -> None:
    """Art. 7(3), 16: two drafts, the meeting, signed off, and with the office on the fourth working day of five."""
    inspection = s["inspection"]

    def draft(problems: int, day: str, author: str) -> None:
        s.paper(
            author,
            "saveDraft",
            inspection=inspection,
            overview="巡查情况综述",
            problems=[
                {
                    "category": CATEGORIES[n % len(CATEGORIES)],
                    "text": f"问题{n + 1}",
                    "causes": f"原因{n + 1}",
                    "suggestion": f"建议{n + 1}",
                }
                for n in range(problems)
            ],
            clues=[s["clue/tender"], s["clue/appointments"]],
            omissions=[{"clue": s["clue/car"], "reason": "巡查期间已移交"}],
            savedOn=day,
        )

    draft(PROBLEMS - 1, "2022-10-19", "team-deputy")
    draft(PROBLEMS, "2022-10-20", "team-leader")
    s.paper(
        "team-leader",
        "holdMeeting",
        team=s["team"],
        attendees=[s[who] for who in ("team-leader", "team-deputy", "team-member")],
        absentees=[s["team-registrar"]],
        items=[
            {
                "kind": "matter_to_report",
                "about": inspection,
                "subject": "巡查报告",
                "views": "建议把两个问题分开表述",
                "conclusion": "同意上报",
            }
        ],
        heldOn="2022-10-21",
    )
    s.paper("team-leader", "signReport", inspection=inspection, draft=2, signedOn="2022-10-24")
    s.paper(
        "team-leader",
        "submitReport",
        inspection=inspection,
        recipients=[s[DIRECTOR]],
        submittedOn="2022-10-24",
    )


def dispose(s: Story) -> None:
    """Art. 17: the team heard, two clues and a problem of the report disposed of and transferred; one answer late."""
    s.paper(
        DIRECTOR,
        "hearTeam",
        inspection=s["inspection"],
        attendees=[s["team-leader"], s["team-deputy"]],
        account="听取巡查情况汇报",
        heardOn="2022-11-01",
    )
    s.ids["problem/centralism"] = _problems(s)[CENTRALISM]
    for name, of, kind, organ, answered, handling in (
        ("tender", "clue", "cadre_discipline", "discipline", "2022-12-14", "preliminary_verification"),
        ("appointments", "clue", "appointments", "organisation", "2022-12-20", "organisational_handling"),
        ("centralism", "problem", "democratic_centralism", "organisation", "2022-12-13", "talk_or_letter"),
    ):
        item, to, summary = s[f"{of}/{name}"], f"{organ}-contact", SUMMARIES[of]
        s.paper(
            CLERK,
            "proposeDisposal",
            item=item,
            paper=summary,
            disposalClass=kind,
            organ=s[organ],
            reason="属该机关职责",
            summoned=[s["group-member"]],
            proposedOn="2022-11-03",
        )
        s.paper(
            "group-head",
            "decideDisposal",
            item=item,
            disposalClass=kind,
            organ=s[organ],
            attendees=[s["group-member"]],
            conclusion="同意移交",
            decidedOn="2022-11-10",
        )
        transfer = s.paper(
            CLERK,
            "transferItem",
            item=item,
            recipients=[s[to]],
            material=summary,
            transferredOn="2022-11-14",
        )
        s.ids[f"transfer/{name}"] = transfer
        s.paper(to, "receiveTransfer", transfer=transfer, receivedOn="2022-11-15")
        if answered > "2022-12-15":
            s.paper(CLERK, "urgeAnswer", transfer=transfer, note="已逾期，请尽快反馈", urgedOn="2022-12-16")
        s.paper(
            to,
            "answerTransfer",
            transfer=transfer,
            handling=handling,
            account="办理情况",
            answeredOn=answered,
        )


def _problems(s: Story) -> list[str]:
    """The problems of the report as the office has them, in the report's order."""
    s.api.first(CLERK, "reports")
    report = s.api.ask(CLERK, "{ reports { items { problems { problem } } } }")["reports"]["items"][0]
    return [stated["problem"] for stated in report["problems"]]


def feed_back(s: Story) -> None:
    """Art. 18: 25 problems fed back on 2023-01-17, and the city leader concerned informed."""
    inspection, ids = s["inspection"], s.ids
    s.paper(
        "team-leader",
        "proposeFeedback",
        inspection=inspection,
        overview="反馈意见",
        opinions=[
            {"problem": problem, "text": f"问题{n + 1}", "opinion": f"整改意见{n + 1}"}
            for n, problem in enumerate(_problems(s))
        ],
        proposedOn="2022-12-26",
    )
    s.paper(DIRECTOR, "decideFeedback", inspection=inspection, approved=True, decidedOn="2023-01-05")
    s.paper(
        "team-leader",
        "giveFeedback",
        inspection=inspection,
        recipients=[s["unit-head"], s["unit-deputy"]],
        givenOn="2023-01-17",
    )
    s.paper("unit-head", "receiveFeedback", inspection=inspection, receivedOn="2023-01-17")
    ids["informed"] = s.paper(
        "team-leader",
        "deliver",
        round=s["round"],
        occasion="city_leaders_informed",
        team=s["team"],
        about=inspection,
        recipients=[s["city-leader"]],
        content="巡查反馈情况通报",
        deliveredOn="2023-01-18",
    )


DONE, EXTENDED = 19, 24


def rectify(s: Story) -> None:
    """Art. 19, 20, 21: measures, two reports in the month, checks, and where it stood on 2023-05-04: 19 of 25."""
    inspection = s["inspection"]
    s.api.first(CLERK, "rectifications")
    rows = s.api.ask(CLERK, "{ rectifications { items { items { id } } } }")["rectifications"]["items"]
    items = [found["id"] for found in rows[0]["items"]]
    for n, item in enumerate(items):
        s.paper(
            "unit-head",
            "planItem",
            inspection=inspection,
            item=item,
            measures=f"整改措施{n + 1}",
            responsible=s["unit-deputy"],
            byOn="2023-02-10",
            plannedOn="2023-01-20",
        )
    s.paper(
        "unit-contact",
        "askItemExtension",
        inspection=inspection,
        item=items[EXTENDED],
        toOn="2023-06-30",
        reason="涉及工程验收",
        askedOn="2023-02-08",
    )
    s.paper(
        DIRECTOR,
        "decideItemExtension",
        inspection=inspection,
        item=items[EXTENDED],
        granted=True,
        decidedOn="2023-02-09",
    )
    for verb, who in (("submitRectificationReport", "unit-contact"), ("submitHeadsReport", "unit-head")):
        s.paper(
            who,
            verb,
            inspection=inspection,
            report="整改情况报告" if who == "unit-contact" else "主要负责人组织落实情况报告",
            recipients=[s[CLERK]],
            submittedOn="2023-02-16",
        )
    for n, item in enumerate(items):
        state = "done" if n < DONE else "in_progress"
        s.paper(
            "unit-contact",
            "updateItem",
            inspection=inspection,
            item=item,
            state=state,
            evidence=f"佐证材料{n + 1}",
            updatedOn="2023-05-04",
        )
    for item in items[:3]:
        s.paper(
            DIRECTOR,
            "checkItem",
            inspection=inspection,
            item=item,
            accepted=True,
            visited=True,
            checkedOn="2023-05-05",
        )
    for of, text, day in (
        ("entry", "进驻情况公告", "2022-09-16"),
        ("feedback", "反馈情况通报", "2023-01-20"),
        ("rectification", "整改进展情况通报", "2023-05-06"),
    ):
        publication = s.paper(CLERK, "proposePublication", inspection=inspection, of=of, text=text, proposedOn=day)
        s.paper(
            DIRECTOR,
            "decidePublication",
            publication=publication,
            approved=True,
            redacted=True,
            decidedOn=day,
        )
        s.paper(CLERK, "publish", publication=publication, where="市纪委网站", publishedOn=day)


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


def archive(s: Story) -> None:
    """Art. 22, 28: the round's work ended, the file handed over within the month, results delivered, round closed."""
    s.paper("team-leader", "nameReporter", team=s["team"], person=s["team-member"], namedOn="2022-09-08")
    s.paper(
        "team-member",
        "reportPeriodically",
        team=s["team"],
        of="important_work",
        content="九月工作情况",
        recipients=[s[CLERK]],
        reportedOn="2022-09-30",
    )
    s.paper(CLERK, "endRoundsWork", round=s["round"], endedOn="2022-10-18")
    pieces = {"meeting_papers": 2, "collected_materials": 5, "petition_forms": 6, "interview_records": 3}
    pieces |= {"reports_heard": 3, "inspection_reports": 1}
    missing = {"discussion_records": "未召开座谈会", "rectification_reports": "整改报告收到后补入"}
    s.paper(
        "team-leader",
        "handOverFile",
        team=s["team"],
        entries=[
            {
                "kind": kind,
                "pieces": pieces.get(kind, 0),
                **({"missing": missing[kind]} if kind in missing else {}),
                **({"toFollow": True} if kind == "rectification_reports" else {}),
            }
            for kind in FILE
        ],
        recipients=[s[CLERK]],
        handedOverOn="2022-11-17",
    )
    s.paper(CLERK, "receiveFile", team=s["team"], receivedOn="2022-11-17")
    for occasion, body in (("results_to_organisation", "organisation"), ("results_to_assessment", "discipline")):
        s.paper(
            CLERK,
            "deliver",
            round=s["round"],
            occasion=occasion,
            about=s["inspection"],
            body=s[body],
            recipients=[s[f"{body}-contact"]],
            content="巡查结果及整改落实情况",
            deliveredOn="2023-05-10",
        )
    s.paper("group-head", "closeRound", round=s["round"], conclusion="同意结束本轮巡查", closedOn="2023-05-31")


if __name__ == "__main__":
    raise SystemExit(run("round", ROLES, load))
