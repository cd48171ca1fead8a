"""What holds for all tests: their laws are tried with the same examples on every machine.

`make test` derives the examples from the code, so that its answer depends on the code alone;
`make fuzz` draws more of them, at random. No law is judged by the clock of the machine. And what a
program sets up for its log ends with the test that ran the program in its own process.

Being measured costs a test two fifths of its time. What goes over the same lines hundreds of times
is marked `no_cover`, as every law and every walk through whole programs is here: plain tests beside
it show that the lines are reached.

Folders lie in memory where there is room: what is promised of disks is tried on recorded writes
and on file systems of its own (`tests/faults`), and elsewhere waiting for one shows nothing.
"""

import logging
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "fenhe",
    deadline=None,
    max_examples=50,  # `make fuzz` draws 2,000
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile(
    "fuzz", settings.get_profile("fenhe"), derandomize=False, max_examples=2000, print_blob=True
)
settings.load_profile("fenhe")


_IN_MEMORY = Path("/dev/shm")
_ROOM = 4 << 30  # bytes; a run takes a third of it at its fullest


def pytest_configure() -> None:
    """Make the tests' folders in memory, unless somebody says where."""
    usable = _IN_MEMORY.is_dir() and os.access(_IN_MEMORY, os.W_OK)
    if usable and shutil.disk_usage(_IN_MEMORY).free > _ROOM:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(_IN_MEMORY))


def pytest_xdist_auto_num_workers() -> int:
    """Three for two cores: a third of what the tests do is waiting for programs and disks."""
    return (os.cpu_count() or 1) * 3 // 2


_TESTS = Path(__file__).parent
_WALKS = tuple(_TESTS / name for name in ("browser", "federation", "fuzz", "hostile"))
"""Through whole programs, over lines that plain tests reach as well."""


@pytest.hookimpl(trylast=True)  # hypothesis marks its own in the same hook
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let laws and long walks go unmeasured."""
    for item in items:
        walks = any(item.path.is_relative_to(each) for each in _WALKS)
        if walks or item.get_closest_marker("hypothesis"):
            item.add_marker("no_cover")


@pytest.fixture(autouse=True)
def the_log_as_it_was() -> Iterator[None]:
    """Take away what `write_logs` put there: the standard error that it writes to is a past one."""
    root = logging.getLogger()
    level = root.level
    yield
    root.setLevel(level)
    for handler in [each for each in root.handlers if type(each) is logging.StreamHandler]:
        root.removeHandler(handler)
