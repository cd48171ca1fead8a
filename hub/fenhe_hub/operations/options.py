"""What the commands' parsers have in common."""

import argparse
from collections.abc import Callable
from typing import Any

Commands = Any  # argparse's subparsers action has no public name
Run = Callable[[argparse.Namespace], int]


def add_command(
    commands: Commands, name: str, text: str, run: Run, *, reports: bool = True
) -> argparse.ArgumentParser:
    """Add one command; `reports`: it takes `--json`."""
    parser: argparse.ArgumentParser = commands.add_parser(name, help=text, description=text)
    parser.set_defaults(run=run)
    if reports:
        parser.add_argument("--json", action="store_true", help="机器可读的结果 one JSON value")
    return parser
