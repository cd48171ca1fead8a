"""Signing in to the hub's console by another's service: a real provider on a real socket."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest
from aiohttp.test_utils import TestServer
from hypothesis import given
from hypothesis import strategies as st

from deploy.demo.ports import free_port
from fenhe_client.console import passwords
from fenhe_hub.casework import journal
from fenhe_hub.casework.book import open_casework
from fenhe_hub.console.app import make_app
from fenhe_hub.hub import Hub
from fenhe_hub.sign_on.id_token import Expected, read_id_token
from fenhe_hub.sign_on.settings import SignOnSettings
from fenhe_protocol.errors import RequestError
from tests.client.browsing import Browser, before
from tests.hub.an_issuer import CLIENT, SECRET, Issuer, issuing, jwks, signed
from tests.hub.consoles import console_of, staffed
from tests.hub.fake_node import START
from tests.hub.houses import new_hub

EXPECTED = Expected("https://id.example", CLIENT, "n", START)
CLAIMS = {"iss": "https://id.example", "aud": CLIENT, "nonce": "n", "iat": START, "exp": START + 60}


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "COST", 2**4)


@pytest.fixture
def hub(tmp_path: Path) -> Hub:
    hub = new_hub(tmp_path / "hub")
    (hub.home.path / "client-secret").write_text(SECRET, "utf-8")
    staffed(hub, "viewer")
    return hub


@asynccontextmanager
async def signing_on(hub: Hub, issuer: Issuer) -> AsyncIterator[Browser]:
    """Somebody before a console that knows the provider."""
    port = free_port()
    settings = SignOnSettings(
        issuer=issuer.url,
        client_id=CLIENT,
        client_secret_file="client-secret",
        console_url=f"http://127.0.0.1:{port}",
        private=True,
    )
    known = replace(hub, config=replace(hub.config, sign_on=settings))
    jar = aiohttp.CookieJar(unsafe=True)
    again = TestServer(make_app(console_of(known)), port=port)
    async with again, aiohttp.ClientSession(cookie_jar=jar) as http:
        yield Browser(again, http)


@pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
async def test_whoever_the_provider_names_comes_in_with_the_role_that_stands_here(
    hub: Hub, algorithm: str
) -> None:
    async with issuing(START) as issuer, signing_on(hub, issuer) as browser:
        issuer.algorithm = algorithm
        _, text, _ = await browser.get("/sign-in?next=/findings")
        assert 'href="/sign-in/sso?next=/findings"' in text
        before = browser.cookies()
        status, text, _ = await browser.get("/sign-in/sso?next=/password")
        assert status == 200 and "改口令" in text and "viewer" in text
        assert browser.cookies().isdisjoint(before)
        assert (await browser.get("/accounts"))[0] == 403  # the role is the hub's own
    with open_casework(hub.home) as casework:
        assert next(journal.acts(casework.db)).name == "account.signed_in"


async def test_whom_nobody_made_an_account_stays_outside(hub: Hub) -> None:
    async with issuing(START) as issuer, signing_on(hub, issuer) as browser:
        issuer.name = "stranger"
        await browser.get("/sign-in")
        status, text, _ = await browser.get("/sign-in/sso")
        assert status == 403 and "sign_on.account" in text
        assert (await browser.get("/", follow=False))[0] == 303


@pytest.mark.parametrize(
    "spoil",
    [
        {"iss": "https://evil.example"},
        {"aud": "another"},
        {"aud": [CLIENT, "another"], "azp": "another"},
        {"exp": START - 3600},
        {"iat": START + 3600},
        {"nonce": "another"},
        {"preferred_username": None},
    ],
)
async def test_a_token_that_says_another_thing_lets_nobody_in(
    hub: Hub, spoil: dict[str, object]
) -> None:
    async with issuing(START) as issuer, signing_on(hub, issuer) as browser:
        issuer.spoil = spoil
        await browser.get("/sign-in")
        status, text, _ = await browser.get("/sign-in/sso")
        assert status == 403 and "sign_on.token" in text


async def test_an_answer_is_good_once_and_for_the_browser_that_asked(hub: Hub) -> None:
    async with issuing(START) as issuer, signing_on(hub, issuer) as browser:
        await browser.get("/sign-in")
        _, _, headers = await browser.get("/sign-in/sso", follow=False)
        browser.hide_cookies = True  # the same answer in another browser
        state = headers["Location"].partition("&state=")[2].partition("&")[0]
        for _ in range(2):
            status, text, _ = await browser.get(f"/sign-in/back?code=x&state={state}")
            assert status == 403 and "sign_on.state" in text


async def test_a_provider_that_says_nonsense_is_told_of(hub: Hub) -> None:
    async with issuing(START) as issuer, signing_on(hub, issuer) as browser:
        issuer.url = "http://127.0.0.1:9"  # what it says of itself is not what was set
        await browser.get("/sign-in")
        status, text, _ = await browser.get("/sign-in/sso")
        assert status == 502 and "sign_on.provider" in text


async def test_without_a_provider_there_is_no_such_way(hub: Hub) -> None:
    async with console_browser(hub) as browser:
        await browser.get("/sign-in")
        assert (await browser.get("/sign-in/sso"))[0] == 404


@asynccontextmanager
async def console_browser(hub: Hub) -> AsyncIterator[Browser]:
    async with before(make_app(console_of(hub))) as browser:
        yield browser


@pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
def test_a_good_token_is_believed(algorithm: str) -> None:
    assert read_id_token(signed(CLAIMS, algorithm), jwks(), EXPECTED)["aud"] == CLIENT
    assert read_id_token(signed(CLAIMS | {"aud": ["x", CLIENT]}, algorithm), jwks(), EXPECTED)


@pytest.mark.parametrize(
    "token",
    [
        signed(CLAIMS, "none", "r"),
        signed(CLAIMS, "HS256", "r"),
        signed(CLAIMS, "RS256", "e"),
        signed(CLAIMS, "ES256", "r"),
        signed(CLAIMS, "RS256", "enc"),
        signed(CLAIMS, "RS256", "unknown"),
        signed(CLAIMS)[:-8] + "AAAAAAAA",
        "a.b",
        "..",
        "é.a.b",
        "x" * 40_000,
    ],
)
def test_what_no_key_of_the_providers_signed_is_not_believed(token: str) -> None:
    with pytest.raises(RequestError, match=r"sign_on\.token"):
        read_id_token(token, jwks(), EXPECTED)


@given(st.integers(0, 10_000), st.binary(min_size=1, max_size=3))
def test_no_changed_token_is_believed_and_none_breaks_the_reading(at: int, put: bytes) -> None:
    good = _GOOD.encode()
    place = at % len(good)
    changed = (good[:place] + put + good[place + len(put) :]).decode("latin-1")
    if changed.rstrip("=") == _GOOD:
        return
    try:
        claims = read_id_token(changed, _KEYS, EXPECTED)
    except RequestError as error:
        assert error.code == "sign_on.token"
    else:
        assert claims == CLAIMS  # the last letter of base64 has bits that say nothing


_GOOD, _KEYS = signed(CLAIMS, "ES256"), jwks()


def test_settings_that_lack_something_are_refused() -> None:
    with pytest.raises(ValueError, match="client_id"):
        SignOnSettings(issuer="https://id.example")
    with pytest.raises(ValueError, match="issuer"):
        SignOnSettings("http://id.example", CLIENT, console_url="https://console.example")
