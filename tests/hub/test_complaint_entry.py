"""Complaints that somebody told the office: entered by staff, sealed, numbered, in their scope."""

from pathlib import Path

import pytest

from fenhe_client.console import passwords
from fenhe_hub.feedback.sealing import Secret
from fenhe_hub.index.tables import open_index
from fenhe_hub.office import obliging
from fenhe_hub.office.complaining import covers
from fenhe_hub.office.roles import Role
from fenhe_hub.office.staff import THE_HUB, Staff
from tests.client.browsing import Browser
from tests.hub.complaint_house import NAME, PHONE, PLANTED, STORY, ComplaintHouse, with_key
from tests.hub.consoles import browsing, department, staffed
from tests.hub.fake_node import START
from tests.hub.houses import new_hub
from tests.hub.test_register import A, B, unit


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ComplaintHouse:
    """A hub that takes complaints, with two obliged units, one of them of a department."""
    monkeypatch.setattr(passwords, "COST", 1 << 4)
    made = with_key(new_hub(tmp_path / "hub"), START)
    open_index(made.hub.home.index).close()
    obliging.list_units(made.office, THE_HUB, [unit(A), unit(B)])
    department(made.hub, "JYT", A)
    staffed(made.hub, "operator-1")
    staffed(made.hub, "decider-1", authority="JYT")
    return made


FORM = {
    "source": "telephone", "came_on": "", "category": "unit", "unit": A,
    "text": STORY, "contact": f"{NAME} {PHONE}",
}  # fmt: skip


async def entered(browser: Browser, **told: str) -> tuple[int, str]:
    await browser.get("/complaints/new")
    status, text, _ = await browser.send("/complaints/new", [*(FORM | told).items()])
    return status, text


async def test_a_call_becomes_a_sealed_case_whose_number_and_secret_the_caller_is_told(
    house: ComplaintHouse,
) -> None:
    async with browsing(house.hub) as browser:
        await browser.sign_in("operator-1")
        status, text = await entered(browser, category="", text="")
        assert status == 422 and "请选择反映的事项" in text and PHONE in text
        assert (await entered(browser, record="EQ-0001"))[0] == 422  # nothing of it is known
        assert (await entered(browser, came_on="2999-01-01"))[0] == 422
        status, text = await entered(browser)
        assert status == 200 and "C-2026-0001" in text
        secret = Secret.typed(text.split("<code>")[1].split("</code>")[0])
        assert secret and house.case("C-2026-0001").mark == secret.mark
        case = house.case("C-2026-0001")
        assert (case.source, case.unit, case.came_on) == ("telephone", A, case.received_on)
        _, text, _ = await browser.get("/complaints/C-2026-0001")
        assert "电话" in text and not [each for each in PLANTED if each in text]
    for file, raw in house.bytes_of_home():
        assert not [each for each in PLANTED if each.encode() in raw], file


async def test_a_department_enters_what_lies_in_its_scope_and_finds_it_again(
    house: ComplaintHouse,
) -> None:
    async with browsing(house.hub) as browser:
        await browser.sign_in("decider-1")
        _, text, _ = await browser.get("/complaints/new")
        assert A in text and B not in text
        assert (await entered(browser, unit=B))[0] == 422
        assert (await entered(browser, unit="", category="platform", source="x"))[0] == 422
        assert (await entered(browser, unit="", category="platform", source="letter"))[0] == 200
        assert "C-2026-0001" in (await browser.get("/complaints"))[1]
    case = house.case("C-2026-0001")
    assert (case.authority, case.source) == ("JYT", "letter")
    assert not covers(Staff("d", Role.DECIDER, frozenset({B}), "KJT"), case)
