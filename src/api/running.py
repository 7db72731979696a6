"""The processes: serve, project, and `run`, which starts PostgreSQL and both and keeps them alive."""

import asyncio
import json
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

import psycopg
import uvicorn
from psycopg import sql

from api import keeping
from api.app import make_app
from api.auth import development_token, verifier_for
from api.composition import VIEWS, read_rulebook
from api.settings import Settings, SettingsError
from application.database import load_access, prepare
from embedded import postgres
from embedded.supervisor import Child, supervise
from projections.shelf import Shelf

Say = Callable[[str], None]

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "thread.py"
DATABASE = "xuncha"
FIRST_DIRECTOR = "office-director"


def _logging() -> None:
    """To standard error; the libraries' own chatter, which can quote values, stays out."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    for noisy in ("psycopg", "psycopg.pool", "strawberry", "strawberry.execution", "uvicorn.access"):
        logging.getLogger(noisy).setLevel(logging.CRITICAL)


def serve(settings: Settings) -> int:
    """Run the API until it is stopped. No access log: an address is never kept."""
    _logging()
    config = uvicorn.Config(
        make_app(settings, verifier_for(settings)),
        host="127.0.0.1",
        port=settings.port,
        access_log=False,
        server_header=False,
        date_header=False,
        log_config=None,
        timeout_graceful_shutdown=5,
    )
    server = uvicorn.Server(config)
    server.run()
    return 0 if server.started else 1


def project(settings: Settings) -> int:
    """Run the projector until it is stopped."""
    _logging()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    shelf = Shelf(load_access(settings.home).of("projector"), VIEWS)
    try:
        changed = shelf.prepare()
        if changed:
            logging.getLogger("xuncha.shelf").info("building %d views", len(changed))
        shelf.run(stop)
    finally:
        shelf.close()
    return 0


def run(settings: Settings, say: Say) -> int:
    """Start everything, keep it alive, stop it in order. First start makes all that is missing."""
    _writable(settings.home)
    read_rulebook()  # a fault in it is named before anything is started
    if not settings.embedded:
        return _supervise(settings, say, None)
    with postgres.start(settings.home, say=say) as server:
        _make_database(server.dsn())
        prepare(server.dsn(dbname=DATABASE), settings.home, say)
        return _supervise(settings, say, server)


def _supervise(settings: Settings, say: Say, server: postgres.Embedded | None) -> int:
    children = [
        Child("project", [sys.executable, "-m", "api", "project"], dict(os.environ)),
        Child(
            "serve",
            [sys.executable, "-m", "api", "serve"],
            dict(os.environ),
            ready=lambda: _answers(settings, "/readyz"),
        ),
    ]

    begun: list[bool] = []

    def each_second() -> None:
        if not begun:  # once: what a killed run left behind has been stopped by now, so the port must be free
            begun.append(True)
            _port_free(settings)
            asyncio.run(keeping.init(settings, FIRST_DIRECTOR if settings.embedded else None, say))
        if server is not None:
            server.revive()

    return supervise(
        children,
        pidfile=settings.home / "run.pid",
        logs=settings.home / "logs",
        say=say,
        on_ready=lambda: _ready(settings, say),
        each_second=each_second,
    )


def _ready(settings: Settings, say: Say) -> None:
    """Load the example into an empty embedded ledger, in a thread, and say what to open."""

    def work() -> None:
        if settings.embedded and settings.examples and not (settings.development_folder / "roles.json").exists():
            say("载入示例 · loading the example …")
            done = subprocess.run(  # noqa: S603  our own script, by our own interpreter
                [sys.executable, str(EXAMPLE)], env=dict(os.environ), check=False
            )
            if done.returncode:
                say("示例未能载入，见上 · the example could not be loaded, see above")
        _welcome(settings, say)

    threading.Thread(target=work, daemon=True).start()


def _welcome(settings: Settings, say: Say) -> None:
    base = f"http://127.0.0.1:{settings.port}"
    say("")
    say(f"巡查已就绪 · Xuncha is ready: {base}")
    if not settings.embedded:
        if not settings.jwt_issuer:
            say("未设置登录：请给出 XUNCHA_JWT_ISSUER 与 XUNCHA_JWT_KEYS · nobody can sign in yet: set both")
        return
    say(f"  浏览器打开 · open in a browser: {base}/")
    say("  令牌（12 小时）· tokens (12 hours):")
    for role in _roles(settings):
        say(f"    {role['label']}  →  POST {base}/graphql/{role['audience']}")
        say(f"      {development_token(settings, role['subject'])}")
    say("  试一试 · try: 接收移交的单位何时须答复、为什么 · when must the organ answer, and why")
    say(f"    TOKEN=$(.venv/bin/xuncha token {_last_subject(settings)})")
    say(
        f'    curl -s {base}/graphql/{_last_audience(settings)} -H "Authorization: Bearer $TOKEN" '
        "-H 'Content-Type: application/json' -d '{\"query\":\"" + _query(settings) + "\"}'"
    )
    say("  停止 · stop: Ctrl-C")


def _roles(settings: Settings) -> list[dict[str, str]]:
    path = settings.development_folder / "roles.json"
    if path.exists():
        roles: list[dict[str, str]] = json.loads(path.read_text(encoding="utf-8"))
        return roles
    return [{"subject": FIRST_DIRECTOR, "audience": "office", "label": "巡查办主任 · office director"}]


def _last_subject(settings: Settings) -> str:
    return _roles(settings)[-1]["subject"]


def _last_audience(settings: Settings) -> str:
    return _roles(settings)[-1]["audience"]


def _query(settings: Settings) -> str:
    if _last_audience(settings) == "organ":
        return "{ transfers { items { status answerDue { dueOn state why } } } }"
    return "{ bodies { items { id name { text } } } }"


# --- before the start ------------------------------------------------------------------------------------------


def _writable(home: Path) -> None:
    """Raises SettingsError where the home cannot be made or written to."""
    try:
        home.mkdir(mode=0o700, exist_ok=True)
        probe = home / f".probe-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as e:
        raise SettingsError(
            f"XUNCHA_HOME 不可写 · cannot be written to: {home}: {e.strerror}；"
            "请换一个文件夹或者改权限 · choose another folder or change its permissions"
        ) from e


def _port_free(settings: Settings) -> None:
    """Raises SettingsError where another program has the port."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", settings.port))
        except OSError as e:
            raise SettingsError(
                f"端口 {settings.port} 已被占用：请另设 XUNCHA_PORT · port {settings.port} is taken: set XUNCHA_PORT"
            ) from e


def _make_database(admin: str) -> None:
    with psycopg.connect(admin, autocommit=True) as connection:
        row = connection.execute("SELECT FROM pg_database WHERE datname = %s", (DATABASE,)).fetchone()
        if row is None:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))


def _answers(settings: Settings, path: str) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{settings.port}{path}", timeout=1) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
