"""Open what a unit sealed, in memory, and hold it against the contract. Start at `Opener`.

Whatever is returned here names people: it is used and let go, never written (ADR 0009). An error
never quotes what it saw.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fenhe_protocol.errors import Refused
from fenhe_protocol.record import SEALED_TIER, BodyJudge, Record, Schemas
from fenhe_protocol.seal import OpeningKey, open_body


@dataclass(frozen=True, slots=True)
class Opener:
    """The keys of the gateway and the schemas of what they enclose."""

    seals: Mapping[str, OpeningKey]
    schemas: Schemas

    def open(self, body: bytes, *, origin: str, unit: str) -> Record:
        """Open one body of a log of a unit; Refused `seal.*`.

        `seal.record`: what it encloses is no valid record of this unit and log.
        """
        opened = open_body(body, origin=origin, keys=self.seals)
        log = origin.rpartition("/")[2]
        judge = BodyJudge(self.schemas, tier=SEALED_TIER, log=log, unit=unit)
        verdict = judge.judge_fields(opened.plain, opened.value, explain=False)
        if not isinstance(verdict, Record):
            raise Refused("seal.record", where=origin, found=verdict.code)
        return verdict
