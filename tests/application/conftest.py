"""A made-up office, group, unit, organ and team, of which every test has one of its own in its file's ledger."""

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from tests.application.houses import COSIGNER, ORIGIN, House

from application.acts import Act, Done, Handler, Refusal, Rulebook, happened_live, perform
from application.ledger import Ledger
from domain.bodies import BodyRegistered
from domain.clues import ClueRegistered, ClueReported
from domain.disposals import DisposalCarriedOut, DisposalDecided, DisposalProposed, DisposalReturned, disposal_of
from domain.inspections import InspectionAssigned, InspectionEnded, NoticeServed, UnitEntered
from domain.kernel import (
    Assignment,
    Authenticated,
    Command,
    Fact,
    Happened,
    Manner,
    Paper,
    Precision,
    Secret,
    Source,
    Stamp,
    derived_id,
)
from domain.nominations import LeaderNominated, nomination_of
from domain.people import PersonAppointed, PersonRegistered
from domain.petitions import PetitionHandled, PetitionInstructed, PetitionRegistered
from domain.recusals import RecusalDecided, RecusalDeclared, recusal_of
from domain.rounds import MandateGranted, PlanApproved, PlannedUnit, PlanSubmitted, RoundOpened, TeamFormed
from domain.rulebook.calendars import parse_calendar
from domain.rulebook.editions import parse_edition
from domain.rulebook.posts import Duty, Post, Power, Standing
from domain.transfers import Basis, TransferAnswered, TransferMade, TransferReturned
from sealedlog.witness import Client, Witness, serve

NOW = datetime(2026, 11, 20, 2, 30, tzinfo=UTC)
TEXT = Secret("文字")
AT_WORK = (Power.PREPARATION, Power.ON_SITE, Power.CLOSING)
EDITION, CALENDAR = "yiwu-2015.toml", "calendar-cn.toml"


def rulebook(**approvers: str) -> Rulebook:
    """The rulebook that ships; `approvers` changes in its text who approves what."""
    folder = files("domain.rulebook") / "data"
    text = (folder / EDITION).read_text(encoding="utf-8")
    for act, body in approvers.items():
        text, found = re.subn(rf'(\{{ code = "{act}", [^\n]*? by = )"\w+"', rf'\g<1>"{body}"', text)
        assert found == 1, act
    return Rulebook(
        parse_edition(text, EDITION), parse_calendar((folder / CALENDAR).read_text(encoding="utf-8"), CALENDAR)
    )


@pytest.fixture(scope="session")
def book() -> Rulebook:
    """The rulebook that ships."""
    return rulebook()


@pytest.fixture(scope="session")
def book_where() -> Callable[..., Rulebook]:
    """The rulebook with other approvers: `book_where(work_plan="office")`."""
    return rulebook


