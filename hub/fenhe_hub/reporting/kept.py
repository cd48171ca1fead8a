"""Reports as they were made: `reports/<period>@<epoch>-<size>.json`, each with its hash in `fed`.

What was counted is stored and not counted again: an erasure since would give other figures.
"""

import re
import sqlite3
from hashlib import sha256
from pathlib import Path

from fenhe_client.stored.disk import replace_files
from fenhe_client.stored.private_file import PrivateDisk
from fenhe_hub.casework.reports import MadeReport, made_reports
from fenhe_hub.home import Home
from fenhe_hub.reporting.facts import ReportFacts
from fenhe_protocol.errors import InputError, StoreError

__all__ = ["MadeReport", "keep", "kept", "made_reports", "report_file"]

_PLACE = re.compile(r"[1-9][0-9]{0,8}-(?:0|[1-9][0-9]{0,15})")


def report_file(home: Home, period: str, place: str) -> Path:
    """Where its facts lie; InputError `report.place` where that is none."""
    if not _PLACE.fullmatch(place):
        raise InputError("report.place", where=place, expected="<epoch>-<size>")
    return home.path / "reports" / f"{period}@{place}.json"


def keep(home: Home, facts: ReportFacts) -> str:
    """Store the facts durably; their hash."""
    raw = facts.encode()
    file = report_file(home, facts.period, f"{facts.epoch}-{facts.size}")
    replace_files(PrivateDisk(), {file: raw})
    return sha256(raw).hexdigest()


def kept(home: Home, casework: sqlite3.Connection, period: str, place: str) -> ReportFacts:
    """The facts of the report that was made there.

    InputError `report.absent`; StoreError `store.damaged` where the file is not the one of which
    the hash stands in `fed`.
    """
    file = report_file(home, period, place)
    told = {each.place: each.sha256 for each in made_reports(casework, period)}
    if place not in told or not file.exists():
        known = ", ".join(told)
        raise InputError("report.absent", where=f"{period}@{place}", expected=known)
    raw = file.read_bytes()
    found = sha256(raw).hexdigest()
    if found != told[place]:
        where = f"reports/{file.name}"
        raise StoreError("store.damaged", where=where, expected=told[place], found=found)
    return ReportFacts.decode(raw)
