"""One call of `instruInfo` becomes records of the store and a result code. Start at `take_call`.

A laboratory system that reported to the national platform reports to its unit instead and gets the
platform's own codes (national-platform.md §1.3). Its two published tables differ: services (type 6)
are answered by the table of the records' client, all else by that of the other one.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from fenhe_client.sheets.problems import Place, Problem
from fenhe_node.fates import Fate
from fenhe_node.importing import intake
from fenhe_node.mapping import nrii
from fenhe_node.mapping.rendering import render_mapping
from fenhe_node.sources.instru_list import NotJson, NotRecords, read_list, sheet_of, spelled
from fenhe_node.staging.stage import Staging, stage
from fenhe_node.store import Store, calls, imports, records
from fenhe_protocol.encoding import date_at
from fenhe_protocol.errors import FenheError, InputError
from fenhe_protocol.nrii_norm import CUSTOMS, INSTRUMENT, SERVICE, UNIT_YEAR
from fenhe_protocol.schema import SchemaSet
from fenhe_protocol.schema_fields import KindSchema

log = logging.getLogger("fenhe.node")


class Verdict(StrEnum):
    """What can be said of a call; the worst of its records counts."""

    DONE = "done"
    CONTENT = "content"  # a value that cannot be: before its instrument, a person, a contradiction
    FORM = "form"  # a value that is not of its field's form
    UNIT = "unit"
    TYPES = "types"  # no record, or a value that is no text or number
    JSON = "json"
    OTHER = "other"
    DATABASE = "database"


_CODES = {
    Verdict.DONE: 100,
    Verdict.CONTENT: 202,
    Verdict.FORM: 202,
    Verdict.UNIT: 200,
    Verdict.TYPES: 201,
    Verdict.JSON: 201,
    Verdict.OTHER: 203,
    Verdict.DATABASE: 301,
}
_SERVICE_CODES = {
    Verdict.DONE: 100,
    Verdict.CONTENT: 101,
    Verdict.FORM: 203,
    Verdict.UNIT: 200,
    Verdict.TYPES: 201,
    Verdict.JSON: 202,
    Verdict.OTHER: 204,
    Verdict.DATABASE: 301,
}
_CONTENT = ("privacy.", "schema.check", "soap.")


def code_of(instru_type: int, verdict: Verdict) -> int:
    """The platform's number for a verdict, by the table of that type."""
    return (_SERVICE_CODES if instru_type == SERVICE else _CODES)[verdict]


@dataclass(frozen=True)
class Desk:
    """What taking a call needs; `now` is POSIX seconds, `unit` the 统一社会信用代码."""

    store: Store
    schemas: SchemaSet
    unit: str
    now: int
    by: str = nrii.SOURCE


@dataclass(frozen=True)
class Instru:
    """The arguments of one call."""

    ins_code: str
    instru_type: int
    instru_list: str


def take_call(desk: Desk, said: Instru) -> calls.Call:
    """Take in what is right of a call and keep what is not; StoreError leaves all as it was."""
    store = desk.store
    with store.transaction():
        call = calls.begin(store, desk.now, said.instru_type)
        try:
            done = _take(desk, said, call)
        except FenheError as error:
            verdict = _verdict(error)
            log.warning("instruInfo %d: %s", call.number, error.code)
            done = replace(call, code=code_of(call.type, verdict), why=str(error))
        calls.end(store, done)
    return done


def _verdict(error: FenheError) -> Verdict:
    if isinstance(error, NotJson):
        return Verdict.JSON
    if isinstance(error, NotRecords):
        return Verdict.TYPES
    if isinstance(error, InputError):
        return Verdict.UNIT if error.code == "soap.unit" else Verdict.OTHER
    raise error


def _take(desk: Desk, said: Instru, call: calls.Call) -> calls.Call:
    _check_unit(desk, said.ins_code)
    if said.instru_type not in nrii.KINDS:
        raise InputError(
            "soap.type",
            where="instruType",
            expected=", ".join(map(str, nrii.KINDS)),
            found=str(said.instru_type),
        )
    found = read_list(said.instru_list)
    kind = desk.schemas.kind(nrii.KINDS[said.instru_type])
    later = any(nrii.is_later(said.instru_type, record) for record in found)
    taker = _Taker(desk, call, said.instru_type, kind, later)
    verdicts = [taker.take(number, record) for number, record in enumerate(found, start=1)]
    refused = [verdict for verdict in verdicts if verdict is not Verdict.DONE]
    worst = Verdict.FORM if Verdict.FORM in refused else next(iter(refused), Verdict.DONE)
    code = code_of(call.type, worst)
    unread = ", ".join(sorted(taker.unread))
    why = f"没有读 not read: {unread}" if unread else ""
    return replace(call, records=len(found), refused=len(refused), code=code, why=why)


def _check_unit(desk: Desk, ins_code: str) -> None:
    own = records.find(desk.store, "unit", desk.unit)
    expected = str(own.record.get("nrii_ins_code", "")) if own else ""
    if not expected or ins_code != expected:
        raise InputError(
            "soap.unit",
            where="insCode",
            expected=expected or "nrii_ins_code",
            found=ins_code[:64],
            advice="在本单位的记录里填 nrii_ins_code; fill it in in the unit's record",
        )


