"""A hub's home for tests of its mouth: real signed logs in the mirror, and the index over them.

    made = build_hub(tmp_path)          # three units, their records, findings, visits, `fed`
    made.reading                        # what API and portal need

The logs, notes and `fed` are written with the writers the programs use; the rows of the index are
written here, so that these tests say what the tables mean and do not lean on who fills them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from sqlite3 import Connection
from typing import Any

import orjson
import yaml

from fenhe_client.stored.head_store import HeadStore
from fenhe_hub.agenda.visits import Visit, Visits
from fenhe_hub.fed.log import FedLog
from fenhe_hub.hub import Hub
from fenhe_hub.index.read import Reading
from fenhe_hub.index.tables import create_index, log_number
from fenhe_hub.operations.setup import init_hub
from fenhe_hub.rules.ruleset import read_rule_set
from fenhe_protocol.checkpoint import Checkpoint
from fenhe_protocol.fed import Advance, Place, Refusal, Registration, Word
from fenhe_protocol.keys import COSIGNATURE, VerifierKey
from tests.hub import sample_records as samples
from tests.hub.index_rows import DAY, HUB, MORNING, NOW, YESTERDAY, IndexRows, SampleUnit


@dataclass(frozen=True)
class MadeHub:
    """A hub's home, ready to be asked."""

    hub: Hub
    reading: Reading
    units: tuple[SampleUnit, ...]

    @property
    def db(self) -> Connection:
        """The index, for changes a test wants to make; the caller closes it."""
        return create_index(self.hub.home.index)


def build_hub(path: Path, *, url: str = "https://hub.example/fenhe", now: int = NOW) -> MadeHub:
    """Four units: a good one, a stale one, a refused one, and one never heard of."""
    hub = init_hub(path / "hub", HUB, url, samples.code(99), now=YESTERDAY - DAY)
    codes = (samples.UNIVERSITY, samples.INSTITUTE, samples.COMPANY, samples.SILENT)
    units = tuple(SampleUnit(number, uscc, hub) for number, uscc in enumerate(codes, 1))
    db = create_index(hub.home.index)
    rows = IndexRows(db)
    db.execute("BEGIN")
    heads: dict[str, Checkpoint] = {}
    roots = {unit.origin: unit.enrol() for unit in units}
    for unit in units:
        rows.unit(unit, roots[unit.origin])
    for unit, records in zip(units, _records(), strict=False):
        unit.publish(records, at=YESTERDAY if unit.number == 2 else MORNING - 600)
        heads[unit.origin] = unit.publish([None], at=YESTERDAY if unit.number == 2 else MORNING)
        rows.bodies(unit, rows.log(unit, heads[unit.origin]))
    _findings(rows, units[0])
    _usage_log(rows, db, units[0])
    rows.skip(log_number(3, "catalogue", 1), 3, "pub", "schema")
    rows.skip(log_number(3, "catalogue", 1), 4, "pub", "privacy")
    db.execute("COMMIT")
    db.close()
    _fed(hub, units, heads, roots)
    _visits(hub, units)
    return MadeHub(hub, reading_of(hub, url, now), units)


def reading_of(hub: Hub, url: str, now: int) -> Reading:
    """What API and portal need of this hub, at a time that stands still."""
    file = resources.files("fenhe_hub") / "rules/rulesets/shanxi.yaml"
    raw = file.read_bytes()
    document = yaml.safe_load(raw)
    return Reading(
        home=hub.home,
        origin=HUB,
        url=url,
        cosigners=lambda: [VerifierKey(f"{HUB}/m", COSIGNATURE, hub.keys.mirror.public)],
        now=lambda: now,
        rules_now=lambda: read_rule_set(raw, document).rules,
    )


