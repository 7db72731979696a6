"""`xuncha` on the command line. Exit codes: 0 done, 1 not done or tampered, 2 the call was wrong, 3 incomplete."""

import argparse
import asyncio
import io
import os
import re
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from types import FrameType
from typing import Any

import psycopg

from api import checking, keeping, running, sealing
from api.auth import DEVELOPMENT_ISSUER, development_token
from api.settings import SettingsError, read_settings
from api.texts import TEXTS
from application.backups import BackupError
from application.database import DatabaseError
from application.keeping import KeepingError
from application.ledger import Rejected, Unavailable
from application.sealing.errors import SealingError
from application.seals import KeyStoreError
from domain.kernel import Refused, Secret
from domain.rulebook.calendars import EditionError
from embedded.errors import EmbeddedError
from sealedlog.errors import SealedLogError

EXPECTED = (
    BackupError,
    DatabaseError,
    EditionError,
    EmbeddedError,
    KeepingError,
    KeyStoreError,
    SealedLogError,
    SealingError,
    SettingsError,
)

Do = Callable[[argparse.Namespace], int]

ENVIRONMENT = """\
环境变量 · environment:
  XUNCHA_HOME             数据、密钥、口令所在 · data, keys, passwords (.xuncha)
  XUNCHA_PORT             API 端口 · port of the API (8000)
  DATABASE_URL            自备的 PostgreSQL；不设即为试用模式 · a server of your own; without it embedded mode
  XUNCHA_EXAMPLES         空账本载入的示例：0 不载，1、thread、round、pinghu · the example an empty ledger gets (1)
  XUNCHA_ORIGIN           账本的固定名称，首次启动时定；1 至 200 个可见 ASCII 字符，不含空格和 + ·
                          the ledger's name, fixed at first start; 1 to 200 visible ASCII characters, no space, no +
  XUNCHA_MASTER_KEY_FILE  主密钥 · the master key (XUNCHA_HOME/keys/master.key)
  XUNCHA_JWT_ISSUER       登录令牌的签发者 · who issues the sign-in tokens
  XUNCHA_JWT_AUDIENCE     令牌的受众 · their audience (xuncha)
  XUNCHA_JWT_KEYS         签发者公钥 JWKS 文件 · the issuer's public keys, a JWKS file
  XUNCHA_WITNESSES        封存日志的见证：公钥 地址，可有多对 · the log's witnesses: verifier key and address, in pairs

退出码 · exit codes: 0 完成 · done, 1 未能完成、有改动 · could not be done, or tampered, 2 用法有误 · the call was
                    wrong, 3 verify：不完整 · incomplete
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. Raises SystemExit(2) for a wrong call, as argparse does.

    Asked to end by SIGTERM or SIGHUP, it stops what it started as after Ctrl-C, then ends by that signal.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that cannot show Chinese is no reason to fail
    given = _parser().parse_args(arguments)
    with _ended_in_order():
        return _done(given)


@contextmanager
def _ended_in_order() -> Iterator[None]:
    """The first signal to end raises KeyboardInterrupt; further ones do not disturb the stopping."""
    asked: list[int] = []

    def ask(number: int, _frame: FrameType | None) -> None:
        asked.append(number)
        if len(asked) == 1:
            raise KeyboardInterrupt

    before: dict[signal.Signals, Any] = {}
    if threading.current_thread() is threading.main_thread():
        heard = (n for n in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP) if signal.getsignal(n) != signal.SIG_IGN)
        before = {number: signal.signal(number, ask) for number in heard}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        if asked and asked[0] != signal.SIGINT:
            signal.raise_signal(asked[0])


def _done(given: argparse.Namespace) -> int:
    do: Do = given.do
    try:
        return do(given)
    except EXPECTED as e:
        _complain(str(e))
    except Refused as no:
        _complain(f"{no.rule.zh} · {no.rule.en}（第{no.rule.article}条 · Art. {no.rule.article}）")
    except (Unavailable, Rejected) as e:
        _complain(f"账本不可用 · the ledger is not available ({type(e).__name__})")
    except psycopg.OperationalError as e:
        _complain(f"无法连接数据库 · cannot connect to the database: {str(e).strip().partition(chr(10))[0]}")
    except psycopg.Error as e:
        _complain(f"数据库出错 · the database failed: {type(e).__name__}")
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # the reader has gone; nothing more is to be said
    except OSError as e:
        _complain(f"系统不允许 · the system refuses: {e.strerror or type(e).__name__}: {e.filename or ''}")
    except KeyboardInterrupt:
        return 130
    return 1


def _complain(text: str) -> None:
    print(f"xuncha: {text}", file=sys.stderr)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="xuncha",
        description="巡查工作后端 · the backend of inspection work",
        epilog=ENVIRONMENT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND", title="命令 · commands")

    def command(name: str, says: str, do: Do | None) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=says, description=says)
        if do:
            made.set_defaults(do=do)
        return made

    command("run", "启动全部，直到停止 · start PostgreSQL, projector and API, until stopped", _run)
    init = command(
        "init",
        "建数据库角色、模式（schema）、账本，登记首任主任 · make roles, schemas, ledger; the first director, once",
        _init,
    )
    init.add_argument(
        "--office-director", metavar="SUB", help="主任的登录 sub · the director's `sub` at the identity provider"
    )
    serve = command("serve", "运行 API · run the API", lambda a: running.serve(read_settings(), a.host))
    serve.add_argument(
        "--host",
        default="127.0.0.1",
        metavar="ADDRESS",
        help="监听地址，缺省 127.0.0.1 · address to listen at, by default 127.0.0.1",
    )
    command("project", "运行视图更新进程（投影） · run the projector", lambda _: running.project(read_settings()))
    command(
        "check",
        "核对次序、内容、封签、密钥和视图 · check order, content, seals, keys and views",
        lambda _: checking.check(read_settings(), _say),
    )
    rebuild = command("rebuild", "在旁重建视图，完成后换上 · build views anew beside the live ones", _rebuild)
    rebuild.add_argument("views", nargs="*", metavar="VIEW", help="视图名，缺省为全部 · names of views; all by default")
    key = command("key", "列出、销毁密钥 · list or destroy keys", None)
    keys = key.add_subparsers(required=True, metavar="COMMAND", title="命令 · commands")
    says = "列出密钥，不显示密钥本身 · list keys, never the keys themselves"
    listing = keys.add_parser("list", help=says, description=says)
    listing.set_defaults(do=lambda _: keeping.list_keys(read_settings(), _say))
    says = "按决定销毁密钥，不可恢复 · destroy a key, by decision; it cannot be undone"
    destroy = keys.add_parser("destroy", help=says, description=says)
    destroy.add_argument("key", metavar="KEY", help="key:…（见 key list · see key list）")
    _takes_a_decision(destroy)
    destroy.set_defaults(
        do=lambda a: keeping.destroy(read_settings(), a.key, a.decided_by, a.decided_on, a.basis, _say)
    )
    _sealing_commands(command)
    schema = command("schema", "写出或核对各受众的 SDL · write or check the SDL files, one for each audience", _schema)
    schema.add_argument("folder", type=Path, metavar="FOLDER", help="SDL 所在文件夹 · the folder of the SDL files")
    schema.add_argument(
        "--check", action="store_true", help="只比较，不同则退出码 1 · compare only; exit 1 if different"
    )
    token = command("token", "试用令牌，仅试用模式 · a development token, embedded mode only", _token)
    token.add_argument("subject", metavar="SUB", help="何人，如 office-director · whose, such as office-director")
    return parser


def _sealing_commands(command: Callable[[str, str, Do | None], argparse.ArgumentParser]) -> None:
    """What is done about the sealed log, backups among it."""
    command("seal", "运行封存进程 · run the sealer", lambda _: running.seal(read_settings()))
    says = "核对账本与封存，或他人交来的文件夹 · check the ledger against its seal, or a folder handed over"
    verify = command("verify", says, _verify)
    verify.add_argument(
        "folder", nargs="?", type=Path, metavar="FOLDER", help="交来的文件夹 · a folder that was handed over"
    )
    verify.add_argument(
        "--policy", type=Path, metavar="FILE", help="信任策略，须另行取得 · the policy, got another way (FOLDER)"
    )
    _takes_checkpoints(verify)
    export = command("export", "交出整个流，附证明 · hand over whole streams with their proofs", _export)
    export.add_argument("folder", type=Path, metavar="FOLDER", help="新文件夹 · a new folder")
    export.add_argument("streams", nargs="+", metavar="STREAM", help="流，如 clue:… · a stream, such as clue:…")
    command(
        "policy",
        "写出信任策略，另行交给核对者 · the policy that whoever checks is given apart",
        lambda _: sealing.policy(read_settings(), _say),
    )
    turn = command(
        "rotate",
        "换签名密钥 · add a new signing key beside the old",
        lambda a: sealing.rotate_key(read_settings(), a.key, _say),
    )
    out = command(
        "retire",
        "停用旧签名密钥，留其公钥 · retire the older signing keys, keep their public halves",
        lambda a: sealing.retire_keys(read_settings(), a.key, _say),
    )
    for each in (turn, out):
        each.add_argument("key", choices=("writer", "log"), help="写入者的或日志的 · the writers' or the log's")
    witness = command("witness", "运行见证 · run a witness, on another machine", _witness)
    witness.add_argument("folder", type=Path, metavar="FOLDER", help="其密钥与所见 · its key and what it has seen")
    witness.add_argument("--name", required=True, help="见证的名称 · its name, such as witness.example")
    witness.add_argument(
        "--log", action="append", required=True, metavar="KEY", help="日志公钥，见 policy · a log's key, see policy"
    )
    witness.add_argument("--host", default="127.0.0.1", metavar="ADDRESS", help="监听地址 · address to listen at")
    witness.add_argument("--port", type=int, default=8100, metavar="PORT", help="端口 · port (8100)")
    backup = command("backup", "备份：账本与密钥分开 · back up, ledger and keys apart", _backup)
    backup.add_argument("ledger", type=Path, metavar="LEDGER", help="新文件夹，放账本 · a new folder for the ledger")
    backup.add_argument("keys", type=Path, metavar="KEYS", help="新文件夹，放密钥 · a new folder for the keys")
    restore = command("restore", "恢复到空的 XUNCHA_HOME 与数据库 · restore into an empty home and database", _restore)
    restore.add_argument("ledger", type=Path, metavar="LEDGER", help="账本备份 · the backup of the ledger")
    restore.add_argument("keys", type=Path, metavar="KEYS", help="密钥备份 · the backup of the keys")
    _takes_checkpoints(restore)
    says = "旧备份所缺，由主任决定并记入账本 · put on record that an older backup was restored"
    older = command("restored", says, _restored)
    older.add_argument(
        "checkpoint", type=Path, metavar="CHECKPOINT", help="所缺部分的封存点 · the checkpoint of what is lost"
    )
    _takes_a_decision(older)


def _takes_a_decision(command: argparse.ArgumentParser) -> None:
    """Who decided, when, and the decision's reference."""
    command.add_argument(
        "--decided-by",
        required=True,
        metavar="PERSON",
        help="决定人 person:…，由 /graphql/office 的 { me { person } } 或 people 查得 · who decided, person:… as "
        "/graphql/office gives it, { me { person } } or people",
    )
    command.add_argument(
        "--decided-on", required=True, type=_date, metavar="YYYY-MM-DD", help="决定日期 · day of the decision"
    )
    command.add_argument(
        "--basis", required=True, type=_reference, metavar="REFERENCE", help="决定文号 · reference of the decision"
    )


