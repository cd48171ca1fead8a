"""Settings: what a dataclass says is what a file may hold, and what is written for it."""

from dataclasses import dataclass
from typing import Any, Literal

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from fenhe_protocol.errors import SetupError
from fenhe_protocol.settings import read_settings, render_settings, setting


@dataclass(frozen=True, slots=True)
class Web:
    port: int = setting(zh="监听的端口", en="the port to listen on", default=8800)
    hosts: tuple[str, ...] = setting(zh="本机的名字", en="our names", default=("a", "b"))


@dataclass(frozen=True, slots=True)
class Settings:
    name: str = setting(zh="单位名称", en="the unit's name")
    mode: Literal["open", "closed"] = setting(zh="方式", en="the mode", default="open")
    pause: float | None = setting(zh="间隔", en="the pause", default=None)
    loud: bool = setting(zh="详细", en="say more", default=False)
    labels: dict[str, int] = setting(zh="标签", en="labels", default_factory=dict)
    web: Web = setting(zh="网页", en="web pages", default_factory=Web)

    def __post_init__(self) -> None:
        if not self.name:
            raise ValueError("name is empty")


def test_what_is_absent_has_its_default() -> None:
    assert read_settings(Settings, {"name": "示例大学"}) == Settings(name="示例大学")
    assert read_settings(Web, None) == Web()


def test_what_is_given_is_read() -> None:
    found = read_settings(
        Settings,
        {
            "name": "示例大学",
            "mode": "closed",
            "pause": 2,
            "loud": True,
            "labels": {"甲": 1},
            "web": {"port": 1, "hosts": ["x"]},
        },
    )
    assert found == Settings("示例大学", "closed", 2.0, True, {"甲": 1}, Web(1, ("x",)))
    assert isinstance(found.pause, float)


@pytest.mark.parametrize(
    ("given", "code", "where", "expected"),
    [
        ({"nmae": "x"}, "setup.unknown", "nmae", "name"),
        ({"name": "x", "web": {"prot": 1}}, "setup.unknown", "web.prot", "web.port"),
        ({"name": "x", "web": {"zzz": 1}}, "setup.unknown", "web.zzz", "port, hosts"),
        ({}, "setup.missing", "name", ""),
        ({"name": 1}, "setup.type", "name", "str"),
        ({"name": None}, "setup.type", "name", "str"),
        ({"name": "x", "loud": 1}, "setup.type", "loud", "bool"),
        ({"name": "x", "mode": "ajar"}, "setup.type", "mode", "open | closed"),
        ({"name": "x", "pause": "1"}, "setup.type", "pause", "float"),
        ({"name": "x", "pause": True}, "setup.type", "pause", "float"),
        ({"name": "x", "labels": {"a": "b"}}, "setup.type", "labels.a", "int"),
        ({"name": "x", "labels": [1]}, "setup.type", "labels", "keys and values"),
        ({"name": "x", "labels": {1: 1}}, "setup.type", "labels", "keys and values"),
        ({"name": "x", "web": 8800}, "setup.type", "web", "keys and values"),
        ({"name": "x", "web": {"port": True}}, "setup.type", "web.port", "int"),
        ({"name": "x", "web": {"hosts": "ab"}}, "setup.type", "web.hosts", "a list"),
        ({"name": "x", "web": {"hosts": ["a", 1]}}, "setup.type", "web.hosts[1]", "str"),
        ([], "setup.type", "", "keys and values"),
        ({"name": ""}, "setup.value", "", ""),
    ],
)
def test_what_is_wrong_is_named(given: Any, code: str, where: str, expected: str) -> None:
    with pytest.raises(SetupError) as caught:
        read_settings(Settings, given)
    found = caught.value
    assert (found.code, found.where, found.expected) == (code, where, expected)


def test_every_key_is_written_with_its_reason_and_default() -> None:
    text = render_settings(Settings, {"web": {"port": 1}})
    assert text.startswith("# 单位名称\n# the unit's name\n# name:\n")
    assert '# 方式\n# the mode\nmode: "open"\n' in text
    assert (
        "web:\n  # 监听的端口\n  # the port to listen on\n  # 默认 default: 8800\n  port: 1\n"
        in text
    )
    assert read_settings(Settings, yaml.safe_load(text) | {"name": "x"}) == Settings(
        "x", web=Web(port=1)
    )


@pytest.mark.parametrize("pause", [1e-05, -1e16, 2.5e-7, 0.5])
def test_a_float_is_written_as_yaml_reads_it(pause: float) -> None:
    text = render_settings(Settings, {"name": "x", "pause": pause, "labels": {"a": 1}})
    assert read_settings(Settings, yaml.safe_load(text)).pause == pause


TEXT = st.text(st.characters(codec="utf-8"))


@given(
    TEXT.filter(bool),
    st.none() | st.floats(-1e9, 1e9),
    st.booleans(),
    st.lists(TEXT, max_size=3),
    st.integers(),
    st.dictionaries(TEXT, st.integers(), max_size=3),
)
def test_what_is_written_is_read_back(
    name: str, pause: float | None, loud: bool, hosts: list[str], port: int, labels: dict[str, int]
) -> None:
    wanted = {"name": name, "pause": pause, "loud": loud, "labels": labels}
    text = render_settings(Settings, wanted | {"web": {"hosts": hosts, "port": port}})
    assert read_settings(Settings, yaml.safe_load(text)) == Settings(
        name, pause=pause, loud=loud, labels=labels, web=Web(port, tuple(hosts))
    )
