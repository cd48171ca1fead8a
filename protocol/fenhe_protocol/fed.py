"""The words of a hub's own log (feed §10): composed, read back, and followed with one cursor.

`read_word` turns a judged body of `fed` into one of the classes here, `compose_word` writes it and
`tier_of` says for whom.
`FedView` is what a consumer keeps of all words so far; `FedView.hear` says which blocks of body
files to ask for next.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from fenhe_protocol.leaf import merge_ranges, split_log_name
from fenhe_protocol.limits import LARGEST_SIZE
from fenhe_protocol.notice import Notice, read_notice
from fenhe_protocol.record import Record
from fenhe_protocol.strict_json import dumps, loads
from fenhe_protocol.tiles import blocks_between

LIFTED = "ok"
LEAF = "-"
DEEPEST = 2  # a `reg` of depth 3 or more is refused

_PLACE = re.compile(r"([^#]+)#(0|[1-9][0-9]{0,15})(?:/(-|[a-z]+))?")


@dataclass(frozen=True, slots=True)
class Place:
    """A leaf of a log, or one of its bodies: `<origin>#<index>[/<tier>]`; tier `-` is the leaf."""

    origin: str
    index: int
    tier: str | None = None

    @property
    def text(self) -> str:
        """As it stands in an id."""
        return f"{self.origin}#{self.index}" + (f"/{self.tier}" if self.tier else "")

    @classmethod
    def parse(cls, text: str) -> "Place":
        """Read a place; ValueError."""
        match = _PLACE.fullmatch(text)
        if match is None or int(match[2]) > LARGEST_SIZE:
            raise ValueError(f"no place in a log: {text!r}")
        return cls(match[1], int(match[2]), match[3])


@dataclass(frozen=True, slots=True)
class Advance:
    """`adv`: a log has grown from `start` to `size`, or bodies from `start` on are new."""

    kind: ClassVar[str] = "adv"
    origin: str
    start: int
    size: int
    note: bytes

    @property
    def blocks(self) -> range:
        """The blocks whose body files are to be asked for."""
        return blocks_between(self.start, self.size)

    def members(self) -> dict[str, Any]:
        """The id and the fields."""
        return {
            "id": self.origin,
            "from": self.start,
            "size": self.size,
            "note": self.note.decode(),
        }


@dataclass(frozen=True, slots=True)
class Registration:
    """`reg`: which unit stands in the hub's registry, and how."""

    kind: ClassVar[str] = "reg"
    origin: str
    state: str
    uscc: str = ""
    url: str = ""
    root1: str = ""
    depth: int = 0
    ext: Mapping[str, Any] = field(default_factory=dict)  # reason, date and successors of its state

    def is_refused(self, hub_origins: Iterable[str]) -> bool:
        """Whether it nests too deep or names a hub on the way it came: then it is a loop."""
        return self.depth > DEEPEST or self.origin in set(hub_origins)

    def members(self) -> dict[str, Any]:
        """The id and the fields."""
        told = {"uscc": self.uscc, "url": self.url, "root1": self.root1}
        known: dict[str, Any] = {name: value for name, value in told.items() if value}
        if self.ext:
            known["ext"] = dict(self.ext)
        return {"id": self.origin, "state": self.state, "depth": self.depth, **known}


@dataclass(frozen=True, slots=True)
class Refusal:
    """`rej`: the hub skips a body, or with tier `-` a leaf; code `ok` takes that back."""

    kind: ClassVar[str] = "rej"
    place: Place
    code: str

    def members(self) -> dict[str, Any]:
        """The id and the fields."""
        return {"id": self.place.text, "code": self.code}


@dataclass(frozen=True, slots=True)
class FirstReceipt:
    """`rcp`: the date of the earliest receipt of the identity whose successor stands at `place`."""

    kind: ClassVar[str] = "rcp"
    place: Place
    first: str

    def members(self) -> dict[str, Any]:
        """The id and the fields."""
        return {"id": self.place.text, "first": self.first}


@dataclass(frozen=True, slots=True)
class RuleSet:
    """`rule`: the rule set in force, by the hex SHA-256 of its bytes."""

    kind: ClassVar[str] = "rule"
    name: str
    sha256: str

    def members(self) -> dict[str, Any]:
        """The id and the fields."""
        return {"id": self.name, "sha256": self.sha256}


@dataclass(frozen=True, slots=True)
class EraseOrder:
    """`era`: the hub no longer serves these bodies of a leaf; obeyed like an `x`."""

    kind: ClassVar[str] = "era"
    place: Place
    tiers: tuple[str, ...]
    reason: str = ""

    def members(self) -> dict[str, Any]:
        """The id and the fields."""
        why = {"reason": self.reason} if self.reason else {}
        return {"id": self.place.text, "tiers": list(self.tiers), **why}


