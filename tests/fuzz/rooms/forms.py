"""What people fill in, at a node and on a hub's public form; calendars and findings of others."""

import json
from functools import cache
from pathlib import Path
from urllib.parse import urlencode

from multidict import MultiDict

from fenhe_client.console.forms import parse_fields
from fenhe_hub.feedback.complaint import read_complaint
from fenhe_hub.feedback.complaint import read_words as read_words_of_case
from fenhe_node.console.record_fields import editable, read, read_field, texts_of
from fenhe_node.console.record_list import read_query
from fenhe_node.hubs.findings import read_findings
from fenhe_node.orders.foreign_calendar import read_calendar
from fenhe_node.orders.said_by_unit import read_done, read_words
from fenhe_node.orders.wish import read_text, read_wish
from fenhe_node.unit_code import read_uscc
from fenhe_protocol.errors import InputError, Refused, RequestError, SetupError
from fenhe_protocol.schema import SchemaSet
from tests.fuzz.target import Target, one_of, text_of

_EXAMPLES = Path(__file__).parents[3] / "schemas/examples"
_KINDS = ("instrument", "fee_standard", "service_record", "unit")
_NOW = 1_795_392_065
_PERCENT = (
    b"%",
    b"%00",
    b"%E5%",
    b"%ED%A0%80",
    b"&",
    b"=",
    b"+",
    b"[0]",
    b"[9999999]",
    b".",
    b"-1",
)
_WISH = {
    "content": "示例样品",
    "samples": "3",
    "when": "下周",
    "way": "1",
    "user_class": "university",
    "q:F-1/1": "2",
    "applicant": "示例用户",
    "phone": "0351-0000000",
    "mail": "user@example.org",
    "consent": "yes",
}
_UNIT = "12140000000000019W"
_COMPLAINT = {
    "category": "fees",
    "unit": _UNIT,
    "record": "A-1",
    "text": "示例经过",
    "wish": "示例",
    "contact": "user@example.org",
}
_DONE = {
    "begin": "2026-11-23T09:30",
    "end": "2026-11-23T11:00",
    "minutes": "90",
    "yuan": "120.50",
    "samples": "3",
    "way": "1",
    "agreement": "yes",
}
_CALENDAR = (
    b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nDTSTART;TZID=Asia/Shanghai:20261123T093000\r\n"
    b"DURATION:PT1H30M\r\nRRULE:FREQ=WEEKLY\r\nEND:VEVENT\r\nBEGIN:VFREEBUSY\r\n"
    b"FREEBUSY:20261124T010000Z/PT1H,20261125T010000Z/20261125T020000Z\r\nEND:VFREEBUSY\r\n"
    b"BEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20261126\r\nDTEND;VALUE=DATE:20261127\r\nEND:VEVENT\r\n"
    b"END:VCALENDAR\r\n"
)
_ICS = (
    b"BEGIN:VALARM",
    b"DURATION:P",
    b"P9999999W",
    b"99991231T235959",
    b"TRANSP:TRANSPARENT",
    b";",
)
_FINDINGS = (
    b'{"total":1,"items":[{"rule":"D1","rule_name":"a","unit":"u","kind":"instrument","id":"A-1",'
    b'"state":"breached","due":"2026-11-23","todo_zh":"b","since":"2026-11-23"}]}'
)


@cache
def _texts(kind: str) -> bytes:
    """A record of this kind as its form would send it."""
    tiers = json.loads((_EXAMPLES / f"{kind}.json").read_text(encoding="utf-8"))
    record = {name: value for tier in tiers.values() for name, value in tier["full"].items()}
    texts = texts_of(SchemaSet.load().kind(kind), record, "+08:00")
    return urlencode([(name, value) for name, values in texts.items() for value in values]).encode()


def _record(raw: bytes) -> None:
    fields: MultiDict[str] = parse_fields(raw)
    name = one_of(_KINDS, raw)
    kind = SchemaSet.load().kind(name)
    texts = {name: fields.getall(name) for name in fields}
    read(kind, texts, {"kind": name}, "+08:00")
    read_field(editable(kind)[len(raw) % len(editable(kind))], texts, "+08:00")


def _request(raw: bytes) -> None:
    fields = parse_fields(raw)
    wish, faults = read_wish(fields, ["F-1/1"])
    assert (wish is None) == bool(faults)
    read_text(fields, "content", 100)


def _answer(raw: bytes) -> None:
    fields = parse_fields(raw)
    read_done(fields, 480)
    read_words(fields.get("words", ""))


def _complaint(raw: bytes) -> None:
    fields = parse_fields(raw)
    complaint, faults = read_complaint(fields, {_UNIT})
    assert (complaint is None) == bool(faults)
    text, wrong = read_words_of_case(fields, "text")
    assert wrong or text


TARGETS = (
    Target(
        "complaint",
        _complaint,
        (RequestError,),
        [urlencode(_COMPLAINT).encode()],
        _PERCENT,
        cheap=60,
    ),
    Target(
        "form of a record",
        _record,
        (RequestError,),
        [_texts(kind) for kind in _KINDS],
        _PERCENT,
        {"a row that would be the thousand millionth": b"lines%5B999999999%5D.item=a "},
        cheap=60,
    ),
    Target(
        "request for a service",
        _request,
        (RequestError,),
        [urlencode(_WISH).encode()],
        _PERCENT,
        cheap=60,
    ),
    Target(
        "answer to a request",
        _answer,
        (RequestError, InputError),
        [urlencode(_DONE).encode()],
        _PERCENT,
        cheap=60,
    ),
    Target(
        "query of the console's list",
        lambda raw: read_query(parse_fields(raw), _KINDS),
        (RequestError,),
        [b"kind=instrument&q=%E7%A4%BA%E4%BE%8B&state=living&order=-id&page=2"],
        _PERCENT,
        cheap=60,
    ),
    Target(
        "calendar of others",
        lambda raw: read_calendar(raw, _NOW, _NOW + 30 * 86_400, 480),
        (ValueError,),
        [_CALENDAR],
        _ICS,
        cheap=60,
    ),
    Target(
        "findings of a hub",
        lambda raw: read_findings(raw, "hub.example/fenhe"),
        (Refused,),
        [_FINDINGS],
        (b"null", b"[]", b"-1", b'"total":1e9', b"\\u0000"),
        cheap=60,
    ),
    Target(
        "code of a unit as typed",
        lambda raw: read_uscc(text_of(raw)),
        (SetupError,),
        [b"12140000000000019W", " １２１４0000 0000 00019w".encode()],
        (b" ", "Ｗ".encode(), b"O", b"I"),
        cheap=60,
    ),
)
