"""Keeping the ledger itself: opening it, adopting rulebooks, the first appointment, destroying keys (Art. 4, 31)."""

import asyncio
import random
import secrets
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid5

from application.acts import Rulebook
from application.authority import sign_in_of
from application.due_dates import Moves, moved_by
from application.holds import Holds
from application.ledger import Conflict, Ledger, system_stamp
from application.seals import RESEND_DAYS
from domain.bodies import BodyRegistered
from domain.keeping import (
    KEEPING,
    LEDGER,
    RULEBOOK,
    CalendarAdopted,
    EditionAdopted,
    Keeping,
    KeyDestructionDecided,
    LedgerOpened,
    LedgerRestored,
)
from domain.kernel import (
    NAMESPACE,
    EditionStamp,
    Fact,
    Happened,
    Precision,
    Seal,
    Secret,
    Source,
    day_of,
    derived_id,
)
from domain.people import PEOPLE, PersonAppointed, PersonRegistered, PersonSignInLinked, SignInLinked
from domain.rulebook import rules
from domain.rulebook.posts import DECIDERS, Post, Standing


class KeepingError(Exception):
    """It cannot be done; the message says why and what to do."""


class LostRace(KeepingError):
    """What it rests on has moved meanwhile; it can be tried again."""


_TRIES = 6


async def open_ledger(ledger: Ledger, origin: str) -> None:
    """Write the first entry, once: the origin, fixed for ever."""
    state, version = await ledger.load(KEEPING, LEDGER)
    if state is None:
        await _append(ledger, "OpenLedger", origin, {LEDGER: (version, [LedgerOpened(origin=origin)])})
    elif state.origin != origin:
        raise KeepingError(f"账本的 origin 是 {state.origin} · the ledger's origin is {state.origin}, not {origin}")


async def adopt(ledger: Ledger, book: Rulebook) -> int:
    """Put the edition and the calendar on record where they are new. Returns how many due dates that moved.

    A new calendar moves the open due dates it makes another day, in the same append (ADR 30).

    Raises KeepingError where a known name comes with another text: what was counted by must stay what it was.
    """
    attempt = 1
    while True:
        try:
            return await _adopt(ledger, book)
        except LostRace:
            if attempt == _TRIES:
                raise
            await asyncio.sleep(random.uniform(0, 0.02 * 2**attempt))  # noqa: S311  jitter, not a secret
        attempt += 1


async def _adopt(ledger: Ledger, book: Rulebook) -> int:
    state, version = await ledger.load(KEEPING, RULEBOOK)
    state = state or Keeping()
    edition, calendar = book.edition, book.calendar
    facts: list[Fact] = []
    for known, name, digest in (
        (dict(state.editions), edition.id, edition.digest),
        (dict(state.calendars), calendar.version, calendar.digest),
    ):
        if known.get(name, digest) != digest:
            raise KeepingError(
                f"{name} 与账本采用的文本不同：请另起新版本号 · {name} differs from the text the ledger adopted: "
                "give the changed text a name of its own"
            )
    if edition.id not in dict(state.editions):
        facts.append(EditionAdopted(edition=edition.id, digest=edition.digest, text=edition.text))
    moves = Moves({}, {})
    if calendar.version not in dict(state.calendars):
        facts.append(CalendarAdopted(calendar=calendar.version, digest=calendar.digest, text=calendar.text))
        if state.calendars:
            moves = await moved_by(ledger, book)
    if facts:
        writes: dict[str, tuple[int, Sequence[Fact]]] = {RULEBOOK: (version, facts), **moves.writes}
        await _append(ledger, "AdoptRulebook", edition.digest + calendar.digest, writes, book, reads=moves.reads)
    return sum(len(moved) for _, moved in moves.writes.values())


FIRST_PERSON = derived_id("person", "office-director")
APPOINTED_FROM = date(2000, 1, 1)
"""The first director may enter papers older than the ledger; later appointments say their own days."""


