"""What every fact is made of: values, the two seals, the stamp around a fact, and the refusal.

A fact's text never stands in the clear. Free text is a `Secret` on its way into the ledger (it cannot be
printed, compared in logs or serialised) and a `Sealed` on its way out; only ids, codes, dates and numbers are
readable without a key (ADR 1, ADR 5).
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from enum import StrEnum
from functools import cache
from typing import Annotated, Any, ClassVar, Generic, Literal, NamedTuple, NoReturn, Self, TypeVar, get_args
from uuid import UUID, uuid5

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    StringConstraints,
    field_validator,
    model_validator,
)
from pydantic.fields import FieldInfo
from pydantic_core import core_schema

SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")
"""China has kept one fixed offset since 1991-09-15, before any fact this ledger can hold."""

TEXT_LIMIT = 20_000
LIST_LIMIT = 200
# control, format (bidi among them), surrogate, private, unassigned
_FORBIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn"}
_IDEOGRAPHS = range(0x20000, 0x3FFFE)  # planes kept for them: rare names use some this Python does not know yet
_ALLOWED_CONTROLS = {"\n", "\t"}


class Value(BaseModel):
    """A group of fields declared once and carried whole by command, fact and input."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


# --- ids -----------------------------------------------------------------------------------------------------


def _id_of(kind: str) -> Any:
    return StringConstraints(
        pattern=rf"^{kind}:[0-9a-f]{{8}}-[0-9a-f]{{4}}-[0-9a-f]{{4}}-[0-9a-f]{{4}}-[0-9a-f]{{12}}$"
    )


BodyId = Annotated[str, _id_of("body")]
PersonId = Annotated[str, _id_of("person")]
SignInId = Annotated[str, _id_of("sign-in")]
AppointmentId = Annotated[str, _id_of("appointment")]
RoundId = Annotated[str, _id_of("round")]
TeamId = Annotated[str, _id_of("team")]
MandateId = Annotated[str, _id_of("mandate")]
InspectionId = Annotated[str, _id_of("inspection")]
RecusalId = Annotated[str, _id_of("recusal")]
RecusalRequestId = Annotated[str, _id_of("recusal-request")]
PetitionId = Annotated[str, _id_of("petition")]
ClueId = Annotated[str, _id_of("clue")]
ProblemId = Annotated[str, _id_of("problem")]
HearingId = Annotated[str, _id_of("hearing")]
DisposalId = Annotated[str, _id_of("disposal")]
ProposalId = Annotated[str, _id_of("proposal")]
EarlyTransferId = Annotated[str, _id_of("early-transfer")]
TransferId = Annotated[str, _id_of("transfer")]
MeetingId = Annotated[str, _id_of("meeting")]
ItemId = Annotated[str, _id_of("item")]
PublicationId = Annotated[str, _id_of("publication")]
PeriodicReportId = Annotated[str, _id_of("periodic-report")]
ReportId = Annotated[str, _id_of("report")]
OmissionId = Annotated[str, _id_of("omission")]
FeedbackId = Annotated[str, _id_of("feedback")]
ActivityId = Annotated[str, _id_of("activity")]
DocumentRequestId = Annotated[str, _id_of("document-request")]
InquiryId = Annotated[str, _id_of("inquiry")]
SuggestionId = Annotated[str, _id_of("suggestion")]
TeamPlanId = Annotated[str, _id_of("team-plan")]
NominationId = Annotated[str, _id_of("nomination")]
TrainingId = Annotated[str, _id_of("training")]
DeliveryId = Annotated[str, _id_of("delivery")]
KeyId = Annotated[str, _id_of("key")]
AnyId = Annotated[str, _id_of("[a-z][a-z-]*")]

ID = re.compile(r"[a-z][a-z-]*:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\Z")
NAMESPACE = UUID("6f1f7a52-5c39-5f0e-9d0b-2b6a0f1d8c11")
"""Root of every id that is derived rather than drawn. Never to be changed."""

Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,59}$")]
"""A word of the edition's taxonomies; the edition says which are known."""

Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]

