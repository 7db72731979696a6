"""The example of `make run`: the roles it brings, and whether a ledger has it or may get it."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from uuid import UUID, uuid5

import psycopg

from api.auth import DEVELOPMENT_ISSUER
from api.settings import Settings
from application.authority import sign_in_of
from application.keeping import FIRST_PERSON
from application.ledger import Ledger
from domain.kernel import NAMESPACE
from domain.people import PEOPLE
from embedded.files import write_private

EXAMPLE = UUID("3b0f7a0e-8a3a-5f57-9a3e-5d0c6f2b7e11")
"""The example's own name: the id of its nth command follows from it, so loading it twice makes nothing new."""

DEVELOPMENT_DIRECTOR = "office-director"


@dataclass(frozen=True)
class Role:
    """Somebody of the example: the `sub` of the token, the audience, and what to call them."""

    subject: str
    audience: str
    label: str


DIRECTOR = Role(DEVELOPMENT_DIRECTOR, "office", "巡查办主任 · office director")


def nth_command(n: int, example: str = "thread") -> UUID:
    """The id an example's nth command is sent with, from 1."""
    return uuid5(EXAMPLE, f"{example}|{n}")


def roles(settings: Settings) -> list[Role]:
    """The roles to try things out with: the example's, or the director alone."""
    try:
        raw = json.loads((settings.development_folder / "roles.json").read_text(encoding="utf-8"))
        return [Role(**role) for role in raw] or [DIRECTOR]
    except (OSError, ValueError, TypeError):
        return [DIRECTOR]


def write_roles(settings: Settings, known: list[Role]) -> None:
    """Where the API and the next start read them. Whole or not at all."""
    settings.development_folder.mkdir(mode=0o700, exist_ok=True)
    text = json.dumps([asdict(role) for role in known], ensure_ascii=False)
    write_private(settings.development_folder / "roles.json", text)


def is_complete(settings: Settings, origin: str) -> bool:
    """Whether the example was loaded to its end into the ledger of this origin."""
    try:
        return (settings.development_folder / "example").read_text(encoding="utf-8").strip() == origin
    except (OSError, ValueError):
        return False


def note_complete(settings: Settings, origin: str) -> None:
    """Remember that this ledger has the whole example."""
    write_private(settings.development_folder / "example", origin + "\n")
    _made_here(settings).unlink(missing_ok=True)


def note_made(settings: Settings, origin: str) -> None:
    """Remember, before its first entry, that the ledger of this origin is made in this home: one that was restored is
    not, and the names its example was loaded under sign in nowhere else."""
    settings.development_folder.mkdir(mode=0o700, exist_ok=True)
    write_private(_made_here(settings), origin + "\n")


def was_made_here(settings: Settings, origin: str) -> bool:
    """Whether this home made the ledger of this origin, and has not completed its example yet."""
    try:
        return _made_here(settings).read_text(encoding="utf-8").strip() == origin
    except (OSError, ValueError):
        return False


def _made_here(settings: Settings) -> Path:
    return settings.development_folder / "made-here"


async def may_be_loaded(ledger: Ledger, conninfo: str, example: str = "thread") -> bool:
    """True for a ledger nobody has worked in, and for one where loading it began before: that is then completed.

    False where anything else is on record: an example never comes into real work. And false where the director is
    not the development one, for then nobody could load it.
    """
    director, _ = await ledger.load(PEOPLE, FIRST_PERSON)
    if director is None or sign_in_of(ledger, DEVELOPMENT_ISSUER, DEVELOPMENT_DIRECTOR) not in director.sign_ins:
        return False
    if await ledger.answered(uuid5(NAMESPACE, f"command|{FIRST_PERSON}|{nth_command(1, example)}")):
        return True
    with psycopg.connect(conninfo) as connection:
        by_a_person = connection.execute(
            "SELECT FROM ledger.entries WHERE convert_from(body, 'UTF8')::jsonb #>> '{stamp,capacity}' <> 'system'"
            " ORDER BY position LIMIT 1"
        ).fetchone()
    return by_a_person is None
