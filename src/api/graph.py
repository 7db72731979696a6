"""GraphQL made from what is there: a type is a row, an input is a command, a schema is an audience's lists and verbs.

Nothing is declared twice: fields, their descriptions and the articles come from the row and the command (ADR 8).
"""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Annotated, Any, Literal, get_args, get_origin
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
from pydantic import ValidationError
from strawberry.extensions import AddValidationRules, MaxTokensLimiter, ParserCache, ValidationCache
from strawberry.schema.config import StrawberryConfig
from strawberry.types.field import StrawberryField

from api.reading import Page
from api.shapes import (
    Context,
    as_command,
    camel,
    context_of,
    described,
    input_type,
    made,
    row_type,
)
from api.texts import says
from application import acts
from application.acts import Act, Capacity, Handler
from domain.kernel import (
    ID,
    NAMESPACE,
    Command,
    Happened,
    IllFormed,
    Paper,
    Precision,
    Secret,
    Source,
    day_of,
)
from domain.rulebook.editions import EditionFile, Entry
from projections.shelf import View

DEPTH = 8
ALIASES = 15
TOKENS = 1_000

# --- what every schema shares ----------------------------------------------------------------------------------


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


VAGUE = tuple(p.value for p in Precision if p not in (Precision.DAY, Precision.MINUTE))
"""Not for an act whose command states its day: it could be judged on another day than it says."""


def _as_given(circumstances: Circumstances | None) -> dict[str, str]:
    """The circumstances as they were sent, for telling a resend from another act."""
    given = dataclasses.asdict(circumstances) if circumstances else {}
    return {name: str(value) for name, value in given.items() if value is not None}


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
    try:
        return doer, Happened(precision=precision, source=source, asserted_by=signer, on=on), paper
    except ValidationError:
        raise IllFormed("precision_contradicts_day", "circumstances.happenedOn") from None


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
        context = context_of(info)
        try:
            client_id = _command_id(command_id)
            command = as_command(verb.command, input)
            acted_on = getattr(command, verb.acted_on) if verb.acted_on else None
            doer, happened, paper = _happened(circumstances, context.sight.person, context.now, acted_on)
        except IllFormed as e:
            return _shown_refusal(acts.Refusal("ILL_FORMED", reason=e.reason, path=e.path), context)
        act = Act(
            client_id=client_id,
            signer=context.sight.person,
            audience=context.sight.capacity,
            authenticated=context.authenticated,
            now=context.now,
            doer=doer,
            happened=happened,
            paper=paper,
            circumstances=_as_given(circumstances),
        )
        answer = await acts.perform(context.services.ledger, context.book, act, command, verb.handler)
        if isinstance(answer, acts.Done):
            return Done(id=strawberry.ID(answer.id), token=str(client_id))
        if answer.code == "NOT_FOUND":
            await context.in_step()
        return _shown_refusal(answer, context)

    resolve.__annotations__ |= {"input": given_type, "return": Result}
    resolve.__name__ = verb.handler.__name__
    field: StrawberryField = strawberry.field(resolver=resolve, description=described(verb.command.__doc__))
    return field


def _command_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise IllFormed("command_id_ill_formed", "commandId") from None


def _shown_refusal(refusal: acts.Refusal, context: Context) -> Refusal:
    rule, language = refusal.rule, context.language
    context.refused.append(refusal.code)
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
        path=camel(refusal.path) if refusal.path else None,
    )


def _list(view: View, name: str) -> tuple[Any, StrawberryField]:
    shown = row_type(view.row)
    page = made(
        f"{shown.__name__}Page",
        {"items": (list[shown], dataclasses.MISSING), "next": (str | None, dataclasses.MISSING)},  # type: ignore[valid-type]
        None,
        strawberry.type,
    )
    filters = {name: (str | None, _filter(view, name)) for name in ("id", *view.filters)}
    where_type = made(f"{shown.__name__}Where", filters, None, strawberry.input)

    async def resolve(
        info: strawberry.Info[Any, Any],
        where: Any = None,
        first: int = 20,
        cursor: str | None = None,
        after: str | None = None,
    ) -> Any:
        context = context_of(info)
        await _caught_up(context, view, after)
        wanted = {k: v for k, v in dataclasses.asdict(where).items() if v is not None} if where else {}
        _plausible(view, wanted)
        found: Page = await context.services.reader.page(view, context.sight, wanted, first, cursor)
        if found.incomplete:
            context.incomplete.add(camel(name))
        return page(items=found.items, next=found.next)

    resolve.__annotations__ |= {"where": where_type | None, "return": page}
    resolve.__name__ = name
    return page, strawberry.field(resolver=resolve, description=described(view.row.__doc__))


