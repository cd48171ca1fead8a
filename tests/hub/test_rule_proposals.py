"""A rule set on its way into force at the console: tried, proposed, decided, said, judged by."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from fenhe_client.console import passwords
from fenhe_hub.cli import main
from fenhe_hub.fed.rules_in_force import rules_in_force
from fenhe_hub.hub import Hub, open_hub
from fenhe_hub.office.acting import Office
from fenhe_hub.office.document import Document
from fenhe_hub.office.ruling import adopt, bring_back, propose, reject
from fenhe_hub.office.staff import THE_HUB
from fenhe_hub.operations.check import run_check
from fenhe_hub.rule_file import load_rules, shipped_rules
from fenhe_protocol.errors import RequestError
from tests.client.browsing import Browser
from tests.hub.consoles import Clock, browsing, department, staffed
from tests.hub.dying import adopt_rules, killed_before
from tests.hub.fake_node import START
from tests.hub.houses import new_hub
from tests.hub.provinces import Province, founded
from tests.hub.test_judging import bought, shown

SHIPPED = shipped_rules().decode()
SHORTER = SHIPPED.replace("days: 30                 # 30个工作日", "days: 5  # ", 1)
BY = [("document_no", "示例函〔2026〕9号"), ("decided_on", "2026-11-20")]
WHY = ("reason", "示例：改期限")
FIRST = "/rules/proposals/R-2026-0001"


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a password costs is kept beside it: these cost next to nothing."""
    monkeypatch.setattr(passwords, "COST", 2**4)


@asynccontextmanager
async def signed_in(hub: Hub, name: str, at: int) -> AsyncIterator[Browser]:
    async with browsing(hub, Clock(at)) as browser:
        await browser.sign_in(name)
        await browser.get("/rules")
        yield browser


async def sent(browser: Browser, path: str, *form: tuple[str, str]) -> tuple[int, str]:
    status, text, _ = await browser.send(path, [*form])
    return status, text


def peopled(province: Province) -> Hub:
    """Accounts of the province and of two departments, one of them for all units."""
    hub, now = province.hub, province.now
    department(hub, "KJT", covers="all", at=now)
    department(hub, "JYT", province.nodes[0].uscc, at=now)
    staffed(hub, "operator-1", "decider-3", at=now)
    staffed(hub, "decider-1", authority="KJT", at=now)
    staffed(hub, "decider-2", "operator-2", authority="JYT", at=now)
    return hub


async def proposed(browser: Browser) -> None:
    """What is wrong, in force or proposed already is told; what was tried is proposed."""
    _, text = await sent(browser, "/rules/what-if", ("text", SHORTER))
    assert "期限改变" in text and "提出这一套" in text
    wrong = ("text", SHORTER.replace("days:", "dys:"))
    status, text = await sent(browser, "/rules/proposals", wrong, WHY)
    assert status == 422 and "dys" in text
    assert (await sent(browser, "/rules/proposals", ("text", SHIPPED), WHY))[0] == 422
    status, text = await sent(browser, "/rules/proposals", ("text", SHORTER), WHY)
    assert status == 200 and "R-2026-0001" in text and "days: 5" in text
    assert (await sent(browser, "/rules/proposals", ("text", SHORTER), WHY))[0] == 422


async def adopted(browser: Browser) -> None:
    """By its document, once."""
    assert "提出的规则集待决定" in (await browser.get("/"))[1]
    status, text = await sent(browser, f"{FIRST}/adopt", *BY)
    assert status == 200 and "已施行" in text and "示例主管部门KJT" in text
    assert (await sent(browser, f"{FIRST}/adopt", *BY))[0] == 409
    assert "按决定施行的" in (await browser.get("/rules"))[1]
    assert "days: 5" in (await browser.get("/rules/what-if"))[1]  # before any check has used it


async def refused(hub: Hub, now: int, names: Sequence[str]) -> None:
    for name in names:
        async with signed_in(hub, name, now) as browser:
            assert (await sent(browser, f"{FIRST}/adopt", *BY))[0] == 403, name


