"""Publish: what changed in the record store becomes signed leaves (feed §9). Start at `publish`.

The order makes it safe to be killed anywhere: the plan is durable before the feed is touched, the
writer finishes or forgets what it began, and what was planned below the signed size is published.
So every record is in the log exactly once, and no head is ever taken back.
"""

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import partial

from fenhe_client.keys.log_end import check_goes_on
from fenhe_client.stored.head_store import HeadStore
from fenhe_client.writing.feed_writer import FeedWriter, Key, SignedHead
from fenhe_node.home import Home, alone
from fenhe_node.publishing.changes import Change, count_changes, in_portions, settle
from fenhe_node.publishing.drafts import Draft, Refusal, draft_all
from fenhe_node.publishing.heads import current_logs, log_files, own_root
from fenhe_node.publishing.log_publish import LogPublish
from fenhe_node.publishing.own_erasures import settle_erased
from fenhe_node.publishing.sealing import Seal, open_seal, take_digests
from fenhe_node.store import Store, imports, publishes
from fenhe_node.store.publishes import Part
from fenhe_node.store.sealing import count_to_seal
from fenhe_protocol.entry import Entry, plain_entry
from fenhe_protocol.errors import StoreError
from fenhe_protocol.leaf import HeartbeatLeaf, split_log_name
from fenhe_protocol.origin import log_origin
from fenhe_protocol.schema import SchemaSet

HeadSeen = tuple[str, int, bytes]  # origin, size, root of a hub's `fed`
Clock = Callable[[], int]
Wait = Callable[[int], None]
ASK_THE_MIRROR = "fenhe-node restore; 先与省平台的镜像核对"
Progress = Callable[[str, int, int], None]  # what, done, of how many


@dataclass(frozen=True)
class Pen:
    """All that writing needs; `wait` gets the seconds by which a publish comes too soon."""

    home: Home
    origin: str  # of the unit
    unit: str  # its 统一社会信用代码
    key: Key
    now: Clock
    wait: Wait
    progress: Progress = lambda what, done, total: None

    def writer(self, log: str) -> FeedWriter:
        """The one writer of a log."""
        files = log_files(self.home, log)
        return FeedWriter(log_origin(self.origin, log), files, HeadStore(self.home.heads))

    def sweep(self, log: str) -> int:
        """Take away partial tiles an hour after the full one (feed §1); how many went."""
        with alone(self.home):
            return self.writer(log).sweep(self.now())


@dataclass(frozen=True)
class Published:
    """What one publish did: leaves by log, the sizes now signed, what was refused.

    `unsealed` counts the records of which a part stays here because no gateway is enrolled.
    """

    leaves: Mapping[str, int]
    sizes: Mapping[str, int]
    refused: Sequence[Refusal]
    kinds: Mapping[str, int]
    unsealed: int = 0


@dataclass(frozen=True)
class Order:
    """Who publishes and what: all that has changed, or of that these records `only`."""

    by: str = ""
    what: str = "publish"
    only: Set[tuple[str, str]] | None = None


ALL = Order()


def publish(pen: Pen, schemas: SchemaSet, order: Order = ALL) -> Published:
    """Sign what can be signed; StoreError leaves the previous heads standing."""
    with alone(pen.home), Store.open(pen.home.store) as store:
        sizes = dict(recover_logs(pen, store))
        take_digests(store, schemas)
        seal = open_seal(pen.home, store)
        count = count_changes(store, sealing=seal is not None)
        release = _Release(pen, store, sizes, seal, order)
        persons, done = imports.persons(store), 0
        pen.progress("检查 check", 0, count)
        for portion in in_portions(store, sealing=seal is not None):
            pending = _ordered(portion, order)
            drafts, refused = draft_all(pending, schemas=schemas, unit=pen.unit, persons=persons)
            release.add(drafts, refused)
            done += len(portion)
            pen.progress("检查 check", min(done, count), count)
        return release.sign(unsealed=0 if seal else count_to_seal(store))


