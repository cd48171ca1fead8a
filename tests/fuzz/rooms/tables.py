"""Lists as units have them: CSV in all encodings, .xls, .xlsx, YAML of fields, down to records."""

import io
import re
import zipfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date
from typing import Any

import openpyxl
import xlwt

from fenhe_client.sheets.cells import Damage
from fenhe_client.sheets.opening import OpenedFile, pick_source
from fenhe_client.sheets.table import Cell, CellType
from fenhe_node.importing.intake import digest
from fenhe_node.mapping.model import ColumnRule, target
from fenhe_node.mapping.steps import read_steps, write_steps
from fenhe_node.mapping.values import read_cell
from fenhe_node.sources.nemo import fixture_tables, rows_of
from fenhe_node.sources.records import records_sheet
from fenhe_node.staging.stage import stage
from fenhe_node.staging.suggesting import suggest_mapping
from fenhe_protocol.errors import InputError
from fenhe_protocol.schema import SchemaSet
from fenhe_protocol.schema_fields import Field
from tests.fuzz.target import Target, text_of
from tests.node import open_documents as odf

_SCHEMAS, _UNIT = SchemaSet.load(), "12140000000000019W"
_HEAD = ["设备编号", "设备名称", "型号", "原值（万元）", "购置日期", "状态", "负责人"]
_ROW = ["20150001", "扫描电子显微镜", "EX-1", "35.5", "2015-03-01", "正常", "示例甲"]
_TEXT = "\n".join([",".join(_HEAD), ",".join(_ROW), '"=""0012""",二,,2016/5/6,无,'])
_FIELDS = "name_zh: 示例大学\nservice_office:\n  landline: 0351-0000000\n  address: [山西, 太原]\n"
_WORDS = (
    *(b",", b";", b"\t", b'"', b'""', b'="', b"\r", "编号".encode(), "万元".encode(), b"#REF!"),
    *(
        b"2.23E+17",
        b"2015-02-30",
        b"42370",
        "合计".encode(),
        "无".encode(),
        b"\xff\xfe",
        b"\xfe\xff",
    ),
    *(
        "二〇一五年".encode(),
        b"1e400",
        "〇".encode(),
        "①".encode(),
        b"1,234.5",
        b"-0",
        "½".encode(),
    ),
)

