"""A planted name and phone number are found nowhere but where those entitled read them (promises.md §4, §5.1).

They are sent in accepted, refused and malformed requests, in every place a caller can write to; then everything
that was stored, logged or answered is searched, in every spelling a program might give them. The accepted ones are the
whole round, from plan to archive; each text of it holds a word of its own, and `tests/data/readers.toml` says who may
read it: those who do are these, and nobody else.
"""

import base64
import json
import re
import shutil
import subprocess
import tomllib
import urllib.parse
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple, get_args, get_origin

import psycopg
import pytest
from graphql import GraphQLInputObjectType, GraphQLNonNull, GraphQLScalarType, get_named_type, is_list_type
from pydantic import BaseModel
from tests.api import asking, whole_round
from tests.api.whole_round import AUDIENCE

from api.app import SCHEMAS
from api.shapes import _stripped, camel
from domain.kernel import Command, Sealed
from embedded import cluster

SOURCES = Path(__file__).resolve().parents[2] / "src"
NAME, ASCII, PHONE = "埋设姓名戊七三", "PlantedName73", "19973007300"
TEXT = f"{NAME} {ASCII} {PHONE}"
NOBODY = "00000000-0000-4000-8000-000000000000"
DIRECTOR = "office-director"
UNEXPECTED = 500
READERS = tomllib.loads((Path(__file__).resolve().parents[1] / "data/readers.toml").read_text(encoding="utf-8"))


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


def texts_of(model: Any, before: str = "") -> Iterator[str]:
    """Every free text of a command, by its path."""
    for name, field in model.model_fields.items():
        plain = _stripped(field.annotation)[0]
        if get_origin(plain) is tuple:
            plain = _stripped(get_args(plain)[0])[0]
        path = f"{before}.{camel(name)}"
        if plain is Sealed:
            yield path
        elif isinstance(plain, type) and issubclass(plain, BaseModel):
            yield from texts_of(plain, path)


COMMANDS = {c.__name__[0].lower() + c.__name__[1:]: c for c in Command.__subclasses__() if c.__module__ != __name__}
PAPER = "circumstances.paperReference"


class Words:
    """The words planted in the accepted story: one for each text of each command, and of what it is about."""

    def __init__(self, city: Any) -> None:
        self.city = city
        self.places: dict[str, str] = {}
        self.accepted: set[str] = set()

    def plant(self, place: str) -> str:
        if place not in self.places:
            self.places[place] = f"word{len(self.places):03d}word"
        return f"{TEXT} {self.places[place]}"

    def given(self, who: str, verb: str, given: dict[str, Any]) -> dict[str, Any]:
        self.accepted.add(verb)  # the story goes on only where it is
        paths, about = set(texts_of(COMMANDS[verb])), self.about(who, verb, given)
        suffix = f" ({about})" if about else ""

        def dressed(value: Any, path: str) -> Any:
            if isinstance(value, dict):
                return {name: dressed(inner, f"{path}.{name}") for name, inner in value.items()}
            if isinstance(value, list):
                return [dressed(inner, path) for inner in value]
            return f"{value} {self.plant(verb + path + suffix)}" if path in paths else value

        return {name: dressed(value, f".{name}") for name, value in given.items()}

    def circumstances(self, who: str, verb: str, given: dict[str, Any], kept: Any) -> Any:
        if not kept or "paperReference" not in kept:
            return kept
        about = self.about(who, verb, given)
        place = f"{verb}.{PAPER}" + (f" ({about})" if about else "")
        return {**kept, "paperReference": f"{kept['paperReference']} {self.plant(place)}"}

    def about(self, who: str, verb: str, given: dict[str, Any]) -> str:
        """What a text is about, where that decides who may read it."""
        ids = self.city.ids
        names = {id_: name for name, id_ in ids.items()}
        if verb == "registerBody":
            return "an organ" if "organClass" in given else {"某局": "the unit", "另一单位": "another unit"}.get(
                given["name"], "neither")  # fmt: skip
        if verb == "declareRecusal":
            return who
        if verb == "saveDraft" and who == "team-deputy":
            return "an earlier draft"
        if verb == "deliver":
            return str(given["occasion"])
        if verb == "holdMeeting" and given["team"] == ids["team"]:
            return str(given["items"][0]["kind"])
        if verb == "registerClue" and given.get("restricted") and "不予公开" in given["text"]:
            return "never released"
        if given.get("clue") == ids.get("clue/kept") is not None:
            return "never released"
        if verb == "registerClue":
            return "reported directly" if given.get("restricted") else ""
        others = {ids.get(f"other-{what}") for what in ("inspection", "team", "leader", "recusal")} - {None}
        if others & {given.get(what) for what in ("inspection", "team", "person", "recusal", "matter")}:
            return "the other team's"
        if "transfer" in given and verb != "urgeAnswer":
            return who.removesuffix("-contact") if who.endswith("-contact") else names.get(given["transfer"], "")
        if "organ" in given and verb in ("proposeDisposal", "decideDisposal"):
            return f"to {names[given['organ']]}"
        if verb == "transferItem":
            return f"to {names[given['recipients'][0]].removesuffix('-contact')}"
        return ""


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
            "unit": "unit-head",
            "organ": "discipline-contact",
            "addressee": "unit-head",
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


