"""Settings are the operator's own files; a wrong one ends in a short error, whatever is in it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from fenhe_client.settings_file import load_settings
from fenhe_hub.config import HubConfig
from fenhe_hub.home import Home
from fenhe_hub.judging.working_days import read_years
from fenhe_hub.registry.above import above_us
from fenhe_hub.registry.enrolled import Registry
from fenhe_hub.rule_file import load_rules
from fenhe_node.mapping.file import read_mapping
from fenhe_protocol.errors import SetupError

BOMB = f"[&a0 [{', '.join('x' * 10)}], " + ", ".join(
    f"&a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 30)
)


def _above(file: Path) -> object:
    home = Home(file.parent)
    file.rename(home.above_file)
    return above_us(home)


READERS: dict[str, Callable[[Path], object]] = {
    "settings": lambda file: load_settings(HubConfig, file),
    "registry": Registry,
    "rules": lambda file: load_rules(str(file)),
    "working days": read_years,
    "hubs above": _above,
    "mapping": read_mapping,
}


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(
    "text",
    [
        f"unknown: {BOMB}]\n",
        f"origin: {BOMB}]\n",
        f"witnesses: {BOMB}]\n",
        f"name: a\nshared: {{}}\nrules: {BOMB}]\n",
        f"{BOMB}]\n",
        "units: [{origin: a}]\nhubs: 5\n",
        "units: 5\nname: a\nshared: []\nrules: 5\n",
        "units: {a: b}\nname: a\nshared: {}\nrules: [{1: 2, a: 3}]\n",
        "origin: !!python/object/apply:os.system ['true']\n",
        "origin: &a [*a]\n",
        "[" * 200_000,
        "origin: \x07\n",
        "x" * (5 << 20),
    ],
    ids=[
        *("unknown", "in a text", "in a list", "in the rules", "whole", "half", "numbers", "keys"),
        *("an object", "itself", "deep", "control", "long"),
    ],
)
def test_a_settings_file_can_neither_grow_nor_act(tmp_path: Path, text: str, reader: str) -> None:
    file = tmp_path / "config.yaml"
    file.write_text(text, "utf-8")
    with pytest.raises(SetupError) as error:
        READERS[reader](file)
    assert len(str(error.value)) < 2_000
