from dataclasses import replace
from pathlib import Path

import pytest

from tests.fuzz.counts import Ran, newest, note, table

_RAN = Ran("a", 1_000_000, 10, found=False, guided=True, day="2026-11-23", commit="abc")


def test_the_newest_run_of_each_parser_stands_in_the_table(tmp_path: Path) -> None:
    for ran in (_RAN, replace(_RAN, parser="b"), replace(_RAN, executions=7, day="2026-11-24")):
        note(tmp_path, ran)
    said = table(["a", "b"], newest(tmp_path).values())
    assert "1,000,007 executions of 2 parsers" in said and "Short of a million: 1." in said
    assert "2026-11-23 to 2026-11-24" in said


def test_no_table_is_made_while_a_parser_has_no_run_or_broke_in_its_last(tmp_path: Path) -> None:
    assert newest(tmp_path) == {}
    note(tmp_path, _RAN)
    note(tmp_path, replace(_RAN, found=True))
    for name in ("a", "b"):
        with pytest.raises(ValueError, match=name):
            table([name], newest(tmp_path).values())
