"""Who can read the words of a case: the handlers with their key, the complainant with the secret.

The complainant gets a secret of 100 random bits once. What the hub keeps of it is a hash, to know
it again, and the public half of a key that follows from it: answers are sealed to that, so that
they too can be read by nobody who only has the hub's files. Start at `Secret`.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fenhe_protocol.encoding import b64_decode, b64_encode
from fenhe_protocol.seal import OpeningKey, open_sealed, seal
from fenhe_protocol.strict_json import dumps, loads

SECRET_BYTES = 13
_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: none that looks like another
_MISREAD = str.maketrans("OIL", "011")
_CHARACTERS, _GROUP = 20, 5
_FORM = re.compile(f"[{_LETTERS}]{{{_CHARACTERS}}}")
_HANDLERS, _COMPLAINANT = b"fenhe/v1/complaint\n", b"fenhe/v1/complaint-answer\n"


@dataclass(frozen=True, slots=True)
class Secret:
    """What a complainant keeps, as he would type it; prints as nothing."""

    _text: str

    def __repr__(self) -> str:
        """Nothing that a log could give away."""
        return "Secret()"

    @classmethod
    def of_random(cls, random: bytes) -> "Secret":
        """Made of `SECRET_BYTES` random bytes."""
        number = int.from_bytes(random)
        picked = [_LETTERS[number >> (5 * place) & 31] for place in range(_CHARACTERS)]
        return cls("".join(picked))

    @classmethod
    def typed(cls, text: str) -> "Secret | None":
        """What somebody typed, if it can be one."""
        folded = re.sub(r"[\s-]", "", text[:100]).upper().translate(_MISREAD)
        return cls(folded) if _FORM.fullmatch(folded) else None

    @property
    def shown(self) -> str:
        """In groups, for people."""
        return "-".join(self._text[at : at + _GROUP] for at in range(0, _CHARACTERS, _GROUP))

    @property
    def mark(self) -> str:
        """The hex hash by which it is known again."""
        return self._derived(b"mark").hex()

    def key(self) -> OpeningKey:
        """What opens the answers."""
        return OpeningKey.from_seed(self._derived(b"key"))

    def _derived(self, purpose: bytes) -> bytes:
        told = b"fenhe/v1/complaint-secret\n" + purpose + b"\n" + self._text.encode()
        return hashlib.sha256(told).digest()


@dataclass(frozen=True, slots=True)
class Envelope:
    """Whose words these are: bound into what is sealed, so that none stands in another case."""

    origin: str  # of the hub
    mark: str  # of the case's secret

    def for_handlers(self, words: Mapping[str, Any], public: bytes) -> dict[str, Any]:
        """Seal to the handlers."""
        return loads(seal(words, info=self._info(_HANDLERS), public=public))

    def for_complainant(self, words: Mapping[str, Any], public: bytes) -> dict[str, Any]:
        """Seal to the key that follows from the secret."""
        return loads(seal(words, info=self._info(_COMPLAINANT), public=public))

    def open_as_handler(
        self, sealed: Mapping[str, Any], keys: Mapping[str, OpeningKey]
    ) -> dict[str, Any]:
        """Refused `seal.*`."""
        return self._open(_HANDLERS, sealed, keys)

    def open_as_complainant(self, sealed: Mapping[str, Any], key: OpeningKey) -> dict[str, Any]:
        """Refused `seal.*`."""
        return self._open(_COMPLAINANT, sealed, {key.id: key})

    def _open(
        self, purpose: bytes, sealed: Mapping[str, Any], keys: Mapping[str, OpeningKey]
    ) -> dict[str, Any]:
        info = self._info(purpose)
        return open_sealed(dumps(dict(sealed)), info=info, where=self.mark[:8], keys=keys).value

    def _info(self, purpose: bytes) -> bytes:
        return purpose + self.origin.encode() + b"\n" + self.mark.encode()


def public_text(public: bytes) -> str:
    """A public key as it stands in an act."""
    return b64_encode(public)


def public_of(text: str) -> bytes:
    """The same the other way; ValueError."""
    return b64_decode(text, size=32)
