"""What nodes have seen of a lower hub's `fed`, held against what that hub shows us (feed §6, end).

A hub may show its nodes one history and its upper hub another, each of them whole. A node's
heartbeats name the heads of `fed` that it has verified, and its logs come to us as the node signed
them: at one size there must be one root. A node's word alone proves nothing to others, so what it
contradicts is reported and stops nobody. Start at `Claims`.

    mirror/<H(fed)>/claims      heads of which we have not seen so much yet, and those we contradict
"""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson

from fenhe_client.following.fed_log import epochs_listed
from fenhe_client.stored.disk import Disk, remove_files, replace_files
from fenhe_client.stored.files import stored_hashes
from fenhe_hub.home import Home, locked
from fenhe_hub.mirror.log import MirrorLog
from fenhe_hub.mirror.roots import current_root
from fenhe_hub.registry.enrolled import Registry
from fenhe_protocol.errors import PublisherError, StoreError
from fenhe_protocol.leaf import HeartbeatLeaf
from fenhe_protocol.merkle import EMPTY_ROOT, root_at
from fenhe_protocol.root_changes import next_epoch

DIFFERS, BEHIND = "lower-fed-differs", "lower-fed-behind"
PATIENCE = 3600  # seconds for which a hub may show us less than it has shown a node

_LOGGER = logging.getLogger("fenhe_hub.below.claims")


@dataclass(frozen=True, slots=True)
class Claim:
    """A head of a `fed` that the heartbeat at `index` of `log` names; here since `since`."""

    log: str
    index: int
    size: int
    root: str  # hex
    since: int  # POSIX seconds
    wrong: bool = False  # ours has another root at that size

    @property
    def place(self) -> str:
        """Which heartbeat."""
        return f"{self.log}#{self.index}"


class Claims:
    """What is claimed of the logs of lower hubs."""

    def __init__(self, home: Home, disk: Disk) -> None:
        self._home, self._disk = home, disk

    def hear(self, log: str, beats: Sequence[tuple[int, HeartbeatLeaf]], now: int) -> None:
        """Take in what new heartbeats of a log name, as far as we mirror it."""
        if not any(leaf.heads for _, leaf in beats):
            return
        epochs = self._epochs()
        for index, leaf in beats:
            for fed, size, root in leaf.heads:
                if fed in epochs:
                    self._settle(fed, [Claim(log, index, size, root.hex(), now)])

    def _epochs(self) -> set[str]:
        """The epochs of every lower hub's `fed`, and its next: a node may have heard of it first.

        Whatever else a heartbeat names leaves nothing here.
        """
        found: set[str] = set()
        for unit in filter(lambda unit: unit.is_hub, Registry(self._home.registry_file)):
            try:
                listed = epochs_listed(current_root(self._home, unit.origin, unit.root1))
            except (StoreError, PublisherError):
                continue  # its own visit tells of that
            names = [log.name for log in listed]
            found |= {f"{unit.origin}/{name}" for name in (*names, *map(next_epoch, names[-1:]))}
        return found

    def remark_on(self, fed: str, seen_at: int | None, before: str) -> str:
        """What is to be remarked of this `fed`, whose head it confirmed last at `seen_at`.

        `before` is what was, and stays where it was about something else.
        """
        claims = self._settle(fed, [])
        wrong = next((each for each in claims if each.wrong), None)
        if wrong is not None:
            return f"{DIFFERS} {wrong.place}"
        for each in claims:
            if seen_at is not None and seen_at - each.since >= PATIENCE:
                return f"{BEHIND} {each.place}"
        return "" if before.startswith((DIFFERS, BEHIND)) else before

    def _settle(self, fed: str, more: Sequence[Claim]) -> list[Claim]:
        """Compare what can be compared now, and keep the rest."""
        folder = self._home.mirror(fed)
        if not more and not (folder / "claims").exists():
            return []
        folder.mkdir(parents=True, exist_ok=True)
        with locked(folder / "claims.lock"):
            known = _read(folder / "claims")
            kept = _fewest(_judged(MirrorLog(self._home, fed), [*known, *more]))
            for each in kept:
                if each.wrong and each not in known:
                    _LOGGER.error("%s has seen another history of %s", each.place, fed)
            if kept and kept != known:
                raw = orjson.dumps([asdict(each) for each in kept])
                replace_files(self._disk, {folder / "claims": raw})
            elif known and not kept:
                remove_files(self._disk, [folder / "claims"])
        return kept


def _read(file: Path) -> list[Claim]:
    try:
        return [Claim(**each) for each in orjson.loads(file.read_bytes())]
    except FileNotFoundError:
        return []
    except (ValueError, TypeError) as error:
        raise StoreError(
            "store.damaged", where=str(file), advice="可以删除 may be deleted"
        ) from error


def _judged(log: MirrorLog, claims: Iterable[Claim]) -> Iterable[Claim]:
    """Those that are wrong, or of more than we have seen."""
    head = log.head()
    size = head.size if head else 0
    for each in claims:
        if each.wrong or each.size > size:
            yield each
        elif each.root != _root(log, each.size, size).hex():
            yield Claim(each.log, each.index, each.size, each.root, each.since, wrong=True)


def _root(log: MirrorLog, at: int, size: int) -> bytes:
    return root_at(at, stored_hashes(log.files, size)) if at else EMPTY_ROOT


def _fewest(claims: Iterable[Claim]) -> list[Claim]:
    """Of each log the first that is wrong, and of those still open the first and the last.

    The first: whoever claims more and more must be met somewhere.
    """
    wrong: dict[str, Claim] = {}
    still: dict[str, list[Claim]] = {}
    for each in claims:
        if each.wrong:
            wrong.setdefault(each.log, each)
        else:
            still[each.log] = [*still.get(each.log, ())[:1], each]
    return [*wrong.values(), *(each for found in still.values() for each in found)]
