"""Work told without a clock: how often each function is called."""

import asyncio
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from types import FrameType


@contextmanager
def counted() -> Iterator[Counter[str]]:
    """Count the calls in this thread by the function's name."""
    calls = Counter[str]()

    def note(frame: FrameType, event: str, _: object) -> None:
        if event == "call":
            calls[frame.f_code.co_name] += 1

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        yield calls
    finally:
        sys.setprofile(before)


@contextmanager
def counted_in_threads() -> Iterator[Counter[str]]:
    """The same, and in the threads to which the running event loop hands work meanwhile."""
    before = threading.getprofile()
    with counted() as calls, ThreadPoolExecutor() as fresh:
        threading.setprofile(sys.getprofile())  # for threads that are yet to begin
        asyncio.get_running_loop().set_default_executor(fresh)
        try:
            yield calls
        finally:
            threading.setprofile(before)
            asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor())
