"""The import contracts hold, and each is seen to break on an import planted in a copy of the sources."""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
CONFIG = ROOT / "pyproject.toml"

PLANTED = {
    "rooms": ("domain/facts.py", "import application"),
    "rooms (siblings)": ("projections/rows.py", "import application.acts"),
    "rooms (upwards)": ("application/acts.py", "import api.settings"),
    "domain": ("domain/bodies.py", "import domain.people"),
    "domain (upwards)": ("domain/rulebook/rules/clues.py", "import domain.attempts"),
    "domain (exhaustive)": ("domain/stray.py", "import json"),
    "sealing": ("application/sealing/checking.py", "import application.sealing.sealer"),
    "sealing (exhaustive)": ("application/sealing/stray.py", "import json"),
    "rulebook": ("domain/rulebook/calendars.py", "import domain.rulebook.counting"),
    "rulebook (exhaustive)": ("domain/rulebook/stray.py", "import json"),
    "editions": ("domain/rulebook/editions.py", "import domain.kernel"),
    "pure": ("domain/clues.py", "import psycopg"),
    "eventsourcing": ("application/clues.py", "import eventsourcing.persistence"),
    "eventsourcing (api)": ("api/settings.py", "import eventsourcing"),
    "eventsourcing (views)": ("projections/office.py", "from eventsourcing import domain as library"),
    "graphql": ("application/clues.py", "import strawberry"),
    "graphql (http)": ("projections/office.py", "from fastapi import FastAPI"),
    "embedded": ("embedded/files.py", "import domain.kernel"),
    "embedded (sealed log)": ("embedded/files.py", "import sealedlog.merkle"),
    "sealedlog": ("sealedlog/leaf.py", "import domain.kernel"),
    "sealedlog (outside)": ("sealedlog/verify.py", "import psycopg"),
    "server": ("application/database.py", "import embedded.postgres"),
}


def checked(src: Path, *only: str) -> tuple[int, list[str]]:
    """Run import-linter over a folder of sources under the project's own contracts; the broken ones by name."""
    linter = Path(sys.executable).with_name("lint-imports")
    command = [str(linter), "--config", str(CONFIG), "--no-cache", "--no-logo", *only]
    # From the copy: the folder a check is started in comes first on its path.
    done = subprocess.run(
        command, cwd=src, env={"PYTHONPATH": str(src), "COLUMNS": "400"}, capture_output=True, text=True, check=False
    )
    assert "Contracts: " in done.stdout, done.stdout + done.stderr
    return done.returncode, re.findall(r"^(.*) BROKEN\b", done.stdout, re.MULTILINE)


def contracts() -> dict[str, str]:
    """The name of each contract by its id."""
    found = tomllib.loads(CONFIG.read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    return {contract["id"]: contract["name"] for contract in found}


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the sources, changed and mended by each test."""
    src = tmp_path_factory.mktemp("planted") / "src"
    shutil.copytree(ROOT / "src", src, ignore=shutil.ignore_patterns("__pycache__"))
    return src


def test_the_sources_keep_every_contract(copy: Path) -> None:
    """House: which room may know which."""
    assert checked(copy) == (0, [])


def test_every_contract_has_an_import_planted_against_it() -> None:
    """A check never seen to fail is not a check."""
    assert {planted.partition(" ")[0] for planted in PLANTED} == set(contracts())


@pytest.mark.parametrize("planted", sorted(PLANTED))
def test_a_planted_import_breaks_its_contract_and_no_other(copy: Path, planted: str) -> None:
    """And with the import gone, the copy is as it was."""
    name, statement = PLANTED[planted]
    path = copy / name
    before = path.read_text("utf-8") if path.exists() else None
    path.write_text(f"{before or ''}\n{statement}\n", "utf-8")
    try:
        assert checked(copy) == (1, [contracts()[planted.partition(" ")[0]]])
    finally:
        if before is None:
            path.unlink()
        else:
            path.write_text(before, "utf-8")
