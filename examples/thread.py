"""One thread through a generic city, loaded through the API only: a petition becomes a clue, the clue is decided on
and transferred, the organ answers; each audience then sees its own part.

Nobody in it exists: people are roles, and days are counted back from the day its first command was recorded. So
every command is the same however often and whenever it is sent: what was interrupted is completed, never doubled.
`make run` runs it on a ledger nobody has worked in; it is also a plain client of the API to learn from.
"""

import json
import os
import sys
import time
import urllib.error
import urllib.request
from datetime import date, datetime, timedelta, timezone
from http.client import HTTPException
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

from api.auth import DEVELOPMENT_ISSUER, development_token
from api.example import Role, nth_command, write_roles
from api.settings import Settings, read_settings

PATIENCE_SECONDS = 30

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
    ("unit-head", "unit", "某镇主要负责人", "被巡查单位 · inspected unit", ("unit_head", "town")),
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


def say(line: str) -> None:
    """To whoever started it, at once."""
    print(line, flush=True)  # noqa: T201  a script of the command line


class Stopped(Exception):
    """The example cannot go on; the message says why."""


class Loader:
    """Sends commands as the roles. The id of each follows from its place in the order."""

    def __init__(self, settings: Settings) -> None:
        self.base = f"http://127.0.0.1:{settings.port}"
        self.tokens = {role[0]: development_token(settings, role[0]) for role in ROLES}
        self.audience = {role[0]: role[1] for role in ROLES}
        self.sent = 0
        self.today = date.min  # set by `begin`

    def ago(self, days: int) -> str:
        """The day so many calendar days before the example began."""
        return (self.today - timedelta(days=days)).isoformat()

    def ask(self, role: str, query: str, **variables: Any) -> Any:
        """The answer's data. Waits where the server is not ready; raises Stopped when it does not become so."""
        request = urllib.request.Request(  # noqa: S310  always our own server on loopback
            f"{self.base}/graphql/{self.audience[role]}",
            json.dumps({"query": query, "variables": variables}).encode(),
            {"Authorization": f"Bearer {self.tokens[role]}", "Content-Type": "application/json"},
        )
        end = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310  the same
                    return json.load(answer)["data"]
            except urllib.error.HTTPError as e:
                e.close()
                why = f"HTTP {e.code}"
                if e.code != 503:
                    raise Stopped(why) from None
            except (OSError, HTTPException, ValueError) as e:
                why = type(e).__name__
            if time.monotonic() > end:
                raise Stopped(f"API 没有应答 · the API does not answer: {why}")
            time.sleep(0.5)

    def do(self, role: str, verb: str, circumstances: dict[str, Any] | None = None, **given: Any) -> str:
        """One command; sent again where somebody else was faster. Raises Stopped where it is refused."""
        self.sent += 1
        kind = verb[0].upper() + verb[1:]
        query = (
            f"mutation($id: ID!, $input: {kind}Input!, $c: Circumstances) {{"
            f" done: {verb}(commandId: $id, input: $input, circumstances: $c) {{"
            " ... on Done { id } ... on Refusal { code article says path } } }"
        )
        for _ in range(10):
            answer = self.ask(role, query, id=str(nth_command(self.sent)), input=given, c=circumstances)["done"]
            if answer.get("code") != "CONFLICT":
                break
            time.sleep(0.2)
        if "id" not in answer:
            raise Stopped(f"被拒绝 · refused: {verb}: {answer}")
        return str(answer["id"])

    def first(self, role: str, view: str) -> str:
        """The id of the first row of a list, awaited: what others did reaches a list a moment later."""
        end = time.monotonic() + PATIENCE_SECONDS
        while not (items := self.ask(role, f"{{ {view} {{ items {{ id }} }} }}")[view]["items"]):
            if time.monotonic() > end:
                raise Stopped(f"视图没有跟上 · the view does not follow: {view}")
            time.sleep(0.05)
        return str(items[0]["id"])

    def begin(self) -> str:
        """Register the first body, and take the day it was recorded, be it today or before, for all days."""
        body = self.do("office-director", "registerBody", name="某镇", category="town_or_street")
        found = self.ask(
            "office-director",
            "query($id: String, $after: String) {"
            " bodies(where: {id: $id}, after: $after) { items { steps { recordedAt } } } }",
            id=body,
            after=str(nth_command(1)),
        )
        recorded = datetime.fromisoformat(found["bodies"]["items"][0]["steps"][0]["recordedAt"])
        self.today = recorded.astimezone(timezone(timedelta(hours=8))).date()
        return body


def load(api: Loader) -> dict[str, str]:
    """The whole thread; returns the ids a reader may want to look at."""
    director, ago = "office-director", api.ago
    say("  机构与人员 · bodies and people")
    town = api.begin()
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
    api.do(
        "team-leader",
        "serveNotice",
        inspection=inspection,
        servedOn=ago(50),
        recipients=[people["unit-head"]],
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
    api.do("team-leader", "enterUnit", inspection=inspection, enteredOn=ago(44))

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
    transfers = []
    for clue, kind, organ, paper, days in (
        (clues[0], "cadre_discipline", "discipline", "项目发包问题线索摘要", 22),
        (clues[1], "appointments", "organisation", "干部选任问题摘要", 5),
    ):
        api.do("team-leader", "reportClue", clue=clue, reportedOn=ago(30), report=paper)
        api.do(
            clerk,
            "proposeDisposal",
            clue=clue,
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
            clue=clue,
            disposalClass=kind,
            organ=bodies[organ],
            attendees=[people["group-member"]],
            conclusion="同意移交",
            decidedOn=ago(25),
        )
        to = [people[f"{organ}-contact"]]
        transfers.append(
            api.do(clerk, "transferClue", clue=clue, recipients=to, material=paper, transferredOn=ago(days))
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
    return {"round": round_, "inspection": inspection, "transfer": transfers[0]}


def main() -> int:
    """Load it; exit code 1 with a line that says why where it cannot be."""
    settings = read_settings(os.environ)
    if not settings.embedded:
        say("示例只载入嵌入的空账本 · the example is for an empty embedded ledger")
        return 1
    try:
        load(Loader(settings))
    except Stopped as e:
        say(f"示例：{e}")
        return 1
    except KeyboardInterrupt:
        return 130
    write_roles(settings, [Role(r[0], r[1], r[3]) for r in ROLES])
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
