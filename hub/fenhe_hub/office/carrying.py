"""Measures that went out on paper, told to the node that their unit has by now.

Start at `carry_over`.
"""

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
from fenhe_protocol.notice import Notice


def carry_over(office: Office, index: sqlite3.Connection) -> int:
    """Say in `fed` what stands and was said on paper alone, where it can be read now; how many."""
    with office.casework() as casework:
        if not [*_on_paper(casework, index)]:
            return 0
    with office.turn() as casework:
        found = [*_on_paper(casework, index)]
        for measure, word, origin in found:
            year = int(date_at(office.clock())[:4])
            number = next_number(casework.db, "notice", "N", year)
            before = f"本通知此前以纸质送达（编号 {word.number}），现随单位接入补送，"
            told = f"{before}请以编号 {number} 答复。"
            carried = replace(word, number=number, to=origin, text=f"{word.text}\n\n{told}")
            members = {"notice": compose(office.hub, carried)}
            office.do(
                *(casework, THE_HUB, Permission.DECIDE, "measure.carried", measure.number, members),
                unit=measure.unit,
                words=(carried,),
            )
    return len(found)


def _on_paper(
    casework: Casework, index: sqlite3.Connection
) -> Iterator[tuple[Measure, Notice, str]]:
    """Measures in force whose notice no node got, with the origin of the unit's node."""
    for measure in kept.measures(casework.db, MeasureFilters(states=(State.DECIDED,))):
        sent = notices.notice(casework.db, measure.notice)
        unit = None if sent is None or sent.word.to else unit_with_code(index, measure.unit)
        if sent is not None and unit is not None:
            yield measure, sent.word, unit.origin
