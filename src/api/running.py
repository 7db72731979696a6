"""The processes: serve, project, and `run`, which starts PostgreSQL and both and keeps them alive."""

import asyncio
import errno
import gc
import json
import logging
import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import unicodedata
import urllib.request
from collections.abc import Callable
from http.client import HTTPException
from pathlib import Path

import psycopg
import uvicorn

from api import example, keeping
from api.auth import development_token, verifier_for
from api.composition import (
    VIEWS,
    access_to,
    open_ledger,
    read_master_key,
    read_origin,
    read_rulebook,
    refuse_a_servers_home,
    refuse_changed_guards_and_lists,
)
from api.settings import Settings, SettingsError
from application.catalogue import refuse_changed_guards
from application.sealing.keys import read_seal_keys
from application.sealing.sealer import Sealer
from embedded import postgres
from embedded.supervisor import Child, supervise
from projections.shelf import Shelf
from sealedlog.notes import VerifierKey
from sealedlog.witness import Client

Say = Callable[[str], None]

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
_DATABASE_WITHIN_SECONDS = 20.0
TRIED = (
    (
        "谁今天还欠什么、何日为止、为什么 · who still owes what today, by when, and why",
        "office-clerk",
        "office",
        "{ bodies { items { id name { text } } }"
        ' duties(where: {status: "owed"}) { items { owedBy name label dueOn due { state article why } } } }',
    ),
    (
        "组织部门何时须答复、为什么 · when must the organisation department answer, and why",
        "organisation-contact",
        "organ",
        "{ transfers { items { status answerDue { dueOn state why } } } }",
    ),
)
"""What `run` says to try: the question, who asks it, where, and how."""


