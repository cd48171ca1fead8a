"""The mapping as a value, and whether it fits the schema of its kind. Start at `Mapping`.

A mapping says everything that is done to a cell on its way into a record, so that nothing happens
to a unit's data that the unit cannot read, edit and keep.
"""

from collections.abc import Iterator
from collections.abc import Mapping as Dict
from dataclasses import dataclass, field
from typing import Any

from fenhe_client.sheets.dates import is_form, offset_of
from fenhe_node.mapping.made import MadeId, Span
from fenhe_node.mapping.units import UNITS
from fenhe_protocol.errors import SetupError
from fenhe_protocol.schema_fields import Field, KindSchema

ROUNDINGS = ("", "half_up", "down")
EMPTY_WORDS = ("/", "\\", "-", "--", "—", "——", "无", "暂无")
DELETE_REASONS = ("error", "scrapped", "transferred", "classified", "other")

_EXT_TIERS = ("pub", "hub", "nat")
_NO_DELIMITERS = frozenset('"\r\n\0')


@dataclass(frozen=True)
class ColumnRule:
    """What is done with one column: read into `fields`, or ignored for a reason."""

    header: str
    fields: tuple[str, ...] = ()
    ignore: str = ""
    values: Dict[str, Any] = field(default_factory=dict)  # as written → as recorded; null: missing
    unit: str = ""  # of the numbers written: 元, 万元, 小时 …
    round: str = ""  # "": what is no whole number is refused
    unit_in: str = ""  # header of the column that names the unit of each number
    format: str = ""  # of dates written as text, as in strptime; unix: seconds since 1970
    zone: str = ""  # of moments written without one: UTC, +08:00; empty: Chinese time
    prefix: str = ""  # put before an id, so that numbers of two systems stay apart
    split: str = ""  # characters that part a list
    mobile: str = ""  # field that takes a mobile number where a landline is expected


@dataclass(frozen=True)
class Mapping:
    """How one list becomes records of one kind."""

    kind: str
    columns: tuple[ColumnRule, ...]
    fixed: Dict[str, Any] = field(default_factory=dict)
    source: str = ""  # the name of the list through its editions; else the file's name
    sheet: str = ""
    header_row: int = 0
    encoding: str = ""
    delimiter: str = ""
    empty: tuple[str, ...] = EMPTY_WORDS
    persons: tuple[str, ...] = ()  # headers of columns that hold persons: never in pub or hub
    skip_where: Dict[str, tuple[str, ...]] = field(default_factory=dict)
    only_where: Dict[str, tuple[str, ...]] = field(default_factory=dict)  # all else is skipped
    wait_for: tuple[str, ...] = ()  # a row is held back until these columns are filled
    id_of: MadeId | None = None
    minutes: Span | None = None
    vanished: str = ""  # reason with which vanished rows are deleted; empty: they are listed

    def rule(self, header: str) -> ColumnRule | None:
        """Find the rule of a column by the name of its header."""
        return next((rule for rule in self.columns if rule.header == header), None)

    def says_nothing(self, header: str, text: str) -> bool:
        """Whether `text` in this column stands for nothing: blank, a dash, what means null."""
        rule = self.rule(header)
        null = rule is not None and text in rule.values and rule.values[text] is None
        return not text or text in self.empty or null

    @property
    def named(self) -> tuple[str, ...]:
        """Every header that the mapping speaks of: a list has to have them all."""
        made = self.id_of.columns if self.id_of else ()
        span = (self.minutes.start, self.minutes.end) if self.minutes else ()
        beside = (rule.unit_in for rule in self.columns if rule.unit_in)
        where = (*self.persons, *self.skip_where, *self.only_where, *self.wait_for)
        rules = (rule.header for rule in self.columns)
        return tuple(dict.fromkeys((*rules, *where, *made, *span, *beside)))


def check_mapping(mapping: Mapping, kind: KindSchema, where: str) -> None:
    """Raise SetupError for the first thing in the mapping that cannot work; `where` is its file."""
    for key, expected, found in _faults(mapping, kind):
        raise SetupError(
            "mapping.value", where=f"{where} · {key}", expected=expected, found=str(found)
        )


