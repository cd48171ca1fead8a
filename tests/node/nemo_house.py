"""A laboratory system that answers like NEMO's interface: pages, a token, filters by date."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

TOKEN = "token-of-the-test"
PAGE = 2  # records of a page, whatever was asked for


def tables() -> dict[str, list[dict[str, Any]]]:
    """A small laboratory, plainly fictitious."""
    return {
        "tools": [
            {"id": 7, "name": "Example SEM", "visible": True, "_operational": True},
            {"id": 8, "name": "Example Etcher", "visible": True, "_operational": False},
            {"id": 9, "name": "Old Furnace", "visible": False, "_operational": False},
        ],
        "users": [{"id": 1, "username": "u1", "first_name": "示例", "last_name": "甲"}],
        "projects": [{"id": 3, "name": "示例课题", "account": 4}],
        "accounts": [{"id": 4, "name": "示例课题组", "type": 5}],
        "account_types": [{"id": 5, "name": "Internal"}],
        "usage_events": [
            event(1, "2026-07-01T01:00:00Z", "2026-07-01T03:30:00Z"),
            event(2, "2026-07-02T09:00:00+08:00", "2026-07-02T10:15:59+08:00", tool=8),
            event(3, "2026-07-03T09:00:00+08:00", None),
            event(4, "2026-07-04T09:00:00+08:00", "2026-07-04T10:00:00+08:00", training=True),
        ],
    }


def event(id: int, start: str, end: str | None, *, tool: int = 7, **more: Any) -> dict[str, Any]:
    """One usage event as the interface writes it."""
    made = {"id": id, "user": 1, "operator": 1, "project": 3, "tool": tool}
    return made | {"start": start, "end": end, "remote_work": False, "training": False} | more


@dataclass
class Nemo:
    """What it holds and what it was asked; `count` lies about how much there is."""

    url: str = ""
    tables: dict[str, list[dict[str, Any]]] = field(default_factory=tables)
    asked: list[str] = field(default_factory=list)
    count: int | None = None
    raw: bytes | None = None

    def answer(self, request: web.Request) -> web.Response:
        """Give one page."""
        self.asked.append(str(request.rel_url))
        if request.headers.get("Authorization") != f"Token {TOKEN}":
            return web.Response(status=401)
        if self.raw is not None:
            return web.Response(body=self.raw, content_type="application/json")
        found = self._found(request.match_info["table"], request.query.get("end__gte", ""))
        page = int(request.query["page"])
        shown = found[(page - 1) * PAGE : page * PAGE]
        more = page * PAGE < len(found)
        count = len(found) if self.count is None else self.count
        elsewhere = "http://169.254.169.254/" if more else None
        return web.json_response({"count": count, "next": elsewhere, "results": shown})

    def _found(self, table: str, since: str) -> Sequence[dict[str, Any]]:
        rows = self.tables[table]
        if since:
            rows = [row for row in rows if row["end"] is not None and row["end"] >= since[:10]]
        return rows


@asynccontextmanager
async def laboratory() -> AsyncIterator[Nemo]:
    """Serve one on this machine."""
    nemo = Nemo()

    async def handle(request: web.Request) -> web.Response:
        return nemo.answer(request)

    app = web.Application()
    app.router.add_get("/api/{table}/", handle)
    async with TestServer(app) as server:
        nemo.url = str(server.make_url("/api")).rstrip("/")
        yield nemo
