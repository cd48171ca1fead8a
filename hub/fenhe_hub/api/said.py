"""What the hub itself says, from the files of its own log and held against their leaves.

The index is not asked: whoever can write there must not be able to make the hub say anything. Start
at `SaidLog`; `SaidLeaf` is one leaf of it, for a proof.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from fenhe_client.reading.fitting_lines import read_fitting
from fenhe_client.stored.files import CHECKPOINT, FolderFiles
from fenhe_client.writing.erasing import Ranges, erased_in, holds, stored_size
from fenhe_hub.api.mirrored import StoredLeaf
from fenhe_hub.home import Home
from fenhe_hub.hub import FED, fed_files
from fenhe_protocol.errors import Refused, RequestError, StoreError
from fenhe_protocol.leaf import split_log_name
from fenhe_protocol.strict_json import loads


@dataclass(frozen=True, slots=True)
class SaidBlock:
    """The public words of one block by index; what is `lacking` was said and is damaged here."""

    words: Mapping[int, Mapping[str, Any]]
    lacking: frozenset[int]
    damaged: bool = False

    def lacks(self, index: int) -> bool:
        """Whether it is not known here what this leaf says."""
        return self.damaged or index in self.lacking


class SaidLog:
    """All epochs of the hub's own log; `epochs` are the numbers of those it has."""

    def __init__(self, home: Home, origin: str, epochs: frozenset[int]) -> None:
        self._home, self._origin, self._epochs = home, origin, epochs

    def size(self, epoch: int) -> int:
        """How much stands in the files of an epoch."""
        return stored_size(self._files(epoch))

    def log(self, epoch: int) -> str:
        """The origin of an epoch."""
        return f"{self._origin}/{fed_name(epoch)}"

    def block(self, epoch: int, block: int) -> SaidBlock:
        """What one block says; a line that is not the one committed to says nothing."""
        files = self._files(epoch)
        try:
            found = read_fitting(files, self.log(epoch), "pub", block, stored_size(files))
            lacking = found.lacking
            if lacking:
                erased = self._erased(epoch).get("pub", ())
                lacking = frozenset(index for index in lacking if not holds(erased, index))
        except (StoreError, Refused):  # as the self-check tells
            return SaidBlock({}, frozenset(), damaged=True)
        return SaidBlock({line.index: loads(line.body) for line in found.lines}, lacking)

    def _erased(self, epoch: int) -> Ranges:
        """What the hub has taken back of an epoch, in whatever epoch it said so."""
        return erased_in(fed_name(epoch), {fed_name(e): self._files(e) for e in self._epochs})

    def _files(self, epoch: int) -> FolderFiles:
        return fed_files(self._home, name=fed_name(epoch))


@dataclass(frozen=True)
class SaidLeaf(StoredLeaf):
    """A leaf of an epoch of the hub's own log, under the head that it shows."""

    home: Home
    hub: str  # its origin
    log: str

    @property
    def origin(self) -> str:
        """See StoredLeaf."""
        return f"{self.hub}/{self.log}"

    @property
    def files(self) -> FolderFiles:
        """See StoredLeaf."""
        return fed_files(self.home, name=self.log)

    @cached_property
    def note(self) -> bytes:
        """See StoredLeaf."""
        raw = self.files.read(CHECKPOINT)
        if raw is None or stored_size(self.files) <= self.index:
            raise RequestError("api.not-found", status=404, where=f"{self.origin}#{self.index}")
        return raw


def fed_name(epoch: int) -> str:
    """The name of an epoch."""
    return FED if epoch == 1 else f"{FED}.{epoch}"


def own_log(hub: str, origin: str) -> str | None:
    """The name of the epoch that an origin means, if it is one of this hub's own log."""
    owner, _, log = origin.rpartition("/")
    try:
        return log if owner == hub and split_log_name(log)[0] == FED else None
    except ValueError:
        return None
