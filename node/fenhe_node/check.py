"""Check: every problem of what is staged and stored, with its place. Start at `check`.

The problems of rows were found when they were staged and are kept with them; the stored records are
judged again here, because the contract may have become another one since.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fenhe_client.sheets.problems import Place, Problem
from fenhe_node.importing.annotation import annotate
from fenhe_node.staging.judging import personal, violations
from fenhe_node.store import Store, imports, records
from fenhe_node.store.records import StoredRecord
from fenhe_protocol.privacy import WHAT
from fenhe_protocol.privacy_names import KnownNames
from fenhe_protocol.schema import SchemaSet

__all__ = ["CheckReport", "annotate", "check"]


@dataclass(frozen=True)
class CheckReport:
    """`publishable` counts records that are or would be published; `refused` rows that are not."""

    problems: tuple[Problem, ...]
    publishable: int
    refused: int
    files: tuple[str, ...]

    @property
    def blocking(self) -> tuple[Problem, ...]:
        """Those that keep a record from being published."""
        return tuple(problem for problem in self.problems if problem.blocking)


def check(store: Store, *, schemas: SchemaSet, unit: str) -> CheckReport:
    """Judge everything staged and stored."""
    runs = imports.latest(store)
    staged = [problem for run in runs for problem in imports.problems(store, run.number)]
    stored = [record for record in records.every(store) if not record.deleted]
    files = Files({run.number: run for run in runs}, imports.keys(store))
    persons = KnownNames(imports.persons(store))
    found = [
        problem
        for record in stored
        for problem in _judge(record, _place(record, files), schemas, unit, persons)
    ]
    found += _references(stored, files)
    blocked = {(p.kind, p.record_id) for p in found if p.blocking}
    return CheckReport(
        problems=(*staged, *found),
        publishable=sum(1 for record in stored if (record.kind, record.id) not in blocked),
        refused=sum(run.refused for run in runs),
        files=tuple(dict.fromkeys(run.file for run in runs)),
    )


@dataclass(frozen=True)
class Files:
    """The imports by number, and what sources without rows call their records."""

    runs: Mapping[int, imports.Run]
    keys: Mapping[tuple[int, int], str]


def _judge(
    record: StoredRecord,
    place: Place | None,
    schemas: SchemaSet,
    unit: str,
    persons: KnownNames,
) -> Iterator[Problem]:
    common: dict[str, Any] = {"place": place, "kind": record.kind, "record_id": record.id}
    kind = schemas.kind(record.kind)
    for v in violations(record.record, schemas, kind):
        yield Problem(
            f"schema.{v.code}",
            f"应为{v.expected_zh}",
            f"expected {v.expected_en}",
            "" if v.code == "missing" else v.found.strip('"'),
            v.path,
            **common,
        )
    for hit in personal(record.kind, record.record, schemas, persons):
        text = WHAT[hit.what]
        yield Problem(
            f"privacy.{hit.what}",
            f"含有{text.zh}",
            f"holds {text.en}",
            field=hit.path,
            **common,
        )
    if record.record["unit"] != unit:
        yield Problem(
            "unit.other",
            f"应为本单位代码 {unit}",
            f"expected this unit's code {unit}",
            str(record.record["unit"]),
            "unit",
            **common,
        )
    if record.vanished:
        yield Problem(
            "row.vanished",
            "清单里已没有这一行: 仍然公开; 要删除请运行 delete 并写明原因",
            "its row is gone from the list: still published; delete it with a reason if it is gone",
            blocking=False,
            **common,
        )


def _references(stored: list[StoredRecord], files: Files) -> Iterator[Problem]:
    """Name references to records that are not there. They may come later, so nothing is blocked."""
    there = {(record.kind, record.id) for record in stored}
    for record in stored:
        for path, kind, record_id in _referred(record.record):
            if (kind, record_id) not in there:
                yield Problem(
                    "reference.unknown",
                    f"没有编号为 {record_id} 的 {kind} 记录: 改正编号, 或先导入它",
                    f"there is no {kind} {record_id}: mend the number or import it",
                    record_id,
                    path,
                    place=_place(record, files),
                    kind=record.kind,
                    record_id=record.id,
                    blocking=False,
                )


def _referred(record: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    if record["kind"] in ("service_record", "usage_summary") and "instrument" in record:
        yield "instrument", "instrument", record["instrument"]
    for place, fee in enumerate(record.get("fee_standards", ())):
        yield f"fee_standards[{place}]", "fee_standard", fee


def _place(record: StoredRecord, files: Files) -> Place | None:
    number, row = record.import_no or 0, record.row or 0
    run = files.runs.get(number)
    return Place(run.file, run.sheet, row, key=files.keys.get((number, row), "")) if run else None
