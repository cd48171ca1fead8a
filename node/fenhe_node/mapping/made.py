"""What a mapping makes of several cells of a row: an id where there is none, a time that passed.

Booking systems export when something began and ended, seldom how long it took, and some number
nothing. Start at `minutes_between` and `id_of`.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from fenhe_client.sheets.cells import Damage
from fenhe_client.sheets.dates import read_moment
from fenhe_client.sheets.headers import key
from fenhe_client.sheets.table import Cell
from fenhe_node.mapping.units import UNITS

_DIGEST_DIGITS = 16


@dataclass(frozen=True)
class Span:
    """The minutes from the moment in one column to that in another, for `field`."""

    start: str  # headers
    end: str
    field: str = "effective_minutes"


@dataclass(frozen=True)
class MadeId:
    """An id made of the texts in `columns`; the same texts always give the same."""

    columns: tuple[str, ...]
    prefix: str = ""


@dataclass(frozen=True)
class Clock:
    """How moments are written in a column: the format of strptime or `unix`, and in which zone."""

    format: str = ""
    zone: str = ""


def minutes_between(start: Cell, end: Cell, written: tuple[Clock, Clock]) -> int:
    """Count the whole minutes that passed; raises Damage where the end comes first."""
    clocks = zip((start, end), written, strict=True)
    began, ended = (read_moment(cell, clock.format, clock.zone) for cell, clock in clocks)
    if ended < began:
        raise Damage(
            "value.span",
            f"结束早于开始 ({began:%Y-%m-%d %H:%M}): 改正其中一个",
            f"ends before it began ({began:%Y-%m-%d %H:%M}): mend one of them",
        )
    return int((ended - began).total_seconds()) // 60


def id_of(texts: Sequence[str], prefix: str) -> str:
    """Make the id, which tells nothing of the texts; empty if nothing tells rows apart."""
    joined = "\0".join(" ".join(text.split()) for text in texts)
    if not joined.strip("\0"):
        return ""
    return prefix + hashlib.sha256(joined.encode()).hexdigest()[:_DIGEST_DIGITS]


_HOURS, _MINUTES, _DAYS = "小时", "分钟", "天"
_COUNTED = "个"
_MEASURES = {
    **dict.fromkeys(("hour", "hours", "hr", "hrs", "h", _HOURS, "时", "机时"), _HOURS),
    **dict.fromkeys(("minute", "minutes", "min", "mins", _MINUTES, "分"), _MINUTES),
    **dict.fromkeys(("day", "days", _DAYS, "日"), _DAYS),
    **dict.fromkeys(("sample", "samples", "样", "样品", "个样", _COUNTED, "each", "件"), _COUNTED),
}


def measure_for(written: str, recorded: str) -> str | None:
    """The unit that another column names, for a field kept in `recorded`; None: not for it.

    Raises Damage for a measure that is not known.
    """
    measure = _MEASURES.get(key(written))
    if measure is None:
        raise Damage(
            "value.measure",
            f"不认得计量单位“{written.strip()}”: 写 小时、分钟、天 或 样",
            "the measure beside it is not known: write hour, minute, day or sample",
        )
    timed = measure in UNITS
    if timed != (recorded in UNITS):
        return None
    return measure if timed else ""