EditionId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,59}$")]
CalendarVersion = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,59}$")]
ArticleRef = Annotated[str, StringConstraints(pattern=r"^[0-9]+(\([0-9]+\))?(, ?[0-9]+(\([0-9]+\))?)*$")]
"""`16`, `11(6)`, or several separated by commas."""

Actor = Annotated[
    str,
    StringConstraints(
        pattern=r"^(person:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|system:[a-z][a-z0-9-]{0,59})$"
    ),
]
"""A person, or a process of the system; never a name."""


def derived_id(kind: str, *parts: str) -> str:
    """An id that follows from its parts, so that asking twice names one thing."""
    return f"{kind}:{uuid5(NAMESPACE, '|'.join((kind, *parts)))}"


# --- the two seals -------------------------------------------------------------------------------------------


class Seal(StrEnum):
    """Which key closes a text: the source's identity, or the content of one matter (promises.md §5.1)."""

    IDENTITY = "identity"
    CONTENT = "content"


def _forbidden(character: str) -> bool:
    if unicodedata.category(character) not in _FORBIDDEN or character in _ALLOWED_CONTROLS:
        return False
    return ord(character) not in _IDEOGRAPHS or ord(character) & 0xFFFE == 0xFFFE


class Secret:
    """Text on its way into a seal. It cannot be printed or serialised; `reveal` is for the ledger's seal only.

    Raises ValueError, without the text, when it is empty, too long or holds control or bidi characters.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        text = unicodedata.normalize("NFC", text.replace("\r\n", "\n"))
        if not text.strip():
            raise ValueError("text_empty")
        if len(text) > TEXT_LIMIT:
            raise ValueError("text_too_long")
        if any(map(_forbidden, text)):
            raise ValueError("text_ill_formed")
        self._text = text

    def reveal(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return "Secret(…)"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return repr(self)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        return hash((Secret, self._text))

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Secret is never serialised")

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        def build(text: str) -> "Secret":
            return cls(text)

        def refuse(_: "Secret") -> NoReturn:
            raise TypeError("a Secret is never serialised")

        return core_schema.union_schema(
            [
                core_schema.is_instance_schema(cls),
                core_schema.no_info_after_validator_function(build, core_schema.str_schema(strict=True)),
            ],
            serialization=core_schema.plain_serializer_function_ser_schema(refuse, when_used="json"),
        )


class Sealed(Value):
    """Text as the ledger holds it: which key closes it, a salted digest of it, and the closed box.

    `at` says where it was sealed (stream, version, kind, path); it is not stored in the entry but put back
    on reading, because the box opens at that place only.
    """

    key: KeyId
    digest: Digest
    box: str
    at: str = ""


Identity = Annotated[Secret | Sealed, Seal.IDENTITY]
Content = Annotated[Secret | Sealed, Seal.CONTENT]


# --- facts and commands --------------------------------------------------------------------------------------


class Label(StrEnum):
    """Need-to-know class of a fact, stored with it (promises.md §4)."""

    SYSTEM = "system"
    DIRECTORY = "directory"
    PROCEDURE = "procedure"
    INSPECTION = "inspection"
    RECUSAL = "recusal"
    PETITION = "petition"
    CLUE = "clue"
    DISPOSAL = "disposal"
    TRANSFER = "transfer"
    RECTIFICATION = "rectification"
    PUBLICATION = "publication"
    ARCHIVE = "archive"
    REPORT = "report"
    FEEDBACK = "feedback"
    ACTIVITY = "activity"
    DOCUMENT = "document"
    INQUIRY = "inquiry"
    SUGGESTION = "suggestion"
    DELIVERY = "delivery"
    ATTEMPT = "attempt"


class Command(Value):
    """What somebody asks for. `target` is what it is about, where there is such a thing: named in a refused attempt.

    Its texts are new: a closed box cannot be carried from one place of the ledger to another by asking.
    """

    @field_validator("*", mode="before")
    @classmethod
    def _not_without_end(cls, value: object) -> object:
        if isinstance(value, list | tuple) and len(value) > LIST_LIMIT:
            raise ValueError("list_too_long")
        return value

    @model_validator(mode="after")
    def _brings_no_box(self) -> Self:
        if _holds_a_box(self):
            raise ValueError("text_ill_formed")
        return self

    def target(self) -> str | None:
        """The first id among the fields, in the order they are declared."""
        for name in type(self).model_fields:
            field = getattr(self, name)
            if isinstance(field, str) and ID.match(field):
                return field
        return None


def _holds_a_box(value: object) -> bool:
    if isinstance(value, tuple):
        return any(map(_holds_a_box, value))
    return isinstance(value, Value) and (isinstance(value, Sealed) or any(_holds_a_box(item) for _, item in value))


class Fact(Value):
    """Something that happened. `kind` is its stored name, for ever; fields may be added as optional, never
    changed otherwise: a change is a new version beside this one."""

    label: ClassVar[Label]
    kind: str

    def labelled(self) -> Label:
        """The need-to-know class it is stored under: its kind's, unless it shares that of another fact."""
        return self.label


