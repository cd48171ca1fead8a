"""Settings are the operator's own files; a wrong one ends in a short error, whatever is in it."""

from pathlib import Path

import pytest

from fenhe_client.settings_file import load_settings
from fenhe_hub.config import HubConfig
from fenhe_protocol.errors import SetupError

BOMB = f"[&a0 [{', '.join('x' * 10)}], " + ", ".join(
    f"&a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 30)
)


@pytest.mark.parametrize(
    "text",
    [
        f"unknown: {BOMB}]\n",
        f"origin: {BOMB}]\n",
        f"witnesses: {BOMB}]\n",
        "origin: !!python/object/apply:os.system ['true']\n",
        "origin: &a [*a]\n",
        "[" * 5_000,
        "origin: \x07\n",
        "x" * (5 << 20),
    ],
    ids=["unknown", "in a text", "in a list", "an object", "itself", "deep", "control", "long"],
)
def test_a_settings_file_can_neither_grow_nor_act(tmp_path: Path, text: str) -> None:
    file = tmp_path / "config.yaml"
    file.write_text(text, "utf-8")
    with pytest.raises(SetupError) as error:
        load_settings(HubConfig, file)
    assert len(str(error.value)) < 2_000
