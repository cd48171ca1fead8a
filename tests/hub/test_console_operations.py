"""Harvest, quarantine and forwarding at the console: what stands there, and what may be done."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from pathlib import Path

import pytest

from fenhe_client.console import passwords
from fenhe_hub.casework import journal
from fenhe_hub.casework.book import open_casework
from fenhe_hub.cli import main
from fenhe_hub.console.app import make_app
from fenhe_hub.hub import Hub
from fenhe_hub.mirror.evidence import is_quarantined
from fenhe_hub.upstream.outbox import Patience, after_reply
from fenhe_hub.upstream.outbox_store import OutboxStore
from fenhe_hub.upstream.seam import Reply
from tests.client.browsing import Browser, before
from tests.hub.consoles import Clock, browsing, console_of, department, staffed
from tests.hub.fake_node import Bodies, FakeNode, instrument
from tests.hub.provinces import Province, founded
from tests.hub.test_nrii_record import PUBLIC, SUPERVISED, UNIT


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a password costs is kept beside it: these cost next to nothing."""
    monkeypatch.setattr(passwords, "COST", 2**4)


@pytest.fixture
async def province(tmp_path: Path) -> AsyncIterator[Province]:
    async with founded(tmp_path) as province:
        staffed(province.hub, "operator-1", "viewer-1")
        yield province


@asynccontextmanager
async def signed_in(province: Province, name: str = "operator-1") -> AsyncIterator[Browser]:
    async with browsing(province.hub, Clock(province.now)) as browser:
        await browser.sign_in(name)
        yield browser


def last_act(hub: Hub) -> tuple[str, str, str]:
    with open_casework(hub.home) as casework:
        act = next(journal.acts(casework.db))
    return act.name, act.subject, str(act.details.get("unit", ""))


async def test_a_log_that_failed_says_why_what_to_do_and_when_it_is_tried_again(
    province: Province,
) -> None:
    node, other = province.nodes
    node.publish(instrument("A-1"))
    other.publish(instrument("B-1"))
    await province.sync()
    node.publish(instrument("A-2"))
    node.flip_byte("catalogue", "tile/entries/000.p/2", -20)
    await province.sync()
    origin = f"{node.origin}/catalogue"
    async with signed_in(province) as browser:
        _, text, _ = await browser.get("/harvest?health=trouble")
        assert "未通过验证 refuse: log.root-differs" in text and "请它恢复原来的文件" in text
        assert other.uscc not in text
        _, text, _ = await browser.get(f"/harvest/log?origin={origin}")
        assert "index" in text and "字节" in text and "马上访问" in text
        _, text, _ = await browser.get("/harvest?form=csv")
        assert "\r\n" in text and node.uscc in text and other.uscc in text


async def test_a_visit_now_is_rung_for_and_is_an_act(province: Province) -> None:
    node = province.nodes[0]
    await province.sync()
    rung: list[str] = []
    origin = f"{node.origin}/catalogue"
    console = replace(console_of(province.hub, Clock(province.now)), ring=rung.append)
    async with before(make_app(console)) as browser:
        await browser.sign_in("operator-1")
        await browser.get(f"/harvest/log?origin={origin}")
        status, text, _ = await browser.post("/harvest/visit", origin=origin)
        assert status == 200 and "已安排马上访问" in text
        assert (await browser.post("/harvest/visit", origin="nobody"))[0] == 404
    assert rung == [origin]
    assert last_act(province.hub) == ("node.visit_asked", origin, node.uscc)


async def test_a_quarantine_shows_both_notes_and_ends_with_a_reason(province: Province) -> None:
    node = province.nodes[0]
    node.publish(instrument("A-1"))
    await province.sync()
    node.fork()
    await province.sync()
    origin = f"{node.origin}/catalogue"
    home = province.hub.home
    page = f"/quarantine/log?origin={origin}"
    async with signed_in(province) as browser:
        _, text, _ = await browser.get("/quarantine")
        assert "两段历史" in text and "已隔离" in text
        _, text, _ = await browser.get(page)
        assert text.count(f"— {origin}") == 2 and "解除隔离" in text
        (file,) = home.evidence(origin).glob("*.json")
        status, _, headers = await browser.get(f"/quarantine/evidence?id={file.stem}")
        assert (status, browser.body) == (200, file.read_bytes())
        assert headers["Content-Type"] == "application/json"
        await browser.get(page)
        assert (await browser.post("/quarantine/log", origin=origin, reason=""))[0] == 422
        assert is_quarantined(home, origin)
        status, text, _ = await browser.post(
            "/quarantine/log", origin=origin, reason="单位已恢复备份，电话确认"
        )
        assert status == 200 and "2 张便笺" in text
        assert (await browser.post("/quarantine/log", origin=origin, reason="又"))[0] == 409
    assert not is_quarantined(home, origin) and file.exists()
    assert len(list(home.released_evidence.glob("*/*/*.note"))) == 2
    assert last_act(province.hub) == ("quarantine.ended", origin, node.uscc)


