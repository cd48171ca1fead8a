"""Where measured figures are kept: between two marks of a page of the documentation."""

from __future__ import annotations

from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"
BENCHMARKS, RELIABILITY = DOCS / "benchmarks.md", DOCS / "reliability.md"


def keep(name: str, text: str, page: Path = BENCHMARKS) -> None:
    """Put the text between `<!-- NAME: begin -->` and `<!-- NAME: end -->`; ValueError without."""
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    before, begun, rest = page.read_text("utf-8").partition(begin)
    _, ended, after = rest.partition(end)
    if not begun or not ended:
        raise ValueError(f"{page} lacks {begin} … {end}")
    page.write_text(f"{before}{begin}\n{text}\n{end}{after}", "utf-8")
