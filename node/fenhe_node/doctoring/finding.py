"""One line of an examination: on which subject, how bad, what is the matter, what to do. Pure."""

from dataclasses import dataclass
from enum import IntEnum


class State(IntEnum):
    """How bad it is; the worst of all findings is the whole's."""

    GOOD = 0
    UNKNOWN = 1  # could not be looked at, or nothing is set up that could be
    LOOK = 2  # it works, and somebody should look at it
    BAD = 3  # it does not work, or will not for long


MARKS = {State.GOOD: "✔", State.UNKNOWN: "·", State.LOOK: "!", State.BAD: "✘"}


@dataclass(frozen=True, slots=True)
class Finding:
    """`text` and `advice` are Chinese first, English second; no advice where all is well."""

    subject: str
    state: State
    text: str
    advice: str = ""

    @property
    def line(self) -> str:
        """The finding as a person reads it."""
        todo = f"\n    怎么办 what to do: {self.advice}" if self.advice else ""
        return f"{MARKS[self.state]} {self.subject}: {self.text}{todo}"


def worst(findings: list[Finding]) -> State:
    """The state of the whole."""
    return max((each.state for each in findings), default=State.GOOD)
