"""What must hold of a node and a hub whatever befell them, and what was seen of them meanwhile."""

import re
import shutil
from collections.abc import Collection, Iterator
from contextlib import closing
from dataclasses import dataclass, field

from fenhe_client.reading.log_files import FolderFetcher, log_folders
from fenhe_client.reading.verify import verify_log
from fenhe_client.stored.files import FeedFiles, stored_hashes
from fenhe_client.stored.stored_head import load_head
from fenhe_client.writing.erasing import erased_in, holds, stored_entries, stored_size
from fenhe_hub.hub import FED, Hub, fed_files
from fenhe_hub.index.dump import dump_index
from fenhe_hub.index.tables import open_index
from fenhe_hub.mirror.cosign import kept_notes
from fenhe_hub.mirror.log import MirrorLog
from fenhe_hub.restoring.rebuild import rebuild
from fenhe_node.publishing.heads import epochs_of, own_root
from fenhe_node.receipts.earliest import log_vkey
from fenhe_protocol.body import read_body_file
from fenhe_protocol.checkpoint import parse_checkpoint
from fenhe_protocol.leaf import HeartbeatLeaf, parse_leaf, split_log_name
from fenhe_protocol.merkle import root_at
from fenhe_protocol.note import parse_note
from fenhe_protocol.position import Position
from fenhe_protocol.schema import SchemaSet
from fenhe_protocol.tiles import parse_path
from tests.federation.restoring_house import Pair
from tests.federation.restoring_receipts import GivenReceipts
from tests.hub.houses import reopened
from tests.node.test_erasing import raw_scan

FAMILIES = ("catalogue", "usage")
TIERS = ("pub", "hub")
SAYING = re.compile(rb'"function":"([^"]+)"')
SeenHead = tuple[str, int, bytes]
Line = tuple[str, str, int, str]  # log, tier, index, salt


@dataclass
class Seen:
    """Every head and receipt that anybody could have seen, every line the mirror ever held."""

    heads: set[SeenHead] = field(default_factory=set)
    receipts: set[tuple[str, int, int]] = field(default_factory=set)
    held: set[Line] = field(default_factory=set)
    erased: set[Line] = field(default_factory=set)
    erased_everywhere: set[Line] = field(default_factory=set)
    words: dict[Line, list[bytes]] = field(default_factory=dict)  # what is in no other record
    given: GivenReceipts = field(default_factory=GivenReceipts)

    def look(self, pair: Pair, *, receipts: bool) -> None:
        """Remember what can be seen now; receipts once `fed` has said them."""
        self.heads |= self.own_heads(pair)
        for name, log in mirrored_logs(pair):
            head = log.head()
            if head is not None:
                self.heads.add((head.origin, head.size, head.root))
            self.held |= set(lines_in(name, log.files))
        for name, files in node_logs(pair):
            for line, body in bodies_in(name, files):
                self.words[line] = SAYING.findall(body)
            for note in (each for each in kept_notes(log.notes) if each.size and receipts):
                self.receipts.add((log.origin, note.size, note.at))
        self.heads |= set(shown(pair.hub.fed_files()))
        if receipts:
            self.given.look(pair, mirrored_logs(pair))

    def own_heads(self, pair: Pair) -> set[SeenHead]:
        """What the node shows as signed."""
        return {head for _, files in node_logs(pair) for head in shown(files)}

    def lines_of(self, pair: Pair) -> set[Line]:
        """The body lines that the node has."""
        return {line for name, files in node_logs(pair) for line in lines_in(name, files)}

    def fed_place(self, hub: Hub) -> Position:
        """How much the hub has said, and in which epoch of its own log."""
        return Position(split_log_name(hub.fed_name)[1], stored_size(hub.fed_files()))

    def check(self, pair: Pair) -> None:
        """All laws, once everything is mirrored."""
        given = set(self.given.heads(pair))
        assert not any(void(pair, *head[:2]) for head in given)
        self.heads |= given
        self.given.check(pair)
        self._check_heads(pair)
        self._check_bodies(pair)
        self._check_erased(pair)
        with closing(open_index(pair.hub.home.index)) as db:
            rows = db.execute("SELECT l.origin, h.size, h.at FROM head h JOIN log l USING(log_no)")
            assert self.receipts <= set(rows)
        _check_rebuilt(pair)

    def _check_heads(self, pair: Pair) -> None:
        """Each head that was ever seen is one of the log that goes on, up to where it ended."""
        for origin, size, hash_ in self.heads:
            name, mirror = origin.rpartition("/")[2], MirrorLog(pair.hub.home, origin)
            if void(pair, origin, size):
                continue
            files: FeedFiles = mirror.files
            shown_now: FeedFiles = mirror.for_reading()
            if split_log_name(name)[0] == FED:
                files = shown_now = fed_files(pair.hub.home, name=name)
            known = load_head(shown_now, origin)
            assert size <= known.size, (origin, size)
            if size:
                hashes = stored_hashes(files, known.size)
                assert root_at(size, hashes) == hash_, (origin, size)

    def _check_bodies(self, pair: Pair) -> None:
        """What the mirror ever held, it and the node hold, unless an `x` took it."""
        own = self.lines_of(pair)
        there = {line for name, log in mirrored_logs(pair) for line in lines_in(name, log.files)}
        gone = {name: erased_in(name, dict(node_logs(pair))) for name, _ in node_logs(pair)}
        for line in self.held - (own & there):
            name, tier, index, _ = line
            assert holds(gone[name].get(tier, ()), index), line

    def _check_erased(self, pair: Pair) -> None:
        """What was erased is in no file of either, neither as a line nor by what it said."""
        gone = self._said_in(self.erased) - self._said_in(self.lines_of(pair))
        needles = {salt.encode() for *_, salt in self.erased} | gone
        for home in (pair.home, pair.hub.home.path):
            assert raw_scan(home, *needles) == []

    def _said_in(self, lines: Collection[Line]) -> set[bytes]:
        return {word for line in lines for word in self.words[line]}


