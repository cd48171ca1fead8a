"""What a unit's node needs at 5,000 instruments and a million service records (`make footprint`).

`python -m tests.bench.footprint [--services 1000000] [--write]`: the program itself, on one core
and, where this machine lets us set one, in a control group of 256 MiB; each command's peak memory
and processor time, what it leaves on the disk, how soon a server answers and what it costs when
nobody asks. Services come in lists of 20,000 rows, as they do quarter by quarter.
"""

from __future__ import annotations

import argparse
import csv
import os
import random
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from deploy.demo.ports import free_port
from tests.bench.group import Group
from tests.bench.machine import describe
from tests.bench.page import keep

INSTRUMENTS = 5_000
SERVICES = 1_000_000
ROWS = 20_000  # of one list of services
BOUND_MIB = 256
IDLE_SECONDS = 60
INSTRUMENT = ["资产编号", "仪器名称", "规格型号", "原值（元）", "启用日期", "仪器状态"]
SERVICE = [
    *("记录编号", "仪器编号", "开始时间", "结束时间", "有效机时", "金额", "样品数", "用户类别"),
    *("申请人", "电话", "申请人单位", "课题名称"),
]
UNIT = ("--unit-name", "示例大学", "--uscc", "12140000000000019W", "--origin", "u1.example/fenhe")


@dataclass(frozen=True)
class Cost:
    """One command: peak resident memory, processor time, and whether it ended well."""

    mib: int
    seconds: float
    exit: int


class House:
    """A home, and commands given to it as a person gives them."""

    def __init__(self, folder: Path, group: Group) -> None:
        self.home, self.folder, self._group = folder / "home", folder, group

    def command(self, *words: str) -> list[str]:
        """The whole command line."""
        return [sys.executable, "-m", "fenhe_node", "--home", str(self.home), *words]

    def run(self, *words: str) -> Cost:
        """Run a command to its end."""
        with (self.folder / "said").open("wb") as said:
            child = subprocess.Popen(
                self.command(*words), stdout=said, stderr=said, preexec_fn=self._group.enter
            )
            _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        cost = Cost(used.ru_maxrss >> 10, used.ru_utime + used.ru_stime, child.returncode)
        if cost.exit not in (0, 4):
            text = (self.folder / "said").read_text("utf-8", "replace")
            raise SystemExit(f"{' '.join(words)}: exit {cost.exit}\n{text[-2000:]}")
        print(f"{words[0]:12} {cost.mib:5} MiB {cost.seconds:8.1f} s", flush=True)
        return cost


def lists(folder: Path, services: int) -> Iterator[Path]:
    """The unit's lists: its instruments, then its services."""
    dice = random.Random(20261123)
    instruments = folder / "instruments.csv"
    rows = (
        [f"A-{n:05}", "核磁共振波谱仪", f"M-{n % 97}", str(100_000 + n), "2020-01-02", "正常"]
        for n in range(INSTRUMENTS)
    )
    yield _written(instruments, INSTRUMENT, rows)
    for start in range(0, services, ROWS):
        numbers = range(start, min(start + ROWS, services))
        rows = (_service(number, dice) for number in numbers)
        yield _written(folder / f"services-{start // ROWS}.csv", SERVICE, rows)


def _service(number: int, dice: random.Random) -> list[str]:
    hour, hours = dice.randrange(8, 18), dice.randrange(1, 5)
    day = f"2026-{dice.randrange(7, 10):02}-{dice.randrange(1, 28):02}"
    user = dice.randrange(5_000)
    return [
        f"S-{number:07}",
        f"A-{dice.randrange(INSTRUMENTS):05}",
        f"{day} {hour:02}:00",
        f"{day} {hour + hours:02}:00",
        str(hours),
        str(dice.randrange(2_000)),
        str(dice.randrange(1, 20)),
        dice.choice(["internal", "university", "enterprise"]),
        f"用户{user:04}",
        "0351-0000000",
        "示例大学",
        f"课题{user % 500:03}",
    ]


