"""The HTTP side: one endpoint for each audience, health and readiness, errors that tell nothing they should not."""

import json
import logging
import re
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from importlib.resources import files
from ipaddress import ip_address
from typing import Any
from uuid import uuid4

import strawberry
from fastapi import FastAPI, Request, Response
from graphql import GraphQLError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from strawberry.exceptions import MissingQueryError, StrawberryGraphQLError
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError

from api import addressee, leading_group, metrics, office, organ, team, unit
from api.auth import Unauthenticated, Verifier, development_token
from api.composition import open_services
from api.reading import Stale
from api.settings import Settings
from api.shapes import Context, Services
from api.texts import language_of, says
from application.acts import Capacity
from application.authority import person_of, sees, sign_in_of
from application.database import migrations
from application.ledger import Unavailable
from application.seals import KeyStoreError
from domain.kernel import Authenticated, IllFormed, Language, day_of

log = logging.getLogger("xuncha.api")

SCHEMAS: dict[str, tuple[Capacity, strawberry.Schema]] = {
    "office": ("office", office.SCHEMA),
    "leading-group": ("leading_group", leading_group.SCHEMA),
    "team": ("team", team.SCHEMA),
    "unit": ("unit", unit.SCHEMA),
    "organ": ("organ", organ.SCHEMA),
    "addressee": ("addressee", addressee.SCHEMA),
}
"""The audiences by their endpoint, `POST /graphql/<audience>`."""

LARGEST_BODY = 1 << 20
BEHIND_SECONDS, BEHIND_ENTRIES = 5.0, 1_000
UNSAID_SECONDS, SAID_ENTRIES = 1.0, 100
_OF_PROXIES = frozenset({"forwarded", "via", "x-real-ip"})
_HERE = re.compile(r"(127\.0\.0\.1|localhost|\[::1\])(:[0-9]{1,5})?")
_UUID = re.compile(r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}")
_PLACE = re.compile(r"Variable '\$\w+' has invalid value at ((?:\.\w+|\[\d+\])+): (Value cannot represent a Date)?")
"""How graphql-core begins its message about a variable: the place names fields of the schema and indexes only."""
_MISSING = re.compile(
    r"(?:Variable '\$\w+' has invalid value(?: at ((?:\.\w+|\[\d+\])+))?: )?"
    r"Expected value of type '\w+' to include required field '(\w+)'"
)
"""The same about a required field that is not there: its name is the schema's, not the caller's."""
_NO_OPERATION = (MissingQueryError, CannotGetOperationTypeError, InvalidOperationTypeError, StrawberryGraphQLError)
_HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Vary": "Accept-Language"}


