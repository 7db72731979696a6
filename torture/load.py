"""Clients that never give up, and remember: what they sent, what was answered, byte for byte."""

import http.client
import json
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid5

from application.keeping import FIRST_PERSON
from domain.kernel import NAMESPACE, derived_id
from torture.house import House, Lost

COMMANDS = UUID("0c8f2d7a-53a1-5d0e-9b57-2f1f5a3f6e10")
_PAUSE = 0.1
_PATIENCE = 8.0


@dataclass
class Sent:
    """One command over HTTP: what is sent, and the first answer to it, once there is one."""

    id: UUID
    body: bytes
    verb: str
    answer: bytes | None = None

    @property
    def command(self) -> UUID:
        """Its id in the ledger: scoped to who signed in."""
        return uuid5(NAMESPACE, f"command|{FIRST_PERSON}|{self.id}")

    def made(self) -> str | None:
        """The id of what it made; None where a rule refused it."""
        done = json.loads(self.answer or b"{}").get("data", {}).get("done", {})
        return str(done["id"]) if "id" in done else None


@dataclass
class Memory:
    """What was sent and what was answered, by all clients."""

    http: dict[UUID, Sent] = field(default_factory=dict)
    """By the command's id in the ledger."""
    direct_sent: dict[UUID, str] = field(default_factory=dict)
    direct: dict[UUID, int] = field(default_factory=dict)
    """Positions by command."""
    begun: int = 0
    """Where the ledger stood before anybody sent anything."""
    resent: int = 0
    wrong: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def acknowledged(self) -> int:
        with self.lock:
            return len(self.direct) + sum(sent.answer is not None for sent in self.http.values())


