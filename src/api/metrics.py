"""`GET /metrics`: what the process and the shelf are doing, in Prometheus' text format, for the operator only (ADR 28).

Counts only, and none by matter, person or rule. Still they would let whoever reads them count the ledger's growth, so
they are given for the token in `XUNCHA_HOME/metrics.token`; everybody else is told that there is no such page.
"""

import hmac
import logging
import os
import secrets
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from api.composition import VIEWS
from api.settings import SettingsError
from api.shapes import Services
from application.ledger import Unavailable
from application.measures import Spread
from domain.keeping import KEEPING, LEDGER

log = logging.getLogger("xuncha.metrics")

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Lag(NamedTuple):
    """How far a view, or the seal, is behind the ledger."""

    entries: int
    seconds: float


async def lags(services: Services) -> tuple[dict[str, int], dict[str, Lag]]:
    """Where each view stands, and how far behind that is. Raises Unavailable."""
    head = await services.ledger.head()
    positions = await services.reader.positions([view.name for view in VIEWS])
    now = datetime.now(UTC)
    seconds: dict[int, float] = {}
    for position in {p for p in positions.values() if p < head}:
        since = await services.ledger.recorded_at(position + 1)
        seconds[position] = max((now - since).total_seconds(), 0.0) if since else 0.0
    return positions, {name: Lag(max(head - p, 0), seconds.get(p, 0.0)) for name, p in positions.items()}


async def unsealed(services: Services) -> Lag:
    """How far the seal is behind the ledger. Raises Unavailable."""
    keeping, _ = await services.ledger.load(KEEPING, LEDGER)
    sealed = await services.ledger.sealed(keeping.log) if keeping and keeping.log else 0
    head = await services.ledger.head()  # last: what is sealed meanwhile is not sealed ahead of the ledger
    since = await services.ledger.recorded_at(sealed + 1) if sealed < head else None
    return Lag(max(head - sealed, 0), max((datetime.now(UTC) - since).total_seconds(), 0.0) if since else 0.0)


class Requests:
    """What was asked of this process since it started."""

    def __init__(self) -> None:
        self.answered: Counter[tuple[str, int]] = Counter()
        self.seconds: defaultdict[str, Spread] = defaultdict(lambda: Spread(*_SECONDS))
        self.refused: Counter[str] = Counter()

    def note(self, audience: str, status: int, seconds: float, refusals: Iterable[str]) -> None:
        self.answered[audience, status] += 1
        self.seconds[audience].note(seconds)
        self.refused.update(refusals)


# --- the token -------------------------------------------------------------------------------------------------


def read_token(home: Path) -> str | None:
    """The token that opens the page; made where it is missing, None where it cannot be: then there is no page.

    Raises SettingsError where others can read it.
    """
    path = home / "metrics.token"
    try:
        if not path.exists():
            with os.fdopen(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600), "w") as f:
                f.write(secrets.token_urlsafe(32))
        if path.stat().st_mode & 0o077:
            raise SettingsError(
                f"指标口令文件他人可读：请 chmod 600 · the metrics token is open to others, chmod 600: {path}"
            )
        return path.read_text(encoding="ascii").strip() or None
    except (OSError, ValueError) as e:
        log.warning("no metrics: the token cannot be made or read (%s)", type(e).__name__)
        return None


def opens(token: str | None, authorization: str | None) -> bool:
    """Whether an Authorization header brings the token."""
    given = (authorization or "").encode()
    return token is not None and hmac.compare_digest(given, f"Bearer {token}".encode())


# --- the page --------------------------------------------------------------------------------------------------


