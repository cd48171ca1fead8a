"""A chapter of a manual, done literally: its commands are given, its answers must come.

What stands in the manual as a key, a fingerprint or an address is an example. The first time that
an answer shows it, what really came in its place is learned, and put into every later command.
"""

import re
import shlex
from collections.abc import Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path

from tests import command_lines
from tests.sources import ROOT

_BLOCK = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)
_STEP = re.compile(r"^\$ ((?:.*\\\n)*.*)\n((?:(?!\$ ).*\n)*)", re.MULTILINE)
_GROUPED = r"(?:[0-9a-f]{4} ){15}[0-9a-f]{4}"
_EXAMPLE = re.compile(
    rf"(?P<known>{_GROUPED}|[^\s:]+\+[0-9a-f]{{8}}\+[A-Za-z0-9+/]+=*|[A-Za-z0-9+/]{{43}}=)"
    r"|(?P<rest>[0-9a-f]*…)|(?P<number>\d+)"
)


@dataclass(frozen=True)
class Step:
    """A command as it stands there, and the lines below it."""

    command: str
    shown: Sequence[str]


def chapter(manual: str, heading: str) -> list[Step]:
    """The steps below a heading, up to the next heading that is not below it."""
    text = (ROOT / f"docs/zh-CN/{manual}.md").read_text(encoding="utf-8")
    _, _, rest = text.partition(f"\n{heading}\n")
    assert rest, heading
    level = len(heading.partition(" ")[0])
    section = re.split(rf"^#{{1,{level}}} ", rest, maxsplit=1, flags=re.MULTILINE)[0]
    return steps_of(section)


def steps_of(text: str) -> list[Step]:
    """The steps that stand in a text."""
    blocks = "".join(_BLOCK.findall(text))
    return [Step(command, said.splitlines()) for command, said in _STEP.findall(blocks)]


@dataclass
class Reader:
    """Somebody who does what is written. `known`: what stands there, and what it is here."""

    known: dict[str, str]
    done: list[str] = field(default_factory=list)

    def follow(self, step: Step, code: int = 0) -> str:
        """Give the command; AssertionError where another answer comes than the one shown."""
        line = self.here(step.command.replace("\\\n", " "))
        program, *arguments = shlex.split(line, comments=True)
        said = StringIO()
        with redirect_stdout(said), redirect_stderr(said):
            try:
                found = command_lines.PROGRAMS[Path(program).name].main(arguments)
            except SystemExit as end:
                found = end.code
        assert found == code, (line, found, said.getvalue())
        self._compare(step.shown, said.getvalue().splitlines(), line)
        self.done.append(step.command)
        return said.getvalue()

    def here(self, text: str) -> str:
        """The text with everything that is known in its place."""
        for example, real in self.known.items():
            text = text.replace(example, real)
        return text

    def _compare(self, shown: Sequence[str], said: Sequence[str], line: str) -> None:
        """Each line that is shown came, in this order; a line of `…` stands for any number."""
        at = 0
        for wanted in shown:
            if wanted.strip() in ("…", ""):
                continue
            for number in range(at, len(said)):
                if (found := self._matches(wanted, said[number])) is not None:
                    self.known |= found
                    at = number + 1
                    break
            else:
                raise AssertionError((line, "not said:", wanted, list(said)))

    def _matches(self, wanted: str, found: str) -> Mapping[str, str] | None:
        pattern, examples, end = "", [], 0
        for example in _EXAMPLE.finditer(wanted):
            pattern += re.escape(self.here(wanted[end : example.start()]))
            end = example.end()
            if example["known"]:
                examples.append(example["known"])
                pattern += r"(\S+|" + _GROUPED + ")"
            else:
                pattern += ".*" if example["rest"] else r"\d+"
        pattern += re.escape(self.here(wanted[end:]))
        match = re.fullmatch(pattern, found)
        return None if match is None else dict(zip(examples, match.groups(), strict=True))
