"""Publish, crash, lose and restore in any order: one history, nothing lost that a mirror held.

Each seed is one story of a real node and a real hub with their real files. Whatever happens, no two
signed heads disagree below the end of their log, every body that the mirror held is there or erased
by an `x`, and every receipt that was given still stands in the hub's books.
"""

import random
import shutil
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from fenhe_client.feed_writer import FeedWriter
from fenhe_client.files import FolderFiles, stored_hashes
from fenhe_client.stored_head import load_head
from fenhe_hub.cosign import kept_notes
from fenhe_hub.index.tables import open_index
from fenhe_hub.mirror import MirrorLog
from fenhe_hub.restoring import restore
from fenhe_hub.workshop import system_clock
from fenhe_node.heads import epochs_of, own_root
from fenhe_node.node import open_node
from fenhe_protocol.body import read_body_file
from fenhe_protocol.checkpoint import parse_checkpoint
from fenhe_protocol.merkle import root_at
from fenhe_protocol.note import parse_note
from tests.federation.restoring_house import Pair, paired
from tests.hub.houses import reopened
from tests.hub.other_hub import other_hub
from tests.node.homes import instrument

STEPS = 14
DAY = 86_400


class Killed(BaseException):
    """The process is gone."""


@dataclass
class Story:
    """One story: what was seen signed, and whether the hub has seen all of it."""

    pair: Pair
    chance: random.Random
    heads: set[tuple[str, int, bytes]] = field(default_factory=set)
    receipts: set[tuple[str, int, int]] = field(default_factory=set)
    backups: list[Path] = field(default_factory=list)
    mirrored: bool = True  # whether the hub has seen the last head that was signed
    number: int = 0
    days: int = 0

    async def step(self) -> None:
        acts = (self.publish, self.sync, self.back_up, self.crash, self.lose_node, self.lose_hub)
        await self.chance.choices(acts, weights=(4, 4, 2, 2, 2, 1))[0]()
        self.look()

    async def publish(self) -> None:
        self.pair.publish(*self._records())
        self.mirrored = False

    def _records(self) -> list[dict[str, object]]:
        self.number += self.chance.randint(1, 3)
        names = [f"A-{self.chance.randint(0, self.number)}" for _ in range(3)]
        return [instrument(name, function=f"第{self.number}版") for name in sorted({*names})]

    async def sync(self) -> None:
        for _ in range(2):  # the second time with root documents that the first has found
            self.days += 1
            await self.pair.sync(self.days * DAY)
        self.mirrored = True

    async def back_up(self) -> None:
        self.backups.append(self.pair.copy(f"backup {len(self.backups)}"))

    async def crash(self) -> None:
        """Die between promising a head and showing it, or before."""
        place = self.chance.choice(("_show", "_signer"))

        def die(*_: object) -> None:
            raise Killed

        with pytest.MonkeyPatch.context() as patch, suppress(Killed):
            patch.setattr(FeedWriter, place, die)
            self.pair.publish(*self._records())
        self.mirrored = False
        self.pair.publish()  # the next start finishes or forgets

    async def lose_node(self) -> None:
        """The disk is gone; an older copy, of whatever age, or keys alone take its place."""
        if not self.backups:
            return
        self.pair.lose(self.chance.choice(self.backups))
        hub = self.pair.hub
        if self.mirrored:
            trust = ("--hub", hub.config.public_url, "--fingerprint", hub.fingerprint)
            assert await self.pair.run("restore", *trust) == 0
        else:
            await self._new_epoch()
        self.mirrored = True

    async def _new_epoch(self) -> None:
        """What was signed last is lost, and with it the right to go on in these logs."""
        # The node does not know which logs it signed since: every one of them ends.
        with suppress(AssertionError):
            await self.pair.run("restore")
        for family in ("catalogue", "usage"):
            name = list(epochs_of(self.pair.node.home, family))[-1]
            size = self._mirror(f"{self.pair.node.root.origin}/{name}")
            assert await self.pair.run("new-epoch", name, "--confirm", str(size)) == 0
        await self.sync()  # as the command asks: who loses the new root document has nothing

    def _mirror(self, origin: str) -> int:
        head = MirrorLog(self.pair.hub.home, origin).head()
        return head.size if head else 0

    async def lose_hub(self) -> None:
        """The hub's disk is gone; a copy without its store of heads, and another hub, remain."""
        home = self.pair.hub.home.path
        other = home.parent / f"other {self.days} {self.number} {len(self.heads)}"
        ignored = shutil.ignore_patterns("head.sqlite", "*.lock")
        if other.exists():
            return
        shutil.copytree(home, other, ignore=ignored)
        for name in ("head.sqlite", "index.sqlite"):
            (home / name).unlink(missing_ok=True)
        if self.chance.random() < 0.5:
            shutil.rmtree(home / "mirror")
        self.pair.hub = reopened(self.pair.hub)
        silent = (self.pair.node.root.origin,)
        async with other_hub(other, self.pair.hub.fed_origin) as url:
            await restore(self.pair.hub, system_clock, source=url, despite=silent)

    def look(self) -> None:
        """Remember every head and receipt that anybody could see now."""
        home = self.pair.node.home
        for family in ("catalogue", "usage"):
            for name, files in epochs_of(home, family).items():
                self._see(files)
                log = MirrorLog(self.pair.hub.home, f"{own_root(home).origin}/{name}")
                if (head := log.head()) is not None:
                    self.heads.add((head.origin, head.size, head.root))
                for note in (each for each in kept_notes(log.notes) if each.size):
                    self.receipts.add((log.origin, note.size, note.at))
        self._see(self.pair.hub.fed_files())

    def _see(self, files: FolderFiles) -> None:
        if raw := files.read("checkpoint"):
            head = parse_checkpoint(parse_note(raw).text)
            self.heads.add((head.origin, head.size, head.root))

    async def end(self) -> None:
        await self.sync()
        self.look()
        self._check_heads()
        self._check_bodies()
        with closing(open_index(self.pair.hub.home.index)) as db:
            rows = db.execute("SELECT l.origin, h.size, h.at FROM head h JOIN log l USING(log_no)")
            assert self.receipts <= set(rows)

    def _check_heads(self) -> None:
        """Each head that was ever seen is one of the log that goes on, up to where it ended."""
        root = own_root(self.pair.node.home)
        fed = self.pair.hub.fed_files()
        for origin, size, hash_ in self.heads:
            name = origin.rpartition("/")[2]
            mirror = MirrorLog(self.pair.hub.home, origin)
            files = fed if name == "fed" else mirror.files
            listed = root.log(name)
            if listed is not None and listed.end is not None and size > listed.end.size:
                continue  # void by the root document
            known = load_head(files if name == "fed" else mirror.for_reading(), origin)
            assert size <= known.size, (origin, size)
            if size:
                assert root_at(size, stored_hashes(files, known.size)) == hash_, (origin, size)

    def _check_bodies(self) -> None:
        """What the mirror holds, the node holds, line for line."""
        for family in ("catalogue", "usage"):
            for name, files in epochs_of(self.pair.node.home, family).items():
                log = MirrorLog(self.pair.hub.home, f"{self.pair.node.root.origin}/{name}")
                for tier in ("pub", "hub"):
                    for path in log.files.paths(f"body/{tier}"):
                        held, _ = read_body_file(log.files.read(path) or b"", 0)
                        own, _ = read_body_file(files.read(path) or b"", 0)
                        assert {line.index: line.body for line in held}.items() <= {
                            line.index: line.body for line in own
                        }.items()


@pytest.mark.parametrize("seed", range(6))
async def test_whatever_befalls_node_and_hub_there_is_one_history(
    tmp_path: Path, seed: int
) -> None:
    async with paired(tmp_path) as pair:
        story = Story(pair, random.Random(seed))
        await story.publish()
        await story.sync()
        await story.back_up()
        for _ in range(STEPS):
            await story.step()
        await story.end()
        assert open_node(pair.home).root.origin == pair.node.root.origin
