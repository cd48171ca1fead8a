"""Fee standards as rows of a sheet, a line of prices each, to be imported again. Start at `rows`.

The columns are those of the template, so that what was exported is what an import takes in.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from fenhe_node.importing.template import columns, written
from fenhe_node.mapping.model import target
from fenhe_protocol.schema_fields import KindSchema

KIND = "fee_standard"
_LINES = "lines"


def rows(kind: KindSchema, records: Iterable[Mapping[str, Any]]) -> Iterator[list[str]]:
    """The headers, then the lines of every record; a record without any has one row."""
    listed = columns(kind)
    yield [column.header for column in listed]
    for record in records:
        lines: Sequence[Mapping[str, Any]] = record.get(_LINES) or ({},)
        for line in lines:
            whole = {**record, _LINES: line}
            yield [_text(kind, whole, column.path) for column in listed]


def _text(kind: KindSchema, record: Mapping[str, Any], path: str) -> str:
    value: Any = record
    for name in path.split("."):
        if not isinstance(value, Mapping) or name not in value:
            return ""
        value = value[name]
    field = target(kind, path)
    return written(field, value) if field is not None else str(value)
