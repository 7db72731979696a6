"""Files only their owner may read: the lock, the logs, small files written whole or not at all."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from embedded.errors import EmbeddedError, HomeInUse

LOG_LIMIT = 10 * 1024 * 1024  # bytes; a larger log is set aside when it is next opened


class Lock:
    """A lock on one file, held until `release` or the end of this process, however it ends.

    The kernel frees it on kill −9. The descriptor is closed on exec (Python's default), so no server or child
    started under the lock goes on holding it.
    """

    def __init__(self, path: Path) -> None:
        """Take the lock at once or raise `HomeInUse`, naming the folder and the process that has it."""
        try:
            self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        except OSError as error:
            raise EmbeddedError(
                f"无法打开锁文件 {path}：请检查文件夹的所有者和权限 · "
                f"Cannot open the lock file {path}: check the folder's owner and mode ({error.strerror})"
            ) from error
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(self._descriptor, 32, 0).decode("ascii", "replace").strip() or "?"
            os.close(self._descriptor)
            raise HomeInUse(
                f"文件夹 {path.parent} 正被进程 {holder} 使用：请先停止它，或另选文件夹 · "
                f"The folder {path.parent} is in use by process {holder}: "
                "stop it first, or choose another folder"
            ) from None
        except OSError as error:
            os.close(self._descriptor)
            raise EmbeddedError(
                f"{path.parent} 所在的文件系统不支持文件锁：请换用本地磁盘 · "
                f"The file system of {path.parent} has no file locks: use a local disk ({error.strerror})"
            ) from error
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, f"{os.getpid()}\n".encode(), 0)

    def release(self) -> None:
        """Let go; a second call does nothing. The file stays: removing it would race with the next holder."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def open_log(path: Path) -> int:
    """Open a log for appending, 0600, and return its descriptor; one over the limit is set aside as `.1`."""
    if path.exists() and path.stat().st_size > LOG_LIMIT:
        path.replace(path.with_name(path.name + ".1"))
    return os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW, 0o600)


def write_private(path: Path, text: str) -> None:
    """Write a file, 0600, whole or not at all: a crash leaves the old content or the new, never a part."""
    new = path.with_name(path.name + ".new")
    new.unlink(missing_ok=True)
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(descriptor)
    new.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make a rename inside the folder durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
