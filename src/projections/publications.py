"""Publications: the whole way for office and team, what is public for unit and group, what is missing (Art. 21)."""

from datetime import date
from typing import Any

from domain.inspections import InspectionAssigned, UnitEntered
from domain.kernel import Content, Entry
from domain.publications import (
    MUST_BE_PUBLIC,
    PublicationDecided,
    PublicationMade,
    PublicationProposed,
    Subject,
)
from domain.rectifications import RectificationOpened, RectificationReportSubmitted, Report
from projections.rows import Row, step_of


class PublicationRow(Row):
    """A text to be made public, from proposal to publication. Article 21. **Source** `publication.*`."""

    inspection: str
    round: str
    unit: str
    of: str
    status: str
    text: Content
    proposed_on: date
    redacted: bool | None = None
    reason: Content | None = None
    decided_on: date | None = None
    where: Content | None = None
    published_on: date | None = None


def publications_for(readers: Any) -> Any:
    """The publications as rows; `readers` says who reads one."""

    def publications(row: PublicationRow | None, entry: Entry[Any]) -> PublicationRow | None:
        fact = entry.fact
        if isinstance(fact, PublicationProposed):
            return PublicationRow(
                id=fact.publication,
                readers=readers(fact),
                order=f"{fact.proposed_on.isoformat()}/{fact.publication}",
                steps=(step_of(entry),),
                inspection=fact.inspection,
                round=fact.round,
                unit=fact.unit,
                of=fact.of,
                status="proposed",
                text=fact.text,
                proposed_on=fact.proposed_on,
            )
        if row is None:
            return None
        match fact:
            case PublicationDecided():
                return row.then(
                    entry,
                    status="approved" if fact.approved else "turned_down",
                    redacted=bool(fact.redacted),
                    reason=fact.reason,
                    decided_on=fact.decided_on,
                )
            case PublicationMade():
                return row.then(entry, status="published", where=fact.where, published_on=fact.published_on)
        return row

    return publications


def publication_key(entry: Entry[Any]) -> str | None:
    match entry.fact:
        case PublicationProposed() | PublicationDecided() | PublicationMade():
            return entry.stream
    return None


class PublishedRow(Row):
    """A text that is public: what, where, since when. Article 21. **Source** `publication.made`."""

    inspection: str
    unit: str
    of: str
    text: Content
    where: Content
    published_on: date


def published_for(readers: Any) -> Any:
    """What is public, as rows; before it is, there is no row."""

    def published(row: PublishedRow | None, entry: Entry[Any]) -> PublishedRow | None:
        match entry.fact:
            case PublicationMade() as fact:
                return PublishedRow(
                    id=fact.publication,
                    readers=readers(fact),
                    order=f"{fact.published_on.isoformat()}/{fact.publication}",
                    steps=(step_of(entry),),
                    inspection=fact.inspection,
                    unit=fact.unit,
                    of=fact.of,
                    text=fact.text,
                    where=fact.where,
                    published_on=fact.published_on,
                )
        return row

    return published


def published_key(entry: Entry[Any]) -> str | None:
    return entry.stream if isinstance(entry.fact, PublicationMade) else None


class OpennessRow(Row):
    """Of entry, feedback and rectification: which is public, and which has happened and is not public yet. Article 21.

    The text sets no period: what is missing is no breach.
    """

    round: str
    unit: str
    published: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


def openness_for(readers: tuple[str, ...]) -> Any:
    """One row for each inspection."""

    def openness(row: OpennessRow | None, entry: Entry[Any]) -> OpennessRow | None:
        fact = entry.fact
        if isinstance(fact, InspectionAssigned):
            return OpennessRow(
                id=fact.inspection,
                readers=readers,
                order=fact.inspection,
                steps=(step_of(entry),),
                round=fact.round,
                unit=fact.unit,
            )
        if row is None:
            return None
        of = fact.of if isinstance(fact, PublicationMade) else _happened(fact)
        if of is None or of in row.published:
            return row
        if isinstance(fact, PublicationMade):
            missing = tuple(each for each in row.missing if each != of)
            return row.then(entry, published=(*row.published, of.value), missing=missing)
        return row if of in row.missing else row.then(entry, missing=(*row.missing, of.value))

    return openness


def _happened(fact: Any) -> Subject | None:
    """What must be public once this has happened."""
    match fact:
        case UnitEntered():
            return Subject.ENTRY
        case RectificationOpened():
            return Subject.FEEDBACK
        case RectificationReportSubmitted() if fact.which is Report.RECTIFICATION:
            return Subject.RECTIFICATION
    return None


def openness_key(entry: Entry[Any]) -> str | None:
    fact = entry.fact
    told = isinstance(fact, InspectionAssigned) or _happened(fact) is not None
    if told or (isinstance(fact, PublicationMade) and fact.of in MUST_BE_PUBLIC):
        inspection: str = fact.inspection
        return inspection
    return None
