"""A log that stood still is asked whether it still does; nothing else is looked into.

Most visits find what the one before left. Once a visit has left nothing to do, this process
remembers which note was verified then. While mirror, index and memory are as that visit left them,
the same bytes once more are a whole visit. Whatever else comes is handed on to the visit proper,
which judges it and all the rest as ever. Start at `Glances.look`.
"""

from dataclasses import dataclass
from hashlib import sha256

from fenhe_client.fetching.answers import NOT_MODIFIED
from fenhe_client.fetching.fetch import Answer, Fetcher
from fenhe_client.stored.files import CHECKPOINT
from fenhe_hub.agenda.planner import Outcome, root_is_due
from fenhe_hub.agenda.visits import Visit
from fenhe_hub.hub import Hub
from fenhe_hub.mirror.log import Mark, mark_of
from fenhe_hub.mirror.roots import current_root
from fenhe_hub.targets import Target
from fenhe_hub.visiting.archive import Archive
from fenhe_hub.visiting.sources import BY_HUB, Sources
from fenhe_protocol.checkpoint import Checkpoint
from fenhe_protocol.errors import FenheError
from fenhe_protocol.reading import LogHead


@dataclass(frozen=True, slots=True)
class _Left:
    """A log as a visit left it: the verified head, which writing of it, and of what digest."""

    head: Checkpoint
    mark: Mark | None
    digest: bytes


class Asked:
    """A fetcher that was asked for the checkpoint already, and gives out what came.

    `still` is the head that stands as it was left; None where anything else came.
    """

    def __init__(
        self, files: Fetcher, came: Answer | FenheError, still: Checkpoint | None = None
    ) -> None:
        self._files, self._came, self.still = files, came, still

    @property
    def etag(self) -> str:
        """That of the answer, empty where there is none."""
        return self._came.etag if isinstance(self._came, Answer) else ""

    async def get(self, path: str, *, limit: int, etag: str = "", fresh: bool = False) -> Answer:
        """See `Fetcher`."""
        if path != CHECKPOINT:
            return await self._files.get(path, limit=limit, etag=etag, fresh=fresh)
        if isinstance(self._came, FenheError):
            raise self._came
        return self._came


class Glances:
    """What the visits of this process left behind; only to be asked under the log's lock."""

    def __init__(self, hub: Hub, archive: Archive, sources: Sources) -> None:
        self._hub, self._archive, self._sources = hub, archive, sources
        self._left: dict[int, _Left] = {}
        self._most = hub.config.limits.note_bytes

    def leave(self, target: Target, head: LogHead) -> None:
        """A visit to the node itself found this head again, and left nothing to do."""
        log = self._archive.mirror(target.name)
        known = Checkpoint(head.origin, head.size, head.root)
        self._left[target.name.log_no] = _Left(
            known, mark_of(log.folder / "verified"), sha256(head.note).digest()
        )

    def forget(self, target: Target) -> None:
        """A visit proper begins: it may leave the log otherwise."""
        self._left.pop(target.name.log_no, None)

    async def look(self, target: Target, before: Visit, now: int) -> Asked | None:
        """Ask the log's node for its checkpoint; None where a look cannot be enough."""
        left = self._left.get(target.name.log_no)
        if left is None or not self._is_as_left(target, before, left, now):
            return None
        try:
            files = self._open(target)
        except FenheError:
            return None
        try:
            answer = await files.get(CHECKPOINT, limit=self._most, etag=before.etag)
        except FenheError as error:
            return Asked(files, error)
        same = answer.status == NOT_MODIFIED or sha256(answer.body).digest() == left.digest
        return Asked(files, answer, left.head if same else None)

    def _is_as_left(self, target: Target, before: Visit, left: _Left, now: int) -> bool:
        home, folder = self._hub.home, self._hub.home.text_of_mirror(target.origin)
        return (
            _needs_nothing_else(target, before)
            and not root_is_due(before.rooted_at, now, unsigned=False)
            and mark_of(f"{folder}/verified") == left.mark
            and mark_of(home.text_of_evidence(target.origin)) is None
            and mark_of(f"{folder}/spool/progress.json") is None
            and self._archive.is_settled(target.name, left.head)
        )

    def _open(self, target: Target) -> Fetcher:
        unit = target.unit
        root = current_root(self._hub.home, unit.origin, unit.root1)
        return self._sources.at_node(unit, target.name.name, root)


def _needs_nothing_else(target: Target, before: Visit) -> bool:
    """Whether it is read at its node alone, by plain keys, and the last visit found it standing."""
    unit = target.unit
    plain = unit.visited and not (unit.is_hub or unit.sm2 or target.copies)
    stood = before.outcome == Outcome.UNCHANGED and before.grown_at is not None
    odd = before.failures or before.more or before.code or before.remark == BY_HUB
    return plain and stood and not odd
