"""What must hold after every fault, and at the end. Each raises Lost naming what does not."""

import re
from collections import Counter
from itertools import pairwise
from typing import Any, NamedTuple
from uuid import UUID

import psycopg
from psycopg.conninfo import make_conninfo

from api import checking, keeping
from api.composition import VIEWS, access_to, read_origin
from application.ledger import Unavailable
from application.sealing.checking import Verified, verify_ledger
from application.sealing.keys import read_seal_keys
from application.sealing.logs import CHECKPOINT
from embedded.errors import EmbeddedError
from projections.shelf import Shelf, digest
from sealedlog.errors import SealedLogError
from sealedlog.notes import Checkpoint, VerifierKey, parse_note, verify_note
from torture.house import WITNESS, House, Lost, until
from torture.load import Clients, Memory, progress

_BEHIND_WITHIN = 60.0


class Stored(NamedTuple):
    """One entry, as far as it is looked at."""

    position: int
    stream: str
    version: int
    kind: str
    command: UUID
    ordinal: int


def after_a_fault(house: House, clients: Clients, picked: list[UUID], before: int, *, thorough: bool) -> int:
    """It works again by itself, and nothing acknowledged is lost or doubled; where the ledger stands now.

    What follows the ledger must have come as far as it stood `before`: the next fault may find it still behind, as
    faults do. Where it is `thorough`, everything is waited for and compared.
    """
    until(progress(clients), 90, "an answer to somebody")
    head = int(house.ask("SELECT max(position) FROM ledger.entries")[0][0])
    entries(house, clients.memory)
    for command in picked:
        clients.until_answered(clients.memory.http[command])
    if clients.memory.wrong:
        raise Lost(f"a resend got another answer: {clients.memory.wrong[0]}")
    if thorough:
        house.ready()
    sealed(house, head if thorough else before)
    viewed(house, head if thorough else before)
    alarms(house)
    if thorough:
        try:
            check(house)
            fault = verified(house).fault
        except (psycopg.Error, Unavailable, EmbeddedError) as e:
            raise Lost(f"nobody is hurt, and it cannot be checked: {type(e).__name__}: {e}") from e
        if fault:
            raise Lost(f"verify: {fault.says}")
    return head


def entries(house: House, memory: Memory) -> list[Stored]:
    """Dense, rising, whole commands; all that was acknowledged, and nothing that nobody sent."""
    with memory.lock:
        http = {command: sent for command, sent in memory.http.items() if sent.answer is not None}
        direct = dict(memory.direct)
    rows = house.ask(
        "SELECT position, stream, version, kind, command, ordinal, recorded_at, signature IS NOT NULL"
        " FROM ledger.entries ORDER BY position"
    )
    found = [Stored(*row[:6]) for row in rows]
    if [entry.position for entry in found] != list(range(1, len(found) + 1)):
        raise Lost("positions are not dense")
    for before, after in pairwise(rows):
        # One time for each append, and a signature at the end of each.
        if (after[6] <= before[6]) if before[7] else (after[6] != before[6]):
            raise Lost(f"recorded_at does not rise at position {after[0]}")
    versions: Counter[str] = Counter()
    ordinals: Counter[UUID] = Counter()
    at: dict[UUID, int] = {}
    streams: dict[UUID, set[str]] = {}
    for entry in found:
        versions[entry.stream] += 1
        if entry.version != versions[entry.stream]:
            raise Lost(f"position {entry.position}: a version is missing in its stream")
        if entry.ordinal != ordinals[entry.command]:
            raise Lost(f"position {entry.position}: its command is not whole")
        ordinals[entry.command] += 1
        at[entry.command] = entry.position
        streams.setdefault(entry.command, set()).add(entry.stream)
    for command, sent in http.items():
        if command not in at:
            raise Lost(f"acknowledged and lost: {sent.verb} {sent.id}")
        made = sent.made()
        if sent.verb == "registerBody" and (made not in streams[command] or ordinals[command] != 1):
            raise Lost(f"acknowledged and not what was asked: {sent.verb} {sent.id}")
    for command, position in direct.items():
        if at.get(command) != position or ordinals[command] != 1:
            raise Lost(f"acknowledged at {position} and not there: {command}")
    with memory.lock:
        ours = memory.http.keys() | memory.direct_sent.keys()
    strange = [entry for entry in found if entry.command not in ours and entry.position > memory.begun]
    # A step back of the clock was sent by nobody.
    if strange := [entry for entry in strange if entry.kind != "clock.stepped-back.v1"]:
        raise Lost(f"position {strange[0].position}: nobody sent it: {strange[0].kind}")
    return found


