"""Due dates counted anew when a later calendar is adopted (Art. 11(6), 16, 17, 19, 28; ADR 30)."""

from collections.abc import Sequence
from contextlib import suppress
from typing import NamedTuple

from application.acts import Rulebook
from application.ledger import Ledger
from domain import due_dates
from domain.due_dates import due_date_of
from domain.duties import FACTS, StillOpen
from domain.keeping import RULEBOOK, CalendarAdopted, EditionAdopted
from domain.kernel import Fact
from domain.rulebook.calendars import Calendar, EditionError, parse_calendar
from domain.rulebook.editions import Edition, parse_edition


class Moves(NamedTuple):
    """What is to be written, stream by stream, and which versions it rests on."""

    writes: dict[str, tuple[int, Sequence[Fact]]]
    reads: dict[str, int]


async def moved_by(ledger: Ledger, book: Rulebook) -> Moves:
    """The moves of every open due date that the calendar of this book makes another day.

    Each is counted by the edition it was counted by. It rests on the streams in which what is open could be met: what
    is met meanwhile makes the append fail, and it is all looked at again.
    """
    head = await ledger.head()
    kinds = [fact.model_fields["kind"].default for fact in FACTS]
    open_ = StillOpen()
    async for entry in ledger.of_kinds(kinds, head):
        open_.take(entry)
    calendars, editions = await _adopted(ledger, book)
    facts = {
        due_date_of(each.matter, each.name): (
            each,
            due_dates.move(
                each.counted,
                matter=each.matter,
                name=each.name,
                round_=each.round,
                unit=each.unit,
                owed_by=each.owed_by,
                withheld_from=each.withheld_from,
                labelled_as=each.labelled_as,
                edition=each.edition,
                before=calendars.get(each.counted.calendar_version),
                after=book.calendar,
                roll_months_to_working_day=editions.get(
                    each.edition, book.edition
                ).parameters.roll_months_to_working_day.value,
            ),
        )
        for each in open_.all()
    }
    moved = {stream: (each, found) for stream, (each, found) in facts.items() if found}
    watched = {stream for each, _ in moved.values() for stream in each.streams}
    versions = await ledger.versions([*moved, *watched], head)
    return Moves(
        {stream: (versions[stream], found) for stream, (_, found) in moved.items()},
        {stream: versions[stream] for stream in watched},
    )


async def edition_of(ledger: Ledger, book: Rulebook, edition: str) -> Edition:
    """The edition of this id, from the ledger's own text; the one in force where no program reads that any more."""
    if edition == book.edition.id:
        return book.edition
    _, editions = await _adopted(ledger, book)
    return editions.get(edition, book.edition)


async def _adopted(ledger: Ledger, book: Rulebook) -> tuple[dict[str, Calendar], dict[str, Edition]]:
    """Every calendar and every edition the ledger has adopted, read from its own text, and the ones in force.

    A text that a later program does not read any more is left out: the count does not hang on it.
    """
    calendars, editions = {book.calendar.version: book.calendar}, {book.edition.id: book.edition}
    for entry in await ledger.entries(RULEBOOK):
        with suppress(EditionError):
            match entry.fact:
                case CalendarAdopted() as fact:
                    calendars[fact.calendar] = parse_calendar(fact.text, fact.calendar)
                case EditionAdopted() as fact:
                    editions[fact.edition] = parse_edition(fact.text, fact.edition)
    return calendars, editions
