"""One story of a real node and a real hub: what befalls them, and what must hold at its end.

Whatever happens, no two signed heads disagree below the end of their log, every body that the
mirror held is there or erased by an `x`, nothing that was erased comes back, every receipt that
`fed` has announced still stands in the hub's books and is proven offline, and no record counts from
a later day than before. Each act takes a number that chooses among its
ways, so that a story is plain data. Start at `Story.run`; what holds is said by `restoring_laws`.
"""

import shutil
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from fenhe_hub.operations.restore import bring_back
from fenhe_hub.restoring.from_others import restore
from fenhe_hub.visiting.workshop import sync_once, system_clock
from fenhe_node.erasing.for_good import finish
from fenhe_node.hubs.fed_watch import fed_heads
from fenhe_node.hubs.looking import look
from fenhe_node.node import open_node
from fenhe_node.operations.options import now as system_now
from fenhe_node.publishing.heads import epochs_of
from fenhe_node.publishing.publish import recover, show_life
from fenhe_protocol.errors import FenheError
from fenhe_protocol.position import Position
from fenhe_protocol.schema import SchemaSet
from tests.federation import dying
from tests.federation.restoring_house import Pair
from tests.federation.restoring_laws import Seen, mirrored_size, node_anchors, verify_both
from tests.hub.epochs import end_fed
from tests.hub.houses import reopened
from tests.hub.other_hub import other_hub
from tests.node.homes import instrument, service

DAY = 86_400
NAMES = ("A-1", "A-2", "A-3", "A-4")
BEGINNING = (("publish", 0), ("sync", 0), ("back_up", 0), ("back_up_hub", 0))
ACTS = (
    "publish",
    "publish",
    "sync",
    "sync",
    "erase",
    "show_life",
    "back_up",
    "back_up_hub",
    "crash",
    "crash_erasing",
    "crash_hub",
    "set_back",
    "lose_node",
    "lose_store",
    "lose_hub",
    "end_fed",
)
MOST_EPOCHS = 3
Act = tuple[str, int]


