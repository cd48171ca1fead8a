"""The mirror over HTTP: what units signed, to those who may read it."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import fields, replace
from pathlib import Path

import pytest

from fenhe_client.fetching.addresses import PRIVATE_TOO
from fenhe_client.fetching.fetch import Web
from fenhe_client.reading.visit import LogReader, LogToRead
from fenhe_client.reading.visit import Outcome as Ended
from fenhe_client.stored.disk import Disk
from fenhe_client.stored.files import FolderFiles
from fenhe_client.stored.spool_folder import SpoolFolder
from fenhe_hub.config import HubConfig
from fenhe_hub.web import places
from fenhe_protocol.checkpoint import KeyRange, open_checkpoint
from fenhe_protocol.keys import SigningKey
from fenhe_protocol.limits import Limits
from fenhe_protocol.origin import origin_hash
from fenhe_protocol.schema import SchemaSet
from tests.hub.epochs import end_catalogue
from tests.hub.fake_node import FakeNode, instrument, service
from tests.hub.houses import Visitor, enrolled, served
from tests.hub.provinces import Province, founded


@pytest.fixture
async def province(tmp_path: Path) -> AsyncIterator[Province]:
    async with founded(tmp_path) as province:
        node = province.nodes[0]
        node.publish(*(instrument(f"A-{n}") for n in range(300)))
        node.publish(*(service(f"S-{n}") for n in range(3)), log="usage")
        await province.sync()
        yield province


def mirror(node: FakeNode, log: str) -> str:
    return f"m/{origin_hash(f'{node.origin}/{log}')}"


@pytest.fixture
async def visitor(province: Province) -> AsyncIterator[Visitor]:
    async with served(province.hub, province.now) as visitor:
        yield visitor


async def test_the_checkpoint_carries_both_signatures(province: Province, visitor: Visitor) -> None:
    node, cosigner = province.nodes[0], province.hub.root.cosign
    assert cosigner is not None
    raw = await (await visitor.get(f"{mirror(node, 'catalogue')}/checkpoint")).read()
    opened = open_checkpoint(
        raw,
        origin=f"{node.origin}/catalogue",
        keys=[KeyRange(node.log_key.public)],
        cosigners=[cosigner],
    )
    assert opened.checkpoint.size == 300
    assert [each.time for each in opened.cosignatures] == [province.now]


@pytest.mark.parametrize(
    "path", ["tile/0/000", "tile/0/001.p/44", "tile/entries/000", "body/pub/000", "body/pub/001"]
)
async def test_files_are_what_the_unit_serves(
    province: Province, visitor: Visitor, path: str
) -> None:
    node = province.nodes[0]
    answer = await visitor.get(f"{mirror(node, 'catalogue')}/{path}")
    assert await answer.read() == node.read("catalogue", path)


@pytest.mark.parametrize(
    ("path", "size"), [("tile/0/000.p/7", 7 * 32), ("tile/0/001.p/44", 44 * 32)]
)
async def test_partial_tiles_are_cut_from_full_ones(
    province: Province, visitor: Visitor, path: str, size: int
) -> None:
    answer = await visitor.get(f"{mirror(province.nodes[0], 'catalogue')}/{path}")
    assert len(await answer.read()) == size


async def test_root_documents_of_units_are_public(province: Province, visitor: Visitor) -> None:
    node = province.nodes[0]
    answer = await visitor.get(f"m/{origin_hash(node.origin)}/root/1")
    assert (answer.status, await answer.read()) == (200, node.read("root", "root/1"))


@pytest.mark.parametrize(
    "path",
    ["usage:checkpoint", "usage:tile/0/000.p/3", "usage:nothing-there", "catalogue:body/hub/000"],
)
async def test_what_is_held_is_for_the_unit_and_enrolled_readers(
    province: Province, visitor: Visitor, path: str
) -> None:
    node, other = province.nodes
    log, _, file = path.partition(":")
    if file == "nothing-there":
        file = "tile/0/999"
    address = f"{mirror(node, log)}/{file}"
    assert (await visitor.get(address)).status == 401
    assert (await visitor.get(address, SigningKey.from_seed(b"x" * 32))).status == 401
    assert (await visitor.get(address, other.request_key)).status == 403
    own = await visitor.get(address, node.request_key)
    assert own.status == (404 if file == "tile/0/999" else 200)


async def test_usage_of_a_unit_never_seen_is_401_too(province: Province, visitor: Visitor) -> None:
    assert (await visitor.get(f"{mirror(province.nodes[1], 'usage')}/tile/0/000")).status == 401


async def test_a_replayed_request_is_refused(province: Province, visitor: Visitor) -> None:
    node = province.nodes[0]
    address = f"{mirror(node, 'usage')}/checkpoint"
    headers = visitor.signed(address, node.request_key)
    for status in (200, 401):
        async with visitor.session.get(
            f"{province.hub.config.public_url}/{address}", headers=headers
        ) as answer:
            assert answer.status == status


async def test_a_consumer_reads_the_mirror_with_the_same_reader(
    province: Province, visitor: Visitor, tmp_path: Path
) -> None:
    node = province.nodes[0]
    origin = f"{node.origin}/catalogue"
    reader = LogReader(
        LogToRead(origin, node.uscc, [KeyRange(node.log_key.public)], ("pub",)),
        FolderFiles(tmp_path / "public", tmp_path / "held", log="catalogue"),
        SpoolFolder(tmp_path / "spool", log="catalogue", disk=Disk()),
        SchemaSet.load(),
    )
    async with Web() as web:
        base = f"{province.hub.config.public_url}/{mirror(node, 'catalogue')}"
        report = await reader.visit(web.open(base, reach=PRIVATE_TOO), now=province.now)
    assert (report.outcome, report.head.size, report.missing) == (Ended.OK, 300, {})


async def test_the_unit_finds_its_usage_in_fed_and_no_other(
    province: Province, visitor: Visitor
) -> None:
    node, other = province.nodes
    own = await (await visitor.get("fed/body/hub/000", node.request_key)).text()
    assert f"{node.origin}/usage" in own
    assert (
        f"{node.origin}/usage"
        not in await (await visitor.get("fed/body/hub/000", other.request_key)).text()
    )


async def test_a_new_log_is_answered_at_once_whatever_strangers_asked_before(
    tmp_path: Path,
) -> None:
    async with founded(tmp_path) as province, served(province.hub, province.now) as visitor:
        made_up = await visitor.get(f"m/{'0' * 64}/checkpoint")
        assert made_up.status == 404
        late = FakeNode(tmp_path / "u3", 3)
        late.clock = lambda: province.now
        async with late.serving():
            await enrolled(province.hub, late)
            await province.sync()
            answer = await visitor.get(f"{mirror(late, 'catalogue')}/checkpoint")
            assert answer.status == 200


class _Hasty(HubConfig):
    @property
    def limits(self) -> Limits:
        return replace(super().limits, idle_seconds=0.2)


async def test_nobody_is_waited_for_who_promises_a_content_and_sends_none(
    province: Province,
) -> None:
    hasty = _Hasty(
        **{each.name: getattr(province.hub.config, each.name) for each in fields(HubConfig)}
    )
    path = f"{mirror(province.nodes[0], 'usage')}/checkpoint"
    async with served(replace(province.hub, config=hasty), province.now):
        port = hasty.public_host.rpartition(":")[2]
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(
            f"GET {hasty.path}/{path} HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\n".encode()
        )
        async with asyncio.timeout(60):
            assert b" 400 " in await reader.readline()
        writer.close()
        await writer.wait_closed()


async def test_a_log_that_was_asked_for_too_early_is_there_once_it_began(
    province: Province, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A question that comes before a log began must not hide it from those who ask after.
    monkeypatch.setattr(places, "_LEAST_SECONDS", 3600.0)
    node = province.nodes[0]
    address = f"{mirror(node, 'catalogue.2')}/checkpoint"
    assert (await visitor.get(address)).status == 404
    end_catalogue(node)
    node.publish(instrument("B-1"), log="catalogue.2")
    for seconds in (86_400, 60):  # its root document is read, then the log
        await province.sync(seconds)
    assert (await visitor.get(address)).status == 200
