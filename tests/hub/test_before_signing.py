"""A hub whose whole machine was set back asks who may know better, and signs no second history."""

import asyncio
import json
import logging
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fenhe_client.stored.files import CHECKPOINT, root_path
from fenhe_client.witness.known_logs import KnownLogs, logs_of
from fenhe_hub.cli import main
from fenhe_hub.registry.above import above_roots, refresh
from fenhe_hub.restoring.from_others import restore
from fenhe_hub.visiting.workshop import sync_once
from fenhe_protocol.checkpoint import Checkpoint, cosign, sign_checkpoint
from fenhe_protocol.errors import Forked, StoreError
from fenhe_protocol.keys import SigningKey
from fenhe_protocol.origin import origin_hash
from tests.hub.epochs import end_fed
from tests.hub.fake_node import instrument
from tests.hub.houses import reopened
from tests.hub.levels import Federation, federation, two_levels
from tests.hub.other_hub import other_hub
from tests.hub.provinces import Province
from tests.hub.watched import Watched, watched_in

SIGNING = (
    ("sync", "--once"),
    ("sync",),
    ("serve", "--listen", "127.0.0.1:0"),
    ("suspend", "u1.example/fenhe", "--reason", "示例"),
    ("erase", "u1.example/fenhe/catalogue#0", "--reason", "law"),
    ("enrol", "http://127.0.0.1:9", "--fingerprint", "ab" * 32),
    ("rotate-key", "mirror"),
)
LOCKS = shutil.ignore_patterns("*.lock")


@pytest.fixture
async def watched(tmp_path: Path) -> AsyncIterator[Watched]:
    """A province whose hub is known to the witness."""
    async with watched_in(tmp_path) as found:
        for log in logs_of(found.province.hub.root, usage=False):
            KnownLogs(found.home.logs).put(log)
        yield found


@pytest.fixture
async def made(tmp_path: Path) -> AsyncIterator[Federation]:
    async with federation(tmp_path) as found:
        yield found


def snapshot(home: Path, name: str) -> Path:
    """The whole machine, its store of heads included."""
    return Path(shutil.copytree(home, home.parent / name, ignore=LOCKS))


def set_back(province: Province, to: Path) -> None:
    home = province.hub.home.path
    shutil.rmtree(home)
    shutil.copytree(to, home)
    province.hub = reopened(province.hub)


def note(province: Province) -> bytes | None:
    return province.hub.fed_files().read(CHECKPOINT)


async def grown(watched: Watched) -> Path:
    """Let the witness see more of `fed` than stands in the snapshot that is returned."""
    province = watched.province
    await province.sync()
    old = snapshot(province.hub.home.path, "last week")
    province.nodes[0].publish(instrument("A-2"))
    await province.sync()
    return old


async def again(province: Province) -> None:
    province.now += 60
    await sync_once(province.hub, clock=lambda: province.now)


async def test_a_hub_that_was_set_back_signs_nothing_once_a_witness_knows_better(
    watched: Watched,
) -> None:
    async with watched.answers():
        set_back(watched.province, await grown(watched))
        before = note(watched.province)
        watched.province.nodes[1].publish(instrument("B-2"))
        with pytest.raises(StoreError, match=r"restore\.behind.*w\.example.*new-epoch"):
            await again(watched.province)
        assert note(watched.province) == before
        head = watched.log(watched.province.nodes[1]).head()
        assert head is not None and head.size == 1  # nor is anything visited and cosigned


async def test_no_command_that_signs_goes_on_in_a_hub_that_was_set_back(
    watched: Watched, capsys: pytest.CaptureFixture[str]
) -> None:
    async with watched.answers():
        set_back(watched.province, await grown(watched))
        home, (witness,) = watched.province.hub.home, watched.province.hub.config.witnesses
        named = {"key": witness.key, "url": witness.url, "allow_private": True}
        text = home.config_file.read_text("utf-8")
        assert "\nwitnesses: []" in text
        home.config_file.write_text(
            text.replace("\nwitnesses: []", f"\nwitnesses: {json.dumps([named])}"), "utf-8"
        )
        before = note(watched.province)
        for command in SIGNING:
            assert await asyncio.to_thread(main, ["--home", str(home.path), *command]) == 1
            assert "restore.behind" in capsys.readouterr().err
            assert note(watched.province) == before


async def test_where_nobody_answers_the_hub_goes_on_and_says_so(
    watched: Watched, caplog: pytest.LogCaptureFixture
) -> None:
    before = note(watched.province)
    with caplog.at_level(logging.WARNING):
        await again(watched.province)
    assert note(watched.province) != before
    assert "without having heard of our own log from anybody: w.example/w" in caplog.text


async def test_a_second_history_that_was_begun_unasked_ends_at_the_next_start(
    watched: Watched,
) -> None:
    province = watched.province
    async with watched.answers():
        set_back(province, await grown(watched))
    for number in range(2):  # nobody to ask: it goes on, and grows beyond what the witness saw
        province.nodes[1].publish(instrument(f"B-{number}"))
        await again(province)
    async with watched.answers():
        with pytest.raises(Forked, match=r"restore\.fork"):
            await again(province)


