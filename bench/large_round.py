"""A large round, loaded through the API: how long the loading takes, and what the office's board over it costs.

`python bench/large_round.py [--units 40] [--teams 4] [--problems 700]` starts the real processes (`xuncha run`:
embedded PostgreSQL, projector, API) on an empty ledger in a temporary folder, loads a round by GraphQL commands only,
asks for the board, and prints a table for docs/performance.md. It does so twice: with a quarter of the units first, so
that growth shows. The size is that of a round a district of Kunming published (begun 2021-11-08): 4 teams, 40 units,
697 problems, 98.71 % of them done; here it is 700, and the same share is done. Everything else is made up.

The office's clerk enters everything from paper, as in examples/round.py: bodies, people, plan, teams, mandates;
and of each unit recusals, notice, receipt, publication, announcement, entry, three petitions, one clue, inspection
report, hearing, proposal, decision, transfer, the organ's answer, feedback, measures and states of every item, and both
reports on rectification. What is general is entered by one client; then each team has a client of its own,
for its units do not wait for each other, and each client enters one unit after the other.

Left out: recusal upheld, team plans and trainings, deliveries, activities on site, requests for documents, inquiries,
suggestions, direct reports, transfers during the inspection, extensions and checks of items, publications, the archive.
"""

import argparse
import json
import os
import platform
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "examples")]

import psycopg
from client import Loader, Stopped

from api.auth import DEVELOPMENT_ISSUER
from api.example import DIRECTOR, Role, nth_command
from api.settings import Settings, read_settings
from application.database import load_access
from embedded.cluster import SUPERUSER, password

CLERK = "office-clerk"
ROLES = (DIRECTOR, Role(CLERK, "office", ""))
CATEGORIES = ("political_discipline", "integrity_discipline", "organisational_discipline", "other_required")
SINCE, UNTIL = "2020-01-01", "2027-12-31"

BOARD = (
    "board(where: {round: $r}, first: 100) { items { id unit team status noticeOn enteredOn endedOn feedbackOn"
    " completion { total done inProgress percent } duties { name owedBy due { dueOn state urgency } } } next }"
)
NAMES = "bodies(first: 100) { items { id name { text } } next }"
DUTIES = "duties(where: {round: $r, status: $s}, first: 100) { items { name unit owedBy due { dueOn state } } next }"
QUESTIONS = {
    "board": f"query($r: String) {{ {BOARD} }}",
    "board, names and duties": (f"query($r: String, $s: String) {{ {BOARD} {NAMES} {DUTIES} }}"),
}


# --- the processes ---------------------------------------------------------------------------------------------


