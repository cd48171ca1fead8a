"""A version after the one that ships, made by a test as CONTRIBUTING.md says how it is made."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from fenhe_protocol.schema import SchemaSet
from tests.protocol.contract import SCHEMAS

Schema = dict[str, Any]


def shipped(kind: str) -> Schema:
    """The schema of a kind as it ships."""
    schema: Schema = json.loads((SCHEMAS / f"{kind}.schema.json").read_text("utf-8"))
    return schema


def successor(
    schema: Schema, members: Mapping[str, Any] | None = None, *, give_up: Iterable[str] = ()
) -> Schema:
    """The next version: `members` are put in or changed, others given up."""
    following: Schema = json.loads(json.dumps(schema))
    gone = sorted(give_up)
    following["x-version"] += 1
    kind = schema["properties"]["kind"]["const"]
    following["$id"] = f"urn:fenhe:schema:{following['x-version']}:{kind}"
    following["x-retired"] = [*schema.get("x-retired", ()), *gone]
    for name in gone:
        del following["properties"][name]
    following["properties"] |= members or {}
    return following


def next_instrument() -> Schema:
    """Version 2 of `instrument`: `model` is now `model_number`, the photo is for the hub alone."""
    now = shipped("instrument")
    members = {
        "model_number": now["properties"]["model"],
        "photo": now["properties"]["photo"] | {"x-tier": "hub"},
    }
    return successor(now, members, give_up=["model"])


def two_versions_on() -> Schema:
    """Version 3 of `purchase_plan`, which knows neither of two members that version 1 has."""
    second = successor(shipped("purchase_plan"), give_up=["opening_plan"])
    return successor(second, give_up=["planned_for"])


def next_release(instrument: Schema | None = None) -> SchemaSet:
    """What ships, with the next version of `instrument` and the one before it."""
    load = SchemaSet.load()
    others = [load.kind(kind).schema for kind in load.kinds if kind != "instrument"]
    following = instrument or next_instrument()
    return SchemaSet([*others, following], SchemaSet([shipped("instrument")]))
