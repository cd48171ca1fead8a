"""What the index and the registry know of what lies beneath, judged. Start at `look`."""

import sqlite3
from functools import lru_cache
from pathlib import Path

import orjson

from fenhe_hub.below.judging import Below, Facts, judge
from fenhe_hub.home import Home
from fenhe_hub.index.gap_rows import MISSING
from fenhe_hub.index.said import fed_place
from fenhe_hub.index.words import words_of
from fenhe_hub.read_only import read_only
from fenhe_hub.registry.above import above_us
from fenhe_hub.registry.enrolled import Registry
from fenhe_protocol.fed import Registration

_Stamp = tuple[object, ...]

_NOTHING = Below()


def look(home: Home, origin: str, db: sqlite3.Connection) -> Below:
    """What comes from beneath the hub of this origin; judged again only where something changed."""
    registry = Registry(home.registry_file)
    if not any(unit.is_hub for unit in registry):
        return _NOTHING
    return _judged(home.path, origin, _stamp(home, db))


def _stamp(home: Home, db: sqlite3.Connection) -> _Stamp:
    logs = db.execute(
        f"SELECT log_no, size, indexed, {MISSING}"
        " FROM main.log l WHERE name GLOB 'fed*' ORDER BY log_no"
    )
    said = fed_place(db)
    files = (home.registry_file, home.index, home.above_file)
    return (*map(_written, files), said, tuple(logs.fetchall()))


def _written(file: Path) -> tuple[int, int] | None:
    try:
        found = file.stat()
    except FileNotFoundError:
        return None
    # Of the index only which file it is: what is in it is asked.
    return (found.st_ino, 0 if file.suffix == ".sqlite" else found.st_mtime_ns)


@lru_cache(maxsize=8)
def _judged(path: Path, origin: str, stamp: _Stamp) -> Below:
    home = Home(path)
    with read_only(home.index) as db:
        return judge(gather_facts(home, origin, db))


def gather_facts(home: Home, origin: str, db: sqlite3.Connection) -> Facts:
    """All that is to be judged."""
    registry = tuple(Registry(home.registry_file))
    numbers = dict(db.execute("SELECT origin, unit_no FROM main.unit"))
    told = {
        unit.origin: _registrations(db, numbers[unit.origin])
        for unit in registry
        if unit.is_hub and unit.origin in numbers
    }
    said = [_said(body) for (body,) in db.execute("SELECT body FROM said WHERE kind = 'reg'")]
    above = frozenset(each.origin for each in above_us(home))
    return Facts(origin, registry, told, said, above)


def _registrations(db: sqlite3.Connection, unit_no: int) -> list[Registration]:
    words = (heard.word for heard in words_of(db, unit_no, "reg"))
    return [word for word in words if isinstance(word, Registration)]


def _said(body: str) -> Registration:
    fields = orjson.loads(body)
    names = ("state", "uscc", "url", "root1", "depth", "ext")
    told = {name: fields[name] for name in names if name in fields}
    return Registration(fields["id"], **told)
