from collections.abc import Mapping
from typing import Any

import pytest

from fenhe_protocol.block import BlockJudge
from fenhe_protocol.fed import (
    Advance,
    EraseOrder,
    FedView,
    FirstReceipt,
    Place,
    Refusal,
    Registration,
    RuleSet,
    Word,
    compose_word,
    read_word,
    tier_of,
)
from fenhe_protocol.leaf import parse_leaf
from fenhe_protocol.notice import Notice
from fenhe_protocol.record import Identity, Record, judge_body
from fenhe_protocol.schema import SchemaSet
from fenhe_protocol.tiles import body_path, index_path
from tests.protocol.memory_visit import MemoryReader, key_ranges
from tests.vectors import Case, as_bytes, load_cases

HUB_UNIT = "12140000000000027P"
LOG = "u1.example/fenhe/catalogue"
WORDS: list[Word] = [
    Advance(LOG, 256, 300, b"note\n"),
    Registration(
        "u1.example/fenhe",
        "enrolled",
        "12140000000000019W",
        "https://u1.example/fenhe",
        "0" * 64,
        1,
    ),
    Registration("u1.example/fenhe", "retired"),
    Refusal(Place(LOG, 12, "pub"), "schema"),
    Refusal(Place(LOG, 12, "-"), "leaf-form"),
    FirstReceipt(Place(LOG, 12), "2026-11-23"),
    RuleSet("shanxi-2025", "0" * 64),
    Notice("2026-1", "u1.example/fenhe", "请补充服务项目"),
    Notice("2026-2", "u1.example/fenhe", "请补充服务项目", "2026-12-31"),
    Notice(
        "N-2026-0003",
        "u1.example/fenhe",
        "请于期限前整改",
        matter="rectification",
        title="关于限期整改的通知",
        about=("12140000000000019W/D2/instrument/EQ-0001",),
        case="M-2026-0001",
        deadline="2027-01-31",
        document_no="晋示例发〔2026〕1号",
        decided_by="示例主管部门",
        decided_on="2026-11-23",
        revokes="N-2026-0002",
        is_public=True,
    ),
    EraseOrder(Place(LOG, 12), ("pub",), "law"),
]


@pytest.mark.parametrize("word", WORDS, ids=lambda word: word.kind)
def test_words_are_valid_bodies_and_are_read_back(word: Word) -> None:
    body = compose_word(word, unit=HUB_UNIT)
    verdict = judge_body(body, tier="pub", log="fed", unit=HUB_UNIT, schemas=SchemaSet.load())
    assert isinstance(verdict, Record), verdict
    assert read_word(verdict) == word


@pytest.mark.parametrize(
    ("origin", "tier"),
    [(LOG, "pub"), ("u1.example/fenhe/usage", "hub"), ("u1.example/fenhe/usage.2", "hub")],
)
def test_a_usage_log_is_spoken_of_to_readers_alone(origin: str, tier: str) -> None:
    place = Place(origin, 12, "pub")
    said: list[Word] = [
        Advance(origin, 0, 13, b"note\n"),
        Refusal(place, "schema"),
        FirstReceipt(place, "2026-11-23"),
        EraseOrder(place, ("pub",), "law"),
    ]
    assert [tier_of(word) for word in said] == [tier] * 4


def test_what_is_said_of_a_unit_is_public_whatever_its_name() -> None:
    assert tier_of(Registration("u1.example/usage", "enrolled")) == "pub"


def heard_since(reader: MemoryReader, start: int, files: Mapping[str, bytes]) -> list[Word]:
    leaves = [parse_leaf(raw, index=n, log="fed") for n, raw in enumerate(reader.entries)]
    judge = BlockJudge(SchemaSet.load(), origin=reader.head.origin, tier="pub", unit=HUB_UNIT)
    verdicts = judge.judge(files[body_path("pub", 0)], 0, leaves).verdicts
    records = [verdicts[index] for index in range(start, len(leaves))]
    return [word for each in records if isinstance(each, Record) and (word := read_word(each))]


@pytest.mark.parametrize("case", load_cases("fed"))
def test_fed_vector(case: Case) -> None:
    reader = MemoryReader(case.input["origin"], key_ranges(case.input["keys"]))
    view = FedView()
    visits: list[dict[str, Any]] = []
    for visit in case.input["visits"]:
        files = {path: as_bytes(form) for path, form in visit["fed"].items()}
        cursor = reader.head.size
        assert reader.visit(files, now=case.now) == "OK"
        asked = view.hear(heard_since(reader, cursor, files))
        visits.append(
            {
                "cursor": reader.head.size,
                "asks": [
                    [origin, index_path(block)]
                    for origin, ranges in sorted(asked.items())
                    for blocks in ranges
                    for block in blocks
                ],
                "sizes": dict(view.sizes),
                "rejected": {place.text: code for place, code in view.rejected.items()},
            }
        )
    assert visits == case.expected["visits"]


def test_a_claimed_size_costs_nothing() -> None:
    asked = FedView().hear([Advance(LOG, 0, 2**53 - 1, b"")])
    assert asked == {LOG: (range(2**45),)}


def test_a_smaller_size_does_not_take_a_log_back() -> None:
    view = FedView()
    view.hear([Advance(LOG, 0, 300, b"new"), Advance(LOG, 0, 200, b"old")])
    assert (view.sizes, view.notes) == ({LOG: 300}, {LOG: b"new"})


def test_orders_to_erase_add_up() -> None:
    view, place = FedView(), Place(LOG, 12)
    view.hear([EraseOrder(place, ("pub",)), EraseOrder(place, ("hub",))])
    assert view.erased == {place: ("hub", "pub")}


@pytest.mark.parametrize(
    ("depth", "origin", "refused"),
    [
        (2, "u1.example/fenhe", False),
        (3, "u1.example/fenhe", True),
        (0, "hub.example/fenhe", True),
    ],
)
def test_registrations_neither_nest_too_deep_nor_loop(
    depth: int, origin: str, refused: bool
) -> None:
    registration = Registration(origin, "enrolled", depth=depth)
    assert registration.is_refused(["hub.example/fenhe"]) is refused


@pytest.mark.parametrize("text", ["", "a", "a#", "a#01", "a#-1", "a#1/", "a#1/PUB", "#1", "a#1#2"])
def test_other_texts_are_no_places(text: str) -> None:
    with pytest.raises(ValueError, match="no place"):
        Place.parse(text)


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("rej", {"code": "schema"}),
        ("era", {"tiers": ["pub"]}),
        ("adv", {}),
        ("instrument", {}),
        ("rule", {"deleted": {}}),
    ],
)
def test_what_is_no_word_says_nothing(kind: str, fields: dict[str, Any]) -> None:
    deleted = {"on": "2026-11-23", "reason": "error"} if "deleted" in fields else None
    assert read_word(Record(Identity(HUB_UNIT, kind, "no place"), fields, deleted, b"")) is None
