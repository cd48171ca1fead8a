"""`export-site`: the public pages as files, for any web server."""

import argparse
from pathlib import Path

from fenhe_node.node import open_node
from fenhe_node.operations.options import Commands, add_command, now
from fenhe_node.report import Report
from fenhe_node.web.server import make_serving
from fenhe_node.web.static_site import export_site


def add_commands(commands: Commands) -> None:
    """Add it."""
    command = add_command(
        commands, "export-site", "把公共网页导出为文件 the public pages as files", run_export_site
    )
    command.add_argument(
        "folder",
        type=Path,
        metavar="DIR",
        help="目标目录, 整个换成新的 the folder, replaced as a whole",
    )


def run_export_site(options: argparse.Namespace) -> Report:
    """Write all pages as they are now."""
    serving = make_serving(open_node(options.home), dict, now)
    count = export_site(serving, options.folder)
    text = f"已导出 exported: {options.folder} ({count} 个文件 files)"
    return Report(text, {"folder": str(options.folder), "files": count})
