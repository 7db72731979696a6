"""The environment, read once and only here."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import TypeAdapter, ValidationError

from domain.keeping import Origin
from sealedlog.errors import SealedLogError
from sealedlog.notes import VerifierKey


class SettingsError(Exception):
    """A setting cannot be used; the message names it and says what to do."""


@dataclass(frozen=True)
class Settings:
    """What the environment says. `embedded` is true where no DATABASE_URL points at a server."""

    home: Path
    port: int
    database_url: str | None
    example: str | None
    origin: str | None
    master_key_file: Path
    jwt_issuer: str | None
    jwt_audience: str
    jwt_keys: Path | None
    witnesses: tuple[tuple[str, str], ...]
    """Verifier key and address of each witness."""

    @property
    def embedded(self) -> bool:
        return self.database_url is None

    @property
    def development(self) -> bool:
        """Whether tokens of our own issuing are good here: embedded, and no identity provider given."""
        return self.embedded and self.jwt_issuer is None

    @property
    def keys_folder(self) -> Path:
        return self.home / "keys"

    @property
    def seal_folder(self) -> Path:
        """The blinding secret, the writers' and the log's keys."""
        return self.home / "seal"

    @property
    def log_folder(self) -> Path:
        """The sealed log as files; it holds nothing that may not be shown."""
        return self.home / "log"

    @property
    def development_folder(self) -> Path:
        return self.home / "development"


def read_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """Raises SettingsError naming the variable and its value's fault."""
    home = Path(environment.get("XUNCHA_HOME") or ".xuncha").expanduser().absolute()
    issuer, keys = environment.get("XUNCHA_JWT_ISSUER"), environment.get("XUNCHA_JWT_KEYS")
    if bool(issuer) != bool(keys):
        raise SettingsError("XUNCHA_JWT_ISSUER 与 XUNCHA_JWT_KEYS 须同时给出 · must be given together")
    return Settings(
        home=home,
        port=_port(environment.get("XUNCHA_PORT") or "8000"),
        database_url=environment.get("DATABASE_URL") or None,
        example=_example(environment.get("XUNCHA_EXAMPLES") or "1"),
        origin=_origin(environment.get("XUNCHA_ORIGIN") or None),
        master_key_file=Path(environment.get("XUNCHA_MASTER_KEY_FILE") or home / "keys" / "master.key"),
        jwt_issuer=issuer or None,
        jwt_audience=environment.get("XUNCHA_JWT_AUDIENCE") or "xuncha",
        jwt_keys=Path(keys) if keys else None,
        witnesses=_witnesses(environment.get("XUNCHA_WITNESSES") or ""),
    )


EXAMPLES = ("thread", "round", "pinghu")
"""What can be loaded into an empty embedded ledger: scripts in `examples/`."""


def _example(text: str) -> str | None:
    if text == "0":
        return None
    if text == "1":
        return EXAMPLES[0]
    if text not in EXAMPLES:
        raise SettingsError(
            f"XUNCHA_EXAMPLES 须为 0、1 或者示例名 · must be 0, 1 or one of {', '.join(EXAMPLES)}: {text[:40]!r}"
        )
    return text


def _port(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 65535:
        raise SettingsError(f"XUNCHA_PORT 须为 1 至 65535 的整数 · must be a number from 1 to 65535: {text[:40]!r}")
    return int(text)


def _witnesses(text: str) -> tuple[tuple[str, str], ...]:
    """Pairs of verifier key and address, apart by spaces."""
    words = text.split()
    pairs = tuple(zip(words[::2], words[1::2], strict=False))
    try:
        if len(words) % 2 or any(not _address(url) for _, url in pairs):
            raise ValueError
        for key, _ in pairs:
            VerifierKey.parse(key)
    except (ValueError, SealedLogError) as e:
        raise SettingsError(
            "XUNCHA_WITNESSES 须为“公钥 地址”，可有多对，以空格分开 · must be pairs of verifier key and address, "
            "apart by "
            f"spaces: {e}"
        ) from None
    return pairs


def _address(url: str) -> bool:
    """Whether a witness can be asked there. Raises ValueError for a port that is none."""
    parts = urlsplit(url)
    return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0


def _origin(text: str | None) -> str | None:
    if text is None:
        return None
    try:
        return TypeAdapter(Origin).validate_python(text)
    except ValidationError:
        raise SettingsError(
            "XUNCHA_ORIGIN 须为 1 至 200 个可见的 ASCII 字符，不含空格和 + · "
            f"must be 1 to 200 visible ASCII characters, no space and no +: {text[:40]!r}"
        ) from None
