"""A unit and a hub whose keys change: what is published meanwhile is received, and proven."""

import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import fenhe_client.cli
from fenhe_node.node import open_node
from tests.federation.province import Province, province_in
from tests.node import homes

CATALOGUE = ("u1.example/fenhe", "catalogue")


def publish(province: Province, *ids: str) -> None:
    node = open_node(province.home("u1"))
    homes.put(node, [homes.instrument(id) for id in ids])
    # A clock of its own spares the ten seconds between two publishes.
    homes.publish_all(node, homes.Clock(int(time.time())))


def ten_minutes_later(province: Province) -> None:
    """Let the last look for a root document be as long ago as a reader has to wait (feed §5)."""
    with closing(sqlite3.connect(province.home("hub") / "visits.sqlite")) as memory:
        memory.execute("UPDATE visit SET rooted_at = rooted_at - 600")
        memory.commit()


def fenhe(*arguments: object, code: int = 0) -> Any:
    """Run a command of `fenhe` as on some other machine."""
    said = StringIO()
    with redirect_stdout(said):
        found = fenhe_client.cli.main([*map(str, arguments), "--json"])
    assert found == code, said.getvalue()
    return json.loads(said.getvalue())


def received(province: Province, id: str) -> dict[str, Any]:
    """Sync, and see that all is well and this record has its receipt."""
    reports = province.sync()
    for report in reports.values():
        assert report["code"] == "", report
        assert report["cosigned"] == report["size"], report
    assert proves(province, id)["cosigned"]
    return reports[CATALOGUE]


def proves(province: Province, id: str) -> Any:
    """Prove a record against nothing but the two fingerprints that people compared."""
    own = province.node("u1", "fingerprint")["fingerprint"]
    return fenhe(
        *("prove", province.url("hub"), f"{homes.UNIT}/instrument/{id}"),
        *("--fingerprint", province.fingerprint, "--unit-fingerprint", own),
    )


def trouble(province: Province) -> str:
    """What the unit says is wrong with its hub."""
    (hub,) = province.node("u1", "status")["hubs"]
    return str(hub["trouble"])


@contextmanager
def acquainted(folder: Path) -> Iterator[Province]:
    """A hub and a unit that know each other; one record is published and has its receipt."""
    with province_in(folder) as province:
        province.found_hub(interval_seconds=3600)
        province.found_node("u1", "示例大学", homes.UNIT)
        publish(province, "A-1")
        for name in ("hub", "u1"):
            province.serve(name)
        province.enrol("u1")
        received(province, "A-1")
        yield province
