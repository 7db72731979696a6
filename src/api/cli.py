"""`xuncha` on the command line. Exit codes: 0 done, 1 it could not be done, 2 the call was wrong."""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from api import keeping, running
from api.auth import development_token
from api.settings import SettingsError, read_settings
from application.database import DatabaseError
from application.keeping import KeepingError
from application.ledger import Unavailable
from application.seals import KeyStoreError
from domain.rulebook.calendars import EditionError
from embedded.errors import EmbeddedError

EXPECTED = (DatabaseError, EditionError, EmbeddedError, KeepingError, KeyStoreError, SettingsError)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. Raises SystemExit(2) for a wrong call, as argparse does."""
    parser = _parser()
    given = parser.parse_args(arguments)
    try:
        return int(given.do(given) or 0)
    except EXPECTED as e:
        print(f"xuncha: {e}", file=sys.stderr)
        return 1
    except Unavailable:
        print("xuncha: 账本不可用 · the ledger is not available", file=sys.stderr)
        return 1
    except OSError as e:
        print(f"xuncha: {e.strerror or type(e).__name__}: {e.filename or ''}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="xuncha",
        description="巡查工作后端 · the backend of inspection work",
        epilog="环境变量 · environment: "
        "XUNCHA_HOME, XUNCHA_PORT, DATABASE_URL, XUNCHA_EXAMPLES, XUNCHA_ORIGIN, XUNCHA_MASTER_KEY_FILE, "
        "XUNCHA_JWT_ISSUER, XUNCHA_JWT_AUDIENCE, XUNCHA_JWT_KEYS",
    )
    commands = parser.add_subparsers(required=True, metavar="command")

    def command(name: str, help: str, do: Any) -> argparse.ArgumentParser:  # noqa: A002  argparse's own word
        made = commands.add_parser(name, help=help, description=help)
        made.set_defaults(do=do)
        return made

    command(
        "run",
        "启动全部 · start PostgreSQL, projector and API, until stopped",
        lambda a: running.run(read_settings(), _say),
    )
    init = command("init", "建账本，登记首任主任 · make roles, schema and ledger; the first appointment, once", _init)
    init.add_argument(
        "--office-director", metavar="SUB", help="主任的登录 sub · the director's `sub` at the identity provider"
    )
    command("serve", "运行 API · run the API", lambda a: running.serve(read_settings()))
    command("project", "运行投影 · run the projector", lambda a: running.project(read_settings()))
    command(
        "check",
        "核对密封、次序和视图 · check order, seals, keys and views",
        lambda a: keeping.check(read_settings(), _say),
    )
    rebuild = command("rebuild", "重建视图 · drop views and replay them from the ledger", _rebuild)
    rebuild.add_argument("views", nargs="*", metavar="VIEW", help="视图名，缺省为全部 · names of views; all by default")
    key = command("key", "密钥 · list or destroy keys", None)
    keys = key.add_subparsers(required=True, metavar="command")
    listing = keys.add_parser("list", help="列出密钥 · list keys, never the keys themselves")
    listing.set_defaults(do=lambda a: keeping.list_keys(read_settings(), _say))
    destroy = keys.add_parser("destroy", help="按决定销毁密钥 · destroy a key, by decision; it cannot be undone")
    destroy.add_argument("key", metavar="KEY", help="key:…（见 key list · see key list）")
    destroy.add_argument(
        "--decided-on", required=True, type=_date, metavar="YYYY-MM-DD", help="决定日期 · day of the decision"
    )
    destroy.add_argument("--basis", required=True, metavar="文号", help="决定文号 · reference of the decision")
    destroy.set_defaults(do=lambda a: keeping.destroy(read_settings(), a.key, a.decided_on, a.basis, _say))
    schema = command("schema", "各受众的 SDL · print, write or check the SDL files", _schema)
    schema.add_argument("folder", type=Path, metavar="FOLDER")
    schema.add_argument("--check", action="store_true", help="只比较 · compare only; exit 1 where they differ")
    token = command("token", "开发用令牌（仅嵌入模式）· a development token, embedded mode only", _token)
    token.add_argument("subject", metavar="SUB")
    return parser


def _say(line: str) -> None:
    print(line, flush=True)


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError("日期格式为 YYYY-MM-DD · a date is written YYYY-MM-DD") from None


def _init(given: argparse.Namespace) -> int:
    return asyncio.run(keeping.init(read_settings(), given.office_director, _say))


def _rebuild(given: argparse.Namespace) -> int:
    return keeping.rebuild(read_settings(), given.views, _say)


def _schema(given: argparse.Namespace) -> int:
    from api.app import SCHEMAS

    wrong = []
    for audience, (_, schema) in SCHEMAS.items():
        path, text = given.folder / f"{audience}.graphql", schema.as_str() + "\n"
        if given.check:
            if not path.exists() or path.read_text(encoding="utf-8") != text:
                wrong.append(str(path))
        else:
            given.folder.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
    for path in wrong:
        print(
            f"xuncha: SDL 与代码不同，请运行 xuncha schema · differs from the code, run xuncha schema: {path}",
            file=sys.stderr,
        )
    return 1 if wrong else 0


def _token(given: argparse.Namespace) -> int:
    settings = read_settings()
    if not settings.embedded:
        raise SettingsError("开发用令牌只在嵌入模式可用 · development tokens exist in embedded mode only")
    print(development_token(settings, given.subject))
    return 0
