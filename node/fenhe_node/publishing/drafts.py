"""What a changed record becomes on the wire: one body a tier, judged as every reader will judge it.

Pure. A record that a reader would skip is not signed in the first place; the others go on.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from fenhe_node.publishing.changes import Change
from fenhe_node.publishing.sealing import emptied, sealed_part
from fenhe_protocol import strict_json
from fenhe_protocol.limits import DEFAULTS
from fenhe_protocol.privacy import WHAT, find_personal
from fenhe_protocol.privacy_names import KnownNames
from fenhe_protocol.record import SEALED_TIER, BodyJudge, Skip
from fenhe_protocol.schema import SchemaSet

Judges = Mapping[tuple[str, str], BodyJudge]
"""By log and tier."""

LOGS = ("catalogue", "usage")
TIERS = ("pub", "hub")  # what others than the gateway can read
LINE_OVERHEAD = 64  # index, salt, spaces and newline of a body line, rounded up
_LARGEST_BODY = DEFAULTS.line_bytes - LINE_OVERHEAD
_JUDGED_AT_ONCE = 256
MOST_SEALED = DEFAULTS.line_bytes * 3 // 4 - 1024  # of plaintext: base64, padding and key beside it


@dataclass(slots=True)  # not frozen: freezing triples the time it takes to make one
class Draft:
    """A change with the log it goes to, the bytes of its bodies by tier, and what is to be sealed.

    What is sealed has no bytes yet: they are others each time.
    """

    change: Change
    log: str
    bodies: Mapping[str, bytes]
    enclosed: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a record is not published; `found` is empty where it must not be quoted."""

    kind: str
    id: str
    tier: str
    code: str
    expected: str = ""
    found: str = ""

    def line(self) -> str:
        """One line for people."""
        parts = (f"{self.kind} {self.id}", self.tier, self.code, self.expected, self.found)
        return "  ".join(part for part in parts if part)


def draft_all(
    changes: Iterable[Change],
    *,
    schemas: SchemaSet,
    unit: str,
    persons: Iterable[str] = (),
) -> tuple[list[Draft], list[Refusal]]:
    """Sort changes into those that can be signed and those that a reader would refuse.

    `persons` are the names that the unit's own lists give: a reader could not know them.
    """
    names = KnownNames(persons)
    drafts: list[Draft] = []
    refusals: list[Refusal] = []
    judges = {
        (log, tier): BodyJudge(schemas.current, tier=tier, log=log, unit=unit)
        for log in LOGS
        for tier in (*TIERS, SEALED_TIER)
    }
    left = iter(changes)
    while block := list(islice(left, _JUDGED_AT_ONCE)):
        sound = _sound_drafts(block, schemas, judges)
        for draft in sound or [_draft(change, schemas) for change in block]:
            refusal = _refusal(draft, judges, sound=bool(sound)) or _naming(draft, names)
            if refusal:
                refusals.append(refusal)
            else:
                drafts.append(draft)
    return drafts, refusals


def _draft(change: Change, schemas: SchemaSet) -> Draft:
    bodies = {tier: strict_json.dumps(body) for tier, body in _parts(change, schemas).items()}
    return Draft(change, schemas.kind(change.kind).log, bodies, _enclosed(change, schemas))


def _enclosed(change: Change, schemas: SchemaSet) -> Mapping[str, Any] | None:
    if change.nat is None:
        return None
    return sealed_part(schemas, change.record) or emptied(change.record)


def _sound_drafts(
    changes: Sequence[Change], schemas: SchemaSet, judges: Judges
) -> list[Draft] | None:
    """All their drafts, if surely no body is refused: written and judged at once; else None."""
    parts = [_parts(change, schemas) for change in changes]
    written = strict_json.dumps_many([body for bodies in parts for body in bodies.values()])
    if written is None:
        return None
    left = iter(written)
    drafts = [
        Draft(
            change,
            schemas.kind(change.kind).log,
            {tier: next(left) for tier in bodies},
            _enclosed(change, schemas),
        )
        for change, bodies in zip(changes, parts, strict=True)
    ]
    return drafts if _are_sound(drafts, judges) else None


def _parts(change: Change, schemas: SchemaSet) -> dict[str, dict[str, Any]]:
    if change.open_same:
        return {}
    parts = schemas.split(change.kind, change.record)
    before = change.tiers_before
    if "deleted" in change.record:
        return {tier: parts[tier] for tier in TIERS if tier in parts and tier in before}
    if not before:
        return {tier: parts[tier] for tier in TIERS if tier in parts}
    # A tier that has nothing left to say must say so, or its last body would stay its state.
    envelope = {name: change.record[name] for name in ("unit", "kind", "id")}
    emptied = {tier: envelope for tier in before if tier not in parts}
    return {tier: body for tier, body in (parts | emptied).items() if tier in TIERS}


def _are_sound(drafts: Sequence[Draft], judges: Judges) -> bool:
    """Whether surely none of their bodies is refused: seen at once, in a third of the time."""
    alike: dict[tuple[str, str, str], list[bytes]] = {}
    for draft in drafts:
        for tier, body in draft.bodies.items():
            alike.setdefault((draft.log, tier, draft.change.kind), []).append(body)
    return all(
        max(map(len, bodies)) <= _LARGEST_BODY and judges[log, tier].all_good(bodies) is not None
        for (log, tier, _), bodies in alike.items()
    )


def _refusal(draft: Draft, judges: Judges, *, sound: bool) -> Refusal | None:
    """Why a draft is refused; `sound`: no body of it can be the reason."""
    kind, id = draft.change.kind, draft.change.id
    if not draft.bodies and draft.enclosed is None:
        return Refusal(kind, id, "-", "empty")
    if draft.enclosed is not None and (refusal := _unsealable(draft, judges)):
        return refusal
    return None if sound else _unfit(draft, judges)


def _unfit(draft: Draft, judges: Judges) -> Refusal | None:
    """Why a draft is refused for one of its bodies."""
    kind, id = draft.change.kind, draft.change.id
    for tier, body in draft.bodies.items():
        if len(body) > _LARGEST_BODY:
            return Refusal(kind, id, tier, "size", f"<= {DEFAULTS.line_bytes}", str(len(body)))
        verdict = judges[draft.log, tier].judge(body)
        if isinstance(verdict, Skip):
            return Refusal(kind, id, tier, verdict.code, verdict.expected, verdict.found)
    return None


def _unsealable(draft: Draft, judges: Judges) -> Refusal | None:
    """Why a draft is refused whose sealed part the gateway would not take; never quoted."""
    part = dict(draft.enclosed or {})
    plain = strict_json.dumps(part)
    if len(plain) > MOST_SEALED:
        found = str(len(plain))
        return Refusal(
            draft.change.kind, draft.change.id, SEALED_TIER, "size", f"<= {MOST_SEALED}", found
        )
    verdict = judges[draft.log, SEALED_TIER].judge_fields(plain, part)
    if isinstance(verdict, Skip):
        return Refusal(
            draft.change.kind, draft.change.id, SEALED_TIER, verdict.code, verdict.expected
        )
    return None


def _naming(draft: Draft, names: KnownNames) -> Refusal | None:
    """Why a draft is refused that names a person; nothing of what was found is quoted."""
    for tier, body in draft.bodies.items():
        hits = find_personal(strict_json.loads(body), known=names) if names else ()
        if hits:
            what = WHAT[hits[0].what]
            expected = f"没有{what.zh} not {what.en}"
            return Refusal(draft.change.kind, draft.change.id, tier, "privacy", expected)
    return None
