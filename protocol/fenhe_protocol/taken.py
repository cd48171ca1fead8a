"""What a gateway says it has taken of a log's sealed bodies, as it is written to a mirror.

`POST <hub>/in/<H(unit origin)>/<log>/taken`, signed by a reader who may read tier `nat`: strict
JSON `{"taken":[[17,20],[25,256]]}`, half-open ranges of indices, ascending and apart. It names what
is durably held and nothing else: a mirror drops these lines 90 days later (feed §3).
"""

from collections.abc import Iterable
from typing import Any

from fenhe_protocol.errors import RequestError
from fenhe_protocol.leaf import merge_ranges
from fenhe_protocol.limits import LARGEST_SIZE
from fenhe_protocol.strict_json import NotStrictJson, dumps, loads

Range = tuple[int, int]

MOST_RANGES = 1_000  # in one request; a thousand of the longest have some 36 kB


def compose_taken(indices: Iterable[int]) -> list[bytes]:
    """Write the requests that say that these bodies are held: one, or more where there are gaps."""
    ranges = merge_ranges([(index, index + 1) for index in indices])
    parts = (ranges[at : at + MOST_RANGES] for at in range(0, len(ranges), MOST_RANGES))
    return [dumps({"taken": [list(each) for each in part]}) for part in parts]


def parse_taken(raw: bytes) -> tuple[Range, ...]:
    """Read such a request; RequestError `taken.form` (400)."""
    try:
        value = loads(raw)
    except NotStrictJson as error:
        raise _wrong(str(error)) from error
    rows = value.get("taken")
    if value.keys() != {"taken"} or not isinstance(rows, list) or not rows:
        raise _wrong(", ".join(sorted(value))[:80])
    if len(rows) > MOST_RANGES:
        raise _wrong(f"{len(rows)} ranges")
    ranges = tuple(map(_range, rows))
    if merge_ranges(ranges) != ranges:
        raise _wrong("ranges that are not ascending, or touch")
    return ranges


def _range(row: Any) -> Range:
    match row:
        case [int(start), int(stop)] if type(start) is type(stop) is int:
            if 0 <= start < stop <= LARGEST_SIZE:
                return start, stop
    raise _wrong("a range that is none")


def _wrong(found: str) -> RequestError:
    expected = f'{{"taken":[[a,b],…]}}, 1 to {MOST_RANGES} ranges'
    return RequestError("taken.form", status=400, expected=expected, found=found)
