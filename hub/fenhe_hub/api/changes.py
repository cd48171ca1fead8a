"""What changed, from a cursor over the hub's own log on (feed §10). Start at `list_changes`.

The cursor is a place in `fed` (`fed_cursor`). It stops at the first advance that the index has not
taken in yet, and at a word that its files no longer have as it was signed, so nothing is skipped,
unless a hub that was restored has lost it and nobody will bring it again; an advance that is
announced twice is told twice, so something may come again. Each change names the proof of the leaf
that says it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fenhe_client.reading.fitting_lines import fitting_lines
from fenhe_client.stored.files import FolderFiles, read_bundle
from fenhe_hub.api.fed_cursor import Cursor
from fenhe_hub.api.judgement_shapes import Change, ChangePage
from fenhe_hub.api.operation import Asked
from fenhe_hub.api.paging import unknown_cursor
from fenhe_hub.api.resources import leaf_query
from fenhe_hub.api.said import SaidBlock, SaidLog
from fenhe_hub.index.hidden import is_gone, is_suspended
from fenhe_hub.index.places import Leaf, public_leaves
from fenhe_hub.index.read import Log, public_log, units
from fenhe_protocol.leaf import EraseLeaf, LeafForm, may_be_of, parse_leaf
from fenhe_protocol.limits import BLOCK, DEFAULTS
from fenhe_protocol.position import Position
from fenhe_protocol.strict_json import loads
from fenhe_protocol.tiles import EntryBundle, blocks_between

LEAVES_AT_ONCE = 16 * BLOCK  # a page may so end before it is full; the cursor says where


@dataclass(frozen=True, slots=True)
class Batch:
    """Changes found, and where to go on; `stuck` if the index is behind what `fed` says."""

    changes: tuple[Change, ...]
    next: Cursor
    stuck: bool = False


def list_changes(asked: Asked) -> ChangePage:
    """The next changes behind the cursor."""
    feed = _Fed(asked)
    cursor, limit = feed.begin(str(asked.values["cursor"])), asked.number("limit")
    changes: list[Change] = []
    stuck = False
    for _ in range(BLOCK):
        if stuck or len(changes) >= limit or cursor.place >= feed.head:
            break
        batch = feed.next(cursor, limit - len(changes))
        changes += batch.changes
        cursor, stuck = batch.next, batch.stuck
    return ChangePage(
        items=tuple(changes),
        cursor=str(cursor),
        more=cursor.place < feed.head and not stuck,
        sources=_sources(asked, changes),
    )


def _sources(asked: Asked, changes: list[Change]) -> dict[str, Any]:
    codes = {change.unit for change in changes}
    known = (unit for unit in units(asked.db).values() if not unit.depth)
    return {unit.uscc: asked.source(unit) for unit in known if unit.uscc in codes}


class _Fed:
    """The hub's own log, read from its public files; the index knows where epochs have ended."""

    def __init__(self, asked: Asked) -> None:
        self._asked = asked
        self._sizes: dict[int, int] = dict(asked.db.execute("SELECT epoch, size FROM fed"))
        newest = max(self._sizes)
        self._log = SaidLog(asked.reading.home, asked.reading.origin, frozenset(self._sizes))
        self._sizes[newest] = self._log.size(newest)
        self.head = Position(newest, self._sizes[newest])
        self._said: dict[Position, SaidBlock] = {}

    def begin(self, text: str) -> Cursor:
        """The cursor to begin at; one above the end of its epoch goes on in the next."""
        cursor = Cursor.read(text)
        if cursor.place > self.head or cursor.place.epoch not in self._sizes:
            raise unknown_cursor(f"<= {Cursor(self.head)}", text)
        return cursor

    def next(self, cursor: Cursor, limit: int) -> Batch:
        """What the leaf at the cursor says, at most `limit` changes of it."""
        place = cursor.place
        if place.size >= self._sizes[place.epoch]:
            later = min(epoch for epoch in self._sizes if epoch > place.epoch)
            return Batch((), Cursor(Position(later)))
        block = self._block(place)
        if block.lacks(place.size):
            return Batch((), cursor, stuck=True)
        said, after = block.words.get(place.size), cursor.next
        if said is None:
            return Batch((), after)
        if said["kind"] == "adv":
            return self._advance(said, cursor, limit)
        log = public_log(self._asked.db, said["id"].partition("#")[0])
        if said["kind"] == "rej" and said.get("code") == "ok" and log is not None:
            return Batch(tuple(self._restored(said, cursor, log)), after)
        proof = _proof_of(self._asked, self._log.log(place.epoch), place.size)
        return Batch((_statement(said, place, proof),), after)

    def _block(self, place: Position) -> SaidBlock:
        block = place.size // BLOCK
        if (known := Position(place.epoch, block)) not in self._said:
            self._said[known] = self._log.block(place.epoch, block)
        return self._said[known]

    def _advance(self, said: Mapping[str, Any], cursor: Cursor, limit: int) -> Batch:
        if is_suspended(self._asked.db, str(said["id"]).rpartition("/")[0]):
            return Batch((), cursor.next)  # all of it is announced again with its return
        log, end = public_log(self._asked.db, said["id"]), said["size"]
        if log is None or log.indexed < end:
            if not self._is_all_there_will_be(said["id"], log):
                return Batch((), cursor, stuck=True)
            end = log.indexed if log is not None else 0
        start = max(said["from"], cursor.at)
        if log is None or start >= end:
            return Batch((), cursor.next)
        stop = min(end, start - start % BLOCK + LEAVES_AT_ONCE)
        found = _Advance(self._asked, log, cursor.place).changes(start, stop)
        if len(found) > limit:
            return Batch(tuple(found[:limit]), Cursor(cursor.place, found[limit].index or 0))
        done = stop == end
        return Batch(tuple(found), cursor.next if done else Cursor(cursor.place, stop))

    def _is_all_there_will_be(self, origin: str, log: Log | None) -> bool:
        """Whether the mirror has lost what was announced, and nobody will bring it again."""
        if log is not None and log.indexed < log.size:
            return False  # the index is behind the mirror: it comes
        has_ended = log is not None and log.ended is not None and log.size >= log.ended
        return has_ended or is_gone(self._asked.db, origin.rpartition("/")[0])

    def _restored(self, said: Mapping[str, Any], cursor: Cursor, log: Log) -> Iterator[Change]:
        """A refusal lifted: the record as if it had just been published."""
        index = int(said["id"].partition("#")[2].partition("/")[0])
        yield from _Advance(self._asked, log, cursor.place).changes(index, index + 1)


