"""Invented users in every field of a service, good and malformed, and a platform that quotes them.

Whatever the gateway, the hub and the unit then say or write is searched; what the platform was
given is the control.
"""

import asyncio
import json
import urllib.error
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from deploy.demo.ports import free_port
from deploy.demo.programs import configure, read
from deploy.nrii_receiver.server import SERVICE
from fenhe_client.writing.feed_writer import new_record
from fenhe_protocol.entry import Entry
from fenhe_protocol.schema import SchemaSet
from fenhe_protocol.seal import seal_body
from tests.federation.planting import id_number, mail, mobile, name
from tests.federation.scanning import marks_below, marks_in
from tests.forked import Forked
from tests.hub import gateway_aloud, quoting_platform
from tests.hub.gateway_house import House, gateway_house
from tests.hub.houses import served
from tests.patience import until

GOOD = 2 * len(quoting_platform.ANSWERS)


@pytest.fixture
async def asked() -> list[str]:
    return []


@pytest.fixture
async def house(tmp_path: Path, asked: list[str]) -> AsyncIterator[House]:
    async with gateway_house(tmp_path) as house:
        house.describe_unit()
        house.own("A-1")
        await house.province.sync()
        await house.report_instruments()
        runner = web.AppRunner(quoting_platform.make_app(asked), access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        wsdl = f"http://127.0.0.1:{runner.addresses[0][1]}{SERVICE}?wsdl"
        configure(house.gateway.path, {"national_wsdl": wsdl})
        yield house
        await runner.cleanup()


def person(number: int) -> dict[str, Any]:
    """Somebody in every field that tells of a user."""
    whole = f"{name(number)} {mobile(number)} {id_number(number)} {mail(number)}"
    return {
        "applicant": name(number),
        "phone": mobile(number),
        "mail": mail(number),
        "applicant_unit": f"{name(number)}工作室",
        "project_name": f"{name(number)}的课题 {id_number(number)}",
        "project_content": f"请联系{whole}",
        "funding": ["O"],
        "content": f"为{whole}测定",
        "comment": f"{name(number)}老师很好",
        "off_site_address": f"{name(number)}家，{mobile(number)}",
    }


def malformed(house: House) -> Iterator[Entry]:
    """Sealed parts that are no good, each with somebody in the place that is wrong."""
    names = [each.name for each in SchemaSet.load().kind("service_record").own_fields]
    whole = " ".join(map(str, person(7).values()))
    parts: list[dict[str, Any]] = [{"applicant": "\ufffe" + name(7)}, {name(7): whole}]
    for field in names:
        parts += [{field: whole * 20}, {field: [whole]}, {field: {whole: whole}}]
    parts += [{"ext": {"nat": {whole: whole}}}, {"deleted": {"on": whole, "reason": whole}}]
    parts += [{"kind": whole}, {"id": whole}, {"unit": whole}]
    origin = f"{house.node.origin}/usage"
    for number, part in enumerate(parts):
        envelope = {"unit": house.node.uscc, "kind": "service_record", "id": f"W-{number}"}
        body = seal_body(envelope | part, origin=origin, public=house.gateway.public_key)
        yield new_record(origin, {"nat": body})


async def run(house: House, log: Path, *command: str) -> int:
    now = house.province.now
    async with served(house.province.hub, now):
        process = Forked(gateway_aloud.main, house.gateway.path, now, log, *command)
        return await asyncio.to_thread(process.wait)


async def serve(house: House, log: Path) -> bytes:
    """What a monitor is told, of a round that was served."""
    now, where = house.province.now, f"127.0.0.1:{free_port()}"
    command = ("serve", "--listen", where)
    async with served(house.province.hub, now):
        process = Forked(gateway_aloud.main, house.gateway.path, now, log, *command)
        said = await asyncio.to_thread(until, lambda: told(f"http://{where}/healthz"))
        said += await asyncio.to_thread(read, f"http://{where}/metrics")
        process.terminate()
        assert await asyncio.to_thread(process.wait) == 0
    return said


def told(address: str) -> bytes:
    """What /healthz says once a round has ended, and nothing before."""
    try:
        said = read(address)
    except urllib.error.HTTPError as error:
        said = error.read()
    except OSError:
        return b""
    return b"" if b"starting" in said else said


async def test_no_user_is_in_anything_that_is_said_or_written(
    house: House, asked: list[str], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(0)
    good = [house.sealed(f"S-{n:03}", person(n), off_site=True) for n in range(GOOD)]
    unwritable = house.sealed("S-XML", person(5) | {"applicant": f"\ufffe{name(5)}"})
    house.serve_users(*good, unwritable, *malformed(house))
    await house.province.sync()
    said = tmp_path / "said"
    codes = [
        await run(house, said, "forward"),
        await run(house, said, "forward", "--again", "all", "--json"),
        await run(house, said, "status"),
        await run(house, said, "status", "--json"),
        await run(house, said, "destroy-seal", house.gateway.current_seal),
    ]
    assert codes == [4, 4, 0, 0, 1]
    answers = await serve(house, said)
    assert quoting_platform.ELSEWHERE not in asked
    sent = {json.loads(each)["recordInnerId"] for each in asked}
    assert sent == {f"S-{n:03}" for n in range(GOOD)} | {"S-XML"}
    assert all(marks_in(each.encode()) for each in asked)
    assert b"Traceback" not in said.read_bytes()
    assert marks_in(said.read_bytes() + answers + caplog.text.encode()) == set()
    for folder in (house.gateway.path, house.province.hub.home.path, house.node.folder):
        assert marks_below(folder) == {}