async def test_the_terminal_ends_a_quarantine_by_the_same_verb(
    province: Province, capsys: pytest.CaptureFixture[str]
) -> None:
    node, home = province.nodes[0], province.hub.home
    node.publish(instrument("A-1"))
    await province.sync()
    node.fork()
    await province.sync()
    origin = f"{node.origin}/catalogue"
    asked = ["--home", str(home.path), "evidence", "--release", origin, "--reason"]
    assert main([*asked, ""]) != 0 and is_quarantined(home, origin)
    assert main([*asked, "单位已恢复备份"]) == 0
    assert "evidence-released" in capsys.readouterr().out and not is_quarantined(home, origin)
    assert last_act(province.hub) == ("quarantine.ended", origin, node.uscc)


def national(node: FakeNode) -> tuple[Bodies, Bodies]:
    """A unit that the nation knows, with an instrument in its scope."""
    hub = {"kind": "unit", "id": node.uscc, "nrii_ins_code": UNIT["nrii_ins_code"]}
    public = {"kind": "unit", "id": node.uscc, "name_zh": "示例大学"}
    who = {"pub": public, "hub": hub}
    what = {"kind": "instrument", "id": "A-1"}
    return who, {"pub": {**PUBLIC, **what}, "hub": {**SUPERVISED, **what}}


async def test_forwarding_groups_by_answer_and_holds_releases_approves_and_resends(
    province: Province,
) -> None:
    node, hub = province.nodes[0], province.hub
    node.publish(*national(node))
    await province.sync()
    async with signed_in(province) as browser:
        assert (await browser.get("/forwarding"))[0] == 200  # nothing was ever forwarded
        status, text, _ = await browser.post(
            "/forwarding/approve", subject=node.uscc, by="示例主管部门 晋示〔2026〕1号"
        )
        assert status == 200 and "已放行 1 条" in text
        with closing(OutboxStore(hub.home.outbox)) as outbox, outbox.transaction():
            (item,) = outbox.items()
            reply = Reply(202, "<return>202 postalcode 缺失</return>")
            outbox.keep_reply(item, reply, province.now)
            outbox.put(after_reply(item, reply, province.now, Patience()))
        _, text, _ = await browser.get("/forwarding?state=returned&code=202")
        assert text.count("202 postalcode 缺失") == 1 and "示例大学" in text
        assert "答复 202" in text
        _, text, _ = await browser.get("/forwarding/replies")
        assert "202 postalcode 缺失" in text
        _, text, _ = await browser.post("/forwarding/resend", subject=node.uscc)
        assert "1 条重新排队" in text
        _, text, _ = await browser.post("/forwarding/hold", subject="4", why="国家平台维护")
        assert "国家平台维护" in text and "4 科研仪器" in text
        assert (await browser.post("/forwarding/hold", subject="4", why=""))[0] == 422
        _, text, _ = await browser.post("/forwarding/release", subject="4")
        assert "国家平台维护" not in text
    assert last_act(hub) == ("forward.released", "4", "")


async def test_a_department_sees_and_moves_its_own_units_alone(province: Province) -> None:
    node, other = province.nodes
    for each in (node, other):
        each.publish(*national(each))
    await province.sync()
    node.fork()
    other.fork()
    await province.sync()
    department(province.hub, "9", node.uscc)
    staffed(province.hub, "operator-2", authority="9")
    foreign = f"{other.origin}/catalogue"
    async with signed_in(province, "operator-2") as browser:
        for path in ("/harvest", "/quarantine", "/forwarding"):
            status, text, _ = await browser.get(path)
            assert (status, other.uscc in text, other.origin in text) == (200, False, False)
        for path in ("/harvest/log", "/quarantine/log"):
            assert (await browser.get(f"{path}?origin={foreign}"))[0] == 404
        await browser.get("/harvest")
        assert (await browser.post("/harvest/visit", origin=foreign))[0] == 404
        assert (await browser.post("/quarantine/log", origin=foreign, reason="x"))[0] == 404
        for subject in (other.uscc, "all", "4"):
            status, _, _ = await browser.post("/forwarding/hold", subject=subject, why="x")
            assert status == 403
    async with signed_in(province, "viewer-1") as browser:
        await browser.get("/harvest")
        status, _, _ = await browser.post("/harvest/visit", origin=foreign)
        assert status == 403