class Reading(asking.Answers):
    """Everybody reads all they can: at their own part's endpoint and at the addressee's; at the end, at every other."""

    def __init__(self, city: Any, words: Words) -> None:
        self.words = words
        self.found: defaultdict[str, set[str]] = defaultdict(set)
        """Each word, and who was ever answered with it."""
        people = {who: tuple(dict.fromkeys((audience, "addressee"))) for who, audience in AUDIENCE.items()}
        super().__init__(city, people, bytes)

    def _ask(self, who: str, audience: str, names: tuple[str, ...]) -> list[Any]:
        answers = super()._ask(who, audience, names)
        for answer in answers:
            for word in WORD.findall(answer.body):
                self.found[word.decode()].add(who)
        return answers

    def everywhere(self) -> None:
        for who in AUDIENCE:
            for audience in SCHEMAS:
                self.all_of(who, audience)

    def readers(self) -> dict[str, set[str]]:
        """Of each place where a word was planted, who read it."""
        return {place: self.found[word] for place, word in self.words.places.items()}


WORD = re.compile(rb"word[0-9]{3}word")


class Planted(NamedTuple):
    """The city after the planting."""

    city: Any
    database: Any
    logs: tuple[Path, ...]
    answers: dict[str, Any]
    words: Words
    reading: Reading
    stop: Callable[[], None]


@pytest.fixture(scope="module")
def planted(make_database: Any, start_processes: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Planted]:
    """The round told with planted words in every text; amid it the words are sent wherever a caller can write."""
    folder = tmp_path_factory.mktemp("planted")
    with make_database(folder / "home") as database, start_processes(database, folder) as running:
        city = running.city
        words, planter = Words(city), Planter(city)
        plain: Callable[..., Any] = city.do

        def do(who: str, verb: str, *, circumstances: Any = None, audience: Any = None, **given: Any) -> Any:
            return plain(
                who,
                verb,
                audience=audience,
                circumstances=words.circumstances(who, verb, given, circumstances),
                **words.given(who, verb, given),
            )

        reading: list[Reading] = []

        def told(verb: str) -> None:
            if verb == "people":
                reading.append(Reading(city, words))
            if reading and verb in READ_AFTER:
                reading[0].refresh()

        def refusals(telling: whole_round.Telling) -> None:
            city.do = plain
            sent_everywhere(telling, planter)
            city.do = do

        with whole_round.example() as module:
            city.do = do
            whole_round.Telling(city, module, told=told, stage=told, asides={"clues": refusals}).tell()
            city.do = plain
        reading[0].everywhere()
        reading[0].close()
        yield Planted(city, database, running.logs, planter.answers, words, reading[0], running.stop)


READ_AFTER = {
    *whole_round.STAGES,
    *("returnPlan", "reportDirectly", "proposeFeedback"),
    *("signReport of the other team", "receiveFeedback of the other team"),
}
"""After these everybody reads: each stage, and what is no more as it was before its stage is over."""


def sent_everywhere(telling: whole_round.Telling, planter: Planter) -> None:
    """While the inspection lasts: the words in refused and malformed requests, and in a sign-in."""
    city, ids = telling.city, telling.ids
    city.done(DIRECTOR, "linkSignIn", person=ids["nobody-in-particular"], issuer=city.issuer.name,
              subject=f"{ASCII}-{PHONE}")  # fmt: skip
    petition, day = {"petition": ids["petition/0"]}, "2022-10-05"
    handled = {**petition, "way": "answered", "account": TEXT, "handledOn": day}
    for name, who, audience, verb, given in (
        ("wrong state", "team-leader", "team", "instructPetition", {**petition, "instruction": TEXT,
         "handler": ids["team-member"], "instructedOn": day}),
        ("another's", "other-leader", "team", "handlePetition", handled),
        ("recused", "team-recused", "team", "handlePetition", handled),
        ("no post", "nobody-in-particular", "office", "registerBody", {"name": TEXT}),
    ):  # fmt: skip
        answer = city.do(who, verb, audience=audience, **given)
        assert "code" in answer.json()["data"]["done"], name
        planter.keep(name, answer)
    planter.everywhere()


def declared() -> dict[str, set[str]]:
    """The table: of each text, who may read it."""
    return {
        place: {who for each in part["readers"] for who in READERS["groups"].get(each, [each])}
        for part in READERS["texts"]
        for place in part["places"]
    }


NOT_ACCEPTED = {
    "linkEarlierProblem": "it needs a round of the same unit before this one; it has no text",
}
"""Commands that this story does not hold, and why."""


