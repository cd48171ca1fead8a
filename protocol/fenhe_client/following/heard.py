"""What a follower has heard of `fed`, kept beside its cursor so that a start need not read it all.

It is derived from the files of `fed` and may be deleted; so it goes where an `x` of the hub erases
a word, which nothing here may keep. One line for what it holds, then a line for each word.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from fenhe_client.stored.disk import Disk, remove_files, replace_files
from fenhe_protocol.fed import FedView, compose_word, recall_word
from fenhe_protocol.position import Position

ENOUGH = 4096  # words read again at a start, at most; to keep each new one would cost more


@dataclass(frozen=True, slots=True)
class Heard:
    """What was said below the place `at`."""

    at: Position = field(default_factory=Position)
    view: FedView = field(default_factory=FedView)


class HeardFile:
    """The file of one follower: of the hub with this fingerprint, in these tiers."""

    def __init__(self, path: Path, hub: str, tiers: Sequence[str], disk: Disk) -> None:
        self._path, self._disk = path, disk
        self._about = {"hub": hub, "tiers": list(tiers)}
        self._kept = Position()

    def load(self) -> Heard:
        """What is kept; nothing where there is no file, or one of another hub or other tiers."""
        try:
            first, *words = self._path.read_bytes().splitlines()
            about = json.loads(first)
            heard = Heard(Position(about.pop("epoch"), about.pop("size")))
            if about != self._about:
                return Heard()
            heard.view.hear(map(recall_word, words))
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return Heard()  # it is made again from the files of `fed`
        self._kept = heard.at
        return heard

    def keep(self, view: FedView, at: Position) -> None:
        """Replace the file, if enough was said since."""
        if at.epoch != self._kept.epoch or at.size - self._kept.size >= ENOUGH:
            first = json.dumps({**self._about, **at._asdict()}).encode()
            words = (compose_word(word, unit="") for word in view.words())
            replace_files(self._disk, {self._path: b"".join(b"%s\n" % x for x in (first, *words))})
            self._kept = at

    def forget(self) -> None:
        """Take the file away: a word in it was erased."""
        remove_files(self._disk, [self._path])
        self._kept = Position()
