"""Import: a unit's file becomes staged rows and records. Start at `import_file`.

The verbs around the record store, as operations and the web call them:

    importing.import_file(store, path, schemas=, unit=, now=, mapping_path=None, kind=None, by="") -> ImportReport
    check.check(store, schemas=, unit=) -> CheckReport
    check.annotate(store, folder) -> list[Path]                  (<file>-标注.xlsx: wrong cells marked)
    preview.preview(store, record_id=None, schemas=) -> tuple[Preview, ...]
    changes.changes(store) -> tuple[Change, ...]                 what publish has to write, in order
    changes.plan(store, [Planned(kind, id, sent, tiers, log, index)])   before the feed is written
    changes.settle(store, log, size)                             after: planned rows below `size` are published
    deletion.delete(store, kind, record_id, reason, schemas=, unit=, now=, by="")
    usage.summarise(store, period, schemas=, unit=, now=, k=3) -> UsageReport
    store.Store.open(path) -> Store                              a context manager; `with store.transaction():`
    store.hubs: add, remove, all                                 hubs trusted by this node

`now` is POSIX seconds, `unit` the 统一社会信用代码. Whatever fails raises InputError (the file, the
mapping) or StoreError and leaves the store as it was.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fenhe_node.problems import Place, Problem

if TYPE_CHECKING:
    from fenhe_node.store import Store
    from fenhe_protocol.schema import SchemaSet


@dataclass(frozen=True)
class ColumnFate:
    """What becomes of one column. `tier` is pub, hub, nat or node; empty: it is not read at all."""

    column: str  # the letter
    header: str
    field: str
    tier: str
    why_zh: str = ""
    why_en: str = ""

    @property
    def sent(self) -> bool:
        """Whether anything of this column ever leaves the unit."""
        return self.tier in ("pub", "hub", "nat")


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
    unchanged: int
    vanished: tuple[str, ...]
    deleted: tuple[str, ...]  # by a rule of the mapping
    problems: tuple[Problem, ...]
    columns: tuple[ColumnFate, ...]
    notes: tuple[str, ...] = ()  # encoding, header rows, fixed values, hidden rows …
    mapping_text: str = ""  # the mapping used, as YAML: save it to edit it
    mapping_suggested: bool = False
    fixed: Mapping[str, Any] = field(default_factory=dict)


def import_file(
    store: "Store",
    path: Path,
    *,
    schemas: "SchemaSet",
    unit: str,
    now: int,
    mapping_path: Path | None = None,
    kind: str | None = None,
    by: str = "",
) -> ImportReport:
    """Read `path`, stage its rows, and take the good ones into the record store; one transaction."""
    raise NotImplementedError