async def verify_both(pair: Pair) -> None:
    """Verify every log as a stranger would who has the files of either side."""
    root = pair.node.root
    for name, files in node_logs(pair):
        key = log_vkey(root, name, stored_size(files))
        for folder in (pair.home, pair.hub.home.mirror(key.name)):
            fetcher = FolderFetcher(*log_folders(folder, name))
            found = await verify_log(fetcher, key, SchemaSet.load())
            assert found.tree.size == stored_size(files)


def _check_rebuilt(pair: Pair) -> None:
    """What a copy of the hub's files is rebuilt to is what its index says."""
    home = shutil.copytree(pair.hub.home.path, pair.folder / "rebuilt")
    rebuild(reopened(pair.hub, home))
    rows = []
    for index in (pair.hub.home.index, home / "index.sqlite"):
        with closing(open_index(index)) as db:
            rows.append(list(dump_index(db)))
    assert rows[0] == rows[1]


def void(pair: Pair, origin: str, size: int) -> bool:
    """Whether a head lies above the end that the root document has set to its log."""
    listed = own_root(pair.node.home).log(origin.rpartition("/")[2])
    return listed is not None and listed.end is not None and size > listed.end.size


def mirrored_logs(pair: Pair) -> list[tuple[str, MirrorLog]]:
    """The hub's copies of the node's logs, by name."""
    origin = pair.node.root.origin
    return [(name, MirrorLog(pair.hub.home, f"{origin}/{name}")) for name, _ in node_logs(pair)]


def mirrored_size(pair: Pair, name: str) -> int:
    """What the hub has verified of one log."""
    head = MirrorLog(pair.hub.home, f"{pair.node.root.origin}/{name}").head()
    return head.size if head else 0


def node_logs(pair: Pair) -> list[tuple[str, FeedFiles]]:
    """The node's own logs, every epoch."""
    return [each for family in FAMILIES for each in epochs_of(pair.node.home, family).items()]


def node_anchors(pair: Pair) -> Iterator[Position]:
    """The heads of the hub's own log that the node's heartbeats have verified."""
    for name, files in node_logs(pair):
        for index, raw in stored_entries(files, 0, stored_size(files)):
            leaf = parse_leaf(raw, index=index, log=name)
            for origin, size, _ in leaf.heads if isinstance(leaf, HeartbeatLeaf) else ():
                yield Position(split_log_name(origin.rpartition("/")[2])[1], size)


def shown(files: FeedFiles) -> Iterator[SeenHead]:
    """The head that a log shows."""
    if raw := files.read("checkpoint"):
        head = parse_checkpoint(parse_note(raw).text)
        yield head.origin, head.size, head.root


def lines_in(name: str, files: FeedFiles) -> Iterator[Line]:
    """The body lines of a stored log."""
    return (line for line, _ in bodies_in(name, files))


def bodies_in(name: str, files: FeedFiles) -> Iterator[tuple[Line, bytes]]:
    """The same with their bodies."""
    for tier in TIERS:
        for path in files.paths(f"body/{tier}"):
            block = parse_path(path).index
            for line in read_body_file(files.read(path) or b"", block)[0]:
                yield (name, tier, line.index, line.salt), line.body
