"""`fenhe-hub`: arguments in, one operation, an exit code out.

Exit codes: 0 done · 1 could not do it · 2 wrong usage · 3 something was refused · 4 done in part.
"""

import argparse
import errno
import os
import sqlite3
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from fenhe_client import collector
from fenhe_client.command_line import CommandLine, asked_for, keep_from_others
from fenhe_client.log_lines import write_logs
from fenhe_hub.report import complain, show
from fenhe_protocol.errors import FenheError, PublisherError, StoreError

FAILED, REFUSED = 1, 3
_LOOK = "检查磁盘空间和文件权限; look at free space and permissions"

OPERATIONS = {
    "fenhe_hub.operations.setup": "init fingerprint config",
    "fenhe_hub.operations.enrol": "enrol",
    "fenhe_hub.operations.trust": "trust",
    "fenhe_hub.operations.standing": "suspend resume move retire look",
    "fenhe_hub.operations.keys": "rotate-key keys root-document set-url",
    "fenhe_hub.operations.second": "sm2-key enrol-sm2",
    "fenhe_hub.operations.sync": "sync",
    "fenhe_hub.operations.check": "check",
    "fenhe_hub.operations.rules": "explain rule-sets withdraw-findings adopt-rules workdays",
    "fenhe_hub.operations.check_files": "check-files",
    "fenhe_hub.operations.erase": "erase",
    "fenhe_hub.operations.complaints_key": "complaints-key",
    "fenhe_hub.operations.evidence": "evidence",
    "fenhe_hub.operations.index": "rebuild dump",
    "fenhe_hub.operations.forward": "forward",
    "fenhe_hub.operations.register": "take-list obliged invite",
    "fenhe_hub.operations.restore": "restore",
    "fenhe_hub.operations.new_epoch": "new-epoch",
    "fenhe_hub.operations.mail": "mail mail-test",
    "fenhe_hub.operations.measures": "measures notices measure",
    "fenhe_hub.operations.account": "account",
    "fenhe_hub.operations.report": "report",
    "fenhe_hub.operations.serve": "serve",
    "fenhe_hub.operations.status": "status",
    "fenhe_hub.gateway.commands": "gateway",
}
"""The commands of each module, which is imported when one of them is asked for."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    given = sys.argv[1:] if arguments is None else arguments
    options = _parser(given).parse_args(given)
    keep_from_others()
    collector.relax()
    write_logs("text")  # until a program that serves has read its own settings
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


def _parser(arguments: Sequence[str] = ()) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = CommandLine(
        prog="fenhe-hub", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--home", type=Path, required=True, metavar="DIR", help="省平台的目录 the hub's folder"
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name in asked_for(arguments, OPERATIONS):
        import_module(name).add_commands(commands)
    return parser