def _logging() -> None:
    """To standard error; the libraries' own chatter, which can quote values, stays out."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    for noisy in ("psycopg", "psycopg.pool", "strawberry", "strawberry.execution", "uvicorn.access"):
        logging.getLogger(noisy).setLevel(logging.CRITICAL)


def serve(settings: Settings, host: str = "127.0.0.1") -> int:
    """Run the API until it is stopped. No access log: an address is never kept."""
    # Modules and schemas stay for as long as the process lives: no look for garbage while they are made, and they are
    # set aside, or every full collection looks through them again while somebody waits for an answer.
    gc.disable()
    from api.app import make_app  # noqa: PLC0415  GraphQL takes a second to load; only the API needs it

    _logging()
    # What would fail inside is tried here, where it ends in a message.
    read_rulebook()
    access = access_to(settings)
    read_master_key(settings.master_key_file, make=False)
    _port_free(settings, host)
    _await_database(access.of("writer"))
    refuse_changed_guards_and_lists(access)
    config = uvicorn.Config(
        make_app(settings, verifier_for(settings)),
        host=host,
        port=settings.port,
        access_log=False,
        ws="none",
        server_header=False,
        date_header=False,
        log_config=None,
        timeout_graceful_shutdown=5,
    )
    server = uvicorn.Server(config)
    gc.collect()
    gc.freeze()
    gc.enable()
    server.run()
    return 0 if server.started else 1


def project(settings: Settings) -> int:
    """Run the projector until it is stopped."""
    _logging()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    access = access_to(settings)
    _await_database(access.of("projector"))
    refuse_changed_guards(access, "projector")
    shelf = Shelf(access.of("projector"), VIEWS)
    try:
        changed = shelf.prepare()
        refuse_changed_guards_and_lists(access)  # now that what another version made is replaced
        if changed:
            logging.getLogger("xuncha.shelf").info("building %d views", len(changed))
        shelf.run(stop)
    finally:
        shelf.close()
    return 0


def seal(settings: Settings) -> int:
    """Run the sealer until it is stopped."""
    _logging()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    keys = read_seal_keys(settings.seal_folder)
    access = access_to(settings)
    _await_database(access.of("sealer"))
    refuse_changed_guards(access, "sealer")
    origin, empty = read_origin(access, settings.origin)
    if empty:
        raise SettingsError("账本为空：请先运行 xuncha init · the ledger is empty, run xuncha init first")
    witnesses = [Client(url, VerifierKey.parse(key)) for key, url in settings.witnesses]
    Sealer(access.of("sealer"), settings.log_folder, origin, keys, witnesses).run(stop)
    return 0


def run(settings: Settings, say: Say) -> int:
    """Start everything, keep it alive, stop it in order. First start makes all that is missing."""
    read_rulebook()  # a fault in it is named before anything is started
    if settings.jwt_keys:
        verifier_for(settings)  # the same for the keys of the identity provider
    if not _left_by_a_run(settings.home):
        _port_free(settings)
    if not settings.embedded:
        with keeping.database(settings, say, make=True):
            return _supervise(settings, say, None)
    refuse_a_servers_home(settings)
    keeping.make_home(settings.home)
    with postgres.start(settings.home, say=say) as server:
        keeping.make_ready(server, settings.home, say)
        return _supervise(settings, say, server)


def _supervise(settings: Settings, say: Say, server: postgres.Embedded | None) -> int:
    children = [
        Child("project", [sys.executable, "-P", "-m", "api", "project"], dict(os.environ)),
        Child(
            "serve",
            [sys.executable, "-P", "-m", "api", "serve"],
            dict(os.environ),
            ready=lambda: _answers(settings, "/readyz"),
        ),
        Child("seal", [sys.executable, "-P", "-m", "api", "seal"], dict(os.environ)),
    ]
    begun: list[bool] = []

    def each_second() -> None:
        if not begun:  # once: what a killed run left behind has been stopped by now, so the port must be free
            begun.append(True)
            _port_free(settings)
            asyncio.run(_first_facts(settings, say))
        if server is not None:
            server.revive()

    greeting = _Greeting(settings, say)
    try:
        return supervise(
            children,
            pidfile=settings.home / "run.pid",
            logs=settings.home / "logs",
            say=say,
            on_ready=greeting.start,
            each_second=each_second,
        )
    finally:
        greeting.stop()


async def _first_facts(settings: Settings, say: Say) -> None:
    """The ledger opened and the rulebook adopted; with the development issuer, its director appointed if nobody is."""
    director = example.DEVELOPMENT_DIRECTOR if settings.development else None
    await keeping.init(settings, director, say, only_the_first=True)


class _Greeting:
    """Loads the example where it may, then says what to open: beside the supervisor, and stopped with it."""

    def __init__(self, settings: Settings, say: Say) -> None:
        self._settings, self._say = settings, say
        self._loading: subprocess.Popen[bytes] | None = None
        self._stopped = False
        self._thread = threading.Thread(target=self._work, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End what is being loaded: the next start completes it."""
        self._stopped = True
        if self._loading and self._loading.poll() is None:
            self._loading.terminate()
            self._loading.wait()
        if self._thread.is_alive():
            self._thread.join(5)

    def _work(self) -> None:
        script = EXAMPLES / f"{self._settings.example}.py"
        if self._settings.development and (self._settings.example is None or script.exists()):
            self._example(script)
        if not self._stopped:
            _welcome(self._settings, self._say)

    def _example(self, script: Path) -> None:
        settings = self._settings
        origin, wanted = asyncio.run(_example_wanted(settings))
        if not wanted:
            if not example.is_complete(settings, origin):
                example.write_roles(settings, [example.DIRECTOR])
            return
        self._say("载入示例 · loading the example …")
        # In a session of its own: Ctrl-C in the terminal reaches the supervisor, which then ends it.
        command = [sys.executable, str(script)]
        self._loading = subprocess.Popen(command, env=dict(os.environ), start_new_session=True)  # noqa: S603  our own
        if self._stopped:
            self._loading.terminate()
        if self._loading.wait() == 0:
            example.note_complete(settings, origin)
        elif not self._stopped:
            example.write_roles(settings, [example.DIRECTOR])
            self._say(
                "示例未载完，见上；下次启动接着载 · the example is not complete, see above; the next start goes on"
            )


async def _example_wanted(settings: Settings) -> tuple[str, bool]:
    """The ledger's origin, and whether the example is to be loaded, or completed, there."""
    async with open_ledger(settings) as ledger:
        origin = ledger.keys.origin
        if settings.example is None or not example.was_made_here(settings, origin):
            return origin, False
        return origin, await example.may_be_loaded(ledger, access_to(settings).of("writer"), settings.example)