class Clients:
    """Threads that send commands over HTTP, one after the other; and one process that appends directly."""

    def __init__(self, house: House, memory: Memory, seed: int, *, clients: int = 4, each_second: float = 24) -> None:
        self.house, self.memory = house, memory
        self._pause = clients / each_second
        self._token = house.token()
        self._stop = threading.Event()
        self._abandoned = False
        self.statuses: Counter[int] = Counter()
        self._people: list[str] = []
        self._bodies: list[str] = []
        self._posts: list[tuple[str, str]] = []
        self._threads = [
            threading.Thread(target=self._client, args=(n, random.Random(f"{seed}|{n}")), daemon=True)  # noqa: S311
            for n in range(clients)
        ]
        self._threads.append(threading.Thread(target=self._appending, args=(seed,), daemon=True))
        self.appender: subprocess.Popen[str] | None = None

    def start(self) -> None:
        self.memory.begun = int(self.house.ask("SELECT max(position) FROM ledger.entries")[0][0])
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Let everybody finish: what was sent is answered before this returns."""
        self._stop.set()
        for thread in self._threads:
            thread.join(120)
            if thread.is_alive():
                raise Lost("a client never got its answer")

    def abandon(self) -> None:
        """Leave nobody at work, where a loss was found."""
        self._abandoned = True
        self._stop.set()
        if self.appender and self.appender.poll() is None:
            self.appender.kill()

    # --- over HTTP -------------------------------------------------------------------------------------------

    def _client(self, number: int, rng: random.Random) -> None:
        for count in range(1_000_000):
            if self._stop.wait(self._pause):
                return
            verb, given = self._wish(rng, f"{number}/{count}")
            kind = verb[0].upper() + verb[1:]
            command = uuid5(COMMANDS, f"{rng.random()}|{number}|{count}")
            query = (
                f"mutation($id: ID!, $input: {kind}Input!) {{ done: {verb}(commandId: $id, input: $input)"
                " { __typename ... on Done { id token } ... on Refusal { code rule article says path } } }"
            )
            body = json.dumps({"query": query, "variables": {"id": str(command), "input": given}}).encode()
            sent = Sent(command, body, verb)
            with self.memory.lock:
                self.memory.http[sent.command] = sent
            if rng.random() < 0.05:
                self._hang_up(sent)
            self.until_answered(sent)
            self._learn(sent, given)

    def _wish(self, rng: random.Random, name: str) -> tuple[str, dict[str, Any]]:
        """Mostly new bodies; people; posts of people known to all clients, so that they race for a stream."""
        chance = rng.random()
        if self._people and self._bodies and chance < 0.25:
            return "appoint", {
                "person": rng.choice(self._people[-3:]),
                "body": rng.choice(self._bodies),
                "post": "unit_contact",
                "fromOn": "2026-01-01",
            }
        if self._posts and chance < 0.32:  # every second one is refused: it has ended
            person, post = rng.choice(self._posts[-4:])
            return "endAppointment", {"person": person, "appointment": post, "endedOn": "2026-02-01"}
        if chance < 0.42:
            return "registerPerson", {"name": f"某人 {name}"}
        return "registerBody", {"name": f"某局 {name}", "category": "town_or_street"}

    def _learn(self, sent: Sent, given: dict[str, Any]) -> None:
        if (made := sent.made()) is None:
            return
        if sent.verb == "registerPerson":
            self._people.append(made)
        elif sent.verb == "registerBody":
            self._bodies.append(made)
        elif sent.verb == "appoint":
            self._posts.append((given["person"], derived_id("appointment", str(sent.command))))

    def until_answered(self, sent: Sent) -> bytes:
        """Send it, the same each time, until there is an answer that counts; compared with the first there was."""
        while not self._abandoned:
            status, answer = self._send(sent.body)
            if status == 200 and b'"code": "CONFLICT"' not in answer and b'"code":"CONFLICT"' not in answer:
                break
            self.statuses[status] += 1
            if status not in (0, 200, 503):
                raise Lost(f"{sent.verb}: HTTP {status} {answer[:300]!r}")
            with self.memory.lock:
                self.memory.resent += 1
            time.sleep(_PAUSE)
        else:
            return b""
        with self.memory.lock:
            if sent.answer is None:
                sent.answer = answer
            elif sent.answer != answer:
                self.memory.wrong.append(f"{sent.verb} {sent.id}: first {sent.answer!r}, then {answer!r}")
        return answer

    def _send(self, body: bytes) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.house.port, timeout=_PATIENCE)
        try:
            connection.request("POST", "/graphql/office", body, self._headers())
            answer = connection.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException):
            return 0, b""
        finally:
            connection.close()

    def _hang_up(self, sent: Sent) -> None:
        """Send it and go away without waiting for the answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.house.port, timeout=_PATIENCE)
        try:
            connection.request("POST", "/graphql/office", sent.body, self._headers())
        except (OSError, http.client.HTTPException):
            return
        finally:
            connection.close()

    def _headers(self) -> dict[str, str]:
        return {
            "Authorization": f"Bearer {self._token}",
            "Content-Type": "application/json",
            "Accept-Language": "en",
        }

    # --- straight through the ledger -------------------------------------------------------------------------

    def _appending(self, seed: int) -> None:
        """Keep one appender at work, with a few commands on their way; what a killed one left is sent again."""
        rng, count = random.Random(f"{seed}|appender"), 0  # noqa: S311  no secret
        waiting: dict[UUID, str] = {}
        while not self._abandoned and (not self._stop.is_set() or waiting):
            self.appender = process = subprocess.Popen(
                [sys.executable, "-m", "torture.appender"],
                env=self.house.environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                start_new_session=True,
            )
            reader = threading.Thread(target=self._read, args=(process, waiting), daemon=True)
            reader.start()
            try:
                assert process.stdin  # noqa: S101  it was asked for
                for command, body in list(waiting.items()):
                    self._tell(process, command, body)
                while process.poll() is None and (not self._stop.is_set() or waiting):
                    if not self._stop.is_set() and len(waiting) < 4:
                        command, count = uuid5(COMMANDS, f"{rng.random()}|direct|{count}"), count + 1
                        body = derived_id("body", str(command))
                        with self.memory.lock:
                            waiting[command] = self.memory.direct_sent[command] = body
                        self._tell(process, command, body)
                    time.sleep(self._pause)
                process.stdin.close()
            except OSError:
                pass
            if self._stop.is_set() and not waiting:
                process.terminate()
            process.wait()
            reader.join(10)
            time.sleep(0.2)

    @staticmethod
    def _tell(process: "subprocess.Popen[str]", command: UUID, body: str) -> None:
        assert process.stdin  # noqa: S101  it was asked for
        process.stdin.write(f"{command} {body}\n")
        process.stdin.flush()

    def _read(self, process: "subprocess.Popen[str]", waiting: dict[UUID, str]) -> None:
        assert process.stdout  # noqa: S101  it was asked for
        for line in process.stdout:
            words = line.split()
            if len(words) != 3 or not line.endswith("\n"):
                continue  # cut off by a kill: no answer
            command, position = UUID(words[0]), int(words[1])
            with self.memory.lock:
                before = self.memory.direct.setdefault(command, position)
                if before != position:
                    self.memory.wrong.append(f"direct {command}: first {before}, then {position}")
                waiting.pop(command, None)
        process.stdout.close()


def progress(clients: Clients) -> Callable[[], bool]:
    """Whether somebody was answered since this was called; for `until`."""
    before = clients.memory.acknowledged
    return lambda: clients.memory.acknowledged > before
