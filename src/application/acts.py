"""One act: who asks, for whom, when it happened; what it read and writes; run once, retried in one place."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any, Literal, TypeVar
from uuid import UUID, uuid5

from application import SOFTWARE
from application.ledger import Answered, Conflict, KeyDestroyed, Ledger, canonical
from domain.attempts import AttemptIdle, AttemptRefused, attempts_of
from domain.keeping import RULEBOOK
from domain.kernel import (
    NAMESPACE,
    Aggregate,
    Authenticated,
    Command,
    CommandStamp,
    EditionStamp,
    Fact,
    Happened,
    IllFormed,
    Label,
    NotFound,
    Paper,
    Precision,
    Refused,
    Rule,
    Sealed,
    Secret,
    Source,
    Stamp,
    day_of,
    plain,
    secrets_of,
)
from domain.people import SIGN_INS
from domain.rulebook import rules
from domain.rulebook.calendars import Calendar
from domain.rulebook.editions import Edition

S = TypeVar("S")
_TRIES = 12

Capacity = Literal["office", "leading_group", "team", "unit", "organ", "addressee"]


@dataclass(frozen=True)
class Rulebook:
    """The edition and the calendar in force, and by which version of the stream that says so: what is decided by them
    rests on it. None where that is not looked at."""

    edition: Edition
    calendar: Calendar
    adopted: int | None = None


@dataclass(frozen=True)
class Act:
    """Who asks for something, in which capacity, for whom, and when it happened (promises.md §2, §5.2)."""

    client_id: UUID
    signer: str
    audience: Capacity
    authenticated: Authenticated
    now: datetime
    doer: str
    happened: Happened
    paper: Paper | None = None
    circumstances: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Doer, day, precision and paper as they were given: what of them makes a resend the same."""

    @cached_property
    def command(self) -> UUID:
        """The command id, scoped to the signed-in person."""
        return uuid5(NAMESPACE, f"command|{self.signer}|{self.client_id}")

    @property
    def day(self) -> date:
        """The day the doer's authority is judged on."""
        return self.happened.earliest() or day_of(self.now)

    @property
    def today(self) -> date:
        return day_of(self.now)


@dataclass(frozen=True)
class Grounds:
    """What the doer acts under: a capacity, the appointment or mandate, and the power used."""

    capacity: Capacity
    id: str
    power: str | None = None


class Work:
    """What one command has read and what it writes. Streams read are watched until the append.

    Unless `fresh`, what this process has read before is taken as it was then, and what is to be made as not there:
    the append is refused where that is out of date. Then `supposed` is true, and a refusal is worth nothing yet.
    """

    def __init__(self, ledger: Ledger, act: Act, book: Rulebook, *, fresh: bool = True) -> None:
        self.ledger = ledger
        self.fresh = fresh
        self.supposed = False
        self.act = act
        self.book = book
        self.grounds: Grounds | None = None
        self.recorded_under: str | None = None
        self._reads: dict[str, int] = {} if book.adopted is None else {RULEBOOK: book.adopted}
        self._writes: dict[str, list[Fact]] = {}
        self._made: set[str] = set()

    async def look(self, aggregate: Aggregate[S], stream: str) -> S | None:
        """The state of a stream, or None where there is none."""
        state: S | None
        known = None if self.fresh else (None, 0) if stream in self._made else self.ledger.known(aggregate, stream)
        if known is not None:
            self.supposed = True
            state, version = known
        else:
            state, version = await self.ledger.load(aggregate, stream)
        self._reads.setdefault(stream, version)
        return state

    async def read(self, aggregate: Aggregate[S], stream: str) -> S:
        """The state of a stream. Raises NotFound where there is none."""
        state = await self.look(aggregate, stream)
        if state is None:
            raise NotFound
        return state

    def new(self, kind: str, *parts: str) -> str:
        """The id of what this command makes: the same however often it is sent."""
        made = f"{kind}:{uuid5(self.act.command, '|'.join((kind, *parts)))}"
        self._made.add(made)
        return made

    def write(self, stream: str, facts: Sequence[Fact]) -> None:
        """Add facts to a stream. A stream not read before is a new one."""
        if facts:
            self._reads.setdefault(stream, 0)
            self._writes.setdefault(stream, []).extend(facts)

    async def copy(self, sealed: Secret | Sealed) -> Secret:
        """A text on record, to be written again at another place: the system carries it, nobody retypes it.

        Raises KeyDestroyed where it cannot be read any more.
        """
        if isinstance(sealed, Secret):
            return sealed
        opened = await asyncio.to_thread(self.ledger.keys.open_content, sealed)
        if opened.text is None:
            raise KeyDestroyed
        return Secret(opened.text)

    def known(self, section: str, code: str | None, path: str) -> None:
        """Raise IllFormed unless the edition knows this code."""
        if code is not None and code not in self.book.edition.codes(section):
            raise IllFormed("unknown_code", path)

    @property
    def writes(self) -> dict[str, tuple[int, Sequence[Fact]]]:
        return {stream: (self._reads[stream], facts) for stream, facts in self._writes.items()}

    @property
    def reads(self) -> dict[str, int]:
        return {s: v for s, v in self._reads.items() if s not in self._writes}