def make_app(settings: Settings, verifier: Verifier | None) -> FastAPI:
    """The application. Explorer and development tokens are there with the development issuer only."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with open_services(settings) as services:
            app.state.services = services
            yield
        if app.state.counters:
            log.info("turned away: %s", dict(app.state.counters))

    # Without redirects: they would repeat the Host and the query that were sent.
    app = FastAPI(lifespan=lifespan, openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    app.state.verifier = verifier
    app.state.counters = Counter()
    app.state.requests = metrics.Requests()
    token = metrics.read_token(settings.home)

    @app.middleware("http")
    async def correlated(request: Request, call_next: Any) -> Response:
        """Every answer has a correlation id."""
        request.state.correlation = _correlation(request.headers.get("X-Correlation-Id"))
        try:
            response: Response = await call_next(request)
        except Exception as e:
            response = _broken(request, e)
        for name, value in {**_HEADERS, "X-Correlation-Id": request.state.correlation}.items():
            response.headers.setdefault(name, value)
        return response

    @app.exception_handler(HTTPException)
    async def plainly(request: Request, error: HTTPException) -> Response:
        if error.status_code == 405:
            allowed = dict(error.headers or {})
            reason = "POST_ONLY" if allowed.get("Allow") == "POST" else "GET_ONLY"
            return _error(405, "NOT_FOUND", _lang(request), allowed, reason)
        return _error(error.status_code, "NOT_FOUND" if error.status_code == 404 else "ILL_FORMED", _lang(request))

    @app.post("/graphql/{audience}")
    async def graphql(audience: str, request: Request) -> Response:
        return await _graphql(app, audience, request)

    @app.get("/healthz")
    async def healthz() -> Response:
        return _json(200, {"status": "ok"})

    @app.get("/readyz")
    async def readyz() -> Response:
        return await _readiness(app.state.services)

    @app.get("/metrics")
    async def measured(request: Request) -> Response:
        if not metrics.opens(token, request.headers.get("Authorization")):
            return _error(404, "NOT_FOUND", _lang(request))
        page = await metrics.page(app.state.services, app.state.requests, app.state.counters)
        return Response(page, media_type=metrics.CONTENT_TYPE)

    if settings.development:
        _development(app, settings)
    return app


async def _graphql(app: FastAPI, audience: str, request: Request) -> Response:
    if audience not in SCHEMAS:
        return _error(404, "NOT_FOUND", _lang(request))
    began, refused = time.monotonic(), list[str]()
    answer = await _answer(app, audience, request, refused)
    app.state.requests.note(audience, answer.status_code, time.monotonic() - began, refused)
    return answer


async def _answer(app: FastAPI, audience: str, request: Request, refused: list[str]) -> Response:
    language, counters, services = _lang(request), app.state.counters, app.state.services
    capacity, schema = SCHEMAS[audience]
    try:
        sign_in = _verified(app.state.verifier, request)
        body = await _body(request)
        if body is None:
            counters["too_large"] += 1
            return _error(413, "TOO_LARGE", language)
        query, variables, operation = _asked(body)
        now = datetime.now(UTC)
        stream = sign_in_of(services.ledger, sign_in.issuer, sign_in.subject)
        person = await person_of(services.ledger, stream)
        if person is None:
            raise Unauthenticated
        book = await services.in_force.look()
        sight = await sees(services.ledger, person, capacity, day_of(now), book.edition)
        authenticated = Authenticated(method=sign_in.method, sign_in=stream)
        context = Context(services, book, sight, authenticated, now, language, refused=refused)
        result = await schema.execute(query, variable_values=variables, context_value=context, operation_name=operation)
    except Unauthenticated:
        counters["unauthenticated"] += 1
        return _error(401, "UNAUTHENTICATED", language, {"WWW-Authenticate": "Bearer"})
    except (Unavailable, KeyStoreError):
        return _unavailable("UNAVAILABLE", language)
    except IllFormed as e:
        counters["ill_formed"] += 1
        return _error(400, "ILL_FORMED", language, reason=e.reason)
    except _NO_OPERATION:
        counters["ill_formed"] += 1
        return _error(400, "ILL_FORMED", language, reason="query_ill_formed")
    if not result.errors:
        # Said of the list, not of a row, and to everybody alike: whose row it is that waits, it does not tell.
        said = {"extensions": {"incomplete": sorted(context.incomplete)}} if context.incomplete else {}
        return _json(200, {"data": result.data, **said})
    return _faulty(request, result, language, counters)


def _faulty(request: Request, result: Any, language: Language, counters: Counter[str]) -> Response:
    """An answer for what GraphQL could not do. Nothing of what the caller sent comes back: only where it stood."""
    shown = []
    for error in result.errors:
        original = error.original_error
        if isinstance(original, Unavailable | KeyStoreError | Stale):
            return _unavailable("STALE" if isinstance(original, Stale) else "UNAVAILABLE", language)
        if isinstance(original, IllFormed):
            shown.append(_fault("ILL_FORMED", language, original.reason, path=original.path, known=original.known))
        elif original is not None and not isinstance(original, GraphQLError | RecursionError):
            return _broken(request, original)
        else:
            shown.append(_misplaced(error, language))
    counters["ill_formed"] += 1
    return _json(400, {"errors": shown[:10]})


def _misplaced(error: GraphQLError, language: Language) -> dict[str, Any]:
    """What does not fit the schema: the field where it is known, else line and column in the caller's document."""
    places = [{"line": place.line, "column": place.column} for place in error.locations or ()]
    found = _PLACE.match(error.message)
    reason = "date_ill_formed" if found and found[2] else "query_ill_formed"
    place = found[1] if found else None
    if missing := _MISSING.match(error.message):
        reason, place = "missing", f"{missing[1] or ''}.{missing[2]}"
    path = place.replace("[", ".").replace("]", "").removeprefix(".") if place else None
    return _fault("ILL_FORMED", language, reason, path=path, locations=places[:5])


def _verified(verifier: Verifier | None, request: Request) -> Any:
    if verifier is None:
        raise Unauthenticated
    return verifier.verify(request.headers.get("Authorization"))


async def _body(request: Request) -> bytes | None:
    """The body, or None where it is larger than allowed; no more than that is read."""
    length = request.headers.get("Content-Length", "0")
    if not re.fullmatch(r"[0-9]{1,9}", length) or int(length) > LARGEST_BODY:
        return None
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > LARGEST_BODY:
                return None
    except ClientDisconnect:
        raise IllFormed("body_not_json") from None
    return bytes(body)


