"""The complaints' key while a session has it open: in this process's memory and nowhere else.

It goes with its session, or when that session has not been seen for `sessions.IDLE_SECONDS`.
"""

import weakref
from collections.abc import Mapping
from dataclasses import dataclass

from fenhe_client.console.sessions import Session
from fenhe_protocol.seal import OpeningKey

Keys = Mapping[str, OpeningKey]


@dataclass(frozen=True, slots=True)
class _Open:
    session: "weakref.ref[Session]"
    keys: Keys


class Unlocked:
    """Which sessions have it open."""

    def __init__(self) -> None:
        self._open: dict[str, _Open] = {}

    def unlock(self, session: Session, keys: Keys) -> None:
        """Keep it for this session."""
        id_ = session.id
        gone = weakref.ref(session, lambda _: self._open.pop(id_, None))
        self._open[id_] = _Open(gone, keys)

    def lock(self, session: Session) -> None:
        """Forget it."""
        self._open.pop(session.id, None)

    def keys(self, session: Session, now: int) -> Keys | None:
        """What opens, for this session; None where it has not unlocked."""
        for id_, each in list(self._open.items()):
            living = each.session()
            if living is None or living.is_over(now):
                self._open.pop(id_, None)
        found = self._open.get(session.id)
        return found.keys if found and found.session() is session else None
