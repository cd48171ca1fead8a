"""Erasures that a log's end has made void, said again in its next epoch (feed §2, §11).

What was signed above the end counts no longer, an `x` neither: what it took away would come back
from the mirror, and nobody else would ever obey it. The former files, set aside, still have it.
Start at `say_again`.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from itertools import takewhile

from fenhe_client.keys.log_end import former_files
from fenhe_client.stored.files import FeedFiles, FolderFiles
from fenhe_client.writing.erasing import erased_in, stored_entries, stored_erasures, stored_size
from fenhe_node.erasing.for_good import Wish, succeed
from fenhe_node.home import Home
from fenhe_node.publishing.drafts import Draft
from fenhe_node.publishing.heads import epochs_of, log_files
from fenhe_node.publishing.own_erasures import RANGES_IN_ONE, erasing_begins
from fenhe_node.publishing.publish import Pen, is_in, publish_log
from fenhe_node.publishing.sealing import open_seal
from fenhe_node.publishing.wanted_lines import READ_TIERS, Key, lines_of
from fenhe_node.store import Store
from fenhe_protocol.entry import plain_entry
from fenhe_protocol.erasures import Erasures
from fenhe_protocol.errors import Refused, StoreError
from fenhe_protocol.leaf import EraseLeaf, split_log_name
from fenhe_protocol.limits import LARGEST_SIZE
from fenhe_protocol.schema import SchemaSet
from fenhe_protocol.tiles import parse_path


def say_again(pen: Pen, store: Store, schemas: SchemaSet, name: str) -> int:
    """Sign in the epoch `name` what the former files of those before it erase; how many `x`.

    Behind the successors of what goes, which the end has made void as well (feed §4).
    """
    leaves = list(_void(pen.home, name))
    if not leaves:
        return 0
    seal, drafts = open_seal(pen.home, store), dict[Key, Draft]()
    erasing_begins(pen.home)
    with store.transaction():
        for leaf in leaves:
            wish, keys = Wish(leaf.reason, tiers=leaf.tiers), _said_at(pen.home, leaf)
            for draft in succeed(pen, store, schemas, wish, keys, "", sealing=seal is not None):
                drafts[draft.change.kind, draft.change.id] = draft
    size = pen.writer(name).recover(key=pen.key, now=pen.now()).size
    own = [draft for draft in drafts.values() if is_in(draft, name)]
    publish_log(pen, store, name, own, size, seal, [plain_entry(leaf) for leaf in leaves])
    return len(leaves)


def _said_at(home: Home, leaf: EraseLeaf) -> set[Key]:
    """The records of which the lines speak that an `x` of another epoch takes away."""
    found: set[Key] = set()
    for tier in READ_TIERS if leaf.log is not None else ():
        files = log_files(home, leaf.log or "")
        for path in files.paths(f"body/{tier}"):
            lines = lines_of(files.read(path) or b"", parse_path(path).index)
            found |= {key for key, index in lines if leaf.covers(index, tier)}
    return found


def _void(home: Home, name: str) -> Iterator[EraseLeaf]:
    logs = epochs_of(home, split_log_name(name)[0])
    known = {log: Erasures(erased_in(log, logs)) for log in logs}
    for log, files in logs.items():
        for former in former_files(home.path, log) if log != name else ():
            with suppress(StoreError, Refused):  # damaged: what it said is nowhere
                shared = _shared(former, files)
                for _, leaf in stored_erasures(former, log):
                    meant = leaf.log or log
                    below = shared if leaf.log is None else LARGEST_SIZE
                    yield from _again(leaf, meant, below, known[meant])


def _again(leaf: EraseLeaf, log: str, below: int, known: Erasures) -> Iterator[EraseLeaf]:
    """The same for the epoch `log`, as far as it means leaves below, and is not known there."""
    ranges = tuple((a, min(b, below)) for a, b in leaf.ranges if a < below)
    if known.add(replace(leaf, ranges=ranges, log=None)):
        for at in range(0, len(ranges), RANGES_IN_ONE):
            part = ranges[at : at + RANGES_IN_ONE]
            yield EraseLeaf(part, leaf.tiers, leaf.reason, log)


def _shared(former: FolderFiles, files: FeedFiles) -> int:
    """How many leaves both begin with: an index above means another leaf in each."""
    size = min(stored_size(former), stored_size(files))
    pairs = zip(stored_entries(former, 0, size), stored_entries(files, 0, size), strict=True)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
