"""From a refused value to the list of what is wrong with it; the slow and friendly judge."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker, ValidationError
from jsonschema.validators import extend

from fenhe_protocol.encoding import parse_time
from fenhe_protocol.error_texts import Text
from fenhe_protocol.schema_checks import CHECKS, Path, code_faults, text_faults
from fenhe_protocol.schema_fields import KindSchema
from fenhe_protocol.schema_text import Violation, expectation, of_table, shown
from fenhe_protocol.schema_tiers import WHOLE, tier_schema

_CODES = {
    "type": "type",
    "enum": "code",
    "const": "code",
    "pattern": "form",
    "format": "date",
    "minLength": "length",
    "maxLength": "length",
    "minimum": "range",
    "maximum": "range",
    "minItems": "items",
    "maxItems": "items",
    "maxProperties": "items",
}
_CHECK_TEXTS = {
    "ended_at_not_before_started_at": Text("不早于开始时间的时间", "a time not before the start"),
    "in_force_to_not_before_from": Text(
        "不早于执行起始日期的日期", "a date not before the first day in force"
    ),
    "enterprise_outcome_with_consent": Text(
        "是（企业用户的成果经其同意才能公开）", "true (an enterprise's outcome needs its consent)"
    ),
    "id_is_unit": Text("单位代码本身", "the unit's own code"),
}
_TEXT_FAULTS = {
    "control": Text(
        "不含换行、控制字符和双向控制符的文字",
        "text without line breaks, control characters and bidirectional controls",
    ),
    "nfc": Text("Unicode NFC 形式的文字", "text in Unicode NFC"),
    "id": Text(
        "不含空格和不可见字符的编号", "an identifier without spaces or invisible characters"
    ),
}

_formats = FormatChecker(formats=())


def find_violations(kind: KindSchema, tier: str, value: Mapping[str, Any]) -> list[Violation]:
    """Judge a value by one tier of a kind, or as a whole record; nothing means it is valid."""
    if tier not in (*kind.tiers, WHOLE):
        raise KeyError(tier)
    schema = tier_schema(kind, tier)
    errors = list(_Validator(schema, format_checker=_formats).iter_errors(dict(value)))
    found = [violation for error in errors for violation in _from_error(error, kind)]
    found += _text_violations(value, schema["else"])
    found += _check_violations(kind, value) if not errors else []
    known = {violation.path for violation in found}
    codes = _code_violations(value, schema["else"]) if tier == WHOLE else ()
    found += [violation for violation in codes if violation.path not in known]
    order = list(kind.schema["properties"])
    return sorted(found, key=lambda violation: _place(violation.path, order))


def _place(path: str, order: list[str]) -> tuple[int, str]:
    name = re.split(r"[.[]", path, maxsplit=1)[0]
    return (order.index(name) if name in order else len(order), path)


def _from_error(error: ValidationError, kind: KindSchema) -> Iterator[Violation]:
    path = tuple(error.absolute_path)
    schema: Any = error.schema
    value: Any = error.instance
    if error.validator == "required":
        for name in _absent(error, schema["required"], value):
            wanted = schema.get("properties", {}).get(name, {})
            yield _violation(
                (*path, name), "missing", wanted, expectation(wanted), _found(value, name)
            )
    elif error.validator == "additionalProperties":
        for name in sorted(set(value) - set(schema.get("properties", {}))):
            yield _unknown(name, value[name], kind, path, "deleted" in value)
    else:
        found = _measure(str(error.validator), value)
        titled = _titled(kind.schema, path)
        yield _violation(path, _CODES[str(error.validator)], titled, expectation(schema), found)


def _absent(error: ValidationError, required: list[str], value: Mapping[str, Any]) -> list[str]:
    # The validator names one absent member per error, but only inside its message.
    return [name for name in required if name not in value and repr(name) in error.message]


def _unknown(name: str, value: Any, kind: KindSchema, path: Path, deleted: bool) -> Violation:
    known = kind.schema["properties"].get(name) if not path else None
    if known is None:
        text = Text("规范所列的项（其他内容放在 ext 下）", "a listed member (others go under ext)")
        return _violation((*path, name), "unknown", {"title": name}, text, shown(name))
    if deleted:
        text = Text("空（删除记录不带其他内容）", "nothing (a deletion carries nothing else)")
        return _violation((name,), "deleted", known, text, shown(value))
    text = Text("空（此项属于另一级）", "nothing (it belongs to another tier)")
    return _violation((name,), "tier", known, text, "有内容 a value")


def _measure(validator: str, value: Any) -> str:
    if validator in ("minLength", "maxLength"):
        return f"{len(value)} 个字 characters"
    if validator in ("minItems", "maxItems", "maxProperties"):
        return f"{len(value)} 项 items"
    return shown(value)


def _text_violations(value: Mapping[str, Any], schema: Mapping[str, Any]) -> Iterator[Violation]:
    for path, fault in text_faults(value, schema):
        titled = _titled(schema, path)
        yield _violation(path, fault, titled, _TEXT_FAULTS[fault], shown(_at(value, path)))


def _check_violations(kind: KindSchema, value: Mapping[str, Any]) -> Iterator[Violation]:
    for name in kind.schema.get("x-check", ()):
        test, place = CHECKS[name]
        if not test(value):
            field = kind.schema["properties"][place]
            yield _violation((place,), "check", field, _CHECK_TEXTS[name], _found(value, place))


def _found(value: Mapping[str, Any], name: str) -> str:
    return shown(value[name]) if name in value else "无 nothing"


def _code_violations(value: Mapping[str, Any], schema: Mapping[str, Any]) -> Iterator[Violation]:
    for path, fault, expected in code_faults(value, schema):
        field = _titled(schema, path)
        right = Text(f"校验位正确的标识（{expected}）", expected)
        text = of_table(expected) if fault == "table" else right
        yield _violation(path, fault, field, text, shown(_at(value, path)))


def _violation(
    path: Path, code: str, schema: Mapping[str, Any], expected: Text, found: str
) -> Violation:
    last = next((str(part) for part in reversed(path) if isinstance(part, str)), "")
    title = schema.get("title", last)
    return Violation(
        written(path), code, title, schema.get("x-title-en", last), expected.zh, expected.en, found
    )


def written(path: Iterable[str | int]) -> str:
    """Write a path as `lines[2].item`."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".")


