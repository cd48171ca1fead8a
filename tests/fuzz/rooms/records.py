"""What records say: strict JSON, bodies of every kind and tier, sealed ones, words of a `fed`."""

import json

from fenhe_hub.gateway.opening import Opener
from fenhe_hub.ingest.judging import holds_personal
from fenhe_hub.upstream.nrii_record import type_4
from fenhe_hub.upstream.nrii_service import service_faults, type_6
from fenhe_protocol.errors import Refused
from fenhe_protocol.fed import compose_word, read_word, recall_word
from fenhe_protocol.forwarded import Standing, compose_forwarded, parse_forwarded
from fenhe_protocol.nrii_norm import norm_violations
from fenhe_protocol.privacy import find_personal
from fenhe_protocol.record import BodyJudge, Record, judge_body, judge_opened
from fenhe_protocol.schema_checks import is_id, is_line, is_lines
from fenhe_protocol.seal import OpeningKey, open_body, parse_sealed, seal_body
from fenhe_protocol.strict_json import NotStrictJson, dumps, loads, loads_many
from tests.fuzz.target import Target, one_of, text_of
from tests.protocol.contract import EXAMPLES, SET, UNIT

_USAGE = "u1.example/fenhe/usage"
_KEY = OpeningKey.from_seed(bytes(range(32)))
_SEALABLE = {"unit": UNIT, "kind": "service_record", "id": "S-1", "applicant": "示例用户"}
_OPEN = [json.dumps(body, ensure_ascii=False).encode() for *_, body in EXAMPLES]
_SMALL = [each for each in _OPEN if len(each) < 2048]
_WORDS = (
    *(b'"unit":', b'"kind":', b'"id":', b'"deleted":', b'"ext":{"pub":{', b'"instrument"'),
    *(UNIT.encode(), b"0351-0000000", b"13800138000", b"x@example.org", b"http://", b"2026-11-23"),
    *(
        b"\\u0000",
        b"\\ud83d\\ude00",
        "\u202e".encode(),
        "\u00a0".encode(),
        b"-0",
        b"1.5",
        b"]",
        b"}",
    ),
)
_FED = [
    json.dumps(body, ensure_ascii=False).encode()
    for kind, _, _, body in EXAMPLES
    if kind in ("adv", "reg", "rej", "rcp", "rule", "ntc", "era", "act")
]
_HUB = next(body["unit"] for kind, _, _, body in EXAMPLES if kind == "adv")
_JUDGES = [
    BodyJudge(SET, tier=tier, log=log, unit=UNIT)
    for tier, log in (
        ("pub", "catalogue"),
        ("hub", "catalogue"),
        ("hub", "usage"),
        ("nat", "usage"),
    )
]


def _json(raw: bytes) -> object:
    # The hope and the exact parser agree: `loads` first hopes, `loads_many` hopes for all at once.
    [many, _] = loads_many([raw, b"{}"])
    found = loads(raw)
    assert many is None or many == found
    return loads(dumps(found)) == found


def _body(raw: bytes) -> None:
    one_of(_JUDGES, raw).judge_many([raw, raw], explained=1)


def _opened(raw: bytes) -> object:
    return judge_opened(loads(raw), raw, log="usage", unit=UNIT, schemas=SET)


def _sealed(raw: bytes) -> object:
    parse_sealed(raw)
    return open_body(raw, origin=_USAGE, keys={_KEY.id: _KEY})


def _unsealed(raw: bytes) -> object:
    return Opener({_KEY.id: _KEY}, SET).open(raw, origin=_USAGE, unit=UNIT)


def _fed(raw: bytes) -> None:
    verdict = judge_body(raw, tier=one_of(("pub", "hub"), raw), log="fed", unit=_HUB, schemas=SET)
    if isinstance(verdict, Record) and (word := read_word(verdict)) is not None:
        assert recall_word(compose_word(word, unit=_HUB)) == word


def _personal(raw: bytes) -> object:
    holds_personal(raw)
    return find_personal(loads(raw), known=("示例甲", "Example"))


def _texts(raw: bytes) -> None:
    text = text_of(raw)
    for rule in (is_line, is_lines, is_id):
        rule(text)


def _national(raw: bytes) -> None:
    """What a hub took as good goes to the national platform, in its words."""
    for tier, log in (("pub", "catalogue"), ("hub", "usage")):
        verdict = judge_body(raw, tier=tier, log=log, unit=UNIT, schemas=SET)
        if isinstance(verdict, Record) and verdict.deleted is None:
            norm_violations(type_4(verdict.fields, {}, verdict.fields))
            said = type_6(verdict.fields, {}, "ins")
            service_faults(verdict.fields, said, 1_795_392_065)


# What once ended without an error of ours; where recursion cannot follow, nobody may go.
_DEEP = {
    "a kind that is no text": b'{"kind":{},"unit":"u"}',
    "brackets 1,000 deep": b'{"a":' * 1000 + b"1" + b"}" * 1000,
    "brackets 2,000 deep": b"[" * 2000 + b"]" * 2000,
}

TARGETS = (
    Target(
        "strict JSON",
        _json,
        (NotStrictJson,),
        [b'{"a":[1,-2,{"b":null}]}', *_SMALL[:8]],
        _WORDS,
        _DEEP,
    ),
    Target("body of a record", _body, (), _SMALL, _WORDS, _DEEP, cheap=100),
    Target(
        "opened part of a record",
        _opened,
        (NotStrictJson,),
        [dumps(_SEALABLE), *(each for each in _SMALL if b"service_record" in each)],
        _WORDS,
        cheap=100,
    ),
    Target(
        "sealed envelope",
        _sealed,
        (Refused,),
        [seal_body(_SEALABLE, origin=_USAGE, public=_KEY.public)],
        [_KEY.id.encode(), b'"sealed":"', b'"key":"'],
        cheap=100,
    ),
    Target(
        "sealed envelope at the gateway",
        _unsealed,
        (Refused,),
        [seal_body(_SEALABLE, origin=_USAGE, public=_KEY.public)],
        [_KEY.id.encode(), b'"sealed":"', b'"key":"'],
        cheap=100,
    ),
    Target("word of a hub", _fed, (), _FED, _WORDS, cheap=100),
    Target("personal data", _personal, (NotStrictJson,), _SMALL, _WORDS, _DEEP, cheap=100),
    Target("rules of text", _texts, (), ["示例 一\n二".encode(), b"A-1", "é\u0301".encode()]),
    Target("words of the national platform", _national, (), _SMALL, _WORDS, cheap=50),
    Target(
        "instruments forwarded",
        parse_forwarded,
        (Refused,),
        [compose_forwarded([Standing(UNIT, "A-1", "accepted")])],
    ),
)
