"""Second lines signed: an SM2 key in a file, or held by a token behind a command (feed §5).

    keys/second.key     a private key, 64 hexadecimal digits, mode 0600; then second-2.key …
    keys/second.vkey    instead of it: the verifier key of what the command signs with

`make_second_key` and `keep_token_key` put them there, `open_second` makes a `SecondSigner` of them,
and `sign_head` signs a checkpoint with all that a log signs with. Which of several keys signs is
said by `second_register`; `second_renewal` changes it.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from fenhe_client.keys.libcrypto import libcrypto
from fenhe_client.keys.second_register import Kept, read_register
from fenhe_client.keys.seeds import SEED_BYTES, keep_secret, load_seed
from fenhe_client.keys.sign_command import signature_by
from fenhe_client.keys.sm2_forms import is_private
from fenhe_client.stored.disk import Disk, replace_files
from fenhe_protocol.checkpoint import Checkpoint, sign_checkpoint
from fenhe_protocol.errors import Refused, SetupError
from fenhe_protocol.keys import SigningKey, VerifierKey
from fenhe_protocol.note import append_signature, parse_note
from fenhe_protocol.second_line import (
    SecondLine,
    make_line,
    parse_second_key,
    public_of,
    second_key,
    second_name,
)

KEY_FILE, TOKEN_FILE = "second.key", "second.vkey"


@dataclass(frozen=True, slots=True)
class OneKey:
    """One key in force; `sign` gives 64 bytes for a text."""

    key: VerifierKey
    sign: Callable[[bytes], bytes]

    def add_to(self, note: bytes) -> bytes:
        """The note with this key's line, where it has none yet; SetupError `sm2.command`."""
        parsed = parse_note(note)
        if parsed.lines_of(self.key):
            return note
        signature = self.sign(parsed.text)
        # What a token gave is never shown unverified: one bad line makes readers refuse the note.
        if not libcrypto().verify(public_of(self.key), signature, parsed.text):
            raise SetupError("sm2.command", expected=self.key.text)
        return append_signature(note, make_line(self.key, signature))


@dataclass(frozen=True, slots=True)
class SecondSigner:
    """Signs second lines by every key in force: two while one is replaced.

    Which these are is looked up for each head, so that a server takes up a renewal at once.
    """

    in_force: Callable[[], tuple[OneKey, ...]]

    @property
    def key(self) -> VerifierKey:
        """The newest of them."""
        return self.in_force()[-1].key

    def add_to(self, note: bytes) -> bytes:
        """The note with a line of each, where it has none yet; SetupError `sm2.*`, `keys.*`."""
        for each in self.in_force():
            note = each.add_to(note)
        return note


def sign_head(head: Checkpoint, key: SigningKey, second: SecondSigner | None) -> bytes:
    """The note of a head by the log's key and, where there is one, by the second."""
    note = sign_checkpoint(head, key)
    return second.add_to(note) if second else note


def make_second_key(folder: Path, origin: str) -> VerifierKey:
    """Make a private key, or find the one that is here, and give its verifier key."""
    if not (folder / KEY_FILE).exists():
        make_secret(folder / KEY_FILE)
    return keys_held(folder, origin)[-1].verifier


def make_secret(file: Path) -> None:
    """Write a private key, mode 0600, durably; FileExistsError."""
    keep_secret(file, _fresh())


def keys_held(folder: Path, origin: str) -> tuple[Kept, ...]:
    """The keys that are or were in files here, the oldest first, maybe none; SetupError."""
    found = tuple(each for each in read_register(folder, origin) if each.file)
    if found or not (folder / KEY_FILE).exists():
        return found
    return (Kept(key_in(folder / KEY_FILE, origin).text, KEY_FILE, since=""),)


def keep_token_key(folder: Path, origin: str, public: bytes) -> VerifierKey:
    """Keep the public key of what a command signs with; Refused `key.form`."""
    key = second_key(origin, public)
    replace_files(Disk(), {folder / TOKEN_FILE: f"{key.text}\n".encode()})
    return key


def second_key_here(folder: Path, origin: str, command: str) -> VerifierKey | None:
    """The key that second lines are or would be signed with; None where there is none yet."""
    if command:
        return _token_key(folder, origin) if (folder / TOKEN_FILE).exists() else None
    here = keys_held(folder, origin)
    return here[-1].verifier if here else None


def open_second(folder: Path, origin: str, command: str = "") -> SecondSigner:
    """What signs second lines for a unit or hub; SetupError `keys.*`, `sm2.*`.

    All that could be wanting is looked for here: nothing is signed before it is there.
    """
    libcrypto()
    signer = SecondSigner(lambda: _in_force(folder, origin, command))
    signer.in_force()
    return signer


def _in_force(folder: Path, origin: str, command: str) -> tuple[OneKey, ...]:
    if command:
        key = _token_key(folder, origin)
        return (OneKey(key, lambda text: signature_by("sm2.command", command, text)),)
    files = [each.file for each in keys_held(folder, origin) if each.in_force]
    return tuple(_signer_of(folder / file, origin) for file in files or [KEY_FILE])


def _signer_of(file: Path, origin: str) -> OneKey:
    secret = _secret_in(file)
    return OneKey(_key_of(secret, origin), lambda text: libcrypto().sign(secret, text))


def second_line(keys: tuple[VerifierKey, ...], *, required: bool) -> SecondLine:
    """What to ask of second lines by these keys; SetupError `sm2.library`."""
    return SecondLine(keys, libcrypto().verify, required)


def _fresh() -> bytes:
    while not is_private(secret := os.urandom(SEED_BYTES)):
        pass  # once in four thousand million times
    return secret


def key_in(file: Path, origin: str) -> VerifierKey:
    """The verifier key of a private key in a file; SetupError `keys.*`."""
    return _key_of(_secret_in(file), origin)


def _secret_in(file: Path) -> bytes:
    secret = load_seed(file)
    if not is_private(secret):
        raise SetupError("keys.form", where=str(file), expected="1 … n-2")
    return secret


def _key_of(secret: bytes, origin: str) -> VerifierKey:
    return second_key(origin, libcrypto().public_of(secret))


def _token_key(folder: Path, origin: str) -> VerifierKey:
    file = folder / TOKEN_FILE
    try:
        key = parse_second_key(file.read_text(encoding="ascii").strip())
    except (OSError, UnicodeDecodeError) as error:
        raise SetupError("keys.absent", where=str(file), found=type(error).__name__) from error
    except Refused as error:
        raise SetupError("keys.form", where=str(file), expected=error.expected) from error
    if key.name != second_name(origin):
        raise SetupError("sm2.name", where=str(file), expected=second_name(origin), found=key.name)
    return key
