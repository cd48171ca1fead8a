"""Many who ask for whole lists at once wait for one another, and hold up nobody else."""

import asyncio
import threading
from functools import partial
from pathlib import Path

from fenhe_hub.api.http import WHOLE_LISTS
from fenhe_hub.api.one_by_one import OneByOne
from tests.hub.index_builder import build_hub
from tests.hub.mouth import API, ask, fetch, serving


async def test_whole_lists_wait_for_their_turn_and_other_answers_do_not(tmp_path: Path) -> None:
    made = build_hub(tmp_path)
    going_on = threading.Event()
    async with serving(made.reading) as client:
        lists = client.app[WHOLE_LISTS]
        first = asyncio.create_task(lists.make(going_on.wait, lambda: True))
        others = [
            asyncio.create_task(fetch(client, f"{API}/units", format=form))
            for form in ("csv", "xlsx") * 20
        ]
        for _ in range(3):
            assert (await ask(client, "/units"))["items"]
        assert not any(each.done() for each in others)
        going_on.set()
        assert await first
        assert {answer.status for answer, _ in await asyncio.gather(*others)} == {200}


async def test_for_who_has_gone_nothing_is_made() -> None:
    lists, made, there = OneByOne(), list[int](), {0, 2}

    def make(number: int) -> int:
        made.append(number)
        return number

    work = [lists.make(partial(make, n), partial(there.__contains__, n)) for n in range(3)]
    assert await asyncio.gather(*work) == [0, None, 2]
    assert made == [0, 2]