@dataclass
class Story:
    """A pair, what was seen of it, and what stands by to restore from."""

    pair: Pair
    seen: Seen = field(default_factory=Seen)
    backups: list[Path] = field(default_factory=list)
    snapshots: list[Path] = field(default_factory=list)  # head store and all
    hub_backups: list[Path] = field(default_factory=list)
    mirrored: bool = False  # whether the hub has seen the last head that was signed
    said: bool = True  # whether `fed` has said what the hub signed
    number: int = 0
    days: int = 0

    async def run(self, acts: Sequence[Act]) -> None:
        """Begin with something that is mirrored and backed up, and let all this happen."""
        for name, choice in (*BEGINNING, *acts):
            act: Callable[[int], Awaitable[None]] = getattr(self, name)
            await act(choice)
            self.seen.look(self.pair, receipts=self.said)
        await self.sync()
        self.seen.look(self.pair, receipts=True)
        self.seen.check(self.pair)
        await verify_both(self.pair)

    async def publish(self, choice: int) -> None:
        """Sign one to three new states of records, one of them a service."""
        self.number += 1
        names = sorted({NAMES[choice % 4], NAMES[self.number % 4]})
        whole = [instrument(name, function=f"{name}第{self.number}版") for name in names]
        service_too = [service(f"S-{self.number}")] if choice % 2 else []
        self.mirrored = False
        self.pair.publish(*whole, *service_too)

    async def erase(self, choice: int) -> None:
        """Let a record go for good, or only what it was before."""
        name, former = NAMES[choice % 4], ["--former"] if choice // 4 % 2 else []
        before = self.seen.lines_of(self.pair)
        self.mirrored = False
        code = await self.pair.run("erase", name, "--reason", "law", *former)
        assert code in (0, 3), code  # 3: there is none, or nothing of it to erase
        self.seen.erased |= before - self.seen.lines_of(self.pair)

    async def sync(self, choice: int = 0) -> None:
        for _ in range(2):  # the second time with root documents that the first has found
            self.days += 1
            await self.pair.sync(self.days * DAY)
        self.mirrored = self.said = True
        self.seen.erased_everywhere |= self.seen.erased

    async def show_life(self, choice: int) -> None:
        """Read the hub's own log, and sign what was seen of it."""
        await look(self.pair.node, system_now)
        self.mirrored = False
        show_life(self.pair.pen(), fed_heads(self.pair.node.home))

    async def back_up(self, choice: int) -> None:
        self.backups.append(self.pair.copy(f"backup {len(self.backups)}"))
        snapshot = self.pair.folder / f"snapshot {len(self.snapshots)}"
        self.snapshots.append(Path(shutil.copytree(self.pair.home, snapshot)))

    async def back_up_hub(self, choice: int) -> None:
        self.hub_backups.append(self._copy_of_hub(f"hub backup {len(self.hub_backups)}"))

    def _copy_of_hub(self, name: str) -> Path:
        ignored = shutil.ignore_patterns("head.sqlite", "*.lock")
        target = self.pair.folder / name
        shutil.rmtree(target, ignore_errors=True)
        return Path(shutil.copytree(self.pair.hub.home.path, target, ignore=ignored))

    async def crash(self, choice: int) -> None:
        """Be killed at some write of a publish; then start again."""
        self.number += 1
        name = NAMES[self.number % 4]
        records = [instrument(name, function=f"{name}第{self.number}版")]
        await self._killed_at(
            choice, dying.publish_records, [*records, service(f"S-{self.number}")]
        )

    async def crash_erasing(self, choice: int) -> None:
        """Be killed at some write of an erasure; then start again, which finishes or forgets it."""
        before = self.seen.lines_of(self.pair)
        await self._killed_at(choice, dying.erase_record, NAMES[choice % 4])
        self.seen.erased |= before - self.seen.lines_of(self.pair)

    async def _killed_at(self, write: int, *doing: Any) -> None:
        self.mirrored = False
        main, *arguments = doing
        await dying.killed_at(write, main, self.pair.home, *arguments)
        self.pair.node = open_node(self.pair.home)
        recover(self.pair.pen())
        finish(self.pair.pen(), SchemaSet.load())
        self.pair.publish()

    async def crash_hub(self, choice: int) -> None:
        """Be killed at some write of a round."""
        self.days += 1
        self.said = False
        async with self.pair.served(self._clock):
            home, later = self.pair.hub.home.path, self.days * DAY
            await dying.killed_at(2 * choice, dying.sync_hub, home, later)
        self.pair.hub = reopened(self.pair.hub)

    async def set_back(self, choice: int) -> None:
        """The whole machine is last week's, its head store too: it must find that out itself."""
        if not self.mirrored:
            return  # nobody could know
        snapshot = self.snapshots[choice % len(self.snapshots)]
        sizes = {origin: head for origin, head, _ in self.seen.own_heads(self.pair)}
        self.pair.lose(snapshot)
        older = {origin: head for origin, head, _ in self.seen.own_heads(self.pair)} != sizes
        assert await self.pair.run("publish", "--no-wait") == (1 if older else 0)
        await self._restore_node()

    async def lose_node(self, choice: int) -> None:
        """The disk is gone; an older copy, of whatever age, takes its place."""
        self.pair.lose(self.backups[choice % len(self.backups)])
        if choice // 4 % 2:
            (self.pair.home / "store.sqlite").unlink()
        if choice // 16:  # and the one who brings it back is killed at it, and comes again
            where = 20 * (choice // 16) + choice % 16
            await dying.killed_at(where, dying.run_node, self.pair.home, *self._restoring())
        if self.mirrored:
            await self._restore_node()
        else:
            await self._new_epoch()

    async def lose_store(self, choice: int) -> None:
        """The database alone is gone: the files are the truth, and whom it trusts is told again."""
        (self.pair.home / "store.sqlite").unlink()
        hub = self.pair.hub
        trust = ("trust", hub.config.public_url, "--fingerprint", hub.fingerprint)
        assert await self.pair.run(*trust) == 0
        before = self.seen.own_heads(self.pair)
        self.pair.publish()
        assert self.seen.own_heads(self.pair) == before

    def _restoring(self) -> tuple[str, ...]:
        hub = self.pair.hub
        return ("restore", "--hub", hub.config.public_url, "--fingerprint", hub.fingerprint)

    async def _restore_node(self) -> None:
        assert await self.pair.run(*self._restoring()) == 0

    async def _new_epoch(self) -> None:
        """What was signed last is lost, and with it the right to go on in these logs."""
        await self.pair.run(*self._restoring())
        await sync_once(self.pair.hub, clock=self._clock)  # what a killed hub has not said yet
        # The node does not know which logs it signed since: every one of them ends.
        for family in ("catalogue", "usage"):
            name = list(epochs_of(self.pair.node.home, family))[-1]
            size = mirrored_size(self.pair, name)
            assert await self.pair.run("new-epoch", name, "--confirm", str(size)) == 0
        self.seen.erased = set(self.seen.erased_everywhere)  # other erasures went with the disk
        await self.sync()  # as the command asks: who loses the new root document has nothing

    async def end_fed(self, choice: int) -> None:
        """The hub's own log ends where it stands: what it says from now on is another epoch."""
        if self.said and len(self.pair.hub.fed_epochs) < MOST_EPOCHS:
            self.days += 1
            await end_fed(self.pair.hub, self._clock())
            self.pair.hub = reopened(self.pair.hub)

    async def lose_hub(self, choice: int) -> None:
        """The hub's disk is gone; an older copy, and another hub that mirrors it, remain."""
        hub = self.pair.hub
        other, said = self._copy_of_hub("other hub"), self.seen.fed_place(hub)
        backup = (other, *self.hub_backups)[choice % (1 + len(self.hub_backups))]
        shutil.rmtree(hub.home.path)
        shutil.copytree(backup, hub.home.path)
        if choice // 4 % 2:
            shutil.rmtree(hub.home.path / "mirror")
        (hub.home.path / "index.sqlite").unlink()
        self.pair.hub = reopened(hub)
        if choice // 8 % 2 and await self._goes_on_without_other(said):
            if choice // 4 % 2:  # whose lines a node erased meanwhile, nobody can say any more
                self.seen.given.first.clear()
            return
        async with other_hub(other, hub.fed_origin) as url, self.pair.served(self._clock):
            if choice // 16:  # the same
                where = 30 * (choice // 16) + choice % 16
                home, later = self.pair.hub.home.path, self.days * DAY
                await dying.killed_at(where, dying.restore_hub, home, later, url)
            await bring_back(self.pair.hub, self._clock, url, ())
        self.mirrored = self.said = True

    async def _goes_on_without_other(self, said: Position) -> bool:
        """Ask the nodes alone; whether that was enough. If not, nothing can be signed."""
        here = self.seen.fed_place(self.pair.hub)
        if here < said and max(node_anchors(self.pair), default=Position()) <= here:
            return False  # nobody could know
        async with self.pair.served(self._clock):
            if here == said:
                await bring_back(self.pair.hub, self._clock, "", ())
                self.mirrored = self.said = True
                return True
            with pytest.raises(FenheError, match=r"restore\.behind"):
                await restore(self.pair.hub, self._clock)
        with pytest.raises(FenheError, match=r"head\.lost"):
            await self.pair.sync(self.days * DAY)
        return False

    def _clock(self) -> int:
        return system_clock() + self.days * DAY
