"""A command for every home of a folder: the same for each, and one report of all."""

import argparse
from argparse import Namespace
from pathlib import Path

from fenhe_node.hosting.homes import homes_in
from fenhe_node.operations.options import Run
from fenhe_node.report import Exit, Report
from fenhe_protocol.errors import FenheError

HELP = "这个目录下的每个节点 every home in this folder, instead of --home"


def for_each_home(command: argparse.ArgumentParser, run: Run) -> None:
    """Let a command take `--homes DIR`; a home for which it fails keeps no other from it."""
    command.add_argument("--homes", type=Path, metavar="DIR", help=HELP)

    def run_all(options: Namespace) -> Report:
        if options.homes is None:
            return run(options)
        done = {name: _run(run, options, path) for name, path in homes_in(options.homes).items()}
        text = "\n\n".join(f"── {name}\n{report.text}" for name, report in done.items())
        facts = {name: {**report.facts, "exit": int(report.exit)} for name, report in done.items()}
        whole = all(report.exit is Exit.DONE for report in done.values())
        return Report(text, {"homes": facts}, Exit.DONE if whole else Exit.IN_PART)

    command.set_defaults(run=run_all)


def _run(run: Run, options: Namespace, path: Path) -> Report:
    try:
        return run(Namespace(**{**vars(options), "home": path}))
    except FenheError as error:
        return Report(str(error), {"error": error.problem()}, Exit.COULD_NOT)
