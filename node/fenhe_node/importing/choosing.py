"""By which mapping a file is read: as told, saved for its list, or guessed. Start at `choose`.

A workbook of which several sheets are lists is `sheets_chosen`'s.

A list is known by its name (`source`) through its editions; the file's own where nothing else is
told. The unit's own words for the codes count in all of its lists, under what the mapping says.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from fenhe_client.sheets.marking import LISTED
from fenhe_client.sheets.opening import OpenedFile, open_file
from fenhe_client.sheets.watching import Progress, unwatched
from fenhe_node.importing.editions import marked_list
from fenhe_node.mapping import model
from fenhe_node.mapping.file import parse_mapping, read_mapping
from fenhe_node.mapping.value_words import VALUE_WORDS
from fenhe_node.staging.judging import check_fixed
from fenhe_node.staging.suggesting import suggest_mapping
from fenhe_node.store import Store, own_words
from fenhe_protocol.errors import SetupError
from fenhe_protocol.schema import SchemaSet


@dataclass(frozen=True)
class Chosen:
    """A file as read and how; `origin` is told, saved or suggested."""

    opened: OpenedFile
    mapping: model.Mapping
    origin: str


def choose(
    store: Store,
    path: Path,
    schemas: SchemaSet,
    *,
    mapping_path: Path | None = None,
    kind: str | None = None,
    source: str = "",
    progress: Progress = unwatched,
) -> Chosen:
    """Open the file at `path` and find its mapping; InputError, SetupError."""
    progress("读取文件 read", 0, 1)
    own = own_words.own_words(store)
    if mapping_path is not None:
        mapping = fitting(read_mapping(mapping_path), kind, schemas, mapping_path.name)
        return Chosen(open_by(path, mapping, progress), with_words(mapping, own), "told")
    source = source or marked_list(store, path.name, kind or "") or path.name
    mapped = saved(store, source, kind, schemas)
    if mapped is not None:
        return Chosen(open_by(path, mapped, progress), mapped, "saved")
    opened = open_by(path, None, progress)
    mapping = with_words(suggest_mapping(opened, schemas, kind), own)
    if source != path.name:
        mapping = replace(mapping, source=source)
    return Chosen(opened, mapping, "suggested")


def saved(store: Store, source: str, kind: str | None, schemas: SchemaSet) -> model.Mapping | None:
    """The mapping that is saved for a list, with the unit's own words; SetupError."""
    text = own_words.saved_mapping(store, source, kind or "")
    if not text:
        return None
    mapping = fitting(parse_mapping(text, source), kind, schemas, source)
    own = dict(own_words.own_words(store))
    return replace(with_words(mapping, VALUE_WORDS | own), source=source)


def open_by(path: Path, mapping: model.Mapping | None, progress: Progress) -> OpenedFile:
    """Open a file in the encoding that the mapping names, if it names one."""
    encoding, delimiter = (mapping.encoding, mapping.delimiter) if mapping else ("", "")
    return _without_marks(
        open_file(path, encoding=encoding, delimiter=delimiter, progress=progress)
    )


def _without_marks(opened: OpenedFile) -> OpenedFile:
    """What a marked copy lists on a sheet of its own is no list of the unit's."""
    kept = tuple(sheet for sheet in opened.sheets if sheet.name != LISTED)
    return replace(opened, sheets=kept) if kept else opened


def fitting(
    mapping: model.Mapping, kind: str | None, schemas: SchemaSet, where: str
) -> model.Mapping:
    """The mapping, if it is of this kind and can work; SetupError."""
    if mapping.kind not in schemas.kinds or kind not in (None, mapping.kind):
        raise SetupError(
            "mapping.value",
            where=f"{where} · kind",
            expected=kind or ", ".join(schemas.kinds),
            found=mapping.kind,
        )
    model.check_mapping(mapping, schemas.kind(mapping.kind), where)
    check_fixed(mapping, schemas, where)
    return mapping


def with_words(
    mapping: model.Mapping, words: Mapping[tuple[str, str], Mapping[str, str | int]]
) -> model.Mapping:
    """Let every column know the words for its codes that it does not know already."""
    return replace(
        mapping, columns=tuple(_knowing(r, mapping.kind, words) for r in mapping.columns)
    )


def _knowing(
    rule: model.ColumnRule, kind: str, words: Mapping[tuple[str, str], Mapping[str, str | int]]
) -> model.ColumnRule:
    known = words.get((kind, rule.fields[0]), {}) if len(rule.fields) == 1 else {}
    return replace(rule, values={**known, **rule.values}) if known else rule
