"""Two worlds: the same round with no petition and with fifty. Every byte the unit can get is the same (promises.md §4).

Both worlds run as the real processes over TCP. Ids are the same because command ids are; days are given; the
correlation id is fixed. Only the values of `recordedAt`, which are the wall clock's, are blotted out.
"""

import json
import re
import shutil
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import pytest
from graphql import get_introspection_query

from api.app import SCHEMAS
from api.shapes import STROKE_SECONDS

SOURCES = Path(__file__).resolve().parents[2] / "src"
UNIT = "town-head"
PEOPLE = (
    *("office-clerk", "party-secretary", "group-head", "group-member", "team-leader", "team-registrar"),
    *("team-member", "other-leader", "town-head", "bureau-head", "discipline-contact"),
)
NAMESPACE = UUID("b5d7b8a4-4c0c-5e0f-8a2f-0d8a7d3c1e55")
INSPECTION_FIELDS = (
    "id unit status noticeOn recipients notice { text state } fromOn untilOn receivedOn published { text state }"
    " enteredOn endedOn"
    " publication { deadline dueOn state metOn provisional article support owedBy owedTo edition calendar why }"
    " steps { id kind doer recorder capacity grounds power recordedAt fromPaper reference { text state }"
    " happened { precision source assertedBy on at } }"
)
BODY_FIELDS = (
    "id name { text state } standing category organClass"
    " steps { id kind doer recorder capacity grounds power recordedAt fromPaper happened { on at } }"
)
DELIVERY_FIELDS = (
    "id delivery occasion sender team unit replyTo how content { text state } deliveredOn receivedOn serviceRecordedOn"
    " steps { id kind doer recorder capacity grounds power recordedAt fromPaper happened { on at } }"
)
REQUEST_FIELDS = (
    "id inspection unit status what { text } recipients requestedOn wantedBy account { text } reason { text }"
    " answeredOn late steps { id kind doer recorder capacity grounds power recordedAt fromPaper happened { on at } }"
)
SUGGESTION_FIELDS = (
    "id inspection unit status text { text } recipients madeOn account { text } answeredOn"
    " steps { id kind doer recorder capacity grounds power recordedAt fromPaper happened { on at } }"
)
RECORDED_AT = re.compile(rb'("recordedAt":")([^"]+)(")')

Answers = dict[str, bytes]


def blotted(answer: bytes) -> bytes:
    """The answer with the wall clock's values replaced by as many blots."""
    return RECORDED_AT.sub(lambda m: m[1] + b"#" * len(m[2]) + m[3], answer)


def build(city: Any, petitions: int) -> dict[str, str]:
    """A world: all that the unit is concerned with is the same. Returns some ids the unit must not know of."""
    city.found(*PEOPLE)
    city.begin(publish=False)
    city.ids["letter"] = letter(city, UNIT)
    hidden = {}
    for n in range(petitions):
        if n % 16 == 0:
            hidden[f"delivery {n}"] = asked = inquiry(city, n)
            answer(city, asked, n)
            letter(city, "bureau-head", n)
        hidden[f"petition {n}"] = petition = city.petition(n)
        if n % 2 == 0:
            city.instruct(petition)
        if n % 8 == 0:
            hidden[f"clue {n}"] = clue = city.clue(petition)
            if n % 16 == 0:
                hidden[f"transfer {n}"] = transfer = city.transfer(clue)
                city.done("discipline-contact", "receiveTransfer", transfer=transfer, receivedOn=city.ago(21))
    hidden |= on_site(city, hidden)
    city.settle()
    return {name: id_ for name, id_ in hidden.items() if name.partition(" ")[2] in ("0", "1", "2", "16", "32")}


def letter(city: Any, to: str, n: int = 0) -> str:
    """The office's letter to the head of a unit in person."""
    return city.done(
        "office-clerk",
        "deliver",
        round=city.ids["round"],
        occasion="other",
        body=city.ids[to.partition("-")[0]],
        recipients=[city.ids[to]],
        content=f"请到会 {n}",
        deliveredOn=city.ago(45),
    )


def inquiry(city: Any, n: int) -> str:
    """What the team asks the discipline organ about the unit."""
    return city.done(
        "team-leader",
        "deliver",
        occasion="inquiry_to_organ",
        team=city.ids["town/team"],
        about=city.ids["town/inspection"],
        body=city.ids["discipline"],
        recipients=[city.ids["discipline-contact"]],
        content=f"请提供该镇班子有关情况 {n}",
        deliveredOn=city.ago(43),
    )


