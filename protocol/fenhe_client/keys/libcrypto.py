"""SM2 with SM3 by the libcrypto of OpenSSL 3, through ctypes. Start at `libcrypto`.

`cryptography` has SM3 and no SM2. What libcrypto gives is freed where it was asked for, and its
queue of errors is emptied each time: Python's `ssl` may share library and thread, and would take
what it finds there for its own.
"""

import ctypes
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from ctypes.util import find_library
from functools import cache
from typing import Any

from fenhe_client.keys.sm2_forms import (
    private_to_der,
    public_from_der,
    public_to_der,
    signature_from_der,
    signature_to_der,
)
from fenhe_protocol.errors import SetupError
from fenhe_protocol.second_line import USER_ID

INSTALL = "安装 OpenSSL 3, 如 apt install libssl3; install OpenSSL 3 with SM2"

# OpenSSL names a file by its version; only then is the machine searched, which starts programs.
_FILES = ("libcrypto.so.3", "libcrypto.3.dylib", "libcrypto-3-x64.dll")

_POINTER, _BYTES, _INT, _SIZE = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int, ctypes.c_size_t
_INIT = (_INT, _POINTER, ctypes.POINTER(_POINTER), _BYTES, _POINTER, _BYTES, _POINTER, _POINTER)
_DECODE = (_POINTER, _POINTER, ctypes.POINTER(_BYTES), ctypes.c_long)

# Result and arguments of every function used; without them ctypes cuts pointers to 32 bits.
_FUNCTIONS: dict[str, Sequence[Any]] = {
    "d2i_PUBKEY": _DECODE,
    "d2i_AutoPrivateKey": _DECODE,
    "i2d_PUBKEY": (_INT, _POINTER, ctypes.POINTER(_POINTER)),
    "EVP_PKEY_is_a": (_INT, _POINTER, _BYTES),
    "EVP_PKEY_free": (None, _POINTER),
    "EVP_MD_CTX_new": (_POINTER,),
    "EVP_MD_CTX_free": (None, _POINTER),
    "EVP_PKEY_CTX_set1_id": (_INT, _POINTER, _BYTES, _SIZE),
    "EVP_DigestSignInit_ex": _INIT,
    "EVP_DigestSign": (_INT, _POINTER, _BYTES, ctypes.POINTER(_SIZE), _BYTES, _SIZE),
    "EVP_DigestVerifyInit_ex": _INIT,
    "EVP_DigestVerify": (_INT, _POINTER, _BYTES, _SIZE, _BYTES, _SIZE),
    "ERR_clear_error": (None,),
}

# The base point: a key that any library with SM2 reads.
_PROBE = bytes.fromhex(
    "0432c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7"
    "bc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0"
)


class Libcrypto:
    """The few functions of one loaded library; AttributeError where it lacks one."""

    def __init__(self, library: ctypes.CDLL) -> None:
        for name, (result, *arguments) in _FUNCTIONS.items():
            function = getattr(library, name)
            function.restype, function.argtypes = result, arguments
        self._library = library

    def public_of(self, secret: bytes) -> bytes:
        """The public key, 65 bytes, of a private key of 32; ValueError."""
        with self._decoded("d2i_AutoPrivateKey", private_to_der(secret)) as key:
            size = self._library.i2d_PUBKEY(key, None)
            if size <= 0:
                raise ValueError("no public key")
            der = ctypes.create_string_buffer(size)
            # i2d moves the pointer that it is given on to the end of what it wrote.
            place = _POINTER(ctypes.addressof(der))
            self._library.i2d_PUBKEY(key, ctypes.byref(place))
            return public_from_der(der.raw)

    def sign(self, secret: bytes, message: bytes) -> bytes:
        """The signature `r ‖ s` of 64 bytes by a private key of 32; ValueError."""
        der = private_to_der(secret)
        with self._begun("d2i_AutoPrivateKey", der, "EVP_DigestSignInit_ex") as context:
            size, sign = _SIZE(), self._library.EVP_DigestSign
            _need(sign(context, None, ctypes.byref(size), message, len(message)))
            found = ctypes.create_string_buffer(size.value)
            _need(sign(context, found, ctypes.byref(size), message, len(message)))
            return signature_from_der(found.raw[: size.value])

    def verify(self, public: bytes, signature: bytes, message: bytes) -> bool:
        """Whether a signature `r ‖ s` of 64 bytes is good; ValueError where the key is none."""
        der, given = public_to_der(public), signature_to_der(signature)
        with self._begun("d2i_PUBKEY", der, "EVP_DigestVerifyInit_ex") as context:
            verify = self._library.EVP_DigestVerify
            # 0: not good; below 0: could not be judged, as with r above the order.
            return int(verify(context, given, len(given), message, len(message))) == 1

    @contextmanager
    def _decoded(self, function: str, der: bytes) -> Iterator[int]:
        """A key as libcrypto has it; d2i moves the pointer, not the bytes, which stay ours."""
        place = _BYTES(der)
        key = getattr(self._library, function)(None, ctypes.byref(place), len(der))
        try:
            if not key or self._library.EVP_PKEY_is_a(key, b"SM2") != 1:
                raise ValueError("libcrypto takes this for no SM2 key")
            yield key
        finally:
            self._library.EVP_PKEY_free(key)
            self._library.ERR_clear_error()

    @contextmanager
    def _begun(self, decode: str, der: bytes, begin: str) -> Iterator[int]:
        """A context that hashes with SM3, from Z_A on, for signing or verifying by a key."""
        with self._decoded(decode, der) as key:
            context, inner = self._library.EVP_MD_CTX_new(), _POINTER()
            try:
                begun = getattr(self._library, begin)
                _need(begun(context, ctypes.byref(inner), b"SM3", None, None, key, None))
                # Without it libcrypto leaves Z_A out. `inner` belongs to the context.
                _need(self._library.EVP_PKEY_CTX_set1_id(inner, USER_ID, len(USER_ID)))
                yield context
            finally:
                self._library.EVP_MD_CTX_free(context)


def _need(result: int) -> None:
    if result != 1:
        raise ValueError("libcrypto could not do it")


@cache
def libcrypto(files: Sequence[str] = _FILES) -> Libcrypto:
    """The library of this machine, loaded once; SetupError `sm2.library` says what to install."""
    for file in files:
        with suppress(OSError, AttributeError, ValueError):
            return _probed(file)
    found = find_library("crypto") if files is _FILES else None
    if found is not None and found not in files:
        with suppress(OSError, AttributeError, ValueError):
            return _probed(found)
    raise SetupError("sm2.library", expected=", ".join(files), found=found or "", advice=INSTALL)


def _probed(file: str) -> Libcrypto:
    """Load it, and see that it has SM2: some distributions take it out."""
    library = Libcrypto(ctypes.CDLL(file))
    library.verify(_PROBE, bytes(63) + b"\1", b"")
    return library
