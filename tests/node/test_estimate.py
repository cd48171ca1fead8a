"""What a service would cost, by the fee standards as they are published."""

import csv
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fenhe_node.orders.estimate import Party, estimate, offers_of, party_of

FEES = Path(__file__).parents[3] / "shared/data/fees/fee_standards.csv"
LINE = {"no": 1, "item": "氢谱", "charge_unit": "sample", "external_fen": 20000}


def cost(line: dict[str, Any], quantity: int, party: Party = "external") -> int | None:
    found = estimate(
        offers_of([{"id": "F-1", "lines": [line]}], "2026-11-23"), {"F-1/1": quantity}, party
    )
    return found.lines[0].fen if found.lines else 0


@pytest.mark.parametrize(
    ("more", "quantity", "party", "fen"),
    [
        ({}, 3, "external", 60000),
        ({}, 0, "external", 0),
        ({}, 1, "internal", None),
        ({"internal_fen": 0}, 5, "internal", 0),
        # Who is a small firm pays what others outside pay, unless the line says otherwise.
        ({}, 1, "small_firm", 20000),
        ({"small_firm_fen": 16000}, 1, "small_firm", 16000),
        # A begun portion counts whole: every 30 minutes.
        ({"charge_unit": "minute", "charge_quantity": 30}, 31, "external", 40000),
        ({"charge_unit": "minute", "charge_quantity": 30}, 60, "external", 40000),
        # 1-3 只同类样 200，4 只以上 160: the step in which the whole quantity stands.
        ({"steps": [{"from_quantity": 4, "price_fen": 16000}]}, 3, "external", 60000),
        ({"steps": [{"from_quantity": 4, "price_fen": 16000}]}, 4, "external", 64000),
        ({"steps": [{"below_quantity": 4, "percent": 150}]}, 4, "external", 80000),
        ({"steps": [{"below_quantity": 4, "percent": 150}]}, 3, "external", 90000),
        # 四折 for the unit's own people, who have a price, and for nobody else.
        (
            {"internal_fen": 10000, "steps": [{"party": "internal", "percent": 40}]},
            2,
            "internal",
            8000,
        ),
        ({"steps": [{"party": "internal", "percent": 40}]}, 2, "external", 40000),
        ({"steps": [{"party": "external", "percent": 80}]}, 1, "small_firm", 16000),
        ({"steps": [{"party": "small_firm", "percent": 50}]}, 1, "small_firm", 10000),
        (
            {"small_firm_fen": 16000, "steps": [{"party": "external", "percent": 10}]},
            1,
            "small_firm",
            16000,
        ),
        # Its own step goes before one for all, and the one that begins higher before the other.
        ({"steps": [{"percent": 90}, {"party": "external", "percent": 50}]}, 1, "external", 10000),
        (
            {"steps": [{"from_quantity": 2, "percent": 90}, {"from_quantity": 9, "percent": 70}]},
            9,
            "external",
            126000,
        ),
        # Half a fen is rounded up.
        ({"external_fen": 1, "steps": [{"percent": 50}]}, 1, "external", 1),
        ({"external_fen": 1, "steps": [{"percent": 49}]}, 1, "external", 0),
    ],
)
def test_steps_discounts_and_user_classes(
    more: dict[str, Any], quantity: int, party: Party, fen: int | None
) -> None:
    assert cost(LINE | more, quantity, party) == fen


@pytest.mark.parametrize(
    ("user_class", "party"),
    [
        ("internal", "internal"),
        ("tech_sme", "small_firm"),
        ("enterprise", "external"),
        ("", "external"),
    ],
)
def test_which_price_a_user_class_pays(user_class: str, party: Party) -> None:
    assert party_of(user_class) == party


@pytest.mark.parametrize(
    ("on", "counts"), [("2025-12-31", 0), ("2026-01-01", 1), ("2026-12-31", 1), ("2027-01-01", 0)]
)
def test_only_what_is_in_force_is_offered(on: str, counts: int) -> None:
    dates = {"in_force_from": "2026-01-01", "in_force_to": "2026-12-31"}
    assert len(offers_of([{"id": "F-1", "lines": [LINE], **dates}], on)) == counts


def test_a_line_without_a_price_leaves_the_total_open() -> None:
    offers = offers_of([{"id": "F-1", "lines": [LINE, {"no": 2, "item": "面议"}]}], "2026-11-23")
    found = estimate(offers, {"F-1/1": 1, "F-1/2": 1, "F-9/1": 5}, "external")
    assert (found.total_fen, found.complete, len(found.lines)) == (20000, False, 2)


@given(st.integers(1, 10**6), st.integers(1, 1000), st.integers(0, 10**9))
def test_more_never_costs_less_where_there_are_no_steps(
    quantity: int, portion: int, price: int
) -> None:
    line = LINE | {"charge_quantity": portion, "external_fen": price}
    less, more = cost(line, quantity), cost(line, quantity + 1)
    assert less is not None and more is not None and less <= more
    assert less == price * -(-quantity // portion)


def test_every_price_that_real_units_publish_is_the_price_of_one() -> None:
    if not FEES.is_file():
        pytest.skip("the published fees lie in a folder of shared data that is not here")
    with FEES.open(encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["price_internal_or_single"].isdigit()]
    assert len(rows) > 30
    for row in rows:
        fen = int(row["price_internal_or_single"]) * 100
        portion = re.match(r"元/(\d+)", row["unit"])
        count = int(portion[1]) if portion else 1
        line = LINE | {"item": row["item"], "external_fen": fen, "charge_quantity": count}
        assert cost(line, count) == fen
        assert cost(line, count + 1) == 2 * fen
