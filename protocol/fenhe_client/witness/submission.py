"""Submit a head to a witness and take up its cosignature: the client's side of tlog-witness.

Start at `submit`. The witness is believed in nothing but what its key signed.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from fenhe_client.fetching.addresses import PUBLIC_ONLY, Reach
from fenhe_client.fetching.fetch import Web
from fenhe_client.fetching.posting import Reply, post
from fenhe_protocol.checkpoint import cosignatures_by
from fenhe_protocol.encoding import format_time, parse_decimal
from fenhe_protocol.errors import Deferred, FenheError, Refused
from fenhe_protocol.keys import VerifierKey
from fenhe_protocol.note import parse_note
from fenhe_protocol.witness import (
    SIZE_TYPE,
    AddCheckpoint,
    compose_add_checkpoint,
    gather_cosignatures,
)

LARGEST_SKEW = 3600  # seconds by which a witness's clock may differ from ours

_OK, _CONFLICT, _UNPROCESSABLE = 200, 409, 422
_DENIED = frozenset({403, 404})
_ATTEMPTS = 3  # the first may tell us the size, and others may submit between the next two


@dataclass(frozen=True, slots=True)
class WitnessAddress:
    """A witness: the key it is believed by, and its submission prefix."""

    key: VerifierKey
    url: str
    reach: Reach = PUBLIC_ONLY


@dataclass(frozen=True, slots=True)
class Offer:
    """A head to be cosigned; `prove` gives the consistency proof from an older size above 0."""

    note: bytes
    size: int
    prove: Callable[[int], Sequence[bytes]]

    def request(self, known: int) -> AddCheckpoint:
        """What is submitted to who knows the log up to `known`."""
        proof = tuple(self.prove(known)) if 0 < known < self.size else ()
        return AddCheckpoint(known, proof, self.note)


async def submit(web: Web, witness: WitnessAddress, offer: Offer, *, known: int, now: int) -> bytes:
    """Return the note with the witness's line; `known` is the size it should have cosigned last.

    Raises Deferred where it did not answer or `witness.denied`, `witness.ahead`; Refused
    `witness.disagrees` where it has seen another history, `witness.answer` and `witness.clock`.
    """
    reply = Reply(_CONFLICT, "", b"")
    for _ in range(_ATTEMPTS):
        reply = await _ask(web, witness, offer.request(known))
        if reply.status != _CONFLICT:
            break
        known = _known_size(reply, witness.url, offer.size)
    if reply.status != _OK:
        raise _refusal(reply, witness.url)
    return _taken_up(reply, witness.key, offer.note, now)


async def _ask(web: Web, witness: WitnessAddress, request: AddCheckpoint) -> Reply:
    raw = compose_add_checkpoint(request)
    return await post(web, f"{witness.url}/add-checkpoint", raw, reach=witness.reach)


def _known_size(reply: Reply, where: str, size: int) -> int:
    try:
        if reply.kind != SIZE_TYPE or not reply.body.endswith(b"\n"):
            raise ValueError(reply.kind)
        known = parse_decimal(reply.body[:-1].decode("ascii"))
    except ValueError as error:
        raise Refused("witness.answer", where=where, expected=SIZE_TYPE) from error
    if known > size:
        raise Deferred("witness.ahead", where=where, expected=f"<= {size}", found=str(known))
    return known


def _refusal(reply: Reply, where: str) -> FenheError:
    found = str(reply.status)
    if reply.status in _DENIED:
        advice = "请见证人重新登记本单位; let its operator know the unit again"
        return Deferred("witness.denied", where=where, found=found, advice=advice)
    if reply.status == _CONFLICT:
        return Deferred("fetch.busy", where=where, found=found)
    if reply.status == _UNPROCESSABLE:
        return Refused("witness.disagrees", where=where, found=found)
    return Refused("fetch.status", where=where, expected=str(_OK), found=found)


def _taken_up(reply: Reply, key: VerifierKey, note: bytes, now: int) -> bytes:
    try:
        signed = gather_cosignatures(note, reply.body, [key])
    except Refused as error:
        raise Refused("witness.answer", where=key.name, found=str(error)) from error
    if signed == note:
        raise Refused("witness.answer", where=key.name, expected=key.text)
    before = cosignatures_by(parse_note(note), key)
    for cosignature in cosignatures_by(parse_note(signed), key):
        if cosignature not in before and abs(cosignature.time - now) > LARGEST_SKEW:
            shown = format_time(cosignature.time)
            raise Refused("witness.clock", where=key.name, expected=format_time(now), found=shown)
    return signed
