"""`/records/one`: one record, who sees what of it, its history; changed, made, deleted, revived."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from fenhe_node.attaching.attach import REGIMES
from fenhe_node.console.asking import Answer, Asked, Console, GoTo, Page, Routes
from fenhe_node.console.record_fields import offset_text, read, texts_of
from fenhe_node.console.record_form import (
    Given,
    controls,
    problems_by_path,
    tables_in,
    unplaced,
)
from fenhe_node.console.record_list import kinds_kept, name_of
from fenhe_node.console.records import REASONS, hand_of, texts_in
from fenhe_node.deletion import delete
from fenhe_node.editing import save, state_of, undelete
from fenhe_node.pages.wording import say
from fenhe_node.preview import Shown
from fenhe_node.preview import show as show_tiers
from fenhe_node.staging.derived import derive
from fenhe_node.store import Store, browse, edits, feed, imports, records, sealing
from fenhe_node.store import receipts as kept_receipts
from fenhe_node.store.records import StoredRecord
from fenhe_protocol.errors import RequestError
from fenhe_protocol.schema_fields import KindSchema

EVENTS = {
    "new": "新增",
    "changed": "修改",
    "deleted": "删除",
    "vanished": "清单里没有了",
    "erased": "彻底删除",
}
_LINKED = 20


def address(kind: str, id: str, path: str = "/records/one") -> str:
    """Where a record is shown; ids may hold any character, so they stand in the query."""
    return f"{path}?{urlencode({'kind': kind, 'id': id})}"


def show(asked: Asked) -> Answer:
    """Everything about one record."""
    console = asked.console
    with Store.open(console.home.store) as store:
        record = _found(asked, store)
        kind = console.schemas.kind(record.kind)
        whole = dict(record.before or record.record) if record.deleted else record.record
        run = imports.find(store, record.import_no) if record.import_no else None
        leaf = feed.where_published(store, record.kind, record.id)
        shown: dict[str, Any] = {
            "record": record,
            "kind": kind,
            "name": name_of(whole),
            "tiers": _tiers(asked, store, whole),
            "events": [(e, _file(store, e.import_no)) for e in _events(store, record)],
            "words": EVENTS,
            "run": run,
            "edits": edits.of_record(store, record.kind, record.id),
            "fields": {field.name: field for field in kind.own_fields},
            "leaf": leaf,
            "pending": leaf is None or leaf.sent != record.sent,
            "receipts": kept_receipts.covering(store, leaf.log, leaf.index) if leaf else (),
            "links": _links(store, whole),
            "naming": _naming(store, record),
            "reasons": REASONS,
            "edit": address(record.kind, record.id, "/records/edit"),
            "attached": _attached(kind, whole),
        }
    return Page("console/record.html", shown)


def _attached(kind: KindSchema, whole: Mapping[str, Any]) -> list[tuple[str, str, bool]]:
    """What may be uploaded to a record: the field, its title, whether something is there."""
    places = {"instrument": ("photo",), "unit": REGIMES}.get(kind.kind, ())
    return [(place, kind.field(place).title_zh, bool(whole.get(place))) for place in places]


def edit(asked: Asked) -> Answer:
    """The form of a record."""
    with Store.open(asked.console.home.store) as store:
        record = _found(asked, store)
    if record.deleted:
        return GoTo(address(record.kind, record.id), "这条记录已删除，先恢复再改", bad=True)
    kind = asked.console.schemas.kind(record.kind)
    given = Given(texts_of(kind, record.record, offset_text(asked.console.offset)))
    return _form(asked, kind, record.id, given, state_of(record.record), record.source)


def keep(asked: Asked) -> Answer:
    """Keep what the form says, or show it again with what is wrong at each field."""
    console = asked.console
    with Store.open(console.home.store) as store:
        record = _found(asked, store)
        kind = console.schemas.kind(record.kind)
        seen = asked.form.text("seen")
        given, whole = _filled_in(asked, kind, record.record)
        if not given.problems:
            saved = save(store, whole, hand_of(asked), seen=seen)
            if not saved.problems:
                said = "已保存，下次发布生效" if saved.fields else "没有改动"
                return GoTo(address(record.kind, record.id), said)
            given = replace(given, problems=problems_by_path(saved.problems))
    return _form(asked, kind, record.id, given, seen, record.source)


def new(asked: Asked) -> Answer:
    """An empty form."""
    kind = _kind(asked)
    texts = {f.name: [str(f.default)] for f in kind.own_fields if f.default is not None}
    return _form(asked, kind, "", Given(texts))


def make(asked: Asked) -> Answer:
    """Keep a new record."""
    console, kind = asked.console, _kind(asked)
    unit = console.node.root.unit
    id = unit if kind.kind == "unit" else asked.form.text("id")
    given, whole = _filled_in(asked, kind, {"unit": unit, "kind": kind.kind, "id": id})
    if not given.problems:
        with Store.open(console.home.store) as store:
            saved = save(store, whole, hand_of(asked))
        if not saved.problems:
            return GoTo(address(kind.kind, id), "已新增，下次发布生效")
        given = replace(given, problems=problems_by_path(saved.problems))
    return _form(asked, kind, id, given)


def remove(asked: Asked) -> Answer:
    """Delete it with a reason."""
    with Store.open(asked.console.home.store) as store:
        record = _found(asked, store)
        reason = asked.form.text("why")
        schemas = asked.console.schemas
        delete(store, record.kind, record.id, reason, schemas=schemas, now=asked.now, by=asked.by)
    return GoTo(address(record.kind, record.id), "已删除，下次发布生效")


def bring_back(asked: Asked) -> Answer:
    """Let it be what it was before it was deleted."""
    with Store.open(asked.console.home.store) as store:
        record = _found(asked, store)
        undelete(store, record.kind, record.id, hand_of(asked))
    return GoTo(address(record.kind, record.id), "已恢复，下次发布生效")


def _filled_in(
    asked: Asked, kind: KindSchema, base: Mapping[str, Any]
) -> tuple[Given, dict[str, Any]]:
    texts = texts_in(asked)
    found = read(kind, texts, base, offset_text(asked.console.offset))
    return Given(texts, found.problems), derive(kind.kind, found.record)


def _form(
    asked: Asked, kind: KindSchema, id: str, given: Given, seen: str = "", source: str = ""
) -> Answer:
    shown = controls(kind, given)
    tables = asked.console.tables
    context = {
        "kind": kind,
        "id": id,
        "seen": seen,
        "source": source,
        "controls": shown,
        "others": unplaced(shown, {p: t for p, t in given.problems.items() if p != "id"}),
        "id_problems": given.problems.get("id", ()),
        "wrong": sum(map(len, given.problems.values())),
        "tables": [(name, tables[name]) for name in sorted(tables_in(shown))],
        "reason": asked.form.text("reason"),
        "back": address(kind.kind, id) if seen else f"/records?kind={kind.kind}",
    }
    return Page("console/record_form.html", context, 422 if given.problems else 200)


def _kind(asked: Asked) -> KindSchema:
    for kind in kinds_kept(asked.console.schemas):
        if kind.kind == asked.query.get("kind", ""):
            return kind
    raise RequestError("request.absent", status=404)


def _found(asked: Asked, store: Store) -> StoredRecord:
    found = records.find(store, asked.query.get("kind", ""), asked.query.get("id", ""))
    if found is None:
        raise RequestError("request.absent", status=404)
    return found


def _tiers(asked: Asked, store: Store, whole: Mapping[str, Any]) -> list[tuple[str, str, Any]]:
    console = asked.console
    seen = show_tiers(whole, console.schemas, sealing=sealing.gateway(store) is not None)
    parts = (
        ("公开", "任何人都能看到", seen.public),
        ("只给省平台", "省平台和主管部门能看到", seen.hub_only),
        ("密封上报", "加密给国家平台，省平台也打不开", seen.sealed),
        ("不外传", "只留在本单位", seen.stays),
    )
    kind = console.schemas.kind(str(whole["kind"]))
    return [
        (title, who, [(each.title_zh, _words(console, kind, each)) for each in fields])
        for title, who, fields in parts
        if fields
    ]


def _words(console: Console, kind: KindSchema, shown: Shown) -> str:
    """A value in words: money in yuan, codes by name, of a list of objects a line for each."""
    schema = kind.field(shown.field).schema
    if isinstance(shown.value, list) and schema.get("items", {}).get("properties"):
        return "\n".join(say(schema["items"], item, console.tables) for item in shown.value)
    return say(schema, shown.value, console.tables)


def _events(store: Store, record: StoredRecord) -> list[records.Event]:
    return list(reversed(records.events(store, record.kind, record.id)))


def _file(store: Store, number: int | None) -> str:
    run = imports.find(store, number) if number else None
    return run.file if run else ""


def _links(store: Store, whole: Mapping[str, Any]) -> list[tuple[str, str, bool]]:
    """The records that this one names, as (kind, id, it is there)."""
    named = [("fee_standard", id) for id in whole.get("fee_standards", ())]
    if isinstance(whole.get("instrument"), str):
        named.append(("instrument", whole["instrument"]))
    carrier = whole.get("carrier", {})
    if "kind" in carrier and "id" in carrier:
        named.append((carrier["kind"], carrier["id"]))
    return [(kind, id, records.find(store, kind, id) is not None) for kind, id in named]


def _naming(store: Store, record: StoredRecord) -> list[tuple[str, str]]:
    """The records that name this one."""
    if record.kind == "fee_standard":
        wanted = [("instrument", "fee_standards")]
    elif record.kind == "instrument":
        wanted = [("usage_summary", "instrument")]
    else:
        wanted = []
    return [
        (kind, id)
        for kind, field in wanted
        for id in browse.naming(store, kind, field, record.id, _LINKED)
    ]


ROUTES: Routes = (
    ("GET", "/records/one", show),
    ("GET", "/records/edit", edit),
    ("POST", "/records/edit", keep),
    ("GET", "/records/new", new),
    ("POST", "/records/new", make),
    ("POST", "/records/delete", remove),
    ("POST", "/records/undelete", bring_back),
)
