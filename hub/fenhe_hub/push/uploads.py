"""Uploads of entries (tlog-mirror `add-entries`), from the header to the cosignature.

Every package is proven against the pending checkpoint before it is kept, so whatever several
clients send at once, and wherever they break off, what lies in the inbox is one history. Start at
`Upload.begin`.
"""

import asyncio
from dataclasses import dataclass
from typing import Self

from fenhe_client.stored.files import CHECKPOINT, read_bundle
from fenhe_hub.push.reception import PushedLog, Reception
from fenhe_protocol.checkpoint import parse_checkpoint
from fenhe_protocol.errors import RequestError
from fenhe_protocol.limits import BLOCK, DEFAULTS
from fenhe_protocol.merkle import leaf_hashes
from fenhe_protocol.note import parse_note
from fenhe_protocol.root_document import cosigner_name
from fenhe_protocol.tiles import EntryBundle, encode_bundle
from fenhe_protocol.upload import MirrorInfo, Package, UploadHeader, compose_mirror_info

MOST_EXCESS = 64 * BLOCK  # entries that an upload may send although they are here


class UploadConflict(RequestError):
    """409: the upload begins or ends at the wrong place; `body` says where to go on."""

    def __init__(self, where: str, info: MirrorInfo) -> None:
        super().__init__(
            "upload.range",
            status=409,
            where=where,
            expected=f"size {info.size}, next entry {info.next_entry}",
        )
        self.body = compose_mirror_info(info)


@dataclass(frozen=True, slots=True)
class _State:
    """How a log stands at the desk: verified size, roots of pending and verified heads by size."""

    size: int
    roots: dict[int, bytes]
    next_entry: int


class Upload:
    """One `add-entries` under way, its header accepted."""

    def __init__(
        self, reception: Reception, pushed: PushedLog, header: UploadHeader, root: bytes
    ) -> None:
        self._reception, self._pushed, self._header = reception, pushed, header
        self._root = root
        self.proven = 0  # packages

    @classmethod
    async def begin(cls, reception: Reception, header: UploadHeader) -> Self:
        """Judge the header: RequestError 404, 422, 409 (UploadConflict), 503."""
        pushed = reception.find(header.origin)
        state = await asyncio.to_thread(_state, pushed)
        if not state.roots:
            raise RequestError("upload.pending", status=422, where=header.origin)
        if header.end not in state.roots or header.end < state.size:
            raise UploadConflict(header.origin, MirrorInfo(max(state.roots), state.next_entry))
        excess = min(header.end, state.next_entry) - header.start
        if header.start > state.next_entry or excess > MOST_EXCESS:
            raise UploadConflict(header.origin, MirrorInfo(header.end, state.next_entry))
        if header.start < header.end:
            await asyncio.to_thread(reception.room.measure, pushed.target.unit.origin, pushed.logs)
        return cls(reception, pushed, header, state.roots[header.end])

    async def take(self, package: Package) -> None:
        """Prove a package and keep it durably; RequestError 422 `upload.proof`, 429 `push.day`.

        503 `push.room`.
        """
        async with self._reception.turn(self._pushed.origin):
            await asyncio.to_thread(self._take, package)
        self.proven += 1

    def _take(self, package: Package) -> None:
        span = package.span
        block = span.block // BLOCK
        here = _entries(self._pushed, block)
        before = here[: span.start - span.block]
        where = f"{self._header.origin} [{span.start}, {span.end})"
        if len(before) < span.start - span.block:
            raise UploadConflict(
                where, MirrorInfo(self._header.end, _state(self._pushed).next_entry)
            )
        if not package.proves(leaf_hashes(before), size=self._header.end, root=self._root):
            raise RequestError("upload.proof", status=422, where=where)
        whole = [*before, *package.entries]
        if len(whole) > len(here):
            new = whole[len(here) :]
            self._reception.room.take(self._pushed.target.unit.origin, len(encode_bundle(new)))
            self._reception.count_leaves(self._pushed.origin, len(new))
            self._pushed.inbox.put_entries(block, whole)

    async def finish(self) -> bytes | MirrorInfo:
        """Answer what came: cosignature lines (200), or where to go on (202).

        Raises RequestError 400 where nothing was proven though something was to come, 409, 503.
        """
        header, troubled = self._header, ""
        if header.start < header.end and not self.proven:
            raise RequestError("upload.short", where=header.origin)
        state = await asyncio.to_thread(_state, self._pushed)
        if state.next_entry < header.end:
            return MirrorInfo(header.end, state.next_entry)
        if state.size < header.end or self._may_be_cosigned():
            troubled = (await self._reception.take_in(self._pushed)).code
            state = await asyncio.to_thread(_state, self._pushed)
        if state.size < header.end:
            raise RequestError("push.later", status=503, where=header.origin)
        if state.size > header.end:
            raise UploadConflict(header.origin, MirrorInfo(max(state.roots), state.next_entry))
        lines = await asyncio.to_thread(self._cosignatures)
        if not lines and self._may_be_cosigned():  # all is here, and nothing of it is refused
            where = header.origin
            raise RequestError("push.unsigned", status=503, where=where, found=troubled)
        return lines or MirrorInfo(header.end, header.end)

    def _may_be_cosigned(self) -> bool:
        """Whether a visit could bring the cosignature; else it need not be made."""
        standing = self._reception.archive.standing(self._pushed.name)
        is_done = standing.cosigned_size == self._header.end
        return not is_done and not standing.missing and not self._pushed.log.lacks_lines

    def _cosignatures(self) -> bytes:
        """Our lines under the head of this upload; none while bodies are missing."""
        raw = self._pushed.log.files.read(CHECKPOINT)
        if raw is None:
            return b""
        note = parse_note(raw)
        if parse_checkpoint(note.text).size != self._header.end:
            return b""
        ours = cosigner_name(self._reception.hub.origin)
        return "".join(each.line for each in note.signatures if each.name == ours).encode()


def _state(pushed: PushedLog) -> _State:
    roots = {size: head.checkpoint.root for size, head in pushed.inbox.heads().items()}
    verified = pushed.log.head()
    if verified is None:
        return _State(0, roots, pushed.inbox.reach(0))
    return _State(
        verified.size, {verified.size: verified.root} | roots, pushed.inbox.reach(verified.size)
    )


def _entries(pushed: PushedLog, block: int) -> list[bytes]:
    """The entries of a block that are here, in the inbox or in the mirror."""
    pending = pushed.inbox.entries(block)
    width = min(BLOCK, pushed.size - block * BLOCK)
    if width <= len(pending):
        return pending
    bundle = EntryBundle(block, width)
    return read_bundle(pushed.log.files, bundle, max_entry=DEFAULTS.leaf_bytes)
