"""The SM2 keys that a person enrolled, each of a unit or hub that its name tells (feed §5).

Whoever enrols a key wants its line: a checkpoint of a log of that origin without a good one is
refused, as `fenhe verify --sm2` does. Start at `SecondKeys.line_of`.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from fenhe_client.keys.second_signing import second_line
from fenhe_protocol.errors import Refused
from fenhe_protocol.keys import VerifierKey
from fenhe_protocol.second_line import SecondLine, parse_second_key, second_name

_SUFFIX = second_name("")


@dataclass(frozen=True, slots=True)
class SecondKeys:
    """Keys of any number of units and hubs; several of one while its key is replaced."""

    keys: tuple[VerifierKey, ...] = ()

    @classmethod
    def parse(cls, texts: Iterable[str]) -> "SecondKeys":
        """Read verifier keys; Refused `key.form`."""
        return cls(tuple(parse_second_key(text) for text in dict.fromkeys(texts)))

    @property
    def texts(self) -> list[str]:
        """The verifier keys as they are handed over."""
        return [key.text for key in self.keys]

    @property
    def origins(self) -> set[str]:
        """Whose keys these are."""
        return {key.name.removesuffix(_SUFFIX) for key in self.keys}

    def line_of(self, origin: str) -> SecondLine | None:
        """What to ask of each head of this unit or hub; None: no key of it is enrolled.

        SetupError `sm2.library` where nothing could be verified here.
        """
        keys = tuple(key for key in self.keys if key.name == second_name(origin))
        return second_line(keys, required=True) if keys else None

    def check_of(self, origin: str) -> None:
        """Refused `sm2.name` unless all are of this unit or hub."""
        for other in self.origins - {origin}:
            raise Refused("sm2.name", expected=second_name(origin), found=second_name(other))
