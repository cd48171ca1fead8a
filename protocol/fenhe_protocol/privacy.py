"""Personal data in a record that others can read (policy 二(三), rule D5).

What counts, in any text of a body, member names of `ext` included:

- mainland mobile numbers, also with +86, spaces, dashes, full-width digits; landlines do not count;
- id numbers of 18 digits with a good check digit, and of 15 with a real date of birth;
- mail addresses that belong to a person (`privacy_mail`); role mailboxes do not count;
- the same where a whole number stands for something else: a cell that slipped a column;
- names that the caller knows from its own `node` and `nat` fields (`privacy_names`).

A hit says where and what, never the text itself. An inventory number that cannot be told from a
mobile number is a hit too: what leaks cannot be called back, a number can get a letter in front.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from fenhe_protocol.error_texts import Text
from fenhe_protocol.privacy_mail import holds_personal_mail
from fenhe_protocol.privacy_names import KnownNames, known_names

What = Literal["mobile", "id_number", "mail", "name"]

WHAT: Mapping[What, Text] = {
    "mobile": Text("手机号码", "a mobile phone number"),
    "id_number": Text("身份证号码", "an id number"),
    "mail": Text("个人邮箱", "a personal mail address"),
    "name": Text("个人姓名", "a person's name"),
}

# Codes of the unit itself and fixed words: judged elsewhere, and never a person's.
_NOT_TEXT = frozenset({"unit", "kind", "uscc"})
_DECLARATION = "customs.declaration_no"
# Figures that may well have eleven digits: sums over a whole unit, and bytes.
_LARGE_FIGURES = ("unit_year", "platform_resource")  # no set: a kind may be anything
_LONGEST_FIGURE = 9_999_999_999
_MOST_BITS = 128  # 38 digits, of which an id number has 18
_DIGEST = re.compile(r"[0-9a-f]{64}")

_GAP = r"[ \t_.·()（）\-\u2010-\u2015\u2212]{0,3}"
_MOBILE = re.compile(
    rf"(?<![0-9])(?:(?:\+|00)?86{_GAP}|0)?(1{_GAP}[3-9](?:{_GAP}[0-9]){{9}})(?![0-9])"
)
# How people group the eleven digits. A row of sizes (1300 1500 170) is grouped otherwise.
_GROUPINGS = frozenset(
    {(11,), (3, 4, 4), (3, 8), (7, 4), (4, 3, 4), (3, 3, 5), (5, 6), (6, 5), (1,) * 11}
)
# Province and century stand in the pattern too, for in a row of digits each may be the first.
_ID_18 = re.compile(
    r"(?<![0-9])(?:1_[1-5]|2_[1-3]|3_[1-7]|4_[1-6]|5_[0-4]|6_[1-5]|7_1|8_[1-3]|9_1)(?:_[0-9]){4}"
    r"_(?:1_[89]|2_0)(?:_[0-9]){9}_[0-9Xx](?![0-9])".replace("_", "[ -]{0,3}")
)
_ID_15 = re.compile(r"(?<![0-9])[1-9][0-9]{14}(?![0-9])")
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_PROVINCE = re.compile("1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]|91")
# Beside ASCII and Chinese, any character may be a digit in disguise.
_ODD = re.compile("[^\x00-\x7f\u4e00-\u9fff、。《》“”（），：；]")
_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))

# Quick looks, as bytes, before the exact patterns; they err on the side of a closer look.
_BETWEEN = rb'[^0-9A-Za-z"]{0,9}'
_MAYBE_MOBILE = re.compile(rb"1" + _BETWEEN + rb"[3-9](?:" + _BETWEEN + rb"[0-9]){9}")
_DIGITS_TO_ONES = bytes.maketrans(b"0123456789", b"1" * 10)
_MAYBE_ID_NUMBER = b"1" * 15
# What may stand between the digits of such a number goes; then they stand in one row.
_SEPARATORS = bytes(byte for byte in range(256) if not re.match(rb'[0-9A-Za-z"]', bytes([byte])))
_FEWEST_DIGITS = b"1" * 11  # of a mobile number; an id number has more


@dataclass(frozen=True, slots=True)
class Hit:
    """Where something personal stands (`lines[2].note`), and what it is; never the text."""

    path: str
    what: What


def find_personal(value: Mapping[str, Any], *, known: Sequence[str] | KnownNames = ()) -> list[Hit]:
    """List everything personal in a body. `known` are persons' names that must not appear."""
    names = known if isinstance(known, KnownNames) else known_names(tuple(known))
    # One look at all texts together spares the many bodies in which there is nothing.
    if not any(_judge('"'.join(_all_text(value)), names)):
        return []
    return [
        Hit(path, what)
        for path, text in _texts(value)
        if not _DIGEST.fullmatch(text)
        for what in _judge(text, names)
        if not (what == "id_number" and path == _DECLARATION and _is_declaration(text))
    ]


