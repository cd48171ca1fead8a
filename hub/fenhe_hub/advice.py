"""What is still to be said in `fed`: the difference between the mirror and the words so far. Pure.

Nothing is queued anywhere: what must be written follows from what the mirror holds and what `fed`
says, so a kill between the two loses nothing and the next run says it. feed §10 has the kinds.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fenhe_hub.fed_log import Word
from fenhe_hub.registry import Enrolment
from fenhe_protocol.leaf import split_log_name
from fenhe_protocol.limits import BLOCK
from fenhe_protocol.note import parse_note

OK = "ok"


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the mirror stands with one log; `note` is the cosigned one where the size has one."""

    origin: str
    size: int
    note: bytes
    late: int | None = None  # the lowest index of bodies completed below the announced size

    @property
    def tier(self) -> str:
        """The tier in which `fed` speaks of this log."""
        return tier_of(self.origin)


@dataclass(frozen=True, slots=True)
class Refusal:
    """One SKIP: a leaf's index, the tier (`-` for the leaf) and the code."""

    index: int
    tier: str
    code: str


def tier_of(origin: str) -> str:
    """`hub` for all that concerns a usage log, whose length is told to nobody else."""
    return "hub" if split_log_name(origin.rpartition("/")[2])[0] == "usage" else "pub"


def owed_advice(log: Standing, said: Mapping[str, Any] | None, cosigner: str) -> Word | None:
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
    fields = {"from": min(begins), "size": log.size, "note": log.note.decode()}
    return Word("adv", log.origin, log.tier, fields)


def _signed_by(note: bytes, name: str) -> bool:
    return any(line.name == name for line in parse_note(note).signatures)


def owed_registration(unit: Enrolment, url: str, said: Mapping[str, Any] | None) -> Word | None:
    """The `reg` that is due, if the last one does not say all this already."""
    fields = {
        "state": unit.state,
        "uscc": unit.uscc,
        "url": url,
        "root1": unit.root1,
        "depth": unit.depth,
    }
    if said is not None and all(said.get(name) == value for name, value in fields.items()):
        return None
    return Word("reg", unit.origin, "pub", fields)


def owed_rule(name: str, sha256: str, said: Mapping[str, Any] | None) -> Word | None:
    """The `rule` that is due when another rule set has come into force."""
    if said is not None and said["sha256"] == sha256:
        return None
    return Word("rule", name, "pub", {"sha256": sha256})


def owed_refusals(
    origin: str, present: Mapping[str, Refusal], said: Mapping[str, str], erased: set[str]
) -> Iterator[Word]:
    """The `rej` that are due: new codes, and `ok` for what is no longer refused.

    `present` and `said` (to the code) go by the id of the `rej`; an id in `erased` needs no `ok`,
    for there is nothing left to show.
    """
    tier = tier_of(origin)
    for id_, refusal in present.items():
        if said.get(id_) != refusal.code:
            yield Word("rej", id_, tier, {"code": refusal.code})
    for id_, code in said.items():
        if code != OK and id_ not in present and id_ not in erased:
            yield Word("rej", id_, tier, {"code": OK})


def refusal_id(origin: str, index: int, tier: str) -> str:
    """`<origin>#<index>/<tier>`."""
    return f"{origin}#{index}/{tier}"