def test_every_text_of_every_command_was_accepted_once_or_is_listed_with_a_reason(planted: Planted) -> None:
    """promises.md §4: a command nobody tells of here would be one nobody looks for."""
    verbs = {verb for _, schema in SCHEMAS.values() for verb in schema._schema.mutation_type.fields}
    assert verbs - planted.words.accepted == set(NOT_ACCEPTED)
    told = {place.partition(" (")[0] for place in planted.words.places}
    texts = {f"{verb}{path}" for verb in verbs for path in texts_of(COMMANDS[verb])}
    assert texts - told == set()
    assert told - texts == {place for place in told if place.endswith(PAPER)} != set()


def test_each_word_is_read_by_those_the_table_names_and_by_nobody_else(planted: Planted) -> None:
    """Art. 13, 14, 23, promises.md §4: whoever may read a text does, and no other audience and no other person."""
    found, table = planted.reading.readers(), declared()
    assert sorted(found) == sorted(table)
    assert {place: sorted(who ^ table[place]) for place, who in found.items() if who != table[place]} == {}


def test_a_sign_in_with_the_words_in_it_signs_in(planted: Planted) -> None:
    """Art. 5: neither issuer nor subject can be read back; whoever has them is known by them."""
    city = planted.city
    token = city.issuer.token(f"{ASCII}-{PHONE}")
    signed_in = city.post(None, {"query": "{ me { person } }"}, "office", Authorization=f"Bearer {token}")
    assert signed_in.json()["data"]["me"]["person"] == city.ids["nobody-in-particular"]


def test_no_refusal_and_no_error_gives_the_words_back(planted: Planted) -> None:
    """promises.md: no error says what was sent; whoever is refused learns where, never what."""
    assert len(planted.answers) > 400
    assert [name for name, answer in planted.answers.items() if holds(repr(answer).encode())] == []
    assert [name for name, answer in planted.answers.items() if holds(str(answer).encode())] == []


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
            "        return lambda _, sealed, path: sealed[path]",
            '        return lambda it, sealed, path: it.reveal() if path == "/payload/name" else sealed[path]',
        ),
    ),
    "api/app.py": (("        query, variables, operation = _asked(body)", "        log.info(body.decode())\n"
                    "        query, variables, operation = _asked(body)"),),
}  # fmt: skip


def test_the_test_fails_where_a_name_is_stored_in_the_clear_or_a_request_is_logged(
    make_database: Any, start_processes: Any, tmp_path: Path
) -> None:
    """promises.md: every check has been seen to fail: the same search over a copy with two mistakes in it."""
    copy = mistaken(tmp_path, LEAKS)
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


SHOWN = {
    "projections/teams.py": (
        ("*_at_work(fact.inspection, Duty.LEADER, Duty.DEPUTY_LEADER, Duty.REGISTRAR),", '"team",'),
        ('petitions, ("inspection", "status", "handler"), version=5)', 'petitions, ("inspection",), version=99)'),
        ("    return (fact.person, *chain", '    return ("team", fact.person, *chain'),
        ('("inspection", "person"), version=4)', '("inspection", "person"), version=99)'),
    ),
}
"""Two views that show their rows to every team."""


def test_the_table_is_seen_to_fail_where_a_view_shows_its_rows_to_others(
    planted: Planted, start_processes: Any, tmp_path: Path
) -> None:
    """promises.md: every check has been seen to fail: the same round, read through a copy with two mistakes in it."""
    planted.stop()
    with start_processes(
        planted.database, tmp_path / "shown", sources=mistaken(tmp_path, SHOWN), issuer=planted.city.issuer
    ) as shown:
        shown.city.ids = planted.city.ids
        reading = Reading(shown.city, planted.words)
        for who in ("other-leader", "unit-head"):
            reading.all_of(who, AUDIENCE[who])
        reading.close()
    table = declared()
    more = {place for place, who in reading.readers().items() if who - table[place]}
    assert {"registerPetition.content", "declareRecusal.statement (team-recused)"} <= more
    of_petitions = {"registerPetition", "instructPetition", "handlePetition", "registerClue"}
    of_recusals = {"declareRecusal", "decideRecusal"}
    assert {place.partition(".")[0] for place in more} == {*of_petitions, *of_recusals}


def mistaken(folder: Path, mistakes: dict[str, tuple[tuple[str, str], ...]]) -> Path:
    """A copy of the sources with these mistakes in it."""
    copy = folder / "src"
    shutil.copytree(SOURCES, copy)  # what is compiled too: only what is changed is compiled anew
    for name, changes in mistakes.items():
        text = (copy / name).read_text(encoding="utf-8")
        for good, bad in changes:
            assert good in text, (name, good)
            text = text.replace(good, bad)
        (copy / name).write_text(text, encoding="utf-8")
    return copy
