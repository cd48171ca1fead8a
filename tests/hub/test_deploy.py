import shutil
import subprocess
import sys
from pathlib import Path

import pytest

UNITS = Path(__file__).parents[2] / "deploy" / "systemd"


@pytest.mark.parametrize("name", ["fenhe-hub.service", "fenhe-gateway.service"])
def test_the_service_is_good_for_systemd(tmp_path: Path, name: str) -> None:
    verify = shutil.which("systemd-analyze")
    if verify is None:
        pytest.skip("systemd-analyze is not here")
    installed = tmp_path / name
    text = (UNITS / name).read_text(encoding="utf-8")
    installed.write_text(text.replace("/opt/fenhe/bin/fenhe-hub", sys.executable), "utf-8")
    done = subprocess.run([verify, "verify", installed], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
