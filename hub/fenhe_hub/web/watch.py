"""`/healthz` and `/metrics`: what a monitor asks."""

import asyncio
import shutil
import sqlite3
from contextlib import closing

from aiohttp import web
from prometheus_client import CollectorRegistry, Gauge, generate_latest

from fenhe_client.checking.result import Checked, last_result
from fenhe_client.stored.files import CHECKPOINT
from fenhe_client.stored.head_store import HeadStore
from fenhe_hub.agenda.visits import Visits
from fenhe_hub.alerting.delivery import undelivered
from fenhe_hub.alerting.figures import gauge
from fenhe_hub.index.lagging import LAGGING_UNITS
from fenhe_hub.pulse import Facts, judge_health
from fenhe_hub.web.serving import SERVING, Serving
from fenhe_hub.witnessing.status import witness_statuses
from fenhe_protocol.checkpoint import open_checkpoint
from fenhe_protocol.errors import FenheError

_METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"

# What is counted in the index: name, its sentence, the question.
_COUNTS = {
    "fenhe_hub_units": ("Enrolled units", "SELECT count(*) FROM unit WHERE state = 'enrolled'"),
    "fenhe_hub_missing_bodies": (
        "Bodies that were committed to and are not here",
        "SELECT ifnull(sum(stop - idx), 0) FROM gap",
    ),
    "fenhe_hub_refused_bodies": ("Bodies that are refused", "SELECT count(*) FROM skip"),
    "fenhe_hub_quarantined_logs": (
        "Logs that showed two histories",
        "SELECT count(*) FROM log WHERE quarantined",
    ),
    "fenhe_hub_uncosigned_logs": (
        "Logs whose newest head has no receipt yet",
        "SELECT count(*) FROM log WHERE cosigned_size < size",
    ),
    "fenhe_hub_lagging_units": (
        "Units with records that only the version before of a schema still takes",
        LAGGING_UNITS,
    ),
    "fenhe_hub_fed_leaves": ("Leaves of fed", "SELECT sum(size) FROM fed"),
}


async def healthz(request: web.Request) -> web.Response:
    """200 only if all is well; 503 with the reasons else, and before the first round."""
    serving = request.app[SERVING]
    health, details = judge_health(await asyncio.to_thread(_facts, serving))
    return web.json_response(
        {"status": health, **details},
        status=200 if health == "ok" else 503,
        headers={"Cache-Control": "no-store"},
    )


async def metrics(request: web.Request) -> web.Response:
    """Counts and times for Prometheus; nothing in them tells how long a usage log is."""
    body = await asyncio.to_thread(_render, request.app[SERVING])
    return web.Response(body=body, headers={"Content-Type": _METRICS_TYPE})


def _facts(serving: Serving) -> Facts:
    return Facts(
        fed_verifies=fed_verifies(serving),
        free_mib=shutil.disk_usage(serving.hub.home.path).free >> 20,
        least_free_mib=serving.hub.config.least_free_mib,
        started=serving.pulse.started,
        missed=tuple(serving.pulse.missed(serving.now())),
        damaged=len(last_result(serving.hub.home.path).damaged),
        undelivered=undelivered(serving.hub.home, serving.hub.config.mail, serving.now()),
    )


def fed_verifies(serving: Serving) -> bool:
    """Whether the checkpoint that is served is ours, and the one that was signed last."""
    hub = serving.hub
    listed, raw = hub.root.log(hub.fed_name), hub.fed_files().read(CHECKPOINT)
    if listed is None or raw is None:
        return False
    try:
        shown = open_checkpoint(raw, origin=hub.fed_origin, keys=listed.keys).checkpoint
        signed = HeadStore(hub.home.heads).get(hub.fed_origin)
    except FenheError:
        return False
    return signed is not None and (signed.size, signed.root) == (shown.size, shown.root)


def _render(serving: Serving) -> bytes:
    registry = CollectorRegistry()
    _gauge_visits(serving, registry)
    _gauge_index(serving, registry)
    now = serving.now()
    failures = Gauge("fenhe_hub_job_failures", "Failures in a row", ["job"], registry=registry)
    age = Gauge("fenhe_hub_job_age_seconds", "Since a job ended", ["job"], registry=registry)
    for job, run in serving.pulse.runs.items():
        failures.labels(job).set(run.failures)
        age.labels(job).set(now - run.ended)
    _gauge_files(last_result(serving.hub.home.path), registry)
    healthy = Gauge("fenhe_hub_healthy", "1 if /healthz answers 200", registry=registry)
    healthy.set(judge_health(_facts(serving))[0] == "ok")
    return generate_latest(registry)


def _gauge_files(checked: Checked, registry: CollectorRegistry) -> None:
    damaged = Gauge(
        "fenhe_hub_damaged_files",
        "Files that the last self-check could not heal",
        registry=registry,
    )
    damaged.set(len(checked.damaged))
    at = Gauge(
        "fenhe_hub_files_checked_timestamp_seconds",
        "When a self-check last ended",
        registry=registry,
    )
    at.set(checked.at)


def _gauge_visits(serving: Serving, registry: CollectorRegistry) -> None:
    logs = Gauge(
        "fenhe_hub_logs", "Logs by outcome of the last visit", ["outcome"], registry=registry
    )
    codes = Gauge("fenhe_hub_faults", "Logs by code of the last visit", ["code"], registry=registry)
    remarks = Gauge(
        "fenhe_hub_remarks",
        "Logs by what is odd about them and refuses nothing",
        ["remark"],
        registry=registry,
    )
    visits = Visits(serving.hub.home.visits)
    try:
        for visit in visits.all().values():
            logs.labels(visit.outcome).inc()
            if visit.code:
                codes.labels(visit.code).inc()
            if visit.remark:
                remarks.labels(visit.remark.partition(" ")[0]).inc()  # behind it: which heartbeat
    finally:
        visits.close()


def _gauge_index(serving: Serving, registry: CollectorRegistry) -> None:
    if not serving.hub.home.index.exists():
        return
    lacking = Gauge(
        "fenhe_hub_unwitnessed_logs",
        "Logs whose newest receipt lacks the line of a witness",
        ["witness"],
        registry=registry,
    )
    uri = f"{serving.hub.home.index.resolve().as_uri()}?mode=ro"
    with closing(sqlite3.connect(uri, uri=True, timeout=60)) as db:
        for name, (text, question) in _COUNTS.items():
            counted = Gauge(name, text, registry=registry)
            counted.set(db.execute(question).fetchone()[0])
        gauge(serving.hub, db, registry, serving.now())
        for witness in witness_statuses(serving.hub, db):
            lacking.labels(witness.name).set(witness.logs - witness.cosigned)
