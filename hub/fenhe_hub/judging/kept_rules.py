"""Every rule set that was used, kept by the SHA-256 of its bytes: findings outlive rule sets."""

from __future__ import annotations

import hashlib
from pathlib import Path

from fenhe_client.stored.disk import Disk, replace_files
from fenhe_client.yaml_text import load_yaml
from fenhe_hub.home import Home
from fenhe_hub.rule_file import SHIPPED, shipped_rules
from fenhe_hub.rules.ruleset import RuleSet, read_rule_set
from fenhe_protocol.errors import FenheError, StoreError

_HEX = frozenset("0123456789abcdef")


def keep_rules(home: Home, raw: bytes) -> str:
    """Keep the bytes of a rule set durably; returns their SHA-256 in hex."""
    digest = hashlib.sha256(raw).hexdigest()
    file = _file(home, digest)
    if not file.exists():
        replace_files(Disk(), {file: raw})
    return digest


def kept_bytes(home: Home, digest: str) -> bytes | None:
    """The bytes of a set that was used, or of the one that is shipped; None if they are not here.

    What is not what its name says is treated as not here.
    """
    if len(digest) != 64 or not _HEX.issuperset(digest):
        return None
    file = _file(home, digest)
    raw = file.read_bytes() if file.is_file() else shipped_rules()
    return raw if hashlib.sha256(raw).hexdigest() == digest else None


def kept_rules(home: Home, digest: str) -> RuleSet:
    """A set that was used; StoreError `rules.lost`, SetupError where this version reads it not."""
    raw = kept_bytes(home, digest)
    if raw is None:
        raise StoreError(
            "rules.lost", where=f"rules/{digest}.yaml", advice=f"备份 backup; {SHIPPED}"
        )
    return read_rule_set(raw, load_yaml(raw))


def kept_names(home: Home) -> list[str]:
    """The digests of all sets that are kept."""
    return sorted(each.stem for each in home.rules.glob("*.yaml"))


def kept_sets(home: Home) -> list[tuple[str, str]]:
    """The digest and the name of every set that was used and that this version can still read."""
    sets = []
    for digest in kept_names(home):
        try:
            sets.append((digest, kept_rules(home, digest).name))
        except FenheError:
            continue  # of another version of this program: the terminal says so
    return sets


def _file(home: Home, digest: str) -> Path:
    return home.rules / f"{digest}.yaml"