_OPEN = odf.document(
    odf.table(*(odf.row(*map(odf.text, cells), odf.number("35.5")) for cells in (_HEAD, _ROW)))
).encode()
_OPEN_PARTS = {"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "content.xml": _OPEN}
_ODF = (
    *(b' table:number-rows-repeated="1048576"', b' table:number-columns-repeated="16384"'),
    *(b' table:number-columns-spanned="9"', b' table:formula="of:=1"', b"<text:s text:c='9'/>"),
    *(b' office:value-type="date" office:date-value="2017-06-01"', b"<office:annotation>"),
    *(b' office:value-type="float" office:value="1e999"', b' table:visibility="collapse"'),
    *(b"<number:date-style style:name='N1'>", b"<number:year/>", b"<!DOCTYPE a>", b"\xff\xfe"),
)
_FIXTURE = (
    b'[{"model": "NEMO.tool", "pk": 1, "fields": {"name": "a b", "visible": true}},'
    b' {"model": "NEMO.usageevent", "pk": 2, "fields": {"tool": ["a b"], "user": 3,'
    b' "project": ["p"], "start": "2026-07-01T00:00:00Z", "end": null}}]'
)


def _taken(name: str, raw: bytes) -> None:
    """All that an import does before it writes: read, suggest, stage, split into tiers."""
    source = pick_source(name, raw)
    sheets = tuple(source.read())
    source.notes()
    mapping = suggest_mapping(OpenedFile(name, "", sheets, ()), _SCHEMAS, None)
    for draft in stage(name, sheets, mapping, schemas=_SCHEMAS, unit=_UNIT).kept:
        digest(_SCHEMAS, draft.kind, draft.record)


def _text_file(raw: bytes) -> None:
    _taken("list.csv", raw)


def _fields_file(raw: bytes) -> None:
    _taken("unit.yaml", raw)


def _workbook(raw: bytes) -> None:
    _taken("list.xlsx", raw)


def _old_workbook(raw: bytes) -> None:
    _taken("list.xls", raw)


def _old_records(raw: bytes) -> None:
    """The records of an old workbook, in the file system that they lie in."""
    _taken("list.xls", _OLD[:_OLD_AT] + raw.ljust(_OLD_ROOM, b"\0")[:_OLD_ROOM] + _OLD[_OLD_END:])


def _part(file: str, parts: Mapping[str, bytes], name: str) -> Callable[[bytes], None]:
    """The reader of a workbook of these parts, of which one is given."""

    def read(raw: bytes) -> None:
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as archive:
            for other, content in {**parts, name: raw}.items():
                archive.writestr(zipfile.ZipInfo(other), content)
        _taken(file, made.getvalue())

    return read


def _nemo(raw: bytes) -> None:
    """A fixture of NEMO down to the sheets that it gives."""
    tables = fixture_tables(raw, "nemo.json")
    for name in ("tools", "usage_events"):
        records_sheet("nemo.json", name, rows_of(name, tables), lambda n, _: str(n))


def _cell(raw: bytes) -> None:
    """One cell as some field of some kind would have it, as text and as number."""
    if not raw:
        return
    text, (path, field) = text_of(raw[1:]), _READ[raw[0] % len(_READ)]
    for cell in (Cell(text, CellType.TEXT), Cell(text, CellType.NUMBER, "0.00")):
        with suppress(Damage):
            read_cell(cell, ColumnRule("a", (path,)), path, field, empty=("/",))


def _new_book(*rows: list[Any]) -> bytes:
    book, made = openpyxl.Workbook(), io.BytesIO()
    sheet = book.worksheets[0]
    for row in rows:
        sheet.append(row)
    sheet.merge_cells("A5:B6")
    book.save(made)
    return made.getvalue()


def _old_book() -> bytes:
    book, made = xlwt.Workbook(), io.BytesIO()
    sheet = book.add_sheet("表")
    rows: list[list[Any]] = [_HEAD, _ROW, ["2", "二", "", 3.5, 42370, True]]
    for number, row in enumerate(rows):
        for column, value in enumerate(row):
            sheet.write(number, column, value)
    sheet.merge(4, 5, 0, 1)
    book.save(made)
    return made.getvalue()


def _parts_of(book: bytes) -> dict[str, bytes]:
    """The parts without which a workbook is none: what nobody asks for takes time in every run."""
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts[_STYLES] = re.sub(rb"(?s)<colors>.*</colors>", b"", parts[_STYLES])
    return {name: parts[name] for name in parts if not re.match("docProps|xl/theme|_rels", name)}


_TYPED = ["2", "二", None, 3.5, date(2016, 5, 6), True]
_NEW, _OLD = _new_book(_HEAD, _ROW, [*_TYPED, "=1+1"]), _old_book()
_ENTRY = _NEW.index(b"PK\1\2") + 6  # where the directory of a zip says which version reads it
# The sector size of the file system around it, and where the directory of that begins.
_OLD_AT, _OLD_END = 512, _OLD.index("Root Entry".encode("utf-16-le"))
_OLD_ROOM = _OLD_END - _OLD_AT
_SHEET, _STYLES, _BOOK = "xl/worksheets/sheet1.xml", "xl/styles.xml", "xl/workbook.xml"
# With a formula a book is read twice: only where the sheet itself is given.
_PARTS = _parts_of(_new_book([_HEAD[0], _HEAD[1], _HEAD[4]], ["2", "二", date(2016, 5, 6)]))
_SHEETS = [_parts_of(book)[_SHEET] for book in (_NEW, _new_book(_HEAD, _ROW, _TYPED))]


def _steps(raw: bytes) -> None:
    """Price steps of a cell; what is read is written so that it is read the same."""
    with suppress(Damage):
        steps = read_steps(text_of(raw))
        if read_steps(write_steps(steps)) != steps:
            raise AssertionError(steps)


_XML = (
    *(b"<c ", b' r="A1"', b' t="s"', b' t="inlineStr"', b"<v>", b"</v>", b"<f>", b"<row ", b' s="'),
    *(b"<mergeCell ref=", b'"A1:XFD1048576"', b"<!DOCTYPE a [", b"&#0;", b"&lt;", b' hidden="1"'),
    *(b"<col min=", b' max="16384"', b"<is><t>", b"1e400", b"99999", b"#REF!"),
)
_BOMB = "a: &a0 x\n" + "".join(
    f"b{n}: &a{n} {{{', '.join(f'k{k}: *a{n - 1}' for k in range(10))}}}\n" for n in range(1, 10)
)
_CHARGE = "lines.charge_unit"
_READ: list[tuple[str, Field | None]] = [
    (_CHARGE, target(_SCHEMAS.kind("fee_standard"), _CHARGE)),
    *(
        (path, field)
        for kind in ("instrument", "service_record", "fee_standard")
        for whole in _SCHEMAS.kind(kind).own_fields
        for field in whole.leaves
        for path in [field.path.replace("[]", "")]
    ),
]
_SEVERAL = (*_ROW, "2016/5/6 8:30", "元/30天", "是", "110105", "1,2")
_CELLS = [
    bytes([number]) + text.encode()
    for number, (_, field) in enumerate(_READ)
    for text in (_SEVERAL if field and field.type != "text" else _ROW[:1])
]
_ENCODED = [_TEXT.encode(each) for each in ("utf-8-sig", "gb18030", "utf-16", "utf-16-le")]

_STEPS = [
    "单位内部 100以上 不满200 180元; 200以上 80%".encode(),
    "校外 不满10 35.50元；自10起 九折\n小微企业 10-20 1元".encode(),
]
_STEP_WORDS = [word.encode() for word in ("超过", "≤", "以内", "至", "％", "满", "折", "９", "元")]

TARGETS = (
    Target(
        "CSV",
        _text_file,
        (InputError,),
        [_TEXT.encode(), *_ENCODED],
        _WORDS,
        {
            "a cell longer than any may be": b"a,b\n" + b"x" * (1 << 20) + b"y,1\n",
            "a value of thousands of digits": _TEXT.replace("35.5", "3" * 5000).encode(),
        },
        cheap=30,
        largest=1024,
    ),
    Target(
        "YAML of fields",
        _fields_file,
        (InputError,),
        [_FIELDS.encode()],
        found={
            "nested 1,500 deep": b"a: " + b"{a: " * 1500,
            "a field that lies in itself": b"&a {a: *a}",
            "aliases that stand for a thousand million fields": _BOMB.encode(),
        },
        cheap=30,
    ),
    Target(
        ".xlsx",
        _workbook,
        (InputError,),
        [_NEW],
        _XML,
        {"a zip of a version to come": _NEW[:_ENTRY] + b"\x5c\0" + _NEW[_ENTRY + 2 :]},
        cheap=10,
        largest=16384,
    ),
    Target(
        "sheet of an .xlsx",
        _part("list.xlsx", _PARTS, _SHEET),
        (InputError,),
        _SHEETS,
        _XML,
        {"a value of thousands of digits": _SHEETS[0].replace(b"35.5", b"3" * 5000)},
        cheap=5,
    ),
    *(
        Target(
            f"{called} of an .xlsx",
            _part("list.xlsx", _PARTS, name),
            (InputError,),
            [_PARTS[name]],
            _XML,
            cheap=5,
        )
        for called, name in (("styles", _STYLES), ("book", _BOOK))
    ),
    *(
        Target(
            f"{called} of an .ods",
            _part("list.ods", _OPEN_PARTS, name),
            (InputError,),
            [_OPEN],
            _ODF,
            cheap=5,
        )
        for called, name in (("content", "content.xml"), ("styles", "styles.xml"))
    ),
    Target("a fixture of NEMO", _nemo, (InputError,), [_FIXTURE], cheap=20),
    Target(".xls", _old_workbook, (InputError,), [_OLD], cheap=10, largest=16384),
    Target("records of an .xls", _old_records, (InputError,), [_OLD[_OLD_AT:_OLD_END]], cheap=10),
    Target("cell", _cell, (), _CELLS, _WORDS, cheap=20),
    Target("price steps", _steps, (), _STEPS, _STEP_WORDS, cheap=100),
)