class Precision(StrEnum):
    """How exactly a time is known (promises.md §2)."""

    MINUTE = "minute"
    DAY = "day"
    EARLY_MONTH = "early_month"
    MID_MONTH = "mid_month"
    LATE_MONTH = "late_month"
    UNKNOWN = "unknown"


class Source(StrEnum):
    """Where a time comes from: the system's own moment, a paper, or somebody's memory."""

    LIVE = "live"
    PAPER = "paper"
    RECOLLECTION = "recollection"


class Happened(Value):
    """When a thing happened, as far as known, and who says so.

    `on` is a calendar day in Asia/Shanghai (for a third of a month: a day within it; absent when, and only when,
    nothing is known); `at` an instant, UTC, when, and only when, the precision is the minute.
    """

    precision: Precision
    source: Source
    asserted_by: Actor
    on: date | None = None
    at: AwareDatetime | None = None

    @model_validator(mode="after")
    def _as_exact_as_it_says(self) -> Self:
        if (self.on is None) != (self.precision is Precision.UNKNOWN):
            raise ValueError("precision_needs_date")
        if (self.at is None) != (self.precision is not Precision.MINUTE):
            raise ValueError("precision_needs_minute")
        if self.at is not None and day_of(self.at) != self.on:
            raise ValueError("dates_contradict")
        if self.on is not None and self.on.day not in _DAYS.get(self.precision, range(1, 32)):
            raise ValueError("precision_contradicts_day")
        return self

    def earliest(self) -> date | None:
        """The first day it can have happened."""
        days = _DAYS.get(self.precision)
        return self.on.replace(day=days[0]) if self.on and days else self.on


_DAYS = {
    Precision.EARLY_MONTH: range(1, 11),
    Precision.MID_MONTH: range(11, 21),
    Precision.LATE_MONTH: range(21, 32),
}
"""The days of a month that each of its thirds has."""


class Paper(Value):
    """The paper a record was entered from: its reference, and the hash of a scan where there is one."""

    reference: Content
    scan_sha256: Digest | None = None


class CommandStamp(Value):
    """Which command made the fact: the client's id, its name, a keyed digest of its content, and its answer
    (the id of what was made or acted on; absent where it was refused).

    `key` names the digest's key, one for each day and destroyed after a while: then nobody can try guesses against
    the digest, and a resend is known by its id alone.
    """

    id: UUID
    name: str
    digest: Digest
    key: KeyId | None = None
    answer: str | None = None


class Authenticated(Value):
    """How it was proven who signed in: the method, and which of the person's sign-ins it was."""

    method: Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9:-]{0,59}$")]
    sign_in: SignInId | None = None


class EditionStamp(Value):
    """The rulebook in force when the fact was recorded."""

    id: EditionId
    digest: Digest


