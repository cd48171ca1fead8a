import shutil
import subprocess
import sys
from dataclasses import asdict, fields
from pathlib import Path

import pytest
import yaml

from fenhe_node.config import NodeConfig, load_config, render_config

DEPLOY = Path(__file__).parents[2] / "deploy"
EXAMPLE = DEPLOY / "node.example.yaml"
UNIT = DEPLOY / "systemd" / "fenhe-node.service"


def test_the_example_is_what_init_would_write_and_reads_back() -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    given = yaml.safe_load(text)
    assert list(given) == [field.name for field in fields(NodeConfig)]
    config = load_config(EXAMPLE)
    assert text.partition("\n\n")[2] == render_config(asdict(config))
    assert config.base == "/fenhe"


def test_the_service_is_good_for_systemd(tmp_path: Path) -> None:
    verify = shutil.which("systemd-analyze")
    if verify is None:
        pytest.skip("systemd-analyze is not here")
    installed = tmp_path / UNIT.name
    text = UNIT.read_text(encoding="utf-8")
    installed.write_text(text.replace("/opt/fenhe/bin/fenhe-node", sys.executable), "utf-8")
    done = subprocess.run([verify, "verify", installed], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
