"""The real application over real PostgreSQL, an identity provider, and a small city whose people can be asked as.

`application` runs server and projector in threads of the test; `processes` runs the two commands as they are run
in earnest, for tests that look at every byte and every log.
"""

import asyncio
import http.client
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID, uuid5

import jwt
import pytest
import uvicorn
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

from api import composition, keeping, shapes
from api.app import make_app
from api.auth import verifier_for
from api.composition import VIEWS, open_ledger, read_rulebook
from api.settings import Settings, read_settings
from application.acts import Rulebook
from application.ledger import system_stamp
from domain.kernel import Secret, day_of, derived_id
from domain.rectifications import OpenedItem, open_rectification, rectification_of
from domain.rulebook.obligations import owed
from projections.shelf import Shelf

SOURCES = Path(__file__).resolve().parents[2] / "src"
COMMANDS = UUID("7d1b0a52-1b5e-5a35-8a0c-6f5a3e2d9c40")
CORRELATION = "00000000-0000-4000-8000-000000000001"
DIRECTOR = "office-director"

# subject: endpoint
AUDIENCES = {
    DIRECTOR: "office",
    "office-clerk": "office",
    "ended-clerk": "office",
    "party-secretary": "leading-group",
    "group-head": "leading-group",
    "group-deputy": "leading-group",
    "group-member": "leading-group",
    "team-leader": "team",
    "team-deputy": "team",
    "team-registrar": "team",
    "team-member": "team",
    "team-undeclared": "team",
    "team-recused": "team",
    "team-ended": "team",
    "other-leader": "team",
    "other-member": "team",
    "town-head": "unit",
    "bureau-head": "unit",
    "discipline-contact": "organ",
    "organisation-contact": "organ",
    "city-leader": "addressee",
    "nobody-in-particular": "office",
}
POSTS = {
    "office-clerk": ("office_clerk", "office"),
    "ended-clerk": ("office_clerk", "office"),
    "party-secretary": ("party_secretary", "party_committee"),
    "city-leader": ("city_leader", "party_committee"),
    "group-head": ("group_head", "leading_group"),
    "group-deputy": ("group_deputy_head", "leading_group"),
    "group-member": ("group_member", "leading_group"),
    "town-head": ("unit_head", "town"),
    "bureau-head": ("unit_head", "bureau"),
    "discipline-contact": ("organ_contact", "discipline"),
    "organisation-contact": ("organ_contact", "organisation"),
}
DUTIES = {
    "team-leader": ("town", "leader"),
    "team-deputy": ("town", "deputy_leader"),
    "team-registrar": ("town", "registrar"),
    "team-member": ("town", "member"),
    "team-undeclared": ("town", "member"),
    "team-recused": ("town", "member"),
    "team-ended": ("town", "member"),
    "other-leader": ("bureau", "leader"),
    "other-member": ("bureau", "member"),
}


