"""Lines of a body file that the mirror does not hold, and why (ADR 0003)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A line that is not stored: why its body is refused, with nothing of the body in it."""

    code: str
    expected: str
    found: str