class _Release:
    """What one publish does to every log: written in portions, then signed log by log."""

    def __init__(
        self, pen: Pen, store: Store, sizes: Mapping[str, int], seal: Seal | None, order: Order
    ) -> None:
        self._pen, self._store, self._order = pen, store, order
        self._run = 0
        self._refused: list[Refusal] = []
        self._kinds: dict[str, int] = {}
        self._logs = {
            log: LogPublish(pen, store, log, size, seal, partial(self._note, log))
            for log, size in sizes.items()
        }

    def add(self, drafts: Sequence[Draft], refused: Sequence[Refusal]) -> None:
        """Write these, unsigned so far."""
        self._refused += refused
        for draft in drafts:
            self._kinds[draft.change.kind] = self._kinds.get(draft.change.kind, 0) + 1
        for log, writing in self._logs.items():
            writing.add([draft for draft in drafts if is_in(draft, log)])

    def sign(self, *, unsealed: int) -> Published:
        """Sign what was written; what that came to."""
        counts = {log: writing.count for log, writing in self._logs.items()}
        sizes = {}
        for log, writing in self._logs.items():
            self._pen.progress(f"签名 sign {log}", 0, counts[log])
            sizes[log] = writing.sign()
            self._pen.progress(f"签名 sign {log}", counts[log], counts[log])
        return Published(counts, sizes, self._refused, self._kinds, unsealed)

    def _note(self, log: str, start: int, stop: int) -> None:
        """Before the first leaf: of a publish that is killed it is known what it wrote."""
        if not self._run:
            order, now = self._order, self._pen.now()
            self._run = publishes.begin(self._store, now, order.by, order.what)
        publishes.plan_part(self._store, self._run, Part(log, start, stop))


def _ordered(pending: Sequence[Change], order: Order) -> Sequence[Change]:
    if order.only is None:
        return pending
    return [change for change in pending if (change.kind, change.id) in order.only]


def show_life(pen: Pen, heads: Sequence[HeadSeen] = ()) -> int:
    """Write a heartbeat into `catalogue`; the size that is signed then."""
    with alone(pen.home), Store.open(pen.home.store) as store:
        catalogue = next(iter(recover_logs(pen, store)))
        writer = pen.writer(catalogue)
        if seconds := writer.seconds_until_allowed(pen.now()):
            pen.wait(seconds)
        now = pen.now()
        leaf = HeartbeatLeaf(now, tuple(heads))
        return writer.publish([plain_entry(leaf)], key=pen.key, now=now).size


def recover(pen: Pen) -> Mapping[str, int]:
    """Finish or forget what a killed publish left; the sizes that are signed."""
    with alone(pen.home), Store.open(pen.home.store) as store:
        sizes = recover_logs(pen, store)
        settle_erased(pen.home, store)
        return sizes


def recover_logs(pen: Pen, store: Store) -> Mapping[str, int]:
    """Do the same within a caller's lock: the sizes by log, the catalogue's first.

    StoreError `head.lost` where the head store knows nothing of a log: something was restored, and
    what this key has signed before is not known here (feed §9, §11). SetupError `epoch.waiting`
    where one of them is about to end.
    """
    return {log: _recover(pen, store, log).size for log in current_logs(pen.home)}


def is_in(draft: Draft, log: str) -> bool:
    """Whether a draft goes into this log, whatever its epoch."""
    return draft.log == split_log_name(log)[0]


def _recover(pen: Pen, store: Store, log: str) -> SignedHead:
    origin = log_origin(pen.origin, log)
    check_goes_on(log, pen.home.root_next, own_root(pen.home))
    if HeadStore(pen.home.heads).get(origin) is None:
        raise StoreError("head.lost", where=origin, advice=ASK_THE_MIRROR)
    head = pen.writer(log).recover(key=pen.key, now=pen.now())
    settle(store, log, head.size)
    publishes.drop_beyond(store, log, head.size)
    return head


def publish_log(
    pen: Pen,
    store: Store,
    log: str,
    drafts: Sequence[Draft],
    size: int,
    seal: Seal | None,
    leaves: Sequence[Entry] = (),
) -> int:
    """Sign these records of one log, and other `leaves` behind them; the size signed then."""
    pen.progress(f"签名 sign {log}", 0, len(drafts))
    writing = LogPublish(pen, store, log, size, seal)
    writing.add(drafts, leaves)
    signed = writing.sign()
    pen.progress(f"签名 sign {log}", len(drafts), len(drafts))
    return signed
