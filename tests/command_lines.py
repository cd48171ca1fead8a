"""The commands of the three programs as their own parsers know them, and how each is written."""

import argparse
import textwrap
from collections.abc import Iterator, Mapping
from types import ModuleType

from fenhe_client import cli as client_cli
from fenhe_hub import cli as hub_cli
from fenhe_node import cli as node_cli

PROGRAMS: Mapping[str, ModuleType] = {
    "fenhe-node": node_cli,
    "fenhe-hub": hub_cli,
    "fenhe": client_cli,
}
WIDTH = 96  # columns of a line that shows how a command is written
NO_BREAK = "\N{NO-BREAK SPACE}"


def parser_of(program: str) -> argparse.ArgumentParser:
    """The real parser of a program."""
    parser: argparse.ArgumentParser = PROGRAMS[program]._parser()
    return parser


def commands_of(parser: argparse.ArgumentParser) -> Mapping[str, argparse.ArgumentParser]:
    """The parsers of a program's commands by their names; one below another is `<one> <other>`."""
    found: dict[str, argparse.ArgumentParser] = {}
    for name, command in _below(parser).items():
        inner = commands_of(command) if _below(command) else {"": command}
        found |= {f"{name} {each}".rstrip(): one for each, one in inner.items()}
    return found


def _below(parser: argparse.ArgumentParser) -> Mapping[str, argparse.ArgumentParser]:
    groups = [a for a in parser._actions if isinstance(a, argparse._SubParsersAction)]
    return dict(groups[0].choices) if groups else {}


def chain(
    parser: argparse.ArgumentParser, name: str
) -> Iterator[tuple[str, argparse.ArgumentParser]]:
    """The words of a command's name, each with its parser."""
    for word in name.split():
        parser = _below(parser)[word]
        yield word, parser


def usage(program: str, parser: argparse.ArgumentParser, name: str) -> list[str]:
    """How a command is written, as `--help` shows it, in lines of a width."""
    given = [*map(written, own_arguments(parser))]
    for word, command in chain(parser, name):
        given += [word, *map(written, own_arguments(command))]
    text = " ".join([program, *(each.replace(" ", NO_BREAK) for each in given)])
    return [
        line.replace(NO_BREAK, " ")
        for line in textwrap.wrap(
            text, WIDTH, subsequent_indent="    ", break_long_words=False, break_on_hyphens=False
        )
    ]


def own_arguments(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    """What is given to a parser itself: options first, as they are written."""
    hidden = (argparse._HelpAction, argparse._SubParsersAction)
    own = [action for action in parser._actions if not isinstance(action, hidden)]
    return sorted(own, key=lambda action: not action.option_strings)


def written(action: argparse.Action) -> str:
    value = _value(action)
    if not action.option_strings:
        return f"[{value}]" if action.nargs == "?" else value
    option = (
        action.option_strings[-1] if action.nargs == 0 else f"{action.option_strings[-1]} {value}"
    )
    return option if action.required else f"[{option}]"


def _value(action: argparse.Action) -> str:
    if action.choices is not None:
        return f"{{{','.join(map(str, action.choices))}}}"
    return str(action.metavar or action.dest.upper())