def _at(value: Any, path: Path) -> Any:
    """Return what stands at a path; a member whose name itself is bad shows that name."""
    for part in path:
        value = value[part]
    return value


def _titled(schema: Mapping[str, Any], path: Path) -> Mapping[str, Any]:
    """Return the innermost schema on the way to `path` that has a title."""
    titled = schema
    for part in path:
        inner = schema.get("items") if isinstance(part, int) else _member(schema, part)
        if inner is None:
            return titled
        schema = inner
        titled = schema if "title" in schema else titled
    return titled


def _member(schema: Mapping[str, Any], name: str) -> Mapping[str, Any] | None:
    found: Mapping[str, Any] | None = schema.get("properties", {}).get(name)
    return found


@_formats.checks("date", ValueError)
def _is_date(value: object) -> bool:
    return not isinstance(value, str) or bool(date.fromisoformat(value))


@_formats.checks("date-time", ValueError)
def _is_time(value: object) -> bool:
    return not isinstance(value, str) or parse_time(value) is not None


def _pattern(_: Any, pattern: str, value: Any, __: Any) -> Iterator[ValidationError]:
    # `$` of Python's re also matches before a last line feed.
    if isinstance(value, str) and not re.search(pattern.removesuffix("$") + r"\Z", value):
        yield ValidationError("does not match")


def _is_integer(_: Any, value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


# The stubs leave `extend` untyped.
_Validator = extend(  # type: ignore[no-untyped-call]
    Draft202012Validator,
    validators={"pattern": _pattern},
    type_checker=Draft202012Validator.TYPE_CHECKER.redefine("integer", _is_integer),
)
