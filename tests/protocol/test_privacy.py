import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fenhe_protocol.privacy import WHAT, Hit, find_personal
from fenhe_protocol.privacy_mail import is_personal
from fenhe_protocol.privacy_names import KnownNames, persons_in
from fenhe_protocol.schema import SchemaSet
from tests.counting import counted
from tests.protocol.contract import EXAMPLES

ENVELOPE = {"unit": "12140000000000019W", "kind": "instrument", "id": "A-1"}

# Made up: zeros for a phone, a birth in 1900 for the ids.
MOBILE = "13800000000"
ID_18 = "140105190001010015"
ID_15 = "140105000101001"
PERSONAL = [MOBILE, ID_18, ID_15, "example@qq.com", "zhangsan@u1.example"]


def hits(text: str) -> list[Hit]:
    return find_personal(ENVELOPE | {"function": text})


def check_digit(first: str) -> str:
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return "10X98765432"[sum(int(c) * w for c, w in zip(first, weights, strict=True)) % 11]


@pytest.mark.parametrize(
    "text",
    [
        "13800000000",
        "电话13800000000。",
        "Tel:13800000000",
        "138 0000 0000",
        "138-0000-0000",
        "138—0000—0000",
        "+86 138 0000 0000",
        "+8613800000000",
        "008613800000000",
        "86-13800000000",
        "8613800000000",
        "１３８００００００００",
        "138\u200b0000\u200b0000",
        "1 3 8 0 0 0 0 0 0 0 0",
        "1300 1500 170, 138 0000 0000",
        "013800000000",
        "138 - 0000 - 0000",
        "138（0000）0000",
    ],
)
def test_a_mobile_number_is_found_however_it_is_written(text: str) -> None:
    assert hits(text) == [Hit("function", "mobile")]


@pytest.mark.parametrize(
    "text",
    [
        "0351-7010138",
        "010-64524931",
        "(0351) 7010 138",
        "400-000-0000",
        "1300 1500 170 nm",
        "12345678901",
        "138000000001",
        "ZL201310123456.7",
        "9027500000",
        "2026-11-23T09:00:00+08:00",
        "978-7-03-000000-0",
        "office@u1.example",
        "yiqi@u1.example",
        "https://u1.example/booking?item=A-1001",
    ],
)
def test_landlines_sizes_dates_and_offices_are_no_hits(text: str) -> None:
    assert hits(text) == []


def test_an_id_number_counts_with_its_check_digit_and_a_real_date() -> None:
    good = "14010519491231002"
    assert hits(good + check_digit(good)) == [Hit("function", "id_number")]
    assert hits(f"140105 19491231 002{check_digit(good)}") == [Hit("function", "id_number")]
    assert hits(f"140105 1949 1231 002{check_digit(good)}") == [Hit("function", "id_number")]
    assert hits(f"1 件 5 {good}{check_digit(good)}") == [Hit("function", "id_number")]
    wrong = "0" if check_digit(good) != "0" else "1"
    assert hits(good + wrong) == []
    no_date = "14010519491331002"
    assert hits(no_date + check_digit(no_date)) == []


def test_an_id_number_may_end_in_a_small_or_wide_x() -> None:
    first = next(
        f"14010519000101{n:03}" for n in range(99) if check_digit(f"14010519000101{n:03}") == "X"
    )
    assert hits(first + "x") == hits(first + "Ｘ") == [Hit("function", "id_number")]


def test_an_old_id_number_counts_with_a_real_date_and_province() -> None:
    assert hits("140105491231002") == [Hit("function", "id_number")]
    assert hits("140105491331002") == []
    assert hits("200105491231002") == []


def test_a_customs_declaration_is_no_id_number_where_it_belongs() -> None:
    first = "53042019101010001"
    number = first + check_digit(first)
    body = ENVELOPE | {"customs": {"declaration_no": number}}
    assert find_personal(body) == []
    assert hits(number) == [Hit("function", "id_number")]
    body = ENVELOPE | {"customs": {"declaration_no": ID_18}}
    assert find_personal(body) == [Hit("customs.declaration_no", "id_number")]


def test_digests_and_the_units_own_code_are_no_hits() -> None:
    body = ENVELOPE | {"approval": {"sha256": "a13800000000b" + "c" * 51}}
    assert find_personal(body) == []
    assert find_personal(ENVELOPE | {"unit": ID_18}) == []


