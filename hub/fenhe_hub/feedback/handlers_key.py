"""What opens the words of complaints: X25519 keys under the handlers' passphrase, in one file.

Whoever receives a complaint needs the public half alone. A handler unlocks the private one for as
long as a session lasts; it never lies on a disk unwrapped. A new key is added, the older ones stay,
for what was sealed to them. Start at `make_key` and `unlock`.
"""

import json
import os
import unicodedata
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from fenhe_client.keys.wrapping import SHORTEST, Wrapped, WrongPassphraseError, unwrap, wrap
from fenhe_client.stored.disk import replace_files
from fenhe_client.stored.private_file import PrivateDisk
from fenhe_hub.home import Home
from fenhe_protocol.encoding import b64_decode, b64_encode, format_time
from fenhe_protocol.errors import InputError, SetupError
from fenhe_protocol.seal import OpeningKey, seal_key_id

_FORM = "fenhe/complaints-keys/v1"
_FEWEST_LETTERS = 5


@dataclass(frozen=True, slots=True)
class HandlersKey:
    """One key as it lies in the file; `made` is a time."""

    public: bytes
    made: str
    wrapped: Wrapped

    @property
    def id(self) -> str:
        """What is sealed to it names it so."""
        return seal_key_id(self.public)


def file_of(home: Home) -> Path:
    """Where they lie."""
    return home.path / "complaints-keys.json"


def handlers_keys(home: Home) -> tuple[HandlersKey, ...]:
    """All keys, the one in force last; none where none was made. SetupError `complaint.keys`."""
    file = file_of(home)
    try:
        told = json.loads(file.read_bytes())
        if told["form"] != _FORM:
            raise ValueError(told["form"])
        return tuple(map(_key, told["keys"]))
    except FileNotFoundError:
        return ()
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SetupError("complaint.keys", where=str(file), found=type(error).__name__) from error


def public_key(home: Home) -> bytes | None:
    """To whom complaints are sealed now; None: nobody could read them."""
    keys = handlers_keys(home)
    return keys[-1].public if keys else None


def make_key(home: Home, passphrase: str, now: int) -> HandlersKey:
    """Make one more key, in force from now on; the passphrase has to open those before.

    InputError `complaint.weak`, `complaint.passphrase`.
    """
    before = handlers_keys(home)
    if before:
        _opened(before, passphrase)
    _check(passphrase)
    seed = os.urandom(32)
    public = OpeningKey.from_seed(seed).public
    made = HandlersKey(public, format_time(now), wrap(seed, _typed(passphrase), _bound(public)))
    _write(home, (*before, made))
    return made


def change_passphrase(home: Home, old: str, new: str) -> None:
    """Wrap all keys anew; InputError as `make_key`."""
    before = handlers_keys(home)
    seeds = _opened(before, old)
    _check(new)
    wrapped = (
        wrap(seed, _typed(new), _bound(key.public)) for key, seed in zip(before, seeds, strict=True)
    )
    renewed = [
        HandlersKey(key.public, key.made, each) for key, each in zip(before, wrapped, strict=True)
    ]
    _write(home, renewed)


def unlock(home: Home, passphrase: str) -> dict[str, OpeningKey]:
    """What opens, by the id that sealed words name; InputError `complaint.passphrase`."""
    seeds = _opened(handlers_keys(home), passphrase)
    return {key.id: key for key in map(OpeningKey.from_seed, seeds)}


def _opened(keys: Sequence[HandlersKey], passphrase: str) -> list[bytes]:
    if not keys:
        raise SetupError("complaint.no-key", advice="fenhe-hub complaints-key")
    try:
        return [unwrap(key.wrapped, _typed(passphrase), _bound(key.public)) for key in keys]
    except WrongPassphraseError as error:
        raise InputError("complaint.passphrase") from error


def _typed(passphrase: str) -> str:
    """However a keyboard writes it."""
    return unicodedata.normalize("NFC", passphrase)


def _check(passphrase: str) -> None:
    if len(passphrase) < SHORTEST or len(set(passphrase)) < _FEWEST_LETTERS:
        raise InputError("complaint.weak", expected=f"≥ {SHORTEST}")


def _key(told: Any) -> HandlersKey:
    wrapped = Wrapped(*(b64_decode(told[name]) for name in ("salt", "nonce", "sealed")))
    return HandlersKey(b64_decode(told["public"], size=32), str(told["made"]), wrapped)


def _write(home: Home, keys: Sequence[HandlersKey]) -> None:
    told = [{"public": key.public, "made": key.made, **asdict(key.wrapped)} for key in keys]
    text = json.dumps({"form": _FORM, "keys": told}, indent=1, default=b64_encode)
    replace_files(PrivateDisk(), {file_of(home): text.encode()})


def _bound(public: bytes) -> bytes:
    return _FORM.encode() + b"\n" + public
