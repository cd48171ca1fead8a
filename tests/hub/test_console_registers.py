"""The console's registers over a real socket: lists in, invitations out, exemptions decided."""

import io
import re
from pathlib import Path

import openpyxl
import pytest

from fenhe_client.console import passwords
from fenhe_hub.casework.book import open_casework
from fenhe_hub.casework.exemptions import exemptions
from fenhe_hub.casework.obliged import obliged_units
from fenhe_hub.hub import Hub
from fenhe_hub.index.tables import open_index
from fenhe_protocol.terminal import grouped
from tests.client.browsing import Browser
from tests.hub.consoles import browsing, department, staffed
from tests.hub.houses import new_hub
from tests.hub.test_office_lists import WRONG, book, row, sheet
from tests.hub.test_register import A, B, C

FINDING = f"{A}/D1/instrument/EQ-1"


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "COST", 2**4)


@pytest.fixture
def hub(tmp_path: Path) -> Hub:
    made = new_hub(tmp_path / "hub")
    open_index(made.home.index).close()  # as `serve` does first
    staffed(made, "administrator-1", "operator-1", "viewer-1")
    department(made, "jyt", A)
    department(made, "wjw", B)
    staffed(made, "decider-1", "viewer-2", authority="jyt")
    staffed(made, "decider-2", authority="wjw")
    return made


async def as_(browser: Browser, name: str) -> Browser:
    await browser.post("/sign-out")
    await browser.sign_in(name)
    return browser


async def listed(browser: Browser) -> None:
    await browser.sign_in("operator-1")
    await browser.get("/obliged")
    raw = book([row("示例大学", A), row("示例医院", B, "示例卫健委")])
    status, text, _ = await browser.upload("/lists/obliged", raw)
    assert status == 200, text
    path = re.findall(r'action="(/lists/obliged/[0-9a-f]+/take)"', text)[0]
    assert (await browser.post(path))[0] == 200


async def test_a_list_is_looked_at_corrected_and_taken(hub: Hub) -> None:
    doubtful = row("示例学院", C)
    doubtful[2] = WRONG
    async with browsing(hub) as browser:
        await browser.sign_in("operator-1")
        await browser.get("/obliged")
        raw = book([row("@示例<b>大学</b>", A), doubtful])
        status, text, _ = await browser.upload("/lists/obliged", raw, due_on="2026-12-31")
        assert status == 200
        assert "可收下 <strong>1</strong> 行，退回 <strong>1</strong> 行" in text
        assert "Sheet · C4" in text and "校验位" in text
        assert "<b>大学" not in text
        assert "新增 1，改动 0，不变 0" in text
        base = re.findall(r'action="(/lists/obliged/[0-9a-f]+)/take"', text)[0]
        await browser.get(f"{base}/marked.xlsx")
        assert openpyxl.load_workbook(io.BytesIO(browser.body))["Sheet"]["C4"].comment
        form = [("header", "联系科室"), ("field", ""), ("due_on", "2027-01-31")]
        status, text, _ = await browser.send(f"{base}/columns", form)
        assert status == 200
        status, text, _ = await browser.post(f"{base}/take")
        assert "新增 1，改动 0，不变 0；退回 1 行" in text
        status, text, _ = await browser.post(f"{base}/take")
        assert "新增 0，改动 0，不变 1" in text
        assert "示例&lt;b&gt;大学" in (await browser.get("/obliged"))[1]
        await browser.get("/obliged?form=csv")
        assert "'@示例" in browser.body.decode()  # no program takes it for a formula
        status, text, _ = await browser.upload("/lists/obliged", b"x,y\n1,2\n", file_name="x.csv")
        assert status == 422 and "没有认出" in text
    with open_casework(hub.home) as casework:
        (unit,) = obliged_units(casework.db)
    assert (unit.uscc, unit.office, unit.due_on) == (A, "", "2026-12-31")


