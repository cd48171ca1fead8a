"""Tools and usage events of NEMO (usnistgov/NEMO 8), from its interface or from its fixture.

Both are read into one form, `Tables`, and both give rows of the same columns, so that one mapping
serves both. A fixture names things by what people call them, the interface by numbers: `_Things`
finds them by either. Pure; `collecting.nemo_rest` fetches. Start at `fixture_tables` and `rows_of`.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from fenhe_node.sources.records import json_list
from fenhe_protocol.errors import InputError

TABLES = ("tools", "usage_events", "users", "projects", "accounts", "account_types")
NEEDED: Mapping[str, tuple[str, ...]] = {"tools": ("tools",), "usage_events": TABLES}
"""What has to be known for the rows of a table."""

_MODELS = {
    "NEMO.tool": "tools",
    "NEMO.usageevent": "usage_events",
    "NEMO.user": "users",
    "NEMO.project": "projects",
    "NEMO.account": "accounts",
    "NEMO.accounttype": "account_types",
}

Object = Mapping[str, Any]
Tables = Mapping[str, Sequence[Object]]


def fixture_tables(raw: bytes, where: str) -> Tables:
    """Read a fixture (a list of model, pk, fields); InputError `source.json`."""
    found: dict[str, list[Object]] = {name: [] for name in TABLES}
    for entry in json_list(raw, where):
        model, fields = entry.get("model"), entry.get("fields")
        if not isinstance(model, str) or not isinstance(fields, dict):
            raise InputError("source.json", where=where, expected='{"model": …, "fields": {…}}')
        if model.lower() in (lower := {name.lower(): name for name in _MODELS}):
            table = _MODELS[lower[model.lower()]]
            found[table].append(fields | ({"id": entry["pk"]} if "pk" in entry else {}))
    return found


def rows_of(table: str, tables: Tables) -> list[dict[str, Any]]:
    """Give the rows of `tools` or `usage_events`, their references resolved."""
    things = _Things(tables)
    row = things.tool if table == "tools" else things.event
    return [row(each) for each in tables.get(table, ())]


def columns_of(table: str) -> tuple[str, ...]:
    """The columns that its rows have."""
    nothing = _Things({})
    return tuple(nothing.tool({}) if table == "tools" else nothing.event({}))


class _Things:
    """Finds what an object refers to, by its number or by the name that a fixture gives it."""

    def __init__(self, tables: Tables) -> None:
        self._found: dict[tuple[str, str], Object] = {}
        for table, objects in tables.items():
            for each in objects:
                for name in ("username", "name", "id"):
                    if each.get(name) is not None:
                        self._found[table, str(each[name])] = each

    def find(self, table: str, reference: Any) -> Object:
        """The object referred to; an empty one where it is not known."""
        named = reference[0] if isinstance(reference, list) and reference else reference
        return self._found.get((table, str(named)), {})

    def tool(self, tool: Object) -> dict[str, Any]:
        """One row of the list of tools."""
        return {
            "id": _number(tool),
            "name": tool.get("name"),
            "visible": tool.get("visible"),
            "operational": tool.get("_operational"),
            "category": tool.get("_category"),
            "serial": tool.get("_serial"),
            "location": tool.get("_location"),
            "description": tool.get("_description"),
        }

    def event(self, event: Object) -> dict[str, Any]:
        """One row of the list of usage events."""
        tool = self.find("tools", event.get("tool"))
        user = self.find("users", event.get("user"))
        project = self.find("projects", event.get("project"))
        account = self.find("accounts", project.get("account"))
        return {
            "id": event.get("id"),
            "tool_id": _number(tool) or _reference(event.get("tool")),
            "tool": tool.get("name"),
            "start": event.get("start"),
            "end": event.get("end"),
            "account_type": self.find("account_types", account.get("type")).get("name")
            or _reference(account.get("type")),
            "user": _full_name(user) or _reference(event.get("user")),
            "user_mail": user.get("email"),
            "account": account.get("name"),
            "project": project.get("name") or _reference(event.get("project")),
            "operator": _full_name(self.find("users", event.get("operator"))),
            "remote_work": bool(event.get("remote_work")),
            "training": bool(event.get("training")),
            "validated": bool(event.get("validated")),
            "waived": bool(event.get("waived")),
        }


def _number(thing: Object) -> Any:
    """Its number; in a fixture, which has none, its name without blanks."""
    if thing.get("id") is not None:
        return str(thing["id"])
    return "_".join(str(thing["name"]).split()) if thing.get("name") else None


def _reference(reference: Any) -> str | None:
    named = reference[0] if isinstance(reference, list) and reference else reference
    return None if named is None else str(named)


def _full_name(user: Object) -> str:
    parts = (user.get("first_name"), user.get("last_name"))
    return " ".join(str(part) for part in parts if part) or str(user.get("username") or "")
