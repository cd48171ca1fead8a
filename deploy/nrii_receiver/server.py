"""The HTTP side: WSDL, the SOAP operation instruInfo, and what arrived so far as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Final

from aiohttp import web
from lxml import etree

from deploy.nrii_receiver.ledger import Ledger
from fenhe_protocol.nrii_wsdl import NAMESPACE, WSDL, instru_wsdl

__all__ = ["ENVELOPE", "LEDGER", "NAMESPACE", "SERVICE", "WSDL", "make_app"]

SERVICE: Final = "/WS_Server/cxf/instru"
ENVELOPE: Final = "http://schemas.xmlsoap.org/soap/envelope/"
LEDGER: Final = web.AppKey("ledger", Ledger)


def make_app(ledger: Ledger) -> web.Application:
    """Build the server around a ledger; forms are served at SERVICE and SERVICE?wsdl."""
    app = web.Application(client_max_size=4 * 1024 * 1024)
    app[LEDGER] = ledger
    app.router.add_get(SERVICE, _wsdl)
    app.router.add_post(SERVICE, _call)
    app.router.add_get("/received", _received)
    return app


async def _wsdl(request: web.Request) -> web.Response:
    text = instru_wsdl(str(request.url.with_query(None)))
    return web.Response(text=text, content_type="text/xml")


async def _call(request: web.Request) -> web.Response:
    try:
        arguments = _arguments(await request.read())
        instru_type = int(arguments.get("instruType", ""))
    except (etree.XMLSyntaxError, ValueError) as error:
        return _envelope(_fault(str(error)), status=500)
    code = request.app[LEDGER].take(
        arguments.get("insCode", ""), instru_type, arguments.get("instruList", "")
    )
    return _envelope(_result(code))


def _arguments(raw: bytes) -> Mapping[str, str]:
    """Read the operation's arguments. Raises ValueError when another operation was called."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    body = etree.fromstring(raw, parser).find(f"{{{ENVELOPE}}}Body")
    call = body[0] if body is not None and len(body) else None
    if call is None or etree.QName(call).localname != "instruInfo":
        raise ValueError("instruInfo expected")
    return {etree.QName(child).localname: child.text or "" for child in call}


def _result(code: int) -> etree._Element:
    response = etree.Element(f"{{{NAMESPACE}}}instruInfoResponse", nsmap={"ns2": NAMESPACE})
    etree.SubElement(response, "return").text = str(code)
    return response


def _fault(text: str) -> etree._Element:
    fault = etree.Element(f"{{{ENVELOPE}}}Fault")
    etree.SubElement(fault, "faultcode").text = "soap:Client"
    etree.SubElement(fault, "faultstring").text = text
    return fault


def _envelope(content: etree._Element, status: int = 200) -> web.Response:
    envelope = etree.Element(f"{{{ENVELOPE}}}Envelope", nsmap={"soap": ENVELOPE})
    etree.SubElement(envelope, f"{{{ENVELOPE}}}Body").append(content)
    raw = etree.tostring(envelope, encoding="UTF-8", xml_declaration=True)
    return web.Response(body=raw, content_type="text/xml", charset="utf-8", status=status)


async def _received(request: web.Request) -> web.Response:
    ledger = request.app[LEDGER]
    calls = [asdict(call) for call in ledger.calls]
    return web.json_response({"calls": calls, "records": list(ledger.records.values())})