class World:
    """Facts, put together by a test, and written under ids nobody else has; then acts are tried on them.

    The posts are the director's and a clerk's of the office, the group's head, the party secretary, the heads of the
    unit and of another, and the contact of an organ. Whoever else is named is a person without a post.
    """

    def __init__(self, database: Any) -> None:
        self.database = database
        self.salt = str(uuid4())
        self.facts: dict[str, list[Fact]] = {}
        self.round, self.team, self.inspection = self.id("round"), self.id("team"), self.id("inspection")
        self.unit, self.other_unit, self.organ = (self.id("body", name) for name in ("unit", "other", "organ"))
        self.committee, self.group, self.office = (self.id("body", standing) for standing in Standing)
        self.here = {"inspection": self.inspection, "round": self.round, "unit": self.unit}
        self.body(self.unit, category="town_or_street")
        self.body(self.other_unit, category="town_or_street")
        self.body(self.organ, organ_class="discipline")
        for name, post, body in (
            ("director", Post.OFFICE_DIRECTOR, self.office),
            ("clerk", Post.OFFICE_CLERK, self.office),
            ("group head", Post.GROUP_HEAD, self.group),
            ("secretary", Post.PARTY_SECRETARY, self.committee),
            ("unit head", Post.UNIT_HEAD, self.unit),
            ("other head", Post.UNIT_HEAD, self.other_unit),
            ("contact", Post.ORGAN_CONTACT, self.organ),
        ):
            self.post(name, post, body)

    # --- what is on record -----------------------------------------------------------------------------------

    def id(self, kind: str, *parts: str) -> str:
        return derived_id(kind, self.salt, *parts)

    def add(self, stream: str, *facts: Fact) -> "World":
        self.facts.setdefault(stream, []).extend(facts)
        return self

    def person(self, name: str) -> str:
        """A person's id; on record from the first time they are named."""
        person = self.id("person", name)
        if person not in self.facts:
            self.add(person, PersonRegistered(person=person, name=Secret(name)))
        return person

    def body(self, body: str, **kind: Any) -> "World":
        return self.add(body, BodyRegistered(body=body, name=TEXT, **kind))

    def appointment(self, name: str) -> str:
        """The id of the first post a person was given here."""
        return self.id("appointment", name, "0")

    def post(
        self, name: str, post: Post, body: str, from_on: date = date(2020, 1, 1), until_on: date | None = None
    ) -> "World":
        person = self.person(name)
        appointment = self.id("appointment", name, str(len(self.facts[person]) - 1))
        return self.add(
            person,
            PersonAppointed(
                person=person, appointment=appointment, body=body, post=post, from_on=from_on, until_on=until_on
            ),
        )

    def planned(self, *, approved: bool = True, team: bool = True) -> "World":
        """The round: a plan, approved, and a team for the unit, where wished."""
        self.add(
            self.round,
            RoundOpened(round=self.round, year=2026, number=1, title=TEXT),
            PlanSubmitted(
                round=self.round,
                plan=1,
                tasks=TEXT,
                units=(PlannedUnit(unit=self.unit),),
                ways=(),
                from_on=date(2026, 10, 1),
                until_on=date(2026, 12, 31),
                inspected_from=date(2024, 1, 1),
                submitted_on=date(2026, 9, 1),
            ),
        )
        if approved:
            self.add(
                self.round,
                PlanApproved(round=self.round, plan=1, approved_on=date(2026, 9, 28), edition="yiwu-2015"),
            )
        if team:
            self.add(
                self.round,
                TeamFormed(
                    round=self.round,
                    team=self.team,
                    name=TEXT,
                    assignments=(Assignment(unit=self.unit, inspection=self.inspection),),
                    decided_on=date(2026, 9, 29),
                ),
            )
            self.add(self.inspection, InspectionAssigned(**self.here, team=self.team))
        return self

    def mandate(self, name: str, duty: str = "member") -> str:
        return self.id("mandate", name, duty)

    def nominated(self, name: str) -> "World":
        person = self.person(name)
        nomination = nomination_of(self.round, person)
        return self.add(
            nomination,
            LeaderNominated(
                nomination=nomination,
                round=self.round,
                person=person,
                organ=self.organ,
                consulted_on=date(2026, 9, 29),
                consulted=self.organ,
                reason=TEXT,
                nominated_on=date(2026, 9, 29),
            ),
        )

    def granted(
        self,
        name: str,
        duty: str = "member",
        powers: tuple[Power, ...] = AT_WORK,
        from_on: date = date(2026, 10, 1),
        until_on: date = date(2026, 12, 31),
    ) -> "World":
        return self.add(
            self.round,
            MandateGranted(
                round=self.round,
                mandate=self.mandate(name, duty),
                team=self.team,
                person=self.person(name),
                duty=Duty(duty),
                units=(self.unit,),
                powers=powers,
                from_on=from_on,
                until_on=until_on,
                moved_to_non_leading_post=1 if duty == "leader" else None,
                granted_by=Standing.LEADING_GROUP,
                decided_on=date(2026, 9, 30),
            ),
        )

    def recusal(self, name: str) -> str:
        return recusal_of(self.round, self.unit, self.person(name))

    def declared(self, name: str, *grounds: str, on: date = date(2026, 10, 10)) -> "World":
        """A declaration about the unit: of none, where no grounds are given."""
        statement = TEXT if grounds else None
        fact = RecusalDeclared(
            recusal=self.recusal(name),
            **self.here,
            person=self.person(name),
            grounds=grounds,
            statement=statement,
            declared_on=on,
        )
        return self.add(self.recusal(name), fact)

    def decided(self, name: str, outcome: str = "upheld", on: date = date(2026, 11, 15)) -> "World":
        fact = RecusalDecided(
            recusal=self.recusal(name),
            **self.here,
            person=self.person(name),
            outcome=outcome,
            reason=TEXT,
            decided_by=Standing.OFFICE,
            decided_on=on,
        )
        return self.add(self.recusal(name), fact)

    def of_the_team(self, name: str, *duties: str) -> "World":
        """Mandates of these duties, and a declaration of no grounds."""
        for duty in duties:
            self.granted(name, duty)
        return self.declared(name)

    def notice(self) -> "World":
        return self.add(
            self.inspection,
            NoticeServed(
                **self.here,
                served_on=date(2026, 10, 20),
                recipients=(self.person("unit head"),),
                how=Manner.IN_PERSON,
                content=TEXT,
                from_on=date(2026, 11, 1),
                until_on=date(2026, 12, 20),
            ),
        )

    def entered(self, on: date = date(2026, 11, 2)) -> "World":
        return self.notice().add(self.inspection, UnitEntered(**self.here, entered_on=on))

    def ended(self, on: date = date(2026, 11, 18)) -> "World":
        return self.add(self.inspection, InspectionEnded(**self.here, team=self.team, ended_on=on))

    def petition(self, name: str, *, handler: str | None = None, late: bool = False) -> str:
        """A petition, instructed on where it has a handler."""
        petition = self.id("petition", name)
        about = {"petition": petition, **self.here}
        received = date(2026, 11, 19 if late else 9)
        self.add(
            petition,
            PetitionRegistered(
                **about,
                number=len([s for s in self.facts if s.startswith("petition:")]) + 1,
                received_on=received,
                channel="letter",
                content=TEXT,
                summary=TEXT,
                registrar=self.person("registrar"),
                late=int(late),
            ),
        )
        if handler is not None:
            self.add(
                petition,
                PetitionInstructed(**about, instruction=TEXT, handler=self.person(handler), instructed_on=received),
            )
        return petition

    def handled(self, petition: str, clue: str | None = None) -> "World":
        return self.add(
            petition,
            PetitionHandled(
                petition=petition,
                **self.here,
                way="clue" if clue else "answered",
                account=TEXT,
                handled_on=date(2026, 11, 12),
                clue=clue,
            ),
        )

    def clue(self, name: str, *, until: str = "registered", concerned: tuple[str, ...] = ()) -> str:
        """A clue, as far as: registered, reported, proposed, decided, transferred, answered."""
        clue, persons = self.id("clue", name), tuple(self.person(p) for p in concerned)
        about: dict[str, Any] = {"clue": clue, **self.here}
        ways: dict[str, tuple[str, Fact]] = {
            "registered": (
                clue,
                ClueRegistered(
                    **about,
                    petitions=(),
                    category="organisational_discipline",
                    concerned=persons,
                    managed="city",
                    first_known_on=date(2026, 11, 9),
                    registered_on=date(2026, 11, 10),
                    text=TEXT,
                    summary=TEXT,
                ),
            ),
            "reported": (
                clue,
                ClueReported(**about, reported_on=date(2026, 11, 11), report=TEXT, withheld_from=()),
            ),
        }
        for way, (stream, fact) in ways.items():
            self.add(stream, fact)
            if way == until:
                return clue
        return self.disposed(clue, name, until=until, persons=persons)

    def disposed(self, item_id: str, name: str, *, until: str, persons: tuple[str, ...] = ()) -> str:
        """The disposal of an item, as far as: proposed, decided, transferred, answered."""
        proposal, transfer, disposal = self.id("proposal", name), self.id("transfer", name), disposal_of(item_id)
        chosen = {"disposal_class": "cadre_discipline", "organ": self.organ}
        went: dict[str, Any] = {"transfer": transfer, "round": self.round, "item": item_id, "unit": self.unit}
        item: dict[str, Any] = {"disposal": disposal, "item": item_id, **self.here}
        ways: dict[str, tuple[str, Fact]] = {
            "proposed": (
                disposal,
                DisposalProposed(
                    **item,
                    **chosen,
                    proposal=proposal,
                    paper=TEXT,
                    reason=TEXT,
                    summoned=(),
                    concerned=persons,
                    withheld_from=persons,
                    proposed_on=date(2026, 11, 12),
                ),
            ),
            "decided": (
                disposal,
                DisposalDecided(**item, **chosen, proposal=proposal, attendees=(), decided_on=date(2026, 11, 13)),
            ),
            "transferred": (
                disposal,
                DisposalCarriedOut(**item, transfer=transfer, organ=self.organ, transferred_on=date(2026, 11, 16)),
            ),
            "made": (
                transfer,
                TransferMade(
                    **went,
                    **chosen,
                    inspection=self.inspection,
                    basis=Basis.DISPOSAL,
                    organ_class="discipline",
                    recipients=(self.person("contact"),),
                    how=Manner.IN_PERSON,
                    material=TEXT,
                    transferred_on=date(2026, 11, 16),
                ),
            ),
            "answered": (
                transfer,
                TransferAnswered(
                    **went,
                    organ=self.organ,
                    handling="preliminary_verification",
                    account=TEXT,
                    answered_on=date(2026, 11, 19),
                ),
            ),
        }
        for way, (stream, fact) in ways.items():
            self.add(stream, fact)
            if way == ("made" if until == "transferred" else until):
                break
        return item_id

    def returned(self, clue: str, name: str) -> str:
        """A clue transferred that came back; the transfer that did."""
        transfer, item = self.id("transfer", name), {"disposal": disposal_of(clue), "item": clue, **self.here}
        on = {"transfer": transfer, "organ": self.organ, "returned_on": date(2026, 11, 17)}
        about = {"round": self.round, "item": clue, "unit": self.unit}
        self.add(transfer, TransferReturned(**about, **on, reason=TEXT))
        self.add(disposal_of(clue), DisposalReturned(**item, **on))
        return transfer

    # --- what is tried ---------------------------------------------------------------------------------------

    @asynccontextmanager
    async def open(self) -> Any:
        """The ledger, with these facts in it."""
        async with self.database.ledger() as ledger:
            command = uuid4()
            await ledger.append(
                command, self.database.stamp(command), {stream: (0, facts) for stream, facts in self.facts.items()}
            )
            yield Tried(self, ledger)