async def appoint_first_director(ledger: Ledger, book: Rulebook, issuer: str, subject: str) -> str:
    """Register the three standing bodies and the office's first director, once (Art. 3, 4).

    From then on everything is entered by persons. Raises KeepingError when it was done before for another sign-in.
    """
    sign_in = sign_in_of(ledger, issuer, subject)
    person, version = await ledger.load(PEOPLE, FIRST_PERSON)
    if person is not None:
        if sign_in not in person.sign_ins:
            raise KeepingError("首任主任已经登记 · the first director is on record already, with another sign-in")
        return FIRST_PERSON
    writes: dict[str, tuple[int, Sequence[Fact]]] = {
        body_of(standing): (
            0,
            [
                BodyRegistered(
                    body=body_of(standing),
                    name=Secret(book.edition.label(standing.value, "zh")),
                    standing=standing,
                )
            ],
        )
        for standing in Standing
    }
    writes[FIRST_PERSON] = (
        version,
        [
            PersonRegistered(person=FIRST_PERSON, name=Secret("巡查办主任"), home_body=body_of(Standing.OFFICE)),
            PersonSignInLinked(person=FIRST_PERSON, sign_in=sign_in),
            PersonAppointed(
                person=FIRST_PERSON,
                appointment=derived_id("appointment", "office-director"),
                body=body_of(Standing.OFFICE),
                post=Post.OFFICE_DIRECTOR,
                from_on=APPOINTED_FROM,
            ),
        ],
    )
    writes[sign_in] = (0, [SignInLinked(sign_in=sign_in, person=FIRST_PERSON)])
    await _append(ledger, "AppointFirstDirector", sign_in, writes, book)
    return FIRST_PERSON


def body_of(standing: Standing) -> str:
    """The one body of this standing: its id follows from what it is."""
    return derived_id("body", standing.value)


async def destroy_key(
    ledger: Ledger, book: Rulebook, key_id: str, *, decided_by: str, decided_on: date, basis: str
) -> bool:
    """Record the decision, then destroy the key; False when it was destroyed before (promises.md §5.1).

    `decided_by` is the person who decided, for the body the edition names, and `basis` the decision's reference. The
    fact comes first: after a crash in between, `finish_destructions` completes it. Raises KeepingError; Refused where
    the person did not speak for that body on that day, or the matter is under a hold.
    """
    row = next((r for r in ledger.keys.rows() if r.id == key_id), None)
    if row is None:
        raise KeepingError(f"没有这把密钥 · no such key: {key_id}")
    seal, _, matter = row.subject.partition(":")
    if seal not in tuple(Seal):
        raise KeepingError(f"系统密钥不可销毁 · a system key is not destroyed: {row.subject}")
    if decided_on < day_of(datetime.fromisoformat(row.made_at)):
        raise KeepingError(f"决定日期早于密钥 · decided before the key was made, {row.made_at}")
    state, version = await ledger.load(KEEPING, key_id)
    if state is None:
        rules.not_in_the_future.demand(decided_on, day_of(datetime.now(UTC)))
        standing = Standing(book.edition.approver("key_destruction"))
        person, _ = await ledger.load(PEOPLE, decided_by)
        held = person.held(decided_on, DECIDERS[standing]) if person else []
        rules.key_destruction_decided_by_who_may.demand([a.post for a in held], DECIDERS[standing])
        holds = Holds(ledger, day_of(datetime.now(UTC)))
        rules.key_not_under_a_hold.demand(await holds.on(matter))
        fact = KeyDestructionDecided(
            key=key_id,
            seal=Seal(seal),
            matter=matter,
            decided_by=decided_by,
            standing=standing,
            decided_on=decided_on,
            basis=Secret(basis),
        )
        act = {
            "doer": decided_by,
            "capacity": "office" if standing is Standing.OFFICE else "leading_group",
            "grounds": held[0].id,
            "happened": Happened(
                precision=Precision.DAY, source=Source.PAPER, asserted_by="system:keeping", on=decided_on
            ),
        }
        await _append(ledger, "DestroyKey", key_id, {key_id: (version, [fact])}, book, act, holds.reads)
    return ledger.keys.destroy(key_id)


