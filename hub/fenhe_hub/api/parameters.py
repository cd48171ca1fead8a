"""What may be asked: each parameter once, for the check of a request and for the document. Pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from fenhe_protocol.encoding import parse_decimal
from fenhe_protocol.errors import RequestError

Value = str | int | bool


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter in the path or, unless `place` says so, in the query."""

    name: str
    zh: str
    en: str
    type: Literal["string", "integer", "boolean"] = "string"
    place: Literal["query", "path"] = "query"
    required: bool = False
    default: Value | None = None
    choices: tuple[str, ...] = ()
    pattern: str = ""
    longest: int | None = None
    least: int = 0
    most: int = 2**53 - 1
    example: Value | None = None

    def schema(self) -> dict[str, Any]:
        """The JSON Schema of its value."""
        schema: dict[str, Any] = {"type": self.type}
        if self.type == "integer":
            schema |= {"minimum": self.least, "maximum": self.most}
        for keyword, value in (
            ("enum", list(self.choices)),
            ("pattern", self.pattern),
            ("maxLength", self.longest),
            ("default", self.default),
        ):
            if value not in (None, [], ""):
                schema[keyword] = value
        if self.type == "string" and (self.required or self.place == "path"):
            schema["minLength"] = 1
        return schema

    def read(self, text: str) -> Value:
        """Read a value, or raise RequestError `api.parameter`."""
        if self.type == "integer":
            return self._integer(text)
        if self.type == "boolean":
            return self._choice(text, ("true", "false")) == "true"
        if self.choices:
            return self._choice(text, self.choices)
        return self._string(text)

    def _integer(self, text: str) -> int:
        try:
            number = parse_decimal(text)
        except ValueError:
            number = -1
        if not self.least <= number <= self.most:
            raise self._wrong(f"{self.least} … {self.most}", text)
        return number

    def _choice(self, text: str, choices: tuple[str, ...]) -> str:
        if text not in choices:
            raise self._wrong(", ".join(choices), text)
        return text

    def _string(self, text: str) -> str:
        if self.longest is not None and len(text) > self.longest:
            raise self._wrong(f"≤ {self.longest} 个字符 characters", str(len(text)))
        if self.pattern and not re.fullmatch(self.pattern, text):
            raise self._wrong(self.pattern, text)
        if not text and (self.required or self.place == "path"):
            raise self._wrong("≥ 1 个字符 character", "")
        return text

    def _wrong(self, expected: str, found: str) -> RequestError:
        return RequestError("api.parameter", where=self.name, expected=expected, found=found)


def read_parameters(
    parameters: Iterable[Parameter],
    path: Mapping[str, str],
    query: Iterable[tuple[str, str]],
) -> dict[str, Value | None]:
    """Read a request against what may be asked; RequestError `api.parameter` or `api.unknown`.

    An unknown name is an error, for a filter that is silently ignored gives a wrong answer.
    """
    known = {parameter.name: parameter for parameter in parameters}
    values: dict[str, Value | None] = {name: p.default for name, p in known.items()}
    seen = set[str]()
    for name, text in (*path.items(), *query):
        if name not in known:
            raise RequestError("api.unknown", where=name, expected=", ".join(known))
        if name in seen:
            raise RequestError("api.parameter", where=name, expected="1", found="2")
        seen.add(name)
        values[name] = known[name].read(text)
    for name, parameter in known.items():
        if parameter.required and name not in seen:
            raise RequestError("api.parameter", where=name, expected=parameter.zh)
    return values


def path_of(name: str, zh: str, en: str, **more: Any) -> Parameter:
    """A parameter in the path."""
    return Parameter(name, zh, en, place="path", required=True, **more)
