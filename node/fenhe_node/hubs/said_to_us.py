"""What a hub says to this unit alone: leaves of `fed` of tier `to` (feed §10). Start at `SaidToUs`.

Which of them are for us does not stand in the leaves, so each is asked for once, signed, and is
absent to us if it is for another. What is given is believed only if the leaf commits to it.
"""

import asyncio
from dataclasses import dataclass
from itertools import islice

from fenhe_client.fetching.answers import ABSENT
from fenhe_client.fetching.fetch import Fetcher
from fenhe_client.following.fed_epoch import TO_ONE, FedEpoch
from fenhe_client.following.fed_log import FedLog
from fenhe_node.home import Home
from fenhe_node.store import Store, asked, notices
from fenhe_protocol.body import Committer, read_body_file
from fenhe_protocol.errors import Deferred, FenheError, Refused
from fenhe_protocol.fed import read_word
from fenhe_protocol.limits import BLOCK, DEFAULTS
from fenhe_protocol.notice import Notice
from fenhe_protocol.origin import origin_hash
from fenhe_protocol.position import Position
from fenhe_protocol.record import Record, Schemas, judge_body

MOST_AT_ONCE = 1024  # leaves asked for in one visit; the next goes on
MOST_AGAIN = 16
FIRST_EPOCH = 1


@dataclass(frozen=True, slots=True)
class Addressed:
    """One leaf that says something to one unit: where it stands, and what it commits to."""

    at: Position
    log: str
    commitment: bytes


@dataclass(frozen=True, slots=True)
class SaidToUs:
    """Asks one hub, which speaks for the unit `speaker`, on behalf of the unit `origin`."""

    home: Home
    hub: str
    speaker: str
    origin: str
    schemas: Schemas

    async def hear(self, fed: FedLog, fetcher: Fetcher, now: int) -> FenheError | None:
        """Ask for what was not asked for yet; what went wrong is returned, the rest is kept."""
        error: FenheError | None = None
        passed: Addressed | None = None  # nothing is written for each leaf that is not for us
        for leaf in await asyncio.to_thread(self._due, fed):
            try:
                answer = await fetcher.get(_path(self.origin, leaf), limit=DEFAULTS.line_bytes)
                if answer.status != ABSENT:
                    await asyncio.to_thread(self._take, leaf, answer.body, now)
                passed = leaf
            except Deferred as silence:
                error = silence
                break
            except Refused as wrong:
                await asyncio.to_thread(self._note_bad, leaf)
                error = wrong
        if passed is not None:
            await asyncio.to_thread(self._pass, passed)
        return error

    def let_go(self, fed: FedLog, since: Position) -> None:
        """Forget what the hub has erased, if there is an `x` among what it said since (feed §4)."""
        if not since < fed.head or not fed.erases(since, fed.head):
            return
        with Store.open(self.home.store) as store:
            for notice in notices.every(store):
                if notice.hub == self.hub and notice.epoch and fed.is_erased(notice.place, TO_ONE):
                    notices.forget(store, notice)

    def _due(self, fed: FedLog) -> list[Addressed]:
        with Store.open(self.home.store) as store:
            asked.begin(store, self.hub, Position())
            place, bad = asked.place(store, self.hub), asked.bad(store, self.hub)
        place = min(place, fed.counted(place))
        again = [
            leaf for at in bad[:MOST_AGAIN] for leaf in islice(map(_leaf, fed.addressed(at)), 1)
        ]
        new = map(_leaf, fed.addressed(place))
        return [*(leaf for leaf in again if leaf.at in bad), *islice(new, MOST_AT_ONCE)]

    def _take(self, leaf: Addressed, raw: bytes, now: int) -> None:
        word = self._read(leaf, raw)
        with Store.open(self.home.store) as store, store.transaction():
            if word is not None and word.to == self.origin:
                notices.keep(store, notices.of_word(self.hub, word, now, leaf.at))
            asked.note_good(store, self.hub, leaf.at)

    def _note_bad(self, leaf: Addressed) -> None:
        with Store.open(self.home.store) as store, store.transaction():
            asked.note_bad(store, self.hub, leaf.at)
            asked.put_place(store, self.hub, _behind(leaf))

    def _pass(self, leaf: Addressed) -> None:
        with Store.open(self.home.store) as store, store.transaction():
            asked.put_place(store, self.hub, _behind(leaf))

    def _read(self, leaf: Addressed, raw: bytes) -> Notice | None:
        """The notice of a line; None for another word. Refused `follow.line`, or as a body is."""
        where = f"{self.hub}/{leaf.log}#{leaf.at.size}"
        lines, bad = read_body_file(raw, leaf.at.size // BLOCK)
        committer = Committer(f"{self.hub}/{leaf.log}", TO_ONE)
        if bad or [line.index for line in lines] != [leaf.at.size]:
            raise Refused("follow.line", where=where, found="another form")
        if committer.of_line(lines[0]) != leaf.commitment:
            raise Refused("follow.line", where=where, expected=leaf.commitment.hex())
        body, log = lines[0].body, leaf.log
        verdict = judge_body(body, tier=TO_ONE, log=log, unit=self.speaker, schemas=self.schemas)
        if not isinstance(verdict, Record):
            raise Refused("follow.line", where=where, found=getattr(verdict, "code", ""))
        word = read_word(verdict)
        return word if isinstance(word, Notice) else None


def _leaf(found: tuple[FedEpoch, int, bytes]) -> Addressed:
    epoch, index, commitment = found
    return Addressed(Position(epoch.number, index), epoch.name, commitment)


def _behind(leaf: Addressed) -> Position:
    return Position(leaf.at.epoch, leaf.at.size + 1)


def _path(origin: str, leaf: Addressed) -> str:
    log = "" if leaf.at.epoch == FIRST_EPOCH else f"{leaf.log}/"
    return f"in/{origin_hash(origin)}/to/{log}{leaf.at.size}"
