"""A public record's proof file over HTTP: its receipt, for whoever reads its page (feed §9)."""

import asyncio

from aiohttp import web

from fenhe_node.published import Published
from fenhe_node.publishing.heads import log_files
from fenhe_node.receipts.proof_file import make_proof
from fenhe_node.store import Store, receipts
from fenhe_node.web.problem import not_found
from fenhe_node.web.serving import SERVING, Serving
from fenhe_protocol.errors import StoreError


async def proof_file(request: web.Request) -> web.Response:
    """`/record.tlog-proof?kind=…&id=…`: under the earliest receipt, else under the unit's head.

    A witness's earlier line stands in the note of that receipt wherever it counts.
    """
    serving = request.app[SERVING]
    catalogue = await serving.shelf.catalogue()
    key = (request.query.get("kind", ""), request.query.get("id", ""))
    record = catalogue.records.get(key)
    if record is None:
        raise not_found()
    body = await asyncio.to_thread(prove, serving, record)
    headers = {
        "Cache-Control": "no-cache",
        "Content-Disposition": f'attachment; filename="{record.index}.tlog-proof"',
    }
    return web.Response(body=body, content_type="text/plain", charset="utf-8", headers=headers)


def prove(serving: Serving, record: Published) -> bytes:
    """The proof file of a record."""
    files = log_files(serving.home, record.log)
    with Store.open(serving.home.store) as store:
        found = receipts.covering(store, record.log, record.index)
    note = found[0].note if found else files.read("checkpoint")
    if note is None:
        raise StoreError("log.absent", where=f"{record.log}/checkpoint")
    return make_proof(files, record.index, note, ("pub",))
