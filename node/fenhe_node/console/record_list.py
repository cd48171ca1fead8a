"""The list of records of a kind as a page and as a sheet: which columns, which words. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from fenhe_node.console.record_fields import FEN
from fenhe_node.pages.wording import Tables, say
from fenhe_node.store.browse import ORDERS, STATES, Row, Wanted
from fenhe_protocol.schema import SchemaSet
from fenhe_protocol.schema_fields import Field, KindSchema

COLUMNS = 4
PAGE_ROWS = 50
STATE_WORDS = {
    "living": "全部（不含已删除）",
    "pending": "待发布",
    "published": "已发布且无改动",
    "vanished": "清单里没有了",
    "edited": "手工改过的",
    "deleted": "已删除",
}
_NO_COLUMN = {"name_zh", "name_en", "title", "replaces", "photo"}


@dataclass(frozen=True)
class Query:
    """What the address asks for."""

    kind: str
    text: str = ""
    state: str = "living"
    status: str = ""
    order: str = "id"
    down: bool = False
    page: int = 1

    @property
    def wanted(self) -> Wanted:
        """For the store."""
        return Wanted(
            self.kind, tuple(self.text.split()), self.state, self.status, self.order, self.down
        )

    def link(self, path: str = "/records", **changes: Any) -> str:
        """The same list with something changed."""
        members = {
            "kind": self.kind,
            "q": self.text,
            "state": self.state,
            "status": self.status,
            "order": ("-" if self.down else "") + self.order,
            "page": self.page,
        } | changes
        plain = {"state": "living", "order": "id", "page": 1}
        said = {n: v for n, v in members.items() if v and plain.get(n) != v}
        return f"{path}?{urlencode(said)}"

    def link_to(self, page: int) -> str:
        """Another page of it."""
        return self.link(page=page)

    def ordered(self, name: str) -> str:
        """The list in another order; the same one turns round."""
        turned = self.order == name and not self.down
        return self.link(order=f"-{name}" if turned else name, page=1)


@dataclass(frozen=True)
class Paging:
    """Which page of how many."""

    number: int
    pages: int
    total: int


def read_query(asked: Mapping[str, str], kinds: Sequence[str]) -> Query:
    """Read the address; what makes no sense is as if it were not said."""
    kind, state = asked.get("kind", ""), asked.get("state", "living")
    order = asked.get("order", "id")
    number = asked.get("page", "1")
    return Query(
        kind=kind if kind in kinds else "instrument",
        text=asked.get("q", "")[:100].strip(),
        state=state if state in STATES else "living",
        status=asked.get("status", ""),
        order=order.removeprefix("-") if order.removeprefix("-") in ORDERS else "id",
        down=order.startswith("-"),
        page=int(number) if number.isdecimal() and 0 < len(number) < 8 else 1,
    )


def paging(query: Query, total: int) -> Paging:
    """The page that is asked for, or the last there is."""
    pages = max(1, -(-total // PAGE_ROWS))
    return Paging(min(max(1, query.page), pages), pages, total)


def kinds_kept(schemas: SchemaSet) -> list[KindSchema]:
    """The kinds that a unit has: instruments first, then as the contract lists them."""
    found = [schemas.kind(kind) for kind in schemas.kinds]
    kept = [kind for kind in found if kind.log != "fed"]
    return sorted(kept, key=lambda kind: (kind.kind != "instrument", kind.kind != "unit"))


def name_of(record: Mapping[str, Any]) -> str:
    """What to call it; the id where it has no name."""
    return str(record.get("name_zh") or record.get("title") or record.get("id", ""))


def columns(kind: KindSchema) -> list[Field]:
    """The few fields that tell records of a kind apart."""
    fit = [
        f
        for f in kind.own_fields
        if f.type in ("text", "code", "date", "time", "integer")
        and f.name not in _NO_COLUMN
        and not f.name.endswith("_table")
        and (f.max_length or 0) <= 200
    ]
    return sorted(fit, key=lambda f: not f.required)[:COLUMNS]


def cell(field: Field, record: Mapping[str, Any], tables: Tables) -> str:
    """One value in words; empty where there is none."""
    return say(field.schema, record[field.name], tables) if field.name in record else ""


def sheet(kind: KindSchema, rows: Iterable[Row], tables: Tables) -> Iterator[list[str]]:
    """All fields of all rows as texts, with a head; ids stay as they are."""
    leaves = [leaf for field in kind.own_fields for leaf in field.leaves]
    yield ["编号", *map(_head, leaves), "清单", "状态"]
    for row in rows:
        cells = [_plain(leaf, row.record, tables) for leaf in leaves]
        yield [row.id, *cells, row.source, "、".join(tags(row))]


def tags(row: Row) -> list[str]:
    """How a record stands, in words."""
    said = (
        (row.deleted, "已删除"),
        (row.pending, "待发布"),
        (not row.published and not row.pending and not row.deleted, "未发布"),
        (row.vanished and not row.deleted, "清单里没有了"),
        (row.edited, "手工改过"),
    )
    return [text for holds, text in said if holds] or ["已发布"]


def _head(leaf: Field) -> str:
    unit = "元" if leaf.unit_zh == FEN else leaf.unit_zh
    return leaf.title_zh + (f"（{unit}）" if unit else "")


def _plain(leaf: Field, record: Mapping[str, Any], tables: Tables) -> str:
    value: Any = record
    for name in leaf.path.split("."):
        if not isinstance(value, Mapping) or name not in value:
            return ""
        value = value[name]
    if isinstance(value, int) and not isinstance(value, bool) and not leaf.labels:
        return f"{value // 100}.{value % 100:02}" if leaf.unit_zh == FEN else str(value)
    return say(leaf.schema, value, tables)
