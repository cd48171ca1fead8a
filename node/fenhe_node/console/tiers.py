"""`/tiers`: who sees what, side by side, of a kind and of one record, before it is published."""

from typing import Any

from fenhe_node.console.asking import Answer, Asked, Page, Routes
from fenhe_node.preview import Preview, show
from fenhe_node.store import Store, records
from fenhe_node.store.sealing import gateway
from fenhe_protocol.errors import RequestError
from fenhe_protocol.schema_fields import Field, KindSchema

COLUMNS = (
    ("public", "所有人看到", "Everybody"),
    ("hub_only", "只有省平台看到", "Only the hub"),
    ("sealed", "密封给国家平台", "Sealed for the nation"),
    ("stays", "留在本单位", "Stays here"),
)
_LISTED = 200


def show_tiers(asked: Asked) -> Answer:
    """A kind's fields by who sees them, or those of a record with their values."""
    console = asked.console
    name, id = asked.query.get("kind", "instrument"), asked.query.get("id", "")
    if name not in console.schemas.kinds:
        raise RequestError("request.absent", status=404, found=name)
    kind = console.schemas.kind(name)
    with Store.open(console.home.store) as store:
        sealing = gateway(store) is not None
        found = records.find(store, name, id) if id else None
        listed = sorted(records.ids(store, name))
    if id and found is None:
        raise RequestError("request.absent", status=404, found=id)
    context: dict[str, Any] = {
        "kind": kind,
        "kinds": [(each, console.schemas.kind(each).title_zh) for each in _own(asked)],
        "columns": COLUMNS,
        "sealing": sealing,
        "id": id,
        "ids": listed[:_LISTED],
        "more": len(listed) - _LISTED,
        "could_seal": False,
    }
    if found is not None:
        seen = show(found.record, console.schemas, sealing=sealing)
        context |= {"shown": _sides(seen), "could_seal": seen.could_seal}
    else:
        context |= {"fields": _of_kind(kind, sealing)}
    return Page("console/tiers.html", context)


def _own(asked: Asked) -> list[str]:
    """The kinds that a unit has records of."""
    schemas = asked.console.schemas
    return [name for name in schemas.kinds if schemas.kind(name).log in ("catalogue", "usage")]


def _sides(seen: Preview) -> dict[str, list[tuple[str, str]]]:
    return {
        name: [(each.title_zh, each.words) for each in getattr(seen, name)]
        for name, _, _ in COLUMNS
    }


def _of_kind(kind: KindSchema, sealing: bool) -> dict[str, list[tuple[str, str]]]:
    sides: dict[str, list[tuple[str, str]]] = {name: [] for name, _, _ in COLUMNS}
    for field in kind.own_fields:
        if field.type != "extension":
            sides[_side(field, sealing)].append((field.title_zh, field.description_zh))
    return sides


def _side(field: Field, sealing: bool) -> str:
    if "pub" in field.tiers:
        return "public"
    if "hub" in field.tiers:
        return "hub_only"
    sealed = "nat" in field.tiers or field.sealable
    return "sealed" if sealed and sealing else "stays"


ROUTES: Routes = (("GET", "/tiers", show_tiers),)
