"""The whole round of the example, from plan to archive, told by the people it is about, at a test's city.

The example enters everything from paper. Here whoever did it does it, where they can sign in; the days stay those of
the example. What the example has no need of, a second team and the commands that undo, return or record service,
stands below as asides of the same story.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any
from uuid import UUID, uuid4, uuid5

NAMESPACE = UUID("9a2e7d54-0d6b-5b3e-8f0e-6a5d9b0c4e77")
ROOT = Path(__file__).resolve().parents[2]
DIRECTOR, CLERK = "office-director", "office-clerk"

AUDIENCE = {
    DIRECTOR: "office",
    CLERK: "office",
    "party-secretary": "leading-group",
    "group-head": "leading-group",
    "group-deputy": "leading-group",
    "group-member": "leading-group",
    "team-leader": "team",
    "team-deputy": "team",
    "team-registrar": "team",
    "team-member": "team",
    "team-recused": "team",
    "other-leader": "team",
    "other-member": "team",
    "unit-head": "unit",
    "unit-contact": "unit",
    "bureau-head": "unit",
    "discipline-contact": "organ",
    "organisation-contact": "organ",
    "audit-contact": "organ",
    "city-leader": "addressee",
    "nobody-in-particular": "office",
}
"""Everybody who can sign in, and the endpoint of their part."""

MORE = {
    "group-deputy": ("领导小组副组长", "group_deputy_head", "leading_group"),
    "bureau-head": ("另一单位主要负责人", "unit_head", "bureau"),
    "other-leader": ("第二巡查组组长", None, None),
    "other-member": ("第二巡查组成员", None, None),
    "nobody-in-particular": ("无职务人员", None, None),
}
"""Whom the example has no need of."""

FROM_PAPER = {
    ("group-head", "approvePlan"),
    ("unit-head", "receiveNotice"),
    ("team-leader", "enterUnit"),
    ("discipline-contact", "receiveTransfer"),
    ("team-leader", "giveFeedback"),
    ("unit-head", "submitHeadsReport"),
}
"""What is entered from its paper, as in the example, so that papers are told of too."""

ALWAYS_GIVEN: dict[str, dict[str, Any]] = {
    "grantMandate": {"matters": "授权事项", "reason": "另有理由"},
    "decideSuggestion": {"reason": "同意"},
    "decideEarlyTransfer": {"reason": "同意"},
    "decideFeedback": {"reason": "同意"},
    "decidePublication": {"reason": "同意"},
    "decideItemExtension": {"reason": "同意"},
    "checkItem": {"reason": "属实"},
    "answerDocumentRequest": {"reason": "说明"},
    "releaseClue": {"instruction": "请按程序办理"},
    "receiveFile": {"remarks": "收讫"},
    "declareRecusal": {"statement": "说明"},
}
"""Texts the example leaves out where it can."""


STAGES = ("people", "prepare", "inspect", "clues", "report", "dispose", "feed_back", "rectify", "archive")
LATE = "2023-02-01"
"""When the feedback was at last acknowledged: what the example has follow it comes later here."""


@contextmanager
def example() -> Iterator[ModuleType]:
    """The module that tells the example, with few problems: each is told of like any other."""
    folder = str(ROOT / "examples")
    sys.path.insert(0, folder)
    try:
        found = import_module("round")
        kept = {name: getattr(found, name) for name in ("PROBLEMS", "DONE", "EXTENDED", "ROLES")}
        found.PROBLEMS, found.DONE, found.EXTENDED, found.ROLES = 3, 2, 2, ()
        try:
            yield found
        finally:
            for name, value in kept.items():
                setattr(found, name, value)
    finally:
        sys.path.remove(folder)


Aside = Callable[["Telling"], None]


class Telling:
    """The story as it is told: what stands where the example has its client and its papers.

    `told` is called after each accepted command of the main line with the verb, and whether it is about the other team,
    `stage` after each stage; `asides` are told before a stage. Each command is sent
    twice and answered alike (Promise 3).
    """

    def __init__(
        self,
        city: Any,
        module: ModuleType,
        *,
        told: Callable[[str], None] = lambda _: None,
        stage: Callable[[str], None] = lambda _: None,
        asides: dict[str, Aside] | None = None,
    ) -> None:
        self.city, self.module = city, module
        self.told, self.stage, self.asides = told, stage, asides or {}
        self.aside = False
        self.sent = 0
        self.notes: list[str] = []
        self.story = module.Story(self)
        self.story.paper = self.paper
        self.ids: dict[str, str] = self.story.ids
        city.ids = self.ids

    # --- what the example asks of its client ---------------------------------------------------------------------

    def do(self, role: str, verb: str, circumstances: dict[str, Any] | None = None, **given: Any) -> str:
        self.meanwhile(verb)
        given = self.amended(verb, given)
        # By its place in the main line: what is told beside it, or said in it, must not move the ids of what it makes.
        self.sent += not self.aside
        client_id = str(uuid4() if self.aside else uuid5(NAMESPACE, str(self.sent)))
        asked = {"audience": AUDIENCE[role], "circumstances": circumstances, "client_id": client_id}
        answer = self.city.do(role, verb, **asked, **given).json()
        assert self.city.do(role, verb, **asked, **given).json() == answer, (role, verb, given)
        made = answer.get("data", {}).get("done", {}).get("id")
        assert made, (role, verb, given, answer)
        if not self.aside:
            whats = ("inspection", "team", "leader", "recusal")
            others = {self.ids.get(f"other-{what}") for what in whats} - {None}
            self.told(f"{verb} of the other team" if others & {*map(str, given.values())} else verb)
        return str(made)

    def ask(self, role: str, query: str, **variables: Any) -> Any:
        self.city.settle()
        return self.city.ask(role, query, AUDIENCE[role], **variables)

    def first(self, role: str, view: str, **where: str) -> str:
        assert not where
        return str(self.ask(role, f"{{ {view} {{ items {{ id }} }} }}")[view]["items"][0]["id"])

    def paper(self, doer: str, verb: str, day: str | None = None, by: str = CLERK, **given: Any) -> str:
        """An act of somebody: their own where they can do it, else from paper."""
        if doer not in AUDIENCE or (doer, verb) in FROM_PAPER:
            kept, self.story.paper = self.story.paper, None
            try:
                return str(type(self.story).paper(self.story, doer, verb, day, by, **given))
            finally:
                self.story.paper = kept
        return self.do(doer, verb, {"happenedOn": day, "recollected": True} if day else None, **given)

    # --- what is told otherwise, and beside ----------------------------------------------------------------------

    def amended(self, verb: str, given: dict[str, Any]) -> dict[str, Any]:
        """What is given, with the second unit in the plan, and a mandate that lives today."""
        given = {**ALWAYS_GIVEN.get(verb, {}), **given}
        if verb == "grantMandate":
            given["untilOn"] = (self.city.today + timedelta(days=400)).isoformat()
        if verb == "linkSignIn":
            given["issuer"] = self.city.issuer.name
        if verb == "submitPlan":
            given["units"] = [
                {"unit": self.ids["unit"]},
                {"unit": self.ids["bureau"], "form": "special", "focus": "matter", "decision": "专项决定"},
            ]
        if verb in ("planItem", "proposePublication", "decidePublication", "publish"):
            given = {name: LATE if value == "2023-01-20" else value for name, value in given.items()}
        if verb == "updateItem" and given["state"] == "in_progress":
            self.notes.append(given["item"])
        if verb == "checkItem" and given["item"] in self.notes:
            given["accepted"] = False
        if verb == "saveDraft" and given["inspection"] == self.ids["inspection"]:
            given["clues"] = [*given["clues"], *(self.ids[n] for n in ("clue/returned",) if n in self.ids)]
            given["materials"] = [{"title": "专题材料", "content": "专题材料内容"}]
        return given

    def meanwhile(self, verb: str) -> None:
        """What the second team and the office do before this, once."""
        found = MEANWHILE.get(verb)
        if found is not None and verb not in self.notes and (verb != "formTeam" or "team" in self.ids):
            self.notes.append(verb)
            found(self)

    def sideways(self, tell: Aside) -> None:
        """An aside that is no step of the main line."""
        before, papers = self.aside, self.story.papers
        self.aside = True
        try:
            tell(self)
        finally:
            # The papers of the main line are numbered as if nothing had been beside it.
            self.aside, self.story.papers = before, papers

    def tell(self) -> None:
        """All of it."""
        module = self.module
        for stage in (
            people,
            module.prepare,
            module.inspect,
            module.clues,
            module.report,
            module.dispose,
            module.feed_back,
            module.rectify,
            module.archive,
        ):
            if aside := self.asides.get(stage.__name__):
                self.sideways(aside)
            stage(self if stage is people else self.story)
            self.stage(stage.__name__)


def people(t: Telling) -> None:
    """Bodies, people, posts and sign-ins: those of the example and some more; what is registered by mistake undone."""
    ids, live = t.ids, t.story.live
    t.module.people(t.story)
    ids["bureau"] = live("registerBody", name="另一单位", category="other_by_decision", decision="市委决定")
    for who, (name, post, body) in MORE.items():
        ids[who] = live("registerPerson", name=name)
        if post:
            live("appoint", person=ids[who], body=ids[body], post=post, fromOn="2020-01-01")
    for who in AUDIENCE:
        if who != DIRECTOR:
            live("linkSignIn", person=ids[who], issuer="", subject=who)
    old = live("registerBody", name="撤并前的单位", category="town_or_street")
    live("renameBody", body=old, name="更名后的单位", renamedOn="2021-01-01", decision="更名决定")
    new = live("registerBody", name="撤并后的单位", category="town_or_street")
    live("recordSuccession", body=old, successor=new, succeededOn="2021-06-01", decision="撤并决定")
    nobody = ids["nobody-in-particular"]
    held = {"person": nobody, "body": ids["office"], "post": "office_clerk"}
    ended = live("appoint", fromOn="2020-01-01", **held)
    live("endAppointment", person=nobody, appointment=ended, endedOn="2020-12-31")
    mistaken = live("appoint", fromOn="2021-01-01", **held)
    live("withdrawAppointment", person=nobody, appointment=mistaken, reason="登记有误")
    live("linkSignIn", person=nobody, issuer="", subject="somebody-else")
    live("unlinkSignIn", person=nobody, issuer=t.city.issuer.name, subject="somebody-else", reason="绑定有误")


# --- the second team, and what is undone, returned or served --------------------------------------------------------


def plan_returned(t: Telling) -> None:
    """Art. 11(1): the plan is returned once and submitted again."""
    ids = t.ids
    t.paper("group-head", "returnPlan", round=ids["round"], reason="请补充方式", returnedOn="2022-08-06")
    t.paper(
        CLERK,
        "submitPlan",
        round=ids["round"],
        tasks="对两个单位党组开展常规巡查",
        units=[],
        ways=["work_report", "interview", "petition", "documents", "discussion_meeting"],
        fromOn="2022-09-01",
        untilOn="2022-10-31",
        inspectedFrom="2019-01-01",
        submittedOn="2022-08-07",
    )


def second_team(t: Telling) -> None:
    """Art. 5, 11(2): a team at the other unit, and a mandate that is ended."""
    ids = t.ids
    ids["other-team"] = t.paper(
        "group-head", "formTeam", round=ids["round"], name="第二巡查组", units=[ids["bureau"]], decidedOn="2022-08-12"
    )
    rows = t.ask(CLERK, "{ inspections { items { id unit } } }")["inspections"]["items"]
    (ids["other-inspection"],) = [row["id"] for row in rows if row["unit"] == ids["bureau"]]
    given = {"round": ids["round"], "consultedOn": "2022-08-12", "consulted": ids["discipline"]}
    t.paper(
        "organisation-contact",
        "nominateLeader",
        person=ids["other-leader"],
        reason="熟悉另一单位",
        nominatedOn="2022-08-13",
        **given,
    )
    mandate = {
        "round": ids["round"],
        "team": ids["other-team"],
        "units": [ids["bureau"]],
        "fromOn": "2022-08-16",
        "untilOn": "",
        "decidedOn": "2022-08-15",
    }
    t.paper(
        "party-secretary",
        "grantMandate",
        by=DIRECTOR,
        person=ids["other-leader"],
        duty="leader",
        movedToNonLeadingPost=True,
        **mandate,
    )
    t.paper("group-head", "grantMandate", by=DIRECTOR, person=ids["other-member"], duty="member", **mandate)
    taken_back = t.paper(
        "group-head", "grantMandate", by=DIRECTOR, person=ids["nobody-in-particular"], duty="member", **mandate
    )
    t.paper(
        "group-head",
        "endMandate",
        "2022-08-20",
        round=ids["round"],
        mandate=taken_back,
        endedOn="2022-08-20",
        reason="另有任用",
    )


def second_notice(t: Telling) -> None:
    """Art. 11(6): a notice nobody acknowledged, and entry; a delivery nobody acknowledged, another acknowledged."""
    ids = t.ids
    inspection = ids["other-inspection"]
    for who in ("other-leader", "other-member"):
        recusal = t.paper(who, "declareRecusal", inspection=inspection, declaredOn="2022-09-06", grounds=[])
    ids["other-recusal"] = recusal
    t.paper(
        "other-leader",
        "serveNotice",
        inspection=inspection,
        talkedOn="2022-09-06",
        servedOn="2022-09-07",
        recipients=[ids["bureau-head"]],
        content="致另一单位的通知书",
        fromOn="2022-09-16",
        untilOn="2022-10-18",
    )
    t.paper(CLERK, "recordNoticeService", inspection=inspection, recordedOn="2022-09-14", reason="逾期未签收")
    t.paper("bureau-head", "publishNotice", inspection=inspection, publishedOn="2022-09-15", account="另一单位已公布")
    t.paper("other-leader", "enterUnit", inspection=inspection, enteredOn="2022-09-16")
    t.paper(
        "other-leader",
        "requestRecusal",
        inspection=inspection,
        person=ids["other-member"],
        grounds=["own_interest"],
        reason="有人反映其与该单位有往来",
        statement="请说明与该单位的往来",
        requestedOn="2022-09-17",
    )
    t.paper("other-member", "answerRecusalRequest", recusal=recusal, answer="没有往来", answeredOn="2022-09-18")
    t.paper(
        DIRECTOR,
        "decideRecusal",
        recusal=recusal,
        outcome="not_upheld",
        reason="查无此事",
        unheard="已经答复，此处不必说明",
        decidedOn="2022-09-19",
    )
    t.do(
        DIRECTOR,
        "correctDay",
        {"happenedOn": "2022-09-20", "recollected": True},
        matter=inspection,
        dayOf="entered",
        day="2022-09-17",
        reason="原件为十七日",
        paper={"reference": "进驻记录"},
        correctedOn="2022-09-20",
    )
    rows = t.ask("team-leader", "{ deliveries { items { id occasion } } }")["deliveries"]["items"]
    for row in rows:
        if row["occasion"] == "information_to_team":
            t.paper("team-leader", "acknowledgeDelivery", delivery=row["id"], receivedOn="2022-08-26")
    letter = t.paper(
        CLERK,
        "deliver",
        round=ids["round"],
        occasion="other",
        body=ids["unit"],
        recipients=[ids["unit-deputy"]],
        content="请到会",
        deliveredOn="2022-09-01",
    )
    t.paper(CLERK, "recordService", delivery=letter, recordedOn="2022-09-15", reason="未见签收")


def second_rights(t: Telling) -> None:
    """Art. 12, 13: a way by decision, things asked and sought in vain; a petition passed on and returned."""
    ids, inspection = t.ids, t.ids["inspection"]
    t.paper(
        "team-leader",
        "recordActivity",
        inspection=inspection,
        way="other_approved",
        place="项目现场",
        staff=[ids["team-leader"], ids["team-member"]],
        others=[{"name": "知情人乙", "role": "承包人"}],
        decision="经批准采取",
        record="现场记录",
        outcome="现场情况",
        reason="另有理由",
        notGiven=[{"what": "台账", "why": "称已遗失"}],
        notFound=[{"what": "验收单"}],
        heldOn="2022-09-22",
    )
    day = "2022-10-01"
    passed = t.paper(
        "team-registrar",
        "registerPetition",
        day,
        inspection=inspection,
        receivedOn=day,
        channel="letter",
        content="来件全文：不在范围",
        summary="不在范围",
        petitioner={"name": "来信人戊", "contact": "示例号码三", "address": "示例地址"},
    )
    t.paper(
        "team-leader",
        "instructPetition",
        petition=passed,
        instruction="请转送",
        handler=ids["team-member"],
        instructedOn="2022-10-02",
    )
    t.paper(
        "team-member",
        "handlePetition",
        petition=passed,
        way="passed_to_organ",
        organ=ids["audit"],
        recipients=[ids["audit-contact"]],
        material="转送材料",
        account="已转送",
        handledOn="2022-10-03",
    )
    t.city.settle()
    ((transfer,),) = [[r["id"]] for r in t.ask("audit-contact", "{ transfers { items { id } } }")["transfers"]["items"]]
    t.paper("audit-contact", "returnTransfer", transfer=transfer, reason="不属本机关", returnedOn="2022-10-05")
    t.paper(
        "team-member", "handlePetition", petition=passed, way="answered", account="已答复来信人", handledOn="2022-10-06"
    )
    ids["clue/returned"] = t.paper(
        "team-member",
        "registerClue",
        inspection=inspection,
        category="organisational_discipline",
        managed="city",
        firstKnownOn="2022-10-04",
        registeredOn="2022-10-06",
        text="将被退回的线索",
        summary="将被退回",
        petitions=[],
    )
    t.paper(
        "team-leader", "reportClue", clue=ids["clue/returned"], reportedOn="2022-10-14", report="上报将被退回的线索"
    )


def kept_back(t: Telling) -> None:
    """Art. 14: a clue reported to the party secretary and never released; who is let know; why it is in no report."""
    ids = t.ids
    clue = ids["clue/kept"] = t.story.remembered(
        "team-leader",
        "registerClue",
        inspection=ids["inspection"],
        petitions=[],
        category="organisational_discipline",
        managed="city",
        firstKnownOn="2022-10-04",
        registeredOn="2022-10-06",
        text="不予公开的线索",
        summary="不予公开",
        restricted=True,
    )
    t.story.remembered(
        "team-leader",
        "reportDirectly",
        clue=clue,
        addressee=ids["party-secretary"],
        specialCircumstances="涉及巡查办",
        report="不予公开的报告",
        reportedOn="2022-10-10",
    )
    t.story.remembered("party-secretary", "nameToKnow", clue=clue, persons=[ids["group-deputy"]], namedOn="2022-10-11")


def omitted(t: Telling) -> None:
    """Art. 14, 16 (c)."""
    t.story.remembered(
        "team-leader", "omitRestrictedClue", clue=t.ids["clue/kept"], reason="已直接报告", omittedOn="2022-10-20"
    )


def supplemented(t: Telling) -> None:
    """Art. 16 (c): before the team is heard."""
    ids = t.ids
    t.paper(
        "team-leader",
        "supplementReport",
        inspection=ids["inspection"],
        reason="遗漏材料",
        text="补充内容",
        recipients=[ids[DIRECTOR]],
        supplementedOn="2022-10-28",
        materials=[{"title": "补充材料", "content": "补充材料内容"}],
        problems=[
            {"category": "political_discipline", "text": "补充问题", "causes": "补充原因", "suggestion": "补充建议"}
        ],
    )


def returned_by_the_organ(t: Telling) -> None:
    """Art. 17: transferred, served without a receipt, returned by the organ."""
    ids = t.ids
    item = ids["clue/returned"]
    t.paper(
        CLERK,
        "proposeDisposal",
        item=item,
        paper="将被退回的议题",
        disposalClass="cadre_discipline",
        organ=ids["discipline"],
        reason="拟由该机关办理",
        summoned=[ids["group-member"]],
        proposedOn="2022-11-03",
    )
    t.paper(
        "group-head",
        "decideDisposal",
        item=item,
        disposalClass="cadre_discipline",
        organ=ids["discipline"],
        attendees=[ids["group-member"]],
        conclusion="同意移交该线索",
        decidedOn="2022-11-10",
    )
    transfer = t.paper(
        CLERK,
        "transferItem",
        item=item,
        recipients=[ids["discipline-contact"]],
        material="将被退回的材料",
        transferredOn="2022-11-14",
    )
    t.paper(CLERK, "recordTransferService", transfer=transfer, account="逾期未签收", recordedOn="2022-11-24")
    t.paper("discipline-contact", "returnTransfer", transfer=transfer, reason="不属管辖", returnedOn="2022-11-25")


def served(t: Telling) -> None:
    """Art. 19: no receipt of the feedback in its period; the receipt comes later."""
    t.paper(CLERK, "recordFeedbackService", inspection=t.ids["inspection"], reason="未见签收", recordedOn="2023-01-30")


def report_returned(t: Telling) -> None:
    """Art. 20: the report on rectification is returned once; what was accepted is not, what was not put right is."""
    ids = t.ids
    t.paper(
        DIRECTOR,
        "returnReport",
        inspection=ids["inspection"],
        which="rectification",
        reason="请补充佐证",
        returnedOn="2023-02-20",
    )
    t.paper(
        "unit-contact",
        "submitRectificationReport",
        inspection=ids["inspection"],
        report="补充后的整改情况报告",
        recipients=[ids[CLERK]],
        submittedOn="2023-02-25",
    )


def second_end(t: Telling) -> None:
    """Art. 16: the other inspection ended and reported: no problem."""
    ids, inspection = t.ids, t.ids["other-inspection"]
    leader, team = "other-leader", ids["other-team"]
    t.paper(leader, "endInspection", inspection=inspection, endedOn="2022-10-17")
    t.paper(
        leader,
        "saveDraft",
        inspection=inspection,
        overview="另一单位巡查情况",
        noProblems="未发现问题",
        savedOn="2022-10-18",
    )
    t.paper(
        leader,
        "holdMeeting",
        team=team,
        attendees=[ids[leader], ids["other-member"]],
        items=[
            {
                "kind": "matter_to_report",
                "about": inspection,
                "subject": "另一巡查报告",
                "conclusion": "同意上报另一报告",
            }
        ],
        heldOn="2022-10-18",
    )
    t.paper(leader, "signReport", inspection=inspection, draft=1, signedOn="2022-10-19")
    t.paper(leader, "submitReport", inspection=inspection, recipients=[ids[DIRECTOR]], submittedOn="2022-10-20")


def second_file(t: Telling) -> None:
    """Art. 18, 19, 28: feedback without a problem, the two reports, the file."""
    ids, inspection = t.ids, t.ids["other-inspection"]
    t.paper(
        "other-leader", "proposeFeedback", inspection=inspection, overview="致另一单位的反馈", proposedOn="2022-12-26"
    )
    t.paper(DIRECTOR, "decideFeedback", inspection=inspection, approved=True, decidedOn="2023-01-05")
    t.paper(
        "other-leader", "giveFeedback", inspection=inspection, recipients=[ids["bureau-head"]], givenOn="2023-01-17"
    )
    t.paper("bureau-head", "receiveFeedback", inspection=inspection, receivedOn="2023-01-17")
    for verb in ("submitRectificationReport", "submitHeadsReport"):
        t.paper(
            "bureau-head",
            verb,
            inspection=inspection,
            report="另一单位的报告",
            recipients=[ids[CLERK]],
            submittedOn="2023-02-16",
        )
    entries = [
        {"kind": kind, "pieces": 0, "missing": "另一组无此件", "classifiedNumbers": "密件编号"}
        for kind in t.module.FILE
    ]
    t.paper(
        "other-leader",
        "handOverFile",
        team=ids["other-team"],
        entries=entries,
        recipients=[ids[CLERK]],
        handedOverOn="2022-11-16",
    )
    t.paper(CLERK, "receiveFile", team=ids["other-team"], receivedOn="2022-11-17")


MEANWHILE: dict[str, Aside] = {
    "approvePlan": plan_returned,
    "nominateLeader": second_team,
    "publishAnnouncement": second_notice,
    "proposeSuggestion": second_rights,
    "proposeEarlyTransfer": kept_back,
    "signReport": omitted,
    "hearTeam": supplemented,
    "urgeAnswer": returned_by_the_organ,
    "receiveFeedback": served,
    "updateItem": report_returned,
    "endRoundsWork": second_end,
    "closeRound": second_file,
}
"""What is told before the first command of this name."""
