"""Per record: what becomes public, what only the hub sees, what is sealed, what stays.

Start at `preview`.

`show` is pure over the schema's split, which is also what publish writes: the two cannot differ.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fenhe_node.publishing.sealing import sealed_part
from fenhe_node.store import Store, records
from fenhe_node.store.sealing import gateway
from fenhe_protocol.schema import SchemaSet
from fenhe_protocol.schema_fields import ENVELOPE, Field, KindSchema


@dataclass(frozen=True)
class Shown:
    """One field with its titles, its value, and the value in words (codes by their labels)."""

    field: str
    title_zh: str
    title_en: str
    value: Any
    words: str


@dataclass(frozen=True)
class Preview:
    """The lists of one record. `could_seal`: something stays only for want of a gateway."""

    kind: str
    id: str
    public: tuple[Shown, ...]
    hub_only: tuple[Shown, ...]
    stays: tuple[Shown, ...]
    sealed: tuple[Shown, ...] = ()
    could_seal: bool = False


def preview(
    store: Store,
    record_id: str | None = None,
    *,
    schemas: SchemaSet,
) -> tuple[Preview, ...]:
    """Show the records with this id (of any kind), or all."""
    sealing = gateway(store) is not None
    return tuple(
        show(r.record, schemas, sealing=sealing) for r in records.every(store, record_id=record_id)
    )


def show(record: Mapping[str, Any], schemas: SchemaSet, *, sealing: bool = False) -> Preview:
    """Sort the fields of a whole record by who will see them; `sealing`: a gateway is enrolled."""
    kind = schemas.kind(record["kind"])
    bodies = schemas.split(kind.kind, record)
    to_seal = sealed_part(schemas, record) or {}
    sent = {tier: _members(bodies.get(tier, {})) for tier in ("pub", "hub")}
    sealed = _members(to_seal) if sealing else {}
    gone = {name for body in (*sent.values(), sealed) for name in body}
    rest = {name: value for name, value in record.items() if name not in gone | {"ext", *ENVELOPE}}
    extension = None if sealing else record.get("ext", {}).get("nat")
    return Preview(
        kind.kind,
        record["id"],
        public=tuple(_fields(kind, sent["pub"])),
        hub_only=tuple(_fields(kind, sent["hub"])),
        stays=tuple(_fields(kind, rest | ({"ext": extension} if extension else {}))),
        sealed=tuple(_fields(kind, sealed)),
        could_seal=bool(to_seal) and not sealing,
    )


def _members(body: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name not in ENVELOPE}


def _fields(kind: KindSchema, values: Mapping[str, Any]) -> Iterator[Shown]:
    known = {field.name: field for field in kind.fields}
    for name in sorted(values, key=list(known).index):
        yield from _leaves(known[name], values[name], "", "")


def _leaves(field: Field, value: Any, over_zh: str, over_en: str) -> Iterator[Shown]:
    title_zh, title_en = over_zh + field.title_zh, over_en + field.title_en
    if field.members and isinstance(value, Mapping):
        for member in field.members:
            if member.name in value:
                yield from _leaves(member, value[member.name], f"{title_zh} · ", f"{title_en} · ")
    else:
        yield Shown(field.path, title_zh, title_en, value, _words(field, value))


def _words(field: Field, value: Any) -> str:
    if isinstance(value, bool):
        return "是 yes" if value else "否 no"
    if isinstance(value, list) and not any(isinstance(item, Mapping) for item in value):
        return "、".join(_words(field.item or field, item) for item in value)
    if isinstance(value, Mapping | list):
        return json.dumps(value, ensure_ascii=False)
    label = field.labels.get(value)
    return label.zh if label else f"{value} {field.unit_zh}".strip()
