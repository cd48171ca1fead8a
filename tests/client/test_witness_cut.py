"""A witness whose power is cut after any of its writes forgets no promise, and no line it gave."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest
from aiohttp import ClientSession

from fenhe_client.stored.head_store import HeadStore
from fenhe_client.witness.home import WitnessHome, open_home
from fenhe_client.witness.service import Witness
from fenhe_protocol.checkpoint import open_checkpoint
from fenhe_protocol.errors import RequestError, StoreError
from fenhe_protocol.origin import origin_hash
from fenhe_protocol.witness import compose_add_checkpoint
from tests.client.power_cut import Medium, QuickDisk, RecordingDisk, Step
from tests.client.witness_house import KEYS, NAME, NOW, ORIGIN, answering, submit, witness_home
from tests.histories import History

pytestmark = pytest.mark.no_cover

LOG = History(ORIGIN)
OTHER = History(ORIGIN, tale="other")
SIZES = (0, 5, 12, 12, 30)


@dataclass(frozen=True)
class Cut:
    """After so many writes: the size last answered for, and what the store of promises may say."""

    writes: int
    answered: int
    promised: int


def cuts(answered_at: list[int]) -> Iterator[Cut]:
    """Every cut; `answered_at` are the writes that were done when each answer was given."""
    for writes in range(answered_at[-1] + 1):
        done = sum(each <= writes for each in answered_at)
        last, due = SIZES[done], SIZES[min(done + 1, len(SIZES) - 1)]
        # The promise comes before the first write for it.
        began = not done or answered_at[done - 1] == writes
        yield from (Cut(writes, last, promised) for promised in {due, *([last] if began else [])})


def cut_home(home: WitnessHome, steps: list[Step], cut: Cut, into: Path, chance: bool) -> Witness:
    Medium(home.path, steps[: cut.writes]).survive(into, lambda: chance)
    for name in ("name", "witness.seed"):
        shutil.copy2(home.path / name, into / name)
    shutil.copytree(home.logs, into / "logs")
    heads = HeadStore(into / "head.sqlite")
    heads.get("")
    if cut.promised:
        root = LOG.root(cut.promised)
        heads.advance(f"{NAME} {ORIGIN}", None, size=cut.promised, root=root, now=NOW)
    return Witness(open_home(into), QuickDisk())


def shown_size(home: WitnessHome, witness: Witness) -> int:
    """Of the note that it shows, which has to be whole and cosigned; 0 for none."""
    raw = witness.checkpoint(origin_hash(ORIGIN))
    if raw is None:
        return 0
    opened = open_checkpoint(raw, origin=ORIGIN, keys=KEYS, cosigners=[home.verifier])
    assert opened.cosignatures
    return opened.checkpoint.size


def test_after_a_cut_anywhere_no_promise_is_forgotten(tmp_path: Path) -> None:
    home, steps = witness_home(tmp_path / "w"), list[Step]()
    witness, answered_at = Witness(home, RecordingDisk(steps)), list[int]()
    for old, size in pairwise(SIZES):
        witness.add_checkpoint(compose_add_checkpoint(LOG.request(old, size)), NOW)
        answered_at.append(len(steps))
    for number, cut in enumerate(cuts(answered_at)):
        into = tmp_path / f"cut-{number}"
        after = cut_home(home, steps, cut, into, chance=bool(number % 2))
        assert cut.answered <= shown_size(home, after) <= cut.promised
        for old in {0, 5, cut.promised} if cut.promised else ():
            with pytest.raises(RequestError) as caught:
                after.add_checkpoint(compose_add_checkpoint(OTHER.request(old, cut.promised)), NOW)
            assert caught.value.status in (400, 409, 422)
        after.add_checkpoint(compose_add_checkpoint(LOG.request(cut.promised, 35)), NOW)
        assert shown_size(home, after) == 35


@pytest.mark.parametrize("is_old", [False, True])
def test_who_lost_what_it_promised_signs_nothing(tmp_path: Path, is_old: bool) -> None:
    """A home brought back without its store of promises, or with one of last week."""
    home = witness_home(tmp_path / "w")
    witness, old = Witness(home), tmp_path / "old"
    shutil.copy2(home.heads, old)
    witness.add_checkpoint(compose_add_checkpoint(LOG.request(0, 5)), NOW)
    home.heads.unlink()
    if is_old:
        shutil.copy2(old, home.heads)
    again = Witness(open_home(home.path))
    for told in (LOG, OTHER):
        with pytest.raises(StoreError, match=r"^head\.lost") as caught:
            again.add_checkpoint(compose_add_checkpoint(told.request(0, 5)), NOW)
        assert "another name" in caught.value.advice
    assert home.heads.exists() is is_old
    assert shown_size(home, again) == 5


async def test_what_cannot_be_stored_is_503(tmp_path: Path) -> None:
    home = witness_home(tmp_path / "w")
    notes = home.path / "checkpoints"
    notes.symlink_to(tmp_path / "nowhere")
    async with answering(home) as url, ClientSession() as session:
        status, kind, body = await submit(session, url, LOG.request(0, 5))
        assert (status, kind) == (503, "application/problem+json; charset=utf-8")
        assert b"store.write" in body
        notes.unlink()
        # It was promised, and no line of it was seen by anybody.
        assert await submit(session, url, LOG.request(0, 5)) == (409, "text/x.tlog.size", b"5\n")
        assert (await submit(session, url, LOG.request(5, 5)))[0] == 200
        home.heads.unlink()
        home.heads.mkdir()
        status, _, body = await submit(session, url, LOG.request(5, 6))
        assert status == 503 and b"head.store" in body
