"""Complaints in the console: who sees what, and that nothing is opened but by the passphrase."""

import re
from io import StringIO
from pathlib import Path

import pytest

from fenhe_client.console import passwords
from fenhe_client.console.sessions import IDLE_SECONDS, Sessions
from fenhe_client.keys import wrapping
from fenhe_hub.casework import journal
from fenhe_hub.cli import main
from fenhe_hub.console.unlocked import Unlocked
from fenhe_hub.feedback import handlers_key
from fenhe_hub.feedback.subjects import State
from fenhe_hub.index.tables import open_index
from fenhe_hub.office.roles import PERMISSIONS, Permission, Role
from tests.client.browsing import Browser
from tests.hub.complaint_house import NAME, PASSPHRASE, PLANTED, STORY, ComplaintHouse, with_key
from tests.hub.consoles import Clock, browsing, department, staffed
from tests.hub.fake_node import START
from tests.hub.houses import new_hub

INSIDE, OUTSIDE = "12140000000000019W", "12140000000000027P"
NASTY = "<script>alert(1)</script>\n=HYPERLINK(1)"


@pytest.fixture(autouse=True)
def _cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wrapping, "COST", 1 << 4)
    monkeypatch.setattr(passwords, "COST", 1 << 4)


@pytest.fixture
def house(tmp_path: Path) -> ComplaintHouse:
    made = with_key(new_hub(tmp_path / "hub"), START)
    open_index(made.hub.home.index).close()
    return made


async def unlocked(browser: Browser, number: str) -> None:
    await browser.get(f"/complaints/{number}")
    status, text, _ = await browser.post(f"/complaints/{number}/unlock", passphrase=PASSPHRASE)
    assert status == 200 and "密钥已打开" in text


async def test_words_open_by_the_passphrase_for_this_session_alone(house: ComplaintHouse) -> None:
    number = house.complain(text=f"{STORY} {NASTY}")
    staffed(house.hub, "operator-1", "operator-2")
    async with browsing(house.hub) as browser, browsing(house.hub) as other:
        for each in (browser, other):
            await each.sign_in(f"operator-{1 + (each is other)}")
        status, text, _ = await browser.get(f"/complaints/{number}")
        assert status == 200 and not [each for each in PLANTED if each in text]
        assert (await browser.post(f"/complaints/{number}/open"))[0] == 403
        status, text, _ = await browser.post(f"/complaints/{number}/unlock", passphrase="wrong")
        assert status == 422 and "complaint.passphrase" in text
        await unlocked(browser, number)
        status, text, headers = await browser.post(f"/complaints/{number}/open")
        assert status == 200 and NAME in text and STORY in text
        assert "<script>" not in text and headers["Cache-Control"] == "no-store"
        assert STORY not in (await browser.get(f"/complaints/{number}"))[1]
        await other.get(f"/complaints/{number}")
        assert (await other.post(f"/complaints/{number}/open"))[0] == 403
        await browser.post(f"/complaints/{number}/lock")
        assert (await browser.post(f"/complaints/{number}/open"))[0] == 403
    with house.office.casework() as casework:
        told = [(act.by, act.name) for act in journal.acts(casework.db)]
    assert told.count(("operator-1", "complaint.opened")) == 1
    assert ("operator-1", "complaint.unlocked") in told


async def test_the_key_is_gone_with_the_session(house: ComplaintHouse) -> None:
    number = house.complain()
    staffed(house.hub, "operator-1")
    clock = Clock()
    async with browsing(house.hub, clock) as browser:
        await browser.sign_in("operator-1")
        await unlocked(browser, number)
        await browser.post("/sign-out")
        await browser.sign_in("operator-1")
        await browser.get(f"/complaints/{number}")
        assert (await browser.post(f"/complaints/{number}/open"))[0] == 403
        await unlocked(browser, number)
        clock.at += IDLE_SECONDS + 1
        await browser.sign_in("operator-1")
        await browser.get(f"/complaints/{number}")
        assert (await browser.post(f"/complaints/{number}/open"))[0] == 403


