"""Services as they stand now, and which of them go to the national platform. Start at `refresh`.

An outbox item of a service holds no text: its text is written anew at each attempt from what was
taken, opened in memory (ADR 0009). Its digest is that of the stored bytes and the unit's code.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from fenhe_hub.gateway.opening import Opener
from fenhe_hub.gateway.store import Line, Store
from fenhe_hub.upstream.nrii_service import service_faults, type_6
from fenhe_hub.upstream.outbox import Candidate, Item, ItemState, admit
from fenhe_hub.upstream.outbox_store import OutboxStore
from fenhe_protocol.errors import Refused
from fenhe_protocol.forwarded import ACCEPTED
from fenhe_protocol.record import SEALED_TIER
from fenhe_protocol.strict_json import loads

KIND = "service_record"
TYPE = "6"  # as `hold` names it


@dataclass(frozen=True, slots=True)
class Service:
    """One service: what the hub sees of it, who used it (sealed), its unit's code there."""

    open: Line
    sealed: Line
    ins_code: str

    @property
    def members(self) -> dict[str, Any]:
        """What the hub sees."""
        return loads(self.open.body)

    @property
    def digest(self) -> str:
        """Changes whenever something else would be sent."""
        parts = (self.ins_code.encode(), self.open.body, self.sealed.body)
        return hashlib.sha256(b"\n".join(parts)).hexdigest()

    def candidate(self) -> Candidate:
        """As the outbox keeps it."""
        where = (self.open.uscc, KIND, self.open.id, self.open.origin, self.open.index)
        return Candidate(*where, self.ins_code or None, "", self.digest)

    def user(self, opener: Opener) -> dict[str, Any]:
        """Who used it: opened, in memory. Refused `seal.*`."""
        line = self.sealed
        return opener.open(line.body, origin=line.origin, unit=line.uscc).fields

    def written(self, opener: Opener) -> dict[str, str]:
        """In the platform's words, identities included."""
        return type_6(self.members, self.user(opener), self.ins_code)


def services(store: Store) -> Iterator[Service]:
    """Those with something sealed, that are not deleted, ordered by unit and id."""
    codes = _codes(store)
    sealed = {(line.uscc, line.id): line for line in store.states(KIND, SEALED_TIER)}
    for line in store.states(KIND, "hub"):
        part = sealed.get((line.uscc, line.id))
        if part is not None and not line.deleted and not part.deleted:
            yield Service(line, part, codes.get(line.uscc, ""))


def service(store: Store, uscc: str, id: str) -> Service | None:
    """One of them."""
    line, part = (store.state(KIND, tier, uscc, id) for tier in ("hub", SEALED_TIER))
    if line is None or part is None or line.deleted or part.deleted:
        return None
    unit = store.state("unit", "hub", uscc, uscc)
    return Service(line, part, _code(unit) if unit else "")


def _codes(store: Store) -> dict[str, str]:
    return {line.uscc: _code(line) for line in store.states("unit", "hub") if not line.deleted}


def _code(unit: Line) -> str:
    return str(loads(unit.body).get("nrii_ins_code", ""))


def refresh(store: Store, outbox: OutboxStore, opener: Opener, now: int) -> int:
    """Bring the outbox in step with what was taken; return how many items changed.

    What is gone goes from it; of what was delivered it stays that it was, for the platform takes
    nothing back by itself.
    """
    seen, changed = set(), 0
    with outbox.transaction():
        for each in services(store):
            seen.add((each.open.uscc, each.open.id))
            existing = outbox.item(each.open.uscc, KIND, each.open.id)
            item = _as_it_stands(existing, each, opener, now)
            if item != existing:
                outbox.put(item)
                changed += 1
        for item in outbox.items():
            place = (item.candidate.uscc, item.candidate.record_id)
            # Where a key was destroyed and no more, an item stays as it was answered.
            if place not in seen and (not item.delivered_sha256 or store.has_left(KIND, *place)):
                outbox.let_go(item)
    return changed


def obey_erasures(store: Store, outbox: OutboxStore, opener: Opener, now: int) -> None:
    """Let no byte of what was erased stay, in lines, items, replies, free pages or journals.

    Asked for at the end of every taking. Killed in the middle, the next one does it.
    """
    if store.scour_due():
        refresh(store, outbox, opener, now)
        outbox.scour()
        store.scoured()


def _as_it_stands(existing: Item | None, each: Service, opener: Opener, now: int) -> Item:
    admitted = admit(existing, each.candidate(), approval=False)
    if admitted is None and existing is not None and not existing.candidate.lacking:
        return existing
    # Judged anew while anything is wrong: what lay in the future yesterday may not today.
    item = admitted or existing
    assert item is not None, "admit makes an item where there was none"
    faults = _faults(each, opener, now)
    return replace(item, candidate=replace(item.candidate, lacking=faults))


def _faults(each: Service, opener: Opener, now: int) -> tuple[str, ...]:
    if each.sealed.key not in opener.seals:
        return ()
    try:
        said = each.written(opener)
    except Refused as error:  # good when it was taken; one such must not stop all others
        return (f"密封内容 {error.code}",)
    return tuple(service_faults(each.members, said, now))


class Obstacle(StrEnum):
    """What stands in the way of a service, in words; its name in lower case is for monitors."""

    GONE = "记录已删除 the record is gone"
    KEY = "密钥已销毁 its key was destroyed"
    MEND = "待单位补正 to be mended by the unit"
    HOLD = "暂停 on hold"
    SCOPE = "仪器不在上报范围 its instrument is not forwarded"
    INSTRUMENT = "仪器尚未被接受 its instrument is not accepted yet"


@dataclass(frozen=True, slots=True)
class Obstacles:
    """Why an item that is due is not sent: `of` says it."""

    services: Mapping[tuple[str, str], Service]
    instruments: Mapping[tuple[str, str], str]
    held: Mapping[str, str]
    seals: frozenset[str]

    @classmethod
    def now(cls, store: Store, outbox: OutboxStore, opener: Opener) -> Obstacles:
        """As things stand."""
        known = {(each.open.uscc, each.open.id): each for each in services(store)}
        return cls(known, store.instruments(), outbox.held(), frozenset(opener.seals))

    def of(self, item: Item) -> Obstacle | None:
        """The first thing in the way of an item that is not done, held there, or returned."""
        if item.state not in (ItemState.READY, ItemState.SENDING, ItemState.RETRY):
            return None
        key = item.candidate
        each = self.services.get((key.uscc, key.record_id))
        if each is None:
            return Obstacle.GONE
        if each.sealed.key not in self.seals:
            return Obstacle.KEY
        if key.lacking:
            return Obstacle.MEND
        if key.uscc in self.held or TYPE in self.held:
            return Obstacle.HOLD
        return self._of_instrument(key.uscc, str(each.members.get("instrument", "")))

    def _of_instrument(self, uscc: str, id: str) -> Obstacle | None:
        state = self.instruments.get((uscc, id))
        if state is None:
            return Obstacle.SCOPE
        return None if state == ACCEPTED else Obstacle.INSTRUMENT