async def test_everyone_is_invited_with_one_print_run_a_sheet_each(hub: Hub) -> None:
    async with browsing(hub) as browser:
        await listed(browser)
        status, text, _ = await browser.post("/obliged")
        assert status == 200 and text.count('<section class="sheet"') == 2
        for said in (A, "示例大学", hub.origin, "2026-12-31", "fenhe-node setup"):
            assert said in text
        for group in grouped(hub.fingerprint).split():
            assert group in text
        status, text, _ = await browser.get(f"/obliged/{B}/invitation")
        assert status == 200 and text.count('<section class="sheet"') == 1
        _, text, _ = await browser.get("/obliged?state=invited")
        assert "应报单位 2 条" in text
        await browser.get(f"/obliged/{A}")
        status, text, _ = await browser.post(f"/obliged/{A}/wait", fingerprint="ab12 " * 16)
        assert status == 200 and "等待登记" in text and "ab12" * 16 in text
        status, text, _ = await browser.post(f"/obliged/{A}/wait", fingerprint="zz")
        assert status >= 400


async def test_an_exemption_is_proposed_decided_in_scope_and_revoked(hub: Hub) -> None:
    async with browsing(hub) as browser:
        await browser.sign_in("operator-1")
        await browser.get("/exemptions")
        told = {"subject": FINDING, "reason": "示例理由", "source": "示例函〔2026〕1号"}
        status, text, _ = await browser.send("/exemptions", [*(told).items()])
        assert status == 200 and "E-2026-0001" in text
        status, text, _ = await browser.send(
            "/exemptions", [*(told | {"reason": "设备涉密"}).items()]
        )
        assert status == 422 and "连“已豁免”也不显示" in text
        at = f"/exemptions/{A}/E-2026-0001"
        grant = {
            "approver": "示例教育厅",
            "reason": "示例理由",
            "filing_no": "示例〔2026〕2号",
            "from": "2026-11-01",
            "until": "2026-12-31",
            "document": "",
        }
        assert (await browser.send(f"{at}/grant", [*(grant).items()]))[
            0
        ] == 403  # who proposes decides not
        await as_(browser, "decider-2")
        assert (await browser.get(at))[0] == 403
        assert "E-2026-0001" not in (await browser.get("/exemptions"))[1]
        assert (await browser.send(f"{at}/grant", [*(grant).items()]))[0] == 403
        # Another unit's path leads to no number of this one.
        assert (await browser.send(f"{at.replace(A, B)}/grant", [*(grant).items()]))[0] == 404
        await as_(browser, "decider-1")
        status, text, _ = await browser.get(at)
        assert status == 200 and "批准" in text
        assert (await browser.send(f"{at}/grant", [*(grant | {"until": "2026-01-01"}).items()]))[
            0
        ] == 422
        status, text, _ = await browser.send(f"{at}/grant", [*(grant).items()])
        assert status == 200 and "已批准" in text
        assert (await browser.send(f"{at}/grant", [*(grant).items()]))[0] == 409
        _, text, _ = await browser.get("/exemptions")
        assert "2026-12-31" in text
        status, text, _ = await browser.post(f"{at}/revoke", answer="示例撤销", document="")
        assert status == 200 and "已撤销" in text
    with open_casework(hub.home) as casework:
        (found,) = exemptions(casework.db)
    assert (found.state, found.decided_by, found.filing_no) == (
        *("revoked", "decider-1", "示例〔2026〕2号"),
    )


async def test_an_objection_is_entered_once_and_answered_once(hub: Hub) -> None:
    async with browsing(hub) as browser:
        await browser.sign_in("operator-1")
        await browser.get("/objections")
        told = {
            "subject": FINDING,
            "text": "示例异议",
            "document": "示例函",
            "raised_on": "2026-11-20",
        }
        assert (await browser.send("/objections", [*(told).items()]))[0] == 200
        assert (await browser.send("/objections", [*(told).items()]))[0] == 409
        assert (await browser.send("/objections", [*(told | {"text": "13800000000"}).items()]))[
            0
        ] == 422
        await as_(browser, "decider-1")
        at = f"/objections/{A}/O-2026-0001"
        assert "示例异议" in (await browser.get(at))[1]
        told = {"decision": "upheld", "answer": "示例答复", "document": ""}
        status, text, _ = await browser.send(f"{at}/answer", [*(told).items()])
        assert status == 200 and "成立" in text
        assert (await browser.send(f"{at}/answer", [*(told).items()]))[0] == 409


