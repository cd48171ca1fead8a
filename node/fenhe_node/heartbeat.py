"""When a node must show life, and the leaf that does it (feed §2 `h`). Pure.

A catalogue that has not grown for half its rhythm gets a heartbeat, so that a reader may call it
stale after a whole one.
"""

from collections.abc import Sequence

from fenhe_protocol.leaf import HeartbeatLeaf

DEFAULT_RHYTHM_HOURS = 24
LONGEST_RHYTHM_HOURS = 168
HOUR = 3600
CLOCK_SLACK = 300  # seconds

Head = tuple[str, int, bytes]  # origin, size, root of a hub's `fed`


def rhythm_seconds(unit_record: dict[str, object] | None) -> int:
    """Read the rhythm that the published `unit` record promises; 24 hours if it names none."""
    hours = (unit_record or {}).get("rhythm_hours")
    if not isinstance(hours, int) or not 1 <= hours <= LONGEST_RHYTHM_HOURS:
        hours = DEFAULT_RHYTHM_HOURS
    return hours * HOUR


def due_at(*, grown_at: int | None, rhythm: int, now: int) -> int:
    """Say when the next heartbeat is due: at once where the catalogue never grew.

    A growth that lies in the future means that the clock was set back: waiting for it could silence
    the node for as long, so life is shown at once and the count starts afresh.
    """
    if grown_at is None or grown_at > now + CLOCK_SLACK:
        return now
    return grown_at + rhythm // 2


def compose(*, now: int, heads: Sequence[Head] = ()) -> HeartbeatLeaf:
    """Make the leaf that says: alive at `now`, and this is what I have seen of the hubs."""
    return HeartbeatLeaf(time=now, heads=tuple(heads))
