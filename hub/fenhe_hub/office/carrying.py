"""Measures that went out on paper, told to the node that their unit has by now.

Start at `carry_over`.
"""

import logging
import sqlite3
from collections.abc import Iterator
from dataclasses import replace

from fenhe_hub.casework import measures as kept
from fenhe_hub.casework import notices
from fenhe_hub.casework.book import Casework
from fenhe_hub.casework.course import State
from fenhe_hub.casework.measures import Measure, MeasureFilters
from fenhe_hub.casework.numbering import next_number
from fenhe_hub.index.read import unit_with_code
from fenhe_hub.office.acting import Office
from fenhe_hub.office.noticing import compose
from fenhe_hub.office.roles import Permission
from fenhe_hub.office.staff import THE_HUB
from fenhe_protocol.encoding import date_at
from fenhe_protocol.errors import RequestError
from fenhe_protocol.notice import Notice

_LOGGER = logging.getLogger("fenhe_hub.office")


def carry_over(office: Office, index: sqlite3.Connection) -> int:
    """Say in `fed` what stands and was said on paper alone, where it can be read now; how many."""
    today = date_at(office.clock())
    with office.casework() as casework:
        if not [*_on_paper(casework, index, today)]:
            return 0
    with office.turn() as casework:
        found = [*_on_paper(casework, index, today)]
        return sum(_carry(office, casework, *each) for each in found)


def _carry(office: Office, casework: Casework, measure: Measure, word: Notice, origin: str) -> bool:
    """Say one of them; one that cannot be said, being too long, holds up no other."""
    number = next_number(casework.db, "notice", "N", int(date_at(office.clock())[:4]))
    before = f"本通知此前以纸质送达（编号 {word.number}），现随单位接入补送，"
    told = f"{before}请以编号 {number} 答复。"
    carried = replace(word, number=number, to=origin, text=f"{word.text}\n\n{told}")
    try:
        members = {"notice": compose(office.hub, carried)}
    except RequestError as error:
        _LOGGER.error("%s is not told to the node of its unit: %s", measure.number, error)
        return False
    office.do(
        *(casework, THE_HUB, Permission.DECIDE, "measure.carried", measure.number, members),
        unit=measure.unit,
        words=(carried,),
    )
    return True


def _on_paper(
    casework: Casework, index: sqlite3.Connection, today: str
) -> Iterator[tuple[Measure, Notice, str]]:
    """Measures in force whose notice no node got, with the origin of the unit's enrolled node."""
    for measure in kept.measures(casework.db, MeasureFilters(states=(State.DECIDED,))):
        sent = notices.notice(casework.db, measure.notice)
        if sent is None or sent.word.to or not measure.is_in_force(today):
            continue
        unit = unit_with_code(index, measure.unit)
        if unit is not None and unit.state == "enrolled":
            yield measure, sent.word, unit.origin