class Stamp(Value):
    """The context around a fact: who, for whom, in what capacity, under which power, when, by which command.

    Part of the frozen entry format (ADR 1). `recorder` and `doer` are persons, or `system:<process>`.
    """

    recorder: Actor
    doer: Actor
    capacity: str
    grounds: AnyId | None = None
    """The appointment or mandate the doer acted under."""
    power: str | None = None
    recorded_under: AnyId | None = None
    """The recorder's own appointment, where another's act is entered."""
    happened: Happened
    paper: Paper | None = None
    authenticated: Authenticated
    command: CommandStamp
    cause: int | None = None
    edition: EditionStamp | None = None
    calendar: CalendarVersion | None = None
    software: str
    label: Label
    subjects: tuple[str, ...]


F_co = TypeVar("F_co", bound=Fact, covariant=True)


@dataclass(frozen=True, slots=True)
class Entry(Generic[F_co]):
    """One line of the ledger, opened as far as it opens without keys."""

    position: int
    stream: str
    version: int
    recorded_at: datetime
    stamp: Stamp
    fact: F_co
    command: UUID
    ordinal: int

    @property
    def key(self) -> UUID:
        """A name for this entry. It tells nothing of how many others there are, and whoever does not know the command
        cannot make it up."""
        return uuid5(NAMESPACE, f"entry|{self.command}|{self.ordinal}")


S_co = TypeVar("S_co", covariant=True)


class Aggregate(NamedTuple, Generic[S_co]):
    """How one kind of stream is read: its name and how its facts add up to a state."""

    kind: str
    evolve: Callable[[Any, Any], S_co]


# --- refusals ------------------------------------------------------------------------------------------------

Language = Literal["zh", "en"]


class Rule(NamedTuple):
    """A sentence of the rulebook that can be asked: does it hold for these values?

    `article` is the regulation's; `support` says whether its text, an interpretation or our convention bears it.
    """

    name: str
    article: str
    support: Literal["text", "interpretation", "convention"]
    zh: str
    en: str
    holds: Callable[..., bool]

    def demand(self, *values: object, path: str | None = None) -> None:
        """Refuse, with this rule's article and sentence, unless it holds."""
        if not self.holds(*values):
            raise Refused(self, path)


class Refused(Exception):
    """A rule says no. Changes nothing; the attempt goes on record without its text."""

    def __init__(self, rule: Rule, path: str | None = None) -> None:
        super().__init__(rule.name)
        self.rule = rule
        self.path = path


class NotFound(Exception):
    """There is no such thing, or none the caller may see: the same to every caller.

    `hidden_by` goes on record with the attempt, never into the answer.
    """

    def __init__(self, hidden_by: "Rule | None" = None) -> None:
        super().__init__("not found")
        self.hidden_by = hidden_by


class IllFormed(Exception):
    """The input cannot be read as what it should be. `path` names the field, `reason` a key of the catalogue.

    `known`: what there is to choose from, where the reason names it.
    """

    def __init__(self, reason: str, path: str | None = None, known: tuple[str, ...] = ()) -> None:
        super().__init__(reason)
        self.reason = reason
        self.path = path
        self.known = known


# --- plain functions over values -----------------------------------------------------------------------------


def day_of(instant: datetime) -> date:
    """The calendar day of an instant in Asia/Shanghai."""
    return instant.astimezone(SHANGHAI).date()


def secrets_of(value: Value, path: str = "") -> Iterator[tuple[str, Seal, Secret]]:
    """Every secret inside a value, with its path (RFC 6901) and the seal its field declares."""
    for name, field in _with_texts(type(value)):
        here = f"{path}/{name}"
        item = getattr(value, name)
        if isinstance(item, Secret):
            yield here, seal_of(field.metadata, field.annotation), item
        elif isinstance(item, Value):
            yield from secrets_of(item, here)
        elif isinstance(item, tuple):
            for index, part in enumerate(item):
                if isinstance(part, Secret):
                    raise TypeError(f"{here}: wrap each text of a list in a Value, so that its seal is declared")
                if isinstance(part, Value):
                    yield from secrets_of(part, f"{here}/{index}")


