"""Plausible ledgers of any size, written straight into the table, fast enough for a million facts.

`python bench/generator.py SIZE [--seed 1] [--check]` makes one on a server of its own, builds every view over it and,
with `--check`, runs `xuncha check`. As a module: `fill(place, size, seed)`.

What it makes: bodies, persons with posts; rounds, one after the other, each with a plan, teams with mandates and an
inspection of each unit; per inspection notice, entry, end, and petitions: numbered, registered (most with a
petitioner), instructed on, handled; some become clues, which are registered and reported. A tenth of the petitions is
never handled, and some are not instructed on: what is open grows with the ledger.

How: the first entries through `Ledger.append`, the others in the exact stored form, which the ledger's own functions
make: texts are sealed under keys of the key store, one for each matter and one for each petitioner, bodies are
canonical JSON. They go in by COPY, past nobody: every trigger fires, so positions are dense and time rises. A portion
of commands shares one `recorded_at`, as a batch of the group commit does.

The same seed makes the same ids, facts and times of happening; keys, boxes, `recorded_at` are new each time. Left out:
the digests of the generated commands have no key, so none can be sent again; no paper; disposals, transfers, reports,
feedback, rectification, publications, archives, recusals.
"""

import argparse
import asyncio
import hashlib
import queue
import random
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

sys.path.insert(0, str(Path(__file__).resolve().parent))
import psycopg
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from machine import Place, machine

from api import checking
from api.composition import VIEWS, read_rulebook
from api.settings import Settings, read_settings
from application import SOFTWARE, keeping
from application.acts import Rulebook
from application.ledger import EntryRow, Ledger, _Waiting, _Written
from application.seals import KeyStore, TextState, subject_of
from domain.bodies import BodyRegistered
from domain.clues import ClueRegistered, ClueReported
from domain.inspections import InspectionAssigned, InspectionEnded, NoticeServed, UnitEntered
from domain.kernel import (
    NAMESPACE,
    Assignment,
    Authenticated,
    CommandStamp,
    EditionStamp,
    Fact,
    Happened,
    Label,
    Manner,
    Precision,
    Secret,
    Source,
    Stamp,
    secrets_of,
)
from domain.people import PersonAppointed, PersonRegistered
from domain.petitions import (
    Channel,
    Petitioner,
    PetitionHandled,
    PetitionInstructed,
    PetitionNumberGiven,
    PetitionRegistered,
    register_of,
)
from domain.rounds import MandateGranted, PlanApproved, PlannedUnit, PlanSubmitted, RoundOpened, TeamFormed
from domain.rulebook.posts import Duty, Post, Power, Standing
from projections.shelf import Shelf

PORTION = 1_000
WRITER = "writer:00000000-0000-4000-8000-000000000000"
"""Facts in one COPY, with one `recorded_at`."""
UNITS, UNITS_IN_A_ROUND, TEAMS, MEMBERS = 40, 10, 2, 5
FIRST_ROUND = date(2004, 3, 1)
AT_WORK = (Power.PREPARATION, Power.ON_SITE, Power.CLOSING)
SURNAMES, GIVEN = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨", "伟芳娜敏静丽强磊军洋勇艳杰涛明超"
WORDS = (
    "反映",
    "单位",
    "采购",
    "未经集体研究",
    "公务接待",
    "报销",
    "干部选拔",
    "程序",
    "村级账目",
    "土地",
    "补助",
    "发放",
)


