"""Rows and commands as GraphQL types: fields, descriptions and articles come from where they are declared (ADR 8)."""

import asyncio
import dataclasses
import time
import types
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import strawberry
from pydantic import AwareDatetime, BaseModel, ValidationError

from api.reading import Reader
from api.texts import says
from application.acts import Rulebook
from application.authority import Sight
from application.in_force import InForce
from application.ledger import Ledger
from application.seals import KeyStore, Opened, SealBroken, TextState
from domain.kernel import (
    Authenticated,
    Command,
    IllFormed,
    Language,
    Sealed,
    Secret,
    day_of,
)
from domain.rulebook.counting import Period, count, explain, explain_change, explain_set_day
from domain.rulebook.obligations import Obligation, SetDay, hope_state_of, state_of, urgency_of
from projections.duties import DutyRow
from projections.rows import Due, Hoped, Move, Row

STROKE_SECONDS = 0.05


@dataclass(frozen=True)
class Services:
    """What requests work with."""

    ledger: Ledger
    reader: Reader
    keys: KeyStore
    in_force: InForce


@dataclass(frozen=True)
class Context:
    """One request: by which rulebook, who asks, in which capacity, what they may see, when, in which language."""

    services: Services
    book: Rulebook
    sight: Sight
    authenticated: Authenticated
    now: datetime
    language: Language
    asked_at: float = field(default_factory=time.monotonic)
    incomplete: set[str] = field(default_factory=set)
    """The lists asked for in which something waits to be taken in."""
    refused: list[str] = field(default_factory=list)
    """The codes of the commands that were refused."""

    async def in_step(self) -> None:
        """Wait for the next stroke since the request came: what is hidden takes some reads more to be found out than
        what is not there, and whoever measures must not learn from it."""
        await asyncio.sleep(STROKE_SECONDS - (time.monotonic() - self.asked_at) % STROKE_SECONDS)

    @cached_property
    def soon(self) -> date:
        """The last day that counts as due soon (Art. 4(4) (c)). Units: working days, by the edition."""
        period = Period(n=self.book.edition.parameters.due_soon.value, unit="working_days")
        return count(period, day_of(self.now), self.book.calendar, roll_months_to_working_day=False).due


def context_of(info: strawberry.Info[Any, Any]) -> Context:
    context: Context = info.context
    return context


# --- the pieces rows are made of --------------------------------------------------------------------------------


@strawberry.type(
    description="封存的文字：可读、已销毁、缺钥或者被改动 · "
    "a sealed text: readable, destroyed, its key missing, or altered"
)
class SealedText:
    text: str | None
    state: str


def opened(keys: KeyStore, sealed: Any) -> SealedText | None:
    """A sealed text opened for showing; None where the field is empty."""
    if not isinstance(sealed, Sealed):
        return None
    try:
        found = keys.open_content(sealed)
    except SealBroken:
        # Shown as what it is, so that one altered text does not hide all others.
        found = Opened(TextState.ALTERED, None)
    return SealedText(text=found.text, state=found.state.value)


@strawberry.type(
    name="DueMove",
    description="届满日的变更：原日期、新日期、理由 · a due date moved: from which day to which, and why",
)
class DueMoveType:
    from_on: date
    to_on: date
    moved_on: date
    by: str
    from_calendar: str | None
    to_calendar: str | None
    why: list[str]


@strawberry.type(name="Due", description="期限及其由来 · a due date and why it is that day")
class DueType:
    deadline: str
    label: str
    due_on: date
    originally_due_on: date
    moves: list[DueMoveType]
    state: str
    urgency: str
    met_on: date | None
    provisional: bool
    article: str
    support: str
    owed_by: str
    owed_to: str
    edition: str | None
    calendar: str | None
    why: list[str]


def due_of(due: Due | None, context: Context) -> DueType | None:
    """A due date with its state now and its explanation in the reader's language."""
    if due is None:
        return None
    owed, today = due.owed, day_of(context.now)
    confirmed = _confirmed(due, context)
    return DueType(
        deadline=owed.deadline,
        label=_label(owed, context),
        due_on=due.due_on,
        originally_due_on=due.first_on,
        moves=[_move_of(move, context) for move in due.moves],
        state=state_of(due.due_on, due.met_on, today),
        urgency=urgency_of(due.due_on, due.met_on, today, context.soon),
        met_on=due.met_on,
        provisional=due.count is not None and due.count.provisional and not confirmed,
        article=owed.article,
        support=owed.support,
        owed_by=owed.owed_by,
        owed_to=owed.owed_to,
        edition=owed.edition if isinstance(owed, Obligation) else None,
        calendar=due.count.calendar_version if due.count else None,
        why=[
            *_explained(due, context),
            *([says("due_confirmed", context.language).format(confirmed)] if confirmed else []),
            *(step for move in due.moves for step in _move_of(move, context).why),
        ],
    )


