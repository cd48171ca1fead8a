"""A hub whose own log is lost, or signed by a thief, speaks on in the next epoch of it (feed §11).

A real hub and a real node over real sockets, and a mirror of that hub; the operator's commands are
the manual's.
"""

import asyncio
import shutil
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiohttp import ClientSession

import fenhe_client.cli
import fenhe_hub.cli
from fenhe_client.fetching.addresses import PRIVATE_TOO
from fenhe_client.fetching.fetch import Fetcher, Web
from fenhe_client.following.cursor import Cursor
from fenhe_client.following.follow import Follower, Outlet
from fenhe_client.reading.changes import Change
from fenhe_client.reading.mirror_reader import HubAddress
from fenhe_client.stored.files import CHECKPOINT, FolderFiles
from fenhe_client.stored.head_store import HeadStore
from fenhe_client.stored.stored_head import load_head
from fenhe_client.writing.erasing import stored_size
from fenhe_client.writing.feed_writer import FeedWriter
from fenhe_hub.index.dump import dump_index
from fenhe_hub.index.tables import open_index
from fenhe_hub.restoring.rebuild import rebuild
from fenhe_node.hubs.fed_watch import fed_folder, fed_heads
from fenhe_node.hubs.looking import look, standing_alarms
from fenhe_node.hubs.trust import refresh, trusted
from fenhe_node.operations.options import now
from fenhe_node.publishing.publish import show_life
from fenhe_node.store import Store, watching
from fenhe_protocol.entry import plain_entry
from fenhe_protocol.errors import FenheError
from fenhe_protocol.keys import SigningKey
from fenhe_protocol.leaf import HeartbeatLeaf
from fenhe_protocol.position import Position
from fenhe_protocol.schema import SchemaSet
from tests.federation.restoring_house import Pair, paired
from tests.hub.houses import reopened
from tests.hub.other_hub import other_hub
from tests.node.homes import instrument

DONE_IN_PART = 4


def fed_in(home: Path) -> FolderFiles:
    """The hub's own log as it lies in a copy of its home."""
    return FolderFiles(home / "public/fed", home / "held/fed", log="fed")


@dataclass
class Story:
    """A hub and its node, what consumers were told of it, and how late it is."""

    pair: Pair
    told: dict[str, list[Change]] = field(default_factory=dict)
    later: int = 0

    async def publish(self, name: str) -> None:
        self.pair.publish(instrument(name))
        await self.sync()

    async def sync(self) -> None:
        self.later += 3600
        await self.pair.sync(self.later)

    async def hear(self) -> Position:
        """The node looks for root documents, hears the hub, and says so in a heartbeat."""
        node = self.pair.node
        async with Web() as web:
            assert not await refresh(web, node.home, now())
        await look(node, now)
        await asyncio.to_thread(show_life, self.pair.pen(), fed_heads(node.home))
        with Store.open(node.home.store) as store:
            return watching.fed(store, self.pair.hub.origin).place

    def trouble(self) -> str:
        with Store.open(self.pair.node.home.store) as store:
            return watching.fed(store, self.pair.hub.origin).trouble

    def alarms(self) -> set[str]:
        return {each.error.code for each in standing_alarms(self.pair.node.home, now())}

    def receipts(self) -> Sequence[object]:
        with Store.open(self.pair.node.home.store) as store:
            return store.rows("SELECT * FROM cosigned ORDER BY log, cosigner, size")

    async def command(self, *arguments: str) -> int:
        home = ["--home", str(self.pair.hub.home.path)]
        code = await asyncio.to_thread(fenhe_hub.cli.main, [*home, *arguments])
        self.pair.hub = reopened(self.pair.hub)
        return code

    def backup(self, name: str) -> Path:
        """What another hub's mirror holds of this one."""
        skip = shutil.ignore_patterns("head.sqlite", "*.lock")
        return Path(shutil.copytree(self.pair.hub.home.path, self.pair.folder / name, ignore=skip))

    def lose(self) -> None:
        """All is gone but keys, settings and root documents."""
        home = self.pair.hub.home
        for gone in (home.public / "fed", home.held, home.path / "mirror"):
            shutil.rmtree(gone)
        for file in (home.heads, home.index, home.visits, home.registry_file):
            file.unlink()

    async def follow(self, name: str) -> list[str]:
        """What a consumer of this name is told now; a line may come again only if it was killed."""
        path = self.pair.folder / name / "cursor"
        path.parent.mkdir(exist_ok=True)
        hub, lines = self.pair.hub, self.told.setdefault(name, [])
        before = len(lines)
        problems: list[FenheError] = []
        async with Web() as web:

            def begin(folder: str) -> Fetcher:
                address = f"{hub.config.public_url}/{folder}".rstrip("/")
                return web.open(address, reach=PRIVATE_TOO)

            cursor = Cursor.load(path) or Cursor(hub.config.public_url, hub.fingerprint)
            address = HubAddress(begin, allow_loopback_http=True)
            follower = Follower(address, path, cursor, SchemaSet.load())
            await follower.once(Outlet(lines.extend, problems.append), now())
        assert not problems
        return [line["id"] for line in lines[before:] if line.get("kind") == "instrument"]

    async def changes(self, cursor: str) -> tuple[list[str], str]:
        """The same from the interface for programs."""
        url = f"{self.pair.hub.config.public_url}/api/v1/changes"
        found: list[str] = []
        async with ClientSession() as session:
            while True:
                answer = await session.get(url, params={"cursor": cursor})
                page = await answer.json()
                assert answer.status == 200, page
                found += [each["id"] for each in page["items"] if each["kind"] == "instrument"]
                cursor = page["cursor"]
                if not page["more"]:
                    return found, cursor

    def dump(self) -> list[bytes]:
        with closing(open_index(self.pair.hub.home.index)) as db:
            return list(dump_index(db))


