"""One named source, from its settings to records and a stored verdict. Start at `collect`.

Whatever comes, from a file, a folder, a database or an interface, goes through the same staging as
a file imported by hand, and every run ends in a verdict that stays: none fails in silence.
"""

import asyncio
import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from fenhe_client.sheets.opening import OpenedFile
from fenhe_node.collecting import verdicts
from fenhe_node.collecting.folder import read_whole
from fenhe_node.collecting.laid_down import import_copy
from fenhe_node.collecting.nemo_rest import fetch_tables
from fenhe_node.collecting.secret import read_secret
from fenhe_node.collecting.sql import run_query, shown_place
from fenhe_node.collecting.verdicts import Collected, Now, Verdict
from fenhe_node.collecting.watching import collect_folder, watch_of
from fenhe_node.importing.by_script import told_mapping
from fenhe_node.importing.file import ImportReport, Taking, import_opened
from fenhe_node.node import Node
from fenhe_node.settings.sources import SourceSettings
from fenhe_node.sources.nemo import Tables, columns_of, fixture_tables, rows_of
from fenhe_node.sources.records import Record, records_sheet
from fenhe_node.store import Store
from fenhe_protocol.errors import FenheError, SetupError
from fenhe_protocol.schema import SchemaSet


def find(sources: Sequence[SourceSettings], name: str) -> SourceSettings:
    """The source of this name; SetupError `source.unknown`."""
    for each in sources:
        if each.name == name:
            return each
    names = ", ".join(each.name for each in sources) or "sources: []"
    raise SetupError("source.unknown", where=name, expected=names)


async def collect(
    node: Node, name: str, now: Now, *, by: str = "", everything: bool = False
) -> Collected:
    """Collect from the source `name` and keep the verdict; what ends it is kept and raised.

    `everything`: not only what is new since the last run.
    """
    settings = find(node.config.sources, name)
    began = now()
    try:
        if settings.kind == "folder":
            return await collect_folder(node, settings, now, watch_of(node, settings), by=by)
        since = None if everything else await asyncio.to_thread(_since, node, settings)
        reports, whole = await _taken(node, settings, began, since, by or f"source {name}")
    except FenheError as error:
        failed = Verdict(name, began, now(), code=error.code, failed=str(error))
        await asyncio.to_thread(_keep, node, failed)
        raise
    verdict = Verdict(name, began, now(), tuple(r.number for r in reports), whole=whole)
    await asyncio.to_thread(_keep, node, verdict)
    return Collected(reports, (), verdict)


def _keep(node: Node, verdict: Verdict) -> None:
    with Store.open(node.home.store) as store:
        verdicts.keep(store, verdict)


def _since(node: Node, settings: SourceSettings) -> int | None:
    """When the last run that came to its end began, if only what is new is wanted."""
    if settings.kind != "nemo" or settings.table != "usage_events" or not settings.look_back_days:
        return None
    with Store.open(node.home.store) as store:
        before = verdicts.last(store, settings.name, good=True)
    return before.began if before else None


async def _taken(
    node: Node, settings: SourceSettings, now: int, since: int | None, by: str
) -> tuple[tuple[ImportReport, ...], bool]:
    home = node.home.path
    if settings.kind == "file":
        return await asyncio.to_thread(_take_plain, node, settings, now, by), True
    if settings.kind == "nemo":
        token = read_secret(settings, home)
        tables = await fetch_tables(settings, token, since)
        opened = await asyncio.to_thread(_nemo, settings, tables)
    else:
        read = _fixture if settings.kind == "nemo-file" else _queried
        opened = await asyncio.to_thread(read, settings, home)
    whole = since is None
    return (await asyncio.to_thread(_import, node, settings, opened, now, whole, by),), whole


def _take_plain(
    node: Node, settings: SourceSettings, now: int, by: str
) -> tuple[ImportReport, ...]:
    path = node.home.path / settings.place
    mapping = node.home.path / settings.mapping if settings.mapping else None
    return import_copy(node, path.name, read_whole(path), mapping, now, by)


def _fixture(settings: SourceSettings, home: Path) -> OpenedFile:
    path = home / settings.place
    tables = fixture_tables(read_whole(path), path.name)
    return replace(_nemo(settings, tables), name=path.name)


def _nemo(settings: SourceSettings, tables: Tables) -> OpenedFile:
    return _opened(settings, rows_of(settings.table, tables), columns_of(settings.table))


def _queried(settings: SourceSettings, home: Path) -> OpenedFile:
    secret = read_secret(settings, home)
    where = shown_place(settings.place)
    found = run_query(settings.place, settings.query, secret, home=home, where=where)
    return _opened(settings, found.rows, found.columns)


def _opened(settings: SourceSettings, rows: Sequence[Record], columns: Sequence[str]) -> OpenedFile:
    """What a source gave, as if it were a file; its place in messages is table and key."""
    where = shown_place(settings.place) if settings.kind == "sql" else settings.place
    key = settings.key or columns[0]

    def key_of(number: int, record: Record) -> str:
        value = record.get(key)
        return f"{key}={value}" if value is not None else f"第 {number} 条 record {number}"

    sheet = records_sheet(where, settings.table or "query", rows, key_of, columns)
    digest = hashlib.sha256(json.dumps(rows, default=str, sort_keys=True).encode()).hexdigest()
    return OpenedFile(where, digest, (sheet,), (f"{len(rows)} 条 records",))


def _import(
    node: Node, settings: SourceSettings, opened: OpenedFile, now: int, whole: bool, by: str
) -> ImportReport:
    schemas = SchemaSet.load()
    mapping = told_mapping(node.home.path / settings.mapping, schemas)
    if not mapping.source:
        mapping = replace(mapping, source=settings.name)
    taking = Taking(mapping, schemas, node.root.unit, now, by, whole=whole)
    with Store.open(node.home.store) as store:
        return import_opened(store, opened, taking)
