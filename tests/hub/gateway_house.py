"""A hub, two units that seal, a gateway and the receiving server: everything real, over sockets."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from aiohttp import web

from deploy.nrii_receiver.ledger import Ledger
from deploy.nrii_receiver.server import SERVICE, make_app
from fenhe_client.writing.feed_writer import new_record
from fenhe_hub.config import ReaderSettings
from fenhe_hub.gateway import report
from fenhe_hub.gateway.config import GatewayConfig
from fenhe_hub.gateway.forwarding import Desk, forward_due, last_replies
from fenhe_hub.gateway.home import Gateway, Naming, init_gateway, next_seal, open_gateway
from fenhe_hub.gateway.operations import desk_at
from fenhe_hub.gateway.report import Standing, standings
from fenhe_hub.gateway.rounds import take_once
from fenhe_hub.gateway.services import Obstacles
from fenhe_hub.index.tables import open_index
from fenhe_hub.upstream.forwarding import refresh, send_due
from fenhe_hub.upstream.nrii_soap import NriiSoap
from fenhe_hub.upstream.outbox import Item, Patience
from fenhe_hub.upstream.outbox_store import OutboxStore
from fenhe_hub.upstream.scope import NationalScope
from fenhe_hub.upstream.seam import Upstream
from fenhe_protocol.encoding import b64_encode
from fenhe_protocol.entry import Entry
from fenhe_protocol.errors import FenheError
from fenhe_protocol.seal import seal_body
from fenhe_protocol.strict_json import dumps
from tests.hub.fake_node import START, FakeNode, service
from tests.hub.houses import HUB_USCC, served
from tests.hub.provinces import Province, founded
from tests.hub.test_nrii_record import PUBLIC, SUPERVISED, UNIT

SCOPE = NationalScope(500_000, frozenset({"central", "local"}), frozenset({"instrument"}))
OPEN: dict[str, Any] = {
    "amount_fen": 30_000,
    "way": 1,
    "user_class": "enterprise",
    "direction": "research",
    "subjects": ["150"],
    "rating": 5,
    "agreement": True,
}
USER: dict[str, Any] = {
    "applicant": "示例用户甲",
    "phone": "0351-0000009",
    "mail": "user-jia@example.org",
    "applicant_unit": "示例公司甲",
    "project_name": "示例课题甲",
    "project_content": "示例研究内容甲",
    "funding": ["O"],
    "content": "示例测定甲",
    "comment": "示例意见甲",
}
SECRETS = tuple(text for text in USER.values() if isinstance(text, str))


@dataclass
class House:
    """`gateway` is opened anew for each step, as another process would find it."""

    province: Province
    gateway: Gateway
    ledger: Ledger
    wsdl: str
    warned: list[FenheError] = field(default_factory=list)

    @property
    def node(self) -> FakeNode:
        """The unit that most tests are about."""
        return self.province.nodes[0]

    def ins_code(self, node: FakeNode | None = None) -> str:
        """What the platform calls a unit."""
        return f"{(node or self.node).number:032}"

    def describe_unit(self, node: FakeNode | None = None) -> None:
        """Publish the unit's own record with its code at the platform."""
        node = node or self.node
        envelope = {"kind": "unit", "id": node.uscc}
        office = {"name_zh": "示例大学", "service_office": UNIT["service_office"]}
        node.publish(
            {"pub": envelope | office, "hub": envelope | {"nrii_ins_code": self.ins_code(node)}}
        )

    def own(self, *ids: str, node: FakeNode | None = None, **supervised: Any) -> None:
        """Publish instruments that the platform wants."""
        for id in ids:
            envelope = {"kind": "instrument", "id": id}
            hub = {**envelope, **SUPERVISED, **supervised}
            (node or self.node).publish({"pub": {**PUBLIC, **envelope}, "hub": hub})

    def sealed(self, id: str, user: dict[str, Any] | None = None, **changes: Any) -> Entry:
        """A service whose user is sealed to the gateway; a change to None leaves a member out."""
        node = self.node
        body = {**service(id)["hub"], **OPEN, **changes, "unit": node.uscc}
        hub = dumps({name: each for name, each in body.items() if each is not None})
        return new_record(f"{node.origin}/usage", {"hub": hub, "nat": self.seal(id, user)})

    def seal(self, id: str, user: dict[str, Any] | None = None) -> bytes:
        """The sealed part alone."""
        part = {"unit": self.node.uscc, "kind": "service_record", "id": id, **(user or USER)}
        origin = f"{self.node.origin}/usage"
        return seal_body(part, origin=origin, public=self.gateway.public_key)

    def serve_users(self, *entries: Entry) -> int:
        """Publish services."""
        return self.node.append(entries, log="usage")

    async def report_instruments(self) -> list[Item]:
        """The hub sends what it forwards itself."""
        home = self.province.hub.home
        upstream = NriiSoap(self.wsdl, timeout_seconds=10)
        with closing(open_index(home.index)) as db, closing(OutboxStore(home.outbox)) as outbox:
            refresh(db, outbox, SCOPE, approval=False)
            try:
                return await send_due(
                    outbox, upstream, lambda: self.province.now, Patience(), lambda *_: None
                )
            finally:
                await upstream.close()

    async def round(self, seconds: int = 60, upstream: Upstream | None = None) -> list[Item]:
        """The hub visits; the gateway takes and sends. What was sent."""
        await self.province.sync(seconds)
        await self.take()
        return await self.send(upstream)

    async def take(self) -> None:
        """The gateway takes what the served hub has."""
        now = self.province.now
        async with served(self.province.hub, now):
            with self.desk() as desk:
                self.warned += await take_once(desk, lambda: now, lambda said: None)

    async def send(self, upstream: Upstream | None = None) -> list[Item]:
        """The gateway sends what is due."""
        now, soap = self.province.now, NriiSoap(self.wsdl, timeout_seconds=10)
        try:
            with self.desk() as desk:
                return await forward_due(desk, upstream or soap, lambda: now)
        finally:
            await soap.close()

    def desk(self) -> Any:
        """The gateway's home, alone."""
        return desk_at(open_gateway(self.gateway.path))

    def standings(self) -> list[Standing]:
        """What the gateway reports."""
        with self.desk() as desk:
            return reported(desk)

    def standing(self, id: str = "S-1") -> Standing:
        """Of one service."""
        [found] = [each for each in self.standings() if each.item.candidate.record_id == id]
        return found

    def arrived(self) -> list[dict[str, Any]]:
        """The services that the platform holds."""
        return [record for key, record in self.ledger.records.items() if key[1] == 6]


