"""`doctor`: what is wrong with this node and what to do about it, line by line."""

import argparse
import asyncio
from dataclasses import asdict

from fenhe_node.doctoring.asking import gather
from fenhe_node.doctoring.checks import examine
from fenhe_node.doctoring.finding import State, worst
from fenhe_node.home import open_home
from fenhe_node.operations.homes import for_each_home
from fenhe_node.operations.options import Commands, add_command, now
from fenhe_node.report import Exit, Report

HELP = "体检: 哪里不对, 怎么办 what is wrong, and what to do (0 well, 4 look at it, 1 broken)"
_EXITS = {State.LOOK: Exit.IN_PART, State.BAD: Exit.COULD_NOT}


def add_commands(commands: Commands) -> None:
    """Add it."""
    command = add_command(commands, "doctor", HELP, run_doctor)
    command.add_argument("--offline", action="store_true", help="只看本机 ask nobody else")
    for_each_home(command, run_doctor)


def run_doctor(options: argparse.Namespace) -> Report:
    """Examine everything; also a home that no other command can open."""
    home = open_home(options.home)
    findings = examine(asyncio.run(gather(home, now, offline=options.offline)))
    state = worst(findings)
    facts = {
        "state": state.name.lower(),
        "findings": [{**asdict(each), "state": each.state.name.lower()} for each in findings],
    }
    text = "\n".join(each.line for each in findings)
    return Report(text, facts, _EXITS.get(state, Exit.DONE))
