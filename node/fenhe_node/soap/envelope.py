"""A SOAP call out of bytes and its answer into bytes. Pure. Start at `read_call`.

Read by the standard library's expat with everything refused that a call never has: document types,
entities of one's own, processing instructions, more depth than an envelope needs.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from fenhe_protocol.errors import RequestError

ENVELOPES = (
    "http://schemas.xmlsoap.org/soap/envelope/",
    "http://www.w3.org/2003/05/soap-envelope",
)
_DEEPEST = 32  # headers of security products are nested a little


@dataclass(frozen=True)
class SoapCall:
    """An operation with its arguments by local name, and the two namespaces to answer in."""

    envelope: str
    namespace: str
    operation: str
    arguments: Mapping[str, str]


def read_call(raw: bytes) -> SoapCall:
    """Read the first element of the Body; RequestError `soap.xml`."""
    reader = _Reader()
    try:
        reader.read(raw)
    except expat.ExpatError as error:
        raise RequestError("soap.xml", found=str(error)) from error
    if reader.operation is None:
        raise RequestError("soap.xml", expected="Envelope/Body/instruInfo")
    namespace, _, operation = reader.operation.rpartition(" ")
    arguments = {name: "".join(parts) for name, parts in reader.arguments.items()}
    return SoapCall(reader.envelope, namespace, operation, arguments)


class _Reader:
    """Follows the path Envelope/Body/operation/argument; what lies elsewhere is passed over."""

    def __init__(self) -> None:
        self.envelope = ""
        self.operation: str | None = None
        self.arguments: dict[str, list[str]] = {}
        self._path: list[str] = []

    def read(self, raw: bytes) -> None:
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.StartDoctypeDeclHandler = _refuse
        parser.EntityDeclHandler = _refuse
        parser.ProcessingInstructionHandler = _refuse
        parser.buffer_text = True
        parser.Parse(raw, True)

    def _start(self, name: str, attributes: Mapping[str, str]) -> None:
        self._path.append(name)
        if len(self._path) > _DEEPEST:
            raise RequestError("soap.xml", expected=f"≤ {_DEEPEST}", found="depth")
        if len(self._path) == 1:
            self.envelope = name.rpartition(" ")[0]
            if self.envelope not in ENVELOPES or not name.endswith(" Envelope"):
                raise RequestError("soap.xml", expected="soap:Envelope")
        if not self._in_body():
            return
        if len(self._path) == 3 and self.operation is None:
            self.operation = name
        elif len(self._path) == 4:
            self.arguments.setdefault(name.rpartition(" ")[2], [])

    def _end(self, name: str) -> None:
        self._path.pop()

    def _text(self, text: str) -> None:
        if len(self._path) == 4 and self._in_body():
            self.arguments[self._path[3].rpartition(" ")[2]].append(text)

    def _in_body(self) -> bool:
        return len(self._path) > 2 and self._path[1] == f"{self.envelope} Body"


def _refuse(*_: object) -> None:
    raise RequestError("soap.xml", expected="no DOCTYPE, entities, instructions")


def answer(call: SoapCall, code: int) -> bytes:
    """Answer a call with a result code, in its own namespaces."""
    name = f"{call.operation}Response"
    inner = (
        f"<ns2:{name} xmlns:ns2={quoteattr(call.namespace)}><return>{code}</return></ns2:{name}>"
    )
    return _envelope(call.envelope, inner)


def fault(text: str, envelope: str = ENVELOPES[0]) -> bytes:
    """Say that what came was no call."""
    if envelope == ENVELOPES[1]:
        inner = (
            "<soap:Fault><soap:Code><soap:Value>soap:Sender</soap:Value></soap:Code><soap:Reason>"
            f'<soap:Text xml:lang="zh">{escape(text)}</soap:Text></soap:Reason></soap:Fault>'
        )
    else:
        inner = (
            "<soap:Fault><faultcode>soap:Client</faultcode>"
            f"<faultstring>{escape(text)}</faultstring></soap:Fault>"
        )
    return _envelope(envelope, inner)


def _envelope(namespace: str, inner: str) -> bytes:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f"<soap:Envelope xmlns:soap={quoteattr(namespace)}><soap:Body>{inner}</soap:Body>"
        "</soap:Envelope>"
    ).encode()
