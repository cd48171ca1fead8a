"""`/records`: every record of every kind, searched, sorted, exported; one field of many changed."""

from typing import Any

from fenhe_node.console.asking import Answer, Asked, Download, GoTo, Page, Routes
from fenhe_node.console.record_fields import offset_text, read_field
from fenhe_node.console.record_form import NAME, Given, control, problems_by_path, tables_in
from fenhe_node.console.record_list import (
    PAGE_ROWS,
    STATE_WORDS,
    Query,
    cell,
    columns,
    kinds_kept,
    name_of,
    paging,
    read_query,
    sheet,
    tags,
)
from fenhe_node.deletion import delete
from fenhe_node.editing import Hand, look_at_many, save_many
from fenhe_node.importing import price_sheet
from fenhe_node.mapping.model import DELETE_REASONS
from fenhe_node.store import Store, browse
from fenhe_node.web.export import XLSX, workbook
from fenhe_protocol.errors import InputError
from fenhe_protocol.schema_fields import Field, KindSchema

MOST_AT_ONCE = 20_000  # records changed by one form
REASONS = dict(zip(DELETE_REASONS, ("误报", "报废", "调拨、转让", "涉密", "其他"), strict=True))
DELETE = "!delete"


def hand_of(asked: Asked) -> Hand:
    """Who changes something, and why."""
    console = asked.console
    reason = asked.form.text("reason")[:200]
    return Hand(console.schemas, console.node.root.unit, asked.now, asked.by, reason)


def show(asked: Asked) -> Answer:
    """The list."""
    console = asked.console
    kinds = kinds_kept(console.schemas)
    query = read_query(asked.query, [kind.kind for kind in kinds])
    kind = console.schemas.kind(query.kind)
    shown = columns(kind)
    with Store.open(console.home.store) as store:
        counts = browse.kinds(store)
        paged = paging(query, browse.count(store, query.wanted))
        rows = browse.page(store, query.wanted, most=PAGE_ROWS, skip=(paged.number - 1) * PAGE_ROWS)
    cells = {row.id: [cell(f, row.record, console.tables) for f in shown] for row in rows}
    context: dict[str, Any] = {
        "kinds": [(each, counts.get(each.kind, 0)) for each in kinds],
        "kind": kind,
        "query": query,
        "states": STATE_WORDS,
        "statuses": _statuses(kind),
        "columns": shown,
        "rows": rows,
        "cells": cells,
        "page": paged,
        "name_of": name_of,
        "tags": tags,
        "fields": _bulk_fields(kind),
        "can_delete": DELETE,
    }
    return Page("console/records.html", context)


def export(asked: Asked) -> Answer:
    """The whole list that is asked for, as a workbook."""
    console = asked.console
    query = _query(asked)
    kind = console.schemas.kind(query.kind)
    with Store.open(console.home.store) as store:
        rows = browse.every(store, query.wanted)
        if kind.kind == price_sheet.KIND:  # a line of prices a row, to be imported again
            living = (row.record for row in rows if not row.deleted)
            body = workbook(price_sheet.rows(kind, living), kind.title_zh)
        else:
            body = workbook(sheet(kind, rows, console.tables), kind.title_zh)
    return Download(body, f"{kind.title_zh}.xlsx", XLSX)


def choose(asked: Asked) -> Answer:
    """The form that asks for the value which the chosen records shall have."""
    return _bulk_page(asked, look=False)


def look(asked: Asked) -> Answer:
    """What it would do, record by record."""
    return _bulk_page(asked, look=True)


def change(asked: Asked) -> Answer:
    """Do it, and say what was left out."""
    kind, ids = _chosen(asked)
    back = _query(asked).link()
    with Store.open(asked.console.home.store) as store:
        if asked.form.text("field") == DELETE:
            return GoTo(back, _delete_all(asked, store, kind, ids))
        field = _field(kind, asked.form.text("field"))
        value, wrong = read_field(field, texts_in(asked), offset_text(asked.console.offset))
        if wrong:
            return _bulk_page(asked, look=True)
        done, left = save_many(store, kind.kind, ids, field.name, value, hand_of(asked))
    said = f"已修改 {len(done)} 条{kind.title_zh}的“{field.title_zh}”，下次发布生效"
    return GoTo(back, said + (f"；{len(left)} 条有问题，没有改" if left else ""), bad=bool(left))


