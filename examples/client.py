"""A plain client of the API that loads an example: who asks, in which order, and what to do when asked too early.

The id of each command follows from its place in the order, so that an example that was interrupted is completed and
never doubled. Nothing here is needed to run Xuncha; it is also a client to learn from.
"""

import json
import os
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from http.client import HTTPException
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

from api.auth import development_token
from api.example import Role, nth_command, write_roles
from api.settings import Settings, read_settings
from domain.kernel import day_of

PATIENCE_SECONDS = 30


def say(line: str) -> None:
    """To whoever started it, at once."""
    print(line, flush=True)  # noqa: T201  a script of the command line


class Stopped(Exception):
    """The example cannot go on; the message says why."""


class Loader:
    """Sends commands as the roles. The id of each follows from the example and its place in the order."""

    def __init__(self, settings: Settings, example: str, roles: Sequence[Role]) -> None:
        self.base = f"http://127.0.0.1:{settings.port}"
        self.example = example
        self.tokens = {role.subject: development_token(settings, role.subject) for role in roles}
        self.audience = {role.subject: role.audience for role in roles}
        self.sent = 0
        self.today = day_of(datetime.now(UTC))

    def ago(self, days: int) -> str:
        """The day so many calendar days before the example began."""
        return (self.today - timedelta(days=days)).isoformat()

    def ask(self, role: str, query: str, **variables: Any) -> Any:
        """The answer's data. Waits where the server is not ready; raises Stopped when it does not become so."""
        request = urllib.request.Request(  # noqa: S310  always our own server on loopback
            f"{self.base}/graphql/{self.audience[role]}",
            json.dumps({"query": query, "variables": variables}).encode(),
            {"Authorization": f"Bearer {self.tokens[role]}", "Content-Type": "application/json"},
        )
        end = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310  the same
                    return json.load(answer)["data"]
            except urllib.error.HTTPError as e:
                why = f"HTTP {e.code}: {e.read(1000).decode()}"
                if e.code != 503:
                    raise Stopped(why) from None
            except (OSError, HTTPException, ValueError) as e:
                why = type(e).__name__
            if time.monotonic() > end:
                raise Stopped(f"API 没有应答 · the API does not answer: {why}")
            time.sleep(0.5)

    def do(self, role: str, verb: str, circumstances: dict[str, Any] | None = None, **given: Any) -> str:
        """One command; sent again where somebody else was faster. Raises Stopped where it is refused."""
        self.sent += 1
        kind = verb[0].upper() + verb[1:]
        query = (
            f"mutation($id: ID!, $input: {kind}Input!, $c: Circumstances) {{"
            f" done: {verb}(commandId: $id, input: $input, circumstances: $c) {{"
            " ... on Done { id } ... on Refusal { code article says path } } }"
        )
        for _ in range(10):
            answer = self.ask(role, query, id=str(nth_command(self.sent, self.example)), input=given, c=circumstances)[
                "done"
            ]
            if answer.get("code") != "CONFLICT":
                break
            time.sleep(0.2)
        if "id" not in answer:
            raise Stopped(f"被拒绝 · refused: {verb}: {answer}")
        return str(answer["id"])

    def first(self, role: str, view: str, **where: str) -> str:
        """The id of the first row of a list, awaited: what others did reaches a list a moment later."""
        given = ", ".join(f"{name}: {json.dumps(value)}" for name, value in where.items())
        query = f"{{ {view}{f'(where: {{{given}}})' if given else ''} {{ items {{ id }} }} }}"
        end = time.monotonic() + PATIENCE_SECONDS
        while not (items := self.ask(role, query)[view]["items"]):
            if time.monotonic() > end:
                raise Stopped(f"视图没有跟上 · the view does not follow: {view}")
            time.sleep(0.05)
        return str(items[0]["id"])


def run(example: str, roles: Sequence[Role], load: Callable[[Loader], object]) -> int:
    """Load an example; exit code 1 with a line that says why where it cannot be."""
    settings = read_settings(os.environ)
    if not settings.development:
        say("示例只载入嵌入的空账本 · an example is for an empty embedded ledger")
        return 1
    try:
        load(Loader(settings, example, roles))
    except Stopped as e:
        say(f"示例：{e}")
        return 1
    except KeyboardInterrupt:
        return 130
    write_roles(settings, list(roles))
    return 0
