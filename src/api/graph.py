"""GraphQL made from what is there: a type is a row, an input is a command, a schema is an audience's lists and verbs.

Nothing is declared twice: fields, their descriptions and the articles come from the row and the command (ADR 8).
"""

import dataclasses
import logging
import types
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Literal, Union, get_args, get_origin
from uuid import UUID, uuid5

import strawberry
from graphql import (
    ASTValidationRule,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    SelectionSetNode,
)
from pydantic import BaseModel, ValidationError
from strawberry.extensions import AddValidationRules, MaxTokensLimiter
from strawberry.schema.config import StrawberryConfig
from strawberry.types.field import StrawberryField

from api.reading import Page, Reader
from api.texts import says
from application import acts
from application.acts import Act, Capacity, Handler, Rulebook
from application.authority import Sight
from application.ledger import Ledger
from application.seals import KeyStore
from domain.kernel import (
    ID,
    NAMESPACE,
    Command,
    Happened,
    IllFormed,
    Language,
    Paper,
    Precision,
    Sealed,
    Secret,
    Source,
    day_of,
)
from domain.rulebook.counting import explain
from domain.rulebook.editions import EditionFile, Entry
from domain.rulebook.obligations import state_of
from projections.rows import Due, Row
from projections.shelf import View

log = logging.getLogger("xuncha.api")

DEPTH = 8
ALIASES = 15
TOKENS = 1_000


@dataclass(frozen=True)
class Services:
    """What requests work with."""

    ledger: Ledger
    reader: Reader
    keys: KeyStore
    book: Rulebook


@dataclass(frozen=True)
class Context:
    """One request: who asks, in which capacity, what they may see, when, in which language."""

    services: Services
    sight: Sight
    authenticated: str
    now: datetime
    language: Language


def _context(info: strawberry.Info[Any, Any]) -> Context:
    context: Context = info.context
    return context


# --- what every schema shares ----------------------------------------------------------------------------------


@strawberry.type(
    description="封存的文字：可读、已销毁或者缺钥 · a sealed text: readable, destroyed, or its key missing"
)
class SealedText:
    text: str | None
    state: str


def opened(keys: KeyStore, sealed: Any) -> SealedText | None:
    """A sealed text opened for showing; None where the field is empty."""
    if not isinstance(sealed, Sealed):
        return None
    found = keys.open_content(sealed)
    return SealedText(text=found.text, state=found.state.value)


@strawberry.type(name="Due", description="期限及其由来 · a due date and why it is that day")
class DueType:
    deadline: str
    due_on: date
    state: str
    met_on: date | None
    provisional: bool
    article: str
    support: str
    owed_by: str
    owed_to: str
    edition: str
    calendar: str
    why: list[str]


def due_of(due: Due | None, context: Context) -> DueType | None:
    """A due date with its state now and its explanation in the reader's language."""
    if due is None:
        return None
    o = due.obligation
    trigger = context.services.book.edition.entry("triggers", o.trigger).label
    return DueType(
        deadline=o.deadline,
        due_on=o.count.due,
        state=state_of(o, due.met_on, day_of(context.now)),
        met_on=due.met_on,
        provisional=o.count.provisional,
        article=o.article,
        support=o.support,
        owed_by=o.owed_by,
        owed_to=o.owed_to,
        edition=o.edition,
        calendar=o.count.calendar_version,
        why=list(
            explain(
                o.count,
                language=context.language,
                article=o.article,
                support=o.support,
                trigger_name=(trigger.zh, trigger.en),
            )
        ),
    )


@strawberry.type(description="已登记。token 可作查询的 after · on record; the token serves as `after` of a query")
class Done:
    id: strawberry.ID
    token: str


@strawberry.type(description="未办理及其理由 · not done, and why")
class Refusal:
    code: str
    rule: str | None
    article: str | None
    support: str | None
    says: str
    path: str | None


Result = Annotated[Done | Refusal, strawberry.union("Result")]


@strawberry.input(
    description="何人、何时、依何材料；均缺省为本人、此刻、在线 · "
    "who did it, when, from which paper; by default: oneself, now, live"
)
class Circumstances:
    doer: strawberry.ID | None = None
    happened_on: date | None = None
    precision: str | None = None
    recollected: bool | None = None
    paper_reference: str | None = None
    paper_scan_sha256: str | None = None


