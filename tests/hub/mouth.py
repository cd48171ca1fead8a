"""A running server over a made hub, and the questions tests ask it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer

from fenhe_hub.api.routes import PREFIX, add_api_routes
from fenhe_hub.index.read import Reading
from fenhe_hub.portal.routes import add_portal_routes

BASE = "/fenhe"  # the path of the public address of every made hub
API = f"{BASE}{PREFIX}"
Client = TestClient[web.Request, web.Application]


@asynccontextmanager
async def serving(reading: Reading) -> AsyncIterator[Client]:
    """The hub's mouth behind a real server."""
    app = web.Application()
    add_api_routes(app, reading)
    add_portal_routes(app, reading)
    async with TestClient(TestServer(app)) as client:
        yield client


async def ask(client: Client, path: str, **query: Any) -> Any:
    """The JSON of a good answer."""
    async with client.get(f"{API}{path}", params=texts(query)) as answer:
        assert answer.status == 200, await answer.text()
        return await answer.json()


async def refuse(client: Client, path: str, **query: Any) -> tuple[int, Any]:
    """Status and problem of an answer that is none."""
    async with client.get(f"{API}{path}", params=texts(query)) as answer:
        assert answer.content_type == "application/problem+json"
        return answer.status, await answer.json()


async def fetch(client: Client, path: str, **query: Any) -> tuple[ClientResponse, bytes]:
    """Any answer with its body."""
    async with client.get(path, params=texts(query)) as answer:
        return answer, await answer.read()


def texts(query: dict[str, Any]) -> dict[str, str]:
    return {
        name: str(value).lower() if value in (True, False) else str(value)
        for name, value in query.items()
    }