class Answer(NamedTuple):
    """An answer as it came: status, headers in order, body."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)


class Issuer:
    """The identity provider of the tests: one EdDSA and one RS256 key, published as a JWKS file."""

    name = "https://sign-in.test"

    def __init__(self, folder: Path) -> None:
        self.ed = Ed25519PrivateKey.generate()
        self.rsa = generate_private_key(65537, 2048)
        ed = json.loads(jwt.algorithms.OKPAlgorithm.to_jwk(self.ed.public_key()))
        rsa = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.rsa.public_key()))
        keys = [{**ed, "kid": "ed", "alg": "EdDSA"}, {**rsa, "kid": "rsa", "alg": "RS256"}]
        self.jwks = folder / "jwks.json"
        self.jwks.write_text(json.dumps({"keys": keys}), encoding="utf-8")

    def claims(self, subject: str, **changes: Any) -> dict[str, Any]:
        """Good claims, changed; a change to None leaves the claim out."""
        now = int(time.time())
        claims = {"iss": self.name, "aud": "xuncha", "sub": subject, "iat": now, "exp": now + 3600, **changes}
        return {name: value for name, value in claims.items() if value is not None}

    def token(self, subject: str, **changes: Any) -> str:
        return jwt.encode(self.claims(subject, **changes), self.ed, algorithm="EdDSA", headers={"kid": "ed"})

    def public_pem(self) -> bytes:
        return self.rsa.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )


class City:
    """People of a made-up city, asking a running application over TCP. Nobody in it exists: people are roles."""

    def __init__(self, port: int, issuer: Issuer, database: Any) -> None:
        self.port = port
        self.issuer = issuer
        self.database = database
        self.today = day_of(datetime.now(UTC))
        self.origin = self.today
        self.ids: dict[str, str] = {}
        self.settings: Settings | None = None
        self._tokens: dict[str, str] = {}

    def ago(self, days: int) -> str:
        """The day so many calendar days before the origin, which is today unless a test says otherwise."""
        return (self.origin - timedelta(days=days)).isoformat()

    def token(self, subject: str) -> str:
        if subject not in self._tokens:
            self._tokens[subject] = self.issuer.token(subject)
        return self._tokens[subject]

    # --- asking ----------------------------------------------------------------------------------------------

    def send(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Answer:
        """One request; header names are written with underscores."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            given = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body, {"X-Correlation-Id": CORRELATION, **given})
            answer = connection.getresponse()
            return Answer(answer.status, tuple(answer.getheaders()), answer.read())
        finally:
            connection.close()

    def raw(self, request: bytes, *, patience: float = 5.0) -> bytes:
        """Bytes as they are, and all that comes back until the server closes or falls silent."""
        received = b""
        with socket.create_connection(("127.0.0.1", self.port), timeout=patience) as connection:
            try:
                connection.sendall(request)
                while chunk := connection.recv(65536):
                    received += chunk
            except (TimeoutError, ConnectionError):
                pass
        return received

    def post(
        self, subject: str | None, body: Any, audience: str | None = None, query: str = "", **headers: str
    ) -> Answer:
        """POST to an audience's endpoint, by default the subject's own."""
        if subject is not None:
            headers.setdefault("Authorization", f"Bearer {self.token(subject)}")
        headers.setdefault("Content_Type", "application/json")
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.send("POST", f"/graphql/{audience or AUDIENCES[subject or DIRECTOR]}{query}", content, **headers)

    def ask(self, subject: str, query: str, audience: str | None = None, **variables: Any) -> Any:
        """The data of a query that must succeed."""
        answer = self.post(subject, {"query": query, "variables": variables}, audience)
        found = answer.json()
        assert answer.status == 200, (answer.status, found)
        assert "errors" not in found, found
        return found["data"]

    def do(
        self,
        subject: str,
        verb: str,
        /,
        *,
        audience: str | None = None,
        circumstances: dict[str, Any] | None = None,
        once_more: str = "",
        client_id: str | None = None,
        language: str = "en",
        **given: Any,
    ) -> Answer:
        """One command. Its id follows from who asks for what, so that the same asked again is a resend."""
        content = json.dumps([subject, verb, given, circumstances, once_more], sort_keys=True)
        return self.post(
            subject,
            {
                "query": mutation(verb),
                "variables": {
                    "id": client_id or str(uuid5(COMMANDS, content)),
                    "input": given,
                    "c": circumstances,
                },
            },
            audience,
            Accept_Language=language,
        )

    def done(self, subject: str, verb: str, /, **given: Any) -> str:
        """One command that must succeed; the id of what was made or acted on."""
        answer = self.do(subject, verb, **given).json()
        assert "id" in answer.get("data", {}).get("done", {}), (subject, verb, answer)
        return str(answer["data"]["done"]["id"])

    def refused(self, subject: str, verb: str, /, **given: Any) -> dict[str, Any]:
        """One command that must be refused; the refusal."""
        answer = self.do(subject, verb, **given)
        found = answer.json()
        assert answer.status == 200, found
        assert "code" in found["data"]["done"], (subject, verb, found)
        return dict(found["data"]["done"])

    def settle(self) -> None:
        """Wait until every view stands at the ledger's head, and the server is ready.

        The database is asked for it: what `/readyz` says of a small lag is nothing.
        """
        end = time.monotonic() + 20
        with self.database.connect() as connection:
            while time.monotonic() < end:
                if self.send("GET", "/readyz").status == 200 and self._stands_at_the_head(connection):
                    return
                time.sleep(0.01)
        raise AssertionError("the views do not catch up")

    def _stands_at_the_head(self, connection: Any) -> bool:
        positions = dict(connection.execute("SELECT application_name, notification_id FROM shelf.positions").fetchall())
        (head,) = connection.execute("SELECT coalesce(max(position), 0) FROM ledger.entries").fetchone()
        return all(positions.get(view.name, 0) >= head for view in VIEWS)

    def rows(self, subject: str, view: str, fields: str = "id", audience: str | None = None) -> list[Any]:
        """All rows of a list. `settle` first, where something was just written."""
        rows: list[Any] = []
        cursor: str | None = None
        while True:
            page = self.ask(
                subject,
                f"query($c: String) {{ {view}(first: 100, cursor: $c) {{ items {{ {fields} }} next }} }}",
                audience,
                c=cursor,
            )[view]
            rows += page["items"]
            cursor = page["next"]
            if cursor is None:
                return rows

    # --- the city --------------------------------------------------------------------------------------------

    def found(self, *subjects: str) -> None:
        """Bodies, people, posts. `subjects`: only these, where given, and who nominates leaders."""
        ids = self.ids
        known = self.ask(DIRECTOR, "{ bodies { items { id standing } } me { person } }")
        ids |= {b["standing"]: b["id"] for b in known["bodies"]["items"]}
        ids[DIRECTOR] = known["me"]["person"]
        then = {"circumstances": {"happenedOn": self.ago(300), "recollected": True}}
        ids["town"] = self.done(DIRECTOR, "registerBody", name="某镇", category="town_or_street", **then)
        ids["bureau"] = self.done(DIRECTOR, "registerBody", name="某局", category="party_or_government_organ", **then)
        for organ in ("discipline", "organisation"):
            ids[organ] = self.done(DIRECTOR, "registerBody", name=f"某机关 {organ}", organClass=organ, **then)
        wanted = dict.fromkeys((*subjects, "organisation-contact")) if subjects else AUDIENCES
        with ThreadPoolExecutor(4) as several:
            list(several.map(self.enrol, [s for s in wanted if s != DIRECTOR]))
        if "ended-clerk" in ids:
            self.done(
                DIRECTOR,
                "endAppointment",
                person=ids["ended-clerk"],
                appointment=ids["ended-clerk/post"],
                endedOn=self.ago(1),
            )

    def enrol(self, subject: str) -> str:
        """A person with a sign-in, and the post it has in the table above."""
        then = {"circumstances": {"happenedOn": self.ago(300), "recollected": True}}
        person = self.ids[subject] = self.done(DIRECTOR, "registerPerson", name=f"角色 {subject}", **then)
        self.done(DIRECTOR, "linkSignIn", person=person, issuer=self.issuer.name, subject=subject, **then)
        if post := POSTS.get(subject):
            self.ids[f"{subject}/post"] = self.done(
                DIRECTOR,
                "appoint",
                person=person,
                body=self.ids[post[1]],
                post=post[0],
                fromOn="2000-01-01",
                **then,
            )
        return person

    def begin(self, *, publish: bool = True) -> None:
        """A round with a team at the town and one at the bureau; notice, receipt, entry at both."""
        ids, ago = self.ids, self.ago
        ids["round"] = self.done("office-clerk", "openRound", year=self.origin.year, number=1, title="第一轮")
        self.done(
            "office-clerk",
            "submitPlan",
            round=ids["round"],
            tasks="常规巡查",
            units=[{"unit": ids["town"]}, {"unit": ids["bureau"]}],
            ways=["interview", "petition"],
            fromOn=ago(60),
            untilOn=ago(-60),
            inspectedFrom=ago(1200),
            submittedOn=ago(63),
        )
        self.done("group-head", "approvePlan", round=ids["round"], approvedOn=ago(62))
        for unit in ("town", "bureau"):
            ids[f"{unit}/team"] = self.done(
                "group-head",
                "formTeam",
                round=ids["round"],
                name=f"巡查组 {unit}",
                units=[ids[unit]],
                decidedOn=ago(61),
            )
        self.settle()
        for row in self.rows(DIRECTOR, "inspections", "id unit"):
            ids[f"{'town' if row['unit'] == ids['town'] else 'bureau'}/inspection"] = row["id"]
        for subject in (s for s in DUTIES if s in ids):
            self.mandate(subject)
        for subject, (unit, _) in ((s, d) for s, d in DUTIES.items() if s in ids):
            if subject in ("team-undeclared", "team-recused"):
                continue
            self.done(subject, "declareRecusal", inspection=ids[f"{unit}/inspection"], declaredOn=ago(56))
        if "team-recused" in ids:
            ids["recusal"] = self.done(
                "team-recused",
                "declareRecusal",
                inspection=ids["town/inspection"],
                grounds=["near_relative"],
                statement="与班子成员有近亲属关系",
                declaredOn=ago(56),
            )
        for unit, leader in (("town", "team-leader"), ("bureau", "other-leader")):
            inspection = ids[f"{unit}/inspection"]
            self.done(
                leader,
                "serveNotice",
                inspection=inspection,
                talkedOn=ago(51),
                servedOn=ago(50),
                recipients=[ids[f"{unit}-head"]],
                content="通知书",
                fromOn=ago(44),
                untilOn=ago(-60),
            )
            self.done(f"{unit}-head", "receiveNotice", inspection=inspection, receivedOn=ago(50))
            if publish:
                self.done(f"{unit}-head", "publishNotice", inspection=inspection, publishedOn=ago(49), account="已公布")
            self.done(leader, "enterUnit", inspection=inspection, enteredOn=ago(44))
        self.settle()

    def mandate(self, subject: str) -> str:
        """The mandate the table above gives; the leader's by the party committee, entered by the director."""
        ids, (unit, duty) = self.ids, DUTIES[subject]
        given = {
            "round": ids["round"],
            "team": ids[f"{unit}/team"],
            "person": ids[subject],
            "duty": duty,
            "units": [ids[unit]],
            "fromOn": self.ago(60),
            "untilOn": (self.today + timedelta(days=120)).isoformat(),
            "decidedOn": self.ago(61),
        }
        if duty == "leader":
            self.nominate(subject)
            paper = {"doer": ids["party-secretary"], "paperReference": "某委〔示例〕1号"}
            made = self.done(DIRECTOR, "grantMandate", circumstances=paper, **given, movedToNonLeadingPost=True)
        else:
            made = self.done("group-head", "grantMandate", **given)
        ids[f"{subject}/mandate"] = made
        return made

    def nominate(self, subject: str) -> str:
        """A leader's nomination by the organisation department."""
        ids = self.ids
        given = {
            "round": ids["round"],
            "person": ids[subject],
            "consultedOn": self.ago(63),
            "consulted": ids["discipline"],
            "reason": f"熟悉巡查工作 {subject}",
            "nominatedOn": self.ago(62),
        }
        ids[f"{subject}/nomination"] = made = self.done("organisation-contact", "nominateLeader", **given)
        return made

    def petition(self, number: int, *, unit: str = "town", **changes: Any) -> str:
        """A petition registered at a unit."""
        registrar = "team-registrar" if unit == "town" else "other-registrar"
        given = {
            "inspection": self.ids[f"{unit}/inspection"],
            "receivedOn": self.ago(40),
            "channel": "letter",
            "petitioner": {"name": f"来信人 {number}", "contact": f"联系方式 {number}"},
            "content": f"来信原文 {number}",
            "summary": f"来信摘要 {number}",
            **changes,
        }
        return self.done(registrar, "registerPetition", **given)

    def instruct(self, petition: str, handler: str = "team-member") -> None:
        self.done(
            "team-leader",
            "instructPetition",
            petition=petition,
            instruction="请核实",
            handler=self.ids[handler],
            instructedOn=self.ago(37),
        )

    def clue(self, petition: str, **changes: Any) -> str:
        """A clue registered by the member from a petition instructed on."""
        given = {
            "inspection": self.ids["town/inspection"],
            "petitions": [petition],
            "category": "organisational_discipline",
            "item": "no_collective_decision",
            "managed": "city",
            "firstKnownOn": self.ago(36),
            "registeredOn": self.ago(35),
            "text": f"线索原文 {petition}",
            "summary": "线索摘要",
            **changes,
        }
        return self.done("team-member", "registerClue", **given)

    def hear(self) -> str:
        """The office hears the team on the town, once however often this is asked."""
        return self.done(
            "office-clerk",
            "hearTeam",
            inspection=self.ids["town/inspection"],
            attendees=[self.ids["team-leader"], self.ids["office-clerk"]],
            account="汇报内容",
            heardOn=self.ago(29),
        )

    def transfer(self, clue: str, organ: str = "discipline", **changes: Any) -> str:
        """A clue reported, the team heard, its disposal proposed and decided, and transferred."""
        self.done("team-leader", "reportClue", clue=clue, reportedOn=self.ago(30), report="上报内容")
        return self.dispose(clue, organ, **changes)

    def dispose(self, clue: str, organ: str = "discipline", **changes: Any) -> str:
        """A clue the office knows of: the team heard, its disposal proposed and decided, and transferred."""
        ids, ago = self.ids, self.ago
        kind = {"discipline": "cadre_discipline", "organisation": "appointments"}[organ]
        self.hear()
        self.done(
            "office-clerk",
            "proposeDisposal",
            item=clue,
            paper="议题材料",
            disposalClass=kind,
            organ=ids[organ],
            reason="属其职责",
            summoned=[ids["group-member"]],
            proposedOn=ago(28),
        )
        self.done(
            "group-head",
            "decideDisposal",
            item=clue,
            disposalClass=kind,
            organ=ids[organ],
            attendees=[ids["group-member"]],
            conclusion="同意移交",
            decidedOn=ago(25),
        )
        given = {
            "item": clue,
            "recipients": [ids[f"{organ}-contact"]],
            "material": "移交材料",
            "transferredOn": ago(22),
            **changes,
        }
        return self.done("office-clerk", "transferItem", **given)

    def feedback_received(
        self, inspection: str, unit: str, *, items: int = 1, received_on: str | None = None
    ) -> list[str]:
        """What the unit's receipt of its feedback writes: its rectification, opened. Returns the ids of the items."""
        day = date.fromisoformat(received_on or self.ago(20))
        book = read_rulebook()
        due = owed(book.edition, book.calendar, "rectification_report", day)
        made = [derived_id("item", inspection, str(n)) for n in range(items)]
        facts = open_rectification(
            None,
            inspection,
            round_=self.ids["round"],
            unit=unit,
            items=tuple(
                OpenedItem(item=i, category="integrity_discipline", text=Secret("问题"), opinion=Secret("意见"))
                for i in made
            ),
            received_on=day,
            report=due,
            heads_report=due,
        )

        async def write() -> None:
            async with open_ledger(read_settings(environment(self.database, self.issuer))) as ledger:
                command = uuid5(COMMANDS, f"feedback|{inspection}")
                stamp = system_stamp("test", "ReceiveFeedback", command, datetime.now(UTC))
                await ledger.append(command, stamp, {rectification_of(inspection): (0, facts)})

        asyncio.run(write())
        self.settle()
        return made

    # --- on site ---------------------------------------------------------------------------------------------

    def meet(self, kind: str, about: str | None = None, **changes: Any) -> str:
        """A meeting of the town's team about one thing."""
        item = {"kind": kind, "subject": "议题", "conclusion": "同意", **({"about": about} if about else {})}
        given = {
            "team": self.ids["town/team"],
            "attendees": [self.ids["team-leader"], self.ids["team-member"]],
            "items": [item],
            "heldOn": self.ago(34),
            **changes,
        }
        return self.done("team-leader", "holdMeeting", **given)

    def interview(self, subject: str = "team-member", **changes: Any) -> str:
        """An interview at the town by the member and the registrar."""
        given = {
            "inspection": self.ids["town/inspection"],
            "way": "interview",
            "place": "会议室",
            "staff": [self.ids["team-member"], self.ids["team-registrar"]],
            "others": [{"name": "谈话对象甲", "role": "会计甲"}],
            "record": "谈话记录甲",
            "outcome": "谈话结果甲",
            "heldOn": self.ago(33),
            **changes,
        }
        return self.done(subject, "recordActivity", **given)

    def request(self, **changes: Any) -> str:
        """Documents called for at the town by the member."""
        given = {
            "inspection": self.ids["town/inspection"],
            "what": "三年会议记录",
            "recipients": [self.ids["town-head"]],
            "wantedBy": self.ago(30),
            "requestedOn": self.ago(33),
            **changes,
        }
        return self.done("team-member", "requestDocuments", **given)

    def inquire(self, **changes: Any) -> str:
        """An in-depth inquiry at the town, carried out by the member."""
        given = {
            "inspection": self.ids["town/inspection"],
            "on": "member",
            "subject": "深入了解的问题",
            "staff": [self.ids["team-member"]],
            "openedOn": self.ago(32),
            **changes,
        }
        return self.done("team-leader", "openInquiry", **given)

    def suggest(self, **changes: Any) -> str:
        """A handling suggestion for the town, put up for approval."""
        given = {
            "inspection": self.ids["town/inspection"],
            "text": "建议退还收费",
            "conditions": {
                "strongPublicReaction": "反映强烈",
                "plainlyAgainstTheRules": "违反规定",
                "soonSolvable": "一周内可退还",
            },
            "proposedOn": self.ago(31),
            **changes,
        }
        return self.done("team-leader", "proposeSuggestion", **given)


