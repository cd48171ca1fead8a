"""Push one log to a mirror, until its head is cosigned: head, entries, bodies (feed §9).

    add-checkpoint ─► add-entries … ─► missing? ─► bodies … ─► add-entries ─► cosignature

Every step is taken as a whole or not at all by the mirror, and each begins with what it says it
has: broken off anywhere, by whomever, a push goes on where it stopped. Start at `LogPush.run`.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from fenhe_client.pushing.mirror_client import ONE_COPY, Answered, MirrorClient
from fenhe_client.pushing.push_bounds import Body, PushBounds
from fenhe_client.stored.files import CHECKPOINT, FeedFiles, read_bundle, stored_hashes
from fenhe_protocol.body import encode_line, read_body_file
from fenhe_protocol.checkpoint import Checkpoint, parse_checkpoint
from fenhe_protocol.errors import Deferred, FenheError, Refused, StoreError
from fenhe_protocol.keys import VerifierKey
from fenhe_protocol.limits import BLOCK, DEFAULTS
from fenhe_protocol.merkle import consistency_proof
from fenhe_protocol.note import parse_note
from fenhe_protocol.tiles import BodyFile, EntryBundle
from fenhe_protocol.upload import MOST_PACKAGES, Package, UploadHeader, make_package, spans
from fenhe_protocol.witness import AddCheckpoint, gather_cosignatures

Progress = Callable[[str, int, int], None]  # what, done, of how many

_ATTEMPTS = 5  # others may push the same log, and so move what is pending
_PUT_BYTES = 1024 * 1024  # taken whole or not at all: on a thin line no minutes are sent in vain


@dataclass(frozen=True, slots=True)
class LogToPush:
    """A log by its origin and files, and by whose cosignature it is received."""

    origin: str
    files: FeedFiles
    cosigners: Sequence[VerifierKey]

    @property
    def name(self) -> str:
        """`catalogue`, `usage`, or an epoch of them."""
        return self.origin.rpartition("/")[2]


@dataclass(slots=True)
class PushReport:
    """What a push came to: `note` is the head with its cosignature, empty while it has none.

    `lost` are bodies that the mirror lacks and our files too.
    """

    origin: str
    size: int = 0
    entries: int = 0
    lines: int = 0
    note: bytes = b""
    lost: list[Body] = field(default_factory=list)


class LogPush:
    """One log on its way to one mirror."""

    def __init__(self, client: MirrorClient, log: LogToPush, progress: Progress) -> None:
        self._client, self._log, self._progress = client, log, progress
        self._note, self._head = self._newest()
        self._bounds = PushBounds(log.origin)
        self.report = PushReport(log.origin, self._head.size)

    async def announce(self, known: int = 0) -> None:
        """Submit the newest head; `known` is the size that the mirror should know.

        Raises Refused `push.ahead` where the mirror knows a head that is beyond ours.
        """
        for _ in range(_ATTEMPTS):
            self._bounds.count_request("add-checkpoint", self._head.size)
            found = await self._client.add_checkpoint(self._request(known))
            if found is None:
                self.report.size = self._head.size
                return
            if found > self._head.size and not self._has_grown(found):
                raise self._ahead(found)
            known = found
        raise self._unsettled("add-checkpoint")

    async def run(self, known: int = 0) -> PushReport:
        """Push all that lies below the newest head; `known` as in `announce`.

        Raises what stops it; `report` tells how far it came.
        """
        for _ in range(_ATTEMPTS):
            await self.announce(known)
            if await self._upload():
                return self.report
            known = self._head.size
            self._has_grown(known + 1)
        raise self._unsettled("add-entries")

    async def _upload(self) -> bool:
        """Send entries and bodies; False where another head has become pending meanwhile."""
        size, stalled = self._head.size, False
        self._bounds.begin_head()
        # As if nothing were left to send: the answer says where the mirror's next entry is.
        upload = UploadHeader(self._log.origin, size, size)
        while not stalled:
            answer = await self._send_entries(upload)
            if answer.info is None:
                self._take_up(answer.lines)
                return True
            if answer.info.size != size:
                return False
            then = replace(upload, start=answer.info.next_entry, ticket=answer.info.ticket)
            if then.start > size:
                return False
            if then.start == size and not answer.conflict and not await self._send_bodies():
                raise self._uncosigned()
            self._count(upload, then)
            stalled, upload = self._bounds.has_stalled(then.start), then
        raise self._unsettled("add-entries")

    async def _send_entries(self, upload: UploadHeader) -> Answered:
        self._bounds.count_request("add-entries", upload.end)
        packages = await asyncio.to_thread(self._packages, upload)
        return await self._client.add_entries(upload, packages)

    def _packages(self, upload: UploadHeader) -> list[Package]:
        first = islice(spans(upload.start, upload.end), MOST_PACKAGES)
        hashes = stored_hashes(self._log.files, upload.end)
        found = []
        for span in first:
            block = span.block // BLOCK
            width = min(BLOCK, upload.end - span.block)
            bundle = EntryBundle(block, width)
            entries = read_bundle(self._log.files, bundle, max_entry=DEFAULTS.leaf_bytes)
            wanted = entries[span.start - span.block : span.end - span.block]
            found.append(make_package(span, wanted, upload.end, hashes))
        return found

    def _count(self, upload: UploadHeader, then: UploadHeader) -> None:
        self.report.entries += max(0, then.start - upload.start)
        self._progress(f"推送条目 entries {self._log.name}", then.start, upload.end)

    async def _send_bodies(self) -> bool:
        """Send what the mirror lacks, until it lacks nothing that we have; whether any was sent."""
        sent_before = self.report.lines
        while unasked := self._bounds.unasked(lacking := await self._lacking()):
            await self._send_lines(unasked)
        if set(lacking) - set(self.report.lost):  # it took them, and wants them again
            raise self._unsettled("missing")
        return self.report.lines > sent_before

    async def _lacking(self) -> list[Body]:
        """The bodies below our head that the mirror lacks; another push may have led it beyond."""
        self._bounds.count_request("missing", self._head.size)
        lacking = await self._client.missing(self._log.name)
        return [(index, tier) for index, tier in lacking if index < self._head.size]

    async def _send_lines(self, lacking: Sequence[Body]) -> None:
        blocks: dict[BodyFile, set[int]] = defaultdict(set)
        for index, tier in lacking:
            blocks[BodyFile(tier, index // BLOCK)].add(index)
        done = 0
        for file, indices in blocks.items():
            lines = await asyncio.to_thread(self._lines, file, indices)
            self.report.lost += [(i, file.tier) for i in sorted(indices - lines.keys())]
            for piece in _pieces(list(lines.values())):
                await self._client.put_lines(self._log.name, file, b"".join(piece))
                self.report.lines += len(piece)
            done += len(indices)
            self._progress(f"推送正文 bodies {self._log.name}", done, len(lacking))

    def _lines(self, file: BodyFile, indices: set[int]) -> dict[int, bytes]:
        raw = self._log.files.read(file.path)
        lines = read_body_file(raw, file.index)[0] if raw is not None else []
        return {line.index: encode_line(line) for line in lines if line.index in indices}

    def _take_up(self, lines: bytes) -> None:
        note = gather_cosignatures(self._note, lines, self._log.cosigners)
        if note == self._note:
            raise Refused("hub.answer", where=self._log.origin, expected="a cosignature")
        self.report.note = note

    def _request(self, known: int) -> AddCheckpoint:
        size, proof = self._head.size, []
        if 0 < known < size:
            proof = consistency_proof(known, size, stored_hashes(self._log.files, size))
        return AddCheckpoint(known, tuple(proof), self._note)

    def _has_grown(self, size: int) -> bool:
        """Take up the newest head of the files; whether it reaches `size`."""
        self._note, self._head = self._newest()
        return self._head.size >= size

    def _newest(self) -> tuple[bytes, Checkpoint]:
        note = self._log.files.read(CHECKPOINT)
        if note is None:
            raise StoreError("log.absent", where=f"{self._log.origin} {CHECKPOINT}")
        return note, parse_checkpoint(parse_note(note).text)

    def _ahead(self, found: int) -> Refused:
        where, size = self._log.origin, self._head.size
        return Refused(
            "push.ahead", where=where, expected=f"<= {size}", found=f"{found}", advice=ONE_COPY
        )

    def _uncosigned(self) -> FenheError:
        where, lost = self._log.origin, self.report.lost
        if lost:
            found = f"{len(lost)}: " + ", ".join(f"{index} {tier}" for index, tier in lost[:5])
            return Deferred("push.lost", where=where, found=found)
        return Deferred("push.uncosigned", where=where, expected=f"size {self._head.size}")

    def _unsettled(self, path: str) -> Deferred:
        return Deferred("push.unsettled", where=f"{self._log.origin} {path}")


def _pieces(lines: Sequence[bytes]) -> Iterator[list[bytes]]:
    """Lines in pieces that one request may hold."""
    piece: list[bytes] = []
    for line in lines:
        if piece and sum(map(len, piece)) + len(line) > _PUT_BYTES:
            yield piece
            piece = []
        piece.append(line)
    if piece:
        yield piece
