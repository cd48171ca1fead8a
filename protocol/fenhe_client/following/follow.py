"""Follow a hub with one cursor: every change of every log, verified, as lines of NDJSON (feed §10).

The hub's own log `fed` is read like any other into a folder beside the cursor; what it says leads
to the blocks to fetch from the mirror, which are held against the unit's own signature. The cursor
moves after the lines of a step are out: interrupted anywhere, a line may come twice, none is lost.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path

from fenhe_client.following.cursor import Cursor
from fenhe_client.following.fed_log import FedLog
from fenhe_client.following.fed_witness import FedWitness
from fenhe_client.following.heard import Heard, HeardFile
from fenhe_client.reading.changes import Change, MirroredLog
from fenhe_client.reading.mirror_reader import HubAddress, MirrorReader
from fenhe_client.stored.disk import Disk
from fenhe_protocol.errors import Deferred, FenheError, PublisherError, Refused
from fenhe_protocol.fed import (
    LEAF,
    LIFTED,
    Advance,
    EraseOrder,
    FedView,
    Place,
    Refusal,
    Registration,
    Word,
)
from fenhe_protocol.limits import BLOCK
from fenhe_protocol.position import Position
from fenhe_protocol.record import Schemas
from fenhe_protocol.second_line import second_name


@dataclass(frozen=True, slots=True)
class Outlet:
    """Where lines go, and what went wrong besides. `write` returns once the lines are out."""

    write: Callable[[Sequence[Change]], None]
    warn: Callable[[FenheError], None]


class Follower:
    """Follows one hub; keeps `fed` and root documents in the folder `<cursor file>.d`."""

    def __init__(
        self,
        hub: HubAddress,
        path: Path,
        cursor: Cursor,
        schemas: Schemas,
        disk: Disk | None = None,
    ) -> None:
        self._hub, self._path, self.cursor, self._schemas = hub, path, cursor, schemas
        self._disk = disk or Disk()
        self._folder = path.absolute().with_name(f"{path.name}.d")
        self._mirror = MirrorReader(hub, self._folder / "roots", schemas, self._disk)
        self._whole: dict[str, tuple[int, int]] = {}
        self._heard = HeardFile(self._folder / "heard", cursor.fingerprint, hub.tiers, self._disk)
        self._view: FedView | None = None
        self._tried: set[str] = set()
        self._hub_origin = ""

    async def once(self, outlet: Outlet, now: int, witness: FedWitness | None = None) -> None:
        """Tell everything that is new up to the newest head of `fed`.

        `fed` is held against what `witness` was shown before anything is told. Raises what stops
        the whole: the hub's own files refused, or not to be had.
        """
        hub = await self._mirror.hub_root(self.cursor.fingerprint)
        self._hub_origin = hub.origin
        second = self._hub.second.line_of(hub.origin)
        folder, tiers = self._folder / "fed", self._hub.tiers
        fed = FedLog(hub, folder, tiers, self._schemas, self._disk, second=second)
        failure = await self._read(fed, outlet, now, witness)
        if fed.is_void(self.cursor.place):
            self._take_back(fed, outlet)
        start, head = self.cursor.place, fed.head
        view = self._view = self._view or fed.view(start, self._heard.load())
        self._tried.clear()
        while self.cursor.place < head:
            end, words = fed.words(self.cursor.place)
            await self._tell(outlet, view, words, end)
        self._keep(fed, view, start)
        self._warn_of_strangers(outlet, view)
        for file in self._mirror.second_roots():
            outlet.warn(Refused("root.second", where=str(file), advice="fenhe verify-evidence"))
        for name in self.cursor.behind.keys() - self._tried:
            await self._try(outlet, view, name, self.cursor.behind[name])
        self._save()
        if failure is not None:
            raise failure

    async def _read(
        self, fed: FedLog, outlet: Outlet, now: int, witness: FedWitness | None
    ) -> FenheError | None:
        try:
            if witness is not None:
                await witness.ask(fed.newest)
        except Deferred as error:
            outlet.warn(error)
        failure = await fed.read(self._hub.open, now, self.cursor.place)
        try:
            if witness is not None and failure is None:
                witness.judge(fed.newest, now)
        except Deferred as error:
            outlet.warn(error)
        return failure

    def _warn_of_strangers(self, outlet: Outlet, view: FedView) -> None:
        """Say whose SM2 keys were enrolled in vain: a key of nobody we read would check nothing."""
        known = {self._hub_origin, *view.registered}
        for origin in sorted(self._hub.second.origins - known):
            outlet.warn(Refused("follow.unregistered", where=second_name(origin)))

    def _take_back(self, fed: FedLog, outlet: Outlet) -> None:
        """Hear it again without what no longer counts; bodies of which that spoke are told again.

        What is announced again in the next epoch is told from there.
        """
        void, self._view = fed.void_words(self.cursor.place), None
        self.cursor.place = fed.counted(self.cursor.place)
        self._heard.forget()
        self._whole.clear()
        view = fed.view(self.cursor.place, Heard())
        for word in void:
            if isinstance(word, Refusal | EraseOrder):
                place = word.place
                outlet.write(list(_stands(view, place)))
                self.cursor.behind[f"{place.origin}#{place.index}"] = place.index
        for unit, state in _void_states(view, void).items():
            outlet.write([{"origin": unit, "state": state}])
            logs = (log for log in view.sizes if log.rpartition("/")[0] == unit)
            self.cursor.behind |= dict.fromkeys(logs, 0)
        self._save()

    def _keep(self, fed: FedLog, view: FedView, start: Position) -> None:
        """Keep what was heard; after an `x` of the hub, hear it again without what is erased."""
        if fed.erases(start, self.cursor.place):
            self._heard.forget()
            self._view = None
        else:
            self._heard.keep(view, self.cursor.place)

    async def _tell(
        self, outlet: Outlet, view: FedView, words: Sequence[Word], end: Position
    ) -> None:
        changed = list(_changed_states(view, words))
        view.hear(words)
        said = [change for word in words if (change := _said(word)) is not None]
        outlet.write([*changed, *said])
        behind = self.cursor.behind
        starts = {name: at for name, at in _starts(words).items() if not self._is_told(name, at)}
        behind |= {name: min(at, behind.get(name, at)) for name, at in starts.items()}
        # From here on the cursor says of each log how far it has been told: killed in the middle
        # of a large one, the follower goes on there.
        self.cursor.place = end
        self._save()
        for name in starts:
            await self._try(outlet, view, name, behind[name])
        self._save()

    def _is_told(self, name: str, start: int) -> bool:
        """Whether a cosignature was added to a head that we have told without a gap."""
        first, end = self._whole.get(name, (0, 0))
        view = self._view
        return view is not None and first <= start and view.sizes.get(name, end + 1) <= end

    async def _try(self, outlet: Outlet, view: FedView, name: str, start: int) -> None:
        """Tell a log from `start` on, or remember from where it still is to be told."""
        # Written down first: whatever ends this, the log stays behind until it is told.
        self.cursor.behind[name] = start
        self._tried.add(name)
        origin, _, single = name.partition("#")
        try:
            log = await self._mirror.log(view, origin, self._hub_origin)
            if log is not None:
                end = start + 1 if single else log.head.size
                await self._tell_log(outlet, view, log, name, start, end)
        except (PublisherError, Deferred) as error:
            outlet.warn(error)
            if error.code.startswith("visit.") and self.cursor.behind[name] > start:
                await self._try(outlet, view, name, self.cursor.behind[name])

    async def _tell_log(
        self, outlet: Outlet, view: FedView, log: MirroredLog, name: str, start: int, end: int
    ) -> None:
        whole = True
        blocks = range(start // BLOCK, -(-end // BLOCK))
        async with aclosing(log.changes(blocks, start)) as pieces:
            async for piece in pieces:
                outlet.write([each for each in piece.changes if _is_due(view, each, start, end)])
                self.cursor.behind[name] = piece.stop
                self._save()
                whole = whole and piece.whole
        del self.cursor.behind[name]
        self._whole.pop(name, None)
        if whole:
            self._whole[name] = (start, end)

    def _save(self) -> None:
        self.cursor.save(self._path, self._disk)


def _starts(words: Iterable[Word]) -> Mapping[str, int]:
    """From which index each log is to be told; `<origin>#<index>` stands for one leaf alone."""
    starts: dict[str, int] = {}
    for word in words:
        if isinstance(word, Advance):
            starts[word.origin] = min(word.start, starts.get(word.origin, word.start))
        elif isinstance(word, Refusal) and word.code == LIFTED:
            starts[f"{word.place.origin}#{word.place.index}"] = word.place.index
    return starts


def _changed_states(view: FedView, words: Iterable[Word]) -> Iterator[Change]:
    """Who stands otherwise than before; of a unit that is enrolled no more nothing is told on.

    Of one that was never told there is nothing to drop.
    """
    states = {origin: word.state for origin, word in view.registered.items()}
    for word in words:
        if isinstance(word, Registration):
            before = states.get(word.origin, word.state)
            states[word.origin] = word.state
            if before != word.state:
                yield {"origin": word.origin, "state": word.state}


def _said(word: Word) -> Change | None:
    """What the hub itself says of a body: refused, or no longer served."""
    if isinstance(word, Refusal) and word.code != LIFTED:
        place = word.place
        where = {"origin": place.origin, "index": place.index, "tier": place.tier}
        return {**where, "refused": word.code}
    if isinstance(word, EraseOrder):
        place = word.place
        ranges = [[place.index, place.index + 1]]
        erased = {"origin": place.origin, "ranges": ranges, "tiers": list(word.tiers)}
        return {"origin": place.origin, "index": place.index, "erased": erased}
    return None


def _stands(view: FedView, place: Place) -> Iterator[Change]:
    """What is said of a body once a later word on it no longer counts."""
    if (code := view.rejected.get(place)) is not None:
        yield from filter(None, [_said(Refusal(place, code))])
    if tiers := view.erased.get(Place(place.origin, place.index)):
        yield from filter(None, [_said(EraseOrder(Place(place.origin, place.index), tiers))])


def _void_states(view: FedView, void: Iterable[Word]) -> Mapping[str, str]:
    """How units stand of which words that no longer count said that they stand otherwise."""
    last = {word.origin: word.state for word in void if isinstance(word, Registration)}
    known = {unit: view.registered[unit].state for unit in last if unit in view.registered}
    return {unit: state for unit, state in known.items() if state != last[unit]}


def _is_due(view: FedView, change: Change, start: int, end: int) -> bool:
    """Whether a change lies in the range and the hub does not refuse it."""
    origin, index = change["origin"], change["index"]
    places = (Place(origin, index, change.get("tier")), Place(origin, index, LEAF))
    return start <= index < end and not any(place in view.rejected for place in places)
