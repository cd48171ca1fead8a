from pathlib import Path
from typing import Any

import pytest

from fenhe_node.config import NodeConfig, load_config, render_config, split_listen
from fenhe_protocol.errors import SetupError
from tests.node.homes import ORIGIN, UNIT

LEAST: dict[str, Any] = {"unit_name": "示例大学", "uscc": UNIT, "origin": ORIGIN}


def read(tmp_path: Path, **settings: Any) -> NodeConfig:
    file = tmp_path / "config.yaml"
    file.write_text(render_config(LEAST | settings), encoding="utf-8")
    return load_config(file)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("hub_tiers", ["hub", "node"]),
        ("fewest_users", 0),
        ("utc_offset_minutes", 1440),
        ("publish_at", "2 o'clock"),
        ("listen", "8640"),
        ("listen", "127.0.0.1:65536"),
    ],
)
def test_a_value_that_cannot_be_is_refused_with_its_key(
    tmp_path: Path, key: str, value: Any
) -> None:
    with pytest.raises(SetupError) as refused:
        read(tmp_path, **{key: value})
    assert (refused.value.code, refused.value.where) == ("setup.value", key)
    assert refused.value.expected
    assert "found" not in refused.value.found


@pytest.mark.parametrize("text", ["a: [", "- a", "\x00", "unit_name: 1"])
def test_a_file_that_is_no_configuration_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "config.yaml"
    file.write_text(text)
    with pytest.raises(SetupError):
        load_config(file)


@pytest.mark.parametrize(
    ("url", "address", "base", "host"),
    [
        ("", f"https://{ORIGIN}", "/fenhe", "https://u1.example"),
        ("https://u1.example/", "https://u1.example", "", "https://u1.example"),
        (
            "http://127.0.0.1:8640/a/b/",
            "http://127.0.0.1:8640/a/b",
            "/a/b",
            "http://127.0.0.1:8640",
        ),
    ],
)
def test_the_public_address_is_taken_apart(
    tmp_path: Path, url: str, address: str, base: str, host: str
) -> None:
    config = read(tmp_path, public_url=url)
    assert (config.address, config.base, config.public_host) == (address, base, host)


def test_an_address_to_listen_on_may_be_of_either_family() -> None:
    assert split_listen("[::1]:8640") == ("::1", 8640)
    assert split_listen("0.0.0.0:0") == ("0.0.0.0", 0)