def answer(city: Any, asked: str, n: int) -> str:
    """What the organ answers."""
    return city.done(
        "discipline-contact",
        "deliver",
        occasion="inquiry_answer",
        replyTo=asked,
        recipients=[city.ids["team-leader"]],
        content=f"答复如下 {n}",
        deliveredOn=city.ago(42),
    )


def on_site(city: Any, hidden: dict[str, str]) -> dict[str, str]:
    """Documents called for and a suggestion made, the same in both worlds; behind them, in one, what came in."""
    made, sources = {}, [hidden[name] for name in ("petition 2",) if name in hidden]
    city.request(once_more="both worlds")
    if sources:
        made["meeting 0"] = city.meet("in_depth_inquiry", sources[0])
        made["activity 0"] = city.interview()
        made["activity 1"] = city.interview(member=city.ids[UNIT], heldOn=city.ago(32))
        made["inquiry 0"] = city.inquire(petitions=sources)
        made["suggestion 0"] = city.suggest(text="另一建议", petitions=sources)
    suggestion = city.suggest(petitions=sources, client_id=str(uuid5(NAMESPACE, "suggestion")))
    city.done("office-director", "decideSuggestion", suggestion=suggestion, approved=True, decidedOn=city.ago(30))
    given = {"suggestion": suggestion, "recipients": [city.ids[UNIT]], "madeOn": city.ago(30)}
    city.done("team-leader", "makeSuggestion", **given)
    return made


