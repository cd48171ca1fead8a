"""Which file a feed address names, whether it is held back, and how long a cache may keep it.

Pure: addresses in, answers out. feed §1 has the table and the rule; `web.feed` obeys it.
"""

import re
from dataclasses import dataclass
from typing import Literal

from fenhe_protocol.leaf import split_log_name
from fenhe_protocol.tiles import BodyFile, parse_path

ROOT = re.compile(r"root/[1-9]\d{0,3}", re.ASCII)

# Who may read a log at all: even the length of a usage log tells how much a unit serves.
LEAST = {"catalogue": "pub", "usage": "hub"}

IMMUTABLE = "max-age=31536000, immutable"
CHECK_FIRST = "no-cache"
TEXT = "text/plain; charset=utf-8"
BYTES = "application/octet-stream"

Tree = Literal["public", "held"]


@dataclass(frozen=True, slots=True)
class Asked:
    """One file of the feed: the tier that its reader needs and the headers it goes out with."""

    path: str
    tier: str  # "pub": everyone may read it
    caching: str
    content_type: str

    @property
    def tree(self) -> Tree:
        """The folder of the home that it lies in."""
        return "public" if self.tier == "pub" else "held"

    @property
    def cache_control(self) -> str:
        """The header; no shared cache keeps what is held."""
        return self.caching if self.tier == "pub" else f"private, {self.caching}"


def asked(path: str) -> Asked | None:
    """Say what `path`, relative to the unit's address, asks for; None is no file of a feed."""
    if ROOT.fullmatch(path):
        return Asked(path, "pub", IMMUTABLE, TEXT)
    log, _, rest = path.partition("/")
    try:
        return _of_log(path, split_log_name(log)[0], rest)
    except ValueError:
        return None


def _of_log(path: str, log: str, rest: str) -> Asked | None:
    if log not in LEAST:
        return None
    least = LEAST[log]
    if rest == "checkpoint":
        return Asked(path, least, CHECK_FIRST, TEXT)
    file = parse_path(rest)
    if isinstance(file, BodyFile):
        return Asked(path, least if file.tier == "pub" else file.tier, CHECK_FIRST, TEXT)
    return Asked(path, least, IMMUTABLE, BYTES)
