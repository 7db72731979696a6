"""The room imports the standard library, `cryptography` and itself: said the other way round than the contract."""

import ast
import sys
from pathlib import Path

import sealedlog

ALLOWED = {*sys.stdlib_module_names, "cryptography", "sealedlog"}


def test_every_import_is_of_the_standard_library_or_cryptography() -> None:
    """A dependency nobody thought of is not in a list of forbidden ones."""
    found = set()
    for path in Path(sealedlog.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                found |= {name.name.partition(".")[0] for name in node.names}
            elif isinstance(node, ast.ImportFrom):
                found.add((node.module or "").partition(".")[0])
    assert found <= ALLOWED
    assert "cryptography" in found


def test_the_second_verifier_has_no_dependency() -> None:
    """Node's own modules only."""
    text = Path(sealedlog.__file__).with_name("verify.mjs").read_text("utf-8")
    imports = [line for line in text.splitlines() if line.startswith("import ")]
    assert imports
    assert all(' from "node:' in line for line in imports)
    assert "require(" not in text
    assert "import(" not in text
