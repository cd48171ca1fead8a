from __future__ import annotations

import json
import random
from typing import Any

from fenhe_hub.upstream.nrii_record import candidate_of, type_4
from fenhe_protocol.nrii_norm import INSTRUMENT, norm_fields, norm_violations
from tests.hub.national_norm import published_limits

UNIT: dict[str, Any] = {
    "nrii_ins_code": "0" * 32,
    "service_office": {
        "name": "分析测试中心服务窗口",
        "landline": "0351-0000000",
        "role_mailbox": "service@slu.example",
        "address": "山西省太原市示例区示例路1号",
        "postcode": "030000",
    },
}
PUBLIC: dict[str, Any] = {
    "id": "A-1001",
    "name_zh": "核磁共振波谱仪",
    "name_en": "NMR",
    "status": "normal",
    "model": "EX-400",
    "manufacturer": "示例仪器公司",
    "origin_country": "中国",
    "function": "测定结构",
    "technical_specification": "400 MHz",
    "class_code": "010601",
    "subjects": ["150", "350"],
    "general_or_special": "general",
    "service_content": "氢谱",
    "user_notice": "提前预约",
    "fee_text": "300元/小时",
    "booking_url": "https://booking.example/1",
    "imported_duty_free": False,
    "in_service_on": "2020-01-02",
    "location": {"province": "山西省", "city": "太原市", "county": "示例区", "street": "示例路1号"},
}
SUPERVISED: dict[str, Any] = {
    "value_yuan": 4_865_050,
    "funds": ["central", "own"],
    "acquisition": "purchased",
    "department": "化学学院",
    "declared_run_minutes": 84_030,
}


def test_a_full_record_satisfies_the_norm() -> None:
    written = type_4(PUBLIC, SUPERVISED, UNIT)
    assert norm_violations(written) == []
    assert {name: written[name] for name in ("worth", "subject", "funds", "runMachine")} == {
        "worth": "486.51",
        "subject": "化学,药学",
        "funds": "中央财政资金,单位自有资金",
        "runMachine": "1400.5",
    }
    assert (written["contact"], written["phone"]) == ("分析测试中心服务窗口", "0351-0000000")
    assert written["auditStatus"] == "-1"
    assert written["status"] == "正常"


def test_the_office_of_a_record_comes_before_that_of_its_unit() -> None:
    written = type_4({**PUBLIC, "service_office": {"landline": "0351-0000002"}}, SUPERVISED, UNIT)
    assert (written["phone"], written["postalcode"]) == ("0351-0000002", "030000")


def test_the_booking_date_comes_before_the_first_day_of_use() -> None:
    assert type_4(PUBLIC, SUPERVISED, UNIT)["beginDate"] == "2020-01-02"
    booked = {**SUPERVISED, "booked_on": "2019-12-30"}
    assert type_4(PUBLIC, booked, UNIT)["beginDate"] == "2019-12-30"


def test_what_is_missing_is_named_and_nothing_is_invented() -> None:
    public = {k: v for k, v in PUBLIC.items() if k not in ("function", "imported_duty_free")}
    office = {**UNIT["service_office"], "postcode": ""}
    candidate = candidate_of(
        "U",
        "instrument",
        "A-1001",
        ("o", 3),
        type_4(public, SUPERVISED, {"service_office": office}),
    )
    assert candidate.ins_code is None
    assert set(candidate.lacking) == {
        "insCode 缺失",
        "function 缺失",
        "instrSupervise 缺失",
        "postalcode 缺失",
    }


def test_a_person_named_in_the_record_is_not_sent() -> None:
    person = {**PUBLIC, "contact_person": {"name": "示例甲", "phone": "0351-0000009"}}
    assert "示例甲" not in json.dumps(type_4(person, SUPERVISED, UNIT), ensure_ascii=False)


def test_the_payload_does_not_depend_on_the_order_of_members() -> None:
    shuffled = list(PUBLIC.items())
    random.Random(7).shuffle(shuffled)
    place = ("o", 3)
    one = candidate_of("U", "instrument", "A", place, type_4(PUBLIC, SUPERVISED, UNIT))
    two = candidate_of("U", "instrument", "A", place, type_4(dict(shuffled), SUPERVISED, UNIT))
    assert one.payload_sha256 == two.payload_sha256


def test_the_norms_limits_are_those_of_the_published_definitions() -> None:
    limits = published_limits("Instrument")
    ours = {field.name: field.max for field in norm_fields(INSTRUMENT)}
    # cname: the definitions quoted here are a centre's; both implementers use 50 for either.
    shared = {name for name in ours if name in limits}
    assert len(shared) >= 25
    assert {n: ours[n] for n in shared} == {n: limits[n] for n in shared}