@contextmanager
def running(home: Path) -> Iterator[Settings]:
    """`xuncha run` on a home of its own; stopped at the end."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("XUNCHA_", "DATABASE_URL"))}
    environment = kept | {"XUNCHA_HOME": str(home), "XUNCHA_PORT": str(port), "XUNCHA_EXAMPLES": "0"}
    log = home.with_name("run.log")
    with log.open("wb") as out:
        command = [sys.executable, "-P", "-m", "api", "run"]
        process = subprocess.Popen(command, env=environment, cwd=ROOT / "src", stdout=out, stderr=out)  # noqa: S603
    try:
        end = time.monotonic() + 120
        while not _ready(port):
            if process.poll() is not None or time.monotonic() > end:
                raise SystemExit(f"xuncha run:\n{log.read_text(encoding='utf-8')}")
            time.sleep(0.1)
        yield read_settings(environment)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def _ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=1) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


# --- the round -------------------------------------------------------------------------------------------------


class Took(NamedTuple):
    """A command and how long its client waited for the answer."""

    verb: str
    began: float
    seconds: float


class Client(Loader):
    """One desk: sends a command when the last is answered, and keeps how long each took."""

    def __init__(self, settings: Settings, name: str) -> None:
        super().__init__(settings, f"large round {name}", ROLES)
        self.took: list[Took] = []

    def live(self, verb: str, **given: Any) -> str:
        """Something the director enters today."""
        return self._timed(DIRECTOR.subject, verb, None, given)

    def paper(self, doer: str, verb: str, on: str | None = None, by: str = CLERK, **given: Any) -> str:
        """An act of somebody, from paper; `on` where the command states no day of its own."""
        circumstances = {"doer": doer, "paperReference": f"某办〔2022〕{self.sent + 1}号"}
        return self._timed(by, verb, circumstances | ({"happenedOn": on} if on else {}), given)

    def _timed(self, by: str, verb: str, circumstances: dict[str, Any] | None, given: dict[str, Any]) -> str:
        began = time.perf_counter()
        done = self.do(by, verb, circumstances, **given)
        self.took.append(Took(verb, began, time.perf_counter() - began))
        return done

    def after_it(self, query: str, **variables: Any) -> Any:
        """What a list holds once it has taken in this client's last command, which must be the clerk's."""
        return self.ask(CLERK, query, after=str(nth_command(self.sent, self.example)), **variables)


def load_people(api: Client, units: int, teams: int) -> dict[str, str]:
    """Bodies, people, posts: ids by a name of ours."""
    standing = api.ask(DIRECTOR.subject, "{ bodies { items { id standing } } me { person } }")
    ids = {body["standing"]: body["id"] for body in standing["bodies"]["items"] if body["standing"]}
    ids["director"] = standing["me"]["person"]
    ids["organisation"] = api.live("registerBody", name="某市委组织部", organClass="organisation")
    ids["discipline"] = api.live("registerBody", name="某市纪委监察局", organClass="discipline")
    posts = [
        ("clerk", "office_clerk", "office"),
        ("secretary", "party_secretary", "party_committee"),
        ("head", "group_head", "leading_group"),
        ("member", "group_member", "leading_group"),
        ("organiser", "organ_contact", "organisation"),
        ("discipliner", "organ_contact", "discipline"),
    ]
    for n in range(units):
        ids[f"unit/{n}"] = api.live("registerBody", name=f"单位{n}", category="party_or_government_organ")
        posts += [(f"unit/{n}/head", "unit_head", f"unit/{n}"), (f"unit/{n}/deputy", "unit_leader", f"unit/{n}")]
    for who, post, body in posts:
        ids[who] = api.live("registerPerson", name=who)
        api.live("appoint", person=ids[who], body=ids[body], post=post, fromOn=SINCE)
    for team in range(teams):
        for duty in ("leader", "registrar", "member"):
            ids[f"{duty}/{team}"] = api.live("registerPerson", name=f"第{team}组{duty}")
    api.live("linkSignIn", person=ids["clerk"], issuer=DEVELOPMENT_ISSUER, subject=CLERK)
    return ids


def load_plan(api: Client, ids: dict[str, str], units: int, teams: int) -> None:
    """Art. 5, 11: the plan with all its units, approved; the teams and their mandates."""
    ids["round"] = round_ = api.paper(ids["clerk"], "openRound", "2022-08-01", year=2022, number=1, title="某轮")
    api.paper(
        ids["clerk"],
        "submitPlan",
        round=round_,
        tasks="常规巡查",
        units=[{"unit": ids[f"unit/{n}"]} for n in range(units)],
        ways=["work_report", "interview", "petition", "documents"],
        fromOn="2022-09-01",
        untilOn="2022-10-31",
        inspectedFrom="2019-01-01",
        submittedOn="2022-08-05",
    )
    api.paper(ids["head"], "approvePlan", round=round_, approvedOn="2022-08-10", decision="纪要一")
    for team in range(teams):
        theirs = [ids[f"unit/{n}"] for n in range(team, units, teams)]
        ids[f"team/{team}"] = api.paper(
            ids["head"], "formTeam", round=round_, name=f"第{team}巡查组", units=theirs, decidedOn="2022-08-12"
        )
        api.paper(
            ids["organiser"],
            "nominateLeader",
            round=round_,
            person=ids[f"leader/{team}"],
            consultedOn="2022-08-12",
            consulted=ids["discipline"],
            reason="熟悉业务",
            nominatedOn="2022-08-13",
        )
        for duty in ("leader", "registrar", "member"):
            api.paper(
                ids["secretary" if duty == "leader" else "head"],
                "grantMandate",
                by=DIRECTOR.subject,
                round=round_,
                team=ids[f"team/{team}"],
                person=ids[f"{duty}/{team}"],
                duty=duty,
                units=theirs,
                fromOn="2022-08-16",
                untilOn=UNTIL,
                decidedOn="2022-08-15",
                **({"movedToNonLeadingPost": True} if duty == "leader" else {}),
            )
    by_unit: dict[str, str] = {}
    while len(by_unit) < units:
        rows = api.ask(CLERK, "{ inspections(first: 100) { items { id unit } } }")["inspections"]["items"]
        by_unit = {row["unit"]: row["id"] for row in rows}
    for n in range(units):
        ids[f"inspection/{n}"] = by_unit[ids[f"unit/{n}"]]


class Unit:
    """One unit of the round, from the declarations to the reports on its rectification."""

    def __init__(self, api: Client, ids: dict[str, str], n: int, team: int, problems: int, before: int) -> None:
        self.api = api
        self.problems, self.before = problems, before
        """How many its report has, and how many those of the units before it."""
        self.clerk, self.director = ids["clerk"], ids["director"]
        self.head, self.deputy = ids[f"unit/{n}/head"], ids[f"unit/{n}/deputy"]
        self.leader, self.registrar, self.member = (ids[f"{d}/{team}"] for d in ("leader", "registrar", "member"))
        self.inspection, self.team = ids[f"inspection/{n}"], ids[f"team/{team}"]
        self.group_head, self.group_member = ids["head"], ids["member"]
        self.organ, self.contact = ids["discipline"], ids["discipliner"]

    def load(self) -> None:
        self.enter()
        clue = self.inspect()
        self.report(clue)
        self.dispose(clue)
        self.feed_back()
        self.rectify()

    def enter(self) -> None:
        """Art. 11, 12, 23: recusals declared, the notice served, received and published; entry."""
        paper, inspection = self.api.paper, self.inspection
        for who in (self.leader, self.registrar, self.member):
            paper(who, "declareRecusal", inspection=inspection, declaredOn="2022-09-06")
        paper(
            self.leader,
            "serveNotice",
            inspection=inspection,
            talkedOn="2022-09-08",
            servedOn="2022-09-09",
            recipients=[self.head],
            content="巡查通知书",
            fromOn="2022-09-16",
            untilOn="2022-10-18",
        )
        paper(self.head, "receiveNotice", inspection=inspection, receivedOn="2022-09-09")
        paper(self.head, "publishNotice", inspection=inspection, publishedOn="2022-09-14", account="已公布")
        paper(
            self.leader,
            "publishAnnouncement",
            inspection=inspection,
            text="巡查公告",
            telephone="公告所列电话",
            mailbox="公告所列信箱",
            opensAt="2022-09-16T09:00:00+08:00",
            closesAt="2022-10-18T17:30:00+08:00",
            publishedOn="2022-09-15",
        )
        paper(self.leader, "enterUnit", inspection=inspection, enteredOn="2022-09-16")

    def inspect(self) -> str:
        """Art. 13, 14: three petitions, two of them answered, one a clue, which is reported; the end."""
        paper, inspection = self.api.paper, self.inspection
        for k in range(3):
            petition = paper(
                self.registrar,
                "registerPetition",
                "2022-09-20",
                inspection=inspection,
                receivedOn="2022-09-20",
                channel="letter",
                petitioner={"name": "来信人"},
                content=f"来件全文{k}",
                summary=f"摘要{k}",
            )
            paper(
                self.leader,
                "instructPetition",
                petition=petition,
                instruction="请核实",
                handler=self.member,
                instructedOn="2022-10-03",
            )
            if k < 2:
                paper(
                    self.member,
                    "handlePetition",
                    petition=petition,
                    way="answered",
                    account="已答复",
                    handledOn="2022-10-05",
                )
        clue = paper(
            self.member,
            "registerClue",
            inspection=inspection,
            petitions=[petition],
            category="organisational_discipline",
            managed="city",
            firstKnownOn="2022-10-04",
            registeredOn="2022-10-06",
            text="问题线索",
            summary="线索",
        )
        paper(self.leader, "reportClue", clue=clue, reportedOn="2022-10-14", report="线索报告")
        paper(self.leader, "endInspection", inspection=inspection, endedOn="2022-10-18")
        return clue

    def report(self, clue: str) -> None:
        """Art. 16: the draft with every problem, the meeting, signature, submission."""
        paper, inspection = self.api.paper, self.inspection
        paper(
            self.leader,
            "saveDraft",
            inspection=inspection,
            overview="巡查情况综述",
            problems=[
                {"category": CATEGORIES[k % 4], "text": f"问题{k}", "causes": "原因", "suggestion": "建议"}
                for k in range(self.problems)
            ],
            clues=[clue],
            savedOn="2022-10-20",
        )
        item = {"kind": "matter_to_report", "about": inspection, "subject": "巡查报告", "conclusion": "同意上报"}
        all_three = [self.leader, self.registrar, self.member]
        paper(self.leader, "holdMeeting", team=self.team, attendees=all_three, items=[item], heldOn="2022-10-21")
        paper(self.leader, "signReport", inspection=inspection, draft=1, signedOn="2022-10-24")
        paper(self.leader, "submitReport", inspection=inspection, recipients=[self.director], submittedOn="2022-10-24")

    def dispose(self, clue: str) -> None:
        """Art. 17: the team heard; the clue proposed, decided on, transferred, received and answered."""
        paper, to = self.api.paper, {"disposalClass": "cadre_discipline", "organ": self.organ}
        paper(
            self.director,
            "hearTeam",
            inspection=self.inspection,
            attendees=[self.leader],
            account="听取汇报",
            heardOn="2022-11-01",
        )
        paper(
            self.clerk,
            "proposeDisposal",
            item=clue,
            paper="线索摘要",
            reason="属该机关职责",
            summoned=[self.group_member],
            proposedOn="2022-11-03",
            **to,
        )
        paper(
            self.group_head,
            "decideDisposal",
            item=clue,
            attendees=[self.group_member],
            conclusion="同意移交",
            decidedOn="2022-11-10",
            **to,
        )
        transfer = paper(
            self.clerk,
            "transferItem",
            item=clue,
            recipients=[self.contact],
            material="线索摘要",
            transferredOn="2022-11-14",
        )
        paper(self.contact, "receiveTransfer", transfer=transfer, receivedOn="2022-11-15")
        paper(
            self.contact,
            "answerTransfer",
            transfer=transfer,
            handling="preliminary_verification",
            account="办理情况",
            answeredOn="2022-12-14",
        )

    def feed_back(self) -> None:
        """Art. 18: an opinion on every problem; approved, given, received."""
        paper, inspection = self.api.paper, self.inspection
        found = self.api.after_it(
            "query($i: String, $after: String)"
            " { reports(where: {inspection: $i}, after: $after) { items { problems { problem } } } }",
            i=inspection,
        )["reports"]["items"][0]["problems"]
        paper(
            self.leader,
            "proposeFeedback",
            inspection=inspection,
            overview="反馈意见",
            opinions=[{"problem": p["problem"], "text": "问题", "opinion": "整改意见"} for p in found],
            proposedOn="2022-12-26",
        )
        paper(self.director, "decideFeedback", inspection=inspection, approved=True, decidedOn="2023-01-05")
        paper(self.leader, "giveFeedback", inspection=inspection, recipients=[self.head], givenOn="2023-01-17")
        paper(self.head, "receiveFeedback", inspection=inspection, receivedOn="2023-01-17")

    def rectify(self) -> None:
        """Art. 19, 20: measures for every item, both reports, and the state of every item: done, but for one in 78."""
        paper, inspection = self.api.paper, self.inspection
        rows = self.api.after_it(
            "query($i: String, $after: String)"
            " { rectifications(where: {id: $i}, after: $after) { items { items { id } } } }",
            i=inspection,
        )["rectifications"]["items"]
        items = [item["id"] for item in rows[0]["items"]]
        for item in items:
            paper(
                self.head,
                "planItem",
                inspection=inspection,
                item=item,
                measures="整改措施",
                responsible=self.deputy,
                byOn="2023-02-10",
                plannedOn="2023-01-20",
            )
        for verb in ("submitRectificationReport", "submitHeadsReport"):
            paper(
                self.head, verb, inspection=inspection, report="报告", recipients=[self.clerk], submittedOn="2023-02-16"
            )
        for k, item in enumerate(items):
            paper(
                self.head,
                "updateItem",
                inspection=inspection,
                item=item,
                state="done" if (self.before + k) % 78 else "in_progress",
                evidence="佐证材料",
                updatedOn="2023-05-04",
            )


# --- measuring -------------------------------------------------------------------------------------------------


def percentile(of: Sequence[float], share: float) -> float:
    """The smallest of these that so large a share does not exceed, in milliseconds."""
    return 1000 * sorted(of)[max(0, round(share * len(of)) - 1)]


def followed(settings: Settings) -> int:
    """Wait until every view has taken in the whole ledger; returns its last position, which counts its facts."""
    access = load_access(settings.home)
    with (
        psycopg.connect(access.of("writer"), autocommit=True) as ledger,
        psycopg.connect(access.of("reader"), autocommit=True) as shelf,
    ):
        head = ledger.execute("SELECT max(position) FROM ledger.entries").fetchone()[0]
        behind = "SELECT FROM shelf.views JOIN shelf.positions ON name = application_name WHERE notification_id < %s"
        end = time.monotonic() + 60
        while shelf.execute(behind, (head,)).fetchone() is not None:
            if time.monotonic() > end:
                raise Stopped("the views do not follow")
            time.sleep(0.002)
    return int(head)


def put(client: Client, query: str, **variables: Any) -> tuple[float, bytes]:
    """One request and its answer's bytes; the seconds from the first byte sent to the last one read."""
    body = json.dumps({"query": query, "variables": variables}).encode()
    head = {"Authorization": f"Bearer {client.tokens[CLERK]}", "Content-Type": "application/json"}
    request = urllib.request.Request(f"{client.base}/graphql/office", body, head)  # noqa: S310  our own server
    began = time.perf_counter()
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310  the same
        raw = answer.read()
    return time.perf_counter() - began, raw


