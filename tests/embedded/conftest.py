"""A home for each test, its path short enough for a socket; what a test left running in it is ended."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from embedded import processes


@pytest.fixture
def home() -> Iterator[Path]:
    """A home that does not exist yet, alone in a folder of its own."""
    parent = Path(tempfile.mkdtemp(prefix="xu-"))
    yield parent / "home"
    for folder in (*parent.rglob("data"), *parent.rglob("data.new")):
        processes.end(processes.working_in(folder, ("postgres", "initdb")), patience=0)
    shutil.rmtree(parent)
