"""A unit's private keys under a passphrase, in one file that may lie beside a backup.

scrypt (n = 2^16, 64 MiB) makes the key, ChaCha20-Poly1305 seals; the unit's origin is bound in. A
file of keys holds no record: it may be kept as long as the unit lives. Start at `seal_keys`.
"""

import json
import os
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from fenhe_client.stored.disk import replace_files
from fenhe_client.stored.private_file import PrivateDisk
from fenhe_node.home import Home
from fenhe_protocol.encoding import b64_decode, b64_encode
from fenhe_protocol.errors import InputError

SUFFIX = ".keys"
SHORTEST = 12  # characters of a passphrase
LARGEST = 1 << 20  # bytes of a file of keys
_FORM = "fenhe/keys/v1"
_N, _R, _P = 1 << 16, 8, 1


def seal_keys(home: Home, origin: str, passphrase: str, target: Path) -> None:
    """Write every file of `keys/` into `target`, mode 0600; InputError `backup.passphrase`."""
    if len(passphrase) < SHORTEST:
        raise InputError("backup.passphrase", expected=f"≥ {SHORTEST}", found=str(len(passphrase)))
    whole = {
        file.name: file.read_text(encoding="utf-8")
        for file in sorted(home.keys.iterdir())
        if file.is_file() and not file.name.startswith(".")
    }
    salt, nonce = os.urandom(16), os.urandom(12)
    sealed = ChaCha20Poly1305(_derive(passphrase, salt)).encrypt(
        nonce, json.dumps(whole).encode(), _bound(origin)
    )
    told = {"form": _FORM, "origin": origin, "salt": salt, "nonce": nonce, "sealed": sealed}
    text = json.dumps(told, ensure_ascii=False, indent=1, default=b64_encode)
    replace_files(PrivateDisk(), {target: text.encode()})


def open_keys(file: Path, origin: str, passphrase: str) -> dict[str, str]:
    """The files of keys by name; InputError `backup.keys`, `backup.passphrase`."""
    try:
        if file.stat().st_size > LARGEST:
            raise ValueError("too large")
        told = json.loads(file.read_bytes())
        salt, nonce, sealed = (b64_decode(told[name]) for name in ("salt", "nonce", "sealed"))
        form, of = told["form"], told["origin"]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError("backup.keys", where=str(file)) from error
    if (form, of) != (_FORM, origin) or len(nonce) != 12:
        raise InputError("backup.keys", where=str(file), expected=origin, found=str(of))
    try:
        raw = ChaCha20Poly1305(_derive(passphrase, salt)).decrypt(nonce, sealed, _bound(origin))
    except InvalidTag as error:
        raise InputError("backup.passphrase", where=str(file)) from error
    names: dict[str, str] = json.loads(raw)
    return names


def put_keys(home: Home, keys: dict[str, str]) -> None:
    """Lay them into the home, mode 0600, where no file of the name lies."""
    home.keys.mkdir(mode=0o700, exist_ok=True)
    files = {home.keys / Path(name).name: text.encode() for name, text in keys.items()}
    replace_files(PrivateDisk(), {file: raw for file, raw in files.items() if not file.exists()})


def _derive(passphrase: str, salt: bytes) -> bytes:
    return Scrypt(salt=salt, length=32, n=_N, r=_R, p=_P).derive(passphrase.encode())


def _bound(origin: str) -> bytes:
    return f"{_FORM}\n{origin}".encode()