@contextmanager
def statements_logged(settings: Settings) -> Iterator[Path]:
    """The server itself writes down every statement that the API's two roles send; yields its log.

    The embedded server does not ship pg_stat_statements. A setting of a role holds for new sessions, so the
    present ones are ended; the API opens others by itself.
    """
    access = load_access(settings.home)
    roles = [f"{access.conninfo['dbname']}_{role}" for role in ("reader", "writer")]
    us = {"user": SUPERUSER, "password": password(settings.home / "postgres"), "autocommit": True}
    with psycopg.connect(**{**access.conninfo, **us}) as server:
        for role in roles:
            server.execute(f"ALTER ROLE {role} SET log_statement = 'all'")
        server.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = ANY(%s)", (roles,))
    yield settings.home / "postgres" / "log"


class Board(NamedTuple):
    """What one question, which is one request, cost: milliseconds, bytes, statements."""

    median: float
    p95: float
    size: int
    statements: float


def board_of(client: Client, settings: Settings, round_: str, units: int, asked: int) -> tuple[list[Board], Any]:
    """Every question of QUESTIONS, asked so often; and what the board holds. Raises Stopped if it is not whole."""
    given = {"r": round_, "s": "owed"}
    timed = {}
    for query in QUESTIONS.values():
        raw = put(client, query, **given)[1]  # the first one warms parser and pool
        lists = json.loads(raw)["data"]
        if any(page["next"] for page in lists.values()) or len(lists["board"]["items"]) != units:
            raise Stopped("the board does not fit into one request")
        timed[query] = len(raw), [put(client, query, **given)[0] for _ in range(asked)]
    boards = []
    with statements_logged(settings) as log:
        for query in QUESTIONS.values():
            for _ in range(20):
                client.ask(CLERK, query, **given)  # waits until the pools have found that their sessions are gone
            before, times = log.stat().st_size, 10
            for _ in range(times):
                put(client, query, **given)
            time.sleep(0.2)
            with log.open("rb") as file:
                file.seek(before)
                sent = re.findall(rb"LOG:  (?:statement|execute [^:]*): ?(.*)", file.read())
            size, seconds = timed[query]
            boards.append(Board(1000 * statistics.median(seconds), percentile(seconds, 0.95), size, len(sent) / times))
    return boards, lists["board"]["items"]


