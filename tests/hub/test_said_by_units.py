"""What units' own records ask of the office: claims of exemptions, and objections to notices."""

from collections.abc import Mapping
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from fenhe_client.console import passwords
from fenhe_hub.casework.book import open_casework
from fenhe_hub.casework.evaluations import Evaluation
from fenhe_hub.casework.exemptions import exemptions
from fenhe_hub.casework.objections import objections
from fenhe_hub.casework.obliged import Stand, enrolled_codes, obliged_units, standing
from fenhe_hub.hub import Hub
from fenhe_hub.index.tables import open_index
from fenhe_hub.office.acting import Office
from fenhe_hub.office.exempting import Grant, grant, refuse
from fenhe_hub.office.objecting import answer
from fenhe_hub.office.obliging import list_units
from fenhe_hub.office.reviewing import register_evaluations
from fenhe_hub.office.roles import Permission
from fenhe_hub.office.said_by_units import take_said
from fenhe_hub.office.staff import THE_HUB
from fenhe_hub.operations.check import run_check
from fenhe_protocol.encoding import date_at
from fenhe_protocol.notice import Notice
from tests.hub.consoles import browsing, staffed
from tests.hub.fake_node import FakeNode, instrument
from tests.hub.houses import Visitor, served
from tests.hub.provinces import Province, founded
from tests.hub.test_register import B, unit

CLAIM = {"reason": "示例理由", "approver": "示例主管部门", "filing_no": "示例〔2026〕1号"}

GRANT = Grant("示例教育厅", "示例理由", "示例〔2026〕3号", "2026-11-01", "2026-12-31")


def claiming(id_: str, **claim: str) -> dict[str, dict[str, Any]]:
    record = instrument(id_, accepted_on="2026-01-05")
    record["hub"] |= {"exemption": claim, "funds": ["local"]}
    return record


def objecting(node: FakeNode, notice: str, text: str) -> dict[str, Mapping[str, Any]]:
    envelope = {"kind": "notice_reply", "id": notice}
    told = {"reply": "objected", "text": text, "replied_on": "2026-11-22"}
    return {"hub": envelope | told, "pub": envelope | {"statement": f"公开：{text}"}}


def note(province: Province, number: str, to: str, *about: str) -> None:
    office = Office(province.hub, lambda: province.now)
    with office.turn() as casework:
        word = Notice(number, to, "示例通知", about=about)
        told = (casework, THE_HUB, Permission.PREPARE, "notice.tried", number)
        office.do(*told, words=[word])


def kept(hub: Hub) -> tuple[list[tuple[str, str, str]], list[tuple[str, str, str]]]:
    with open_casework(hub.home) as casework:
        asked = [(e.subject, e.state, e.reason) for e in exemptions(casework.db)][::-1]
        raised = [(o.subject, o.text, o.notice) for o in objections(casework.db)][::-1]
    return asked, raised


async def shown(visitor: Visitor, uscc: str) -> dict[str, Any]:
    """The finding of D1, as everyone is told."""
    path = f"api/v1/findings?unit={uscc}&state=all&rule=D1"
    found: dict[str, Any] = (await (await visitor.get(path)).json())["items"][0]
    return found


async def test_a_claim_waits_for_a_decision_once_and_one_of_a_secret_is_not_kept(
    tmp_path: Path,
) -> None:
    async with founded(tmp_path, 1) as province:
        (node,), hub = province.nodes, province.hub
        node.publish(
            claiming("A-1", **CLAIM), claiming("A-2", reason="涉密设备"), instrument("A-3")
        )
        await province.sync()
        assert (take_said(hub, lambda: province.now), take_said(hub, lambda: province.now)) == (
            1,
            0,
        )
        subject = f"{node.uscc}/*/instrument/A-1"
        told = "示例理由；批准部门 示例主管部门；备案号 示例〔2026〕1号"
        assert kept(hub)[0] == [(subject, "asked", told)]
        refuse(Office(hub, lambda: province.now), THE_HUB, "E-2026-0001", "示例不批准")
        node.publish(claiming("A-1", **CLAIM) | {"pub": instrument("A-1", model="新")["pub"]})
        await province.sync()
        assert take_said(hub, lambda: province.now) == 0  # it says nothing new
        node.publish(claiming("A-1", **CLAIM | {"filing_no": "示例〔2026〕9号"}))
        await province.sync()
        assert take_said(hub, lambda: province.now) == 1


