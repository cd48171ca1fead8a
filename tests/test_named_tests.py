"""Papers that say which test shows each of their lines: each row names one, and each is there."""

import re

import pytest

from tests.sources import ROOT, functions_of

NAMED = re.compile(r"`(tests/[a-z0-9_/]+\.py)::(test_[a-z0-9_]+)`")
PAPERS = {"c2sp.md": 60, "threat-model.md": 120, "reliability.md": 60}
"""By paper, how many tests it names at least."""


@pytest.mark.parametrize("paper", PAPERS)
def test_each_test_that_is_named_exists(paper: str) -> None:
    named = NAMED.findall(text_of(paper))
    absent = [f"{path}::{name}" for path, name in named if name not in functions_of(path)]
    assert len(named) > PAPERS[paper]
    assert absent == []


@pytest.mark.parametrize("paper", PAPERS)
def test_each_row_names_a_test(paper: str) -> None:
    """But for the two at the head of each table, and what is said to be measured nowhere yet."""
    tables = re.findall(r"(?:^\|.*\n)+", text_of(paper), re.MULTILINE)
    assert tables
    for table in tables:
        for row in table.splitlines()[2:]:
            assert NAMED.search(row) or "not measured yet" in row, row


def text_of(paper: str) -> str:
    return (ROOT / "docs" / paper).read_text("utf-8")