class Tried:
    """A world's ledger, open."""

    def __init__(self, world: World, ledger: Ledger) -> None:
        self.world, self.ledger = world, ledger

    async def act(
        self,
        who: str,
        audience: Any,
        handler: Handler,
        command: Command,
        *,
        doer: str | None = None,
        on: date | None = None,
        book: Rulebook | None = None,
    ) -> Done | Refusal:
        """One act, by whoever is signed in; of another and of a day, from paper, where `doer` is given."""
        signer = self.world.person(who)
        given: dict[str, Any] = {"doer": signer, "happened": happened_live(signer, NOW)}
        if on is not None:
            source = Source.PAPER if doer else Source.RECOLLECTION
            given["happened"] = Happened(precision=Precision.DAY, source=source, asserted_by=signer, on=on)
        if doer is not None:
            given |= {"doer": self.world.person(doer), "paper": Paper(reference=Secret("义巡办〔2026〕3号"))}
        act = Act(
            client_id=uuid4(),
            signer=signer,
            audience=audience,
            authenticated=Authenticated(method="test"),
            now=NOW,
            **given,
        )
        return await perform(self.ledger, book or rulebook(), act, command, handler)

    async def stamp(self, stream: str) -> Stamp:
        """The stamp of the last entry in a stream."""
        return (await self.ledger.entries(stream))[-1].stamp

    async def facts(self, stream: str) -> list[Any]:
        return [entry.fact for entry in await self.ledger.entries(stream)]


@pytest.fixture
def world(module_database: Any) -> World:
    """A world of the test's own in the ledger of its file."""
    return World(module_database)


# --- the sealed log -------------------------------------------------------------------------------------------


@pytest.fixture
def house(database: Any, tmp_path: Path) -> House:
    return House(database, tmp_path)


@pytest.fixture
def witness(tmp_path: Path, house: House) -> Iterator[Client]:
    logs = {ORIGIN: [signer.key for signer in house.keys.log_signers(ORIGIN)]}
    server = serve(Witness(tmp_path / "witness", COSIGNER, logs, lambda: 1_700_000_000), "127.0.0.1", 0)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield Client(f"http://127.0.0.1:{server.server_address[1]}", COSIGNER.key)
    server.shutdown()
    thread.join()
    server.server_close()
