"""The finding that is to be proven, as the index has it, and the office's acts that bear on it."""

import re
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone

import orjson

from fenhe_hub.casework.book import open_casework
from fenhe_hub.casework.corrections import corrections
from fenhe_hub.casework.journal import acts
from fenhe_hub.home import Home
from fenhe_hub.rules.overlaid import Subject
from fenhe_protocol.errors import InputError
from fenhe_protocol.fed import Act

_NAME = re.compile(r"[0-9A-Z]{18}/D[0-9]+/[a-z_]*/.*")
_CHINA = timezone(timedelta(hours=8))
_LAID_OVER = ("exemption.", "objection.")


def read_name(text: str) -> Subject:
    """The name of one finding, `<uscc>/<rule>/<kind>/<id>`; InputError `finding.name`.

    Kind and id may be empty, the id may have slashes.
    """
    if _NAME.fullmatch(text) is None:
        raise InputError("finding.name", where=text, expected="<uscc>/<rule>/<kind>/<id>")
    return Subject.parse(text)


@dataclass(frozen=True, slots=True)
class FoundFinding:
    """One row of `finding`. Days are ISO dates, empty where there is none."""

    name: Subject
    unit_no: int
    origin: str
    state: str
    due: str
    since: str
    grounds: tuple[tuple[str, int | None, str], ...]
    todo_zh: str
    todo_en: str
    counted: tuple[str, str, str]  # from which day, how many, of which kind
    rules: str  # SHA-256 of the rule set that judged it

    @property
    def due_end(self) -> int | None:
        """The last second of the due day, POSIX."""
        if not self.due:
            return None
        end = datetime.combine(date.fromisoformat(self.due), time(23, 59, 59), _CHINA)
        return int(end.timestamp())


def find(db: sqlite3.Connection, name: Subject) -> FoundFinding:
    """The finding of this name; InputError `finding.absent`."""
    cursor = db.execute(
        "SELECT f.*, u.origin AS unit_origin FROM finding f JOIN unit u USING(unit_no)"
        " WHERE u.uscc = ? AND f.rule = ? AND f.kind = ? AND f.id = ?",
        [name.uscc, name.rule, name.kind, name.id],
    )
    columns = [each[0] for each in cursor.description]
    if (values := cursor.fetchone()) is None:
        raise InputError(
            "finding.absent",
            where=f"{name.uscc}/{name.rule}/{name.kind}/{name.id}",
            advice="fenhe-hub check",
        )
    row = dict(zip(columns, values, strict=True))
    grounds = [
        (each["origin"], each["index"], each["delivered_on"] or "")
        for each in orjson.loads(row["evidence"])
    ]
    return FoundFinding(
        name=name,
        unit_no=row["unit_no"],
        origin=row["unit_origin"],
        state=row["state"],
        due=row["due"] or "",
        since=row["since"] or "",
        grounds=tuple(grounds),
        todo_zh=row["todo_zh"],
        todo_en=row["todo_en"],
        counted=_counted(row["clock"]),
        rules=row["rules"],
    )


def _counted(told: str | None) -> tuple[str, str, str]:
    if not told:
        return ("", "", "")
    clock = orjson.loads(told)
    return str(clock["start"]), str(clock["amount"]), str(clock["day_kind"])


def acts_about(home: Home, found: FoundFinding) -> Sequence[Act]:
    """What the office laid over it: exemptions, objections, corrections; the oldest first."""
    with open_casework(home) as casework:
        laid = [a for a in acts(casework.db, unit=found.name.uscc) if _is_laid_over(a, found.name)]
        withdrawn = [
            act
            for each in corrections(casework.db)
            if each.rules == found.rules and each.rule in ("", found.name.rule)
            for act in acts(casework.db, subject=each.number)
        ]
    return sorted([*reversed(laid), *withdrawn], key=lambda act: act.at)


def _is_laid_over(act: Act, name: Subject) -> bool:
    told = act.details.get("subject")
    if not act.name.startswith(_LAID_OVER) or not isinstance(told, str) or not told:
        return False
    return Subject.parse(told).covers(name.uscc, name.rule, name.kind, name.id)
