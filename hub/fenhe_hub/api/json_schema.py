"""JSON Schema of the dataclasses that the API answers, read from their types. Pure."""

import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

_PLAIN = {str: "string", int: "integer", bool: "boolean", type(None): "null"}


class Schemas:
    """The schemas of the dataclasses met so far, by name, for `components`."""

    def __init__(self) -> None:
        self.named: dict[str, dict[str, Any]] = {}

    def of(self, kind: Any) -> dict[str, Any]:
        """The schema of a type; a dataclass becomes a reference."""
        origin, args = get_origin(kind), get_args(kind)
        if origin is Annotated:
            return {**self.of(args[0]), "description": args[1]}
        if origin is Literal:
            return {"type": "string", "enum": list(args)}
        if origin in (Union, types.UnionType):
            return self._one_of(args)
        if origin is tuple:
            return {"type": "array", "items": self.of(args[0])}
        if origin is Mapping:
            return {"type": "object", "additionalProperties": self.of(args[1])}
        if kind is Any:
            return {}
        if is_dataclass(kind):
            return self._reference(kind)
        return {"type": _PLAIN[kind]}

    def _one_of(self, args: tuple[Any, ...]) -> dict[str, Any]:
        parts = [self.of(each) for each in args]
        if all(set(part) <= {"type", "description"} for part in parts):
            described = [part["description"] for part in parts if "description" in part]
            schema: dict[str, Any] = {"type": [part["type"] for part in parts]}
            return schema | ({"description": described[0]} if described else {})
        return {"anyOf": parts}

    def _reference(self, kind: Any) -> dict[str, Any]:
        name = kind.__name__
        if name not in self.named:
            self.named[name] = {}  # stands before its members are read: they may refer to it
            hints = get_type_hints(kind, include_extras=True)
            names = [field.name for field in fields(kind)]
            self.named[name] = {
                "type": "object",
                "description": " ".join((kind.__doc__ or "").split()),
                "properties": {each: self.of(hints[each]) for each in names},
                "required": names,
                "additionalProperties": False,
            }
        return {"$ref": f"#/components/schemas/{name}"}