class _Story:
    """Commands in order, each the facts it writes by stream. Knows what it has written, and nothing of the database."""

    def __init__(self, seed: int, book: Rulebook) -> None:
        self.chance = random.Random(seed)  # noqa: S311  a story, no secret
        self.seed, self.book = seed, book
        self.made = 0
        self.categories = book.edition.codes("problem_categories")

    def id(self, kind: str) -> str:
        self.made += 1
        return f"{kind}:{uuid5(NAMESPACE, f'bench|{self.seed}|{self.made}')}"

    def text(self, words: int) -> Secret:
        return Secret("".join(self.chance.choices(WORDS, k=words)) + "。")

    def name(self) -> Secret:
        return Secret(self.chance.choice(SURNAMES) + "".join(self.chance.choices(GIVEN, k=2)))

    def tell(self) -> Iterator["_Command"]:
        """Without end."""
        units = []
        for _ in range(UNITS):
            units.append(unit := self.id("body"))
            yield _Command(
                "RegisterBody",
                FIRST_ROUND,
                {unit: [BodyRegistered(body=unit, name=self.text(3), category="town_or_street")]},
            )
        people = []
        for unit in units:
            people.append(person := self.id("person"))
            post = PersonAppointed(
                person=person,
                appointment=self.id("appointment"),
                body=unit,
                post=Post.UNIT_HEAD,
                from_on=FIRST_ROUND,
                until_on=None,
            )
            yield _Command(
                "RegisterPerson", FIRST_ROUND, {person: [PersonRegistered(person=person, name=self.name()), post]}
            )
        heads = dict(zip(units, people, strict=True))
        number = 0
        while True:
            # So many that a million facts end before today.
            begins = FIRST_ROUND + timedelta(days=14 * number % 7_900)
            number += 1
            chosen = self.chance.sample(units, UNITS_IN_A_ROUND)
            yield from self._round(number, begins, chosen, heads)

    def _round(self, number: int, begins: date, units: Sequence[str], heads: dict[str, str]) -> Iterator["_Command"]:
        round_ = self.id("round")
        ends = begins + timedelta(days=90)
        opened = RoundOpened(round=round_, year=begins.year, number=number % 10_000, title=self.text(2))
        yield _Command("OpenRound", begins, {round_: [opened]})
        plan = PlanSubmitted(
            round=round_,
            plan=1,
            tasks=self.text(8),
            units=tuple(PlannedUnit(unit=unit) for unit in units),
            ways=(),
            from_on=begins,
            until_on=ends,
            inspected_from=begins - timedelta(days=1_000),
            submitted_on=begins,
        )
        yield _Command("SubmitPlan", begins, {round_: [plan]})
        approved = PlanApproved(round=round_, plan=1, approved_on=begins, edition=self.book.edition.id)
        yield _Command("ApprovePlan", begins, {round_: [approved]})
        inspections: list[tuple[str, str, str, dict[Duty, str]]] = []
        for k in range(TEAMS):
            team, share = self.id("team"), units[k::TEAMS]
            given = {unit: self.id("inspection") for unit in share}
            formed = TeamFormed(
                round=round_,
                team=team,
                name=self.text(1),
                assignments=tuple(Assignment(unit=unit, inspection=i) for unit, i in given.items()),
                decided_on=begins,
            )
            assigned: dict[str, list[Fact]] = {
                i: [InspectionAssigned(inspection=i, round=round_, unit=unit, team=team)] for unit, i in given.items()
            }
            yield _Command("FormTeam", begins, {round_: [formed], **assigned})
            members: dict[Duty, str] = {}
            for duty in (Duty.LEADER, Duty.DEPUTY_LEADER, Duty.REGISTRAR, *[Duty.MEMBER] * (MEMBERS - 3)):
                members[duty] = person = self.id("person")
                yield _Command("RegisterPerson", begins, {person: [PersonRegistered(person=person, name=self.name())]})
                mandate = MandateGranted(
                    round=round_,
                    mandate=self.id("mandate"),
                    team=team,
                    person=person,
                    duty=duty,
                    units=tuple(share),
                    powers=AT_WORK,
                    from_on=begins,
                    until_on=ends,
                    moved_to_non_leading_post=1 if duty is Duty.LEADER else None,
                    granted_by=Standing.LEADING_GROUP,
                    decided_on=begins,
                )
                yield _Command("GrantMandate", begins, {round_: [mandate]})
            inspections += [(inspection, unit, team, members) for unit, inspection in given.items()]
        numbers = 0
        for inspection, unit, team, members in inspections:
            how_many = self.chance.randint(20, 60)
            yield from self._inspection(
                {"inspection": inspection, "round": round_, "unit": unit}, team, heads[unit], members, begins,
                range(numbers + 1, numbers + 1 + how_many),
            )  # fmt: skip
            numbers += how_many

    def _inspection(
        self, here: dict[str, str], team: str, head: str, members: dict[Duty, str], begins: date, numbers: range
    ) -> Iterator["_Command"]:
        entered = begins + timedelta(days=self.chance.randint(20, 25))
        ended = entered + timedelta(days=45)
        notice = NoticeServed(
            **here,
            served_on=begins + timedelta(days=10),
            recipients=(head,),
            how=Manner.IN_PERSON,
            content=self.text(6),
            from_on=entered,
            until_on=ended,
        )
        stream, leader = here["inspection"], members[Duty.LEADER]
        yield _Command("ServeNotice", begins + timedelta(days=10), {stream: [notice]}, leader)
        yield _Command("EnterUnit", entered, {stream: [UnitEntered(**here, entered_on=entered)]}, leader)
        for number in numbers:
            yield from self._petition(here, number, entered + timedelta(days=self.chance.randint(1, 30)), members)
        end = InspectionEnded(**here, team=team, ended_on=ended)
        yield _Command("EndInspection", ended, {stream: [end]}, leader)

    def _petition(self, here: dict[str, str], number: int, on: date, members: dict[Duty, str]) -> Iterator["_Command"]:
        petition, chance = self.id("petition"), self.chance.random()
        about = {"petition": petition, **here}
        named = self.chance.random() < 0.7
        registered = PetitionRegistered(
            **about,
            number=number,
            received_on=on,
            channel=self.chance.choice(list(Channel)),
            petitioner=Petitioner(name=self.name()) if named else None,
            content=self.text(30),
            summary=self.text(5),
            category=self.chance.choice(self.categories),
            registrar=members[Duty.REGISTRAR],
            late=0,
        )
        given = PetitionNumberGiven(round=here["round"], petition=petition, number=number)
        yield _Command(
            "RegisterPetition",
            on,
            {petition: [registered], register_of(here["round"]): [given]},
            members[Duty.REGISTRAR],
        )
        if chance < 0.03:
            return
        instructed = PetitionInstructed(
            **about, instruction=self.text(3), handler=members[Duty.MEMBER], instructed_on=on + timedelta(days=1)
        )
        leader, member = members[Duty.LEADER], members[Duty.MEMBER]
        yield _Command("InstructPetition", on + timedelta(days=1), {petition: [instructed]}, leader)
        if chance < 0.10:
            return
        clue = self.id("clue") if chance > 0.9 else None
        handled_on = on + timedelta(days=self.chance.randint(2, 12))
        handled = PetitionHandled(
            **about, way="clue" if clue else "answered", account=self.text(6), handled_on=handled_on, clue=clue
        )
        if clue is None:
            yield _Command("HandlePetition", handled_on, {petition: [handled]}, member)
            return
        found = ClueRegistered(
            clue=clue,
            **here,
            petitions=(petition,),
            category=self.chance.choice(self.categories),
            concerned=(),
            managed="city",
            first_known_on=on,
            registered_on=handled_on,
            text=self.text(20),
            summary=self.text(5),
        )
        yield _Command("RegisterClue", handled_on, {clue: [found], petition: [handled]}, member)
        reported_on = handled_on + timedelta(days=1)
        told = {"report": self.text(10), "withheld_from": ()}
        reported = ClueReported(clue=clue, **here, reported_on=reported_on, **told)
        yield _Command("ReportClue", reported_on, {clue: [reported]}, leader)


