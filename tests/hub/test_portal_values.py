from __future__ import annotations

from fenhe_hub.portal.values import shown_fields


def test_an_address_is_read_from_the_province_down_whatever_the_order_of_members() -> None:
    place = {"street": "示例路1号", "city": "太原市", "province": "山西省", "county": "示例区"}
    (shown,) = shown_fields("instrument", {"location": place}, frozenset({"location"}))
    assert shown.text == "山西省太原市示例区示例路1号"


def test_a_part_that_is_missing_is_left_out() -> None:
    (shown,) = shown_fields("instrument", {"location": {"city": "太原市"}}, frozenset({"location"}))
    assert shown.text == "太原市"