@strawberry.type(
    name="Hoped",
    description="“及时”的提示日，只作提示 · a day hoped for where the text says promptly: a hint, never a breach",
)
class HopedType:
    guidance: str
    label: str
    hoped_on: date
    state: str
    done_on: date | None
    provisional: bool
    article: str
    support: str
    edition: str
    calendar: str
    why: list[str]


def hoped_of(hoped: Hoped | None, context: Context) -> HopedType | None:
    """A hoped-for day with where it stands now and its explanation in the reader's language."""
    if hoped is None:
        return None
    hope = hoped.hope
    since = f"since_{hope.guidance}"
    return HopedType(
        guidance=hope.guidance,
        label=says(hope.guidance, context.language),
        hoped_on=hope.count.due,
        state=hope_state_of(hope, hoped.done_on, day_of(context.now)),
        done_on=hoped.done_on,
        provisional=hope.count.provisional,
        article=hope.article,
        support=hope.support,
        edition=hope.edition,
        calendar=hope.count.calendar_version,
        why=list(
            explain(
                hope.count,
                language=context.language,
                article=hope.article,
                support=hope.support,
                trigger_name=(says(since, "zh"), says(since, "en")),
                hint=True,
            )
        ),
    )


def _label(owed: Obligation | SetDay, context: Context, duty: str = "") -> str:
    """What is owed, in words: the edition's, and the catalogue's for a day that people set."""
    if isinstance(owed, SetDay):
        return says(owed.deadline, context.language)
    deadline = next(d for d in context.book.edition.deadlines if d.code == owed.deadline)
    return deadline.named(duty).label.text(context.language)


def _duty_label(root: Any, info: strawberry.Info[Any, Any]) -> str:
    return _label(root.due.owed, context_of(info), root.name)


def _explained(due: Due, context: Context) -> tuple[str, ...]:
    """Why that day: the count, step by step, or who set it."""
    owed, language = due.owed, context.language
    if isinstance(owed, SetDay):
        how = says(f"set_by_{owed.set_by}", language)
        return explain_set_day(
            owed.due_on, how=how, set_on=owed.set_on, article=owed.article, support=owed.support, language=language
        )
    trigger = context.book.edition.entry("triggers", due.trigger or owed.trigger).label
    return explain(
        due.count or owed.count,
        language=language,
        article=owed.article,
        support=owed.support,
        trigger_name=(trigger.zh, trigger.en),
    )


def _confirmed(due: Due, context: Context) -> str | None:
    """The calendar in force, where it announces the year a provisional date lies in and leaves the date as it is: what
    it makes another day was moved when it was adopted (ADR 30)."""
    book = context.book
    if due.count is None or not due.count.provisional or due.met_on is not None:
        return None
    roll = book.edition.parameters.roll_months_to_working_day.value
    again = count(due.count.period, due.count.trigger, book.calendar, roll_months_to_working_day=roll)
    return None if again.provisional or again.due != due.due_on else again.calendar_version


def _move_of(move: Move, context: Context) -> DueMoveType:
    language = context.language
    to_calendar = move.count.calendar_version if move.count else None
    says_so = says(f"due_moved_by_{move.by}", language).format(
        from_on=move.from_on, to_on=move.to_on, from_calendar=move.from_calendar, to_calendar=to_calendar
    )
    return DueMoveType(
        from_on=move.from_on,
        to_on=move.to_on,
        moved_on=move.moved_on,
        by=move.by,
        from_calendar=move.from_calendar,
        to_calendar=to_calendar,
        why=[says_so, *(explain_change(day, language) for day in move.because)],
    )


# --- rows as types ---------------------------------------------------------------------------------------------

_TYPES: dict[type[BaseModel], Any] = {}


def row_type(model: type[BaseModel]) -> Any:
    """The GraphQL type of a row or of a value inside one."""
    if model not in _TYPES:
        hidden = model.hidden if issubclass(model, Row) else frozenset[str]()
        fields = {
            name: _output(name, field.annotation, field.description)
            for name, field in model.model_fields.items()
            if name not in hidden
        }
        if model is DutyRow:
            fields["label"] = (str, strawberry.field(resolver=_duty_label, description="名称 · in words"))
        name = model.__name__.removesuffix("Row" if issubclass(model, Row) else "Item")
        _TYPES[model] = made(name, fields, model.__doc__, strawberry.type)
    return _TYPES[model]


def made(name: str, fields: dict[str, tuple[Any, Any]], doc: str | None, kind: Any) -> Any:
    """A Strawberry class from (annotation, default or field) by name."""
    namespace: dict[str, Any] = {"__annotations__": {n: annotation for n, (annotation, _) in fields.items()}}
    namespace |= {n: default for n, (_, default) in fields.items() if default is not dataclasses.MISSING}
    return kind(type(name, (), namespace), name=name, description=described(doc))


def described(doc: str | None) -> str | None:
    return " ".join((doc or "").replace("**", "").split()) or None


