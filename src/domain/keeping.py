"""How the ledger itself is kept: its opening, the rulebooks adopted, the keys destroyed, the clock (Art. 4(6))."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated, ClassVar, Literal, assert_never

from pydantic import AwareDatetime, Field, StringConstraints

from domain.kernel import (
    Aggregate,
    AnyId,
    CalendarVersion,
    Content,
    Digest,
    EditionId,
    Fact,
    KeyId,
    Label,
    PersonId,
    Seal,
    derived_id,
)
from domain.rulebook.posts import Standing

LEDGER = derived_id("ledger", "one")
RULEBOOK = derived_id("rulebook", "one")

Origin = Annotated[str, StringConstraints(pattern=r"^[\x21-\x2a\x2c-\x7e]{1,200}$")]
"""A ledger's name in the world: visible ASCII without `+`, so that it can head a signed note."""


Count = Annotated[int, Field(ge=1, lt=2**53)]
"""How many entries."""

LogName = Annotated[str, StringConstraints(pattern=r"^[\x21-\x2a\x2c-\x7e]{1,240}$")]
"""The name of a sealed log: the origin, or the origin and what a restore added to it."""

SignedNote = Annotated[str, StringConstraints(min_length=1, max_length=20_000)]
"""A checkpoint with its signatures, as a log has signed it."""


class LedgerOpened(Fact):
    """The first entry: the ledger's origin, fixed for ever. Article 4(6)."""

    label: ClassVar[Label] = Label.SYSTEM
    kind: Literal["ledger.opened.v1"] = "ledger.opened.v1"
    origin: Origin


class ClockSteppedBack(Fact):
    """The database's clock showed less than before; `recorded_at` went on rising. Article 4(6)."""

    label: ClassVar[Label] = Label.SYSTEM
    kind: Literal["clock.stepped-back.v1"] = "clock.stepped-back.v1"
    observed: AwareDatetime
    last: AwareDatetime


class EditionAdopted(Fact):
    """An edition of the rulebook, with its whole text, in force from this position. Articles 1, 31, 32."""

    label: ClassVar[Label] = Label.SYSTEM
    kind: Literal["rulebook.edition-adopted.v1"] = "rulebook.edition-adopted.v1"
    edition: EditionId
    digest: Digest
    text: str


class CalendarAdopted(Fact):
    """A version of the official calendar, with its whole text, counted by from this position. Articles 11(6), 17."""

    label: ClassVar[Label] = Label.SYSTEM
    kind: Literal["rulebook.calendar-adopted.v1"] = "rulebook.calendar-adopted.v1"
    calendar: CalendarVersion
    digest: Digest
    text: str


class KeyDestructionDecided(Fact):
    """It was decided to destroy a key; from here on its texts show as destroyed. Article 28.

    `seal` and `matter` say what the key closes: the sources' identities or the content, and of which stream;
    `decided_by` and `standing` who decided, and for which body.
    """

    label: ClassVar[Label] = Label.SYSTEM
    kind: Literal["key.destruction-decided.v1"] = "key.destruction-decided.v1"
    key: KeyId
    seal: Seal
    matter: AnyId
    decided_by: PersonId
    standing: Standing
    decided_on: date
    basis: Content


class LedgerRestored(Fact):
    """The ledger was put back to an older state, and what had been sealed after it is lost. Article 4(6).

    `entries` were there when it was put on record, `sealed` had been sealed in the log `lost`; `checkpoint` is the
    signed note that says so. From here on the ledger is sealed in the log `log`, a name no other restore has.
    """

    label: ClassVar[Label] = Label.SYSTEM
    kind: Literal["ledger.restored.v1"] = "ledger.restored.v1"
    entries: Count
    sealed: Count
    lost: LogName
    log: LogName
    checkpoint: SignedNote
    decided_by: PersonId
    decided_on: date
    basis: Content


KeepingFact = (
    LedgerOpened | ClockSteppedBack | EditionAdopted | CalendarAdopted | KeyDestructionDecided | LedgerRestored
)


@dataclass(frozen=True)
class Keeping:
    """Which rulebooks have been adopted, by name, whether the ledger is open, and what is on record as lost."""

    origin: str | None = None
    editions: tuple[tuple[str, str], ...] = ()
    calendars: tuple[tuple[str, str], ...] = ()
    lost: tuple[tuple[str, int], ...] = ()
    """Log and size, one for each restore."""
    restored: str | None = None
    """The log the last of them began."""

    @property
    def log(self) -> str | None:
        """The log the ledger is sealed in now."""
        return self.restored or self.origin


def evolve(state: Keeping | None, fact: KeepingFact) -> Keeping:
    state = state or Keeping()
    match fact:
        case LedgerOpened():
            return replace(state, origin=fact.origin)
        case EditionAdopted():
            return replace(state, editions=(*state.editions, (fact.edition, fact.digest)))
        case CalendarAdopted():
            return replace(state, calendars=(*state.calendars, (fact.calendar, fact.digest)))
        case LedgerRestored():
            return replace(state, lost=(*state.lost, (fact.lost, fact.sealed)), restored=fact.log)
        case ClockSteppedBack() | KeyDestructionDecided():
            return state
        case _:
            assert_never(fact)


KEEPING: Aggregate[Keeping] = Aggregate("ledger", evolve)
