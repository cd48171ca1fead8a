"""What JSON Schema cannot say: text rules on every string, and checks between two fields.

Both are named in the schema files (`x-text`, `x-check`). `compile_texts` makes one quick test out
of a schema, for the hot path; `text_faults` says where and why, for people.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from fenhe_protocol.code_tables import codes_of
from fenhe_protocol.encoding import parse_time
from fenhe_protocol.identifiers import check_ror

Test = Callable[[Any], bool]
Path = tuple[str | int, ...]

# Categories Cc, and the characters that reorder what a person reads.
_REORDERING = r"\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_FORBIDDEN = re.compile(rf"[\x00-\x1f{_REORDERING}]")
_FORBIDDEN_IN_LINES = re.compile(rf"[\x00-\x09\x0b-\x1f{_REORDERING}]")


def is_line(text: str) -> bool:
    """Tell whether text is NFC without control characters and bidirectional controls."""
    if text.isascii():
        return text.isprintable()
    return not _FORBIDDEN.search(text) and unicodedata.is_normalized("NFC", text)


def is_lines(text: str) -> bool:
    """The same, but line feeds are allowed."""
    return not _FORBIDDEN_IN_LINES.search(text) and unicodedata.is_normalized("NFC", text)


def is_id(text: str) -> bool:
    """Tell whether text may be a record's id: NFC without categories C* and Z* (records.md)."""
    if text.isascii():
        return text.isprintable() and " " not in text
    return unicodedata.is_normalized("NFC", text) and all(
        unicodedata.category(character)[0] not in "CZ" for character in text
    )


def surely_good_text(body: bytes) -> bool:
    """Whether the bytes of strict JSON alone show that every text in it keeps every rule here."""
    odd = b"\\" in body or b" " in body or b"\x7f" in body
    return body.isascii() and not odd


_RULES: dict[str, Callable[[str], bool]] = {"line": is_line, "lines": is_lines, "id": is_id}


def text_rule(schema: Mapping[str, Any]) -> str | None:
    """Name the rule of a string; none where a code or a pattern already leaves only ASCII."""
    if schema.get("type") != "string" or "enum" in schema or "format" in schema:
        return None
    rule: str | None = schema.get("x-text", None if "pattern" in schema else "line")
    return rule


def compile_texts(schema: Mapping[str, Any]) -> Test | None:
    """Make a test of all text in a value that is already valid; None where there is none."""
    if rule := text_rule(schema):
        return _RULES[rule]
    if "properties" in schema:
        tests = {n: t for n, s in schema["properties"].items() if (t := compile_texts(s))}
        return _members_test(tests) if tests else None
    if "items" in schema:
        item = compile_texts(schema["items"])
        return (lambda values: all(map(item, values))) if item else None
    return _anything if schema.get("type") == "object" else None


def _members_test(tests: Mapping[str, Test]) -> Test:
    pairs = tuple(tests.items())

    def test(value: Mapping[str, Any]) -> bool:
        # A loop: all() with a generator costs a third more, and this runs for every body.
        for name, is_good in pairs:  # noqa: SIM110
            if name in value and not is_good(value[name]):
                return False
        return True

    return test


def _anything(value: Any) -> bool:
    """Test every string of an extension, member names included."""
    if isinstance(value, str):
        return is_line(value)
    if isinstance(value, Mapping):
        return all(is_line(name) and _anything(member) for name, member in value.items())
    return not isinstance(value, list) or all(map(_anything, value))


def text_faults(
    value: Any, schema: Mapping[str, Any], path: Path = ()
) -> Iterator[tuple[Path, str]]:
    """Yield path and fault (`nfc`, `control` or `id`) of every bad text, in invalid values too."""
    if isinstance(value, str):
        rule = text_rule(schema) or "line"
        if not _RULES[rule](value):
            yield path, _fault(value, rule)
    elif isinstance(value, Mapping):
        members = schema.get("properties", {})
        for name, member in value.items():
            if not is_line(name):
                yield (*path, name), _fault(name, "line")
            yield from text_faults(member, members.get(name, {}), (*path, name))
    elif isinstance(value, list):
        for place, item in enumerate(value):
            yield from text_faults(item, schema.get("items", {}), (*path, place))


def _fault(text: str, rule: str) -> str:
    forbidden = _FORBIDDEN_IN_LINES if rule == "lines" else _FORBIDDEN
    if forbidden.search(text):
        return "control"
    return "nfc" if not unicodedata.is_normalized("NFC", text) else "id"


def code_faults(
    value: Any, schema: Mapping[str, Any], path: Path = ()
) -> Iterator[tuple[Path, str, str]]:
    """Yield path, fault and expectation of codes not in their table or with a bad check digit.

    Only a writer asks: a reader does not refuse a code of a table newer than its own.
    """
    if isinstance(value, str):
        if (table := schema.get("x-table")) and value not in codes_of(table):
            yield path, "table", table
        elif schema.get("x-identifier") == "ror" and (expected := _ror_fault(value)):
            yield path, "identifier", expected
    elif isinstance(value, Mapping):
        for name, member in value.items():
            member_schema = schema.get("properties", {}).get(name, {})
            yield from code_faults(member, member_schema, (*path, name))
    elif isinstance(value, list):
        for place, item in enumerate(value):
            yield from code_faults(item, schema.get("items", {}), (*path, place))


def _ror_fault(text: str) -> str:
    try:
        check_ror(text)
    except ValueError as fault:
        return str(fault)
    return ""


def _service_ends_after_start(record: Mapping[str, Any]) -> bool:
    start, end = record.get("started_at"), record.get("ended_at")
    if start is None or end is None:
        return True
    # Times of one offset are in order as text, which spares parsing on the hot path.
    if start[19:] == end[19:]:
        return bool(start <= end)
    return parse_time(start) <= parse_time(end)


def _in_force_in_order(record: Mapping[str, Any]) -> bool:
    start, end = record.get("in_force_from"), record.get("in_force_to")
    return start is None or end is None or bool(start <= end)


def _enterprise_consents(record: Mapping[str, Any]) -> bool:
    firms = ("enterprise", "tech_sme")
    return record.get("user_class") not in firms or record.get("consent") is True


def _id_is_unit(record: Mapping[str, Any]) -> bool:
    return bool(record["id"] == record["unit"])


# Name in `x-check` → test, and the member at which a person is told.
CHECKS: dict[str, tuple[Test, str]] = {
    "ended_at_not_before_started_at": (_service_ends_after_start, "ended_at"),
    "in_force_to_not_before_from": (_in_force_in_order, "in_force_to"),
    "id_is_unit": (_id_is_unit, "id"),
    "enterprise_outcome_with_consent": (_enterprise_consents, "consent"),
}
