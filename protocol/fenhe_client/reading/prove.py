"""Prove one record through a hub: where it stands, and that its unit said so (feed §9).

The proof file verifies offline against two keys: the unit's log key and the hub's cosigner key.
Given as verifier keys or through fingerprints they were compared by people; else they come over the
network, and the report says which fingerprints remain to be compared.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from fenhe_client.fetching.answers import ABSENT
from fenhe_client.fetching.fetch import Fetcher
from fenhe_client.keys.roots import first_fingerprint, read_roots
from fenhe_client.reading.log_files import Below
from fenhe_client.reading.shown_body import shown_body
from fenhe_protocol.checkpoint import KeyRange
from fenhe_protocol.encoding import format_time
from fenhe_protocol.errors import InputError, Refused
from fenhe_protocol.fed import Place
from fenhe_protocol.keys import VerifierKey
from fenhe_protocol.origin import origin_hash
from fenhe_protocol.proof import MOST_BYTES, ProvenRecord, verify_proof
from fenhe_protocol.record import Identity
from fenhe_protocol.root_document import RootDocument
from fenhe_protocol.second_line import SecondLine
from fenhe_protocol.strict_json import loads

FED = "fed"


@dataclass(frozen=True, slots=True)
class Trust:
    """What the one who asks trusts already; what is None comes over the network."""

    log_key: VerifierKey | None = None
    cosigner: VerifierKey | None = None
    hub_fingerprint: str | None = None
    unit_fingerprint: str | None = None
    allow_loopback_http: bool = False
    second: SecondLine | None = None  # by SM2 keys of the unit


@dataclass(frozen=True, slots=True)
class Proven:
    """A record that is proven, the proof file, and the fingerprints nobody has compared yet."""

    record: ProvenRecord
    proof: bytes
    to_compare: dict[str, str]
    seconded: bool = False  # the head carries the SM2 line that was asked for

    def members(self) -> dict[str, Any]:
        """As JSON."""
        head = self.record.checkpoint
        return {
            "origin": head.origin,
            "index": self.record.index,
            "size": head.size,
            "bodies": {tier: shown_body(body) for tier, body in self.record.bodies.items()},
            "cosigned": [
                {"name": each.name, "time": format_time(each.time)}
                for each in self.record.cosignatures
            ],
            **({"sm2": True} if self.seconded else {}),
            "to_compare": self.to_compare,
        }


def parse_record(text: str) -> Identity | Place:
    """Read `<uscc>/<kind>/<id>` or `<origin>#<index>`; InputError `prove.record`."""
    try:
        place = Place.parse(text)
        if place.tier is None:
            return place
    except ValueError:
        pass
    unit, _, rest = text.partition("/")
    kind, _, id_ = rest.partition("/")
    if not (unit and kind and id_):
        raise InputError(
            "prove.record", found=text, expected="<uscc>/<kind>/<id>, <origin>#<index>"
        )
    return Identity(unit, kind, id_)


async def prove_record(hub: Fetcher, record: Identity | Place, trust: Trust) -> Proven:
    """Fetch and verify the proof of a record; Refused where anything does not fit."""
    place = record if isinstance(record, Place) else await find_place(hub, record)
    to_compare: dict[str, str] = {}
    keys, unit = await _log_keys(hub, place.origin, trust, to_compare)
    cosigners = await _cosigners(hub, trust, to_compare)
    query = f"origin={quote(place.origin, safe='')}&index={place.index}"
    proof = await _api(hub, f"proof?{query}", place.text)
    second = trust.second
    proven = verify_proof(proof, origin=place.origin, keys=keys, cosigners=cosigners, second=second)
    _check_asked(proven, place, record, unit)
    return Proven(proven, proof, to_compare, second is not None and second.required)


async def find_place(hub: Fetcher, record: Identity) -> Place:
    """Ask the hub where a record stands; nothing of the answer is believed but the proof."""
    query = "&".join(f"{name}={quote(text, safe='')}" for name, text in record._asdict().items())
    raw = await _api(hub, f"records?{query}", "/".join(record))
    try:
        answer = loads(raw)
        item = answer["items"][0] if "items" in answer else answer
        return Place(str(item["origin"]), int(item["index"]))
    except (ValueError, KeyError, IndexError, TypeError) as error:
        raise Refused("prove.answer", where="api/v1/records", found=str(error)) from error


async def _api(hub: Fetcher, path: str, asked: str) -> bytes:
    answer = await hub.get(f"api/v1/{path}", limit=MOST_BYTES)
    if answer.status == ABSENT:
        raise InputError("prove.unknown", where=asked)
    return answer.body


async def _log_keys(
    hub: Fetcher, origin: str, trust: Trust, to_compare: dict[str, str]
) -> tuple[Sequence[KeyRange], str | None]:
    """The keys of the unit's log and, where its root document was read, its unit code."""
    if trust.log_key is not None:
        return [KeyRange(trust.log_key.public)], None
    unit, _, name = origin.rpartition("/")
    document = await _speaker(hub, unit, name, trust, to_compare)
    if document.origin != unit or (log := document.log(name)) is None:
        raise Refused("root.origin", expected=origin, found=document.origin)
    return log.keys, document.unit


async def _speaker(
    hub: Fetcher, unit: str, log: str, trust: Trust, to_compare: dict[str, str]
) -> RootDocument:
    """The root document of whoever signs the log: a mirrored unit, or the hub that is asked."""
    if log.startswith(FED):
        own = await _root(hub, "hub", trust.hub_fingerprint, trust, to_compare)
        if own.origin == unit:
            return own
    mirrored = Below(hub, f"m/{origin_hash(unit)}")
    return await _root(mirrored, unit, trust.unit_fingerprint, trust, to_compare)


async def _cosigners(
    hub: Fetcher, trust: Trust, to_compare: dict[str, str]
) -> Sequence[VerifierKey]:
    if trust.cosigner is not None:
        return [trust.cosigner]
    document = await _root(hub, "hub", trust.hub_fingerprint, trust, to_compare)
    return document.cosigners


async def _root(
    fetcher: Fetcher, who: str, compared: str | None, trust: Trust, to_compare: dict[str, str]
) -> RootDocument:
    fingerprint = compared or await first_fingerprint(fetcher)
    if compared is None:
        to_compare[who] = fingerprint
    read = await read_roots(
        fetcher, (), fingerprint=fingerprint, allow_loopback_http=trust.allow_loopback_http
    )
    return read.document


def _check_asked(
    proven: ProvenRecord, place: Place, record: Identity | Place, unit: str | None
) -> None:
    """The hub must have proven what was asked for, not something else that is true."""
    if proven.index != place.index:
        raise Refused("prove.other", expected=place.text, found=str(proven.index))
    if isinstance(record, Place):
        return
    if unit not in (None, record.unit):
        raise Refused("prove.other", expected=record.unit, found=str(unit))
    if not proven.bodies:  # of a leaf alone nobody sees of whom it speaks
        raise Refused("prove.other", where=place.text, expected="/".join(record), found="no body")
    for tier, body in proven.bodies.items():
        found = shown_body(body)
        if not isinstance(found, dict) or any(
            found.get(name) != text for name, text in record._asdict().items()
        ):
            raise Refused("prove.other", where=f"{place.text}/{tier}", expected="/".join(record))
