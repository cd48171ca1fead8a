"""A unit learns from its own `status` that the hub refused what it found, where, and what to do."""

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import fenhe_node.cli
from tests.federation.province import HUB_ORIGIN, Province, province_in

UNIT = "121400000000000013"


@pytest.fixture
def province(tmp_path: Path) -> Iterator[Province]:
    with province_in(tmp_path / "province") as province:
        province.found_hub()
        province.serve("hub")
        province.found_node("u1", "示例大学", UNIT)
        province.serve("u1")
        province.enrol("u1")
        yield province


def visits(province: Province) -> dict[str, dict[str, Any]]:
    province.sync()
    [hub] = province.node("u1", "status")["hubs"]
    assert (hub["origin"], hub["trouble"]) == (HUB_ORIGIN, "")
    told: dict[str, dict[str, Any]] = hub["visits"]
    return told


def test_status_tells_that_the_last_visit_was_refused(
    province: Province, capsys: pytest.CaptureFixture[str]
) -> None:
    good = visits(province)
    assert {log: (visit["code"], visit["advice"]) for log, visit in good.items()} == {
        "catalogue": ("", ""),
        "usage": ("", ""),
    }
    checkpoint = province.home("u1") / "public/catalogue/checkpoint"
    honest = checkpoint.read_bytes()
    head, _, signature = honest.rpartition(b" ")
    raw = bytearray(base64.b64decode(signature))
    raw[-1] ^= 1
    checkpoint.write_bytes(head + b" " + base64.b64encode(raw) + b"\n")
    bad = visits(province)
    assert (bad["catalogue"]["outcome"], bad["catalogue"]["code"]) == ("refuse", "note.signature")
    assert bad["catalogue"]["seen_at"] is not None
    assert "备份" in bad["catalogue"]["advice"]
    assert bad["usage"]["code"] == ""
    capsys.readouterr()
    fenhe_node.cli.main(["--home", str(province.home("u1")), "status"])
    said = capsys.readouterr().out
    assert f"{HUB_ORIGIN} 上次来取 last visit to catalogue: 未通过验证 refused" in said
    assert "note.signature" in said and "怎么办 what to do: " in said
    checkpoint.write_bytes(honest)
    assert visits(province)["catalogue"]["advice"] == ""
