"""Mirrors that are never content: however they ask, a push ends, and says what to do next."""

from pathlib import Path

import pytest

from fenhe_client.pushing.mirror_client import patience
from fenhe_client.pushing.push import LogToPush
from fenhe_client.pushing.push_bounds import PushBounds
from fenhe_protocol.errors import Deferred
from fenhe_protocol.limits import DEFAULTS
from tests.client.scripted_mirror import (
    COSIGNER,
    SIZE,
    Answer,
    Script,
    cosignature,
    error_of,
    folder_files,
    info,
    log_of,
    push,
    taken,
)
from tests.client.unit_log import CATALOGUE, Publisher, instrument

MOST = 60  # requests for 600 leaves, far more than an honest mirror needs


@pytest.fixture
def log(tmp_path: Path) -> LogToPush:
    return log_of(tmp_path)


def lacking(*lines: str) -> Answer:
    return (200, "text/plain", "".join(f"{line}\n" for line in lines).encode())


def script(entries: list[Answer], *missing: Answer) -> Script:
    sent: Answer = (204, "", b"")
    return Script(
        {
            "add-checkpoint": [taken()],
            "add-entries": entries,
            "missing": [*missing],
            "000": [sent],
            "001": [sent],
            "002": [sent],
        }
    )


async def test_who_asks_for_two_bodies_in_turn_gets_each_once(log: LogToPush) -> None:
    told = script([info(202, SIZE, SIZE)], *[lacking("7 pub"), lacking("8 pub")] * 500)
    assert (await error_of(told, log)).code == "push.unsettled"
    assert [name for name, _ in told.seen].count("000") == 2


async def test_who_asks_for_one_body_after_the_other_is_left_alone(log: LogToPush) -> None:
    told = script([info(202, SIZE, SIZE)], *(lacking(f"{n} pub") for n in range(SIZE)))
    error = await error_of(told, log)
    assert error.code == "push.endless" and isinstance(error, Deferred) and error.advice
    assert len(told.seen) < 2 * MOST


async def test_who_asks_for_one_entry_after_the_other_is_left_alone(log: LogToPush) -> None:
    told = script([info(202, SIZE, n) for n in range(SIZE)], lacking())
    assert (await error_of(told, log)).code == "push.endless"
    assert len(told.seen) < MOST


async def test_who_goes_to_and_fro_is_left_alone(log: LogToPush) -> None:
    told = script([info(202, SIZE, 0), info(409, SIZE, 256)] * 500, lacking())
    assert (await error_of(told, log)).code == "push.unsettled"
    assert len(told.uploads) < 10


async def test_of_a_longer_log_than_ours_nothing_is_sought(log: LogToPush) -> None:
    told = script([info(202, SIZE, SIZE), cosignature(log)], lacking("7 pub", f"{SIZE} pub"))
    told.answers["missing"].append(lacking(f"{SIZE} pub"))
    assert (await push(told, log)).note


async def test_a_list_of_several_parts_is_worked_off(log: LogToPush) -> None:
    parts = [
        lacking("7 hub", "8 pub"),
        lacking("8 hub", "300 pub", "300 hub"),
        lacking(),
    ]
    told = script([info(202, SIZE, SIZE), cosignature(log)], *parts)
    assert (await push(told, log)).lines == 5


def test_a_mirror_may_take_one_package_at_a_time() -> None:
    bounds, size = PushBounds("u1.example/fenhe/catalogue"), 256 * 5000
    for next_entry in range(0, size + 1, 256):
        bounds.count_request("add-entries", size)
        assert not bounds.has_stalled(next_entry)


def test_a_thin_line_is_waited_for_as_long_as_the_mirror_waits() -> None:
    largest = DEFAULTS.push_bytes
    assert patience(0) == DEFAULTS.visit_seconds
    assert patience(largest) >= largest / DEFAULTS.least_bytes_per_second


async def test_large_bodies_go_in_pieces_of_a_mebibyte(tmp_path: Path) -> None:
    publisher = Publisher(tmp_path)
    publisher.publish([instrument(n, note="n" * 200_000) for n in range(20)])
    log = LogToPush(CATALOGUE, folder_files(tmp_path), [COSIGNER])
    wanted = [lacking(*(f"{n} pub" for n in range(20))), lacking()]
    told = script([info(202, 20, 20), cosignature(log)], *wanted)
    assert (await push(told, log)).lines == 20
    sizes = [len(body) for name, body in told.seen if name == "000"]
    assert len(sizes) == 4 and max(sizes) <= 1024 * 1024