class Unit:
    """The head of the unit, asking for all there is, and for what there is not. Keeps every byte that comes back."""

    def __init__(self, city: Any, salt: str = "") -> None:
        self.city = city
        self.answers: Answers = {}
        self.salt = salt

    def request(self, name: str, method: str, path: str, body: bytes = b"", *lines: str, token: bool = True) -> bytes:
        """One request by hand, so that every byte of the answer is kept, headers and their order included."""
        given = [f"{method} {path} HTTP/1.1", "Host: unit.test", "Connection: close"]
        given += ["X-Correlation-Id: 00000000-0000-4000-8000-000000000001"]
        if token:
            given.append(f"Authorization: Bearer {self.city.token(UNIT)}")
        if not any(line.lower().startswith(("content-length", "transfer-encoding")) for line in lines):
            given.append(f"Content-Length: {len(body)}")
        answer = self.city.raw("\r\n".join([*given, *lines, "", ""]).encode() + body)
        assert answer.startswith(b"HTTP/1.1 "), (name, answer[:80])
        assert name not in self.answers, name
        self.answers[name] = blotted(answer)
        return answer

    def graphql(self, name: str, query: str, variables: Any = None, audience: str = "unit", *lines: str) -> Any:
        body = json.dumps({"query": query, "variables": variables}).encode()
        answer = self.request(name, "POST", f"/graphql/{audience}", body, *lines)
        return json.loads(answer.partition(b"\r\n\r\n")[2])

    def do(self, name: str, verb: str, audience: str = "unit", circumstances: Any = None, **given: Any) -> Any:
        kind, salt = (
            verb[0].upper() + verb[1:],
            "" if audience == "unit" or name.startswith("the letter") else self.salt,
        )
        return self.graphql(
            name,
            f"mutation($id: ID!, $input: {kind}Input!, $c: Circumstances) {{ {verb}(commandId: $id, input: $input,"
            " circumstances: $c) { ... on Done { id token } ... on Refusal { code rule article support says path } } }",
            {"id": str(uuid5(NAMESPACE, salt + name)), "input": given, "c": circumstances},
            audience,
        )

    # --- what is asked ---------------------------------------------------------------------------------------

    def ask_all(self, hidden: dict[str, str]) -> Answers:
        """Everything: accepted, refused, malformed, hidden and made up."""
        self.without_a_word()
        self.lists(hidden)
        self.acts(hidden)
        self.elsewhere(hidden)
        self.malformed(hidden)
        self.city.settle()
        self.lists(hidden, "after the acts: ")
        self.without_a_word("after the acts: ")
        return self.answers

    def without_a_word(self, when: str = "") -> None:
        """Health and readiness, at rest, without a token."""
        self.request(f"{when}healthz", "GET", "/healthz", token=False)
        self.request(f"{when}readyz", "GET", "/readyz", token=False)

    def lists(self, hidden: dict[str, str], when: str = "") -> None:
        ids = self.city.ids
        self.graphql(f"{when}me", "{ me { person capacity } }")
        self.graphql(f"{when}introspection", get_introspection_query())
        for language in ("zh", "en"):
            query = f"{{ inspections {{ items {{ {INSPECTION_FIELDS} }} next }} }}"
            self.graphql(f"{when}inspections {language}", query, None, "unit", f"Accept-Language: {language}")
        self.graphql(f"{when}bodies", f"{{ bodies {{ items {{ {BODY_FIELDS} }} next }} }}")
        self.graphql(f"{when}rectifications", "{ rectifications { items { id items { id state } } next } }")
        self.graphql(f"{when}publications", "{ publications { items { id of text { text } } next } }")
        self.graphql(f"{when}requests", f"{{ documentRequests {{ items {{ {REQUEST_FIELDS} }} next }} }}")
        self.graphql(f"{when}suggestions", f"{{ suggestions {{ items {{ {SUGGESTION_FIELDS} }} next }} }}")
        self.graphql(f"{when}one suggestion", "{ suggestions(first: 1) { items { id } next } }")
        self.graphql(f"{when}a page of one", "{ inspections(first: 1) { items { id } next } }")
        wanted = {"own": ids["town/inspection"], "other": ids["bureau/inspection"], **hidden}
        wanted["nobody's"] = "petition:00000000-0000-4000-8000-000000000000"
        for name, id_ in wanted.items():
            query = "query($w: UnitInspectionWhere) { inspections(where: $w) { items { id status } next } }"
            self.graphql(f"{when}where id is {name}", query, {"w": {"id": id_}})
        self.graphql(f"{when}addressee introspection", get_introspection_query(), None, "addressee")
        self.graphql(f"{when}addressee me", "{ me { person capacity } }", None, "addressee")
        query = f"{{ deliveries {{ items {{ {DELIVERY_FIELDS} }} next }} }}"
        self.graphql(f"{when}addressee letters", query, None, "addressee")
        for name, id_ in {**wanted, "letter": ids["letter"]}.items():
            query = "query($w: ReceivedDeliveryWhere) { deliveries(where: $w) { items { id } next } }"
            self.graphql(f"{when}addressee where delivery is {name}", query, {"w": {"delivery": id_}}, "addressee")
        for status in ("entered", "ended", "registered"):
            query = f'{{ inspections(where: {{status: "{status}"}}) {{ items {{ id }} next }} }}'
            self.graphql(f"{when}where status is {status}", query)

    def acts(self, hidden: dict[str, str]) -> None:
        city = self.city
        own = {"inspection": city.ids["town/inspection"]}
        day = city.ago(49)
        done = self.do("publish", "publishNotice", **own, publishedOn=day, account="已公布")
        assert "id" in done["data"]["publishNotice"]
        token = done["data"]["publishNotice"]["token"]
        query = f'{{ inspections(after: "{token}") {{ items {{ id publication {{ state metOn }} }} next }} }}'
        self.graphql("after the token", query)
        self.graphql("after a token of nobody's", query.replace(token, str(uuid5(NAMESPACE, "nobody's"))))
        self.do("publish twice", "publishNotice", **own, publishedOn=day, account="又公布")
        self.do("receive twice", "receiveNotice", **own, receivedOn=day)
        self.do("in the future", "receiveNotice", **own, receivedOn=city.ago(-5))
        self.do(
            "for somebody else", "receiveNotice", circumstances={"doer": city.ids["team-leader"]}, **own, receivedOn=day
        )
        received = {"receivedOn": city.ago(44)}
        got = self.do(
            "the letter received", "acknowledgeDelivery", "addressee", delivery=city.ids["letter"], **received
        )
        assert "id" in got["data"]["acknowledgeDelivery"]
        self.do(
            "the letter received twice", "acknowledgeDelivery", "addressee", delivery=city.ids["letter"], **received
        )
        for name, id_ in {**hidden, "nobody's": "x:00000000-0000-4000-8000-000000000000"}.items():
            shaped = f"delivery:{id_.partition(':')[2]}"
            self.do(f"received: {name}", "acknowledgeDelivery", "addressee", delivery=shaped, **received)
        other = {"inspection": city.ids["bureau/inspection"]}
        self.do("of another unit", "publishNotice", **other, publishedOn=day, account="x")
        for name, id_ in {**hidden, "nobody's": "x:00000000-0000-4000-8000-000000000000"}.items():
            shaped = f"inspection:{id_.partition(':')[2]}"
            self.do(f"shaped as an inspection: {name}", "receiveNotice", inspection=shaped, receivedOn=day)
            self.do(f"raw: {name}", "publishNotice", inspection=id_, publishedOn=day, account="x")
            item = f"item:{id_.partition(':')[2]}"
            for whose in (shaped, own["inspection"]):
                given = {"inspection": whose, "item": item, "state": "done", "evidence": "x", "updatedOn": day}
                self.do(f"an item shaped as {name} of {whose == shaped}", "updateItem", **given)

    def elsewhere(self, hidden: dict[str, str]) -> None:
        """At the other audiences' endpoints, with the ids of what is really there."""
        city, ids = self.city, self.city.ids
        for audience in SCHEMAS:
            if audience == "unit":
                continue
            for field in SCHEMAS[audience][1]._schema.query_type.fields:
                if field not in ("me", "codes"):
                    self.graphql(f"{audience}: {field}", f"{{ {field} {{ items {{ id }} next }} }}", None, audience)
        paper = {"doer": ids["discipline-contact"], "paperReference": "x"}
        for name, id_ in hidden.items():
            day, kind = city.ago(5), name.partition(" ")[0]
            if kind == "petition":
                self.do(
                    f"handle {name}", "handlePetition", "team", petition=id_, way="answered", account="x", handledOn=day
                )
                self.do(
                    f"instruct {name}",
                    "instructPetition",
                    "team",
                    petition=id_,
                    instruction="x",
                    handler=ids["team-member"],
                    instructedOn=day,
                )
                self.do(
                    f"clue of {name}",
                    "registerClue",
                    "team",
                    inspection=ids["town/inspection"],
                    petitions=[id_],
                    category="organisational_discipline",
                    managed="city",
                    firstKnownOn=day,
                    registeredOn=day,
                    text="x",
                    summary="x",
                )
            elif kind == "clue":
                self.do(f"report {name}", "reportClue", "team", clue=id_, reportedOn=day, report="x")
                to = [ids["discipline-contact"]]
                self.do(
                    f"transfer {name}",
                    "transferItem",
                    "office",
                    item=id_,
                    recipients=to,
                    material="x",
                    transferredOn=day,
                )
                self.do(
                    f"decide {name}",
                    "decideDisposal",
                    "leading-group",
                    item=id_,
                    disposalClass="cadre_discipline",
                    organ=ids["discipline"],
                    decidedOn=day,
                )
                self.do(
                    f"decide {name} from paper",
                    "decideDisposal",
                    "office",
                    paper,
                    item=id_,
                    disposalClass="cadre_discipline",
                    organ=ids["discipline"],
                    decidedOn=day,
                )
            elif kind == "delivery":
                for audience in ("team", "organ", "office"):
                    self.do(
                        f"acknowledge {name} at {audience}",
                        "acknowledgeDelivery",
                        audience,
                        delivery=id_,
                        receivedOn=day,
                    )
                self.do(
                    f"answer {name}",
                    "deliver",
                    "organ",
                    occasion="inquiry_answer",
                    replyTo=id_,
                    recipients=[ids["team-leader"]],
                    content="x",
                    deliveredOn=day,
                )
                self.do(f"record {name}", "recordService", "office", delivery=id_, recordedOn=day, reason="x")
            elif kind == "transfer":
                self.do(f"receive {name}", "receiveTransfer", "organ", transfer=id_, receivedOn=day)
                self.do(f"receive {name} from paper", "receiveTransfer", "office", paper, transfer=id_, receivedOn=day)
                self.do(
                    f"answer {name} from paper",
                    "answerTransfer",
                    "office",
                    paper,
                    transfer=id_,
                    handling="preliminary_verification",
                    account="x",
                    answeredOn=day,
                )

    def malformed(self, hidden: dict[str, str]) -> None:
        petition = hidden["petition 0"]
        for query in (
            "", "{", "{ petitions { items { id } } }", "{ inspections { items { petitions } } }",
            "{ inspections(where: {petition: 1}) { next } }", f'{{ inspections(cursor: "{petition}") {{ next }} }}',
            "{ inspections(first: 0) { next } }", "{ inspections(first: 101) { next } }",
            f'{{ inspections(after: "{petition}") {{ next }} }}', "subscription { x }",
            "query A { me { person } } { me }",
            "{ __type(name: \"Petition\") { name fields { name } } }", "{ node(id: 1) { id } }",
            'mutation { registerPetition(commandId: "x") { __typename } }',
            "{ inspections { items { id } } " + "me { person } " * 400 + "}",
        ):  # fmt: skip
            self.graphql(f"malformed: {query[:60]}", query)
        self.request("no json", "POST", "/graphql/unit", b"{")
        self.request("a list", "POST", "/graphql/unit", b'[{"query":"{me{person}}"}]')
        self.request("no token", "POST", "/graphql/unit", b"{}", token=False)
        self.request("a bad token", "POST", "/graphql/unit", b"{}", "Authorization: Bearer x", token=False)
        self.request("too large", "POST", "/graphql/unit", b"", "Content-Length: 1048577")
        self.request("get", "GET", "/graphql/unit?query={me{person}}")
        self.request("no such audience", "POST", "/graphql/petitions", b"{}")
        self.request("no such page", "GET", f"/petitions/{petition}")
        self.request("options", "OPTIONS", "/graphql/unit")