@cache
def _with_texts(kind: type[Value]) -> tuple[tuple[str, FieldInfo], ...]:
    """The fields that can hold a text, however deep: the others, most of them, need not be searched each time.

    A text that turns up elsewhere stays closed all the same: `plain` knows no box for it and raises KeyError.
    """
    return tuple((name, field) for name, field in kind.model_fields.items() if _can_hold_a_text(field.annotation))


def _can_hold_a_text(annotation: Any) -> bool:
    if parts := get_args(annotation):
        return any(map(_can_hold_a_text, parts))
    if not isinstance(annotation, type):
        return annotation in (Any, Self) or isinstance(annotation, TypeVar | str)
    if issubclass(annotation, Value) and annotation.model_fields:
        return bool(_with_texts(annotation))
    # What says nothing of what is in it can hold everything.
    return annotation in (object, BaseModel, Secret) or issubclass(annotation, Value | tuple | list | dict)


def seal_of(metadata: list[Any], annotation: Any) -> Seal:
    """The seal a field declares, also where it is optional (`Content | None`)."""
    for item in metadata:
        if isinstance(item, Seal):
            return item
    for part in getattr(annotation, "__args__", ()):
        for item in getattr(part, "__metadata__", ()):
            if isinstance(item, Seal):
                return item
    raise TypeError("a text field must be declared Content or Identity")


def plain(value: Any, sealed: Mapping[str, Any] | None = None, path: str = "") -> Any:
    """A value as JSON of strings, integers, lists and objects; what is None is left out; `sealed` fills in
    the boxes by path. The ledger stores the canonical form of this (ADR 1)."""
    kind: type = type(value)
    if kind is str or kind is int:  # most of what there is
        return value
    return _form_of(kind)(value, sealed or {}, path)


_Form = Callable[[Any, Mapping[str, Any], str], Any]


@cache
def _form_of(kind: type) -> _Form:
    """How a type is stored: found out once, for every command passes here."""
    if issubclass(kind, Secret):
        return lambda _, sealed, path: sealed[path]
    if issubclass(kind, BaseModel):
        return _object_form(tuple(name for name in kind.model_fields if not (name == "at" and kind is Sealed)))
    if issubclass(kind, tuple | list):
        return lambda value, sealed, path: [plain(item, sealed, f"{path}/{n}") for n, item in enumerate(value)]
    if issubclass(kind, bool):
        return lambda value, _, __: int(value)
    if issubclass(kind, StrEnum):
        return lambda value, _, __: str(value)
    if issubclass(kind, str | int):
        return lambda value, _, __: value
    if issubclass(kind, datetime):
        return lambda value, _, __: iso(value)
    if issubclass(kind, date):
        return lambda value, _, __: value.isoformat()
    if issubclass(kind, UUID):
        return lambda value, _, __: str(value)

    def no_form(_: Any, __: Mapping[str, Any], path: str) -> Any:
        raise TypeError(f"{path}: {kind.__name__} has no stored form")

    return no_form


def _object_form(names: tuple[str, ...]) -> _Form:
    def form(value: Any, sealed: Mapping[str, Any], path: str) -> dict[str, Any]:
        found = {}
        for name in names:
            item = getattr(value, name)
            if item is None:
                continue
            kind: type = type(item)
            found[name] = item if kind is str or kind is int else _form_of(kind)(item, sealed, f"{path}/{name}")
        return found

    return form


def iso(instant: datetime) -> str:
    """An instant as stored: UTC, microseconds, Z."""
    if instant.tzinfo is None:
        raise ValueError("naive datetime")
    return instant.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def placed(raw: Any, where: str, path: str = "") -> Any:
    """The stored JSON with each sealed box told where it stands."""
    if isinstance(raw, dict):
        if raw.keys() == {"key", "digest", "box"}:
            return {**raw, "at": f"{where}|{path}"}
        return {  # most are strings, and there are dozens in every entry of a replay
            name: item if type(item) is str else placed(item, where, f"{path}/{name}") for name, item in raw.items()
        }
    if isinstance(raw, list):
        return [placed(item, where, f"{path}/{index}") for index, item in enumerate(raw)]
    return raw