async def page(services: Services, requests: Requests, turned_away: Mapping[str, int]) -> str:
    """The whole page. Without a database it says so, and what the process knows by itself."""
    found = _Page()
    try:
        positions, behind = await lags(services)
        parked, halted = await services.reader.parked(), await services.reader.halted()
        seal = await unsealed(services)
        found.gauge("xuncha_database_up", "Whether the database answers.", {(): 1})
        found.gauge(
            "xuncha_view_lag_entries",
            "Entries a view is behind.",
            {(("view", n),): lag.entries for n, lag in behind.items()},
        )
        found.gauge(
            "xuncha_view_lag_seconds",
            "For how long the first entry a view has not taken in is on record.",
            {(("view", n),): lag.seconds for n, lag in behind.items()},
        )
        found.gauge("xuncha_unsealed_entries", "Entries not yet sealed.", {(): seal.entries})
        found.gauge("xuncha_unsealed_seconds", "For how long the oldest of them is on record.", {(): seal.seconds})
        found.gauge("xuncha_parked_rows", "Rows that wait.", {(("view", n),): parked.get(n, 0) for n in positions})
        found.gauge(
            "xuncha_view_halted", "1: the view stands still.", {(("view", n),): int(n in halted) for n in positions}
        )
    except Unavailable:
        found.gauge("xuncha_database_up", "Whether the database answers.", {(): 0})
    ledger = services.ledger
    found.gauge("xuncha_writer_queue", "Appends that wait for the ledger's writer.", {(): ledger.waiting})
    found.spread("xuncha_writer_batch", "Appends in one transaction.", {(): ledger.batches})
    found.counter("xuncha_writer_conflicts_total", "Appends another stream was faster than.", {(): ledger.conflicts})
    found.counter(
        "xuncha_refusals_total", "Commands refused, by code.", {(("code", c),): n for c, n in requests.refused.items()}
    )
    found.counter(
        "xuncha_requests_total",
        "Requests answered.",
        {(("audience", a), ("status", str(s))): n for (a, s), n in requests.answered.items()},
    )
    found.spread(
        "xuncha_request_seconds",
        "From a request to its answer.",
        {(("audience", a),): spread for a, spread in requests.seconds.items()},
    )
    found.counter(
        "xuncha_turned_away_total",
        "Requests not taken, by reason.",
        {(("reason", r),): n for r, n in turned_away.items()},
    )
    pools = {"ledger": ledger.pool_stats(), "reader": services.reader.pool.get_stats()}
    for name, says in (
        ("pool_size", "Connections of a pool."),
        ("pool_available", "Connections nobody uses."),
        ("requests_waiting", "Callers that wait for a connection."),
    ):
        found.gauge(
            f"xuncha_pool_{name.removeprefix('pool_')}",
            says,
            {(("pool", p),): s.get(name, 0) for p, s in pools.items()},
        )
    return found.text()


_Labels = tuple[tuple[str, str], ...]


class _Page:
    """Lines of the format. Names of views, audiences and codes are ours: there is nothing in them to escape."""

    def __init__(self) -> None:
        self._lines: list[str] = []

    def gauge(self, name: str, says: str, values: Mapping[_Labels, float]) -> None:
        self._all(name, "gauge", says, values)

    def counter(self, name: str, says: str, values: Mapping[_Labels, float]) -> None:
        self._all(name, "counter", says, values)

    def spread(self, name: str, says: str, values: Mapping[_Labels, Spread]) -> None:
        self._head(name, "histogram", says)
        for labels, spread in values.items():
            reached = 0
            for step, within in zip(spread.steps, spread.within, strict=True):
                reached += within
                self._line(f"{name}_bucket", (*labels, ("le", str(step))), reached)
            self._line(f"{name}_bucket", (*labels, ("le", "+Inf")), spread.count)
            self._line(f"{name}_sum", labels, spread.sum)
            self._line(f"{name}_count", labels, spread.count)

    def text(self) -> str:
        return "\n".join((*self._lines, ""))

    def _all(self, name: str, kind: str, says: str, values: Mapping[_Labels, float]) -> None:
        self._head(name, kind, says)
        for labels, value in values.items():
            self._line(name, labels, value)

    def _head(self, name: str, kind: str, says: str) -> None:
        self._lines += [f"# HELP {name} {says}", f"# TYPE {name} {kind}"]

    def _line(self, name: str, labels: _Labels, value: float) -> None:
        shown = ",".join(f'{label}="{text}"' for label, text in labels)
        self._lines.append(f"{name}{{{shown}}} {value:.12g}" if shown else f"{name} {value:.12g}")