def _takes_checkpoints(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--checkpoint",
        action="append",
        type=Path,
        default=[],
        metavar="FILE",
        help="另处所存的封存点 · a checkpoint known from elsewhere",
    )


def _say(line: str) -> None:
    print(line, flush=True)


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
            raise argparse.ArgumentTypeError(f"没有这一天 · there is no such day: {text}") from None
        raise argparse.ArgumentTypeError("日期格式为 YYYY-MM-DD · a date is written YYYY-MM-DD") from None


def _reference(text: str) -> str:
    try:
        Secret(text)
    except ValueError as e:
        raise argparse.ArgumentTypeError(" · ".join(TEXTS[str(e)])) from None
    return text


def _run(_: argparse.Namespace) -> int:
    return running.run(read_settings(), _say)


def _init(given: argparse.Namespace) -> int:
    return keeping.make(read_settings(), given.office_director, _say)


def _rebuild(given: argparse.Namespace) -> int:
    return keeping.rebuild(read_settings(), given.views, _say)


def _verify(given: argparse.Namespace) -> int:
    if given.folder is None:
        return sealing.verify(read_settings(), given.checkpoint, _say)
    if given.policy is None:
        _complain("须以 --policy 给出信任策略 · give the policy with --policy")
        return 2
    return sealing.verify_folder(given.folder, given.policy, _say)