@dataclass(frozen=True)
class Done:
    """It is on record. `id` is what was made or acted on; the client's own command id serves as read token."""

    id: str
    position: int


@dataclass(frozen=True)
class Refusal:
    """It was not done, and why: a rule with its article, or one of the codes that cite none."""

    code: Literal["REFUSED", "NOT_FOUND", "CONFLICT", "ILL_FORMED"]
    rule: Rule | None = None
    reason: str | None = None
    path: str | None = None


Handler = Callable[[Work, Any], Awaitable[str]]


async def perform(ledger: Ledger, book: Rulebook, act: Act, command: Command, handler: Handler) -> Done | Refusal:
    """Run a command once: decide, append, answer; or refuse and put the attempt on record.

    The same id and content gets the first answer; the same id with other content is ILL_FORMED. A lost race is
    decided again. Raises Unavailable when the ledger does not answer.
    """
    name = type(command).__name__
    asked = _content(act, command)
    result: Done | Refusal
    fresh = False
    for attempt in range(_TRIES):
        work = Work(ledger, act, book, fresh=fresh)
        fresh = True
        try:
            await _still_signed_in(work)
            _check_circumstances(act, command)
            answer = await handler(work, command)
            stamp = _stamp(work, await _command_stamp(ledger, act, name, asked, answer))
            if work.writes:
                done = await ledger.append(act.command, stamp, work.writes, work.reads)
            else:
                idle = AttemptIdle(person=act.signer, command=name, target=command.target())
                done = await ledger.append(act.command, _without_paper(stamp), _at_the_end(act, idle), work.reads)
            result = Done(answer, done.position)
        except Conflict:
            if work.supposed:
                continue
            await asyncio.sleep(random.uniform(0, 0.005 * 2 ** min(attempt, 6)))  # noqa: S311  jitter, not a secret
            continue
        except (Refused, NotFound, IllFormed, KeyDestroyed) as no:
            if work.supposed:
                continue
            result, hidden_by = _refusal(no)
            if result.code == "ILL_FORMED":
                # It leaves no entry that would show that it was sent, and done, before.
                first = await ledger.answered(act.command)
                return await _first_answer(ledger, act, name, asked, first.stamp, first.position) if first else result
            done = await _record_attempt(ledger, act, work, command, asked, result, hidden_by)
        if not done.first:
            return await _first_answer(ledger, act, name, asked, done.stamp, done.position)
        return result
    return Refusal("CONFLICT", reason="lost_race")


async def _still_signed_in(work: Work) -> None:
    """Whoever is unlinked while the command is under way does nothing any more: the sign-in is read, and so watched."""
    if (sign_in := work.act.authenticated.sign_in) is not None:
        found = await work.look(SIGN_INS, sign_in)
        if found is not None and found.person != work.act.signer:
            raise NotFound


def _content(act: Act, command: Command) -> bytes:
    """What is asked, circumstances included: what makes a resend the same. Never kept, only its keyed digest is.

    The circumstances count as they were given, not as they were understood: an act of today that is resent after
    midnight is one of yesterday, and still the same.
    """
    texts = {path: secret.reveal() for path, _, secret in secrets_of(command)}
    return canonical(
        {
            "command": type(command).__name__,
            "content": plain(command, texts),
            "circumstances": dict(act.circumstances),
            "audience": act.audience,
        }
    )


