"""A hub ahead of its unit takes the version before of a schema, none older, and says who lags."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from deploy.demo.programs import Programs
from fenhe_node.node import open_node
from tests.federation.province import HUB_ORIGIN
from tests.federation.push_house import NAME, ORIGIN, found_pusher, mirrored, publish, sign
from tests.federation.releases import ProvinceAhead, release_in
from tests.node.homes import UNIT
from tests.protocol.versions import next_instrument, shipped, two_versions_on

LIST = """编号,仪器设备名称,规格型号
A-1,示例核磁共振波谱仪,NMR-600
A-2,示例离心机,
"""

PLAN = {
    **{"unit": UNIT, "kind": "purchase_plan", "id": "G-1", "name_zh": "示例质谱仪"},
    "planned_for": 2027,
}


@pytest.fixture
def province(tmp_path: Path) -> Iterator[ProvinceAhead]:
    schemas, previous = [next_instrument(), two_versions_on()], [shipped("instrument")]
    with release_in(tmp_path / "release", schemas, previous) as later:
        programs = Programs(tmp_path)
        province = ProvinceAhead(tmp_path, programs, release=later)
        try:
            province.found_hub()
            with later.in_force():
                province.serve("hub")
            found_pusher(province)
            yield province
        finally:
            programs.stop()


def taken(province: ProvinceAhead) -> dict[str, Any]:
    """What the hub tells the unit of its instruments; a plan of two versions before is refused."""
    [hub] = province.node(NAME, "status")["hubs"]
    assert (hub["origin"], hub["trouble"]) == (HUB_ORIGIN, "")
    [refused] = hub["rejected"]["catalogue"]
    assert (refused["code"], refused["expected"].split(":")[0]) == ("schema", "planned_for")
    told: dict[str, Any] = hub["schemas"]["instrument"]
    return told


def publicly(province: ProvinceAhead) -> tuple[int, bool, bool]:
    """How many records lag by the API, and whether the unit's page and the metrics say so."""
    [unit] = json.loads(province.fetch("/api/v1/units"))["items"]
    page = province.fetch(f"/u/{UNIT}").decode()
    metrics = province.fetch("/metrics").decode()
    return unit["lagging"], "上一版格式" in page, "fenhe_hub_lagging_units 1.0" in metrics


def test_a_unit_lags_until_it_publishes_as_its_hub_does(
    province: ProvinceAhead, tmp_path: Path
) -> None:
    table = tmp_path / "设备.csv"
    table.write_text(LIST, "utf-8")
    province.node(NAME, "import", str(table))
    sign(open_node(province.home(NAME)), [PLAN], minutes_ago=10)
    publish(province)
    size, cosigned = mirrored(province)["catalogue"]
    assert size == cosigned
    status = province.hub("status")
    behind = {"kind": "instrument", "version": 2, "records": 1}
    assert status["lagging"] == [{"name": "示例大学", "unit": ORIGIN, **behind}]
    assert [log["refused"] for log in status["logs"]] == [1, 0]
    assert publicly(province) == (1, True, True)
    assert taken(province) == {"kind": "instrument", "version": 2, "ours": 1, "lagging": 1}

    province.upgraded = True
    assert taken(province) == {"kind": "instrument", "version": 2, "ours": 2, "lagging": 1}
    for command in ("status", "check", "publish"):
        assert "重新导入、发布" in province.said_by_node(NAME, command)
    province.node(NAME, "import", str(table))
    publish(province)
    assert province.hub("status")["lagging"] == []
    assert publicly(province) == (0, False, False)
    assert taken(province)["lagging"] == 0
    for command in ("status", "check", "publish"):
        assert "上一版格式" not in province.said_by_node(NAME, command)

    province.stop("hub")
    before = province.dump()
    assert '"table":"lagging"' in before
    province.hub("rebuild")
    assert province.dump() == before