class Worlds:
    """Two worlds, and a way to ask the same of both."""

    def __init__(self, none: Any, fifty: Any) -> None:
        self.none, self.fifty = none, fifty
        with ThreadPoolExecutor(2) as both:
            empty = both.submit(build, none.city, 0)
            hidden = both.submit(build, fifty.city, 50)
            assert empty.result() == {}
            self.hidden = hidden.result()
            without = both.submit(Unit(none.city).ask_all, self.hidden)
            with_fifty = both.submit(Unit(fifty.city).ask_all, self.hidden)
            self.without, self.with_fifty = without.result(), with_fifty.result()


@pytest.fixture(scope="module")
def worlds(
    admin_dsn: str, start_processes: Any, make_database: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Worlds]:
    """The two worlds, each with its own database and processes, and one identity provider for both."""
    folder = tmp_path_factory.mktemp("worlds")
    with ExitStack() as undo:
        none, fifty = (undo.enter_context(make_database(folder / name / "home")) for name in ("none", "fifty"))
        first = undo.enter_context(start_processes(none, folder / "none"))
        second = undo.enter_context(start_processes(fifty, folder / "fifty", issuer=first.city.issuer))
        yield Worlds(first, second)


def differing(one: Answers, other: Answers) -> dict[str, tuple[bytes, bytes]]:
    assert list(one) == list(other)
    return {name: (one[name], other[name]) for name in one if one[name] != other[name]}