async def test_lists_name_units_and_findings_in_words_and_their_files_the_whole_id(
    hub: Hub,
) -> None:
    async with browsing(hub) as browser:
        await listed(browser)
        await browser.post("/exemptions", subject=FINDING, reason="示例", source="示例函")
        told = {"subject": FINDING, "text": "示例", "document": "示例函", "raised_on": "2026-11-20"}
        await browser.send("/objections", [*told.items()])
        said = {"unit": A, "number": "示例评1号", "decided_on": "2026-05-06", "supported": "yes"}
        await browser.send("/reviews", [*(said | {"plan": "", "item": "", "body": "厅"}).items()])
        for path in ("/exemptions", "/objections", "/reviews"):
            _, text, _ = await browser.get(f"{path}?q=示例大学")
            assert "<td>示例大学</td>" in text
            assert ("D1 科学仪器设备 EQ-1" in text) == (path != "/reviews")
            assert "示例大学</td>" not in (await browser.get(f"{path}?q=示例医院"))[1]
            await browser.get(f"{path}?form=csv")
            assert (A if path == "/reviews" else FINDING) in browser.body.decode()


async def test_authorities_reviews_and_results_are_entered_and_taken_back(hub: Hub) -> None:
    async with browsing(hub) as browser:
        await browser.sign_in("administrator-1")
        await browser.get("/authorities")
        told = {"number": "kjt", "name": "示例科技厅", "kind": "science", "level": "province"}
        told |= {"covers": "all", "from": "2026-01-01", "until": ""}
        assert "已登记" in (await browser.send("/authorities", [*(told).items()]))[1]
        assert "没有变化" in (await browser.send("/authorities", [*(told).items()]))[1]
        moved = {"uscc": A, "to": "kjt", "from": "2026-06-01"}
        status, text, _ = await browser.send("/authorities/jyt/move", [*(moved).items()])
        assert status == 200 and "2026-05-31" in text
        raw = sheet(["单位代码", "部门编号", "起"], [C, "wjw", "2026-01-01"])
        _, text, _ = await browser.upload("/lists/belongings", raw)
        path = re.findall(r'action="(/lists/belongings/[0-9a-f]+/take)"', text)[0]
        assert (await browser.post(path))[0] == 200
        assert C in (await browser.get("/authorities/wjw"))[1]
        gone = {"uscc": C, "until": "2026-09-30"}
        assert "2026-09-30" in (await browser.send("/authorities/wjw/let-go", [*gone.items()]))[1]
        await as_(browser, "operator-1")
        await browser.get("/reviews")
        review = {"unit": A, "number": "示例评1号", "plan": "P-1", "decided_on": "2026-03-01"}
        review |= {"supported": "yes", "body": "示例科技厅"}
        assert "示例评1号" in (await browser.send("/reviews", [*(review).items()]))[1]
        gone = {"unit": A, "number": "示例评1号", "plan": "P-1", "reason": "示例误登"}
        assert "已撤回" in (await browser.send("/reviews/withdraw", [*(gone).items()]))[1]
        result = {"unit": A, "id": "EQ-1", "year": "2026", "result": "poor", "final": "yes"}
        result |= {"document": "示例2号", "decided_on": "2026-03-01", "body": "示例科技厅"}
        assert "较差" in (await browser.send("/evaluations", [*(result).items()]))[1]
        assert (await browser.send("/evaluations", [*(result | {"year": "x"}).items()]))[0] == 422
        gone = {"unit": A, "id": "EQ-1", "year": "2026", "reason": "示例误登"}
        assert "已撤回" in (await browser.send("/evaluations/withdraw", [*(gone).items()]))[1]


async def test_a_department_sees_its_own_units_alone(hub: Hub) -> None:
    async with browsing(hub) as browser:
        await listed(browser)
        await as_(browser, "viewer-2")
        _, text, _ = await browser.get("/obliged")
        assert A in text and B not in text and "示例卫健委" not in text
        await browser.get("/obliged?form=csv")
        assert A.encode() in browser.body and B.encode() not in browser.body
        assert (await browser.get(f"/obliged/{A}"))[0] == 200
        for path in (f"/obliged/{B}", f"/obliged/{B}/invitation", "/obliged-invitations"):
            assert (await browser.get(path))[0] == 403
        assert (await browser.get("/authorities"))[0] == 403
        assert (await browser.post(f"/obliged/{A}/release", how="removed", reason="x"))[0] == 403
