"""Import: a unit's file becomes staged rows and records. Start at `import_file`.

The verbs around the record store, as operations and the web call them:

    importing.import_file(store, path, schemas=, unit=, now=, mapping_path=None, kind=None, by="")
    workbook.import_workbook(store, path, wish, to)             of every sheet that is a list
    importing.look(store, opened, how) -> Look                  the same, and nothing is written
    check.check(store, schemas=, unit=) -> CheckReport
    annotation.annotate(store, folder) -> tuple[Path, ...]      台账-标注.xlsx: wrong cells marked
    preview.preview(store, record_id=None, schemas=) -> tuple[Preview, ...]
    changes.changes(store) -> tuple[Change, ...]                what publish has to write, in order
    changes.plan(store, [Planned(kind, id, sent, tiers, log, index)])   before the feed is written
    changes.settle(store, log, size)                        after: leaves below `size` are published
    deletion.delete(store, kind, record_id, reason, schemas=, now=, by="")
    usage.summarise(store, period, schemas=, unit=, now=, k=3) -> UsageReport
    store.Store.open(path)                                      a context manager
    store.hubs: put, remove, find, every                        hubs trusted by this node

`now` is POSIX seconds, `unit` the 统一社会信用代码. Whatever fails raises InputError (the file),
SetupError (the mapping) or StoreError and leaves the store as it was.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from fenhe_client.sheets.opening import OpenedFile
from fenhe_client.sheets.watching import Progress, unwatched
from fenhe_node.fates import ColumnFate, Fate
from fenhe_node.importing import intake
from fenhe_node.importing.choosing import choose
from fenhe_node.importing.editions import marked_list
from fenhe_node.importing.report import ImportReport, Skipped, notes_of, report_of
from fenhe_node.mapping import model
from fenhe_node.mapping.rendering import render_mapping
from fenhe_node.staging.stage import Staging, stage
from fenhe_node.store import Store, imports, records
from fenhe_protocol.schema import SchemaSet

__all__ = [
    "ColumnFate",
    "ImportReport",
    "Look",
    "Prepared",
    "Skipped",
    "Taking",
    "import_file",
    "import_opened",
    "look",
    "look_at_prepared",
    "prepare",
    "write",
]


def import_file(
    store: Store,
    path: Path,
    *,
    schemas: SchemaSet,
    unit: str,
    now: int,
    mapping_path: Path | None = None,
    kind: str | None = None,
    source: str = "",
    by: str = "",
    progress: Progress = unwatched,
) -> ImportReport:
    """Read `path`, stage its rows and take the good ones into the store; all or nothing.

    What `progress` raises breaks it off, and nothing was done. `source` names the list that this
    file is an edition of; else its own name does.
    """
    found = choose(
        store,
        path,
        schemas,
        mapping_path=mapping_path,
        kind=kind,
        source=source,
        progress=progress,
    )
    suggested = found.origin == "suggested"
    how = Taking(found.mapping, schemas, unit, now, by, suggested=suggested, progress=progress)
    return import_opened(store, found.opened, how)


@dataclass(frozen=True)
class Taking:
    """How what was opened is taken in; `whole`: what is not in it has vanished from its list."""

    mapping: model.Mapping
    schemas: SchemaSet
    unit: str
    now: int
    by: str = ""
    suggested: bool = False
    whole: bool = True
    progress: Progress = unwatched
    beside: intake.Beside = field(default_factory=intake.Beside)


@dataclass(frozen=True)
class Look:
    """What taking a file in would do, and its rows as they were read."""

    report: ImportReport  # its number is 0
    staging: Staging


@dataclass(frozen=True)
class Prepared:
    """What is to be taken in, staged; nothing is written yet."""

    opened: OpenedFile
    how: Taking
    mapping: model.Mapping
    staging: Staging

    @property
    def run(self) -> imports.Run:
        """The run that it will be."""
        how = self.how
        return _run(self.opened, self.mapping, self.staging, how.schemas, how.now, how.by)


def import_opened(store: Store, opened: OpenedFile, how: Taking) -> ImportReport:
    """Stage what any source opened and take the good rows into the store; all or nothing."""
    return write(store, prepare(store, opened, how))


def look(store: Store, opened: OpenedFile, how: Taking) -> Look:
    """Say what taking this in would do; nothing is written."""
    return look_at_prepared(store, prepare(store, opened, how))


def prepare(store: Store, opened: OpenedFile, how: Taking, persons: Iterable[str] = ()) -> Prepared:
    """Stage what any source opened; `persons` are sought besides those of the unit's lists."""
    mapping = _with_unit_name(store, how.mapping, how.unit)
    if not mapping.source and (source := marked_list(store, opened.name, mapping.kind)):
        mapping = replace(mapping, source=source)
    staging = stage(
        opened.name,
        opened.sheets,
        mapping,
        schemas=how.schemas,
        unit=how.unit,
        persons=(*imports.persons(store), *persons),
        progress=how.progress,
    )
    return Prepared(opened, how, mapping, staging)


