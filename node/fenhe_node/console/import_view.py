"""What was found in a file: its problems, its columns to be mended, what it would do."""

from collections.abc import Mapping
from typing import Any

from fenhe_client.sheets.kept import Kept
from fenhe_client.sheets.problems import Problem
from fenhe_node.console import mending
from fenhe_node.console.asking import Answer, Asked, Console, Page
from fenhe_node.console.import_work import Work
from fenhe_node.importing.file import ImportReport
from fenhe_node.importing.looking import Book, Seen, SheetSeen
from fenhe_node.importing.sheets_chosen import split_sheet
from fenhe_node.mapping.model import target
from fenhe_node.mapping.suggestion import KINDS
from fenhe_node.store import Store, imports

PROBLEMS_SHOWN = 200
IDS_SHOWN = 60


def show_found(asked: Asked, file: Kept, work: Work) -> Answer:
    """The page of a file that was looked at."""
    console = asked.console
    book = work.result if isinstance(work.result, Book) else None
    sheet = asked.query.get("sheet", "")
    seen = book.part(sheet) if book else None
    context: dict[str, Any] = {
        "file": file,
        "seen": seen,
        "error": work.error or (seen.error if seen else None),
        "kinds": kinds(console),
        "sources": _sources(console),
        "source": file.source or (book.parts[0].mapping.source if book else "") or file.name,
        "sheets": [_sheet(file, each) for each in book.sheets] if book else [],
        "several": [_part(console, part) for part in book.parts] if book else [],
    }
    if seen is not None:
        context |= _mending(console, seen)
    if seen is not None and seen.report is not None:
        context |= _result(seen.report, asked.query)
    return Page("console/import_file.html", context, 422 if work.error else 200)


def _sheet(file: Kept, seen: SheetSeen) -> tuple[SheetSeen, str]:
    """A sheet, and how it is read: "" not at all, its name as guessed, NAME=KIND as told."""
    told = [each for each in file.sheets if split_sheet(each)[0] == seen.name]
    if not seen.kind:
        return seen, ""
    return seen, told[0] if told else f"{seen.name}={file.kind}" if file.kind else seen.name


def _part(console: Console, seen: Seen) -> dict[str, Any]:
    """A list of a file with several, in a line."""
    title = console.schemas.kind(seen.mapping.kind).title_zh
    return {"sheet": seen.report.sheet if seen.report else "", "kind": title, "report": seen.report}


def _sources(console: Console) -> list[str]:
    with Store.open(console.home.store) as store:
        return list(dict.fromkeys(run.source for run in imports.runs(store)))


def _mending(console: Console, seen: Seen) -> dict[str, Any]:
    kind = console.schemas.kind(seen.mapping.kind)
    fixed = [
        (f.title_zh if (f := target(kind, path)) else path, value)
        for path, value in seen.mapping.fixed.items()
    ]
    return {
        "kind": kind,
        "fields": mending.field_options(kind),
        "formats": mending.FORMATS,
        "missing": mending.MISSING,
        "units_of": mending.unit_options,
        "codes_of": mending.code_options,
        "code_of": mending.chosen_code,
        "is_date": mending.is_date,
        "fixed": fixed,
    }


def _result(report: ImportReport, query: Mapping[str, str]) -> dict[str, Any]:
    return {
        "report": report,
        "ids_shown": IDS_SHOWN,
        **filtered(report.problems, query.get("code", ""), query.get("column", "")),
    }


def filtered(problems: tuple[Problem, ...], code: str, column: str) -> dict[str, Any]:
    """The problems of one code or one column, and what there is to choose from."""
    found = [
        problem
        for problem in problems
        if code in ("", problem.code)
        and column in ("", problem.place.title if problem.place else problem.field)
    ]
    codes: dict[str, int] = {}
    for problem in problems:
        codes[problem.code] = codes.get(problem.code, 0) + 1
    titles = dict.fromkeys(p.place.title if p.place else p.field for p in problems)
    return {
        "problems": found[:PROBLEMS_SHOWN],
        "problems_found": len(found),
        "problems_all": len(problems),
        "codes": codes,
        "titles": [title for title in titles if title],
        "code": code,
        "column": column,
    }


def kinds(console: Console) -> list[tuple[str, str]]:
    """The kinds that lists are of, by name and title."""
    return [(kind, console.schemas.kind(kind).title_zh) for kind in KINDS]
