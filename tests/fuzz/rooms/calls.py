"""What a unit's own systems send to its intake: SOAP calls, and the JSON of records inside them."""

import json

from fenhe_node.mapping.nrii import KINDS, is_later, mapping_of
from fenhe_node.soap.envelope import answer, read_call
from fenhe_node.sources.instru_list import read_list, sheet_of, spelled
from fenhe_node.staging.stage import stage
from fenhe_protocol.errors import InputError, RequestError
from fenhe_protocol.schema import SchemaSet
from tests.fuzz.target import Target, one_of, text_of
from tests.node.homes import UNIT
from tests.node.instru_calls import TYPES, said

_CALL = (
    b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Header/><s:Body>'
    b'<n:instruInfo xmlns:n="http://instru.nrii.example/"><insCode>0</insCode>'
    b"<instruType>4</instruType><instruList>{}</instruList></n:instruInfo></s:Body></s:Envelope>"
)
_XML = (
    *(b"<!DOCTYPE a [<!ENTITY b 'c'>]>", b"&b;", b"<![CDATA[", b"<?xml version='1.1'?>", b"xmlns:"),
    *(b"</s:Body>", b"<s:Body>", b'encoding="utf-16"', b"&#0;", b"<effectList>", b"\xc2\xa0"),
)
_JSON = (b"[", b"{", b'"', b":", b",", b"null", b"1e9", b"NaN", b"\\ud800", b'"innerId"')


def _call(raw: bytes) -> None:
    call = read_call(raw)
    assert b"<return>100</return>" in answer(call, 100)


def _records(raw: bytes) -> None:
    """Read as the records of some type, as far as they would be staged."""
    instru_type = one_of(TYPES, raw)
    schemas = SchemaSet.load()
    for record in read_list(text_of(raw))[:3]:
        mapping = mapping_of(instru_type, later=is_later(instru_type, record))
        names = [rule.header for rule in mapping.columns]
        sheet = sheet_of(spelled(record, names), names, sheet="类型", row=2, key="第 1 条")
        staged = stage("instruInfo", [sheet], mapping, schemas=schemas, unit=UNIT)
        assert len(staged.rows) == 1
        assert staged.kind == KINDS[instru_type]


TARGETS = (
    Target("call of a unit's own system", _call, (RequestError,), [_CALL], _XML),
    Target(
        "records of such a call",
        _records,
        (InputError,),
        [json.dumps(said(each), ensure_ascii=False).encode() for each in TYPES],
        _JSON,
        {
            "nested beyond the stack": b"[" * 100_000,
            "a worth that no decimal divides": b'{"innerId":"C-1","worth":"%b.5"}' % (b"8" * 88),
        },
        cheap=40,
    ),
)
