"""Ask a person in the terminal, with plain `input()`; or nobody, where all answers were given."""

import sys

from fenhe_node.operations.options import complain
from fenhe_protocol.terminal import inert


class Left(Exception):
    """No answer: the person has gone, or `--no-questions` was said. What is there stays."""


class Asker:
    """Asks, unless it was told not to; what it says is no part of a command's answer."""

    def __init__(self, *, asks: bool) -> None:
        self.asks = asks

    def say(self, text: str) -> None:
        """Say something; strangers' text does no harm to the terminal."""
        complain(inert(text))

    def ask(self, question: str, default: str = "") -> str:
        """One line, without blanks around it; an empty one is the default. Raises `Left`."""
        if not self.asks:
            raise Left
        shown = f" [{default}]" if default else ""
        print(f"{question}{shown}: ", end="", file=sys.stderr, flush=True)
        try:
            return input().strip() or default
        except (EOFError, KeyboardInterrupt) as error:
            complain("")
            raise Left from error

    def agrees(self, question: str) -> bool:
        """Whether the answer is yes; an empty one is no."""
        return self.ask(f"{question} (y/n)").lower() in ("y", "yes", "是", "好", "ｙ")
