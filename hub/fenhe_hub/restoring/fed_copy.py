"""Our own log as another hub mirrors it, read back epoch by epoch (feed §11). Start at `Mirror`."""

from collections.abc import Callable

from fenhe_client.fetching.addresses import PRIVATE_TOO
from fenhe_client.fetching.answers import ABSENT
from fenhe_client.fetching.fetch import Fetcher, Web
from fenhe_client.fetching.signing import request_signer
from fenhe_client.keys.roots import keep_roots, read_roots, stored_roots
from fenhe_client.reading.log_copy import LogCopy, own_note
from fenhe_client.reading.log_files import Below
from fenhe_client.reading.visit import LogReader, LogToRead, Outcome
from fenhe_client.stored.files import CHECKPOINT
from fenhe_client.stored.spool_folder import SpoolFolder
from fenhe_hub.hub import Hub, fed_files, own_roots
from fenhe_protocol.errors import Deferred, Forked
from fenhe_protocol.limits import DEFAULTS
from fenhe_protocol.origin import origin_hash
from fenhe_protocol.root_document import LogKeys
from fenhe_protocol.schema import SchemaSet

Clock = Callable[[], int]


class Mirror:
    """The mirror of the hub at `source`, asked with requests that we sign."""

    def __init__(self, web: Web, hub: Hub, source: str, clock: Clock) -> None:
        self._web, self._hub, self.source, self._clock = web, hub, source, clock

    def begin(self, origin: str) -> Fetcher:
        """Begin a visit to its mirror of a log, or of a unit's root documents."""
        signer = request_signer(self._hub.keys.request, self._clock)
        fetcher = self._web.open(self.source, reach=PRIVATE_TOO, signer=signer)
        return Below(fetcher, f"m/{origin_hash(origin)}")

    async def copy(self, origin: str) -> LogCopy | None:
        """A log under the head that it shows, None where it has none."""
        answer = await self.begin(origin).get(CHECKPOINT, limit=DEFAULTS.note_bytes)
        if answer.status == ABSENT:
            return None
        return LogCopy(lambda: self.begin(origin), own_note(answer.body, origin))

    async def read_own_roots(self) -> None:
        """Take up our own root documents that it has and that were lost here.

        Without them a hub would go on in an epoch that it had ended.
        """
        hub, files = self._hub, own_roots(self._hub.home)
        read = await read_roots(
            self.begin(hub.origin),
            stored_roots(files),
            fingerprint=hub.fingerprint,
            origin=hub.origin,
            allow_loopback_http=True,
        )
        keep_roots(files, read.added)
        if read.refused is not None:
            raise read.refused

    async def read_fed(self) -> None:
        """Bring all epochs of our own log up to its copy; Deferred `fetch.absent` without any.

        Forked `restore.fork` where what is here is another history.
        """
        epochs = self._hub.fed_epochs
        copies = [await self.copy(f"{self._hub.origin}/{log.name}") for log in epochs]
        if not any(copies):
            raise Deferred("fetch.absent", where=f"m/{origin_hash(self._hub.fed_origin)}")
        for log, copy in zip(epochs, copies, strict=True):
            if copy is not None:  # an epoch may have begun since that hub last looked
                await self.read_epoch(log, copy)

    async def read_epoch(self, log: LogKeys, copy: LogCopy) -> None:
        """Bring one epoch up to this copy; raises as `read_fed`."""
        hub, origin = self._hub, f"{self._hub.origin}/{log.name}"
        spool = SpoolFolder(hub.home.path / "restoring" / log.name, log=log.name)
        end = None if log.end is None else (log.end.size, log.end.root)
        wanted = LogToRead(origin, hub.uscc, log.keys, ("pub", "hub"), end=end)
        more = True
        while more:
            copy.begin_visit()
            files = fed_files(hub.home, name=log.name)
            report = await LogReader(wanted, files, spool, SchemaSet.load()).visit(
                copy, now=self._clock()
            )
            more = report.more
            if report.outcome is Outcome.QUARANTINE:
                raise Forked("restore.fork", where=origin, evidence=report.evidence)
        if report.error is not None:
            raise report.error
