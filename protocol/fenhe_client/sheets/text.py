"""Read CSV and TSV. Rows count as a spreadsheet shows them: a quoted line break starts no row."""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from fenhe_client.sheets.encodings import Decoded, decode, find_delimiter
from fenhe_client.sheets.table import EMPTY, Cell, CellType, Row, Sheet, without_trailing_blanks
from fenhe_client.sheets.watching import READING, Progress, unwatched
from fenhe_protocol.errors import InputError

_KEPT = re.compile(r'="(.*)"', re.S)
_CELL_LIMIT = 1024 * 1024  # characters; a stray quote would otherwise swallow the file

_EVERY = 500  # records


@dataclass(frozen=True)
class TextFile:
    """A Source over the bytes of one CSV or TSV file; empty `encoding`, `delimiter`: found out."""

    name: str
    raw: bytes
    encoding: str = ""
    delimiter: str = ""
    progress: Progress = unwatched  # asked while it is read; it may break that off

    def read(self) -> Sequence[Sheet]:
        """Read the one sheet; InputError `source.encoding` or `source.csv` names the line."""
        made: dict[str, Cell] = {}  # lists say the same over and over
        rows = [
            Row(number, tuple(made.get(t) or made.setdefault(t, _cell(t)) for t in cells))
            for number, cells in enumerate(self._records(), start=1)
        ]
        return (Sheet(name="", rows=without_trailing_blanks(rows)),)

    def notes(self) -> Sequence[str]:
        """Name the encoding and the delimiter."""
        shown = {"\t": "Tab"}.get(self._delimiter, self._delimiter)
        return (f"编码 encoding {self._decoded.encoding}, 分隔符 delimiter {shown}",)

    @cached_property
    def _decoded(self) -> Decoded:
        return decode(self.raw, file=self.name, encoding=self.encoding)

    @cached_property
    def _delimiter(self) -> str:
        return self.delimiter or find_delimiter(self._decoded.text)

    def _records(self) -> Iterator[list[str]]:
        csv.field_size_limit(_CELL_LIMIT)
        text = io.StringIO(self._decoded.text, newline="")
        reader = csv.reader(text, delimiter=self._delimiter, strict=True)
        line = 1  # where the row begins: an open quote swallows all that follows
        try:
            for number, cells in enumerate(reader):
                if number % _EVERY == 0:
                    self.progress(READING, text.tell(), len(self._decoded.text))
                yield cells
                line = reader.line_num + 1
        except csv.Error as error:
            raise InputError(
                "source.csv",
                where=f"{self.name} · 第 {line} 行 line {line}",
                expected='成对的引号 "…" paired quotes',
                found=str(error),
                advice="检查这一行的引号, 或用 Excel 另存为 .xlsx; mend the quotes of this line",
            ) from error


def _cell(text: str) -> Cell:
    # ="00123" is how careful systems keep Excel from turning an id into a number.
    kept = _KEPT.fullmatch(text)
    text = kept[1].replace('""', '"') if kept else text
    return Cell(text, CellType.TEXT) if text.strip() else EMPTY
