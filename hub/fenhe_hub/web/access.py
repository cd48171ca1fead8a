"""Who may read which file of the hub: addresses and rights in, answers out. Pure (feed §1, §9).

`asked` says what an address of `fed`, of the root documents or of the mirror names; `may_read`
decides for one reader. `feed_files` obeys both.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

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
    """Who signed a request: a reader of the configuration, or an enrolled unit."""

    name: str
    tiers: frozenset[str]
    units: frozenset[str] | None = None  # None: all
    unit: str | None = None  # the unit origin, if it is one: it may read all of its own

    def may_read(self, tier: str, unit: str) -> bool:
        """Whether it may read `tier` of a unit's logs; what is not listed is 403."""
        if self.unit is not None:
            return unit == self.unit
        return tier in self.tiers and (self.units is None or unit in self.units)

    def concerns(self, subject: str) -> bool:
        """Whether a held line of `fed` about this log or unit may be shown to it."""
        if self.unit is None and self.units is None:
            return "hub" in self.tiers
        return any(subject.startswith(f"{origin}/") for origin in self._origins())

    def _origins(self) -> Iterable[str]:
        if self.unit is not None:
            return (self.unit,)
        return self.units if self.units and "hub" in self.tiers else ()
