"""`status`: where every log stands, and whether anything needs a person."""

import argparse
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import asdict, dataclass

from fenhe_hub.hub import open_hub
from fenhe_hub.index.tables import open_index
from fenhe_hub.operations.options import Commands, add_command
from fenhe_hub.report import pairs, show, table
from fenhe_hub.visits import Visit, Visits
from fenhe_protocol.encoding import format_time

_LOGS = """
SELECT u.origin, u.state, l.name, l.origin, l.size, l.cosigned_size, l.quarantined,
  (SELECT count(*) FROM gap g WHERE g.log_no = l.log_no),
  (SELECT count(*) FROM skip s WHERE s.log_no = l.log_no)
FROM unit u LEFT JOIN log l USING(unit_no) ORDER BY u.unit_no, l.log_no
"""
_HEADS = (
    "单位 unit",
    "日志 log",
    "大小 size",
    "回执 cosigned",
    "缺",
    "拒",
    "结果 outcome",
    "确认于 seen",
)


@dataclass(frozen=True, slots=True)
class LogStatus:
    """One log, or a unit that has none yet."""

    unit: str
    state: str
    log: str
    size: int
    cosigned: int
    quarantined: bool
    missing: int
    refused: int
    outcome: str
    code: str
    remark: str
    seen_at: int | None


def add_commands(commands: Commands) -> None:
    """`status`."""
    add_command(commands, "status", "各单位的状况 how every log stands", _status)


def _status(options: argparse.Namespace) -> int:
    hub = open_hub(options.home)
    visits = Visits(hub.home.visits)
    with closing(open_index(hub.home.index)) as db, closing(visits):
        known = visits.all()
        logs = [_log(row, known) for row in db.execute(_LOGS)]
        fed = db.execute("SELECT size FROM fed").fetchone()[0]
    value = {
        "origin": hub.origin,
        "url": hub.root.url,
        "fingerprint": hub.fingerprint,
        "now": format_time(int(time.time())),
        "fed": fed,
        "logs": [asdict(log) for log in logs],
    }
    head = pairs({name: each for name, each in value.items() if name != "logs"})
    show(value, f"{head}\n\n{table(_HEADS, [_row(log) for log in logs])}", as_json=options.json)
    return 0


def _log(row: tuple[object, ...], visits: Mapping[str, Visit]) -> LogStatus:
    unit, state, name, origin, size, cosigned, quarantined, missing, refused = row
    visit = visits.get(str(origin), Visit(""))
    return LogStatus(
        unit=str(unit),
        state=str(state),
        log=str(name or ""),
        size=_number(size),
        cosigned=_number(cosigned),
        quarantined=bool(quarantined),
        missing=_number(missing),
        refused=_number(refused),
        outcome=visit.outcome,
        code=visit.code,
        remark=visit.remark,
        seen_at=visit.seen_at,
    )


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0


def _row(log: LogStatus) -> tuple[object, ...]:
    seen = format_time(log.seen_at)[:16] if log.seen_at else "-"
    outcome = " ".join(filter(None, (log.outcome, log.code, log.remark)))
    return log.unit, log.log, log.size, log.cosigned, log.missing, log.refused, outcome, seen
