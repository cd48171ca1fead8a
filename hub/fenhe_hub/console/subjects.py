"""What acts of the office are about, in words: units by name, findings by rule and record."""

from collections.abc import Mapping

from fenhe_hub.casework.obliged import obliged_units
from fenhe_hub.console.asking import Asked
from fenhe_hub.console.finding_rows import concerned, path_of
from fenhe_hub.console.unit_names import UnitNames
from fenhe_hub.rules.overlaid import Subject


def names_of_units(asked: Asked) -> Mapping[str, str]:
    """By code what each unit calls itself; else what the register of obliged units calls it."""
    with asked.console.casework() as casework:
        listed = {unit.uscc: unit.name for unit in obliged_units(casework.db)}
    with asked.console.index() as db:
        known = UnitNames.read(db)
    own = {uscc: known.name(number) for number, uscc in known.codes.items()}
    return listed | {uscc: name for uscc, name in own.items() if name != uscc}


def about(subject: str) -> str:
    """Which findings of its unit a subject names, short."""
    told = Subject.parse(subject)
    record = f"{concerned(told.kind)} {told.id}".strip() if told.kind else ""
    return " ".join(part for part in (told.rule, record) if part) or "全部认定"


def finding_page(asked: Asked, subject: str) -> str:
    """The page of the finding that a subject names; empty where it names none that there is."""
    told = Subject.parse(subject)
    with asked.console.index() as db:
        known = db.execute(
            "SELECT 1 FROM finding f JOIN unit u USING(unit_no)"
            " WHERE u.uscc = ? AND f.rule = ? AND f.kind = ? AND f.id = ?",
            [told.uscc, told.rule, told.kind, told.id],
        ).fetchone()
    return path_of(told.uscc, told.rule, told.kind, told.id) if known else ""
