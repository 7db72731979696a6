"""A round of the size a provincial capital published: 40 units, 4 teams, 700 problems; loaded through the API.

Measures the loading, then what the office's board over the round costs: one request, its time, its bytes and the
statements it sends to the database. Prints a table for docs/performance.md.

`python bench/large_round.py [--units 40] [--problems 700]`; everything is made in a temporary folder.
"""

import argparse
import platform
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "examples")]

import asyncio
import socket

import uvicorn
from client import Loader

from api import keeping
from api.app import make_app
from api.auth import DEVELOPMENT_ISSUER, verifier_for
from api.composition import VIEWS
from api.example import DEVELOPMENT_DIRECTOR, Role
from api.reading import Reader
from api.settings import Settings, read_settings
from application.database import load_access
from application.ledger import Ledger
from embedded import postgres
from projections.shelf import Shelf

TEAMS = 4
CLERK = "office-clerk"
ROLES = (Role(DEVELOPMENT_DIRECTOR, "office", ""), Role(CLERK, "office", ""))
CATEGORIES = ("political_discipline", "integrity_discipline", "organisational_discipline", "other_required")


class Counted:
    """Counts the statements that the API sends to the database for reading."""

    def __init__(self) -> None:
        self.statements = 0
        for owner in (Reader, Ledger):
            self._wrap(owner)

    def _wrap(self, owner: Any) -> None:
        fetch = owner._fetch

        async def counted(this: Any, *given: Any) -> Any:
            self.statements += 1
            return await fetch(this, *given)

        owner._fetch = counted


