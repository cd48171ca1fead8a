"""How each witness of the configuration stands, as `status` and the metrics tell it."""

import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from fenhe_client.witness.settings import WitnessSettings
from fenhe_hub.hub import Hub
from fenhe_hub.witnessing.asking import CosignedHead, cosigned_heads
from fenhe_hub.witnessing.memory import WitnessMemory, WitnessStand


@dataclass(frozen=True, slots=True)
class WitnessStatus:
    """One witness: of `logs` cosigned heads it has cosigned `cosigned`; why it lacks the others.

    `fed` is the size of our own log that it cosigned last, at `fed_at`; `fed_code`: why not more.
    `code`, `found`, `where`: of the witness itself, else of the first log that it lacks.
    """

    name: str
    key: str
    url: str
    logs: int
    cosigned: int
    at: int | None
    fed: int = 0
    fed_at: int | None = None
    fed_code: str = ""
    code: str = ""
    found: str = ""
    where: str = ""


def witness_statuses(hub: Hub, db: sqlite3.Connection) -> Iterator[WitnessStatus]:
    """One line for each witness, in the order of the configuration."""
    if not hub.config.witnesses:
        return
    heads = list(cosigned_heads(db))
    with WitnessMemory(hub.home.witnesses) as memory:
        for settings in hub.config.witnesses:
            yield _status(settings, heads, memory.all(settings.verifier.text), hub.fed_origin)


def _status(
    settings: WitnessSettings,
    heads: list[CosignedHead],
    stands: Mapping[str, WitnessStand],
    fed_origin: str,
) -> WitnessStatus:
    key = settings.verifier
    fed = stands.get(fed_origin, WitnessStand(key.text, fed_origin))
    owed = [head for head in heads if head.family in settings.logs]
    known = [stands.get(head.origin, WitnessStand(key.text, head.origin)) for head in owed]
    done = [stand for stand, head in zip(known, owed, strict=True) if stand.size == head.size]
    failing = [stand for stand in (stands.get(""), *known) if stand is not None and stand.code]
    worst = failing[0] if failing else WitnessStand("")
    return WitnessStatus(
        name=key.name,
        key=key.text,
        url=settings.url,
        logs=len(owed),
        cosigned=len(done),
        at=max((stand.at for stand in known), default=0) or None,
        fed=fed.size,
        fed_at=fed.at or None,
        fed_code=fed.code,
        code=worst.code,
        found=worst.found,
        where=worst.origin,
    )
