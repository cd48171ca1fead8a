"""What an import came to: every row's fate, every problem, every note. Start at `ImportReport`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fenhe_client.sheets.problems import Place, Problem
from fenhe_node.fates import ColumnFate, Fate
from fenhe_node.importing import by_hand, intake
from fenhe_node.mapping import model
from fenhe_node.staging.stage import Staging
from fenhe_node.store import imports
from fenhe_protocol.schema_fields import KindSchema


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


def report_of(
    run: imports.Run,
    notes: tuple[str, ...],
    mapping: model.Mapping,
    staging: Staging,
    outcome: intake.Outcome,
    suggested: bool,
) -> ImportReport:
    """Put together what is said of a run."""
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


def notes_of(mapping: model.Mapping, kind: KindSchema, outcome: intake.Outcome) -> Sequence[str]:
    """Tell what was filled in, and what stayed or moved, and why."""
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
