"""The vectors of a log and its index (feed §4), through the hub's own files and tables."""

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from fenhe_hub.home import Home
from fenhe_hub.index.apply import transaction
from fenhe_hub.index.said import Saying, put_fed
from fenhe_hub.index.tables import open_index
from fenhe_hub.ingest.log import Ingest, LogName
from fenhe_hub.mirror.log import MirrorLog
from fenhe_protocol.position import Position
from fenhe_protocol.schema import SchemaSet
from tests.vectors import Case, as_bytes, load_cases

# Whose `rej` a reader obeys is its hub's; a hub judges for itself.
OTHERS_SAY = "rejected"

_STATES = "SELECT kind, id, pub, hub FROM resource"
# Service records have no state in the index: that they are there is all it says.
_USED = "SELECT DISTINCT kind, id, NULL, 'true' FROM body"


def ingested(folder: Path, case: Case) -> list[dict[str, Any]]:
    """The state of every record, after the files of the case have been mirrored and indexed."""
    home = Home(folder)
    log = MirrorLog(home, case.input["origin"])
    files = {path: as_bytes(raw) for path, raw in case.input["files"].items() if sees(case, path)}
    log.for_reading().write_all(files)
    unit, _, name = case.input["origin"].rpartition("/")
    with closing(open_index(home.index)) as db:
        with transaction(db):
            put_fed(db, Position(1, 1), orders(case))
        Ingest(home, db, SchemaSet.load()).bring_up(LogName(1, unit, case.input["unit"], name))
        rows = db.execute(_USED if name == "usage" else _STATES).fetchall()
        skips = db.execute("SELECT idx, tier, code FROM skip ORDER BY idx, tier").fetchall()
    assert [list(row) for row in skips] == case.expected.get("skips", [])
    return [dict(zip(("kind", "id", "pub", "hub"), row, strict=True)) for row in rows]


def sees(case: Case, path: str) -> bool:
    """Whether the reader of the case has the tier of a file."""
    return not path.startswith("body/") or path.split("/")[1] in case.input["tiers"]


def orders(case: Case) -> list[Saying]:
    """What is erased from elsewhere, as `era` of the hub."""
    return [
        Saying("era", f"{case.input['origin']}#{index}", 0, "pub", json.dumps({"tiers": [tier]}))
        for tier, start, stop in case.input.get("erased_elsewhere", [])
        for index in range(start, stop)
    ]


# A hub obeys its own judgement and not another hub's `rej`: those cases are a reader's.
OURS = [
    each for each in load_cases("logs") if OTHERS_SAY not in getattr(each.values[0], "input", ())
]


@pytest.mark.parametrize("case", OURS)
def test_the_state_of_each_tier_is_the_last_valid_body(case: Case, tmp_path: Path) -> None:
    rows = ingested(tmp_path, case)
    for tier in case.input["tiers"]:
        found = {f"{row['kind']}/{row['id']}": json.loads(row[tier]) for row in rows if row[tier]}
        expected = case.expected["index"][tier]
        assert found == (dict.fromkeys(expected, True) if True in found.values() else expected)
