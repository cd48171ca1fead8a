"""The states of service records in the index: told in whatever portions, they are the same rows."""

import random
from contextlib import closing
from pathlib import Path
from typing import Any

from fenhe_hub.index.services import leaf_at, service_row
from fenhe_hub.index.tables import open_index
from fenhe_hub.ingest.services import tell_services
from fenhe_hub.restoring.rebuild import rebuild
from tests.hub.fake_node import service
from tests.hub.provinces import Province, founded


def rows(province: Province) -> list[Any]:
    with closing(open_index(province.hub.home.index)) as db:
        tell_services(province.hub.home, db)
        assert not db.execute("SELECT * FROM untold").fetchall()
        return db.execute("SELECT * FROM service ORDER BY unit_no, id").fetchall()


def gone(id_: str) -> dict[str, dict[str, Any]]:
    deleted = {"on": "2026-11-20", "reason": "error"}
    return {"hub": {"kind": "service_record", "id": id_, "deleted": deleted}}


async def test_told_bit_by_bit_or_at_once_after_a_rebuild_the_states_are_the_same(
    tmp_path: Path,
) -> None:
    dice = random.Random(20261123)
    async with founded(tmp_path, units=1) as province:
        node = province.nodes[0]
        for _ in range(4):
            for number in dice.choices(range(12), k=9):
                said = service(f"S-{number}", effective_minutes=dice.randrange(500))
                node.publish(gone(f"S-{number}") if dice.random() < 0.2 else said, log="usage")
            if dice.random() < 0.6:
                start = dice.randrange(node.size("usage"))
                node.erase(start, min(start + 3, node.size("usage")), log="usage")
            await province.sync()
            rows(province)
        told = rows(province)
        rebuild(province.hub)
        assert rows(province) == told
        assert 3 < len(told) < 12


async def test_the_last_leaf_of_a_service_counts_and_a_deletion_takes_it_out(
    tmp_path: Path,
) -> None:
    async with founded(tmp_path, units=1) as province:
        node = province.nodes[0]
        node.publish(service("S-1"), service("S-2"), service("S-1", amount_fen=300), log="usage")
        await province.sync()
        assert [(row[4], row[10]) for row in rows(province)] == [("S-1", 300), ("S-2", 0)]
        node.publish(gone("S-1"), log="usage")
        await province.sync()
        assert [row[4] for row in rows(province)] == ["S-2"]


def test_a_row_keeps_what_rules_look_at_and_counts_quarters_as_the_unit_wrote_them() -> None:
    body = {
        "id": "S-1",
        "instrument": "A-1",
        "started_at": "2026-04-01T00:00:00+08:00",  # still March in UTC
        "ended_at": "2026-04-01T02:00:00+08:00",
        "effective_minutes": 130,
        "user_class": "tech_sme",
        "fee_line": "F-1/2",
    }
    row = service_row(3, 3001, 7, body)
    assert (row.quarter, row.ended - row.started) == (2026 * 4 + 1, 7200)
    assert (row.excess, row.party, row.fee_line) == (10, 2, "F-1/2")
    assert leaf_at(row.place) == (3001, 7)
    assert service_row(3, 3001, 7, {"id": "S-2"}).quarter == 0
