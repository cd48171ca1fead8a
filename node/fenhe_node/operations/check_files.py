"""`check-files`: every stored file read again, and healed from the hubs' mirrors."""

import argparse
import asyncio
import threading
from dataclasses import asdict

from fenhe_client.checking.pace import Pace
from fenhe_client.checking.result import files_lines
from fenhe_node.config import load_config
from fenhe_node.home import open_home
from fenhe_node.operations.options import Commands, add_command, now
from fenhe_node.report import Exit, Report
from fenhe_node.self_check.check import check_files
from fenhe_protocol.encoding import format_time


def add_commands(commands: Commands) -> None:
    """Add it."""
    text = "重读全部文件, 坏的从省平台修复 read every file again, heal what is damaged"
    add_command(commands, "check-files", text, run_check_files)


def run_check_files(options: argparse.Namespace) -> Report:
    """Check without rest: somebody waits. A damaged home is not opened as a node would be."""
    home = open_home(options.home)
    pace = Pace(threading.Event(), hurry=True)
    checked = asyncio.run(check_files(home, load_config(home.config_file), now, pace))
    facts = {**asdict(checked), "damaged": [each.path for each in checked.damaged]}
    return Report(
        "\n".join(files_lines(checked, format_time)),
        facts,
        Exit.IN_PART if checked.damaged else Exit.DONE,
    )
