"""A home for each test, its path short enough for a socket; what a test left running in it is ended."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from embedded import processes, start


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose database is made and stopped: copying it is quicker than making one."""
    home = tmp_path_factory.mktemp("template") / "home"
    start(home).stop()
    return home


@pytest.fixture
def made(home: Path, template: Path) -> Path:
    """A home whose database is made, and has not been started since."""
    shutil.copytree(template, home)
    return home


@pytest.fixture
def home() -> Iterator[Path]:
    """A home that does not exist yet, alone in a folder of its own."""
    parent = Path(tempfile.mkdtemp(prefix="xu-"))
    yield parent / "home"
    for folder in (*parent.rglob("data"), *parent.rglob("data.new")):
        processes.end(processes.working_in(folder, ("postgres", "initdb")), patience=0)
    shutil.rmtree(parent)