def write(store: Store, prepared: Prepared) -> ImportReport:
    """Take the good rows of what was prepared into the store; all or nothing."""
    how, staging, run = prepared.how, prepared.staging, prepared.run
    how.progress("写入 store", 0, 1)
    with store.transaction():
        number = imports.add(store, run, whole=how.whole)
        taking = _taking(prepared, replace(run, number=number))
        outcome = intake.take_in(store, staging, taking, how.schemas)
        imports.stage(store, number, staging.columns, staging.rows, staging.problems)
        imports.keep_top(store, number, staging.top, staging.merges)
        imports.keep_persons(store, number, staging.persons)
        how.progress("写入 store", 1, 1)
    return _told_all(prepared, replace(run, number=number), outcome)


def look_at_prepared(store: Store, prepared: Prepared) -> Look:
    """Say what taking in what was prepared would do; nothing is written."""
    how, run = prepared.how, prepared.run
    taking = _taking(prepared, run)
    outcome = intake.compare(store, prepared.staging, taking, how.schemas)
    return Look(_told_all(prepared, run, outcome), prepared.staging)


def _taking(prepared: Prepared, run: imports.Run) -> intake.Run:
    how, vanished = prepared.how, prepared.mapping.vanished
    return intake.Run(run.number, run.source, how.now, how.by, vanished, how.whole, how.beside)


def _told_all(prepared: Prepared, run: imports.Run, outcome: intake.Outcome) -> ImportReport:
    how, mapping, staging = prepared.how, prepared.mapping, prepared.staging
    told = notes_of(mapping, how.schemas.kind(mapping.kind), outcome)
    notes = (*prepared.opened.notes, *staging.notes, *told)
    return report_of(run, notes, mapping, staging, outcome, how.suggested)


def _with_unit_name(store: Store, mapping: model.Mapping, unit: str) -> model.Mapping:
    """What a unit says of itself completes its record: the name it was founded with stays."""
    known = records.find(store, "unit", unit) if mapping.kind == "unit" else None
    if known is None or known.deleted:
        return mapping
    return replace(mapping, fixed={"name_zh": known.record["name_zh"]} | dict(mapping.fixed))


def _run(
    opened: OpenedFile,
    mapping: model.Mapping,
    staging: Staging,
    schemas: SchemaSet,
    now: int,
    by: str,
) -> imports.Run:
    return imports.Run(
        number=0,
        at=now,
        by=by,
        file=opened.name,
        sha256=opened.sha256,
        sheet=staging.sheet,
        kind=mapping.kind,
        source=mapping.source or opened.name,
        mapping=render_mapping(mapping, schemas.kind(mapping.kind)),
        rows=len(staging.rows),
        staged=staging.count(Fate.STAGED),
        refused=staging.count(Fate.REFUSED),
        skipped=staging.count(Fate.SKIPPED),
    )
