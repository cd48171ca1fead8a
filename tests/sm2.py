"""SM2 for tests: by hand from GB/T 32918.2, and the library that signs if this machine has it.

What is done by hand shares nothing with libcrypto but SM3, and takes the number k that a signer has
to draw: with it, a signature is what the standard's own example says.
"""

import hashlib
import json
from functools import cache
from typing import Any

from cryptography.hazmat.primitives import hashes

from fenhe_client.keys.libcrypto import Libcrypto, libcrypto
from fenhe_protocol.errors import SetupError
from tests.vectors import SM2_SM3, need
from tests.wanting import wanting

P = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
A = P - 3
B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
N = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
G = (
    0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
    0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0,
)
ID = b"1234567812345678"
SECRET = bytes(range(1, 33))

Point = tuple[int, int] | None


def sm2_vectors() -> dict[str, Any]:
    """The values of `sm2_sm3.json`, or the test that asks is skipped."""
    known: dict[str, Any] = json.loads(need(SM2_SM3 / "sm2_sm3.json").read_text("utf-8"))
    return known


def need_libcrypto() -> Libcrypto:
    """The library, or the test that asks is skipped."""
    try:
        return libcrypto()
    except SetupError as error:
        wanting("sm2", str(error))


def sm3(data: bytes) -> bytes:
    digest = hashes.Hash(hashes.SM3())
    digest.update(data)
    return digest.finalize()


@cache
def public_of(secret: bytes) -> bytes:
    return _written(_times(int.from_bytes(secret), G))


def sign(secret: bytes, message: bytes, k: int | None = None, hashed: bytes | None = None) -> bytes:
    """The signature by the number k, or by one that follows from key and message.

    `hashed`: what to sign in place of the digest of Z_A and message.
    """
    if k is None:
        k = int.from_bytes(hashlib.sha256(secret + message).digest()) % (N - 1) + 1
    d, point = int.from_bytes(secret), _times(k, G)
    assert point is not None
    digest = int.from_bytes(hashed) if hashed else _hashed(public_of(secret), message)
    r = (digest + point[0]) % N
    s = pow(1 + d, -1, N) * (k - r * d) % N
    assert r and s and r + k != N
    return r.to_bytes(32) + s.to_bytes(32)


def verify(public: bytes, signature: bytes, message: bytes) -> bool:
    r, s = int.from_bytes(signature[:32]), int.from_bytes(signature[32:])
    if not (1 <= r < N and 1 <= s < N) or (r + s) % N == 0:
        return False
    key = int.from_bytes(public[1:33]), int.from_bytes(public[33:])
    point = _plus(_times(s, G), _times((r + s) % N, key))
    return point is not None and (_hashed(public, message) + point[0]) % N == r


def _hashed(public: bytes, message: bytes) -> int:
    curve = b"".join(number.to_bytes(32) for number in (A, B, *G))
    z = sm3((8 * len(ID)).to_bytes(2) + ID + curve + public[1:])
    return int.from_bytes(sm3(z + message))


def _times(count: int, point: Point) -> Point:
    total: Point = None
    while count:
        if count & 1:
            total = _plus(total, point)
        point, count = _plus(point, point), count >> 1
    return total


def _plus(one: Point, other: Point) -> Point:
    if one is None or other is None:
        return one or other
    if one[0] == other[0] and (one[1] + other[1]) % P == 0:
        return None
    if one == other:
        slope = (3 * one[0] ** 2 + A) * pow(2 * one[1], -1, P)
    else:
        slope = (other[1] - one[1]) * pow(other[0] - one[0], -1, P)
    x = (slope * slope - one[0] - other[0]) % P
    return x, (slope * (one[0] - x) - one[1]) % P


def _written(point: Point) -> bytes:
    assert point is not None
    return b"\x04" + point[0].to_bytes(32) + point[1].to_bytes(32)