def _written(path: Path, head: list[str], rows: Iterator[list[str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([head, *rows])
    return path


def measure(folder: Path, services: int, group: Group) -> Iterator[tuple[str, str, str]]:
    """Each row of the table: what, memory in MiB, processor time or what else there is."""
    house = House(folder, group)
    house.run("init", *UNIT)
    file = next(made := lists(folder, services))
    yield _row(f"import of {INSTRUMENTS:,} instruments", house.run("import", str(file)))
    costs = []
    for file in made:
        costs.append(house.run("import", str(file)))
        file.unlink()
    most = max(costs, key=lambda cost: cost.mib)
    yield _row(f"import of {ROWS:,} services: the last of {len(costs)}", costs[-1], most.mib)
    yield _row("publish of everything", house.run("publish", "--no-wait"))
    yield _row("summarise of a quarter", house.run("summarise", "2026-Q3"))
    yield _row("publish of the summaries", house.run("publish"))
    yield _row("status", house.run("status", "--offline"))
    yield _row("check-files", house.run("check-files"))
    yield _row("backup, read again", house.run("backup", str(folder / "backups"), "--keep", "1"))
    yield from _served(house)
    for part in ("", "store.sqlite", "public", "held"):
        size = _disk(house.home / part) / 2**20
        yield (f"disk: {part or 'the whole home'}", "", f"{size:,.0f} MiB")


def _row(what: str, cost: Cost, mib: int = 0) -> tuple[str, str, str]:
    return what, str(max(cost.mib, mib)), f"{cost.seconds:,.1f} s"


def _served(house: House) -> Iterator[tuple[str, str, str]]:
    """A server: how soon it answers, what it costs while nobody asks, and what pages cost."""
    port = free_port()
    started = time.monotonic()
    words = ("serve", "--listen", f"127.0.0.1:{port}", "--console", "")
    with (house.folder / "log").open("wb") as log:
        child = subprocess.Popen(house.command(*words), stderr=log, preexec_fn=house._group.enter)
    try:
        url = f"http://127.0.0.1:{port}/fenhe"
        while not _answers(f"{url}/catalogue/checkpoint"):
            if child.poll() is not None or time.monotonic() > started + 600:
                raise SystemExit((house.folder / "log").read_text("utf-8", "replace")[-2000:])
        yield "serve: until the first answer", "", f"{time.monotonic() - started:.1f} s"
        for path in ("/", "/?q=波谱", "/record?kind=instrument&id=A-00001", "/usage-summary"):
            _answers(url + quote(path, "/?=&"))
        before = _used(child.pid)
        time.sleep(IDLE_SECONDS)
        share = (_used(child.pid) - before) / IDLE_SECONDS * 100
        yield "serve: peak after every kind of page", str(_peak(child.pid)), ""
        yield f"serve: idle, over {IDLE_SECONDS} s", "", f"{share:.2f} % of a core"
    finally:
        child.terminate()
        child.wait()


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=60) as answer:
            return bool(answer.read())
    except OSError:
        time.sleep(0.05)
        return False


def _used(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _peak(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text("ascii").splitlines()
    (line,) = (line for line in lines if line.startswith("VmHWM"))
    return int(line.split()[1]) >> 10


def _disk(path: Path) -> int:
    files = path.rglob("*") if path.is_dir() else (path,)
    return sum(file.stat().st_blocks * 512 for file in files if file.is_file())


def main() -> None:
    """Measure, print and, if asked, keep the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--services", type=int, default=SERVICES)
    parser.add_argument("--write", action="store_true", help="into docs/benchmarks.md")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir="/var/tmp") as made, Group(BOUND_MIB) as group:
        rows = list(measure(Path(made), options.services, group))
    head = f"{describe()}; one core; {group.told}; {options.services:,} service records."
    lines = [head, "", "| step | peak memory, MiB | processor time, or else |", "|---|---|---|"]
    text = "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)])
    print(text)
    if options.write:
        keep("footprint", text)


if __name__ == "__main__":
    main()
