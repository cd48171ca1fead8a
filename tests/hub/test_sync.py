"""What a round brings."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from fenhe_client.reading import bodies, visit
from fenhe_hub.mirror.log import MirrorLog
from fenhe_hub.restoring.rebuild import rebuild
from fenhe_hub.visiting.verdict import LogReport
from tests.counting import counted_in_threads
from tests.hub.fake_node import FakeNode, deletion, instrument, service
from tests.hub.provinces import Province, founded


@pytest.fixture
async def province(tmp_path: Path) -> AsyncIterator[Province]:
    async with founded(tmp_path) as province:
        yield province


def by_log(reports: list[LogReport], unit: FakeNode) -> dict[str, LogReport]:
    return {report.log: report for report in reports if report.unit == unit.origin}


async def test_what_was_signed_is_mirrored_indexed_cosigned_and_said(province: Province) -> None:
    node = province.nodes[0]
    node.publish(instrument("A-1"), instrument("A-2"))
    node.publish(*(service(f"S-{n}") for n in range(3)), log="usage")
    reports = by_log(await province.sync(), node)
    assert all(report.whole for report in reports.values())
    catalogue, usage = reports["catalogue"], reports["usage"]
    assert (catalogue.size, catalogue.valid, catalogue.missing, catalogue.cosigned) == (2, 4, 0, 2)
    assert (usage.size, usage.valid, usage.cosigned) == (3, 3, 3)
    mirror = MirrorLog(province.hub.home, f"{node.origin}/catalogue")
    assert mirror.files.read("body/pub/000") == node.read("catalogue", "body/pub/000")
    (first, second) = [row for row in province.rows("resource")]
    assert (first["id"], first["pub_idx"], first["hub_idx"], first["name_zh"]) == (
        "A-1", 0, 0, "示例仪器A-1"
    )  # fmt: skip
    advice = province.said("adv")[f"{node.origin}/catalogue"]
    assert (advice["from"], advice["size"]) == (0, 2)
    assert f"{province.hub.origin}/m" in advice["note"]
    assert second["id"] == "A-2"


async def test_nothing_new_says_nothing(province: Province) -> None:
    province.nodes[0].publish(instrument("A-1"))
    await province.sync()
    before = province.dump()
    reports, published = await province.sync_and_say()
    assert published.words == {}
    assert province.dump() == before
    assert {report.outcome for report in reports} == {"unchanged"}


async def test_growth_is_said_from_the_size_before(province: Province) -> None:
    node = province.nodes[0]
    node.publish(instrument("A-1"))
    await province.sync()
    node.publish(instrument("A-2"))
    await province.sync()
    advice = province.said("adv")[f"{node.origin}/catalogue"]
    assert (advice["from"], advice["size"]) == (1, 2)
    assert [row["size"] for row in province.rows("head") if row["log_no"] == 1000] == [1, 2]


async def test_late_bodies_are_said_once_more(province: Province) -> None:
    node = province.nodes[0]
    node.publish(instrument("A-1"), instrument("A-2"))
    kept = node.withhold("catalogue", "body/hub/000")
    report = by_log(await province.sync(), node)["catalogue"]
    assert (report.missing, report.cosigned) == (2, 0)
    first = province.said("adv")[f"{node.origin}/catalogue"]
    assert f"{province.hub.origin}/m" not in first["note"]
    mirror = MirrorLog(province.hub.home, f"{node.origin}/catalogue")
    assert "\n0\n" in (mirror.files.read("checkpoint") or b"\n0\n").decode()
    node.put_back("catalogue", "body/hub/000", kept)
    report = by_log(await province.sync(), node)["catalogue"]
    assert (report.missing, report.cosigned) == (0, 2)
    second = province.said("adv")[f"{node.origin}/catalogue"]
    assert (second["from"], second["size"]) == (0, 2)
    assert f"{province.hub.origin}/m" in second["note"]
    _, again = await province.sync_and_say()
    assert again.words == {}


async def test_a_refused_body_is_told_to_its_unit_and_lifted_later(province: Province) -> None:
    node = province.nodes[0]
    wrong = instrument("A-1")
    wrong["pub"]["status"] = "no such status"
    node.publish(wrong, instrument("A-2"))
    report = by_log(await province.sync(), node)["catalogue"]
    assert (report.valid, report.refused, report.cosigned) == (3, 1, 2)
    assert province.said("rej")[f"{node.origin}/catalogue#0/pub"]["code"] == "schema"
    (skip,) = province.rows("skip")
    assert (skip["idx"], skip["tier"], skip["code"]) == (0, "pub", "schema")


async def test_deletion_and_return(province: Province) -> None:
    node = province.nodes[0]
    node.publish(instrument("A-1"), instrument("A-2"))
    await province.sync()
    node.publish(deletion("A-1"))
    await province.sync()
    gone = next(row for row in province.rows("resource") if row["id"] == "A-1")
    assert gone["deleted_on"] == "2026-11-20"
    node.publish(instrument("A-1", model="again"))
    await province.sync()
    back = next(row for row in province.rows("resource") if row["id"] == "A-1")
    assert (back["deleted_on"], back["first_idx"], back["pub_idx"]) == (None, 0, 3)


async def test_erased_lines_leave_mirror_and_index(province: Province) -> None:
    node = province.nodes[0]
    node.publish(instrument("A-1"), instrument("A-2"), instrument("A-1", model="cleaned"))
    await province.sync()
    node.erase(0, 1)
    report = by_log(await province.sync(), node)["catalogue"]
    assert (report.size, report.missing, report.cosigned) == (4, 0, 4)
    mirror = MirrorLog(province.hub.home, f"{node.origin}/catalogue")
    for tier in ("pub", "hub"):
        raw = mirror.files.read(f"body/{tier}/000") or b""
        assert [line.split(b" ")[0] for line in raw.splitlines()] == [b"1", b"2"]
    first = next(row for row in province.rows("resource") if row["id"] == "A-1")
    assert (first["first_idx"], first["pub_idx"]) == (2, 2)
    assert {row["tier"] for row in province.rows("erased")} == {"hub", "nat", "pub"}


async def test_rebuild_and_dump_are_the_same_bytes(province: Province) -> None:
    node = province.nodes[0]
    wrong = instrument("A-9", status="no such status")
    node.publish(instrument("A-1"), wrong, instrument("A-2"))
    node.publish(*(service(f"S-{n}") for n in range(300)), log="usage")
    await province.sync()
    node.publish(deletion("A-2"), instrument("A-1", model="corrected"))
    node.erase(0, 1, ("pub",))
    await province.sync()
    before = province.dump()
    rebuild(province.hub)
    assert province.dump() == before
    province.hub.home.index.unlink()
    await province.sync()
    assert province.dump() == before


@pytest.mark.parametrize("before", [0, 100])
async def test_visits_that_end_at_their_share_sum_to_one(province: Province, before: int) -> None:
    node = province.nodes[0]
    if before:
        node.publish(*(instrument(f"A-{n}") for n in range(before)))
        await province.sync()
    limited = replace(province.hub.config, visit_leaves=256)
    province.hub = replace(province.hub, config=limited)
    node.publish(*(instrument(f"B-{n}") for n in range(700)))
    report = by_log(await province.sync(), node)["catalogue"]
    assert (report.size, report.valid) == (before + 700, 1400)
    assert [path for path in node.asked if path.endswith("catalogue/checkpoint")] != []
    assert len(province.rows("body")) == 2 * (before + 700)
    dump = province.dump()
    rebuild(province.hub)
    assert province.dump() == dump


async def test_bodies_that_no_visit_has_room_for_come_with_the_next(
    province: Province, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (bodies, visit):
        monkeypatch.setattr(module, "BLOCKS_ALONE", 1)  # or it would take 8,192 records
    node = province.nodes[0]
    province.hub = replace(province.hub, config=replace(province.hub.config, visit_mib=1))
    wrong = service("S-x", effective_minutes=-1)
    node.publish(*(service(f"S-{n}") for n in range(5000)), wrong, service("S-y"), log="usage")
    with counted_in_threads() as calls:
        report = by_log(await province.sync(), node)["usage"]
    assert (report.missing, report.cosigned, len(province.rows("body"))) == (0, 5002, 5001)
    asked = [path for path in node.asked if "usage/body/" in path]
    assert len(asked) > len(set(asked)), "more than one visit"
    assert calls["_add_sound"] == 5002 // 256, "each block but the last one"
    dump = province.dump()
    rebuild(province.hub)
    assert province.dump() == dump


async def test_a_new_key_is_taken_from_the_next_root_document(province: Province) -> None:
    node = province.nodes[0]
    node.publish(instrument("A-1"))
    await province.sync()
    node.change_key()
    node.publish(instrument("A-2"))
    report = by_log(await province.sync(seconds=60), node)["catalogue"]
    assert (report.outcome, report.code, report.size) == ("refuse", "checkpoint.unsigned", 1)
    report = by_log(await province.sync(seconds=600), node)["catalogue"]
    assert (report.outcome, report.size, report.cosigned) == ("grown", 2, 2)


async def test_an_advice_too_soon_is_held_back_and_said_later(province: Province) -> None:
    node = province.nodes[0]
    province.hub = replace(province.hub, config=replace(province.hub.config, advise_seconds=60))
    node.publish(instrument("A-1"))
    await province.sync()
    node.publish(instrument("A-2"))
    _, said = await province.sync_and_say(seconds=30)
    assert said.held_back == {f"{node.origin}/catalogue"}
    assert province.said("adv")[f"{node.origin}/catalogue"]["size"] == 1
    _, said = await province.sync_and_say(seconds=30)
    assert (said.words, said.held_back) == ({"adv": 1}, frozenset())


async def test_a_clock_set_back_loses_nothing(province: Province) -> None:
    node = province.nodes[0]
    node.publish(instrument("A-1"))
    await province.sync()
    node.publish(instrument("A-2"))
    report = by_log(await province.sync(seconds=-3600), node)["catalogue"]
    assert (report.code, report.size, report.cosigned) == ("cosign.clock", 2, 1)
    assert len(province.rows("resource")) == 2
    report = by_log(await province.sync(seconds=3600), node)["catalogue"]
    assert (report.code, report.cosigned) == ("", 2)