def test_every_byte_the_unit_can_get_is_the_same_with_no_petition_and_with_fifty(worlds: Worlds) -> None:
    """promises.md §4: the unit never sees that any exist, or how many: no counters, numbers, positions."""
    assert len(worlds.without) > 150
    assert differing(worlds.without, worlds.with_fifty) == {}


def test_the_unit_did_get_what_it_may_see(worlds: Worlds) -> None:
    """Art. 11(6): an empty answer would be the same in both worlds too."""
    answer = json.loads(worlds.with_fifty["after the acts: inspections en"].partition(b"\r\n\r\n")[2])
    row = answer["data"]["inspections"]["items"][0]
    assert (row["status"], row["notice"]["text"]) == ("entered", "通知书")
    assert row["publication"]["state"] == "met"
    assert [step["kind"].split(".")[1] for step in row["steps"]] == [
        *("notice-served", "notice-received", "entered", "notice-published")
    ]
    assert all(step["happened"]["at"] is None for step in row["steps"])


def test_the_letter_did_arrive_and_shows_its_own_receipt(worlds: Worlds) -> None:
    """Art. 4(2): nothing of it would be the same in both worlds too."""
    answer = json.loads(worlds.with_fifty["after the acts: addressee letters"].partition(b"\r\n\r\n")[2])
    (row,) = answer["data"]["deliveries"]["items"]
    assert (row["content"]["text"], row["sender"]) == ("请到会 0", "office")
    assert [step["kind"] for step in row["steps"]] == ["delivery.made.v1", "delivery.received.v1"]


