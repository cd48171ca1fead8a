"""`python -m deploy.demo [--once]`: the whole path on one machine, through the real commands.

Start at `main`; each step is a function of `steps.py`, what is shown is written in `screen.py`.
"""

from __future__ import annotations

import argparse
import shutil
import signal
import sys
import time
from pathlib import Path

from deploy.demo import gateway, steps
from deploy.demo.office import open_office
from deploy.demo.outbound import Outlet, why_not
from deploy.demo.programs import DemoError, Programs
from deploy.demo.samples import UNITS
from deploy.demo.screen import closing_line, closing_table, say, title
from deploy.demo.stage import Stage

FOLDER = Path("demo-data")


def main() -> int:
    """Run every step; with --once verify all logs and end, else stay up until Ctrl-C."""
    parser = argparse.ArgumentParser(prog="demo")
    parser.add_argument("--once", action="store_true", help="验证后结束 verify everything and end")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="重新建立 made anew")
    options = parser.parse_args()
    shutil.rmtree(options.folder, ignore_errors=True)
    options.folder.mkdir(parents=True)
    programs = Programs(options.folder)
    for number in (signal.SIGINT, signal.SIGTERM):  # in the background the first is ignored
        signal.signal(number, signal.default_int_handler)
    try:
        return _run(programs, options.folder, once=options.once)
    except DemoError as error:
        say(f"\n演示未完成 the demonstration failed: {error}")
        return 1
    except KeyboardInterrupt:
        return 0
    finally:
        programs.stop()


def _run(programs: Programs, folder: Path, *, once: bool) -> int:
    stage = Stage(programs, folder)
    if why_not():
        return _steps(stage, once=once)
    with Outlet(stage.port("hub")) as outlet:
        stage.way = outlet.way
        return _steps(stage, once=once)


def _steps(stage: Stage, *, once: bool) -> int:
    title(1, "三个单位导入 import")
    steps.import_lists(stage)
    title(2, "签名并发布，用户信息密封给网关 publish, users sealed to the gateway")
    steps.found_hub(stage)
    gateway.found(stage, UNITS[0])
    steps.publish(stage)
    title(3, "登记、汇集并验证 enrol, sync and verify")
    steps.enrol(stage)
    steps.sync(stage)
    title(4, "试着作假: 改动示例公司已发布的一个字节 forge one published byte")
    steps.forge(stage)
    title(5, "规则 check")
    steps.check(stage)
    title(6, "上报国家平台 forward")
    steps.forward(stage)
    title(7, "网关打开密封的用户信息，上报服务记录 the gateway forwards services")
    gateway.forward(stage)
    figures = steps.figures(stage)
    if once:
        steps.verify_all(stage)
        say(closing_line(figures))
        return 0
    say(closing_table(figures, stage))
    say(open_office(stage))
    while True:
        time.sleep(3600)


if __name__ == "__main__":
    sys.exit(main())