async def _command_stamp(ledger: Ledger, act: Act, name: str, asked: bytes, answer: str | None) -> CommandStamp:
    keys, day = ledger.keys, act.today
    at_hand = keys.digest_at_hand(day, asked)
    key, digest = at_hand if at_hand is not None else await asyncio.to_thread(keys.command_digest, day, asked)
    return CommandStamp(id=act.client_id, name=name, digest=digest, key=key, answer=answer)


def _at_the_end(act: Act, fact: Fact) -> dict[str, tuple[None, list[Fact]]]:
    """An attempt goes to the end of its maker's stream, wherever that is by then."""
    return {attempts_of(act.signer): (None, [fact])}


def _check_circumstances(act: Act, command: Command) -> None:
    rules.paper_has_reference.demand(
        act.doer == act.signer, act.audience == "office", act.paper is not None, path="circumstances"
    )
    rules.not_in_the_future.demand(act.happened.on, act.today, path="circumstances")
    person = getattr(command, "person", None)  # whom an act gives a sign-in, a post or a mandate
    rules.nobody_records_what_favours_them.demand(act.doer == act.signer, act.signer, person, path="person")


def _stamp(work: Work, command: CommandStamp) -> Stamp:
    act, grounds = work.act, work.grounds
    return Stamp(
        recorder=act.signer,
        doer=act.doer,
        capacity=grounds.capacity if grounds else act.audience,
        grounds=grounds.id if grounds else None,
        power=grounds.power if grounds else None,
        recorded_under=work.recorded_under,
        happened=act.happened,
        paper=act.paper,
        authenticated=act.authenticated,
        command=command,
        edition=EditionStamp(id=work.book.edition.id, digest=work.book.edition.digest),
        calendar=work.book.calendar.version,
        software=SOFTWARE,
        label=Label.SYSTEM,
        subjects=(),
    )


def _refusal(no: Exception) -> tuple[Refusal, Rule | None]:
    match no:
        case Refused():
            return Refusal("REFUSED", rule=no.rule, path=no.path), None
        case NotFound():
            return Refusal("NOT_FOUND"), no.hidden_by
        case KeyDestroyed():
            return Refusal("NOT_FOUND"), None
        case IllFormed():
            return Refusal("ILL_FORMED", reason=no.reason, path=no.path), None
        case _:
            raise no


async def _record_attempt(
    ledger: Ledger,
    act: Act,
    work: Work,
    command: Command,
    asked: bytes,
    refusal: Refusal,
    hidden_by: Rule | None,
) -> Answered:
    """Put a refused attempt on record in the stream of whoever made it: which command, about what, never the text."""
    rule = refusal.rule or hidden_by
    name = type(command).__name__
    fact = AttemptRefused(
        person=act.signer,
        command=name,
        target=command.target(),
        code=refusal.code,
        rule=rule.name if rule else None,
        article=rule.article if rule else None,
        path=refusal.path,
        hidden=1 if refusal.code == "NOT_FOUND" else 0,
    )
    stamp = _stamp(work, await _command_stamp(ledger, act, name, asked, None))
    return await ledger.append(act.command, _without_paper(stamp), _at_the_end(act, fact))


def _without_paper(stamp: Stamp) -> Stamp:
    """For what goes among the attempts: the reference would be sealed under their stream, and nobody needs it there."""
    return stamp.model_copy(update={"paper": None})


async def _first_answer(
    ledger: Ledger, act: Act, name: str, asked: bytes, stamp: CommandStamp, position: int
) -> Done | Refusal:
    """The answer a command got the first time."""
    digest = await asyncio.to_thread(ledger.keys.keyed_digest, stamp.key, asked) if stamp.key else None
    if stamp.name != name or (digest is not None and digest != stamp.digest):
        return Refusal("ILL_FORMED", reason="command_id_reused", path="commandId")
    if stamp.answer is not None:
        return Done(stamp.answer, position)
    for entry in await ledger.of_command(act.command):
        fact = entry.fact
        if isinstance(fact, AttemptRefused):
            code: Any = fact.code
            rule = None if fact.hidden or fact.rule is None else rules.rule_named(fact.rule)
            return Refusal(code, rule=rule, path=fact.path)
    return Refusal("CONFLICT", reason="lost_race")


def happened_live(signer: str, now: datetime) -> Happened:
    """This moment, as the system saw it."""
    return Happened(precision=Precision.MINUTE, source=Source.LIVE, asserted_by=signer, on=day_of(now), at=now)