def target(kind: KindSchema, path: str) -> Field | None:
    """Find the field a path names; `lines.item` is the member of a list. None for an extension.

    KeyError if there is no such field.
    """
    if path.startswith("ext."):
        if len(path.split(".")) != 3 or path.split(".")[1] not in _EXT_TIERS:
            raise KeyError(path)
        return None
    try:
        return kind.field(path)
    except KeyError:
        head, _, rest = path.partition(".")
        return kind.field(f"{head}[].{rest}")


def tier_of(kind: KindSchema, path: str) -> str:
    """Give the most public tier in which the field of this path may stand."""
    found = target(kind, path)
    return found.tier if found else path.split(".")[1]


def _faults(mapping: Mapping, kind: KindSchema) -> Iterator[tuple[str, str, Any]]:
    for rule in mapping.columns:
        for path in (*rule.fields, *filter(None, [rule.mobile])):
            yield from _field_faults(f"columns · {rule.header}", path, kind)
        yield from _rule_faults(rule)
    for path in (*mapping.fixed, *([mapping.minutes.field] if mapping.minutes else [])):
        yield from _field_faults("fixed", path, kind)
    yield from _person_faults(mapping, kind)
    yield from _identity_faults(mapping)
    if len(mapping.delimiter) > 1 or mapping.delimiter in _NO_DELIMITERS:
        yield "delimiter", "一个字符 one character", repr(mapping.delimiter)


def _field_faults(where: str, path: str, kind: KindSchema) -> Iterator[tuple[str, str, Any]]:
    if not _is_field(kind, path):
        yield where, f"{kind.kind} 的字段 a field of it", path


def _identity_faults(mapping: Mapping) -> Iterator[tuple[str, str, Any]]:
    if mapping.vanished and mapping.vanished not in DELETE_REASONS:
        yield "vanished · delete", ", ".join(DELETE_REASONS), mapping.vanished
    if mapping.vanished and not mapping.source:
        # Without a name two files with the same headers would delete each other's rows.
        yield "vanished · delete", "要写明 source; needs `source`", ""
    fields = [path for rule in mapping.columns for path in rule.fields]
    if mapping.kind != "unit" and "id" not in fields and not mapping.id_of:
        yield "columns", "一列的字段为 id; one column whose field is id", ""


def _rule_faults(rule: ColumnRule) -> Iterator[tuple[str, str, Any]]:
    if rule.unit and rule.unit not in UNITS:
        yield f"columns · {rule.header} · unit", ", ".join(UNITS), rule.unit
    if rule.round not in ROUNDINGS:
        yield f"columns · {rule.header} · round", "half_up, down", rule.round
    if rule.format and not is_form(rule.format):
        yield f"columns · {rule.header} · format", "%Y-%m-%d …, unix", rule.format
    if not _is_zone(rule.zone):
        yield f"columns · {rule.header} · zone", "UTC, +08:00", rule.zone
    if rule.fields and rule.ignore:
        yield f"columns · {rule.header}", "field 或 ignore; one of the two", rule.ignore


def _is_zone(zone: str) -> bool:
    try:
        offset_of(zone)
    except ValueError:
        return False
    return True


def _person_faults(mapping: Mapping, kind: KindSchema) -> Iterator[tuple[str, str, Any]]:
    for header in mapping.id_of.columns if mapping.id_of else ():
        if header in mapping.persons:  # whoever knows the names could try them all
            yield "id_of · columns", "不是人员列 no column of persons", header
    for rule in mapping.columns:
        if rule.header not in mapping.persons:
            continue
        for path in rule.fields:
            if _is_field(kind, path) and tier_of(kind, path) in ("pub", "hub"):
                yield (
                    f"persons · {rule.header}",
                    "人员列只能留在单位 (node) 或密封上报 (nat); a person's column stays",
                    path,
                )


def _is_field(kind: KindSchema, path: str) -> bool:
    try:
        found = target(kind, path)
    except KeyError:
        return False
    if found is None:
        return True
    return path not in ("unit", "kind", "deleted", "ext") and found.type not in (
        "object",
        "extension",
    )
