"""Which list a file is an edition of; a mended marked workbook is one of the list that it marks.

So whoever mends the cells where they are marked, and gives that workbook back, has mended the list:
nothing counts twice, and what was refused of the list before is refused no more.
"""

from pathlib import Path

from fenhe_node.store import Store, imports

MARK = "-标注"


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
    return next((run.source for run in runs if _is_of(run, names)), "")


def _is_of(run: imports.Run, names: set[str]) -> bool:
    return bool({run.file, Path(run.file).stem, Path(run.source).stem} & names)


def _is_marked(name: str) -> bool:
    return Path(name).stem.endswith(MARK)
