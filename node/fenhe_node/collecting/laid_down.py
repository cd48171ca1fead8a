"""One file that was laid into a watched folder: imported, put away, its faults marked beside it."""

from collections.abc import Sequence
from pathlib import Path

from fenhe_client.sheets.marking import marked_name
from fenhe_node.collecting.folder import DONE, FAILED, lay_beside, put_away, read_whole, shown
from fenhe_node.importing.annotation import marked_runs
from fenhe_node.importing.file import ImportReport
from fenhe_node.importing.own_copy import own_copy
from fenhe_node.importing.sheets_chosen import Wish
from fenhe_node.importing.workbook import To, import_workbook
from fenhe_node.node import Node
from fenhe_node.store import Store, imports
from fenhe_protocol.errors import Deferred, FenheError, InputError
from fenhe_protocol.schema import SchemaSet


def take_file(
    node: Node, path: Path, mapping: Path | None, now: int, by: str
) -> tuple[ImportReport, ...] | FenheError | None:
    """Import one file and put it away; None if it moved, the error if it could not be taken.

    What is refused in it lies beside it in `failed`, marked; what is not refused was taken.
    """
    try:
        raw = read_whole(path)
    except Deferred:
        return None
    except InputError as error:
        return _failed(path, None, error, now)
    try:
        reports = import_copy(node, path.name, raw, mapping, now, by)
    except InputError as error:
        return _failed(path, raw, error, now)
    except FenheError as error:
        return error  # no fault of the file: it stays, and its turn comes again
    refused = any(report.refused for report in reports)
    target = put_away(path, raw, FAILED if refused else DONE, now)
    _mark(node, reports, target.parent)
    return reports


def _failed(path: Path, raw: bytes | None, error: FenheError, now: int) -> FenheError:
    """Put a file away with the reason beside it."""
    target = put_away(path, raw, FAILED, now)
    lay_beside(target.with_name(f"{target.stem}-问题.txt"), f"{error}\n".encode())
    return error


def _mark(node: Node, reports: Sequence[ImportReport], folder: Path) -> None:
    """Lay the marked workbook beside, under the name by which it is known when it comes back."""
    with Store.open(node.home.store) as store:
        found = [imports.find(store, report.number) for report in reports]
        runs = [run for run in found if run is not None]
        if runs and any(report.problems for report in reports):
            lay_beside(folder / marked_name(runs[0].file), marked_runs(store, runs))


def import_copy(
    node: Node, name: str, raw: bytes, mapping: Path | None, now: int, by: str
) -> tuple[ImportReport, ...]:
    """Import what was read, from a copy of our own: the file may change in the meantime."""
    with (
        own_copy(node.home.path, shown(name), raw) as copy,
        Store.open(node.home.store) as store,
    ):
        to = To(SchemaSet.load(), node.root.unit, now, by)
        return import_workbook(store, copy, Wish(mapping), to)