@strawberry.type(name="Me", description="本人在此端点的身份 · who one is at this endpoint")
class Me:
    person: strawberry.ID
    capacity: str


@strawberry.type(name="Code", description="现行规程的代码 · a code of the edition in force")
class CodeEntry:
    code: str
    label: str
    article: str
    support: str


# --- rows as types ---------------------------------------------------------------------------------------------

_TYPES: dict[type[BaseModel], Any] = {}


def row_type(model: type[BaseModel]) -> Any:
    """The GraphQL type of a row or of a value inside one."""
    if model not in _TYPES:
        hidden = model.hidden if issubclass(model, Row) else frozenset[str]()
        fields = {
            name: _output(name, field.annotation) for name, field in model.model_fields.items() if name not in hidden
        }
        name = model.__name__.removesuffix("Row" if issubclass(model, Row) else "Item")
        _TYPES[model] = _made(name, fields, model.__doc__, strawberry.type)
    return _TYPES[model]


def _made(name: str, fields: dict[str, tuple[Any, Any]], doc: str | None, kind: Any) -> Any:
    """A Strawberry class from (annotation, default or field) by name."""
    namespace: dict[str, Any] = {"__annotations__": {n: annotation for n, (annotation, _) in fields.items()}}
    namespace |= {n: default for n, (_, default) in fields.items() if default is not dataclasses.MISSING}
    return kind(type(name, (), namespace), name=name, description=_description(doc))


def _description(doc: str | None) -> str | None:
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


def _output(name: str, annotation: Any) -> tuple[Any, Any]:
    """How a field of a row is shown: its GraphQL annotation, and a resolver where it must be computed."""
    plain, optional = _stripped(annotation)
    if plain is Sealed:
        return _field(name, SealedText, optional, lambda value, context: opened(context.services.keys, value))
    if plain is Due:
        return _field(name, DueType, optional, due_of)
    shown = strawberry.ID if name == "id" else _shown(plain)
    return (shown | None if optional else shown), dataclasses.MISSING


def _field(name: str, shown: Any, optional: bool, compute: Any) -> tuple[Any, Any]:
    def resolve(root: Any, info: strawberry.Info[Any, Any]) -> Any:
        return compute(getattr(root, name), _context(info))

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
        _INPUTS[model] = _made(f"{model.__name__}Input", required_first, model.__doc__, strawberry.input)
    return _INPUTS[model]


def _wanted(name: str, plain: Any) -> Any:
    if get_origin(plain) is tuple:
        inner, _ = _stripped(get_args(plain)[0])
        return list[_wanted(name, inner)]  # type: ignore[misc]
    if get_origin(plain) is Literal:
        return bool if set(get_args(plain)) == {0, 1} else str
    if isinstance(plain, type) and issubclass(plain, BaseModel) and plain is not Sealed:
        return input_type(plain)
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
    text = next((f for f in faults if str(f["msg"]).startswith("Value error, text_")), None)
    fault = text or faults[0]
    reason = str(fault["msg"]).removeprefix("Value error, ") if text else _REASONS.get(fault["type"])
    path = ".".join(str(part) for part in fault["loc"] if "[" not in str(part) and part != "Sealed")
    return IllFormed(reason or "value_ill_formed", _camel(path))


def _camel(path: str) -> str:
    first, *rest = path.split("_")
    return first + "".join(part.capitalize() for part in rest)


VAGUE = tuple(p.value for p in Precision if p not in (Precision.DAY, Precision.MINUTE))
"""Not for an act whose command states its day: it could be judged on another day than it says."""