async def test_a_case_is_passed_on_answered_closed_and_opened_again(house: ComplaintHouse) -> None:
    number = house.complain("reallocation", INSIDE)
    staffed(house.hub, "operator-1")
    async with browsing(house.hub) as browser:
        await browser.sign_in("operator-1")
        at = f"/complaints/{number}"
        _, text, _ = await browser.get(at)
        assert "这类投诉不转给单位" in text
        assert (await browser.post(f"{at}/route", route="unit", summary="示例"))[0] == 422
        for step, fields, state in (
            ("route", {"route": "authority"}, State.ROUTED),
            ("take-up", {}, State.WITH_AUTHORITY),
            ("answer", {"text": NASTY}, State.ANSWERED),
            ("close", {"closed_as": "explained"}, State.CLOSED),
            ("reopen", {}, State.REOPENED),
        ):
            status, text, _ = await browser.send(f"{at}/{step}", [*fields.items()])
            assert status == 200, text
            assert house.case(number).state == state
        assert "答复投诉" in text
        assert (await browser.post(f"{at}/reopen"))[0] == 409
        assert (await browser.post(f"{at}/close", closed_as="?"))[0] == 422
        assert (await browser.post(f"{at}/answer", text="x", token="wrong"))[0] == 403


@pytest.mark.parametrize("role", list(Role))
async def test_only_handlers_and_only_in_their_scope_see_cases(
    house: ComplaintHouse, role: Role
) -> None:
    here, there = house.complain("fees", INSIDE), house.complain("fees", OUTSIDE)
    general = house.complain()
    department(house.hub, "G-01", INSIDE)
    staffed(house.hub, f"{role}-1")
    staffed(house.hub, f"{role}-2", authority="G-01")
    handles = Permission.HANDLE in PERMISSIONS[role]
    # Who decides, decides for an authority: without one there is nothing in the scope.
    whole = set() if role is Role.DECIDER else {here, there, general}
    for name, seen in ((f"{role}-1", whole), (f"{role}-2", {here})):
        async with browsing(house.hub) as browser:
            await browser.sign_in(name)
            status, text, _ = await browser.get("/complaints")
            assert status == (200 if handles else 403)
            if handles:
                assert set(re.findall(r"C-2026-\d{4}", text)) == seen
            counted = re.search(r"还没有答复[^0-9]*([0-9]+)", (await browser.get("/"))[1])
            assert int(counted[1] if counted else 0) == len(seen)
            for number in (here, there, general):
                good = handles and number in seen
                assert (await browser.get(f"/complaints/{number}"))[0] == (200 if good else 403)
                for step in ("route", "take-up", "answer", "close", "reopen", "open"):
                    status, _, _ = await browser.post(f"/complaints/{number}/{step}")
                    assert (status != 403) == (good and step != "open")


async def test_the_list_is_exported_without_a_word(house: ComplaintHouse) -> None:
    number = house.complain()
    staffed(house.hub, "operator-1")
    async with browsing(house.hub) as browser:
        await browser.sign_in("operator-1")
        for form in ("csv", "xlsx"):
            status, _, _ = await browser.get(f"/complaints?form={form}")
            assert status == 200
            assert not [each for each in PLANTED if each.encode() in browser.body]
        assert number in (await browser.get("/complaints?form=csv&state=all"))[1]
        assert number not in (await browser.get("/complaints?state=closed"))[1]
        assert (await browser.get("/complaints/C-2026-0099"))[0] == 404


def test_the_key_is_made_tried_and_changed_in_the_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    hub = new_hub(tmp_path / "hub")

    def run(*arguments: str, typed: str = "") -> int:
        monkeypatch.setattr("sys.stdin", StringIO(typed))
        return main(["--home", str(hub.home.path), "complaints-key", *arguments])

    assert run("check", typed=f"{PASSPHRASE}\n") == 1
    assert run("new", typed="short\n") == 1
    assert run("new", typed=f"{PASSPHRASE}\n") == 0
    assert run("new", typed="another passphrase\n") == 1
    assert run("new", "--json", typed=f"{PASSPHRASE}\n") == 0
    assert run("check", typed=f"{PASSPHRASE}\n") == 0
    assert run("passphrase", typed=f"{PASSPHRASE}\nanother passphrase\n") == 0
    assert run("check", typed=f"{PASSPHRASE}\n") == 1
    assert run("list") == 0
    assert PASSPHRASE not in capsys.readouterr().out
    assert len(handlers_key.unlock(hub.home, "another passphrase")) == 2


def test_a_key_is_for_its_session_and_no_other_of_the_same_name() -> None:
    sessions, open_ = Sessions(), Unlocked()
    mine, others = sessions.begin(START, who="a"), sessions.begin(START, who="a")
    open_.unlock(mine, {})
    assert open_.keys(mine, START) == {} and open_.keys(others, START) is None
    assert open_.keys(others, START + IDLE_SECONDS + 1) is None
    assert open_.keys(mine, START) is None
