"""Which character of a 统一社会信用代码 was mistyped, as far as its two check characters tell.

The code has one over all of it (GB 32100), and its characters 9 to 17 are an organisation code
with one of their own (GB 11714). A slip of one key breaks the first; whether the second holds says
in which part to look. Start at `likely_slips`; nothing here judges whether a code is valid.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from fenhe_protocol.identifiers import check_uscc

LENGTH = 18
_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_REGION = re.compile(
    r"(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[12])\d{4}|100000", re.ASCII
)
_UNSOUND = 2
# Taken for each other by eye; I, O, S, V and Z are in no code.
_ALIKE = ("0ODQ", "1IL7", "2Z", "5S", "6G", "8B", "UVY", "MN", "PR", "CG", "EF", "X4")
_NEXT_KEYS = frozenset(
    frozenset(keys[at : at + 2])
    for keys in ("147", "258", "369", "123", "456", "789")
    for at in (0, 1)
)
"""Of a keypad: the finger slips to the next one."""


@dataclass(frozen=True, slots=True)
class Slip:
    """One slip that would explain a wrong code: at `place` (from 1) `found` stands for `meant`.

    Both are two characters long where neighbours changed places.
    """

    place: int
    found: str
    meant: str
    code: str


def typed_uscc(text: str) -> str:
    """The code in what a person typed: without blanks and hyphens, in half-width capitals."""
    return re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", text)).upper()


def likely_slips(text: str, most: int = 3) -> tuple[Slip, ...]:
    """The slips that explain a code best, the likeliest first; none where several must be wrong."""
    if len(text) != LENGTH:
        return ()
    ranked = sorted(((_unlikeliness(slip), slip.place, slip) for slip in slips(text)), key=_rank)
    sound = [slip for unlikeliness, _, slip in ranked if unlikeliness < _UNSOUND]
    return tuple(sound or [slip for _, _, slip in ranked])[:most]


def slips(text: str) -> Iterator[Slip]:
    """Every slip of one key, and every exchange of neighbours, after which the code is valid."""
    for at, found in enumerate(text):
        for meant in _ALPHABET:
            code = f"{text[:at]}{meant}{text[at + 1 :]}"
            if meant != found and _is_valid(code):
                yield Slip(at + 1, found, meant, code)
    for at in range(LENGTH - 1):
        pair = text[at : at + 2]
        code = f"{text[:at]}{pair[::-1]}{text[at + 2 :]}"
        if code != text and _is_valid(code):
            yield Slip(at + 1, pair, pair[::-1], code)


def has_sound_organisation(code: str) -> bool:
    """Whether characters 9 to 17 are an organisation code whose check character holds."""
    values = [int(c, 36) for c in code[8:16]]
    total = sum(value * weight for value, weight in zip(values, _ORGANISATION_WEIGHTS, strict=True))
    return code[16] == "0123456789X"[-total % 11]


def _is_valid(code: str) -> bool:
    try:
        check_uscc(code)
    except ValueError:
        return False
    return True


def _rank(ranked: tuple[int, int, Slip]) -> tuple[int, int]:
    return ranked[:2]


def _unlikeliness(slip: Slip) -> int:
    is_sound = has_sound_organisation(slip.code) and _REGION.fullmatch(slip.code[2:8])
    return (0 if is_sound else _UNSOUND) + (0 if _is_usual(slip) else 1)


def _is_usual(slip: Slip) -> bool:
    """Whether eyes or fingers make this one often."""
    pair = frozenset((slip.found, slip.meant))
    return len(slip.found) == 2 or pair in _NEXT_KEYS or any(pair <= set(group) for group in _ALIKE)
