"""Where measured figures are kept: between two marks of docs/benchmarks.md."""

from __future__ import annotations

from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs/benchmarks.md"


def keep(name: str, text: str) -> None:
    """Put the text between `<!-- NAME: begin -->` and `<!-- NAME: end -->`."""
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    page = PAGE.read_text("utf-8")
    before, found, rest = page.partition(begin)
    if not found:
        raise ValueError(f"{PAGE} has no {begin}")
    after = rest.partition(end)[2]
    PAGE.write_text(f"{before}{begin}\n{text}\n{end}{after}", "utf-8")
