"""The power goes out after any write of a gateway: nothing is lost, and repeated only what was due.

A cut leaves of the files what `tests.client.power_cut` says, of both databases the last whole
transaction, and at the platform what had been answered by then.
"""

import shutil
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import closing, contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from deploy.nrii_receiver.ledger import Ledger
from fenhe_client.stored.disk import Disk
from fenhe_hub.gateway.home import open_gateway
from fenhe_hub.gateway.store import Store
from fenhe_hub.upstream.outbox import ItemState
from fenhe_hub.upstream.outbox_store import OutboxStore
from fenhe_protocol.entry import plain_entry
from fenhe_protocol.leaf import EraseLeaf
from tests.client.power_cut import Medium, Step
from tests.hub.gateway_house import House, gateway_house
from tests.hub.test_gateway_killed import calls, states
from tests.hub.test_sync_cut import as_steps

FILES = ("write", "flush", "rename", "unlink", "make_folder", "flush_filesystem")
STEP_OF = {"make_folder": "folder", "flush_filesystem": "flush all"}


@dataclass(frozen=True)
class Held:
    """What is whole at one moment: two databases as bytes, the platform's records and calls."""

    store: bytes
    outbox: bytes
    ledger: Ledger


@dataclass
class Recording:
    """The steps of one run, and what was held after each; `held[0]` before the first."""

    home: Path
    ledger: Ledger
    steps: list[Step] = field(default_factory=list)
    held: list[Held] = field(default_factory=list)

    def begin(self) -> None:
        self.held = [
            Held(_bytes_of(self.store), _bytes_of(self.outbox), deepcopy(self.ledger)),
        ]

    @property
    def store(self) -> Path:
        return self.home / "store.sqlite"

    @property
    def outbox(self) -> Path:
        return self.home / "outbox.sqlite"

    def add(self, step: Step, **changed: Any) -> None:
        now = self.held[-1]
        named = {"store": now.store, "outbox": now.outbox, "ledger": now.ledger}
        self.steps.append(step)
        self.held.append(Held(**{**named, **changed}))


def _bytes_of(file: Path) -> bytes:
    with closing(sqlite3.connect(file)) as database:
        return database.serialize()


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with gateway_house(tmp_path) as house:
        house.describe_unit()
        house.own("A-1")
        await house.province.sync()
        await house.report_instruments()
        yield house


@contextmanager
def recorded(recording: Recording) -> Iterator[None]:
    """Write down what goes to the disk, each whole transaction, and each call that was taken."""
    with pytest.MonkeyPatch.context() as patch:
        for name in FILES:
            patch.setattr(Disk, name, _written_down(recording, name))
        for kind, name in ((Store, "store"), (OutboxStore, "outbox")):
            patch.setattr(kind, "transaction", _committed(recording, kind.transaction, name))
        take = Ledger.take

        def taken(ledger: Ledger, *given: Any) -> int:
            code = take(ledger, *given)
            recording.add(("call", Path(), None), ledger=deepcopy(ledger))
            return code

        patch.setattr(Ledger, "take", taken)
        recording.begin()
        yield


def _written_down(recording: Recording, name: str) -> Callable[..., None]:
    do = getattr(Disk, name)

    def done(disk: Disk, *given: Any) -> None:
        do(disk, *given)
        path, argument = given[0], given[1] if len(given) > 1 else None
        if not isinstance(path, Path):
            path = Path()
        elif not path.is_relative_to(recording.home):
            return
        recording.add((STEP_OF.get(name, name), path, argument))

    return done


def _committed(recording: Recording, whole: Callable[[Any], Any], name: str) -> Any:
    @contextmanager
    def transaction(self: Any) -> Iterator[None]:
        with whole(self):
            yield
        recording.add(("commit", Path(), None), **{name: self._db.serialize()})

    return transaction


def cut_home(recording: Recording, count: int, copy: Path, into: Path) -> str:
    """A home as a power cut after so many steps leaves it; a digest of all of it."""
    files = [each for each in ("cursor", "cursor.d") if (copy / each).exists()]
    before = as_steps(recording.home, copy, files)
    Medium(recording.home, [*before, *recording.steps[:count]]).survive(into, lambda: False)
    for name in ("keys", "public"):
        shutil.copytree(copy / name, into / name)
    shutil.copy2(copy / "config.yaml", into / "config.yaml")
    held = recording.held[count]
    (into / "store.sqlite").write_bytes(held.store)
    (into / "outbox.sqlite").write_bytes(held.outbox)
    left = sorted(each for each in into.rglob("*") if each.is_file() and "keys" not in each.parts)
    known = [(str(each.relative_to(into)), each.read_bytes()) for each in left]
    return sha256(repr((known, len(held.ledger.calls))).encode()).hexdigest()


@pytest.mark.hypothesis
async def test_after_a_cut_anywhere_nothing_is_lost_and_only_what_was_due_is_repeated(
    house: House, tmp_path: Path
) -> None:
    house.serve_users(*(house.sealed(f"S-{n}", amount_fen=100) for n in (1, 2, 3)))
    await house.round()
    house.serve_users(house.sealed("S-1", amount_fen=700), house.sealed("S-4", amount_fen=400))
    house.node.append([plain_entry(EraseLeaf(((1, 2),), None, "law"))], log="usage")
    await house.province.sync()
    recording, copy = Recording(house.gateway.path, house.ledger), tmp_path / "copy"
    shutil.copytree(recording.home, copy)
    with recorded(recording):
        await house.take()
        await house.send()
    every = settings().max_examples > 1000  # as `make kills` asks; else every fourth
    whole, digests = (states(house), shown(house)), set[str]()
    for count in range(len(recording.steps) + 1):
        into = tmp_path / f"cut-{count}"
        digest = cut_home(recording, count, copy, into)
        if digest not in digests and (every or count % 4 == 1):
            digests.add(digest)
            house.gateway = open_gateway(into)
            await check_that_it_goes_on(house, recording.held[count].ledger, whole)
        shutil.rmtree(into)
    print(f"cuts at the gateway: {len(digests)}")
    assert len(digests) > 8, len(recording.steps)


Whole = tuple[dict[str, ItemState], dict[str, str]]


def shown(house: House) -> dict[str, str]:
    """What the platform holds of each service."""
    return {each["recordInnerId"]: each["amounts"] for each in house.arrived()}


async def check_that_it_goes_on(house: House, ledger: Ledger, whole: Whole) -> None:
    """Take and send once more, at a platform that knows what it knew when the power went."""
    house.ledger.records, house.ledger.calls = dict(ledger.records), list(ledger.calls)
    due = {id for id, state in states(house).items() if state is ItemState.SENDING}
    await house.take()
    await house.send()
    assert (states(house), shown(house)) == whole
    assert {id for (id, _), count in calls(house).items() if count > 1} <= due
