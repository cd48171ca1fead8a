"""The header rows of a sheet: merged groups above, guidance inside. Start at `find_headers`.

The national template writes 原值（单位万元、保留小数点后两位） under a merged group 仪器基本信息.
The part outside the brackets is the name; what is inside is guidance, kept because it may tell the
unit of money.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from fenhe_client.sheets.table import CellType, Row, Sheet, letter

_SEARCHED_ROWS = 20
_UNIT_BEHIND = re.compile(r"(.+?)(?:\s*[/:_ -]\s*(万元|千元|元|小时|分钟)|(万元))")
_PERSON_WORDS = re.compile(
    "姓名|联系人|联络人|负责人|保管人|保管员|领用人|使用人|使用者|管理员|管理人|管理教师|管理老师|"
    "责任人|操作员|操作人|申请人|机主|导师|经办人"
    "|身份证|手机|微信|qq"
)
_OPEN, _CLOSE = "([{【〔", ")]}】〕"


@dataclass(frozen=True)
class Header:
    """One column. `name` is how a mapping calls it and is unique in the sheet.

    `row` is 0, or, where a sheet lists fields downwards, the row of this field.
    """

    column: int  # from 0
    text: str  # as it stands in the file
    name: str
    group: str = ""
    guidance: str = ""
    row: int = 0

    @property
    def letter(self) -> str:
        """The column as Excel shows it; where fields run downwards, that of the values."""
        return "B" if self.row else letter(self.column)

    @property
    def base(self) -> str:
        """Its own name, without the group or number that makes it unique."""
        return _once(plain(self.text)[0])

    def row_of(self, row: int) -> int:
        """Give the row in which this column's cell of the record at `row` stands."""
        return self.row or row


@dataclass(frozen=True)
class HeaderBlock:
    """The header rows and where the data begin (row numbers from 1)."""

    first_row: int
    last_row: int
    headers: tuple[Header, ...]


@lru_cache(maxsize=8192)
def plain(text: str) -> tuple[str, str]:
    """Split a header into its name and the guidance in its brackets, nested ones included."""
    depth, outside, inside = 0, "", ""
    for character in unicodedata.normalize("NFKC", text):
        if character in _OPEN:
            depth += 1
        elif character in _CLOSE:
            depth = max(0, depth - 1)
        elif depth:
            inside += character
        else:
            outside += character
    name = " ".join(outside.split()).strip("*★:;,.、 ")
    unit = _UNIT_BEHIND.fullmatch(name)  # 原值/万元
    if unit:
        name, inside = unit[1], f"{inside} {unit[2] or unit[3]}"
    return name or " ".join(inside.split()), " ".join(inside.split())


@lru_cache(maxsize=8192)
def key(name: str) -> str:
    """Give the form in which names are compared: no blanks, no case, one kind of dash."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return re.sub(r"\s+", "", folded).translate(dict.fromkeys(map(ord, "—–－_"), "-"))


def speaks_of_person(header: Header) -> bool:
    """Whether a column is about somebody: then it is not read unless a field asks for it."""
    return bool(_PERSON_WORDS.search(key(header.base)))


def find_headers(sheet: Sheet, known: Callable[[str], bool], *, row: int = 0) -> HeaderBlock | None:
    """Find the rows that name most columns that are `known` (by `key`); `row` says the last one.

    None where no row names two known columns, or the only column there is.
    """
    rows = {r.number: r for r in sheet.rows}
    last = row or _best_row(sheet, known)
    if last not in rows:
        return None
    last = row or _below_by_merge(sheet, last)
    first = _first_row(sheet, rows, last)
    return HeaderBlock(first, last, _headers(sheet, rows, first, last))


def _best_row(sheet: Sheet, known: Callable[[str], bool]) -> int:
    best, best_score = 0, 0
    for row in sheet.rows[:_SEARCHED_ROWS]:
        names = {key(plain(cell.text)[0]) for cell in row.cells if cell.type is CellType.TEXT}
        score = sum(1 for name in names if name and known(name))
        if score > best_score and (score >= 2 or len(names - {""}) == 1):
            best, best_score = row.number, score
    return best


def _below_by_merge(sheet: Sheet, row: int) -> int:
    # 编号 merged over two rows beside 存放地点 over 省, 市: the lower row belongs to the header.
    return max([row, *(m.bottom for m in sheet.merges if m.top == row and m.bottom > row)])


def _first_row(sheet: Sheet, rows: dict[int, Row], last: int) -> int:
    above = rows.get(last - 1)
    if above is None:
        return last
    filled = [cell for cell in above.cells if cell.text.strip()]
    if any(m.top <= last - 1 and m.bottom == last for m in sheet.merges):
        return last - 1
    # One filled cell over everything is a title; several are groups.
    below = sum(1 for cell in rows[last].cells if cell.text.strip())
    all_text = all(cell.type is CellType.TEXT for cell in filled)
    return last - 1 if 2 <= len(filled) < below and all_text else last


def _headers(sheet: Sheet, rows: dict[int, Row], first: int, last: int) -> tuple[Header, ...]:
    found: list[Header] = []
    for column in range(sheet.width):
        own = rows[last].cell(column).text if last in rows else ""
        group = _group(sheet, rows, first, column) if first < last else ""
        text = own if own.strip() else group
        if text.strip():
            name, guidance = plain(text)
            shown_group = "" if text is group else _once(plain(group)[0])
            found.append(Header(column, text.strip(), _once(name), shown_group, guidance))
    return _unique(found)


def _group(sheet: Sheet, rows: dict[int, Row], row: int, column: int) -> str:
    merge = sheet.merge_over(row, column)
    if merge and merge.top in rows:
        return rows[merge.top].cell(merge.left).text
    if sheet.merges:
        return rows[row].cell(column).text
    # Text files have no merges: a group reaches to the next one.
    filled = [c.text for c in rows[row].cells[: column + 1] if c.text.strip()]
    return filled[-1] if filled else ""


def _once(text: str) -> str:
    """Undo a name that was repeated to fill its merged cell: 基本信息 基本信息 → 基本信息."""
    words = text.split()
    return words[0] if len(set(words)) == 1 and len(words) > 1 else text


def _unique(headers: Sequence[Header]) -> tuple[Header, ...]:
    names = Counter(key(h.name) for h in headers)
    grouped = Counter(key(f"{h.group}/{h.name}") for h in headers)
    seen: Counter[str] = Counter()
    unique = []
    for h in headers:
        name = h.name
        if names[key(name)] > 1 and h.group and grouped[key(f"{h.group}/{name}")] == 1:
            name = f"{h.group}/{name}"
        elif names[key(name)] > 1:
            seen[key(name)] += 1
            name = f"{name}#{seen[key(name)]}"
        unique.append(Header(h.column, h.text, name, h.group, h.guidance))
    return tuple(unique)
