"""What a code is called, from the schemas and their tables, for pages, facets and exports. Pure."""

from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

from fenhe_hub.rules.finding import STATE_LABELS, State
from fenhe_protocol.code_tables import instrument_classes, subjects
from fenhe_protocol.schema import Field, SchemaSet

RESOURCE_KINDS = (
    *("instrument", "installation", "centre", "service_unit"),
    *("base", "platform", "platform_resource"),
)
"""The kinds that are searched: what one can go to and use."""


class Pair(NamedTuple):
    """Two languages, Chinese first."""

    zh: str
    en: str

    def __str__(self) -> str:
        return self.zh if self.zh == self.en or not self.en else f"{self.zh} {self.en}"


@cache
def kinds() -> Mapping[str, Pair]:
    """The kinds of the catalogue that this version knows, resources first."""
    schemas = SchemaSet.load()
    known = [name for name in schemas.kinds if schemas.kind(name).log == "catalogue"]
    ordered = sorted(known, key=lambda name: (name not in RESOURCE_KINDS, name))
    return {
        name: Pair(schemas.kind(name).title_zh, schemas.kind(name).title_en) for name in ordered
    }


def kind_label(kind: str) -> Pair:
    """The title of a kind, or its code where this version does not know it."""
    return kinds().get(kind, Pair(kind, kind))


def code_label(field: Field, code: object) -> Pair:
    """What a code of a field means."""
    if field.table == "instrument-classes":
        return class_label(str(code))
    if field.table == "subjects":
        return Pair(subjects().get(str(code), str(code)), "")
    label = field.labels.get(code) if isinstance(code, str | int) else None
    return Pair(label.zh, label.en) if label else Pair(str(code), "")


def class_label(code: str) -> Pair:
    """The name of an instrument class; of its first two or four digits the group's."""
    classes = instrument_classes()
    found = classes.get(code.ljust(6, "0"))
    level = {2: 0, 4: 1}.get(len(code), -1)
    if found is None or level >= len(found.names):
        return Pair(code, "")
    return Pair(found.names[level], "")


@cache
def _instrument(path: str) -> Field:
    return SchemaSet.load().kind("instrument").field(path)


def facet_label(facet: str, value: str) -> Pair:
    """What a value of a facet is called (`kind`, `city`, `class_code`, `value_band`, `status`)."""
    if facet == "kind":
        return kind_label(value)
    if facet == "city":
        return Pair(value, "")
    return code_label(_instrument(facet), value)


def field_codes(kind: str, path: str) -> tuple[str, ...]:
    """The codes that a field may have."""
    return tuple(str(code) for code in SchemaSet.load().kind(kind).field(path).labels)


_SOURCES = {
    "ok": Pair("正常", "up to date"),
    "stale": Pair("久未更新", "stale"),
    "refused": Pair("最近一次未通过验证", "last visit refused"),
    "quarantined": Pair("已隔离", "quarantined"),
    "never": Pair("尚未收到", "nothing yet"),
    "suspended": Pair("已暂停", "suspended"),
    "moved": Pair("已迁走", "moved"),
    "retired": Pair("已退出", "retired"),
}


def source_label(state: str) -> Pair:
    """What the state of a source is called."""
    return _SOURCES[state]


def state_label(state: str) -> Pair:
    """What the state of a finding is called."""
    return Pair(*STATE_LABELS[State(state)])
