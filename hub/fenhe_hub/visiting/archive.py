"""The mirror and the index of one process together: brought up, asked, cosigned. See `Archive`.

All writing to the index goes through one connection and one lock, in a thread, so that a large log
does not hold up the others' downloads.
"""

import asyncio
import sqlite3
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import lru_cache
from typing import Self

from fenhe_client.stored.disk import Disk
from fenhe_client.stored.head_store import HeadStore
from fenhe_hub.below.attested import attest, is_due
from fenhe_hub.below.copies import Copy
from fenhe_hub.below.let_go import let_go_before
from fenhe_hub.home import Home, locked
from fenhe_hub.hub import Hub
from fenhe_hub.index.apply import transaction
from fenhe_hub.index.attested import put_attested
from fenhe_hub.index.gap_rows import MISSING
from fenhe_hub.index.said import add_head, put_heads, put_quarantine
from fenhe_hub.index.tables import open_index
from fenhe_hub.ingest.gaps import Gaps, read_gaps
from fenhe_hub.ingest.intake import Intake
from fenhe_hub.ingest.known_erasures import erasures_of
from fenhe_hub.ingest.log import Brought, Ingest, LogName
from fenhe_hub.mirror.cosign import Holdings, Mirror, kept_notes, latest_note, notes_of_size, show
from fenhe_hub.mirror.log import MirrorLog
from fenhe_hub.mirror.sealed_ledger import mark_let_go
from fenhe_protocol.block import Erased
from fenhe_protocol.checkpoint import Checkpoint
from fenhe_protocol.errors import StoreError
from fenhe_protocol.reading import LogHead
from fenhe_protocol.root_document import cosigner_name
from fenhe_protocol.schema import SchemaSet

# Nothing is to be indexed: what is missing may have come before a kill.
_UP_TO = (
    "SELECT 1 FROM log l WHERE log_no = ?1 AND size = ?2 AND indexed = ?2 AND root = ?3"
    " AND ended IS ?4 AND NOT EXISTS (SELECT 1 FROM gap g WHERE g.log_no = l.log_no)"
    # Nor has the hub itself ever said an `era` of it; `$` is what follows `#`.
    " AND NOT EXISTS (SELECT 1 FROM said s WHERE s.kind = 'era'"
    " AND s.id > l.origin || '#' AND s.id < l.origin || '$')"
)
_SETTLED = f"{_UP_TO} AND NOT quarantined AND cosigned_at AND cosigned_size = ?2"


@dataclass(frozen=True, slots=True)
class Standing:
    """How a log stands in the index."""

    size: int = 0
    indexed: int = 0
    cosigned_size: int | None = None
    missing: int = 0


