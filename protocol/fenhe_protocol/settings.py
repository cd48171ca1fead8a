"""Settings: a frozen dataclass is the contract of a configuration file, for reading and writing.

Each field is made by `setting`, which says in both languages why one would change it. The YAML
itself is parsed by the program that has the file; `read_settings` judges what came out.
"""

import json
import types
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, Field, field, fields, is_dataclass
from difflib import get_close_matches
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from fenhe_protocol.errors import SetupError

T = TypeVar("T")
_INDENT = "  "


def setting(*, zh: str, en: str, default: Any = MISSING, default_factory: Any = MISSING) -> Any:
    """Declare one setting with one line why in each language; without a default it is required."""
    metadata = {"zh": zh, "en": en}
    if default_factory is not MISSING:
        return field(default_factory=default_factory, metadata=metadata)
    return field(default=default, metadata=metadata)


def read_settings(cls: type[T], mapping: Mapping[str, Any] | None, *, where: str = "") -> T:
    """Make a `cls` of what the file holds; SetupError names the key that is unknown or wrong.

    Values are str, int, float, bool, Literal, `X | None`, tuple[X, ...], dict[str, X] and other
    settings dataclasses; a `__post_init__` that raises ValueError judges what a type cannot.
    """
    given = {} if mapping is None else _typed_mapping(mapping, where)
    known = {each.name: each for each in fields(cls)}  # type: ignore[arg-type]
    for key in given:
        if key not in known:
            raise _unknown(key, known, where)
    hints = get_type_hints(cls)
    missing = [name for name, each in known.items() if _is_required(each) and name not in given]
    if missing:
        raise SetupError("setup.missing", where=_path(where, missing[0]))
    values = {key: _convert(hints[key], value, _path(where, key)) for key, value in given.items()}
    try:
        return cls(**values)
    except ValueError as error:
        raise _wrong_value(str(error), known, where) from error


def _typed_mapping(value: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
        raise _wrong_type(where, "keys and values", value)
    return value


def _unknown(key: str, known: Mapping[str, Any], where: str) -> SetupError:
    near = get_close_matches(key, known, n=1, cutoff=0.5)
    return SetupError(
        "setup.unknown",
        where=_path(where, key),
        expected=_path(where, near[0]) if near else ", ".join(known),
    )


def _wrong_type(where: str, expected: str, value: Any) -> SetupError:
    return SetupError(
        "setup.type", where=where, expected=expected, found=f"{type(value).__name__} {value!r}"
    )


def _wrong_value(said: str, known: Mapping[str, Any], where: str) -> SetupError:
    """Take apart what a `__post_init__` says, if it is `<key>: <expected>; found <value>`."""
    key, _, rest = said.partition(": ")
    if key not in known:
        return SetupError("setup.value", where=where, found=said)
    expected, _, found = rest.partition("; found ")
    return SetupError("setup.value", where=_path(where, key), expected=expected, found=found)


def _path(where: str, key: str) -> str:
    return f"{where}.{key}" if where else key


def _is_required(each: "Field[Any]") -> bool:
    return each.default is MISSING and each.default_factory is MISSING


def _convert(hint: Any, value: Any, where: str) -> Any:
    origin, args = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return _convert_union(args, value, where)
    if origin is Literal:
        return _one_of(args, value, where)
    if origin is tuple:
        return _convert_tuple(args[0], value, where)
    if origin is dict:
        items = _typed_mapping(value, where).items()
        return {key: _convert(args[1], item, _path(where, key)) for key, item in items}
    if isinstance(hint, type) and is_dataclass(hint):
        return read_settings(hint, _typed_mapping(value, where), where=where)
    return _convert_plain(hint, value, where)


def _convert_union(args: tuple[Any, ...], value: Any, where: str) -> Any:
    if value is None and type(None) in args:
        return None
    (inner,) = (arg for arg in args if arg is not type(None))
    return _convert(inner, value, where)


def _one_of(allowed: tuple[Any, ...], value: Any, where: str) -> Any:
    if value not in allowed:
        raise _wrong_type(where, " | ".join(map(str, allowed)), value)
    return value


def _convert_tuple(inner: Any, value: Any, where: str) -> tuple[Any, ...]:
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise _wrong_type(where, "a list", value)
    return tuple(_convert(inner, item, f"{where}[{n}]") for n, item in enumerate(value))


def _convert_plain(hint: Any, value: Any, where: str) -> Any:
    # bool is an int in Python, but a port is not `true`; an int may stand where a float is meant.
    accepted = (int, float) if hint is float else (hint,)
    if not isinstance(value, accepted) or (isinstance(value, bool) and hint is not bool):
        raise _wrong_type(where, hint.__name__, value)
    return float(value) if hint is float else value


def render_settings(cls: type[Any], given: Mapping[str, Any] | None = None) -> str:
    """Write YAML with every key of `cls`, its reason and its default or the value `given`.

    A required key without a given value is written as a comment, to be filled in.
    """
    return "\n".join(_render(cls, given or {}, ""))


def _render(cls: type[Any], given: Mapping[str, Any], indent: str) -> list[str]:
    lines: list[str] = []
    hints = get_type_hints(cls)
    for each in fields(cls):
        lines += [f"{indent}# {each.metadata[tongue]}" for tongue in ("zh", "en")]
        lines += _render_field(each, hints[each.name], given, indent)
        lines += [""] if not indent else []
    return lines


def _render_field(
    each: "Field[Any]", hint: Any, given: Mapping[str, Any], indent: str
) -> list[str]:
    if isinstance(hint, type) and is_dataclass(hint):
        inner = _typed_mapping(given.get(each.name, {}), each.name)
        return [f"{indent}{each.name}:", *_render(hint, inner, indent + _INDENT)]
    if each.name not in given and _is_required(each):
        return [f"{indent}# {each.name}:"]
    if each.name not in given:
        return [f"{indent}{each.name}: {_scalar(_default(each))}"]
    line = f"{indent}{each.name}: {_scalar(given[each.name])}"
    if _is_required(each) or given[each.name] == _default(each):
        return [line]
    return [f"{indent}# 默认 default: {_scalar(_default(each))}", line]


def _default(each: "Field[Any]") -> Any:
    return each.default_factory() if each.default_factory is not MISSING else each.default


def _scalar(value: Any) -> str:
    """Write one value as YAML on one line."""
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_scalar, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{_scalar(key)}: {_scalar(each)}' for key, each in value.items())}}}"
    if isinstance(value, float) and "." not in str(value):
        return str(value).replace("e", ".0e")  # YAML 1.1 takes 1e-05 for a text
    # JSON is YAML but for a few characters that YAML wants escaped, in a form of its own.
    text = json.dumps(value, ensure_ascii=False)
    return "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in text)
