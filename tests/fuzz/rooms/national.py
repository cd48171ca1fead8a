"""What the national platform answers: SOAP, its WSDL, its reviews, and how an answer is shown."""

import atexit
import io
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import requests
from requests.adapters import BaseAdapter
from urllib3 import HTTPResponse

from deploy.nrii_receiver.server import ENVELOPE, NAMESPACE, WSDL
from fenhe_hub.gateway.replies import opened_reply, sealed_reply, shown, values_in
from fenhe_hub.upstream import nrii_soap
from fenhe_hub.upstream.bounded_session import BoundedSession
from fenhe_hub.upstream.nrii_soap import NriiSoap
from fenhe_hub.upstream.obeying import note_audits
from fenhe_hub.upstream.outbox import Candidate, Item, ItemState
from fenhe_hub.upstream.outbox_store import OutboxStore
from fenhe_hub.upstream.report import plain, without
from fenhe_hub.upstream.seam import Delivery, Reply
from fenhe_protocol.errors import Deferred, InputError
from fenhe_protocol.seal import OpeningKey
from tests.fuzz.target import Target, in_file, text_of

_ADDRESS = "http://platform.example/WS_Server/cxf/instru"
_WSDL = WSDL.read_text("utf-8").replace("@ADDRESS@", _ADDRESS).encode()
_DELIVERY = Delivery("100", 4, "A-1", '{"innerId":"A-1"}')
_KEY = OpeningKey.from_seed(bytes(range(32)))
_SAID = ("示例用户甲", "0351-0000009", "user-jia@example.org")
_HEAD = b"text/xml; charset=utf-8\n"
_REPLY = (
    f'<s:Envelope xmlns:s="{ENVELOPE}"><s:Body><n:instruInfoResponse xmlns:n="{NAMESPACE}">'
    "<return>100</return></n:instruInfoResponse></s:Body></s:Envelope>"
).encode()
_FAULT = (
    f'<s:Envelope xmlns:s="{ENVELOPE}"><s:Body><s:Fault><faultcode>s:Server</faultcode>'
    "<faultstring>a</faultstring><detail/></s:Fault></s:Body></s:Envelope>"
).encode()
_XML = (
    *(b"<!DOCTYPE a [<!ENTITY b 'c'>]>", b"&b;", b"<![CDATA[", b"<?xml version='1.1'?>", b"xmlns:"),
    *(b"</s:Body>", b"<return>", b'encoding="utf-16"', b"&#0;", b"multipart/related; boundary=a"),
    *(b"--a\r\n", b"<xop:Include href='cid:a'/>", b"-1", b"1e9", b"\xc2\xa0"),
)


class _Line(BaseAdapter):
    """A server that answers a GET with one body and a POST with another, without a network."""

    def __init__(self, wsdl: bytes) -> None:
        super().__init__()
        self.wsdl, self.answer = wsdl, b""

    def send(  # type: ignore[override]  # how it is sent does not matter here
        self, request: requests.PreparedRequest, **_: Any
    ) -> requests.Response:
        kind, _line, body = (
            b"text/xml\n" + self.wsdl if request.method == "GET" else self.answer
        ).partition(b"\n")
        headers: Mapping[str, str] = {"Content-Type": kind.decode("latin-1")}
        response = requests.Response()
        response.status_code, response.request, response.url = 200, request, _ADDRESS
        response.headers.update(headers)
        response.raw = HTTPResponse(io.BytesIO(body), headers, status=200, preload_content=False)
        return response

    def close(self) -> None:
        """Nothing is open."""


class _Platform(NriiSoap):
    """The real client, on such a line."""

    def __init__(self, line: _Line) -> None:
        super().__init__(f"{_ADDRESS}?wsdl")
        self._line = line

    def say(self) -> Reply:
        return self._deliver(_DELIVERY)

    def _connect(self) -> None:
        line = self._line

        class Session(BoundedSession):
            def get_adapter(self, url: str | bytes) -> BaseAdapter:
                return line

        before, nrii_soap.BoundedSession = nrii_soap.BoundedSession, Session  # type: ignore[attr-defined]
        try:
            super()._connect()
        finally:
            nrii_soap.BoundedSession = before  # type: ignore[attr-defined]


