"""What a form may send to the console, whoever sends it."""

from pathlib import Path

import aiohttp
import pytest

from fenhe_client.console import passwords
from fenhe_client.console.forms import LARGEST_OF_STRANGERS
from fenhe_client.console.guard import SIGN_IN
from fenhe_client.sheets import kept
from fenhe_node.node import Node
from tests.node.consoles import PASSWORD, Browser, browsing
from tests.node.homes import Clock, new_node
from tests.node.lists import GOOD, HEADERS, write_csv

LONG = "仪" * 200 + ".csv"


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a password costs is kept beside it: these cost next to nothing."""
    monkeypatch.setattr(passwords, "COST", 2**4)


@pytest.fixture
def node(tmp_path: Path) -> Node:
    return new_node(tmp_path / "home")


async def send(browser: Browser, *files: tuple[str, str, bytes]) -> int:
    """Files by field, name and content, as one form."""
    form = aiohttp.FormData({"token": browser.token}, quote_fields=False)
    for field, name, content in files:
        form.add_field(field, content, filename=name)
    return (await browser.send_raw("/imports", form, {}))[0]


async def test_an_empty_input_keeps_no_other_file_away(node: Node, tmp_path: Path) -> None:
    content = write_csv(tmp_path / "设备.csv", [HEADERS, *GOOD]).read_bytes()
    async with browsing(node) as browser:
        await browser.get("/imports")
        assert await send(browser, ("other", "", b""), ("file", "设备.csv", content)) == 200
        twice = [("file", name, content) for name in ("a.csv", "b.csv", "c.csv")]
        assert await send(browser, *twice) == 200
    assert {each.name for each in kept.every(node.home)} == {"c.csv"}


async def test_a_files_name_does_no_harm(node: Node, tmp_path: Path) -> None:
    content = write_csv(tmp_path / "设备.csv", [HEADERS, *GOOD]).read_bytes()
    async with browsing(node) as browser:
        await browser.get("/imports")
        for name in (LONG, "..", ".", "a/..", "\u202egnp.csv"):
            assert await send(browser, ("file", name, content)) in (200, 422)
            (found,) = kept.every(node.home)
            assert kept.path_of(node.home, found).read_bytes() == content
            assert "\u202e" not in found.name


async def test_who_has_not_signed_in_stores_nothing(node: Node) -> None:
    passwords.set_password(node.home.passwords, "a", PASSWORD)
    async with browsing(node) as browser:
        await browser.get(SIGN_IN)
        status, _, _ = await browser.upload(SIGN_IN, b"x")
        assert status == 415
        status, _, _ = await browser.post(SIGN_IN, name="a" * LARGEST_OF_STRANGERS)
        assert status == 413
    assert not (node.home.path / "uploads").exists()


async def test_a_part_with_too_much_of_a_head_is_no_form(node: Node) -> None:
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    async with browsing(node) as browser:
        for lines in (b"A: " + b"a" * 20_000, b"A: b\r\n" * 1000):
            body = b"--x\r\n" + lines + b"\r\n\r\n--x--\r\n"
            assert (await browser.send_raw("/imports", body, headers))[0] == 400


async def test_an_origin_that_is_none_is_anothers(node: Node) -> None:
    async with browsing(node) as browser:
        for origin in ("http://[", "null", "x"):
            status, _, _ = await browser.post("/imports", headers={"Origin": origin})
            assert status == 403


async def test_what_was_typed_stands_in_no_log(
    node: Node, caplog: pytest.LogCaptureFixture
) -> None:
    async with browsing(node) as browser:
        await browser.get("/imports")
        status, text, _ = await browser.upload("/imports/words", b"", kind="?", field="示例用户")
        assert status == 404 and "示例用户" in text
    assert "request.absent" in caplog.text and "示例用户" not in caplog.text


async def test_who_guesses_behind_a_proxy_makes_nobody_else_wait(node: Node) -> None:
    passwords.set_password(node.home.passwords, "a", PASSWORD)
    clock = Clock()
    async with browsing(node, clock) as browser:
        await browser.get(SIGN_IN)
        for address, name, password, last in (
            ("198.51.100.7", "a", "wrong", 429),
            ("192.0.2.1", "a", PASSWORD, 200),
        ):
            headers = {"X-Forwarded-For": address}
            for _ in range(6 if last == 429 else 1):
                status, _, _ = await browser.post(
                    SIGN_IN, headers=headers, name=name, password=password
                )
            assert status == last


async def test_behind_a_proxy_nobody_comes_in_without_an_account(node: Node) -> None:
    async with browsing(node) as browser:
        for name in ("X-Forwarded-For", "X-Real-IP", "Forwarded", "Via"):
            status, text, _ = await browser.get("/", headers={name: "192.0.2.1"})
            assert status == 403 and "console.host" in text
        assert (await browser.get("/"))[0] == 200
