"""The proof of a finding in one file, taken apart and put together (feed §15). Nothing is judged.

One strict JSON object in one spelling and a newline: what the hub claims, the root documents of
hub and unit, the rule set, some leaves of `fed` under its head, and whole logs of the unit, each
leaf with its public body or the reason why that is not shown. `finding_proof` judges it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fenhe_protocol.encoding import b64_decode, b64_encode
from fenhe_protocol.errors import InputError
from fenhe_protocol.limits import DEFAULTS
from fenhe_protocol.merkle import HASH_BYTES
from fenhe_protocol.strict_json import NotStrictJson, dumps, loads

FORM = "fenhe/finding/v1"
MOST_BYTES = 128 * 1024 * 1024
MOST_LEAVES = 1_000_000
REASONS = ("erased", "missing", "refused")
"""Why a public body is not shown: an erasure covers it, it never came, or the hub refused it."""

CLAIMED = (
    *("unit", "rule", "kind", "id", "state", "due", "since", "made_at", "todo_zh", "todo_en"),
    *("counted_from", "counted_days", "counted_kind"),
)
"""What the hub claims, all as texts, empty where there is nothing. The due date is `counted_days`
days of `counted_kind` (`working`, `calendar`) from the day after `counted_from`."""


@dataclass(frozen=True, slots=True)
class Body:
    """A body with its salt of 16 bytes."""

    salt: bytes
    raw: bytes


@dataclass(frozen=True, slots=True)
class ShownLeaf:
    """A leaf of `fed` with the bodies that are disclosed, by tier."""

    index: int
    leaf: bytes
    bodies: Mapping[str, Body]


@dataclass(frozen=True, slots=True)
class FedPart:
    """Some leaves of one epoch of `fed` under its signed head; `beside` stand for all others."""

    note: bytes
    leaves: tuple[ShownLeaf, ...]
    beside: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class WholeLog:
    """All leaves of a log of the unit, from 0 on, and the heads that bound it, smallest first.

    `bodies` has one entry for each leaf: its public body, or None. `closed` says of each leaf that
    commits to one which is not shown why that is so, as a word of `REASONS`.
    """

    notes: tuple[bytes, ...]
    leaves: tuple[bytes, ...]
    bodies: tuple[Body | None, ...]
    closed: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class FindingFile:
    """The file. `claim` has the members of `CLAIMED`; `grounds` are (origin, index, day)."""

    claim: Mapping[str, str]
    grounds: tuple[tuple[str, int | None, str], ...]
    rules: str
    hub: tuple[bytes, ...]
    unit: tuple[bytes, ...]
    fed: tuple[FedPart, ...]
    logs: tuple[WholeLog, ...] = field(default=())

    def encode(self) -> bytes:
        """The file; ValueError where its notes are not UTF-8."""
        members = {
            "claim": dict(self.claim),
            "fed": [_fed_members(part) for part in self.fed],
            "form": FORM,
            "grounds": [[origin, -1 if i is None else i, day] for origin, i, day in self.grounds],
            "hub": _texts(self.hub),
            "logs": [_log_members(log) for log in self.logs],
            "rules": self.rules,
            "unit": _texts(self.unit),
        }
        return dumps(members) + b"\n"

    @staticmethod
    def decode(raw: bytes) -> "FindingFile":
        """Read a file that `encode` could have written; InputError `finding.form`."""
        if len(raw) > MOST_BYTES:
            raise InputError("finding.form", expected=f"<= {MOST_BYTES}", found=str(len(raw)))
        try:
            members = loads(raw)
        except NotStrictJson as error:
            raise InputError("finding.form", where="-", found=str(error)) from error
        found = _Reader("", members).file()
        if found.encode() != raw:
            raise InputError("finding.form", where="-", expected="the one spelling of it")
        return found


def is_finding_file(raw: bytes) -> bool:
    """Whether it says of itself that it is one; its form is another question."""
    return f'"form":"{FORM}"'.encode() in raw


def _texts(notes: Sequence[bytes]) -> list[str]:
    return [note.decode("utf-8") for note in notes]


def _body(body: Body) -> list[str]:
    return [b64_encode(body.salt), b64_encode(body.raw)]


def _fed_members(part: FedPart) -> dict[str, Any]:
    return {
        "beside": [b64_encode(each) for each in part.beside],
        "leaves": [
            [each.index, b64_encode(each.leaf), {t: _body(b) for t, b in each.bodies.items()}]
            for each in part.leaves
        ],
        "note": part.note.decode("utf-8"),
    }


def _log_members(log: WholeLog) -> dict[str, Any]:
    return {
        "bodies": [_body(each) if each else [] for each in log.bodies],
        "closed": [[index, why] for index, why in sorted(log.closed.items())],
        "leaves": [b64_encode(each) for each in log.leaves],
        "notes": _texts(log.notes),
    }


@dataclass(frozen=True, slots=True)
class _Reader:
    """One value of the file and its place; every step down names the place anew."""

    place: str
    value: Any

    def wrong(self, expected: str) -> InputError:
        """What stands here is something else; what it is, is not quoted."""
        found = type(self.value).__name__
        return InputError("finding.form", where=self.place or "-", expected=expected, found=found)

    def members(self, *names: str) -> "list[_Reader]":
        """The values of an object with exactly these names."""
        if not isinstance(self.value, dict) or self.value.keys() != set(names):
            raise self.wrong(", ".join(names))
        return [_Reader(f"{self.place}.{name}".lstrip("."), self.value[name]) for name in names]

    def items(self, most: int = MOST_LEAVES) -> "list[_Reader]":
        """The values of a list."""
        if not isinstance(self.value, list) or len(self.value) > most:
            raise self.wrong(f"a list of at most {most}")
        return [_Reader(f"{self.place}[{n}]", each) for n, each in enumerate(self.value)]

    def fields(self, number: int) -> "list[_Reader]":
        """The values of a list of that length."""
        if not isinstance(self.value, list) or len(self.value) != number:
            raise self.wrong(f"a list of {number}")
        return self.items()

    def text(self) -> str:
        """A text."""
        if not isinstance(self.value, str):
            raise self.wrong("a text")
        return self.value

    def number(self, least: int = 0) -> int:
        """A whole number."""
        if isinstance(self.value, bool) or not isinstance(self.value, int) or self.value < least:
            raise self.wrong(f"a number from {least} on")
        return self.value

    def data(self, size: int | None = None, most: int = DEFAULTS.line_bytes) -> bytes:
        """Bytes in base64."""
        try:
            found = b64_decode(self.text(), size=size)
        except ValueError as error:
            raise self.wrong("base64" + (f" of {size} bytes" if size else "")) from error
        if len(found) > most:
            raise self.wrong(f"at most {most} bytes")
        return found

    def note(self) -> bytes:
        """A signed note; its signatures are another question."""
        raw = self.text().encode("utf-8")
        if len(raw) > DEFAULTS.note_bytes:
            raise self.wrong(f"at most {DEFAULTS.note_bytes} bytes")
        return raw

    def notes(self) -> tuple[bytes, ...]:
        """Signed notes."""
        return tuple(each.note() for each in self.items(DEFAULTS.root_documents))

    def claim(self) -> dict[str, str]:
        """The members of `CLAIMED`, each a text."""
        values = self.members(*CLAIMED)
        return {name: each.text() for name, each in zip(CLAIMED, values, strict=True)}

    def ground(self) -> tuple[str, int | None, str]:
        """Where the hub says that the finding stands."""
        origin, index, day = self.fields(3)
        number = index.number(-1)
        return origin.text(), None if number < 0 else number, day.text()

    def body(self) -> Body:
        """Salt and bytes."""
        salt, raw = self.fields(2)
        return Body(salt.data(16), raw.data())

    def bodies(self) -> dict[str, Body]:
        """Bodies by tier."""
        if not isinstance(self.value, dict):
            raise self.wrong("bodies by tier")
        places = {tier: _Reader(f"{self.place}.{tier}", each) for tier, each in self.value.items()}
        return {tier: each.body() for tier, each in places.items()}

    def shown(self) -> ShownLeaf:
        """A leaf of `fed`."""
        index, leaf, bodies = self.fields(3)
        return ShownLeaf(index.number(), leaf.data(most=DEFAULTS.leaf_bytes), bodies.bodies())

    def fed(self) -> FedPart:
        """Some leaves under a head."""
        beside, leaves, note = self.members("beside", "leaves", "note")
        return FedPart(
            note.note(),
            tuple(each.shown() for each in leaves.items()),
            tuple(each.data(HASH_BYTES) for each in beside.items()),
        )

    def log(self) -> WholeLog:
        """All leaves under some heads."""
        bodies, closed, leaves, notes = self.members("bodies", "closed", "leaves", "notes")
        found = leaves.items()
        return WholeLog(
            notes.notes(),
            tuple(each.data(most=DEFAULTS.leaf_bytes) for each in found),
            tuple(each.body() if each.value != [] else None for each in bodies.fields(len(found))),
            dict(each.reason() for each in closed.items()),
        )

    def reason(self) -> tuple[int, str]:
        """Why a body is not shown."""
        index, why = self.fields(2)
        if why.value not in REASONS:
            raise why.wrong(", ".join(REASONS))
        return index.number(), why.text()

    def file(self) -> FindingFile:
        """The whole file."""
        names = ("claim", "fed", "form", "grounds", "hub", "logs", "rules", "unit")
        claim, fed, form, grounds, hub, logs, rules, unit = self.members(*names)
        if form.value != FORM:
            raise form.wrong(FORM)
        return FindingFile(
            claim.claim(),
            tuple(each.ground() for each in grounds.items()),
            rules.text(),
            hub.notes(),
            unit.notes(),
            tuple(each.fed() for each in fed.items()),
            tuple(each.log() for each in logs.items()),
        )
