"""Which sheets of a file are lists, and by which mapping each is read. Start at `choose_sheets`.

The national platform's device.xls has two lists of two kinds, and units keep a sheet a month or an
institute. Each that is surely a list is read, by the mapping saved for it or by what is guessed;
what is only like one is named and not read, and what is hidden neither, unless somebody says so.
The first list of a kind keeps the name of the file; a further one has that of its sheet behind it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from fenhe_client.sheets.opening import OpenedFile
from fenhe_client.sheets.table import Sheet
from fenhe_client.sheets.watching import Progress, unwatched
from fenhe_node.importing.choosing import Chosen, choose, open_by, saved, with_words
from fenhe_node.importing.editions import marked_list, of_sheet
from fenhe_node.mapping import model
from fenhe_node.mapping.suggestion import KINDS
from fenhe_node.staging.layout import Layout, lay_out
from fenhe_node.staging.suggesting import suggest_loosely, suggest_mapping
from fenhe_node.store import Store, own_words
from fenhe_protocol.errors import InputError
from fenhe_protocol.schema import SchemaSet

_LEAST = 4
"""Columns that a further sheet must have of a kind, its id among them, and half of all it has."""


@dataclass(frozen=True)
class Wish:
    """What somebody said of a file: how it is read, what is in it, which list, which sheets."""

    mapping: Path | None = None
    kind: str | None = None
    source: str = ""
    sheets: tuple[str, ...] = ()  # NAME or NAME=KIND; empty: all that are surely lists

    @property
    def one(self) -> bool:
        """Whether only one list is meant."""
        return self.mapping is not None or bool(self.kind and not self.sheets)


def choose_sheets(
    store: Store, path: Path, schemas: SchemaSet, wish: Wish, progress: Progress = unwatched
) -> tuple[Chosen, ...]:
    """Open the file and find each list in it and its mapping; InputError, SetupError."""
    if wish.one:
        return (
            choose(
                store,
                path,
                schemas,
                mapping_path=wish.mapping,
                kind=wish.kind,
                source=wish.source,
                progress=progress,
            ),
        )
    source = wish.source or marked_list(store, path.name, "") or path.name
    latest = saved(store, source, None, schemas)
    opened = open_by(path, latest, progress)
    told = dict(split_sheet(each) for each in wish.sheets)
    listed = _wished(opened, told)
    if len(listed) < 2 and not told:
        return (_only(store, opened, schemas, latest, source),)
    found = _Sheets(store, schemas, opened, source, told, wish.kind or "").read(listed)
    return found or (_only(store, opened, schemas, latest, source),)


def split_sheet(told: str) -> tuple[str, str]:
    """A sheet's name and the kind of what is in it, "" where it is to be guessed."""
    name, _, kind = told.rpartition("=")
    return (name, kind) if kind in KINDS else (told, "")


def _wished(opened: OpenedFile, told: Mapping[str, str]) -> list[Sheet]:
    if not told:
        return [sheet for sheet in opened.sheets if sheet.rows and not sheet.hidden]
    absent = [name for name in told if name not in {sheet.name for sheet in opened.sheets}]
    if absent:
        there = "、".join(sheet.name for sheet in opened.sheets)
        expected = "、".join(absent)
        raise InputError("sheet.absent", where=opened.name, expected=expected, found=there)
    return [sheet for sheet in opened.sheets if sheet.name in told]


def _only(
    store: Store, opened: OpenedFile, schemas: SchemaSet, latest: model.Mapping | None, source: str
) -> Chosen:
    if latest is not None:
        return Chosen(opened, latest, "saved")
    mapping = with_words(suggest_mapping(opened, schemas, None), own_words.own_words(store))
    named = mapping if source == opened.name else replace(mapping, source=source)
    return Chosen(opened, named, "suggested")


