"""An OAI-PMH publisher of the same records, in pages of 1,000, from a process of its own.

`python -m tests.bench.oai_server RECORDS`: prints its address, waits. Pages are made beforehand and
answered from memory, so that what is measured is the harvest.
"""

from __future__ import annotations

import asyncio
import sys
from xml.sax.saxutils import escape

import orjson
from aiohttp import web

from deploy.demo.ports import free_port
from tests.bench.ceiling import PAGE_RECORDS
from tests.bench.usage import bodies

_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">'
    "<responseDate>2026-11-23T00:00:00Z</responseDate>"
    '<request verb="ListRecords">http://127.0.0.1/</request><ListRecords>'
)


async def serve(records: int) -> None:
    """Answer ListRecords until killed."""
    pages = _pages(bodies(records))

    async def answer(request: web.Request) -> web.Response:
        page = int(request.query.get("resumptionToken", "0"))
        return web.Response(body=pages[page], content_type="text/xml")

    app = web.Application()
    app.router.add_get("/", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    print(f"http://127.0.0.1:{port}/", flush=True)
    await asyncio.Event().wait()


def _pages(made: list[bytes]) -> list[bytes]:
    starts = range(0, len(made), PAGE_RECORDS)
    texts = ["".join(map(_record, made[at : at + PAGE_RECORDS])) for at in starts]
    return [_page(text, number, len(texts)) for number, text in enumerate(texts)]


def _page(text: str, number: int, count: int) -> bytes:
    token = str(number + 1) if number + 1 < count else ""
    tail = f"<resumptionToken>{token}</resumptionToken></ListRecords></OAI-PMH>"
    return f"{_HEAD}{text}{tail}".encode()


def _record(raw: bytes) -> str:
    body = orjson.loads(raw)
    members = "".join(f"<{name}>{escape(str(value))}</{name}>" for name, value in body.items())
    return (
        f"<record><header><identifier>{body['id']}</identifier>"
        "<datestamp>2026-11-23</datestamp></header>"
        f"<metadata><service_record>{members}</service_record></metadata></record>"
    )


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
