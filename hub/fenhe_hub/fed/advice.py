"""What is still to be said in `fed`: the difference between the mirror and the words so far. Pure.

Nothing is queued anywhere: what must be written follows from what the mirror holds and what `fed`
says, so a kill between the two loses nothing and the next run says it. feed §10 has the kinds.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fenhe_protocol.fed import LIFTED, Advance, Place, Refusal, Registration, RuleSet
from fenhe_protocol.limits import BLOCK
from fenhe_protocol.note import parse_note


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the mirror stands with one log; `note` is the cosigned one where the size has one."""

    origin: str
    size: int
    note: bytes
    late: int | None = None  # the lowest index of bodies completed below the announced size


def owed_advice(log: Standing, said: Mapping[str, Any] | None, cosigner: str) -> Advance | None:
    """The `adv` that is due: growth, the cosignature of a size announced without, or late bodies.

    `said` is the last `adv` of this log. One word does for all that happened since: its `from` is
    the lowest that any of them asks for, and a consumer reads a block too much at worst.
    """
    if not log.size or (said and log.size < said["size"]):
        return None
    begins = [] if log.late is None else [log.late - log.late % BLOCK]
    if said is None:
        begins.append(0)
    elif log.size > said["size"]:
        begins.append(said["size"])
    elif _signed_by(log.note, cosigner) and not _signed_by(said["note"].encode(), cosigner):
        begins.append(said["from"])
    if not begins:
        return None
    return Advance(log.origin, min(begins), log.size, log.note)


def _signed_by(note: bytes, name: str) -> bool:
    return any(line.name == name for line in parse_note(note).signatures)


def owed_registration(word: Registration, said: Mapping[str, Any] | None) -> Registration | None:
    """This `reg`, if the last one does not say all of it already."""
    told = word.members()
    if said and told.items() <= said.items() and told.get("ext") == said.get("ext"):
        return None
    return word


def owed_rule(name: str, sha256: str, said: Mapping[str, Any] | None) -> RuleSet | None:
    """The `rule` that is due when another rule set has come into force."""
    if said is not None and said["sha256"] == sha256:
        return None
    return RuleSet(name, sha256)


def owed_refusals(
    present: Iterable[Refusal], said: Mapping[Place, str], erased: set[Place]
) -> Iterator[Refusal]:
    """The `rej` that are due: new codes, and `ok` for what is no longer refused.

    `said` is the last code of each place; one in `erased` needs no `ok`, for there is nothing left
    to show.
    """
    found = {refusal.place: refusal for refusal in present}
    for place, refusal in found.items():
        if said.get(place) != refusal.code:
            yield refusal
    for place, code in said.items():
        if code != LIFTED and place not in found and place not in erased:
            yield Refusal(place, LIFTED)
