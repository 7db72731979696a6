"""How the ledger itself is kept: its opening, the rulebooks adopted, the keys destroyed, the clock (Art. 4(6))."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import ClassVar, Literal, assert_never

from domain.kernel import Aggregate, Content, Digest, Fact, KeyId, Label, derived_id

LEDGER = derived_id("ledger", "one")
RULEBOOK = derived_id("rulebook", "one")


class LedgerOpened(Fact):
    """The first entry: the ledger's origin, fixed for ever. Article 4(6)."""

    label: ClassVar[Label] = Label.SYSTEM
    kind: Literal["ledger.opened.v1"] = "ledger.opened.v1"
    origin: str


class ClockSteppedBack(Fact):
    """The database's clock showed less than before; `recorded_at` went on rising."""

    label: ClassVar[Label] = Label.SYSTEM
    kind: Literal["clock.stepped-back.v1"] = "clock.stepped-back.v1"
    observed: datetime
    last: datetime


class EditionAdopted(Fact):
    """An edition of the rulebook, with its whole text, in force from this position. Articles 1, 31, 32."""

    label: ClassVar[Label] = Label.SYSTEM
    kind: Literal["rulebook.edition-adopted.v1"] = "rulebook.edition-adopted.v1"
    edition: str
    digest: Digest
    text: str


class CalendarAdopted(Fact):
    """A version of the official calendar, with its whole text, counted by from this position."""

    label: ClassVar[Label] = Label.SYSTEM
    kind: Literal["rulebook.calendar-adopted.v1"] = "rulebook.calendar-adopted.v1"
    calendar: str
    digest: Digest
    text: str


class KeyDestructionDecided(Fact):
    """It was decided to destroy a key; from here on its texts show as destroyed (articles.md §5.1)."""

    label: ClassVar[Label] = Label.SYSTEM
    kind: Literal["key.destruction-decided.v1"] = "key.destruction-decided.v1"
    key: KeyId
    subject: str
    decided_on: date
    basis: Content


KeepingFact = LedgerOpened | ClockSteppedBack | EditionAdopted | CalendarAdopted | KeyDestructionDecided


@dataclass(frozen=True)
class Keeping:
    """Which rulebooks have been adopted, by name, and whether the ledger is open."""

    origin: str | None = None
    editions: tuple[tuple[str, str], ...] = ()
    calendars: tuple[tuple[str, str], ...] = ()


def evolve(state: Keeping | None, fact: KeepingFact) -> Keeping:
    state = state or Keeping()
    match fact:
        case LedgerOpened():
            return replace(state, origin=fact.origin)
        case EditionAdopted():
            return replace(state, editions=(*state.editions, (fact.edition, fact.digest)))
        case CalendarAdopted():
            return replace(state, calendars=(*state.calendars, (fact.calendar, fact.digest)))
        case ClockSteppedBack() | KeyDestructionDecided():
            return state
        case _:
            assert_never(fact)


KEEPING: Aggregate[Keeping] = Aggregate("ledger", evolve)