def _happened(
    circumstances: Circumstances | None, signer: str, now: datetime, acted_on: date | None
) -> tuple[str, Happened, Paper | None]:
    """Doer, time and paper of an act. Raises IllFormed where they contradict each other."""
    c = circumstances or Circumstances()
    if c.doer is not None and not (ID.match(c.doer) and c.doer.startswith("person:")):
        raise IllFormed("id_ill_formed", "circumstances.doer")
    if c.happened_on and acted_on and c.happened_on != acted_on:
        raise IllFormed("dates_contradict", "circumstances.happenedOn")
    if acted_on and c.precision in VAGUE:
        raise IllFormed("dates_contradict", "circumstances.precision")
    if c.paper_scan_sha256 and not c.paper_reference:
        raise IllFormed("paper_needs_reference", "circumstances.paperReference")
    doer, on = c.doer or signer, c.happened_on or acted_on
    try:
        paper = (
            Paper(reference=Secret(c.paper_reference), scan_sha256=c.paper_scan_sha256) if c.paper_reference else None
        )
        precision = Precision.DAY if c.precision is None else Precision(c.precision)
    except ValidationError:
        raise IllFormed("value_ill_formed", "circumstances.paperScanSha256") from None
    except ValueError as e:
        text = str(e).startswith("text_")
        raise IllFormed(
            str(e) if text else "unknown_code", f"circumstances.{'paperReference' if text else 'precision'}"
        ) from None
    if precision is Precision.UNKNOWN:
        on = None
    elif on is None and (paper or c.recollected or c.precision not in (None, "minute")):
        raise IllFormed("precision_needs_date", "circumstances.happenedOn")
    today = day_of(now)
    if paper is None and not c.recollected and on in (None, today) and precision in (Precision.DAY, Precision.MINUTE):
        return doer, acts.happened_live(signer, now), None
    source = Source.PAPER if paper else Source.RECOLLECTION
    precision = Precision.DAY if precision is Precision.MINUTE else precision
    return doer, Happened(precision=precision, source=source, asserted_by=signer, on=on), paper


# --- lists and verbs -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Verb:
    """A mutation: the command, its handler, and the field that says on which day it was done."""

    command: type[Command]
    handler: Handler
    acted_on: str | None = None


def _mutation(verb: Verb) -> StrawberryField:
    given_type = input_type(verb.command)

    async def resolve(
        info: strawberry.Info[Any, Any],
        command_id: strawberry.ID,
        input: Any,
        circumstances: Circumstances | None = None,
    ) -> Any:
        context = _context(info)
        try:
            client_id = _command_id(command_id)
            command = as_command(verb.command, input)
            acted_on = getattr(command, verb.acted_on) if verb.acted_on else None
            doer, happened, paper = _happened(circumstances, context.sight.person, context.now, acted_on)
        except IllFormed as e:
            return _shown_refusal(acts.Refusal("ILL_FORMED", reason=e.reason, path=e.path), context.language)
        act = Act(
            client_id=client_id,
            signer=context.sight.person,
            audience=context.sight.capacity,
            authenticated=context.authenticated,
            now=context.now,
            doer=doer,
            happened=happened,
            paper=paper,
        )
        services = context.services
        answer = await acts.perform(services.ledger, services.book, act, command, verb.handler)
        if isinstance(answer, acts.Done):
            return Done(id=strawberry.ID(answer.id), token=str(client_id))
        return _shown_refusal(answer, context.language)

    resolve.__annotations__ |= {"input": given_type, "return": Result}
    resolve.__name__ = verb.handler.__name__
    field: StrawberryField = strawberry.field(resolver=resolve, description=_description(verb.command.__doc__))
    return field


def _command_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise IllFormed("command_id_ill_formed", "commandId") from None


def _shown_refusal(refusal: acts.Refusal, language: Language) -> Refusal:
    rule = refusal.rule
    if rule is not None:
        text = rule.zh if language == "zh" else rule.en
    else:
        text = says(refusal.reason or refusal.code, language)
    return Refusal(
        code=refusal.code,
        rule=rule.name if rule else None,
        article=rule.article if rule else None,
        support=rule.support if rule else None,
        says=text,
        path=_camel(refusal.path) if refusal.path else None,
    )


def _list(view: View, audience: str) -> tuple[Any, StrawberryField]:
    shown = row_type(view.row)
    name = view.name.removeprefix(f"{audience}_")
    page = _made(
        f"{shown.__name__}Page",
        {"items": (list[shown], dataclasses.MISSING), "next": (str | None, dataclasses.MISSING)},  # type: ignore[valid-type]
        None,
        strawberry.type,
    )
    where_type = _made(
        f"{shown.__name__}Where", dict.fromkeys(("id", *view.filters), (str | None, None)), None, strawberry.input
    )

    async def resolve(
        info: strawberry.Info[Any, Any],
        where: Any = None,
        first: int = 20,
        cursor: str | None = None,
        after: str | None = None,
    ) -> Any:
        context = _context(info)
        await _caught_up(context, view, after)
        filters = {k: v for k, v in dataclasses.asdict(where).items() if v is not None} if where else {}
        found: Page = await context.services.reader.page(view, context.sight, filters, first, cursor)
        return page(items=found.items, next=found.next)

    resolve.__annotations__ |= {"where": where_type | None, "return": page}
    resolve.__name__ = name
    return page, strawberry.field(resolver=resolve, description=_description(view.row.__doc__))


