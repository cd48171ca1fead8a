"""What a schema says about its fields, for tables, forms, import columns and error texts.

`read_kind` turns one schema file into a KindSchema; everything here is read from that file alone.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Any, Literal

TIERS = ("pub", "hub", "nat")
ENVELOPE = ("unit", "kind", "id")
BESIDE = ("deleted", "ext")

FieldType = Literal[
    "text", "code", "integer", "boolean", "date", "time", "list", "object", "extension"
]
Code = str | int


@dataclass(frozen=True, slots=True)
class Label:
    """What a code means; `nrii` is the national platform's own code where it has one."""

    zh: str
    en: str
    nrii: str | None = None


@dataclass(frozen=True, slots=True)
class Field:
    """One member of a record; `path` is dotted from the top, `[]` after a list."""

    name: str
    path: str
    tiers: tuple[str, ...]
    title_zh: str
    title_en: str
    description_zh: str
    description_en: str
    type: FieldType
    required: bool
    nrii: tuple[str, ...]
    policy: str
    labels: Mapping[Code, Label]
    unit_zh: str
    unit_en: str
    max_length: int | None
    max_items: int | None
    minimum: int | None
    maximum: int | None
    table: str
    sealable: bool
    person: bool
    example: Any
    default: Any
    members: tuple["Field", ...]
    item: "Field | None"
    schema: Mapping[str, Any]

    @property
    def tier(self) -> str:
        """Return the most public tier in which it may stand: pub, hub, nat, node or to."""
        return self.tiers[0]

    @property
    def leaves(self) -> tuple["Field", ...]:
        """Return the members of an object, theirs in turn, or the field itself."""
        if not self.members:
            return (self,)
        return tuple(leaf for member in self.members for leaf in member.leaves)


@dataclass(frozen=True, eq=False)  # each is one of its own: what is made of it can be remembered
class KindSchema:
    """One kind of record: its log (`catalogue`, `usage` or `fed`) and its fields in file order."""

    kind: str
    log: str
    version: int
    title_zh: str
    title_en: str
    description_zh: str
    description_en: str
    nrii_type: int | None
    tiers: tuple[str, ...]
    fields: tuple[Field, ...]
    schema: Mapping[str, Any]

    @cached_property
    def own_fields(self) -> tuple[Field, ...]:
        """Return the fields without unit, kind, id, deleted and ext."""
        return tuple(f for f in self.fields if f.name not in (*ENVELOPE, *BESIDE))

    @cached_property
    def bodies(self) -> Mapping[str, tuple[str, ...]]:
        """Map each tier to the names of the own fields that stand in its bodies."""
        return {tier: tuple(f.name for f in self.own_fields if tier in f.tiers) for tier in TIERS}

    @cached_property
    def alone(self) -> Mapping[str, frozenset[str]]:
        """Map each tier to the envelope and all that stands in no other tier."""
        counts = Counter(chain(*self.bodies.values(), self.sealed))
        return {
            tier: frozenset(ENVELOPE).union(name for name in names if counts[name] == 1)
            for tier, names in self.bodies.items()
        }

    @cached_property
    def sealed(self) -> tuple[str, ...]:
        """Return the names that may be sealed: what stands in `nat`, and what `x-seal` lets in."""
        return tuple(f.name for f in self.own_fields if "nat" in f.tiers or f.sealable)

    @cached_property
    def coded(self) -> frozenset[str]:
        """Return the names in which a code of a table or an identifier stands, at any depth."""
        members: Mapping[str, Any] = self.schema["properties"]
        return frozenset(name for name, schema in members.items() if _is_coded(schema))

    def field(self, path: str) -> Field:
        """Find `location.city` or `lines[].item`; KeyError where there is no such field."""
        return self._by_path[path]

    def of_tier(self, tier: str) -> tuple[Field, ...]:
        """Return the kind's own fields that stand in the bodies of a tier, or stay in `node`."""
        return tuple(f for f in self.own_fields if tier in f.tiers)

    @cached_property
    def _by_path(self) -> Mapping[str, Field]:
        waiting = list(self.fields)
        for field in waiting:
            waiting.extend(field.members)
            waiting.extend(field.item.members if field.item else ())
        return {field.path: field for field in reversed(waiting)}  # the first of a path counts


def _is_coded(schema: Mapping[str, Any]) -> bool:
    if "x-table" in schema or "x-identifier" in schema:
        return True
    inner = [*schema.get("properties", {}).values(), schema.get("items", {})]
    return any(_is_coded(each) for each in inner if each)


def read_kind(schema: Mapping[str, Any]) -> KindSchema:
    """Read the metadata of a schema file."""
    properties = schema["properties"]
    required = schema["required"]
    return KindSchema(
        kind=properties["kind"]["const"],
        log=schema["x-log"],
        version=schema["x-version"],
        title_zh=schema["title"],
        title_en=schema["x-title-en"],
        description_zh=schema["description"],
        description_en=schema["x-description-en"],
        nrii_type=schema.get("x-nrii-type"),
        tiers=tuple(schema["x-required"]),
        fields=tuple(_field(n, n, p, n in required) for n, p in properties.items()),
        schema=schema,
    )


def tiers_of(schema: Mapping[str, Any]) -> tuple[str, ...]:
    """Read `x-tier`: one tier, or the list of those in whose bodies a member may stand."""
    tier = schema["x-tier"]
    return (tier,) if isinstance(tier, str) else tuple(tier)


def _field(name: str, path: str, schema: Mapping[str, Any], required: bool) -> Field:
    unit = schema.get("x-unit", {})
    return Field(
        name=name,
        path=path,
        tiers=tiers_of(schema) if "x-tier" in schema else (),
        title_zh=schema.get("title", ""),
        title_en=schema.get("x-title-en", ""),
        description_zh=schema.get("description", ""),
        description_en=schema.get("x-description-en", ""),
        type=_type(name, schema),
        required=required,
        nrii=tuple(schema.get("x-nrii", ())),
        policy=schema.get("x-policy", ""),
        labels=_labels(schema),
        unit_zh=unit.get("zh", ""),
        unit_en=unit.get("en", ""),
        max_length=schema.get("maxLength"),
        max_items=schema.get("maxItems"),
        minimum=schema.get("minimum"),
        maximum=schema.get("maximum"),
        table=schema.get("x-table", ""),
        sealable=schema.get("x-seal", False),
        person=schema.get("x-person", False),
        example=next(iter(schema.get("examples", ())), None),
        default=schema.get("default"),
        members=_members(path, schema),
        item=_field("", f"{path}[]", schema["items"], False) if "items" in schema else None,
        schema=schema,
    )


def _members(path: str, schema: Mapping[str, Any]) -> tuple[Field, ...]:
    required = schema.get("required", ())
    members = schema.get("properties", {}).items()
    return tuple(_field(name, f"{path}.{name}", s, name in required) for name, s in members)


def _labels(schema: Mapping[str, Any]) -> dict[Code, Label]:
    labels = schema.get("x-labels", {})
    return {code: Label(**labels[str(code)]) for code in schema.get("enum", ()) if labels}


def _type(name: str, schema: Mapping[str, Any]) -> FieldType:
    if name == "ext":
        return "extension"
    if "enum" in schema or "const" in schema:
        return "code"
    if schema["type"] != "string":
        named: dict[str, FieldType] = {
            "array": "list",
            "object": "object",
            "integer": "integer",
            "boolean": "boolean",
        }
        return named[schema["type"]]
    formats: dict[str, FieldType] = {"date": "date", "date-time": "time"}
    return formats.get(schema.get("format", ""), "text")
