"""What `robots.txt` asks of a program (RFC 9309). Pure; start at `Robots.read`.

Python's own reader knows neither `*` nor `$` in a path and takes the first rule, not the longest.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

MOST_BYTES = 65_536
_MOST_RULES = 1_000
_LONGEST = 500  # characters of one rule
_ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}")


@dataclass(frozen=True, slots=True)
class Robots:
    """The rules that hold for one program: (path, whether it is allowed)."""

    rules: tuple[tuple[str, bool], ...] = ()

    @classmethod
    def read(cls, raw: bytes, name: str) -> Robots:
        """Read the groups that name this program, or those for everyone where none does."""
        named: list[tuple[str, bool]] = []
        everyone: list[tuple[str, bool]] = []
        found = False
        for agents, rule in _rules(raw[:MOST_BYTES].decode("utf-8-sig", "replace")):
            if name.lower() in agents:
                found = True
                named += [rule] if rule else []
            elif "*" in agents and rule:
                everyone.append(rule)
        return cls(tuple((named if found else everyone)[:_MOST_RULES]))

    def allow(self, path: str) -> bool:
        """Whether it may come to a path, query included; the longest rule counts, then `allow`."""
        fitting = [(len(rule), allowed) for rule, allowed in self.rules if _fits(rule, path)]
        return max(fitting, default=(0, True))[1]


def _rules(text: str) -> Iterator[tuple[frozenset[str], tuple[str, bool] | None]]:
    """Each rule with the programs it is for; None for a group that begins."""
    agents: frozenset[str] = frozenset()
    between = False  # whether rules stood since the last program was named
    for key, value in _lines(text.splitlines()):
        if key == "user-agent":
            agents = (frozenset() if between else agents) | {value.lower()}
            between = False
            yield agents, None
        elif key in ("allow", "disallow"):
            between = True
            if value:
                yield agents, (_as_in_path(value[:_LONGEST]), key == "allow")


def _as_in_path(rule: str) -> str:
    """A rule spelt as paths are: whatever is not ASCII escaped, escapes in capitals."""
    ascii_ = "".join(c if c.isascii() else "".join(f"%{b:02X}" for b in c.encode()) for c in rule)
    return _ESCAPE.sub(lambda found: found[0].upper(), ascii_)


def _lines(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    for line in lines:
        key, colon, value = line.partition("#")[0].partition(":")
        if colon:
            yield key.strip().lower(), value.strip()


def _fits(rule: str, path: str) -> bool:
    """`*` stands for anything, `$` at the end for the end; without trying anything twice."""
    ends = rule.endswith("$")
    first, *others = rule.removesuffix("$").split("*")
    if not path.startswith(first):
        return False
    if not others:
        return not ends or path == first
    at = len(first)
    *middle, last = others
    for part in middle:
        if (at := path.find(part, at)) < 0:
            return False
        at += len(part)
    return path.endswith(last) and len(path) - len(last) >= at if ends else path.find(last, at) >= 0