@contextmanager
def running(home: Path) -> Iterator[Settings]:
    """Database, projector and API in this process."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    settings = read_settings({"XUNCHA_HOME": str(home), "XUNCHA_PORT": str(port), "XUNCHA_EXAMPLES": "0"})
    home.mkdir(mode=0o700, exist_ok=True)
    with ExitStack() as undo:
        server = undo.enter_context(postgres.start(home))
        keeping.make_ready(server, home, lambda _: None)
        asyncio.run(keeping.init(settings, DEVELOPMENT_DIRECTOR, lambda _: None))
        stop = threading.Event()
        shelf = Shelf(load_access(home).of("projector"), VIEWS)
        shelf.prepare()
        projector = threading.Thread(target=shelf.run, args=(stop,))
        projector.start()
        undo.callback(projector.join)
        undo.callback(stop.set)
        config = uvicorn.Config(
            make_app(settings, verifier_for(settings)), port=port, access_log=False, log_config=None
        )
        api = uvicorn.Server(config)
        thread = threading.Thread(target=api.run)
        thread.start()
        undo.callback(thread.join)
        undo.callback(setattr, api, "should_exit", True)
        while not api.started:
            time.sleep(0.01)
        yield settings


class Round:
    """The round as it is entered from paper."""

    def __init__(self, api: Loader) -> None:
        self.api = api
        self.ids: dict[str, str] = {}

    def live(self, verb: str, **given: Any) -> str:
        return self.api.do(DEVELOPMENT_DIRECTOR, verb, **given)

    def paper(self, doer: str, verb: str, on: str | None = None, by: str = CLERK, **given: Any) -> str:
        circumstances = {"doer": self.ids[doer], "paperReference": "某办〔2022〕1号"} | (
            {"happenedOn": on} if on else {}
        )
        return self.api.do(by, verb, circumstances, **given)

    def load(self, units: int, problems: int) -> None:
        """Bodies, people, teams; then every unit from its notice to the states of its items."""
        self.people(units)
        self.prepare(units)
        share = [problems // units + (n < problems % units) for n in range(units)]
        for n in range(units):
            self.inspect(n, share[n])

    def people(self, units: int) -> None:
        ids = self.ids
        known = self.api.ask(DEVELOPMENT_DIRECTOR, "{ bodies { items { id standing } } me { person } }")
        ids |= {body["standing"]: body["id"] for body in known["bodies"]["items"] if body["standing"]}
        ids["director"] = known["me"]["person"]
        ids["organisation"] = self.live("registerBody", name="某市委组织部", organClass="organisation")
        ids["discipline"] = self.live("registerBody", name="某市纪委监察局", organClass="discipline")
        for who, post, body in (
            ("clerk", "office_clerk", "office"),
            ("secretary", "party_secretary", "party_committee"),
            ("head", "group_head", "leading_group"),
            ("organiser", "organ_contact", "organisation"),
        ):
            ids[who] = self.live("registerPerson", name=who)
            self.live("appoint", person=ids[who], body=ids[body], post=post, fromOn="2020-01-01")
        self.live("linkSignIn", person=ids["clerk"], issuer=DEVELOPMENT_ISSUER, subject=CLERK)
        for n in range(units):
            ids[f"unit/{n}"] = self.live("registerBody", name=f"单位{n}", category="party_or_government_organ")
            ids[f"unit/{n}/head"] = self.live("registerPerson", name=f"单位{n}主要负责人")
            self.live(
                "appoint", person=ids[f"unit/{n}/head"], body=ids[f"unit/{n}"], post="unit_head", fromOn="2020-01-01"
            )
        for team in range(TEAMS):
            ids[f"leader/{team}"] = self.live("registerPerson", name=f"第{team}组组长")

    def prepare(self, units: int) -> None:
        ids = self.ids
        ids["round"] = self.paper("clerk", "openRound", "2022-08-01", year=2022, number=1, title="某轮")
        self.paper(
            "clerk",
            "submitPlan",
            round=ids["round"],
            tasks="常规巡查",
            units=[{"unit": ids[f"unit/{n}"]} for n in range(units)],
            fromOn="2022-09-01",
            untilOn="2022-10-31",
            inspectedFrom="2019-01-01",
            submittedOn="2022-08-02",
        )
        self.paper("head", "approvePlan", round=ids["round"], approvedOn="2022-08-03")
        for team in range(TEAMS):
            mine = [ids[f"unit/{n}"] for n in range(units) if n % TEAMS == team]
            ids[f"team/{team}"] = self.paper(
                "head", "formTeam", round=ids["round"], name=f"第{team}组", units=mine, decidedOn="2022-08-04"
            )
            self.paper(
                "organiser",
                "nominateLeader",
                round=ids["round"],
                person=ids[f"leader/{team}"],
                consultedOn="2022-08-04",
                consulted=ids["discipline"],
                reason="熟悉业务",
                nominatedOn="2022-08-04",
            )
            self.paper(
                "secretary",
                "grantMandate",
                by=DEVELOPMENT_DIRECTOR,
                round=ids["round"],
                team=ids[f"team/{team}"],
                person=ids[f"leader/{team}"],
                duty="leader",
                units=mine,
                fromOn="2022-08-05",
                untilOn="2023-12-31",
                decidedOn="2022-08-05",
                movedToNonLeadingPost=True,
            )
        found: list[Any] = []
        while len(found) < units:
            page = "{ inspections(first: 100) { items { id unit } } }"
            found = self.api.ask(CLERK, page)["inspections"]["items"]
        by_unit = {row["unit"]: row["id"] for row in found}
        for n in range(units):
            ids[f"inspection/{n}"] = by_unit[ids[f"unit/{n}"]]

    def inspect(self, n: int, problems: int) -> None:
        """One unit: notice, entry, end, report, feedback, rectification."""
        ids, leader, head = self.ids, f"leader/{n % TEAMS}", f"unit/{n}/head"
        inspection, to_office = ids[f"inspection/{n}"], [ids["clerk"]]
        self.paper(leader, "declareRecusal", inspection=inspection, declaredOn="2022-08-20")
        self.paper(
            leader,
            "serveNotice",
            inspection=inspection,
            talkedOn="2022-08-30",
            servedOn="2022-09-01",
            recipients=[ids[head]],
            content="通知",
            fromOn="2022-09-08",
            untilOn="2022-10-18",
        )
        self.paper(head, "receiveNotice", inspection=inspection, receivedOn="2022-09-01")
        self.paper(head, "publishNotice", inspection=inspection, publishedOn="2022-09-05", account="已公布")
        self.paper(leader, "enterUnit", inspection=inspection, enteredOn="2022-09-08")
        self.paper(leader, "endInspection", inspection=inspection, endedOn="2022-10-18")
        found = [
            {
                "category": CATEGORIES[k % len(CATEGORIES)],
                "text": f"问题{k}",
                "causes": "原因",
                "suggestion": "建议",
            }
            for k in range(problems)
        ]
        self.paper(leader, "saveDraft", inspection=inspection, overview="综述", problems=found, savedOn="2022-10-19")
        item = {"kind": "matter_to_report", "about": inspection, "subject": "报告", "conclusion": "同意"}
        team = ids[f"team/{n % TEAMS}"]
        self.paper(leader, "holdMeeting", team=team, attendees=[ids[leader]], items=[item], heldOn="2022-10-20")
        self.paper(leader, "signReport", inspection=inspection, draft=1, signedOn="2022-10-21")
        self.paper(leader, "submitReport", inspection=inspection, recipients=to_office, submittedOn="2022-10-21")
        asked = "query($i: String) { reports(where: {inspection: $i}) { items { problems { problem } } } }"
        reports: list[Any] = []
        while not reports:
            reports = self.api.ask(CLERK, asked, i=inspection)["reports"]["items"]
        opinions = [{"problem": p["problem"], "text": "问题", "opinion": "意见"} for p in reports[0]["problems"]]
        self.paper(
            leader,
            "proposeFeedback",
            inspection=inspection,
            overview="反馈",
            opinions=opinions,
            proposedOn="2022-11-01",
        )
        self.paper("director", "decideFeedback", inspection=inspection, approved=True, decidedOn="2022-11-02")
        self.paper(leader, "giveFeedback", inspection=inspection, recipients=[ids[head]], givenOn="2022-11-03")
        self.paper(head, "receiveFeedback", inspection=inspection, receivedOn="2022-11-03")
        asked = "query($i: String) { rectifications(where: {id: $i}) { items { items { id } } } }"
        rows: list[Any] = []
        while not rows:
            rows = self.api.ask(CLERK, asked, i=inspection)["rectifications"]["items"]
        for k, row in enumerate(rows[0]["items"]):
            self.paper(
                head,
                "updateItem",
                inspection=inspection,
                item=row["id"],
                state="done" if k % 4 else "in_progress",
                evidence="佐证",
                updatedOn="2022-12-01",
            )


BOARD = (
    "query($r: String) { board(where: {round: $r}, first: 100) { items { unit team status noticeOn enteredOn endedOn"
    " completion { total done inProgress percent } duties { deadline owedBy due { dueOn state urgency } } } next } }"
)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--units", type=int, default=40)
    parser.add_argument("--problems", type=int, default=700)
    parser.add_argument("--asked", type=int, default=50)
    given = parser.parse_args()
    counted = Counted()
    with tempfile.TemporaryDirectory() as folder, running(Path(folder) / "home") as settings:
        api = Loader(settings, "large round", ROLES)
        made = Round(api)
        began = time.perf_counter()
        made.load(given.units, given.problems)
        loading = time.perf_counter() - began
        board: list[Any] = []
        while len(board) < given.units or any(row["completion"] is None for row in board):
            board = api.ask(CLERK, BOARD, r=made.ids["round"])["board"]["items"]
        times = []
        before = counted.statements
        for _ in range(given.asked):
            began = time.perf_counter()
            api.ask(CLERK, BOARD, r=made.ids["round"])
            times.append(time.perf_counter() - began)
        statements = (counted.statements - before) / given.asked
    total = sum(row["completion"]["total"] for row in board)
    print(f"Python {platform.python_version()}, {platform.machine()}, embedded PostgreSQL, fsync on")
    print("| what | value |")
    print("| --- | --- |")
    print(f"| units, teams, problems | {len(board)}, {TEAMS}, {total} |")
    print(f"| commands sent, one after the other | {api.sent} |")
    print(f"| loading | {loading:.1f} s, {1000 * loading / api.sent:.1f} ms for each command |")
    median, slowest = (1000 * f(times) for f in (statistics.median, max))
    print(f"| the board: median, slowest of {given.asked} | {median:.0f} ms, {slowest:.0f} ms |")
    print(f"| statements for each board | {statements:.1f} |")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
