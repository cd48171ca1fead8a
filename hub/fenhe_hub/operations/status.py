"""`status`: where every log stands, who is late and why, and whether anything needs a person."""

import argparse
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import asdict, dataclass
from typing import Self

from fenhe_client.checking.result import files_lines, last_result
from fenhe_hub.agenda.outcome_words import told
from fenhe_hub.agenda.visits import Visit, Visits
from fenhe_hub.api.labels import source_label
from fenhe_hub.hub import Hub, open_hub
from fenhe_hub.index.gap_rows import MISSING
from fenhe_hub.index.lagging import Lagging, lagging
from fenhe_hub.index.read import Log, Unit, units
from fenhe_hub.index.said import fed_place
from fenhe_hub.index.source import heard, last_visits
from fenhe_hub.index.tables import open_index
from fenhe_hub.mirror.evidence import evidence_counts
from fenhe_hub.mirror.second_lines import how_seconded
from fenhe_hub.operations.lower import levels
from fenhe_hub.operations.options import Commands, add_command
from fenhe_hub.operations.outcomes import NO_UNITS
from fenhe_hub.registry.enrolled import Registry
from fenhe_hub.report import show
from fenhe_hub.witnessing.status import WitnessStatus, witness_statuses
from fenhe_protocol.encoding import format_time
from fenhe_protocol.origin import origin_hash
from fenhe_protocol.root_document import root_key_name
from fenhe_protocol.terminal import grouped, table

_COUNTS = f"""
SELECT l.origin,
  {MISSING},
  (SELECT count(*) FROM skip s WHERE s.log_no = l.log_no),
  (SELECT count(*) FROM sealed s WHERE s.log_no = l.log_no)
FROM log l
"""
_HEADS = (
    "单位 unit",
    "名称 origin",
    "状态 state",
    "日志 log",
    "大小 size",
    "回执 cosigned",
    "缺",
    "退回",
    "确认于 seen",
    "结果 outcome",
)

_SECONDED = {"signed": "国密 SM2 ✔", "unsigned": "无国密签名 no SM2 line"}


@dataclass(frozen=True, slots=True)
class LogStatus:
    """One log, or a unit that has none yet. `state` is that of the unit's source, or its enrolment
    where it is no longer visited.
    """

    name: str
    unit: str
    state: str
    log: str = ""
    size: int = 0
    cosigned: int = 0
    quarantined: bool = False
    missing: int = 0
    refused: int = 0
    sealed: int = 0  # bodies that only the gateway opens
    outcome: str = "new"
    code: str = ""
    remark: str = ""
    seen_at: int | None = None
    evidence: int = 0  # files that convict (`fenhe-hub evidence`)
    sm2: str = ""  # where an SM2 key is enrolled: signed, unsigned, or what is wrong


@dataclass(frozen=True, slots=True)
class _Behind:
    """A unit's records of one kind that lag behind `version` of its schema, the current one."""

    name: str
    unit: str
    kind: str
    version: int
    records: int

    @classmethod
    def of(cls, found: Lagging, unit: Unit) -> Self:
        return cls(unit.name, unit.origin, found.kind, found.version, found.records)

    def line(self) -> str:
        what = (
            f"{self.kind} {self.records} 条 records < 第 {self.version} 版 version {self.version}"
        )
        return f"落后 lagging {self.name} {self.unit}: {what}"


@dataclass(frozen=True)
class _Known:
    """What the rows are made of besides the units themselves."""

    states: Mapping[str, str]  # unit origin → state
    visits: Mapping[str, Visit]  # log origin → the last visit
    counts: Mapping[str, tuple[int, int, int]]  # log origin → missing, refused, sealed
    sm2: Mapping[str, str]  # log origin → how its head is seconded
    evidence: Counter[str]  # H(log origin) → how many files convict it


def add_commands(commands: Commands) -> None:
    """`status`."""
    add_command(commands, "status", "各单位的状况 how every log stands", _status)