def ids_in(raw: Any) -> Iterator[str]:
    """Every id in a stored payload: persons, bodies and matters, the subjects of the fact."""
    if isinstance(raw, str):
        if ID.match(raw):
            yield raw
    elif isinstance(raw, dict):
        if raw.keys() != {"key", "digest", "box"}:
            for item in raw.values():
                yield from ids_in(item)
    elif isinstance(raw, list):
        for item in raw:
            yield from ids_in(item)


def _to_the_minute(instant: datetime) -> datetime:
    if instant.second or instant.microsecond:
        raise ValueError("value_ill_formed")
    return instant.astimezone(UTC)


Minute = Annotated[AwareDatetime, AfterValidator(_to_the_minute)]
"""An instant known to the minute, UTC. Article 11(7)."""

PositiveInt = Annotated[int, Field(gt=0, le=9_999)]
SerialNumber = Annotated[int, Field(gt=0, le=999_999)]
Pieces = Annotated[int, Field(ge=0, le=999_999)]
"""How many there are of something, none included."""


class Assignment(Value):
    """One unit given to a team in a round. Article 11(2)."""

    unit: BodyId
    inspection: InspectionId


class Manner(StrEnum):
    """How a delivery was made or received. Articles 11(4), 11(6), 16 to 18, 29."""

    IN_PERSON = "in_person"
    BY_POST = "by_post"
    ELECTRONIC = "electronic"
    ORAL = "oral"


# --- a wrong day put right -----------------------------------------------------------------------------------


class DayOf(StrEnum):
    """The days that can be corrected, one each of a fact on record: the whole list (ADR 31)."""

    NOTICE_SERVED = "notice_served"
    NOTICE_RECEIVED = "notice_received"
    ENTERED = "entered"
    ENDED = "ended"
    PETITION_RECEIVED = "petition_received"
    PETITION_INSTRUCTED = "petition_instructed"
    DISPOSAL_DECIDED = "disposal_decided"
    RECUSAL_DECIDED = "recusal_decided"
    TRANSFER_RECEIVED = "transfer_received"
    FEEDBACK_RECEIVED = "feedback_received"


class CorrectedDay(Value):
    """A day recorded wrongly: which, what stood before, what the paper says, why, and which paper. Article 28 (c).

    `entry` is the key of the entry that said that day first, as a step's id: a day corrected twice names it twice.
    """

    day_of: DayOf
    entry: UUID
    before: date
    day: date
    reason: Content
    paper: Paper
    corrected_on: date


class CorrectDay(Command):
    """Correct a day that was recorded wrongly, by the paper read again. Article 28 (c).

    `matter` is the inspection (its own days and its feedback's), petition, item (of a disposal), recusal or transfer;
    `paper` the one that was read again.
    """

    matter: AnyId
    day_of: DayOf
    day: date
    reason: Content
    paper: Paper
    corrected_on: date

    def of(self, before: date, entry: UUID) -> CorrectedDay:
        """The correction of the day that stands, and that this entry said."""
        return CorrectedDay(
            day_of=self.day_of,
            entry=entry,
            before=before,
            day=self.day,
            reason=self.reason,
            paper=self.paper,
            corrected_on=self.corrected_on,
        )


class Between(NamedTuple):
    """A day on record, and the days of the same matter it lies between; none of which need be there."""

    day: date | None
    earlier: tuple[date | None, ...] = ()
    later: tuple[date | None, ...] = ()

    def fits(self, day: date) -> bool:
        """Whether another day would contradict none of these."""
        return all(d <= day for d in self.earlier if d) and all(day <= d for d in self.later if d)
