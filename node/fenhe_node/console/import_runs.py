"""`/imports/run/…`: one import of before, its problems, its columns, its marked copy."""

import re

from fenhe_client.sheets.marking import marked_name
from fenhe_node.console.asking import Answer, Asked, Download, Page, Routes
from fenhe_node.console.import_view import filtered
from fenhe_node.console.imports import XLSX
from fenhe_node.fates import ColumnFate
from fenhe_node.importing.annotation import marked_runs
from fenhe_node.mapping.model import target
from fenhe_node.store import Store, imports
from fenhe_node.store.imports import Run
from fenhe_protocol.errors import RequestError
from fenhe_protocol.schema_fields import KindSchema

_NUMBER = re.compile("[0-9]{1,9}")


def show(asked: Asked) -> Answer:
    """What it read and what it refused."""
    with Store.open(asked.console.home.store) as store:
        run = _run(store, asked.parts["number"])
        problems = imports.problems(store, run.number)
        columns = imports.columns(store, run.number)
        kept = imports.latest(store)
        latest = run.number in {each.number for each in kept}
        others = [each for each in imports.runs(store) if _together(run, each)]
    query = asked.query
    kind = asked.console.schemas.kind(run.kind)
    return Page(
        "console/import_run.html",
        {
            "run": run,
            "kind": kind,
            "columns": columns,
            "titles_of": lambda column: _titles(kind, column),
            "latest": latest,
            "together": sorted(others, key=lambda each: each.number),
            "title_of": lambda each: asked.console.schemas.kind(each.kind).title_zh,
            **filtered(problems, query.get("code", ""), query.get("column", "")),
        },
    )


def _titles(kind: KindSchema, column: ColumnFate) -> str:
    """What a column goes into, by the titles of the contract."""
    found = ((path, target(kind, path)) for path in column.fields)
    return "、".join(field.title_zh if field else path for path, field in found)


def marked(asked: Asked) -> Answer:
    """What was read, the wrong cells marked; of a file with several lists, all of them."""
    with Store.open(asked.console.home.store) as store:
        run = _run(store, asked.parts["number"])
        runs = [each for each in imports.latest(store) if _together(run, each)] or [run]
        return Download(marked_runs(store, runs), marked_name(run.file), XLSX)


def _together(one: Run, other: Run) -> bool:
    """Whether both were one import of one file."""
    return (one.file, one.sha256, one.at, one.by) == (other.file, other.sha256, other.at, other.by)


def _run(store: Store, number: str) -> Run:
    run = imports.find(store, int(number)) if _NUMBER.fullmatch(number) else None
    if run is None:
        raise RequestError("request.absent", status=404, found=number)
    return run


ROUTES: Routes = (
    ("GET", "/imports/run/{number}", show),
    ("GET", "/imports/run/{number}/marked.xlsx", marked),
)
