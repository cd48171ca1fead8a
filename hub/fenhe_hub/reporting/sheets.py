"""A report as .xlsx: of the same facts the same bytes, whenever it is written. Pure."""

import io
import re
import zipfile

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from fenhe_hub.api.spreadsheet import text_cell
from fenhe_hub.reporting.facts import ReportFacts
from fenhe_hub.reporting.tables import Table, heading, tables
from fenhe_protocol.encoding import format_time, parse_time

_TIME = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*(<)")
_WIDEST = 48


def write_sheets(facts: ReportFacts) -> bytes:
    """One sheet for each table; codes and places are texts."""
    book = Workbook(write_only=True)
    book.properties.title = heading(facts)
    book.properties.creator = facts.hub
    for table in tables(facts):
        _write(book, table)
    out = io.BytesIO()
    book.save(out)
    made = format_time(parse_time(facts.made_at), 0)[:19]
    return _settled(out.getvalue(), f"{made}Z".encode())


def _write(book: Workbook, table: Table) -> None:
    sheet = book.create_sheet(table.title[:31])
    for number, head in enumerate(table.heads):
        values = [str(row[number]) for row in table.rows[:200]]
        widest = max(map(len, [head, *values]))
        sheet.column_dimensions[chr(ord("A") + number)].width = min(_WIDEST, 4 + 2 * widest)
    heads = [WriteOnlyCell(sheet, head) for head in table.heads]
    for cell in heads:
        cell.font = Font(bold=True)
    sheet.append(heads)
    for row in table.rows:
        sheet.append([text_cell(sheet, cell) for cell in row])
    if table.note:
        sheet.append([])
        sheet.append([text_cell(sheet, table.note)])


def _settled(raw: bytes, made: bytes) -> bytes:
    """The same file without the clock and the compression of whoever wrote it."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as old, zipfile.ZipFile(out, "w") as new:
        for name in sorted(old.namelist()):
            part = old.read(name)
            if name == "docProps/core.xml":
                part = _TIME.sub(rb"\g<1>" + made + rb"\g<2>", part)
            new.writestr(zipfile.ZipInfo(name), part)
    return out.getvalue()
