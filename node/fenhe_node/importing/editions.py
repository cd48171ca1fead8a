"""Which list a file is an edition of; a mended marked workbook is one of the list that it marks.

So whoever mends the cells where they are marked, and gives that workbook back, has mended the list:
nothing counts twice, and what was refused of the list before is refused no more.
"""

from pathlib import Path

from fenhe_node.store import Store, imports

MARK = "-标注"
_PART = " · "


def marked_list(store: Store, name: str, kind: str) -> str:
    """The source of the latest import that a marked workbook of this name was made of, or ""."""
    stem = Path(name).stem
    plain = stem
    while plain.endswith(MARK):
        plain = plain.removesuffix(MARK)
    if plain == stem:
        return ""
    runs = [run for run in imports.runs(store, kind=kind) if not _is_marked(run.source)]
    names = {plain, plain.removesuffix(f"-{kind}")}
    return next((whole_list(run) for run in runs if _is_of(run, names)), "")


def of_sheet(source: str, sheet: str) -> str:
    """The name of a further list of one kind in a workbook."""
    return f"{source}{_PART}{sheet}"


def whole_list(run: imports.Run) -> str:
    """The name of the list that a run's sheet is a part of, or the run's own."""
    return run.source.removesuffix(of_sheet("", run.sheet)) if run.sheet else run.source


def _is_of(run: imports.Run, names: set[str]) -> bool:
    return bool({run.file, Path(run.file).stem, Path(run.source).stem} & names)


def _is_marked(name: str) -> bool:
    return Path(name).stem.endswith(MARK)