def surely_nothing(body: bytes, unit: str) -> bool:
    """Whether the bytes of a body alone show that `find_personal` would list nothing.

    A text without escapes and odd characters stands in them as it is, between quotation marks that
    no pattern crosses. The hot path: most bodies of instruments in use hold nothing to look at.
    """
    text = body.decode()
    if b"\\" in body or b"@" in body or not (text.isascii() or not _ODD.search(text)):
        return False
    rest = body.replace(b'"unit":"%b"' % unit.encode(), b"")
    return _FEWEST_DIGITS not in rest.translate(_DIGITS_TO_ONES, _SEPARATORS)


def plain(text: str) -> str:
    """Bring full-width and other digits to ASCII and drop what cannot be seen."""
    if text.isascii() or not _ODD.search(text):
        return text
    return unicodedata.normalize("NFKC", text).translate(_INVISIBLE)


def _all_text(value: Mapping[str, Any]) -> list[str]:
    found, figures = [], value.get("kind") not in _LARGE_FIGURES
    for name, member in value.items():
        if type(member) is str:
            if name not in _NOT_TEXT:
                found.append(member)
        elif type(member) is int:
            if figures and member > _LONGEST_FIGURE:
                found.append(_written(member))
        elif isinstance(member, Mapping | list):
            found.extend(text for _, text in _inside(member, "", figures, every=name == "ext"))
    return found


def _texts(value: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield path and text of every string and long number; of `ext`, member names too."""
    figures = value.get("kind") not in _LARGE_FIGURES
    for name, member in value.items():
        if name not in _NOT_TEXT:
            yield from _inside(member, name, figures, every=name == "ext")


def _inside(value: Any, path: str, figures: bool, *, every: bool) -> Iterator[tuple[str, str]]:
    if isinstance(value, str) or (isinstance(value, int) and (figures or every)):
        yield path, _written(value)
    elif isinstance(value, Mapping):
        for place, (name, member) in enumerate(value.items()):
            # A name that anyone may choose can be a person's: the path counts it instead.
            step = f"{path}.#{place}" if every else f"{path}.{name}"
            if every:
                yield step, name
            yield from _inside(member, step, figures, every=every)
    elif isinstance(value, list):
        for place, item in enumerate(value):
            yield from _inside(item, f"{path}[{place}]", figures, every=every)


def _written(value: str | int) -> str:
    """As text; empty for a number that is longer than anything personal, and than str() takes."""
    return "" if isinstance(value, int) and value.bit_length() > _MOST_BITS else str(value)


def _judge(text: str, names: KnownNames) -> Iterator[What]:
    seen = plain(text)
    raw = seen.encode()
    if _MAYBE_MOBILE.search(raw) and _holds_mobile(seen):
        yield "mobile"
    if _MAYBE_ID_NUMBER in raw.translate(_DIGITS_TO_ONES, _SEPARATORS) and _holds_id_number(seen):
        yield "id_number"
    if "@" in seen and holds_personal_mail(seen):
        yield "mail"
    if names and names.found_in(seen):
        yield "name"


def _holds_mobile(text: str) -> bool:
    start = 0
    while match := _MOBILE.search(text, start):
        if tuple(map(len, re.findall("[0-9]+", match[1]))) in _GROUPINGS:
            return True
        start = match.start() + 1
    return False


def _holds_id_number(text: str) -> bool:
    start = 0
    while match := _ID_18.search(text, start):
        if _is_id_18(re.sub("[ -]", "", match[0]).upper()):
            return True
        start = match.start() + 1
    return any(map(_is_id_15, _ID_15.finditer(text)))


def _is_id_18(digits: str) -> bool:
    if not _is_date(digits[6:14]):
        return False
    total = sum(int(digit) * weight for digit, weight in zip(digits, _ID_WEIGHTS, strict=False))
    return "10X98765432"[total % 11] == digits[17]


def _is_id_15(match: re.Match[str]) -> bool:
    return _PROVINCE.match(match[0]) is not None and _is_date("19" + match[0][6:12])


def _is_date(digits: str) -> bool:
    try:
        date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return False
    return True


def _is_declaration(text: str) -> bool:
    """Tell a customs declaration by its year (national-platform.md §5: customs 4, year 4, …)."""
    return text[4:6] == "20" and len(text) == 18
