"""Who may ask the console for anything: over a real socket, with real headers."""

import re
from io import StringIO
from pathlib import Path

import aiohttp
import pytest
from aiohttp.test_utils import TestServer

from fenhe_client.console import passwords
from fenhe_client.console.sessions import IDLE_SECONDS, LONGEST_SECONDS
from fenhe_node.cli import main
from fenhe_node.console.app import make_app
from fenhe_node.console.listening import listening
from fenhe_node.node import Node
from fenhe_protocol.errors import InputError, SetupError
from tests.node.consoles import PASSWORD, browsing, console_of
from tests.node.homes import Clock, new_node
from tests.node.serving import application


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a password costs is kept beside it: these cost next to nothing."""
    monkeypatch.setattr(passwords, "COST", 2**4)


@pytest.fixture
def node(tmp_path: Path) -> Node:
    return new_node(tmp_path / "home")


async def test_on_this_machine_nobody_signs_in_and_every_answer_is_kept_by_nobody(
    node: Node,
) -> None:
    async with browsing(node) as browser:
        status, text, headers = await browser.get("/")
        assert status == 200 and "示例大学" in text
        assert headers["Cache-Control"] == "no-store"
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert "script-src" not in headers["Content-Security-Policy"]
        cookie = headers["Set-Cookie"]
        assert "HttpOnly" in cookie and "SameSite=Strict" in cookie


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8641", "127.0.0.1.evil.example"])
async def test_another_name_for_this_machine_is_not_answered(node: Node, host: str) -> None:
    async with browsing(node) as browser:
        status, text, _ = await browser.get("/", headers={"Host": host})
        assert (status, "示例大学" in text) == (403, False)


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ],
)
async def test_a_form_of_another_site_does_nothing(node: Node, headers: dict[str, str]) -> None:
    async with browsing(node) as browser:
        await browser.get("/")
        status, _, _ = await browser.post("/sign-out", headers=headers)
        assert status == 403


async def test_a_form_without_its_token_does_nothing(node: Node) -> None:
    passwords.set_password(node.home.passwords, "a", PASSWORD)
    async with browsing(node) as browser:
        await browser.sign_in("a")
        for token in ("", "x", browser.token[:-1]):
            status, text, _ = await browser.post("/sign-out", token=token)
            assert status == 403 and "没有执行" in text


async def test_a_link_from_elsewhere_keeps_the_session_that_there_is(node: Node) -> None:
    async with browsing(node) as browser:
        await browser.get("/")
        before = browser.cookies()
        browser.hide_cookies = True  # as a browser does on the way from another site
        status, text, headers = await browser.get(
            "/", headers={"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
        )
        assert status == 200 and "refresh" in text and "Set-Cookie" not in headers
        assert browser.cookies() == before


async def test_with_accounts_everybody_signs_in_and_the_session_changes(node: Node) -> None:
    passwords.set_password(node.home.passwords, "王管理", PASSWORD)
    assert node.home.passwords.stat().st_mode & 0o777 == 0o600
    async with browsing(node) as browser:
        status, _, headers = await browser.get("/keys?a=1", follow=False)
        assert (status, headers["Location"]) == (303, "/sign-in?next=/keys?a%3D1")
        await browser.get("/sign-in")
        before = browser.cookies()
        status, text, _ = await browser.post("/sign-in", name="王管理", password="wrong")
        assert status == 403 and "口令不对" in text
        status, text, _ = await browser.post("/sign-in", name="王管理", password=PASSWORD, next="/")
        assert status == 200 and "王管理" in text
        assert browser.cookies() != before
        status, text, _ = await browser.post("/sign-out")
        assert "登录管理台" in text


@pytest.mark.parametrize("path", ["//evil.example", "https://evil.example", "/\\evil.example", "x"])
async def test_nobody_is_sent_elsewhere_after_signing_in(node: Node, path: str) -> None:
    passwords.set_password(node.home.passwords, "a", PASSWORD)
    async with browsing(node) as browser:
        await browser.get("/sign-in")
        status, _, headers = await browser.post(
            "/sign-in", name="a", password=PASSWORD, next=path, follow=False
        )
        assert (status, headers["Location"]) == (303, "/")


@pytest.mark.parametrize("change", ["idle", "old", "password", "removed"])
async def test_a_session_ends(node: Node, change: str) -> None:
    passwords.set_password(node.home.passwords, "a", PASSWORD)
    clock = Clock()
    async with browsing(node, clock) as browser:
        await browser.sign_in("a")
        assert (await browser.get("/"))[0] == 200
        if change == "idle":
            clock.at += IDLE_SECONDS + 1
        elif change == "old":
            for _ in range(LONGEST_SECONDS // IDLE_SECONDS + 1):
                clock.at += IDLE_SECONDS
                await browser.get("/", follow=False)
        elif change == "password":
            passwords.set_password(node.home.passwords, "a", PASSWORD + "!")
        else:
            passwords.set_password(node.home.passwords, "b", PASSWORD)
            passwords.remove(node.home.passwords, "a")
        assert (await browser.get("/", follow=False))[0] == 303


async def test_whoever_guesses_waits_ever_longer(node: Node) -> None:
    passwords.set_password(node.home.passwords, "a", PASSWORD)
    clock = Clock()
    async with browsing(node, clock) as browser:
        await browser.get("/sign-in")
        for _ in range(5):
            assert (await browser.post("/sign-in", name="a", password="no"))[0] == 403
        status, text, _ = await browser.post("/sign-in", name="a", password=PASSWORD)
        assert status == 429 and "口令输错太多次" in text
        clock.at += 60
        assert (await browser.post("/sign-in", name="a", password=PASSWORD))[0] == 200


def test_accounts_are_made_listed_and_taken_away_by_a_command(
    node: Node, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(*arguments: str) -> tuple[int, str]:
        code = main(["--home", str(node.home.path), "password", *arguments])
        return code, capsys.readouterr().out

    monkeypatch.setattr("sys.stdin", StringIO(f"{PASSWORD}\n"))
    code, said = run("王管理")
    assert code == 0 and PASSWORD not in said
    assert passwords.verify(node.home.passwords, "王管理", PASSWORD)
    assert run("--list")[1] == "王管理\n"
    monkeypatch.setattr("sys.stdin", StringIO("short\n"))
    assert run("李管理")[0] == 3
    assert run("王管理", "--remove")[0] == 0 and not node.home.passwords.exists()


@pytest.mark.parametrize("password", ["kurz", "a" * 20, "王管理-0123456789"])
def test_a_weak_password_is_not_taken(node: Node, password: str) -> None:
    with pytest.raises(InputError) as refused:
        passwords.set_password(node.home.passwords, "王管理", password)
    assert refused.value.code == "console.weak"
    assert password not in str(refused.value)


async def test_where_others_could_come_a_password_is_demanded_first(node: Node) -> None:
    with pytest.raises(SetupError) as refused:
        async with listening(node, "0.0.0.0:0", dict, Clock().now):
            pass
    assert refused.value.code == "console.password"


async def test_with_the_last_account_gone_others_are_turned_away(node: Node) -> None:
    passwords.set_password(node.home.passwords, "a", PASSWORD)
    async with browsing(node, loopback=False) as browser:
        await browser.sign_in("a")
        passwords.remove(node.home.passwords, "a")
        status, text, _ = await browser.get("/")
        assert (status, "示例大学" in text) == (403, False)


async def test_a_port_that_is_taken_does_not_keep_the_feed_from_being_served(node: Node) -> None:
    async with listening(node, "127.0.0.1:0", dict, Clock().now) as where:
        address = where.removeprefix("http://").rstrip("/")
        async with listening(node, address, dict, Clock().now) as second:
            assert second == ""


async def test_the_public_listener_knows_nothing_of_the_console(node: Node) -> None:
    paths = {
        str(route.resource.canonical) for route in make_app(console_of(node)).router.routes()
        if route.resource is not None
    } - {"/", "/{path}"}  # fmt: skip
    server = TestServer(application(node, Clock()))
    async with server, aiohttp.ClientSession() as http:
        for path in paths:
            for base in ("", "/fenhe"):
                for method in ("GET", "POST"):
                    # Some names are pages of the public site as well: then it is that page.
                    async with http.request(method, server.make_url(base + path)) as answer:
                        assert "管理台" not in await answer.text(), path
                        assert "Set-Cookie" not in answer.headers
                        assert method == "GET" or answer.status >= 400, path


async def test_every_form_of_every_page_carries_the_token(node: Node) -> None:
    app = make_app(console_of(node))
    paths = [
        str(route.resource.canonical) for route in app.router.routes()
        if route.method == "GET" and route.resource and "{" not in route.resource.canonical
    ]  # fmt: skip
    async with browsing(node) as browser:
        for path in paths:
            _, text, _ = await browser.get(path)
            for form in re.findall(r'<form[^>]*method="post".*?</form>', text, re.S):
                assert 'name="token"' in form, path


async def test_an_upload_is_bounded_and_leaves_nothing_behind(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fenhe_client.console.forms.LARGEST_UPLOAD", 1000)
    passwords.set_password(node.home.passwords, "a", PASSWORD)
    async with browsing(node) as browser:
        await browser.sign_in("a")
        status, text, _ = await browser.upload("/sign-out", b"x" * 1001)
        assert status == 413 and "太大" in text
        status, _, _ = await browser.upload("/sign-out", b"x", token="stranger's")
        assert status == 403
        assert list((node.home.path / "uploads").iterdir()) == []
