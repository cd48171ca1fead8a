import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from fenhe_node.jobs import Job, Jobs, at_times, every
from fenhe_node.runs import GRACE_SECONDS, Run, missed, read_runs, write_runs
from fenhe_protocol.errors import SetupError, StoreError
from tests.node.homes import NOW, Clock

Work = Callable[[], Awaitable[int | None]]


async def run_until(jobs: Jobs, done: asyncio.Event) -> None:
    working = asyncio.create_task(jobs.run())
    await asyncio.wait_for(done.wait(), 10)
    await asyncio.sleep(0)
    working.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await working


def noting(done: asyncio.Event, answer: int | None = None) -> Work:
    async def work() -> int | None:
        done.set()
        return answer

    return work


async def test_a_job_that_never_ran_runs_at_once_and_leaves_a_verdict(tmp_path: Path) -> None:
    done, file = asyncio.Event(), tmp_path / "runs.json"
    await run_until(Jobs(file, [Job("sweep", every(3600), noting(done))], lambda: NOW), done)
    run = read_runs(file)["sweep"]
    assert (run.started, run.ended, run.failed) == (NOW, NOW, "")


async def test_a_job_can_say_when_it_is_next_needed(tmp_path: Path) -> None:
    done, file = asyncio.Event(), tmp_path / "runs.json"
    job = Job("heartbeat", every(60), noting(done, NOW + 43_200))
    await run_until(Jobs(file, [job], lambda: NOW), done)
    assert read_runs(file)["heartbeat"].next == NOW + 43_200


async def test_what_fell_due_while_nothing_ran_is_done_at_the_next_start(tmp_path: Path) -> None:
    done, file = asyncio.Event(), tmp_path / "runs.json"
    write_runs(file, {"publish": Run(next=NOW - 86_400)})
    job = Job("publish", at_times("0 0 1 1 *", 480), noting(done))
    await run_until(Jobs(file, [job], lambda: NOW), done)
    assert read_runs(file)["publish"].started == NOW


async def test_a_schedule_is_not_begun_before_its_first_time(tmp_path: Path) -> None:
    done, file = asyncio.Event(), tmp_path / "runs.json"
    jobs = [
        Job("publish", at_times("0 0 1 1 *", 480), noting(asyncio.Event()), at_first=False),
        Job("sweep", every(3600), noting(done)),
    ]
    await run_until(Jobs(file, jobs, lambda: NOW), done)
    publish = read_runs(file)["publish"]
    assert publish.started == 0 and publish.next > NOW


async def test_a_failure_is_kept_counted_and_stays_with_its_job(tmp_path: Path) -> None:
    done, file = asyncio.Event(), tmp_path / "runs.json"
    write_runs(file, {"publish": Run(failed="before", failures=2)})

    async def fail() -> int | None:
        raise StoreError("store.write", where="disk")

    jobs = [Job("publish", every(3600), fail), Job("sweep", every(3600), noting(done))]
    await run_until(Jobs(file, jobs, lambda: NOW), done)
    runs = read_runs(file)
    assert runs["publish"].failures == 3 and "store.write" in runs["publish"].failed
    assert runs["publish"].next > NOW
    assert runs["sweep"].failed == ""


async def test_a_clock_set_back_puts_no_job_out_of_reach(tmp_path: Path) -> None:
    clock, runs, done = Clock(), list[int](), asyncio.Event()

    async def work() -> int | None:
        runs.append(clock.at)
        clock.at = NOW - 86_400
        if len(runs) == 2:
            done.set()
        return None

    jobs = [Job("heartbeat", every(86_400), work)]
    await run_until(Jobs(tmp_path / "runs.json", jobs, clock.now, look_seconds=0.01), done)
    assert runs == [NOW, NOW - 86_400]


def test_a_job_that_was_taken_out_of_the_configuration_is_not_missed(tmp_path: Path) -> None:
    file = tmp_path / "runs.json"
    write_runs(file, {"publish": Run(next=NOW - 86_400)})
    assert missed(Jobs(file, [], lambda: NOW).runs, NOW) == []


def test_a_job_is_missed_once_the_grace_is_over() -> None:
    runs = {"late": Run(next=NOW - GRACE_SECONDS - 1), "due": Run(next=NOW), "never": Run()}
    assert missed(runs, NOW) == ["late"]


@pytest.mark.parametrize("content", ["", "[]", '{"a": 1}', '{"a": {"nxt": 1}}', "\x00"])
def test_a_damaged_memory_is_an_empty_one(tmp_path: Path, content: str) -> None:
    file = tmp_path / "runs.json"
    file.write_text(content)
    assert read_runs(file) == {}


def test_a_time_that_cannot_be_is_refused_with_its_setting() -> None:
    with pytest.raises(SetupError) as refused:
        at_times("61 2 * * *", 480)
    assert refused.value.where == "publish_at"
