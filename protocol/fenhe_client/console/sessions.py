"""Who is at the console: sessions, kept in this process alone. A restart ends them all."""

import secrets
from dataclasses import dataclass, field

IDLE_SECONDS = 30 * 60
LONGEST_SECONDS = 12 * 3600
MOST = 1000


@dataclass
class Session:
    """One browser. `token` stands in each of its forms, `said` is shown once."""

    id: str
    token: str
    born: int
    seen: int
    who: str = ""  # empty: nobody has signed in
    stamp: str = ""  # of the password by which; another password ends it
    said: list[tuple[str, bool]] = field(default_factory=list)  # text, went wrong

    def is_over(self, now: int) -> bool:
        """Whether it has ended by being idle, or by its age."""
        return now - self.seen > IDLE_SECONDS or now - self.born > LONGEST_SECONDS


class Sessions:
    """All sessions of one console; of more than `MOST` the longest unseen go, strangers first."""

    def __init__(self) -> None:
        self._sessions: dict[str, Session] = {}

    def find(self, id: str, now: int) -> Session | None:
        """The living session of this id, seen now."""
        session = self._sessions.get(id)
        if session is None:
            return None
        if session.is_over(now):
            self.end(session)
            return None
        session.seen = now
        return session

    def begin(self, now: int, *, who: str = "", stamp: str = "") -> Session:
        """A new one, with an id that nobody can guess."""
        self._make_room(now)
        session = Session(
            secrets.token_urlsafe(32), secrets.token_urlsafe(32), now, now, who, stamp
        )
        self._sessions[session.id] = session
        return session

    def end(self, session: Session) -> None:
        """Forget it."""
        self._sessions.pop(session.id, None)

    def _make_room(self, now: int) -> None:
        for session in [each for each in self._sessions.values() if each.is_over(now)]:
            self.end(session)
        while len(self._sessions) >= MOST:
            self.end(min(self._sessions.values(), key=lambda each: (bool(each.who), each.seen)))
