"""A planted name and phone number are found nowhere but where those entitled read them (promises.md §5.1).

They are sent in accepted, refused and malformed requests, in every place a caller can write to; then everything
that was stored, logged or answered is searched, in every spelling a program might give them.
"""

import base64
import json
import shutil
import subprocess
import urllib.parse
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
import pytest
from graphql import GraphQLInputObjectType, GraphQLNonNull, GraphQLScalarType, get_named_type, is_list_type

from api.app import SCHEMAS
from embedded import cluster

SOURCES = Path(__file__).resolve().parents[2] / "src"
NAME, ASCII, PHONE = "埋设姓名戊七三", "PlantedName73", "19973007300"
TEXT = f"{NAME} {ASCII} {PHONE}"
NOBODY = "00000000-0000-4000-8000-000000000000"
DIRECTOR = "office-director"
TEXTS = {
    *("name", "title", "tasks", "decision", "reason", "matters", "statement", "content", "account", "contact"),
    *("address", "summary", "instruction", "text", "report", "paper", "conclusion", "material", "paperReference"),
}
UNEXPECTED = 500
PEOPLE = (
    *("office-clerk", "party-secretary", "group-head", "group-member", "team-leader", "team-registrar", "team-member"),
    *("team-recused", "team-ended", "other-leader", "town-head", "bureau-head", "discipline-contact"),
    "nobody-in-particular",
)


# --- searching -------------------------------------------------------------------------------------------------


def spellings(text: str) -> set[bytes]:
    """A text as a program might leave it: encodings, escapes, base64 at each offset, hexadecimal, in a URL."""
    plain = text.encode()
    escaped = json.dumps(text)[1:-1].encode()
    found = {
        plain,
        text.encode("utf-16-le"),
        text.encode("utf-16-be"),
        escaped,
        escaped.upper().replace(b"\\U", b"\\u"),
    }
    for offset, first in ((0, 0), (1, 2), (2, 3)):
        encoded = base64.b64encode(b"\0" * offset + plain)
        part = encoded[first : (offset + len(plain)) * 8 // 6]
        found |= {part, part.replace(b"+", b"-").replace(b"/", b"_")}
    found |= {plain.hex().encode(), plain.hex().upper().encode(), urllib.parse.quote(text).encode()}
    return found


NEEDLES = {needle for word in (NAME, ASCII, PHONE) for needle in spellings(word)}


def holds(content: bytes, needles: set[bytes] = NEEDLES) -> bool:
    return any(needle in content for needle in needles)


def files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())


def found_in(database: Any, logs: tuple[Path, ...], needles: set[bytes] = NEEDLES) -> list[str]:
    """Every place that holds a needle: dump, data directory with the log of changes, logs, home, key store."""
    with database.connect() as connection:
        connection.execute("CHECKPOINT")
        row = connection.execute("SELECT oid FROM pg_database WHERE datname = current_database()").fetchone()
        data = Path(connection.execute("SHOW data_directory").fetchone()[0])
    dump = subprocess.run(
        [cluster.programs() / "pg_dump", f"--dbname={database.admin}", "--inserts"], check=True, capture_output=True
    ).stdout
    assert b"ledger.entries" in dump
    assert b"team_petitions_history" in dump
    found = ["dump"] if holds(dump, needles) else []
    places = [*files(database.home), *logs]
    if data.is_dir():  # the embedded server: its files are here
        others = {path for path in (data / "base").iterdir() if path.name != str(row[0])}
        places += [path for path in files(data) if not others & set(path.parents)]
        places.append(data.parent / "log")
    for path in places:
        if path.is_file() and holds(path.read_bytes(), needles):
            found.append(f"{path.parent.name}/{path.name}")
    return found


# --- planting --------------------------------------------------------------------------------------------------


def dressed(given: Any, field: str = "") -> Any:
    """The same with the planted words in every free text."""
    if isinstance(given, dict):
        return {name: dressed(value, name) for name, value in given.items()}
    if isinstance(given, list):
        return [dressed(value, field) for value in given]
    return f"{given} {TEXT}" if field in TEXTS else given


def filled(type_: Any, depth: int = 0) -> Any:
    """A value for an input with the planted words wherever a string can stand, right or wrong."""
    if isinstance(type_, GraphQLNonNull):
        return filled(type_.of_type, depth)
    if is_list_type(type_):
        return [filled(type_.of_type, depth)]
    named = get_named_type(type_)
    if isinstance(named, GraphQLInputObjectType):
        return {name: filled(field.type, depth + 1) for name, field in named.fields.items()}
    assert isinstance(named, GraphQLScalarType)
    return {"Int": 7, "Boolean": True, "Date": "2015-01-01", "DateTime": "2015-01-01T00:30:00Z"}.get(named.name, TEXT)


