"""Check: every problem of what is staged and stored, with its place. Start at `check`."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from fenhe_node.problems import Problem

if TYPE_CHECKING:
    from fenhe_node.store import Store
    from fenhe_protocol.schema import SchemaSet


@dataclass(frozen=True)
class CheckReport:
    """`publishable` counts records that would be or are published; `refused` rows that are not."""

    problems: tuple[Problem, ...]
    publishable: int
    refused: int
    files: tuple[str, ...]


def check(store: "Store", *, schemas: "SchemaSet", unit: str) -> CheckReport:
    """Judge everything staged and stored."""
    raise NotImplementedError


def annotate(store: "Store", folder: Path) -> list[Path]:
    """Write `<file>-标注.xlsx` into `folder` for each file with problems: wrong cells marked, with a note."""
    raise NotImplementedError
