"""What changes beneath goes up through three levels: keys, erasures, sealed lines, whole hubs."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from fenhe_client.writing.feed_writer import new_record
from fenhe_hub.gateway.config import GatewayConfig
from fenhe_hub.gateway.forwarding import Desk
from fenhe_hub.gateway.home import Gateway, Naming, init_gateway
from fenhe_hub.gateway.operations import desk_at
from fenhe_hub.gateway.rounds import take_once
from fenhe_hub.restoring.rebuild import rebuild
from fenhe_protocol.encoding import date_at
from fenhe_protocol.origin import origin_hash
from fenhe_protocol.seal import seal_body
from fenhe_protocol.strict_json import dumps
from tests.hub.fake_node import START, FakeNode, instrument, service
from tests.hub.gateway_house import SECRETS, USER
from tests.hub.houses import HUB_USCC
from tests.hub.levels import AUDITOR, Federation, Level, federation

DAY = 86_400


@pytest.fixture
async def made(tmp_path: Path) -> AsyncIterator[Federation]:
    async with federation(tmp_path) as built:
        yield built


async def three_levels(made: Federation) -> tuple[list[Level], FakeNode]:
    """A unit at a county, under a province, under the nation."""
    levels = [await made.hub(name) for name in ("county", "province", "nation")]
    county, province, nation = levels
    node = await made.node(county)
    node.publish(instrument("A-1"))
    await county.sync()
    for upper, lower in ((province, county), (nation, province)):
        await made.enrol(upper, lower)
        await upper.sync()
    return levels, node


def check_rebuilt(levels: list[Level]) -> None:
    for level in levels:
        before = level.dump()
        rebuild(level.hub)
        assert level.dump() == before


async def test_since_when_an_erased_record_counts_is_said_at_every_level(made: Federation) -> None:
    levels, node = await three_levels(made)
    made.now += 10 * DAY
    node.publish(instrument("A-1", function="已改正"))
    node.erase(0, 1)
    for _ in range(2):
        await made.settle()
    place = f"{node.origin}/catalogue#1"
    for level in levels:
        assert level.said("rcp")[place]["first"] == date_at(START)
        assert level.records() == {(node.origin, "A-1")}
        (log,) = [row for row in level.rows("log") if row["name"] == "catalogue"]
        assert (log["size"], log["indexed"], log["cosigned_size"]) == (3, 3, 3)
        held = level.hub.home.mirror(f"{node.origin}/catalogue") / "public/body/pub/000"
        assert [line.split()[0] for line in held.read_bytes().splitlines()] == [b"1"]
    check_rebuilt(levels)


async def test_a_unit_beneath_changes_its_key_and_no_hub_above_loses_it(made: Federation) -> None:
    levels, node = await three_levels(made)
    made.now += DAY
    node.change_key()
    node.publish(instrument("A-2"))
    await made.settle()
    for level in levels:
        assert level.records() == {(node.origin, "A-1"), (node.origin, "A-2")}
        mirrored = f"{level.url}/m/{origin_hash(node.origin)}/root/2"
        async with made.session.get(mirrored) as answer:
            assert answer.status == 200


async def open_sealed(gateway: Gateway, now: int) -> tuple[list[str], int]:
    """What a gateway opens of what its hub mirrors: applicants, and how much is not for it."""
    with desk_at(gateway) as desk:
        problems = await take_once(desk, lambda: now, lambda said: None)
        assert problems == []
        return applicants(desk), desk.store.faults().get("seal.key", 0)


def applicants(desk: Desk) -> list[str]:
    lines = desk.store.states("service_record", "nat")
    opened = (desk.opener.open(each.body, origin=each.origin, unit=each.uscc) for each in lines)
    return [str(record.fields["applicant"]) for record in opened]


def gateway_of(made: Federation, level: Level) -> Gateway:
    """A gateway that reads this hub; by the key of the reader whom all let read."""
    name = level.hub.home.path.name
    gateway = init_gateway(
        made.folder / f"gateway-{name}",
        Naming(f"{name}.example/gateway", HUB_USCC, f"https://{name}.example/gateway"),
        GatewayConfig(level.url, level.hub.fingerprint),
        now=START,
    )
    return replace(gateway, keys=replace(gateway.keys, request=AUDITOR))


async def test_what_is_sealed_goes_up_unopened_to_the_gateway_that_it_is_meant_for(
    made: Federation,
) -> None:
    levels, node = await three_levels(made)
    gateways = [gateway_of(made, level) for level in levels]
    origin = f"{node.origin}/usage"
    part = {"unit": node.uscc, "kind": "service_record", "id": "S-1", **USER}
    sealed = seal_body(part, origin=origin, public=gateways[-1].public_key)
    open_part = dumps({"unit": node.uscc, **service("S-1")["hub"]})
    node.append([new_record(origin, {"hub": open_part, "nat": sealed})], log="usage")
    await made.settle()
    for level in levels:
        (log,) = [row for row in level.rows("log") if row["name"] == "usage"]
        assert (log["size"], log["cosigned_size"]) == (1, 1)
        assert sealed in (level.hub.home.mirror(origin) / "held/body/nat/000").read_bytes()
        kept = b"".join(f.read_bytes() for f in level.hub.home.path.rglob("*") if f.is_file())
        assert not [secret for secret in SECRETS if secret.encode() in kept]
    opened = [await open_sealed(gateway, made.now) for gateway in gateways]
    assert opened == [([], 1), ([], 1), ([USER["applicant"]], 0)]


@pytest.mark.parametrize("state", ["suspended", "retired"])
async def test_a_lower_hub_that_goes_takes_its_units_along_and_brings_them_back(
    made: Federation, state: str
) -> None:
    levels, node = await three_levels(made)
    county, province, nation = levels
    await province.register(county.hub.origin, state)
    node.publish(instrument("A-2"))
    await made.settle()
    record = f"/api/v1/resources/{node.uscc}/instrument/A-1"
    for level in (province, nation):
        assert level.said("reg")[node.origin]["state"] == state
        assert level.said("reg")[county.hub.origin]["state"] == state
        assert level.records() == {(node.origin, "A-1")}
        assert await level.found() == set()
        # What retired stays where a link leads to it: it is evidence.
        assert (await level.get(record) == 404) is (state == "suspended")
    assert await county.found() == {(node.uscc, "A-1"), (node.uscc, "A-2")}
    await province.register(county.hub.origin, "enrolled")
    for _ in range(2):
        await made.settle()
    for level in (province, nation):
        assert await level.found() == {(node.uscc, "A-1"), (node.uscc, "A-2")}
    check_rebuilt(levels)