def _records() -> list[list[Mapping[str, Any] | None]]:
    first: list[Mapping[str, Any] | None] = [
        samples.unit_record(samples.UNIVERSITY, "示例大学", "Example University", "university"),
        samples.fee_standard(samples.UNIVERSITY),
        *(samples.instrument(samples.UNIVERSITY, number) for number in range(38)),
        samples.usage_summary(samples.UNIVERSITY, "A-1001", "2026-Q2"),
        samples.usage_summary(samples.UNIVERSITY, "A-1001", "2026-Q3", run_minutes=51_300),
        samples.instrument(samples.UNIVERSITY, 3),
        samples.deletion(samples.UNIVERSITY, "instrument", "A-1038"),
        samples.bodies(samples.UNIVERSITY, "instrument", "a/b1%", {"name_zh": "斜线编号仪器"}),
        samples.held_only(samples.UNIVERSITY, "H-1"),
    ]
    second: list[Mapping[str, Any] | None] = [
        samples.unit_record(samples.INSTITUTE, "示例研究所", "Example Institute", "institute"),
        *(samples.instrument(samples.INSTITUTE, number) for number in range(10, 15)),
    ]
    third: list[Mapping[str, Any] | None] = [
        samples.unit_record(samples.COMPANY, "示例公司", "Example Company", "enterprise"),
        *(samples.instrument(samples.COMPANY, number) for number in (15, 5)),
    ]
    return [first, second, third]


def _findings(rows: IndexRows, unit: SampleUnit) -> None:
    log = f"{unit.origin}/catalogue"
    ground = orjson.dumps([{"origin": log, "index": 4, "delivered_on": "2026-11-23"}]).decode()
    usage = orjson.dumps([{"origin": f"{unit.origin}/usage", "index": 812}]).decode()
    rows.findings(
        unit,
        [
            ("D1", "instrument", "A-1003", "overdue", "2026-11-20", "2026-11-20", ground,
             "于2026-11-20前补齐：功能", "complete by 2026-11-20: function"),
            ("D1", "instrument", "A-1001", "met", "2026-12-01", None, ground, "", ""),
            ("D2", "unit", unit.uscc, "due", "2026-12-31", None, "[]",
             "公开运行制度、维护制度", "publish the regimes of operation and maintenance"),
            ("D2", "instrument", "A-1006", "unknown", None, None, ground,
             "补填原值和经费来源", "enter the value and where the funds came from"),
            ("D2", "instrument", "H-1", "due", "2026-12-31", None, ground, "机密", "secret"),
            ("D5", "leaf", f"{log}#7/pub", "overdue", "2026-11-20", None, ground, "泄漏", "leak"),
            ("D12", "log", log, "met", None, None, ground, "", ""),
            ("D12", "log", f"{unit.origin}/usage", "due", None, None, usage, "缺812条", "812"),
            ("D12", "unit", unit.uscc, "met", "2026-11-24", None, usage, "", ""),
        ],
    )  # fmt: skip


def _usage_log(rows: IndexRows, db: Connection, unit: SampleUnit) -> None:
    """A usage log of which nothing may be told."""
    number = rows.log(unit, Checkpoint(f"{unit.origin}/usage", 812, b"\0" * 32), "usage")
    db.execute("INSERT INTO body VALUES(?, 0, 1, 'service_record', 'S-1', 0)", (number,))
    rows.skip(number, 5, "hub", "schema")


def _fed(
    hub: Hub,
    units: Sequence[SampleUnit],
    heads: Mapping[str, Checkpoint],
    roots: Mapping[str, str],
) -> None:
    fed = FedLog(hub, hub.fed_files(), HeadStore(hub.home.heads))
    words: list[Word] = [_registration(unit, roots[unit.origin]) for unit in units]
    for unit in units:
        if head := heads.get(unit.origin):
            words.append(Advance(unit.catalogue, 0, head.size, unit.note))
    words.append(Advance(f"{units[0].origin}/usage", 0, 812, b"x"))
    words.append(Refusal(Place(units[2].catalogue, 3, "pub"), "schema"))
    fed.publish(words, beat=True, now=MORNING + 120)


def _registration(unit: SampleUnit, root1: str) -> Registration:
    return Registration(unit.origin, "enrolled", unit.uscc, f"https://{unit.origin}", root1)


def _visits(hub: Hub, units: Sequence[SampleUnit]) -> None:
    visits = Visits(hub.home.visits)
    good, old, refused, _ = (unit.catalogue for unit in units)
    for visit in (
        Visit(good, outcome="unchanged", seen_at=NOW - 180, grown_at=MORNING),
        Visit(
            old, outcome="defer", code="fetch.timeout", seen_at=YESTERDAY, grown_at=YESTERDAY - 9
        ),
        Visit(refused, outcome="refuse", code="note.signature", seen_at=MORNING, grown_at=MORNING),
    ):
        visits.put(visit)
    visits.close()
