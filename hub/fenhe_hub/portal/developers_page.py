"""The page for developers: lines to copy, the cursor, the licence, and the interface itself.

The OpenAPI document is laid out here, from the same document that is served: nothing is loaded from
elsewhere and nothing can differ.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fenhe_hub.api.mirrored import MirroredLeaf
from fenhe_hub.api.openapi import make_document
from fenhe_hub.api.operation import Asked
from fenhe_hub.api.operations import OPERATIONS
from fenhe_hub.index.read import units
from fenhe_protocol.keys import ED25519, VerifierKey
from fenhe_protocol.origin import origin_hash

Schema = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class TypeText:
    """A type in short, and the name of the schema it leads to."""

    text: str
    schema: str = ""


@dataclass(frozen=True, slots=True)
class Member:
    """A parameter of an operation, or a member of a schema."""

    name: str
    type: TypeText
    about: str
    required: bool = False
    default: str = ""


@dataclass(frozen=True, slots=True)
class AnswerForm:
    """One answer: status, and its media type and type if it has content."""

    status: str
    about: str
    forms: tuple[tuple[str, TypeText], ...]


@dataclass(frozen=True, slots=True)
class OperationText:
    """One operation as the page shows it."""

    id: str
    path: str
    about: str
    parameters: tuple[Member, ...]
    answers: tuple[AnswerForm, ...]


@dataclass(frozen=True, slots=True)
class SchemaText:
    """One schema as the page shows it."""

    name: str
    about: str
    members: tuple[Member, ...]


def developers(asked: Asked) -> dict[str, Any]:
    """The interface in words, and a record that the examples can name."""
    document = make_document(OPERATIONS, asked.reading.url)
    return {
        "url": asked.reading.url,
        "example": _example(asked),
        "operations": [_operation(path, item["get"]) for path, item in document["paths"].items()],
        "schemas": [_schema(*each) for each in document["components"]["schemas"].items()],
    }


@dataclass(frozen=True, slots=True)
class Example:
    """A record that is really here, and where the log that holds it can be verified."""

    record: tuple[str, str, str]  # unit, kind, id
    log: str  # H(origin)
    key: str  # verifier key


_NOWHERE = Example(("12140000000000019W", "instrument", "A-1001"), "<H(origin)>", "<VKEY>")


def _example(asked: Asked) -> Example:
    found = asked.db.execute(
        "SELECT unit_no, kind, id FROM searched WHERE kind = 'instrument' ORDER BY row_no LIMIT 1"
    ).fetchone()
    unit = units(asked.db, found[:1]).get(found[0]) if found else None
    if unit is None or (log := unit.catalogue) is None:
        return _NOWHERE
    leaf = MirroredLeaf(0, asked.reading.home, unit, log)
    key = VerifierKey(log.origin, ED25519, leaf.keys(leaf.root_document())[-1].public)
    return Example((unit.uscc, found[1], found[2]), origin_hash(log.origin), key.text)


def _operation(path: str, operation: Schema) -> OperationText:
    return OperationText(
        id=operation["operationId"],
        path=path,
        about=operation["summary"],
        parameters=tuple(_parameter(each) for each in operation.get("parameters", ())),
        answers=tuple(_answers(operation["responses"])),
    )


def _parameter(parameter: Schema) -> Member:
    schema = parameter["schema"]
    default = str(schema["default"]).lower() if "default" in schema else ""
    about, required = parameter["description"], parameter["required"]
    return Member(parameter["name"], type_text(schema), about, required, default)


def _answers(responses: Schema) -> Iterator[AnswerForm]:
    for status, response in responses.items():
        content = response.get("content", {})
        forms = tuple((media, type_text(each["schema"])) for media, each in content.items())
        yield AnswerForm(status, response["description"], forms)


def _schema(name: str, schema: Schema) -> SchemaText:
    about = schema.get("description") or f"{schema['title']} {schema['x-title-en']}"
    # The body of a kind says what it holds unless it is a deletion.
    members = schema.get("properties") or schema["else"]["properties"]
    return SchemaText(name, about, tuple(_member(*each) for each in members.items()))


def _member(name: str, schema: Schema) -> Member:
    words = (schema.get("title"), schema.get("x-title-en"), schema.get("description"))
    return Member(name, type_text(schema), " ".join(word for word in words if word))


def type_text(schema: Schema) -> TypeText:
    """The type of a schema in short."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return TypeText(name, name)
    for keyword, joined in (("anyOf", " | "), ("oneOf", " | ")):
        if keyword in schema:
            parts = [type_text(each) for each in schema[keyword]]
            link = next((part.schema for part in parts if part.schema), "")
            return TypeText(joined.join(part.text for part in parts), link)
    if "enum" in schema:
        return TypeText(" | ".join(map(str, schema["enum"])))
    return _plain_type(schema)


def _plain_type(schema: Schema) -> TypeText:
    kind = schema.get("type", "any")
    if kind == "array":
        inner = type_text(schema["items"])
        return TypeText(f"[{inner.text}]", inner.schema)
    if kind == "object" and isinstance(schema.get("additionalProperties"), Mapping):
        inner = type_text(schema["additionalProperties"])
        return TypeText(f"{{…: {inner.text}}}", inner.schema)
    return TypeText(kind if isinstance(kind, str) else " | ".join(kind))