def test_what_is_hidden_answers_like_what_is_not_there(worlds: Worlds) -> None:
    """promises.md: outside the caller's view every answer is NOT_FOUND, same bytes."""
    answers = worlds.with_fifty
    for name in worlds.hidden:
        for form in ("shaped as an inspection: ", "raw: "):
            assert answers[f"{form}{name}"] == answers[f"{form}nobody's"], name
        assert answers[f"received: {name}"] == answers["received: nobody's"], name
        assert answers[f"where id is {name}"] == answers["where id is nobody's"]


def test_what_is_hidden_and_what_is_not_there_leave_on_a_stroke(worlds: Worlds) -> None:
    """promises.md §1: one takes some reads more to be found out; whoever measures must not learn from it."""
    city = worlds.fifty.city
    for petition in (worlds.hidden["petition 0"], "petition:00000000-0000-4000-8000-000000000000"):
        given = {"petition": petition, "way": "answered", "account": "x", "handledOn": city.ago(5)}
        before = time.monotonic()
        no = city.refused(UNIT, "handlePetition", audience="team", **given)
        assert no["code"] == "NOT_FOUND"
        assert time.monotonic() - before >= STROKE_SECONDS


def test_in_the_other_worlds_the_petitions_are_really_there(worlds: Worlds) -> None:
    """Art. 13: else there would have been nothing to hide."""
    fifty, none = worlds.fifty.city, worlds.none.city
    assert len(fifty.rows("team-leader", "petitions")) == 50
    assert len(fifty.rows("discipline-contact", "transfers")) == 4
    assert none.rows("team-leader", "petitions") == []
    assert len(fifty.rows("discipline-contact", "deliveries")) == 8
    assert none.rows("discipline-contact", "deliveries") == []


_RECEIVED = "    match fact:\n        case NoticeReceived"
LEAKS = {
    "projections/units.py": (
        (
            "        case NoticeServed() |",
            '        case _ if entry.fact.kind == "petition.registered.v1":\n            return entry.fact.inspection\n'
            "        case NoticeServed() |",
        ),
        (_RECEIVED, f"    if 'petition.r' in fact.kind:\n        return row.then(entry)\n{_RECEIVED}"),
        (
            'inspection_key, inspections, ("status",), version=3)',
            'inspection_key, inspections, ("status",), version=99)',
        ),
    ),
    "application/deliveries.py": (
        (
            "    if work.act.doer not in delivery.recipients:\n        raise NotFound",
            "    rules.delivery_received_once.demand(work.act.doer not in delivery.recipients)",
        ),
    ),
    "application/authority.py": (("Refused(rule) if seen and not hidden else NotFound(rule)", "Refused(rule)"),),
    "api/app.py": (
        (
            '{"WWW-Authenticate": "Bearer"}',
            '{"WWW-Authenticate": "Bearer", "X-Head": str(await services.ledger.head())}',
        ),
    ),
}
"""Four small mistakes: a view that takes a petition for a step of its inspection, two refusals that name their rule to
whoever asks, a header with the head of the ledger."""


def test_the_comparison_sees_a_leak_in_a_row_in_a_refusal_and_in_a_header(
    worlds: Worlds, start_processes: Any, tmp_path: Path
) -> None:
    """promises.md: every check has been seen to fail. The same is asked of a copy with four mistakes in it."""
    copy = tmp_path / "src"
    shutil.copytree(SOURCES, copy)  # what is compiled too: only what is changed is compiled anew
    for name, changes in LEAKS.items():
        text = (copy / name).read_text(encoding="utf-8")
        for good, bad in changes:
            assert good in text, (name, good)
            text = text.replace(good, bad)
        (copy / name).write_text(text, encoding="utf-8")
    fifty = worlds.fifty
    fifty.stop()
    issuer = fifty.city.issuer
    with start_processes(fifty.database, tmp_path / "leaking", sources=copy, issuer=issuer) as leaking:
        leaking.city.ids = fifty.city.ids
        found = differing(worlds.without, Unit(leaking.city, "again").ask_all(worlds.hidden))
    assert "inspections zh" in found
    assert "handle petition 0" in found
    assert "received: delivery 0" in found
    assert "no token" in found
    assert "bodies" not in found
    assert "introspection" not in found
