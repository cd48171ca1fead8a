"""The seam to a platform that takes records from the hub."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Delivery:
    """One record on its way: the platform's unit code, type number, key and JSON text."""

    ins_code: str
    instru_type: int
    inner_id: str
    payload: str


@dataclass(frozen=True)
class Reply:
    """What came back. `code` is None when no answer could be read; `raw` is kept as received."""

    code: int | None
    raw: str


class Upstream(Protocol):
    """A platform that takes one record a call and answers with a number."""

    async def deliver(self, delivery: Delivery) -> Reply:
        """Send one record. A transport fault is a Reply without a code, never an exception."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...
