"""What somebody was killed in the midst of: said where it was done, given up where it was not.

Start at `say_unfinished`. Whoever does something holds the office's turn meanwhile, so what is
begun and found here within a turn has nobody left who would say it (`Office.doing`).
"""

import logging
import time
from collections.abc import Callable, Mapping

from fenhe_hub.casework import journal
from fenhe_hub.casework.book import open_casework
from fenhe_hub.casework.waiting import Waiting
from fenhe_hub.desk.announcing import is_announced
from fenhe_hub.desk.applying import is_enrolled
from fenhe_hub.desk.delivering import is_written
from fenhe_hub.desk.releasing import finish_release
from fenhe_hub.desk.standing import ACTS, stands_so
from fenhe_hub.desk.trusting import is_forgotten, is_trusted
from fenhe_hub.fed.round import FedRound
from fenhe_hub.hub import Hub
from fenhe_hub.index.said import said_of
from fenhe_hub.office.acting import Office
from fenhe_hub.office.noticing import drop_letters
from fenhe_hub.read_only import read_only
from fenhe_protocol.fed import Act
from fenhe_protocol.notice import Notice

_LOGGER = logging.getLogger("fenhe_hub.desk")

_FORWARD = "forward."


def is_erased(hub: Hub, act: Act) -> bool:
    """Whether the leaf of a notice was erased; an erasure that was cut is ended, letters too."""
    with FedRound(hub) as fed:
        fed.catch_up(int(time.time()))
    with read_only(hub.home.index) as index:
        gone = said_of(index, Notice.kind, act.subject) is None
    if gone:
        with open_casework(hub.home) as casework:
            drop_letters(hub, casework, act.subject)
    return gone


DONE: Mapping[str, Callable[[Hub, Act], bool]] = {
    "node.enrolled": is_enrolled,
    **dict.fromkeys(ACTS.values(), stands_so),
    "quarantine.ended": finish_release,
    "above.trusted": is_trusted,
    "above.forgotten": is_forgotten,
    "workdays.announced": is_announced,
    "notice.erased": is_erased,
}
"""By the name of an act whether it was done; some of them finish what was left half done."""


def say_unfinished(office: Office) -> list[Act]:
    """Say what was done and not said; what was not done is given up. The acts that were said."""
    with Waiting.open(office.hub.home) as waiting:
        if not waiting.begun():
            return []
    said: list[Act] = []
    with office.turn() as casework, Waiting.open(office.hub.home) as waiting:
        for act in waiting.begun():
            if not journal.is_known(casework.db, act.number) and _is_done(office.hub, act):
                office.say_begun(casework, act)
                said.append(act)
            else:
                waiting.give_up(act)
            told = "said" if act in said else "given up"
            _LOGGER.warning("%s %s was begun by %s: %s", act.name, act.subject, act.by, told)
    return said


def _is_done(hub: Hub, act: Act) -> bool:
    if act.name.startswith(_FORWARD):
        return is_written(hub, act)
    return act.name in DONE and DONE[act.name](hub, act)
