"""A row of the table of hostile units: what is spoilt, and how a hub is to meet it.

Warm: the unit has published 4 leaves and the hub holds them; it grows to 6, and `spoil` makes
something of that. Cold: the hub sees it for the first time when it is spoilt already. Outcome,
code, the size that is verified then and the number of bodies missing and refused are what feed
§§1-6 and "Outcomes" ask for.
"""

from dataclasses import dataclass, replace

from tests.hostile.spoiling import AFTER, BEFORE, Spoil


@dataclass(frozen=True)
class Met:
    """What comes of a visit. `size` is verified then, `again` once the unit is honest again."""

    outcome: str
    code: str = ""
    size: int = BEFORE
    missing: int = 0
    refused: int = 0
    again: str = "grown"
    kept_from_receipt: bool = False  # until the unit erases something


@dataclass(frozen=True)
class Case:
    """One way to be wrong, and how it is met by a hub that knows the unit and by one that does not.

    `cold` is None where only the size differs: nothing of a refused first visit is held.
    """

    name: str
    spoil: Spoil
    warm: Met
    cold: Met | None = None

    def met(self, *, cold: bool) -> Met:
        """What is to come of it."""
        if cold and self.cold is not None:
            return self.cold
        return self.warm if self.grows or not cold else replace(self.warm, size=0)

    @property
    def limits(self) -> bool:
        """Whether anything but the text of records is wrong: transport, sizes, heads, history."""
        return not self.grows or bool(self.warm.missing or self.warm.code)

    @property
    def grows(self) -> bool:
        """Whether the head is admitted, whatever is wrong with bodies."""
        return self.warm.outcome == "grown"


def refuse(name: str, spoil: Spoil, code: str, **other: object) -> Case:
    return Case(name, spoil, Met("refuse", code, **other))  # type: ignore[arg-type]


def defer(name: str, spoil: Spoil, code: str) -> Case:
    return Case(name, spoil, Met("defer", code))


def grow(
    name: str, spoil: Spoil, more: int = 0, *, missing: int = 0, refused: int = 0, code: str = ""
) -> Case:
    return Case(name, spoil, Met("grown", code, AFTER + more, missing, refused))


def lack(name: str, spoil: Spoil, code: str = "") -> Case:
    """No public body comes: not the two new ones, nor any of the five where none was held."""
    warm = Met("grown", code, AFTER, missing=AFTER - BEFORE)
    return Case(name, spoil, warm, replace(warm, missing=AFTER - 1))
