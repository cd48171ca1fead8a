"""What staff typed into a form: taken, or refused with what is expected. Pure; start at `words`.

Nothing about a person is kept, and nothing classified: of neither may even the refusal say a word.
"""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import TypeVar

from fenhe_client.mailing.settings import is_mail_address
from fenhe_hub.rules.overlaid import Subject
from fenhe_protocol.errors import InputError
from fenhe_protocol.identifiers import check_uscc
from fenhe_protocol.privacy import find_personal
from fenhe_protocol.uscc_mending import typed_uscc

LONGEST_LINE, LONGEST_TEXT = 200, 4000
# 技术秘密 and 商业秘密 are not meant: those are grounds that may be said.
_CLASSIFIED = re.compile(r"涉密|国家秘密|秘密级|机密|绝密|classified", re.IGNORECASE)
_FINDING_PARTS = 4
_RULE = re.compile(r"D[0-9]{1,2}")

E = TypeVar("E", bound=StrEnum)


def words(text: str, where: str, *, most: int = LONGEST_LINE, optional: bool = False) -> str:
    """One line, without blanks around; InputError `register.value`, `.personal`, `.classified`."""
    said = " ".join(unicodedata.normalize("NFC", text).split())
    return _checked(said, where, most, optional)


def passage(text: str, where: str, *, optional: bool = False) -> str:
    """The same of several lines."""
    lines = unicodedata.normalize("NFC", text).replace("\r\n", "\n").strip().split("\n")
    return _checked("\n".join(line.rstrip() for line in lines), where, LONGEST_TEXT, optional)


def _checked(said: str, where: str, most: int, optional: bool) -> str:
    if not said and not optional:
        raise InputError("register.value", where=where, expected=f"1–{most} 字 characters")
    shown = said.replace("\n", " ")
    if len(said) > most or not (shown.isprintable() or not shown):
        raise InputError("register.value", where=where, expected=f"≤ {most} 字 characters")
    if find_personal({"text": said}):
        raise InputError("register.personal", where=where)
    if is_classified(said):
        raise InputError("register.classified", where=where)
    return said


def is_classified(text: str) -> bool:
    """Whether a text says that something is a secret of the state."""
    return _CLASSIFIED.search(text) is not None


def mailbox(text: str, where: str) -> str:
    """The address of an office; one that looks like a person's is refused as `words` does."""
    said = words(text, where, most=100)
    if not is_mail_address(said):
        raise InputError("register.value", where=where, expected="keyan@example.edu.cn")
    return said


def day(text: str, where: str, *, optional: bool = False) -> str:
    """An ISO date; InputError `register.value`."""
    if optional and not text.strip():
        return ""
    try:
        return date.fromisoformat(text.strip()).isoformat()
    except ValueError:
        raise InputError(
            "register.value", where=where, expected="2026-01-31", found=text[:40]
        ) from None


def code(text: str, where: str = "unit") -> str:
    """A 统一社会信用代码; InputError `register.value` says what is wrong with it."""
    typed = typed_uscc(text)
    try:
        check_uscc(typed)
    except ValueError as error:
        raise InputError(
            "register.value", where=where, expected=str(error), found=typed[:40]
        ) from error
    return typed


def choice(text: str, kind: type[E], labels: Mapping[E, tuple[str, str]], where: str) -> E:
    """One of a few, by its code or by its Chinese word; InputError `register.value`."""
    for each in kind:
        if text.strip() in (each.value, labels[each][0]):
            return each
    expected = ", ".join(labels[each][0] for each in kind)
    raise InputError("register.value", where=where, expected=expected, found=text[:40])


def subject(text: str, where: str = "subject") -> Subject:
    """A finding, a record by every rule (`*`), or a rule of a unit; InputError."""
    expected = "代码/规则/类别/编号 code/rule/kind/id"
    try:
        read = Subject.parse(text.strip())
    except ValueError:
        raise InputError("register.value", where=where, expected=expected) from None
    parts = text.strip().split("/", _FINDING_PARTS - 1)
    is_whole = len(parts) in (2, _FINDING_PARTS) and all(parts)
    rule_fits = len(parts) > 1 and (_RULE.fullmatch(parts[1]) or parts[1] == "*")
    if not is_whole or not rule_fits or (parts[1] == "*" and len(parts) == 2):
        raise InputError("register.value", where=where, expected=expected, found=text[:80])
    code(read.uscc, where)
    return read