_BY_ID = frozenset(
    {"author", "clue", "delivery", "handler", "home_body", "inspection", "item", "mandate", "meeting", "member"}
    | {"organ", "owed_by", "person", "petition", "reply_to", "round", "team", "unit"}
)
"""Filters whose values are ids, in whatever list they are."""


def _plausible(view: View, filters: Mapping[str, str]) -> None:
    """Raises IllFormed for what no row can hold: an empty answer would be taken for "there is none"."""
    for name, value in filters.items():
        if name in _BY_ID and not ID.match(value):
            raise IllFormed("filter_takes_an_id", f"where.{camel(name)}")
        known = _values(view, name)
        if known and value not in known:
            raise IllFormed("filter_unknown_value", f"where.{camel(name)}", known)


def _values(view: View, name: str) -> tuple[str, ...]:
    """All values a field of the rows can have, where the row says them; else none."""
    kind = view.row.model_fields[name].annotation if name in view.row.model_fields else None
    return get_args(kind) if get_origin(kind) is Literal else ()


def _filter(view: View, name: str) -> Any:
    """The default of a filter, which is none; and what it may be, where the row says it."""
    known = _values(view, name)
    if not known:
        return None
    says_which = f"{'、'.join(known)} 之一 · one of {', '.join(known)}"
    return strawberry.field(default=None, description=says_which)


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
    sight = context_of(info).sight
    return Me(person=strawberry.ID(sight.person), capacity=sight.capacity)


def _codes(info: strawberry.Info[Any, Any], section: str) -> list[CodeEntry]:
    context = context_of(info)
    if section not in EditionFile.model_fields:
        raise IllFormed("unknown_code", "section")
    entries = getattr(context.book.edition, section)
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


_REMEMBERED_LENGTH = 8_192


def _without_values(query: str | None) -> bool:
    """Whether a document is short and holds no words of its caller's: values travel as variables.

    Only such documents are remembered. Others would keep a caller's words in memory, and answer sooner to whoever
    guesses them.
    """
    return query is not None and 0 < len(query) <= _REMEMBERED_LENGTH and not {'"', "#"} & {*query}


class _ParsedOnce(ParserCache):
    def on_parse(self) -> Iterator[None]:
        if _without_values(self.execution_context.query):
            yield from super().on_parse()
        else:
            yield


class _ValidatedOnce(ValidationCache):
    def on_validate(self) -> Iterator[None]:
        if _without_values(self.execution_context.query):
            yield from super().on_validate()
        else:
            yield


class _Schema(strawberry.Schema):
    """A schema that logs no error of its own: their texts can hold what a caller sent."""

    def process_errors(self, errors: Any, execution_context: Any = None) -> None:
        pass


def build(
    audience: Capacity, views: Sequence[View], verbs: Sequence[Verb], more: Mapping[str, View] = MappingProxyType({})
) -> strawberry.Schema:
    """The schema of one audience: its lists, its verbs, and nothing else.

    `more`: lists of others whose rows name one of this audience's identities, by the name they have here (ADR 23).
    """
    named = {view.name.removeprefix(f"{audience}_"): view for view in views} | dict(more)
    lists = {name: _list(view, name) for name, view in named.items()}
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
        query=made("Query", queries, None, strawberry.type),
        mutation=made("Mutation", mutations, None, strawberry.type),
        types=[Done, Refusal],
        config=StrawberryConfig(auto_camel_case=True),
        extensions=[
            lambda: AddValidationRules([WithinLimits]),
            lambda: MaxTokensLimiter(max_token_count=TOKENS),
            lambda: _ParsedOnce(maxsize=256),
            lambda: _ValidatedOnce(maxsize=256),
        ],
    )
