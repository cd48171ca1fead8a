"""Who may use the wizard in a browser: whoever sits at this machine and saw the address, once."""

import re
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.request import urlopen

import aiohttp
from aiohttp.test_utils import TestServer

from fenhe_client.settings_file import set_line
from fenhe_node.console.wizard import Wizard
from fenhe_node.console.wizard_steps import Desk
from fenhe_protocol.terminal import grouped
from tests import forked
from tests.node.a_hub import a_hub
from tests.node.consoles import browsing
from tests.node.homes import Clock, new_node
from tests.patience import until


@asynccontextmanager
async def wizard(home: Path) -> AsyncIterator[tuple[Wizard, str, aiohttp.ClientSession]]:
    """A wizard for a home, its address without the token, and a browser."""
    made = Wizard(Desk(home, Clock().now))
    jar = aiohttp.CookieJar(unsafe=True)
    async with (
        TestServer(made.make_app()) as server,
        aiohttp.ClientSession(cookie_jar=jar) as browser,
    ):
        yield made, str(server.make_url("/")), browser


async def status(browser: aiohttp.ClientSession, url: str, **more: str) -> int:
    async with browser.get(url, headers=more) as answer:
        return answer.status


async def test_the_address_opens_once_and_nobody_else_gets_in(tmp_path: Path) -> None:
    async with wizard(tmp_path / "home") as (made, url, browser):
        assert await status(browser, url) == 403
        assert await status(browser, f"{url}?token=guessed") == 403
        # Who only looks whether the address is there does not use it up.
        async with browser.head(f"{url}?token={made.token}") as answer:
            assert answer.status == 403
        for _ in range(2):  # the browser that came first may open it again
            assert await status(browser, f"{url}?token={made.token}") == 200
        assert await status(browser, url) == 200
        async with aiohttp.ClientSession() as other:
            assert await status(other, f"{url}?token={made.token}") == 403
            assert await status(other, url) == 403
        # A name of somebody else's that leads here is not answered.
        assert await status(browser, url, Host="evil.example") == 403


async def test_a_form_without_its_token_or_from_another_site_does_nothing(tmp_path: Path) -> None:
    form = {"uscc": "12140000000000019W", "unit_name": "示例大学", "hub": "http://127.0.0.1:9"}
    async with wizard(tmp_path / "home") as (made, url, browser):
        await status(browser, f"{url}?token={made.token}")
        async with browser.post(f"{url}unit", data=form) as answer:
            assert answer.status == 403
        async with browser.get(url) as answer:
            found = re.search(r'name="token" value="([^"]+)"', await answer.text())
        assert found
        for origin, wanted in (("https://evil.example", 403), ("", 200)):
            headers = {"Origin": origin} if origin else {}
            data = form | {"token": found[1]}
            async with browser.post(f"{url}unit", data=data, headers=headers) as answer:
                assert answer.status == wanted
        # The hub did not answer: what was typed stays in the form, and nothing was made.
        assert "12140000000000019W" in await (await browser.get(f"{url}?step=unit")).text()
    assert not (tmp_path / "home").exists()


async def test_a_home_that_is_there_is_taken_up_where_it_was_left(tmp_path: Path) -> None:
    new_node(tmp_path / "home")
    async with wizard(tmp_path / "home") as (made, url, browser):
        await status(browser, f"{url}?token={made.token}")
        async with browser.get(url) as answer:
            text = await answer.text()
        assert "示例大学" in text and 'class="next" aria-current="step"' in text
        async with browser.get(f"{url}sheet.html") as answer:
            assert "汾河节点交接单" in await answer.text()
        assert await status(browser, f"{url}marked") == 422


def test_the_terminal_shows_the_address_and_ends_on_request(tmp_path: Path) -> None:
    log = tmp_path / "log"
    home = str(tmp_path / "home")
    server = forked.start(
        "fenhe-node", "--home", home, "setup", "--browser", "--port", "0", log=log
    )
    log.touch()
    until(lambda: "SERVER" in log.read_text())
    found = re.search(r"http://127\.0\.0\.1:\d+/\?token=\S+", log.read_text())
    assert found
    with urlopen(found[0]) as answer:
        assert answer.status == 200
    server.send_signal(signal.SIGINT)
    assert server.wait(timeout=30) == 4  # something is left to be done
    assert "▶ 1 " in log.read_text()


async def test_the_console_shows_the_steps_and_does_those_that_have_no_tab(tmp_path: Path) -> None:
    node = new_node(tmp_path / "home")
    async with a_hub() as hub, browsing(node) as browser:
        set_line(node.home.config_file, "hub", hub.url)
        _, text, _ = await browser.get("/setup")
        assert "打电话核对" in text and grouped(hub.fingerprint) in text
        mark = hub.fingerprint
        status_, text, _ = await browser.post("/setup/hub", heard="xxxx", fingerprint=mark)
        assert (status_, "听到的指纹" in text) == (422, True)
        await browser.get("/setup")
        _, text, _ = await browser.post("/setup/hub", heard=mark[-4:], fingerprint=mark)
        assert "已信任 hub.example/fenhe" in text and "到那一页去做" in text
        assert (await browser.post("/setup/unit"))[0] == 404
        _, text, _ = await browser.get("/setup/sheet.html")
        assert "汾河节点交接单" in text
        _, text, _ = await browser.get("/setup/root-1")
        assert text == (node.home.public / "root" / "1").read_text("utf-8")
