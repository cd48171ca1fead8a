"""What is damaged in a cell, before anyone asks what it means. Start at `damage`.

Excel damages quietly: it turns long numbers into 2.23E+17, ids into 20150012.0, dates into 42370.
Such a cell cannot be read back for certain, so it is refused with its place and never rounded.
`Damage` carries the sentence that tells a person how to mend it.
"""

import re
import unicodedata

from fenhe_client.sheets.numbers import EXCEL_DIGITS
from fenhe_client.sheets.table import Cell, CellType

_ERRORS = re.compile(
    r"#(N/A|REF!|VALUE!|NAME\?|DIV/0!|NULL!|NUM!|SPILL!|CALC!|GETTING_DATA|ERROR)|#{3,}|Err:\d{3}"
)
_BEGIN_ERRORS = ("#", "E")
# 2.23E+17, exactly as Excel writes it; a model name such as "QE+ HF" is none.
_SCIENTIFIC = re.compile(r"[+-]?\d(\.\d+)?[Ee]\+\d{2,}")
_FULL_WIDTH = re.compile("[\uff10-\uff19\uff21-\uff3a\uff41-\uff5a]")
_DECIMAL_ZERO = re.compile(r"\d+\.0+")
_MOJIBAKE = re.compile("�|ï¿½|锟斤拷")
# Pasted along with text from web pages; they show nothing and mean nothing in Chinese or English.
_INVISIBLE = dict.fromkeys(map(ord, "​⁠﻿­"))


class Damage(ValueError):
    """One cell that cannot be taken, with what is expected in its stead, Chinese and English."""

    def __init__(self, code: str, zh: str, en: str, *, quote: bool = True) -> None:
        super().__init__(code)
        self.code = code
        self.zh = zh
        self.en = en
        self.quote = quote  # whether the cell's text may be shown


def clean(text: str) -> str:
    """Give text as records hold it: NFC, one space where any blanks stood, nothing invisible.

    Raises Damage for control characters and for signs that turn the direction of writing.
    """
    shown = unicodedata.normalize("NFC", " ".join(text.translate(_INVISIBLE).split()))
    if shown.isprintable():  # nothing of the categories C*, and of the blanks but the space
        return text if text == shown else shown
    for character in shown:
        if unicodedata.category(character)[0] == "C":
            raise Damage(
                "cell.control",
                f"含看不见的字符 U+{ord(character):04X}: 删去重填",
                f"holds the invisible character U+{ord(character):04X}: retype it",
            )
    return shown


def check_damage(cell: Cell) -> None:
    """Raise Damage for a cell that holds no trustworthy value, whatever its column means."""
    if cell.type is CellType.FORMULA:
        raise Damage(
            "cell.formula",
            "公式没有保存结果: 在 Excel 中打开并保存, 或改填数值",
            "a formula without a stored result: open and save it in Excel, or type the value",
        )
    text = cell.text.strip()
    if cell.type is CellType.ERROR or (text[:1] in _BEGIN_ERRORS and _ERRORS.fullmatch(text)):
        raise Damage("cell.error", "是出错的单元格: 改填真实内容", "an error cell: type the value")
    if not text.isascii() and _MOJIBAKE.search(text):
        raise Damage(
            "cell.garbled",
            "文字已乱码, 无法还原: 从原系统重新导出",
            "garbled beyond recovery: export it again from where it came from",
        )


def check_digits(cell: Cell, *, number: bool = False) -> None:
    """Raise Damage for digits that Excel has already replaced; `number`: not an id or a text."""
    text = cell.text.strip()
    if "+" not in text and cell.type is not CellType.NUMBER:
        return
    if number and _SCIENTIFIC.fullmatch(text):
        raise Damage(
            "cell.scientific",
            "科学记数法, 后面的数位可能已丢: 列设为数值格式后重新导出, 或照原值重填",
            "in scientific notation, so digits may be lost: give the column a number format and"
            " export it again, or retype it",
        )
    if _SCIENTIFIC.fullmatch(text) or _long_number(cell):
        raise Damage(
            "cell.scientific",
            "长号码已被 Excel 截断: 列设为文本后重填",
            "a long number cut by Excel: format the column as text and retype it",
        )


def _long_number(cell: Cell) -> bool:
    if cell.type is not CellType.NUMBER:
        return False
    return len(cell.text.lstrip("-").replace(".", "").lstrip("0")) > EXCEL_DIGITS


def check_half_width(cell: Cell) -> None:
    """Raise Damage for full-width digits and letters where a number or a code is expected."""
    if _FULL_WIDTH.search(cell.text):
        half = unicodedata.normalize("NFKC", cell.text).strip()
        raise Damage(
            "cell.full-width", f"全角字符: 改为半角 {half}", f"full-width characters: write {half}"
        )


def check_whole(cell: Cell) -> None:
    """Raise Damage for an id read as 20150012.0."""
    if cell.type is CellType.TEXT and _DECIMAL_ZERO.fullmatch(cell.text.strip()):
        raise Damage(
            "cell.decimal-id",
            "编号被当作小数: 列设为文本后重新导出",
            "an id read as a decimal: format the column as text and export it again",
        )
