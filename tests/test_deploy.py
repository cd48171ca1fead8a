"""What is installed with a program: its service is one that systemd takes as it stands."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.wanting import wanting

UNITS = sorted((Path(__file__).parents[1] / "deploy" / "systemd").glob("*.service"))
INSTALLED = re.compile(r"/opt/fenhe/bin/fenhe[a-z-]*")


def test_every_program_that_serves_has_a_service() -> None:
    assert {unit.stem for unit in UNITS} >= {
        "fenhe-node", "fenhe-hub", "fenhe-gateway", "fenhe-witness"
    }  # fmt: skip


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_the_service_is_good_for_systemd(tmp_path: Path, unit: Path) -> None:
    verify = shutil.which("systemd-analyze")
    if verify is None:
        wanting("systemd", "no systemd-analyze here: apt install systemd")
    text = unit.read_text(encoding="utf-8")
    assert INSTALLED.search(text)
    installed = tmp_path / unit.name
    installed.write_text(INSTALLED.sub(sys.executable, text), encoding="utf-8")
    done = subprocess.run([verify, "verify", installed], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
