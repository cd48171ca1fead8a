"""The handover sheet: what whoever comes next needs to know, and no secret."""

import re
from dataclasses import replace
from pathlib import Path

from fenhe_node.setup.facts import Facts
from fenhe_node.setup.handover import hand_over
from fenhe_node.setup.sheet import BLANK, PACKAGED, Place, as_text, compose
from fenhe_protocol.terminal import grouped
from tests import command_lines
from tests.node.homes import NOW, new_node

FACTS = Facts(
    unit_name="示例大学",
    uscc="12140000000000019W",
    origin="hub.example/u/12140000000000019W",
    url="https://hub.example/u/12140000000000019W",
    fingerprint="0f" * 32,
    hub_url="https://hub.example/fenhe",
    hub="hub.example/fenhe",
    hub_fingerprint="1e" * 32,
    publish_at="30 2 * * *",
)
PLACE = Place(PACKAGED, "fuwuqi", "fenhe", "http://127.0.0.1:8641")


def text(facts: Facts = FACTS, place: Place = PLACE, contact: str = "") -> str:
    return as_text(compose(facts, place, contact), "2026-11-23")


def test_addresses_fingerprints_places_and_whom_to_call_stand_on_it() -> None:
    said = text(contact="示例窗口 0351-0000000")
    for fact in (FACTS.unit_name, FACTS.origin, FACTS.hub_url, "示例窗口 0351-0000000"):
        assert fact in said
    assert grouped("0f" * 32) in said and grouped("1e" * 32) in said
    assert f"{PACKAGED}/keys" in said and PLACE.console in said


def test_what_is_not_known_is_a_line_to_fill_in() -> None:
    said = text(replace(FACTS, hub="", hub_fingerprint="", publish_at=""))
    assert f"联系人、电话  {BLANK}" in said and "尚未信任" in said and "尚未定时" in said


def test_commands_are_written_as_they_are_typed_here() -> None:
    assert "--home" not in text()
    assert "--home /srv/node" in text(place=replace(PLACE, home="/srv/node"))


def test_every_command_on_it_can_be_given() -> None:
    known = command_lines.commands_of(command_lines.parser_of("fenhe-node"))
    named = re.findall(r"(?:fenhe-node |再 |同时 )([a-z]+(?:-[a-z]+)*)", text())
    assert len(named) > 8 and set(named) - {"fenhe-node"} <= known.keys()


def test_no_secret_stands_on_it_and_nobody_else_reads_it(tmp_path: Path) -> None:
    node = new_node(tmp_path / "home")
    seeds = [file.read_text().strip() for file in node.home.keys.iterdir()]
    (tmp_path / "copy").mkdir()
    for file in hand_over(node.home.path, NOW, folder=tmp_path / "copy"):
        said = file.read_text("utf-8")
        assert "示例大学" in said and not any(seed in said for seed in seeds)
        assert file.stat().st_mode & 0o077 == 0
    assert (node.home.path / "handover.txt").is_file()


def test_a_sheet_made_anew_still_names_whom_to_call(tmp_path: Path) -> None:
    node = new_node(tmp_path / "home")
    hand_over(node.home.path, NOW, "示例窗口 0351-0000000")
    hand_over(node.home.path, NOW + 60)
    page, said = (file.read_text("utf-8") for file in hand_over(node.home.path, NOW + 120))
    assert "示例窗口 0351-0000000" in page and "示例窗口 0351-0000000" in said
