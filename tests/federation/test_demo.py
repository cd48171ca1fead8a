"""The demonstration that a newcomer runs first, whole: its last line and its figures."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
LAST = re.compile(
    r"demo ok nodes=3 published=(\d+) verified=(\d+) refused=(\d+) findings=(\d+) forwarded=(\d+)"
)


def test_the_demonstration_ends_well_and_loses_nothing(tmp_path: Path) -> None:
    finished = subprocess.run(
        [sys.executable, "-m", "deploy.demo", "--once", "--folder", str(tmp_path / "demo")],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert finished.returncode == 0, finished.stdout + finished.stderr
    last = LAST.fullmatch(finished.stdout.splitlines()[-1])
    assert last is not None, finished.stdout
    published, verified, refused, _, forwarded = map(int, last.groups())
    assert published == verified > 100
    assert refused == 10  # the mistakes that make_samples put into 台账.xlsx
    assert forwarded > 50
    assert "拒绝 refused: log." in finished.stdout
