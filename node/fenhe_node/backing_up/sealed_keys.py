"""A unit's private keys under a passphrase, in one file that may lie beside a backup.

They are wrapped for the unit's origin. A file of keys holds no record: it may be kept as long as
the unit lives. Start at `seal_keys`.
"""

import glob
import json
from dataclasses import asdict
from pathlib import Path

from fenhe_client.keys.wrapping import SHORTEST, Wrapped, WrongPassphraseError, unwrap, wrap
from fenhe_client.stored.disk import replace_files
from fenhe_client.stored.private_file import PrivateDisk
from fenhe_node.backing_up.access import unreadable
from fenhe_node.home import Home
from fenhe_protocol.encoding import b64_decode, b64_encode
from fenhe_protocol.errors import InputError

SUFFIX = ".keys"
LARGEST = 1 << 20  # bytes of a file of keys
_FORM = "fenhe/keys/v1"


def seal_keys(home: Home, origin: str, passphrase: str, target: Path) -> None:
    """Write every file of `keys/` into `target`, mode 0600; InputError `backup.passphrase`."""
    if len(passphrase) < SHORTEST:
        raise InputError("backup.passphrase", expected=f"≥ {SHORTEST}", found=str(len(passphrase)))
    whole = {
        file.name: file.read_text(encoding="utf-8")
        for file in sorted(home.keys.iterdir())
        if file.is_file() and not file.name.startswith(".")
    }
    wrapped = wrap(json.dumps(whole).encode(), passphrase, _bound(origin))
    told = {"form": _FORM, "origin": origin, **asdict(wrapped)}
    text = json.dumps(told, ensure_ascii=False, indent=1, default=b64_encode)
    replace_files(PrivateDisk(), {target: text.encode()})


def keys_beside(backup: Path) -> Path | None:
    """The newest file of keys of the unit that lies beside its backup; they outlive backups."""
    whole = backup.absolute()
    unit = whole.name.rsplit("-", 2)[0]  # what comes after is the time that it was made at
    return max(whole.parent.glob(f"{glob.escape(unit)}-*{SUFFIX}"), default=None)


def open_keys(file: Path, origin: str, passphrase: str) -> dict[str, str]:
    """The files of keys by name; InputError `backup.keys`, `.passphrase`, `.unreadable`."""
    try:
        if file.stat().st_size > LARGEST:
            raise ValueError("too large")
        told = json.loads(file.read_bytes())
        wrapped = Wrapped(*(b64_decode(told[name]) for name in ("salt", "nonce", "sealed")))
        form, of = told["form"], told["origin"]
    except PermissionError as error:
        raise unreadable(file.parent, error) from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError("backup.keys", where=str(file)) from error
    if (form, of) != (_FORM, origin):
        raise InputError("backup.keys", where=str(file), expected=origin, found=str(of))
    try:
        raw = unwrap(wrapped, passphrase, _bound(origin))
    except WrongPassphraseError as error:
        raise InputError("backup.passphrase", where=str(file)) from error
    names: dict[str, str] = json.loads(raw)
    return names


def put_keys(home: Home, keys: dict[str, str]) -> None:
    """Lay them into the home, mode 0600, where no file of the name lies."""
    home.keys.mkdir(mode=0o700, exist_ok=True)
    files = {home.keys / Path(name).name: text.encode() for name, text in keys.items()}
    replace_files(PrivateDisk(), {file: raw for file, raw in files.items() if not file.exists()})


def _bound(origin: str) -> bytes:
    return f"{_FORM}\n{origin}".encode()
