"""`/imports/empty`: a list to fill in for each kind of record, made from its schema."""

from io import BytesIO

from fenhe_node.console.asking import Answer, Asked, Download, Page, Routes
from fenhe_node.importing.template import columns, write
from fenhe_node.mapping.suggestion import KINDS
from fenhe_protocol.errors import InputError

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def show(asked: Asked) -> Answer:
    """Every kind, what it is, and its list."""
    schemas = asked.console.schemas
    kinds = [schemas.kind(name) for name in KINDS]
    rows = [(kind, len(columns(kind))) for kind in kinds]
    return Page("console/empty_lists.html", {"rows": rows})


def download(asked: Asked) -> Answer:
    """The workbook of a kind."""
    name = asked.parts["kind"].removesuffix(".xlsx")
    if name not in KINDS:
        raise InputError("import.kind", expected=", ".join(KINDS), found=name)
    schemas = asked.console.schemas
    file = BytesIO()
    write(name, schemas, file)
    return Download(file.getvalue(), f"{schemas.kind(name).title_zh}-模板.xlsx", XLSX)


ROUTES: Routes = (
    ("GET", "/imports/empty", show),
    ("GET", "/imports/empty/{kind}", download),
)
