"""An office with a made hub whose findings may lead to measures, and who works there."""

from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from fenhe_hub.casework.authorities import Authority
from fenhe_hub.casework.course import Kind
from fenhe_hub.casework.measures import Measure, measure
from fenhe_hub.hub import Hub
from fenhe_hub.index.tables import create_index
from fenhe_hub.office.acting import Deed, Office
from fenhe_hub.office.document import Document
from fenhe_hub.office.proposal import Proposal
from fenhe_hub.office.roles import Permission, Role
from fenhe_hub.office.staff import THE_HUB, Staff
from tests.hub.index_builder import build_hub
from tests.hub.index_rows import NOW
from tests.hub.sample_records import UNIVERSITY

COMPETENT = Authority("A-1", "示例主管部门", "competent", "province", "all", "2020-01-01")
SCIENCE = Authority("A-2", "示例科技厅", "science", "province", "all", "2020-01-01")
OPERATOR = Staff("operator1", Role.OPERATOR)
DECIDER = Staff("decider1", Role.DECIDER, frozenset({UNIVERSITY}), COMPETENT.number)
SCIENTIST = Staff("decider2", Role.DECIDER, None, SCIENCE.number)
ELSEWHERE = Staff("decider3", Role.DECIDER, frozenset(), COMPETENT.number)

OVERDUE = f"{UNIVERSITY}/D1/instrument/A-1003"
MET = f"{UNIVERSITY}/D1/instrument/A-1001"
DUE = f"{UNIVERSITY}/D2/unit/{UNIVERSITY}"
UNKNOWN = f"{UNIVERSITY}/D2/instrument/A-1006"
HELD = f"{UNIVERSITY}/D2/instrument/H-1"
PAPER = Document("晋示例发〔2026〕1号", "2026-11-23")
RECTIFY = Proposal(
    UNIVERSITY, Kind.RECTIFICATION, (OVERDUE,), reason="逾期未补齐", deadline="2027-01-31"
)


@dataclass
class MeasureOffice:
    """The office of a made hub, and its clock."""

    hub: Hub
    now: int = NOW

    @property
    def office(self) -> Office:
        return Office(self.hub, lambda: self.now)

    def measure(self, number: str) -> Measure:
        with self.office.casework() as casework:
            found = measure(casework.db, number)
        assert found is not None
        return found

    def sql(self, text: str, *values: object) -> None:
        """Change the findings of the last check."""
        with closing(create_index(self.hub.home.index)) as db:
            db.execute(text, values)

    def note(self, act: str, subject: str, **details: object) -> None:
        """An act that another part of the office would do."""
        with self.office.turn() as casework:
            deeds = [Deed(act, subject, details)]
            self.office.do_all(casework, THE_HUB, Permission.SET_UP, deeds)


def measure_office(folder: Path) -> MeasureOffice:
    """A made hub: two authorities, and findings of which breaches are grounds."""
    made = build_hub(folder)
    hub = replace(made.hub, config=replace(made.hub.config, publish_seconds=0, advise_seconds=0))
    house = MeasureOffice(hub)
    house.sql("UPDATE finding SET ground = 1 WHERE rule <> 'D5'")
    with_authorities(house)
    return house


def with_authorities(house: MeasureOffice) -> None:
    for each in (COMPETENT, SCIENCE):
        told = {"name": each.name, "kind": each.kind, "level": each.level, "covers": each.covers}
        house.note("authority.put", each.number, **told, **{"from": each.valid_from})
