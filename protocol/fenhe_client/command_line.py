"""A command line that says in Chinese first what is wrong with it. Start at `CommandLine`.

argparse finds the faults and says them in English only; the words most often needed at a unit are
said here, and what argparse said always follows.
"""

import argparse
import re
import sys
from difflib import get_close_matches
from typing import NoReturn

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

    def error(self, message: str) -> NoReturn:
        """Say what is wrong, what may be meant and where the usage is told; exit code 2."""
        lines = [f"命令写法有误：{in_chinese(message)}", message, *_meant(message)]
        print(*lines, f"用法 usage: {self.prog} --help", sep="\n", file=sys.stderr)
        sys.exit(EXIT_USAGE)


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
