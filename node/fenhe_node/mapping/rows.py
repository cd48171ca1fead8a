"""Which rows are records and which are empty, totals or notes. Start at `why_skipped`."""

import re
from dataclasses import dataclass

from fenhe_client.sheets.headers import Header
from fenhe_client.sheets.table import Row
from fenhe_node.mapping.model import Mapping

_TOTAL = re.compile(r"(本页|全部)?(合计|总计|小计|共计|累计)|grandtotal|sub-?total|total", re.I)

_NOTE = re.compile(
    r"(注|说明|备注|填表|制表|填报|审核|复核|单位负责人|日期|note)[^:：]{0,8}[:：]", re.I
)


@dataclass(frozen=True)
class Why:
    """Why a row is no record, in both languages."""

    zh: str
    en: str


def why_skipped(
    row: Row,
    headers: tuple[Header, ...],
    mapping: Mapping,
    naming: frozenset[int],
) -> Why | None:
    """Say why the row is no record; None if it is one. `naming`: columns of the id and the name."""
    if row.empty:
        return Why("空行", "empty row")
    filled = [(i, cell.text.strip()) for i, cell in enumerate(row.cells) if cell.text.strip()]
    if any(_TOTAL.fullmatch("".join(text.split()).rstrip(":：")) for _, text in filled[:2]):
        return Why("合计行", "a row of totals")
    if len(headers) > 2 and _is_note(filled, naming):
        return Why("说明行", "a note")
    if _repeats_header(row, headers):
        return Why("重复的表头", "the header again")
    return _by_mapping({h.name: row.cell(h.column).text.strip() for h in headers}, mapping)


def _by_mapping(texts: dict[str, str], mapping: Mapping) -> Why | None:
    skipped = [
        f"{name} {texts[name]}"
        for name, words in mapping.skip_where.items()
        if texts.get(name) in words
    ]
    skipped += [name for name, words in mapping.only_where.items() if texts.get(name) not in words]
    if skipped:
        return Why(f"按映射跳过: {skipped[0]}", f"skipped by the mapping: {skipped[0]}")
    for name in mapping.wait_for:
        if mapping.says_nothing(name, texts.get(name, "")):
            return Why(f"尚未结束, 等“{name}”填上再收", f"held back until {name} is filled")
    return None


def _is_note(filled: list[tuple[int, str]], naming: frozenset[int]) -> bool:
    if _NOTE.match(filled[0][1]) and len(filled) <= 3:
        return True
    return len(filled) == 1 and filled[0][0] not in naming


def _repeats_header(row: Row, headers: tuple[Header, ...]) -> bool:
    same = sum(1 for h in headers if row.cell(h.column).text.strip() == h.text)
    return same == len(headers) > 1
