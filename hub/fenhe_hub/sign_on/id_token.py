"""An ID token (OpenID Connect Core 3.1.3.7), signed with RS256 or ES256, judged. Pure.

`read_id_token` believes nothing that is not signed by a key of the provider's, for us, now, and in
answer to our own question.
"""

import binascii
from base64 import urlsafe_b64decode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from fenhe_protocol.errors import RequestError

MOST_CHARACTERS = 32 * 1024
MOST_KEYS = 50
SKEW_SECONDS = 60
_LEAST_BITS, _MOST_BITS = 2048, 8192
_ES256_BYTES = 64


@dataclass(frozen=True, slots=True)
class Expected:
    """What a token must say. `now` is POSIX seconds."""

    issuer: str
    client_id: str
    nonce: str
    now: int


def read_id_token(
    token: str, keys: Sequence[Mapping[str, Any]], expected: Expected
) -> Mapping[str, Any]:
    """The claims; `keys` are the JWKs of the provider. RequestError 403 `sign_on.token`."""
    if len(token) > MOST_CHARACTERS or token.count(".") != 2:
        raise _refused("form")
    signed, _, signature = token.rpartition(".")
    head, _, body = signed.partition(".")
    header, claims = _object(head), _object(body)
    if not _is_signed(header, signed.encode(), _bytes(signature), keys):
        raise _refused("signature")
    _check(claims, expected)
    return claims


def _is_signed(
    header: Mapping[str, Any],
    signed: bytes,
    signature: bytes,
    keys: Sequence[Mapping[str, Any]],
) -> bool:
    """Whether one of the keys that are meant signed it; a key is used as its own type alone."""
    wanted, algorithm = header.get("kid"), header.get("alg")
    if "crit" in header:
        return False
    for key in keys[:MOST_KEYS]:
        is_meant = wanted is None or key.get("kid") == wanted
        if not is_meant or key.get("use", "sig") != "sig":
            continue
        if key.get("alg", algorithm) == algorithm and _fits(key, algorithm, signed, signature):
            return True
    return False


def _fits(key: Mapping[str, Any], algorithm: object, signed: bytes, signature: bytes) -> bool:
    try:
        if algorithm == "RS256" and key.get("kty") == "RSA":
            _rsa(key).verify(signature, signed, padding.PKCS1v15(), SHA256())
        elif algorithm == "ES256" and key.get("kty") == "EC" and key.get("crv") == "P-256":
            if len(signature) != _ES256_BYTES:
                return False
            r, s = (int.from_bytes(signature[at : at + 32], "big") for at in (0, 32))
            _ec(key).verify(encode_dss_signature(r, s), signed, ec.ECDSA(SHA256()))
        else:
            return False
    except (InvalidSignature, ValueError):
        return False
    return True


def _rsa(key: Mapping[str, Any]) -> rsa.RSAPublicKey:
    modulus, exponent = _number(key.get("n")), _number(key.get("e"))
    if not _LEAST_BITS <= modulus.bit_length() <= _MOST_BITS or exponent.bit_length() > 32:
        raise ValueError("size of the key")
    return rsa.RSAPublicNumbers(exponent, modulus).public_key()


def _ec(key: Mapping[str, Any]) -> ec.EllipticCurvePublicKey:
    numbers = ec.EllipticCurvePublicNumbers(
        _number(key.get("x")), _number(key.get("y")), ec.SECP256R1()
    )
    return numbers.public_key()


def _check(claims: Mapping[str, Any], expected: Expected) -> None:
    """Issuer, audience, time and nonce, as they were asked for."""
    audience = claims.get("aud")
    several = audience if isinstance(audience, list) else [audience]
    by_whom = claims.get("azp", expected.client_id)
    wrong = {
        "iss": claims.get("iss") != expected.issuer,
        "aud": expected.client_id not in several or by_whom != expected.client_id,
        "exp": not _time(claims, "exp") + SKEW_SECONDS > expected.now,
        "iat": not 0 < _time(claims, "iat") <= expected.now + SKEW_SECONDS,
        "nonce": claims.get("nonce") != expected.nonce,
    }
    for name, is_wrong in wrong.items():
        if is_wrong:
            raise _refused(name)


def _time(claims: Mapping[str, Any], name: str) -> float:
    found = claims.get(name)
    is_number = isinstance(found, int | float) and not isinstance(found, bool)
    return float(found) if is_number and found is not None else 0.0


def _object(part: str) -> Mapping[str, Any]:
    try:
        found = orjson.loads(_bytes(part))
    except ValueError as error:
        raise _refused("form") from error
    if not isinstance(found, dict):
        raise _refused("form")
    return found


def _bytes(part: str) -> bytes:
    try:
        raw = part.encode("ascii")
        return urlsafe_b64decode(raw + b"=" * (-len(raw) % 4))
    except (UnicodeEncodeError, binascii.Error) as error:
        raise _refused("form") from error


def _number(text: object) -> int:
    if not isinstance(text, str) or not text.isascii() or len(text) > 2048:
        raise ValueError("no number")
    return int.from_bytes(urlsafe_b64decode(text + "=" * (-len(text) % 4)), "big")


def _refused(where: str) -> RequestError:
    return RequestError("sign_on.token", status=403, where=where)
