"""Files that are there after a crash, whole, and open to nobody else."""

import os
from pathlib import Path


def sync(path: Path) -> None:
    """What a file holds, or the names in a folder, on disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_new(path: Path, text: str) -> None:
    """A file that was not there. Raises FileExistsError."""
    with os.fdopen(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600), "w", encoding="utf-8") as f:
        f.write(text)
        f.flush()
        os.fsync(f.fileno())
    sync(path.parent)


def write_private(path: Path, text: str) -> None:
    """A file in the place of what was there: the old or the new after a crash, never a part."""
    scratch = path.with_suffix(".new")
    scratch.unlink(missing_ok=True)  # one left by a crash may be open to others
    write_new(scratch, text)
    scratch.replace(path)
    sync(path.parent)
