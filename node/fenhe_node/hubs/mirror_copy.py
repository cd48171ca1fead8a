"""What a hub holds of our own logs, read as any other log: root documents, heads and files.

A hub verifies a head before it has all bodies, and says so in its `fed` (`adv`) before it cosigns:
so the newest head that it knows may lie above the one that its mirror shows, and both are asked.
Nothing is believed that does not carry our own signature. Start at `MirrorCopy`.
"""

from collections.abc import Callable, Sequence

from fenhe_client.fetching.addresses import PRIVATE_TOO
from fenhe_client.fetching.answers import ABSENT
from fenhe_client.fetching.fetch import Fetcher, Web
from fenhe_client.fetching.signing import request_signer
from fenhe_client.following.fed_log import FedLog
from fenhe_client.following.heard import Heard
from fenhe_client.keys.roots import RootsRead, first_fingerprint, read_roots
from fenhe_client.reading.log_copy import LogCopy, own_note
from fenhe_client.reading.log_files import Below
from fenhe_client.stored.disk import Disk
from fenhe_client.stored.files import CHECKPOINT
from fenhe_node.home import Home
from fenhe_node.hubs.fed_watch import fed_folder
from fenhe_node.hubs.second_lines import second_keys
from fenhe_node.store.hubs import Hub
from fenhe_protocol.checkpoint import KeyRange, open_checkpoint
from fenhe_protocol.keys import SigningKey
from fenhe_protocol.limits import DEFAULTS
from fenhe_protocol.note import parse_note
from fenhe_protocol.origin import origin_hash
from fenhe_protocol.position import Position
from fenhe_protocol.root_document import RootDocument, fingerprint
from fenhe_protocol.schema import SchemaSet

Clock = Callable[[], int]


class MirrorCopy:
    """One hub's copy of this unit, asked with requests that this unit signs."""

    def __init__(self, web: Web, home: Home, hub: Hub, document: RootDocument, now: Clock) -> None:
        self._web, self._home, self.hub, self._document = web, home, hub, document
        self._now = now
        self._announced: dict[str, bytes] = {}

    async def roots(self, unit_origin: str, stored: Sequence[bytes]) -> RootsRead:
        """Our root documents as mirrored; without any of our own, document 1 as the hub has it."""
        fetcher = self._web.open(f"{self.hub.url}/m/{origin_hash(unit_origin)}", reach=PRIVATE_TOO)
        first = stored[0] if stored else b""
        known = _fingerprint(first) if first else await first_fingerprint(fetcher)
        return await read_roots(
            fetcher, stored, fingerprint=known, origin=unit_origin, allow_loopback_http=True
        )

    async def hear(self, key: SigningKey) -> None:
        """Read the hub's `fed`: the newest heads of our logs that it has announced."""
        fed = FedLog(
            self._document,
            fed_folder(self._home, self.hub),
            ("pub", "hub"),
            SchemaSet.load(),
            Disk(),
            needed=("pub",),
            second=second_keys(self._home, self.hub.fingerprint).line_of(self.hub.origin),
        )
        await fed.read(lambda name: self._fetcher(key, name), self._now(), Position())
        self._announced = dict(fed.view(fed.head, Heard()).notes)

    async def log(self, origin: str, keys: Sequence[KeyRange], key: SigningKey) -> "LogCopy | None":
        """The mirrored log at the newest head that this hub knows; None where it has none."""
        folder = f"m/{origin_hash(origin)}"
        files = self._fetcher(key, folder)
        shown = await files.get(CHECKPOINT, limit=DEFAULTS.note_bytes)
        notes = [shown.body] if shown.status != ABSENT else []
        if origin in self._announced:
            notes.append(self._announced[origin])
        if not notes:
            return None
        heads = [(open_checkpoint(raw, origin=origin, keys=keys).checkpoint, raw) for raw in notes]
        _, raw = max(heads, key=lambda head: head[0].size)
        return LogCopy(lambda: self._fetcher(key, folder), own_note(raw, origin))

    def _fetcher(self, key: SigningKey, folder: str) -> Fetcher:
        signer = request_signer(key, self._now)
        return Below(self._web.open(self.hub.url, reach=PRIVATE_TOO, signer=signer), folder)


def _fingerprint(first: bytes) -> str:
    return fingerprint(parse_note(first).text)
