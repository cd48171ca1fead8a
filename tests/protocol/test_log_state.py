from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from fenhe_protocol.block import BlockJudge, Gap
from fenhe_protocol.leaf import Leaf, LeafForm, parse_leaf
from fenhe_protocol.limits import BLOCK
from fenhe_protocol.log_state import LogState, is_erased, log_state
from fenhe_protocol.record import Identity, Record, Skip, Verdict
from fenhe_protocol.tiles import blocks_between, body_path
from tests.protocol.lenient import lenient_schemas
from tests.protocol.memory_visit import MemoryReader, key_ranges
from tests.vectors import Case, as_bytes, load_cases

A1 = Identity("12140000000000019W", "instrument", "A-1")


def leaf_of(raw: bytes, index: int, log: str) -> Leaf | LeafForm:
    try:
        return parse_leaf(raw, index=index, log=log)
    except LeafForm as form:
        return form


def judged(
    case: Mapping[str, Any], tier: str, leaves: Sequence[Leaf | LeafForm]
) -> dict[int, Verdict | Gap]:
    elsewhere = [(of, start, stop) for of, start, stop in case.get("erased_elsewhere", [])]
    judge = BlockJudge(
        lenient_schemas(),
        origin=case["origin"],
        tier=tier,
        unit=case["unit"],
        erased=lambda index, of: is_erased(leaves, index, of, elsewhere),
    )
    found: dict[int, Verdict | Gap] = {}
    for block in blocks_between(0, len(leaves)):
        raw = as_bytes(case["files"].get(body_path(tier, block), b""))
        part = leaves[block * BLOCK : (block + 1) * BLOCK]
        found |= judge.judge(raw, block, part).verdicts
    return found


def index_of(state: LogState) -> dict[str, dict[str, Any]]:
    return {
        tier: {f"{identity.kind}/{identity.id}": record.fields for identity, record in of.items()}
        for tier, of in state.states.items()
    }


@pytest.mark.parametrize("case", load_cases("logs"))
def test_log_vectors(case: Case) -> None:
    given, expected = case.input, case.expected
    reader = MemoryReader(given["origin"], key_ranges(given["keys"]))
    files = {path: as_bytes(form) for path, form in given["files"].items()}
    assert reader.visit(files, now=case.now) == expected["outcome"]
    assert reader.head.size == expected["size"]
    log = given["origin"].rpartition("/")[2]
    leaves = [leaf_of(raw, index, log) for index, raw in enumerate(reader.entries)]
    verdicts = {tier: judged(given, tier, leaves) for tier in given["tiers"]}
    rejected = {(index, tier): code for index, tier, code in given.get("rejected", [])}
    state = log_state(leaves, verdicts, rejected)
    assert index_of(state) == expected["index"]
    skips = sorted([index, tier, skip.code] for (index, tier), skip in state.skips.items())
    assert skips == sorted(expected.get("skips", []))
    assert state.missing == []


def record(name: str) -> Record:
    return Record(A1, {"name_zh": name}, None, b"{}")


def test_a_lifted_refusal_lets_the_body_stand_again() -> None:
    verdicts = {"pub": {0: record("one"), 1: record("two")}}
    leaves: list[Leaf | LeafForm] = []
    assert log_state(leaves, verdicts, {(1, "pub"): "schema"}).states["pub"][A1] == record("one")
    assert log_state(leaves, verdicts, {(1, "pub"): "ok"}).states["pub"][A1] == record("two")


def test_ok_does_not_lift_the_readers_own_skip() -> None:
    verdicts: dict[str, dict[int, Verdict | Gap]] = {"pub": {0: Skip("schema")}}
    state = log_state([], verdicts, {(0, "pub"): "ok"})
    assert (state.states, list(state.skips)) == ({"pub": {}}, [(0, "pub")])


def test_a_missing_body_leaves_the_one_before_and_is_listed() -> None:
    verdicts: dict[str, dict[int, Verdict | Gap]] = {"pub": {0: record("one"), 1: Gap.MISSING}}
    state = log_state([], verdicts, {})
    assert (state.states["pub"][A1], state.missing) == (record("one"), [(1, "pub")])


def test_a_leaf_of_another_form_is_skipped_whole() -> None:
    leaves = [leaf_of(b"[]", 0, "catalogue")]
    state = log_state(leaves, {"pub": {}}, {})
    assert {place: skip.code for place, skip in state.skips.items()} == {(0, "-"): "leaf-form"}
