"""One file that was laid into a watched folder: imported, put away, its faults marked beside it."""

from pathlib import Path

from fenhe_client.sheets.marking import marked_name
from fenhe_node.collecting.folder import DONE, FAILED, lay_beside, put_away, read_whole, shown
from fenhe_node.importing.annotation import marked_run
from fenhe_node.importing.file import ImportReport, import_file
from fenhe_node.importing.own_copy import own_copy
from fenhe_node.node import Node
from fenhe_node.store import Store, imports
from fenhe_protocol.errors import Deferred, FenheError, InputError
from fenhe_protocol.schema import SchemaSet


def take_file(
    node: Node, path: Path, mapping: Path | None, now: int, by: str
) -> ImportReport | FenheError | None:
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
        report = import_copy(node, path.name, raw, mapping, now, by)
    except InputError as error:
        return _failed(path, raw, error, now)
    except FenheError as error:
        return error  # no fault of the file: it stays, and its turn comes again
    target = put_away(path, raw, FAILED if report.refused else DONE, now)
    _mark(node, report, target.parent)
    return report


def _failed(path: Path, raw: bytes | None, error: FenheError, now: int) -> FenheError:
    """Put a file away with the reason beside it."""
    target = put_away(path, raw, FAILED, now)
    lay_beside(target.with_name(f"{target.stem}-问题.txt"), f"{error}\n".encode())
    return error


def _mark(node: Node, report: ImportReport, folder: Path) -> None:
    """Lay the marked workbook beside, under the name by which it is known when it comes back."""
    with Store.open(node.home.store) as store:
        run = imports.find(store, report.number)
        if run and report.problems:
            lay_beside(folder / marked_name(run.file), marked_run(store, run))


def import_copy(
    node: Node, name: str, raw: bytes, mapping: Path | None, now: int, by: str
) -> ImportReport:
    """Import what was read, from a copy of our own: the file may change in the meantime."""
    with (
        own_copy(node.home.path, shown(name), raw) as copy,
        Store.open(node.home.store) as store,
    ):
        return import_file(
            store,
            copy,
            schemas=SchemaSet.load(),
            unit=node.root.unit,
            now=now,
            mapping_path=mapping,
            by=by,
        )