class _Command:
    """One command's facts by stream, who did it and when."""

    __slots__ = ("doer", "name", "on", "writes")

    def __init__(self, name: str, on: date, writes: dict[str, list[Any]], doer: str = keeping.FIRST_PERSON) -> None:
        self.name, self.on, self.writes, self.doer = name, on, writes, doer

    def stamp(self, command: UUID, edition: EditionStamp, calendar: str) -> Stamp:
        return Stamp(
            recorder=self.doer,
            doer=self.doer,
            capacity="office" if self.doer == keeping.FIRST_PERSON else "team",
            happened=Happened(
                precision=Precision.DAY, source=Source.RECOLLECTION, asserted_by=self.doer, on=self.on
            ),
            authenticated=Authenticated(method="bench"),
            command=CommandStamp(
                id=command,
                name=self.name,
                digest=hashlib.sha256(command.bytes).hexdigest(),
                answer=next(iter(self.writes)),
            ),
            edition=edition,
            calendar=calendar,
            software=SOFTWARE,
            label=Label.SYSTEM,
            subjects=(),
        )  # fmt: skip


async def begin(place: Place, book: Rulebook) -> int:
    """The first entries, as `xuncha init` writes them. Returns the position reached."""
    async with place.ledger() as ledger:
        await keeping.open_ledger(ledger, place.origin)
        await keeping.adopt(ledger, book)
        await keeping.appoint_first_director(ledger, book, "bench", "director")
        return await ledger.head()


def fill(place: Place, size: int, seed: int = 1) -> int:
    """Fill an empty ledger with `size` facts, or as many more as the last command has. Returns the position reached."""
    book = read_rulebook()
    position = asyncio.run(begin(place, book))
    keys = _Alone(place.home / "keys", place.master, place.origin)
    ledger = Ledger(place.access.of("writer"), keys)  # never started: only its functions are used
    writing = _Copy(place, position)
    try:
        portion: list[_Waiting] = []
        waiting = 0
        for command in _commands(seed, book):
            portion.append(command)
            added = sum(map(len, command.writes.values()))
            waiting += added
            position += added
            if waiting >= PORTION or position >= size:
                writing.put(_rows(ledger, keys, portion))
                portion, waiting = [], 0
            if position >= size:
                break
    finally:
        writing.end()
        keys.close()
    return position