async def _caught_up(context: Context, view: View, token: str | None) -> None:
    """Wait for the caller's own command. The token is the command id: it says nothing of the ledger."""
    if token is None:
        return
    try:
        command = uuid5(NAMESPACE, f"command|{context.sight.person}|{UUID(token)}")
    except ValueError:
        raise IllFormed("token_unknown", "after") from None
    answered = await context.services.ledger.answered(command)
    if answered is None:
        raise IllFormed("token_unknown", "after")
    await context.services.reader.wait_for([view.name], answered.position)


def _me(info: strawberry.Info[Any, Any]) -> Me:
    sight = _context(info).sight
    return Me(person=strawberry.ID(sight.person), capacity=sight.capacity)


def _codes(info: strawberry.Info[Any, Any], section: str) -> list[CodeEntry]:
    context = _context(info)
    if section not in EditionFile.model_fields:
        raise IllFormed("unknown_code", "section")
    entries = getattr(context.services.book.edition, section)
    return [
        CodeEntry(code=e.code, label=e.label.text(context.language), article=e.article, support=e.support)
        for e in (entries if isinstance(entries, tuple) else ())
        if isinstance(e, Entry)
    ]


class WithinLimits(ASTValidationRule):
    """Depth and aliases of a document, in time that grows with its size.

    The library's own limiters follow every spread of a fragment anew: forty fragments, each spreading the next one
    twice, would keep them busy for days. Here each fragment is measured once.
    """

    def enter_document(self, node: DocumentNode, *_: Any) -> None:
        fragments = {d.name.value: d for d in node.definitions if isinstance(d, FragmentDefinitionNode)}
        depths: dict[str, int] = {}
        aliases = 0

        def fragment_depth(name: str) -> int:
            if name not in depths:
                depths[name] = 0  # a cycle ends here; another rule names it
                depths[name] = depth(fragments[name].selection_set) if name in fragments else 0
            return depths[name]

        def depth(selections: SelectionSetNode) -> int:
            nonlocal aliases
            deepest = 0
            for selection in selections.selections:
                inside = getattr(selection, "selection_set", None)
                below = depth(inside) if inside else 0
                if isinstance(selection, FieldNode):
                    aliases += selection.alias is not None
                    below = 0 if selection.name.value.startswith("__") else below + 1
                elif isinstance(selection, FragmentSpreadNode):
                    below = fragment_depth(selection.name.value)
                deepest = max(deepest, below)
            return deepest

        deepest = max(
            depth(d.selection_set) if not isinstance(d, FragmentDefinitionNode) else fragment_depth(d.name.value)
            for d in node.definitions
            if hasattr(d, "selection_set")
        )
        if deepest > DEPTH or aliases > ALIASES:
            self.report_error(GraphQLError("too deep, or too many aliases", node))


class _Schema(strawberry.Schema):
    """A schema that logs no error of its own: their texts can hold what a caller sent."""

    def process_errors(self, errors: Any, execution_context: Any = None) -> None:
        pass


def build(audience: Capacity, views: Sequence[View], verbs: Sequence[Verb]) -> strawberry.Schema:
    """The schema of one audience: its lists, its verbs, and nothing else."""
    lists = {view.name.removeprefix(f"{audience}_"): _list(view, audience) for view in views}
    queries: dict[str, tuple[Any, Any]] = {
        "me": (Me, strawberry.field(resolver=_me, description="本人的身份 · who one is here")),
        "codes": (
            list[CodeEntry],
            strawberry.field(
                resolver=_codes,
                description="现行规程某一部分的代码和名称 · codes and names of a section of the edition",
            ),
        ),
    }
    queries |= lists
    mutations = {verb.handler.__name__: (Result, _mutation(verb)) for verb in verbs}
    return _Schema(
        query=_made("Query", queries, None, strawberry.type),
        mutation=_made("Mutation", mutations, None, strawberry.type),
        types=[Done, Refusal],
        config=StrawberryConfig(auto_camel_case=True),
        extensions=[
            lambda: AddValidationRules([WithinLimits]),
            lambda: MaxTokensLimiter(max_token_count=TOKENS),
        ],
    )