@dataclass(frozen=True)
class _Sheets:
    store: Store
    schemas: SchemaSet
    opened: OpenedFile
    source: str
    told: Mapping[str, str]  # the kind of what is in a sheet, by its name
    kind: str  # of those of which nothing else is told

    def read(self, listed: Sequence[Sheet]) -> tuple[Chosen, ...]:
        """Those of the sheets that are lists; all of them, if they were told."""
        claimed = self._claimed(listed)
        best = None if self.told else self._best(listed)
        kinds = {each.kind for each in claimed.values() if each.source == self.source}
        found: list[tuple[Sheet, model.Mapping, str]] = []
        for sheet in listed:
            mapping, origin = claimed.get(sheet.name), "saved"
            if mapping is None:
                sure = bool(self.told) or sheet.name == best
                mapping, origin = self._guessed(sheet, sure=sure), "suggested"
            if mapping is None:
                continue
            if origin == "suggested" and mapping.kind in kinds:
                mapping = replace(mapping, source=of_sheet(self.source, sheet.name))
            elif origin == "suggested" and self.source != self.opened.name:
                mapping = replace(mapping, source=self.source)
            kinds.add(mapping.kind)
            found.append((sheet, mapping, origin))
        return tuple(self._apart(found))

    def _apart(self, found: Sequence[tuple[Sheet, model.Mapping, str]]) -> Iterator[Chosen]:
        """Each with its own sheet; the first one tells besides of those that are not read."""
        taken = {sheet.name for sheet, _, _ in found}
        rest = [sheet for sheet in self.opened.sheets if sheet.name not in taken]
        for sheet, mapping, origin in found:
            yield Chosen(replace(self.opened, sheets=(sheet, *rest)), mapping, origin)
            rest = []

    def _claimed(self, listed: Sequence[Sheet]) -> dict[str, model.Mapping]:
        """The sheets for which a mapping is saved, by name; the latest mapping comes first.

        A saved mapping that fits no more is an error of the file, as it is in a file of one list.
        """
        claimed: dict[str, model.Mapping] = {}
        names = (self.source, *(of_sheet(self.source, sheet.name) for sheet in listed))
        for name in names:
            for kind in own_words.saved_kinds(self.store, name):
                mapping = saved(self.store, name, kind, self.schemas)
                if mapping is None or mapping.sheet in claimed:
                    continue
                left = [sheet for sheet in listed if sheet.name not in claimed]
                if not left or (mapping.sheet and mapping.sheet not in {s.name for s in left}):
                    continue
                sheet = lay_out(self.opened.name, left, mapping).sheet
                if self._kind(sheet) not in ("", mapping.kind):
                    continue
                claimed[sheet.name] = replace(mapping, sheet=sheet.name)
        return claimed

    def _kind(self, sheet: Sheet) -> str:
        return self.told.get(sheet.name) or self.kind

    def _best(self, listed: Sequence[Sheet]) -> str:
        """The sheet that would be read if only one were."""
        try:
            mapping = suggest_mapping(
                replace(self.opened, sheets=tuple(listed)), self.schemas, None
            )
        except InputError:
            return ""
        return mapping.sheet

    def _guessed(self, sheet: Sheet, *, sure: bool) -> model.Mapping | None:
        alone = replace(self.opened, sheets=(sheet,))
        try:
            kind = self._kind(sheet) or None
            mapping, layout = suggest_loosely(alone, self.schemas, kind)
            if not sure and not _is_list(mapping, layout):
                return None
            mapping = suggest_mapping(alone, self.schemas, mapping.kind)
        except InputError:
            if sure:
                raise
            return None
        words = own_words.own_words(self.store)
        return replace(with_words(mapping, words), sheet=sheet.name)


def _is_list(mapping: model.Mapping, layout: Layout) -> bool:
    """Whether a sheet beside another list is surely one too."""
    paths = [path for rule in mapping.columns for path in rule.fields]
    named = mapping.kind == "unit" or "id" in paths
    filled = any(not row.empty for row in layout.rows)
    return named and filled and len(paths) >= _LEAST and 2 * len(paths) >= len(layout.headers)
