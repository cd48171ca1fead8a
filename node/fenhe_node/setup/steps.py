"""The first hour as a list of steps: what is done, what is next, what is missing. Pure.

Nothing remembers how far somebody has got: the facts are what is already there (the home, trust,
imports, receipts), and the steps are read from them. So every step can be left and taken up again,
in the terminal, in the browser or by the single commands. Start at `steps`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from fenhe_node.setup.facts import Facts
from fenhe_node.setup.words import WORDS
from fenhe_protocol.error_texts.text import Text


class State(StrEnum):
    """How a step stands."""

    DONE = "done"
    NEXT = "next"  # to be done now
    LATER = "later"  # something before it is missing
    OPEN = "open"  # may be done or left


@dataclass(frozen=True, slots=True)
class Step:
    """One step; `said` is what is there, `missing` what is not and what to do about it."""

    name: str
    title: Text
    state: State
    said: tuple[Text, ...]
    missing: tuple[Text, ...]


OPTIONAL = frozenset({"schedule", "sheet"})
_IS_DONE: Mapping[str, Callable[[Facts], bool]] = {
    "unit": lambda facts: bool(facts.unit_name),
    "keys": lambda facts: bool(facts.unit_name),  # they are made together
    "hub": lambda facts: bool(facts.hub),
    "way": lambda facts: bool(facts.unit_name),
    "lists": lambda facts: bool(facts.records),
    "publish": lambda facts: bool(facts.published) and not facts.pending,
    "receipt": lambda facts: facts.has_receipts,
    "schedule": lambda facts: bool(facts.publish_at),
    "sheet": lambda facts: bool(facts.sheet),
}


def steps(facts: Facts) -> tuple[Step, ...]:
    """All steps in their order; at most one is `NEXT`."""
    found: list[Step] = []
    held_up = False
    for name, is_done in _IS_DONE.items():
        state = State.DONE if is_done(facts) else _undone(name, held_up=held_up)
        held_up = held_up or state is State.NEXT
        words = WORDS[name]
        said = tuple(words.said(facts)) if facts.unit_name else ()
        found.append(Step(name, words.title, state, said, tuple(words.missing(facts))))
    return tuple(found)


def next_step(facts: Facts) -> Step | None:
    """What has to be done now; None where all that has to be done is."""
    return next((step for step in steps(facts) if step.state is State.NEXT), None)


def _undone(name: str, *, held_up: bool) -> State:
    if held_up:
        return State.LATER
    return State.OPEN if name in OPTIONAL else State.NEXT