def measure(units: int, teams: int, problems: int, asked: int) -> dict[str, str]:
    """One round of this size: loaded, then asked about; what the table says of it."""
    with tempfile.TemporaryDirectory() as folder, running(Path(folder) / "home") as settings:
        first = Client(settings, "office")
        began = time.perf_counter()
        ids = load_people(first, units, teams)
        load_plan(first, ids, units, teams)
        desks = [Client(settings, f"team {team}") for team in range(teams)]

        def work(team: int) -> None:
            for n in range(team, units, teams):
                before, end = (problems * k // units for k in (n, n + 1))
                Unit(desks[team], ids, n, team, end - before, before).load()

        with ThreadPoolExecutor(teams) as pool:
            list(pool.map(work, range(teams)))
        loaded = time.perf_counter()
        facts = followed(settings)
        lag = time.perf_counter() - loaded
        boards, rows = board_of(first, settings, ids["round"], units, asked)
    took = sorted((t for client in (first, *desks) for t in client.took), key=lambda t: t.began)
    alone, together = ([t.seconds for t in took if (t in first.took) is one] for one in (True, False))
    items = [t.seconds for t in took if t.verb == "updateItem"]
    tenth = max(1, len(items) // 10)
    done, total = (sum(row["completion"][name] for row in rows) for name in ("done", "total"))
    seconds = loaded - began
    table = {
        "units, teams, problems": f"{len(rows)}, {teams}, {total}",
        "done, of all items": f"{done} of {total}",
        "commands, facts": f"{len(took)}, {facts}",
        "loading": f"{seconds:.1f} s",
        "commands a second": f"{len(took) / seconds:.0f}",
        "one command, one client: p50, p95": f"{percentile(alone, 0.5):.1f} ms, {percentile(alone, 0.95):.1f} ms",
        f"one command, {teams} clients at once: p50, p95": (
            f"{percentile(together, 0.5):.1f} ms, {percentile(together, 0.95):.1f} ms"
        ),
        "`updateItem`, p50 of the first and the last tenth": (
            f"{percentile(items[:tenth], 0.5):.1f} ms, {percentile(items[-tenth:], 0.5):.1f} ms"
        ),
        "all views at the ledger's head after the last answer": f"{1000 * lag:.0f} ms",
    }
    for name, board in zip(QUESTIONS, boards, strict=True):
        table |= {
            f"{name}: median, p95 of {asked}": f"{board.median:.1f} ms, {board.p95:.1f} ms",
            f"{name}: bytes": f"{board.size:,}",
            f"{name}: requests, statements": f"1, {board.statements:g}",
        }
    return table


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--units", type=int, default=40, help="at most 90: one page holds 100 bodies")
    parser.add_argument("--teams", type=int, default=4)
    parser.add_argument("--problems", type=int, default=700)
    parser.add_argument("--asked", type=int, default=50, help="how often each question is asked")
    given = parser.parse_args()
    if not 1 <= given.teams <= given.units <= 90 or given.problems < given.units:
        parser.error("at least a unit for each team and a problem for each unit; at most 90 units")
    tables = []
    try:
        for units, problems in ((given.units // 4, given.problems // 4), (given.units, given.problems)):
            if units:
                tables.append(measure(units, min(given.teams, units), max(problems, units), given.asked))
    except Stopped as e:
        print(e, file=sys.stderr)
        return 1
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, embedded PostgreSQL 18, fsync on\n")
    print(
        "| | " + " | ".join("a quarter" if len(tables) > 1 and t is tables[0] else "the round" for t in tables) + " |"
    )
    print("| --- |" + " ---: |" * len(tables))
    for rows in zip(*(t.items() for t in tables), strict=True):
        print(f"| {rows[-1][0]} | " + " | ".join(value for _, value in rows) + " |")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
