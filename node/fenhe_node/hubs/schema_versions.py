"""Which versions of the schemas a hub takes, beside those of this program. Pure.

Start at `read_taken` and `advice_on`. The hub tells it to this unit alone, in its answer to
`rejected`. It takes the current version and the one before; nothing but advice follows from it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fenhe_protocol.schema import SchemaSet


@dataclass(frozen=True, slots=True)
class Taken:
    """One kind: the hub's current version, ours, and how many of our records lag there."""

    kind: str
    version: int
    ours: int
    lagging: int


def read_taken(told: Any, schemas: SchemaSet) -> dict[str, Taken]:
    """Read the member `schemas`; of a kind that is unknown here nothing is to be said.

    Raises ValueError, KeyError, TypeError or AttributeError where it is not of the form.
    """
    found = () if told is None else told.items()
    return {name: _taken(name, each, schemas) for name, each in found if name in schemas.kinds}


def _taken(kind: str, told: Mapping[str, Any], schemas: SchemaSet) -> Taken:
    version, lagging = told["version"], told["lagging"]
    if type(version) is not int or type(lagging) is not int or lagging < 0:
        raise ValueError(kind)
    return Taken(kind, version, schemas.kind(kind).version, lagging)


def kept(told: Mapping[str, tuple[int, int]], schemas: SchemaSet) -> dict[str, Taken]:
    """What a hub said when it was asked last: for each kind its version, and how many lag."""
    return {
        kind: Taken(kind, version, schemas.kind(kind).version, lagging)
        for kind, (version, lagging) in told.items()
        if kind in schemas.kinds
    }


def advice_on(taken: Mapping[str, Taken]) -> Iterator[str]:
    """What to do where versions differ or records lag, in lines; none where all is well."""
    older = [each for each in taken.values() if each.ours < each.version]
    newer = [each for each in taken.values() if each.ours > each.version]
    left = [each for each in taken.values() if each.lagging and each not in older]
    if older:
        yield f"格式已有新版, 请升级本程序; newer schemas, upgrade this program: {_versions(older)}"
    if newer:
        yield (
            "省平台的格式还是旧版, 新字段会被退回, 等它升级再发布;"
            f" the hub is older, wait until it is upgraded: {_versions(newer)}"
        )
    if left:
        counts = ", ".join(f"{each.kind} {each.lagging}" for each in left)
        yield (
            "这些记录还是上一版格式, 请改好后重新导入、发布;"
            f" records of an earlier schema, import and publish them anew: {counts}"
        )


def _versions(differing: Iterable[Taken]) -> str:
    return ", ".join(f"{each.kind} {each.version} (本程序 here {each.ours})" for each in differing)
