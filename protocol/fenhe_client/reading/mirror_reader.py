"""Logs in a hub's mirror, each under a head that its unit signed; nothing is believed of the hub.

Keys come from the unit's own root documents, whose fingerprint the hub's `reg` names (feed §10).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from fenhe_client.fetching.fetch import Fetcher
from fenhe_client.keys.roots import keep_roots, read_roots, stored_roots
from fenhe_client.keys.second_keys import SecondKeys
from fenhe_client.keys.second_root import keep_second, kept_seconds
from fenhe_client.reading.changes import MirroredLog
from fenhe_client.stored.disk import Disk
from fenhe_client.stored.files import ROOT, FolderFiles
from fenhe_protocol.checkpoint import Checkpoint, open_checkpoint
from fenhe_protocol.errors import Refused
from fenhe_protocol.fed import FedView, Place, Registration
from fenhe_protocol.origin import origin_hash
from fenhe_protocol.record import Schemas
from fenhe_protocol.root_document import RootDocument, open_chain
from fenhe_protocol.second_line import SecondLine

ENROLLED = "enrolled"


@dataclass(frozen=True, slots=True)
class HubAddress:
    """The hub that is followed: `open` begins a visit to a folder below its address.

    `second` are the SM2 keys of the hub and of its units that must have signed as well.
    """

    open: Callable[[str], Fetcher]
    allow_loopback_http: bool = False
    tiers: Sequence[str] = ("pub",)
    second: SecondKeys = field(default_factory=SecondKeys)


class MirrorReader:
    """Opens logs of a hub's mirror; keeps root documents in `folder`."""

    def __init__(self, hub: HubAddress, folder: Path, schemas: Schemas, disk: Disk) -> None:
        self._hub, self._folder, self._schemas, self._disk = hub, folder, schemas, disk

    async def hub_root(self, fingerprint: str) -> RootDocument:
        """The hub's newest root document."""
        return await self._newest("", self._kept("hub"), fingerprint)

    async def log(self, view: FedView, origin: str, hub_origin: str) -> MirroredLog | None:
        """The log under its newest announced head; None while its unit is not enrolled."""
        registered = view.registered.get(origin.rpartition("/")[0])
        known = registered is not None and origin in view.notes
        if registered is None or not known or registered.is_refused([hub_origin]):
            raise Refused("follow.unregistered", where=origin)
        if registered.state != ENROLLED:
            return None
        head, document = await self._open(registered, view.notes[origin], origin)
        if head.size != view.sizes[origin]:
            raise Refused("follow.size", where=origin, found=f"{head.size}")
        return MirroredLog(
            self._hub.open(f"m/{origin_hash(origin)}"),
            head,
            document.unit,
            self._hub.tiers,
            self._schemas,
            erased=lambda index, tier: tier in view.erased.get(Place(origin, index), ()),
        )

    async def _open(
        self, registered: Registration, note: bytes, origin: str
    ) -> tuple[Checkpoint, RootDocument]:
        """Verify a note by the root documents we have, and by newer ones if those do not do."""
        files = self._kept(origin_hash(registered.origin))
        if stored := stored_roots(files):
            document = open_chain(
                stored,
                fingerprint=registered.root1,
                allow_loopback_http=self._hub.allow_loopback_http,
            )
            try:
                return self._verified(document, registered, note, origin), document
            except Refused as error:
                if error.code not in ("checkpoint.unsigned", "root.log"):
                    raise
        folder = f"m/{origin_hash(registered.origin)}"
        document = await self._newest(folder, files, registered.root1)
        return self._verified(document, registered, note, origin), document

    def _verified(
        self, document: RootDocument, registered: Registration, note: bytes, origin: str
    ) -> Checkpoint:
        second = self._hub.second.line_of(registered.origin)
        return _verify(document, registered, note, origin, second)

    def _kept(self, name: str) -> FolderFiles:
        folder = self._folder / name
        return FolderFiles(folder, folder, log=ROOT, disk=self._disk)

    async def _newest(self, folder: str, files: FolderFiles, fingerprint: str) -> RootDocument:
        read = await read_roots(
            self._hub.open(folder),
            stored_roots(files),
            fingerprint=fingerprint,
            allow_loopback_http=self._hub.allow_loopback_http,
        )
        keep_roots(files, read.added)
        if read.second is not None:
            keep_second(self._folder, read.second, self._disk)
        return read.document

    def second_roots(self) -> list[Path]:
        """The evidence that somebody signed two root documents of one number."""
        return kept_seconds(self._folder)


def _verify(
    document: RootDocument,
    registered: Registration,
    note: bytes,
    origin: str,
    second: SecondLine | None,
) -> Checkpoint:
    unit, _, name = origin.rpartition("/")
    if document.origin != unit or registered.uscc not in ("", document.unit):
        raise Refused("root.origin", expected=unit, found=document.origin)
    if (log := document.log(name)) is None:
        raise Refused("root.log", where=origin)
    return open_checkpoint(note, origin=origin, keys=log.keys, second=second).checkpoint
