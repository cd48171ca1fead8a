"""Hubs above let in at the console, and the national platform's reviews uploaded to it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import Workbook

from fenhe_client.console import passwords
from fenhe_hub.hub import Hub
from fenhe_hub.registry.above import above_us
from fenhe_hub.upstream.audit_table import read_table
from fenhe_protocol.errors import InputError
from tests.client.browsing import Browser
from tests.hub.consoles import browsing, department, staffed
from tests.hub.fake_node import FakeNode
from tests.hub.houses import new_hub

ROWS = [("insCode", "innerId", "auditStatus"), ("000123", "A-1", "1"), ("000123", "A-2", "2")]
CSV = "\n".join(",".join(row) for row in ROWS)


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Hub:
    monkeypatch.setattr(passwords, "COST", 2**4)
    hub = new_hub(tmp_path / "hub")
    department(hub, "JYT")
    staffed(hub, "administrator-1", "operator-1")
    staffed(hub, "operator-2", authority="JYT")
    return hub


@asynccontextmanager
async def signed_in(hub: Hub, name: str) -> AsyncIterator[Browser]:
    async with browsing(hub) as browser:
        await browser.sign_in(name)
        await browser.get("/")
        yield browser


def workbook() -> bytes:
    """The same rows below a title."""
    made, out = Workbook(), BytesIO()
    sheet = made.create_sheet("审核", 0)
    sheet.append(["国家平台审核状态"])
    for row in ROWS:
        sheet.append(row)
    made.save(out)
    return out.getvalue()


async def test_a_hub_above_is_let_in_by_the_fingerprint_that_was_compared(
    hub: Hub, tmp_path: Path
) -> None:
    upper = FakeNode(tmp_path / "upper", 9)
    form = [("url", f"{upper.url}/"), ("fingerprint", upper.fingerprint), ("tier", "hub")]
    async with upper.serving(), signed_in(hub, "operator-1") as browser:
        assert "允许一个上级平台" not in (await browser.get("/above"))[1]
        assert (await browser.send("/above", form))[0] == 403
    async with upper.serving(), signed_in(hub, "administrator-1") as browser:
        await browser.get("/above")
        other = [form[0], ("fingerprint", "0" * 64)]
        assert (await browser.send("/above", other))[0] in (409, 422)
        assert not above_us(hub.home)
        status, text, _ = await browser.send("/above", form)
        assert status == 200 and upper.origin in text
        (found,) = above_us(hub.home)
        assert (found.origin, found.url, found.tiers) == (upper.origin, upper.url, ("hub",))
        mark = [("fingerprint", upper.fingerprint)]
        assert "不再允许" in (await browser.send("/above/forget", mark))[1]
    assert not above_us(hub.home)


def test_a_table_of_reviews_reads_the_same_as_csv_and_as_a_workbook(tmp_path: Path) -> None:
    file = tmp_path / "审核"
    wanted = [dict(zip(ROWS[0], row, strict=True)) for row in ROWS[1:]]
    for raw, first in ((CSV.encode("gb18030"), 2), (workbook(), 3)):
        file.write_bytes(raw)
        found = [*read_table(file, "insCode")]
        assert found == [*enumerate(wanted, first)]
    with pytest.raises(InputError, match=r"forward\.audit"):
        read_table(file, "nowhere")


async def test_reviews_are_uploaded_by_whoever_forwards_for_the_province(hub: Hub) -> None:
    bad = CSV.replace(",2", ",x").encode()
    for name, raw, wanted in (
        ("operator-1", workbook(), 200),
        ("operator-1", CSV.encode(), 200),
        ("operator-1", bad, 422),
        ("operator-2", workbook(), 403),
        ("administrator-1", workbook(), 403),
    ):
        async with signed_in(hub, name) as browser:
            await browser.get("/forwarding")
            status, text, _ = await browser.upload(
                "/forwarding/reviews", raw, file_name="states.xlsx"
            )
            assert status == wanted, text
            assert ("states.xlsx:3" in text) is (raw == bad)