async def test_a_head_that_our_own_key_did_not_sign_stops_nobody(
    watched: Watched, caplog: pytest.LogCaptureFixture
) -> None:
    province, origin = watched.province, watched.province.hub.fed_origin
    async with watched.answers():
        await province.sync()
        head = Checkpoint(origin, 99, b"x" * 32)
        stranger = sign_checkpoint(head, SigningKey.from_seed(bytes([7]) * 32))
        shown = watched.home.checkpoint(origin_hash(origin))
        witnessed = cosign(stranger, name="w.example/w", key=watched.home.key, now=province.now)
        shown.write_bytes(witnessed)
        with caplog.at_level(logging.WARNING):
            await again(province)
    assert "checkpoint.unsigned" in caplog.text


async def test_a_hub_above_knows_better_too(made: Federation) -> None:
    county, province, node = await two_levels(made)
    old = snapshot(county.hub.home.path, "last week")
    node.publish(instrument("A-2"))
    await made.settle()
    shutil.rmtree(county.hub.home.path)
    shutil.copytree(old, county.hub.home.path)
    with pytest.raises(StoreError, match=r"restore\.behind.*" + province.hub.origin):
        await county.sync()


async def test_root_documents_that_are_not_here_stop_it_as_well(made: Federation) -> None:
    county, province, _ = await two_levels(made)
    home = county.hub.home.path
    old = snapshot(home, "last week")
    rotate = ["--home", str(home), "rotate-key", "request"]
    assert await asyncio.to_thread(main, rotate) == 0
    made.now += 86_400
    await province.sync()
    shutil.rmtree(home)
    shutil.copytree(old, home)
    county.hub = reopened(county.hub)
    with pytest.raises(StoreError, match=r"restore\.behind.*root/2"):
        await county.sync()
    (home / "above.yaml").rename(home / "aside")  # nobody to ask: it makes another root/2
    assert await asyncio.to_thread(main, rotate) == 0
    (home / "aside").rename(home / "above.yaml")
    county.hub = reopened(county.hub)
    with pytest.raises(Forked, match=r"restore\.fork.*root document"):
        await county.sync()


async def test_no_epoch_is_begun_by_a_second_document_of_a_number(made: Federation) -> None:
    county, province, _ = await two_levels(made)
    home = county.hub.home.path
    old = snapshot(home, "last week")
    assert await asyncio.to_thread(main, ["--home", str(home), "rotate-key", "request"]) == 0
    made.now += 86_400
    await province.sync()
    shutil.rmtree(home)
    shutil.copytree(old, home)
    county.hub = reopened(county.hub)
    with pytest.raises(StoreError, match=r"restore\.behind.*root/2"):
        await end_fed(county.hub, made.now)
    assert county.hub.root.n == 1


async def test_heads_by_a_key_that_is_not_known_here_hide_no_root_document(
    made: Federation,
) -> None:
    county, _, node = await two_levels(made)
    home = county.hub.home.path
    old = snapshot(home, "last week")
    assert await asyncio.to_thread(main, ["--home", str(home), "rotate-key", "log"]) == 0
    made.now += 86_400
    node.publish(instrument("A-2"))
    await made.settle()
    shutil.rmtree(home)
    shutil.copytree(old, home)
    county.hub = reopened(county.hub)
    with pytest.raises(StoreError, match=r"restore\.behind.*root/2"):
        await county.sync()


@pytest.mark.parametrize("raw", [None, b"garbage"])
async def test_what_is_lost_of_a_hub_above_stops_nobody_and_is_read_again(
    made: Federation, raw: bytes | None
) -> None:
    county, province, _ = await two_levels(made)
    home = county.hub.home
    document = home.path / "above" / origin_hash(province.hub.origin) / root_path(1)
    before = document.read_bytes()
    document.unlink() if raw is None else document.write_bytes(raw)
    assert list(above_roots(home)) == []
    await county.sync()
    assert await refresh(home) == []
    assert document.read_bytes() == before and len(list(above_roots(home))) == 1


async def test_a_restored_copy_is_held_against_the_witness_and_a_new_epoch_goes_on(
    watched: Watched, tmp_path: Path
) -> None:
    province = watched.province
    async with watched.answers():
        old = await grown(watched)
        set_back(province, old)
        province.hub.home.heads.unlink()
        async with other_hub(old, province.hub.fed_origin) as url:
            with pytest.raises(StoreError, match=r"restore\.behind"):
                await restore(province.hub, lambda: province.now, source=url)
        with pytest.raises(StoreError):
            await again(province)
        # What nobody has any more is given up, as the manual says, and that is heard by all.
        await end_fed(province.hub, province.now)
        async with other_hub(old, province.hub.fed_origin) as url:
            await restore(province.hub, lambda: province.now, source=url)
        await again(province)
    assert b"/fed.2\n" in (note(province) or b"")
