"""What a body says and whether it counts (feed §4). Start at `BodyJudge`.

Codes in their order of judgement: json, schema, log, unit, envelope, privacy. All but `envelope`
are judged on one body alone; `check_envelope` compares the two that a reader may hold of one leaf.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from fenhe_protocol.encoding import b64_decode
from fenhe_protocol.leaf import split_log_name
from fenhe_protocol.privacy import WHAT, Hit, find_personal, surely_nothing
from fenhe_protocol.strict_json import NotStrictJson, loads, loads_many

SEALED_TIER = "nat"
PRIVACY_TIERS = ("pub", "hub")

_KEY_HASH = re.compile(r"[0-9a-f]{64}")
_SEALED_LEAST = 32 + 16  # encapsulated key and authentication tag (feed §7)
_SEALED_FORM = "key (hex SHA-256) and sealed (base64)"


class Fault(Protocol):
    """One fault that a schema finds."""

    @property
    def path(self) -> str:
        """Where in the body."""

    @property
    def expected_zh(self) -> str:
        """What is expected there, in Chinese."""

    @property
    def expected_en(self) -> str:
        """And in English."""

    @property
    def found(self) -> str:
        """What is there."""


class Kind(Protocol):
    """What is needed of a kind's schema."""

    @property
    def log(self) -> str:
        """`catalogue`, `usage` or `fed`."""


class Schemas(Protocol):
    """Who judges the form of a body: `schema.SchemaSet`."""

    def kind(self, name: str) -> Kind:
        """One kind; KeyError."""

    def validates(self, kind: str, tier: str, value: Mapping[str, Any]) -> bool:
        """Whether a body of this kind is valid in its tier; false for an unknown kind."""

    def validates_all(
        self, kind: str, tier: str, values: Sequence[Mapping[str, Any]], raw: bytes
    ) -> bool:
        """Whether all are; `raw` holds their bytes, whatever stands between them."""

    def validated(self, kind: str, tier: str, value: Mapping[str, Any]) -> bool:
        """Whether it was valid under the version before, and that version is still taken."""

    def violations(self, kind: str, tier: str, value: Mapping[str, Any]) -> Sequence[Fault]:
        """Every fault, for people; KeyError for an unknown kind or tier."""


class Identity(NamedTuple):
    """Which thing a record is about: unit (统一社会信用代码), kind and the unit's own number."""

    unit: str
    kind: str
    id: str


@dataclass(slots=True)
class Record:
    """A valid body: `fields` are all its members, `deleted` is set where the record goes.

    `lags`: it is valid only under the version before of its kind's schema.
    """

    identity: Identity
    fields: dict[str, Any]
    deleted: dict[str, str] | None
    body: bytes
    lags: bool = False


@dataclass(frozen=True, slots=True)
class Sealed:
    """A `nat` body of the right form: for which key (hex SHA-256) and what it encloses."""

    key: str
    sealed: bytes


@dataclass(frozen=True, slots=True)
class Skip:
    """Why a body is not indexed, as the unit is told. `identity` where it passed `unit`."""

    code: str
    expected: str = ""
    found: str = ""
    identity: Identity | None = None


Verdict = Record | Sealed | Skip


class _Read:
    """Many bodies read in one go; one look at all spares a look at each for personal data."""

    __slots__ = ("nothing_personal", "objects", "values", "whole")

    def __init__(self, bodies: list[bytes], unit: str) -> None:
        self.values = loads_many(bodies)
        self.objects = [value for value in self.values if value is not None]
        self.whole = b",".join(bodies)
        all_read = len(self.objects) == len(bodies)
        self.nothing_personal = all_read and surely_nothing(self.whole, unit)