def texts_in(asked: Asked) -> dict[str, list[str]]:
    """The texts of a record's form by path."""
    fields = asked.form.fields
    return {
        name.removeprefix(NAME): fields.getall(name) for name in fields if name.startswith(NAME)
    }


def _delete_all(asked: Asked, store: Store, kind: KindSchema, ids: list[str]) -> str:
    reason = asked.form.text("why")
    with store.transaction():
        for id in ids:
            schemas = asked.console.schemas
            delete(store, kind.kind, id, reason, schemas=schemas, now=asked.now, by=asked.by)
    return f"已删除 {len(ids)} 条{kind.title_zh}，下次发布生效"


def _bulk_page(asked: Asked, *, look: bool) -> Answer:
    console = asked.console
    kind, ids = _chosen(asked)
    name, texts = asked.form.text("field"), texts_in(asked)
    context: dict[str, Any] = {
        "kind": kind, "ids": ids, "query": _query(asked), "reasons": REASONS, "field": None,
        "reason": asked.form.text("reason"), "changes": None, "delete": name == DELETE,
    }  # fmt: skip
    if name == DELETE:
        return Page("console/bulk.html", context)
    field = _field(kind, name)
    value, wrong = read_field(field, texts, offset_text(console.offset))
    with Store.open(console.home.store) as store:
        if look and not wrong:
            hand = hand_of(asked)
            context["changes"] = look_at_many(store, kind.kind, ids, field.name, value, hand)
    if context["changes"]:
        for each in context["changes"][:1]:
            wrong = {**wrong, **_about(field, problems_by_path(each.problems))}
    shown = control(field, Given(texts, wrong))
    codes = [(table, console.tables[table]) for table in sorted(tables_in([shown]))]
    texts_sent = [(NAME + path, text) for path, given in texts.items() for text in given]
    tell = lambda record_value: _told(field, record_value, console.tables)  # noqa: E731
    context |= {
        "field": field,
        "control": shown,
        "tables": codes,
        "texts": texts_sent,
        "tell": tell,
    }
    return Page("console/bulk.html", context, 422 if wrong else 200)


def _about(field: Field, problems: dict[str, list[str]]) -> dict[str, list[str]]:
    return {path: texts for path, texts in problems.items() if path.startswith(field.name)}


def _told(field: Field, value: Any, tables: Any) -> str:
    return "（空）" if value is None else cell(field, {field.name: value}, tables)


def _chosen(asked: Asked) -> tuple[KindSchema, list[str]]:
    query, form = _query(asked), asked.form
    ids = form.all("id")
    if form.text("all"):
        with Store.open(asked.console.home.store) as store:
            ids = [row.id for row in browse.every(store, query.wanted)]
    if not ids:
        raise InputError("edit.none", advice="先在记录前面打勾; tick some records first")
    if len(ids) > MOST_AT_ONCE:
        raise InputError("edit.many", expected=f"≤ {MOST_AT_ONCE}", found=str(len(ids)))
    return asked.console.schemas.kind(query.kind), ids


def _query(asked: Asked) -> Query:
    kinds = [kind.kind for kind in kinds_kept(asked.console.schemas)]
    return read_query(asked.query, kinds)


def _field(kind: KindSchema, name: str) -> Field:
    for field in _bulk_fields(kind):
        if field.name == name:
            return field
    raise InputError("edit.form", where=name)


def _bulk_fields(kind: KindSchema) -> list[Field]:
    """What many records may be given at once: names and lists of objects are each one's own."""
    return [
        f
        for f in kind.own_fields
        if f.name not in ("name_zh", "name_en", "replaces", "photo")
        and not (f.item and f.item.members)
        and "const" not in f.schema
    ]


def _statuses(kind: KindSchema) -> list[tuple[str, str]]:
    for field in kind.own_fields:
        if field.name == "status" and field.labels:
            return [(str(code), label.zh) for code, label in field.labels.items()]
    return []


ROUTES: Routes = (
    ("GET", "/records", show),
    ("GET", "/records/export.xlsx", export),
    ("POST", "/records/bulk", choose),
    ("POST", "/records/bulk/look", look),
    ("POST", "/records/bulk/save", change),
)
