from typing import Any

import pytest

from tests.protocol.contract import SET, body_of, envelope, faults, instrument


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("e\u0301", "nfc"),
        ("a\x00b", "control"),
        ("a\nb", "control"),
        ("a\n", "control"),
        ("a\x7fb", "control"),
        ("a\x85b", "control"),
        ("a\u2066b", "control"),
        ("示例\u202e", "control"),
        ("\u200f", "control"),
    ],
)
def test_text_is_nfc_without_controls_wherever_it_stands(text: str, code: str) -> None:
    assert faults("instrument", "pub", instrument(model=text)) == [("model", code)]
    street = instrument(location={"street": text})
    assert faults("instrument", "pub", street) == [("location.street", code)]
    assert faults("instrument", "pub", instrument(ext={"a": [text]})) == [("ext.a[0]", code)]
    named = SET.violations("instrument", "pub", instrument(ext={text: 1}))
    assert [violation.code for violation in named] == [code]


@pytest.mark.parametrize("text", ["A-1 示例", "é", "示例\u3000示例", "a\u200bb", "🔬", "(α/β)"])
def test_ordinary_text_passes(text: str) -> None:
    assert faults("instrument", "pub", instrument(model=text)) == []


@pytest.mark.parametrize("text", ["A-1", "示-1", "A" * 64, "é", "№1", "20150012", "a/b#c:d"])
def test_an_id_may_be_any_visible_text(text: str) -> None:
    assert faults("instrument", "pub", instrument(id=text)) == []


@pytest.mark.parametrize(
    "text", ["A 1", "A\u00a01", "A\u30001", "A\u200b1", "\ue000", "\u0378", "A\t1", "e\u0301"]
)
def test_an_id_has_no_character_of_the_categories_c_and_z(text: str) -> None:
    assert [path for path, _ in faults("instrument", "pub", instrument(id=text))] == ["id"]
    listed = instrument(fee_standards=["F-1", text])
    assert [path for path, _ in faults("instrument", "pub", listed)] == ["fee_standards[1]"]


def test_an_id_has_at_most_64_characters_and_256_in_the_hubs_own_log() -> None:
    assert faults("instrument", "pub", instrument(id="示" * 65)) == [("id", "length")]
    assert faults("rule", "pub", body_of("rule", "pub") | {"id": "r" * 256}) == []
    assert faults("rule", "pub", body_of("rule", "pub") | {"id": "r" * 257}) == [("id", "length")]


def test_a_note_keeps_its_line_feeds() -> None:
    assert faults("adv", "pub", body_of("adv", "pub")) == []
    torn = body_of("adv", "pub") | {"note": "a\r\n"}
    assert faults("adv", "pub", torn) == [("note", "control")]


@pytest.mark.parametrize("day", ["2024-02-29", "1902-05-08", "9999-12-31"])
def test_a_real_date_passes(day: str) -> None:
    assert faults("instrument", "pub", instrument(accepted_on=day)) == []


@pytest.mark.parametrize(
    "day",
    ["2025-02-30", "2025-13-01", "20250101", "2025-1-1", "2025-W01-1", "0000-01-01", "", "今天"],
)
def test_a_date_that_is_none_is_refused(day: str) -> None:
    value = instrument(accepted_on=day)
    assert {path for path, _ in faults("instrument", "pub", value)} == {"accepted_on"}


@pytest.mark.parametrize(
    "time",
    [
        "2026-11-23T09:30:00+08:00",
        "2026-11-23T09:00:01+08:00",
        "2026-11-23T24:00:00+08:00",
        "2026-02-29T09:00:00+08:00",
        "2026-11-23T09:00:00Z",
        "2026-11-23T09:00:00",
        "2026-11-23T09:00:00.0+08:00",
        "2026-11-23 09:00:00+08:00",
        "2026-11-23T09:00:00+24:00",
        "2026-11-23T09:00:00+08:60",
        "2026-11-23T09:00:00+08:00\n",
    ],
)
def test_a_service_starts_at_a_real_full_hour_with_its_offset(time: str) -> None:
    value = envelope("service_record", started_at=time)
    assert {path for path, _ in faults("service_record", "hub", value)} == {"started_at"}


@pytest.mark.parametrize(
    ("start", "end", "good"),
    [
        ("2026-11-23T09:00:00+08:00", "2026-11-23T09:00:00+08:00", True),
        ("2026-11-23T09:00:00+08:00", "2026-11-23T12:00:00+08:00", True),
        ("2026-11-23T09:00:00+08:00", "2026-11-23T08:00:00+08:00", False),
        ("2026-11-23T09:00:00+08:00", "2026-11-23T01:00:00+00:00", True),
        ("2026-11-23T09:00:00+08:00", "2026-11-23T00:00:00+00:00", False),
    ],
)
def test_a_service_does_not_end_before_it_starts(start: str, end: str, good: bool) -> None:
    value = envelope("service_record", started_at=start, ended_at=end)
    assert faults("service_record", "hub", value) == ([] if good else [("ended_at", "check")])


@pytest.mark.parametrize("minutes", [0, 527040])
def test_effective_minutes_reach_from_none_to_a_leap_year(minutes: int) -> None:
    assert (
        faults("service_record", "hub", envelope("service_record", effective_minutes=minutes)) == []
    )


@pytest.mark.parametrize(
    ("value", "code"),
    [(-1, "range"), (527041, "range"), (1.5, "type"), (True, "type"), ("60", "type")],
)
def test_effective_minutes_beyond_are_refused(value: Any, code: str) -> None:
    found = faults("service_record", "hub", envelope("service_record", effective_minutes=value))
    assert found == [("effective_minutes", code)]


def test_numbers_stay_within_what_every_reader_can_hold() -> None:
    assert faults("instrument", "hub", envelope(value_yuan=2**53 - 1)) == []
    found = faults("instrument", "hub", envelope(value_yuan=2**53))
    assert found == [("value_yuan", "range")]


def test_the_id_of_a_unit_is_its_code() -> None:
    value = body_of("unit", "pub", "least")
    assert faults("unit", "pub", value) == []
    assert faults("unit", "pub", value | {"id": "U-1"}) != []
    other = value | {"id": "12140000000000027P"}
    assert faults("unit", "pub", other) == [("id", "check")]


def test_a_fee_standard_does_not_end_before_it_begins() -> None:
    value = body_of("fee_standard", "pub") | {"in_force_to": "2025-12-31"}
    assert faults("fee_standard", "pub", value) == [("in_force_to", "check")]


@pytest.mark.parametrize("user_class", ["enterprise", "tech_sme"])
def test_an_enterprises_outcome_is_public_only_with_its_consent(user_class: str) -> None:
    value = body_of("outcome", "pub", "least") | {"user_class": user_class}
    assert faults("outcome", "pub", value) == [("consent", "check")]
    assert faults("outcome", "pub", value | {"consent": False}) == [("consent", "check")]
    assert faults("outcome", "pub", value | {"consent": True}) == []


def test_only_a_writer_is_held_to_the_code_tables() -> None:
    value = instrument(class_code="999998", subjects=["150", "111"])
    assert faults("instrument", "pub", value) == []
    found = [(v.path, v.code) for v in SET.violations("instrument", "full", value)]
    assert found == [("class_code", "table"), ("subjects[1]", "table")]


def test_a_ror_id_with_wrong_check_digits_is_refused_to_a_writer() -> None:
    value = body_of("unit", "pub", "least") | {"ror": "05dxps056"}
    assert [(v.path, v.code) for v in SET.violations("unit", "full", value)] == [
        ("ror", "identifier")
    ]