def mutation(verb: str) -> str:
    """The document that asks for a verb with variables."""
    kind = verb[0].upper() + verb[1:]
    return (
        f"mutation($id: ID!, $input: {kind}Input!, $c: Circumstances) {{ done: {verb}(commandId: $id, input: $input,"
        " circumstances: $c) { __typename ... on Done { id token }"
        " ... on Refusal { code rule article support says path } } }"
    )


# --- the application running -----------------------------------------------------------------------------------


def environment(database: Any, issuer: Issuer, port: int = 8000) -> dict[str, str]:
    """The environment of server mode over a test's database."""
    return {
        "XUNCHA_HOME": str(database.home),
        "XUNCHA_PORT": str(port),
        "DATABASE_URL": database.admin,
        "XUNCHA_JWT_ISSUER": issuer.name,
        "XUNCHA_JWT_KEYS": str(issuer.jwks),
        "XUNCHA_ORIGIN": "xuncha:test",
    }


async def _initialised(settings: Settings) -> None:
    await keeping.init(settings, DIRECTOR, lambda _: None)


class Projector:
    """The shelf in a thread, to be stopped and started."""

    def __init__(self, conninfo: str) -> None:
        self._conninfo = conninfo
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        self._stop.clear()
        self._thread = threading.Thread(target=self._work)
        self._thread.start()

    def _work(self) -> None:
        shelf = Shelf(self._conninfo, VIEWS)
        try:
            shelf.prepare()
            shelf.run(self._stop)
        finally:
            shelf.close()

    def stop(self) -> None:
        self._stop.set()
        if self._thread:
            self._thread.join()


