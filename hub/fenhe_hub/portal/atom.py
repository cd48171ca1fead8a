"""Public notices as an Atom feed (RFC 4287), for whoever follows them with a reader of feeds.

Ids are made of the hub's origin and the notice's number, so they stay when the address moves. A
notice that is revoked keeps its entry and says so; the revocation is an entry of its own.
"""

import asyncio
from xml.etree import ElementTree as Xml

from aiohttp import web

from fenhe_hub.api.measures import public_notices
from fenhe_hub.api.operation import Asked
from fenhe_hub.casework.book import open_casework
from fenhe_hub.casework.course import State
from fenhe_hub.casework.measures import Measure
from fenhe_hub.casework.notices import SentNotice
from fenhe_hub.casework.obliged import obliged_names
from fenhe_hub.index.read import Reading, unit_with_code
from fenhe_protocol.encoding import format_time

MOST = 100
_NS = "http://www.w3.org/2005/Atom"
_TYPE = "application/atom+xml"


def add_atom(app: web.Application, reading: Reading) -> None:
    """`/notices.atom`."""

    async def answer(request: web.Request) -> web.Response:
        body = await asyncio.to_thread(_made, reading)
        headers = {"Cache-Control": "no-cache", "Access-Control-Allow-Origin": "*"}
        return web.Response(body=body, content_type=_TYPE, charset="utf-8", headers=headers)

    app.router.add_get(f"{reading.base}/notices.atom", answer)


def _made(reading: Reading) -> bytes:
    with reading.connect() as db:
        asked = Asked(db, reading, reading.now())
        found = public_notices(asked, MOST)
        with open_casework(reading.home) as casework:
            names = obliged_names(casework.db)
        names |= {m.unit: u.name for m, _ in found if (u := unit_with_code(db, m.unit))}
    return compose_atom(reading.origin, reading.url, found, names)


def compose_atom(
    origin: str, url: str, found: list[tuple[Measure, SentNotice]], names: dict[str, str]
) -> bytes:
    """The document; `found` are the notices, the newest first."""
    Xml.register_namespace("", _NS)
    root = Xml.Element(f"{{{_NS}}}feed", {"{http://www.w3.org/XML/1998/namespace}lang": "zh-CN"})
    changed = (_changed(*pair) for pair in found)
    newest = max(changed, default=0)
    _text(root, "id", f"urn:fenhe:notices:{origin}")
    _text(root, "title", "科技资源开放共享 · 通报与措施")
    _text(root, "updated", format_time(newest))
    author = Xml.SubElement(root, f"{{{_NS}}}author")
    _text(author, "name", origin)
    _link(root, "self", f"{url}/notices.atom", _TYPE)
    _link(root, "alternate", f"{url}/notices", "text/html")
    for measure, notice in found:
        _entry(root, origin, url, measure, notice, names.get(measure.unit, measure.unit))
    return bytes(Xml.tostring(root, encoding="utf-8", xml_declaration=True))


def _says_it(measure: Measure, notice: SentNotice) -> bool:
    """Whether it says the measure itself, on paper or to its node, and not the end of it."""
    return notice.word.matter == measure.kind


def _changed(measure: Measure, notice: SentNotice) -> int:
    return measure.changed_at if _says_it(measure, notice) else notice.at


def _entry(
    root: Xml.Element, origin: str, url: str, measure: Measure, notice: SentNotice, name: str
) -> None:
    entry = Xml.SubElement(root, f"{{{_NS}}}entry")
    revoked = measure.state is State.REVOKED and _says_it(measure, notice)
    title = notice.word.title or measure.title
    _text(entry, "id", f"urn:fenhe:notice:{origin}:{notice.number}")
    _text(entry, "title", f"［已撤销］{title}" if revoked else title)
    _text(entry, "published", format_time(notice.at))
    _text(entry, "updated", format_time(_changed(measure, notice)))
    _link(entry, "alternate", f"{url}/notices/{measure.number}", "text/html")
    Xml.SubElement(entry, f"{{{_NS}}}category", {"term": notice.word.matter, "label": name})
    content = Xml.SubElement(entry, f"{{{_NS}}}content", {"type": "text"})
    content.text = notice.word.text


def _text(parent: Xml.Element, name: str, text: str) -> None:
    Xml.SubElement(parent, f"{{{_NS}}}{name}").text = text


def _link(parent: Xml.Element, rel: str, href: str, kind: str) -> None:
    Xml.SubElement(parent, f"{{{_NS}}}link", {"rel": rel, "href": href, "type": kind})