def with_next_seal(gateway: Gateway, *, now: int) -> Gateway:
    """The gateway after `rotate-seal`."""
    assert gateway.desk.propose(next_seal(gateway, now=now)) is None
    return open_gateway(gateway.path)


def reported(desk: Desk) -> list[Standing]:
    """As `status` reports it."""
    items, obstacles = desk.outbox.items(), Obstacles.now(desk.store, desk.outbox, desk.opener)
    stands = {place: obstacles.of(item) or "" for place, item in enumerate(items)}
    found = standings(items, stands, last_replies(desk, items))
    assert report.text(found)
    return found


@asynccontextmanager
async def gateway_house(tmp_path: Path) -> AsyncIterator[House]:
    """Found everything; nothing is published yet."""
    ledger = Ledger()
    runner = web.AppRunner(make_app(ledger))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    wsdl = f"http://127.0.0.1:{runner.addresses[0][1]}{SERVICE}?wsdl"
    try:
        async with founded(tmp_path) as province:
            gateway = init_gateway(
                tmp_path / "gateway",
                Naming("gateway.example/nrii", HUB_USCC, "https://gateway.example/nrii"),
                GatewayConfig(province.hub.config.public_url, province.hub.fingerprint, wsdl),
                now=START,
            )
            province.hub = let_read(province, gateway)
            yield House(province, gateway, ledger, wsdl)
    finally:
        await runner.cleanup()


@asynccontextmanager
async def open_house(tmp_path: Path) -> AsyncIterator[House]:
    """One whose instrument A-1 the platform has: its services may go there."""
    async with gateway_house(tmp_path) as house:
        house.describe_unit()
        house.own("A-1")
        await house.province.sync()
        await house.report_instruments()
        yield house


def let_read(province: Province, gateway: Gateway, tiers: Sequence[str] = ("hub", "nat")) -> Any:
    """The hub with the gateway among its readers."""
    reader = ReaderSettings(
        "gateway",
        b64_encode(gateway.keys.request.public),
        tuple(tiers),  # type: ignore[arg-type]
    )
    config = replace(province.hub.config, readers=(reader,))
    return replace(province.hub, config=config)
