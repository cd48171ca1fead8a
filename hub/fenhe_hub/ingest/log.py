"""From the mirror's files to the index: one log brought up to its verified head. Start at `Ingest`.

The files are the truth and the index follows: after a visit, at start where a kill left it behind,
and in `rebuild` from nothing. What a block comes to depends on the files alone, so all three leave
the same rows. Erased lines leave the files before the index is written; the log's row moves on with
the last transaction, so whatever was cut short is done again whole.
"""

import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from fenhe_client.reading.block_read import BlockReader
from fenhe_client.stored.disk import Disk, replace_files
from fenhe_hub.home import Home
from fenhe_hub.index.apply import IndexWriter, LogRow, Rows
from fenhe_hub.index.said import erased_of
from fenhe_hub.index.tables import TIERS, log_number
from fenhe_hub.ingest.first_receipts import Meant, owed_before
from fenhe_hub.ingest.gaps import Gaps
from fenhe_hub.ingest.intake import Intake, stored_marks
from fenhe_hub.ingest.known_erasures import orders_for
from fenhe_hub.ingest.settling import Settling
from fenhe_hub.ingest.taken_away import TakenAway
from fenhe_hub.mirror.log import MirrorLog
from fenhe_hub.mirror.roots import current_root
from fenhe_hub.mirror.sealed_ledger import as_erasure
from fenhe_protocol.checkpoint import Checkpoint
from fenhe_protocol.erasures import Erasures, Ranges
from fenhe_protocol.errors import StoreError
from fenhe_protocol.leaf import EraseLeaf, HeartbeatLeaf, split_log_name
from fenhe_protocol.limits import BLOCK, LARGEST_SIZE
from fenhe_protocol.merkle import EMPTY_ROOT
from fenhe_protocol.record import Schemas
from fenhe_protocol.tiles import blocks_between

CHUNK = 64  # blocks in one transaction: 16,384 leaves


@dataclass(frozen=True, slots=True)
class LogName:
    """Whose log it is, and which."""

    unit_no: int
    unit: str  # unit origin
    uscc: str
    name: str
    ended: int | None = None

    @property
    def origin(self) -> str:
        """The origin of the log."""
        return f"{self.unit}/{self.name}"

    @property
    def log_no(self) -> int:
        """Its number in the index."""
        return log_number(self.unit_no, *split_log_name(self.name))

    @property
    def has_states(self) -> bool:
        """Whether its records have a state in `resource`: all but service records."""
        return split_log_name(self.name)[0] != "usage"


@dataclass(slots=True)
class Brought:
    """What one ingest came to: leaves [start, size) are new, and so are the bodies counted."""

    start: int
    size: int
    valid: int = 0
    refused: int = 0
    late: bool = False  # bodies came that were missing before
    waiting: bool = False  # an `x` waits for what `fed` must say first
    beats: list[tuple[int, HeartbeatLeaf]] = field(default_factory=list)  # the last two

    def count(self, rows: Rows) -> None:
        """Count what is new in the rows of some blocks."""
        self.valid += sum(1 for row in rows.bodies if row[1] >= self.start)
        self.valid += sum(run.stop - max(run.first, min(self.start, run.stop)) for run in rows.runs)
        self.refused += sum(1 for row in rows.skips if row[1] >= self.start)