def _welcome(settings: Settings, say: Say) -> None:
    """What a newcomer needs: the tokens first, for they are long; what to open and what to try last."""
    base = f"http://127.0.0.1:{settings.port}"
    if not settings.development:
        say("")
        say(f"巡查已就绪 · Xuncha is ready: {base}")
        if settings.jwt_issuer and asyncio.run(keeping.director_on_record(settings)) is False:
            # The rest of the surroundings matters as much: without the address it would make a database of its own.
            say("  首任主任尚未登记，请以同样的环境变量运行 · no director is on record; with the same environment run:")
            say(f"    {'' if settings.embedded else 'DATABASE_URL=… '}{_xuncha(settings)} init --office-director SUB")
        elif not settings.jwt_issuer:
            say(
                "  尚无人能登录：请设置 XUNCHA_JWT_ISSUER 与 XUNCHA_JWT_KEYS（JWKS 文件）后重新启动 · "
                "nobody can sign in yet: set both (the keys are a JWKS file) and start again"
            )
        say("  停止 · stop: Ctrl-C")
        return
    known = example.roles(settings)
    say("")
    say("令牌（12 小时）· tokens (12 hours)")
    for role in known:
        say(f"{role.subject}\n  {development_token(settings, role.subject)}")
    say("")
    say("角色 · roles")
    for role in known:
        say(f"  {_padded(role.subject, 22)}{_padded(role.label, 45)}POST /graphql/{role.audience}")
    say(f"  再取令牌 · another token: {_xuncha(settings)} token {known[-1].subject}")
    say("")
    say(f"巡查已就绪，请用浏览器打开 · Xuncha is ready, open in a browser:  {base}/")
    for question, subject, audience, query in TRIED:
        if any(role.subject == subject for role in known):
            say(f"试一试 · try: {question}")
            say(f"\n{_line_to_try(settings, f'{base}/graphql/{audience}', subject, query)}\n")
    say("停止 · stop: Ctrl-C")


def _line_to_try(settings: Settings, endpoint: str, subject: str, query: str) -> str:
    """One line for a shell in the clone. Without curl, the interpreter that is here asks as well."""
    python = shlex.quote(_here(sys.executable))
    asked = json.dumps({"query": query})
    bearer = f'"Authorization: Bearer $({_xuncha(settings)} token {subject})"'
    if shutil.which("curl"):
        json_type = "'Content-Type: application/json'"
        ask = f"curl -s {endpoint} -H {bearer} -H {json_type} -d '{asked}'"
    else:
        code = (
            "import sys, urllib.request as u; "
            'name, value = sys.argv[2].split(": "); '
            "print(u.urlopen(u.Request(sys.argv[1], sys.argv[3].encode(), {name: value})).read().decode())"
        )
        ask = f"{python} -c '{code}' {endpoint} {bearer} '{asked}'"
    return f"{ask} | {python} -m json.tool --no-ensure-ascii"


def _xuncha(settings: Settings) -> str:
    """How to call this program from a shell in the present folder."""
    program = shlex.quote(_here(str(Path(sys.executable).with_name("xuncha"))))
    if settings.home == Path(".xuncha").absolute():
        return program
    return f"XUNCHA_HOME={shlex.quote(str(settings.home))} {program}"


def _here(program: str) -> str:
    """A program's path from the present folder where it is inside it."""
    path, folder = Path(program), Path.cwd()
    return str(path.relative_to(folder)) if path.is_relative_to(folder) else program


def _padded(text: str, width: int) -> str:
    """Filled up to so many columns of a terminal, where a Chinese character takes two."""
    columns = sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
    return text + " " * max(1, width - columns)


# --- before the start ------------------------------------------------------------------------------------------


def _left_by_a_run(home: Path) -> bool:
    """Whether a run is at work here, or was killed: its children may have the port. Raises SettingsError."""
    try:
        return (home / "run.pid").exists()
    except OSError as e:
        raise keeping.home_unusable(home, e) from e


def _port_free(settings: Settings, host: str = "127.0.0.1") -> None:
    """Raises SettingsError where another program has the port, or the address is none of this machine's."""
    port = settings.port
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, kind, protocol, _, address = found[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except PermissionError as e:
        raise SettingsError(
            f"端口 {port} 须有特权才能使用：请设 XUNCHA_PORT 为 1024 以上 · port {port} needs privileges: "
            "set XUNCHA_PORT to one from 1024 on"
        ) from e
    except (OSError, UnicodeError) as e:
        why = getattr(e, "strerror", None) or type(e).__name__
        if isinstance(e, OSError) and e.errno == errno.EADDRINUSE:
            raise SettingsError(
                f"端口 {port} 已被占用：请另设 XUNCHA_PORT · port {port} is taken: set XUNCHA_PORT to another ({why})"
            ) from e
        raise SettingsError(
            "不能在此地址监听，请给出本机的地址 · cannot listen at this address, give one of this machine: "
            f"{host} ({why})"
        ) from e


def _await_database(conninfo: str) -> None:
    """Wait for a server that is starting or recovering. Raises psycopg.OperationalError when it does not answer."""
    end = time.monotonic() + _DATABASE_WITHIN_SECONDS
    while True:
        try:
            psycopg.connect(conninfo, connect_timeout=5).close()
            return
        except psycopg.OperationalError:
            if time.monotonic() > end:
                raise
        time.sleep(0.1)


def _answers(settings: Settings, path: str) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{settings.port}{path}", timeout=1) as answer:
            return bool(answer.status == 200)
    except (OSError, HTTPException):
        return False
