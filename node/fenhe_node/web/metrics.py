"""The numbers behind `/metrics`, in a registry of this server's own, with units in their names.

Nothing here says anything about the usage log: its length alone tells how much a unit serves.
"""

from collections.abc import Mapping, Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest

from fenhe_client.checking.result import Checked
from fenhe_node.hubs.alarms import Alarm
from fenhe_node.published import Catalogue
from fenhe_node.runs import Run


class NodeMetrics:
    """What one server counts and measures."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._answers = self._counter("fenhe_node_http_answers", "HTTP answers", "status")
        self._healthy = self._gauge("fenhe_node_healthy", "1 if /healthz answers 200")
        self._leaves = self._gauge("fenhe_node_catalogue_leaves", "Leaves below the signed head")
        self._records = self._gauge("fenhe_node_catalogue_records", "Public records", "kind")
        self._age = self._gauge(
            "fenhe_node_checkpoint_age_seconds", "Time since the catalogue's head was signed"
        )
        self._alarms = self._gauge(
            "fenhe_node_alarm", "1 where a hub does not hold what was published", "hub", "code"
        )
        self._ended = self._gauge(
            "fenhe_node_job_ended_timestamp_seconds", "When a periodic job last ended", "job"
        )
        self._next = self._gauge(
            "fenhe_node_job_next_timestamp_seconds", "When a periodic job is due", "job"
        )
        self._failures = self._gauge(
            "fenhe_node_job_failures", "Failures in a row of a periodic job", "job"
        )

        self._damaged = self._gauge(
            "fenhe_node_damaged_files", "Files that the last self-check could not heal"
        )
        self._checked = self._gauge(
            "fenhe_node_files_checked_timestamp_seconds", "When a self-check last ended"
        )

    def measure_files(self, checked: Checked) -> None:
        """Take over what the last self-check found."""
        self._damaged.set(len(checked.damaged))
        self._checked.set(checked.at)

    def count_answer(self, status: int) -> None:
        """Count one HTTP answer."""
        self._answers.labels(str(status)).inc()

    def render(
        self,
        catalogue: Catalogue,
        runs: Mapping[str, Run],
        alarms: Sequence[Alarm],
        *,
        healthy: bool,
        now: int,
    ) -> bytes:
        """Measure and write everything down."""
        self._healthy.set(healthy)
        self._leaves.set(catalogue.size)
        self._age.set(max(0, now - catalogue.signed_at))
        self._records.clear()
        for record in catalogue.records.values():
            self._records.labels(record.kind).inc()
        self._alarms.clear()
        for alarm in alarms:
            self._alarms.labels(alarm.hub, alarm.error.code).set(1)
        for job, run in runs.items():
            self._ended.labels(job).set(run.ended)
            self._next.labels(job).set(run.next)
            self._failures.labels(job).set(run.failures)
        return generate_latest(self._registry)

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(name, text, labels, registry=self._registry)

    def _gauge(self, name: str, text: str, *labels: str) -> Gauge:
        return Gauge(name, text, labels, registry=self._registry)
