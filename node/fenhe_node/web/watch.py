"""What whoever runs the node asks: `/healthz` and `/metrics`."""

import asyncio
import shutil

from aiohttp import web

from fenhe_client.checking.result import last_result
from fenhe_node.hubs.alarms import Alarm
from fenhe_node.hubs.looking import standing_alarms
from fenhe_node.publishing.heads import own_root, verify_head
from fenhe_node.runs import missed
from fenhe_node.web.serving import SERVING, Serving
from fenhe_protocol.errors import FenheError
from fenhe_protocol.root_document import RootDocument

NO_STORE = {"Cache-Control": "no-store"}


async def healthz(request: web.Request) -> web.Response:
    """200 only if the signed heads verify from disk, there is room and nothing due was missed."""
    serving = request.app[SERVING]
    reasons = await asyncio.to_thread(reasons_against, serving)
    alarms = await asyncio.to_thread(_alarms, serving)
    # An alarm is about a hub: it makes nobody restart this node, which would mend nothing.
    codes = sorted({alarm.error.code for alarm in alarms})
    answer = {"healthy": not reasons, "reasons": reasons, "alarms": codes}
    return web.json_response(answer, status=503 if reasons else 200, headers=NO_STORE)


async def metrics(request: web.Request) -> web.Response:
    """The numbers, measured now."""
    serving = request.app[SERVING]
    catalogue = await serving.shelf.catalogue()
    healthy = not await asyncio.to_thread(reasons_against, serving)
    alarms = await asyncio.to_thread(_alarms, serving)
    now = serving.now()
    serving.metrics.measure_files(last_result(serving.home.path))
    body = serving.metrics.render(catalogue, serving.runs(), alarms, healthy=healthy, now=now)
    return web.Response(body=body, content_type="text/plain", charset="utf-8", headers=NO_STORE)


def _alarms(serving: Serving) -> list[Alarm]:
    try:
        return standing_alarms(serving.home, serving.now())
    except FenheError:
        return []  # our own files are damaged, and `reasons` says so


def reasons_against(serving: Serving) -> list[str]:
    """Say in short why the node is not well; empty if it is."""
    runs = serving.runs()
    late = [f"missed: {job}" for job in missed(runs, serving.now())]
    failed = [f"failed: {job}" for job, run in runs.items() if run.failed]
    return [*_broken_heads(serving), *_damaged(serving), *_full(serving), *late, *failed]


def _damaged(serving: Serving) -> list[str]:
    """What the last self-check could not heal; how much, for anyone may ask."""
    count = len(last_result(serving.home.path).damaged)
    return [f"files: {count} damaged"] if count else []


def _full(serving: Serving) -> list[str]:
    free = shutil.disk_usage(serving.home.path).free >> 20
    return [f"disk: {free} MiB free"] if free < serving.config.least_free_mib else []


def _broken_heads(serving: Serving) -> list[str]:
    try:
        root = own_root(serving.home)
    except FenheError as error:
        return [f"root: {error.code}"]
    return [reason for log in root.logs if (reason := _broken(serving, root, log.name))]


def _broken(serving: Serving, root: RootDocument, log: str) -> str:
    try:
        verify_head(serving.home, root, log)
    except FenheError as error:
        # The code alone: anyone may ask, and a size of the usage log is nobody's business.
        return f"{log}: {error.code}"
    return ""