async def record_restore(
    ledger: Ledger,
    book: Rulebook,
    *,
    lost: str,
    sealed: int,
    checkpoint: bytes,
    decided_by: str,
    decided_on: date,
    basis: str,
) -> str:
    """Put on record that the ledger was restored to an older state and entries are lost (Art. 4(6), ADR 33, ADR 35).

    `checkpoint` is the newest signed note over what was lost, of the log `lost`, checked by the caller. Returns the
    name of the new log, which is drawn: two restores of one backup must not write two histories under one name. Raises
    KeepingError where the person did not lead the office on that day, nothing is missing, or it is on record already.
    """
    state, version = await ledger.load(KEEPING, LEDGER)
    if state is None or state.origin is None:
        raise KeepingError("账本尚未开立 · the ledger was never opened")
    if any(log == lost and size >= sealed for log, size in state.lost):
        raise KeepingError(f"这一缺失已记入账本 · this loss is on record already: {lost}, {sealed}")
    head = await ledger.head()
    if sealed <= head:
        raise KeepingError(f"账本有 {head} 条，没有缺失 · the ledger has {head} entries, none is missing")
    person, _ = await ledger.load(PEOPLE, decided_by)
    held = person.held(decided_on, DECIDERS[Standing.OFFICE]) if person else []
    if not held or decided_on > day_of(datetime.now(UTC)):
        raise KeepingError("须由当日在任的巡查办主任决定 · to be decided by who led the office on that day")
    log = f"{state.origin}/restored-{secrets.token_hex(8)}"
    fact = LedgerRestored(
        entries=head,
        sealed=sealed,
        lost=lost,
        log=log,
        checkpoint=checkpoint.decode(),
        decided_by=decided_by,
        decided_on=decided_on,
        basis=Secret(basis),
    )
    act = {
        "doer": decided_by,
        "capacity": "office",
        "grounds": held[0].id,
        "happened": Happened(precision=Precision.DAY, source=Source.PAPER, asserted_by="system:keeping", on=decided_on),
    }
    digest = sha256(checkpoint).hexdigest()
    await _append(ledger, "RecordRestore", f"{digest}|{head}", {LEDGER: (version, [fact])}, book, act)
    return log


async def finish_destructions(ledger: Ledger) -> list[str]:
    """Destroy every key whose destruction is on record but was not carried out. Returns their ids."""
    ledger.keys.fade(day_of(datetime.now(UTC)) - timedelta(days=RESEND_DAYS))
    alive = [row.id for row in ledger.keys.rows() if row.destroyed_at is None]
    decided = await ledger.begun(alive)  # a key's stream begins with its destruction
    finished = [key for key in alive if key in decided]
    for key in finished:
        ledger.keys.destroy(key)
    return finished


async def _append(
    ledger: Ledger,
    name: str,
    about: str,
    writes: dict[str, tuple[int, Sequence[Fact]]],
    book: Rulebook | None = None,
    act: Mapping[str, Any] | None = None,
    reads: Mapping[str, int] | None = None,
) -> None:
    command: UUID = uuid5(NAMESPACE, f"keeping|{name}|{about}")
    stamp = system_stamp("keeping", name, command, datetime.now(UTC)).model_copy(update=act)
    if book is not None:
        stamp = stamp.model_copy(
            update={
                "edition": EditionStamp(id=book.edition.id, digest=book.edition.digest),
                "calendar": book.calendar.version,
            }
        )
    try:
        await ledger.append(command, stamp, writes, reads)
    except Conflict:
        raise LostRace("他人同时作了改动，请重试 · somebody else was faster, try again") from None