class Archive:
    """Holds the index open from entering to leaving, shared with every process but `rebuild`."""

    def __init__(self, hub: Hub, disk: Disk | None = None, *, may_sign: bool = True) -> None:
        self._hub, self._disk, self._may_sign = hub, disk or Disk(), may_sign
        self._heads = HeadStore(hub.home.heads)
        self._cosigner = Mirror(
            cosigner_name(hub.origin),
            lambda: hub.keys.mirror,  # another one after a rotation
            self._heads,
            self._disk,
            [witness.verifier for witness in hub.config.witnesses],
        )
        self._writing = asyncio.Lock()
        self._youngest = 0  # time of our latest cosignature
        self._reconciled: set[int] = set()
        self._settled: dict[int, tuple[object, ...]] = {}  # in which version of the index
        self._opened = ExitStack()

    def __enter__(self) -> Self:
        home = self._hub.home
        with ExitStack() as opened:
            opened.enter_context(locked(home.path / "index.lock", shared=True, patience=5))
            self.db = _opened(opened, home)  # for the event loop, and only to read
            self._writer = _opened(opened, home)
            self._ingest = Ingest(home, self._writer, SchemaSet.load(), self._disk)
            # A visit asks for it many times; remembered are more than are visited at once.
            self._mirror = lru_cache(256)(self._ingest.mirror)
            self._youngest = self.db.execute("SELECT ifnull(max(at), 0) FROM head").fetchone()[0]
            self._opened = opened.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._opened.close()

    def mirror(self, name: LogName) -> MirrorLog:
        """The log's place in the mirror."""
        return self._mirror(name)

    def erased(self, name: LogName) -> Erased | None:
        """What answers whether a body of this log is erased; None while nothing is."""
        known = erasures_of(self.db, name.log_no, name.origin)
        return known.covers if known.ranges else None

    def standing(self, name: LogName) -> Standing:
        """How the log stands."""
        return _standing(self.db, name)

    def gaps(self, name: LogName, only: Mapping[str, Collection[int]] | None = None) -> Gaps:
        """What is still to come; `only` of these blocks, by tier."""
        return read_gaps(self.db, name.log_no, only)

    def is_settled(self, name: LogName, head: Checkpoint | LogHead) -> bool:
        """Whether index and cosignature are where this head of the mirror is: nothing is to do."""
        if name.log_no not in self._reconciled:
            return False
        # Before the question: what is written meanwhile is another version.
        (version,) = self.db.execute("PRAGMA data_version").fetchone()
        asked = (version, head.size, head.root, name.ended)
        if self._settled.get(name.log_no) == asked:
            return True
        if settled := self._agrees(_SETTLED, name, head):
            self._settled[name.log_no] = asked
        return settled

    async def bring_up(
        self, name: LogName, intake: Intake | None = None, touched: Iterable[int] = ()
    ) -> Brought:
        """Bring the index up to the mirror's files; most visits find it there already."""
        if intake is None or not intake.taken:
            head = self.mirror(name).head()
            if head and self._agrees(_UP_TO, name, head):
                return Brought(head.size, head.size)
        async with self._writing:
            return await asyncio.to_thread(self._bring_up, name, intake, touched)

    def _bring_up(self, name: LogName, intake: Intake | None, touched: Iterable[int]) -> Brought:
        if self._ingest.known(name) is None:  # an index made anew: erasures ask for the receipts
            self._put_heads(name)
        return self._ingest.bring_up(name, intake, touched)

    async def count_let_go(self, name: LogName, copies: Sequence[Copy], now: int) -> None:
        """Count as received what a lower hub had and let go before this mirror began (feed §9)."""
        home, folder = self._hub.home, self.mirror(name).folder
        found = let_go_before(self.db, home, name.log_no, name.origin, copies, now)
        if found:
            mark_let_go(folder, [(index, index + 1) for index in found], self._disk)
            await self.bring_up(name)
            await self.cosign(name, now)

    async def attest(self, name: LogName, copies: Sequence[Copy]) -> None:
        """Count the receipts that hubs beneath gave (feed §9)."""
        log, more = self.mirror(name), is_due(self.mirror(name).folder, copies)
        while more:
            async with self._writing:
                more = await asyncio.to_thread(self._attest, log, name, copies)

    def _attest(self, log: MirrorLog, name: LogName, copies: Sequence[Copy]) -> bool:
        more = attest(self._writer, self._hub.home, log, copies, self._disk)
        self._put_attested(log, name)
        return more

    def _agrees(self, question: str, name: LogName, head: Checkpoint | LogHead) -> bool:
        given = [name.log_no, head.size, head.root, name.ended]
        return self.db.execute(question, given).fetchone() is not None

    async def quarantine(self, name: LogName, quarantined: bool) -> None:
        """Mark the log in the index as what the evidence says."""
        known = self.db.execute(
            "SELECT quarantined FROM log WHERE log_no = ?", [name.log_no]
        ).fetchone()
        if known is not None and bool(known[0]) != quarantined:
            async with self._writing:
                await asyncio.to_thread(self._quarantine, name, quarantined)

    def _quarantine(self, name: LogName, quarantined: bool) -> None:
        with transaction(self._writer):
            put_quarantine(self._writer, name.log_no, quarantined)

    async def cosign(self, name: LogName, now: int) -> None:
        """Cosign the verified head if everything below it is here, and let the mirror show it."""
        head, standing = self.mirror(name).head(), self.standing(name)
        if not self._may_sign:
            return
        if name.log_no in self._reconciled and head and standing.cosigned_size == head.size:
            return
        async with self._writing:
            await asyncio.to_thread(self._cosign, name, now)

    def _cosign(self, name: LogName, now: int) -> None:
        log = self.mirror(name)
        self._reconcile(log, name)
        raw, head, standing = log.verified(), log.head(), _standing(self._writer, name)
        if raw is None or head is None or standing.cosigned_size == head.size:
            return
        holdings = Holdings(head.size, standing.indexed, standing.missing, log.lacks_lines)
        if not holdings.is_complete:
            return
        self._check_memory()
        kept = self._cosigner.sign(log.notes, raw, head, now=now, latest=self._youngest)
        self._youngest = max(self._youngest, kept.at)
        show(log.files, kept.file.read_bytes())
        with transaction(self._writer):
            for note in notes_of_size(log.notes, kept.size):
                add_head(self._writer, name.log_no, note.size, note.at)

    def _check_memory(self) -> None:
        """StoreError `head.lost` where the store of heads is a new one: its promises are unknown.

        A hub that was set back knows no cosignature of its own either, so it waits for `restore`.
        """
        origin = self._hub.fed_origin  # signed when the hub was made, before all else
        if self._heads.get(origin) is None:
            raise StoreError("head.lost", where=origin, advice="fenhe-hub restore")

    def _reconcile(self, log: MirrorLog, name: LogName) -> None:
        """Once for each log, show the last of the notes that a killed process kept, take them in.

        In this order: what the index knows as cosigned nobody shows once more.
        """
        if name.log_no not in self._reconciled:
            if (kept := latest_note(log.notes)) is not None:
                show(log.files, kept.file.read_bytes())
            self._put_heads(name)
            self._reconciled.add(name.log_no)

    def _put_heads(self, name: LogName) -> None:
        log = self.mirror(name)
        notes = ((note.size, note.at) for note in kept_notes(log.notes))
        with transaction(self._writer):
            put_heads(self._writer, name.log_no, notes)
        self._put_attested(log, name)

    def _put_attested(self, log: MirrorLog, name: LogName) -> None:
        notes = ((note.size, note.at) for note in kept_notes(log.beneath))
        with transaction(self._writer):
            put_attested(self._writer, name.log_no, notes)


def _opened(stack: ExitStack, home: Home) -> sqlite3.Connection:
    db = open_index(home.index)
    stack.callback(db.close)
    return db


def _standing(db: sqlite3.Connection, name: LogName) -> Standing:
    row = db.execute(
        "SELECT size, indexed, iif(cosigned_at, cosigned_size, NULL),"
        f" {MISSING} FROM log l WHERE log_no = ?",
        [name.log_no],
    ).fetchone()
    return Standing(*row) if row else Standing()
