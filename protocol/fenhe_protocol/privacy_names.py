"""Persons' names that a unit knows from its own person columns, found again where they must not be.

Chinese has no spaces, and many two-character names are words (张力, 高明): such a name counts where
it stands alone or beside a word that goes with persons. A longer one counts anywhere, except as the
beginning of an institution's name.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from fenhe_protocol.schema_fields import KindSchema

_HAN = re.compile("[\u3400-\u9fff]")
_BEFORE = re.compile(
    "(联系人|负责人|申请人|管理员|操作员|责任人|主任|姓名|老师|教授|导师|作者)[:: ]?$"
)
_AFTER = re.compile(
    " ?(老师|教授|先生|女士|同志|博士|硕士|主任|院士|研究员|工程师|实验师|医生|同学|导师)"
)
_INSTITUTION = re.compile(
    "[\u3400-\u9fff]{0,12}?(大学|学院|学校|中学|公司|集团|研究院|研究所|实验室|中心|医院|基金|奖|馆|厂|站|所)"
)


class KnownNames:
    """A set of names, indexed so that a text is read once however many there are."""

    def __init__(self, names: Iterable[str]) -> None:
        self._han: dict[str, list[str]] = {}
        self._other: list[re.Pattern[str]] = []
        for name in sorted({name.strip() for name in names}):
            if len(name) < 2:
                continue
            if _HAN.match(name):
                self._han.setdefault(name[0], []).append(name)
            elif " " in name:
                pattern = rf"(?<![a-z]){re.escape(name.lower())}(?![a-z])"
                self._other.append(re.compile(pattern))
        begin = "|".join(map(re.escape, self._han))
        self._begin = re.compile(begin) if begin else None

    def __bool__(self) -> bool:
        return bool(self._han or self._other)

    def found_in(self, text: str) -> bool:
        """Tell whether one of the names stands in a text as a person's."""
        lower = text.lower()
        if any(pattern.search(lower) for pattern in self._other):
            return True
        return any(
            text.startswith(name, begin.start()) and _is_person(text, begin.start(), name)
            for begin in (self._begin.finditer(text) if self._begin else ())
            for name in self._han[begin[0]]
        )


def persons_in(kind: KindSchema, record: Mapping[str, Any]) -> Iterator[str]:
    """Yield what stands in the person columns (`x-person`) of a whole record of a kind."""
    for field in kind.own_fields:
        for leaf in field.leaves:
            value: Any = record
            for step in leaf.path.split("."):
                value = value.get(step) if isinstance(value, Mapping) else None
            if leaf.person and isinstance(value, str):
                yield value


@lru_cache(maxsize=64)
def known_names(names: tuple[str, ...]) -> KnownNames:
    """Index names; the same object for the same names."""
    return KnownNames(names)


def _is_person(text: str, place: int, name: str) -> bool:
    before, after = text[:place], text[place + len(name) :]
    if _BEFORE.search(before) or _AFTER.match(after):
        return True
    if len(name) > 2:
        return not _INSTITUTION.match(after)
    return not _HAN.match(before[-1:]) and not _HAN.match(after[:1])
