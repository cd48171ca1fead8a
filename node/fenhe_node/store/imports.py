"""Which file was imported when and by whom, and its staging: columns, rows, problems.

Runs are kept for ever; the staging only of the latest import of each list (`source` and kind).
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fenhe_client.sheets.problems import Place, Problem
from fenhe_client.sheets.table import Merge, Row
from fenhe_node.fates import ColumnFate, Fate, RowFate
from fenhe_node.store.database import Store


@dataclass(frozen=True)
class Run:
    """One import; `number` is 0 until it is stored. rows == staged + refused + skipped."""

    number: int
    at: int
    by: str
    file: str
    sha256: str
    sheet: str
    kind: str
    source: str
    mapping: str
    rows: int
    staged: int
    refused: int
    skipped: int


def add(store: Store, run: Run, *, whole: bool = True) -> int:
    """Keep a run and give its number; the former staging of its list goes.

    Persons whom the list named before are still sought where it is not `whole`.
    """
    number = store.insert("import_run", {**vars(run), "number": None})
    for former in runs(store, source=run.source, kind=run.kind)[1:]:
        if not whole:
            moved = "INSERT OR IGNORE INTO person SELECT ?, name FROM person WHERE import_no = ?"
            store.run(moved, [number, former.number])
        for table in ("staged_column", "staged_row", "problem", "person", "staged_top"):
            store.run(f"DELETE FROM {table} WHERE import_no = ?", [former.number])
    return number


def stage(
    store: Store,
    number: int,
    columns: Iterable[ColumnFate],
    rows: Iterable[RowFate],
    problems: Iterable[Problem],
) -> None:
    """Keep the staging of a run."""
    store.many(
        "INSERT INTO staged_column VALUES(?,?,?,?,?,?,?,?,?)",
        (
            (
                number,
                c.index,
                c.column,
                c.header,
                _json(c.fields),
                c.tier,
                c.why_zh,
                c.why_en,
                c.row,
            )
            for c in columns
        ),
    )
    store.many(
        "INSERT INTO staged_row VALUES(?,?,?,?,?,?,?,?)",
        ((number, r.row, r.fate, r.id, r.why_zh, r.why_en, _json([*r.cells]), r.key) for r in rows),
    )
    add_problems(store, number, problems)


def add_problems(store: Store, number: int, problems: Iterable[Problem]) -> None:
    """Keep problems of a run beside those it has."""
    sql = "SELECT coalesce(max(seq) + 1, 0) AS first FROM problem WHERE import_no = ?"
    first = store.rows(sql, [number])[0]["first"]
    store.many(
        "INSERT INTO problem VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
        (_problem_row(number, seq, problem) for seq, problem in enumerate(problems, first)),
    )


def keep_top(store: Store, number: int, rows: Iterable[Row], merges: Iterable[Merge]) -> None:
    """Keep what stands above the rows of a run, and which cells of its sheet are merged."""
    cells = [
        (row.number, column, cell.text)
        for row in rows
        for column, cell in enumerate(row.cells)
        if cell.text
    ]
    areas = [(area.top, area.left, area.bottom, area.right) for area in merges]
    store.run("INSERT INTO staged_top VALUES(?,?,?)", [number, _json(cells), _json(areas)])


def top(store: Store, number: int) -> tuple[list[tuple[int, int, str]], list[Merge]]:
    """The cells above the rows of a run, as (row, column, text), and its sheet's merged areas."""
    rows = store.rows("SELECT cells, merges FROM staged_top WHERE import_no = ?", [number])
    if not rows:
        return [], []
    cells = [(row, column, text) for row, column, text in json.loads(rows[0]["cells"])]
    return cells, [Merge(*area) for area in json.loads(rows[0]["merges"])]


def keep_persons(store: Store, number: int, names: Iterable[str]) -> None:
    """Keep the names that stand in the persons' columns of a run."""
    rows = ((number, name) for name in sorted(set(names)))
    store.many("INSERT OR IGNORE INTO person VALUES(?,?)", rows)


