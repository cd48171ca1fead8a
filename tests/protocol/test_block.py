import pytest

from fenhe_protocol.block import EXPLAINED, BlockJudge, Gap, check_envelopes
from fenhe_protocol.body import BodyLine, encode_line, encode_salt
from fenhe_protocol.entry import record_entry
from fenhe_protocol.leaf import Leaf, LeafForm, parse_leaf
from fenhe_protocol.log_state import is_erased
from fenhe_protocol.record import Record, Sealed, Skip, Verdict
from fenhe_protocol.strict_json import dumps
from tests.protocol.lenient import lenient_schemas
from tests.vectors import Case, as_bytes, load_cases

ORIGIN = "u1.example/fenhe/catalogue"
UNIT = "12140000000000019W"
SALT = bytes(16)


def leaves_of(raw: list[str], block: int, log: str) -> list[Leaf | LeafForm]:
    return [parsed(each.encode(), index, log) for index, each in enumerate(raw, block * 256)]


def parsed(raw: bytes, index: int, log: str) -> Leaf | LeafForm:
    try:
        return parse_leaf(raw, index=index, log=log)
    except LeafForm as form:
        return form


def shown(verdict: Verdict | Gap) -> str:
    if isinstance(verdict, Gap):
        return verdict.value
    return f"SKIP {verdict.code}" if isinstance(verdict, Skip) else "indexed"


@pytest.mark.parametrize("case", load_cases("bodyfiles"))
def test_body_file_vectors(case: Case) -> None:
    given = case.input
    log = given["origin"].rpartition("/")[2]
    leaves = leaves_of(given["leaves"], given["block"], log)
    judge = BlockJudge(
        lenient_schemas(),
        origin=given["origin"],
        tier=given["tier"],
        unit=given["unit"],
        erased=lambda index, tier: is_erased(leaves, index, tier),
    )
    judged = judge.judge(as_bytes(given["file"]), given["block"], leaves)
    found = {str(index): shown(verdict) for index, verdict in judged.verdicts.items()}
    assert {"ended_early": judged.ended_early, "leaves": found} == case.expected
    stored = {index for index, verdict in judged.verdicts.items() if not isinstance(verdict, Gap)}
    assert {line.index for line in judged.lines} == stored


def instrument(tier: str, id_: str = "A-1", **fields: object) -> bytes:
    pub = {"name_zh": "示例仪器", "status": "normal"} if tier == "pub" else {"value_yuan": 5}
    return dumps({"unit": UNIT, "kind": "instrument", "id": id_} | pub | fields)


def judged_alone(tier: str, body: bytes, log: str = "catalogue") -> Verdict | Gap:
    origin = f"u1.example/fenhe/{log}"
    entry = record_entry(origin, {tier: body}, {tier: SALT})
    file = encode_line(BodyLine(0, encode_salt(SALT), body))
    judge = BlockJudge(lenient_schemas(), origin=origin, tier=tier, unit=UNIT)
    return judge.judge(file, 0, [parsed(entry.leaf, 0, log)]).verdicts[0]


def test_a_good_body_becomes_a_record_with_its_identity() -> None:
    found = judged_alone("pub", instrument("pub"))
    assert isinstance(found, Record)
    assert found.identity == (UNIT, "instrument", "A-1")
    assert found.deleted is None


def test_a_deletion_says_when_and_why() -> None:
    deleted = {"on": "2026-11-23", "reason": "scrapped"}
    body = dumps({"unit": UNIT, "kind": "instrument", "id": "A-1", "deleted": deleted})
    found = judged_alone("pub", body)
    assert isinstance(found, Record)
    assert found.deleted == deleted


def test_personal_data_is_skipped_and_never_quoted() -> None:
    found = judged_alone("pub", instrument("pub", user_notice="请致电 13800138000"))
    assert isinstance(found, Skip)
    assert found.code == "privacy"
    assert "13800138000" not in found.found + found.expected


