"""Who signs in: bearer tokens checked, and a development issuer for the embedded mode only.

A token says who somebody is, never what they may do: authority is read from the ledger.
"""

import json
import os
import time
from dataclasses import dataclass
from pathlib import Path

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from api.settings import Settings, SettingsError

ALGORITHMS = ["EdDSA", "RS256"]
LEEWAY_SECONDS = 30
DEVELOPMENT_ISSUER = "xuncha-development"
_TOKEN_HOURS = 12


class Unauthenticated(Exception):
    """No token, or one that does not hold. Why is not said."""


@dataclass(frozen=True)
class SignIn:
    """Who a token says somebody is, and how it was proven."""

    issuer: str
    subject: str
    method: str


class Verifier:
    """Checks a token's signature, issuer, audience and times (with 30 s of leeway)."""

    def __init__(self, issuer: str, audience: str, keys: dict[str | None, jwt.PyJWK]) -> None:
        self._issuer = issuer
        self._audience = audience
        self._keys = keys

    def verify(self, authorization: str | None) -> SignIn:
        """Raises Unauthenticated for anything but a good bearer token."""
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Unauthenticated
        try:
            header = jwt.get_unverified_header(token)
            key = self._keys.get(header.get("kid")) or self._keys.get(None)
            if key is None or header.get("alg") not in ALGORITHMS:
                raise Unauthenticated
            claims = jwt.decode(
                token,
                key,
                algorithms=[header["alg"]],
                issuer=self._issuer,
                audience=self._audience,
                leeway=LEEWAY_SECONDS,
                options={"require": ["exp", "iat", "iss", "aud", "sub"]},
            )
            subject = str(claims["sub"])
            subject.encode()
        except Exception:
            # A token can be anything; whatever it makes fall over in here, it is not a good one.
            raise Unauthenticated from None
        return SignIn(self._issuer, subject, f"jwt:{header['alg']}")


def verifier_for(settings: Settings) -> Verifier | None:
    """The verifier the settings ask for; the development issuer in embedded mode; None where nobody can sign in.

    Raises SettingsError where the keys cannot be read.
    """
    if settings.jwt_issuer and settings.jwt_keys:
        return Verifier(settings.jwt_issuer, settings.jwt_audience, _read_keys(settings.jwt_keys))
    if settings.embedded:
        public = development_key(settings.development_folder).public_key()
        jwk = json.loads(jwt.algorithms.OKPAlgorithm.to_jwk(public))
        return Verifier(DEVELOPMENT_ISSUER, settings.jwt_audience, {None: jwt.PyJWK(jwk, algorithm="EdDSA")})
    return None


def _read_keys(path: Path) -> dict[str | None, jwt.PyJWK]:
    """The public keys of the set. One of another kind is left out: a shared secret is no proof of who signed."""
    try:
        keys = json.loads(path.read_text(encoding="utf-8"))["keys"]
        found = jwt.PyJWKSet([key for key in keys if key["kty"] in ("OKP", "RSA")]).keys
    except (OSError, ValueError, KeyError, TypeError, jwt.PyJWTError) as e:
        raise SettingsError(
            f"XUNCHA_JWT_KEYS 须为 JWKS 文件 · must be a readable JWKS file: {path}: {type(e).__name__}"
        ) from e
    return {key.key_id: key for key in found}


def development_key(folder: Path) -> Ed25519PrivateKey:
    """The development issuer's key, made at first use."""
    path = folder / "issuer.pem"
    if not path.exists():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        pem = Ed25519PrivateKey.generate().private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        scratch = folder / f"issuer.{os.getpid()}"
        with os.fdopen(os.open(scratch, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600), "wb") as f:
            f.write(pem)
        try:
            os.link(scratch, path)  # the first of two processes wins; both then read the same
        except FileExistsError:
            pass
        finally:
            scratch.unlink()
    key = serialization.load_pem_private_key(path.read_bytes(), None)
    if not isinstance(key, Ed25519PrivateKey):
        raise SettingsError(f"不是开发用密钥 · not a development key: {path}")
    return key


def development_token(settings: Settings, subject: str) -> str:
    """A token for somebody of the development issuer, good for twelve hours."""
    now = int(time.time())
    claims = {
        "iss": DEVELOPMENT_ISSUER,
        "aud": settings.jwt_audience,
        "sub": subject,
        "iat": now,
        "exp": now + _TOKEN_HOURS * 3600,
    }
    return jwt.encode(claims, development_key(settings.development_folder), algorithm="EdDSA")