async def test_what_is_exempt_and_objected_to_stands_beside_the_finding_for_everyone(
    tmp_path: Path,
) -> None:
    async with founded(tmp_path, 1) as province:
        (node,), hub = province.nodes, province.hub
        node.publish(claiming("A-1", **CLAIM))
        await province.sync()
        run_check(hub, province.now)
        finding = f"{node.uscc}/D1/instrument/A-1"
        note(province, "N-2026-0001", node.uscc, finding)
        note(province, "N-2026-0002", "12140000000009999P", finding)
        await province.sync()
        node.publish(
            objecting(node, "N-2026-0001", "示例异议"),
            objecting(node, "N-2026-0002", "别人的通知"),  # said to somebody else
        )
        await province.sync()
        assert take_said(hub, lambda: province.now) == 2
        assert take_said(hub, lambda: province.now) == 0
        assert kept(hub)[1] == [(finding, "示例异议", "N-2026-0001")]
        async with served(hub, now=province.now) as visitor:
            before = await shown(visitor, node.uscc)
            assert before["exemption"] is None
            assert [each["decision"] for each in before["objections"]] == ["open"]
            office = Office(hub, lambda: province.now)
            grant(office, THE_HUB, "E-2026-0001", GRANT)
            answer(office, THE_HUB, "O-2026-0001", decision="rejected", text="示例答复")
            run_check(hub, province.now)
            after = await shown(visitor, node.uscc)
            assert (after["state"], after["exemption"]["filing_no"]) == (
                "exempt",
                "示例〔2026〕3号",
            )
            assert after["exemption"]["until"] == "2026-12-31"
            assert [each["decision"] for each in after["objections"]] == ["rejected"]
            assert [each["statement"] for each in after["objections"]] == ["公开：示例异议"]
            page = await (await visitor.get(f"findings?unit={node.uscc}&state=all")).text()
            assert "示例教育厅批准豁免" in page and "提出异议" in page


async def test_what_is_classified_appears_nowhere_not_even_as_exempt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passwords, "COST", 2**4)
    gone = {
        "kind": "instrument",
        "id": "A-1",
        "deleted": {"on": "2026-11-22", "reason": "classified"},
    }
    async with founded(tmp_path, 1) as province:
        (node,), hub = province.nodes, province.hub
        node.publish(claiming("A-1", **CLAIM), claiming("A-2", **CLAIM))
        await province.sync()
        take_said(hub, lambda: province.now)
        office = Office(hub, lambda: province.now)
        grant(office, THE_HUB, "E-2026-0001", GRANT)
        result = (
            "instrument",
            "A-1",
            2025,
            "poor",
            True,
            "示例〔2026〕7号",
            "2026-01-05",
            "示例厅",
        )
        register_evaluations(office, THE_HUB, [Evaluation(node.uscc, *result)])
        node.publish({"pub": gone, "hub": gone})
        await province.sync()
        run_check(hub, province.now)
        staffed(hub, "viewer-1")
        async with browsing(hub) as browser:
            await browser.sign_in("viewer-1")
            _, text, _ = await browser.get("/exemptions")
            assert "A-2" in text and "A-1" not in text
            assert "示例〔2026〕7号" not in (await browser.get("/evaluations"))[1]
            assert (await browser.get(f"/exemptions/{node.uscc}/E-2026-0001"))[0] == 404
            assert (await browser.get(f"/exemptions/{node.uscc}/E-2026-0002"))[0] == 200
        async with served(hub, now=province.now) as visitor:
            path = f"api/v1/findings?unit={node.uscc}&state=all"
            assert '"A-1"' not in await (await visitor.get(path)).text()


async def test_a_listed_unit_is_enrolled_once_reg_names_its_code(tmp_path: Path) -> None:
    async with founded(tmp_path, 1) as province:
        (node,), hub = province.nodes, province.hub
        office = Office(hub, lambda: province.now)
        list_units(office, THE_HUB, [unit(node.uscc, "2026-11-20"), unit(B, "2026-11-20")])

        def stands() -> list[tuple[Stand, int]]:
            today = date.fromisoformat(date_at(province.now))
            with closing(open_index(hub.home.index)) as index, office.casework() as casework:
                enrolled = enrolled_codes(index)
                units = sorted(obliged_units(casework.db), key=lambda each: each.uscc != node.uscc)
            told = [standing(each, enrolled.get(each.uscc), today) for each in units]
            return [(each.state, each.days_late) for each in told]

        assert stands() == [(Stand.LATE, 3)] * 2
        await province.sync()
        await province.sync()
        assert stands() == [(Stand.ENROLLED, 3), (Stand.LATE, 3)]
