"""What a hub says, as a follower holds it: its own log through all epochs (feed §10, §11).

Start at `FedLog.read`, then `words`. Each epoch is a log of its own (`fed_epoch`); a place in what
is said is a `Position`, and the words of an epoch come after all that counts of those before it.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from fenhe_client.following.fed_epoch import FedEpoch, OpenLog, Reading
from fenhe_client.following.heard import Heard
from fenhe_client.stored.disk import Disk
from fenhe_protocol.errors import FenheError, Refused
from fenhe_protocol.fed import FedView, Word
from fenhe_protocol.leaf import split_log_name
from fenhe_protocol.position import Position
from fenhe_protocol.record import Schemas
from fenhe_protocol.root_document import LogKeys, RootDocument
from fenhe_protocol.second_line import SecondLine

FED = "fed"


class FedLog:
    """The words of the hub whose root document is given, kept in `folder`.

    `needed` are the tiers without whose lines no word is passed over; a unit is given only its own
    lines of tier `hub`. `second` is asked of each head.
    """

    def __init__(
        self,
        hub: RootDocument,
        folder: Path,
        tiers: Sequence[str],
        schemas: Schemas,
        disk: Disk,
        *,
        needed: Sequence[str] | None = None,
        second: SecondLine | None = None,
    ) -> None:
        wanted = tiers if needed is None else needed
        reading = Reading(folder, tiers, wanted, schemas, disk, second)
        epochs: list[FedEpoch] = []
        for log in reversed(epochs_listed(hub)):
            epochs.insert(0, FedEpoch(hub, log, reading, epochs))
        if not epochs:
            raise Refused("root.form", where=hub.origin, expected="a log fed")
        self._epochs = epochs

    @property
    def newest(self) -> FedEpoch:
        """The epoch in which the hub speaks now."""
        return self._epochs[-1]

    @property
    def head(self) -> Position:
        """How far it can be told: an epoch begins where all that counts of those before is here."""
        for epoch in self._epochs:
            if not epoch.is_whole:
                return Position(epoch.number, epoch.size)
        return Position(epoch.number, epoch.size)

    async def read(self, open_log: OpenLog, now: int, told: Position) -> FenheError | None:
        """Visit every epoch, the newest first (feed §2); what went wrong with one is returned."""
        errors: list[FenheError | None] = []
        for number, epoch in reversed(list(enumerate(self._epochs))):
            before = epoch.verified
            errors.append(await epoch.read(open_log, now, told.within(epoch.number)))
            later = epoch.erasures(before)
            for older in self._epochs[:number] if later else ():
                older.obey(later)
        return next((error for error in errors if error is not None), None)

    def view(self, end: Position, heard: Heard) -> FedView:
        """What was said below `end`; `heard` need not be read again."""
        if heard.at > end or self.is_void(heard.at) or self.erases(heard.at, end):
            heard = Heard()
        view, at, end = heard.view, heard.at, min(end, self.head)
        while at < end:
            at, words = self.words(at, end)
            view.hear(words)
        return view

    def is_void(self, at: Position) -> bool:
        """Whether something below this place no longer counts: its epoch ended before it."""
        return self.counted(at) < at

    def counted(self, at: Position) -> Position:
        """This place, or the end of its epoch if that ended before it."""
        end = self._find(at.epoch).end
        return at if end is None else Position(at.epoch, min(at.size, end.size))

    def void_words(self, at: Position) -> list[Word]:
        """What was heard below this place and no longer counts, as far as it is still here."""
        epoch = self._find(at.epoch)
        words: list[Word] = []
        start, end = epoch.size, min(at.size, epoch.verified)
        while self.is_void(at) and start < end:
            start, more = epoch.words(start, end)
            words += more
        return words

    def erases(self, start: Position, end: Position) -> bool:
        """Whether any of the leaves between two places is an `x`."""
        return any(
            epoch.erases(start.within(epoch.number) or 0, _stop(end, epoch))
            for epoch in self._epochs
            if start.epoch <= epoch.number <= end.epoch
        )

    def words(self, at: Position, end: Position | None = None) -> tuple[Position, list[Word]]:
        """Some words from a place below `head` on, and the place after them.

        Raises Deferred `follow.missing` where the next word is not there.
        """
        epoch = self._find(at.epoch)
        if at.size >= epoch.size:
            return Position(self._after(epoch), 0), []
        size, words = epoch.words(at.size, epoch.size if end is None else _stop(end, epoch))
        return Position(at.epoch, size), words

    def addressed(self, at: Position) -> Iterator[tuple[FedEpoch, int, bytes]]:
        """What is said from a place on to one unit alone: epoch, index, commitment, in order."""
        for epoch in self._epochs:
            if (start := at.within(epoch.number)) is not None:
                for index, commitment in epoch.addressed(start, epoch.size):
                    yield epoch, index, commitment

    def is_erased(self, at: Position, tier: str) -> bool:
        """Whether the body of the leaf at this place was erased; it looks at every later leaf."""
        return self._find(at.epoch).is_erased(at.size, tier)

    def _find(self, number: int) -> FedEpoch:
        for epoch in self._epochs:
            if epoch.number == number:
                return epoch
        raise Refused("root.form", where=self.newest.origin, expected=f"epoch {number}")

    def _after(self, epoch: FedEpoch) -> int:
        return min(each.number for each in self._epochs if each.number > epoch.number)


def epochs_listed(hub: RootDocument) -> list[LogKeys]:
    """The epochs of a hub's own log that its root document lists, the newest last."""
    listed = [log for log in hub.logs if split_log_name(log.name)[0] == FED]
    return sorted(listed, key=lambda log: split_log_name(log.name))


def _stop(end: Position, epoch: FedEpoch) -> int:
    within = end.within(epoch.number)
    return epoch.size if within is None else min(epoch.size, within)
