"""From a node's logs to findings about use: over real sockets, told, judged, and judged again."""

from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

from fenhe_hub.index.tables import open_index
from fenhe_hub.operations.check import run_check
from tests.hub.fake_node import instrument, service
from tests.hub.provinces import Province, founded

DAY = 86_400


def record(kind: str, id_: str, **fields: Any) -> dict[str, dict[str, Any]]:
    return {"pub": {"kind": kind, "id": id_, **fields}}


def states(province: Province, kind: str, id_: str) -> dict[str, str]:
    with closing(open_index(province.hub.home.index)) as db:
        rows = db.execute("SELECT rule, state FROM finding WHERE kind = ? AND id = ?", (kind, id_))
        return dict(rows.fetchall())


def bought(id_: str, **fields: Any) -> dict[str, dict[str, Any]]:
    made = instrument(id_, **fields)
    made["hub"] |= {"funds": ["local"]}
    return made


def priced(labour_fen: int) -> dict[str, dict[str, Any]]:
    basis = {"materials_fen": 2000, "utilities_fen": 1000, "labour_fen": labour_fen}
    line = {"no": 1, "item": "测试", "charge_unit": "hour", "internal_fen": 5000}
    lines = [{**line, "cost_basis": basis}]
    return record("fee_standard", "F-1", name_zh="示例收费标准", lines=lines)


def quarter_of_use(**fields: Any) -> dict[str, dict[str, Any]]:
    period = {"instrument": "A-1", "period": "2027-Q1", "nil_report": False}
    cells = {"services": 1, "effective_minutes": 110, "external_minutes": 0, "run_minutes": 120}
    return record("usage_summary", "A-1/2027-Q1", **{**period, **cells, **fields})


async def test_reports_fees_and_services_of_a_node_become_findings_and_mend(
    tmp_path: Path,
) -> None:
    async with founded(tmp_path, units=2) as province:
        node = province.nodes[0]
        node.publish(bought("A-1", fee_standards=["F-1"]), priced(labour_fen=1500))
        await province.sync()
        charged = service("S-1", amount_fen=15_000, fee_line="F-1/1")
        charged["hub"] |= {
            "started_at": "2027-01-04T09:00:00+08:00",
            "ended_at": "2027-01-04T11:00:00+08:00",
        }
        node.publish(charged, log="usage")
        await province.sync((date(2027, 5, 20) - date(2026, 11, 23)).days * DAY)
        run_check(province.hub, province.now)
        found = states(province, "instrument", "A-1")
        assert (found["D3"], found["D4"]) == ("provisional", "overdue")  # 2027 is not announced
        assert states(province, "fee_standard", "F-1")["D4"] == "overdue"  # above its cost

        charged["hub"]["amount_fen"] = 10_000
        node.publish(
            priced(labour_fen=2000),
            quarter_of_use(effective_minutes=900, run_minutes=900),
        )
        node.publish(charged, log="usage")
        await province.sync()
        run_check(province.hub, province.now)
        found = states(province, "instrument", "A-1")
        assert "D4" not in found
        assert states(province, "fee_standard", "F-1")["D4"] == "met"
        assert found["D6"] == "provisional"  # off its services, to be mended in time

        node.publish(quarter_of_use())
        await province.sync()
        run_check(province.hub, province.now)
        assert states(province, "instrument", "A-1")["D6"] == "met"
