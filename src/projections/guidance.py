"""What the text wants done promptly (及时), apart from what is owed; never late (Art. 14, 17, 18).

A line stands here because a fact carries a hoped-for day, counted where the edition in force gave guidance; where it
gives none, as the one that ships, the lists are empty.
"""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any, NamedTuple

from domain.clues import ClueRegistered, ClueReleased, ClueReported, ClueReportedDirectly
from domain.feedback import FeedbackDecided, FeedbackGiven
from domain.kernel import Entry
from domain.problems import kept_from
from domain.rulebook.obligations import Hope
from domain.transfers import TransferAnswered, TransferReceived, TransferReturned, TransferServiceRecorded
from projections.rows import Hoped, Row, step_of
from projections.shelf import View


class Awaited(NamedTuple):
    """What is hoped for as it arises: the matter, by which day, of whom, and whether it was done with the same fact.

    `of` is the organ, or the inspection whose leader it is hoped of. `known` says whether the office may know of it.
    """

    matter: str
    hope: Hope
    round: str
    unit: str
    of: str
    known: bool = True
    withheld_from: tuple[str, ...] = ()
    done_on: date | None = None


def awaited_by(entry: Entry[Any]) -> Iterator[Awaited]:
    """What a fact gives to hope for. A clue is the office's to know of once it was reported, or released (Art. 14)."""
    match entry.fact:
        case ClueRegistered(hoped=Hope() as hope) as fact:
            about = (fact.round, fact.unit, fact.inspection)
            yield Awaited(fact.clue, hope, *about, known=False, withheld_from=fact.concerned)
        case ClueReported(hoped=Hope() as hope) as fact:
            about = (fact.round, fact.unit, fact.inspection)
            yield Awaited(fact.clue, hope, *about, withheld_from=fact.withheld_from, done_on=fact.reported_on)
        case ClueReleased(hoped=Hope() as hope) as fact:
            about = (fact.round, fact.unit, fact.inspection)
            yield Awaited(fact.clue, hope, *about, withheld_from=fact.concerned, done_on=fact.reported_on)
        case (
            TransferReceived(handling_hoped=Hope() as hope) | TransferServiceRecorded(handling_hoped=Hope() as hope)
        ) as fact:
            hidden = kept_from(fact.item, fact.unit, fact.withheld_from or ())
            yield Awaited(fact.transfer, hope, fact.round, fact.unit, fact.organ, withheld_from=hidden)
        case FeedbackDecided(hoped=Hope() as hope) as fact:
            hidden = (fact.unit, *fact.withheld_from)
            yield Awaited(fact.feedback, hope, fact.round, fact.unit, fact.inspection, withheld_from=hidden)


def done_by(entry: Entry[Any]) -> tuple[str, date] | None:
    """What a fact does of what was hoped for, and on which day. The account names the handling (Art. 17)."""
    match entry.fact:
        case ClueReported() | ClueReportedDirectly() as fact:
            return fact.clue, fact.reported_on
        case TransferAnswered() as fact:
            return fact.transfer, fact.answered_on
        case FeedbackGiven() as fact:
            return fact.feedback, fact.given_on
    return None


class GuidanceRow(Row):
    """What is hoped to be done promptly, by whom, by which day and why that day. Articles 14, 17, 18.

    A hint and no duty: `hoped.state` is hoped_for, passed or done, and nothing here is ever late. `awaitedOf` is an
    organ, or the inspection whose team's leader it is hoped of. **Source** every fact that carries a hoped-for day.
    """

    matter: str
    round: str
    unit: str
    awaited_of: str
    name: str
    hoped_on: date
    hoped: Hoped


def guidance_key(entry: Entry[Any]) -> tuple[str, ...]:
    done = done_by(entry)
    found = [*(a.matter for a in awaited_by(entry)), *((done[0],) if done else ())]
    if isinstance(entry.fact, TransferReturned):
        found.append(entry.fact.transfer)
    return tuple(dict.fromkeys(found))


def guidance_for(readers: Callable[[Awaited], tuple[str, ...]]) -> Callable[..., GuidanceRow | None]:
    """What is hoped for as rows; `readers` says who reads one, and none means that it is not written there at all."""

    def guidance(row: GuidanceRow | None, entry: Entry[Any], key: str) -> GuidanceRow | None:
        if isinstance(entry.fact, TransferReturned):
            return None
        if row is None:
            raised = next(iter(awaited_by(entry)), None)
            who = readers(raised) if raised else ()
            return _first(raised, entry, who) if raised and who else None
        done = done_by(entry)
        if done is None or row.hoped.done_on is not None:
            return row
        return row.then(entry, hoped=row.hoped.model_copy(update={"done_on": done[1]}))

    return guidance


def _first(awaited: Awaited, entry: Entry[Any], readers: tuple[str, ...]) -> GuidanceRow:
    return GuidanceRow(
        id=awaited.matter,
        readers=readers,
        withheld_from=awaited.withheld_from,
        order=f"{awaited.hope.count.due.isoformat()}/{awaited.matter}",
        steps=(step_of(entry),),
        matter=awaited.matter,
        round=awaited.round,
        unit=awaited.unit,
        awaited_of=awaited.of,
        name=awaited.hope.guidance,
        hoped_on=awaited.hope.count.due,
        hoped=Hoped(hope=awaited.hope, done_on=awaited.done_on),
    )


def guidance_view(name: str, readers: Callable[[Awaited], tuple[str, ...]]) -> View:
    """What is hoped for, of one audience."""
    filters = ("round", "unit", "awaited_of", "name")
    return View(name, GuidanceRow, guidance_key, guidance_for(readers), filters, many=True)