def _stripped(annotation: Any) -> tuple[Any, bool]:
    """The annotation without `| None` and without Annotated, and whether None was allowed."""
    if get_origin(annotation) is Annotated:
        return _stripped(get_args(annotation)[0])
    if get_origin(annotation) in (Union, types.UnionType):
        parts = [p for p in get_args(annotation) if p is not type(None)]
        optional = len(parts) < len(get_args(annotation))
        if len(parts) == 1:
            return _stripped(parts[0])[0], optional
        if set(parts) == {Secret, Sealed}:
            return Sealed, optional
    return annotation, False


def _output(name: str, annotation: Any, says_what: str | None) -> tuple[Any, Any]:
    """How a field of a row is shown: its GraphQL annotation, and a resolver where it must be computed."""
    plain, optional = _stripped(annotation)
    if plain is Sealed:
        return _field(name, SealedText, optional, lambda value, context: opened(context.services.keys, value))
    if plain is Due:
        return _field(name, DueType, optional, due_of)
    if plain is Hoped:
        return _field(name, HopedType, optional, hoped_of)
    shown = strawberry.ID if name == "id" else _shown(plain)
    described_as = strawberry.field(description=says_what) if says_what else dataclasses.MISSING
    return (shown | None if optional else shown), described_as


def _field(name: str, shown: Any, optional: bool, compute: Any) -> tuple[Any, Any]:
    def resolve(root: Any, info: strawberry.Info[Any, Any]) -> Any:
        return compute(getattr(root, name), context_of(info))

    annotation = shown | None if optional else shown
    resolve.__annotations__["return"] = annotation
    return annotation, strawberry.field(resolver=resolve)


def _shown(plain: Any) -> Any:
    if get_origin(plain) is tuple:
        inner, _ = _stripped(get_args(plain)[0])
        return list[_shown(inner)]  # type: ignore[misc]
    if isinstance(plain, type) and issubclass(plain, BaseModel):
        return row_type(plain)
    if plain in (int, bool, date, datetime):
        return plain
    return str  # ids, codes, enumerations and literals


# --- commands as inputs ----------------------------------------------------------------------------------------

_INPUTS: dict[type[BaseModel], Any] = {}


def input_type(model: type[BaseModel]) -> Any:
    """The GraphQL input of a command or of a value inside one."""
    if model not in _INPUTS:
        fields: dict[str, tuple[Any, Any]] = {}
        for name, field in model.model_fields.items():
            wanted = _wanted(name, _stripped(field.annotation)[0])
            fields[name] = (wanted, dataclasses.MISSING) if field.is_required() else (wanted | None, None)
        required_first = dict(sorted(fields.items(), key=lambda item: item[1][1] is None))
        _INPUTS[model] = made(f"{model.__name__}Input", required_first, model.__doc__, strawberry.input)
    return _INPUTS[model]


def _wanted(name: str, plain: Any) -> Any:
    if get_origin(plain) is tuple:
        inner, _ = _stripped(get_args(plain)[0])
        return list[_wanted(name, inner)]  # type: ignore[misc]
    if get_origin(plain) is Literal:
        return bool if set(get_args(plain)) == {0, 1} else str
    if isinstance(plain, type) and issubclass(plain, BaseModel) and plain is not Sealed:
        return input_type(plain)
    if plain is AwareDatetime:
        return datetime
    if plain in (int, date):
        return plain
    return str


def as_command(command: type[Command], given: Any) -> Command:
    """The input as a command. Raises IllFormed naming the field, never its value."""
    try:
        return command.model_validate(_without_none(dataclasses.asdict(given)))
    except ValidationError as e:
        raise _ill_formed(e) from None


def _without_none(given: Any) -> Any:
    if isinstance(given, dict):
        return {k: _without_none(v) for k, v in given.items() if v is not None}
    if isinstance(given, list):
        return tuple(_without_none(v) for v in given)
    return int(given) if isinstance(given, bool) else given


_REASONS = {
    "missing": "missing",
    "string_pattern_mismatch": "id_ill_formed",
    "enum": "unknown_code",
    "literal_error": "unknown_code",
    "greater_than": "out_of_range",
    "less_than_equal": "out_of_range",
}


def _ill_formed(error: ValidationError) -> IllFormed:
    """The first fault: which field, and why. Paths inside our own unions are left out."""
    faults = error.errors(include_input=False, include_url=False)
    text = next((f for f in faults if str(f["msg"]).startswith(("Value error, text_", "Value error, list_"))), None)
    fault = text or faults[0]
    reason = str(fault["msg"]).removeprefix("Value error, ") if text else _REASONS.get(fault["type"])
    path = ".".join(str(part) for part in fault["loc"] if "[" not in str(part) and part != "Sealed")
    return IllFormed(reason or "value_ill_formed", camel(path))


def camel(path: str) -> str:
    first, *rest = path.split("_")
    return first + "".join(part.capitalize() for part in rest)
