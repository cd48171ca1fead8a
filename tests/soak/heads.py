"""Every head that anybody could have been shown, each a prefix of the head that is held now.

Start at `Heads`. A head once found to be a prefix of another is one of all that this is a prefix
of; so between epochs only the new ones are looked at, and at the end all of them.
"""

from collections.abc import Iterable, Iterator

import orjson

from fenhe_client.stored.files import CHECKPOINT, FeedFiles, stored_hashes
from fenhe_client.stored.head_store import HeadStore
from fenhe_hub.fed.log import FedLog
from fenhe_hub.hub import Hub
from fenhe_hub.mirror.log import MirrorLog
from fenhe_protocol.checkpoint import Checkpoint, parse_checkpoint
from fenhe_protocol.errors import FenheError
from fenhe_protocol.merkle import EMPTY_ROOT, root_at
from fenhe_protocol.note import parse_note
from tests.soak.publisher import LOGS, Publisher


class Heads:
    """What was shown so far, by a hub."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._all: set[Checkpoint] = set()
        self._new: set[Checkpoint] = set()
        self._last: dict[str, Checkpoint] = {}  # the largest that was found good of each log

    def __len__(self) -> int:
        return len(self._all)

    def see(self, units: Iterable[Publisher]) -> None:
        """Look at what is shown of these units, and at `fed`."""
        origins = [f"{unit.origin}/{log}" for unit in units for log in LOGS]
        shown = [self._shown(origin) for origin in (*origins, self._hub.fed_origin)]
        self._new |= {head for head in shown if head is not None} - self._all
        self._all |= self._new

    def see_what_fed_tells(self) -> list[str]:
        """Take in every head that `fed` ever announced; those that step back."""
        fed = FedLog(self._hub, self._hub.fed_files(), HeadStore(self._hub.home.heads))
        sizes: dict[str, int] = {}
        back: list[str] = []
        for said in (each for block in fed.blocks() for each in block.sayings):
            if said.kind != "adv":
                continue
            head = parse_checkpoint(parse_note(orjson.loads(said.body)["note"].encode()).text)
            if head.size < sizes.get(head.origin, 0):
                back.append(f"fed {said.index}: {head.origin} steps back to {head.size}")
            sizes[head.origin] = head.size
            self._all.add(head)
        return back

    def violations(self, *, everything: bool = False) -> Iterator[str]:
        """Heads that are no prefix of what is held; of those seen since the last time, or all."""
        former = {last for head in self._new if (last := self._last.get(head.origin))}
        heads = self._all if everything else self._new | former
        for head in sorted(heads, key=lambda each: (each.origin, each.size)):
            if (found := self._root(head)) != head.root:
                yield f"{head.origin} of size {head.size} was {head.root.hex()}, is {found!r}"
            self._last[head.origin] = head
        self._new = set()

    def _root(self, head: Checkpoint) -> bytes | str:
        files = self._files(head.origin)
        try:
            held = self._shown(head.origin)
            if held is None or held.size < head.size:
                return f"cut to {held}"
            return root_at(head.size, stored_hashes(files, head.size)) if head.size else EMPTY_ROOT
        except FenheError as error:
            return str(error)

    def _shown(self, origin: str) -> Checkpoint | None:
        raw = self._files(origin).read(CHECKPOINT)
        return parse_checkpoint(parse_note(raw).text) if raw else None

    def _files(self, origin: str) -> FeedFiles:
        hub = self._hub
        return hub.fed_files() if origin == hub.fed_origin else MirrorLog(hub.home, origin).files