def literal(value: Any) -> str:
    """A value as GraphQL writes it in a document."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {literal(item)}" for name, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(literal, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


class Planter:
    """Sends the planted words and keeps what came back to those who may not read them."""

    def __init__(self, city: Any) -> None:
        self.city = city
        self.answers: dict[str, Any] = {}

    def keep(self, name: str, answer: Any) -> None:
        assert answer.status < UNEXPECTED, (name, answer)
        self.answers[name] = (answer.status, answer.headers, answer.body)

    def graphql(
        self, name: str, body: Any, subject: str | None = DIRECTOR, audience: str = "office", **headers: Any
    ) -> None:
        self.keep(name, self.city.post(subject, body, audience, **headers))

    def everywhere(self) -> None:
        self.verbs()
        self.documents()
        self.bodies()
        self.signing_in()
        self.http()

    def verbs(self) -> None:
        """Every verb of every audience, by somebody with a part there: ill-formed, unknown, refused, wrong state."""
        subjects = {
            "office": DIRECTOR,
            "leading-group": "group-head",
            "team": "team-member",
            "unit": "town-head",
            "organ": "discipline-contact",
            "addressee": "town-head",
        }
        for audience, (_, schema) in SCHEMAS.items():
            for verb, field in schema._schema.mutation_type.fields.items():
                kind = verb[0].upper() + verb[1:]
                document = (
                    f"mutation($id: ID!, $input: {kind}Input!, $c: Circumstances) {{ {verb}(commandId: $id,"
                    " input: $input, circumstances: $c) { __typename ... on Refusal { code says path } } }"
                )
                whole = filled(field.args["input"].type)
                about = {
                    name: f"{'round' if name == 'round' else name}:{NOBODY}" if name not in ("items",) else value
                    for name, value in whole.items()
                    if name
                    in ("round", "inspection", "petition", "clue", "transfer", "recusal", "person", "body", "delivery")
                }
                for how, given, circumstances in (
                    ("ill-formed", whole, {"doer": TEXT, "precision": TEXT}),
                    ("about nothing", {**whole, **about}, None),
                    ("from paper", {**whole, **about}, {"doer": f"person:{NOBODY}", "paperReference": TEXT}),
                    ("a scan", whole, {"paperReference": TEXT, "paperScanSha256": TEXT}),
                    ("dates", dict.fromkeys(whole, TEXT), None),
                    ("too long", {name: v if v != TEXT else TEXT * 2_000 for name, v in whole.items()}, None),
                    ("control", {name: v if v != TEXT else f"{TEXT}\u202e" for name, v in whole.items()}, None),
                    ("unknown field", {**whole, ASCII: TEXT}, {ASCII: TEXT}),
                ):
                    variables = {"id": TEXT if how == "ill-formed" else NOBODY, "input": given, "c": circumstances}
                    self.graphql(
                        f"{audience} {verb} {how}",
                        {"query": document, "variables": variables},
                        subjects[audience],
                        audience,
                    )
                for how, command_id in (("literal", NOBODY[:-1] + "1"), ("literal id", TEXT)):
                    given = f"commandId: {json.dumps(command_id)}, input: {literal(whole)}"
                    text = f"mutation {{ {verb}({given}) {{ __typename }} }}"
                    self.graphql(f"{audience} {verb} {how}", {"query": text}, subjects[audience], audience)

    def documents(self) -> None:
        """Documents that do not parse or fit, queries with words where ids and cursors belong."""
        for name, query in {
            "syntax": f"{{ {TEXT} ",
            "unterminated": f'{{ codes(section: "{TEXT}',
            "unknown root": f"{{ {ASCII} }}",
            "unknown field": f"{{ me {{ {ASCII} }} }}",
            "unknown argument": f'{{ bodies({ASCII}: "{TEXT}") {{ next }} }}',
            "unknown type": f"query(${ASCII}: {ASCII}) {{ me {{ person }} }}",
            "unknown fragment": f"{{ ...{ASCII} }}",
            "unknown directive": f'{{ me @{ASCII}(a: "{TEXT}") {{ person }} }}',
            "unused variable": f"query(${ASCII}: String) {{ me {{ person }} }}",
            "comment": f"# {TEXT}\n{{ me {{ persons }} }}",
            "operation name": f"query {ASCII} {{ me {{ persons }} }}",
            "section": f'{{ codes(section: "{TEXT}") {{ code }} }}',
            "cursor": f'{{ bodies(cursor: "{TEXT}") {{ next }} }}',
            "good base64 cursor": f'{{ bodies(cursor: "{base64.b64encode(TEXT.encode()).decode()}") {{ next }} }}',
            "token": f'{{ bodies(after: "{TEXT}") {{ next }} }}',
            "filter": f'{{ bodies(where: {{id: "{TEXT}"}}) {{ items {{ id }} }} }}',
            "filter with a nought": f'{{ bodies(where: {{category: "{TEXT}\\u0000"}}) {{ items {{ id }} }} }}',
            "page size": f'{{ bodies(first: "{TEXT}") {{ next }} }}',
            "huge number": f"{{ bodies(first: {PHONE}{PHONE}) {{ next }} }}",
            "subscription": f"subscription {ASCII} {{ {ASCII} }}",
        }.items():
            self.graphql(f"document: {name}", {"query": query})
        self.graphql("operationName", {"query": "{ me { person } }", "operationName": TEXT})
        asked = "query($w: BodyWhere, $c: String) { bodies(where: $w, cursor: $c) { items { id } } }"
        for name, variables in {
            "half a surrogate": {"w": {"id": f"{TEXT}\ud800"}},
            "a nought": {"w": {"id": f"{TEXT}\0"}},
            "wrong type": {"w": TEXT},
            "wrong type inside": {"w": {"id": {ASCII: TEXT}}},
            "unknown field": {"w": {ASCII: TEXT}},
            "variables as a list": [TEXT],
            "a cursor": {"c": base64.urlsafe_b64encode(json.dumps([TEXT, f"{TEXT}\0"]).encode()).decode()},
        }.items():
            self.graphql(f"variables: {name}", {"query": asked, "variables": variables})

    def bodies(self) -> None:
        """Bodies that are not what they should be."""
        for name, body in {
            "not json": TEXT.encode(),
            "half json": f'{{"query": "{TEXT}'.encode(),
            "utf-16": json.dumps({"query": TEXT}, ensure_ascii=False).encode("utf-16"),
            "latin-1": json.dumps({"query": f"{ASCII}é"}, ensure_ascii=False).encode("latin-1"),
            "a list": json.dumps([{"query": TEXT}]).encode(),
            "a text": json.dumps(TEXT).encode(),
            "the query is a number": json.dumps({"query": 1, "variables": {ASCII: TEXT}}).encode(),
            "duplicate keys": f'{{"query":"{{me{{person}}}}","query":"{ASCII}"}}'.encode(),
            "deep": b'{"query":"' + ASCII.encode() + b'","variables":' + b"[" * 5_000 + b"]" * 5_000 + b"}",
            "too large": json.dumps({"query": TEXT * 40_000}).encode(),
            "multipart": f'--x\r\nContent-Disposition: form-data; name="{ASCII}"\r\n\r\n{TEXT}\r\n--x--'.encode(),
        }.items():
            self.graphql(f"body: {name}", body)

    def signing_in(self) -> None:
        """In tokens and in what should be tokens."""
        issuer = self.city.issuer
        asked = {"query": "{ me { person } }"}
        word = f"{ASCII}-{PHONE}"
        for name, token in {
            "nobody's subject": issuer.token(TEXT),
            "issuer": issuer.token(DIRECTOR, iss=TEXT),
            "audience": issuer.token(DIRECTOR, aud=TEXT),
            "a claim that is not one": issuer.token(TEXT, exp=TEXT),
            "expired": issuer.token(TEXT, exp=1),
            "not a token": word,
            "three parts": f"{word}.{word}.{word}",
        }.items():
            self.graphql(f"token: {name}", asked, None, Authorization=f"Bearer {token}")
        self.graphql("basic", asked, None, Authorization=f"Basic {base64.b64encode(TEXT.encode()).decode()}")
        self.graphql("raw bytes", asked, None, Authorization=b"Bearer " + NAME.encode())

    def http(self) -> None:
        """In headers, paths and requests that are none."""
        city, word = self.city, f"{ASCII}-{PHONE}"
        asked = {"query": "{ me { person } nothing }"}
        for header in ("Accept_Language", "X_Correlation_Id", "User_Agent", "Referer", "X_Forwarded_For", "Cookie",
                       "Origin", "Content_Type"):  # fmt: skip
            for how, value in (("ascii", word.encode()), ("utf-8", NAME.encode()), ("only digits", PHONE.encode())):
                self.graphql(f"header {header} {how}", asked, **{header: value})
        quoted = urllib.parse.quote(TEXT)
        for method, path in (
            ("POST", f"/graphql/{quoted}"),
            ("POST", f"/graphql/office/{quoted}"),
            ("GET", f"/graphql/office?query={quoted}"),
            ("GET", f"/{quoted}?{quoted}"),
            ("GET", f"/healthz?{quoted}"),
            ("GET", f"/readyz?{quoted}"),
            ("DELETE", f"/graphql/office?{quoted}"),
        ):
            self.keep(f"{method} {path}", city.send(method, path, b"{}" if method == "POST" else None))
        for name, request in {
            "no request": f"{word}\r\n\r\n",
            "an unknown method": f"{ASCII} /{word} HTTP/1.1\r\nHost: {word}\r\nConnection: close\r\n\r\n",
            "another protocol": f"GET /{word} {ASCII}/9.9\r\n\r\n",
            "a bad header": f"GET /healthz HTTP/1.1\r\nHost: x\r\n{word} {word}\r\n\r\n",
            "a lying length": f"POST /graphql/office HTTP/1.1\r\nHost: x\r\nContent-Length: {word}\r\n\r\n",
            "a bad chunk": "POST /graphql/office HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
            f"Authorization: Bearer {city.token(DIRECTOR)}\r\n\r\n{word}\r\n{word}",
            "a socket": f"GET /graphql/office?{quoted} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Protocol: {word}\r\n\r\n",
            "a huge header": f"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Long: {word * 5_000}\r\n\r\n",
        }.items():
            self.answers[f"raw: {name}"] = city.raw(request.encode(), patience=0.5)
        # One who hangs up in the middle of a body.
        self.answers["raw: hung up"] = city.raw(
            f"POST /graphql/office HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {city.token(DIRECTOR)}\r\n"
            f"Content-Length: 500\r\n\r\n{{{word}".encode(),
            patience=0.3,
        )


class Planted(NamedTuple):
    """The city after the planting."""

    city: Any
    database: Any
    logs: tuple[Path, ...]
    answers: dict[str, Any]


@pytest.fixture(scope="module")
def planted(make_database: Any, start_processes: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Planted]:
    """The thread told with planted words in every text, then the words sent wherever a caller can write."""
    folder = tmp_path_factory.mktemp("planted")
    with make_database(folder / "home") as database, start_processes(database, folder) as running:
        city = running.city
        plain: Callable[..., Any] = city.do
        city.do = lambda *who, circumstances=None, **given: plain(
            *who, circumstances=dressed(circumstances), **dressed(given)
        )
        city.found(*PEOPLE)
        city.begin()
        city.done(DIRECTOR, "linkSignIn", person=city.ids["nobody-in-particular"], issuer=city.issuer.name,
                  subject=f"{ASCII}-{PHONE}")  # fmt: skip
        city.ids["petition"] = petition = city.petition(1, petitioner={"name": "x", "contact": "x", "address": "x"})
        city.instruct(petition)
        city.ids["other petition"] = other = city.petition(2)
        city.instruct(other)
        transfer = city.transfer(city.clue(petition))
        day = city.ago(21)
        city.done("team-member", "handlePetition", petition=other, way="answered", account="x", handledOn=day)
        city.done("discipline-contact", "receiveTransfer", transfer=transfer, receivedOn=day)
        city.done("discipline-contact", "answerTransfer", transfer=transfer, handling="preliminary_verification",
                  account="x", answeredOn=day)  # fmt: skip
        city.done(DIRECTOR, "decideRecusal", recusal=city.ids["recusal"], outcome="upheld", reason="x", decidedOn=day)
        city.done("group-head", "endMandate", round=city.ids["round"], mandate=city.ids["team-ended/mandate"],
                  endedOn=day, reason="x")  # fmt: skip
        planter = Planter(city)
        for name, who, verb, given in (
            ("wrong state", "team-leader", "instructPetition", {"petition": petition, "instruction": "y",
             "handler": city.ids["team-member"], "instructedOn": day}),
            ("another's", "other-leader", "handlePetition", {"petition": petition, "way": "answered",
             "account": "y", "handledOn": day}),
            ("recused", "team-recused", "handlePetition", {"petition": petition, "way": "answered", "account": "y",
             "handledOn": day}),
            ("no post", "nobody-in-particular", "registerBody", {"name": "y"}),
        ):  # fmt: skip
            planter.keep(name, city.do(who, verb, **given))
        planter.everywhere()
        city.settle()
        yield Planted(city, database, running.logs, planter.answers)


def test_those_entitled_can_read_the_words(planted: Planted) -> None:
    """Art. 13: else they would be found nowhere because they never arrived."""
    city = planted.city
    petitions = "content { text } summary { text } instruction { text } account { text }"
    for row in city.rows("team-leader", "petitions", petitions):
        assert all(TEXT in text["text"] for text in row.values())
    assert all(TEXT in r["name"]["text"] for r in city.rows(DIRECTOR, "people", "name { text }")[1:3])
    transfer = city.rows("discipline-contact", "transfers", "material { text } account { text }")[0]
    assert TEXT in transfer["material"]["text"]
    assert TEXT in transfer["account"]["text"]
    token = city.issuer.token(f"{ASCII}-{PHONE}")
    signed_in = city.post(None, {"query": "{ me { person } }"}, "office", Authorization=f"Bearer {token}")
    assert signed_in.json()["data"]["me"]["person"] == city.ids["nobody-in-particular"]


def test_no_refusal_and_no_error_gives_the_words_back(planted: Planted) -> None:
    """promises.md: no error says what was sent; whoever is refused learns where, never what."""
    assert len(planted.answers) > 400
    assert [name for name, answer in planted.answers.items() if holds(repr(answer).encode())] == []
    assert [name for name, answer in planted.answers.items() if holds(str(answer).encode())] == []


def test_who_may_not_read_a_petition_gets_no_word_of_it(planted: Planted) -> None:
    """promises.md §4: neither office nor unit nor another team sees what a petition says."""
    city = planted.city
    for subject, view, fields in (
        (DIRECTOR, "petitions", "id status"),
        ("other-leader", "petitions", "id content { text }"),
        ("team-recused", "petitions", "id content { text }"),
        ("team-ended", "ownActs", "id kind"),
    ):
        assert not holds(json.dumps(city.rows(subject, view, fields), ensure_ascii=False).encode())


def test_the_words_stand_nowhere_in_what_was_stored_or_logged(planted: Planted) -> None:
    """issue: dump of the database, row history, logs of every process, XUNCHA_HOME, in and outside the key store."""
    assert found_in(planted.database, planted.logs) == []


def test_the_search_finds_what_does_stand_there(planted: Planted, tmp_path: Path) -> None:
    """promises.md: every check has been seen to fail: other words, stored in the clear in each place."""
    control = "对照文字戊"
    with planted.database.connect() as connection:
        connection.execute("CREATE TABLE public.control (words text, bytes bytea)")
        connection.execute("INSERT INTO public.control VALUES (%s, %s)", (control, control.encode()))
    log = tmp_path / "some.log"
    log.write_text(json.dumps({"said": control}))
    key_store = planted.database.home / "keys" / "left.txt"
    key_store.write_bytes(base64.b64encode(b"xy" + control.encode() + b"z"))
    try:
        found = found_in(planted.database, (log,), spellings(control))
    finally:
        key_store.unlink()
        with planted.database.connect() as connection:
            connection.execute("DROP TABLE public.control")
    assert {"dump", "keys/left.txt"} <= set(found)
    assert any(place.endswith("some.log") for place in found)
    assert any(place.startswith("pg_wal/") for place in found)


LEAKS = {
    "domain/kernel.py": (
        (
            "        return (sealed or {})[path]",
            '        return value.reveal() if path == "/payload/name" else (sealed or {})[path]',
        ),
    ),
    "api/app.py": (("        query, variables, operation = _asked(body)", "        log.info(body.decode())\n"
                    "        query, variables, operation = _asked(body)"),),
}  # fmt: skip


def test_the_test_fails_where_a_name_is_stored_in_the_clear_or_a_request_is_logged(
    make_database: Any, start_processes: Any, tmp_path: Path
) -> None:
    """promises.md: every check has been seen to fail: the same search over a copy with two mistakes in it."""
    copy = tmp_path / "src"
    shutil.copytree(SOURCES, copy, ignore=shutil.ignore_patterns("__pycache__"))
    for name, changes in LEAKS.items():
        text = (copy / name).read_text(encoding="utf-8")
        for good, bad in changes:
            assert good in text, (name, good)
            text = text.replace(good, bad)
        (copy / name).write_text(text, encoding="utf-8")
    with (
        make_database(tmp_path / "home") as database,
        start_processes(database, tmp_path / "leaking", sources=copy) as running,
    ):
        running.city.done(DIRECTOR, "registerBody", name=TEXT, category="town_or_street")
        found = found_in(database, running.logs)
    assert "dump" in found
    assert "leaking/serve.log" in found
    assert any(place.startswith("pg_wal/") for place in found)


def test_psycopg_is_told_to_keep_quiet(planted: Planted) -> None:
    """promises.md: the text of a database error can hold values; the logs name classes only."""
    text = b"".join(log.read_bytes() for log in planted.logs).decode()
    assert "Traceback" not in text
    assert psycopg.__name__ not in text