@pytest.mark.parametrize(
    ("address", "personal"),
    [
        ("office@qq.com", True),
        ("x@vip.163.com", True),
        ("zhangsan@u1.example", True),
        ("wangxm@u1.example", True),
        ("lims@u1.example", False),
        ("changes@u1.example", False),
        ("wangxiaoming2@u1.example", True),
        ("san.zhang@u1.example", True),
        ("David.Li@u1.example", True),
        ("ouyang_xiu@u1.example", True),
        ("shiyanshi@u1.example", False),
        ("fxcs@u1.example", False),
        ("service@u1.example", False),
        ("info@notqq.com", False),
        ("li-lab@u1.example", False),
    ],
)
def test_a_mailbox_is_personal_by_its_provider_or_by_a_persons_name(
    address: str, personal: bool
) -> None:
    local, _, domain = address.partition("@")
    assert is_personal(local, domain) is personal
    assert bool(hits(f"联系 {address}，")) is personal


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("示例人", True),
        ("联系示例人或来电", True),
        ("示例人老师", True),
        ("示例人实验室", False),
        ("示例人民医院", False),
        ("王力", True),
        ("管理员：王力", True),
        ("王力教授指导", True),
        ("表面王力仪", False),
        ("San Zhang", True),
        ("by san zhang.", True),
        ("San Zhangs", False),
        ("示例大学", False),
    ],
)
def test_known_names_are_found_as_persons_and_not_inside_words_and_institutions(
    text: str, found: bool
) -> None:
    known = ["示例人", "王力", "San Zhang", "X", ""]
    expected = [Hit("function", "name")] if found else []
    assert find_personal(ENVELOPE | {"function": text}, known=known) == expected
    assert find_personal(ENVELOPE | {"function": text}, known=KnownNames(known)) == expected


def test_the_person_columns_of_a_record_give_the_known_names() -> None:
    schemas = SchemaSet.load()
    record = {"applicant": "示例用户", "applicant_unit": "示例公司"}
    assert list(persons_in(schemas.kind("service_record"), record)) == ["示例用户"]
    contact = {"contact_person": {"name": "示例联系人", "phone": "000-0000-0000"}}
    assert list(persons_in(schemas.kind("instrument"), contact)) == ["示例联系人"]


def test_a_hit_never_quotes_what_it_found_not_even_as_a_members_name() -> None:
    body = ENVELOPE | {"ext": {f"示例 {MOBILE}": {"a": [int(MOBILE)]}}}
    found = find_personal(body)
    assert found == [Hit("ext.#0", "mobile"), Hit("ext.#0.#0[0]", "mobile")]
    assert MOBILE not in repr(found)


def test_a_phone_that_slipped_into_a_column_of_numbers_is_a_hit() -> None:
    assert find_personal(ENVELOPE | {"value_yuan": int(MOBILE)}) == [Hit("value_yuan", "mobile")]
    lines = [{"no": 1, "internal_fen": int(MOBILE)}]
    assert find_personal({"kind": "fee_standard", "lines": lines}) == [
        Hit("lines[0].internal_fen", "mobile")
    ]
    assert find_personal(ENVELOPE | {"value_yuan": 9_999_999_999}) == []


@pytest.mark.parametrize(
    "body",
    [
        {"kind": "unit_year", "income_fen": int(MOBILE)},
        {"kind": "platform_resource", "data": {"size_bytes": int(MOBILE)}},
    ],
)
def test_a_sum_or_a_size_that_may_have_eleven_digits_is_no_hit(body: dict[str, Any]) -> None:
    assert find_personal(body) == []


def test_every_kind_of_hit_has_its_words_in_both_languages() -> None:
    assert {"mobile", "id_number", "mail", "name"} == set(WHAT)
    assert all(text.zh and text.en for text in WHAT.values())


def test_no_example_of_the_contract_is_a_hit() -> None:
    for kind, tier, name, body in EXAMPLES:
        if tier in ("pub", "hub"):
            assert find_personal(body) == [], (kind, tier, name)


def places(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    if isinstance(value, str):
        return [path]
    items = value.items() if isinstance(value, dict) else enumerate(value)
    return [
        p
        for key, inner in items
        if isinstance(inner, str | dict | list)
        for p in places(inner, (*path, key))
    ]


BODIES = [body for _, tier, name, body in EXAMPLES if tier in ("pub", "hub") and name == "full"]


@given(st.data(), st.sampled_from(BODIES), st.sampled_from(PERSONAL))
def test_what_is_planted_in_any_text_is_found(
    data: st.DataObject, body: dict[str, Any], personal: str
) -> None:
    own = {("unit",), ("kind",), ("uscc",)}
    path = data.draw(st.sampled_from([p for p in places(body) if p not in own]))
    before = data.draw(st.sampled_from(["", "见 ", "（", "tel "]))
    planted = json.loads(json.dumps(body))
    holder = planted
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = before + personal
    assert len(find_personal(planted)) == 1


def test_a_row_of_digits_is_not_judged_at_each_of_them() -> None:
    with counted() as calls:
        assert find_personal({"kind": "instrument", "ext": {"a": "1 " * 100_000}}) == []
    assert max(calls.values()) < 1_000


def test_a_figure_too_long_to_be_written_is_nobodys_number() -> None:
    for figure in (7**9000, -(7**9000)):
        body = {"kind": "instrument", "value_yuan": figure, "ext": {"a": [figure]}}
        assert find_personal(body) == []
        assert find_personal(body | {"function": MOBILE}) == [Hit("function", "mobile")]
