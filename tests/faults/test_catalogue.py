"""That the table of faults is whole: every named fault has tests, and all that are named exist."""

import pytest

from tests.faults.catalogue import FAULTS
from tests.sources import ROOT, functions_of


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
