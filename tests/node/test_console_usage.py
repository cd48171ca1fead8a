"""Usage in the console: a month, entries and corrections by hand, what came late, nil reports."""

import asyncio
from pathlib import Path

from fenhe_node.erasing.for_good import Wish, erase
from fenhe_node.node import Node
from fenhe_node.store import Store, records, services
from fenhe_protocol.schema import SchemaSet
from tests.node.consoles import browsing
from tests.node.homes import NOW, Clock, instrument, new_node, pen, publish_all, put, service

ENTRY = {
    "id": "", "seen": "", "f:instrument": "A-1", "f:started_at": "2026-11-20T09:30",
    "f:ended_at": "2026-11-20T11:00", "f:effective_minutes": "100", "f:amount_fen": "300.50",
    "f:user_class": "university",
}  # fmt: skip


def a_node(tmp_path: Path) -> Node:
    node = new_node(tmp_path / "node")
    put(node, [instrument("A-1"), instrument("A-2")])
    return node


def found(node: Node, id: str, kind: str = "service_record") -> dict[str, object]:
    with Store.open(node.home.store) as store:
        record = records.find(store, kind, id)
        assert record is not None
        return dict(record.record)


def test_a_service_is_entered_and_counts_in_its_month(tmp_path: Path) -> None:
    node = a_node(tmp_path)

    async def use() -> None:
        async with browsing(node) as browser:
            await browser.get("/usage/record?instrument=A-1")
            status, text, _ = await browser.send("/usage/record", list(ENTRY.items()))
            assert status == 200 and "H20261123-1" in text
            _, text, _ = await browser.get("/usage?month=2026-11")
            assert "300.50" in text and "A-2" in text  # the second had none
            _, text, _ = await browser.get("/usage?month=2026-11&instrument=A-1")
            assert "2026-11-20 09:00" in text and "手工" in text and "迟报" not in text

    asyncio.run(use())
    record = found(node, "H20261123-1")
    assert record["capture"] == "manual" and record["amount_fen"] == 30_050
    assert record["started_at"] == "2026-11-20T09:00:00+08:00"


def test_a_correction_needs_a_reason_and_shows_what_was_before(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    put(node, [service("R-1")])

    async def use() -> None:
        async with browsing(node) as browser:
            _, text, _ = await browser.get("/usage/record?id=R-1")
            seen = text.partition('name="seen" value="')[2].partition('"')[0]
            form = ENTRY | {"id": "R-1", "seen": seen, "f:effective_minutes": "90"}
            status, text, _ = await browser.send("/usage/record", list(form.items()))
            assert status == 422 and "更正要写明原因" in text
            form["reason"] = "多算了空转"
            status, _, _ = await browser.send("/usage/record", list(form.items()))
            assert status == 200
            _, text, _ = await browser.get("/usage/record?id=R-1")
            assert "多算了空转" in text and "→" in text

    asyncio.run(use())
    assert found(node, "R-1")["effective_minutes"] == 90
    with Store.open(node.home.store) as store:
        (former,) = services.formers(store, "R-1")
        (event,) = records.events(store, "service_record", "R-1")
    assert former.record["effective_minutes"] == 110
    assert event.reason.startswith("多算了空转") and event.by == "本机"


def test_what_was_before_a_correction_goes_with_what_is_erased(tmp_path: Path) -> None:
    node, clock = a_node(tmp_path), Clock()
    put(node, [service("R-1")])
    publish_all(node, clock)
    with Store.open(node.home.store) as store:
        former = services.Former(NOW, "", "", {"applicant": "示例甲"})
        services.keep_former(store, "R-1", former)
        assert services.formers(store, "R-1") == [former]
    erase(pen(node, clock), SchemaSet.load(), Wish("error", "service_record", ("R-1",)))
    with Store.open(node.home.store) as store:
        assert services.formers(store, "R-1") == [] and services.corrected(store) == frozenset()


def test_what_is_wrong_is_said_at_its_field_and_nothing_is_kept(tmp_path: Path) -> None:
    node = a_node(tmp_path)

    async def use() -> None:
        async with browsing(node) as browser:
            await browser.get("/usage/record")
            for name, value in (("f:ended_at", "2026-11-20T08:00"), ("f:samples", "三个"),
                                ("f:instrument", "")):  # fmt: skip
                form = ENTRY | {name: value}
                status, text, _ = await browser.send("/usage/record", list(form.items()))
                assert status == 422 and 'class="problem"' in text

    asyncio.run(use())
    with Store.open(node.home.store) as store:
        assert records.ids(store, "service_record") == frozenset()


def test_what_comes_a_month_after_its_service_is_marked_as_late(tmp_path: Path) -> None:
    node = a_node(tmp_path)
    put(node, [service("R-1"), service("R-2", started_at="2026-09-01T08:00:00+08:00",
                                       ended_at="2026-09-01T10:00:00+08:00")], at=NOW)  # fmt: skip
    with Store.open(node.home.store) as store:
        assert [each.late for each in services.by_instrument(store, "2026-11", 30 * 86_400)] == [0]
        assert [each.late for each in services.by_instrument(store, "2026-09", 30 * 86_400)] == [1]
        (late,) = services.of_month(store, "2026-09", "A-1", most=10)
        assert late.late(30 * 86_400) and not late.late(100 * 86_400)
        assert services.months(store) == ["2026-11", "2026-09"]


def test_a_period_without_services_is_reported_as_nil(tmp_path: Path) -> None:
    node = a_node(tmp_path)

    async def use() -> None:
        async with browsing(node) as browser:
            await browser.get("/usage")
            status, text, _ = await browser.post("/usage/summary", period="2026-Q4")
            assert status == 422 and "usage.open" in text  # it has not ended
            await browser.get("/usage")
            status, text, _ = await browser.post("/usage/summary", period="2026-Q3")
            assert status == 200 and "零报告 2" in text

    asyncio.run(use())
    assert found(node, "A-1/2026-Q3", "usage_summary")["nil_report"] is True
