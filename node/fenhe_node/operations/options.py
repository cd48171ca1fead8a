"""What the commands' parsers have in common, and the two clocks that operations read."""

import argparse
import getpass
import sys
import time
from collections.abc import Callable
from typing import Any

from fenhe_node.report import Report
from fenhe_protocol.errors import Deferred

Commands = Any  # argparse's subparsers action has no public name
Run = Callable[[argparse.Namespace], Report]

KINDS_HELP = (
    "instrument, service_record, fee_standard, unit, centre, installation, service_unit, base, "
    "platform, platform_resource, purchase_plan, outcome, unit_year, notice_reply, feedback_reply, "
    "usage_summary"
)


def add_command(commands: Commands, name: str, text: str, run: Run) -> argparse.ArgumentParser:
    """Add one command; all of them report, so all take `--json`."""
    parser: argparse.ArgumentParser = commands.add_parser(name, help=text, description=text)
    parser.set_defaults(run=run)
    parser.add_argument("--json", action="store_true", help="机器可读的结果 one JSON value")
    return parser


def now() -> int:
    """POSIX seconds by this machine's clock; the one place in the node that reads it."""
    return int(time.time())


def wait(seconds: int) -> None:
    """Wait before a publish that comes too soon, and say so."""
    complain(f"两次发布至少间隔 10 秒, 等 {seconds} 秒; publishing again in {seconds} s")
    time.sleep(seconds)


def too_soon(seconds: int) -> None:
    """Refuse instead of waiting; Deferred says for how long."""
    raise Deferred("publish.soon", retry_after=seconds, expected=f"{seconds} s")


def progress(what: str, done: int, total: int) -> None:
    """Show how far long work has got: on a terminal in place, else one line a step."""
    if not total:
        return
    if sys.stderr.isatty():
        print(f"\r{what} {done}/{total}", end="\n" if done == total else "", file=sys.stderr)
    elif done == total:
        complain(f"{what} {done}/{total}")


def complain(text: str) -> None:
    """Say something that is no part of the answer."""
    print(text, file=sys.stderr, flush=True)


def who() -> str:
    """The account that runs the command, for the record's history."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""
