"""A unit on its way in at the console, and how it stands afterwards: over real sockets."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fenhe_client.console import passwords
from fenhe_hub.casework import journal
from fenhe_hub.casework.book import open_casework
from fenhe_hub.hub import Hub
from fenhe_hub.index.tables import open_index
from fenhe_hub.registry.enrolled import Registry
from fenhe_protocol.terminal import grouped
from tests.client.browsing import Browser
from tests.hub.consoles import browsing, department, staffed
from tests.hub.fake_node import FakeNode
from tests.hub.houses import new_hub


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a password costs is kept beside it: these cost next to nothing."""
    monkeypatch.setattr(passwords, "COST", 2**4)


@pytest.fixture
def hub(tmp_path: Path) -> Hub:
    hub = new_hub(tmp_path / "hub")
    open_index(hub.home.index).close()  # as `serve` does before it answers
    return hub


@pytest.fixture
async def operator(hub: Hub) -> AsyncIterator[Browser]:
    staffed(hub, "operator-1")
    async with browsing(hub) as browser:
        await browser.sign_in("operator-1")
        yield browser


def acts(hub: Hub) -> list[tuple[str, str]]:
    """What was done of which subject, the oldest first, comings apart."""
    with open_casework(hub.home) as casework:
        found = [(act.name, act.subject) for act in journal.acts(casework.db)][::-1]
    return [each for each in found if not each[0].startswith("account.")]


async def take_up(browser: Browser, node: FakeNode) -> str:
    await browser.get("/enrolment")
    status, text, _ = await browser.post("/enrolment", url=node.url, private="1")
    assert status == 200, text
    return text


async def test_two_fingerprints_stand_side_by_side_and_only_the_same_enrols(
    hub: Hub, operator: Browser, tmp_path: Path
) -> None:
    node = FakeNode(tmp_path / "u1")
    async with node.serving():
        text = await take_up(operator, node)
        assert grouped(node.fingerprint) in text and node.uscc in text
        status, text, _ = await operator.post("/enrolment/A-2026-0001", fingerprint="0" * 64)
        assert (status, "root.fingerprint" in text) == (422, True)
        assert not list(Registry(hub.home.registry_file))
        _, text, _ = await operator.get("/enrolment/A-2026-0001")
        assert "1 次输入的指纹和节点给出的不同" in text
        heard = grouped(node.fingerprint).upper()
        status, text, _ = await operator.post("/enrolment/A-2026-0001", fingerprint=heard)
        assert status == 200 and "已登记" in text
    (unit,) = Registry(hub.home.registry_file)
    assert (unit.origin, unit.root1) == (node.origin, node.fingerprint)
    assert acts(hub) == [
        ("application.opened", "A-2026-0001"),
        ("application.differed", "A-2026-0001"),
        ("node.enrolled", node.origin),
    ]


async def test_a_unit_is_held_taken_up_again_and_refused_with_a_reason(
    hub: Hub, operator: Browser, tmp_path: Path
) -> None:
    await take_up(operator, FakeNode(tmp_path / "u1"))  # nobody answers there
    _, text, _ = await operator.get("/enrolment/A-2026-0001")
    assert "没有读到" in text
    path = "/enrolment/A-2026-0001"
    assert (await operator.post(f"{path}/hold", reason=" "))[0] == 422
    for step, reason, said in (
        ("hold", "等主管部门确认", "暂缓"),
        ("resume", "", "待核对"),
        ("refuse", "地址上不是这个单位的节点", "未予登记"),
    ):
        status, text, _ = await operator.post(f"{path}/{step}", reason=reason)
        assert status == 200 and said in text and reason in text
    assert (await operator.post(path, fingerprint="0" * 64))[0] == 409
    _, text, _ = await operator.get("/enrolment?state=refused")
    assert "A-2026-0001" in text and "地址上不是这个单位的节点" in text
    assert "A-2026-0001" not in (await operator.get("/enrolment?state=open"))[1]


async def test_a_unit_that_only_pushes_is_taken_up_by_its_document(
    hub: Hub, operator: Browser, tmp_path: Path
) -> None:
    node = FakeNode(tmp_path / "u1")
    raw = (node.folder / "public/root/1").read_bytes()
    await operator.get("/enrolment")
    status, text, _ = await operator.upload("/enrolment", raw, name="root1", file_name="1")
    assert status == 200 and grouped(node.fingerprint) in text
    await operator.post("/enrolment/A-2026-0001", fingerprint=node.fingerprint)
    (unit,) = Registry(hub.home.registry_file)
    assert unit.pushes and unit.origin == node.origin
    status, text, _ = await operator.upload("/enrolment", b"x", name="root1", file_name="1")
    assert status == 422 and len(list(Registry(hub.home.registry_file))) == 1


async def test_units_merge_by_naming_one_successor_and_a_mistake_is_taken_back(
    hub: Hub, operator: Browser, tmp_path: Path
) -> None:
    nodes = [FakeNode(tmp_path / f"u{number}", number) for number in (1, 2, 3)]
    for number, node in enumerate(nodes, 1):
        async with node.serving():
            await take_up(operator, node)
            path = f"/enrolment/A-2026-{number:04}"
            await operator.post(path, fingerprint=node.fingerprint)
    for node in nodes[:2]:
        _, text, _ = await operator.post(
            "/registry/unit", origin=node.origin, state="retired", reason="示例合并",
            successors=nodes[2].origin,
        )  # fmt: skip
        assert "已退出" in text and nodes[2].origin in text
    _, text, _ = await operator.get("/registry?state=retired")
    assert text.count("示例合并") == 2
    assert (await operator.post("/registry/unit", origin=nodes[0].origin, state="x"))[0] == 422
    status, text, _ = await operator.post(
        "/registry/unit", origin=nodes[1].origin, state="enrolled", reason="合并取消"
    )
    assert status == 200
    states = [unit.state for unit in Registry(hub.home.registry_file)]
    assert states == ["retired", "enrolled", "enrolled"]
    assert acts(hub)[-1] == ("node.resumed", nodes[1].origin)


async def test_nobody_but_an_operator_of_the_province_enrols(hub: Hub, tmp_path: Path) -> None:
    node = FakeNode(tmp_path / "u1")
    department(hub, "9", node.uscc)
    staffed(hub, "operator-2", authority="9")
    staffed(hub, "viewer-1")
    async with node.serving():
        for name, sees in (("operator-2", 403), ("viewer-1", 200)):
            async with browsing(hub) as browser:
                await browser.sign_in(name)
                status, text, _ = await browser.get("/enrolment")
                assert (status, 'name="url"' in text) == (sees, False)
                assert (await browser.post("/enrolment", url=node.url))[0] == 403
    assert acts(hub)[2:] == []
