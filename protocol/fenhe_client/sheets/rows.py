"""Which rows of a sheet are no records: empty ones, totals, notes, the header again.

Start at `why_no_record`.
"""

import re
from dataclasses import dataclass

from fenhe_client.sheets.headers import Header
from fenhe_client.sheets.table import Row

_TOTAL = re.compile(r"(本页|全部)?(合计|总计|小计|共计|累计)|grandtotal|sub-?total|total", re.I)

_NOTE = re.compile(
    r"(注|说明|备注|填表|制表|填报|审核|复核|单位负责人|日期|note)[^:：]{0,8}[:：]", re.I
)


@dataclass(frozen=True)
class Why:
    """Why a row is no record, in both languages."""

    zh: str
    en: str


def why_no_record(row: Row, headers: tuple[Header, ...], naming: frozenset[int]) -> Why | None:
    """Say why the row is no record; None if it is one. `naming`: columns of the id and the name."""
    if row.empty:
        return Why("空行", "empty row")
    filled = [(i, cell.text.strip()) for i, cell in enumerate(row.cells) if cell.text.strip()]
    if any(_TOTAL.fullmatch("".join(text.split()).rstrip(":：")) for _, text in filled[:2]):
        return Why("合计行", "a row of totals")
    if len(headers) > 2 and _is_note(filled, naming):
        return Why("说明行", "a note")
    return Why("重复的表头", "the header again") if _repeats_header(row, headers) else None


def _is_note(filled: list[tuple[int, str]], naming: frozenset[int]) -> bool:
    if _NOTE.match(filled[0][1]) and len(filled) <= 3:
        return True
    return len(filled) == 1 and filled[0][0] not in naming


def _repeats_header(row: Row, headers: tuple[Header, ...]) -> bool:
    same = sum(1 for h in headers if row.cell(h.column).text.strip() == h.text)
    return same == len(headers) > 1
