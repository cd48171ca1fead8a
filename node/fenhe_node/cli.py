"""`fenhe-node`: arguments in, one operation, a report and an exit code out.

Exit codes: 0 done · 1 could not do it · 2 wrong usage · 3 a document or a record was refused ·
4 done in part, and the report names what was not. With `--json` the report is one JSON value on
standard output, errors too; what is not the answer goes to standard error.
"""

import argparse
import errno
import json
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from fenhe_client import collector
from fenhe_client.command_line import CommandLine, asked_for, keep_from_others
from fenhe_node.operations.options import complain
from fenhe_node.report import Exit
from fenhe_protocol.errors import FenheError, InputError, PublisherError, StoreError

_LOOK = "检查磁盘空间和文件权限; look at free space and permissions"

OPERATIONS = {
    "fenhe_node.operations.setup": "setup",
    "fenhe_node.operations.init": "init fingerprint config",
    "fenhe_node.operations.trust": "trust",
    "fenhe_node.operations.keys": "rotate-key keys root-document set-url",
    "fenhe_node.operations.second": "sm2-key",
    "fenhe_node.operations.importing": "import",
    "fenhe_node.operations.template": "template",
    "fenhe_node.operations.sources": "sources",
    "fenhe_node.operations.soap_calls": "soap-calls",
    "fenhe_node.operations.records": "check preview delete",
    "fenhe_node.operations.usage": "summarise",
    "fenhe_node.operations.publish": "publish",
    "fenhe_node.operations.revert": "revert",
    "fenhe_node.operations.erase": "erase",
    "fenhe_node.operations.check_files": "check-files",
    "fenhe_node.operations.backup": "backup",
    "fenhe_node.operations.doctor": "doctor",
    "fenhe_node.operations.restore": "restore",
    "fenhe_node.operations.new_epoch": "new-epoch",
    "fenhe_node.operations.serve": "serve",
    "fenhe_node.operations.export_site": "export-site",
    "fenhe_node.operations.attach": "attach",
    "fenhe_node.operations.requests": "requests",
    "fenhe_node.operations.password": "password",
    "fenhe_node.operations.status": "status",
    "fenhe_node.operations.receipt": "receipt",
}
"""The commands of each module, which is imported when one of them is asked for."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    given = sys.argv[1:] if arguments is None else arguments
    parser = _parser(given)
    options = parser.parse_args(given)
    if options.home is None and getattr(options, "homes", None) is None:
        parser.error("the following arguments are required: --home")
    keep_from_others()
    collector.relax()
    try:
        report = options.run(options)
    except FenheError as error:
        return _tell(error, as_json=options.json)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EROFS):
            raise
        where = str(error.filename or "")
        told = StoreError("store.write", where=where, found=str(error), advice=_LOOK)
        return _tell(told, as_json=options.json)
    except KeyboardInterrupt:
        return Exit.COULD_NOT
    sys.stdout.write(report.rendered(as_json=options.json) + "\n")
    return int(report.exit)


def _tell(error: FenheError, *, as_json: bool) -> int:
    refused = isinstance(error, PublisherError | InputError)
    code = Exit.REFUSED if refused else Exit.COULD_NOT
    if as_json:
        print(json.dumps({"error": error.problem(), "exit": code}, ensure_ascii=False, indent=1))
    complain(str(error))
    return code


def _parser(arguments: Sequence[str] = ()) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = CommandLine(
        prog="fenhe-node",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--home", type=Path, metavar="DIR", help="节点的目录 the node's folder")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name in asked_for(arguments, OPERATIONS):
        import_module(name).add_commands(commands)
    return parser
