"""A form that somebody sent, judged field by field: a Wish, or what is wrong with it. Pure.

Start at `read_wish`. Everything is text of strangers: it is bounded, without control characters
and bidirectional controls, and is escaped wherever it is shown.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fenhe_client.mailing.settings import is_mail_address
from fenhe_node.orders.estimate import MOST
from fenhe_protocol.typed_text import clean, trouble

USER_CLASSES = (
    *("enterprise", "tech_sme", "university", "institute"),
    *("rd_organisation", "person", "internal", "other"),
)
DIRECTIONS = ("research", "development", "teaching", "other")
WAYS = ("3", "2", "1", "4")  # of the schema; what a stranger may ask for

_PHONE = re.compile(r"[0-9+() -]{3,30}")


@dataclass(frozen=True, slots=True)
class Wish:
    """Who asks for what. Texts are empty where nothing was said."""

    applicant: str
    applicant_unit: str
    phone: str
    mail: str
    user_class: str
    content: str
    when: str
    samples: int
    direction: str
    way: int
    quantities: Mapping[str, int] = field(default_factory=dict)  # by price line

    def facts(self) -> dict[str, Any]:
        """As it is stored."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one field, in words for who filled it in."""

    field: str
    text: str


def read_wish(form: Mapping[str, str], refs: Sequence[str]) -> tuple[Wish | None, list[Fault]]:
    """Judge a form; `refs` are the price lines that it may name, in the fields `q:<ref>`."""
    faults: list[Fault] = []
    # In the order of the form, in which its faults are read.
    content = _text(form, "content", 1000, faults, "请写明需要测什么、有什么要求")
    samples = _number(form, "samples", faults)
    when = _line(form, "when", 200, faults)
    way = _choice(form, "way", ("", *WAYS), faults, "请选择服务方式")
    direction = _choice(form, "direction", ("", *DIRECTIONS), faults, "请选择用途")
    user_class = _choice(form, "user_class", USER_CLASSES, faults, "请选择用户类别")
    asked = {ref: _number(form, f"q:{ref}", faults) for ref in refs}
    applicant = _line(form, "applicant", 50, faults, "请填写姓名")
    applicant_unit = _line(form, "applicant_unit", 100, faults)
    phone, mail = _contact(form, faults)
    if form.get("consent") != "yes":
        faults.append(Fault("consent", "同意后才能提交"))
    if faults:
        return None, faults
    quantities = {ref: count for ref, count in asked.items() if count}
    wish = Wish(
        *(applicant, applicant_unit, phone, mail, user_class, content, when),
        *(samples, direction, int(way or 0), quantities),
    )
    return wish, []


def read_text(form: Mapping[str, str], name: str, longest: int) -> tuple[str, list[Fault]]:
    """One text of several lines, as answers and comments are."""
    faults: list[Fault] = []
    return _text(form, name, longest, faults), faults


def _text(
    form: Mapping[str, str], name: str, longest: int, faults: list[Fault], wanted: str = ""
) -> str:
    text = clean(form.get(name, ""))
    if wanted and not text:
        faults.append(Fault(name, wanted))
    elif wrong := trouble(text, longest):
        faults.append(Fault(name, wrong))
    return text


def _line(
    form: Mapping[str, str], name: str, longest: int, faults: list[Fault], wanted: str = ""
) -> str:
    text = _text(form, name, longest, faults, wanted)
    return " ".join(text.split())


def _contact(form: Mapping[str, str], faults: list[Fault]) -> tuple[str, str]:
    phone = _line(form, "phone", 30, faults)
    mail = _line(form, "mail", 100, faults)
    if not phone and not mail:
        faults.append(Fault("mail", "邮箱和电话至少填写一项，以便答复"))
    if phone and not _PHONE.fullmatch(phone):
        faults.append(Fault("phone", "电话只含数字、空格和 + - ( )"))
    if mail and not is_mail_address(mail):
        faults.append(Fault("mail", "邮箱地址不对，例如 user@example.org"))
    return phone, mail


def _number(form: Mapping[str, str], name: str, faults: list[Fault]) -> int:
    text = unicodedata.normalize("NFKC", form.get(name, "")).strip()
    if not text:
        return 0
    if not (text.isascii() and text.isdigit() and len(text) <= 7 and int(text) <= MOST):
        faults.append(Fault(name, f"填 0 至 {MOST:,} 的整数"))
        return 0
    return int(text)


def _choice(
    form: Mapping[str, str], name: str, allowed: Sequence[str], faults: list[Fault], wanted: str
) -> str:
    value = form.get(name, "")
    if value not in allowed:
        faults.append(Fault(name, wanted))
        return ""
    return value