@dataclass(frozen=True, slots=True)
class Act:
    """`act`: what the hub's office did. The hub keeps the body, others see that there is one.

    `at` is in POSIX seconds, `details` an object of JSON that stands under `ext`.
    """

    kind: ClassVar[str] = "act"
    number: str
    at: int
    by: str
    name: str
    subject: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)

    def members(self) -> dict[str, Any]:
        """The id and the fields."""
        about = {"subject": self.subject} if self.subject else {}
        more = {"ext": dict(self.details)} if self.details else {}
        return {
            "id": self.number,
            "at": self.at,
            "by": self.by,
            "name": self.name,
            **about,
            **more,
        }


Word = Advance | Registration | Refusal | FirstReceipt | RuleSet | Notice | EraseOrder | Act


def compose_word(word: Word, *, unit: str) -> bytes:
    """The body that says it, with the hub's own unit code in the envelope."""
    return dumps({"unit": unit, "kind": word.kind, **word.members()})


def tier_of(word: Word) -> str:
    """The tier in which a hub says it: `hub` for all that concerns a usage log, of which even the
    length is told to nobody else; `to` for what is said to one unit.
    """
    match word:
        case Advance(origin=origin):
            pass
        case Refusal(place=place) | FirstReceipt(place=place) | EraseOrder(place=place):
            origin = place.origin
        case Notice():
            return word.tier
        case _:
            return "to" if isinstance(word, Act) else "pub"
    return "hub" if split_log_name(origin.rpartition("/")[2])[0] == "usage" else "pub"


def read_word(record: Record) -> Word | None:
    """What a valid body of `fed` says; None for a deletion, an unknown kind or a bad place."""
    fields, (_, kind, id_) = record.fields, record.identity
    try:
        return None if record.deleted else _read(kind, id_, fields)
    except (KeyError, ValueError):
        return None


def recall_word(body: bytes) -> Word:
    """A word as `compose_word` wrote it, from a file of our own; ValueError or KeyError."""
    fields = loads(body)
    if (word := _read(fields["kind"], fields["id"], fields)) is None:
        raise ValueError(f"no word: {fields['kind']!r}")
    return word


def _read(kind: str, id_: str, fields: Mapping[str, Any]) -> Word | None:
    reader = _READERS.get(kind)
    return None if reader is None else reader(id_, fields)


_OF_REG = ("state", "uscc", "url", "root1", "depth", "ext")
_READERS: Mapping[str, Callable[[str, Mapping[str, Any]], Word]] = {
    "adv": lambda id_, said: Advance(id_, said["from"], said["size"], said["note"].encode()),
    "reg": lambda id_, said: Registration(
        id_, **{name: said[name] for name in _OF_REG if name in said}
    ),
    "rej": lambda id_, said: Refusal(Place.parse(id_), said["code"]),
    "rcp": lambda id_, said: FirstReceipt(Place.parse(id_), said["first"]),
    "rule": lambda id_, said: RuleSet(id_, said["sha256"]),
    "ntc": read_notice,
    "era": lambda id_, said: EraseOrder(
        Place.parse(id_), tuple(said["tiers"]), said.get("reason", "")
    ),
    "act": lambda id_, said: Act(
        id_, said["at"], said["by"], said["name"], said.get("subject", ""), said.get("ext", {})
    ),
}


@dataclass(slots=True)
class FedView:
    """What a consumer knows of all logs after hearing `fed` up to its cursor."""

    sizes: dict[str, int] = field(default_factory=dict)
    notes: dict[str, bytes] = field(default_factory=dict)
    registered: dict[str, Registration] = field(default_factory=dict)
    rejected: dict[Place, str] = field(default_factory=dict)
    erased: dict[Place, tuple[str, ...]] = field(default_factory=dict)

    def hear(self, words: Iterable[Word]) -> dict[str, tuple[range, ...]]:
        """Take in the words of the leaves since the cursor, in order.

        Returns which blocks of which log to ask for, as ranges: their length is the hub's claim.
        """
        asked: dict[str, list[tuple[int, int]]] = {}
        for word in words:
            self._note(word)
            if isinstance(word, Advance) and word.blocks:
                blocks = word.blocks
                asked.setdefault(word.origin, []).append((blocks.start, blocks.stop))
        return {
            origin: tuple(range(start, stop) for start, stop in merge_ranges(pieces))
            for origin, pieces in asked.items()
        }

    def words(self) -> Iterator[Word]:
        """The fewest words that tell another view all this."""
        for origin, size in self.sizes.items():
            yield Advance(origin, size, size, self.notes[origin])
        yield from self.registered.values()
        for place, code in self.rejected.items():
            yield Refusal(place, code)
        for place, tiers in self.erased.items():
            yield EraseOrder(place, tiers)

    def _note(self, word: Word) -> None:
        match word:
            case Advance():
                if word.size >= self.sizes.get(word.origin, 0):
                    self.sizes[word.origin], self.notes[word.origin] = word.size, word.note
            case Registration():
                self.registered[word.origin] = word
            case Refusal(code=code) if code == LIFTED:
                self.rejected.pop(word.place, None)
            case Refusal():
                self.rejected[word.place] = word.code
            case EraseOrder():
                before = self.erased.get(word.place, ())
                self.erased[word.place] = tuple(sorted({*before, *word.tiers}))