def sealed(house: House, head: int) -> None:
    """Sealed up to there, with the witness's cosignature under it."""
    key = VerifierKey.parse(house.settings.witnesses[0][0]).as_cosigner()
    path = house.settings.log_folder / "1" / CHECKPOINT

    def reached() -> bool:
        try:
            note = parse_note(path.read_bytes())
            return Checkpoint.parse(note.text).size >= head and bool(verify_note(note, [key]))
        except (OSError, SealedLogError):
            return False

    until(reached, _BEHIND_WITHIN, f"sealed and witnessed up to {head}")


def viewed(house: House, head: int) -> None:
    """Every view has come so far: none passed over anything, none is parked."""

    def reached() -> bool:
        found = house.ask("SELECT application_name, notification_id FROM shelf.positions")
        positions = dict(found)
        return all(positions.get(view.name, 0) >= head for view in VIEWS)

    until(reached, _BEHIND_WITHIN, f"every view at {head}")


def alarms(house: House) -> None:
    """The sealer has said nothing against the ledger, the projector nothing against a fact or a gap."""
    for name, words in (("seal", "nothing is sealed"), ("project", r"cannot take in|\(Gap\)|a view failed")):
        for log in (house.home / "logs" / f"{name}.log", house.home.parent / "torture.log"):
            if log.exists() and (said := re.search(f".*(?:{words}).*", log.read_text(errors="replace"))):
                raise Lost(f"a false alarm of {name}: {said[0]}")


def check(house: House) -> None:
    """`xuncha check`, in this process: order, form, seals, every row of every view against its replay."""
    said: list[str] = []
    if checking.check(house.settings, said.append):
        raise Lost("check: " + "; ".join(said))


def verified(house: House, dbname: str | None = None) -> Verified:
    """What `xuncha verify` asks, of this database or a copy of it."""
    settings = house.settings
    access = access_to(settings)
    origin, _ = read_origin(access, settings.origin)
    conninfo = make_conninfo(access.of("sealer"), **({"dbname": dbname} if dbname else {}))
    witnesses = [VerifierKey.parse(key) for key, _ in settings.witnesses]
    return verify_ledger(conninfo, settings.log_folder, origin, read_seal_keys(settings.seal_folder), (), witnesses)


def digests(house: House) -> dict[str, str]:
    """Every view's rows and history, as one hash each."""
    with psycopg.connect(access_to(house.settings).of("projector")) as connection:
        return {view.name: digest(connection, view.name) for view in VIEWS}


def replayed(house: House) -> int:
    """Drop every view, replay the ledger, and find the same rows and the same history. The house rests meanwhile."""
    with keeping.database(house.settings):
        before = digests(house)
        shelf = Shelf(access_to(house.settings).of("projector"), VIEWS)
        try:
            shelf.prepare()
            shelf.drop(VIEWS)
            shelf.catch_up()
        finally:
            shelf.close()
        after = digests(house)
    if different := sorted(name for name in before if before[name] != after[name]):
        raise Lost(f"views that are not what the ledger says: {', '.join(different)}")
    return len(after)


def at_the_end(house: House, clients: Clients, say: Any) -> None:
    """Everybody answered, everything sent again, everything compared; the product's own commands asked."""
    clients.stop()
    house.ready()
    memory = clients.memory
    found = entries(house, memory)
    if lacking := memory.direct_sent.keys() - memory.direct.keys():
        raise Lost(f"never answered: {len(lacking)}")
    for sent in list(memory.http.values()):
        clients.until_answered(sent)
    if memory.wrong:
        raise Lost(f"a resend got another answer: {memory.wrong[0]}")
    if len(entries(house, memory)) != len(found):
        raise Lost("resending everything added something")
    sealed(house, found[-1].position)
    viewed(house, found[-1].position)
    alarms(house)
    said = house.xuncha("check")
    said += house.xuncha("verify")
    if WITNESS not in said:
        raise Lost(f"verify does not name the witness: {said}")
    say(said.strip())
