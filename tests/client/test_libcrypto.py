"""SM2 by libcrypto, against the standard's example, arithmetic by hand, and `openssl`."""

import ctypes
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fenhe_client.keys.libcrypto import Libcrypto, libcrypto
from fenhe_client.keys.sm2_forms import (
    private_to_der,
    public_from_der,
    public_to_der,
    signature_from_der,
    signature_to_der,
)
from fenhe_protocol.errors import SetupError
from tests import sm2
from tests.sm2 import SECRET, need_libcrypto
from tests.wanting import wanting

PUBLIC = sm2.public_of(SECRET)


@pytest.fixture(scope="module")
def library() -> Libcrypto:
    return need_libcrypto()


def test_the_standards_example_verifies(library: Libcrypto) -> None:
    known = sm2.sm2_vectors()
    public = library.public_of(bytes.fromhex(known["priv"]))
    signature, message = bytes.fromhex(known["r"] + known["s"]), known["msg"].encode()
    assert public == sm2.public_of(bytes.fromhex(known["priv"]))
    assert library.verify(public, signature, message)
    assert not library.verify(public, signature, message + b"\n")
    # One that was made without Z_A, as libcrypto does where no user is named, is not good.
    bare = sm2.sign(SECRET, message, hashed=sm2.sm3(message))
    assert not library.verify(PUBLIC, bare, message)


@given(secret=st.binary(min_size=32, max_size=32), message=st.binary(max_size=300))
@settings(max_examples=10)
def test_what_one_signs_the_other_verifies(secret: bytes, message: bytes) -> None:
    library, secret = need_libcrypto(), b"\x01" + secret[1:]
    public = library.public_of(secret)
    assert public == sm2.public_of(secret)
    signature = library.sign(secret, message)
    assert len(signature) == 64
    assert sm2.verify(public, signature, message) and library.verify(public, signature, message)
    assert library.verify(public, sm2.sign(secret, message), message)


@given(data=st.data())
@settings(max_examples=200)
def test_a_flipped_bit_never_verifies(data: st.DataObject) -> None:
    library, message = need_libcrypto(), b"u1.example/fenhe/catalogue\n2\n"
    parts = [bytearray(sm2.sign(SECRET, message, k=7)), bytearray(message)]
    part = data.draw(st.sampled_from(parts))
    bit = data.draw(st.integers(0, 8 * len(part) - 1))
    part[bit // 8] ^= 1 << bit % 8
    assert not library.verify(PUBLIC, bytes(parts[0]), bytes(parts[1]))


@pytest.mark.parametrize(
    ("r", "s"),
    [(0, 1), (1, 0), (sm2.N, 1), (1, sm2.N), (sm2.N - 1, 1), (2**256 - 1, 2**256 - 1)],
)
def test_numbers_out_of_range_verify_nothing(library: Libcrypto, r: int, s: int) -> None:
    signature = r.to_bytes(32) + s.to_bytes(32)
    assert not library.verify(PUBLIC, signature, b"") and not sm2.verify(PUBLIC, signature, b"")


def test_what_is_no_key_is_refused_before_and_by_the_library(library: Libcrypto) -> None:
    for secret in (bytes(32), sm2.N.to_bytes(32), (sm2.N - 1).to_bytes(32), bytes(31)):
        with pytest.raises(ValueError, match="private key"):
            library.sign(secret, b"")
    for public in (PUBLIC[:-1] + bytes([PUBLIC[-1] ^ 1]), b"\x05" + PUBLIC[1:], PUBLIC[:-1]):
        with pytest.raises(ValueError, match="no SM2 key"):
            library.verify(public, bytes(64), b"")
    with pytest.raises(ValueError, match="64 bytes"):
        library.verify(PUBLIC, bytes(63), b"")


def test_no_error_is_left_behind_for_others_to_find(library: Libcrypto) -> None:
    peek = library._library.ERR_peek_error
    peek.restype = ctypes.c_ulong
    library.verify(PUBLIC, b"\xff" * 64, b"")
    with pytest.raises(ValueError, match="no SM2 key"):
        library.verify(b"\x04" + bytes(64), bytes(64), b"")
    assert peek() == 0


def test_a_machine_without_such_a_library_is_told_what_to_install() -> None:
    # The C library loads and has no SM2; the other is not there at all.
    for files in (("libnowhere.so.3",), ("libc.so.6", "libnowhere.so.3")):
        with pytest.raises(SetupError) as caught:
            libcrypto(files)
        assert caught.value.code == "sm2.library"
        assert "libssl3" in caught.value.advice


@given(st.binary(min_size=64, max_size=64))
def test_a_signature_has_one_form_in_der(signature: bytes) -> None:
    assert signature_from_der(signature_to_der(signature)) == signature


@given(st.one_of(st.binary(max_size=90), st.binary(max_size=80).map(lambda raw: b"0D\2 " + raw)))
def test_no_other_bytes_are_read_as_a_signature(der: bytes) -> None:
    try:
        signature = signature_from_der(der)
    except ValueError:
        return
    assert signature_to_der(signature) == der


def test_only_points_of_this_curve_are_read_from_der() -> None:
    assert public_from_der(public_to_der(PUBLIC)) == PUBLIC
    for der in (b"", PUBLIC, public_to_der(PUBLIC)[:-1], public_to_der(PUBLIC) + b"\0"):
        with pytest.raises(ValueError, match="public key"):
            public_from_der(der)


def test_openssl_verifies_what_we_sign_and_the_other_way_round(
    library: Libcrypto, tmp_path: Path
) -> None:
    if shutil.which("openssl") is None:
        wanting("openssl", "no openssl command here: apt install openssl")
    secret, public, message, signature = (
        tmp_path / name for name in ("key", "public", "message", "signature")
    )
    secret.write_bytes(private_to_der(SECRET))
    public.write_bytes(public_to_der(PUBLIC))
    message.write_bytes(b"u1.example/fenhe/catalogue\n2\n")
    by_user = ("-sm3", "-keyform", "DER", "-sigopt", "distid:1234567812345678")
    signing = ("-sign", secret, "-out", signature, message)
    subprocess.run(["openssl", "dgst", *by_user, *signing], check=True)
    assert library.verify(PUBLIC, signature_from_der(signature.read_bytes()), message.read_bytes())
    signature.write_bytes(signature_to_der(library.sign(SECRET, message.read_bytes())))
    verifying = ("-verify", public, "-signature", signature, message)
    done = subprocess.run(["openssl", "dgst", *by_user, *verifying], capture_output=True)
    assert (done.returncode, done.stdout) == (0, b"Verified OK\n")
