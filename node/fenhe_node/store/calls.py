"""Calls of `instruInfo`: what each was answered, and the running list its records are staged in.

A list that comes by calls has no editions: what was refused stands until the record comes again.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from fenhe_client.sheets.problems import Problem
from fenhe_node.fates import ColumnFate, Fate, RowFate
from fenhe_node.store import imports
from fenhe_node.store.database import Store

KEPT_CALLS = 10_000
KEPT_ROWS = 5_000  # refused records of one list; beyond, the oldest go


@dataclass(frozen=True)
class Call:
    """One call; `number` is 0 until it is stored."""

    number: int
    at: int
    type: int
    records: int = 0
    refused: int = 0
    code: int = 0
    why: str = ""


def begin(store: Store, at: int, instru_type: int) -> Call:
    """Give a call its number; the oldest go."""
    call = Call(0, at, instru_type)
    number = store.insert("soap_call", {**vars(call), "number": None})
    store.run("DELETE FROM soap_call WHERE number <= ?", [number - KEPT_CALLS])
    return replace(call, number=number)


def end(store: Store, call: Call) -> None:
    """Keep what became of it."""
    store.put("soap_call", [vars(call)])


def latest(store: Store, most: int) -> tuple[Call, ...]:
    """List the last calls, latest first."""
    rows = store.rows("SELECT * FROM soap_call ORDER BY number DESC LIMIT ?", [most])
    return tuple(Call(**row) for row in rows)


def totals(store: Store) -> tuple[tuple[int, int, int], ...]:
    """Count the calls that are kept by type and code: (type, code, how many)."""
    return tuple(
        (row["type"], row["code"], row["n"])
        for row in store.rows(
            "SELECT type, code, count(*) AS n FROM soap_call GROUP BY type, code ORDER BY 1, 2"
        )
    )


def running_list(store: Store, source: str, kind: str) -> imports.Run | None:
    """Find the list that a kind's calls fill, if it was begun."""
    return next(iter(imports.runs(store, source=source, kind=kind)), None)


def begin_list(store: Store, run: imports.Run, columns: Iterable[ColumnFate]) -> imports.Run:
    """Begin the list that a kind's calls fill."""
    number = imports.add(store, run)
    imports.stage(store, number, columns, (), ())
    return replace(run, number=number)


def note(
    store: Store,
    run: imports.Run,
    rows: Iterable[RowFate],
    problems: Iterable[Problem],
    at: int,
) -> None:
    """Add rows to a running list: of those refused what they held, and why; the others count."""
    rows, problems = tuple(rows), tuple(problems)
    for row in rows:
        if row.id:
            _forget(store, run.number, row.id)
    refused = [row for row in rows if row.fate is Fate.REFUSED]
    imports.stage(store, run.number, (), refused, ())
    imports.add_problems(store, run.number, problems)
    _trim(store, run.number)
    store.run(
        "UPDATE import_run SET at = ?, rows = rows + ?, staged = staged + ?, refused = refused + ?"
        " WHERE number = ?",
        [at, len(rows), len(rows) - len(refused), len(refused), run.number],
    )


def keep_persons(store: Store, number: int, kind: str, id: str, names: Iterable[str]) -> None:
    """Keep the names that a record brought into a running list, in place of its former ones."""
    forget_persons(store, kind, id)
    names = tuple(names)
    store.many("INSERT INTO call_person VALUES(?,?,?)", ((kind, id, name) for name in set(names)))
    imports.keep_persons(store, number, names)


def forget_persons(store: Store, kind: str, record_id: str) -> None:
    """Forget the names that a record brought, but those that others of such lists have too."""
    known = [kind, record_id]
    found = store.rows("SELECT name FROM call_person WHERE kind = ? AND id = ?", known)
    store.run("DELETE FROM call_person WHERE kind = ? AND id = ?", known)
    for row in found:
        # A running list has no file, so no digest.
        store.run(
            "DELETE FROM person WHERE name = ? AND import_no IN"
            " (SELECT number FROM import_run WHERE sha256 = '')"
            " AND NOT EXISTS(SELECT 1 FROM call_person c WHERE c.name = person.name)",
            [row["name"]],
        )


def _forget(store: Store, number: int, record_id: str) -> None:
    """What was said of an earlier sending of a record says nothing of this one."""
    for table in ("staged_row", "problem"):
        store.run(f"DELETE FROM {table} WHERE import_no = ? AND id = ?", [number, record_id])


def _trim(store: Store, number: int) -> None:
    last = store.rows(
        "SELECT row FROM staged_row WHERE import_no = ? ORDER BY row DESC LIMIT 1 OFFSET ?",
        [number, KEPT_ROWS],
    )
    for row in last:
        for table in ("staged_row", "problem"):
            store.run(f"DELETE FROM {table} WHERE import_no = ? AND row <= ?", [number, row["row"]])
