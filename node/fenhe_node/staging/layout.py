"""Find the sheet and the headers that a mapping speaks of. Start at `lay_out`."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from fenhe_client.sheets.headers import Header, HeaderBlock, find_headers, key
from fenhe_client.sheets.table import Row, Sheet
from fenhe_node.mapping.model import Mapping
from fenhe_protocol.errors import InputError

_FIELD_NAMES = frozenset(map(key, ("字段", "字段名", "项目", "field", "名称")))
_VALUE_NAMES = frozenset(map(key, ("值", "内容", "填写内容", "value")))


@dataclass(frozen=True)
class Layout:
    """The headers of a sheet and its rows of data."""

    file: str
    sheet: Sheet
    headers: tuple[Header, ...]
    rows: tuple[Row, ...]
    header_rows: str  # "第 1-2 行"; for people

    @property
    def top(self) -> tuple[Row, ...]:
        """The rows above the data, headers and all; none where fields run downwards."""
        if any(header.row for header in self.headers) or not self.rows:
            return ()
        return tuple(row for row in self.sheet.rows if row.number < self.rows[0].number)

    def filled(self, columns: Iterable[int]) -> list[int]:
        """Those of these columns in which any row has something."""
        empty, found = {*columns}, set[int]()
        for row in self.rows:
            # Most rows of a wide sheet may be short: nothing is asked of what a row has not.
            for column in range(min(empty, default=len(row.cells)), len(row.cells)):
                if column in empty and row.cells[column].text.strip():
                    found.add(column)
            empty -= found
        return sorted(found)


def lay_out(file: str, sheets: Sequence[Sheet], mapping: Mapping) -> Layout:
    """Find the sheet by the mapping's name for it, or the first that has its columns."""
    names = list(mapping.named)
    # A header made unique by its group (联系人信息/电话) stands in its cell without it.
    names += [name.rpartition("/")[2].partition("#")[0] for name in names]
    wanted = set(map(key, names))
    chosen = [sheet for sheet in sheets if mapping.sheet in ("", sheet.name)]
    chosen.sort(key=lambda sheet: sheet.hidden)
    if not chosen:
        found = "、".join(sheet.name for sheet in sheets)
        raise InputError("sheet.absent", where=file, expected=mapping.sheet, found=found)
    for sheet in chosen:
        layout = lay_out_sheet(file, sheet, wanted.__contains__, row=mapping.header_row)
        if layout:
            _check_columns(layout, mapping)
            return layout
    raise no_headers(file, chosen)


def lay_out_sheet(
    file: str, sheet: Sheet, known: Callable[[str], bool], *, row: int = 0
) -> Layout | None:
    """Find the headers in one sheet, across or, in a sheet 字段 | 值, downwards; else None."""
    turned = turn(sheet)
    if turned:
        return Layout(file, sheet, *turned, header_rows="A 列")
    block = find_headers(sheet, known, row=row)
    if block is None:
        return None
    rows = tuple(r for r in sheet.rows if r.number > block.last_row)
    return Layout(file, sheet, block.headers, rows, _shown(block))


def turn(sheet: Sheet) -> tuple[tuple[Header, ...], tuple[Row, ...]] | None:
    """Turn a sheet of two columns, 字段 and 值, into headers and one row; else None."""
    if not sheet.rows:
        return None
    head = [key(cell.text) for cell in sheet.rows[0].cells[:2]]
    if len(head) < 2 or head[0] not in _FIELD_NAMES or head[1] not in _VALUE_NAMES:
        return None
    filled = [row for row in sheet.rows[1:] if row.cell(0).text.strip()]
    headers = tuple(
        Header(index, row.cell(0).text.strip(), row.cell(0).text.strip(), row=row.number)
        for index, row in enumerate(filled)
    )
    cells = tuple(row.cell(1) for row in filled)
    return headers, ((Row(filled[0].number, cells),) if filled else ())


def no_headers(file: str, sheets: Sequence[Sheet]) -> InputError:
    """The error for a file in which no row could be taken for headers."""
    first = next((row for sheet in sheets for row in sheet.rows if not row.empty), None)
    if first is None:
        return InputError("source.empty", where=file, advice="确认文件已保存; is it saved?")
    seen = "、".join(c.text.strip() for c in first.cells if c.text.strip()) if first else ""
    return InputError(
        "header.unknown",
        where=file,
        expected="编号、名称等列名 a row of column names",
        found=seen,
        advice="用 --mapping 指定映射文件; name a mapping with --mapping",
    )


def matched(layout: Layout, mapping: Mapping) -> tuple[Header, ...]:
    """Give the headers with the spelling that the mapping uses for them."""
    spelled = {key(header): header for header in mapping.named}
    return tuple(replace(h, name=spelled.get(key(h.name), h.name)) for h in layout.headers)


def _check_columns(layout: Layout, mapping: Mapping) -> None:
    there = {key(header.name) for header in layout.headers}
    absent = [header for header in mapping.named if key(header) not in there]
    if absent:
        # A renamed column would otherwise quietly empty a field of every record.
        raise InputError(
            "header.absent",
            where=f"{layout.file} · {layout.sheet.name}",
            expected="、".join(absent),
            found="、".join(header.name for header in layout.headers),
            advice="改正表头或映射; mend the header or the mapping",
        )


def _shown(block: HeaderBlock) -> str:
    if block.first_row == block.last_row:
        return f"第 {block.last_row} 行"
    return f"第 {block.first_row}-{block.last_row} 行"