class _Advance:
    """The changes that some leaves of one public log bring."""

    def __init__(self, asked: Asked, log: Log, said_at: Position) -> None:
        folder = asked.reading.home.mirror(log.origin)
        self._asked, self._log, self._said_at = asked, log, said_at
        self._files = FolderFiles(folder / "public", folder / "held", log=log.name)
        unit = units(asked.db, (log.unit_no,))[log.unit_no]
        self._uscc, self._unit_origin = unit.uscc, unit.origin

    def changes(self, start: int, stop: int) -> list[Change]:
        """Records and erasures of [start, stop), in the order of the log."""
        leaves = public_leaves(self._asked.db, self._log.log_no, start, stop, stop - start)
        bodies = self._bodies(start, stop)
        found = [self._record(leaf, bodies.get(leaf.index)) for leaf in leaves]
        found += self._erasures(start, stop)
        return sorted(found, key=lambda change: change.index or 0)

    def _bodies(self, start: int, stop: int) -> dict[int, bytes]:
        found: dict[int, bytes] = {}
        for block in blocks_between(start, stop):
            lines = fitting_lines(self._files, self._log.origin, "pub", block, self._log.size)
            found |= {line.index: line.body for line in lines}
        return found

    def _record(self, leaf: Leaf, body: bytes | None) -> Change:
        return Change(
            type="record",
            fed_epoch=self._said_at.epoch,
            fed_index=self._said_at.size,
            origin=self._log.origin,
            index=leaf.index,
            unit=self._uscc,
            kind=leaf.kind,
            id=leaf.id,
            deleted=leaf.deleted,
            body=None if body is None else loads(body),
            proof=_proof_of(self._asked, self._log.origin, leaf.index),
        )

    def _erasures(self, start: int, stop: int) -> Iterator[Change]:
        for block in blocks_between(start, stop):
            for index, raw in enumerate(self._leaves(block), block * BLOCK):
                inside = start <= index < stop
                if inside and may_be_of("x", raw) and (leaf := self._erase_leaf(raw, index)):
                    yield self._erasure(leaf, index)

    def _leaves(self, block: int) -> list[bytes]:
        # The mirror has the bundle as it was at each verified size, or the full one.
        bundle = EntryBundle(block, min(BLOCK, self._log.size - block * BLOCK))
        return read_bundle(self._files, bundle, max_entry=DEFAULTS.leaf_bytes)

    def _erase_leaf(self, raw: bytes, index: int) -> EraseLeaf | None:
        try:
            leaf = parse_leaf(raw, index=index, log=self._log.name)
        except LeafForm:
            return None
        return leaf if isinstance(leaf, EraseLeaf) else None

    def _erasure(self, leaf: EraseLeaf, index: int) -> Change:
        origin = f"{self._unit_origin}/{leaf.log}" if leaf.log else self._log.origin
        body = {"ranges": leaf.ranges, "tiers": leaf.tiers, "reason": leaf.reason}
        proof = _proof_of(self._asked, self._log.origin, index)
        where = (*self._said_at, origin, index, self._uscc)
        return Change("erasure", *where, None, None, False, body, proof)


def _proof_of(asked: Asked, origin: str, index: int) -> str:
    return f"{asked.reading.url}/api/v1/proof?{leaf_query(origin, index)}"


def _statement(said: Mapping[str, Any], at: Position, proof: str) -> Change:
    """Anything else the hub says; `era` takes bodies back as an `x` does."""
    origin, _, place = str(said["id"]).partition("#")
    index = int(place.partition("/")[0]) if place else None
    if said["kind"] == "era" and index is not None:
        body = {"ranges": [[index, index + 1]], "tiers": said["tiers"], "reason": said["reason"]}
        return Change("erasure", *at, origin, index, None, None, None, False, body, proof)
    return Change(
        type="statement",
        fed_epoch=at.epoch,
        fed_index=at.size,
        origin=origin,
        index=index,
        unit=said.get("uscc"),
        kind=said["kind"],
        id=said["id"],
        deleted=False,
        body=said,
        proof=proof,
    )
