"""SM2 keys and signatures in the DER that libcrypto reads, and back. Pure.

Our own forms have fixed lengths: a public key is `04 ‖ x ‖ y`, a private key 32 bytes, a signature
`r ‖ s` of 64 bytes; in DER a signature is a sequence of two integers (GM/T 0009).
"""

from fenhe_protocol.second_line import PUBLIC_BYTES, SIGNATURE_BYTES

_CURVE = bytes.fromhex("06082a811ccf5501822d")  # 1.2.156.10197.1.301, sm2p256v1
_PUBLIC_HEAD = bytes.fromhex("3059301306072a8648ce3d0201") + _CURVE + bytes.fromhex("034200")
_PRIVATE_HEAD = bytes.fromhex("30310201010420")
_PRIVATE_TAIL = b"\xa0\x0a" + _CURVE
_ORDER = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
_SEQUENCE, _INTEGER = 0x30, 0x02
_HALF = SIGNATURE_BYTES // 2


def public_to_der(public: bytes) -> bytes:
    """SubjectPublicKeyInfo of a point of 65 bytes."""
    return _PUBLIC_HEAD + public


def public_from_der(der: bytes) -> bytes:
    """The point in it; ValueError where it is no uncompressed point of this curve."""
    public = der.removeprefix(_PUBLIC_HEAD)
    if public_to_der(public) != der or len(public) != PUBLIC_BYTES:
        raise ValueError("no public key of sm2p256v1")
    return public


def private_to_der(secret: bytes) -> bytes:
    """ECPrivateKey without public key of 32 bytes; ValueError beyond 1 … n-2 (GB/T 32918.1)."""
    if not is_private(secret):
        raise ValueError("no private key of sm2p256v1")
    return _PRIVATE_HEAD + secret + _PRIVATE_TAIL


def is_private(secret: bytes) -> bool:
    """Whether these bytes are a private key."""
    return len(secret) == _HALF and 1 <= int.from_bytes(secret) <= _ORDER - 2


def signature_to_der(signature: bytes) -> bytes:
    """The sequence of r and s; ValueError unless it is 64 bytes."""
    if len(signature) != SIGNATURE_BYTES:
        raise ValueError("a signature has 64 bytes")
    return _tagged(_SEQUENCE, _integer(signature[:_HALF]) + _integer(signature[_HALF:]))


def signature_from_der(der: bytes) -> bytes:
    """`r ‖ s` of a sequence of two integers; ValueError for any other encoding of them."""
    at = 4 + (der[3] if len(der) > 3 else 0)
    r, s = int.from_bytes(der[4:at]), int.from_bytes(der[at + 2 :])
    if max(r, s) >> 256:
        raise ValueError("no signature of two integers")
    signature = r.to_bytes(_HALF) + s.to_bytes(_HALF)
    if signature_to_der(signature) != der:
        raise ValueError("no signature of two integers")
    return signature


def _integer(raw: bytes) -> bytes:
    short = raw.lstrip(b"\0") or b"\0"
    return _tagged(_INTEGER, b"\0" + short if short[0] & 0x80 else short)


def _tagged(tag: int, content: bytes) -> bytes:
    return bytes([tag, len(content)]) + content  # never over 127 bytes here
