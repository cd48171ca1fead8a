"""A disk that fails anywhere: what was signed stays as it is, and what was not leaves no trace."""

import errno
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fenhe_client.stored.disk import Disk
from fenhe_protocol.errors import StoreError
from tests.client.written_log import KEY, NOW, files_in, log_in, records, verified
from tests.laws import examples


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("failing") / "home"


STEPS = ("make_folder", "write", "flush", "flush_filesystem", "rename", "unlink")


class Failing(Disk):
    """Does so many steps, and no more; no power is lost here, so a flush does nothing."""

    def __init__(self, steps: int = 1 << 20) -> None:
        super().__init__()
        self._left = steps

    def __getattribute__(self, name: str) -> Any:
        if name not in STEPS:
            return super().__getattribute__(name)
        self._left -= 1
        if self._left < 0:
            raise OSError(errno.EIO, "it fails")
        return _nothing if name.startswith("flush") else super().__getattribute__(name)


def _nothing(_: object) -> None:
    pass


@examples(15)
@given(
    before=st.sampled_from([1, 200, 256, 300]),
    more=st.sampled_from([1, 56, 300]),
    steps=st.integers(0, 40),
    again=st.integers(0, 20),
)
def test_what_is_signed_stays_and_nothing_else_is_left(
    home: Path, before: int, more: int, steps: int, again: int
) -> None:
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir()
    log_in(home, disk=Failing()).writer.publish(records(0, before), key=KEY, now=NOW)
    signed = files_in(home)
    writer = log_in(home, disk=Failing(steps)).writer
    with suppress(StoreError):
        writer.publish(records(before, more), key=KEY, now=NOW)
    with suppress(StoreError):  # and once more while that is taken away
        log_in(home, disk=Failing(again)).writer.recover(key=KEY, now=NOW)
    log = log_in(home, disk=Failing())
    head = log.writer.recover(key=KEY, now=NOW)
    assert verified(log.files).size == head.size
    assert head.size in (before, before + more)
    if head.size == before:
        assert files_in(home) == signed
    else:
        assert files_in(home).keys() >= signed.keys()
