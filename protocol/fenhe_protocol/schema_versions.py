"""From one version of a kind's schema to the next: what must hold between the two. Pure.

A body carries no version. One that is valid under the current schema is of that; else, if it is
valid under the one before, it is still taken and *lags*. So a name must mean the same in both, and
nothing that a unit once gave to few may be read by more because a version changed.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from fenhe_protocol.schema_fields import KindSchema, tiers_of

RETIRED = "x-retired"
"""On a schema: names of members that the kind once had. They never come back."""

# Who may read a tier, from the unit alone to everyone. `to` is read by one unit beside the hub.
_READERS = {"node": 0, "nat": 1, "to": 1, "hub": 2, "pub": 3}


def check_versions(current: Mapping[str, KindSchema], previous: Mapping[str, KindSchema]) -> None:
    """ValueError that names every fault, where there is one."""
    found = [fault for kind in current.values() for fault in _reused(kind)]
    for name, before in previous.items():
        if name in current:
            found += faults_between(before, current[name])
        else:
            found.append(f"{name}: a kind does not go")
    if found:
        raise ValueError("; ".join(found))


def faults_between(before: KindSchema, now: KindSchema) -> Iterator[str]:
    """What makes `now` no successor of `before`."""
    if before.version + 1 != now.version:
        yield f"{now.kind}: version {now.version} does not follow {before.version}"
    if before.log != now.log:
        yield f"{now.kind}: log {before.log} has become {now.log}"
    members: Mapping[str, Any] = now.schema["properties"]
    for name, member in before.schema["properties"].items():
        if name not in members:
            if name not in now.schema.get(RETIRED, ()):
                yield f"{now.kind}.{name}: given up, and not in {RETIRED}"
        elif _readers(members[name]) > _readers(member):
            yield f"{now.kind}.{name}: more may read it than before; give it another name"


def _reused(kind: KindSchema) -> Iterator[str]:
    for name in kind.schema.get(RETIRED, ()):
        if name in kind.schema["properties"]:
            yield f"{kind.kind}.{name}: a name in {RETIRED} is not used again"


def _readers(member: Mapping[str, Any]) -> int:
    sealed = _READERS["nat"] if member.get("x-seal") else 0
    return max(sealed, *(_READERS[tier] for tier in tiers_of(member)))
