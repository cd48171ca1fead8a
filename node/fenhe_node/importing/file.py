"""Import: a unit's file becomes staged rows and records. Start at `import_file`.

The verbs around the record store, as operations and the web call them:

    importing.import_file(store, path, schemas=, unit=, now=, mapping_path=None, kind=None, by="")
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

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from fenhe_client.sheets.opening import OpenedFile
from fenhe_client.sheets.problems import Place, Problem
from fenhe_client.sheets.watching import Progress, unwatched
from fenhe_node.fates import ColumnFate, Fate
from fenhe_node.importing import by_hand, intake
from fenhe_node.importing.choosing import choose
from fenhe_node.importing.editions import marked_list
from fenhe_node.mapping import model
from fenhe_node.mapping.rendering import render_mapping
from fenhe_node.staging.stage import Staging, stage
from fenhe_node.store import Store, imports, records
from fenhe_protocol.schema import SchemaSet
from fenhe_protocol.schema_fields import KindSchema

__all__ = [
    "ColumnFate",
    "ImportReport",
    "Look",
    "Skipped",
    "Taking",
    "import_file",
    "import_opened",
    "look",
]


@dataclass(frozen=True)
class Skipped:
    """A row that is no record (empty, a total, a note), and why."""

    place: Place
    why_zh: str
    why_en: str


@dataclass(frozen=True)
class ImportReport:
    """What one import did. rows == staged + refused + len(skipped)."""

    number: int  # of this import in the store
    file: str
    sha256: str
    kind: str
    sheet: str
    source: str  # the list this file is an edition of: what vanished is seen against it
    rows: int
    staged: int
    refused: int
    skipped: tuple[Skipped, ...]
    new: tuple[str, ...]  # record ids
    changed: tuple[str, ...]
    unchanged: tuple[str, ...]
    held: tuple[str, ...]  # rows of records deleted by hand, unchanged since: they stay deleted
    vanished: tuple[str, ...]
    deleted: tuple[str, ...]  # by a rule of the mapping
    problems: tuple[Problem, ...]
    columns: tuple[ColumnFate, ...]
    notes: tuple[str, ...] = ()  # encoding, header rows, fixed values, hidden rows …
    mapping_text: str = ""  # the mapping used, as YAML: save it to edit it
    mapping_suggested: bool = False
    fixed: Mapping[str, Any] = field(default_factory=dict)


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


@dataclass(frozen=True)
class Look:
    """What taking a file in would do, and its rows as they were read."""

    report: ImportReport  # its number is 0
    staging: Staging


def import_opened(store: Store, opened: OpenedFile, how: Taking) -> ImportReport:
    """Stage what any source opened and take the good rows into the store; all or nothing."""
    mapping, staging, run = _staged(store, opened, how)
    how.progress("写入 store", 0, 1)
    with store.transaction():
        number = imports.add(store, run, whole=how.whole)
        taking = intake.Run(number, run.source, how.now, how.by, mapping.vanished, how.whole)
        outcome = intake.take_in(store, staging, taking, how.schemas)
        imports.stage(store, number, staging.columns, staging.rows, staging.problems)
        imports.keep_top(store, number, staging.top, staging.merges)
        imports.keep_persons(store, number, staging.persons)
        how.progress("写入 store", 1, 1)
    return _told_all(opened, how, replace(run, number=number), mapping, staging, outcome)


def look(store: Store, opened: OpenedFile, how: Taking) -> Look:
    """Say what taking this in would do; nothing is written."""
    mapping, staging, run = _staged(store, opened, how)
    taking = intake.Run(0, run.source, how.now, how.by, mapping.vanished, how.whole)
    outcome = intake.compare(store, staging, taking, how.schemas).outcome
    return Look(_told_all(opened, how, run, mapping, staging, outcome), staging)


def _staged(
    store: Store, opened: OpenedFile, how: Taking
) -> tuple[model.Mapping, Staging, imports.Run]:
    mapping = _with_unit_name(store, how.mapping, how.unit)
    if not mapping.source and (source := marked_list(store, opened.name, mapping.kind)):
        mapping = replace(mapping, source=source)
    staging = stage(
        opened.name,
        opened.sheets,
        mapping,
        schemas=how.schemas,
        unit=how.unit,
        persons=imports.persons(store),
        progress=how.progress,
    )
    return mapping, staging, _run(opened, mapping, staging, how.schemas, how.now, how.by)


def _told_all(
    opened: OpenedFile,
    how: Taking,
    run: imports.Run,
    mapping: model.Mapping,
    staging: Staging,
    outcome: intake.Outcome,
) -> ImportReport:
    schemas = how.schemas
    notes = (*opened.notes, *staging.notes, *_told(mapping, schemas.kind(mapping.kind), outcome))
    return _report(run, notes, mapping, staging, outcome, how.suggested)


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


def _report(
    run: imports.Run,
    notes: tuple[str, ...],
    mapping: model.Mapping,
    staging: Staging,
    outcome: intake.Outcome,
    suggested: bool,
) -> ImportReport:
    skipped = tuple(
        Skipped(Place(run.file, run.sheet, row.row, key=row.key), row.why_zh, row.why_en)
        for row in staging.rows
        if row.fate is Fate.SKIPPED
    )
    return ImportReport(
        number=run.number,
        file=run.file,
        sha256=run.sha256,
        kind=run.kind,
        sheet=run.sheet,
        source=run.source,
        rows=run.rows,
        staged=run.staged,
        refused=run.refused,
        skipped=skipped,
        new=tuple(outcome.new),
        changed=tuple(outcome.changed),
        unchanged=tuple(outcome.unchanged),
        held=tuple(outcome.held),
        vanished=tuple(outcome.vanished),
        deleted=tuple(outcome.deleted),
        problems=staging.problems,
        columns=staging.columns,
        notes=notes,
        mapping_text=run.mapping,
        mapping_suggested=suggested,
        fixed=mapping.fixed,
    )


def _told(mapping: model.Mapping, kind: KindSchema, outcome: intake.Outcome) -> Sequence[str]:
    notes = [
        _filled_in(kind, path, value)
        for path, value in mapping.fixed.items()
        if (mapping.kind, path) != ("unit", "name_zh")  # it only stays what it was
    ]
    if outcome.held:
        ids = "、".join(outcome.held)
        notes.append(f"已人工删除, 内容未变, 仍为删除: {ids}; deleted by hand and still so")
    if outcome.moved:
        ids = "、".join(outcome.moved)
        notes.append(f"原在另一份清单中: {ids}; stood in another list before")
    return [*notes, *by_hand.told(kind, outcome.kept, outcome.overruled)]


def _filled_in(kind: KindSchema, path: str, value: Any) -> str:
    field = model.target(kind, path)
    title = field.title_zh if field else path
    label = field.labels.get(value) if field else None
    return (
        f"清单里没有写“{title}”的, 都按“{label.zh if label else value}”填;"
        f" {path} = {value} where a row has none"
    )
