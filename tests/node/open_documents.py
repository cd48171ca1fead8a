"""Spreadsheets of OpenDocument written out by hand, so that each piece of them can be wrong."""

import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

NAMESPACES = "".join(
    f' xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for prefix, name in {
        "office": "office",
        "table": "table",
        "text": "text",
        "style": "style",
        "number": "datastyle",
    }.items()
)
CALC = ' xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'
STYLES = """
<number:date-style style:name="N1"><number:year number:style="long"/><number:text>年</number:text>
<number:month/><number:text>月</number:text></number:date-style>
<number:date-style style:name="N2"><number:year number:style="long"/><number:text>-</number:text>
<number:month/><number:text>-</number:text><number:day/></number:date-style>
<number:number-style style:name="N3"><number:number number:min-integer-digits="8"
 number:decimal-places="0"/></number:number-style>
<style:style style:name="month" style:family="table-cell" style:data-style-name="N1"/>
<style:style style:name="day" style:family="table-cell" style:data-style-name="N2"/>
<style:style style:name="eight" style:family="table-cell" style:data-style-name="N3"/>
<style:style style:name="heir" style:family="table-cell" style:parent-style-name="eight"/>
<style:style style:name="gone" style:family="table"><style:table-properties table:display="false"/>
</style:style>"""


def text(shown: str, more: str = "") -> str:
    paragraph = f"<text:p>{shown}</text:p>"
    return f'<table:table-cell office:value-type="string"{more}>{paragraph}</table:table-cell>'


def number(value: str, more: str = "") -> str:
    return f'<table:table-cell office:value-type="float" office:value="{value}"{more}/>'


def row(*cells: str, more: str = "") -> str:
    return f"<table:table-row{more}>{''.join(cells)}</table:table-row>"


def table(*inside: str, more: str = "") -> str:
    return f'<table:table table:name="表"{more}>{"".join(inside)}</table:table>'


def document(*tables: str, before: str = "") -> str:
    return (
        f'<?xml version="1.0"?>{before}<office:document-content{NAMESPACES}{CALC}>'
        f"<office:automatic-styles>{STYLES}</office:automatic-styles><office:body>"
        f"<office:spreadsheet>{''.join(tables)}</office:spreadsheet></office:body>"
        "</office:document-content>"
    )


def write_ods(path: Path, content: str) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
    return path


def write_list(path: Path, rows: Sequence[Sequence[Any]]) -> Path:
    return write_ods(path, document(table(*(row(*map(text, cells)) for cells in rows))))
