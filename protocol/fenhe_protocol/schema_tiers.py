"""The tiers of a kind: the schema of each, derived from the file, and records taken apart by them.

A member of another tier is unknown to a tier's schema. The rule for `node` is absence: what is
marked `node` stands in no tier, and only a member marked `x-seal` may be let into `nat`.
"""

from collections.abc import Mapping
from typing import Any

from fenhe_protocol.schema_fields import BESIDE, ENVELOPE, TIERS, KindSchema, tiers_of

WHOLE = "full"


def tier_schema(kind: KindSchema, tier: str) -> dict[str, Any]:
    """Derive the JSON Schema of the bodies of one tier, or of the whole record with `full`."""
    properties: Mapping[str, Any] = kind.schema["properties"]
    shown = {n: p for n, p in properties.items() if tier == WHOLE or _stands_in(p, tier)}
    if tier == WHOLE and "ext" in shown:
        shown["ext"] = _ext_by_tier(kind, shown["ext"])
    required = kind.schema["required"] if tier == WHOLE else kind.schema["x-required"][tier]
    fields = {name: p for name, p in shown.items() if name != "deleted"}
    deletion = {name: p for name, p in shown.items() if name in (*ENVELOPE, "deleted")}
    return {
        "$schema": kind.schema["$schema"],
        "$id": f"{kind.schema['$id']}:{tier}",
        "title": kind.title_zh,
        "x-title-en": kind.title_en,
        "type": "object",
        "required": list(ENVELOPE),
        "if": {"required": ["deleted"]},
        "then": {"properties": deletion, "additionalProperties": False},
        "else": {"properties": fields, "required": required, "additionalProperties": False},
    }


def split(
    kind: KindSchema, record: Mapping[str, Any], *, seal: bool = False
) -> dict[str, dict[str, Any]]:
    """Take a whole record apart: tier → body. Tiers with nothing beside the envelope are left out.

    `seal` lets members marked `x-seal` into `nat`. A deletion goes into every tier of the kind.
    """
    envelope = {name: record[name] for name in ENVELOPE}
    for only, alone in kind.alone.items():
        if len(record) > len(envelope) and record.keys() <= alone:
            return {only: dict(record)}
    if "deleted" in record:
        gone = envelope | {"deleted": record["deleted"]}
        return {tier: dict(gone) for tier in TIERS if tier in kind.tiers}
    extensions = record.get("ext", {})
    parts: dict[str, dict[str, Any]] = {}
    for tier in TIERS:
        names = kind.sealed if seal and tier == "nat" else kind.bodies[tier]
        part = {name: record[name] for name in names if name in record}
        if extension := extensions.get(tier):
            part["ext"] = extension
        if part:
            parts[tier] = envelope | part
    return parts


def merge(parts: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Put the bodies of one record together again; the opposite of `split`."""
    whole: dict[str, Any] = {}
    extensions = {tier: body["ext"] for tier, body in parts.items() if "ext" in body}
    for body in parts.values():
        whole |= {name: value for name, value in body.items() if name != "ext"}
    return whole | ({"ext": extensions} if extensions else {})


def _stands_in(schema: Mapping[str, Any], tier: str) -> bool:
    return tier in tiers_of(schema) or (tier == "nat" and schema.get("x-seal", False))


def _ext_by_tier(kind: KindSchema, ext: Mapping[str, Any]) -> dict[str, Any]:
    inner = {name: value for name, value in ext.items() if name in ("type", "maxProperties")}
    by_tier = {tier: inner for tier in kind.tiers}
    return {**ext, "properties": by_tier, "additionalProperties": False}


__all__ = ["BESIDE", "WHOLE", "merge", "split", "tier_schema"]
