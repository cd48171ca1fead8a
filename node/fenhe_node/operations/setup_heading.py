"""The heading of a step of `setup` in the terminal, numbered as the summary numbers it."""

from pathlib import Path

from fenhe_node.operations.options import now
from fenhe_node.operations.questions import Asker
from fenhe_node.setup.looking import look
from fenhe_node.setup.steps import steps


def say_heading(asker: Asker, name: str, home: Path) -> None:
    """Say which step begins, and how many there are."""
    listed = steps(look(home, now()))
    number = next(n for n, step in enumerate(listed, start=1) if step.name == name)
    title = listed[number - 1].title
    asker.say(f"\n[{number}/{len(listed)}] {title.zh} {title.en}")
