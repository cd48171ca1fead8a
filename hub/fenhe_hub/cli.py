"""`fenhe-hub`: arguments in, one operation, an exit code out.

Exit codes: 0 done · 1 could not do it · 2 wrong usage · 3 something was refused · 4 done in part.
"""

import argparse
import errno
import logging
import os
import sqlite3
import sys
from collections.abc import Sequence
from pathlib import Path

import fenhe_hub.operations.check as check
import fenhe_hub.operations.enrol as enrol
import fenhe_hub.operations.erase as erase
import fenhe_hub.operations.forward as forward
import fenhe_hub.operations.index as index
import fenhe_hub.operations.keys as keys
import fenhe_hub.operations.restore as restore
import fenhe_hub.operations.serve as serve
import fenhe_hub.operations.setup as setup
import fenhe_hub.operations.standing as standing
import fenhe_hub.operations.status as status
import fenhe_hub.operations.sync as sync
import fenhe_hub.operations.trust as trust
from fenhe_client.command_line import CommandLine
from fenhe_hub import collector
from fenhe_hub.gateway.commands import add_gateway_commands
from fenhe_hub.report import complain, show
from fenhe_protocol.errors import FenheError, PublisherError, StoreError

FAILED, REFUSED = 1, 3
_LOOK = "检查磁盘空间和文件权限; look at free space and permissions"

_OPERATIONS = (
    setup,
    enrol,
    trust,
    standing,
    keys,
    sync,
    check,
    erase,
    index,
    forward,
    restore,
    serve,
    status,
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    options = _parser().parse_args(arguments)
    collector.relax()
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s %(message)s")
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    try:
        code = _run(options)
    except FenheError as error:
        if getattr(options, "json", False):
            show(error.problem(), "", as_json=True)
        complain(str(error))
        return REFUSED if isinstance(error, PublisherError) else FAILED
    except KeyboardInterrupt:
        return FAILED
    except BrokenPipeError:
        # `dump | head`: whoever read is gone, and nothing more may be written at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    return code


def _run(options: argparse.Namespace) -> int:
    """Run it; a full disk or a broken database becomes an error that says what to look at."""
    try:
        code: int = options.run(options)
        sys.stdout.flush()
    except sqlite3.Error as error:
        raise StoreError("store.failed", found=str(error), advice=_LOOK) from error
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EROFS):
            raise
        raise StoreError("store.write", found=str(error), advice=_LOOK) from error
    return code


def _parser() -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = CommandLine(
        prog="fenhe-hub", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--home", type=Path, required=True, metavar="DIR", help="省平台的目录 the hub's folder"
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for operation in _OPERATIONS:
        operation.add_commands(commands)
    add_gateway_commands(commands)
    return parser
