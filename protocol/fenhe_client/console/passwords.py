"""Who may sign in to a console: names with the scrypt of their passwords, in a file, mode 0600.

A wrong name costs as much time as a wrong password. Start at `set_password` and `verify`.
"""

import base64
import hashlib
import hmac
import json
import os
import unicodedata
from collections.abc import Mapping
from pathlib import Path

from fenhe_client.stored.disk import replace_files
from fenhe_client.stored.private_file import PrivateDisk
from fenhe_protocol.errors import InputError, SetupError

Account = Mapping[str, str | int]

SHORTEST = 10
LONGEST = 200
COST = 2**15  # of scrypt: 32 MiB, a tenth of a second
_R, _P = 8, 1
_MEMORY = 64 * 1024 * 1024
_SALT_BYTES = 16
_NOBODY: Account = {"salt": base64.b64encode(bytes(_SALT_BYTES)).decode(), "key": "", "n": COST}


def accounts(file: Path) -> dict[str, Account]:
    """The accounts by name; none where nobody has to sign in. SetupError `console.passwords`."""
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        if not all(set(each) == set(_NOBODY) for each in found.values()):
            raise ValueError("salt, key, n")
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise SetupError("console.passwords", where=str(file), found=str(error)) from error
    return dict(found)


def check(name: str, password: str) -> None:
    """InputError `console.name`, `console.weak` for what is no name, or no password for it."""
    name, password = normal(name), normal(password)
    if not 1 <= len(name) <= 64 or not name.isprintable():
        raise InputError("console.name", expected="1–64", found=name)
    if not SHORTEST <= len(password) <= LONGEST or len(set(password)) < 5 or name in password:
        raise InputError("console.weak", expected=f"≥ {SHORTEST}")


def set_password(file: Path, name: str, password: str) -> None:
    """Let `name` sign in by this password and no former one; InputError `console.weak`."""
    check(name, password)
    name, password = normal(name), normal(password)
    salt = os.urandom(_SALT_BYTES)
    account: Account = {
        "salt": base64.b64encode(salt).decode(),
        "key": _key(password, salt, COST),
        "n": COST,
    }
    _write(file, accounts(file) | {name: account})


def remove(file: Path, name: str) -> None:
    """Let `name` sign in no more; InputError `console.name`."""
    known = accounts(file)
    if known.pop(normal(name), None) is None:
        raise InputError("console.name", expected=", ".join(known), found=name)
    if known:
        _write(file, known)
    else:
        file.unlink()


def verify(file: Path, name: str, password: str) -> bool:
    """Whether this is the password of this name; takes a tenth of a second either way."""
    account = accounts(file).get(normal(name), _NOBODY)
    salt = base64.b64decode(str(account["salt"]))
    found = _key(normal(password[: LONGEST * 4]), salt, int(account["n"]))
    return hmac.compare_digest(found, str(account["key"]))


def stamp(file: Path, name: str) -> str:
    """Names the present password of `name`; "" where there is none."""
    account = accounts(file).get(name)
    return hashlib.sha256(str(account["key"]).encode()).hexdigest() if account else ""


def _key(password: str, salt: bytes, n: int) -> str:
    raw = hashlib.scrypt(password.encode(), salt=salt, n=n, r=_R, p=_P, maxmem=_MEMORY)
    return base64.b64encode(raw).decode()


def normal(text: str) -> str:
    """However a keyboard writes it."""
    return unicodedata.normalize("NFC", text)


def _write(file: Path, known: Mapping[str, Account]) -> None:
    text = json.dumps(known, ensure_ascii=False, indent=1)
    replace_files(PrivateDisk(), {file: text.encode()})
