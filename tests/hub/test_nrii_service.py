"""A service in the national platform's words, its quirks, and what is not sent as it is."""

from typing import Any

import pytest

from deploy.nrii_receiver.ledger import Ledger
from fenhe_hub.upstream.nrii_service import service_faults, type_6
from fenhe_protocol.nrii_norm import SERVICE, norm_fields, norm_violations
from tests.hub.national_norm import published_limits

NOW = 1795392065  # 2026-11-23
INS_CODE = "0" * 32
HUB: dict[str, Any] = {
    "unit": "12140000000000019W",
    "kind": "service_record",
    "id": "S-1",
    "instrument": "A-1001",
    "started_at": "2026-11-02T09:00:00+08:00",
    "ended_at": "2026-11-02T12:00:00+08:00",
    "effective_minutes": 150,
    "amount_fen": 30050,
    "way": 2,
    "user_class": "tech_sme",
    "direction": "development",
    "subjects": ["150", "350"],
    "rating": 5,
    "agreement": True,
    "off_site": False,
}
NAT: dict[str, Any] = {
    "applicant": "示例用户",
    "phone": "0351-0000000",
    "mail": "user@example.org",
    "applicant_unit": "示例公司",
    "project_name": "示例课题",
    "project_content": "示例内容",
    "funding": ["B", "O"],
    "content": "氢谱测定",
    "comment": "很好",
}


def faults(now: int = NOW, **changes: Any) -> list[str]:
    service = {name: each for name, each in {**HUB, **changes}.items() if each is not None}
    return service_faults(service, type_6(service, NAT, INS_CODE), now)


def test_a_full_record_satisfies_the_norm_and_every_value_is_theirs() -> None:
    assert faults() == []
    assert type_6(HUB, NAT, INS_CODE) == {
        "insCode": INS_CODE,
        "recordInnerId": "S-1",
        "innerId": "A-1001",
        "amounts": "300.5",
        "serviceTime": "2026-11-02 09",
        "endTime": "2026-11-02 12",
        "serviceAmount": "2.5",
        "serviceWay": "技术共享",
        "serviceType": "130",
        "serviceDirection": "136",
        "subjectArea": "化学,药学",
        "subjectName": "示例课题",
        "subjectIncome": "国家自然科学基金,地方科技计划项目",
        "subjectContent": "示例内容",
        "serviceContent": "氢谱测定",
        "comment": "非常满意",
        "applicant": "示例用户",
        "applicantPhone": "0351-0000000",
        "applicantEmail": "user@example.org",
        "applicantUnit": "示例公司",
        "signAgreement": "0",  # theirs is inverted: 0 is yes
        "adressType": "0",
        "auditStatus": "-1",
    }


def test_the_users_own_words_do_not_become_the_grade() -> None:
    without = {name: each for name, each in HUB.items() if name != "rating"}
    assert "comment" not in type_6(without, NAT, INS_CODE)


def test_no_agreement_is_one_and_outside_needs_an_address() -> None:
    said = type_6({**HUB, "agreement": False, "off_site": True}, NAT, INS_CODE)
    assert (said["signAgreement"], said["adressType"]) == ("1", "1")
    assert faults(off_site=True) == ["moveAddress 缺失"]


def test_a_service_without_a_project_says_so() -> None:
    user = {name: NAT[name] for name in ("applicant", "phone", "mail", "applicant_unit", "content")}
    said = type_6(HUB, user, INS_CODE)
    names = ("subjectName", "subjectIncome", "subjectContent")
    assert [said[name] for name in names] == ["无"] * 3
    assert norm_violations(said, SERVICE) == []


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"effective_minutes": 4 * 60 + 1}, "serviceAmount 超出服务的起止时间"),
        ({"effective_minutes": 4 * 60}, None),  # both times are cut to the hour
        ({"amount_fen": 10_000_000_01}, "amounts 高得不合理"),
        ({"amount_fen": None}, "amounts 缺失"),
        ({"started_at": "1970-01-01T08:00:00+08:00"}, "serviceTime 早于2000年"),
        ({"ended_at": "2027-11-02T12:00:00+08:00"}, "endTime 在未来"),
        ({"started_at": None}, "serviceTime 缺失"),
    ],
)
def test_what_cannot_well_be_true_is_named(changes: dict[str, Any], fault: str | None) -> None:
    found = faults(**changes)
    assert fault in found if fault else found == []


def test_what_a_shipped_sender_really_sent_is_refused_before_and_behind() -> None:
    # Its array names service_time twice: no serviceTime, and hours written as a date.
    said = {**type_6(HUB, NAT, INS_CODE), "serviceAmount": "1970-01-01 08"}
    del said["serviceTime"]
    assert sorted(norm_violations(said, SERVICE)) == ["serviceAmount 超过10字", "serviceTime 缺失"]
    said["serviceAmount"] = "1970-01-01"
    assert "serviceAmount 格式不符" in norm_violations(said, SERVICE)
    assert service_faults(HUB, said, NOW)
    ledger = Ledger(records={(INS_CODE, 4, "A-1001"): {}})
    assert ledger._judge_record(INS_CODE, 6, said)[0] == 202


def test_no_fault_quotes_a_value() -> None:
    user = {name: f"{each}密" * 200 for name, each in NAT.items() if isinstance(each, str)}
    said = type_6(HUB, user, INS_CODE)
    assert len(found := service_faults(HUB, said, NOW)) == 7
    assert not [fault for fault in found if "密" in fault]


def test_the_norms_limits_are_those_of_the_published_definitions() -> None:
    limits = published_limits("ServiceRecord")
    ours = {field.name: field.max for field in norm_fields(SERVICE)}
    # serviceTime: a span then, now the start to the hour with an endTime beside it.
    shared = {name for name in ours if name in limits} - {"serviceTime"}
    assert len(shared) >= 9
    assert {n: ours[n] for n in shared} == {n: limits[n] for n in shared}
