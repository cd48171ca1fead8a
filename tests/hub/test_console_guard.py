"""Who may come in to the hub's console, and what is told of it: over a real socket."""

from io import StringIO
from pathlib import Path

import pytest

from fenhe_client.console import passwords
from fenhe_client.console.sessions import IDLE_SECONDS
from fenhe_hub.casework import journal
from fenhe_hub.casework.book import open_casework
from fenhe_hub.cli import main
from fenhe_hub.console.comings import MOST_IN_VAIN
from fenhe_hub.hub import Hub
from fenhe_hub.office.account_keeping import (
    change_account,
    end_account,
    make_account,
    set_password,
)
from fenhe_hub.office.acting import Office
from fenhe_hub.office.staff import THE_HUB
from tests.client.browsing import PASSWORD
from tests.hub.consoles import Clock, browsing, staffed
from tests.hub.fake_node import START
from tests.hub.houses import new_hub


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a password costs is kept beside it: these cost next to nothing."""
    monkeypatch.setattr(passwords, "COST", 2**4)


@pytest.fixture
def hub(tmp_path: Path) -> Hub:
    return new_hub(tmp_path / "hub")


def acts(hub: Hub) -> list[tuple[str, str, str]]:
    """By whom, what and about whom, the oldest first."""
    with open_casework(hub.home) as casework:
        return [(act.by, act.name, act.subject) for act in journal.acts(casework.db)][::-1]


async def test_nobody_sees_anything_before_signing_in_also_on_this_machine(hub: Hub) -> None:
    async with browsing(hub) as browser:
        status, _, headers = await browser.get("/accounts?a=1", follow=False)
        assert (status, headers["Location"]) == (303, "/sign-in?next=/accounts?a%3D1")
        status, text, _ = await browser.get("/sign-in")
        assert status == 200 and "账号" in text and 'class="tabs"' not in text


async def test_coming_in_and_going_are_acts_and_the_session_is_another_one(hub: Hub) -> None:
    staffed(hub, "administrator-1")
    async with browsing(hub) as browser:
        await browser.get("/sign-in")
        before = browser.cookies()
        await browser.post("/sign-in", name="administrator-1", password="x", next="/")
        await browser.post("/sign-in", name=PASSWORD, password="x", next="/")  # in the wrong field
        status, text, _ = await browser.post(
            "/sign-in", name="administrator-1", password=PASSWORD, next="/"
        )
        assert status == 200 and "今天" in text
        assert browser.cookies().isdisjoint(before)  # nobody who knew the former id is in
        await browser.post("/sign-out")
    assert acts(hub)[1:] == [
        ("hub", "account.turned_away", "administrator-1"),
        ("hub", "account.turned_away", ""),
        ("administrator-1", "account.signed_in", "administrator-1"),
        ("administrator-1", "account.signed_out", "administrator-1"),
    ]


async def test_of_many_vain_attempts_a_few_are_told_and_all_have_to_wait(hub: Hub) -> None:
    staffed(hub, "viewer-1")
    clock = Clock()
    async with browsing(hub, clock) as browser:
        await browser.get("/sign-in")
        refused = 0
        for _ in range(MOST_IN_VAIN * 3):
            clock.at += 20
            status, _, _ = await browser.post("/sign-in", name="viewer-1", password="x")
            refused += status == 429
        assert refused > MOST_IN_VAIN
        clock.at += 3600
        await browser.post("/sign-in", name="viewer-1", password="x")
    told = [act for act in acts(hub) if act[1] == "account.turned_away"]
    assert 5 < len(told) <= MOST_IN_VAIN + 1


@pytest.mark.parametrize("change", ["idle", "password", "role", "authority", "ended"])
async def test_a_session_ends_with_what_it_stands_on(hub: Hub, change: str) -> None:
    staffed(hub, "administrator-1", "operator-1")
    clock, office = Clock(), Office(hub, lambda: START + 1)
    async with browsing(hub, clock) as browser:
        await browser.sign_in("operator-1")
        assert (await browser.get("/", follow=False))[0] == 200
        if change == "idle":
            clock.at += IDLE_SECONDS + 1
        elif change == "password":
            set_password(office, THE_HUB, "operator-1", PASSWORD + "!")
        elif change == "role":
            change_account(office, THE_HUB, "operator-1", "viewer", "")
        elif change == "ended":
            end_account(office, THE_HUB, "operator-1")
        else:
            change_account(office, THE_HUB, "operator-1", "operator", "")
        expected = 200 if change == "authority" else 303  # the same as before
        assert (await browser.get("/", follow=False))[0] == expected


def test_an_account_that_is_made_again_has_no_password_of_its_former_life(hub: Hub) -> None:
    staffed(hub, "administrator-1", "viewer-1")
    office, file = Office(hub, lambda: START + 1), hub.home.passwords
    kept = file.read_bytes()
    end_account(office, THE_HUB, "viewer-1")
    file.write_bytes(kept)  # as if it was killed between the act and the file
    make_account(office, THE_HUB, "viewer-1", "viewer", "", "")
    assert passwords.accounts(file).keys() == {"administrator-1"}


async def test_a_form_without_its_token_or_of_another_site_does_nothing(hub: Hub) -> None:
    staffed(hub, "administrator-1")
    async with browsing(hub) as browser:
        await browser.sign_in("administrator-1")
        await browser.get("/accounts")
        for token in ("", browser.token[:-1]):
            status, _, _ = await browser.post(
                "/accounts", token=token, name="neu", role="viewer", password=PASSWORD
            )
            assert status == 403
        status, _, _ = await browser.post(
            "/accounts",
            headers={"Origin": "https://evil.example"},
            name="neu",
            role="viewer",
            password=PASSWORD,
        )
        assert status == 403
        assert "neu" not in passwords.accounts(hub.home.passwords)
        form = [("name", "neu"), ("role", "viewer"), ("password", PASSWORD)]
        status, text, _ = await browser.send("/accounts", form)
        assert status == 200 and "已设账号" in text


async def test_a_person_changes_the_own_password_by_the_present_one(hub: Hub) -> None:
    staffed(hub, "viewer-1")
    new = PASSWORD + "!"
    async with browsing(hub) as browser:
        await browser.sign_in("viewer-1")
        await browser.get("/password")
        for present, again in (("x", new), (PASSWORD, "other")):
            form = [("present", present), ("password", new), ("again", again)]
            assert (await browser.send("/password", form))[0] == 422
        form = [("present", PASSWORD), ("password", new), ("again", new)]
        status, text, _ = await browser.send("/password", form)
        assert status == 200 and "登录管理台" in text
    assert passwords.verify(hub.home.passwords, "viewer-1", new)


def test_the_first_administrator_is_made_in_the_terminal_and_the_last_one_stays(
    hub: Hub, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(*arguments: str, typed: str = "") -> int:
        monkeypatch.setattr("sys.stdin", StringIO(f"{typed}\n"))
        return main(["--home", str(hub.home.path), "account", *arguments])

    assert run("add", "王管理", "--role", "administrator", typed=PASSWORD) == 0
    assert PASSWORD not in capsys.readouterr().out
    assert passwords.verify(hub.home.passwords, "王管理", PASSWORD)
    assert hub.home.passwords.stat().st_mode & 0o777 == 0o600
    assert run("add", "王管理", "--role", "viewer", typed=PASSWORD) == 1
    assert run("add", "x", "--role", "viewer", "--authority", "none", typed=PASSWORD) == 1
    assert run("add", "y", "--role", "viewer", typed="short") == 1
    assert run("end", "王管理") == 1
    assert run("change", "王管理", "--role", "viewer") == 1
    assert run("add", "李管理", "--role", "administrator", typed=PASSWORD) == 0
    assert run("end", "王管理") == 0
    assert "王管理" not in passwords.accounts(hub.home.passwords)
    assert [act[:2] for act in acts(hub)] == [
        ("hub", "account.made"),
        ("hub", "account.made"),
        ("hub", "account.ended"),
    ]