@dataclass
class _Taker:
    """Takes the records of one call into the running list of their kind."""

    desk: Desk
    call: calls.Call
    type: int
    kind: KindSchema
    later: bool

    def __post_init__(self) -> None:
        self.mapping = nrii.mapping_of(self.type, later=self.later)
        self.names = [rule.header for rule in self.mapping.columns]
        self.persons = imports.persons(self.desk.store)
        self.run = calls.running_list(self.desk.store, self._source, self.kind.kind)
        self.row = 1 + (self.run.rows if self.run else 0)  # row 1 has the names
        self.unread: set[str] = set()

    def take(self, number: int, record: Mapping[str, Any]) -> Verdict:
        """Take one record and say what became of it."""
        given = spelled(record, [*self.names, "insCode", "auditStatus"])
        if self.type == UNIT_YEAR:
            given = {"year": str(int(date_at(self.desk.now)[:4]) - 1)} | given
        self.unread |= {n for n in given if n not in self.names} - {"insCode", "auditStatus"}
        self.row += 1
        staging = self._stage(number, given)
        run = self._running(staging)
        problems = self._before(number, given) or list(staging.problems)
        refused = not staging.kept or any(problem.blocking for problem in problems)
        if not refused:
            now, by = self.desk.now, self.desk.by
            taking = intake.Run(run.number, self._list_of(given), now, by, "", whole=False)
            intake.take_some(self.desk.store, staging, taking, self.desk.schemas)
            self._keep_persons(run, staging)
        fate = Fate.REFUSED if refused else Fate.STAGED
        rows = [replace(row, fate=fate) for row in staging.rows]
        calls.note(self.desk.store, run, rows, problems, self.desk.now)
        return _judged(problems) if refused else Verdict.DONE

    def _keep_persons(self, run: imports.Run, staging: Staging) -> None:
        if self.type == CUSTOMS:  # they name nobody, and its type 4 may have
            return
        for draft in staging.kept:
            calls.keep_persons(self.desk.store, run.number, draft.kind, draft.id, staging.persons)

    def _running(self, staging: Staging) -> imports.Run:
        if self.run is None:
            self.run = calls.begin_list(self.desk.store, self._new_run(), staging.columns)
        return self.run

    def _stage(self, number: int, given: Mapping[str, Any]) -> Staging:
        sheet = sheet_of(given, self.names, sheet=self._sheet, row=self.row, key=self._key(number))
        return stage(
            nrii.SOURCE,
            [sheet],
            replace(self.mapping, fixed={**self.mapping.fixed, **self._kept(given)}),
            schemas=self.desk.schemas,
            unit=self.desk.unit,
            persons=self.persons,
        )

    @property
    def _source(self) -> str:
        """The running list of a type; customs speak of records that stand in another one."""
        return f"{nrii.SOURCE}/{CUSTOMS}" if self.type == CUSTOMS else nrii.SOURCE

    def _list_of(self, given: Mapping[str, Any]) -> str:
        """The list in which the record stands from now on."""
        if self.type != CUSTOMS:
            return nrii.SOURCE
        stored = records.find(self.desk.store, "instrument", str(given.get("innerId") or ""))
        return stored.source if stored else nrii.SOURCE

    @property
    def _sheet(self) -> str:
        return f"类型 type {self.type}"

    def _key(self, number: int) -> str:
        return f"第 {self.call.number} 次调用第 {number} 条 call {self.call.number} record {number}"

    def _kept(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """What the other type says of the same instrument: 4 all but its customs, 5 these."""
        if self.type not in (INSTRUMENT, CUSTOMS):
            return {}
        stored = records.find(self.desk.store, "instrument", str(given.get("innerId") or ""))
        if stored is None or stored.deleted:
            return {}
        if self.type == INSTRUMENT:
            return {name: stored.record[name] for name in ("customs",) if name in stored.record}
        envelope = ("unit", "kind", "id", "customs")
        return {name: each for name, each in stored.record.items() if name not in envelope}

    def _before(self, number: int, given: Mapping[str, Any]) -> list[Problem]:
        """What came before its instrument (§7): customs and services follow it."""
        if self.type not in (SERVICE, CUSTOMS):
            return []
        inner_id = str(given.get("innerId") or "").strip()
        stored = records.find(self.desk.store, "instrument", inner_id)
        if not inner_id or (stored is not None and not stored.deleted):
            return []
        place = Place(nrii.SOURCE, self._sheet, self.row, header="innerId", key=self._key(number))
        return [
            Problem(
                "soap.instrument",
                "这台仪器还没有报来: 先报仪器 (类型 4)",
                "its instrument has not come yet: send that first (type 4)",
                found=inner_id,
                field="innerId",
                place=place,
                kind=self.kind.kind,
                record_id=str(given.get(nrii.KEY[self.type]) or ""),
            )
        ]

    def _new_run(self) -> imports.Run:
        return imports.Run(
            number=0,
            at=self.desk.now,
            by=self.desk.by,
            file=nrii.SOURCE,
            sha256="",
            sheet=self._sheet,
            kind=self.kind.kind,
            source=self._source,
            mapping=render_mapping(self.mapping, self.kind),
            rows=0,
            staged=0,
            refused=0,
            skipped=0,
        )


def _judged(problems: list[Problem]) -> Verdict:
    blocking = [problem.code for problem in problems if problem.blocking]
    if any(not code.startswith(_CONTENT) for code in blocking):
        return Verdict.FORM
    return Verdict.CONTENT