class Ingest:
    """Brings logs up, one at a time; holds one connection to the index."""

    def __init__(
        self, home: Home, db: sqlite3.Connection, schemas: Schemas, disk: Disk | None = None
    ) -> None:
        self._home, self._db, self._schemas = home, db, schemas
        self._disk = disk or Disk()
        self._writer = IndexWriter(db, self._body_at)

    def mirror(self, who: LogName) -> MirrorLog:
        """The log's place in the mirror."""
        return MirrorLog(self._home, who.origin, self._disk)

    def known(self, who: LogName) -> LogRow | None:
        """The log as the index knows it, if it does."""
        found = self._db.execute(
            "SELECT log_no, unit_no, origin, name, epoch, size, root, indexed, heartbeat_at, ended"
            " FROM log WHERE log_no = ?",
            [who.log_no],
        ).fetchone()
        return LogRow(*found) if found else None

    def row(self, who: LogName) -> LogRow:
        """The log's row; an empty one before the first ingest."""
        if (found := self.known(who)) is not None:
            return found
        epoch = split_log_name(who.name)[1]
        return LogRow(
            who.log_no, who.unit_no, who.origin, who.name, epoch, 0, EMPTY_ROOT, 0, None, who.ended
        )

    def bring_up(
        self, who: LogName, intake: Intake | None = None, touched: Iterable[int] = ()
    ) -> Brought:
        """Index what is new of a log, and once more the blocks that were `touched`.

        An `x` that would take lines away which are held waits until `fed` has said since when their
        identities count, and so, in an earlier epoch, until all that is held of it is indexed; all
        else is indexed meanwhile, and the log's row stays before that `x`.
        """
        brought, wait = self._pass(who, intake, touched, cleared=None)
        while wait is not None:
            if self._is_behind(wait.log) or owed_before(self._db, wait.meant, wait.going):
                brought.waiting = True
                break
            following, wait = self._pass(who, intake, (), cleared=wait.index)
            brought.beats = [*brought.beats, *following.beats][-2:]
            brought.size = following.size
        return brought

    def _pass(
        self, who: LogName, intake: Intake | None, touched: Iterable[int], cleared: int | None
    ) -> "tuple[Brought, _Waiting | None]":
        """Bring a log up to the end, or to the next `x` that has to wait.

        Before the index knows the new bodies, every `x` may have to; once it does, the one at
        `cleared` need not, and of each after it is seen whether what it waits for is said.
        """
        log = self.mirror(who)
        head = log.head() or Checkpoint(who.origin, 0, EMPTY_ROOT)
        row = self.row(who)
        if row.indexed > head.size:
            raise StoreError(
                "index.ahead",
                where=who.origin,
                expected=str(head.size),
                found=str(row.indexed),
                advice="fenhe-hub rebuild",
            )
        brought = Brought(row.indexed, head.size)
        given, wait = intake or _nothing(log, who), None
        own = TakenAway(log, Erasures(erased_of(self._db, who.log_no)), end=LARGEST_SIZE)
        gone = {who.name: own}
        for index, leaf in self._marks(log, given, brought):
            meant = self._meant(who, leaf, gone)
            going = gone[meant.name].news(leaf)
            if index != cleared and gone[meant.name].holds(going):
                waiting = _Waiting(index, meant, going)
                covers = gone[meant.name].erasures.covers
                behind = cleared is None or self._is_behind(meant)
                if behind or owed_before(self._db, waiting.meant, going, covers):
                    wait = waiting
                    break
            gone[meant.name].take(leaf)
        for order in (*orders_for(self._db, who.origin), *as_erasure(log.folder)):
            own.take(order)
        self._obey_earlier(who, gone)
        blocks = own.blocks.union(touched, blocks_between(row.indexed, head.size))
        if blocks or self.known(who) != replace(row, root=head.root, ended=who.ended):
            stop, again = wait.index if wait else head.size, frozenset(own.blocks)
            task = Settling(log, who.has_states, row, head, stop, own.erasures, given, again)
            self._index(who, task, sorted(b for b in blocks if b * BLOCK < head.size), brought)
        return brought, wait

    def _meant(self, who: LogName, leaf: EraseLeaf, gone: dict[str, TakenAway]) -> LogName:
        """The log in which an `x` erases, one of the epochs up to this."""
        if leaf.log is None:
            return who
        log_no = replace(who, name=leaf.log).log_no
        if leaf.log not in gone:
            question = "SELECT root1 FROM unit WHERE unit_no = ?"
            found = self._db.execute(question, [who.unit_no]).fetchone()
            listed = current_root(self._home, who.unit, found[0]).log(leaf.log) if found else None
            end = listed.end.size if listed is not None and listed.end is not None else 0
            log = self.mirror(replace(who, name=leaf.log))
            gone[leaf.log] = TakenAway(log, Erasures(erased_of(self._db, log_no)), end)
        return replace(who, name=leaf.log, ended=gone[leaf.log].end)

    def _is_behind(self, who: LogName) -> bool:
        """Whether more of a log is held than the index knows."""
        head = self.mirror(who).head()
        return head is not None and self.row(who).size < head.size

    def _marks(
        self, log: MirrorLog, intake: Intake, brought: Brought
    ) -> Iterator[tuple[int, EraseLeaf]]:
        """The `x` among the new leaves, with their indexes; of the `h` the last two are noted."""
        for block in blocks_between(brought.start, brought.size):
            marks = () if block in intake.unmarked else stored_marks(log, block, brought.size)
            for index, leaf in marks:
                if index < brought.start:
                    continue
                if isinstance(leaf, EraseLeaf):
                    yield index, leaf
                else:
                    brought.beats = [*brought.beats[-1:], (index, leaf)]

    def _obey_earlier(self, who: LogName, gone: Mapping[str, TakenAway]) -> None:
        """Obey what goes of earlier epochs at once, before this log's own row moves on."""
        for name, away in gone.items():
            if name == who.name or not away.grown:
                continue
            earlier = replace(who, name=name, ended=away.end)
            row = self.row(earlier)
            head = Checkpoint(earlier.origin, row.size, row.root)
            blocks = sorted(b for b in away.blocks if b * BLOCK < head.size)
            task = Settling(
                away.log,
                earlier.has_states,
                row,
                head,
                row.indexed,
                away.erasures,
                _nothing(away.log, earlier),
                frozenset(away.blocks),
            )
            self._index(earlier, task, blocks, Brought(head.size, head.size))

    def _index(
        self, who: LogName, task: Settling, blocks: Collection[int], brought: Brought
    ) -> None:
        if task.erased:
            replace_files(self._disk, {self._home.scour_due: b""})
        reader = BlockReader(
            task.log.files,
            self._schemas,
            origin=who.origin,
            unit=who.uscc,
            tiers=TIERS,
            erased=task.erasures.covers,
        )
        runs: list[Rows] = []
        for number, block in enumerate(blocks, 1):
            rows = task.rows(reader, block)
            brought.count(rows)
            if runs and runs[-1].stop == rows.start:
                runs[-1].extend(rows)
            else:
                runs.append(rows)
            if number % CHUNK == 0:
                self._writer.apply(task.row, runs)
                runs = []
        beat = brought.beats[-1][1].time if brought.beats else task.row.heartbeat_at
        final = replace(
            task.row,
            size=task.head.size,
            root=task.head.root,
            indexed=task.stop,
            heartbeat_at=beat,
            ended=who.ended,
        )
        self._writer.apply(final, runs, task.erasures.ranges)

    def _body_at(self, log_no: int, index: int, tier: str) -> bytes:
        origin = self._db.execute("SELECT origin FROM log WHERE log_no = ?", [log_no]).fetchone()[0]
        body = MirrorLog(self._home, origin, self._disk).body(tier, index)
        if body is None:
            where = f"{origin}#{index}/{tier}"
            raise StoreError("mirror.body", where=where, advice="fenhe-hub rebuild")
        return body


@dataclass(frozen=True, slots=True)
class _Waiting:
    """An `x` at `index` of which lines are held that it would take away."""

    index: int
    log: LogName
    going: Ranges

    @property
    def meant(self) -> Meant:
        return Meant(self.log.unit_no, self.log.log_no, not self.log.has_states)


def _nothing(log: MirrorLog, who: LogName) -> Intake:
    return Intake(log, who.log_no, states=who.has_states, gaps=Gaps())
