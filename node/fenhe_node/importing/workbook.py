"""A file with every list in it, sheet by sheet, all or nothing. Start at `import_workbook`.

Each sheet that is a list is staged, reported and kept as a run of its own; a file with one list is
one run, as `file` takes it in.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from fenhe_client.sheets.watching import Progress, unwatched
from fenhe_node.importing.choosing import Chosen
from fenhe_node.importing.file import (
    ImportReport,
    Look,
    Prepared,
    Taking,
    look_at_prepared,
    prepare,
    write,
)
from fenhe_node.importing.intake import Beside
from fenhe_node.importing.sheets_chosen import Wish, choose_sheets
from fenhe_node.staging.across import settle_across
from fenhe_node.store import Store
from fenhe_protocol.schema import SchemaSet


@dataclass(frozen=True)
class To:
    """Whose lists they are and who takes them in; `now` is POSIX seconds."""

    schemas: SchemaSet
    unit: str
    now: int
    by: str = ""
    progress: Progress = unwatched

    def taking(self, chosen: Chosen) -> Taking:
        """How one of the lists is taken in."""
        suggested = chosen.origin == "suggested"
        return Taking(
            chosen.mapping,
            self.schemas,
            self.unit,
            self.now,
            self.by,
            suggested=suggested,
            progress=self.progress,
        )


def import_workbook(store: Store, path: Path, wish: Wish, to: To) -> tuple[ImportReport, ...]:
    """Take in what is right of every list in the file; all or nothing, a report for each."""
    chosen = choose_sheets(store, path, to.schemas, wish, to.progress)
    return import_chosen(store, chosen, [to.taking(each) for each in chosen])


def import_chosen(
    store: Store, chosen: Sequence[Chosen], takings: Sequence[Taking]
) -> tuple[ImportReport, ...]:
    """Take in lists that were chosen already."""
    prepared = prepare_all(store, chosen, takings)
    with store.transaction():
        return tuple(write(store, each) for each in prepared)


def look_at_all(
    store: Store, chosen: Sequence[Chosen], takings: Sequence[Taking]
) -> tuple[Look, ...]:
    """Say what taking them in would do; nothing is written."""
    return tuple(look_at_prepared(store, each) for each in prepare_all(store, chosen, takings))


def prepare_all(
    store: Store, chosen: Sequence[Chosen], takings: Sequence[Taking]
) -> list[Prepared]:
    """Stage every list, whoever is named in one sought in all after it, each id in one of them."""
    prepared: list[Prepared] = []
    for each, taking in zip(chosen, takings, strict=True):
        persons = {name for former in prepared for name in former.staging.persons}
        prepared.append(prepare(store, each.opened, taking, persons))
    if len(prepared) < 2:
        return prepared
    stagings = settle_across([each.staging for each in prepared])
    settled = [
        replace(each, staging=staging) for each, staging in zip(prepared, stagings, strict=True)
    ]
    return [replace(each, how=_beside(each, settled)) for each in settled]


def _beside(prepared: Prepared, every: Sequence[Prepared]) -> Taking:
    others = [
        other.staging
        for other in every
        if other is not prepared and other.staging.kind == prepared.staging.kind
    ]
    ids = frozenset(row.id for staging in others for row in staging.rows)
    all_read = all(staging.ids_all_read for staging in others)
    return replace(prepared.how, beside=Beside(ids, all_read))