_LINE = _Line(_WSDL)
_PLATFORM = _Platform(_LINE)


def _reply(raw: bytes) -> None:
    _LINE.answer = raw
    reply = _PLATFORM.say()
    assert reply.code is None or abs(reply.code) < 1 << 63  # as a database keeps it
    assert len(reply.raw) <= nrii_soap.RAW_LIMIT


def _wsdl(raw: bytes) -> None:
    line = _Line(raw)
    # What is called a double by such a WSDL may be infinite.
    line.answer = _HEAD + _REPLY.replace(b">100<", b">INF<" if b'"xsd:double"' in raw else b">100<")
    code = _Platform(line).say().code
    assert code is None or abs(code) < 1 << 63


def _shown(raw: bytes) -> None:
    """An answer as it is kept and as it is shown: never with what was sent."""
    text = text_of(raw)
    kept = sealed_reply(Reply(1, text), origin="g.example", public=_KEY.public)
    assert opened_reply(kept.raw, origin="g.example", seals={_KEY.id: _KEY}) == text


def _hidden(raw: bytes) -> None:
    text = text_of(raw)
    found = shown(text, ["A-1"], _SAID)
    assert not any(each in found for each in _SAID)
    plain(without(text, values_in({"a": [*_SAID]})))


@cache
def _outbox() -> OutboxStore:
    outbox = OutboxStore(Path(":memory:"))
    atexit.register(outbox.close)
    return outbox


def _audits(file: Path) -> None:
    """Reviews of an item that waits, and of whatever else they name."""
    outbox = _outbox()
    with outbox.transaction():
        outbox.put(_ITEM)
    note_audits(outbox, file, number="innerId", approval=False)


_ITEM = Item(
    Candidate(
        "12140000000000019W",
        "service_record",
        "A-1",
        "u1.example/fenhe/usage",
        0,
        "100",
        "{}",
        "0" * 64,
    ),
    ItemState.HELD,
)
_AUDITS = b"insCode,innerId,auditStatus\n100,A-1,1\n"
_ODD = {
    "no binding to SOAP": _WSDL.replace(b"schemas.xmlsoap.org/wsdl/soap/", b"schemas.example/"),
    "an infinite code": _WSDL.replace(b'"return" type="xsd:int"', b'"return" type="xsd:double"'),
    "a call of other arguments": _WSDL.replace(b'name="insCode"', b'name="code"'),
}

TARGETS = (
    Target(
        "reviews by the national platform",
        in_file("audits.csv", _audits),
        (InputError,),
        [_AUDITS],
        (b",", b"\n", b'"', b"instruType", b"-1", b"\xef\xbb\xbf", "一".encode("gb18030")),
        {"a state that no database holds": _AUDITS.replace(b"A-1,1", b"A-1," + b"9" * 20)},
        cheap=20,
    ),
    Target(
        "answer of the national platform",
        _reply,
        (),
        [_HEAD + _REPLY, _HEAD + _FAULT],
        _XML,
        {"a code that no database holds": _HEAD + _REPLY.replace(b">100<", b">%d<" % 10**19)},
        cheap=30,
    ),
    Target("WSDL of the national platform", _wsdl, (Deferred,), [_WSDL], _XML, _ODD, cheap=3),
    Target("answer as it is kept", _shown, (), [_REPLY], _XML, cheap=30),
    Target(
        "answer as it is shown",
        _hidden,
        (),
        [_REPLY, f"<b>{_SAID[0]} {_SAID[1]}</b> %E7%A4%BA\\u793a &amp;lt;".encode()],
        [*_XML, b"%", b"&#x", b"\\u", _SAID[0].encode(), b"0351"],
        {
            "brackets that nothing closes, a minute of them": b"<" * 100_000,
            "a reference of thousands of digits": b"&#" + b"9" * 5000 + b";",
        },
        cheap=30,
    ),
)
