"""As whom the server runs: PostgreSQL refuses root, and nothing outside the home may change for that."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from embedded.errors import EmbeddedError

_NOBODY = "nobody"


@dataclass(frozen=True)
class Account:
    """How to start a program of the server: words before the command, and the user it becomes, if any."""

    prefix: tuple[str, ...] = ()
    uid: int | None = None
    gid: int | None = None

    def popen(
        self, command: list[str], *, cwd: Path, stdout: int | IO[bytes], extra: dict[str, str] | None = None
    ) -> subprocess.Popen[bytes]:
        """Start the command in a session of its own, so that Ctrl-C in the terminal does not reach it.

        The environment is made anew: the server needs nothing of ours, and what it does not have (a master
        key, PGOPTIONS) it can neither show nor obey.
        """
        keep = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
        environment = {name: os.environ[name] for name in keep if name in os.environ}
        become: dict[str, Any] = {}
        if self.uid is not None and not self.prefix:
            become = {"user": self.uid, "group": self.gid, "extra_groups": []}
        return subprocess.Popen(  # noqa: S603  our own command, no shell
            [*self.prefix, *command],
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=subprocess.STDOUT,
            cwd=cwd,
            env={**environment, "LC_ALL": "C", "TZ": "UTC", **(extra or {})},
            umask=0o077,
            start_new_session=True,
            **become,
        )

    def claim(self, folder: Path) -> None:
        """Give the folder to the user the server becomes; itself last, so that an interruption is redone."""
        if self.uid is None or self.gid is None or folder.stat().st_uid == self.uid:
            return
        for path in [*folder.rglob("*"), folder]:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)

    def can_run(self, program: Path, home: Path) -> bool:
        """Try it: can the program be started, and the home be entered, like this?"""
        command = ["/bin/sh", "-c", 'cd "$1" && exec "$2" --version', "sh", str(home), str(program)]
        try:
            return self.popen(command, cwd=home, stdout=subprocess.DEVNULL).wait(timeout=20) == 0
        except (OSError, subprocess.SubprocessError):
            return False


def choose(program: Path, home: Path, folder: Path) -> Account:
    """The first way that works here. **Raises** EmbeddedError when none does."""
    if os.geteuid() != 0:
        return Account()
    for account in _ways_of_root(home, folder):
        if account.can_run(program, home):
            return account
    raise EmbeddedError(
        f"PostgreSQL 不能以 root 运行，此处也无法以其他用户进入 {home}：请以普通用户运行，或另选文件夹 · "
        f"PostgreSQL does not run as root, and no other user can enter {home} here: "
        "run as an ordinary user, or choose another folder"
    )


def _ways_of_root(home: Path, folder: Path) -> Iterator[Account]:
    """Ways for root, best first.

    1. The folder, or the home, belongs to an ordinary user: as that user, who can then start it later too.
    2. In a user namespace where root appears under another number: files stay root's, no other user is
       needed. Containers often forbid it.
    3. As `nobody`, the folder given to it; if it cannot pass a parent folder or read the wheel, with the one
       capability to do so (no parent's mode is touched). That server may reach what root may reach; so may
       the one of way 2, to whom root's files belong.
    """
    owner = folder.stat().st_uid or home.stat().st_uid
    if not owner:
        unshare = shutil.which("unshare")
        # initdb looks its user up by number: the one it appears under must exist.
        number = next((user.pw_uid for user in pwd.getpwall() if user.pw_uid), None)
        if unshare and number:
            yield Account((unshare, "--user", f"--map-user={number}", f"--map-group={number}", "--"))
    try:
        user = pwd.getpwuid(owner) if owner else pwd.getpwnam(_NOBODY)
    except KeyError:
        return
    yield Account((), user.pw_uid, user.pw_gid)
    if setpriv := shutil.which("setpriv"):
        become = (f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups")
        # initdb looks with access(2), which lays capabilities aside for whoever is not root unless told not to.
        able = ("--inh-caps=+dac_override", "--ambient-caps=+dac_override", "--securebits=+no_setuid_fixup", "--")
        yield Account((setpriv, *become, *able), user.pw_uid, user.pw_gid)