async def test_a_set_is_tried_proposed_and_put_in_force_by_another_account(tmp_path: Path) -> None:
    async with founded(tmp_path, units=1) as province:
        hub, now = peopled(province), province.now
        province.nodes[0].publish(bought("A-1", "2026-11-05"))
        await province.sync()
        run_check(hub, now)
        assert shown(hub)["A-1"][0] == "met"
        async with signed_in(hub, "operator-1", now) as browser:
            await proposed(browser)
        await refused(hub, now, ("operator-1", "operator-2", "decider-2", "decider-3"))
        assert not hub.rules_file
        async with signed_in(hub, "decider-1", now) as browser:
            await adopted(browser)
        await province.sync()
        digests = [each.sha256 for each in rules_in_force(hub)]
        assert digests == [load_rules().sha256, load_rules(hub.rules_file).sha256]
        run_check(hub, province.now)
        assert shown(hub)["A-1"][0] == "overdue"


def test_a_set_that_the_shell_puts_in_force_goes_the_same_way_and_is_brought_back(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hub, file = new_hub(tmp_path / "hub"), tmp_path / "other.yaml"
    file.write_text(SHORTER, "utf-8")
    by = ["--document", "示例函〔2026〕9号", "--on", "2026-01-05", "--by", "示例科技厅"]
    command = ["--home", str(hub.home.path), "adopt-rules", str(file), "--reason", "示例", *by]
    assert main(command) == 0
    assert load_rules(hub.rules_file).sha256 in capsys.readouterr().out
    assert main(command) == 1  # it is in force
    hub.home.rules_decided.unlink()  # as in a backup that did not hold it
    office = Office(open_hub(hub.home.path), lambda: START)
    assert bring_back(office) and not bring_back(office)
    assert hub.home.rules_decided.read_bytes() == SHORTER.encode()


async def test_a_set_whose_decision_was_killed_before_its_file_is_written_from_the_act(
    tmp_path: Path,
) -> None:
    hub, now = new_hub(tmp_path / "hub"), [START]
    office, paper = (
        Office(hub, lambda: now[0]),
        Document("示例函〔2026〕9号", "2026-01-05", "示例厅"),
    )
    first = propose(office, THE_HUB, SHORTER.encode(), "示例")
    await killed_before("rules", adopt_rules, hub.home.path, START, first, paper)
    assert not hub.rules_file
    with pytest.raises(RequestError, match=r"register\.state"):
        reject(office, THE_HUB, first, "示例")  # it is decided, and said so
    assert (bring_back(office), bring_back(office)) == (True, False)
    assert hub.home.rules_decided.read_bytes() == SHORTER.encode()
    second = propose(office, THE_HUB, shipped_rules(), "示例")
    now[0] -= 60  # a clock that is set right does not change which decision is the last
    adopt(office, THE_HUB, second, paper)
    assert hub.home.rules_decided.read_bytes() == shipped_rules()


async def test_the_set_that_was_before_is_chosen_and_what_waits_is_taken_back(
    tmp_path: Path,
) -> None:
    hub = new_hub(tmp_path / "hub")
    run_check(hub, START)
    hub.home.rules_decided.write_text(SHORTER, "utf-8")
    staffed(hub, "administrator-1", "operator-1")
    first, second = (f"/rules/proposals/R-2026-000{n}" for n in (1, 2))
    chosen = ("digest", load_rules().sha256)
    async with signed_in(hub, "operator-1", START) as browser:
        assert "期限改变" not in (await sent(browser, "/rules/what-if", chosen))[1]
        assert (await sent(browser, "/rules/proposals", chosen, WHY))[0] == 200
        status, text = await sent(browser, f"{first}/withdraw", WHY)
        assert status == 200 and "已撤回" in text
        assert (await sent(browser, "/rules/proposals", chosen, WHY))[0] == 200
    async with signed_in(hub, "administrator-1", START) as browser:
        assert (await sent(browser, f"{first}/reject", WHY))[0] == 409
        said = [BY[0], ("decided_on", "2026-01-05")]
        assert (await sent(browser, f"{second}/adopt", *said))[0] == 422  # whose body is not named
        by = ("decided_by", "示例科技厅")
        assert (await sent(browser, f"{second}/adopt", *said, by))[0] == 200
    assert hub.home.rules_decided.read_bytes() == shipped_rules()