def _export(given: argparse.Namespace) -> int:
    return sealing.export(read_settings(), given.folder, given.streams, _say)


def _witness(given: argparse.Namespace) -> int:
    return sealing.witness(given.folder, given.name, given.log, given.host, given.port, _say)


def _backup(given: argparse.Namespace) -> int:
    return sealing.backup(read_settings(), given.ledger, given.keys, _say)


def _restore(given: argparse.Namespace) -> int:
    return sealing.restore(read_settings(), given.ledger, given.keys, given.checkpoint, _say)


def _restored(given: argparse.Namespace) -> int:
    return sealing.restored(read_settings(), given.checkpoint, given.decided_by, given.decided_on, given.basis, _say)


def _schema(given: argparse.Namespace) -> int:
    from api.app import SCHEMAS  # noqa: PLC0415  GraphQL takes a second to load; few commands need it

    if given.check and not given.folder.is_dir():
        _complain(f"没有这个文件夹 · the folder is missing: {given.folder}")
        return 1
    wrong = []
    for audience, (_, schema) in SCHEMAS.items():
        path, text = given.folder / f"{audience}.graphql", schema.as_str() + "\n"
        if not given.check:
            given.folder.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        elif not path.exists():
            wrong.append(f"缺 SDL，请运行 xuncha schema · is missing, run xuncha schema: {path}")
        elif path.read_text(encoding="utf-8") != text:
            wrong.append(f"SDL 与代码不同，请运行 xuncha schema · differs from the code, run xuncha schema: {path}")
    for fault in wrong:
        _complain(fault)
    return 1 if wrong else 0


def _token(given: argparse.Namespace) -> int:
    settings = read_settings()
    if not settings.development:
        raise SettingsError(
            "试用令牌只在试用模式、未设 XUNCHA_JWT_ISSUER 时可用 · development tokens exist in embedded mode only, "
            "without XUNCHA_JWT_ISSUER"
        )
    try:
        made = settings.home.is_dir()
    except OSError as e:
        raise keeping.home_unusable(settings.home, e) from e
    if not made:
        raise SettingsError(
            "请先启动一次（make run）；已启动的，XUNCHA_HOME 是否与启动时相同？· start it once first (make run); if it "
            f"runs, is XUNCHA_HOME what it was started with? {settings.home}"
        )
    print(development_token(settings, given.subject))
    if asyncio.run(keeping.is_linked(settings, DEVELOPMENT_ISSUER, given.subject)) is False:
        _complain(
            "此名还没有归到任何人，令牌暂不能登录 · nobody of this name is linked yet, the token does not sign in: "
            f"{given.subject}"
        )
    return 0
