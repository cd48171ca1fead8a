"""Findings' files of made-up histories: a unit's log, the hub's log, and what the hub claims."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from fenhe_protocol.checkpoint import Checkpoint, KeyRange, cosign, sign_checkpoint
from fenhe_protocol.entry import Entry, plain_entry, record_entries
from fenhe_protocol.evidence import pared
from fenhe_protocol.excerpt import hashes_beside
from fenhe_protocol.fed import Registration, RuleSet, Word, compose_word, tier_of
from fenhe_protocol.finding_file import CLAIMED, Body, FedPart, FindingFile, ShownLeaf, WholeLog
from fenhe_protocol.keys import COSIGNATURE, ED25519, SigningKey, VerifierKey
from fenhe_protocol.leaf import EraseLeaf, HeartbeatLeaf
from fenhe_protocol.merkle import HashReader, leaf_hash, perfect_root, root_at
from fenhe_protocol.root_document import LogKeys, compose_root, fingerprint, sign_root
from fenhe_protocol.strict_json import dumps

UNIT, USCC, HUB, HUB_USCC = (
    "u1.example/f",
    "12140000000000019W",
    "h.example/f",
    "121400000000000026",
)
LOG, FED, MIRROR = f"{UNIT}/catalogue", f"{HUB}/fed", f"{HUB}/m"
KEY, ROOT_KEY, FED_KEY, HUB_ROOT_KEY, MIRROR_KEY = (
    SigningKey.from_seed(bytes([40 + n]) * 32) for n in range(5)
)
NOW = 1_795_392_065
RULES = """\
name: shown
rules:
  - {rule: D1, name_zh: 三十天, from: 2015-11-03, until: 2026-01-01, parameters: {days: 20}}
  - {rule: D1, name_zh: 及时报送, sentence: 三十个工作日, from: 2026-01-01, parameters: {days: 30}}
  - {rule: D1, name_zh: 将来的, from: 2027-01-01, parameters: {days: 10}}
  - {rule: D2, name_zh: 公开完整, parameters: {days: 30, day_kind: calendar}}
"""
CLAIM = dict.fromkeys(CLAIMED, "") | {
    "unit": USCC,
    "rule": "D1",
    "kind": "instrument",
    "id": "A-9",
    "state": "overdue",
    "made_at": "2026-12-31T08:00:00+08:00",
}


def _root(origin: str, uscc: str, key: SigningKey, log: str, log_key: SigningKey) -> bytes:
    text = compose_root(
        origin=origin,
        unit=uscc,
        url=f"https://{origin}",
        time=NOW,
        root=[key.public],
        logs=[LogKeys(log, (KeyRange(log_key.public),))],
        cosign=MIRROR_KEY.public if origin == HUB else None,
    )
    return sign_root(text, origin, [key])


UNIT_ROOT = _root(UNIT, USCC, ROOT_KEY, "catalogue", KEY)
HUB_ROOT = _root(HUB, HUB_USCC, HUB_ROOT_KEY, "fed", FED_KEY)
HUB_MARK = fingerprint(HUB_ROOT[: HUB_ROOT.index(b"\n\n") + 1])


def reader(leaves: Sequence[bytes]) -> HashReader:
    hashes = [leaf_hash(leaf) for leaf in leaves]
    return lambda level, index: perfect_root(hashes[index << level : (index + 1) << level])


def head(origin: str, leaves: Sequence[bytes], size: int, key: SigningKey) -> bytes:
    return sign_checkpoint(Checkpoint(origin, size, root_at(size, reader(leaves))), key)


@dataclass
class Story:
    """What happened; `heads` are (size, time) of cosigned heads of the unit's catalogue."""

    entries: list[Entry] = field(default_factory=list)
    bodies: list[Body | None] = field(default_factory=list)
    heads: list[tuple[int, int]] = field(default_factory=list)
    erased: set[int] = field(default_factory=set)
    lost: set[int] = field(default_factory=set)  # bodies that the hub does not have
    beats: list[int] = field(default_factory=lambda: [NOW, NOW + 3600])
    claim: dict[str, str] = field(default_factory=lambda: dict(CLAIM))
    _salts: random.Random = field(default_factory=lambda: random.Random(7))

    @property
    def size(self) -> int:
        return len(self.entries)

    def publish(self, id_: str, tiers: Sequence[str] = ("pub",), **fields: str) -> None:
        """A record with a body in each tier."""
        raw = dumps({"unit": USCC, "kind": "instrument", "id": id_, **fields})
        salts = [self._salts.randbytes(16) for _ in tiers]
        (entry,) = record_entries(LOG, [dict.fromkeys(tiers, raw)], salts)
        self.entries.append(entry)
        shown = dict(zip(sorted(tiers), salts, strict=True)).get("pub")
        self.bodies.append(Body(shown, raw) if shown is not None else None)

    def erase(self, index: int) -> None:
        """An `x` over the public body of one leaf."""
        self.entries.append(plain_entry(EraseLeaf(((index, index + 1),), ("pub",), "error")))
        self.bodies.append(None)
        if self.bodies[index] is not None:
            self.erased.add(index)

    def cosign(self, at: int) -> None:
        """The mirror holds all so far."""
        if self.size > (self.heads[-1][0] if self.heads else 0):
            self.heads.append((self.size, at))

    def file(self) -> FindingFile:
        """The file that the hub makes of it."""
        gone = (self.erased | self.lost) - {i for i, b in enumerate(self.bodies) if b is None}
        closed = {i: "erased" if i in self.erased else "missing" for i in gone}
        leaves = tuple(entry.leaf for entry in self.entries)
        known = (
            VerifierKey(LOG, ED25519, KEY.public),
            VerifierKey(MIRROR, COSIGNATURE, MIRROR_KEY.public),
        )
        notes = [
            pared(cosign(head(LOG, leaves, n, KEY), name=MIRROR, key=MIRROR_KEY, now=at), known)
            for n, at in self.heads
        ]
        log = WholeLog(
            tuple(notes),
            leaves,
            tuple(None if i in closed else body for i, body in enumerate(self.bodies)),
            closed,
        )
        return FindingFile(self.claim, (), RULES, (HUB_ROOT,), (UNIT_ROOT,), (self._fed(),), (log,))

    def _fed(self) -> FedPart:
        words: list[Word] = [
            Registration(UNIT, "enrolled", USCC, f"https://{UNIT}", fingerprint_of(UNIT_ROOT)),
            RuleSet("shown", sha256(RULES.encode()).hexdigest()),
            RuleSet("other", "0" * 64),  # what the file does not show
        ]
        entries = [plain_entry(HeartbeatLeaf(at)) for at in self.beats]
        shown = [ShownLeaf(i, entry.leaf, {}) for i, entry in enumerate(entries)]
        for word in words:
            raw, salt = compose_word(word, unit=HUB_USCC), self._salts.randbytes(16)
            (entry,) = record_entries(FED, [{tier_of(word): raw}], [salt])
            shown.append(ShownLeaf(len(entries), entry.leaf, {tier_of(word): Body(salt, raw)}))
            entries.append(entry)
        leaves = [entry.leaf for entry in entries]
        shown = shown[:-1]
        beside = hashes_beside(len(leaves), [each.index for each in shown], reader(leaves))
        return FedPart(head(FED, leaves, len(leaves), FED_KEY), tuple(shown), tuple(beside))


def fingerprint_of(note: bytes) -> str:
    return fingerprint(note[: note.index(b"\n\n") + 1])
