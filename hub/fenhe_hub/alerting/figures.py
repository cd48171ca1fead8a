"""The numbers of the office for Prometheus: findings, casework, mail, alarms. Start at `gauge`."""

import sqlite3
from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Gauge

from fenhe_hub.alerting.causes import alarms
from fenhe_hub.alerting.delivery import undelivered
from fenhe_hub.alerting.gathered import troubles
from fenhe_hub.casework.book import open_casework
from fenhe_hub.casework.waiting import Waiting
from fenhe_hub.hub import Hub
from fenhe_hub.mailing.outgoing import Outgoing
from fenhe_hub.outside.book import states_outside

_LATE = (
    "SELECT count(DISTINCT f.unit_no) FROM finding f JOIN unit u USING(unit_no)"
    " WHERE f.state = 'overdue' AND u.state = 'enrolled'"
)


def gauge(hub: Hub, db: sqlite3.Connection, registry: CollectorRegistry, now: int) -> None:
    """Put them into a registry; `db` is the index."""
    _gauge_findings(db, registry)
    _gauge_casework(hub, registry)
    _gauge_mail(hub, registry, now)
    _gauge_addresses(hub, registry)
    causes = Gauge("fenhe_hub_alarms", "Causes of trouble by code", ["code"], registry=registry)
    suffering = Gauge(
        "fenhe_hub_alarmed_units", "Units that suffer from a cause", ["code"], registry=registry
    )
    for alarm in alarms(troubles(hub, db), now):
        causes.labels(alarm.code).inc()
        suffering.labels(alarm.code).inc(len(alarm.units))


def _gauge_findings(db: sqlite3.Connection, registry: CollectorRegistry) -> None:
    findings = Gauge(
        "fenhe_hub_findings", "Findings by rule and state", ["rule", "state"], registry=registry
    )
    rows = db.execute("SELECT rule, state, count(*) FROM finding GROUP BY rule, state")
    _set(findings, rows.fetchall())
    late = Gauge("fenhe_hub_late_units", "Units with an overdue finding", registry=registry)
    late.set(db.execute(_LATE).fetchone()[0])


def _gauge_casework(hub: Hub, registry: CollectorRegistry) -> None:
    measures = Gauge("fenhe_hub_measures", "Measures by state", ["state"], registry=registry)
    complaints = Gauge("fenhe_hub_complaints", "Complaints by state", ["state"], registry=registry)
    unsaid = Gauge(
        "fenhe_hub_unsaid_words", "Words of the office that fed does not say yet", registry=registry
    )
    with open_casework(hub.home) as casework:
        for table, into in (("measure", measures), ("complaint", complaints)):
            rows = casework.db.execute(f"SELECT state, count(*) FROM {table} GROUP BY state")
            _set(into, rows.fetchall())
    with Waiting.open(hub.home) as waiting:
        unsaid.set(waiting.count())


def _gauge_mail(hub: Hub, registry: CollectorRegistry, now: int) -> None:
    letters = Gauge("fenhe_hub_letters", "Letters by state", ["state"], registry=registry)
    wait = Gauge(
        "fenhe_hub_letter_wait_seconds", "Since the oldest letter waits", registry=registry
    )
    stuck = Gauge(
        "fenhe_hub_alarms_undelivered",
        "1 if letters that should go out do not: alarms may not arrive",
        registry=registry,
    )
    with Outgoing.open(hub.home) as outgoing:
        _set(letters, outgoing.counts().items())
        oldest = outgoing.oldest_waiting()
    wait.set(0 if oldest is None else max(0, now - oldest))
    stuck.set(bool(undelivered(hub.home, hub.config.mail, now)))


def _gauge_addresses(hub: Hub, registry: CollectorRegistry) -> None:
    addresses = Gauge(
        "fenhe_hub_addresses",
        "Addresses that units name, by what was last known of them from outside",
        ["state"],
        registry=registry,
    )
    _set(addresses, states_outside(hub.home).items())


def _set(gauge: Gauge, rows: Iterable[tuple[object, ...]]) -> None:
    for *labels, count in rows:
        gauge.labels(*labels).set(count)  # type: ignore[arg-type]
