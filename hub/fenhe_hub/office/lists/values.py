"""One cell of a list to the text of its value; `Damage` says how to mend it. Pure."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from fenhe_client.mailing.settings import is_mail_address
from fenhe_client.sheets.cells import Damage, check_damage, check_digits, clean
from fenhe_client.sheets.dates import read_date
from fenhe_client.sheets.table import Cell
from fenhe_hub.office.entered import is_classified
from fenhe_hub.office.lists.columns import Column, Reader
from fenhe_protocol.code_tables import regions
from fenhe_protocol.identifiers import check_uscc
from fenhe_protocol.privacy import find_personal
from fenhe_protocol.uscc_mending import LENGTH, likely_slips, typed_uscc

_YES = frozenset({"有", "是", "√", "✓", "1", "y", "yes", "true", "支持", "同意", "通过", "终评"})
_NO = frozenset({"无", "没有", "否", "×", "✗", "0", "n", "no", "false", "不支持", "不同意", "初评"})
_LONGEST = 200
_MOST = 100_000


def text(most: int = _LONGEST) -> Reader:
    """A text of at most so many characters, of nobody and of no secret."""

    def read(cell: Cell) -> str:
        check_damage(cell)
        check_digits(cell)
        said = clean(cell.text)
        if len(said) > most:
            raise Damage("list.long", f"最多 {most} 字", f"at most {most} characters")
        if find_personal({"text": said}):
            raise Damage(
                "list.personal",
                "含个人信息, 不予保存: 写科室和座机, 不写姓名和手机号",
                "holds personal data: write an office, no name and no mobile number",
                quote=False,
            )
        if is_classified(said):
            raise Damage(
                "list.classified",
                "涉密事项不进入本系统: 删去这一行",
                "what is classified is not entered: delete the row",
                quote=False,
            )
        return said

    return read


def mailbox(cell: Cell) -> str:
    """The address of an office, never of a person."""
    said = text(100)(cell)
    if said and not is_mail_address(said):
        raise Damage(
            "list.mailbox", "应为一个邮箱, 如 keyan@example.edu.cn", "expected one address"
        )
    return said


def code(cell: Cell) -> str:
    """A 统一社会信用代码 with a good check character."""
    check_damage(cell)
    check_digits(cell)
    typed = typed_uscc(cell.text)
    try:
        check_uscc(typed)
    except ValueError as error:
        raise Damage("list.code", *_slips(typed)) from error
    return typed


def code_column(name: str) -> Column:
    """The column that says which unit a row is about."""
    words = ("社会信用代码", "信用代码", "单位代码", "机构代码", "统一代码", "代码", "uscc")
    return Column(name, "统一社会信用代码", "unit code", words, code, required=True)


def _slips(typed: str) -> tuple[str, str]:
    if len(typed) != LENGTH:
        return (
            f"应为 18 位统一社会信用代码, 这里 {len(typed)} 位: 照登记证书重填",
            f"a unified social credit code has 18 characters, this has {len(typed)}",
        )
    found = likely_slips(typed)
    if not found:
        return (
            "代码的校验位不对, 且不止一位有错: 照登记证书逐位核对",
            "the check character is wrong, and more than one: compare all of them",
        )
    zh = "; ".join(f"第 {s.place} 位“{s.found}”可能是 {s.meant}" for s in found)
    en = "; ".join(f"character {s.place}: {s.meant} for {s.found}?" for s in found)
    return f"代码的校验位不对: 照登记证书核对{zh}", f"the check character is wrong: {en}"


def day(cell: Cell) -> str:
    """A day as ISO text."""
    check_damage(cell)
    return read_date(cell, "")


def count(cell: Cell) -> str:
    """A whole number of things."""
    check_damage(cell)
    said = clean(cell.text).removesuffix("台套").removesuffix("台").removesuffix("套")
    if not said.isascii() or not said.isdigit() or int(said) > _MOST:
        raise Damage("list.count", "应为整数, 如 12", "expected a whole number like 12")
    return str(int(said))


def yes_no(cell: Cell) -> str:
    """`yes` or `no`."""
    check_damage(cell)
    said = clean(cell.text).casefold()
    if said in _YES:
        return "yes"
    if said in _NO:
        return "no"
    raise Damage("list.yes-no", "应为 有/无 (是/否)", "expected 有 or 无 (yes or no)")


def one_of(
    kind: type[StrEnum], labels: Mapping[Any, tuple[str, str]], words: Mapping[str, str]
) -> Reader:
    """One of a few, by its code, its Chinese label or another word for it."""
    known = {each.value: each.value for each in kind} | dict(words)
    known |= {labels[each][0]: each.value for each in kind}
    expected = "、".join(labels[each][0] for each in kind)

    def read(cell: Cell) -> str:
        check_damage(cell)
        found = known.get(clean(cell.text).casefold()) or known.get(clean(cell.text))
        if found is None:
            raise Damage("list.choice", f"应为: {expected}", f"expected one of: {expected}")
        return found

    return read


def city(cell: Cell) -> str:
    """The code of a region, from its code or its name."""
    check_damage(cell)
    said = clean(cell.text).removeprefix("山西省") or "山西省"
    if said in regions():
        return said
    for number, name in regions().items():
        if said in (name, name.removesuffix("市"), name.removesuffix("省")):
            return number
    if said in ("省直", "省级", "省本级"):
        return "140000"
    raise Damage("list.city", "应为省内的市, 如 太原市", "expected a city of the province")
