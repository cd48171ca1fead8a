"""The OpenAPI 3.1 document, written from the operations and the types of their answers. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any, get_args

from fenhe_hub.api.http import SOURCE_HEARD_AT, SOURCE_STATE, parameters_of
from fenhe_hub.api.json_schema import Schemas
from fenhe_hub.api.judgement_shapes import Problem
from fenhe_hub.api.labels import kinds
from fenhe_hub.api.operation import Operation, TextFile
from fenhe_hub.api.parameters import Parameter
from fenhe_hub.api.spreadsheet import FORMATS
from fenhe_hub.index.source import SourceState
from fenhe_protocol.schema import SchemaSet

VERSION = "1.0.0"
LICENCE = {"name": "CC BY 4.0", "url": "https://creativecommons.org/licenses/by/4.0/"}

ABOUT = """\
汾河省平台的公开接口。只有 `pub` 级内容由此给出，每个答复都带来源的状态和新旧。
出错时答复 `application/problem+json` (RFC 9457), `code` 不变，文字可变。
列表用 `cursor` 翻页，每页至多 100 条。

The public interface of a Fenhe hub. Only what is in tier `pub` leaves here, and every answer
carries the state and age of its source. Errors are `application/problem+json` with a stable `code`.
Lists are paged by `cursor`, at most 100 a page. The signed feeds themselves lie under `/m` and
`/fed` and are the source of all this.
"""

PROBLEMS = {
    "304": ("内容未变", "Not modified since the ETag sent"),
    "400": ("请求有误", "The request is not of the form"),
    "404": ("没有，或不公开", "Not here, or not public"),
}


def make_document(operations: Iterable[Operation], url: str) -> dict[str, Any]:
    """The document for an API served under `url`."""
    schemas = Schemas()
    schemas.of(Problem)
    paths = {each.path: {"get": _operation(each, schemas)} for each in operations}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "汾河 Fenhe API",
            "version": VERSION,
            "description": ABOUT,
            "license": LICENCE,
        },
        "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
        "servers": [{"url": f"{url}/api/v1"}],
        "paths": paths,
        "components": {"schemas": _with_records(schemas.named), "headers": _HEADERS},
    }


_HEADERS = {
    "ETag": {
        "description": "随内容而变，不随来源的年龄而变 changes with the content, not with its age",
        "schema": {"type": "string"},
    },
    SOURCE_STATE: {
        "description": "来源状态 state of the source",
        "schema": {"type": "string", "enum": list(get_args(SourceState))},
    },
    SOURCE_HEARD_AT: {
        "description": "来源最近一次确认的时间 when the source last confirmed it",
        "schema": {"type": "string"},
    },
    "Link": {"description": '下一页 rel="next"', "schema": {"type": "string"}},
}


def _operation(operation: Operation, schemas: Schemas) -> dict[str, Any]:
    parameters = [_parameter(each) for each in parameters_of(operation)]
    return {
        "operationId": operation.name,
        "summary": f"{operation.zh} {operation.en}",
        **({"description": operation.details} if operation.details else {}),
        **({"parameters": parameters} if parameters else {}),
        "responses": _responses(operation, schemas),
    }


def _parameter(parameter: Parameter) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "in": parameter.place,
        "required": parameter.required,
        "description": f"{parameter.zh} {parameter.en}",
        "schema": parameter.schema(),
        **({} if parameter.example is None else {"example": parameter.example}),
    }


def _responses(operation: Operation, schemas: Schemas) -> dict[str, Any]:
    names = ["ETag", *(["Link"] if operation.columns else [])]
    if operation.answer is TextFile:
        names += [SOURCE_STATE, SOURCE_HEARD_AT]
    headers = {name: {"$ref": f"#/components/headers/{name}"} for name in names}
    good = {
        "description": f"{operation.zh} {operation.en}",
        "headers": headers,
        "content": _content(operation, schemas),
    }
    described = {"200": good, "304": {"description": " ".join(PROBLEMS["304"])}}
    for status in map(str, operation.problems):
        described[status] = _problem(*PROBLEMS[status])
    return described | {"default": _problem("其他错误", "Any other error")}


def _problem(zh: str, en: str) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        "description": f"{zh} {en}",
        "content": {"application/problem+json": {"schema": schema}},
    }


def _content(operation: Operation, schemas: Schemas) -> dict[str, Any]:
    if operation.answer is TextFile:
        return {"text/plain": {"schema": {"type": "string"}}}
    schema = {"type": "object"} if operation.answer is dict else schemas.of(operation.answer)
    content: dict[str, Any] = {"application/json": {"schema": schema}}
    if operation.columns:
        content |= {media: {"schema": {"type": "string"}} for media in FORMATS.values()}
    return content


def _with_records(named: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Add the public body of each kind, and say where such a body stands."""
    bodies = {f"Record.{kind}": _public_body(kind) for kind in kinds()}
    record = named["Resource"]["properties"]["record"]
    record["anyOf"] = [
        {"maxProperties": 0},
        *({"$ref": f"#/components/schemas/{name}"} for name in bodies),
    ]
    return {**named, **bodies}


def _public_body(kind: str) -> Mapping[str, Any]:
    schema = SchemaSet.load().tier_schema(kind, "pub")
    return {name: value for name, value in schema.items() if name not in ("$id", "$schema")}
