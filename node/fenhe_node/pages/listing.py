"""Search, order and paging of the unit's public list. Pure: records and a query in, a page out."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar
from urllib.parse import urlencode

from fenhe_node.published import Published

PER_PAGE = 50
LONGEST_QUERY = 100
Row = TypeVar("Row")
SEARCHED = ("name_zh", "name_en", "model", "manufacturer", "function", "class_code")


@dataclass(frozen=True, slots=True)
class Query:
    """What the address bar says; anything it does not understand becomes the default."""

    text: str = ""
    kind: str = ""
    status: str = ""
    period: str = ""  # of use, in the words of the page
    order: str = "name"
    page: int = 1

    @property
    def descending(self) -> bool:
        """Whether the order is turned round."""
        return self.order.startswith("-")

    def link(self, **changes: str | int) -> str:
        """Write the query string of this query with changes, defaults left out."""
        wanted = replace(self, **changes)  # type: ignore[arg-type]
        members = {
            "q": wanted.text,
            "kind": wanted.kind,
            "status": wanted.status,
            "period": wanted.period,
            "sort": "" if wanted.order == "name" else wanted.order,
            "page": "" if wanted.page == 1 else str(wanted.page),
        }
        return "?" + urlencode({name: value for name, value in members.items() if value})

    def ordered_by(self, column: str) -> str:
        """Link that orders by `column`, or turns the order round if it already does."""
        return self.link(order=f"-{column}" if self.order == column else column, page=1)


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """One page of hits."""

    rows: Sequence[Row]
    total: int
    number: int
    pages: int


def read_query(members: Mapping[str, str]) -> Query:
    """Read a query from the address bar."""
    order = members.get("sort", "name")
    page = members.get("page", "1")
    return Query(
        text=members.get("q", "")[:LONGEST_QUERY].strip(),
        kind=members.get("kind", ""),
        status=members.get("status", ""),
        period=members.get("period", "")[:LONGEST_QUERY],
        order=order if order.removeprefix("-") in ORDERS else "name",
        page=int(page) if page.isascii() and page.isdigit() and len(page) < 7 else 1,
    )


def find(records: Iterable[Published], query: Query) -> list[Published]:
    """All hits in the order asked for; every word must occur somewhere in a record."""
    hits = [record for record in records if _fits(record, query)]
    by = ORDERS[query.order.removeprefix("-")]
    # Sorted twice, because a turned order must not turn the order of equals.
    hits.sort(key=lambda record: record.id)
    hits.sort(key=by, reverse=query.descending)
    return hits


def page_of(hits: Sequence[Row], number: int, per_page: int = PER_PAGE) -> Page[Row]:
    """Cut out one page; a number past the end gives the last."""
    per_page = max(1, per_page)
    pages = max(1, -(-len(hits) // per_page))
    number = min(max(1, number), pages)
    start = (number - 1) * per_page
    return Page(hits[start : start + per_page], len(hits), number, pages)


def says(query: Query, *texts: str) -> bool:
    """Whether every word that was asked for occurs somewhere in the texts."""
    text = "\n".join(texts).casefold()
    return all(word in text for word in query.text.casefold().split())


def _fits(record: Published, query: Query) -> bool:
    if query.kind and record.kind != query.kind:
        return False
    if query.status and record.fields.get("status") != query.status:
        return False
    return says(query, record.id, *(str(record.fields.get(name, "")) for name in SEARCHED))


def _chinese(text: str) -> bytes:
    # GB18030 keeps the order of GB 2312, whose common characters stand in the order of pinyin.
    return text.casefold().encode("gb18030", "replace")


def _field(name: str) -> Callable[[Published], bytes]:
    return lambda record: _chinese(str(record.fields.get(name, "")))


ORDERS: Mapping[str, Callable[[Published], bytes]] = {
    "name": lambda record: _chinese(record.name),
    "id": lambda record: _chinese(record.id),
    "class": _field("class_code"),
    "status": _field("status"),
    "since": _field("in_service_on"),
    "newest": lambda record: record.index.to_bytes(8, "big"),
}