class BodyJudge:
    """Judges the bodies of one tier of one log of one unit."""

    def __init__(self, schemas: Schemas, *, tier: str, log: str, unit: str) -> None:
        self._schemas, self._tier, self._unit = schemas, tier, unit
        self._log = split_log_name(log)[0]
        self._logs: dict[str, str] = {}

    def judge_many(self, bodies: list[bytes], *, explained: int) -> list[Verdict]:
        """Judge many bodies in one go; only the first `explained` refusals come with words."""
        if self._tier == SEALED_TIER:
            return [self.judge(body) for body in bodies]
        read = _Read(bodies, self._unit)
        if self._are_good(read):
            return list(map(self._record, bodies, read.objects))
        verdicts: list[Verdict] = []
        for body, value in zip(bodies, read.values, strict=True):
            if read.nothing_personal and value is not None and self._is_good(value):
                verdicts.append(self._record(body, value))
                continue
            verdict = self.judge(body, explain=explained > 0)
            explained -= type(verdict) is Skip
            verdicts.append(verdict)
        return verdicts

    def all_good(self, bodies: list[bytes]) -> list[dict[str, Any]] | None:
        """The values of bodies of one kind if `judge` surely makes a record of each, else None."""
        read = _Read(bodies, self._unit)
        return read.objects if self._are_good(read) else None

    def _record(self, body: bytes, value: dict[str, Any]) -> Record:
        identity = Identity(self._unit, value["kind"], value["id"])
        return Record(identity, value, value.get("deleted"), body)

    def _are_good(self, read: "_Read") -> bool:
        """Whether `_is_good` says so of each; the bodies of a block are mostly of one kind."""
        kind = read.objects[0].get("kind") if read.objects else None
        return (
            read.nothing_personal
            and isinstance(kind, str)
            and self._tier != SEALED_TIER
            and self._schemas.validates_all(kind, self._tier, read.objects, read.whole)
            and self._log_of(kind) == self._log
            and all([each["kind"] == kind and each["unit"] == self._unit for each in read.objects])
        )

    def _is_good(self, value: dict[str, Any]) -> bool:
        """Whether `judge` would find nothing but something personal in a body of this value."""
        kind = value.get("kind")
        return (
            isinstance(kind, str)
            and self._tier != SEALED_TIER
            and self._schemas.validates(kind, self._tier, value)
            and self._log_of(kind) == self._log
            and value["unit"] == self._unit
        )

    def _log_of(self, kind: str) -> str:
        if kind not in self._logs:
            self._logs[kind] = self._schemas.kind(kind).log
        return self._logs[kind]

    def judge(self, body: bytes, *, explain: bool = True) -> Verdict:
        """Judge one body, its commitment being good already.

        Without `explain`, SKIP `schema` says only that: to find the words takes a hundred times as
        long as to judge.
        """
        try:
            value = loads(body)
        except NotStrictJson as error:
            return Skip("json", "严格 JSON strict JSON", str(error))
        if self._tier == SEALED_TIER:
            return read_sealed(value) or Skip("schema", _SEALED_FORM, "another form")
        return self.judge_fields(body, value, explain=explain)

    def judge_fields(
        self, body: bytes, value: dict[str, Any], *, explain: bool = True
    ) -> Record | Skip:
        """Judge envelope and fields, read already; `judge` is where to start."""
        kind = value.get("kind")
        current = isinstance(kind, str) and self._schemas.validates(kind, self._tier, value)
        if not isinstance(kind, str) or not (
            current or self._schemas.validated(kind, self._tier, value)
        ):
            return self._not_of_schema(kind, value) if explain else Skip("schema")
        if (log := self._log_of(kind)) != self._log:
            return Skip("log", f"{kind} in {log}", self._log)
        if value["unit"] != self._unit:
            return Skip("unit", self._unit, value["unit"])
        identity = Identity(self._unit, kind, value["id"])
        for hit in self._personal(body, value):
            what = f"{hit.path}: {WHAT[hit.what].zh} {WHAT[hit.what].en}"
            return Skip("privacy", "没有个人信息 nothing personal", what, identity)
        return Record(identity, value, value.get("deleted"), body, lags=not current)

    def _personal(self, body: bytes, value: Mapping[str, Any]) -> Sequence[Hit]:
        if self._tier not in PRIVACY_TIERS or surely_nothing(body, self._unit):
            return ()
        return find_personal(value)

    def _not_of_schema(self, kind: object, value: Mapping[str, Any]) -> Skip:
        try:
            faults = self._schemas.violations(str(kind), self._tier, value)
        except KeyError:
            return Skip("schema", f"a known kind with tier {self._tier}", str(kind))
        for fault in faults:
            expected = f"{fault.path}: {fault.expected_zh} / {fault.expected_en}"
            return Skip("schema", expected, fault.found)
        return Skip("schema", f"{kind} of tier {self._tier}", "another form")


def judge_body(body: bytes, *, tier: str, log: str, unit: str, schemas: Schemas) -> Verdict:
    """Judge one body; for many of one log and tier make a `BodyJudge`."""
    return BodyJudge(schemas, tier=tier, log=log, unit=unit).judge(body)


def read_sealed(value: Mapping[str, Any]) -> Sealed | None:
    """Read the outer form of a `nat` body (feed §7); None if it has another.

    What has another form may be anything, a name in clear included, and is quoted nowhere.
    """
    match value:
        case {"key": str(key), "sealed": str(text)} if len(value) == 2 and _KEY_HASH.fullmatch(key):
            try:
                sealed = b64_decode(text)
            except ValueError:
                return None
            return Sealed(key, sealed) if len(sealed) >= _SEALED_LEAST else None
    return None


def judge_opened(
    value: dict[str, Any], plain: bytes, *, log: str, unit: str, schemas: Schemas
) -> Record | Skip:
    """Judge what a sealed body enclosed, as any other body: schema, log, unit (feed §4, §7)."""
    judge = BodyJudge(schemas, tier=SEALED_TIER, log=log, unit=unit)
    return judge.judge_fields(plain, value)


def check_envelope(one: Verdict, other: Verdict) -> tuple[Verdict, Verdict]:
    """Compare two bodies of one leaf; where both passed `unit` and disagree, both are skipped."""
    first, second = _identity(one), _identity(other)
    if first is None or second is None or first == second:
        return one, other
    shown = [f"{each.kind}/{each.id}" for each in (first, second)]
    return Skip("envelope", shown[1], shown[0]), Skip("envelope", shown[0], shown[1])


def _identity(verdict: Verdict) -> Identity | None:
    return None if isinstance(verdict, Sealed) else verdict.identity
