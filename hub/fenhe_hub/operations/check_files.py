"""`check-files`: every stored file read again and healed; with `--index` the index as well."""

import argparse
import asyncio
import hashlib
import sqlite3
import threading
from contextlib import closing
from dataclasses import asdict, replace

from fenhe_client.checking.pace import Pace
from fenhe_client.checking.result import Checked, Finding, files_lines, keep_result
from fenhe_hub.home import open_home
from fenhe_hub.hub import Hub, open_hub
from fenhe_hub.index.dump import dump_index
from fenhe_hub.index.tables import open_index
from fenhe_hub.operations.options import Commands, add_command
from fenhe_hub.report import show
from fenhe_hub.restoring.rebuild import rebuild
from fenhe_hub.self_check.check import check_files
from fenhe_hub.self_check.own_roots import mend_own_roots
from fenhe_hub.visiting.workshop import system_clock
from fenhe_protocol.encoding import format_time
from fenhe_protocol.errors import StoreError

IN_PART = 4
REBUILT = "rebuild"


def add_commands(commands: Commands) -> None:
    """`check-files`."""
    text = "重读全部文件, 坏的修复 read every file again, heal what is damaged"
    command = add_command(commands, "check-files", text, _check_files)
    command.add_argument(
        "--from",
        dest="source",
        metavar="URL",
        default="",
        help="也问另一个平台 another hub as well",
    )
    command.add_argument(
        "--index",
        action="store_true",
        help="与重建的索引比较 (先停止服务) compare the index with a new one; stop serve first",
    )


def _check_files(options: argparse.Namespace) -> int:
    source = options.source.rstrip("/")
    # First: a hub without its own root documents cannot be opened.
    roots = asyncio.run(mend_own_roots(open_home(options.home), source))
    checked = Checked(system_clock(), findings=tuple(roots))
    if all(each.healed_by for each in roots):
        checked = _check_opened(open_hub(options.home), source, options, checked)
    value = {**asdict(checked), "damaged": [each.path for each in checked.damaged]}
    show(value, "\n".join(files_lines(checked, format_time)), as_json=options.json)
    return IN_PART if checked.damaged else 0


def _check_opened(hub: Hub, source: str, options: argparse.Namespace, before: Checked) -> Checked:
    pace = Pace(threading.Event(), hurry=True)
    checked = asyncio.run(check_files(hub, system_clock, pace, source))
    if options.index:
        checked = check_index(hub, checked)
    checked = replace(checked, findings=(*before.findings, *checked.findings))
    keep_result(hub.home.path, checked)
    return checked


def check_index(hub: Hub, checked: Checked) -> Checked:
    """Make the index again, and say whether it was what the files come to."""
    before = _digest(hub)
    rebuild(hub)
    findings = [each for each in checked.findings if each.path != hub.home.index.name]
    if before != _digest(hub):
        findings.append(Finding("sqlite", hub.home.index.name, REBUILT))
    checked = replace(checked, findings=tuple(findings))
    keep_result(hub.home.path, checked)
    return checked


def _digest(hub: Hub) -> str:
    """What the index says, in short; empty where it cannot be read."""
    digest = hashlib.sha256()
    try:
        with closing(open_index(hub.home.index)) as db:
            for line in dump_index(db):
                digest.update(line)
    except (StoreError, sqlite3.Error):
        return ""
    return digest.hexdigest()