def _asked(body: bytes) -> tuple[str, dict[str, Any] | None, str | None]:
    try:
        asked = json.loads(body)
        query, variables, operation = asked["query"], asked.get("variables"), asked.get("operationName")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise IllFormed("body_not_json") from None
    if not isinstance(query, str) or not isinstance(variables, dict | None) or not isinstance(operation, str | None):
        raise IllFormed("body_not_json")
    return query, variables, operation


async def _readiness(services: Services) -> Response:
    """Ready when migrated and no view is more than 5 s or 1,000 entries behind; says how far the furthest is.

    Anybody may ask, and the exact lag would let them count entries: they are given in hundreds, seconds from 1 s on.
    For the same reason the views are counted in which rows are parked, not the rows; and how far the seal is behind is
    for the operator only: where the sealer stands still, it would tell whether anything was written since.
    """
    try:
        migrated = await services.ledger.migration() == migrations()[-1][0]
        positions, behind = await metrics.lags(services)
        parked, halted = await services.reader.parked(), await services.reader.halted()
    except Unavailable:
        return _json(503, {"ready": False, "database": False}, {"Retry-After": "1"})
    entries, seconds = max(lag.entries for lag in behind.values()), max(lag.seconds for lag in behind.values())
    ready = migrated and min(positions.values()) > 0 and entries <= BEHIND_ENTRIES and seconds <= BEHIND_SECONDS
    body = {
        "ready": ready,
        "database": True,
        "migrated": migrated,
        "behind": {
            "entries": entries // SAID_ENTRIES * SAID_ENTRIES,
            "seconds": round(seconds, 1) if seconds > UNSAID_SECONDS else 0.0,
        },
        "parked_views": len(parked),
        "halted_views": len(halted),
    }
    return _json(200 if ready else 503, body, {} if ready else {"Retry-After": "1"})


def _development(app: FastAPI, settings: Settings) -> None:
    """The explorer and tokens for its roles: for trying things out, on this machine only."""

    @app.get("/")
    async def explorer() -> Response:
        page = (files("api") / "explorer.html").read_text(encoding="utf-8")
        return Response(page, media_type="text/html; charset=utf-8")

    @app.get("/development/roles")
    async def roles(request: Request) -> Response:
        if not _from_this_machine(request):
            return _error(404, "NOT_FOUND", _lang(request))
        try:
            known = json.loads((settings.development_folder / "roles.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            known = []
        return _json(200, [{**role, "token": development_token(settings, role["subject"])} for role in known])


def _from_this_machine(request: Request) -> bool:
    """Whether a browser or program here asked, for itself.

    The connection must come from here. A page elsewhere could point its own name at this machine, but it cannot choose
    the Host a browser sends; a proxy speaks for others, and says so.
    """
    try:
        here = request.client is not None and ip_address(request.client.host).is_loopback
    except ValueError:
        here = False
    proxied = any(name in _OF_PROXIES or name.startswith("x-forwarded") for name in request.headers)
    elsewhere = request.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin")
    return here and not proxied and not elsewhere and bool(_HERE.fullmatch(request.headers.get("Host", "")))


# --- answers ---------------------------------------------------------------------------------------------------


def _correlation(given: str | None) -> str:
    """The caller's own id where it is a UUID; else a new one, so that no text of theirs comes back or reaches a log."""
    return given if given is not None and _UUID.fullmatch(given) else uuid4().hex


def _lang(request: Request) -> Language:
    return language_of(request.headers.get("Accept-Language"))


def _json(status: int, body: Any, headers: dict[str, str] | None = None) -> Response:
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return Response(text, status, headers, media_type="application/json; charset=utf-8")


def _fault(
    code: str,
    language: Language,
    reason: str | None = None,
    path: str | None = None,
    locations: Any = None,
    known: tuple[str, ...] = (),
) -> dict[str, Any]:
    extensions = {"code": code} | ({"path": path} if path else {})
    message = says(reason or code, language)
    if known:
        message = message.format(("、" if language == "zh" else ", ").join(known))
    fault = {"message": message, "extensions": extensions}
    return fault | ({"locations": locations} if locations else {})


def _error(
    status: int, code: str, language: Language, headers: dict[str, str] | None = None, reason: str | None = None
) -> Response:
    return _json(status, {"errors": [_fault(code, language, reason)]}, headers)


def _unavailable(code: str, language: Language) -> Response:
    return _error(503, code, language, {"Retry-After": "1"})


def _broken(request: Request, error: BaseException) -> Response:
    """What should not happen: logged by class and place, never by its text, which can hold what was sent."""
    where = error.__traceback__
    while where and where.tb_next:
        where = where.tb_next
    place = f"{where.tb_frame.f_code.co_filename}:{where.tb_lineno}" if where else "?"
    log.error("correlation %s: %s at %s", request.state.correlation, type(error).__name__, place)
    return _error(500, "INTERNAL", _lang(request))
