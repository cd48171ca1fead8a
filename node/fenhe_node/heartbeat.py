"""When a node must show life (feed §2, `h`). Pure; `publish.show_life` writes the leaf.

A catalogue that has not grown for half its rhythm gets a heartbeat, so that a reader may call it
stale after a whole one.
"""

from collections.abc import Mapping
from typing import Any

DEFAULT_RHYTHM_HOURS = 24
LONGEST_RHYTHM_HOURS = 168
HOUR = 3600
CLOCK_SLACK = 300  # seconds


def rhythm_seconds(unit: Mapping[str, Any]) -> int:
    """Read the rhythm that the published `unit` record promises; 24 hours if it names none."""
    hours = unit.get("rhythm_hours")
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
