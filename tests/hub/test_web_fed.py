"""The hub's own feed and its health over HTTP."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from fenhe_client.stored.disk import Disk
from fenhe_client.stored.head_store import HeadStore
from fenhe_hub.config import ReaderSettings
from fenhe_hub.fed.log import FedLog
from fenhe_hub.hub import Hub
from fenhe_hub.pulse import Facts, Pulse, judge_health
from fenhe_protocol.encoding import b64_encode
from fenhe_protocol.fed import Advance
from fenhe_protocol.keys import SigningKey
from tests.hub.fake_node import START
from tests.hub.houses import Visitor, new_hub, served

READER = SigningKey.from_seed(b"r" * 32)
SOME = SigningKey.from_seed(b"s" * 32)
NAT = SigningKey.from_seed(b"n" * 32)
USAGE = "u1.example/fenhe/usage"


@pytest.fixture
async def visitor(tmp_path: Path) -> AsyncIterator[Visitor]:
    hub = new_hub(tmp_path / "hub")
    readers = (
        ReaderSettings("auditor", b64_encode(READER.public)),
        ReaderSettings("some", b64_encode(SOME.public), units=("u2.example/fenhe",)),
        ReaderSettings("gateway", b64_encode(NAT.public), tiers=("nat",)),
    )
    hub = replace(hub, config=replace(hub.config, readers=readers))
    fed = FedLog(hub, hub.fed_files(Disk()), HeadStore(hub.home.heads))
    words = [
        Advance("u1.example/fenhe/catalogue", 0, 1, b""),
        Advance(USAGE, 0, 12345, b""),
    ]
    fed.publish(words, beat=True, now=START)
    async with served(hub) as visitor:
        yield visitor


async def test_everyone_reads_the_public_part(visitor: Visitor) -> None:
    checkpoint = await visitor.get("fed/checkpoint")
    assert (await checkpoint.text()).startswith(f"{visitor.hub.fed_origin}\n3\n")
    assert checkpoint.headers["Cache-Control"] == "no-cache"
    tile = await visitor.get("fed/tile/0/000.p/3")
    assert len(await tile.read()) == 96
    assert "immutable" in tile.headers["Cache-Control"]
    body = await (await visitor.get("fed/body/pub/000")).text()
    assert "u1.example/fenhe/catalogue" in body
    assert "12345" not in body


async def test_the_root_document_is_served_as_it_lies(visitor: Visitor) -> None:
    answer = await visitor.get("root/1")
    assert await answer.read() == visitor.hub.root.raw
    assert (await visitor.get("root/2")).headers["Cache-Control"] == "no-store"


async def test_an_unchanged_file_is_not_sent_again(visitor: Visitor) -> None:
    first = await visitor.get("fed/checkpoint")
    again = await visitor.get("fed/checkpoint", etag=first.headers["ETag"])
    assert again.status == 304
    assert await again.read() == b""


@pytest.mark.parametrize("path", ["fed/body/hub/000", "fed/body/hub/999", "fed/body/to/000"])
async def test_what_is_held_is_401_whether_it_exists_or_not(visitor: Visitor, path: str) -> None:
    answer = await visitor.get(path)
    assert answer.status == 401
    assert (await answer.json(content_type=None))["code"] == "request.unsigned"
    assert (await visitor.get(path, SigningKey.from_seed(b"x" * 32))).status == 401


async def test_an_enrolled_reader_reads_what_is_held(visitor: Visitor) -> None:
    assert "12345" in await (await visitor.get("fed/body/hub/000", READER)).text()


async def test_a_reader_sees_the_lines_of_its_units_alone(visitor: Visitor) -> None:
    answer = await visitor.get("fed/body/hub/000", SOME)
    assert (answer.status, await answer.text()) == (200, "")


async def test_a_tier_that_is_not_listed_is_403(visitor: Visitor) -> None:
    assert (await visitor.get("fed/body/hub/000", NAT)).status == 403


@pytest.mark.parametrize(
    "path", ["no", "fed", "fed/", "fed/verified", "m/abc/checkpoint", f"m/{'0' * 64}/checkpoint"]
)
async def test_what_is_nowhere_is_404_and_not_stored(visitor: Visitor, path: str) -> None:
    answer = await visitor.get(path)
    assert answer.status == 404
    assert answer.headers["Cache-Control"] == "no-store"


async def test_health_waits_for_the_first_round(visitor: Visitor) -> None:
    answer = await visitor.get("healthz")
    assert (answer.status, await answer.json()) == (503, {"status": "starting"})


async def test_metrics_are_in_the_exposition_format(visitor: Visitor) -> None:
    text = await (await visitor.get("metrics")).text()
    assert "fenhe_hub_healthy 0.0" in text
    assert "12345" not in text


GOOD = Facts(fed_verifies=True, free_mib=5000, least_free_mib=1024, started=True)


@pytest.mark.parametrize(
    ("facts", "health"),
    [
        (GOOD, "ok"),
        (replace(GOOD, started=False), "starting"),
        (replace(GOOD, fed_verifies=False), "failing"),
        (replace(GOOD, free_mib=1023), "failing"),
        (replace(GOOD, missed=("sync",)), "failing"),
        (replace(GOOD, started=False, missed=("sync",)), "failing"),
    ],
)
def test_nothing_wrong_is_healthy(facts: Facts, health: str) -> None:
    assert judge_health(facts)[0] == health


def test_a_job_that_is_silent_past_its_due_time_is_missed() -> None:
    pulse = Pulse()
    pulse.ended("sync", now=START, due=START + 60)
    assert pulse.missed(START + 60) == []
    assert pulse.missed(START + 61) == ["sync"]


async def test_a_damaged_checkpoint_is_unhealthy(visitor: Visitor) -> None:
    file = visitor.hub.home.public / "fed" / "checkpoint"
    file.write_bytes(file.read_bytes().replace(b"\n3\n", b"\n2\n"))
    answer = await visitor.get("healthz")
    assert (answer.status, (await answer.json())["fed"]) == (503, "does not verify")


def test_the_hub_opens_itself_again(tmp_path: Path) -> None:
    from tests.hub.houses import reopened

    hub: Hub = new_hub(tmp_path / "hub")
    assert reopened(hub) == hub
