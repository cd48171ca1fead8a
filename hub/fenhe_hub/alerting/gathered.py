"""The facts of a digest: from the index, the last visits and the letters that went out."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing

from fenhe_hub.agenda.visits import Visits
from fenhe_hub.alerting.causes import Trouble, alarms
from fenhe_hub.alerting.delivery import undelivered
from fenhe_hub.alerting.digest import Late, State
from fenhe_hub.casework.book import open_casework
from fenhe_hub.hub import Hub
from fenhe_hub.index.read import units
from fenhe_hub.rule_file import load_rules
from fenhe_protocol.encoding import format_time

_OVERDUE = """
SELECT u.uscc, f.rule, count(*), min(f.since) FROM finding f JOIN unit u USING(unit_no)
WHERE f.state = 'overdue' AND u.state = 'enrolled'
GROUP BY u.uscc, f.rule ORDER BY u.uscc, f.rule
"""


def gather(hub: Hub, db: sqlite3.Connection, now: int) -> State:
    """What is wrong now, as the last check and the last visits have found it."""
    return State(
        alarms=alarms(troubles(hub, db), now),
        late=tuple(late_units(hub, db)),
        undelivered=undelivered(hub.home, hub.config.mail, now),
    )


def troubles(hub: Hub, db: sqlite3.Connection) -> Iterator[Trouble]:
    """How the last visit to each log of an enrolled unit ended."""
    with closing(Visits(hub.home.visits)) as visits:
        known = visits.all()
    for unit in units(db).values():
        for log in unit.logs:
            visit = known.get(log.origin)
            if visit is not None and log.ended is None and unit.state == "enrolled":
                seen_at = visit.seen_at or unit.enrolled_at
                told = (visit.outcome, visit.code, seen_at)
                yield Trouble(unit.uscc, unit.name, unit.url, log.origin, *told)


def late_units(hub: Hub, db: sqlite3.Connection) -> Iterator[Late]:
    """The units with breaches, each with what it was last told."""
    names = {rule.rule: rule.name_zh for rule in load_rules(hub.rules_file).rules}
    called = {unit.uscc: unit.name for unit in units(db).values()}
    found: dict[str, list[tuple[str, str, int, str]]] = {}
    for uscc, rule, count, since in db.execute(_OVERDUE):
        found.setdefault(uscc, []).append((rule, names.get(rule, rule), count, since or ""))
    told = last_notices(hub)
    for uscc, rules in found.items():
        yield Late(uscc, called.get(uscc, uscc), tuple(rules), told.get(uscc, ""))


def last_notices(hub: Hub) -> dict[str, str]:
    """The last notice that each unit was sent, as a day and its number."""
    with open_casework(hub.home) as casework:
        rows = casework.db.execute("SELECT unit, max(at), number FROM notice GROUP BY unit")
        return {unit: f"{format_time(at)[:10]} {number}" for unit, at, number in rows}