def persons(store: Store) -> tuple[str, ...]:
    """The persons named in the latest edition of any list: in nothing that is sent."""
    return tuple(row["name"] for row in store.rows("SELECT DISTINCT name FROM person ORDER BY 1"))


def runs(store: Store, *, source: str | None = None, kind: str = "") -> tuple[Run, ...]:
    """List the imports, latest first; of one list if told."""
    rows = store.rows(
        "SELECT * FROM import_run WHERE (? IS NULL OR source = ?) AND (? = '' OR kind = ?)"
        " ORDER BY number DESC",
        [source, source, kind, kind],
    )
    return tuple(Run(**row) for row in rows)


def latest(store: Store) -> tuple[Run, ...]:
    """List the latest import of each list: those whose staging is kept."""
    rows = store.rows(
        "SELECT * FROM import_run WHERE number IN"
        " (SELECT max(number) FROM import_run GROUP BY source, kind) ORDER BY number"
    )
    return tuple(Run(**row) for row in rows)


def find(store: Store, number: int) -> Run | None:
    """Find one import by its number."""
    rows = store.rows("SELECT * FROM import_run WHERE number = ?", [number])
    return Run(**rows[0]) if rows else None


def columns(store: Store, number: int) -> tuple[ColumnFate, ...]:
    """Give the columns of a run from left to right."""
    rows = store.rows("SELECT * FROM staged_column WHERE import_no = ? ORDER BY idx", [number])
    return tuple(
        ColumnFate(
            r["idx"],
            r["letter"],
            r["header"],
            tuple(json.loads(r["fields"])),
            r["tier"],
            r["why_zh"],
            r["why_en"],
            r["row"],
        )
        for r in rows
    )


def rows(store: Store, number: int) -> Iterator[RowFate]:
    """Go through the rows of a run from top to bottom."""
    for r in store.rows("SELECT * FROM staged_row WHERE import_no = ? ORDER BY row", [number]):
        cells = tuple((*cell[:3], *(cell[3:] or [""])) for cell in json.loads(r["cells"]))
        why = (r["why_zh"], r["why_en"])
        yield RowFate(r["row"], Fate(r["fate"]), r["id"], *why, cells, r["key"])


def keys(store: Store) -> dict[tuple[int, int], str]:
    """What sources without rows call their records, by import and row."""
    rows = store.table("SELECT import_no, row, key FROM staged_row WHERE key != ''")
    return {(number, row): key for number, row, key in rows}


def key(store: Store, number: int, row: int) -> str:
    """What a source without rows calls one record; empty in a file."""
    sql = "SELECT key FROM staged_row WHERE import_no = ? AND row = ?"
    rows = store.rows(sql, [number, row])
    return str(rows[0]["key"]) if rows else ""


def problems(store: Store, number: int) -> tuple[Problem, ...]:
    """Give the problems of a run in the order of its rows."""
    run = find(store, number)
    file = run.file if run else ""
    found = store.rows("SELECT * FROM problem WHERE import_no = ? ORDER BY seq", [number])
    return tuple(_problem(row, file) for row in found)


def _problem_row(number: int, seq: int, p: Problem) -> tuple[Any, ...]:
    place = p.place or Place("")
    return (
        number,
        seq,
        place.sheet,
        place.row,
        place.column,
        place.header,
        p.kind,
        p.record_id,
        p.field,
        p.code,
        p.expected_zh,
        p.expected_en,
        p.found,
        int(p.blocking),
        place.key,
    )


def _problem(row: Mapping[str, Any], file: str) -> Problem:
    return Problem(
        code=row["code"],
        expected_zh=row["expected_zh"],
        expected_en=row["expected_en"],
        found=row["found"],
        field=row["field"],
        place=Place(file, row["sheet"], row["row"], row["letter"], row["header"], row["key"]),
        kind=row["kind"],
        record_id=row["id"],
        blocking=bool(row["blocking"]),
    )


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
