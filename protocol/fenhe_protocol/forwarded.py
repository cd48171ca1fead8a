"""What a hub tells the gateway of the instruments it forwards to the national platform.

`GET <hub>/forwarded`, signed by a reader who may read tier `nat`: strict JSON
`{"instruments":[["<unit code>","<id>","accepted"],…]}`. `accepted`: the platform has said yes to
it at least once; `waiting`: it is to go there and has not arrived. What is not listed does not go
there, or is of a unit that is not enrolled or not this reader's.
"""

from collections.abc import Iterable
from typing import NamedTuple

from fenhe_protocol.errors import Refused
from fenhe_protocol.strict_json import NotStrictJson, dumps, loads

ACCEPTED, WAITING = "accepted", "waiting"
MOST_BYTES = 64 << 20  # half a million instruments


class Standing(NamedTuple):
    """One instrument and how it stands there."""

    uscc: str
    id: str
    state: str


def compose_forwarded(standings: Iterable[Standing]) -> bytes:
    """Write the answer."""
    return dumps({"instruments": [list(each) for each in standings]})


def parse_forwarded(raw: bytes) -> list[Standing]:
    """Read it; Refused `forwarded.form`."""
    try:
        rows = loads(raw).get("instruments")
    except NotStrictJson as error:
        raise Refused("forwarded.form", found=str(error)) from error
    if not isinstance(rows, list):
        raise Refused("forwarded.form", expected='{"instruments":[…]}')
    return list(map(_standing, rows))


def _standing(row: object) -> Standing:
    match row:
        case [str(uscc), str(id), ("accepted" | "waiting") as state]:
            return Standing(uscc, id, str(state))
    raise Refused("forwarded.form", expected='["<unit>","<id>","accepted|waiting"]')
