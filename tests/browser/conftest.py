"""A browser for tests of pages, and servers that run beside it.

Where no Chromium is found these tests are skipped and say so, or fail (`tests.wanting`).
"""

import asyncio
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from aiohttp import web
from playwright.sync_api import Browser, Page, Request, sync_playwright

from tests.wanting import wanting

DESK = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}


def find_chromium() -> str:
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    wanting("browser", "no Chromium here: apt install chromium")


# No wider: while it is open an event loop runs in this thread, and tests of other modules need it.
@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    path = find_chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@contextmanager
def running(make_app: Callable[[], web.Application], port: int) -> Iterator[None]:
    """Serve an application on loopback in a thread of its own."""
    started, stop = threading.Event(), asyncio.Event()
    loop = asyncio.new_event_loop()

    async def serve() -> None:
        runner = web.AppRunner(make_app())
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        started.set()
        await stop.wait()
        await runner.cleanup()

    def run() -> None:
        try:
            loop.run_until_complete(serve())
        finally:
            started.set()
            loop.run_until_complete(loop.shutdown_default_executor())
            loop.close()

    thread = threading.Thread(target=run)
    thread.start()
    started.wait()
    try:
        yield
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()


def failures(request: Request) -> list[str]:
    # A download is a page load that the browser breaks off.
    return [] if request.failure == "net::ERR_ABORTED" else [f"{request.url} {request.failure}"]


@contextmanager
def open_page(
    browser: Browser, viewport: dict[str, int], *, scripts: bool = True
) -> Iterator[Page]:
    """A page whose console and network must stay free of errors."""
    context = browser.new_context(viewport=viewport, java_script_enabled=scripts, locale="zh-CN")  # type: ignore[arg-type]
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("requestfailed", lambda request: complaints.extend(failures(request)))
    yield page
    context.close()
    assert complaints == []