@pytest.mark.parametrize(
    "body", [b'{"unit":1,"kind":["x"],"id":"A"}', b"{}", b'{"kind":"nothing"}']
)
def test_a_body_of_no_known_kind_is_skipped_by_schema(body: bytes) -> None:
    found = judged_alone("pub", body)
    assert isinstance(found, Skip)
    assert found.code == "schema"


def test_a_skip_by_schema_says_where_and_what() -> None:
    found = judged_alone("pub", instrument("pub", status="broken beyond words"))
    assert isinstance(found, Skip)
    assert "status" in found.expected
    assert "broken beyond words" in found.found


@pytest.mark.parametrize(
    ("body", "good"),
    [
        ({"key": "0" * 64, "sealed": "A" * 64}, True),
        ({"key": "0" * 64, "sealed": "A" * 60}, False),
        ({"key": "0" * 63, "sealed": "A" * 64}, False),
        ({"key": "0" * 64, "sealed": "A" * 63}, False),
        ({"key": "0" * 64, "sealed": "A" * 64, "unit": UNIT}, False),
        ({"key": "0" * 64}, False),
    ],
)
def test_a_sealed_body_has_a_key_and_a_ciphertext(body: dict[str, str], good: bool) -> None:
    found = judged_alone("nat", dumps(body))
    assert isinstance(found, Sealed if good else Skip)
    assert isinstance(found, Sealed) or found.code == "schema"


def test_envelopes_are_compared_also_where_one_body_is_skipped_for_privacy() -> None:
    verdicts = envelopes(instrument("pub", user_notice="请致电 13800138000"), "A-2")
    assert verdicts == ["SKIP envelope", "SKIP envelope"]


def test_envelopes_are_not_compared_where_one_body_did_not_pass_unit() -> None:
    verdicts = envelopes(instrument("pub", unit="12140000000000027P"), "A-2")
    assert verdicts == ["SKIP unit", "indexed"]


def envelopes(pub: bytes, hub_id: str) -> list[str]:
    bodies = {"pub": pub, "hub": instrument("hub", hub_id)}
    entry = record_entry(ORIGIN, bodies, dict.fromkeys(bodies, SALT))
    leaves = [parsed(entry.leaf, 0, "catalogue")]
    blocks = []
    for tier, body in bodies.items():
        judge = BlockJudge(lenient_schemas(), origin=ORIGIN, tier=tier, unit=UNIT)
        blocks.append(judge.judge(encode_line(BodyLine(0, encode_salt(SALT), body)), 0, leaves))
    check_envelopes(*blocks)
    return [shown(block.verdicts[0]) for block in blocks]


def test_a_line_of_another_log_is_missing() -> None:
    body = instrument("pub")
    entry = record_entry(ORIGIN, {"pub": body}, {"pub": SALT})
    judge = BlockJudge(lenient_schemas(), origin=ORIGIN + ".2", tier="pub", unit=UNIT)
    file = encode_line(BodyLine(0, encode_salt(SALT), body))
    judged = judge.judge(file, 0, [parsed(entry.leaf, 0, "catalogue.2")])
    assert (judged.missing, judged.lines) == ([0], [])


def test_only_the_first_bad_bodies_of_a_block_are_explained() -> None:
    body = instrument("pub", status="?")
    entry = record_entry(ORIGIN, {"pub": body}, {"pub": SALT})
    leaves = [parsed(entry.leaf, index, "catalogue") for index in range(20)]
    file = b"".join(encode_line(BodyLine(n, encode_salt(SALT), body)) for n in range(20))
    judge = BlockJudge(lenient_schemas(), origin=ORIGIN, tier="pub", unit=UNIT)
    for _ in range(2):
        verdicts = judge.judge(file, 0, leaves).verdicts.values()
        assert {shown(verdict) for verdict in verdicts} == {"SKIP schema"}
        explained = [isinstance(verdict, Skip) and verdict.expected != "" for verdict in verdicts]
        assert explained == [True] * EXPLAINED + [False] * (20 - EXPLAINED)
