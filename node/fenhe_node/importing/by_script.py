"""What a script sends becomes records: a file as it is, or JSON. Start at `import_sent`.

The same staging and the same report as `import`; only the place of a JSON record is its number.
"""

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path

from fenhe_client.sheets.opening import OpenedFile
from fenhe_node.importing.choosing import Chosen
from fenhe_node.importing.editions import of_sheet
from fenhe_node.importing.file import ImportReport, Taking
from fenhe_node.importing.own_copy import own_copy
from fenhe_node.importing.sheets_chosen import Wish, choose_sheets
from fenhe_node.importing.workbook import import_chosen
from fenhe_node.mapping.file import read_mapping
from fenhe_node.mapping.model import Mapping, check_mapping
from fenhe_node.sources.records import Record, json_list, records_sheet
from fenhe_node.staging.judging import check_fixed
from fenhe_node.staging.suggesting import suggest_mapping
from fenhe_node.store import Store
from fenhe_protocol.errors import InputError, SetupError
from fenhe_protocol.schema import SchemaSet


@dataclass(frozen=True)
class Sent:
    """One call: the bytes and what was said of them. `part`: what is not in it has not vanished."""

    raw: bytes
    name: str  # of the file, or of the list of records; shown as it is
    as_json: bool = False
    kind: str | None = None
    mapping: Path | None = None
    part: bool = False
    source: str = ""  # the list that this is an edition of; empty: `name`


@dataclass(frozen=True)
class Place:
    """Where it is taken in, and as whom; `now` is POSIX seconds."""

    home: Path
    store: Store
    schemas: SchemaSet
    unit: str
    now: int
    by: str


def import_sent(sent: Sent, place: Place) -> tuple[ImportReport, ...]:
    """Take in what is right of it; InputError, SetupError where nothing can be read."""
    chosen = (_records(sent, place.schemas),) if sent.as_json else _file(sent, place)
    return import_chosen(place.store, chosen, [_taking(each, sent, place) for each in chosen])


def _taking(chosen: Chosen, sent: Sent, place: Place) -> Taking:
    mapping = chosen.mapping
    is_part = mapping.source.startswith(of_sheet(sent.source, ""))
    if (sent.source and not is_part) or (sent.as_json and not mapping.source):
        mapping = replace(mapping, source=sent.source or sent.name)
    return Taking(
        mapping,
        place.schemas,
        place.unit,
        place.now,
        place.by,
        suggested=chosen.origin == "suggested",
        whole=not sent.part,
    )


def _file(sent: Sent, place: Place) -> tuple[Chosen, ...]:
    with own_copy(place.home, sent.name, sent.raw) as path:
        wish = Wish(sent.mapping, sent.kind, sent.source)
        return choose_sheets(place.store, path, place.schemas, wish)


def _records(sent: Sent, schemas: SchemaSet) -> Chosen:
    rows = json_list(sent.raw, sent.name)
    if not rows:
        raise InputError("source.empty", where=sent.name)
    sheet = records_sheet(sent.name, "records", rows, _key_of)
    opened = OpenedFile(sent.name, hashlib.sha256(sent.raw).hexdigest(), (sheet,), ())
    if sent.mapping is None:
        return Chosen(opened, suggest_mapping(opened, schemas, sent.kind), "suggested")
    return Chosen(opened, told_mapping(sent.mapping, schemas), "told")


def _key_of(number: int, record: Record) -> str:
    return f"第 {number} 条 record {number}"


def told_mapping(path: Path, schemas: SchemaSet) -> Mapping:
    """Read a mapping that somebody named, for records of its kind; SetupError."""
    mapping = read_mapping(path)
    if mapping.kind not in schemas.kinds:
        raise SetupError("mapping.value", where=f"{path.name} · kind", found=mapping.kind)
    check_mapping(mapping, schemas.kind(mapping.kind), path.name)
    check_fixed(mapping, schemas, path.name)
    return mapping
