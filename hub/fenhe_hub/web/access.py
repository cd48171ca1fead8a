"""Who may read which file of the hub: addresses and rights in, answers out. Pure (feed §1, §9).

`asked` says what an address of `fed`, of the root documents or of the mirror names; `may_read`
decides for one reader. `feed_files` obeys both.
"""

import re
from dataclasses import dataclass, replace

from fenhe_protocol.tiles import BodyFile, EntryBundle, Tile, parse_path

IMMUTABLE = "max-age=31536000, immutable"
NO_CACHE = "no-cache"
TEXT = "text/plain; charset=utf-8"
BYTES = "application/octet-stream"

_ROOT = re.compile(r"root/[1-9][0-9]{0,3}")

Parsed = Tile | EntryBundle | BodyFile | None  # None: a checkpoint or root document


@dataclass(frozen=True, slots=True)
class Asked:
    """One file of a log or unit: `tier` is what a reader needs, `pub` means everyone."""

    path: str
    parsed: Parsed
    tier: str
    cache_control: str
    content_type: str

    @property
    def held(self) -> bool:
        """Whether it lies in the tree of which even existence is not told."""
        return self.tier != "pub"


def asked(path: str, family: str) -> Asked | None:
    """What `path` below a log of this family (`catalogue`, `usage`, `fed`) names, if anything."""
    if path == "checkpoint":
        return _answer(path, None, _least_tier(family))
    try:
        parsed = parse_path(path)
    except ValueError:
        return None
    tier = parsed.tier if isinstance(parsed, BodyFile) else "pub"
    return _answer(path, parsed, _least_tier(family) if tier == "pub" else tier)


def asked_root(path: str) -> Asked | None:
    """A root document, which everyone may read; mirrored ones too."""
    return _answer(path, None, "pub", immutable=True) if _ROOT.fullmatch(path) else None


def _least_tier(family: str) -> str:
    # The length of a usage log alone tells how much a unit serves.
    return "hub" if family == "usage" else "pub"


def _answer(path: str, parsed: Parsed, tier: str, *, immutable: bool = False) -> Asked:
    immutable = immutable or isinstance(parsed, Tile | EntryBundle)
    caching = IMMUTABLE if immutable else NO_CACHE
    text = parsed is None or isinstance(parsed, BodyFile)
    return Asked(
        path,
        parsed,
        tier,
        caching if tier == "pub" else f"private, {caching}",
        TEXT if text else BYTES,
    )


@dataclass(frozen=True, slots=True)
class Reader:
    """Who signed a request: a reader of the configuration, an enrolled unit, or both at once.

    A key is public, so several may list one. Only who holds it signs, and then asks with all that
    any of them may: whoever lists the key of another takes nothing away from it.
    """

    name: str
    tiers: frozenset[str] = frozenset()  # granted by the operator
    units: frozenset[str] | None = None  # of whom they are granted; None: all
    owned: frozenset[str] = frozenset()  # unit origins that list the key: all of theirs

    def joined(self, other: "Reader") -> "Reader":
        """Both in one; of two grants the later one counts."""
        granted = other if other.tiers else self
        return replace(granted, owned=self.owned | other.owned)

    @property
    def hears_of_usage(self) -> bool:
        """Whether any held line of `fed` may be for it."""
        return bool(self.owned) or "hub" in self.tiers

    def is_granted(self, tier: str, unit: str) -> bool:
        """Whether the operator lets it read `tier` of a unit."""
        return tier in self.tiers and (self.units is None or unit in self.units)

    def may_read(self, tier: str, unit: str) -> bool:
        """Whether it may read `tier` of a unit's logs; what is not listed is 403."""
        return unit in self.owned or self.is_granted(tier, unit)

    def concerns(self, subject: str) -> bool:
        """Whether a held line of `fed` about this log or unit may be shown to it."""
        if "hub" in self.tiers and self.units is None:
            return True
        granted = self.units if self.units and "hub" in self.tiers else frozenset()
        return any(subject.startswith(f"{origin}/") for origin in self.owned | granted)