def _status(options: argparse.Namespace) -> int:
    hub, now = open_hub(options.home), int(time.time())
    with closing(open_index(hub.home.index)) as db:
        logs = list(_logs(hub, db, now))
        witnesses = list(witness_statuses(hub, db))
        known = units(db)
        behind = [_Behind.of(each, known[each.unit_no]) for each in lagging(db)]
        fed = fed_place(db)
        hubs = levels(hub, db, now)
    checked = last_result(hub.home.path)
    value = {
        "files": asdict(checked),
        "origin": hub.origin,
        "url": hub.root.url,
        "fingerprint": hub.fingerprint,
        "now": format_time(now),
        "fed": fed.size,
        "fed_epoch": fed.epoch,
        "logs": [asdict(log) for log in logs],
        "witnesses": [asdict(witness) for witness in witnesses],
        "lagging": [asdict(each) for each in behind],
        **hubs.facts(),
    }
    head = (
        f"{hub.origin} · {hub.root.url} · {hub.fed_name} {fed.size} · {format_time(now)[:16]}\n"
        f"指纹 fingerprint: {grouped(hub.fingerprint)}"
    )
    body = table([_HEADS, *(_row(log) for log in logs)]) if logs else NO_UNITS
    tail = "".join(f"\n{_witness_line(each)}" for each in witnesses)
    tail += "".join(f"\n{each.line()}" for each in behind)
    tail += "".join(f"\n{line}" for line in (*hubs.lines(), *files_lines(checked, format_time)))
    show(value, f"{head}\n\n{body}{tail}", as_json=options.json)
    return 0


def _witness_line(witness: WitnessStatus) -> str:
    at = format_time(witness.at)[:16].replace("T", " ") if witness.at else "-"
    fed = " ".join(filter(None, ("fed", str(witness.fed or "-"), witness.fed_code)))
    line = f"见证人 witness {witness.name}: {witness.cosigned}/{witness.logs} · {at} · {fed}"
    why = " ".join(filter(None, (witness.code, witness.found, witness.where)))
    return f"{line} · {why}" if why else line


def _logs(hub: Hub, db: sqlite3.Connection, now: int) -> Iterator[LogStatus]:
    """Every log in the order of enrolment; a unit that `fed` does not name yet has its line too."""
    found = units(db).values()
    with closing(Visits(hub.home.visits)) as visits:
        known = visits.all()
    last = last_visits(hub.home.visits)
    states = {unit.origin: heard(unit, last, now).state for unit in found}
    counts = {origin: (*numbers,) for origin, *numbers in db.execute(_COUNTS)}
    enrolled = Registry(hub.home.registry_file)
    sm2 = {
        log.origin: how_seconded(hub.home, enrolment, log.origin)
        for unit in found
        if (enrolment := enrolled.get(unit.origin)) is not None
        for log in unit.logs
    }
    evidence = evidence_counts(hub.home)
    for unit in found:
        yield from _of_unit(unit, _Known(states, known, counts, sm2, evidence))
    for new in enrolled:
        if new.origin not in states:
            yield LogStatus(new.uscc, new.origin, "never")


def _of_unit(unit: Unit, known: _Known) -> Iterator[LogStatus]:
    state = known.states[unit.origin]
    if not unit.logs:
        yield LogStatus(unit.name, unit.origin, state)
    for log in unit.logs:
        yield _of_log(unit, log, state, known)


def _of_log(unit: Unit, log: Log, state: str, known: _Known) -> LogStatus:
    visit = known.visits.get(log.origin, Visit(""))
    missing, refused, sealed = known.counts.get(log.origin, (0, 0, 0))
    return LogStatus(
        name=unit.name,
        unit=unit.origin,
        state=state,
        log=log.name,
        size=log.size,
        cosigned=log.cosigned_size,
        quarantined=log.quarantined,
        missing=missing,
        refused=refused,
        sealed=sealed,
        outcome=visit.outcome,
        code=visit.code,
        remark=visit.remark,
        seen_at=visit.seen_at,
        evidence=sum(known.evidence[origin_hash(each)] for each in _accused(unit, log)),
        sm2=known.sm2.get(log.origin, ""),
    )


def _accused(unit: Unit, log: Log) -> Iterator[str]:
    """Against whom evidence is told of in this line: the log, and its unit in the first."""
    yield log.origin
    if log == unit.logs[0]:
        yield root_key_name(unit.origin)


def _row(log: LogStatus) -> tuple[object, ...]:
    seen = format_time(log.seen_at)[:16].replace("T", " ") if log.seen_at else "-"
    state = source_label(log.state)
    outcome = told(log.outcome, log.code, log.remark)
    outcome += f" · 证据 evidence {log.evidence}" if log.evidence else ""
    return (
        log.name,
        log.unit,
        state.zh,
        log.log,
        log.size,
        log.cosigned,
        log.missing,
        log.refused,
        seen,
        f"{outcome} · {_SECONDED.get(log.sm2, log.sm2)}" if log.sm2 else outcome,
    )