@pytest.fixture
async def story(tmp_path: Path) -> AsyncIterator[Story]:
    """One record is published, received, announced, heard by its node and told a consumer."""
    async with paired(tmp_path) as pair:
        made = Story(pair)
        await made.publish("A-1")
        await made.hear()
        await made.sync()
        assert await made.follow("consumer") == ["A-1"]
        yield made


@asynccontextmanager
async def mirrored(story: Story, copy: Path) -> AsyncIterator[str]:
    async with other_hub(copy, f"{story.pair.hub.origin}/fed") as url:
        yield url


async def bring_back(story: Story, mirror: Path) -> None:
    """What the manual says to do where the mirror does not hold all that was seen."""
    end = stored_size(fed_in(mirror))
    async with mirrored(story, mirror) as url, story.pair.served():
        assert await story.command("restore", "--from", url) == 1  # its node has heard more
        way = ("new-epoch", "fed", "--from", url)
        assert await story.command(*way) == DONE_IN_PART
        assert await story.command(*way, "--confirm", str(end + 1)) == 1
        assert story.pair.hub.fed_name == "fed"
        assert await story.command(*way, "--confirm", str(end)) == 0
        assert story.pair.hub.fed_name == "fed.2"
        assert await story.command("restore", "--from", url) == 0


async def test_a_hub_that_lost_what_it_said_last_goes_on_in_the_next_epoch(story: Story) -> None:
    mirror = story.backup("mirror of the hub")
    _, cursor = await story.changes("0")
    await story.publish("A-2")  # which the mirror never saw
    assert (await story.hear()).epoch == 1
    await story.sync()
    assert await story.follow("ahead") == ["A-1", "A-2"]
    _, beyond = await story.changes("0")
    kept = story.receipts()
    story.lose()
    await bring_back(story, mirror)
    await story.publish("A-3")
    before = story.dump()
    rebuild(story.pair.hub)
    assert story.dump() == before

    # The node goes on with the next epoch, and what it has stays.
    heard = await story.hear()
    assert heard.epoch == 2 and heard.size > 0 and not story.trouble()
    assert [head[0] for head in fed_heads(story.pair.node.home)] == ["hub.example/fenhe/fed.2"]
    assert [each for each in story.receipts() if each in kept] == kept

    # So do those who follow: nothing is lost, and nothing said twice that still counted.
    assert await story.follow("consumer") == ["A-2", "A-3"]
    assert await story.follow("consumer") == []
    assert await story.follow("anew") == ["A-1", "A-2", "A-3"]
    assert set(await story.follow("ahead")) == {"A-2", "A-3"}  # announced again in fed.2
    for place in (cursor, f"1-{cursor}", beyond):
        assert (await story.changes(place))[0] == ["A-2", "A-3"]
    found, place = await story.changes("0")
    assert found == ["A-1", "A-2", "A-3"] and place.startswith("2-")
    await check_by_hand(story)


async def check_by_hand(story: Story) -> None:
    """Both logs verify by the fingerprint that people compared, and so does an old receipt."""
    pair = story.pair
    url, known = pair.hub.config.public_url, ("--fingerprint", pair.hub.fingerprint)
    record = f"{instrument('A-1')['unit']}/instrument/A-1"
    own = ("--unit-fingerprint", pair.node.fingerprint)
    for command in (
        ("verify", f"{url}/fed", *known),
        ("verify", f"{url}/fed.2", *known),
        ("prove", url, record, *known, *own),
    ):
        assert await asyncio.to_thread(fenhe_client.cli.main, [*command, "--json"]) == 0, command


def sign_on(stolen: Path, origin: str, key: SigningKey) -> bytes:
    """What somebody signs who has the old key and a copy of the log."""
    files, heads = fed_in(stolen), HeadStore(stolen / "head.sqlite")
    head, later = load_head(files, origin), now() + 7200
    heads.advance(origin, None, size=head.size, root=head.root, now=now())
    leaf = plain_entry(HeartbeatLeaf(later))
    FeedWriter(origin, files, heads).publish([leaf], key=key, now=later)
    return files.read(CHECKPOINT) or b""


async def test_a_thief_of_the_key_is_heard_no_more(story: Story) -> None:
    hub, stolen = story.pair.hub, story.backup("stolen")
    origin, size = hub.fed_origin, stored_size(hub.fed_files())
    key = hub.keys.for_head(origin, 1)
    way = ("new-epoch", "fed", "--here", "--new-key", "--confirm", str(size))
    assert await story.command(*way) == 0
    listed = story.pair.hub.root.log("fed.2")
    assert listed is not None and listed.keys[-1].public != key.public
    await story.publish("A-2")
    assert (await story.hear()).epoch == 2 and not story.trouble()

    # Whoever holds the old key signs on, and stands where the hub is asked.
    shown, served = fed_in(hub.home.path).read(CHECKPOINT) or b"", sign_on(stolen, origin, key)
    fed_in(hub.home.path).write_all({CHECKPOINT: served})
    await story.publish("A-3")
    await story.hear()
    assert story.trouble() == "log.ended"
    assert story.alarms() == {"hub.ended"}
    (trusted_hub, _), *_ = trusted(story.pair.node.home)
    evidence = fed_folder(story.pair.node.home, trusted_hub) / "above-end/served"
    assert evidence.read_bytes() == served
    with pytest.raises(FenheError, match=r"log\.ended"):
        await story.follow("consumer")
    fed_in(hub.home.path).write_all({CHECKPOINT: shown})
    assert await story.follow("consumer") == []  # what the hub said was told all the same
    told = [line["id"] for line in story.told["consumer"] if line.get("kind") == "instrument"]
    assert told == ["A-1", "A-2", "A-3"]
