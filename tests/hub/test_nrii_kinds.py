"""Types 1, 2, 5 and 7 of the national platform: written by the norm, sent in order, judged."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from fenhe_hub.operations import forward_report
from fenhe_hub.upstream.forwarding import refresh
from fenhe_hub.upstream.nrii_candidates import NATIONAL_KINDS, TYPES
from fenhe_hub.upstream.nrii_kinds import type_1, type_2, type_5, type_7
from fenhe_hub.upstream.nrii_plausible import implausible
from fenhe_hub.upstream.obeying import note_audits, note_withdrawn
from fenhe_hub.upstream.outbox import ItemState
from fenhe_hub.upstream.outbox_store import OutboxStore
from fenhe_hub.upstream.scope import NationalScope
from fenhe_protocol.errors import InputError
from fenhe_protocol.nrii_norm import CENTRE, CUSTOMS, INSTALLATION, UNIT_YEAR, norm_violations
from tests.hub.test_forwarding import USCC, db, outbox, put, send
from tests.hub.test_nrii_record import PUBLIC, SUPERVISED, UNIT
from tests.hub.test_nrii_soap import Receiver, receiver

__all__ = ["db", "outbox", "receiver"]  # fixtures

TODAY = "2026-11-23"
SCOPE = NationalScope(500_000, frozenset({"central", "local"}), NATIONAL_KINDS)
PLACE = {"province": "山西省", "city": "太原市", "county": "示例区", "street": "示例路1号"}
A_CENTRE: tuple[dict[str, Any], dict[str, Any]] = (
    {
        "id": "C-1",
        "name_zh": "示例分析测试中心",
        "status": "normal",
        "established_on": "2016-01-01",
        "instrument_count": 26,
        "floor_area_m2": 1800,
        "accredited": True,
        "subjects": ["150"],
        "service_content": "分析测试",
        "home_page": "https://u1.example/c",
        "location": PLACE,
    },
    {"value_yuan": 86_000_000},
)
AN_INSTALLATION: tuple[dict[str, Any], dict[str, Any]] = (
    {
        "id": "F-1",
        "name_zh": "示例装置",
        "name_en": "Example facility",
        "status": "normal",
        "category": "experiment",
        "construction": "completed",
        "function": "示例功能",
        "technical_specification": "线站 12 条",
        "science_centre": "示例科学中心",
        "subjects": ["140"],
        "home_page": "https://u1.example/f",
        "service_content": "示例服务",
        "domestic_users": "示例大学",
        "foreign_users": "无",
        "user_notice": "提前预约",
        "competent_authority": "示例部门",
        "supporting_unit": "示例研究所",
        "accepted_on": "2018-05-01",
        "location": PLACE,
    },
    {"value_yuan": 1_200_000_000},
)
DUTY_FREE = {**PUBLIC, "imported_duty_free": True}
CUSTOMS_BLOCK = {
    "declaration_no": "010120151234567890",
    "item_no": "01",
    "released_on": "2015-07-14",
    "form_name": "核磁共振波谱仪",
}
A_YEAR: tuple[dict[str, Any], dict[str, Any]] = (
    {
        "id": "2025",
        "year": 2025,
        "eligible_items": 120,
        "registered_items": 118,
        "running_items": 115,
        "shared_items": 100,
        "externally_shared_items": 80,
        "user_visits": 500,
        "papers": 223,
        "other_results": "无",
        "support_inside": "示例成效",
        "support_outside": "示例成效",
        "management_note": "示例说明",
        "service_url": "https://u1.example/",
        "service_since": 2016,
    },
    {
        "income_fen": 85_623_049,
        "external_income_fen": 52_000_000,
        "invoices": 340,
        "instruments_from_50": 50,
        "instruments_from_50_yuan": 98_000_000,
    },
)


def test_a_full_record_of_each_type_satisfies_the_norm() -> None:
    assert norm_violations(type_1(*A_CENTRE, UNIT), CENTRE) == []
    assert norm_violations(type_2(*AN_INSTALLATION, UNIT), INSTALLATION) == []
    customs = type_5(DUTY_FREE, {**SUPERVISED, "customs": CUSTOMS_BLOCK}, UNIT)
    assert norm_violations(customs, CUSTOMS) == []
    assert norm_violations(type_7(*A_YEAR, UNIT), UNIT_YEAR) == []


def test_each_says_what_the_later_form_means() -> None:
    centre = type_1(*A_CENTRE, UNIT)
    assert (centre["worth"], centre["accept"], centre["location"]) == (
        "8600.00",
        "1",
        UNIT["service_office"]["address"],
    )
    facility = type_2(*AN_INSTALLATION, UNIT)
    assert [facility[n] for n in ("technical", "serviceContent", "requirement")] == [
        "示例科学中心",
        "示例大学",
        "无",
    ]
    assert (facility["construction"], facility["deviceCategory"]) == ("2", "2")
    year = type_7(*A_YEAR, UNIT)
    assert {
        n: year[n] for n in ("submittedRates", "billWorth", "billWorthInstr", "instrWorth")
    } == {
        "submittedRates": "98.33%",
        "billWorth": "85.62",
        "billWorthInstr": "52.00",
        "instrWorth": "9800.00",
    }
    assert (year["remark"], year["user"]) == ("示例成效", "500")


def test_no_chief_scientist_leaves_with_an_installation() -> None:
    public = {**AN_INSTALLATION[0], "chief_scientist": {"name": "示例甲"}}
    assert "示例甲" not in str(type_2(public, AN_INSTALLATION[1], UNIT))


def put_all(db: sqlite3.Connection) -> None:
    put(db, "centre", "C-1", *A_CENTRE)
    put(db, "installation", "F-1", *AN_INSTALLATION)
    put(db, "instrument", "A-1001", DUTY_FREE, {**SUPERVISED, "customs": CUSTOMS_BLOCK})
    put(db, "unit_year", "2024", {**A_YEAR[0], "id": "2024", "year": 2024}, A_YEAR[1])
    put(db, "unit_year", "2025", *A_YEAR)


async def test_all_types_arrive_in_the_order_of_the_platform(
    db: sqlite3.Connection, outbox: OutboxStore, receiver: Receiver
) -> None:
    put_all(db)
    assert refresh(db, outbox, SCOPE, approval=False, today=TODAY) == 5  # of years the last alone
    sent = await send(outbox, receiver.wsdl)
    assert [item.code for item in sent] == [100] * 5
    assert [call.instru_type for call in receiver.ledger.calls] == [1, 2, 4, 5, 7]
    assert await send(outbox, receiver.wsdl) == []


async def test_customs_wait_for_their_instrument(
    db: sqlite3.Connection, outbox: OutboxStore, receiver: Receiver
) -> None:
    put_all(db)
    receiver.ledger.forced["A-1001"] = 202
    refresh(db, outbox, SCOPE, approval=False, today=TODAY)
    assert [item.candidate.kind for item in await send(outbox, receiver.wsdl)] == [
        "centre",
        "installation",
        "instrument",
        "unit_year",
    ]
    with outbox.transaction():
        outbox.hold(str(CUSTOMS), "示例原因", 0)
    assert await send(outbox, receiver.wsdl) == []


async def test_what_cannot_be_true_waits_until_it_is_mended(
    db: sqlite3.Connection, outbox: OutboxStore, receiver: Receiver
) -> None:
    put(db, "centre", "C-1", {**A_CENTRE[0], "established_on": "2026-11-24"}, A_CENTRE[1])
    refresh(db, outbox, SCOPE, approval=False, today=TODAY)
    assert outbox.items()[0].state is ItemState.BLOCKED
    assert await send(outbox, receiver.wsdl) == []
    said = forward_report.text(outbox.items(), forward_report.Said())
    assert "establish 在未来（不合理）" in said
    refresh(db, outbox, SCOPE, approval=False, today="2026-11-24")  # the day has come
    assert [item.code for item in await send(outbox, receiver.wsdl)] == [100]


@pytest.mark.parametrize(
    ("kind", "record", "found"),
    [
        ("unit_year", {"registered_items": 3, "eligible_items": 2}, "submittedRates 大于总数"),
        ("unit_year", {"year": 2027}, "remark 年度在未来"),
        ("instrument", {"declared_run_minutes": 600_000}, "runMachine 超出一年"),
        ("installation", {"value_yuan": 10**11}, "worth 高得不合理"),
        ("customs", {"customs": {"released_on": "2027-01-01"}}, "importDate 在未来"),
    ],
)
def test_values_are_held_against_each_other(kind: str, record: Any, found: str) -> None:
    assert implausible(kind, record, TODAY) == [f"{found}（不合理）"]


async def test_reviews_and_withdrawals_name_the_type(
    db: sqlite3.Connection, outbox: OutboxStore, receiver: Receiver, tmp_path: Path
) -> None:
    put_all(db)
    refresh(db, outbox, SCOPE, approval=False, today=TODAY)
    await send(outbox, receiver.wsdl)
    code = UNIT["nrii_ins_code"]
    states = tmp_path / "审核.csv"
    states.write_text(
        f"insCode,innerId,auditStatus,instruType\n{code},A-1001,1,5\n{code},C-1,1,\n", "utf-8"
    )
    kinds = {str(number): kind for kind, number in TYPES.items()} | {"": "instrument"}
    note_audits(outbox, states, number="innerId", approval=False, kinds=kinds)
    reviewed = {i.candidate.kind: i.audit_status for i in outbox.items()}
    assert (reviewed["customs"], reviewed["instrument"], reviewed["centre"]) == (1, -1, -1)
    db.execute("DELETE FROM resource WHERE id='A-1001'")
    refresh(db, outbox, SCOPE, approval=False, today=TODAY)
    with pytest.raises(InputError, match=f"{USCC}:instrument:A-1001"):
        note_withdrawn(outbox, f"{USCC}:A-1001")
    note_withdrawn(outbox, f"{USCC}:instrument:A-1001")
    note_withdrawn(outbox, f"{USCC}:A-1001")
    assert {item.candidate.kind for item in outbox.items()} == {
        "centre",
        "installation",
        "unit_year",
    }
