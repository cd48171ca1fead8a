"""The demonstration that a newcomer runs first, whole: its last line and its figures."""

from __future__ import annotations

import contextlib
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from deploy.demo.outbound import why_not
from deploy.demo.programs import Programs, Server

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
    assert forwarded > 100  # instruments, and the services of those that were accepted
    assert re.search(r"\n +50 done \(100\)\n +10 ready \(仪器尚未被接受", finished.stdout)
    assert "拒绝 refused: log." in finished.stdout
    # The unit that only pushes sits where nothing can enter, if this machine has such a place.
    place = "没有入口 in a namespace" if not why_not() else "不监听 no listener"
    pushed = rf"示例研究所 +推送 pushed \(.*{place}\).*回执 receipt \d{{4}}"
    assert re.search(pushed, finished.stdout)


class Interrupted(Programs):
    """Somebody presses Ctrl-C just when a server has begun."""

    def start(self, log: Path, *command: str) -> Server:
        server = super().start(log, *command)
        signal.raise_signal(signal.SIGINT)
        return server


def test_a_server_that_began_when_the_demonstration_was_stopped_is_known(tmp_path: Path) -> None:
    programs = Interrupted(tmp_path)
    with pytest.raises(KeyboardInterrupt):
        programs.serve("receiver", "deploy.nrii_receiver", "--listen", "127.0.0.1:0")
    try:
        assert len(programs.servers) == 1
    finally:
        programs.stop()


def running_in(group: int) -> list[str]:
    """The programs of a process group that have not ended."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            name, _, rest = entry.read_text("utf-8").rpartition(")")
            state, _, its_group, *_ = rest.split()
            if int(its_group) == group and state != "Z":
                found.append(name)
    return found


@pytest.mark.parametrize(
    ("number", "line"),
    [(signal.SIGINT, "条已签名"), (signal.SIGTERM, "[3/")],
    ids=["one server up", "all units up"],
)
def test_a_demonstration_that_is_stopped_leaves_nothing_running(
    tmp_path: Path, number: signal.Signals, line: str
) -> None:
    command = [sys.executable, "-u", "-m", "deploy.demo", "--folder", str(tmp_path / "demo")]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, process_group=0) as demo:
        assert demo.stdout is not None
        while line not in (said := demo.stdout.readline().decode()):
            assert said, "it ended early"
        demo.send_signal(number)
        demo.stdout.read()
    assert demo.returncode == 0
    for _ in range(100):  # one that was killed may take a moment to be gone
        if not running_in(demo.pid):
            break
        time.sleep(0.1)
    assert running_in(demo.pid) == []
