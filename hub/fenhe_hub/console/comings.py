"""Who came in, went, or tried in vain, told as acts; of vain ones no more than a log can bear."""

from collections import deque

from fenhe_hub.casework.accounts import account
from fenhe_hub.office.acting import Office
from fenhe_hub.office.roles import Permission
from fenhe_hub.office.staff import THE_HUB, Staff

MOST_IN_VAIN, SECONDS = 20, 3600
NAMES = {"in": "account.signed_in", "out": "account.signed_out", "wrong": "account.turned_away"}


class Comings:
    """What the door tells. Of vain attempts `MOST_IN_VAIN` an hour are told, then how many more."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._vain: deque[int] = deque()
        self._untold = 0

    def told(self, what: str, name: str, peer: str) -> None:
        """Make an act of it; a name that is none of ours may be a password, and is not kept."""
        details: dict[str, str | int] = {"from": peer}
        if what == "wrong":
            if not self._has_room(self._office.clock()):
                self._untold += 1
                return
            details |= {"more": self._untold} if self._untold else {}
            self._untold = 0
        with self._office.turn() as casework:
            known = account(casework.db, name) is not None
            who = Staff(name, None) if known and what != "wrong" else THE_HUB
            subject = name if known else ""
            self._office.do(casework, who, Permission.SEE, NAMES[what], subject, details)

    def _has_room(self, now: int) -> bool:
        while self._vain and self._vain[0] <= now - SECONDS:
            self._vain.popleft()
        if len(self._vain) >= MOST_IN_VAIN:
            return False
        self._vain.append(now)
        return True
