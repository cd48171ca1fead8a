"""Reports and proofs on the console: made, read, taken along, as far as the account may see."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from fenhe_client.console import passwords
from fenhe_hub.index.findings import replace_findings
from fenhe_hub.index.tables import open_index
from fenhe_hub.rules.finding import Finding, State
from fenhe_protocol.finding_proof import examine
from tests.hub.consoles import Clock, browsing, department, staffed
from tests.hub.fake_node import instrument
from tests.hub.provinces import Province, founded


@pytest.fixture(autouse=True)
def cheap() -> Iterator[None]:
    """What a password costs is kept beside it: these cost next to nothing."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(passwords, "COST", 2**4)
        yield


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Province]:
    async with founded(tmp_path, units=2) as town:
        for node in town.nodes:
            node.publish(instrument("A-1"))
        staffed(town.hub, "operator", at=town.now)
        department(town.hub, "Z1", town.nodes[0].uscc, at=town.now)
        staffed(town.hub, "viewer-z", authority="Z1", at=town.now)
        await town.sync()
        yield town


async def test_the_operator_makes_a_report_and_a_department_reads_of_its_own_units_alone(
    town: Province,
) -> None:
    clock = Clock(town.now)
    async with browsing(town.hub, clock) as browser:
        await browser.get("/sign-in")
        await browser.sign_in("operator")
        await town.sync()  # what signing in leaves in the journal is said
        await browser.get("/reports")
        status, text, _ = await browser.post("/reports", period="2026-11")
        assert status == 200 and "2026年11月科技资源开放共享情况" in text
        _, text, _ = await browser.get("/reports")
        place = text.split("/reports/2026-11/")[1].split('"')[0]
        await browser.get(f"/reports/2026-11/{place}/xlsx")
        files = [browser.body]
        await browser.get(f"/reports/2026-11/{place}/xlsx")
        assert [browser.body] == files and browser.body[:2] == b"PK"
        _, page, _ = await browser.get(f"/reports/2026-11/{place}/html")
        assert page.startswith("<!DOCTYPE html>") and f"日志位置 {place}" in page
        await browser.get("/reports")
        _, text, _ = await browser.post("/reports", period="nonsense")
        assert "report.period" in text
        _, text, _ = await browser.get("/reports?q=2026-11&order=period")
        assert f"/reports/2026-11/{place}/xlsx" in text
        await browser.get("/reports?form=csv")
        assert place in browser.body.decode()
        assert (await browser.get("/reports/2026-11/1-999"))[0] == 404
        await browser.post("/sign-out")
        await browser.get("/sign-in")
        await browser.sign_in("viewer-z")
        _, text, _ = await browser.get(f"/reports/2026-11/{place}")
        assert town.nodes[0].uscc in text and town.nodes[1].uscc not in text


async def test_the_proof_of_a_finding_is_a_file_to_take_along(town: Province) -> None:
    with closing(open_index(town.hub.home.index)) as db:
        replace_findings(db, [(1, Finding("D1", State.OVERDUE, "instrument", "A-1"))])
    async with browsing(town.hub, Clock(town.now)) as browser:
        await browser.get("/sign-in")
        await browser.sign_in("viewer-z")
        path = f"/finding/{town.nodes[0].uscc}/evidence?rule=D1&kind=instrument&id="
        status, _, headers = await browser.get(f"{path}A-1")
        assert status == 200 and "attachment" in headers["Content-Disposition"]
        found = await asyncio.to_thread(examine, browser.body)
        assert found.hub.origin == town.hub.origin and found.sightings
        _, text, _ = await browser.get(f"{path}A-2")
        assert "finding.absent" in text