class Application(NamedTuple):
    """A running application: its city, its projector, its database."""

    city: City
    projector: Projector
    database: Any


@contextmanager
def running_here(
    database: Any, run: Callable[..., Any], folder: Path, book: Rulebook | None = None
) -> Iterator[Application]:
    """Server and projector in threads of this process. What is hidden leaves without waiting for its stroke: a
    thousand waits of 50 ms are a minute; the processes apart keep to it.

    `book`: as if this rulebook shipped with it.
    """
    issuer = Issuer(folder)
    settings = read_settings(environment(database, issuer))
    with ExitStack() as undo:
        for module in (composition, keeping) if book else ():
            undo.callback(setattr, module, "read_rulebook", module.read_rulebook)
            setattr(module, "read_rulebook", lambda: book)  # noqa: B010
        run(_initialised(settings))
        undo.callback(setattr, shapes, "STROKE_SECONDS", shapes.STROKE_SECONDS)
        shapes.STROKE_SECONDS = 0.001
        listener = undo.enter_context(socket.create_server(("127.0.0.1", 0)))
        config = uvicorn.Config(
            make_app(settings, verifier_for(settings)),
            access_log=False,
            server_header=False,
            date_header=False,
            log_config=None,
            timeout_graceful_shutdown=5,
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        undo.callback(thread.join)
        undo.callback(setattr, server, "should_exit", True)
        projector = Projector(database.access.of("projector"))
        projector.start()
        undo.callback(projector.stop)
        city = City(listener.getsockname()[1], issuer, database)
        city.settings = settings
        city.settle()
        yield Application(city, projector, database)


class Processes(NamedTuple):
    """The application as its own commands run it: their logs are files."""

    city: City
    database: Any
    logs: tuple[Path, ...]
    stop: Callable[[], None]


@contextmanager
def running_apart(
    database: Any, run: Callable[..., Any], folder: Path, *, sources: Path = SOURCES, issuer: Issuer | None = None
) -> Iterator[Processes]:
    """`python -m api serve` and `project`, each a process with a log of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    issuer = issuer or Issuer(folder)
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    given = environment(database, issuer, port)
    run(_initialised(read_settings(given)))
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    logs, started = [], []
    try:
        for command in ("project", "serve"):
            log = folder / f"{command}.log"
            logs.append(log)
            with log.open("wb") as out:
                started.append(
                    subprocess.Popen(
                        [sys.executable, "-m", "api", command],
                        env={**kept, **given, "PYTHONPATH": str(sources), "PYTHONDONTWRITEBYTECODE": "1"},
                        stdin=subprocess.DEVNULL,
                        stdout=out,
                        stderr=subprocess.STDOUT,
                    )
                )
        city = City(port, issuer, database)
        city.settings = read_settings(given)
        end = time.monotonic() + 90
        while True:
            try:
                city.settle()
                break
            except (OSError, http.client.HTTPException, AssertionError):
                if time.monotonic() > end or any(process.poll() is not None for process in started):
                    said = "\n".join(f"{log.name}:\n{log.read_text(errors='replace')[-2000:]}" for log in logs)
                    pytest.fail(f"the processes are not ready\n{said}")
                time.sleep(0.05)
        yield Processes(city, database, tuple(logs), lambda: _end(started))
    finally:
        _end(started)


def _end(started: list[subprocess.Popen[bytes]]) -> None:
    for process in started:
        process.terminate()
    for process in started:
        process.wait(timeout=20)


@pytest.fixture(scope="module")
def application(module_database: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    """One application for the tests of a file."""
    import asyncio

    with running_here(module_database, asyncio.run, tmp_path_factory.mktemp("application")) as made:
        yield made


@pytest.fixture(scope="session")
def start_here() -> Callable[..., Any]:
    """Start the application in this process, by a rulebook of one's own: a context manager over a database."""
    import asyncio

    def start(database: Any, folder: Path, book: Rulebook | None = None) -> Any:
        return running_here(database, asyncio.run, folder, book)

    return start


@pytest.fixture(scope="session")
def start_processes() -> Callable[..., Any]:
    """Start the application as processes: a context manager over a database and a folder."""
    import asyncio

    def start(database: Any, folder: Path, **more: Any) -> Any:
        return running_apart(database, asyncio.run, folder, **more)

    return start


@pytest.fixture(scope="session")
def make_database(admin_dsn: str, request: pytest.FixtureRequest) -> Callable[[Path], Any]:
    """Make a database with a home of its own: a context manager."""
    from tests.conftest import made_database

    return lambda home: made_database(admin_dsn, home)
