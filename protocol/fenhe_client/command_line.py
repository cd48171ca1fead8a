"""A command line that says in Chinese first what is wrong with it. Start at `CommandLine`.

argparse finds the faults and says them in English only; the words most often needed at a unit are
said here, and what argparse said always follows. `asked_for` spares a program most of its imports.
"""

import argparse
import os
import re
import sys
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any, NoReturn

EXIT_USAGE = 2

_ARGUMENT = r"argument (?P<name>\S+): "
_WORDS = tuple(
    (re.compile(pattern), words)
    for pattern, words in (
        (r"the following arguments are required: (?P<name>.+)", "缺少 {name}"),
        (r"unrecognized arguments: (?P<name>.+)", "没有这样的参数：{name}"),
        (r"ambiguous option: (?P<name>\S+)", "{name} 不够明确，请写全"),
        (_ARGUMENT + r"invalid choice: '?(?P<found>[^']*?)'? \(choose", "{name} 不能是 {found}"),
        (_ARGUMENT + r"invalid \S+ value: '?(?P<found>[^']*)'?", "{name} 的值不对：{found}"),
        (_ARGUMENT + r"expected ", "{name} 后面要写值"),
        (_ARGUMENT + r"not allowed with argument (?P<found>\S+)", "{name} 不能与 {found} 同用"),
    )
)


class CommandLine(argparse.ArgumentParser):
    """An argument parser, and the parser of each of its commands."""

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """As argparse does, but what a command does not know is its own error, with its usage."""
        found, unknown = super().parse_known_args(args, namespace)
        if unknown:
            self.error(f"unrecognized arguments: {' '.join(unknown)}")
        return found, unknown

    def error(self, message: str) -> NoReturn:
        """Say what is wrong, what may be meant and where the usage is told; exit code 2."""
        lines = [f"命令写法有误：{in_chinese(message)}", message, *_meant(message)]
        print(*lines, f"用法 usage: {self.prog} --help", sep="\n", file=sys.stderr)
        sys.exit(EXIT_USAGE)


def asked_for(arguments: Sequence[str], operations: Mapping[str, str]) -> list[str]:
    """The operations, each with its commands in words, whose commands stand in the arguments.

    To import what one command needs takes half the time that importing them all takes. Where none
    stands there, or help is asked for, they are all wanted.
    """
    words = set(arguments)
    found = [name for name, commands in operations.items() if words & set(commands.split())]
    return found if found and words.isdisjoint(("-h", "--help")) else list(operations)


def keep_from_others() -> None:
    """Let nobody else write what this program makes, whatever the account's umask allows."""
    os.umask(os.umask(0o077) | 0o022)


def in_chinese(message: str) -> str:
    """What argparse says, in Chinese; where it says something rare, that the usage tells."""
    for pattern, words in _WORDS:
        if match := pattern.match(message):
            return words.format(**match.groupdict())
    return "请对照用法"


def _meant(message: str) -> list[str]:
    """What may be meant by a word that is no choice."""
    match = re.search(r"invalid choice: '?([^']*?)'? \(choose from (.*)\)", message)
    if match is None:
        return []
    choices = [choice.strip(" '") for choice in match[2].split(",")]
    return [f"是否想写 did you mean: {each}" for each in get_close_matches(match[1], choices, 1)]
