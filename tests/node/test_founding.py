from dataclasses import fields
from pathlib import Path

import pytest
import yaml

from fenhe_node.config import NodeConfig
from fenhe_node.founding import Founder, default_origin, found
from fenhe_node.node import open_node
from fenhe_node.publishing.heads import verify_head
from fenhe_protocol.errors import SetupError
from tests.node.homes import NOW, ORIGIN, UNIT, new_node


def test_a_new_node_has_two_empty_signed_logs_and_says_who_it_is(tmp_path: Path) -> None:
    node = new_node(tmp_path / "home")
    assert [verify_head(node.home, node.root, log).size for log in ("catalogue", "usage")] == [0, 0]
    assert (node.root.origin, node.root.unit, node.root.n) == (ORIGIN, UNIT, 1)
    assert node.root.request == (node.keys.request.public,)
    assert len(node.fingerprint) == 64


def test_the_usage_checkpoint_lies_where_nobody_may_read_it(tmp_path: Path) -> None:
    home = new_node(tmp_path / "home").home
    assert (home.held / "usage" / "checkpoint").is_file()
    assert not (home.public / "usage").exists()


def test_the_configuration_names_every_key_and_reads_back(tmp_path: Path) -> None:
    node = new_node(tmp_path / "home")
    written = yaml.safe_load(node.home.config_file.read_text(encoding="utf-8"))
    assert set(written) == {field.name for field in fields(NodeConfig)}
    assert node.config.address == "https://u1.example/fenhe"


@pytest.mark.parametrize(
    "founder",
    [
        Founder("示例大学", "12140000000000019X", ORIGIN, "https://u1.example"),
        Founder("示例大学", UNIT, "https://u1.example/fenhe", "https://u1.example"),
        Founder("示例大学", UNIT, "U1.example/fenhe", "https://u1.example"),
        Founder("  ", UNIT, ORIGIN, "https://u1.example"),
        Founder("示例大学", UNIT, ORIGIN, "http://u1.example"),
        Founder("示例大学", UNIT, ORIGIN, "https://u1.example/?a=b"),
    ],
)
def test_what_init_refuses_leaves_no_trace(tmp_path: Path, founder: Founder) -> None:
    with pytest.raises(SetupError):
        found(tmp_path / "home", founder, NOW)
    assert not (tmp_path / "home").exists()


def test_the_default_name_lies_below_the_hub(tmp_path: Path) -> None:
    assert default_origin("https://hub.example/fenhe", UNIT) == f"hub.example/u/{UNIT}"
    assert default_origin("http://127.0.0.1:9000", UNIT) == f"127.0.0.1:9000/u/{UNIT}"
    with pytest.raises(SetupError):
        default_origin("", UNIT)


def test_an_unknown_setting_is_refused_by_name(tmp_path: Path) -> None:
    node = new_node(tmp_path / "home")
    with node.home.config_file.open("a", encoding="utf-8") as file:
        file.write("publsh_at: '0 2 * * *'\n")
    with pytest.raises(SetupError) as refused:
        open_node(node.home.path)
    assert refused.value.where == "publsh_at"
    assert refused.value.expected == "publish_at"


@pytest.mark.parametrize(
    "line", ["public_url: https://elsewhere.example", "origin: u2.example/fenhe"]
)
def test_a_setting_that_contradicts_what_is_signed_is_refused(tmp_path: Path, line: str) -> None:
    node = new_node(tmp_path / "home")
    key = line.partition(":")[0]
    kept = [
        each
        for each in node.home.config_file.read_text(encoding="utf-8").splitlines()
        if not each.startswith(f"{key}:")
    ]
    node.home.config_file.write_text("\n".join([*kept, line]), encoding="utf-8")
    with pytest.raises(SetupError) as refused:
        open_node(node.home.path)
    assert (refused.value.code, refused.value.where) == ("setup.signed", key)
