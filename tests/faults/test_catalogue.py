"""That the table of faults is whole: every named fault has tests, and all that are named exist."""

import ast
from functools import cache
from pathlib import Path

import pytest

from tests.faults.catalogue import FAULTS

ROOT = Path(__file__).resolve().parents[2]


@cache
def functions_of(path: str) -> set[str]:
    tree = ast.parse((ROOT / path).read_text("utf-8"))
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return {each.name for each in tree.body if isinstance(each, functions)}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_shown(fault: str) -> None:
    assert FAULTS[fault]
    for test in FAULTS[fault]:
        path, _, name = test.partition("::")
        assert name in functions_of(path), test


def test_every_test_of_faults_stands_in_the_table() -> None:
    named = {test for tests in FAULTS.values() for test in tests}
    for file in sorted((ROOT / "tests/faults").glob("test_*.py")):
        path = file.relative_to(ROOT).as_posix()
        tests = {f"{path}::{name}" for name in functions_of(path) if name.startswith("test_")}
        assert path == "tests/faults/test_catalogue.py" or tests <= named
