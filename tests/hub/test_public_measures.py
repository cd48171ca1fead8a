"""What everyone may know of measures: pages, API, exports and the Atom feed tell nothing more."""

import csv
import io
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Xml

import pytest

from fenhe_hub.casework.course import Kind
from fenhe_hub.office import measures
from fenhe_hub.office.document import Document
from tests.hub.index_builder import reading_of
from tests.hub.index_rows import NOW
from tests.hub.measure_house import (
    DECIDER,
    OPERATOR,
    PAPER,
    RECTIFY,
    MeasureOffice,
    measure_office,
)
from tests.hub.mouth import API, BASE, Client, ask, fetch, refuse, serving
from tests.hub.sample_records import UNIVERSITY

URL = "https://hub.example/fenhe"
ATOM = "{http://www.w3.org/2005/Atom}"
SECRET = "只给单位的理由"


def decided(house: MeasureOffice, kind: Kind, **changes: Any) -> str:
    told = replace(RECTIFY, kind=kind, **changes)
    number = measures.propose(house.office, OPERATOR, told)
    measures.decide(house.office, DECIDER, number, PAPER)
    return number


@pytest.fixture
def house(tmp_path: Path) -> MeasureOffice:
    """A public rectification, a revoked bar, one that is over, one not public, one proposed."""
    house = measure_office(tmp_path)
    decided(house, Kind.RECTIFICATION, public=True)
    revoked = decided(house, Kind.NO_PURCHASE, public=True)
    measures.revoke(house.office, DECIDER, revoked, Document("撤1号", "2026-11-23"), "=1+1")
    decided(house, Kind.NO_PURCHASE, public=True, until="2026-11-23")
    decided(house, Kind.NO_PROJECT_EQUIPMENT, reason=SECRET)
    measures.propose(house.office, OPERATOR, replace(RECTIFY, public=True, reason=SECRET))
    return house


async def test_the_lists_hold_what_is_public_and_say_what_was_revoked(
    house: MeasureOffice,
) -> None:
    async with serving(reading_of(house.hub, URL, NOW + 86_400)) as client:
        page = await ask(client, "/measures")
        states = {item["number"]: item["state"] for item in page["items"]}
        assert states == {
            "M-2026-0001": "in_force", "M-2026-0002": "revoked", "M-2026-0003": "expired",
        }  # fmt: skip
        assert page["total"] == 3 and page["next"] is None
        first = await ask(client, "/measures", limit=2)
        second = await ask(client, "/measures", limit=2, cursor=first["next"])
        numbers = [item["number"] for item in (*first["items"], *second["items"])]
        assert numbers == sorted(states, reverse=True)
        barred = await ask(client, "/bars/no_purchase", state="revoked")
        (item,) = barred["items"]
        assert (item["ended_document_no"], item["ended_by"]) == ("撤1号", "示例主管部门")
        assert (await ask(client, "/bars/no_project_equipment"))["total"] == 0
        (item,) = (await ask(client, "/rectifications", unit=UNIVERSITY))["items"]
        assert (item["progress"], item["objected"], item["deadline"]) == (
            "open",
            False,
            "2027-01-31",
        )
        for number in ("M-2026-0004", "M-2026-0005", "M-2026-9999"):
            assert (await refuse(client, f"/measures/{number}"))[0] == 404
        await _nothing_else(client)


async def _nothing_else(client: Client) -> None:
    paths = ["/notices", "/notices/M-2026-0002", "/rectifications", "/notices.atom"]
    paths += ["/bars/no_purchase", "/bars/no_project_equipment", "/notices/M-2026-0004"]
    for path in paths:
        answer, body = await fetch(client, f"{BASE}{path}")
        assert answer.status == (404 if path.endswith("0004") else 200), path
        assert SECRET not in body.decode() and "M-2026-0005" not in body.decode()


async def test_an_export_has_every_column_and_no_cell_that_acts(house: MeasureOffice) -> None:
    async with serving(reading_of(house.hub, URL, NOW)) as client:
        _, raw = await fetch(client, f"{API}/measures", format="csv")
        head, *rows = csv.reader(io.StringIO(raw.decode("utf-8-sig")))
        assert [len(row) for row in rows] == [len(head)] * 3
        assert {"文号 document number", "决定机关 deciding body", "异议 objection"} <= {*head}
        _, raw = await fetch(client, f"{API}/bars/no_purchase", format="xlsx")
        assert raw[:2] == b"PK"
        detail = await ask(client, "/measures/M-2026-0002")
        assert detail["measure"]["ended_reason"] == "=1+1"
        assert [each["matter"] for each in detail["notices"]] == ["no_purchase", "revocation"]
        assert [each["leaf"] for each in detail["notices"]] == [None, None], "not said yet"


async def test_the_atom_feed_is_of_its_form_and_its_ids_stay(house: MeasureOffice) -> None:
    ids = []
    for url in (URL, "https://moved.example/fenhe"):
        async with serving(reading_of(house.hub, url, NOW)) as client:
            answer, raw = await fetch(client, f"{BASE}/notices.atom")
        assert answer.content_type == "application/atom+xml"
        feed = Xml.fromstring(raw)
        assert feed.tag == f"{ATOM}feed"
        for name in ("id", "title", "updated", "author"):
            assert len(feed.findall(f"{ATOM}{name}")) == 1, name
        entries = feed.findall(f"{ATOM}entry")
        assert len(entries) == 4
        for entry in entries:
            for name in ("id", "title", "updated", "published", "content"):
                assert len(entry.findall(f"{ATOM}{name}")) == 1, name
            datetime.fromisoformat(str(entry.findtext(f"{ATOM}updated")))
            assert str(_link(entry).get("href")).startswith(f"{url}/notices/M-2026-")
        ids.append([entry.findtext(f"{ATOM}id") for entry in entries])
        titles = [str(entry.findtext(f"{ATOM}title")) for entry in entries]
        assert sum(title.startswith("［已撤销］") for title in titles) == 1
    assert ids[0] == ids[1] and len({*ids[0]}) == 4


def _link(entry: Xml.Element) -> Xml.Element:
    (link,) = (each for each in entry.findall(f"{ATOM}link") if each.get("rel") == "alternate")
    return link
