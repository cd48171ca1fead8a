"""Identifiers with check characters: 统一社会信用代码 (GB 32100) and ROR."""

import re
from collections.abc import Collection

_USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC = re.compile(f"[{_USCC_ALPHABET}]{{18}}")
_USCC_WEIGHTS = tuple(pow(3, place, 31) for place in range(17))

_ROR_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_ROR = re.compile(f"0[{_ROR_ALPHABET}]{{6}}[0-9]{{2}}")


def check_uscc(text: str, *, allowed: Collection[str] = ()) -> None:
    """Raise ValueError with what was expected unless `text` is a valid code.

    Real codes with a wrong check character exist; an operator lists those in `allowed`.
    """
    if not _USCC.fullmatch(text):
        raise ValueError("18 characters of 0-9 and A-Z without I, O, S, V, Z")
    if text[17] != (expected := uscc_check_character(text[:17])) and text not in allowed:
        raise ValueError(f"check character {expected} instead of {text[17]}")


def uscc_check_character(first_17: str) -> str:
    """Compute the 18th character of a code from the 17 before it."""
    values = map(_USCC_ALPHABET.index, first_17)
    total = sum(value * weight for value, weight in zip(values, _USCC_WEIGHTS, strict=True))
    return _USCC_ALPHABET[-total % 31]


def check_ror(text: str) -> None:
    """Raise ValueError unless `text` is the nine characters of a ROR id with its check digits."""
    if not _ROR.fullmatch(text):
        raise ValueError("nine characters, 0 first, without i, l, o, u")
    number = 0
    for character in text[:7]:
        number = number * 32 + _ROR_ALPHABET.index(character)
    if int(text[7:]) != (expected := 98 - number * 100 % 97):
        raise ValueError(f"check digits {expected:02} instead of {text[7:]}")