def _commands(seed: int, book: Rulebook) -> Iterator[_Waiting]:
    """Commands as the ledger takes them from its queue, with the version each stream is at by then."""
    story, versions = _Story(seed, book), dict[str, int]()
    edition = EditionStamp(id=book.edition.id, digest=book.edition.digest)
    for n, told in enumerate(story.tell()):
        command = uuid5(NAMESPACE, f"bench command|{seed}|{n}")
        written = {
            stream: tuple(_Written(fact, tuple(secrets_of(fact, "/payload"))) for fact in facts)
            for stream, facts in told.writes.items()
        }
        expected = {stream: versions.get(stream, 0) for stream in written}
        versions |= {stream: expected[stream] + len(facts) for stream, facts in written.items()}
        subjects = frozenset(
            subject_of(seal, stream) for stream, added in written.items() for w in added for _, seal, _ in w.texts
        )
        stamp = told.stamp(command, edition, book.calendar.version)
        yield _Waiting(command, stamp, written, expected, frozenset(), subjects, None)  # type: ignore[arg-type]


def _rows(ledger: Ledger, keys: KeyStore, portion: Sequence[_Waiting]) -> list[EntryRow]:
    made = keys.ensure({subject for waiting in portion for subject in waiting.subjects})
    return [row for waiting in portion for row in ledger._rows(waiting, made)]


class _Alone(KeyStore):
    """A key store nobody else changes meanwhile, so that nothing is asked of it twice."""

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self._known: dict[str, tuple[TextState, AESGCM | None, str]] = {}

    def _refresh(self) -> None:
        """Nothing has changed."""

    def _key(self, key_id: str) -> tuple[TextState, AESGCM | None, str]:
        if key_id not in self._known:
            if len(self._known) > 4 * PORTION:
                self._known.clear()
                self._open.clear()
                self._by_subject.clear()
            self._known[key_id] = super()._key(key_id)
        return self._known[key_id]


class _Copy(threading.Thread):
    """Writes portions while the next one is made."""

    COPY = (
        "COPY ledger.entries (position, stream, version, kind, recorded_at, command, ordinal, body, writer, signature)"
        " FROM STDIN WITH (FORMAT binary)"
    )
    TYPES = ("int8", "text", "int8", "text", "timestamptz", "uuid", "int4", "bytea", "text", "bytea")

    def __init__(self, place: Place, position: int) -> None:
        super().__init__(daemon=True)
        self.conninfo, self.position, self.signer = place.access.of("writer"), position, place.seal().signer()
        self.waiting: queue.Queue[list[EntryRow] | None] = queue.Queue(2)
        self.failed: BaseException | None = None
        self.start()

    def put(self, rows: list[EntryRow]) -> None:
        if self.failed:
            raise self.failed
        self.waiting.put(rows)

    def end(self) -> None:
        """Wait until all is written. Raises what went wrong."""
        self.waiting.put(None)
        self.join()
        if self.failed:
            raise self.failed

    def run(self) -> None:
        try:
            with psycopg.connect(self.conninfo, autocommit=True) as connection:
                connection.execute("SET synchronous_commit = off")
                while (rows := self.waiting.get()) is not None:
                    self._copy(connection, rows)
        except BaseException as e:
            self.failed = e
            while self.waiting.get() is not None:
                pass

    def _copy(self, connection: psycopg.Connection[Any], rows: list[EntryRow]) -> None:
        at = datetime.now(UTC)
        signature = self.signer.sign(WRITER, self.position + 1, at, rows)
        with connection.cursor() as cursor, cursor.copy(self.COPY) as copy:
            copy.set_types(self.TYPES)
            for position, row in enumerate(rows, start=self.position + 1):
                last = position == self.position + len(rows)
                copy.write_row(
                    (position, row.stream, row.version, row.kind, at, row.command, row.ordinal, row.body, WRITER,
                     signature if last else None)
                )  # fmt: skip
        self.position += len(rows)


def tidy(place: Place) -> None:
    """What autovacuum would do soon: visibility and statistics as of a ledger that has stood for a while."""
    with psycopg.connect(place.admin, autocommit=True) as connection:
        connection.execute("VACUUM (ANALYZE)")


def settings_of(place: Place) -> Settings:
    """As whom `xuncha check` looks at it."""
    key = place.home / "keys" / "master.key"
    if not key.exists():
        key.touch(mode=0o600)
        key.write_text(place.master.hex(), encoding="ascii")
    return read_settings({"XUNCHA_HOME": str(place.home), "DATABASE_URL": place.admin})


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("size", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--check", action="store_true", help="run xuncha check over it; slow for large ones")
    given = parser.parse_args()
    with machine() as server:
        place = server.place("generated")
        began = time.perf_counter()
        reached = fill(place, given.size, given.seed)
        print(f"{reached} facts in {time.perf_counter() - began:.1f} s")
        began = time.perf_counter()
        shelf = Shelf(place.access.of("projector"), VIEWS)
        try:
            shelf.prepare()
            shelf.catch_up()
        finally:
            shelf.close()
        print(f"{len(VIEWS)} views in {time.perf_counter() - began:.1f} s")
        return checking.check(settings_of(place), print) if given.check else 0


if __name__ == "__main__":
    raise SystemExit(main())
